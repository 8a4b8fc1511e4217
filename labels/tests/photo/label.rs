//! What is printed: a flat drawing in millimetres, asked for its grey at any point.

use qrcode::{Color, EcLevel, QrCode, Version};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

const WHITE: f32 = 235.0;
const BLACK: f32 = 28.0;
/// Width and height of a label in millimetres.
pub(super) const SIZE: (f32, f32) = (60.0, 40.0);
/// Top left corner of the symbol on the label; the quiet zone is 4 modules of 1 mm or less.
const SYMBOL_AT: (f32, f32) = (4.5, 9.0);
/// Side of the symbol in millimetres: 21 modules of 1 mm for version 1.
pub(super) const SYMBOL_SIDE: f32 = 21.0;

/// A rectangle of ink: left, top, right, bottom.
type Ink = [f32; 4];

/// Something flat and printed.
pub(super) struct Print {
    modules: Vec<bool>,
    side: usize,
    ink: Vec<Ink>,
}

impl Print {
    /// A label: the symbol at the left, lines that stand for text beside it.
    pub(super) fn label(text: &str, rng: &mut ChaCha8Rng) -> Self {
        let version = if text.len() == 12 { Version::Normal(1) } else { Version::Normal(3) };
        let level = if text.len() == 12 { EcLevel::Q } else { EcLevel::M };
        let code = QrCode::with_version(text, version, level).unwrap();
        let modules = code.to_colors().iter().map(|&c| c == Color::Dark).collect();
        Self { modules, side: code.width(), ink: lines_of_text(rng) }
    }

    /// Bars beside lines of text.
    pub(super) fn bar_code(rng: &mut ChaCha8Rng) -> Self {
        let mut ink = lines_of_text(rng);
        let mut x = 3.0;
        while x < 26.0 {
            let bar = [0.4, 0.8, 1.2][rng.random_range(0..3)];
            ink.push([x, 8.0, x + bar, 30.0]);
            x += bar + [0.4, 0.8, 1.2][rng.random_range(0..3)];
        }
        Self { modules: Vec::new(), side: 0, ink }
    }

    /// Up to three squares within squares, which only look like a symbol.
    pub(super) fn squares(rng: &mut ChaCha8Rng) -> Self {
        let mut modules = vec![false; 21 * 21];
        let corners = [(0, 0), (14, 0), (0, 14)];
        for &(left, top) in &corners[..rng.random_range(1..=3)] {
            for y in 0..7 {
                for x in 0..7 {
                    let ring = (x as i32 - 3).abs().max((y as i32 - 3).abs());
                    modules[(top + y) * 21 + left + x] = ring != 2;
                }
            }
        }
        Self { modules, side: 21, ink: lines_of_text(rng) }
    }

    /// Corners of the symbol on the label: top left, top right, bottom right, bottom left.
    pub(super) fn symbol_corners() -> [(f32, f32); 4] {
        let (left, top) = SYMBOL_AT;
        let (right, bottom) = (left + SYMBOL_SIDE, top + SYMBOL_SIDE);
        [(left, top), (right, top), (right, bottom), (left, bottom)]
    }

    /// Grey at a point of the label, none outside it.
    pub(super) fn grey(&self, x: f32, y: f32) -> Option<f32> {
        if x < 0.0 || y < 0.0 || x >= SIZE.0 || y >= SIZE.1 {
            return None;
        }
        let (u, v) = (x - SYMBOL_AT.0, y - SYMBOL_AT.1);
        let dark = if self.side > 0 && (0.0..SYMBOL_SIDE).contains(&u) && (0.0..SYMBOL_SIDE).contains(&v) {
            let scale = self.side as f32 / SYMBOL_SIDE;
            self.modules[(v * scale) as usize * self.side + (u * scale) as usize]
        } else {
            self.ink.iter().any(|&[l, t, r, b]| x >= l && x < r && y >= t && y < b)
        };
        Some(if dark { BLACK } else { WHITE })
    }
}

/// Short strokes in rows, as dark and as dense as printed characters, and a frame round the label.
fn lines_of_text(rng: &mut ChaCha8Rng) -> Vec<Ink> {
    let mut ink = vec![[1.0, 1.0, 59.0, 1.4], [1.0, 38.6, 59.0, 39.0], [1.0, 1.0, 1.4, 39.0], [58.6, 1.0, 59.0, 39.0]];
    for row in 0..5 {
        let top = 5.0 + 6.5 * row as f32;
        let mut left = 30.0;
        let end = rng.random_range(38.0..56.0);
        while left < end {
            for stroke in 0..3 {
                let y = top + 1.3 * stroke as f32;
                ink.push([left, y, left + rng.random_range(1.0..2.6), y + 0.4]);
            }
            let x = left + rng.random_range(0.3..2.2);
            ink.push([x, top - 0.3, x + 0.4, top + 3.4]);
            left += 3.4;
        }
    }
    ink
}
