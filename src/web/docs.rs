//! The OpenAPI document and its page. Both are open to everybody: they say what can be asked, and answer nothing.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Extension, Router};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, ServerBuilder};
use utoipa_swagger_ui::Config;

use super::App;
use super::layers::auth;

/// Rooms of the API, as its page lists them.
const TAGS: [(&str, &str); 13] = [
    ("me", "本人：密码、动态验证码、登录、令牌"),
    ("accounts", "账号、授权、令牌、规则"),
    ("org", "单位、人员、地点"),
    ("items", "资产"),
    ("labels", "标签"),
    ("imports", "导入"),
    ("photos", "照片读码"),
    ("campaigns", "盘点"),
    ("findings", "问题"),
    ("approvals", "审批"),
    ("journal", "日志"),
    ("jobs", "后台任务"),
    ("webhooks", "推送"),
];

/// The document: what the operations say of themselves, and what holds for all of them.
#[must_use]
pub fn document(mut operations: OpenApi, secure: bool) -> OpenApi {
    operations.info = InfoBuilder::new()
        .title("虎符 Hufu")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    operations.servers = Some(vec![ServerBuilder::new().url("/").description(Some("本机")).build()]);
    operations.tags =
        Some(TAGS.iter().map(|(name, zh)| TagBuilder::new().name(*name).description(Some(*zh)).build()).collect());
    let components = operations.components.get_or_insert_default();
    let cookie = ApiKeyValue::with_description(auth::cookie_name(secure), "登录后的会话；修改须带 X-CSRF-Token");
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    let signed = "枪柜终端：Hufu-Device 写终端编号，此处写 t=秒,v1=HMAC-SHA256(密钥, \"秒.\" 加原文) 的十六进制";
    let signed = ApiKeyValue::with_description("Hufu-Signature", signed);
    components.add_security_scheme("device", SecurityScheme::ApiKey(ApiKey::Header(signed)));
    components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    operations
}

const ABOUT: &str = "错误以 application/problem+json（RFC 9457）返回；列表用 after/limit 翻页；\
                     修改须以 If-Match 写明版本；带 Idempotency-Key 的 POST 重发不重复，是否必带见各操作的参数。";

/// `/api/v1/openapi.json`, `/api/docs/…`.
pub(super) fn router(document: OpenApi) -> Router<App> {
    let document: Arc<str> = document.to_json().unwrap_or_default().into();
    Router::new()
        .route("/api/v1/openapi.json", get(show))
        .route("/api/docs/{file}", get(file))
        .layer(Extension(Document(document)))
}

#[derive(Debug, Clone)]
struct Document(Arc<str>);

async fn show(Extension(Document(text)): Extension<Document>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text.to_string()).into_response()
}

/// A file of Swagger UI. Its own page and its own beginning are not among them: ours are in `pages`.
async fn file(Path(name): Path<String>) -> Response {
    let wanted = ["swagger-ui.css", "swagger-ui-bundle.js"].contains(&name.as_str());
    let found = if wanted { utoipa_swagger_ui::serve(&name, Arc::new(Config::default())).ok().flatten() } else { None };
    let Some(found) = found else { return StatusCode::NOT_FOUND.into_response() };
    let mut answer = found.bytes.into_owned().into_response();
    let headers = answer.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(&found.content_type) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    if found.gzpipped {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    answer
}
