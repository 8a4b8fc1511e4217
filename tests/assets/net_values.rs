//! Net values of the whole book on a day, and who answers for it.

use chrono::{Days, NaiveDate};
use hufu::assets::card::entity::card;
use hufu::assets::card::kinds::Depreciation;
use hufu::assets::card::{intake, sheet as cards};
use hufu::assets::classes;
use hufu::assets::net_values::reckon::reckon;
use hufu::assets::net_values::{self, NetValues, sheet};
use hufu::assets::responsible::service::{self as responsible, Naming};
use hufu::assets::responsible::vacancy;
use hufu::db::DbError;
use hufu::findings::Kind;
use hufu::findings::entity::finding;
use hufu::findings::model::State as Found;
use hufu::items::model::ItemState;
use hufu::items::service::{self, Change, NewItem};
use hufu::journal::RowsDigest;
use hufu::kernel::{Ctx, Fen};
use hufu::org::entity::person::{self, Duty};
use proptest::prelude::*;
use sea_orm::EntityTrait as _;

use super::Office;
use super::yard::{Yard, said};

async fn on(yard: &Yard, ctx: &Ctx, day: NaiveDate) -> NetValues {
    net_values::totals(yard.office.db.read(), ctx, day).await.unwrap()
}

fn new(office: &Office, number: &str, unit: usize, class: &str, value: i64, acquired: Option<&str>) -> NewItem {
    NewItem {
        class_code: class.to_owned(),
        value_fen: Fen(value),
        acquired_on: acquired.map(|day| day.parse().unwrap()),
        ..office.new_item(number, unit)
    }
}

#[tokio::test]
async fn the_book_of_a_day_adds_up_and_what_left_it_is_not_in_it() {
    let yard = Yard::new().await;
    let office = &yard.office;
    let today = office.ctx.now().day();
    office
        .register(&[
            new(office, "A-1", 0, "A02010105", 720_000, Some("2024-01-31")),
            new(office, "A-2", 1, "A02010105", 720_000, Some("2024-01-31")),
            new(office, "A-3", 0, "A05010301", 180_000, Some("2010-05-31")),
            new(office, "A-4", 0, "A03010000", 500_000, Some("2010-05-31")),
            new(office, "A-5", 0, "", 1_000, None),
        ])
        .await;
    let centre = yard.centre();
    // A past day before the book was: nothing.
    assert_eq!(on(&yard, &centre, today - Days::new(400)).await.whole.things, 0);
    let day = NaiveDate::from_ymd_opt(2027, 12, 31).unwrap();
    let values = on(&yard, &centre, day).await;
    // 48 of 72 months; the chair is done after 15 years; the painting and what nobody knows stay whole.
    assert_eq!(values.whole.accumulated, Fen(480_000 * 2 + 180_000));
    assert_eq!(values.whole.net(), Fen(240_000 * 2 + 500_000 + 1_000));
    let counts = (values.whole.things, values.whole.finished, values.whole.not_depreciated, values.whole.unknown);
    assert_eq!(counts, (5, 1, 1, 1));
    let codes: Vec<&str> = values.by_class.iter().map(|of| of.code.as_str()).collect();
    assert_eq!(codes, ["A0201", "A0301", "A0501", ""]);
    assert_eq!(values.by_class[0].name, "信息化设备");
    assert_eq!(values.by_unit.iter().map(|(_, sum)| sum.value).sum::<Fen>(), values.whole.value);
    // One's own unit only.
    let theirs = on(&yard, &yard.manager(1), day).await;
    assert_eq!((theirs.whole.things, theirs.by_unit[0].0), (1, office.units[1]));
    let change = Change { state: Some(ItemState::Disposed), ..Change::default() };
    service::change(&office.db, &centre, "A-1", &change, "报废").await.unwrap();
    // This month's depreciation is not taken any more: on the month's last day it is in the book no longer.
    assert_eq!(on(&yard, &centre, day).await.whole.accumulated, Fen(480_000 + 180_000));
    // Yesterday knows nothing of it, nor of the rest, which entered today.
    assert_eq!(on(&yard, &centre, today - Days::new(1)).await.whole.things, 0);
}

#[tokio::test]
async fn the_workbooks_say_the_same() {
    let yard = Yard::new().await;
    let office = &yard.office;
    office
        .register(&[
            new(office, "A-1", 0, "A02010105", 720_000, Some("2024-01-31")),
            new(office, "A-2", 1, "A02010105", 360_000, Some("2024-01-31")),
        ])
        .await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("net.xlsx");
    let day = NaiveDate::from_ymd_opt(2027, 12, 31).unwrap();
    let values = sheet::write(office.db.read(), &yard.centre(), day, &path).await.unwrap();
    let rows = read(&path, "明细");
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[1][..2], ["A-1", "台式计算机"]);
    assert_eq!(rows[1][6..10], ["7200", "4800", "2400", "提折旧"]);
    let sums = read(&path, "按单位");
    assert_eq!(sums.last().unwrap()[..5], ["合计", "2", "10800", "7200", "3600"]);
    assert_eq!(values.whole.net(), Fen(360_000));
    let path = dir.path().join("cards.xlsx");
    assert_eq!(cards::write(office.db.read(), &yard.manager(1), &path).await.unwrap(), 1);
    let rows = read(&path, "资产卡片");
    assert_eq!(rows[0][..5], ["资产编号", "资产大类", "资产分类", "资产名称", "财务入账日期"]);
    assert_eq!(rows[1][..4], ["A-2", "设备", "台式计算机", "台式计算机"]);
    assert_eq!(rows[1][10..16], ["3600", "3600", "0", "", "自用", "第1大队"]);
}

fn read(path: &std::path::Path, sheet: &str) -> Vec<Vec<String>> {
    use calamine::Reader as _;
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).unwrap();
    let page = book.worksheet_range(sheet).unwrap();
    page.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

const CLASSES: [&str; 5] = ["A02010105", "A05010301", "A03010000", "A01010100", ""];

/// A thing as the property test makes it: class, value, acquired so many days before today, unit, how its card stands.
type Made = (usize, i64, Option<u64>, usize, Option<usize>);

fn made() -> impl Strategy<Value = Vec<Made>> {
    let one =
        (0usize..5, 0i64..50_000_000, proptest::option::of(0u64..9_000), 0usize..3, proptest::option::of(0usize..3));
    proptest::collection::vec(one, 1..12)
}

/// The sums of a day are the sums over the things, each reckoned by itself, whatever the things are.
#[test]
fn the_pass_is_the_sum_of_its_things() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 12, ..ProptestConfig::default() });
    let strategy = (made(), 0u64..8_000);
    let checked = runner.run(&strategy, |(things, ahead)| {
        runtime.block_on(sums(&things, ahead));
        Ok(())
    });
    checked.unwrap();
}

async fn sums(things: &[Made], ahead: u64) {
    let yard = Yard::new().await;
    let office = &yard.office;
    let today = office.ctx.now().day();
    let new: Vec<NewItem> = things
        .iter()
        .enumerate()
        .map(|(n, (class, value, days, unit, _))| NewItem {
            acquired_on: days.map(|days| today - Days::new(days)),
            ..new(office, &format!("P-{n}"), *unit, CLASSES[*class], *value, None)
        })
        .collect();
    let rows = office.register(&new).await;
    let stands = [Depreciation::Depreciating, Depreciation::NotDepreciated, Depreciation::Finished];
    let filled: Vec<card::Model> = rows
        .iter()
        .zip(things)
        .filter_map(|(row, made)| Some(card::Model { depreciation: stands[made.4?], ..card::Model::blank(row) }))
        .collect();
    let cards: hashbrown::HashMap<_, _> = filled.iter().map(|card| (card.item_id, card.clone())).collect();
    let written = office.db.write(async |tx| {
        intake::fill(tx, filled.clone(), &mut RowsDigest::new(&office.ctx)).await?;
        Ok::<_, DbError>(())
    });
    written.await.unwrap();
    let day = today + Days::new(ahead);
    let all = classes::load(office.db.read()).await.unwrap();
    let (mut value, mut net) = (Fen::ZERO, Fen::ZERO);
    for row in &rows {
        let card = cards.get(&row.id).cloned().unwrap_or_else(|| card::Model::blank(row));
        let worth = reckon(&all, row, &card, &[], day).worth;
        assert!(Fen::ZERO <= worth.accumulated && worth.accumulated <= row.value_fen);
        value += worth.value;
        net += worth.net();
    }
    let values = on(&yard, &yard.centre(), day).await;
    assert_eq!((values.whole.value, values.whole.net()), (value, net));
    for sums in [
        values.by_unit.iter().map(|(_, sum)| sum.net()).sum::<Fen>(),
        values.by_class.iter().map(|of| of.sum.net()).sum::<Fen>(),
    ] {
        assert_eq!(sums, net);
    }
}

fn naming(yard: &Yard, unit: usize, duty: Duty, person: (usize, usize), from: NaiveDate) -> Naming {
    let (unit, person) = (yard.office.units[unit], yard.office.people[person.0][person.1]);
    Naming { unit, duty, person, from, reason: "任免〔2026〕3 号".to_owned() }
}

#[tokio::test]
async fn who_answers_is_named_follows_and_ends() {
    let yard = Yard::new().await;
    let office = &yard.office;
    let (db, centre, today) = (&office.db, yard.centre(), office.ctx.now().day());
    let before = today - Days::new(30);
    let name = async |new: Naming| responsible::name(db, &centre, &new).await;
    let first = name(naming(&yard, 0, Duty::Head, (0, 2), before)).await.unwrap();
    for (new, sentence) in [
        (naming(&yard, 0, Duty::Head, (0, 2), today), "已经是"),
        (naming(&yard, 0, Duty::Head, (0, 3), before - Days::new(1)), "不能早于现任"),
        (naming(&yard, 0, Duty::Head, (0, 3), today + Days::new(1)), "不能晚于今天"),
        (naming(&yard, 0, Duty::Member, (0, 3), today), "应为单位主要负责人"),
        (Naming { reason: " ".to_owned(), ..naming(&yard, 0, Duty::Head, (0, 3), today) }, "依据"),
    ] {
        let text = said(name(new).await);
        assert!(text.contains(sentence), "{sentence}: {text}");
    }
    assert!(responsible::name(db, &yard.manager(0), &naming(&yard, 0, Duty::Head, (0, 3), today)).await.is_err());
    let second = name(naming(&yard, 0, Duty::Head, (0, 3), today)).await.unwrap();
    let history = responsible::history(db.read(), &centre, Some(office.units[0])).await.unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!((history[1].id, history[1].until_on), (first.id, Some(today)));
    // The person says so too, and nobody else of the unit does.
    let duties = async || {
        let people = person::Entity::find().all(db.read()).await.unwrap();
        let heads = people.into_iter().filter(|one| one.unit_id == office.units[0] && one.duty == Duty::Head);
        heads.map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!(duties().await, [office.people[0][3]]);
    assert!(said(responsible::end(db, &centre, first.id, None, today, "x").await).contains("已经结束"));
    assert!(said(responsible::end(db, &centre, second.id, None, before, "x").await).contains("结束日期应在"));
    assert!(matches!(
        responsible::end(db, &centre, second.id, Some(9), today, "调离").await,
        Err(hufu::assets::AssetError::Db(DbError::Stale))
    ));
    responsible::end(db, &centre, second.id, Some(1), today, "调离").await.unwrap();
    assert_eq!(duties().await, []);
}

#[tokio::test]
async fn a_unit_without_one_is_a_finding_once_and_naming_settles_it() {
    let yard = Yard::new().await;
    let office = &yard.office;
    let (db, centre, today) = (&office.db, yard.centre(), office.ctx.now().day());
    // Nobody has anything: nobody lacks anybody.
    assert_eq!(vacancy::mark(db, &office.ctx).await.unwrap(), 0);
    yard.stock(2).await;
    // Head and manager came with the list of people; the supervising leader nobody has named.
    assert_eq!(vacancy::mark(db, &office.ctx).await.unwrap(), 1);
    assert_eq!(vacancy::mark(db, &office.ctx).await.unwrap(), 0, "once");
    let found = async || {
        let all = finding::Entity::find().all(db.read()).await.unwrap();
        all.into_iter().filter(|row| row.kind == Kind::NoResponsible).collect::<Vec<_>>()
    };
    let open = found().await.remove(0);
    assert_eq!((open.state, open.unit_id), (Found::Open, Some(office.units[0])));
    assert!(open.title.contains("管理领导"), "{}", open.title);
    let new = naming(&yard, 0, Duty::SupervisingLeader, (0, 2), today);
    let row = responsible::name(db, &centre, &new).await.unwrap();
    assert_eq!(found().await[0].state, Found::Explained, "to be verified");
    assert_eq!(vacancy::vacant(db.read()).await.unwrap(), []);
    // When they leave it, it is another time.
    responsible::end(db, &centre, row.id, None, today, "调离").await.unwrap();
    assert_eq!(vacancy::mark(db, &office.ctx).await.unwrap(), 1);
    assert_eq!(found().await.len(), 2);
    let now = vacancy::of_unit(db.read(), office.units[0]).await.unwrap();
    assert_eq!(now.map(|one| one.is_some()), [true, false, true]);
}
