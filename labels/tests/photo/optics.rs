//! What the camera does to the picture: blur, movement, light, noise.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// A picture in linear-enough grey, one float a pixel.
pub(super) struct Canvas {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) grey: Vec<f32>,
}

impl Canvas {
    fn at(&self, x: i64, y: i64) -> f32 {
        let x = x.clamp(0, self.width as i64 - 1) as usize;
        let y = y.clamp(0, self.height as i64 - 1) as usize;
        self.grey[y * self.width + x]
    }

    /// Weighted sum of shifted copies; edges repeat.
    fn convolve(&mut self, taps: &[(i64, i64, f32)]) {
        let reach = taps.iter().map(|t| t.0.abs().max(t.1.abs())).max().unwrap_or(0);
        let (width, height) = (self.width as i64, self.height as i64);
        let mut out = vec![0.0f32; self.grey.len()];
        out.par_chunks_mut(self.width).enumerate().for_each(|(y, row)| {
            let y = y as i64;
            for &(dx, dy, weight) in taps {
                let inner = if y >= reach && y < height - reach && width > 2 * reach { reach } else { width / 2 + 1 };
                for x in (0..inner.min(width)).chain((width - inner).max(inner.min(width))..width) {
                    row[x as usize] += weight * self.at(x + dx, y + dy);
                }
                if inner == reach {
                    let from = ((y + dy) * width + reach + dx) as usize;
                    let len = (width - 2 * reach) as usize;
                    let source = &self.grey[from..from + len];
                    for (to, from) in row[reach as usize..][..len].iter_mut().zip(source) {
                        *to += weight * from;
                    }
                }
            }
        });
        self.grey = out;
    }

    /// A lens out of focus: a Gaussian of `sigma` pixels.
    pub(super) fn blur(&mut self, sigma: f32) {
        let reach = (3.0 * sigma).ceil() as i64;
        let weights: Vec<f32> = (-reach..=reach).map(|i| (-(i * i) as f32 / (2.0 * sigma * sigma)).exp()).collect();
        let sum: f32 = weights.iter().sum();
        let taps = |across: bool| -> Vec<(i64, i64, f32)> {
            (-reach..=reach)
                .zip(&weights)
                .map(|(i, w)| if across { (i, 0, w / sum) } else { (0, i, w / sum) })
                .collect()
        };
        self.convolve(&taps(true));
        self.convolve(&taps(false));
    }

    /// A hand that moved `length` pixels towards `angle` while the shutter was open.
    pub(super) fn move_camera(&mut self, length: f32, angle: f32) {
        let steps = 16;
        let mut taps: Vec<(i64, i64, f32)> = Vec::new();
        for step in 0..steps {
            let t = ((step as f32 + 0.5) / steps as f32 - 0.5) * length;
            let (x, y) = (t * angle.cos(), t * angle.sin());
            let (left, top) = (x.floor(), y.floor());
            for (dx, wx) in [(0, 1.0 - (x - left)), (1, x - left)] {
                for (dy, wy) in [(0, 1.0 - (y - top)), (1, y - top)] {
                    let (dx, dy, weight) = (left as i64 + dx, top as i64 + dy, wx * wy / steps as f32);
                    match taps.iter_mut().find(|t| (t.0, t.1) == (dx, dy)) {
                        Some(tap) => tap.2 += weight,
                        None => taps.push((dx, dy, weight)),
                    }
                }
            }
        }
        self.convolve(&taps);
    }

    /// Light that falls from one side, a darker rim, and noise of the sensor.
    pub(super) fn light(&mut self, darkest: f32, noise: f32, rng: &mut ChaCha8Rng) {
        let angle = rng.random_range(0.0..std::f32::consts::TAU);
        let (ax, ay) = (angle.cos(), angle.sin());
        let (width, height) = (self.width as f32, self.height as f32);
        for y in 0..self.height {
            for x in 0..self.width {
                let (u, v) = (x as f32 / width - 0.5, y as f32 / height - 0.5);
                let side = (u * ax + v * ay) / 1.42 + 0.5;
                let gain = (darkest + (1.0 - darkest) * side) * (1.0 - 0.35 * (u * u + v * v));
                // Twelve bits of four uniform draws: near enough to a bell, and quick.
                let draw = rng.random::<u64>();
                let sum = (0..4).map(|i| ((draw >> (16 * i)) & 0xffff) as f32).sum::<f32>() / 65535.0 - 2.0;
                let grey = &mut self.grey[y * self.width + x];
                *grey = *grey * gain + sum * 1.732 * noise;
            }
        }
    }
}
