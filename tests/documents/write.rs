//! Writing CSV: what comes back is what went out, whole or not at all, and nothing in it runs.

use std::fs;
use std::sync::Arc;

use crate::support::read;
use hufu::documents::tables::Count;
use hufu::documents::{CsvOut, DocumentError, Location, Reject, RejectSink as _, RejectsFile};
use insta::assert_snapshot;
use proptest::prelude::*;

const ALL: [Count; 3] = [Count::ItemNumber, Count::Name, Count::Note];

fn reject(value: &str) -> Reject {
    let at = Location { file: Arc::from("盘点.xlsx"), sheet: Arc::from("201室"), row: 7 };
    Reject {
        at, column: "实盘数量".into(), value: value.into(), reason: format!("“{value}”不是整数数量")
    }
}

fn left(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn rejects_are_a_file_that_excel_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rejects.csv");
    let mut rejects = RejectsFile::create(&path).unwrap();
    assert!(!path.exists(), "not in place before it is whole");
    for value in ["两台", "a,\"b\"\nc", "=1+1", "-5"] {
        rejects.reject(reject(value));
    }
    assert_eq!(rejects.finish().unwrap(), 4);
    assert_eq!(left(folder.path()), ["rejects.csv"]);
    let bytes = fs::read(&path).unwrap();
    assert!(bytes.starts_with(b"\xef\xbb\xbffile,sheet,row,column,value,reason\r\n"));
    assert_snapshot!(String::from_utf8(bytes).unwrap().replace('\r', "␍").replace('\u{feff}', "‹BOM›"), @r#"
    ‹BOM›file,sheet,row,column,value,reason␍
    盘点.xlsx,201室,7,实盘数量,两台,“两台”不是整数数量␍
    盘点.xlsx,201室,7,实盘数量,"a,""b""
    c","“a,""b""
    c”不是整数数量"␍
    盘点.xlsx,201室,7,实盘数量,"'=1+1",“=1+1”不是整数数量␍
    盘点.xlsx,201室,7,实盘数量,-5,“-5”不是整数数量␍
    "#);
}

#[test]
fn dropped_before_it_is_whole_it_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("verdicts.csv");
    fs::write(&path, "old").unwrap();
    let mut out = CsvOut::create(&path).unwrap();
    out.text("new");
    out.end_row().unwrap();
    drop(out);
    assert_eq!((left(folder.path()), fs::read(&path).unwrap()), (vec!["verdicts.csv".to_owned()], b"old".to_vec()));
}

#[test]
fn where_it_cannot_be_written_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let said = |path: &std::path::Path| {
        let error = CsvOut::create(path).err().unwrap().to_string();
        error.replace(&*folder.path().to_string_lossy(), "DIR")
    };
    fs::write(folder.path().join("file"), "").unwrap();
    assert_snapshot!(
        [
            said(folder.path()),
            said(&folder.path().join("none/out.csv")),
            said(&folder.path().join("file/out.csv")),
            said(&folder.path().join("长".repeat(300))),
        ]
        .join("\n"), @r#"
    写不了文件“DIR”：这是一个文件夹
    写不了文件“DIR/none/out.csv”：文件或所在的文件夹不存在
    写不了文件“DIR/file/out.csv”：路径中有一段不是文件夹
    写不了文件“DIR/长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长”：文件名太长或含有不允许的字符
    "#);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_and_the_device_stays() {
    let full = std::path::Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    let mut rejects = RejectsFile::create(full).unwrap();
    rejects.reject(reject("x"));
    assert_snapshot!(rejects.finish().unwrap_err(), @"写不了文件“/dev/full”：磁盘已满，请清理后再试");
    let mut out = CsvOut::create(full).unwrap();
    let failed = (0..100_000).find_map(|_| {
        out.text("填满磁盘");
        out.end_row().err()
    });
    assert!(matches!(failed, Some(DocumentError::Write { .. })));
    assert!(full.exists());
}

fn cell() -> impl Strategy<Value = String> {
    // Blanks around a cell mean nothing to our reader, and `="…"` is Excel's way to write text.
    "([a-z金=+@'\", ;\t\n\r-]|\r\n|\u{feff}|#|😀){0,12}"
        .prop_map(|s| s.trim().to_owned())
        .prop_filter("marks are read as marks", |s| !s.starts_with("=\"") && !s.starts_with('\''))
}

proptest! {
    #[test]
    fn what_is_written_reads_back(rows in prop::collection::vec(("[A-Z][A-Z0-9-]{0,9}", cell(), cell()), 0..20)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("count.csv");
        let mut out = CsvOut::create(&path).unwrap();
        out.header(&["item_number", "name", "note"]).unwrap();
        for (number, name, note) in &rows {
            out.text(number);
            out.text(name);
            out.text(note);
            out.end_row().unwrap();
        }
        out.finish().unwrap();
        let back = read(&ALL, "count.csv", &fs::read(&path).unwrap()).unwrap();
        prop_assert!(back.rejects.is_empty(), "{}", back.reject_lines());
        let back: Vec<_> = back.rows.into_iter().map(|(_, c)| (c[0].clone(), c[1].clone(), c[2].clone())).collect();
        prop_assert_eq!(back, rows);
    }
}
