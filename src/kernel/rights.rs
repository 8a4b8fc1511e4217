//! What whoever acts may do, and to whose things: worked out once when somebody signs in, asked by every service.
//!
//! The kernel knows actions by name only; which role may do what stands in `access::matrix`.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use super::ids::UnitId;

/// The units whose things a right reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// No unit: the right is not held.
    Nowhere,
    /// These units.
    Units(Arc<HashSet<UnitId>>),
    /// Every unit, and what belongs to none.
    Everywhere,
}

impl Reach {
    /// Whether a thing of `unit` is within reach. What belongs to no unit is within reach of everywhere only.
    #[must_use]
    pub fn covers(&self, unit: Option<UnitId>) -> bool {
        match (self, unit) {
            (Self::Everywhere, _) => true,
            (Self::Units(units), Some(unit)) => units.contains(&unit),
            (Self::Units(_), None) | (Self::Nowhere, _) => false,
        }
    }

    /// The units to filter by; `None` when nothing needs filtering.
    #[must_use]
    pub fn units(&self) -> Option<Vec<UnitId>> {
        match self {
            Self::Everywhere => None,
            Self::Nowhere => Some(Vec::new()),
            Self::Units(units) => {
                let mut units: Vec<UnitId> = units.iter().copied().collect();
                units.sort_unstable();
                Some(units)
            }
        }
    }

    /// Both reaches together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Everywhere, _) | (_, Self::Everywhere) => Self::Everywhere,
            (Self::Nowhere, other) => other,
            (this, Self::Nowhere) => this,
            (Self::Units(a), Self::Units(b)) => Self::Units(Arc::new(a.union(&b).copied().collect())),
        }
    }
}

/// All that whoever acts may do.
#[derive(Debug, Clone)]
pub enum Scope {
    /// Whoever sits at the machine that holds the database: the file itself is in their hands.
    Everything,
    /// By the action's name, how far each right reaches; an action that is not here is not allowed.
    Rights(Arc<HashMap<&'static str, Reach>>),
}

impl Scope {
    /// How far the right to `action` reaches.
    #[must_use]
    pub fn reach(&self, action: &str) -> Reach {
        match self {
            Self::Everything => Reach::Everywhere,
            Self::Rights(rights) => rights.get(action).cloned().unwrap_or(Reach::Nowhere),
        }
    }
}
