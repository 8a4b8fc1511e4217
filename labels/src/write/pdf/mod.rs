//! PDF: vector text in an embedded subset of the font, the QR symbol as a 1-bit image mask.
//!
//! Two passes over the records: the first finds which glyphs are used, so that pages can be written, compressed in
//! parallel and forgotten batch by batch in the second. What is the same on every label (captions, lines) is one
//! form that each label calls.

mod content;
mod deflate;
mod fonts;
mod objects;

use pdf_writer::writers::{Catalog, DocumentInfo};
use pdf_writer::{Chunk, Filter, Finish, Name, Rect, Ref, Settings, TextStr};
use rayon::prelude::*;
use std::io::Write;

use self::content::{Painter, Scratch, fixed_content};
use self::deflate::Deflater;
use self::fonts::Subset;
use self::objects::Objects;
use super::font::Slot;
use super::layout::{Notes, Plan};
use super::sheet::Paper;
use super::units::Mm;
use super::{Job, LabelRecord, Summary, WriteError};

/// Labels laid out and compressed at a time: bounds memory, and is enough work for every core.
const BATCH_LABELS: usize = 1_024;
const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const INFO: Ref = Ref::new(3);
const FIXED: Ref = Ref::new(4);
/// The main font's objects begin here, the fallback's after them.
const FONTS: i32 = 5;
const FIRST_PAGE: i32 = FONTS + 2 * fonts::OBJECTS;
/// Names in content streams, one letter each because they are repeated for every label.
const FIXED_NAME: Name<'static> = Name(b"C");

fn compact() -> Settings {
    Settings { pretty: false }
}

pub(super) fn write(records: &[LabelRecord], job: &Job<'_>, sink: &mut impl Write) -> Result<Summary, WriteError> {
    let paper = Paper::new(job.template, job.sheet, job.skip)?;
    let plan = Plan::new(&paper.template, job.fonts, job.organisation)?;
    let subsets = fonts::used(records, &plan);
    let mut objects = Objects::begin(sink)?;
    let mut notes = Notes::default();
    let mut embedded = [Ok(Vec::new()), Ok(Vec::new())];
    rayon::in_place_scope(|scope| {
        for (place, subset) in embedded.iter_mut().zip(&subsets) {
            scope.spawn(move |_| *place = subset.objects(job.fonts));
        }
        write_pages(records, &plan, &paper, &subsets, &mut objects, &mut notes)
    })?;
    for font in embedded {
        font?.iter().try_for_each(|(id, chunk)| objects.write(*id, chunk))?;
    }
    let pages = paper.pages(records.len());
    objects.write(FIXED, &fixed_form(&plan, &subsets))?;
    objects.write(PAGES, &page_tree(&paper, pages, &subsets))?;
    objects.write(CATALOG, &catalog())?;
    objects.write(INFO, &info(&plan))?;
    let bytes = objects.finish(CATALOG, INFO)?;
    Ok(Summary { labels: records.len(), pages, bytes, notes })
}

fn page_refs(page: usize) -> (Ref, Ref) {
    let first = FIRST_PAGE.saturating_add(i32::try_from(page * 2).unwrap_or(i32::MAX - FIRST_PAGE - 1));
    (Ref::new(first), Ref::new(first + 1))
}

fn write_pages(
    records: &[LabelRecord],
    plan: &Plan<'_>,
    paper: &Paper,
    subsets: &[Subset; 2],
    objects: &mut Objects<'_, impl Write>,
    notes: &mut Notes,
) -> Result<(), WriteError> {
    let painter = Painter::new(plan, paper, subsets);
    let pages = paper.pages(records.len());
    let batch = BATCH_LABELS.div_ceil(paper.spots.len());
    for first in (0..pages).step_by(batch) {
        let done: Vec<_> = (first..pages.min(first + batch))
            .into_par_iter()
            .map_init(
                || (Scratch::default(), Deflater::quick()),
                |(scratch, deflater), page| {
                    let mut notes = Notes::default();
                    painter.page(page, records, scratch, &mut notes);
                    (page, deflater.deflate(&scratch.content), notes)
                },
            )
            .collect();
        for (page, stream, page_notes) in done {
            let (page, contents) = page_refs(page);
            objects.write(page, &page_object(page, contents))?;
            objects.write(contents, &stream_object(contents, &stream))?;
            notes.merge(page_notes);
        }
    }
    Ok(())
}

fn page_object(page: Ref, contents: Ref) -> Chunk {
    let mut chunk = Chunk::with_settings(compact());
    chunk.page(page).parent(PAGES).contents(contents);
    chunk
}

/// A stream that is deflated already.
fn stream_object(id: Ref, deflated: &[u8]) -> Chunk {
    let mut chunk = Chunk::with_settings_and_capacity(compact(), deflated.len() + 80);
    chunk.stream(id, deflated).filter(Filter::FlateDecode);
    chunk
}

fn resource_fonts(subsets: &[Subset; 2]) -> impl Iterator<Item = (Name<'static>, Ref)> {
    subsets.iter().filter(|subset| !subset.is_empty()).map(|subset| (font_name(subset.slot()), subset.font_ref()))
}

/// The font's name in content streams.
fn font_name(slot: Slot) -> Name<'static> {
    Name(match slot {
        Slot::Main => b"A",
        Slot::Fallback => b"B",
    })
}

fn points(width: Mm, height: Mm) -> Rect {
    let hundredths = |length: Mm| (length.to_pt().0 * 100.0).round() / 100.0;
    Rect::new(0.0, 0.0, hundredths(width), hundredths(height))
}

fn fixed_form(plan: &Plan<'_>, subsets: &[Subset; 2]) -> Chunk {
    let content = Deflater::thorough().deflate(&fixed_content(plan, subsets));
    let mut chunk = Chunk::with_settings(compact());
    let mut form = chunk.form_xobject(FIXED, &content);
    form.bbox(points(plan.template.width(), plan.template.height()));
    form.filter(Filter::FlateDecode);
    form.resources().fonts().pairs(resource_fonts(subsets));
    form.finish();
    chunk
}

/// Page size and resources stand at the root of the tree and are inherited.
fn page_tree(paper: &Paper, pages: usize, subsets: &[Subset; 2]) -> Chunk {
    let mut chunk = Chunk::with_settings(compact());
    let mut tree = chunk.pages(PAGES);
    tree.media_box(points(paper.width, paper.height)).count(i32::try_from(pages).unwrap_or(i32::MAX));
    tree.kids((0..pages).map(|page| page_refs(page).0));
    let mut resources = tree.resources();
    resources.fonts().pairs(resource_fonts(subsets));
    resources.x_objects().pair(FIXED_NAME, FIXED);
    resources.finish();
    tree.finish();
    chunk
}

fn catalog() -> Chunk {
    let mut chunk = Chunk::with_settings(compact());
    let mut catalog: Catalog<'_> = chunk.indirect(CATALOG).start();
    catalog.pages(PAGES).lang(TextStr("zh-CN"));
    // Labels must be printed at their true size: no "fit to page".
    catalog.viewer_preferences().pair(Name(b"PrintScaling"), Name(b"None"));
    catalog.finish();
    chunk
}

fn info(plan: &Plan<'_>) -> Chunk {
    let title = format!("标签 {}", plan.template.name());
    let mut chunk = Chunk::with_settings(compact());
    let mut info: DocumentInfo<'_> = chunk.indirect(INFO).start();
    info.title(TextStr(&title)).producer(TextStr("Hufu"));
    info.finish();
    chunk
}
