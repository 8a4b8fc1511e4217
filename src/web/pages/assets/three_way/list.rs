//! The lists of the finance ledger and the checks made of them; bringing, comparing and undoing a list.

use axum::extract::{Request, State as Extract};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::state_mark;
use crate::access::{Action, permit, permit_somewhere};
use crate::assets::three_way::batches;
use crate::assets::three_way::entity::finance_batch;
use crate::assets::three_way::service::{self, Count};
use crate::assets::three_way::store;
use crate::documents::Reject;
use crate::kernel::Ctx;
use crate::kernel::text::thousands;
use crate::web::api::assets::three_way as api;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Kind as How, Table, Td};
use crate::web::pages::admin::shared::{Typed, refused};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::parts::{Mark, PAGE, cut};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// Lists and rows refused that the page shows.
const SHOWN: u64 = 20;
const MOST_REJECTS: usize = 50;

/// What the page shows besides lists and checks.
#[derive(Default)]
struct Beside {
    said: String,
    deed: &'static str,
    typed: Typed,
    faults: Faults,
    rejects: Vec<Reject>,
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let said = match asked.get("said") {
        "undone" => frame.words.three_way.list.said_undone.clone(),
        _ => String::new(),
    };
    page(&app, &ctx, frame, &asked, Beside { said, ..Beside::default() }).await
}

async fn page(app: &App, ctx: &Ctx, frame: Frame, asked: &Typed, beside: Beside) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::ThreeWayRead)?;
    let db = app.db().read();
    let lists = store::batches(db, ctx, None, SHOWN).await?;
    let mut checks = store::checks(db, ctx, asked.id("after"), PAGE + 1).await?;
    let next = cut(&mut checks, PAGE, |row| row.id.to_string());
    let actors: Vec<&str> =
        lists.iter().map(|row| row.imported_by.as_str()).chain(checks.iter().map(|row| row.made_by.as_str())).collect();
    let names = Names::of(db, [], actors).await?;
    let w = &frame.words.three_way.list;
    let mut blocks = Vec::new();
    if !beside.rejects.is_empty() {
        blocks.push(rejected(&frame, &beside.rejects));
    }
    let count = |name: &String| format!("#{name}");
    let (things, differences, open) = (count(&w.things), count(&w.differences), count(&w.open));
    let mut table = Table::new(&[&w.number, &w.as_of, &w.state, &things, &differences, &open, &w.by]);
    table.rows = checks
        .iter()
        .map(|row| {
            let mark = state_mark(&frame, row.state);
            let at = format!("/assets/three-way/{}", row.number);
            vec![
                Td { class: "mono", ..Td::link(row.number.clone(), at.clone()) },
                row.as_of.to_string().into(),
                Td::mark(mark.look, mark.text),
                Td::num(thousands(row.line_count.unsigned_abs()), ""),
                Td::num(thousands(row.difference_count.unsigned_abs()), ""),
                Td::num(thousands(row.open_count.unsigned_abs()), format!("{at}?open=yes")),
                Td::from(names.actor(&frame, &row.made_by)).because(row.made_at.to_string()),
            ]
        })
        .collect();
    (table.next, table.paged) = (next, true);
    table.empty = ("scale", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    blocks.push(Block { title: w.checks.clone(), table: Some(table), ..Block::default() });
    blocks.push(brought(&frame, &names, &lists));
    if permit(ctx, Action::ThreeWayRun, None).is_ok() {
        blocks.extend(forms(&frame, ctx, &lists, &beside));
    }
    let (title, lead) = (w.heading.clone(), w.lead.clone());
    Ok(Board { lead, said: beside.said, blocks, ..Board::new(frame, title) }.answer())
}

fn brought(frame: &Frame, names: &Names, lists: &[finance_batch::Model]) -> Block {
    let w = &frame.words.three_way.list;
    let numbers = [format!("#{}", w.rows), format!("#{}", w.rejects), format!("#{}", w.value)];
    let mut table = Table::new(&[&w.number, &w.as_of, &w.file, &w.state, &numbers[0], &numbers[1], &numbers[2], &w.by]);
    table.rows = lists
        .iter()
        .map(|row| {
            let state = match row.undone_at {
                Some(_) => Mark::new("bad", w.undone.clone()),
                None => Mark::new("good", w.stands.clone()),
            };
            vec![
                Td::mono(row.number.clone()),
                row.as_of.to_string().into(),
                row.file_name.clone().into(),
                Td::mark(state.look, state.text).because(row.undone_reason.clone()),
                Td::num(thousands(row.row_count.unsigned_abs()), ""),
                Td::num(thousands(row.reject_count.unsigned_abs()), ""),
                Td::num(row.value_fen.to_string(), ""),
                Td::from(names.actor(frame, &row.imported_by)).because(row.imported_at.to_string()),
            ]
        })
        .collect();
    let notes = if lists.is_empty() { vec![w.no_batches.clone()] } else { Vec::new() };
    Block { title: w.batches.clone(), table: Some(table), notes, ..Block::default() }
}

fn rejected(frame: &Frame, rejects: &[Reject]) -> Block {
    let w = &frame.words.three_way.list;
    let row = format!("#{}", w.where_in);
    let mut table = Table::new(&[&row, &w.column, &w.cell, &w.reason]);
    let told = |one: &Reject| {
        let at =
            if one.at.sheet.is_empty() { one.at.row.to_string() } else { format!("{}!{}", one.at.sheet, one.at.row) };
        vec![Td::num(at, ""), one.column.clone().into(), one.value.clone().into(), one.reason.clone().into()]
    };
    table.rows = rejects.iter().take(MOST_REJECTS).map(told).collect();
    let more = rejects.len().saturating_sub(MOST_REJECTS);
    let notes = if more == 0 { Vec::new() } else { vec![w.more_rejected.replace("{count}", &more.to_string())] };
    Block { title: format!("{} · {}", w.rejected, rejects.len()), table: Some(table), notes, ..Block::default() }
}

fn forms(frame: &Frame, ctx: &Ctx, lists: &[finance_batch::Model], beside: &Beside) -> Vec<Block> {
    let w = &frame.words.three_way.list;
    let none = (Typed::default(), Faults::default());
    let filled = |deed: &str| if beside.deed == deed { (&beside.typed, &beside.faults) } else { (&none.0, &none.1) };
    let standing: Vec<(String, String)> = lists
        .iter()
        .filter(|row| row.undone_at.is_none())
        .map(|row| (row.number.clone(), format!("{} · {} · {}", row.number, row.as_of, row.file_name)))
        .collect();
    let sheet = |deed: &'static str, action: &str, fields: Vec<Field>, submit: &String, danger: bool| Sheet {
        action: action.to_owned(),
        fields,
        submit: submit.clone(),
        general: filled(deed).1.general().to_owned(),
        danger,
        ..Sheet::default()
    };
    let (_, faults) = filled("bring");
    let today = ctx.now().day().to_string();
    let fields = vec![
        Field::input("as_of", &w.as_of, "date", &today, faults),
        Field::text("map", &w.map, "", faults).help(&w.map_help),
        Field { kind: How::File, ..Field::text("file", &w.file, "", faults) }.help(&w.file_help),
    ];
    let bring = sheet("bring", "/assets/three-way", fields, &w.bring, false);
    let mut blocks = vec![Block { title: w.bring.clone(), form: Some(bring), ..Block::default() }];
    if standing.is_empty() {
        return blocks;
    }
    let (typed, faults) = filled("compare");
    let fields = vec![
        Field::choice("number", &w.batches, standing.clone(), typed.get("number"), faults),
        Field::text("campaign", &w.count, typed.get("campaign"), faults).help(&w.count_help),
    ];
    let compare = sheet("compare", "/assets/three-way/compare", fields, &w.compare, false);
    let notes = vec![w.compare_help.clone()];
    blocks.insert(0, Block { title: w.compare.clone(), notes, form: Some(compare), ..Block::default() });
    let (typed, faults) = filled("undo");
    let fields = vec![
        Field::choice("number", &w.batches, standing, typed.get("number"), faults),
        Field::text("reason", &w.undo_why, typed.get("reason"), faults),
    ];
    let undo = sheet("undo", "/assets/three-way/undo", fields, &w.undo, true);
    blocks.push(Block { title: w.undo.clone(), form: Some(undo), ..Block::default() });
    blocks
}

pub(super) async fn bring(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    request: Request,
) -> Result<Response, ApiError> {
    let nothing = Typed::default();
    let beside = match api::taken(&app, &ctx, request).await {
        Ok((parsed, as_of)) => {
            let (as_of, rejects) = (as_of.unwrap_or_else(|| ctx.now().day()), parsed.rejects.clone());
            let actor = ctx.clone();
            match app.write(move |db| async move { batches::write(&db, &actor, &parsed, as_of).await }).await {
                Ok(row) => {
                    let said = format!("{} {}", frame.words.three_way.list.said_brought, row.number);
                    Beside { said, rejects, ..Beside::default() }
                }
                Err(error) => {
                    let faults = refused(error, &["file", "map", "as_of"])?;
                    Beside { deed: "bring", faults, rejects, ..Beside::default() }
                }
            }
        }
        Err(error) => {
            let faults = refused(error, &["file", "map", "as_of"])?;
            Beside { deed: "bring", faults, ..Beside::default() }
        }
    };
    page(&app, &ctx, frame, &nothing, beside).await
}

pub(super) async fn compare(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    axum::Form(typed): axum::Form<Typed>,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::ThreeWayRun, None)?;
    let count = match typed.get("campaign") {
        "" => Count::Last,
        "无" | "none" => Count::Without,
        number => Count::Number(number.to_owned()),
    };
    let (actor, number) = (ctx.clone(), typed.get("number").to_owned());
    match app.write(move |db| async move { service::compare(&db, &actor, &number, &count).await }).await {
        Ok(row) => Ok(Redirect::to(&format!("/assets/three-way/{}", row.number)).into_response()),
        Err(error) => {
            let faults = refused(error, &["number", "campaign"])?;
            let beside = Beside { deed: "compare", typed, faults, ..Beside::default() };
            page(&app, &ctx, frame, &Typed::default(), beside).await
        }
    }
}

pub(super) async fn undo(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    axum::Form(typed): axum::Form<Typed>,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::ThreeWayRun, None)?;
    let (actor, number, reason) = (ctx.clone(), typed.get("number").to_owned(), typed.get("reason").to_owned());
    match app.write(move |db| async move { batches::undo(&db, &actor, &number, None, &reason).await }).await {
        Ok(_) => Ok(Redirect::to("/assets/three-way?said=undone").into_response()),
        Err(error) => {
            let faults = refused(error, &["number", "reason"])?;
            let beside = Beside { deed: "undo", typed, faults, ..Beside::default() };
            page(&app, &ctx, frame, &Typed::default(), beside).await
        }
    }
}
