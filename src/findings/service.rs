//! The use cases of a finding: assign, explain, add evidence, send back, verify, close, reopen. Each is one
//! transaction with its event and its journal entry.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Unchanged, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _,
};
use serde_json::json;

use super::entity::{finding, finding_evidence};
use super::error::FindingError;
use super::model::{EventKind, Standing, Verifier};
use super::opening::step;
use super::rules::EvidenceKind;
use super::store;
use crate::access::{self, Action};
use crate::db::{Db, DbError, Tx};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{FindingId, PersonId, UnitId};
use crate::kernel::{Ctx, Timestamp};
use crate::org::entity::person;

/// The longest explanation or reason, characters.
pub const MOST_CHARS: usize = 4000;
/// How far away a deadline may be put, milliseconds: a year.
const FARTHEST_DEADLINE_MS: i64 = 366 * 86_400_000;

/// A finding and, where the caller saw it before, the version they saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Which.
    pub id: FindingId,
    /// As they saw it; a step on what changed since is refused.
    pub version: Option<i64>,
}

impl From<FindingId> for Target {
    fn from(id: FindingId) -> Self {
        Self { id, version: None }
    }
}

/// A piece of evidence as it is handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvidence {
    /// What kind.
    pub kind: EvidenceKind,
    /// What it shows, or says.
    pub note: String,
    /// A document's number, or an attachment's address.
    pub reference: Option<String>,
}

pub(super) const fn standing(row: &finding::Model) -> Standing {
    Standing { state: row.state, owner: row.owner_id, explained_by: row.explained_by, verified_by: row.verified_by }
}

pub(super) fn put_standing(row: finding::Model, standing: Standing) -> finding::Model {
    finding::Model {
        state: standing.state,
        owner_id: standing.owner,
        explained_by: standing.explained_by,
        verified_by: standing.verified_by,
        ..row
    }
}

/// Writes a finding back as its next version, when nobody has meanwhile.
pub(super) async fn save(tx: &Tx, row: finding::Model) -> Result<finding::Model, DbError> {
    let read = row.version;
    let after = finding::Model { version: read + 1, ..row };
    let mut active = after.clone().into_active_model().reset_all();
    active.id = Unchanged(after.id);
    let updated = finding::Entity::update_many()
        .set(active)
        .filter(finding::Column::Id.eq(after.id))
        .filter(finding::Column::Version.eq(read))
        .exec(tx)
        .await?;
    if updated.rows_affected == 1 { Ok(after) } else { Err(DbError::Stale) }
}

/// One step: what the journal calls it, what event it leaves, in what words.
struct Step {
    action: &'static str,
    kind: EventKind,
    note: String,
}

async fn load(tx: &Tx, ctx: &Ctx, target: Target) -> Result<finding::Model, FindingError> {
    let row = store::one(tx, ctx, target.id).await?;
    match target.version {
        Some(seen) if seen != row.version => Err(DbError::Stale.into()),
        _ => Ok(row),
    }
}

async fn take(
    tx: &Tx,
    ctx: &Ctx,
    row: finding::Model,
    taken: Step,
    mut digest: RowsDigest,
) -> Result<finding::Model, FindingError> {
    let after = save(tx, row).await?;
    let event = step(ctx, &after, taken.kind, taken.note);
    digest.add(&after);
    digest.add(&event);
    let payload = json!({ "note": event.note, "state": after.state, "owner_id": after.owner_id });
    event.into_active_model().insert(tx).await?;
    let subject = after.id.to_string();
    let entry = Entry { action: taken.action, subject, unit: after.unit_id, payload, rows: digest };
    journal::record(tx, ctx, entry).await?;
    Ok(after)
}

fn words(field: &'static str, text: &str, wanted: &str) -> Result<String, FindingError> {
    let text = text.trim();
    let fault = |reason: String| FindingError::Text { field, reason };
    if text.contains('\0') {
        Err(fault("含有不能保存的字符".to_owned()))
    } else if text.is_empty() {
        Err(fault(format!("请写明{wanted}")))
    } else if text.chars().count() > MOST_CHARS {
        Err(fault(format!("{wanted}不超过 {MOST_CHARS} 字")))
    } else {
        Ok(text.to_owned())
    }
}

async fn active_person(db: &impl ConnectionTrait, id: PersonId) -> Result<person::Model, FindingError> {
    let row = person::Entity::find_by_id(id).one(db).await?;
    row.filter(|person| person.active).ok_or_else(|| FindingError::NoSuchPerson(id.to_string()))
}

async fn unit_of(db: &impl ConnectionTrait, id: Option<PersonId>) -> Result<Option<UnitId>, FindingError> {
    let Some(id) = id else { return Ok(None) };
    Ok(person::Entity::find_by_id(id).one(db).await?.map(|person| person.unit_id))
}

/// Somebody as they would verify this finding.
pub(super) async fn verifier(
    db: &impl ConnectionTrait,
    row: &finding::Model,
    person: PersonId,
) -> Result<Verifier, FindingError> {
    Ok(Verifier {
        person,
        unit: unit_of(db, Some(person)).await?,
        answering: [unit_of(db, row.explained_by.or(row.owner_id)).await?, row.unit_id],
        from_outside: row.kind.rule(row.opened_at).verified_outside,
    })
}

/// Gives a finding to somebody to explain, with a deadline of its own where one is said.
///
/// # Errors
/// When it is explained already, when there is no such person, or the deadline is no deadline.
pub async fn assign(
    db: &Db,
    ctx: &Ctx,
    target: Target,
    owner: PersonId,
    deadline: Option<Timestamp>,
) -> Result<finding::Model, FindingError> {
    access::permit_somewhere(ctx, Action::FindingsAssign)?;
    db.write(async |tx| {
        let row = load(tx, ctx, target).await?;
        access::permit(ctx, Action::FindingsAssign, row.unit_id)?;
        let person = active_person(tx, owner).await?;
        let (now, asked) = (ctx.now(), deadline.unwrap_or(row.deadline_at));
        let within = asked > now && asked.0 <= now.0.saturating_add(FARTHEST_DEADLINE_MS);
        if deadline.is_some() && !within {
            return Err(FindingError::Deadline);
        }
        let mut after = put_standing(row.clone(), standing(&row).assign(owner)?);
        after.deadline_at = asked;
        if asked > now {
            after.overdue_at = None;
        }
        let taken = Step { action: "findings.assign", kind: EventKind::Assigned, note: person.name };
        take(tx, ctx, after, taken, RowsDigest::new(ctx)).await
    })
    .await
}

/// Its owner says how it came about; the words are evidence too (情况说明).
///
/// # Errors
/// When it waits for nobody's word, or for somebody else's.
pub async fn explain(db: &Db, ctx: &Ctx, target: Target, text: &str) -> Result<finding::Model, FindingError> {
    access::permit_somewhere(ctx, Action::FindingsExplain)?;
    let by = ctx.person().ok_or(FindingError::NoPerson)?;
    let note = words("explanation", text, "情况说明")?;
    db.write(async |tx| {
        let row = load(tx, ctx, target).await?;
        let after = put_standing(row.clone(), standing(&row).explain(by)?);
        let statement = NewEvidence { kind: EvidenceKind::Statement, note: note.clone(), reference: None };
        let digest = add_piece(tx, ctx, &row, statement).await?;
        let taken = Step { action: "findings.explain", kind: EventKind::Explained, note: note.clone() };
        take(tx, ctx, after, taken, digest).await
    })
    .await
}

async fn add_piece(tx: &Tx, ctx: &Ctx, row: &finding::Model, new: NewEvidence) -> Result<RowsDigest, FindingError> {
    let piece = finding_evidence::Model {
        id: ctx.new_id(),
        finding_id: row.id,
        kind: new.kind,
        note: new.note,
        reference: new.reference,
        actor: ctx.actor.to_string(),
        at: ctx.now(),
    };
    let digest = RowsDigest::new(ctx).with(&piece);
    piece.into_active_model().insert(tx).await?;
    Ok(digest)
}

/// Hands a piece of evidence in: the owner, and whoever may explain in the finding's unit.
///
/// # Errors
/// Once it is closed.
pub async fn add_evidence(
    db: &Db,
    ctx: &Ctx,
    target: Target,
    new: NewEvidence,
) -> Result<finding::Model, FindingError> {
    access::permit_somewhere(ctx, Action::FindingsExplain)?;
    let note = words("note", &new.note, "证据内容")?;
    let reference = match &new.reference {
        Some(text) if !text.trim().is_empty() => Some(words("reference", text, "文号或附件")?),
        _ => None,
    };
    db.write(async |tx| {
        let row = load(tx, ctx, target).await?;
        let theirs = ctx.person().is_some() && row.owner_id == ctx.person();
        if !theirs {
            access::permit(ctx, Action::FindingsExplain, row.unit_id)?;
        }
        standing(&row).add_evidence()?;
        let piece = NewEvidence { kind: new.kind, note: note.clone(), reference: reference.clone() };
        let digest = add_piece(tx, ctx, &row, piece).await?;
        let kind = EventKind::Evidence;
        let taken = Step { action: "findings.evidence", kind, note: format!("{}：{note}", new.kind.zh()) };
        take(tx, ctx, row, taken, digest).await
    })
    .await
}

/// The explanation does not do.
///
/// # Errors
/// When nothing is explained, or no reason is given.
pub async fn send_back(db: &Db, ctx: &Ctx, target: Target, reason: &str) -> Result<finding::Model, FindingError> {
    access::permit_somewhere(ctx, Action::FindingsVerify)?;
    let note = words("reason", reason, "退回原因")?;
    db.write(async |tx| {
        let row = load(tx, ctx, target).await?;
        access::permit(ctx, Action::FindingsVerify, row.unit_id)?;
        let after = put_standing(row.clone(), standing(&row).send_back()?);
        let taken = Step { action: "findings.send_back", kind: EventKind::SentBack, note: note.clone() };
        take(tx, ctx, after, taken, RowsDigest::new(ctx)).await
    })
    .await
}

/// Somebody else finds the explanation good.
///
/// # Errors
/// When nothing is explained, or it is their own, or their unit's where that does not do.
pub async fn verify(db: &Db, ctx: &Ctx, target: Target, remark: &str) -> Result<finding::Model, FindingError> {
    access::permit_somewhere(ctx, Action::FindingsVerify)?;
    let person = ctx.person().ok_or(FindingError::NoPerson)?;
    let note = words("remark", remark, "核实意见")?;
    db.write(async |tx| {
        let row = load(tx, ctx, target).await?;
        access::permit(ctx, Action::FindingsVerify, row.unit_id)?;
        let by = verifier(tx, &row, person).await?;
        let after = put_standing(row.clone(), standing(&row).verify(by)?);
        let taken = Step { action: "findings.verify", kind: EventKind::Verified, note: note.clone() };
        take(tx, ctx, after, taken, RowsDigest::new(ctx)).await
    })
    .await
}

/// Ends it (销号), with all the evidence that its kind asks for.
///
/// # Errors
/// When it is not verified, evidence is missing, or it is their own.
pub async fn close(db: &Db, ctx: &Ctx, target: Target, remark: &str) -> Result<finding::Model, FindingError> {
    access::permit_somewhere(ctx, Action::FindingsClose)?;
    let by = ctx.person().ok_or(FindingError::NoPerson)?;
    let note = words("remark", remark, "销号意见")?;
    db.write(async |tx| {
        let row = load(tx, ctx, target).await?;
        access::permit(ctx, Action::FindingsClose, row.unit_id)?;
        let present: Vec<_> = store::evidence(tx, row.id).await?.into_iter().map(|piece| piece.kind).collect();
        let missing = row.kind.rule(row.opened_at).missing(&present);
        let mut after = put_standing(row.clone(), standing(&row).close(by, &missing)?);
        after.closed_at = Some(ctx.now());
        let taken = Step { action: "findings.close", kind: EventKind::Closed, note: note.clone() };
        take(tx, ctx, after, taken, RowsDigest::new(ctx)).await
    })
    .await
}

/// It was closed too early.
///
/// # Errors
/// When it is not closed, or no reason is given.
pub async fn reopen(db: &Db, ctx: &Ctx, target: Target, reason: &str) -> Result<finding::Model, FindingError> {
    access::permit_somewhere(ctx, Action::FindingsClose)?;
    let note = words("reason", reason, "重新打开的原因")?;
    db.write(async |tx| {
        let row = load(tx, ctx, target).await?;
        access::permit(ctx, Action::FindingsClose, row.unit_id)?;
        let mut after = put_standing(row.clone(), standing(&row).reopen()?);
        after.closed_at = None;
        let taken = Step { action: "findings.reopen", kind: EventKind::Reopened, note: note.clone() };
        take(tx, ctx, after, taken, RowsDigest::new(ctx)).await
    })
    .await
}
