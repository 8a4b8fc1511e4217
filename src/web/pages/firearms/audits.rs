//! Audits by sample: the list, and one with its next step on top, line by line.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;

use super::{at, minute, whole};
use crate::access::{Action, permit_somewhere};
use crate::firearms::audits::answers::{self, Found};
use crate::firearms::audits::entity::{audit, line};
use crate::firearms::audits::model::{LineKind, Outcome, State};
use crate::firearms::audits::{service, store};
use crate::firearms::store as registry;
use crate::kernel::Ctx;
use crate::kernel::sampling::Precision;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::{Typed, refused, said, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 6] = ["armoury", "confidence", "margin", "read", "rounds", "reason"];
/// Audits that the page shows.
const MOST: u64 = 100;

fn audit_mark(frame: &Frame, row: &audit::Model) -> Mark {
    let look = match row.state {
        State::Committed => "ask",
        State::Drawn => "warn",
        State::Closed if row.differences > 0 => "bad",
        State::Closed => "good",
        State::Cancelled => "calm",
    };
    Mark::new(look, frame.either(row.state.zh(), row.state.as_str()))
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let said = said(&frame, &asked);
    all(&app, &ctx, frame, said, (&Typed::default(), &Faults::default())).await
}

async fn all(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    said: String,
    (typed, faults): (&Typed, &Faults),
) -> Result<Response, ApiError> {
    let (db, w, f) = (app.db().read(), &frame.words.firearms.audit, &frame.words.firearms.field);
    let rows = store::list(db, ctx, MOST).await?;
    let stores = registry::armouries(db, ctx).await?;
    let names = Names::of(db, rows.iter().map(|row| row.counter_id), []).await?;
    let (lines, differences) = (format!("#{}", w.lines), format!("#{}", w.differences));
    let mut table = Table::new(&[&f.number, &f.store, &w.counter, &w.opened, &lines, &differences, &f.state]);
    for row in &rows {
        let mark = audit_mark(&frame, row);
        let store = stores.iter().find(|of| of.id == row.armoury_id).map(|of| of.name.clone());
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(row.number.clone(), at("audits", &row.number)) },
            store.unwrap_or_default().into(),
            names.person(Some(row.counter_id)).into(),
            minute(Some(row.opened_at)).into(),
            Td::num(row.lines.to_string(), ""),
            Td::num(row.differences.to_string(), ""),
            Td::mark(mark.look, mark.text),
        ]);
    }
    table.empty = ("clipboard-search", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    let mut blocks = Vec::new();
    if frame.may(Action::InspectionsRun) {
        let stores = stores.iter().filter(|of| of.active);
        let stores = stores.map(|of| (of.number.clone(), format!("{} {}", of.number, of.name))).collect();
        let usual = |id: &str, otherwise: i64| match typed.get(id) {
            "" => otherwise.to_string(),
            text => text.to_owned(),
        };
        let sure = ["80", "90", "95", "98", "99"].map(|one| (one.to_owned(), format!("{one} %"))).to_vec();
        let confidence = usual("confidence", Precision::USUAL.confidence());
        let margin = usual("margin", Precision::USUAL.margin());
        let form = Sheet {
            action: "/firearms/audits".to_owned(),
            fields: vec![
                Field::choice("armoury", &f.store, stores, typed.get("armoury"), faults),
                Field::choice("confidence", &w.confidence, sure, &confidence, faults),
                Field::input("margin", &w.margin, "number", &margin, faults).help(&w.margin_help),
            ],
            submit: w.begin.clone(),
            general: faults.general().to_owned(),
            ..Sheet::default()
        };
        blocks.push(Block {
            title: w.begin.clone(),
            notes: vec![w.begin_help.clone()],
            form: Some(form),
            ..Block::default()
        });
    }
    blocks.push(Block { table: Some(table), ..Block::default() });
    let (title, lead) = (w.heading.clone(), w.lead.clone());
    let back = ("/firearms".to_owned(), frame.words.nav.firearms.clone());
    Ok(Board { back, lead, said, blocks, ..Board::new(frame, title) }.answer())
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::InspectionsRun)?;
    let read = whole(&frame, &typed, "confidence").and_then(|sure| Ok((sure, whole(&frame, &typed, "margin")?)));
    let (confidence, margin) = match read {
        Ok((sure, margin)) => (sure.unwrap_or_default(), margin.unwrap_or_default()),
        Err(faults) => return all(&app, &ctx, frame, String::new(), (&typed, &faults)).await,
    };
    let (asker, armoury) = (ctx.clone(), typed.get("armoury").to_owned());
    match app.write(move |db| async move { service::commit(&db, &asker, &armoury, confidence, margin).await }).await {
        Ok(row) => Ok(to(&at("audits", &row.number), "created")),
        Err(error) => {
            let faults = refused(error, &FIELDS)?;
            all(&app, &ctx, frame, String::new(), (&typed, &faults)).await
        }
    }
}

pub(super) async fn show_one(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let said = said(&frame, &asked);
    one(&app, &ctx, frame, &number, said, ("", &Typed::default(), &Faults::default())).await
}

async fn one(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    number: &str,
    said: String,
    beside: (&str, &Typed, &Faults),
) -> Result<Response, ApiError> {
    let db = app.db().read();
    let row = store::one(db, ctx, number).await?;
    let lines = store::lines(db, row.id).await?;
    let of = registry::armoury_by_id(db, row.armoury_id).await?;
    let names = Names::of(db, [row.counter_id], []).await?;
    let w = &frame.words.firearms.audit;
    let mut blocks = Vec::new();
    let theirs = row.state.is_open() && ctx.person() == Some(row.counter_id);
    if theirs && frame.may(Action::InspectionsRun) {
        blocks.extend(deeds(&frame, &row, &lines, beside));
    }
    blocks.push(Block { title: w.lines.clone(), table: Some(table(&frame, &lines)), ..Block::default() });
    blocks.push(seed(&frame, &row, &lines, &names));
    let mark = audit_mark(&frame, &row);
    let title = format!("{} · {} · {}", row.number, of.map(|of| of.name).unwrap_or_default(), mark.text);
    let lead = row.note.clone();
    let back = ("/firearms/audits".to_owned(), w.heading.clone());
    Ok(Board { back, lead, said, blocks, ..Board::new(frame, title) }.answer())
}

fn table(frame: &Frame, lines: &[line::Model]) -> Table {
    let (w, f) = (&frame.words.firearms.audit, &frame.words.firearms.field);
    let mut table = Table::new(&["#", &f.kind, &f.name, &w.seen, &w.book, &f.state]);
    for one in lines {
        let look = match one.outcome {
            Outcome::Open => "ask",
            Outcome::Agrees | Outcome::Excused => "good",
            _ => "bad",
        };
        let way = if matches!(one.kind, LineKind::Gun | LineKind::Lot) { &w.to_shelf } else { &w.to_book };
        table.rows.push(vec![
            Td::num(one.line.to_string(), ""),
            Td::from(frame.either(one.kind.zh(), one.kind.as_str())).because(way.clone()),
            Td::mono(one.name.clone()),
            one.seen.clone().into(),
            one.book.clone().into(),
            Td::mark(look, frame.either(one.outcome.zh(), one.outcome.as_str())),
        ]);
    }
    table.empty.1.clone_from(&w.not_drawn);
    table
}

/// What anybody needs to draw the sample again.
fn seed(frame: &Frame, row: &audit::Model, lines: &[line::Model], names: &Names) -> Block {
    let w = &frame.words.firearms.audit;
    let verified = match service::verify(row, lines) {
        Some((true, true)) => Td::mark("good", w.verified.clone()),
        Some(_) => Td::mark("bad", w.not_verified.clone()),
        None => Td::from(w.not_drawn.clone()),
    };
    let facts = vec![
        (w.counter.clone(), names.person(Some(row.counter_id)).into()),
        (w.confidence.clone(), format!("{} % ± {} %", row.confidence, row.margin).into()),
        (w.commitment.replace("{hash}", &row.hash), Td::mono(row.commitment.clone())),
        (w.opened.clone(), minute(Some(row.opened_at)).into()),
        (w.seed.clone(), Td::mono(row.seed.clone())),
        (w.drawn_at.clone(), minute(row.drawn_at).into()),
        (w.population.clone(), row.population.lines().count().to_string().into()),
        (w.places.clone(), row.places.lines().count().to_string().into()),
        (w.again.clone(), verified),
    ];
    Block { title: w.seed_title.clone(), notes: vec![w.seed_help.clone()], facts, ..Block::default() }
}

fn deeds(
    frame: &Frame,
    row: &audit::Model,
    lines: &[line::Model],
    (deed, typed, faults): (&str, &Typed, &Faults),
) -> Vec<Block> {
    let w = &frame.words.firearms.audit;
    let (blank, clean) = (Typed::default(), Faults::default());
    let of = |name: &str| if deed == name { (typed, faults) } else { (&blank, &clean) };
    let form = |name: &str, title: &String, help: &String, fields: Vec<Field>, hidden: Option<i64>| {
        let mut sheet = Sheet {
            action: format!("{}/{name}", at("audits", &row.number)),
            hidden: vec![("version".to_owned(), row.version.to_string())],
            fields,
            submit: title.clone(),
            general: of(name).1.general().to_owned(),
            danger: name == "cancel",
            ..Sheet::default()
        };
        sheet.hidden.extend(hidden.map(|line| ("line".to_owned(), line.to_string())));
        let notes = if help.is_empty() { Vec::new() } else { vec![help.clone()] };
        Block { title: title.clone(), notes, form: Some(sheet), ..Block::default() }
    };
    let mut blocks = Vec::new();
    match row.state {
        State::Committed => blocks.push(form("draw", &w.draw, &w.draw_help, Vec::new(), None)),
        _ => {
            let open: Vec<&line::Model> = lines.iter().filter(|line| line.outcome == Outcome::Open).collect();
            match open.first() {
                Some(next) => {
                    let (typed, faults) = of("answers");
                    let mut block = form(
                        "answers",
                        &w.answer,
                        question(frame, next),
                        answer_fields(frame, next, typed, faults),
                        Some(next.line),
                    );
                    let left = w.left.replace("{open}", &open.len().to_string());
                    block.title = format!("{} · {} · {left}", next.line, next.name);
                    blocks.push(block);
                }
                None => blocks.push(form("close", &w.close, &w.close_help, Vec::new(), None)),
            }
            let (typed, faults) = of("extra");
            let read = Field::text("read", &w.read, typed.get("read"), faults);
            blocks.push(form("extra", &w.extra, &w.extra_help, vec![read], None));
        }
    }
    let reason =
        Field::text("reason", &frame.words.firearms.field.reason, of("cancel").0.get("reason"), of("cancel").1);
    blocks.push(form("cancel", &w.cancel, &String::new(), vec![reason], None));
    blocks
}

fn question<'a>(frame: &'a Frame, line: &line::Model) -> &'a String {
    let w = &frame.words.firearms.audit;
    match line.kind {
        LineKind::Gun => &w.gun_help,
        LineKind::Lot => &w.lot_help,
        LineKind::Place | LineKind::Extra => &w.place_help,
    }
}

fn answer_fields(frame: &Frame, line: &line::Model, typed: &Typed, faults: &Faults) -> Vec<Field> {
    let (w, f) = (&frame.words.firearms.audit, &frame.words.firearms.field);
    if line.kind == LineKind::Lot {
        return vec![Field::input("rounds", &f.rounds, "number", typed.get("rounds"), faults)];
    }
    let gun = line.kind == LineKind::Gun;
    let words = if gun { [&w.there, &w.not_there] } else { [&w.something, &w.nothing] };
    let all = vec![("yes".to_owned(), words[0].clone()), ("no".to_owned(), words[1].clone())];
    let read = Field::text("read", if gun { &w.elsewhere } else { &w.read }, typed.get("read"), faults);
    vec![Field::choice("there", &w.seen, all, typed.get("there"), faults), read]
}

pub(super) async fn take_one(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((number, deed)): Path<(String, String)>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::InspectionsRun)?;
    match go(&app, &ctx, &frame, &number, &deed, &typed).await {
        Ok(Ok(())) => Ok(to(&at("audits", &number), "saved")),
        Ok(Err(faults)) => one(&app, &ctx, frame, &number, String::new(), (&deed, &typed, &faults)).await,
        Err(error) => {
            let faults = refused(error, &FIELDS)?;
            one(&app, &ctx, frame, &number, String::new(), (&deed, &typed, &faults)).await
        }
    }
}

async fn go(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    number: &str,
    deed: &str,
    typed: &Typed,
) -> Result<Result<(), Faults>, ApiError> {
    let (asker, number, version) = (ctx.clone(), number.to_owned(), Some(typed.version()));
    match deed {
        "draw" => {
            app.write(move |db| async move { service::draw(&db, &asker, &number, version).await }).await?;
        }
        "answers" => {
            let rounds = match whole(frame, typed, "rounds") {
                Ok(rounds) => rounds,
                Err(faults) => return Ok(Err(faults)),
            };
            let line = typed.get("line").parse().unwrap_or_default();
            let found = Found { line, there: typed.get("there") == "yes", read: typed.get("read").to_owned(), rounds };
            app.write(move |db| async move { answers::answer(&db, &asker, &number, &found).await }).await?;
        }
        "extra" => {
            let read = typed.get("read").to_owned();
            app.write(move |db| async move { answers::extra(&db, &asker, &number, &read).await }).await?;
        }
        "close" => {
            app.write(move |db| async move { service::close(&db, &asker, &number, version).await }).await?;
        }
        "cancel" => {
            let reason = typed.get("reason").to_owned();
            app.write(move |db| async move { service::cancel(&db, &asker, &number, &reason).await }).await?;
        }
        _ => return Err(ApiError::NotFound("没有这个地址".to_owned())),
    }
    Ok(Ok(()))
}
