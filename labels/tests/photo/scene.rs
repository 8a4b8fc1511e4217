//! Laying labels on a ground and taking the picture.

use std::ops::Range;

use hufu_labels::code::LabelCode;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::label::{Print, SIZE, SYMBOL_SIDE};
use super::optics::Canvas;
use super::{Conditions, Kind, Order, Photo, Placed};

/// Draws the photo that is ordered; the same order gives the same bytes.
pub(crate) fn take(order: &Order) -> Photo {
    let mut rng = ChaCha8Rng::seed_from_u64(order.seed);
    let conditions = order.grade.conditions();
    let mut canvas = ground(order.width, order.height, &mut rng);
    let placed = lay_out(order, &conditions, &mut canvas, &mut rng);
    canvas.blur(within(&conditions.blur, &mut rng));
    let motion = within(&conditions.motion, &mut rng);
    canvas.move_camera(motion, rng.random_range(0.0..3.1));
    canvas.light(within(&conditions.light, &mut rng), within(&conditions.noise, &mut rng), &mut rng);
    let quality = rng.random_range(conditions.quality);
    Photo { jpeg: jpeg(&canvas, quality), placed }
}

fn within(range: &Range<f32>, rng: &mut ChaCha8Rng) -> f32 {
    rng.random_range(range.clone())
}

/// Boards with grain, and patches of other things lying about.
fn ground(width: usize, height: usize, rng: &mut ChaCha8Rng) -> Canvas {
    let mut grey = vec![0.0f32; width * height];
    let base = rng.random_range(70.0..170.0f32);
    let grain: Vec<f32> = (0..height).map(|_| rng.random_range(-9.0..9.0)).collect();
    let board = rng.random_range(180..400);
    for y in 0..height {
        let edge = if y % board < 4 { -40.0 } else { 0.0 };
        for x in 0..width {
            let wave = ((x as f32 * 0.013 + (y as f32 * 0.05).sin() * 3.0).sin()) * 6.0;
            grey[y * width + x] = base + grain[y] + wave + edge;
        }
    }
    for _ in 0..width * height / 60_000 {
        let (x, y) = (rng.random_range(0..width), rng.random_range(0..height));
        let (w, h) = (rng.random_range(4..90), rng.random_range(4..90));
        let shade = rng.random_range(20.0..230.0);
        for row in y..(y + h).min(height) {
            grey[row * width + x..row * width + (x + w).min(width)].fill(shade);
        }
    }
    Canvas { width, height, grey }
}

/// Puts everything ordered into the cells of a jittered grid.
fn lay_out(order: &Order, conditions: &Conditions, canvas: &mut Canvas, rng: &mut ChaCha8Rng) -> Vec<Placed> {
    let total = order.labels + order.broken + order.addresses + order.decoys;
    let mut cells = cells(canvas.width as f32, canvas.height as f32, total, rng);
    let mut placed = Vec::new();
    for number in 0..total {
        let Some((centre, room)) = cells.pop() else {
            break;
        };
        let (print, text) = if number < order.labels {
            printed(LabelCode::from_random(rng.random()).to_string(), Kind::Label, rng)
        } else if number < order.labels + order.broken {
            printed(broken_code(rng), Kind::Broken, rng)
        } else if number < order.labels + order.broken + order.addresses {
            printed(format!("https://example.com/a/{:08x}", rng.random::<u32>()), Kind::Address, rng)
        } else if rng.random_bool(0.5) {
            (Print::bar_code(rng), None)
        } else {
            (Print::squares(rng), None)
        };
        let view = View::draw(conditions, centre, room, canvas.width as f32, order.mirrored, rng);
        view.paint(&print, canvas);
        if let Some((text, kind)) = text {
            placed.push(Placed { text, kind, corners: Print::symbol_corners().map(|p| view.project(p)) });
        }
    }
    placed
}

fn printed(text: String, kind: Kind, rng: &mut ChaCha8Rng) -> (Print, Option<(String, Kind)>) {
    (Print::label(&text, rng), Some((text, kind)))
}

/// A code whose check character is wrong.
fn broken_code(rng: &mut ChaCha8Rng) -> String {
    let mut text = LabelCode::from_random(rng.random()).to_string();
    let last = text.pop();
    text.push(if last == Some('7') { '8' } else { '7' });
    text
}

/// Centres of at least `count` cells in random order, and how wide a thing in one may be.
fn cells(width: f32, height: f32, count: usize, rng: &mut ChaCha8Rng) -> Vec<((f32, f32), f32)> {
    let mut columns = 1usize;
    while columns * ((columns as f32 * height / width).floor().max(1.0) as usize) < count {
        columns += 1;
    }
    let rows = (columns as f32 * height / width).floor().max(1.0) as usize;
    let (w, h) = (width / columns as f32, height / rows as f32);
    let room = w.min(h);
    let mut cells: Vec<_> = (0..columns * rows)
        .map(|i| {
            let jitter = 0.06 * room;
            let x = (i % columns) as f32 * w + w / 2.0 + rng.random_range(-jitter..jitter);
            let y = (i / columns) as f32 * h + h / 2.0 + rng.random_range(-jitter..jitter);
            ((x, y), room)
        })
        .collect();
    for i in (1..cells.len()).rev() {
        cells.swap(i, rng.random_range(0..=i));
    }
    cells
}

/// How one label lies before the camera: a projective map from millimetres to pixels, and back.
struct View {
    forward: [[f32; 3]; 3],
    back: [[f32; 3]; 3],
}

impl View {
    fn draw(
        conditions: &Conditions,
        centre: (f32, f32),
        room: f32,
        photo_width: f32,
        mirrored: bool,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let diagonal = SIZE.0.hypot(SIZE.1);
        let scale = (within(&conditions.module, rng) * 21.0 / SYMBOL_SIDE).min(room / diagonal);
        let turn = rng.random_range(-conditions.turn..conditions.turn).to_radians();
        let tilt = within(&conditions.tilt, rng).to_radians();
        let axis = rng.random_range(0.0..std::f32::consts::TAU);
        // A phone's wide lens: focal length of 0.8 picture widths.
        let focal = 0.8 * photo_width;
        let distance = focal / scale;
        let (sin, cos) = turn.sin_cos();
        let flip = if mirrored { -1.0 } else { 1.0 };
        let plane = [[cos * flip, -sin], [sin * flip, cos], [0.0, 0.0]];
        // Rodrigues' formula for a turn by `tilt` round an axis in the picture plane.
        let (kx, ky) = (axis.cos(), axis.sin());
        let (s, c) = tilt.sin_cos();
        let rotation = [
            [c + kx * kx * (1.0 - c), kx * ky * (1.0 - c), ky * s],
            [kx * ky * (1.0 - c), c + ky * ky * (1.0 - c), -kx * s],
            [-ky * s, kx * s, c],
        ];
        let column = |j: usize| -> [f32; 3] { [0, 1, 2].map(|i| (0..3).map(|k| rotation[i][k] * plane[k][j]).sum()) };
        let (p, q) = (column(0), column(1));
        let camera = [
            [focal * p[0] + centre.0 * p[2], focal * q[0] + centre.0 * q[2], centre.0 * distance],
            [focal * p[1] + centre.1 * p[2], focal * q[1] + centre.1 * q[2], centre.1 * distance],
            [p[2], q[2], distance],
        ];
        // The label's middle, not its corner, is turned.
        let (mx, my) = (SIZE.0 / 2.0, SIZE.1 / 2.0);
        let forward = camera.map(|r| [r[0], r[1], r[2] - r[0] * mx - r[1] * my]);
        Self { forward, back: adjugate(&forward) }
    }

    fn project(&self, point: (f32, f32)) -> (f32, f32) {
        apply(&self.forward, point)
    }

    /// Paints the label, sixteen samples a pixel.
    fn paint(&self, print: &Print, canvas: &mut Canvas) {
        let corners = [(0.0, 0.0), (SIZE.0, 0.0), (SIZE.0, SIZE.1), (0.0, SIZE.1)].map(|c| self.project(c));
        let low = corners.iter().fold((f32::MAX, f32::MAX), |a, c| (a.0.min(c.0), a.1.min(c.1)));
        let high = corners.iter().fold((0.0f32, 0.0f32), |a, c| (a.0.max(c.0), a.1.max(c.1)));
        for y in low.1.max(0.0) as usize..(high.1 as usize + 1).min(canvas.height) {
            for x in low.0.max(0.0) as usize..(high.0 as usize + 1).min(canvas.width) {
                let pixel = &mut canvas.grey[y * canvas.width + x];
                let mut sum = 0.0;
                for sample in 0..16u8 {
                    let u = x as f32 + (f32::from(sample % 4) + 0.5) / 4.0;
                    let v = y as f32 + (f32::from(sample / 4) + 0.5) / 4.0;
                    let (px, py) = apply(&self.back, (u, v));
                    sum += print.grey(px, py).unwrap_or(*pixel);
                }
                *pixel = sum / 16.0;
            }
        }
    }
}

fn apply(m: &[[f32; 3]; 3], (x, y): (f32, f32)) -> (f32, f32) {
    let row = |i: usize| m[i][0] * x + m[i][1] * y + m[i][2];
    let w = row(2);
    (row(0) / w, row(1) / w)
}

/// The inverse up to a factor, which a projective map does not mind.
fn adjugate(m: &[[f32; 3]; 3]) -> [[f32; 3]; 3] {
    let wide = m.map(|r| r.map(f64::from));
    let minor = |a: usize, b: usize, c: usize, d: usize| wide[a][c] * wide[b][d] - wide[a][d] * wide[b][c];
    let inverse = [
        [minor(1, 2, 1, 2), -minor(0, 2, 1, 2), minor(0, 1, 1, 2)],
        [-minor(1, 2, 0, 2), minor(0, 2, 0, 2), -minor(0, 1, 0, 2)],
        [minor(1, 2, 0, 1), -minor(0, 2, 0, 1), minor(0, 1, 0, 1)],
    ];
    let scale = inverse[2][2];
    inverse.map(|r| r.map(|v| (v / scale) as f32))
}

/// Saves in colour, under lamps a little yellow.
fn jpeg(canvas: &Canvas, quality: u8) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(canvas.grey.len() * 3);
    for &grey in &canvas.grey {
        for gain in [1.0, 0.97, 0.86] {
            rgb.push((grey * gain).clamp(0.0, 255.0) as u8);
        }
    }
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .write_image(&rgb, canvas.width as u32, canvas.height as u32, ExtendedColorType::Rgb8)
        .unwrap();
    bytes
}
