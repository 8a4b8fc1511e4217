//! ZPL and TSPL: the graphics are unpacked as a printer would, and one small label is kept as it is.

use hufu_labels::code::LabelCode;
use hufu_labels::write::{Format, LabelRecord, Sheet, Template, WriteError, write_labels};
use image::{GrayImage, Luma};

use super::sample::{job, record};

const SMALL: &str = "width = 12.0\nheight = 12.0\nqr = { x = 1.5, y = 1.5, size = 7.5 }\n";

fn print(records: &[LabelRecord], template: &Template, format: Format, dpi: u32) -> Vec<u8> {
    let mut job = job(template, None);
    job.dpi = dpi;
    let mut bytes = Vec::new();
    let summary = write_labels(records, &job, format, &mut bytes).unwrap();
    assert_eq!(
        (summary.labels, summary.bytes),
        (records.len(), bytes.len() as u64)
    );
    bytes
}

fn decoded(picture: &GrayImage) -> String {
    let (width, height) = picture.dimensions();
    let found = rxing::helpers::detect_in_luma(picture.as_raw().clone(), width, height, None);
    found
        .map(|result| result.getText().to_owned())
        .unwrap_or_default()
}

/// Black and white from rows of bytes, `dark` as printed.
fn picture(bytes: &[u8], row_bytes: usize, dark: bool) -> GrayImage {
    let (width, height) = (
        u32::try_from(row_bytes * 8).unwrap(),
        u32::try_from(bytes.len() / row_bytes).unwrap(),
    );
    GrayImage::from_fn(width, height, |x, y| {
        let byte = bytes[y as usize * row_bytes + x as usize / 8];
        Luma([if (byte >> (7 - x % 8) & 1 == 1) == dark {
            0
        } else {
            255
        }])
    })
}

/// Unpacks a graphic field as the ZPL manual says.
fn zpl_graphics(text: &str) -> Vec<(usize, Vec<u8>)> {
    let fields = text
        .split("^GFA,")
        .skip(1)
        .map(|rest| rest.split_once("^FS").unwrap().0);
    fields
        .map(|field| {
            let mut parts = field.splitn(4, ',');
            let mut number = || parts.next().unwrap().parse::<usize>().unwrap();
            let (total, again, row_bytes) = (number(), number(), number());
            let bytes = unpack(parts.next().unwrap(), row_bytes * 2);
            assert_eq!((bytes.len(), again), (total, total));
            (row_bytes, bytes)
        })
        .collect()
}

fn unpack(data: &str, row_digits: usize) -> Vec<u8> {
    let (mut digits, mut count) = (String::new(), 0);
    for c in data.chars() {
        let to_row_end = row_digits - digits.len() % row_digits;
        match c {
            ',' => digits.extend(std::iter::repeat_n('0', to_row_end)),
            '!' => digits.extend(std::iter::repeat_n('F', to_row_end)),
            ':' => digits.push_str(&digits[digits.len() - row_digits..].to_owned()),
            'G'..='Y' => count += c as usize - 'G' as usize + 1,
            'g'..='z' => count += (c as usize - 'g' as usize + 1) * 20,
            digit => digits.extend(std::iter::repeat_n(
                digit,
                std::mem::take(&mut count).max(1),
            )),
        }
    }
    (0..digits.len() / 2)
        .map(|at| u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).unwrap())
        .collect()
}

#[test]
fn zpl_graphics_hold_the_symbol() {
    let records = [record(0), record(1)];
    for (template, dpi) in [
        ("asset-60x40", 203),
        ("asset-60x40", 300),
        ("asset-40x30", 203),
        ("blank-40x30", 600),
    ] {
        let text = String::from_utf8(print(
            &records,
            &Template::builtin(template).unwrap(),
            Format::Zpl,
            dpi,
        ))
        .unwrap();
        let graphics = zpl_graphics(&text);
        assert_eq!(graphics.len(), 2);
        for ((row_bytes, bytes), record) in graphics.iter().zip(&records) {
            assert_eq!(
                decoded(&picture(bytes, *row_bytes, true)),
                record.code.as_str(),
                "{template} at {dpi} dpi"
            );
        }
    }
}

#[test]
fn tspl_bitmaps_are_the_same_dots_as_zpl_graphics() {
    let template = Template::builtin("asset-60x40").unwrap();
    let zpl = String::from_utf8(print(&[record(2)], &template, Format::Zpl, 203)).unwrap();
    let (row_bytes, dots) = zpl_graphics(&zpl).remove(0);
    let tspl = print(&[record(2)], &template, Format::Tspl, 203);
    let command = format!(
        "CLS\r\nBITMAP 0,0,{row_bytes},{},0,",
        dots.len() / row_bytes
    )
    .into_bytes();
    let at = tspl
        .windows(command.len())
        .position(|window| window == command)
        .unwrap()
        + command.len();
    let inverted: Vec<u8> = tspl[at..at + dots.len()].iter().map(|byte| !byte).collect();
    assert!(inverted == dots);
    assert_eq!(&tspl[at + dots.len()..], b"\r\nPRINT 1,1\r\n");
    assert!(tspl.starts_with(
        b"SIZE 60 mm,40 mm\r\nGAP 2 mm,0 mm\r\nDIRECTION 1\r\nREFERENCE 0,0\r\nCLS\r\n"
    ));
}

#[test]
fn a_small_label_in_zpl_stays_as_it_is() {
    let template = Template::parse("small", SMALL).unwrap();
    let label = print(
        &[LabelRecord::blank(LabelCode::from_random(1))],
        &template,
        Format::Zpl,
        203,
    );
    insta::assert_snapshot!(String::from_utf8(label).unwrap(), @"");
}

#[test]
fn a_small_label_in_tspl_stays_as_it_is() {
    let template = Template::parse("small", SMALL).unwrap();
    let label = print(
        &[LabelRecord::blank(LabelCode::from_random(1))],
        &template,
        Format::Tspl,
        203,
    );
    insta::assert_snapshot!(label.escape_ascii().to_string().replace("\\r\\n", "\n").replace("\\xff", "~"), @"");
}

#[test]
fn a_printer_language_knows_no_sheets() {
    let (template, sheet) = (
        Template::builtin("asset-60x40").unwrap(),
        Sheet::builtin("a4-3x8").unwrap(),
    );
    for format in [Format::Zpl, Format::Tspl] {
        let refused = write_labels(
            &[record(0)],
            &job(&template, Some(&sheet)),
            format,
            &mut Vec::new(),
        );
        assert!(matches!(refused, Err(WriteError::SheetOnRoll(_))));
    }
}
