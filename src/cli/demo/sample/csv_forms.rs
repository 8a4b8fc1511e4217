//! The sample as the files an office would hand in: one CSV a kind, Chinese headers, UTF-8 with a byte order mark
//! so that a spreadsheet opens it right.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{PersonAt, Sample, SampleUnit};

/// A file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("示例文件 {path} 写不下去：{source}（请检查目录是否存在、是否可写、磁盘是否已满）")]
pub struct WriteError {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub source: csv::Error,
}

/// Where each form was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleCsv {
    /// `units.csv`
    pub units: PathBuf,
    /// `people.csv`
    pub people: PathBuf,
    /// `places.csv`
    pub places: PathBuf,
    /// `assets.csv`
    pub assets: PathBuf,
}

impl Sample {
    /// Writes `units.csv`, `people.csv`, `places.csv` and `assets.csv` into `dir`, which must exist.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write_csv(&self, dir: &Path) -> Result<SampleCsv, WriteError> {
        let form = |name: &str, write: &dyn Fn(&mut Rows<'_>) -> csv::Result<()>| {
            let path = dir.join(name);
            let written = File::create(&path).map_err(csv::Error::from).and_then(|file| {
                let mut file = BufWriter::new(file);
                with_rows(&mut file, write)?;
                Ok(file.flush()?)
            });
            written.map(|()| path.clone()).map_err(|source| WriteError { path, source })
        };
        Ok(SampleCsv {
            units: form("units.csv", &|rows| self.unit_rows(rows))?,
            people: form("people.csv", &|rows| self.people_rows(rows))?,
            places: form("places.csv", &|rows| self.place_rows(rows))?,
            assets: form("assets.csv", &|rows| self.asset_rows(rows))?,
        })
    }

    /// The bytes of `assets.csv`.
    ///
    /// # Errors
    /// When the CSV writer refuses, which it does only out of memory.
    pub fn assets_csv(&self) -> csv::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        with_rows(&mut bytes, &|rows| self.asset_rows(rows))?;
        Ok(bytes)
    }

    fn unit_rows(&self, rows: &mut Rows<'_>) -> csv::Result<()> {
        rows.write_record(["单位编码", "单位名称", "单位负责人", "管理领导", "专职管理员"])?;
        for unit in &self.units {
            let name = |at| self.person(at).name.as_str();
            let leaders = [name(unit.head), name(unit.supervising_leader), name(unit.asset_manager)];
            rows.write_record([unit.code.as_str(), &unit.name].into_iter().chain(leaders))?;
        }
        Ok(())
    }

    fn people_rows(&self, rows: &mut Rows<'_>) -> csv::Result<()> {
        rows.write_record(["警号", "姓名", "所属单位", "人员类别", "职务", "职责"])?;
        for (index, person) in self.people.iter().enumerate() {
            let unit = self.unit(person.unit).name.as_str();
            let duty = self.duty_of(PersonAt(index));
            let cells = [&person.badge_number, person.name.as_str(), unit, person.kind.zh(), &person.post, duty];
            rows.write_record(cells)?;
        }
        Ok(())
    }

    fn duty_of(&self, person: PersonAt) -> &'static str {
        let holds = |duty: fn(&SampleUnit) -> PersonAt| self.units.iter().any(|unit| duty(unit) == person);
        if holds(|unit| unit.head) {
            "单位负责人"
        } else if holds(|unit| unit.supervising_leader) {
            "管理领导"
        } else if holds(|unit| unit.asset_manager) {
            "专职管理员"
        } else {
            "成员"
        }
    }

    fn place_rows(&self, rows: &mut Rows<'_>) -> csv::Result<()> {
        rows.write_record(["地点编码", "地点名称", "所属单位", "保管人"])?;
        for place in &self.places {
            let (unit, keeper) = (self.unit(place.unit).name.as_str(), self.person(place.keeper).name.as_str());
            rows.write_record([&place.code, place.name.as_str(), unit, keeper])?;
        }
        Ok(())
    }

    fn asset_rows(&self, rows: &mut Rows<'_>) -> csv::Result<()> {
        rows.write_record([
            "资产编号",
            "资产名称",
            "资产分类代码",
            "资产分类名称",
            "品牌",
            "规格型号",
            "计量单位",
            "序列号",
            "使用部门",
            "存放地点",
            "使用人",
            "数量",
            "价值",
            "取得日期",
            "使用状况",
            "不在依据",
            "备注",
        ])?;
        for asset in &self.assets {
            rows.write_record([
                asset.item_number.as_str(),
                &asset.name,
                asset.class_code,
                asset.class_name,
                &asset.brand,
                &asset.specification,
                asset.measure,
                &asset.serial_number,
                &self.unit(asset.unit).name,
                &self.place(asset.place).name,
                &self.person(asset.keeper).name,
                &asset.quantity.to_string(),
                &asset.value.plain(),
                &asset.acquired_on.to_string(),
                asset.state.zh(),
                &asset.excused_by,
                &asset.note,
            ])?;
        }
        Ok(())
    }
}

/// Rows of a form on their way to a file or to memory.
pub(in crate::cli::demo) type Rows<'a> = csv::Writer<&'a mut dyn Write>;

pub(in crate::cli::demo) fn with_rows(
    to: &mut dyn Write,
    write: &dyn Fn(&mut Rows<'_>) -> csv::Result<()>,
) -> csv::Result<()> {
    to.write_all("\u{feff}".as_bytes())?;
    let mut rows = csv::Writer::from_writer(to);
    write(&mut rows)?;
    Ok(rows.flush()?)
}
