//! Whatever commands come in whatever order: an oracle that keeps its own small book of cars and drivers says what must
//! be allowed, and the book of the program is the oracle's.

use hufu::kernel::Timestamp;
use hufu::vehicles::trips::entity::trip;
use hufu::vehicles::trips::model::State;
use hufu::vehicles::trips::paper::Book;
use hufu::vehicles::trips::service::{self as trips, Back, Departure};
use hufu::vehicles::trips::store;
use proptest::prelude::{ProptestConfig, Strategy, any, prop, proptest};
use sea_orm::EntityTrait as _;

use super::park::{PLATES, Park};

#[derive(Debug, Clone)]
enum Command {
    /// Asks for a car; the head says yes or no at once.
    Ask(usize, bool),
    /// The nth trip departs with a driver, so many km off the last return.
    Depart(usize, usize, i64),
    /// A car leaves before anybody said yes.
    Urgent(usize, usize, i64),
    /// The nth trip comes back, so many km after it left.
    Return(usize, i64),
    /// The manager checks the nth.
    Check(usize),
}

fn command() -> impl Strategy<Value = Command> {
    let (car, driver, which) = (|| 0usize..2, || 2usize..4, || 0usize..8);
    proptest::prop_oneof![
        3 => (car(), any::<bool>()).prop_map(|(car, yes)| Command::Ask(car, yes)),
        4 => (which(), driver(), -3i64..5).prop_map(|(n, driver, off)| Command::Depart(n, driver, off)),
        1 => (car(), driver(), 0i64..3).prop_map(|(car, driver, off)| Command::Urgent(car, driver, off)),
        4 => (which(), -2i64..60).prop_map(|(n, km)| Command::Return(n, km)),
        1 => which().prop_map(Command::Check),
    ]
}

/// What the oracle knows of a trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Approved,
    Refused,
    Out { driver: usize, from: i64 },
    Back { from: i64, to: i64 },
    Checked { from: i64, to: i64 },
}

/// The oracle's own book: it knows no code of the program.
#[derive(Debug, Default)]
struct Oracle {
    trips: Vec<(usize, Life)>,
    odometers: [i64; 2],
}

impl Oracle {
    fn car_is_out(&self, car: usize) -> bool {
        self.trips.iter().any(|(of, life)| *of == car && matches!(life, Life::Out { .. }))
    }

    fn is_driving(&self, who: usize) -> bool {
        self.trips.iter().any(|(_, life)| matches!(life, Life::Out { driver, .. } if *driver == who))
    }

    fn may_leave(&self, car: usize, driver: usize) -> bool {
        !self.car_is_out(car) && !self.is_driving(driver)
    }

    fn km(&self, car: usize) -> i64 {
        let of_car = self.trips.iter().filter(|(of, _)| *of == car);
        of_car
            .map(|(_, life)| match life {
                Life::Back { from, to } | Life::Checked { from, to } => to - from,
                _ => 0,
            })
            .sum()
    }
}

/// Does a command on both; they must agree on whether it may be done.
async fn obey(park: &Park, oracle: &mut Oracle, numbers: &mut Vec<String>, command: &Command) {
    let db = &park.office.db;
    match command {
        Command::Ask(car, yes) => {
            let row = park.ask(&park.driver(0, 2), *car).await.unwrap();
            park.decide(row.approval_id.unwrap(), *yes).await.unwrap();
            numbers.push(row.number);
            oracle.trips.push((*car, if *yes { Life::Approved } else { Life::Refused }));
        }
        Command::Depart(n, driver, off) => {
            let Some((car, life)) = oracle.trips.get(*n).copied() else { return };
            let km = oracle.odometers[car] + off;
            let departure = Departure { km, driver: Some(park.person(0, *driver)), at: None };
            let done = trips::depart(db, &park.manager(0), &numbers[*n], None, &departure, None).await;
            let may = life == Life::Approved && oracle.may_leave(car, *driver);
            assert_eq!(done.is_ok(), may, "{command:?} {life:?}: {done:?}");
            if may {
                oracle.trips[*n].1 = Life::Out { driver: *driver, from: km };
            }
        }
        Command::Urgent(car, driver, off) => {
            let departure =
                Departure { km: oracle.odometers[*car] + off, driver: Some(park.person(0, *driver)), at: None };
            let done = trips::depart_at_once(db, &park.manager(0), &park.wish(*car), &departure).await;
            let may = oracle.may_leave(*car, *driver);
            assert_eq!(done.is_ok(), may, "{command:?}: {done:?}");
            if let Ok(row) = done {
                numbers.push(row.number);
                oracle.trips.push((*car, Life::Out { driver: *driver, from: departure.km }));
            }
        }
        Command::Return(n, km) => {
            let Some((car, life)) = oracle.trips.get(*n).copied() else { return };
            let from = if let Life::Out { from, .. } = life { from } else { 0 };
            let back = Back { km: from + km, at: None };
            let done = trips::return_(db, &park.manager(0), &numbers[*n], None, &back).await;
            let may = matches!(life, Life::Out { .. }) && *km >= 0;
            assert_eq!(done.is_ok(), may, "{command:?} {life:?}: {done:?}");
            if let (true, Life::Out { from, .. }) = (may, life) {
                oracle.trips[*n].1 = Life::Back { from, to: from + km };
                oracle.odometers[car] = from + km;
            }
        }
        Command::Check(n) => {
            let Some((_, life)) = oracle.trips.get(*n).copied() else { return };
            let done = hufu::vehicles::trips::months::check(db, &park.manager(0), &numbers[*n], None, "").await;
            let may = matches!(life, Life::Back { .. });
            assert_eq!(done.is_ok(), may, "{command:?} {life:?}: {done:?}");
            if let (true, Life::Back { from, to }) = (may, life) {
                oracle.trips[*n].1 = Life::Checked { from, to };
            }
        }
    }
}

/// The program's book is the oracle's, and keeps its own promises.
async fn agree(park: &Park, oracle: &Oracle) {
    let db = park.office.db.read();
    let rows = trip::Entity::find().all(db).await.unwrap();
    for (car, plate) in PLATES.iter().enumerate().take(2) {
        let thing = park.car(car).await;
        let out = rows.iter().filter(|row| row.item_id == thing.item.id && row.state == State::Out).count();
        assert_eq!(out, usize::from(oracle.car_is_out(car)), "{plate} is out once at most");
        assert_eq!(store::out_with(db, thing.item.id).await.unwrap().is_some(), out == 1);
        assert_eq!(thing.vehicle.odometer_km, oracle.odometers[car], "{plate}");
        assert_eq!(thing.item.excused_by.is_some(), out == 1, "a car that is out is excused");
        let book = Book::read(db, thing, 2026, park.office.ctx.now()).await.unwrap();
        assert_eq!(book.km, oracle.km(car), "the km of the book are the sum of its trips");
    }
    for driver in 2..4 {
        let driving = store::out_driving(db, park.person(0, driver)).await.unwrap();
        assert_eq!(driving.is_some(), oracle.is_driving(driver));
    }
    let mut last: hashbrown::HashMap<_, (Timestamp, i64)> = hashbrown::HashMap::new();
    let mut back: Vec<_> = rows.iter().filter(|row| row.returned_at.is_some()).collect();
    back.sort_by_key(|row| row.returned_at);
    for row in back {
        let (left, km) = (row.departed_at.unwrap(), row.departed_km.unwrap());
        assert!(row.returned_km.unwrap() >= km && row.returned_at.unwrap() >= left, "nothing falls within a trip");
        if let Some((at, shown)) = last.insert(row.item_id, (row.returned_at.unwrap(), row.returned_km.unwrap())) {
            assert!(left >= at, "a car leaves after it was back");
            assert_eq!(row.gap_km.unwrap_or(0), km - shown, "what is missing between two trips is told");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, ..ProptestConfig::default() })]

    #[test]
    fn the_book_is_the_oracles(commands in prop::collection::vec(command(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let park = Park::new().await;
            let mut oracle = Oracle { odometers: [10_000; 2], ..Oracle::default() };
            let mut numbers = Vec::new();
            for command in &commands {
                park.office.clock.advance_ms(60_000);
                obey(&park, &mut oracle, &mut numbers, command).await;
            }
            agree(&park, &oracle).await;
        });
    }
}
