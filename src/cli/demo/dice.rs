//! Choices that look random and are the same for the same seed on every machine.

use crate::kernel::random::Random;

/// A seeded source of choices.
#[derive(Debug)]
pub struct Dice(Random);

impl Dice {
    /// The same choices for the same seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Random::seeded(seed))
    }

    /// A number from 0 to `n - 1`; 0 when `n` is 0.
    pub fn below(&self, n: usize) -> usize {
        let drawn = self.0.next_u64();
        // The remainder favours small numbers by less than one in 10^13 here.
        u64::try_from(n).ok().and_then(|n| drawn.checked_rem(n)).and_then(|r| usize::try_from(r).ok()).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).saturating_add(1);
        low + i64::try_from(self.below(usize::try_from(span).unwrap_or(0))).unwrap_or(0)
    }

    /// True in `per_mille` of 1,000 throws.
    pub fn chance(&self, per_mille: usize) -> bool {
        self.below(1_000) < per_mille
    }

    /// One of `of`; `None` when there is none.
    pub fn maybe<'a, T>(&self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// One of `of`, or `otherwise` when there is none.
    pub fn pick<T: Copy>(&self, of: &[T], otherwise: T) -> T {
        self.maybe(of).copied().unwrap_or(otherwise)
    }

    /// Puts `these` in another order.
    pub fn shuffle<T>(&self, these: &mut [T]) {
        for last in (1..these.len()).rev() {
            these.swap(last, self.below(last + 1));
        }
    }

    /// An index into `weights`, each as likely as its weight.
    pub fn weighted(&self, weights: &[usize]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (index, &weight) in weights.iter().enumerate() {
            if left < weight {
                return index;
            }
            left -= weight;
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_same_choices_and_all_of_them_in_range() {
        let (a, b, other) = (Dice::seeded(7), Dice::seeded(7), Dice::seeded(8));
        let draw = |dice: &Dice| (0..50).map(|_| dice.between(-3, 3)).collect::<Vec<_>>();
        let drawn = draw(&a);
        assert_eq!(drawn, draw(&b));
        assert_ne!(drawn, draw(&other));
        assert!(drawn.iter().all(|n| (-3..=3).contains(n)));
        assert!((-3..=3).all(|n| drawn.contains(&n)));
        assert_eq!((a.below(0), a.weighted(&[]), a.maybe::<u8>(&[])), (0, 0, None));
        assert!((0..100).all(|_| a.weighted(&[0, 3, 0]) == 1));
    }
}
