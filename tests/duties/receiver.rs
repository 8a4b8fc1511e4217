//! A real receiver on this machine that answers as it is told and keeps what it got.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;

/// A message as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

#[derive(Debug, Clone, Default)]
struct Desk {
    got: Arc<Mutex<Vec<Got>>>,
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
}

/// The receiver.
pub(crate) struct Receiver {
    pub(crate) url: String,
    desk: Desk,
}

impl Receiver {
    /// Opens it on a port of the system's choosing. It answers 204 when it was told nothing else.
    pub(crate) async fn open() -> Self {
        let desk = Desk::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new().route("/hook", post(take)).route("/inside", post(take)).with_state(desk.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, desk }
    }

    /// What it answers next, in order.
    pub(crate) fn answers(&self, status: u16, text: &str) {
        self.desk.answers.lock().unwrap().push_back((status, text.to_owned()));
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.desk.got.lock().unwrap().clone()
    }
}

async fn take(State(desk): State<Desk>, headers: HeaderMap, body: String) -> Response {
    desk.got.lock().unwrap().push(Got { headers, body });
    let (status, text) = desk.answers.lock().unwrap().pop_front().unwrap_or((204, String::new()));
    let status = StatusCode::from_u16(status).unwrap();
    if status.is_redirection() {
        (status, [(header::LOCATION, text)]).into_response()
    } else {
        (status, text).into_response()
    }
}
