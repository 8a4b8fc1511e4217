//! Makes workbooks for the tests: XLS, ODS and plain ZIPs byte by byte, since no writer of ours makes them.

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A cell of an old XLS.
pub(crate) enum Old<'a> {
    /// Text.
    Text(&'a str),
    /// A number.
    Number(f64),
    /// A number shown as a date.
    Date(f64),
    /// An error, by its BIFF code.
    Error(u8),
}

fn record(out: &mut Vec<u8>, kind: u16, data: &[u8]) {
    out.extend(kind.to_le_bytes());
    out.extend(u16::try_from(data.len()).unwrap().to_le_bytes());
    out.extend(data);
}

/// A sheet: name, whether hidden, cells by row and column, merges (first row, last row, first column, last column).
pub(crate) type OldSheet<'a> = (&'a str, bool, Vec<(u16, u16, Old<'a>)>, Vec<[u16; 4]>);

/// A real XLS (BIFF8 in a compound file).
pub(crate) fn xls(sheets: &[OldSheet<'_>]) -> Vec<u8> {
    let mut globals = Vec::new();
    record(&mut globals, 0x0809, &[0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    record(&mut globals, 0x0042, &1200u16.to_le_bytes());
    let xf = |format: u16| [&[0, 0][..], &format.to_le_bytes(), &[0; 16]].concat();
    record(&mut globals, 0x00e0, &xf(0));
    record(&mut globals, 0x00e0, &xf(14));
    let (mut bodies, mut places) = (Vec::new(), Vec::new());
    for (name, hidden, cells, merges) in sheets {
        let mut body = Vec::new();
        record(&mut body, 0x0809, &[0, 6, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for (row, column, cell) in cells {
            let style: u16 = u16::from(matches!(cell, Old::Date(_)));
            let mut data = [row.to_le_bytes(), column.to_le_bytes(), style.to_le_bytes()].concat();
            let kind = match cell {
                Old::Text(text) => {
                    let wide: Vec<u16> = text.encode_utf16().collect();
                    data.extend(u16::try_from(wide.len()).unwrap().to_le_bytes());
                    data.push(1);
                    data.extend(wide.iter().flat_map(|unit| unit.to_le_bytes()));
                    0x0204
                }
                Old::Number(n) | Old::Date(n) => {
                    data.extend(n.to_le_bytes());
                    0x0203
                }
                Old::Error(code) => {
                    data.extend([*code, 1]);
                    0x0205
                }
            };
            record(&mut body, kind, &data);
        }
        if !merges.is_empty() {
            let mut data = u16::try_from(merges.len()).unwrap().to_le_bytes().to_vec();
            data.extend(merges.iter().flatten().flat_map(|n| n.to_le_bytes()));
            record(&mut body, 0x00e5, &data);
        }
        record(&mut body, 0x000a, &[]);
        bodies.push(body);
        // The sheet's place is filled in below, once the globals' length is known.
        let wide: Vec<u16> = name.encode_utf16().collect();
        let mut data = vec![0, 0, 0, 0, u8::from(*hidden), 0, u8::try_from(wide.len()).unwrap(), 1];
        data.extend(wide.iter().flat_map(|unit| unit.to_le_bytes()));
        places.push(globals.len() + 4);
        record(&mut globals, 0x0085, &data);
    }
    record(&mut globals, 0x000a, &[]);
    let mut stream = globals;
    for (body, place) in bodies.iter().zip(places) {
        let at = u32::try_from(stream.len()).unwrap().to_le_bytes();
        stream[place..place + 4].copy_from_slice(&at);
        stream.extend(body);
    }
    compound("/Workbook", &stream)
}

/// A compound file with one stream.
pub(crate) fn compound(name: &str, stream: &[u8]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream(name).unwrap().write_all(stream).unwrap();
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// A ZIP of these parts, deflated.
pub(crate) fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An ODS with this inside `office:spreadsheet`.
pub(crate) fn ods(body: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:style="s"><office:automatic-styles><style:style style:name="gone"><style:table-properties table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"#
    );
    zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<manifest/>"),
        ("content.xml", content.as_bytes()),
    ])
}
