//! Puts laid-out pages into a PDF.

use chrono::{Datelike as _, Timelike as _};
use krilla::Document;
use krilla::color::rgb;
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};

use super::face::Face;
use super::flow::{Mark, Pages};
use crate::kernel::Timestamp;
use crate::stocktake::report::ReportError;

/// What a reader says of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) title: &'a str,
    /// Blank when nobody is named.
    pub(super) author: &'a str,
    pub(super) made_at: Timestamp,
}

/// The bytes of a document.
pub(super) fn pdf(pages: &Pages, about: About<'_>, face: &Face<'_>, font: &[u8]) -> Result<Vec<u8>, ReportError> {
    let font = Font::new(font.to_vec().into(), 0).ok_or(ReportError::Font)?;
    let mut document = Document::new();
    document.set_metadata(metadata(about));
    let settings =
        PageSettings::from_wh(pages.size.0, pages.size.1).ok_or_else(|| ReportError::Pdf("页面尺寸".to_owned()))?;
    for (index, marks) in pages.pages.iter().enumerate() {
        let mut page = document.start_page_with(settings.clone());
        let mut surface = page.surface();
        let mut pen = Pen { surface: &mut surface, face, font: &font };
        for mark in marks {
            pen.mark(mark);
        }
        pen.mark(&page_number(index + 1, pages, face));
        surface.finish();
        page.finish();
    }
    let mut outline = Outline::new();
    for bookmark in &pages.bookmarks {
        let destination = XyzDestination::new(bookmark.page, Point::from_xy(0.0, bookmark.y));
        outline.push_child(OutlineNode::new(bookmark.title.clone(), destination));
    }
    document.set_outline(outline);
    document.finish().map_err(|error| ReportError::Pdf(format!("{error:?}")))
}

fn page_number(page: usize, of: &Pages, face: &Face<'_>) -> Mark {
    let (size, text) = (10.0, format!("第 {page} 页　共 {} 页", of.pages.len()));
    let x = (of.size.0 - face.width(&text, size)) / 2.0;
    Mark::Text { x, baseline: of.size.1 - 45.0, size, bold: false, grey: true, spread: 0.0, text }
}

fn metadata(about: About<'_>) -> Metadata {
    let metadata = Metadata::new()
        .title(about.title.to_owned())
        .language("zh-CN".to_owned())
        .creation_date(date_time(about.made_at));
    if about.author.is_empty() { metadata } else { metadata.authors(vec![about.author.to_owned()]) }
}

fn date_time(at: Timestamp) -> DateTime {
    let local = at.shanghai();
    let small = |number: u32| u8::try_from(number).unwrap_or(0);
    DateTime::new(u16::try_from(local.year()).unwrap_or(0))
        .month(small(local.month()))
        .day(small(local.day()))
        .hour(small(local.hour()))
        .minute(small(local.minute()))
        .second(small(local.second()))
        .utc_offset_hour(8)
        .utc_offset_minute(0)
}

struct Pen<'a, 'b> {
    surface: &'a mut Surface<'b>,
    face: &'a Face<'a>,
    font: &'a Font,
}

impl Pen<'_, '_> {
    fn mark(&mut self, mark: &Mark) {
        match mark {
            Mark::Text { x, baseline, size, bold, grey, spread, text } => {
                let ink = if *grey { rgb::Color::new(90, 90, 90) } else { rgb::Color::black() };
                self.surface.set_fill(Some(Fill { paint: ink.into(), ..Fill::default() }));
                // One font is all there is: a heading is the same letters with a thin edge.
                let edge = Stroke { paint: ink.into(), width: size * 0.028, ..Stroke::default() };
                self.surface.set_stroke(bold.then_some(edge));
                self.text(Point::from_xy(*x, *baseline), *size, *spread, text);
            }
            Mark::Rule { from, to } => {
                let mut path = PathBuilder::new();
                path.move_to(from.0, from.1);
                path.line_to(to.0, to.1);
                let ink = rgb::Color::new(70, 70, 70);
                self.surface.set_fill(None);
                self.surface.set_stroke(Some(Stroke { paint: ink.into(), width: 0.5, ..Stroke::default() }));
                if let Some(path) = path.finish() {
                    self.surface.draw_path(&path);
                }
            }
            Mark::Fill { at, size } => {
                let mut path = PathBuilder::new();
                if let Some(area) = Rect::from_xywh(at.0, at.1, size.0, size.1) {
                    path.push_rect(area);
                }
                self.surface.set_stroke(None);
                let paper = rgb::Color::new(235, 239, 244);
                self.surface.set_fill(Some(Fill { paint: paper.into(), ..Fill::default() }));
                if let Some(path) = path.finish() {
                    self.surface.draw_path(&path);
                }
            }
        }
    }

    fn text(&mut self, at: Point, size: f32, spread: f32, text: &str) {
        let glyphs: Vec<_> = text
            .char_indices()
            .filter(|(_, c)| !c.is_control())
            .map(|(start, c)| {
                let (glyph, advance) = self.face.glyph(c);
                let range = start..start + c.len_utf8();
                let id = GlyphId::new(u32::from(glyph));
                KrillaGlyph::new(id, advance + spread / size, 0.0, 0.0, 0.0, range, None)
            })
            .collect();
        self.surface.draw_glyphs(at, &glyphs, self.font.clone(), text, size, false);
    }
}
