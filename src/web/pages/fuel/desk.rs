//! The first of the month: the statements, what the check found, the way to bring a statement in.

use axum::Form;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::{rule_word, severity_mark, state_mark};
use crate::access::{Action, permit, permit_somewhere};
use crate::kernel::Ctx;
use crate::vehicles::cards::model::Supplier;
use crate::vehicles::fuel::Rule;
use crate::vehicles::fuel::ledger::model::{month_bounds, month_of};
use crate::vehicles::fuel::ledger::statements::litres;
use crate::vehicles::fuel::ledger::{store, watch};
use crate::web::api::fuel::form::StatementParts;
use crate::web::api::fuel::told;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Kind, Step, Table, Td};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::form::{Faults, explained};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// Anomalies that the page shows; the rest is in the month's own list.
const SHOWN: u64 = 200;

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    page(&app, &ctx, frame, &asked, &Typed::default(), &Faults::default()).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    asked: &Typed,
    typed: &Typed,
    faults: &Faults,
) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::FuelRead)?;
    let db = app.db().read();
    let statements = store::statements(db, ctx, 60).await?;
    let month = match asked.get("month") {
        "" => statements.first().map_or_else(|| month_of(ctx.now().day()), |row| row.month.clone()),
        month if month_bounds(month).is_some() => month.to_owned(),
        _ => return Err(ApiError::invalid("month", "月份应如 2026-11")),
    };
    let w = &frame.words.fuel.desk;
    // What is wrong of a record is the gate before suspicions: the two stand apart.
    let (mut suspected, mut records) = (said_of(&frame), said_of(&frame));
    for (one, record) in store::anomalies(db, ctx, Some(&month), SHOWN).await? {
        let mark = severity_mark(&frame, &one.severity);
        let is_gate = Rule::ALL.iter().any(|rule| rule.is_gate() && rule.as_str() == one.rule);
        let table = if is_gate { &mut records } else { &mut suspected };
        table.rows.push(vec![
            Td { class: "tight", ..Td::link(record.at.to_string(), format!("/vehicles/fuel/records/{}", record.id)) },
            Td { class: "tight", ..Td::from(record.plate.clone()) },
            rule_word(&frame, &one.rule).into(),
            Td::mark(mark.look, mark.text),
            one.explanation.into(),
        ]);
    }
    suspected.empty = ("gas-station", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    records.empty.1.clone_from(&w.no_records);
    let title = w.anomalies.replace("{month}", &month);
    let mut blocks = vec![
        Block { title, table: Some(suspected), ..Block::default() },
        Block {
            title: w.records.replace("{month}", &month),
            notes: vec![w.records_help.clone()],
            table: Some(records),
            ..Block::default()
        },
    ];
    if permit(ctx, Action::FuelCheck, None).is_ok() {
        blocks.push(check_block(&frame, &month));
        blocks.push(list(&frame, &statements));
        blocks.push(upload(&frame, typed, faults));
    }
    let said = match asked.get("said") {
        "checked" => {
            w.said_checked.replace("{anomalies}", asked.get("new")).replace("{findings}", asked.get("findings"))
        }
        "closed" => w.said_closed.clone(),
        _ => String::new(),
    };
    let steps = vec![
        Step { text: w.accounts.clone(), href: format!("/vehicles/fuel/accounts?from={month}"), ..Step::default() },
        Step { text: w.slips.clone(), href: "/vehicles/fuel/slips".to_owned(), ..Step::default() },
        Step { text: w.drums.clone(), href: "/vehicles/fuel/drums".to_owned(), ..Step::default() },
        Step { text: w.charging.clone(), href: "/vehicles/fuel/charging".to_owned(), ..Step::default() },
        Step { text: w.limits.clone(), href: "/vehicles/fuel/limits".to_owned(), ..Step::default() },
    ];
    let filters =
        vec![Field { kind: Kind::Input("month"), value: month.clone(), ..Field::filter(&frame, "month", &w.month) }];
    let (title, lead) = (w.title.clone(), w.lead.clone());
    Ok(Board { said, lead, steps, filters, blocks, ..Board::new(frame, title) }.answer())
}

fn said_of(frame: &Frame) -> Table {
    let w = &frame.words.fuel.desk;
    Table::new(&[&w.when, &w.plate, &w.rule, &w.severity, &w.why].map(String::as_str))
}

fn check_block(frame: &Frame, month: &str) -> Block {
    let w = &frame.words.fuel.desk;
    let form = Sheet {
        action: "/vehicles/fuel/check".to_owned(),
        hidden: vec![("month".to_owned(), month.to_owned())],
        submit: w.check.replace("{month}", month),
        ..Sheet::default()
    };
    Block { title: w.check_title.clone(), notes: vec![w.check_help.clone()], form: Some(form), ..Block::default() }
}

fn list(frame: &Frame, rows: &[crate::vehicles::fuel::ledger::entity::statement::Model]) -> Block {
    let w = &frame.words.fuel.desk;
    let heads = [
        w.month.clone(),
        w.supplier.clone(),
        w.state.clone(),
        format!("#{}", w.fills),
        format!("#{}", w.litres),
        format!("#{}", w.amount),
        w.file.clone(),
    ];
    let mut table = Table::new(&heads.each_ref().map(String::as_str));
    for row in rows {
        let mark = state_mark(frame, row.state);
        table.rows.push(vec![
            Td::link(row.month.clone(), format!("/vehicles/fuel/statements/{}", row.id)),
            frame.either(row.supplier.zh(), row.supplier.as_str()).into(),
            Td::mark(mark.look, mark.text),
            Td::num(row.fills.to_string(), ""),
            Td::num(litres(row.quantity_ml), ""),
            Td::num(row.amount_fen.to_string(), ""),
            row.file_name.clone().into(),
        ]);
    }
    table.empty.1.clone_from(&w.no_statements);
    Block { title: w.statements.clone(), table: Some(table), ..Block::default() }
}

fn upload(frame: &Frame, typed: &Typed, faults: &Faults) -> Block {
    let w = &frame.words.fuel.desk;
    let suppliers =
        Supplier::ALL.iter().map(|one| (one.as_str().to_owned(), frame.either(one.zh(), one.as_str()).to_owned()));
    let fields = vec![
        Field::choice("supplier", &w.supplier, suppliers.collect(), typed.get("supplier"), faults),
        Field { kind: Kind::File, ..Field::text("file", &w.file, "", faults) }.help(&w.file_help),
        Field::text("total", &w.total, typed.get("total"), faults).help(&w.total_help),
        Field::area("map", &w.map, typed.get("map"), faults).help(&w.map_help),
    ];
    let form = Sheet {
        action: "/vehicles/fuel/statements".to_owned(),
        fields,
        submit: w.bring.clone(),
        general: faults.general().to_owned(),
        ..Sheet::default()
    };
    Block { title: w.bring.clone(), form: Some(form), ..Block::default() }
}

pub(super) async fn take(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    request: Request,
) -> Result<Response, ApiError> {
    // Before a byte of the file is taken in.
    permit(&ctx, Action::FuelCheck, None)?;
    let parts = StatementParts::read(&app, request).await?;
    let typed = Typed::of(&[
        ("supplier", parts.supplier.as_str()),
        ("total", parts.total.as_str()),
        ("map", parts.map.as_str()),
    ]);
    match parts.bring(&app, ctx.clone()).await.map_err(explained) {
        Ok((row, _)) => Ok(Redirect::to(&format!("/vehicles/fuel/statements/{}?said=brought", row.id)).into_response()),
        Err(Err(error)) => Err(error),
        Err(Ok((field, reason))) => {
            let faults = Faults::refused(field.as_deref(), reason, &["supplier", "file", "total", "map"]);
            page(&app, &ctx, frame, &Typed::default(), &typed, &faults).await
        }
    }
}

pub(super) async fn check(
    State(app): State<App>,
    Caller(ctx): Caller,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::FuelCheck, None)?;
    let month = typed.get("month").to_owned();
    let (from, next) = month_bounds(&month).ok_or_else(|| ApiError::invalid("month", "月份应如 2026-11"))?;
    let to = next.pred_opt().unwrap_or(next);
    let done = app.write_or(move |db| async move { watch::run(&db, &ctx, from, to).await }).await?.map_err(told)?;
    let (new, findings) = (done.anomalies, done.findings);
    Ok(Redirect::to(&format!("/vehicles/fuel?month={month}&said=checked&new={new}&findings={findings}"))
        .into_response())
}
