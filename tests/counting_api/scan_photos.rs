//! Photos taken along with scans: sent once, late, by whom they may be, and seen by whom they may be.

use axum_test::multipart::{MultipartForm, Part};
use hufu::kernel::Ctx;
use hufu::stocktake::campaign;
use hufu::stocktake::counting::photos::{self, MOST_PHOTOS};
use hufu::stocktake::entity::scan_photo;
use image::{ImageFormat, Rgb, RgbImage};
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use uuid::Uuid;

use super::stage::{NUMBER, Stage};

/// A picture unlike those of other shades.
fn picture(shade: u8) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    RgbImage::from_pixel(40, 30, Rgb([shade.wrapping_mul(16), shade / 16 * 20, 60]))
        .write_to(&mut bytes, ImageFormat::Jpeg)
        .unwrap();
    bytes.into_inner()
}

fn path(scan: &Value, photo: Uuid) -> String {
    format!("/api/v1/campaigns/{NUMBER}/scans/{}/photos/{photo}", scan.as_str().unwrap())
}

/// Sends a photo; the status and what is said.
async fn send(stage: &Stage, ctx: Ctx, path: &str, content: Vec<u8>) -> (u16, Value) {
    let form = MultipartForm::new().add_part("photo", Part::bytes(content).file_name("x.exe").mime_type("text/html"));
    let asked = stage.server(ctx).put(&format!("{path}?device_at=2026-11-03T09:02:03%2B08:00")).multipart(form).await;
    (asked.status_code().as_u16(), serde_json::from_slice(asked.as_bytes()).unwrap_or(Value::Null))
}

async fn kept(stage: &Stage) -> usize {
    scan_photo::Entity::find().all(stage.office.db.read()).await.unwrap().len()
}

fn id(stage: &Stage) -> Uuid {
    stage.office.ctx.new_id()
}

#[tokio::test]
async fn a_photo_is_sent_once_and_seen_where_its_count_is_read() {
    let stage = Stage::of(false).await;
    let scan = stage.scan("A-0", Some((0, 0)));
    stage.send(stage.member(0), std::slice::from_ref(&scan)).await;
    let (at, photo) = (path(&scan["id"], id(&stage)), picture(10));
    for _ in 0..2 {
        let (status, said) = send(&stage, stage.member(0), &at, photo.clone()).await;
        assert_eq!(status, 200, "{said}");
        assert_eq!((&said["scan"], &said["media_type"]), (&scan["id"], &json!("image/jpeg")));
        assert_eq!(said["device_at"], "2026-11-03T01:02:03Z");
    }
    assert_eq!(kept(&stage).await, 1, "the same one again is one photo");
    let another = path(&scan["id"], id(&stage));
    assert_eq!(send(&stage, stage.member(0), &another, photo.clone()).await.0, 200);
    assert_eq!(kept(&stage).await, 1, "the same picture of the same scan is one photo too");
    let (status, said) = send(&stage, stage.member(0), &at, picture(20)).await;
    assert_eq!(status, 409, "its id stands for another picture: {said}");
    let list = format!("/api/v1/campaigns/{NUMBER}/scans/{}/photos", scan["id"].as_str().unwrap());
    for (who, ctx, sees) in [
        ("counter", stage.member(0), true),
        ("manager", stage.manager(0), true),
        ("centre", stage.centre(), true),
        ("another unit", stage.manager(1), false),
    ] {
        let (status, said) = stage.get(ctx.clone(), &list).await;
        assert_eq!(status, if sees { 200 } else { 404 }, "{who}: {said}");
        let own = at.rsplit('/').next().unwrap();
        let shown = stage.server(ctx).get(&format!("/api/v1/campaigns/{NUMBER}/photos/{own}")).await;
        assert_eq!(shown.status_code().as_u16(), if sees { 200 } else { 404 }, "{who}");
        if sees {
            assert_eq!(shown.content_type(), "image/jpeg");
            assert_eq!(shown.as_bytes().to_vec(), photo);
        }
    }
    let found = photos::of_item(stage.office.db.read(), &stage.centre(), stage.things[0].id, 5).await.unwrap();
    assert_eq!((found.len(), found[0].undone), (1, false));
    let undo = format!("/api/v1/campaigns/{NUMBER}/scans/{}/undo", scan["id"].as_str().unwrap());
    assert_eq!(stage.post(stage.member(0), &undo, Value::Null).await.0, 201);
    let found = photos::of_item(stage.office.db.read(), &stage.centre(), stage.things[0].id, 5).await.unwrap();
    assert!(found[0].undone, "what was seen stays, and says so");
}

#[tokio::test]
async fn a_photo_may_come_late_but_not_to_anothers_scan_nor_when_all_is_over() {
    let stage = Stage::of(false).await;
    let scan = stage.scan("A-0", Some((0, 0)));
    stage.send(stage.member(0), std::slice::from_ref(&scan)).await;
    let new = || path(&scan["id"], id(&stage));
    for (who, ctx, path, content, status) in [
        ("another counter", stage.as_role(0, 2, hufu::access::Role::Member), new(), picture(1), 404),
        ("another unit's manager", stage.manager(1), new(), picture(1), 404),
        ("an unknown scan", stage.member(0), path(&json!(id(&stage).to_string()), id(&stage)), picture(1), 404),
        ("no UUID of time", stage.member(0), path(&scan["id"], Uuid::from_u128(7)), picture(1), 422),
        ("no picture", stage.member(0), new(), b"%PDF-1.4".to_vec(), 422),
        ("nothing", stage.member(0), new(), Vec::new(), 422),
        ("half a picture", stage.member(0), new(), picture(1)[..200].to_vec(), 422),
    ] {
        let (said, why) = send(&stage, ctx, &path, content).await;
        assert_eq!(said, status, "{who}: {why}");
    }
    assert_eq!(kept(&stage).await, 0);
    stage.submit(0).await;
    assert_eq!(send(&stage, stage.member(0), &new(), picture(0)).await.0, 200, "after the sheet was handed in");
    assert_eq!(send(&stage, stage.manager(0), &new(), picture(1)).await.0, 200, "by who hands the sheet in");
    for shade in 2..u8::try_from(MOST_PHOTOS).unwrap() {
        assert_eq!(send(&stage, stage.member(0), &new(), picture(shade)).await.0, 200);
    }
    assert_eq!(send(&stage, stage.member(0), &new(), picture(200)).await.0, 422, "enough is enough");
    let (db, ctx) = (&stage.office.db, &stage.office.ctx);
    let other = stage.scan("A-1", Some((0, 0)));
    campaign::close(db, ctx, NUMBER, Some("到期")).await.unwrap();
    assert_eq!(send(&stage, stage.member(0), &new(), picture(0)).await.0, 200, "one that is here already");
    assert_eq!(send(&stage, stage.member(0), &path(&other["id"], id(&stage)), picture(0)).await.0, 404);
}

#[tokio::test]
async fn in_a_blind_count_nobody_sees_what_others_saw() {
    let stage = Stage::open().await;
    let scan = stage.scan("A-0", Some((0, 0)));
    stage.send(stage.member(0), std::slice::from_ref(&scan)).await;
    assert_eq!(send(&stage, stage.member(0), &path(&scan["id"], id(&stage)), picture(10)).await.0, 200);
    let seen =
        async |ctx: Ctx| photos::of_item(stage.office.db.read(), &ctx, stage.things[0].id, 5).await.unwrap().len();
    assert_eq!((seen(stage.member(0)).await, seen(stage.centre()).await), (1, 0));
    campaign::close(&stage.office.db, &stage.office.ctx, NUMBER, Some("到期")).await.unwrap();
    assert_eq!(seen(stage.centre()).await, 1, "when it is over");
}
