//! Label templates: what stands where, in millimetres. Read from TOML, checked before anything is printed.

use serde::Deserialize;
use std::path::Path;

use super::WriteError;
use super::qr::{QR_MODULES, QR_QUIET_MODULES};
use super::text::{WIDEST_GLYPH, lines_height};
use super::units::{Area, Mm, Pt};

/// The templates built in, by name.
const BUILTIN: &[(&str, &str)] = &[
    (
        "asset-60x40",
        include_str!("../../templates/asset-60x40.toml"),
    ),
    (
        "asset-70x50",
        include_str!("../../templates/asset-70x50.toml"),
    ),
    (
        "asset-50x30",
        include_str!("../../templates/asset-50x30.toml"),
    ),
    (
        "asset-40x30",
        include_str!("../../templates/asset-40x30.toml"),
    ),
    (
        "place-60x40",
        include_str!("../../templates/place-60x40.toml"),
    ),
    (
        "blank-40x30",
        include_str!("../../templates/blank-40x30.toml"),
    ),
];

/// Sides of a label, in millimetres.
const SIDES: std::ops::RangeInclusive<f32> = 10.0..=300.0;
/// Printers and cutters are out by as much: what stands nearer to the label's edge may be cut off.
const EDGE: Mm = Mm(1.0);
/// The least side of a QR symbol that a phone reads off a printed label.
const SMALLEST_QR: Mm = Mm(7.0);
/// Type smaller than this is not readable; scaling to a sheet may go below it a little.
const SMALLEST_TYPE: Pt = Pt(4.0);

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
    x: Mm,
    y: Mm,
    size: Mm,
}

impl QrPlace {
    pub(crate) fn area(&self) -> Area {
        Area {
            x: self.x,
            y: self.y,
            w: self.size,
            h: self.size,
        }
    }

    pub(crate) fn module(&self) -> Mm {
        self.size * (1.0 / QR_MODULES as f32)
    }

    fn with_quiet_zone(&self) -> Area {
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
        let caption = self
            .caption
            .as_ref()
            .map_or(Mm(0.0), |caption| caption.width);
        Area {
            x: self.area.x + caption,
            w: self.area.w - caption,
            ..self.area
        }
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

/// A label's design, checked.
#[derive(Debug, Clone)]
pub struct Template {
    name: String,
    body: Body,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    width: Mm,
    height: Mm,
    qr: QrPlace,
    #[serde(default)]
    field: Vec<FieldBox>,
    #[serde(default)]
    fixed: Vec<FixedText>,
    #[serde(default)]
    rule: Vec<Rule>,
}

impl Template {
    /// Names of the templates built in.
    pub fn builtin_names() -> impl Iterator<Item = &'static str> {
        BUILTIN.iter().map(|(name, _)| *name)
    }

    /// A template built in.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn builtin(name: &str) -> Result<Self, WriteError> {
        let Some((name, text)) = BUILTIN.iter().find(|(known, _)| *known == name) else {
            let known = Self::builtin_names().collect::<Vec<_>>().join("、");
            return Err(WriteError::UnknownTemplate {
                name: name.to_owned(),
                known,
            });
        };
        Self::parse(name, text)
    }

    /// A template from a TOML file.
    ///
    /// # Errors
    /// When the file cannot be read, is not a template, or contradicts itself.
    pub fn load(path: &Path) -> Result<Self, WriteError> {
        let text = std::fs::read_to_string(path).map_err(|source| WriteError::Read {
            path: path.into(),
            source,
        })?;
        Self::parse(
            &path
                .file_stem()
                .unwrap_or(path.as_os_str())
                .to_string_lossy(),
            &text,
        )
    }

    /// A template built in, by name, or else from a file, by path.
    ///
    /// # Errors
    /// As [`Self::builtin`] and [`Self::load`].
    pub fn named(name_or_path: &str) -> Result<Self, WriteError> {
        let path = Path::new(name_or_path);
        if path.extension().is_some_and(|ending| ending == "toml") {
            Self::load(path)
        } else {
            Self::builtin(name_or_path)
        }
    }

    /// A template from TOML text.
    ///
    /// # Errors
    /// When it is not a template, or contradicts itself.
    pub fn parse(name: &str, text: &str) -> Result<Self, WriteError> {
        let body = toml::from_str(text).map_err(|error| WriteError::Malformed {
            file: name.to_owned(),
            reason: error.to_string(),
        })?;
        let template = Self {
            name: name.to_owned(),
            body,
        };
        match template.fault() {
            None => Ok(template),
            Some(reason) => Err(template.bad(reason)),
        }
    }

    /// The template's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The label's width.
    #[must_use]
    pub fn width(&self) -> Mm {
        self.body.width
    }

    /// The label's height.
    #[must_use]
    pub fn height(&self) -> Mm {
        self.body.height
    }

    /// Whether the template shows a fact.
    #[must_use]
    pub fn shows(&self, field: Field) -> bool {
        self.body
            .field
            .iter()
            .any(|field_box| field_box.show == field)
    }

    pub(crate) fn qr(&self) -> QrPlace {
        self.body.qr
    }

    pub(crate) fn fields(&self) -> &[FieldBox] {
        &self.body.field
    }

    pub(crate) fn fixed(&self) -> &[FixedText] {
        &self.body.fixed
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.body.rule
    }

    pub(crate) fn bad(&self, reason: String) -> WriteError {
        WriteError::BadTemplate {
            template: self.name.clone(),
            reason,
        }
    }

    /// The same design smaller or larger as a whole, type included.
    pub(crate) fn scaled(&self, factor: f32) -> Self {
        let mut scaled = self.clone();
        let body = &mut scaled.body;
        body.width = body.width * factor;
        body.height = body.height * factor;
        body.qr = QrPlace {
            x: body.qr.x * factor,
            y: body.qr.y * factor,
            size: body.qr.size * factor,
        };
        for field in &mut body.field {
            field.area = field.area.scaled(factor);
            field.size = field.size.map(|size| size * factor);
            if let Some(caption) = &mut field.caption {
                caption.width = caption.width * factor;
                caption.size = caption.size * factor;
            }
        }
        for fixed in &mut body.fixed {
            fixed.area = fixed.area.scaled(factor);
            fixed.size = fixed.size * factor;
        }
        for rule in &mut body.rule {
            rule.area = rule.area.scaled(factor);
        }
        scaled
    }

    /// What is wrong with the design, if anything.
    fn fault(&self) -> Option<String> {
        let body = &self.body;
        if !SIDES.contains(&body.width.0) || !SIDES.contains(&body.height.0) {
            return Some(format!(
                "标签的宽和高须在 {} 到 {} 毫米之间",
                SIDES.start(),
                SIDES.end()
            ));
        }
        let label = Area {
            x: Mm(0.0),
            y: Mm(0.0),
            w: body.width,
            h: body.height,
        };
        qr_fault(body.qr, &label)
            .or_else(|| body.field.iter().find_map(field_fault))
            .or_else(|| body.fixed.iter().find_map(fixed_fault))
            .or_else(|| self.box_fault(&label))
    }

    /// Boxes outside the label or too near its edge, on the QR code's quiet zone, or on each other.
    fn box_fault(&self, label: &Area) -> Option<String> {
        let body = &self.body;
        let fields = body
            .field
            .iter()
            .map(|field| (field.show.title(), field.area));
        let fixed = body
            .fixed
            .iter()
            .map(|fixed| (fixed.text.as_str(), fixed.area));
        let rules = body.rule.iter().map(|rule| ("线条", rule.area));
        let boxes: Vec<_> = fields.chain(fixed).chain(rules).collect();
        let quiet = body.qr.with_quiet_zone();
        let safe = label.grown(Mm(-EDGE.0));
        for (at, (what, area)) in boxes.iter().enumerate() {
            if !area.is_sound() || !safe.contains(area) {
                return Some(format!(
                    "“{what}”的框超出标签，或离边不足 {} 毫米，会被切掉",
                    EDGE.0
                ));
            }
            if area.overlaps(&quiet) {
                return Some(format!(
                    "“{what}”的框压住了二维码四周须留白的 {QR_QUIET_MODULES} 格"
                ));
            }
            if let Some((other, _)) = boxes[..at].iter().find(|(_, other)| other.overlaps(area)) {
                return Some(format!("“{what}”与“{other}”的框重叠"));
            }
        }
        None
    }
}

fn qr_fault(qr: QrPlace, label: &Area) -> Option<String> {
    if !qr.area().is_sound() || qr.size < SMALLEST_QR {
        return Some(format!("二维码的边长须不小于 {} 毫米", SMALLEST_QR.0));
    }
    (!label.contains(&qr.with_quiet_zone())).then(|| {
        format!(
            "二维码连同四周 {QR_QUIET_MODULES} 格留白（各 {:.1} 毫米）超出了标签",
            qr.module().0 * 4.0
        )
    })
}

fn field_fault(field: &FieldBox) -> Option<String> {
    let title = field.show.title();
    let [largest, smallest] = field.size;
    let height = field.area.h.to_pt();
    if !(SMALLEST_TYPE.0..=200.0).contains(&smallest.0)
        || !(smallest.0..=200.0).contains(&largest.0)
    {
        return Some(format!(
            "“{title}”的字号须写作 [最大, 最小]，且不小于 {} 磅",
            SMALLEST_TYPE.0
        ));
    }
    if !(1..=50).contains(&field.lines) {
        return Some(format!("“{title}”的行数须在 1 到 50 之间"));
    }
    if largest.0 * lines_height(1) > height.0 + 0.01 {
        return Some(format!(
            "“{title}”的框高 {} 毫米，容不下 {} 磅的字",
            field.area.h.0, largest.0
        ));
    }
    if smallest.0 * lines_height(field.lines) > height.0 + 0.01 {
        return Some(format!(
            "“{title}”的框高 {} 毫米，容不下 {} 行 {} 磅的字",
            field.area.h.0, field.lines, smallest.0
        ));
    }
    if field.value_area().w.to_pt().0 * 1000.0 < smallest.0 * f32::from(WIDEST_GLYPH) {
        return Some(format!(
            "“{title}”的框太窄，容不下两个 {} 磅的字",
            smallest.0
        ));
    }
    let caption = field.caption.as_ref()?;
    (!(SMALLEST_TYPE.0..=200.0).contains(&caption.size.0)
        || caption.size.0 * lines_height(1) > height.0 + 0.01
        || caption.width.0 <= 0.0)
        .then(|| format!("“{title}”的说明文字“{}”的字号或宽度不合适", caption.text))
}

fn fixed_fault(fixed: &FixedText) -> Option<String> {
    let (size, height) = (fixed.size.0, fixed.area.h.to_pt().0);
    (!(SMALLEST_TYPE.0..=200.0).contains(&size) || size * lines_height(1) > height + 0.01).then(
        || {
            format!(
                "“{}”的框高 {} 毫米，容不下 {size} 磅的字",
                fixed.text, fixed.area.h.0
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_templates_are_sound_and_are_named_for_their_size() {
        for name in Template::builtin_names() {
            let template = Template::builtin(name).unwrap();
            let size = format!("{}x{}", template.width().0, template.height().0);
            assert!(name.ends_with(&size), "{name}: {size}");
            assert!(
                template.shows(Field::Code),
                "{name} shows its code in letters"
            );
        }
    }

    #[test]
    fn an_unknown_template_is_answered_with_the_known_ones() {
        let error = Template::named("asset-1x1").unwrap_err().to_string();
        assert!(
            error.contains("asset-1x1") && error.contains("asset-60x40"),
            "{error}"
        );
        assert!(matches!(
            Template::named("no/such/file.toml"),
            Err(WriteError::Read { .. })
        ));
    }

    #[test]
    fn a_template_that_contradicts_itself_is_refused_with_the_reason() {
        const GOOD: &str = "width = 40.0\nheight = 30.0\nqr = { x = 22.0, y = 5.0, size = 14.0 }\n";
        let field = |text: &str| format!("{GOOD}[[field]]\n{text}");
        assert!(Template::parse("good", GOOD).is_ok());
        for (text, reason) in [
            ("width = ".to_owned(), "width"),
            (GOOD.replace("40.0", "4.0"), "10 到 300 毫米"),
            (GOOD.replace("40.0", "nan"), "10 到 300 毫米"),
            (GOOD.replace("14.0", "5.0"), "不小于 7 毫米"),
            (GOOD.replace("x = 22.0", "x = 25.0"), "留白"),
            (format!("{GOOD}colour = 1"), "colour"),
            (
                field("show = \"price\"\nbox = [1.0, 1.0, 10.0, 4.0]\nsize = [8.0, 6.0]"),
                "price",
            ),
            (
                field("show = \"name\"\nbox = [1.0, 1.0, 60.0, 4.0]\nsize = [8.0, 6.0]"),
                "超出标签",
            ),
            (
                field("show = \"name\"\nbox = [0.5, 1.0, 10.0, 4.0]\nsize = [8.0, 6.0]"),
                "会被切掉",
            ),
            (
                field("show = \"name\"\nbox = [1.0, 8.0, 20.0, 4.0]\nsize = [8.0, 6.0]"),
                "压住了二维码",
            ),
            (
                field("show = \"name\"\nbox = [1.0, 1.0, 10.0, 4.0]\nsize = [6.0, 8.0]"),
                "[最大, 最小]",
            ),
            (
                field("show = \"name\"\nbox = [1.0, 1.0, 10.0, 4.0]\nsize = [12.0, 6.0]"),
                "容不下 12 磅",
            ),
            (
                field("show = \"name\"\nbox = [1.0, 1.0, 10.0, 4.0]\nsize = [8.0, 6.0]\nlines = 2"),
                "容不下 2 行",
            ),
            (
                field("show = \"name\"\nbox = [1.0, 1.0, 10.0, 4.0]\nsize = [8.0, 6.0]\nlines = 0"),
                "行数",
            ),
            (
                field("show = \"name\"\nbox = [1.0, 1.0, 4.0, 4.0]\nsize = [8.0, 6.0]"),
                "太窄",
            ),
            (
                field("show = \"name\"\nbox = [1.0, 1.0, -4.0, 4.0]\nsize = [8.0, 6.0]"),
                "太窄",
            ),
        ] {
            let error = Template::parse("bad", &text).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}\nshould say {reason}");
        }
        let twice = field("show = \"name\"\nbox = [1.0, 1.0, 9.0, 4.0]\nsize = [8.0, 6.0]\n")
            + "[[field]]\nshow = \"unit\"\nbox = [5.0, 3.0, 9.0, 4.0]\nsize = [8.0, 6.0]";
        assert!(
            Template::parse("bad", &twice)
                .unwrap_err()
                .to_string()
                .contains("重叠")
        );
    }

    #[test]
    fn a_scaled_template_is_still_sound_in_all_but_its_type_size() {
        let half = Template::builtin("asset-70x50").unwrap().scaled(0.9);
        assert_eq!(half.width(), Mm(63.0));
        assert!(
            half.fault()
                .is_none_or(|fault| fault.contains("毫米，会被切掉")),
            "{:?}",
            half.fault()
        );
    }
}
