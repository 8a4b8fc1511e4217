//! Pages of the stocktake: campaigns, the board of one, what differs, a unit's sheet, what is missing, the report.

mod board;
mod differences;
mod list;
mod live;
mod missing;
mod paper;
pub(super) mod photos;
mod recount;
mod report;
mod sheet;
mod wizard;

use axum::Router;
use axum::routing::{get, post};
use uuid::Uuid;

use super::form::in_query;
use super::parts::Mark;
use super::view::Frame;
use crate::kernel::Timestamp;
use crate::kernel::ids::SheetId;
use crate::kernel::text::thousands;
use crate::stocktake::StocktakeError;
use crate::stocktake::model::{CampaignState, SheetState};
use crate::stocktake::verdict::{Flags, Verdict};
use crate::web::{ApiError, App};

/// Characters of a campaign's number.
const MOST_NUMBER: usize = 40;
const MINUTE_MS: i64 = 60_000;

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/stocktake", get(list::show))
        .route("/stocktake/new", get(wizard::show).post(wizard::take))
        .route("/stocktake/{number}", get(board::show))
        .route("/stocktake/{number}/live", get(live::stream))
        .route("/stocktake/{number}/differences", get(differences::show))
        .route("/stocktake/{number}/recount", get(recount::show).post(recount::take))
        .route("/stocktake/{number}/missing", get(missing::show))
        .route("/stocktake/{number}/report", get(report::show))
        .route("/stocktake/{number}/close", post(report::close))
        .route("/stocktake/{number}/cancel", post(report::cancel))
        .route("/stocktake/{number}/sheets/{sheet}", get(sheet::show))
        .route("/stocktake/{number}/sheets/{sheet}/submit", post(sheet::submit))
        .route("/stocktake/{number}/sheets/{sheet}/confirm", post(sheet::confirm))
        .route("/stocktake/{number}/sheets/{sheet}/sign", get(paper::sign))
        .route("/stocktake/{number}/sheets/{sheet}/paper", get(paper::blank))
}

/// A campaign's number from the address: one that no campaign can have names none.
fn number_of(written: String) -> Result<String, ApiError> {
    let length = written.chars().count();
    if length == 0 || length > MOST_NUMBER || written.contains('\0') {
        return Err(StocktakeError::NoCampaign(written.chars().take(MOST_NUMBER).collect()).into());
    }
    Ok(written)
}

/// A sheet's id from the address.
fn sheet_id(written: &str) -> Result<SheetId, ApiError> {
    Uuid::parse_str(written).map(SheetId).map_err(|_| ApiError::NotFound("没有这张盘点表".to_owned()))
}

/// A campaign's own address.
fn campaign_at(number: &str) -> String {
    format!("/stocktake/{}", segment(number))
}

/// A thing's card.
fn card(number: &str) -> String {
    format!("/items/{}", segment(number))
}

/// Text as one part of a path.
fn segment(text: &str) -> String {
    in_query(text).replace('/', "%2F")
}

/// A text for people, trimmed: so long at most, and nothing in it that cannot be kept.
fn sentence<'a>(frame: &Frame, text: &'a str, most: usize) -> Result<&'a str, String> {
    let text = text.trim();
    let w = &frame.words.stocktake.form;
    if text.chars().count() > most {
        return Err(w.too_long.replace("{most}", &most.to_string()));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\r') {
        return Err(w.control.clone());
    }
    Ok(text)
}

/// A verdict's word.
fn verdict_word(frame: &Frame, verdict: Verdict) -> &'static str {
    let english = match verdict {
        Verdict::Conflict => "Conflict",
        Verdict::DisposedPresent => "Disposed of, yet here",
        Verdict::Misplaced => "Wrong place",
        Verdict::WrongKeeper => "Wrong keeper",
        Verdict::Short => "Short",
        Verdict::Over => "Over",
        Verdict::Matched => "Matched",
        Verdict::Excused => "Excused",
        Verdict::Missing => "Missing",
        Verdict::Pending => "Not counted",
        Verdict::Foreign => "Out of scope",
        Verdict::Unregistered => "Unregistered",
    };
    frame.either(verdict.zh(), english)
}

/// A verdict in its colour, with its shape.
const fn look_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Matched => "good",
        Verdict::Misplaced | Verdict::WrongKeeper => "warn",
        Verdict::Short | Verdict::Over => "warn count",
        Verdict::Missing => "bad gone",
        Verdict::Conflict | Verdict::DisposedPresent => "bad",
        Verdict::Foreign | Verdict::Unregistered => "ask",
        Verdict::Excused => "calm",
        Verdict::Pending => "",
    }
}

fn verdict_mark(frame: &Frame, verdict: Verdict) -> Mark {
    Mark::new(look_of(verdict), verdict_word(frame, verdict))
}

/// A flag's word.
fn flag_word(frame: &Frame, name: &str, zh: &'static str) -> &'static str {
    let english = match name {
        "damaged" => "Damaged",
        "old_label" => "Old label",
        "no_label" => "No label",
        "recovered" => "Recovered",
        _ => "Moved during the count",
    };
    frame.either(zh, english)
}

/// The flags that are set, in words.
fn flag_words(frame: &Frame, flags: Flags) -> Vec<String> {
    let set = Flags::NAMED.iter().filter(|(flag, ..)| flags.has(*flag));
    set.map(|(_, name, zh)| flag_word(frame, name, zh).to_owned()).collect()
}

fn campaign_mark(frame: &Frame, state: CampaignState) -> Mark {
    let (look, english) = match state {
        CampaignState::Planned => ("plain", "Planned"),
        CampaignState::Counting => ("calm", "Counting"),
        CampaignState::Reviewing => ("warn", "Reviewing"),
        CampaignState::Closed => ("good", "Closed"),
        CampaignState::Cancelled => ("plain", "Cancelled"),
    };
    Mark::new(look, frame.either(state.zh(), english))
}

fn sheet_mark(frame: &Frame, state: SheetState) -> Mark {
    let (look, english) = match state {
        SheetState::Open => ("", "Counting"),
        SheetState::Submitted => ("warn", "Handed in"),
        SheetState::Confirmed => ("good", "Confirmed"),
    };
    Mark::new(look, frame.either(state.zh(), english))
}

/// How long ago, in words.
fn ago(frame: &Frame, at: Timestamp, now: Timestamp) -> String {
    let w = &frame.words.stocktake.board;
    let minutes = (now.0 - at.0).max(0) / MINUTE_MS;
    match minutes {
        0 => w.just_now.clone(),
        1..60 => w.minutes_ago.replace("{n}", &minutes.to_string()),
        60..1440 => w.hours_ago.replace("{n}", &(minutes / 60).to_string()),
        _ => w.days_ago.replace("{n}", &(minutes / 1440).to_string()),
    }
}

/// `2,314 / 3,012`
fn of(seen: u64, expected: u64) -> String {
    format!("{} / {}", thousands(seen), thousands(expected))
}

const fn is_under_way(state: CampaignState) -> bool {
    matches!(state, CampaignState::Counting | CampaignState::Reviewing)
}
