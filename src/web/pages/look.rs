//! Style, pictures and scripts of the pages, out of the binary. Their address holds their hash: they may be kept for a
//! year, and a new version is seen at once.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hashbrown::HashMap;

use crate::kernel::hash::{HashKind, hex};

/// A file as `build.rs` left it.
#[derive(Debug)]
struct File {
    name: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

const BUILT: &[File] = include!(concat!(env!("OUT_DIR"), "/web_files.rs"));
/// What needs no building.
const PLAIN: &[File] = &[
    File { name: "hufu.svg", plain: include_bytes!("../look/hufu.svg"), brotli: None, gzip: None },
    File { name: "docs.js", plain: include_bytes!("../look/docs.js"), brotli: None, gzip: None },
];

/// A year.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

static ADDRESSES: LazyLock<HashMap<&'static str, String>> = LazyLock::new(|| {
    let address = |file: &'static File| {
        let hash = hex(&HashKind::Sha256.of(&[file.plain])[..6]);
        (file.name, format!("/static/{}?v={hash}", file.name))
    };
    BUILT.iter().chain(PLAIN).map(address).collect()
});

/// Where a file of ours is.
pub(crate) fn address(name: &str) -> &'static str {
    ADDRESSES.get(name).map_or("/static/missing", String::as_str)
}

pub(super) async fn file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    serve(&name, &headers, FOR_EVER)
}

/// A file as an answer, packed if the browser can unpack it; `keep` says how long it may be kept.
pub(super) fn serve(name: &str, headers: &HeaderMap, keep: &'static str) -> Response {
    let Some(file) = BUILT.iter().chain(PLAIN).find(|file| file.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let accepts = |kind: &str| accepted.split(',').any(|part| part.trim().split(';').next() == Some(kind));
    let (packing, bytes) = match (file.brotli, file.gzip) {
        (Some(bytes), _) if accepts("br") => (Some("br"), bytes),
        (_, Some(bytes)) if accepts("gzip") => (Some("gzip"), bytes),
        _ => (None, file.plain),
    };
    let head = [(header::CONTENT_TYPE, kind(name)), (header::CACHE_CONTROL, keep), (header::VARY, "accept-encoding")];
    let mut answer = (head, bytes).into_response();
    if let Some(packing) = packing {
        answer.headers_mut().insert(header::CONTENT_ENCODING, header::HeaderValue::from_static(packing));
    }
    answer
}

/// A file's text, for what is put before it; nothing when there is no such file.
pub(super) fn text(name: &str) -> &'static str {
    let file = BUILT.iter().find(|file| file.name == name);
    file.and_then(|file| std::str::from_utf8(file.plain).ok()).unwrap_or_default()
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        Some("png") => "image/png",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names that the templates and the ways to the rooms ask the sprite for.
    fn icons_asked_for(dir: &std::path::Path, names: &mut Vec<String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                icons_asked_for(&path, names);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for start in ["parts::icon(frame, \"", "parts::empty(frame, \"", "file(\"icons.svg\") }}#"] {
                let rests = text.split(start).skip(1);
                let name = |rest: &str| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
                names.extend(rests.map(name).filter(|name: &String| !name.is_empty()));
            }
        }
    }

    #[test]
    fn every_icon_asked_for_is_in_the_sprite() {
        let mut names = Vec::new();
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
        icons_asked_for(&root.join("templates"), &mut names);
        let ways = std::fs::read_to_string(root.join("pages/nav.rs")).unwrap();
        names.extend(
            ways.lines()
                .filter(|line| line.contains("&[Action::"))
                .map(|line| line.split('"').nth(3).unwrap().to_owned()),
        );
        assert!(names.len() > 20, "{names:?}");
        let sprite = BUILT.iter().find(|file| file.name == "icons.svg").unwrap();
        let sprite = std::str::from_utf8(sprite.plain).unwrap();
        for name in names {
            assert!(sprite.contains(&format!("id=\"{name}\"")), "{name} is not in app/pages/icons.txt");
        }
    }

    #[test]
    fn every_page_finds_its_files_and_the_first_one_is_small() {
        let packed = |name: &str| {
            let file = BUILT.iter().find(|file| file.name == name).unwrap_or_else(|| panic!("{name} was not built"));
            file.brotli.unwrap().len()
        };
        let first = packed("look.css") + packed("page.js") + packed("icons.svg");
        assert!(first < 90_000, "{first} bytes before the page itself");
        for file in BUILT {
            assert_ne!(kind(file.name), "application/octet-stream", "{}", file.name);
            assert!(address(file.name).starts_with(&format!("/static/{}?v=", file.name)));
        }
    }
}
