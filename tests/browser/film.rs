//! What a camera sees: labels held before a wall one after another, tilted, drifting, not quite still.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use hufu_labels::code::LabelCode;
use hufu_labels::write::{Format, LabelRecord};
use hufu::items::printing::BuiltinPaper;
use image::GrayImage;

const WIDE: u32 = 640;
const HIGH: u32 = 480;
/// Frames a second.
const RATE: u32 = 12;
/// How long each label is held, and the wall before it is seen, in frames.
const HELD: u32 = 30;
const WALL: u32 = 12;
const DOTS_PER_INCH: u32 = 203;
/// The side of the mark in the corner, dark while a label is held: by it a page knows when the label came.
const MARK: u32 = 48;

/// A label as it is printed.
fn label(code: LabelCode) -> GrayImage {
    let paper = BuiltinPaper::new("asset-60x40", None, (0, DOTS_PER_INCH), Format::Png, 1).unwrap();
    let record = LabelRecord { name: "台式计算机".to_owned(), item_number: "B-0001".to_owned(), ..LabelRecord::blank(code) };
    let bytes = paper.write(&[record], "裕安分局").unwrap();
    image::load_from_memory(&bytes).unwrap().to_luma8()
}

/// Films the labels into a file that Chromium plays as a camera, over and over.
pub(crate) fn film(codes: &[LabelCode], path: &Path) {
    let mut out = BufWriter::new(std::fs::File::create(path).unwrap());
    writeln!(out, "YUV4MPEG2 W{WIDE} H{HIGH} F{RATE}:1 Ip A1:1 C420jpeg").unwrap();
    let colourless = vec![128u8; (WIDE * HIGH / 2) as usize];
    for (n, code) in (0u16..).zip(codes) {
        let picture = label(*code);
        for at in 0..WALL + HELD {
            let frame = if at < WALL { wall() } else { held(&picture, f32::from(n), (at - WALL) as f32 / HELD as f32) };
            out.write_all(b"FRAME\n").unwrap();
            out.write_all(frame.as_raw()).unwrap();
            out.write_all(&colourless).unwrap();
        }
    }
    out.flush().unwrap();
}

fn wall() -> GrayImage {
    GrayImage::from_fn(WIDE, HIGH, |x, y| image::Luma([170 + u8::try_from((x / 9 + y / 7) % 12).unwrap()]))
}

/// A label at a moment between 0 and 1: turned a little, coming nearer, moving across.
fn held(label: &GrayImage, n: f32, moment: f32) -> GrayImage {
    let turned = (-7.0 + 5.0 * n + 4.0 * moment).to_radians();
    let size = 0.85 + 0.1 * moment;
    let (across, down) = (WIDE as f32 / 2.0 - 25.0 + 50.0 * moment, HIGH as f32 / 2.0 + 12.0 - 20.0 * moment);
    let (sin, cos) = turned.sin_cos();
    let mut frame = wall();
    for (x, y, pixel) in frame.enumerate_pixels_mut() {
        let (dx, dy) = ((x as f32 - across) / size, (y as f32 - down) / size);
        let u = dx * cos + dy * sin + label.width() as f32 / 2.0;
        let v = dy * cos - dx * sin + label.height() as f32 / 2.0;
        if let Some(seen) = image::imageops::interpolate_bilinear(label, u, v) {
            *pixel = seen;
        }
        if x < MARK && y < MARK {
            *pixel = image::Luma([20]);
        }
    }
    frame
}
