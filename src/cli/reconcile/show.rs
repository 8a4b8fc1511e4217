//! What a person (or a program, with `--json`) is told at the end.

use std::io::{self, Write};

use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use super::{Finished, UnitSummary};
use crate::kernel::text;
use crate::stocktake::verdict::Verdict;

/// Units shown; the others are in `summary.csv`.
const MOST_UNITS: usize = 40;

#[derive(Serialize)]
struct Facts<'a> {
    needs_attention: bool,
    book_rows: usize,
    count_rows: usize,
    rejects: u64,
    total: Option<&'a UnitSummary>,
    units: &'a [UnitSummary],
    files: Vec<String>,
    remarks: &'a [String],
}

pub(super) fn show(finished: &Finished, json: bool, screen: &mut dyn Write) -> io::Result<()> {
    if json { as_json(finished, screen) } else { as_table(finished, screen) }
}

fn as_json(finished: &Finished, screen: &mut dyn Write) -> io::Result<()> {
    let (total, units) = match finished.units.split_last() {
        Some((total, units)) => (Some(total), units),
        None => (None, [].as_slice()),
    };
    let facts = Facts {
        needs_attention: finished.needs_attention(),
        book_rows: finished.book_rows,
        count_rows: finished.count_rows,
        rejects: finished.rejects,
        total,
        units,
        files: finished.files.iter().map(|path| path.display().to_string()).collect(),
        remarks: &finished.remarks,
    };
    serde_json::to_writer_pretty(&mut *screen, &facts)?;
    writeln!(screen)
}

fn as_table(finished: &Finished, screen: &mut dyn Write) -> io::Result<()> {
    for remark in &finished.remarks {
        writeln!(screen, "{remark}")?;
    }
    let number = |n: usize| text::thousands(n as u64);
    let (book, count) = (number(finished.book_rows), number(finished.count_rows));
    writeln!(screen, "账册 {book} 行，盘点 {count} 行，未读入 {} 行\n", text::thousands(finished.rejects))?;
    let Some((total, units)) = finished.units.split_last() else { return Ok(()) };
    // Verdicts that nothing has are not worth a column.
    let shown: Vec<Verdict> = Verdict::ALL.into_iter().filter(|verdict| total.tally.of(*verdict) > 0).collect();
    let mut table = vec![["单位", "应盘"].into_iter().chain(shown.iter().map(|v| v.zh())).map(str::to_owned).collect()];
    for unit in units.iter().take(MOST_UNITS).chain([total]) {
        let counts = std::iter::once(unit.tally.expected).chain(shown.iter().map(|v| unit.tally.of(*v)));
        table.push(std::iter::once(unit.unit.clone()).chain(counts.map(text::thousands)).collect::<Vec<_>>());
    }
    aligned(&table, screen)?;
    if units.len() > MOST_UNITS {
        writeln!(screen, "（只列出前 {MOST_UNITS} 个单位，其余 {} 个见 summary.csv）", units.len() - MOST_UNITS)?;
    }
    if total.tally.missing > 0 {
        writeln!(screen, "\n盘亏 {} 件，账面价值 {} 元", total.tally.missing, total.tally.missing_value)?;
    }
    writeln!(screen, "\n已写出：")?;
    for file in &finished.files {
        writeln!(screen, "  {}", file.display())?;
    }
    Ok(())
}

/// The first column to the left, numbers to the right; a Chinese character is two columns wide.
fn aligned(table: &[Vec<String>], screen: &mut dyn Write) -> io::Result<()> {
    let columns = table.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|c| table.iter().filter_map(|row| row.get(c)).map(|cell| cell.width()).max().unwrap_or(0))
        .collect();
    for row in table {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let pad = " ".repeat(width.saturating_sub(cell.width()));
            if column == 0 { write!(screen, "{cell}{pad}")? } else { write!(screen, "  {pad}{cell}")? }
        }
        writeln!(screen)?;
    }
    Ok(())
}
