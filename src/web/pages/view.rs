//! What every page is made of: the language, the frame around it, and the page of a refusal.

use std::net::IpAddr;

use askama::Template;
use axum::extract::{FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse as _, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar};

use super::address::Address;
use super::nav::{self, Nav};
use super::refusals::said_in;
use super::words::{CHINESE, ENGLISH, Words};
use super::{broken, look};
use crate::access::{Action, Identity};
use crate::kernel::rights::{Reach, Scope};
use crate::web::layers::{Visit, csrf};
use crate::web::{ApiError, App};

/// The cookie that remembers a language somebody chose.
pub(crate) const LANGUAGE_COOKIE: &str = "hufu-lang";

/// What the pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Chinese, unless somebody chose otherwise.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Language {
    /// The language somebody chose: with `?lang=` now, or earlier.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        Self::chosen(request)
            .or_else(|| {
                let jar = CookieJar::from_headers(request.headers());
                jar.get(LANGUAGE_COOKIE).and_then(|cookie| Self::named(cookie.value()))
            })
            .unwrap_or_default()
    }

    /// The language that the address asks for.
    #[must_use]
    pub fn chosen(request: &Request) -> Option<Self> {
        let mut pairs = request.uri().query()?.split('&');
        pairs.find_map(|pair| pair.strip_prefix("lang=")).and_then(Self::named)
    }

    fn named(name: &str) -> Option<Self> {
        match name {
            "zh" => Some(Self::Chinese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// As `?lang=` and the cookie name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }

    /// As HTML names it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// Whether it is Chinese.
    #[must_use]
    pub const fn is_chinese(self) -> bool {
        matches!(self, Self::Chinese)
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Chinese => Self::English,
            Self::English => Self::Chinese,
        }
    }

    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::Chinese => &CHINESE,
            Self::English => &ENGLISH,
        }
    }
}

/// The cookie that remembers the language.
#[must_use]
pub(crate) fn language_cookie(language: Language, secure: bool) -> Cookie<'static> {
    let mut cookie = csrf::cookie(LANGUAGE_COOKIE, language.name().to_owned(), secure);
    cookie.make_permanent();
    cookie
}

/// What stands around a page: whose it is, in which language, with which token its forms are sent.
pub struct Frame {
    /// The language.
    pub language: Language,
    pub(crate) words: &'static Words,
    /// Who signed in.
    pub(crate) login: Option<String>,
    /// What the forms carry.
    pub(crate) csrf: String,
    /// Whether somebody on the way may read what is typed.
    pub(crate) insecure: bool,
    /// Whether there is a certificate to install.
    pub(crate) has_trust: bool,
    /// Where one can be somebody else, when all of this is a demonstration; only for who is signed in.
    pub(crate) demo: Option<String>,
    /// Where this page is, with its query: what its links keep.
    pub(crate) address: Address,
    /// What was looked for, if this is the page of a search.
    pub(crate) looked_for: String,
    scope: Option<Scope>,
    once: bool,
    cookie: Option<Cookie<'static>>,
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frame")
            .field("language", &self.language)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl FromRequestParts<App> for Frame {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let visit = parts.extensions.get::<Visit>().cloned().ok_or(ApiError::Internal)?;
        let language = parts.extensions.get::<Language>().copied().unwrap_or_default();
        let identity = parts.extensions.get::<Identity>();
        let (csrf, cookie) = match identity {
            Some(identity) => (identity.csrf.clone(), None),
            None => csrf::visitor_token(&visit, &CookieJar::from_headers(&parts.headers), app.base()),
        };
        Ok(Self {
            language,
            words: language.words(),
            login: identity.map(|identity| identity.login.clone()),
            csrf,
            insecure: !visit.secure && !is_here(visit.address),
            has_trust: app.settings().trust.is_some(),
            demo: app.settings().demo.as_ref().map(|demo| format!("/demo/{}", demo.secret)),
            address: Address::of(&parts.uri),
            looked_for: String::new(),
            scope: identity.map(|identity| identity.ctx.scope.clone()),
            once: false,
            cookie,
        })
    }
}

/// Whether what is sent there never leaves the machine.
const fn is_here(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback(),
        IpAddr::V6(address) => address.is_loopback(),
    }
}

impl Frame {
    /// A frame around the page of a refusal, which may be shown before it is known who asks.
    fn bare(language: Language) -> Self {
        Self {
            language,
            words: language.words(),
            login: None,
            csrf: String::new(),
            insecure: false,
            has_trust: false,
            demo: None,
            address: Address::default(),
            looked_for: String::new(),
            scope: None,
            once: true,
            cookie: None,
        }
    }

    /// A frame around a template that is rendered for itself.
    #[cfg(test)]
    pub(crate) fn sample_for(language: Language, signed_in: bool) -> Self {
        let everything: Vec<_> = crate::access::Role::ALL.iter().map(|role| (*role, Reach::Everywhere)).collect();
        Self {
            login: signed_in.then(|| "zhang.san<b class=\"x\">".to_owned()),
            demo: signed_in.then(|| "/demo/secret".to_owned()),
            address: Address::of(&"/items?q=a&sort=-name&after=7".parse().unwrap_or_default()),
            scope: signed_in.then(|| crate::access::matrix::scope_of(&everything)),
            once: false,
            ..Self::bare(language)
        }
    }

    /// The same frame around a page that is shown once only: it cannot be shown again in the other language.
    #[must_use]
    pub(crate) fn once(self) -> Self {
        Self { once: true, ..self }
    }

    /// Whether the page can be had in the other language.
    pub(crate) const fn switches(&self) -> bool {
        !self.once
    }

    /// Where it speaks it.
    pub(crate) fn other_language(&self) -> String {
        self.address.with("lang", self.language.other().name())
    }

    /// Whether they may do it somewhere: what they may do nowhere is greyed, with the reason.
    pub(crate) fn may(&self, action: Action) -> bool {
        self.scope.as_ref().is_some_and(|scope| scope.reach(action.name()) != Reach::Nowhere)
    }

    /// The ways to the rooms, those only that lead somewhere.
    pub(crate) fn nav(&self) -> Nav {
        nav::links(self)
    }

    /// The word of one language or the other, for what has its two names in the program and not in the locales.
    pub(crate) const fn either<'a>(&self, chinese: &'a str, english: &'a str) -> &'a str {
        if self.language.is_chinese() { chinese } else { english }
    }

    /// Where a style sheet, a script or a picture of ours is.
    #[expect(clippy::unused_self, reason = "templates ask the frame for what is the same on every page")]
    pub(crate) fn file(&self, name: &str) -> &'static str {
        look::address(name)
    }

    /// The cookie that goes with the page.
    pub(crate) fn take_cookie(&mut self) -> Option<Cookie<'static>> {
        self.cookie.take()
    }
}

/// A page as an answer, with the cookie that its form needs.
pub(crate) fn show(status: StatusCode, cookie: Option<Cookie<'static>>, page: &impl Template) -> Response {
    let mut answer = match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => return broken(&error),
    };
    if let Some(value) = cookie.and_then(|cookie| cookie.to_string().parse().ok()) {
        answer.headers_mut().append(SET_COOKIE, value);
    }
    answer
}

/// A page that says one thing.
#[derive(Debug, Template)]
#[template(path = "message.html")]
pub(crate) struct Message {
    pub(crate) frame: Frame,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) detail: String,
    pub(crate) request: String,
    pub(crate) link: &'static str,
    pub(crate) link_text: String,
}

/// The page of a refusal.
pub(in crate::web) fn error_page(language: Language, status: StatusCode, detail: &str, request_id: &str) -> Response {
    let frame = Frame::bare(language);
    let words = &frame.words.errors;
    let (title, text) = match status {
        StatusCode::NOT_FOUND => (&words.not_found, words.not_found_help.as_str()),
        StatusCode::FORBIDDEN => (&words.forbidden, ""),
        StatusCode::TOO_MANY_REQUESTS => (&words.too_many, frame.words.sign_in.wait.as_str()),
        status if status.is_server_error() => (&words.internal, words.internal_help.as_str()),
        _ => (&words.other, ""),
    };
    // What a service says of a thing is worth more than what is said of every refusal.
    let says_more = !matches!(status, StatusCode::TOO_MANY_REQUESTS) && !status.is_server_error();
    let page = Message {
        title: title.clone(),
        text: text.to_owned(),
        detail: if says_more { said_in(language, detail.to_owned()) } else { String::new() },
        request: request_id.to_owned(),
        link: "/",
        link_text: frame.words.common.back_home.clone(),
        frame,
    };
    show(status, None, &page)
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Message { frame, title, text, detail, request, link, link_text }
    }
    renders! {
        message: Message,
    }
}
