//! How many to look at, and which of them: a sample that nobody can steer and everybody can draw again.
//!
//! How many is the finite-population formula `n = N·z² / (4·e²·(N − 1) + z²)`, rounded up, at a proportion of one half, in
//! whole numbers. Which is by rank: every key is hashed behind the seed, and the smallest hashes are drawn; the order in
//! which keys stand does not matter, and `printf 'SEED\nKEY' | sha256sum` is all that a check needs.

use super::hash::{Hash, HashKind, hex};

/// How sure, in percent, and z·1000 for it.
const SURE: [(i64, i64); 5] = [(80, 1_282), (90, 1_645), (95, 1_960), (98, 2_326), (99, 2_576)];
/// The widest margin, percent.
const WIDEST: i64 = 30;

/// How near a sample is to come to the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Precision {
    confidence: i64,
    margin: i64,
    z: i64,
}

impl Precision {
    /// What is asked for when nobody says: 95 % sure to within 10 %.
    pub const USUAL: Self = Self { confidence: 95, margin: 10, z: 1_960 };

    /// A precision of so many percent confidence and margin; nothing when there is none such.
    #[must_use]
    pub fn of(confidence: i64, margin: i64) -> Option<Self> {
        let (_, z) = SURE.into_iter().find(|(sure, _)| *sure == confidence)?;
        (1..=WIDEST).contains(&margin).then_some(Self { confidence, margin, z })
    }

    /// How sure, percent.
    #[must_use]
    pub const fn confidence(self) -> i64 {
        self.confidence
    }

    /// Within how much, percent.
    #[must_use]
    pub const fn margin(self) -> i64 {
        self.margin
    }

    /// How many of a population are looked at: never none of some, never more than there are.
    #[must_use]
    pub fn size(self, population: usize) -> usize {
        let whole = i64::try_from(population).unwrap_or(i64::MAX >> 32);
        if whole == 0 {
            return 0;
        }
        let squared = self.z * self.z;
        let below = 400 * self.margin * self.margin * (whole - 1) + squared;
        let many = (whole * squared + below - 1) / below;
        usize::try_from(many.clamp(1, whole)).unwrap_or(population)
    }
}

/// What is made known of a seed before it is drawn with.
#[must_use]
pub fn commitment(kind: HashKind, seed: &str) -> String {
    hex(&kind.of(&[seed.as_bytes()]))
}

/// Where a key stands in the draw.
#[must_use]
pub fn rank(kind: HashKind, seed: &str, key: &str) -> Hash {
    kind.of(&[seed.as_bytes(), b"\n", key.as_bytes()])
}

/// So many of the keys, in the order of their rank.
#[must_use]
pub fn draw<'a>(kind: HashKind, seed: &str, keys: &'a [String], many: usize) -> Vec<&'a str> {
    let mut ranked: Vec<(Hash, &str)> = keys.iter().map(|key| (rank(kind, seed, key), key.as_str())).collect();
    ranked.sort_unstable();
    ranked.into_iter().take(many).map(|(_, key)| key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the formula in floating point, as tables of sample sizes give it.
    #[test]
    fn sizes_are_those_of_the_tables() {
        for (confidence, margin, population, expected) in [
            (95, 10, 0, 0),
            (95, 10, 1, 1),
            (95, 10, 20, 17),
            (95, 10, 120, 54),
            (95, 5, 120, 92),
            (95, 5, 1_000, 278),
            (95, 5, 1_000_000, 385),
            (99, 5, 1_000, 400),
            (90, 10, 500, 60),
            (99, 1, 50, 50),
        ] {
            let precision = Precision::of(confidence, margin).unwrap();
            assert_eq!(precision.size(population), expected, "{confidence} % ± {margin} % of {population}");
        }
        for (confidence, margin) in [(94, 10), (100, 10), (95, 0), (95, 31), (95, -1), (i64::MAX, i64::MAX)] {
            assert_eq!(Precision::of(confidence, margin), None, "{confidence} {margin}");
        }
        assert_eq!(Precision::of(95, 10), Some(Precision::USUAL));
    }

    #[test]
    fn a_sample_is_of_the_seed_alone_and_any_seed_may_draw_any_key() {
        let keys: Vec<String> = (0..50).map(|n| format!("QZ-{n:04}")).collect();
        let mut turned = keys.clone();
        turned.reverse();
        let of = |seed: &str| draw(HashKind::Sha256, seed, &keys, 10);
        assert_eq!(of("a"), draw(HashKind::Sha256, "a", &turned, 10), "the order of the book is no matter");
        assert_ne!(of("a"), of("b"));
        assert_eq!(draw(HashKind::Sha256, "a", &keys, 99).len(), 50);
        let mut hit = std::collections::BTreeMap::<&str, usize>::new();
        for n in 0..500 {
            let seed = n.to_string();
            for key in draw(HashKind::Sm3, &seed, &keys, 10) {
                *hit.entry(key).or_default() += 1;
            }
        }
        // 100 expected of each, σ ≈ 9.
        assert!(hit.len() == 50 && hit.values().all(|many| (60..=140).contains(many)), "{hit:?}");
    }

    #[test]
    fn what_is_made_known_is_the_plain_hash_of_the_seed() {
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(commitment(HashKind::Sha256, "abc"), known);
        assert_ne!(commitment(HashKind::Sha256, "abd"), known);
    }
}
