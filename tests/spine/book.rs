//! The book of any past day is what the book said on that day.

use std::collections::BTreeMap;

use hufu::db::Db;
use hufu::imports::{self, Request, What};
use hufu::items::entity::item;
use hufu::items::model::{EventKind, ItemState};
use hufu::items::service::{Change, change};
use hufu::items::store::{self, AsOf};
use hufu::kernel::ids::ItemId;
use hufu::kernel::random::Random;
use hufu::kernel::{Quantity, Timestamp};
use sea_orm::EntityTrait as _;

use super::support::{DAY, MINUTE, Office};

async fn book_now(db: &Db) -> BTreeMap<ItemId, AsOf> {
    let rows = item::Entity::find().all(db.read()).await.unwrap();
    rows.into_iter().map(|row| (row.id, as_of(row))).collect()
}

fn as_of(row: item::Model) -> AsOf {
    AsOf {
        item_id: row.id,
        unit_id: row.unit_id,
        place_id: row.place_id,
        keeper_id: row.keeper_id,
        quantity: row.quantity,
        state: row.state,
        excused_by: row.excused_by,
    }
}

async fn book_at(db: &Db, at: Timestamp) -> BTreeMap<ItemId, AsOf> {
    store::book_as_of(db.read(), at).await.unwrap().into_iter().map(|row| (row.item_id, row)).collect()
}

fn some_change(office: &Office, dice: &Random) -> Change {
    let below = |n: u64| usize::try_from(dice.next_u64() % n).unwrap();
    let (unit, one) = (below(3), below(2));
    match below(5) {
        0 => Change { place: Some(Some(office.places[unit][one])), ..Change::default() },
        1 => Change { keeper: Some((one == 0).then_some(office.people[unit][below(4)])), ..Change::default() },
        2 => Change { quantity: Some(Quantity(i64::try_from(below(4)).unwrap())), ..Change::default() },
        3 => {
            Change { unit: Some(office.units[unit]), excused_by: Some(Some("借条".to_owned())), ..Change::default() }
        }
        _ => {
            let state = [ItemState::InUse, ItemState::Idle, ItemState::OnLoan, ItemState::Disposed][below(4)];
            Change { state: Some(state), ..Change::default() }
        }
    }
}

#[tokio::test]
async fn every_past_day_is_told_as_it_was() {
    let office = Office::found().await;
    let dice = Random::seeded(42);
    let begun = office.ctx.now();
    let mut days = vec![(Timestamp(begun.0 - DAY), BTreeMap::new())];
    for day in 0..30i64 {
        office.clock.set(Timestamp(begun.0 + day * DAY));
        office.register(&[office.new_item(&format!("A-{day}"), 0)]).await;
        for _ in 0..4 {
            office.clock.advance_ms(MINUTE);
            let number = format!("A-{}", dice.next_u64() % 30);
            // Unknown numbers, disposed things and changes that change nothing are refused, and leave no event.
            let _made_or_refused = change(&office.db, &office.ctx, &number, &some_change(&office, &dice), "调整").await;
        }
        days.push((office.ctx.now(), book_now(&office.db).await));
    }
    assert!(days.windows(2).all(|pair| pair[0].1 != pair[1].1));
    for (at, book) in &days {
        assert_eq!(book_at(&office.db, *at).await, *book, "{at}");
        assert_eq!(book_at(&office.db, Timestamp(at.0 + MINUTE)).await, *book, "nothing came until the next day");
    }
    replayed_event_by_event(&office, &days[30].1).await;
}

async fn replayed_event_by_event(office: &Office, book: &BTreeMap<ItemId, AsOf>) {
    for (id, row) in book {
        let events = store::events(office.db.read(), *id).await.unwrap();
        assert_eq!(events[0].kind, EventKind::Registered);
        assert!((1..).zip(&events).all(|(seq, event)| event.seq == seq));
        let last = events.last().unwrap();
        let told = (last.unit_id, last.place_id, last.keeper_id, last.quantity, last.state, last.excused_by.clone());
        let stands = (row.unit_id, row.place_id, row.keeper_id, row.quantity, row.state, row.excused_by.clone());
        assert_eq!(told, stands);
    }
}

/// A file brought in with a mistake, undone, and brought in anew the same day, dated back: that afternoon's going
/// and coming is no movement of the things.
#[tokio::test]
async fn an_import_made_anew_leaves_no_trace_of_the_first_in_any_day() {
    let office = Office::found().await;
    let opening = office.ctx.now();
    office.clock.advance_ms(30 * DAY);
    let brought = |name: &'static str| {
        let path = office.dir.path().join(name);
        std::fs::write(&path, format!("资产编号,资产名称,使用部门,存放地点\nA-1,{name},第0大队,R00\n")).unwrap();
        path
    };
    let (wrong, right) = (brought("电恼"), brought("电脑"));
    for path in [&wrong, &right] {
        let what = What::Assets { effective_at: opening, create_missing: false };
        let request = Request { path, map: Default::default(), dry_run: false, what };
        let report = imports::run(&office.db, &office.ctx, &request).await.unwrap();
        assert_eq!((report.taken, &report.rejects[..]), (1, &[][..]));
        office.clock.advance_ms(MINUTE);
        if path == &wrong {
            imports::undo(&office.db, &office.ctx, report.batch.unwrap()).await.unwrap();
            assert!(store::by_number(office.db.read(), "A-1").await.unwrap().is_none());
            office.clock.advance_ms(MINUTE);
        }
    }
    let thing = store::by_number(office.db.read(), "A-1").await.unwrap().unwrap();
    assert_eq!((thing.name.as_str(), thing.state), ("电脑", ItemState::InUse));
    let kinds: Vec<_> = store::events(office.db.read(), thing.id).await.unwrap().iter().map(|e| e.kind).collect();
    assert_eq!(kinds, [EventKind::Registered, EventKind::Withdrawn, EventKind::Registered]);
    for days in 0..40 {
        let at = Timestamp(opening.0 + days * DAY);
        assert_eq!(book_at(&office.db, at).await[&thing.id].state, ItemState::InUse, "{at}");
        let moved = store::events_since(office.db.read(), at).await.unwrap();
        assert!(moved.is_empty(), "{at}: {moved:?}");
    }
}
