//! Photos of an inspection. What one holds lies on the shelf under its hash; its row is never changed.

use sea_orm::prelude::Uuid;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _,
};
use serde_json::json;

use super::entity::photo;
use super::model::Deed;
use super::service::{ground, record, theirs};
use crate::access::{Action, permit_somewhere};
use crate::db::Db;
use crate::firearms::ArmsError;
use crate::items::attachments::NewFile;
use crate::journal::RowsDigest;
use crate::kernel::Ctx;

/// Photos that a paper has at most.
const MOST: u64 = 100;

/// Adds a photo, which lies on the shelf already, to an open paper; `code` says of which check, or is blank.
///
/// # Errors
/// When the paper is not theirs, has no such check, has this photo already or too many, or the file is no picture.
pub async fn add(db: &Db, ctx: &Ctx, number: &str, code: &str, file: &NewFile) -> Result<photo::Model, ArmsError> {
    permit_somewhere(ctx, Action::InspectionsRun)?;
    if !file.media_type().starts_with("image/") {
        return Err(ArmsError::field("file", "只收 JPEG、PNG、WebP 图片"));
    }
    db.write(async |tx| {
        let row = theirs(tx, ctx, number, Deed::Answer).await?;
        let (list, of) = ground(tx, &row).await?;
        if !code.is_empty() && !list.asked(row.kind, of.kind).any(|check| check.code == code) {
            return Err(ArmsError::field("step", format!("检查表第 {} 版没有“{code}”这一项", list.version)));
        }
        let theirs = photo::Entity::find().filter(photo::Column::InspectionId.eq(row.id));
        if theirs.clone().count(tx).await? >= MOST {
            return Err(ArmsError::field("file", format!("一份检查表最多 {MOST} 张照片")));
        }
        if theirs.filter(photo::Column::Sha256.eq(file.sha256())).one(tx).await?.is_some() {
            return Err(ArmsError::field("file", "这张照片已经在了"));
        }
        let kept = photo::Model {
            id: ctx.new_id::<Uuid>(),
            inspection_id: row.id,
            code: code.to_owned(),
            name: file.name().to_owned(),
            media_type: file.media_type().to_owned(),
            bytes: file.bytes(),
            sha256: file.sha256().to_owned(),
            uploaded_by: ctx.actor.to_string(),
            uploaded_at: ctx.now(),
        };
        kept.clone().into_active_model().insert(tx).await?;
        let payload = json!({ "check": kept.code, "name": kept.name, "sha256": kept.sha256 });
        record(tx, ctx, "inspections.add_photo", &row, payload, RowsDigest::new(ctx).with(&kept)).await?;
        Ok(kept)
    })
    .await
}
