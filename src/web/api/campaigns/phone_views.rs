//! How what a phone is given looks.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::views::{Named, instant};
use crate::items::model::ItemState;
use crate::org::Directory;
use crate::stocktake::counting::phone::{Booked, Told, Waiting};
use crate::stocktake::model::{CampaignState, Condition, IdentifiedBy, SheetState};

/// Whom a phone works for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = phone::MeView)]
pub(super) struct MeView {
    /// The account: what waits on the phone is kept apart by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<Uuid>,
    pub(super) login: String,
    /// Who counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) person: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<Named>,
    /// What changes must carry in `X-CSRF-Token`; empty for a token's bearer, who needs none.
    pub(super) csrf: String,
    /// `zh` or `en`.
    pub(super) language: &'static str,
    /// The server's time: how wrong the phone's clock goes.
    pub(super) at: DateTime<Utc>,
}

/// A sheet that waits to be counted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = phone::WaitingView)]
pub(super) struct WaitingView {
    /// The campaign's number.
    campaign: String,
    pub(super) campaign_name: String,
    /// Whether the counter is kept from seeing what is expected (盲盘).
    pub(super) blind: bool,
    /// The last day of counting.
    to: NaiveDate,
    pub(super) unit: Named,
    /// Whether it is the counter's own unit.
    own: bool,
    pub(super) version: i64,
    /// Things expected; absent in a blind count.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<i64>,
    /// Of these, things seen; absent in a blind count.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<i64>,
}

impl WaitingView {
    pub(super) fn new(waiting: &Waiting, directory: &Directory) -> Self {
        Self {
            campaign: waiting.campaign.number.clone(),
            campaign_name: waiting.campaign.name.clone(),
            blind: waiting.campaign.blind,
            to: waiting.campaign.window_to.day(),
            unit: Named::unit(directory, waiting.sheet.unit_id),
            own: waiting.own,
            version: waiting.sheet.version,
            expected: waiting.progress.map(|progress| progress.expected),
            seen: waiting.progress.map(|progress| progress.seen),
        }
    }
}

/// The sheets that wait for somebody.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = phone::SheetsView)]
pub(super) struct SheetsView {
    /// Those of the own unit first.
    pub(super) sheets: Vec<WaitingView>,
}

/// A place, as a phone knows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = phone::PlaceView)]
pub(super) struct PlaceView {
    pub(super) id: Uuid,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) unit: Named,
    /// The codes on its labels, old ones too.
    pub(super) labels: Vec<String>,
}

/// Where and by whom a unit's things are kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = phone::GroundView)]
pub(super) struct GroundView {
    pub(super) campaign_name: String,
    pub(super) blind: bool,
    /// `open`, `submitted`, `confirmed`.
    #[schema(value_type = String)]
    pub(super) state: SheetState,
    pub(super) unit: Named,
    /// Places within reach, the unit's own first.
    pub(super) places: Vec<PlaceView>,
    /// Codes on labels of other places.
    pub(super) other_places: Vec<String>,
    /// The unit's people, for the keeper stated on the spot.
    pub(super) people: Vec<Named>,
}

/// A thing as the book has it now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = phone::ThingView)]
pub(super) struct ThingView {
    item: Uuid,
    number: String,
    pub(super) name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    specification: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keeper: Option<Named>,
    quantity: i64,
    #[schema(value_type = String)]
    pub(super) state: ItemState,
    /// The paper that explains why it is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    excused_by: Option<String>,
    /// Whether the sheet expects it; else it is gone from the book.
    expected: bool,
    /// The code on its current label.
    pub(super) labels: Vec<String>,
    /// The codes on older ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    old_labels: Vec<String>,
    #[serde(skip)]
    pub(super) key: String,
}

impl ThingView {
    pub(super) fn new(thing: Booked, codes: Vec<(String, bool)>, directory: &Directory) -> Self {
        let (current, old): (Vec<_>, Vec<_>) = codes.into_iter().partition(|(_, current)| *current);
        let texts = |codes: Vec<(String, bool)>| codes.into_iter().map(|(code, _)| code).collect();
        Self {
            item: thing.item_id.0,
            number: thing.item_number,
            name: thing.name,
            specification: thing.specification,
            place: Named::place(directory, thing.place_id),
            keeper: Named::person(directory, thing.keeper_id),
            quantity: thing.quantity.0,
            state: thing.state,
            excused_by: thing.excused_by,
            // What left the book since the baseline is expected no more: seen, it is 账销物存.
            expected: thing.expected && !thing.state.is_gone(),
            labels: texts(current),
            old_labels: texts(old),
            key: thing.number_key,
        }
    }
}

/// A scan of a sheet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = phone::ScanView)]
pub(super) struct ScanView {
    pub(super) id: Uuid,
    /// The order received; ask for what comes after it.
    pub(super) seq: i64,
    pub(super) code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<Uuid>,
    /// `current_label`, `superseded_label`, `item_number`, `unknown`.
    #[schema(value_type = String)]
    identified_by: IdentifiedBy,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<Uuid>,
    quantity: i64,
    /// `good` or `damaged`.
    #[schema(value_type = String)]
    condition: Condition,
    counter: String,
    /// Whether whoever asks made it.
    mine: bool,
    pub(super) device: String,
    pub(super) at: DateTime<Utc>,
    /// The keeper stated on the spot.
    #[serde(skip_serializing_if = "Option::is_none")]
    keeper: Option<Uuid>,
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
    /// Whether it bears no label.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    no_label: bool,
    /// What an unknown thing was said to be.
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    serial_number: String,
    /// The scan that it undoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    negates: Option<Uuid>,
    /// Whether it speaks no more, because its thing is counted again.
    spent: bool,
}

impl From<Told> for ScanView {
    fn from(told: Told) -> Self {
        let scan = told.scan;
        Self {
            id: scan.id.0,
            seq: scan.seq,
            code: scan.code_read,
            item: scan.item_id.map(|item| item.0),
            identified_by: scan.identified_by,
            place: scan.place_id.map(|place| place.0),
            quantity: scan.quantity.0,
            condition: scan.condition,
            counter: scan.counter,
            mine: told.mine,
            device: scan.device,
            at: instant(scan.server_at),
            keeper: scan.keeper_id.map(|keeper| keeper.0),
            note: scan.note,
            no_label: scan.no_label,
            name: scan.name,
            serial_number: scan.serial_number,
            negates: scan.negates.map(|id| id.0),
            spent: told.spent,
        }
    }
}

/// Another phone on the sheet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = phone::OtherView)]
pub(super) struct OtherView {
    pub(super) device: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) person: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<Named>,
    /// How long ago it was heard of.
    pub(super) seconds: i64,
}

/// How the sheet stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = phone::PulseView)]
pub(super) struct PulseView {
    /// `open`, `submitted`, `confirmed`.
    #[schema(value_type = String)]
    pub(super) state: SheetState,
    pub(super) version: i64,
    /// `planned`, `counting`, `reviewing`, `closed`, `cancelled`.
    #[schema(value_type = String)]
    pub(super) campaign_state: CampaignState,
    /// The last number that a scan of the campaign was given.
    pub(super) last_seq: i64,
    /// Recounts opened in the campaign; when more than before, read the scans again from the first.
    pub(super) recounts: u64,
    /// Other phones at work on this sheet in the last minute.
    pub(super) others: Vec<OtherView>,
}
