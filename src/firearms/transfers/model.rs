//! States of a transfer, reasons of a change; no database, no clock, no HTTP.

use crate::kernel::naming::named;

named! {
    /// Where a transfer stands.
    State {
        Planned "planned" "待发运"
        OnTheWay "on_the_way" "在途"
        /// Something was short or wrong when it arrived.
        Differing "differing" "到货不符"
        Arrived "arrived" "已入库"
        Cancelled "cancelled" "已取消"
    }
}

named! {
    /// What may be done to it.
    Deed {
        Send "send" "发运"
        /// Everything is there.
        Arrive "arrive" "收货相符"
        Differ "differ" "收货不符"
        Cancel "cancel" "取消"
    }
}

named! {
    /// Why a store has a gun, or rounds, more or fewer.
    Reason {
        Received "received" "新增入库"
        Sent "sent" "转移（调出）"
        Arrived "arrived" "转移（调入）"
        Scrapped "scrapped" "报废"
        Training "training" "训练射击"
    }
}

named! {
    /// Where the rounds of a training are.
    Firing {
        Out "out" "训练中"
        Closed "closed" "已办结"
    }
}

/// Not in a state for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("此调拨单{state}，不能{deed}")]
pub struct Refusal {
    state: &'static str,
    deed: &'static str,
}

impl State {
    /// Whether its things are bound by it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::OnTheWay | Self::Differing)
    }

    /// Where it stands after a deed.
    ///
    /// # Errors
    /// When its state does not allow it.
    pub const fn after(self, deed: Deed) -> Result<Self, Refusal> {
        match (self, deed) {
            (Self::Planned, Deed::Send) => Ok(Self::OnTheWay),
            (Self::OnTheWay | Self::Differing, Deed::Arrive) => Ok(Self::Arrived),
            (Self::OnTheWay | Self::Differing, Deed::Differ) => Ok(Self::Differing),
            (Self::Planned, Deed::Cancel) => Ok(Self::Cancelled),
            _ => Err(Refusal { state: self.zh(), deed: deed.zh() }),
        }
    }
}

/// The most rounds that one training takes.
pub const MOST_TRAINING: i64 = 100_000;

/// Whether what came back from a training makes up what went: every number one of rounds, no more cases than were fired.
///
/// # Errors
/// A sentence with both sides of the equation.
pub fn check_training(out: i64, back: i64, fired: i64, cases: i64) -> Result<(), String> {
    if [back, fired, cases].iter().any(|many| !(0..=MOST_TRAINING).contains(many)) {
        return Err(format!("各项发数应为 0 至 {MOST_TRAINING} 的整数"));
    }
    if back + fired != out {
        return Err(format!("领出 {out} 发，交还 {back} + 射击 {fired} = {} 发，不相等，不能办结", back + fired));
    }
    if cases > fired {
        return Err(format!("射击 {fired} 发，弹壳不能有 {cases} 个"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state and every deed.
    #[test]
    fn a_transfer_goes_step_by_step_and_closes_only_when_all_is_there() {
        use Deed as D;
        use State as S;
        let mut ways = Vec::new();
        for state in S::ALL {
            for deed in D::ALL {
                match state.after(*deed) {
                    Ok(after) => {
                        assert!(state.is_open(), "{state:?} {deed:?}");
                        ways.push((*state, *deed, after));
                    }
                    Err(refusal) => {
                        assert_eq!(refusal.to_string(), format!("此调拨单{}，不能{}", state.zh(), deed.zh()));
                    }
                }
            }
        }
        assert_eq!(
            ways,
            [
                (S::Planned, D::Send, S::OnTheWay),
                (S::Planned, D::Cancel, S::Cancelled),
                (S::OnTheWay, D::Arrive, S::Arrived),
                (S::OnTheWay, D::Differ, S::Differing),
                (S::Differing, D::Arrive, S::Arrived),
                (S::Differing, D::Differ, S::Differing),
            ]
        );
    }

    #[test]
    fn rounds_of_a_training_come_back_or_were_fired() {
        for (out, back, fired, cases, fits) in [
            (100, 20, 80, 80, true),
            (100, 0, 100, 97, true),
            (100, 100, 0, 0, true),
            (100, 20, 79, 79, false),
            (100, 20, 81, 0, false),
            (100, 20, 80, 81, false),
            (100, 101, -1, 0, false),
            (100, i64::MAX, i64::MIN, 0, false),
            (100, 20, 80, -1, false),
        ] {
            assert_eq!(check_training(out, back, fired, cases).is_ok(), fits, "{out} {back} {fired} {cases}");
        }
    }
}
