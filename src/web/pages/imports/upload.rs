//! Step one: what is brought in, and the file.

use askama::Template;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest as _, Multipart, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::Semaphore;

use super::list::kind_word;
use super::waiting::{About, MOST, Waiting, mine};
use super::work::blocking;
use super::{KINDS, kind_name, kind_of, schema};
use crate::access::{Action, permit_somewhere};
use crate::documents::{Table, letters, look};
use crate::imports::{ImportError, may_bring};
use crate::kernel::{Ctx, text};
use crate::stocktake::look::campaigns;
use crate::stocktake::model::CampaignState;
use crate::web::api::imports::{LIMITS, shown};
use crate::web::pages::form::{Faults, explained};
use crate::web::pages::refusals::said;
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller, uploads};

/// Files taken in at once.
static TAKING: Semaphore = Semaphore::const_new(8);
/// The longest text of the form, in characters.
const MOST_CHARS: usize = 200;
/// How many campaigns are offered.
const CAMPAIGNS: u64 = 20;

/// What was typed beside the file.
#[derive(Debug, Default, Clone)]
struct Typed {
    kind: String,
    create_missing: bool,
    as_of: String,
    campaign: String,
    counter: String,
}

/// A kind to choose.
#[derive(Debug)]
struct Choice {
    name: &'static str,
    text: String,
    help: String,
    why: String,
}

#[derive(Template)]
#[template(path = "imports/upload.html")]
struct Form {
    frame: Frame,
    choices: Vec<Choice>,
    campaigns: Vec<(String, String)>,
    typed: Typed,
    faults: Faults,
    refused: bool,
}

pub(super) async fn show(State(app): State<App>, Caller(ctx): Caller, frame: Frame) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ImportsRun)?;
    form(&app, &ctx, frame, Typed::default(), Faults::default()).await
}

async fn form(app: &App, ctx: &Ctx, frame: Frame, typed: Typed, faults: Faults) -> Result<Response, ApiError> {
    let w = &frame.words.imports.upload;
    let helps = [&w.units_help, &w.people_help, &w.places_help, &w.assets_help, &w.counts_help];
    let choices: Vec<Choice> = KINDS
        .into_iter()
        .zip(helps)
        .map(|(kind, help)| Choice {
            name: kind_name(kind),
            text: kind_word(&frame, kind),
            help: help.clone(),
            why: may_bring(ctx, kind).err().map(|error| said(error.to_string())).unwrap_or_default(),
        })
        .collect();
    let mut open = Vec::new();
    if frame.may(Action::CampaignsRead) {
        let found = campaigns(app.db().read(), ctx, None, CAMPAIGNS).await?;
        let counting = found.into_iter().filter(|one| one.state == CampaignState::Counting);
        open.extend(counting.map(|one| (one.number.clone(), format!("{} {}", one.number, one.name))));
    }
    let first = choices.iter().rev().find(|choice| choice.why.is_empty() && choice.name != "counts");
    let kind =
        if typed.kind.is_empty() { first.map_or("", |choice| choice.name).to_owned() } else { typed.kind.clone() };
    let refused = faults != Faults::default();
    let status = if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shown = Form { choices, campaigns: open, typed: Typed { kind, ..typed }, faults, refused, frame };
    Ok(page(status, None, &shown))
}

pub(super) async fn take(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    request: Request,
) -> Result<Response, ApiError> {
    // Before a byte of the file is taken in.
    permit_somewhere(&ctx, Action::ImportsRun)?;
    let mut typed = Typed::default();
    let taken = {
        let _seat = uploads::seat(&app, &ctx, "upload", &TAKING)?;
        let taking = taken(&app, &ctx, request, &mut typed);
        uploads::in_time(uploads::DEADLINE, taking).await
    };
    match taken.map_err(explained) {
        Ok(waiting) => Ok(Redirect::to(&format!("/imports/new/{}", waiting.id)).into_response()),
        Err(Err(error)) => Err(error),
        Err(Ok((field, reason))) => {
            let faults = Faults::refused(field.as_deref(), reason, &["kind", "file", "as_of", "campaign", "counter"]);
            form(&app, &ctx, frame, typed, faults).await
        }
    }
}

/// Takes the file in, looks at it, and keeps it; a file that is none leaves nothing behind.
async fn taken(app: &App, ctx: &Ctx, request: Request, typed: &mut Typed) -> Result<Waiting, ApiError> {
    let (looking, asking) = (app.clone(), ctx.clone());
    if blocking(move || Ok(mine(&looking, &asking).len())).await? >= MOST {
        return Err(ApiError::Conflict(format!("您有 {MOST} 个文件还没有导完，请先办完或放弃其中一个")));
    }
    let mut parts = Multipart::from_request(request, app).await?;
    let begun = Waiting::begin(app, ctx)?;
    let waiting = begun.folder().cloned().ok_or(ApiError::Internal)?;
    let mut file: Option<(String, u64)> = None;
    while let Some(part) = parts.next_field().await? {
        let name = part.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "file" if file.is_some() => return Err(ApiError::invalid("file", "一次只能导入一个文件")),
            // A form without a file sends one without a name and without a byte.
            "file" if part.file_name().is_none_or(str::is_empty) => {}
            "file" => file = Some((shown(part.file_name().unwrap_or_default()), keep(&waiting, part).await?)),
            "kind" => typed.kind = line("kind", part).await?,
            "create_missing" => typed.create_missing = line("create_missing", part).await? == "yes",
            "as_of" => typed.as_of = line("as_of", part).await?,
            "campaign" => typed.campaign = line("campaign", part).await?,
            "counter" => typed.counter = line("counter", part).await?,
            _ => {}
        }
    }
    let about = about(ctx, typed, file)?;
    blocking(move || {
        let glimpse = glimpse(&waiting, &about)?;
        let letter = |column: &Option<usize>| column.map(letters).unwrap_or_default();
        let chosen = glimpse.columns.iter().map(letter).collect();
        waiting.keep(&About { chosen, glimpse, ..about })
    })
    .await?;
    begun.keep().ok_or(ApiError::Internal)
}

fn glimpse(waiting: &Waiting, about: &About) -> Result<look::Glimpse, ApiError> {
    let file = std::fs::File::open(waiting.upload()).map_err(|_| ApiError::Internal)?;
    let table = Table::read(&about.name, file, &LIMITS).map_err(ImportError::from)?;
    Ok(look::look(table, &about.name, schema(about.kind()?)).map_err(ImportError::from)?)
}

/// What was said of the file, when it can be.
fn about(ctx: &Ctx, typed: &Typed, file: Option<(String, u64)>) -> Result<About, ApiError> {
    let kind = kind_of(&typed.kind).ok_or_else(|| ApiError::invalid("kind", "请选择导入什么"))?;
    may_bring(ctx, kind).map_err(|error| ApiError::invalid("kind", error.to_string()))?;
    let as_of = match typed.as_of.trim() {
        "" => None,
        day => Some(day.parse().map_err(|_| ApiError::invalid("as_of", "日期应写成 2026-11-01"))?),
    };
    if kind == crate::imports::BatchKind::Counts && typed.campaign.trim().is_empty() {
        return Err(ApiError::invalid("campaign", "请选择盘点"));
    }
    let (name, bytes) = file.ok_or_else(|| ApiError::invalid("file", "请选择文件"))?;
    Ok(About {
        actor: ctx.actor.to_string(),
        kind: typed.kind.clone(),
        name,
        bytes,
        created_at: ctx.now().0,
        create_missing: typed.create_missing,
        as_of,
        campaign: typed.campaign.trim().to_owned(),
        counter: typed.counter.trim().to_owned(),
        ..About::default()
    })
}

/// Puts the file's bytes where we choose; its own name is only kept to be told.
async fn keep(waiting: &Waiting, mut part: Field<'_>) -> Result<u64, ApiError> {
    let broken = |error: std::io::Error| {
        tracing::error!(?error, "an upload could not be kept");
        ApiError::Internal
    };
    let mut file = tokio::fs::File::create(waiting.upload()).await.map_err(broken)?;
    let mut bytes = 0;
    while let Some(chunk) = part.chunk().await? {
        bytes += chunk.len() as u64;
        file.write_all(&chunk).await.map_err(broken)?;
    }
    file.flush().await.map_err(broken)?;
    Ok(bytes)
}

async fn line(field: &str, part: Field<'_>) -> Result<String, ApiError> {
    let said = part.text().await?;
    match text::fault(&said, MOST_CHARS) {
        Some(reason) => Err(ApiError::invalid(field, reason)),
        None => Ok(said),
    }
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Form { frame, choices, campaigns, typed, faults, refused }
        Choice { name, text, help, why }
        Typed { kind, create_missing, as_of, campaign, counter }
    }
    renders! {
        imports_upload: Form,
    }
}
