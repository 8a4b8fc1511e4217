//! Looks into a ZIP before anything reads it: what kind of document it is, and whether it unpacks to something sane.

use std::io::{self, Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::error::DocumentError;
use super::limits::Limits;

/// What a ZIP holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packed {
    Xlsx,
    Ods,
}

/// DEFLATE cannot do better than this.
const MOST_DEFLATE: u64 = 1032;
/// No workbook has more parts.
const MOST_PARTS: usize = 20_000;

/// A size for people.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} 字节"),
        1024..1_048_576 => format!("{} KB", bytes >> 10),
        _ => format!("{} MB", bytes >> 20),
    }
}

/// Tells what a ZIP holds, and refuses one that unpacks beyond the limits: by what its directory says, and, since a
/// directory can lie, by unpacking every part that will be read into nowhere.
pub(super) fn inspect(file: &str, bytes: &[u8], limits: &Limits) -> Result<Packed, DocumentError> {
    let broken = |e: ZipError| DocumentError::Broken { file: file.to_owned(), reason: format!("压缩结构：{e}") };
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if zip.len() > MOST_PARTS {
        return Err(DocumentError::Bomb { file: file.to_owned(), what: format!("内含 {} 个部件", zip.len()) });
    }
    let kind = kind(file, &mut zip)?;
    let (mut claimed, mut packed, mut parts) = (0u64, 0u64, Vec::new());
    for index in 0..zip.len() {
        let entry = zip.by_index_raw(index).map_err(broken)?;
        if entry.encrypted() {
            return Err(DocumentError::Protected { file: file.to_owned() });
        }
        if entry.name().is_ok_and(|name| is_read(kind, &name)) {
            claimed = claimed.saturating_add(entry.size());
            packed = packed.saturating_add(entry.compressed_size());
            parts.push(index);
        }
    }
    sane(file, claimed, bytes.len() as u64, limits)?;
    if packed.saturating_mul(MOST_DEFLATE) > limits.ratio_from_bytes.min(limits.unpacked_bytes) {
        let mut unpacked = 0u64;
        for index in parts {
            let mut entry = zip.by_index(index).map_err(broken)?.take(limits.unpacked_bytes + 1);
            unpacked += io::copy(&mut entry, &mut io::sink()).map_err(|e| broken(ZipError::Io(e)))?;
            sane(file, unpacked, bytes.len() as u64, limits)?;
        }
    }
    Ok(kind)
}

fn sane(file: &str, unpacked: u64, packed: u64, limits: &Limits) -> Result<(), DocumentError> {
    if unpacked > limits.ratio_from_bytes && unpacked / packed.max(1) > limits.ratio {
        let what = format!("{} 变成至少 {}", size(packed), size(unpacked));
        return Err(DocumentError::Bomb { file: file.to_owned(), what });
    }
    if unpacked > limits.unpacked_bytes {
        let what = format!("解压后超过 {} 的上限，请拆成几个文件，或另存为 CSV", size(limits.unpacked_bytes));
        return Err(DocumentError::TooLarge { file: file.to_owned(), what });
    }
    Ok(())
}

/// Whether the part is read at all; pictures and the like are not.
fn is_read(kind: Packed, name: &str) -> bool {
    match kind {
        Packed::Xlsx => {
            let name = name.to_ascii_lowercase();
            name.ends_with(".xml") || name.ends_with(".rels")
        }
        Packed::Ods => name == "content.xml",
    }
}

fn kind(file: &str, zip: &mut ZipArchive<Cursor<&[u8]>>) -> Result<Packed, DocumentError> {
    let mut mimetype = String::new();
    if let Ok(entry) = zip.by_name("mimetype") {
        // Anything unreadable here is no document of the kind that has it.
        let _read = entry.take(100).read_to_string(&mut mimetype);
    }
    let has = |prefix: &str| zip.file_names().flatten().any(|name| name.starts_with(prefix));
    let not = |what| Err(DocumentError::NotATable { file: file.to_owned(), what });
    if mimetype.starts_with("application/vnd.oasis.opendocument.spreadsheet") {
        return Ok(Packed::Ods);
    }
    if has("xl/workbook.bin") {
        return not("XLSB 二进制工作簿（请另存为 XLSX）");
    }
    if has("xl/") {
        return Ok(Packed::Xlsx);
    }
    if has("word/") {
        return not("Word 文档");
    }
    if has("ppt/") {
        return not("演示文稿");
    }
    if mimetype.is_empty() { not("ZIP 压缩包（请先解压）") } else { not("其他类型的文档") }
}
