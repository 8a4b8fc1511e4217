//! How a phone comes to trust the server: the certificate of its own authority, and what to do with it.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::qr::{Qr, qr};
use super::view::{Frame, show as page};
use crate::web::App;
use crate::web::settings::Trust;

#[derive(Template)]
#[template(path = "trust.html")]
struct Page {
    frame: Frame,
    trust: Option<Trust>,
    addresses: Vec<Address>,
}

/// Where people reach the server.
struct Address {
    url: String,
    qr: Qr,
}

pub(super) async fn show(State(app): State<App>, frame: Frame) -> Response {
    let trust = app.settings().trust.clone();
    let urls = trust.iter().flat_map(|trust| trust.addresses.clone());
    let addresses = urls.map(|url| Address { qr: qr(&url), url }).collect();
    page(StatusCode::OK, None, &Page { frame, trust, addresses })
}

/// In the form that phones and Windows open.
pub(super) async fn certificate(State(app): State<App>) -> Response {
    let Some(trust) = &app.settings().trust else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [
        (header::CONTENT_TYPE, "application/x-x509-ca-cert"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"hufu-ca.crt\""),
    ];
    (headers, trust.certificate_der.clone()).into_response()
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Page { frame, trust, addresses }
        Address { url, qr }
    }
    renders! {
        trust: Page,
    }
}
