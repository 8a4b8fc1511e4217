//! `report.xlsx`: 汇总, 异常, 车辆, 未判定, 数据提示.
//!
//! Text cells are written as text: what begins with `=` stays what it is.

use std::fs;
use std::path::{Path, PathBuf};

use hashbrown::HashMap;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::FuelCheckError;
use super::intake::Taken;
use crate::documents::DocumentError;
use crate::kernel::Timestamp;
use crate::vehicles::fuel::{Outcome, Rule, Severity};

/// Rows of a sheet; what is beyond is in `anomalies.csv`.
const MOST: usize = 200_000;

/// A workbook written beside its place; dropped before it is committed, it leaves nothing.
pub(super) struct ReportFile {
    partial: Option<PathBuf>,
    path: PathBuf,
}

impl ReportFile {
    pub(super) fn commit(mut self) -> Result<(), FuelCheckError> {
        let Some(partial) = &self.partial else { return Ok(()) };
        fs::rename(partial, &self.path).map_err(|error| DocumentError::write(&self.path, error))?;
        self.partial = None;
        Ok(())
    }
}

impl Drop for ReportFile {
    fn drop(&mut self) {
        if let Some(partial) = &self.partial {
            // Nothing more can be done about a file that will not go.
            let _gone = fs::remove_file(partial);
        }
    }
}

/// Writes the workbook; in place when committed.
pub(super) fn write(
    path: &Path,
    now: Timestamp,
    taken: &Taken,
    outcome: &Outcome,
) -> Result<ReportFile, FuelCheckError> {
    let partial = path.with_file_name(format!(".fuel-{}.xlsx", std::process::id()));
    let file = ReportFile { partial: Some(partial.clone()), path: path.to_owned() };
    let failed = |source| FuelCheckError::Report { path: path.display().to_string(), source };
    save(&partial, now, taken, outcome).map_err(failed)?;
    Ok(file)
}

struct Look {
    title: Format,
    head: Format,
    text: Format,
    wrapped: Format,
    number: Format,
}

impl Look {
    fn new() -> Self {
        let base = || Format::new().set_font_name("宋体").set_font_size(10.5).set_align(FormatAlign::VerticalCenter);
        let boxed = || base().set_border(FormatBorder::Thin);
        Self {
            title: base().set_font_size(14).set_bold(),
            head: boxed().set_bold().set_align(FormatAlign::Center).set_background_color("EDEDED"),
            text: boxed(),
            wrapped: boxed().set_text_wrap(),
            number: boxed().set_num_format("#,##0.00"),
        }
    }
}

/// A cell.
enum Cell {
    Text(String),
    Long(String),
    Number(f64),
}

fn save(path: &Path, now: Timestamp, taken: &Taken, outcome: &Outcome) -> Result<(), XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(
        &DocProperties::new()
            .set_title("加油核查报告")
            .set_creation_datetime(&ExcelDateTime::from_timestamp(now.0.div_euclid(1_000))?),
    );
    let look = Look::new();
    summary(workbook.add_worksheet(), &look, now, taken, outcome)?;
    anomalies(workbook.add_worksheet(), &look, taken, outcome)?;
    vehicles(workbook.add_worksheet(), &look, taken, outcome)?;
    unjudged(workbook.add_worksheet(), &look, taken, outcome)?;
    remarks(workbook.add_worksheet(), &look, taken, outcome)?;
    workbook.save(path)
}

/// A sheet with a title, a header and rows.
fn table(
    sheet: &mut Worksheet,
    look: &Look,
    name: &str,
    columns: &[(&str, f64)],
    rows: impl Iterator<Item = Vec<Cell>>,
) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    for (column, (title, width)) in (0u16..).zip(columns) {
        sheet.set_column_width(column, *width)?;
        sheet.write_string_with_format(0, column, *title, &look.head)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    let mut last = 0;
    for (row, cells) in (1u32..).zip(rows.take(MOST)) {
        last = row;
        for (column, cell) in (0u16..).zip(cells) {
            match cell {
                Cell::Text(text) => sheet.write_string_with_format(row, column, text, &look.text)?,
                Cell::Long(text) => sheet.write_string_with_format(row, column, text, &look.wrapped)?,
                Cell::Number(number) if number.is_finite() => {
                    sheet.write_number_with_format(row, column, number, &look.number)?
                }
                Cell::Number(_) => sheet.write_string_with_format(row, column, "", &look.text)?,
            };
        }
    }
    let width = u16::try_from(columns.len()).unwrap_or(1).saturating_sub(1);
    if last > 0 {
        sheet.autofilter(0, 0, last, width)?;
    }
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    Ok(())
}

fn summary(
    sheet: &mut Worksheet,
    look: &Look,
    now: Timestamp,
    taken: &Taken,
    outcome: &Outcome,
) -> Result<(), XlsxError> {
    sheet.set_name("汇总")?;
    sheet.set_column_width(0, 28)?.set_column_width(1, 12)?.set_column_width(2, 12)?.set_column_width(3, 12)?;
    sheet.set_column_width(4, 60)?.set_column_width(5, 12)?;
    sheet.write_string_with_format(0, 0, "加油核查汇总", &look.title)?;
    let fuel = outcome.accounts.iter().map(|account| account.fills).sum::<u32>();
    let period = taken.fills.iter().map(|fill| fill.at).min().zip(taken.fills.iter().map(|fill| fill.at).max());
    let period = period.map_or_else(String::new, |(from, to)| format!("{} 至 {}", from.day(), to.day()));
    let lines = [
        format!("加油记录 {} 条，其中加油 {fuel} 次；车辆 {} 辆；期间 {period}", taken.fills.len(), taken.cars.len()),
        format!("未读入 {} 行，见 rejects.csv；生成时间 {now}", taken.rejects.len()),
        "异常只是线索，不是结论：每条都写明看到什么、应为什么、什么可以排除；夜间、周末加油本身不算异常".to_owned(),
    ];
    for (row, line) in (1u32..).zip(lines) {
        sheet.write_string(row, 0, line)?;
    }
    for (column, title) in (0u16..).zip(["规则", "高", "中", "低", "可排除的情形", "类别"]) {
        sheet.write_string_with_format(5, column, title, &look.head)?;
    }
    let mut count: HashMap<(Rule, Severity), u32> = HashMap::new();
    outcome.anomalies.iter().for_each(|one| *count.entry((one.rule, one.severity())).or_default() += 1);
    let mut row = 6;
    // Records to put right first: the gate before the suspicions.
    let gate_first = Rule::ALL.iter().filter(|rule| rule.is_gate());
    for &rule in gate_first.chain(Rule::ALL.iter().filter(|rule| !rule.is_gate())) {
        let of = |severity| f64::from(count.get(&(rule, severity)).copied().unwrap_or(0));
        let counts = [of(Severity::High), of(Severity::Medium), of(Severity::Low)];
        if counts.iter().sum::<f64>() == 0.0 {
            continue;
        }
        sheet.write_string_with_format(row, 0, rule.zh(), &look.text)?;
        for (column, number) in (1u16..).zip(counts) {
            sheet.write_number_with_format(row, column, number, &look.text)?;
        }
        sheet.write_string_with_format(row, 4, rule.clear(), &look.wrapped)?;
        sheet.write_string_with_format(row, 5, class(rule), &look.text)?;
        row += 1;
    }
    Ok(())
}

/// Whether the record is to be put right or the fuel to be explained.
const fn class(rule: Rule) -> &'static str {
    if rule.is_gate() { "记录待更正" } else { "用油待说明" }
}

fn anomalies(sheet: &mut Worksheet, look: &Look, taken: &Taken, outcome: &Outcome) -> Result<(), XlsxError> {
    let columns = [
        ("流水号", 14.0),
        ("车牌号", 12.0),
        ("使用部门", 16.0),
        ("加油时间", 19.0),
        ("规则", 18.0),
        ("类别", 12.0),
        ("程度", 6.0),
        ("分值", 7.0),
        ("看到", 18.0),
        ("应为", 18.0),
        ("涉及升数", 10.0),
        ("说明", 80.0),
    ];
    let rows = outcome.anomalies.iter().map(|one| {
        let fill = taken.fills.get(one.fill as usize);
        let unit = one.car.and_then(|car| taken.cars.get(car as usize)).map_or("", |car| car.unit.as_str());
        vec![
            Cell::Text(taken.ids.get(one.fill as usize).to_owned()),
            Cell::Text(taken.plate(one.fill).to_owned()),
            Cell::Text(unit.to_owned()),
            Cell::Text(fill.map_or_else(String::new, |fill| fill.at.to_string())),
            Cell::Text(one.rule.zh().to_owned()),
            Cell::Text(class(one.rule).to_owned()),
            Cell::Text(one.severity().zh().to_owned()),
            Cell::Number((one.score * 10.0).round() / 10.0),
            Cell::Text(one.observed.clone()),
            Cell::Text(one.expected.clone()),
            Cell::Number(one.litres.unwrap_or(f64::NAN)),
            Cell::Long(one.explanation.clone()),
        ]
    });
    table(sheet, look, "异常", &columns, rows)
}

fn vehicles(sheet: &mut Worksheet, look: &Look, taken: &Taken, outcome: &Outcome) -> Result<(), XlsxError> {
    let columns = [
        ("车牌号", 12.0),
        ("使用部门", 18.0),
        ("行驶公里", 12.0),
        ("加油升数", 12.0),
        ("升/百公里", 11.0),
        ("平常", 9.0),
        ("下限", 9.0),
        ("上限", 9.0),
        ("费用（元）", 13.0),
        ("元/公里", 9.0),
        ("加油次数", 9.0),
        ("充电千瓦时", 12.0),
    ];
    let rows = taken.cars.iter().zip(&outcome.accounts).map(|(car, account)| {
        let (usual, low, high) = account.habit.unwrap_or((f64::NAN, f64::NAN, f64::NAN));
        let electric = car.is_electric();
        let per_km = if account.km > 1.0 { account.cost / account.km } else { f64::NAN };
        let fuel = if electric { f64::NAN } else { account.litres };
        vec![
            Cell::Text(car.plate.clone()),
            Cell::Text(car.unit.clone()),
            Cell::Number(account.km),
            Cell::Number(fuel),
            Cell::Number(account.per_100km.unwrap_or(f64::NAN)),
            Cell::Number(usual),
            Cell::Number(low),
            Cell::Number(high),
            Cell::Number(account.cost),
            Cell::Number(per_km),
            Cell::Number(f64::from(account.fills)),
            Cell::Number(if electric { account.litres } else { f64::NAN }),
        ]
    });
    table(sheet, look, "车辆", &columns, rows)
}

fn unjudged(sheet: &mut Worksheet, look: &Look, taken: &Taken, outcome: &Outcome) -> Result<(), XlsxError> {
    let columns = [("车牌号", 12.0), ("规则", 20.0), ("未判定，因为", 50.0), ("加油次数", 10.0)];
    let rows = outcome.not_judged.iter().map(|one| {
        let plate = taken.cars.get(one.car as usize).map_or("", |car| car.plate.as_str());
        vec![
            Cell::Text(plate.to_owned()),
            Cell::Text(one.rule.zh().to_owned()),
            Cell::Text(one.why.zh().to_owned()),
            Cell::Number(f64::from(one.fills)),
        ]
    });
    table(sheet, look, "未判定", &columns, rows)
}

fn remarks(sheet: &mut Worksheet, look: &Look, taken: &Taken, outcome: &Outcome) -> Result<(), XlsxError> {
    let columns = [("车牌号", 12.0), ("提示（不算异常）", 110.0)];
    let rows = outcome.remarks.iter().map(|one| {
        let plate = taken.cars.get(one.car as usize).map_or("", |car| car.plate.as_str());
        vec![Cell::Text(plate.to_owned()), Cell::Long(one.text.clone())]
    });
    table(sheet, look, "数据提示", &columns, rows)
}
