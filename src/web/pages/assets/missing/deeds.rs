//! The deeds of one missing case, as the forms of its page send them.

use axum::extract::State as Extract;
use axum::response::{IntoResponse as _, Redirect, Response};
use uuid::Uuid;

use super::one::{Beside, page};
use crate::assets::missing::model::{Degree, Outcome};
use crate::assets::missing::procedure;
use crate::assets::missing::service::{self, Finding, NewLog};
use crate::assets::missing::steps::{self, Judgment, WriteOff};
use crate::kernel::ids::{MissingCaseId, PersonId};
use crate::kernel::{Ctx, Fen};
use crate::web::extract::Path;
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::items::picks;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// The fields of the forms, and what the services call them where they call them otherwise.
const FIELDS: [&str; 18] = [
    "place",
    "whereabouts",
    "searcher",
    "result",
    "note",
    "explanation",
    "reason",
    "degree",
    "responsible",
    "basis",
    "compensation",
    "receipt",
    "decision",
    "approval_number",
    "voucher_number",
    "voucher_on",
    "step",
    "file",
];

/// A refusal at the field of the page, which may call it otherwise than the service.
fn at_our_field(error: ApiError) -> ApiError {
    let ApiError::Invalid { field: Some(field), reason } = error else { return error };
    let ours = match field.as_str() {
        "place_id" => "place",
        "searcher_id" => "searcher",
        "responsible_id" => "responsible",
        "compensation_fen" => "compensation",
        "paper" => "step",
        other => other,
    };
    ApiError::invalid(ours, reason)
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((id, deed)): Path<(Uuid, String)>,
    frame: Frame,
    axum::Form(typed): axum::Form<Typed>,
) -> Result<Response, ApiError> {
    let id = MissingCaseId(id);
    match carry_out(&app, &ctx, &frame, id, &deed, &typed).await {
        Ok(()) => Ok(Redirect::to(&format!("/assets/missing/{id}?said=done")).into_response()),
        Err(error) => {
            let faults = picks::refused(at_our_field(error), &FIELDS)?;
            page(&app, &ctx, id, frame, Beside { deed, typed, faults, ..Beside::default() }).await
        }
    }
}

async fn carry_out(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    id: MissingCaseId,
    deed: &str,
    typed: &Typed,
) -> Result<(), ApiError> {
    let place = async |field| match picks::place(app, ctx, frame, typed.get(field)).await? {
        Ok(place) => Ok(place.map(|place| place.id)),
        Err(text) => Err(ApiError::invalid(field, text)),
    };
    let person = async |field| match picks::person(app, ctx, frame, typed.get(field)).await? {
        Ok(person) => Ok(person.map(|person| person.id)),
        Err(text) => Err(ApiError::invalid(field, text)),
    };
    let (me, version) = (ctx.clone(), Some(typed.version()));
    let text = |name: &str| typed.get(name).to_owned();
    match deed {
        "log" => {
            let result =
                Outcome::by_name(typed.get("result")).ok_or_else(|| ApiError::invalid("result", "请选择结果"))?;
            let new = NewLog {
                searcher: person("searcher").await?,
                place: place("place").await?,
                whereabouts: text("whereabouts"),
                at: None,
                result,
                note: text("note"),
            };
            app.write(move |db| async move { service::log(&db, &me, id, &new).await }).await?;
        }
        "explain" => {
            let words = text("explanation").replace(['\r', '\n'], " ");
            app.write(move |db| async move { service::explain(&db, &me, id, version, &words).await }).await?;
        }
        "find" => {
            let found = Finding { place: place("place").await?, note: text("note"), ..Finding::default() };
            app.write(move |db| async move { service::find(&db, &me, id, version, &found).await }).await?;
        }
        "confirm" => {
            app.write(move |db| async move { steps::confirm(&db, &me, id, version).await }).await?;
        }
        "resume" => {
            let reason = text("reason");
            app.write(move |db| async move { steps::resume(&db, &me, id, version, &reason).await }).await?;
        }
        "judge" => {
            let judgment = read_judgment(typed, person("responsible").await?)?;
            app.write(move |db| async move { steps::judge(&db, &me, id, version, &judgment).await }).await?;
        }
        "ask" => {
            let reason = text("reason");
            app.write(move |db| async move { steps::ask(&db, &me, id, version, &reason).await }).await?;
        }
        "tick" => {
            let (step, note) = (text("step"), text("note"));
            let (code, done) = step.strip_prefix('-').map_or((step.as_str(), true), |code| (code, false));
            let code = code.to_owned();
            app.write(move |db| async move { procedure::tick(&db, &me, id, &code, done, &note).await }).await?;
        }
        "write-off" => {
            let with = WriteOff {
                decision: text("decision"),
                approval_number: text("approval_number"),
                voucher_number: text("voucher_number"),
                voucher_on: typed.get("voucher_on").parse().ok(),
            };
            app.write(move |db| async move { steps::write_off(&db, &me, id, version, &with).await }).await?;
        }
        _ => return Err(ApiError::NotFound("没有这个地址".to_owned())),
    }
    Ok(())
}

fn read_judgment(typed: &Typed, responsible: Option<PersonId>) -> Result<Judgment, ApiError> {
    let degree = Degree::by_name(typed.get("degree")).ok_or_else(|| ApiError::invalid("degree", "请选择责任程度"))?;
    let compensation = match typed.get("compensation") {
        "" => None,
        text => Some(Fen::parse_yuan(text).map_err(|error| ApiError::invalid("compensation", error.to_string()))?),
    };
    let (basis, receipt) = (typed.get("basis").to_owned(), typed.get("receipt").to_owned());
    Ok(Judgment { degree, responsible, basis, compensation, receipt })
}
