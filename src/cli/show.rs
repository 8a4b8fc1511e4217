//! What commands print: aligned tables for people, JSON for programs. The one place that writes to standard output.

use std::io::Write as _;

use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

/// Prints a line. A reader that went away (`| head`) is not an error.
pub fn line(text: impl AsRef<str>) {
    let _closed = writeln!(std::io::stdout(), "{}", text.as_ref());
}

/// Prints facts as one JSON document.
pub fn json(facts: &impl Serialize) {
    line(serde_json::to_string_pretty(facts).unwrap_or_default());
}

/// How a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A table whose columns line up although Chinese characters are two cells wide.
#[derive(Debug)]
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    #[must_use]
    pub fn new(columns: &[(&str, Align)]) -> Self {
        Self { columns: columns.iter().map(|(name, align)| ((*name).to_owned(), *align)).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Whether it has no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Prints it.
    pub fn print(&self) {
        line(self.render());
    }

    /// The table as text.
    #[must_use]
    pub fn render(&self) -> String {
        let widths: Vec<usize> = self
            .columns
            .iter()
            .enumerate()
            .map(|(index, (name, _))| {
                let cells = self.rows.iter().filter_map(|row| row.get(index)).map(|cell| cell.width());
                cells.chain([name.width()]).max().unwrap_or(0)
            })
            .collect();
        let header: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let mut lines = vec![self.render_row(&header, &widths)];
        lines.push(widths.iter().map(|width| "─".repeat(*width)).collect::<Vec<_>>().join("  "));
        lines.extend(self.rows.iter().map(|row| self.render_row(row, &widths)));
        lines.join("\n")
    }

    fn render_row(&self, cells: &[String], widths: &[usize]) -> String {
        let padded: Vec<String> = self
            .columns
            .iter()
            .zip(widths)
            .enumerate()
            .map(|(index, ((_, align), width))| {
                let cell = cells.get(index).map_or("", String::as_str);
                let blank = " ".repeat(width.saturating_sub(cell.width()));
                if *align == Align::Right { format!("{blank}{cell}") } else { format!("{cell}{blank}") }
            })
            .collect();
        padded.join("  ").trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_across_scripts() {
        let mut table = Table::new(&[("单位", Align::Left), ("盘亏", Align::Right)]);
        table.row(["裕安派出所", "5"]);
        table.row(["A", "1,234"]);
        insta::assert_snapshot!(table.render(), @r"
        单位         盘亏
        ──────────  ─────
        裕安派出所      5
        A           1,234
        ");
    }
}
