//! Rounds for a training: out by lot with two keepers, back with two; what did not come back was fired.

use sea_orm::prelude::Uuid;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::changes::{self, Changed, Of};
use super::entity::training;
use super::model::{Firing, MOST_TRAINING, Reason, check_training};
use super::store;
use crate::access::{Action, CoSigner, permit, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, DbError, Tx};
use crate::firearms::ammunition::{Why, post};
use crate::firearms::armouries::usable;
use crate::firearms::draws::ground::{after, unlocked};
use crate::firearms::entity::stock;
use crate::firearms::model::{EntryKind, StoreKind};
use crate::firearms::store as registry;
use crate::firearms::upkeep::service::both;
use crate::firearms::{ArmsError, NUMBERS, line, words};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::PersonId;
use crate::kernel::text::key;
use crate::org::people;

/// Rounds as they go to a training.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTraining {
    /// The number of the store of ammunition.
    pub armoury: String,
    /// 批次
    pub lot: String,
    /// 发数
    pub rounds: i64,
    /// 带队人
    pub leader: PersonId,
    /// 参训人员
    pub participants: String,
    /// 地点
    pub place: String,
    /// 训练批准文号
    pub document: String,
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &training::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), ArmsError> {
    let entry = Entry { action, subject: row.number.clone(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}

/// The rounds of a lot in a store of ammunition.
pub(super) async fn lot_of(tx: &Tx, armoury: Uuid, text: &str) -> Result<stock::Model, ArmsError> {
    let wanted = key(text).into_owned();
    let fits = |lot: &crate::firearms::entity::lot::Model| {
        lot.lot_key == wanted || key(&format!("{}{}", lot.type_name, lot.lot)).as_ref() == wanted.as_str()
    };
    let mut found = registry::stock(tx, armoury).await?.into_iter().filter(|(_, lot)| fits(lot));
    match (found.next(), found.next()) {
        (Some((stock, _)), None) => Ok(stock),
        (Some(_), Some(_)) => Err(ArmsError::field("lot", "有几种弹药的批次号相同，请写种类和批次")),
        (None, _) => Err(ArmsError::field("lot", format!("本库没有批次“{}”", text.trim()))),
    }
}

/// Takes rounds of a lot to a training.
///
/// # Errors
/// When it is not theirs, they are one person, the unit is locked, a field is wrong, or there are not so many rounds.
pub async fn take_out(db: &Db, ctx: &Ctx, second: &CoSigner, new: &NewTraining) -> Result<training::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    if !(1..=MOST_TRAINING).contains(&new.rounds) {
        return Err(ArmsError::field("rounds", format!("训练用弹应为 1 至 {MOST_TRAINING} 发的整数")));
    }
    let (participants, place) =
        (words("participants", &new.participants, "参训人员")?, words("place", &new.place, "训练地点")?);
    let document = words("document", &new.document, "训练批准文号")?;
    db.write(async |tx| {
        let of = registry::armoury(tx, ctx, &new.armoury).await?;
        usable(&of, StoreKind::Ammunition)?;
        let (one, two) = both(tx, ctx, second, of.unit_id).await?;
        unlocked(tx, of.unit_id).await?;
        let leader = people::open(tx, new.leader, "leader").await?;
        let stock = lot_of(tx, of.id, &new.lot).await?;
        if stock.rounds < new.rounds {
            let sentence = format!("批次“{}”库存 {} 发，不足 {} 发", new.lot.trim(), stock.rounds, new.rounds);
            return Err(ArmsError::field("rounds", sentence));
        }
        let row = training::Model {
            id: ctx.new_id(),
            number: NUMBERS.next(tx, "XL", ctx.now().day()).await?,
            state: Firing::Out,
            unit_id: of.unit_id,
            armoury_id: of.id,
            store_kind: of.kind,
            stock_id: stock.id,
            rounds_out: new.rounds,
            rounds_back: 0,
            fired: 0,
            cases_kept: 0,
            leader_id: leader.id,
            participants: participants.clone(),
            place: place.clone(),
            document: document.clone(),
            out_at: ctx.now(),
            out1_id: one,
            out2_id: two,
            back1_id: None,
            back2_id: None,
            ended_at: None,
            note: String::new(),
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        let why = Why { kind: EntryKind::Drawn, document: &row.number, note: "训练射击" };
        post(tx, ctx, stock, -row.rounds_out, &why, &mut rows).await?;
        let payload = json!({ "rounds": row.rounds_out, "place": row.place, "document": row.document });
        record(tx, ctx, "training.take_out", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

/// What came back from a training.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Back {
    /// 交还
    pub back: i64,
    /// 射击
    pub fired: i64,
    /// 弹壳
    pub cases: i64,
    /// 备注
    pub note: String,
}

/// Takes back what was not fired, with the cases of what was.
///
/// # Errors
/// When it is not theirs, they are one person, it is closed, or the numbers do not make up what went out.
pub async fn take_back(
    db: &Db,
    ctx: &Ctx,
    second: &CoSigner,
    number: &str,
    version: Option<i64>,
    came: &Back,
) -> Result<training::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    let note = line("note", &came.note, 500)?;
    db.write(async |tx| {
        let row = store::training(tx, ctx, number).await?;
        permit(ctx, Action::DrawsKeep, Some(row.unit_id))?;
        if version.is_some_and(|seen| seen != row.version) {
            return Err(DbError::Stale.into());
        }
        if row.state != Firing::Out {
            return Err(ArmsError::Conflict("此训练用弹单已办结".to_owned()));
        }
        let (one, two) = both(tx, ctx, second, row.unit_id).await?;
        let now = after(ctx, row.out_at)?;
        check_training(row.rounds_out, came.back, came.fired, came.cases)
            .map_err(|reason| ArmsError::field("fired", reason))?;
        if came.cases < came.fired && note.is_empty() {
            return Err(ArmsError::field("note", "弹壳少于射击发数，请写明去向"));
        }
        let mut rows = RowsDigest::new(ctx);
        if came.back > 0 {
            let stock = stock::Entity::find_by_id(row.stock_id).one(tx).await?;
            let stock = stock.ok_or(ArmsError::NotFound("这批弹药"))?;
            let why = Why { kind: EntryKind::Returned, document: &row.number, note: "训练射击" };
            post(tx, ctx, stock, came.back, &why, &mut rows).await?;
        }
        if came.fired > 0 {
            let changed = Changed {
                armoury: row.armoury_id,
                of: Of::Lot(row.stock_id),
                reason: Reason::Training,
                quantity: -came.fired,
                document: &row.number,
                note: &row.place,
            };
            changes::add(tx, ctx, changed, &mut rows).await?;
        }
        let row = training::Model {
            state: Firing::Closed,
            rounds_back: came.back,
            fired: came.fired,
            cases_kept: came.cases,
            back1_id: Some(one),
            back2_id: Some(two),
            ended_at: Some(now),
            note: note.clone(),
            ..row
        };
        let row = save!(tx, training, id, Id, row);
        rows.add(&row);
        let payload = json!({ "back": row.rounds_back, "fired": row.fired, "cases": row.cases_kept });
        record(tx, ctx, "training.take_back", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}
