//! Documents and photos on the card of a thing: brought, shown, taken away, withdrawn.

use axum::Form;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::{at, card, change, picks, seen, timeline};
use crate::access::{Action, permit_somewhere};
use crate::db::DbError;
use crate::items::attachments::{self, attachment};
use crate::items::entity::item;
use crate::org::Directory;
use crate::web::api::attachments as files;
use crate::web::extract::{Path, Query};
use crate::web::pages::form::Faults;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// A file as the card shows it.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) size: String,
    pub(super) by: String,
    pub(super) at: String,
    pub(super) is_picture: bool,
    /// Where it is withdrawn; blank when it is already.
    pub(super) withdraw: String,
    /// When, by whom and why it was withdrawn; blank when it was not.
    pub(super) withdrawn: String,
}

/// The files of a thing as its card shows them.
pub(super) async fn kept(app: &App, frame: &Frame, thing: &item::Model) -> Result<Vec<Kept>, DbError> {
    let db = app.db().read();
    let rows = attachments::of_item(db, thing.id).await?;
    let actors = rows.iter().flat_map(|row| std::iter::once(&row.uploaded_by).chain(row.withdrawn_by.as_ref()));
    let people: hashbrown::HashSet<_> = actors.filter_map(|actor| timeline::person_of(actor)).collect();
    let directory = Directory::load_some(db, &[], &people.into_iter().collect::<Vec<_>>()).await?;
    let here = at(&thing.item_number);
    Ok(rows.into_iter().map(|row| line(frame, &directory, &here, row)).collect())
}

fn line(frame: &Frame, directory: &Directory, here: &str, row: attachment::Model) -> Kept {
    let href = format!("{here}/files/{}", row.id);
    let withdrawn = row.withdrawn_at.map(|at| {
        let by = timeline::actor(frame, directory, row.withdrawn_by.as_deref().unwrap_or_default());
        format!("{at} · {by} · {}", row.withdrawn_reason.as_deref().unwrap_or_default())
    });
    Kept {
        withdraw: if withdrawn.is_none() { format!("{href}/withdraw") } else { String::new() },
        withdrawn: withdrawn.unwrap_or_default(),
        is_picture: attachments::is_picture(&row),
        size: size(row.bytes),
        by: timeline::actor(frame, directory, &row.uploaded_by),
        at: row.uploaded_at.to_string(),
        name: row.name,
        href,
    }
}

/// Bytes as people read them.
fn size(bytes: i64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KB", (bytes + 512) / 1_024),
        _ => format!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

pub(super) async fn take(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    frame: Frame,
    request: Request,
) -> Result<Response, ApiError> {
    let thing = seen(&app, &ctx, &number).await?;
    match files::take_in(&app, &ctx, &thing.item_number, request).await {
        Ok(_) => Ok(Redirect::to(&format!("{}?said=attached", at(&thing.item_number))).into_response()),
        Err(error) => {
            let faults = match error {
                ApiError::TooLarge => Faults::at("file", frame.words.items.card.too_large.clone()),
                other => picks::refused(other, &["file"])?,
            };
            let typed = change::Typed::of(&app, &thing).await?;
            card::card(&app, &ctx, frame, thing, card::Asked::default(), (typed, faults)).await
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    show: String,
}

pub(super) async fn give(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, id)): Path<(String, Uuid)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let row = theirs(&app, &ctx, &number, id).await?;
    files::content(&app, &row, wanted.show == "yes").await
}

/// The file with this id, if it is this thing's.
async fn theirs(app: &App, ctx: &crate::kernel::Ctx, number: &str, id: Uuid) -> Result<attachment::Model, ApiError> {
    let thing = seen(app, ctx, number).await?;
    let (row, of) = files::seen(app, ctx, id).await?;
    if of.id == thing.id { Ok(row) } else { Err(crate::items::ItemError::NoAttachment.into()) }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Withdrawing {
    reason: String,
}

pub(super) async fn take_withdraw(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, id)): Path<(String, Uuid)>,
    frame: Frame,
    Form(typed): Form<Withdrawing>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ItemsChange)?;
    let row = theirs(&app, &ctx, &number, id).await?;
    let (asker, reason) = (ctx.clone(), typed.reason);
    match app.write(move |db| async move { attachments::withdraw(&db, &asker, row.id, &reason).await }).await {
        Ok(_) => Ok(Redirect::to(&format!("{}?said=withdrawn", at(&number))).into_response()),
        Err(error) => {
            let thing = seen(&app, &ctx, &number).await?;
            let faults = picks::refused(error, &[])?;
            let typed = change::Typed::of(&app, &thing).await?;
            card::card(&app, &ctx, frame, thing, card::Asked::default(), (typed, faults)).await
        }
    }
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::samples;

    samples! {
        Kept { href, name, size, by, at, is_picture, withdraw, withdrawn }
    }
}
