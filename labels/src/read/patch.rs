//! The general QR reader of `rxing`, for symbols that are not of our labels' version, one piece of the picture
//! at a time. Its reader for many symbols at once is of no use on shelf photos.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rxing::common::HybridBinarizer;
use rxing::qrcode::cpp_port::QrReader;
use rxing::{BarcodeFormat, BinaryBitmap, DecodeHints, Luma8LuminanceSource, Reader};

use super::Found;
use super::candidate::Candidate;
use super::frame::Point;
use super::luma::{Area, Luma, LumaView};

/// Modules left round a symbol that is cut out.
const MARGIN: f32 = 5.0;
/// Smaller modules are enlarged first.
const SMALL_MODULE: f32 = 4.0;

/// Cuts out where a symbol may be and reads it.
pub(super) fn read(picture: LumaView<'_>, candidate: &Candidate) -> Option<Found> {
    let margin = MARGIN * candidate.module;
    let (xs, ys) = (candidate.corners.map(|c| c.0), candidate.corners.map(|c| c.1));
    let (left, width) = span(xs, margin, picture.width());
    let (top, height) = span(ys, margin, picture.height());
    let mut piece = picture.cut(Area { left, top, width, height });
    let scale = if candidate.module < SMALL_MODULE { 2 } else { 1 };
    if scale == 2 {
        piece = piece.doubled()?;
    }
    let (text, corners) = read_piece(&piece)?;
    let place = |(x, y): Point| (left as f32 + x / scale as f32, top as f32 + y / scale as f32);
    Some(Found::new(text, corners.map(place)))
}

/// First pixel and count of pixels from the least to the greatest of `values`, widened and kept inside.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the picture first")]
fn span(values: [f32; 4], margin: f32, size: usize) -> (usize, usize) {
    let inside = |v: f32| v.clamp(0.0, size as f32) as usize;
    let low = inside(values.into_iter().fold(f32::MAX, f32::min) - margin);
    let high = inside(values.into_iter().fold(f32::MIN, f32::max) + margin + 1.0);
    (low, high.saturating_sub(low))
}

/// The text and outer corners of one symbol anywhere in a piece.
pub(super) fn read_piece(piece: &Luma) -> Option<(String, [Point; 4])> {
    let (width, height) = (u32::try_from(piece.width).ok()?, u32::try_from(piece.height).ok()?);
    let source = Luma8LuminanceSource::new(piece.pixels.clone(), width, height).ok()?;
    // Without this, specks pass for micro codes, which have next to no error detection.
    let formats = Some(HashSet::from([BarcodeFormat::QR_CODE]));
    let hints = DecodeHints { PossibleFormats: formats, TryHarder: Some(true), ..Default::default() };
    let read = || {
        let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
        QrReader.decode_with_hints(&mut bitmap, &hints)
    };
    // The reader may panic on a strange picture: then this piece is unread, and the photo is not lost.
    let result = catch_unwind(AssertUnwindSafe(read)).ok()?.ok()?;
    let &[a, b, c, d] = result.getPoints() else {
        return None;
    };
    let text = result.getText().to_owned();
    (!text.is_empty()).then(|| (text, [a, b, c, d].map(|p| (p.x, p.y))))
}
