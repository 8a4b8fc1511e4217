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
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "float to int saturates, and sizes are positive"
)]
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
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "float to int saturates, and heights are positive"
)]
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

/// Whether a line may end between two characters: at spaces, after hyphens and slashes but not in `i7-13700`, and between ideographs,
/// but not before closing nor after opening punctuation.
fn may_break(before: char, after: char) -> bool {
    const NOT_FIRST: &str = "、。，．：；？！）］｝】》〉」』〕〗”’…—·～%％℃‰,.:;?!)]}>々ーァィゥェォ";
    const NOT_LAST: &str = "（［｛【《〈「『〔〖“‘([{<￥¥$#№";
    if NOT_FIRST.contains(after) || NOT_LAST.contains(before) || after == ' ' {
        return false;
    }
    let after_joint = matches!(before, '-' | '/' | '_' | '\\' | '|' | '+' | '×') && !after.is_ascii_digit();
    before == ' ' || is_wide(before) || is_wide(after) || after_joint
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::LazyLock;

    static FONTS: LazyLock<FontSet> = LazyLock::new(|| FontSet::builtin().unwrap());

    fn glyphs(text: &str) -> Vec<Glyph> {
        let mut glyphs = Vec::new();
        shape(text, &FONTS, &mut glyphs, |_| {});
        glyphs
    }

    fn shown(text: &str, room: Room) -> String {
        let glyphs = glyphs(text);
        let fit = fit(&glyphs, room, FONTS.find('…').unwrap());
        let line = |range: &Range<usize>| glyphs[range.clone()].iter().map(|glyph| glyph.char).collect::<String>();
        let lines: Vec<_> = fit.lines.iter().map(line).collect();
        format!("{}: {}{}", fit.size.0, lines.join("|"), if fit.cut { "…" } else { "" })
    }

    /// 100 points wide; an ideograph is as wide as it is high.
    fn room(height: f32, largest: f32, smallest: f32, lines: usize) -> Room {
        Room { width: Pt(100.0), height: Pt(height), largest: Pt(largest), smallest: Pt(smallest), lines }
    }

    #[test]
    fn text_shrinks_then_wraps_then_is_cut() {
        let one = room(12.0, 10.0, 5.0, 1);
        let two = room(24.0, 10.0, 8.0, 2);
        for (text, room, expected) in [
            ("台式计算机", one, "10: 台式计算机"),
            ("一二三四五六七八九十", one, "10: 一二三四五六七八九十"),
            ("一二三四五六七八九十一", one, "9: 一二三四五六七八九十一"),
            ("一二三四五六七八九十一二三四五六七八九十", one, "5: 一二三四五六七八九十一二三四五六七八九十"),
            ("一二三四五六七八九十一二三四五六七八九十一", one, "5: 一二三四五六七八九十一二三四五六七八九…"),
            ("一二三四五六七八九十一二", two, "8.25: 一二三四五六七八九十一二"),
            ("一二三四五六七八九十一二三", two, "10: 一二三四五六七八九十|一二三"),
            (
                "一二三四五六七八九十一二三四五六七八九十一二三四",
                two,
                "8.25: 一二三四五六七八九十一二|三四五六七八九十一二三四",
            ),
            (
                "一二三四五六七八九十一二三四五六七八九十一二三四五",
                two,
                "8: 一二三四五六七八九十一二|三四五六七八九十一二三…",
            ),
            ("", one, "10: "),
        ] {
            assert_eq!(shown(text, room), expected, "{text}");
        }
    }

    #[test]
    fn lines_break_where_a_reader_expects() {
        let room = room(40.0, 10.0, 9.5, 3);
        for (text, expected) in [
            // Punctuation neither begins nor ends a line.
            ("执法办案管理中心一楼（涉案财物室）", "10: 执法办案管理中心一楼|（涉案财物室）"),
            ("执法办案管理中心一（涉案财物室）", "10: 执法办案管理中心一|（涉案财物室）"),
            ("一二三四五六七八九十，一二三四", "10: 一二三四五六七八九|十，一二三四"),
            // Words stay whole, and spaces at a break vanish.
            ("大容量碎纸机 Fellowes PowerShred", "10: 大容量碎纸机|Fellowes|PowerShred"),
            // Models stay whole where a hyphen is followed by a digit, and break at others.
            ("联想工作站处理器 i7-13700", "10: 联想工作站处理器|i7-13700"),
            ("联想工作站 ThinkCentre-Mini", "10: 联想工作站|ThinkCentre-Mini"),
            // A word longer than a line breaks anyhow.
            ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "10: ABCDEFGHIJKLMNO|PQRSTUVWXYZ"),
        ] {
            assert_eq!(shown(text, room), expected, "{text}");
        }
    }

    #[test]
    fn control_characters_and_invisible_marks_do_no_harm() {
        let text: String = glyphs(" \u{0}张\r\n\t三\u{200b}\u{feff}\u{202e}李\u{7f}\u{fe0f}四 \n")
            .iter()
            .map(|glyph| glyph.char)
            .collect();
        assert_eq!(text, "张 三李 四");
    }

    #[test]
    fn rare_characters_have_their_own_glyphs_and_unknown_ones_a_box() {
        let mut missing = Vec::new();
        let mut glyphs = Vec::new();
        shape("㛃骉䶮😀", &FONTS, &mut glyphs, |char| missing.push(char));
        assert_eq!(missing, ['😀']);
        let shown: String = glyphs.iter().map(|glyph| glyph.char).collect();
        assert_eq!(shown, "㛃骉䶮□");
        assert!(glyphs.iter().all(|glyph| glyph.id != 0 && glyph.advance == 1000));
    }

    #[test]
    fn an_endless_text_is_cut_and_said_to_be() {
        let mut glyphs = Vec::new();
        assert!(!shape(&"长".repeat(LONGEST + 1), &FONTS, &mut glyphs, |_| {}));
        assert_eq!(glyphs.len(), LONGEST);
        assert!(shape(&" ".repeat(LONGEST * 2), &FONTS, &mut glyphs, |_| {}));
    }
}
