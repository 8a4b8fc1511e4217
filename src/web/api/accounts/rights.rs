//! Grants, tokens, rules and the table of roles, for the security administrator.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::views::{GrantView, RuleView, TokenView};
use super::{CoSignature, Present, Signed};
use crate::access::grants::{self, NewGrant};
use crate::access::matrix::roles_for;
use crate::access::rules::{self, NewRule};
use crate::access::tokens::{self, NewToken};
use crate::access::{Action, Role, co_signing, permit};
use crate::kernel::Timestamp;
use crate::kernel::ids::{AccountId, GrantId, TokenId, UnitId};
use crate::web::error::Problems;
use crate::web::extract::{Body, Path};
use crate::web::layers::Visit;
use crate::web::{ApiError, App, Caller};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_grants))
        .routes(routes!(give))
        .routes(routes!(end))
        .routes(routes!(list_tokens, issue_token))
        .routes(routes!(revoke_token))
        .routes(routes!(list_rules, set_rule))
        .routes(routes!(table))
}

#[utoipa::path(get, path = "/accounts/{id}/grants", operation_id = "grants_list", tag = "accounts",
    params(("id" = Uuid, Path)), responses((status = 200, body = [GrantView]), Problems),
    security(("session" = []), ("token" = [])))]
async fn list_grants(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<GrantView>>, ApiError> {
    let rows = grants::list(app.db(), &ctx, AccountId(id)).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// A role to be given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GrantBody {
    /// To whom.
    account: Uuid,
    /// Its name, as `GET /roles` lists it.
    #[schema(max_length = 40)]
    role: String,
    /// Over which unit and all below; absent: over everything.
    unit: Option<Uuid>,
    /// From when, in milliseconds since 1970 UTC; absent: now.
    from: Option<i64>,
    /// The first instant it is no more.
    until: Option<i64>,
    /// Who signs with whoever asks: the account's owner, or another security or audit administrator. Needed for a role
    /// that may do more than read and count, when nobody vouched for the account.
    co_signer: Option<CoSignature>,
}

#[utoipa::path(post, path = "/grants", operation_id = "grants_give", tag = "accounts", request_body = GrantBody,
    responses((status = 201, body = GrantView), Problems), security(("session" = [])))]
async fn give(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Body(body): Body<GrantBody>,
) -> Result<(StatusCode, Json<GrantView>), ApiError> {
    permit(&ctx, Action::GrantsWrite, None)?;
    let role = Role::by_name(&body.role).ok_or_else(|| ApiError::invalid("role", "没有这个角色"))?;
    let new = NewGrant {
        account: AccountId(body.account),
        role,
        unit: body.unit.map(UnitId),
        from: body.from.map(Timestamp),
        until: body.until.map(Timestamp),
    };
    co_signing::on_account(app.db(), &ctx, Action::GrantsWrite, new.account).await?;
    let ctx = CoSignature::sign(body.co_signer, &app, &visit, ctx).await?;
    let row = app.write(move |db| async move { grants::give(&db, &ctx, new).await }).await?;
    Ok((StatusCode::CREATED, Json(row.into())))
}

#[utoipa::path(post, path = "/grants/{id}/end", operation_id = "grants_end", tag = "accounts",
    params(("id" = Uuid, Path)), request_body = Signed,
    responses((status = 200, body = GrantView), Problems), security(("session" = [])))]
async fn end(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Body(body): Body<Signed>,
) -> Result<Json<GrantView>, ApiError> {
    co_signing::on_grant(app.db(), &ctx, GrantId(id)).await?;
    let ctx = CoSignature::sign(body.co_signer, &app, &visit, ctx).await?;
    let row = app.write(move |db| async move { grants::end(&db, &ctx, GrantId(id)).await }).await?;
    Ok(Json(row.into()))
}

#[utoipa::path(get, path = "/tokens", operation_id = "tokens_list", tag = "accounts",
    responses((status = 200, body = [TokenView]), Problems), security(("session" = []), ("token" = [])))]
async fn list_tokens(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<TokenView>>, ApiError> {
    let rows = tokens::list(app.db(), &ctx, None).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// A token to be issued.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenBody {
    /// What device it is for.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// For whom it acts; they take the secret themselves.
    account: Uuid,
    /// What it may do: some of what its owner may.
    #[schema(min_items = 1, max_items = 100)]
    actions: Vec<String>,
    /// When it ends, in milliseconds since 1970 UTC.
    expires_at: i64,
}

#[utoipa::path(post, path = "/tokens", operation_id = "tokens_issue", tag = "accounts", request_body = TokenBody,
    responses((status = 201, body = TokenView), Problems), security(("session" = [])))]
async fn issue_token(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<TokenBody>,
) -> Result<(StatusCode, Json<TokenView>), ApiError> {
    permit(&ctx, Action::TokensWrite, None)?;
    let named = body.actions.iter().map(|name| Action::by_name(name)).collect::<Option<Vec<Action>>>();
    let actions = named.ok_or_else(|| ApiError::invalid("actions", "没有这项操作"))?;
    let new =
        NewToken { name: body.name, account: AccountId(body.account), actions, expires_at: Timestamp(body.expires_at) };
    let row = app.write(move |db| async move { tokens::issue(&db, &ctx, new.clone()).await }).await?;
    Ok((StatusCode::CREATED, Json(row.into())))
}

#[utoipa::path(post, path = "/tokens/{id}/revoke", operation_id = "tokens_revoke", tag = "accounts",
    params(("id" = Uuid, Path)), responses((status = 200, body = TokenView), Problems), security(("session" = [])))]
async fn revoke_token(
    State(app): State<App>,
    Present(me): Present,
    Path(id): Path<Uuid>,
) -> Result<Json<TokenView>, ApiError> {
    let row = app.write(move |db| async move { tokens::revoke(&db, &me.ctx, TokenId(id)).await }).await?;
    Ok(Json(row.into()))
}

#[utoipa::path(get, path = "/rules", operation_id = "rules_list", tag = "accounts",
    responses((status = 200, body = [RuleView]), Problems), security(("session" = []), ("token" = [])))]
async fn list_rules(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<RuleView>>, ApiError> {
    permit(&ctx, Action::AccountsRead, None)?;
    let rules = rules::current(app.db()).await?;
    let now = ctx.now();
    let show = |row: &crate::access::entity::rule::Model| {
        RuleView::new(row, rules.at(&row.name, now).is_some_and(|held| held.version == row.version))
    };
    Ok(Json(rules.rows().into_iter().map(show).collect()))
}

/// A rule set anew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RuleBody {
    /// Which; one that `GET /rules` lists.
    #[schema(max_length = 100)]
    name: String,
    /// What it says.
    #[schema(min_length = 1, max_length = 2000)]
    value: String,
    /// From when, in milliseconds since 1970 UTC, not before now; absent: now.
    effective_from: Option<i64>,
    /// The law or order it rests on.
    #[schema(min_length = 2, max_length = 500)]
    source: String,
}

#[utoipa::path(post, path = "/rules", operation_id = "rules_set", tag = "accounts", request_body = RuleBody,
    responses((status = 201, body = RuleView), Problems), security(("session" = [])))]
async fn set_rule(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<RuleBody>,
) -> Result<(StatusCode, Json<RuleView>), ApiError> {
    let new = NewRule {
        name: body.name,
        value: body.value,
        effective_from: body.effective_from.map(Timestamp),
        source: body.source,
    };
    let caller = ctx.clone();
    let row = app.write(move |db| async move { rules::set(&db, &ctx, new.clone()).await }).await?;
    // Asked of the clock as it stands now: a rule that begins at once begins when it is written.
    let in_force = row.effective_from <= caller.now();
    Ok((StatusCode::CREATED, Json(RuleView::new(&row, in_force))))
}

/// A line of the table: who may do it.
#[derive(Debug, Serialize, ToSchema)]
struct LineView {
    /// `room.verb`.
    action: &'static str,
    /// As people say it.
    name: &'static str,
    /// The roles that may.
    roles: Vec<&'static str>,
}

/// A role.
#[derive(Debug, Serialize, ToSchema)]
struct RoleView {
    role: &'static str,
    /// As people say it.
    name: &'static str,
}

/// The whole table role × action.
#[derive(Debug, Serialize, ToSchema)]
struct TableView {
    roles: Vec<RoleView>,
    actions: Vec<LineView>,
}

#[utoipa::path(get, path = "/roles", operation_id = "roles_table", tag = "accounts",
    responses((status = 200, body = TableView), Problems), security(("session" = []), ("token" = [])))]
async fn table(Caller(_ctx): Caller) -> Json<TableView> {
    let line = |action: &Action| LineView {
        action: action.name(),
        name: action.zh(),
        roles: roles_for(*action).iter().map(|role| role.name()).collect(),
    };
    let role = |role: &Role| RoleView { role: role.name(), name: role.zh() };
    Json(TableView { roles: Role::ALL.iter().map(role).collect(), actions: Action::ALL.iter().map(line).collect() })
}
