//! Labels as programs see them.

use hufu_labels::write::Format;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::items::entity::{item, label, label_reprint};
use crate::web::api::parts::LabelStateName;

/// What is built in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Templates {
    /// Designs of a label.
    pub templates: Vec<String>,
    /// Sheets of labels.
    pub sheets: Vec<String>,
}

/// A label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LabelView {
    /// 标签码
    pub code: String,
    /// Where in its life it is.
    pub state: LabelStateName,
    /// The thing it is or was stuck on.
    pub item_id: Option<Uuid>,
    /// The place it is or was stuck on.
    pub place_id: Option<Uuid>,
    /// Which label of its subject, from 1.
    pub generation: i64,
    /// The design it was first printed on.
    pub template: String,
    /// When it was made, in milliseconds since 1970 UTC.
    pub issued_at: i64,
    /// When it was last printed, in milliseconds since 1970 UTC.
    pub printed_at: Option<i64>,
    /// How often it was printed.
    pub print_count: i64,
}

impl From<label::Model> for LabelView {
    fn from(row: label::Model) -> Self {
        Self {
            code: row.code,
            state: row.state.into(),
            item_id: row.item_id.map(Into::into),
            place_id: row.place_id.map(Into::into),
            generation: row.generation,
            template: row.template,
            issued_at: row.issued_at.0,
            printed_at: row.printed_at.map(|at| at.0),
            print_count: row.print_count,
        }
    }
}

/// A thing whose label waits for a reprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReprintRow {
    /// The thing.
    pub item_id: Uuid,
    /// 资产编号
    pub item_number: String,
    /// 资产名称
    pub name: String,
    /// Why.
    pub reason: String,
    /// Since when, in milliseconds since 1970 UTC.
    pub queued_at: i64,
}

impl From<(label_reprint::Model, item::Model)> for ReprintRow {
    fn from((waiting, thing): (label_reprint::Model, item::Model)) -> Self {
        Self {
            item_id: thing.id.into(),
            item_number: thing.item_number,
            name: thing.name,
            reason: waiting.reason,
            queued_at: waiting.queued_at.0,
        }
    }
}

/// As what labels are answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// A document; the only one with several pages.
    #[default]
    Pdf,
    /// A picture of one page.
    Png,
    /// A drawing of one page.
    Svg,
    /// Commands for Zebra and compatible printers.
    Zpl,
    /// Commands for TSC and compatible printers.
    Tspl,
}

impl From<FileFormat> for Format {
    fn from(format: FileFormat) -> Self {
        match format {
            FileFormat::Pdf => Self::Pdf,
            FileFormat::Png => Self::Png,
            FileFormat::Svg => Self::Svg,
            FileFormat::Zpl => Self::Zpl,
            FileFormat::Tspl => Self::Tspl,
        }
    }
}

fn roll() -> String {
    "asset-60x40".to_owned()
}

const fn fine() -> u32 {
    300
}

/// On what labels are printed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// A template that is built in.
    #[serde(default = "roll")]
    #[schema(max_length = 40)]
    pub template: String,
    /// A sheet that is built in; none is a roll, one label a page.
    #[schema(max_length = 40)]
    pub sheet: Option<String>,
    /// Positions of the first sheet that are used up.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1000)]
    pub skip: u32,
    /// Dots an inch of PNG, ZPL and TSPL.
    #[serde(default = "fine")]
    #[schema(minimum = 72, maximum = 1200)]
    pub dpi: u32,
    /// As what they are answered.
    #[serde(default)]
    pub format: FileFormat,
}

impl Default for Paper {
    fn default() -> Self {
        Self { template: roll(), sheet: None, skip: 0, dpi: fine(), format: FileFormat::Pdf }
    }
}

/// For what labels are printed; at most 2,000.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrintLabels {
    /// Things, by number.
    #[serde(default)]
    #[schema(max_items = 2000)]
    pub items: Vec<String>,
    /// Places.
    #[serde(default)]
    #[schema(max_items = 2000)]
    pub places: Vec<Uuid>,
    /// The things that wait for a reprint as well; all get new codes.
    #[serde(default)]
    pub reprints: bool,
    /// New codes, the old ones superseded; else the same codes once more.
    #[serde(default)]
    pub renew: bool,
    /// On what.
    #[serde(default)]
    pub paper: Paper,
}

/// Labels printed ahead.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrintBlanks {
    /// How many.
    #[schema(minimum = 1, maximum = 2000)]
    pub count: u32,
    /// On what.
    #[serde(default)]
    pub paper: Paper,
}

/// What a blank label is stuck on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// 资产编号
    #[schema(min_length = 1, max_length = 64)]
    pub item_number: String,
}

/// Why a label is voided.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Void {
    /// 原因
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}
