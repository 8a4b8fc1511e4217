//! How a ledger's refusal is answered.

use crate::ledger::LedgerError;
use crate::web::ApiError;

impl From<LedgerError> for ApiError {
    fn from(error: LedgerError) -> Self {
        let said = error.to_string();
        match error {
            LedgerError::NotFound(_) => Self::NotFound(said),
            LedgerError::Field { field, reason } => Self::invalid(field, reason),
            LedgerError::Conflict(said) => Self::Conflict(said),
            LedgerError::NoPerson => Self::Forbidden(said),
            LedgerError::Item(error) => error.into(),
            LedgerError::Approval(error) => error.into(),
            LedgerError::Org(error) => error.into(),
            LedgerError::Forbidden(error) => error.into(),
            LedgerError::Db(error) => error.into(),
        }
    }
}
