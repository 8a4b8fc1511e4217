//! Guns and magazines enter the ledger; what becomes of a gun in its store; who looked at it.

use chrono::NaiveDate;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::json;

use super::armouries::{of_kind, record as record_store};
use super::entity::{arm, armoury, magazine};
use super::model::{ArmDeed, ArmState, Category, Issue, MagazineState, StoreKind};
use super::store::{self, Arm};
use super::transfers::changes::{self, Changed, Of};
use super::transfers::model::Reason;
use super::upkeep::service as upkeep;
use super::{NUMBERS, line, number, words};
use crate::access::{Action, permit, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, DbError, Tx, bulk};
use crate::firearms::ArmsError;
use crate::items::model::{ItemKind, ItemState};
use crate::items::service::{self as items, Change, NewItem};
use crate::items::store as book;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::PersonId;
use crate::kernel::{Ctx, Fen, Quantity};
use crate::org::people;

/// Magazines that are entered at once.
const MOST_MAGAZINES: usize = 200;

/// A gun as it is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArm {
    /// 资产编号; blank for the next of the ledger's own.
    pub number: String,
    /// 枪支类型
    pub model: String,
    /// What sort.
    pub category: Category,
    /// 枪号
    pub serial: String,
    /// 枪证号码
    pub certificate: String,
    /// 痕迹建档编号
    pub ballistic_record: String,
    /// Whose it is when it is somebody's own.
    pub dedicated_to: Option<PersonId>,
    /// The store's number.
    pub armoury: String,
    /// The cabinet's number and the slot, when it has a place of its own.
    pub slot: Option<(String, i64)>,
    /// 配发时间
    pub issued_on: Option<NaiveDate>,
    /// 原值
    pub value: Fen,
    /// 凭证（调拨单、配发文号）
    pub document: String,
}

/// Enters a gun (新增入库).
///
/// # Errors
/// When it is not theirs to do, the store is none of guns, a field is wrong, or serial number, certificate or slot are
/// another gun's.
pub async fn enter(db: &Db, ctx: &Ctx, new: &NewArm) -> Result<Arm, ArmsError> {
    permit_somewhere(ctx, Action::FirearmsWrite)?;
    db.write(async |tx| enter_in(tx, ctx, new).await).await
}

/// The same, in the caller's transaction. What is refused is refused before anything is written.
pub(crate) async fn enter_in(tx: &Tx, ctx: &Ctx, new: &NewArm) -> Result<Arm, ArmsError> {
    let (facts, document) = (Facts::of(new)?, line("document", &new.document, 200)?);
    let of = of_kind(tx, ctx, &new.armoury, StoreKind::Gun).await?;
    if let Some(person) = new.dedicated_to {
        people::open(tx, person, "dedicated_to").await?;
    }
    facts.not_taken(tx).await?;
    let slot = free_slot(tx, &of, new.slot.as_ref()).await?;
    let mut rows = RowsDigest::new(ctx);
    let number = match new.number.trim() {
        "" => format!("QZ-{:04}", NUMBERS.take(tx, "QZ", 1).await?),
        text => text.to_owned(),
    };
    let thing = NewItem {
        kind: ItemKind::Firearm,
        item_number: number,
        name: facts.model.clone(),
        specification: String::new(),
        // The serial number stands in this ledger alone: whoever may see the book may not see that.
        serial_number: String::new(),
        class_code: String::new(),
        class_name: "公务用枪".to_owned(),
        brand: String::new(),
        measure_unit: "支".to_owned(),
        unit_id: of.unit_id,
        place_id: None,
        keeper_id: None,
        quantity: Quantity::ONE,
        state: ItemState::InUse,
        excused_by: None,
        value_fen: new.value,
        acquired_on: new.issued_on,
    };
    thing.check()?;
    let ids = items::register_many(tx, ctx, vec![thing], None, ctx.now(), &mut rows).await?;
    let id = *ids.first().ok_or(ArmsError::NotFound("这支枪"))?;
    let row = arm::Model {
        item_id: id,
        model: facts.model.clone(),
        model_key: facts.model_key.clone(),
        category: new.category,
        serial: new.serial.trim().to_owned(),
        serial_key: facts.serial_key.clone(),
        certificate: facts.certificate.clone(),
        certificate_key: facts.certificate_key.clone(),
        ballistic_record: facts.ballistic_record.clone(),
        issue: if new.dedicated_to.is_some() { Issue::Dedicated } else { Issue::Shared },
        dedicated_to: new.dedicated_to,
        state: ArmState::InStore,
        state_note: String::new(),
        armoury_id: of.id,
        store_kind: of.kind,
        cabinet_id: slot.map(|(cabinet, _)| cabinet),
        slot: slot.map(|(_, slot)| slot),
        issued_on: new.issued_on,
        version: 1,
    };
    row.clone().into_active_model().insert(tx).await?;
    rows.add(&row);
    let changed = Changed {
        armoury: of.id,
        of: Of::Gun(id),
        reason: Reason::Received,
        quantity: 1,
        document: &document,
        note: "",
    };
    changes::add(tx, ctx, changed, &mut rows).await?;
    let item = book::by_id(tx, id).await?.ok_or(ArmsError::NotFound("这支枪"))?;
    let entered = Arm { item, arm: row };
    let payload = json!({ "model": entered.arm.model, "armoury": of.number });
    record(tx, ctx, "firearms.enter", &entered, payload, rows).await?;
    Ok(entered)
}

struct Facts {
    model: String,
    model_key: String,
    serial_key: String,
    certificate: String,
    certificate_key: Option<String>,
    ballistic_record: String,
}

impl Facts {
    fn of(new: &NewArm) -> Result<Self, ArmsError> {
        let certificate = line("certificate", &new.certificate, 40)?;
        let certificate_key = match certificate.as_str() {
            "" => None,
            text => Some(number("certificate", text, 1, 40)?),
        };
        if new.value < Fen::ZERO {
            return Err(ArmsError::field("value", "价值不能为负"));
        }
        Ok(Self {
            model: new.model.trim().to_owned(),
            model_key: number("model", &new.model, 1, 60)?,
            serial_key: number("serial", &new.serial, 4, 40)?,
            certificate,
            certificate_key,
            ballistic_record: line("ballistic_record", &new.ballistic_record, 60)?,
        })
    }

    /// Serial number and certificate are no other gun's.
    async fn not_taken(&self, tx: &Tx) -> Result<(), ArmsError> {
        let same = arm::Entity::find()
            .filter(arm::Column::ModelKey.eq(&self.model_key))
            .filter(arm::Column::SerialKey.eq(&self.serial_key));
        if same.one(tx).await?.is_some() {
            return Err(ArmsError::field("serial", format!("此枪号的{}已在台账", self.model)));
        }
        let Some(certificate) = &self.certificate_key else { return Ok(()) };
        let same = arm::Entity::find().filter(arm::Column::CertificateKey.eq(certificate));
        match same.one(tx).await? {
            None => Ok(()),
            Some(_) => Err(ArmsError::field("certificate", "此枪证号码已登记在另一支枪名下")),
        }
    }
}

/// The slot of a cabinet of the store, when it is there and no gun has it.
async fn free_slot(
    tx: &Tx,
    of: &armoury::Model,
    wanted: Option<&(String, i64)>,
) -> Result<Option<(uuid::Uuid, i64)>, ArmsError> {
    let Some((cabinet, slot)) = wanted else { return Ok(None) };
    let key = number("cabinet", cabinet, 1, 40)?;
    let cabinets = store::cabinets(tx, of.id).await?;
    let Some(cabinet) = cabinets.into_iter().find(|row| row.number_key == key) else {
        return Err(ArmsError::field("cabinet", format!("{} 没有枪柜“{}”", of.name, cabinet.trim())));
    };
    if !(1..=cabinet.slots).contains(slot) {
        return Err(ArmsError::field("slot", format!("枪柜 {} 的枪位为 1 至 {}", cabinet.number, cabinet.slots)));
    }
    let taken = arm::Entity::find().filter(arm::Column::CabinetId.eq(cabinet.id)).filter(arm::Column::Slot.eq(*slot));
    match taken.one(tx).await? {
        None => Ok(Some((cabinet.id, *slot))),
        Some(_) => Err(ArmsError::field("slot", format!("枪柜 {} 的 {slot} 号枪位已有枪", cabinet.number))),
    }
}

/// Enters magazines of one model into a store of guns.
///
/// # Errors
/// When it is not theirs to do, the store is none of guns, or a number is another magazine's.
pub async fn enter_magazines(
    db: &Db,
    ctx: &Ctx,
    armoury: &str,
    model: &str,
    numbered: &[String],
) -> Result<Vec<magazine::Model>, ArmsError> {
    permit_somewhere(ctx, Action::FirearmsWrite)?;
    let model_key = number("model", model, 1, 60)?;
    if numbered.is_empty() || numbered.len() > MOST_MAGAZINES {
        return Err(ArmsError::field("numbers", format!("一次登记 1 至 {MOST_MAGAZINES} 个弹匣")));
    }
    db.write(async |tx| {
        let of = of_kind(tx, ctx, armoury, StoreKind::Gun).await?;
        let mut new: Vec<magazine::Model> = Vec::new();
        for text in numbered {
            let key = number("numbers", text, 1, 40)?;
            let known = magazine::Entity::find().filter(magazine::Column::NumberKey.eq(&key)).one(tx).await?;
            if known.is_some() || new.iter().any(|row| row.number_key == key) {
                return Err(ArmsError::field("numbers", format!("弹匣“{}”已登记", text.trim())));
            }
            new.push(magazine::Model {
                id: ctx.new_id(),
                number: text.trim().to_owned(),
                number_key: key,
                model: model.trim().to_owned(),
                model_key: model_key.clone(),
                state: MagazineState::InStore,
                armoury_id: of.id,
                store_kind: of.kind,
                version: 1,
            });
        }
        let mut rows = RowsDigest::new(ctx);
        new.iter().for_each(|row| rows.add(row));
        bulk::insert(tx, new.clone()).await?;
        let payload = json!({ "model": model.trim(), "magazines": new.len() });
        record_store(tx, ctx, "firearms.enter_magazines", &of, payload, rows).await?;
        Ok(new)
    })
    .await
}

/// What may be done to a gun in its store by whoever keeps it; drawing, returning, losing and cleaning go by their own papers.
pub const IN_STORE: [ArmDeed; 3] = [ArmDeed::NeedCleaning, ArmDeed::ReportFault, ArmDeed::Mend];

/// Says of a gun in its store that it should be cleaned, has a fault, or was mended.
///
/// # Errors
/// When it is not theirs to do, its state does not allow it, no reason is given, or somebody changed it first.
pub async fn keep(
    db: &Db,
    ctx: &Ctx,
    gun: &str,
    version: Option<i64>,
    deed: ArmDeed,
    reason: &str,
) -> Result<Arm, ArmsError> {
    permit_somewhere(ctx, Action::FirearmsWrite)?;
    if !IN_STORE.contains(&deed) {
        return Err(ArmsError::field("deed", format!("“{}”不在此办理", deed.zh())));
    }
    let reason = words("reason", reason, "原因")?;
    db.write(async |tx| {
        let before = store::arm(tx, ctx, gun).await?;
        permit(ctx, Action::FirearmsWrite, Some(before.item.unit_id))?;
        if version.is_some_and(|seen| seen != before.arm.version) {
            return Err(DbError::Stale.into());
        }
        let mut rows = RowsDigest::new(ctx);
        let after = put_state(tx, ctx, before, deed, &reason, None, &mut rows).await?;
        if deed == ArmDeed::ReportFault {
            upkeep::fault_found(tx, ctx, after.item.id, &reason, &mut rows).await?;
        }
        record(tx, ctx, "firearms.keep", &after, json!({ "deed": deed, "reason": reason }), rows).await?;
        Ok(after)
    })
    .await
}

/// Writes a gun's next state, and what it means for the thing of the book: a gun that is out has the paper that
/// explains it, one with a fault is in repair.
pub(crate) async fn put_state(
    tx: &Tx,
    ctx: &Ctx,
    before: Arm,
    deed: ArmDeed,
    reason: &str,
    excused_by: Option<&str>,
    rows: &mut RowsDigest,
) -> Result<Arm, ArmsError> {
    let state = before.arm.state.after(deed).map_err(|refusal| ArmsError::Conflict(refusal.to_string()))?;
    let state_note = if state == ArmState::InStore { String::new() } else { reason.to_owned() };
    let arm = save!(tx, arm, item_id, ItemId, arm::Model { state, state_note, ..before.arm });
    rows.add(&arm);
    let of_item = match state {
        ArmState::InStore | ArmState::Out | ArmState::CleaningDue | ArmState::Cleaning => ItemState::InUse,
        ArmState::Faulty => ItemState::InRepair,
        ArmState::Lost => ItemState::PendingDisposal,
        ArmState::Scrapped => ItemState::Disposed,
    };
    let change = Change {
        state: (of_item != before.item.state).then_some(of_item),
        excused_by: Some(excused_by.map(str::to_owned)).filter(|excused| *excused != before.item.excused_by),
        ..Change::default()
    };
    let item = if change == Change::default() {
        before.item
    } else {
        items::apply(tx, ctx, &before.item, &change, reason, rows).await?
    };
    Ok(Arm { item, arm })
}

/// Opens a gun's page: whoever looks is written down.
///
/// # Errors
/// [`ArmsError::NotFound`] when there is none, or it is out of scope.
pub async fn look(db: &Db, ctx: &Ctx, gun: &str) -> Result<Arm, ArmsError> {
    permit_somewhere(ctx, Action::FirearmsRead)?;
    db.write(async |tx| {
        let seen = store::arm(tx, ctx, gun).await?;
        record(tx, ctx, "firearms.look", &seen, json!({}), RowsDigest::new(ctx)).await?;
        Ok(seen)
    })
    .await
}

pub(crate) async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    arm: &Arm,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), ArmsError> {
    let entry = Entry { action, subject: arm.item.item_number.clone(), unit: Some(arm.item.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}
