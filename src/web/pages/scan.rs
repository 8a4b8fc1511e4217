//! The scan app's shell, service worker and manifest. The shell is the same for everybody and knows nobody: it opens
//! without a network and without a session, and the app asks the API who is there.

use std::sync::LazyLock;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Extension, Router};

use super::{Language, icon, look, view};
use crate::kernel::hash::{HashKind, hex};
use crate::web::App;

/// What the app needs to open without a network.
const FILES: [&str; 6] = ["scan.js", "scan.css", "reader.js", "reader.wasm", "icons.svg", "hufu.svg"];
/// The browser asks each time whether there is a newer one.
const ASK_AGAIN: &str = "no-cache";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/scan", get(shell))
        .route("/scan/sw.js", get(worker))
        .route("/scan/manifest.webmanifest", get(manifest))
        .route("/scan/icon/{name}", get(icon::show))
}

#[derive(Debug, Template)]
#[template(path = "scan.html")]
struct Shell {
    language: Language,
    demo: bool,
}

impl Shell {
    #[expect(clippy::unused_self, reason = "templates ask the page for what is the same on every page")]
    fn file(&self, name: &str) -> &'static str {
        look::address(name)
    }
}

async fn shell(State(app): State<App>, language: Option<Extension<Language>>) -> Response {
    let language = language.map(|Extension(language)| language).unwrap_or_default();
    let mut answer = view::show(StatusCode::OK, None, &Shell { language, demo: app.settings().demo.is_some() });
    answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static(ASK_AGAIN));
    answer
}

async fn manifest(headers: HeaderMap) -> Response {
    look::serve("manifest.webmanifest", &headers, ASK_AGAIN)
}

/// The service worker with the list of what it keeps. A file that changes changes the list, and so the worker.
static WORKER: LazyLock<String> = LazyLock::new(|| {
    let mut files = vec!["/scan", "/scan/manifest.webmanifest"];
    files.extend(FILES.map(look::address));
    let shell = Shell { language: Language::Chinese, demo: false }.render().unwrap_or_default();
    let parts: Vec<&[u8]> = files.iter().map(|file| file.as_bytes()).chain([shell.as_bytes()]).collect();
    let version = hex(&HashKind::Sha256.of(&parts)[..6]);
    let told = serde_json::json!({ "version": version, "files": files });
    format!("self.HUFU={told};\n{}", look::text("sw.js"))
});

async fn worker() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, ASK_AGAIN),
        // Its folder is /scan/; the app is at /scan.
        (header::HeaderName::from_static("service-worker-allowed"), "/scan"),
    ];
    (headers, WORKER.as_str()).into_response()
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Shell { language, demo }
    }
    renders! {
        scan: Shell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worker_keeps_the_shell_and_every_file_that_the_app_needs() {
        let first = WORKER.lines().next().unwrap();
        let told = first.trim_start_matches("self.HUFU=").trim_end_matches(';');
        let told: serde_json::Value = serde_json::from_str(told).unwrap();
        let files: Vec<&str> = told["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
        assert!(files.contains(&"/scan") && !files.contains(&"/static/missing"), "{files:?}");
        for language in [Language::Chinese, Language::English] {
            let page = Shell { language, demo: false }.render().unwrap();
            for address in page.split('"').filter(|part| part.starts_with("/static/")) {
                assert!(files.contains(&address), "{address} is not there without a network");
            }
        }
    }
}
