//! Grey pictures: a borrowed view, an owned picture, and the few operations the reader needs.

use rayon::prelude::*;

use super::frame::grey_at;

/// A grey picture somebody else owns: `width × height` bytes, row by row, 0 black.
#[derive(Debug, Clone, Copy)]
pub struct LumaView<'a> {
    pixels: &'a [u8],
    width: usize,
    height: usize,
}

impl<'a> LumaView<'a> {
    /// Looks at `pixels` as rows of `width`.
    ///
    /// Returns `None` unless there are exactly `width × height` of them and at least one.
    #[must_use]
    pub fn new(pixels: &'a [u8], width: usize, height: usize) -> Option<Self> {
        let fits = width.checked_mul(height) == Some(pixels.len()) && !pixels.is_empty();
        fits.then_some(Self { pixels, width, height })
    }

    /// Pixels in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    pub(super) fn row(&self, y: usize) -> &'a [u8] {
        &self.pixels[y * self.width..][..self.width]
    }

    /// The four pixels whose top left one is (`x`, `y`): upper two, lower two. At the rim the rim repeats.
    #[inline]
    pub(super) fn four(&self, x: usize, y: usize) -> [f32; 4] {
        let at = y * self.width + x;
        if let Some(part) = self.pixels.get(at..at + self.width + 2)
            && x + 1 < self.width
        {
            return [part[0], part[1], part[self.width], part[self.width + 1]].map(f32::from);
        }
        let (right, below) = ((x + 1).min(self.width - 1), (y + 1).min(self.height - 1));
        [(x, y), (right, y), (x, below), (right, below)].map(|(x, y)| f32::from(self.row(y)[x]))
    }

    /// The part inside both this picture and the rectangle asked for.
    pub(super) fn cut(&self, area: Area) -> Luma {
        let area = area.within(self.width, self.height);
        let mut pixels = Vec::with_capacity(area.width * area.height);
        for y in area.top..area.top + area.height {
            pixels.extend_from_slice(&self.row(y)[area.left..area.left + area.width]);
        }
        Luma { pixels, width: area.width, height: area.height }
    }

    /// The picture at half the size, every pixel the mean of four.
    pub(super) fn halved(&self) -> Luma {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut pixels = vec![0; width * height];
        pixels.par_chunks_mut(width.max(1)).enumerate().for_each(|(y, out)| {
            let upper = self.row(2 * y).chunks_exact(2);
            let lower = self.row(2 * y + 1).chunks_exact(2);
            for (out, (a, b)) in out.iter_mut().zip(upper.zip(lower)) {
                let sum = u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]);
                *out = u8::try_from((sum + 2) / 4).unwrap_or(u8::MAX);
            }
        });
        Luma { pixels, width, height }
    }
}

/// A rectangle of pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Area {
    /// The part of this rectangle inside a picture of the given size.
    pub(super) fn within(self, width: usize, height: usize) -> Self {
        let left = self.left.min(width);
        let top = self.top.min(height);
        Self { left, top, width: self.width.min(width - left), height: self.height.min(height - top) }
    }
}

/// A grey picture of our own.
#[derive(Debug, Clone)]
pub(super) struct Luma {
    pub(super) pixels: Vec<u8>,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Luma {
    /// The picture at twice the size, smooth between the pixels.
    pub(super) fn doubled(&self) -> Option<Self> {
        let view = self.view()?;
        let (width, height) = (2 * self.width, 2 * self.height);
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let at = (x as f32 / 2.0 + 0.25, y as f32 / 2.0 + 0.25);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mean of bytes")]
                pixels.push(grey_at(view, at) as u8);
            }
        }
        Some(Self { pixels, width, height })
    }

    /// The picture to look at, unless it has no pixels.
    pub(super) fn view(&self) -> Option<LumaView<'_>> {
        LumaView::new(&self.pixels, self.width, self.height)
    }
}
