//! What can be done to a fill.

use super::roads::Chance;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Crime {
    Skim5,
    Skim10,
    Skim20,
    Skim30,
    Jerrycan,
    /// Drums filled on the same record: more than the tank holds.
    OverTank,
    /// Some hours after the tank was filled up, a tank more on the card.
    NoRoom,
    Ghost,
    SwappedCard,
    SlowTheft,
    PricePadding,
    Duplicate,
    Typo,
    SmallTypo,
    Rollback,
    /// No crime: somebody wrote "full" of a tank that was not, or the other way about.
    WrongFull,
}

impl Crime {
    pub(crate) const ALL: [Self; 16] = [
        Self::Skim5,
        Self::Skim10,
        Self::Skim20,
        Self::Skim30,
        Self::Jerrycan,
        Self::OverTank,
        Self::NoRoom,
        Self::Ghost,
        Self::SwappedCard,
        Self::SlowTheft,
        Self::PricePadding,
        Self::Duplicate,
        Self::Typo,
        Self::SmallTypo,
        Self::Rollback,
        Self::WrongFull,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Skim5 => "skim 5 %",
            Self::Skim10 => "skim 10 %",
            Self::Skim20 => "skim 20 %",
            Self::Skim30 => "skim 30 %",
            Self::Jerrycan => "jerrycan 10-30 L",
            Self::OverTank => "more than the tank",
            Self::NoRoom => "second fill, full tank",
            Self::Ghost => "ghost fill",
            Self::SwappedCard => "swapped card",
            Self::SlowTheft => "slow theft (a car)",
            Self::PricePadding => "price padding",
            Self::Duplicate => "duplicate",
            Self::Typo => "typo, 100 km and more",
            Self::SmallTypo => "typo below 100 km",
            Self::Rollback => "rollback",
            Self::WrongFull => "wrong \"full\" (slip)",
        }
    }

    /// The part of the litres paid for that never reached the tank.
    pub(crate) fn skim(self) -> f64 {
        match self {
            Self::Skim5 => 0.05,
            Self::Skim10 => 0.10,
            Self::Skim20 => 0.20,
            Self::Skim30 => 0.30,
            _ => 0.0,
        }
    }

    /// One that happens to single fills, all alike often.
    pub(crate) fn any(chance: &mut Chance) -> Self {
        *chance.pick(&[
            Self::Skim5,
            Self::Skim10,
            Self::Skim20,
            Self::Skim30,
            Self::Jerrycan,
            Self::OverTank,
            Self::NoRoom,
            Self::Ghost,
            Self::SwappedCard,
            Self::PricePadding,
            Self::Duplicate,
            Self::Typo,
            Self::SmallTypo,
            Self::Rollback,
        ])
    }
}

/// A reading with one slip of the hand; `least` and `most` bound how far it is off.
pub(crate) fn mistyped(km: f64, least: f64, most: f64, chance: &mut Chance) -> f64 {
    let digits: Vec<u8> = format!("{km:.0}").into_bytes();
    for _ in 0..400 {
        let mut typed = digits.clone();
        let place = chance.whole(0, digits.len() as i64 - 1) as usize;
        match chance.whole(0, 9) {
            0..=6 => typed[place] = b'0' + chance.whole(0, 9) as u8,
            7 | 8 if place + 1 < typed.len() => typed.swap(place, place + 1),
            _ => typed.insert(place, digits[place]),
        }
        let number: f64 = String::from_utf8_lossy(&typed).parse().unwrap_or(km);
        if (least..most).contains(&(number - km).abs()) {
            return number;
        }
    }
    km + least
}
