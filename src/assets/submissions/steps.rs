//! After it was prepared: reviewed, approved, submitted by those whose turn it is; sent back with the reason; given up.

use serde_json::json;

use super::entity::submission;
use super::model::{Deed, State};
use super::service::{figures_told, load, record, refused, save, step};
use crate::access::{Action, Forbidden, permit, permit_somewhere};
use crate::assets::AssetError;
use crate::assets::movements::service::words;
use crate::db::Db;
use crate::journal::RowsDigest;
use crate::kernel::Ctx;
use crate::kernel::ids::PersonId;
use crate::kernel::text::fault;

/// Refuses whoever has signed before.
fn another(me: PersonId, before: &[Option<PersonId>]) -> Result<(), AssetError> {
    if before.contains(&Some(me)) {
        return Err(Forbidden::SamePerson("编制、复核、审批须由三人分别办理，您已在前一环节签署").into());
    }
    Ok(())
}

/// An opinion: blank, or a line that can be kept.
fn opinion(note: &str) -> Result<String, AssetError> {
    match fault(note.trim(), 500) {
        Some(reason) => Err(AssetError::field("note", reason)),
        None => Ok(note.trim().to_owned()),
    }
}

/// Somebody else has looked at it and finds it right.
///
/// # Errors
/// When it is not theirs to review, they prepared it, or it is not its turn.
pub async fn review(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    note: &str,
) -> Result<submission::Model, AssetError> {
    permit_somewhere(ctx, Action::SubmissionsReview)?;
    let me = ctx.person().ok_or(AssetError::NoPerson)?;
    let note = opinion(note)?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        permit(ctx, Action::SubmissionsReview, row.unit_id)?;
        let state = row.state.after(Deed::Review).map_err(refused)?;
        another(me, &[row.prepared_by])?;
        let row =
            save(tx, submission::Model { state, reviewed_by: Some(me), reviewed_at: Some(ctx.now()), ..row }).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        step(tx, ctx, &row, Deed::Review, &note, &mut rows).await?;
        record(tx, ctx, "submissions.review", &row, figures_told(&row), rows).await?;
        Ok(row)
    })
    .await
}

/// A third lets it leave the house.
///
/// # Errors
/// When it is not theirs to approve, they prepared or reviewed it, or it is not its turn.
pub async fn approve(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    note: &str,
) -> Result<submission::Model, AssetError> {
    permit_somewhere(ctx, Action::SubmissionsApprove)?;
    let me = ctx.person().ok_or(AssetError::NoPerson)?;
    let note = opinion(note)?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        permit(ctx, Action::SubmissionsApprove, row.unit_id)?;
        let state = row.state.after(Deed::Approve).map_err(refused)?;
        another(me, &[row.prepared_by, row.reviewed_by])?;
        let row =
            save(tx, submission::Model { state, approved_by: Some(me), approved_at: Some(ctx.now()), ..row }).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        step(tx, ctx, &row, Deed::Approve, &note, &mut rows).await?;
        record(tx, ctx, "submissions.approve", &row, figures_told(&row), rows).await?;
        Ok(row)
    })
    .await
}

/// It was sent: to whom, and under which number they took it.
///
/// # Errors
/// When it is not theirs to send, it does not say to whom, or it is not its turn.
pub async fn submit(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    sent_to: &str,
    receipt: &str,
) -> Result<submission::Model, AssetError> {
    permit_somewhere(ctx, Action::SubmissionsSubmit)?;
    let me = ctx.person().ok_or(AssetError::NoPerson)?;
    let sent_to = words("sent_to", sent_to, "报送对象")?;
    let receipt = match fault(receipt.trim(), 200) {
        Some(reason) => return Err(AssetError::field("receipt", reason)),
        None => receipt.trim().to_owned(),
    };
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        permit(ctx, Action::SubmissionsSubmit, row.unit_id)?;
        let state = row.state.after(Deed::Submit).map_err(refused)?;
        let sent = submission::Model {
            state,
            open_of: None,
            submitted_by: Some(me),
            submitted_at: Some(ctx.now()),
            sent_to: sent_to.clone(),
            receipt: receipt.clone(),
            ..row
        };
        let row = save(tx, sent).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        step(tx, ctx, &row, Deed::Submit, &sent_to, &mut rows).await?;
        let mut payload = figures_told(&row);
        payload["sent_to"] = json!(row.sent_to);
        payload["receipt"] = json!(row.receipt);
        record(tx, ctx, "submissions.submit", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

/// Whose turn it is to look at it: who may also send it back.
#[must_use]
pub const fn turn(state: State) -> Option<Action> {
    match state {
        State::Draft => Some(Action::SubmissionsPrepare),
        State::Prepared => Some(Action::SubmissionsReview),
        State::Reviewed => Some(Action::SubmissionsApprove),
        State::Approved => Some(Action::SubmissionsSubmit),
        State::Submitted | State::Void => None,
    }
}

/// Whoever's turn it is sends it back to be put right; who signed before signs again.
///
/// # Errors
/// When it is not their turn, or no reason is given.
pub async fn send_back(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    reason: &str,
) -> Result<submission::Model, AssetError> {
    permit_somewhere(ctx, Action::SubmissionsRead)?;
    let reason = words("reason", reason, "退回的原因")?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        let state = row.state.after(Deed::SendBack).map_err(refused)?;
        if let Some(action) = turn(row.state) {
            permit(ctx, action, row.unit_id)?;
        }
        let cleared = submission::Model {
            state,
            prepared_by: None,
            prepared_at: None,
            reviewed_by: None,
            reviewed_at: None,
            approved_by: None,
            approved_at: None,
            ..row
        };
        let row = save(tx, cleared).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        step(tx, ctx, &row, Deed::SendBack, &reason, &mut rows).await?;
        record(tx, ctx, "submissions.send_back", &row, json!({ "reason": reason }), rows).await?;
        Ok(row)
    })
    .await
}

/// Gives a submission up that was not sent; its lines and steps stay.
///
/// # Errors
/// When it is not theirs to give up, no reason is given, or it was sent.
pub async fn void(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    reason: &str,
) -> Result<submission::Model, AssetError> {
    permit_somewhere(ctx, Action::SubmissionsPrepare)?;
    let reason = words("reason", reason, "作废的原因")?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        permit(ctx, Action::SubmissionsPrepare, row.unit_id)?;
        let state = row.state.after(Deed::Void).map_err(refused)?;
        let row = save(tx, submission::Model { state, open_of: None, ..row }).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        step(tx, ctx, &row, Deed::Void, &reason, &mut rows).await?;
        record(tx, ctx, "submissions.void", &row, json!({ "reason": reason }), rows).await?;
        Ok(row)
    })
    .await
}
