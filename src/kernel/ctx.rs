//! The context of a command: who acts, and whose clock and randomness it runs on.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

use super::clock::{Clock, SystemClock};
use super::ids::{PersonId, uuid_v7};
use super::random::Random;
use super::time::Timestamp;

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Whoever sits at the machine that holds the database, by the name of the operating system's account.
    Local(String),
    /// A person of the sub-bureau.
    Person(PersonId),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(name) => write!(f, "local:{name}"),
            Self::Person(id) => write!(f, "person:{id}"),
        }
    }
}

/// Passed to every command; nothing takes time or randomness from anywhere else.
#[derive(Clone)]
pub struct Ctx {
    /// Who acts.
    pub actor: Actor,
    clock: Arc<dyn Clock>,
    random: Arc<Random>,
}

impl fmt::Debug for Ctx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ctx").field("actor", &self.actor).finish_non_exhaustive()
    }
}

impl Ctx {
    /// A context on a given clock and randomness.
    #[must_use]
    pub fn new(actor: Actor, clock: Arc<dyn Clock>, random: Arc<Random>) -> Self {
        Self { actor, clock, random }
    }

    /// The context of someone at the command line.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn local(user: &str) -> Result<Self, getrandom::Error> {
        Ok(Self::new(Actor::Local(user.to_owned()), Arc::new(SystemClock), Arc::new(Random::system()?)))
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// 64 random bits.
    #[must_use]
    pub fn random(&self) -> u64 {
        self.random.next_u64()
    }

    /// A new id.
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        T::from(uuid_v7(self.now(), &self.random))
    }
}
