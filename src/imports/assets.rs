//! Fixed assets.

use chrono::NaiveDate;
use hashbrown::HashMap;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};

use super::{Desk, Drafts, ImportError, Report, Source, read_drafts, within};
use crate::access::{Action, permit};
use crate::assets::card::entity::card;
use crate::assets::card::intake;
use crate::assets::classes;
use crate::db::bulk::CHUNK_ROWS;
use crate::documents::Location;
use crate::documents::tables::Assets;
use crate::items::entity::item;
use crate::items::model::{ItemKind, ItemState};
use crate::items::service::{NewItem, register_many};
use crate::kernel::ids::{PersonId, PlaceId, UnitId};
use crate::kernel::text::key;
use crate::kernel::{Fen, Quantity, Timestamp};
use crate::org::directory::LookupError;
use crate::org::entity::person::{self, Duty, PersonKind};
use crate::org::entity::{place, unit};
use crate::org::{Directory, service};

#[derive(Debug)]
pub(super) struct AssetDraft {
    item_number: String,
    class_code: String,
    class_name: String,
    excused_by: Option<String>,
    name: String,
    specification: String,
    serial_number: String,
    brand: String,
    measure_unit: String,
    unit: String,
    place: String,
    keeper: String,
    quantity: Quantity,
    value: Fen,
    state: ItemState,
    acquired_on: Option<NaiveDate>,
    card: super::cards::Draft,
}

pub(super) fn read(source: &Source<'_>) -> Result<(Drafts<AssetDraft>, Report), ImportError> {
    read_drafts::<Assets, _>(source, |row| {
        let value = row.money(Assets::Value)?.unwrap_or(Fen::ZERO);
        if value < Fen::ZERO {
            return Err(row.reject(Assets::Value, "价值不能为负"));
        }
        Ok(AssetDraft {
            item_number: within(row, Assets::ItemNumber, row.required_identifier(Assets::ItemNumber)?, 64)?,
            class_code: within(row, Assets::ClassCode, row.identifier(Assets::ClassCode)?, 64)?,
            class_name: row.text(Assets::ClassName).to_owned(),
            excused_by: Some(row.text(Assets::ExcusedBy).to_owned()).filter(|text| !text.is_empty()),
            name: within(row, Assets::Name, row.required(Assets::Name)?, 200)?,
            specification: row.text(Assets::Specification).to_owned(),
            serial_number: row.identifier(Assets::SerialNumber)?.to_owned(),
            brand: row.text(Assets::Brand).to_owned(),
            measure_unit: row.text(Assets::MeasureUnit).to_owned(),
            unit: row.required(Assets::Unit)?.to_owned(),
            place: row.text(Assets::Place).to_owned(),
            keeper: row.text(Assets::Keeper).to_owned(),
            quantity: row.quantity(Assets::Quantity)?,
            value,
            state: row.state(Assets::State)?.unwrap_or(ItemState::InUse),
            // Of a thing without a day of acquisition, the day from which it is used stands for it.
            acquired_on: row.date(Assets::AcquiredOn)?.or(row.date(Assets::InServiceOn)?),
            card: super::cards::read(row)?,
        })
    })
}

/// Units, places and people that rows name and the book lacks.
struct Newcomers<'d> {
    directory: &'d mut Directory,
    wanted: bool,
    units: Vec<unit::Model>,
    people: Vec<person::Model>,
    places: Vec<place::Model>,
}

impl Newcomers<'_> {
    fn unit(&mut self, desk: &mut Desk<'_>, name: &str) -> Result<UnitId, LookupError> {
        match self.directory.find_unit(name) {
            Err(LookupError::Unknown { .. })
                if self.wanted && name.chars().count() <= 40 && permit(desk.ctx, Action::OrgWrite, None).is_ok() =>
            {
                let retired = self.directory.retired_unit(name);
                let row = unit::Model {
                    id: retired.map_or_else(|| desk.ctx.new_id(), |unit| unit.id),
                    code: retired.map_or(name, |unit| &unit.code).to_owned(),
                    name: name.to_owned(),
                    parent_id: None,
                    kind: String::new(),
                    active: true,
                    batch_id: Some(desk.batch),
                    version: retired.map_or(1, |unit| unit.version + 1),
                };
                desk.report.created.push(format!("单位 {name}"));
                self.directory.add_unit(row.clone());
                self.units.push(row);
                self.directory.find_unit(name)
            }
            found => found,
        }
    }

    fn place(&mut self, desk: &mut Desk<'_>, name: &str, unit_id: UnitId) -> Result<Option<PlaceId>, LookupError> {
        if name.is_empty() {
            return Ok(None);
        }
        let found = self.directory.find_place(name, Some(unit_id));
        let settled = match &found {
            Ok(id) => !self.is_namesake_elsewhere(*id, name, unit_id),
            Err(LookupError::Unknown { .. }) => false,
            Err(LookupError::Ambiguous { .. }) => self.directory.has_place_named(name, unit_id),
        };
        if settled || !self.wanted || permit(desk.ctx, Action::OrgWrite, Some(unit_id)).is_err() {
            return found.map(Some);
        }
        match self.free_code(name, unit_id) {
            Some((code, retired)) => {
                let row = place::Model {
                    id: retired.as_ref().map_or_else(|| desk.ctx.new_id(), |(id, _)| *id),
                    code,
                    name: name.to_owned(),
                    unit_id,
                    keeper_id: None,
                    active: true,
                    batch_id: Some(desk.batch),
                    version: retired.map_or(1, |(_, version)| version + 1),
                };
                let id = row.id;
                let unit = self.directory.unit_name(unit_id);
                desk.report.created.push(format!("地点 {name}（{unit}）"));
                self.directory.add_place(row.clone());
                self.places.push(row);
                Ok(Some(id))
            }
            None => found.map(Some),
        }
    }

    /// Another unit's place of the same name: every station has its 值班室, and a row that says no more means its own.
    fn is_namesake_elsewhere(&self, id: PlaceId, written: &str, unit_id: UnitId) -> bool {
        self.directory.place(id).is_some_and(|place| place.unit_id != unit_id && key(&place.name) == key(written))
    }

    /// A code for a place to be made: its name with its unit's code in front, so that no other unit's row finds it by
    /// its bare name; with the id and version of the place that had it once.
    fn free_code(&self, name: &str, unit_id: UnitId) -> Option<(String, Option<(PlaceId, i64)>)> {
        let of_unit = self.directory.unit(unit_id).map(|unit| format!("{}-{name}", unit.code));
        let mut codes = of_unit.into_iter().chain([name.to_owned()]).filter(|code| code.chars().count() <= 40);
        codes.find_map(|code| match self.directory.place_of_code(&code) {
            Some(place) if place.active => None,
            Some(place) => Some((code, Some((place.id, place.version)))),
            None => Some((code, None)),
        })
    }

    fn keeper(&mut self, desk: &mut Desk<'_>, name: &str, unit_id: UnitId) -> Result<Option<PersonId>, LookupError> {
        if name.is_empty() {
            return Ok(None);
        }
        match self.directory.find_person(name, Some(unit_id)) {
            Err(LookupError::Unknown { .. })
                if self.wanted
                    && name.chars().count() <= 100
                    && permit(desk.ctx, Action::OrgWrite, Some(unit_id)).is_ok() =>
            {
                let row = person::Model {
                    id: desk.ctx.new_id(),
                    badge_number: None,
                    name: name.to_owned(),
                    unit_id,
                    duty: Duty::Member,
                    kind: PersonKind::Officer,
                    active: true,
                    batch_id: Some(desk.batch),
                    version: 1,
                };
                let id = row.id;
                desk.report.created.push(format!("人员 {name}"));
                self.directory.add_person(row.clone());
                self.people.push(row);
                Ok(Some(id))
            }
            found => found.map(Some),
        }
    }

    async fn write(self, desk: &mut Desk<'_>) -> Result<(), ImportError> {
        service::write_units(desk.tx, self.units, &mut desk.digest).await?;
        service::write_people(desk.tx, self.people, &mut desk.digest).await?;
        service::write_places(desk.tx, self.places, &mut desk.digest).await?;
        Ok(())
    }
}

pub(super) async fn write(
    desk: &mut Desk<'_>,
    drafts: &Drafts<AssetDraft>,
    effective_at: Timestamp,
    create_missing: bool,
) -> Result<(), ImportError> {
    let mut directory = Directory::load(desk.tx).await?;
    let booked = booked_numbers(desk, drafts).await?;
    let mut seen: HashMap<String, Location> = HashMap::with_capacity(drafts.len());
    let mut newcomers = Newcomers {
        directory: &mut directory,
        wanted: create_missing,
        units: Vec::new(),
        people: Vec::new(),
        places: Vec::new(),
    };
    let mut things = Vec::with_capacity(drafts.len());
    let mut cards = Vec::with_capacity(drafts.len());
    let classes = classes::load(desk.tx).await?;
    for (at, draft) in drafts {
        let number_key = key(&draft.item_number).into_owned();
        if let Some(first) = seen.get(&number_key) {
            desk.duplicate(at, "item_number", &draft.item_number, format!("编号重复，前一次在{first}"));
            continue;
        }
        if booked.contains(&number_key) {
            desk.duplicate(at, "item_number", &draft.item_number, "编号已在账");
            continue;
        }
        let Some((code, old)) = super::cards::class(desk, &classes, at, &draft.class_code) else { continue };
        let Some(mut thing) = resolve(desk, &mut newcomers, at, draft) else { continue };
        thing.class_code = code;
        if thing.class_name.is_empty() {
            classes.name(&thing.class_code, desk.ctx.now().day()).clone_into(&mut thing.class_name);
        }
        let Some(card) = super::cards::of(desk, newcomers.directory, at, &draft.card, &thing, old) else { continue };
        seen.insert(number_key, at.clone());
        things.push(thing);
        cards.push(card);
    }
    newcomers.write(desk).await?;
    desk.report.taken = things.len();
    let ids = register_many(desk.tx, desk.ctx, things, Some(desk.batch), effective_at, &mut desk.digest).await?;
    let cards = ids.into_iter().zip(cards).filter_map(|(item_id, card)| Some(card::Model { item_id, ..card? }));
    intake::fill(desk.tx, cards.collect(), &mut desk.digest).await?;
    Ok(())
}

/// The row as a thing, once its unit, place and keeper are known; else a reject.
fn resolve(desk: &mut Desk<'_>, newcomers: &mut Newcomers<'_>, at: &Location, draft: &AssetDraft) -> Option<NewItem> {
    let unit_id = newcomers
        .unit(desk, &draft.unit)
        .map_err(|error| desk.reject(at, "unit", &draft.unit, with_hint(&error)))
        .ok()?;
    if let Some(reason) = desk.refusal(Action::ItemsRegister, unit_id) {
        desk.reject(at, "unit", &draft.unit, reason);
        return None;
    }
    let place_id = newcomers
        .place(desk, &draft.place, unit_id)
        .map_err(|error| desk.reject(at, "place", &draft.place, with_hint(&error)))
        .ok()?;
    let keeper_id = newcomers
        .keeper(desk, &draft.keeper, unit_id)
        .map_err(|error| desk.reject(at, "keeper", &draft.keeper, with_hint(&error)))
        .ok()?;
    let unseen = |unit: Option<UnitId>| unit.is_some_and(|unit| !desk.sees(unit));
    if unseen(place_id.and_then(|id| newcomers.directory.place(id)).map(|place| place.unit_id)) {
        desk.reject(at, "place", &draft.place, format!("未登记的地点“{}”", draft.place));
        return None;
    }
    if unseen(keeper_id.and_then(|id| newcomers.directory.person(id)).map(|person| person.unit_id)) {
        desk.reject(at, "keeper", &draft.keeper, format!("未登记的人员“{}”", draft.keeper));
        return None;
    }
    Some(NewItem {
        kind: ItemKind::FixedAsset,
        item_number: draft.item_number.clone(),
        name: draft.name.clone(),
        specification: draft.specification.clone(),
        serial_number: draft.serial_number.clone(),
        class_code: draft.class_code.clone(),
        class_name: draft.class_name.clone(),
        brand: draft.brand.clone(),
        measure_unit: draft.measure_unit.clone(),
        unit_id,
        place_id,
        keeper_id,
        quantity: draft.quantity,
        state: draft.state,
        excused_by: draft.excused_by.clone(),
        value_fen: draft.value,
        acquired_on: draft.acquired_on,
    })
}

/// How a reject ends that would not be one had the import been let register what is missing.
pub const CAN_CREATE: &str = "请先登记，或选择自动登记";

fn with_hint(error: &LookupError) -> String {
    match error {
        LookupError::Unknown { .. } => format!("{error}；{CAN_CREATE}"),
        LookupError::Ambiguous { .. } => error.to_string(),
    }
}

/// Which numbers of the file the book has already.
async fn booked_numbers(
    desk: &Desk<'_>,
    drafts: &Drafts<AssetDraft>,
) -> Result<hashbrown::HashSet<String>, ImportError> {
    let mut booked = hashbrown::HashSet::new();
    for chunk in drafts.chunks(CHUNK_ROWS) {
        let keys = chunk.iter().map(|(_, draft)| key(&draft.item_number).into_owned());
        let found: Vec<String> = item::Entity::find()
            .select_only()
            .column(item::Column::NumberKey)
            .filter(item::Column::NumberKey.is_in(keys))
            .filter(item::Column::State.ne(ItemState::Withdrawn))
            .into_tuple()
            .all(desk.tx)
            .await?;
        booked.extend(found);
    }
    Ok(booked)
}
