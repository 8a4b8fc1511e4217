//! Asking for a movement of one thing or of many that were ticked.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::{disposals, kind_word};
use crate::access::{Action, permit_somewhere};
use crate::assets::movements::model::{Disposal, Kind, State as Standing};
use crate::assets::movements::service::{self, Ask};
use crate::kernel::Ctx;
use crate::org::units;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Step, Table, Td};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::form::{Faults, in_query};
use crate::web::pages::items::picks;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 9] =
    ["numbers", "to_unit", "to_place", "to_keeper", "counterparty", "due_on", "disposal", "reason", "early_reason"];
/// Units that a field offers at most.
const MOST_UNITS: u64 = 2_000;
/// The kinds that begin with a form of this page.
const KINDS: [Kind; 12] = [
    Kind::Issue,
    Kind::Return,
    Kind::Transfer,
    Kind::Relocate,
    Kind::Loan,
    Kind::LoanReturn,
    Kind::Repair,
    Kind::RepairReturn,
    Kind::Idle,
    Kind::Use,
    Kind::Scrap,
    Kind::Dispose,
];

/// The numbers that were ticked or typed.
fn numbers(typed: &Typed) -> Vec<String> {
    let apart = |text: &str| {
        let parts = text.split(['\n', '\r', ',', '，', '、', ';', '；']).map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect::<Vec<_>>()
    };
    typed.all("numbers").chain(typed.all("number")).flat_map(apart).collect()
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::AssetsMove)?;
    match asked.get("kind") {
        "" => Ok(choose(frame, &asked)),
        name => {
            let kind = known(name)?;
            form(&app, &ctx, frame, kind, &asked, &Faults::default()).await
        }
    }
}

fn known(name: &str) -> Result<Kind, ApiError> {
    let kind = Kind::by_name(name).filter(|kind| KINDS.contains(kind));
    kind.ok_or_else(|| ApiError::NotFound("没有这一类变动".to_owned()))
}

/// Which kind, of those a form of ours begins.
fn choose(frame: Frame, asked: &Typed) -> Response {
    let w = &frame.words.movements.ask;
    let things: String = numbers(asked).iter().map(|number| format!("&number={}", in_query(number))).collect();
    let mut table = Table::new(&[&w.kind, ""]);
    for kind in KINDS {
        let href = format!("/assets/movements/new?kind={}{things}", kind.as_str());
        let what = if kind.chain().is_some() { &w.with_chain } else { &w.no_chain };
        table.rows.push(vec![Td::link(kind_word(&frame, kind), href), what.as_str().into()]);
    }
    let (title, back) = (w.choose.clone(), back(&frame));
    let block = Block { table: Some(table), ..Block::default() };
    Board { back, blocks: vec![block], ..Board::new(frame, title) }.answer()
}

fn back(frame: &Frame) -> (String, String) {
    ("/assets/movements".to_owned(), frame.words.movements.list.heading.clone())
}

async fn form(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    kind: Kind,
    typed: &Typed,
    faults: &Faults,
) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    let w = &frame.words.movements.ask;
    let mut fields = vec![Field::area("numbers", &w.numbers, &numbers(typed).join("\n"), faults).help(&w.numbers_help)];
    let text = |id: &str, label: &String, help: &String| Field::text(id, label, typed.get(id), faults).help(help);
    if kind == Kind::Transfer {
        // Any open unit: whose things one keeps does not say to whom they may go.
        let rows = units::page(app.db().read(), None, Some(true), None, MOST_UNITS).await?;
        let blank = (String::new(), "—".to_owned());
        let all = std::iter::once(blank).chain(rows.into_iter().map(|row| (row.id.to_string(), row.name))).collect();
        fields.push(Field::choice("to_unit", &w.to_unit, all, typed.get("to_unit"), faults));
    }
    if matches!(kind, Kind::Issue | Kind::Return | Kind::Relocate | Kind::LoanReturn | Kind::RepairReturn) {
        fields.push(text("to_keeper", &w.to_keeper, &w.to_keeper_help));
        fields.push(text("to_place", &w.to_place, &w.to_place_help));
    }
    if matches!(kind, Kind::Loan | Kind::Repair | Kind::Dispose) {
        fields.push(text("counterparty", &w.counterparty, &w.counterparty_help));
    }
    if matches!(kind, Kind::Loan | Kind::Repair) {
        fields.push(Field::input("due_on", &w.due_on, "date", typed.get("due_on"), faults));
    }
    if kind == Kind::Dispose {
        fields.push(Field::choice("disposal", &w.disposal, disposals(&frame), typed.get("disposal"), faults));
    }
    fields.push(text("reason", &w.reason, &w.reason_help));
    if kind == Kind::Scrap {
        fields.push(text("early_reason", &w.early_reason, &w.early_help));
    }
    let chained = kind.chain().is_some();
    let sheet = Sheet {
        action: "/assets/movements/new".to_owned(),
        hidden: vec![("kind".to_owned(), kind.as_str().to_owned())],
        fields,
        submit: if chained { w.submit.clone() } else { w.submit_now.clone() },
        general: faults.general().to_owned(),
        cancel: "/assets/movements".to_owned(),
        ..Sheet::default()
    };
    let lead = if chained { w.with_chain.clone() } else { w.no_chain.clone() };
    let title = w.title.replace("{kind}", &kind_word(&frame, kind));
    let other = Step { text: w.choose.clone(), href: "/assets/movements/new".to_owned(), ..Step::default() };
    let (back, block) = (back(&frame), Block { form: Some(sheet), ..Block::default() });
    Ok(Board { back, lead, steps: vec![other], blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn take(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::AssetsMove)?;
    let kind = known(typed.get("kind"))?;
    let new = match read(&app, &ctx, &frame, kind, &typed).await? {
        Ok(new) => new,
        Err(faults) => return form(&app, &ctx, frame, kind, &typed, &faults).await,
    };
    let asker = ctx.clone();
    match app.write(move |db| async move { service::ask(&db, &asker, &new).await }).await {
        Ok(row) => {
            let said = if row.state == Standing::Done { "done" } else { "asked" };
            Ok(Redirect::to(&format!("/assets/movements/{}?said={said}", row.number)).into_response())
        }
        Err(error) => {
            let faults = picks::refused(error, &FIELDS)?;
            form(&app, &ctx, frame, kind, &typed, &faults).await
        }
    }
}

async fn read(app: &App, ctx: &Ctx, frame: &Frame, kind: Kind, typed: &Typed) -> Result<Result<Ask, Faults>, ApiError> {
    let mut new = Ask::of(kind, numbers(typed), typed.get("reason"));
    new.to_unit = picks::unit(typed.get("to_unit"))?;
    match picks::place(app, ctx, frame, typed.get("to_place")).await? {
        Ok(place) => new.to_place = place.map(|place| place.id),
        Err(text) => return Ok(Err(Faults::at("to_place", text))),
    }
    match picks::person(app, ctx, frame, typed.get("to_keeper")).await? {
        Ok(person) => new.to_keeper = person.map(|person| person.id),
        Err(text) => return Ok(Err(Faults::at("to_keeper", text))),
    }
    new.counterparty = typed.get("counterparty").to_owned();
    new.early_reason = typed.get("early_reason").to_owned();
    new.disposal = Disposal::by_name(typed.get("disposal"));
    if !typed.get("due_on").is_empty() {
        match typed.get("due_on").parse() {
            Ok(day) => new.due_on = Some(day),
            Err(_) => return Ok(Err(Faults::at("due_on", frame.words.admin.shared.bad_day.clone()))),
        }
    }
    Ok(Ok(new))
}
