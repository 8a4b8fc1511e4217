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
