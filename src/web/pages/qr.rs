//! A QR code as one path of a drawing in the page: no file that could be kept, nothing that the policy must allow.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// Modules left blank around it.
const QUIET: usize = 4;

/// A QR code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Qr {
    /// Modules a side, the blank ones included.
    pub(crate) side: usize,
    /// The dark ones.
    pub(crate) path: String,
}

/// The code of a text; blank when it is too long for one.
pub(crate) fn qr(text: &str) -> Qr {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return Qr::default() };
    let width = code.width();
    let mut path = String::new();
    for (index, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (index % width + QUIET, index / width + QUIET);
            // Writing to a String never fails.
            let _written = write!(path, "M{x} {y}h1v1h-1z");
        }
    }
    Qr { side: width + 2 * QUIET, path }
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::samples;

    samples! {
        Qr { side, path }
    }
}
