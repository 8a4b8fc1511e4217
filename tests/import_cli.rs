//! What importing means, through the binary: a dry run writes nothing, a batch is undone by name, what came to be needed
//! since is kept, and a killed import leaves nothing.

#[expect(dead_code, reason = "each test binary uses its part of the office")]
mod cli;

use cli::{Office, rows};

const ASSETS: &str = "资产编号,资产名称,规格型号,使用部门,存放地点,使用人,数量,价值,取得日期,序列号\n\
    GD001,台式计算机,联想M720,治安大队,201室,李四,1,4500,2021-03-05,SN0001\n\
    GD002,激光打印机,惠普M403,治安大队,ZA-202,李四,1,2300,2021-03-05,SN0002\n\
    GD003,执法记录仪,DSJ-A7,裕安派出所,值班室,赵六,1,1500,2022-01-01,AB8O01\n";

fn numbers(office: &Office) -> Vec<String> {
    let found = office.run(&["items", "find", "--json"]).json();
    found
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| item["item_number"].as_str().expect("a number").to_owned())
        .collect()
}

#[test]
fn a_dry_run_tells_all_and_writes_nothing() {
    let office = Office::founded();
    let before = rows(office.database());
    let said = office.import("assets", "a.csv", format!("{ASSETS}GD003,重复,,裕安派出所,,,1,1,,\n"), &["--dry-run"]);
    said.code(1).says("试导入（未写入） 3 行，退回 1 行").says("编号重复，前一次在a.csv第 4 行");
    assert_eq!(rows(office.database()), before);
    assert!(office.read("a.csv.rejects.csv").contains("a.csv,,5,资产编号,GD003,编号重复"));
    office.run(&["import", "assets", "a.csv"]).code(1).says("已导入 3 行");
    assert_eq!(numbers(&office), ["GD001", "GD002", "GD003"]);
}

#[test]
fn an_undone_batch_comes_back_with_its_history() {
    let office = Office::founded();
    let batch = office.import("assets", "a.csv", ASSETS, &["--json"]).code(0).batch();
    office.run(&["import", "assets", "a.csv"]).refused("导入过").refused(&batch);
    office.run(&["import", "undo", &batch]).code(0).says("已撤销资产 3 行");
    assert!(numbers(&office).is_empty());
    office.run(&["items", "show", "GD001"]).refused("没有编号或标签码为“GD001”");
    office.run(&["import", "undo", &batch]).refused("已撤销");
    let again = office.run(&["import", "assets", "a.csv", "--json"]).code(0).batch();
    assert_ne!(again, batch);
    assert_eq!(numbers(&office), ["GD001", "GD002", "GD003"]);
    let history = office.run(&["items", "history", "GD001", "--json"]).json();
    let kinds: Vec<&str> =
        history.as_array().expect("events").iter().filter_map(|event| event["kind"].as_str()).collect();
    assert_eq!(kinds, ["registered", "withdrawn", "registered"]);
}

#[test]
fn what_changed_or_was_counted_since_is_kept_and_named() {
    let office = Office::founded();
    let batch = office.import("assets", "a.csv", ASSETS, &["--json"]).batch();
    office.run(&["items", "change", "GD002", "--place", "201室", "--reason", "搬家"]).code(0);
    let open = ["stocktake", "open", "2026-YE", "--baseline", "2099-12-31", "--unit", "裕安派出所"];
    office.run(&open).code(0);
    office.run(&["stocktake", "scan", "2026-YE", "gd003", "--counter", "赵六", "--place", "值班室"]).code(0);
    let undone = office.run(&["import", "undo", &batch]);
    undone.code(1).says("已撤销资产 1 行").says("保留 2 行（导入后有变动或已被使用）：GD002、GD003");
    assert_eq!(numbers(&office), ["GD002", "GD003"]);
    office.run(&["import", "list"]).code(0).says("部分撤销");
    // The row that went can be brought in again; those that stayed are refused by row.
    office.run(&["import", "assets", "a.csv"]).code(1).says("已导入 1 行，退回 2 行").says("编号已在账");
}

#[test]
fn units_are_undone_from_the_bottom_up_and_kept_while_needed() {
    let office = Office::empty();
    office.run(&["init"]).code(0);
    let units = "单位代码,单位名称,上级单位\nA,甲局,\nB,乙队,甲局\nC,丙组,乙队\n";
    let batch = office.import("units", "u.csv", units, &["--json"]).batch();
    let people = office.import("people", "p.csv", "警号,姓名,所属单位\n1,李四,丙组\n", &["--json"]).batch();
    office.run(&["import", "undo", &batch]).code(1).says("已撤销单位 0 行").says("甲局、乙队、丙组");
    office.run(&["import", "undo", &people]).code(0).says("已撤销人员 1 行");
    office.run(&["import", "undo", &batch]).code(0).says("已撤销单位 3 行");
    // The same units under corrected codes are those units again.
    office
        .import("units", "u2.csv", units.replace("A,", "FJ,").replace("B,", "FJ01,"), &[])
        .code(0)
        .says("已导入 3 行");
    office.run(&["import", "people", "p.csv"]).code(0);
}

#[test]
fn people_and_places_in_use_are_kept() {
    let office = Office::founded();
    office.import("assets", "a.csv", ASSETS, &[]).code(0);
    let batches = office.run(&["import", "list", "--json"]).json();
    let of = |kind: &str| {
        let batches = batches.as_array().expect("a list");
        let batch = batches.iter().find(|batch| batch["kind"] == kind).expect("a batch");
        batch["id"].as_str().expect("an id").to_owned()
    };
    office.run(&["import", "undo", &of("people")]).code(1).says("已撤销人员 1 行").says("李四、赵六");
    office.run(&["import", "undo", &of("places")]).code(1).says("已撤销地点 0 行").says("201室");
    let shown = office.run(&["items", "show", "GD001", "--json"]).json();
    assert_eq!((shown["place"].as_str(), shown["keeper"].as_str()), (Some("201室"), Some("李四")));
}

#[test]
fn what_create_missing_made_goes_with_its_batch_and_comes_again() {
    let office = Office::empty();
    office.run(&["init"]).code(0);
    // Every station has its own 值班室.
    let text = "资产编号,资产名称,使用部门,存放地点,使用人\nG1,椅子,裕安派出所,值班室,王五\nG2,椅子,城南派出所,值班室,赵六\n\
                G3,桌子,裕安派出所,值班室,王五\nG4,桌子,城南派出所,值班室,赵六\n";
    office.import("assets", "a.csv", text, &[]).code(1).says("未登记的单位“裕安派出所”").says("--create-missing");
    let empty = rows(office.database());
    office.run(&["import", "assets", "a.csv", "--create-missing", "--dry-run"]).code(0).says("自动登记 6 项");
    assert_eq!(rows(office.database()), empty);
    let batch = office.run(&["import", "assets", "a.csv", "--create-missing", "--json"]).code(0).batch();
    for (unit, expected) in [("裕安派出所", ["G1", "G3"]), ("城南派出所", ["G2", "G4"])] {
        let found = office.run(&["items", "find", "--unit", unit, "--place", "值班室", "--json"]).json();
        let found: Vec<&str> =
            found.as_array().expect("a list").iter().filter_map(|i| i["item_number"].as_str()).collect();
        assert_eq!(found, expected, "{unit}");
    }
    office.run(&["import", "undo", &batch]).code(0).says("已撤销资产 4 行");
    office.run(&["items", "find", "--unit", "裕安派出所"]).refused("未登记的单位");
    office.run(&["import", "assets", "a.csv", "--create-missing"]).code(0).says("已导入 4 行");
    assert_eq!(numbers(&office), ["G1", "G2", "G3", "G4"]);
}

#[test]
fn a_count_goes_into_its_campaign_and_is_undone_by_negation() {
    let office = Office::founded();
    office.import("assets", "a.csv", ASSETS, &[]).code(0);
    office.run(&["stocktake", "open", "C", "--baseline", "2099-12-31"]).code(0);
    let count = "资产编号,盘点地点,实际使用人,实盘数量\nGD001,201室,李四,1台\nＧＤ００２,201室,,1\n没见过,值班室,,1\nGD003,没有的地方,,1\n";
    let said = office.import("counts", "c.csv", count, &["--campaign", "C", "--counter", "李四", "--json"]);
    let batch = said.code(1).batch();
    assert_eq!(
        (said.json()["taken"].as_u64(), said.json()["rejects"][0]["column"].as_str()),
        (Some(3), Some("盘点地点"))
    );
    let tally = || office.run(&["stocktake", "status", "C", "--json"]).json()["total"].clone();
    let seen = tally();
    let of = |tally: &serde_json::Value, name: &str| tally[name].as_u64().unwrap_or(u64::MAX);
    assert_eq!(["matched", "misplaced", "pending", "unregistered"].map(|name| of(&seen, name)), [1, 1, 1, 1], "{seen}");
    let scans = |rows: Vec<(String, i64)>| rows.into_iter().find(|(table, _)| table == "scans").expect("scans").1;
    let before = scans(rows(office.database()));
    office.run(&["import", "undo", &batch]).code(0).says("已撤销盘点数据 3 行");
    assert_eq!(scans(rows(office.database())), before + 3, "undone by scans that negate, never by deleting");
    assert_eq!(["matched", "misplaced", "pending", "unregistered"].map(|name| of(&tally(), name)), [0, 0, 3, 0]);
    office.run(&["stocktake", "import-count", "nowhere", "c.csv"]).refused("没有编号为“nowhere”的盘点");
}

#[test]
fn an_ambiguous_header_is_asked_for_and_mapped() {
    let office = Office::founded();
    let text = "资产编号,资产名称,单位,科室,存放地点\nG1,椅子,把,治安大队,201室\n";
    office.import("assets", "a.csv", text, &[]).refused("--map unit=");
    office.run(&["import", "assets", "a.csv", "--map", "unit=科室", "--map", "measure_unit=单位"]).code(0);
    let shown = office.run(&["items", "show", "G1"]);
    shown.code(0).says("使用部门  治安大队").says("数量      1 把");
    office.run(&["import", "assets", "a.csv", "--map", "unit=楼层"]).refused("楼层");
    office.run(&["import", "assets", "a.csv", "--map", "nofield=科室"]).refused("没有字段“nofield”");
}

/// Sheets named after rooms, a letterhead of another height on each, headers at different rows and columns. The sheet's
/// name is not taken for the place: the column says it, and where it does not, the row has no place.
#[test]
fn a_workbook_with_a_sheet_a_room_goes_in() {
    let office = Office::founded();
    let mut book = rust_xlsxwriter::Workbook::new();
    for (sheet, top, left, rows) in [
        ("201室", 0_u32, 0_u16, vec![["R1", "台式计算机", "治安大队", "201室"], ["R2", "办公椅", "治安大队", "201室"]]),
        ("202室", 3, 2, vec![["R3", "打印机", "治安大队", "202室"], ["合计", "", "", ""]]),
        ("值班室", 1, 1, vec![["R4", "电视机", "裕安派出所", ""]]),
    ] {
        let page = book.add_worksheet();
        page.set_name(sheet).expect("a name");
        for line in 0..top {
            page.write(line, 0, "青石分局固定资产清册").expect("a letterhead");
        }
        for (column, header) in (left..).zip(["资产编号", "资产名称", "使用部门", "存放地点"]) {
            page.write(top, column, header).expect("a header");
        }
        for (row, cells) in (top + 1..).zip(rows) {
            for (column, cell) in (left..).zip(cells) {
                page.write(row, column, cell).expect("a cell");
            }
        }
    }
    book.save(office.path("rooms.xlsx")).expect("a workbook");
    office.run(&["import", "assets", "rooms.xlsx"]).code(0).says("已导入 4 行").says("跳过合计、小计行 1 行");
    let found = office.run(&["items", "find", "--json"]).json();
    let places: Vec<&str> =
        found.as_array().expect("a list").iter().filter_map(|item| item["place"].as_str()).collect();
    assert_eq!(places, ["201室", "201室", "202室", ""]);
}

/// Killed at any instant, an import is in the book whole or not at all, and can be run again.
#[cfg(unix)]
#[test]
fn a_killed_import_leaves_nothing() {
    let office = Office::founded();
    let mut text = String::from("资产编号,资产名称,使用部门,存放地点\n");
    for number in 0..20_000 {
        text += &format!("K{number:05},办公椅,治安大队,201室\n");
    }
    office.write("many.csv", text);
    let before = rows(office.database());
    let mut child = office.command(&["import", "assets", "many.csv"]).spawn().expect("the binary");
    while child.try_wait().expect("its state").is_none() && !office.database().is_being_written() {
        std::thread::yield_now();
    }
    child.kill().expect("killed");
    child.wait().expect("gone");
    let after = rows(office.database());
    let items = |rows: &[(String, i64)]| rows.iter().find(|(table, _)| table == "items").expect("items").1;
    assert!(after == before || items(&after) == 20_000, "half an import: {after:?}");
    if after == before {
        office.run(&["import", "assets", "many.csv"]).code(0).says("已导入 20000 行");
    }
}
