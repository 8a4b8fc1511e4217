//! The verdicts of a stocktake, in their order of precedence, and the flags that stand beside them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What the book and the count together say of one thing. Each expected thing gets exactly one; the first that
/// applies wins, in the order written here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 重复冲突: seen in two places, or by two counters with different counts.
    Conflict,
    /// 账销物存: the book says disposed of or written off, yet it was seen.
    DisposedPresent,
    /// 地点不符: seen, at another place than the book's.
    Misplaced,
    /// 使用人不符: right place, another keeper stated.
    WrongKeeper,
    /// 数量短缺: fewer counted than booked.
    Short,
    /// 数量溢余: more counted than booked.
    Over,
    /// 账实相符: all agree.
    Matched,
    /// 有据不在: not seen, but an open document explains it.
    Excused,
    /// 盘亏: not seen, the sheet submitted, nothing explains it.
    Missing,
    /// 未盘: not seen, the sheet still open.
    Pending,
    /// 范围外: seen, booked, but outside this campaign's scope.
    Foreign,
    /// 盘盈: seen, with no label or a code the book does not know.
    Unregistered,
}

impl Verdict {
    /// Every verdict, in order of precedence; the last two are of things that were not expected.
    pub const ALL: [Self; 12] = [
        Self::Conflict,
        Self::DisposedPresent,
        Self::Misplaced,
        Self::WrongKeeper,
        Self::Short,
        Self::Over,
        Self::Matched,
        Self::Excused,
        Self::Missing,
        Self::Pending,
        Self::Foreign,
        Self::Unregistered,
    ];

    /// The name in files and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::DisposedPresent => "disposed_present",
            Self::Misplaced => "misplaced",
            Self::WrongKeeper => "wrong_keeper",
            Self::Short => "short",
            Self::Over => "over",
            Self::Matched => "matched",
            Self::Excused => "excused",
            Self::Missing => "missing",
            Self::Pending => "pending",
            Self::Foreign => "foreign",
            Self::Unregistered => "unregistered",
        }
    }

    /// The name people read.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Conflict => "重复冲突",
            Self::DisposedPresent => "账销物存",
            Self::Misplaced => "地点不符",
            Self::WrongKeeper => "使用人不符",
            Self::Short => "数量短缺",
            Self::Over => "数量溢余",
            Self::Matched => "账实相符",
            Self::Excused => "有据不在",
            Self::Missing => "盘亏",
            Self::Pending => "未盘",
            Self::Foreign => "范围外",
            Self::Unregistered => "盘盈",
        }
    }

    /// The shape that stands for the verdict where colour cannot be relied on.
    #[must_use]
    pub const fn shape(self) -> &'static str {
        match self {
            Self::Matched => "●",
            Self::Misplaced | Self::WrongKeeper => "▲",
            Self::Short | Self::Over => "±",
            Self::Missing => "○",
            Self::Conflict | Self::DisposedPresent => "✕",
            Self::Foreign | Self::Unregistered => "?",
            Self::Excused => "⇄",
            Self::Pending => "…",
        }
    }

    /// Whether someone has to do something about it.
    #[must_use]
    pub const fn needs_attention(self) -> bool {
        !matches!(self, Self::Matched | Self::Excused)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text is not the name of a verdict.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是盘点结论")]
pub struct UnknownVerdict(pub String);

impl FromStr for Verdict {
    type Err = UnknownVerdict;

    fn from_str(text: &str) -> Result<Self, UnknownVerdict> {
        Self::ALL.into_iter().find(|v| v.as_str() == text).ok_or_else(|| UnknownVerdict(text.to_owned()))
    }
}

/// What stands beside a verdict; a small set, written `damaged;old_label`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Flags(u8);

impl Flags {
    /// None.
    pub const NONE: Self = Self(0);
    /// 损坏: a scan stated that the thing is damaged.
    pub const DAMAGED: Self = Self(1);
    /// 旧标签: a superseded label was scanned.
    pub const OLD_LABEL: Self = Self(2);
    /// 无标签: identified without its label.
    pub const NO_LABEL: Self = Self(4);
    /// 复盘找回: on an earlier missing list, found now.
    pub const RECOVERED: Self = Self(8);
    /// 盘点期间变动: the book changed after the baseline; the verdict uses the book as of the scan.
    pub const MOVED_DURING_COUNT: Self = Self(16);

    /// Every flag with its name in files and the name people read.
    pub const NAMED: [(Self, &'static str, &'static str); 5] = [
        (Self::DAMAGED, "damaged", "损坏"),
        (Self::OLD_LABEL, "old_label", "旧标签"),
        (Self::NO_LABEL, "no_label", "无标签"),
        (Self::RECOVERED, "recovered", "复盘找回"),
        (Self::MOVED_DURING_COUNT, "moved_during_count", "盘点期间变动"),
    ];

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// This set, with `flag` added when `wanted`.
    #[must_use]
    pub const fn with_if(self, wanted: bool, flag: Self) -> Self {
        if wanted { self.with(flag) } else { self }
    }

    /// Those of this set that are also in `other`.
    #[must_use]
    pub const fn only(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether every flag of `other` is set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether none is set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The names people read, separated by `、`.
    #[must_use]
    pub fn zh(self) -> String {
        let names: Vec<_> = Self::NAMED.iter().filter(|(flag, ..)| self.has(*flag)).map(|(_, _, zh)| *zh).collect();
        names.join("、")
    }
}

/// The text names a flag we do not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是盘点标记")]
pub struct UnknownFlag(pub String);

impl FromStr for Flags {
    type Err = UnknownFlag;

    fn from_str(text: &str) -> Result<Self, UnknownFlag> {
        text.split(';').filter(|name| !name.is_empty()).try_fold(Self::NONE, |flags, name| {
            let known = Self::NAMED.iter().find(|(_, known, _)| *known == name);
            known.map(|(flag, ..)| flags.with(*flag)).ok_or_else(|| UnknownFlag(name.to_owned()))
        })
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for (_, name, _) in Self::NAMED.iter().filter(|(flag, ..)| self.has(*flag)) {
            if !first {
                f.write_str(";")?;
            }
            f.write_str(name)?;
            first = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_flags_are_listed() {
        for verdict in Verdict::ALL {
            assert_eq!(verdict.as_str().parse(), Ok(verdict));
        }
        let flags = Flags::DAMAGED.with(Flags::RECOVERED).with_if(false, Flags::OLD_LABEL);
        assert_eq!(flags.to_string(), "damaged;recovered");
        assert_eq!(flags.zh(), "损坏、复盘找回");
        assert_eq!(flags.to_string().parse(), Ok(flags));
        assert_eq!("".parse(), Ok(Flags::NONE));
        assert!("lost".parse::<Flags>().is_err());
        assert!(Flags::NONE.is_empty() && !flags.has(Flags::OLD_LABEL));
    }
}
