//! The papers of one missing case, and where one is added.

use axum::extract::{Request, State as Extract};
use axum::response::{IntoResponse as _, Redirect, Response};
use uuid::Uuid;

use super::one::{Beside, Told, page};
use crate::access::{Action, permit};
use crate::assets::missing::procedure::papers_of;
use crate::assets::papers;
use crate::kernel::Ctx;
use crate::kernel::ids::MissingCaseId;
use crate::web::api::assets::case_papers as files;
use crate::web::extract::Path;
use crate::web::pages::admin::board::{Block, Field, Form as Sheet, Kind as How, Table, Td};
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// What the case shows, and where a paper is added.
pub(super) async fn paper_blocks(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    told: &Told,
    beside: &Beside,
) -> Result<Vec<Block>, ApiError> {
    let (w, one) = (&frame.words.losses.one, &told.one);
    let kept = papers::of(app.db().read(), &papers_of(one, "")).await?;
    let mut all: Vec<(String, String)> =
        told.steps.iter().map(|one| (one.step.code.clone(), format!("{} {}", one.step.code, one.step.title))).collect();
    all.extend(
        told.logs.iter().map(|log| (format!("log:{}", log.id), w.paper_search.replace("{seq}", &log.seq.to_string()))),
    );
    all.push(("other".to_owned(), w.paper_other.clone()));
    let word = |step: &str| all.iter().find(|(name, _)| name == step).map_or(step, |(_, word)| word).to_owned();
    let mut table = Table::new(&[&w.paper_of, &w.paper_file].map(String::as_str));
    table.rows = kept
        .into_iter()
        .map(|paper| {
            let file = Td::link(paper.name, format!("/assets/papers/{}", paper.id));
            vec![word(&paper.step).into(), file.because(paper.uploaded_at.to_string())]
        })
        .collect();
    table.empty.1.clone_from(&w.no_papers);
    let mut blocks = vec![Block { title: w.papers.clone(), table: Some(table), ..Block::default() }];
    if permit(ctx, Action::AssetsMove, Some(one.loss.unit_id)).is_ok() {
        let faults = if beside.deed == "papers" { beside.faults.clone() } else { Faults::default() };
        let file = Field { kind: How::File, ..Field::text("file", &w.paper_file, "", &faults) };
        let form = Sheet {
            action: format!("/assets/missing/{}/papers", one.case.id),
            fields: vec![Field::choice("step", &w.paper_of, all, "", &faults), file.help(&w.paper_help)],
            submit: w.add_paper.clone(),
            general: faults.general().to_owned(),
            ..Sheet::default()
        };
        blocks.push(Block { title: w.add_paper.clone(), form: Some(form), ..Block::default() });
    }
    Ok(blocks)
}

pub(super) async fn add_paper(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
    request: Request,
) -> Result<Response, ApiError> {
    match files::take_for_case(&app, &ctx, id, request).await {
        Ok(_) => Ok(Redirect::to(&format!("/assets/missing/{id}?said=paper")).into_response()),
        Err(error) => {
            let faults = picks::refused(error, &["file", "step"])?;
            let beside = Beside { deed: "papers".to_owned(), faults, ..Beside::default() };
            page(&app, &ctx, MissingCaseId(id), frame, beside).await
        }
    }
}
