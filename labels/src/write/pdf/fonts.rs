//! Embedding: which glyphs a job uses, their numbers in the file, and the font reduced to them.

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Chunk, Filter, Finish, Name, Rect, Ref, Str};
use rayon::prelude::*;
use std::collections::BTreeMap;
use subsetter::GlyphRemapper;

use super::super::font::{Font, FontSet, Glyph, Slot, cff_table};
use super::super::layout::Plan;
use super::super::{LabelRecord, WriteError};
use super::deflate::Deflater;

/// PDF objects of one font.
pub(super) const OBJECTS: i32 = 5;
const SYSTEM: SystemInfo<'_> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
/// Records looked through at a time by one thread.
const PART: usize = 512;

/// The glyphs of one font that a job uses.
pub(super) struct Subset {
    slot: Slot,
    /// By glyph in the whole font: its number in the subset.
    numbers: Vec<u16>,
    remapper: GlyphRemapper,
    /// By number in the subset, but for 0: the glyph and the character it stands for.
    glyphs: Vec<(u16, char)>,
}

/// How often each glyph is used, and for which character.
#[derive(Default)]
struct Uses {
    by_slot: [BTreeMap<u16, (u32, char)>; 2],
}

impl Uses {
    fn add(&mut self, glyph: Glyph, times: u32) {
        let place = self.by_slot[index(glyph.slot)].entry(glyph.id).or_insert((0, glyph.char));
        place.0 += times;
        place.1 = place.1.min(glyph.char);
    }

    fn merge(mut self, other: Self) -> Self {
        for (mine, theirs) in self.by_slot.iter_mut().zip(other.by_slot) {
            for (id, (times, char)) in theirs {
                let place = mine.entry(id).or_insert((0, char));
                place.0 += times;
                place.1 = place.1.min(char);
            }
        }
        self
    }
}

fn index(slot: Slot) -> usize {
    match slot {
        Slot::Main => 0,
        Slot::Fallback => 1,
    }
}

/// Finds the glyphs that records and template need. The most used get the lowest numbers: bytes that repeat
/// compress best.
pub(super) fn used(records: &[LabelRecord], plan: &Plan<'_>) -> [Subset; 2] {
    let part = |records: &[LabelRecord]| {
        let (mut uses, mut shaped) = (Uses::default(), Vec::new());
        for record in records {
            plan.each_glyph(record, &mut shaped, |glyph| uses.add(glyph, 1));
        }
        uses
    };
    let mut uses = records.par_chunks(PART).map(part).reduce(Uses::default, Uses::merge);
    plan.constant_glyphs().for_each(|glyph| uses.add(glyph, 1));
    let [main, fallback] = uses.by_slot;
    [Subset::new(Slot::Main, main), Subset::new(Slot::Fallback, fallback)]
}

impl Subset {
    fn new(slot: Slot, uses: BTreeMap<u16, (u32, char)>) -> Self {
        let mut ordered: Vec<_> = uses.into_iter().filter(|(id, _)| *id != 0).collect();
        ordered.sort_by_key(|&(id, (times, _))| (std::cmp::Reverse(times), id));
        let mut remapper = GlyphRemapper::new();
        let highest = ordered.iter().map(|(id, _)| usize::from(*id)).max().unwrap_or(0);
        let mut numbers = vec![0; highest + 1];
        for (id, _) in &ordered {
            numbers[usize::from(*id)] = remapper.remap(*id);
        }
        Self { slot, numbers, remapper, glyphs: ordered.into_iter().map(|(id, (_, char))| (id, char)).collect() }
    }

    pub(super) fn slot(&self) -> Slot {
        self.slot
    }

    pub(super) fn is_empty(&self) -> bool {
        self.glyphs.is_empty()
    }

    /// The glyph's number in the subset.
    pub(super) fn number(&self, glyph: Glyph) -> u16 {
        self.numbers.get(usize::from(glyph.id)).copied().unwrap_or(0)
    }

    fn id(&self, at: i32) -> Ref {
        let offset = if self.slot == Slot::Main { 0 } else { OBJECTS };
        Ref::new(super::FONTS + offset + at)
    }

    pub(super) fn font_ref(&self) -> Ref {
        self.id(0)
    }

    /// The font's objects; none if nothing is set in it.
    pub(super) fn objects(&self, fonts: &FontSet) -> Result<Vec<(Ref, Chunk)>, WriteError> {
        if self.is_empty() {
            return Ok(Vec::new());
        }
        let font = fonts.font(self.slot);
        let reduced =
            subsetter::subset(font.data(), 0, &self.remapper).map_err(|error| WriteError::Subset(error.to_string()))?;
        let postscript = cff_table(&reduced);
        let name = format!("{}+LabelFont", if self.slot == Slot::Main { "HUFUAA" } else { "HUFUAB" });
        let name = Name(name.as_bytes());
        Ok(vec![
            (self.id(0), self.type0(name)),
            (self.id(1), self.cid_font(name, font, postscript.is_some())),
            (self.id(2), self.descriptor(name, font, postscript.is_some())?),
            (self.id(3), self.to_unicode()),
            (self.id(4), self.file(postscript.unwrap_or(&reduced), postscript.is_some())),
        ])
    }

    fn type0(&self, name: Name<'_>) -> Chunk {
        let mut chunk = Chunk::with_settings(super::compact());
        let mut font = chunk.type0_font(self.id(0));
        font.base_font(name).encoding_predefined(Name(b"Identity-H"));
        font.descendant_font(self.id(1)).to_unicode(self.id(3));
        font.finish();
        chunk
    }

    fn cid_font(&self, name: Name<'_>, font: &Font, postscript: bool) -> Chunk {
        const FULL_WIDTH: u16 = 1000;
        let mut chunk = Chunk::with_settings(super::compact());
        let mut cid = chunk.cid_font(self.id(1));
        cid.subtype(if postscript { CidFontType::Type0 } else { CidFontType::Type2 });
        cid.base_font(name).system_info(SYSTEM).font_descriptor(self.id(2)).default_width(f32::from(FULL_WIDTH));
        if !postscript {
            cid.cid_to_gid_map_predefined(Name(b"Identity"));
        }
        let mut widths = cid.widths();
        let numbered = self.glyphs.iter().zip(1u16..).map(|(&(id, _), number)| (number, font.advance(id)));
        for (number, advance) in numbered.filter(|&(_, advance)| advance != FULL_WIDTH) {
            widths.consecutive(number, [f32::from(advance)]);
        }
        widths.finish();
        cid.finish();
        chunk
    }

    fn descriptor(&self, name: Name<'_>, font: &Font, postscript: bool) -> Result<Chunk, WriteError> {
        let face = font.face()?;
        let thousandths = |units: i16| f32::from(units) * 1000.0 / f32::from(face.units_per_em().max(1));
        let bounds = face.global_bounding_box();
        let bbox = Rect::new(
            thousandths(bounds.x_min),
            thousandths(bounds.y_min),
            thousandths(bounds.x_max),
            thousandths(bounds.y_max),
        );
        let mut chunk = Chunk::with_settings(super::compact());
        let mut descriptor = chunk.font_descriptor(self.id(2));
        descriptor.name(name).flags(FontFlags::SYMBOLIC).bbox(bbox).italic_angle(0.0);
        descriptor.ascent(thousandths(face.ascender())).descent(thousandths(face.descender()));
        descriptor.cap_height(thousandths(face.capital_height().unwrap_or(face.ascender()))).stem_v(80.0);
        if postscript {
            descriptor.font_file3(self.id(4));
        } else {
            descriptor.font_file2(self.id(4));
        }
        descriptor.finish();
        Ok(chunk)
    }

    fn to_unicode(&self) -> Chunk {
        let name = Name(b"Hufu-Unicode");
        let mut map = UnicodeCmap::new(name, SYSTEM);
        for (&(_, char), number) in self.glyphs.iter().zip(1u16..) {
            map.pair(number, char);
        }
        let deflated = Deflater::thorough().deflate(map.finish().as_slice());
        let mut chunk = Chunk::with_settings(super::compact());
        chunk.cmap(self.id(3), &deflated).name(name).system_info(SYSTEM).filter(Filter::FlateDecode);
        chunk
    }

    fn file(&self, data: &[u8], postscript: bool) -> Chunk {
        let deflated = Deflater::thorough().deflate(data);
        let mut chunk = Chunk::with_settings_and_capacity(super::compact(), deflated.len() + 80);
        let mut stream = chunk.stream(self.id(4), &deflated);
        stream.filter(Filter::FlateDecode);
        if postscript {
            stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
        } else {
            stream.pair(Name(b"Length1"), i32::try_from(data.len()).unwrap_or(i32::MAX));
        }
        stream.finish();
        chunk
    }
}
