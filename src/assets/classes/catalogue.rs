//! The classes as a table in memory: names, lives on a day, old codes. No database, no clock.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use hashbrown::HashMap;
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

use super::entity::{class, old_code};
use crate::assets::depreciation::Month;
use crate::kernel::text::half_width;

/// What a class says of depreciation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum RuleKind {
    /// 同上级分类
    Inherit,
    /// 按年限计提
    Years,
    /// 不计提
    None,
}

impl RuleKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Inherit, Self::Years, Self::None];

    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inherit => "inherit",
            Self::Years => "years",
            Self::None => "none",
        }
    }

    /// The name people read.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Inherit => "同上级分类",
            Self::Years => "按年限计提",
            Self::None => "不计提折旧",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name || kind.zh() == name)
    }
}

/// How long a thing is used, by its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// So many years at least.
    Years(u32),
    /// It is not depreciated.
    Not,
    /// No class says.
    Unknown,
}

/// What a code that somebody wrote is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recognised {
    /// Nothing was written.
    Blank,
    /// A code of today.
    Current(String),
    /// A code of the old edition, with what it is today.
    Mapped {
        /// As written.
        old: String,
        /// Today's.
        code: String,
    },
    /// No code of either edition: the office's own.
    Foreign(String),
}

impl Recognised {
    /// The code that the book is to have.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Blank => "",
            Self::Current(code) | Self::Mapped { code, .. } | Self::Foreign(code) => code,
        }
    }

    /// The code of the old edition it came from; blank when it did not.
    #[must_use]
    pub fn old(&self) -> &str {
        if let Self::Mapped { old, .. } = self { old } else { "" }
    }
}

/// Every class with its history, and the old codes.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// By code and structure, the first written first.
    classes: BTreeMap<(String, String), Vec<class::Model>>,
    old: HashMap<String, Vec<String>>,
}

impl Catalogue {
    /// From the rows, in the order of their versions.
    #[must_use]
    pub fn new(rows: Vec<class::Model>, old: Vec<old_code::Model>) -> Self {
        let mut classes: BTreeMap<(String, String), Vec<class::Model>> = BTreeMap::new();
        for row in rows {
            classes.entry((row.code.clone(), row.structure.clone())).or_default().push(row);
        }
        let codes = |row: old_code::Model| {
            let codes = row.codes.split(',').map(str::trim).filter(|code| !code.is_empty()).map(str::to_owned);
            (row.old_code.clone(), codes.collect())
        };
        Self { classes, old: old.into_iter().map(codes).collect() }
    }

    /// What a class, itself and of a structure, says on a day; the earliest when none had begun.
    fn own(&self, code: &str, structure: &str, on: NaiveDate) -> Option<&class::Model> {
        let rows = self.classes.get(&(code.to_owned(), structure.to_owned()))?;
        let begun = rows.iter().filter(|row| row.effective_from <= on);
        let held = begun.max_by_key(|row| (row.effective_from, row.version));
        held.or_else(|| rows.iter().min_by_key(|row| (row.effective_from, std::cmp::Reverse(row.version))))
    }

    /// A code and those above it, the nearest first.
    fn upwards(code: &str) -> impl Iterator<Item = &str> {
        let code = if code.is_ascii() { code } else { "" };
        (1..=4).rev().map(|pairs| 1 + pairs * 2).filter_map(move |length| code.get(..length))
    }

    /// The name of a class, or of the nearest above it that has one; blank when the code is none of ours.
    #[must_use]
    pub fn name(&self, code: &str, on: NaiveDate) -> &str {
        Self::upwards(code).find_map(|code| self.own(code, "", on)).map_or("", |row| &row.name)
    }

    /// The row that says how long things of this class (and, of buildings, of this structure) are used, on a day.
    #[must_use]
    pub fn ruling(&self, code: &str, structure: &str, on: NaiveDate) -> Option<&class::Model> {
        let structures = if structure.is_empty() { vec![""] } else { vec![structure, ""] };
        Self::upwards(code)
            .flat_map(|code| structures.iter().map(move |structure| (code, *structure)))
            .filter_map(|(code, structure)| self.own(code, structure, on))
            .find(|row| row.rule != RuleKind::Inherit)
    }

    /// How long things of this class are used, on a day.
    #[must_use]
    pub fn life(&self, code: &str, structure: &str, on: NaiveDate) -> Life {
        match self.ruling(code, structure, on) {
            None => Life::Unknown,
            Some(row) => match row.life_years.and_then(|years| u32::try_from(years).ok()) {
                Some(years) => Life::Years(years),
                None => Life::Not,
            },
        }
    }

    /// Since when which life holds: the first holds from ever.
    #[must_use]
    pub fn lives(&self, code: &str, structure: &str) -> Vec<(Month, Life)> {
        let of_these = |key: &(String, String)| code.starts_with(&key.0) && (key.1.is_empty() || key.1 == structure);
        let rows = self.classes.iter().filter(|(key, _)| of_these(key)).flat_map(|(_, rows)| rows);
        let mut days: Vec<NaiveDate> = rows.map(|row| row.effective_from).collect();
        days.sort_unstable();
        days.dedup();
        let mut lives: Vec<(Month, Life)> = Vec::new();
        for day in days {
            let life = self.life(code, structure, day);
            if lives.last().is_none_or(|(_, before)| *before != life) {
                lives.push((Month::of(day), life));
            }
        }
        lives
    }

    /// Reads a code as somebody wrote it.
    ///
    /// # Errors
    /// A sentence when it is of the old edition and may be several classes, or none; and when it looks like one of today
    /// and is below no class there is.
    pub fn recognise(&self, written: &str) -> Result<Recognised, String> {
        let plain: String = half_width(written).chars().filter(|c| !c.is_whitespace()).collect();
        let plain = plain.to_ascii_uppercase();
        if plain.is_empty() {
            return Ok(Recognised::Blank);
        }
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if plain.strip_prefix('A').is_some_and(|rest| matches!(rest.len(), 2 | 4 | 6 | 8) && digits(rest)) {
            // A02000000 is A02 as much as A02 is.
            let mut code = plain.as_str();
            while let Some(shorter) = code.strip_suffix("00").filter(|shorter| shorter.len() >= 3) {
                code = shorter;
            }
            if Self::upwards(code).any(|above| self.classes.contains_key(&(above.to_owned(), String::new()))) {
                return Ok(Recognised::Current(plain));
            }
            return Err(format!("GB/T 14885-2022 没有分类“{written}”，请核对（A 加 8 位数字）"));
        }
        if plain.len() == 7 && digits(&plain) {
            return self.recognise_old(plain);
        }
        Ok(Recognised::Foreign(written.trim().to_owned()))
    }

    fn recognise_old(&self, old: String) -> Result<Recognised, String> {
        let mut above = old.clone();
        for at in [7, 5, 3] {
            above.replace_range(at.., &"0".repeat(7 - at));
            let Some(codes) = self.old.get(&above).filter(|codes| !codes.is_empty()) else { continue };
            if let [code] = codes.as_slice() {
                return Ok(Recognised::Mapped { old, code: code.clone() });
            }
            let named: Vec<String> = codes.iter().map(|code| format!("{code} {}", self.latest_name(code))).collect();
            return Err(format!("2010 版代码“{old}”在 2022 版可能是：{}；请改填其中一个", named.join("、")));
        }
        Err(format!("2010 版代码“{old}”没有登记对应的 2022 版代码，请改填 2022 版代码（A 加 8 位数字）"))
    }

    fn latest_name(&self, code: &str) -> &str {
        self.name(code, NaiveDate::MAX)
    }

    /// Every class and structure with its rows, by code.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str, &[class::Model])> {
        self.classes.iter().map(|((code, structure), rows)| (code.as_str(), structure.as_str(), rows.as_slice()))
    }

    /// The old codes with what they may be, in order.
    #[must_use]
    pub fn old_codes(&self) -> Vec<(&str, &[String])> {
        let mut all: Vec<_> = self.old.iter().map(|(old, codes)| (old.as_str(), codes.as_slice())).collect();
        all.sort_unstable();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Timestamp;

    fn row(code: &str, structure: &str, version: i64, years: Option<i64>, from: &str) -> class::Model {
        class::Model {
            code: code.to_owned(),
            structure: structure.to_owned(),
            version,
            name: format!("{code}{structure}"),
            rule: match years {
                None => RuleKind::Inherit,
                Some(0) => RuleKind::None,
                Some(_) => RuleKind::Years,
            },
            life_years: years.filter(|years| *years > 0),
            effective_from: from.parse().unwrap(),
            source: "某规定".to_owned(),
            set_by: "system".to_owned(),
            set_at: Timestamp(0),
        }
    }

    fn old(code: &str, codes: &str) -> old_code::Model {
        old_code::Model {
            old_code: code.to_owned(),
            version: 1,
            codes: codes.to_owned(),
            source: "对照".to_owned(),
            set_by: "system".to_owned(),
            set_at: Timestamp(0),
        }
    }

    fn catalogue() -> Catalogue {
        let rows = vec![
            row("A01", "", 1, None, "2017-01-01"),
            row("A0101", "", 1, Some(50), "2017-01-01"),
            row("A0101", "brick", 1, Some(30), "2017-01-01"),
            row("A02", "", 1, Some(10), "2017-01-01"),
            row("A0201", "", 1, Some(6), "2017-01-01"),
            row("A0201", "", 2, Some(5), "2027-01-01"),
            // Withdrawn by another row for the same day.
            row("A0201", "", 3, Some(4), "2027-01-01"),
            row("A020101", "", 1, None, "2017-01-01"),
            row("A03", "", 1, Some(0), "2017-01-01"),
        ];
        Catalogue::new(rows, vec![old("2010000", "A0201"), old("2010104", "A02010105"), old("6010000", "A0501,A0502")])
    }

    #[test]
    fn the_nearest_class_that_says_so_rules() {
        let all = catalogue();
        for (code, structure, on, life) in [
            ("A02010105", "", "2026-12-31", Life::Years(6)),
            ("A02010105", "", "2027-01-01", Life::Years(4)),
            // Before any row had begun the earliest holds.
            ("A02010105", "", "2001-05-31", Life::Years(6)),
            ("A020101", "", "2026-01-01", Life::Years(6)),
            ("A02370000", "", "2026-01-01", Life::Years(10)),
            ("A01010100", "", "2026-01-01", Life::Years(50)),
            ("A01010100", "brick", "2026-01-01", Life::Years(30)),
            ("A01010100", "simple", "2026-01-01", Life::Years(50)),
            ("A01", "", "2026-01-01", Life::Unknown),
            ("A03010000", "", "2026-01-01", Life::Not),
            ("A09", "", "2026-01-01", Life::Unknown),
            ("", "", "2026-01-01", Life::Unknown),
            ("办公", "", "2026-01-01", Life::Unknown),
        ] {
            assert_eq!(all.life(code, structure, on.parse().unwrap()), life, "{code} {structure} {on}");
        }
        assert_eq!(all.name("A02010199", "2026-01-01".parse().unwrap()), "A020101");
        assert_eq!(all.name("2010000", "2026-01-01".parse().unwrap()), "");
        let lives = all.lives("A02010105", "");
        assert_eq!(lives.iter().map(|(_, life)| *life).collect::<Vec<_>>(), [Life::Years(6), Life::Years(4)]);
    }

    #[test]
    fn codes_of_both_editions() {
        let all = catalogue();
        let mapped = |old: &str, code: &str| Ok(Recognised::Mapped { old: old.to_owned(), code: code.to_owned() });
        for (written, is) in [
            ("", Ok(Recognised::Blank)),
            (" a02010105 ", Ok(Recognised::Current("A02010105".to_owned()))),
            ("Ａ０２０１", Ok(Recognised::Current("A0201".to_owned()))),
            ("A02000000", Ok(Recognised::Current("A02000000".to_owned()))),
            ("2010104", mapped("2010104", "A02010105")),
            ("2010199", mapped("2010199", "A0201")),
            ("KJ-01", Ok(Recognised::Foreign("KJ-01".to_owned()))),
            ("A0201010", Ok(Recognised::Foreign("A0201010".to_owned()))),
        ] {
            assert_eq!(all.recognise(written), is, "{written}");
        }
        for (written, says) in [
            ("6010300", vec!["6010300", "A0501", "A0502", "请改填其中一个"]),
            ("7010000", vec!["没有登记", "2022 版"]),
            ("A99010101", vec!["没有分类"]),
        ] {
            let said = all.recognise(written).unwrap_err();
            assert!(says.iter().all(|part| said.contains(part)), "{written}: {said}");
        }
    }
}
