//! Page contents, written by hand because they are most of the file: moves relative to the label before, numbers in
//! hundredths of a point, fonts and greys set only when they change. What repeats from label to label is then a
//! few bytes after compression.

use super::super::LabelRecord;
use super::super::layout::{Layout, Notes, Plan, Run};
use super::super::qr::{QR_MODULES, QrRows};
use super::super::sheet::Paper;
use super::super::template::Grey;
use super::super::units::{Area, Mm, Pt};
use super::fonts::Subset;
use super::{FIXED_NAME, font_name};

/// Buffers of one thread, used for page after page.
#[derive(Default)]
pub(super) struct Scratch {
    pub content: Vec<u8>,
    layout: Layout,
}

/// A length in hundredths of a point, the finest step in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Centi(i32);

impl Centi {
    #[expect(clippy::cast_possible_truncation, reason = "float to int saturates; pages are a few metres at most")]
    fn of(length: Mm) -> Self {
        Self((length.to_pt().0 * 100.0).round() as i32)
    }

    /// A type size, never rounded up: text measured at the size must not grow.
    #[expect(clippy::cast_possible_truncation, reason = "float to int saturates")]
    fn size(size: Pt) -> Self {
        Self((size.0 * 100.0 + 0.01).floor() as i32)
    }
}

/// What does not change from page to page.
pub(super) struct Painter<'a> {
    plan: &'a Plan<'a>,
    paper: &'a Paper,
    subsets: &'a [Subset; 2],
    qr: Area,
}

impl<'a> Painter<'a> {
    pub(super) fn new(plan: &'a Plan<'a>, paper: &'a Paper, subsets: &'a [Subset; 2]) -> Self {
        Self { plan, paper, subsets, qr: plan.template.qr().area() }
    }

    /// Writes one page's content to the scratch buffer.
    pub(super) fn page(&self, page: usize, records: &[LabelRecord], scratch: &mut Scratch, notes: &mut Notes) {
        let Scratch { content, layout } = scratch;
        content.clear();
        let mut pen = Pen::new(content, self.subsets);
        let (mut at_x, mut at_y) = (0, 0);
        let height = self.plan.template.height();
        for (number, spot) in self.paper.on_page(page, records.len()) {
            let Some(record) = records.get(number) else {
                continue;
            };
            let (x, y) = (Centi::of(spot.x).0, Centi::of(self.paper.height - spot.y - height).0);
            if (x, y) != (at_x, at_y) {
                pen.put(b"1 0 0 1 ");
                pen.pair(x - at_x, y - at_y);
                pen.put(b"cm ");
                (at_x, at_y) = (x, y);
            }
            pen.put(b"/");
            pen.put(FIXED_NAME.0);
            pen.put(b" Do ");
            pen.qr(record, self.qr, height);
            self.plan.lay_out(number, record, layout, notes);
            pen.texts(layout, height);
        }
    }
}

/// The content of the form with what is the same on every label.
pub(super) fn fixed_content(plan: &Plan<'_>, subsets: &[Subset; 2]) -> Vec<u8> {
    let mut content = Vec::new();
    let mut pen = Pen::new(&mut content, subsets);
    let height = plan.template.height();
    for rule in plan.template.rules() {
        pen.grey(rule.grey);
        let area = rule.area;
        pen.pair(Centi::of(area.x).0, Centi::of(height - area.bottom()).0);
        pen.pair(Centi::of(area.w).0, Centi::of(area.h).0.max(1));
        pen.put(b"re f ");
    }
    pen.texts(&plan.fixed, height);
    content
}

/// Writes operators and remembers the state they leave.
struct Pen<'a> {
    out: &'a mut Vec<u8>,
    subsets: &'a [Subset; 2],
    grey: Grey,
    font: Option<(usize, Centi)>,
}

impl<'a> Pen<'a> {
    fn new(out: &'a mut Vec<u8>, subsets: &'a [Subset; 2]) -> Self {
        Self { out, subsets, grey: Grey(0.0), font: None }
    }

    fn put(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// A number of hundredths, as short as PDF allows, and a space.
    fn number(&mut self, hundredths: i32) {
        if hundredths < 0 {
            self.out.push(b'-');
        }
        let (whole, rest) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
        if whole != 0 || rest == 0 {
            push_digits(self.out, whole);
        }
        if rest != 0 {
            self.out.extend([b'.', digit(rest / 10)]);
            if !rest.is_multiple_of(10) {
                self.out.push(digit(rest % 10));
            }
        }
        self.out.push(b' ');
    }

    fn pair(&mut self, x: i32, y: i32) {
        self.number(x);
        self.number(y);
    }

    #[expect(clippy::cast_possible_truncation, reason = "a share between 0 and 1")]
    fn grey(&mut self, grey: Grey) {
        if grey != self.grey {
            self.number((grey.0.clamp(0.0, 1.0) * 100.0) as i32);
            self.put(b"g ");
            self.grey = grey;
        }
    }

    /// The symbol as an inline image mask of 21 rows.
    fn qr(&mut self, record: &LabelRecord, area: Area, height: Mm) {
        self.grey(Grey(0.0));
        let bitmap = QrRows::of(record.code).mask();
        let side = Centi::of(area.w).0;
        self.put(b"q ");
        self.number(side);
        self.put(b"0 0 ");
        self.number(side);
        self.pair(Centi::of(area.x).0, Centi::of(height - area.bottom()).0);
        self.put(b"cm BI/W 21/H 21/IM true");
        debug_assert_eq!(QR_MODULES, 21);
        // Readers look for "EI" to find the end; where the modules happen to spell it, they are written in hex.
        if bitmap.windows(2).any(|pair| pair == b"EI") {
            self.put(b"/F/AHx ID ");
            for byte in bitmap {
                self.out.extend([hex(byte >> 4), hex(byte & 15)]);
            }
            self.put(b">");
        } else {
            self.put(b" ID ");
            self.put(&bitmap);
        }
        self.put(b"\nEI Q ");
    }

    fn texts(&mut self, layout: &Layout, height: Mm) {
        if layout.runs.is_empty() {
            return;
        }
        self.put(b"BT ");
        let (mut at_x, mut at_y) = (0, 0);
        for run in &layout.runs {
            self.grey(run.grey);
            self.font(run);
            let (x, y) = (Centi::of(run.x).0, Centi::of(height - run.baseline).0);
            self.pair(x - at_x, y - at_y);
            (at_x, at_y) = (x, y);
            self.put(b"Td(");
            let subset = &self.subsets[run.slot as usize];
            for glyph in &layout.glyphs[run.glyphs.clone()] {
                for byte in subset.number(*glyph).to_be_bytes() {
                    push_escaped(self.out, byte);
                }
            }
            self.put(b")Tj ");
        }
        self.put(b"ET ");
    }

    fn font(&mut self, run: &Run) {
        let font = Some((run.slot as usize, Centi::size(run.size)));
        if self.font != font {
            self.put(b"/");
            self.put(font_name(run.slot).0);
            self.put(b" ");
            self.number(Centi::size(run.size).0);
            self.put(b"Tf ");
            self.font = font;
        }
    }
}

/// A byte of a literal string; a bare carriage return would be read as a line feed.
fn push_escaped(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'(' | b')' | b'\\' => out.extend([b'\\', byte]),
        b'\r' => out.extend(b"\\r"),
        _ => out.push(byte),
    }
}

fn push_digits(out: &mut Vec<u8>, number: u32) {
    if number >= 10 {
        push_digits(out, number / 10);
    }
    out.push(digit(number % 10));
}

fn digit(value: u32) -> u8 {
    b'0' + u8::try_from(value % 10).unwrap_or(0)
}

fn hex(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'A' + nibble - 10 }
}
