//! Label data in, printable files out.
//!
//! ```text
//! LabelRecord ─┐
//! Template ────┼─ layout ─→ runs of glyphs, in mm ─→ pdf | png | svg | zpl | tspl
//! FontSet ─────┘                       LabelCode ─→ qr ┘
//! ```
//!
//! - [`template`](Template), [`sheet`](Sheet) — where things stand, from TOML
//! - `text`, `layout` — how a text is made to fit, and where each glyph goes
//! - `qr` — the modules of a code
//! - `pdf`, `png`, `svg`, `thermal` — the outputs; none of them moves anything
//!
//! The same input gives the same bytes.

mod batch;
mod error;
mod font;
mod layout;
mod output;
mod pdf;
mod png;
mod qr;
mod raster;
mod sheet;
mod svg;
mod template;
mod text;
mod thermal;
mod units;

pub use error::WriteError;
pub use font::{BUILTIN_FONT, BUILTIN_FONT_LICENCE, FontSet};
pub use layout::{Cut, Missing, Notes, check_labels};
pub use output::{Format, PageSink, write_file, write_labels, write_pages};
pub use qr::{QR_MODULES, QR_QUIET_MODULES, QrRows};
pub use sheet::Sheet;
pub use template::{Align, Field, Grey, Template};
pub use units::{Area, Mm, Pt};

use crate::code::LabelCode;

/// The lowest resolution drawn, in dots an inch.
pub const MIN_DPI: u32 = 72;
/// The highest resolution drawn, in dots an inch.
pub const MAX_DPI: u32 = 1200;

/// What one label says. Empty facts leave their place empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelRecord {
    /// The code in the QR symbol.
    pub code: LabelCode,
    /// 单位名称; if empty, the job's.
    pub organisation: String,
    /// 资产编号, or a place's code.
    pub item_number: String,
    /// 资产名称, or a place's name.
    pub name: String,
    /// 规格型号
    pub specification: String,
    /// 使用部门
    pub unit: String,
    /// 使用人
    pub keeper: String,
    /// 存放地点
    pub place: String,
    /// 取得日期, as it is to be printed.
    pub acquired_on: String,
}

impl LabelRecord {
    /// A label with a code and nothing else.
    #[must_use]
    pub fn blank(code: LabelCode) -> Self {
        let empty = String::new;
        Self {
            code,
            organisation: empty(),
            item_number: empty(),
            name: empty(),
            specification: empty(),
            unit: empty(),
            keeper: empty(),
            place: empty(),
            acquired_on: empty(),
        }
    }
}

/// How labels are printed.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The label's design.
    pub template: &'a Template,
    /// The sheet; none is a roll, one label a page.
    pub sheet: Option<&'a Sheet>,
    /// Positions left empty on the first sheet because they were used before.
    pub skip: u32,
    /// The fonts.
    pub fonts: &'a FontSet,
    /// Resolution of PNG, ZPL and TSPL, in dots an inch.
    pub dpi: u32,
    /// 单位名称 of records that have none of their own.
    pub organisation: &'a str,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Labels written.
    pub labels: usize,
    /// Pages; on a roll as many as labels.
    pub pages: usize,
    /// Bytes written.
    pub bytes: u64,
    /// Characters without a glyph, texts cut.
    pub notes: Notes,
}
