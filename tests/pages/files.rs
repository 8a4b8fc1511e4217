//! Documents and photos on the card of a thing.

use axum_test::multipart::{MultipartForm, Part};
use axum_test::{TestResponse, TestServer};
use hufu::access::Role;
use hufu::items::entity::attachment;
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};

use super::browser::{TOKEN, browser, leads, post, status};
use super::support::Office;

fn manager(office: &Office) -> TestServer {
    browser(office, office.people[0][1], Role::AssetManager, Some(office.units[0]))
}

fn png() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(3, 2).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn form(token: &str, name: &str, content: &[u8]) -> MultipartForm {
    let part = Part::bytes(content.to_vec()).file_name(name);
    MultipartForm::new().add_text("csrf", token).add_part("file", part)
}

async fn send(server: &TestServer, number: &str, name: &str, content: &[u8]) -> TestResponse {
    server.post(&format!("/items/{number}/attachments")).multipart(form(TOKEN, name, content)).await
}

async fn rows(office: &Office) -> Vec<attachment::Model> {
    attachment::Entity::find().all(office.db.read()).await.unwrap()
}

fn header(answer: &TestResponse, name: &str) -> String {
    answer.header(name).to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_brought_shown_taken_away_and_withdrawn() {
    let office = Office::found().await;
    office.register(&[office.new_item("A-1", 0), office.new_item("A-2", 0), office.new_item("B-1", 1)]).await;
    let manager = manager(&office);
    let sent = send(&manager, "A-1", "../../照片<1>.html", &png()).await;
    assert_eq!(leads(&sent), "/items/A-1?said=attached");
    let row = rows(&office).await.remove(0);
    assert_eq!((row.name.as_str(), row.media_type.as_str()), ("照片_1_.html", "image/png"));
    let at = format!("/items/A-1/files/{}", row.id);
    let card = manager.get("/items/A-1").await.text();
    assert!(card.contains(&format!("src=\"{at}?show=yes\"")) && card.contains("照片_1_.html"), "{card}");
    for (path, how) in [(at.clone(), "attachment; "), (format!("{at}?show=yes"), "inline; ")] {
        let file = manager.get(&path).await;
        assert_eq!(
            (status(&file), file.content_type(), file.as_bytes().to_vec()),
            (200, "image/png".to_owned(), png())
        );
        assert!(header(&file, "content-disposition").starts_with(how), "{path}");
        assert_eq!(header(&file, "x-content-type-options"), "nosniff");
    }
    let text = send(&manager, "A-1", "说明.txt", b"<script>alert(1)</script>").await;
    assert_eq!(status(&text), 303);
    let note = rows(&office).await.into_iter().find(|row| row.media_type == "text/plain").unwrap();
    let shown = manager.get(&format!("/items/A-1/files/{}?show=yes", note.id)).await;
    assert!(header(&shown, "content-disposition").starts_with("attachment; "), "what is no picture is never shown");
    // The same again, nothing, what is none of these, and what only calls itself a picture.
    for (name, content) in
        [("b.png", png()), ("c.txt", vec![]), ("d.exe", b"MZ".to_vec()), ("e.png", png()[..40].to_vec())]
    {
        let page = send(&manager, "A-1", name, &content).await;
        assert_eq!(status(&page), 422, "{name}");
        assert!(page.text().contains("is-invalid"), "{name}");
    }
    assert_eq!(status(&manager.get(&format!("/items/A-2/files/{}", row.id)).await), 404, "not this thing's");
    let withdraw = format!("{at}/withdraw");
    assert_eq!(status(&post(&manager, &withdraw, &[("reason", " ")]).await), 422);
    assert_eq!(leads(&post(&manager, &withdraw, &[("reason", "传错了")]).await), "/items/A-1?said=withdrawn");
    assert_eq!(status(&post(&manager, &withdraw, &[("reason", "再来")]).await), 422, "once");
    let card = manager.get("/items/A-1").await.text();
    assert!(card.contains("已撤下") && card.contains("传错了") && !card.contains("?show=yes\""), "{card}");
    assert_eq!(status(&send(&manager, "A-1", "b.png", &png()).await), 303, "what was withdrawn may come again");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_bring_and_read() {
    let office = Office::found().await;
    office.register(&[office.new_item("A-1", 0)]).await;
    let manager = manager(&office);
    let path = "/items/A-1/attachments";
    for token in ["", "0".repeat(64).as_str()] {
        let forged = manager.post(path).multipart(form(token, "a.txt", b"x")).await;
        assert_eq!(status(&forged), 403, "{token}");
    }
    let late = MultipartForm::new().add_part("file", Part::bytes(b"x".to_vec()).file_name("a.txt"));
    assert_eq!(status(&manager.post(path).multipart(late.add_text("csrf", TOKEN)).await), 403, "the token comes first");
    assert!(rows(&office).await.is_empty());
    send(&manager, "A-1", "a.txt", b"x").await;
    let id = rows(&office).await[0].id;
    let member = browser(&office, office.people[0][2], Role::Member, Some(office.units[0]));
    assert_eq!(status(&send(&member, "A-1", "b.txt", b"y").await), 403);
    assert_eq!(status(&member.get(&format!("/items/A-1/files/{id}")).await), 200);
    let elsewhere = browser(&office, office.people[1][1], Role::AssetManager, Some(office.units[1]));
    assert_eq!(status(&send(&elsewhere, "A-1", "b.txt", b"y").await), 404);
    for path in [
        format!("/items/A-1/files/{id}"),
        format!("/api/v1/attachments/{id}"),
        "/api/v1/items/A-1/attachments".to_owned(),
    ] {
        assert_eq!(status(&elsewhere.get(&path).await), 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_bring_and_read_too() {
    let office = Office::found().await;
    office.register(&[office.new_item("A-1", 0)]).await;
    let manager = manager(&office);
    let file = MultipartForm::new().add_part("file", Part::bytes(b"%PDF-1.7".to_vec()).file_name("验收单.pdf"));
    let sent = manager.post("/api/v1/items/a-1/attachments").add_header("x-csrf-token", TOKEN).multipart(file).await;
    assert_eq!(status(&sent), 201, "{}", sent.text());
    let view = sent.json::<Value>();
    assert_eq!(
        (&view["name"], &view["media_type"], &view["bytes"]),
        (&json!("验收单.pdf"), &json!("application/pdf"), &json!(8))
    );
    let listed = manager.get("/api/v1/items/A-1/attachments").await.json::<Value>();
    assert_eq!(listed["rows"], json!([view]));
    let read = manager.get(&header(&sent, "location")).await;
    assert_eq!((status(&read), read.as_bytes().to_vec()), (200, b"%PDF-1.7".to_vec()));
    assert_eq!(header(&read, "content-disposition"), "attachment; filename*=UTF-8''%E9%AA%8C%E6%94%B6%E5%8D%95.pdf");
    // Whoever alters it on the shelf is found out.
    let sha = view["sha256"].as_str().unwrap();
    std::fs::write(office.dir.path().join("attachments").join(&sha[..2]).join(sha), b"%PDF-0.0").unwrap();
    assert_eq!(status(&manager.get(&header(&sent, "location")).await), 500);
}
