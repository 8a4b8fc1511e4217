//! The parts of a template, as TOML spells them.

use serde::Deserialize;

use super::super::qr::{QR_MODULES, QR_QUIET_MODULES};
use super::super::units::{Area, Mm, Pt};

/// A fact that a label can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// 单位名称: whose thing it is.
    Organisation,
    /// 资产编号
    Number,
    /// 资产名称
    Name,
    /// 规格型号
    Specification,
    /// 使用部门
    Unit,
    /// 使用人
    Keeper,
    /// 存放地点
    Place,
    /// 取得日期
    AcquiredOn,
    /// The label code in letters, grouped.
    Code,
}

impl Field {
    /// The name people know it by.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Organisation => "单位名称",
            Self::Number => "编号",
            Self::Name => "名称",
            Self::Specification => "规格型号",
            Self::Unit => "使用部门",
            Self::Keeper => "使用人",
            Self::Place => "存放地点",
            Self::AcquiredOn => "取得日期",
            Self::Code => "标签码",
        }
    }
}

/// Where a text stands in its box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// At the left edge.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// At the right edge.
    Right,
}

/// How light a text or line is: 0 is black, 1 is white. Printers that know only black print all of it black.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Deserialize)]
#[serde(transparent)]
pub struct Grey(pub f32);

/// Where the QR symbol stands, without its quiet zone.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QrPlace {
    pub x: Mm,
    pub y: Mm,
    pub size: Mm,
}

impl QrPlace {
    pub(crate) fn area(&self) -> Area {
        Area { x: self.x, y: self.y, w: self.size, h: self.size }
    }

    pub(crate) fn module(&self) -> Mm {
        self.size * (1.0 / QR_MODULES as f32)
    }

    pub(crate) fn with_quiet_zone(&self) -> Area {
        self.area().grown(self.module() * QR_QUIET_MODULES as f32)
    }
}

/// A box with a fact of the record in it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldBox {
    pub show: Field,
    /// The whole box, caption included.
    #[serde(rename = "box")]
    pub area: Area,
    /// The largest and the smallest type size.
    pub size: [Pt; 2],
    #[serde(default = "one")]
    pub lines: usize,
    #[serde(default)]
    pub align: Align,
    #[serde(default)]
    pub grey: Grey,
    pub caption: Option<Caption>,
}

impl FieldBox {
    /// The part of the box that the fact itself may fill.
    pub(crate) fn value_area(&self) -> Area {
        let caption = self.caption.as_ref().map_or(Mm(0.0), |caption| caption.width);
        Area { x: self.area.x + caption, w: self.area.w - caption, ..self.area }
    }
}

/// A small word before a fact: 使用部门.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Caption {
    pub text: String,
    pub width: Mm,
    pub size: Pt,
    #[serde(default)]
    pub grey: Grey,
}

/// A text that is the same on every label.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FixedText {
    pub text: String,
    #[serde(rename = "box")]
    pub area: Area,
    pub size: Pt,
    #[serde(default)]
    pub align: Align,
    #[serde(default)]
    pub grey: Grey,
}

/// A filled rectangle, for thin lines.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    #[serde(rename = "box")]
    pub area: Area,
    #[serde(default)]
    pub grey: Grey,
}

fn one() -> usize {
    1
}
