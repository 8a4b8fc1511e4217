//! Bodies, queries, paths, versions and pages as every operation takes them; what cannot be read is a problem, never
//! a bare sentence in English.

use axum::Json;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequestParts};
use axum::http::header::{ETAG, IF_MATCH};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{ApiError, App};

/// A JSON body.
#[derive(Debug, Clone, Copy, FromRequest)]
#[from_request(via(Json), rejection(ApiError))]
pub struct Body<T>(pub T);

/// A query.
#[derive(Debug, Clone, Copy, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub struct Query<T>(pub T);

/// What the path names.
#[derive(Debug, Clone, Copy, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(ApiError))]
pub struct Path<T>(pub T);

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::JsonDataError(error) => misfit(&error.body_text()),
            JsonRejection::MissingJsonContentType(_) => Self::WrongType("请以 application/json 提交".to_owned()),
            JsonRejection::BytesRejection(error) if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE => {
                Self::TooLarge
            }
            other => Self::Unreadable(format!("请求体不是完好的 JSON（{}）", other.body_text())),
        }
    }
}

/// What does not fit our types, told with the field that the parser names and its own words for whoever writes programs.
fn misfit(told: &str) -> ApiError {
    let named = told.split_once("field `").and_then(|(_, rest)| rest.split_once('`')).map(|(name, _)| name);
    // Of a value it says where it stands: `items[0].quantity: invalid type…`.
    let placed = told.rsplit_once("target type: ").and_then(|(_, rest)| rest.split_once(": ")).map(|(path, _)| path);
    let field = named.or(placed.filter(|path| !path.contains(' ')));
    let of = field.map(|field| format!("“{field}”")).unwrap_or_default();
    ApiError::Invalid {
        field: field.map(str::to_owned), reason: format!("{of}缺少、多余或类型不对（{told}）")
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        misfit(&rejection.body_text())
    }
}

impl From<MultipartRejection> for ApiError {
    fn from(_: MultipartRejection) -> Self {
        Self::WrongType("请以 multipart/form-data 提交文件".to_owned())
    }
}

impl From<MultipartError> for ApiError {
    fn from(error: MultipartError) -> Self {
        if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
            Self::TooLarge
        } else {
            Self::Unreadable("表单读不懂，文件可能没有传完".to_owned())
        }
    }
}

impl From<PathRejection> for ApiError {
    fn from(_: PathRejection) -> Self {
        // An address with something else where an id belongs names nothing.
        Self::NotFound("没有这个地址".to_owned())
    }
}

/// The version that a change is made to, from `If-Match: "7"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub i64);

impl IfMatch {
    /// Whether it is the version that stands.
    ///
    /// # Errors
    /// [`ApiError::VersionMismatch`] when it is another.
    pub fn check(self, version: i64) -> Result<(), ApiError> {
        if self.0 == version { Ok(()) } else { Err(ApiError::VersionMismatch) }
    }
}

impl FromRequestParts<App> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        <Self as OptionalFromRequestParts<App>>::from_request_parts(parts, app).await?.ok_or(ApiError::VersionMissing)
    }
}

impl OptionalFromRequestParts<App> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Option<Self>, ApiError> {
        let Some(value) = parts.headers.get(IF_MATCH) else { return Ok(None) };
        let version = value.to_str().ok().and_then(|text| text.trim().trim_matches('"').parse().ok());
        // A tag we never gave out matches nothing.
        version.map(|version| Some(Self(version))).ok_or(ApiError::VersionMismatch)
    }
}

/// An answer with its version as ETag.
#[derive(Debug)]
pub struct Versioned<T>(pub i64, pub T);

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        ([(ETAG, format!("\"{}\"", self.0))], Json(self.1)).into_response()
    }
}

/// Rows a page has when nobody says.
pub const PAGE_ROWS: u64 = 50;
/// Rows a page has at most.
pub const MOST_PAGE_ROWS: u64 = 500;

/// Which page: what comes after the last row of the page before.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// `next` of the page before; nothing for the first.
    pub after: Option<String>,
    /// Rows wanted, 50 when not said.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u64>,
}

impl Paging {
    /// Rows the page has; read one more, to know whether another page follows.
    ///
    /// # Errors
    /// When a page of no rows, or of more than 500, is asked for.
    pub fn rows(&self) -> Result<u64, ApiError> {
        match self.limit.unwrap_or(PAGE_ROWS) {
            rows @ 1..=MOST_PAGE_ROWS => Ok(rows),
            _ => Err(ApiError::invalid("limit", "每页 1 至 500 行")),
        }
    }
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// What to ask for `after` to get the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The page of `rows`, of which one more than `limit` was read; `key` gives a row's place in the order.
    pub fn cut(mut rows: Vec<T>, limit: u64, key: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(key) } else { None };
        Self { rows, next }
    }
}
