//! A form, or a call that changes something, must come from one of our own pages: a browser sends cookies and
//! certificates along with whatever any page makes it send.
//!
//! Two things are asked: that the browser does not name another site as the one it comes from, and the token that our
//! pages carry. A bearer token is never sent by a browser of its own accord, and needs neither.

use axum::body::Body;
use axum::extract::{FromRequest as _, Request};
use axum::http::{HeaderMap, Method, header};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use futures_util::StreamExt as _;
use subtle::ConstantTimeEq as _;

use super::Visit;
use crate::access::{Door, Identity};
use crate::kernel::Ctx;
use crate::kernel::hash::hex;
use crate::web::ApiError;

/// The header that a script sends the token in.
pub const HEADER: &str = "x-csrf-token";
/// The field that a form sends it in.
pub const FIELD: &str = "csrf";
/// A form of ours is smaller.
const FORM_BYTES: usize = 256 * 1024;

/// The first field of a form with a file lies within these.
const PART_BYTES: usize = 1024;

/// What is said to whoever cannot show the token.
const EXPIRED: &str = "页面已过期，未执行任何操作；请返回上一页，刷新后重试";
/// What is said when the browser names another site.
const ELSEWHERE: &str = "请求来自别的网站，未执行任何操作；请在本系统的页面上操作";

/// The token of a visitor who has not signed in: the form shows it, this cookie holds it, and no other site can read
/// the one or set the other.
#[must_use]
pub const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-hufu-form" } else { "hufu-form" }
}

/// The token for a page shown to a visitor who has not signed in, and the cookie to set when they have none yet.
#[must_use]
pub fn visitor_token(visit: &Visit, jar: &CookieJar, ctx: &Ctx) -> (String, Option<Cookie<'static>>) {
    let name = cookie_name(visit.secure);
    if let Some(token) = jar.get(name).map(Cookie::value).filter(|token| is_token(token)) {
        return (token.to_owned(), None);
    }
    let token = hex(&[ctx.random(), ctx.random(), ctx.random(), ctx.random()].map(u64::to_be_bytes).concat());
    (token.clone(), Some(cookie(name, token, visit.secure)))
}

/// A cookie that only we read, that only our own pages make the browser send, and that ends with the browser.
#[must_use]
pub fn cookie(name: &'static str, value: String, secure: bool) -> Cookie<'static> {
    Cookie::build((name, value)).path("/").http_only(true).secure(secure).same_site(SameSite::Strict).build()
}

fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Lets a request pass that changes nothing, or that its sender meant.
///
/// # Errors
/// [`ApiError::Forbidden`] when another page made the browser send it, or it comes from a page that is out of date.
pub async fn check(visit: &Visit, who: Option<&Identity>, request: Request) -> Result<Request, ApiError> {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE);
    if safe || who.is_some_and(|who| matches!(who.door, Door::Token(_))) {
        return Ok(request);
    }
    if !is_ours(visit, request.headers()) {
        return Err(ApiError::Forbidden(ELSEWHERE.to_owned()));
    }
    let expected = match who {
        // Whoever is known by a certificate alone may have no session that a token could follow from.
        Some(who) if who.csrf.is_empty() => return Ok(request),
        Some(who) => Some(who.csrf.clone()),
        // A program that signs in has no page to take a token from.
        None if visit.is_api => return Ok(request),
        None => Some(token_of_visitor(visit, request.headers())?),
    };
    let (given, request) = given(request).await?;
    match (expected, given) {
        (Some(expected), Some(given)) if bool::from(expected.as_bytes().ct_eq(given.as_bytes())) => Ok(request),
        _ => Err(ApiError::Forbidden(EXPIRED.to_owned())),
    }
}

/// The token that a visitor who has not signed in was given with the form.
fn token_of_visitor(visit: &Visit, headers: &HeaderMap) -> Result<String, ApiError> {
    let jar = CookieJar::from_headers(headers);
    let value = |name| jar.get(name).map(|cookie| cookie.value().to_owned());
    match value(cookie_name(visit.secure)).filter(|token| is_token(token)) {
        Some(token) => Ok(token),
        // Their session ended while the page stood open.
        None if value(super::auth::cookie_name(visit.secure)).is_some() => Err(ApiError::NotSignedIn),
        None => Err(ApiError::Forbidden(EXPIRED.to_owned())),
    }
}

/// Whether a browser that says where it comes from names us; a program says nothing.
fn is_ours(visit: &Visit, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
        return false;
    }
    match text(header::ORIGIN.as_str()) {
        None => true,
        Some(origin) => visit.origin().is_some_and(|ours| ours.eq_ignore_ascii_case(origin)),
    }
}

/// The token that came along, in the header or as a field of the form.
async fn given(request: Request) -> Result<(Option<String>, Request), ApiError> {
    let header = request.headers().get(HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if header.is_none() && kind.starts_with("multipart/form-data") {
        return in_first_part(request).await;
    }
    if header.is_some() || !kind.starts_with("application/x-www-form-urlencoded") {
        return Ok((header, request));
    }
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, FORM_BYTES).await.map_err(|_| ApiError::TooLarge)?;
    let field = fields(Body::from(bytes.clone())).await?.into_iter().find(|(name, _)| name == FIELD);
    Ok((field.map(|(_, value)| value), Request::from_parts(parts, Body::from(bytes))))
}

/// The token as the first field of a form with a file, which is not taken in before it is known who sent it.
async fn in_first_part(request: Request) -> Result<(Option<String>, Request), ApiError> {
    let (parts, body) = request.into_parts();
    let (mut start, mut rest) = (Vec::new(), body.into_data_stream());
    while start.len() < PART_BYTES {
        match rest.next().await {
            Some(Ok(piece)) => start.extend_from_slice(&piece),
            Some(Err(_)) => return Err(ApiError::Unreadable("请求没有收全".to_owned())),
            None => break,
        }
    }
    let token = token_of_part(&start[..start.len().min(PART_BYTES)]);
    let whole = futures_util::stream::once(std::future::ready(Ok(axum::body::Bytes::from(start)))).chain(rest);
    Ok((token, Request::from_parts(parts, Body::from_stream(whole))))
}

/// The token in the beginning of a form: the boundary, the head of the field, a blank line, the token.
fn token_of_part(start: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(start);
    let (head, value) = text.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let opens = lines.next().is_some_and(|line| line.starts_with("--"));
    let is_token_field = lines.any(|line| {
        let line = line.to_ascii_lowercase();
        line.starts_with("content-disposition:") && line.contains(&format!("name=\"{FIELD}\""))
    });
    let (token, _) = value.split_once("\r\n")?;
    (opens && is_token_field && is_token(token)).then(|| token.to_owned())
}

async fn fields(form: Body) -> Result<Vec<(String, String)>, ApiError> {
    let request = Request::post("/").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
    let request = request.map_err(|_| ApiError::Internal)?;
    let read = axum::Form::<Vec<(String, String)>>::from_request(request, &()).await;
    read.map(|axum::Form(fields)| fields).map_err(|_| ApiError::Unreadable("表单无法读懂".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_with_a_file_shows_the_token_first() {
        let token = "0f".repeat(32);
        let part = |name: &str, value: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--b\r\n")
        };
        assert_eq!(token_of_part(part("csrf", &token).as_bytes()), Some(token.clone()));
        for wrong in [
            part("file", &token),
            part("csrf", "x"),
            token.clone(),
            String::new(),
            part("x", "y") + &part("csrf", &token),
        ] {
            assert_eq!(token_of_part(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn a_browser_that_comes_from_elsewhere_says_so() {
        let visit = Visit {
            address: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
            secure: true,
            host: Some("hufu.local:8443".to_owned()),
            request_id: String::new(),
            is_api: true,
            page: None,
        };
        for (headers, expected) in [
            (&[][..], true),
            (&[("origin", "https://hufu.local:8443")], true),
            (&[("origin", "HTTPS://HUFU.LOCAL:8443"), ("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("origin", "http://hufu.local:8443")], false),
            (&[("origin", "https://hufu.local")], false),
            (&[("origin", "https://hufu.local:8443.evil.example")], false),
            (&[("origin", "null")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("origin", "https://hufu.local:8443"), ("sec-fetch-site", "cross-site")], false),
        ] {
            let mut sent = HeaderMap::new();
            for (name, value) in headers {
                sent.insert(*name, value.parse().unwrap());
            }
            assert_eq!(is_ours(&visit, &sent), expected, "{headers:?}");
        }
    }
}
