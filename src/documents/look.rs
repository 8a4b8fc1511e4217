//! A file looked at before it is read in: which columns it has, which of ours they would be taken for, its first rows.
//! What cannot be told is no error here: it is what somebody must say.

use serde::{Deserialize, Serialize};

use super::columns::{ColumnMap, SHEET, Vocabulary, letters, normal};
use super::error::DocumentError;
use super::header::{self, Header, NoHeader, Sample};
use super::reject::Notes;
use super::schema::Schema;
use super::table::{Source, Table};

/// How many rows are shown.
const ROWS: usize = 5;
/// How many columns are shown.
const COLUMNS: usize = 200;
/// The longest text shown of a cell, in characters.
const CHARS: usize = 60;

/// What a file shows at a glance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glimpse {
    /// The sheet that was looked at; blank for a text file.
    pub sheet: String,
    /// The header's row from 1; 0 when the file has none.
    pub header_row: u64,
    /// By column: what its header says.
    pub headers: Vec<String>,
    /// The first rows below, by column.
    pub rows: Vec<Vec<String>>,
    /// By field of the schema: the column it would be taken from.
    pub columns: Vec<Option<usize>>,
    /// What stands against reading it so, in a sentence; blank when nothing.
    pub fault: String,
}

impl Glimpse {
    /// What `field=…` says to mean this column: its header where that settles it, else its letters.
    #[must_use]
    pub fn word(&self, column: usize) -> String {
        let header = self.headers.get(column).map_or("", |header| header.trim());
        let name = normal(header);
        let alike = self.headers.iter().filter(|other| normal(other) == name).count();
        // A header on two rows is put together of both, and cut ones are not whole.
        let whole = header.chars().count() < CHARS && !header.starts_with('#');
        if self.header_row > 0 && !name.is_empty() && alike == 1 && whole {
            header.to_owned()
        } else {
            format!("#{}", letters(column))
        }
    }
}

/// Looks at a file.
///
/// # Errors
/// When it cannot be read at all: empty, damaged, protected, no table.
pub fn look(table: Table, name: &str, schema: &'static Schema) -> Result<Glimpse, DocumentError> {
    let map = ColumnMap::default();
    let mut best: Option<(usize, Glimpse)> = None;
    let mut take = |sheet: &str, sample: &Sample| {
        let (score, glimpse) = at(name, sheet, sample, schema, &map);
        if best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((score, glimpse));
        }
    };
    match table.into_source() {
        Source::Text(mut text) => {
            for delimiter in text.delimiters() {
                take("", &text.sample(delimiter));
            }
        }
        Source::Sheets(mut sheets) => {
            while let Some(grid) = sheets.next_sheet(&mut Notes::default())? {
                if !grid.is_empty() {
                    take(&grid.name.clone(), &grid.sample());
                }
            }
        }
    }
    best.map(|(_, glimpse)| glimpse).ok_or_else(|| DocumentError::Empty { file: name.to_owned() })
}

/// One sheet as it looks, and how well: a header without a fault before any other, then more fields, then more columns.
fn at(name: &str, sheet: &str, sample: &Sample, schema: &'static Schema, map: &ColumnMap) -> (usize, Glimpse) {
    let (row, headers, columns, fault) = match header::find(sample, schema, map) {
        Ok(Header { columns, last_row }) => (last_row, columns.headers, columns.of, String::new()),
        Err(NoHeader::Bad { row, headers, problem, .. }) => {
            let names: Vec<String> = headers.iter().map(|header| normal(header)).collect();
            let of = Vocabulary::new(schema, map).resolve(&names, &headers).columns.of;
            let fault = problem.into_error(name, format!("第 {row} 行"), &headers).to_string();
            (row, headers, of, fault)
        }
        Err(NoHeader::None) => {
            let filled = |cells: &Vec<String>| cells.iter().filter(|cell| !cell.trim().is_empty()).count();
            let first = sample.iter().find(|(_, cells)| filled(cells) > 1).or(sample.first());
            let (row, headers) = first.cloned().unwrap_or_default();
            (row, headers, vec![None; schema.fields.len()], format!("没有认出{}的表头", schema.zh))
        }
    };
    let found = columns.iter().flatten().count();
    let width = headers.len().min(COLUMNS);
    let cell = |cells: &[String], column: usize| -> String {
        cells.get(column).map(|text| text.trim().chars().take(CHARS).collect()).unwrap_or_default()
    };
    let below =
        sample.iter().filter(|(number, cells)| *number > row && cells.iter().any(|cell| !cell.trim().is_empty()));
    let rows = below.take(ROWS).map(|(_, cells)| (0..width).map(|column| cell(cells, column)).collect()).collect();
    let real = |column: Option<u32>| column.filter(|column| *column != SHEET).map(|column| column as usize);
    let glimpse = Glimpse {
        sheet: sheet.to_owned(),
        header_row: row,
        headers: (0..width).map(|column| cell(&headers, column)).collect(),
        rows,
        columns: columns.into_iter().map(|column| real(column).filter(|column| *column < width)).collect(),
        fault,
    };
    let score = (usize::from(glimpse.fault.is_empty()) * 100 + found) * 10_000 + width;
    (score, glimpse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::Limits;
    use crate::documents::tables::ASSETS;

    fn seen(text: &str) -> Glimpse {
        let table = Table::read("a.csv", std::io::Cursor::new(text.to_owned()), &Limits::default()).unwrap();
        look(table, "a.csv", ASSETS).unwrap()
    }

    #[test]
    fn columns_are_recognised_below_a_letterhead() {
        let glimpse = seen("分局资产一览\n\n资产编号;名称;使用部门;附注;附注\nA-1;柜;一队;;\nA-2;桌;二队;旧;\n");
        assert_eq!((glimpse.header_row, glimpse.fault.as_str(), glimpse.rows.len()), (3, "", 2));
        let of = |name: &str| glimpse.columns[ASSETS.position(name).unwrap()];
        assert_eq!([of("item_number"), of("name"), of("unit"), of("value")], [Some(0), Some(1), Some(2), None]);
        assert_eq!([0, 1, 3, 4].map(|column| glimpse.word(column)), ["资产编号", "名称", "#D", "#E"]);
    }

    #[test]
    fn what_is_not_recognised_can_be_said() {
        let strange = seen("甲,乙,丙\n1,2,3\n");
        assert!(strange.fault.contains("没有认出") && strange.columns.iter().all(Option::is_none), "{strange:?}");
        assert_eq!((strange.headers.len(), strange.word(1)), (3, "乙".to_owned()));
        let twice = seen("资产编号,资产编码,资产名称,使用部门\n1,2,3,4\n");
        assert!(twice.fault.contains("都可作"), "{}", twice.fault);
        assert_eq!(twice.columns[ASSETS.position("unit").unwrap()], Some(3));
    }
}
