//! How much one file may ask of us: every reader stops with a sentence before it takes more.

/// The most one file may hold. Text files stream, so theirs are generous; a workbook is unpacked, so its are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a text file (CSV and the like), which is streamed.
    pub text_bytes: u64,
    /// Bytes of a workbook or an HTML table as it lies on the disk, which is held in memory while it is read.
    pub workbook_bytes: u64,
    /// Bytes of a workbook's parts once unpacked.
    pub unpacked_bytes: u64,
    /// How many times larger than packed a workbook may become, once it is past [`Limits::ratio_from_bytes`].
    pub ratio: u64,
    /// Unpacked size in bytes below which the ratio does not matter.
    pub ratio_from_bytes: u64,
    /// Cells of one sheet, counted as the rectangle they span where the reader must hold that rectangle.
    pub cells: u64,
    /// Rows of one file.
    pub rows: u64,
    /// Sheets of one workbook.
    pub sheets: usize,
    /// Bytes of one cell (UTF-8). Excel's own limit is 32,767 characters.
    pub cell_bytes: usize,
    /// Bytes of one row of text; beyond it, a quote was opened and never closed.
    pub row_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text_bytes: 8 << 30,
            workbook_bytes: 128 << 20,
            unpacked_bytes: 1 << 30,
            ratio: 200,
            ratio_from_bytes: 64 << 20,
            cells: 20_000_000,
            rows: 20_000_000,
            sheets: 1_000,
            cell_bytes: 100_000,
            row_bytes: 1 << 20,
        }
    }
}
