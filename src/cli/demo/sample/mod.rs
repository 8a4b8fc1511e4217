//! A made-up sub-bureau: units, people, places and things that read like real ones and belong to nobody.
//! The same seed and scale give the same bytes. The law asks of every line: a number, a class, a unit, a keeper
//! or a place, a value (行政事业性国有资产管理条例 30); so every line here has them.

mod assets;
mod catalogue;
mod csv_forms;
pub mod fuel;
mod organisation;
mod people;

use chrono::NaiveDate;

pub(in crate::cli::demo) use csv_forms::with_rows;
pub use csv_forms::{SampleCsv, WriteError};

use crate::items::model::ItemState;
use crate::kernel::{Fen, Quantity};

use super::dice::Dice;

/// What to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleSpec {
    /// Every choice follows from it.
    pub seed: u64,
    /// 1 for 3,000 things; `n` for `n` times as many.
    pub scale: usize,
    /// 盘点基准日; nothing was acquired after it.
    pub baseline: NaiveDate,
}

impl Default for SampleSpec {
    fn default() -> Self {
        Self { seed: 2_026, scale: 1, baseline: NaiveDate::from_ymd_opt(2025, 12, 31).unwrap_or_default() }
    }
}

/// Where a unit stands in [`Sample::units`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitAt(pub usize);
/// Where a person stands in [`Sample::people`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonAt(pub usize);
/// Where a place stands in [`Sample::places`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceAt(pub usize);
/// Where a thing stands in [`Sample::assets`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetAt(pub usize);

/// A whole sub-bureau.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// What it was made from.
    pub spec: SampleSpec,
    /// The name on letterheads and labels.
    pub organisation: String,
    /// Units, in the order of their codes.
    pub units: Vec<SampleUnit>,
    /// People, unit by unit.
    pub people: Vec<SamplePerson>,
    /// Places, unit by unit.
    pub places: Vec<SamplePlace>,
    /// Things, in the order of their numbers.
    pub assets: Vec<SampleAsset>,
}

/// A unit (单位).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleUnit {
    /// `CJ03`
    pub code: String,
    /// `治安大队`
    pub name: String,
    /// 单位主要负责人: the first person responsible.
    pub head: PersonAt,
    /// 管理领导
    pub supervising_leader: PersonAt,
    /// 专职管理员
    pub asset_manager: PersonAt,
}

/// How a person serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonKind {
    /// 民警: a badge number of six digits.
    Officer,
    /// 辅警: a number with letters.
    Auxiliary,
}

impl PersonKind {
    /// The name people read.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Officer => "民警",
            Self::Auxiliary => "辅警",
        }
    }
}

/// A person. No two share a name, so that a file that states names alone is clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamplePerson {
    /// 警号
    pub badge_number: String,
    /// Made from a surname and given characters by lot.
    pub name: String,
    /// Where the person serves.
    pub unit: UnitAt,
    /// Officer or auxiliary.
    pub kind: PersonKind,
    /// 职务
    pub post: String,
}

/// A place (存放地点).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamplePlace {
    /// `CJ03-201`
    pub code: String,
    /// `治安大队201综合办公室`; no two are the same.
    pub name: String,
    /// Whose place it is.
    pub unit: UnitAt,
    /// 保管人
    pub keeper: PersonAt,
}

/// A thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleAsset {
    /// 资产编号, `CJ2021-000123`
    pub item_number: String,
    /// 资产名称
    pub name: String,
    /// 品牌; made up.
    pub brand: String,
    /// 规格型号
    pub specification: String,
    /// 资产分类代码 of GB/T 14885-2022
    pub class_code: &'static str,
    /// 资产分类名称
    pub class_name: &'static str,
    /// 计量单位
    pub measure: &'static str,
    /// 机身序列号; empty for furniture.
    pub serial_number: String,
    /// 使用部门
    pub unit: UnitAt,
    /// 存放地点
    pub place: PlaceAt,
    /// 使用人
    pub keeper: PersonAt,
    /// 数量
    pub quantity: Quantity,
    /// 价值 of all pieces.
    pub value: Fen,
    /// 取得日期
    pub acquired_on: NaiveDate,
    /// Things bought and issued together share it: same day, same unit, neighbouring numbers.
    pub batch: u32,
    /// 使用状况
    pub state: ItemState,
    /// 不在依据: the document that explains an absence; empty when there is none.
    pub excused_by: String,
    /// 备注
    pub note: String,
}

impl Sample {
    /// Makes the sub-bureau.
    #[must_use]
    pub fn generate(spec: SampleSpec) -> Self {
        let dice = Dice::seeded(spec.seed);
        let people = people::generate(&dice, spec.scale);
        let units = organisation::units(&people);
        let places = organisation::places(&dice, spec.scale, &units, &people);
        let assets = assets::generate(&dice, spec, &people, &places);
        Self { spec, organisation: organisation::NAME.to_owned(), units, people, places, assets }
    }

    /// The unit at `at`.
    #[must_use]
    pub fn unit(&self, at: UnitAt) -> &SampleUnit {
        &self.units[at.0]
    }

    /// The person at `at`.
    #[must_use]
    pub fn person(&self, at: PersonAt) -> &SamplePerson {
        &self.people[at.0]
    }

    /// The place at `at`.
    #[must_use]
    pub fn place(&self, at: PlaceAt) -> &SamplePlace {
        &self.places[at.0]
    }

    /// The thing at `at`.
    #[must_use]
    pub fn asset(&self, at: AssetAt) -> &SampleAsset {
        &self.assets[at.0]
    }

    /// The unit named `name`.
    #[must_use]
    pub fn unit_named(&self, name: &str) -> Option<UnitAt> {
        self.units.iter().position(|unit| unit.name == name).map(UnitAt)
    }
}
