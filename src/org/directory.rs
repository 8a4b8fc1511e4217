//! All units, people and places, read once, found by id, code, badge number or name.

use hashbrown::HashMap;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use super::entity::{person, place, unit};
use crate::db::DbError;
use crate::kernel::ids::{PersonId, PlaceId, UnitId};
use crate::kernel::text::key;

/// A snapshot of the active units, people and places; ids of inactive ones still resolve.
#[derive(Debug, Default)]
pub struct Directory {
    units: HashMap<UnitId, unit::Model>,
    people: HashMap<PersonId, person::Model>,
    places: HashMap<PlaceId, place::Model>,
    unit_by_key: HashMap<String, UnitId>,
    person_by_badge: HashMap<String, PersonId>,
    people_by_name: HashMap<String, Vec<PersonId>>,
    place_by_code: HashMap<String, PlaceId>,
    places_by_name: HashMap<String, Vec<PlaceId>>,
}

/// Why a name in a file is not one of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// Nobody and nothing of that name.
    #[error("未登记的{kind}“{name}”")]
    Unknown {
        /// 单位, 人员 or 地点.
        kind: &'static str,
        /// As it was written.
        name: String,
    },
    /// More than one of that name; the number settles it.
    #[error("有{count}个{kind}叫“{name}”，请改写{hint}")]
    Ambiguous {
        /// 人员 or 地点.
        kind: &'static str,
        /// As it was written.
        name: String,
        /// How many there are.
        count: usize,
        /// What to write instead.
        hint: &'static str,
    },
}

impl Directory {
    /// Reads everything.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(db: &impl ConnectionTrait) -> Result<Self, DbError> {
        let mut directory = Self::default();
        for unit in unit::Entity::find().all(db).await? {
            directory.add_unit(unit);
        }
        for person in person::Entity::find().all(db).await? {
            directory.add_person(person);
        }
        for place in place::Entity::find().all(db).await? {
            directory.add_place(place);
        }
        Ok(directory)
    }

    /// Adds a unit just written, so that later rows of the same file find it.
    pub fn add_unit(&mut self, unit: unit::Model) {
        if unit.active {
            self.unit_by_key.insert(key(&unit.code).into_owned(), unit.id);
            self.unit_by_key.insert(key(&unit.name).into_owned(), unit.id);
        }
        self.units.insert(unit.id, unit);
    }

    /// Adds a person just written.
    pub fn add_person(&mut self, person: person::Model) {
        if person.active {
            if let Some(badge) = &person.badge_number {
                self.person_by_badge.insert(key(badge).into_owned(), person.id);
            }
            self.people_by_name.entry(key(&person.name).into_owned()).or_default().push(person.id);
        }
        self.people.insert(person.id, person);
    }

    /// Adds a place just written.
    pub fn add_place(&mut self, place: place::Model) {
        if place.active {
            self.place_by_code.insert(key(&place.code).into_owned(), place.id);
            self.places_by_name.entry(key(&place.name).into_owned()).or_default().push(place.id);
        }
        self.places.insert(place.id, place);
    }

    /// A unit of this name or code that is active no more: both stay taken.
    #[must_use]
    pub fn retired_unit(&self, written: &str) -> Option<&unit::Model> {
        self.units.values().find(|unit| !unit.active && (unit.name == written || unit.code == written))
    }

    /// A place of this code, active or not.
    #[must_use]
    pub fn place_of_code(&self, code: &str) -> Option<&place::Model> {
        self.places.values().find(|place| place.code == code)
    }

    /// Whether the unit has a place of this name.
    #[must_use]
    pub fn has_place_named(&self, name: &str, unit: UnitId) -> bool {
        let namesakes = self.places_by_name.get(key(name).as_ref()).map_or(&[][..], Vec::as_slice);
        namesakes.iter().any(|id| self.place(*id).is_some_and(|place| place.unit_id == unit))
    }

    /// The unit with this id.
    #[must_use]
    pub fn unit(&self, id: UnitId) -> Option<&unit::Model> {
        self.units.get(&id)
    }

    /// The person with this id.
    #[must_use]
    pub fn person(&self, id: PersonId) -> Option<&person::Model> {
        self.people.get(&id)
    }

    /// The place with this id.
    #[must_use]
    pub fn place(&self, id: PlaceId) -> Option<&place::Model> {
        self.places.get(&id)
    }

    /// The unit's name, or blank.
    #[must_use]
    pub fn unit_name(&self, id: UnitId) -> &str {
        self.units.get(&id).map_or("", |unit| &unit.name)
    }

    /// The person's name, or blank.
    #[must_use]
    pub fn person_name(&self, id: Option<PersonId>) -> &str {
        id.and_then(|id| self.people.get(&id)).map_or("", |person| &person.name)
    }

    /// The place's name, or blank.
    #[must_use]
    pub fn place_name(&self, id: Option<PlaceId>) -> &str {
        id.and_then(|id| self.places.get(&id)).map_or("", |place| &place.name)
    }

    /// Every active unit, by code.
    #[must_use]
    pub fn units(&self) -> Vec<&unit::Model> {
        let mut units: Vec<_> = self.units.values().filter(|unit| unit.active).collect();
        units.sort_by(|a, b| a.code.cmp(&b.code));
        units
    }

    /// Every active place, by code.
    #[must_use]
    pub fn places(&self) -> Vec<&place::Model> {
        let mut places: Vec<_> = self.places.values().filter(|place| place.active).collect();
        places.sort_by(|a, b| a.code.cmp(&b.code));
        places
    }

    /// Every active person, by name then id.
    #[must_use]
    pub fn people(&self) -> Vec<&person::Model> {
        let mut people: Vec<_> = self.people.values().filter(|person| person.active).collect();
        people.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        people
    }

    /// A unit by code or name.
    ///
    /// # Errors
    /// When there is none.
    pub fn find_unit(&self, written: &str) -> Result<UnitId, LookupError> {
        self.unit_by_key
            .get(key(written).as_ref())
            .copied()
            .ok_or_else(|| LookupError::Unknown { kind: "单位", name: written.to_owned() })
    }

    /// A person by badge number or name; of several namesakes the one in `unit`.
    ///
    /// # Errors
    /// When there is none, or several and `unit` does not settle it.
    pub fn find_person(&self, written: &str, unit: Option<UnitId>) -> Result<PersonId, LookupError> {
        let written_key = key(written);
        if let Some(id) = self.person_by_badge.get(written_key.as_ref()) {
            return Ok(*id);
        }
        let namesakes = self.people_by_name.get(written_key.as_ref()).map_or(&[][..], Vec::as_slice);
        let in_unit = |id: &PersonId| unit.is_some() && self.people.get(id).map(|person| person.unit_id) == unit;
        pick(namesakes, in_unit, "人员", "警号", written)
    }

    /// A place by code or name; of several of one name the one in `unit`.
    ///
    /// # Errors
    /// When there is none, or several and `unit` does not settle it.
    pub fn find_place(&self, written: &str, unit: Option<UnitId>) -> Result<PlaceId, LookupError> {
        let written_key = key(written);
        if let Some(id) = self.place_by_code.get(written_key.as_ref()) {
            return Ok(*id);
        }
        let namesakes = self.places_by_name.get(written_key.as_ref()).map_or(&[][..], Vec::as_slice);
        let in_unit = |id: &PlaceId| unit.is_some() && self.places.get(id).map(|place| place.unit_id) == unit;
        pick(namesakes, in_unit, "地点", "地点编号", written)
    }
}

fn pick<T: Copy>(
    all: &[T],
    preferred: impl Fn(&T) -> bool,
    kind: &'static str,
    hint: &'static str,
    written: &str,
) -> Result<T, LookupError> {
    if let [only] = all {
        return Ok(*only);
    }
    let mut nearer = all.iter().filter(|candidate| preferred(candidate));
    match (nearer.next(), nearer.next()) {
        (Some(only), None) => Ok(*only),
        _ if all.is_empty() => Err(LookupError::Unknown { kind, name: written.to_owned() }),
        _ => Err(LookupError::Ambiguous { kind, name: written.to_owned(), count: all.len(), hint }),
    }
}

/// Units by code or name, straight from the database: for a single command.
///
/// # Errors
/// When the database cannot be read.
pub async fn active_units(db: &impl ConnectionTrait) -> Result<Vec<unit::Model>, DbError> {
    Ok(unit::Entity::find().filter(unit::Column::Active.eq(true)).all(db).await?)
}
