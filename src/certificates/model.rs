//! Where a certificate stands, and what may become of it; no database, no clock, no HTTP.

use crate::kernel::naming::named;

named! {
    /// Where a certificate stands.
    State {
        Kept "kept" "在柜"
        /// With its holder.
        Out "out" "领用中"
        Lost "lost" "遗失"
        Closed "closed" "已注销"
    }
}

named! {
    /// What may become of it.
    Deed {
        Draw "draw" "领取"
        Return "return" "交还"
        Lose "lose" "报失"
        Find "find" "找回"
        Close "close" "注销"
    }
}

named! {
    /// How a loan ended.
    LoanEnd {
        Returned "returned" "交还"
        Lost "lost" "遗失"
    }
}

named! {
    /// What a check says of one.
    Verdict {
        Kept "kept" "在柜"
        Out "out" "领用中"
        /// Neither there nor out.
        Missing "missing" "不在柜"
        /// There, and out by the book.
        Unbooked "unbooked" "已归位未登记"
    }
}

/// No certificate is out for longer, milliseconds.
pub const MOST_MS: i64 = 86_400_000;

/// A certificate is not in a state for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("此证书{state}，不能{deed}")]
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
            (Self::Kept, Deed::Draw) => Ok(Self::Out),
            (Self::Out, Deed::Return) | (Self::Lost, Deed::Find) => Ok(Self::Kept),
            (Self::Kept | Self::Out, Deed::Lose) => Ok(Self::Lost),
            (Self::Kept | Self::Lost, Deed::Close) => Ok(Self::Closed),
            _ => Err(Refusal { state: self.zh(), deed: deed.zh() }),
        }
    }

    /// What a check says of one that stands so and was seen, or not; nothing of what no check looks for.
    #[must_use]
    pub const fn verdict(self, seen: bool) -> Option<Verdict> {
        match (self, seen) {
            (Self::Kept, true) => Some(Verdict::Kept),
            (Self::Kept, false) => Some(Verdict::Missing),
            (Self::Out, false) => Some(Verdict::Out),
            (Self::Out | Self::Lost | Self::Closed, true) => Some(Verdict::Unbooked),
            (Self::Lost | Self::Closed, false) => None,
        }
    }
}

impl Verdict {
    /// Whether it must be explained.
    #[must_use]
    pub const fn is_amiss(self) -> bool {
        matches!(self, Self::Missing | Self::Unbooked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state and every deed.
    #[test]
    fn a_certificate_goes_only_where_its_state_lets_it() {
        use Deed as D;
        use State as S;
        let mut ways = Vec::new();
        for state in S::ALL {
            for deed in D::ALL {
                if let Ok(after) = state.after(*deed) {
                    ways.push((*state, *deed, after));
                }
            }
        }
        assert_eq!(
            ways,
            [
                (S::Kept, D::Draw, S::Out),
                (S::Kept, D::Lose, S::Lost),
                (S::Kept, D::Close, S::Closed),
                (S::Out, D::Return, S::Kept),
                (S::Out, D::Lose, S::Lost),
                (S::Lost, D::Find, S::Kept),
                (S::Lost, D::Close, S::Closed),
            ]
        );
    }

    #[test]
    fn a_check_says_something_of_all_that_should_be_there_and_of_all_that_is() {
        for state in State::ALL {
            let there = state.verdict(true);
            assert!(there.is_some(), "{state:?}");
            assert_eq!(there.is_some_and(Verdict::is_amiss), *state != State::Kept);
            assert_eq!(state.verdict(false).is_some_and(Verdict::is_amiss), *state == State::Kept);
        }
    }
}
