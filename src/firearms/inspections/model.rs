//! States of an inspection and what its checks may come to; no database, no clock, no HTTP.

use crate::kernel::naming::named;

named! {
    /// How an armoury is inspected.
    Kind {
        /// Over the network, every day.
        Daily "daily" "每日网上检查"
        OnSite "on_site" "实地检查"
        Special "special" "专项检查"
    }
}

named! {
    /// Where an inspection stands.
    State {
        Open "open" "检查中"
        Signed "signed" "已签字"
        Cancelled "cancelled" "已取消"
    }
}

named! {
    /// What a check came to.
    Outcome {
        Pass "pass" "合格"
        Fail "fail" "不合格"
        NotApplicable "not_applicable" "不适用"
    }
}

named! {
    /// What may be done to it.
    Deed {
        Answer "answer" "填写"
        Sign "sign" "签字"
        Cancel "cancel" "取消"
    }
}

/// Not in a state for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("此检查表{state}，不能{deed}")]
pub struct Refusal {
    state: &'static str,
    deed: &'static str,
}

impl State {
    /// Where it stands after a deed.
    ///
    /// # Errors
    /// When its state does not allow it.
    pub const fn after(self, deed: Deed) -> Result<Self, Refusal> {
        match (self, deed) {
            (Self::Open, Deed::Answer) => Ok(Self::Open),
            (Self::Open, Deed::Sign) => Ok(Self::Signed),
            (Self::Open, Deed::Cancel) => Ok(Self::Cancelled),
            _ => Err(Refusal { state: self.zh(), deed: deed.zh() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state and every deed.
    #[test]
    fn a_paper_is_filled_in_while_it_is_open_and_ends_once() {
        let mut ways = Vec::new();
        for state in State::ALL {
            for deed in Deed::ALL {
                match state.after(*deed) {
                    Ok(after) => ways.push((*state, *deed, after)),
                    Err(refusal) => {
                        assert_eq!(refusal.to_string(), format!("此检查表{}，不能{}", state.zh(), deed.zh()));
                    }
                }
            }
        }
        assert_eq!(
            ways,
            [
                (State::Open, Deed::Answer, State::Open),
                (State::Open, Deed::Sign, State::Signed),
                (State::Open, Deed::Cancel, State::Cancelled),
            ]
        );
    }
}
