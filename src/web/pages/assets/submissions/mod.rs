//! Figures that leave the house: the list, one with its sums, the lines behind each number, messages, differences.

mod deeds;
mod lines;
mod list;
mod new;
mod one;

use axum::Router;
use axum::routing::{get, post};

use crate::assets::submissions::figures::By;
use crate::assets::submissions::model::{Deed, Kind, Severity, State};
use crate::assets::submissions::standard;
use crate::web::App;
use crate::web::api::assets::submissions as api;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/assets/submissions", get(list::show))
        .route("/assets/submissions/new", get(new::show).post(new::take))
        .route("/assets/submissions/{number}", get(one::show))
        .route("/assets/submissions/{number}/lines", get(lines::show))
        .route("/assets/submissions/{number}/messages", get(lines::messages))
        .route("/assets/submissions/{number}/differences", get(lines::differences))
        .route("/assets/submissions/{number}/report.pdf", get(api::pdf))
        .route("/assets/submissions/{number}/report.xlsx", get(api::xlsx))
        .route("/assets/submissions/{number}/{deed}", post(deeds::take))
}

fn kind_word(frame: &Frame, kind: Kind) -> String {
    let english = match kind {
        Kind::Annual => "Annual asset return",
        Kind::Stocktake => "Stocktake report",
    };
    frame.either(kind.zh(), english).to_owned()
}

fn state_mark(frame: &Frame, state: State) -> Mark {
    let (look, english) = match state {
        State::Draft => ("calm", "draft"),
        State::Prepared => ("ask", "waits for review"),
        State::Reviewed => ("ask", "waits for approval"),
        State::Approved => ("warn", "to be sent"),
        State::Submitted => ("good", "sent"),
        State::Void => ("bad", "void"),
    };
    Mark::new(look, frame.either(state.zh(), english))
}

fn deed_word(frame: &Frame, deed: Deed) -> String {
    let english = match deed {
        Deed::Begin => "begun",
        Deed::Compute => "computed again",
        Deed::Prepare => "handed on",
        Deed::Review => "reviewed",
        Deed::Approve => "approved",
        Deed::Submit => "sent",
        Deed::SendBack => "sent back",
        Deed::Void => "void",
    };
    frame.either(deed.zh(), english).to_owned()
}

fn by_word(frame: &Frame, by: By) -> String {
    let english = match by {
        By::Unit => "By unit",
        By::Class => "By class",
        By::State => "By state",
        By::Verdict => "By result of the count",
    };
    frame.either(by.zh(), english).to_owned()
}

fn severity_mark(frame: &Frame, severity: Severity) -> (&'static str, String) {
    match severity {
        Severity::Error => ("bad", frame.either(severity.zh(), "error").to_owned()),
        Severity::Warning => ("warn", frame.either(severity.zh(), "warning").to_owned()),
    }
}

fn rule_word(frame: &Frame, rule: &str) -> String {
    standard::named(rule).map_or(rule, |rule| frame.either(rule.zh, rule.en)).to_owned()
}
