//! From the bytes of a picture file to grey, within limits that are checked before memory is taken.

use std::panic::catch_unwind;

use image::{ColorType, ImageDecoder, ImageReader};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::{ImageInfo, JpegDecoder};

use super::luma::Luma;
use super::{Limits, ReadError};

const JPEG_START: [u8; 3] = [0xff, 0xd8, 0xff];
const PNG_START: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// Decodes a picture file to grey. The format is told by its content, not by its name.
///
/// A panic of a decoder on a malformed file is a damaged file, nothing more.
pub(super) fn open(bytes: &[u8], limits: &Limits) -> Result<Luma, ReadError> {
    if bytes.is_empty() {
        return Err(ReadError::Empty);
    }
    let decode = if bytes.starts_with(&JPEG_START) {
        open_jpeg
    } else if bytes.starts_with(&PNG_START) {
        open_png
    } else {
        return Err(ReadError::NotAPhoto);
    };
    catch_unwind(|| decode(bytes, limits)).unwrap_or_else(|_| Err(ReadError::Damaged("decoder panicked".to_owned())))
}

fn open_jpeg(bytes: &[u8], limits: &Limits) -> Result<Luma, ReadError> {
    let options = DecoderOptions::default()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .set_strict_mode(false)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|e| ReadError::Damaged(format!("{e:?}")))?;
    let info = decoder.info().ok_or_else(|| ReadError::Damaged("no header".to_owned()))?;
    let (width, height) = (usize::from(info.width), usize::from(info.height));
    limits.check(width, height, jpeg_memory(&info))?;
    // Every 8×8 block takes at least one bit: a file smaller than that cannot hold what it declares.
    if width * height / 512 > bytes.len() || !jpeg_is_whole(bytes) {
        return Err(ReadError::Truncated);
    }
    let mut pixels = vec![0; width * height];
    decoder.decode_into(&mut pixels).map_err(|e| ReadError::Damaged(format!("{e:?}")))?;
    Ok(Luma { pixels, width, height })
}

/// What decoding takes: the grey picture, and for a progressive file the coefficients of all components.
fn jpeg_memory(info: &ImageInfo) -> usize {
    let pixels = usize::from(info.width) * usize::from(info.height);
    if info.sof.is_sequential_dct() { pixels } else { pixels * (1 + 2 * usize::from(info.components)) }
}

/// Walks the segments to the end-of-image marker. A decoder paints what is missing grey and says nothing, and
/// the labels in that part would be taken for absent.
fn jpeg_is_whole(bytes: &[u8]) -> bool {
    let mut at = 2;
    loop {
        let Some(skip) = bytes.get(at..).and_then(|rest| rest.iter().position(|&b| b == 0xff)) else {
            return false;
        };
        at += skip + 1;
        match bytes.get(at) {
            None => return false,
            Some(0xd9) => return true,
            // A stuffed byte, a restart marker, a fill byte: still the same segment.
            Some(0x00 | 0x01 | 0xd0..=0xd8) => at += 1,
            Some(0xff) => {}
            Some(_) => {
                let Some(&[high, low]) = bytes.get(at + 1..at + 3) else {
                    return false;
                };
                at += 1 + usize::from(u16::from_be_bytes([high, low]));
            }
        }
    }
}

fn open_png(bytes: &[u8], limits: &Limits) -> Result<Luma, ReadError> {
    let damaged = |e: image::ImageError| ReadError::Damaged(e.to_string());
    let mut reader = ImageReader::with_format(std::io::Cursor::new(bytes), image::ImageFormat::Png);
    reader.no_limits();
    let decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    let (width, height) = (width as usize, height as usize);
    let channels = usize::from(decoder.color_type().bytes_per_pixel());
    let grey_already = decoder.color_type() == ColorType::L8;
    let a_pixel = if grey_already { 1 } else { channels + 1 };
    limits.check(width, height, width.saturating_mul(height).saturating_mul(a_pixel))?;
    // Deflate shrinks at most 1,032 times.
    if width * height / 1032 / 8 > bytes.len() {
        return Err(ReadError::Truncated);
    }
    let picture = image::DynamicImage::from_decoder(decoder).map_err(|e| match e {
        image::ImageError::IoError(_) => ReadError::Truncated,
        other => damaged(other),
    })?;
    Ok(Luma { pixels: picture.into_luma8().into_raw(), width, height })
}
