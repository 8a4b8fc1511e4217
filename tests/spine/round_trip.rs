//! From the book to paper to a photo and back to the book.

use std::io::Cursor;

use hufu::items::labels::{Printing, Resolved, Subject, print, resolve};
use hufu::kernel::random::Random;
use hufu_labels::code::LabelCode;
use hufu_labels::read::{Limits, decode_photo};
use hufu_labels::write::{FontSet, Format, Job, LabelRecord, Template, write_pages};
use image::{GrayImage, ImageFormat, Luma, imageops};

use super::support::Office;

const THINGS: usize = 6;
const COLUMNS: usize = 2;

fn label_pictures(codes: &[LabelCode]) -> Vec<GrayImage> {
    let records: Vec<LabelRecord> = codes
        .iter()
        .enumerate()
        .map(|(n, code)| LabelRecord {
            item_number: format!("A-{n}"),
            name: "台式计算机".to_owned(),
            unit: "第0大队".to_owned(),
            ..LabelRecord::blank(*code)
        })
        .collect();
    let (template, fonts) = (Template::builtin("asset-60x40").unwrap(), FontSet::builtin().unwrap());
    let job = Job { template: &template, sheet: None, skip: 0, fonts: &fonts, dpi: 203, organisation: "分局" };
    let mut pictures = Vec::new();
    let take = &mut |_: usize, bytes: &[u8]| {
        pictures.push(image::load_from_memory(bytes).map_err(std::io::Error::other)?.to_luma8());
        Ok(())
    };
    write_pages(&records, &job, Format::Png, take).unwrap();
    pictures
}

/// A grey wall with the labels on it, out of focus and grainy, as a JPEG.
fn photo(labels: &[GrayImage], dice: &Random) -> Vec<u8> {
    let (width, height) = labels[0].dimensions();
    let (across, down) = (u32::try_from(COLUMNS).unwrap(), u32::try_from(labels.len().div_ceil(COLUMNS)).unwrap());
    let mut wall = GrayImage::from_pixel(across * (width + 80) + 80, down * (height + 80) + 80, Luma([118]));
    for (n, label) in labels.iter().enumerate() {
        let (column, row) = (i64::try_from(n % COLUMNS).unwrap(), i64::try_from(n / COLUMNS).unwrap());
        let askew = i64::try_from(dice.next_u64() % 30).unwrap();
        let at = |index: i64, size: u32| 80 + index * (i64::from(size) + 80);
        imageops::overlay(&mut wall, label, at(column, width) + askew, at(row, height) - askew);
    }
    let mut seen = imageops::blur(&wall, 1.2);
    for pixel in seen.pixels_mut() {
        let grain = i32::try_from(dice.next_u64() % 25).unwrap() - 12;
        // Indoors: paper is not white and ink is not black.
        let dim = 30 + i32::from(pixel[0]) * 7 / 10 + grain;
        pixel[0] = u8::try_from(dim.clamp(0, 255)).unwrap();
    }
    let mut jpeg = Vec::new();
    seen.write_to(&mut Cursor::new(&mut jpeg), ImageFormat::Jpeg).unwrap();
    jpeg
}

#[tokio::test]
async fn a_photo_of_printed_labels_leads_back_to_the_things() {
    let office = Office::found().await;
    let new: Vec<_> = (0..THINGS).map(|n| office.new_item(&format!("A-{n}"), 0)).collect();
    let things = office.register(&new).await;
    let mut subjects: Vec<Subject> = things.iter().map(|thing| Subject::Item(thing.id)).collect();
    subjects.push(Subject::Place(office.places[0][1]));
    let codes = print(&office.db, &office.ctx, &subjects, "asset-60x40", Printing::Again).await.unwrap();
    // The first thing was given a new label since, and still wears the old one.
    print(&office.db, &office.ctx, &subjects[..1], "asset-60x40", Printing::Renew).await.unwrap();
    let picture = photo(&label_pictures(&codes), &Random::seeded(3));
    let found = decode_photo(&picture, &Limits::default()).unwrap();
    let mut meant = Vec::new();
    for read in &found {
        let code = read.code.expect("only our labels are on the wall");
        meant.push(resolve(office.db.read(), code.as_str()).await.unwrap());
    }
    assert_eq!(meant.len(), codes.len(), "each once");
    let mut must: Vec<Resolved> = subjects.iter().map(|subject| Resolved::Current(*subject)).collect();
    must[0] = Resolved::Superseded(subjects[0]);
    for one in &must {
        assert!(meant.contains(one), "{one:?} not among {meant:?}");
    }
}
