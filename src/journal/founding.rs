//! What a journal is founded with, once: its hash function, its name, its signing key.

use ed25519_dalek::SigningKey;
use sea_orm::{ActiveModelTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _};
use serde_json::json;

use super::entity::{entry, founding, secret};
use super::note::Vkey;
use super::{Entry, JournalError, RowsDigest, record};
use crate::db::{Db, DbError, Tx};
use crate::kernel::Ctx;
use crate::kernel::hash::{Hash, HashKind};

const ONLY: i64 = 1;

/// What the journal of this database hashes with: every [`Ctx`] that writes to it must have it. A database from before
/// there was a choice hashes with SHA-256.
///
/// # Errors
/// When the database cannot be read.
pub async fn hash_kind(db: &impl ConnectionTrait) -> Result<HashKind, DbError> {
    let founded = founding::Entity::find_by_id(ONLY).one(db).await?;
    Ok(founded.and_then(|row| HashKind::by_name(&row.hash)).unwrap_or_default())
}

/// A row hashed with another function would never fit again.
pub(super) async fn refuse_other_hash(tx: &Tx, kind: HashKind) -> Result<(), DbError> {
    let founded = hash_kind(tx).await?;
    if founded == kind {
        return Ok(());
    }
    let (said, is) = (kind.name(), founded.name());
    Err(DbError::Other(sea_orm::DbErr::Custom(format!("the journal hashes with {is}, the command with {said}"))))
}

/// The journal, as founded.
#[derive(Debug, Clone)]
pub struct Journal {
    /// What it hashes with.
    pub kind: HashKind,
    /// Its name and the key that its checkpoints are checked with.
    pub vkey: Vkey,
}

impl Journal {
    fn of(row: &founding::Model) -> Result<Self, JournalError> {
        let broken = || JournalError::Broken("建立记录不可识别".to_owned());
        let key: [u8; 32] = row.public_key.as_slice().try_into().map_err(|_| broken())?;
        let kind = HashKind::by_name(&row.hash).ok_or_else(broken)?;
        Ok(Self { kind, vkey: Vkey::new(&row.origin, key).ok_or_else(broken)? })
    }
}

/// The journal of this database; `None` when it was not founded yet.
///
/// # Errors
/// When the database cannot be read, or what it says of the journal makes no sense.
pub async fn journal(db: &impl ConnectionTrait) -> Result<Option<Journal>, JournalError> {
    founding::Entity::find_by_id(ONLY).one(db).await?.as_ref().map(Journal::of).transpose()
}

/// Founds the journal, with an entry of its own; one that was founded is left as it is. A database whose entries were
/// written before it was founded goes on with what they were hashed with.
///
/// # Errors
/// When it was founded with another hash function, or the database refuses.
pub async fn found(db: &Db, ctx: &Ctx, kind: HashKind) -> Result<Journal, JournalError> {
    db.write(async |tx| found_in(tx, ctx, kind).await).await
}

/// The journal, founded now where it was not: for a database from before journals were founded.
///
/// # Errors
/// When the database refuses.
pub async fn founded(db: &Db, ctx: &Ctx) -> Result<Journal, JournalError> {
    match journal(db.read()).await? {
        Some(journal) => Ok(journal),
        None => found(db, ctx, HashKind::default()).await,
    }
}

async fn found_in(tx: &Tx, ctx: &Ctx, kind: HashKind) -> Result<Journal, JournalError> {
    if let Some(journal) = journal(tx).await? {
        return if journal.kind == kind {
            Ok(journal)
        } else {
            Err(JournalError::FoundedOtherwise(journal.kind.name()))
        };
    }
    if kind != HashKind::default() && entry::Entity::find().count(tx).await? > 0 {
        return Err(JournalError::FoundedOtherwise(HashKind::default().name()));
    }
    let mut seed: Hash = [0; 32];
    for bytes in seed.chunks_exact_mut(8) {
        bytes.copy_from_slice(&ctx.random().to_le_bytes());
    }
    let public = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
    let row = founding::Model {
        id: ONLY,
        hash: kind.name().to_owned(),
        origin: format!("hufu.journal/{}/{:016x}", kind.name(), ctx.random()),
        founded_at: ctx.now(),
        public_key: public.to_vec(),
    };
    row.clone().into_active_model().insert(tx).await?;
    secret::Model { id: ONLY, seed: seed.to_vec() }.into_active_model().insert(tx).await?;
    let journal = Journal::of(&row)?;
    let ctx = ctx.hashing_with(kind);
    let entry = Entry {
        action: "journal.found",
        subject: row.origin,
        unit: None,
        payload: json!({ "hash": kind.name(), "key": journal.vkey.to_string() }),
        rows: RowsDigest::new(&ctx),
    };
    record(tx, &ctx, entry).await?;
    Ok(journal)
}

/// The key that checkpoints are signed with.
pub(super) async fn signing_key(tx: &Tx) -> Result<SigningKey, JournalError> {
    let lost = || JournalError::Broken("签名密钥不在库中".to_owned());
    let row = secret::Entity::find_by_id(ONLY).one(tx).await?.ok_or_else(lost)?;
    let seed: Hash = row.seed.as_slice().try_into().map_err(|_| lost())?;
    Ok(SigningKey::from_bytes(&seed))
}
