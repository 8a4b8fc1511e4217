//! One request: what is asked, who decides each step and what was decided; deciding, taking back, using first.

use askama::Template;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::approvals::{amount, kinds, state_mark, urgent};
use super::findings::card;
use super::names::{Names, spaced};
use crate::approvals::entity::{decision, request};
use crate::approvals::model::Level;
use crate::approvals::possible;
use crate::approvals::service::{self, Verdict};
use crate::approvals::store::{self, Shown, steps_of};
use crate::approvals::{ApprovalError, Granted};
use crate::kernel::Ctx;
use crate::kernel::ids::ApprovalId;
use crate::web::extract::{Path, Query};
use crate::web::pages::form::{Faults, explained};
use crate::web::pages::parts::Mark;
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    said: String,
}

/// What was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    step: i64,
    approved: String,
    reason: String,
}

/// A step as it is shown.
#[derive(Debug)]
struct Step {
    number: String,
    role: String,
    mark: Mark,
    who: String,
    at: String,
    reason: String,
}

/// A deed: a form, or a grey button with the reason.
#[derive(Debug)]
struct Deed {
    name: &'static str,
    label: String,
    help: String,
    why: String,
    /// The words that it was refused with.
    value: String,
    fault: String,
}

#[derive(Template)]
#[template(path = "duties/approval.html")]
struct One {
    frame: Frame,
    title: String,
    said: String,
    faults: Faults,
    id: String,
    step: i64,
    state: Mark,
    urgent: Option<Mark>,
    kind: String,
    subject: String,
    subject_link: String,
    unit: String,
    requester: String,
    amount: String,
    asked_at: String,
    used_at: String,
    finished_at: String,
    details: Vec<(String, String)>,
    steps: Vec<Step>,
    deeds: Vec<Deed>,
    decide_why: String,
}

/// What a page shows besides the request.
#[derive(Default)]
struct Beside {
    said: String,
    typed: Typed,
    deed: String,
    faults: Faults,
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let said = if asked.said == "done" { frame.words.duties.approvals.done.clone() } else { String::new() };
    one(&app, &ctx, ApprovalId(id), frame, Beside { said, ..Beside::default() }).await
}

async fn one(app: &App, ctx: &Ctx, id: ApprovalId, frame: Frame, beside: Beside) -> Result<Response, ApiError> {
    let db = app.db().read();
    let shown = store::one(db, ctx, &Granted, id).await?;
    let can = possible::of(db, ctx, &shown).await?;
    let decided = shown.decisions.iter().flat_map(|one| [Some(one.decided_by), one.on_behalf_of]).flatten();
    let people: Vec<_> = shown.deciders.iter().copied().chain(decided).chain([shown.row.requested_by]).collect();
    let names = Names::of(db, people, []).await?;
    let kinds = kinds(app, ctx).await?;
    let w = &frame.words.duties.approvals;
    let deed = |name, label: &String, help: &String, why: &possible::Why| Deed {
        name,
        label: label.clone(),
        help: help.clone(),
        why: why.clone().unwrap_or_default(),
        value: if beside.deed == name { beside.typed.reason.clone() } else { String::new() },
        fault: if beside.deed == name { beside.faults.of("reason").to_owned() } else { String::new() },
    };
    let deeds = vec![
        deed("decide", &w.decide, &w.decide_help, &can.decide),
        deed("withdraw", &w.withdraw, &w.withdraw_help, &can.withdraw),
        deed("use", &w.use_first, &w.use_first_help, &can.use_first),
    ];
    let row = &shown.row;
    let kind = kinds.get(&row.kind).unwrap_or(&row.kind).clone();
    let status = if beside.faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page_of = One {
        title: format!("{kind} · {}", row.reason.chars().take(80).collect::<String>()),
        said: beside.said,
        id: row.id.to_string(),
        step: row.step,
        state: state_mark(&frame, row.state),
        urgent: urgent(&frame, &shown, ctx.now()),
        subject_link: match row.subject_room.as_str() {
            "items" => card(&row.subject_id),
            "trips" => format!("/vehicles/trips/{}", row.subject_id),
            "repairs" => format!("/vehicles/repairs/{}", row.subject_id),
            "fuel_drums" => "/vehicles/fuel/drums".to_owned(),
            "movements" => format!("/assets/movements/{}", row.subject_id),
            "missing_cases" => format!("/assets/missing/{}", row.subject_id),
            "surpluses" => format!("/assets/surpluses/{}", row.subject_id),
            _ => String::new(),
        },
        subject: row.subject_id.clone(),
        unit: names.unit(Some(row.unit_id)),
        requester: names.person_and_unit(row.requested_by),
        amount: amount(row.amount_fen),
        asked_at: row.requested_at.to_string(),
        used_at: row.used_at.map(|at| at.to_string()).unwrap_or_default(),
        finished_at: row.finished_at.map(|at| at.to_string()).unwrap_or_default(),
        details: details(row),
        steps: steps(&frame, &names, &shown),
        decide_why: can.decide.clone().unwrap_or_default(),
        deeds,
        kind,
        faults: beside.faults,
        frame,
    };
    Ok(page(status, None, &page_of))
}

/// What the room that asks wrote beside: names and plain values, as they are.
fn details(row: &request::Model) -> Vec<(String, String)> {
    let Ok(serde_json::Value::Object(payload)) = serde_json::from_str(&row.payload) else { return Vec::new() };
    let plain = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    payload.into_iter().map(|(name, value)| (name, plain(value))).collect()
}

fn steps(frame: &Frame, names: &Names, shown: &Shown) -> Vec<Step> {
    let w = &frame.words.duties.approvals;
    let level = |level| match level {
        Level::OwnUnit => &w.level_own,
        Level::Parent => &w.level_parent,
        Level::SubBureau => &w.level_bureau,
    };
    let all = steps_of(&shown.row);
    (1..)
        .zip(all)
        .map(|(number, step)| {
            let role = frame.either(step.role.zh(), &spaced(step.role.name())).to_owned();
            let head = Step {
                number: w.step_number.replace("{n}", &number.to_string()),
                role: format!("{role} · {}", level(step.level)),
                mark: Mark::new("plain", w.later.clone()),
                who: String::new(),
                at: String::new(),
                reason: String::new(),
            };
            match shown.decisions.iter().find(|one| one.step == number) {
                Some(taken) => decided(frame, names, taken, head),
                None if number == shown.row.step && shown.row.state.is_open() => {
                    let who: Vec<String> = shown.deciders.iter().map(|id| names.person_and_unit(*id)).collect();
                    let waits = w.waits_for.replace("{who}", &who.join("、"));
                    let text = if who.is_empty() { w.nobody.clone() } else { waits };
                    Step { mark: Mark::new("ask", w.not_decided.clone()), who: text, ..head }
                }
                None if shown.row.state.is_open() => head,
                None => Step { mark: Mark::new("plain", w.not_decided.clone()), ..head },
            }
        })
        .collect()
}

fn decided(frame: &Frame, names: &Names, taken: &decision::Model, step: Step) -> Step {
    let w = &frame.words.duties.approvals;
    let who = names.person_and_unit(taken.decided_by);
    let who = match taken.on_behalf_of {
        Some(whom) => w.by_for.replace("{who}", &who).replace("{whom}", &names.person(Some(whom))),
        None => who,
    };
    let who = if taken.substituted { format!("{who} · {}", w.substituted) } else { who };
    let mark = if taken.approved { Mark::new("good", w.approved.clone()) } else { Mark::new("bad", w.refused.clone()) };
    Step { mark, who, at: taken.decided_at.to_string(), reason: taken.reason.clone(), ..step }
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((id, deed)): Path<(Uuid, String)>,
    frame: Frame,
    axum::Form(typed): axum::Form<Typed>,
) -> Result<Response, ApiError> {
    let id = ApprovalId(id);
    let stale = |error| match error {
        ApiError::Stale => ApiError::Conflict(frame.words.duties.approvals.stale.clone()),
        other => other,
    };
    match carry_out(&app, &ctx, id, &deed, &typed).await.map_err(|error| explained(stale(error))) {
        Ok(()) => Ok(Redirect::to(&format!("/approvals/{}?said=done", id.0)).into_response()),
        Err(Err(error)) => Err(error),
        Err(Ok((field, reason))) => {
            let faults = Faults::refused(field.as_deref(), reason, &["reason"]);
            one(&app, &ctx, id, frame, Beside { typed, deed, faults, ..Beside::default() }).await
        }
    }
}

async fn carry_out(app: &App, ctx: &Ctx, id: ApprovalId, deed: &str, typed: &Typed) -> Result<(), ApiError> {
    let (ctx, reason) = (ctx.clone(), typed.reason.clone());
    match deed {
        "decide" => {
            let approved = match typed.approved.as_str() {
                "yes" => true,
                "no" => false,
                _ => return Err(ApiError::Conflict("请选择同意或不同意".to_owned())),
            };
            let verdict = Verdict { step: typed.step, approved, reason };
            app.write(move |db| async move { service::decide(&db, &ctx, &Granted, id, &verdict).await }).await?;
        }
        "withdraw" => {
            app.write(move |db| async move { service::withdraw(&db, &ctx, &Granted, id, &reason).await }).await?;
        }
        "use" => {
            app.write(move |db| async move { service::use_first(&db, &ctx, &Granted, id, &reason).await }).await?;
        }
        _ => return Err(ApprovalError::NotFound.into()),
    }
    Ok(())
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        One {
            frame, title, said, faults, id, step, state, urgent, kind, subject, subject_link, unit, requester, amount,
            asked_at, used_at, finished_at, details, steps, deeds, decide_why,
        }
        Step { number, role, mark, who, at, reason }
        Deed { name, label, help, why, value, fault }
    }
    renders! {
        duties_approval: One,
    }
}
