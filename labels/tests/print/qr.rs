//! Our bit rows against the `qrcode` crate, module by module.

use hufu_labels::code::LabelCode;
use hufu_labels::write::{QR_MODULES, QrRows};
use proptest::prelude::*;
use qrcode::bits::Bits;
use qrcode::{Color, EcLevel, QrCode, Version};

/// Version 1, level Q, all in alphanumeric mode: left to itself the crate may cut a code that is mostly digits into
/// segments of two modes, which is as long and says the same.
fn reference(code: LabelCode) -> QrCode {
    let mut bits = Bits::new(Version::Normal(1));
    bits.push_alphanumeric_data(code.as_str().as_bytes()).unwrap();
    bits.push_terminator(EcLevel::Q).unwrap();
    QrCode::with_bits(bits, EcLevel::Q).unwrap()
}

fn assert_equal(code: LabelCode) {
    let (ours, theirs) = (QrRows::of(code), reference(code));
    assert_eq!(theirs.width(), QR_MODULES);
    for (x, y) in (0..QR_MODULES).flat_map(|y| (0..QR_MODULES).map(move |x| (x, y))) {
        assert_eq!(ours.is_dark(x, y), theirs[(x, y)] == Color::Dark, "{code} at {x},{y}");
    }
}

#[test]
fn two_thousand_codes_equal_the_reference() {
    // One after the other and spread out; every mask is the best one somewhere among them.
    (0..1_000).for_each(|number| assert_equal(LabelCode::from_random(number)));
    (0..1_000u64).for_each(|number| assert_equal(LabelCode::from_random(number.wrapping_mul(0x9e37_79b9_7f4a_7c15))));
}

#[test]
fn outside_the_symbol_all_is_light() {
    let rows = QrRows::of(LabelCode::from_random(7));
    assert!(rows.is_dark(0, 0));
    assert!(!rows.is_dark(QR_MODULES, 0) && !rows.is_dark(0, QR_MODULES) && !rows.is_dark(usize::MAX, usize::MAX));
}

proptest! {
    #[test]
    fn any_code_equals_the_reference(random: u64) {
        assert_equal(LabelCode::from_random(random));
    }
}
