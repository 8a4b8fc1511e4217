//! A register as a printed book: A4 across, its header again on every page, a line for who checks it.

use super::{Part, Register};
use crate::documents::csv_out::CsvRows;
use crate::firearms::ArmsError;
use crate::stocktake::report::pdf::{self, Flow, Side, Table, TableColumn};

impl Register {
    /// What a file of it is called, without its ending; plain letters.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}-{}-{}", self.book.as_str(), self.from, self.until)
    }

    /// The book as a PDF.
    ///
    /// # Errors
    /// When it cannot be put together.
    pub fn bytes(&self) -> Result<Vec<u8>, ArmsError> {
        let title = format!("{} {}", self.book.zh(), self.store);
        pdf::form_across(&title, self.made_at, hufu_labels::write::BUILTIN_FONT, |flow| self.write(flow))
            .map_err(|error| ArmsError::Conflict(error.to_string()))
    }

    /// The book as a table that any office program opens: each part with its title and its columns.
    #[must_use]
    pub fn csv(&self) -> Vec<u8> {
        let mut out = CsvRows::with_mark();
        for part in &self.parts {
            if !part.title.is_empty() {
                out.text(part.title);
                out.end_row();
            }
            let columns: Vec<&str> = part.columns.iter().map(|(name, _)| *name).collect();
            out.header(&columns);
            for row in &part.rows {
                row.iter().for_each(|cell| out.text(cell));
                out.end_row();
            }
        }
        out.bytes().to_vec()
    }

    fn write(&self, flow: &mut Flow<'_>) {
        flow.centred(&self.organisation, 14.0, false);
        flow.centred(self.book.zh(), 20.0, true);
        flow.space(4.0);
        let head = format!("单位：{}　　库：{}　　{} 至 {}", self.unit, self.store, self.from, self.until);
        flow.caption(&head, Side::Left);
        for part in &self.parts {
            if !part.title.is_empty() {
                flow.caption(part.title, Side::Left);
            }
            flow.table(&table(part));
        }
        if !self.in_full {
            flow.caption("枪号、证号、姓名按权限隐去一部分。", Side::Left);
        }
        flow.caption(
            &format!("打印时间：{}　　枪管员：____________　　审核人：____________", self.made_at),
            Side::Right,
        );
    }
}

fn table(part: &Part) -> Table {
    let columns = part.columns.iter();
    let columns = columns.map(|(header, wide)| TableColumn { header, part: *wide, side: Side::Left }).collect();
    let mut rows = part.rows.clone();
    if rows.is_empty() {
        // A book without a line says so.
        let mut none = vec![String::new(); part.columns.len()];
        if let Some(first) = none.first_mut() {
            "（无）".clone_into(first);
        }
        rows.push(none);
    }
    Table { columns, rows, has_total: part.has_total }
}
