//! Whether a thing is scrapped before the end of its useful life, by its class ([`crate::assets::classes`]).

use chrono::{Months, NaiveDate};

use crate::assets::classes::{Catalogue, Life};
use crate::items::entity::item;

/// The day until which a thing is to be used at least; `None` when its class has no life or its day is not known.
#[must_use]
pub fn ends_on(all: &Catalogue, thing: &item::Model, today: NaiveDate) -> Option<NaiveDate> {
    let Life::Years(years) = all.life(&thing.class_code, "", today) else { return None };
    thing.acquired_on?.checked_add_months(Months::new(years.checked_mul(12)?))
}

/// Whether to scrap a thing on a day needs a reason of its own, and the sentence that says so.
#[must_use]
pub fn too_early(all: &Catalogue, thing: &item::Model, today: NaiveDate) -> Option<String> {
    match ends_on(all, thing, today) {
        Some(end) if end <= today => None,
        Some(end) => Some(format!("“{}”最低使用年限至 {end}，提前报废请写明原因", thing.item_number)),
        None => Some(format!("“{}”的使用年限或取得日期不明，报废请写明未满年限的原因", thing.item_number)),
    }
}
