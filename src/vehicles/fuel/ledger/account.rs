//! Each car's account (单车核算): kilometres, litres, L/100 km, cost of fuel and repairs, cost a kilometre, by month and
//! year; the ranking within a model; as a workbook and as a form to sign.

use chrono::NaiveDate;
use hashbrown::HashMap;
use rust_xlsxwriter::{Format, FormatBorder, Workbook, XlsxError};
use serde::Serialize;

use super::gather::Gathered;
use super::model::month_bounds;
use super::watch::look;
use crate::access::{Action, permit_somewhere, reach};
use crate::db::Db;
use crate::kernel::ids::{ItemId, UnitId};
use crate::kernel::{Ctx, Timestamp};
use crate::org::{service, units};
use crate::stocktake::report::pdf::{self, Flow, Side, Table, TableColumn};
use crate::vehicles::VehicleError;
use crate::vehicles::fuel::{CarNo, Outcome};

/// A car's month, or several.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Line {
    /// Its item.
    pub item: Option<ItemId>,
    /// Its plate.
    pub plate: String,
    /// Its model.
    pub model: String,
    /// Its unit.
    pub unit: String,
    /// Whether it runs on electricity alone; then `litres` are kWh.
    pub electric: bool,
    /// Kilometres.
    pub km: f64,
    /// Litres.
    pub litres: f64,
    /// L/100 km; none for an electric car, nor where it hardly ran.
    pub per_100km: Option<f64>,
    /// What the car usually burns, and the band in which most intervals lie.
    pub habit: Option<(f64, f64, f64)>,
    /// Fuel, yuan.
    pub fuel_cost: f64,
    /// Repairs, yuan.
    pub repair_cost: f64,
    /// Yuan a kilometre.
    pub per_km: Option<f64>,
    /// Fills.
    pub fills: u32,
    /// Anomalies.
    pub anomalies: u32,
    /// The place among the cars of its model, thriftiest first, and of how many.
    pub rank: Option<(usize, usize)>,
}

/// The accounts of some months.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Accounts {
    /// The sub-bureau.
    pub organisation: String,
    /// `2026-11`, the first and the last month.
    pub from: String,
    /// The last.
    pub to: String,
    /// A line a car.
    pub lines: Vec<Line>,
}

/// The accounts of the months from `from` to `to`, of the cars that `ctx` may see.
///
/// # Errors
/// When it is not theirs to see, a month is none, or the database cannot be read.
pub async fn accounts(db: &Db, ctx: &Ctx, from: &str, to: &str) -> Result<Accounts, VehicleError> {
    permit_somewhere(ctx, Action::FuelRead)?;
    let wrong = || VehicleError::field("month", "月份应如 2026-11，先后不能颠倒");
    let (first, _) = month_bounds(from).ok_or_else(wrong)?;
    let (_, next) = month_bounds(to).ok_or_else(wrong)?;
    if first >= next {
        return Err(wrong());
    }
    let last = next.pred_opt().unwrap_or(next);
    // The reading that ends a month is often that of the fill after it.
    let beyond = last.checked_add_days(chrono::Days::new(40)).unwrap_or(last).min(ctx.now().day()).max(last);
    let (gathered, outcome) = look(db, first, beyond, ctx.now()).await?;
    let mut names: HashMap<UnitId, String> = HashMap::new();
    for thing in &gathered.things {
        if !names.contains_key(&thing.unit_id) {
            let name = units::by_id(db.read(), thing.unit_id).await?.map(|unit| unit.name).unwrap_or_default();
            names.insert(thing.unit_id, name);
        }
    }
    let mut lines = lines(&gathered, &outcome, first, last, &names);
    rank(&mut lines);
    if let Some(units) = reach(ctx, Action::FuelRead).units() {
        let seen: Vec<ItemId> =
            gathered.things.iter().filter(|thing| units.contains(&thing.unit_id)).map(|thing| thing.id).collect();
        lines.retain(|line| line.item.is_some_and(|item| seen.contains(&item)));
    }
    let organisation = service::organisation(db.read()).await?;
    Ok(Accounts { organisation, from: from.to_owned(), to: to.to_owned(), lines })
}

pub(super) fn lines(
    gathered: &Gathered,
    outcome: &Outcome,
    first: NaiveDate,
    last: NaiveDate,
    names: &HashMap<UnitId, String>,
) -> Vec<Line> {
    use chrono::Datelike as _;
    let number = |day: NaiveDate| day.year() * 12 + i32::try_from(day.month0()).unwrap_or(0);
    let inside = |at: Timestamp| first <= at.day() && at.day() <= last;
    let mut anomalies: HashMap<CarNo, u32> = HashMap::new();
    for one in outcome.anomalies.iter().filter(|one| inside(gathered.records[one.fill as usize].at)) {
        if let Some(car) = one.car {
            *anomalies.entry(car).or_default() += 1;
        }
    }
    let mut repairs: HashMap<CarNo, f64> = HashMap::new();
    for (car, _, fen) in gathered.repairs.iter().filter(|(_, at, _)| inside(*at)) {
        #[expect(clippy::cast_precision_loss, reason = "what repairs cost fits an f64")]
        let yuan = fen.0 as f64 / 100.0;
        *repairs.entry(*car).or_default() += yuan;
    }
    let cars = (0u32..).zip(gathered.cars.iter().zip(&gathered.things)).zip(&outcome.accounts);
    cars.map(|((no, (car, thing)), account)| {
        let mut line = Line {
            item: Some(thing.id),
            plate: car.plate.clone(),
            model: thing.specification.clone(),
            unit: names.get(&thing.unit_id).cloned().unwrap_or_default(),
            electric: car.is_electric(),
            habit: account.habit,
            repair_cost: repairs.get(&no).copied().unwrap_or(0.0),
            anomalies: anomalies.get(&no).copied().unwrap_or(0),
            ..Line::default()
        };
        for (_, month) in account.months.range(number(first)..=number(last)) {
            line.km += month.km;
            line.litres += month.litres;
            line.fuel_cost += month.cost;
            line.fills += month.fills;
        }
        let ran = line.km > 50.0;
        line.per_100km = (ran && !line.electric).then(|| line.litres / line.km * 100.0);
        line.per_km = ran.then(|| (line.fuel_cost + line.repair_cost) / line.km);
        line
    })
    .collect()
}

/// Places within each model, of cars that ran.
pub(super) fn rank(lines: &mut [Line]) {
    let mut by_model: HashMap<String, Vec<(f64, usize)>> = HashMap::new();
    for (index, line) in lines.iter().enumerate() {
        if let Some(per) = line.per_100km.filter(|_| !line.model.is_empty()) {
            by_model.entry(line.model.clone()).or_default().push((per, index));
        }
    }
    for mut cars in by_model.into_values() {
        cars.sort_by(|a, b| a.0.total_cmp(&b.0));
        let of = cars.len();
        for (place, (_, index)) in cars.into_iter().enumerate() {
            lines[index].rank = Some((place + 1, of));
        }
    }
}

impl Accounts {
    fn title(&self) -> String {
        if self.from == self.to {
            format!("公务用车单车核算表（{}）", self.from)
        } else {
            format!("公务用车单车核算表（{} 至 {}）", self.from, self.to)
        }
    }

    /// The accounts as a workbook.
    ///
    /// # Errors
    /// When it cannot be put together.
    pub fn xlsx(&self) -> Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.set_name("单车核算")?;
        let boxed = || Format::new().set_font_name("宋体").set_font_size(10.5).set_border(FormatBorder::Thin);
        let (head, text, number) = (boxed().set_bold(), boxed(), boxed().set_num_format("#,##0.00"));
        sheet.write_string_with_format(0, 0, self.title(), &Format::new().set_bold().set_font_size(14))?;
        for (column, name) in (0u16..).zip(COLUMNS) {
            sheet.set_column_width(column, 12)?;
            sheet.write_string_with_format(1, column, *name, &head)?;
        }
        for (row, line) in (2u32..).zip(&self.lines) {
            for (column, cell) in (0u16..).zip(line.cells()) {
                match cell {
                    Cell::Text(value) => sheet.write_string_with_format(row, column, value, &text)?,
                    Cell::Number(value) => sheet.write_number_with_format(row, column, value, &number)?,
                };
            }
        }
        sheet.set_freeze_panes(2, 1)?;
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(1, 1)?;
        workbook.save_to_buffer()
    }

    /// The accounts as a form to sign.
    ///
    /// # Errors
    /// When it cannot be put together.
    pub fn pdf(&self, made_at: Timestamp) -> Result<Vec<u8>, VehicleError> {
        let font = hufu_labels::write::BUILTIN_FONT;
        pdf::form(&self.title(), made_at, font, |flow| self.write(flow, made_at))
            .map_err(|error| VehicleError::Conflict(error.to_string()))
    }

    fn write(&self, flow: &mut Flow<'_>, made_at: Timestamp) {
        flow.centred(&self.organisation, 16.0, false);
        flow.centred(&self.title(), 20.0, true);
        flow.space(6.0);
        let shown = |value: f64, places: usize| format!("{value:.places$}");
        let some = |value: Option<f64>| value.map_or_else(|| "—".to_owned(), |value| shown(value, 2));
        let mut rows: Vec<Vec<String>> = self
            .lines
            .iter()
            .map(|line| {
                let amount = if line.electric { format!("{:.1} 度", line.litres) } else { shown(line.litres, 1) };
                vec![
                    line.plate.clone(),
                    line.unit.clone(),
                    shown(line.km, 0),
                    amount,
                    some(line.per_100km),
                    shown(line.fuel_cost, 2),
                    shown(line.repair_cost, 2),
                    some(line.per_km),
                    line.anomalies.to_string(),
                ]
            })
            .collect();
        let sum = |of: fn(&Line) -> f64| self.lines.iter().map(of).sum::<f64>();
        let fuel = sum(|line| if line.electric { 0.0 } else { line.litres });
        let anomalies: u32 = self.lines.iter().map(|line| line.anomalies).sum();
        rows.push(vec![
            "合计".to_owned(),
            format!("{} 辆", self.lines.len()),
            shown(sum(|line| line.km), 0),
            shown(fuel, 1),
            String::new(),
            shown(sum(|line| line.fuel_cost), 2),
            shown(sum(|line| line.repair_cost), 2),
            String::new(),
            anomalies.to_string(),
        ]);
        flow.table(&Table { columns: PRINTED.to_vec(), rows, has_total: true });
        let day = made_at.day().format("%Y 年 %-m 月 %-d 日").to_string();
        flow.signatures(&self.organisation, &day, &[("制表", ""), ("复核", ""), ("负责人", "")]);
    }
}

enum Cell {
    Text(String),
    Number(f64),
}

impl Line {
    fn cells(&self) -> Vec<Cell> {
        let some = |value: Option<f64>| value.map_or_else(|| Cell::Text(String::new()), Cell::Number);
        let rank = self.rank.map_or_else(String::new, |(place, of)| format!("{place}/{of}"));
        let (litres, kwh) = if self.electric { (None, Some(self.litres)) } else { (Some(self.litres), None) };
        vec![
            Cell::Text(self.plate.clone()),
            Cell::Text(self.unit.clone()),
            Cell::Text(self.model.clone()),
            Cell::Number(self.km),
            some(litres),
            some(kwh),
            some(self.per_100km),
            some(self.habit.map(|(usual, ..)| usual)),
            some(self.habit.map(|(_, low, _)| low)),
            some(self.habit.map(|(.., high)| high)),
            Cell::Number(self.fuel_cost),
            Cell::Number(self.repair_cost),
            some(self.per_km),
            Cell::Number(f64::from(self.fills)),
            Cell::Number(f64::from(self.anomalies)),
            Cell::Text(rank),
        ]
    }
}

const COLUMNS: &[&str] = &[
    "车牌号",
    "使用部门",
    "型号",
    "行驶公里",
    "加油升数",
    "充电千瓦时",
    "升/百公里",
    "平常油耗",
    "下限",
    "上限",
    "燃料费（元）",
    "维修费（元）",
    "元/公里",
    "加油次数",
    "异常条数",
    "同型号排名",
];

const PRINTED: &[TableColumn] = &[
    TableColumn { header: "车牌号", part: 1.5, side: Side::Left },
    TableColumn { header: "使用部门", part: 1.7, side: Side::Left },
    TableColumn { header: "公里", part: 1.0, side: Side::Right },
    TableColumn { header: "升", part: 1.0, side: Side::Right },
    TableColumn { header: "升/百公里", part: 1.1, side: Side::Right },
    TableColumn { header: "燃料费", part: 1.3, side: Side::Right },
    TableColumn { header: "维修费", part: 1.3, side: Side::Right },
    TableColumn { header: "元/公里", part: 1.0, side: Side::Right },
    TableColumn { header: "异常", part: 0.7, side: Side::Right },
];
