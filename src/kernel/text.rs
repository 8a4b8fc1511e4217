//! Text as offices type it: full-width digits, ideographic spaces, stray blanks.

use std::borrow::Cow;

/// Full-width ASCII (`１２Ａ，`) to half-width, the ideographic space and no-break space to a plain one.
/// Borrows when nothing needs to change.
#[must_use]
pub fn half_width(text: &str) -> Cow<'_, str> {
    let wide = |c: char| matches!(c, '\u{ff01}'..='\u{ff5e}' | '\u{3000}' | '\u{a0}' | '\u{feff}' | '\u{200b}');
    if text.is_ascii() || !text.contains(wide) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .filter(|c| !matches!(c, '\u{feff}' | '\u{200b}'))
            .map(|c| match c {
                '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
                '\u{3000}' | '\u{a0}' => ' ',
                other => other,
            })
            .collect(),
    )
}

/// The form in which two spellings of one number, place or person compare equal: half-width, upper case, no blanks.
#[must_use]
pub fn key(text: &str) -> Cow<'_, str> {
    if text.bytes().all(stays) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(half_width(text).chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect())
}

/// Whether a byte belongs to a character that is its own key: printable ASCII but for small letters, and the Chinese
/// characters from U+4000 to U+9FFF, whose first bytes are E4 to E9. Others may be too, and are looked at one by one.
const fn stays(byte: u8) -> bool {
    matches!(byte, b'!'..=b'`' | b'{'..=b'~' | 0x80..=0xbf | 0xe4..=0xe9)
}

/// Why a line of text that somebody sent cannot be kept: too long, or with characters that no keyboard writes (among
/// them U+0000, which PostgreSQL refuses). `None` when it can.
#[must_use]
pub fn fault(text: &str, most_chars: usize) -> Option<String> {
    if text.chars().any(char::is_control) {
        return Some("含有不可见的控制字符".to_owned());
    }
    let chars = text.chars().count();
    (chars > most_chars).then(|| format!("有 {chars} 个字，最多 {most_chars} 个"))
}

/// Digits grouped in threes: `1,234,567`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_thing_share_a_key() {
        assert_eq!(key("ｘｌ－００１２"), "XL-0012");
        assert_eq!(key(" xl 0012 "), "XL0012");
        assert_eq!(key("张　三"), "张三");
        assert!(matches!(key("XL0012"), Cow::Borrowed(_)));
        assert!(matches!(key("治安大队201室"), Cow::Borrowed(_)));
        assert_eq!(key("é〇Ａ\u{2003}《甲》ß"), "É〇A《甲》SS");
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_000), "1,000");
        assert_eq!(thousands(12_345_678), "12,345,678");
    }
}
