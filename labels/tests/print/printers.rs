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
    assert_eq!((summary.labels, summary.bytes), (records.len(), bytes.len() as u64));
    bytes
}

fn decoded(picture: &GrayImage) -> String {
    let (width, height) = picture.dimensions();
    let found = rxing::helpers::detect_in_luma(picture.as_raw().clone(), width, height, None);
    found.map(|result| result.getText().to_owned()).unwrap_or_default()
}

/// Black and white from rows of bytes, `dark` as printed.
fn picture(bytes: &[u8], row_bytes: usize, dark: bool) -> GrayImage {
    let (width, height) = (u32::try_from(row_bytes * 8).unwrap(), u32::try_from(bytes.len() / row_bytes).unwrap());
    GrayImage::from_fn(width, height, |x, y| {
        let byte = bytes[y as usize * row_bytes + x as usize / 8];
        Luma([if (byte >> (7 - x % 8) & 1 == 1) == dark { 0 } else { 255 }])
    })
}

/// Unpacks a graphic field as the ZPL manual says.
fn zpl_graphics(text: &str) -> Vec<(usize, Vec<u8>)> {
    let fields = text.split("^GFA,").skip(1).map(|rest| rest.split_once("^FS").unwrap().0);
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
            ':' => digits.extend_from_within(digits.len() - row_digits..),
            'G'..='Y' => count += c as usize - 'G' as usize + 1,
            'g'..='z' => count += (c as usize - 'g' as usize + 1) * 20,
            digit => digits.extend(std::iter::repeat_n(digit, std::mem::take(&mut count).max(1))),
        }
    }
    (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).unwrap()).collect()
}

#[test]
fn zpl_graphics_hold_the_symbol() {
    let records = [record(0), record(1)];
    for (template, dpi) in [("asset-60x40", 203), ("asset-60x40", 300), ("asset-40x30", 203), ("blank-40x30", 600)] {
        let text = String::from_utf8(print(&records, &Template::builtin(template).unwrap(), Format::Zpl, dpi)).unwrap();
        let graphics = zpl_graphics(&text);
        assert_eq!(graphics.len(), 2);
        for ((row_bytes, bytes), record) in graphics.iter().zip(&records) {
            assert_eq!(decoded(&picture(bytes, *row_bytes, true)), record.code.as_str(), "{template} at {dpi} dpi");
        }
    }
}

#[test]
fn tspl_bitmaps_are_the_same_dots_as_zpl_graphics() {
    let template = Template::builtin("asset-60x40").unwrap();
    let zpl = String::from_utf8(print(&[record(2)], &template, Format::Zpl, 203)).unwrap();
    let (row_bytes, dots) = zpl_graphics(&zpl).remove(0);
    let tspl = print(&[record(2)], &template, Format::Tspl, 203);
    let command = format!("CLS\r\nBITMAP 0,0,{row_bytes},{},0,", dots.len() / row_bytes).into_bytes();
    let at = tspl.windows(command.len()).position(|window| window == command).unwrap() + command.len();
    let inverted: Vec<u8> = tspl[at..at + dots.len()].iter().map(|byte| !byte).collect();
    assert!(inverted == dots);
    assert_eq!(&tspl[at + dots.len()..], b"\r\nPRINT 1,1\r\n");
    assert!(tspl.starts_with(b"SIZE 60 mm,40 mm\r\nGAP 2 mm,0 mm\r\nDIRECTION 1\r\nREFERENCE 0,0\r\nCLS\r\n"));
}

#[test]
fn a_small_label_in_zpl_stays_as_it_is() {
    let template = Template::parse("small", SMALL).unwrap();
    let label = print(&[LabelRecord::blank(LabelCode::from_random(1))], &template, Format::Zpl, 203);
    insta::assert_snapshot!(String::from_utf8(label).unwrap(), @"^XA^PW96^LL96^LH0,0^FO0,0^GFA,1152,1152,12,,::::::::::::::::::::K07HFE6H07HFE,:K06H06I06H06,:K067EH61867E6,:K067E67F867E6,:K067E601867E6,:K06H0H61E6H06,:K07HFEI67HFE,:O061E,:K01H9FE07F9E6,:K0786187FI98,:K06H0787E606,:K019E19861H9E,:L079F9EH67E6,:O079E1HFE,:K07HFE618078,:K06H06781I9E,:K067E6019E0H6,:K067E67F8181E,:K067E60H60I6,:K06H067E1HF86,:K07HFE19E07E,:,::::::::::::::::::::::::::::::::^FS^PQ1^XZ");
}

#[test]
fn a_small_label_in_tspl_stays_as_it_is() {
    let template = Template::parse("small", SMALL).unwrap();
    let label = print(&[LabelRecord::blank(LabelCode::from_random(1))], &template, Format::Tspl, 203);
    // A line for each row of dots that differs from the one above: how many there are of it, and its bytes.
    let start = label.windows(6).position(|w| w == b"96,0,\xff").unwrap() + 5;
    let (head, rest) = label.split_at(start);
    let (dots, tail) = rest.split_at(96 * 12);
    let mut shown = head.escape_ascii().to_string();
    for rows in dots.chunks(12).collect::<Vec<_>>().chunk_by(|one, next| one == next) {
        let hex: String = rows[0].iter().map(|byte| format!("{byte:02x}")).collect();
        shown.push_str(&format!("\n{}x {hex}", rows.len()));
    }
    shown.push_str(&format!("\n{}", tail.escape_ascii()));
    insta::assert_snapshot!(shown, @r"
    SIZE 12 mm,12 mm\r\nGAP 2 mm,0 mm\r\nDIRECTION 1\r\nREFERENCE 0,0\r\nCLS\r\nBITMAP 0,0,12,96,0,
    21x ffffffffffffffffffffffff
    2x fffff80019ff8001ffffffff
    2x fffff9ff9fff9ff9ffffffff
    2x fffff98199e79819ffffffff
    2x fffff98198079819ffffffff
    2x fffff9819fe79819ffffffff
    2x fffff9ff99e19ff9ffffffff
    2x fffff80019998001ffffffff
    2x fffffffff9e1ffffffffffff
    2x fffffe6601f80619ffffffff
    2x fffff879e7806667ffffffff
    2x fffff9ff87819f9fffffffff
    2x fffffe61e679e661ffffffff
    2x ffffff8606199819ffffffff
    2x fffffffff861e001ffffffff
    2x fffff80019e7f87fffffffff
    2x fffff9ff987e6661ffffffff
    2x fffff9819fe61f99ffffffff
    2x fffff9819807e7e1ffffffff
    2x fffff9819f99f999ffffffff
    2x fffff9ff981e0079ffffffff
    2x fffff8001e61f81fffffffff
    33x ffffffffffffffffffffffff
    \r\nPRINT 1,1\r\n
    ");
}

#[test]
fn a_printer_language_knows_no_sheets() {
    let (template, sheet) = (Template::builtin("asset-60x40").unwrap(), Sheet::builtin("a4-3x8").unwrap());
    for format in [Format::Zpl, Format::Tspl] {
        let refused = write_labels(&[record(0)], &job(&template, Some(&sheet)), format, &mut Vec::new());
        assert!(matches!(refused, Err(WriteError::SheetOnRoll(_))));
    }
}
