//! The two hash functions an office may choose between when its journal is founded.

use sha2::{Digest as _, Sha256};
use sm3::Sm3;

/// A hash of 32 bytes.
pub type Hash = [u8; 32];

/// Which hash function the journal uses: chosen at `init`, never changed after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HashKind {
    /// SHA-256 (FIPS 180-4).
    #[default]
    Sha256,
    /// SM3 (GB/T 32905-2016).
    Sm3,
}

impl HashKind {
    /// The hash of the parts, one after another.
    #[must_use]
    pub fn of(self, parts: &[&[u8]]) -> Hash {
        match self {
            Self::Sha256 => parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into(),
            Self::Sm3 => parts.iter().fold(Sm3::new(), |hash, part| hash.chain_update(part)).finalize().into(),
        }
    }

    /// `sha256` or `sm3`, as settings and exports write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sm3 => "sm3",
        }
    }

    /// The function of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sm3].into_iter().find(|kind| kind.name() == name)
    }
}

/// A hash of what comes bit by bit.
#[derive(Debug, Clone)]
pub enum Hasher {
    /// By SHA-256.
    Sha256(Sha256),
    /// By SM3.
    Sm3(Sm3),
}

impl Hasher {
    /// Nothing hashed yet.
    #[must_use]
    pub fn new(kind: HashKind) -> Self {
        match kind {
            HashKind::Sha256 => Self::Sha256(Sha256::new()),
            HashKind::Sm3 => Self::Sm3(Sm3::new()),
        }
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sm3(hash) => hash.update(bytes),
        }
    }

    /// The hash of all that was added.
    #[must_use]
    pub fn finish(self) -> Hash {
        match self {
            Self::Sha256(hash) => hash.finalize().into(),
            Self::Sm3(hash) => hash.finalize().into(),
        }
    }
}

/// Bytes as lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String never fails.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_functions_give_the_published_values_of_abc() {
        for (kind, expected) in [
            (HashKind::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (HashKind::Sm3, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        ] {
            assert_eq!(hex(&kind.of(&[b"a", b"bc"])), expected);
            assert_eq!(HashKind::by_name(kind.name()), Some(kind));
        }
    }
}
