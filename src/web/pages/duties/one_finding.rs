//! One finding: its facts, its evidence, its time line, and the steps that can be taken.

use askama::Template;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::findings::{card, deadline, kind_word, numbers, state_mark};
use super::names::{Names, end_of, spaced, suggested, whom};
use crate::findings::entity::{finding, finding_event};
use crate::findings::model::{EventKind, State};
use crate::findings::possible::{self, Possible, Why};
use crate::findings::service::{self, NewEvidence, Target};
use crate::findings::{EvidenceKind, FindingError, store};
use crate::kernel::Ctx;
use crate::kernel::ids::FindingId;
use crate::web::extract::{Path, Query};
use crate::web::pages::form::{Faults, explained, own_page};
use crate::web::pages::parts::Mark;
use crate::web::pages::refusals::said_in;
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    said: String,
}

/// What was typed into any of the forms.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    version: i64,
    owner_id: String,
    deadline_at: String,
    explanation: String,
    kind: String,
    note: String,
    reference: String,
    reason: String,
    remark: String,
}

/// A step as it is shown: a form, or a grey button with the reason.
#[derive(Debug)]
struct Step {
    name: &'static str,
    label: String,
    help: String,
    why: String,
    /// The field that holds the words; blank for a step with fields of its own.
    field: &'static str,
    field_label: String,
    value: String,
    fault: String,
}

/// A line of the time line.
#[derive(Debug)]
struct Event {
    at: String,
    who: String,
    what: String,
    note: String,
}

/// A piece of evidence.
#[derive(Debug)]
struct Piece {
    kind: String,
    note: String,
    reference: String,
    who: String,
    at: String,
}

#[derive(Template)]
#[template(path = "duties/finding.html")]
struct One {
    frame: Frame,
    title: String,
    said: String,
    faults: Faults,
    id: String,
    version: i64,
    description: String,
    state: Mark,
    kind: String,
    unit: String,
    owner: String,
    deadline: Mark,
    opened: String,
    item: String,
    item_link: String,
    origin: String,
    explained_by: String,
    verified_by: String,
    closed_at: String,
    rule: String,
    outside: bool,
    missing: Vec<String>,
    steps: Vec<Step>,
    next: Option<usize>,
    events: Vec<Event>,
    evidence: Vec<Piece>,
    evidence_kinds: Vec<(String, String)>,
    people: Vec<(String, String)>,
    typed: Typed,
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let w = &frame.words.duties.step;
    let said = match asked.said.as_str() {
        "assign" => &w.assigned,
        "explain" => &w.explained,
        "evidence" => &w.evidence,
        "send-back" => &w.sent_back,
        "verify" => &w.verified,
        "close" => &w.closed,
        "reopen" => &w.reopened,
        _ => "",
    };
    let said = if said.is_empty() { String::new() } else { format!("{}{said}", frame.words.duties.finding.done) };
    let shown = Shown { said, typed: Typed::default(), faults: Faults::default() };
    one(&app, &ctx, FindingId(id), frame, shown).await
}

/// What a page shows besides the finding.
struct Shown {
    said: String,
    typed: Typed,
    faults: Faults,
}

async fn one(app: &App, ctx: &Ctx, id: FindingId, frame: Frame, shown: Shown) -> Result<Response, ApiError> {
    let db = app.db().read();
    let row = store::one(db, ctx, id).await?;
    let events = store::events(db, id).await?;
    let evidence = store::evidence(db, id).await?;
    let can = possible::of(db, ctx, &row, &evidence).await?;
    let rule = row.kind.rule(row.opened_at);
    let present: Vec<_> = evidence.iter().map(|piece| piece.kind).collect();
    let people = [row.owner_id, row.explained_by, row.verified_by].into_iter().flatten();
    let people = people.chain(events.iter().filter_map(|event| event.owner_id));
    let actors = events.iter().map(|event| event.actor.as_str()).chain(evidence.iter().map(|one| one.actor.as_str()));
    let names = Names::of(db, people, actors).await?;
    let item = numbers(app, std::slice::from_ref(&row)).await?.into_values().next().unwrap_or_default();
    let people = match can.assign {
        None => suggested(db, row.unit_id).await?,
        Some(_) => Vec::new(),
    };
    let steps = steps(&frame, &can, row.state, &shown);
    let next = steps.iter().position(|step| step.name == next_step(row.state));
    let status = if shown.faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page_of = One {
        title: row.title.clone(),
        id: row.id.to_string(),
        version: row.version,
        description: row.description.clone(),
        state: state_mark(&frame, row.state),
        kind: kind_word(&frame, row.kind),
        unit: names.unit(row.unit_id),
        owner: row.owner_id.map(|id| names.person_and_unit(id)).unwrap_or_default(),
        deadline: deadline(&frame, &row, ctx.now()),
        opened: row.opened_at.to_string(),
        item_link: card(&item),
        item,
        origin: origin(&row),
        explained_by: names.person(row.explained_by),
        verified_by: names.person(row.verified_by),
        closed_at: row.closed_at.map(|at| at.to_string()).unwrap_or_default(),
        rule: rule.reason.to_owned(),
        outside: rule.verified_outside,
        missing: rule
            .evidence
            .iter()
            .filter(|any| !any.iter().any(|kind| present.contains(kind)))
            .map(|any| any.iter().map(|kind| evidence_word(&frame, *kind)).collect::<Vec<_>>())
            .map(|any| any.join(frame.either("或", " or ")))
            .collect(),
        steps,
        next,
        events: events.iter().map(|one| event(&frame, &names, one)).collect(),
        evidence: evidence
            .iter()
            .map(|piece| Piece {
                kind: evidence_word(&frame, piece.kind),
                note: piece.note.clone(),
                reference: piece.reference.clone().unwrap_or_default(),
                who: names.actor(&frame, &piece.actor),
                at: piece.at.to_string(),
            })
            .collect(),
        evidence_kinds: EvidenceKind::ALL
            .iter()
            .map(|kind| (kind.as_str().to_owned(), evidence_word(&frame, *kind)))
            .collect(),
        people,
        said: shown.said,
        typed: shown.typed,
        faults: shown.faults,
        frame,
    };
    Ok(page(status, None, &page_of))
}

/// Where to look at what it came from: the rooms name their API, the pages their own.
fn origin(row: &finding::Model) -> String {
    match row.origin_link.strip_prefix("/campaigns/") {
        Some(rest) => format!("/stocktake/{rest}"),
        None => own_page(&row.origin_link).to_owned(),
    }
}

fn evidence_word(frame: &Frame, kind: EvidenceKind) -> String {
    frame.either(kind.zh(), &spaced(kind.as_str())).to_owned()
}

/// The step that the state waits for.
const fn next_step(state: State) -> &'static str {
    match state {
        State::Open => "assign",
        State::Assigned => "explain",
        State::Explained => "verify",
        State::Verified => "close",
        State::Closed => "reopen",
    }
}

fn event(frame: &Frame, names: &Names, row: &finding_event::Model) -> Event {
    let w = &frame.words.duties.step;
    let what = match row.kind {
        EventKind::Opened => &w.opened,
        EventKind::Assigned => &w.assigned,
        EventKind::Explained => &w.explained,
        EventKind::Evidence => &w.evidence,
        EventKind::SentBack => &w.sent_back,
        EventKind::Verified => &w.verified,
        EventKind::Closed => &w.closed,
        EventKind::Reopened => &w.reopened,
        EventKind::Overdue => &w.overdue,
        EventKind::Noted => &w.noted,
    };
    Event { at: row.at.to_string(), who: names.actor(frame, &row.actor), what: what.clone(), note: row.note.clone() }
}

/// Every step: what the state waits for first, then what can be done beside it, then what cannot.
fn steps(frame: &Frame, can: &Possible, state: State, shown: &Shown) -> Vec<Step> {
    let (w, typed) = (&frame.words.duties.finding, &shown.typed);
    let step = |name, (label, help): (&String, &String), why: &Why, field, field_label: &String, value: &String| Step {
        name,
        label: label.clone(),
        help: help.clone(),
        why: why.clone().map(|why| said_in(frame.language, why)).unwrap_or_default(),
        field,
        field_label: field_label.clone(),
        value: value.clone(),
        fault: shown.faults.of(field).to_owned(),
    };
    let none = String::new();
    let mut all = vec![
        step("assign", (&w.assign, &w.assign_help), &can.assign, "", &none, &none),
        step("explain", (&w.explain, &w.explain_help), &can.explain, "explanation", &w.explanation, &typed.explanation),
        step("verify", (&w.verify, &w.verify_help), &can.verify, "remark", &w.remark, &typed.remark),
        step("close", (&w.close, &w.close_help), &can.close, "remark", &w.remark, &typed.remark),
        step("evidence", (&w.add_evidence, &w.add_evidence_help), &can.evidence, "", &none, &none),
        step("send-back", (&w.send_back, &w.send_back_help), &can.send_back, "reason", &w.reason, &typed.reason),
        step("reopen", (&w.reopen, &w.reopen_help), &can.reopen, "reason", &w.reason, &typed.reason),
    ];
    let next = next_step(state);
    all.sort_by_key(|step| (!step.why.is_empty(), step.name != next));
    all
}

const FIELDS: [&str; 8] = ["owner_id", "deadline_at", "explanation", "kind", "note", "reference", "reason", "remark"];

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((id, step)): Path<(Uuid, String)>,
    frame: Frame,
    axum::Form(typed): axum::Form<Typed>,
) -> Result<Response, ApiError> {
    let id = FindingId(id);
    let stale = |error| match error {
        ApiError::Stale => ApiError::Conflict(frame.words.duties.finding.stale.clone()),
        other => other,
    };
    match carry_out(&app, &ctx, id, &step, &typed).await.map_err(|error| explained(stale(error))) {
        Ok(()) => Ok(Redirect::to(&format!("/findings/{}?said={step}", id.0)).into_response()),
        Err(Err(error)) => Err(error),
        Err(Ok((field, reason))) => {
            let faults = Faults::refused(field.as_deref(), reason, &FIELDS);
            one(&app, &ctx, id, frame, Shown { said: String::new(), typed, faults }).await
        }
    }
}

async fn carry_out(app: &App, ctx: &Ctx, id: FindingId, step: &str, typed: &Typed) -> Result<(), ApiError> {
    let row = store::one(app.db().read(), ctx, id).await?;
    let target = Target { id, version: Some(typed.version) };
    let ctx = ctx.clone();
    let (explanation, reason, remark) = (typed.explanation.clone(), typed.reason.clone(), typed.remark.clone());
    match step {
        "assign" => {
            let owner = whom(app.db().read(), "owner_id", &typed.owner_id, row.unit_id).await?;
            let until = end_of("deadline_at", &typed.deadline_at)?;
            app.write(move |db| async move { service::assign(&db, &ctx, target, owner, until).await }).await?;
        }
        "explain" => {
            app.write(move |db| async move { service::explain(&db, &ctx, target, &explanation).await }).await?;
        }
        "evidence" => {
            let kind = EvidenceKind::ALL.iter().copied().find(|kind| kind.as_str() == typed.kind);
            let kind = kind.ok_or_else(|| ApiError::invalid("kind", "请选择证据种类"))?;
            let reference = Some(typed.reference.clone()).filter(|text| !text.trim().is_empty());
            let new = NewEvidence { kind, note: typed.note.clone(), reference };
            app.write(move |db| async move { service::add_evidence(&db, &ctx, target, new).await }).await?;
        }
        "send-back" => {
            app.write(move |db| async move { service::send_back(&db, &ctx, target, &reason).await }).await?;
        }
        "verify" => {
            app.write(move |db| async move { service::verify(&db, &ctx, target, &remark).await }).await?;
        }
        "close" => {
            app.write(move |db| async move { service::close(&db, &ctx, target, &remark).await }).await?;
        }
        "reopen" => {
            app.write(move |db| async move { service::reopen(&db, &ctx, target, &reason).await }).await?;
        }
        _ => return Err(FindingError::NotFound.into()),
    }
    Ok(())
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        One {
            frame, title, said, faults, id, version, description, state, kind, unit, owner, deadline, opened, item,
            item_link, origin, explained_by, verified_by, closed_at, rule, outside, missing, steps, next, events,
            evidence, evidence_kinds, people, typed,
        }
        Step { name, label, help, why, field, field_label, value, fault }
        Event { at, who, what, note }
        Piece { kind, note, reference, who, at }
        Typed { version, owner_id, deadline_at, explanation, kind, note, reference, reason, remark }
    }
    renders! {
        duties_finding: One,
    }
}
