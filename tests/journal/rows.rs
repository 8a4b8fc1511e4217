//! Rows edited, slipped in and taken out behind the program's back are named, with their table and key.

use hufu::db::Db;
use hufu::items::labels::{self, Printing, Subject};
use hufu::journal::entity::{entry, leaf};
use hufu::journal::verify::{Report, verify};
use hufu::journal::{self, Entry, RowsDigest, export, watched};
use hufu::kernel::hash::HashKind;
use hufu::org::entity::setting;
use hufu::org::service::name_organisation;
use hufu::watched::tables;
use hufu_migrations::Migrator;
use sea_orm::{ConnectionTrait as _, EntityTrait as _, QueryOrder as _, Statement};
use sea_orm_migration::MigratorTrait as _;

use super::support::Office;
use super::support::database::sqlite_only;
use super::year::{Year, behind_the_back};

/// Takes the guard of an append-only table away, which whoever has the file can.
async fn unguard(office: &Office, table: &str) {
    for verb in ["UPDATE", "DELETE"] {
        behind_the_back(office, &format!("DROP TRIGGER IF EXISTS append_only_{table}_{verb}")).await.unwrap();
    }
}

async fn one(office: &Office, sql: &str) -> String {
    let backend = office.db.read().get_database_backend();
    let row = office.db.read().query_one_raw(Statement::from_string(backend, sql)).await.unwrap().unwrap();
    row.try_get_by_index::<String>(0).unwrap()
}

/// What to change in each table, one row of it.
const EDITS: &[(&str, &str)] = &[
    ("settings", "value = 'x'"),
    ("import_batches", "row_count = row_count + 1"),
    ("units", "kind = 'x'"),
    ("people", "name = 'x'"),
    ("places", "name = 'x'"),
    ("items", "value_fen = value_fen + 1"),
    ("item_events", "reason = 'x'"),
    ("labels", "print_count = print_count + 1"),
    ("campaigns", "blind = NOT blind"),
    ("sheets", "version = version + 1"),
    ("expected_items", "quantity = quantity + 1"),
    ("scans", "note = 'x'"),
    ("recounts", "reason = 'x'"),
    ("verdict_lines", "lead = 'x'"),
    ("missing_cases", "list_year = list_year - 1"),
];

fn names(report: &Report, table: &str) -> bool {
    report.faults.iter().any(|fault| fault.table.as_deref() == Some(table) && fault.key.is_some())
}

#[tokio::test]
async fn an_edited_row_is_named_whatever_its_table() {
    if !sqlite_only("an_edited_row_is_named_whatever_its_table") {
        return;
    }
    let year = Year::whole(HashKind::Sha256).await;
    let edited: Vec<&str> = EDITS.iter().map(|(table, _)| *table).collect();
    assert_eq!(edited, tables().iter().map(|table| table.name()).collect::<Vec<_>>(), "each table has its edit");
    for (table, edit) in EDITS {
        unguard(&year.office, table).await;
        let rowid = format!("SELECT CAST(MAX(rowid) AS TEXT) FROM {table}");
        let row = one(&year.office, &rowid).await;
        let copy = format!("CREATE TABLE kept AS SELECT * FROM {table} WHERE rowid = {row}");
        behind_the_back(&year.office, &copy).await.unwrap();
        behind_the_back(&year.office, &format!("UPDATE {table} SET {edit} WHERE rowid = {row}")).await.unwrap();
        let report = year.check(&[]).await;
        assert!(!report.fits && names(&report, table), "{table}: {:#?}", report.faults);
        assert_eq!(report.first_fault().and_then(|fault| fault.table.as_deref()), Some(*table));
        let columns = columns(&year.office, table).await;
        let back: Vec<String> =
            columns.iter().map(|column| format!("\"{column}\" = (SELECT \"{column}\" FROM kept)")).collect();
        let restore = format!("UPDATE {table} SET {} WHERE rowid = {row}", back.join(", "));
        behind_the_back(&year.office, &restore).await.unwrap();
        behind_the_back(&year.office, "DROP TABLE kept").await.unwrap();
        let report = year.check(&[]).await;
        assert!(report.fits, "{table} put back: {:#?}", report.faults);
    }
}

async fn columns(office: &Office, table: &str) -> Vec<String> {
    let backend = office.db.read().get_database_backend();
    let sql = format!("SELECT name FROM pragma_table_info('{table}')");
    let rows = office.db.read().query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect()
}

#[tokio::test]
async fn rows_slipped_in_and_taken_out_are_named() {
    if !sqlite_only("rows_slipped_in_and_taken_out_are_named") {
        return;
    }
    let year = Year::whole(HashKind::Sha256).await;
    let slip = "INSERT INTO places (id, code, name, unit_id, active, version) \
                SELECT x'018f0000000070008000000000000001', 'X9', '暗室', unit_id, 1, 1 FROM places LIMIT 1";
    behind_the_back(&year.office, slip).await.unwrap();
    let report = year.check(&[]).await;
    let fault = report.first_fault().unwrap();
    assert_eq!(fault.table.as_deref(), Some("places"), "{fault}");
    assert_eq!(fault.key.as_deref(), Some("018f0000-0000-7000-8000-000000000001"));
    assert_eq!(report.fault_count, 1, "{:#?}", report.faults);
    behind_the_back(&year.office, "DELETE FROM places WHERE code = 'X9'").await.unwrap();
    unguard(&year.office, "scans").await;
    let scan = one(&year.office, "SELECT lower(hex(id)) FROM scans WHERE negates IS NOT NULL LIMIT 1").await;
    behind_the_back(
        &year.office,
        "DELETE FROM scans WHERE id = (SELECT id FROM scans WHERE negates IS NOT NULL LIMIT 1)",
    )
    .await
    .unwrap();
    let report = year.check(&[]).await;
    let fault = report.first_fault().unwrap();
    assert_eq!(fault.table.as_deref(), Some("scans"), "{fault}");
    assert_eq!(fault.key.as_deref().unwrap().replace('-', ""), scan);
}

/// Both an item and its event changed to agree, entries left alone: the rows do not fit. And the book changed by a
/// program that writes entries but no event: the derivation does not.
#[tokio::test]
async fn the_book_must_follow_from_its_events() {
    let year = Year::begin(HashKind::Sha256).await;
    behind_the_back(&year.office, "UPDATE items SET quantity = 7 WHERE item_number = 'A-0'").await.unwrap();
    watched::baseline(&year.office.db, &year.ctx, &tables(), "掩盖").await.unwrap();
    let report = year.check(&[]).await;
    let fault = report.first_fault().unwrap();
    assert_eq!((fault.table.as_deref(), report.fault_count), (Some("items"), 1));
    assert!(fault.what.contains("数量"), "{fault}");
    assert_eq!(fault.key, Some(year.things[0].id.to_string()));
}

#[tokio::test]
async fn entries_changed_or_removed_are_named() {
    if !sqlite_only("entries_changed_or_removed_are_named") {
        return;
    }
    let year = Year::begin(HashKind::Sm3).await;
    let subject = [Subject::Item(year.things[0].id)];
    labels::print(&year.office.db, &year.ctx, &subject, "asset-60x40", Printing::Again).await.unwrap();
    let note = year.checkpoint("kept.note").await;
    for table in ["journal_entries", "journal_touched", "journal_leaves", "journal_pending"] {
        unguard(&year.office, table).await;
    }
    let entries = entry::Entity::find().order_by_asc(entry::Column::Id).all(year.office.db.read()).await.unwrap();
    let victim = entries.iter().find(|entry| entry.action == "labels.print").unwrap();
    let id = victim.id.0.simple().to_string();
    let n = leaf::Entity::find().all(year.office.db.read()).await.unwrap();
    let n = n.iter().find(|leaf| leaf.entry_id == victim.id).unwrap().idx;
    for (change, back) in [
        ("actor = 'local:nobody'", "actor = 'local:test'"),
        ("at = at + 1", "at = at - 1"),
        ("payload = payload || ' '", "payload = trim(payload)"),
    ] {
        let edit = |set: &str| format!("UPDATE journal_entries SET {set} WHERE id = x'{id}'");
        behind_the_back(&year.office, &edit(change)).await.unwrap();
        let report = year.check(std::slice::from_ref(&note)).await;
        let fault = report.first_fault().unwrap();
        assert_eq!(fault.entry, u64::try_from(n).ok(), "{change}: {fault}");
        behind_the_back(&year.office, &edit(back)).await.unwrap();
        assert!(year.check(std::slice::from_ref(&note)).await.fits, "{back}");
    }
    // An entry that claims to be older than lists, to excuse rows that none touched.
    let id_of_old = "x'018f0000000070008000000000000009'";
    for sql in [
        format!(
            "INSERT INTO journal_entries (id, at, actor, action, subject, payload, rows_hash, format) \
             VALUES ({id_of_old}, 1, 'local:x', 'a.b', '', '{{}}', '', 0)"
        ),
        format!("INSERT INTO journal_pending (entry_id) VALUES ({id_of_old})"),
        "INSERT INTO settings (name, value) VALUES ('x', 'y')".to_owned(),
    ] {
        behind_the_back(&year.office, &sql).await.unwrap();
    }
    let report = year.check(std::slice::from_ref(&note)).await;
    assert!(report.first_fault().unwrap().what.contains("没有触及清单"), "{:#?}", report.faults);
    let list = format!("UPDATE journal_touched SET list = substr(list, 1, length(list) - 1) WHERE entry_id = x'{id}'");
    behind_the_back(&year.office, &list).await.unwrap();
    let report = year.check(&[]).await;
    assert_eq!(report.first_fault().unwrap().entry, u64::try_from(n).ok());
    // An entry that was never queued, though it was written.
    labels::print(&year.office.db, &year.ctx, &subject, "asset-60x40", Printing::Again).await.unwrap();
    behind_the_back(&year.office, "DELETE FROM journal_pending").await.unwrap();
    let report = year.check(&[]).await;
    assert!(report.faults.iter().any(|fault| fault.what.contains("从未排队封存")), "{:#?}", report.faults);
}

/// A database from before lists were kept: its entries are sealed as they are, its rows are said to be not covered,
/// and a baseline takes them in.
#[tokio::test]
async fn what_was_written_before_lists_were_kept_is_said_to_be_so() {
    const BEFORE_SEALING: u32 = 5;
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open(&format!("sqlite://{}?mode=rwc", dir.path().join("old.db").display())).await.unwrap();
    Migrator::up(db.read(), Some(BEFORE_SEALING)).await.unwrap();
    for sql in [
        "INSERT INTO journal_entries (id, at, actor, action, subject, payload, rows_sha256) \
         VALUES (x'018f0000000070008000000000000002', 2, 'local:x', 'a.b', '', '{}', 'not a hash')",
        "INSERT INTO journal_entries (id, at, actor, action, subject, payload, rows_sha256) \
         VALUES (x'018f0000000070008000000000000001', 1, 'local:x', 'a.b', '', '{}', 'abcd')",
        "INSERT INTO settings (name, value) VALUES ('organisation', '旧分局')",
        "INSERT INTO units (id, code, name, kind, active, version) \
         VALUES (x'018f0000000070008000000000000003', 'D', '大队', '', 1, 1)",
    ] {
        db.read().execute_unprepared(sql).await.unwrap();
    }
    db.migrate().await.unwrap();
    let ctx = Office::found().await.ctx.clone();
    let path = dir.path().join("old.hufu");
    let check = async || {
        export::write(&db, &ctx, &tables(), &path).await.unwrap();
        verify(&path, &[]).unwrap()
    };
    let report = check().await;
    assert!(report.fits, "{:#?}", report.faults);
    assert_eq!((report.entries, report.not_itemised, report.rows, report.not_covered), (4, 2, 2, 2));
    assert_eq!(watched::baseline(&db, &ctx, &tables(), "补记").await.unwrap(), 2);
    let report = check().await;
    assert!(report.fits, "{:#?}", report.faults);
    assert_eq!((report.not_itemised, report.not_covered), (2, 0));
    db.read().execute_unprepared("UPDATE units SET name = '改名'").await.unwrap();
    let report = check().await;
    assert_eq!(report.first_fault().unwrap().table.as_deref(), Some("units"));
    db.read().execute_unprepared("INSERT INTO settings (name, value) VALUES ('x', 'y')").await.unwrap();
    assert_eq!(check().await.fault_count, 2, "after a baseline nothing is excused");
}

/// A row that a command takes away is gone for good, unless another command brings it back.
#[tokio::test]
async fn a_row_taken_away_by_a_command_stays_away() {
    let year = Year::begin(HashKind::Sha256).await;
    let (db, ctx) = (&year.office.db, &year.ctx);
    name_organisation(db, ctx, "分局").await.unwrap();
    let taken = db.write(async |tx| {
        let row = setting::Entity::find().one(tx).await?.unwrap();
        let mut rows = RowsDigest::new(ctx);
        rows.gone(&row);
        setting::Entity::delete_by_id(&row.name).exec(tx).await?;
        let (action, subject, payload) = ("test.forget", row.name, serde_json::json!({}));
        journal::record(tx, ctx, Entry { action, subject, unit: None, payload, rows }).await
    });
    taken.await.unwrap();
    assert!(year.check(&[]).await.fits);
    let back = "INSERT INTO settings (name, value) VALUES ('organisation', '分局')";
    behind_the_back(&year.office, back).await.unwrap();
    let report = year.check(&[]).await;
    assert!(report.first_fault().unwrap().what.contains("已删去"), "{:#?}", report.faults);
    name_organisation(db, ctx, "分局").await.unwrap();
    assert!(year.check(&[]).await.fits, "said again by a command");
}
