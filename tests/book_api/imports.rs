//! Files over HTTP: taken, refused, told row by row, undone; names and contents that mean harm.

use axum_test::multipart::{MultipartForm, Part};
use axum_test::{TestResponse, TestServer};
use hufu::access::{Role, accounts};
use hufu::findings::service as findings;
use hufu::findings::{Kind, NewFinding, open_many};
use hufu::journal::RowsDigest;
use hufu::org::entity::person;
use hufu::stocktake::campaign::{self, Opening};
use hufu::stocktake::scope::Scope;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};

use super::desk::{Desk, get, new_key, send, told};
use super::support::{Office, first_day};
use super::web::{holding, server};

const ASSETS: &str = "资产编号,资产名称,使用部门,存放地点,使用人\n\
    F-1,台式计算机,第0大队,房间00,人员00\nF-2,打印机,第1大队,房间10,人员10\nF-3,,第0大队,,\n";

fn form(kind: &str, name: &str, bytes: &[u8]) -> MultipartForm {
    let file = Part::bytes(bytes.to_vec()).file_name(name).mime_type("text/csv");
    MultipartForm::new().add_text("kind", kind).add_part("file", file)
}

async fn post(server: &TestServer, path: &str, form: MultipartForm) -> TestResponse {
    server.post(path).add_header("Idempotency-Key", new_key()).multipart(form).await
}

#[tokio::test]
async fn tried_taken_told_and_undone() {
    let desk = Desk::open().await;
    let tried =
        post(&desk.boss, "/api/v1/imports", form("assets", "资产.csv", ASSETS.as_bytes()).add_text("dry_run", "true"))
            .await;
    assert_eq!(told(&tried).0, 200);
    let report = tried.json::<Value>();
    assert_eq!((&report["taken"], &report["refused"], &report["batch_id"]), (&json!(2), &json!(1), &Value::Null));
    let reject = &report["rejects"][0];
    assert_eq!(
        (&reject["file"], &reject["row"], &reject["column"]),
        (&json!("资产.csv"), &json!(4), &json!("资产名称"))
    );
    let csv = post(
        &desk.boss,
        "/api/v1/imports?rejects=csv",
        form("assets", "资产.csv", ASSETS.as_bytes()).add_text("dry_run", "true"),
    )
    .await;
    assert_eq!(csv.content_type(), "text/csv; charset=utf-8");
    assert!(csv.text().contains("资产.csv,,4,资产名称"), "{}", csv.text());
    assert_eq!(get(&desk.boss, "/api/v1/items").await.json::<Value>()["rows"], json!([]));

    let done = post(&desk.boss, "/api/v1/imports", form("assets", "资产.csv", ASSETS.as_bytes())).await;
    assert_eq!(told(&done).0, 201);
    let at = done.header("location").to_str().unwrap().to_owned();
    let batch = get(&desk.boss, &at).await.json::<Value>();
    assert_eq!(
        (&batch["row_count"], &batch["reject_count"], &batch["state"]),
        (&json!(2), &json!(1), &json!("committed"))
    );
    assert_eq!(told(&get(&desk.clerk, &at).await).0, 404, "another's batch");
    assert_eq!(told(&send(&desk.clerk, ("POST", &format!("{at}/undo")), &Value::Null, None).await).0, 404);
    let undone = send(&desk.boss, ("POST", &format!("{at}/undo")), &Value::Null, None).await.json::<Value>();
    assert_eq!((&undone["undone"], &undone["kept"]), (&json!(2), &json!([])));
    assert_eq!(told(&send(&desk.boss, ("POST", &format!("{at}/undo")), &Value::Null, None).await).0, 409);
    assert_eq!(get(&desk.boss, "/api/v1/items").await.json::<Value>()["rows"], json!([]));
}

#[tokio::test]
async fn a_row_of_another_unit_is_refused_and_the_rest_taken() {
    let desk = Desk::open().await;
    let done = post(&desk.clerk, "/api/v1/imports", form("assets", "a.csv", ASSETS.as_bytes())).await;
    let report = done.json::<Value>();
    assert_eq!((told(&done).0, &report["taken"], &report["refused"]), (201, &json!(1), &json!(2)));
    assert!(report["rejects"].to_string().contains("不在您的管辖范围内"));
    let mine = get(&desk.clerk, "/api/v1/imports").await.json::<Value>();
    assert_eq!(mine["rows"].as_array().unwrap().len(), 1);
    assert_eq!(get(&desk.stranger, "/api/v1/imports").await.json::<Value>()["rows"], json!([]));
    let units = "单位代码,单位名称\nQ1,新单位\n";
    assert_eq!(told(&post(&desk.clerk, "/api/v1/imports", form("units", "u.csv", units.as_bytes())).await).0, 404);
    let people = "警号,姓名,所属单位\n880001,新人,第0大队\n880002,别人,第1大队\n";
    let done = post(&desk.clerk, "/api/v1/imports", form("people", "p.csv", people.as_bytes())).await.json::<Value>();
    assert_eq!((&done["taken"], &done["refused"]), (&json!(1), &json!(1)));
    for server in [&desk.nobody, &desk.powerless] {
        let refused = told(&post(server, "/api/v1/imports", form("assets", "a.csv", ASSETS.as_bytes())).await).0;
        assert!([401, 403].contains(&refused), "{refused}");
    }
}

#[tokio::test]
async fn a_name_never_opens_anything() {
    let desk = Desk::open().await;
    for (n, (name, kept)) in [
        ("../../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("C:\\windows\\资产.csv", "资产.csv"),
        ("..", "未命名"),
        ("a\u{1}b.csv", "ab.csv"),
        ("%00.csv", "%00.csv"),
        ("'; DROP TABLE items; --.csv", "'; DROP TABLE items; --.csv"),
    ]
    .into_iter()
    .enumerate()
    {
        let row = format!("资产编号,资产名称,使用部门\nN-{n},柜,第0大队\n");
        let raw = format!(
            "--xyz\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nassets\r\n--xyz\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\r\n{row}\r\n--xyz--\r\n",
            name.replace('\\', "\\\\")
        );
        let done = desk.boss.post("/api/v1/imports").add_header("Idempotency-Key", new_key());
        let done = done.bytes(raw.into_bytes().into()).content_type("multipart/form-data; boundary=xyz").await;
        if told(&done).0 == 400 {
            // A name that the form's own grammar does not allow.
            assert!(name.contains('\u{1}'), "{name}");
            continue;
        }
        assert_eq!(told(&done).0, 201, "{name} {}", done.text());
        let batch = get(&desk.boss, done.header("location").to_str().unwrap()).await.json::<Value>();
        assert_eq!(batch["file_name"], json!(kept), "{name}");
    }
    let beside = std::fs::read_dir(desk.office.dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(beside.into_iter().all(|name| name.to_string_lossy().starts_with("hufu.db")));
}

#[tokio::test]
async fn what_is_no_table_is_told_in_a_sentence() {
    let desk = Desk::open().await;
    let zip = [b"PK\x03\x04".as_slice(), &[0; 200]].concat();
    let wide = format!("资产编号,资产名称,使用部门\n\"{}", "x".repeat(2 << 20));
    for (what, form, status, field) in [
        ("empty", form("assets", "a.csv", b""), 422, "file"),
        ("binary", form("assets", "a.csv", &[0xff, 0xd8, 0xff, 0xe0, 0, 16]), 422, "file"),
        ("broken zip", form("assets", "a.xlsx", &zip), 422, "file"),
        ("no header", form("assets", "a.csv", b"1,2,3\n4,5,6\n"), 422, "file"),
        ("kind", form("guns", "a.csv", ASSETS.as_bytes()), 422, "kind"),
        ("map", form("assets", "a.csv", ASSETS.as_bytes()).add_text("map", "unit"), 422, "map"),
        ("map NUL", form("assets", "a.csv", ASSETS.as_bytes()).add_text("map", "unit=\0"), 422, "map"),
        ("as_of", form("assets", "a.csv", ASSETS.as_bytes()).add_text("as_of", "yesterday"), 422, "as_of"),
        ("dry_run", form("assets", "a.csv", ASSETS.as_bytes()).add_text("dry_run", "maybe"), 422, "dry_run"),
        ("campaign", form("counts", "a.csv", ASSETS.as_bytes()), 422, "campaign"),
        ("more", form("assets", "a.csv", ASSETS.as_bytes()).add_text("more", "x"), 422, "more"),
        ("no file", MultipartForm::new().add_text("kind", "assets"), 422, "file"),
    ] {
        let refused = post(&desk.boss, "/api/v1/imports", form).await;
        assert_eq!(told(&refused), (status, Some(field.to_owned())), "{what} {}", refused.text());
    }
    // One row that never ends is that row's fault.
    let endless = post(&desk.boss, "/api/v1/imports", form("assets", "a.csv", wide.as_bytes())).await;
    assert_eq!((told(&endless).0, &endless.json::<Value>()["refused"]), (200, &json!(1)));
    let not_a_form = send(&desk.boss, ("POST", "/api/v1/imports"), &json!({}), None).await;
    assert_eq!(told(&not_a_form).0, 415);
    // A NUL in a cell is a row's fault, or nobody's, and never ours.
    let nul = "资产编号,资产名称,使用部门\nN-1,a\u{0}b,第0大队\n";
    let status = told(&post(&desk.boss, "/api/v1/imports", form("assets", "n.csv", nul.as_bytes())).await).0;
    assert!(status < 500, "{status}");
    let huge = vec![b'x'; (40 << 20) + (64 << 10) + 1];
    assert_eq!(told(&post(&desk.boss, "/api/v1/imports", form("assets", "a.csv", &huge)).await).0, 413);
}

/// Batch `at` undone by `server`: how many rows went, and what was kept.
async fn undone(server: &TestServer, at: &str) -> (u64, Vec<String>) {
    let answer = send(server, ("POST", &format!("{at}/undo")), &Value::Null, None).await;
    assert_eq!(told(&answer).0, 200, "{}", answer.text());
    let answer = answer.json::<Value>();
    let mut kept: Vec<String> = serde_json::from_value(answer["kept"].clone()).unwrap();
    kept.sort();
    (answer["undone"].as_u64().unwrap(), kept)
}

async fn taken(server: &TestServer, kind: &str, file: &str) -> String {
    let done = post(server, "/api/v1/imports", form(kind, "a.csv", file.as_bytes())).await;
    assert_eq!(told(&done).0, 201, "{}", done.text());
    done.header("location").to_str().unwrap().to_owned()
}

#[tokio::test]
async fn undoing_closes_nobody_who_has_an_account_or_owes_something() {
    let desk = Desk::open().await;
    let people = "警号,姓名,所属单位\n880001,甲,第0大队\n880002,乙,第0大队\n880003,丙,第0大队\n";
    let at = taken(&desk.boss, "people", people).await;
    let Office { db, ctx, .. } = &desk.office;
    let find = |name: &'static str| async move {
        person::Entity::find().filter(person::Column::Name.eq(name)).one(db.read()).await.unwrap().unwrap()
    };
    accounts::create(db, ctx, "jia", find("甲").await.id).await.unwrap();
    let new = NewFinding {
        room: "test",
        origin: "1".to_owned(),
        link: "/".to_owned(),
        kind: Kind::Short,
        unit: Some(desk.office.units[0]),
        item: None,
        title: "短缺".to_owned(),
        description: String::new(),
    };
    let rows = db.write(async |tx| open_many(tx, ctx, vec![new.clone()], &mut RowsDigest::new(ctx)).await);
    let opened = rows.await.unwrap();
    findings::assign(db, ctx, opened[0].id.into(), find("乙").await.id, None).await.unwrap();
    assert_eq!(undone(&desk.boss, &at).await, (1, vec!["乙".to_owned(), "甲".to_owned()]));
    assert!(find("甲").await.active && find("乙").await.active);
    assert!(!find("丙").await.active, "whoever answers for nothing goes");

    // Nor does a person whom a file of things brought.
    let things = "资产编号,资产名称,使用部门,存放地点,使用人\nU-1,柜,第0大队,新房间,丁\n";
    let file = form("assets", "b.csv", things.as_bytes()).add_text("create_missing", "true");
    let done = post(&desk.boss, "/api/v1/imports", file).await;
    let at = done.header("location").to_str().unwrap().to_owned();
    accounts::create(db, ctx, "ding", find("丁").await.id).await.unwrap();
    assert_eq!(undone(&desk.boss, &at).await, (1, vec!["丁".to_owned()]));
    assert!(find("丁").await.active);
}

#[tokio::test]
async fn undoing_takes_back_only_rows_of_units_that_are_still_theirs() {
    let desk = Desk::open().await;
    let narrowed = holding(&desk.office, desk.office.people[2][0], Role::CommandCentre, Some(desk.office.units[0]));
    let narrowed = server(&desk.office, Some(narrowed));
    let things = taken(&desk.boss, "assets", ASSETS).await;
    let people = taken(&desk.boss, "people", "警号,姓名,所属单位\n880001,甲,第0大队\n880002,乙,第1大队\n").await;
    let places = taken(&desk.boss, "places", "地点代码,地点名称,所属单位\nP1,库一,第0大队\nP2,库二,第1大队\n").await;
    let units = taken(&desk.boss, "units", "单位代码,单位名称\nQ1,新单位\n").await;
    for (at, kept) in [(&things, "F-2"), (&people, "乙"), (&places, "库二")] {
        assert_eq!(undone(&narrowed, at).await, (1, vec![kept.to_owned()]), "{at}");
        assert_eq!(undone(&desk.boss, at).await, (1, Vec::new()), "what was kept goes by whose it is");
    }
    assert_eq!(undone(&narrowed, &units).await, (0, vec!["新单位".to_owned()]));
    // Whoever may undo files and not draw the organisation undoes no people.
    let people = taken(&desk.boss, "people", "警号,姓名,所属单位\n880003,丙,第0大队\n").await;
    let keeper = holding(&desk.office, desk.office.people[2][0], Role::AssetManager, None);
    let keeper = server(&desk.office, Some(keeper));
    assert_eq!(undone(&keeper, &people).await, (0, vec!["丙".to_owned()]));
}

#[tokio::test]
async fn undoing_a_count_takes_back_only_scans_of_units_that_are_still_theirs() {
    let desk = Desk::open().await;
    desk.stock(&["C-1"]).await;
    desk.office.register(&[desk.office.new_item("C-2", 1)]).await;
    let opening = Opening {
        number: "C".to_owned(),
        name: String::new(),
        baseline_on: first_day(),
        from: first_day(),
        to: first_day(),
        blind: false,
        scope: Scope::default(),
    };
    campaign::open(&desk.office.db, &desk.office.ctx, &opening).await.unwrap();
    let counts = "资产编号,盘点地点,实盘数量\nC-1,房间00,1\nC-2,房间10,1\n";
    let file = form("counts", "c.csv", counts.as_bytes()).add_text("campaign", "C").add_text("counter", "某人");
    let done = post(&desk.boss, "/api/v1/imports", file).await;
    assert_eq!(told(&done).0, 201, "{}", done.text());
    let at = done.header("location").to_str().unwrap().to_owned();
    let narrowed = holding(&desk.office, desk.office.people[2][0], Role::CommandCentre, Some(desk.office.units[0]));
    assert_eq!(undone(&server(&desk.office, Some(narrowed)), &at).await, (1, vec!["C-2".to_owned()]));
    assert_eq!(undone(&desk.boss, &at).await, (1, Vec::new()));
}
