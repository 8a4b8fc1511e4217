//! A police fleet that drives, stands with the engine running, fills up, and is stolen from: the records that an office
//! would have of it, and the truth beside them.
//!
//! Written apart from the check: tanks, trips and people, none of its thresholds. The same seed gives the same fleet.

pub(crate) mod crimes;
pub(crate) mod fleet;
pub(crate) mod roads;
pub(crate) mod score;

use hufu::kernel::Timestamp;
use hufu::vehicles::fuel::{Car, Card, Fill, Input, Names, Reading, Trip};

pub(crate) use crimes::Crime;

/// What is asked of the fleet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// The same seed, the same fleet.
    pub(crate) seed: u64,
    /// Cars.
    pub(crate) cars: usize,
    /// Days.
    pub(crate) days: i64,
    /// The part of fills that something is done to; 0 for honest records.
    pub(crate) crime: f64,
}

/// Something that was done.
#[derive(Debug, Clone)]
pub(crate) struct Deed {
    pub(crate) crime: Crime,
    /// The records that show it, by their place in [`World::fills`].
    pub(crate) fills: Vec<u32>,
    /// Cars whose account it falsifies.
    pub(crate) cars: Vec<u32>,
    pub(crate) at: Timestamp,
}

/// The records and the truth.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) cars: Vec<Car>,
    pub(crate) cards: Vec<Card>,
    pub(crate) fills: Vec<Fill>,
    pub(crate) trips: Vec<Trip>,
    pub(crate) readings: Vec<Reading>,
    pub(crate) names: Names,
    pub(crate) deeds: Vec<Deed>,
    pub(crate) end: Timestamp,
}

impl World {
    /// The fleet of a plan.
    pub(crate) fn new(plan: Plan) -> Self {
        fleet::run(plan)
    }

    /// What the check is given.
    pub(crate) fn input(&self) -> Input<'_> {
        Input {
            cars: &self.cars,
            cards: &self.cards,
            fills: &self.fills,
            trips: &self.trips,
            readings: &self.readings,
            names: &self.names,
            as_of: self.end,
        }
    }

    /// The same without logbooks and month-end readings.
    pub(crate) fn statement_only(&self) -> Input<'_> {
        Input { trips: &[], readings: &[], ..self.input() }
    }
}
