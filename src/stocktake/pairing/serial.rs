//! How far two serial numbers are from one another, when one was read off a worn plate and typed by hand.

use crate::kernel::text;

/// A serial number in the form in which two are compared: half-width, upper case, letters and digits only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serial(Box<[char]>);

/// A distance in quarters of an edit: a character missing, added, changed or swapped with its neighbour is a whole
/// edit; one mistaken for another of its looks (0/O, 1/I/l, 8/B, 5/S, 2/Z, 6/G) a quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Distance(pub u8);

impl Distance {
    /// The same.
    pub const NONE: Self = Self(0);
    /// One character mistaken for another of its looks.
    pub const CONFUSED: Self = Self(1);
    /// One character otherwise different.
    pub const EDIT: Self = Self(4);

    /// In words, for `序列号 A 与账上 B …`.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self.0 {
            0 => "相同",
            1..4 => "只差易混字符",
            4 => "差一个字符",
            5..8 => "差一个字符和易混字符",
            _ => "差两个字符",
        }
    }
}

/// The longest that is compared; what is longer is a note, not a number.
const LONGEST: usize = 48;

impl Serial {
    /// Reads a serial number; `None` for a blank, for words that stand for none (无, 见铭牌), and for a filler (0000).
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let chars: Box<[char]> = text::key(text).chars().filter(|c| c.is_alphanumeric()).collect();
        let filler = chars.iter().all(|c| Some(c) == chars.first());
        let has_digit = chars.iter().any(char::is_ascii_digit);
        (has_digit && !filler && chars.len() <= LONGEST).then_some(Self(chars))
    }

    /// How many whole edits may lie between this and another before the likeness says nothing.
    pub(super) const fn tolerance(&self) -> usize {
        match self.0.len() {
            0..5 => 0,
            5..8 => 1,
            _ => 2,
        }
    }

    /// With every character replaced by the one that stands for all of its looks.
    pub(super) fn folded(&self) -> Box<[char]> {
        self.0.iter().map(|&c| looks_like(c)).collect()
    }

    /// The distance to another, when it is near enough to say something: two edits, fewer for short numbers.
    #[must_use]
    pub fn distance(&self, other: &Self) -> Option<Distance> {
        let tolerance = self.tolerance().min(other.tolerance());
        if self.0.len().abs_diff(other.0.len()) > tolerance {
            return None;
        }
        let limit = (4 * tolerance).max(1);
        let distance = weighted(&self.0, &other.0, limit)?;
        u8::try_from(distance).ok().map(Distance)
    }
}

const fn looks_like(c: char) -> char {
    match c {
        'O' => '0',
        'I' | 'L' => '1',
        'B' => '8',
        'S' => '5',
        'Z' => '2',
        'G' => '6',
        other => other,
    }
}

/// Edit distance in quarters with swaps of neighbours; `None` above `limit`.
fn weighted(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    const EDIT: usize = Distance::EDIT.0 as usize;
    const CONFUSED: usize = Distance::CONFUSED.0 as usize;
    let change = |x: char, y: char| match () {
        () if x == y => 0,
        () if looks_like(x) == looks_like(y) => CONFUSED,
        () => EDIT,
    };
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).map(|j| j * EDIT).collect();
    let mut row = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        row[0] = i * EDIT;
        for j in 1..=b.len() {
            let mut best = (last[j - 1] + change(a[i - 1], b[j - 1])).min(last[j] + EDIT).min(row[j - 1] + EDIT);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before_last[j - 2] + EDIT);
            }
            row[j] = best;
        }
        if row.iter().min().is_some_and(|&least| least > limit) && last.iter().min().is_some_and(|&l| l > limit) {
            return None;
        }
        std::mem::swap(&mut before_last, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last.last().copied().filter(|&distance| distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_in_quarters_of_an_edit() {
        for (a, b, quarters) in [
            ("XL0012340", "XL0012340", Some(0)),
            ("xl-0012 340", "ＸＬ００１２３４０", Some(0)),
            ("XL00I234O", "XL0012340", Some(2)),
            ("XL00l2340", "XL0012340", Some(1)),
            ("5CG8B2Z1S", "SC6B8221S", Some(5)),
            ("XL001234", "XL0012340", Some(4)),
            ("XL0012430", "XL0012340", Some(4)),
            ("XL0072340", "XL0012340", Some(4)),
            ("XL007234O", "XL0012340", Some(5)),
            ("XL0072349", "XL0012340", Some(8)),
            ("XL9972349", "XL0012340", None),
            ("A12345", "A12346", Some(4)),
            ("A12345", "B12346", None),
            ("A123", "A124", None),
            ("A1O3", "A103", Some(1)),
            ("ALLO", "A110", None),
        ] {
            let both = (Serial::read(a), Serial::read(b));
            let found = both.0.zip(both.1).and_then(|(a, b)| {
                assert_eq!(a.distance(&b), b.distance(&a));
                a.distance(&b)
            });
            assert_eq!(found.map(|d| d.0), quarters, "{a} {b}");
        }
    }

    #[test]
    fn what_is_no_serial_number() {
        for text in ["", "无", "N/A", "-", "见铭牌", "0000", "111", "0", "见", &"1234567890".repeat(5)] {
            assert_eq!(Serial::read(text), None, "{text}");
        }
        assert!(Serial::read("№ 12").is_some());
    }
}
