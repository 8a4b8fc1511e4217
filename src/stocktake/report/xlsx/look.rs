//! How the workbook looks: one place for every format.

use chrono::{NaiveDate, NaiveTime};
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

use crate::kernel::{Fen, Timestamp};
use crate::stocktake::verdict::Verdict;

/// What a column's cells hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Code,
    Whole,
    Money,
    Percent,
    Day,
    Instant,
}

/// The formats, made once.
pub(super) struct Look {
    pub(super) title: Format,
    pub(super) subtitle: Format,
    pub(super) section: Format,
    pub(super) header: Format,
    pub(super) total_words: Format,
    verdicts: [Format; Verdict::ALL.len()],
    words: [String; Verdict::ALL.len()],
}

const FONT: &str = "等线";
const HEADER_FILL: u32 = 0x1F_4E_79;
const TOTAL_FILL: u32 = 0xEE_F2_F7;
const LINE: u32 = 0xBF_C7_D1;

/// Fill and ink of a verdict: green agrees, amber is somewhere else, red is lost or contradicts, blue is a stranger,
/// grey-blue is explained, grey is not yet known.
const fn colours(verdict: Verdict) -> (u32, u32) {
    match verdict {
        Verdict::Matched => (0xE2_F4_E6, 0x1B_6B_33),
        Verdict::Misplaced | Verdict::WrongKeeper | Verdict::Short | Verdict::Over => (0xFF_F1_D6, 0x8A_55_00),
        Verdict::Missing | Verdict::Conflict | Verdict::DisposedPresent => (0xFC_E1_E1, 0xA3_1B_1B),
        Verdict::Unregistered | Verdict::Foreign => (0xE0_EC_FB, 0x1A_4F_9C),
        Verdict::Excused => (0xE6_EB_F1, 0x46_5C_78),
        Verdict::Pending => (0xEE_EE_EE, 0x5A_5A_5A),
    }
}

fn plain() -> Format {
    Format::new().set_font_name(FONT).set_font_size(10).set_align(FormatAlign::VerticalCenter)
}

fn boxed(format: Format) -> Format {
    format.set_border(FormatBorder::Thin).set_border_color(Color::RGB(LINE))
}

impl Look {
    pub(super) fn new() -> Self {
        let header = boxed(plain().set_bold().set_text_wrap().set_align(FormatAlign::Center))
            .set_background_color(Color::RGB(HEADER_FILL))
            .set_font_color(Color::White);
        let verdicts = Verdict::ALL.map(|verdict| {
            let (fill, ink) = colours(verdict);
            plain().set_background_color(Color::RGB(fill)).set_font_color(Color::RGB(ink))
        });
        Self {
            title: plain().set_font_size(16).set_bold(),
            subtitle: plain().set_font_color(Color::RGB(0x5A_64_70)),
            section: plain().set_font_size(12).set_bold().set_font_color(Color::RGB(HEADER_FILL)),
            header,
            total_words: boxed(plain().set_bold()).set_background_color(Color::RGB(TOTAL_FILL)),
            verdicts,
            words: Verdict::ALL.map(|verdict| format!("{} {}", verdict.shape(), verdict.zh())),
        }
    }

    /// How a verdict's cell looks.
    pub(super) fn verdict(&self, verdict: Verdict) -> &Format {
        &self.verdicts[verdict as usize]
    }

    /// A verdict in shape and word: colour alone says nothing.
    pub(super) fn words(&self, verdict: Verdict) -> &str {
        &self.words[verdict as usize]
    }

    /// A column of lines: no border, for it reaches to the end of the sheet.
    pub(super) fn column(kind: Kind) -> Format {
        shaped(plain(), kind)
    }

    /// A cell of a table on the summary.
    pub(super) fn cell(kind: Kind) -> Format {
        boxed(shaped(plain(), kind))
    }

    /// A cell of a table's last row.
    pub(super) fn total(kind: Kind) -> Format {
        boxed(shaped(plain().set_bold(), kind)).set_background_color(Color::RGB(TOTAL_FILL))
    }
}

fn shaped(format: Format, kind: Kind) -> Format {
    match kind {
        Kind::Text => format,
        Kind::Code => format.set_num_format("@"),
        Kind::Whole => format.set_num_format("#,##0").set_align(FormatAlign::Right),
        Kind::Money => format.set_num_format("#,##0.00").set_align(FormatAlign::Right),
        Kind::Percent => format.set_num_format("0.0%").set_align(FormatAlign::Right),
        Kind::Day => format.set_num_format("yyyy-mm-dd").set_align(FormatAlign::Center),
        Kind::Instant => format.set_num_format("yyyy-mm-dd hh:mm:ss").set_align(FormatAlign::Center),
    }
}

/// A whole number as a spreadsheet keeps it; exact up to 2^53.
pub(super) fn number(whole: i64) -> f64 {
    whole as f64
}

/// A count as a spreadsheet keeps it.
pub(super) fn count(lines: u64) -> f64 {
    lines as f64
}

/// Yuan as a spreadsheet keeps them: the nearest number to the fen.
pub(super) fn yuan(value: Fen) -> f64 {
    value.0 as f64 / 100.0
}

/// A day as a spreadsheet counts them.
pub(super) fn excel_day(day: NaiveDate) -> f64 {
    let zero = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default();
    number((day - zero).num_days())
}

/// An instant as a spreadsheet counts them, on clocks in Shanghai.
pub(super) fn excel_instant(at: Timestamp) -> f64 {
    let local = at.shanghai();
    excel_day(local.date()) + number((local.time() - NaiveTime::MIN).num_seconds()) / 86_400.0
}
