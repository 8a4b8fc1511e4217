//! The process is killed while phones send: what was acknowledged is on disk, and no batch is there by half.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;

use hashbrown::HashMap;
use hufu::db::Db;
use hufu::journal;
use hufu::kernel::random::Random;
use hufu::kernel::{Actor, Ctx, Quantity};
use hufu::stocktake::counting::NewScan;
use hufu::stocktake::counting::recorder::{Batch, Recorder};
use hufu::stocktake::entity::scan;
use hufu::stocktake::model::Condition;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::stage::{NUMBER, Stage};

/// Tells the child where the book is.
const BOOK: &str = "HUFU_TEST_KILLED_BOOK";
/// Scans of a batch.
const BATCH: usize = 7;
/// After so many acknowledged batches the child is killed.
const KILLED_AFTER: [usize; 4] = [1, 10, 60, 200];

/// Not a test: the process that is killed. Six phones send batches without end; each that is acknowledged is printed.
#[test]
#[ignore = "run by the test below"]
fn child() {
    let Ok(book) = std::env::var(BOOK) else { return };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let db = Db::open(&book).await.unwrap();
        let recorder = Arc::new(Recorder::start(db).unwrap());
        let clock = Arc::new(hufu::kernel::clock::SystemClock);
        let ctx = Ctx::new(Actor::Local("phone".to_owned()), clock, Arc::new(Random::system().unwrap()));
        let phones: Vec<_> = (0..6).map(|_| tokio::spawn(phone(Arc::clone(&recorder), ctx.clone()))).collect();
        for phone in phones {
            phone.await.unwrap();
        }
    });
}

async fn phone(recorder: Arc<Recorder>, ctx: Ctx) {
    loop {
        let batch = ctx.random();
        let scan = |_| NewScan {
            id: ctx.new_id(),
            code_read: "X".to_owned(),
            place: None,
            keeper: None,
            quantity: Quantity::ONE,
            condition: Condition::Good,
            no_label: false,
            name: String::new(),
            serial_number: String::new(),
            note: batch.to_string(),
            counter: "甲".to_owned(),
            device: String::new(),
            device_at: ctx.now(),
        };
        let scans = (0..BATCH).map(scan).collect();
        recorder.record(Batch { ctx: ctx.clone(), number: NUMBER.to_owned(), scans }).await.unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "acknowledged {batch}").unwrap();
        out.flush().unwrap();
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_on_disk_and_nothing_by_half() {
    for after in KILLED_AFTER {
        let stage = Stage::open().await;
        let book = stage.office.dir.database().url();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "killed::child", "--ignored", "--nocapture"]).env(BOOK, book);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut told = lines.filter_map(|line| Some(line.split_once("acknowledged ")?.1.to_owned()));
        let mut acknowledged: Vec<String> = told.by_ref().take(after).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said before the blow counts as well; its last line may be cut.
        let rest: Vec<String> = told.collect();
        acknowledged.extend(rest.into_iter().rev().skip(1));
        assert!(acknowledged.len() >= after);

        let rows = scan::Entity::find().order_by_asc(scan::Column::Seq).all(stage.office.db.read()).await.unwrap();
        let mut batches: HashMap<&str, usize> = HashMap::new();
        for (row, seq) in rows.iter().zip(1..) {
            assert_eq!(row.seq, seq, "no gap, no number twice");
            *batches.entry(&row.note).or_default() += 1;
        }
        assert!(batches.values().all(|count| *count == BATCH), "a batch by half");
        for batch in &acknowledged {
            assert!(batches.contains_key(batch.as_str()), "acknowledged and lost");
        }
        let entries = journal::entity::Entity::find().filter(journal::entity::Column::Action.eq("stocktake.scan"));
        assert_eq!(entries.all(stage.office.db.read()).await.unwrap().len(), batches.len(), "an entry each");
        // The book goes on where it stood.
        let answers = stage.send(stage.member(0), &[stage.scan("A-0", Some((0, 0)))]).await;
        assert_eq!(answers[0]["answer"], "recorded");
    }
}
