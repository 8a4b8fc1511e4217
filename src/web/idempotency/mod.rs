//! `Idempotency-Key`: a client that does not know whether its request arrived sends it again with the same key, and
//! gets the answer of the first, not a second deed.
//!
//! - A key belongs to whoever sent it, and to the token they sent it with: what a token may not ask for it cannot have
//!   repeated either. It is claimed in a write of its own before the deed, and the answer is kept with it
//!   for [`KEPT_MS`].
//! - The same key with the same method, address, version (If-Match) and body: the kept answer, with `Idempotent-Replay: true`. With anything
//!   else: 422. While the first is still under way: 409.
//! - Kept are the answers that another try would get again: what was done, and what was refused for what it is. Not kept are
//!   5xx, refusals for who asks or how often (401, 403, 404, 408, 413, 429), and refusals for how things stand, which
//!   passes (409, 412, 428): the key is free again.
//! - What a body says in confidence is no part of what is compared, see [`fingerprint`]. Of such requests only what was
//!   done is kept: with a mistyped password put right the same key serves again.
//! - A form's boundary is no part of its body: a client that sends a form again makes a new one.
//! - A client that goes away does not stop the deed: it is carried out, and its answer kept.
//! - The process was killed half-way: the claim is a lease of [`LEASE_MS`]. Whether the deed was done is then unknown, because
//!   it is a transaction of its own; after the lease the same request is carried out. What protects is the deed's own rule:
//!   a number, code or badge number is entered once, a file is brought in once, a label printed "again" keeps its
//!   code. Only blanks and renewed labels could be made twice, which wastes paper and misleads nobody.

pub mod entity;
mod fingerprint;
mod store;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use tokio::sync::Semaphore;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{OpenApi, Required};

use super::{ApiError, App, uploads};
use crate::access::{Action, Door, Identity, permit_somewhere};
use crate::kernel::Ctx;
use store::{Answer, Claim, Standing};

/// How long an answer is kept, in milliseconds.
pub const KEPT_MS: i64 = 48 * 3_600_000;
/// How long a request may be under way before its claim is taken for dead, in milliseconds.
pub const LEASE_MS: i64 = 120_000;
/// The longest answer that is kept, in bytes; a longer one is told to have been given.
pub const MOST_KEPT_BYTES: usize = 4 << 20;
/// The largest body but a form's, in bytes.
const MOST_BODY_BYTES: usize = 2 << 20;
/// The longest key, in characters.
pub const MOST_KEY_CHARS: usize = 128;

/// The operation that takes in files with a key.
const IMPORTS: &str = "/api/v1/imports";
const ATTACHMENTS: &str = "/api/v1/items/{number}/attachments";
const PAPERS: &str = "/api/v1/assets/movements/{number}/papers";
const FINANCE: &str = "/api/v1/assets/three-way/batches";
/// Operations that take forms; to all others one is no body they read.
const FORMS: &[&str] = &[
    IMPORTS,
    ATTACHMENTS,
    PAPERS,
    FINANCE,
    "/api/v1/fuel/statements",
    "/api/v1/assets/missing/{id}/papers",
    "/api/v1/assets/surpluses/{number}/papers",
    "/api/v1/photos/decode",
    "/api/v1/firearms/inspections/{number}/photos",
];

const KEY: &str = "idempotency-key";
const REPLAY: HeaderName = HeaderName::from_static("idempotent-replay");

/// Operations that create something and do not run without a key.
pub const REQUIRED: &[&str] = &[
    "/api/v1/assets/movements/intake",
    "/api/v1/assets/surpluses",
    "/api/v1/imports",
    "/api/v1/items",
    "/api/v1/labels/blanks",
    "/api/v1/labels/print",
    "/api/v1/people",
    "/api/v1/places",
    "/api/v1/units",
];

/// Beginnings of addresses that take no key: one's own secrets, and what writes nothing.
const NEVER: &[&str] = &["/api/v1/me", "/api/v1/photos"];

/// Beginnings of addresses whose answers hold a secret that is shown once: that the deed was done is kept, the answer
/// is not.
const SECRET: &[&str] = &["/api/v1/accounts", "/api/v1/tokens", "/api/v1/webhooks", "/api/v1/firearms/cabinet-devices"];

/// What an operation makes of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Policy {
    Required,
    Optional,
    Never,
}

/// `template` is the address as the router has it, its parts in braces.
fn policy(template: &str) -> Policy {
    if REQUIRED.contains(&template) {
        return Policy::Required;
    }
    // Each scan has an id of its own, and a batch of them an answer a scan.
    let by_themselves = NEVER.iter().any(|start| template.starts_with(start)) || template.ends_with("/scans");
    if by_themselves { Policy::Never } else { Policy::Optional }
}

/// Tells the document which operations take the header.
pub fn describe(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        if let Some(operation) = item.post.as_mut() {
            let required = match policy(path) {
                Policy::Required => Required::True,
                Policy::Optional => Required::False,
                Policy::Never => continue,
            };
            document_key(operation, required);
        }
    }
}

fn document_key(operation: &mut Operation, required: Required) {
    let schema = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .min_length(Some(1))
        .max_length(Some(MOST_KEY_CHARS))
        .pattern(Some("^[!-~]+$"))
        .build();
    let parameter = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some("同一次提交重试时用同一个键：得到第一次的答复，不会办两次"))
        .schema(Some(schema))
        .build();
    operation.parameters.get_or_insert_default().push(parameter.into());
}

fn key_of(request: &Request) -> Result<Option<String>, ApiError> {
    let mut values = request.headers().get_all(KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let wrong = || ApiError::invalid("Idempotency-Key", "应为 1 至 128 个可见的 ASCII 字符，只写一次");
    let text = value.to_str().map_err(|_| wrong())?;
    let fits = (1..=MOST_KEY_CHARS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if values.next().is_some() || !fits {
        return Err(wrong());
    }
    Ok(Some(text.to_owned()))
}

/// The layer around every operation.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    if *request.method() != Method::POST {
        return next.run(request).await;
    }
    match once(app, request, next).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn once(app: App, request: Request, next: Next) -> Result<Response, ApiError> {
    let template = request.extensions().get::<MatchedPath>().map_or(String::new(), |path| path.as_str().to_owned());
    // Who is nobody is told so by the operation; no key is kept for them.
    let Some(ctx) = request.extensions().get::<Ctx>().cloned() else { return Ok(next.run(request).await) };
    if is_form(&request) && !FORMS.contains(&template.as_str()) {
        return Err(ApiError::WrongType("这里不收表单，请以 JSON 提交".to_owned()));
    }
    let key = match (policy(&template), key_of(&request)?) {
        (Policy::Never, _) | (Policy::Optional, None) => return Ok(next.run(request).await),
        (Policy::Required, None) => {
            return Err(ApiError::invalid("Idempotency-Key", "这项操作需要 Idempotency-Key，重试时才不会办两次"));
        }
        (_, Some(key)) => key,
    };
    // Before a seat is taken and a byte of the file taken in.
    if template == IMPORTS {
        permit_somewhere(&ctx, Action::ImportsRun)?;
    }
    if template == ATTACHMENTS {
        permit_somewhere(&ctx, Action::ItemsChange)?;
    }
    if template == FINANCE {
        permit_somewhere(&ctx, Action::ThreeWayRun)?;
    }
    if template == PAPERS {
        permit_somewhere(&ctx, Action::AssetsMove)?;
    }
    let (parts, body) = request.into_parts();
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let boundary = fingerprint::boundary(content_type);
    let most = if boundary.is_some() { super::settings::UPLOAD_FORM_BYTES } else { MOST_BODY_BYTES };
    let seat = boundary.map(|_| uploads::seat(&app, &ctx, "import", &UPLOADS)).transpose()?;
    let body = uploads::in_time(uploads::DEADLINE, whole(body, most)).await?;
    let address = parts.uri.path_and_query().map_or("/", |address| address.as_str());
    let secret = store::secret(&app, &ctx).await?;
    let version = parts.headers.get(header::IF_MATCH).map(HeaderValue::as_bytes).unwrap_or_default();
    let fingerprint = fingerprint::of(&secret, (address, version), content_type, boundary, &body);
    let confidential = fingerprint.confidential;
    let claim = Claim { caller: caller(&ctx, parts.extensions.get::<Identity>()), key, fingerprint: fingerprint.hash };
    match store::claim(&app, &ctx, &claim).await? {
        Standing::Ours => {}
        Standing::Answered(answer) => return replay(answer),
        Standing::UnderWay => return Err(ApiError::Conflict("同一个键的请求正在办理，请稍后再查".to_owned())),
        Standing::Other => {
            return Err(ApiError::invalid("Idempotency-Key", "这个键已用于另一个请求，请换一个键"));
        }
    }
    let request = Request::from_parts(parts, Body::from(body));
    // On a task of its own: a client that goes away would else take the answer with it.
    let done = tokio::spawn(async move {
        let _seat = seat;
        carried_out(app, ctx, claim, confidential, (request, next)).await
    });
    done.await.map_err(|_| ApiError::Internal)?
}

fn is_form(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.trim_start().get(..10).is_some_and(|start| start.eq_ignore_ascii_case("multipart/"))
}

/// Whose keys: a person's by whatever session, and apart from them each of their tokens'.
fn caller(ctx: &Ctx, identity: Option<&Identity>) -> String {
    match identity.map(|who| who.door) {
        Some(Door::Token(token)) => format!("{} token:{token}", ctx.actor),
        Some(Door::Session(_) | Door::Certificate) | None => ctx.actor.to_string(),
    }
}

/// Uploads that are held in memory at a time; each is at most 64 MiB.
static UPLOADS: Semaphore = Semaphore::const_new(4);

/// All of a body, or 413 as soon as it is too large.
async fn whole(body: Body, most: usize) -> Result<Bytes, ApiError> {
    let mut bytes = Vec::new();
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| ApiError::Unreadable("请求没有收全".to_owned()))?;
        if bytes.len() + chunk.len() > most {
            return Err(ApiError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}

async fn carried_out(
    app: App,
    ctx: Ctx,
    claim: Claim,
    confidential: bool,
    (request, next): (Request, Next),
) -> Result<Response, ApiError> {
    let request_path = request.uri().path().to_owned();
    // A handler that panics must give the key back as well.
    let run = tokio::spawn(next.run(request));
    let Ok(response) = run.await else {
        store::release(&app, &claim).await?;
        return Err(ApiError::Internal);
    };
    if !is_kept(response.status()) || (confidential && !response.status().is_success()) {
        store::release(&app, &claim).await?;
        return Ok(response);
    }
    let secret = SECRET.iter().any(|start| request_path.starts_with(start));
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| ApiError::Internal)?;
    let mut answer = Answer::of(parts.status, &parts.headers, &body);
    if secret {
        answer.body = None;
    }
    // The deed is done: an answer that cannot be kept is still given.
    if let Err(error) = store::keep(&app, &ctx, &claim, answer).await {
        tracing::warn!(?error, "an answer could not be kept");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// Whether another try would get the same answer.
fn is_kept(status: StatusCode) -> bool {
    let passing = [
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::NOT_FOUND,
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::CONFLICT,
        StatusCode::PRECONDITION_FAILED,
        StatusCode::PRECONDITION_REQUIRED,
        StatusCode::PAYLOAD_TOO_LARGE,
        StatusCode::TOO_MANY_REQUESTS,
    ];
    !status.is_server_error() && !passing.contains(&status)
}

fn replay(answer: Answer) -> Result<Response, ApiError> {
    let Some(body) = answer.body else {
        return Err(ApiError::Conflict("这个键的请求已办理完毕；答复含一次性密码或过大，没有保存".to_owned()));
    };
    let mut response = Response::new(Body::from(Bytes::from(body)));
    *response.status_mut() = answer.status;
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAY, HeaderValue::from_static("true"));
    Ok(response)
}
