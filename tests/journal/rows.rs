//! Rows edited, slipped in and taken out behind the program's back are named, with their table and key.

use hufu::access::entity::rule;
use hufu::approvals::entity::{chain, chain_step};
use hufu::assets::classes::entity::{class, old_code};
use hufu::assets::missing::entity::{procedure, procedure_step};
use hufu::db::Db;
use hufu::items::labels::{self, Printing, Subject};
use hufu::items::store as items;
use hufu::journal::entity::{entry, leaf};
use hufu::journal::verify::{Report, verify};
use hufu::journal::watched::Baseline;
use hufu::journal::{self, Entry, RowsDigest, export, watched};
use hufu::kernel::hash::HashKind;
use hufu::org::entity::setting;
use hufu::org::service::name_organisation;
use hufu::stocktake::entity::scan;
use hufu::watched::{prepare, tables};
use hufu_migrations::Migrator;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    Statement,
};
use sea_orm_migration::MigratorTrait as _;
use serde_json::json;

use super::support::Office;
use super::support::database::{TestDatabase, is_postgres};
use super::year::{Year, behind_the_back};

/// Takes the guard of an append-only table away, which whoever has the database can.
async fn unguard(office: &Office, table: &str) {
    let guards = match is_postgres() {
        true => ["", "_all"].map(|of| format!("append_only_{table}{of} ON {table}")),
        false => ["UPDATE", "DELETE"].map(|of| format!("append_only_{table}_{of}")),
    };
    for guard in guards {
        behind_the_back(office, &format!("DROP TRIGGER IF EXISTS {guard}")).await.unwrap();
    }
}

/// A UUID in SQL.
fn sql_id(id: &str) -> String {
    match is_postgres() {
        true => format!("CAST('{id}' AS uuid)"),
        false => format!("x'{}'", id.replace('-', "")),
    }
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
    ("accounts", "login = 'xx'"),
    ("grants", "granted_by = 'x'"),
    ("api_tokens", "name = 'x'"),
    ("dated_rules", "source = 'x'"),
    ("approval_chains", "source = 'x'"),
    ("approval_steps", "role = CASE role WHEN 'legal' THEN 'unit_head' ELSE 'legal' END"),
    ("approval_requests", "reason = 'x'"),
    ("approval_decisions", "reason = 'x'"),
    ("approval_delegations", "reason = 'x'"),
    ("findings", "title = 'x'"),
    ("finding_events", "note = 'x'"),
    ("finding_evidence", "note = 'x'"),
    ("webhooks", "description = 'x'"),
    ("attachments", "name = 'x'"),
    ("asset_movements", "reason = 'x'"),
    ("asset_movement_lines", "count_note = 'x'"),
    ("asset_confirmations", "note = 'x'"),
    ("asset_papers", "name = 'x'"),
    ("vehicles", "engine_number = 'X'"),
    ("vehicle_drivers", "note = 'x'"),
    ("vehicle_readings", "note = 'x'"),
    ("fuel_cards", "note = 'x'"),
    ("fuel_card_holdings", "reason = 'x'"),
    ("vehicle_shops", "contact = 'x'"),
    ("vehicle_trips", "check_note = 'x'"),
    ("vehicle_submissions", "note = 'x'"),
    ("vehicle_repairs", "fault = 'x'"),
    ("vehicle_repair_parts", "measure_unit = 'x'"),
    ("asset_classes", "name = 'x'"),
    ("asset_class_codes", "source = 'x'"),
    ("asset_cards", "remark = 'x'"),
    ("asset_depreciation_bases", "reason = 'x'"),
    ("asset_responsible", "reason = 'x'"),
    ("asset_losses", "basis = 'x'"),
    ("asset_loss_lists", "note = 'x'"),
    ("asset_loss_list_lines", "value_fen = value_fen + 1"),
    ("asset_loss_logs", "note = 'x'"),
    ("asset_loss_ticks", "note = 'x'"),
    ("asset_procedures", "source = 'x'"),
    ("asset_procedure_steps", "title = 'x'"),
    ("asset_surpluses", "note = 'x'"),
    ("asset_submissions", "title = 'x'"),
    ("asset_submission_lines", "keeper = 'x'"),
    ("asset_submission_messages", "words = 'x'"),
    ("asset_submission_steps", "note = 'x'"),
    ("asset_finance_batches", "file_name = 'x'"),
    ("asset_finance_lines", "name = 'x'"),
    ("asset_three_way_checks", "made_by = 'x'"),
    ("asset_three_way_lines", "name = 'x'"),
    ("scan_photos", "sent_by = 'x'"),
    ("fuel_statements", "file_name = 'x'"),
    ("fuel_transactions", "station = 'x'"),
    ("fuel_slips", "note = 'x'"),
    ("fuel_column_maps", "entries = 'x'"),
    ("fuel_anomalies", "observed = 'x'"),
    ("fuel_limits", "source = 'x'"),
    ("armouries", "name = 'x'"),
    ("gun_cabinets", "slots = slots + 1"),
    ("firearms", "state_note = 'x'"),
    ("firearm_magazines", "model = 'x'"),
    ("ammunition_lots", "lot = 'x'"),
    ("ammunition_stock", "rounds = rounds + 1"),
    ("ammunition_entries", "document = 'x'"),
    ("armed_officers", "note = 'x'"),
    ("armed_officer_results", "passed = NOT passed"),
    ("carry_bans", "reason = 'x'"),
    ("firearm_draws", "task = 'x'"),
    ("firearm_acts", "opened_by = 'x'"),
    ("firearm_act_steps", "done_by = 'x'"),
    ("firearm_signatures", "signed_at = signed_at + 1"),
    ("firearm_holdings", "since = since - 1"),
    ("firearm_magazine_holdings", "since = since - 1"),
    ("firearm_locks", "reason = 'x'"),
    ("firearm_extensions", "reason = 'x'"),
    ("armoury_shifts", "counted_by = 'x'"),
    ("armoury_shift_lines", "name = 'x'"),
    ("armoury_shift_signatures", "signed_at = signed_at + 1"),
    ("armoury_visits", "reason = 'x'"),
    ("cabinet_devices", "name = 'x'"),
    ("cabinet_events", "badge = 'x'"),
    ("digital_certificates", "kept_at = 'x'"),
    ("certificate_loans", "task = 'x'"),
    ("certificate_checks", "note = 'x'"),
    ("certificate_check_lines", "verdict = 'kept'"),
    ("certificate_quizzes", "answer = 'x'"),
    ("firearm_upkeeps", "opinion = 'x'"),
    ("firearm_upkeep_lines", "note = 'x'"),
    ("armoury_changes", "document = 'x'"),
    ("armoury_transfers", "reason = 'x'"),
    ("armoury_transfer_lines", "version = version + 1"),
    ("firearm_scrappings", "receiver = 'x'"),
    ("training_firings", "place = 'x'"),
    ("armoury_inspections", "problems = 'x'"),
    ("armoury_inspection_results", "remark = 'x'"),
    ("armoury_inspection_photos", "name = 'x'"),
    ("armoury_audits", "note = 'x'"),
    ("armoury_audit_lines", "name = 'x'"),
    ("armoury_bulletins", "remark = 'x'"),
    ("armoury_bulletin_lines", "draws = draws + 1"),
];

fn names(report: &Report, table: &str) -> bool {
    report.faults.iter().any(|fault| fault.table.as_deref() == Some(table) && fault.key.is_some())
}

#[tokio::test]
async fn an_edited_row_is_named_whatever_its_table() {
    let year = Year::whole(HashKind::Sha256).await;
    let edited: Vec<&str> = EDITS.iter().map(|(table, _)| *table).collect();
    let watched: Vec<_> = tables().iter().map(|table| table.name()).collect();
    assert_eq!(edited, watched, "each table has its edit");
    for (table, edit) in EDITS {
        unguard(&year.office, table).await;
        let key = columns(&year.office, table, true).await.join(", ");
        let copy =
            format!("CREATE TABLE kept AS SELECT * FROM {table} ORDER BY {} DESC LIMIT 1", key.replace(',', " DESC,"));
        behind_the_back(&year.office, &copy).await.unwrap();
        let of_it = format!("WHERE ({key}) = (SELECT {key} FROM kept)");
        behind_the_back(&year.office, &format!("UPDATE {table} SET {edit} {of_it}")).await.unwrap();
        let report = year.check(&[]).await;
        assert!(!report.fits && names(&report, table), "{table}: {:#?}", report.faults);
        assert_eq!(report.first_fault().and_then(|fault| fault.table.as_deref()), Some(*table));
        let columns = columns(&year.office, table, false).await;
        let back: Vec<String> =
            columns.iter().map(|column| format!("\"{column}\" = (SELECT \"{column}\" FROM kept)")).collect();
        let restore = format!("UPDATE {table} SET {} {of_it}", back.join(", "));
        behind_the_back(&year.office, &restore).await.unwrap();
        behind_the_back(&year.office, "DROP TABLE kept").await.unwrap();
        let report = year.check(&[]).await;
        assert!(report.fits, "{table} put back: {:#?}", report.faults);
    }
}

/// The columns of a table, or of its key alone.
async fn columns(office: &Office, table: &str, of_key: bool) -> Vec<String> {
    let sql = match (is_postgres(), of_key) {
        (false, false) => format!("SELECT name FROM pragma_table_info('{table}')"),
        (false, true) => format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk"),
        (true, false) => format!(
            "SELECT column_name::text FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = '{table}'"
        ),
        (true, true) => format!(
            "SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid \
             AND a.attnum = ANY (i.indkey) WHERE i.indisprimary AND i.indrelid = '{table}'::regclass"
        ),
    };
    let backend = office.db.read().get_database_backend();
    let rows = office.db.read().query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect()
}

#[tokio::test]
async fn rows_slipped_in_and_taken_out_are_named() {
    let year = Year::whole(HashKind::Sha256).await;
    let id = "018f0000-0000-7000-8000-000000000001";
    let slip = format!(
        "INSERT INTO places (id, code, name, unit_id, active, version) \
         SELECT {}, 'X9', '暗室', unit_id, TRUE, 1 FROM places LIMIT 1",
        sql_id(id)
    );
    behind_the_back(&year.office, &slip).await.unwrap();
    let report = year.check(&[]).await;
    let fault = report.first_fault().unwrap();
    assert_eq!(fault.table.as_deref(), Some("places"), "{fault}");
    assert_eq!(fault.key.as_deref(), Some(id));
    assert_eq!(report.fault_count, 1, "{:#?}", report.faults);
    behind_the_back(&year.office, "DELETE FROM places WHERE code = 'X9'").await.unwrap();
    unguard(&year.office, "scans").await;
    let negating = scan::Entity::find().filter(scan::Column::Negates.is_not_null());
    let scan = negating.one(year.office.db.read()).await.unwrap().unwrap().id.to_string();
    behind_the_back(&year.office, &format!("DELETE FROM scans WHERE id = {}", sql_id(&scan))).await.unwrap();
    let report = year.check(&[]).await;
    let fault = report.first_fault().unwrap();
    assert_eq!(fault.table.as_deref(), Some("scans"), "{fault}");
    assert_eq!(fault.key.as_deref(), Some(scan.as_str()));
}

/// Both an item and its event changed to agree, entries left alone: the rows do not fit. And the book changed by a
/// program that writes entries but no event: the derivation does not.
#[tokio::test]
async fn the_book_must_follow_from_its_events() {
    let year = Year::begin(HashKind::Sha256).await;
    behind_the_back(&year.office, "UPDATE items SET quantity = 7 WHERE item_number = 'A-0'").await.unwrap();
    let row = items::by_number(year.office.db.read(), "A-0").await.unwrap().unwrap();
    let ctx = &year.ctx;
    let entry = || Entry {
        action: "items.change",
        subject: "A-0".to_owned(),
        unit: None,
        payload: json!({}),
        rows: RowsDigest::new(ctx).with(&row),
    };
    year.office.db.write(async |tx| journal::record(tx, ctx, entry()).await).await.unwrap();
    let report = year.check(&[]).await;
    let fault = report.first_fault().unwrap();
    assert_eq!((fault.table.as_deref(), report.fault_count), (Some("items"), 1));
    assert!(fault.what.contains("数量"), "{fault}");
    assert_eq!(fault.key, Some(year.things[0].id.to_string()));
}

/// What was edited behind the program's back cannot be made right by taking it in; who tried is named.
#[tokio::test]
async fn a_baseline_launders_nothing() {
    let year = Year::begin(HashKind::Sha256).await;
    assert_eq!(watched::baseline(&year.office.db, &year.ctx, &tables(), "再记").await.unwrap(), Baseline::default());
    behind_the_back(&year.office, "UPDATE items SET name = '旧电脑' WHERE item_number = 'A-0'").await.unwrap();
    let baseline = watched::baseline(&year.office.db, &year.ctx, &tables(), "掩盖").await.unwrap();
    let key = year.things[0].id.to_string();
    assert_eq!(baseline, Baseline { taken: 0, refused: vec![("items", key.clone())] });
    let report = year.check(&[]).await;
    assert_eq!((report.fault_count, &report.faults[0].key), (1, &Some(key.clone())), "{:#?}", report.faults);

    // A program that takes in what it finds, as this one did once, is found out by who checks.
    let row = items::by_number(year.office.db.read(), "A-0").await.unwrap().unwrap();
    let ctx = &year.ctx;
    let entry = || Entry {
        action: "journal.baseline",
        subject: "all".to_owned(),
        unit: None,
        payload: json!({}),
        rows: RowsDigest::new(ctx).with(&row),
    };
    year.office.db.write(async |tx| journal::record(tx, ctx, entry()).await).await.unwrap();
    let report = year.check(&[]).await;
    assert_eq!((report.fault_count, &report.faults[0].key), (1, &Some(key)), "{:#?}", report.faults);
    assert!(report.faults[0].what.contains("local:test"), "{}", report.faults[0]);
    let taken: Vec<_> = report.taken_in.iter().map(|by| (by.action.as_str(), by.actor.as_str(), by.rows)).collect();
    assert_eq!(taken[taken.len() - 1], ("journal.baseline", "local:test", 1));
    assert!(taken[0].2 > 0, "{taken:?}");
}

#[tokio::test]
async fn entries_changed_or_removed_are_named() {
    let year = Year::begin(HashKind::Sm3).await;
    let subject = [Subject::Item(year.things[0].id)];
    labels::print(&year.office.db, &year.ctx, &subject, "asset-60x40", Printing::Again).await.unwrap();
    let note = year.checkpoint("kept.note").await;
    for table in ["journal_entries", "journal_touched", "journal_leaves", "journal_pending"] {
        unguard(&year.office, table).await;
    }
    let entries = entry::Entity::find().order_by_asc(entry::Column::Id).all(year.office.db.read()).await.unwrap();
    let victim = entries.iter().find(|entry| entry.action == "labels.print").unwrap();
    let id = sql_id(&victim.id.to_string());
    let n = leaf::Entity::find().all(year.office.db.read()).await.unwrap();
    let n = n.iter().find(|leaf| leaf.entry_id == victim.id).unwrap().idx;
    for (change, back) in [
        ("actor = 'local:nobody'", "actor = 'local:test'"),
        ("at = at + 1", "at = at - 1"),
        ("payload = payload || ' '", "payload = trim(payload)"),
    ] {
        let edit = |set: &str| format!("UPDATE journal_entries SET {set} WHERE id = {id}");
        behind_the_back(&year.office, &edit(change)).await.unwrap();
        let report = year.check(std::slice::from_ref(&note)).await;
        let fault = report.first_fault().unwrap();
        assert_eq!(fault.entry, u64::try_from(n).ok(), "{change}: {fault}");
        behind_the_back(&year.office, &edit(back)).await.unwrap();
        assert!(year.check(std::slice::from_ref(&note)).await.fits, "{back}");
    }
    // An entry that claims to be older than lists, to excuse rows that none touched.
    let id_of_old = sql_id("018f0000-0000-7000-8000-000000000009");
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
    let list = format!("UPDATE journal_touched SET list = substr(list, 1, length(list) - 1) WHERE entry_id = {id}");
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
    let old = TestDatabase::blank(dir.path(), "old.db");
    let db = Db::open(old.url()).await.unwrap();
    Migrator::up(db.read(), Some(BEFORE_SEALING)).await.unwrap();
    let id = |n: u8| sql_id(&format!("018f0000-0000-7000-8000-00000000000{n}"));
    for sql in [
        format!(
            "INSERT INTO journal_entries (id, at, actor, action, subject, payload, rows_sha256) \
             VALUES ({}, 2, 'local:x', 'a.b', '', '{{}}', 'not a hash')",
            id(2)
        ),
        format!(
            "INSERT INTO journal_entries (id, at, actor, action, subject, payload, rows_sha256) \
             VALUES ({}, 1, 'local:x', 'a.b', '', '{{}}', 'abcd')",
            id(1)
        ),
        "INSERT INTO settings (name, value) VALUES ('organisation', '旧分局')".to_owned(),
        format!(
            "INSERT INTO units (id, code, name, kind, active, version) VALUES ({}, 'D', '大队', '', TRUE, 1)",
            id(3)
        ),
    ] {
        db.read().execute_unprepared(&sql).await.unwrap();
    }
    let ctx = Office::found().await.ctx.clone();
    prepare(&db, &ctx, None).await.unwrap();
    let path = dir.path().join("old.hufu");
    let check = async || {
        export::write(&db, &ctx, &tables(), &path).await.unwrap();
        verify(&path, &[]).unwrap()
    };
    let report = check().await;
    assert!(report.fits, "{:#?}", report.faults);
    let seeded = seeded(&db).await;
    assert!(seeded > 20);
    // The two old entries; the journal founded, what came with the schema taken in, the export.
    assert_eq!((report.entries, report.not_itemised), (5, 2));
    assert_eq!((report.rows, report.not_covered), (2 + seeded, 2));
    let baseline = watched::baseline(&db, &ctx, &tables(), "补记").await.unwrap();
    assert_eq!(baseline, Baseline { taken: 2, refused: Vec::new() }, "what came with the schema was taken in before");
    let report = check().await;
    assert!(report.fits, "{:#?}", report.faults);
    assert_eq!((report.not_itemised, report.not_covered), (2, 0));
    db.read().execute_unprepared("UPDATE units SET name = '改名'").await.unwrap();
    let report = check().await;
    assert_eq!(report.first_fault().unwrap().table.as_deref(), Some("units"));
    db.read().execute_unprepared("INSERT INTO settings (name, value) VALUES ('x', 'y')").await.unwrap();
    assert_eq!(check().await.fault_count, 2, "after a baseline nothing is excused");
}

/// How many watched rows came with the schema.
async fn seeded(db: &Db) -> u64 {
    let rules = rule::Entity::find().count(db.read()).await.unwrap();
    let chains = chain::Entity::find().count(db.read()).await.unwrap();
    let steps = chain_step::Entity::find().count(db.read()).await.unwrap();
    let classes = class::Entity::find().count(db.read()).await.unwrap();
    let codes = old_code::Entity::find().count(db.read()).await.unwrap();
    let procedures = procedure::Entity::find().count(db.read()).await.unwrap();
    rules
        + chains
        + steps
        + classes
        + codes
        + procedures
        + procedure_step::Entity::find().count(db.read()).await.unwrap()
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
