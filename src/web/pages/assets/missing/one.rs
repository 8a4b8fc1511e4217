//! One missing case: what is known, where to look, who looked, the steps of the procedure, and what may be done now.

use axum::extract::State as Extract;
use axum::response::Response;
use uuid::Uuid;

use super::facts::{facts, lead, searches, steps_block};
use super::forms::deeds;
use super::papers::paper_blocks;
use super::state_mark;
use crate::access::{Action, permit_somewhere};
use crate::assets::missing::entity::loss_log;
use crate::assets::missing::procedure::{self, Standing};
use crate::assets::missing::store::{self, Case};
use crate::kernel::Ctx;
use crate::kernel::ids::{MissingCaseId, PersonId, PlaceId};
use crate::org::Directory;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Step};
use crate::web::pages::admin::shared::{Typed, people_of};
use crate::web::pages::form::Faults;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// What the page shows besides the case.
#[derive(Default)]
pub(super) struct Beside {
    pub(super) said: String,
    pub(super) deed: String,
    pub(super) typed: Typed,
    pub(super) faults: Faults,
}

/// A case with all that the page tells of it.
pub(super) struct Told {
    pub(super) one: Case,
    pub(super) logs: Vec<loss_log::Model>,
    pub(super) steps: Vec<Standing>,
    pub(super) names: Directory,
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let w = &frame.words.losses.one;
    let said = match asked.get("said") {
        "done" => w.said_done.clone(),
        "paper" => w.said_paper.clone(),
        _ => String::new(),
    };
    page(&app, &ctx, MissingCaseId(id), frame, Beside { said, ..Beside::default() }).await
}

pub(super) async fn page(
    app: &App,
    ctx: &Ctx,
    id: MissingCaseId,
    frame: Frame,
    beside: Beside,
) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::ItemsRead)?;
    let told = read(app, ctx, id).await?;
    let (w, one) = (&frame.words.losses.one, &told.one);
    let mark = state_mark(&frame, one.standing);
    let title = w.title.replace("{number}", &one.thing.item_number).replace("{name}", &one.thing.name);
    let title = title.replace("{state}", &mark.text);
    let mut blocks = deeds(&frame, ctx, &told, &beside);
    blocks.push(Block { title: w.facts.clone(), facts: facts(app, ctx, &frame, &told).await?, ..Block::default() });
    if one.case.state.is_open() {
        blocks.push(lead(app, &frame, one).await?);
    }
    blocks.push(searches(&frame, &told));
    blocks.push(steps_block(&frame, &told));
    blocks.extend(paper_blocks(app, ctx, &frame, &told, &beside).await?);
    let back = ("/assets/missing".to_owned(), frame.words.losses.list.heading.clone());
    let mut steps = vec![Step {
        text: w.form.clone(),
        href: format!("/assets/missing/{id}/form.pdf"),
        file: true,
        ..Step::default()
    }];
    if let Some(approval) = one.loss.approval_id {
        let href = format!("/approvals/{approval}");
        steps.push(Step { text: w.see_approval.clone(), href, ..Step::default() });
    }
    let lead = one.loss.explanation.clone();
    Ok(Board { back, lead, said: beside.said, steps, blocks, ..Board::new(frame, title) }.answer())
}

async fn read(app: &App, ctx: &Ctx, id: MissingCaseId) -> Result<Told, ApiError> {
    let db = app.db().read();
    let one = store::one(db, ctx, id).await?;
    let logs = store::logs(db, id).await?;
    let steps = procedure::of_case(db, &one.case).await?;
    let loss = &one.loss;
    let places = logs.iter().filter_map(|log| log.place_id).chain(loss.found_place_id).chain(one.thing.place_id);
    let mut places: Vec<PlaceId> = places.collect();
    let ticked = steps.iter().filter_map(|one| one.last.as_ref()).map(|tick| tick.ticked_by.as_str());
    let actors = ticked.chain(loss.explained_by.as_deref()).chain(loss.found_by.as_deref());
    let mut people: Vec<PersonId> = people_of(actors.chain(loss.written_off_by.as_deref()));
    people.extend(logs.iter().filter_map(|log| log.searcher_id));
    people.extend(loss.confirmed_by.into_iter().chain(loss.judged_by).chain(loss.responsible_id));
    people.extend(one.thing.keeper_id);
    places.sort_unstable();
    places.dedup();
    people.sort_unstable();
    people.dedup();
    let names = Directory::load_some(db, &places, &people).await?;
    Ok(Told { one, logs, steps, names })
}
