//! Seeded photos of label shelves, so that the reader is measured against pictures it had no part in making.
//!
//! A photo is drawn as a camera would see it: labels with a version-1 QR code and lines of "text" lie on a
//! textured ground, each turned and tilted by itself; then the whole picture is blurred, lit unevenly, made
//! noisy and saved as JPEG. What was placed where is known exactly. Nothing here uses the reader.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    reason = "pixel arithmetic on numbers known to be small; a helper that cannot go on fails the test"
)]

mod label;
mod optics;
mod scene;

use std::ops::Range;

pub(crate) use scene::take;

/// How bad the photo is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grade {
    /// Near, sharp, well lit.
    Easy,
    /// What a hurried person takes.
    Middling,
    /// Far away, moved, dark, much compressed.
    Hard,
}

/// What a printed QR code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One of our codes.
    Label,
    /// Looks like ours, but its check character is wrong.
    Broken,
    /// Somebody's web address.
    Address,
}

/// A QR code that is in the photo.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) text: String,
    pub(crate) kind: Kind,
    /// Outer corners of the symbol, in pixels: top left, top right, bottom right, bottom left.
    pub(crate) corners: [(f32, f32); 4],
}

/// What to draw.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) seed: u64,
    pub(crate) grade: Grade,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Labels with a good code.
    pub(crate) labels: usize,
    /// Codes with a wrong check character.
    pub(crate) broken: usize,
    /// QR codes with a web address.
    pub(crate) addresses: usize,
    /// Bar codes, and squares that look like finder patterns.
    pub(crate) decoys: usize,
    /// Printed mirror-wise, as seen through glass from behind.
    pub(crate) mirrored: bool,
}

impl Order {
    /// A photo of `labels` labels and nothing that misleads.
    pub(crate) fn new(seed: u64, grade: Grade, (width, height): (usize, usize), labels: usize) -> Self {
        Self { seed, grade, width, height, labels, broken: 0, addresses: 0, decoys: 0, mirrored: false }
    }
}

/// A finished photo.
pub(crate) struct Photo {
    pub(crate) jpeg: Vec<u8>,
    pub(crate) placed: Vec<Placed>,
}

/// The ranges a grade draws from, once a photo or once a label.
struct Conditions {
    /// Pixels a module, seen from the front.
    module: Range<f32>,
    /// Degrees away from the front.
    tilt: Range<f32>,
    /// Degrees turned in the plane, either way.
    turn: f32,
    /// Standard deviation of the blur, in pixels.
    blur: Range<f32>,
    /// Length of the camera's movement, in pixels.
    motion: Range<f32>,
    /// Standard deviation of the noise, in grey levels.
    noise: Range<f32>,
    /// Light at the darkest end, of 1 at the brightest.
    light: Range<f32>,
    /// JPEG quality.
    quality: Range<u8>,
}

impl Grade {
    fn conditions(self) -> Conditions {
        match self {
            Self::Easy => Conditions {
                module: 4.2..6.0,
                tilt: 0.0..20.0,
                turn: 25.0,
                blur: 0.5..1.0,
                motion: 0.0..1.0,
                noise: 2.0..4.0,
                light: 0.7..0.95,
                quality: 88..91,
            },
            Self::Middling => Conditions {
                module: 3.0..4.8,
                tilt: 0.0..35.0,
                turn: 180.0,
                blur: 0.9..1.5,
                motion: 0.0..2.0,
                noise: 3.0..7.0,
                light: 0.5..0.8,
                quality: 82..88,
            },
            Self::Hard => Conditions {
                module: 2.7..4.2,
                tilt: 5.0..40.0,
                turn: 180.0,
                blur: 1.0..1.5,
                motion: 0.0..2.5,
                noise: 5.0..10.0,
                light: 0.35..0.6,
                quality: 75..82,
            },
        }
    }
}
