//! An office with cars: of each unit its head, its vehicle manager and two drivers, and the command centre.

use chrono::NaiveDate;
use hufu::access::Role;
use hufu::approvals::entity::request;
use hufu::approvals::service::{self as approvals, Verdict};
use hufu::approvals::{ApprovalError, Holders, Posts};
use hufu::db::DbError;
use hufu::kernel::ids::{ApprovalId, PersonId, UnitId};
use hufu::kernel::{Ctx, Fen, Timestamp};
use hufu::vehicles::VehicleError;
use hufu::vehicles::drivers::{self, Licence};
use hufu::vehicles::model::LicenceClass;
use hufu::vehicles::service::{Facts, NewVehicle, register};
use hufu::vehicles::shops::service::{self as shops, Shop};
use hufu::vehicles::store::{self, Car};
use hufu::vehicles::trips::entity::trip;
use hufu::vehicles::trips::months;
use hufu::vehicles::trips::service::{self as trips, Back, Departure, NewTrip};
use sea_orm::{ConnectionTrait, EntityTrait as _};

use super::Office;
use super::web::holding;

/// Who holds what.
pub(crate) struct Roll(Vec<(PersonId, Role, Option<UnitId>)>);

impl Posts for Roll {
    async fn read<C: ConnectionTrait>(&self, _db: &C, _at: Timestamp) -> Result<Holders, DbError> {
        let mut holders = Holders::default();
        for (person, role, unit) in &self.0 {
            holders.add(*person, *role, *unit);
        }
        Ok(holders)
    }
}

pub(crate) struct Park {
    pub(crate) office: Office,
    roll: Roll,
}

/// Plates of the cars: two of the first unit, one of the second.
pub(crate) const PLATES: [&str; 3] = ["粤T10001", "粤T1002警", "粤T10003"];
const CENTRE: (usize, usize) = (2, 2);

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

impl Park {
    pub(crate) async fn new() -> Self {
        let office = Office::found().await;
        let roll = (0..3).map(|unit| (office.people[unit][0], Role::UnitHead, Some(office.units[unit]))).collect();
        let park = Self { office, roll: Roll(roll) };
        for (n, unit) in [(0, 0), (1, 0), (2, 1)] {
            register(&park.office.db, &park.centre(), &park.new_car(n, unit)).await.unwrap();
        }
        for unit in 0..3 {
            for n in 1..4 {
                park.license(park.office.people[unit][n], LicenceClass::C1, None).await;
            }
        }
        let shop = Shop {
            name: "诚信汽修厂".to_owned(),
            contact: String::new(),
            phone: String::new(),
            address: String::new(),
            contract_until: None,
            active: true,
        };
        shops::set(&park.office.db, &park.centre(), None, &shop).await.unwrap();
        park
    }

    pub(crate) fn new_car(&self, n: usize, unit: usize) -> NewVehicle {
        let mut item = self.office.new_item(&format!("CL-{n}"), unit);
        (item.name, item.class_code) = ("小型轿车".to_owned(), "A02030500".to_owned());
        item.keeper_id = None;
        NewVehicle {
            item,
            facts: Facts { tank_ml: Some(55_000), seats: Some(5), ..Facts::of(PLATES[n]) },
            odometer_km: 10_000,
        }
    }

    pub(crate) async fn license(&self, person: PersonId, class: LicenceClass, until: Option<NaiveDate>) {
        let licence =
            Licence { person, class, valid_from: None, valid_until: until, active: true, note: String::new() };
        drivers::set(&self.office.db, &self.centre(), &licence, None).await.unwrap();
    }

    pub(crate) fn person(&self, unit: usize, n: usize) -> PersonId {
        self.office.people[unit][n]
    }

    pub(crate) fn head(&self, unit: usize) -> Ctx {
        holding(&self.office, self.person(unit, 0), Role::UnitHead, Some(self.office.units[unit]))
    }

    pub(crate) fn manager(&self, unit: usize) -> Ctx {
        holding(&self.office, self.person(unit, 1), Role::VehicleManager, Some(self.office.units[unit]))
    }

    /// The first of the unit's two drivers is 2.
    pub(crate) fn driver(&self, unit: usize, n: usize) -> Ctx {
        holding(&self.office, self.person(unit, n), Role::Driver, Some(self.office.units[unit]))
    }

    pub(crate) fn centre(&self) -> Ctx {
        holding(&self.office, self.person(CENTRE.0, CENTRE.1), Role::CommandCentre, None)
    }

    pub(crate) async fn car(&self, n: usize) -> Car {
        store::car(self.office.db.read(), &self.centre(), PLATES[n]).await.unwrap()
    }

    pub(crate) fn wish(&self, n: usize) -> NewTrip {
        NewTrip {
            car: PLATES[n].to_owned(),
            purpose: "社区走访".to_owned(),
            destination: "东区社区".to_owned(),
            ..NewTrip::default()
        }
    }

    pub(crate) async fn ask(&self, ctx: &Ctx, n: usize) -> Result<trip::Model, VehicleError> {
        trips::ask(&self.office.db, ctx, &self.wish(n)).await
    }

    pub(crate) async fn decide(&self, id: ApprovalId, approved: bool) -> Result<request::Model, ApprovalError> {
        let row = request::Entity::find_by_id(id).one(self.office.db.read()).await.unwrap().unwrap();
        let head = (0..3).find(|n| self.office.units[*n] == row.unit_id).unwrap();
        let verdict = Verdict { step: row.step, approved, reason: "已阅".to_owned() };
        approvals::decide(&self.office.db, &self.head(head), &self.roll, id, &verdict).await
    }

    /// A trip that may depart, asked for by the unit's first driver.
    pub(crate) async fn approved(&self, n: usize) -> trip::Model {
        self.approved_for(&self.driver(usize::from(n == 2), 2), n).await
    }

    pub(crate) async fn approved_for(&self, ctx: &Ctx, n: usize) -> trip::Model {
        let row = self.ask(ctx, n).await.unwrap();
        self.decide(row.approval_id.unwrap(), true).await.unwrap();
        row
    }

    pub(crate) async fn depart(&self, ctx: &Ctx, row: &trip::Model, km: i64) -> Result<trip::Model, VehicleError> {
        trips::depart(&self.office.db, ctx, &row.number, None, &at(km), None).await
    }

    pub(crate) async fn come_back(&self, ctx: &Ctx, row: &trip::Model, km: i64) -> Result<trip::Model, VehicleError> {
        trips::return_(&self.office.db, ctx, &row.number, None, &Back { km, at: None }).await
    }

    /// Asked for, approved, driven and back: `km` further than the odometer stood.
    pub(crate) async fn drive(&self, n: usize, km: i64) -> trip::Model {
        let (row, from) = (self.approved(n).await, self.car(n).await.vehicle.odometer_km);
        let driver = self.driver(usize::from(n == 2), 2);
        self.depart(&driver, &row, from).await.unwrap();
        self.office.clock.advance_ms(3_600_000);
        self.come_back(&driver, &row, from + km).await.unwrap()
    }

    pub(crate) async fn check(&self, ctx: &Ctx, row: &trip::Model) -> Result<trip::Model, VehicleError> {
        months::check(&self.office.db, ctx, &row.number, None, "").await
    }

    pub(crate) async fn trip(&self, number: &str) -> trip::Model {
        hufu::vehicles::trips::store::one(self.office.db.read(), &self.centre(), number).await.unwrap().row
    }

    pub(crate) fn stand_at(&self, text: &str) {
        let local = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        self.office.clock.set(Timestamp::from_shanghai(local));
    }
}

/// A departure now, by whoever writes it down.
pub(crate) fn at(km: i64) -> Departure {
    Departure { km, ..Departure::default() }
}

/// The sentence of a refusal.
pub(crate) fn said<T: std::fmt::Debug>(outcome: Result<T, VehicleError>) -> String {
    outcome.unwrap_err().to_string()
}

/// So many yuan.
pub(crate) fn yuan(many: i64) -> Fen {
    Fen(many * 100)
}
