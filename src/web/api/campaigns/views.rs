//! How campaigns, sheets and lines look from outside.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeZone as _, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::kernel::Timestamp;
use crate::kernel::ids::{PersonId, PlaceId, UnitId};
use crate::org::Directory;
use crate::stocktake::entity::{campaign, sheet};
use crate::stocktake::line::Tally;
use crate::stocktake::look::{CaseOfThing, Expected, Progress};
use crate::stocktake::outcome::{Outcome, OutcomeLine};
use crate::stocktake::verdict::{Flags, Verdict};

/// An instant as programs write it.
pub(super) fn instant(at: Timestamp) -> DateTime<Utc> {
    Utc.timestamp_millis_opt(at.0).single().unwrap_or_default()
}

/// Something with a name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = campaigns::Named)]
pub(super) struct Named {
    id: Uuid,
    name: String,
}

impl Named {
    pub(super) fn unit(directory: &Directory, id: UnitId) -> Self {
        Self { id: id.0, name: directory.unit_name(id).to_owned() }
    }

    pub(super) fn place(directory: &Directory, id: Option<PlaceId>) -> Option<Self> {
        id.map(|id| Self { id: id.0, name: directory.place_name(Some(id)).to_owned() })
    }

    pub(super) fn person(directory: &Directory, id: Option<PersonId>) -> Option<Self> {
        id.map(|id| Self { id: id.0, name: directory.person_name(Some(id)).to_owned() })
    }
}

/// A stocktake (盘点).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = campaigns::CampaignView)]
pub(super) struct CampaignView {
    pub(super) id: Uuid,
    /// Short and unique.
    pub(super) number: String,
    name: String,
    /// `planned`, `counting`, `reviewing`, `closed`, `cancelled`.
    #[schema(value_type = String)]
    state: crate::stocktake::model::CampaignState,
    /// The book as of the end of this day is what is expected (盘点基准日).
    baseline_on: NaiveDate,
    from: NaiveDate,
    to: NaiveDate,
    /// Whether counters are kept from seeing what is expected (盲盘).
    blind: bool,
    pub(super) opened_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<DateTime<Utc>>,
    version: i64,
}

impl From<&campaign::Model> for CampaignView {
    fn from(row: &campaign::Model) -> Self {
        Self {
            id: row.id.0,
            number: row.number.clone(),
            name: row.name.clone(),
            state: row.state,
            baseline_on: row.baseline_at.day(),
            from: row.window_from.day(),
            to: row.window_to.day(),
            blind: row.blind,
            opened_at: instant(row.opened_at),
            closed_at: row.closed_at.map(instant),
            version: row.version,
        }
    }
}

/// A campaign with how far each unit is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = campaigns::CampaignDetail)]
pub(super) struct CampaignDetail {
    pub(super) campaign: CampaignView,
    /// The sheets within reach, by the units' codes.
    pub(super) sheets: Vec<SheetView>,
}

/// A unit's sheet (盘点表) and how far it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = campaigns::SheetView)]
pub(super) struct SheetView {
    id: Uuid,
    unit: Named,
    /// `open`, `submitted`, `confirmed`.
    #[schema(value_type = String)]
    state: crate::stocktake::model::SheetState,
    /// Things expected.
    expected: i64,
    /// Of these, things seen.
    seen: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    submitted_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    submitted_by: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_by: Option<Named>,
    version: i64,
}

impl SheetView {
    pub(super) fn new(row: &sheet::Model, progress: Progress, directory: &Directory) -> Self {
        Self {
            id: row.id.0,
            unit: Named::unit(directory, row.unit_id),
            state: row.state,
            expected: progress.expected,
            seen: progress.seen,
            submitted_at: row.submitted_at.map(instant),
            submitted_by: Named::person(directory, row.submitted_by),
            confirmed_at: row.confirmed_at.map(instant),
            confirmed_by: Named::person(directory, row.confirmed_by),
            version: row.version,
        }
    }
}

/// A thing that a sheet expects. Place, keeper and quantity are withheld in a blind count.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = campaigns::ExpectedView)]
pub(super) struct ExpectedView {
    item: Uuid,
    item_number: String,
    name: String,
    specification: String,
    serial_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keeper: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<i64>,
    /// The paper that explains why it is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    excused_by: Option<String>,
    #[serde(skip)]
    pub(super) key: String,
}

impl ExpectedView {
    pub(super) fn new(row: Expected, directory: &Directory, sees_book: bool) -> Self {
        let seen = sees_book.then_some(());
        Self {
            item: row.item_id.0,
            item_number: row.item_number,
            name: row.name,
            specification: row.specification,
            serial_number: row.serial_number,
            place: seen.and_then(|()| Named::place(directory, row.place_id)),
            keeper: seen.and_then(|()| Named::person(directory, row.keeper_id)),
            quantity: seen.map(|()| row.quantity.0),
            excused_by: seen.and(row.excused_by),
            key: row.number_key,
        }
    }
}

/// How many lines of each verdict.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = campaigns::TallyView)]
pub(super) struct TallyView {
    /// Things expected.
    expected: u64,
    /// Lines by verdict.
    verdicts: BTreeMap<&'static str, u64>,
    /// What the missing things are worth by the book, in fen.
    missing_value_fen: i64,
}

impl From<&Tally> for TallyView {
    fn from(tally: &Tally) -> Self {
        let verdicts = Verdict::ALL.into_iter().map(|verdict| (verdict.as_str(), tally.of(verdict))).collect();
        Self { expected: tally.expected, verdicts, missing_value_fen: tally.missing_value.0 }
    }
}

/// What a campaign found when it closed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = campaigns::ClosedView)]
pub(super) struct ClosedView {
    pub(super) campaign: CampaignView,
    pub(super) total: TallyView,
}

/// A line on which book and count do not agree.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = campaigns::LineView)]
pub(super) struct LineView {
    /// The thing, when the book knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<Uuid>,
    /// Its number, or the code that was read.
    item_number: String,
    name: String,
    #[schema(value_type = String)]
    verdict: Verdict,
    /// The verdict in Chinese.
    verdict_zh: String,
    /// What stands beside the verdict.
    flags: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    book_place: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_place: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    book_keeper: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_keeper: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    book_quantity: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_quantity: Option<i64>,
    /// What it is worth by the book, in fen.
    value_fen: i64,
    /// Where to look, or what it may be.
    lead: String,
}

impl LineView {
    pub(super) fn new(outcome: &Outcome, line: &OutcomeLine) -> Self {
        let names = &outcome.directory;
        Self {
            item: line.item.as_ref().map(|item| item.id.0),
            item_number: line.number().to_owned(),
            name: line.name().to_owned(),
            verdict: line.verdict,
            verdict_zh: line.verdict.zh().to_owned(),
            flags: Flags::NAMED.iter().filter(|(flag, ..)| line.flags.has(*flag)).map(|(_, name, _)| *name).collect(),
            unit: line.unit.map(|unit| Named::unit(names, unit)),
            book_place: Named::place(names, line.book_place),
            counted_place: Named::place(names, line.counted_place),
            book_keeper: Named::person(names, line.book_keeper),
            counted_keeper: Named::person(names, line.counted_keeper),
            book_quantity: line.book_quantity.map(|quantity| quantity.0),
            counted_quantity: line.counted_quantity.map(|quantity| quantity.0),
            value_fen: line.value().0,
            lead: line.lead.clone(),
        }
    }
}

/// A missing thing and where to look for it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = campaigns::LeadsView)]
pub(super) struct LeadsView {
    line: LineView,
    /// The likeliest first.
    leads: Vec<LeadView>,
}

/// Where to look.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = campaigns::LeadView)]
pub(super) struct LeadView {
    /// How likely, 0 to 100; to rank by, not a probability.
    score: u8,
    /// In words.
    lead: String,
}

impl LeadsView {
    pub(super) fn new(outcome: &Outcome, line: &OutcomeLine) -> Self {
        let leads = line.leads.iter().map(|lead| LeadView { score: lead.score, lead: lead.zh() }).collect();
        Self { line: LineView::new(outcome, line), leads }
    }
}

/// A missing case (盘亏事项).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = campaigns::MissingView)]
pub(super) struct MissingView {
    pub(super) id: Uuid,
    item: Uuid,
    item_number: String,
    name: String,
    /// The year of the list it is on.
    list_year: i64,
    /// `searching`, `found`, `confirmed`, `approved`, `written_off`.
    #[schema(value_type = String)]
    state: crate::stocktake::model::MissingState,
    opened_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    found_at: Option<DateTime<Utc>>,
    version: i64,
}

impl From<CaseOfThing> for MissingView {
    fn from((case, thing): CaseOfThing) -> Self {
        Self {
            id: case.id.0,
            item: thing.id.0,
            item_number: thing.item_number,
            name: thing.name,
            list_year: case.list_year,
            state: case.state,
            opened_at: instant(case.opened_at),
            found_at: case.found_at.map(instant),
            version: case.version,
        }
    }
}
