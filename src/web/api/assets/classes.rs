//! `/api/v1/assets/classes`: the classes of GB/T 14885 with their lives, and the codes of the old edition.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::card_views::StructureName;
use crate::access::{Action, permit, permit_somewhere};
use crate::assets::classes::catalogue::RuleKind;
use crate::assets::classes::entity::{class, old_code};
use crate::assets::classes::service::{self, NewClass};
use crate::web::api::jobs::names;
use crate::web::error::Problems;
use crate::web::extract::{Body, Query};
use crate::web::{ApiError, App, Caller};

names! {
    /// What a class says of depreciation.
    ClassRuleName of RuleKind { Inherit, Years, None, }
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, set)).routes(routes!(resolve)).routes(routes!(old_codes, map))
}

/// What a class says from a day on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClassView {
    /// 分类代码
    pub code: String,
    /// Of buildings of one structure; blank for all.
    pub structure: String,
    /// Which row of its history, from 1.
    pub version: i64,
    /// 分类名称
    pub name: String,
    /// Whether, and how, its things are depreciated.
    pub rule: ClassRuleName,
    /// 最低使用年限
    pub life_years: Option<i64>,
    /// From which day on.
    pub effective_from: NaiveDate,
    /// On what it rests.
    pub source: String,
}

impl From<class::Model> for ClassView {
    fn from(row: class::Model) -> Self {
        Self {
            code: row.code,
            structure: row.structure,
            version: row.version,
            name: row.name,
            rule: row.rule.into(),
            life_years: row.life_years,
            effective_from: row.effective_from,
            source: row.source,
        }
    }
}

/// Every class with its history, in the order of codes.
#[utoipa::path(get, path = "/assets/classes", operation_id = "classes_list", tag = "assets",
    responses((status = 200, body = [ClassView]), Problems), security(("session" = []), ("token" = [])))]
async fn list(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<ClassView>>, ApiError> {
    permit_somewhere(&ctx, Action::OrgRead)?;
    let all = service::current(app.db()).await?;
    let rows = all.all().flat_map(|(.., rows)| rows.iter().cloned().map(ClassView::from));
    Ok(Json(rows.collect()))
}

/// A class as it is to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassBody {
    /// "A" and 2, 4, 6 or 8 digits.
    #[schema(min_length = 3, max_length = 9)]
    pub code: String,
    /// Of buildings of this structure only.
    pub structure: Option<StructureName>,
    /// 分类名称
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// Whether, and how, its things are depreciated.
    pub rule: ClassRuleName,
    /// 最低使用年限
    #[schema(minimum = 1, maximum = 100)]
    pub life_years: Option<i64>,
    /// From which day on; today when absent.
    pub effective_from: Option<NaiveDate>,
    /// The standard or order it rests on.
    #[schema(min_length = 1, max_length = 500)]
    pub source: String,
}

/// Sets a class anew, or for the first time.
#[utoipa::path(post, path = "/assets/classes", operation_id = "classes_set", tag = "assets", request_body = ClassBody,
    responses((status = 201, body = ClassView), Problems), security(("session" = []), ("token" = [])))]
async fn set(State(app): State<App>, Caller(ctx): Caller, Body(body): Body<ClassBody>) -> Result<Response, ApiError> {
    permit(&ctx, Action::RulesWrite, None)?;
    let new = NewClass {
        code: body.code,
        structure: body.structure.map(Into::into),
        name: body.name,
        rule: body.rule.into(),
        life_years: body.life_years,
        effective_from: body.effective_from.unwrap_or_else(|| ctx.now().day()),
        source: body.source,
    };
    let row = app.write(move |db| async move { service::set(&db, &ctx, &new).await }).await?;
    Ok((StatusCode::CREATED, Json(ClassView::from(row))).into_response())
}

/// A code to be read.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WrittenCode {
    /// As somebody wrote it, of either edition.
    #[param(min_length = 1, max_length = 64)]
    pub code: String,
}

/// What a code is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResolvedClassView {
    /// Today's code; the office's own when it is of neither edition.
    pub code: String,
    /// The code of GB/T 14885-2010 it came from; blank when it did not.
    pub old_code: String,
    /// The name of the class, or of the nearest above it.
    pub name: String,
    /// 最低使用年限; absent when its things are not depreciated, or no class says.
    pub life_years: Option<i64>,
}

/// Reads a code of either edition. One of the old edition that may be several classes, or none, is refused with a sentence
/// that names them.
#[utoipa::path(get, path = "/assets/classes/resolve", operation_id = "classes_resolve", tag = "assets",
    params(WrittenCode), responses((status = 200, body = ResolvedClassView), Problems),
    security(("session" = []), ("token" = [])))]
async fn resolve(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<WrittenCode>,
) -> Result<Json<ResolvedClassView>, ApiError> {
    permit_somewhere(&ctx, Action::OrgRead)?;
    let (all, today) = (service::current(app.db()).await?, ctx.now().day());
    let known = all.recognise(&asked.code).map_err(|reason| ApiError::invalid("code", reason))?;
    Ok(Json(ResolvedClassView {
        name: all.name(known.code(), today).to_owned(),
        life_years: all.ruling(known.code(), "", today).and_then(|row| row.life_years),
        old_code: known.old().to_owned(),
        code: known.code().to_owned(),
    }))
}

/// What a code of the old edition may be.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OldCodeView {
    /// 7 digits of GB/T 14885-2010.
    pub old_code: String,
    /// Codes of today.
    pub codes: Vec<String>,
}

impl From<old_code::Model> for OldCodeView {
    fn from(row: old_code::Model) -> Self {
        let codes = row.codes.split(',').filter(|code| !code.is_empty()).map(str::to_owned).collect();
        Self { old_code: row.old_code, codes }
    }
}

/// Every code of the old edition that is mapped.
#[utoipa::path(get, path = "/assets/classes/old-codes", operation_id = "classes_old_codes", tag = "assets",
    responses((status = 200, body = [OldCodeView]), Problems), security(("session" = []), ("token" = [])))]
async fn old_codes(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<OldCodeView>>, ApiError> {
    permit_somewhere(&ctx, Action::OrgRead)?;
    let all = service::current(app.db()).await?;
    let view = |(old, codes): (&str, &[String])| OldCodeView { old_code: old.to_owned(), codes: codes.to_vec() };
    Ok(Json(all.old_codes().into_iter().map(view).collect()))
}

/// What a code of the old edition is to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OldCodeBody {
    /// 7 digits of GB/T 14885-2010.
    #[schema(min_length = 7, max_length = 7)]
    pub old_code: String,
    /// Codes of today; none: no longer mapped.
    #[schema(max_items = 50)]
    pub codes: Vec<String>,
    /// On what it rests.
    #[schema(min_length = 1, max_length = 500)]
    pub source: String,
}

/// Says what a code of the old edition is today.
#[utoipa::path(post, path = "/assets/classes/old-codes", operation_id = "classes_map", tag = "assets",
    request_body = OldCodeBody, responses((status = 201, body = OldCodeView), Problems),
    security(("session" = []), ("token" = [])))]
async fn map(State(app): State<App>, Caller(ctx): Caller, Body(body): Body<OldCodeBody>) -> Result<Response, ApiError> {
    permit(&ctx, Action::RulesWrite, None)?;
    let row =
        app.write(move |db| async move { service::map(&db, &ctx, &body.old_code, &body.codes, &body.source).await });
    Ok((StatusCode::CREATED, Json(OldCodeView::from(row.await?))).into_response())
}
