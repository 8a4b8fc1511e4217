//! Accounts, for the system administrator; and people who leave.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::{Extension, Json};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::views::{AccountView, LinkView};
use super::{CoSignature, Signed};
use crate::access::accounts::{self, Invited};
use crate::access::{Action, co_signing, link_id_number, links};
use crate::handover;
use crate::kernel::ids::{AccountId, PersonId};
use crate::web::error::Problems;
use crate::web::extract::{Body, Page, Paging, Path, Query};
use crate::web::layers::Visit;
use crate::web::{ApiError, App, Caller};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show))
        .routes(routes!(close))
        .routes(routes!(reset_password))
        .routes(routes!(reset_second_factor))
        .routes(routes!(order_new_password))
        .routes(routes!(unlock))
        .routes(routes!(close_person))
        .routes(routes!(link_certificate))
}

#[utoipa::path(get, path = "/accounts", operation_id = "accounts_list", tag = "accounts", params(Paging),
    responses((status = 200, body = Page<AccountView>), Problems), security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<AccountView>>, ApiError> {
    let limit = paging.rows()?;
    let after = paging.after.as_deref().filter(|after| !after.is_empty());
    if after.is_some_and(|after| after.contains('\0')) {
        return Err(ApiError::invalid("after", "请使用上一页给出的 next"));
    }
    let rows = accounts::list(app.db(), &ctx, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |row| row.account.login_key.clone());
    Ok(Json(Page { rows: page.rows.into_iter().map(Into::into).collect(), next: page.next }))
}

#[utoipa::path(get, path = "/accounts/{id}", operation_id = "accounts_show", tag = "accounts", params(("id" = Uuid, Path)),
    responses((status = 200, body = AccountView), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<AccountView>, ApiError> {
    Ok(Json(accounts::show(app.db(), &ctx, AccountId(id)).await?.into()))
}

/// An account to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    /// Letters (Chinese too), digits, `. _ - @`.
    #[schema(min_length = 2, max_length = 64)]
    login: String,
    /// Whose it is.
    person: Uuid,
    /// The security or audit administrator, who vouches for where the link goes; without one, a role that decides takes
    /// a second signature when it is given.
    co_signer: Option<CoSignature>,
}

fn link_view(invited: Invited) -> LinkView {
    let link_path = invited.path();
    LinkView { account: invited.account.id.into(), login: invited.account.login, link: invited.link, link_path }
}

#[utoipa::path(post, path = "/accounts", operation_id = "accounts_create", tag = "accounts", request_body = NewAccount,
    responses((status = 201, body = LinkView, headers(("Location" = String))), Problems), security(("session" = [])))]
async fn create(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Body(new): Body<NewAccount>,
) -> Result<(StatusCode, [(header::HeaderName, String); 1], Json<LinkView>), ApiError> {
    co_signing::on_person(app.db(), &ctx, Action::AccountsWrite, PersonId(new.person)).await?;
    let ctx = CoSignature::sign(new.co_signer, &app, &visit, ctx).await?;
    let invited =
        app.write(move |db| async move { accounts::create(&db, &ctx, &new.login, PersonId(new.person)).await }).await?;
    let location = format!("/api/v1/accounts/{}", invited.account.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(link_view(invited))))
}

#[utoipa::path(post, path = "/accounts/{id}/close", operation_id = "accounts_close", tag = "accounts",
    params(("id" = Uuid, Path)), request_body = Signed,
    responses((status = 204, description = "Closed for good"), Problems), security(("session" = [])))]
async fn close(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Body(body): Body<Signed>,
) -> Result<StatusCode, ApiError> {
    co_signing::on_account(app.db(), &ctx, Action::AccountsWrite, AccountId(id)).await?;
    let ctx = CoSignature::sign(body.co_signer, &app, &visit, ctx).await?;
    app.write(move |db| async move { accounts::close(&db, &ctx, AccountId(id)).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/accounts/{id}/reset-password", operation_id = "accounts_reset_password", tag = "accounts",
    params(("id" = Uuid, Path)), request_body = Signed,
    responses((status = 200, body = LinkView), Problems), security(("session" = [])))]
async fn reset_password(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Body(body): Body<Signed>,
) -> Result<Json<LinkView>, ApiError> {
    co_signing::on_account(app.db(), &ctx, Action::AccountsWrite, AccountId(id)).await?;
    let ctx = CoSignature::sign(body.co_signer, &app, &visit, ctx).await?;
    let invited = app.write(move |db| async move { links::reset(&db, &ctx, AccountId(id)).await }).await?;
    Ok(Json(link_view(invited)))
}

#[utoipa::path(post, path = "/accounts/{id}/reset-second-factor", operation_id = "accounts_reset_second_factor",
    tag = "accounts", params(("id" = Uuid, Path)), request_body = Signed,
    responses((status = 204, description = "The phone is off the account"), Problems), security(("session" = [])))]
async fn reset_second_factor(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Body(body): Body<Signed>,
) -> Result<StatusCode, ApiError> {
    co_signing::on_account(app.db(), &ctx, Action::SecondFactorReset, AccountId(id)).await?;
    let ctx = CoSignature::sign(body.co_signer, &app, &visit, ctx).await?;
    app.write(move |db| async move { accounts::reset_second_factor(&db, &ctx, AccountId(id)).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/accounts/{id}/order-new-password", operation_id = "accounts_order_new_password",
    tag = "accounts", params(("id" = Uuid, Path)),
    responses((status = 204, description = "A new password is asked for"), Problems), security(("session" = [])))]
async fn order_new_password(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    app.write(move |db| async move { accounts::order_new_password(&db, &ctx, AccountId(id)).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/accounts/{id}/unlock", operation_id = "accounts_unlock", tag = "accounts",
    params(("id" = Uuid, Path)), responses((status = 204, description = "Unlocked"), Problems), security(("session" = [])))]
async fn unlock(State(app): State<App>, Caller(ctx): Caller, Path(id): Path<Uuid>) -> Result<StatusCode, ApiError> {
    app.write(move |db| async move { accounts::unlock(&db, &ctx, AccountId(id)).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/people/{id}/close", operation_id = "accounts_close_person", tag = "accounts",
    params(("id" = Uuid, Path)), request_body = Signed,
    responses((status = 204, description = "Gone, with their account"), Problems), security(("session" = [])))]
async fn close_person(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Body(body): Body<Signed>,
) -> Result<StatusCode, ApiError> {
    co_signing::on_person(app.db(), &ctx, Action::PersonClose, PersonId(id)).await?;
    let ctx = CoSignature::sign(body.co_signer, &app, &visit, ctx).await?;
    app.write(move |db| async move { handover::close_person(&db, &ctx, PersonId(id)).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The ID number in somebody's client certificate; only a keyed hash of it is kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct IdNumber {
    /// 18 characters.
    #[schema(max_length = 32)]
    id_number: String,
    /// The security or audit administrator, who signs every link: a certificate opens an account by itself.
    co_signer: Option<CoSignature>,
}

#[utoipa::path(post, path = "/people/{id}/certificate", operation_id = "accounts_link_certificate", tag = "accounts",
    params(("id" = Uuid, Path)), request_body = IdNumber,
    responses((status = 204, description = "Linked; every session of theirs ended"), Problems), security(("session" = [])))]
async fn link_certificate(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Body(body): Body<IdNumber>,
) -> Result<StatusCode, ApiError> {
    co_signing::on_person(app.db(), &ctx, Action::AccountsWrite, PersonId(id)).await?;
    let ctx = CoSignature::sign(body.co_signer, &app, &visit, ctx).await?;
    app.write(move |db| async move { link_id_number(&db, &ctx, PersonId(id), &body.id_number).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}
