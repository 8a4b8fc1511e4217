//! The weekly bulletin: the list, and one with its figures by unit, its remark, and the step that issues it.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;

use super::{at, date, minute};
use crate::access::{Action, permit_somewhere};
use crate::firearms::bulletins::entity::bulletin;
use crate::firearms::bulletins::facts::Facts;
use crate::firearms::bulletins::paper::total;
use crate::firearms::bulletins::service::{self, State};
use crate::firearms::bulletins::store;
use crate::kernel::Ctx;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, refused, said, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 2] = ["day", "remark"];
/// Bulletins that the page shows.
const MOST: u64 = 100;

fn bulletin_mark(frame: &Frame, state: State) -> Mark {
    Mark::new(if state == State::Issued { "good" } else { "ask" }, frame.either(state.zh(), state.as_str()))
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
    let (db, w, f) = (app.db().read(), &frame.words.firearms.bulletin, &frame.words.firearms.field);
    let mut table = Table::new(&[&f.number, &w.week, &f.state, &w.issued_at]);
    for row in store::list(db, ctx, MOST).await? {
        let mark = bulletin_mark(&frame, row.state);
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(row.number.clone(), at("bulletins", &row.number)) },
            format!("{} – {}", row.from_day, row.until_day).into(),
            Td::mark(mark.look, mark.text),
            minute(row.issued_at).into(),
        ]);
    }
    table.empty = ("report", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    let mut blocks = vec![Block { table: Some(table), ..Block::default() }];
    if frame.may(Action::BulletinsIssue) {
        let form = Sheet {
            action: "/firearms/bulletins".to_owned(),
            fields: vec![Field::input("day", &w.day, "date", "", faults).help(&w.day_help)],
            submit: w.draft.clone(),
            general: faults.general().to_owned(),
            ..Sheet::default()
        };
        blocks.push(Block { title: w.draft.clone(), form: Some(form), ..Block::default() });
    }
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
    permit_somewhere(&ctx, Action::BulletinsIssue)?;
    let day = match date(&frame, &typed, "day") {
        Ok(Some(day)) => day,
        Ok(None) => {
            let faults = Faults::at("day", frame.words.firearms.bulletin.day_help.clone());
            return all(&app, &ctx, frame, String::new(), &faults).await;
        }
        Err(faults) => return all(&app, &ctx, frame, String::new(), &faults).await,
    };
    let asker = ctx.clone();
    match app.write(move |db| async move { service::draft(&db, &asker, day).await }).await {
        Ok(row) => Ok(to(&at("bulletins", &row.number), "created")),
        Err(error) => {
            let faults = refused(error, &FIELDS)?;
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
    let lines = store::lines(db, row.id).await?;
    let names = Names::of(db, [], [row.issued_by.as_str()]).await?;
    let w = &frame.words.firearms.bulletin;
    let heads = figures(&frame);
    let mut columns = vec![frame.words.firearms.field.unit.as_str()];
    columns.extend(heads.iter().map(String::as_str));
    let mut table = Table::new(&columns);
    for line in &lines {
        table.rows.push(cells(names.unit(Some(line.unit_id)), &line.facts()));
    }
    table.rows.push(cells(w.all.clone(), &total(&lines)));
    let mut blocks = Vec::new();
    if row.state == State::Draft && frame.may(Action::BulletinsIssue) {
        blocks.extend(deeds(&frame, &row, beside));
    }
    blocks.push(Block { title: w.figures.clone(), table: Some(table), ..Block::default() });
    let facts = vec![
        (w.counted_at.clone(), minute(Some(row.counted_at)).into()),
        (w.remark.clone(), Td::from(row.remark.clone()).quoted()),
        (w.issued_at.clone(), Td::from(minute(row.issued_at)).because(names.actor(&frame, &row.issued_by))),
    ];
    blocks.push(Block { title: w.paper.clone(), facts, ..Block::default() });
    let mark = bulletin_mark(&frame, row.state);
    let title = format!("{} · {} – {} · {}", row.number, row.from_day, row.until_day, mark.text);
    let back = ("/firearms/bulletins".to_owned(), w.heading.clone());
    let href = format!("{}/form.pdf", at("bulletins", &row.number));
    let steps = vec![Step { text: w.print.clone(), href, file: true, ..Step::default() }];
    Ok(Board { back, said, steps, blocks, ..Board::new(frame, title) }.answer())
}

/// The names of the figures, in the order of [`Facts::named`].
fn figures(frame: &Frame) -> [String; 13] {
    let w = &frame.words.firearms.bulletin;
    [
        &w.stores,
        &w.draws,
        &w.overdue,
        &w.handovers,
        &w.handovers_missed,
        &w.inspections,
        &w.inspections_missing,
        &w.checks_failed,
        &w.audits,
        &w.alarms,
        &w.findings_opened,
        &w.findings_closed,
        &w.findings_open,
    ]
    .map(|name| format!("#{name}"))
}

fn cells(name: String, facts: &Facts) -> Vec<Td> {
    let figures = facts.named().into_iter().map(|(_, many)| Td::num(many.to_string(), ""));
    std::iter::once(Td::from(name)).chain(figures).collect()
}

fn deeds(frame: &Frame, row: &bulletin::Model, (deed, typed, faults): (&str, &Typed, &Faults)) -> Vec<Block> {
    let w = &frame.words.firearms.bulletin;
    let (blank, clean) = (Typed::default(), Faults::default());
    let of = |name: &str| if deed == name { (typed, faults) } else { (&blank, &clean) };
    let form = |name: &str, title: &String, help: &String, fields: Vec<Field>| {
        let sheet = Sheet {
            action: format!("{}/{name}", at("bulletins", &row.number)),
            hidden: vec![("version".to_owned(), row.version.to_string())],
            fields,
            submit: title.clone(),
            general: of(name).1.general().to_owned(),
            ..Sheet::default()
        };
        Block { title: title.clone(), notes: vec![help.clone()], form: Some(sheet), ..Block::default() }
    };
    let (typed, faults) = of("remark");
    let said = if deed == "remark" { typed.get("remark") } else { row.remark.as_str() };
    vec![
        form("remark", &w.write, &w.write_help, vec![Field::area("remark", &w.remark, said, faults)]),
        form("issue", &w.issue, &w.issue_help, Vec::new()),
        form("refresh", &w.refresh, &w.refresh_help, Vec::new()),
    ]
}

pub(super) async fn take_one(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((number, deed)): Path<(String, String)>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::BulletinsIssue)?;
    match go(&app, &ctx, &number, &deed, &typed).await {
        Ok(()) => Ok(to(&at("bulletins", &number), "saved")),
        Err(error) => {
            let faults = refused(error, &FIELDS)?;
            one(&app, &ctx, frame, &number, String::new(), (&deed, &typed, &faults)).await
        }
    }
}

async fn go(app: &App, ctx: &Ctx, number: &str, deed: &str, typed: &Typed) -> Result<(), ApiError> {
    let (asker, number, version) = (ctx.clone(), number.to_owned(), Some(typed.version()));
    match deed {
        "remark" => {
            let remark = typed.get("remark").to_owned();
            app.write(move |db| async move { service::remark(&db, &asker, &number, version, &remark).await }).await?;
        }
        "issue" => {
            app.write(move |db| async move { service::issue(&db, &asker, &number, version).await }).await?;
        }
        "refresh" => {
            app.write(move |db| async move { service::refresh(&db, &asker, &number, version).await }).await?;
        }
        _ => return Err(ApiError::NotFound("没有这个地址".to_owned())),
    }
    Ok(())
}
