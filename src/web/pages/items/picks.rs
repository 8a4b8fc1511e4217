//! What fields of several pages offer and understand: units to choose from, places and people by what is typed or
//! scanned; and the words for kinds and states.

use sea_orm::prelude::Uuid;

use crate::access::{Action, reach};
use crate::items::labels::{self, Resolved, Subject};
use crate::items::model::{ItemKind, ItemState};
use crate::kernel::Ctx;
use crate::kernel::ids::{PersonId, PlaceId, UnitId};
use crate::kernel::text::{fault, key};
use crate::org::entity::{person, place};
use crate::org::{people, places, units};
use crate::web::pages::form::Faults;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App};

/// Units that a field offers at most.
const MOST_UNITS: u64 = 2_000;
/// Places or people that a field suggests; whoever has more types or scans.
const SUGGESTED: u64 = 200;
/// Of several that fit what was typed, so many are named.
const NAMED: usize = 5;
const MOST_CHARS: usize = 100;

/// What the fields of a form offer.
#[derive(Debug, Default)]
pub(in crate::web::pages) struct Picks {
    /// (id, name), the blank one first.
    pub(in crate::web::pages) units: Vec<(String, String)>,
    /// (what to type, what it is).
    pub(in crate::web::pages) places: Vec<(String, String)>,
    /// (what to type, who it is).
    pub(in crate::web::pages) people: Vec<(String, String)>,
}

impl Picks {
    /// The units that `ctx` may see, `blank` said of the choice of none; and places and people where they are few.
    pub(in crate::web::pages) async fn load(app: &App, ctx: &Ctx, blank: &str) -> Result<Self, ApiError> {
        let db = app.db().read();
        let among = || reach(ctx, Action::OrgRead).units();
        let mut picks = Self { units: vec![(String::new(), blank.to_owned())], ..Self::default() };
        for unit in units::page(db, among(), Some(true), None, MOST_UNITS).await? {
            picks.units.push((unit.id.to_string(), unit.name));
        }
        let rooms = places::page(db, among(), None, Some(true), None, SUGGESTED + 1).await?;
        if rooms.len() as u64 <= SUGGESTED {
            picks.places = rooms.into_iter().map(|room| (room.code, room.name)).collect();
        }
        let all = people::page(db, among(), None, Some(true), None, SUGGESTED + 1).await?;
        if all.len() as u64 <= SUGGESTED {
            picks.people = all.into_iter().map(|one| (typed_person(&one), one.name)).collect();
        }
        Ok(picks)
    }
}

/// What one types for a person: the badge number, else the name.
pub(in crate::web::pages) fn typed_person(person: &person::Model) -> String {
    person.badge_number.clone().unwrap_or_else(|| person.name.clone())
}

/// What a field says, or why it cannot be what is meant.
pub(in crate::web::pages) type Picked<T> = Result<Option<T>, String>;

/// The unit whose id a choice names.
pub(in crate::web::pages) fn unit(typed: &str) -> Result<Option<UnitId>, ApiError> {
    if typed.is_empty() {
        return Ok(None);
    }
    let id = Uuid::parse_str(typed).map_err(|_| ApiError::NotFound("没有这个单位".to_owned()))?;
    Ok(Some(UnitId(id)))
}

/// The place that is typed (its code or name), scanned (its label) or named by its id.
pub(in crate::web::pages) async fn place(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    typed: &str,
) -> Result<Picked<place::Model>, ApiError> {
    let (db, typed, w) = (app.db().read(), typed.trim(), &frame.words.items.pick);
    if typed.is_empty() {
        return Ok(Ok(None));
    }
    if let Some(reason) = fault(typed, MOST_CHARS) {
        return Ok(Err(reason));
    }
    let right = reach(ctx, Action::OrgRead);
    let unknown = || Ok(Err(w.no_place.replace("{typed}", typed)));
    let by_label = match labels::resolve(db, typed).await? {
        Resolved::Current(Subject::Place(id)) | Resolved::Superseded(Subject::Place(id)) => Some(id),
        _ => None,
    };
    if let Some(id) = by_label.or_else(|| Uuid::parse_str(typed).ok().map(PlaceId)) {
        let found = places::by_id(db, id).await?.filter(|room| right.covers(Some(room.unit_id)));
        return if found.is_some() { Ok(Ok(found)) } else { unknown() };
    }
    let mut like = places::page(db, right.units(), Some(typed), Some(true), None, SUGGESTED).await?;
    if let Some(at) = like.iter().position(|room| key(&room.code) == key(typed)) {
        return Ok(Ok(Some(like.swap_remove(at))));
    }
    let mut exact: Vec<_> = like.iter().filter(|room| key(&room.name) == key(typed)).cloned().collect();
    match (exact.len(), like.len()) {
        (1, _) => Ok(Ok(exact.pop())),
        (0, 1) => Ok(Ok(like.pop())),
        (0, 0) => unknown(),
        _ => {
            let names = like.iter().take(NAMED).map(|room| format!("{}（{}）", room.code, room.name));
            Ok(Err(several(&w.many_places, typed, names)))
        }
    }
}

/// The person that is typed (badge number or name) or named by their id.
pub(in crate::web::pages) async fn person(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    typed: &str,
) -> Result<Picked<person::Model>, ApiError> {
    let (db, typed, w) = (app.db().read(), typed.trim(), &frame.words.items.pick);
    if typed.is_empty() {
        return Ok(Ok(None));
    }
    if let Some(reason) = fault(typed, MOST_CHARS) {
        return Ok(Err(reason));
    }
    let right = reach(ctx, Action::OrgRead);
    let unknown = || Ok(Err(w.no_person.replace("{typed}", typed)));
    if let Ok(id) = Uuid::parse_str(typed) {
        let found = people::by_id(db, PersonId(id)).await?.filter(|one| right.covers(Some(one.unit_id)));
        return if found.is_some() { Ok(Ok(found)) } else { unknown() };
    }
    let mut like = people::page(db, right.units(), Some(typed), Some(true), None, SUGGESTED).await?;
    let has_badge = |one: &person::Model| one.badge_number.as_deref().is_some_and(|badge| key(badge) == key(typed));
    if let Some(at) = like.iter().position(has_badge) {
        return Ok(Ok(Some(like.swap_remove(at))));
    }
    let mut exact: Vec<_> = like.iter().filter(|one| key(&one.name) == key(typed)).cloned().collect();
    match (exact.len(), like.len()) {
        (1, _) => Ok(Ok(exact.pop())),
        (0, 1) => Ok(Ok(like.pop())),
        (0, 0) => unknown(),
        _ => {
            let said = |one: &person::Model| {
                one.badge_number.as_ref().map_or_else(|| one.name.clone(), |badge| format!("{}（{badge}）", one.name))
            };
            Ok(Err(several(&w.many_people, typed, like.iter().take(NAMED).map(said))))
        }
    }
}

fn several(words: &str, typed: &str, names: impl Iterator<Item = String>) -> String {
    words.replace("{typed}", typed).replace("{names}", &names.collect::<Vec<_>>().join("、"))
}

/// What a service refused, at the field of the form; `Err` when typing something else would not mend it.
pub(in crate::web::pages) fn refused(error: ApiError, fields: &[&str]) -> Result<Faults, ApiError> {
    match error {
        ApiError::Invalid { field, reason } => {
            let field = field.map(|field| match field.as_str() {
                "value_fen" => "value".to_owned(),
                field => field.trim_end_matches("_id").to_owned(),
            });
            Ok(Faults::refused(field.as_deref(), reason, fields))
        }
        ApiError::Conflict(text) => Ok(Faults::at("", text)),
        ApiError::Stale | ApiError::VersionMismatch => Ok(Faults::at("", crate::db::DbError::Stale.to_string())),
        other => Err(other),
    }
}

/// Every kind, by its name in the address.
pub(in crate::web::pages) const KINDS: [(&str, ItemKind); 5] = [
    ("fixed_asset", ItemKind::FixedAsset),
    ("vehicle", ItemKind::Vehicle),
    ("firearm", ItemKind::Firearm),
    ("ammunition", ItemKind::Ammunition),
    ("case_property", ItemKind::CaseProperty),
];

/// A kind as people say it.
pub(in crate::web::pages) fn kind_word(frame: &Frame, kind: ItemKind) -> &str {
    let w = &frame.words.items.pick;
    match kind {
        ItemKind::FixedAsset => &w.fixed_asset,
        ItemKind::Vehicle => &w.vehicle,
        ItemKind::Firearm => &w.firearm,
        ItemKind::Ammunition => &w.ammunition,
        ItemKind::CaseProperty => &w.case_property,
    }
}

/// A state as people say it.
pub(in crate::web::pages) const fn state_word(frame: &Frame, state: ItemState) -> &'static str {
    let english = match state {
        ItemState::InUse => "in use",
        ItemState::Idle => "idle",
        ItemState::OnLoan => "on loan",
        ItemState::InRepair => "in repair",
        ItemState::PendingDisposal => "to be disposed of",
        ItemState::Disposed => "disposed of",
        ItemState::WrittenOff => "written off",
        ItemState::Withdrawn => "withdrawn",
    };
    if frame.language.is_chinese() { state.zh() } else { english }
}

/// A state as a mark.
pub(in crate::web::pages) fn state_mark(frame: &Frame, state: ItemState) -> Mark {
    let look = match state {
        ItemState::InUse => "good",
        ItemState::Idle => "",
        ItemState::OnLoan | ItemState::InRepair => "calm",
        ItemState::PendingDisposal => "warn",
        ItemState::Disposed | ItemState::WrittenOff | ItemState::Withdrawn => "gone",
    };
    Mark::new(look, state_word(frame, state))
}

/// The states that a thing can be put into, the blank choice first.
pub(in crate::web::pages) fn states(frame: &Frame, blank: &str) -> Vec<(String, String)> {
    let can = ItemState::ALL.into_iter().filter(|state| *state != ItemState::Withdrawn);
    let all = can.map(|state| (state.as_str().to_owned(), state_word(frame, state).to_owned()));
    std::iter::once((String::new(), blank.to_owned())).chain(all).collect()
}

/// The kinds to choose from, the blank choice first.
pub(in crate::web::pages) fn kinds(frame: &Frame, blank: &str) -> Vec<(String, String)> {
    let all = KINDS.iter().map(|(name, kind)| ((*name).to_owned(), kind_word(frame, *kind).to_owned()));
    std::iter::once((String::new(), blank.to_owned())).chain(all).collect()
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::samples;

    samples! {
        Picks { units, places, people }
    }
}
