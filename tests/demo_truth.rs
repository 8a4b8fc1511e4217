//! The demo, played by the program as anyone runs it, finds what was hidden in it: every verdict and every flag.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[expect(dead_code, reason = "each test binary uses its part of the databases")]
#[path = "support/database.rs"]
mod database;

use std::collections::BTreeMap;
use std::process::Command;

use database::TestDatabase;

use hufu::cli::demo::count_plan::{CountPlan, PlantedSubject};
use hufu::cli::demo::sample::{Sample, SampleSpec};
use hufu::db::Db;
use hufu::kernel::Timestamp;
use hufu::stocktake::outcome::{Outcome, OutcomeLine};
use hufu::stocktake::store;
use hufu::stocktake::verdict::{Flags, Verdict};

/// A thing by its number; what no book knows by the device and the instant of its scan.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Number(String),
    Scan(String, Timestamp),
}

type Truths = BTreeMap<Subject, (Verdict, Flags)>;

fn planted(sample: &Sample, plan: &CountPlan) -> Truths {
    let subject = |subject| match subject {
        PlantedSubject::Asset(at) => Subject::Number(sample.asset(at).item_number.clone()),
        PlantedSubject::Scan(at) => Subject::Scan(plan.scan(at).device.clone(), plan.scan(at).at),
    };
    plan.planted.iter().map(|truth| (subject(truth.subject), (truth.verdict, truth.flags))).collect()
}

fn found(lines: &[OutcomeLine]) -> Truths {
    let subject = |line: &OutcomeLine| match (&line.item, &line.scan) {
        (Some(item), _) => Subject::Number(item.item_number.clone()),
        (None, Some(scan)) => Subject::Scan(scan.device.clone(), scan.device_at),
        (None, None) => panic!("a line of nothing: {line:?}"),
    };
    lines.iter().map(|line| (subject(line), (line.verdict, line.flags))).collect()
}

async fn outcome(url: &str) -> Outcome {
    let db = Db::open(url).await.unwrap();
    let campaigns = store::campaigns(db.read()).await.unwrap();
    assert_eq!(campaigns.len(), 1);
    Outcome::load(db.read(), &campaigns[0]).await.unwrap()
}

#[tokio::test]
async fn the_demo_finds_what_was_planted() {
    let dir = tempfile::tempdir().unwrap();
    let database = TestDatabase::blank(dir.path(), "hufu.db");
    let played = Command::new(env!("CARGO_BIN_EXE_hufu"))
        .args(["demo", "--json", "--scale", "1", "--seed", "2026", "--out"])
        .arg(dir.path())
        .env("HUFU_DATABASE_URL", database.url())
        .output()
        .unwrap();
    assert!(played.status.success(), "{}", String::from_utf8_lossy(&played.stderr));
    let sample = Sample::generate(SampleSpec { seed: 2026, scale: 1, ..SampleSpec::default() });
    let plan = CountPlan::of(&sample);
    let outcome = outcome(database.url()).await;
    let (planted, found) = (planted(&sample, &plan), found(&outcome.lines));
    let wrong: Vec<_> = planted.iter().filter(|(subject, truth)| found.get(*subject) != Some(*truth)).collect();
    let told: Vec<_> = wrong.iter().map(|(subject, truth)| (subject, truth, found.get(*subject))).collect();
    assert!(told.is_empty(), "planted and not found so: {told:#?}");
    let invented: Vec<_> = found.keys().filter(|subject| !planted.contains_key(*subject)).collect();
    assert!(invented.is_empty(), "found and not planted: {invented:#?}");
    assert_eq!(outcome.lines.len(), plan.planted.len());
}
