//! The contract of the file tools, through the binary: names, columns, exit codes, JSON, closed pipes.

#[expect(dead_code, reason = "each test binary uses its part of the office")]
mod cli;

use std::io::Read as _;
use std::process::Stdio;

use cli::Office;

fn files() -> Office {
    let office = Office::empty();
    office.write(
        "book.csv",
        "item_number,name,unit,place,keeper,quantity,state,serial_number,value,excused_by\n\
         A1,台式计算机,治安大队,201室,李四,1,in_use,SN1,4500,\n\
         A2,打印机,治安大队,201室,李四,1,in_use,SN2,2300.5,\n\
         A3,办公椅,治安大队,202室,李四,3,在用,,900,\n\
         A4,执法记录仪,裕安派出所,值班室,赵六,1,in_use,AB8O01,1500,\n\
         A5,对讲机,裕安派出所,值班室,赵六,1,in_use,,800,借条12号\n\
         A6,旧电视,裕安派出所,值班室,赵六,1,disposed,,100,\n\
         A7,空调,裕安派出所,值班室,赵六,1,in_use,,3000,\n",
    );
    office.write(
        "count.csv",
        "资产编号,盘点地点,实际使用人,实盘数量,盘点时间,盘点人,序列号,资产名称\n\
         A1,201室,李四,1,2026-01-05 09:00,甲,,\nA2,202室,,1,2026-01-05 09:01,甲,,\nA3,202室,,2,2026-01-05 09:02,甲,,\n\
         A6,值班室,,1,2026-01-05 09:03,乙,,\nA7,值班室,王五,1,2026-01-05 09:04,乙,,\n,值班室,,1,2026-01-05 09:05,乙,AB8O0l,执法记录仪\n",
    );
    office
}

const RECONCILE: [&str; 7] = ["reconcile", "--book", "book.csv", "--count", "count.csv", "--out", "out"];

#[test]
fn reconcile_keeps_its_contract() {
    let office = files();
    office.run(&RECONCILE).code(1).says("盘亏");
    let text = |name: &str| office.read(name).trim_start_matches('\u{feff}').replace("\r\n", "\n");
    insta::assert_snapshot!(text("out/verdicts.csv"), @"");
    insta::assert_snapshot!(text("out/summary.csv"), @"");
    assert_eq!(text("out/rejects.csv"), "file,sheet,row,column,value,reason\n");
    assert!(office.path("out/report.xlsx").is_file());
    let json = office.run(&[&RECONCILE[..], &["--json"]].concat());
    assert_eq!((json.code, json.json()["total"]["missing"].as_u64()), (1, Some(1)), "{json:?}");
    // All agree: exit code 0.
    office.write("book.csv", "资产编号,资产名称,使用部门,存放地点\nA1,椅子,治安大队,201室\n");
    office.write("count.csv", "资产编号,盘点地点\nA1,201室\n");
    office.run(&RECONCILE).code(0);
    // A bad row does not stop the rest, and is exit code 1.
    office.write("count.csv", "资产编号,盘点地点,实盘数量\nA1,201室,1\nA2,201室,许多\n");
    office.run(&RECONCILE).code(1);
    assert!(office.read("out/rejects.csv").contains("count.csv,,3,实盘数量,许多,"));
    office.run(&["reconcile", "--book", "book.csv"]).refused("缺少参数");
}

#[test]
fn labels_from_a_file_list_their_codes_and_are_read_back() {
    let office = Office::empty();
    let known = "HF7SAEWQ41TD";
    let mut items = String::from("标签码,资产编号,资产名称,规格型号,使用部门,使用人,存放地点,取得日期\n");
    items +=
        &format!("{known},G1,台式计算机,M720,治安大队,张三㛃,201室,2021-03-05\n,G2,办公椅,,治安大队,李四,201室,\n");
    office.write("items.csv", &items);
    office.run(&["labels", "--data", "items.csv", "--out", "l.png"]).code(0).says("已写 2 张标签");
    assert_eq!(office.files(), ["items.csv", "l-0001.png", "l-0002.png", "l.png.codes.csv"]);
    let codes = office.read("l.png.codes.csv");
    let lines: Vec<&str> = codes.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!((lines.len(), lines[0]), (2, "item_number,code"));
    let made = lines[1].strip_prefix("G2,").expect("the row without a code");
    let read = office.run(&["decode", "l-0001.png", "l-0002.png"]);
    let rows: Vec<Vec<&str>> = read.code(0).out.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0].join(","), "file,text,code,x0,y0,x1,y1,x2,y2,x3,y3");
    let named: Vec<&[&str]> = rows[1..].iter().map(|row| &row[..3]).collect();
    assert_eq!(named, [["l-0001.png", known, known], ["l-0002.png", made, made]]);
    for row in &rows[1..] {
        assert_eq!(row.len(), 11);
        assert!(row[3..].iter().all(|corner| corner.parse::<i32>().is_ok()), "{row:?}");
    }
    for json in [["decode", "l-0001.png", "--format=json"], ["decode", "l-0001.png", "--json"]] {
        assert_eq!(office.run(&json).json()[0]["code"], known);
    }
    // Sheets, and the positions already used.
    for (name, more) in [("a4.pdf", &["--sheet", "a4-3x8", "--skip", "23"][..]), ("roll.zpl", &[]), ("roll.tspl", &[])]
    {
        let said = office.run(&[&["labels", "--data", "items.csv", "--out", name, "--json"], more].concat());
        let pages = if name == "a4.pdf" { 2 } else { said.json()["pages"].as_u64().expect("pages") };
        assert_eq!((said.json()["labels"].as_u64(), said.json()["pages"].as_u64()), (Some(2), Some(pages)));
    }
    let too_far = ["labels", "--data", "items.csv", "--out", "x.pdf", "--sheet", "a4-3x8", "--skip", "24"];
    office.run(&too_far).refused("只有 24 个位置");
    // A wrong check character is a reject, never a label; the rest is printed.
    office.write("items.csv", items.replace(known, "HF7SAEWQ41TE"));
    office.run(&["labels", "--data", "items.csv", "--out", "l.pdf"]).code(1).says("退回 1 行");
    assert!(office.read("l.pdf.rejects.csv").contains("items.csv,,2,标签码,HF7SAEWQ41TE,不是标签码"));
}

/// Every command that prints facts prints them as one JSON document with `--json`.
#[test]
fn json_is_json_everywhere() {
    let office = Office::founded();
    let assets =
        "资产编号,资产名称,使用部门,存放地点,使用人\nG1,椅子,治安大队,201室,李四\nG2,桌子,治安大队,201室,李四\n";
    office.import("assets", "a.csv", assets, &["--json"]).code(0).json();
    for (line, code) in [
        (&["import", "list"][..], 0),
        (&["items", "find"], 0),
        (&["items", "find", "没有这样的"], 0),
        (&["items", "show", "G1"], 0),
        (&["items", "change", "G1", "--place", "202室", "--reason", "搬"], 0),
        (&["items", "history", "G1"], 0),
        (&["labels", "print", "G1", "--out", "l.pdf"], 0),
        (&["labels", "print", "--blanks", "2", "--template", "blank-40x30", "--out", "b.pdf"], 0),
        (&["labels", "queue"], 0),
        (&["labels", "resolve", "G1"], 0),
        (&["labels", "resolve", "NOTHING"], 1),
        (&["stocktake", "status"], 0),
        (&["stocktake", "open", "C", "--baseline", "2099-12-31"], 0),
        (&["stocktake", "sheet", "C", "--unit", "治安大队"], 0),
        (&["stocktake", "scan", "C", "G1", "--place", "202室", "--counter", "李四"], 0),
        (&["stocktake", "scan", "C", "什么也不是", "--counter", "李四"], 1),
        (&["stocktake", "undo", "C", "--last-of", "李四"], 0),
        (&["stocktake", "status", "C"], 0),
        (&["stocktake", "differences", "C"], 0),
        (&["stocktake", "submit", "C", "--unit", "治安大队", "--by", "李四"], 1),
        (&["stocktake", "leads", "C"], 1),
        (&["stocktake", "recount", "C", "G2", "--reason", "再看看"], 0),
        (&["stocktake", "close", "C", "--leave-open", "试"], 1),
        (&["stocktake", "report", "C", "--out", "r"], 0),
    ] {
        let said = office.run(&[line, &["--json"]].concat());
        assert!(said.json().is_array() || said.json().is_object(), "{line:?}");
        assert_eq!(said.code, code, "{line:?}: {said:?}");
    }
}

/// `| head -1`: the reader goes away after the first bytes; nobody panics, nothing is said.
#[test]
fn a_closed_pipe_is_no_error() {
    let office = files();
    office.run(&["init"]).code(0);
    for line in [&RECONCILE[..], &["import", "list"], &["items", "find"], &["--help"], &["stocktake", "--help"]] {
        let mut child = office.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary");
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("read");
        let code = child.wait().expect("the end").code();
        assert!(said.is_empty() && matches!(code, Some(0 | 1)), "{line:?}: {code:?} {said}");
    }
}
