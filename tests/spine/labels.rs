//! The life of a label: printed, printed again, renewed, claimed, voided; and when a new one is due.

use hufu::items::ItemError;
use hufu::items::labels::{self, Printing, Resolved, Subject};
use hufu::items::model::LabelState;
use hufu::items::service::{Change, change};
use hufu::items::store;
use hufu::kernel::Quantity;
use hufu::kernel::ids::ItemId;
use hufu_labels::code::LabelCode;

use super::support::Office;

const TEMPLATE: &str = "asset-60x40";

async fn one_thing() -> (Office, Subject, ItemId) {
    let office = Office::found().await;
    let id = office.register(&[office.new_item("A-1", 0)]).await.remove(0).id;
    (office, Subject::Item(id), id)
}

async fn printed(office: &Office, subject: Subject, printing: Printing) -> LabelCode {
    labels::print(&office.db, &office.ctx, &[subject], TEMPLATE, printing).await.unwrap().remove(0)
}

async fn resolved(office: &Office, code: LabelCode) -> Resolved {
    labels::resolve(office.db.read(), code.as_str()).await.unwrap()
}

async fn queued(office: &Office) -> Vec<ItemId> {
    store::reprint_queue(office.db.read()).await.unwrap().into_iter().map(|row| row.item_id).collect()
}

#[tokio::test]
async fn printed_again_it_is_the_same_renewed_it_is_another() {
    let (office, thing, id) = one_thing().await;
    assert_eq!(labels::resolve(office.db.read(), "a－1").await.unwrap(), Resolved::Number(id));
    let first = printed(&office, thing, Printing::Again).await;
    assert_eq!(printed(&office, thing, Printing::Again).await, first);
    assert_eq!(resolved(&office, first).await, Resolved::Current(thing));
    let second = printed(&office, thing, Printing::Renew).await;
    assert_ne!(second, first);
    assert_eq!(resolved(&office, first).await, Resolved::Superseded(thing));
    assert_eq!(resolved(&office, second).await, Resolved::Current(thing));
    let lower = second.as_str().to_lowercase();
    assert_eq!(labels::resolve(office.db.read(), &lower).await.unwrap(), Resolved::Current(thing));
    let all = store::labels_of(office.db.read(), id).await.unwrap();
    let told: Vec<_> = all.iter().map(|label| (label.generation, label.state, label.print_count)).collect();
    assert_eq!(told, [(2, LabelState::Current, 1), (1, LabelState::Superseded, 2)]);
}

#[tokio::test]
async fn a_room_has_a_label_as_well() {
    let (office, thing, _) = one_thing().await;
    let room = Subject::Place(office.places[0][1]);
    let codes = labels::print(&office.db, &office.ctx, &[room, thing, room], TEMPLATE, Printing::Again).await.unwrap();
    assert_eq!(codes[0], codes[2]);
    assert_eq!(resolved(&office, codes[0]).await, Resolved::Current(room));
    assert_eq!(resolved(&office, codes[1]).await, Resolved::Current(thing));
}

#[tokio::test]
async fn a_blank_is_claimed_once() {
    let (office, thing, id) = one_thing().await;
    let old = printed(&office, thing, Printing::Again).await;
    let blanks = labels::print_blanks(&office.db, &office.ctx, 2, TEMPLATE).await.unwrap();
    assert_eq!(resolved(&office, blanks[0]).await, Resolved::Blank);
    labels::claim(&office.db, &office.ctx, blanks[0], "A-1").await.unwrap();
    assert_eq!(resolved(&office, blanks[0]).await, Resolved::Current(thing));
    assert_eq!(resolved(&office, old).await, Resolved::Superseded(thing));
    assert_eq!(resolved(&office, blanks[1]).await, Resolved::Blank);
    office.register(&[office.new_item("A-2", 0)]).await;
    for number in ["A-1", "A-2"] {
        let again = labels::claim(&office.db, &office.ctx, blanks[0], number).await;
        assert!(matches!(again, Err(ItemError::NotBlank { .. })), "{again:?}");
    }
    assert!(matches!(labels::claim(&office.db, &office.ctx, blanks[1], "A-3").await, Err(ItemError::NotFound(_))));
    let nobodys = LabelCode::from_random(1);
    let unknown = labels::claim(&office.db, &office.ctx, nobodys, "A-1").await;
    assert!(matches!(unknown, Err(ItemError::UnknownLabel(_))));
    assert_eq!(resolved(&office, nobodys).await, Resolved::Unknown);
    let current = store::current_labels(office.db.read(), &[id.0]).await.unwrap();
    assert_eq!(current[&id.0].code, blanks[0].to_string());
}

#[tokio::test]
async fn a_void_label_stands_for_nothing_and_the_next_is_a_generation_on() {
    let (office, thing, id) = one_thing().await;
    let mut codes = vec![printed(&office, thing, Printing::Again).await];
    codes.push(printed(&office, thing, Printing::Renew).await);
    labels::void(&office.db, &office.ctx, codes[1], "撕毁").await.unwrap();
    assert_eq!(resolved(&office, codes[1]).await, Resolved::Void);
    codes.push(printed(&office, thing, Printing::Again).await);
    labels::void(&office.db, &office.ctx, codes[2], "撕毁").await.unwrap();
    let blank = labels::print_blanks(&office.db, &office.ctx, 1, TEMPLATE).await.unwrap()[0];
    labels::claim(&office.db, &office.ctx, blank, "A-1").await.unwrap();
    codes.push(blank);
    let all = store::labels_of(office.db.read(), id).await.unwrap();
    let told: Vec<_> = all.iter().map(|label| (label.generation, label.code.clone())).collect();
    let newest_first: Vec<_> = codes.iter().map(LabelCode::to_string).rev().collect();
    let must: Vec<_> = [4, 3, 2, 1].into_iter().zip(newest_first).collect();
    assert_eq!(told, must);
    let voided = labels::void(&office.db, &office.ctx, LabelCode::from_random(1), "撕毁").await;
    assert!(matches!(voided, Err(ItemError::UnknownLabel(_))));
}

#[tokio::test]
async fn a_label_that_tells_the_truth_no_more_waits_for_a_new_one() {
    let (office, thing, id) = one_thing().await;
    let made = async |made: Change| change(&office.db, &office.ctx, "A-1", &made, "调整").await.unwrap();
    let to = |unit: usize| Change { place: Some(Some(office.places[unit][0])), ..Change::default() };
    made(to(1)).await;
    assert_eq!(queued(&office).await, [], "it has no label to be wrong");
    printed(&office, thing, Printing::Again).await;
    made(Change { quantity: Some(Quantity(2)), ..Change::default() }).await;
    assert_eq!(queued(&office).await, [], "the quantity is not on it");
    made(to(2)).await;
    made(Change { keeper: Some(Some(office.people[2][0])), ..Change::default() }).await;
    assert_eq!(queued(&office).await, [id]);
    printed(&office, thing, Printing::Renew).await;
    assert_eq!(queued(&office).await, []);
    made(Change { unit: Some(office.units[2]), ..Change::default() }).await;
    assert_eq!(queued(&office).await, [id]);
    let blank = labels::print_blanks(&office.db, &office.ctx, 1, TEMPLATE).await.unwrap()[0];
    labels::claim(&office.db, &office.ctx, blank, "A-1").await.unwrap();
    assert_eq!(queued(&office).await, []);
}

/// What was changed before the printing is on the label: its reprint is forgotten with it.
#[tokio::test]
async fn labels_tell_what_stands_when_they_are_recorded_as_printed() {
    let office = Office::found().await;
    let (db, ctx) = (&office.db, &office.ctx);
    let thing = office.register(&[office.new_item("L-1", 0)]).await.remove(0);
    let subjects = [Subject::Item(thing.id), Subject::Place(office.places[0][0])];
    labels::print(db, ctx, &subjects, "asset-60x40", Printing::Again).await.unwrap();
    let moved = Change { place: Some(Some(office.places[0][1])), ..Change::default() };
    change(db, ctx, "L-1", &moved, "搬家").await.unwrap();
    assert_eq!(store::reprint_queue(db.read()).await.unwrap().len(), 1);
    let printed = labels::print_facts(db, ctx, &subjects, "asset-60x40", Printing::Again).await.unwrap();
    assert_eq!(printed.things[&thing.id].place_id, Some(office.places[0][1]));
    assert_eq!(printed.rooms[&office.places[0][0]].name, "房间00");
    assert_eq!(store::reprint_queue(db.read()).await.unwrap().len(), 0);
}
