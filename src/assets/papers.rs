//! The papers of a document or case: contract, invoice, minutes of the collective decision, approval of a higher
//! authority, appraisal, receipt, photo. What a paper holds lies on the shelf of [`crate::items::attachments`], under its
//! hash; its row says which step of which document it proves. Nothing is deleted: a paper is withdrawn, with the reason.
//!
//! Who may bring a paper, the room whose document it is decides before it calls [`attach`].

use sea_orm::prelude::Uuid;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde_json::json;

pub use self::entity::paper;
use crate::assets::AssetError;
use crate::db::{Db, DbError, Tx};
use crate::items::attachments::{NewFile, Shelf};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;
use crate::kernel::text::fault;

/// Papers that a document has at most.
const MOST_PAPERS: u64 = 200;

mod entity {
    #![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
    #![expect(
        clippy::disallowed_methods,
        reason = "the derived save() of dense entities begins a transaction; nobody calls it"
    )]

    /// The table `asset_papers`.
    pub mod paper {
        use sea_orm::entity::prelude::*;
        use serde::Serialize;

        use crate::kernel::Timestamp;
        use crate::kernel::ids::UnitId;

        /// A paper of a document; what it holds lies on the shelf under its hash.
        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
        #[sea_orm(table_name = "asset_papers")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: Uuid,
            /// The room whose document it proves: `movements`, `losses`.
            pub room: String,
            pub subject_id: Uuid,
            /// Which step or requirement of it: `contract`, `appraisal`, `minutes` …, as that room names them.
            pub step: String,
            /// Whose document it is: who may see that unit's things may see the paper.
            pub unit_id: UnitId,
            pub name: String,
            pub media_type: String,
            pub bytes: i64,
            pub sha256: String,
            pub uploaded_by: String,
            pub uploaded_at: Timestamp,
            pub withdrawn_at: Option<Timestamp>,
            pub withdrawn_by: Option<String>,
            pub withdrawn_reason: Option<String>,
            pub version: i64,
        }

        impl ActiveModelBehavior for ActiveModel {}
        crate::journal::row!(Model, "asset_papers", id);
    }
}

/// What a paper belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The room: `movements`, `losses`.
    pub room: &'static str,
    /// The document or case.
    pub id: Uuid,
    /// Its step or requirement; in [`of`] blank for all of them.
    pub step: String,
    /// The unit whose document it is.
    pub unit: UnitId,
}

/// Puts a file on the shelf and adds it to a document. The caller has asked whether they may.
///
/// # Errors
/// When the shelf or the database refuses, the document has this paper already, or too many.
pub async fn attach(
    db: &Db,
    shelf: &Shelf,
    ctx: &Ctx,
    subject: &Subject,
    file: &NewFile,
) -> Result<paper::Model, AssetError> {
    // The content first: a row never names what is not there.
    shelf.put(file).await.map_err(|error| {
        tracing::error!(%error, "a paper could not be kept");
        AssetError::Conflict("附件存储暂时不可用，请稍后重试".to_owned())
    })?;
    db.write(async |tx| attach_in(tx, ctx, subject, file).await).await
}

/// Adds a file, which lies on the shelf already, to a document, in the caller's transaction; with an entry of its own.
///
/// # Errors
/// When the document has this paper already, or too many, or the database refuses.
pub async fn attach_in(tx: &Tx, ctx: &Ctx, subject: &Subject, file: &NewFile) -> Result<paper::Model, AssetError> {
    let refuse = |reason: &str| Err(AssetError::field("file", reason));
    let theirs = paper::Entity::find()
        .filter(paper::Column::Room.eq(subject.room))
        .filter(paper::Column::SubjectId.eq(subject.id));
    if theirs.clone().count(tx).await? >= MOST_PAPERS {
        return refuse("这份单据的附件已有 200 个");
    }
    let same = theirs.filter(paper::Column::Sha256.eq(file.sha256())).filter(paper::Column::Step.eq(&subject.step));
    if same.filter(paper::Column::WithdrawnAt.is_null()).one(tx).await?.is_some() {
        return refuse("这个文件已经在了");
    }
    let row = paper::Model {
        id: ctx.new_id(),
        room: subject.room.to_owned(),
        subject_id: subject.id,
        step: subject.step.clone(),
        unit_id: subject.unit,
        name: file.name().to_owned(),
        media_type: file.media_type().to_owned(),
        bytes: file.bytes(),
        sha256: file.sha256().to_owned(),
        uploaded_by: ctx.actor.to_string(),
        uploaded_at: ctx.now(),
        withdrawn_at: None,
        withdrawn_by: None,
        withdrawn_reason: None,
        version: 1,
    };
    row.clone().into_active_model().insert(tx).await?;
    let payload = json!({ "room": row.room, "document": row.subject_id, "step": row.step, "name": row.name });
    record(tx, ctx, "assets.attach_paper", &row, payload).await?;
    Ok(row)
}

/// The papers of a document that stand, of one step or (blank) of all, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &impl ConnectionTrait, subject: &Subject) -> Result<Vec<paper::Model>, DbError> {
    let mut papers = paper::Entity::find()
        .filter(paper::Column::Room.eq(subject.room))
        .filter(paper::Column::SubjectId.eq(subject.id))
        .filter(paper::Column::WithdrawnAt.is_null());
    if !subject.step.is_empty() {
        papers = papers.filter(paper::Column::Step.eq(&subject.step));
    }
    Ok(papers.order_by_asc(paper::Column::UploadedAt).order_by_asc(paper::Column::Id).all(db).await?)
}

/// The paper with this id, withdrawn or not.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_id(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<paper::Model>, DbError> {
    Ok(paper::Entity::find_by_id(id).one(db).await?)
}

/// Takes a paper out of sight: it stays on the shelf, and its row says who withdrew it and why. The caller has asked
/// whether they may.
///
/// # Errors
/// When it is unknown or withdrawn already, no reason is given, or the database refuses.
pub async fn withdraw(db: &Db, ctx: &Ctx, id: Uuid, reason: &str) -> Result<paper::Model, AssetError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(AssetError::field("reason", "请写明撤下的原因"));
    }
    if let Some(reason) = fault(reason, 200) {
        return Err(AssetError::field("reason", reason));
    }
    db.write(async |tx| {
        let row = by_id(tx, id).await?.ok_or(AssetError::NotFound("这个附件"))?;
        if row.withdrawn_at.is_some() {
            return Err(AssetError::Conflict("这个附件已撤下".to_owned()));
        }
        let after = paper::Model {
            withdrawn_at: Some(ctx.now()),
            withdrawn_by: Some(ctx.actor.to_string()),
            withdrawn_reason: Some(reason.to_owned()),
            version: row.version + 1,
            ..row
        };
        after.clone().into_active_model().reset_all().update(tx).await?;
        record(tx, ctx, "assets.withdraw_paper", &after, json!({ "reason": reason })).await?;
        Ok(after)
    })
    .await
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &paper::Model,
    payload: serde_json::Value,
) -> Result<(), AssetError> {
    let rows = RowsDigest::new(ctx).with(row);
    let entry = Entry { action, subject: row.id.to_string(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}
