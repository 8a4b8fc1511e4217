//! Labels as dots: what is the same on every label is drawn once, the rest over a copy of it.
//!
//! A label begins at a whole dot and the modules of its QR symbol are whole dots wide, so that nothing is blurred
//! that a scanner must read.

use std::collections::HashMap;
use tiny_skia::{FillRule, Mask, Path, PathBuilder, Transform};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::font::{FontSet, Glyph, Slot};
use super::layout::{Layout, Notes, Plan, Run};
use super::qr::{QR_MODULES, QrRows};
use super::template::Grey;
use super::units::{Area, Mm};
use super::{LabelRecord, MAX_DPI, MIN_DPI, WriteError};

/// Dots an inch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dpi(u32);

impl Dpi {
    pub(crate) fn new(dots: u32) -> Result<Self, WriteError> {
        if (MIN_DPI..=MAX_DPI).contains(&dots) { Ok(Self(dots)) } else { Err(WriteError::BadDpi(dots)) }
    }

    pub(crate) fn per_mm(self) -> f32 {
        self.0 as f32 / 25.4
    }

    /// Dots a metre, as picture files state it.
    pub(crate) fn per_metre(self) -> u32 {
        self.0 * 10_000 / 254
    }

    /// The nearest whole number of dots.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "float to int saturates; lengths are not negative"
    )]
    pub(crate) fn dots(self, length: Mm) -> usize {
        (length.0 * self.per_mm()).round().max(0.0) as usize
    }
}

/// Whether greys are drawn as such, or as black because the printer knows nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Greys,
    BlackOnly,
}

const WHITE: u8 = 255;

/// A picture of grey dots, white at first.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub width: usize,
    pub height: usize,
    pub dots: Vec<u8>,
}

impl Picture {
    pub(crate) fn white(width: usize, height: usize) -> Self {
        Self { width, height, dots: vec![WHITE; width * height] }
    }

    /// Copies a picture to a place; what does not fit is left out.
    pub(crate) fn paste(&mut self, other: &Self, x: usize, y: usize) {
        let width = other.width.min(self.width.saturating_sub(x));
        if width == 0 {
            return;
        }
        for (row, from) in other.dots.chunks_exact(other.width).enumerate() {
            let start = (y + row) * self.width + x;
            if let Some(to) = self.dots.get_mut(start..start + width) {
                to.copy_from_slice(&from[..width]);
            }
        }
    }

    fn fill(&mut self, x: usize, y: usize, width: usize, height: usize, shade: u8) {
        for row in y..(y + height).min(self.height) {
            let start = row * self.width;
            self.dots[start + x.min(self.width)..start + (x + width).min(self.width)].fill(shade);
        }
    }
}

/// What does not change from label to label.
pub(crate) struct Drawing<'a> {
    plan: &'a Plan<'a>,
    dpi: Dpi,
    tone: Tone,
    /// Captions and lines.
    base: Picture,
    qr: QrDots,
}

/// Where the symbol's dots are.
#[derive(Debug, Clone, Copy)]
struct QrDots {
    x: usize,
    y: usize,
    module: usize,
}

impl<'a> Drawing<'a> {
    pub(crate) fn new(plan: &'a Plan<'a>, dpi: Dpi, tone: Tone) -> Result<Self, WriteError> {
        let template = plan.template;
        let base = Picture::white(dpi.dots(template.width()).max(1), dpi.dots(template.height()).max(1));
        let qr = qr_dots(template.qr().area(), dpi)
            .ok_or_else(|| WriteError::QrTooCoarse { dpi: dpi.0, template: template.name().to_owned() })?;
        let mut drawing = Self { plan, dpi, tone, base, qr };
        let mut base = drawing.base.clone();
        for rule in template.rules() {
            let Area { x, y, w, h } = rule.area;
            let (w, h) = (dpi.dots(w).max(1), dpi.dots(h).max(1));
            base.fill(dpi.dots(x), dpi.dots(y), w, h, drawing.shade(rule.grey));
        }
        Artist::new(&drawing)?.texts(&plan.fixed, &mut base);
        drawing.base = base;
        Ok(drawing)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share between 0 and 1")]
    fn shade(&self, grey: Grey) -> u8 {
        match self.tone {
            Tone::Greys => (grey.0.clamp(0.0, 1.0) * 255.0) as u8,
            Tone::BlackOnly => 0,
        }
    }
}

/// The largest whole-dot modules that fit the symbol's area, in its middle; none if they are less than two dots.
fn qr_dots(area: Area, dpi: Dpi) -> Option<QrDots> {
    let side = dpi.dots(area.w);
    let module = side / QR_MODULES;
    let spare = (side - module * QR_MODULES) / 2;
    (module >= 2).then(|| QrDots { x: dpi.dots(area.x) + spare, y: dpi.dots(area.y) + spare, module })
}

/// Draws labels one after the other on one thread, and remembers the outlines it has met.
pub(crate) struct Artist<'a> {
    drawing: &'a Drawing<'a>,
    outlines: Outlines<'a>,
    mask: Mask,
    layout: Layout,
}

impl<'a> Artist<'a> {
    pub(crate) fn new(drawing: &'a Drawing<'a>) -> Result<Self, WriteError> {
        let too_large = || WriteError::Picture("标签太大".to_owned());
        let width = u32::try_from(drawing.base.width).map_err(|_| too_large())?;
        let height = u32::try_from(drawing.base.height).map_err(|_| too_large())?;
        let mask = Mask::new(width, height).ok_or_else(too_large)?;
        Ok(Self { drawing, outlines: Outlines::new(drawing.plan.fonts)?, mask, layout: Layout::default() })
    }

    /// Draws a record's label.
    pub(crate) fn draw(&mut self, number: usize, record: &LabelRecord, notes: &mut Notes) -> Picture {
        let mut picture = self.drawing.base.clone();
        let mut layout = std::mem::take(&mut self.layout);
        self.drawing.plan.lay_out(number, record, &mut layout, notes);
        self.texts(&layout, &mut picture);
        self.layout = layout;
        self.qr(record, &mut picture);
        picture
    }

    fn qr(&self, record: &LabelRecord, picture: &mut Picture) {
        let rows = QrRows::of(record.code);
        let QrDots { x, y, module } = self.drawing.qr;
        for (column, row) in (0..QR_MODULES).flat_map(|row| (0..QR_MODULES).map(move |column| (column, row))) {
            if rows.is_dark(column, row) {
                picture.fill(x + column * module, y + row * module, module, module, 0);
            }
        }
    }

    /// Draws runs; those of one grey share a mask.
    fn texts(&mut self, layout: &Layout, picture: &mut Picture) {
        for runs in layout.runs.chunk_by(|one, next| one.grey == next.grey) {
            self.mask.data_mut().fill(0);
            for run in runs {
                self.run(run, &layout.glyphs);
            }
            let shade = runs.first().map_or(0, |run| self.drawing.shade(run.grey));
            for (dot, &coverage) in picture.dots.iter_mut().zip(self.mask.data()).filter(|(_, coverage)| **coverage > 0)
            {
                *dot = blend(*dot, shade, coverage);
            }
        }
    }

    fn run(&mut self, run: &Run, glyphs: &[Glyph]) {
        let per_mm = self.drawing.dpi.per_mm();
        let em = run.size.to_mm().0 * per_mm;
        let (mut x, y) = (run.x.0 * per_mm, run.baseline.0 * per_mm);
        for glyph in &glyphs[run.glyphs.clone()] {
            if let Some(path) = self.outlines.path(*glyph) {
                let place = Transform::from_row(em, 0.0, 0.0, -em, x, y);
                self.mask.fill_path(path, FillRule::Winding, true, place);
            }
            x += em * f32::from(glyph.advance) / 1000.0;
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a mean of two bytes")]
fn blend(under: u8, over: u8, coverage: u8) -> u8 {
    let (under, over, coverage) = (u32::from(under), u32::from(over), u32::from(coverage));
    ((under * (255 - coverage) + over * coverage + 127) / 255) as u8
}

/// Glyph outlines in type sizes, y upwards.
struct Outlines<'a> {
    faces: [Face<'a>; 2],
    paths: HashMap<(Slot, u16), Option<Path>>,
}

impl<'a> Outlines<'a> {
    fn new(fonts: &'a FontSet) -> Result<Self, WriteError> {
        let faces = [fonts.font(Slot::Main).face()?, fonts.font(Slot::Fallback).face()?];
        Ok(Self { faces, paths: HashMap::new() })
    }

    fn path(&mut self, glyph: Glyph) -> Option<&Path> {
        let face = &self.faces[glyph.slot as usize];
        let outline = || {
            let mut pen = Pen { path: PathBuilder::new(), scale: 1.0 / f32::from(face.units_per_em().max(1)) };
            face.outline_glyph(GlyphId(glyph.id), &mut pen)?;
            pen.path.finish()
        };
        self.paths.entry((glyph.slot, glyph.id)).or_insert_with(outline).as_ref()
    }
}

struct Pen {
    path: PathBuilder,
    scale: f32,
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(x * self.scale, y * self.scale);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(x * self.scale, y * self.scale);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let s = self.scale;
        self.path.quad_to(x1 * s, y1 * s, x * s, y * s);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let s = self.scale;
        self.path.cubic_to(x1 * s, y1 * s, x2 * s, y2 * s, x * s, y * s);
    }

    fn close(&mut self) {
        self.path.close();
    }
}
