//! One statement: its totals, its cards' balances, its records and how they stand, and its closing.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use uuid::Uuid;

use super::{state_mark, verdict_mark};
use crate::access::{Action, permit};
use crate::kernel::{Ctx, Fen};
use crate::vehicles::fuel::ledger::entity::transaction;
use crate::vehicles::fuel::ledger::model::{StatementState, Verdict};
use crate::vehicles::fuel::ledger::statements::{self, balances, litres, objections};
use crate::vehicles::fuel::ledger::store::{self, Wanted};
use crate::web::api::fuel::told;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::form::{Faults, explained};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// Records that the page shows; the API has them all.
const SHOWN: usize = 300;

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    page(&app, &ctx, frame, id, &asked, &Faults::default()).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    id: Uuid,
    asked: &Typed,
    faults: &Faults,
) -> Result<Response, ApiError> {
    permit(ctx, Action::FuelRead, None)?;
    let db = app.db().read();
    let row = store::statement(db, id).await?.ok_or_else(|| ApiError::NotFound("没有这份对账单".to_owned()))?;
    let wanted = Wanted { statement: Some(id), ..Wanted::default() };
    let records = store::records(db, ctx, &wanted, 1 << 40).await?;
    let w = &frame.words.fuel.statement;
    let mark = state_mark(&frame, row.state);
    let facts = vec![
        (w.state.clone(), Td::mark(mark.look, mark.text)),
        (w.file.clone(), row.file_name.clone().into()),
        (w.fills.clone(), row.fills.to_string().into()),
        (w.litres.clone(), litres(row.quantity_ml).into()),
        (w.amount.clone(), row.amount_fen.to_string().into()),
        (w.stated.clone(), row.stated_fen.map(|fen| fen.to_string()).unwrap_or_default().into()),
        (w.loads.clone(), row.loads_fen.to_string().into()),
        (w.rejected.clone(), row.rejected.to_string().into()),
        (w.note.clone(), row.close_note.clone().into()),
    ];
    let facts = facts.into_iter().filter(|(_, td): &(String, Td)| !td.text.is_empty() || td.mark.is_some()).collect();
    let found = objections(&row, &records);
    let alert = (!found.is_empty()).then(|| ("warning", found.join(frame.either("；", "; "))));
    let mut blocks = vec![Block { title: w.totals.clone(), alert, facts, ..Block::default() }];
    if row.state == StatementState::Open && permit(ctx, Action::FuelCheck, None).is_ok() {
        let form = Sheet {
            action: format!("/vehicles/fuel/statements/{id}/close"),
            hidden: vec![("version".to_owned(), row.version.to_string())],
            fields: vec![Field::area("note", &w.note, asked.get("note"), faults).help(&w.note_help)],
            submit: w.close.clone(),
            general: faults.general().to_owned(),
            ..Sheet::default()
        };
        blocks.push(Block { title: w.close.clone(), form: Some(form), ..Block::default() });
    }
    blocks.push(cards(&frame, &records));
    blocks.push(list(&frame, &records, asked.get("verdict")));
    let verdicts = Verdict::ALL.iter().map(|one| (one.as_str().to_owned(), verdict_mark(&frame, *one).text)).collect();
    let filters = vec![Field::filter_of(&frame, "verdict", &w.verdict, verdicts)];
    let said = if asked.get("said") == "brought" { w.said_brought.clone() } else { String::new() };
    let back = ("/vehicles/fuel".to_owned(), frame.words.fuel.desk.title.clone());
    let title = format!("{} {}", frame.either(row.supplier.zh(), row.supplier.as_str()), row.month);
    Ok(Board { said, back, filters, blocks, ..Board::new(frame, title) }.answer())
}

fn cards(frame: &Frame, records: &[transaction::Model]) -> Block {
    let w = &frame.words.fuel.statement;
    let heads = [
        w.card.clone(),
        format!("#{}", w.opening),
        format!("#{}", w.loads),
        format!("#{}", w.amount),
        format!("#{}", w.closing),
        format!("#{}", w.off),
    ];
    let mut table = Table::new(&heads.each_ref().map(String::as_str));
    for card in balances(records) {
        let off = if card.off == Fen::ZERO { String::new() } else { card.off.to_string() };
        table.rows.push(vec![
            Td::mono(card.card_number),
            Td::num(card.opening.to_string(), ""),
            Td::num(card.loads.to_string(), ""),
            Td::num(card.fills.to_string(), ""),
            Td::num(card.closing.to_string(), ""),
            Td::num(off, ""),
        ]);
    }
    table.empty.1.clone_from(&w.no_balance);
    Block { title: w.cards.clone(), table: Some(table), ..Block::default() }
}

fn list(frame: &Frame, records: &[transaction::Model], verdict: &str) -> Block {
    let w = &frame.words.fuel.statement;
    let heads = [
        w.when.clone(),
        w.plate.clone(),
        w.card.clone(),
        w.station.clone(),
        format!("#{}", w.litres),
        format!("#{}", w.amount),
        w.verdict.clone(),
    ];
    let mut table = Table::new(&heads.each_ref().map(String::as_str));
    let wanted = records.iter().filter(|row| verdict.is_empty() || row.verdict.as_str() == verdict);
    let count = wanted.clone().count();
    for row in wanted.take(SHOWN) {
        let mark = verdict_mark(frame, row.verdict);
        table.rows.push(vec![
            Td { class: "tight", ..Td::link(row.at.to_string(), format!("/vehicles/fuel/records/{}", row.id)) },
            row.plate.clone().into(),
            Td::mono(row.card_number.clone()),
            row.station.clone().into(),
            Td::num(row.quantity_ml.map(litres).unwrap_or_default(), ""),
            Td::num(row.amount_fen.map(|fen| fen.to_string()).unwrap_or_default(), ""),
            Td::mark(mark.look, mark.text),
        ]);
    }
    table.empty.1.clone_from(&w.no_records);
    let notes = if count > SHOWN { vec![format!("… +{}", count - SHOWN)] } else { Vec::new() };
    Block { title: w.records.clone(), table: Some(table), notes, ..Block::default() }
}

pub(super) async fn close(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::FuelCheck, None)?;
    let (version, note) = (typed.get("version").parse().unwrap_or(0), typed.get("note").to_owned());
    let asker = ctx.clone();
    let done = app.write_or(move |db| async move { statements::close(&db, &asker, id, version, &note).await }).await?;
    match done.map_err(told).map_err(explained) {
        Ok((row, _)) => Ok(Redirect::to(&format!("/vehicles/fuel?month={}&said=closed", row.month)).into_response()),
        Err(Err(error)) => Err(error),
        Err(Ok((field, reason))) => {
            let faults = Faults::refused(field.as_deref(), reason, &["note"]);
            page(&app, &ctx, frame, id, &typed, &faults).await
        }
    }
}
