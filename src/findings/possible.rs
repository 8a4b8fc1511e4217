//! Which steps of a finding somebody could take now, and why not the others: a page greys what cannot be done and says
//! why. Whether a step is taken is decided when it is taken.

use sea_orm::ConnectionTrait;
use sea_orm::prelude::Uuid;

use super::entity::{finding, finding_evidence};
use super::error::FindingError;
use super::service::{standing, verifier};
use crate::access::{self, Action};
use crate::kernel::Ctx;
use crate::kernel::ids::PersonId;

/// Why a step cannot be taken; `None` when it can.
pub type Why = Option<String>;

/// Of each step, why not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the steps of the service")]
pub struct Possible {
    pub assign: Why,
    pub explain: Why,
    pub evidence: Why,
    pub send_back: Why,
    pub verify: Why,
    pub close: Why,
    pub reopen: Why,
}

/// What `ctx` could do with this finding.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    row: &finding::Model,
    evidence: &[finding_evidence::Model],
) -> Result<Possible, FindingError> {
    let now = standing(row);
    let there = |action: Action| -> Result<(), FindingError> {
        access::permit_somewhere(ctx, action)?;
        Ok(access::permit(ctx, action, row.unit_id)?)
    };
    let me = || ctx.person().ok_or(FindingError::NoPerson);
    let assign = there(Action::FindingsAssign).and_then(|()| Ok(now.assign(PersonId(Uuid::nil()))?));
    let may_explain = access::permit_somewhere(ctx, Action::FindingsExplain).map_err(FindingError::from);
    let explain = may_explain.and_then(|()| Ok(now.explain(me()?)?));
    let theirs = ctx.person().is_some() && row.owner_id == ctx.person();
    let may_add = if theirs {
        access::permit_somewhere(ctx, Action::FindingsExplain).map_err(FindingError::from)
    } else {
        there(Action::FindingsExplain)
    };
    let verify = match there(Action::FindingsVerify).and_then(|()| me()) {
        Ok(person) => {
            let by = verifier(db, row, person).await?;
            now.verify(by).map_err(FindingError::from)
        }
        Err(error) => Err(error),
    };
    let present: Vec<_> = evidence.iter().map(|piece| piece.kind).collect();
    let missing = row.kind.rule(row.opened_at).missing(&present);
    let close = there(Action::FindingsClose).and_then(|()| Ok(now.close(me()?, &missing)?));
    Ok(Possible {
        assign: why(assign),
        explain: why(explain),
        evidence: why(may_add.and_then(|()| Ok(now.add_evidence()?))),
        send_back: why(there(Action::FindingsVerify).and_then(|()| Ok(now.send_back()?))),
        verify: why(verify),
        close: why(close),
        reopen: why(there(Action::FindingsClose).and_then(|()| Ok(now.reopen()?))),
    })
}

fn why<T>(checked: Result<T, FindingError>) -> Why {
    checked.err().map(|error| error.to_string())
}
