//! Files: their names, and that a failure leaves nothing behind.

use hufu_labels::write::{Format, Sheet, Template, WriteError, write_file, write_labels};
use std::io::{self, Write};
use std::path::Path;

use super::sample::{job, records};

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_ending_chooses_the_format_and_pages_are_numbered() {
    let template = Template::builtin("blank-40x30").unwrap();
    let sheet = Sheet::builtin("a4-3x8").unwrap();
    for (count, sheet, file, expected) in [
        (3, None, "a.pdf", vec!["a.pdf"]),
        (3, None, "a.ZPL", vec!["a.ZPL"]),
        (3, None, "a.tspl", vec!["a.tspl"]),
        (1, None, "a.png", vec!["a.png"]),
        (3, None, "a.b.svg", vec!["a.b-0001.svg", "a.b-0002.svg", "a.b-0003.svg"]),
        (24, Some(&sheet), "a.svg", vec!["a.svg"]),
        (25, Some(&sheet), "a.png", vec!["a-0001.png", "a-0002.png"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut job = job(&template, sheet);
        job.dpi = 100;
        let (summary, files) = write_file(&records(count), &job, &folder.path().join(file)).unwrap();
        assert_eq!(names(folder.path()), expected);
        assert_eq!(files, expected.iter().map(|name| folder.path().join(name)).collect::<Vec<_>>());
        let sizes: u64 = files.iter().map(|file| file.metadata().unwrap().len()).sum();
        assert_eq!(sizes, summary.bytes);
    }
}

#[test]
fn what_cannot_be_written_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let template = Template::builtin("asset-60x40").unwrap();
    let write = |name: &str, count, dpi| {
        let mut job = job(&template, None);
        job.dpi = dpi;
        write_file(&records(count), &job, &folder.path().join(name)).unwrap_err()
    };
    assert!(matches!(write("a.docx", 1, 300), WriteError::UnknownFormat(name) if name == "a.docx"));
    assert!(matches!(write("pdf", 1, 300), WriteError::UnknownFormat(_)));
    assert!(matches!(write("a.pdf", 0, 300), WriteError::Empty));
    assert!(matches!(write("a.zpl", 1, 7), WriteError::BadDpi(7)));
    assert!(matches!(write("none/a.pdf", 1, 300), WriteError::Write { .. }));
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

/// A disk that is full after some bytes.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        let written = bytes.len().min(self.0);
        self.0 -= written;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_said() {
    let template = Template::builtin("asset-60x40").unwrap();
    for format in [Format::Pdf, Format::Png, Format::Svg, Format::Zpl, Format::Tspl] {
        let failed = write_labels(&records(1), &job(&template, None), format, &mut Full(100)).unwrap_err();
        assert!(matches!(failed, WriteError::Sink(_)), "{format:?}: {failed}");
    }
}
