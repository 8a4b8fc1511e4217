//! What a camera sees: labels held before a wall one after another, tilted, drifting, not quite still.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use hufu::items::printing::BuiltinPaper;
use hufu_labels::code::LabelCode;
use hufu_labels::write::{Format, LabelRecord};
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
pub(crate) fn label(code: LabelCode) -> GrayImage {
    let paper = BuiltinPaper::new("asset-60x40", None, (0, DOTS_PER_INCH), Format::Png, 1).unwrap();
    let record =
        LabelRecord {
            name: "台式计算机".to_owned(), item_number: "B-0001".to_owned(), ..LabelRecord::blank(code)
        };
    let bytes = paper.write(&[record], "裕安分局").unwrap();
    image::load_from_memory(&bytes).unwrap().to_luma8()
}

/// Films scenes, each of one label or of several beside each other, into a file that Chromium plays as a camera, over and
/// over.
pub(crate) fn film(scenes: &[Vec<GrayImage>], path: &Path) {
    let mut out = BufWriter::new(std::fs::File::create(path).unwrap());
    writeln!(out, "YUV4MPEG2 W{WIDE} H{HIGH} F{RATE}:1 Ip A1:1 C420jpeg").unwrap();
    let colourless = vec![128u8; (WIDE * HIGH / 2) as usize];
    for (n, labels) in (0u16..).zip(scenes) {
        for at in 0..WALL + HELD {
            let mut frame = wall();
            if at >= WALL {
                let moment = (at - WALL) as f32 / HELD as f32;
                (0u16..).zip(labels).for_each(|(m, label)| hold(&mut frame, label, (n, m), labels.len(), moment));
                (0..MARK * MARK).for_each(|dot| frame.put_pixel(dot % MARK, dot / MARK, image::Luma([20])));
            }
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

/// Holds a label before the wall at a moment between 0 and 1: turned a little, coming nearer, moving across; of several,
/// each in a column of its own.
fn hold(frame: &mut GrayImage, label: &GrayImage, (scene, column): (u16, u16), columns: usize, moment: f32) {
    let turned = (-7.0 + 5.0 * f32::from((scene + 2 * column) % 4) + 4.0 * moment).to_radians();
    let wide = WIDE as f32 / columns as f32;
    let fits = (wide - 20.0) / label.width() as f32;
    let size = fits.min(0.95) * (0.9 + 0.1 * moment);
    let drift = 25.0 / columns as f32;
    let across = wide * (f32::from(column) + 0.5) - drift + 2.0 * drift * moment;
    let down = HIGH as f32 / 2.0 + 12.0 - 20.0 * moment;
    let (sin, cos) = turned.sin_cos();
    for (x, y, pixel) in frame.enumerate_pixels_mut() {
        let (dx, dy) = ((x as f32 - across) / size, (y as f32 - down) / size);
        let u = dx * cos + dy * sin + label.width() as f32 / 2.0;
        let v = dy * cos - dx * sin + label.height() as f32 / 2.0;
        if let Some(seen) = image::imageops::interpolate_bilinear(label, u, v) {
            *pixel = seen;
        }
    }
}
