//! Cards: filled in, put right, with the book; classes of both editions; what each class is worth by hand.

use chrono::NaiveDate;
use hufu::access::Role;
use hufu::assets::AssetError;
use hufu::assets::card::entity::card;
use hufu::assets::card::kinds::{Acquisition, Depreciation, Form, Quota, Structure, Valuation, VehicleUse};
use hufu::assets::card::service::{self, Edit};
use hufu::assets::classes;
use hufu::assets::classes::catalogue::{Life, RuleKind};
use hufu::assets::classes::service::NewClass;
use hufu::assets::depreciation::Standing;
use hufu::assets::movements::model::Kind;
use hufu::assets::net_values::reckon::{even_month, reckon};
use hufu::db::DbError;
use hufu::items::correcting::Facts;
use hufu::items::entity::item;
use hufu::items::labels::{self, Printing, Subject};
use hufu::items::service::NewItem;
use hufu::items::{ItemError, store};
use hufu::kernel::{Ctx, Fen};

use super::web::holding;
use super::yard::{Yard, plain, said};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A card that lacks nothing of its own.
fn full(thing: &item::Model) -> card::Model {
    card::Model {
        acquisition: Some(Acquisition::Purchase),
        booked_on: Some(day("2024-02-03")),
        in_service_on: Some(day("2024-02-01")),
        ..card::Model::blank(thing)
    }
}

fn edit(card: card::Model) -> Edit {
    let facts = Facts { acquired_on: Some(Some(day("2024-01-31"))), ..Facts::default() };
    Edit { card, facts, from: None, reason: "按合同填写".to_owned() }
}

fn again(card: card::Model) -> Edit {
    Edit { facts: Facts::default(), ..edit(card) }
}

async fn set(yard: &Yard, ctx: &Ctx, number: &str, edit: &Edit) -> Result<(item::Model, card::Model), AssetError> {
    service::set(&yard.office.db, ctx, number, None, edit).await
}

#[tokio::test]
async fn a_card_is_filled_in_and_the_book_changes_with_it() {
    let yard = Yard::new().await;
    let thing = yard.stock(1).await.remove(0);
    let (manager, db) = (yard.manager(0), &yard.office.db);
    labels::print(db, &manager, &[Subject::Item(thing.id)], "asset-60x40", Printing::Again).await.unwrap();
    let (_, blank) = service::show(db.read(), &manager, "t-0").await.unwrap();
    assert_eq!((blank.version, blank.form, blank.fiscal_fen), (0, Form::General, thing.value_fen));
    let (after, card) = set(&yard, &manager, "T-0", &edit(full(&thing))).await.unwrap();
    assert_eq!((after.acquired_on, after.version, card.version), (Some(day("2024-01-31")), 2, 1));
    let waits = store::reprint_queue(db.read()).await.unwrap();
    assert_eq!(waits.len(), 1, "the label shows the day of acquisition");
    assert_eq!(store::events(db.read(), thing.id).await.unwrap().len(), 2);
    // Nothing of the book, so no event; the old version no more.
    let renamed = card::Model { supplier: "某公司".to_owned(), ..card.clone() };
    let (same, card) = set(&yard, &manager, "T-0", &again(renamed)).await.unwrap();
    assert_eq!((same.version, card.version, card.supplier.as_str()), (2, 2, "某公司"));
    let stale = service::set(db, &manager, "T-0", Some(1), &again(full(&thing))).await;
    assert!(matches!(stale, Err(AssetError::Db(DbError::Stale))));
    assert!(matches!(
        set(&yard, &manager, "T-0", &again(card)).await,
        Err(AssetError::Item(ItemError::NothingToChange))
    ));
}

#[tokio::test]
async fn what_a_card_may_not_say() {
    let yard = Yard::new().await;
    let thing = yard.stock(1).await.remove(0);
    let manager = yard.manager(0);
    let card = || full(&thing);
    let facts = |facts: Facts| Edit { facts, ..edit(card()) };
    let vehicle = |card: card::Model| card::Model { form: Form::Vehicle, vin: "LSV1".to_owned(), ..card };
    for (edit, sentence) in [
        (Edit { reason: " ".to_owned(), ..edit(card()) }, "变更原因"),
        (edit(card::Model { acquisition: None, ..card() }), "请填写取得方式"),
        (edit(card::Model { in_service_on: None, ..card() }), "请填写投入使用日期"),
        (facts(Facts::default()), "请填写取得日期"),
        (edit(card::Model { fiscal_fen: Fen(1), ..card() }), "之和应等于价值"),
        (edit(card::Model { plate: "粤T1".to_owned(), ..card() }), "只有车辆卡片"),
        (edit(vehicle(card())), "请填写车牌号"),
        (edit(card::Model { form: Form::Building, ..card() }), "请填写坐落位置"),
        (edit(card::Model { valuation: Valuation::Nominal, ..card() }), "不计提折旧"),
        (edit(card::Model { life_years: Some(0), ..card() }), "1 至 100 年"),
        (Edit { from: Some(day("2025-01-01")), ..edit(card()) }, "没有变更，不需填写"),
        (facts(Facts { acquired_on: Some(Some(day("2999-01-01"))), ..Facts::default() }), "不能晚于今天"),
        // A code of the old edition: one that may be two classes, and one that nobody has mapped.
        (facts(Facts { class_code: Some("6010000".to_owned()), ..Facts::default() }), "A0501 家具、A0502 用具"),
        (facts(Facts { class_code: Some("9990000".to_owned()), ..Facts::default() }), "没有登记对应"),
        (facts(Facts { class_code: Some("电脑".to_owned()), ..Facts::default() }), "不是 GB/T 14885"),
        // Who keeps the cards does not alone put a value right.
        (
            Edit {
                facts: Facts {
                    value_fen: Some(Fen(100)),
                    acquired_on: Some(Some(day("2024-01-31"))),
                    ..Facts::default()
                },
                ..edit(card::Model { fiscal_fen: Fen(100), ..card() })
            },
            "更正价值",
        ),
    ] {
        let text = said(set(&yard, &manager, "T-0", &edit).await);
        assert!(text.contains(sentence), "{sentence}: {text}");
    }
    assert!(matches!(set(&yard, &yard.manager(1), "T-0", &edit(card())).await, Err(AssetError::NotFound(_))));
    assert!(matches!(set(&yard, &yard.member(0, 2), "T-0", &edit(card())).await, Err(AssetError::Forbidden(_))));
    let whole = edit(card::Model {
        vin: "LSVAA4182E2123456".to_owned(),
        plate: "粤T1234警".to_owned(),
        quota: Some(Quota::InQuota),
        vehicle_use: Some(VehicleUse::Enforcement),
        registered_on: Some(day("2024-02-01")),
        seats: Some(5),
        form: Form::Vehicle,
        ..card()
    });
    set(&yard, &manager, "T-0", &whole).await.unwrap();
}

#[tokio::test]
async fn an_old_code_is_mapped_and_remembered_and_a_document_holds_the_book() {
    let yard = Yard::new().await;
    let things = yard.stock(2).await;
    let manager = yard.manager(0);
    let facts = Facts { class_code: Some("2010105".to_owned()), ..edit(full(&things[0])).facts };
    let (thing, card) = set(&yard, &manager, "T-0", &Edit { facts, ..edit(full(&things[0])) }).await.unwrap();
    assert_eq!((thing.class_code.as_str(), thing.class_name.as_str()), ("A02010108", "便携式计算机"));
    assert_eq!(card.old_class_code, "2010105");
    yard.asked(&yard.transfer(&["T-1"])).await;
    let refused = said(set(&yard, &manager, "T-1", &edit(full(&things[1]))).await);
    assert!(refused.contains("正在办理调拨"), "{refused}");
    // What the book does not say may be filled in meanwhile.
    let own = Edit { facts: Facts::default(), ..edit(full(&things[1])) };
    assert!(said(set(&yard, &manager, "T-1", &own).await).contains("请填写取得日期"));
}

#[tokio::test]
async fn a_value_put_right_holds_from_the_beginning_or_from_its_month_on() {
    let yard = Yard::new().await;
    let thing = yard.stock(1).await.remove(0);
    let (centre, db) = (yard.centre(), &yard.office.db);
    let (_, first) = set(&yard, &yard.manager(0), "T-0", &edit(full(&thing))).await.unwrap();
    let worth = async |on: &str| {
        let (thing, card) = service::show(db.read(), &centre, "T-0").await.unwrap();
        let (all, bases) =
            (classes::load(db.read()).await.unwrap(), service::bases_of(db.read(), thing.id).await.unwrap());
        let worth = reckon(&all, &thing, &card, &bases, day(on)).worth;
        (worth.value.0, worth.accumulated.0)
    };
    // 4,500.00 over 72 months from January 2024 on: 62.50 each.
    assert_eq!(worth("2025-12-31").await, (450_000, 24 * 6_250));
    let value = |value: i64, from: Option<&str>, card: &card::Model| Edit {
        facts: Facts { value_fen: Some(Fen(value)), ..Facts::default() },
        from: from.map(day),
        ..edit(card::Model { fiscal_fen: Fen(value), ..card.clone() })
    };
    let (_, second) = set(&yard, &centre, "T-0", &value(690_000, Some("2026-01-15"), &first)).await.unwrap();
    // 3,000.00 were left, and 2,400.00 come to it: 5,400.00 over 48 months, 112.50 each.
    assert_eq!(worth("2025-12-31").await, (450_000, 150_000));
    assert_eq!(worth("2026-01-31").await, (690_000, 161_250));
    assert_eq!(worth("2029-12-31").await, (690_000, 690_000));
    assert!(
        said(set(&yard, &centre, "T-0", &value(1, Some("2023-12-31"), &second)).await).contains("不能早于取得日期")
    );
    // It was never more than 720.00: an error, from the beginning.
    set(&yard, &centre, "T-0", &value(72_000, None, &second)).await.unwrap();
    assert_eq!(worth("2025-12-31").await, (72_000, 24_000));
    assert_eq!(worth("2026-01-31").await, (72_000, 25_000));
}

/// What an office works out by hand for each class of the table (财会〔2017〕4号 附表): years, the value in yuan, an even
/// month, what twelve months have taken, the last month.
const BY_HAND: &[(&str, &str, u32, &str, &str, &str, &str)] = &[
    ("A01010100", "concrete", 50, "6000000.00", "10000.00", "120000.00", "10000.00"),
    ("A01010100", "brick", 30, "1000000.00", "2777.78", "33333.36", "2776.98"),
    ("A01010100", "simple", 8, "96000.00", "1000.00", "12000.00", "1000.00"),
    ("A01020100", "", 8, "50000.00", "520.83", "6249.96", "521.15"),
    ("A02010105", "", 6, "5999.00", "83.32", "999.84", "83.28"),
    ("A02021004", "", 6, "1499.00", "20.82", "249.84", "20.78"),
    ("A02030501", "", 8, "179800.00", "1872.92", "22475.04", "1872.60"),
    ("A02040100", "", 5, "8800.00", "146.67", "1760.04", "146.47"),
    ("A02050100", "", 10, "25000.00", "208.33", "2499.96", "208.73"),
    ("A02061804", "", 5, "3299.00", "54.98", "659.76", "55.18"),
    ("A02070100", "", 10, "98000.00", "816.67", "9800.04", "816.27"),
    ("A02080100", "", 5, "2680.00", "44.67", "536.04", "44.47"),
    ("A02091001", "", 5, "4999.00", "83.32", "999.84", "83.12"),
    ("A02100100", "", 5, "12345.67", "205.76", "2469.12", "205.83"),
    ("A02110100", "", 5, "7000.00", "116.67", "1400.04", "116.47"),
    ("A02120100", "", 5, "1000.00", "16.67", "200.04", "16.47"),
    ("A02340100", "", 10, "60000.00", "500.00", "6000.00", "500.00"),
    ("A02370000", "", 3, "3600.01", "100.00", "1200.00", "100.01"),
    ("A05010301", "", 15, "1200.00", "6.67", "80.04", "6.07"),
    ("A05020100", "", 5, "600.00", "10.00", "120.00", "10.00"),
    ("A05030100", "", 5, "899.00", "14.98", "179.76", "15.18"),
    // A trade's own equipment without a row of its own.
    ("A02200100", "", 10, "15000.00", "125.00", "1500.00", "125.00"),
];

#[tokio::test]
async fn each_class_is_depreciated_as_worked_out_by_hand() {
    let yard = Yard::new().await;
    let db = yard.office.db.read();
    let all = classes::load(db).await.unwrap();
    let yuan = |text: &str| Fen::parse_yuan(text).unwrap();
    for (class_code, structure, years, value, month, year, last) in BY_HAND {
        // Bought on the 31st of January 2020: the month counts.
        let thing = item::Model {
            class_code: (*class_code).to_owned(),
            value_fen: yuan(value),
            acquired_on: Some(day("2020-01-31")),
            ..blank_thing()
        };
        let structure = Structure::ALL.iter().copied().find(|known| known.as_str() == *structure);
        let card = card::Model { structure, ..card::Model::blank(&thing) };
        let on = |on: NaiveDate| reckon(&all, &thing, &card, &[], on);
        let known = on(day("2020-01-31"));
        assert_eq!(known.months, Some(i32::try_from(*years * 12).unwrap()), "{class_code}");
        assert_eq!(even_month(thing.value_fen, *years), yuan(month), "{class_code}");
        assert_eq!(known.worth.accumulated, yuan(month), "{class_code}: the first month");
        assert_eq!(on(day("2020-01-30")).worth.accumulated, Fen::ZERO);
        assert_eq!(on(day("2020-12-31")).worth.accumulated, yuan(year), "{class_code}: the first year");
        let end = NaiveDate::from_ymd_opt(2019 + i32::try_from(*years).unwrap(), 12, 31).unwrap();
        let over = on(end);
        assert_eq!(over.monthly, yuan(last), "{class_code}: the last month");
        assert_eq!((over.worth.net(), over.worth.standing), (Fen::ZERO, Standing::Finished), "{class_code}");
        assert_eq!(on(end.pred_opt().unwrap()).worth.net(), yuan(last), "{class_code}: before the last day");
    }
    for class_code in ["A03010000", "A04010100", "A06010000", "A08050101", "A07010000"] {
        assert_eq!(all.life(class_code, "", day("2026-01-01")), Life::Not, "{class_code}");
    }
}

fn blank_thing() -> item::Model {
    item::Model {
        id: hufu::kernel::ids::ItemId(sea_orm::prelude::Uuid::from_u128(1)),
        kind: hufu::items::model::ItemKind::FixedAsset,
        item_number: String::new(),
        number_key: String::new(),
        name: String::new(),
        specification: String::new(),
        serial_number: String::new(),
        class_code: String::new(),
        class_name: String::new(),
        brand: String::new(),
        measure_unit: String::new(),
        unit_id: hufu::kernel::ids::UnitId(sea_orm::prelude::Uuid::from_u128(2)),
        place_id: None,
        keeper_id: None,
        quantity: hufu::kernel::Quantity::ONE,
        state: hufu::items::model::ItemState::InUse,
        excused_by: None,
        value_fen: Fen::ZERO,
        acquired_on: None,
        batch_id: None,
        version: 1,
    }
}

#[tokio::test]
async fn the_security_administrator_sets_classes_anew() {
    let yard = Yard::new().await;
    let office = &yard.office;
    let db = &office.db;
    let security = holding(office, office.people[2][2], Role::SecurityAdministrator, None);
    let today = office.ctx.now().day();
    let new = |code: &str| NewClass {
        code: code.to_owned(),
        structure: None,
        name: "无人机".to_owned(),
        rule: RuleKind::Years,
        life_years: Some(4),
        effective_from: today,
        source: "市财政局通知".to_owned(),
    };
    for (wrong, sentence) in [
        (NewClass { code: "0201".to_owned(), ..new("") }, "A 加"),
        (NewClass { life_years: None, ..new("A0299") }, "1 至 100"),
        (NewClass { rule: RuleKind::Inherit, ..new("A0299") }, "只有按年限"),
        (NewClass { structure: Some(Structure::Brick), ..new("A0299") }, "只有房屋"),
        (NewClass { effective_from: today.pred_opt().unwrap(), ..new("A0299") }, "不能追溯"),
        (NewClass { source: " ".to_owned(), ..new("A0299") }, "不能为空"),
    ] {
        let text = said(classes::service::set(db, &security, &wrong).await);
        assert!(text.contains(sentence), "{sentence}: {text}");
    }
    assert!(matches!(classes::service::set(db, &yard.centre(), &new("A0299")).await, Err(AssetError::Forbidden(_))));
    classes::service::set(db, &security, &new("A0299")).await.unwrap();
    let shorter = NewClass { name: "信息化设备".to_owned(), ..new("A0201") };
    assert_eq!(classes::service::set(db, &security, &shorter).await.unwrap().version, 2);
    let all = classes::service::current(db).await.unwrap();
    assert_eq!(all.life("A02990101", "", today), Life::Years(4));
    assert_eq!(all.life("A02010105", "", today), Life::Years(4));
    assert_eq!(all.life("A02010105", "", today.pred_opt().unwrap()), Life::Years(6));
    let codes = ["A0501".to_owned()];
    classes::service::map(db, &security, "6010000", &codes, "本局家具都是家具").await.unwrap();
    let all = classes::service::current(db).await.unwrap();
    assert_eq!(all.recognise("6010000").unwrap().code(), "A0501");
    let foreign = classes::service::map(db, &security, "6010000", &["家具".to_owned()], "x").await;
    assert!(said(foreign).contains("不是 2022 版代码"));
}

#[tokio::test]
async fn scrapping_before_the_life_of_its_class_says_why() {
    let yard = Yard::new().await;
    let new =
        |number: &str, acquired: &str| NewItem { acquired_on: Some(day(acquired)), ..yard.office.new_item(number, 0) };
    yard.office.register(&[new("Y-1", "2024-01-31"), new("O-1", "2019-01-31")]).await;
    let refused = said(yard.ask(&yard.manager(0), &plain(Kind::Scrap, &["Y-1"])).await);
    assert!(refused.contains("2030-01-31"), "{refused}");
    yard.asked(&plain(Kind::Scrap, &["O-1"])).await;
}

#[tokio::test]
async fn depreciation_as_the_card_says() {
    let yard = Yard::new().await;
    let thing = yard.stock(1).await.remove(0);
    let all = classes::load(yard.office.db.read()).await.unwrap();
    let thing = item::Model { acquired_on: Some(day("2024-01-31")), ..thing };
    for (depreciation, accumulated) in
        [(Depreciation::Depreciating, 75_000), (Depreciation::NotDepreciated, 0), (Depreciation::Finished, 450_000)]
    {
        let card = card::Model { depreciation, ..full(&thing) };
        let worth = reckon(&all, &thing, &card, &[], day("2024-12-31")).worth;
        assert_eq!(worth.accumulated, Fen(accumulated), "{depreciation:?}");
    }
}
