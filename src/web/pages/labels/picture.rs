//! Labels as pictures: just as they would be printed, and nothing is recorded.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hufu_labels::code::LabelCode;
use hufu_labels::write::{Format, LabelRecord, Sheet, Template};

use super::choice::{Choice, Chosen};
use crate::items::printing::{BuiltinPaper, names, record_of, record_of_place};
use crate::items::store;
use crate::web::api::labels::on_a_core;
use crate::web::extract::{Path, Query};
use crate::web::pages::items::seen;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// What stands for a code that is made when the label is printed. It is nobody's.
fn sample() -> LabelCode {
    LabelCode::from_random(0)
}

fn drawing(bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "image/svg+xml")], bytes).into_response()
}

/// The first page of what was chosen.
pub(super) async fn preview(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Vec<(String, String)>>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let choice = Choice::of(asked);
    let (paper, mut chosen) = (choice.paper(&frame)?, choice.chosen(&app, &ctx, &frame).await?);
    let cells = paper.sheet.as_deref().map(Sheet::builtin).transpose()?.map_or(1, |sheet| sheet.cells());
    let room = usize::try_from(cells.saturating_sub(paper.skip)).unwrap_or(1).max(1);
    chosen.things.truncate(room);
    chosen.rooms.truncate(room - chosen.things.len());
    let (organisation, records) = records(&app, &chosen, choice.renew || choice.queue).await?;
    let bytes = on_a_core(move || {
        let on = (paper.skip, paper.dpi);
        BuiltinPaper::new(&paper.template, paper.sheet.as_deref(), on, Format::Svg, records.len())?
            .write(&records, &organisation)
    });
    Ok(drawing(bytes.await?))
}

/// What the labels of these would say; those that have none yet, or get a new one, show a sample code.
async fn records(app: &App, chosen: &Chosen, renew: bool) -> Result<(String, Vec<LabelRecord>), ApiError> {
    let db = app.db().read();
    let (organisation, directory) = names(db, &chosen.things, &chosen.rooms).await?;
    let ids = chosen.things.iter().map(|thing| thing.id.0).chain(chosen.rooms.iter().map(|room| room.id.0));
    let labels = store::current_labels(db, &ids.collect::<Vec<_>>()).await?;
    let code = |id| {
        let label = labels.get(&id).filter(|_| !renew);
        label.and_then(|label| label.code.parse().ok()).unwrap_or_else(sample)
    };
    let things = chosen.things.iter().map(|thing| record_of(&directory, thing, code(thing.id.0)));
    let rooms = chosen.rooms.iter().map(|room| record_of_place(&directory, room, code(room.id.0)));
    Ok((organisation, things.chain(rooms).collect()))
}

/// The current label of a thing.
pub(super) async fn of_item(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Response, ApiError> {
    let (thing, db) = (seen(&app, &ctx, &number).await?, app.db().read());
    let label = store::current_labels(db, &[thing.id.0]).await?.remove(&thing.id.0);
    let label = label.ok_or_else(|| ApiError::NotFound("还没有标签".to_owned()))?;
    let code: LabelCode = label.code.parse().map_err(|_| ApiError::Internal)?;
    let (organisation, directory) = names(db, std::slice::from_ref(&thing), &[]).await?;
    let record = record_of(&directory, &thing, code);
    let bytes = on_a_core(move || {
        // A label may have been printed on a template of a file, which is not here.
        let template = Template::builtin_names().find(|name| *name == label.template).unwrap_or("asset-60x40");
        BuiltinPaper::new(template, None, (0, 300), Format::Svg, 1)?.write(&[record], &organisation)
    });
    Ok(drawing(bytes.await?))
}
