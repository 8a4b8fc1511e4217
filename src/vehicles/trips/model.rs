//! States of a trip and of a month that is handed in, and which step leads where; no database, no clock, no HTTP.

use chrono::{Datelike as _, NaiveDate};

use crate::kernel::naming::named;

named! {
    /// Why a car leaves.
    TripKind {
        Duty "duty" "公务"
        /// To the workshop and back: the entry that a repair needs.
        Repair "repair" "送修"
    }
}

named! {
    /// Where a trip stands.
    State {
        /// The chain of approval has not said yes yet.
        Asked "asked" "待审批"
        Approved "approved" "已批准"
        Refused "refused" "未获批准"
        Withdrawn "withdrawn" "已撤回"
        Out "out" "在外"
        Returned "returned" "待核对"
        Checked "checked" "已核对"
        /// Handed in with its month.
        Submitted "submitted" "已报送"
        /// The command centre asks for an explanation.
        Questioned "questioned" "需说明"
        Explained "explained" "已说明"
        Accepted "accepted" "已归档"
    }
}

named! {
    /// What may be done to a trip.
    Deed {
        Approve "approve" "批准"
        Refuse "refuse" "不予批准"
        Withdraw "withdraw" "撤回"
        Depart "depart" "出车"
        /// Out before anybody said yes.
        DepartUrgently "depart_urgently" "紧急出车"
        Return "return" "还车"
        Check "check" "核对"
        Correct "correct" "更正"
        Submit "submit" "报送"
        Question "question" "要求说明"
        Explain "explain" "说明"
        Accept "accept" "归档"
    }
}

named! {
    /// Where a month that was handed in stands.
    SubmissionState {
        Submitted "submitted" "待检查"
        Questioned "questioned" "需说明"
        Explained "explained" "已说明"
        Accepted "accepted" "已归档"
    }
}

/// A step that the rules do not allow, with what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody has said yes.
    #[error("用车须经单位领导同意，批准后方可出车；紧急出警请办理紧急出车，事后补批")]
    NotApproved,
    /// Not in a state for it.
    #[error("此次用车{state}，不能{deed}")]
    State {
        /// Its state as people say it.
        state: &'static str,
        /// What was wanted.
        deed: &'static str,
    },
}

impl State {
    /// Whether the car may leave, is out, or waits for a yes.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Approved | Self::Out)
    }

    /// Whether it stands in the car's book: the car left.
    #[must_use]
    pub const fn is_booked(self) -> bool {
        !matches!(self, Self::Asked | Self::Approved | Self::Refused | Self::Withdrawn)
    }

    /// Where it stands after a deed.
    ///
    /// # Errors
    /// When its state does not allow it.
    pub const fn after(self, deed: Deed) -> Result<Self, Refusal> {
        match (self, deed) {
            (Self::Asked, Deed::Approve) => Ok(Self::Approved),
            (Self::Asked, Deed::Refuse) => Ok(Self::Refused),
            (Self::Asked | Self::Approved, Deed::Withdraw) => Ok(Self::Withdrawn),
            (Self::Asked, Deed::DepartUrgently) | (Self::Approved, Deed::Depart) => Ok(Self::Out),
            (Self::Out, Deed::Return) => Ok(Self::Returned),
            (Self::Returned, Deed::Check) => Ok(Self::Checked),
            (Self::Returned | Self::Checked, Deed::Correct) => Ok(Self::Returned),
            (Self::Checked, Deed::Submit) => Ok(Self::Submitted),
            (Self::Submitted | Self::Explained, Deed::Question) => Ok(Self::Questioned),
            (Self::Questioned, Deed::Explain) => Ok(Self::Explained),
            (Self::Submitted | Self::Explained, Deed::Accept) => Ok(Self::Accepted),
            (Self::Asked | Self::Refused | Self::Withdrawn, Deed::Depart) => Err(Refusal::NotApproved),
            _ => Err(Refusal::State { state: self.zh(), deed: deed.zh() }),
        }
    }
}

/// The month of a day, `2026-11`.
#[must_use]
pub fn month_of(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

/// The first day of the month `2026-11`.
#[must_use]
pub fn month_begins(month: &str) -> Option<NaiveDate> {
    let (year, number) = month.split_once('-')?;
    if year.len() != 4 || number.len() != 2 {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, number.parse().ok()?, 1)
}

/// The month before a day's.
#[must_use]
pub fn month_before(day: NaiveDate) -> String {
    month_of(day.with_day(1).and_then(|first| first.pred_opt()).unwrap_or(day))
}

/// The last day on which a month may be handed in: the `by_day`th of the next.
#[must_use]
pub fn due_on(month: &str, by_day: i64) -> Option<NaiveDate> {
    let next = month_begins(month)?.checked_add_months(chrono::Months::new(1))?;
    next.with_day(u32::try_from(by_day).ok()?)
}

/// What a driver states at departure against what is known, in km: what the odometer shows more than at the last
/// return, where anything was known.
#[must_use]
pub const fn gap(stated_km: i64, known_km: Option<i64>) -> Option<i64> {
    match known_km {
        Some(known) if stated_km != known => Some(stated_km - known),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Deed as D;
    use State as S;

    /// Every state and every deed.
    #[test]
    fn a_trip_goes_step_by_step_and_ends_once() {
        let mut ways = Vec::new();
        for state in State::ALL {
            for deed in Deed::ALL {
                if let Ok(after) = state.after(*deed) {
                    ways.push((*state, *deed, after));
                }
            }
        }
        assert_eq!(
            ways,
            [
                (S::Asked, D::Approve, S::Approved),
                (S::Asked, D::Refuse, S::Refused),
                (S::Asked, D::Withdraw, S::Withdrawn),
                (S::Asked, D::DepartUrgently, S::Out),
                (S::Approved, D::Withdraw, S::Withdrawn),
                (S::Approved, D::Depart, S::Out),
                (S::Out, D::Return, S::Returned),
                (S::Returned, D::Check, S::Checked),
                (S::Returned, D::Correct, S::Returned),
                (S::Checked, D::Correct, S::Returned),
                (S::Checked, D::Submit, S::Submitted),
                (S::Submitted, D::Question, S::Questioned),
                (S::Submitted, D::Accept, S::Accepted),
                (S::Questioned, D::Explain, S::Explained),
                (S::Explained, D::Question, S::Questioned),
                (S::Explained, D::Accept, S::Accepted),
            ]
        );
        assert_eq!(S::Asked.after(D::Depart), Err(Refusal::NotApproved));
        for state in State::ALL {
            let left = matches!(state, S::Asked | S::Approved | S::Refused | S::Withdrawn);
            assert_eq!(state.is_booked(), !left, "{state:?}");
        }
    }

    #[test]
    fn months_are_handed_in_by_the_tenth() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(month_of(day("2026-11-29")), "2026-11");
        assert_eq!(month_before(day("2027-01-03")), "2026-12");
        assert_eq!(due_on("2026-12", 10), Some(day("2027-01-10")));
        assert_eq!(month_begins("2026-02"), Some(day("2026-02-01")));
        for wrong in ["", "2026", "2026-13", "26-01", "2026-1", "2026-11-01", "abcd-ef"] {
            assert_eq!(month_begins(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_gap_is_what_nobody_wrote_down() {
        for (stated, known, gap_km) in
            [(100, Some(100), None), (140, Some(100), Some(40)), (90, Some(100), Some(-10)), (90, None, None)]
        {
            assert_eq!(gap(stated, known), gap_km);
        }
    }
}
