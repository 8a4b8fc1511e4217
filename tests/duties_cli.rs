//! `hufu findings`, `approvals`, `jobs`, `tokens`: what somebody at the machine sees and does of duties.

#[expect(dead_code, reason = "each test binary uses its part of the office")]
mod cli;

use cli::Office;
use hufu::kernel::clock::{Clock as _, SystemClock};

const ASSETS: &str = "资产编号,资产名称,使用部门,存放地点,使用人,数量,价值,取得日期\n\
    GD001,台式计算机,治安大队,201室,李四,1,4500,2021-03-05\n\
    GD002,激光打印机,治安大队,ZA-202,李四,1,2300,2021-03-05\n";

/// A count that nobody found anything in, closed.
fn counted() -> Office {
    let office = Office::founded();
    office.import("assets", "a.csv", ASSETS, &["--as-of", "2025-12-31"]).code(0);
    let stocktake = |args: &[&str]| office.run(&[&["stocktake"], args].concat());
    let opened = ["open", "2025-YE", "--name", "年终盘点", "--baseline", "2025-12-31", "--unit", "治安大队"];
    stocktake(&opened).code(0);
    stocktake(&["submit", "2025-YE", "--unit", "治安大队", "--by", "李四"]).code(1);
    stocktake(&["confirm", "2025-YE", "--unit", "治安大队", "--by", "张三㛃"]).code(0);
    stocktake(&["close", "2025-YE"]).code(1);
    office
}

#[test]
fn a_finding_is_carried_to_its_end_at_the_command_line() {
    let office = counted();
    let findings = |args: &[&str]| office.run(&[&["findings"], args].concat());
    let rows = findings(&["list", "--kind", "盘亏", "--json"]).json();
    let rows = rows.as_array().expect("a list");
    assert_eq!(rows.len(), 2, "{rows:?}");
    let id = rows[0]["id"].as_str().expect("an id").to_owned();
    findings(&["list", "--kind", "没有这类"]).refused("没有“没有这类”这类问题");
    findings(&["list", "--state", "closed"]).code(0).says("没有这样的问题");
    findings(&["explain", &id, "--text", "搬家时遗失", "--by", "002"]).refused("交办");
    findings(&["assign", &id, "--to", "002", "--due", "2020-01-01"]).refused("期限");
    findings(&["assign", &id, "--to", "002"]).code(0).says("待说明");
    findings(&["verify", &id, "--text", "属实", "--by", "003"]).refused("待说明");
    findings(&["explain", &id, "--text", " ", "--by", "002"]).refused("请写明情况说明");
    findings(&["explain", &id, "--text", "搬家时遗失", "--by", "002"]).code(0).says("待核实");
    findings(&["verify", &id, "--text", "属实", "--by", "002"]).code(2);
    findings(&["show", &id]).code(0).says("代录").says("尚缺");
    findings(&["show", "00000000-0000-7000-8000-000000000000"]).code(2);
}

#[test]
fn tokens_are_issued_taken_once_and_ended() {
    let office = Office::founded();
    office.run(&["accounts", "create", "lisi", "--person", "002"]).code(0);
    office.run(&["accounts", "grant", "lisi", "专职管理员", "--unit", "治安大队"]).code(0);
    let tokens = |args: &[&str]| office.run(&[&["tokens"], args].concat());
    let until = (SystemClock.now().day() + chrono::Days::new(30)).to_string();
    let issue = |login: &str, may: &str, until: &str| {
        tokens(&["issue", login, "--name", "扫描枪一号", "--may", may, "--until", until, "--json"])
    };
    issue("lisi", "campaigns.count", "2020-01-01").refused("365 天");
    issue("lisi", "nothing.at_all", &until).refused("没有“nothing.at_all”这种操作");
    issue("wangwu", "campaigns.count", &until).code(2);
    let issued = issue("lisi", "campaigns.count", &until);
    let id = issued.code(0).json()["id"].as_str().expect("an id").to_owned();
    tokens(&["list"]).code(0).says("待领取");
    let claimed = tokens(&["claim", &id, "--json"]);
    assert!(claimed.code(0).json()["secret"].as_str().expect("a secret").starts_with("hufu_"));
    tokens(&["claim", &id]).refused("已领取");
    tokens(&["list", "--account", "lisi"]).code(0).says("有效").says("campaigns.count");
    tokens(&["revoke", &id]).code(0).says("已吊销");
    tokens(&["revoke", &id]).refused("已吊销");
}

#[test]
fn what_waits_for_a_yes_and_the_chains_are_shown() {
    let office = Office::founded();
    office.import("assets", "a.csv", ASSETS, &[]).code(0);
    let ask = ["assets", "move", "transfer", "GD001", "--to", "裕安派出所", "--reason", "支援", "--by", "002"];
    office.run(&ask).code(0);
    let approvals = |args: &[&str]| office.run(&[&["approvals"], args].concat());
    let rows = approvals(&["list", "--state", "waiting", "--json"]).json();
    let id = rows[0]["request"]["id"].as_str().expect("an id").to_owned();
    approvals(&["list"]).code(0).says("asset_transfer").says("正在审批");
    approvals(&["show", &id]).code(0).says("申请：").says("单位负责人（本单位）");
    approvals(&["chains"]).code(0).says("asset_loan").says("单位负责人");
    approvals(&["list", "--state", "没有"]).refused("没有“没有”这种状态");
    office.run(&["jobs"]).code(0).says("没有这样的任务");
    office.run(&["jobs", "--state", "gone"]).refused("没有“gone”这种状态");
}

#[test]
fn who_watches_over_the_armouries_is_told_at_the_command_line() {
    let office = Office::founded();
    let firearms = |args: &[&str]| office.run(&[&["firearms"], args].concat());
    firearms(&["inspections"]).code(0).says("检查表");
    firearms(&["inspections", "--all"]).code(0).says("检查人员");
    firearms(&["audits"]).code(0).says("抽查人");
    firearms(&["audits", "CC-2026-0001"]).refused("没有这次抽查");
    firearms(&["shifts"]).code(0).says("差异");
    firearms(&["shifts", "JB-2026-0001"]).refused("没有这次交接");
    firearms(&["visits", "QK-9"]).refused("没有这个枪弹库");
    let alone = ["enter", "QK-9", "--visitor", "张检查", "--companions", "0", "--reason", " "];
    firearms(&alone).refused("请写明事由");
    firearms(&["leave", "00000000-0000-0000-0000-000000000000"]).refused("没有这条进出库登记");
    firearms(&["bulletins", "--draft", "2099-01-01"]).refused("尚未结束");
    let drafted = firearms(&["bulletins", "--draft", "2025-01-08", "--json"]).json();
    let number = drafted["number"].as_str().expect("a number").to_owned();
    firearms(&["bulletins", "--draft", "2025-01-06"]).refused("已有通报");
    firearms(&["bulletins"]).code(0).says(&number).says("2025-01-12").says("草稿");
    firearms(&["bulletins", &number]).code(0);
}
