//! A gun that cannot be mended goes up to the province with its certificate, to be destroyed there (枪支管理法 第27条).

use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::changes::{self, Changed, Of};
use super::entity::scrapping;
use super::model::Reason;
use crate::access::{Action, CoSigner, permit, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, DbError};
use crate::firearms::arms::{put_state, record};
use crate::firearms::entity::arm;
use crate::firearms::model::{ArmDeed, StoreKind};
use crate::firearms::store::{self as registry, Arm};
use crate::firearms::upkeep::service::both;
use crate::firearms::{ArmsError, NUMBERS, line, words};
use crate::journal::RowsDigest;
use crate::kernel::Ctx;
use crate::kernel::text::key;

/// A handing up as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandUp {
    /// The gun's number, label or serial number.
    pub gun: String,
    /// The certificate that goes with it, read off the paper.
    pub certificate: String,
    /// 接收单位
    pub receiver: String,
    /// 接收人
    pub receiver_person: String,
    /// 报废批准文号
    pub document: String,
    /// 原因
    pub reason: String,
}

/// Hands a gun up with its certificate; two of its store do, and it stays in the book as scrapped.
///
/// # Errors
/// When it is not theirs, they are one person, the gun has no fault, the certificate is not its own, or a field is missing.
pub async fn hand_up(
    db: &Db,
    ctx: &Ctx,
    second: &CoSigner,
    version: Option<i64>,
    new: &HandUp,
) -> Result<scrapping::Model, ArmsError> {
    permit_somewhere(ctx, Action::FirearmsWrite)?;
    let (receiver, document) =
        (words("receiver", &new.receiver, "接收单位")?, words("document", &new.document, "报废批准文号")?);
    let (reason, receiver_person) =
        (words("reason", &new.reason, "报废的原因")?, line("receiver_person", &new.receiver_person, 100)?);
    if receiver.chars().count() > 100 {
        return Err(ArmsError::field("receiver", "最多 100 个字"));
    }
    db.write(async |tx| {
        let before = registry::arm(tx, ctx, &new.gun).await?;
        let unit = before.item.unit_id;
        permit(ctx, Action::FirearmsWrite, Some(unit))?;
        if version.is_some_and(|seen| seen != before.arm.version) {
            return Err(DbError::Stale.into());
        }
        let (one, two) = both(tx, ctx, second, unit).await?;
        if before.arm.certificate_key.as_deref() != Some(key(&new.certificate).as_ref()) {
            let sentence = "枪证号码与台账不符；枪支报废时枪证须一并上交";
            return Err(ArmsError::field("certificate", sentence));
        }
        let mut rows = RowsDigest::new(ctx);
        let (certificate, armoury) = (before.arm.certificate.clone(), before.arm.armoury_id);
        let after = put_state(tx, ctx, before, ArmDeed::Scrap, &reason, None, &mut rows).await?;
        // Its place in the cabinet is free.
        let freed = arm::Model { cabinet_id: None, slot: None, ..after.arm };
        let freed = save!(tx, arm, item_id, ItemId, freed);
        rows.add(&freed);
        let row = scrapping::Model {
            id: ctx.new_id(),
            number: NUMBERS.next(tx, "QB", ctx.now().day()).await?,
            unit_id: unit,
            armoury_id: armoury,
            store_kind: StoreKind::Gun,
            item_id: after.item.id,
            certificate,
            receiver: receiver.clone(),
            receiver_person: receiver_person.clone(),
            document: document.clone(),
            reason: reason.clone(),
            handed1_id: one,
            handed2_id: two,
            handed_at: ctx.now(),
        };
        row.clone().into_active_model().insert(tx).await?;
        rows.add(&row);
        let changed = Changed {
            armoury,
            of: Of::Gun(row.item_id),
            reason: Reason::Scrapped,
            quantity: -1,
            document: &row.number,
            note: &document,
        };
        changes::add(tx, ctx, changed, &mut rows).await?;
        let payload = json!({ "number": row.number, "receiver": row.receiver, "document": row.document });
        let gone = Arm { item: after.item, arm: freed };
        record(tx, ctx, "firearms.hand_up", &gone, payload, rows).await?;
        Ok(row)
    })
    .await
}
