//! SVG: text as outlines, so that a page looks the same everywhere; each glyph once, and used where it stands. What a
//! label is stands in its title.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::batch::in_order;
use super::font::Slot;
use super::layout::{Layout, Notes, Plan};
use super::qr::{QR_MODULES, QrRows};
use super::sheet::{Paper, Spot};
use super::template::Grey;
use super::units::Mm;
use super::{Job, LabelRecord, PageSink, Summary, WriteError};

/// Pages made at a time, for each core.
const PAGES_AT_A_TIME: usize = 8;

pub(super) fn write(records: &[LabelRecord], job: &Job<'_>, sink: PageSink<'_>) -> Result<Summary, WriteError> {
    let paper = Paper::new(job.template, job.sheet, job.skip)?;
    let plan = Plan::new(&paper.template, job.fonts, job.organisation)?;
    let faces = [job.fonts.font(Slot::Main).face()?, job.fonts.font(Slot::Fallback).face()?];
    let pages = paper.pages(records.len());
    let mut summary = Summary { labels: records.len(), pages, ..Summary::default() };
    in_order(
        pages,
        rayon::current_num_threads() * PAGES_AT_A_TIME,
        Layout::default,
        |layout, page| {
            let mut notes = Notes::default();
            let mut svg = Page { body: String::new(), glyphs: BTreeSet::new() };
            svg.open_fixed(&plan);
            for (number, spot) in paper.on_page(page, records.len()) {
                if let Some(record) = records.get(number) {
                    plan.lay_out(number, record, layout, &mut notes);
                    svg.label(record, spot, layout, &plan);
                }
            }
            Ok((svg.finish(&paper, &faces), notes))
        },
        |page, (text, notes)| {
            summary.bytes += text.len() as u64;
            summary.notes.merge(notes);
            Ok(sink(page, text.as_bytes())?)
        },
    )?;
    Ok(summary)
}

struct Page {
    body: String,
    glyphs: BTreeSet<(Slot, u16)>,
}

impl Page {
    /// What is the same on every label, to be used by each.
    fn open_fixed(&mut self, plan: &Plan<'_>) {
        self.put(format_args!("<defs><g id=\"fixed\">"));
        for rule in plan.template.rules() {
            let area = rule.area;
            let (x, y, w, h) = (Short(area.x), Short(area.y), Short(area.w), Short(area.h));
            self.put(format_args!(
                "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"{}\"/>",
                Colour(rule.grey)
            ));
        }
        self.texts(&plan.fixed);
        self.put(format_args!("</g></defs>\n"));
    }

    fn label(&mut self, record: &LabelRecord, spot: Spot, layout: &Layout, plan: &Plan<'_>) {
        self.put(format_args!("<g transform=\"translate({} {})\"><title>", Short(spot.x), Short(spot.y)));
        for text in [record.code.as_str(), &record.item_number, &record.name] {
            if !text.is_empty() {
                self.put(format_args!("{} ", Escaped(text)));
            }
        }
        self.put(format_args!("</title><use href=\"#fixed\"/>"));
        self.texts(layout);
        let qr = plan.template.qr();
        let (area, module) = (qr.area(), qr.module());
        self.put(format_args!(
            "<path shape-rendering=\"crispEdges\" transform=\"translate({} {}) scale({:.5})\" d=\"",
            Short(area.x),
            Short(area.y),
            module.0
        ));
        self.modules(QrRows::of(record.code));
        self.put(format_args!("\"/></g>\n"));
    }

    /// The dark modules as one path, a box for each run in a row.
    fn modules(&mut self, rows: QrRows) {
        for y in 0..QR_MODULES {
            let mut x = 0;
            while x < QR_MODULES {
                let run = (x..QR_MODULES).take_while(|&at| rows.is_dark(at, y)).count();
                if run > 0 {
                    self.put(format_args!("M{x} {y}h{run}v1h-{run}z"));
                }
                x += run.max(1);
            }
        }
    }

    fn texts(&mut self, layout: &Layout) {
        for run in &layout.runs {
            let scale = run.size.to_mm().0 / 1000.0;
            self.put(format_args!(
                "<g fill=\"{}\" transform=\"translate({} {}) scale({scale:.6} -{scale:.6})\">",
                Colour(run.grey),
                Short(run.x),
                Short(run.baseline)
            ));
            let mut x = 0;
            for glyph in &layout.glyphs[run.glyphs.clone()] {
                self.glyphs.insert((glyph.slot, glyph.id));
                self.put(format_args!("<use href=\"#{}\"", GlyphName(glyph.slot, glyph.id)));
                if x > 0 {
                    self.put(format_args!(" x=\"{x}\""));
                }
                self.put(format_args!("/>"));
                x += u32::from(glyph.advance);
            }
            self.put(format_args!("</g>"));
        }
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.body.write_fmt(text);
    }

    fn finish(self, paper: &Paper, faces: &[Face<'_>; 2]) -> String {
        let (width, height) = (Short(paper.width), Short(paper.height));
        let title = Escaped(paper.template.name()).to_string();
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" \
             viewBox=\"0 0 {width} {height}\">\n<title>标签 {title}</title>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n<defs>\n"
        );
        let mut outlines = BTreeMap::new();
        for &(slot, id) in &self.glyphs {
            outlines.insert((slot, id), outline(&faces[slot as usize], id));
        }
        for ((slot, id), path) in outlines {
            out.push_str(&format!("<path id=\"{}\" d=\"{path}\"/>\n", GlyphName(slot, id)));
        }
        out.push_str("</defs>\n");
        out.push_str(&self.body);
        out.push_str("</svg>\n");
        out
    }
}

/// A length in millimetres with at most three decimals.
struct Short(Mm);

impl std::fmt::Display for Short {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", (f64::from(self.0.0) * 1000.0).round() / 1000.0)
    }
}

/// A grey as `#rrggbb`.
struct Colour(Grey);

impl std::fmt::Display for Colour {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share between 0 and 1")]
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shade = (self.0.0.clamp(0.0, 1.0) * 255.0) as u8;
        write!(f, "#{shade:02x}{shade:02x}{shade:02x}")
    }
}

/// The name of a glyph's outline.
struct GlyphName(Slot, u16);

impl std::fmt::Display for GlyphName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let slot = match self.0 {
            Slot::Main => 'a',
            Slot::Fallback => 'b',
        };
        write!(f, "{slot}{}", self.1)
    }
}

/// Text for XML, without the characters that XML cannot hold.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for char in self.0.chars() {
            match char {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '\u{fffe}' | '\u{ffff}' => {}
                c if c.is_control() => f.write_char(' ')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// A glyph as path data, in thousandths of the type size.
fn outline(face: &Face<'_>, id: u16) -> String {
    let mut pen = Pen { data: String::new(), scale: 1000.0 / f32::from(face.units_per_em().max(1)) };
    // A glyph without an outline (a space) leaves the path empty.
    let _ = face.outline_glyph(GlyphId(id), &mut pen);
    pen.data
}

struct Pen {
    data: String,
    scale: f32,
}

impl Pen {
    fn put(&mut self, command: char, numbers: &[f32]) {
        self.data.push(command);
        for (at, number) in numbers.iter().enumerate() {
            let gap = if at == 0 { "" } else { " " };
            let _ = write!(self.data, "{gap}{}", (number * self.scale).round());
        }
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.put('M', &[x, y]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.put('L', &[x, y]);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.put('Q', &[x1, y1, x, y]);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.put('C', &[x1, y1, x2, y2, x, y]);
    }

    fn close(&mut self) {
        self.data.push('z');
    }
}
