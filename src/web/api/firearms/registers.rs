//! 四本、两账 of a store and a time: as rows, as a printed book, as CSV. Whoever looks is written down.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::{Action, permit_somewhere};
use crate::firearms::registers::{self, Book, Register};
use crate::kernel::Ctx;
use crate::web::api::jobs::names;
use crate::web::error::Problems;
use crate::web::extract::{Path, Query};
use crate::web::{ApiError, App, Caller};

names! {
    /// Which of 四本、两账.
    RegisterName of Book { Draws, Shifts, Upkeep, Visits, Equipment, Officers, }
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show)).routes(routes!(pdf)).routes(routes!(csv))
}

/// Of which store, and from when until when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RegisterFilter {
    /// The number of the store; of 交接 and 两账 all stores of its unit.
    #[param(min_length = 1, max_length = 40)]
    pub store: String,
    /// The first day.
    pub from: NaiveDate,
    /// The last day; a year at most.
    pub until: NaiveDate,
}

/// A table of a register.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RegisterPart {
    /// Blank where the register has one.
    pub title: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

/// A register.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RegisterView {
    /// Which.
    pub book: RegisterName,
    /// Its name.
    pub title: String,
    /// 单位
    pub unit: String,
    /// The store's number and name.
    pub store: String,
    /// Whether numbers and names stand in full.
    pub in_full: bool,
    /// Its tables.
    pub parts: Vec<RegisterPart>,
}

async fn read(app: &App, ctx: &Ctx, book: RegisterName, asked: RegisterFilter) -> Result<Register, ApiError> {
    permit_somewhere(ctx, Action::FirearmsRead)?;
    let (asker, book, days) = (ctx.clone(), book.into(), (asked.from, asked.until));
    app.write(move |db| async move { registers::read(&db, &asker, book, &asked.store, days).await }).await
}

/// 四本、两账
#[utoipa::path(get, path = "/firearms/registers/{book}", operation_id = "registers_show", tag = "firearms",
    params(("book" = RegisterName, Path, description = "登记本"), RegisterFilter),
    responses((status = 200, body = RegisterView), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(book): Path<RegisterName>,
    Query(asked): Query<RegisterFilter>,
) -> Result<Json<RegisterView>, ApiError> {
    let register = read(&app, &ctx, book, asked).await?;
    let part = |part: registers::Part| RegisterPart {
        title: part.title.to_owned(),
        columns: part.columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
        rows: part.rows,
    };
    Ok(Json(RegisterView {
        book,
        title: register.book.zh().to_owned(),
        unit: register.unit,
        store: register.store,
        in_full: register.in_full,
        parts: register.parts.into_iter().map(part).collect(),
    }))
}

/// A file to save; its name is plain.
fn file(name: &str, kind: &'static str, bytes: Vec<u8>) -> Response {
    let named = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, named)], bytes).into_response()
}

/// As a printed book.
#[utoipa::path(get, path = "/firearms/registers/{book}/book.pdf", operation_id = "registers_pdf", tag = "firearms",
    params(("book" = RegisterName, Path, description = "登记本"), RegisterFilter),
    responses((status = 200, description = "The book", body = Vec<u8>, content_type = "application/pdf"), Problems),
    security(("session" = []), ("token" = [])))]
pub(in crate::web) async fn pdf(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(book): Path<RegisterName>,
    Query(asked): Query<RegisterFilter>,
) -> Result<Response, ApiError> {
    let register = read(&app, &ctx, book, asked).await?;
    let name = format!("{}.pdf", register.file_name());
    let made = tokio::task::spawn_blocking(move || register.bytes()).await;
    let bytes = made.map_err(|_| ApiError::Internal)??;
    Ok(file(&name, "application/pdf", bytes))
}

/// As CSV.
#[utoipa::path(get, path = "/firearms/registers/{book}/book.csv", operation_id = "registers_csv", tag = "firearms",
    params(("book" = RegisterName, Path, description = "登记本"), RegisterFilter),
    responses((status = 200, description = "The rows", body = Vec<u8>, content_type = "text/csv"), Problems),
    security(("session" = []), ("token" = [])))]
pub(in crate::web) async fn csv(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(book): Path<RegisterName>,
    Query(asked): Query<RegisterFilter>,
) -> Result<Response, ApiError> {
    let register = read(&app, &ctx, book, asked).await?;
    Ok(file(&format!("{}.csv", register.file_name()), "text/csv; charset=utf-8", register.csv()))
}
