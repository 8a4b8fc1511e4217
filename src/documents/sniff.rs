//! What a file is, told from its first bytes: offices rename files, and filling stations save HTML as `.xls`.

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Empty,
    /// Delimited text.
    Text,
    /// A ZIP: XLSX, ODS, or something else.
    Zip,
    /// An OLE compound file: XLS, or something else.
    Compound,
    /// HTML, or Excel's XML of 2003.
    Markup,
    /// A known kind that is no table.
    Other(&'static str),
}

/// Tells a file's kind from its first bytes.
pub(super) fn sniff(head: &[u8]) -> Format {
    if head.is_empty() {
        return Format::Empty;
    }
    for (magic, format) in [
        (b"PK\x03\x04".as_slice(), Format::Zip),
        (b"PK\x05\x06", Format::Zip),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Format::Compound),
        (b"%PDF-", Format::Other("PDF 文件")),
        (b"\x89PNG", Format::Other("图片")),
        (b"\xff\xd8\xff", Format::Other("图片")),
        (b"GIF8", Format::Other("图片")),
        (b"Rar!", Format::Other("RAR 压缩包")),
        (b"7z\xbc\xaf\x27\x1c", Format::Other("7z 压缩包")),
        (b"\x1f\x8b", Format::Other("gzip 压缩包")),
        (b"SQLite format 3\0", Format::Other("数据库文件")),
        (b"\x7fELF", Format::Other("程序")),
        (b"MZ\x90\0", Format::Other("程序")),
        (b"\x09\x08\x10\0", Format::Other("过旧的 Excel 文件（请另存为 XLSX）")),
        (b"\x09\x08\x08\0", Format::Other("过旧的 Excel 文件（请另存为 XLSX）")),
        (b"\x09\x04\x06\0", Format::Other("过旧的 Excel 文件（请另存为 XLSX）")),
        (b"\x09\x02\x06\0", Format::Other("过旧的 Excel 文件（请另存为 XLSX）")),
    ] {
        if head.starts_with(magic) {
            return format;
        }
    }
    if is_markup(head) { Format::Markup } else { Format::Text }
}

/// Whether the text begins as a page does. NULs are left out, so that UTF-16 reads as well.
fn is_markup(head: &[u8]) -> bool {
    let plain: Vec<u8> = head.iter().filter(|b| b.is_ascii() && **b != 0).map(u8::to_ascii_lowercase).collect();
    let text = String::from_utf8_lossy(&plain);
    let text = text.trim_start();
    text.starts_with('<')
        && ["<html", "<table", "<!doctype html", "<workbook", "<head", "<meta", "<style", "<div", "<tr", "<?xml"]
            .iter()
            .any(|tag| text.contains(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_from_content() {
        assert_eq!(sniff(b""), Format::Empty);
        assert_eq!(sniff(b"a,b\n<table>"), Format::Text);
        assert_eq!(sniff(b"\xef\xbb\xbf \n<HTML><body><table>"), Format::Markup);
        assert_eq!(sniff(b"\xff\xfe<\0t\0a\0b\0l\0e\0>\0"), Format::Markup);
        assert_eq!(sniff(b"PK\x03\x04...."), Format::Zip);
    }
}
