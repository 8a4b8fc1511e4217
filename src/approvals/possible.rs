//! What somebody could do with a request now, and why not the rest: a page greys what cannot be done and says why.
//! Whether it is done is decided when it is done.

use sea_orm::ConnectionTrait;

use super::chains;
use super::error::ApprovalError;
use super::model::Refusal;
use super::service::standing;
use super::store::Shown;
use crate::access::{self, Action};
use crate::kernel::Ctx;

/// Why something cannot be done; `None` when it can.
pub type Why = Option<String>;

/// Of each deed, why not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the deeds of the service")]
pub struct Possible {
    pub decide: Why,
    pub withdraw: Why,
    pub use_first: Why,
}

/// What `ctx` could do with this request, which they may see.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &impl ConnectionTrait, ctx: &Ctx, shown: &Shown) -> Result<Possible, ApprovalError> {
    let chain = chains::of(db, &shown.row.kind, shown.row.chain_from).await?;
    let urgent = chain.is_some_and(|chain| chain.ratify_within_h.is_some());
    let now = standing(&shown.row);
    Ok(Possible {
        decide: why(decide(ctx, shown)),
        withdraw: why(own(ctx, shown).and_then(|()| Ok(now.withdraw()?))),
        use_first: why(own(ctx, shown).and_then(|()| Ok(now.use_first(urgent)?))),
    })
}

fn why<T>(checked: Result<T, ApprovalError>) -> Why {
    checked.err().map(|error| error.to_string())
}

fn decide(ctx: &Ctx, shown: &Shown) -> Result<(), ApprovalError> {
    let me = ctx.person().ok_or(ApprovalError::NoPerson)?;
    access::permit_somewhere(ctx, Action::ApprovalsDecide)?;
    standing(&shown.row).decide(shown.row.step, true)?;
    if shown.row.requested_by == me {
        return Err(Refusal::OwnRequest.into());
    }
    if shown.decisions.iter().any(|one| one.decided_by == me || one.on_behalf_of == Some(me)) {
        return Err(Refusal::DecidedBefore.into());
    }
    if !shown.for_me {
        return Err(Refusal::NotYours.into());
    }
    if shown.deciders.contains(&me) {
        access::permit(ctx, Action::ApprovalsDecide, Some(shown.row.unit_id))?;
    }
    Ok(())
}

fn own(ctx: &Ctx, shown: &Shown) -> Result<(), ApprovalError> {
    let me = ctx.person().ok_or(ApprovalError::NoPerson)?;
    access::permit_somewhere(ctx, Action::ApprovalsRequest)?;
    if shown.row.requested_by != me {
        return Err(Refusal::NotTheRequester.into());
    }
    Ok(access::permit(ctx, Action::ApprovalsRequest, Some(shown.row.unit_id))?)
}
