//! The fields of a card by name, as texts: for forms, files and the command line, which all read and write them here.

use chrono::NaiveDate;

use super::entity::card;
use super::kinds::{
    Acquisition, Booking, Depreciation, Form, Purchase, Purpose, Quota, Structure, Usage, Valuation, VehicleUse,
};
use crate::kernel::Fen;
use crate::kernel::text::half_width;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Words.
    Text,
    /// A day.
    Day,
    /// Yuan.
    Money,
    /// A whole number.
    Number,
    /// Square metres.
    Area,
    /// Yes or no.
    YesNo,
    /// One of these: name and Chinese.
    Choice(&'static [(&'static str, &'static str)]),
}

/// Which forms have a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Every form.
    All,
    /// Vehicles.
    Vehicle,
    /// Buildings, structures and land.
    Immovable,
    /// Buildings.
    Building,
    /// Furniture.
    Furniture,
}

/// One field.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its column.
    pub name: &'static str,
    /// The name people read.
    pub zh: &'static str,
    /// What it holds.
    pub what: What,
    /// Which forms have it.
    pub of: Of,
}

impl Field {
    /// Whether a form has it.
    #[must_use]
    pub fn is_of(&self, form: Form) -> bool {
        match self.of {
            Of::All => true,
            Of::Vehicle => form == Form::Vehicle,
            Of::Immovable => matches!(form, Form::Building | Form::Structure | Form::Land),
            Of::Building => form == Form::Building,
            Of::Furniture => form == Form::Furniture,
        }
    }
}

/// A text that a field cannot hold: why.
type Read<T> = Result<T, String>;

fn day(text: &str) -> Read<Option<NaiveDate>> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| "应为日期，如 2024-03-05".to_owned())
}

fn money(text: &str) -> Read<Fen> {
    if text.is_empty() { Ok(Fen::ZERO) } else { Fen::parse_yuan(text).map_err(|error| error.to_string()) }
}

fn number(text: &str) -> Read<Option<i64>> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| "应为整数".to_owned())
}

/// Hundredths, as money is.
fn area(text: &str) -> Read<Option<i64>> {
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.trim_end_matches(['㎡', '米']).trim_end_matches("平方");
    Fen::parse_yuan(number).map(|area| Some(area.0)).map_err(|_| "应为面积（平方米），如 120.50".to_owned())
}

fn yes_no(text: &str) -> Read<Option<bool>> {
    match text {
        "" => Ok(None),
        "yes" | "true" | "是" | "有" => Ok(Some(true)),
        "no" | "false" | "否" | "无" => Ok(Some(false)),
        _ => Err("应为 是 或 否".to_owned()),
    }
}

fn choice<T>(text: &str, read: fn(&str) -> Option<T>, known: &[(&str, &str)]) -> Read<Option<T>> {
    if text.is_empty() {
        return Ok(None);
    }
    read(text).map(Some).ok_or_else(|| {
        let known: Vec<&str> = known.iter().map(|(_, zh)| *zh).collect();
        format!("应为 {}", known.join("、"))
    })
}

fn said(flag: Option<bool>) -> String {
    match flag {
        None => String::new(),
        Some(true) => "是".to_owned(),
        Some(false) => "否".to_owned(),
    }
}

/// Makes the table of fields and the two ways through it.
macro_rules! fields {
    (@what text) => { What::Text };
    (@what day) => { What::Day };
    (@what money) => { What::Money };
    (@what number) => { What::Number };
    (@what area) => { What::Area };
    (@what yes_no) => { What::YesNo };
    (@what flag) => { What::YesNo };
    (@what (choice $of:ident)) => { What::Choice($of::WORDS) };
    (@what (always $of:ident)) => { What::Choice($of::WORDS) };

    (@get text $card:ident $name:ident) => { $card.$name.clone() };
    (@get day $card:ident $name:ident) => { $card.$name.map(|day| day.to_string()).unwrap_or_default() };
    (@get money $card:ident $name:ident) => { $card.$name.plain() };
    (@get number $card:ident $name:ident) => { $card.$name.map(|number| number.to_string()).unwrap_or_default() };
    (@get area $card:ident $name:ident) => { $card.$name.map(|area| Fen(area).plain()).unwrap_or_default() };
    (@get yes_no $card:ident $name:ident) => { said($card.$name) };
    (@get flag $card:ident $name:ident) => { said(Some($card.$name)) };
    (@get (choice $of:ident) $card:ident $name:ident) => {
        $card.$name.map(|is| is.as_str().to_owned()).unwrap_or_default()
    };
    (@get (always $of:ident) $card:ident $name:ident) => { $card.$name.as_str().to_owned() };

    (@set text $card:ident $name:ident $text:ident) => { $card.$name = $text.to_owned() };
    (@set day $card:ident $name:ident $text:ident) => { $card.$name = day($text)? };
    (@set money $card:ident $name:ident $text:ident) => { $card.$name = money($text)? };
    (@set number $card:ident $name:ident $text:ident) => { $card.$name = number($text)? };
    (@set area $card:ident $name:ident $text:ident) => { $card.$name = area($text)? };
    (@set yes_no $card:ident $name:ident $text:ident) => { $card.$name = yes_no($text)? };
    (@set flag $card:ident $name:ident $text:ident) => { $card.$name = yes_no($text)?.unwrap_or(false) };
    (@set (choice $of:ident) $card:ident $name:ident $text:ident) => {
        $card.$name = choice($text, $of::from_office_text, $of::WORDS)?
    };
    (@set (always $of:ident) $card:ident $name:ident $text:ident) => {
        if let Some(is) = choice($text, $of::from_office_text, $of::WORDS)? { $card.$name = is }
    };

    ($($name:ident $what:tt $of:ident $zh:literal;)*) => {
        /// Every field of a card, in the order of the form. The managing unit is not among them: it is chosen, not typed.
        pub const FIELDS: &[Field] = &[$(
            Field { name: stringify!($name), zh: $zh, what: fields!(@what $what), of: Of::$of },
        )*];

        /// What a field says, as a form or a file takes it; choices by their name in the database.
        #[must_use]
        pub fn get(card: &card::Model, name: &str) -> String {
            match name {
                $(stringify!($name) => fields!(@get $what card $name),)*
                _ => String::new(),
            }
        }

        /// Sets a field from a text; a blank one empties it.
        ///
        /// # Errors
        /// When the field cannot hold it, or is none: why.
        pub fn set(card: &mut card::Model, name: &str, text: &str) -> Result<(), String> {
            let plain = half_width(text);
            let text = match name {
                // What is written stays as it is written; only what is read is read as half-width.
                "remark" | "supplier" | "manufacturer" | "location" => text.trim(),
                _ => plain.trim(),
            };
            match name {
                $(stringify!($name) => fields!(@set $what card $name text),)*
                _ => return Err(format!("卡片没有“{name}”一项")),
            }
            Ok(())
        }
    };
}

fields! {
    form (always Form) All "卡片种类";
    acquisition (choice Acquisition) All "取得方式";
    purchase_organisation (choice Purchase) All "采购组织形式";
    budget_project text All "预算项目编号";
    manufacturer text All "生产厂家";
    supplier text All "销售商";
    contract_number text All "合同编号";
    invoice_number text All "发票号";
    warranty_until day All "保修截止日期";
    valuation (always Valuation) All "价值类型";
    fiscal_fen money All "财政拨款";
    non_fiscal_fen money All "非财政拨款";
    booking (always Booking) All "财务入账状态";
    booked_on day All "财务入账日期";
    voucher text All "会计凭证号";
    account_subject text All "入账科目";
    depreciation (always Depreciation) All "折旧状态";
    life_years number All "折旧年限";
    usage (choice Usage) All "使用状况";
    in_service_on day All "投入使用日期";
    purpose (choice Purpose) All "设备用途";
    repair_cost_fen money All "维修费用合计";
    from_construction flag All "是否在建工程转入";
    custom_number text All "自定义编号";
    plate text Vehicle "车牌号";
    vin text Vehicle "车辆识别号";
    engine_number text Vehicle "发动机号";
    origin text Vehicle "车辆产地";
    displacement_ml number Vehicle "排气量（毫升）";
    quota (choice Quota) Vehicle "编制情况";
    vehicle_use (choice VehicleUse) Vehicle "车辆用途";
    has_licence yes_no Vehicle "行驶证";
    licence_holder text Vehicle "持证人";
    registered_on day Vehicle "登记日期";
    seats number Vehicle "座位数";
    mileage_km number Vehicle "累计行驶里程";
    location text Immovable "坐落位置";
    area_centi area Immovable "面积";
    structure (choice Structure) Building "建筑结构";
    title_certificate text Immovable "权属证号";
    material text Furniture "材质";
    remark text All "备注";
}

/// A field as people read it: choices in Chinese, money with its separators.
#[must_use]
pub fn shown(card: &card::Model, field: &Field) -> String {
    let text = get(card, field.name);
    match field.what {
        What::Choice(words) => words.iter().find(|(name, _)| *name == text).map_or(text, |(_, zh)| (*zh).to_owned()),
        What::Money => Fen::parse_yuan(&text).map_or(text, |money| money.to_string()),
        _ => text,
    }
}

/// The field of this name, or of this Chinese name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name || field.zh == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::card::model::tests::{a_vehicle, thing};

    #[test]
    fn every_field_says_what_it_was_told() {
        let card = a_vehicle();
        let mut copy = card::Model::blank(&thing());
        for field in FIELDS {
            set(&mut copy, field.name, &get(&card, field.name)).unwrap_or_else(|why| panic!("{}: {why}", field.name));
            set(&mut copy, field.name, &shown(&card, field)).unwrap_or_else(|why| panic!("{}: {why}", field.name));
        }
        let of_others = ["old_class_code", "managing_unit_id", "version"];
        assert!(of_others.iter().all(|name| by_name(name).is_none()));
        assert_eq!(card::Model { version: card.version, ..copy }, card);
    }

    #[test]
    fn what_a_field_cannot_hold_is_said() {
        let mut card = card::Model::blank(&thing());
        for (name, text, says) in [
            ("booked_on", "去年", "应为日期"),
            ("fiscal_fen", "一百", "不是金额"),
            ("seats", "五", "应为整数"),
            ("area_centi", "大", "应为面积"),
            ("has_licence", "不详", "是 或 否"),
            ("acquisition", "捡的", "新购、调拨"),
            ("colour", "白", "没有“colour”"),
        ] {
            let said = set(&mut card, name, text).unwrap_err();
            assert!(said.contains(says), "{name}: {said}");
        }
        for (name, text, is) in
            [("area_centi", "１２０.５㎡", "120.50"), ("acquisition", "购置", "purchase"), ("form", "", "general")]
        {
            set(&mut card, name, text).unwrap();
            assert_eq!(get(&card, name), is);
        }
    }
}
