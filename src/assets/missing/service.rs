//! The search: who looked where, why the thing is missing, and that it is found.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _,
};
use serde_json::json;

use super::entity::{loss, loss_log};
use super::model::{Deed, FoundHow, Outcome, Refusal, Standing};
use super::store::{self, Case};
use crate::access::{Action, permit, permit_somewhere, reach};
use crate::assets::AssetError;
use crate::db::saving::save;
use crate::db::{Db, DbError, Tx};
use crate::findings::{EvidenceKind, Kind};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{MissingCaseId, PersonId, PlaceId};
use crate::kernel::text::fault;
use crate::kernel::{Ctx, Timestamp};
use crate::org::{people, places};
use crate::stocktake::findings::{answer, case_origin};
use crate::stocktake::missing::turn_up;
use crate::stocktake::model::MissingState;

/// The longest text, characters.
pub const MOST_CHARS: usize = 1_000;
/// Entries that a search log has at most.
const MOST_LOGS: u64 = 2_000;

/// A text that must say something.
pub(in crate::assets) fn words(field: &'static str, text: &str, what: &str) -> Result<String, AssetError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(AssetError::field(field, format!("请写明{what}")));
    }
    match fault(text, MOST_CHARS) {
        Some(reason) => Err(AssetError::field(field, reason)),
        None => Ok(text.to_owned()),
    }
}

impl From<Refusal> for AssetError {
    fn from(refusal: Refusal) -> Self {
        Self::Conflict(refusal.to_string())
    }
}

/// The case as `ctx` may see it, at the version they saw, with what its chain has said written down.
pub(super) async fn load(tx: &Tx, ctx: &Ctx, id: MissingCaseId, version: Option<i64>) -> Result<Case, AssetError> {
    let case = store::one(tx, ctx, id).await?;
    if version.is_some_and(|seen| seen != case.loss.version) {
        return Err(DbError::Stale.into());
    }
    super::steps::settle(tx, ctx, case).await
}

/// Writes what this ledger knows of a case as its next version, when nobody has meanwhile.
pub(super) async fn save(tx: &Tx, row: loss::Model, rows: &mut RowsDigest) -> Result<loss::Model, DbError> {
    if row.version > 0 {
        let after = save!(tx, loss, id, Id, row);
        rows.add(&after);
        return Ok(after);
    }
    let after = loss::Model { version: 1, ..row };
    rows.add(&after);
    after.clone().into_active_model().insert(tx).await?;
    Ok(after)
}

/// Writes the entry of a step on a case, and returns the case as it now is.
pub(super) async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    id: MissingCaseId,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<Case, AssetError> {
    let case = store::one(tx, ctx, id).await?;
    let (subject, unit) = (case.thing.item_number.clone(), Some(case.loss.unit_id));
    journal::record(tx, ctx, Entry { action, subject, unit, payload, rows }).await?;
    Ok(case)
}

/// That somebody looked somewhere, as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLog {
    /// Who looked; whoever writes it down when `None`.
    pub searcher: Option<PersonId>,
    /// In which of our places.
    pub place: Option<PlaceId>,
    /// Where, in words.
    pub whereabouts: String,
    /// When; now when `None`.
    pub at: Option<Timestamp>,
    /// What it came to; that it was found is told by [`find`].
    pub result: Outcome,
    /// What was seen, who was asked.
    pub note: String,
}

/// Writes down that somebody looked somewhere. Nothing is changed or taken back later.
///
/// # Errors
/// When it is not theirs to write, the case has ended, or it says neither where nor what.
pub async fn log(db: &Db, ctx: &Ctx, id: MissingCaseId, new: &NewLog) -> Result<loss_log::Model, AssetError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    if new.result == Outcome::Found {
        return Err(AssetError::field("result", "找到的请直接登记找回"));
    }
    db.write(async |tx| {
        let case = load(tx, ctx, id, None).await?;
        permit(ctx, Action::AssetsMove, Some(case.loss.unit_id))?;
        case.standing.after(Deed::Log)?;
        let mut rows = RowsDigest::new(ctx);
        let row = log_in(tx, ctx, &case, new, &mut rows).await?;
        let payload = json!({ "result": row.result, "place": row.place, "searcher": row.searcher_id });
        record(tx, ctx, "losses.log", id, payload, rows).await?;
        Ok(row)
    })
    .await
}

/// Adds to the log of a case, in the caller's transaction.
pub(super) async fn log_in(
    tx: &Tx,
    ctx: &Ctx,
    case: &Case,
    new: &NewLog,
    rows: &mut RowsDigest,
) -> Result<loss_log::Model, AssetError> {
    let wrong = |field, reason: &str| Err(AssetError::field(field, reason));
    for (field, text) in [("whereabouts", &new.whereabouts), ("note", &new.note)] {
        if let Some(reason) = fault(text.trim(), MOST_CHARS) {
            return Err(AssetError::field(field, reason));
        }
    }
    if new.place.is_none() && new.whereabouts.trim().is_empty() {
        return wrong("whereabouts", "请写明在哪里查找");
    }
    if let Some(place) = new.place {
        in_sight(tx, ctx, place, "place_id").await?;
    }
    if let Some(person) = new.searcher {
        people::open(tx, person, "searcher_id").await?;
    }
    if new.at.is_some_and(|at| at > ctx.now()) {
        return wrong("searched_at", "查找时间不能晚于现在");
    }
    let before = loss_log::Entity::find().filter(loss_log::Column::CaseId.eq(case.case.id)).count(tx).await?;
    if before >= MOST_LOGS {
        return Err(AssetError::Conflict("此项盘亏的查找记录已有 2000 条".to_owned()));
    }
    let row = loss_log::Model {
        id: ctx.new_id(),
        case_id: case.case.id,
        seq: i64::try_from(before).unwrap_or(i64::MAX) + 1,
        searcher_id: new.searcher.or(ctx.person()),
        place_id: new.place,
        place: new.whereabouts.trim().to_owned(),
        searched_at: new.at.unwrap_or_else(|| ctx.now()),
        result: new.result,
        note: new.note.trim().to_owned(),
        logged_by: ctx.actor.to_string(),
        logged_at: ctx.now(),
    };
    rows.add(&row);
    row.clone().into_active_model().insert(tx).await?;
    Ok(row)
}

/// Nobody names a place that they may not see.
async fn in_sight(tx: &Tx, ctx: &Ctx, place: PlaceId, field: &'static str) -> Result<(), AssetError> {
    let row = places::open(tx, place, field).await?;
    if reach(ctx, Action::OrgRead).covers(Some(row.unit_id)) {
        return Ok(());
    }
    Err(AssetError::field(field, "没有这个地点，或已停用"))
}

/// Says why a thing is missing, item by item; what was said before is replaced, and stays in the journal.
///
/// # Errors
/// When it is not theirs to say, it says nothing, or the case is confirmed already.
pub async fn explain(
    db: &Db,
    ctx: &Ctx,
    id: MissingCaseId,
    version: Option<i64>,
    explanation: &str,
) -> Result<Case, AssetError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    let explanation = words("explanation", explanation, "盘亏原因")?;
    db.write(async |tx| {
        let case = load(tx, ctx, id, version).await?;
        permit(ctx, Action::AssetsMove, Some(case.loss.unit_id))?;
        case.standing.after(Deed::Explain)?;
        let mut rows = RowsDigest::new(ctx);
        let after = loss::Model {
            explanation: explanation.clone(),
            explained_by: Some(ctx.actor.to_string()),
            explained_at: Some(ctx.now()),
            ..case.loss
        };
        save(tx, after, &mut rows).await?;
        let told = (EvidenceKind::Statement, format!("情况说明：{explanation}"));
        answer(tx, ctx, (Kind::Missing, case_origin(id)), told, &mut rows).await?;
        record(tx, ctx, "losses.explain", id, json!({ "explanation": explanation }), rows).await
    })
    .await
}

/// That a thing is found, as it is written down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finding {
    /// In which of our places; where the book has it when `None`.
    pub place: Option<PlaceId>,
    /// Where, in words.
    pub whereabouts: String,
    /// Who found it; whoever writes it down when `None`.
    pub finder: Option<PersonId>,
    /// How.
    pub note: String,
}

/// The thing is found by searching (复盘找回): its case is closed under its list year, what was asked for its write-off
/// lapses, the book has it again as it was.
///
/// # Errors
/// When it is not theirs to say, it does not say how, or the case has ended; after a write-off it is a surplus.
pub async fn find(
    db: &Db,
    ctx: &Ctx,
    id: MissingCaseId,
    version: Option<i64>,
    found: &Finding,
) -> Result<Case, AssetError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    let note = words("note", &found.note, "找回经过")?;
    db.write(async |tx| {
        let case = load(tx, ctx, id, version).await?;
        permit(ctx, Action::AssetsMove, Some(case.loss.unit_id))?;
        case.standing.after(Deed::Find)?;
        let mut rows = RowsDigest::new(ctx);
        let whereabouts = match (found.place, found.whereabouts.trim()) {
            (None, "") => "原存放地点".to_owned(),
            (_, text) => text.to_owned(),
        };
        let entry = NewLog {
            searcher: found.finder,
            place: found.place,
            whereabouts,
            at: None,
            result: Outcome::Found,
            note: note.clone(),
        };
        log_in(tx, ctx, &case, &entry, &mut rows).await?;
        found_in(tx, ctx, case, FoundHow::Search, found.place, &note, &mut rows).await?;
        record(tx, ctx, "losses.find", id, json!({ "place": found.place, "note": note }), rows).await
    })
    .await
}

/// Closes a case as found, in the caller's transaction; its finding has the evidence and waits to be verified.
pub(in crate::assets) async fn found_in(
    tx: &Tx,
    ctx: &Ctx,
    case: Case,
    how: FoundHow,
    place: Option<PlaceId>,
    note: &str,
    rows: &mut RowsDigest,
) -> Result<(), AssetError> {
    let Case { case, loss, standing, .. } = case;
    let (id, year) = (case.id, case.list_year);
    Standing::after(standing, Deed::Find)?;
    let after = loss::Model {
        found_how: Some(how),
        found_by: Some(ctx.actor.to_string()),
        found_place_id: place,
        found_note: note.to_owned(),
        ..loss
    };
    save(tx, after, rows).await?;
    let why = format!("{year} 年盘亏，{}：{note}", how.zh());
    let found = turn_up(tx, ctx, case, None, place, &why, rows).await?;
    debug_assert_eq!(found.state, MissingState::Found, "turn_up closes the case");
    answer(tx, ctx, (Kind::Missing, case_origin(id)), (EvidenceKind::Recount, why), rows).await?;
    Ok(())
}
