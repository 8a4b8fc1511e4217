//! The procedure for missing things (盘亏资产处置流程): its steps as dated data, and what of them is done for a case. A
//! case follows the steps that held when it was opened; a later procedure asks nothing new of it.

use hashbrown::{HashMap, HashSet};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _,
};
use serde_json::json;

use super::entity::{loss_tick, procedure, procedure_step};
use super::model::{Deed, Part};
use super::service::{load, record, words};
use super::steps::PAPERS;
use super::store::{self, Case};
use crate::access::{Action, permit, permit_somewhere};
use crate::assets::AssetError;
use crate::assets::papers::{self, Subject};
use crate::db::{Db, DbError, Tx, bulk};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::MissingCaseId;
use crate::kernel::text::fault;
use crate::kernel::{Ctx, Timestamp};
use crate::stocktake::entity::missing_case;

/// Steps that a procedure has at most.
pub const MOST_STEPS: usize = 60;

/// A step, as it stands for a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The step.
    pub step: procedure_step::Model,
    /// Whether it is done.
    pub done: bool,
    /// Who said so last, and when.
    pub last: Option<loss_tick::Model>,
}

/// A procedure with its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Procedure {
    /// From when it holds, and what it rests on.
    pub head: procedure::Model,
    /// Its steps, in order.
    pub steps: Vec<procedure_step::Model>,
}

/// Lets those read the procedure who deal with things, and whoever lays it down.
///
/// # Errors
/// When it is not theirs to read.
pub fn permit_to_read(ctx: &Ctx) -> Result<(), AssetError> {
    let may = permit_somewhere(ctx, Action::ItemsRead);
    Ok(may.or_else(|_| permit_somewhere(ctx, Action::RulesWrite))?)
}

/// Every procedure, past and to come, the latest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Procedure>, DbError> {
    let heads = procedure::Entity::find().order_by_desc(procedure::Column::EffectiveFrom).all(db).await?;
    let mut steps: HashMap<Timestamp, Vec<procedure_step::Model>> = HashMap::new();
    for step in procedure_step::Entity::find().order_by_asc(procedure_step::Column::Seq).all(db).await? {
        steps.entry(step.effective_from).or_default().push(step);
    }
    let of = |head: procedure::Model| {
        let steps = steps.remove(&head.effective_from).unwrap_or_default();
        Procedure { head, steps }
    };
    Ok(heads.into_iter().map(of).collect())
}

/// The steps that hold at an instant.
///
/// # Errors
/// When the database cannot be read.
pub async fn holding(db: &impl ConnectionTrait, at: Timestamp) -> Result<Vec<procedure_step::Model>, DbError> {
    let head = procedure::Entity::find()
        .filter(procedure::Column::EffectiveFrom.lte(at))
        .order_by_desc(procedure::Column::EffectiveFrom)
        .one(db)
        .await?;
    let Some(head) = head else { return Ok(Vec::new()) };
    Ok(procedure_step::Entity::find()
        .filter(procedure_step::Column::EffectiveFrom.eq(head.effective_from))
        .order_by_asc(procedure_step::Column::Seq)
        .all(db)
        .await?)
}

/// The steps of a case, and which are done.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_case(db: &impl ConnectionTrait, case: &missing_case::Model) -> Result<Vec<Standing>, DbError> {
    let mut last: HashMap<String, loss_tick::Model> = HashMap::new();
    for tick in store::ticks(db, case.id).await? {
        last.insert(tick.step.clone(), tick);
    }
    let of = |step: procedure_step::Model| {
        let last = last.remove(&step.code);
        Standing { done: last.as_ref().is_some_and(|tick| tick.done), last, step }
    };
    Ok(holding(db, case.opened_at).await?.into_iter().map(of).collect())
}

/// The first required step of a case that is not done, or whose paper was withdrawn since.
///
/// # Errors
/// When the database cannot be read.
pub async fn first_open(db: &impl ConnectionTrait, case: &Case) -> Result<Option<procedure_step::Model>, DbError> {
    let kept = papers::of(db, &papers_of(case, "")).await?;
    let has_paper = |code: &str| kept.iter().any(|paper| paper.step == code);
    let is_open =
        |one: &Standing| one.step.required && (!one.done || (one.step.needs_paper && !has_paper(&one.step.code)));
    Ok(of_case(db, &case.case).await?.into_iter().find(is_open).map(|one| one.step))
}

/// A step as it is laid down.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of asset_procedure_steps")]
pub struct NewStep {
    pub part: Part,
    pub code: String,
    pub title: String,
    pub needs_paper: bool,
    pub required: bool,
}

/// Lays the procedure down anew, for cases that are opened from an instant on; `None`: from now on.
///
/// # Errors
/// When it is not theirs to do, it begins in the past, a step says nothing or has another's code, or one of that instant
/// is there.
pub async fn lay_down(
    db: &Db,
    ctx: &Ctx,
    from: Option<Timestamp>,
    source: &str,
    steps: &[NewStep],
) -> Result<Procedure, AssetError> {
    permit(ctx, Action::RulesWrite, None)?;
    let now = ctx.now();
    let effective_from = from.unwrap_or(now);
    if effective_from < now {
        return Err(AssetError::field("effective_from", "生效时间不能早于现在"));
    }
    let source = words("source", source, "制定依据")?;
    if source.chars().count() > 500 {
        return Err(AssetError::field("source", "制定依据最多 500 个字"));
    }
    let steps = checked(effective_from, steps)?;
    db.write(async |tx| {
        if procedure::Entity::find_by_id(effective_from).one(tx).await?.is_some() {
            return Err(AssetError::Conflict("这一时刻生效的流程已有，请换一个生效时间".to_owned()));
        }
        let (set_by, source) = (ctx.actor.to_string(), source.clone());
        let head = procedure::Model { effective_from, source, set_by, set_at: now };
        head.clone().into_active_model().insert(tx).await?;
        let mut rows = RowsDigest::new(ctx).with(&head);
        steps.iter().for_each(|step| rows.add(step));
        bulk::insert(tx, steps.clone()).await?;
        let payload = json!({ "source": head.source, "effective_from": effective_from, "steps": steps.len() });
        let subject = effective_from.0.to_string();
        journal::record(tx, ctx, Entry { action: "losses.lay_down", subject, unit: None, payload, rows }).await?;
        Ok(Procedure { head, steps: steps.clone() })
    })
    .await
}

fn checked(effective_from: Timestamp, steps: &[NewStep]) -> Result<Vec<procedure_step::Model>, AssetError> {
    let wrong = |reason: String| Err(AssetError::field("steps", reason));
    if steps.is_empty() || steps.len() > MOST_STEPS {
        return wrong(format!("流程应有 1 至 {MOST_STEPS} 个事项"));
    }
    if !steps.iter().any(|step| step.required) {
        return wrong("至少应有一个必须完成的事项".to_owned());
    }
    let mut codes = HashSet::new();
    let mut rows = Vec::with_capacity(steps.len());
    for (seq, step) in (1i64..).zip(steps) {
        let (code, title) = (step.code.trim(), step.title.trim());
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if code.is_empty() || code.len() > 20 || !code.chars().all(plain) {
            return wrong(format!("第 {seq} 个事项的序号应为 1 至 20 个数字、字母、点或短横"));
        }
        if let Some(reason) = fault(title, 200).or_else(|| title.is_empty().then(|| "没有写内容".to_owned())) {
            return wrong(format!("事项“{code}”{reason}"));
        }
        if !codes.insert(code) {
            return wrong(format!("事项序号“{code}”重复"));
        }
        rows.push(procedure_step::Model {
            effective_from,
            seq,
            part: step.part,
            code: code.to_owned(),
            title: title.to_owned(),
            needs_paper: step.needs_paper,
            required: step.required,
        });
    }
    Ok(rows)
}

/// The papers of a step of a case.
#[must_use]
pub fn papers_of(case: &Case, step: &str) -> Subject {
    Subject { room: PAPERS, id: case.case.id.0, step: step.to_owned(), unit: case.loss.unit_id }
}

/// Says that a step is done, or (with a note why) that it is not after all.
///
/// # Errors
/// When it is not theirs to say, there is no such step, its paper is missing, it is so already, or the case has ended.
pub async fn tick(
    db: &Db,
    ctx: &Ctx,
    id: MissingCaseId,
    code: &str,
    done: bool,
    note: &str,
) -> Result<loss_tick::Model, AssetError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    if let Some(reason) = fault(note.trim(), 500) {
        return Err(AssetError::field("note", reason));
    }
    db.write(async |tx| {
        let case = load(tx, ctx, id, None).await?;
        permit(ctx, Action::AssetsMove, Some(case.loss.unit_id))?;
        case.standing.after(Deed::Tick)?;
        let steps = of_case(tx, &case.case).await?;
        let standing = steps.into_iter().find(|one| one.step.code == code.trim());
        let standing = standing.ok_or(AssetError::NotFound("这个流程事项"))?;
        may_tick(tx, &case, &standing, done, note).await?;
        let before = store::ticks(tx, id).await?.last().map_or(0, |tick| tick.seq);
        let row = loss_tick::Model {
            id: ctx.new_id(),
            case_id: id,
            seq: before + 1,
            step: standing.step.code.clone(),
            done,
            note: note.trim().to_owned(),
            ticked_by: ctx.actor.to_string(),
            ticked_at: ctx.now(),
        };
        row.clone().into_active_model().insert(tx).await?;
        let rows = RowsDigest::new(ctx).with(&row);
        let payload = json!({ "step": row.step, "done": done, "note": row.note });
        record(tx, ctx, "losses.tick", id, payload, rows).await?;
        Ok(row)
    })
    .await
}

async fn may_tick(tx: &Tx, case: &Case, standing: &Standing, done: bool, note: &str) -> Result<(), AssetError> {
    let step = &standing.step;
    let named = format!("流程事项“{} {}”", step.code, step.title);
    if done == standing.done {
        let how = if done { "已办理" } else { "尚未办理" };
        return Err(AssetError::Conflict(format!("{named}{how}")));
    }
    if !done && note.trim().is_empty() {
        return Err(AssetError::field("note", "请写明撤销的原因"));
    }
    if done && step.needs_paper && papers::of(tx, &papers_of(case, &step.code)).await?.is_empty() {
        return Err(AssetError::field("paper", format!("{named}须附材料，请先上传")));
    }
    Ok(())
}
