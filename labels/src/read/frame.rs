//! Where a symbol lies: a projective map from modules to pixels, and how well a version-1 symbol fits there.

use super::luma::LumaView;

/// Modules along a side of a version-1 symbol.
pub(super) const SIDE: usize = 21;

/// A place in the picture, in pixels; the middle of the first pixel is (0.5, 0.5).
pub(super) type Point = (f32, f32);

/// The map from module coordinates (0 to 21 either way) to pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    m: [f32; 8],
}

impl Frame {
    /// The map that takes the symbol's outer corners to these points: top left, top right, bottom right,
    /// bottom left. `None` when they do not span a quadrilateral.
    pub(super) fn from_corners(c: &[Point; 4]) -> Option<Self> {
        let (dx1, dy1) = (c[1].0 - c[2].0, c[1].1 - c[2].1);
        let (dx2, dy2) = (c[3].0 - c[2].0, c[3].1 - c[2].1);
        let (sx, sy) = (c[0].0 - c[1].0 + c[2].0 - c[3].0, c[0].1 - c[1].1 + c[2].1 - c[3].1);
        let determinant = dx1 * dy2 - dx2 * dy1;
        if determinant.abs() < 1e-3 {
            return None;
        }
        let g = (sx * dy2 - dx2 * sy) / determinant;
        let h = (dx1 * sy - sx * dy1) / determinant;
        let k = 1.0 / SIDE as f32;
        let m = [
            (c[1].0 - c[0].0 + g * c[1].0) * k,
            (c[3].0 - c[0].0 + h * c[3].0) * k,
            c[0].0,
            (c[1].1 - c[0].1 + g * c[1].1) * k,
            (c[3].1 - c[0].1 + h * c[3].1) * k,
            c[0].1,
            g * k,
            h * k,
        ];
        Some(Self { m })
    }

    /// The pixel place of a module place.
    #[inline]
    pub(super) fn at(&self, u: f32, v: f32) -> Point {
        let m = &self.m;
        let w = 1.0 / (m[6] * u + m[7] * v + 1.0);
        ((m[0] * u + m[1] * v + m[2]) * w, (m[3] * u + m[4] * v + m[5]) * w)
    }
}

/// Grey at a place between pixels; beyond the rim the rim repeats.
#[inline]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the picture first")]
pub(super) fn grey_at(picture: LumaView<'_>, (x, y): Point) -> f32 {
    let x = (x - 0.5).clamp(0.0, (picture.width() - 1) as f32);
    let y = (y - 0.5).clamp(0.0, (picture.height() - 1) as f32);
    let (left, top) = (x as usize, y as usize);
    let (fx, fy) = (x - left as f32, y - top as f32);
    let [a, b, c, d] = picture.four(left, top);
    let upper = a + (b - a) * fx;
    let lower = c + (d - c) * fx;
    upper + (lower - upper) * fy
}

/// What every version-1 symbol has at a module, which may lie one outside the symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Module {
    Dark,
    Light,
    /// Differs from symbol to symbol.
    Data,
}

/// The module at column `x`, row `y`; −1 and 21 are the quiet zone.
pub(super) fn module(x: i32, y: i32) -> Module {
    let light_or = |dark: bool| if dark { Module::Dark } else { Module::Light };
    if x < 0 || y < 0 || x > 20 || y > 20 {
        return Module::Light;
    }
    for (cx, cy) in [(3, 3), (17, 3), (3, 17)] {
        let ring = (x - cx).abs().max((y - cy).abs());
        if ring <= 4 {
            return light_or(ring != 2 && ring != 4);
        }
    }
    if y == 6 || x == 6 {
        return light_or((x + y) % 2 == 0);
    }
    if (x, y) == (8, 13) { Module::Dark } else { Module::Data }
}

/// The places every version-1 symbol has in common: middle of the module, and +1 light, −1 dark.
pub(super) struct Template {
    known: Vec<(f32, f32, f32)>,
    data: Vec<(f32, f32)>,
}

impl Template {
    /// What all version-1 symbols share.
    pub(super) fn new() -> Self {
        Self::of(module)
    }

    /// A symbol of which more is known: the module at column `x`, row `y`, from −1 to 21.
    pub(super) fn of(module: impl Fn(i32, i32) -> Module) -> Self {
        let mut template = Self { known: Vec::new(), data: Vec::new() };
        for y in -1..=21i8 {
            for x in -1..=21i8 {
                let (u, v) = (f32::from(x) + 0.5, f32::from(y) + 0.5);
                match module(i32::from(x), i32::from(y)) {
                    Module::Dark => template.known.push((u, v, -1.0)),
                    Module::Light => template.known.push((u, v, 1.0)),
                    Module::Data => template.data.push((u, v)),
                }
            }
        }
        template
    }

    /// How well the known modules fit, from −1 to 1, and with `data` how clearly the others are dark or light.
    pub(super) fn fit(&self, picture: LumaView<'_>, frame: &Frame, data: bool) -> f32 {
        let (mut sum, mut squares, mut product, mut signs) = (0.0f32, 0.0f32, 0.0f32, 0.0f32);
        for &(u, v, sign) in &self.known {
            let grey = grey_at(picture, frame.at(u, v));
            sum += grey;
            squares += grey * grey;
            product += grey * sign;
            signs += sign;
        }
        let count = self.known.len() as f32;
        let variance = (squares - sum * sum / count).max(1.0);
        let spread = count - signs * signs / count;
        let fit = (product - sum * signs / count) / (variance * spread).sqrt();
        if !data || fit < 0.3 {
            return fit;
        }
        let middle = sum / count;
        let deviation = (variance / count).sqrt();
        let clear: f32 = self.data.iter().map(|&(u, v)| (grey_at(picture, frame.at(u, v)) - middle).abs()).sum();
        let clear = clear / (self.data.len() as f32 * deviation);
        fit + 0.5 * clear
    }

    /// Moves the corners about until the fit is best; `None` when it never becomes good.
    pub(super) fn refine(
        &self,
        picture: LumaView<'_>,
        corners: [Point; 4],
        module: f32,
        stages: &[Stage],
    ) -> Option<[Point; 4]> {
        let score = |c: &[Point; 4], data: bool| Frame::from_corners(c).map(|f| self.fit(picture, &f, data));
        let mut best = corners;
        for &(step, data, enough) in stages {
            let mut top = score(&best, data)?;
            for _ in 0..ROUNDS {
                let before = top;
                for motion in MOTIONS {
                    for sign in [step * module, -step * module] {
                        let moved = shift(&best, &motion, sign);
                        if let Some(fit) = score(&moved, data)
                            && fit > top
                        {
                            (best, top) = (moved, fit);
                        }
                    }
                }
                if top <= before {
                    break;
                }
            }
            if score(&best, false)? < enough {
                return None;
            }
        }
        Some(best)
    }
}

/// Step in modules, whether the unknown modules count too, and the least fit to go on.
pub(super) type Stage = (f32, bool, f32);
/// From three patterns to a frame.
pub(super) const COARSE_TO_FINE: [Stage; 5] =
    [(1.2, false, 0.35), (0.6, false, 0.4), (0.6, true, 0.45), (0.3, true, 0.5), (0.15, true, 0.55)];
/// A frame that is nearly right.
pub(super) const FINE: [Stage; 2] = [(0.3, false, 0.4), (0.12, false, 0.4)];
/// At most so many rounds of all motions with one step.
const ROUNDS: usize = 4;

fn shift(corners: &[Point; 4], motion: &[Point; 4], by: f32) -> [Point; 4] {
    std::array::from_fn(|i| (corners[i].0 + motion[i].0 * by, corners[i].1 + motion[i].1 * by))
}

/// The ways the four corners are moved: all together, and each alone.
const MOTIONS: [[Point; 4]; 10] = {
    const O: Point = (0.0, 0.0);
    const X: Point = (1.0, 0.0);
    const Y: Point = (0.0, 1.0);
    [
        [X, X, X, X],
        [Y, Y, Y, Y],
        [X, O, O, O],
        [Y, O, O, O],
        [O, X, O, O],
        [O, Y, O, O],
        [O, O, X, O],
        [O, O, Y, O],
        [O, O, O, X],
        [O, O, O, Y],
    ]
};
