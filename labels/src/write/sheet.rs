//! Sheets of labels: how many on a page, where, and how a label sits in its cell.

use serde::Deserialize;
use std::path::Path;

use super::WriteError;
use super::template::Template;
use super::units::{Area, Mm};

/// The sheets built in, by name.
const BUILTIN: &[(&str, &str)] = &[
    ("a4-3x8", include_str!("../../templates/sheets/a4-3x8.toml")),
    ("a4-3x7", include_str!("../../templates/sheets/a4-3x7.toml")),
    ("a4-2x7", include_str!("../../templates/sheets/a4-2x7.toml")),
    ("a4-2x5", include_str!("../../templates/sheets/a4-2x5.toml")),
    ("a4-4x10", include_str!("../../templates/sheets/a4-4x10.toml")),
];

/// A label larger than its cell is reduced to this share at most; below it is refused.
const SMALLEST_SCALE: f32 = 0.85;
/// The longest side of a page, in millimetres.
const LONGEST_SIDE: f32 = 1_200.0;

/// A page divided into cells, checked. Cells are counted from the top left, row by row.
#[derive(Debug, Clone)]
pub struct Sheet {
    name: String,
    body: Body,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    /// Page width and height.
    page: [Mm; 2],
    columns: u32,
    rows: u32,
    /// Cell width and height.
    cell: [Mm; 2],
    /// From the page's left and upper edge to the first cell.
    margin: [Mm; 2],
    /// Between columns and between rows.
    #[serde(default)]
    gap: [Mm; 2],
}

impl Sheet {
    /// Names of the sheets built in.
    pub fn builtin_names() -> impl Iterator<Item = &'static str> {
        BUILTIN.iter().map(|(name, _)| *name)
    }

    /// A sheet built in.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn builtin(name: &str) -> Result<Self, WriteError> {
        let Some((name, text)) = BUILTIN.iter().find(|(known, _)| *known == name) else {
            let known = Self::builtin_names().collect::<Vec<_>>().join("、");
            return Err(WriteError::UnknownSheet { name: name.to_owned(), known });
        };
        Self::parse(name, text)
    }

    /// A sheet from a TOML file.
    ///
    /// # Errors
    /// When the file cannot be read, is not a sheet, or contradicts itself.
    pub fn load(path: &Path) -> Result<Self, WriteError> {
        let text = std::fs::read_to_string(path).map_err(|source| WriteError::Read { path: path.into(), source })?;
        Self::parse(&path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy(), &text)
    }

    /// A sheet built in, by name, or else from a file, by path.
    ///
    /// # Errors
    /// As [`Self::builtin`] and [`Self::load`].
    pub fn named(name_or_path: &str) -> Result<Self, WriteError> {
        let path = Path::new(name_or_path);
        if path.extension().is_some_and(|ending| ending == "toml") {
            Self::load(path)
        } else {
            Self::builtin(name_or_path)
        }
    }

    /// A sheet from TOML text.
    ///
    /// # Errors
    /// When it is not a sheet, or contradicts itself.
    pub fn parse(name: &str, text: &str) -> Result<Self, WriteError> {
        let body: Body = toml::from_str(text)
            .map_err(|error| WriteError::Malformed { file: name.to_owned(), reason: error.to_string() })?;
        let sheet = Self { name: name.to_owned(), body };
        match sheet.fault() {
            None => Ok(sheet),
            Some(reason) => Err(WriteError::BadSheet { sheet: sheet.name, reason }),
        }
    }

    /// The sheet's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Cells on a page.
    #[must_use]
    pub fn cells(&self) -> u32 {
        self.body.columns * self.body.rows
    }

    /// The cells of a page in the order in which they are filled.
    fn cell_areas(&self) -> impl Iterator<Item = Area> {
        let body = &self.body;
        let place = |axis: usize, number: u32| body.margin[axis] + (body.cell[axis] + body.gap[axis]) * number as f32;
        (0..body.rows).flat_map(move |row| {
            (0..body.columns).map(move |column| Area {
                x: place(0, column),
                y: place(1, row),
                w: body.cell[0],
                h: body.cell[1],
            })
        })
    }

    fn fault(&self) -> Option<String> {
        let body = &self.body;
        if !(1..=100).contains(&body.columns) || !(1..=100).contains(&body.rows) {
            return Some("列数和行数须在 1 到 100 之间".to_owned());
        }
        let page = Area { x: Mm(0.0), y: Mm(0.0), w: body.page[0], h: body.page[1] };
        if !page.is_sound() || page.w.0 > LONGEST_SIDE || page.h.0 > LONGEST_SIDE {
            return Some(format!("纸的宽和高须在 0 到 {LONGEST_SIDE} 毫米之间"));
        }
        if body.gap.iter().chain(&body.margin).any(|length| !(0.0..=LONGEST_SIDE).contains(&length.0)) {
            return Some("边距和间隔不能为负".to_owned());
        }
        self.cell_areas().find(|cell| !cell.is_sound() || !page.contains(cell)).map(|cell| {
            let (page, right, bottom) = (size_text(page.w, page.h), cell.right().0, cell.bottom().0);
            format!("有格子超出了纸面：纸为 {page} 毫米，格子到达 {right:.1}×{bottom:.1} 毫米")
        })
    }
}

fn size_text(width: Mm, height: Mm) -> String {
    format!("{}×{}", (width.0 * 10.0).round() / 10.0, (height.0 * 10.0).round() / 10.0)
}

/// A label's place on its page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spot {
    pub x: Mm,
    pub y: Mm,
}

/// Pages as they are printed: their size, the label as large as it will be, and where labels go.
#[derive(Debug, Clone)]
pub(crate) struct Paper {
    pub width: Mm,
    pub height: Mm,
    pub template: Template,
    pub spots: Vec<Spot>,
    /// Spots left empty on the first page.
    pub skip: usize,
}

impl Paper {
    /// On a roll each label is a page. On a sheet a label stands in the middle of its cell; one that is larger
    /// than the cell is reduced as a whole, down to 85 %, and refused beyond that.
    pub(crate) fn new(template: &Template, sheet: Option<&Sheet>, skip: u32) -> Result<Self, WriteError> {
        let Some(sheet) = sheet else {
            if skip > 0 {
                return Err(WriteError::SkipWithoutSheet(skip));
            }
            let spots = vec![Spot { x: Mm(0.0), y: Mm(0.0) }];
            return Ok(Self {
                width: template.width(),
                height: template.height(),
                template: template.clone(),
                spots,
                skip: 0,
            });
        };
        if skip >= sheet.cells() {
            return Err(WriteError::SkipTooFar { sheet: sheet.name.clone(), cells: sheet.cells(), skip });
        }
        let template = fitted(template, sheet)?;
        let spot = |cell: Area| Spot {
            x: cell.x + (cell.w - template.width()) * 0.5,
            y: cell.y + (cell.h - template.height()) * 0.5,
        };
        let spots = sheet.cell_areas().map(spot).collect();
        let [width, height] = sheet.body.page;
        Ok(Self { width, height, template, spots, skip: usize::try_from(skip).unwrap_or(0) })
    }

    /// How many pages so many labels fill.
    pub(crate) fn pages(&self, labels: usize) -> usize {
        (labels + self.skip).div_ceil(self.spots.len())
    }

    /// The labels on a page: each one's number and its spot.
    pub(crate) fn on_page(&self, page: usize, labels: usize) -> impl Iterator<Item = (usize, Spot)> {
        let first = page * self.spots.len();
        self.spots.iter().enumerate().filter_map(move |(at, spot)| {
            let label = (first + at).checked_sub(self.skip).filter(|&label| label < labels)?;
            Some((label, *spot))
        })
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a scale between 0 and 1 as per cent")]
fn fitted(template: &Template, sheet: &Sheet) -> Result<Template, WriteError> {
    let [width, height] = sheet.body.cell;
    let scale = (width.0 / template.width().0).min(height.0 / template.height().0);
    if scale >= 1.0 {
        return Ok(template.clone());
    }
    if scale < SMALLEST_SCALE {
        return Err(WriteError::TooLarge {
            template: template.name().to_owned(),
            label: size_text(template.width(), template.height()),
            sheet: sheet.name.clone(),
            cell: size_text(width, height),
            percent: (scale * 100.0) as u32,
            limit: (SMALLEST_SCALE * 100.0) as u32,
        });
    }
    Ok(template.scaled(scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper(template: &str, sheet: &str, skip: u32) -> Result<Paper, WriteError> {
        Paper::new(&Template::builtin(template)?, Some(&Sheet::builtin(sheet)?), skip)
    }

    #[test]
    fn built_in_sheets_are_sound_and_named_for_their_columns_and_rows() {
        for name in Sheet::builtin_names() {
            let sheet = Sheet::builtin(name).unwrap();
            assert_eq!(name, format!("a4-{}x{}", sheet.body.columns, sheet.body.rows));
        }
    }

    #[test]
    fn labels_fill_rows_from_the_left_and_stand_in_the_middle_of_their_cells() {
        let paper = paper("blank-40x30", "a4-3x8", 0).unwrap();
        let close = |spot: Spot, x: f32, y: f32| (spot.x.0 - x).abs() < 0.001 && (spot.y.0 - y).abs() < 0.001;
        assert_eq!(paper.spots.len(), 24);
        assert!(close(paper.spots[0], 15.0, 4.0));
        assert!(close(paper.spots[1], 85.0, 4.0));
        assert!(close(paper.spots[3], 15.0, 41.0));
        assert!(close(paper.spots[23], 155.0, 263.0));
    }

    #[test]
    fn used_positions_are_skipped_on_the_first_page_only() {
        let paper = paper("blank-40x30", "a4-3x8", 5).unwrap();
        assert_eq!(paper.pages(19), 1);
        assert_eq!(paper.pages(20), 2);
        let first: Vec<_> = paper.on_page(0, 20).collect();
        assert_eq!(first.first(), Some(&(0, paper.spots[5])));
        assert_eq!(first.last(), Some(&(18, paper.spots[23])));
        assert_eq!(paper.on_page(1, 20).collect::<Vec<_>>(), [(19, paper.spots[0])]);
    }

    #[test]
    fn a_label_is_reduced_a_little_or_refused() {
        let fitted = paper("asset-60x40", "a4-3x8", 0).unwrap().template;
        assert!((fitted.height().0 - 37.0).abs() < 0.001 && (fitted.width().0 - 55.5).abs() < 0.001);
        let error = paper("asset-70x50", "a4-4x10", 0).unwrap_err().to_string();
        assert!(error.contains("70×50") && error.contains("52.5×29.7") && error.contains("59%"), "{error}");
    }

    #[test]
    fn skipping_is_checked() {
        assert!(matches!(paper("blank-40x30", "a4-3x8", 24), Err(WriteError::SkipTooFar { cells: 24, .. })));
        let roll = Paper::new(&Template::builtin("blank-40x30").unwrap(), None, 1);
        assert!(matches!(roll, Err(WriteError::SkipWithoutSheet(1))));
    }

    #[test]
    fn a_sheet_that_contradicts_itself_is_refused_with_the_reason() {
        const GOOD: &str = "page = [210.0, 297.0]\ncolumns = 3\nrows = 8\ncell = [70.0, 37.0]\nmargin = [0.0, 0.5]\n";
        assert!(Sheet::parse("good", GOOD).is_ok());
        for (text, reason) in [
            (GOOD.replace("columns = 3", "columns = 4"), "超出了纸面"),
            (GOOD.replace("rows = 8", "rows = 0"), "行数"),
            (GOOD.replace("210.0", "inf"), "毫米之间"),
            (GOOD.replace("[0.0, 0.5]", "[0.0, -0.5]"), "不能为负"),
            (GOOD.replace("70.0", "-70.0"), "超出了纸面"),
            (GOOD.replace("cell", "cel"), "cel"),
        ] {
            let error = Sheet::parse("bad", &text).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}\nshould say {reason}");
        }
    }
}
