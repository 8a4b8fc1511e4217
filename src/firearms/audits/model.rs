//! States of an audit, what a line is of and may come to; no database, no clock, no HTTP.

use crate::kernel::naming::named;

named! {
    /// Where an audit stands.
    State {
        /// The hash of its seed is made known; nothing is drawn.
        Committed "committed" "已承诺种子，待抽样"
        Drawn "drawn" "抽查中"
        Closed "closed" "已办结"
        Cancelled "cancelled" "已取消"
    }
}

named! {
    /// What may be done to it.
    Deed {
        Draw "draw" "抽样"
        Answer "answer" "登记结果"
        Close "close" "办结"
        Cancel "cancel" "取消"
    }
}

named! {
    /// What a line is of.
    LineKind {
        /// 账→物
        Gun "gun" "枪"
        /// 账→物
        Lot "lot" "弹药"
        /// 物→账: a slot of a cabinet.
        Place "place" "枪位"
        /// 物→账: lies there, and was not drawn.
        Extra "extra" "账外"
    }
}

named! {
    /// What a line came to.
    Outcome {
        Open "open" "待查"
        Agrees "agrees" "相符"
        /// Not there, and the book says why.
        Excused "excused" "有据不在"
        NotFound "not_found" "未见"
        WrongSlot "wrong_slot" "枪位不符"
        RoundsDiffer "rounds_differ" "发数不符"
        /// There, and not of this store's book.
        Extra "extra" "账外"
    }
}

impl Outcome {
    /// Whether book and shelf contradict each other.
    #[must_use]
    pub const fn differs(self) -> bool {
        !matches!(self, Self::Open | Self::Agrees | Self::Excused)
    }
}

/// Not in a state for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("此抽查{state}，不能{deed}")]
pub struct Refusal {
    state: &'static str,
    deed: &'static str,
}

impl State {
    /// Whether the armoury can have no other.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Committed | Self::Drawn)
    }

    /// Where it stands after a deed.
    ///
    /// # Errors
    /// When its state does not allow it.
    pub const fn after(self, deed: Deed) -> Result<Self, Refusal> {
        match (self, deed) {
            (Self::Committed, Deed::Draw) | (Self::Drawn, Deed::Answer) => Ok(Self::Drawn),
            (Self::Drawn, Deed::Close) => Ok(Self::Closed),
            (Self::Committed | Self::Drawn, Deed::Cancel) => Ok(Self::Cancelled),
            _ => Err(Refusal { state: self.zh(), deed: deed.zh() }),
        }
    }
}

/// A gun that was looked for: what the book says, whether it was there, and where.
#[must_use]
pub fn of_gun(on_shelf: bool, out: bool, there: bool, right_slot: bool) -> Outcome {
    match (there, on_shelf) {
        (true, true) if right_slot => Outcome::Agrees,
        (true, true) => Outcome::WrongSlot,
        // The book says that it is elsewhere.
        (true, false) => Outcome::Extra,
        (false, true) => Outcome::NotFound,
        (false, false) if out => Outcome::Excused,
        (false, false) => Outcome::Agrees,
    }
}

/// What lay at a place: nothing, a gun of this store, another thing; and whether the book has a gun on its shelf there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lay {
    /// The place was empty.
    Nothing,
    /// The gun that the book has there.
    Its,
    /// A gun that the book has on a shelf of this store, elsewhere.
    Anothers,
    /// Nothing that should be in this store now.
    Strange,
}

/// A place that was looked at.
#[must_use]
pub const fn of_place(lay: Lay, expected: bool) -> Outcome {
    match lay {
        Lay::Nothing if expected => Outcome::NotFound,
        Lay::Nothing | Lay::Its => Outcome::Agrees,
        Lay::Anothers => Outcome::WrongSlot,
        Lay::Strange => Outcome::Extra,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state and every deed.
    #[test]
    fn nothing_is_answered_before_it_is_drawn_and_an_audit_ends_once() {
        use Deed as D;
        use State as S;
        let mut ways = Vec::new();
        for state in S::ALL {
            for deed in D::ALL {
                match state.after(*deed) {
                    Ok(after) => ways.push((*state, *deed, after)),
                    Err(refusal) => {
                        assert_eq!(refusal.to_string(), format!("此抽查{}，不能{}", state.zh(), deed.zh()));
                    }
                }
            }
        }
        assert_eq!(
            ways,
            [
                (S::Committed, D::Draw, S::Drawn),
                (S::Committed, D::Cancel, S::Cancelled),
                (S::Drawn, D::Answer, S::Drawn),
                (S::Drawn, D::Close, S::Closed),
                (S::Drawn, D::Cancel, S::Cancelled),
            ]
        );
    }

    #[test]
    fn a_gun_is_held_against_what_the_book_says_of_it() {
        for ((on_shelf, out, there, right), expected) in [
            ((true, false, true, true), Outcome::Agrees),
            ((true, false, true, false), Outcome::WrongSlot),
            ((true, false, false, false), Outcome::NotFound),
            ((false, true, false, false), Outcome::Excused),
            ((false, true, true, true), Outcome::Extra),
            ((false, false, true, true), Outcome::Extra),
            ((false, false, false, true), Outcome::Agrees),
        ] {
            assert_eq!(of_gun(on_shelf, out, there, right), expected, "{on_shelf} {out} {there} {right}");
        }
        for (lay, expected, outcome) in [
            (Lay::Nothing, true, Outcome::NotFound),
            (Lay::Nothing, false, Outcome::Agrees),
            (Lay::Its, true, Outcome::Agrees),
            (Lay::Anothers, true, Outcome::WrongSlot),
            (Lay::Anothers, false, Outcome::WrongSlot),
            (Lay::Strange, true, Outcome::Extra),
            (Lay::Strange, false, Outcome::Extra),
        ] {
            assert_eq!(of_place(lay, expected), outcome, "{lay:?} {expected}");
        }
        let differing: Vec<&str> = Outcome::ALL.iter().filter(|one| one.differs()).map(|one| one.as_str()).collect();
        assert_eq!(differing, ["not_found", "wrong_slot", "rounds_differ", "extra"]);
    }
}
