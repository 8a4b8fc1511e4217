//! Pages of the office itself: units, people, places, accounts and rights, rules, chains, the journal, jobs.

use axum_test::TestServer;
use calamine::Reader as _;
use hufu::access::grants;
use hufu::access::{self, Role, accounts};
use hufu::journal::read::{self, Search};
use hufu::journal::{checkpoint, founding, watched};
use hufu::kernel::Ctx;
use hufu::kernel::hash::HashKind;
use hufu::kernel::ids::AccountId;
use hufu::org::entity::person;
use hufu::org::people;
use hufu::watched::tables;
use sea_orm::EntityTrait as _;

use super::browser::{browser, in_both_languages, leads, post, status};
use super::support::{DAY, Office, badge};

fn centre(office: &Office) -> TestServer {
    browser(office, office.people[0][1], Role::CommandCentre, None)
}
fn system(office: &Office) -> TestServer {
    browser(office, office.people[2][1], Role::SystemAdministrator, None)
}
fn security(office: &Office) -> TestServer {
    browser(office, office.people[2][2], Role::SecurityAdministrator, None)
}
fn audit(office: &Office) -> TestServer {
    browser(office, office.people[2][3], Role::AuditAdministrator, None)
}

/// An account that its owner opened, without a role.
async fn account(office: &Office, login: &str) -> AccountId {
    let made = accounts::create(&office.db, &office.ctx, login, office.people[1][2]).await.unwrap();
    access::activate(&office.db, &office.ctx, &made.link, "Tally-of-the-tiger-7").await.unwrap();
    made.account.id
}

/// The day after today, as a form writes it.
fn tomorrow(ctx: &Ctx) -> String {
    hufu::kernel::Timestamp(ctx.now().0 + DAY).day().to_string()
}

/// The journal, with what stood before it.
async fn found_journal(office: &Office) {
    founding::found(&office.db, &office.ctx, HashKind::Sha256).await.unwrap();
    watched::baseline(&office.db, &office.ctx, &tables(), "test").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_speaks_both_languages() {
    let office = Office::found().await;
    office.register(&[office.new_item("XL-0001", 0)]).await;
    found_journal(&office).await;
    let id = account(&office, "zhang.san").await;
    let (unit, person, place) = (office.units[0], office.people[0][2], office.places[0][1]);
    let centre = centre(&office);
    for (path, zh, en) in [
        ("/units".to_owned(), "单位 · 3 个", "Units · 3"),
        (format!("/units/{unit}"), "第0大队", "Who answers for it"),
        ("/units/new".to_owned(), "新增单位", "New unit"),
        (format!("/units/{unit}/edit"), "修改单位：第0大队", "Change unit: 第0大队"),
        (format!("/units/{unit}/close"), "停用单位：第0大队", "Close unit: 第0大队"),
        ("/people".to_owned(), "人员21", "Badge number"),
        (format!("/people/{person}"), "房间01", "Places they answer for"),
        ("/people/new".to_owned(), "新增人员", "New person"),
        (format!("/people/{person}/edit"), "修改人员：人员02", "Change person: 人员02"),
        ("/places".to_owned(), "房间20", "New place"),
        (format!("/places/{place}"), "这里的资产", "Things here"),
        (format!("/places/{place}/edit"), "修改地点：房间01", "Change place: 房间01"),
        ("/roles".to_owned(), "角色权限表", "Table of roles"),
        ("/account/tokens".to_owned(), "我的令牌", "My tokens"),
    ] {
        in_both_languages(&centre, &path, zh, en).await;
    }
    let system = system(&office);
    for (path, zh, en) in [
        ("/accounts".to_owned(), "zhang.san", "Second factor"),
        ("/accounts/new".to_owned(), "开通账号", "New account"),
        (format!("/accounts/{id}"), "登录会话", "Sessions"),
        (format!("/accounts/{id}/reset"), "重置密码", "Reset the password"),
        (format!("/people/{person}/close"), "人员离岗：人员02", "Leaving: 人员02"),
        (format!("/people/{person}/certificate"), "登记数字证书", "Link a certificate"),
        ("/jobs".to_owned(), "后台任务", "Jobs"),
        ("/webhooks".to_owned(), "推送", "Webhooks"),
        ("/webhooks/new".to_owned(), "新增推送", "New webhook"),
    ] {
        in_both_languages(&system, &path, zh, en).await;
    }
    let security = security(&office);
    for (path, zh, en) in [
        (format!("/accounts/{id}/grants/new"), "授权：zhang.san", "Give a role: zhang.san"),
        (format!("/accounts/{id}/tokens/new"), "签发令牌：zhang.san", "Issue a token: zhang.san"),
        ("/tokens".to_owned(), "接口令牌", "Tokens of devices"),
        ("/rules".to_owned(), "连续登录失败几次锁定", "Failed tries that lock"),
        ("/rules/sign_in.tries".to_owned(), "重新规定", "Set anew"),
        ("/chains".to_owned(), "审批流程", "Approval chains"),
        ("/chains/new".to_owned(), "制定新流程", "New chain"),
    ] {
        in_both_languages(&security, &path, zh, en).await;
    }
    let audit = audit(&office);
    for (path, zh, en) in [
        ("/journal", "开通账号", "access.create_account"),
        ("/journal/checkpoints", "还没有签发过检查点", "No checkpoint was ever signed"),
        ("/journal/checkpoints/new", "签发检查点", "Sign a checkpoint"),
        ("/journal/verify", "它不能证明什么", "What it cannot prove"),
    ] {
        in_both_languages(&audit, path, zh, en).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_administrator_has_their_own_line_and_nobody_anothers() {
    let office = Office::found().await;
    found_journal(&office).await;
    let id = account(&office, "zhang.san").await;
    let (centre, system, security, audit) = (centre(&office), system(&office), security(&office), audit(&office));
    let member = browser(&office, office.people[0][3], Role::Member, Some(office.units[0]));
    let person = office.people[0][3];
    // What each of them is answered: centre, system, security, audit, a member of the first unit.
    for (path, answers) in [
        ("/accounts".to_owned(), [403, 200, 200, 200, 403]),
        ("/accounts/new".to_owned(), [403, 200, 403, 403, 403]),
        (format!("/accounts/{id}/reset"), [403, 200, 403, 403, 403]),
        (format!("/accounts/{id}/second-factor"), [403, 403, 200, 403, 403]),
        (format!("/accounts/{id}/nonsense"), [404, 404, 404, 404, 404]),
        (format!("/accounts/{id}/grants/new"), [403, 403, 200, 403, 403]),
        (format!("/accounts/{id}/tokens/new"), [403, 403, 200, 403, 403]),
        (format!("/people/{person}/close"), [403, 200, 403, 403, 403]),
        (format!("/people/{person}/edit"), [200, 403, 403, 403, 403]),
        ("/units/new".to_owned(), [200, 403, 403, 403, 403]),
        ("/rules".to_owned(), [403, 200, 200, 200, 403]),
        ("/chains/new".to_owned(), [403, 403, 200, 403, 403]),
        ("/journal".to_owned(), [403, 403, 403, 200, 403]),
        ("/journal/verify".to_owned(), [403, 403, 403, 200, 403]),
        ("/journal/checkpoints/new".to_owned(), [403, 403, 403, 200, 403]),
        ("/jobs".to_owned(), [403, 200, 403, 403, 403]),
        ("/webhooks".to_owned(), [403, 200, 403, 403, 403]),
        // Out of one's unit is as if it were not there.
        (format!("/units/{}", office.units[1]), [200, 200, 200, 403, 404]),
        (format!("/people/{}", office.people[1][0]), [200, 200, 200, 403, 404]),
        (format!("/places/{}", office.places[1][0]), [200, 200, 200, 403, 404]),
    ] {
        let visitors = [&centre, &system, &security, &audit, &member];
        for ((who, expected), name) in
            visitors.into_iter().zip(answers).zip(["centre", "system", "security", "audit", "member"])
        {
            assert_eq!(status(&who.get(&path).await), expected, "{path} as {name}");
        }
    }
    // What cannot be read cannot be sent either.
    for path in [format!("/accounts/{id}/close"), "/accounts/new".to_owned(), "/rules/sign_in.tries".to_owned()] {
        assert_eq!(status(&post(&centre, &path, &[]).await), 403, "{path}");
    }
    assert_eq!(status(&post(&member, &format!("/units/{}/close", office.units[1]), &[]).await), 404);
    assert_eq!(status(&post(&member, &format!("/units/{}/close", office.units[0]), &[]).await), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_is_entered_changed_and_closed_and_a_refused_form_keeps_what_was_typed() {
    let office = Office::found().await;
    let centre = centre(&office);
    let above = office.units[0].to_string();
    let nasty = "<script>alert(1)</script>";
    let typed = [("code", "D0"), ("name", nasty), ("kind", "派出所"), ("parent_id", above.as_str())];
    let taken = post(&centre, "/units/new", &typed).await;
    assert_eq!(status(&taken), 422);
    let html = taken.text();
    assert!(html.contains("&#60;script&#62;") && !html.contains(nasty), "{html}");
    assert!(html.contains(&format!("<option value=\"{above}\" selected>")), "the unit above is still chosen");
    let made = post(&centre, "/units/new", &[("code", "D9"), ("name", nasty), ("parent_id", &above)]).await;
    let page = leads(&made);
    let html = centre.get(&page).await.text();
    assert!(html.contains("&#60;script&#62;") && !html.contains(nasty));
    let tree = centre.get("/units").await.text();
    assert!(tree.contains("下级单位 1 个") && !tree.contains(nasty));
    assert_eq!(tree.matches("<details open>").count(), tree.matches("</ul></details>").count());

    let path = page.split('?').next().unwrap().to_owned();
    let typed = [("code", "D9"), ("name", "新所"), ("kind", ""), ("parent_id", above.as_str()), ("version", "1")];
    assert_eq!(leads(&post(&centre, &format!("{path}/edit"), &typed).await), format!("{path}?said=saved"));
    let stale =
        post(&centre, &format!("{path}/edit"), &[&typed[..1], &[("name", "旧页面"), typed[3], typed[4]]].concat())
            .await;
    assert_eq!(status(&stale), 422, "somebody changed it since the page was made");
    assert!(stale.text().contains("旧页面"));
    // A unit with people in it stays; an empty one is closed.
    let held = post(&centre, &format!("/units/{above}/close"), &[("version", "1")]).await;
    assert_eq!(status(&held), 422);
    assert!(held.text().contains("人员0"), "it says what is in the way");
    assert_eq!(
        leads(&post(&centre, &format!("{path}/close"), &[("version", "2")]).await),
        format!("{path}?said=closed")
    );
    assert!(centre.get("/units?state=closed").await.text().contains("新所"));
    assert!(!centre.get("/units").await.text().contains("新所"));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_paged_exported_and_leave_after_handing_over() {
    let office = Office::found().await;
    let centre = centre(&office);
    let unit = office.units[1].to_string();
    for n in 0..55 {
        let (name, badge) = (format!("新警{n}"), format!("X{n:03}"));
        let typed = [
            ("name", name.as_str()),
            ("badge_number", &badge),
            ("unit_id", &unit),
            ("duty", "member"),
            ("kind", "officer"),
        ];
        leads(&post(&centre, "/people/new", &typed).await);
    }
    let first = centre.get(&format!("/people?unit={unit}")).await.text();
    let shown = |html: &str| html.matches("data-name=\"姓名\"").count();
    assert_eq!(shown(&first), 50);
    let next = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    let second = centre.get(&next).await.text();
    assert_eq!(shown(&second), 9, "four were there, 55 came");
    let found = centre.get("/people?q=X054").await.text();
    assert_eq!(shown(&found), 1);
    assert_eq!(status(&centre.get("/people?q=%00").await), 422);
    assert_eq!(
        shown(&centre.get("/people?unit=nonsense&after=nonsense").await.text()),
        50,
        "what is no id asks nothing"
    );

    let file = centre.get(&format!("/people?unit={unit}&as=xlsx")).await;
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook_from_rs(std::io::Cursor::new(file.as_bytes().to_vec())).unwrap();
    let sheet = book.worksheet_range("人员").unwrap();
    assert_eq!(sheet.height(), 60);
    assert_eq!(sheet.get((0, 1)).unwrap().to_string(), "警号");

    let refused =
        post(&centre, "/people/new", &[("name", "重号"), ("badge_number", &badge(0, 0)), ("unit_id", &unit)]).await;
    assert_eq!(status(&refused), 422);
    assert!(refused.text().contains("value=\"重号\""));
    let nowhere = post(&centre, "/people/new", &[("name", "无单位")]).await;
    assert_eq!(status(&nowhere), 422);

    // Whoever keeps a room and a thing hands them over first.
    let mut thing = office.new_item("XL-0009", 0);
    thing.keeper_id = Some(office.people[0][2]);
    office.register(&[thing]).await;
    let system = system(&office);
    let path = format!("/people/{}/close", office.people[0][2]);
    let page = system.get(&path).await.text();
    assert!(page.contains("XL-0009") && page.contains("房间01") && page.contains("须先移交"), "{page}");
    let refused = post(&system, &path, &[]).await;
    assert_eq!(status(&refused), 422);
    assert!(people::by_id(office.db.read(), office.people[0][2]).await.unwrap().unwrap().active);
    let free = office.people[0][3];
    assert!(leads(&post(&system, &format!("/people/{free}/close"), &[]).await).ends_with("said=closed"));
    let row: person::Model = people::by_id(office.db.read(), free).await.unwrap().unwrap();
    assert!(!row.active);
    assert_eq!(status(&post(&system, &format!("/people/{free}/close"), &[]).await), 422, "they left already");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_has_its_keeper_its_things_and_its_label() {
    let office = Office::found().await;
    office.register(&[office.new_item("XL-0001", 0)]).await;
    let centre = centre(&office);
    let unit = office.units[0].to_string();
    let typed = |keeper| [("code", "K-1"), ("name", "保险柜"), ("unit_id", unit.as_str()), ("keeper_id", keeper)];
    let unknown = post(&centre, "/places/new", &typed("没有此人")).await;
    assert_eq!(status(&unknown), 422);
    assert!(unknown.text().contains("value=\"没有此人\"") && unknown.text().contains("未登记的人员"));
    let page = leads(&post(&centre, "/places/new", &typed(&badge(0, 2))).await);
    assert!(centre.get(&page).await.text().contains("人员02"));
    let room = office.places[0][0];
    assert!(centre.get(&format!("/places/{room}")).await.text().contains("href=\"/items/XL-0001\""));

    let path = page.split('?').next().unwrap();
    let bad = post(&centre, &format!("{path}/label"), &[("template", "../../etc/passwd")]).await;
    assert_eq!(status(&bad), 422);
    let label = post(&centre, &format!("{path}/label"), &[("template", "asset-60x40")]).await;
    assert_eq!(status(&label), 200);
    assert!(label.as_bytes().starts_with(b"%PDF"));
    let page = centre.get(path).await.text();
    assert!(page.contains("HF"), "the code of its label is shown");
    let full = post(&centre, &format!("/places/{room}/close"), &[("version", "1")]).await;
    assert_eq!(status(&full), 422);
    assert!(full.text().contains("XL-0001"));
    let book = centre.get("/places?as=xlsx").await;
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook_from_rs(std::io::Cursor::new(book.as_bytes().to_vec())).unwrap();
    assert_eq!(book.worksheet_range("地点").unwrap().height(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_made_given_a_role_and_a_token_and_closed() {
    let office = Office::found().await;
    let (system, security) = (system(&office), security(&office));
    let taken = post(&system, "/accounts/new", &[("person", &badge(1, 2)), ("login", "a b")]).await;
    assert_eq!(status(&taken), 422);
    assert!(taken.text().contains("value=\"a b\"") && taken.text().contains(&badge(1, 2)));
    let made = post(&system, "/accounts/new", &[("person", &badge(1, 2)), ("login", "zhang.san")]).await;
    assert_eq!(status(&made), 200);
    let html = made.text();
    let link = html.split("/activate/").nth(1).unwrap().split(['"', '<']).next().unwrap().to_owned();
    access::activate(&office.db, &office.ctx, &link, "Tally-of-the-tiger-7").await.unwrap();
    let account = accounts::by_login(office.db.read(), "zhang.san").await.unwrap().id;
    let path = format!("/accounts/{account}");
    assert!(!system.get(&path).await.text().contains(&link), "it is shown once");

    let grant = format!("{path}/grants/new");
    assert_eq!(status(&post(&security, &grant, &[("role", "king")]).await), 422);
    let unit = office.units[1].to_string();
    let past = post(&security, &grant, &[("role", "member"), ("unit", &unit), ("from", "2020-01-01")]).await;
    assert_eq!(status(&past), 422);
    assert!(past.text().contains("value=\"2020-01-01\"") && past.text().contains("不能追溯"));
    let bad = post(&security, &grant, &[("role", "member"), ("until", "yesterday")]).await;
    assert_eq!(status(&bad), 422);
    let day = tomorrow(&office.ctx);
    let given = post(&security, &grant, &[("role", "member"), ("unit", &unit), ("until", &day)]).await;
    assert!(leads(&given).ends_with("said=granted"));
    let held = grants::list(&office.db, &office.ctx, account).await.unwrap().remove(0);
    assert_eq!(
        held.valid_until.unwrap().0,
        hufu::kernel::Timestamp::start_of_day(day.parse().unwrap()).0 + DAY,
        "to the end of its last day"
    );
    // A role that decides takes the owner or a second administrator at the side, whom a wrong password is not.
    let alone = post(&security, &grant, &[("role", "unit_head"), ("unit", &unit)]).await;
    assert_eq!(status(&alone), 422);
    assert!(alone.text().contains("签署"));
    let wrong = [
        ("role", "unit_head"),
        ("unit", unit.as_str()),
        ("signer_login", "zhang.san"),
        ("signer_password", "no-such-thing"),
    ];
    let wrong = post(&security, &grant, &wrong).await;
    assert_eq!(status(&wrong), 422);
    assert!(!wrong.text().contains("no-such-thing"), "a password is never shown again");

    let token = format!("{path}/tokens/new");
    let nothing = post(&security, &token, &[("name", "扫描枪"), ("expires_at", &day)]).await;
    assert_eq!(status(&nothing), 422);
    assert!(nothing.text().contains("value=\"扫描枪\""));
    let fields =
        [("name", "扫描枪"), ("expires_at", day.as_str()), ("actions", "items.read"), ("actions", "campaigns.count")];
    assert!(leads(&post(&security, &token, &fields).await).ends_with("said=issued"));
    let page = security.get(&path).await.text();
    assert!(page.contains("待领取"));
    let revoke = page.split("href=\"/tokens/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(leads(&post(&security, &format!("/tokens/{revoke}"), &[]).await).ends_with("said=revoked"));
    assert_eq!(status(&post(&security, &format!("/tokens/{revoke}"), &[]).await), 422, "it is over");
    assert_eq!(status(&post(&system, &format!("/tokens/{revoke}"), &[]).await), 404, "not theirs to end");

    let end = format!("/grants/{}/end", held.id);
    assert_eq!(status(&security.get(&end).await), 200);
    assert!(leads(&post(&security, &end, &[]).await).ends_with("said=ended"));
    assert_eq!(status(&post(&security, &end, &[]).await), 422);
    assert!(leads(&post(&system, &format!("{path}/unlock"), &[]).await).ends_with("said=unlocked"));
    assert!(leads(&post(&system, &format!("{path}/order-password"), &[]).await).ends_with("said=ordered"));
    assert!(leads(&post(&security, &format!("{path}/second-factor"), &[]).await).ends_with("said=factor"));
    let reset = post(&system, &format!("{path}/reset"), &[]).await;
    assert!(reset.text().contains("/activate/"), "{}", reset.text());
    assert!(leads(&post(&system, &format!("{path}/close"), &[]).await).ends_with("said=closed"));
    assert_eq!(status(&post(&system, &format!("{path}/close"), &[]).await), 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_and_a_chain_begin_on_a_day_to_come() {
    let office = Office::found().await;
    let security = security(&office);
    let refused = post(&security, "/rules/sign_in.tries", &[("value", "1"), ("source", "分局通知")]).await;
    assert_eq!(status(&refused), 422);
    assert!(refused.text().contains("value=\"分局通知\""));
    let day = tomorrow(&office.ctx);
    let typed = [("value", "7"), ("source", "分局通知"), ("effective_from", day.as_str())];
    assert!(leads(&post(&security, "/rules/sign_in.tries", &typed).await).ends_with("said=saved"));
    let page = security.get("/rules/sign_in.tries").await.text();
    assert!(page.contains("未生效") && page.contains("现行"));
    assert!(security.get("/rules").await.text().contains(&day), "what is to come is told");
    assert_eq!(status(&security.get("/rules/no.such.rule").await), 404);
    assert_eq!(status(&post(&security, "/rules/no.such.rule", &[("value", "1"), ("source", "通知")]).await), 404);

    let chains = security.get("/chains").await.text();
    let kind = chains
        .split("href=\"/chains/")
        .find(|part| !part.starts_with("new") && part.contains('"') && !part.starts_with('<'))
        .unwrap();
    let kind = kind.split('"').next().unwrap().to_owned();
    let filled = security.get(&format!("/chains/new?kind={kind}")).await.text();
    assert!(filled.contains(&format!("value=\"{kind}\"")));
    let chain = |kind, from: &'static str| {
        vec![
            ("kind", kind),
            ("name", "测试审批"),
            ("source", "分局通知"),
            ("effective_from", ""),
            ("from_0", from),
            ("step_0_0", "unit_head@own_unit"),
            ("step_0_1", "bureau_leader@sub_bureau"),
            ("from_1", "10000"),
            ("step_1_0", "bureau_leader@sub_bureau"),
        ]
    };
    let no_day = post(&security, "/chains/new", &chain("test_kind", "0")).await;
    assert_eq!(status(&no_day), 422);
    assert!(no_day.text().contains("<option value=\"bureau_leader@sub_bureau\" selected>"), "steps are kept");
    let mut typed = chain("test_kind", "5");
    typed[3].1 = &day;
    let high = post(&security, "/chains/new", &typed).await;
    assert_eq!(status(&high), 422, "the first tier begins at nothing");
    typed[4].1 = "0";
    assert!(leads(&post(&security, "/chains/new", &typed).await).starts_with("/chains/test_kind"));
    let page = security.get("/chains/test_kind").await.text();
    assert!(page.contains("10,000.00") || page.contains("10000.00"), "{page}");
    assert_eq!(status(&post(&security, "/chains/new", &typed).await), 422, "that day has one");
    let mut today = chain("test_kind", "0");
    let now = office.ctx.now().day().to_string();
    today[3].1 = &now;
    assert_eq!(status(&post(&security, "/chains/new", &today).await), 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_is_browsed_signed_and_checked() {
    let office = Office::found().await;
    found_journal(&office).await;
    let things: Vec<_> = (0..60).map(|n| format!("XL-{n:04}")).collect();
    let centre = centre(&office);
    let unit = office.units[0].to_string();
    for code in &things {
        leads(&post(&centre, "/places/new", &[("code", code), ("name", code), ("unit_id", &unit)]).await);
    }
    let audit = audit(&office);
    let shown = |html: &str| html.matches("data-name=\"时间\"").count();
    let first = audit.get("/journal?action=org.create_place").await.text();
    assert_eq!(shown(&first), 50);
    let next = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    assert_eq!(shown(&audit.get(&next).await.text()), 10);
    for (query, many) in [
        ("action=org.&subject=XL-0007", 1),
        ("actor=%E4%BA%BA%E5%91%9801&subject=XL-0007", 1),
        ("actor=%E6%B2%A1%E6%9C%89%E6%AD%A4%E4%BA%BA", 0),
        ("from=2026-11-01&to=2026-11-01&subject=XL-0007", 1),
        ("from=2026-11-02", 0),
        ("from=nonsense", 0),
        ("action=items.", 0),
    ] {
        let page = audit.get(&format!("/journal?{query}")).await;
        assert_eq!((status(&page), shown(&page.text())), (200, many), "{query}");
    }
    assert_eq!(status(&audit.get("/journal?subject=%00").await), 422);
    let wanted = Search { subject: Some("XL-0007".to_owned()), ..Search::default() };
    let entry = read::list(office.db.read(), &wanted, 1).await.unwrap().remove(0);
    assert!(audit.get(&format!("/journal/{}", entry.id)).await.text().contains("尚未封存"));

    let signed = leads(&post(&audit, "/journal/checkpoints/new", &[]).await);
    assert!(audit.get(&format!("/journal/{}", entry.id)).await.text().contains("证明成立"));
    let page = audit.get(&signed).await.text();
    let newest = checkpoint::newest(office.db.read()).await.unwrap().unwrap();
    assert!(page.contains(&hufu::kernel::hash::hex(&newest.root)));
    let here = signed.split('?').next().unwrap();
    let print = audit.get(&format!("{here}/print.pdf")).await;
    assert!(print.as_bytes().starts_with(b"%PDF"));
    let note = audit.get(&format!("{here}/note.txt")).await.text();
    assert_eq!(note, newest.note);
    leads(&post(&centre, "/places/new", &[("code", "Z"), ("name", "Z"), ("unit_id", &unit)]).await);
    let second = leads(&post(&audit, "/journal/checkpoints/new", &[]).await);
    assert!(audit.get(&second).await.text().contains("其间没有改动"));
    assert_eq!(status(&audit.get("/journal/checkpoints/1").await), 404);

    // The note as a browser sends it: with CR LF, and no line's end at the end.
    let sent = note.trim_end().replace('\n', "\r\n");
    let checked = post(&audit, "/journal/verify", &[("note", &sent)]).await.text();
    assert!(checked.contains("全部相符") && checked.contains("为证"), "{checked}");
    let alone = post(&audit, "/journal/verify", &[("note", "")]).await.text();
    assert!(alone.contains("不能证明日志没有被整本重写"));
    let forged = post(&audit, "/journal/verify", &[("note", "hufu\n1\n<b>x</b>\n")]).await.text();
    assert!(forged.contains("不符") && !forged.contains("<b>x</b>"));
    assert_eq!(status(&post(&audit, "/journal/verify", &[("note", &"长".repeat(5000))]).await), 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_shows_its_secret_once_and_is_ended() {
    let office = Office::found().await;
    let system = system(&office);
    let refused = post(&system, "/webhooks/new", &[("url", "ftp://example.com"), ("events", "finding.opened")]).await;
    assert_eq!(status(&refused), 422);
    assert!(refused.text().contains("value=\"ftp://example.com\"") && refused.text().contains("checked"));
    let none = post(&system, "/webhooks/new", &[("url", "https://203.0.113.9/hook"), ("events", "everything")]).await;
    assert_eq!(status(&none), 422);
    let rows = hufu::webhooks::entity::webhook::Entity::find().all(office.db.read()).await.unwrap();
    assert!(rows.is_empty());
    let made =
        post(&system, "/webhooks/new", &[("url", "https://example.com/hook"), ("events", "finding.opened")]).await;
    assert_eq!(status(&made), 200);
    let html = made.text();
    assert!(html.contains("hfwh_"));
    let id = html.split("href=\"/webhooks/").nth(1).unwrap().split('"').next().unwrap();
    let path = format!("/webhooks/{id}");
    assert!(!system.get(&path).await.text().contains("hfwh_"));
    assert!(leads(&post(&system, &format!("{path}/test"), &[]).await).ends_with("said=sent"));
    assert!(system.get(&path).await.text().contains("待送达"));
    assert!(leads(&post(&system, &format!("{path}/end"), &[]).await).ends_with("said=ended"));
    assert_eq!(status(&post(&system, &format!("{path}/end"), &[]).await), 422);
    let forged = system.post("/webhooks/new").form(&[("csrf", "x"), ("url", "")]).await;
    assert_eq!(status(&forged), 403, "a form that does not carry the token");
}
