//! Figures that leave the house, and the three-way check, as people see them.

use axum_test::TestServer;
use axum_test::multipart::{MultipartForm, Part};
use hufu::access::Role;
use hufu::items::service::NewItem;
use hufu::kernel::Fen;

use super::browser::{TOKEN, browser, in_both_languages, leads, post, status};
use super::support::Office;

fn manager(office: &Office, unit: usize) -> TestServer {
    browser(office, office.people[unit][1], Role::AssetManager, Some(office.units[unit]))
}

fn head(office: &Office, unit: usize) -> TestServer {
    browser(office, office.people[unit][0], Role::UnitHead, Some(office.units[unit]))
}

fn centre(office: &Office) -> TestServer {
    browser(office, office.people[2][1], Role::CommandCentre, None)
}

async fn stock(office: &Office) {
    let acquired_on = chrono::NaiveDate::from_ymd_opt(2021, 3, 5);
    let sound = |number: &str| NewItem { acquired_on, ..office.new_item(number, 0) };
    let cheap = NewItem { value_fen: Fen(50_000), ..sound("R-2") };
    office.register(&[sound("R-0"), sound("R-1"), cheap]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_goes_from_figures_to_the_leader() {
    let office = Office::found().await;
    stock(&office).await;
    let (manager, head) = (manager(&office, 0), head(&office, 0));
    in_both_languages(&manager, "/assets/submissions", "还没有报送件", "No submission yet").await;
    in_both_languages(&manager, "/assets/submissions/new", "不填任何数字", "No figure is typed").await;
    assert!(head.get("/assets/submissions").await.text().contains("由资产管理员或指挥中心编制"));
    let unit = office.units[0].to_string();
    let typed = |day: &'static str, unit: &str| {
        vec![("kind", "annual"), ("unit", Box::leak(unit.to_owned().into_boxed_str()) as &str), ("as_of", day)]
    };
    let late = post(&manager, "/assets/submissions/new", &typed("2027-01-01", &unit)).await;
    assert!(status(&late) == 422 && late.text().contains("不能晚于今天"));
    let all = post(&manager, "/assets/submissions/new", &typed("2026-11-01", "")).await;
    assert!(all.text().contains("管辖范围"), "the whole is not theirs");
    let to = leads(&post(&manager, "/assets/submissions/new", &typed("2026-11-01", &unit)).await);
    assert_eq!(to, "/assets/submissions/BS-2026-0001?said=begun");
    let page = manager.get("/assets/submissions/BS-2026-0001").await.text();
    assert!(page.contains("9,500.00") && page.contains("lines?by=class&#38;key=A0201"), "{page}");
    assert!(page.contains("有提示未说明理由"), "it cannot be handed on yet");
    in_both_languages(&manager, "/assets/submissions/BS-2026-0001", "低于固定资产价值标准", "capitalisation threshold")
        .await;
    let lines = manager.get("/assets/submissions/BS-2026-0001/lines?by=class&key=A0201").await.text();
    assert!(lines.contains("共 3 行") && lines.contains("R-2") && lines.contains("9,500.00"));
    let messages = manager.get("/assets/submissions/BS-2026-0001/messages?rule=below_threshold").await.text();
    assert!(messages.contains("R-2") && messages.contains("单价 500.00 元"));
    let blank = [("rule", "below_threshold"), ("reason", "")];
    let refused = post(&manager, "/assets/submissions/BS-2026-0001/acknowledge", &blank).await;
    assert!(status(&refused) == 422 && refused.text().contains("请写明理由"));
    let said = [("rule", "below_threshold"), ("reason", "批量购置")];
    assert!(leads(&post(&manager, "/assets/submissions/BS-2026-0001/acknowledge", &said).await).ends_with("answered"));
    let handed = post(&manager, "/assets/submissions/BS-2026-0001/prepare", &[("version", "1")]).await;
    assert!(leads(&handed).ends_with("said=prepared"));
    assert!(!manager.get("/").await.text().contains("BS-2026-0001"), "it is no longer theirs to do");
    assert!(head.get("/").await.text().contains("复核："));
    let back = post(&head, "/assets/submissions/BS-2026-0001/send-back", &[("version", "2"), ("reason", "")]).await;
    assert!(status(&back) == 422 && back.text().contains("退回的原因"));
    let old = post(&head, "/assets/submissions/BS-2026-0001/review", &[("version", "1"), ("note", "")]).await;
    assert_eq!(status(&old), 422, "the page is old");
    let read = post(&head, "/assets/submissions/BS-2026-0001/review", &[("version", "2"), ("note", "属实")]).await;
    assert!(leads(&read).ends_with("said=reviewed"));
    let leader = browser(&office, office.people[2][2], Role::BureauLeader, None);
    assert!(leader.get("/").await.text().contains("审批："));
    let same = browser(&office, office.people[0][0], Role::BureauLeader, None);
    assert!(same.get("/assets/submissions/BS-2026-0001").await.text().contains("您已在前一环节签署"));
    let read = post(&leader, "/assets/submissions/BS-2026-0001/approve", &[("version", "3"), ("note", "同意")]).await;
    assert!(leads(&read).ends_with("said=approved"));
    let sent = [("version", "4"), ("sent_to", "市财政局"), ("receipt", "18")];
    assert!(
        leads(&post(&centre(&office), "/assets/submissions/BS-2026-0001/submit", &sent).await).ends_with("submitted")
    );
    let page = leader.get("/assets/submissions/BS-2026-0001").await.text();
    assert!(page.contains("已报送") && page.contains("市财政局") && page.contains("属实"));
    office.register(&[office.new_item("R-9", 0)]).await;
    let now = "/assets/submissions/BS-2026-0001/differences";
    in_both_languages(&leader, now, "新增 · 1", "Added · 1").await;
    for (file, kind) in [("report.pdf", "application/pdf"), ("report.xlsx", "spreadsheetml")] {
        let answer = leader.get(&format!("/assets/submissions/BS-2026-0001/{file}")).await;
        assert!(answer.header("content-type").to_str().unwrap().contains(kind), "{file}");
    }
    // Another unit's is not there.
    let stranger = super::reports::manager(&office, 1);
    for path in ["", "/lines", "/messages", "/differences", "/report.xlsx", "/report.pdf"] {
        assert_eq!(status(&stranger.get(&format!("/assets/submissions/BS-2026-0001{path}")).await), 404, "{path}");
    }
    assert_eq!(status(&post(&leader, "/assets/submissions/BS-2026-0001/burn", &[]).await), 404);
}

async fn send(server: &TestServer, day: &str, content: &str) -> axum_test::TestResponse {
    let form = MultipartForm::new()
        .add_text("csrf", TOKEN)
        .add_text("as_of", day.to_owned())
        .add_part("file", Part::bytes(content.as_bytes().to_vec()).file_name("明细账.csv"));
    server.post("/assets/three-way").multipart(form).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_three_are_held_against_each_other_on_a_page() {
    let office = Office::found().await;
    stock(&office).await;
    let (centre, manager) = (centre(&office), manager(&office, 0));
    in_both_languages(&centre, "/assets/three-way", "还没有核对", "No check yet").await;
    assert!(!manager.get("/assets/three-way").await.text().contains("type=\"file\""), "not theirs to bring");
    let list = "资产编号,账面原值,科目\nR-0,4500,1601\nR-1,4400,1601\nX-1,7,1601\nX-2,,1601\n";
    let none = send(&centre, "2026-11-01", "a,b\n1,2\n").await;
    assert_eq!(status(&none), 422, "{}", none.text());
    let brought = send(&centre, "2026-11-01", list).await;
    let page = brought.text();
    assert!(page.contains("已导入 CW-2026-0001") && page.contains("缺少原值"), "{page}");
    let to = leads(&post(&centre, "/assets/three-way/compare", &[("number", "CW-2026-0001"), ("campaign", "")]).await);
    assert_eq!(to, "/assets/three-way/HD-2026-0001");
    in_both_languages(&centre, &to, "没有已结束的盘点", "No closed count").await;
    let page = centre.get(&to).await.text();
    assert!(
        page.contains("财务有实物账无")
            && page.contains("verdict=not_on_book")
            && page.contains("还有 3 项差异没有说明")
    );
    assert!(manager.get("/").await.text().contains("HD-2026-0001（2 项）"), "what is of no unit is not theirs");
    let theirs = manager.get(&to).await.text();
    assert!(theirs.contains("R-1") && !theirs.contains("X-1"));
    let explain = |verdict: &'static str, lines: &'static str, why: &'static str| {
        vec![("verdict", verdict), ("lines", lines), ("category", "timing"), ("explanation", why)]
    };
    let path = "/assets/three-way/HD-2026-0001/explain";
    for (form, sentence) in [
        (explain("value_differs", "", ""), "请写明差异原因"),
        (explain("", "", "x"), "请选择核对结果"),
        (explain("", "二", "x"), "不是行号"),
        (explain("not_on_book", "", "x"), "没有您可以说明"),
    ] {
        let refused = post(&manager, path, &form).await;
        assert!(status(&refused) == 422 && refused.text().contains(sentence), "{sentence}");
    }
    for verdict in ["value_differs", "not_in_finance"] {
        assert!(leads(&post(&manager, path, &explain(verdict, "", "下月入账")).await).ends_with("explained"));
    }
    let early = post(&centre, "/assets/three-way/HD-2026-0001/close", &[("version", "3")]).await;
    assert!(status(&early) == 422 && early.text().contains("还有 1 项"));
    assert!(leads(&post(&centre, path, &explain("", "4", "查无此物")).await).ends_with("explained"));
    let closed = post(&centre, "/assets/three-way/HD-2026-0001/close", &[("version", "4")]).await;
    assert!(leads(&closed).ends_with("closed"));
    let undo = post(&centre, "/assets/three-way/undo", &[("number", "CW-2026-0001"), ("reason", "错")]).await;
    assert!(status(&undo) == 422 && undo.text().contains("已据此核对完毕"));
    assert_eq!(status(&post(&manager, "/assets/three-way/compare", &[("number", "CW-2026-0001")]).await), 403);
    assert_eq!(status(&centre.get("/assets/three-way/HD-2026-0001/report.xlsx").await), 200);
}
