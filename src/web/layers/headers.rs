//! What every answer tells the browser: nothing but ours runs, nothing is guessed, nothing is kept.

use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::Visit;

/// No script, style, frame or connection but our own; none written into a page. `data:` is for the pictures that the
/// style sheet of the API's page brings along.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                      connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; \
                      base-uri 'none'";

/// The scan app's: where a browser reads no codes itself, a reader in WebAssembly does. Scripts stay ours alone.
const SCAN_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; \
                           style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; \
                           manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Put on every answer.
const ALWAYS: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // With "no-referrer" browsers would send forms with `Origin: null`, and we could not tell ours from others'.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("x-permitted-cross-domain-policies"), "none"),
];

/// A year.
const TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Completes the head of an answer.
pub(super) fn put(visit: &Visit, headers: &mut HeaderMap) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if visit.page.as_deref().is_some_and(|page| page == "/scan" || page.starts_with("/scan?")) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SCAN_POLICY));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if visit.secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, TRANSPORT);
    }
    if let Ok(id) = HeaderValue::from_str(&visit.request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
}
