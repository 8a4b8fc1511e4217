//! What a campaign counts.

use serde::{Deserialize, Serialize};

use crate::items::entity::item;
use crate::items::model::ItemKind;
use crate::items::store as items;
use crate::kernel::ids::{PlaceId, UnitId};

/// What a campaign counts; an empty list leaves that side open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Units.
    #[serde(default)]
    pub units: Vec<UnitId>,
    /// Places.
    #[serde(default)]
    pub places: Vec<PlaceId>,
    /// Kinds of things.
    #[serde(default)]
    pub kinds: Vec<ItemKind>,
    /// Class codes, by their beginning (`A0201` is every computer).
    #[serde(default)]
    pub classes: Vec<String>,
}

impl Scope {
    /// Whether a thing, as the book had it at the baseline, is to be counted.
    #[must_use]
    pub fn includes(&self, at_baseline: &items::AsOf, thing: &item::Model) -> bool {
        let open_or = |empty: bool, holds: bool| empty || holds;
        open_or(self.units.is_empty(), self.units.contains(&at_baseline.unit_id))
            && open_or(self.places.is_empty(), at_baseline.place_id.is_some_and(|place| self.places.contains(&place)))
            && open_or(self.kinds.is_empty(), self.kinds.contains(&thing.kind))
            && open_or(
                self.classes.is_empty(),
                self.classes.iter().any(|class| thing.class_code.starts_with(class.as_str())),
            )
    }
}
