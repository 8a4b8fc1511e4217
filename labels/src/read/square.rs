//! One finder pattern looked at closely: how it lies, and where its neighbours are.
//!
//! In a blurred photo a symbol often shows only one or two of its three patterns to the row scan. But one pattern
//! tells how the symbol lies, and so roughly where the others must be; there they are sought in grey.

use super::candidate::LEG;
use super::finder::Finder;
use super::frame::{Point, grey_at};
use super::luma::LumaView;

/// Modules round the expected place that are searched for a neighbour.
const SEARCH: i8 = 3;
/// A pattern that fits worse is none.
const GOOD: f32 = 0.6;
/// A neighbour may be fainter than the pattern it was sought from.
const FAINT: f32 = 0.4;

/// A finder pattern with its two module steps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Square {
    pub(super) centre: Point,
    /// One module along one side, and along the other, clockwise.
    u: Point,
    v: Point,
    /// How well it fits, up to 1.
    fit: f32,
}

/// Looks closely at a possible pattern; `None` when it is none.
pub(super) fn examine(picture: LumaView<'_>, finder: &Finder) -> Option<Square> {
    let centre = (finder.x, finder.y);
    let start = [0.0f32, 22.5, 45.0, 67.5].map(|angle| {
        let (sin, cos) = angle.to_radians().sin_cos();
        let module = finder.module * sin.max(cos);
        let (u, v) = ((cos * module, sin * module), (-sin * module, cos * module));
        Square { centre, u, v, fit: fit(picture, centre, u, v) }
    });
    let mut best = start.into_iter().max_by(|a, b| a.fit.total_cmp(&b.fit))?;
    if best.fit < 0.3 {
        return None;
    }
    for step in [0.5, 0.25, 0.12] {
        best.climb(picture, step * finder.module);
    }
    (best.fit > GOOD).then_some(best)
}

impl Square {
    /// Pixels a module.
    pub(super) fn module(&self) -> f32 {
        (self.u.0.hypot(self.u.1) + self.v.0.hypot(self.v.1)) / 2.0
    }

    /// Moves the middle and turns the sides for as long as the fit grows.
    fn climb(&mut self, picture: LumaView<'_>, step: f32) {
        for _ in 0..4 {
            let before = self.fit;
            for way in 0..6 {
                for sign in [step, -step] {
                    let mut moved = *self;
                    match way {
                        0 => moved.centre.0 += sign,
                        1 => moved.centre.1 += sign,
                        2 => moved.u.0 += sign / 3.0,
                        3 => moved.u.1 += sign / 3.0,
                        4 => moved.v.0 += sign / 3.0,
                        _ => moved.v.1 += sign / 3.0,
                    }
                    moved.fit = fit(picture, moved.centre, moved.u, moved.v);
                    if moved.fit > self.fit {
                        *self = moved;
                    }
                }
            }
            if self.fit <= before {
                break;
            }
        }
    }

    /// Triples of pattern middles, the corner first, that make a symbol with this pattern in it.
    pub(super) fn triples(&self, picture: LumaView<'_>) -> Vec<[Point; 3]> {
        let (u, v) = (self.u, self.v);
        let ways = [u, v, (-u.0, -u.1), (-v.0, -v.1)];
        let legs = ways.map(|way| self.seek(picture, self.centre, way));
        let mut triples = Vec::new();
        for (i, leg) in legs.iter().enumerate() {
            let Some(leg) = *leg else { continue };
            if let Some(next) = legs[(i + 1) % 4] {
                triples.push([self.centre, leg, next]);
            }
            for side in [ways[(i + 1) % 4], ways[(i + 3) % 4]] {
                if let Some(third) = self.seek(picture, leg, side) {
                    triples.push([leg, self.centre, third]);
                }
            }
        }
        triples
    }

    /// The best place for a pattern one leg from `from`, if there is one.
    fn seek(&self, picture: LumaView<'_>, from: Point, way: Point) -> Option<Point> {
        let expected = (from.0 + LEG * way.0, from.1 + LEG * way.1);
        let mut best = (FAINT, None);
        let place =
            |at: Point, du: f32, dv: f32| (at.0 + du * self.u.0 + dv * self.v.0, at.1 + du * self.u.1 + dv * self.v.1);
        for dv in -SEARCH..=SEARCH {
            for du in -SEARCH..=SEARCH {
                let at = place(expected, f32::from(du), f32::from(dv));
                let fit = fit(picture, at, self.u, self.v);
                if fit > best.0 {
                    best = (fit, Some(at));
                }
            }
        }
        let mut found = best.1?;
        for (du, dv) in [(0.5, 0.0), (-0.5, 0.0), (0.0, 0.5), (0.0, -0.5)] {
            let at = place(found, du, dv);
            let fit = fit(picture, at, self.u, self.v);
            if fit > best.0 {
                (best.0, found) = (fit, at);
            }
        }
        Some(found)
    }
}

/// Likeness to a finder pattern with its light border, from −1 to 1.
fn fit(picture: LumaView<'_>, centre: Point, u: Point, v: Point) -> f32 {
    let (mut sum, mut squares, mut product) = (0.0f32, 0.0f32, 0.0f32);
    for y in -4i8..=4 {
        for x in -4i8..=4 {
            let (du, dv) = (f32::from(x), f32::from(y));
            let at = (centre.0 + du * u.0 + dv * v.0, centre.1 + du * u.1 + dv * v.1);
            let grey = grey_at(picture, at);
            let ring = x.abs().max(y.abs());
            let sign = if ring == 2 || ring == 4 { 1.0 } else { -1.0 };
            sum += grey;
            squares += grey * grey;
            product += sign * grey;
        }
    }
    // 33 dark and 48 light modules.
    let variance = (squares - sum * sum / 81.0).max(40.0);
    let spread = 81.0 - 15.0 * 15.0 / 81.0;
    (product - sum * 15.0 / 81.0) / (variance * spread).sqrt()
}
