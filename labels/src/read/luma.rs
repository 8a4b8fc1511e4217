//! Grey pictures: a borrowed view, an owned picture, and the few operations the reader needs.

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

    /// The part inside both this picture and the rectangle asked for.
    pub(super) fn cut(&self, area: Area) -> Luma {
        let area = area.within(self.width, self.height);
        let mut pixels = Vec::with_capacity(area.width * area.height);
        for y in area.top..area.top + area.height {
            pixels.extend_from_slice(&self.row(y)[area.left..area.left + area.width]);
        }
        Luma { pixels, width: area.width, height: area.height }
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
    pub(super) fn view(&self) -> Option<LumaView<'_>> {
        LumaView::new(&self.pixels, self.width, self.height)
    }
}
