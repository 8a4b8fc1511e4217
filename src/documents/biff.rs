//! Looks into an old `.xls` before the reader does: that reader holds the whole rectangle each sheet spans, so two stray
//! cells in far corners of a damaged file would take all memory there is.

use std::io::{Cursor, Read};

use super::error::DocumentError;
use super::limits::Limits;

/// Refuses a file that is no workbook, is protected, is cut short, or spans more cells than the limit.
pub(super) fn inspect(file: &str, bytes: &[u8], limits: &Limits) -> Result<(), DocumentError> {
    let broken = |reason: String| DocumentError::Broken { file: file.to_owned(), reason };
    let mut compound = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|e| broken(e.to_string()))?;
    let not = |what| Err(DocumentError::NotATable { file: file.to_owned(), what });
    if compound.exists("/EncryptedPackage") {
        return Err(DocumentError::Protected { file: file.to_owned() });
    }
    let Some(name) = ["/Workbook", "/Book"].into_iter().find(|name| compound.is_stream(name)) else {
        return if compound.exists("/WordDocument") { not("Word 文档") } else { not("其他类型的文档") };
    };
    let mut stream = Vec::new();
    let opened = compound.open_stream(name).map_err(|e| broken(e.to_string()))?;
    opened.take(limits.workbook_bytes).read_to_end(&mut stream).map_err(|e| broken(e.to_string()))?;
    check_stream(file, &stream, limits)
}

/// Walks the workbook's records: the globals, then every sheet from where the globals say it begins.
fn check_stream(file: &str, stream: &[u8], limits: &Limits) -> Result<(), DocumentError> {
    let broken = |reason: &str| DocumentError::Broken { file: file.to_owned(), reason: reason.to_owned() };
    let mut sheets = Vec::new();
    for (kind, data) in Records(stream) {
        match kind {
            0x002f if u16_at(data, 0) != Some(0) => return Err(DocumentError::Protected { file: file.to_owned() }),
            0x0085 => sheets.push(u32_at(data, 0).ok_or_else(|| broken("工作表目录"))? as usize),
            0x000a => break,
            _ => {}
        }
    }
    if sheets.len() > limits.sheets {
        let what = format!("超过 {} 张工作表", limits.sheets);
        return Err(DocumentError::TooLarge { file: file.to_owned(), what });
    }
    let mut cells = 0u64;
    for at in sheets {
        let sheet = stream.get(at..).filter(|s| !s.is_empty()).ok_or_else(|| broken("工作表不在文件内"))?;
        cells = cells.saturating_add(rectangle(sheet, limits));
        if cells > limits.cells {
            let what = format!("各工作表共跨越超过 {} 个单元格，请删去多余的空行空列或另存为 CSV", limits.cells);
            return Err(DocumentError::TooLarge { file: file.to_owned(), what });
        }
    }
    Ok(())
}

/// How many cells a sheet spans, by its cells and by what it claims.
fn rectangle(sheet: &[u8], limits: &Limits) -> u64 {
    let (mut rows, mut columns, mut claimed) = ((u16::MAX, 0u16), (u16::MAX, 0u16), 0u64);
    let (mut begun, mut nested) = (false, 0usize);
    for (kind, data) in Records(sheet) {
        match kind {
            0x0809 if !begun => begun = true,
            0x0809 => nested += 1,
            0x000a if nested == 0 => break,
            0x000a => nested -= 1,
            _ if nested > 0 => {}
            0x0200 => claimed = claimed.max(dimensions(data)),
            // Formula, MulRk, RString, LabelSst, Number, Label, BoolErr, Rk.
            0x0006 | 0x00bd | 0x00d6 | 0x00fd | 0x0203 | 0x0204 | 0x0205 | 0x027e => {
                let (Some(row), Some(column)) = (u16_at(data, 0), u16_at(data, 2)) else { continue };
                let last = if kind == 0x00bd { u16_at(data, data.len().saturating_sub(2)) } else { Some(column) };
                rows = (rows.0.min(row), rows.1.max(row));
                columns = (columns.0.min(column), columns.1.max(last.unwrap_or(column)));
            }
            _ => {}
        }
    }
    let span = |(first, last): (u16, u16)| u64::from(last.saturating_sub(first)) + 1;
    let spanned = if rows.0 == u16::MAX && rows.1 == 0 { 0 } else { span(rows) * span(columns) };
    // Only room is set aside for what a sheet claims, so a claim within the limit costs nothing.
    if claimed > limits.cells { claimed } else { spanned }
}

/// The cells a DIMENSIONS record claims, in its old (16-bit) or its new (32-bit) form.
fn dimensions(data: &[u8]) -> u64 {
    let (first_row, last_row, at) = if data.len() >= 14 {
        (u32_at(data, 0), u32_at(data, 4), 8)
    } else {
        (u16_at(data, 0).map(u32::from), u16_at(data, 2).map(u32::from), 4)
    };
    let (first_column, last_column) = (u16_at(data, at), u16_at(data, at + 2));
    let rows = u64::from(last_row.unwrap_or(0).saturating_sub(first_row.unwrap_or(0))) + 1;
    rows * (u64::from(last_column.unwrap_or(0).saturating_sub(first_column.unwrap_or(0))) + 1)
}

/// The records of a BIFF stream: kind and data.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let kind = u16_at(self.0, 0)?;
        let len = usize::from(u16_at(self.0, 2)?);
        let data = self.0.get(4..4 + len)?;
        self.0 = &self.0[4 + len..];
        Some((kind, data))
    }
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(data.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(data.get(at..at.checked_add(4)?)?.try_into().ok()?))
}
