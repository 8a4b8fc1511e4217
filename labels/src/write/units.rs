//! Lengths: millimetres on paper, points for type. A template speaks millimetres from the label's top left corner.

use serde::Deserialize;
use std::ops::{Add, Mul, Sub};

/// Points in a millimetre.
const PT_PER_MM: f32 = 72.0 / 25.4;

/// A length in millimetres.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Deserialize)]
#[serde(transparent)]
pub struct Mm(pub f32);

/// A length in points (1/72 inch), for type sizes.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Deserialize)]
#[serde(transparent)]
pub struct Pt(pub f32);

impl Mm {
    /// The same length in points.
    #[must_use]
    pub fn to_pt(self) -> Pt {
        Pt(self.0 * PT_PER_MM)
    }

    /// The smaller of two lengths.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }
}

impl Pt {
    /// The same length in millimetres.
    #[must_use]
    pub fn to_mm(self) -> Mm {
        Mm(self.0 / PT_PER_MM)
    }
}

impl Add for Mm {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Mm {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Mul<f32> for Mm {
    type Output = Self;
    fn mul(self, factor: f32) -> Self {
        Self(self.0 * factor)
    }
}

impl Mul<f32> for Pt {
    type Output = Self;
    fn mul(self, factor: f32) -> Self {
        Self(self.0 * factor)
    }
}

/// A rectangle; written in a template as `[x, y, width, height]`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(from = "[f32; 4]")]
pub struct Area {
    /// Distance of the left edge from the left.
    pub x: Mm,
    /// Distance of the upper edge from the top.
    pub y: Mm,
    /// Width.
    pub w: Mm,
    /// Height.
    pub h: Mm,
}

impl From<[f32; 4]> for Area {
    fn from([x, y, w, h]: [f32; 4]) -> Self {
        Self { x: Mm(x), y: Mm(y), w: Mm(w), h: Mm(h) }
    }
}

/// Slack for decimal millimetres that do not add up exactly in binary.
const SLACK: Mm = Mm(0.005);

impl Area {
    /// The right edge.
    #[must_use]
    pub fn right(&self) -> Mm {
        self.x + self.w
    }

    /// The lower edge.
    #[must_use]
    pub fn bottom(&self) -> Mm {
        self.y + self.h
    }

    /// The area larger by `margin` on every side.
    #[must_use]
    pub fn grown(&self, margin: Mm) -> Self {
        Self { x: self.x - margin, y: self.y - margin, w: self.w + margin * 2.0, h: self.h + margin * 2.0 }
    }

    /// The area enlarged or reduced about the origin.
    #[must_use]
    pub fn scaled(&self, factor: f32) -> Self {
        Self { x: self.x * factor, y: self.y * factor, w: self.w * factor, h: self.h * factor }
    }

    /// Whether `inner` lies within.
    #[must_use]
    pub fn contains(&self, inner: &Self) -> bool {
        inner.x + SLACK >= self.x
            && inner.y + SLACK >= self.y
            && inner.right() <= self.right() + SLACK
            && inner.bottom() <= self.bottom() + SLACK
    }

    /// Whether the two share more than an edge.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x + SLACK < other.right()
            && other.x + SLACK < self.right()
            && self.y + SLACK < other.bottom()
            && other.y + SLACK < self.bottom()
    }

    /// Whether every number is finite and the sides are longer than nothing.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        [self.x, self.y, self.w, self.h].iter().all(|length| length.0.is_finite() && length.0.abs() <= 10_000.0)
            && self.w.0 > 0.0
            && self.h.0 > 0.0
    }
}
