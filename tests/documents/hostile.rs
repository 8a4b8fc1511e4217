//! Files made to hurt, and very large ones: never a panic, never without end, never much memory.

use std::io::{self, Read as _};

use crate::make::{self, Old};
use crate::support::read_with;
use hufu::documents::tables::{Book, Fills};
use hufu::documents::{ColumnMap, Limits, Reject, Table};
use proptest::prelude::*;
use rust_xlsxwriter::Workbook;

/// Reads whatever it is to its end; that it ends without a panic is the point.
fn read_through(bytes: &[u8]) -> Option<(usize, usize)> {
    let small = Limits {
        cells: 100_000,
        unpacked_bytes: 8 << 20,
        ratio_from_bytes: 1 << 20,
        row_bytes: 4096,
        cell_bytes: 512,
        ..Limits::default()
    };
    let read = read_with(&[Book::ItemNumber, Book::Name], "x", bytes, &["item_number=#1"], &small);
    read.ok().map(|read| (read.rows.len(), read.rejects.len()))
}

fn samples() -> Vec<Vec<u8>> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..6 {
        sheet.write(row, 0, format!("资产编号{row}")).unwrap().write(row, 1, row).unwrap();
    }
    let cells = (0..6).map(|row| (row, 0, Old::Text("资产编号"))).collect();
    let table = r#"<table:table table:name="a"><table:table-row><table:table-cell><text:p>资产编号</text:p></table:table-cell></table:table-row></table:table>"#;
    vec![
        book.save_to_buffer().unwrap(),
        make::xls(&[("a", false, cells, vec![[1, 3, 0, 0]])]),
        make::ods(table),
        "<table><tr><td rowspan=9>资产编号<td colspan=3>x</td></tr><tr><td>1</table>".as_bytes().to_vec(),
        "资产编号,资产名称\n1,\"a\n2,b\"\n".as_bytes().to_vec(),
    ]
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        read_through(&bytes);
    }

    #[test]
    fn random_text_never_panics(text in "([a-z金,;\t\"\r\n\u{0}<>=]|资产编号|<table>|<tr>|<td>|</table>){0,80}") {
        read_through(text.as_bytes());
    }

    #[test]
    fn damaged_files_never_panic(
        which in 0usize..5,
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
        cuts in prop::bool::weighted(0.3),
    ) {
        let mut bytes = samples().swap_remove(which);
        for (at, byte) in hits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        read_through(&bytes);
    }
}

#[test]
fn a_workbook_of_two_hundred_megabytes_is_refused_without_being_read() {
    let input = io::Cursor::new(b"PK\x03\x04".to_vec()).chain(io::repeat(7).take(200 << 20));
    let error = Table::read("大.xlsx", input, &Limits::default()).err().unwrap();
    insta::assert_snapshot!(error, @"文件“大.xlsx”太大：工作簿超过 128 MB 的上限，请拆成几个文件，或另存为 CSV");
}

#[test]
fn a_reader_that_fails_is_said() {
    struct Broken;
    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::PermissionDenied.into())
        }
    }
    insta::assert_snapshot!(Table::read("账.csv", Broken, &Limits::default()).err().unwrap(), @"读不了文件“账.csv”：没有权限，或文件正被别的程序占用");
    let folder = tempfile::tempdir().unwrap();
    let said = |path: &std::path::Path| {
        let error = Table::open(path, &Limits::default()).err().unwrap().to_string();
        error.replace(&*folder.path().to_string_lossy(), "DIR")
    };
    insta::assert_snapshot!([said(folder.path()), said(&folder.path().join("没有.csv"))].join("\n"), @r#"
    读不了文件“DIR”：这是一个文件夹
    读不了文件“DIR/没有.csv”：文件或所在的文件夹不存在
    "#);
}

#[test]
fn a_statement_of_a_filling_station() {
    let page = "<table border=1><tr><td colspan=13>加油卡对账单&nbsp;卡号：9000123400005678</td></tr>\
        <tr><th>序号</th><th>卡号</th><th>持卡人/车牌</th><th>交易时间</th><th>交易类型</th><th>金额(元)</th><th>油品</th>\
        <th>数量(升)</th><th>单价</th><th>优惠</th><th>余额</th><th>网点</th><th>备注</th></tr>\
        <tr><td>1</td><td>'9000123400005678</td><td>粤T1234警</td><td>2024-03-05 08:30:15</td><td>加油</td><td>1,234.50</td>\
        <td>95号</td><td>45.60</td><td>7.86</td><td>0</td><td>8,765.50</td><td>小榄站</td><td></td></tr>\
        <tr><td>合计</td><td></td><td></td><td></td><td></td><td>1,234.50</td></tr></table>";
    let table = Table::read("对账单.xls", io::Cursor::new(page.as_bytes().to_vec()), &Limits::default()).unwrap();
    let mut records = table.records::<Fills>(&ColumnMap::default()).unwrap();
    let mut rejects: Vec<Reject> = Vec::new();
    let row = records.next_row(&mut rejects).unwrap().unwrap();
    assert_eq!(row.text(Fills::Plate), "粤T1234警");
    assert_eq!(row.identifier(Fills::CardNumber).unwrap(), "9000123400005678");
    assert_eq!(row.datetime(Fills::FilledAt).unwrap().unwrap().to_string(), "2024-03-05 08:30:15");
    assert_eq!(row.decimal(Fills::Litres, 2).unwrap(), Some(4560));
    assert_eq!(row.money(Fills::Amount).unwrap().unwrap().0, 123_450);
    assert_eq!(row.text(Fills::FillId), "1");
    assert!(records.next_row(&mut rejects).unwrap().is_none() && rejects.is_empty());
}
