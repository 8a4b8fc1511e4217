//! Drums and jerrycans: the approvals that were asked for, what is left of each, and the form that asks for one.

use axum::Form;
use axum::extract::State;
use axum::response::Response;

use super::slips::drums_with;
use crate::access::{Action, permit_somewhere};
use crate::vehicles::fuel::ledger::drums::{self, NewDrum, Permit};
use crate::vehicles::fuel::ledger::statements::litres;
use crate::web::pages::admin::board::{Block, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::{Typed, to};
use crate::web::pages::duties::approval_mark;
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::vehicles::thousandths;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 3] = ["car", "quantity", "purpose"];

pub(super) async fn ask(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FuelLog)?;
    let faults = match thousandths(&frame, &typed, "quantity") {
        Err(faults) => faults,
        Ok(quantity) => {
            let new = NewDrum {
                car: typed.get("car").to_owned(),
                quantity_ml: quantity.unwrap_or_default(),
                purpose: typed.get("purpose").to_owned(),
            };
            let asker = ctx.clone();
            match app.write(move |db| async move { drums::ask(&db, &asker, &new).await }).await {
                Ok(_) => return Ok(to("/vehicles/fuel/drums", "asked")),
                Err(ApiError::NotFound(text)) => Faults::at("car", text),
                Err(error) => picks::refused(error, &FIELDS)?,
            }
        }
    };
    drums_with(&app, &ctx, frame, (&typed, &faults)).await
}

/// The approvals that something is left of, to choose from.
pub(super) fn choices(permits: &[Permit]) -> Vec<(String, String)> {
    let left = |permit: &&Permit| permit.is_approved() && permit.filled_ml < permit.quantity_ml;
    let line = |permit: &Permit| {
        let left = litres(permit.quantity_ml - permit.filled_ml);
        (permit.number.clone(), format!("{} · {} · {left} · {}", permit.number, permit.plate, permit.purpose))
    };
    permits.iter().filter(left).map(line).collect()
}

/// What was asked for.
pub(super) fn asked(frame: &Frame, permits: &[Permit]) -> Block {
    let (w, s) = (&frame.words.fuel.slips, &frame.words.fuel.statement);
    let heads = [
        w.approval.clone(),
        s.plate.clone(),
        w.purpose.clone(),
        format!("#{}", w.approved_quantity),
        format!("#{}", w.filled),
        s.verdict.clone(),
    ];
    let mut table = Table::new(&heads.each_ref().map(String::as_str));
    for permit in permits {
        let mark = approval_mark(frame, permit.request.state);
        let link = Td::link(permit.number.clone(), format!("/approvals/{}", permit.request.id));
        table.rows.push(vec![
            Td { class: "mono", ..link },
            permit.plate.clone().into(),
            permit.purpose.clone().into(),
            Td::num(litres(permit.quantity_ml), ""),
            Td::num(litres(permit.filled_ml), ""),
            Td::mark(mark.look, mark.text),
        ]);
    }
    table.empty.1.clone_from(&w.none);
    Block { title: w.approvals.clone(), table: Some(table), ..Block::default() }
}

/// The form that asks for one.
pub(super) fn form(frame: &Frame, typed: &Typed, faults: &Faults) -> Block {
    let (w, s) = (&frame.words.fuel.slips, &frame.words.fuel.statement);
    let fields = vec![
        Field::text("car", &s.plate, typed.get("car"), faults).help(&w.car_help),
        Field::input("quantity", &w.quantity, "text", typed.get("quantity"), faults),
        Field::text("purpose", &w.purpose, typed.get("purpose"), faults).help(&w.purpose_help),
    ];
    let form = Sheet {
        action: "/vehicles/fuel/drums/ask".to_owned(),
        fields,
        submit: frame.words.vehicles.repair.submit.clone(),
        general: faults.general().to_owned(),
        ..Sheet::default()
    };
    Block { title: w.ask.clone(), notes: vec![w.ask_help.clone()], form: Some(form), ..Block::default() }
}
