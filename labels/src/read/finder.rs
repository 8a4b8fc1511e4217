//! Where finder patterns may be: squares within squares, dark and light as 1:1:3:1:1 along a row and a column.
//!
//! The picture is sharpened, and a pixel is dark when it is darker than the mean of its surroundings, so that
//! shade and glare do not matter. Rows are scanned in bands, on all cores; only a band's worth of black and
//! white is ever held.

use rayon::prelude::*;

use super::luma::LumaView;

/// Rows a band answers for.
const BAND: usize = 256;
/// Rows looked at beyond a band, so that a pattern on its border is seen whole.
const OVERLAP: usize = 40;
/// Half the side of the square whose mean decides between dark and light.
const REACH: usize = 15;
/// Half the side of the square a pixel is sharpened against.
const NEAR: usize = 2;
/// How far a pixel is pushed away from the mean of that square, in times its distance.
const SHARPEN: i32 = 2;
/// Grey levels a pixel must be darker than its surroundings; keeps an even ground from being all specks.
const CONTRAST: i32 = 12;
/// Longest single run in a pattern; a larger pattern is seen in the picture halved.
const LONGEST: usize = 36;
/// Shortest and longest pattern, in pixels.
const PATTERN: std::ops::RangeInclusive<usize> = 10..=84;

/// A possible finder pattern.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Finder {
    /// Its middle, in pixels.
    pub(super) x: f32,
    pub(super) y: f32,
    /// A seventh of its width, taken along the row and the column.
    pub(super) module: f32,
    /// How many rows saw it.
    hits: u32,
}

/// All possible finder patterns of a picture.
pub(super) fn find(picture: LumaView<'_>) -> Vec<Finder> {
    let height = picture.height();
    let tops: Vec<usize> = (0..height).step_by(BAND).collect();
    let hits: Vec<Finder> = tops
        .par_iter()
        .flat_map_iter(|&top| {
            let bottom = (top + BAND).min(height);
            let band = Band::of(picture, top.saturating_sub(OVERLAP), (bottom + OVERLAP).min(height));
            let mut hits = Vec::new();
            for y in top..bottom {
                band.scan_row(y - band.top, &mut hits);
            }
            hits
        })
        .collect();
    gather(hits)
}

/// Joins the hits that many rows had on the same pattern.
fn gather(mut hits: Vec<Finder>) -> Vec<Finder> {
    hits.sort_by(|a, b| a.y.total_cmp(&b.y));
    let mut finders: Vec<Finder> = Vec::new();
    for hit in hits {
        let recent = finders.iter_mut().rev().take_while(|f| hit.y - f.y < 40.0);
        match recent.into_iter().find(|f| f.is_also(&hit)) {
            Some(finder) => finder.absorb(&hit),
            None => finders.push(hit),
        }
    }
    finders
}

impl Finder {
    fn is_also(&self, other: &Self) -> bool {
        let near = 1.5 * self.module.min(other.module);
        let alike = self.module < 2.0 * other.module && other.module < 2.0 * self.module;
        alike && (self.x - other.x).abs() < near && (self.y - other.y).abs() < near
    }

    fn absorb(&mut self, other: &Self) {
        let old = self.hits as f32;
        let mean = |a: f32, b: f32| (a * old + b) / (old + 1.0);
        self.x = mean(self.x, other.x);
        self.y = mean(self.y, other.y);
        self.module = mean(self.module, other.module);
        self.hits += 1;
    }
}

/// Some rows of the picture in black and white.
struct Band {
    top: usize,
    width: usize,
    height: usize,
    /// 1 is dark.
    dark: Vec<u8>,
}

impl Band {
    fn of(picture: LumaView<'_>, top: usize, bottom: usize) -> Self {
        let width = picture.width();
        let mut dark = vec![0; width * (bottom - top)];
        let mut around = BoxMean::new(width, REACH);
        let mut near = BoxMean::new(width, NEAR);
        for (y, out) in (top..bottom).zip(dark.chunks_mut(width)) {
            around.move_to(picture, y);
            near.move_to(picture, y);
            let means = around.sums.iter().zip(&near.sums);
            for ((out, &pixel), (&around_sum, &near_sum)) in out.iter_mut().zip(picture.row(y)).zip(means) {
                // (pixel + SHARPEN × (pixel − near) + CONTRAST < around), multiplied out.
                let sharp = ((SHARPEN + 1) * i32::from(pixel) + CONTRAST) * near.area - SHARPEN * near_sum;
                *out = u8::from(sharp * around.area < around_sum * near.area);
            }
        }
        Self { top, width, height: bottom - top, dark }
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.dark[y * self.width + x] != 0
    }

    /// Looks for dark, light, dark, light, dark in the ratio of a finder pattern.
    fn scan_row(&self, y: usize, hits: &mut Vec<Finder>) {
        let row = &self.dark[y * self.width..][..self.width];
        let mut runs = [0usize; 5];
        let mut x = 0;
        let mut colour = 0u8;
        while x < row.len() {
            let length = row[x..].iter().position(|&p| p != colour).unwrap_or(row.len() - x);
            x += length;
            runs = [runs[1], runs[2], runs[3], runs[4], length];
            if colour == 1
                && let Some(module) = ratio_holds(&runs)
            {
                let middle = x - runs[4] - runs[3] - runs[2] / 2 - 1;
                hits.extend(self.confirm(middle, y, module));
            }
            colour = 1 - colour;
        }
    }

    /// Confirms a pattern seen round (`x`, `y`) along the column, and then along the row through its middle.
    fn confirm(&self, x: usize, y: usize, module: f32) -> Option<Finder> {
        let (middle_y, down) = self.cross(x, y, false)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a row inside the band")]
        let (middle_x, across) = self.cross(x, middle_y as usize, true)?;
        let alike = down < 2.5 * module && module < 2.5 * down;
        alike.then(|| Finder { x: middle_x, y: self.top as f32 + middle_y, module: (across + down) / 2.0, hits: 1 })
    }

    /// The five runs round a dark pixel, along the row or down the column: their middle and module size.
    fn cross(&self, x: usize, y: usize, along: bool) -> Option<(f32, f32)> {
        let (at, size) = if along { (x, self.width) } else { (y, self.height) };
        let dark = |i: usize| {
            if along { self.is_dark(i, y) } else { self.is_dark(x, i) }
        };
        if !dark(at) {
            return None;
        }
        let mut runs = [0usize; 5];
        let mut low = at;
        for (run, colour) in [(2, true), (1, false), (0, true)] {
            while low > 0 && dark(low - 1) == colour && runs[run] < LONGEST {
                low -= 1;
                runs[run] += 1;
            }
        }
        let mut high = at + 1;
        runs[2] += 1;
        for (run, colour) in [(2, true), (3, false), (4, true)] {
            while high < size && dark(high) == colour && runs[run] < LONGEST {
                high += 1;
                runs[run] += 1;
            }
        }
        let module = ratio_holds(&runs)?;
        let core_end = high - runs[4] - runs[3];
        Some((core_end as f32 - runs[2] as f32 / 2.0, module))
    }
}

/// The module size, when five runs are near enough to 1:1:3:1:1.
fn ratio_holds(runs: &[usize; 5]) -> Option<f32> {
    let total: usize = runs.iter().sum();
    if !PATTERN.contains(&total) || runs.contains(&0) {
        return None;
    }
    let module = total as f32 / 7.0;
    let near = |run: usize, modules: f32, slack: f32| (runs[run] as f32 - modules * module).abs() < slack;
    let slack = 0.5 * module + 0.5;
    let sides = [0, 1, 3, 4].iter().all(|&run| near(run, 1.0, slack));
    (sides && near(2, 3.0, 1.5 * module)).then_some(module)
}

/// Sums over a square window that moves down the picture, one for each column. Where the rim of the picture
/// cuts the window, the sum is scaled up to the full area.
struct BoxMean {
    reach: usize,
    /// Pixels in the full window.
    area: i32,
    sums: Vec<i32>,
    columns: Vec<i32>,
    /// The rows now in `columns`: from, and up to.
    rows: (usize, usize),
    prefix: Vec<i32>,
}

impl BoxMean {
    fn new(width: usize, reach: usize) -> Self {
        let side = 2 * reach + 1;
        let area = i32::try_from(side * side).unwrap_or(i32::MAX);
        let (sums, columns, prefix) = (vec![0; width], vec![0; width], vec![0; width + 1]);
        Self { reach, area, sums, columns, rows: (0, 0), prefix }
    }

    fn move_to(&mut self, picture: LumaView<'_>, y: usize) {
        let wanted = (y.saturating_sub(self.reach), (y + self.reach + 1).min(picture.height()));
        if self.rows.1 <= wanted.0 {
            self.columns.fill(0);
            self.rows = (wanted.0, wanted.0);
        }
        for row in self.rows.1..wanted.1 {
            self.columns.iter_mut().zip(picture.row(row)).for_each(|(c, &p)| *c += i32::from(p));
        }
        for row in self.rows.0..wanted.0 {
            self.columns.iter_mut().zip(picture.row(row)).for_each(|(c, &p)| *c -= i32::from(p));
        }
        self.rows = wanted;
        self.sum_up();
    }

    fn sum_up(&mut self) {
        let mut sum = 0i32;
        for (slot, &column) in self.prefix[1..].iter_mut().zip(&self.columns) {
            // Differences stay right even when the sum itself goes round.
            sum = sum.wrapping_add(column);
            *slot = sum;
        }
        let (width, side) = (self.columns.len(), 2 * self.reach + 1);
        let rows = self.rows.1 - self.rows.0;
        let inner = if rows == side && width > side { self.reach..width - self.reach } else { 0..0 };
        let pairs = self.prefix.iter().zip(self.prefix.get(side..).unwrap_or_default());
        for (out, (low, high)) in self.sums[inner.clone()].iter_mut().zip(pairs) {
            *out = high.wrapping_sub(*low);
        }
        for x in (0..inner.start).chain(inner.end..width) {
            let (left, right) = (x.saturating_sub(self.reach), (x + self.reach + 1).min(width));
            let part = i32::try_from((right - left) * rows).unwrap_or(i32::MAX);
            let sum = i64::from(self.prefix[right].wrapping_sub(self.prefix[left]));
            self.sums[x] = i32::try_from(sum * i64::from(self.area) / i64::from(part.max(1))).unwrap_or(i32::MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of 60×60 with a pattern of 4-pixel modules round (30, 26).
    fn pattern(dark: u8, light: u8) -> Vec<u8> {
        let mut pixels = vec![light; 3600];
        for y in 0..28usize {
            for x in 0..28usize {
                let ring = (x / 4).abs_diff(3).max((y / 4).abs_diff(3));
                if ring != 2 {
                    pixels[(y + 12) * 60 + x + 16] = dark;
                }
            }
        }
        pixels
    }

    #[test]
    fn a_pattern_is_found_in_the_middle() {
        for (dark, light) in [(0, 255), (20, 60), (150, 190)] {
            let pixels = pattern(dark, light);
            let found = find(LumaView::new(&pixels, 60, 60).unwrap());
            assert_eq!(found.len(), 1, "{found:?}");
            assert!((found[0].x - 30.0).abs() < 1.0 && (found[0].y - 26.0).abs() < 1.0, "{found:?}");
            assert!((found[0].module - 4.0).abs() < 0.4, "{found:?}");
        }
    }

    #[test]
    fn light_on_dark_and_plain_ground_are_none() {
        for pixels in [pattern(255, 0), vec![0; 3600], vec![255; 3600]] {
            assert_eq!(find(LumaView::new(&pixels, 60, 60).unwrap()), []);
        }
    }

    #[test]
    fn windows_are_right_at_the_rim_too() {
        let pixels: Vec<u8> = (0..40 * 40u32).map(|i| u8::try_from(i * 7 % 251).unwrap()).collect();
        let picture = LumaView::new(&pixels, 40, 40).unwrap();
        let mut window = BoxMean::new(40, 2);
        for y in 0..40usize {
            window.move_to(picture, y);
            for x in 0..40usize {
                let rows = y.saturating_sub(2)..(y + 3).min(40);
                let columns = x.saturating_sub(2)..(x + 3).min(40);
                let part = i32::try_from(rows.len() * columns.len()).unwrap();
                let sum: i32 =
                    rows.map(|r| picture.row(r)[columns.clone()].iter().map(|&p| i32::from(p)).sum::<i32>()).sum();
                assert_eq!(window.sums[x], sum * 25 / part, "{x} {y}");
            }
        }
    }
}
