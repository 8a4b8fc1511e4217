//! The simulated count as the file an office would hand in.

use super::super::sample::{Sample, with_rows};
use super::{CountPlan, Subject};

impl CountPlan {
    /// The bytes of a COUNT file: what was seen and not undone, Chinese headers, UTF-8 with a byte order mark.
    ///
    /// # Errors
    /// When the CSV writer refuses, which it does only out of memory.
    pub fn counts_csv(&self, sample: &Sample) -> csv::Result<Vec<u8>> {
        let mut undone = vec![false; self.scans.len()];
        for scan in self.scans.iter().filter_map(|scan| scan.undoes) {
            undone[scan.0] = true;
        }
        let mut bytes = Vec::new();
        with_rows(&mut bytes, &|rows| {
            rows.write_record([
                "资产编号",
                "资产名称",
                "序列号",
                "盘点地点",
                "实际使用人",
                "实盘数量",
                "完好情况",
                "盘点时间",
                "盘点人",
                "备注",
            ])?;
            let kept = self.scans.iter().zip(&undone).filter(|(scan, undone)| !**undone && scan.undoes.is_none());
            for (scan, _) in kept {
                let (number, name, serial) = match &scan.subject {
                    Subject::Asset(at) => {
                        let asset = sample.asset(*at);
                        (asset.item_number.as_str(), asset.name.as_str(), asset.serial_number.as_str())
                    }
                    Subject::Unknown(thing) => {
                        (thing.code.as_deref().unwrap_or(""), thing.name.as_str(), thing.serial_number.as_str())
                    }
                };
                rows.write_record([
                    number,
                    name,
                    serial,
                    &sample.place(scan.place).name,
                    scan.keeper.map_or("", |keeper| &sample.person(keeper).name),
                    &scan.quantity.to_string(),
                    scan.condition.zh(),
                    &scan.at.to_string(),
                    &sample.person(scan.counter).name,
                    &scan.note,
                ])?;
            }
            Ok(())
        })?;
        Ok(bytes)
    }
}
