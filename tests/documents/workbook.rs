//! Workbooks as offices have them, and as they should not be.

use crate::make::{self, Old};
use crate::support::{Read, read, read_with};
use hufu::documents::tables::Book;
use hufu::documents::{DocumentError, Limits};
use insta::assert_snapshot;
use rust_xlsxwriter::{Format, Formula, Workbook};

const ALL: [Book; 10] = [
    Book::ItemNumber,
    Book::Name,
    Book::Unit,
    Book::Place,
    Book::Keeper,
    Book::Quantity,
    Book::State,
    Book::SerialNumber,
    Book::Value,
    Book::ExcusedBy,
];

fn book(bytes: &[u8]) -> Result<Read, DocumentError> {
    read(&ALL, "资产.xls", bytes)
}

fn cells(read: &Read, fields: &[Book]) -> String {
    let line = |i: usize| {
        let (row, _) = &read.rows[i];
        let texts: Vec<_> = fields.iter().map(|f| read.column(*f)[i]).collect();
        format!("{}!{row} {}", read.sheets[i], texts.join("|"))
    };
    (0..read.rows.len()).map(line).collect::<Vec<_>>().join("\n")
}

/// One sheet a room, each with its header somewhere else.
fn rooms() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("201室").unwrap();
    sheet.write(0, 0, "某某分局 201 室资产").unwrap();
    for (column, text) in ["序号", "资产编号", "资产名称", "数量", "价值(元)"].iter().enumerate() {
        sheet.write(2, column as u16, *text).unwrap();
    }
    sheet.write(3, 1, 1_234_567_890_123_i64).unwrap().write(3, 2, "电脑").unwrap();
    sheet.write(3, 3, 2).unwrap().write(3, 4, 12_345.6).unwrap();
    sheet.write(4, 1, "合计").unwrap().write_formula(4, 3, Formula::new("=SUM(D4:D4)").set_result("2")).unwrap();
    let sheet = book.add_worksheet().set_name("202室").unwrap();
    for (column, text) in ["资产名称", "资产编号", "数量"].iter().enumerate() {
        sheet.write(6, column as u16 + 4, *text).unwrap();
    }
    sheet.write(7, 4, "打印机").unwrap().write(7, 5, "007").unwrap();
    sheet.write_formula(7, 6, Formula::new("=1+2").set_result("3")).unwrap();
    sheet.write(8, 4, "坏了").unwrap().write_formula(8, 5, Formula::new("=A1/0").set_result("#DIV/0!")).unwrap();
    sheet.write(1_048_575, 16_383, "角落").unwrap();
    book.add_worksheet().set_name("空表").unwrap();
    book.add_worksheet().set_name("说明").unwrap().write(0, 0, "填表须知").unwrap();
    let sheet = book.add_worksheet().set_name("旧账").unwrap().set_hidden(true);
    sheet.write(0, 0, "资产编号").unwrap().write(1, 0, "X").unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn one_sheet_a_room_with_headers_anywhere() {
    let read = book(&rooms()).unwrap();
    assert_snapshot!(cells(&read, &[Book::ItemNumber, Book::Name, Book::Quantity, Book::Value]), @r#"
    201室!4 1234567890123|电脑|2|12345.6
    202室!8 007|打印机|3|
    "#);
    assert_snapshot!(read.reject_lines(), @r#"
    资产.xls 工作表“202室”第 9 行“资产编号”列：单元格是公式错误 #DIV/0!|资产编号|#DIV/0!
    资产.xls 工作表“说明”：整张工作表未读入：文件“资产.xls 工作表“说明””中找不到资产账的表头：前 1 行里没有“资产编号”；可用 --map 字段=列名 指明||
    "#);
    assert_snapshot!(read.notes.lines().join("\n"), @r#"
    工作表“201室”表头在第 3 行：item_number=资产编号(B)，name=资产名称(C)，quantity=数量(D)，value=价值(元)(E)；未用的列：序号(A)
    工作表“202室”表头在第 7 行：item_number=资产编号(F)，name=资产名称(E)，quantity=数量(G)
    隐藏的工作表“旧账”未读入；如需读入请先取消隐藏
    跳过合计、小计行 1 行（第 201室!5 行）
    "#);
}

#[test]
fn a_room_named_only_on_its_sheet() {
    let read = read_with(&ALL, "资产.xlsx", &rooms(), &["place=#sheet"], &Limits::default()).unwrap();
    assert_eq!(read.column(Book::Place), ["201室", "202室"]);
}

#[test]
fn date_cells_serials_and_merged_cells() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("账").unwrap();
    let (date, plain) = (Format::new().set_num_format("yyyy-mm-dd"), Format::new());
    sheet.merge_range(0, 0, 1, 0, "资产编号", &plain).unwrap().merge_range(0, 1, 1, 1, "存放地点", &plain).unwrap();
    sheet.merge_range(0, 2, 0, 3, "账面", &plain).unwrap().merge_range(0, 4, 0, 5, "实盘", &plain).unwrap();
    for (column, text) in ["数量", "价值", "数量", "备注"].iter().enumerate() {
        sheet.write(1, column as u16 + 2, *text).unwrap();
    }
    sheet.merge_range(2, 1, 4, 1, "201室", &plain).unwrap().merge_range(2, 3, 4, 3, "900", &plain).unwrap();
    for row in 2..6 {
        sheet.write(row, 0, format!("A{row}")).unwrap().write(row, 2, row).unwrap();
    }
    sheet.write_with_format(2, 5, 45_356, &date).unwrap().write(3, 5, 45_356.5).unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let read = read_with(&ALL, "账.xlsx", &bytes, &["excused_by=备注"], &Limits::default()).unwrap();
    assert_snapshot!(cells(&read, &[Book::ItemNumber, Book::Place, Book::Quantity, Book::Value, Book::ExcusedBy]), @r#"
    账!3 A2|201室|2|900|2024-03-05
    账!4 A3|201室|3||45356.5
    账!5 A4|201室|4||
    账!6 A5||5||
    "#);
}

#[test]
fn an_old_xls() {
    let bytes = make::xls(&[
        (
            "201室",
            false,
            vec![
                (1, 1, Old::Text("资产编号")),
                (1, 2, Old::Text("资产名称")),
                (1, 3, Old::Text("使用部门")),
                (1, 4, Old::Text("不在依据")),
                (1, 5, Old::Text("价值")),
                (2, 1, Old::Number(1_234_567_890_123.0)),
                (2, 2, Old::Text("电脑")),
                (2, 3, Old::Text("一队")),
                (2, 4, Old::Date(45_356.0)),
                (2, 5, Old::Number(0.1 + 0.2)),
                (3, 1, Old::Number(442_000_202_401_010_000.0)),
                (4, 1, Old::Error(0x2a)),
            ],
            vec![[2, 3, 3, 3]],
        ),
        ("旧账", true, vec![(0, 0, Old::Text("资产编号")), (1, 0, Old::Text("X"))], vec![]),
    ]);
    let read = book(&bytes).unwrap();
    assert_snapshot!(cells(&read, &[Book::ItemNumber, Book::Name, Book::Unit, Book::ExcusedBy, Book::Value]), @r#"
    201室!3 1234567890123|电脑|一队|2024-03-05|0.3
    201室!4 4.42000202401010E+17||一队||
    "#);
    assert_snapshot!(read.reject_lines(), @"资产.xls 工作表“201室”第 5 行“资产编号”列：单元格是公式错误 #N/A|资产编号|#N/A");
    assert!(read.notes.lines().iter().any(|l| l.contains("隐藏的工作表“旧账”")));
}

#[test]
fn an_old_xls_that_spans_everything_is_refused() {
    let corner = |row| (row, u16::MAX, Old::Number(1.0));
    let bytes = make::xls(&[("a", false, vec![(0, 0, Old::Text("资产编号")), corner(u16::MAX)], vec![])]);
    assert_snapshot!(book(&bytes).unwrap_err(), @"文件“资产.xls”太大：各工作表共跨越超过 20000000 个单元格，请删去多余的空行空列或另存为 CSV");
    let read = book(&make::xls(&[("a", false, vec![], vec![])]));
    assert!(matches!(read, Err(DocumentError::Empty { .. })), "{read:?}");
}

#[test]
fn an_ods() {
    let cell = |text: &str| {
        format!(r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#)
    };
    let body = format!(
        r#"<table:table table:name="201室"><table:table-column/>
        <table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="1024"/></table:table-row>
        <table:table-row><table:table-cell table:number-columns-repeated="2"/>{}{}{}{}</table:table-row>
        <table:table-row><table:table-cell table:number-columns-repeated="2"/>{}
          <table:table-cell office:value-type="float" office:value="3"><text:p>3.00</text:p></table:table-cell>
          <table:table-cell office:value-type="date" office:date-value="2024-03-05"><text:p>24年3月5日</text:p></table:table-cell>
          <table:table-cell table:number-rows-spanned="2" office:value-type="string"><office:annotation><text:p>批注</text:p></office:annotation><text:p>一<text:s/>队</text:p><text:p>&amp;&#x4e8c;</text:p></table:table-cell>
        </table:table-row>
        <table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="2"/>{}</table:table-row>
        <table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row></table:table>
        <table:table table:name="旧账" table:style-name="gone"><table:table-row>{}</table:table-row></table:table>"#,
        cell("资产编号"),
        cell("数量"),
        cell("不在依据"),
        cell("使用部门"),
        cell("A1"),
        cell("A2"),
        cell("资产编号"),
    );
    let read = book(&make::ods(&body)).unwrap();
    assert_snapshot!(cells(&read, &[Book::ItemNumber, Book::Quantity, Book::ExcusedBy, Book::Unit]), @r#"
    201室!5 A1|3|2024-03-05|一 队
    &二
    201室!6 A2|||一 队
    &二
    201室!7 A2|||
    "#);
    assert!(read.notes.lines().iter().any(|l| l.contains("隐藏的工作表“旧账”")));
}

#[test]
fn an_ods_that_repeats_without_end_is_refused() {
    let body = r#"<table:table table:name="a"><table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384" office:value-type="string"><text:p>资产编号</text:p></table:table-cell></table:table-row></table:table>"#;
    let limits = Limits { cells: 100_000, ..Limits::default() };
    assert_snapshot!(read_with(&ALL, "a.ods", &make::ods(body), &[], &limits).unwrap_err(), @"文件“a.ods”太大：超过 100000 个单元格");
    let cut = make::zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", b"<a><table:table table:name='x'><table:table-row><table:table-cell>"),
    ]);
    assert_snapshot!(book(&cut).unwrap_err(), @"文件“资产.xls”已损坏或不完整，请重新导出（单元格没有结尾）");
}

#[test]
fn a_page_that_calls_itself_xls() {
    let page = "<html><head><meta charset=gb2312><style>td{x}</style></head><body><script>var a='<table>'</script>\
        <table><tr><td colspan=5>中石化加油卡对账单</td></tr><tr><td rowspan=2>资产编号<td colspan=2>账面</td><th>名称</tr>\
        <tr><td>数量<td>价值</td><td></td></tr><tr><td>0012<td>2</td><td>1,234.50</td><td>电脑&nbsp;<br>一&amp;二</tr>\
        <tr><td rowspan=2>X<td>1<td>2<td>甲</tr><tr><td>3<td>4<td>乙</tr><tr><td>合计<td>6</tr></table></body></html>";
    let gbk = encoding_rs::GBK.encode(page).0.into_owned();
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(page.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let said = [page.as_bytes().to_vec(), gbk, utf16]
        .map(|bytes| cells(&book(&bytes).unwrap(), &[Book::ItemNumber, Book::Name, Book::Quantity, Book::Value]));
    assert_eq!([&said[1], &said[2]], [&said[0]; 2]);
    assert_snapshot!(said[0], @r#"
    表1!4 0012|电脑 一&二|2|1,234.50
    表1!5 X|甲|1|2
    表1!6 |乙|3|4
    "#);
    let xml = r#"<?xml version="1.0"?><Workbook xmlns:ss="s"><Styles><Style/></Styles><Worksheet ss:Name="账"><Table>
        <Row><Cell><Data ss:Type="String">资产编号</Data></Cell><Cell ss:Index="3"><Data ss:Type="String">数量</Data></Cell></Row>
        <Row ss:Index="4"><Cell><Data ss:Type="String">A1</Data></Cell><Cell/><Cell><Data ss:Type="Number">2</Data></Cell></Row>
        </Table></Worksheet></Workbook>"#;
    assert_snapshot!(cells(&book(xml.as_bytes()).unwrap(), &[Book::ItemNumber, Book::Quantity]), @"账!4 A1|2");
}

#[test]
fn a_zip_bomb_is_refused() {
    let sheet = format!("<worksheet><sheetData>{}</sheetData></worksheet>", " ".repeat(80 << 20));
    let bomb = make::zip(&[("xl/workbook.xml", b"<workbook/>"), ("xl/worksheets/sheet1.xml", sheet.as_bytes())]);
    assert_snapshot!(book(&bomb).unwrap_err(), @"文件“资产.xls”解压后异常膨胀（79 KB 变成至少 80 MB），疑似压缩炸弹，未读入");
    // A directory that lies about the size.
    let mut liar = bomb.clone();
    let claimed = u32::try_from(sheet.len()).unwrap().to_le_bytes();
    for at in (0..liar.len() - 4).rev() {
        if liar[at..at + 4] == claimed {
            liar[at..at + 4].copy_from_slice(&1000u32.to_le_bytes());
        }
    }
    assert!(matches!(book(&liar), Err(DocumentError::Bomb { .. } | DocumentError::Broken { .. })));
    let small = Limits { unpacked_bytes: 1000, ..Limits::default() };
    assert_snapshot!(read_with(&ALL, "资产.xlsx", &rooms(), &[], &small).unwrap_err(), @"文件“资产.xlsx”太大：解压后超过 1000 字节 的上限，请拆成几个文件，或另存为 CSV");
    let small = Limits { workbook_bytes: 1000, ..Limits::default() };
    assert_snapshot!(read_with(&ALL, "资产.xlsx", &rooms(), &[], &small).unwrap_err(), @"文件“资产.xlsx”太大：工作簿超过 1000 字节 的上限，请拆成几个文件，或另存为 CSV");
    let small = Limits { cells: 3, ..Limits::default() };
    assert_snapshot!(read_with(&ALL, "资产.xlsx", &rooms(), &[], &small).unwrap_err(), @"文件“资产.xlsx”太大：工作表“201室”超过 3 个单元格");
}

#[test]
fn what_is_no_workbook_is_said() {
    let whole = rooms();
    let said = |bytes: &[u8]| book(bytes).unwrap_err().to_string();
    assert_snapshot!(
        [
            said(&whole[..whole.len() / 2]),
            said(&make::zip(&[("word/document.xml", b"x")])),
            said(&make::zip(&[("readme.txt", b"x")])),
            said(&make::zip(&[("xl/workbook.bin", b"x")])),
            said(&make::zip(&[("xl/workbook.xml", b"<workbook")])),
            said(&make::compound("/EncryptedPackage", b"x")),
            said(&make::compound("/WordDocument", b"x")),
            said(&make::compound("/Workbook", b"\x09\x08\x04\0\0\x06\x05\0\x2f\0\x02\0\x01\0")),
            said(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 cut"),
            said(b"<html><body>404</body></html>"),
        ]
        .join("\n"), @r#"
    文件“资产.xls”已损坏或不完整，请重新导出（压缩结构：invalid Zip archive: Could not find EOCD）
    文件“资产.xls”是Word 文档，不是表格；可用 CSV、XLSX、XLS、ODS
    文件“资产.xls”是ZIP 压缩包（请先解压），不是表格；可用 CSV、XLSX、XLS、ODS
    文件“资产.xls”是XLSB 二进制工作簿（请另存为 XLSX），不是表格；可用 CSV、XLSX、XLS、ODS
    文件“资产.xls”已损坏或不完整，请重新导出（File not found '_rels/.rels'）
    文件“资产.xls”设有打开密码，请先在 Excel 或 WPS 中取消密码
    文件“资产.xls”是Word 文档，不是表格；可用 CSV、XLSX、XLS、ODS
    文件“资产.xls”设有打开密码，请先在 Excel 或 WPS 中取消密码
    文件“资产.xls”已损坏或不完整，请重新导出（Invalid CFB file (12 bytes is too small)）
    文件“资产.xls”是没有表格的网页，不是表格；可用 CSV、XLSX、XLS、ODS
    "#);
}
