//! `report.xlsx`: 汇总, 盘盈, 盘亏, 地点不符, 使用人不符, 待报废, 明细 (and 明细2… where a sheet is full).
//!
//! Rows go straight to temporary files beside the workbook, so that a million lines need no more memory than one.
//! Text cells are written as text: what begins with `=` stays what it is.

mod columns;
mod lines;
mod look;
mod summary;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};

use super::{Figures, ReportError, ReportHead, ReportLine};
use columns::Column;
use lines::{About, LineSheets, ROWS};
use look::Look;

use crate::items::model::ItemState;
use crate::stocktake::verdict::Verdict;

/// Which lines 明细 holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetailRows<'a> {
    /// Every line.
    All,
    /// Those that need attention; the sheet says how many it leaves out, and where they are.
    Attention {
        /// The file that has every line, as `verdicts.csv`.
        rest_in: &'a str,
    },
}

/// Writes the workbook to `path`, which is replaced only when the whole of it stands.
///
/// `lines` is called twice and must give the same lines both times.
///
/// # Errors
/// When the folder is not writable or the disk is full; `path` is then as it was.
pub fn write<'a, I>(
    path: &Path,
    head: &ReportHead,
    figures: &Figures,
    detail: DetailRows<'_>,
    lines: impl Fn() -> I,
) -> Result<(), ReportError>
where
    I: Iterator<Item = ReportLine<'a>>,
{
    let part = path.with_extension("xlsx.part");
    let clean = |error| {
        // Whatever stands half-written is of no use; that it cannot be removed changes nothing.
        let _ = std::fs::remove_file(&part);
        error
    };
    // The library panics when a temporary file cannot take another row.
    let made = catch_unwind(AssertUnwindSafe(|| save(&part, head, figures, detail, lines)));
    made.map_err(|_| ReportError::Temporary { path: path.to_owned() })
        .and_then(|made| made.map_err(|source| ReportError::Workbook { path: path.to_owned(), source }))
        .map_err(clean)?;
    std::fs::rename(&part, path).map_err(|source| clean(ReportError::Write { path: path.to_owned(), source }))
}

fn save<'a, I>(
    part: &Path,
    head: &ReportHead,
    figures: &Figures,
    detail: DetailRows<'_>,
    lines: impl Fn() -> I,
) -> Result<(), XlsxError>
where
    I: Iterator<Item = ReportLine<'a>>,
{
    let mut workbook = Workbook::new();
    if let Some(folder) = part.parent() {
        // Where the workbook has room, its rows have; a system's own temporary folder is often memory.
        workbook.set_tempdir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?;
    }
    workbook.set_properties(&properties(head)?);
    let look = Look::new();
    let used = Column::used_by(lines());
    let mut sheets = Sheets::new(&mut workbook, head, figures, &look, &used, detail)?;
    for line in lines() {
        sheets.add(&mut workbook, &line)?;
    }
    let line_sheets = sheets.finish()?;
    workbook.push_worksheet(summary::sheet(head, figures, &look)?);
    for sheet in line_sheets {
        workbook.push_worksheet(sheet);
    }
    workbook.save(part)
}

fn properties(head: &ReportHead) -> Result<DocProperties, XlsxError> {
    let made = head.prepared_at.shanghai();
    let seconds = made.and_utc().timestamp();
    Ok(DocProperties::new()
        .set_title(format!("{}{}盘点情况", head.organisation, head.campaign))
        .set_company(&head.organisation)
        .set_author(&head.preparer)
        .set_creation_datetime(&ExcelDateTime::from_timestamp(seconds)?))
}

type Belongs = fn(&ReportLine<'_>) -> bool;

/// The sheets of lines, all open at once: one pass over the lines fills them.
struct Sheets<'a>(Vec<(LineSheets<'a>, Belongs)>);

impl<'a> Sheets<'a> {
    fn new(
        workbook: &mut Workbook,
        head: &'a ReportHead,
        figures: &Figures,
        look: &'a Look,
        used: &'a [Column],
        rows: DetailRows<'_>,
    ) -> Result<Self, XlsxError> {
        let differences: [(_, _, _, Belongs); 5] = [
            ("盘盈", "账上没有而实物在：盘盈、数量溢余、账销物存", columns::SURPLUS, is_surplus),
            ("盘亏", "账上有而未见实物：盘亏、数量短缺", columns::SHORTAGE, is_shortage),
            ("地点不符", "实物在，存放地点与账面不同", columns::MISPLACED, is_misplaced),
            ("使用人不符", "实物在原地，使用人与账面不同", columns::WRONG_KEEPER, is_wrong_keeper),
            ("待报废", "账面使用状况为待处置", columns::TO_SCRAP, is_to_scrap),
        ];
        let mut sheets = Vec::with_capacity(differences.len() + 1);
        for (name, sentence, columns, belongs) in differences {
            let sentence = sentence.to_owned();
            let about = About { name, sentence, columns, used, with_total: true, rows: ROWS, head, look };
            sheets.push((LineSheets::open(workbook, about)?, belongs));
        }
        let belongs: Belongs = match rows {
            DetailRows::All => |_| true,
            DetailRows::Attention { .. } => |line| line.verdict.needs_attention(),
        };
        let sentence = about_detail(figures, rows);
        let about =
            About {
                name: "明细", sentence, columns: columns::DETAIL, used, with_total: false, rows: ROWS, head, look
            };
        sheets.push((LineSheets::open(workbook, about)?, belongs));
        Ok(Self(sheets))
    }

    fn add(&mut self, workbook: &mut Workbook, line: &ReportLine<'_>) -> Result<(), XlsxError> {
        for (sheets, belongs) in &mut self.0 {
            if belongs(line) {
                sheets.add(workbook, line)?;
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<Worksheet>, XlsxError> {
        let mut finished = Vec::new();
        for (sheets, _) in self.0 {
            finished.extend(sheets.finish()?);
        }
        Ok(finished)
    }
}

fn about_detail(figures: &Figures, rows: DetailRows<'_>) -> String {
    match rows {
        DetailRows::All => "每项资产一行，含账实相符者".to_owned(),
        DetailRows::Attention { rest_in } => {
            let left_out = figures.whole.of(Verdict::Matched) + figures.whole.of(Verdict::Excused);
            let left_out = crate::kernel::text::thousands(left_out);
            format!("仅列需要处理的各项；另有账实相符、有据不在 {left_out} 项未列，全部见 {rest_in}")
        }
    }
}

fn is_surplus(line: &ReportLine<'_>) -> bool {
    matches!(line.verdict, Verdict::Unregistered | Verdict::Over | Verdict::DisposedPresent)
}

fn is_shortage(line: &ReportLine<'_>) -> bool {
    matches!(line.verdict, Verdict::Missing | Verdict::Short)
}

fn is_misplaced(line: &ReportLine<'_>) -> bool {
    line.verdict == Verdict::Misplaced
}

fn is_wrong_keeper(line: &ReportLine<'_>) -> bool {
    line.verdict == Verdict::WrongKeeper
}

fn is_to_scrap(line: &ReportLine<'_>) -> bool {
    line.state == Some(ItemState::PendingDisposal)
}
