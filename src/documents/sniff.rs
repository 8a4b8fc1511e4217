//! What a file is, told from its first bytes: offices rename files, and filling stations save HTML as `.xls`.

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Empty,
    /// Delimited text.
    Text,
    /// A known kind that is no table.
    Other(&'static str),
}

/// Tells a file's kind from its first bytes.
pub(super) fn sniff(head: &[u8]) -> Format {
    if head.is_empty() {
        return Format::Empty;
    }
    for (magic, format) in [
        (b"%PDF-".as_slice(), Format::Other("PDF 文件")),
        (b"\x89PNG", Format::Other("图片")),
        (b"\xff\xd8\xff", Format::Other("图片")),
        (b"GIF8", Format::Other("图片")),
        (b"Rar!", Format::Other("RAR 压缩包")),
        (b"7z\xbc\xaf\x27\x1c", Format::Other("7z 压缩包")),
        (b"\x1f\x8b", Format::Other("gzip 压缩包")),
        (b"SQLite format 3\0", Format::Other("数据库文件")),
        (b"\x7fELF", Format::Other("程序")),
        (b"MZ\x90\0", Format::Other("程序")),
    ] {
        if head.starts_with(magic) {
            return format;
        }
    }
    Format::Text
}
