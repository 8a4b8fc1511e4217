//! Rounds by lot and store: they come in, and every change is an entry that adds up.

use chrono::NaiveDate;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::json;

use super::armouries::{of_kind, record};
use super::entity::{armoury, entry, lot, stock};
use super::model::{EntryKind, MOST_ROUNDS, StoreKind};
use super::transfers::changes::{self, Changed, Of};
use super::transfers::model::Reason;
use super::{line, number, words};
use crate::access::{Action, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, Tx};
use crate::firearms::ArmsError;
use crate::journal::RowsDigest;
use crate::kernel::Ctx;

/// Rounds as they come into a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The store's number.
    pub armoury: String,
    /// 弹药种类, as `9mm手枪弹`.
    pub type_name: String,
    /// 批次
    pub lot: String,
    /// 生产日期
    pub made_on: Option<NaiveDate>,
    /// 发数
    pub rounds: i64,
    /// 凭证
    pub document: String,
    /// 备注
    pub note: String,
}

/// Takes rounds into a store of ammunition.
///
/// # Errors
/// When it is not theirs to do, the store is none of ammunition, or a field is wrong.
pub async fn receive(db: &Db, ctx: &Ctx, new: &Receipt) -> Result<stock::Model, ArmsError> {
    permit_somewhere(ctx, Action::FirearmsWrite)?;
    db.write(async |tx| receive_in(tx, ctx, new).await).await
}

/// The same, in the caller's transaction. What is refused is refused before anything is written.
pub(crate) async fn receive_in(tx: &Tx, ctx: &Ctx, new: &Receipt) -> Result<stock::Model, ArmsError> {
    let type_key = number("type_name", &new.type_name, 1, 60)?;
    let lot_key = number("lot", &new.lot, 1, 40)?;
    let (document, note) =
        (words("document", &new.document, "凭证（调拨单、入库单号）")?, line("note", &new.note, 200)?);
    if !(1..=MOST_ROUNDS).contains(&new.rounds) {
        return Err(ArmsError::field("rounds", "发数应为 1 至 10,000,000 的整数"));
    }
    let of = of_kind(tx, ctx, &new.armoury, StoreKind::Ammunition).await?;
    let mut rows = RowsDigest::new(ctx);
    let known = lot::Entity::find()
        .filter(lot::Column::TypeKey.eq(&type_key))
        .filter(lot::Column::LotKey.eq(&lot_key))
        .one(tx)
        .await?;
    let lot = match known {
        Some(lot) => lot,
        None => {
            let row = lot::Model {
                id: ctx.new_id(),
                type_name: new.type_name.trim().to_owned(),
                type_key: type_key.clone(),
                lot: new.lot.trim().to_owned(),
                lot_key: lot_key.clone(),
                made_on: new.made_on,
                version: 1,
            };
            row.clone().into_active_model().insert(tx).await?;
            rows.add(&row);
            row
        }
    };
    let stock = stock_of(tx, ctx, &of, &lot).await?;
    let why = Why { kind: EntryKind::Received, document: &document, note: &note };
    let stock = post(tx, ctx, stock, new.rounds, &why, &mut rows).await?;
    let changed = Changed {
        armoury: of.id,
        of: Of::Lot(stock.id),
        reason: Reason::Received,
        quantity: new.rounds,
        document: &document,
        note: &note,
    };
    changes::add(tx, ctx, changed, &mut rows).await?;
    let payload = json!({ "type": lot.type_name, "lot": lot.lot, "rounds": new.rounds, "document": document });
    record(tx, ctx, "firearms.receive_rounds", &of, payload, rows).await?;
    Ok(stock)
}

/// What lies of a lot in a store; a row of none is made where there was nothing yet.
pub(crate) async fn stock_of(
    tx: &Tx,
    ctx: &Ctx,
    of: &armoury::Model,
    lot: &lot::Model,
) -> Result<stock::Model, ArmsError> {
    let known = stock::Entity::find()
        .filter(stock::Column::ArmouryId.eq(of.id))
        .filter(stock::Column::LotId.eq(lot.id))
        .one(tx)
        .await?;
    if let Some(row) = known {
        return Ok(row);
    }
    let row = stock::Model {
        id: ctx.new_id(),
        lot_id: lot.id,
        armoury_id: of.id,
        store_kind: of.kind,
        rounds: 0,
        version: 1,
    };
    row.clone().into_active_model().insert(tx).await?;
    Ok(row)
}

/// Why rounds became more or fewer.
pub(crate) struct Why<'a> {
    pub(crate) kind: EntryKind,
    pub(crate) document: &'a str,
    pub(crate) note: &'a str,
}

/// Changes the rounds of a lot in a store by so many, in the caller's transaction, who asked whether they may.
pub(crate) async fn post(
    tx: &Tx,
    ctx: &Ctx,
    row: stock::Model,
    delta: i64,
    why: &Why<'_>,
    rows: &mut RowsDigest,
) -> Result<stock::Model, ArmsError> {
    let balance = row.rounds.checked_add(delta).filter(|after| (0..=MOST_ROUNDS).contains(after));
    let Some(balance) = balance else {
        let sentence = format!("库存 {} 发，不能{} {} 发", row.rounds, why.kind.zh(), delta.unsigned_abs());
        return Err(ArmsError::field("rounds", sentence));
    };
    let after = save!(tx, stock, id, Id, stock::Model { rounds: balance, ..row });
    let line = entry::Model {
        id: ctx.new_id(),
        stock_id: after.id,
        // Its row's version: one entry a version, so that none can be left out.
        seq: after.version - 1,
        kind: why.kind,
        delta,
        balance,
        document: why.document.to_owned(),
        note: why.note.to_owned(),
        entered_by: ctx.actor.to_string(),
        entered_at: ctx.now(),
    };
    line.clone().into_active_model().insert(tx).await?;
    rows.add(&after);
    rows.add(&line);
    Ok(after)
}
