//! Findings and approvals.

use axum_test::TestServer;
use calamine::Reader as _;
use hufu::access::Role;
use hufu::approvals::service::{self as approvals, NewRequest};
use hufu::findings::entity::finding;
use hufu::findings::model::State;
use hufu::findings::possible;
use hufu::findings::service;
use hufu::findings::{Kind, NewFinding, open_many, store};
use hufu::journal::RowsDigest;
use hufu::kernel::ids::FindingId;
use hufu::kernel::{Ctx, Fen};
use sea_orm::EntityTrait as _;

use super::browser::{browser, in_both_languages, leads, post, status};
use super::support::{DAY, Office, badge};
use super::web::holding;

async fn open(office: &Office, titles: &[&str], unit: usize) -> Vec<FindingId> {
    let new = |title: &&str| NewFinding {
        room: "test",
        origin: (*title).to_owned(),
        link: "/campaigns/T".to_owned(),
        kind: Kind::Damaged,
        unit: Some(office.units[unit]),
        item: None,
        title: (*title).to_owned(),
        description: String::new(),
    };
    let new: Vec<NewFinding> = titles.iter().map(new).collect();
    let ctx = &office.ctx;
    let opened = office.db.write(async |tx| open_many(tx, ctx, new.clone(), &mut RowsDigest::new(ctx)).await);
    opened.await.unwrap().into_iter().map(|row| row.id).collect()
}

fn centre(office: &Office) -> TestServer {
    browser(office, office.people[2][1], Role::CommandCentre, None)
}

fn owner(office: &Office) -> TestServer {
    browser(office, office.people[0][2], Role::Member, Some(office.units[0]))
}

async fn row(office: &Office, id: FindingId) -> finding::Model {
    finding::Entity::find_by_id(id).one(office.db.read()).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_counts_filters_goes_on_and_is_taken_away() {
    let office = Office::found().await;
    let titles: Vec<String> = (0..60).map(|n| format!("损坏：第 {n} 件")).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    open(&office, &titles, 0).await;
    open(&office, &["<script>alert(1)</script>"], 1).await;
    let centre = centre(&office);
    in_both_languages(&centre, "/findings", "未销号 61", "61 not closed").await;
    let page = centre.get("/findings").await.text();
    assert!(page.contains("&#60;script&#62;alert(1)") && !page.contains("<script>alert"), "{page}");
    assert!(page.contains("href=\"/findings?state=open&#38;kind=damaged\">61</a>"), "{page}");
    let next = page.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let rest = centre.get(&next).await.text();
    assert_eq!((page.matches("name=\"id\"").count(), rest.matches("name=\"id\"").count()), (50, 11));
    let unit = format!("/findings?unit={}", office.units[1]);
    assert_eq!(centre.get(&unit).await.text().matches("name=\"id\"").count(), 1);
    assert!(centre.get("/findings?mine=yes").await.text().contains("没有这样的问题"));
    assert!(!centre.get("/findings?overdue=yes").await.text().contains("name=\"id\""));
    office.clock.advance_ms(60 * DAY);
    assert_eq!(centre.get("/findings?overdue=yes").await.text().matches("name=\"id\"").count(), 50);
    for bad in ["state=gone", "kind=gone", "unit=1", "after=x"] {
        assert_eq!(status(&centre.get(&format!("/findings?{bad}")).await), 422, "{bad}");
    }
    let sheet = centre.get("/findings?as=xlsx&state=open").await;
    let mut book = calamine::open_workbook_from_rs::<calamine::Xlsx<_>, _>(std::io::Cursor::new(sheet.into_bytes()));
    let range = book.as_mut().unwrap().worksheet_range("问题").unwrap();
    assert_eq!(range.height(), 62);
    // A member of another unit sees none of it, by list or by address.
    let elsewhere = browser(&office, office.people[2][2], Role::Member, Some(office.units[2]));
    let page = elsewhere.get("/findings").await.text();
    assert!(page.contains("没有这样的问题") && !page.contains("name=\"id\""), "{page}");
    let other = browser(&office, office.people[1][2], Role::Member, Some(office.units[1]));
    let page = other.get("/findings").await.text();
    assert!(page.contains("alert(1)") && page.contains("交办问题由指挥中心办理") && !page.contains("name=\"id\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_given_out_at_once_and_a_refusal_keeps_what_was_typed() {
    let office = Office::found().await;
    let ids = open(&office, &["一", "二", "三"], 0).await;
    let [one, two, three] = [ids[0].to_string(), ids[1].to_string(), ids[2].to_string()];
    let (centre, member) = (centre(&office), badge(0, 2));
    let typed = [("id", one.as_str()), ("id", &two), ("deadline_at", "2026-11-20"), ("back", "/findings?state=open")];
    let refused = post(&centre, "/findings/assign", &[&typed[..], &[("owner_id", "没有的人")]].concat()).await;
    assert_eq!(status(&refused), 422);
    let html = refused.text();
    assert!(html.contains("未登记的人员“没有的人”") && html.contains("value=\"2026-11-20\""), "{html}");
    assert_eq!(html.matches(" checked").count(), 2);
    let past = [&typed[..2], &[("owner_id", member.as_str()), ("deadline_at", "2020-01-01")]].concat();
    let past = post(&centre, "/findings/assign", &past).await;
    assert!(status(&past) == 422 && past.text().contains("期限须晚于现在"));
    assert_eq!(status(&post(&centre, "/findings/assign", &[("owner_id", member.as_str())]).await), 422, "none ticked");
    let done = post(&centre, "/findings/assign", &[&typed[..], &[("owner_id", member.as_str())]].concat()).await;
    let back = leads(&done);
    assert_eq!(back, "/findings?state=open&said=assigned-2");
    assert!(centre.get(&back).await.text().contains("已交办 2 个问题"));
    let given = row(&office, ids[0]).await;
    assert_eq!((given.state, given.owner_id), (State::Assigned, Some(office.people[0][2])));
    assert_eq!(given.deadline_at.to_string(), "2026-11-20 23:59:59");
    // One that is explained already holds none of the others back.
    let me = holding(&office, office.people[0][2], Role::Member, Some(office.units[0]));
    service::explain(&office.db, &me, ids[0].into(), "磕碰").await.unwrap();
    let mixed = [("id", one.as_str()), ("id", &three), ("owner_id", member.as_str())];
    let mixed = post(&centre, "/findings/assign", &mixed).await;
    assert!(status(&mixed) == 422 && mixed.text().contains("已交办 1 个，1 个没有交办"), "{}", mixed.text());
    assert_eq!(row(&office, ids[2]).await.state, State::Assigned);
    assert_eq!(status(&post(&owner(&office), "/findings/assign", &[("id", &three)]).await), 403);
    let away = [("id", three.as_str()), ("owner_id", member.as_str()), ("back", "//evil.example/findings")];
    assert_eq!(leads(&post(&centre, "/findings/assign", &away).await), "/findings?said=assigned-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_goes_all_the_way_on_its_page() {
    let office = Office::found().await;
    let id = open(&office, &["损坏：电脑"], 0).await[0];
    let at = format!("/findings/{id}");
    let (centre, owner) = (centre(&office), owner(&office));
    in_both_languages(&centre, &at, "办理经过", "What happened").await;
    let page = centre.get(&at).await.text();
    assert!(page.contains("href=\"/stocktake/T\"") && page.contains("此问题待交办，不能核实"), "{page}");
    let version = async || row(&office, id).await.version.to_string();
    let step = async |who: &TestServer, name: &str, fields: &[(&str, &str)]| {
        let version = version().await;
        post(who, &format!("{at}/{name}"), &[fields, &[("version", &version)]].concat()).await
    };
    assert_eq!(leads(&step(&centre, "assign", &[("owner_id", "人员02")]).await), format!("{at}?said=assign"));
    let blank = step(&owner, "explain", &[("explanation", " ")]).await;
    assert!(status(&blank) == 422 && blank.text().contains("请写明情况说明"), "{}", blank.text());
    leads(&step(&owner, "explain", &[("explanation", "三月搬家时磕碰")]).await);
    let own = step(&owner, "verify", &[("remark", "属实")]).await;
    assert_eq!(status(&own), 403, "a member verifies nothing");
    leads(&step(&centre, "send-back", &[("reason", "写明地点")]).await);
    leads(&step(&owner, "explain", &[("explanation", "在一楼")]).await);
    // What changed meanwhile is not decided blindly, and what was typed stays.
    let late = post(&centre, &format!("{at}/verify"), &[("remark", "属实，同意"), ("version", "1")]).await;
    assert!(status(&late) == 422 && late.text().contains("刚被他人办理过"), "{}", late.text());
    assert!(late.text().contains(">属实，同意</textarea>"));
    leads(&step(&centre, "verify", &[("remark", "属实")]).await);
    let early = step(&centre, "close", &[("remark", "完")]).await;
    assert!(status(&early) == 422 && early.text().contains("尚缺证据"), "{}", early.text());
    let nameless = step(&owner, "evidence", &[("kind", "nothing"), ("note", "照片"), ("reference", "一号")]).await;
    assert!(status(&nameless) == 422 && nameless.text().contains("value=\"一号\""));
    leads(&step(&owner, "evidence", &[("kind", "photo"), ("note", "<b>照片</b>"), ("reference", "")]).await);
    assert!(centre.get(&at).await.text().contains("&#60;b&#62;照片"));
    leads(&step(&centre, "close", &[("remark", "完")]).await);
    assert_eq!(row(&office, id).await.state, State::Closed);
    leads(&step(&centre, "reopen", &[("reason", "照片不清")]).await);
    assert_eq!(status(&step(&centre, "nothing", &[]).await), 404);
    let elsewhere = browser(&office, office.people[1][2], Role::Member, Some(office.units[1]));
    assert_eq!(status(&elsewhere.get(&at).await), 404);
    assert_eq!(status(&step(&elsewhere, "explain", &[("explanation", "x")]).await), 404);
}

/// Whether the service takes each step, tried in the order of [`possible::Possible`].
async fn tried(office: &Office, ctx: &Ctx, id: FindingId, n: usize) -> bool {
    let (db, target) = (&office.db, id.into());
    let new = service::NewEvidence { kind: hufu::findings::EvidenceKind::Photo, note: "x".to_owned(), reference: None };
    match n {
        0 => service::assign(db, ctx, target, office.people[0][3], None).await.is_ok(),
        1 => service::explain(db, ctx, target, "x").await.is_ok(),
        2 => service::add_evidence(db, ctx, target, new).await.is_ok(),
        3 => service::send_back(db, ctx, target, "x").await.is_ok(),
        4 => service::verify(db, ctx, target, "x").await.is_ok(),
        5 => service::close(db, ctx, target, "x").await.is_ok(),
        _ => service::reopen(db, ctx, target, "x").await.is_ok(),
    }
}

#[tokio::test]
async fn what_is_shown_as_possible_is_what_the_service_takes() {
    let office = Office::found().await;
    let of = |unit: usize, n: usize, role, over| holding(&office, office.people[unit][n], role, over);
    let centre = of(2, 1, Role::CommandCentre, None);
    let owner = of(0, 2, Role::Member, Some(office.units[0]));
    let all = [
        centre.clone(),
        owner.clone(),
        of(0, 3, Role::Member, Some(office.units[0])),
        of(0, 0, Role::UnitHead, Some(office.units[0])),
        of(0, 2, Role::CommandCentre, None),
        of(1, 0, Role::UnitHead, Some(office.units[1])),
        of(1, 1, Role::Inspector, None),
        office.ctx.clone(),
    ];
    let (db, mut seen) = (&office.db, hashbrown::HashSet::new());
    for state in 0..5 {
        for (who, ctx) in all.iter().enumerate() {
            for step in 0..7 {
                let id = open(&office, &[&format!("{state}-{who}-{step}")], 0).await[0];
                if state > 0 {
                    service::assign(db, &centre, id.into(), office.people[0][2], None).await.unwrap();
                }
                if state > 1 {
                    service::explain(db, &owner, id.into(), "x").await.unwrap();
                }
                if state > 2 {
                    service::verify(db, &centre, id.into(), "x").await.unwrap();
                }
                if state > 3 {
                    let kind = hufu::findings::EvidenceKind::Photo;
                    let new = service::NewEvidence { kind, note: "x".to_owned(), reference: None };
                    service::add_evidence(db, &owner, id.into(), new).await.unwrap();
                    service::close(db, &centre, id.into(), "x").await.unwrap();
                }
                let (row, evidence) = (row(&office, id).await, store::evidence(db.read(), id).await.unwrap());
                let can = possible::of(db.read(), ctx, &row, &evidence).await.unwrap();
                let why = [can.assign, can.explain, can.evidence, can.send_back, can.verify, can.close, can.reopen];
                let done = tried(&office, ctx, id, step).await;
                assert_eq!(why[step].is_none(), done, "state {state}, person {who}, step {step}: {:?}", why[step]);
                seen.insert((step, done));
            }
        }
    }
    assert!(seen.len() >= 13, "steps were taken and refused, close with its evidence aside: {seen:?}");
}

async fn ask(office: &Office, reason: &str) -> String {
    let ctx = holding(office, office.people[0][2], Role::Member, Some(office.units[0]));
    let new = NewRequest {
        kind: "vehicle_trip".to_owned(),
        subject_room: "vehicles".to_owned(),
        subject_id: format!("粤X0001·{reason}"),
        unit: office.units[0],
        amount: Fen(123_456),
        reason: reason.to_owned(),
        payload: serde_json::json!({ "目的地": "<市局>" }),
        urgent: false,
    };
    approvals::create(&office.db, &ctx, &new).await.unwrap().id.to_string()
}

/// The unit's head, with an account and a grant, so that a chain finds them.
async fn post_of_head(office: &Office, unit: usize, login: &str) {
    super::visitor::account(office, login, office.people[unit][0], Role::UnitHead, Some(office.units[unit])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_waits_for_its_decider_and_is_decided_once() {
    let office = Office::found().await;
    post_of_head(&office, 0, "tou.er").await;
    let head = browser(&office, office.people[0][0], Role::UnitHead, Some(office.units[0]));
    let asker = owner(&office);
    let (one, two, three) = (ask(&office, "<i>巡逻</i>").await, ask(&office, "送检").await, ask(&office, "出警").await);
    in_both_languages(&head, "/approvals", "等我办理 3", "3 waiting for me").await;
    let list = head.get("/approvals").await.text();
    assert!(list.contains("&#60;i&#62;巡逻") && list.contains("1,234.56 元") && list.contains("公务用车"), "{list}");
    assert!(asker.get("/approvals").await.text().contains("没有等您审批的事项"));
    assert!(asker.get("/approvals?view=mine").await.text().contains("送检"));
    assert_eq!(status(&head.get("/approvals?view=nothing").await), 422);
    let at = format!("/approvals/{one}");
    in_both_languages(&head, &at, "等待：人员00", "Waits for 人员00").await;
    assert!(head.get(&at).await.text().contains("&#60;市局&#62;"));
    let own = asker.get(&at).await.text();
    assert!(own.contains("您没有“审批”的权限") && own.contains("action=\"/approvals/"), "{own}");
    let bare = post(&head, &format!("{at}/decide"), &[("step", "1"), ("approved", "no"), ("reason", "")]).await;
    assert!(status(&bare) == 422 && bare.text().contains("不能为空"), "{}", bare.text());
    let other = [("step", "2"), ("approved", "yes"), ("reason", "同意出车")];
    let other = post(&head, &format!("{at}/decide"), &other).await;
    assert!(status(&other) == 422 && other.text().contains(">同意出车</textarea>"), "{}", other.text());
    leads(&post(&head, &format!("{at}/decide"), &[("step", "1"), ("approved", "yes")]).await);
    let again = post(&head, &format!("{at}/decide"), &[("step", "1"), ("approved", "no"), ("reason", "晚了")]).await;
    assert!(status(&again) == 422 && again.text().contains("已批准"), "{}", again.text());
    leads(&post(&asker, &format!("/approvals/{two}/withdraw"), &[("reason", "不去了")]).await);
    leads(&post(&asker, &format!("/approvals/{three}/use"), &[("reason", "紧急出警")]).await);
    assert!(head.get("/approvals").await.text().contains("补批期限"));
    office.clock.advance_ms(2 * DAY);
    assert!(head.get("/approvals").await.text().contains("已过补批期限"));
    let elsewhere = browser(&office, office.people[1][2], Role::Member, Some(office.units[1]));
    assert_eq!(status(&elsewhere.get(&at).await), 404);
    assert!(!elsewhere.get("/approvals?view=all").await.text().contains("送检"));
    let sheet = head.get("/approvals?view=all&as=xlsx").await;
    let mut book = calamine::open_workbook_from_rs::<calamine::Xlsx<_>, _>(std::io::Cursor::new(sheet.into_bytes()));
    assert_eq!(book.as_mut().unwrap().worksheet_range("审批").unwrap().height(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegation_is_given_and_taken_back() {
    let office = Office::found().await;
    post_of_head(&office, 0, "tou.er").await;
    post_of_head(&office, 1, "tou.san").await;
    let head = browser(&office, office.people[0][0], Role::UnitHead, Some(office.units[0]));
    let at = "/approvals/delegations";
    in_both_languages(&head, at, "没有委托", "No delegations").await;
    let whole =
        [("to_person", badge(1, 0)), ("from_at", "2026-11-01".to_owned()), ("until_at", "2026-11-03".to_owned())];
    let whole: Vec<(&str, &str)> = whole.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let bare = post(&head, at, &whole).await;
    assert!(status(&bare) == 422 && bare.text().contains("value=\"2026-11-03\"") && bare.text().contains("不能为空"));
    for (field, value, said) in [
        ("to_person", "没有的人", "未登记的人员"),
        ("to_person", "人员02", "受托人本人须担任有审批权的岗位"),
        ("from_at", "明天", "日期应写成"),
        ("from_at", "2026-10-01", "委托不能从过去开始"),
        ("until_at", "2026-10-31", "结束须晚于开始"),
    ] {
        let fields: Vec<(&str, &str)> = whole
            .iter()
            .map(|(name, old)| if *name == field { (*name, value) } else { (*name, *old) })
            .chain([("reason", "出差")])
            .collect();
        let refused = post(&head, at, &fields).await;
        assert!(status(&refused) == 422 && refused.text().contains(said), "{field} {value}: {}", refused.text());
    }
    leads(&post(&head, at, &[&whole[..], &[("reason", "出差")]].concat()).await);
    let page = head.get(at).await.text();
    assert!(page.contains("生效中 1") && page.contains("2026-11-03 23:59:59"), "{page}");
    let other = browser(&office, office.people[1][0], Role::UnitHead, Some(office.units[1]));
    assert!(other.get(at).await.text().contains("别人委托给我的"));
    ask(&office, "巡逻").await;
    assert!(other.get("/approvals").await.text().contains("巡逻"), "it waits for whoever stands in, too");
    let id = page.split("/approvals/delegations/").nth(1).unwrap().split('/').next().unwrap();
    assert_eq!(status(&post(&other, &format!("{at}/{id}/revoke"), &[]).await), 404);
    leads(&post(&head, &format!("{at}/{id}/revoke"), &[]).await);
    assert!(other.get("/approvals").await.text().contains("没有等您审批的事项"));
    let member = owner(&office);
    assert_eq!(status(&post(&member, at, &[&whole[..], &[("reason", "x")]].concat()).await), 403);
    assert!(member.get(at).await.text().contains("只有有审批权的人可以委托"));
}
