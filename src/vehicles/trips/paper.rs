//! The printed book of a car (《公务用车情况记录表》, 一车一本): a year's lines in the order of departure, a sum for each
//! month, and who signs.

use hashbrown::HashMap;
use sea_orm::{ConnectionTrait, EntityTrait as _};

use super::entity::trip;
use super::model::{State, TripKind};
use super::store;
use crate::approvals::entity::decision;
use crate::approvals::store as approvals;
use crate::db::DbError;
use crate::kernel::Timestamp;
use crate::kernel::ids::ApprovalId;
use crate::kernel::text::thousands;
use crate::org::entity::unit;
use crate::org::{Directory, service};
use crate::stocktake::report::pdf::{self, Flow, Side, Table, TableColumn};
use crate::vehicles::VehicleError;
use crate::vehicles::store::Car;

/// What the book of a car says of a year, read from the database; made into bytes without it.
#[derive(Debug, Clone)]
pub struct Book {
    organisation: String,
    unit: String,
    car: Car,
    year: i32,
    /// By month, its lines and how far they went.
    months: Vec<(String, Vec<Vec<String>>, i64)>,
    /// How far all of them went.
    pub km: i64,
    /// How many lines there are.
    pub trips: usize,
    made_at: Timestamp,
}

const LINES: &[TableColumn] = &[
    TableColumn { header: "序号", part: 0.55, side: Side::Centre },
    TableColumn { header: "用车事由", part: 2.3, side: Side::Left },
    TableColumn { header: "目的地", part: 1.6, side: Side::Left },
    TableColumn { header: "驾驶员", part: 0.95, side: Side::Left },
    TableColumn { header: "审批", part: 0.95, side: Side::Left },
    TableColumn { header: "出车时间", part: 1.15, side: Side::Centre },
    TableColumn { header: "出车前里程", part: 1.0, side: Side::Right },
    TableColumn { header: "还车时间", part: 1.15, side: Side::Centre },
    TableColumn { header: "还车里程", part: 1.0, side: Side::Right },
    TableColumn { header: "公里", part: 0.7, side: Side::Right },
    TableColumn { header: "核对", part: 0.95, side: Side::Left },
];

const FACTS: &[TableColumn] = &[
    TableColumn { header: "项目", part: 1.2, side: Side::Centre },
    TableColumn { header: "内容", part: 3.0, side: Side::Left },
    TableColumn { header: "项目", part: 1.2, side: Side::Centre },
    TableColumn { header: "内容", part: 3.0, side: Side::Left },
];

impl Book {
    /// Reads the book of a car of a year. The caller has asked whether it may be seen.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(db: &impl ConnectionTrait, car: Car, year: i32, now: Timestamp) -> Result<Self, DbError> {
        let trips = store::book(db, car.item.id, &format!("{year:04}-")).await?;
        let asked: Vec<ApprovalId> =
            trips.iter().filter(|row| row.approved_by.is_none()).filter_map(|row| row.approval_id).collect();
        let decisions = approvals::decisions(db, &asked).await?;
        let people = trips.iter().flat_map(|row| [row.driver_id, row.approved_by, row.checked_by]).flatten();
        let people = people.chain(decisions.values().flatten().map(|one| one.decided_by));
        let mut people: Vec<_> = people.collect();
        people.sort_unstable();
        people.dedup();
        let names = Directory::load_some(db, &[], &people).await?;
        let unit = unit::Entity::find_by_id(car.item.unit_id).one(db).await?.map(|unit| unit.name);
        let mut months: Vec<(String, Vec<Vec<String>>, i64)> = Vec::new();
        for (n, row) in (1..).zip(&trips) {
            let month = row.month.clone().unwrap_or_default();
            if months.last().is_none_or(|(last, ..)| *last != month) {
                months.push((month, Vec::new(), 0));
            }
            if let Some((_, lines, km)) = months.last_mut() {
                lines.push(line(n, row, &names, &decisions));
                *km += row.km().unwrap_or_default();
            }
        }
        let organisation = service::organisation(db).await?;
        let (km, trips) = (months.iter().map(|(_, _, km)| km).sum(), trips.len());
        Ok(Self { organisation, unit: unit.unwrap_or_default(), car, year, months, km, trips, made_at: now })
    }

    /// The book as a PDF.
    ///
    /// # Errors
    /// When it cannot be put together.
    pub fn bytes(&self) -> Result<Vec<u8>, VehicleError> {
        let font = hufu_labels::write::BUILTIN_FONT;
        let title = format!("公务用车情况记录表 {} {}", self.car.vehicle.plate, self.year);
        pdf::form(&title, self.made_at, font, |flow| self.write(flow))
            .map_err(|error| VehicleError::Conflict(error.to_string()))
    }

    fn write(&self, flow: &mut Flow<'_>) {
        flow.centred(&self.organisation, 16.0, false);
        flow.centred("公务用车情况记录表", 22.0, true);
        flow.caption(&format!("{} 年　　一车一本", self.year), Side::Centre);
        flow.table(&Table { columns: FACTS.to_vec(), rows: self.facts(), has_total: false });
        for (month, lines, km) in &self.months {
            flow.heading(&format!("{} 月", month.get(5..).unwrap_or_default().trim_start_matches('0')));
            let mut rows = lines.clone();
            rows.push(total("本月合计", lines.len(), *km));
            flow.table(&Table { columns: LINES.to_vec(), rows, has_total: true });
        }
        if self.months.is_empty() {
            flow.paragraph("本年没有出车记录。");
        } else {
            let rows = vec![total("全年合计", self.trips, self.km)];
            flow.table(&Table { columns: LINES.to_vec(), rows, has_total: true });
        }
        let day = self.made_at.day().format("%Y 年 %-m 月 %-d 日").to_string();
        let nobody = String::new();
        flow.signatures(&self.unit, &day, &[("单位负责人", &nobody), ("车辆管理员", &nobody), ("检查人", &nobody)]);
    }

    fn facts(&self) -> Vec<Vec<String>> {
        let Car { item, vehicle } = &self.car;
        let row = |a: &str, b: &str, c: &str, d: &str| [a, b, c, d].map(str::to_owned).to_vec();
        vec![
            row("车牌号", &vehicle.plate, "使用单位", &self.unit),
            row(
                "品牌型号",
                [item.brand.as_str(), &item.name, &item.specification].join(" ").trim(),
                "资产编号",
                &item.item_number,
            ),
            row("车辆识别代号", &vehicle.vin, "发动机号", &vehicle.engine_number),
            row(
                "编制、用途",
                &format!("{}、{}", vehicle.quota.zh(), vehicle.use_kind.zh()),
                "能源",
                vehicle.energy.zh(),
            ),
        ]
    }
}

fn total(name: &str, trips: usize, km: i64) -> Vec<String> {
    let mut row = vec![String::new(); LINES.len()];
    row[1] = format!("{name}：{trips} 次");
    row[9] = thousands(km.unsigned_abs());
    row
}

fn line(
    n: usize,
    row: &trip::Model,
    names: &Directory,
    decisions: &HashMap<ApprovalId, Vec<decision::Model>>,
) -> Vec<String> {
    let time = |at: Option<Timestamp>| at.map(|at| at.shanghai().format("%m-%d %H:%M").to_string()).unwrap_or_default();
    let said =
        row.approval_id.and_then(|id| decisions.get(&id)).and_then(|taken| taken.iter().rev().find(|one| one.approved));
    let approver = names.person_name(row.approved_by.or_else(|| said.map(|one| one.decided_by)));
    let approver = match (row.urgent, approver) {
        (true, "") => "紧急，待补批".to_owned(),
        (true, name) => format!("{name}（补批）"),
        (false, name) => name.to_owned(),
    };
    let purpose = match (row.kind, row.gap_km) {
        (TripKind::Repair, _) => format!("【送修】{}", row.purpose),
        (TripKind::Duty, Some(gap)) => format!("{}（与上次还车差 {gap:+} 公里）", row.purpose),
        (TripKind::Duty, None) => row.purpose.clone(),
    };
    let km = |km: Option<i64>| km.map(|km| thousands(km.unsigned_abs())).unwrap_or_default();
    vec![
        n.to_string(),
        purpose,
        row.destination.clone(),
        names.person_name(row.driver_id).to_owned(),
        approver,
        time(row.departed_at),
        km(row.departed_km),
        if row.state == State::Out { "在外".to_owned() } else { time(row.returned_at) },
        km(row.returned_km),
        km(row.km()),
        names.person_name(row.checked_by).to_owned(),
    ]
}
