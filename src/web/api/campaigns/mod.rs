//! `/api/v1`: campaigns, their sheets, scans and what they find.

mod life;
mod phone;
mod phone_views;
mod photos;
mod results;
mod scans;
mod sheets;
mod views;

pub(in crate::web) use results::Scratch;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::db::group::GroupError;
use crate::db::{DbError, FromDb as _};
use crate::stocktake::StocktakeError;
use crate::stocktake::model::Refusal;
use crate::web::{ApiError, App};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(life::list, life::open))
        .routes(routes!(life::show))
        .routes(routes!(life::recount))
        .routes(routes!(life::close))
        .routes(routes!(sheets::show))
        .routes(routes!(sheets::expected))
        .routes(routes!(sheets::submit))
        .routes(routes!(sheets::confirm))
        .routes(routes!(scans::record))
        .routes(routes!(scans::undo))
        .routes(routes!(results::differences))
        .routes(routes!(results::leads))
        .routes(routes!(results::workbook))
        .routes(routes!(results::document))
        .routes(routes!(results::missing, results::carry_over))
        .merge(phone::router())
        .merge(photos::router())
}

/// A campaign's number from the address: one that no campaign can have names none.
fn campaign_number(written: String) -> Result<String, ApiError> {
    let length = written.chars().count();
    if length == 0 || length > MOST_NUMBER || written.contains('\0') {
        return Err(StocktakeError::NoCampaign(written.chars().take(MOST_NUMBER).collect()).into());
    }
    Ok(written)
}

/// Characters of a campaign's number.
const MOST_NUMBER: usize = 40;

/// A text for people, trimmed: so long at most, and nothing in it that cannot be kept.
fn sentence(field: &str, text: &str, most: usize) -> Result<String, ApiError> {
    let text = text.trim();
    if text.chars().count() > most {
        return Err(ApiError::invalid(field, format!("最多 {most} 字")));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(ApiError::invalid(field, "文字中有不能保存的字符"));
    }
    Ok(text.to_owned())
}

impl From<StocktakeError> for ApiError {
    fn from(error: StocktakeError) -> Self {
        let words = error.to_string();
        match error {
            StocktakeError::NoCampaign(_)
            | StocktakeError::UnitOutOfScope(_)
            | StocktakeError::NoSuchScan(_)
            | StocktakeError::NoScan(_) => Self::NotFound(words),
            StocktakeError::NoSuchThing(_) | StocktakeError::NotExpected(_) => Self::invalid("items", words),
            StocktakeError::DuplicateCampaign(_) | StocktakeError::UndoneAlready(_) | StocktakeError::PhotoIdTaken => {
                Self::Conflict(words)
            }
            StocktakeError::EmptyScope(_) => {
                Self::invalid("scope", "盘点范围内在基准日没有在账物品，请检查范围与基准日")
            }
            StocktakeError::Field { field, reason } => Self::invalid(field, reason),
            StocktakeError::WindowBackwards => Self::invalid("to", words),
            StocktakeError::Forbidden(forbidden) => forbidden.into(),
            StocktakeError::Refused(refusal) => refused(&refusal),
            StocktakeError::Db(error) => error.into(),
            StocktakeError::Reconcile(_) | StocktakeError::Item(_) | StocktakeError::Report(_) => {
                tracing::error!(error = ?error, "a stocktake failed");
                Self::Internal
            }
        }
    }
}

fn refused(refusal: &Refusal) -> ApiError {
    match refusal {
        Refusal::OwnCount(_) | Refusal::KeeperConfirms(_) | Refusal::NotTheHead(_) | Refusal::NoHead(_) => {
            ApiError::Forbidden(refusal.to_string())
        }
        Refusal::SameCounter(_) => ApiError::invalid("assignee", refusal.to_string()),
        Refusal::SheetsOpen(count, units) => ApiError::Conflict(format!(
            "还有 {count} 个单位的盘点表未确认：{units}。如确需结束，请在 leave_open 中写明理由"
        )),
        Refusal::Campaign { .. } | Refusal::Sheet { .. } => ApiError::Conflict(refusal.to_string()),
        Refusal::Scan(_) | Refusal::IdTaken | Refusal::NotYours(_) | Refusal::CountedBefore => {
            ApiError::Invalid { field: None, reason: refusal.to_string() }
        }
    }
}

impl From<GroupError<StocktakeError>> for ApiError {
    fn from(error: GroupError<StocktakeError>) -> Self {
        match error {
            GroupError::Work(error) => error.into(),
            GroupError::Together(error) => {
                if !matches!(error.db(), Some(DbError::Busy(_))) {
                    tracing::error!(error = ?error, "scans could not be recorded");
                }
                // Nothing of it was written: the phone keeps it and comes again.
                Self::Busy
            }
            GroupError::Full | GroupError::Ended => Self::Busy,
        }
    }
}
