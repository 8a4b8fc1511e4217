//! Label templates: what stands where, in millimetres. Read from TOML, checked before anything is printed.
//!
//! ```toml
//! width = 60.0
//! height = 40.0
//! qr = { x = 38.5, y = 11.0, size = 18.0 } # four modules of white around it are kept free
//!
//! [[field]]
//! show = "unit"                    # one of the names of `Field`
//! box = [2.2, 25.3, 32.8, 4.4]     # x, y, width, height; at least 1 mm from the edge
//! size = [7.0, 5.0]                # largest and smallest type, in points
//! lines = 2                        # at most; 1 if not given
//! align = "left"                   # or center, right
//! caption = { text = "使用部门", width = 8.8, size = 5.5, grey = 0.45 }
//!
//! [[fixed]]                        # a text that is the same on every label
//! text = "盘点时先扫此码"
//! box = [2.2, 35.2, 24.4, 3.2]
//! size = 6.0
//!
//! [[rule]]                         # a line
//! box = [2.2, 7.2, 55.6, 0.2]
//! grey = 0.6
//! ```

mod faults;
mod parts;

use serde::Deserialize;
use std::path::Path;

use super::WriteError;
use super::units::Mm;

pub use parts::{Align, Field, Grey};
pub(crate) use parts::{FieldBox, FixedText, QrPlace, Rule};

/// The templates built in, by name.
const BUILTIN: &[(&str, &str)] = &[
    ("asset-60x40", include_str!("../../../templates/asset-60x40.toml")),
    ("asset-70x50", include_str!("../../../templates/asset-70x50.toml")),
    ("asset-50x30", include_str!("../../../templates/asset-50x30.toml")),
    ("asset-40x30", include_str!("../../../templates/asset-40x30.toml")),
    ("place-60x40", include_str!("../../../templates/place-60x40.toml")),
    ("blank-40x30", include_str!("../../../templates/blank-40x30.toml")),
];

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
            return Err(WriteError::UnknownTemplate { name: name.to_owned(), known });
        };
        Self::parse(name, text)
    }

    /// A template from a TOML file.
    ///
    /// # Errors
    /// When the file cannot be read, is not a template, or contradicts itself.
    pub fn load(path: &Path) -> Result<Self, WriteError> {
        let text = std::fs::read_to_string(path).map_err(|source| WriteError::Read { path: path.into(), source })?;
        Self::parse(&path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy(), &text)
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
        let body = toml::from_str(text)
            .map_err(|error| WriteError::Malformed { file: name.to_owned(), reason: error.to_string() })?;
        let template = Self { name: name.to_owned(), body };
        match template.body.fault() {
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
        self.body.field.iter().any(|field_box| field_box.show == field)
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
        WriteError::BadTemplate { template: self.name.clone(), reason }
    }

    /// The same design smaller or larger as a whole, type included.
    pub(crate) fn scaled(&self, factor: f32) -> Self {
        let mut scaled = self.clone();
        let body = &mut scaled.body;
        body.width = body.width * factor;
        body.height = body.height * factor;
        body.qr = QrPlace { x: body.qr.x * factor, y: body.qr.y * factor, size: body.qr.size * factor };
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
            assert!(template.shows(Field::Code), "{name} shows its code in letters");
        }
    }

    #[test]
    fn an_unknown_template_is_answered_with_the_known_ones() {
        let error = Template::named("asset-1x1").unwrap_err().to_string();
        assert!(error.contains("asset-1x1") && error.contains("asset-60x40"), "{error}");
        assert!(matches!(Template::named("no/such/file.toml"), Err(WriteError::Read { .. })));
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
            (field("show = \"price\"\nbox = [1.0, 1.0, 10.0, 4.0]\nsize = [8.0, 6.0]"), "price"),
            (field("show = \"name\"\nbox = [1.0, 1.0, 60.0, 4.0]\nsize = [8.0, 6.0]"), "超出标签"),
            (field("show = \"name\"\nbox = [0.5, 1.0, 10.0, 4.0]\nsize = [8.0, 6.0]"), "会被切掉"),
            (field("show = \"name\"\nbox = [1.0, 8.0, 20.0, 4.0]\nsize = [8.0, 6.0]"), "压住了二维码"),
            (field("show = \"name\"\nbox = [1.0, 1.0, 10.0, 4.0]\nsize = [6.0, 8.0]"), "[最大, 最小]"),
            (field("show = \"name\"\nbox = [1.0, 1.0, 10.0, 4.0]\nsize = [12.0, 6.0]"), "容不下 12 磅"),
            (field("show = \"name\"\nbox = [1.0, 1.0, 10.0, 4.0]\nsize = [8.0, 6.0]\nlines = 2"), "容不下 2 行"),
            (field("show = \"name\"\nbox = [1.0, 1.0, 10.0, 4.0]\nsize = [8.0, 6.0]\nlines = 0"), "行数"),
            (field("show = \"name\"\nbox = [1.0, 1.0, 4.0, 4.0]\nsize = [8.0, 6.0]"), "太窄"),
            (field("show = \"name\"\nbox = [1.0, 1.0, -4.0, 4.0]\nsize = [8.0, 6.0]"), "太窄"),
        ] {
            let error = Template::parse("bad", &text).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}\nshould say {reason}");
        }
        let twice = field("show = \"name\"\nbox = [1.0, 1.0, 9.0, 4.0]\nsize = [8.0, 6.0]\n")
            + "[[field]]\nshow = \"unit\"\nbox = [5.0, 3.0, 9.0, 4.0]\nsize = [8.0, 6.0]";
        assert!(Template::parse("bad", &twice).unwrap_err().to_string().contains("重叠"));
    }

    #[test]
    fn a_scaled_template_is_still_sound_in_all_but_its_type_size() {
        let half = Template::builtin("asset-70x50").unwrap().scaled(0.9);
        assert_eq!(half.width(), Mm(63.0));
        assert!(half.body.fault().is_none_or(|fault| fault.contains("毫米，会被切掉")), "{:?}", half.body.fault());
    }
}
