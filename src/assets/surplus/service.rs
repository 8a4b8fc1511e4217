//! What a surplus thing is, what it is worth, and how it enters the book; or whose it is instead.

use serde_json::json;

use super::entity::surplus;
use super::model::{Basis, Deed, NOMINAL, Refusal, Standing, State};
use super::store;
use crate::access::{Action, permit, permit_somewhere, reach};
use crate::approvals::service::{self as approvals, NewRequest};
use crate::assets::AssetError;
use crate::assets::missing::model::FoundHow;
use crate::assets::missing::service::{found_in, words};
use crate::assets::missing::store as cases;
use crate::assets::papers::{self, Subject};
use crate::db::saving::save;
use crate::db::{Db, DbError, Tx};
use crate::findings::{EvidenceKind, Kind};
use crate::items::entity::item;
use crate::items::model::ItemState;
use crate::items::queueing::queue_relabel;
use crate::items::store as items;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::MissingCaseId;
use crate::kernel::text::fault;
use crate::kernel::{Ctx, Fen};
use crate::stocktake::findings::{answer, line_origin};
use crate::stocktake::model::MissingState;

/// The chain that decides on an entry.
pub const CHAIN: &str = "surplus_entry";
/// The room, as approvals and papers name it.
pub const ROOM: &str = "surpluses";
/// The paper that an assessed value needs.
pub const APPRAISAL: &str = "appraisal";
/// Every kind of paper a surplus may have, with its name in Chinese.
pub const PAPERS: &[(&str, &str)] = &[
    ("photo", "照片"),
    (APPRAISAL, "评估报告"),
    ("replacement", "重置价格依据"),
    ("identification", "认定材料"),
    ("approval", "批复文件"),
    ("handover", "移交凭据"),
    ("other", "其他"),
];

impl From<Refusal> for AssetError {
    fn from(refusal: Refusal) -> Self {
        Self::Conflict(refusal.to_string())
    }
}

pub(super) async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &surplus::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), AssetError> {
    let entry = Entry { action, subject: row.number.clone(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}

pub(super) async fn save(tx: &Tx, row: surplus::Model, rows: &mut RowsDigest) -> Result<surplus::Model, DbError> {
    let after = save!(tx, surplus, id, Id, row);
    rows.add(&after);
    Ok(after)
}

/// The surplus of this number, theirs to deal with, at the version they saw, after the deed is found allowed.
pub(super) async fn load(
    tx: &Tx,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    deed: Deed,
) -> Result<(surplus::Model, Standing), AssetError> {
    let shown = store::one(tx, ctx, number).await?;
    permit(ctx, Action::AssetsMove, Some(shown.row.unit_id))?;
    if version.is_some_and(|seen| seen != shown.row.version) {
        return Err(DbError::Stale.into());
    }
    let after = shown.standing.after(deed)?;
    Ok((shown.row, after))
}

pub(super) fn ended(ctx: &Ctx, row: surplus::Model, note: &str) -> surplus::Model {
    surplus::Model {
        ended_note: note.to_owned(),
        ended_by: Some(ctx.actor.to_string()),
        ended_at: Some(ctx.now()),
        ..row
    }
}

/// What the finding of a count's line is told.
pub(super) async fn tell_finding(
    tx: &Tx,
    ctx: &Ctx,
    row: &surplus::Model,
    words: String,
    rows: &mut RowsDigest,
) -> Result<(), DbError> {
    let (Some(campaign), Some(line)) = (row.campaign_id, row.line) else { return Ok(()) };
    let origin = (Kind::Unregistered, line_origin(campaign, line));
    answer(tx, ctx, origin, (EvidenceKind::BookChange, words), rows).await
}

/// What a surplus thing turns out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// A thing of the book that lost its label: its number.
    Known(String),
    /// In no book; with the number of a thing that was written off, when it is that.
    Unbooked(Option<String>),
    /// Somebody else's.
    Foreign,
}

/// Says what it is.
///
/// # Errors
/// When it is not theirs to say, nothing is said why, the thing named is not there, gone, or not missing any more.
pub async fn identify(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    identity: &Identity,
    note: &str,
) -> Result<surplus::Model, AssetError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    let note = words("note", note, "认定依据")?;
    let deed = match identity {
        Identity::Known(_) => Deed::Match,
        Identity::Unbooked(_) => Deed::Own,
        Identity::Foreign => Deed::Disown,
    };
    db.write(async |tx| {
        let (row, after) = load(tx, ctx, number, version, deed).await?;
        let row = surplus::Model {
            state: after.state,
            identified_note: note.clone(),
            identified_by: Some(ctx.actor.to_string()),
            identified_at: Some(ctx.now()),
            case_id: None,
            ..row
        };
        let mut rows = RowsDigest::new(ctx);
        let row = match identity {
            Identity::Known(of) => matched(tx, ctx, row, of, &note, &mut rows).await?,
            Identity::Unbooked(Some(of)) => surplus::Model { case_id: Some(written_off(tx, ctx, of).await?), ..row },
            Identity::Unbooked(None) | Identity::Foreign => row,
        };
        let row = save(tx, row, &mut rows).await?;
        let payload = json!({ "state": row.state, "note": note, "item": row.item_id, "case": row.case_id });
        record(tx, ctx, "surplus.identify", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

/// The thing of this number that is theirs to deal with.
async fn theirs(tx: &Tx, ctx: &Ctx, number: &str) -> Result<item::Model, AssetError> {
    if number.trim().is_empty() {
        return Err(AssetError::field("item_number", "请填写资产编号"));
    }
    let unknown = || AssetError::field("item_number", format!("没有编号为“{}”的资产", number.trim()));
    let thing = items::by_number(tx, number).await?.ok_or_else(unknown)?;
    if reach(ctx, Action::AssetsMove).covers(Some(thing.unit_id)) { Ok(thing) } else { Err(unknown()) }
}

/// A known thing that lost its label: it is labelled anew, and its missing case, when it has one, is found.
async fn matched(
    tx: &Tx,
    ctx: &Ctx,
    row: surplus::Model,
    of: &str,
    note: &str,
    rows: &mut RowsDigest,
) -> Result<surplus::Model, AssetError> {
    let thing = theirs(tx, ctx, of).await?;
    if thing.state == ItemState::WrittenOff {
        let what = format!("“{}”已核销；请认定为账外资产，并填写原资产编号", thing.item_number);
        return Err(AssetError::field("item_number", what));
    }
    if thing.state.is_gone() {
        let what = format!("“{}”{}，已不在账", thing.item_number, thing.state.zh());
        return Err(AssetError::field("item_number", what));
    }
    let wanted = cases::Wanted { item: Some(thing.id), ..cases::Wanted::default() };
    let open = cases::list(tx, ctx, &wanted, 1_000).await?.into_iter().find(|one| one.case.state.is_open());
    // It stays where it lies, when that is a place of its unit.
    let place = row.place_id.filter(|_| row.unit_id == thing.unit_id);
    let why = format!("盘盈 {} 认领：{note}", row.number);
    let case_id = open.as_ref().map(|one| one.case.id);
    if let Some(case) = open {
        found_in(tx, ctx, case, FoundHow::Surplus, place, &why, rows).await?;
    }
    queue_relabel(tx, ctx, thing.id, "标签丢失，待补打").await?;
    tell_finding(tx, ctx, &row, format!("认定为账上资产 {}", thing.item_number), rows).await?;
    let row = surplus::Model { item_id: Some(thing.id), case_id, ..row };
    Ok(ended(ctx, row, &format!("认定为账上资产 {}", thing.item_number)))
}

/// The case by which the thing of this number was written off.
async fn written_off(tx: &Tx, ctx: &Ctx, of: &str) -> Result<MissingCaseId, AssetError> {
    let thing = theirs(tx, ctx, of).await?;
    let wanted = cases::Wanted { item: Some(thing.id), ..cases::Wanted::default() };
    let mut all = cases::list(tx, ctx, &wanted, 1_000).await?;
    let last = all.pop().filter(|one| one.case.state == MissingState::WrittenOff);
    let last = last.ok_or_else(|| AssetError::field("item_number", format!("“{}”没有盘亏核销", thing.item_number)))?;
    let back = store::Wanted { case: Some(last.case.id), ..store::Wanted::default() };
    let twice = store::list(tx, ctx, &back, 100).await?.into_iter().find(|one| one.row.state != State::Dropped);
    match twice {
        None => Ok(last.case.id),
        Some(one) => {
            let what = format!("“{}”的核销已由盘盈 {} 关联", thing.item_number, one.row.number);
            Err(AssetError::field("item_number", what))
        }
    }
}

/// What it is worth, and what it is called in the book.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of asset_surpluses")]
pub struct Valuation {
    pub basis: Basis,
    pub value: Fen,
    /// What the value rests on: the report, the offer.
    pub source: String,
    pub name: String,
    pub specification: String,
    pub class_code: String,
    pub measure_unit: String,
}

/// Says what it is worth.
///
/// # Errors
/// When it is not theirs to say, a field is wrong, or it is not found to be unbooked.
pub async fn value(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    said: &Valuation,
) -> Result<surplus::Model, AssetError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    let source = words("source", &said.source, "估值依据")?;
    let name = words("name", &said.name, "资产名称")?;
    for (field, text, most) in [
        ("name", &said.name, 200),
        ("specification", &said.specification, 200),
        ("class_code", &said.class_code, 64),
        ("measure_unit", &said.measure_unit, 20),
    ] {
        if let Some(reason) = fault(text.trim(), most) {
            return Err(AssetError::field(field, reason));
        }
    }
    if said.basis == Basis::Nominal && said.value != NOMINAL {
        return Err(AssetError::field("value_fen", "名义金额为 1 元"));
    }
    if said.value <= Fen::ZERO {
        return Err(AssetError::field("value_fen", "请填写价值"));
    }
    db.write(async |tx| {
        let (row, after) = load(tx, ctx, number, version, Deed::Value).await?;
        let row = surplus::Model {
            state: after.state,
            basis: Some(said.basis),
            value_fen: Some(said.value),
            value_source: source.clone(),
            valued_by: Some(ctx.actor.to_string()),
            valued_at: Some(ctx.now()),
            name: name.clone(),
            specification: said.specification.trim().to_owned(),
            class_code: said.class_code.trim().to_owned(),
            measure_unit: said.measure_unit.trim().to_owned(),
            // What another value was asked for is not said of this one.
            approval_id: None,
            ..row
        };
        let mut rows = RowsDigest::new(ctx);
        let row = save(tx, row, &mut rows).await?;
        let payload = json!({ "basis": row.basis, "value_fen": row.value_fen, "source": source });
        record(tx, ctx, "surplus.value", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

/// Asks the chain for its entry; which steps it has, the value says.
///
/// # Errors
/// When it is not theirs to ask, it is not valued, an assessed value has no report, or it waits already.
pub async fn ask(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    reason: &str,
) -> Result<surplus::Model, AssetError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    let reason = words("reason", reason, "入账事由")?;
    db.write(async |tx| {
        let (row, _) = load(tx, ctx, number, version, Deed::Ask).await?;
        let report = Subject { room: ROOM, id: row.id, step: APPRAISAL.to_owned(), unit: row.unit_id };
        if row.basis == Some(Basis::Assessed) && papers::of(tx, &report).await?.is_empty() {
            return Err(AssetError::field("paper", "按评估值入账须附评估报告，请先上传"));
        }
        let basis = row.basis.map_or("", Basis::zh);
        let worth = row.value_fen.unwrap_or(Fen::ZERO);
        let payload = json!({ "盘盈": row.number, "物品": format!("{} {}", row.name, row.specification).trim(),
            "数量": row.quantity.0, "价值": format!("{worth} 元（{basis}：{}）", row.value_source),
            "认定": row.identified_note });
        let request = NewRequest {
            kind: CHAIN.to_owned(),
            subject_room: ROOM.to_owned(),
            subject_id: row.number.clone(),
            unit: row.unit_id,
            amount: worth,
            reason: format!("盘盈入账 {}：{reason}", row.number).chars().take(500).collect(),
            payload,
            urgent: false,
        };
        let request = approvals::create_in(tx, ctx, &request).await?;
        let mut rows = RowsDigest::new(ctx);
        let row = save(tx, surplus::Model { approval_id: Some(request.id), ..row }, &mut rows).await?;
        record(tx, ctx, "surplus.ask", &row, json!({ "reason": reason }), rows).await?;
        Ok(row)
    })
    .await
}

/// It went back to whose it is.
///
/// # Errors
/// When it is not theirs to say, nothing is said to whom, or it is not found to be somebody's.
pub async fn hand_over(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    to_whom: &str,
) -> Result<surplus::Model, AssetError> {
    end(db, ctx, (number, version, Deed::HandOver), to_whom, ("owner", "移交给谁、凭据", "surplus.hand_over")).await
}

/// It is not entered: broken, worthless, a mistake of the count.
///
/// # Errors
/// When it is not theirs to say, no reason is given, or it waits for its chain or has ended.
pub async fn refuse(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    reason: &str,
) -> Result<surplus::Model, AssetError> {
    end(db, ctx, (number, version, Deed::Drop), reason, ("reason", "不予入账的原因", "surplus.drop")).await
}

async fn end(
    db: &Db,
    ctx: &Ctx,
    (number, version, deed): (&str, Option<i64>, Deed),
    note: &str,
    (field, what, action): (&'static str, &str, &'static str),
) -> Result<surplus::Model, AssetError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    let note = words(field, note, what)?;
    db.write(async |tx| {
        let (row, after) = load(tx, ctx, number, version, deed).await?;
        let mut rows = RowsDigest::new(ctx);
        let row = save(tx, ended(ctx, surplus::Model { state: after.state, ..row }, &note), &mut rows).await?;
        tell_finding(tx, ctx, &row, format!("{}：{note}", row.state.zh()), &mut rows).await?;
        record(tx, ctx, action, &row, json!({ "note": note }), rows).await?;
        Ok(row)
    })
    .await
}
