//! From searching to the write-off: confirmed by another, judged, asked for, and out of the book.

use sea_orm::prelude::Date;
use serde_json::json;

use super::entity::loss;
use super::model::{Deed, Degree, Standing};
use super::procedure;
use super::service::{load, record, save, words};
use super::store::Case;
use crate::access::{Action, permit, permit_somewhere};
use crate::approvals::entity::request;
use crate::approvals::service::{self as approvals, NewRequest};
use crate::assets::AssetError;
use crate::assets::movements::store as moves;
use crate::db::{Db, Tx};
use crate::findings::{EvidenceKind, Kind};
use crate::items::ItemError;
use crate::items::entity::item;
use crate::items::model::ItemState;
use crate::items::service::{self as book, Change};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{MissingCaseId, PersonId};
use crate::kernel::text::fault;
use crate::kernel::{Ctx, Fen};
use crate::org::people;
use crate::stocktake::findings::{answer, case_origin};
use crate::stocktake::missing::{self, ROOM};
use crate::stocktake::model::MissingState;

/// The chain that decides on a write-off.
pub const CHAIN: &str = "shortage_write_off";
/// The room of a case's papers.
pub const PAPERS: &str = "losses";
/// The longest reason of an event, characters.
const EVENT_CHARS: usize = 200;

/// Writes down what the chain has said of a case since, with an entry of its own.
pub(super) async fn settle(tx: &Tx, ctx: &Ctx, case: Case) -> Result<Case, AssetError> {
    if case.standing.state == case.case.state {
        return Ok(case);
    }
    let mut rows = RowsDigest::new(ctx);
    let state = case.standing.state;
    let moved = missing::advance(tx, case.case, state, &mut rows).await?;
    let said = approved_words(case.approval.as_ref());
    answer(tx, ctx, (Kind::Missing, case_origin(moved.id)), (EvidenceKind::Approval, said), &mut rows).await?;
    let (subject, unit) = (case.thing.item_number.clone(), Some(case.loss.unit_id));
    let payload = json!({ "state": moved.state });
    journal::record(tx, ctx, Entry { action: "losses.settle", subject, unit, payload, rows }).await?;
    Ok(Case { standing: Standing { state, asked: false }, case: moved, ..case })
}

fn approved_words(asked: Option<&request::Model>) -> String {
    let on = asked.and_then(|row| row.finished_at).map(|at| format!("（{}）", at.day())).unwrap_or_default();
    format!("盘亏核销已批准{on}")
}

/// Somebody other than the keeper, and than whoever explained, says that the thing is lost. From now on it is pending on
/// the book.
///
/// # Errors
/// When it is not theirs to say, nothing was explained, they keep it or explained it, or a document holds the thing.
pub async fn confirm(db: &Db, ctx: &Ctx, id: MissingCaseId, version: Option<i64>) -> Result<Case, AssetError> {
    permit_somewhere(ctx, Action::LossesConfirm)?;
    let me = ctx.person().ok_or(AssetError::NoPerson)?;
    db.write(async |tx| {
        let case = load(tx, ctx, id, version).await?;
        permit(ctx, Action::LossesConfirm, Some(case.loss.unit_id))?;
        let after = case.standing.after(Deed::Confirm)?;
        may_confirm(&case, me, &ctx.actor.to_string())?;
        free_of_documents(tx, &case.thing).await?;
        let mut rows = RowsDigest::new(ctx);
        let loss = loss::Model { confirmed_by: Some(me), confirmed_at: Some(ctx.now()), ..case.loss };
        save(tx, loss, &mut rows).await?;
        let year = case.case.list_year;
        missing::advance(tx, case.case, after.state, &mut rows).await?;
        let why = format!("{year} 年盘亏已确认，报批期间保留在账");
        put(tx, ctx, &case.thing, ItemState::PendingDisposal, &why, &mut rows).await?;
        record(tx, ctx, "losses.confirm", id, json!({}), rows).await
    })
    .await
}

fn may_confirm(case: &Case, me: PersonId, actor: &str) -> Result<(), AssetError> {
    let refuse = |why: &str| Err(AssetError::Conflict(why.to_owned()));
    if case.loss.explanation.is_empty() {
        return Err(AssetError::field("explanation", "须先说明盘亏原因，才能确认"));
    }
    if case.thing.keeper_id == Some(me) {
        return refuse("资产由您保管，须由他人确认盘亏");
    }
    if case.loss.explained_by.as_deref() == Some(actor) {
        return refuse("盘亏原因由您说明，须由他人确认");
    }
    Ok(())
}

/// A document that was asked for before the thing was missed is taken back first.
async fn free_of_documents(tx: &Tx, thing: &item::Model) -> Result<(), AssetError> {
    let held = moves::open_of(tx, &[thing.id]).await?;
    let Some(row) = held.get(&thing.id) else { return Ok(()) };
    let asked = match row.approval_id {
        Some(id) => {
            use sea_orm::EntityTrait as _;
            request::Entity::find_by_id(id).one(tx).await?.map(|one| one.state)
        }
        None => None,
    };
    if moves::as_it_is(row.state, asked).is_open() {
        let what = format!("“{}”正在办理{}（{}），请先撤回", thing.item_number, row.kind.zh(), row.number);
        return Err(AssetError::Conflict(what));
    }
    Ok(())
}

async fn put(
    tx: &Tx,
    ctx: &Ctx,
    thing: &item::Model,
    state: ItemState,
    why: &str,
    rows: &mut RowsDigest,
) -> Result<(), AssetError> {
    let change = Change { state: Some(state), excused_by: Some(None), ..Change::default() };
    let why: String = why.chars().take(EVENT_CHARS).collect();
    match book::apply(tx, ctx, thing, &change, &why, rows).await {
        Ok(_) | Err(ItemError::NothingToChange) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The search goes on: what was confirmed is not yet sure.
///
/// # Errors
/// When it is not theirs to say, no reason is given, or the case is not confirmed or waits for its chain.
pub async fn resume(
    db: &Db,
    ctx: &Ctx,
    id: MissingCaseId,
    version: Option<i64>,
    reason: &str,
) -> Result<Case, AssetError> {
    permit_somewhere(ctx, Action::LossesConfirm)?;
    let reason = words("reason", reason, "退回继续查找的原因")?;
    db.write(async |tx| {
        let case = load(tx, ctx, id, version).await?;
        permit(ctx, Action::LossesConfirm, Some(case.loss.unit_id))?;
        let after = case.standing.after(Deed::Resume)?;
        let mut rows = RowsDigest::new(ctx);
        let loss = loss::Model {
            confirmed_by: None,
            confirmed_at: None,
            degree: None,
            responsible_id: None,
            basis: String::new(),
            judged_by: None,
            judged_at: None,
            compensation_fen: None,
            receipt: String::new(),
            approval_id: None,
            ..case.loss
        };
        save(tx, loss, &mut rows).await?;
        let before = missing::state_when_opened(tx, &case.case, &case.thing).await?;
        missing::advance(tx, case.case, after.state, &mut rows).await?;
        if let Some(state) = before {
            put(tx, ctx, &case.thing, state, &format!("盘亏退回继续查找：{reason}"), &mut rows).await?;
        }
        record(tx, ctx, "losses.resume", id, json!({ "reason": reason }), rows).await
    })
    .await
}

/// Who answers for a loss, how far, and what they paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgment {
    /// How far.
    pub degree: Degree,
    /// Who; nobody when nobody answers.
    pub responsible: Option<PersonId>,
    /// What it rests on.
    pub basis: String,
    /// What they paid.
    pub compensation: Option<Fen>,
    /// The receipt of it.
    pub receipt: String,
}

impl Judgment {
    fn check(&self) -> Result<(String, String, Option<Fen>), AssetError> {
        let wrong = |field, reason: &str| Err(AssetError::field(field, reason));
        let basis = words("basis", &self.basis, "认定依据")?;
        let receipt = self.receipt.trim().to_owned();
        if let Some(reason) = fault(&receipt, 100) {
            return Err(AssetError::field("receipt", reason));
        }
        if self.degree != Degree::None && self.responsible.is_none() {
            return wrong("responsible_id", "请填写责任人");
        }
        if self.degree == Degree::None && self.responsible.is_some() {
            return wrong("responsible_id", "认定无责任的，不填责任人");
        }
        let paid = self.compensation.unwrap_or(Fen::ZERO);
        if paid < Fen::ZERO {
            return wrong("compensation_fen", "赔偿金额不能为负");
        }
        if self.degree == Degree::None && paid > Fen::ZERO {
            return wrong("compensation_fen", "认定无责任的，没有赔偿");
        }
        if paid > Fen::ZERO && receipt.is_empty() {
            return wrong("receipt", "收到赔偿须登记收款票据号");
        }
        Ok((basis, receipt, Some(paid).filter(|paid| *paid > Fen::ZERO)))
    }
}

/// Says who answers for a loss (行政事业性国有资产管理条例 第33、39条). Nobody judges themselves.
///
/// # Errors
/// When it is not theirs to judge, it is about themselves, a field is wrong, or the case is not confirmed.
pub async fn judge(
    db: &Db,
    ctx: &Ctx,
    id: MissingCaseId,
    version: Option<i64>,
    judgment: &Judgment,
) -> Result<Case, AssetError> {
    permit_somewhere(ctx, Action::LossesConfirm)?;
    let me = ctx.person().ok_or(AssetError::NoPerson)?;
    let (basis, receipt, compensation_fen) = judgment.check()?;
    db.write(async |tx| {
        let case = load(tx, ctx, id, version).await?;
        permit(ctx, Action::LossesConfirm, Some(case.loss.unit_id))?;
        case.standing.after(Deed::Judge)?;
        if case.thing.keeper_id == Some(me) || judgment.responsible == Some(me) {
            return Err(AssetError::Conflict("不能认定本人的责任，须由他人认定".to_owned()));
        }
        if let Some(person) = judgment.responsible
            && people::by_id(tx, person).await?.is_none()
        {
            return Err(AssetError::field("responsible_id", "没有这个人员"));
        }
        let mut rows = RowsDigest::new(ctx);
        let loss = loss::Model {
            degree: Some(judgment.degree),
            responsible_id: judgment.responsible,
            basis: basis.clone(),
            judged_by: Some(me),
            judged_at: Some(ctx.now()),
            compensation_fen,
            receipt: receipt.clone(),
            ..case.loss
        };
        save(tx, loss, &mut rows).await?;
        let payload = json!({ "degree": judgment.degree, "responsible": judgment.responsible, "basis": basis,
            "compensation_fen": compensation_fen, "receipt": receipt });
        record(tx, ctx, "losses.judge", id, payload, rows).await
    })
    .await
}

/// Asks the chain for the write-off; which steps it has, the amount says.
///
/// # Errors
/// When it is not theirs to ask, nobody judged yet, or the case is not confirmed or waits already.
pub async fn ask(
    db: &Db,
    ctx: &Ctx,
    id: MissingCaseId,
    version: Option<i64>,
    reason: &str,
) -> Result<Case, AssetError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    let reason = words("reason", reason, "核销事由")?;
    db.write(async |tx| {
        let case = load(tx, ctx, id, version).await?;
        permit(ctx, Action::AssetsMove, Some(case.loss.unit_id))?;
        case.standing.after(Deed::Ask)?;
        let Some(degree) = case.loss.degree else {
            return Err(AssetError::Conflict("须先认定责任，才能报批".to_owned()));
        };
        let thing = &case.thing;
        let responsible = match case.loss.responsible_id {
            Some(person) => people::by_id(tx, person).await?.map(|row| row.name).unwrap_or_default(),
            None => String::new(),
        };
        let mut payload = json!({ "资产": format!("{} {}", thing.item_number, thing.name),
            "盘亏清单": format!("{} 年", case.case.list_year), "盘亏原因": case.loss.explanation,
            "责任认定": format!("{}{}", degree.zh(), if responsible.is_empty() { String::new() } else { format!("：{responsible}") }) });
        if let Some(paid) = case.loss.compensation_fen {
            payload["赔偿"] = format!("{paid} 元，票据 {}", case.loss.receipt).into();
        }
        let request = NewRequest {
            kind: CHAIN.to_owned(),
            subject_room: ROOM.to_owned(),
            subject_id: id.to_string(),
            unit: case.loss.unit_id,
            amount: thing.value_fen,
            reason: format!("盘亏核销 {}：{reason}", thing.item_number).chars().take(500).collect(),
            payload,
            urgent: false,
        };
        let request = approvals::create_in(tx, ctx, &request).await?;
        let mut rows = RowsDigest::new(ctx);
        save(tx, loss::Model { approval_id: Some(request.id), ..case.loss }, &mut rows).await?;
        record(tx, ctx, "losses.ask", id, json!({ "reason": reason, "amount_fen": request.amount_fen }), rows).await
    })
    .await
}

/// What must be known before a missing thing leaves the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteOff {
    /// The minutes of the collective decision.
    pub decision: String,
    /// The number of the approval.
    pub approval_number: String,
    /// The number of the accounting voucher.
    pub voucher_number: String,
    /// Its day.
    pub voucher_on: Option<Date>,
}

/// The thing leaves the book; its case stays with all its papers.
///
/// # Errors
/// When it is not theirs to do, the chain has not said yes, a required step of the procedure is open, or decision,
/// approval or voucher is missing.
pub async fn write_off(
    db: &Db,
    ctx: &Ctx,
    id: MissingCaseId,
    version: Option<i64>,
    with: &WriteOff,
) -> Result<Case, AssetError> {
    permit_somewhere(ctx, Action::ItemsWriteOff)?;
    db.write(async |tx| {
        let case = load(tx, ctx, id, version).await?;
        permit(ctx, Action::ItemsWriteOff, Some(case.loss.unit_id))?;
        let after = case.standing.after(Deed::WriteOff)?;
        let decision = words("decision", &with.decision, "集体决策的会议纪要编号（条例第19条）")?;
        let approval_number = words("approval_number", &with.approval_number, "批复文号")?;
        let voucher_number = words("voucher_number", &with.voucher_number, "会计凭证号（条例第35条）")?;
        let voucher_on = with.voucher_on.ok_or_else(|| AssetError::field("voucher_on", "请填写会计凭证日期"))?;
        if voucher_on > ctx.now().day() {
            return Err(AssetError::field("voucher_on", "会计凭证日期不能晚于今天"));
        }
        if voucher_on < case.case.opened_at.day() {
            return Err(AssetError::field("voucher_on", "会计凭证日期早于盘亏登记，请核对"));
        }
        if let Some(open) = procedure::first_open(tx, &case).await? {
            let what = format!("流程事项“{} {}”尚未完成，不能核销", open.code, open.title);
            return Err(AssetError::Conflict(what));
        }
        free_of_documents(tx, &case.thing).await?;
        let mut rows = RowsDigest::new(ctx);
        let why = format!("{} 年盘亏核销：批复 {approval_number}，凭证 {voucher_number}", case.case.list_year);
        let loss = loss::Model {
            decision,
            approval_number,
            voucher_number,
            voucher_on: Some(voucher_on),
            written_off_by: Some(ctx.actor.to_string()),
            written_off_at: Some(ctx.now()),
            ..case.loss
        };
        let loss = save(tx, loss, &mut rows).await?;
        let moved = missing::advance(tx, case.case, after.state, &mut rows).await?;
        debug_assert_eq!(moved.state, MissingState::WrittenOff, "the last state of a case");
        put(tx, ctx, &case.thing, ItemState::WrittenOff, &why, &mut rows).await?;
        answer(tx, ctx, (Kind::Missing, case_origin(id)), (EvidenceKind::BookChange, why), &mut rows).await?;
        let payload = json!({ "decision": loss.decision, "approval_number": loss.approval_number,
            "voucher_number": loss.voucher_number, "voucher_on": loss.voucher_on });
        record(tx, ctx, "losses.write_off", id, payload, rows).await
    })
    .await
}
