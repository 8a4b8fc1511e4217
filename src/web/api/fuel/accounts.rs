//! Each car's account, and the numbers that decide.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::views::FuelLimitScopeName;
use super::{file, told};
use crate::access::{Action, permit, permit_somewhere};
use crate::vehicles::fuel::ledger::account::{self, Accounts};
use crate::vehicles::fuel::ledger::car_account;
use crate::vehicles::fuel::ledger::entity::limit;
use crate::vehicles::fuel::ledger::limits::{self, NewLimit};
use crate::vehicles::fuel::ledger::watch;
use crate::vehicles::fuel::{Knob, Rule};
use crate::vehicles::store as cars;
use crate::web::error::Problems;
use crate::web::extract::{Body, Path, Query};
use crate::web::{ApiError, App, Caller};

/// Which months, and as what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountFilter {
    /// The first month, `2026-11`.
    #[param(example = "2026-11")]
    pub from: String,
    /// The last; the first when not said.
    pub to: Option<String>,
    /// `xlsx` or `pdf`; JSON when not said.
    #[serde(rename = "as")]
    #[param(rename = "as")]
    pub kind: Option<String>,
}

/// A car's account.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    /// Its item.
    pub item_id: Option<Uuid>,
    /// Its plate.
    pub plate: String,
    /// Kilometres.
    pub km: f64,
    /// Litres; kWh of an electric car.
    pub litres: f64,
    /// L/100 km.
    pub litres_per_100km: Option<f64>,
    /// Fuel, yuan.
    pub fuel_cost: f64,
    /// Repairs, yuan.
    pub repair_cost: f64,
    /// Yuan a kilometre.
    pub cost_per_km: Option<f64>,
    /// Fills.
    pub fills: u32,
    /// Anomalies.
    pub anomalies: u32,
}

/// 单车核算: each car's kilometres, litres, costs.
#[utoipa::path(get, path = "/fuel/accounts", operation_id = "fuel_accounts", tag = "fuel", params(AccountFilter),
    responses((status = 200, body = Vec<AccountView>), Problems), security(("session" = []), ("token" = [])))]
pub(in crate::web) async fn accounts(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<AccountFilter>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FuelRead)?;
    let to = filter.to.unwrap_or_else(|| filter.from.clone());
    let found = account::accounts(app.db(), &ctx, &filter.from, &to).await.map_err(told)?;
    match filter.kind.as_deref() {
        None => Ok(Json(views(found)).into_response()),
        Some("xlsx") => {
            let made = tokio::task::spawn_blocking(move || found.xlsx()).await.map_err(|_| ApiError::Internal)?;
            let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            Ok(file(made.map_err(|_| ApiError::Internal)?, kind, "vehicle-accounts.xlsx"))
        }
        Some("pdf") => {
            let now = ctx.now();
            let made = tokio::task::spawn_blocking(move || found.pdf(now)).await.map_err(|_| ApiError::Internal)?;
            Ok(file(made.map_err(told)?, "application/pdf", "vehicle-accounts.pdf"))
        }
        Some(_) => Err(ApiError::invalid("as", "应为 xlsx 或 pdf")),
    }
}

fn views(found: Accounts) -> Vec<AccountView> {
    let view = |line: account::Line| AccountView {
        item_id: line.item.map(|item| item.0),
        plate: line.plate,
        km: line.km,
        litres: line.litres,
        litres_per_100km: line.per_100km,
        fuel_cost: line.fuel_cost,
        repair_cost: line.repair_cost,
        cost_per_km: line.per_km,
        fills: line.fills,
        anomalies: line.anomalies,
    };
    found.lines.into_iter().map(view).collect()
}

/// From full to full.
#[derive(Debug, Serialize, ToSchema)]
pub struct FuelIntervalView {
    /// The record that ends it.
    pub record_id: Uuid,
    /// When: milliseconds since 1970 in UTC.
    pub at: i64,
    /// Kilometres.
    pub km: f64,
    /// Litres.
    pub litres: f64,
    /// L/100 km.
    pub litres_per_100km: f64,
    /// The rules that speak of the fill that ends it.
    pub rules: Vec<String>,
}

/// A month of a car.
#[derive(Debug, Serialize, ToSchema)]
pub struct FuelMonthView {
    /// `2026-11`.
    pub month: String,
    /// Kilometres.
    pub km: f64,
    /// Litres; kWh of an electric car.
    pub litres: f64,
    /// Fuel, yuan.
    pub fuel_cost: f64,
    /// Repairs, yuan.
    pub repair_cost: f64,
    /// Fills.
    pub fills: u32,
}

/// One car's account of the last year.
#[derive(Debug, Serialize, ToSchema)]
pub struct CarAccountView {
    /// Its plate.
    pub plate: String,
    /// What it usually burns, L/100 km; none of an electric car or while too little is known.
    pub usual: Option<f64>,
    /// Below which hardly an interval lies.
    pub low: Option<f64>,
    /// Above which hardly an interval lies.
    pub high: Option<f64>,
    /// Its place among the cars of its model, thriftiest first.
    pub rank: Option<usize>,
    /// Of how many.
    pub of: Option<usize>,
    /// In order of time.
    pub intervals: Vec<FuelIntervalView>,
    /// The latest first.
    pub months: Vec<FuelMonthView>,
}

/// 单车核算 of one car: its intervals from full to full, its months, its usual band.
#[utoipa::path(get, path = "/fuel/accounts/{plate}", operation_id = "fuel_car_account", tag = "fuel",
    params(("plate" = String, Path, description = "车牌号、资产编号或标签码")),
    responses((status = 200, body = CarAccountView), Problems), security(("session" = []), ("token" = [])))]
pub(in crate::web) async fn car_account(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(plate): Path<String>,
) -> Result<Json<CarAccountView>, ApiError> {
    permit_somewhere(&ctx, Action::FuelRead)?;
    let car = cars::car(app.db().read(), &ctx, &plate).await?;
    let found = car_account::of_car(app.db(), &ctx, car.item.id).await.map_err(told)?;
    let intervals = found.marks.into_iter().map(|mark| FuelIntervalView {
        record_id: mark.record,
        at: mark.at.0,
        km: mark.km,
        litres: mark.litres,
        litres_per_100km: mark.per_100km,
        rules: mark.rules.iter().map(|rule| rule.as_str().to_owned()).collect(),
    });
    let months = found.months.into_iter().map(|one| FuelMonthView {
        month: one.name,
        km: one.km,
        litres: one.amount,
        fuel_cost: one.fuel,
        repair_cost: one.repairs,
        fills: one.fills,
    });
    Ok(Json(CarAccountView {
        plate: found.year.plate,
        usual: found.year.habit.map(|habit| habit.0),
        low: found.year.habit.map(|habit| habit.1),
        high: found.year.habit.map(|habit| habit.2),
        rank: found.year.rank.map(|rank| rank.0),
        of: found.year.rank.map(|rank| rank.1),
        intervals: intervals.collect(),
        months: months.collect(),
    }))
}

/// A number that decides, as it was set.
#[derive(Debug, Serialize, ToSchema)]
pub struct LimitView {
    /// Which.
    pub knob: String,
    /// For which cars.
    pub scope: FuelLimitScopeName,
    /// The use or the model; blank for all.
    pub scope_value: String,
    /// In thousandths.
    pub value_milli: i64,
    /// From when on.
    pub effective_from: NaiveDate,
    /// What it rests on.
    pub source: String,
}

impl From<limit::Model> for LimitView {
    fn from(row: limit::Model) -> Self {
        Self {
            knob: row.knob,
            scope: row.scope.into(),
            scope_value: row.scope_value,
            value_milli: row.value_milli,
            effective_from: row.effective_from,
            source: row.source,
        }
    }
}

/// How many of the last year's fills a rule speaks of.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleCount {
    /// The rule.
    pub rule: String,
    /// How many.
    pub fills: usize,
}

/// The numbers that decide, and what they flagged.
#[derive(Debug, Serialize, ToSchema)]
pub struct LimitsView {
    /// All that was set, by day.
    pub set: Vec<LimitView>,
    /// How many of the last year's fills each rule speaks of at what holds today.
    pub last_year: Vec<RuleCount>,
}

/// The numbers that decide, and how many of the last year's fills each rule speaks of.
#[utoipa::path(get, path = "/fuel/limits", operation_id = "fuel_list_limits", tag = "fuel",
    responses((status = 200, body = LimitsView), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn list_limits(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<LimitsView>, ApiError> {
    permit(&ctx, Action::FuelRead, None)?;
    let set = limits::all(app.db().read()).await?.into_iter().map(LimitView::from).collect();
    let flagged = watch::last_year(app.db(), &ctx).await.map_err(told)?;
    let count = |(rule, fills): (Rule, usize)| RuleCount { rule: rule.as_str().to_owned(), fills };
    Ok(Json(LimitsView { set, last_year: flagged.into_iter().map(count).collect() }))
}

/// A number as it is set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitBody {
    /// Which.
    #[schema(example = "consumption_z")]
    pub knob: String,
    /// For which cars.
    pub scope: FuelLimitScopeName,
    /// The use or the model; blank for all.
    pub scope_value: Option<String>,
    /// To what.
    pub value: f64,
    /// From when on.
    pub effective_from: NaiveDate,
    /// What it rests on.
    #[schema(min_length = 1, max_length = 500)]
    pub source: String,
}

/// A number is set anew from a day on.
#[utoipa::path(post, path = "/fuel/limits", operation_id = "fuel_set_limit", tag = "fuel", request_body = LimitBody,
    responses((status = 201, body = LimitView), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn set_limit(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<LimitBody>,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::RulesWrite, None)?;
    let knob = Knob::ALL.iter().copied().find(|knob| knob.as_str() == body.knob);
    let new = NewLimit {
        knob: knob.ok_or_else(|| ApiError::invalid("knob", "没有这一项阈值"))?,
        scope: body.scope.into(),
        scope_value: body.scope_value.unwrap_or_default(),
        value: body.value,
        effective_from: body.effective_from,
        source: body.source,
    };
    let done = app.write_or(move |db| async move { limits::set(&db, &ctx, &new).await }).await?;
    Ok((StatusCode::CREATED, Json(LimitView::from(done.map_err(told)?))).into_response())
}
