//! A small office: a car or a few, and a statement written by hand.

use hufu::kernel::Timestamp;
use hufu::vehicles::fuel::{
    Anomaly, Car, Card, Fill, Grade, Holding, Input, Limits, Names, Outcome, Reading, Rule, Shown, Trip, check,
};

/// 2026-01-01 in Shanghai.
pub(crate) const NEW_YEAR: i64 = 1_767_196_800_000;
pub(crate) const DAY: i64 = 86_400_000;

/// Everything that is checked together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Office {
    pub(crate) cars: Vec<Car>,
    pub(crate) cards: Vec<Card>,
    pub(crate) fills: Vec<Fill>,
    pub(crate) trips: Vec<Trip>,
    pub(crate) readings: Vec<Reading>,
    pub(crate) names: Names,
}

/// An hour of a day of the year.
pub(crate) fn at(day: i64, hour: i64) -> Timestamp {
    Timestamp(NEW_YEAR + day * DAY + hour * 3_600_000)
}

/// Parts of a thousand about nothing, the same every time.
fn wobble(index: usize) -> f64 {
    [12.0, -18.0, 5.0, 25.0, -9.0, -22.0, 16.0, -4.0, 8.0, -13.0][index % 10] / 1_000.0
}

impl Office {
    /// A car of 55 litres that burns 8 L/100 km and is filled up every five days after 400 km.
    pub(crate) fn honest(fills: usize) -> Self {
        let mut office = Self::default();
        office.add_car("粤T0001警", 0, 20_000.0, fills);
        office
    }

    pub(crate) fn add_car(&mut self, plate: &str, offset: i64, km: f64, fills: usize) {
        let no = u32::try_from(self.cars.len()).unwrap();
        self.cars.push(Car {
            plate: plate.to_owned(),
            tank: Some(55.0),
            grade: Grade::Petrol(92),
            rated: Some(7.0),
            ..Car::default()
        });
        let holdings = vec![Holding { car: no, from: None, to: None }];
        self.cards.push(Card { number: format!("10001{no:04}"), holdings, dead_from: None });
        for index in 0..fills {
            let litres = ((32.0 * (1.0 + wobble(index))) * 100.0).round() / 100.0;
            self.fills.push(Fill {
                shown: Shown::Car(no),
                card: Some(no),
                at: at(offset + 5 * i64::try_from(index).unwrap(), 10),
                timed: true,
                grade: Grade::Petrol(92),
                litres: Some(litres),
                price: Some(7.5),
                amount: Some((litres * 750.0).round() / 100.0),
                odometer: Some(km + 400.0 * index as f64),
                full: Some(true),
                id_hash: u64::from(no) * 1_000 + index as u64 + 1,
                ..Fill::default()
            });
        }
    }

    /// A logbook: a trip around every fill, of the four hours before it and the two after, and one on each day between.
    pub(crate) fn with_trips(mut self) -> Self {
        for index in 1..self.fills.len() {
            let (last, this) = (self.fills[index - 1].clone(), self.fills[index].clone());
            let (Some(from), Some(to), Shown::Car(car)) = (last.odometer, this.odometer, this.shown) else { continue };
            for day in 1..=5 {
                let part = |day: f64| Some((from + (to - from) * day / 5.0).floor());
                let departed = Timestamp(last.at.0 + day * DAY - 4 * 3_600_000);
                let returned = Timestamp(departed.0 + 6 * 3_600_000);
                let (departed_km, returned_km) = (part(day as f64 - 1.0), part(day as f64));
                // The day's way ends at the station.
                self.trips.push(Trip {
                    car,
                    departed_at: departed,
                    returned_at: Some(returned),
                    departed_km,
                    returned_km,
                    driver: None,
                    timed: true,
                });
            }
        }
        self
    }

    pub(crate) fn check(&self) -> Outcome {
        let input = Input {
            cars: &self.cars,
            cards: &self.cards,
            fills: &self.fills,
            trips: &self.trips,
            readings: &self.readings,
            names: &self.names,
            as_of: at(365, 0),
        };
        check(&input, &Limits::default())
    }

    /// The rules that speak, each with its fill, in order of fill.
    pub(crate) fn said(&self) -> Vec<(usize, Rule)> {
        let mut said: Vec<_> = self.check().anomalies.iter().map(|one| (one.fill as usize, one.rule)).collect();
        said.sort_unstable();
        said
    }

    /// The one anomaly of a rule.
    #[track_caller]
    pub(crate) fn one(&self, rule: Rule) -> Anomaly {
        let outcome = self.check();
        let found: Vec<_> = outcome.anomalies.iter().filter(|one| one.rule == rule).cloned().collect();
        assert_eq!(found.len(), 1, "{rule:?}: {:#?}", outcome.anomalies);
        found[0].clone()
    }
}
