//! How long a thing of a class is used at least (政府会计准则第3号应用指南 附表): to ask why it is scrapped before.

use chrono::{Months, NaiveDate};

use crate::items::entity::item;

/// By the beginning of the class code (GB/T 14885-2022), the longest first: years. What is not here has no life that the
/// table gives, and its scrapping always says why.
const YEARS: &[(&str, u32)] = &[
    ("A0101", 50),
    ("A0103", 8),
    ("A0102", 8),
    ("A0201", 6),
    ("A0202", 6),
    ("A0203", 8),
    ("A0204", 5),
    ("A0205", 10),
    ("A0206", 5),
    ("A0208", 5),
    ("A0209", 5),
    ("A0210", 5),
    ("A05", 15),
];

/// The day until which a thing is to be used at least; `None` when its class has no life or its day is not known.
#[must_use]
pub fn ends_on(thing: &item::Model) -> Option<NaiveDate> {
    let (_, years) = YEARS.iter().find(|(prefix, _)| thing.class_code.starts_with(prefix))?;
    thing.acquired_on?.checked_add_months(Months::new(years * 12))
}

/// Whether to scrap a thing on a day needs a reason of its own, and the sentence that says so.
#[must_use]
pub fn too_early(thing: &item::Model, today: NaiveDate) -> Option<String> {
    match ends_on(thing) {
        Some(end) if end <= today => None,
        Some(end) => Some(format!("“{}”最低使用年限至 {end}，提前报废请写明原因", thing.item_number)),
        None => Some(format!("“{}”的使用年限或取得日期不明，报废请写明未满年限的原因", thing.item_number)),
    }
}
