//! Bad input, a line each of what offices hand in: every one ends in a clear sentence with exit code 2, or in a row of the
//! rejects; nothing is half imported, nothing is left lying about.

#[expect(dead_code, reason = "each test binary uses its part of the office")]
mod cli;

use std::io::Write as _;

use cli::{Office, Said, rows};

const HEADER: &str = "资产编号,资产名称,使用部门,存放地点,数量,价值,取得日期\n";

/// Refused as a whole: the sentence is said, the book is as it was, and no file was added.
#[track_caller]
fn refused_whole(office: &Office, name: &str, bytes: impl AsRef<[u8]>, words: &str) {
    let before = rows(office.database());
    office.write(name, bytes);
    let files = office.files();
    office.run(&["import", "assets", name]).refused(words);
    assert_eq!(rows(office.database()), before, "{name}");
    assert_eq!(office.files(), files, "{name}");
}

/// The file tools say the same of it.
#[track_caller]
fn refused_everywhere(office: &Office, name: &str, bytes: impl AsRef<[u8]>, words: &str) {
    refused_whole(office, name, bytes, words);
    let files = office.files();
    office.run(&["labels", "--data", name, "--out", "labels.pdf"]).refused(words);
    office.run(&["reconcile", "--book", name, "--count", name, "--out", "out"]).refused(words);
    assert_eq!(office.files(), files, "{name}");
}

#[test]
fn files_that_are_bad_as_a_whole_are_refused_in_a_sentence() {
    let office = Office::founded();
    refused_everywhere(&office, "empty.csv", "", "空的");
    refused_everywhere(&office, "mark.csv", "\u{feff}", "空的");
    refused_everywhere(&office, "noheader.csv", "随便,写写\n1,2\n", "表头");
    refused_everywhere(&office, "twice.csv", "资产编号,资产名称,使用部门,资产编号\nG1,椅子,治安大队,G1\n", "歧义");
    refused_whole(&office, "lacks.csv", "资产编号,存放地点\nG1,201室\n", "缺少必需的列");
    let mut broken = HEADER.as_bytes().to_vec();
    broken.extend(b"G1,\xff\xff\xfe\x81,\xff\n");
    refused_everywhere(&office, "encoding.csv", broken, "编码");
    refused_everywhere(&office, "letter.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 no such thing", "letter.docx");
    refused_everywhere(&office, "picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "不是表格");
    refused_everywhere(&office, "cut.xlsx", &workbook()[..700], "cut.xlsx");
    refused_everywhere(&office, "bomb.xlsx", bomb(), "压缩炸弹");
    office.run(&["import", "assets", "none.csv"]).refused("文件或所在的文件夹不存在");
    office.run(&["import", "assets", "."]).refused("文件夹");
}

fn workbook() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().write(0, 0, "资产编号").expect("a cell");
    book.save_to_buffer().expect("a workbook")
}

/// A workbook whose one sheet unpacks to eighty megabytes of blanks, written without holding them.
fn bomb() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for name in ["[Content_Types].xml", "xl/workbook.xml"] {
        zip.start_file(name, options).expect("an entry");
        zip.write_all(b"<a/>").expect("written");
    }
    zip.start_file("xl/worksheets/sheet1.xml", options).expect("an entry");
    let blanks = vec![b' '; 1 << 20];
    for _ in 0..80 {
        zip.write_all(&blanks).expect("written");
    }
    zip.finish().expect("whole").into_inner()
}

#[test]
fn bad_rows_are_rejected_by_row_and_the_rest_goes_in() {
    let office = Office::founded();
    office.import("assets", "first.csv", format!("{HEADER}IN1,椅子,治安大队,201室,1,1,\n"), &[]).code(0);
    let text = format!(
        "{HEADER}G1,椅子,治安大队,201室,3台,\"12,345.60元\",2024/3/5\n\
         G2,椅子,治安大队,201室,３把,￥100,2024年3月5日\n\
         G3,椅子,治安大队,201室,,,44260\n\
         ,无号,治安大队,201室,1,1,2024-03-05\n\
         G1,再来,治安大队,201室,1,1,2024-03-05\n\
         ｉｎ１,在账,治安大队,201室,1,1,2024-03-05\n\
         G4,椅子,治安大队,201室,几个,1,2024-03-05\n\
         G5,椅子,治安大队,201室,1,-5,2024-03-05\n\
         G6,椅子,治安大队,201室,1,1,2024-02-30\n\
         G7,,治安大队,201室,1,1,2024-03-05\n\
         G8,椅子,没有的队,201室,1,1,2024-03-05\n\
         G9,椅子,治安大队,没有的室,1,1,2024.3.5\n\
         1.23457E+12,椅子,治安大队,201室,1,1,2024.3.5\n\
         G10,椅子\n\
         G11,椅子,治安大队,201室,1,1,2024.3.5\n"
    );
    let said = office.import("assets", "a.csv", &text, &[]);
    said.code(1).says("已导入 4 行，退回 11 行");
    let rejects = office.read("a.csv.rejects.csv");
    let lines: Vec<&str> = rejects.trim_start_matches('\u{feff}').lines().collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    file,sheet,row,column,value,reason
    a.csv,,5,资产编号,,缺少资产编号
    a.csv,,6,资产编号,G1,编号重复，前一次在a.csv第 2 行
    a.csv,,7,资产编号,ｉｎ１,编号已在账
    a.csv,,8,数量,几个,“几个”不是整数数量，应如 3 或 3台
    a.csv,,9,价值,-5,价值不能为负
    a.csv,,10,取得日期,2024-02-30,“2024-02-30”不是存在的日期或时间
    a.csv,,11,资产名称,,缺少资产名称
    a.csv,,12,使用部门,没有的队,未登记的单位“没有的队”；请先登记，或选择自动登记
    a.csv,,13,存放地点,没有的室,未登记的地点“没有的室”；请先登记，或选择自动登记
    a.csv,,14,资产编号,1.23457E+12,编号“1.23457E+12”被表格软件写成了科学计数法，位数已丢失；请在原表把该列设为文本后重新填写或导出
    a.csv,,15,,,本行只有 2 格，表头有 7 格
    "#);
    for (number, quantity, value, day) in
        [("G1", 3, "12345.60", "2024-03-05"), ("G2", 3, "100.00", "2024-03-05"), ("G3", 1, "0.00", "2021-03-05")]
    {
        let item = office.run(&["items", "show", number, "--json"]).json();
        assert_eq!(
            (item["quantity"].as_i64(), item["value"].as_str(), item["acquired_on"].as_str()),
            (Some(quantity), Some(value), Some(day)),
            "{number}"
        );
    }
    // A later try without rejects does not leave the old ones lying.
    office.import("assets", "a.csv", format!("{HEADER}G20,椅子,治安大队,201室,1,1,\n"), &[]).code(0);
    assert_eq!(office.read("a.csv.rejects.csv").lines().count(), 1);
}

#[test]
fn every_encoding_delimiter_and_line_end_goes_in() {
    let office = Office::founded();
    let gb = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    let row = |number: &str| format!("{HEADER}{number},椅子㛃,治安大队,201室,1,1,2024-03-05\n");
    for (name, bytes) in [
        ("cr.csv", row("E1").replace('\n', "\r").into_bytes()),
        ("crlf.csv", gb(&row("E2").replace('\n', "\r\n"))),
        ("mark.csv", format!("\u{feff}{}", row("E3")).into_bytes()),
        ("tab.txt", row("E4").replace(',', "\t").into_bytes()),
        ("semicolon.csv", gb(&row("E5").replace(',', ";"))),
    ] {
        office.import("assets", name, bytes, &[]).code(0).says("已导入 1 行");
    }
    let found = office.run(&["items", "find", "㛃", "--json"]).json();
    assert_eq!(found.as_array().map(Vec::len), Some(5));
}

#[test]
fn what_cannot_be_written_is_said_and_leaves_nothing() {
    let office = Office::founded();
    office.write("items.csv", "资产编号,资产名称\nG1,椅子\n");
    office.write("book.csv", "资产编号,资产名称,使用部门\nG1,椅子,治安大队\n");
    office.write("count.csv", "资产编号,盘点地点\nG1,201室\n");
    office.write("a.csv", format!("{HEADER}G1,椅子,治安大队,201室,1,1,\n"));
    let (files, before) = (office.files(), rows(office.database()));
    let no_folder = "文件或所在的文件夹不存在";
    office.run(&["import", "assets", "a.csv", "--rejects", "nowhere/r.csv"]).refused(no_folder);
    office.run(&["labels", "--data", "items.csv", "--out", "nowhere/l.pdf"]).refused(no_folder);
    office.run(&["labels", "--data", "items.csv", "--out", "l.doc"]).refused("不认识的文件类型");
    office.run(&["labels", "--data", "items.csv", "--out", "l.pdf", "--template", "none"]).refused("没有名为“none”");
    office.run(&["reconcile", "--book", "book.csv", "--count", "count.csv", "--out", "a.csv/r"]).refused("a.csv/r");
    office.run(&["reconcile", "--book", "book.csv", "--count", "none.csv", "--out", "r"]).refused("none.csv");
    assert_eq!(office.files(), files);
    assert_eq!(rows(office.database()), before);
    // A label whose file cannot be begun does not replace the one that is stuck on.
    office.run(&["import", "assets", "a.csv"]).code(0);
    office.run(&["labels", "print", "G1", "--out", "l.pdf"]).code(0);
    let labels = || office.run(&["items", "show", "G1", "--json"]).json()["labels"].clone();
    let stuck_on = labels();
    office.run(&["labels", "print", "G1", "--renew", "--out", "nowhere/l.pdf"]).refused(no_folder);
    assert_eq!(labels(), stuck_on);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_and_leaves_nothing() {
    let office = Office::founded();
    let before = rows(office.database());
    // The rejects go to a device that is always full; so do the codes of labels, through a link.
    let text = format!("{HEADER}G1,椅子,没有的队,201室,1,1,\n");
    office.import("assets", "a.csv", text, &["--rejects", "/dev/full"]).refused("磁盘已满");
    assert_eq!(rows(office.database()), before);
    office.write("items.csv", "资产编号,资产名称\nG1,椅子\n");
    std::os::unix::fs::symlink("/dev/full", office.path("l.pdf.codes.csv")).expect("a link");
    office.run(&["labels", "--data", "items.csv", "--out", "l.pdf"]).refused("磁盘已满");
    std::fs::create_dir(office.path("out")).expect("a folder");
    std::os::unix::fs::symlink("/dev/full", office.path("out/verdicts.csv")).expect("a link");
    office.write("book.csv", "资产编号,资产名称,使用部门\nG1,椅子,治安大队\n");
    office.write("count.csv", "资产编号,盘点地点\nG1,201室\n");
    office.run(&["reconcile", "--book", "book.csv", "--count", "count.csv", "--out", "out"]).refused("磁盘已满");
    let left: Vec<_> =
        std::fs::read_dir(office.path("out")).expect("it").map(|e| e.expect("an entry").file_name()).collect();
    assert_eq!(left, ["verdicts.csv"], "nothing beside the link");
}

#[test]
fn a_database_that_is_none_is_said_to_be_none() {
    if !cli::database::sqlite_only("a_database_that_is_none_is_said_to_be_none") {
        return;
    }
    let office = Office::empty();
    office.run(&["items", "find"]).refused("请先运行：hufu init");
    office.write("t.db", "a letter, not a database at all, but long enough to be looked at as if it were one");
    office.run(&["--database-url", "sqlite://t.db", "items", "find"]).refused("这个文件不是数据库");
    office.run(&["--database-url", "sqlite://t.db", "init"]).refused("这个文件不是数据库");
    office.run(&["--database-url", "sqlite://no/t.db?mode=rwc", "init"]).refused("文件或所在的文件夹不存在");
    office.run(&["--database-url", "what://t.db", "init"]).refused("无法打开数据库");
    office.write("hufu.db", "");
    office.run(&["items", "find"]).refused("请先运行：hufu init");
    office.run(&["init"]).code(0);
    office.run(&["init"]).refused("已存在");
    office.run(&["items", "find"]).code(0).says("没有符合的资产");
}

#[test]
fn photos_that_hold_no_code_or_are_no_photos() {
    let office = Office::empty();
    let grey = image::GrayImage::from_pixel(320, 240, image::Luma([190]));
    grey.save(office.path("blank.png")).expect("a photo");
    grey.save(office.path("whole.jpg")).expect("a photo");
    let whole = std::fs::read(office.path("whole.jpg")).expect("it");
    office.write("cut.jpg", &whole[..whole.len() / 3]);
    office.write("text.jpg", "not a photo");
    office.write("empty.jpg", "");
    let header = "file,text,code,x0,y0,x1,y1,x2,y2,x3,y3\n";
    let none = office.run(&["decode", "blank.png"]);
    assert_eq!((none.code, none.out.as_str()), (1, header));
    for name in ["cut.jpg", "text.jpg", "empty.jpg", "none.jpg"] {
        let said = office.run(&["decode", name]);
        said.refused(name);
        assert!(!said.err.is_ascii(), "{said:?}");
    }
    // One that cannot be read does not stop the others.
    let both = office.run(&["decode", "none.jpg", "blank.png"]);
    assert!(both.code == 1 && both.err.contains("none.jpg：文件或所在的文件夹不存在"), "{both:?}");
    // 60,000 × 60,000 declared in a few bytes: refused by its header, before any memory is asked for.
    office.write("huge.png", huge_png());
    office.run(&["decode", "huge.png"]).refused("huge.png");
}

/// A PNG that declares 3.6 gigapixels and holds none.
fn huge_png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(60_000_u32.to_be_bytes());
    bytes.extend(60_000_u32.to_be_bytes());
    bytes.extend([8, 0, 0, 0, 0]);
    let crc = bytes[12..].iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    });
    bytes.extend((!crc).to_be_bytes());
    bytes.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    bytes
}

#[test]
fn a_scanner_file_is_read_with_its_mark_and_in_the_chinese_code_page() {
    let office = Office::founded();
    office
        .import(
            "assets",
            "a.csv",
            format!("{HEADER}椅001,椅子,治安大队,201室,1,1,\nG2,桌子,治安大队,201室,1,1,\n"),
            &[],
        )
        .code(0);
    office.run(&["stocktake", "open", "C", "--baseline", "2099-12-31"]).code(0);
    office.write("scan.txt", encoding_rs::GB18030.encode("椅001\r\n").0);
    let scan = ["stocktake", "scan", "C", "--place", "201室", "--counter", "李四", "--json", "--from"];
    office.run(&[&scan[..], &["scan.txt"]].concat()).code(0);
    let piped: Said = office.pipe(&[&scan[..], &["-"]].concat(), "\u{feff}G2\r\rG2\n".as_bytes());
    let codes: Vec<String> =
        piped.code(0).json().as_array().expect("scans").iter().map(|scan| scan["code"].to_string()).collect();
    assert_eq!(codes, ["\"G2\"", "\"G2\""]);
    office.run(&[&scan[..], &["none.txt"]].concat()).refused("文件或所在的文件夹不存在");
    let status = office.run(&["stocktake", "status", "C", "--json"]).json();
    assert_eq!(status["total"]["matched"].as_u64(), Some(2));
}
