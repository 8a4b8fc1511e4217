//! Where finder patterns may be: squares within squares, dark and light as 1:1:3:1:1 along a row and a column.
//!
//! A pixel is dark when it is darker than the mean of its surroundings, so that shade and glare do not matter.
//! Rows are scanned in bands, on all cores; only a band's worth of black and white is ever held.

use rayon::prelude::*;

use super::luma::LumaView;

/// Rows a band answers for.
const BAND: usize = 256;
/// Rows looked at beyond a band, so that a pattern on its border is seen whole.
const OVERLAP: usize = 40;
/// Half the side of the square whose mean decides between dark and light.
const REACH: usize = 15;
/// Grey levels a pixel must be darker than that mean; keeps an even ground from being all specks.
const CONTRAST: i32 = 4;
/// Longest single run in a pattern; a larger pattern is seen in the picture halved.
const LONGEST: usize = 34;

/// A possible finder pattern.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Finder {
    pub(super) x: f32,
    pub(super) y: f32,
    /// A seventh of its width along the row and along the column.
    pub(super) module: f32,
    /// Rows that saw it.
    pub(super) hits: u32,
}

/// All possible finder patterns of a picture.
pub(super) fn find(picture: LumaView<'_>, sharpen: i32) -> Vec<Finder> {
    let bands: Vec<usize> = (0..picture.height()).step_by(BAND).collect();
    let hits: Vec<Finder> = bands
        .par_iter()
        .flat_map_iter(|&top| {
            let bottom = (top + BAND).min(picture.height());
            let band = Band::of(picture, top.saturating_sub(OVERLAP), (bottom + OVERLAP).min(picture.height()), sharpen);
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
        let same = finders
            .iter_mut()
            .rev()
            .take_while(|f| hit.y - f.y < 30.0)
            .find(|f| {
                let near = 1.5 * f.module.min(hit.module).max(1.0);
                (f.x - hit.x).abs() < near && (f.y - hit.y).abs() < near && f.module < 2.0 * hit.module && hit.module < 2.0 * f.module
            });
        match same {
            None => finders.push(hit),
            Some(f) => {
                #[expect(clippy::cast_precision_loss, reason = "a pattern is a few dozen rows")]
                let old = f.hits as f32;
                f.x = (f.x * old + hit.x) / (old + 1.0);
                f.y = (f.y * old + hit.y) / (old + 1.0);
                f.module = (f.module * old + hit.module) / (old + 1.0);
                f.hits += 1;
            }
        }
    }
    finders
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
    fn of(picture: LumaView<'_>, top: usize, bottom: usize, sharpen: i32) -> Self {
        let width = picture.width();
        let mut band = Self { top, width, height: bottom - top, dark: vec![0; width * (bottom - top)] };
        let mut large = BoxSum::new(width, REACH);
        let mut small = BoxSum::new(width, 2);
        for y in top..bottom {
            large.move_to(picture, y);
            let out = &mut band.dark[(y - top) * width..][..width];
            if sharpen > 0 {
                small.move_to(picture, y);
                darker(picture.row(y), &large, Some((&small, sharpen)), out);
            } else {
                darker(picture.row(y), &large, None, out);
            }
        }
        band
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.dark[y * self.width + x] != 0
    }

    /// Looks for dark, light, dark, light, dark in the ratio of a finder pattern.
    fn scan_row(&self, y: usize, hits: &mut Vec<Finder>) {
        let row = &self.dark[y * self.width..][..self.width];
        let mut runs = [0usize; 5];
        let mut x = 0;
        let mut dark = false;
        while x < row.len() {
            let colour = u8::from(dark);
            let length = row[x..].iter().position(|&p| p != colour).unwrap_or(row.len() - x);
            x += length;
            runs.rotate_left(1);
            runs[4] = length;
            if dark && let Some(module) = ratio_holds(&runs) {
                self.check(x, y, &runs, module, hits);
            }
            dark = !dark;
        }
    }

    /// Confirms a pattern seen in row `y`, ending before `end`, along its column and then its row again.
    fn check(&self, end: usize, y: usize, runs: &[usize; 5], module: f32, hits: &mut Vec<Finder>) {
        let middle = end - runs[4] - runs[3] - runs[2] / 2 - 1;
        let Some((centre_y, down)) = self.cross(middle, y, false) else { return };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a row inside the band")]
        let Some((centre_x, across)) = self.cross(middle, centre_y as usize, true) else { return };
        if down > 2.5 * module || module > 2.5 * down {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "rows are far below 2^24")]
        let top = self.top as f32;
        hits.push(Finder { x: centre_x, y: top + centre_y, module: (across + down) / 2.0, hits: 1 });
    }

    /// The five runs through a dark pixel, along the row or down the column: their middle and module size.
    #[expect(clippy::cast_precision_loss, reason = "pixels are far below 2^24")]
    fn cross(&self, x: usize, y: usize, along: bool) -> Option<(f32, f32)> {
        let (at, size) = if along { (x, self.width) } else { (y, self.height) };
        let dark = |i: usize| if along { self.is_dark(i, y) } else { self.is_dark(x, i) };
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
        let mut high = at;
        runs[2] += 1;
        for (run, colour) in [(2, true), (3, false), (4, true)] {
            while high + 1 < size && dark(high + 1) == colour && runs[run] < LONGEST {
                high += 1;
                runs[run] += 1;
            }
        }
        let module = ratio_holds(&runs)?;
        let core_end = high + 1 - runs[4] - runs[3];
        Some((core_end as f32 - runs[2] as f32 / 2.0, module))
    }
}

/// The module size, when five runs are near enough to 1:1:3:1:1.
fn ratio_holds(runs: &[usize; 5]) -> Option<f32> {
    let total: usize = runs.iter().sum();
    if total < 10 || total > 7 * 12 || runs.contains(&0) || runs[2] > LONGEST {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "runs are short")]
    let (module, runs) = (total as f32 / 7.0, runs.map(|r| r as f32));
    let slack = 0.5 * module + 0.5;
    let sides = [0, 1, 3, 4].iter().all(|&i| (runs[i] - module).abs() < slack);
    (sides && (runs[2] - 3.0 * module).abs() < 3.0 * 0.5 * module).then_some(module)
}

/// Marks the pixels of a row that are darker than the mean around them.
fn darker(row: &[u8], large: &BoxSum, small: Option<(&BoxSum, i32)>, out: &mut [u8]) {
    match small {
        None => {
            for (x, (out, &pixel)) in out.iter_mut().zip(row).enumerate() {
                let (sum, area) = large.at(x);
                *out = u8::from((i32::from(pixel) + CONTRAST) * area < sum);
            }
        }
        Some((small, sharpen)) => {
            for (x, (out, &pixel)) in out.iter_mut().zip(row).enumerate() {
                let (sum, area) = large.at(x);
                let (near, near_area) = small.at(x);
                let pixel = i32::from(pixel);
                let sharp = pixel + sharpen * (pixel * near_area - near) / (2 * near_area);
                *out = u8::from((sharp + CONTRAST) * area < sum);
            }
        }
    }
}

/// Sums over a square window that moves down the picture; at the rim the window is cut.
struct BoxSum {
    reach: usize,
    columns: Vec<i32>,
    /// Rows now in `columns`, as a half-open range.
    rows: (usize, usize),
    prefix: Vec<i32>,
}

impl BoxSum {
    fn new(width: usize, reach: usize) -> Self {
        Self { reach, columns: vec![0; width], rows: (0, 0), prefix: vec![0; width + 1] }
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
        let mut sum = 0i32;
        for (slot, &column) in self.prefix[1..].iter_mut().zip(&self.columns) {
            sum = sum.wrapping_add(column);
            *slot = sum;
        }
    }

    /// Sum and pixel count of the window round column `x`.
    fn at(&self, x: usize) -> (i32, i32) {
        let left = x.saturating_sub(self.reach);
        let right = (x + self.reach + 1).min(self.columns.len());
        let area = (right - left) * (self.rows.1 - self.rows.0);
        (self.prefix[right].wrapping_sub(self.prefix[left]), i32::try_from(area).unwrap_or(i32::MAX))
    }
}
