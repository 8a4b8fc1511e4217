//! Slips against records: which belong together, and how they differ. Pure.

use hashbrown::HashMap;

use super::model::{SlipVerdict, Verdict};
use crate::kernel::ids::ItemId;
use crate::kernel::{Fen, Timestamp};

/// Hours by which the time on a slip may miss the station's.
const HOURS: i64 = 12;
/// Millilitres by which a quantity written down by hand may miss.
const CLOSE_ML: i64 = 50;
/// Fen by which an amount written down by hand may miss.
const CLOSE_FEN: i64 = 100;

/// A record, as pairing sees it.
#[derive(Debug, Clone, Copy)]
pub struct Theirs {
    /// The car.
    pub item: Option<ItemId>,
    /// When.
    pub at: Timestamp,
    /// Whether the time of day is known.
    pub timed: bool,
    /// How much.
    pub ml: Option<i64>,
    /// For how much.
    pub fen: Option<Fen>,
}

/// A slip, as pairing sees it.
#[derive(Debug, Clone, Copy)]
pub struct Ours {
    /// The car.
    pub item: ItemId,
    /// When.
    pub at: Timestamp,
    /// How much.
    pub ml: i64,
    /// For how much.
    pub fen: Option<Fen>,
}

/// Pairs slips with records of the same car: the nearest in quantity first, then in time; each at most once. By record:
/// its slip and how they differ.
#[must_use]
pub fn pair(theirs: &[Theirs], ours: &[Ours]) -> Vec<Option<(usize, SlipVerdict)>> {
    let mut by_item: HashMap<ItemId, Vec<usize>> = HashMap::new();
    for (index, slip) in ours.iter().enumerate() {
        by_item.entry(slip.item).or_default().push(index);
    }
    let mut possible: Vec<(i64, i64, usize, usize)> = Vec::new();
    for (record, one) in theirs.iter().enumerate() {
        for &slip in one.item.and_then(|item| by_item.get(&item)).into_iter().flatten() {
            let apart = (one.at.0 - ours[slip].at.0).abs();
            let near = apart <= HOURS * 3_600_000 || one.at.day() == ours[slip].at.day() && !one.timed;
            if near {
                let off = one.ml.map_or(0, |ml| (ml - ours[slip].ml).abs());
                possible.push((off, apart, record, slip));
            }
        }
    }
    possible.sort_unstable();
    let mut paired = vec![None; theirs.len()];
    let mut taken = vec![false; ours.len()];
    for (off, _, record, slip) in possible {
        if paired[record].is_some() || taken[slip] {
            continue;
        }
        taken[slip] = true;
        let money = theirs[record].fen.zip(ours[slip].fen).map_or(0, |(a, b)| (a.0 - b.0).abs());
        let verdict = if off > CLOSE_ML {
            SlipVerdict::QuantityDiffers
        } else if money > CLOSE_FEN {
            SlipVerdict::AmountDiffers
        } else {
            SlipVerdict::Matched
        };
        paired[record] = Some((slip, verdict));
    }
    paired
}

/// The record's side of a slip's verdict.
#[must_use]
pub const fn of_record(verdict: SlipVerdict) -> Verdict {
    match verdict {
        SlipVerdict::Matched => Verdict::Matched,
        SlipVerdict::AmountDiffers => Verdict::AmountDiffers,
        SlipVerdict::QuantityDiffers => Verdict::QuantityDiffers,
        SlipVerdict::Unpaired | SlipVerdict::NotOnTheirs => Verdict::NotOnOurs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const CAR: ItemId = ItemId(Uuid::from_u128(1));
    const OTHER: ItemId = ItemId(Uuid::from_u128(2));

    fn theirs(hour: i64, ml: i64, fen: i64) -> Theirs {
        Theirs { item: Some(CAR), at: Timestamp(hour * 3_600_000), timed: true, ml: Some(ml), fen: Some(Fen(fen)) }
    }

    fn ours(hour: i64, ml: i64, fen: i64) -> Ours {
        Ours { item: CAR, at: Timestamp(hour * 3_600_000), ml, fen: Some(Fen(fen)) }
    }

    #[test]
    fn each_slip_finds_the_record_it_is_of() {
        use SlipVerdict as S;
        for (name, records, slips, expected) in [
            ("one", vec![theirs(10, 40_000, 30_000)], vec![ours(11, 40_000, 30_000)], vec![Some((0, S::Matched))]),
            ("by hand", vec![theirs(10, 40_000, 30_000)], vec![ours(11, 40_030, 30_060)], vec![Some((0, S::Matched))]),
            (
                "money",
                vec![theirs(10, 40_000, 30_000)],
                vec![ours(11, 40_000, 32_000)],
                vec![Some((0, S::AmountDiffers))],
            ),
            (
                "litres",
                vec![theirs(10, 40_000, 30_000)],
                vec![ours(11, 35_000, 30_000)],
                vec![Some((0, S::QuantityDiffers))],
            ),
            ("too far apart", vec![theirs(10, 40_000, 30_000)], vec![ours(40, 40_000, 30_000)], vec![None]),
            (
                "the nearest in litres, not in time",
                vec![theirs(10, 40_000, 30_000), theirs(14, 20_000, 15_000)],
                vec![ours(13, 40_000, 30_000), ours(11, 20_000, 15_000)],
                vec![Some((0, S::Matched)), Some((1, S::Matched))],
            ),
            (
                "one slip is of one record",
                vec![theirs(10, 40_000, 30_000), theirs(12, 40_000, 30_000)],
                vec![ours(10, 40_000, 30_000)],
                vec![Some((0, S::Matched)), None],
            ),
        ] {
            assert_eq!(pair(&records, &slips), expected, "{name}");
        }
        let stranger = Ours { item: OTHER, ..ours(10, 40_000, 30_000) };
        assert_eq!(pair(&[theirs(10, 40_000, 30_000)], &[stranger]), [None]);
    }
}
