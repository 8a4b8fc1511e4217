//! One document: what it says, its things and papers, what may be done with it now.

use axum::extract::{Request, State as Extract};
use axum::response::{IntoResponse as _, Redirect, Response};
use uuid::Uuid;

use super::{kind_word, state_mark};
use crate::access::{Action, permit, permit_somewhere};
use crate::assets::movements::entity::movement_line;
use crate::assets::movements::model::{Deed, State};
use crate::assets::movements::steps::{self, Acceptance, Finish, PAPERS, ROOM};
use crate::assets::movements::store::{self, Shown};
use crate::assets::papers::{self, Subject};
use crate::items::store as items;
use crate::kernel::{Ctx, Fen};
use crate::org::Directory;
use crate::web::api::assets::papers as files;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Kind as How, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, actor, people_of};
use crate::web::pages::form::Faults;
use crate::web::pages::items::{at, picks};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 8] =
    ["to_place", "to_keeper", "reason", "decision", "approval_number", "proceeds", "receipt", "appraisal"];
/// Lines that the page shows; the printed form has them all.
const MOST_LINES: usize = 200;

/// What the page shows besides the document.
#[derive(Default)]
struct Beside {
    said: String,
    deed: String,
    typed: Typed,
    faults: Faults,
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let w = &frame.words.movements.one;
    let said = match asked.get("said") {
        "asked" => w.said_asked.clone(),
        "done" => w.said_done.clone(),
        "accepted" => w.said_accepted.clone(),
        "declined" => w.said_declined.clone(),
        "withdrawn" => w.said_withdrawn.clone(),
        "paper" => w.said_paper.clone(),
        "entered" => frame.words.movements.intake.said.clone(),
        _ => String::new(),
    };
    one(&app, &ctx, &number, frame, Beside { said, ..Beside::default() }).await
}

async fn one(app: &App, ctx: &Ctx, number: &str, frame: Frame, beside: Beside) -> Result<Response, ApiError> {
    let db = app.db().read();
    let shown = store::one(db, ctx, number).await?;
    let row = &shown.row;
    let lines = store::lines(db, row.id).await?;
    let names = names(db, &shown, &lines).await?;
    let (w, mark) = (&frame.words.movements.one, state_mark(&frame, shown.state));
    let title = format!("{} {} · {}", kind_word(&frame, row.kind), row.number, mark.text);
    let mut blocks = deeds(&frame, ctx, &shown, &names, &beside);
    let facts = facts(&frame, &shown, &names, mark);
    blocks.push(Block { title: w.facts.clone(), facts, ..Block::default() });
    blocks.push(things(app, &frame, &names, &lines).await?);
    blocks.extend(paper_blocks(app, ctx, &frame, &shown, &beside).await?);
    let back = ("/assets/movements".to_owned(), frame.words.movements.list.heading.clone());
    let form = Step {
        text: w.form.clone(),
        href: format!("/assets/movements/{}/form.pdf", row.number),
        file: true,
        primary: blocks.first().is_none_or(|block| block.form.is_none()),
        ..Step::default()
    };
    let mut steps = vec![form];
    if let Some(approval) = &shown.approval {
        let href = format!("/approvals/{}", approval.id);
        steps.push(Step { text: w.see_approval.clone(), href, ..Step::default() });
    }
    let lead = row.reason.clone();
    Ok(Board { back, lead, said: beside.said, steps, blocks, ..Board::new(frame, title) }.answer())
}

async fn names(
    db: &sea_orm::DatabaseConnection,
    shown: &Shown,
    lines: &[movement_line::Model],
) -> Result<Directory, ApiError> {
    let row = &shown.row;
    let few = || lines.iter().take(MOST_LINES);
    let places = few().flat_map(|line| [line.from_place_id, line.to_place_id]).flatten().chain(row.to_place_id);
    let kept = few().flat_map(|line| [line.from_keeper_id, line.to_keeper_id]).flatten();
    let mut people = people_of([row.asked_by.as_str()].into_iter().chain(row.finished_by.as_deref()));
    people.extend(kept.chain(row.to_keeper_id).chain(row.accepted_by).chain(row.second_id));
    people.sort_unstable();
    people.dedup();
    let mut places: Vec<_> = places.collect();
    places.sort_unstable();
    places.dedup();
    Ok(Directory::load_some(db, &places, &people).await?)
}

fn facts(frame: &Frame, shown: &Shown, names: &Directory, mark: crate::web::pages::parts::Mark) -> Vec<(String, Td)> {
    let (row, m) = (&shown.row, &frame.words.movements);
    let (w, l, a) = (&m.one, &m.list, &m.ask);
    let unit = |id: Option<crate::kernel::ids::UnitId>| id.map_or("", |id| names.unit_name(id)).to_owned();
    let done_by = |by: &str, at: Option<crate::kernel::Timestamp>| {
        Td::from(actor(frame, names, by)).because(at.map(|at| at.to_string()).unwrap_or_default())
    };
    let disposal = row.disposal.map(|way| frame.either(way.zh(), way.as_str()).to_owned()).unwrap_or_default();
    let mut facts = vec![
        (l.state.clone(), Td { mark: Some(mark), ..Td::default() }),
        (l.unit.clone(), unit(Some(row.unit_id)).into()),
        (l.to_unit.clone(), unit(row.to_unit_id).into()),
        (a.to_place.clone(), names.place_name(row.to_place_id).into()),
        (a.to_keeper.clone(), names.person_name(row.to_keeper_id).into()),
        (w.counterparty.clone(), row.counterparty.clone().into()),
        (w.due_on.clone(), row.due_on.map(|day| day.to_string()).unwrap_or_default().into()),
        (w.disposal.clone(), disposal.into()),
        (w.early.clone(), row.early_reason.clone().into()),
        (l.count.clone(), row.line_count.to_string().into()),
        (l.value.clone(), row.value_fen.to_string().into()),
        (w.notes.clone(), row.notes.clone().into()),
        (l.asked_by.clone(), done_by(&row.asked_by, Some(row.asked_at))),
    ];
    if let Some(by) = row.accepted_by {
        facts.push((w.accepted.clone(), done_by(&format!("person:{by}"), row.accepted_at)));
    }
    if let Some(by) = &row.finished_by {
        facts.push((w.finished.clone(), done_by(by, row.finished_at)));
    }
    facts.extend([
        (w.second.clone(), Td::from(names.person_name(row.second_id))),
        (w.why.clone(), row.finished_reason.clone().into()),
        (w.decision.clone(), row.decision.clone().into()),
        (w.approval_number.clone(), row.approval_number.clone().into()),
        (w.proceeds.clone(), row.proceeds_fen.map(|money| money.to_string()).unwrap_or_default().into()),
        (w.receipt.clone(), row.receipt.clone().into()),
    ]);
    facts.retain(|(_, td)| !td.text.is_empty() || td.mark.is_some());
    facts
}

async fn things(
    app: &App,
    frame: &Frame,
    names: &Directory,
    lines: &[movement_line::Model],
) -> Result<Block, ApiError> {
    let ids: Vec<_> = lines.iter().take(MOST_LINES).map(|line| line.item_id).collect();
    let known = items::by_ids(app.db().read(), &ids).await?;
    let (w, l) = (&frame.words.movements.one, &frame.words.movements.list);
    let value = format!("#{}", l.value);
    let heads = [&l.number, &w.name, &w.from_place, &w.from_keeper, &w.from_state, &w.after, &value];
    let mut table = Table::new(&heads.map(String::as_str));
    for line in lines.iter().take(MOST_LINES) {
        let Some(thing) = known.get(&line.item_id) else { continue };
        let after = [
            line.to_unit_id.filter(|unit| *unit != line.from_unit_id).map_or("", |unit| names.unit_name(unit)),
            names.place_name(line.to_place_id.filter(|_| line.to_place_id != line.from_place_id)),
            names.person_name(line.to_keeper_id.filter(|_| line.to_keeper_id != line.from_keeper_id)),
            line.to_state.filter(|state| *state != line.from_state).map_or("", |state| picks::state_word(frame, state)),
        ];
        let after: Vec<&str> = after.into_iter().filter(|part| !part.is_empty()).collect();
        let back = line.answered_at.map(|at| w.answered.replace("{at}", &at.day().to_string())).unwrap_or_default();
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(thing.item_number.clone(), at(&thing.item_number)) },
            Td::from(thing.name.clone()).because(thing.specification.clone()),
            names.place_name(line.from_place_id).into(),
            names.person_name(line.from_keeper_id).into(),
            picks::state_word(frame, line.from_state).into(),
            Td::from(after.join(" · ")).because(back),
            Td::num(line.value_fen.to_string(), ""),
        ]);
    }
    let more = lines.len().saturating_sub(MOST_LINES);
    let notes = if more == 0 { Vec::new() } else { vec![format!("… +{more}")] };
    Ok(Block { title: w.things.clone(), table: Some(table), notes, ..Block::default() })
}

/// The forms of what may be done now; what somebody else must do is named, with whom.
fn deeds(frame: &Frame, ctx: &Ctx, shown: &Shown, names: &Directory, beside: &Beside) -> Vec<Block> {
    let (row, w, a) = (&shown.row, &frame.words.movements.one, &frame.words.movements.ask);
    let can = |deed| shown.state.after(row.kind, deed).is_ok();
    let why = |allowed: bool, words: &String| if allowed { String::new() } else { words.clone() };
    let gives = permit(ctx, Action::AssetsMove, Some(row.unit_id)).is_ok();
    let takes = row.to_unit_id.is_some() && permit(ctx, Action::AssetsMove, row.to_unit_id).is_ok();
    let asked = ctx.person().is_some() && row.asker_id == ctx.person();
    let centre = permit(ctx, Action::ItemsWriteOff, Some(row.unit_id)).is_ok();
    let blank = (Typed::default(), Faults::default());
    let filled = |deed: &str| if beside.deed == deed { (&beside.typed, &beside.faults) } else { (&blank.0, &blank.1) };
    let form = |deed: &str, label: &String, help: &String, fields: Vec<Field>, why: String, danger: bool| {
        let sheet = Sheet {
            action: format!("/assets/movements/{}/{deed}", row.number),
            hidden: vec![("version".to_owned(), row.version.to_string())],
            fields: if why.is_empty() { fields } else { Vec::new() },
            submit: label.clone(),
            general: filled(deed).1.general().to_owned(),
            danger,
            why,
            ..Sheet::default()
        };
        Block { title: label.clone(), notes: vec![help.clone()], form: Some(sheet), ..Block::default() }
    };
    let text = |deed: &str, id: &str, label: &String, help: &String| {
        let (typed, faults) = filled(deed);
        Field::text(id, label, typed.get(id), faults).help(help)
    };
    let mut blocks = Vec::new();
    if can(Deed::Accept) {
        let place = row.to_place_id.and_then(|id| names.place(id)).map(|place| place.code.clone());
        let mut fields = vec![
            text("accept", "to_place", &a.to_place, &a.to_place_help),
            text("accept", "to_keeper", &a.to_keeper, &a.to_keeper_help),
        ];
        if beside.deed != "accept" {
            fields[0].value = place.unwrap_or_default();
        }
        let cannot = why(takes && !asked, &w.not_receiver);
        blocks.push(form("accept", &w.accept, &w.accept_help, fields, cannot, false));
        let fields = vec![text("decline", "reason", &w.reason, &String::new())];
        blocks.push(form("decline", &w.decline, &String::new(), fields, why(takes, &w.not_receiver), true));
    }
    if can(Deed::CarryOut) && row.kind.disposes() {
        let none = String::new();
        let fields = vec![
            text("carry-out", "decision", &w.decision, &none),
            text("carry-out", "approval_number", &w.approval_number, &none),
            text("carry-out", "proceeds", &w.proceeds, &none),
            text("carry-out", "receipt", &w.receipt, &none),
        ];
        blocks.push(form("carry-out", &w.carry_out, &w.carry_out_disposal, fields, why(centre, &w.not_centre), false));
    } else if can(Deed::CarryOut) {
        let cannot = why(gives, &w.not_giver);
        blocks.push(form("carry-out", &w.carry_out, &w.carry_out_help, Vec::new(), cannot, false));
    }
    if can(Deed::Withdraw) {
        let allowed = asked || (centre && shown.state != State::Asked);
        let fields = vec![text("withdraw", "reason", &w.reason, &String::new())];
        blocks.push(form("withdraw", &w.withdraw, &w.withdraw_help, fields, why(allowed, &w.not_asker), true));
    }
    blocks
}

/// What the document must show: its papers, and where one is added.
async fn paper_blocks(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    shown: &Shown,
    beside: &Beside,
) -> Result<Vec<Block>, ApiError> {
    let (row, w) = (&shown.row, &frame.words.movements.one);
    let subject = Subject { room: ROOM, id: row.id, step: String::new(), unit: row.unit_id };
    let kept = papers::of(app.db().read(), &subject).await?;
    let word =
        |step: &str| PAPERS.iter().find(|(name, _)| *name == step).map_or("", |(name, zh)| frame.either(zh, name));
    let mut table = Table::new(&[&w.paper_kind, &w.paper_file]);
    table.rows = kept
        .into_iter()
        .map(|paper| {
            let file = Td::link(paper.name, format!("/assets/papers/{}", paper.id));
            vec![word(&paper.step).into(), file.because(paper.uploaded_at.to_string())]
        })
        .collect();
    table.empty.1.clone_from(&w.no_papers);
    let mut blocks = vec![Block { title: w.papers.clone(), table: Some(table), ..Block::default() }];
    let gives = permit(ctx, Action::AssetsMove, Some(row.unit_id)).is_ok();
    if gives || (row.to_unit_id.is_some() && permit(ctx, Action::AssetsMove, row.to_unit_id).is_ok()) {
        let faults = if beside.deed == "papers" { beside.faults.clone() } else { Faults::default() };
        let all = PAPERS.iter().map(|(name, zh)| ((*name).to_owned(), frame.either(zh, name).to_owned())).collect();
        let file = Field { kind: How::File, ..Field::text("file", &w.paper_file, "", &faults) };
        let form = Sheet {
            action: format!("/assets/movements/{}/papers", row.number),
            fields: vec![Field::choice("step", &w.paper_kind, all, "", &faults), file.help(&w.paper_help)],
            submit: w.add_paper.clone(),
            general: faults.general().to_owned(),
            ..Sheet::default()
        };
        blocks.push(Block { title: w.add_paper.clone(), form: Some(form), ..Block::default() });
    }
    Ok(blocks)
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((number, deed)): Path<(String, String)>,
    frame: Frame,
    axum::Form(typed): axum::Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::AssetsMove)?;
    let done = match deed.as_str() {
        "accept" => accept(&app, &ctx, &frame, &number, &typed).await,
        "decline" | "withdraw" => give_up(&app, &ctx, &number, &deed, &typed).await,
        "carry-out" => carry_out(&app, &ctx, &number, &typed).await,
        _ => return Err(ApiError::NotFound("没有这个地址".to_owned())),
    };
    match done {
        Ok(said) => Ok(Redirect::to(&format!("/assets/movements/{number}?said={said}")).into_response()),
        Err(error) => {
            let error = if let ApiError::Invalid { field: Some(field), reason } = error {
                let field = if field == "proceeds_fen" { "proceeds".to_owned() } else { field };
                ApiError::Invalid { field: Some(field), reason }
            } else {
                error
            };
            let mut faults = picks::refused(error, &FIELDS)?;
            // The appraisal is a paper, and no field of the form.
            if !faults.of("appraisal").is_empty() {
                faults = Faults::at("", faults.of("appraisal").to_owned());
            }
            one(&app, &ctx, &number, frame, Beside { deed, typed, faults, ..Beside::default() }).await
        }
    }
}

async fn accept(app: &App, ctx: &Ctx, frame: &Frame, number: &str, typed: &Typed) -> Result<&'static str, ApiError> {
    let place = picks::place(app, ctx, frame, typed.get("to_place")).await?;
    let keeper = picks::person(app, ctx, frame, typed.get("to_keeper")).await?;
    let to = Acceptance {
        place: place.map_err(|text| ApiError::invalid("to_place", text))?.map(|place| place.id),
        keeper: keeper.map_err(|text| ApiError::invalid("to_keeper", text))?.map(|person| person.id),
    };
    let (ctx, number, version) = (ctx.clone(), number.to_owned(), Some(typed.version()));
    app.write(move |db| async move { steps::accept(&db, &ctx, &number, version, to).await }).await?;
    Ok("accepted")
}

async fn give_up(app: &App, ctx: &Ctx, number: &str, deed: &str, typed: &Typed) -> Result<&'static str, ApiError> {
    let (ctx, number, version) = (ctx.clone(), number.to_owned(), Some(typed.version()));
    let reason = typed.get("reason").to_owned();
    if deed == "decline" {
        app.write(move |db| async move { steps::decline(&db, &ctx, &number, version, &reason).await }).await?;
        return Ok("declined");
    }
    app.write(move |db| async move { steps::withdraw(&db, &ctx, &number, version, &reason).await }).await?;
    Ok("withdrawn")
}

async fn carry_out(app: &App, ctx: &Ctx, number: &str, typed: &Typed) -> Result<&'static str, ApiError> {
    let proceeds = match typed.get("proceeds") {
        "" => None,
        text => Some(Fen::parse_yuan(text).map_err(|error| ApiError::invalid("proceeds", error.to_string()))?),
    };
    let finish = Finish {
        decision: typed.get("decision").to_owned(),
        approval_number: typed.get("approval_number").to_owned(),
        proceeds,
        receipt: typed.get("receipt").to_owned(),
    };
    let (ctx, number, version) = (ctx.clone(), number.to_owned(), Some(typed.version()));
    app.write(move |db| async move { steps::carry_out(&db, &ctx, &number, version, &finish).await }).await?;
    Ok("done")
}

pub(super) async fn add_paper(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    frame: Frame,
    request: Request,
) -> Result<Response, ApiError> {
    match files::take_in(&app, &ctx, &number, request).await {
        Ok(_) => Ok(Redirect::to(&format!("/assets/movements/{number}?said=paper")).into_response()),
        Err(error) => {
            let faults = picks::refused(error, &["file", "step"])?;
            let beside = Beside { deed: "papers".to_owned(), faults, ..Beside::default() };
            one(&app, &ctx, &number, frame, beside).await
        }
    }
}

pub(super) async fn paper(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    files::content(&app, &ctx, id).await
}
