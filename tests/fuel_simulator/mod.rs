//! A police fleet that drives, stands with the engine running, fills up, and is stolen from: the records that an office
//! would have of it, and the truth beside them.
//!
//! Written apart from the check: tanks, trips and people, none of its thresholds. The same seed gives the same fleet.

pub mod crimes;
pub mod fleet;
pub mod roads;
pub mod score;

use hufu::kernel::Timestamp;
use hufu::vehicles::fuel::{Car, Card, Fill, Input, Names, Reading, Trip};

pub use crimes::Crime;

/// What is asked of the fleet.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The same seed, the same fleet.
    pub seed: u64,
    /// Cars.
    pub cars: usize,
    /// Days.
    pub days: i64,
    /// The part of fills that something is done to; 0 for honest records.
    pub crime: f64,
}

/// Something that was done.
#[derive(Debug, Clone)]
pub struct Deed {
    pub crime: Crime,
    /// The records that show it, by their place in [`World::fills`].
    pub fills: Vec<u32>,
    /// Cars whose account it falsifies.
    pub cars: Vec<u32>,
    pub at: Timestamp,
}

/// The records and the truth.
#[derive(Debug, Default)]
pub struct World {
    pub cars: Vec<Car>,
    pub cards: Vec<Card>,
    pub fills: Vec<Fill>,
    pub trips: Vec<Trip>,
    pub readings: Vec<Reading>,
    pub names: Names,
    pub deeds: Vec<Deed>,
    pub end: Timestamp,
}

impl World {
    /// The fleet of a plan.
    pub fn new(plan: Plan) -> Self {
        fleet::run(plan)
    }

    /// What the check is given.
    pub fn input(&self) -> Input<'_> {
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
    pub fn statement_only(&self) -> Input<'_> {
        Input { trips: &[], readings: &[], ..self.input() }
    }
}
