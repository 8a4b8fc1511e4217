//! What concerns oneself: who one is, password, second factor, sessions, tokens. Needs no right but to be signed in.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::views::TokenView;
use super::{Me, Present};
use crate::access::{self, Action, Must, certificates, tokens};
use crate::kernel::ids::{SessionId, TokenId};
use crate::kernel::rights::Reach;
use crate::web::error::Problems;
use crate::web::extract::{Body, Path};
use crate::web::{ApiError, App};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(me))
        .routes(routes!(change_password))
        .routes(routes!(enrol))
        .routes(routes!(confirm))
        .routes(routes!(list_sessions))
        .routes(routes!(revoke_session))
        .routes(routes!(my_tokens))
        .routes(routes!(claim_token))
}

/// How far one of one's rights reaches.
#[derive(Debug, Serialize, ToSchema)]
struct RightView {
    /// `room.verb`.
    action: &'static str,
    /// As people say it.
    name: &'static str,
    /// Whether it reaches everything.
    everywhere: bool,
    /// Else these units.
    units: Vec<Uuid>,
}

/// Oneself.
#[derive(Debug, Serialize, ToSchema)]
struct MeView {
    account: Uuid,
    login: String,
    person: Option<Uuid>,
    /// The session that asks, if it is one.
    session: Option<Uuid>,
    /// What a form must carry back.
    csrf: String,
    /// `change_password`, `enrol_second_factor`: until it is done nothing else is allowed.
    must: Vec<&'static str>,
    /// Since when a client certificate opens the account, in milliseconds since 1970 UTC; absent: none does.
    certificate_since: Option<i64>,
    rights: Vec<RightView>,
}

#[utoipa::path(get, path = "/me", operation_id = "me_show", tag = "me",
    responses((status = 200, body = MeView), Problems), security(("session" = []), ("token" = [])))]
async fn me(State(app): State<App>, Me(me): Me) -> Result<Json<MeView>, ApiError> {
    let certificate_since = certificates::linked_since(app.db(), &me).await?.map(|at| at.0);
    let right = |action: &Action| {
        let reach = access::reach(&me.ctx, *action);
        let units = reach.units().unwrap_or_default().into_iter().map(Into::into).collect();
        let everywhere = reach == Reach::Everywhere;
        (reach != Reach::Nowhere).then(|| RightView { action: action.name(), name: action.zh(), everywhere, units })
    };
    let must = |must: &Must| match must {
        Must::ChangePassword => "change_password",
        Must::EnrolSecondFactor => "enrol_second_factor",
    };
    Ok(Json(MeView {
        certificate_since,
        rights: Action::ALL.iter().filter_map(right).collect(),
        account: me.account.into(),
        login: me.login,
        person: me.person.map(Into::into),
        session: me.session.map(Into::into),
        csrf: me.csrf,
        must: me.must.iter().map(must).collect(),
    }))
}

/// A change of one's own password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    /// The present one.
    #[schema(max_length = 256)]
    old: String,
    /// The one to come.
    #[schema(max_length = 256)]
    new: String,
}

#[utoipa::path(post, path = "/me/password", operation_id = "me_change_password", tag = "me", request_body = NewPassword,
    responses((status = 204, description = "Changed; every other session ended"), Problems), security(("session" = [])))]
async fn change_password(
    State(app): State<App>,
    Present(me): Present,
    Body(body): Body<NewPassword>,
) -> Result<StatusCode, ApiError> {
    app.write(move |db| async move { access::change_password(&db, &me, &body.old, &body.new).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One's password, to show that it is still oneself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Again {
    #[schema(max_length = 256)]
    password: String,
}

/// What a phone needs.
#[derive(Serialize, ToSchema)]
struct EnrolmentView {
    /// Base-32, to type in.
    secret: String,
    /// `otpauth://…`, to show as a QR code.
    url: String,
}

#[utoipa::path(post, path = "/me/second-factor", operation_id = "me_enrol_second_factor", tag = "me", request_body = Again,
    responses((status = 201, body = EnrolmentView), Problems), security(("session" = [])))]
async fn enrol(
    State(app): State<App>,
    Present(me): Present,
    Body(body): Body<Again>,
) -> Result<(StatusCode, Json<EnrolmentView>), ApiError> {
    let done = app.write(move |db| async move { access::enrol_second_factor(&db, &me, &body.password).await }).await?;
    Ok((StatusCode::CREATED, Json(EnrolmentView { secret: done.secret, url: done.url })))
}

/// A code from the phone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Code {
    #[schema(max_length = 16)]
    code: String,
}

/// Codes that stand in for the phone, once each; shown only now.
#[derive(Serialize, ToSchema)]
struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

#[utoipa::path(post, path = "/me/second-factor/confirm", operation_id = "me_confirm_second_factor", tag = "me",
    request_body = Code, responses((status = 200, body = RecoveryCodes), Problems), security(("session" = [])))]
async fn confirm(
    State(app): State<App>,
    Present(me): Present,
    Body(body): Body<Code>,
) -> Result<Json<RecoveryCodes>, ApiError> {
    let codes = app.write(move |db| async move { access::confirm_second_factor(&db, &me, &body.code).await }).await?;
    Ok(Json(RecoveryCodes { recovery_codes: codes }))
}

/// One of one's open sessions.
#[derive(Debug, Serialize, ToSchema)]
struct SessionView {
    id: Uuid,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
    /// Where it began.
    address: String,
    /// What the browser called itself.
    user_agent: String,
    /// Whether it is the one that asks.
    current: bool,
}

#[utoipa::path(get, path = "/me/sessions", operation_id = "me_sessions", tag = "me",
    responses((status = 200, body = [SessionView]), Problems), security(("session" = [])))]
async fn list_sessions(State(app): State<App>, Present(me): Present) -> Result<Json<Vec<SessionView>>, ApiError> {
    let open = access::sessions_of(app.db(), &me).await?;
    let show = |row: access::sessions::OpenSession| SessionView {
        id: row.id.into(),
        created_at: row.created_at.0,
        last_seen_at: row.last_seen_at.0,
        expires_at: row.expires_at.0,
        address: row.address,
        user_agent: row.user_agent,
        current: row.current,
    };
    Ok(Json(open.into_iter().map(show).collect()))
}

#[utoipa::path(post, path = "/me/sessions/{id}/revoke", operation_id = "me_revoke_session", tag = "me",
    params(("id" = Uuid, Path)), responses((status = 204, description = "Ended"), Problems), security(("session" = [])))]
async fn revoke_session(
    State(app): State<App>,
    Present(me): Present,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    app.write(move |db| async move { access::revoke_session(&db, &me, SessionId(id)).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(get, path = "/me/tokens", operation_id = "me_tokens", tag = "me",
    responses((status = 200, body = [TokenView]), Problems), security(("session" = [])))]
async fn my_tokens(State(app): State<App>, Present(me): Present) -> Result<Json<Vec<TokenView>>, ApiError> {
    let mine = tokens::mine(app.db(), &me).await?;
    Ok(Json(mine.into_iter().map(Into::into).collect()))
}

/// A token with its secret, shown only now.
#[derive(Serialize, ToSchema)]
struct ClaimedView {
    token: TokenView,
    secret: String,
}

#[utoipa::path(post, path = "/me/tokens/{id}/claim", operation_id = "me_claim_token", tag = "me",
    params(("id" = Uuid, Path)), responses((status = 200, body = ClaimedView), Problems), security(("session" = [])))]
async fn claim_token(
    State(app): State<App>,
    Present(me): Present,
    Path(id): Path<Uuid>,
) -> Result<Json<ClaimedView>, ApiError> {
    let (row, secret) = app.write(move |db| async move { tokens::claim(&db, &me, TokenId(id)).await }).await?;
    Ok(Json(ClaimedView { token: row.into(), secret }))
}
