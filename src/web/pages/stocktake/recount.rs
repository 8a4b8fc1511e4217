//! Chosen things are counted again, by somebody who has not counted them.

use askama::Template;
use axum::Form;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use uuid::Uuid;

use super::differences::may_recount;
use super::{campaign_at, card, number_of, sentence};
use crate::access::{self, Action};
use crate::items::store as items;
use crate::kernel::Ctx;
use crate::kernel::ids::{ItemId, PersonId};
use crate::org::Directory;
use crate::stocktake::StocktakeError;
use crate::stocktake::model::Refusal;
use crate::stocktake::recounting;
use crate::stocktake::standing::Sight;
use crate::web::extract::Path;
use crate::web::pages::form::{Faults, explained};
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

/// So many things can be chosen at once.
const MOST: usize = 500;

#[derive(Debug, Default)]
struct Typed {
    items: Vec<ItemId>,
    assignee: String,
    reason: String,
}

impl Typed {
    fn read(pairs: Vec<(String, String)>) -> Self {
        let mut typed = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "item" => typed.items.extend(Uuid::parse_str(&value).map(ItemId)),
                "assignee" => typed.assignee = value,
                "reason" => typed.reason = value,
                _ => {}
            }
        }
        typed.items.sort_unstable();
        typed.items.dedup();
        typed
    }
}

#[derive(Template)]
#[template(path = "stocktake/recount.html")]
struct Ordering {
    frame: Frame,
    title: String,
    at: String,
    things: Vec<(String, String, String, String)>,
    typed: Typed,
    faults: Faults,
    may: bool,
    why_not: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    RawQuery(query): RawQuery,
    frame: Frame,
) -> Result<Response, ApiError> {
    let pairs = serde_urlencoded::from_str(query.as_deref().unwrap_or_default()).unwrap_or_default();
    form(&app, &ctx, &number_of(number)?, frame, Typed::read(pairs), Faults::default()).await
}

async fn form(
    app: &App,
    ctx: &Ctx,
    number: &str,
    frame: Frame,
    typed: Typed,
    faults: Faults,
) -> Result<Response, ApiError> {
    access::permit_somewhere(ctx, Action::CampaignsReport)?;
    let sight = Sight::of(app.db(), ctx, number).await?;
    let found = items::by_ids(app.db().read(), &typed.items).await?;
    // What is out of reach is as if it were not there: its name is not told either.
    let mut things: Vec<_> = sight
        .lines()
        .filter_map(|line| line.item.as_ref().filter(|item| found.contains_key(&item.id)))
        .map(|item| (item.id.to_string(), item.item_number.clone(), item.name.clone(), card(&item.item_number)))
        .collect();
    things.sort_by(|a, b| a.1.cmp(&b.1));
    let w = &frame.words.stocktake.recount;
    let (may, why_not) = may_recount(&frame, ctx, &sight);
    let title = w.title.replace("{name}", &sight.campaign().name).replace("{count}", &things.len().to_string());
    let status = if faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let at = campaign_at(&sight.campaign().number);
    Ok(page(status, None, &Ordering { title, at, things, typed, faults, may, why_not, frame }))
}

pub(super) async fn take(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    frame: Frame,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, ApiError> {
    access::permit_somewhere(&ctx, Action::CampaignsRecount)?;
    let (number, typed) = (number_of(number)?, Typed::read(pairs));
    let w = &frame.words.stocktake.recount;
    if typed.items.is_empty() || typed.items.len() > MOST {
        let faults = Faults::at("", w.none_chosen.clone());
        return form(&app, &ctx, &number, frame, typed, faults).await;
    }
    let reason = match sentence(&frame, &typed.reason, 500) {
        Ok("") => Err(w.no_reason.clone()),
        Ok(reason) => Ok(reason.to_owned()),
        Err(fault) => Err(fault),
    };
    let reason = match reason {
        Ok(reason) => reason,
        Err(fault) => return form(&app, &ctx, &number, frame, typed, Faults::at("reason", fault)).await,
    };
    let assignee = match assignee(&app, &typed.assignee).await? {
        Ok(assignee) => assignee,
        Err(fault) => return form(&app, &ctx, &number, frame, typed, Faults::at("assignee", fault)).await,
    };
    let (by, of, things) = (ctx.clone(), number.clone(), typed.items.clone());
    let work = async move |db: crate::db::Db| recounting::open(&db, &by, &of, &things, assignee, &reason).await;
    let done: Result<usize, StocktakeError> = app.write_or(work).await?;
    match done {
        Ok(_) => Ok(Redirect::to(&format!("{}?said=recount", campaign_at(&number))).into_response()),
        Err(StocktakeError::Refused(refusal @ Refusal::SameCounter(_))) => {
            form(&app, &ctx, &number, frame, typed, Faults::at("assignee", refusal.to_string())).await
        }
        Err(error) => {
            let (_, text) = explained(error.into())?;
            form(&app, &ctx, &number, frame, typed, Faults::at("", text)).await
        }
    }
}

/// Who is to count: by badge number or name; blank: whoever has not counted it.
async fn assignee(app: &App, written: &str) -> Result<Result<Option<PersonId>, String>, ApiError> {
    if written.trim().is_empty() {
        return Ok(Ok(None));
    }
    let directory = Directory::load(app.db().read()).await?;
    Ok(directory.find_person(written.trim(), None).map(Some).map_err(|error| error.to_string()))
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Ordering { frame, title, at, things, typed, faults, may, why_not }
        Typed { items, assignee, reason }
    }
    renders! {
        stocktake_recount: Ordering,
    }
}
