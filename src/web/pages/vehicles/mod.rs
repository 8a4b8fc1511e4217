//! Pages of the ledger of vehicles: the list, a car, its book on a phone; trips and months; repairs; cards, drivers and
//! workshops.

mod car;
mod cards;
mod drivers;
mod edit;
mod import;
mod list;
mod months;
mod phone;
mod repair;
mod repairs;
mod shops;
mod today;
mod trip;
mod trips;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use chrono::NaiveDateTime;

use crate::kernel::Timestamp;
use crate::kernel::text::thousands;
use crate::vehicles::trips::model::State;
use crate::web::App;
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::form::{Faults, in_query};
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::settings::UPLOAD_BYTES;

pub(super) use today::duties as today;

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/cars/{plate}", get(phone::show))
        .route("/cars/{plate}/{deed}", post(phone::take))
        .route("/vehicles", get(list::show))
        .route("/vehicles/new", get(edit::show_new).post(edit::take_new))
        .route("/vehicles/import", get(import::show).post(import::take).layer(DefaultBodyLimit::max(UPLOAD_BYTES)))
        .route("/vehicles/trips", get(trips::show))
        .route("/vehicles/calendar", get(trips::calendar))
        .route("/vehicles/trips/{number}", get(trip::show))
        .route("/vehicles/trips/{number}/{deed}", post(trip::take))
        .route("/vehicles/months", get(months::latest))
        .route("/vehicles/months/{month}", get(months::show))
        .route("/vehicles/months/{month}/{unit}", get(months::show_one))
        .route("/vehicles/months/{month}/{unit}/{deed}", post(months::take))
        .route("/vehicles/repairs", get(repairs::show))
        .route("/vehicles/repairs/new", get(repairs::show_new).post(repairs::take_new))
        .route("/vehicles/repairs/prices", get(repairs::prices))
        .route("/vehicles/repairs/collect", get(crate::web::api::vehicles::repairs::collect_sheet))
        .route("/vehicles/repairs/{number}", get(repair::show))
        .route("/vehicles/repairs/{number}/{deed}", post(repair::take))
        .route("/vehicles/cards", get(cards::show))
        .route("/vehicles/cards/new", get(cards::show_new).post(cards::take_new))
        .route("/vehicles/cards/{number}", get(cards::show_one))
        .route("/vehicles/cards/{number}/{deed}", post(cards::take))
        .route("/vehicles/drivers", get(drivers::show).post(drivers::take))
        .route("/vehicles/shops", get(shops::show).post(shops::take))
        .route("/vehicles/{plate}", get(car::show))
        .route("/vehicles/{plate}/change", get(edit::show_change).post(edit::take_change))
        .route("/vehicles/{plate}/readings", post(car::read_odometer))
        .route("/vehicles/{plate}/book.pdf", get(crate::web::api::vehicles::trips::book_file))
}

/// The page of a car.
pub(in crate::web::pages) fn at(plate: &str) -> String {
    format!("/vehicles/{}", escaped(plate))
}

/// The page of a car on a phone.
pub(in crate::web::pages) fn phone_of(plate: &str) -> String {
    format!("/cars/{}", escaped(plate))
}

pub(in crate::web::pages) fn escaped(text: &str) -> String {
    in_query(text).replace('/', "%2F")
}

fn state_mark(frame: &Frame, state: State) -> Mark {
    let look = match state {
        State::Asked | State::Returned | State::Submitted => "ask",
        State::Approved | State::Out | State::Explained => "warn",
        State::Checked | State::Accepted => "good",
        State::Refused | State::Questioned => "bad",
        State::Withdrawn => "calm",
    };
    Mark::new(look, frame.either(state.zh(), state.as_str()))
}

/// A whole number that was typed, with or without separators; nothing when nothing was.
pub(in crate::web::pages) fn whole(frame: &Frame, typed: &Typed, field: &str) -> Result<Option<i64>, Faults> {
    let text = crate::kernel::text::half_width(typed.get(field)).replace([',', ' '], "");
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Faults::at(field, frame.words.vehicles.field.number_bad.clone()))
}

/// A decimal that was typed, in thousandths; nothing when nothing was.
pub(in crate::web::pages) fn thousandths(frame: &Frame, typed: &Typed, field: &str) -> Result<Option<i64>, Faults> {
    let text = crate::kernel::text::half_width(typed.get(field)).replace([',', ' '], "");
    if text.is_empty() {
        return Ok(None);
    }
    milli(&text).map(Some).ok_or_else(|| Faults::at(field, frame.words.vehicles.field.decimal_bad.clone()))
}

/// Thousandths of a decimal with at most three places.
fn milli(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) || whole.is_empty() {
        return None;
    }
    let whole: i64 = whole.parse().ok().filter(|whole| (0..1_000_000_000).contains(whole))?;
    let part: i64 = format!("{part:0<3}").parse().ok()?;
    Some(whole * 1_000 + part)
}

/// Thousandths as people write them: `55`, `8.5`.
fn decimal(milli: i64) -> String {
    let text = format!("{}.{:03}", milli / 1_000, milli % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A time as a browser's field or a hand writes it; nothing when nothing was typed.
pub(in crate::web::pages) fn time(frame: &Frame, typed: &Typed, field: &str) -> Result<Option<Timestamp>, Faults> {
    let text = typed.get(field).replace('T', " ");
    if text.is_empty() {
        return Ok(None);
    }
    let formats = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"];
    let read = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(&text, format).ok());
    let read = read.ok_or_else(|| Faults::at(field, frame.words.vehicles.field.time_bad.clone()))?;
    Ok(Some(Timestamp::from_shanghai(read)))
}

/// A day that was typed; nothing when nothing was.
fn date(frame: &Frame, typed: &Typed, field: &str) -> Result<Option<chrono::NaiveDate>, Faults> {
    match typed.get(field) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Faults::at(field, frame.words.admin.shared.bad_day.clone())),
    }
}

/// A time without its seconds.
fn minute(at: Option<Timestamp>) -> String {
    at.map(|at| at.shanghai().format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}

fn number(km: Option<i64>) -> String {
    km.map(|km| thousands(km.unsigned_abs())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_and_written_back() {
        for (text, value) in [("55", Some(55_000)), ("8.5", Some(8_500)), ("0.125", Some(125)), ("0", Some(0))] {
            assert_eq!(milli(text), value, "{text}");
            assert_eq!(decimal(value.unwrap()), text);
        }
        for wrong in ["", ".5", "1.2345", "-1", "1e3", "12345678901", "七"] {
            assert_eq!(milli(wrong), None, "{wrong}");
        }
    }
}
