//! A form, or a call that changes something, must come from one of our own pages: a browser sends cookies and
//! certificates along with whatever any page makes it send.
//!
//! Two things are asked: that the browser does not name another site as the one it comes from, and the token that our
//! pages carry. A bearer token is never sent by a browser of its own accord, and needs neither.

use axum::body::{Body, Bytes};
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
/// The token stands within so much of the beginning of a form that brings a file.
const HEAD_BYTES: usize = 4 * 1024;

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
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if header.is_none()
        && let Some(boundary) = boundary(request.headers())
    {
        return first_field(request, &boundary).await;
    }
    if header.is_some() || !is_form {
        return Ok((header, request));
    }
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, FORM_BYTES).await.map_err(|_| ApiError::TooLarge)?;
    let field = fields(Body::from(bytes.clone())).await?.into_iter().find(|(name, _)| name == FIELD);
    Ok((field.map(|(_, value)| value), Request::from_parts(parts, Body::from(bytes))))
}

/// What parts the fields of a form that brings a file.
fn boundary(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let (kind, rest) = kind.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = rest.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?.trim_matches('"');
    (!boundary.is_empty() && boundary.len() <= 200).then(|| boundary.to_owned())
}

/// The token that stands first in a form that brings a file. Only the beginning of the form is waited for: the file is
/// taken in by whoever it is for, and by nobody when the token is not good.
async fn first_field(request: Request, boundary: &str) -> Result<(Option<String>, Request), ApiError> {
    let (parts, body) = request.into_parts();
    let (mut pieces, mut head) = (body.into_data_stream(), Vec::new());
    let token = loop {
        match token_at_head(&head, boundary) {
            Head::Token(token) => break Some(token),
            Head::None => break None,
            Head::More if head.len() > HEAD_BYTES => break None,
            Head::More => {}
        }
        match pieces.next().await {
            Some(Ok(piece)) => head.extend_from_slice(&piece),
            Some(Err(_)) => return Err(ApiError::Unreadable("表单读不懂，文件可能没有传完".to_owned())),
            None => break None,
        }
    };
    let head = futures_util::stream::once(std::future::ready(Ok(Bytes::from(head))));
    Ok((token, Request::from_parts(parts, Body::from_stream(head.chain(pieces)))))
}

/// What the beginning of a form says.
#[derive(Debug, PartialEq, Eq)]
enum Head {
    Token(String),
    /// It begins with something else.
    None,
    /// It is not yet known.
    More,
}

fn token_at_head(head: &[u8], boundary: &str) -> Head {
    let begin = format!("--{boundary}\r\n");
    let known = head.len().min(begin.len());
    if head[..known] != begin.as_bytes()[..known] {
        return Head::None;
    }
    let Some((heads, rest)) = split_at(&head[known..], b"\r\n\r\n") else { return Head::More };
    let named = format!("content-disposition: form-data; name=\"{FIELD}\"");
    let heads = String::from_utf8_lossy(heads).to_ascii_lowercase();
    let (disposition, others): (Vec<&str>, Vec<&str>) = heads.split("\r\n").partition(|line| *line == named);
    if disposition.len() != 1 || others.iter().any(|line| !line.starts_with("content-type:")) {
        return Head::None;
    }
    match split_at(rest, format!("\r\n--{boundary}").as_bytes()) {
        Some((token, _)) => String::from_utf8(token.to_vec()).map_or(Head::None, Head::Token),
        None => Head::More,
    }
}

/// What stands before and after the first of these bytes.
fn split_at<'a>(bytes: &'a [u8], by: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(by.len()).position(|window| window == by)?;
    Some((&bytes[..at], &bytes[at + by.len()..]))
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
    fn the_token_stands_first_or_not_at_all() {
        let whole = "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n--x\r\n…";
        assert_eq!(token_at_head(whole.as_bytes(), "x"), Head::Token("abc".to_owned()));
        let typed = whole.replace("\r\n\r\nabc", "\r\nContent-Type: text/plain\r\n\r\nabc");
        assert_eq!(token_at_head(typed.as_bytes(), "x"), Head::Token("abc".to_owned()));
        let end = whole.find("\r\n--x\r\n").unwrap() + "\r\n--x".len();
        for cut in 0..end {
            assert_eq!(token_at_head(&whole.as_bytes()[..cut], "x"), Head::More, "{cut}");
        }
        for other in [
            "--y\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n--y\r\n",
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"csrf\"\r\n\r\nabc\r\n--x\r\n",
            "--x\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nabc\r\n--x\r\n",
            "abc",
        ] {
            assert_eq!(token_at_head(other.as_bytes(), "x"), Head::None, "{other}");
        }
        let at = |kind: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
            boundary(&headers)
        };
        assert_eq!(at("multipart/form-data; boundary=\"a b\"").as_deref(), Some("a b"));
        assert_eq!(at("Multipart/Form-Data; charset=utf-8; boundary=ab").as_deref(), Some("ab"));
        assert_eq!((at("multipart/form-data"), at("text/plain; boundary=ab")), (None, None));
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
