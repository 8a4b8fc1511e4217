//! Refusals in the form that whoever asked can read: problem details for a program, a page for people.

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::Visit;
use crate::web::error::Problem;
use crate::web::pages::{Language, error_page, to_sign_in};

/// A refusal that came in another form, or in none, is put into ours.
pub(super) fn dress(visit: &Visit, language: Language, answer: Response) -> Response {
    let status = answer.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return answer;
    }
    let is = |kind: &str| {
        answer
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|v| v.starts_with(kind))
    };
    if is("text/html") || (visit.is_api && is("application/problem+json")) {
        return answer;
    }
    if status == StatusCode::UNAUTHORIZED && !visit.is_api && !answer.headers().contains_key(header::WWW_AUTHENTICATE) {
        return to_sign_in(visit.page.as_deref());
    }
    let said = answer.extensions().get::<Problem>().cloned();
    let kept = kept(answer.headers());
    let mut dressed = if visit.is_api {
        let problem = said.unwrap_or_else(|| of_status(status));
        (status, [(header::CONTENT_TYPE, "application/problem+json")], Json(problem)).into_response()
    } else {
        let detail = said.map(|problem| problem.detail).unwrap_or_default();
        error_page(language, status, &detail, &visit.request_id)
    };
    dressed.headers_mut().extend(kept);
    dressed
}

/// What of the head says more than the form of the body.
fn kept(headers: &HeaderMap) -> HeaderMap {
    [header::ALLOW, header::RETRY_AFTER, header::WWW_AUTHENTICATE, header::CONNECTION, header::SET_COOKIE]
        .into_iter()
        .flat_map(|name| {
            headers.get_all(&name).iter().map(move |value| (name.clone(), value.clone())).collect::<Vec<_>>()
        })
        .collect()
}

/// The problem that a bare status stands for.
fn of_status(status: StatusCode) -> Problem {
    let (kind, title, detail) = match status {
        StatusCode::NOT_FOUND => ("not_found", "没有找到", "没有这个地址"),
        StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "方法不对", "这个地址不支持该请求方法"),
        StatusCode::UNAUTHORIZED => ("not_signed_in", "未登录", "请先登录"),
        StatusCode::FORBIDDEN => ("forbidden", "没有权限", "您没有这项权限"),
        StatusCode::REQUEST_TIMEOUT => ("too_slow", "超时", "等待过久，请重试"),
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "内容过大", "请分批提交"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ("wrong_type", "格式不支持", "请求的格式不支持"),
        StatusCode::UNPROCESSABLE_ENTITY => ("invalid", "内容有误", "提交的内容有误"),
        StatusCode::TOO_MANY_REQUESTS => ("too_many", "过于频繁", "请稍后再试"),
        StatusCode::SERVICE_UNAVAILABLE => ("busy", "系统正忙", "请稍后重试"),
        status if status.is_server_error() => ("internal", "系统出错", "请联系系统管理员，并告知请求编号"),
        _ => ("unreadable", "请求无法读懂", "请求有误"),
    };
    Problem {
        kind: format!("urn:hufu:{kind}"),
        title: title.to_owned(),
        status: status.as_u16(),
        detail: detail.to_owned(),
        field: None,
    }
}
