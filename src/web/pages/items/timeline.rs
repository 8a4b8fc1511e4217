//! What happened to a thing: who, when, from what to what, why, on which document.

use hashbrown::HashSet;
use sea_orm::ConnectionTrait;
use sea_orm::prelude::Uuid;

use super::picks;
use crate::db::DbError;
use crate::items::entity::item_event;
use crate::items::model::EventKind;
use crate::items::store;
use crate::kernel::ids::{ItemId, PersonId};
use crate::org::Directory;
use crate::web::pages::view::Frame;

/// Steps that are shown at once.
pub(super) const STEPS: u64 = 20;

/// One step.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) when: String,
    /// When it was written down, if that was another day.
    pub(super) recorded: String,
    pub(super) who: String,
    pub(super) what: String,
    /// Fact, before, after.
    pub(super) changes: Vec<(String, String, String)>,
    pub(super) reason: String,
    pub(super) document: String,
}

/// The steps of a thing before the step `before`, newest first, and from which on the next ones are.
pub(super) async fn steps(
    db: &impl ConnectionTrait,
    frame: &Frame,
    thing: ItemId,
    before: i64,
) -> Result<(Vec<Step>, String), DbError> {
    // One more than is shown: the last one shown is told against the one before it.
    let events = store::events_before(db, thing, before, STEPS + 1).await?;
    let unique = |ids: Vec<_>| ids.into_iter().collect::<HashSet<_>>().into_iter().collect::<Vec<_>>();
    let places = unique(events.iter().filter_map(|event| event.place_id).collect());
    let people = events.iter().filter_map(|event| event.keeper_id);
    let people: HashSet<PersonId> = people.chain(events.iter().filter_map(|event| person_of(&event.actor))).collect();
    let directory = Directory::load_some(db, &places, &people.into_iter().collect::<Vec<_>>()).await?;
    let shown = usize::try_from(STEPS).unwrap_or(usize::MAX);
    let steps = events.iter().enumerate().take(shown);
    let steps = steps.map(|(at, event)| step(frame, &directory, event, events.get(at + 1))).collect();
    let next = if events.len() > shown { events[shown - 1].seq.to_string() } else { String::new() };
    Ok((steps, next))
}

/// The person behind an actor as the journal writes them.
pub(in crate::web::pages) fn person_of(actor: &str) -> Option<PersonId> {
    actor.strip_prefix("person:").and_then(|id| Uuid::parse_str(id).ok()).map(PersonId)
}

/// Who did something, as people say it.
pub(in crate::web::pages) fn actor(frame: &Frame, directory: &Directory, actor: &str) -> String {
    match person_of(actor) {
        Some(id) => directory.person_name(Some(id)).to_owned(),
        None if actor == "system" => frame.words.items.card.system.clone(),
        None => actor.strip_prefix("local:").unwrap_or(actor).to_owned(),
    }
}

fn step(frame: &Frame, directory: &Directory, event: &item_event::Model, before: Option<&item_event::Model>) -> Step {
    let w = &frame.words.items.card;
    let what = match event.kind {
        EventKind::Registered => &w.registered,
        EventKind::Changed => &w.changed_step,
        EventKind::Withdrawn => &w.withdrawn,
    };
    let another_day = event.recorded_at.day() != event.effective_at.day();
    Step {
        when: event.effective_at.to_string(),
        recorded: if another_day { event.recorded_at.to_string() } else { String::new() },
        who: actor(frame, directory, &event.actor),
        what: what.clone(),
        changes: before.map(|before| changes(frame, directory, before, event)).unwrap_or_default(),
        reason: event.reason.clone().unwrap_or_default(),
        document: event.excused_by.clone().unwrap_or_default(),
    }
}

fn changes(
    frame: &Frame,
    directory: &Directory,
    before: &item_event::Model,
    after: &item_event::Model,
) -> Vec<(String, String, String)> {
    let w = &frame.words.items.list;
    let facts = |event: &item_event::Model| {
        [
            (&w.unit, directory.unit_name(event.unit_id).to_owned()),
            (&w.place, directory.place_name(event.place_id).to_owned()),
            (&w.keeper, directory.person_name(event.keeper_id).to_owned()),
            (&w.quantity, event.quantity.to_string()),
            (&w.state, picks::state_word(frame, event.state).to_owned()),
            (&frame.words.items.card.document, event.excused_by.clone().unwrap_or_default()),
        ]
    };
    let or_none = |text: String| if text.is_empty() { "—".to_owned() } else { text };
    facts(before)
        .into_iter()
        .zip(facts(after))
        .filter(|((_, was), (_, is))| was != is)
        .map(|((name, was), (_, is))| (name.clone(), or_none(was), or_none(is)))
        .collect()
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::samples;

    samples! {
        Step { when, recorded, who, what, changes, reason, document }
    }
}
