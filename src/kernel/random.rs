//! The one door to randomness: the system's, or a seeded one that tests and the demo own.

use std::sync::Mutex;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;

/// A source of random numbers that can be shared.
#[derive(Debug)]
pub struct Random(Mutex<ChaCha20Rng>);

impl Random {
    /// Seeded by the operating system; unguessable.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system for randomness")]
    pub fn system() -> Result<Self, getrandom::Error> {
        let mut seed = [0u8; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self(Mutex::new(ChaCha20Rng::from_seed(seed))))
    }

    /// The same numbers for the same seed, on every machine.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(ChaCha20Rng::seed_from_u64(seed)))
    }

    /// 64 random bits.
    pub fn next_u64(&self) -> u64 {
        // A poisoned lock still guards a generator in a valid state.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next_u64()
    }
}
