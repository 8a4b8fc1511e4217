//! The same over HTTP: what is out of reach is not there, what is wrong is named, nothing is an error of ours.

use axum::http::StatusCode;
use axum_test::TestServer;
use hufu::access::Role;
use hufu::access::entity::{account, grant};
use hufu::db::DbError;
use hufu::findings::{Kind, NewFinding, open_many};
use hufu::jobs::{NewJob, enqueue};
use hufu::journal::RowsDigest;
use hufu::kernel::Ctx;
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use serde_json::{Value, json};

use super::support::Office;
use super::web::{holding, server};

struct Desk {
    office: Office,
}

impl Desk {
    async fn new() -> Self {
        Self { office: Office::found().await }
    }

    fn ctx(&self, who: (usize, usize), role: Role, unit: Option<usize>) -> Ctx {
        holding(&self.office, self.office.people[who.0][who.1], role, unit.map(|unit| self.office.units[unit]))
    }

    fn as_who(&self, who: (usize, usize), role: Role, unit: Option<usize>) -> TestServer {
        server(&self.office, Some(self.ctx(who, role, unit)))
    }

    /// Gives somebody an account and a role over everything.
    async fn grant(&self, who: (usize, usize), role: Role) {
        let (ctx, login) = (&self.office.ctx, format!("u{}{}", who.0, who.1));
        let account = account::Model {
            id: ctx.new_id(),
            login_key: login.to_uppercase(),
            login,
            person_id: self.office.people[who.0][who.1],
            state: account::AccountState::Active,
            created_at: ctx.now(),
            closed_at: None,
            version: 1,
        };
        let given = grant::Model {
            id: ctx.new_id(),
            account_id: account.id,
            role,
            unit_id: None,
            valid_from: ctx.now(),
            valid_until: None,
            granted_by: "test".to_owned(),
            granted_at: ctx.now(),
            ended_at: None,
            version: 1,
        };
        let written = self.office.db.write(async |tx| {
            account.clone().into_active_model().insert(tx).await?;
            given.clone().into_active_model().insert(tx).await?;
            Ok::<_, DbError>(())
        });
        written.await.unwrap();
    }

    async fn found(&self, many: usize) -> Vec<String> {
        let new = (0..many).map(|n| NewFinding {
            room: "test",
            origin: format!("o{n}"),
            link: "/x".to_owned(),
            kind: Kind::Damaged,
            unit: Some(self.office.units[0]),
            item: None,
            title: format!("问题{n}"),
            description: String::new(),
        });
        let new: Vec<_> = new.collect();
        let opened = self.office.db.write(async |tx| {
            open_many(tx, &self.office.ctx, new.clone(), &mut RowsDigest::new(&self.office.ctx)).await
        });
        opened.await.unwrap().into_iter().map(|row| row.id.to_string()).collect()
    }
}

async fn post(server: &TestServer, path: &str, body: &Value) -> (StatusCode, Value) {
    let answer = server.post(path).json(body).await;
    let text = answer.text();
    (answer.status_code(), serde_json::from_str(&text).unwrap_or(Value::Null))
}

async fn get(server: &TestServer, path: &str) -> (StatusCode, Value) {
    let answer = server.get(path).await;
    let text = answer.text();
    (answer.status_code(), serde_json::from_str(&text).unwrap_or(Value::Null))
}

#[tokio::test]
async fn nobody_gets_in_unasked_and_few_may_look_at_the_machinery() {
    let desk = Desk::new().await;
    let (nobody, member) = (server(&desk.office, None), desk.as_who((0, 2), Role::Member, Some(0)));
    let admin = desk.as_who((2, 0), Role::SystemAdministrator, None);
    let missing = "00000000-0000-7000-8000-000000000000";
    for path in [
        "/jobs",
        "/jobs/counts",
        "/findings",
        "/findings/counts",
        "/approvals",
        "/approval-chains",
        "/approval-delegations",
        "/webhooks",
    ] {
        let path = format!("/api/v1{path}");
        assert_eq!(get(&nobody, &path).await.0, StatusCode::UNAUTHORIZED, "{path}");
        let ours = path.contains("findings") || path.contains("approval");
        let expected = if ours { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(get(&member, &path).await.0, expected, "{path}");
    }
    for path in ["/findings/x", "/approvals/x", "/webhooks/x"] {
        assert_eq!(get(&admin, &format!("/api/v1{path}")).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(get(&member, &format!("/api/v1/findings/{missing}")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(get(&member, &format!("/api/v1/approvals/{missing}")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(get(&admin, &format!("/api/v1/webhooks/{missing}")).await.0, StatusCode::NOT_FOUND);
    for query in ["?limit=0", "?limit=501", "?limit=x", "?after=x", "?state=gone", "?kind=%00"] {
        let answer = get(&admin, &format!("/api/v1/jobs{query}")).await;
        assert_eq!(answer.0, StatusCode::UNPROCESSABLE_ENTITY, "{query}: {}", answer.1);
    }
}

#[tokio::test]
async fn jobs_are_listed_by_pages() {
    let desk = Desk::new().await;
    for n in 0..5 {
        let job = NewJob::now("test.work", n.to_string(), json!({}));
        desk.office.db.write(async |tx| enqueue(tx, &desk.office.ctx, job.clone()).await).await.unwrap();
        desk.office.clock.advance_ms(1);
    }
    let admin = desk.as_who((2, 0), Role::SystemAdministrator, None);
    let (mut seen, mut path) = (Vec::new(), "/api/v1/jobs?limit=2&state=waiting".to_owned());
    loop {
        let (status, page) = get(&admin, &path).await;
        assert_eq!(status, StatusCode::OK);
        seen.extend(page["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/jobs?limit=2&state=waiting&after={next}");
    }
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.reverse();
    assert!(seen.len() == 5 && seen == sorted, "{seen:?}");
    assert_eq!(get(&admin, "/api/v1/jobs/counts").await.1, json!([{ "state": "waiting", "jobs": 5 }]));
}

#[tokio::test]
async fn a_finding_over_http_from_first_to_last() {
    let desk = Desk::new().await;
    let id = desk.found(3).await.remove(0);
    let centre = desk.as_who((2, 1), Role::CommandCentre, None);
    let owner = desk.as_who((0, 2), Role::Member, Some(0));
    let head = desk.as_who((0, 0), Role::UnitHead, Some(0));
    let stranger = desk.as_who((1, 0), Role::UnitHead, Some(1));
    let at = |step: &str| format!("/api/v1/findings/{id}/{step}");
    let owner_id = desk.office.people[0][2];
    assert_eq!(get(&stranger, &format!("/api/v1/findings/{id}")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(get(&stranger, "/api/v1/findings").await.1["rows"], json!([]));
    let assign = json!({ "owner_id": owner_id });
    assert_eq!(post(&owner, &at("assign"), &assign).await.0, StatusCode::FORBIDDEN);
    assert_eq!(post(&stranger, &at("verify"), &json!({ "remark": "x" })).await.0, StatusCode::NOT_FOUND);
    let wrong = json!({ "owner_id": owner_id, "state": "closed" });
    assert_eq!(post(&centre, &at("assign"), &wrong).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, row) = post(&centre, &at("assign"), &assign).await;
    assert_eq!((status, &row["state"]), (StatusCode::OK, &json!("assigned")));
    let stale =
        owner.post(&at("explain")).add_header("if-match", "\"1\"").json(&json!({ "explanation": "磕碰" })).await;
    assert_eq!(stale.status_code(), StatusCode::PRECONDITION_FAILED);
    let seen = owner.get(&format!("/api/v1/findings/{id}")).await;
    let etag = seen.header("etag");
    let fresh = owner.post(&at("explain")).add_header("if-match", etag).json(&json!({ "explanation": "磕碰" })).await;
    assert_eq!(fresh.status_code(), StatusCode::OK);
    let (status, problem) = post(&owner, &at("explain"), &json!({ "explanation": "再说" })).await;
    assert_eq!((status, &problem["type"]), (StatusCode::CONFLICT, &json!("urn:hufu:conflict")));
    assert_eq!(post(&head, &at("send-back"), &json!({ "reason": "附照片" })).await.0, StatusCode::OK);
    assert_eq!(post(&owner, &at("explain"), &json!({ "explanation": "磕碰，照片附后" })).await.0, StatusCode::OK);
    assert_eq!(post(&head, &at("verify"), &json!({ "remark": "属实" })).await.0, StatusCode::OK);
    let (status, problem) = post(&centre, &at("close"), &json!({ "remark": "销号" })).await;
    assert!(status == StatusCode::CONFLICT && problem["detail"].as_str().unwrap().contains("照片"), "{problem}");
    let photo = json!({ "kind": "photo", "note": "正面", "reference": "附件1" });
    assert_eq!(post(&owner, &at("evidence"), &photo).await.0, StatusCode::OK);
    assert_eq!(post(&centre, &at("close"), &json!({ "remark": "销号" })).await.1["state"], "closed");
    assert_eq!(post(&centre, &at("reopen"), &json!({ "reason": "搞错了" })).await.1["state"], "assigned");
    let (_, detail) = get(&centre, &format!("/api/v1/findings/{id}")).await;
    assert_eq!((detail["steps"].as_array().unwrap().len(), detail["evidence"].as_array().unwrap().len()), (9, 3));
    assert_eq!(detail["evidence_missing"], json!([]));
    let (_, counts) = get(&centre, "/api/v1/findings/counts?overdue=false").await;
    let total: i64 = counts.as_array().unwrap().iter().map(|count| count["findings"].as_i64().unwrap()).sum();
    assert_eq!(total, 3);
    let (_, mine) = get(&owner, &format!("/api/v1/findings?owner_id={owner_id}&state=assigned&kind=damaged")).await;
    assert_eq!(mine["rows"].as_array().unwrap().len(), 1);
    for bad in [json!({ "explanation": "a\u{0}b" }), json!({ "explanation": "x".repeat(4001) }), json!({}), json!([])] {
        assert_eq!(post(&owner, &at("explain"), &bad).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
    let far = json!({ "owner_id": owner_id, "deadline_at": i64::MAX });
    let (status, problem) = post(&centre, &at("assign"), &far).await;
    assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("deadline_at")));
}

#[tokio::test]
async fn an_approval_over_http() {
    let desk = Desk::new().await;
    let officer = desk.as_who((0, 2), Role::Member, Some(0));
    let head = desk.as_who((0, 0), Role::UnitHead, Some(0));
    let stranger = desk.as_who((1, 2), Role::Member, Some(1));
    let security = desk.as_who((2, 2), Role::SecurityAdministrator, None);
    let ask = json!({
        "kind": "vehicle_trip", "subject_room": "vehicles", "subject_id": "粤T-1", "unit_id": desk.office.units[0],
        "reason": "走访", "payload": { "to": "城南" },
    });
    let made = officer.post("/api/v1/approvals").json(&ask).await;
    assert_eq!(made.status_code(), StatusCode::CREATED);
    let row: Value = made.json();
    let path = format!("/api/v1/approvals/{}", row["id"].as_str().unwrap());
    assert_eq!(made.header("location").to_str().unwrap(), path);
    assert_eq!(
        (&row["state"], &row["payload"]["to"], &row["steps"][0]["role"]),
        (&json!("waiting"), &json!("城南"), &json!("unit_head"))
    );
    assert_eq!(post(&officer, "/api/v1/approvals", &ask).await.0, StatusCode::CONFLICT);
    assert_eq!(get(&stranger, &path).await.0, StatusCode::NOT_FOUND);
    assert_eq!(get(&stranger, "/api/v1/approvals").await.1["rows"], json!([]));
    assert_eq!(get(&officer, "/api/v1/approvals?mine=true").await.1["rows"].as_array().unwrap().len(), 1);
    assert_eq!(get(&head, "/api/v1/approvals").await.1["rows"].as_array().unwrap().len(), 1);
    assert_eq!(get(&head, "/api/v1/approvals?for_me=true").await.1["rows"], json!([]), "no grant, no post");
    let yes = json!({ "step": 1, "approved": true });
    let (status, problem) = post(&head, &format!("{path}/decide"), &yes).await;
    assert!(status == StatusCode::CONFLICT && problem["detail"].as_str().unwrap().contains("不由您"), "{problem}");
    for member in [&officer, &stranger] {
        assert_eq!(post(member, &format!("{path}/decide"), &yes).await.0, StatusCode::FORBIDDEN);
    }
    let other_head = desk.as_who((1, 0), Role::UnitHead, Some(1));
    assert_eq!(post(&other_head, &format!("{path}/decide"), &yes).await.0, StatusCode::NOT_FOUND);
    assert_eq!(post(&officer, &format!("{path}/use"), &json!({ "reason": "出警" })).await.1["state"], "used");
    assert_eq!(post(&officer, &format!("{path}/withdraw"), &json!({ "reason": "x" })).await.0, StatusCode::CONFLICT);
    for (field, bad) in [
        ("kind", json!("nothing")),
        ("kind", json!("\u{0}")),
        ("amount_fen", json!(-1)),
        ("unit_id", json!("00000000-0000-7000-8000-000000000000")),
        ("subject_id", json!("")),
    ] {
        let mut ask = ask.clone();
        ask[field] = bad;
        let (status, problem) = post(&officer, "/api/v1/approvals", &ask).await;
        let gone = field == "unit_id" && status == StatusCode::NOT_FOUND;
        assert!(
            gone || (status == StatusCode::UNPROCESSABLE_ENTITY && problem["field"] == field),
            "{field}: {problem}"
        );
    }
    let chain = json!({
        "kind": "house_key", "name": "领钥匙", "source": "内部规定", "effective_from": desk.office.ctx.now(),
        "tiers": [{ "from_fen": 0, "steps": [{ "role": "unit_head", "level": "own_unit" }] }],
    });
    assert_eq!(post(&head, "/api/v1/approval-chains", &chain).await.0, StatusCode::FORBIDDEN);
    assert_eq!(post(&security, "/api/v1/approval-chains", &chain).await.0, StatusCode::CREATED);
    assert_eq!(post(&security, "/api/v1/approval-chains", &chain).await.0, StatusCode::CONFLICT);
    let (_, all) = get(&security, "/api/v1/approval-chains").await;
    assert_eq!(all.as_array().unwrap().len(), 17);
    let now = desk.office.ctx.now().0;
    let to = json!({ "to_person": desk.office.people[0][3], "from_at": now, "until_at": now + 1000, "reason": "出差" });
    assert_eq!(post(&officer, "/api/v1/approval-delegations", &to).await.0, StatusCode::FORBIDDEN);
    let (status, problem) = post(&head, "/api/v1/approval-delegations", &to).await;
    assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("to_person")), "holds no post");
    desk.grant((0, 3), Role::SystemAdministrator).await;
    desk.grant((1, 3), Role::DutyLeader).await;
    let (status, problem) = post(&head, "/api/v1/approval-delegations", &to).await;
    assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("to_person")), "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("管理员"), "{problem}");
    let to = json!({ "to_person": desk.office.people[1][3], "from_at": now, "until_at": now + 1000, "reason": "出差" });
    let (status, delegated) = post(&head, "/api/v1/approval-delegations", &to).await;
    assert_eq!(status, StatusCode::CREATED);
    let one = format!("/api/v1/approval-delegations/{}", delegated["id"].as_str().unwrap());
    let other = desk.as_who((1, 0), Role::UnitHead, Some(1));
    assert_eq!(other.delete(&one).await.status_code(), StatusCode::NOT_FOUND);
    assert_eq!(head.delete(&one).await.status_code(), StatusCode::OK);
    for (from, until) in [(i64::MIN, i64::MAX), (now, now), (0, 1)] {
        let odd = json!({ "to_person": desk.office.people[1][3], "from_at": from, "until_at": until, "reason": "x" });
        assert_eq!(post(&head, "/api/v1/approval-delegations", &odd).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn a_webhook_over_http_shows_its_secret_once() {
    let desk = Desk::new().await;
    let admin = desk.as_who((2, 0), Role::SystemAdministrator, None);
    let new = |url: &str| json!({ "url": url, "events": ["campaign.closed"], "description": "市局平台" });
    for url in ["http://hook.example/", "https://169.254.169.254/", "https://127.0.0.1/", "x", "https://a\u{0}b/"] {
        let (status, problem) = post(&admin, "/api/v1/webhooks", &new(url)).await;
        assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("url")), "{url}: {problem}");
    }
    let empty = json!({ "url": "https://hook.example/", "events": [] });
    assert_eq!(post(&admin, "/api/v1/webhooks", &empty).await.1["field"], "events");
    let (status, made) = post(&admin, "/api/v1/webhooks", &new("https://hook.example/")).await;
    assert_eq!(status, StatusCode::CREATED);
    assert!(made["secret"].as_str().unwrap().starts_with("hfwh_"));
    let path = format!("/api/v1/webhooks/{}", made["webhook"]["id"].as_str().unwrap());
    for shown in [get(&admin, &path).await.1, get(&admin, "/api/v1/webhooks").await.1] {
        assert!(!shown.to_string().contains("hfwh_"), "{shown}");
    }
    assert_eq!(admin.post(&format!("{path}/test")).await.status_code(), StatusCode::ACCEPTED);
    let (_, page) = get(&admin, &format!("{path}/deliveries?limit=1")).await;
    assert_eq!((&page["rows"][0]["event"], &page["rows"][0]["state"]), (&json!("ping"), &json!("waiting")));
    assert_eq!(admin.delete(&path).await.status_code(), StatusCode::OK);
    assert_eq!(admin.delete(&path).await.status_code(), StatusCode::CONFLICT);
    assert_eq!(admin.post(&format!("{path}/test")).await.status_code(), StatusCode::CONFLICT);
    assert_eq!(get(&admin, &path).await.1["active"], false);
    let member = desk.as_who((0, 2), Role::Member, Some(0));
    assert_eq!(member.delete(&path).await.status_code(), StatusCode::FORBIDDEN);
    let unit_admin = desk.as_who((0, 1), Role::SystemAdministrator, Some(0));
    assert_eq!(get(&unit_admin, "/api/v1/webhooks").await.0, StatusCode::NOT_FOUND, "over one unit is not over all");
}
