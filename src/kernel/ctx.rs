//! The context of a command: who acts, and whose clock and randomness it runs on.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

use super::clock::{Clock, SystemClock};
use super::hash::HashKind;
use super::ids::{PersonId, uuid_v7};
use super::random::Random;
use super::rights::Scope;
use super::time::Timestamp;

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Whoever sits at the machine that holds the database, by the name of the operating system's account.
    Local(String),
    /// A person of the sub-bureau.
    Person(PersonId),
    /// The program itself: a deadline that passed, a job.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(name) => write!(f, "local:{name}"),
            Self::Person(id) => write!(f, "person:{id}"),
            Self::System => f.write_str("system"),
        }
    }
}

/// Passed to every command; nothing takes time or randomness from anywhere else.
#[derive(Clone)]
pub struct Ctx {
    /// Who acts.
    pub actor: Actor,
    /// What they may do.
    pub scope: Scope,
    /// Who signs with them, where an action takes two.
    pub co_signer: Option<PersonId>,
    /// The request it belongs to, as the log names it.
    pub request_id: Option<String>,
    /// What the journal hashes with.
    pub hash: HashKind,
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
        let (scope, hash) = (Scope::Everything, HashKind::default());
        Self { actor, scope, co_signer: None, request_id: None, hash, clock, random }
    }

    /// The same clock and randomness for somebody else, with the rights they have.
    #[must_use]
    pub fn acting_as(&self, actor: Actor, scope: Scope) -> Self {
        Self { actor, scope, co_signer: None, ..self.clone() }
    }

    /// The same, for a journal that hashes with `hash`.
    #[must_use]
    pub fn hashing_with(&self, hash: HashKind) -> Self {
        Self { hash, ..self.clone() }
    }

    /// The person who acts, when it is one of the sub-bureau's.
    #[must_use]
    pub const fn person(&self) -> Option<PersonId> {
        match self.actor {
            Actor::Person(id) => Some(id),
            Actor::Local(_) | Actor::System => None,
        }
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
