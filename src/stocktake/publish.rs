//! A campaign's outcome as the report that is worked with and the report that is signed.

use std::path::{Path, PathBuf};

use hashbrown::HashMap;

use super::error::StocktakeError;
use super::model::SheetState;
use super::outcome::{Outcome, OutcomeLine};
use super::report::xlsx::DetailRows;
use super::report::{Figures, ReportHead, ReportLine, SheetStanding, pdf, xlsx};
use crate::kernel::ids::ItemId;
use crate::kernel::{Fen, Timestamp};
use crate::org::Directory;

/// What a ledger above this room knows of the things, and the count does not.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// 累计折旧 and 账面净值 at the baseline.
    pub worth: HashMap<ItemId, (Fen, Fen)>,
    /// The names of classes by their codes, for things that have none of their own.
    pub class_names: HashMap<String, String>,
}

/// The bytes of `report.pdf`.
///
/// # Errors
/// When the document cannot be put together.
pub fn document(
    outcome: &Outcome,
    ledger: &Ledger,
    organisation: &str,
    prepared_at: Timestamp,
) -> Result<Vec<u8>, StocktakeError> {
    let head = head(outcome, organisation, prepared_at);
    let lines = || outcome.lines.iter().map(|line| report_line(&outcome.directory, ledger, line));
    let figures = Figures::from_lines(lines());
    pdf::bytes(&head, &figures, lines(), hufu_labels::write::BUILTIN_FONT)
        .map_err(|error| StocktakeError::Report(error.to_string()))
}

/// Writes `report.xlsx` to `path`.
///
/// # Errors
/// When the file cannot be written.
pub fn workbook(
    outcome: &Outcome,
    ledger: &Ledger,
    organisation: &str,
    prepared_at: Timestamp,
    path: &Path,
) -> Result<(), StocktakeError> {
    let head = head(outcome, organisation, prepared_at);
    let lines = || outcome.lines.iter().map(|line| report_line(&outcome.directory, ledger, line));
    let figures = Figures::from_lines(lines());
    xlsx::write(path, &head, &figures, DetailRows::All, lines)
        .map_err(|error| StocktakeError::Report(error.to_string()))
}

/// Writes `report.xlsx` and `report.pdf` into `dir`, which is made when it is not there.
///
/// # Errors
/// When the folder or a file cannot be written.
pub fn write(
    outcome: &Outcome,
    ledger: &Ledger,
    organisation: &str,
    prepared_at: Timestamp,
    dir: &Path,
) -> Result<Vec<PathBuf>, StocktakeError> {
    let failed = |error: &dyn std::fmt::Display| StocktakeError::Report(error.to_string());
    std::fs::create_dir_all(dir).map_err(|error| failed(&format!("{}：{error}", dir.display())))?;
    let [book, paper] = ["report.xlsx", "report.pdf"].map(|name| dir.join(name));
    workbook(outcome, ledger, organisation, prepared_at, &book)?;
    let head = head(outcome, organisation, prepared_at);
    let lines = || outcome.lines.iter().map(|line| report_line(&outcome.directory, ledger, line));
    let figures = Figures::from_lines(lines());
    pdf::write(&paper, &head, &figures, lines(), hufu_labels::write::BUILTIN_FONT).map_err(|error| failed(&error))?;
    Ok(vec![book, paper])
}

fn head(outcome: &Outcome, organisation: &str, prepared_at: Timestamp) -> ReportHead {
    let campaign = &outcome.campaign;
    let mut sheets: Vec<_> = outcome.sheets.iter().collect();
    let code = |unit| outcome.directory.unit(unit).map_or("", |unit| unit.code.as_str());
    sheets.sort_by(|a, b| code(a.unit_id).cmp(code(b.unit_id)));
    ReportHead {
        organisation: organisation.to_owned(),
        campaign: campaign.name.clone(),
        baseline: Some(campaign.baseline_at.day()),
        window: Some((campaign.window_from, campaign.window_to)),
        scope: format!("{} 个单位的固定资产", sheets.len()),
        prepared_at,
        sheets: sheets
            .into_iter()
            .map(|sheet| SheetStanding {
                unit: outcome.directory.unit_name(sheet.unit_id).to_owned(),
                state: if sheet.state == SheetState::Open { "未提交" } else { sheet.state.zh() }.to_owned(),
                submitted_at: sheet.submitted_at,
                confirmed_by: outcome.directory.person_name(sheet.confirmed_by).to_owned(),
            })
            .collect(),
        details_in: "report.xlsx".to_owned(),
        ..ReportHead::default()
    }
}

fn report_line<'a>(directory: &'a Directory, ledger: &'a Ledger, line: &'a OutcomeLine) -> ReportLine<'a> {
    let item = line.item.as_ref();
    let scan = line.scan.as_ref();
    let of_item = |fact: fn(&crate::items::entity::item::Model) -> &String| item.map_or("", |item| fact(item).as_str());
    ReportLine {
        item_number: line.number(),
        name: line.name(),
        specification: of_item(|item| &item.specification),
        serial_number: match (item, scan) {
            (Some(item), _) => &item.serial_number,
            (None, Some(scan)) => &scan.serial_number,
            (None, None) => "",
        },
        class_code: of_item(|item| &item.class_code),
        class_name: item.map_or("", |item| match item.class_name.as_str() {
            "" => ledger.class_names.get(&item.class_code).map_or("", String::as_str),
            own => own,
        }),
        measure: of_item(|item| &item.measure_unit),
        unit: line.unit.map_or("未知", |unit| directory.unit_name(unit)),
        book_place: directory.place_name(line.book_place),
        counted_place: directory.place_name(line.counted_place),
        book_keeper: directory.person_name(line.book_keeper),
        counted_keeper: directory.person_name(line.counted_keeper),
        book_quantity: line.book_quantity,
        counted_quantity: line.counted_quantity,
        value: line.value(),
        worth: item.and_then(|item| ledger.worth.get(&item.id).copied()),
        acquired_on: item.and_then(|item| item.acquired_on),
        state: item.map(|item| item.state),
        verdict: line.verdict,
        flags: line.flags,
        expected: line.expected,
        lead: &line.lead,
        note: scan.map_or("", |scan| scan.note.as_str()),
        counter: scan.map_or("", |scan| scan.counter.as_str()),
        counted_at: scan.map(|scan| scan.device_at.min(scan.server_at)),
    }
}
