//! Files brought in step by step.

use axum_test::multipart::{MultipartForm, Part};
use axum_test::{TestResponse, TestServer};
use hufu::access::Role;
use hufu::items::store;

use super::browser::{TOKEN, browser, in_both_languages, leads, post, status};
use super::support::Office;

const ASSETS: &str = "裕安分局资产一览\n资产编号,资产名称,使用部门,存放地点,使用人,附注\n\
    F-1,台式计算机,第0大队,房间00,人员00,甲\nF-2,<b>打印机</b>,第1大队,房间10,人员10,乙\n\
    F-1,又一台,第0大队,,,\nF-3,,第0大队,,,\nF-4,桌,没有的队,,,\n";

fn centre(office: &Office) -> TestServer {
    browser(office, office.people[2][1], Role::CommandCentre, None)
}

/// Sends a file as the page's form would: the token first, the file among the rest.
async fn send(server: &TestServer, file: (&str, &[u8]), fields: &[(&str, &str)]) -> TestResponse {
    let mut form = MultipartForm::new().add_text("csrf", TOKEN);
    for (name, value) in fields {
        form = form.add_text((*name).to_owned(), (*value).to_owned());
    }
    let part = Part::bytes(file.1.to_vec()).file_name(file.0).mime_type("text/csv");
    server.post("/imports/new").multipart(form.add_part("file", part)).await
}

/// What a form of the page holds now: names and the values chosen.
fn chosen(html: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for part in html.split("<select").skip(1) {
        let name = part.split("name=\"").nth(1).unwrap().split('"').next().unwrap();
        let body = part.split("</select>").next().unwrap();
        let value = body.split("\" selected").next().filter(|before| before.len() < body.len());
        let value = value.map_or("", |before| before.rsplit("value=\"").next().unwrap());
        found.push((name.to_owned(), value.to_owned()));
    }
    found
}

fn field<'a>(html: &'a str, name: &str) -> &'a str {
    let rest = html.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_else(|| panic!("no {name} in {html}"));
    rest.split('"').next().unwrap()
}

async fn mapped(server: &TestServer, at: &str, change: &[(&str, &str)]) -> TestResponse {
    let mut fields = chosen(&server.get(at).await.text());
    for (name, value) in change {
        let name = if *name == "go" { (*name).to_owned() } else { format!("field-{name}") };
        fields.retain(|(other, _)| *other != name);
        fields.push((name, (*value).to_owned()));
    }
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    post(server, at, &fields).await
}

/// The columns as they stand, with some changed, and what comes of it once it is worked out.
async fn previewed(server: &TestServer, at: &str, change: &[(&str, &str)]) -> String {
    let preview = leads(&mapped(server, at, change).await);
    assert_eq!(preview, format!("{at}/preview"));
    while server.get(&preview).await.text().contains("id=\"progress\"") {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    preview
}

/// Brings in what was seen; where it is then.
async fn committed(server: &TestServer, at: &str) -> String {
    let preview = format!("{at}/preview");
    let stamp = field(&server.get(&preview).await.text(), "stamp").to_owned();
    leads(&post(server, &format!("{at}/commit"), &[("stamp", &stamp)]).await);
    loop {
        let now = server.get(&preview).await;
        if !now.text().contains("id=\"progress\"") {
            return leads(&now);
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_from_the_form_to_its_batch_and_back() {
    let office = Office::found().await;
    let centre = centre(&office);
    in_both_languages(&centre, "/imports", "还没有导入过文件", "Nothing has been imported yet").await;
    in_both_languages(&centre, "/imports/new", "第 1 步，共 3 步", "Step 1 of 3").await;
    let at = leads(&send(&centre, ("资产.csv", ASSETS.as_bytes()), &[("kind", "assets")]).await);
    in_both_languages(&centre, &at, "没有用到的列：F · 附注", "Columns not used: F · 附注").await;
    let html = centre.get(&at).await.text();
    assert!(html.contains("&#60;b&#62;打印机") && html.contains("台式计算机"), "{html}");
    let fields = chosen(&html);
    let of = |name: &str| fields.iter().find(|(at, _)| at == &format!("field-{name}")).unwrap().1.clone();
    assert_eq!([of("item_number"), of("unit"), of("value")], ["A", "C", ""]);
    // Looking again keeps what was chosen; what must be there cannot be left out, and one column is one thing.
    let looked = mapped(&centre, &at, &[("brand", "F"), ("go", "look")]).await;
    assert!(status(&looked) == 200 && looked.text().contains("甲、乙"), "{}", looked.text());
    let without = mapped(&centre, &at, &[("name", "")]).await;
    assert!(status(&without) == 422 && without.text().contains("请选择哪一列是资产名称"), "{}", without.text());
    let twice = mapped(&centre, &at, &[("name", "A")]).await;
    assert!(status(&twice) == 422 && twice.text().contains("不能同时作两项"));
    let preview = previewed(&centre, &at, &[("name", "B")]).await;
    in_both_languages(&centre, &preview, "可导入 2 行，退回 3 行", "2 rows to take, 3 refused").await;
    let html = centre.get(&preview).await.text();
    for said in ["编号重复", "缺少资产名称", "没有的队", "&#60;b&#62;打印机&#60;/b&#62;"] {
        assert!(html.contains(said), "{said} in {html}");
    }
    assert_eq!(centre.get(&format!("{preview}?show=duplicate")).await.text().matches("<td class=\"num\"").count(), 1);
    assert_eq!(centre.get(&format!("{preview}?show=refused")).await.text().matches("<td class=\"num\"").count(), 2);
    let csv = centre.get(&format!("{at}/rejects.csv")).await.text();
    assert!(csv.contains("资产.csv,,5,资产编号,F-1"), "{csv}");
    assert!(store::by_number(office.db.read(), "F-1").await.unwrap().is_none(), "nothing is written yet");
    assert!(centre.get("/imports").await.text().contains("还没有导完的文件"));
    // What was not seen is not brought in.
    let unseen = post(&centre, &format!("{at}/commit"), &[("stamp", "0")]).await;
    assert!(status(&unseen) == 422 && unseen.text().contains("请先看新的预览"));
    let stamp = field(&html, "stamp").to_owned();
    let batch = committed(&centre, &at).await;
    assert!(batch.starts_with("/imports/") && !batch.contains("new"), "{batch}");
    assert!(store::by_number(office.db.read(), "F-1").await.unwrap().is_some());
    // Pressed twice, and come back to: it is in, and stays in once.
    assert_eq!(leads(&post(&centre, &format!("{at}/commit"), &[("stamp", &stamp)]).await), batch);
    assert_eq!(leads(&centre.get(&at).await), batch);
    in_both_languages(&centre, &batch, "已导入 2 行", "2 rows imported").await;
    assert!(centre.get(&format!("{batch}/rejects.csv")).await.text().contains("缺少资产名称"));
    assert!(centre.get("/imports").await.text().contains("资产.csv"));
    assert!(!centre.get("/imports").await.text().contains("还没有导完的文件"));
    let undone = leads(&post(&centre, &format!("{batch}/undo"), &[]).await);
    let page = centre.get(&undone).await.text();
    assert!(page.contains("已撤销") && page.contains("这一批已经撤销"), "{page}");
    assert_eq!(status(&post(&centre, &format!("{batch}/undo"), &[]).await), 409);
    let sheet = centre.get("/imports?as=xlsx").await;
    let mut book = calamine::open_workbook_from_rs::<calamine::Xlsx<_>, _>(std::io::Cursor::new(sheet.into_bytes()));
    assert_eq!(calamine::Reader::worksheet_range(book.as_mut().unwrap(), "导入").unwrap().height(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_undoing_kept_is_told() {
    let office = Office::found().await;
    let centre = centre(&office);
    let units = "单位代码,单位名称\nQ1,新单位甲\nQ2,新单位乙\n";
    let at = leads(&send(&centre, ("单位.csv", units.as_bytes()), &[("kind", "units")]).await);
    previewed(&centre, &at, &[]).await;
    let batch = committed(&centre, &at).await;
    let people = "警号,姓名,所属单位\n880001,新人,新单位乙\n";
    let at = leads(&send(&centre, ("人员.csv", people.as_bytes()), &[("kind", "people")]).await);
    previewed(&centre, &at, &[]).await;
    committed(&centre, &at).await;
    let undone = leads(&post(&centre, &format!("{batch}/undo"), &[]).await);
    let page = centre.get(&undone).await.text();
    assert!(page.contains("部分撤销") && page.contains("没有撤销的") && page.contains("新单位乙"), "{page}");
    assert!(!page.contains("新单位甲"), "{page}");
    // The same file again is told, with what stands against it.
    let at = leads(&send(&centre, ("人员.csv", people.as_bytes()), &[("kind", "people")]).await);
    let preview = previewed(&centre, &at, &[]).await;
    let again = centre.get(&preview).await;
    assert!(status(&again) == 422 && again.text().contains("导入过"), "{}", again.text());
    leads(&post(&centre, &format!("{at}/discard"), &[]).await);
    assert_eq!(status(&centre.get(&at).await), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_a_file_needs_its_token_first() {
    let office = Office::found().await;
    let centre = centre(&office);
    let part = || Part::bytes(ASSETS.as_bytes().to_vec()).file_name("a.csv").mime_type("text/csv");
    let wrong = "f".repeat(64);
    for (form, why) in [
        (MultipartForm::new().add_text("kind", "assets").add_part("file", part()), "no token"),
        (MultipartForm::new().add_text("csrf", wrong).add_text("kind", "assets").add_part("file", part()), "invented"),
        (MultipartForm::new().add_text("csrf", "").add_text("kind", "assets").add_part("file", part()), "a blank one"),
        (MultipartForm::new().add_part("file", part()).add_text("csrf", TOKEN), "behind the file"),
        (MultipartForm::new().add_part("csrf", Part::text(TOKEN).file_name("csrf")), "as a file"),
    ] {
        assert_eq!(status(&centre.post("/imports/new").multipart(form).await), 403, "{why}");
    }
    let form = || MultipartForm::new().add_text("csrf", TOKEN).add_text("kind", "assets").add_part("file", part());
    let elsewhere = centre.post("/imports/new").add_header("sec-fetch-site", "cross-site").multipart(form()).await;
    assert_eq!(status(&elsewhere), 403);
    let by_header = MultipartForm::new().add_text("kind", "assets").add_part("file", part());
    leads(&centre.post("/imports/new").add_header("x-csrf-token", TOKEN).multipart(by_header).await);
    leads(&centre.post("/imports/new").multipart(form()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_upload_keeps_what_was_typed_and_leaves_nothing_behind() {
    let office = Office::found().await;
    let centre = centre(&office);
    let typed = [("kind", "assets"), ("as_of", "昨天"), ("counter", "张三")];
    let refused = send(&centre, ("a.csv", ASSETS.as_bytes()), &typed).await;
    let html = refused.text();
    assert!(status(&refused) == 422 && html.contains("日期应写成") && html.contains("value=\"张三\""), "{html}");
    assert!(html.contains("value=\"assets\" checked"));
    for (name, bytes, fields, said) in [
        ("a.csv", &b""[..], &[("kind", "assets")][..], "空"),
        ("a.png", b"\x89PNG\r\n\x1a\n0000000000", &[("kind", "assets")], "不是"),
        ("a.csv", ASSETS.as_bytes(), &[("kind", "nothing")], "请选择导入什么"),
        ("a.csv", ASSETS.as_bytes(), &[("kind", "counts")], "请选择盘点"),
    ] {
        let refused = send(&centre, (name, bytes), fields).await;
        assert!(status(&refused) == 422 && refused.text().contains(said), "{said}: {}", refused.text());
    }
    let none = MultipartForm::new().add_text("csrf", TOKEN).add_text("kind", "assets");
    let none = centre.post("/imports/new").multipart(none).await;
    assert!(status(&none) == 422 && none.text().contains("请选择文件"));
    let waiting = office.dir.path().join("imports").join("waiting");
    assert_eq!(std::fs::read_dir(&waiting).unwrap().count(), 0, "nothing is left behind");
    // Strange headers are no refusal: they are what somebody must say.
    let at =
        leads(&send(&centre, ("../../x.csv", "甲,乙,丙\nS-1,椅,第0大队\n".as_bytes()), &[("kind", "assets")]).await);
    assert!(centre.get(&at).await.text().contains("没有认出固定资产的表头"));
    let said = [("item_number", "A"), ("name", "B"), ("unit", "C")];
    let preview = previewed(&centre, &at, &said).await;
    assert!(centre.get(&preview).await.text().contains("可导入 1 行，退回 0 行"));
    // So many wait, and no more.
    for n in 1..5 {
        let row = format!("资产编号,资产名称,使用部门\nN-{n},柜,第0大队\n");
        leads(&send(&centre, ("n.csv", row.as_bytes()), &[("kind", "assets")]).await);
    }
    let more = send(&centre, ("m.csv", ASSETS.as_bytes()), &[("kind", "assets")]).await;
    assert!(status(&more) == 422 && more.text().contains("还没有导完"), "{}", more.text());
    // Not for ever: what nobody came back for goes.
    office.clock.advance_ms(8 * super::support::DAY);
    assert!(!centre.get("/imports").await.text().contains("还没有导完的文件"));
    assert_eq!(std::fs::read_dir(&waiting).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_s_file_is_not_there_and_a_row_of_another_unit_is_refused() {
    let office = Office::found().await;
    let centre = centre(&office);
    let clerk = browser(&office, office.people[0][1], Role::AssetManager, Some(office.units[0]));
    let at = leads(&send(&centre, ("a.csv", ASSETS.as_bytes()), &[("kind", "assets")]).await);
    for path in [at.clone(), format!("{at}/preview"), format!("{at}/progress"), format!("{at}/rejects.csv")] {
        assert_eq!(status(&clerk.get(&path).await), 404, "{path}");
    }
    for path in [at.clone(), format!("{at}/commit"), format!("{at}/discard")] {
        assert_eq!(status(&post(&clerk, &path, &[]).await), 404, "{path}");
    }
    assert!(clerk.get("/imports/new").await.text().contains("您没有“维护单位、人员、地点”的权限"));
    let refused = send(&clerk, ("u.csv", b"code,name\nQ1,x\n"), &[("kind", "units")]).await;
    assert!(status(&refused) == 422 && refused.text().contains("权限"));
    let own = leads(&send(&clerk, ("a.csv", ASSETS.as_bytes()), &[("kind", "assets")]).await);
    let preview = previewed(&clerk, &own, &[]).await;
    let html = clerk.get(&preview).await.text();
    assert!(html.contains("不在您的管辖范围内") && html.contains("可导入 1 行"), "{html}");
    let member = browser(&office, office.people[0][2], Role::Member, Some(office.units[0]));
    for path in ["/imports", "/imports/new"] {
        assert_eq!(status(&member.get(path).await), 403, "{path}");
    }
    assert_eq!(status(&send(&member, ("a.csv", ASSETS.as_bytes()), &[("kind", "assets")]).await), 403);
}
