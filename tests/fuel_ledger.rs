//! Fuel in the book: statements, slips, the month's closing, the check and its findings, accounts, numbers that decide.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[expect(dead_code, reason = "each test binary uses its part of the office")]
mod support;
#[path = "support/web.rs"]
#[expect(dead_code, reason = "these tests ask the services alone")]
mod web;

use chrono::NaiveDate;
use hufu::access::Role;
use hufu::approvals::service::{self as approvals, Verdict as Say};
use hufu::approvals::{Holders, Posts};
use hufu::db::{DbError, Tx, bulk};
use hufu::documents::ColumnMap;
use hufu::findings::entity::finding;
use hufu::imports::fuel::read_statement;
use hufu::kernel::ids::ItemId;
use hufu::kernel::{Ctx, Fen, Timestamp};
use hufu::vehicles::VehicleError;
use hufu::vehicles::cards::entity::{card, holding as card_holding};
use hufu::vehicles::cards::model::{CardKind, CardState, Supplier};
use hufu::vehicles::entity::vehicle;
use hufu::vehicles::fuel::ledger::drums::{self, NewDrum, Permit};
use hufu::vehicles::fuel::ledger::entity::{slip, statement, transaction};
use hufu::vehicles::fuel::ledger::limits::{self, NewLimit};
use hufu::vehicles::fuel::ledger::model::{LimitScope, SlipVerdict, StatementState, Verdict};
use hufu::vehicles::fuel::ledger::slips::{self, NewSlip};
use hufu::vehicles::fuel::ledger::statements::{self, NewStatement};
use hufu::vehicles::fuel::ledger::store::{self, Wanted};
use hufu::vehicles::fuel::ledger::{account, letter, watch};
use hufu::vehicles::fuel::{Knob, Rule};
use hufu::vehicles::model::{Energy, Quota, UseKind, plate_key};
use sea_orm::{ConnectionTrait, EntityTrait as _};
use support::Office;
use web::holding;

struct Yard {
    office: Office,
    cars: Vec<ItemId>,
}

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

fn at(month: u32, day_of: u32, hour: i64) -> Timestamp {
    Timestamp(Timestamp::start_of_day(day(month, day_of)).0 + hour * 3_600_000)
}

impl Yard {
    /// Three cars of three units, each with its card, since the new year; it is the first of December.
    async fn new() -> Self {
        let office = Office::found().await;
        office.clock.set(at(12, 1, 9));
        let new: Vec<_> = (0..3)
            .map(|n| hufu::items::service::NewItem {
                specification: "帕萨特".to_owned(),
                ..office.new_item(&format!("C-{n}"), n)
            })
            .collect();
        let cars: Vec<ItemId> = office.register(&new).await.into_iter().map(|thing| thing.id).collect();
        let yard = Self { office, cars };
        yard.office.db.write(async |tx| yard.write_cars(tx).await).await.unwrap();
        yard
    }

    async fn write_cars(&self, tx: &Tx) -> Result<(), DbError> {
        let vehicle = |n: usize| vehicle::Model {
            item_id: self.cars[n],
            plate: format!("粤T000{n}警"),
            plate_key: plate_key(&format!("粤T000{n}警")),
            vin: String::new(),
            vin_key: None,
            engine_number: String::new(),
            quota: Quota::InQuota,
            use_kind: UseKind::Enforcement,
            energy: Energy::Petrol,
            seats: Some(5),
            displacement_ml: None,
            tank_ml: Some(55_000),
            battery_wh: None,
            fuel_grade: "92".to_owned(),
            rated_ml_100km: Some(7_500),
            rated_wh_100km: None,
            has_licence: true,
            registered_on: None,
            compulsory_until: None,
            commercial_until: None,
            inspected_until: None,
            odometer_km: 20_000,
            odometer_at: None,
            version: 1,
        };
        bulk::insert(tx, (0..3).map(vehicle)).await?;
        let ids: Vec<uuid::Uuid> = (0..3).map(|_| self.office.ctx.new_id()).collect();
        let card = |n: usize| card::Model {
            id: ids[n],
            number: format!("100011550000000{n}"),
            number_key: format!("100011550000000{n}"),
            kind: CardKind::Sub,
            supplier: Supplier::Sinopec,
            master_id: None,
            unit_id: self.office.units[n],
            state: CardState::InUse,
            state_on: day(1, 1),
            replaced_by: None,
            fill_limit_fen: None,
            day_limit_fen: None,
            note: String::new(),
            version: 1,
        };
        bulk::insert(tx, (0..3).map(card)).await?;
        let held = |n: usize| card_holding::Model {
            id: self.office.ctx.new_id(),
            card_id: ids[n],
            item_id: self.cars[n],
            from_on: day(1, 1),
            until_on: None,
            reason: "配发".to_owned(),
            given_by: "test".to_owned(),
            given_at: Timestamp(0),
            version: 1,
        };
        bulk::insert(tx, (0..3).map(held)).await?;
        Ok(())
    }

    fn centre(&self) -> Ctx {
        holding(&self.office, self.office.people[2][1], Role::CommandCentre, None)
    }

    fn manager(&self, unit: usize) -> Ctx {
        holding(&self.office, self.office.people[unit][1], Role::VehicleManager, Some(self.office.units[unit]))
    }

    /// The head of the first unit says yes.
    async fn yes(&self, permit: &Permit) {
        let head = holding(&self.office, self.office.people[0][0], Role::UnitHead, Some(self.office.units[0]));
        let say = Say { step: 1, approved: true, reason: "同意".to_owned() };
        approvals::decide(&self.office.db, &head, &Heads(self), permit.request.id, &say).await.unwrap();
    }

    fn read(&self, name: &str, text: &str) -> NewStatement {
        let path = self.office.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        let found = read_statement(&path, name, &ColumnMap::default()).unwrap();
        NewStatement {
            supplier: Supplier::Sinopec,
            file_name: found.name,
            sha256: found.sha256,
            records: found.records,
            rejected: found.rejects.len(),
            stated_ml: None,
            stated_fen: None,
            keep_map: None,
        }
    }

    async fn bring(&self, name: &str, text: &str) -> Result<statement::Model, VehicleError> {
        statements::bring(&self.office.db, &self.centre(), &self.read(name, text)).await
    }

    async fn records(&self, ctx: &Ctx, of: &statement::Model) -> Vec<transaction::Model> {
        let wanted = Wanted { statement: Some(of.id), ..Wanted::default() };
        store::records(self.office.db.read(), ctx, &wanted, 10_000).await.unwrap()
    }

    fn slip(&self, car: usize, at: Timestamp, ml: i64, fen: i64) -> NewSlip {
        NewSlip {
            item: self.cars[car],
            at,
            driver: None,
            quantity_ml: ml,
            amount: Some(Fen(fen)),
            station: "小榄站".to_owned(),
            odometer_km: None,
            full_tank: true,
            container: false,
            approval_number: String::new(),
            note: String::new(),
        }
    }
}

/// The head of each unit.
struct Heads<'a>(&'a Yard);

impl Posts for Heads<'_> {
    async fn read<C: ConnectionTrait>(&self, _db: &C, _at: Timestamp) -> Result<Holders, DbError> {
        let mut holders = Holders::default();
        for (people, unit) in self.0.office.people.iter().zip(&self.0.office.units) {
            holders.add(people[0], Role::UnitHead, Some(*unit));
        }
        Ok(holders)
    }
}

const HEAD: &str = "流水号,卡号,车牌号,交易时间,交易类型,油品,加油量,单价,金额,余额,网点,里程数,是否加满\n";

/// A record as the station prints it.
fn line(serial: &str, car: usize, at: Timestamp, litres: f64, km: i64) -> String {
    let amount = litres * 7.5;
    format!(
        "{serial},100011550000000{car},粤T000{car}警,{at},加油,92号车用汽油,{litres:.2},7.50,{amount:.2},,小榄站,{km},是\n"
    )
}

/// A car's honest months up to a day: 400 km and 32 litres every fifth day.
fn habit(car: usize, fills: i64) -> String {
    let wobble = [0.3, -0.5, 0.1, 0.6, -0.2, -0.6];
    (0..fills)
        .map(|n| {
            let when = Timestamp(at(6, 1, 10).0 + n * 5 * 86_400_000);
            line(&format!("{car}-{n}"), car, when, 32.0 + wobble[usize::try_from(n).unwrap() % 6], 20_000 + 400 * n)
        })
        .collect()
}

#[tokio::test]
async fn a_statement_comes_in_once_and_its_records_find_their_cars_and_slips() {
    let yard = Yard::new().await;
    let db = &yard.office.db;
    let driver = holding(&yard.office, yard.office.people[0][2], Role::Driver, Some(yard.office.units[0]));
    for (when, ml, fen) in [
        (at(11, 3, 11), 32_000, 24_000),
        (at(11, 8, 10), 30_000, 24_000),
        (at(11, 13, 10), 32_000, 26_000),
        (at(11, 25, 10), 31_000, 23_250),
    ] {
        slips::write_down(db, &driver, &yard.slip(0, when, ml, fen)).await.unwrap();
    }
    let text = [
        HEAD.to_owned(),
        line("1", 0, at(11, 3, 10), 32.0, 20_400),
        line("2", 0, at(11, 8, 10), 32.0, 20_800),
        line("3", 0, at(11, 13, 10), 32.0, 21_200),
        line("4", 1, at(11, 14, 10), 32.0, 30_000),
        line("4", 1, at(11, 14, 10), 32.0, 30_000),
        "5,1000115500000002,,2026-11-15 09:00:00,加油,92号车用汽油,30,7.50,225,,小榄站,,\n".to_owned(),
        "6,1000115500000002,,2026-11-15 08:00:00,圈存,,,,1000,,网上,,\n".to_owned(),
        "7,9999,粤T9999警,2026-11-16 09:00:00,加油,92号车用汽油,30,7.50,225,,小榄站,,\n".to_owned(),
        "8,,,2026-11-16 09:00:00,加油,92号车用汽油,30,7.50,225,,小榄站,,\n".to_owned(),
    ]
    .concat();
    let row = yard.bring("11月.csv", &text).await.unwrap();
    assert_eq!((row.month.as_str(), row.records, row.fills, row.rejected), ("2026-11", 8, 7, 1));
    assert_eq!((row.loads_fen, row.quantity_ml), (Fen(100_000), 220_000));
    let records = yard.records(&yard.centre(), &row).await;
    let stands: Vec<_> = records.iter().map(|one| (one.serial.as_str(), one.verdict)).collect();
    use Verdict as V;
    assert_eq!(
        stands,
        [
            ("1", V::Matched),
            ("2", V::QuantityDiffers),
            ("3", V::AmountDiffers),
            ("4", V::NotOnOurs),
            ("4", V::Twice),
            ("6", V::NoFuel),
            ("5", V::NotOnOurs),
            ("7", V::NotOnOurs),
        ]
    );
    let car = |serial: &str| records.iter().find(|one| one.serial == serial).unwrap().item_id;
    assert_eq!((car("1"), car("5"), car("7")), (Some(yard.cars[0]), Some(yard.cars[2]), None));

    let again = yard.bring("11月副本.csv", &text).await.unwrap_err();
    assert!(matches!(again, VehicleError::Conflict(_)) && again.to_string().contains("已于"), "{again}");
    let overlapping =
        [HEAD.to_owned(), line("1", 0, at(11, 3, 10), 32.0, 20_400), line("9", 0, at(11, 28, 10), 32.0, 21_600)]
            .concat();
    let other = yard.bring("11月下.csv", &overlapping).await.unwrap();
    let stands: Vec<_> = yard.records(&yard.centre(), &other).await.iter().map(|one| one.verdict).collect();
    assert_eq!(stands, [V::Twice, V::NotOnOurs]);

    // Who manages one unit's cars sees that unit's records, and no statement.
    let seen = yard.records(&yard.manager(0), &row).await;
    assert!(seen.len() == 3 && seen.iter().all(|one| one.unit_id == Some(yard.office.units[0])), "{seen:?}");
    assert!(store::statements(db.read(), &yard.manager(0), 10).await.unwrap().is_empty());
    let refused = statements::bring(db, &yard.manager(0), &yard.read("x.csv", &text)).await;
    assert!(matches!(refused, Err(VehicleError::Forbidden(_))), "{refused:?}");

    let refused = statements::close(db, &yard.centre(), row.id, row.version, " ").await.unwrap_err().to_string();
    for sentence in [
        "有 1 行未能读入",
        "我方无登记 3 笔",
        "金额不符 1 笔",
        "数量不符 1 笔",
        "重复列示 1 笔",
        "我方登记而对账单没有 1 笔",
    ] {
        assert!(refused.contains(sentence), "{sentence}: {refused}");
    }
    let (closed, _) = statements::close(db, &yard.centre(), row.id, row.version, "已与加油站核对").await.unwrap();
    assert_eq!((closed.state, closed.version), (StatementState::Closed, 2));
    let gone = slip::Entity::find().all(db.read()).await.unwrap();
    assert_eq!(gone.iter().filter(|one| one.verdict == SlipVerdict::NotOnTheirs).count(), 1);
    let stale = statements::close(db, &yard.centre(), row.id, row.version, "再来").await;
    assert!(matches!(stale, Err(VehicleError::Db(DbError::Stale))), "{stale:?}");
    let twice = statements::close(db, &yard.centre(), row.id, closed.version, "再来").await;
    assert!(matches!(twice, Err(VehicleError::Conflict(_))), "{twice:?}");
}

#[tokio::test]
async fn balances_and_totals_that_do_not_agree_stand_against_closing() {
    let yard = Yard::new().await;
    let with_balance = |serial: &str, kind: &str, hour: i64, amount: i64, balance: i64| {
        let litres = if kind == "加油" { format!("{:.2},7.50", amount as f64 / 7.5) } else { ",".to_owned() };
        format!(
            "{serial},1000115500000000,粤T0000警,{},{kind},92,{litres},{amount},{balance},小榄站,,\n",
            at(11, 3, hour)
        )
    };
    let text = [
        HEAD.to_owned(),
        with_balance("1", "加油", 8, 300, 700),
        with_balance("2", "圈存", 9, 1_000, 1_700),
        with_balance("3", "加油", 10, 300, 1_300),
    ]
    .concat();
    let mut new = yard.read("b.csv", &text);
    (new.stated_fen, new.stated_ml) = (Some(Fen(70_000)), Some(80_000));
    let row = statements::bring(&yard.office.db, &yard.centre(), &new).await.unwrap();
    let records = yard.records(&yard.centre(), &row).await;
    let card = &statements::balances(&records)[0];
    assert_eq!((card.opening, card.loads, card.fills), (Fen(100_000), Fen(100_000), Fen(60_000)));
    assert_eq!((card.closing, card.off), (Fen(130_000), Fen(-10_000)));
    let found = statements::objections(&row, &records).join("；");
    assert!(found.contains("合计 700.00 元，各笔相加 600.00 元") && found.contains("差 -100.00 元"), "{found}");
    assert!(!found.contains("升"), "the litres agree: {found}");
}

#[tokio::test]
async fn the_check_opens_each_finding_once_and_they_close_with_video_or_why_not() {
    let yard = Yard::new().await;
    let db = &yard.office.db;
    let mut text = HEAD.to_owned() + &habit(0, 30) + &habit(1, 30);
    text += &line("X", 0, at(11, 10, 20), 66.0, 33_000);
    yard.bring("半年.csv", &text).await.unwrap();
    let ran = watch::run(db, &yard.centre(), day(11, 1), day(11, 30)).await.unwrap();
    assert!(ran.anomalies >= 1 && ran.findings >= 1, "{ran:?}");
    let found = finding::Entity::find().all(db.read()).await.unwrap();
    let of_it = found.iter().find(|one| one.title.contains("加油量超过油箱")).unwrap();
    assert_eq!((of_it.kind, of_it.item_id), (hufu::findings::Kind::FuelAnomaly, Some(yard.cars[0])));
    assert_eq!((of_it.origin_room.as_str(), of_it.unit_id), ("fuel", Some(yard.office.units[0])));
    let rule = of_it.kind.rule(of_it.opened_at);
    use hufu::findings::EvidenceKind as E;
    assert_eq!(rule.missing(&[E::Statement]).len(), 1);
    assert!(rule.missing(&[E::Statement, E::Video]).is_empty() && rule.missing(&[E::Statement, E::NoVideo]).is_empty());
    let again = watch::run(db, &yard.centre(), day(11, 1), day(11, 30)).await.unwrap();
    assert_eq!((again.anomalies, again.findings), (0, 0));
    let shown = store::anomalies(db.read(), &yard.centre(), Some("2026-11"), 100).await.unwrap();
    assert_eq!(shown.len(), ran.anomalies);
    assert!(store::anomalies(db.read(), &yard.manager(2), Some("2026-11"), 100).await.unwrap().is_empty());
    assert!(store::anomalies(db.read(), &yard.centre(), Some("2026-07"), 100).await.unwrap().is_empty());
    assert!(matches!(watch::run(db, &yard.manager(0), day(11, 1), day(11, 30)).await, Err(VehicleError::Forbidden(_))));

    let record = shown.iter().find(|(one, _)| one.rule == Rule::OverTank.as_str()).unwrap().1.id;
    let asked = letter::Letter::read(db.read(), &yard.centre(), record).await.unwrap();
    assert_eq!(asked.keep_by, day(12, 10));
    assert!(asked.bytes().unwrap().starts_with(b"%PDF"));
    let hidden = letter::Letter::read(db.read(), &yard.manager(2), record).await;
    assert!(matches!(hidden, Err(VehicleError::NotFound(_))), "{hidden:?}");
}

#[tokio::test]
async fn numbers_that_decide_are_dated_and_show_what_they_would_flag() {
    let yard = Yard::new().await;
    let db = &yard.office.db;
    let mut text = HEAD.to_owned() + &habit(0, 30);
    text += &line("X", 0, at(11, 1, 20), 38.5, 32_000);
    yard.bring("半年.csv", &text).await.unwrap();
    let security = holding(&yard.office, yard.office.people[1][3], Role::SecurityAdministrator, None);
    let count = |flagged: &[(Rule, usize)]| flagged.iter().find(|(rule, _)| *rule == Rule::ConsumptionHigh).unwrap().1;
    let now = count(&watch::last_year(db, &yard.centre()).await.unwrap());
    let loose = count(&watch::last_year_with(db, &yard.centre(), Knob::ConsumptionZ, 6.0).await.unwrap());
    let strict = count(&watch::last_year_with(db, &yard.centre(), Knob::ConsumptionZ, 1.5).await.unwrap());
    assert!(loose <= now && now <= strict && loose < strict, "{loose} {now} {strict}");
    let new = NewLimit {
        knob: Knob::ConsumptionZ,
        scope: LimitScope::Use,
        scope_value: "执法执勤".to_owned(),
        value: 6.0,
        effective_from: day(12, 1),
        source: "分局公务车管理会议纪要".to_owned(),
    };
    limits::set(db, &security, &new).await.unwrap();
    assert_eq!(count(&watch::last_year(db, &yard.centre()).await.unwrap()), loose);
    for (wrong, field) in [
        (NewLimit { value: 99.0, ..new.clone() }, "value"),
        (NewLimit { scope_value: "赛车".to_owned(), ..new.clone() }, "scope_value"),
        (NewLimit { scope: LimitScope::Model, scope_value: String::new(), ..new.clone() }, "scope_value"),
        (NewLimit { source: String::new(), ..new.clone() }, "source"),
        (NewLimit { effective_from: day(11, 30), ..new.clone() }, "effective_from"),
        (new.clone(), "effective_from"),
    ] {
        match limits::set(db, &security, &wrong).await {
            Err(VehicleError::Field { field: said, .. }) => assert_eq!(said, field),
            other => panic!("{wrong:?}: {other:?}"),
        }
    }
    assert!(matches!(limits::set(db, &yard.centre(), &new).await, Err(VehicleError::Forbidden(_))));
}

#[tokio::test]
async fn each_car_has_its_account() {
    let yard = Yard::new().await;
    let db = &yard.office.db;
    yard.bring("半年.csv", &(HEAD.to_owned() + &habit(0, 30) + &habit(1, 30))).await.unwrap();
    let accounts = account::accounts(db, &yard.centre(), "2026-07", "2026-08").await.unwrap();
    assert_eq!(accounts.lines.len(), 3);
    let first = &accounts.lines[0];
    // 62 days at 80 km a day.
    assert!((first.km - 4_960.0).abs() < 60.0, "{first:?}");
    assert!((first.per_100km.unwrap() - 8.0).abs() < 0.5 && first.rank.is_some_and(|(_, of)| of == 2), "{first:?}");
    assert!(accounts.xlsx().unwrap().starts_with(b"PK") && accounts.pdf(at(12, 1, 9)).unwrap().starts_with(b"%PDF"));
    let own = account::accounts(db, &yard.manager(1), "2026-07", "2026-08").await.unwrap();
    assert_eq!(own.lines.iter().map(|line| line.plate.as_str()).collect::<Vec<_>>(), ["粤T0001警"]);
    assert!(account::accounts(db, &yard.centre(), "2026-08", "2026-07").await.is_err());
}

#[tokio::test]
async fn a_slip_says_what_can_be_and_drums_need_an_approval() {
    let yard = Yard::new().await;
    let manager = yard.manager(0);
    let good = yard.slip(0, at(11, 3, 10), 30_000, 22_500);
    for (wrong, field) in [
        (NewSlip { quantity_ml: 0, ..good.clone() }, "quantity"),
        (NewSlip { amount: Some(Fen(0)), ..good.clone() }, "amount"),
        (NewSlip { at: at(12, 2, 10), ..good.clone() }, "at"),
        (NewSlip { odometer_km: Some(-1), ..good.clone() }, "odometer_km"),
        (NewSlip { container: true, ..good.clone() }, "approval_number"),
        (NewSlip { note: "\u{0}".to_owned(), ..good.clone() }, "note"),
    ] {
        match slips::write_down(&yard.office.db, &manager, &wrong).await {
            Err(VehicleError::Field { field: said, .. }) => assert_eq!(said, field),
            other => panic!("{wrong:?}: {other:?}"),
        }
    }
    let drum = NewSlip { container: true, approval_number: "SP-1".to_owned(), ..good.clone() };
    let said = refused(&yard, &manager, &drum).await;
    assert!(said.contains("没有编号为“SP-1”"), "{said}");
    let elsewhere = NewSlip { item: yard.cars[1], ..good };
    assert!(matches!(slips::write_down(&yard.office.db, &manager, &elsewhere).await, Err(VehicleError::Forbidden(_))));
}

async fn refused(yard: &Yard, ctx: &Ctx, new: &NewSlip) -> String {
    match slips::write_down(&yard.office.db, ctx, new).await {
        Err(VehicleError::Field { field: "approval_number", reason }) => reason,
        other => panic!("{new:?}: {other:?}"),
    }
}

/// A drum is filled with an approval of its own car, after the yes, and all its fills together hold to its litres.
#[tokio::test]
async fn a_drum_is_filled_within_what_was_approved_for_its_car() {
    let yard = Yard::new().await;
    let (db, manager) = (&yard.office.db, yard.manager(0));
    let wish = |ml: i64| NewDrum { car: "粤T0000警".to_owned(), quantity_ml: ml, purpose: "冲锋舟".to_owned() };
    for (wrong, field) in [
        (wish(0), "quantity"),
        (wish(-5), "quantity"),
        (wish(drums::MOST_ML + 1), "quantity"),
        (NewDrum { purpose: " ".to_owned(), ..wish(1) }, "purpose"),
        (NewDrum { purpose: "\u{0}".to_owned(), ..wish(1) }, "purpose"),
    ] {
        match drums::ask(db, &manager, &wrong).await {
            Err(VehicleError::Field { field: said, .. }) => assert_eq!(said, field),
            other => panic!("{wrong:?}: {other:?}"),
        }
    }
    let elsewhere = NewDrum { car: "粤T0001警".to_owned(), ..wish(1) };
    assert!(drums::ask(db, &manager, &elsewhere).await.is_err(), "another unit's car");
    let permit = drums::ask(db, &manager, &wish(40_000)).await.unwrap();
    let slip = |ml: i64| NewSlip {
        container: true,
        approval_number: permit.number.clone(),
        ..yard.slip(0, yard.office.ctx.now(), ml, 10_000)
    };
    assert!(refused(&yard, &manager, &slip(20_000)).await.contains("不能据此加油"), "nobody said yes yet");
    yard.office.clock.set(at(12, 1, 10));
    let before = slip(20_000);
    yard.office.clock.set(at(12, 1, 11));
    yard.yes(&permit).await;
    let at_the_pump = NewSlip { at: yard.office.ctx.now(), ..slip(20_000) };
    assert!(refused(&yard, &manager, &before).await.contains("之后才批准"));
    assert!(refused(&yard, &manager, &NewSlip { quantity_ml: 40_001, ..at_the_pump.clone() }).await.contains("40.00"));
    slips::write_down(db, &manager, &at_the_pump).await.unwrap();
    let rest = NewSlip { quantity_ml: 20_001, ..at_the_pump.clone() };
    assert!(refused(&yard, &manager, &rest).await.contains("还可加 20.00 升"));
    let other_car = NewSlip { item: yard.cars[2], ..at_the_pump.clone() };
    assert!(refused(&yard, &yard.manager(2), &other_car).await.contains("是 粤T0000警 的审批"));
    // Two at once may not both have what is left.
    let (one, two) =
        tokio::join!(slips::write_down(db, &manager, &at_the_pump), slips::write_down(db, &manager, &at_the_pump));
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
    let shown = drums::list(db.read(), &manager, 10).await.unwrap();
    assert_eq!(shown.iter().map(|one| (one.quantity_ml, one.filled_ml)).collect::<Vec<_>>(), [(40_000, 40_000)]);
}
