//! What a closed campaign leaves to be explained: a finding for each difference, and an end to the search for what was
//! found again.

use hashbrown::{HashMap, HashSet};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::json;

use super::entity::{campaign, missing_case};
use super::error::StocktakeError;
use super::line::Tally;
use super::outcome::{Outcome, OutcomeLine};
use super::store;
use super::verdict::{Flags, Verdict};
use crate::db::{DbError, Tx};
use crate::findings::opening;
use crate::findings::{EvidenceKind, Kind, NewFinding, open_many};
use crate::journal::RowsDigest;
use crate::kernel::ids::{CampaignId, ItemId, MissingCaseId, UnitId};
use crate::kernel::{Ctx, Quantity};
use crate::webhooks;

/// This room, as a finding names where it came from.
pub(crate) const ROOM: &str = "stocktake";

/// Opens a finding for each line that asks something of someone, settles those of what was found again, and tells
/// subscribers that the campaign ended; in the caller's transaction, after the missing cases were written.
pub(super) async fn follow(
    tx: &Tx,
    ctx: &Ctx,
    campaign: &campaign::Model,
    outcome: &Outcome,
    digest: &mut RowsDigest,
) -> Result<(), StocktakeError> {
    settle_recovered(tx, ctx, campaign, digest).await?;
    let cases = store::open_missing_cases(tx).await?;
    let (sought, mut new) = missing(campaign, outcome, &cases);
    note_still_missing(tx, ctx, campaign, &sought, digest).await?;
    new.extend((1..).zip(&outcome.lines).filter_map(|(number, line)| difference(campaign, outcome, number, line)));
    new.extend(uncounted(campaign, outcome));
    let opened = open_many(tx, ctx, new, digest).await?;
    let mut tally = Tally::default();
    outcome.lines.iter().for_each(|line| tally.add_verdict(line.verdict, line.expected, line.value()));
    let told = json!({
        "id": campaign.id, "number": campaign.number, "name": campaign.name, "baseline_at": campaign.baseline_at,
        "closed_at": campaign.closed_at, "tally": tally, "findings_opened": opened.len(),
    });
    Ok(webhooks::publish(tx, ctx, webhooks::Event::CampaignClosed, &told).await?)
}

/// What the finding of a line of a closed campaign names as its origin.
pub(crate) fn line_origin(campaign: CampaignId, line: i64) -> String {
    format!("campaign/{campaign}/line/{line}")
}

/// Adds to the finding of a line or a case what was done about it since; where nobody has explained it yet that is the
/// explanation, and a person has only to verify.
pub(crate) async fn answer(
    tx: &Tx,
    ctx: &Ctx,
    (kind, origin): (Kind, String),
    evidence: (EvidenceKind, String),
    digest: &mut RowsDigest,
) -> Result<(), DbError> {
    for (_, row) in opening::of_origins(tx, ROOM, kind, &[origin]).await? {
        opening::settle(tx, ctx, row, evidence.clone(), digest).await?;
    }
    Ok(())
}

/// What a missing case's finding names as its origin.
pub(crate) fn case_origin(case: MissingCaseId) -> String {
    format!("missing_case/{case}")
}

/// The finding that a verdict opens; what is missing, matched, excused or not yet counted is told apart elsewhere.
const fn kind_of(verdict: Verdict) -> Option<Kind> {
    match verdict {
        Verdict::Conflict => Some(Kind::Conflict),
        Verdict::DisposedPresent => Some(Kind::DisposedPresent),
        Verdict::Misplaced => Some(Kind::Misplaced),
        Verdict::WrongKeeper => Some(Kind::WrongKeeper),
        Verdict::Short => Some(Kind::Short),
        Verdict::Over => Some(Kind::Over),
        Verdict::Foreign => Some(Kind::Foreign),
        Verdict::Unregistered => Some(Kind::Unregistered),
        Verdict::Missing | Verdict::Pending | Verdict::Matched | Verdict::Excused => None,
    }
}

fn difference(campaign: &campaign::Model, outcome: &Outcome, number: usize, line: &OutcomeLine) -> Option<NewFinding> {
    let damaged = line.flags.has(Flags::DAMAGED).then_some(Kind::Damaged);
    let kind = kind_of(line.verdict).or(damaged)?;
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    Some(finding_of(campaign, outcome, line, kind, line_origin(campaign.id, number)))
}

fn finding_of(
    campaign: &campaign::Model,
    outcome: &Outcome,
    line: &OutcomeLine,
    kind: Kind,
    origin: String,
) -> NewFinding {
    let what = [line.number(), line.name()].join(" ");
    NewFinding {
        room: ROOM,
        origin,
        link: format!("/stocktake/{}", campaign.number),
        kind,
        unit: line.unit,
        item: line.item.as_ref().map(|item| item.id),
        title: format!("{}：{}", kind.zh(), what.trim()),
        description: description(campaign, outcome, line),
    }
}

/// Book against count, in one paragraph that names only what differs.
fn description(campaign: &campaign::Model, outcome: &Outcome, line: &OutcomeLine) -> String {
    let names = &outcome.directory;
    let mut parts = vec![format!("{}（{}），{}", campaign.name, campaign.number, line.verdict.zh())];
    let mut differs = |what: &str, book: &str, counted: &str| {
        if book != counted {
            let shown = |text: &str| if text.is_empty() { "无".to_owned() } else { text.to_owned() };
            parts.push(format!("{what}：账面 {}，实盘 {}", shown(book), shown(counted)));
        }
    };
    if line.verdict != Verdict::Missing {
        differs("地点", names.place_name(line.book_place), names.place_name(line.counted_place));
        if line.counted_keeper.is_some() {
            differs("使用人", names.person_name(line.book_keeper), names.person_name(line.counted_keeper));
        }
    }
    let many = |quantity: Option<Quantity>| quantity.map(|quantity| quantity.to_string()).unwrap_or_default();
    differs("数量", &many(line.book_quantity), &many(line.counted_quantity));
    if line.flags.has(Flags::DAMAGED) {
        parts.push("损坏".to_owned());
    }
    if let Some(scan) = line.scan.as_ref().filter(|scan| !scan.note.is_empty()) {
        parts.push(format!("备注：{}", scan.note));
    }
    if !line.lead.is_empty() {
        parts.push(line.lead.clone());
    }
    parts.join("；")
}

/// A finding for each missing thing, of its missing case: next year's campaign finds the same finding.
fn missing(
    campaign: &campaign::Model,
    outcome: &Outcome,
    cases: &HashMap<ItemId, missing_case::Model>,
) -> (Vec<String>, Vec<NewFinding>) {
    let mut sought = Vec::new();
    let mut new = Vec::new();
    for line in outcome.lines.iter().filter(|line| line.verdict == Verdict::Missing) {
        let Some(case) = line.item.as_ref().and_then(|item| cases.get(&item.id)) else { continue };
        sought.push(case_origin(case.id));
        new.push(finding_of(campaign, outcome, line, Kind::Missing, case_origin(case.id)));
    }
    (sought, new)
}

/// What was missing before and is again: said on its finding, which is not opened twice; but it is opened again where
/// somebody closed it while the thing was still away.
async fn note_still_missing(
    tx: &Tx,
    ctx: &Ctx,
    campaign: &campaign::Model,
    sought: &[String],
    digest: &mut RowsDigest,
) -> Result<(), StocktakeError> {
    for (_, row) in in_order(opening::of_origins(tx, ROOM, Kind::Missing, sought).await?) {
        let words = format!("{}（{}）仍未找到", campaign.name, campaign.number);
        opening::seen_again(tx, ctx, row, words, digest).await?;
    }
    Ok(())
}

fn in_order<T>(by_origin: HashMap<String, T>) -> Vec<(String, T)> {
    let mut rows: Vec<_> = by_origin.into_iter().collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows
}

/// What an earlier list missed and this campaign saw (复盘找回): its finding has the evidence and waits to be verified.
async fn settle_recovered(
    tx: &Tx,
    ctx: &Ctx,
    campaign: &campaign::Model,
    digest: &mut RowsDigest,
) -> Result<(), StocktakeError> {
    let found = missing_case::Entity::find().filter(missing_case::Column::FoundIn.eq(campaign.id)).all(tx).await?;
    let origins: Vec<String> = found.iter().map(|case| case_origin(case.id)).collect();
    for (_, row) in in_order(opening::of_origins(tx, ROOM, Kind::Missing, &origins).await?) {
        let words = format!("{}（{}）中复盘找回", campaign.name, campaign.number);
        opening::settle(tx, ctx, row, (EvidenceKind::Recount, words), digest).await?;
    }
    Ok(())
}

/// One finding a unit for all that nobody looked at, when a campaign ends with sheets open.
fn uncounted(campaign: &campaign::Model, outcome: &Outcome) -> Vec<NewFinding> {
    let mut pending: HashMap<UnitId, usize> = HashMap::new();
    for line in outcome.lines.iter().filter(|line| line.verdict == Verdict::Pending) {
        if let Some(unit) = line.unit {
            *pending.entry(unit).or_default() += 1;
        }
    }
    let mut seen = HashSet::new();
    let units = outcome.sheets.iter().map(|sheet| sheet.unit_id).filter(|unit| seen.insert(*unit));
    units
        .filter_map(|unit| {
            let many = pending.get(&unit)?;
            let name = outcome.directory.unit_name(unit);
            Some(NewFinding {
                room: ROOM,
                origin: format!("campaign/{}/unit/{unit}", campaign.id),
                link: format!("/stocktake/{}", campaign.number),
                kind: Kind::Uncounted,
                unit: Some(unit),
                item: None,
                title: format!("未盘：{name} {many} 项"),
                description: format!("{}（{}）结束时，{name}尚有 {many} 项未盘", campaign.name, campaign.number),
            })
        })
        .collect()
}
