//! A 100-megapixel photo, in a process of its own so that its memory can be told.
#![expect(clippy::unwrap_used, reason = "a helper that cannot go on fails the test")]

use hufu_labels::code::LabelCode;
use hufu_labels::read::{Limits, decode_photo};
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};

const WIDTH: u16 = 11_600;
const HEIGHT: u16 = 8_700;
const MODULE: usize = 4;

/// A sheet with one symbol in its far corner.
fn photo(text: &str) -> Vec<u8> {
    let (width, height) = (usize::from(WIDTH), usize::from(HEIGHT));
    let mut pixels = vec![180u8; width * height];
    let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::Q).unwrap();
    for (i, colour) in code.to_colors().into_iter().enumerate() {
        let x = width - 200 + i % code.width() * MODULE;
        let y = height - 200 + i / code.width() * MODULE;
        for row in y..y + MODULE {
            pixels[row * width + x..][..MODULE].fill(colour.select(30, 220));
        }
    }
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 80)
        .write_image(&pixels, u32::from(WIDTH), u32::from(HEIGHT), ExtendedColorType::L8)
        .unwrap();
    bytes
}

/// The most memory this process ever had, in MiB, where the system tells.
fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}

#[test]
fn a_hundred_megapixels_are_read_in_bounded_memory() {
    let text = LabelCode::from_random(42).to_string();
    let bytes = photo(&text);
    let found = decode_photo(&bytes, &Limits::default()).unwrap();
    assert_eq!(found.iter().map(|f| f.text.as_str()).collect::<Vec<_>>(), [text.as_str()]);
    let (x, y) = found[0].corners[0];
    assert!((x - 11_400.0).abs() < 3.0 && (y - 8_500.0).abs() < 3.0, "{x} {y}");
    if let Some(peak) = peak_mib() {
        assert!(peak < 220, "{peak} MiB");
    }
}
