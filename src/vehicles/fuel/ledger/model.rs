//! The words of statements, slips and anomalies; no database, no clock, no HTTP.

use chrono::NaiveDate;

use crate::kernel::naming::named;

named! {
    /// Where a statement stands.
    StatementState {
        Open "open" "待核对"
        Closed "closed" "已月结"
    }
}

named! {
    /// What a record is.
    RecordKind {
        Fill "fill" "加油"
        Load "load" "圈存"
        Other "other" "其他"
    }
}

named! {
    /// How a record of the statement stands to what drivers wrote down.
    Verdict {
        NoFuel "no_fuel" "非加油"
        NotOnOurs "not_on_ours" "我方无登记"
        Matched "matched" "相符"
        AmountDiffers "amount_differs" "金额不符"
        QuantityDiffers "quantity_differs" "数量不符"
        Twice "twice" "重复列示"
    }
}

named! {
    /// How a slip stands to the statement.
    SlipVerdict {
        Unpaired "unpaired" "待对账"
        Matched "matched" "相符"
        AmountDiffers "amount_differs" "金额不符"
        QuantityDiffers "quantity_differs" "数量不符"
        NotOnTheirs "not_on_theirs" "对方无此笔"
    }
}

named! {
    /// Which cars a number that decides is for.
    LimitScope {
        All "all" "全部车辆"
        Use "use" "按用途"
        Model "model" "按型号"
    }
}

/// The month of a day, `2026-11`.
#[must_use]
pub fn month_of(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

/// The first day of a month, and of the next.
#[must_use]
pub fn month_bounds(month: &str) -> Option<(NaiveDate, NaiveDate)> {
    let first = NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").ok().filter(|_| month.len() == 7)?;
    Some((first, first.checked_add_months(chrono::Months::new(1))?))
}

/// A record as it stands in a file, its cells read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewRecord {
    /// Its row in the file.
    pub line: i64,
    /// Its number at the oil company.
    pub serial: String,
    /// The card.
    pub card_number: String,
    /// The plate.
    pub plate: String,
    /// When.
    pub at: crate::kernel::Timestamp,
    /// Whether the time of day is known.
    pub timed: bool,
    /// What kind the file calls it.
    pub kind_text: String,
    /// The product.
    pub grade: String,
    /// Millilitres, or watt-hours.
    pub quantity_ml: Option<i64>,
    /// Yuan a litre, in ten-thousandths.
    pub price_e4: Option<i64>,
    /// The amount.
    pub amount_fen: Option<crate::kernel::Fen>,
    /// What was left on the card.
    pub balance_fen: Option<crate::kernel::Fen>,
    /// Where.
    pub station: String,
    /// What the odometer showed.
    pub odometer_km: Option<i64>,
    /// Whether the tank was filled up.
    pub full_tank: Option<bool>,
    /// A remark.
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        assert_eq!(month_of(day(2026, 1, 31)), "2026-01");
        assert_eq!(month_bounds("2026-12"), Some((day(2026, 12, 1), day(2027, 1, 1))));
        for wrong in ["2026-13", "2026", "26-01", "", "2026-1"] {
            assert_eq!(month_bounds(wrong), None, "{wrong}");
        }
    }
}
