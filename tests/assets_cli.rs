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
