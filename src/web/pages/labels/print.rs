//! Choosing the paper, seeing what comes of it, printing.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use hufu_labels::write::{LabelRecord, Sheet};

use super::choice::{self, Choice, Chosen};
use crate::items::labels::{self, Printing, Subject};
use crate::items::printing::{names, record_of, record_of_place};
use crate::items::store;
use crate::kernel::Ctx;
use crate::kernel::text::thousands;
use crate::web::api::labels::{MOST, checked, file, on_a_core};
use crate::web::extract::Query;
use crate::web::pages::form::Faults;
use crate::web::pages::items::{at, picks};
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

/// Things that are named on the page.
const NAMED: usize = 50;
const FIELDS: [&str; 4] = ["template", "sheet", "skip", "place"];

#[derive(Template)]
#[template(path = "labels/print.html")]
struct Page {
    frame: Frame,
    title: String,
    choice: Choice,
    faults: Faults,
    count: usize,
    pages: String,
    /// Number, where it is, name, whether it has a label.
    rows: Vec<(String, String, String, bool)>,
    more: usize,
    missing: String,
    without: usize,
    templates: Vec<(String, String)>,
    sheets: Vec<(String, String)>,
    formats: Vec<(String, String)>,
    /// The address of the preview; blank when there is none.
    preview: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Vec<(String, String)>>,
    frame: Frame,
) -> Result<Response, ApiError> {
    form(&app, &ctx, frame, Choice::of(asked), Faults::default()).await
}

async fn form(app: &App, ctx: &Ctx, frame: Frame, mut choice: Choice, faults: Faults) -> Result<Response, ApiError> {
    choice.renew |= choice.queue;
    let (chosen, faults) = match choice.chosen(app, ctx, &frame).await {
        Ok(chosen) => (chosen, faults),
        Err(error) => (Chosen::default(), picks::refused(error, &FIELDS)?),
    };
    let faults = match (faults == Faults::default() && chosen.count() > 0).then(|| choice.paper(&frame)) {
        None => faults,
        Some(Err(error)) => picks::refused(error, &FIELDS)?,
        Some(Ok(paper)) => match checked(paper, chosen.count()).await {
            Ok(_) => faults,
            Err(error) => picks::refused(error, &FIELDS)?,
        },
    };
    let sound = faults == Faults::default();
    let subjects: Vec<_> =
        chosen.things.iter().map(|thing| thing.id.0).chain(chosen.rooms.iter().map(|room| room.id.0)).collect();
    let labelled = store::current_labels(app.db().read(), &subjects).await?;
    let things = chosen.things.iter().map(|thing| {
        (thing.item_number.clone(), at(&thing.item_number), thing.name.clone(), labelled.contains_key(&thing.id.0))
    });
    let rooms = chosen.rooms.iter().map(|room| {
        (room.code.clone(), format!("/items?place={}", room.id), room.name.clone(), labelled.contains_key(&room.id.0))
    });
    let (w, count) = (&frame.words.labels.print, chosen.count());
    let view = Page {
        title: w.title.replace("{count}", &thousands(count as u64)),
        rows: things.chain(rooms).take(NAMED).collect(),
        more: count.saturating_sub(NAMED),
        count,
        pages: pages(&frame, &choice, count),
        missing: chosen.missing.iter().take(NAMED).cloned().collect::<Vec<_>>().join("、"),
        without: count - labelled.len(),
        templates: choice::templates(&frame, &["asset", "place"]),
        sheets: choice::sheets(&frame),
        formats: choice::formats(),
        preview: if sound && count > 0 { format!("/labels/preview.svg?{}", choice.query()) } else { String::new() },
        faults: if chosen.too_many && sound {
            Faults::at("", w.too_many.replace("{most}", &thousands(MOST as u64)))
        } else {
            faults
        },
        choice,
        frame,
    };
    Ok(page(if sound { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }, None, &view))
}

/// How many sheets it takes.
fn pages(frame: &Frame, choice: &Choice, count: usize) -> String {
    let skip = choice.skip.parse().unwrap_or(0_usize);
    let cells = Sheet::builtin(&choice.sheet).ok().and_then(|sheet| usize::try_from(sheet.cells()).ok());
    let Some(cells) = cells.filter(|cells| *cells > 0) else { return String::new() };
    frame.words.labels.print.sheets_needed.replace("{count}", &(count + skip).div_ceil(cells).to_string())
}

pub(super) async fn take(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, ApiError> {
    let choice = Choice::of(pairs);
    match print(&app, &ctx, &frame, &choice).await {
        Ok(file) => Ok(file),
        Err(error) => {
            let faults = picks::refused(error, &FIELDS)?;
            form(&app, &ctx, frame, choice, faults).await
        }
    }
}

async fn print(app: &App, ctx: &Ctx, frame: &Frame, choice: &Choice) -> Result<Response, ApiError> {
    let chosen = choice.chosen(app, ctx, frame).await?;
    // Whatever is wrong with the paper is said before a label is recorded as printed.
    let (paper, format, template) = checked(choice.paper(frame)?, chosen.count()).await?;
    let Chosen { things, rooms, .. } = chosen;
    let (organisation, directory) = names(app.db().read(), &things, &rooms).await?;
    let subjects = things.iter().map(|thing| Subject::Item(thing.id));
    let subjects: Vec<Subject> = subjects.chain(rooms.iter().map(|room| Subject::Place(room.id))).collect();
    let printing = if choice.renew || choice.queue { Printing::Renew } else { Printing::Again };
    let asker = ctx.clone();
    let codes =
        app.write(move |db| async move { labels::print(&db, &asker, &subjects, &template, printing).await }).await?;
    let (of_things, of_rooms) = codes.split_at(things.len());
    let items = things.iter().zip(of_things).map(|(thing, code)| record_of(&directory, thing, *code));
    let rooms = rooms.iter().zip(of_rooms).map(|(room, code)| record_of_place(&directory, room, *code));
    let records: Vec<LabelRecord> = items.chain(rooms).collect();
    let bytes = on_a_core(move || paper.write(&records, &organisation)).await?;
    Ok(file(StatusCode::OK, format, bytes))
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Page {
            frame, title, choice, faults, count, pages, rows, more, missing, without, templates, sheets, formats,
            preview,
        }
    }
    renders! {
        labels_print: Page,
    }
}
