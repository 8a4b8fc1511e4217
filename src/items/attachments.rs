//! Documents and photos of things. What a file holds lies on a shelf (a folder, or S3) under its SHA-256; its row says
//! whose it is, what it is called, who brought it and when. Nothing is deleted: a file is withdrawn, with the reason.
//!
//! What a file is, its content says and not its name: a picture is one only if it decodes. The content is held against
//! its hash whenever it is read.

use std::io::Cursor;
use std::path::Path as FilePath;
use std::sync::Arc;

use image::{ImageFormat, ImageReader, Limits};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload};
use sea_orm::prelude::Uuid;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde_json::json;

pub use super::entity::attachment;
use super::error::ItemError;
use super::store;
use crate::access::{Action, permit};
use crate::db::{Db, DbError, Tx};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::hash::{HashKind, hex};
use crate::kernel::ids::ItemId;
use crate::kernel::text::fault;

/// Bytes of a file at most.
pub const MOST_BYTES: usize = 40 << 20;
/// Files that a thing has at most.
const MOST_FILES: u64 = 200;
const MOST_NAME_CHARS: usize = 120;
/// A picture's sides, and the memory that decoding it takes, at most.
const MOST_SIDE: u32 = 20_000;
const MOST_DECODED: u64 = 512 << 20;

/// Where the contents of files lie.
#[derive(Debug, Clone)]
pub struct Shelf {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

/// A shelf does not give, take, or stand where it should.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// The folder cannot be made.
    #[error("无法建立附件目录：{0}")]
    Folder(#[from] std::io::Error),
    /// The store refuses, or is not reached.
    #[error("附件存储出错：{0}")]
    Store(#[from] object_store::Error),
    /// An address that is none of a shelf.
    #[error("附件存储位置“{0}”不对，应为目录，或 s3://桶/前缀（程序须带 aws 功能编译）")]
    Address(String),
    /// The content is not what was brought.
    #[error("文件内容与登记的摘要不符")]
    Altered,
}

impl Shelf {
    /// A shelf in a folder, which is made when it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn folder(dir: &FilePath) -> Result<Self, ShelfError> {
        std::fs::create_dir_all(dir)?;
        // An acknowledged file is on disk.
        let store = LocalFileSystem::new_with_prefix(dir)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), prefix: Path::default() })
    }

    /// The shelf of this address: `s3://bucket/prefix`, or a folder; when nobody says, `attachments` in `data_dir`.
    ///
    /// # Errors
    /// When there can be none.
    pub fn at(address: Option<&str>, data_dir: &FilePath) -> Result<Self, ShelfError> {
        match address {
            None => Self::folder(&data_dir.join("attachments")),
            Some(address) if address.starts_with("s3://") => Self::bucket(address),
            Some(address) if address.contains("://") => Err(ShelfError::Address(address.to_owned())),
            Some(folder) => Self::folder(FilePath::new(folder)),
        }
    }

    /// A bucket; who may, and where it is, the environment says (`AWS_…`).
    #[cfg(feature = "aws")]
    fn bucket(address: &str) -> Result<Self, ShelfError> {
        let store = object_store::aws::AmazonS3Builder::from_env().with_url(address).build()?;
        let prefix = address.trim_start_matches("s3://").split_once('/').map_or("", |(_, prefix)| prefix);
        Ok(Self { store: Arc::new(store), prefix: Path::from(prefix) })
    }

    #[cfg(not(feature = "aws"))]
    fn bucket(address: &str) -> Result<Self, ShelfError> {
        Err(ShelfError::Address(address.to_owned()))
    }

    fn place(&self, sha256: &str) -> Path {
        let (shelf, _) = sha256.split_at_checked(2).unwrap_or((sha256, ""));
        self.prefix.clone().join(shelf).join(sha256)
    }

    /// Puts a file on the shelf. The same once more changes nothing.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn put(&self, file: &NewFile) -> Result<(), ShelfError> {
        self.store.put(&self.place(&file.sha256), PutPayload::from(file.content.clone())).await?;
        Ok(())
    }

    /// What a file holds.
    ///
    /// # Errors
    /// When it is not there, or no longer what was brought.
    pub async fn get(&self, row: &attachment::Model) -> Result<Vec<u8>, ShelfError> {
        self.content(&row.sha256).await
    }

    /// What lies under a hash.
    ///
    /// # Errors
    /// As [`Shelf::get`].
    pub async fn content(&self, hash: &str) -> Result<Vec<u8>, ShelfError> {
        let content: Vec<u8> = self.store.get(&self.place(hash)).await?.bytes().await?.into();
        if sha256(&content) == hash { Ok(content) } else { Err(ShelfError::Altered) }
    }
}

fn sha256(content: &[u8]) -> String {
    hex(&HashKind::Sha256.of(&[content]))
}

/// A file that was looked at and may be kept.
#[derive(Debug, Clone)]
pub struct NewFile {
    name: String,
    media_type: &'static str,
    sha256: String,
    content: Vec<u8>,
}

impl NewFile {
    /// Looks at a file: what it is, and what it may be called. Takes a core while a picture is decoded.
    ///
    /// # Errors
    /// When it is empty, too large, or none of what is kept.
    pub fn look_at(name: &str, content: Vec<u8>) -> Result<Self, ItemError> {
        let refuse = |reason: &str| Err(ItemError::Field { field: "file", reason: reason.to_owned() });
        if content.is_empty() {
            return refuse("没有选择文件，或文件是空的");
        }
        if content.len() > MOST_BYTES {
            return refuse("文件超过 40 MB");
        }
        let name = clean_name(name);
        let Some(media_type) = media_type(&name, &content) else {
            return refuse(
                "只收 JPEG、PNG、WebP 图片，PDF、OFD、Word、Excel、WPS 文档，文本和 ZIP；内容须与扩展名相符",
            );
        };
        Ok(Self { name, media_type, sha256: sha256(&content), content })
    }

    /// What it may be called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is.
    #[must_use]
    pub const fn media_type(&self) -> &'static str {
        self.media_type
    }

    /// The SHA-256 of what it holds, in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// How large it is, bytes.
    #[must_use]
    pub fn bytes(&self) -> i64 {
        i64::try_from(self.content.len()).unwrap_or(i64::MAX)
    }
}

/// What a file may be called: its own name without a way to it, and nothing that a file system or a screen trips over.
#[must_use]
pub fn clean_name(name: &str) -> String {
    let own = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept = own.chars().filter(|c| !c.is_control() && !is_unseen(*c));
    let kept: String = kept.map(|c| if "<>:\"|?*".contains(c) { '_' } else { c }).collect();
    let kept = kept.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let (stem, ending) = match kept.rsplit_once('.') {
        Some((stem, ending)) if ending.chars().count() <= 10 => (stem, format!(".{ending}")),
        _ => (kept, String::new()),
    };
    let stem: String = stem.chars().take(MOST_NAME_CHARS).collect();
    if stem.trim().is_empty() { format!("文件{ending}") } else { format!("{stem}{ending}") }
}

/// Marks that turn or hide what stands beside them.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// What a file is, by its content; its ending only says which of several that look alike.
fn media_type(name: &str, content: &[u8]) -> Option<&'static str> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    if let Ok(format) = image::guess_format(content) {
        let media = match format {
            ImageFormat::Jpeg => "image/jpeg",
            ImageFormat::Png => "image/png",
            ImageFormat::WebP => "image/webp",
            _ => return None,
        };
        return decodes(format, content).then_some(media);
    }
    if content.starts_with(b"%PDF-") {
        return Some("application/pdf");
    }
    if content.starts_with(b"PK\x03\x04") {
        return Some(match ending.as_str() {
            "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "ofd" => "application/ofd",
            "zip" => "application/zip",
            _ => return None,
        });
    }
    if content.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Some(match ending.as_str() {
            "doc" | "wps" => "application/msword",
            "xls" | "et" => "application/vnd.ms-excel",
            _ => return None,
        });
    }
    let is_text = matches!(ending.as_str(), "txt" | "csv") && !content.contains(&0);
    is_text.then_some("text/plain")
}

fn decodes(format: ImageFormat, content: &[u8]) -> bool {
    let mut reader = ImageReader::with_format(Cursor::new(content), format);
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MOST_SIDE), Some(MOST_SIDE));
    limits.max_alloc = Some(MOST_DECODED);
    reader.limits(limits);
    reader.decode().is_ok()
}

/// Whether a browser may show it in its place: only what was decoded, and is served as what it then was.
#[must_use]
pub fn is_picture(row: &attachment::Model) -> bool {
    matches!(row.media_type.as_str(), "image/jpeg" | "image/png" | "image/webp")
}

/// The files of a thing, those withdrawn among them, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_item(db: &impl ConnectionTrait, item: ItemId) -> Result<Vec<attachment::Model>, DbError> {
    Ok(attachment::Entity::find()
        .filter(attachment::Column::ItemId.eq(item))
        .order_by_desc(attachment::Column::UploadedAt)
        .order_by_desc(attachment::Column::Id)
        .all(db)
        .await?)
}

/// The file with this id.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_id(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<attachment::Model>, DbError> {
    Ok(attachment::Entity::find_by_id(id).one(db).await?)
}

/// Adds a file, which lies on the shelf already, to a thing.
///
/// # Errors
/// When it is not theirs to do, the thing is unknown, has the file already or too many, or the database refuses.
pub async fn add(db: &Db, ctx: &Ctx, number: &str, file: &NewFile) -> Result<attachment::Model, ItemError> {
    db.write(async |tx| {
        let thing = store::by_number(tx, number).await?.ok_or_else(|| ItemError::NotFound(number.to_owned()))?;
        permit(ctx, Action::ItemsChange, Some(thing.unit_id))?;
        let refuse = |reason: &str| Err(ItemError::Field { field: "file", reason: reason.to_owned() });
        let theirs = attachment::Entity::find().filter(attachment::Column::ItemId.eq(thing.id));
        if theirs.clone().count(tx).await? >= MOST_FILES {
            return refuse("这件资产的附件已有 200 个");
        }
        let same = theirs.filter(attachment::Column::Sha256.eq(&file.sha256));
        if same.filter(attachment::Column::WithdrawnAt.is_null()).one(tx).await?.is_some() {
            return refuse("这个文件已经在了");
        }
        let row = attachment::Model {
            id: ctx.new_id(),
            item_id: thing.id,
            name: file.name.clone(),
            media_type: file.media_type.to_owned(),
            bytes: i64::try_from(file.content.len()).unwrap_or(i64::MAX),
            sha256: file.sha256.clone(),
            uploaded_by: ctx.actor.to_string(),
            uploaded_at: ctx.now(),
            withdrawn_at: None,
            withdrawn_by: None,
            withdrawn_reason: None,
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await?;
        let payload = json!({ "item": thing.item_number, "name": row.name, "sha256": row.sha256 });
        record(tx, ctx, "attachments.add", &row, thing.unit_id, payload).await?;
        Ok(row)
    })
    .await
}

/// Takes a file out of sight: it stays on the shelf, and its row says who withdrew it and why.
///
/// # Errors
/// When it is not theirs to do, it is unknown or withdrawn already, no reason is given, or the database refuses.
pub async fn withdraw(db: &Db, ctx: &Ctx, id: Uuid, reason: &str) -> Result<attachment::Model, ItemError> {
    if reason.trim().is_empty() {
        return Err(ItemError::ReasonMissing);
    }
    if let Some(reason) = fault(reason, 200) {
        return Err(ItemError::Field { field: "reason", reason });
    }
    db.write(async |tx| {
        let row = by_id(tx, id).await?.ok_or(ItemError::NoAttachment)?;
        let thing = store::by_id(tx, row.item_id).await?.ok_or(ItemError::NoAttachment)?;
        permit(ctx, Action::ItemsChange, Some(thing.unit_id))?;
        if row.withdrawn_at.is_some() {
            return Err(ItemError::WithdrawnAlready);
        }
        let after = attachment::Model {
            withdrawn_at: Some(ctx.now()),
            withdrawn_by: Some(ctx.actor.to_string()),
            withdrawn_reason: Some(reason.trim().to_owned()),
            version: row.version + 1,
            ..row
        };
        after.clone().into_active_model().reset_all().update(tx).await?;
        let payload = json!({ "item": thing.item_number, "reason": reason.trim() });
        record(tx, ctx, "attachments.withdraw", &after, thing.unit_id, payload).await?;
        Ok(after)
    })
    .await
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &attachment::Model,
    unit: crate::kernel::ids::UnitId,
    payload: serde_json::Value,
) -> Result<(), ItemError> {
    let rows = RowsDigest::new(ctx).with(row);
    Ok(journal::record(tx, ctx, Entry { action, subject: row.id.to_string(), unit: Some(unit), payload, rows }).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_and_hides_nothing() {
        for (given, kept) in [
            ("验收单.pdf", "验收单.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\x\\照片 1.JPG", "照片 1.JPG"),
            ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie_ x=1.txt"),
            ("清单\u{202e}fdp.exe", "清单fdp.exe"),
            ("..", "文件"),
            ("", "文件"),
            ("\0.pdf", "pdf"),
            ("\"><script>.png", "___script_.png"),
        ] {
            assert_eq!(clean_name(given), kept, "{given:?}");
        }
        assert_eq!(clean_name(&format!("{}.pdf", "长".repeat(500))).chars().count(), MOST_NAME_CHARS + 4);
    }

    #[test]
    fn what_a_file_is_its_content_says() {
        let mut png = Vec::new();
        image::RgbImage::new(2, 2).write_to(&mut Cursor::new(&mut png), ImageFormat::Png).unwrap();
        let kind =
            |name: &str, content: &[u8]| NewFile::look_at(name, content.to_vec()).map(|file| file.media_type).ok();
        assert_eq!(kind("x.html", &png), Some("image/png"));
        assert_eq!(kind("x.png", &png[..png.len() / 2]), None);
        assert_eq!(kind("x.png", b"<script>"), None);
        assert_eq!(kind("x.pdf", b"%PDF-1.7"), Some("application/pdf"));
        assert_eq!(kind("x.docm", b"PK\x03\x04"), None);
        assert_eq!(kind("x.svg", b"<svg/>"), None);
        assert_eq!(kind("x.txt", "清单".as_bytes()), Some("text/plain"));
        assert_eq!(kind("x.txt", b""), None);
    }

    #[tokio::test]
    async fn what_was_altered_on_the_shelf_is_not_given() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::at(None, dir.path()).unwrap();
        let file = NewFile::look_at("a.txt", b"one".to_vec()).unwrap();
        shelf.put(&file).await.unwrap();
        shelf.put(&file).await.unwrap();
        let at = dir.path().join("attachments").join(&file.sha256[..2]).join(&file.sha256);
        assert_eq!(std::fs::read(&at).unwrap(), b"one");
        let id = crate::kernel::ids::ItemId(Uuid::nil());
        let row = attachment::Model {
            id: Uuid::nil(),
            item_id: id,
            name: file.name.clone(),
            media_type: String::new(),
            bytes: 3,
            sha256: file.sha256.clone(),
            uploaded_by: String::new(),
            uploaded_at: crate::kernel::Timestamp(0),
            withdrawn_at: None,
            withdrawn_by: None,
            withdrawn_reason: None,
            version: 1,
        };
        assert_eq!(shelf.get(&row).await.unwrap(), b"one");
        std::fs::write(&at, b"two").unwrap();
        assert!(matches!(shelf.get(&row).await, Err(ShelfError::Altered)));
        assert!(matches!(Shelf::at(Some("ftp://x/y"), dir.path()), Err(ShelfError::Address(_))));
    }
}
