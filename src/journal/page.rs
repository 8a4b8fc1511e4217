//! A checkpoint as a page to print: signed in ink and kept elsewhere, it is what no machine can change afterwards.

use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use qrcode::{Color, EcLevel, QrCode};

use super::JournalError;
use super::entity::checkpoint;
use super::note::Vkey;
use crate::kernel::hash::{HashKind, hex};

/// A4 upright, in points.
const PAGE: (f32, f32) = (595.28, 841.89);
const LEFT: f32 = 62.0;
const RIGHT: f32 = PAGE.0 - LEFT;
/// Edge of the QR code, with its margin, in points: modules of at least 0.8 mm.
const QR_EDGE: f32 = 200.0;
/// Letters of a long word that a line of the page takes.
const LINE_LETTERS: usize = 64;

/// What the page says besides the checkpoint.
#[derive(Debug, Clone)]
pub struct PageFacts<'a> {
    /// What the office calls itself.
    pub organisation: &'a str,
    /// The journal's name and key.
    pub vkey: &'a Vkey,
    /// What it hashes with.
    pub kind: HashKind,
}

/// The page's bytes. `font` is a TrueType or OpenType font with Chinese characters.
///
/// # Errors
/// When the font cannot be used or the PDF not put together.
pub fn pdf(row: &checkpoint::Model, facts: &PageFacts<'_>, font: &[u8]) -> Result<Vec<u8>, JournalError> {
    let failed = |what: &str| JournalError::Page(what.to_owned());
    let face = ttf_parser::Face::parse(font, 0).map_err(|_| failed("字体不可用"))?;
    let ink = Font::new(font.to_vec().into(), 0).ok_or_else(|| failed("字体不可用"))?;
    let code = QrCode::with_error_correction_level(row.note.as_bytes(), EcLevel::M).map_err(|_| failed("二维码"))?;
    let mut document = Document::new();
    let title = format!("日志检查点 {} 条", row.size);
    document.set_metadata(Metadata::new().title(title).language("zh-CN".to_owned()));
    let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| failed("页面尺寸"))?;
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();
    let mut pen = Pen { surface: &mut surface, face: &face, font: &ink, y: 92.0 };
    draw(&mut pen, row, facts, &code);
    surface.finish();
    page.finish();
    document.finish().map_err(|error| JournalError::Page(format!("{error:?}")))
}

fn draw(pen: &mut Pen<'_, '_>, row: &checkpoint::Model, facts: &PageFacts<'_>, code: &QrCode) {
    pen.centred("日志检查点", 24.0);
    pen.y += 26.0;
    pen.centred(facts.organisation, 13.0);
    pen.y += 34.0;
    let previous = match row.previous_size {
        0 => "（首个检查点）".to_owned(),
        size => format!("{size} 条，已证明本检查点承接它"),
    };
    let root = hex(&row.root);
    let (first, second) = root.split_at(root.len() / 2);
    for (name, value) in [
        ("日志名称", facts.vkey.origin()),
        ("条目数", &row.size.to_string()),
        ("签发时间", &format!("{}（北京时间）", row.at)),
        ("哈希算法", if facts.kind == HashKind::Sm3 { "SM3（GB/T 32905）" } else { "SHA-256" }),
        ("树根", &grouped(first)),
        ("", &grouped(second)),
        ("密钥指纹", &facts.vkey.fingerprint()),
        ("上一检查点", &previous),
        ("签发人", &row.actor),
    ] {
        pen.text(LEFT, 11.0, name);
        pen.text(LEFT + 84.0, 11.0, value);
        pen.y += 20.0;
    }
    pen.y += 4.0;
    pen.rule(LEFT, RIGHT);
    pen.y += 12.0;
    let top = pen.y;
    pen.qr(code, LEFT, top);
    pen.beside(LEFT + QR_EDGE + 20.0, top + 22.0);
    pen.y = top + QR_EDGE + 16.0;
    pen.text(LEFT, 9.0, "签名原文（二维码中即此文，逐字相同；行末的 \\ 表示下一行接在后面）：");
    pen.y += 15.0;
    for line in row.note.lines() {
        let letters: Vec<char> = line.chars().collect();
        let pieces: Vec<String> = letters.chunks(LINE_LETTERS).map(|piece| piece.iter().collect()).collect();
        for (at, piece) in pieces.iter().enumerate() {
            let folded = if at + 1 < pieces.len() { "\\" } else { "" };
            pen.text(LEFT + 8.0, 9.0, &format!("{piece}{folded}"));
            pen.y += 13.0;
        }
        if pieces.is_empty() {
            pen.y += 8.0;
        }
    }
    pen.y += 10.0;
    pen.rule(LEFT, RIGHT);
    pen.y += 40.0;
    for (left, right) in [("签发人签字：", "监督人签字："), ("日　　　期：", "单 位 盖 章：")] {
        pen.text(LEFT, 12.0, left);
        pen.rule(LEFT + 76.0, LEFT + 220.0);
        pen.text(LEFT + 246.0, 12.0, right);
        pen.rule(LEFT + 322.0, RIGHT);
        pen.y += 44.0;
    }
}

/// Hexadecimal digits as people compare them.
fn grouped(digits: &str) -> String {
    let digits: Vec<char> = digits.chars().collect();
    digits.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

struct Pen<'a, 'b> {
    surface: &'a mut Surface<'b>,
    face: &'a ttf_parser::Face<'a>,
    font: &'a Font,
    y: f32,
}

impl Pen<'_, '_> {
    fn glyph(&self, c: char) -> (u16, f32) {
        let glyph = [c, '□', '?'].into_iter().find_map(|c| self.face.glyph_index(c)).unwrap_or(ttf_parser::GlyphId(0));
        let advance = self.face.glyph_hor_advance(glyph).unwrap_or(1000);
        (glyph.0, f32::from(advance) / f32::from(self.face.units_per_em()))
    }

    fn text(&mut self, x: f32, size: f32, text: &str) {
        let glyphs: Vec<KrillaGlyph> = text
            .char_indices()
            .filter(|(_, c)| !c.is_control())
            .map(|(start, c)| {
                let (glyph, advance) = self.glyph(c);
                let range = start..start + c.len_utf8();
                KrillaGlyph::new(GlyphId::new(u32::from(glyph)), advance, 0.0, 0.0, 0.0, range, None)
            })
            .collect();
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(Fill { paint: rgb::Color::black().into(), ..Fill::default() }));
        self.surface.draw_glyphs(Point::from_xy(x, self.y), &glyphs, self.font.clone(), text, size, false);
    }

    fn centred(&mut self, text: &str, size: f32) {
        let width: f32 = text.chars().map(|c| self.glyph(c).1).sum::<f32>() * size;
        self.text((PAGE.0 - width) / 2.0, size, text);
    }

    fn rule(&mut self, from: f32, to: f32) {
        let mut path = PathBuilder::new();
        path.move_to(from, self.y + 3.0);
        path.line_to(to, self.y + 3.0);
        self.surface.set_fill(None);
        let ink = rgb::Color::new(70, 70, 70);
        self.surface.set_stroke(Some(Stroke { paint: ink.into(), width: 0.6, ..Stroke::default() }));
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
    }

    /// What the page is for, beside the QR code.
    fn beside(&mut self, x: f32, y: f32) {
        self.y = y;
        for line in [
            "本页是日志到上述条目为止的凭证。",
            "请签字盖章，存放在管不到数据库的人手中。",
            "",
            "核查：把二维码的内容存为文件，然后运行",
            "hufu journal verify --export 导出文件",
            "　　　--checkpoint 此文件",
            "",
            "它能证明：这些条目此后一字未改。",
            "它不能证明：此后发生的事，以及从未",
            "记入日志的事。",
        ] {
            self.text(x, 10.0, line);
            self.y += 17.0;
        }
    }

    fn qr(&mut self, code: &QrCode, x: f32, y: f32) {
        let width = code.width();
        // A page holds no code of more modules than a float counts.
        let modules = f32::from(u16::try_from(width).unwrap_or(u16::MAX));
        let edge = QR_EDGE / (modules + 8.0);
        let mut path = PathBuilder::new();
        for (at, color) in code.to_colors().into_iter().enumerate() {
            if color == Color::Light {
                continue;
            }
            let place = |n: usize| edge * (4.0 + f32::from(u16::try_from(n).unwrap_or(0)));
            if let Some(square) = Rect::from_xywh(x + place(at % width), y + place(at / width), edge, edge) {
                path.push_rect(square);
            }
        }
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(Fill { paint: rgb::Color::black().into(), ..Fill::default() }));
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
    }
}
