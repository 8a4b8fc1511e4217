//! How long it takes to check an export, beside what it takes to record, seal and export that many entries.
//!
//! `cargo bench -p hufu --bench journal` measures 1,000,000 entries; `HUFU_BENCH_ENTRIES=100000` another number.
#![expect(clippy::unwrap_used, reason = "a bench stops where it fails")]
#![expect(clippy::print_stdout, reason = "a bench tells what it measured")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hufu::db::{Db, DbError, bulk};
use hufu::items::entity::label;
use hufu::items::model::LabelState;
use hufu::journal::verify::verify;
use hufu::journal::{self, Entry, RowsDigest, checkpoint, export, sequencer};
use hufu::kernel::clock::SetClock;
use hufu::kernel::hash::HashKind;
use hufu::kernel::random::Random;
use hufu::kernel::{Actor, Ctx, Timestamp};
use hufu::watched::{prepare, tables};

/// Entries written in one transaction.
const CHUNK: usize = 2_000;

fn row(ctx: &Ctx, n: usize) -> label::Model {
    label::Model {
        code: format!("{n:012}"),
        subject_kind: None,
        item_id: None,
        place_id: None,
        current_of: None,
        generation: 1,
        template: "asset-60x40".to_owned(),
        state: LabelState::Blank,
        issued_at: ctx.now(),
        issued_by: ctx.actor.to_string(),
        printed_at: None,
        print_count: 0,
    }
}

async fn write(db: &Db, ctx: &Ctx, entries: usize) -> Result<(), DbError> {
    for from in (0..entries).step_by(CHUNK) {
        db.write(async |tx| {
            let rows: Vec<label::Model> = (from..entries.min(from + CHUNK)).map(|n| row(ctx, n)).collect();
            for row in &rows {
                let entry = Entry {
                    action: "labels.print_blanks",
                    subject: row.code.clone(),
                    unit: None,
                    payload: serde_json::json!({ "template": row.template, "count": 1 }),
                    rows: RowsDigest::new(ctx).with(row),
                };
                journal::record(tx, ctx, entry).await?;
            }
            bulk::insert(tx, rows).await?;
            Ok::<_, DbError>(())
        })
        .await?;
    }
    Ok(())
}

fn export_of(entries: usize, kind: HashKind, dir: &std::path::Path) -> (PathBuf, PathBuf) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = format!("sqlite://{}?mode=rwc", dir.join(format!("{}.db", kind.name())).display());
        let db = Db::open(&url).await.unwrap();
        let clock = Arc::new(SetClock::at(Timestamp(1_764_000_000_000)));
        let ctx = Ctx::new(Actor::Local("bench".to_owned()), clock, Arc::new(Random::seeded(1))).hashing_with(kind);
        prepare(&db, &ctx, Some(kind)).await.unwrap();
        let tell =
            |what: &str, since: Instant| println!("{} {what}: {:.2} s", kind.name(), since.elapsed().as_secs_f64());
        let since = Instant::now();
        write(&db, &ctx, entries).await.unwrap();
        tell("recorded, one touched row each", since);
        let since = Instant::now();
        sequencer::seal_now(&db, &ctx).await.unwrap();
        tell("sealed", since);
        let note = dir.join(format!("{}.note", kind.name()));
        std::fs::write(&note, checkpoint::make(&db, &ctx).await.unwrap().note).unwrap();
        let path = dir.join(format!("{}.hufu", kind.name()));
        let since = Instant::now();
        let exported = export::write(&db, &ctx, &tables(), &path).await.unwrap();
        tell(&format!("exported, {} MB", exported.bytes / 1_000_000), since);
        db.close().await;
        (path, note)
    })
}

fn checking(criterion: &mut Criterion) {
    let entries = std::env::var("HUFU_BENCH_ENTRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let dir = tempfile::tempdir().unwrap();
    let mut group = criterion.benchmark_group("journal");
    group.sample_size(10).throughput(Throughput::Elements(entries as u64));
    for kind in [HashKind::Sha256, HashKind::Sm3] {
        let (path, note) = export_of(entries, kind, dir.path());
        group.bench_function(format!("verify {entries} entries, {}", kind.name()), |bencher| {
            bencher.iter(|| {
                let report = verify(&path, std::slice::from_ref(&note)).unwrap();
                assert!(report.fits, "{:#?}", report.faults);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, checking);
criterion_main!(benches);
