//! A small office in a database of its own: three units, their people and rooms, a clock and dice that the test owns.

#[expect(dead_code, reason = "each test binary uses its part of the databases")]
pub(crate) mod database;

use std::sync::Arc;

use database::Home;
use hufu::db::Db;
use hufu::items::entity::item;
use hufu::items::model::{ItemKind, ItemState};
use hufu::items::service::{self, NewItem};
use hufu::items::store;
use hufu::journal::RowsDigest;
use hufu::kernel::clock::SetClock;
use hufu::kernel::ids::{PersonId, PlaceId, UnitId};
use hufu::kernel::random::Random;
use hufu::kernel::{Actor, Ctx, Fen, Quantity, Timestamp};
use hufu::org::entity::person::{self, Duty, PersonKind};
use hufu::org::entity::{place, unit};
use hufu::org::service as org;

/// One minute in milliseconds.
pub(crate) const MINUTE: i64 = 60_000;
/// One day in milliseconds.
pub(crate) const DAY: i64 = 24 * 60 * MINUTE;

/// The office, its database, and a folder for its files.
pub(crate) struct Office {
    pub(crate) db: Db,
    pub(crate) ctx: Ctx,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) units: Vec<UnitId>,
    /// Of each unit: its head, its asset manager, two members.
    pub(crate) people: Vec<[PersonId; 4]>,
    /// Two rooms a unit; the second is kept by the unit's third person.
    pub(crate) places: Vec<[PlaceId; 2]>,
    pub(crate) dir: Home,
}

/// The day the office's book begins.
pub(crate) fn first_day() -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2026, 11, 1).unwrap()
}

impl Office {
    /// Three units, twelve people, six rooms, nothing in them.
    pub(crate) async fn found() -> Self {
        let dir = Home::with_schema().await;
        let db = Db::open(dir.database().url()).await.unwrap();
        let clock = Arc::new(SetClock::at(Timestamp::start_of_day(first_day())));
        let ctx = Ctx::new(Actor::Local("test".to_owned()), Arc::clone(&clock) as _, Arc::new(Random::seeded(7)));
        let units: Vec<UnitId> = (0..3).map(|_| ctx.new_id()).collect();
        let people: Vec<[PersonId; 4]> = (0..3).map(|_| std::array::from_fn(|_| ctx.new_id())).collect();
        let places: Vec<[PlaceId; 2]> = (0..3).map(|_| std::array::from_fn(|_| ctx.new_id())).collect();
        let office = Self { db, ctx, clock, units, people, places, dir };
        office.write_organisation().await;
        office
    }

    async fn write_organisation(&self) {
        let unit = |n: usize| unit::Model {
            id: self.units[n],
            code: format!("D{n}"),
            name: format!("第{n}大队"),
            parent_id: None,
            kind: "大队".to_owned(),
            active: true,
            batch_id: None,
            version: 1,
        };
        let person = |(n, m): (usize, usize)| person::Model {
            id: self.people[n][m],
            badge_number: Some(badge(n, m)),
            name: format!("人员{n}{m}"),
            unit_id: self.units[n],
            duty: [Duty::Head, Duty::AssetManager, Duty::Member, Duty::Member][m],
            kind: PersonKind::Officer,
            active: true,
            batch_id: None,
            version: 1,
        };
        let place = |(n, m): (usize, usize)| place::Model {
            id: self.places[n][m],
            code: format!("R{n}{m}"),
            name: format!("房间{n}{m}"),
            unit_id: self.units[n],
            keeper_id: (m == 1).then_some(self.people[n][2]),
            active: true,
            batch_id: None,
            version: 1,
        };
        let each = |many: usize| (0..3).flat_map(move |n| (0..many).map(move |m| (n, m)));
        let written = self.db.write(async |tx| {
            let mut rows = RowsDigest::new(&self.ctx);
            org::write_units(tx, (0..3).map(unit).collect(), &mut rows).await?;
            org::write_people(tx, each(4).map(person).collect(), &mut rows).await?;
            org::write_places(tx, each(2).map(place).collect(), &mut rows).await
        });
        written.await.unwrap();
    }

    /// A thing of a unit, in its first room, with its head, as it enters the book.
    pub(crate) fn new_item(&self, number: &str, unit: usize) -> NewItem {
        NewItem {
            kind: ItemKind::FixedAsset,
            item_number: number.to_owned(),
            name: "台式计算机".to_owned(),
            specification: "QH-M650".to_owned(),
            serial_number: String::new(),
            class_code: "A02010105".to_owned(),
            class_name: String::new(),
            brand: String::new(),
            measure_unit: "台".to_owned(),
            unit_id: self.units[unit],
            place_id: Some(self.places[unit][0]),
            keeper_id: Some(self.people[unit][0]),
            quantity: Quantity::ONE,
            state: ItemState::InUse,
            excused_by: None,
            value_fen: Fen(450_000),
            acquired_on: None,
        }
    }

    /// Enters things, effective now; returns them in order.
    pub(crate) async fn register(&self, things: &[NewItem]) -> Vec<item::Model> {
        let now = self.ctx.now();
        let entered = self.db.write(async |tx| {
            service::register_many(tx, &self.ctx, things.to_vec(), None, now, &mut RowsDigest::new(&self.ctx)).await
        });
        let ids = entered.await.unwrap();
        let mut rows = store::by_ids(self.db.read(), &ids).await.unwrap();
        ids.iter().map(|id| rows.remove(id).unwrap()).collect()
    }
}

/// The badge number of a unit's person.
pub(crate) fn badge(unit: usize, person: usize) -> String {
    format!("0{unit}00{person}")
}
