//! The code on a label: `HF` + nine characters of Crockford base-32 + one ISO 7064 MOD 37,36 check character.
//!
//! Twelve upper-case characters fit a version-1 QR symbol at level Q in alphanumeric mode. The code names no
//! host and no thing: it is random, and only the database knows what it stands for. Every single wrong
//! character and nearly every swap of neighbours changes the check character.

use std::fmt;
use std::str::FromStr;

/// Characters of a code, check character included.
pub const CODE_LEN: usize = 12;
const PREFIX: &str = "HF";
const BODY_LEN: usize = 9;
/// Crockford's alphabet: no I, L, O, U.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// ISO 7064's alphabet for MOD 37,36.
const ISO7064: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A label code whose check character holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelCode([u8; CODE_LEN]);

/// Why a text is not a label code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not twelve characters beginning with `HF`, or a character outside the alphabet.
    #[error("not a label code: 12 characters beginning with HF are expected")]
    Shape,
    /// The right shape, but the last character does not follow from the others.
    #[error("the check character does not hold: one character is wrong or two are swapped")]
    Check,
}

impl LabelCode {
    /// Makes a code from 45 random bits (the lowest 45 of `random`).
    #[must_use]
    pub fn from_random(random: u64) -> Self {
        let mut chars = [0u8; CODE_LEN];
        chars[..2].copy_from_slice(PREFIX.as_bytes());
        for (place, slot) in chars[2..2 + BODY_LEN].iter_mut().enumerate() {
            *slot = CROCKFORD[usize::from(((random >> (5 * place)) & 31) as u8)];
        }
        chars[CODE_LEN - 1] = check_character(&chars[..CODE_LEN - 1]);
        Self(chars)
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The code in groups, `HF12 3456 789C`, as it is printed for people.
    #[must_use]
    pub fn grouped(&self) -> String {
        let text = self.as_str();
        format!("{} {} {}", &text[..4], &text[4..8], &text[8..])
    }
}

/// ISO 7064 MOD 37,36, the hybrid system: the character that makes the whole string valid.
fn check_character(body: &[u8]) -> u8 {
    let mut product = 36;
    for &byte in body {
        let value = ISO7064.iter().position(|&c| c == byte).unwrap_or(0);
        let sum = (product + value) % 36;
        product = (if sum == 0 { 36 } else { sum }) * 2 % 37;
    }
    ISO7064[(37 - product) % 36]
}

impl FromStr for LabelCode {
    type Err = CodeError;

    /// Reads a code as scanned or typed: case, spaces and hyphens do not matter, full-width letters do not
    /// either; `O` is read as `0`, `I` and `L` as `1` in the nine free characters, as Crockford says.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        let mut chars = [0u8; CODE_LEN];
        let mut length = 0;
        for c in text.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{3000}' | '\t' | '\r' | '\n')) {
            let c = match c {
                '\u{ff10}'..='\u{ff19}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => {
                    char::from_u32(c as u32 - 0xfee0).unwrap_or(c)
                }
                c => c,
            };
            if length == CODE_LEN || !c.is_ascii_alphanumeric() {
                return Err(CodeError::Shape);
            }
            let upper = c.to_ascii_uppercase() as u8;
            chars[length] = match upper {
                b'O' if (2..2 + BODY_LEN).contains(&length) => b'0',
                b'I' | b'L' if (2..2 + BODY_LEN).contains(&length) => b'1',
                other => other,
            };
            length += 1;
        }
        if length != CODE_LEN || &chars[..2] != PREFIX.as_bytes() {
            return Err(CodeError::Shape);
        }
        if chars[2..2 + BODY_LEN].iter().any(|c| !CROCKFORD.contains(c)) {
            return Err(CodeError::Shape);
        }
        if check_character(&chars[..CODE_LEN - 1]) != chars[CODE_LEN - 1] {
            return Err(CodeError::Check);
        }
        Ok(Self(chars))
    }
}

impl fmt::Display for LabelCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for LabelCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LabelCode({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn check_character_follows_the_standard() {
        // ISO 7064's own worked value for MOD 37,36 is A12425GABC1234002M.
        assert_eq!(check_character(b"A12425GABC1234002"), b'M');
    }

    #[test]
    fn typed_forms_are_read_alike() {
        let code = LabelCode::from_random(0x1234_5678_9abc);
        let text = code.to_string();
        for typed in [text.clone(), text.to_lowercase(), code.grouped(), format!(" {text}\r\n")] {
            assert_eq!(typed.parse(), Ok(code), "{typed:?}");
        }
        assert_eq!("".parse::<LabelCode>(), Err(CodeError::Shape));
        assert_eq!("HF".parse::<LabelCode>(), Err(CodeError::Shape));
        assert_eq!("http://x/HF1234567890".parse::<LabelCode>(), Err(CodeError::Shape));
    }

    proptest! {
        #[test]
        fn every_code_reads_back(random: u64) {
            let code = LabelCode::from_random(random);
            prop_assert_eq!(code.as_str().parse(), Ok(code));
        }

        #[test]
        fn one_wrong_character_never_reads_as_a_code(random: u64, at in 2usize..12, to in 0usize..32) {
            let code = LabelCode::from_random(random);
            let mut wrong = code.as_str().as_bytes().to_vec();
            prop_assume!(wrong[at] != CROCKFORD[to]);
            wrong[at] = CROCKFORD[to];
            prop_assert!(String::from_utf8(wrong).unwrap().parse::<LabelCode>().is_err());
        }
    }
}
