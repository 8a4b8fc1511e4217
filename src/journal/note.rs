//! Checkpoints as signed notes, in the formats of C2SP `signed-note` and `tlog-checkpoint`: lines of text that any
//! such tool reads, and that a person can type from paper.
//!
//! ```text
//! hufu.journal/sha256/0123456789abcdef
//! 42
//! qZ3…=
//! time 2026-11-23T04:05:06.789Z
//!
//! — hufu.journal/sha256/0123456789abcdef 5bDq…=
//! ```

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::kernel::Timestamp;
use crate::kernel::hash::{Hash, HashKind, hex};

/// The algorithm's number in C2SP `signed-note`.
const ED25519: u8 = 1;
/// No note of ours is longer.
pub const MOST_BYTES: usize = 4096;

/// A journal's name and the key that its checkpoints are checked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vkey {
    origin: String,
    key: VerifyingKey,
}

impl Vkey {
    /// The key of a journal; `None` when the name could not stand in a note, or the key is none.
    #[must_use]
    pub fn new(origin: &str, key: [u8; 32]) -> Option<Self> {
        let fits = !origin.is_empty() && origin.chars().all(|c| !c.is_whitespace() && c != '+' && !c.is_control());
        let key = VerifyingKey::from_bytes(&key).ok().filter(|key| !key.is_weak())?;
        fits.then(|| Self { origin: origin.to_owned(), key })
    }

    /// The journal's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The key as people compare it: eight groups of hexadecimal digits of its hash.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digits = hex(&Sha256::digest(self.key.as_bytes())[..16]);
        let groups: Vec<&str> = (0..8).map(|n| &digits[n * 4..n * 4 + 4]).collect();
        groups.join(" ")
    }

    /// Tells this key's signatures from others'.
    fn id(&self) -> [u8; 4] {
        let hash = Sha256::new()
            .chain_update(self.origin.as_bytes())
            .chain_update([b'\n', ED25519])
            .chain_update(self.key.as_bytes())
            .finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// Reads `name+id+key`; `None` when it is not one, or is not written as we write it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (origin, rest) = text.split_once('+')?;
        let (_, key) = rest.split_once('+')?;
        let bytes = BASE64.decode(key).ok()?;
        let (algorithm, key) = bytes.split_first()?;
        let key = (*algorithm == ED25519).then(|| key.try_into().ok()).flatten()?;
        Self::new(origin, key).filter(|vkey| vkey.to_string() == text)
    }
}

impl fmt::Display for Vkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519], &self.key.as_bytes()[..]].concat();
        write!(f, "{}+{}+{}", self.origin, hex(&self.id()), BASE64.encode(key))
    }
}

/// The head of a tree at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Entries under it.
    pub size: u64,
    /// Its hash.
    pub root: Hash,
    /// When it was signed.
    pub at: Timestamp,
}

impl Head {
    fn text(&self, origin: &str) -> String {
        format!("{origin}\n{}\n{}\ntime {}\n", self.size, BASE64.encode(self.root), utc(self.at))
    }

    /// The head as a signed note.
    #[must_use]
    pub fn sign(&self, vkey: &Vkey, key: &SigningKey) -> String {
        let text = self.text(vkey.origin());
        let signature = key.sign(text.as_bytes()).to_bytes();
        let signed = BASE64.encode([&vkey.id()[..], &signature[..]].concat());
        format!("{text}\n— {} {signed}\n", vkey.origin())
    }
}

fn utc(at: Timestamp) -> String {
    let at = chrono::DateTime::from_timestamp_millis(at.0).unwrap_or_default();
    at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Why a note does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not a note of ours.
    #[error("不是检查点文件，或内容不完整")]
    Unreadable,
    /// Of another journal.
    #[error("不是这本日志的检查点（名称不同）")]
    OtherJournal,
    /// Signed with another key, or changed since.
    #[error("签名不是本日志的密钥所签，或内容被改动")]
    Signature,
}

/// Reads a note and checks its signature. What is not written exactly as we write it is refused.
///
/// # Errors
/// [`NoteError`].
pub fn open(note: &str, vkey: &Vkey) -> Result<Head, NoteError> {
    if note.len() > MOST_BYTES {
        return Err(NoteError::Unreadable);
    }
    let (text, signatures) = note.split_once("\n\n").ok_or(NoteError::Unreadable)?;
    let head = read_head(text).ok_or(NoteError::Unreadable)?;
    if text.lines().next() != Some(vkey.origin()) {
        return Err(NoteError::OtherJournal);
    }
    let text = format!("{text}\n");
    if text != head.text(vkey.origin()) {
        return Err(NoteError::Unreadable);
    }
    let line = signatures.strip_suffix('\n').ok_or(NoteError::Unreadable)?;
    let signed = line.strip_prefix("— ").and_then(|line| line.split_once(' ')).ok_or(NoteError::Unreadable)?;
    let bytes = BASE64.decode(signed.1).map_err(|_| NoteError::Unreadable)?;
    let (id, signature) = bytes.split_at_checked(4).ok_or(NoteError::Unreadable)?;
    let signature: [u8; 64] = signature.try_into().map_err(|_| NoteError::Unreadable)?;
    if signed.0 != vkey.origin() || id != vkey.id() {
        return Err(NoteError::Signature);
    }
    vkey.key
        .verify_strict(text.as_bytes(), &Signature::from_bytes(&signature))
        .map(|()| head)
        .map_err(|_| NoteError::Signature)
}

/// What a note says, its signature unchecked: to learn which size to look at.
#[must_use]
pub fn claimed(note: &str) -> Option<Head> {
    read_head(note.split_once("\n\n")?.0)
}

fn read_head(text: &str) -> Option<Head> {
    let mut lines = text.lines().skip(1);
    let size = lines.next()?.parse().ok()?;
    let root = BASE64.decode(lines.next()?).ok()?.try_into().ok()?;
    let at = chrono::DateTime::parse_from_rfc3339(lines.next()?.strip_prefix("time ")?).ok()?;
    lines.next().is_none().then_some(Head { size, root, at: Timestamp(at.timestamp_millis()) })
}

/// What a journal of this name hashes with.
#[must_use]
pub fn kind_of(origin: &str) -> Option<HashKind> {
    HashKind::by_name(origin.strip_prefix("hufu.journal/")?.split_once('/')?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal() -> (Vkey, SigningKey) {
        let key = SigningKey::from_bytes(&[7; 32]);
        (Vkey::new("hufu.journal/sha256/00", key.verifying_key().to_bytes()).unwrap(), key)
    }

    #[test]
    fn a_note_says_what_was_signed_and_nothing_else() {
        let (vkey, key) = journal();
        let head = Head { size: 42, root: [9; 32], at: Timestamp(1_764_000_000_123) };
        let note = head.sign(&vkey, &key);
        assert_eq!(open(&note, &vkey), Ok(head));
        assert_eq!(Vkey::parse(&vkey.to_string()), Some(vkey.clone()));
        for at in 0..note.len() {
            let mut bytes = note.clone().into_bytes();
            bytes[at] ^= 1;
            let changed = String::from_utf8_lossy(&bytes);
            assert!(open(&changed, &vkey).is_err(), "byte {at}: {changed}");
            let Some(cut) = note.get(..at) else { continue };
            assert!(open(cut, &vkey).is_err(), "{cut}");
        }
        let other = SigningKey::from_bytes(&[8; 32]);
        let theirs = Vkey::new(vkey.origin(), other.verifying_key().to_bytes()).unwrap();
        assert_eq!(open(&note, &theirs), Err(NoteError::Signature));
        assert_eq!(open(&format!("{note}x"), &vkey), Err(NoteError::Unreadable));
    }
}
