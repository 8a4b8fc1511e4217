//! What can be wrong with a template, found before anything is printed.

use super::super::qr::QR_QUIET_MODULES;
use super::super::text::{WIDEST_GLYPH, lines_height};
use super::super::units::{Area, Mm, Pt};
use super::Body;
use super::parts::{FieldBox, FixedText, QrPlace};

/// Sides of a label, in millimetres.
const SIDES: std::ops::RangeInclusive<f32> = 10.0..=300.0;
/// Printers and cutters are out by as much: what stands nearer to the label's edge may be cut off.
const EDGE: Mm = Mm(1.0);
/// The least side of a QR symbol that a phone reads off a printed label.
const SMALLEST_QR: Mm = Mm(7.0);
/// Type smaller than this is not readable; scaling to a sheet may go below it a little.
const SMALLEST_TYPE: Pt = Pt(4.0);

impl Body {
    /// What is wrong with the design, if anything.
    pub(super) fn fault(&self) -> Option<String> {
        if !SIDES.contains(&self.width.0) || !SIDES.contains(&self.height.0) {
            return Some(format!("标签的宽和高须在 {} 到 {} 毫米之间", SIDES.start(), SIDES.end()));
        }
        let label = Area { x: Mm(0.0), y: Mm(0.0), w: self.width, h: self.height };
        qr_fault(self.qr, &label)
            .or_else(|| self.field.iter().find_map(field_fault))
            .or_else(|| self.fixed.iter().find_map(fixed_fault))
            .or_else(|| self.box_fault(&label))
    }

    /// Boxes outside the label or too near its edge, on the QR code's quiet zone, or on each other.
    fn box_fault(&self, label: &Area) -> Option<String> {
        let fields = self.field.iter().map(|field| (field.show.title(), field.area));
        let fixed = self.fixed.iter().map(|fixed| (fixed.text.as_str(), fixed.area));
        let rules = self.rule.iter().map(|rule| ("线条", rule.area));
        let boxes: Vec<_> = fields.chain(fixed).chain(rules).collect();
        let quiet = self.qr.with_quiet_zone();
        let safe = label.grown(Mm(-EDGE.0));
        for (at, (what, area)) in boxes.iter().enumerate() {
            if !area.is_sound() || !safe.contains(area) {
                return Some(format!("“{what}”的框超出标签，或离边不足 {} 毫米，会被切掉", EDGE.0));
            }
            if area.overlaps(&quiet) {
                return Some(format!("“{what}”的框压住了二维码四周须留白的 {QR_QUIET_MODULES} 格"));
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
    (!label.contains(&qr.with_quiet_zone()))
        .then(|| format!("二维码连同四周 {QR_QUIET_MODULES} 格留白（各 {:.1} 毫米）超出了标签", qr.module().0 * 4.0))
}

fn field_fault(field: &FieldBox) -> Option<String> {
    let title = field.show.title();
    let [largest, smallest] = field.size;
    let height = field.area.h.to_pt();
    if !(SMALLEST_TYPE.0..=200.0).contains(&smallest.0) || !(smallest.0..=200.0).contains(&largest.0) {
        return Some(format!("“{title}”的字号须写作 [最大, 最小]，且不小于 {} 磅", SMALLEST_TYPE.0));
    }
    if !(1..=50).contains(&field.lines) {
        return Some(format!("“{title}”的行数须在 1 到 50 之间"));
    }
    if largest.0 * lines_height(1) > height.0 + 0.01 {
        return Some(format!("“{title}”的框高 {} 毫米，容不下 {} 磅的字", field.area.h.0, largest.0));
    }
    if smallest.0 * lines_height(field.lines) > height.0 + 0.01 {
        return Some(format!(
            "“{title}”的框高 {} 毫米，容不下 {} 行 {} 磅的字",
            field.area.h.0, field.lines, smallest.0
        ));
    }
    if field.value_area().w.to_pt().0 * 1000.0 < smallest.0 * f32::from(WIDEST_GLYPH) {
        return Some(format!("“{title}”的框太窄，容不下两个 {} 磅的字", smallest.0));
    }
    let caption = field.caption.as_ref()?;
    (!(SMALLEST_TYPE.0..=200.0).contains(&caption.size.0)
        || caption.size.0 * lines_height(1) > height.0 + 0.01
        || caption.width.0 <= 0.0)
        .then(|| format!("“{title}”的说明文字“{}”的字号或宽度不合适", caption.text))
}

fn fixed_fault(fixed: &FixedText) -> Option<String> {
    let (size, height) = (fixed.size.0, fixed.area.h.to_pt().0);
    (!(SMALLEST_TYPE.0..=200.0).contains(&size) || size * lines_height(1) > height + 0.01)
        .then(|| format!("“{}”的框高 {} 毫米，容不下 {size} 磅的字", fixed.text, fixed.area.h.0))
}
