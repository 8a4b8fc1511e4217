//! What people read where a row holds an id: names of people and units, and of whoever did something.

use sea_orm::ConnectionTrait;
use sea_orm::prelude::Uuid;

use crate::access::{Action, reach};
use crate::db::DbError;
use crate::kernel::ids::{PersonId, UnitId};
use crate::kernel::text::thousands;
use crate::kernel::{Ctx, Timestamp};
use crate::org::Directory;
use crate::org::directory::LookupError;
use crate::org::entity::person;
use crate::web::ApiError;
use crate::web::pages::view::Frame;

/// How many people a field suggests.
const SUGGESTED: usize = 300;

/// Every unit, and the people of one page.
#[derive(Debug)]
pub(in crate::web::pages) struct Names(Directory);

impl Names {
    /// Reads what a page needs: its people, and those behind its actors.
    pub(in crate::web::pages) async fn of(
        db: &impl ConnectionTrait,
        people: impl IntoIterator<Item = PersonId>,
        actors: impl IntoIterator<Item = &str>,
    ) -> Result<Self, DbError> {
        let mut ids: Vec<PersonId> = people.into_iter().chain(actors.into_iter().filter_map(person_of)).collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(Self(Directory::load_some(db, &[], &ids).await?))
    }

    /// A unit's name, or blank.
    pub(in crate::web::pages) fn unit(&self, id: Option<UnitId>) -> String {
        id.map_or("", |id| self.0.unit_name(id)).to_owned()
    }

    /// A person's name, or blank.
    pub(in crate::web::pages) fn person(&self, id: Option<PersonId>) -> String {
        self.0.person_name(id).to_owned()
    }

    /// A person's name with their unit's.
    pub(in crate::web::pages) fn person_and_unit(&self, id: PersonId) -> String {
        let Some(person) = self.0.person(id) else { return String::new() };
        format!("{}（{}）", person.name, self.0.unit_name(person.unit_id))
    }

    /// Whoever did something, as the journal writes them.
    pub(in crate::web::pages) fn actor(&self, frame: &Frame, actor: &str) -> String {
        match person_of(actor) {
            Some(id) => self.person(Some(id)),
            None if actor == "system" => frame.words.duties.list.system.clone(),
            None => actor.strip_prefix("local:").unwrap_or(actor).to_owned(),
        }
    }

    /// The units that `ctx` may do `action` to: their id and name, by code.
    pub(in crate::web::pages) fn units_within(&self, ctx: &Ctx, action: Action) -> Vec<(String, String)> {
        let reach = reach(ctx, action);
        let units = self.0.units().into_iter().filter(|unit| reach.covers(Some(unit.id)));
        units.map(|unit| (unit.id.to_string(), unit.name.clone())).collect()
    }
}

fn person_of(actor: &str) -> Option<PersonId> {
    Uuid::parse_str(actor.strip_prefix("person:")?).ok().map(PersonId)
}

/// Whom a field means, by badge number or name; of namesakes the one of `unit`.
///
/// # Errors
/// [`ApiError::Invalid`] at `field` when it is nobody, or several.
pub(in crate::web::pages) async fn whom(
    db: &impl ConnectionTrait,
    field: &str,
    written: &str,
    unit: Option<UnitId>,
) -> Result<PersonId, ApiError> {
    let written = written.trim();
    if written.is_empty() {
        return Err(ApiError::invalid(field, "请填写警号或姓名"));
    }
    let found = Directory::load(db).await?.find_person(written, unit);
    found.map_err(|error: LookupError| ApiError::invalid(field, error.to_string()))
}

/// People whom a field suggests, of these units: what it takes, and who that is.
pub(in crate::web::pages) async fn suggested(
    db: &impl ConnectionTrait,
    units: impl IntoIterator<Item = UnitId>,
) -> Result<Vec<(String, String)>, DbError> {
    let mut units: Vec<UnitId> = units.into_iter().collect();
    units.sort_unstable();
    units.dedup();
    let limit = u64::try_from(SUGGESTED).unwrap_or(u64::MAX);
    let people = crate::org::people::page(db, Some(units), None, Some(true), None, limit).await?;
    let taken = |person: person::Model| (person.badge_number.unwrap_or_else(|| person.name.clone()), person.name);
    Ok(people.into_iter().map(taken).collect())
}

/// A number as it is shown.
pub(in crate::web::pages) fn count(number: i64) -> String {
    thousands(number.unsigned_abs())
}

/// The last instant of a day as a date field sends it; `None` when the field is blank.
///
/// # Errors
/// [`ApiError::Invalid`] at `field` when it is no day.
pub(in crate::web::pages) fn end_of(field: &str, day: &str) -> Result<Option<Timestamp>, ApiError> {
    if day.trim().is_empty() {
        return Ok(None);
    }
    let day = day.trim().parse().map_err(|_| ApiError::invalid(field, "日期应写成 2026-11-01"))?;
    Ok(Some(Timestamp::end_of_day(day)))
}

/// The name of the program's own as English reads it.
pub(in crate::web::pages) fn spaced(name: &str) -> String {
    name.replace('_', " ")
}
