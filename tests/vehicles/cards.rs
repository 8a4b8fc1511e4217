//! One card a car and one car a card on any day; a card that is lost is held by nobody.

use chrono::NaiveDate;
use hufu::db::DbError;
use hufu::kernel::Fen;
use hufu::vehicles::VehicleError;
use hufu::vehicles::cards::entity::{card, holding};
use hufu::vehicles::cards::model::{CardKind, CardState, Supplier};
use hufu::vehicles::cards::service::{self as cards, Give, NewCard, Turn};
use hufu::vehicles::cards::store;
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};

use super::park::{PLATES, Park, day, said};

fn new_card(park: &Park, number: &str, kind: CardKind) -> NewCard {
    NewCard {
        number: number.to_owned(),
        kind,
        supplier: Supplier::Sinopec,
        master: None,
        unit: park.office.units[0],
        fill_limit: Some(Fen(30_000)),
        day_limit: None,
        note: String::new(),
    }
}

async fn enter(park: &Park, number: &str) -> card::Model {
    cards::enter(&park.office.db, &park.manager(0), &new_card(park, number, CardKind::Sub)).await.unwrap()
}

async fn give(
    park: &Park,
    number: &str,
    car: usize,
    from: &str,
    until: Option<&str>,
) -> Result<holding::Model, VehicleError> {
    let give =
        Give { car: PLATES[car].to_owned(), from_on: day(from), until_on: until.map(day), reason: String::new() };
    cards::give(&park.office.db, &park.centre(), number, &give).await
}

#[tokio::test]
async fn cards_are_what_they_say() {
    let park = Park::new().await;
    let (db, manager) = (&park.office.db, park.manager(0));
    let master = cards::enter(db, &manager, &new_card(&park, "１００１１１", CardKind::Master)).await.unwrap();
    assert_eq!(master.number, "100111");
    let with = |change: &dyn Fn(&mut NewCard)| {
        let mut new = new_card(&park, "100222", CardKind::Sub);
        change(&mut new);
        new
    };
    for (new, sentence) in [
        (with(&|new| new.number = "12".into()), "4 至 32 位"),
        (with(&|new| new.number = "1234\u{0}".into()), "4 至 32 位"),
        (with(&|new| new.number = "100111".into()), "已登记"),
        (with(&|new| new.master = Some("999999".into())), "没有主卡"),
        (with(&|new| new.fill_limit = Some(Fen(0))), "大于零"),
        (with(&|new| (new.kind, new.master) = (CardKind::Master, Some("100111".into()))), "没有上级主卡"),
    ] {
        let refused = said(cards::enter(db, &manager, &new).await);
        assert!(refused.contains(sentence), "{refused}");
    }
    let sub = cards::enter(db, &manager, &with(&|new| new.master = Some("100111".into()))).await.unwrap();
    assert_eq!(sub.master_id, Some(master.id));
    assert!(cards::enter(db, &park.manager(1), &with(&|new| new.number = "100333".into())).await.is_err());
    assert!(said(give(&park, "100111", 0, "2026-11-01", None).await).contains("主卡只用于管理"));
}

#[tokio::test]
async fn which_car_held_which_card_on_any_day() {
    let park = Park::new().await;
    let (one, other) = (enter(&park, "100001").await, enter(&park, "100002").await);
    give(&park, "100001", 0, "2026-11-01", None).await.unwrap();
    assert!(said(give(&park, "100001", 1, "2026-11-05", None).await).contains("已配给 粤T10001"));
    assert!(said(give(&park, "100002", 0, "2026-11-05", None).await).contains("一车一卡"));
    assert!(said(give(&park, "100002", 1, "2026-11-05", Some("2026-11-04")).await).contains("不能早于"));
    cards::take_back(&park.office.db, &park.manager(0), "100001", day("2026-11-09")).await.unwrap();
    assert!(
        said(cards::take_back(&park.office.db, &park.manager(0), "100001", day("2026-11-10")).await)
            .contains("没有配给")
    );
    give(&park, "100001", 1, "2026-11-10", Some("2026-11-20")).await.unwrap();
    give(&park, "100002", 0, "2026-11-10", None).await.unwrap();
    let db = park.office.db.read();
    let (first, second) = (park.car(0).await.item.id, park.car(1).await.item.id);
    for (on, of_one, of_other) in [
        ("2026-10-31", None, None),
        ("2026-11-01", Some(first), None),
        ("2026-11-09", Some(first), None),
        ("2026-11-10", Some(second), Some(first)),
        ("2026-11-20", Some(second), Some(first)),
        ("2026-11-21", None, Some(first)),
    ] {
        let held = async |card| store::holder_on(db, card, day(on)).await.unwrap().map(|row| row.item_id);
        assert_eq!((held(one.id).await, held(other.id).await), (of_one, of_other), "{on}");
    }
}

/// The schema itself refuses two on one day, whoever writes them, on insert and on update.
#[tokio::test]
async fn the_schema_keeps_days_apart() {
    let park = Park::new().await;
    let (one, other) = (enter(&park, "100001").await, enter(&park, "100002").await);
    let (first, second) = (park.car(0).await.item.id, park.car(1).await.item.id);
    let row = |card: &card::Model, item_id, from: NaiveDate, until: Option<NaiveDate>| holding::Model {
        id: park.office.ctx.new_id(),
        card_id: card.id,
        item_id,
        from_on: from,
        until_on: until,
        reason: String::new(),
        given_by: String::new(),
        given_at: park.office.ctx.now(),
        version: 1,
    };
    let insert = async |row: holding::Model| {
        let write =
            park.office.db.write(async |tx| row.clone().into_active_model().insert(tx).await.map_err(DbError::from));
        write.await
    };
    let (d1, d5, d6, d9) = (day("2026-11-01"), day("2026-11-05"), day("2026-11-06"), day("2026-11-09"));
    let held = insert(row(&one, first, d1, Some(d5))).await.unwrap();
    for bad in [row(&one, second, d5, None), row(&other, first, d1, Some(d1)), row(&other, first, d1, None)] {
        match insert(bad).await {
            Err(DbError::Constraint { field, .. }) => assert_eq!(field, "from_on"),
            other => panic!("{other:?}"),
        }
    }
    insert(row(&one, second, d6, Some(d9))).await.unwrap();
    insert(row(&other, first, d6, None)).await.unwrap();
    let longer = park.office.db.write(async |tx| {
        let mut active = held.clone().into_active_model();
        active.until_on = sea_orm::ActiveValue::Set(Some(d6));
        active.update(tx).await.map_err(DbError::from)
    });
    assert!(matches!(longer.await, Err(DbError::Constraint { .. })), "an update that overlaps");
}

#[tokio::test]
async fn a_lost_card_is_replaced_from_that_day_on() {
    let park = Park::new().await;
    let (db, manager) = (&park.office.db, park.manager(0));
    let (one, _) = (enter(&park, "100001").await, enter(&park, "100002").await);
    give(&park, "100001", 0, "2026-10-01", None).await.unwrap();
    let turn = async |number: &str, to, heir: Option<&str>| {
        let new = Turn { to, on: day("2026-11-01"), replaced_by: heir.map(str::to_owned), reason: "丢失".to_owned() };
        cards::turn(db, &manager, number, None, &new).await
    };
    assert!(said(turn("100001", CardState::Replaced, None).await).contains("新卡号"));
    assert!(said(turn("100001", CardState::Lost, Some("100002")).await).contains("新卡号"));
    assert!(said(turn("100001", CardState::Replaced, Some("999999")).await).contains("未登记"));
    assert!(said(turn("100001", CardState::Replaced, Some("100001")).await).contains("另一张"));
    assert!(said(turn("100001", CardState::InUse, None).await).contains("已是在用"));
    let replaced = turn("100001", CardState::Replaced, Some("100002")).await.unwrap();
    assert_eq!(replaced.state, CardState::Replaced);
    let car = park.car(0).await.item.id;
    let on = async |text: &str| {
        let held = store::card_on(db.read(), car, day(text)).await.unwrap().unwrap();
        store::by_id(db.read(), held.card_id).await.unwrap().unwrap().number
    };
    assert_eq!((on("2026-10-31").await.as_str(), on("2026-11-01").await.as_str()), ("100001", "100002"));
    assert!(said(turn("100001", CardState::Lost, None).await).contains("已换卡"));
    turn("100002", CardState::Lost, None).await.unwrap_err();
    assert!(said(give(&park, "100001", 1, "2026-11-02", None).await).contains("已换卡"));
    let stopped =
        Turn { to: CardState::Stopped, on: day("2026-11-02"), replaced_by: None, reason: "停用".to_owned() };
    assert!(said(cards::turn(db, &manager, "100002", None, &stopped).await).contains("不能晚于今天"));
    park.stand_at("2026-11-03 08:00");
    cards::turn(db, &manager, "100002", None, &stopped).await.unwrap();
    assert!(store::card_on(db.read(), car, day("2026-11-03")).await.unwrap().is_none());
    assert!(store::holder_on(db.read(), one.id, day("2026-10-15")).await.unwrap().is_some(), "the past stays");
}
