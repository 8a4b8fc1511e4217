//! The fonts a label is set in: a character's glyph and its advance, from the main font or else the fallback.
//!
//! Looking a character up is what layout does most, so every character's glyph and advance is read once into
//! two plain tables. A character that neither font has becomes a visible box, never nothing.

use std::borrow::Cow;
use std::collections::HashMap;
use ttf_parser::{Face, GlyphId, RawFace, Tag};

use super::WriteError;

/// Noto Sans SC Regular, embedded at build time.
pub static BUILTIN_FONT: &[u8] = include_bytes!(env!("HUFU_FONT_TTF"));
/// The licence of the embedded font, to be shown wherever the program shows its own.
pub const BUILTIN_FONT_LICENCE: &str = include_str!(env!("HUFU_FONT_LICENCE"));

/// Shown for a character that no font has, in order of preference.
const REPLACEMENTS: [char; 3] = ['□', '〓', '?'];

/// Which of the two fonts a glyph is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Slot {
    Main,
    Fallback,
}

/// One glyph ready to be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Glyph {
    /// The character it shows.
    pub char: char,
    pub slot: Slot,
    /// Its number in the font.
    pub id: u16,
    /// How far the pen moves, in thousandths of the type size.
    pub advance: u16,
}

/// The main font and, if set, the fallback for characters it lacks.
pub struct FontSet {
    main: Font,
    fallback: Option<Font>,
    replacement: Glyph,
}

impl FontSet {
    /// The embedded font alone.
    ///
    /// # Errors
    /// When the font given at build time is not a usable one.
    pub fn builtin() -> Result<Self, WriteError> {
        Self::new(BUILTIN_FONT, None)
    }

    /// The embedded font, with another one for the characters it lacks.
    ///
    /// # Errors
    /// When the fallback is not a TrueType or OpenType font.
    pub fn with_fallback(fallback: Vec<u8>) -> Result<Self, WriteError> {
        Self::new(BUILTIN_FONT, Some(fallback))
    }

    /// Any main font (TrueType or OpenType) and an optional fallback.
    ///
    /// # Errors
    /// When one of them is not a font, or has no outlines.
    pub fn new(main: impl Into<Cow<'static, [u8]>>, fallback: Option<Vec<u8>>) -> Result<Self, WriteError> {
        let main = Font::new(main.into())?;
        let fallback = fallback.map(|data| Font::new(data.into())).transpose()?;
        let notdef = Glyph {
            char: '\u{fffd}',
            slot: Slot::Main,
            id: 0,
            advance: main.advances.first().copied().unwrap_or(1000),
        };
        let mut fonts = Self { main, fallback, replacement: notdef };
        if let Some(glyph) = REPLACEMENTS.iter().find_map(|&c| fonts.find(c)) {
            fonts.replacement = glyph;
        }
        Ok(fonts)
    }

    /// The glyph of a character, if a font has it.
    pub(crate) fn find(&self, char: char) -> Option<Glyph> {
        let in_font = |font: &Font, slot| {
            let id = font.glyph(char)?;
            let advance = font.advances.get(usize::from(id)).copied()?;
            Some(Glyph { char, slot, id, advance })
        };
        in_font(&self.main, Slot::Main).or_else(|| in_font(self.fallback.as_ref()?, Slot::Fallback))
    }

    /// What is shown for a character that no font has.
    pub(crate) fn replacement(&self) -> Glyph {
        self.replacement
    }

    pub(crate) fn font(&self, slot: Slot) -> &Font {
        match (slot, &self.fallback) {
            (Slot::Fallback, Some(font)) => font,
            _ => &self.main,
        }
    }
}

/// One font's bytes with its character table unrolled.
pub(crate) struct Font {
    data: Cow<'static, [u8]>,
    /// Glyphs of the basic plane by code point; 0 is none.
    basic: Vec<u16>,
    /// Glyphs beyond it.
    beyond: HashMap<char, u16>,
    /// Advances by glyph, in thousandths of the type size.
    advances: Vec<u16>,
}

impl Font {
    fn new(data: Cow<'static, [u8]>) -> Result<Self, WriteError> {
        let face = Face::parse(&data, 0).map_err(|error| WriteError::Font(error.to_string()))?;
        let raw = face.raw_face();
        if raw.table(Tag::from_bytes(b"glyf")).is_none() && raw.table(Tag::from_bytes(b"CFF ")).is_none() {
            return Err(WriteError::Font("字体文件没有可嵌入的轮廓（需要 TrueType 或 CFF 轮廓）".to_owned()));
        }
        let mut basic = vec![0u16; 0x1_0000];
        let mut beyond = HashMap::new();
        let subtables = face.tables().cmap.iter().flat_map(|cmap| cmap.subtables).filter(|table| table.is_unicode());
        for table in subtables {
            table.codepoints(|code| {
                let Some(GlyphId(id)) = table.glyph_index(code).filter(|glyph| glyph.0 != 0) else {
                    return;
                };
                match (usize::try_from(code).ok().and_then(|at| basic.get_mut(at)), char::from_u32(code)) {
                    (Some(place), _) if *place == 0 => *place = id,
                    (None, Some(char)) => {
                        beyond.entry(char).or_insert(id);
                    }
                    _ => {}
                }
            });
        }
        let units = u32::from(face.units_per_em().max(1));
        let advance = |glyph| {
            let units_wide = u32::from(face.glyph_hor_advance(GlyphId(glyph)).unwrap_or(0));
            u16::try_from((units_wide * 1000 + units / 2) / units).unwrap_or(u16::MAX)
        };
        let advances = (0..face.number_of_glyphs()).map(advance).collect();
        Ok(Self { data, basic, beyond, advances })
    }

    fn glyph(&self, char: char) -> Option<u16> {
        match usize::try_from(u32::from(char)).ok().and_then(|at| self.basic.get(at)) {
            Some(0) => None,
            Some(&id) => Some(id),
            None => self.beyond.get(&char).copied(),
        }
    }

    pub(crate) fn data(&self) -> &[u8] {
        &self.data
    }

    /// The advance of a glyph in thousandths of the type size.
    pub(crate) fn advance(&self, id: u16) -> u16 {
        self.advances.get(usize::from(id)).copied().unwrap_or(0)
    }

    /// The font's tables, for outlines and metrics. Parsing is a matter of microseconds.
    pub(crate) fn face(&self) -> Result<Face<'_>, WriteError> {
        Face::parse(&self.data, 0).map_err(|error| WriteError::Font(error.to_string()))
    }
}

/// The bytes of a subset's `CFF ` table, for fonts with PostScript outlines.
pub(crate) fn cff_table(font: &[u8]) -> Option<&[u8]> {
    RawFace::parse(font, 0).ok()?.table(Tag::from_bytes(b"CFF "))
}
