//! Who went into a store and came out (人员进出库登记). Nobody is in a store alone.

use sea_orm::prelude::Uuid;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::entity::visit;
use crate::access::{Action, permit, permit_somewhere};
use crate::db::Db;
use crate::db::saving::save;
use crate::findings::{Kind, NewFinding, open_many};
use crate::firearms::ArmsError;
use crate::firearms::draws::handing::ROOM;
use crate::firearms::store as registry;
use crate::firearms::{line, words};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;

/// Somebody who goes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVisit {
    /// The store's number.
    pub armoury: String,
    /// 姓名
    pub visitor: String,
    /// 职务、单位
    pub post: String,
    /// 同行人数
    pub companions: i64,
    /// 事由
    pub reason: String,
}

/// Writes down who goes in. Somebody alone is a finding at once (单人进入枪库).
///
/// # Errors
/// When it is not theirs, or a field is wrong.
pub async fn enter(db: &Db, ctx: &Ctx, new: &NewVisit) -> Result<visit::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    let (visitor, reason) = (words("visitor", &new.visitor, "姓名")?, words("reason", &new.reason, "事由")?);
    let post = line("post", &new.post, 100)?;
    if visitor.chars().count() > 100 || !(0..=100).contains(&new.companions) {
        return Err(ArmsError::field("companions", "姓名最多 100 个字，同行 0 至 100 人"));
    }
    db.write(async |tx| {
        let of = registry::armoury(tx, ctx, &new.armoury).await?;
        permit(ctx, Action::DrawsKeep, Some(of.unit_id))?;
        let row = visit::Model {
            id: ctx.new_id(),
            armoury_id: of.id,
            unit_id: of.unit_id,
            visitor: visitor.clone(),
            post: post.clone(),
            companions: new.companions,
            reason: reason.clone(),
            entered_at: ctx.now(),
            left_at: None,
            findings: String::new(),
            entered_by: ctx.actor.to_string(),
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        if row.companions == 0 {
            let finding = NewFinding {
                room: ROOM,
                origin: format!("visit/{}", row.id),
                link: format!("/firearms/stores/{}", of.number),
                kind: Kind::AloneInArmoury,
                unit: Some(of.unit_id),
                item: None,
                title: format!("单人进入枪弹库：{}", of.name),
                description: format!("{} 登记 1 人进入 {}，没有同行人员。事由：{reason}", row.entered_at, of.name),
            };
            open_many(tx, ctx, vec![finding], &mut rows).await?;
        }
        let (subject, unit) = (of.number.clone(), Some(of.unit_id));
        let payload = json!({ "companions": row.companions, "reason": row.reason });
        journal::record(tx, ctx, Entry { action: "armoury.enter", subject, unit, payload, rows }).await?;
        Ok(row)
    })
    .await
}

/// Writes down that they came out, and what they found.
///
/// # Errors
/// When it is not theirs, there is no such visit, or they are out.
pub async fn leave(db: &Db, ctx: &Ctx, id: Uuid, findings: &str) -> Result<visit::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    let findings = line("findings", findings, 500)?;
    db.write(async |tx| {
        let row = visit::Entity::find_by_id(id).one(tx).await?.ok_or(ArmsError::NotFound("这条进出库登记"))?;
        permit(ctx, Action::DrawsKeep, Some(row.unit_id))?;
        if row.left_at.is_some() {
            return Err(ArmsError::Conflict("已登记出库".to_owned()));
        }
        let now = crate::firearms::draws::ground::after(ctx, row.entered_at)?;
        let row = save!(tx, visit, id, Id, visit::Model { left_at: Some(now), findings: findings.clone(), ..row });
        let rows = RowsDigest::new(ctx).with(&row);
        let (subject, unit) = (row.id.to_string(), Some(row.unit_id));
        let payload = json!({ "findings": findings });
        journal::record(tx, ctx, Entry { action: "armoury.leave", subject, unit, payload, rows }).await?;
        Ok(row)
    })
    .await
}
