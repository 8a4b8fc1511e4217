//! `hufu reconcile` on files, through the library: what it writes, what it refuses, what it leaves behind.

use std::fs;
use std::path::{Path, PathBuf};

use hufu::cli::reconcile::{Args, Finished, ReconcileFilesError, run};
use hufu::kernel::Timestamp;
use tempfile::TempDir;

/// When all of this happens.
const NOW: Timestamp = Timestamp(1_795_400_000_000);

/// A folder with a book and a count.
struct Office(TempDir);

impl Office {
    fn with(book: &str, count: &str) -> Self {
        let office = Self(tempfile::tempdir().expect("a folder"));
        fs::write(office.path("book.csv"), book).expect("the book");
        fs::write(office.path("count.csv"), count).expect("the count");
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn args(&self) -> Args {
        Args {
            book: self.path("book.csv"),
            count: self.path("count.csv"),
            out: self.path("out"),
            map: Vec::new(),
            csv_only: false,
            json: false,
        }
    }

    fn run(&self) -> Finished {
        run(&self.args(), NOW, &mut Vec::new()).expect("reconciled")
    }

    /// A file written, without its byte order mark and with plain line ends.
    fn output(&self, name: &str) -> String {
        let text = fs::read_to_string(self.path("out").join(name)).expect("written");
        text.trim_start_matches('\u{feff}').replace("\r\n", "\n")
    }

    fn lines_with(&self, name: &str, part: &str) -> Vec<String> {
        self.output(name).lines().filter(|line| line.contains(part)).map(str::to_owned).collect()
    }
}

fn files_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

const BOOK: &str = "\
资产编号,资产名称,使用部门,存放地点,使用人,数量,使用状况,序列号,价值,不在依据
ZC-0001,台式计算机,治安大队,201 室,张三,1,在用,SN10000001,\"5,000.00\",
ZC-0002,台式计算机,治安大队,201 室,张三,1,在用,SN10000002,5000元,
ZC-0003,台式计算机,治安大队,201 室,张三,1,在用,SN10000003,5000,
ZC-0004,台式计算机,治安大队,201 室,张三,1,在用,XL0012340,5000,
ZC-0005,办公椅,治安大队,201 室,张三,12把,在用,,1200,
ZC-0006,办公椅,治安大队,201 室,张三,4,在用,,400,
ZC-0007,打印机,治安大队,202 室,李四,1,在用,PR70001234,1500,
ZC-0008,打印机,指挥中心,301 室,王五,1,已报废,PR70001299,1500,
ZC-0009,打印机,指挥中心,301 室,王五,1,已报废,PR70001300,1500,
ZC-0010,便携式计算机,指挥中心,301 室,王五,1,借出,LT30000001,7000,
ZC-0011,便携式计算机,指挥中心,301 室,王五,1,在用,LT30000002,7000,出差审批单 2026-118
ZC-0012,便携式计算机,指挥中心,301 室,王五,1,在用,LT30000003,7000,
ZC-0013,文件柜,,,,1,在用,,800,
ZC-0014,投影仪,指挥中心,301 室,王五,1,在用,,9000,
ZC-0015,投影仪,指挥中心,301 室,王五,1,在用,,9000,
";

const COUNT: &str = "\
资产编号,盘点地点,实际使用人,实盘数量,完好情况,盘点时间,盘点人,序列号,资产名称,备注
zc-0001,201室,张三,1,完好,2026-11-20 09:00,甲,,,
ZC-0002,302 室,张三,1,完好,2026-11-20 09:01,甲,,,
ZC-0003,302 室,,1,损坏,2026-11-20 09:02,甲,,,
,302 室,,1,,2026-11-20 09:03,甲,XL00I234O,台式计算机,标签掉了
ZC-0005,201 室,,11,,2026-11-20 09:04,甲,,,
ZC-0006,201 室,,5,,2026-11-20 09:05,甲,,,
ZC-0007,202 室,赵六,1,,2026-11-20 09:06,甲,,,
ZC-0008,301 室,,1,,2026-11-20 09:07,乙,,,
ZC-0012,301 室,,1,,2026-11-20 09:08,乙,,,
ZC-0012,201 室,,1,,2026-11-20 09:30,甲,,,
ZC-0013,301 室,孙七,1,,2026-11-20 09:10,乙,,,
ZC-0014,301 室,,1,,2026-11-20 09:11,乙,,,
ZC-0014,301 室,,1,,2026-11-20 09:12,乙,,,
ZC-0015,301 室,,0,,2026-11-20 09:13,乙,,,
FX-99,301 室,,2,,2026-11-20 09:14,乙,,碎纸机,
FX-99,301 室,,2,,2026-11-20 09:15,乙,,碎纸机,
WJ-1,仓库,,1,,2026-11-20 09:16,乙,,,
";

#[test]
fn every_verdict_a_file_can_have() {
    let office = Office::with(BOOK, COUNT);
    let finished = office.run();
    assert_eq!((finished.book_rows, finished.count_rows, finished.rejects), (15, 17, 0));
    assert_eq!(finished.exit_code(), 1);
    insta::assert_snapshot!(office.output("verdicts.csv"), @r#"
    item_number,verdict,flags,unit,book_place,counted_place,book_keeper,counted_keeper,book_quantity,counted_quantity,value,lead
    ZC-0001,matched,,治安大队,201 室,201 室,张三,张三,1,1,5000.00,
    ZC-0002,misplaced,,治安大队,201 室,302 室,张三,张三,1,1,5000.00,
    ZC-0003,misplaced,damaged,治安大队,201 室,302 室,张三,,1,1,5000.00,
    ZC-0004,missing,,治安大队,201 室,,张三,,1,0,5000.00,最可能在 302 室：那里盘盈一件，序列号 XL00I234O 与账上 XL0012340 只差易混字符
    ZC-0005,short,,治安大队,201 室,201 室,张三,,12,11,1200.00,
    ZC-0006,over,,治安大队,201 室,201 室,张三,,4,5,400.00,
    ZC-0007,wrong_keeper,,治安大队,202 室,202 室,李四,赵六,1,1,1500.00,
    ZC-0008,disposed_present,,指挥中心,301 室,301 室,王五,,1,1,1500.00,
    ZC-0010,excused,,指挥中心,301 室,,王五,,1,,7000.00,
    ZC-0011,excused,,指挥中心,301 室,,王五,,1,,7000.00,
    ZC-0012,conflict,,指挥中心,301 室,201 室,王五,,1,1,7000.00,乙在 301 室数 1；甲在 201 室数 1
    ZC-0013,matched,,未知,,301 室,,孙七,1,1,800.00,
    ZC-0014,matched,,指挥中心,301 室,301 室,王五,,1,1,9000.00,
    ZC-0015,missing,,指挥中心,301 室,,王五,,1,0,9000.00,
    ,unregistered,no_label,未知,,302 室,,,,1,,无编号：台式计算机，序列号 XL00I234O；可能是盘亏的 ZC-0004：序列号 XL00I234O 与账上 XL0012340 只差易混字符
    FX-99,unregistered,,指挥中心,,301 室,,,,2,,
    WJ-1,unregistered,,未知,,仓库,,,,1,,
    "#);
    insta::assert_snapshot!(office.output("summary.csv"), @r#"
    unit,expected,matched,misplaced,wrong_keeper,short,over,conflict,disposed_present,excused,missing,foreign,unregistered,missing_value
    治安大队,7,1,2,1,1,1,0,0,0,1,0,0,5000.00
    指挥中心,5,1,0,0,0,0,1,1,2,1,0,1,9000.00
    未知,1,1,0,0,0,0,0,0,0,0,0,2,0.00
    合计,13,3,2,1,1,1,1,1,2,2,0,3,14000.00
    "#);
    assert_eq!(office.output("rejects.csv"), "file,sheet,row,column,value,reason\n");
    assert_eq!(files_in(&office.path("out")), ["rejects.csv", "report.xlsx", "summary.csv", "verdicts.csv"]);
}

#[test]
fn the_same_files_give_the_same_bytes_and_a_table_to_read() {
    let office = Office::with(BOOK, COUNT);
    let mut screen = Vec::new();
    run(&office.args(), NOW, &mut screen).unwrap();
    let bytes = |name: &str| fs::read(office.path("out").join(name)).unwrap();
    let names = ["verdicts.csv", "summary.csv", "rejects.csv", "report.xlsx"];
    let first = names.map(bytes);
    office.run();
    assert!(first == names.map(bytes));
    let screen = String::from_utf8(screen).unwrap();
    let table: Vec<_> = screen.lines().skip_while(|line| !line.starts_with("账册 ")).take(10).collect();
    insta::assert_snapshot!(table.join("\n"), @r#"
    账册 15 行，盘点 17 行，未读入 0 行

    单位      应盘  重复冲突  账销物存  地点不符  使用人不符  数量短缺  数量溢余  账实相符  有据不在  盘亏  盘盈
    治安大队     7         0         0         2           1         1         1         1         0     1     0
    指挥中心     5         1         1         0           0         0         0         1         2     1     1
    未知         1         0         0         0           0         0         0         1         0     0     2
    合计        13         1         1         2           1         1         1         3         2     2     3

    盘亏 2 件，账面价值 14,000.00 元
    "#);
}

#[test]
fn json_for_programs() {
    let office = Office::with(BOOK, COUNT);
    let mut screen = Vec::new();
    run(&Args { json: true, ..office.args() }, NOW, &mut screen).unwrap();
    let facts: serde_json::Value = serde_json::from_slice(&screen).unwrap();
    assert_eq!(facts["needs_attention"], true);
    assert_eq!(facts["total"]["missing"], 2);
    assert_eq!(facts["total"]["missing_value_fen"], 1_400_000);
    assert_eq!(facts["units"].as_array().unwrap().len(), 3);
}

#[test]
fn nothing_to_do_is_exit_code_0() {
    let office = Office::with("item_number,place,excused_by\nA1,1,\nA2,1,借条\n", "item_number,place\nA1,1\n");
    let finished = office.run();
    assert_eq!((finished.exit_code(), finished.needs_attention()), (0, false));
    assert_eq!(office.lines_with("verdicts.csv", "A").len(), 2);
}

#[test]
fn bad_rows_are_told_and_do_not_stop_the_rest() {
    let book = "item_number,name,quantity,state,value\nA1,x,1,在用,1\nA2,x,三台,在用,1\nA3,x,1,飞了,1\nA4,x,1,,壹元\n,x,1,,\na１,y,1,,\nA5,x,1,,9\n";
    let count = "item_number,quantity,counted_at,serial_number,name\nA1,1,,,\nA2,1,,,\nA5,一,,,\nA5,1,昨天,,\n,1,,,\n";
    let office = Office::with(book, count);
    let finished = office.run();
    assert_eq!((finished.book_rows, finished.count_rows, finished.rejects, finished.exit_code()), (2, 2, 8, 1));
    insta::assert_snapshot!(office.output("rejects.csv"), @r#"
    file,sheet,row,column,value,reason
    book.csv,,3,quantity,三台,“三台”不是整数数量，应如 3 或 3台
    book.csv,,4,state,飞了,不认识使用状况“飞了”，可填 在用、闲置、借出、在修、待处置、已处置、已核销、已撤销
    book.csv,,5,value,壹元,“壹元”不是金额，应如 12345.60
    book.csv,,6,item_number,,缺少资产编号
    book.csv,,7,item_number,a１,资产编号与第 2 行重复，账册中一个编号只能有一行
    count.csv,,4,quantity,一,“一”不是整数数量，应如 3 或 3台
    count.csv,,5,counted_at,昨天,“昨天”不是日期，应如 2024-03-05 或 2024年3月5日
    count.csv,,6,item_number,,资产编号、序列号、资产名称都是空的，认不出是什么
    "#);
    insta::assert_snapshot!(office.output("verdicts.csv"), @r#"
    item_number,verdict,flags,unit,book_place,counted_place,book_keeper,counted_keeper,book_quantity,counted_quantity,value,lead
    A1,matched,,未知,,,,,1,1,1.00,
    A5,missing,,未知,,,,,1,0,9.00,盘点表第 4 行有此编号，但该行有误未读入，见 rejects.csv
    A2,unregistered,,未知,,,,,,1,,账册第 3 行有此编号，但该行有误未读入，见 rejects.csv
    "#);
}

#[test]
fn a_missing_thing_with_a_rejected_scan_says_so() {
    let office = Office::with("item_number\nA1\n", "item_number,quantity\nA1,一\n");
    office.run();
    let line = office.lines_with("verdicts.csv", "A1,missing");
    assert!(line[0].ends_with("盘点表第 2 行有此编号，但该行有误未读入，见 rejects.csv"), "{line:?}");
}

#[test]
fn a_lost_label_is_a_lead_on_both_sides_and_never_merged() {
    let office = Office::with(
        "item_number,serial_number,place\nA1,SN12345678,201\nA2,SN99999999,201\n",
        "item_number,serial_number,place\n,SN12345678,305\n,sn-12345678,305\nA2,,201\n",
    );
    office.run();
    assert_eq!(
        office.lines_with("verdicts.csv", "SN12345678"),
        [
            "A1,missing,,未知,201,,,,1,0,,最可能在 305：那里盘盈一件，序列号同为 SN12345678",
            ",unregistered,no_label,未知,,305,,,,1,,无编号：序列号 SN12345678；可能是盘亏的 A1：序列号同为 SN12345678",
        ]
    );
}

#[test]
fn headers_are_mapped_for_each_file() {
    let office = Office::with("编码一,编码二,科室\nA1,B1,甲\n", "码,编号\nx,B1\n");
    let refused = run(&office.args(), NOW, &mut Vec::new());
    assert!(matches!(refused, Err(ReconcileFilesError::Document(_))), "{refused:?}");
    let map = ["book.item_number=编码二", "unit=科室"].map(str::to_owned).to_vec();
    let finished = run(&Args { map, ..office.args() }, NOW, &mut Vec::new()).unwrap();
    assert_eq!((finished.units[0].unit.as_str(), finished.units[0].tally.matched), ("甲", 1));
    let map = vec!["colour=红".to_owned()];
    assert!(run(&Args { map, ..office.args() }, NOW, &mut Vec::new()).is_err());
}

#[test]
fn files_that_cannot_be_used_stop_with_a_sentence_and_leave_nothing() {
    for (book, count, sentence) in [
        ("", "item_number\nA1\n", "book.csv"),
        ("item_number\nA1\n", "", "count.csv"),
        ("甲,乙\n1,2\n", "item_number\nA1\n", "资产编号"),
        ("item_number,资产编号\nA1,A2\n", "item_number\nA1\n", "--map"),
        ("item_number\nA1\n", "%PDF-1.7\n%\u{e2}\u{e3}", "count.csv"),
    ] {
        let office = Office::with(book, count);
        let refused = run(&office.args(), NOW, &mut Vec::new()).unwrap_err().to_string();
        assert!(refused.contains(sentence) && !refused.contains('\n'), "{refused}");
        assert!(!office.path("out").exists());
    }
    let office = Office::with(BOOK, COUNT);
    let absent = run(&Args { book: office.path("none.csv"), ..office.args() }, NOW, &mut Vec::new());
    assert!(absent.unwrap_err().to_string().contains("none.csv"));
}

#[test]
fn a_folder_that_cannot_be_written_is_told_and_the_last_outcome_stays() {
    let office = Office::with(BOOK, COUNT);
    let in_the_way = Args { out: office.path("book.csv"), ..office.args() };
    let refused = run(&in_the_way, NOW, &mut Vec::new()).unwrap_err().to_string();
    assert!(refused.contains("book.csv"), "{refused}");
    assert_eq!(fs::read_to_string(office.path("book.csv")).unwrap(), BOOK);

    // A folder stands where verdicts.csv should go: no file of this run may appear, none of the last may change.
    fs::create_dir_all(office.path("out/verdicts.csv")).unwrap();
    fs::write(office.path("out/summary.csv"), "the last").unwrap();
    assert!(run(&office.args(), NOW, &mut Vec::new()).is_err());
    assert_eq!(office.output("summary.csv"), "the last");
    assert_eq!(files_in(&office.path("out")), ["summary.csv", "verdicts.csv"]);
}

#[test]
fn only_a_header_is_a_book_of_nothing() {
    let office = Office::with("item_number,place\n", "item_number,place\nA1,201\nA1,305\n");
    let finished = office.run();
    assert_eq!(office.lines_with("verdicts.csv", "A1"), ["A1,unregistered,,未知,,305,,,,1,,"]);
    assert_eq!((finished.units.len(), finished.units[0].unit.as_str()), (2, "未知"));
    let office = Office::with("item_number,value\nA1,10\n", "item_number\n");
    assert_eq!(office.run().units.last().unwrap().tally.missing_value.plain(), "10.00");
}

#[test]
fn an_unregistered_thing_counts_to_the_unit_that_holds_its_place() {
    let office = Office::with(
        "item_number,unit,place\nA1,甲,201\nA2,乙,201\nA3,乙,２０１\nA4,丙,305\n",
        "item_number,place\nA1,201\nA2,201\nA3,201\nA4,305\nX1,201\nX2,天台\n",
    );
    office.run();
    let unregistered: Vec<_> =
        office.output("summary.csv").lines().map(|l| l.split(',').nth(12).unwrap_or_default().to_owned()).collect();
    assert_eq!(unregistered, ["unregistered", "0", "1", "0", "1", "2"]);
}

#[test]
fn a_cell_that_would_run_in_a_spreadsheet_does_not() {
    let office = Office::with("item_number,place\n=1+1,201\n", "item_number,place\n=1+1,=cmd\n");
    office.run();
    assert_eq!(office.lines_with("verdicts.csv", "misplaced"), ["\"'=1+1\",misplaced,,未知,201,\"'=cmd\",,,1,1,,"]);
}

#[test]
fn a_row_that_nobody_filled_in_was_not_counted() {
    let office = Office::with(
        "资产编号,资产名称,使用部门,存放地点\nZC-1,电脑,治安大队,201\nZC-2,电脑,治安大队,201\nZC-3,电脑,治安大队,201\n",
        "资产编号,资产名称,盘点地点,实盘数量,盘点人\nZC-1,电脑,201,1,甲\nZC-2,电脑,,,\nZC-3,电脑,201,,\n",
    );
    let finished = office.run();
    assert_eq!(finished.exit_code(), 1);
    assert_eq!(office.lines_with("verdicts.csv", ",missing,").len(), 1, "{}", office.output("verdicts.csv"));
    assert!(office.lines_with("rejects.csv", "未盘")[0].contains(",3,"), "{}", office.output("rejects.csv"));
}
