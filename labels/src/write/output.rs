//! One door to the five outputs, and the names of the files they go to.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::thermal::{self, Language};
use super::{Job, LabelRecord, Summary, WriteError, pdf, png, svg};

/// Takes a finished page: its number, from 0, and its bytes.
pub type PageSink<'a> = &'a mut dyn FnMut(usize, &[u8]) -> io::Result<()>;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One document with a page for each sheet or, on a roll, each label.
    Pdf,
    /// One picture for each sheet or label.
    Png,
    /// One drawing for each sheet or label.
    Svg,
    /// Commands for Zebra and compatible printers.
    Zpl,
    /// Commands for TSC and compatible printers.
    Tspl,
}

impl Format {
    /// The format that a file name's ending asks for.
    ///
    /// # Errors
    /// When the ending is none of ours.
    pub fn of_path(path: &Path) -> Result<Self, WriteError> {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        match ending.as_str() {
            "pdf" => Ok(Self::Pdf),
            "png" => Ok(Self::Png),
            "svg" => Ok(Self::Svg),
            "zpl" => Ok(Self::Zpl),
            "tspl" => Ok(Self::Tspl),
            _ => Err(WriteError::UnknownFormat(path.file_name().unwrap_or_default().to_string_lossy().into_owned())),
        }
    }

    /// Whether each page is a file of its own.
    #[must_use]
    pub fn is_paged(self) -> bool {
        matches!(self, Self::Png | Self::Svg)
    }
}

/// Writes labels in a format that is one file: PDF, ZPL, TSPL. A paged format goes to [`write_pages`]; here it is
/// accepted if there is a single page.
///
/// # Errors
/// When there is nothing to write, the job contradicts itself, or the sink refuses.
pub fn write_labels(
    records: &[LabelRecord],
    job: &Job<'_>,
    format: Format,
    sink: &mut impl Write,
) -> Result<Summary, WriteError> {
    if records.is_empty() {
        return Err(WriteError::Empty);
    }
    match format {
        Format::Pdf => pdf::write(records, job, sink),
        Format::Zpl => thermal::write(records, job, Language::Zpl, sink),
        Format::Tspl => thermal::write(records, job, Language::Tspl, sink),
        Format::Png | Format::Svg => write_pages(records, job, format, &mut |page, bytes| match page {
            0 => sink.write_all(bytes),
            _ => Err(io::Error::other("图片格式每页一个文件")),
        }),
    }
}

/// Writes labels page by page, in order. A format that is one file comes as one page.
///
/// # Errors
/// When there is nothing to write, the job contradicts itself, or the sink refuses.
pub fn write_pages(
    records: &[LabelRecord],
    job: &Job<'_>,
    format: Format,
    sink: PageSink<'_>,
) -> Result<Summary, WriteError> {
    if records.is_empty() {
        return Err(WriteError::Empty);
    }
    match format {
        Format::Png => png::write(records, job, sink),
        Format::Svg => svg::write(records, job, sink),
        Format::Pdf | Format::Zpl | Format::Tspl => {
            let mut whole = Vec::new();
            let summary = write_labels(records, job, format, &mut whole)?;
            sink(0, &whole)?;
            Ok(summary)
        }
    }
}

/// Writes labels to `path` in the format of its ending, and returns what was written and where. Several pages of a
/// paged format go to `NAME-0001.png` and so on. A file appears under its name only when it is whole.
///
/// # Errors
/// As [`write_labels`], and when a file cannot be written.
pub fn write_file(records: &[LabelRecord], job: &Job<'_>, path: &Path) -> Result<(Summary, Vec<PathBuf>), WriteError> {
    let format = Format::of_path(path)?;
    if !format.is_paged() {
        let summary = whole_file(path, |file| write_labels(records, job, format, file))?;
        return Ok((summary, vec![path.to_owned()]));
    }
    let cells = job.sheet.map_or(1, |sheet| usize::try_from(sheet.cells()).unwrap_or(1));
    let skip = usize::try_from(job.skip).unwrap_or(0);
    let pages = (records.len() + skip).div_ceil(cells.max(1));
    let mut files = Vec::new();
    let summary = write_pages(records, job, format, &mut |page, bytes| {
        let file = page_path(path, page, pages);
        let written = whole_file(&file, |out| Ok(out.write_all(bytes)?));
        files.push(file);
        written.map_err(io::Error::other)
    })?;
    Ok((summary, files))
}

/// The file of one page of several.
fn page_path(path: &Path, page: usize, pages: usize) -> PathBuf {
    if pages <= 1 {
        return path.to_owned();
    }
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{:04}.", page + 1));
    name.push(path.extension().unwrap_or_default());
    path.with_file_name(name)
}

/// Writes beside the file and renames when done; a failure leaves nothing behind.
fn whole_file<T>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<T, WriteError>,
) -> Result<T, WriteError> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let failed = |source: io::Error| WriteError::Write { path: path.to_owned(), source };
    let mut file = BufWriter::new(File::create(&part).map_err(failed)?);
    let result = write(&mut file).and_then(|done| {
        file.flush().map_err(failed)?;
        drop(file);
        std::fs::rename(&part, path).map_err(failed)?;
        Ok(done)
    });
    if result.is_err() {
        // The reason of the failure matters more than whether the rest could be removed.
        let _ = std::fs::remove_file(&part);
    }
    result.map_err(|error| match error {
        WriteError::Sink(source) => failed(source),
        other => other,
    })
}
