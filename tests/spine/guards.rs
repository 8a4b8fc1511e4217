//! The schema refuses what the services would never do, and says which field.

use hufu::db::DbError;
use hufu::items::ItemError;
use hufu::items::entity::{item, label};
use hufu::items::labels::{Printing, Subject, print};
use hufu::items::model::LabelState;
use hufu::items::service::{NewItem, register_many};
use hufu::journal::RowsDigest;
use hufu::kernel::ids::ItemId;
use hufu::kernel::{Fen, Quantity};
use hufu::stocktake::campaign::{self, Opening};
use hufu::stocktake::counting::{self, NewScan};
use hufu::stocktake::model::Condition;
use hufu::stocktake::scope::Scope;
use sea_orm::{ActiveModelTrait as _, ConnectionTrait as _, EntityTrait as _, IntoActiveModel as _};

use super::support::database::is_postgres;
use super::support::{DAY, Office, first_day};

async fn raw(office: &Office, sql: &str) -> Result<u64, DbError> {
    office.db.write(async |tx| Ok::<_, DbError>(tx.execute_unprepared(sql).await?.rows_affected())).await
}

fn field(error: &DbError) -> (&str, bool) {
    match error {
        DbError::Constraint { field, duplicate, .. } => (field, *duplicate),
        other => panic!("{other:?}"),
    }
}

async fn counted() -> (Office, item::Model) {
    let office = Office::found().await;
    let thing = office.register(&[office.new_item("A-1", 0)]).await.remove(0);
    office.clock.advance_ms(3 * DAY);
    let opening = Opening {
        number: "T".to_owned(),
        name: "盘点".to_owned(),
        baseline_on: first_day(),
        from: first_day(),
        to: first_day(),
        blind: false,
        scope: Scope::default(),
    };
    campaign::open(&office.db, &office.ctx, &opening).await.unwrap();
    counting::scan(&office.db, &office.ctx, "T", &[scan(&office)]).await.unwrap();
    (office, thing)
}

fn scan(office: &Office) -> NewScan {
    NewScan {
        id: office.ctx.new_id(),
        code_read: "A-1".to_owned(),
        place: None,
        keeper: None,
        quantity: Quantity::ONE,
        condition: Condition::Good,
        no_label: false,
        name: String::new(),
        serial_number: String::new(),
        note: String::new(),
        counter: String::new(),
        device: String::new(),
        device_at: office.ctx.now(),
    }
}

#[tokio::test]
async fn what_was_recorded_is_never_changed() {
    let (office, _) = counted().await;
    campaign::close(&office.db, &office.ctx, "T", Some("演练")).await.unwrap();
    for (table, column) in
        [("item_events", "actor"), ("scans", "note"), ("journal_entries", "actor"), ("verdict_lines", "verdict")]
    {
        for sql in [format!("UPDATE {table} SET {column} = 'x'"), format!("DELETE FROM {table}")] {
            let refused = raw(&office, &sql).await.unwrap_err();
            let name = format!("append_only_{table}");
            assert!(matches!(&refused, DbError::Constraint { constraint, .. } if *constraint == name), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn a_broken_rule_names_its_field() {
    let office = Office::found().await;
    let good = office.new_item("A-1", 0);
    let first = office.register(std::slice::from_ref(&good)).await.remove(0);
    let register = async |thing: NewItem| {
        let entered = office.db.write(async |tx| {
            let now = office.ctx.now();
            register_many(tx, &office.ctx, vec![thing.clone()], None, now, &mut RowsDigest::new(&office.ctx)).await
        });
        entered.await.unwrap_err()
    };
    let spelt_otherwise = register(NewItem { item_number: " ａ-1 ".to_owned(), ..good.clone() }).await;
    assert!(matches!(spelt_otherwise, ItemError::DuplicateNumber(number) if number == "A-1"));
    let other = NewItem { item_number: "A-2".to_owned(), ..good };
    for (thing, name) in [
        (NewItem { value_fen: Fen(-1), ..other.clone() }, "value_fen"),
        (NewItem { quantity: Quantity(-1), ..other.clone() }, "quantity"),
        (NewItem { name: String::new(), ..other.clone() }, "name"),
        (NewItem { item_number: "9".repeat(65), ..other.clone() }, "item_number"),
    ] {
        match register(thing).await {
            ItemError::Db(error) => assert_eq!(field(&error), (name, false)),
            other => panic!("{other:?}"),
        }
    }
    // SQLite does not say which foreign key, only that it was one.
    let which = if is_postgres() { "unit_id" } else { "fk" };
    match register(NewItem { unit_id: office.ctx.new_id(), ..other }).await {
        ItemError::Db(error) => assert_eq!(field(&error), (which, false)),
        other => panic!("{other:?}"),
    }
    let copy = item::Model { id: office.ctx.new_id::<ItemId>(), ..first };
    let inserted = office.db.write(async |tx| {
        copy.clone().into_active_model().insert(tx).await?;
        Ok::<_, DbError>(())
    });
    assert_eq!(field(&inserted.await.unwrap_err()), ("item_number", true));
}

#[tokio::test]
async fn a_subject_has_one_current_label() {
    let office = Office::found().await;
    let thing = office.register(&[office.new_item("A-1", 0)]).await.remove(0);
    let subject = [Subject::Item(thing.id)];
    print(&office.db, &office.ctx, &subject, "asset-60x40", Printing::Again).await.unwrap();
    let label = label::Entity::find().one(office.db.read()).await.unwrap().unwrap();
    assert_eq!((label.state, label.current_of), (LabelState::Current, Some(thing.id.0)));
    let second = label::Model { code: "HF0000000000".to_owned(), ..label };
    let inserted = office.db.write(async |tx| {
        second.clone().into_active_model().insert(tx).await?;
        Ok::<_, DbError>(())
    });
    assert_eq!(field(&inserted.await.unwrap_err()), ("current_of", true));
}

/// One scan that the book cannot hold must not take the others of its batch with it.
#[tokio::test]
async fn a_scan_that_cannot_be_says_why_and_stops_no_other() {
    let (office, _) = counted().await;
    let scans = [
        NewScan { quantity: Quantity(-1), ..scan(&office) },
        NewScan { quantity: Quantity(Quantity::MAX + 1), ..scan(&office) },
        NewScan { place: Some(office.ctx.new_id()), ..scan(&office) },
        NewScan { keeper: Some(office.ctx.new_id()), ..scan(&office) },
        scan(&office),
    ];
    let answers = counting::scan(&office.db, &office.ctx, "T", &scans).await.unwrap();
    let taken: Vec<bool> = answers.iter().map(|a| matches!(a, counting::Answer::Recorded { .. })).collect();
    assert_eq!(taken, [false, false, false, false, true], "{answers:?}");
}
