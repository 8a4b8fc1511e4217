//! An entry as bytes, one way only: what the tree's leaves are made of.
//!
//! Every part has its length (8 bytes, big-endian) in front, so that no two entries look alike: the magic
//! `hufu.journal/1` (`hufu.journal/0` for entries written before lists of touched rows were kept), id (16 bytes), at
//! (8 bytes, milliseconds since 1970), actor, co-signer, unit, action, subject, payload, hash of the list of touched
//! rows (32 bytes). A part that may be absent is preceded by `1` when it is there and is `0` when not.

use uuid::Uuid;

/// Entries with a list of what they touched.
pub const ITEMISED: i64 = 1;
/// Entries written before lists were kept.
pub const NOT_ITEMISED: i64 = 0;

/// An entry's parts, wherever they come from.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "the columns of journal_entries")]
pub struct Parts<'a> {
    pub format: i64,
    pub id: Uuid,
    pub at: i64,
    pub actor: &'a str,
    pub co_signer: Option<&'a str>,
    pub unit: Option<Uuid>,
    pub action: &'a str,
    pub subject: &'a str,
    pub payload: &'a str,
    pub rows_hash: &'a [u8],
}

impl Parts<'_> {
    /// The bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let magic: &[u8] = if self.format == NOT_ITEMISED { b"hufu.journal/0" } else { b"hufu.journal/1" };
        let mut bytes = Vec::with_capacity(256 + self.payload.len());
        let mut part = |parts: &[&[u8]]| {
            let length: usize = parts.iter().map(|part| part.len()).sum();
            bytes.extend_from_slice(&(length as u64).to_be_bytes());
            parts.iter().for_each(|part| bytes.extend_from_slice(part));
        };
        part(&[magic]);
        part(&[self.id.as_bytes()]);
        part(&[&self.at.to_be_bytes()]);
        part(&[self.actor.as_bytes()]);
        match self.co_signer {
            Some(person) => part(&[&[1], person.as_bytes()]),
            None => part(&[&[0]]),
        }
        match &self.unit {
            Some(unit) => part(&[&[1], unit.as_bytes()]),
            None => part(&[&[0]]),
        }
        part(&[self.action.as_bytes()]);
        part(&[self.subject.as_bytes()]);
        part(&[self.payload.as_bytes()]);
        part(&[self.rows_hash]);
        bytes
    }
}

/// A hash from lower-case hexadecimal; nothing else is one.
#[must_use]
pub fn unhex(text: &str) -> Option<[u8; 32]> {
    let text = text.as_bytes();
    if text.len() != 64 {
        return None;
    }
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::hash::{HashKind, hex};

    #[test]
    fn the_encoding_stays_as_it_is() {
        let parts = Parts {
            format: ITEMISED,
            id: Uuid::from_u128(7),
            at: 1,
            actor: "local:甲",
            co_signer: None,
            unit: Some(Uuid::from_u128(9)),
            action: "items.change",
            subject: "A-1",
            payload: "{}",
            rows_hash: &[3; 32],
        };
        insta::assert_snapshot!(hex(&HashKind::Sha256.of(&[&parts.encode()])), @"5f4785581ce503d933f5883965fd7591f9226c1908fa77b2c2c7b493ad805aa9");
        let moved = Parts { actor: "local:甲i", action: "tems.change", ..parts };
        assert_ne!(parts.encode(), moved.encode());
        assert_ne!(parts.encode(), Parts { co_signer: Some(""), ..parts }.encode());
        assert_ne!(parts.encode(), Parts { format: NOT_ITEMISED, ..parts }.encode());
    }

    #[test]
    fn hexadecimal_has_one_form() {
        let hash = [0xab; 32];
        assert_eq!(unhex(&hex(&hash)), Some(hash));
        assert_eq!(unhex(&hex(&hash).to_uppercase()), None);
        assert_eq!(unhex("ab"), None);
    }
}
