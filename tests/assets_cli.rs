//! `hufu assets move`: what somebody at the machine asks for, and what they are told.

#[expect(dead_code, reason = "each test binary uses its part of the office")]
mod cli;

use cli::Office;

const ASSETS: &str = "资产编号,资产名称,使用部门,存放地点,使用人,数量,价值,取得日期\n\
    GD001,台式计算机,治安大队,201室,李四,1,4500,2021-03-05\n\
    GD002,激光打印机,治安大队,ZA-202,李四,1,2300,2021-03-05\n";

#[test]
fn things_move_at_the_command_line() {
    let office = Office::founded();
    office.import("assets", "a.csv", ASSETS, &[]).code(0);
    let moves = |args: &[&str]| office.run(&[&["assets", "move"], args].concat());
    moves(&["return", "gd001", "--reason", "不再使用"]).code(0).says("退库 TK-2026-").says("已办结");
    moves(&["return", "gd001", "--reason", "再退一次"]).refused("没有可办理的退库");
    moves(&["transfer", "GD001", "--to", "裕安派出所", "--reason", "支援"]).refused("--by");
    moves(&["transfer", "GD001", "--to", "没有的所", "--reason", "支援", "--by", "002"]).refused("没有的所");
    let asked =
        moves(&["transfer", "GD001", "GD002", "--to", "裕安派出所", "--reason", "支援", "--by", "002", "--json"]);
    let number = asked.code(0).json()["number"].as_str().expect("a number").to_owned();
    moves(&["show", &number]).code(0).says("待审批").says("GD002").says("代录");
    moves(&["carry-out", &number]).refused("待审批");
    moves(&["accept", &number, "--by", "003", "--place", "YA-101"]).refused("待审批");
    let loan = ["loan", "GD001", "--to", "某所", "--due", "2099-01-01", "--reason", "借用", "--by", "002"];
    moves(&loan).refused("归还日期不能超过一年");
    moves(&["list", "--kind", "调拨", "--state", "asked"]).code(0).says(&number);
    moves(&["list", "--kind", "x"]).refused("没有“x”这一类变动");
    moves(&["withdraw", &number, "--reason", "写错了", "--by", "003"]).refused("只有申请人可以撤回");
    moves(&["withdraw", &number, "--reason", "写错了", "--by", "002"]).code(0).says("已撤回");
    moves(&["back", "GD001", "--reason", "归还"]).refused("没有借出");
    moves(&["show", "DB-1999-0001"]).refused("没有这份变动单");
}

#[test]
fn figures_leave_the_house_at_the_command_line() {
    let office = Office::founded();
    let sheet = "资产编号,资产名称,规格型号,分类代码,使用部门,存放地点,使用人,数量,价值,取得日期\n\
        GD001,台式计算机,QH-M650,A02010105,治安大队,201室,李四,1,4500,2021-03-05\n\
        GD002,激光打印机,LP-1,A02021003,治安大队,ZA-202,李四,1,2300,2021-03-05\n";
    office.import("assets", "a.csv", sheet, &[]).code(0);
    let submission = |args: &[&str]| office.run(&[&["assets", "submission"], args].concat());
    submission(&["begin", "--unit", "没有的所"]).refused("没有的所");
    submission(&["begin", "--as-of", "2099-01-01"]).refused("不能晚于今天");
    submission(&["begin", "--kind", "x"]).refused("没有“x”这种报表");
    let begun = submission(&["begin", "--unit", "治安大队", "--json"]);
    let number = begun.json()["number"].as_str().expect("a number").to_owned();
    submission(&["show", &number]).code(0).says("治安大队").says("编制中");
    submission(&["prepare", &number, "--by", "没有的人"]).refused("没有的人");
    submission(&["submit", &number, "--by", "002", "--to", "财政局"]).refused("编制中，不能报送");
    submission(&["differences", &number]).code(0).says("报送时 6,800.00 元，现在 6,800.00 元");
    submission(&["list", "--state", "draft"]).code(0).says(&number);
    submission(&["export", &number, "--out", "报送.doc"]).refused(".xlsx");
    submission(&["void", &number, "--reason", "试编"]).code(0).says("已作废");
}

#[test]
fn the_finance_ledger_is_held_against_the_book_at_the_command_line() {
    let office = Office::founded();
    office.import("assets", "a.csv", ASSETS, &[]).code(0);
    let three = |args: &[&str]| office.run(&[&["assets", "three-way"], args].concat());
    office.write("财务.csv", "资产编号,账面余额\nGD001,4500\nGD002,2000\nX,\n");
    let list = office.path("财务.csv").display().to_string();
    three(&["import", "没有.csv"]).refused("文件或所在的文件夹不存在");
    three(&["import", &list]).refused("原值");
    let brought = three(&["import", &list, "--map", "value=账面余额", "--json"]);
    let batch = brought.code(1).json()["number"].as_str().expect("a number").to_owned();
    let made = three(&["compare", &batch, "--json"]);
    let check = made.code(1).json();
    assert_eq!((check["differences"].as_i64(), check["with_count"].as_bool()), (Some(1), Some(false)));
    let number = check["number"].as_str().expect("a number").to_owned();
    three(&["show", &number, "--open"]).code(0).says("GD002").says("原值不符");
    three(&["close", &number]).refused("还有 1 项差异");
    let explain = ["explain", &number, "--category", "登记有误待更正", "--reason", "财务少记 300 元", "--by", "002"];
    three(&explain).refused("--lines");
    three(&[&explain[..], &["--verdict", "原值不符"]].concat()).code(0).says("已说明 1 项");
    three(&["close", &number]).code(0).says("已核对");
    three(&["undo", &batch, "--reason", "x"]).refused("已据此核对完毕");
}

#[test]
fn missing_and_surplus_things_at_the_command_line() {
    let office = Office::founded();
    office.import("assets", "a.csv", ASSETS, &[]).code(0);
    office.run(&["stocktake", "carry-over", "--year", "2023", "GD001"]).code(0);
    let missing = |args: &[&str]| office.run(&[&["assets", "missing"], args].concat());
    missing(&["list", "--year", "2023"]).code(0).says("GD001").says("查找中");
    missing(&["list", "--state", "x"]).refused("没有“x”这一状态");
    missing(&["send", "--year", "2023", "--due", "2020-01-01"]).refused("不能早于今天");
    missing(&["show", "GD002"]).refused("没有这件资产的盘亏记录");
    missing(&["confirm", "GD001", "--by", "003"]).refused("须先说明盘亏原因");
    let search = ["search", "GD001", "--at", "库房", "--who", "002", "--result", "有线索"];
    missing(&search).code(0).says("查找中");
    missing(&["explain", "GD001", "--reason", "搬迁遗失"]).code(0);
    missing(&["confirm", "GD001", "--by", "003"]).code(0).says("已确认盘亏");
    missing(&["judge", "GD001", "--degree", "full", "--basis", "失职", "--by", "003"]).refused("请填写责任人");
    missing(&["judge", "GD001", "--degree", "无责任", "--basis", "无过错", "--by", "003"]).code(0);
    missing(&["tick", "GD001", "1.1"]).refused("须附材料");
    missing(&["tick", "GD001", "1.2"]).code(0);
    missing(&["show", "GD001"]).code(0).says("[✓] 1.2").says("[ ] 1.1").says("库房 有线索");
    let off = ["write-off", "GD001", "--decision", "纪要", "--approval-number", "批复", "--voucher", "记-1"];
    missing(&[&off[..], &["--voucher-on", "2026-01-01"]].concat()).refused("不能核销");
    let form = office.path("form.pdf");
    missing(&["form", "GD001", "--out", form.to_str().expect("a path")]).code(0);
    assert!(std::fs::read(&form).expect("the form").starts_with(b"%PDF-"));
    missing(&["found", "GD001", "--note", "在旧库房"]).code(0).says("已找回");
    missing(&["figures"]).code(0).says("找回 2023 年盘亏 1 件");
    let surplus = |args: &[&str]| office.run(&[&["assets", "surplus"], args].concat());
    let opened = surplus(&["open", "旧风扇", "--unit", "治安大队", "--json"]);
    let number = opened.code(0).json()["number"].as_str().expect("a number").to_owned();
    surplus(&["identify", &number, "--foreign", "--note", "房东的"]).code(0).says("他人财物");
    surplus(&["hand-over", &number, "--to", "房东，凭收条"]).code(0).says("已移交物主");
    surplus(&["drop", &number, "--reason", "x"]).refused("不能不予入账");
    surplus(&["gather", "没有"]).refused("没有这次盘点");
    surplus(&["list"]).code(0).says(&number);
}
