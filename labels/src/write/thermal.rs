//! ZPL and TSPL, the languages of thermal label printers. These printers seldom have a Chinese font, so the whole label
//! is sent as a bitmap, the QR symbol with it: what was checked is what is printed, whatever the printer.

use std::io::Write;

use super::batch::in_order;
use super::layout::{Notes, Plan};
use super::raster::{Artist, Dpi, Drawing, Picture, Tone};
use super::sheet::Paper;
use super::{Job, LabelRecord, Summary, WriteError};

/// Labels drawn at a time.
const BATCH: usize = 256;
/// Darker than this is printed.
const THRESHOLD: u8 = 140;
/// Space between two labels of a roll, in millimetres; what die-cut rolls have.
const ROLL_GAP: &str = "2";

/// The printer's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Zpl,
    Tspl,
}

pub(super) fn write(
    records: &[LabelRecord],
    job: &Job<'_>,
    language: Language,
    sink: &mut impl Write,
) -> Result<Summary, WriteError> {
    if job.sheet.is_some() {
        return Err(WriteError::SheetOnRoll(if language == Language::Zpl { "ZPL" } else { "TSPL" }));
    }
    let paper = Paper::new(job.template, None, job.skip)?;
    let plan = Plan::new(&paper.template, job.fonts, job.organisation)?;
    let drawing = Drawing::new(&plan, Dpi::new(job.dpi)?, Tone::BlackOnly)?;
    let mut summary = Summary { labels: records.len(), pages: records.len(), ..Summary::default() };
    if language == Language::Tspl {
        let header = tspl_header(&paper);
        sink.write_all(header.as_bytes())?;
        summary.bytes += header.len() as u64;
    }
    in_order(
        records.len(),
        BATCH,
        || Artist::new(&drawing),
        |artist, number| {
            let artist = artist.as_mut().map_err(|error| WriteError::Picture(error.to_string()))?;
            let mut notes = Notes::default();
            let picture = artist.draw(number, &records[number], &mut notes);
            let bits = Bits::of(&picture);
            Ok((if language == Language::Zpl { zpl(&bits) } else { tspl(&bits) }, notes))
        },
        |_, (bytes, notes)| {
            summary.bytes += bytes.len() as u64;
            summary.notes.merge(notes);
            Ok(sink.write_all(&bytes)?)
        },
    )?;
    sink.flush()?;
    Ok(summary)
}

/// A picture in black and white: eight dots a byte, the leftmost in the highest bit, black as 1.
struct Bits {
    width: usize,
    height: usize,
    row_bytes: usize,
    bytes: Vec<u8>,
}

impl Bits {
    fn of(picture: &Picture) -> Self {
        let row_bytes = picture.width.div_ceil(8);
        let byte = |dots: &[u8]| {
            dots.iter().enumerate().fold(0u8, |byte, (at, &dot)| byte | u8::from(dot < THRESHOLD) << (7 - at))
        };
        let bytes = picture.dots.chunks_exact(picture.width).flat_map(|row| row.chunks(8).map(byte)).collect();
        Self { width: picture.width, height: picture.height, row_bytes, bytes }
    }
}

/// One label as a graphic field in hexadecimal with run lengths.
fn zpl(bits: &Bits) -> Vec<u8> {
    let Bits { width, height, row_bytes, bytes } = bits;
    let total = bytes.len();
    let mut out = format!("^XA^PW{width}^LL{height}^LH0,0^FO0,0^GFA,{total},{total},{row_bytes},").into_bytes();
    let mut before: Option<&[u8]> = None;
    for row in bytes.chunks_exact(*row_bytes) {
        if before == Some(row) {
            out.push(b':');
        } else {
            zpl_row(row, &mut out);
        }
        before = Some(row);
    }
    out.extend_from_slice(b"^FS^PQ1^XZ\n");
    out
}

/// One row: a count before a repeated digit; `,` and `!` fill the rest with zeros and ones.
fn zpl_row(row: &[u8], out: &mut Vec<u8>) {
    let digits: Vec<u8> = row.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect();
    let mut rest = digits.as_slice();
    while let Some(&digit) = rest.first() {
        let run = rest.iter().take_while(|&&other| other == digit).count();
        match digit {
            0 if run == rest.len() => out.push(b','),
            15 if run == rest.len() => out.push(b'!'),
            _ => zpl_run(digit, run, out),
        }
        rest = &rest[run..];
    }
}

/// `G`…`Y` are 1…19, `g`…`z` are 20…400 in twenties; together they add up.
fn zpl_run(digit: u8, mut run: usize, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    const ONES: &[u8; 19] = b"GHIJKLMNOPQRSTUVWXY";
    const TWENTIES: &[u8; 20] = b"ghijklmnopqrstuvwxyz";
    while run > 0 {
        let part = run.min(419);
        if part > 1 {
            out.extend((part / 20).checked_sub(1).map(|at| TWENTIES[at]));
            out.extend((part % 20).checked_sub(1).map(|at| ONES[at]));
        }
        out.push(HEX[usize::from(digit & 15)]);
        run -= part;
    }
}

/// The roll's size and the direction of print, once a file.
fn tspl_header(paper: &Paper) -> String {
    let (width, height) = (paper.width.0, paper.height.0);
    format!("SIZE {width} mm,{height} mm\r\nGAP {ROLL_GAP} mm,0 mm\r\nDIRECTION 1\r\nREFERENCE 0,0\r\n")
}

/// One label as a bitmap; here a bit is 0 where the printer prints.
fn tspl(bits: &Bits) -> Vec<u8> {
    let Bits { row_bytes, height, .. } = bits;
    let mut out = format!("CLS\r\nBITMAP 0,0,{row_bytes},{height},0,").into_bytes();
    out.extend(bits.bytes.iter().map(|byte| !byte));
    out.extend_from_slice(b"\r\nPRINT 1,1\r\n");
    out
}
