//! The rows a command touched, each by its hash, as one compact list: an import touches hundreds of thousands.
//!
//! The list is groups, one a table, in the order of their names. A group: the length of the table's name (1 byte), the
//! name, the number of rows (4 bytes), the rows in the order written. A row: its key, the hash. A key: `1` and 16 bytes
//! for a UUID, `2` and 32 bytes for two UUIDs, `0`, a length (2 bytes) and text for anything else. Numbers are
//! big-endian. A row that was taken away has a hash of zeros.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Row;
use crate::kernel::Ctx;
use crate::kernel::hash::{Hash, HashKind};

/// Stands for the hash of a row that is there no more.
pub const GONE: Hash = [0; 32];

/// The rows a command wrote, in the order written, each by its hash: so that a row edited behind the program's back
/// no longer fits the last entry that touched it, and a row slipped in fits none.
#[derive(Debug, Clone)]
pub struct RowsDigest {
    kind: HashKind,
    groups: BTreeMap<&'static str, (u32, Vec<u8>)>,
}

impl RowsDigest {
    /// No rows yet.
    #[must_use]
    pub const fn new(ctx: &Ctx) -> Self {
        Self { kind: ctx.hash, groups: BTreeMap::new() }
    }

    /// What the rows are hashed with.
    #[must_use]
    pub const fn kind(&self) -> HashKind {
        self.kind
    }

    /// Adds a row as it stands after the command.
    pub fn add<R: Row>(&mut self, row: &R) {
        self.push(R::TABLE, &row.key(), &self.kind.of(&[&json(row)]));
    }

    /// This digest with a row added.
    #[must_use]
    pub fn with<R: Row>(mut self, row: &R) -> Self {
        self.add(row);
        self
    }

    /// Says that the command took this row away.
    pub fn gone<R: Row>(&mut self, row: &R) {
        self.push(R::TABLE, &row.key(), &GONE);
    }

    pub(super) fn push(&mut self, table: &'static str, key: &str, hash: &Hash) {
        let (count, bytes) = self.groups.entry(table).or_default();
        *count = count.saturating_add(1);
        write_key(bytes, key);
        bytes.extend_from_slice(hash);
    }

    /// The list as it is stored and hashed.
    #[must_use]
    pub fn into_list(self) -> Vec<u8> {
        let mut list = Vec::with_capacity(self.groups.values().map(|(_, bytes)| bytes.len() + 64).sum());
        for (table, (count, bytes)) in self.groups {
            // Tables have short names; one of 256 letters would not read back, and verify would say so.
            list.push(u8::try_from(table.len()).unwrap_or(u8::MAX));
            list.extend_from_slice(table.as_bytes());
            list.extend_from_slice(&count.to_be_bytes());
            list.extend_from_slice(&bytes);
        }
        list
    }
}

/// A row as JSON, as it is hashed.
#[must_use]
pub fn json(row: &impl Row) -> Vec<u8> {
    // Rows are plain structs of numbers and texts: they always serialise.
    serde_json::to_vec(row).unwrap_or_default()
}

fn write_key(bytes: &mut Vec<u8>, key: &str) {
    match (as_uuid(key), key.split_once('/').map(|(a, b)| (as_uuid(a), as_uuid(b)))) {
        (Some(id), _) => {
            bytes.push(1);
            bytes.extend_from_slice(id.as_bytes());
        }
        (None, Some((Some(first), Some(second)))) => {
            bytes.push(2);
            bytes.extend_from_slice(first.as_bytes());
            bytes.extend_from_slice(second.as_bytes());
        }
        _ => {
            bytes.push(0);
            let length = u16::try_from(key.len()).unwrap_or(u16::MAX);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(&key.as_bytes()[..usize::from(length)]);
        }
    }
}

/// A UUID written as we write it: lower case, with hyphens.
fn as_uuid(text: &str) -> Option<Uuid> {
    if text.len() != 36 || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    Uuid::try_parse(text).ok()
}

/// A key as the list has it, to look a row up by.
#[must_use]
pub fn packed_key(key: &str) -> Box<[u8]> {
    let mut bytes = Vec::with_capacity(33);
    write_key(&mut bytes, key);
    bytes.into()
}

/// A packed key as people read it.
#[must_use]
pub fn key_text(packed: &[u8]) -> String {
    let id = |bytes: &[u8]| Uuid::from_slice(bytes).map(|id| id.to_string()).unwrap_or_default();
    match packed {
        [1, rest @ ..] if rest.len() == 16 => id(rest),
        [2, rest @ ..] if rest.len() == 32 => format!("{}/{}", id(&rest[..16]), id(&rest[16..])),
        [0, _, _, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        other => crate::kernel::hash::hex(other),
    }
}

/// One row of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touched<'a> {
    /// Its table.
    pub table: &'a str,
    /// Its key, packed.
    pub key: &'a [u8],
    /// The hash of the row, or [`GONE`].
    pub hash: &'a Hash,
}

/// The rows of a list; `None` where it is not a list.
#[must_use]
pub fn read(list: &[u8]) -> Option<Vec<Touched<'_>>> {
    let mut rest = list;
    let mut rows = Vec::with_capacity(list.len() / 49);
    while !rest.is_empty() {
        let length = usize::from(*take(&mut rest, 1)?.first()?);
        let table = std::str::from_utf8(take(&mut rest, length)?).ok()?;
        let count = u32::from_be_bytes(take(&mut rest, 4)?.try_into().ok()?);
        for _ in 0..count {
            let key = take_key(&mut rest)?;
            let hash = take(&mut rest, 32)?.try_into().ok()?;
            rows.push(Touched { table, key, hash });
        }
    }
    Some(rows)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(head)
}

fn take_key<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = match rest.first()? {
        1 => 17,
        2 => 33,
        0 => 3 + usize::from(u16::from_be_bytes(rest.get(1..3)?.try_into().ok()?)),
        _ => return None,
    };
    take(rest, length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Actor;
    use crate::kernel::clock::SetClock;
    use crate::kernel::random::Random;
    use std::sync::Arc;

    #[test]
    fn keys_of_every_kind_read_back() {
        let ctx = Ctx::new(Actor::System, Arc::new(SetClock::default()), Arc::new(Random::seeded(1)));
        let (one, two): (Uuid, Uuid) = (ctx.new_id(), ctx.new_id());
        let keys = [
            one.to_string(),
            format!("{one}/{two}"),
            format!("{one}/12"),
            one.to_string().to_uppercase(),
            one.simple().to_string(),
            "organisation".to_owned(),
            String::new(),
            "键\t\"/".to_owned(),
        ];
        let mut digest = RowsDigest::new(&ctx);
        for (n, key) in (1u8..).zip(&keys) {
            digest.push("b", key, &[n; 32]);
        }
        digest.push("a", "x", &GONE);
        let list = digest.into_list();
        let rows = read(&list).unwrap();
        assert_eq!((rows[0].table, rows[0].hash), ("a", &GONE));
        let found: Vec<(String, u8)> = rows[1..].iter().map(|row| (key_text(row.key), row.hash[0])).collect();
        let expected: Vec<(String, u8)> = keys.iter().cloned().zip(1..).collect();
        assert_eq!(found, expected);
        for key in &keys {
            assert!(rows.iter().any(|row| row.key == &*packed_key(key)), "{key}");
        }
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for bytes in
            [&[1][..], &[1, b'a'], &[1, b'a', 0, 0, 0, 1], &[1, b'a', 255, 255, 255, 255, 9], &[1, 255, 0, 0, 0, 0]]
        {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
        assert_eq!(read(&[]), Some(vec![]));
    }
}
