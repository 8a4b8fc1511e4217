//! Refusals as problem details (RFC 9457): a status, a stable code for programs, a sentence for people, the field.
//! An error never leaks SQL.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Forbidden;
use crate::db::DbError;

/// Why a request was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// 400: the request itself cannot be read.
    Unreadable(String),
    /// 401: nobody signed in, or no longer.
    NotSignedIn,
    /// 403: signed in, and not allowed.
    Forbidden(String),
    /// 404: not there, or out of scope, which reads the same.
    NotFound(String),
    /// 409: not in the state it is in: counted already, closed, the same key with another body.
    Conflict(String),
    /// 409: changed by somebody else while we were at it.
    Stale,
    /// 412: the version named in If-Match is not the one that stands.
    VersionMismatch,
    /// 428: a change must name the version it is made to, in If-Match.
    VersionMissing,
    /// 413: more than we take in.
    TooLarge,
    /// 415: not in a form we read.
    WrongType(String),
    /// 422: what was sent is not right, in this field.
    Invalid {
        /// The field, when it is one field's fault.
        field: Option<String>,
        /// What is wrong with it.
        reason: String,
    },
    /// 429: too many tries; how long to wait.
    TooMany(Duration),
    /// 503: two writers met for too long.
    Busy,
    /// 500: our fault; the cause is in the log.
    Internal,
}

/// A refusal as `application/problem+json`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem; a program decides by it.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is the matter, in a sentence for people.
    pub detail: String,
    /// The field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// What any operation may answer besides what it is for; named in each `#[utoipa::path(responses(…, Problems))]`.
#[derive(Debug, utoipa::IntoResponses)]
pub enum Problems {
    /// The request cannot be read.
    #[response(status = 400, content_type = "application/problem+json")]
    Unreadable(#[to_schema] Problem),
    /// Nobody signed in, or no longer.
    #[response(status = 401, content_type = "application/problem+json")]
    NotSignedIn(#[to_schema] Problem),
    /// Not allowed.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(#[to_schema] Problem),
    /// Not there, or out of scope.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(#[to_schema] Problem),
    /// Its state does not allow it, or it was changed meanwhile.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(#[to_schema] Problem),
    /// If-Match names another version.
    #[response(status = 412, content_type = "application/problem+json")]
    VersionMismatch(#[to_schema] Problem),
    /// Too large.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(#[to_schema] Problem),
    /// Not in a form we read.
    #[response(status = 415, content_type = "application/problem+json")]
    WrongType(#[to_schema] Problem),
    /// A field is wrong.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(#[to_schema] Problem),
    /// If-Match is missing.
    #[response(status = 428, content_type = "application/problem+json")]
    VersionMissing(#[to_schema] Problem),
    /// Too many tries.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(#[to_schema] Problem),
    /// Busy.
    #[response(status = 503, content_type = "application/problem+json")]
    Busy(#[to_schema] Problem),
}

impl ApiError {
    /// A field that is wrong.
    pub fn invalid(field: &str, reason: impl Into<String>) -> Self {
        Self::Invalid { field: Some(field.to_owned()), reason: reason.into() }
    }

    fn problem(&self) -> Problem {
        let (status, kind, title, detail) = match self {
            Self::Unreadable(detail) => (StatusCode::BAD_REQUEST, "unreadable", "请求无法读懂", detail.clone()),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large", "内容过大", "请分批提交".to_owned()),
            Self::WrongType(detail) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_type", "格式不支持", detail.clone()),
            Self::NotSignedIn => (StatusCode::UNAUTHORIZED, "not_signed_in", "未登录", "请先登录".to_owned()),
            Self::Forbidden(detail) => (StatusCode::FORBIDDEN, "forbidden", "没有权限", detail.clone()),
            Self::NotFound(detail) => (StatusCode::NOT_FOUND, "not_found", "没有找到", detail.clone()),
            Self::Conflict(detail) => (StatusCode::CONFLICT, "conflict", "现状不允许", detail.clone()),
            Self::Stale => (StatusCode::CONFLICT, "stale", "已被他人修改", DbError::Stale.to_string()),
            Self::VersionMismatch => {
                (StatusCode::PRECONDITION_FAILED, "version_mismatch", "版本不符", DbError::Stale.to_string())
            }
            Self::VersionMissing => (
                StatusCode::PRECONDITION_REQUIRED,
                "version_missing",
                "缺少版本",
                "请在 If-Match 中写明所改的版本".to_owned(),
            ),
            Self::Invalid { reason, .. } => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "内容有误", reason.clone()),
            Self::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "too_many", "过于频繁", "请稍后再试".to_owned()),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy", "系统正忙", "请稍后重试".to_owned()),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "系统出错",
                "未写入任何内容，请联系系统管理员".to_owned(),
            ),
        };
        let field = if let Self::Invalid { field, .. } = self { field.clone() } else { None };
        Problem { kind: format!("urn:hufu:{kind}"), title: title.to_owned(), status: status.as_u16(), detail, field }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = self.problem();
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = (status, [(header::CONTENT_TYPE, "application/problem+json")], Json(&problem)).into_response();
        if let Self::TooMany(wait) = self {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
        }
        // For people it is said on a page: the layers make one of it.
        answer.extensions_mut().insert(problem);
        answer
    }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Constraint { field, duplicate: true, .. } => Self::Conflict(format!("“{field}”已被使用")),
            DbError::Constraint { ref field, .. } => Self::invalid(field, error.to_string()),
            DbError::Stale => Self::Stale,
            DbError::Busy(_) | DbError::Unreachable(_) | DbError::InDoubt(_) => Self::Busy,
            DbError::Unfit(reason) => Self::Invalid { field: None, reason: reason.to_owned() },
            other => {
                tracing::error!(error = ?other, "the database failed");
                Self::Internal
            }
        }
    }
}

impl From<Forbidden> for ApiError {
    fn from(error: Forbidden) -> Self {
        match error {
            // As if it were not there.
            Forbidden::OutOfScope => Self::NotFound(error.to_string()),
            other => Self::Forbidden(other.to_string()),
        }
    }
}
