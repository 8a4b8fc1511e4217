//! The general QR reader of `rxing`, on one piece of the picture at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;
use rxing::BarcodeFormat;

use super::Found;
use super::luma::{Area, Luma, LumaView};

const TILE: usize = 640;
const STEP: usize = 440;

/// One symbol anywhere in a piece of picture; its text and the corners in the piece's pixels.
pub(super) fn read_piece(piece: &Luma) -> Option<Found> {
    let (width, height) = (u32::try_from(piece.width).ok()?, u32::try_from(piece.height).ok()?);
    let read = || rxing::helpers::detect_in_luma_slice(&piece.pixels, width, height, Some(BarcodeFormat::QR_CODE));
    // The reader may panic on a strange picture: that piece is unread, the photo is not lost.
    let result = catch_unwind(AssertUnwindSafe(read)).ok()?.ok()?;
    let points: Vec<(f32, f32)> = result.getPoints().iter().map(|p| (p.x, p.y)).collect();
    let &[a, b, c, ..] = points.as_slice() else { return None };
    let d = points.get(3).copied().unwrap_or((a.0 + c.0 - b.0, a.1 + c.1 - b.1));
    Some(Found::new(result.getText().to_owned(), [b, c, d, a]))
}

/// Overlapping tiles over the whole picture; in each, symbols are read and blanked until there is none left.
pub(super) fn read_tiles(picture: LumaView<'_>) -> Vec<Found> {
    let mut areas = Vec::new();
    for top in (0..picture.height()).step_by(STEP) {
        for left in (0..picture.width()).step_by(STEP) {
            areas.push(Area { left, top, width: TILE, height: TILE });
        }
    }
    areas
        .par_iter()
        .flat_map_iter(|&area| {
            let mut piece = picture.cut(area);
            let mut found = Vec::new();
            while let Some(one) = read_piece(&piece) {
                blank(&mut piece, &one.corners);
                found.push(one);
                if found.len() > 40 { break; }
            }
            found
        })
        .collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels")]
fn blank(piece: &mut Luma, corners: &[(f32, f32); 4]) {
    let low = corners.iter().fold((f32::MAX, f32::MAX), |a, c| (a.0.min(c.0), a.1.min(c.1)));
    let high = corners.iter().fold((0.0f32, 0.0f32), |a, c| (a.0.max(c.0), a.1.max(c.1)));
    for y in low.1.max(0.0) as usize..(high.1 as usize).min(piece.height) {
        for x in low.0.max(0.0) as usize..(high.0 as usize).min(piece.width) {
            piece.pixels[y * piece.width + x] = 255;
        }
    }
}
