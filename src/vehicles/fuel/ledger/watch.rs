//! The check on the book, and what it opens: an anomaly a record and rule, a finding a fill, each once.

use chrono::{Days, NaiveDate};
use hashbrown::{HashMap, HashSet};
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::json;

use super::entity::{anomaly, transaction};
use super::gather::{Gathered, gather};
use crate::access::{Action, permit};
use crate::db::{Db, DbError, bulk};
use crate::findings::{self, NewFinding};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::FindingId;
use crate::kernel::{Ctx, Timestamp};
use crate::vehicles::VehicleError;
use crate::vehicles::fuel::{Anomaly, Knob, Outcome, Rule, alerts};

/// Days before the stretch that is judged which the check looks at to know each car's habit.
const HABIT_DAYS: u64 = 400;
/// From which score on a fill must be explained; what weighs less stands in the list only.
const FINDING_SCORE: f64 = 45.0;

/// What a check opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    /// Fills looked at.
    pub fills: usize,
    /// Anomalies that are new.
    pub anomalies: usize,
    /// Findings that are new.
    pub findings: usize,
}

/// Reads what the check needs to judge the days from `from` to `to`, and runs it.
///
/// # Errors
/// When the database cannot be read.
pub async fn look(
    db: &Db,
    from: NaiveDate,
    to: NaiveDate,
    as_of: Timestamp,
) -> Result<(Gathered, Outcome), VehicleError> {
    let begun = from.checked_sub_days(Days::new(HABIT_DAYS)).unwrap_or(from);
    let gathered = gather(db.read(), begun, to, as_of).await?;
    // A core's work: not on a thread that serves others.
    tokio::task::spawn_blocking(move || {
        let outcome = gathered.check();
        (gathered, outcome)
    })
    .await
    .map_err(|error| VehicleError::Conflict(format!("核查没有完成：{error}")))
}

/// Checks the fills of the days from `from` to `to` and opens what is new.
///
/// # Errors
/// When it is not theirs to do, or the database refuses.
pub async fn run(db: &Db, ctx: &Ctx, from: NaiveDate, to: NaiveDate) -> Result<Opened, VehicleError> {
    permit(ctx, Action::FuelCheck, None)?;
    let (gathered, outcome) = look(db, from, to, ctx.now()).await?;
    let inside = |one: &&Anomaly| {
        let day = gathered.records[one.fill as usize].at.day();
        from <= day && day <= to
    };
    let found: Vec<&Anomaly> = outcome.anomalies.iter().filter(inside).collect();
    let fills = gathered.records.iter().filter(|row| from <= row.at.day() && row.at.day() <= to).count();
    db.write(async |tx| {
        let known = known(tx, &gathered, &found).await?;
        let fresh: Vec<&&Anomaly> = found
            .iter()
            .filter(|one| !known.contains(&(gathered.records[one.fill as usize].id, one.rule.as_str().to_owned())))
            .collect();
        let mut digest = RowsDigest::new(ctx);
        let opened = findings::open_many(tx, ctx, to_explain(&gathered, &found), &mut digest).await?;
        let of_record: HashMap<String, FindingId> =
            opened.iter().map(|finding| (finding.origin_id.clone(), finding.id)).collect();
        let rows: Vec<anomaly::Model> = fresh
            .iter()
            .map(|one| row(ctx, &gathered.records[one.fill as usize], &gathered, one, &of_record))
            .collect();
        rows.iter().for_each(|row| digest.add(row));
        let done = Opened { fills, anomalies: rows.len(), findings: opened.len() };
        bulk::insert(tx, rows).await?;
        let payload = json!({ "from": from, "to": to, "fills": done.fills, "anomalies": done.anomalies, "findings": done.findings });
        let entry = Entry { action: "fuel.check", subject: format!("{from}/{to}"), unit: None, payload, rows: digest };
        journal::record(tx, ctx, entry).await?;
        Ok(done)
    })
    .await
}

async fn known(
    tx: &crate::db::Tx,
    gathered: &Gathered,
    found: &[&Anomaly],
) -> Result<HashSet<(Uuid, String)>, DbError> {
    let mut known = HashSet::new();
    let ids: Vec<Uuid> = found.iter().map(|one| gathered.records[one.fill as usize].id).collect();
    for chunk in ids.chunks(bulk::CHUNK_ROWS) {
        let rows =
            anomaly::Entity::find().filter(anomaly::Column::TransactionId.is_in(chunk.iter().copied())).all(tx).await?;
        known.extend(rows.into_iter().map(|row| (row.transaction_id, row.rule)));
    }
    Ok(known)
}

fn row(
    ctx: &Ctx,
    record: &transaction::Model,
    gathered: &Gathered,
    one: &Anomaly,
    findings: &HashMap<String, FindingId>,
) -> anomaly::Model {
    #[expect(clippy::cast_possible_truncation, reason = "a score is from 1 to 100")]
    let score = (one.score * 10.0).round() as i64;
    anomaly::Model {
        id: ctx.new_id(),
        transaction_id: record.id,
        item_id: one.car.and_then(|car| gathered.things.get(car as usize)).map(|thing| thing.id),
        unit_id: one.car.and_then(|car| gathered.unit(car)),
        rule: one.rule.as_str().to_owned(),
        severity: one.severity().as_str().to_owned(),
        score,
        observed: one.observed.clone(),
        expected: one.expected.clone(),
        explanation: one.explanation.clone(),
        finding_id: findings.get(&record.id.to_string()).copied(),
        found_at: ctx.now(),
        version: 1,
    }
}

/// One finding a fill, with everything that speaks of it.
fn to_explain(gathered: &Gathered, found: &[&Anomaly]) -> Vec<NewFinding> {
    let these: Vec<Anomaly> = found.iter().map(|one| (*one).clone()).collect();
    alerts(&these)
        .into_iter()
        .filter(|alert| alert.score >= FINDING_SCORE)
        .map(|alert| {
            let record = &gathered.records[alert.fill as usize];
            let of_fill = || these.iter().filter(|one| one.fill == alert.fill);
            let rules: Vec<&str> = of_fill().map(|one| one.rule.zh()).collect();
            let plate = alert.car.and_then(|car| gathered.cars.get(car as usize)).map(|car| car.plate.as_str());
            let plate = plate.unwrap_or(record.plate.as_str());
            let what = if alert.is_gate() { "加油记录待更正" } else { "加油异常" };
            let said: Vec<&str> = of_fill().map(|one| one.explanation.as_str()).collect();
            NewFinding {
                room: "fuel",
                origin: record.id.to_string(),
                link: format!("/vehicles/fuel/records/{}", record.id),
                kind: findings::Kind::FuelAnomaly,
                unit: alert.car.and_then(|car| gathered.unit(car)),
                item: alert.car.and_then(|car| gathered.things.get(car as usize)).map(|thing| thing.id),
                title: format!("{plate} {} {what}：{}", record.at, rules.join("、")),
                description: said.join("\n"),
            }
        })
        .collect()
}

/// How many of the last year's fills each rule speaks of: shown beside the numbers that decide.
///
/// # Errors
/// When the database cannot be read.
pub async fn last_year(db: &Db, ctx: &Ctx) -> Result<Vec<(Rule, usize)>, VehicleError> {
    permit(ctx, Action::FuelRead, None)?;
    let to = ctx.now().day();
    let from = to.checked_sub_days(Days::new(365)).unwrap_or(to);
    let (gathered, outcome) = look(db, from, to, ctx.now()).await?;
    Ok(by_rule(&gathered, &outcome, from))
}

/// The same with one number set otherwise, before it is.
///
/// # Errors
/// When the database cannot be read.
pub async fn last_year_with(db: &Db, ctx: &Ctx, knob: Knob, value: f64) -> Result<Vec<(Rule, usize)>, VehicleError> {
    permit(ctx, Action::FuelRead, None)?;
    let to = ctx.now().day();
    let from = to.checked_sub_days(Days::new(365)).unwrap_or(to);
    let begun = from.checked_sub_days(Days::new(HABIT_DAYS)).unwrap_or(from);
    let gathered = gather(db.read(), begun, to, ctx.now()).await?;
    tokio::task::spawn_blocking(move || {
        let mut limits = gathered.limits().clone();
        limits.all = limits.all.with(knob, value);
        limits.of.values_mut().for_each(|own| *own = own.clone().with(knob, value));
        let outcome = gathered.check_with(&limits);
        by_rule(&gathered, &outcome, from)
    })
    .await
    .map_err(|error| VehicleError::Conflict(format!("核查没有完成：{error}")))
}

fn by_rule(gathered: &Gathered, outcome: &Outcome, from: NaiveDate) -> Vec<(Rule, usize)> {
    let count = |rule: Rule| {
        let of_rule = |one: &&Anomaly| one.rule == rule && gathered.records[one.fill as usize].at.day() >= from;
        outcome.anomalies.iter().filter(of_rule).count()
    };
    Rule::ALL.iter().map(|rule| (*rule, count(*rule))).collect()
}
