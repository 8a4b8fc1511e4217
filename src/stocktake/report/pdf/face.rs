//! Measures text in one font, and breaks it into lines as Chinese is broken.

use ttf_parser::GlyphId;

/// Shown where the font has no character.
const REPLACEMENTS: [char; 3] = ['□', '?', ' '];
/// May not begin a line.
const NOT_FIRST: &str = "，。、；：！？）》」』】〕”’…%％·—,.;:!?)]}";
/// May not end a line.
const NOT_LAST: &str = "（《「『【〔“‘([{";

/// The font, to measure with.
pub(super) struct Face<'a> {
    face: ttf_parser::Face<'a>,
    per_em: f32,
}

impl<'a> Face<'a> {
    pub(super) fn new(font: &'a [u8]) -> Option<Self> {
        let face = ttf_parser::Face::parse(font, 0).ok()?;
        let per_em = f32::from(face.units_per_em());
        (per_em > 0.0).then_some(Self { face, per_em })
    }

    /// The glyph of a character and its width in ems. Control characters have no width and no glyph.
    pub(super) fn glyph(&self, c: char) -> (u16, f32) {
        if c.is_control() {
            return (0, 0.0);
        }
        let glyph = [c].into_iter().chain(REPLACEMENTS).find_map(|c| self.face.glyph_index(c)).unwrap_or(GlyphId(0));
        (glyph.0, self.face.glyph_hor_advance(glyph).map_or(1.0, f32::from) / self.per_em)
    }

    /// The width of `text` in points at `size` points.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.glyph(c).1).sum::<f32>() * size
    }

    /// Breaks `text` into lines of at most `width` points, the first `indent` narrower.
    pub(super) fn lines(&self, text: &str, size: f32, width: f32, indent: f32) -> Vec<String> {
        let mut lines = vec![];
        let (mut line, mut used) = (String::new(), indent);
        for piece in pieces(text) {
            if piece == "\n" {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
                continue;
            }
            let wide = self.width(piece, size);
            if used + wide > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                used = 0.0;
            }
            if wide > width {
                (line, used) = self.force(&mut lines, std::mem::take(&mut line), used, piece, size, width);
            } else if !(line.is_empty() && piece == " " && !lines.is_empty()) {
                line.push_str(piece);
                used += wide;
            }
        }
        if !line.is_empty() || lines.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// Breaks a piece that is wider than a whole line wherever it must be.
    fn force(
        &self,
        lines: &mut Vec<String>,
        mut line: String,
        mut used: f32,
        piece: &str,
        size: f32,
        width: f32,
    ) -> (String, f32) {
        for c in piece.chars() {
            let wide = self.glyph(c).1 * size;
            if used + wide > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            line.push(c);
            used += wide;
        }
        (line, used)
    }

    /// At most `most` lines; the last ends in `…` when there would be more.
    pub(super) fn lines_at_most(&self, text: &str, size: f32, width: f32, most: usize) -> Vec<String> {
        let mut lines = self.lines(text, size, width, 0.0);
        if lines.len() > most {
            lines.truncate(most);
            if let Some(last) = lines.last_mut() {
                while !last.is_empty() && self.width(last, size) + self.width("…", size) > width {
                    last.pop();
                }
                last.push('…');
            }
        }
        lines
    }
}

/// The pieces between which a line may break: a Chinese character, or a run of letters and digits, each with the
/// marks that belong to it.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = vec![];
    let mut start = 0;
    let mut previous: Option<char> = None;
    for (at, c) in text.char_indices() {
        if let Some(before) = previous
            && may_break(before, c)
        {
            pieces.push(&text[start..at]);
            start = at;
        }
        previous = Some(c);
    }
    if start < text.len() {
        pieces.push(&text[start..]);
    }
    pieces
}

fn may_break(before: char, after: char) -> bool {
    let runs_on = |c: char| c.is_ascii_graphic();
    if before == '\n' || after == '\n' {
        return true;
    }
    !(NOT_FIRST.contains(after) || NOT_LAST.contains(before) || (runs_on(before) && runs_on(after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stay_with_what_they_belong_to() {
        assert_eq!(pieces("盘亏 45 项，占"), ["盘", "亏", " ", "45", " ", "项，", "占"]);
        assert_eq!(pieces("（示例）报告"), ["（示", "例）", "报", "告"]);
        assert_eq!(pieces("CJ2021-000123号"), ["CJ2021-000123", "号"]);
        assert_eq!(pieces("甲\n乙"), ["甲", "\n", "乙"]);
        assert_eq!(pieces(""), Vec::<&str>::new());
    }
}
