//! `hufu fuel-check` on files: what it reads, what it writes.

use std::fs;
use std::path::PathBuf;

use hufu::cli::fuel_check::{Args, Finished, FuelCheckError, run};
use hufu::kernel::Timestamp;
use tempfile::TempDir;

/// 2027-01-01 in Shanghai.
const NOW: Timestamp = Timestamp(1_798_732_800_000);

/// A folder with a register and a statement, and whatever else is put there.
pub(crate) struct Papers(TempDir);

impl Papers {
    pub(crate) fn with(vehicles: impl AsRef<[u8]>, fills: impl AsRef<[u8]>) -> Self {
        let papers = Self(tempfile::tempdir().expect("a folder"));
        fs::write(papers.path("vehicles.csv"), vehicles).expect("the register");
        fs::write(papers.path("fills.csv"), fills).expect("the statement");
        papers
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn args(&self) -> Args {
        let there = |name: &str| Some(self.path(name)).filter(|path| path.exists());
        Args {
            vehicles: self.path("vehicles.csv"),
            fills: self.path("fills.csv"),
            trips: there("trips.csv"),
            odometer: there("odometer.csv"),
            out: self.path("out"),
            map: Vec::new(),
            top: None,
            csv_only: false,
            json: false,
        }
    }

    pub(crate) fn try_run(&self) -> Result<Finished, Box<FuelCheckError>> {
        run(&self.args(), NOW, &mut Vec::new()).map_err(Box::new)
    }

    pub(crate) fn run(&self) -> Finished {
        self.try_run().expect("checked")
    }

    /// A file written, without its byte order mark and with plain line ends.
    pub(crate) fn output(&self, name: &str) -> String {
        let text = fs::read_to_string(self.path("out").join(name)).expect("written");
        text.trim_start_matches('\u{feff}').replace("\r\n", "\n")
    }
}

const REGISTER: &str = "\
中山市某分局公务用车台账
车牌号,油箱容量,油品,百公里油耗,加油卡号,使用部门,使用状况
粤T0001警,55,92号汽油,7.5,1000 1155 0000 0001,治安大队,在用
粤T0002警,60升,0#柴油,9,1000115500000002,指挥中心,在用
粤TD10003,,纯电动,,1000115500000003,指挥中心,在用
粤T0004警,55,92#,8,1000115500000004,治安大队,报废
";

/// Statement rows as the oil company prints them: loads, thousands separators, text dates, a line of totals.
fn statement() -> String {
    let mut text =
        "加油卡交易明细\n序号,卡号,持卡人/车牌,交易时间,交易类型,金额,油品,数量,单价,奖励,余额,网点,里程数,备注\n"
            .to_owned();
    let mut balance = 5_000.0;
    for index in 0..12 {
        let litres = 32.0 + f64::from(index % 3) * 0.5;
        let amount = litres * 7.5;
        balance -= amount;
        text += &format!(
            "{},1000115500000001,张三/粤T0001警,2026年{}月{}日 10:05:00,加油,{amount:.2},92号车用汽油,{litres:.2},7.50,0,\"{}\",中国石化小榄站,\"{}\",\n",
            index + 1,
            1 + index / 5,
            1 + index % 5 * 5,
            thousands(balance),
            thousands(20_000.0 + 400.0 * f64::from(index)),
        );
    }
    text += "13,1000115500000001,张三/粤T0001警,2026年3月11日 09:00:00,圈存,\"1,000.00\",,,,,\"3,087.50\",网上,,\n";
    text += "14,1000115500000002,李四/粤T0001警,2026年3月12日 9:30,加油,300,92号车用汽油,40,7.50,0,,中国石化小榄站,,\n";
    text += "15,1000115500000004,王五,2026年3月13日 9:30,加油,300,92号车用汽油,40,7.50,0,,中国石化小榄站,,\n";
    text += "合计,,,,,\"3,500.00\",,450.00,,,,,,\n";
    text
}

fn thousands(value: f64) -> String {
    let whole = hufu::kernel::text::thousands(value as u64);
    format!("{whole}.{:02}", ((value.fract() * 100.0).round() as u64).min(99))
}

#[test]
fn a_statement_as_it_comes() {
    let papers = Papers::with(REGISTER, statement());
    let finished = papers.run();
    assert_eq!(
        (finished.cars, finished.records, finished.fills, finished.rejects),
        (4, 15, 14, 0),
        "{}",
        papers.output("rejects.csv")
    );
    assert_eq!(finished.exit_code(), 1);
    let anomalies = papers.output("anomalies.csv");
    let mut lines = anomalies.lines();
    assert_eq!(lines.next(), Some("fill_id,plate,filled_at,rule,severity,score,observed,expected,explanation"));
    let said: Vec<_> = lines.map(|line| line.split(',').take(5).collect::<Vec<_>>().join(",")).collect();
    for wanted in
        ["14,粤T0001警,2026-03-12 09:30:00,card_plate_mismatch,high", "15,粤T0004警,2026-03-13 09:30:00,scrapped,high"]
    {
        assert!(said.iter().any(|line| line == wanted), "{wanted} is not in {said:#?}");
    }
    let vehicles = papers.output("vehicles.csv");
    assert!(vehicles.starts_with("plate,km,litres,l_per_100km,cost,fills,anomalies,"), "{vehicles}");
    let first = vehicles.lines().nth(1).unwrap();
    assert!(first.starts_with("粤T0001警,4400,"), "{first}");
    let electric = vehicles.lines().find(|line| line.starts_with("粤TD10003")).unwrap();
    assert!(electric.starts_with("粤TD10003,0,,,0.00,0,0,"), "{electric}");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let papers = Papers::with(REGISTER, statement());
    papers.run();
    let names = ["anomalies.csv", "vehicles.csv", "report.xlsx", "rejects.csv"];
    let bytes = |name: &str| fs::read(papers.path("out").join(name)).unwrap();
    let first = names.map(bytes);
    papers.run();
    assert!(first == names.map(bytes));
}

#[test]
fn in_every_form_that_comes() {
    let text = statement();
    let (gb, ..) = encoding_rs::GB18030.encode(&text);
    let cells = |line: &str| {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(line.as_bytes());
        reader.records().next().unwrap().unwrap().iter().map(|cell| format!("<td>{cell}</td>")).collect::<String>()
    };
    let html = text.lines().map(|line| format!("<tr>{}</tr>", cells(line))).collect::<String>();
    let html = format!("<html><meta charset=\"utf-8\"><body><table>{html}</table></body></html>");
    let papers = Papers::with(REGISTER, &text);
    papers.run();
    let expected = papers.output("anomalies.csv");
    for (what, bytes) in [
        ("GB18030", gb.into_owned()),
        ("with a mark", format!("\u{feff}{text}").into_bytes()),
        ("CRLF", text.replace('\n', "\r\n").into_bytes()),
        ("a web page called .xls", html.into_bytes()),
    ] {
        let papers = Papers::with(REGISTER, bytes);
        papers.run();
        assert_eq!(papers.output("anomalies.csv"), expected, "{what}");
    }
}

#[test]
fn json_for_programs() {
    let papers = Papers::with(REGISTER, statement());
    let mut screen = Vec::new();
    run(&Args { json: true, ..papers.args() }, NOW, &mut screen).unwrap();
    let facts: serde_json::Value = serde_json::from_slice(&screen).unwrap();
    assert_eq!((&facts["needs_attention"], &facts["vehicles"], &facts["fills"]), (&true.into(), &4.into(), &14.into()));
    assert_eq!(facts["by_rule"]["card_plate_mismatch"], 1);
    assert_eq!(facts["files"].as_array().unwrap().len(), 4);
}

#[test]
fn headers_are_mapped_for_each_file() {
    let papers = Papers::with("车,卡\n粤T0001警,C1\n", "哪张卡,几时,多少\nC1,2026-01-01 10:00,400\n");
    let map =
        ["vehicles.plate=车", "vehicles.card_number=卡", "fills.card_number=哪张卡", "filled_at=几时", "litres=多少"];
    let map = map.map(str::to_owned).to_vec();
    let finished = run(&Args { map, ..papers.args() }, NOW, &mut Vec::new()).unwrap();
    assert_eq!((finished.fills, finished.by_rule.len()), (1, 1), "{:?}", finished.by_rule);
    let unknown = run(&Args { map: vec!["colour=红".to_owned()], ..papers.args() }, NOW, &mut Vec::new());
    assert!(unknown.is_err());
}

#[test]
fn logbooks_and_readings_are_read_too() {
    let papers = Papers::with(REGISTER, statement());
    let trips = "车牌号,出车时间,还车时间,出车前里程,还车里程,目的地,驾驶员\n\
        粤T0001警,2026-01-01 08:00,2026-01-01 12:00,\"19,980\",\"20,050\",巡逻,张三\n\
        粤T0009警,2026-01-01 08:00,2026-01-01 12:00,1,2,巡逻,张三\n\
        粤T0001警,2026-01-02 12:00,2026-01-02 08:00,20050,20090,巡逻,张三\n";
    fs::write(papers.path("trips.csv"), trips).unwrap();
    fs::write(
        papers.path("odometer.csv"),
        "车牌号,抄表日期,里程\n粤T0001警,2026-01-31,二万\n粤T0001警,2026-02-28,23950\n",
    )
    .unwrap();
    let finished = papers.run();
    assert_eq!(finished.rejects, 3, "{}", papers.output("rejects.csv"));
    let rejects = papers.output("rejects.csv");
    assert!(rejects.contains("车牌号不在车辆台账") && rejects.contains("还车时间早于出车时间"), "{rejects}");
}

#[test]
fn only_the_weightiest_when_asked() {
    let papers = Papers::with(REGISTER, statement());
    let all = papers.run();
    let top = run(&Args { top: Some(1), ..papers.args() }, NOW, &mut Vec::new()).unwrap();
    assert!(top.fills_flagged <= all.fills_flagged && top.fills_flagged >= 1);
    let first = papers.output("anomalies.csv");
    assert!(first.lines().count() >= 2, "{first}");
}

#[test]
fn the_demonstrations_year_has_one_of_each_kind_and_little_else_is_said() {
    use hufu::cli::demo::sample::fuel::FuelYear;
    let first = chrono::NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();
    let year = FuelYear::generate(2026, first, &["治安大队".to_owned(), "裕安派出所".to_owned()]);
    assert_eq!(year, FuelYear::generate(2026, first, &["治安大队".to_owned(), "裕安派出所".to_owned()]));
    let papers = Papers(tempfile::tempdir().unwrap());
    year.write_csv(papers.0.path()).unwrap();
    let finished = papers.run();
    assert_eq!((finished.cars, finished.rejects), (60, 0), "{}", papers.output("rejects.csv"));
    let anomalies = papers.output("anomalies.csv");
    for (serial, rule) in &year.planted {
        let said = anomalies
            .lines()
            .any(|line| line.starts_with(&format!("{serial},")) && line.contains(&format!(",{rule},")));
        assert!(
            said,
            "{rule} at {serial}:\n{}",
            anomalies.lines().filter(|line| line.contains(serial)).collect::<Vec<_>>().join("\n")
        );
    }
    let honest = finished.fills - year.planted.len();
    let others = finished.fills_flagged.saturating_sub(year.planted.len());
    assert!(others * 50 < honest, "{others} of {honest} honest fills are spoken of");
}
