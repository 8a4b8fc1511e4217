//! The use cases of approvals: request, decide, withdraw, use first. Each is one transaction with its journal entry.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Unchanged, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};
use serde_json::json;

use super::chains;
use super::entity::{decision, request};
use super::error::{ApprovalError, MOST_REASON_CHARS, words};
use super::holders::Posts;
use super::model::{Refusal, Standing, State};
use super::store::{self, Room, steps_of};
use super::unratified;
use crate::access::{self, Action};
use crate::db::{Db, DbError, Tx};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{ApprovalId, UnitId};
use crate::kernel::{Ctx, Fen, Timestamp};
use crate::org::entity::unit;

/// The longest payload, bytes of JSON.
pub const MOST_PAYLOAD_BYTES: usize = 20_000;
/// The longest name of a subject, characters.
pub const MOST_SUBJECT_CHARS: usize = 200;
const HOUR_MS: i64 = 3_600_000;

/// A request as it is made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRequest {
    /// What kind of thing is asked for: which chain.
    pub kind: String,
    /// The room whose thing it is.
    pub subject_room: String,
    /// The thing, as that room names it.
    pub subject_id: String,
    /// The unit that asks.
    pub unit: UnitId,
    /// What it is worth, where that matters.
    pub amount: Fen,
    /// Why.
    pub reason: String,
    /// What the room needs to know later.
    pub payload: serde_json::Value,
    /// Whether it cannot wait: done first, ratified after.
    pub urgent: bool,
}

pub(super) fn standing(row: &request::Model) -> Standing {
    let steps = i64::try_from(steps_of(row).len()).unwrap_or(i64::MAX);
    Standing { state: row.state, step: row.step, steps }
}

/// Asks for something. The steps are those that hold now, and stay.
///
/// # Errors
/// When no chain holds, the same is asked for already, or it may not be used first and is to be.
pub async fn create(db: &Db, ctx: &Ctx, new: &NewRequest) -> Result<request::Model, ApprovalError> {
    db.write(async |tx| create_in(tx, ctx, new).await).await
}

/// As [`create`], in the caller's transaction: what a document asks for is asked for with it, or not at all. With an
/// entry of its own.
///
/// # Errors
/// As [`create`].
pub async fn create_in(tx: &Tx, ctx: &Ctx, new: &NewRequest) -> Result<request::Model, ApprovalError> {
    access::permit(ctx, Action::ApprovalsRequest, Some(new.unit))?;
    let requested_by = ctx.person().ok_or(ApprovalError::NoPerson)?;
    let reason = words("reason", &new.reason, MOST_REASON_CHARS)?;
    let subject_room = words("subject_room", &new.subject_room, 60)?;
    let subject_id = words("subject_id", &new.subject_id, MOST_SUBJECT_CHARS)?;
    if new.amount < Fen::ZERO {
        return Err(ApprovalError::field("amount_fen", "金额不能为负"));
    }
    let payload = new.payload.to_string();
    if payload.len() > MOST_PAYLOAD_BYTES || payload.contains("\\u0000") {
        return Err(ApprovalError::field("payload", "内容过大或含有不能保存的字符"));
    }
    if unit::Entity::find_by_id(new.unit).one(tx).await?.is_none_or(|unit| !unit.active) {
        return Err(ApprovalError::field("unit_id", "没有这个单位"));
    }
    let now = ctx.now();
    let chain = chains::holding(tx, &new.kind, now).await?;
    let open_key = format!("{}/{subject_room}/{subject_id}", new.kind);
    if request::Entity::find().filter(request::Column::OpenKey.eq(&open_key)).one(tx).await?.is_some() {
        return Err(ApprovalError::OpenAlready);
    }
    let row = request::Model {
        id: ctx.new_id(),
        kind: new.kind.clone(),
        chain_from: chain.head.effective_from,
        subject_room,
        subject_id,
        open_key: Some(open_key),
        unit_id: new.unit,
        amount_fen: new.amount,
        requested_by,
        reason,
        payload,
        steps: serde_json::to_string(chain.steps(new.amount)).unwrap_or_default(),
        state: State::Waiting,
        step: 1,
        requested_at: now,
        used_at: None,
        ratify_by: None,
        flagged_at: None,
        finished_at: None,
        version: 1,
    };
    let row = if new.urgent { used(row, now, chain.head.ratify_within_h)? } else { row };
    row.clone().into_active_model().insert(tx).await?;
    let payload = json!({ "kind": row.kind, "subject": row.subject_id, "amount_fen": row.amount_fen,
        "reason": row.reason, "urgent": new.urgent });
    record(tx, ctx, "approvals.request", &row, payload, RowsDigest::new(ctx)).await?;
    Ok(row)
}

fn used(row: request::Model, now: Timestamp, within_h: Option<i64>) -> Result<request::Model, ApprovalError> {
    let after = standing(&row).use_first(within_h.is_some())?;
    let until = Timestamp(now.0.saturating_add(within_h.unwrap_or_default().saturating_mul(HOUR_MS)));
    Ok(request::Model { state: after.state, used_at: Some(now), ratify_by: Some(until), ..row })
}

pub(super) async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &request::Model,
    payload: serde_json::Value,
    mut rows: RowsDigest,
) -> Result<(), ApprovalError> {
    rows.add(row);
    let entry = Entry { action, subject: row.id.to_string(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}

/// Writes a request back as its next version, when nobody has meanwhile.
pub(super) async fn save(tx: &Tx, row: request::Model) -> Result<request::Model, DbError> {
    let read = row.version;
    let after = request::Model { version: read + 1, ..row };
    let mut active = after.clone().into_active_model().reset_all();
    active.id = Unchanged(after.id);
    let updated = request::Entity::update_many()
        .set(active)
        .filter(request::Column::Id.eq(after.id))
        .filter(request::Column::Version.eq(read))
        .exec(tx)
        .await?;
    if updated.rows_affected == 1 { Ok(after) } else { Err(DbError::Stale) }
}

fn moved(row: request::Model, after: Standing, now: Timestamp) -> request::Model {
    let open = after.state.is_open();
    request::Model {
        state: after.state,
        step: after.step,
        open_key: row.open_key.filter(|_| open),
        finished_at: (!open).then_some(now),
        ..row
    }
}

/// What somebody says to a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The step that is meant: one decided meanwhile is not decided in its place.
    pub step: i64,
    /// Yes or no.
    pub approved: bool,
    /// Why; a no needs it.
    pub reason: String,
}

/// Decides the step that a request waits for, of one made or of one used first.
///
/// # Errors
/// When it is not theirs to decide, their own, or decided already; when a no has no reason.
pub async fn decide(
    db: &Db,
    ctx: &Ctx,
    posts: &impl Posts,
    id: ApprovalId,
    verdict: &Verdict,
) -> Result<request::Model, ApprovalError> {
    let me = ctx.person().ok_or(ApprovalError::NoPerson)?;
    // Also of who decides in another's name: a delegation hands on a post, not the right to decide. Whoever has none
    // (a device's token, an administrator, somebody who has yet to enrol a second factor) decides for nobody.
    access::permit_somewhere(ctx, Action::ApprovalsDecide)?;
    let reason = match (verdict.approved, verdict.reason.trim()) {
        (true, "") => String::new(),
        (_, text) => words("reason", text, MOST_REASON_CHARS)?,
    };
    db.write(async |tx| {
        // Whoever may not see it does not learn that it is there.
        let seen = store::one(tx, ctx, posts, id).await?;
        let (row, taken) = (seen.row, seen.decisions);
        let after = standing(&row).decide(verdict.step, verdict.approved)?;
        access::not_their_own(ctx, row.requested_by).map_err(|_| Refusal::OwnRequest)?;
        if taken.iter().any(|one| one.decided_by == me || one.on_behalf_of == Some(me)) {
            return Err(Refusal::DecidedBefore.into());
        }
        let capacity = Room::load(tx, ctx, posts).await?.capacity(&row, &taken).ok_or(Refusal::NotYours)?;
        // By delegation the other's post says where; in one's own name one's own.
        if capacity.on_behalf_of.is_none() {
            access::permit(ctx, Action::ApprovalsDecide, Some(row.unit_id))?;
        }
        let taken = decision::Model {
            id: ctx.new_id(),
            request_id: id,
            step: verdict.step,
            approved: verdict.approved,
            decided_by: me,
            on_behalf_of: capacity.on_behalf_of,
            role: capacity.desk.role,
            post_unit_id: capacity.desk.unit,
            substituted: capacity.desk.substituted,
            reason: reason.clone(),
            decided_at: ctx.now(),
        };
        taken.clone().into_active_model().insert(tx).await?;
        let mut rows = RowsDigest::new(ctx).with(&taken);
        let row = save(tx, moved(row, after, ctx.now())).await?;
        let row = unratified::follow(tx, ctx, row, &mut rows).await?;
        let payload = json!({ "step": verdict.step, "approved": verdict.approved, "reason": reason,
            "on_behalf_of": taken.on_behalf_of, "substituted": taken.substituted, "state": row.state });
        record(tx, ctx, "approvals.decide", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

/// The requester takes it back.
///
/// # Errors
/// When it is decided or used, or somebody else's; when they may not ask for anything of this unit (any more).
pub async fn withdraw(
    db: &Db,
    ctx: &Ctx,
    posts: &impl Posts,
    id: ApprovalId,
    reason: &str,
) -> Result<request::Model, ApprovalError> {
    db.write(async |tx| withdraw_in(tx, ctx, posts, id, reason).await).await
}

/// As [`withdraw`], in the caller's transaction: a document that is taken back takes its request with it.
///
/// # Errors
/// As [`withdraw`].
pub async fn withdraw_in(
    tx: &Tx,
    ctx: &Ctx,
    posts: &impl Posts,
    id: ApprovalId,
    reason: &str,
) -> Result<request::Model, ApprovalError> {
    let reason = words("reason", reason, MOST_REASON_CHARS)?;
    let row = own(tx, ctx, posts, id).await?;
    let after = standing(&row).withdraw()?;
    let row = save(tx, moved(row, after, ctx.now())).await?;
    record(tx, ctx, "approvals.withdraw", &row, json!({ "reason": reason }), RowsDigest::new(ctx)).await?;
    Ok(row)
}

/// What was asked of a subject has no object any more: whatever still waits ends, in the caller's transaction, as if it
/// were taken back. The room whose subject it is has decided; nobody's right is asked.
///
/// # Errors
/// When the database refuses.
pub async fn lapse_in(tx: &Tx, ctx: &Ctx, (room, id): (&str, &str), reason: &str) -> Result<(), DbError> {
    let waiting = request::Entity::find()
        .filter(request::Column::SubjectRoom.eq(room))
        .filter(request::Column::SubjectId.eq(id))
        .filter(request::Column::State.eq(State::Waiting));
    for row in waiting.all(tx).await? {
        let Ok(after) = standing(&row).withdraw() else { continue };
        let row = save(tx, moved(row, after, ctx.now())).await?;
        let rows = RowsDigest::new(ctx).with(&row);
        let (subject, unit, payload) = (row.id.to_string(), Some(row.unit_id), json!({ "reason": reason }));
        journal::record(tx, ctx, Entry { action: "approvals.lapse", subject, unit, payload, rows }).await?;
    }
    Ok(())
}

async fn own(tx: &Tx, ctx: &Ctx, posts: &impl Posts, id: ApprovalId) -> Result<request::Model, ApprovalError> {
    let me = ctx.person().ok_or(ApprovalError::NoPerson)?;
    access::permit_somewhere(ctx, Action::ApprovalsRequest)?;
    let row = store::one(tx, ctx, posts, id).await?.row;
    if row.requested_by != me {
        return Err(Refusal::NotTheRequester.into());
    }
    access::permit(ctx, Action::ApprovalsRequest, Some(row.unit_id))?;
    Ok(row)
}

/// It cannot wait: the requester does it, and has it ratified within the hours that its chain gives.
///
/// # Errors
/// When its kind does not allow it, it is decided, or somebody else's; when they may not ask for anything of this unit.
pub async fn use_first(
    db: &Db,
    ctx: &Ctx,
    posts: &impl Posts,
    id: ApprovalId,
    reason: &str,
) -> Result<request::Model, ApprovalError> {
    db.write(async |tx| use_first_in(tx, ctx, posts, id, reason).await).await
}

/// As [`use_first`], in the caller's transaction: what is done first is done with it.
///
/// # Errors
/// As [`use_first`].
pub async fn use_first_in(
    tx: &Tx,
    ctx: &Ctx,
    posts: &impl Posts,
    id: ApprovalId,
    reason: &str,
) -> Result<request::Model, ApprovalError> {
    let reason = words("reason", reason, MOST_REASON_CHARS)?;
    let row = own(tx, ctx, posts, id).await?;
    let chain = chains::of(tx, &row.kind, row.chain_from).await?;
    let row = save(tx, used(row, ctx.now(), chain.and_then(|chain| chain.ratify_within_h))?).await?;
    record(tx, ctx, "approvals.use_first", &row, json!({ "reason": reason }), RowsDigest::new(ctx)).await?;
    Ok(row)
}
