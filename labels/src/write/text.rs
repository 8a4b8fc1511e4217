//! Fitting a text into a box: it shrinks, then wraps, then ends in "…"; it never runs over.
//!
//! Widths are whole thousandths of the type size, so that what is measured is exactly what is drawn.

use std::ops::Range;

use super::font::{FontSet, Glyph};
use super::units::Pt;

/// Height of a line above its baseline, in type sizes. Covers ideographs and Latin capitals.
pub(crate) const ASCENT: f32 = 0.90;
/// Depth of a line below its baseline, in type sizes. Covers Latin descenders.
pub(crate) const DESCENT: f32 = 0.26;
/// From one baseline to the next, in type sizes.
pub(crate) const LEADING: f32 = 1.20;
/// Type sizes tried are multiples of this.
const STEP: f32 = 0.25;
/// A longer text is cut before it is measured: no label holds as much.
const LONGEST: usize = 2_000;

/// How a text was made to fit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fit {
    pub size: Pt,
    /// Each line as a range of the glyphs given.
    pub lines: Vec<Range<usize>>,
    /// The last line is followed by "…".
    pub cut: bool,
}

/// The room a text has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub width: Pt,
    pub height: Pt,
    pub largest: Pt,
    pub smallest: Pt,
    pub lines: usize,
}

/// Height of `lines` lines, in type sizes.
pub(crate) fn lines_height(lines: usize) -> f32 {
    ASCENT + DESCENT + LEADING * (lines.max(1) - 1) as f32
}

/// A glyph wider than this is not drawn but replaced: the narrowest box allowed is as wide.
pub(crate) const WIDEST_GLYPH: u16 = 2_000;

/// Appends a text as glyphs and says whether it is whole, not beyond the longest length. Control characters and
/// runs of space become one space, invisible marks vanish, and a character without a glyph becomes the
/// replacement; each such character goes to `missing`.
pub(crate) fn shape(text: &str, fonts: &FontSet, glyphs: &mut Vec<Glyph>, mut missing: impl FnMut(char)) -> bool {
    let start = glyphs.len();
    let mut space = false;
    for char in text.chars().filter(|&c| !is_invisible(c)) {
        if glyphs.len() - start >= LONGEST {
            return false;
        }
        if char.is_control() || char.is_whitespace() {
            space = glyphs.len() > start;
            continue;
        }
        if std::mem::take(&mut space) {
            glyphs.extend(fonts.find(' '));
        }
        glyphs.push(fonts.find(char).filter(|glyph| glyph.advance <= WIDEST_GLYPH).unwrap_or_else(|| {
            missing(char);
            fonts.replacement()
        }));
    }
    true
}

/// Marks that steer rendering and show nothing themselves: joiners, direction controls, variation selectors.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// The sum of advances, in thousandths of the type size.
pub(crate) fn width(glyphs: &[Glyph]) -> u32 {
    glyphs.iter().map(|glyph| u32::from(glyph.advance)).sum()
}

/// Finds the largest size at which the text fits on one line; if that is too small, on several; if it still does
/// not fit at the smallest size, cuts it.
pub(crate) fn fit(glyphs: &[Glyph], room: Room, ellipsis: Glyph) -> Fit {
    let total = width(glyphs);
    if capacity(room.width, room.largest) >= total {
        return Fit { size: room.largest, lines: one_line(glyphs.len()), cut: false };
    }
    let one = Pt(step_down(Pt(room.width.0 * 1000.0 / total as f32)).0.max(room.smallest.0));
    if capacity(room.width, one) >= total {
        return Fit { size: one, lines: one_line(glyphs.len()), cut: false };
    }
    let mut size = room.largest;
    loop {
        let allowed = lines_at(room, size);
        if allowed > 1 {
            let lines = wrap(glyphs, capacity(room.width, size), allowed + 1);
            if lines.len() <= allowed {
                return Fit { size, lines, cut: false };
            }
        }
        if size <= room.smallest {
            return cut(glyphs, room, ellipsis);
        }
        size = next_smaller(size, room.smallest);
    }
}

#[expect(clippy::single_range_in_vec_init, reason = "one line is one range")]
fn one_line(length: usize) -> Vec<Range<usize>> {
    vec![0..length]
}

/// What fits into a width at a size, in thousandths of the size.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float to int saturates, and sizes are positive")]
fn capacity(width: Pt, size: Pt) -> u32 {
    // A hair of slack, so that a size computed from a width fits that width again.
    (width.0 * 1000.0 / size.0 + 0.01) as u32
}

/// The size itself if it is a multiple of the step, else the next lower one.
fn step_down(size: Pt) -> Pt {
    Pt((size.0 / STEP).floor() * STEP)
}

/// The next lower multiple of the step, not below the smallest size.
fn next_smaller(size: Pt, smallest: Pt) -> Pt {
    Pt((((size.0 / STEP).ceil() - 1.0) * STEP).max(smallest.0))
}

/// How many lines the height holds at a size, up to the number allowed.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float to int saturates, and heights are positive")]
fn lines_at(room: Room, size: Pt) -> usize {
    let more = (room.height.0 / size.0 - ASCENT - DESCENT) / LEADING + 0.001;
    (1 + more.max(0.0) as usize).min(room.lines)
}

/// Greedy lines of at most `capacity`; stops after `limit` lines.
fn wrap(glyphs: &[Glyph], capacity: u32, limit: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    while start < glyphs.len() && lines.len() < limit {
        let end = line_end(glyphs, start, capacity);
        lines.push(start..trimmed(glyphs, start, end));
        start = end;
        while glyphs.get(start).is_some_and(|glyph| glyph.char == ' ') {
            start += 1;
        }
    }
    lines
}

/// Where the line that begins at `start` ends: at the last place where it may be broken, else in mid-word.
fn line_end(glyphs: &[Glyph], start: usize, capacity: u32) -> usize {
    let (mut used, mut last_break) = (0, None);
    for at in start..glyphs.len() {
        if at > start && may_break(glyphs[at - 1].char, glyphs[at].char) {
            last_break = Some(at);
        }
        used += u32::from(glyphs[at].advance);
        // A space at the end of a line hangs over, it is not drawn.
        if used > capacity && glyphs[at].char != ' ' {
            return last_break.unwrap_or(at).max(start + 1);
        }
    }
    glyphs.len()
}

fn trimmed(glyphs: &[Glyph], start: usize, mut end: usize) -> usize {
    while end > start && glyphs[end - 1].char == ' ' {
        end -= 1;
    }
    end
}

/// Whether a line may end between two characters: at spaces, after hyphens and slashes, and between ideographs,
/// but not before closing nor after opening punctuation.
fn may_break(before: char, after: char) -> bool {
    const NOT_FIRST: &str = "、。，．：；？！）］｝】》〉」』〕〗”’…—·～%％℃‰,.:;?!)]}>々ーァィゥェォ";
    const NOT_LAST: &str = "（［｛【《〈「『〔〖“‘([{<￥¥$#№";
    if NOT_FIRST.contains(after) || NOT_LAST.contains(before) || after == ' ' {
        return false;
    }
    before == ' ' || is_wide(before) || is_wide(after) || matches!(before, '-' | '/' | '_' | '\\' | '|' | '+' | '×')
}

/// Ideographs, kana, full-width forms: scripts written without spaces.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{20000}'..='\u{3ffff}')
}

/// Keeps what the smallest size holds, and leaves room for the ellipsis at the end.
fn cut(glyphs: &[Glyph], room: Room, ellipsis: Glyph) -> Fit {
    let size = room.smallest;
    let mut lines = wrap(glyphs, capacity(room.width, size), lines_at(room, size));
    if let Some(last) = lines.last_mut() {
        let capacity = capacity(room.width, size).saturating_sub(u32::from(ellipsis.advance));
        let (mut used, mut end) = (0, last.start);
        for glyph in &glyphs[last.start..] {
            used += u32::from(glyph.advance);
            if used > capacity {
                break;
            }
            end += 1;
        }
        last.end = trimmed(glyphs, last.start, end);
    }
    Fit { size, lines, cut: true }
}
