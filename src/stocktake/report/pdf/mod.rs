//! `report.pdf`: 《国有资产盘点情况报告》 for signature, with the outline that offices use: 基本情况, 盘点结果, 差异原因,
//! 闲置与待报废, 存在问题, 处理意见与整改, 责任, signatures, 附表.
//!
//! A4 upright with the margins of official papers, one font, numbered pages, the same bytes for the same input. What
//! is not known is said to be not known; a table that is cut short says how many it leaves out and where they are.
//!
//! [`face`] measures text, [`flow`] lays it on pages, [`draw`] puts pages into a PDF, [`prose`] writes the sentences,
//! [`appendix`] the tables.

mod appendix;
mod draw;
mod face;
mod flow;
mod prose;

use std::path::Path;

use super::{Figures, ReportError, ReportHead, ReportLine};
use appendix::Differences;
use face::Face;
use flow::Pages;
pub(crate) use flow::{Flow, Side, Table, TableColumn};

/// Lines that a table of the appendix shows before it points to the workbook.
pub const APPENDIX_ROWS: usize = 100;

/// Makes the report's bytes. `font` is a TrueType or OpenType font with Chinese characters; only what is used of it
/// is embedded.
///
/// # Errors
/// When the font cannot be used, or the PDF cannot be put together.
pub fn bytes<'a>(
    head: &ReportHead,
    figures: &Figures,
    lines: impl IntoIterator<Item = ReportLine<'a>>,
    font: &[u8],
) -> Result<Vec<u8>, ReportError> {
    let face = Face::new(font).ok_or(ReportError::Font)?;
    let title = format!("{}国有资产盘点情况报告", head.organisation);
    let about = draw::About { title: &title, author: &head.preparer, made_at: head.prepared_at };
    draw::pdf(&lay_out(head, figures, lines, &face), about, &face, font)
}

/// The bytes of another form that an office signs, laid out by `write` with the same hand. The same input gives the same
/// bytes.
///
/// # Errors
/// When the font cannot be used, or the PDF cannot be put together.
pub(crate) fn form(
    title: &str,
    made_at: crate::kernel::Timestamp,
    font: &[u8],
    write: impl FnOnce(&mut Flow<'_>),
) -> Result<Vec<u8>, ReportError> {
    let face = Face::new(font).ok_or(ReportError::Font)?;
    let mut flow = Flow::new(&face);
    write(&mut flow);
    draw::pdf(&flow.finish(), draw::About { title, author: "", made_at }, &face, font)
}

/// The same on pages laid across: tables with many columns.
///
/// # Errors
/// As [`form`].
pub(crate) fn form_across(
    title: &str,
    made_at: crate::kernel::Timestamp,
    font: &[u8],
    write: impl FnOnce(&mut Flow<'_>),
) -> Result<Vec<u8>, ReportError> {
    let face = Face::new(font).ok_or(ReportError::Font)?;
    let mut flow = Flow::sized(&face, flow::ACROSS);
    write(&mut flow);
    draw::pdf(&flow.finish(), draw::About { title, author: "", made_at }, &face, font)
}

/// The text of each page, line by line as laid out, without the page numbers: to read the report where no PDF can be
/// shown.
///
/// # Errors
/// When the font cannot be used.
pub fn text<'a>(
    head: &ReportHead,
    figures: &Figures,
    lines: impl IntoIterator<Item = ReportLine<'a>>,
    font: &[u8],
) -> Result<Vec<String>, ReportError> {
    let face = Face::new(font).ok_or(ReportError::Font)?;
    Ok(lay_out(head, figures, lines, &face).text())
}

fn lay_out<'a>(
    head: &ReportHead,
    figures: &Figures,
    lines: impl IntoIterator<Item = ReportLine<'a>>,
    face: &Face<'_>,
) -> Pages {
    let differences = Differences::gather(lines, APPENDIX_ROWS);
    let mut flow = Flow::new(face);
    prose::write(&mut flow, head, figures, &differences);
    appendix::write(&mut flow, head, &differences);
    flow.finish()
}

/// Writes the report to `path`, which is replaced only when the whole of it stands.
///
/// # Errors
/// As [`bytes`], and when the file cannot be written; `path` is then as it was.
pub fn write<'a>(
    path: &Path,
    head: &ReportHead,
    figures: &Figures,
    lines: impl IntoIterator<Item = ReportLine<'a>>,
    font: &[u8],
) -> Result<(), ReportError> {
    let bytes = bytes(head, figures, lines, font)?;
    let part = path.with_extension("pdf.part");
    std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path)).map_err(|source| {
        // Whatever stands half-written is of no use; that it cannot be removed changes nothing.
        let _ = std::fs::remove_file(&part);
        ReportError::Write { path: path.to_owned(), source }
    })
}
