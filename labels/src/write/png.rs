//! PNG: 8-bit grey pages that state their resolution, so that they print at their true size.

use png::{BitDepth, ColorType, Compression, Encoder, PixelDimensions, Unit};

use super::batch::in_order;
use super::layout::{Notes, Plan};
use super::raster::{Artist, Dpi, Drawing, Picture, Tone};
use super::sheet::Paper;
use super::{Job, LabelRecord, PageSink, Summary, WriteError};

/// Dots on a page: some 60 MB of memory for each core, an A4 sheet at 800 dpi.
const MOST_DOTS: usize = 64_000_000;

pub(super) fn write(records: &[LabelRecord], job: &Job<'_>, sink: PageSink<'_>) -> Result<Summary, WriteError> {
    let paper = Paper::new(job.template, job.sheet, job.skip)?;
    let plan = Plan::new(&paper.template, job.fonts, job.organisation)?;
    let dpi = Dpi::new(job.dpi)?;
    if dpi.dots(paper.width).saturating_mul(dpi.dots(paper.height)) > MOST_DOTS {
        return Err(WriteError::Picture(format!("{} dpi 的整页图片太大，请降低分辨率", job.dpi)));
    }
    let drawing = Drawing::new(&plan, dpi, Tone::Greys)?;
    let pages = paper.pages(records.len());
    let mut summary = Summary { labels: records.len(), pages, ..Summary::default() };
    in_order(
        pages,
        rayon::current_num_threads(),
        || Artist::new(&drawing),
        |artist, page| {
            let mut notes = Notes::default();
            let picture = page_picture(
                artist.as_mut().map_err(|error| error.to_string()),
                page,
                records,
                &paper,
                dpi,
                &mut notes,
            )?;
            Ok((encode(&picture, dpi)?, notes))
        },
        |page, (bytes, notes)| {
            summary.bytes += bytes.len() as u64;
            summary.notes.merge(notes);
            Ok(sink(page, &bytes)?)
        },
    )?;
    Ok(summary)
}

fn page_picture(
    artist: Result<&mut Artist<'_>, String>,
    page: usize,
    records: &[LabelRecord],
    paper: &Paper,
    dpi: Dpi,
    notes: &mut Notes,
) -> Result<Picture, WriteError> {
    let artist = artist.map_err(WriteError::Picture)?;
    let mut picture = Picture::white(dpi.dots(paper.width).max(1), dpi.dots(paper.height).max(1));
    for (number, spot) in paper.on_page(page, records.len()) {
        if let Some(record) = records.get(number) {
            let label = artist.draw(number, record, notes);
            picture.paste(&label, dpi.dots(spot.x), dpi.dots(spot.y));
        }
    }
    Ok(picture)
}

fn encode(picture: &Picture, dpi: Dpi) -> Result<Vec<u8>, WriteError> {
    let side = |length| u32::try_from(length).map_err(|_| WriteError::Picture("图片太大".to_owned()));
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, side(picture.width)?, side(picture.height)?);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    let density = dpi.per_metre();
    encoder.set_pixel_dims(Some(PixelDimensions { xppu: density, yppu: density, unit: Unit::Meter }));
    let failed = |error: png::EncodingError| WriteError::Picture(error.to_string());
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&picture.dots).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}
