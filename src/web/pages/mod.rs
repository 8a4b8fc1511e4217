//! Pages: HTML for people. Every form works without a script, and is answered by a redirect.

mod account;
mod address;
mod admin;
mod assets;
mod certificates;
mod demo;
mod duties;
mod find;
mod firearms;
mod form;
mod fuel;
mod icon;
mod imports;
mod items;
mod labels;
mod look;
mod me;
mod nav;
mod parts;
mod qr;
pub(in crate::web) mod refusals;
#[cfg(test)]
mod samples;
mod scan;
mod setup;
mod sign_in;
mod stocktake;
mod today;
mod trust;
mod vehicles;
mod view;
mod words;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};

use super::App;
pub use view::{Frame, Language};
pub(super) use view::{error_page, language_cookie};

/// Every page.
pub fn router() -> Router<App> {
    Router::new()
        .route("/", get(today::show))
        .route("/find", get(find::show))
        .route("/demo/{secret}", get(demo::show).post(demo::become_somebody))
        .route("/sign-in", get(sign_in::show).post(sign_in::take))
        .route("/sign-out", post(sign_in::out))
        .route("/setup/{secret}", get(setup::show).post(setup::take))
        .route("/activate/{secret}", get(setup::show_activation).post(setup::take_activation))
        .route("/account", get(me::show))
        .route("/account/password", get(account::show_password).post(account::take_password))
        .route("/account/second-factor", get(account::show_factor).post(account::begin_factor))
        .route("/account/second-factor/confirm", get(account::back_to_factor).post(account::confirm_factor))
        .route("/account/sessions", get(account::show_sessions))
        .route("/account/sessions/{session}/end", post(account::end_session))
        .route("/trust", get(trust::show))
        .route("/trust/hufu-ca.crt", get(trust::certificate))
        .route("/api/docs", get(me::api))
        .merge(items::router())
        .merge(assets::router())
        .merge(vehicles::router())
        .merge(firearms::router())
        .merge(certificates::router())
        .merge(labels::router())
        .merge(stocktake::router())
        .merge(imports::router())
        .merge(duties::router())
        .merge(fuel::router())
        .merge(admin::router())
}

/// What pages look like: files that are the same for everybody.
pub(super) fn looks() -> Router<App> {
    Router::new().route("/static/{file}", get(look::file)).merge(scan::router())
}

/// Text as the name of a file in a header, which may be Chinese.
pub(super) fn encoded(text: &str) -> String {
    form::in_query(text).replace('/', "%2F")
}

/// Where somebody who must sign in first is sent; `page` is where they come back to.
pub(super) fn to_sign_in(page: Option<&str>) -> Response {
    let next = page.filter(|page| *page != "/").map(|page| format!("?next={}", form::in_query(page)));
    Redirect::to(&format!("/sign-in{}", next.unwrap_or_default())).into_response()
}

/// What a page answers when the template fails, which it cannot.
fn broken(error: &askama::Error) -> Response {
    tracing::error!(%error, "a page could not be made");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
