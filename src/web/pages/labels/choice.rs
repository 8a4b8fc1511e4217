//! For what labels are printed, and on what: as an address or a form says it.

use hashbrown::HashSet;
use hufu_labels::write::{Sheet, Template};
use sea_orm::prelude::Uuid;

use crate::access::{Action, permit_somewhere, reach};
use crate::items::entity::item;
use crate::items::labels::{self, Resolved, Subject};
use crate::items::search::{self, Search};
use crate::items::store;
use crate::kernel::Ctx;
use crate::kernel::ids::PlaceId;
use crate::kernel::text::key;
use crate::org::entity::place;
use crate::org::places;
use crate::web::api::labels::MOST;
use crate::web::api::labels::views::{FileFormat, Paper};
use crate::web::pages::form::in_query;
use crate::web::pages::items::picks;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App};

/// The template that things are printed on when nobody says.
const USUAL: &str = "asset-60x40";

/// What was asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Choice {
    /// Numbers or codes, each once, in the order given.
    pub(super) numbers: Vec<String>,
    /// Places whose own labels are wanted.
    rooms: Vec<Uuid>,
    /// All that wait for a reprint.
    pub(super) queue: bool,
    /// All that the filters find.
    search: bool,
    unit: String,
    place: String,
    /// Of those only what has no label yet.
    pub(super) unlabelled: bool,
    /// New codes.
    pub(super) renew: bool,
    pub(super) template: String,
    pub(super) sheet: String,
    pub(super) skip: String,
    pub(super) format: String,
}

/// What that comes to.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    pub(super) things: Vec<item::Model>,
    pub(super) rooms: Vec<place::Model>,
    /// What was asked for and is not there, or not theirs.
    pub(super) missing: Vec<String>,
    /// More than are printed at once.
    pub(super) too_many: bool,
}

impl Chosen {
    pub(super) fn count(&self) -> usize {
        self.things.len() + self.rooms.len()
    }
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';' | '，' | '；' | '、')
}

impl Choice {
    pub(super) fn of(pairs: Vec<(String, String)>) -> Self {
        let mut choice = Self { skip: "0".to_owned(), format: "pdf".to_owned(), ..Self::default() };
        let mut known = HashSet::new();
        for (name, value) in pairs {
            let mut add = |number: &str| {
                if !number.is_empty() && known.insert(key(number).into_owned()) {
                    choice.numbers.push(number.to_owned());
                }
            };
            match name.as_str() {
                "number" => add(value.trim()),
                "numbers" => value.split(is_between).for_each(add),
                "room" => choice.rooms.extend(Uuid::parse_str(&value).ok()),
                "queue" => choice.queue = value == "yes",
                "search" => choice.search = value == "yes",
                "unit" => choice.unit = value,
                "place" => choice.place = value.trim().to_owned(),
                "unlabelled" => choice.unlabelled = value == "yes",
                "renew" => choice.renew = value == "yes",
                "template" => choice.template = value,
                "sheet" => choice.sheet = value,
                "skip" => choice.skip = value.trim().to_owned(),
                "format" => choice.format = value,
                _ => {}
            }
        }
        if choice.template.is_empty() {
            let only_rooms = choice.numbers.is_empty() && !choice.rooms.is_empty();
            let of_rooms = Template::builtin_names().find(|name| name.starts_with("place-")).filter(|_| only_rooms);
            choice.template = of_rooms.unwrap_or(USUAL).to_owned();
        }
        choice
    }

    /// For what: what stays the same when the paper changes.
    pub(super) fn whose(&self) -> Vec<(&'static str, String)> {
        let mut pairs: Vec<_> = self.numbers.iter().map(|number| ("number", number.clone())).collect();
        pairs.extend(self.rooms.iter().map(|room| ("room", room.to_string())));
        let yes = |name, is: bool| is.then(|| (name, "yes".to_owned()));
        pairs.extend(yes("queue", self.queue).into_iter().chain(yes("search", self.search)));
        pairs.extend(yes("unlabelled", self.unlabelled));
        let filters = [("unit", &self.unit), ("place", &self.place)];
        pairs.extend(filters.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, v)| (name, v.clone())));
        pairs
    }

    /// All of it.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.whose();
        if self.renew {
            pairs.push(("renew", "yes".to_owned()));
        }
        let paper =
            [("template", &self.template), ("sheet", &self.sheet), ("skip", &self.skip), ("format", &self.format)];
        pairs.extend(paper.map(|(name, value)| (name, value.clone())));
        pairs
    }

    /// All of it as a query.
    pub(super) fn query(&self) -> String {
        let pairs = self.pairs().into_iter().map(|(name, value)| format!("{name}={}", in_query(&value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// On what it is printed.
    pub(super) fn paper(&self, frame: &Frame) -> Result<Paper, ApiError> {
        let skip = if self.skip.is_empty() { Ok(0) } else { self.skip.parse() };
        let skip = skip.map_err(|_| ApiError::invalid("skip", frame.words.labels.print.skip_number.clone()))?;
        let format = match self.format.as_str() {
            "zpl" => FileFormat::Zpl,
            "tspl" => FileFormat::Tspl,
            "svg" => FileFormat::Svg,
            "png" => FileFormat::Png,
            _ => FileFormat::Pdf,
        };
        let sheet = Some(self.sheet.clone()).filter(|sheet| !sheet.is_empty());
        Ok(Paper { template: self.template.clone(), sheet, skip, format, ..Paper::default() })
    }

    /// Reads what is asked for, where the caller may print.
    pub(super) async fn chosen(&self, app: &App, ctx: &Ctx, frame: &Frame) -> Result<Chosen, ApiError> {
        permit_somewhere(ctx, Action::LabelsPrint)?;
        let (db, right) = (app.db().read(), reach(ctx, Action::LabelsPrint));
        let mut chosen = Chosen { too_many: self.numbers.len() + self.rooms.len() > MOST, ..Chosen::default() };
        let numbers = &self.numbers[..self.numbers.len().min(MOST)];
        let mut found = store::by_numbers(db, numbers).await?;
        for number in numbers {
            let thing = match found.remove(key(number).as_ref()) {
                Some(thing) => Some(thing),
                None => scanned(app, number).await?,
            };
            match thing.filter(|thing| right.covers(Some(thing.unit_id))) {
                Some(thing) => chosen.things.push(thing),
                None => chosen.missing.push(number.clone()),
            }
        }
        if self.queue {
            let waiting = store::reprint_page(db, right.units(), None, MOST as u64 + 1).await?;
            chosen.things.extend(waiting.into_iter().map(|(_, thing)| thing));
        }
        if self.search {
            let mut wanted = Search { among: right.units(), unit: picks::unit(&self.unit)?, ..Search::default() };
            match picks::place(app, ctx, frame, &self.place).await? {
                Ok(place) => wanted.place = place.map(|place| place.id),
                Err(reason) => return Err(ApiError::invalid("place", reason)),
            }
            chosen.things.extend(search::search(db, &wanted, MOST as u64 + 1).await?);
        }
        for id in self.rooms.iter().take(MOST) {
            let room = places::by_id(db, PlaceId(*id)).await?.filter(|room| right.covers(Some(room.unit_id)));
            chosen.rooms.extend(room);
        }
        let mut known = HashSet::new();
        chosen.things.retain(|thing| known.insert(thing.id));
        chosen.too_many |= chosen.count() > MOST;
        chosen.things.truncate(MOST);
        if self.unlabelled {
            let ids: Vec<Uuid> = chosen.things.iter().map(|thing| thing.id.0).collect();
            let labelled = store::current_labels(db, &ids).await?;
            chosen.things.retain(|thing| !labelled.contains_key(&thing.id.0));
        }
        Ok(chosen)
    }
}

/// The thing whose label was scanned into the field.
async fn scanned(app: &App, text: &str) -> Result<Option<item::Model>, ApiError> {
    if text.contains('\0') {
        return Ok(None);
    }
    Ok(match labels::resolve(app.db().read(), text).await? {
        Resolved::Current(Subject::Item(id)) | Resolved::Superseded(Subject::Item(id)) => {
            store::by_id(app.db().read(), id).await?
        }
        _ => None,
    })
}

/// Templates to choose from, with what they are in words; those of things, or those of blanks as well.
pub(super) fn templates(frame: &Frame, kinds: &[&str]) -> Vec<(String, String)> {
    let w = &frame.words.labels.print;
    let told = |name: &'static str| {
        let (kind, size) = name.split_once('-').unwrap_or(("", name));
        let kind = match kind {
            "asset" => &w.of_things,
            "place" => &w.of_places,
            _ => &w.of_blanks,
        };
        (name.to_owned(), format!("{kind} {} mm", size.replace('x', "×")))
    };
    Template::builtin_names().filter(|name| kinds.iter().any(|kind| name.starts_with(kind))).map(told).collect()
}

/// Sheets to choose from; the blank choice is a roll.
pub(super) fn sheets(frame: &Frame) -> Vec<(String, String)> {
    let w = &frame.words.labels.print;
    let told = |name: &'static str| {
        let cells = Sheet::builtin(name).map(|sheet| sheet.cells()).unwrap_or_default();
        let (paper, grid) = name.split_once('-').unwrap_or(("", name));
        let of = w.on_a_sheet.replace("{count}", &cells.to_string());
        (name.to_owned(), format!("{} {}（{of}）", paper.to_uppercase(), grid.replace('x', "×")))
    };
    std::iter::once((String::new(), w.roll.clone())).chain(Sheet::builtin_names().map(told)).collect()
}

/// Formats to choose from.
pub(super) fn formats() -> Vec<(String, String)> {
    [("pdf", "PDF"), ("zpl", "ZPL (Zebra)"), ("tspl", "TSPL (TSC)")].map(|(a, b)| (a.to_owned(), b.to_owned())).into()
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::samples;

    samples! {
        Choice { numbers, rooms, queue, search, unit, place, unlabelled, renew, template, sheet, skip, format }
    }
}
