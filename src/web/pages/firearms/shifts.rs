//! Handovers of a shift: the list, and one with its next step on top.

use axum::extract::State as Extract;
use axum::response::Response;
use axum::{Extension, Form};

use super::{at, lines_of, lots_of, minute};
use crate::access::{Action, permit, permit_somewhere, reach};
use crate::firearms::shifts::entity::{line, shift, signature};
use crate::firearms::shifts::model::{Side, State};
use crate::firearms::shifts::service::{self, Counted};
use crate::firearms::shifts::store;
use crate::kernel::Ctx;
use crate::web::extract::{Path, Query};
use crate::web::layers::Visit;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::{Typed, presence_fields, refused_signed, said, to, unit_choices};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 6] = ["guns", "lots", "note", "side", "reason", "unit"];
/// Handovers that the page shows.
const MOST: u64 = 100;

fn shift_mark(frame: &Frame, state: State) -> Mark {
    let look = match state {
        State::Counting => "ask",
        State::Agreed => "warn",
        State::Differing => "bad",
        State::Closed => "good",
        State::Cancelled => "calm",
    };
    Mark::new(look, frame.either(state.zh(), state.as_str()))
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let said = said(&frame, &asked);
    all(&app, &ctx, frame, said, &Faults::default()).await
}

async fn all(app: &App, ctx: &Ctx, frame: Frame, said: String, faults: &Faults) -> Result<Response, ApiError> {
    let (db, w, f) = (app.db().read(), &frame.words.firearms.shift, &frame.words.firearms.field);
    let rows = store::list(db, ctx, MOST).await?;
    let names = Names::of(db, [], rows.iter().map(|row| row.counted_by.as_str())).await?;
    let differences = format!("#{}", w.differences);
    let mut table = Table::new(&[&f.number, &f.unit, &f.state, &w.opened, &w.counted_by, &differences, &w.ended]);
    for row in &rows {
        let mark = shift_mark(&frame, row.state);
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(row.number.clone(), at("shifts", &row.number)) },
            names.unit(Some(row.unit_id)).into(),
            Td::mark(mark.look, mark.text),
            minute(Some(row.opened_at)).into(),
            names.actor(&frame, &row.counted_by).into(),
            Td::num(row.differences.to_string(), at("shifts", &row.number)),
            minute(row.ended_at).into(),
        ]);
    }
    table.empty = ("clipboard-check", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    let mut blocks = vec![Block { table: Some(table), ..Block::default() }];
    if frame.may(Action::DrawsKeep) {
        let units = unit_choices(app, &reach(ctx, Action::DrawsKeep)).await?;
        let form = Sheet {
            action: "/firearms/shifts".to_owned(),
            fields: vec![Field::choice("unit", &f.unit, units, "", faults)],
            submit: w.begin.clone(),
            general: faults.general().to_owned(),
            ..Sheet::default()
        };
        blocks.push(Block { title: w.begin.clone(), form: Some(form), ..Block::default() });
    }
    let title = w.title.clone();
    let back = ("/firearms".to_owned(), frame.words.nav.firearms.clone());
    Ok(Board { back, said, blocks, ..Board::new(frame, title) }.answer())
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::DrawsKeep)?;
    let Some(unit) = typed.id("unit") else {
        let faults = Faults::at("unit", frame.words.common.none_selected.clone());
        return all(&app, &ctx, frame, String::new(), &faults).await;
    };
    let asker = ctx.clone();
    match app.write(move |db| async move { service::open(&db, &asker, unit).await }).await {
        Ok(row) => Ok(to(&at("shifts", &row.number), "created")),
        Err(error) => {
            let faults = refused_signed(error, &FIELDS)?;
            all(&app, &ctx, frame, String::new(), &faults).await
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
    let signed = store::signatures(db, row.id).await?;
    let names = Names::of(db, signed.iter().map(|one| one.person_id), []).await?;
    let w = &frame.words.firearms.shift;
    let mut blocks = Vec::new();
    if row.state.is_open() && permit(ctx, Action::DrawsKeep, Some(row.unit_id)).is_ok() {
        blocks.extend(deeds(&frame, &row, &signed, beside));
    }
    if row.round > 0 {
        let lines = store::lines(db, &row).await?;
        blocks.push(counted(&frame, &row, &lines));
        blocks.push(sides(&frame, &signed, &names));
    }
    let mark = shift_mark(&frame, row.state);
    let title = format!("{} · {} · {}", row.number, names.unit(Some(row.unit_id)), mark.text);
    let lead = row.note.clone();
    let back = ("/firearms/shifts".to_owned(), w.title.clone());
    Ok(Board { back, lead, said, blocks, ..Board::new(frame, title) }.answer())
}

/// What was counted; by how much something differs is shown once somebody has said what is known of it.
fn counted(frame: &Frame, row: &shift::Model, lines: &[line::Model]) -> Block {
    let (w, f) = (&frame.words.firearms.shift, &frame.words.firearms.field);
    let open = !row.state.is_open() || !row.note.is_empty();
    let numbers = [&w.opening, &w.came, &w.went, &w.book, &w.counted].map(|name| format!("#{name}"));
    let mut heads: Vec<&str> = vec![&f.kind, &f.name, &f.state];
    heads.extend(numbers.iter().map(String::as_str));
    let mut table = Table::new(if open { &heads } else { &heads[..3] });
    for one in lines {
        let mark = if one.differs { Td::mark("bad", w.differs.clone()) } else { Td::mark("good", w.agrees.clone()) };
        let mut cells = vec![frame.either(one.kind.zh(), one.kind.as_str()).into(), Td::mono(one.name.clone()), mark];
        if open {
            let numbers = [one.opening, one.came, one.went, one.book, one.counted];
            cells.extend(numbers.map(|number| Td::num(number.to_string(), "")));
        }
        table.rows.push(cells);
    }
    let title = w.counted_title.replace("{round}", &row.round.to_string());
    let title = title.replace("{differences}", &row.differences.to_string());
    Block { title, table: Some(table), ..Block::default() }
}

fn sides(frame: &Frame, signed: &[signature::Model], names: &Names) -> Block {
    let w = &frame.words.firearms.shift;
    let line = |side: &Side| {
        let one = signed.iter().find(|one| one.side == *side);
        let who = one.map(|one| format!("{} {}", names.person(Some(one.person_id)), minute(Some(one.signed_at))));
        (frame.either(side.zh(), side.as_str()).to_owned(), Td::from(who.unwrap_or_else(|| "—".to_owned())))
    };
    Block { title: w.sides.clone(), facts: Side::ALL.iter().map(line).collect(), ..Block::default() }
}

fn deeds(
    frame: &Frame,
    row: &shift::Model,
    signed: &[signature::Model],
    (deed, typed, faults): (&str, &Typed, &Faults),
) -> Vec<Block> {
    let w = &frame.words.firearms.shift;
    let (blank, clean) = (Typed::default(), Faults::default());
    let of = |name: &str| if deed == name { (typed, faults) } else { (&blank, &clean) };
    let form = |name: &str, title: &String, help: &String, fields: Vec<Field>, danger: bool| {
        let sheet = Sheet {
            action: format!("{}/{name}", at("shifts", &row.number)),
            hidden: vec![("version".to_owned(), row.version.to_string())],
            fields,
            submit: title.clone(),
            general: of(name).1.general().to_owned(),
            danger,
            ..Sheet::default()
        };
        let notes = if help.is_empty() { Vec::new() } else { vec![help.clone()] };
        Block { title: title.clone(), notes, form: Some(sheet), ..Block::default() }
    };
    let area = |name: &str, id: &str, label: &String| Field::area(id, label, of(name).0.get(id), of(name).1);
    let mut blocks = Vec::new();
    let waits_for_words = row.state == State::Differing && row.note.is_empty();
    if waits_for_words {
        blocks.push(form("explain", &w.explain, &w.explain_help, vec![area("explain", "note", &w.note)], false));
    } else if row.round > 0 {
        let missing = Side::ALL.iter().filter(|side| !signed.iter().any(|one| one.side == **side));
        let missing: Vec<(String, String)> =
            missing.map(|side| (side.as_str().to_owned(), frame.either(side.zh(), side.as_str()).to_owned())).collect();
        let stale = deed == "close" && !faults.general().is_empty();
        if missing.is_empty() {
            blocks.push(form("close", &w.close, &w.close_help, Vec::new(), false));
        }
        if !missing.is_empty() || stale {
            let all = Side::ALL.iter();
            let all = all.map(|side| (side.as_str().to_owned(), frame.either(side.zh(), side.as_str()).to_owned()));
            let sides = if missing.is_empty() { all.collect() } else { missing };
            let mut fields = vec![Field::choice("side", &w.sides, sides, of("sign").0.get("side"), of("sign").1)];
            fields.extend(presence_fields(frame, of("sign").0, of("sign").1));
            blocks.push(form("sign", &w.sign, &frame.words.firearms.draw.sign_help, fields, false));
        }
    }
    let counting = vec![area("count", "guns", &w.guns), area("count", "lots", &w.lots)];
    let label = if row.round == 0 { &w.count } else { &w.count_again };
    let count = form("count", label, &w.count_help, counting, false);
    blocks.insert(if row.round == 0 { 0 } else { blocks.len() }, count);
    let reason =
        Field::text("reason", &frame.words.firearms.field.reason, of("cancel").0.get("reason"), of("cancel").1);
    blocks.push(form("cancel", &w.cancel, &String::new(), vec![reason], true));
    blocks
}

pub(super) async fn take_one(
    Extract(app): Extract<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path((number, deed)): Path<(String, String)>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::DrawsKeep)?;
    match go(&app, &visit, &ctx, &frame, &number, &deed, &typed).await {
        Ok(()) => Ok(to(&at("shifts", &number), "saved")),
        Err(error) => {
            let faults = refused_signed(error, &FIELDS)?;
            one(&app, &ctx, frame, &number, String::new(), (&deed, &typed, &faults)).await
        }
    }
}

async fn go(
    app: &App,
    visit: &Visit,
    ctx: &Ctx,
    frame: &Frame,
    number: &str,
    deed: &str,
    typed: &Typed,
) -> Result<(), ApiError> {
    let (asker, number) = (ctx.clone(), number.to_owned());
    match deed {
        "count" => {
            let counted = Counted { guns: lines_of(typed, "guns"), lots: lots_of(frame, typed)? };
            app.write(move |db| async move { service::count(&db, &asker, &number, &counted).await }).await?;
        }
        "explain" => {
            let note = typed.get("note").to_owned();
            app.write(move |db| async move { service::explain(&db, &asker, &number, &note).await }).await?;
        }
        "sign" => {
            let side = Side::by_name(typed.get("side")).ok_or_else(|| ApiError::invalid("side", "没有这一签字人"))?;
            let signer = super::second(app, visit, ctx, frame, typed).await?;
            app.write(move |db| async move { service::sign(&db, &signer, &number, side).await }).await?;
        }
        "close" => {
            let version = Some(typed.version());
            app.write(move |db| async move { service::close(&db, &asker, &number, version).await }).await?;
        }
        "cancel" => {
            let reason = typed.get("reason").to_owned();
            app.write(move |db| async move { service::cancel(&db, &asker, &number, &reason).await }).await?;
        }
        _ => return Err(ApiError::NotFound("没有这个地址".to_owned())),
    }
    Ok(())
}
