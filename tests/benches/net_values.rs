//! Net values of 1,000,000 cards on a day, from an SQLite file: our pass, and the same sums in SQL alone, which must agree
//! to the fen. Run: `cargo bench --bench net_values`. `HUFU_BENCH_ITEMS` makes it smaller.

use std::time::{Duration, Instant};

use chrono::NaiveDate;
use hufu::assets::net_values;
use hufu::cli::demo::Stage;
use hufu::db::Db;
use hufu::kernel::Timestamp;
use sea_orm::{ConnectionTrait as _, Statement};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const RUNS: usize = 5;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// Things of eight classes bought over fifteen years, of fifty units, each with its card; one in fifty is not depreciated.
fn fill(many: usize) -> [String; 5] {
    let numbers = format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many})");
    let units = "INSERT INTO units (id, code, name, parent_id, kind, active, batch_id, version) \
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) \
                 SELECT randomblob(16), 'U' || i, '单位' || i, NULL, '', 1, NULL, 1 FROM n"
        .to_owned();
    let places = "CREATE TEMP TABLE u AS SELECT row_number() OVER (ORDER BY code) - 1 AS n, id FROM units".to_owned();
    let things = format!(
        "INSERT INTO items (id, kind, item_number, number_key, name, specification, serial_number, class_code, \
           class_name, brand, measure_unit, unit_id, place_id, keeper_id, quantity, state, excused_by, value_fen, \
           acquired_on, batch_id, version) {numbers} \
         SELECT randomblob(16), 'fixed_asset', 'N' || i, 'N' || printf('%07d', i), '设备', 'M-1', '', \
           CASE i % 8 WHEN 0 THEN 'A02010105' WHEN 1 THEN 'A02010108' WHEN 2 THEN 'A02021004' WHEN 3 THEN 'A05010301' \
             WHEN 4 THEN 'A05010502' WHEN 5 THEN 'A02061804' WHEN 6 THEN 'A02370101' ELSE 'A03010000' END, \
           '', '', '台', (SELECT id FROM u WHERE u.n = i % 50), NULL, NULL, 1, \
           CASE i % 40 WHEN 0 THEN 'disposed' WHEN 1 THEN 'idle' ELSE 'in_use' END, NULL, \
           (i * 7919) % 1500000 + 100, date('2010-01-31', '+' || ((i * 13) % 5800) || ' days'), NULL, 1 FROM n"
    );
    let events = "INSERT INTO item_events (id, item_id, seq, kind, effective_at, recorded_at, actor, unit_id, place_id, \
                    keeper_id, quantity, state, excused_by, reason, batch_id) \
                  SELECT randomblob(16), id, 1, 'registered', 0, 0, 'system', unit_id, NULL, NULL, 1, state, NULL, NULL, \
                    NULL FROM items"
        .to_owned();
    let cards = "INSERT INTO asset_cards (item_id, form, budget_project, manufacturer, supplier, contract_number, \
                   invoice_number, value_fen, fiscal_fen, non_fiscal_fen, booking, voucher, valuation, account_subject, \
                   depreciation, repair_cost_fen, from_construction, custom_number, old_class_code, remark, location, \
                   title_certificate, material, vin, plate, origin, engine_number, licence_holder, version) \
                 SELECT id, 'general', '', '', '', '', '', value_fen, value_fen, 0, 'booked', '', 'original', '', \
                   CASE rowid % 50 WHEN 0 THEN 'not_depreciated' ELSE 'depreciating' END, 0, 0, '', '', '', '', '', '', '', \
                   '', '', '', '', 1 FROM items"
        .to_owned();
    [units, places, things, events, cards]
}

/// Straight-line by month in SQL: month numbers, the even amount rounded half up, the end at the value.
const ALONE: &str = "WITH lives AS (SELECT code, life_years * 12 AS months FROM asset_classes WHERE structure = ''), \
    line AS (SELECT i.unit_id, substr(i.class_code, 1, 5) AS class, i.value_fen AS value, \
        CASE WHEN c.depreciation = 'not_depreciated' THEN NULL \
          ELSE coalesce(a.months, b.months) END AS months, \
        $1 - (CAST(substr(i.acquired_on, 1, 4) AS INTEGER) * 12 + CAST(substr(i.acquired_on, 6, 2) AS INTEGER) - 1) + 1 \
          AS elapsed \
      FROM items i LEFT JOIN asset_cards c ON c.item_id = i.id \
      LEFT JOIN lives a ON a.code = substr(i.class_code, 1, 5) LEFT JOIN lives b ON b.code = substr(i.class_code, 1, 3) \
      WHERE i.kind IN ('fixed_asset','vehicle') AND i.state NOT IN ('disposed','written_off','withdrawn')) \
    SELECT unit_id, class, COUNT(*) AS things, SUM(value) AS value, SUM(CASE \
        WHEN months IS NULL OR elapsed <= 0 THEN 0 WHEN elapsed >= months THEN value \
        ELSE min(value, ((2 * value + months) / (2 * months)) * elapsed) END) AS accumulated \
    FROM line GROUP BY unit_id, class";

async fn alone(db: &Db, booked_by: i64) -> (u64, i64, i64) {
    let statement = Statement::from_sql_and_values(db.read().get_database_backend(), ALONE, [booked_by.into()]);
    let rows = db.read().query_all_raw(statement).await.expect("the sums");
    let mut whole = (0, 0, 0);
    for row in rows {
        let things: i64 = row.try_get("", "things").expect("a count");
        let value: i64 = row.try_get("", "value").expect("a sum");
        let accumulated: i64 = row.try_get("", "accumulated").expect("a sum");
        whole = (whole.0 + things.unsigned_abs(), whole.1 + value, whole.2 + accumulated);
    }
    whole
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[expect(clippy::print_stdout, reason = "a benchmark says what it measured")]
async fn run() {
    let many = std::env::var("HUFU_BENCH_ITEMS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let dir = TempDir::new().expect("a folder");
    let path = dir.path().join("hufu.db");
    let db = Db::open(&format!("sqlite://{}?mode=rwc", path.display())).await.expect("a database");
    db.migrate().await.expect("a schema");
    let filled = db.write(async |tx| {
        for sql in fill(many) {
            tx.execute_unprepared(&sql).await?;
        }
        Ok::<_, hufu::db::DbError>(())
    });
    filled.await.expect("the book");
    let on = day("2025-12-31");
    let stage = Stage::at(Timestamp::start_of_day(on), 7);
    let later = Stage::at(Timestamp::start_of_day(day("2026-06-01")), 7);
    let (mut ours, mut past, mut sql) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let begun = Instant::now();
        let values = net_values::totals(db.read(), &stage.ctx, on).await.expect("the sums");
        ours.push(begun.elapsed());
        let begun = Instant::now();
        let then = net_values::totals(db.read(), &later.ctx, on).await.expect("the sums");
        past.push(begun.elapsed());
        let begun = Instant::now();
        let whole = alone(&db, 2025 * 12 + 11).await;
        sql.push(begun.elapsed());
        let sums = (values.whole.things, values.whole.value.0, values.whole.accumulated.0);
        assert_eq!(sums, whole, "both say the same, to the fen");
        assert_eq!(then, values, "the book of a past day is the same book");
    }
    println!("{many} cards, median of {RUNS}");
    println!("  the book as it stands: {:.2?}", median(ours));
    println!("  a past day, from the events: {:.2?}", median(past));
    println!("  SQL alone, by class and unit: {:.2?}", median(sql));
}

fn main() {
    Runtime::new().expect("a runtime").block_on(run());
}
