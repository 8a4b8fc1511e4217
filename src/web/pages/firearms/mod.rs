//! Pages of the ledger of firearms: stores and guns, one store, one gun, armed officers, the wall, inspections.

mod audits;
mod bulletins;
mod draw;
mod draws;
mod gun;
mod inspection;
mod inspections;
mod list;
mod officers;
mod shifts;
mod store;
mod visits;
mod wall;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use chrono::{NaiveDate, NaiveDateTime};

use crate::firearms::model::{ArmState, MagazineState};
use crate::kernel::Timestamp;
use crate::web::App;
use crate::web::api::firearms::{bulletins as bulletin_files, inspections as inspection_files};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::form::{Faults, in_query};
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::settings::UPLOAD_BYTES;

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/firearms", get(list::show))
        .route("/firearms/wall", get(wall::show))
        .route("/firearms/stores", post(list::take))
        .route("/firearms/stores/{number}", get(store::show))
        .route("/firearms/stores/{number}/{deed}", post(store::take))
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

/// A whole number that was typed; nothing when nothing was.
fn whole(frame: &Frame, typed: &Typed, field: &str) -> Result<Option<i64>, Faults> {
    let text = crate::kernel::text::half_width(typed.get(field)).replace([',', ' '], "");
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
