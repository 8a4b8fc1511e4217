//! One layout for all outputs: a template and a record become runs of glyphs at places in millimetres.
//!
//! What is the same on every label of a job is laid out once, in [`Plan::new`]; [`Plan::lay_out`] does the rest for one
//! record and reuses its buffers.

use std::collections::BTreeMap;
use std::ops::Range;

use super::font::{FontSet, Glyph, Slot};
use super::sheet::Paper;
use super::template::{Align, Field, FieldBox, Grey, Template};
use super::text::{ASCENT, Fit, LEADING, Room, fit, lines_height, shape, width};
use super::units::{Area, Mm, Pt};
use super::{Job, LabelRecord, WriteError};

/// The smallest size to which a caption or fixed text shrinks.
const SMALLEST_FIXED: Pt = Pt(3.0);

/// Glyphs of one font on one baseline.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Run {
    /// Where the first glyph starts, from the label's left.
    pub x: Mm,
    /// The baseline, from the label's top.
    pub baseline: Mm,
    pub size: Pt,
    pub grey: Grey,
    pub slot: Slot,
    /// Which of the layout's glyphs.
    pub glyphs: Range<usize>,
}

/// Texts of a label, placed.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    pub runs: Vec<Run>,
    pub glyphs: Vec<Glyph>,
    shaped: Vec<Glyph>,
}

/// What a person should know about the labels written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// Characters that no font has, printed as a box: how often, and the first record (counted from 0).
    pub missing: BTreeMap<char, Missing>,
    /// Texts that did not fit and end in "…".
    pub cut: Vec<Cut>,
}

/// A character that no font has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// How often it was met.
    pub times: usize,
    /// The first record that has it, counted from 0.
    pub first_record: usize,
}

/// A text that was cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// The record, counted from 0.
    pub record: usize,
    /// The fact.
    pub field: Field,
}

impl Notes {
    fn missing(&mut self, char: char, record: usize) {
        let entry = self.missing.entry(char).or_insert(Missing { times: 0, first_record: record });
        entry.times += 1;
        entry.first_record = entry.first_record.min(record);
    }

    /// Adds what was noted on other labels.
    pub(crate) fn merge(&mut self, other: Self) {
        for (char, missing) in other.missing {
            let entry = self.missing.entry(char).or_insert(Missing { times: 0, ..missing });
            entry.times += missing.times;
            entry.first_record = entry.first_record.min(missing.first_record);
        }
        self.cut.extend(other.cut);
    }
}

/// A template made ready for one set of fonts.
pub(crate) struct Plan<'a> {
    pub template: &'a Template,
    pub fonts: &'a FontSet,
    organisation: &'a str,
    /// Captions and fixed texts.
    pub fixed: Layout,
    ellipsis: Glyph,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(template: &'a Template, fonts: &'a FontSet, organisation: &'a str) -> Result<Self, WriteError> {
        let ellipsis = ['…', '.'].into_iter().find_map(|c| fonts.find(c)).unwrap_or(fonts.replacement());
        let mut plan = Self { template, fonts, organisation, fixed: Layout::default(), ellipsis };
        let mut fixed = Layout::default();
        for field in template.fields() {
            if let Some(caption) = &field.caption {
                let area = Area { w: caption.width, ..field.area };
                plan.fix(
                    &mut fixed,
                    &caption.text,
                    Style { area, size: caption.size, align: Align::Left, grey: caption.grey },
                )?;
            }
        }
        for text in template.fixed() {
            plan.fix(
                &mut fixed,
                &text.text,
                Style { area: text.area, size: text.size, align: text.align, grey: text.grey },
            )?;
        }
        plan.fixed = fixed;
        Ok(plan)
    }

    /// Places a text of the template itself, which must fit and be in the fonts.
    fn fix(&self, layout: &mut Layout, text: &str, style: Style) -> Result<(), WriteError> {
        layout.shaped.clear();
        let mut missing = None;
        let whole = shape(text, self.fonts, &mut layout.shaped, |char| missing = Some(char));
        if let Some(char) = missing {
            return Err(self.template.bad(format!("字体里没有“{text}”中的“{char}”字")));
        }
        let room = Room {
            width: style.area.w.to_pt(),
            height: style.area.h.to_pt(),
            largest: style.size,
            smallest: Pt(SMALLEST_FIXED.0.min(style.size.0)),
            lines: 1,
        };
        let fit = fit(&layout.shaped, room, self.ellipsis);
        if fit.cut || !whole {
            return Err(self.template.bad(format!("“{text}”写不进它的框")));
        }
        layout.place(&fit, style, self.ellipsis);
        Ok(())
    }

    /// Places the facts of one record; captions and fixed texts are in [`Self::fixed`].
    pub(crate) fn lay_out(&self, number: usize, record: &LabelRecord, layout: &mut Layout, notes: &mut Notes) {
        layout.runs.clear();
        layout.glyphs.clear();
        for field in self.template.fields() {
            layout.shaped.clear();
            let note = |char| notes.missing(char, number);
            let whole = match field.show {
                Field::Code => shape(&record.code.grouped(), self.fonts, &mut layout.shaped, note),
                other => shape(self.text(record, other), self.fonts, &mut layout.shaped, note),
            };
            if layout.shaped.is_empty() {
                continue;
            }
            if !whole {
                layout.shaped.push(self.ellipsis);
            }
            let fit = fit(&layout.shaped, room(field), self.ellipsis);
            if fit.cut || !whole {
                notes.cut.push(Cut { record: number, field: field.show });
            }
            let style = Style { area: field.value_area(), size: fit.size, align: field.align, grey: field.grey };
            layout.place(&fit, style, self.ellipsis);
        }
    }

    /// A fact as text; the code is made by the record itself.
    fn text<'r>(&'r self, record: &'r LabelRecord, field: Field) -> &'r str {
        match field {
            Field::Organisation if record.organisation.is_empty() => self.organisation,
            Field::Organisation => &record.organisation,
            Field::Number => &record.item_number,
            Field::Name => &record.name,
            Field::Specification => &record.specification,
            Field::Unit => &record.unit,
            Field::Keeper => &record.keeper,
            Field::Place => &record.place,
            Field::AcquiredOn => &record.acquired_on,
            Field::Code => record.code.as_str(),
        }
    }

    /// Every glyph the job can need, in no particular order: the template's own and all those of the records.
    pub(crate) fn each_glyph(&self, record: &LabelRecord, shaped: &mut Vec<Glyph>, mut seen: impl FnMut(Glyph)) {
        for field in self.template.fields() {
            shaped.clear();
            let text = self.text(record, field.show);
            shape(text, self.fonts, shaped, |_| {});
            shaped.iter().copied().for_each(&mut seen);
        }
    }

    /// Glyphs that a job needs whatever its records are: the template's own, the ellipsis, the space in a code.
    pub(crate) fn constant_glyphs(&self) -> impl Iterator<Item = Glyph> {
        self.fixed.glyphs.iter().copied().chain([self.ellipsis]).chain(self.fonts.find(' '))
    }
}

/// Lays out every label and draws none: what would be cut or lacks a glyph, known before paper is used.
///
/// # Errors
/// When the job contradicts itself.
pub fn check_labels(records: &[LabelRecord], job: &Job<'_>) -> Result<Notes, WriteError> {
    let paper = Paper::new(job.template, job.sheet, job.skip)?;
    let plan = Plan::new(&paper.template, job.fonts, job.organisation)?;
    let (mut layout, mut notes) = (Layout::default(), Notes::default());
    for (number, record) in records.iter().enumerate() {
        plan.lay_out(number, record, &mut layout, &mut notes);
    }
    Ok(notes)
}

fn room(field: &FieldBox) -> Room {
    let area = field.value_area();
    let [largest, smallest] = field.size;
    Room { width: area.w.to_pt(), height: area.h.to_pt(), largest, smallest, lines: field.lines }
}

/// How a text is set.
#[derive(Debug, Clone, Copy)]
struct Style {
    area: Area,
    size: Pt,
    align: Align,
    grey: Grey,
}

impl Layout {
    /// Places fitted lines in the middle of the height of their box.
    fn place(&mut self, fit: &Fit, style: Style, ellipsis: Glyph) {
        let Style { area, align, grey, .. } = style;
        let size = fit.size;
        let line = size.to_mm();
        let top = area.y + (area.h - line * lines_height(fit.lines.len())) * 0.5;
        for (number, range) in fit.lines.iter().enumerate() {
            let first = self.glyphs.len();
            self.glyphs.extend_from_slice(&self.shaped[range.clone()]);
            if fit.cut && number + 1 == fit.lines.len() {
                self.glyphs.push(ellipsis);
            }
            let free = area.w - line * (width(&self.glyphs[first..]) as f32 / 1000.0);
            let indent = match align {
                Align::Left => Mm(0.0),
                Align::Center => free * 0.5,
                Align::Right => free,
            };
            let baseline = top + line * (ASCENT + LEADING * number as f32);
            self.split(first, Run { x: area.x + indent, baseline, size, grey, slot: Slot::Main, glyphs: first..first });
        }
    }

    /// Cuts the glyphs from `first` into runs of one font each.
    fn split(&mut self, first: usize, mut run: Run) {
        let mut start = first;
        while let Some(glyph) = self.glyphs.get(start) {
            let slot = glyph.slot;
            let length = self.glyphs[start..].iter().take_while(|glyph| glyph.slot == slot).count();
            let glyphs = start..start + length;
            let advance = run.size.to_mm() * (width(&self.glyphs[glyphs.clone()]) as f32 / 1000.0);
            self.runs.push(Run { slot, glyphs: glyphs.clone(), ..run.clone() });
            run.x = run.x + advance;
            start = glyphs.end;
        }
    }

    /// The area a run covers.
    #[cfg(test)]
    pub(crate) fn extent(&self, run: &Run) -> Area {
        let size = run.size.to_mm();
        Area {
            x: run.x,
            y: run.baseline - size * ASCENT,
            w: size * (width(&self.glyphs[run.glyphs.clone()]) as f32 / 1000.0),
            h: size * lines_height(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::LabelCode;
    use crate::write::Sheet;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static FONTS: LazyLock<FontSet> = LazyLock::new(|| FontSet::builtin().unwrap());

    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![
            Just(String::new()),
            "[一-龥]{1,60}",
            "[A-Za-z0-9 /()（），。-]{1,80}",
            "[一-龥A-Z0-9（）、 -]{1,40}",
            ".{0,30}",
            "[\u{0}-\u{20}\u{2e3a}-\u{2e3b}㛃骉䶮W…—😀\u{fdfd}]{1,30}",
            "一{300}",
        ]
    }

    fn any_record() -> impl Strategy<Value = LabelRecord> {
        (any::<u64>(), proptest::collection::vec(any_text(), 8)).prop_map(|(random, texts)| {
            let mut texts = texts.into_iter();
            let mut next = || texts.next().unwrap();
            LabelRecord {
                code: LabelCode::from_random(random),
                organisation: next(),
                item_number: next(),
                name: next(),
                specification: next(),
                unit: next(),
                keeper: next(),
                place: next(),
                acquired_on: next(),
            }
        })
    }

    /// Every built-in template as it is, and reduced for a sheet.
    fn templates() -> Vec<Template> {
        let whole = Template::builtin_names().map(|name| Template::builtin(name).unwrap());
        let sheet = Sheet::builtin("a4-3x8").unwrap();
        let reduced = Paper::new(&Template::builtin("asset-60x40").unwrap(), Some(&sheet), 0).unwrap().template;
        assert!(reduced.height() < Mm(37.01));
        whole.chain([reduced]).collect()
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_field_or_the_label(record in any_record()) {
            for template in templates() {
                let plan = Plan::new(&template, &FONTS, "中山市公安局东升分局").unwrap();
                let (mut layout, mut notes) = (Layout::default(), Notes::default());
                plan.lay_out(0, &record, &mut layout, &mut notes);
                let label = Area { x: Mm(0.0), y: Mm(0.0), w: template.width(), h: template.height() };
                for run in &layout.runs {
                    let extent = layout.extent(run);
                    let inside = template.fields().iter().filter(|field| field.value_area().grown(Mm(0.02)).contains(&extent));
                    prop_assert_eq!(inside.count(), 1, "{} {:?}", template.name(), run);
                    prop_assert!(label.contains(&extent));
                }
            }
        }

        #[test]
        fn what_is_not_cut_is_shown_whole(record in any_record()) {
            for template in templates() {
                let plan = Plan::new(&template, &FONTS, "").unwrap();
                let (mut layout, mut notes) = (Layout::default(), Notes::default());
                plan.lay_out(0, &record, &mut layout, &mut notes);
                let shown: String = layout.glyphs.iter().map(|glyph| glyph.char).filter(|c| *c != ' ').collect();
                let mut expected = String::new();
                let mut shaped = Vec::new();
                let cut = |field: &FieldBox| notes.cut.iter().any(|cut| cut.field == field.show);
                for field in template.fields().iter().filter(|field| !cut(field)) {
                    shaped.clear();
                    shape(plan.text(&record, field.show), &FONTS, &mut shaped, |_| {});
                    let text: String = shaped.iter().map(|glyph| glyph.char).filter(|c| *c != ' ').collect();
                    prop_assert!(shown.contains(&text), "{text} in {shown}");
                    expected.push_str(&text);
                }
                if notes.cut.is_empty() {
                    prop_assert_eq!(shown, expected);
                }
            }
        }
    }

    #[test]
    fn notes_name_the_first_record_and_count_all() {
        let template = Template::builtin("asset-60x40").unwrap();
        let plan = Plan::new(&template, &FONTS, "").unwrap();
        let mut notes = Notes::default();
        let mut layout = Layout::default();
        let mut record = LabelRecord::blank(LabelCode::from_random(1));
        record.name = "😀😀".to_owned();
        let mut others = Notes::default();
        plan.lay_out(7, &record, &mut layout, &mut others);
        record.unit = "长".repeat(200);
        plan.lay_out(3, &record, &mut layout, &mut notes);
        notes.merge(others);
        assert_eq!(notes.missing[&'😀'], Missing { times: 4, first_record: 3 });
        assert_eq!(notes.cut, [Cut { record: 3, field: Field::Unit }]);
    }
}
