//! The steps of a document after it was asked for: the other unit accepts or declines, it is carried out, it is taken
//! back; and what its chain has said is written down.

use sea_orm::EntityTrait as _;
use serde_json::json;

use super::entity::movement;
use super::model::{Deed, Disposal, State};
use super::service::{record, words};
use super::{carrying, ground, store};
use crate::access::{Action, not_their_own, permit, permit_somewhere};
use crate::approvals::Granted;
use crate::approvals::entity::request;
use crate::approvals::model::State as Approval;
use crate::approvals::service::withdraw_in;
use crate::assets::AssetError;
use crate::assets::papers::{self, Subject};
use crate::db::saving::save;
use crate::db::{Db, DbError, Tx};
use crate::items::store as items;
use crate::journal::RowsDigest;
use crate::kernel::ids::{PersonId, PlaceId};
use crate::kernel::{Ctx, Fen};

/// The room of a document's papers.
pub const ROOM: &str = "movements";
/// The paper that a sale needs.
pub const APPRAISAL: &str = "appraisal";
/// Every kind of paper a document may have, with its name in Chinese.
pub const PAPERS: &[(&str, &str)] = &[
    ("contract", "合同"),
    ("invoice", "发票"),
    ("minutes", "集体决策会议纪要"),
    ("approval", "批复文件"),
    (APPRAISAL, "评估、鉴定报告"),
    ("receipt", "非税收入票据"),
    ("signed", "签字单据扫描件"),
    ("photo", "照片"),
    ("other", "其他"),
];

/// What must be known before a thing leaves the book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finish {
    /// The minutes of the collective decision (行政事业性国有资产管理条例 第19条).
    pub decision: String,
    /// The number of the approval.
    pub approval_number: String,
    /// What it brought (第25条: non-tax revenue).
    pub proceeds: Option<Fen>,
    /// The number of the receipt of non-tax revenue.
    pub receipt: String,
}

/// Where a transferred thing is to be, as its new unit says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Acceptance {
    /// The place; as the document says when `None`.
    pub place: Option<PlaceId>,
    /// The keeper; as the document says when `None`.
    pub keeper: Option<PersonId>,
}

/// Writes a document back as its next version, when nobody has meanwhile.
async fn save(tx: &Tx, row: movement::Model) -> Result<movement::Model, DbError> {
    Ok(save!(tx, movement, id, Id, row))
}

/// Writes down what the chain has said of a document since, with an entry of its own; one that ended lets its things go.
pub(super) async fn settle(tx: &Tx, ctx: &Ctx, row: movement::Model) -> Result<movement::Model, AssetError> {
    let Some(id) = row.approval_id.filter(|_| row.state == State::Asked) else { return Ok(row) };
    let said = request::Entity::find_by_id(id).one(tx).await?.map(|request| request.state);
    let deed = match said {
        Some(Approval::Approved | Approval::Ratified) => Deed::Approve,
        Some(Approval::Refused | Approval::NotRatified) => Deed::Refuse,
        Some(Approval::Withdrawn) => Deed::Withdraw,
        _ => return Ok(row),
    };
    let mut rows = RowsDigest::new(ctx);
    let state = row.state.after(row.kind, deed).map_err(refused)?;
    let row = if state.is_open() {
        save(tx, movement::Model { state, ..row }).await?
    } else {
        end(tx, ctx, row, state, String::new(), &mut rows).await?
    };
    rows.add(&row);
    record(tx, ctx, "assets.settle", &row, json!({ "state": row.state }), rows).await?;
    Ok(row)
}

fn refused(refusal: super::model::Refusal) -> AssetError {
    AssetError::Conflict(refusal.to_string())
}

/// Ends a document that moved nothing.
async fn end(
    tx: &Tx,
    ctx: &Ctx,
    row: movement::Model,
    state: State,
    why: String,
    rows: &mut RowsDigest,
) -> Result<movement::Model, AssetError> {
    let mut lines = store::lines(tx, row.id).await?;
    lines.iter_mut().for_each(|line| line.open_of = None);
    carrying::save_lines(tx, lines, rows).await?;
    let ended = movement::Model {
        state,
        finished_by: Some(ctx.actor.to_string()),
        finished_at: Some(ctx.now()),
        finished_reason: why,
        ..row
    };
    Ok(save(tx, ended).await?)
}

/// The document of this number as `ctx` may see it, with what its chain has said written down, at the version they saw.
async fn load(tx: &Tx, ctx: &Ctx, number: &str, version: Option<i64>) -> Result<movement::Model, AssetError> {
    let row = store::one(tx, ctx, number).await?.row;
    if version.is_some_and(|seen| seen != row.version) {
        return Err(DbError::Stale.into());
    }
    settle(tx, ctx, row).await
}

/// The unit that is to have the things says that it takes them, and where they will be.
///
/// # Errors
/// When it is not theirs to say, who asked says it, or the document is not in a state for it.
pub async fn accept(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    to: Acceptance,
) -> Result<movement::Model, AssetError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    let me = ctx.person().ok_or(AssetError::NoPerson)?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        let state = row.state.after(row.kind, Deed::Accept).map_err(refused)?;
        permit(ctx, Action::AssetsMove, row.to_unit_id)?;
        if let Some(asker) = row.asker_id {
            not_their_own(ctx, asker)?;
        }
        let row = movement::Model {
            state,
            to_place_id: to.place.or(row.to_place_id),
            to_keeper_id: to.keeper.or(row.to_keeper_id),
            accepted_by: Some(me),
            accepted_at: Some(ctx.now()),
            ..row
        };
        if row.to_keeper_id.is_none() && row.to_place_id.is_none() {
            return Err(AssetError::field("to_place_id", "请写明接收后的存放地点或使用人"));
        }
        ground::whereto(tx, &row).await?;
        let row = save(tx, row).await?;
        let payload = json!({ "to_place": row.to_place_id, "to_keeper": row.to_keeper_id });
        record(tx, ctx, "assets.accept", &row, payload, RowsDigest::new(ctx).with(&row)).await?;
        Ok(row)
    })
    .await
}

/// The unit that was to have the things does not take them: the document ends, nothing moved.
///
/// # Errors
/// When it is not theirs to say, no reason is given, or the document is not in a state for it.
pub async fn decline(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    reason: &str,
) -> Result<movement::Model, AssetError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    let reason = words("reason", reason, "不接收的原因")?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        let state = row.state.after(row.kind, Deed::Decline).map_err(refused)?;
        permit(ctx, Action::AssetsMove, row.to_unit_id)?;
        finish_without(tx, ctx, row, state, &reason, "assets.decline").await
    })
    .await
}

async fn finish_without(
    tx: &Tx,
    ctx: &Ctx,
    row: movement::Model,
    state: State,
    reason: &str,
    action: &'static str,
) -> Result<movement::Model, AssetError> {
    let mut rows = RowsDigest::new(ctx);
    let row = end(tx, ctx, row, state, reason.to_owned(), &mut rows).await?;
    rows.add(&row);
    record(tx, ctx, action, &row, json!({ "reason": reason }), rows).await?;
    Ok(row)
}

/// Whoever asked takes the document back; what it asked its chain goes with it.
///
/// # Errors
/// When somebody else asked, no reason is given, or it has ended.
pub async fn withdraw(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    reason: &str,
) -> Result<movement::Model, AssetError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    let reason = words("reason", reason, "撤回的原因")?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        let state = row.state.after(row.kind, Deed::Withdraw).map_err(refused)?;
        // Whoever may let a thing leave the book may also free one that nobody comes back for.
        let over = permit(ctx, Action::ItemsWriteOff, Some(row.unit_id)).is_ok();
        if ctx.person().is_none_or(|me| row.asker_id != Some(me)) && !(over && row.state != State::Asked) {
            let why = "只有申请人可以撤回；已批准未办结的，指挥中心也可以撤回";
            return Err(AssetError::Conflict(why.to_owned()));
        }
        if let Some(approval) = row.approval_id.filter(|_| row.state == State::Asked) {
            withdraw_in(tx, ctx, &Granted, approval, &reason).await?;
        }
        finish_without(tx, ctx, row, state, &reason, "assets.withdraw").await
    })
    .await
}

/// Carries an approved document out: from now on the book says so.
///
/// # Errors
/// When it is not theirs, not approved or accepted, a thing has changed since or may not move now, or what a disposal
/// needs is missing.
pub async fn carry_out(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    finish: &Finish,
) -> Result<movement::Model, AssetError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        let state = row.state.after(row.kind, Deed::CarryOut).map_err(refused)?;
        permit(ctx, Action::AssetsMove, Some(row.unit_id))?;
        let row = if row.kind.disposes() { disposed(tx, ctx, row, finish).await? } else { row };
        ground::whereto(tx, &row).await?;
        let lines = store::lines(tx, row.id).await?;
        let ids: Vec<_> = lines.iter().map(|line| line.item_id).collect();
        let known = items::by_ids(tx, &ids).await?;
        let mut changed = Vec::new();
        let mut things = Vec::with_capacity(lines.len());
        for line in &lines {
            let Some(thing) = known.get(&line.item_id) else { continue };
            let now = (thing.unit_id, thing.quantity, thing.state);
            if now != (line.from_unit_id, line.from_quantity, line.from_state) {
                changed.push(format!("“{}”的单位、数量或状态在申请后已变更，请撤回重新申请", thing.item_number));
            }
            things.push(thing.clone());
        }
        ground::refuse(changed)?;
        ground::may_move(tx, ctx, row.kind, &things, Some(row.id)).await?;
        let mut rows = RowsDigest::new(ctx);
        let lines = carrying::carry(tx, ctx, &row, lines, &things, &mut rows).await?;
        carrying::save_lines(tx, lines, &mut rows).await?;
        let done =
            movement::Model { state, finished_by: Some(ctx.actor.to_string()), finished_at: Some(ctx.now()), ..row };
        let row = save(tx, done).await?;
        rows.add(&row);
        let payload = json!({ "decision": row.decision, "approval_number": row.approval_number,
            "proceeds_fen": row.proceeds_fen, "receipt": row.receipt });
        record(tx, ctx, "assets.carry_out", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

/// A disposal with its papers, or which of them is missing (行政事业性国有资产管理条例 第19、25、36条).
async fn disposed(tx: &Tx, ctx: &Ctx, row: movement::Model, finish: &Finish) -> Result<movement::Model, AssetError> {
    permit(ctx, Action::ItemsWriteOff, Some(row.unit_id))?;
    let decision = words("decision", &finish.decision, "集体决策的会议纪要编号（条例第19条）")?;
    let approval_number = words("approval_number", &finish.approval_number, "批复文号")?;
    let way = row.disposal.unwrap_or(Disposal::Scrapping);
    let receipt = finish.receipt.trim().to_owned();
    if let Some(reason) = crate::kernel::text::fault(&receipt, 100) {
        return Err(AssetError::field("receipt", reason));
    }
    let proceeds = finish.proceeds.unwrap_or(Fen::ZERO);
    if proceeds < Fen::ZERO {
        return Err(AssetError::field("proceeds_fen", "处置收入不能为负"));
    }
    if way.needs_proceeds() && proceeds == Fen::ZERO {
        return Err(AssetError::field("proceeds_fen", format!("{}须登记处置收入", way.zh())));
    }
    if proceeds > Fen::ZERO && receipt.is_empty() {
        return Err(AssetError::field("receipt", "处置收入属非税收入，请填写缴款票据号（条例第25条）"));
    }
    if way.needs_appraisal() {
        let subject = Subject { room: ROOM, id: row.id, step: APPRAISAL.to_owned(), unit: row.unit_id };
        if papers::of(tx, &subject).await?.is_empty() {
            let why = format!("{}须先评估（条例第36条），请上传评估报告", way.zh());
            return Err(AssetError::field("appraisal", why));
        }
    }
    let proceeds_fen = Some(proceeds).filter(|money| *money > Fen::ZERO);
    Ok(movement::Model { decision, approval_number, proceeds_fen, receipt, ..row })
}
