//! `hufu vehicles enter`: paper books in a table, entered afterwards, all of them or none.

use std::fs::File;
use std::path::PathBuf;

use serde_json::json;

use super::Desk;
use crate::cli::{CliError, Done, show};
use crate::documents::tables::Trips;
use crate::documents::{ColumnMap, Limits, Reject, Row, Table};
use crate::kernel::ids::PersonId;
use crate::vehicles::store;
use crate::vehicles::trips::past::{self, PastTrip};

/// 补录纸质出车记录
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// 文件（CSV、XLSX、XLS、ODS）
    file: PathBuf,
    /// 审批人（警号或姓名）
    #[arg(long)]
    approver: String,
    /// 用车事由
    #[arg(long, default_value = "公务出车")]
    purpose: String,
    /// 列对应：字段=列名（或 字段=#C）
    #[arg(long, value_name = "FIELD=HEADER")]
    map: Vec<String>,
}

/// What a row says, its car and driver not yet looked up.
struct Line {
    row: String,
    plate: String,
    driver: String,
    past: PastTrip,
}

pub(super) async fn run(args: &Args, desk: &Desk<'_>) -> Result<Done, CliError> {
    let approver = desk.directory.find_person(&args.approver, None)?;
    let (read, mut rejects) = read(args, approver)?;
    let mut lines = Vec::with_capacity(read.len());
    for line in read {
        let car = store::named(desk.db.read(), &line.plate).await?;
        let driver = desk.directory.find_person(&line.driver, None);
        match (car, driver) {
            (Some(car), Ok(driver)) => lines.push(PastTrip { car: car.item.id, driver, ..line.past }),
            (None, _) => rejects.push(format!("{}：车辆台账中没有 {}", line.row, line.plate)),
            (_, Err(error)) => rejects.push(format!("{}：{error}", line.row)),
        }
    }
    for reject in &rejects {
        show::line(format!("退回 {reject}"));
    }
    if !rejects.is_empty() {
        return Err(CliError::Usage(format!("{} 行不能录入，未写入任何内容；改好后重新录入", rejects.len())));
    }
    let numbers = past::enter(&desk.db, &desk.ctx, &lines).await?;
    let fact = json!({ "entered": numbers.len(), "first": numbers.first(), "last": numbers.last() });
    desk.say(&format!("已补录 {} 次出车，待核对", numbers.len()), &fact)
}

fn read(args: &Args, approver: PersonId) -> Result<(Vec<Line>, Vec<String>), CliError> {
    let name = args.file.display().to_string();
    let file = File::open(&args.file).map_err(|source| CliError::file(&args.file, source))?;
    let map = ColumnMap::parse(&args.map)?;
    let mut rejects: Vec<Reject> = Vec::new();
    let mut records = Table::read(&name, file, &Limits::default())?.records::<Trips>(&map)?;
    let mut lines = Vec::new();
    let mut bad = Vec::new();
    while let Some(row) = records.next_row(&mut rejects)? {
        match line(&row, args, approver) {
            Ok(line) => lines.push(line),
            Err(reject) => bad.push(reject.to_string()),
        }
    }
    bad.extend(rejects.iter().map(ToString::to_string));
    Ok((lines, bad))
}

fn line(row: &Row<'_, Trips>, args: &Args, approver: PersonId) -> Result<Line, Reject> {
    let missing = |field: Trips| row.reject(field, "不能为空");
    let km = |field: Trips| row.decimal(field, 0)?.ok_or_else(|| missing(field));
    let plate = row.required_identifier(Trips::Plate)?.to_owned();
    let past = PastTrip {
        car: crate::kernel::ids::ItemId(uuid::Uuid::nil()),
        driver: approver,
        approver,
        purpose: args.purpose.clone(),
        destination: row.required(Trips::Destination)?.to_owned(),
        departed_at: row.datetime(Trips::DepartedAt)?.ok_or_else(|| missing(Trips::DepartedAt))?,
        departed_km: km(Trips::DepartedKm)?,
        returned_at: row.datetime(Trips::ReturnedAt)?.ok_or_else(|| missing(Trips::ReturnedAt))?,
        returned_km: km(Trips::ReturnedKm)?,
    };
    let driver = row.required(Trips::Driver)?.to_owned();
    Ok(Line { row: row.location().to_string(), plate, driver, past })
}
