//! Style, picture and script of the pages, out of the binary. Their address holds their hash: they may be kept for a
//! year, and a new version is seen at once.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::kernel::hash::{HashKind, hex};

/// Name, kind and content.
const FILES: [(&str, &str, &str); 3] = [
    ("hufu.css", "text/css; charset=utf-8", include_str!("../look/hufu.css")),
    ("hufu.svg", "image/svg+xml", include_str!("../look/hufu.svg")),
    ("docs.js", "text/javascript; charset=utf-8", include_str!("../look/docs.js")),
];

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let parts: Vec<&[u8]> = FILES.iter().map(|(_, _, content)| content.as_bytes()).collect();
    hex(&HashKind::Sha256.of(&parts)[..6])
});

/// Where a file of ours is.
pub(super) fn address(name: &str) -> String {
    format!("/static/{name}?v={}", *VERSION)
}

pub(super) async fn file(Path(name): Path<String>) -> Response {
    let Some((_, kind, content)) = FILES.iter().find(|(ours, _, _)| *ours == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, *content).into_response()
}
