//! PNG and SVG: the symbol is decoded by another's reader, the dots are looked at.

use hufu_labels::write::{Format, LabelRecord, Sheet, Template, WriteError, write_pages};
use image::GrayImage;
use std::slice::from_ref;

use super::sample::{job, record, records};

fn pages(records: &[LabelRecord], template: &str, sheet: Option<&str>, format: Format, dpi: u32) -> Vec<Vec<u8>> {
    let template = Template::builtin(template).unwrap();
    let sheet = sheet.map(|name| Sheet::builtin(name).unwrap());
    let mut job = job(&template, sheet.as_ref());
    job.dpi = dpi;
    let mut pages = Vec::new();
    let summary = write_pages(records, &job, format, &mut |page, bytes| {
        assert_eq!(page, pages.len(), "pages come in order");
        pages.push(bytes.to_vec());
        Ok(())
    });
    assert_eq!(summary.unwrap().pages, pages.len());
    pages
}

fn decoded(picture: &GrayImage) -> String {
    let (width, height) = picture.dimensions();
    let found = rxing::helpers::detect_in_luma(picture.as_raw().clone(), width, height, None);
    found.map(|result| result.getText().to_owned()).unwrap_or_default()
}

#[test]
fn the_symbol_of_every_template_is_read_back_at_printer_resolutions() {
    let record = record(3);
    for template in Template::builtin_names() {
        for dpi in [203, 300, 600] {
            let page = &pages(from_ref(&record), template, None, Format::Png, dpi)[0];
            let picture = image::load_from_memory(page).unwrap().into_luma8();
            assert_eq!(decoded(&picture), record.code.as_str(), "{template} at {dpi} dpi");
        }
    }
}

#[test]
fn a_sheet_has_each_label_in_its_place() {
    let records = records(26);
    let pages = pages(&records, "asset-60x40", Some("a4-3x8"), Format::Png, 150);
    assert_eq!(pages.len(), 2);
    let sheet = image::load_from_memory(&pages[1]).unwrap().into_luma8();
    assert_eq!(sheet.dimensions(), (1240, 1754));
    // The second label of the second page, cut out of its 70×37 mm cell.
    let (x, width, height) = (70 * 1240 / 210, 70 * 1240 / 210, 37 * 1754 / 297);
    let cell = image::imageops::crop_imm(&sheet, x, 2, width, height).to_image();
    assert_eq!(decoded(&cell), records[25].code.as_str());
    let below = image::imageops::crop_imm(&sheet, 0, 300, 1240, 1454).to_image();
    assert!(below.pixels().all(|dot| dot.0[0] == 255), "the rest of the sheet is white");
}

#[test]
fn a_picture_states_its_resolution() {
    let page = &pages(&[record(0)], "asset-60x40", None, Format::Png, 300)[0];
    let reader = png::Decoder::new(std::io::Cursor::new(page)).read_info().unwrap();
    let density = reader.info().pixel_dims.unwrap();
    assert_eq!((density.xppu, density.unit), (11_811, png::Unit::Meter));
    assert_eq!((reader.info().width, reader.info().height), (709, 472));
}

#[test]
fn nothing_touches_the_edge_of_a_label() {
    let mut full = record(0);
    for text in [&mut full.name, &mut full.unit, &mut full.place, &mut full.specification, &mut full.keeper] {
        *text = "国Qg".repeat(40);
    }
    full.organisation = "国".repeat(60);
    for template in Template::builtin_names() {
        let page = &pages(from_ref(&full), template, None, Format::Png, 300)[0];
        let picture = image::load_from_memory(page).unwrap().into_luma8();
        let (width, height) = picture.dimensions();
        let margin = 10;
        let edge = |x: u32, y: u32| x < margin || y < margin || x >= width - margin || y >= height - margin;
        let dark = picture.enumerate_pixels().filter(|(x, y, dot)| edge(*x, *y) && dot.0[0] < 255).count();
        assert_eq!(dark, 0, "{template}");
    }
}

#[test]
fn a_resolution_too_low_or_too_high_is_refused() {
    let template = Template::builtin("asset-40x30").unwrap();
    let sheet = Sheet::builtin("a4-4x10").unwrap();
    let refused = |dpi, sheet| {
        let mut job = job(&template, sheet);
        job.dpi = dpi;
        write_pages(&[record(0)], &job, Format::Png, &mut |_, _| Ok(())).unwrap_err()
    };
    assert!(matches!(refused(0, None), WriteError::BadDpi(0)));
    assert!(matches!(refused(5_000, None), WriteError::BadDpi(5_000)));
    assert!(matches!(refused(72, None), WriteError::QrTooCoarse { dpi: 72, .. }));
    assert!(matches!(refused(1_200, Some(&sheet)), WriteError::Picture(_)));
}

#[test]
fn a_drawing_has_titles_outlines_and_no_text() {
    let mut odd = record(1);
    odd.name = "电脑<script>&\u{1}".to_owned();
    let page = pages(&[record(0), odd], "asset-60x40", Some("a4-3x8"), Format::Svg, 300).remove(0);
    let svg = String::from_utf8(page).unwrap();
    assert!(svg.starts_with(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"210mm\" height=\"297mm\" viewBox=\"0 0 210 297\">"
    ));
    assert!(svg.contains("<title>标签 asset-60x40</title>"));
    assert!(svg.contains("电脑&lt;script&gt;&amp;  </title>"));
    assert!(!svg.contains("<script") && !svg.contains("<text"));
    assert_eq!(svg.matches("shape-rendering").count(), 2, "a symbol for each label");
    let used = svg.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap());
    for name in used {
        assert_eq!(svg.matches(&format!("id=\"{name}\"")).count(), 1, "{name} is defined once");
    }
}

#[test]
fn a_drawn_symbol_has_the_modules_of_the_code() {
    let record = record(5);
    let page = pages(from_ref(&record), "blank-40x30", None, Format::Svg, 300).remove(0);
    let svg = String::from_utf8(page).unwrap();
    let path = svg.split("shape-rendering").nth(1).unwrap().split(" d=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut picture = GrayImage::from_pixel(29 * 8, 29 * 8, image::Luma([255]));
    for part in path.split('M').skip(1) {
        let (x, rest) = part.split_once(' ').unwrap();
        let (y, rest) = rest.split_once('h').unwrap();
        let run: u32 = rest.split('v').next().unwrap().parse().unwrap();
        let (x, y): (u32, u32) = (x.parse().unwrap(), y.parse().unwrap());
        for (dx, dy) in (0..run * 8).flat_map(|dx| (0..8).map(move |dy| (dx, dy))) {
            picture.put_pixel((x + 4) * 8 + dx, (y + 4) * 8 + dy, image::Luma([0]));
        }
    }
    assert_eq!(decoded(&picture), record.code.as_str());
}
