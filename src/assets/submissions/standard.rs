//! The filling standard (填报标准): what is looked at in each line before figures leave the house. The errors of the
//! inspection came from a misread standard (REPORT 26), so each message says which row, which thing, which field, what
//! is wrong, and by which rule.
//!
//! Whether a rule stops a submission, asks for a reason or is not looked at is dated data (`filling.…` of
//! [`crate::access::rules`]), with its source; what it looks for stands here.

use hashbrown::HashMap;

use super::entity::submission_line::Model as Line;
use super::model::{Kind, Severity};
use crate::access::rules::Rules;
use crate::items::model::ItemState;
use crate::kernel::text::key;
use crate::kernel::{Fen, Timestamp};

/// A rule of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its name; `filling.{name}` is its dated rule.
    pub name: &'static str,
    /// What people call it.
    pub zh: &'static str,
    /// The same in English.
    pub en: &'static str,
    /// The field it looks at, as the card names it.
    pub field: &'static str,
    /// What its breach does where no dated rule says otherwise.
    pub otherwise: Severity,
}

const fn rule(
    name: &'static str,
    field: &'static str,
    otherwise: Severity,
    zh: &'static str,
    en: &'static str,
) -> Rule {
    Rule { name, zh, en, field, otherwise }
}

use Severity::{Error, Warning};

/// Every rule, in the order in which messages are shown.
pub const RULES: &[Rule] = &[
    rule("class_missing", "资产分类代码", Error, "没有分类代码", "No class code"),
    rule("class_old", "资产分类代码", Error, "分类代码是 2010 版的", "Class code of the 2010 edition"),
    rule("class_form", "资产分类代码", Error, "分类代码不合规范", "Malformed class code"),
    rule("value_missing", "价值", Error, "价值为零", "No value"),
    rule("quantity", "数量", Error, "数量不是正数", "Quantity is not positive"),
    rule("quantity_price", "单价", Warning, "价值与数量、单价不符", "Value is not quantity times price"),
    rule("unit_closed", "使用部门", Error, "使用部门缺失或已停用", "Unit missing or closed"),
    rule("nowhere", "使用人、存放地点", Error, "使用人和存放地点都没有", "Neither user nor place"),
    rule("keeper_missing", "使用人", Warning, "在用而没有使用人", "In use without a user"),
    rule("place_missing", "存放地点", Warning, "没有存放地点", "No place"),
    rule("specification_missing", "规格型号", Warning, "没有规格型号", "No specification"),
    rule("acquired_missing", "取得日期", Error, "没有取得日期", "No day of acquisition"),
    rule("acquired_late", "取得日期", Error, "取得日期晚于基准日", "Acquired after the reporting day"),
    rule("acquired_after_booked", "取得日期", Error, "取得日期晚于入账日期", "Acquired after it was booked"),
    rule("serial_twice", "机身序列号", Warning, "序列号重复", "Serial number used twice"),
    rule("below_threshold", "价值", Warning, "低于固定资产价值标准", "Below the capitalisation threshold"),
    rule("away_unexplained", "使用状况", Warning, "借出、送修没有单据", "Away without a document"),
    rule("missing_open", "使用状况", Warning, "正在按盘亏查找", "Missing and being searched for"),
    rule("uncounted", "盘点结果", Error, "没有盘点", "Not counted"),
];

/// The rule of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

/// The standard as it holds on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standard {
    severities: Vec<Option<Severity>>,
    capital_min: Fen,
    capital_min_special: Fen,
    special: Vec<(String, String)>,
}

impl Default for Standard {
    fn default() -> Self {
        Self::of(&Rules::default(), Timestamp(0))
    }
}

impl Standard {
    /// The standard by the dated rules in force at an instant. A word that is none of the three leaves a rule as it
    /// came with the program.
    #[must_use]
    pub fn of(rules: &Rules, at: Timestamp) -> Self {
        let severity = |rule: &Rule| match rules.text(&format!("filling.{}", rule.name), at).trim() {
            "off" => None,
            word => Some(Severity::by_name(word).unwrap_or(rule.otherwise)),
        };
        let special = match rules.text("filling.special_equipment", at).trim() {
            "" => "A0213-A0299",
            ranges => ranges,
        };
        let range = |text: &str| {
            let (from, to) = text.trim().split_once('-').unwrap_or((text.trim(), text.trim()));
            (from.trim().to_owned(), to.trim().to_owned())
        };
        Self {
            severities: RULES.iter().map(severity).collect(),
            capital_min: Fen(rules.number("filling.capital_min_fen", at, 100_000)),
            capital_min_special: Fen(rules.number("filling.capital_min_special_fen", at, 150_000)),
            special: special.split(',').map(range).collect(),
        }
    }

    /// The least value of one piece of this class.
    fn threshold(&self, class: &str) -> Fen {
        let within = |(from, to): &(String, String)| {
            let part =
                |bound: &str| class.get(..bound.len()).is_some_and(|head| head >= from.as_str() && head <= bound);
            part(to)
        };
        if self.special.iter().any(within) { self.capital_min_special } else { self.capital_min }
    }

    fn severity(&self, rule: usize) -> Option<Severity> {
        self.severities.get(rule).copied().flatten()
    }

    /// What the standard says of these lines, by line and then in the order of [`RULES`].
    #[must_use]
    pub fn check(&self, kind: Kind, as_of: chrono::NaiveDate, lines: &[(Line, Beside)]) -> Vec<Message> {
        let mut serials: HashMap<String, Vec<&str>> = HashMap::new();
        for (line, _) in lines {
            if !line.serial_number.trim().is_empty() {
                serials.entry(key(&line.serial_number).into_owned()).or_default().push(&line.item_number);
            }
        }
        let mut messages = Vec::new();
        for (line, beside) in lines {
            for (n, rule) in RULES.iter().enumerate() {
                let Some(severity) = self.severity(n) else { continue };
                if let Some(words) = self.breach(rule.name, kind, as_of, line, beside, &serials) {
                    messages.push(Message {
                        line: line.line,
                        item_number: line.item_number.clone(),
                        rule: rule.name,
                        field: rule.field,
                        severity,
                        words,
                    });
                }
            }
        }
        messages
    }

    /// What is wrong with a line by a rule.
    fn breach(
        &self,
        rule: &str,
        kind: Kind,
        as_of: chrono::NaiveDate,
        line: &Line,
        beside: &Beside,
        serials: &HashMap<String, Vec<&str>>,
    ) -> Option<String> {
        // What a count saw and the book does not have is filled in when it enters the book.
        line.item_id?;
        let code = line.class_code.trim();
        let say = |is_so: bool, words: String| is_so.then_some(words);
        match rule {
            "class_missing" => say(code.is_empty(), "请填写 GB/T 14885-2022 的分类代码".to_owned()),
            "class_old" => {
                let old = code.len() == 7 && code.bytes().all(|byte| byte.is_ascii_digit());
                say(old, format!("“{code}”是 2010 版 7 位代码，应换成 2022 版 A 开头的代码"))
            }
            "class_form" => {
                let old = code.len() == 7 && code.bytes().all(|byte| byte.is_ascii_digit());
                say(!code.is_empty() && !old && !is_class(code), format!("“{code}”应为 A 加 2 至 8 位数字"))
            }
            "value_missing" => say(line.value_fen <= Fen::ZERO, format!("价值为 {} 元", line.value_fen)),
            "quantity" => say(line.quantity.0 < 1, format!("数量为 {}", line.quantity.0)),
            "quantity_price" => {
                let uneven = line.quantity.0 > 1 && line.value_fen.0 % line.quantity.0 != 0;
                let words = format!("价值 {} 元不能由数量 {} 与单价得出", line.value_fen, line.quantity.0);
                say(uneven, words)
            }
            "unit_closed" => say(!beside.unit_open, format!("“{}”已停用或不存在", line.unit_name)),
            "nowhere" => say(line.place.is_empty() && line.keeper.is_empty(), "至少填写一项".to_owned()),
            "keeper_missing" => {
                let kept_nowhere = line.place.is_empty();
                let is_so = line.state == ItemState::InUse && line.keeper.is_empty() && !kept_nowhere;
                say(is_so, "使用状况为在用，应登记使用人".to_owned())
            }
            "place_missing" => say(line.place.is_empty() && !line.keeper.is_empty(), "请登记存放地点".to_owned()),
            "specification_missing" => say(line.specification.trim().is_empty(), "请登记规格型号".to_owned()),
            "acquired_missing" => say(line.acquired_on.is_none(), "请登记取得日期".to_owned()),
            "acquired_late" => {
                let day = line.acquired_on.filter(|day| *day > as_of)?;
                Some(format!("取得日期 {day} 晚于基准日 {as_of}"))
            }
            "acquired_after_booked" => {
                let (day, booked) = (line.acquired_on?, line.booked_on?);
                say(day > booked, format!("取得日期 {day} 晚于入账日期 {booked}"))
            }
            "serial_twice" => {
                let same = serials.get(&*key(&line.serial_number)).filter(|same| same.len() > 1)?;
                let other = same.iter().find(|number| **number != line.item_number).unwrap_or(&"");
                Some(format!("“{}”与 {other} 等 {} 件相同", line.serial_number, same.len()))
            }
            "below_threshold" => {
                let price = Fen(line.value_fen.0 / line.quantity.0.max(1));
                let least = self.threshold(code);
                say(line.value_fen > Fen::ZERO && price < least, format!("单价 {price} 元，标准为 {least} 元"))
            }
            "away_unexplained" => {
                let away = matches!(line.state, ItemState::OnLoan | ItemState::InRepair);
                say(away && !beside.explained, format!("{}，没有写明单据", line.state.zh()))
            }
            "missing_open" => say(beside.missing, "盘亏事项未办结，仍列在账".to_owned()),
            "uncounted" => say(kind == Kind::Stocktake && line.verdict == "pending", "盘点表中未盘".to_owned()),
            _ => None,
        }
    }
}

fn is_class(code: &str) -> bool {
    code.strip_prefix('A').is_some_and(|rest| {
        (2..=8).contains(&rest.len()) && rest.len() % 2 == 0 && rest.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// What is known of a line besides what is reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Beside {
    /// Its unit is there and open.
    pub unit_open: bool,
    /// A document explains why it is away.
    pub explained: bool,
    /// An open missing case is about it.
    pub missing: bool,
}

/// What the standard says of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Of which line.
    pub line: i64,
    /// Of which thing.
    pub item_number: String,
    /// By which rule.
    pub rule: &'static str,
    /// Of which field.
    pub field: &'static str,
    /// What it does.
    pub severity: Severity,
    /// What is wrong.
    pub words: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::submissions::figures::tests::line;
    use crate::kernel::Quantity;

    fn sound() -> Beside {
        Beside { unit_open: true, explained: false, missing: false }
    }

    /// Each breach alone, and what it says of the line.
    #[test]
    fn each_rule_finds_its_breach_and_no_other() {
        let day = |y, m, d| chrono::NaiveDate::from_ymd_opt(y, m, d);
        let as_of = day(2025, 12, 31).unwrap();
        type Spoil = fn(&mut Line, &mut Beside);
        let cases: &[(&str, Kind, Spoil)] = &[
            ("class_missing", Kind::Annual, |line, _| line.class_code.clear()),
            ("class_old", Kind::Annual, |line, _| line.class_code = "2010104".into()),
            ("class_form", Kind::Annual, |line, _| line.class_code = "B02".into()),
            ("value_missing", Kind::Annual, |line, _| line.value_fen = Fen::ZERO),
            ("quantity_price", Kind::Annual, |line, _| (line.quantity, line.value_fen) = (Quantity(2), Fen(450_001))),
            ("unit_closed", Kind::Annual, |_, beside| beside.unit_open = false),
            ("keeper_missing", Kind::Annual, |line, _| line.keeper.clear()),
            ("place_missing", Kind::Annual, |line, _| line.place.clear()),
            ("specification_missing", Kind::Annual, |line, _| line.specification = " ".into()),
            ("acquired_missing", Kind::Annual, |line, _| line.acquired_on = None),
            ("acquired_late", Kind::Annual, |line, _| line.acquired_on = chrono::NaiveDate::from_ymd_opt(2026, 1, 1)),
            ("acquired_after_booked", Kind::Annual, |line, _| {
                line.booked_on = chrono::NaiveDate::from_ymd_opt(2020, 1, 1);
            }),
            ("below_threshold", Kind::Annual, |line, _| line.value_fen = Fen(99_999)),
            ("below_threshold", Kind::Annual, |line, _| {
                (line.class_code, line.value_fen) = ("A02370100".into(), Fen(149_999));
            }),
            ("away_unexplained", Kind::Annual, |line, _| line.state = ItemState::OnLoan),
            ("missing_open", Kind::Annual, |_, beside| beside.missing = true),
            ("uncounted", Kind::Stocktake, |line, _| line.verdict = "pending".into()),
        ];
        let standard = Standard::default();
        for (rule, kind, spoil) in cases {
            let mut one = (Line { acquired_on: day(2021, 3, 5), ..line("A-1", 450_000) }, sound());
            assert_eq!(standard.check(*kind, as_of, std::slice::from_ref(&one)), [], "sound before {rule}");
            spoil(&mut one.0, &mut one.1);
            let found = standard.check(*kind, as_of, std::slice::from_ref(&one));
            assert_eq!(found.iter().map(|message| message.rule).collect::<Vec<_>>(), [*rule]);
            assert!(!found[0].words.is_empty() && found[0].item_number == "A-1");
        }
        let mut nowhere = line("A-1", 450_000);
        (nowhere.acquired_on, nowhere.quantity) = (day(2021, 3, 5), Quantity(0));
        (nowhere.place, nowhere.keeper) = (String::new(), String::new());
        let found = standard.check(Kind::Annual, as_of, &[(nowhere, sound())]);
        assert_eq!(found.iter().map(|message| message.rule).collect::<Vec<_>>(), ["quantity", "nowhere"]);
    }

    #[test]
    fn one_serial_number_twice_is_told_of_both() {
        let as_of = chrono::NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
        let of = |number: &str, serial: &str| {
            let acquired_on = Some(as_of);
            (Line { serial_number: serial.into(), acquired_on, ..line(number, 450_000) }, sound())
        };
        let lines = [of("A-1", "SN01"), of("A-2", "ｓｎ 01"), of("A-3", "")];
        let found = Standard::default().check(Kind::Annual, as_of, &lines);
        assert_eq!(found.iter().map(|message| &*message.item_number).collect::<Vec<_>>(), ["A-1", "A-2"]);
        assert!(found[0].words.contains("A-2") && found[1].words.contains("A-1"));
    }
}
