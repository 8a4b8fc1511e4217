//! 100,000 assets of the sample sub-bureau, as an office's CSV, into a fresh SQLite database: read, validated, written
//! with an event each, and journalled in one transaction. Beside it the same reading and checking without the writing:
//! a file whose numbers are all taken. Run: `cargo bench --bench import`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hufu::cli::demo::Stage;
use hufu::cli::demo::sample::{Sample, SampleCsv, SampleSpec};
use hufu::db::Db;
use hufu::documents::ColumnMap;
use hufu::imports::{self, Request, What};
use hufu::kernel::Timestamp;
use tempfile::TempDir;
use tokio::runtime::Runtime;

const ROWS: usize = 100_000;
const SEED: u64 = 7;

fn day() -> Timestamp {
    Timestamp::start_of_day(NaiveDate::from_ymd_opt(2025, 12, 1).expect("a day"))
}

/// The forms of a sub-bureau with exactly [`ROWS`] assets.
fn forms(dir: &Path) -> SampleCsv {
    let spec = SampleSpec { seed: SEED, scale: ROWS.div_ceil(3_000), ..SampleSpec::default() };
    let forms = Sample::generate(spec).write_csv(dir).expect("the forms");
    let assets = std::fs::read_to_string(&forms.assets).expect("the assets");
    let cut: String = assets.split_inclusive('\n').take(ROWS + 1).collect();
    std::fs::write(&forms.assets, cut).expect("the cut assets");
    forms
}

async fn bring(db: &Db, stage: &Stage, path: &Path, what: What) -> usize {
    let request = Request { path, map: ColumnMap::default(), dry_run: false, what };
    imports::run(db, &stage.ctx, &request).await.expect("an import").taken
}

fn assets() -> What {
    What::Assets { effective_at: day(), create_missing: false }
}

/// An office with its units, people and places, and no assets yet.
async fn office(dir: &Path, forms: &SampleCsv) -> (Db, Stage) {
    let path: PathBuf = dir.join("hufu.db");
    let db = Db::open(&format!("sqlite://{}?mode=rwc", path.display())).await.expect("a database");
    db.migrate().await.expect("a schema");
    let stage = Stage::at(day(), SEED);
    for (path, what) in [(&forms.units, What::Units), (&forms.people, What::People), (&forms.places, What::Places)] {
        bring(&db, &stage, path, what).await;
    }
    (db, stage)
}

async fn timed(forms: &SampleCsv) -> Duration {
    let dir = TempDir::new().expect("a folder");
    let (db, stage) = office(dir.path(), forms).await;
    let begun = Instant::now();
    let taken = bring(&db, &stage, &forms.assets, assets()).await;
    let took = begun.elapsed();
    assert_eq!(taken, ROWS);
    took
}

fn import(c: &mut Criterion) {
    let dir = TempDir::new().expect("a folder");
    let forms = forms(dir.path());
    let runtime = Runtime::new().expect("a runtime");
    let mut group = c.benchmark_group("100,000 assets");
    group.sample_size(10).throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("import", |b| {
        b.iter_custom(|times| (0..times).map(|_| runtime.block_on(timed(&forms))).sum());
    });
    group.bench_function("all refused: read and checked only", |b| {
        let held = TempDir::new().expect("a folder");
        let (db, stage) = runtime.block_on(async {
            let (db, stage) = office(held.path(), &forms).await;
            bring(&db, &stage, &forms.assets, assets()).await;
            (db, stage)
        });
        // One byte more, or the file would be refused as brought in already.
        let again = held.path().join("again.csv");
        let mut bytes = std::fs::read(&forms.assets).expect("the assets");
        bytes.push(b'\n');
        std::fs::write(&again, bytes).expect("a copy");
        b.iter(|| assert_eq!(runtime.block_on(bring(&db, &stage, &again, assets())), 0));
    });
    group.finish();
}

criterion_group!(benches, import);
criterion_main!(benches);
