//! `report.xlsx` read back: every sheet, totals equal to the lines, text that stays text.

mod report_support;

use std::path::Path;

use calamine::{Data, DataType as _, Reader as _, Xlsx, open_workbook};
use hufu::items::model::ItemState;
use hufu::kernel::{Fen, Quantity, Timestamp};
use hufu::stocktake::report::xlsx::{self, DetailRows};
use hufu::stocktake::report::{Figures, ReportHead, ReportLine, percent};
use hufu::stocktake::verdict::{Flags, Verdict};
use report_support::Counted;

type Belongs = fn(&ReportLine<'_>) -> bool;

fn write(path: &Path, head: &ReportHead, lines: &[ReportLine<'_>], detail: DetailRows<'_>) {
    let figures = Figures::from_lines(lines.iter().copied());
    xlsx::write(path, head, &figures, detail, || lines.iter().copied()).expect("the report is written");
}

fn rows_of(book: &mut Xlsx<std::io::BufReader<std::fs::File>>, sheet: &str) -> Vec<Vec<Data>> {
    book.worksheet_range(sheet).expect("the sheet is there").rows().map(<[Data]>::to_vec).collect()
}

fn column(rows: &[Vec<Data>], header: &str) -> usize {
    rows[2].iter().position(|cell| *cell == header).unwrap_or_else(|| panic!("no column {header}"))
}

fn line<'a>(item_number: &'a str, verdict: Verdict) -> ReportLine<'a> {
    ReportLine {
        item_number,
        name: "台式计算机",
        specification: "",
        serial_number: "",
        class_code: "",
        class_name: "",
        measure: "",
        unit: "",
        book_place: "",
        counted_place: "",
        book_keeper: "",
        counted_keeper: "",
        book_quantity: Some(Quantity::ONE),
        counted_quantity: None,
        value: Fen(100),
        worth: None,
        acquired_on: None,
        state: None,
        verdict,
        flags: Flags::NONE,
        expected: true,
        lead: "",
        note: "",
        counter: "",
        counted_at: None,
    }
}

#[test]
fn figures_equal_plain_loops() {
    let counted = Counted::at_scale(1);
    let lines = counted.lines();
    let figures = Figures::from_lines(lines.iter().copied());
    for verdict in Verdict::ALL {
        let (mut count, mut value) = (0, 0);
        for line in &lines {
            if line.verdict == verdict {
                count += 1;
                value += line.value.0;
            }
        }
        assert_eq!((figures.whole.of(verdict), figures.whole.value_of(verdict)), (count, Fen(value)), "{verdict}");
        let by_unit: u64 = figures.by_unit.iter().map(|unit| unit.totals.of(verdict)).sum();
        let by_class: u64 = figures.by_class.iter().map(|class| class.totals.of(verdict)).sum();
        assert_eq!((by_unit, by_class), (count, count));
    }
    for unit in &figures.by_unit {
        let (mut expected, mut value, mut shortage) = (0, 0, 0);
        for line in lines.iter().filter(|line| line.unit == unit.name) {
            if line.expected {
                expected += 1;
                value += line.value.0;
            }
            if line.verdict == Verdict::Missing {
                shortage += line.value.0;
            }
            if line.verdict == Verdict::Short {
                let (book, counted) = (line.book_quantity.unwrap().0, line.counted_quantity.unwrap().0);
                shortage += line.value.0 / book * (book - counted);
            }
        }
        let totals = (unit.totals.expected, unit.totals.expected_value.0, unit.totals.shortage_value.0);
        assert_eq!(totals, (expected, value, shortage), "{}", unit.name);
    }
    let classes: Vec<_> = figures.by_class.iter().map(|class| class.code.as_str()).collect();
    assert!(classes[..classes.len() - 1].windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(classes.last(), Some(&""));
    for (flag, name, _) in Flags::NAMED {
        let plain = lines.iter().filter(|line| line.flags.has(flag)).count();
        assert_eq!(figures.flagged(flag), plain as u64, "{name}");
    }
    let mut idle = 0;
    for line in &lines {
        idle += u64::from(line.state == Some(ItemState::Idle));
    }
    assert_eq!(figures.in_state(ItemState::Idle).0, idle);
}

#[test]
fn a_share_is_never_rounded_up_to_all() {
    assert_eq!(percent(9_999, 10_000), "99.9%");
    assert_eq!(percent(1, 1), "100.0%");
    assert_eq!(percent(0, 0), "—");
    assert_eq!(percent(u64::MAX, u64::MAX), "100.0%");
}

#[test]
fn all_seven_sheets_read_back_and_their_totals_equal_the_lines() {
    let counted = Counted::at_scale(1);
    let (head, lines) = (counted.head(), counted.lines());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.xlsx");
    write(&path, &head, &lines, DetailRows::All);
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    assert_eq!(book.sheet_names(), ["汇总", "盘盈", "盘亏", "地点不符", "使用人不符", "待报废", "明细"]);
    let belongs: [(&str, Belongs); 6] = [
        ("盘盈", |l| matches!(l.verdict, Verdict::Unregistered | Verdict::Over | Verdict::DisposedPresent)),
        ("盘亏", |l| matches!(l.verdict, Verdict::Missing | Verdict::Short)),
        ("地点不符", |l| l.verdict == Verdict::Misplaced),
        ("使用人不符", |l| l.verdict == Verdict::WrongKeeper),
        ("待报废", |l| l.state == Some(ItemState::PendingDisposal)),
        ("明细", |_| true),
    ];
    for (sheet, belongs) in belongs {
        let rows = rows_of(&mut book, sheet);
        let mine: Vec<_> = lines.iter().filter(|line| belongs(line)).collect();
        assert!(!mine.is_empty());
        let (number, verdict) = (column(&rows, "资产编号"), column(&rows, "结论"));
        for (row, line) in rows[3..].iter().zip(&mine) {
            assert_eq!(row[number].to_string(), line.item_number, "{sheet}");
            assert!(row[verdict].to_string().ends_with(line.verdict.zh()), "{sheet}");
        }
        let value = column(&rows, "账面价值（元）");
        let plain: i64 = mine.iter().map(|line| line.value.0).sum();
        let shown: f64 = rows[3..3 + mine.len()].iter().filter_map(|row| row[value].get_float()).sum();
        assert_eq!((shown * 100.0).round(), plain as f64, "{sheet}");
        if sheet == "明细" {
            assert_eq!(rows.len(), 3 + mine.len());
        } else {
            let total = &rows[3 + mine.len()];
            assert_eq!(total[0].to_string(), "合计");
            assert_eq!((total[value].get_float().unwrap() * 100.0).round(), plain as f64, "{sheet}");
        }
    }
}

#[test]
fn the_summary_adds_up() {
    let counted = Counted::at_scale(1);
    let (head, lines) = (counted.head(), counted.lines());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.xlsx");
    write(&path, &head, &lines, DetailRows::All);
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    let rows = rows_of(&mut book, "汇总");
    let at = |title: &str| rows.iter().position(|row| row[0] == title).unwrap();
    for title in ["一、按使用部门", "二、按资产分类"] {
        let header = at(title) + 1;
        let end = header + rows[header..].iter().position(|row| row[0] == "合计").unwrap();
        for (index, name) in rows[header].iter().enumerate().skip(1) {
            if ["相符率", "盘点表", ""].contains(&name.to_string().as_str()) {
                continue;
            }
            let sum: f64 = rows[header + 1..end].iter().filter_map(|row| row[index].get_float()).sum();
            let total = rows[end][index].get_float().unwrap();
            assert!((sum - total).abs() < 0.005, "{title} {name}: {sum} {total}");
        }
    }
    let missing = rows[at("一、按使用部门") + 1].iter().position(|cell| *cell == "盘亏").unwrap();
    for (unit, expected) in counted.plan.scope.iter().map(|&unit| {
        let name = &counted.sample.unit(unit).name;
        let lost = lines.iter().filter(|line| line.unit == name && line.verdict == Verdict::Missing).count();
        (name, lost)
    }) {
        let row = rows.iter().find(|row| row[0] == unit.as_str()).unwrap();
        assert_eq!(row[missing].get_float(), Some(expected as f64), "{unit}");
    }
    let verdicts = at("三、按盘点结论") + 2;
    for (row, verdict) in rows[verdicts..].iter().zip(Verdict::ALL) {
        let plain = lines.iter().filter(|line| line.verdict == verdict).count();
        assert!(row[0].to_string().ends_with(verdict.zh()));
        assert_eq!(row[1].get_float(), Some(plain as f64));
    }
}

#[test]
fn text_stays_text_and_what_the_file_tool_does_not_know_is_left_out() {
    let long = "长".repeat(40_000);
    let mut odd = line("=1+1", Verdict::Missing);
    odd.name = "=HYPERLINK(\"http://x\",\"点我\")";
    odd.note = "@SUM(A1)\u{1}\u{b}&<b>\"';\n第二行";
    odd.lead = &long;
    odd.book_keeper = "王㛃";
    odd.book_place = "骉溪派出所䶮山警务室";
    odd.value = Fen(123_456_789_012);
    odd.counted_at = Some(Timestamp::from_shanghai(
        chrono::NaiveDate::from_ymd_opt(2026, 1, 5).unwrap().and_hms_opt(23, 59, 58).unwrap(),
    ));
    let lines = [odd, line("A-2", Verdict::Matched), line("A-3", Verdict::Unregistered)];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.xlsx");
    let head = ReportHead { campaign: "A&B ".to_owned(), ..ReportHead::default() };
    write(&path, &head, &lines, DetailRows::All);
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    let rows = rows_of(&mut book, "明细");
    let cell = |header| rows[3][column(&rows, header)].clone();
    assert_eq!(cell("资产编号"), Data::String("=1+1".to_owned()));
    assert_eq!(cell("资产名称"), Data::String(odd.name.to_owned()));
    assert_eq!(cell("账面使用人"), Data::String("王㛃".to_owned()));
    assert_eq!(cell("账面地点"), Data::String("骉溪派出所䶮山警务室".to_owned()));
    assert_eq!(cell("账面价值（元）").get_float(), Some(1_234_567_890.12));
    assert!(cell("备注").to_string().contains("&<b>\"';\n第二行"));
    assert!(cell("查找线索").to_string().ends_with("长…"));
    let seconds = cell("盘点时间").as_datetime().unwrap().to_string();
    assert!(seconds.starts_with("2026-01-05 23:59:5"), "{seconds}");
    assert!(rows[2].iter().all(|header| !["分类代码", "分类名称", "规格型号"].contains(&header.to_string().as_str())));
    assert!(book.worksheet_formula("明细").unwrap().is_empty());
    let summary = rows_of(&mut book, "汇总");
    assert!(summary.iter().all(|row| row[0] != "二、按资产分类"));
    assert!(summary.iter().any(|row| row[0] == "未知"));
}

#[test]
fn only_lines_that_need_attention_and_the_sheet_says_so() {
    let counted = Counted::at_scale(1);
    let lines = counted.lines();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.xlsx");
    write(&path, &counted.head(), &lines, DetailRows::Attention { rest_in: "verdicts.csv" });
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    let rows = rows_of(&mut book, "明细");
    let shown = lines.iter().filter(|line| line.verdict.needs_attention()).count();
    assert_eq!(rows.len(), 3 + shown);
    let about = rows[1][0].to_string();
    let left_out = hufu::kernel::text::thousands((lines.len() - shown) as u64);
    assert!(about.contains(&left_out) && about.contains("verdicts.csv"), "{about}");
}

#[test]
fn no_lines_at_all_is_a_report_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.xlsx");
    write(&path, &ReportHead::default(), &[], DetailRows::All);
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    assert_eq!(book.sheet_names().len(), 7);
    assert_eq!(rows_of(&mut book, "盘亏")[3][1].to_string(), "无");
}

#[test]
fn the_same_lines_give_the_same_bytes_and_a_failure_leaves_the_old_file() {
    let counted = Counted::at_scale(1);
    let (head, lines) = (counted.head(), counted.lines());
    let folder = tempfile::tempdir().unwrap();
    let paths = ["a.xlsx", "b.xlsx"].map(|name| folder.path().join(name));
    for path in &paths {
        write(path, &head, &lines, DetailRows::All);
    }
    assert!(std::fs::read(&paths[0]).unwrap() == std::fs::read(&paths[1]).unwrap());
    let figures = Figures::from_lines(lines.iter().copied());
    let nowhere = folder.path().join("none/report.xlsx");
    let error = xlsx::write(&nowhere, &head, &figures, DetailRows::All, || lines.iter().copied()).unwrap_err();
    assert!(error.to_string().contains("none"), "{error}");
    let taken = folder.path().join("taken.xlsx");
    std::fs::create_dir(&taken).unwrap();
    xlsx::write(&taken, &head, &figures, DetailRows::All, || lines.iter().copied()).unwrap_err();
    assert!(taken.is_dir() && !folder.path().join("taken.xlsx.part").exists());
}
