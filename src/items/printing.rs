//! What the label of a thing or place says, and labels as bytes: shared by the command line and the API.

use hufu_labels::code::LabelCode;
use hufu_labels::write::{FontSet, Format, Job, LabelRecord, Sheet, Template, WriteError, write_labels};

use sea_orm::ConnectionTrait;

use super::entity::item;
use crate::db::DbError;
use crate::kernel::ids::{PersonId, PlaceId};
use crate::org::entity::place;
use crate::org::{Directory, service};

/// What labels of these things and places say of the office, units, places and people.
///
/// # Errors
/// When the database cannot be read.
pub async fn names(
    db: &impl ConnectionTrait,
    things: &[item::Model],
    rooms: &[place::Model],
) -> Result<(String, Directory), DbError> {
    let mut places: Vec<PlaceId> = things.iter().filter_map(|thing| thing.place_id).collect();
    let mut people: Vec<PersonId> = things.iter().filter_map(|thing| thing.keeper_id).collect();
    people.extend(rooms.iter().filter_map(|room| room.keeper_id));
    places.sort_unstable();
    places.dedup();
    people.sort_unstable();
    people.dedup();
    Ok((service::organisation(db).await?, Directory::load_some(db, &places, &people).await?))
}

/// What the label of a thing says.
#[must_use]
pub fn record_of(directory: &Directory, thing: &item::Model, code: LabelCode) -> LabelRecord {
    LabelRecord {
        item_number: thing.item_number.clone(),
        name: thing.name.clone(),
        specification: thing.specification.clone(),
        unit: directory.unit_name(thing.unit_id).to_owned(),
        keeper: directory.person_name(thing.keeper_id).to_owned(),
        place: directory.place_name(thing.place_id).to_owned(),
        acquired_on: thing.acquired_on.map(|day| day.to_string()).unwrap_or_default(),
        ..LabelRecord::blank(code)
    }
}

/// What the label of a place says.
#[must_use]
pub fn record_of_place(directory: &Directory, place: &place::Model, code: LabelCode) -> LabelRecord {
    LabelRecord {
        item_number: place.code.clone(),
        name: place.name.clone(),
        unit: directory.unit_name(place.unit_id).to_owned(),
        keeper: directory.person_name(place.keeper_id).to_owned(),
        ..LabelRecord::blank(code)
    }
}

/// On what labels are printed: only templates and sheets that are built in, never a path.
#[derive(Debug, Clone)]
pub struct BuiltinPaper {
    template: Template,
    sheet: Option<Sheet>,
    skip: u32,
    dpi: u32,
    format: Format,
}

impl BuiltinPaper {
    /// Paper for `count` labels, looked at before a label is recorded as printed.
    ///
    /// # Errors
    /// When a name is not built in, or the parts do not go together.
    pub fn new(
        template: &str,
        sheet: Option<&str>,
        (skip, dpi): (u32, u32),
        format: Format,
        count: usize,
    ) -> Result<Self, WriteError> {
        let template = Template::builtin(template)?;
        let sheet = sheet.map(Sheet::builtin).transpose()?;
        let paper = Self { template, sheet, skip, dpi, format };
        // The same paper with one empty label finds whatever would be refused later.
        let trial = vec![LabelRecord::blank(LabelCode::from_random(0))];
        paper.write(&trial, "")?;
        let cells = paper.sheet.as_ref().map_or(1, |sheet| usize::try_from(sheet.cells()).unwrap_or(1));
        let pages = (count + usize::try_from(skip).unwrap_or(0)).div_ceil(cells.max(1));
        if format.is_paged() && pages > 1 {
            return Err(WriteError::Picture(format!(
                "图片格式每页一个文件，这里有 {pages} 页：请改用 PDF，或少选几张"
            )));
        }
        Ok(paper)
    }

    /// The labels as one file. Takes a core for as long as it lasts.
    ///
    /// # Errors
    /// When there is nothing to write.
    pub fn write(&self, records: &[LabelRecord], organisation: &str) -> Result<Vec<u8>, WriteError> {
        let fonts = FontSet::builtin()?;
        let job = Job {
            template: &self.template,
            sheet: self.sheet.as_ref(),
            skip: self.skip,
            fonts: &fonts,
            dpi: self.dpi,
            organisation,
        };
        let mut bytes = Vec::new();
        write_labels(records, &job, self.format, &mut bytes)?;
        Ok(bytes)
    }
}
