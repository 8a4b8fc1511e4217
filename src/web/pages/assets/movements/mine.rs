//! What somebody has, on their phone: "yes, it is with me", one tap each, with a photo where they like.

use askama::Template;
use axum::Form;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::access::{Action, permit_somewhere};
use crate::assets::AssetError;
use crate::assets::movements::keeping::{self, Kept};
use crate::assets::papers::Subject;
use crate::kernel::Ctx;
use crate::org::Directory;
use crate::web::api::assets::papers as files;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::form::{explained, in_query};
use crate::web::pages::parts::Mark;
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

/// A thing as its keeper sees it.
#[derive(Debug)]
struct Row {
    number: String,
    name: String,
    place: String,
    mark: Mark,
    at: String,
    action: String,
}

#[derive(Template)]
#[template(path = "assets/mine.html")]
struct Page {
    frame: Frame,
    title: String,
    said: String,
    fault: String,
    rows: Vec<Row>,
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let w = &frame.words.movements.mine;
    let said = match asked.get("said") {
        "yes" => w.said_yes.clone(),
        "no" => w.said_no.clone(),
        _ => String::new(),
    };
    list(&app, &ctx, frame, said, String::new()).await
}

async fn list(app: &App, ctx: &Ctx, frame: Frame, said: String, fault: String) -> Result<Response, ApiError> {
    let kept = keeping::mine(app.db().read(), ctx).await?;
    let places: Vec<_> = kept.iter().filter_map(|one| one.thing.place_id).collect();
    let names = Directory::load_some(app.db().read(), &places, &[]).await?;
    let w = &frame.words.movements.mine;
    let left = kept.iter().filter(|one| one.said.is_none()).count();
    let title = if left == 0 { w.title_all.clone() } else { w.title.replace("{left}", &left.to_string()) };
    let rows = kept.into_iter().map(|one| row(&frame, &names, one)).collect();
    let status = if fault.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(page(status, None, &Page { title, said, fault, rows, frame }))
}

fn row(frame: &Frame, names: &Directory, one: Kept) -> Row {
    let w = &frame.words.movements.mine;
    let mark = match one.said.as_ref().map(|said| said.with_me) {
        Some(true) => Mark::new("good", w.with_me.clone()),
        Some(false) => Mark::new("bad", w.not_with_me.clone()),
        None => Mark::new("ask", w.not_yet.clone()),
    };
    Row {
        action: format!("/assets/mine/{}", in_query(&one.thing.item_number).replace('/', "%2F")),
        place: names.place_name(one.thing.place_id).to_owned(),
        at: one.said.map(|said| w.at.replace("{at}", &said.said_at.to_string())).unwrap_or_default(),
        number: one.thing.item_number,
        name: one.thing.name,
        mark,
    }
}

pub(super) async fn take(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::AssetsHold)?;
    let with_me = match typed.get("with_me") {
        "yes" => true,
        "no" => false,
        _ => {
            let fault = frame.words.movements.mine.no_fault.clone();
            return list(&app, &ctx, frame, String::new(), fault).await;
        }
    };
    let (asker, note) = (ctx.clone(), typed.get("note").to_owned());
    let said = app.write(move |db| async move { keeping::say(&db, &asker, &number, with_me, &note).await });
    match said.await.map_err(explained) {
        Ok(_) => {
            let said = if with_me { "yes" } else { "no" };
            Ok(Redirect::to(&format!("/assets/mine?said={said}")).into_response())
        }
        Err(Err(error)) => Err(error),
        Err(Ok((_, reason))) => list(&app, &ctx, frame, String::new(), reason).await,
    }
}

/// A photo of the thing, which says that it is with them.
pub(super) async fn photo(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    frame: Frame,
    request: Request,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::AssetsHold)?;
    let done = async {
        // Asked first: nobody's photo is taken in for a thing that is not theirs.
        let mine = keeping::mine(app.db().read(), &ctx).await?;
        let theirs = |one: &Kept| one.thing.number_key == crate::kernel::text::key(&number);
        if !mine.iter().any(theirs) {
            return Err(AssetError::NotFound("这件由您保管的资产").into());
        }
        let (_, file) = files::taken(&app, &ctx, request).await?;
        if !file.media_type().starts_with("image/") {
            return Err(ApiError::invalid("file", "请拍照或选择图片"));
        }
        let (asker, number) = (ctx.clone(), number.clone());
        let said = app.write(move |db| async move { keeping::say(&db, &asker, &number, true, "").await }).await?;
        let subject = Subject { room: "confirmations", id: said.id, step: "photo".to_owned(), unit: said.unit_id };
        files::keep(&app, &ctx, subject, file).await
    };
    match done.await.map_err(explained) {
        Ok(_) => Ok(Redirect::to("/assets/mine?said=yes").into_response()),
        Err(Err(error)) => Err(error),
        Err(Ok((_, reason))) => list(&app, &ctx, frame, String::new(), reason).await,
    }
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Page { frame, title, said, fault, rows }
        Row { number, name, place, mark, at, action }
    }
    renders! {
        assets_mine: Page,
    }
}
