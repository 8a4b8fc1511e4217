//! A label code as a QR symbol: version 1, level Q, alphanumeric mode, the mask chosen as the standard says.
//!
//! The `qrcode` crate is the reference and takes about a third of a millisecond a symbol, which would hold up bulk
//! printing. Everything before masking is linear over GF(2): mode, length, padding and error correction make one
//! constant symbol, and each bit of the twelve characters flips a fixed set of modules. So a symbol is a few
//! table rows XORed together; masks are more rows; the penalty of a mask is counted on whole rows at a time.
//! `tests/print/qr.rs` proves the result equal to the reference, module by module.

use std::array;
use std::sync::LazyLock;

use crate::code::{CODE_LEN, LabelCode};

/// Modules along a side of the symbol.
pub const QR_MODULES: usize = 21;
/// Modules of white that must surround the symbol, by the standard.
pub const QR_QUIET_MODULES: usize = 4;

const DATA_CODEWORDS: usize = 13;
const EC_CODEWORDS: usize = 13;
/// Bits before the first pair of characters: mode (4) and character count (9).
const HEADER_BITS: usize = 13;
const PAIRS: usize = CODE_LEN / 2;
/// A pair is 11 bits, looked up as its upper 6 and its lower 5.
const LOW_BITS: usize = 5;
const HIGH_BITS: usize = 6;
/// Rows and columns, each padded to a multiple of eight for the sake of vector instructions.
const LANES: usize = 24;
/// The 21 bits of a row.
const ROW: u32 = (1 << QR_MODULES) - 1;

/// The modules of a label's QR symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QrRows([u32; QR_MODULES]);

impl QrRows {
    /// The symbol of a code.
    #[must_use]
    pub fn of(code: LabelCode) -> Self {
        let tables = &*TABLES;
        let mut data = Symbol::EMPTY;
        for (pair, halves) in code.as_str().as_bytes().chunks_exact(2).zip(&tables.pairs) {
            let value = alphanumeric(pair[0]) * 45 + alphanumeric(pair[1]);
            data.flip(&halves.high[value >> LOW_BITS]);
            data.flip(&halves.low[value & ((1 << LOW_BITS) - 1)]);
        }
        let mut best = (u32::MAX, Symbol::EMPTY);
        for masked in &tables.masks {
            let mut symbol = *masked;
            symbol.flip(&data);
            let penalty = symbol.penalty();
            if penalty < best.0 {
                best = (penalty, symbol);
            }
        }
        Self(array::from_fn(|y| best.1.rows[y]))
    }

    /// Whether a module is dark; outside the symbol all is light.
    #[must_use]
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < QR_MODULES && self.0.get(y).is_some_and(|row| row >> x & 1 == 1)
    }

    /// The rows as an image mask: three bytes each, the leftmost module in the highest bit, dark as 0.
    pub(crate) fn mask(&self) -> [u8; QR_MODULES * 3] {
        let mut bytes = [0; QR_MODULES * 3];
        for (row, place) in self.0.iter().zip(bytes.chunks_exact_mut(3)) {
            place.copy_from_slice(&(!row.reverse_bits()).to_be_bytes()[..3]);
        }
        bytes
    }
}

/// The value of a digit or capital letter in alphanumeric mode.
fn alphanumeric(byte: u8) -> usize {
    match byte {
        b'0'..=b'9' => usize::from(byte - b'0'),
        _ => usize::from(byte.saturating_sub(b'A')) + 10,
    }
}

/// A symbol twice over, by rows and by columns, so that both directions are counted alike. Bit x of row y is
/// bit y of column x.
#[derive(Clone, Copy)]
struct Symbol {
    rows: [u32; LANES],
    columns: [u32; LANES],
}

impl Symbol {
    const EMPTY: Self = Self { rows: [0; LANES], columns: [0; LANES] };

    fn flip(&mut self, other: &Self) {
        for lane in 0..LANES {
            self.rows[lane] ^= other.rows[lane];
            self.columns[lane] ^= other.columns[lane];
        }
    }

    fn set(&mut self, x: usize, y: usize, dark: bool) {
        if dark {
            self.rows[y] ^= 1 << x;
            self.columns[x] ^= 1 << y;
        }
    }

    /// How bad the symbol looks to a scanner, as the standard counts it. The three empty padding lanes add
    /// the same to every mask, which does not matter to a comparison.
    fn penalty(&self) -> u32 {
        line_penalty(&self.rows) + line_penalty(&self.columns) + self.block_penalty() + self.balance_penalty()
    }

    /// 3 for every 2×2 block of one colour.
    fn block_penalty(&self) -> u32 {
        let mut blocks = 0;
        for y in 0..QR_MODULES - 1 {
            let (row, next) = (self.rows[y], self.rows[y + 1]);
            let alike = !(row ^ row >> 1) & !(next ^ next >> 1) & !(row ^ next) & (ROW >> 1);
            blocks += alike.count_ones();
        }
        blocks * 3
    }

    /// How far the share of dark modules is from one half, in half per cents, as the reference counts it.
    fn balance_penalty(&self) -> u32 {
        const MODULES: u32 = 21 * 21;
        let dark: u32 = self.rows.iter().map(|row| row.count_ones()).sum();
        (dark * 200 / MODULES).abs_diff(100)
    }
}

/// Runs of five or more modules of one colour (3, and 1 for each beyond five), and 40 for every `1011101`
/// with four light modules, or the edge, on either side.
fn line_penalty(lines: &[u32; LANES]) -> u32 {
    let mut total = 0;
    for &line in lines {
        let same = !(line ^ line >> 1) & (ROW >> 1);
        let fives = same & same >> 1 & same >> 2 & same >> 3;
        let starts = fives & !(fives << 1);
        let finder = line & !(line >> 1) & line >> 2 & line >> 3 & line >> 4 & !(line >> 5) & line >> 6;
        let light = !(line << 4);
        let before = light & light >> 1 & light >> 2 & light >> 3;
        let after = light >> 11 & light >> 12 & light >> 13 & light >> 14;
        let finders = finder & (ROW >> 6) & (before | after);
        total += fives.count_ones() + 2 * starts.count_ones() + 40 * finders.count_ones();
    }
    total
}

/// What the bits of one pair of characters flip.
struct Halves {
    high: [Symbol; 1 << HIGH_BITS],
    low: [Symbol; 1 << LOW_BITS],
}

struct Tables {
    pairs: Vec<Halves>,
    /// For each mask: the constant part of the symbol with that mask and its format information.
    masks: Vec<Symbol>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let pair = |number: usize| {
        let last_bit = HEADER_BITS + 11 * (number + 1) - 1;
        let flips = |value: usize, shift: usize, width: usize| {
            let mut data = [0; DATA_CODEWORDS];
            for bit in (0..width).filter(|bit| value >> bit & 1 == 1) {
                set_bit(&mut data, last_bit - shift - bit);
            }
            place(&data)
        };
        Halves {
            high: array::from_fn(|value| flips(value, LOW_BITS, HIGH_BITS)),
            low: array::from_fn(|value| flips(value, 0, LOW_BITS)),
        }
    };
    let mut constant = place(&constant_codewords());
    constant.flip(&function_patterns());
    let masks = (0..8).map(|mask| {
        let mut symbol = constant;
        symbol.flip(&mask_and_format(mask));
        symbol
    });
    Tables { pairs: (0..PAIRS).map(pair).collect(), masks: masks.collect() }
});

fn set_bit(codewords: &mut [u8], bit: usize) {
    codewords[bit / 8] ^= 0x80 >> (bit % 8);
}

/// Mode, character count and padding; the characters' bits are zero.
fn constant_codewords() -> [u8; DATA_CODEWORDS] {
    let mut data = [0; DATA_CODEWORDS];
    data[0] = 0b0010_0000;
    data[1] = 12 << 3;
    data[DATA_CODEWORDS - 2] = 0xec;
    data[DATA_CODEWORDS - 1] = 0x11;
    data
}

/// The remainder of the data divided by the generator polynomial of degree 13 over GF(256).
fn error_correction(data: &[u8; DATA_CODEWORDS]) -> [u8; EC_CODEWORDS] {
    let mut generator = [0u8; EC_CODEWORDS + 1];
    generator[0] = 1;
    let mut root = 1;
    for degree in 0..EC_CODEWORDS {
        for at in (0..=degree).rev() {
            generator[at + 1] ^= multiply(generator[at], root);
        }
        root = multiply(root, 2);
    }
    let mut remainder = [0; EC_CODEWORDS];
    for byte in data {
        let factor = byte ^ remainder[0];
        remainder.rotate_left(1);
        remainder[EC_CODEWORDS - 1] = 0;
        for (place, coefficient) in remainder.iter_mut().zip(&generator[1..]) {
            *place ^= multiply(*coefficient, factor);
        }
    }
    remainder
}

/// A product in GF(256) with QR's polynomial 0x11d.
fn multiply(mut a: u8, mut b: u8) -> u8 {
    let mut product = 0;
    while b != 0 {
        if b & 1 == 1 {
            product ^= a;
        }
        a = a << 1 ^ if a & 0x80 == 0 { 0 } else { 0x1d };
        b >>= 1;
    }
    product
}

/// The modules that codewords and their error correction darken, unmasked.
fn place(data: &[u8; DATA_CODEWORDS]) -> Symbol {
    let mut symbol = Symbol::EMPTY;
    let correction = error_correction(data);
    let bits = data.iter().chain(&correction).flat_map(|byte| (0..8).map(move |bit| byte << bit & 0x80 != 0));
    for ((x, y), dark) in data_modules().zip(bits) {
        symbol.set(x, y, dark);
    }
    symbol
}

/// Data modules in the order in which bits fill them: in pairs of columns from the right, up and down by turns.
fn data_modules() -> impl Iterator<Item = (usize, usize)> {
    const PAIRS_FROM_RIGHT: [usize; 10] = [20, 18, 16, 14, 12, 10, 8, 5, 3, 1];
    PAIRS_FROM_RIGHT.into_iter().enumerate().flat_map(|(turn, right)| {
        (0..QR_MODULES)
            .map(move |step| if turn % 2 == 0 { QR_MODULES - 1 - step } else { step })
            .flat_map(move |y| [(right, y), (right - 1, y)])
            .filter(|&(x, y)| is_data(x, y))
    })
}

fn is_data(x: usize, y: usize) -> bool {
    let (left, right, top, bottom) = (x < 9, x > 12, y < 9, y > 12);
    let corner = top && (left || right) || left && bottom;
    !corner && x != 6 && y != 6
}

/// Finder and timing patterns and the one module that is always dark.
fn function_patterns() -> Symbol {
    let mut symbol = Symbol::EMPTY;
    for (left, top) in [(0, 0), (14, 0), (0, 14)] {
        for (dx, dy) in (0..7).flat_map(|dy| (0..7).map(move |dx| (dx, dy))) {
            let ring = dx.min(dy).min(6 - dx).min(6 - dy);
            symbol.set(left + dx, top + dy, ring != 1);
        }
    }
    for at in (8..=12).step_by(2) {
        symbol.set(at, 6, true);
        symbol.set(6, at, true);
    }
    symbol.set(8, 13, true);
    symbol
}

fn mask_and_format(mask: usize) -> Symbol {
    let mut symbol = Symbol::EMPTY;
    for (x, y) in data_modules() {
        let dark = match mask {
            0 => (x + y) % 2,
            1 => y % 2,
            2 => x % 3,
            3 => (x + y) % 3,
            4 => (y / 2 + x / 3) % 2,
            5 => x * y % 2 + x * y % 3,
            6 => (x * y % 2 + x * y % 3) % 2,
            _ => ((x + y) % 2 + x * y % 3) % 2,
        } == 0;
        symbol.set(x, y, dark);
    }
    let format = format_bits(mask);
    let bit = |place: usize| format >> place & 1 == 1;
    for place in 0..15 {
        let around_corner = match place {
            0..=5 => (8, place),
            6..=7 => (8, place + 1),
            8 => (7, 8),
            _ => (14 - place, 8),
        };
        let along_edges = if place < 8 { (QR_MODULES - 1 - place, 8) } else { (8, QR_MODULES - 15 + place) };
        symbol.set(around_corner.0, around_corner.1, bit(place));
        symbol.set(along_edges.0, along_edges.1, bit(place));
    }
    symbol
}

/// Level Q and the mask, protected by a BCH code, as 15 bits.
fn format_bits(mask: usize) -> usize {
    const LEVEL_Q: usize = 0b11;
    const GENERATOR: usize = 0x537;
    const VEIL: usize = 0x5412;
    let data = LEVEL_Q << 3 | mask;
    let mut remainder = data << 10;
    for shift in (0..5).rev() {
        if remainder >> (shift + 10) & 1 == 1 {
            remainder ^= GENERATOR << shift;
        }
    }
    (data << 10 | remainder) ^ VEIL
}
