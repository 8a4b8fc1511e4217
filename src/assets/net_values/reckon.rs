//! What one thing is worth on a day: its class's lives, its card, and what was changed from a month on, put together.

use chrono::NaiveDate;

use crate::assets::card::entity::{base, card};
use crate::assets::card::kinds::Depreciation;
use crate::assets::classes::{Catalogue, Life};
use crate::assets::depreciation::{Base, Month, Plan, Standing, Worth, monthly, taken};
use crate::items::entity::item;
use crate::kernel::Fen;

/// What is known of a thing for depreciation.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// 原值, as the book has it now.
    pub value: Fen,
    /// 取得日期
    pub acquired_on: Option<NaiveDate>,
    /// 折旧状态, as the card says.
    pub depreciation: Depreciation,
    /// Its own life, as the card says it now; `None`: its class's.
    pub life_years: Option<i64>,
    /// Since when which life holds for its class.
    pub lives: &'a [(Month, Life)],
    /// What was changed, in the order written.
    pub bases: &'a [base::Model],
}

/// A value and an own life, from a month on.
type State = (Month, Fen, Option<i64>);

/// The life of a class in a month; the first holds from ever.
fn life_in(lives: &[(Month, Life)], month: Month) -> Option<Life> {
    let begun = lives.iter().rev().find(|(from, _)| *from <= month);
    begun.or(lives.first()).map(|(_, life)| *life)
}

fn months_of(years: u32) -> u32 {
    years.saturating_mul(12)
}

impl Known<'_> {
    /// What the card said, from when on.
    fn states(&self, first: Month) -> Vec<State> {
        let mut states: Vec<State> = vec![(first, self.value, self.life_years)];
        for row in self.bases {
            let from = row.from_on.map_or(first, |day| Month::of(day).max(first));
            states.retain(|(month, ..)| row.from_on.is_some() && *month < from);
            states.push((from, row.value_fen, row.life_years));
        }
        states
    }

    fn bases(&self, first: Month) -> Vec<Base> {
        let states = self.states(first);
        let mut months: Vec<Month> = states.iter().map(|(month, ..)| *month).collect();
        months.extend(self.lives.iter().map(|(month, _)| *month).filter(|month| *month > first));
        months.sort_unstable();
        months.dedup();
        let mut bases: Vec<Base> = Vec::new();
        for month in months {
            let Some((_, value, own)) = states.iter().rev().find(|(from, ..)| *from <= month) else { continue };
            let own = own.and_then(|years| u32::try_from(years).ok());
            let years = own.or_else(|| match life_in(self.lives, month) {
                Some(Life::Years(years)) => Some(years),
                _ => None,
            });
            let Some(years) = years else { continue };
            let base = Base { from: month, value: *value, months: months_of(years) };
            if bases.last().is_none_or(|last| (last.value, last.months) != (base.value, base.months)) {
                bases.push(base);
            }
        }
        bases
    }

    /// Its plan; why there is none.
    ///
    /// # Errors
    /// That it is not depreciated, or that its life or day is not known.
    pub fn plan(&self, on: NaiveDate) -> Result<Plan, Standing> {
        if self.depreciation == Depreciation::NotDepreciated {
            return Err(Standing::NotDepreciated);
        }
        if self.life_years.is_none() {
            match life_in(self.lives, Month::of(on)) {
                Some(Life::Not) => return Err(Standing::NotDepreciated),
                Some(Life::Years(_)) => {}
                Some(Life::Unknown) | None => return Err(Standing::Unknown),
            }
        }
        let Some(acquired_on) = self.acquired_on else { return Err(Standing::Unknown) };
        Plan::new(acquired_on, &self.bases(Month::of(acquired_on))).ok_or(Standing::Unknown)
    }

    /// The value in force in a month.
    fn value_in(&self, month: Month) -> Fen {
        if self.bases.is_empty() {
            return self.value;
        }
        let first = self.acquired_on.map_or(Month(i32::MIN), Month::of);
        let states = self.states(first);
        let held = states.iter().rev().find(|(from, ..)| *from <= month).or(states.first());
        held.map_or(self.value, |(_, value, _)| *value)
    }

    /// What it is worth on a day.
    #[must_use]
    pub fn worth(&self, on: NaiveDate) -> Worth {
        if let Some(worth) = self.plain(on) {
            return worth;
        }
        let value = self.value_in(Month::of(on));
        let whole = |standing| Worth { value, accumulated: Fen::ZERO, standing };
        if self.depreciation == Depreciation::Finished {
            return Worth { value, accumulated: value, standing: Standing::Finished };
        }
        match self.plan(on) {
            Err(standing) => whole(standing),
            Ok(plan) => {
                let booked = Month::booked_by(on);
                let accumulated = plan.accumulated(booked);
                let is_over = plan.first() <= booked && accumulated == value && plan.last() <= booked;
                let standing = if is_over { Standing::Finished } else { Standing::Depreciating };
                Worth { value, accumulated, standing }
            }
        }
    }

    /// The same at a glance for what nearly every thing is: one value, one life, always.
    fn plain(&self, on: NaiveDate) -> Option<Worth> {
        let ([], [(_, Life::Years(of_class))], Depreciation::Depreciating, Some(acquired_on)) =
            (self.bases, self.lives, self.depreciation, self.acquired_on)
        else {
            return None;
        };
        let years = self.life_years.map_or(Some(*of_class), |own| u32::try_from(own).ok())?;
        let months = i32::try_from(months_of(years)).ok()?;
        let elapsed = Month::booked_by(on).0 - Month::of(acquired_on).0 + 1;
        let accumulated = taken(self.value, months, elapsed);
        let standing = if elapsed >= months { Standing::Finished } else { Standing::Depreciating };
        Some(Worth { value: self.value, accumulated, standing })
    }
}

/// All that is to be said of one thing on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reckoned {
    /// What it is worth.
    pub worth: Worth,
    /// How long it is used in all, months; `None` when it is not depreciated.
    pub months: Option<i32>,
    /// What the month of the day takes.
    pub monthly: Fen,
    /// The last month that takes something.
    pub last: Option<Month>,
    /// The source of its class's life.
    pub source: String,
}

/// What one thing is worth on a day, and how that came about.
#[must_use]
pub fn reckon(
    all: &Catalogue,
    thing: &item::Model,
    card: &card::Model,
    bases: &[base::Model],
    on: NaiveDate,
) -> Reckoned {
    let structure = card.structure.map_or("", |structure| structure.as_str());
    let lives = all.lives(&thing.class_code, structure);
    let known = Known {
        value: thing.value_fen,
        acquired_on: thing.acquired_on,
        depreciation: card.depreciation,
        life_years: card.life_years,
        lives: &lives,
        bases,
    };
    let worth = known.worth(on);
    let plan = if worth.standing == Standing::Finished && card.depreciation == Depreciation::Finished {
        None
    } else {
        known.plan(on).ok()
    };
    Reckoned {
        worth,
        months: plan.as_ref().map(|plan| plan.last().0 - plan.first().0 + 1),
        monthly: plan.as_ref().map_or(Fen::ZERO, |plan| plan.of_month(Month::of(on))),
        last: plan.as_ref().map(Plan::last),
        source: all.ruling(&thing.class_code, structure, on).map(|row| row.source.clone()).unwrap_or_default(),
    }
}

/// What an even month of a life takes: for tables that an office works out by hand.
#[must_use]
pub fn even_month(value: Fen, years: u32) -> Fen {
    monthly(value, i32::try_from(months_of(years)).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::ItemId;
    use sea_orm::prelude::Uuid;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn month(text: &str) -> Month {
        Month::of(day(text))
    }

    fn base(seq: i64, from: Option<&str>, value: i64, life_years: Option<i64>) -> base::Model {
        base::Model {
            id: Uuid::from_u128(1),
            item_id: ItemId(Uuid::from_u128(1)),
            seq,
            from_on: from.map(day),
            value_fen: Fen(value),
            life_years,
            reason: "更正".to_owned(),
            set_by: "system".to_owned(),
            set_at: Timestamp(0),
        }
    }

    const SIX: &[(Month, Life)] = &[(Month(24_204), Life::Years(6))];

    /// 7,200.00 from January 2020 on: 100.00 a month over six years.
    fn known<'a>(lives: &'a [(Month, Life)], bases: &'a [base::Model]) -> Known<'a> {
        Known {
            value: bases.last().map_or(Fen(720_000), |base| base.value_fen),
            acquired_on: Some(day("2020-01-31")),
            depreciation: Depreciation::Depreciating,
            life_years: bases.last().and_then(|base| base.life_years),
            lives,
            bases,
        }
    }

    #[test]
    fn the_glance_sees_what_the_plan_says() {
        for on in ["2019-12-31", "2020-01-30", "2020-01-31", "2023-06-15", "2025-12-30", "2025-12-31", "2031-01-01"] {
            let known = known(SIX, &[]);
            let worth = known.plain(day(on)).unwrap();
            let plan = known.plan(day(on)).unwrap();
            assert_eq!(worth.accumulated, plan.accumulated(Month::booked_by(day(on))), "{on}");
            let over = Month::booked_by(day(on)) >= plan.last();
            assert_eq!(worth.standing == Standing::Finished, over, "{on}");
        }
    }

    #[test]
    fn what_the_card_and_the_class_say() {
        let not: &[(Month, Life)] = &[(Month(0), Life::Not)];
        let own = Known { life_years: Some(3), ..known(SIX, &[]) };
        for (known, on, accumulated, standing) in [
            (known(SIX, &[]), "2021-12-31", 240_000, Standing::Depreciating),
            (own, "2021-12-31", 480_000, Standing::Depreciating),
            (own, "2022-12-31", 720_000, Standing::Finished),
            (
                Known { depreciation: Depreciation::NotDepreciated, ..known(SIX, &[]) },
                "2021-12-31",
                0,
                Standing::NotDepreciated,
            ),
            (
                Known { depreciation: Depreciation::Finished, ..known(SIX, &[]) },
                "2020-06-30",
                720_000,
                Standing::Finished,
            ),
            (known(not, &[]), "2021-12-31", 0, Standing::NotDepreciated),
            // A class that is not depreciated, and a card that has a life of its own.
            (Known { life_years: Some(6), ..known(not, &[]) }, "2021-12-31", 240_000, Standing::Depreciating),
            (known(&[], &[]), "2021-12-31", 0, Standing::Unknown),
            (Known { acquired_on: None, ..known(SIX, &[]) }, "2021-12-31", 0, Standing::Unknown),
        ] {
            let worth = known.worth(day(on));
            assert_eq!((worth.accumulated, worth.standing), (Fen(accumulated), standing), "{known:?} {on}");
        }
    }

    #[test]
    fn what_changed_holds_from_its_month_on_and_an_error_from_the_beginning() {
        // Since 2022 four years by the class: 24 months over, 24 left, 200.00 each.
        let shorter: &[(Month, Life)] = &[(Month(24_204), Life::Years(6)), (month("2022-01-01"), Life::Years(4))];
        let up = [base(1, None, 720_000, None), base(2, Some("2022-01-01"), 960_000, None)];
        let longer = [base(1, None, 720_000, None), base(2, Some("2022-01-01"), 720_000, Some(8))];
        let righted = [up[0].clone(), up[1].clone(), base(3, None, 144_000, None)];
        let again = [up[0].clone(), up[1].clone(), base(3, Some("2021-01-01"), 480_000, None)];
        for (lives, bases, on, value, accumulated) in [
            (shorter, &[][..], "2021-12-31", 720_000, 240_000),
            (shorter, &[][..], "2022-01-31", 720_000, 260_000),
            (shorter, &[][..], "2023-12-31", 720_000, 720_000),
            (SIX, &up[..], "2021-12-31", 720_000, 240_000),
            (SIX, &up[..], "2022-01-01", 960_000, 240_000),
            (SIX, &up[..], "2022-01-31", 960_000, 255_000),
            (SIX, &longer[..], "2022-01-31", 720_000, 246_667),
            // The own life stands against the class's.
            (shorter, &longer[..], "2022-01-31", 720_000, 246_667),
            (SIX, &righted[..], "2021-12-31", 144_000, 48_000),
            (SIX, &righted[..], "2025-12-31", 144_000, 144_000),
            // A later row for an earlier month puts aside what was to come after it: 3,600.00 over 60 months.
            (SIX, &again[..], "2021-01-31", 480_000, 126_000),
            (SIX, &again[..], "2025-12-31", 480_000, 480_000),
        ] {
            let worth = known(lives, bases).worth(day(on));
            assert_eq!((worth.value, worth.accumulated), (Fen(value), Fen(accumulated)), "{bases:?} {on}");
        }
    }
}
