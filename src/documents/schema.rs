//! Which columns a kind of table has, and under which names offices write them.
//!
//! A field is recognised by the text of its header alone. Its own names (`headers`) come first; `fallback` names are
//! looser words (单位, 编号) that count only where no column carries one of the field's own names, and only for a column
//! that no other field claims. Two columns for one field, or two fields for one column, are never settled by guessing:
//! that is an error which asks for `--map`.

/// What a cell of a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Free text.
    Text,
    /// A number or code that names something: kept letter by letter.
    Identifier,
    /// A whole number of pieces, perhaps with a measure word.
    Quantity,
    /// Yuan.
    Money,
    /// A number with decimals.
    Decimal,
    /// A day.
    Date,
    /// A day, perhaps with a time, as clocks in Shanghai show it.
    DateTime,
    /// A state of a thing.
    State,
    /// Yes or no.
    YesNo,
}

impl Kind {
    /// Whether a cell merged over several rows says the same of each.
    pub(super) const fn spreads(self) -> bool {
        matches!(self, Self::Text | Self::Date | Self::DateTime | Self::State | Self::YesNo)
    }

    /// What to write in such a cell, for a help text.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Text => "文字",
            Self::Identifier => "编号（设为文本格式）",
            Self::Quantity => "整数，如 3 或 3台",
            Self::Money => "金额（元），如 12,345.60",
            Self::Decimal => "数字，如 45.60",
            Self::Date => "日期，如 2024-03-05",
            Self::DateTime => "日期时间，如 2024-03-05 08:30",
            Self::State => "在用、闲置、借出、在修、待处置、已处置…",
            Self::YesNo => "是 或 否",
        }
    }
}

/// One column of a kind of table.
#[derive(Debug)]
pub struct FieldSpec {
    /// The name in files of ours and in `--map`.
    pub name: &'static str,
    /// The name people read, which is also its usual header.
    pub zh: &'static str,
    /// What its cells hold.
    pub kind: Kind,
    /// Whether the table is useless without it.
    pub required: bool,
    /// Its own names, besides `name` and `zh`.
    pub headers: &'static [&'static str],
    /// Looser names; see the module's doc.
    pub fallback: &'static [&'static str],
}

/// The columns of a kind of table.
#[derive(Debug)]
pub struct Schema {
    /// The name in code and on the command line.
    pub name: &'static str,
    /// The name people read.
    pub zh: &'static str,
    /// The columns, in the order of files of ours.
    pub fields: &'static [FieldSpec],
}

impl Schema {
    /// The field called `name`.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// The names of all columns, in order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.fields.iter().map(|field| field.name)
    }
}

/// The fields of one schema, as an enum, so that a cell of another table cannot be asked for.
pub trait Fields: Copy + std::fmt::Debug + 'static {
    /// The schema.
    const SCHEMA: &'static Schema;
    /// The field's position in the schema.
    fn index(self) -> usize;
    /// The field's description.
    fn spec(self) -> &'static FieldSpec {
        &Self::SCHEMA.fields[self.index()]
    }
}

/// Declares an enum of fields and its schema, side by side.
macro_rules! table {
    ($(#[$doc:meta])* $enum:ident $schema:ident $name:literal $zh:literal {
        $($variant:ident $field:literal $label:literal $kind:ident $($required:ident)?
            [$($header:literal),*] $(or [$($fallback:literal),*])?;)*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $enum {
            $(#[doc = concat!("`", $field, "` ", $label)] $variant,)*
        }

        #[doc = concat!("The columns of `", $name, "` (", $zh, ").")]
        pub const $schema: &$crate::documents::schema::Schema = &$crate::documents::schema::Schema {
            name: $name,
            zh: $zh,
            fields: &[$($crate::documents::schema::FieldSpec {
                name: $field,
                zh: $label,
                kind: $crate::documents::schema::Kind::$kind,
                required: table!(@required $($required)?),
                headers: &[$($header),*],
                fallback: &[$($($fallback),*)?],
            },)*],
        };

        impl $crate::documents::schema::Fields for $enum {
            const SCHEMA: &'static $crate::documents::schema::Schema = $schema;
            #[inline]
            fn index(self) -> usize {
                self as usize
            }
        }
    };
    (@required required) => { true };
    (@required) => { false };
}
pub(super) use table;
