//! The order of work on a photo.
//!
//! 1. Possible finder patterns are found by a row scan and examined closely.
//! 2. Every three that may be a version-1 symbol are fitted and read.
//! 3. A pattern that is left over is asked where its neighbours should be; those are sought in grey.
//! 4. Three that are left over and far apart may be a larger symbol: it is cut out for the general reader.
//!
//! The same is done on the picture halved, and so on, for labels that were photographed from near.

use rayon::prelude::*;

use super::Found;
use super::candidate::{Candidate, LEG, holds, larger, version_one};
use super::finder;
use super::frame::{COARSE_TO_FINE, Frame, Point, Template};
use super::luma::{Luma, LumaView};
use super::patch;
use super::square::{self, Square};
use super::symbol;

/// A picture with a side below this holds no symbol worth halving for.
const SMALLEST: usize = 80;
/// A first look at a candidate: worse than this is not worth fitting.
const PROMISING: f32 = 0.2;
/// Most pieces given to the general reader in one picture: it is slow.
const PIECES: usize = 48;
/// Longest side of the picture that the general reader gets when nothing was found at all.
const OVERVIEW: usize = 1200;

/// Every QR code in a picture, each text once, from top to bottom.
pub(super) fn hunt(picture: LumaView<'_>) -> Vec<Found> {
    let template = Template::new();
    let mut found = Vec::new();
    look(picture, 1.0, &template, &mut found);
    let mut scale = 1.0;
    let mut last: Option<Luma> = None;
    loop {
        let view = match &last {
            None => Some(picture),
            Some(luma) => luma.view(),
        };
        let Some(view) = view.filter(|v| v.width().min(v.height()) >= 2 * SMALLEST) else {
            break;
        };
        let half = view.halved();
        scale *= 2.0;
        if let Some(view) = half.view() {
            look(view, scale, &template, &mut found);
            if found.is_empty() && view.width().max(view.height()) <= OVERVIEW {
                add(&mut found, patch::read_piece(&half).map(|(t, c)| Found::new(t, c)), scale);
            }
        }
        last = Some(half);
    }
    found.sort_by(|a, b| a.corners[0].1.total_cmp(&b.corners[0].1));
    found
}

/// Looks at the picture at one size; `scale` is how many pixels of the photo one of its pixels is.
fn look(picture: LumaView<'_>, scale: f32, template: &Template, found: &mut Vec<Found>) {
    let finders = finder::find(picture);
    let mut squares: Vec<Square> = finders
        .par_iter()
        .filter(|f| !inside(found, (f.x * scale, f.y * scale)))
        .filter_map(|f| square::examine(picture, f))
        .collect();
    let read = |candidates: Vec<Candidate>| -> Vec<Found> {
        candidates.par_iter().filter_map(|c| read_one(picture, template, c)).collect()
    };
    add(found, read(version_one(&squares)), scale);

    squares.retain(|s| !inside(found, (s.centre.0 * scale, s.centre.1 * scale)));
    let lonely: Vec<Found> = squares.par_iter().filter_map(|s| read_lonely(picture, template, s)).collect();
    add(found, lonely, scale);

    squares.retain(|s| !inside(found, (s.centre.0 * scale, s.centre.1 * scale)));
    let mut wide = larger(&squares);
    wide.truncate(PIECES);
    let strangers: Vec<Found> = wide.par_iter().filter_map(|c| patch::read(picture, c)).collect();
    add(found, strangers, scale);
}

/// Fits a version-1 symbol to a candidate and reads it.
fn read_one(picture: LumaView<'_>, template: &Template, candidate: &Candidate) -> Option<Found> {
    let frame = Frame::from_corners(&candidate.corners)?;
    if template.fit(picture, &frame, false) < PROMISING {
        return None;
    }
    let corners = template.refine(picture, candidate.corners, candidate.module, &COARSE_TO_FINE)?;
    let (text, corners) = symbol::read(picture, corners, candidate.module)?;
    Some(Found::new(text, corners))
}

/// Reads the symbol of a pattern whose neighbours the row scan did not see.
fn read_lonely(picture: LumaView<'_>, template: &Template, square: &Square) -> Option<Found> {
    let mut candidates: Vec<Candidate> =
        square.triples(picture).into_iter().filter_map(|triple| Candidate::new(triple, LEG)).collect();
    candidates.sort_by(|a, b| a.strain.total_cmp(&b.strain));
    candidates.iter().find_map(|candidate| read_one(picture, template, candidate))
}

/// Takes over what is new, in pixels of the photo.
fn add(found: &mut Vec<Found>, more: impl IntoIterator<Item = Found>, scale: f32) {
    for mut one in more {
        if found.iter().all(|f| f.text != one.text) {
            one.corners = one.corners.map(|(x, y)| (x * scale, y * scale));
            found.push(one);
        }
    }
}

/// Whether a point of the photo lies in a symbol already read.
fn inside(found: &[Found], point: Point) -> bool {
    found.iter().any(|f| holds(&f.corners, point))
}
