//! Photos in, codes out: recall on drawn photos, no false code, and files that are no photos.
//!
//! The floors of recall are below what the reader does, so that they only fail when it has become worse.
#![expect(clippy::unwrap_used, reason = "a helper that cannot go on fails the test")]

#[path = "photo/mod.rs"]
mod photo;

use std::collections::HashSet;

use hufu_labels::code::LabelCode;
use hufu_labels::read::{Found, Limits, LumaView, ReadError, decode_luma, decode_photo};
use image::{ExtendedColorType, ImageEncoder};
use photo::{Grade, Kind, Order, Photo, take};
use proptest::prelude::*;

const SIZE: (usize, usize) = (1800, 1350);

fn read(photo: &Photo) -> Vec<Found> {
    decode_photo(&photo.jpeg, &Limits::default()).unwrap()
}

/// Labels read and labels there, over some photos; fails on anything that is not there.
fn recall(grade: Grade, seeds: std::ops::Range<u64>) -> (usize, usize) {
    let (mut hit, mut all) = (0, 0);
    for seed in seeds {
        let photo = take(&Order { broken: 1, addresses: 1, decoys: 2, ..Order::new(seed, grade, SIZE, 14) });
        let found = read(&photo);
        let there: HashSet<&str> = photo.placed.iter().map(|p| p.text.as_str()).collect();
        for one in &found {
            assert!(there.contains(one.text.as_str()), "{one:?} is not in the photo");
        }
        for placed in &photo.placed {
            let seen = found.iter().find(|f| f.text == placed.text);
            assert!(seen.is_none_or(|f| f.code.is_some() == (placed.kind == Kind::Label)), "{placed:?} {seen:?}");
            if placed.kind == Kind::Label {
                all += 1;
                hit += usize::from(seen.is_some());
            }
        }
    }
    (hit, all)
}

#[test]
fn easy_photos_are_read_whole() {
    assert_eq!(recall(Grade::Easy, 0..3), (42, 42));
}

#[test]
fn middling_photos_are_read_nearly_whole() {
    let (hit, all) = recall(Grade::Middling, 10..13);
    assert!(hit * 100 >= all * 95, "{hit} of {all}");
}

#[test]
fn hard_photos_are_mostly_read() {
    let (hit, all) = recall(Grade::Hard, 20..24);
    assert!(hit * 100 >= all * 85, "{hit} of {all}");
}

#[test]
fn corners_are_where_the_symbol_is() {
    let photo = take(&Order::new(31, Grade::Easy, SIZE, 12));
    let found = read(&photo);
    for placed in &photo.placed {
        let one = found.iter().find(|f| f.text == placed.text).unwrap();
        for ((x, y), (to_x, to_y)) in one.corners.iter().zip(placed.corners) {
            assert!((x - to_x).hypot(y - to_y) < 5.0, "{:?} against {:?}", one.corners, placed.corners);
        }
    }
}

#[test]
fn a_photo_without_codes_is_empty_and_no_error() {
    let photo = take(&Order { decoys: 12, ..Order::new(40, Grade::Middling, SIZE, 0) });
    assert_eq!(read(&photo), []);
}

#[test]
fn a_wrong_check_character_is_a_text_but_no_code() {
    let photo = take(&Order { broken: 6, ..Order::new(41, Grade::Easy, SIZE, 0) });
    let found = read(&photo);
    assert_eq!(found.len(), 6);
    for one in found {
        assert!(one.text.starts_with("HF") && one.text.len() == 12 && one.code.is_none(), "{one:?}");
    }
}

#[test]
fn other_peoples_codes_are_texts() {
    let photo = take(&Order { addresses: 8, ..Order::new(42, Grade::Easy, SIZE, 0) });
    let found = read(&photo);
    let there: HashSet<&str> = photo.placed.iter().map(|p| p.text.as_str()).collect();
    assert_eq!(found.iter().map(|f| f.text.as_str()).collect::<HashSet<_>>(), there);
    assert!(found.iter().all(|f| f.code.is_none()));
}

#[test]
fn mirrored_labels_are_read() {
    let photo = take(&Order { mirrored: true, ..Order::new(43, Grade::Easy, SIZE, 12) });
    assert_eq!(read(&photo).len(), 12);
}

/// A drawing of QR codes with square modules on a grey sheet.
struct Sheet {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Sheet {
    fn new(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![200; width * height] }
    }

    fn put(mut self, text: &str, module: usize, (left, top): (usize, usize)) -> Self {
        let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::Q).unwrap();
        let side = code.width();
        for (i, colour) in code.to_colors().into_iter().enumerate() {
            let (x, y) = (left + i % side * module, top + i / side * module);
            for row in y..y + module {
                self.pixels[row * self.width + x..][..module].fill(colour.select(30, 225));
            }
        }
        self
    }

    fn read(&self) -> Vec<Found> {
        decode_luma(LumaView::new(&self.pixels, self.width, self.height).unwrap())
    }
}

fn code(number: u64) -> String {
    LabelCode::from_random(number).to_string()
}

#[test]
fn every_size_of_module_is_read() {
    for module in [2, 3, 5, 8, 13, 20, 40] {
        let side = 29 * module;
        let found = Sheet::new(side, side).put(&code(7), module, (4 * module, 4 * module)).read();
        assert_eq!(found.len(), 1, "{module} pixels a module");
        assert_eq!(found[0].text, code(7));
    }
}

#[test]
fn a_text_seen_twice_is_found_once() {
    let sheet = Sheet::new(400, 200).put(&code(1), 4, (30, 30)).put(&code(1), 4, (200, 60)).put(&code(2), 3, (310, 20));
    let texts: Vec<String> = sheet.read().into_iter().map(|f| f.text).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts.contains(&code(1)) && texts.contains(&code(2)));
}

#[test]
fn only_capitals_and_nothing_else_make_a_code() {
    let typed = LabelCode::from_random(5).grouped();
    for text in [code(5).to_lowercase(), typed, format!("{} ", code(5))] {
        let found = Sheet::new(200, 200).put(&text, 4, (30, 30)).read();
        assert_eq!(found.iter().map(|f| (f.text.as_str(), f.code)).collect::<Vec<_>>(), [(text.as_str(), None)]);
    }
}

fn png(sheet: &Sheet) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (width, height) = (u32::try_from(sheet.width).unwrap(), u32::try_from(sheet.height).unwrap());
    image::codecs::png::PngEncoder::new(&mut bytes)
        .write_image(&sheet.pixels, width, height, ExtendedColorType::L8)
        .unwrap();
    bytes
}

fn jpeg(sheet: &Sheet) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (width, height) = (u32::try_from(sheet.width).unwrap(), u32::try_from(sheet.height).unwrap());
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90)
        .write_image(&sheet.pixels, width, height, ExtendedColorType::L8)
        .unwrap();
    bytes
}

#[test]
fn the_format_is_told_by_the_content() {
    let sheet = Sheet::new(200, 200).put(&code(9), 4, (30, 30));
    for bytes in [png(&sheet), jpeg(&sheet)] {
        let found = decode_photo(&bytes, &Limits::default()).unwrap();
        assert_eq!(found[0].code.unwrap().as_str(), code(9));
    }
}

#[test]
fn what_is_no_photo_is_refused() {
    let refused = |bytes: &[u8]| decode_photo(bytes, &Limits::default()).unwrap_err();
    assert_eq!(refused(b""), ReadError::Empty);
    for bytes in [&b"item_number,name\r\n1,desk\r\n"[..], b"GIF89a", b"%PDF-1.7", &[0; 4096], &[0xff, 0xd8]] {
        assert_eq!(refused(bytes), ReadError::NotAPhoto);
    }
    assert!(matches!(refused(&[0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2]), ReadError::Damaged(_)));
    assert!(matches!(refused(b"\x89PNG\r\n\x1a\nnonsense"), ReadError::Damaged(_) | ReadError::Truncated));
}

#[test]
fn a_file_cut_short_is_refused_not_half_read() {
    let sheet = Sheet::new(300, 300).put(&code(9), 4, (30, 30));
    for bytes in [png(&sheet), jpeg(&sheet)] {
        for length in (1..bytes.len() - 12).step_by(97) {
            let result = decode_photo(&bytes[..length], &Limits::default());
            assert!(result.is_err(), "{length} of {} bytes", bytes.len());
        }
        let most = &bytes[..bytes.len() * 9 / 10];
        assert_eq!(decode_photo(most, &Limits::default()), Err(ReadError::Truncated));
    }
}

/// A JPEG that says it is larger than it is.
fn jpeg_declaring(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = jpeg(&Sheet::new(16, 16));
    let frame = bytes.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

/// A PNG that says it is larger than it is, with the check sum that belongs to that.
fn png_declaring(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(&Sheet::new(16, 16));
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = !bytes[12..29].iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |s, _| if s & 1 == 1 { (s >> 1) ^ 0xedb8_8320 } else { s >> 1 })
    });
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

#[test]
fn declared_sizes_are_checked_before_memory_is_taken() {
    let refused = |bytes: &[u8]| decode_photo(bytes, &Limits::default()).unwrap_err();
    assert_eq!(refused(&jpeg_declaring(65_500, 65_500)), ReadError::TooLarge { width: 65_500, height: 65_500 });
    assert_eq!(refused(&jpeg_declaring(10_000, 10_000)), ReadError::Truncated);
    assert_eq!(refused(&png_declaring(200_000, 100_000)), ReadError::TooLarge { width: 200_000, height: 100_000 });
    assert_eq!(refused(&png_declaring(10_000, 10_000)), ReadError::Truncated);
    for bytes in [jpeg_declaring(0, 16), jpeg_declaring(16, 0), png_declaring(0, 16), png_declaring(16, 0)] {
        assert!(matches!(refused(&bytes), ReadError::Damaged(_)));
    }
    let small = Limits { max_pixels: 100, ..Limits::default() };
    let sheet = Sheet::new(16, 16);
    for bytes in [jpeg(&sheet), png(&sheet)] {
        assert_eq!(decode_photo(&bytes, &small), Err(ReadError::TooLarge { width: 16, height: 16 }));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_bytes_make_it_panic(start in 0usize..3, bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut file = [&b""[..], &[0xff, 0xd8, 0xff], b"\x89PNG\r\n\x1a\n"][start].to_vec();
        file.extend(bytes);
        prop_assert!(decode_photo(&file, &Limits::default()).is_err());
    }

    #[test]
    fn no_spoilt_photo_makes_it_panic_or_lie(
        use_png: bool,
        spoils in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let sheet = Sheet::new(150, 150).put(&code(3), 4, (30, 30));
        let mut file = if use_png { png(&sheet) } else { jpeg(&sheet) };
        for (at, byte) in spoils {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let small = Limits { max_pixels: 4_000_000, ..Limits::default() };
        for found in decode_photo(&file, &small).unwrap_or_default() {
            prop_assert!(found.code.is_none() || found.text == code(3));
        }
    }

    #[test]
    fn no_picture_makes_it_panic(width in 1usize..90, seed in proptest::collection::vec(any::<u8>(), 90..4000)) {
        let height = seed.len() / width;
        prop_assume!(height > 0);
        let found = decode_luma(LumaView::new(&seed[..width * height], width, height).unwrap());
        prop_assert!(found.iter().all(|f| f.code.is_none()));
    }
}
