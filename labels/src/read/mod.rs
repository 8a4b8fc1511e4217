//! Photos in, codes out.
//!
//! [`decode_photo`] takes the bytes of a JPEG or PNG file, [`decode_luma`] a grey picture. Both give every QR
//! text once, with the corners of its symbol. A text is only taken for one of our labels when its check
//! character holds ([`Found::code`]).

mod candidate;
mod finder;
mod frame;
mod hunt;
mod luma;
mod open;
mod patch;
mod square;
mod symbol;

use crate::code::LabelCode;

pub use luma::LumaView;

/// A QR code in a photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// What the symbol says.
    pub text: String,
    /// The label code, when the text is exactly one in capitals and its check character holds; a text with a
    /// wrong check character is unread, never a thing.
    pub code: Option<LabelCode>,
    /// Outer corners of the symbol in pixels of the picture as stored (a turn noted in EXIF is not applied):
    /// top left, top right, bottom right, bottom left as the symbol itself stands.
    pub corners: [(f32, f32); 4],
}

impl Found {
    fn new(text: String, corners: [(f32, f32); 4]) -> Self {
        let code = text.parse::<LabelCode>().ok().filter(|code| code.as_str() == text);
        Self { text, code, corners }
    }
}

/// How large a picture is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Pixels, width times height.
    pub max_pixels: usize,
    /// Bytes that decoding the file may take, beside the file itself.
    pub max_bytes: usize,
}

impl Default for Limits {
    /// 120 megapixels and 384 MiB: the largest phone cameras have 108, and a progressive JPEG takes seven bytes
    /// a pixel where a plain one takes one.
    fn default() -> Self {
        Self { max_pixels: 120_000_000, max_bytes: 384 << 20 }
    }
}

impl Limits {
    fn check(&self, width: usize, height: usize, bytes: usize) -> Result<(), ReadError> {
        if width == 0 || height == 0 {
            return Err(ReadError::Damaged(format!("{width}×{height}")));
        }
        if width.saturating_mul(height) > self.max_pixels || bytes > self.max_bytes {
            return Err(ReadError::TooLarge { width, height });
        }
        Ok(())
    }
}

/// Why a photo could not be looked at. A photo without codes is not an error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The file has no bytes.
    #[error("照片文件是空的，请重新拍照或重新传送")]
    Empty,
    /// Neither JPEG nor PNG.
    #[error("不是照片：只能读取 JPEG 和 PNG 文件")]
    NotAPhoto,
    /// The file ends before the picture does.
    #[error("照片文件不完整，传送可能中断，请重新传送")]
    Truncated,
    /// The decoder refused it.
    #[error("照片文件已损坏，无法解码（{0}）")]
    Damaged(String),
    /// More pixels than [`Limits`] allow.
    #[error("照片太大（{width}×{height} 像素），请缩小后再读，或另存为普通（非渐进式）JPEG")]
    TooLarge {
        /// Pixels in a row.
        width: usize,
        /// Rows.
        height: usize,
    },
}

/// Reads every QR code in a JPEG or PNG file.
///
/// # Errors
/// When the file is not a whole picture or is larger than `limits` allow.
pub fn decode_photo(bytes: &[u8], limits: &Limits) -> Result<Vec<Found>, ReadError> {
    let picture = open::open(bytes, limits)?;
    Ok(picture.view().map(decode_luma).unwrap_or_default())
}

/// Reads every QR code in a grey picture, each text once, from top to bottom.
#[must_use]
pub fn decode_luma(picture: LumaView<'_>) -> Vec<Found> {
    hunt::hunt(picture)
}
