//! Pages of the ledger of firearms: stores and guns, one store, one gun, armed officers, the wall, inspections.

mod audits;
mod bulletins;
mod cabinets;
mod draw;
mod draws;
mod gun;
mod inspection;
mod inspections;
mod list;
mod officers;
mod registers;
mod shifts;
mod store;
mod trainings;
mod transfers;
mod upkeep;
mod visits;
mod wall;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use chrono::{NaiveDate, NaiveDateTime};

use crate::access::CoSigner;
use crate::firearms::model::{ArmState, MagazineState};
use crate::kernel::text::half_width;
use crate::kernel::{Ctx, Timestamp};
use crate::web::api::firearms::registers as api;
use crate::web::api::firearms::{bulletins as bulletin_files, inspections as inspection_files};
use crate::web::layers::Visit;
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::form::{Faults, in_query};
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::settings::UPLOAD_BYTES;
use crate::web::{ApiError, App};

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/firearms", get(list::show))
        .route("/firearms/wall", get(wall::show))
        .route("/firearms/stores", post(list::take))
        .route("/firearms/stores/{number}", get(store::show))
        .route("/firearms/stores/{number}/{deed}", post(store::take))
        .route("/firearms/stores/{number}/events", get(cabinets::show))
        .route("/firearms/stores/{number}/devices/{deed}", post(cabinets::take))
        .route("/firearms/guns/new", get(gun::show_new).post(gun::take_new))
        .route("/firearms/guns/{number}", get(gun::show))
        .route("/firearms/guns/{number}/keep", post(gun::take))
        .route("/firearms/draws", get(draws::show))
        .route("/firearms/draws/new", get(draws::show_new).post(draws::take_new))
        .route("/firearms/draws/{number}", get(draw::show))
        .route("/firearms/draws/{number}/{deed}", post(draw::take))
        .route("/firearms/shifts", get(shifts::show).post(shifts::take))
        .route("/firearms/shifts/{number}", get(shifts::show_one))
        .route("/firearms/shifts/{number}/{deed}", post(shifts::take_one))
        .route("/firearms/upkeeps", get(upkeep::show).post(upkeep::take))
        .route("/firearms/upkeeps/{number}", get(upkeep::show_one))
        .route("/firearms/upkeeps/{number}/{deed}", post(upkeep::take_one))
        .route("/firearms/registers", get(registers::show))
        .route("/firearms/registers/{book}/book.pdf", get(api::pdf))
        .route("/firearms/registers/{book}/book.csv", get(api::csv))
        .route("/firearms/transfers", get(transfers::show).post(transfers::take))
        .route("/firearms/transfers/{number}", get(transfers::show_one))
        .route("/firearms/transfers/{number}/{deed}", post(transfers::take_one))
        .route("/firearms/trainings", get(trainings::show).post(trainings::take))
        .route("/firearms/trainings/{number}", post(trainings::take_one))
        .route("/firearms/scrappings", get(trainings::show_scrapped).post(trainings::take_scrapped))
        .route("/firearms/stores/{number}/visits", get(visits::show).post(visits::take))
        .route("/firearms/visits/{id}/leave", post(visits::take_leave))
        .route("/firearms/inspections", get(inspections::show).post(inspections::take))
        .route("/firearms/inspections/sign", post(inspections::take_signature))
        .route("/firearms/inspections/{number}", get(inspection::show))
        .route("/firearms/inspections/{number}/form.pdf", get(inspection_files::form))
        .route("/firearms/inspections/{number}/photos", {
            post(inspection::take_photo).layer(DefaultBodyLimit::max(UPLOAD_BYTES))
        })
        .route("/firearms/inspections/{number}/{deed}", post(inspection::take))
        .route("/firearms/inspection-photos/{id}", get(inspection_files::show_photo))
        .route("/firearms/audits", get(audits::show).post(audits::take))
        .route("/firearms/audits/{number}", get(audits::show_one))
        .route("/firearms/audits/{number}/{deed}", post(audits::take_one))
        .route("/firearms/bulletins", get(bulletins::show).post(bulletins::take))
        .route("/firearms/bulletins/{number}", get(bulletins::show_one))
        .route("/firearms/bulletins/{number}/form.pdf", get(bulletin_files::form))
        .route("/firearms/bulletins/{number}/{deed}", post(bulletins::take_one))
        .route("/firearms/officers", get(officers::show).post(officers::take))
        .route("/firearms/officers/{person}", get(officers::show_one))
        .route("/firearms/officers/{person}/{deed}", post(officers::take_one))
}

fn at(room: &str, number: &str) -> String {
    format!("/firearms/{room}/{}", in_query(number).replace('/', "%2F"))
}

fn state_mark(frame: &Frame, state: ArmState) -> Mark {
    let look = match state {
        ArmState::InStore => "good",
        ArmState::Out => "warn",
        ArmState::CleaningDue | ArmState::Cleaning => "ask",
        ArmState::Faulty | ArmState::Lost => "bad",
        ArmState::Scrapped => "gone",
    };
    Mark::new(look, frame.either(state.zh(), state.as_str()))
}

fn magazine_mark(frame: &Frame, state: MagazineState) -> Mark {
    let look = match state {
        MagazineState::InStore => "good",
        MagazineState::Out => "warn",
        MagazineState::Lost => "bad",
    };
    Mark::new(look, frame.either(state.zh(), state.as_str()))
}

/// What was typed into a field, line by line, without blank ones.
fn lines_of(typed: &Typed, field: &str) -> Vec<String> {
    typed.get(field).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Lots a line each, with their rounds behind the last blank.
fn lots_of(frame: &Frame, typed: &Typed) -> Result<Vec<(String, i64)>, ApiError> {
    let mut lots = Vec::new();
    for line in lines_of(typed, "lots") {
        let half = half_width(&line).into_owned();
        let cut = half.rsplit_once([' ', ',', '\t']);
        let read = cut.and_then(|(lot, rounds)| Some((lot.trim().to_owned(), rounds.trim().parse::<i64>().ok()?)));
        let wrong = || ApiError::invalid("lots", frame.words.firearms.shift.bad_lot.replace("{line}", &line));
        lots.push(read.ok_or_else(wrong)?);
    }
    Ok(lots)
}

/// The second of two, who signs in a form with their own password and code.
async fn second(app: &App, visit: &Visit, ctx: &Ctx, frame: &Frame, typed: &Typed) -> Result<CoSigner, ApiError> {
    let Some(signature) = typed.signature() else {
        return Err(ApiError::invalid("password", frame.words.firearms.draw.sign_help.clone()));
    };
    signature.prove(app, visit, ctx).await
}

/// A whole number that was typed; nothing when nothing was.
fn whole(frame: &Frame, typed: &Typed, field: &str) -> Result<Option<i64>, Faults> {
    let text = half_width(typed.get(field)).replace([',', ' '], "");
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Faults::at(field, frame.words.vehicles.field.number_bad.clone()))
}

/// A day that was typed; nothing when nothing was.
fn date(frame: &Frame, typed: &Typed, field: &str) -> Result<Option<NaiveDate>, Faults> {
    match typed.get(field) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Faults::at(field, frame.words.admin.shared.bad_day.clone())),
    }
}

/// A time as a browser's field or a hand writes it; nothing when nothing was typed.
fn instant(frame: &Frame, typed: &Typed, field: &str) -> Result<Option<Timestamp>, Faults> {
    let text = typed.get(field).replace('T', " ");
    if text.is_empty() {
        return Ok(None);
    }
    let formats = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"];
    let read = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(&text, format).ok());
    let read = read.ok_or_else(|| Faults::at(field, frame.words.vehicles.field.time_bad.clone()))?;
    Ok(Some(Timestamp::from_shanghai(read)))
}

/// A time without its seconds.
fn minute(at: Option<Timestamp>) -> String {
    at.map(|at| at.shanghai().format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}

/// The names of a set of words as a field offers them.
macro_rules! options {
    ($frame:expr, $words:ty) => {
        <$words>::ALL
            .iter()
            .map(|one| (one.as_str().to_owned(), $frame.either(one.zh(), one.as_str()).to_owned()))
            .collect::<Vec<_>>()
    };
}
use options;
