//! From a frame to bits: what the lens mixed together is taken apart, then the symbol is decoded.
//!
//! Blur adds to every module something of its neighbours. Three fifths of a version-1 symbol are known
//! beforehand or can be guessed; from the known modules the mixing is estimated by least squares, then each
//! unknown module is set dark or light so that the mixture explains what the camera saw.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rxing::common::BitMatrix;
use rxing::qrcode::decoder::qrcode_decoder;

use super::frame::{FINE, Frame, Module, Point, SIDE, Template, grey_at, module};
use super::luma::LumaView;

/// The symbol and two rings of quiet zone.
const WIDE: usize = SIDE + 4;
/// Constant, slope right, slope down, the module itself, left and right, up and down, the two diagonals.
const TERMS: usize = 8;

/// Estimates of the mixing, each with the modules set by the one before.
const ROUNDS: usize = 3;
/// Times the frame is fitted anew to what was read so far.
const SECOND_LOOKS: usize = 2;

/// Reads the version-1 symbol with about these outer corners and pixels a module; gives the corners as they
/// turned out.
pub(super) fn read(picture: LumaView<'_>, corners: [Point; 4], module: f32) -> Option<(String, [Point; 4])> {
    let mut corners = corners;
    let mut grid = Grid::sample(picture, &Frame::from_corners(&corners)?);
    grid.threshold();
    if let Some(text) = decode(&grid.bits) {
        return Some((text, corners));
    }
    grid.guess(&grid.estimate(false)?);
    for look in 0..=SECOND_LOOKS {
        if look > 0 {
            corners = Template::of(|x, y| grid.colour(x, y)).refine(picture, corners, module, &FINE)?;
            grid.grey = Grid::sample(picture, &Frame::from_corners(&corners)?).grey;
        }
        for round in 0..ROUNDS {
            let mix = grid.estimate(look + round > 0)?;
            grid.settle(&mix);
            if let Some(text) = decode(&grid.bits) {
                return Some((text, corners));
            }
        }
    }
    None
}

/// Decodes a finished symbol; the decoder's own failures and panics are just "unread".
fn decode(bits: &[f32]) -> Option<String> {
    let side = u32::try_from(SIDE).ok()?;
    let mut matrix = BitMatrix::with_single_dimension(side).ok()?;
    for (y, row) in (0..side).zip(bits.chunks(WIDE).skip(2)) {
        for (x, &bit) in (0..side).zip(&row[2..]) {
            matrix.set_bool(x, y, bit < 0.0);
        }
    }
    let result = catch_unwind(AssertUnwindSafe(|| qrcode_decoder::decode_bitmatrix(&matrix))).ok()?.ok()?;
    Some(result.getText().to_owned()).filter(|text| !text.is_empty())
}

/// Grey and colour of every module, −1 dark and +1 light.
struct Grid {
    grey: Vec<f32>,
    bits: Vec<f32>,
    /// Whether a module is the same in every symbol.
    known: Vec<bool>,
    unknown: Vec<usize>,
}

impl Grid {
    fn sample(picture: LumaView<'_>, frame: &Frame) -> Self {
        let all = WIDE * WIDE;
        let mut grid = Self { grey: vec![0.0; all], bits: vec![1.0; all], known: vec![true; all], unknown: vec![] };
        for place in 0..WIDE * WIDE {
            let (x, y) = coordinates(place);
            let mut sum = 0.0;
            for dv in [-0.22f32, 0.0, 0.22] {
                for du in [-0.22f32, 0.0, 0.22] {
                    sum += grey_at(picture, frame.at(x + 0.5 + du, y + 0.5 + dv));
                }
            }
            grid.grey[place] = sum / 9.0;
            #[expect(clippy::cast_possible_truncation, reason = "a module number")]
            match module(x as i32, y as i32) {
                Module::Dark => grid.bits[place] = -1.0,
                Module::Light => {}
                Module::Data => {
                    grid.known[place] = false;
                    grid.unknown.push(place);
                }
            }
        }
        grid
    }

    /// The module as it is set now; −1 and 21 are the quiet zone.
    fn colour(&self, x: i32, y: i32) -> Module {
        let place = usize::try_from(x + 2).unwrap_or(0) + usize::try_from(y + 2).unwrap_or(0) * WIDE;
        if self.bits[place] < 0.0 { Module::Dark } else { Module::Light }
    }

    /// The plain decision: darker or lighter than the middle between known dark and known light.
    fn threshold(&mut self) {
        let (mut dark, mut light) = ((0.0f32, 0.0f32), (0.0f32, 0.0f32));
        for place in inner() {
            if !self.known[place] {
                continue;
            }
            let side = if self.bits[place] < 0.0 { &mut dark } else { &mut light };
            side.0 += self.grey[place];
            side.1 += 1.0;
        }
        let middle = (dark.0 / dark.1.max(1.0) + light.0 / light.1.max(1.0)) / 2.0;
        for &place in &self.unknown {
            self.bits[place] = if self.grey[place] < middle { -1.0 } else { 1.0 };
        }
    }

    fn terms(&self, place: usize) -> [f32; TERMS] {
        let (x, y) = coordinates(place);
        let b = &self.bits;
        [
            1.0,
            x / 10.0 - 1.0,
            y / 10.0 - 1.0,
            b[place],
            b[place - 1] + b[place + 1],
            b[place - WIDE] + b[place + WIDE],
            b[place - WIDE - 1] + b[place + WIDE + 1],
            b[place - WIDE + 1] + b[place + WIDE - 1],
        ]
    }

    /// Least squares of grey on a module and its neighbours: over the modules whose neighbours are all known,
    /// or, once guessed, over `all`.
    fn estimate(&self, all: bool) -> Option<[f32; TERMS]> {
        let mut normal = [[0.0f64; TERMS + 1]; TERMS];
        for place in inner() {
            if !all && neighbourhood(place).iter().any(|&n| !self.known[n]) {
                continue;
            }
            let terms = self.terms(place);
            for (row, &a) in normal.iter_mut().zip(&terms) {
                for (cell, &b) in row.iter_mut().zip(&terms) {
                    *cell += f64::from(a * b);
                }
                row[TERMS] += f64::from(a * self.grey[place]);
            }
        }
        solve(normal)
    }

    /// First guess: sharpen against the neighbours' grey, then compare with the middle.
    fn guess(&mut self, mix: &[f32; TERMS]) {
        let own = mix[3].max(1e-3);
        let ratio = [mix[4], mix[5], mix[6], mix[7]].map(|m| (m / own).clamp(0.0, 0.45));
        let flat = |place: usize| {
            let (x, y) = coordinates(place);
            self.grey[place] - mix[0] - mix[1] * (x / 10.0 - 1.0) - mix[2] * (y / 10.0 - 1.0)
        };
        let sharp: Vec<f32> = self
            .unknown
            .iter()
            .map(|&p| {
                flat(p)
                    - ratio[0] * (flat(p - 1) + flat(p + 1))
                    - ratio[1] * (flat(p - WIDE) + flat(p + WIDE))
                    - ratio[2] * (flat(p - WIDE - 1) + flat(p + WIDE + 1))
                    - ratio[3] * (flat(p - WIDE + 1) + flat(p + WIDE - 1))
            })
            .collect();
        for (&place, value) in self.unknown.iter().zip(sharp) {
            self.bits[place] = if value < 0.0 { -1.0 } else { 1.0 };
        }
    }

    /// Turns modules over as long as that makes the mixture explain the picture better.
    fn settle(&mut self, mix: &[f32; TERMS]) {
        let mut rest = vec![0.0f32; WIDE * WIDE];
        for place in inner() {
            let said: f32 = self.terms(place).iter().zip(mix).map(|(t, m)| t * m).sum();
            rest[place] = self.grey[place] - said;
        }
        let weights = [mix[6], mix[5], mix[7], mix[4], mix[3], mix[4], mix[7], mix[5], mix[6]];
        for _ in 0..12 {
            let mut turned = false;
            for &place in &self.unknown {
                let change = -2.0 * self.bits[place];
                let gain: f32 = neighbourhood(place)
                    .iter()
                    .zip(weights)
                    .map(|(&n, w)| (change * w) * (change * w - 2.0 * rest[n]))
                    .sum();
                if gain < 0.0 {
                    self.bits[place] = -self.bits[place];
                    for (&n, w) in neighbourhood(place).iter().zip(weights) {
                        rest[n] -= change * w;
                    }
                    turned = true;
                }
            }
            if !turned {
                break;
            }
        }
    }
}

/// Column and row of a place in the wide grid; the symbol's first module is (0, 0).
fn coordinates(place: usize) -> (f32, f32) {
    ((place % WIDE) as f32 - 2.0, (place / WIDE) as f32 - 2.0)
}

/// All places that have eight neighbours in the grid.
fn inner() -> impl Iterator<Item = usize> {
    (1..WIDE - 1).flat_map(|y| (1..WIDE - 1).map(move |x| y * WIDE + x))
}

fn neighbourhood(place: usize) -> [usize; 9] {
    let (up, down) = (place - WIDE, place + WIDE);
    [up - 1, up, up + 1, place - 1, place, place + 1, down - 1, down, down + 1]
}

/// Gauss's elimination with the largest pivot.
fn solve(mut a: [[f64; TERMS + 1]; TERMS]) -> Option<[f32; TERMS]> {
    for column in 0..TERMS {
        let pivot = (column..TERMS).max_by(|&i, &j| a[i][column].abs().total_cmp(&a[j][column].abs()))?;
        a.swap(column, pivot);
        if a[column][column].abs() < 1e-9 {
            return None;
        }
        for row in 0..TERMS {
            if row != column {
                let factor = a[row][column] / a[column][column];
                let from = a[column];
                a[row].iter_mut().zip(from).skip(column).for_each(|(to, f)| *to -= factor * f);
            }
        }
    }
    #[expect(clippy::cast_possible_truncation, reason = "grey levels")]
    Some(std::array::from_fn(|i| (a[i][TERMS] / a[i][i]) as f32))
}
