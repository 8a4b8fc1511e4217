//! Records and fonts for the tests.

use hufu_labels::code::LabelCode;
use hufu_labels::write::{FontSet, Job, LabelRecord, Sheet, Template};
use std::sync::LazyLock;

pub(crate) static FONTS: LazyLock<FontSet> = LazyLock::new(|| FontSet::builtin().unwrap());

pub(crate) fn record(number: u64) -> LabelRecord {
    let names = ["台式计算机", "便携式计算机（含扩展坞与电源适配器）", "A4彩色激光打印机", "执法记录仪"];
    let keepers = ["张㛃", "马骉", "龚䶮", "李小明"];
    let pick = |list: [&str; 4]| list[usize::try_from(number % 4).unwrap()].to_owned();
    LabelRecord {
        code: LabelCode::from_random(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        organisation: String::new(),
        item_number: format!("ZC2023{number:06}"),
        name: pick(names),
        specification: "ThinkCentre M930t".to_owned(),
        unit: "刑事侦查大队".to_owned(),
        keeper: pick(keepers),
        place: "A栋3楼302室".to_owned(),
        acquired_on: "2023-05-06".to_owned(),
    }
}

pub(crate) fn records(count: u64) -> Vec<LabelRecord> {
    (0..count).map(record).collect()
}

pub(crate) fn job<'a>(template: &'a Template, sheet: Option<&'a Sheet>) -> Job<'a> {
    Job { template, sheet, skip: 0, fonts: &FONTS, dpi: 300, organisation: "中山市公安局东升分局" }
}
