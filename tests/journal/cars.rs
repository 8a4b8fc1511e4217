//! The year's cars: licences, cards, trips and their month, a repair, readings; statements, slips and what the check says.

use chrono::NaiveDate;
use hufu::approvals::Granted;
use hufu::approvals::service::{self as approvals, Verdict};
use hufu::kernel::{Fen, Timestamp};
use hufu::vehicles::cards::model::{CardKind, Supplier};
use hufu::vehicles::cards::service::{self as cards, Give, NewCard};
use hufu::vehicles::drivers::{self, Licence};
use hufu::vehicles::fuel::Knob;
use hufu::vehicles::fuel::ledger::limits::{self, NewLimit};
use hufu::vehicles::fuel::ledger::model::{LimitScope, NewRecord};
use hufu::vehicles::fuel::ledger::slips::{self, NewSlip};
use hufu::vehicles::fuel::ledger::statements::{self, NewStatement};
use hufu::vehicles::fuel::ledger::watch;
use hufu::vehicles::model::LicenceClass;
use hufu::vehicles::readings::{self, NewReading};
use hufu::vehicles::repairs::model::RepairKind;
use hufu::vehicles::repairs::service::{self as repairs, NewPart, NewRepair, Return, Send};
use hufu::vehicles::service::{self as vehicles, Facts, NewVehicle};
use hufu::vehicles::shops::service::{self as shops, Shop};
use hufu::vehicles::store::Car;
use hufu::vehicles::trips::model::month_before;
use hufu::vehicles::trips::months;
use hufu::vehicles::trips::past::{self, PastTrip};
use hufu::vehicles::trips::service::{self as trips, Back, Departure, NewTrip};

use super::duties::{ASKING, HEAD};
use super::support::DAY;
use super::year::Year;

const PLATE: &str = "粤T1002警";
const CARD: &str = "1000110000000017";

impl Year {
    pub(crate) async fn cars(&self) {
        let car = self.a_car().await;
        self.its_book(&car).await;
        self.a_repair().await;
        self.its_fuel(&car).await;
    }

    async fn a_car(&self) -> Car {
        let (db, ctx) = (&self.office.db, &self.ctx);
        let mut item = self.office.new_item("CL-1", 0);
        (item.name, item.class_code, item.keeper_id) = ("小型轿车".to_owned(), "A02030500".to_owned(), None);
        let facts = Facts { tank_ml: Some(55_000), fuel_grade: "92".to_owned(), ..Facts::of(PLATE) };
        let car = vehicles::register(db, ctx, &NewVehicle { item, facts: facts.clone(), odometer_km: 9_000 }).await;
        let facts = Facts { seats: Some(5), ..facts };
        vehicles::change(db, ctx, PLATE, None, &facts, "核对行驶证").await.unwrap();
        for person in [ASKING, HEAD] {
            let licence = Licence {
                person: self.office.people[person.0][person.1],
                class: LicenceClass::C1,
                valid_from: None,
                valid_until: None,
                active: true,
                note: String::new(),
            };
            drivers::set(db, ctx, &licence, None).await.unwrap();
        }
        let card = NewCard {
            number: CARD.to_owned(),
            kind: CardKind::Sub,
            supplier: Supplier::Sinopec,
            master: None,
            unit: self.office.units[0],
            fill_limit: None,
            day_limit: None,
            note: String::new(),
        };
        cards::enter(db, ctx, &card).await.unwrap();
        let from_on = self.ctx.now().day() - chrono::Days::new(60);
        let give = Give { car: PLATE.to_owned(), from_on, until_on: None, reason: "一车一卡".to_owned() };
        cards::give(db, ctx, CARD, &give).await.unwrap();
        car.unwrap()
    }

    /// A month on paper that is handed in, and a trip of today that is put right.
    async fn its_book(&self, car: &Car) {
        let (db, office) = (&self.office.db, &self.office);
        let (driver, head) = (self.as_person(ASKING), self.as_person(HEAD));
        let month = month_before(self.ctx.now().day());
        let first = NaiveDate::parse_from_str(&format!("{month}-05"), "%Y-%m-%d").unwrap();
        let left = Timestamp(Timestamp::start_of_day(first).0 + 9 * 3_600_000);
        let paper = PastTrip {
            car: car.item.id,
            driver: office.people[ASKING.0][ASKING.1],
            approver: office.people[HEAD.0][HEAD.1],
            purpose: "社区走访".to_owned(),
            destination: "东区社区".to_owned(),
            departed_at: left,
            departed_km: 9_000,
            returned_at: Timestamp(left.0 + 3_600_000),
            returned_km: 9_040,
        };
        past::enter(db, &self.ctx, &[paper]).await.unwrap();
        months::check_month(db, &head, office.units[0], &month).await.unwrap();
        months::submit(db, &head, office.units[0], &month, "").await.unwrap();
        let wish = NewTrip {
            car: PLATE.to_owned(),
            purpose: "接警".to_owned(),
            destination: "车站".to_owned(),
            ..NewTrip::default()
        };
        let at = |km| Departure { km, ..Departure::default() };
        let out = trips::depart_at_once(db, &driver, &wish, &at(9_052)).await.unwrap();
        office.clock.advance_ms(3_600_000);
        trips::return_(db, &driver, &out.number, None, &Back { km: 9_090, at: None }).await.unwrap();
        let figures = months::Figures { departed_km: Some(9_040), ..months::Figures::default() };
        months::correct(db, &head, &out.number, None, &figures, "看错一位").await.unwrap();
        let reading = NewReading {
            car: PLATE.to_owned(),
            read_on: self.ctx.now().day(),
            odometer_km: 9_090,
            old_km: None,
            note: String::new(),
        };
        readings::enter(db, &self.ctx, &reading).await.unwrap();
    }

    async fn a_repair(&self) {
        let (db, asking, head) = (&self.office.db, self.as_person(ASKING), self.as_person(HEAD));
        let shop = Shop {
            name: "诚信汽修厂".to_owned(),
            contact: String::new(),
            phone: String::new(),
            address: String::new(),
            contract_until: None,
            active: true,
        };
        shops::set(db, &self.ctx, None, &shop).await.unwrap();
        let new = NewRepair {
            car: PLATE.to_owned(),
            kind: RepairKind::Maintenance,
            fault: "定期保养".to_owned(),
            budget: Fen(80_000),
            shop: shop.name,
        };
        let row = repairs::ask(db, &asking, &new).await.unwrap();
        let yes = Verdict { step: 1, approved: true, reason: "同意".to_owned() };
        approvals::decide(db, &head, &Granted, row.approval_id.unwrap(), &yes).await.unwrap();
        repairs::enter(db, &asking, &row.number, None).await.unwrap();
        let send = Send { km: 9_095, ..Send::default() };
        repairs::send(db, &asking, &row.number, None, &send).await.unwrap();
        self.office.clock.advance_ms(3_600_000);
        let part = NewPart {
            name: "机油".to_owned(),
            measure_unit: "升".to_owned(),
            quantity_milli: 4_000,
            unit_price: Fen(5_800),
        };
        let mended = Return {
            km: 9_099,
            at: None,
            parts: vec![part],
            labour: Fen(10_000),
            invoice: "FP1".to_owned(),
            old_parts: "厂方回收".to_owned(),
            over_reason: String::new(),
            inspected_by: None,
        };
        repairs::return_(db, &asking, &row.number, None, &mended).await.unwrap();
    }

    /// A slip, a statement that has it and a fill of more than the tank; the check and its finding; a number that decides.
    async fn its_fuel(&self, car: &Car) {
        let (db, today) = (&self.office.db, self.ctx.now().day());
        let at = Timestamp(self.ctx.now().0 - 3 * DAY);
        let slip = NewSlip {
            item: car.item.id,
            at,
            driver: None,
            quantity_ml: 40_000,
            amount: Some(Fen(30_000)),
            station: "小榄站".to_owned(),
            odometer_km: Some(9_030),
            full_tank: true,
            container: false,
            approval_number: String::new(),
            note: String::new(),
        };
        slips::write_down(db, &self.ctx, &slip).await.unwrap();
        let record = |line: i64, at: Timestamp, ml: i64| NewRecord {
            line,
            card_number: CARD.to_owned(),
            plate: PLATE.to_owned(),
            at,
            timed: true,
            kind_text: "加油".to_owned(),
            grade: "92号汽油".to_owned(),
            quantity_ml: Some(ml),
            amount_fen: Some(Fen(ml * 3 / 4)),
            ..NewRecord::default()
        };
        let statement = NewStatement {
            supplier: Supplier::Sinopec,
            file_name: "对账单.xls".to_owned(),
            sha256: "00".repeat(32),
            records: vec![record(2, at, 40_000), record(3, Timestamp(at.0 + DAY), 90_000)],
            rejected: 0,
            stated_ml: None,
            stated_fen: None,
            keep_map: Some("litres=数量".to_owned()),
        };
        let row = statements::bring(db, &self.ctx, &statement).await.unwrap();
        let opened = watch::run(db, &self.ctx, today - chrono::Days::new(9), today).await.unwrap();
        assert!(opened.anomalies > 0 && opened.findings > 0, "{opened:?}");
        statements::close(db, &self.ctx, row.id, row.version, "超出油箱的一笔正在核实").await.unwrap();
        let limit = NewLimit {
            knob: Knob::ConsumptionZ,
            scope: LimitScope::All,
            scope_value: String::new(),
            value: 3.5,
            effective_from: today,
            source: "分局规定".to_owned(),
        };
        limits::set(db, &self.ctx, &limit).await.unwrap();
    }
}
