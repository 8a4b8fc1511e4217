//! The Merkle tree of RFC 6962: its head, and the proofs that an entry is in it and that one tree continues another.
//!
//! The heads of complete subtrees never change once made, so they are what is stored: (level, index) → hash, leaves
//! being level 0. Head and proofs of a tree of any size are put together from some tens of them; sealing one entry
//! reads as many, however many millions lie before it.

use crate::kernel::hash::{Hash, HashKind};

/// A complete subtree: of 2^level leaves, the so-manyth of its level.
pub type Node = (u32, u64);

/// The hash of a leaf.
#[must_use]
pub fn leaf_hash(kind: HashKind, data: &[u8]) -> Hash {
    kind.of(&[&[0], data])
}

fn join(kind: HashKind, left: &Hash, right: &Hash) -> Hash {
    kind.of(&[&[1], left, right])
}

/// A tree that grows at its right edge, by the heads of the complete subtrees it consists of.
#[derive(Debug, Clone)]
pub struct Frontier {
    kind: HashKind,
    size: u64,
    /// From the largest, leftmost subtree to the smallest.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The empty tree.
    #[must_use]
    pub const fn empty(kind: HashKind) -> Self {
        Self { kind, size: 0, peaks: Vec::new() }
    }

    /// The tree of `size` leaves whose [`parts`] have these hashes.
    #[must_use]
    pub const fn of(kind: HashKind, size: u64, peaks: Vec<Hash>) -> Self {
        Self { kind, size, peaks }
    }

    /// How many leaves it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf; `made` is told of each complete subtree above the leaves that this completes.
    pub fn push(&mut self, leaf: Hash, mut made: impl FnMut(Node, &Hash)) {
        let (mut head, mut level) = (leaf, 0);
        while self.size >> level & 1 == 1
            && let Some(left) = self.peaks.pop()
        {
            head = join(self.kind, &left, &head);
            level += 1;
            made((level, self.size >> level), &head);
        }
        self.peaks.push(head);
        self.size += 1;
    }

    /// The head of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold(self.kind, &self.peaks)
    }
}

/// The head over neighbouring complete subtrees, largest first.
#[must_use]
pub fn fold(kind: HashKind, peaks: &[Hash]) -> Hash {
    let mut peaks = peaks.iter().rev();
    let Some(last) = peaks.next() else { return kind.of(&[]) };
    peaks.fold(*last, |right, left| join(kind, left, &right))
}

/// Leaves from the first to before the second.
pub type Range = (u64, u64);

/// The complete subtrees that make up a range which begins where a subtree of its size may begin; largest first.
#[must_use]
pub fn parts((from, to): Range) -> Vec<Node> {
    let mut parts = Vec::new();
    let mut at = from;
    while at < to {
        let level = (to - at).ilog2();
        parts.push((level, at >> level));
        at += 1 << level;
    }
    parts
}

/// The largest power of two below `n`, which is at least 2.
const fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// The ranges whose heads prove leaf `index` to be in the tree of `size` leaves: PATH(m, D\[n\]), from the leaf up.
#[must_use]
pub fn inclusion(index: u64, size: u64) -> Vec<Range> {
    let (mut from, mut to) = (0, size);
    let mut path = Vec::new();
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            path.push((middle, to));
            to = middle;
        } else {
            path.push((from, middle));
            from = middle;
        }
    }
    path.reverse();
    path
}

/// The ranges whose heads prove the tree of `new` leaves to continue that of `old`: PROOF(m, D\[n\]); `0 < old <= new`.
#[must_use]
pub fn consistency(old: u64, new: u64) -> Vec<Range> {
    let (mut from, mut to, mut whole) = (0, new, true);
    let mut path = Vec::new();
    while old < to {
        let middle = from + split(to - from);
        if old <= middle {
            path.push((middle, to));
            to = middle;
        } else {
            path.push((from, middle));
            (from, whole) = (middle, false);
        }
    }
    if !whole {
        path.push((from, to));
    }
    path.reverse();
    path
}

/// Whether `proof` shows leaf `leaf` (a leaf's data) at `index` in the tree with this head.
#[must_use]
pub fn is_included(kind: HashKind, data: &[u8], index: u64, size: u64, root: &Hash, proof: &[Hash]) -> bool {
    fn check<D: sha2::Digest>(data: &[u8], index: u64, size: u64, root: &Hash, proof: &[Hash]) -> bool {
        let Ok(root) = sha2::digest::Output::<D>::try_from(&root[..]) else { return false };
        let proof = ct_merkle::InclusionProof::<D>::try_from_bytes(proof.concat());
        index < size
            && proof.is_ok_and(|proof| {
                ct_merkle::RootHash::<D>::new(root, size).verify_inclusion(&data, index, &proof).is_ok()
            })
    }
    match kind {
        HashKind::Sha256 => check::<sha2::Sha256>(data, index, size, root, proof),
        HashKind::Sm3 => check::<sm3::Sm3>(data, index, size, root, proof),
    }
}

/// Whether `proof` shows the tree of `new` (size and head) to continue that of `old`.
#[must_use]
pub fn is_continued(kind: HashKind, old: (u64, &Hash), new: (u64, &Hash), proof: &[Hash]) -> bool {
    fn check<D: sha2::Digest>(old: (u64, &Hash), new: (u64, &Hash), proof: &[Hash]) -> bool {
        let head = |(size, root): (u64, &Hash)| {
            let root = sha2::digest::Output::<D>::try_from(&root[..]).ok()?;
            Some(ct_merkle::RootHash::<D>::new(root, size))
        };
        let proof = ct_merkle::ConsistencyProof::<D>::try_from_bytes(proof.concat());
        match (head(old), head(new), proof) {
            (Some(old), Some(new), Ok(proof)) => new.verify_consistency(&old, &proof).is_ok(),
            _ => false,
        }
    }
    match kind {
        HashKind::Sha256 => check::<sha2::Sha256>(old, new, proof),
        HashKind::Sm3 => check::<sm3::Sm3>(old, new, proof),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use sha2::Sha256;

    use super::*;

    /// Every tree of up to 70 leaves against the other implementation: heads, and every proof there is.
    #[test]
    fn heads_and_proofs_are_those_of_rfc_6962() {
        let kind = HashKind::Sha256;
        let mut nodes: HashMap<Node, Hash> = HashMap::new();
        let mut roots = vec![kind.of(&[])];
        let mut frontier = Frontier::empty(kind);
        let mut other = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        for size in 1..=70u64 {
            let data = size.to_be_bytes().to_vec();
            let leaf = leaf_hash(kind, &data);
            nodes.insert((0, size - 1), leaf);
            frontier.push(leaf, |node, hash| {
                nodes.insert(node, *hash);
            });
            other.push(data);
            assert_eq!(frontier.root()[..], other.root().as_bytes()[..], "{size}");
            roots.push(frontier.root());
            let heads = |ranges: Vec<Range>| -> Vec<Hash> {
                let head = |range| {
                    let peaks: Vec<Hash> = parts(range).iter().map(|node| nodes[node]).collect();
                    fold(kind, &peaks)
                };
                ranges.into_iter().map(head).collect()
            };
            let again = Frontier::of(kind, size, parts((0, size)).iter().map(|node| nodes[node]).collect());
            assert_eq!(again.root(), frontier.root());
            for index in 0..size {
                let proof = heads(inclusion(index, size));
                let data = (index + 1).to_be_bytes();
                assert!(is_included(kind, &data, index, size, &roots[roots.len() - 1], &proof), "{index} of {size}");
                assert!(!is_included(kind, b"other", index, size, &roots[roots.len() - 1], &proof));
                let old = index + 1;
                let proof = heads(consistency(old, size));
                let at = usize::try_from(old).unwrap();
                assert!(is_continued(kind, (old, &roots[at]), (size, &frontier.root()), &proof), "{old} to {size}");
                assert!(!is_continued(kind, (old, &[7; 32]), (size, &frontier.root()), &proof), "{old} to {size}");
            }
        }
    }
}
