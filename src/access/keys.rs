//! The program's own secrets: keys, one-time secrets, and how they are hashed. A token of 256 random bits needs no slow
//! hash; a password does, and has one in [`super::password`].

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sea_orm::{ConnectionTrait, EntityTrait as _, IntoActiveModel as _};
use sha2::{Digest as _, Sha256};

use super::AccessError;
use super::entity::keep;
use crate::db::{Db, Tx};
use crate::kernel::hash::hex;
use crate::kernel::{Ctx, Timestamp};

/// What forms carry back is made with it.
pub(crate) const CSRF: &str = "csrf_key";
/// What ID numbers are hashed with.
pub(crate) const ID_NUMBERS: &str = "id_number_key";
/// What requests that carry an `Idempotency-Key` are told apart with.
pub(crate) const IDEMPOTENCY: &str = "idempotency_key";
/// The hash of the setup link's secret.
pub(crate) const SETUP: &str = "setup";

/// A new secret of 256 bits, fit for a cookie and an address.
pub(crate) fn new_secret(ctx: &Ctx) -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>(ctx))
}

/// So many random bytes.
pub(crate) fn random_bytes<const N: usize>(ctx: &Ctx) -> [u8; N] {
    let mut bytes = [0u8; N];
    for chunk in bytes.chunks_mut(8) {
        chunk.copy_from_slice(&ctx.random().to_le_bytes()[..chunk.len()]);
    }
    bytes
}

/// What is stored of a secret: looked up by it, a thief of the table has nothing to show at the door.
pub(crate) fn hash_of(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// The keyed hash of `message` for `purpose`; keys never serve two purposes.
pub(crate) fn keyed(key: &str, purpose: &str, message: &str) -> String {
    // HMAC takes a key of any length.
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return String::new() };
    hex(&mac
        .chain_update(purpose.as_bytes())
        .chain_update([0])
        .chain_update(message.as_bytes())
        .finalize()
        .into_bytes())
}

/// A kept secret, if it was made.
pub(crate) async fn read(db: &impl ConnectionTrait, name: &str) -> Result<Option<keep::Model>, AccessError> {
    Ok(keep::Entity::find_by_id(name).one(db).await?)
}

/// Keeps a secret in the place of the one before.
pub(crate) async fn put(tx: &Tx, name: &str, value: String, made_at: Timestamp) -> Result<(), AccessError> {
    keep::Entity::delete_by_id(name).exec(tx).await?;
    let row = keep::Model { name: name.to_owned(), value, made_at };
    keep::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The key of this name, made the first time it is asked for.
pub(crate) async fn key(tx: &Tx, ctx: &Ctx, name: &str) -> Result<String, AccessError> {
    if let Some(row) = read(tx, name).await? {
        return Ok(row.value);
    }
    let value = new_secret(ctx);
    put(tx, name, value.clone(), ctx.now()).await?;
    Ok(value)
}

/// Keys in memory: made once, never changed.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    csrf: std::sync::OnceLock<String>,
}

/// What a form of this session must carry back. Keyed with what is in no cookie; blank only when nobody ever signed
/// in, and then there is no session either.
pub(crate) async fn csrf(db: &Db, of: &str) -> Result<String, AccessError> {
    let ring = db.memory().of::<Ring>();
    let key = match ring.csrf.get() {
        Some(key) => key.clone(),
        None => match read(db.read(), CSRF).await? {
            Some(row) => ring.csrf.get_or_init(|| row.value).clone(),
            None => return Ok(String::new()),
        },
    };
    Ok(keyed(&key, "csrf", of))
}
