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
        GD002,激光打印机,LP-1,2010601,治安大队,ZA-202,李四,1,2300,2021-03-05\n";
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
