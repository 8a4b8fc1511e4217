//! Photos over HTTP: what they show, and what is no photo.

use axum_test::multipart::{MultipartForm, Part};
use hufu::items::labels::{Printing, Subject, print};
use hufu::kernel::Ctx;
use image::{GrayImage, ImageFormat, Luma};
use serde_json::{Value, json};

use super::stage::Stage;

const PATH: &str = "/api/v1/photos/decode";
/// Pixels a module.
const MODULE: u32 = 6;

/// A white wall with a QR code of each text beside the other.
fn wall(texts: &[&str]) -> GrayImage {
    let count = u32::try_from(texts.len()).unwrap();
    let mut wall = GrayImage::from_pixel(count * 400, 400, Luma([255]));
    for (at, text) in (0u32..).zip(texts) {
        let code = qrcode::QrCode::new(text).unwrap();
        let width = code.width();
        for (module, colour) in code.to_colors().into_iter().enumerate() {
            let (x, y) = (u32::try_from(module % width).unwrap(), u32::try_from(module / width).unwrap());
            if colour == qrcode::Color::Dark {
                for (dx, dy) in (0..MODULE * MODULE).map(|n| (n % MODULE, n / MODULE)) {
                    wall.put_pixel(at * 400 + 80 + x * MODULE + dx, 80 + y * MODULE + dy, Luma([0]));
                }
            }
        }
    }
    wall
}

fn file(picture: &GrayImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

async fn decode(stage: &Stage, ctx: Ctx, photo: Vec<u8>) -> (u16, Value) {
    let part = Part::bytes(photo).file_name("../../../etc/passwd.jpg").mime_type("text/html");
    let said = stage.server(ctx).post(PATH).multipart(MultipartForm::new().add_part("photo", part)).await;
    (said.status_code().as_u16(), serde_json::from_slice(said.as_bytes()).unwrap_or(Value::Null))
}

#[tokio::test]
async fn a_photo_tells_its_codes_and_what_is_within_reach() {
    let stage = Stage::open().await;
    let (db, ctx) = (&stage.office.db, &stage.office.ctx);
    let subjects = [
        Subject::Item(stage.things[0].id),
        Subject::Item(stage.things[2].id),
        Subject::Place(stage.office.places[0][1]),
    ];
    let codes = print(db, ctx, &subjects, "asset-60x40", Printing::Again).await.unwrap();
    print(db, ctx, &subjects[..1], "asset-60x40", Printing::Renew).await.unwrap();
    let wall = wall(&[codes[0].as_str(), codes[1].as_str(), codes[2].as_str(), "https://example.org/?a=1"]);
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        let (status, said) = decode(&stage, stage.member(0), file(&wall, format)).await;
        assert_eq!(status, 200, "{said}");
        let found = said["codes"].as_array().unwrap();
        assert_eq!(found.len(), 4, "{said}");
        let of = |text: &str| found.iter().find(|code| code["text"] == text).unwrap();
        let own = of(codes[0].as_str());
        assert_eq!((&own["code"], &own["subject"]["number"]), (&json!(codes[0].as_str()), &json!("A-0")));
        assert_eq!((&own["subject"]["kind"], &own["subject"]["superseded"]), (&json!("item"), &json!(true)));
        assert_eq!(own["corners"].as_array().unwrap().len(), 4);
        let other = of(codes[1].as_str());
        assert_eq!((other["code"].is_string(), other.get("subject")), (true, None), "another unit's: read, not told");
        assert_eq!(of(codes[2].as_str())["subject"]["number"], "R01");
        let stranger = of("https://example.org/?a=1");
        assert_eq!((stranger.get("code"), stranger.get("subject")), (None, None));
    }
    let (status, said) =
        decode(&stage, stage.member(0), file(&GrayImage::from_pixel(50, 50, Luma([9])), ImageFormat::Png)).await;
    assert_eq!((status, said), (200, json!({ "codes": [] })));
}

/// A PNG header that declares a picture of this size and brings nothing.
fn declared(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = file(&GrayImage::from_pixel(8, 8, Luma([0])), ImageFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    })
}

#[tokio::test]
async fn what_is_no_photo_is_refused() {
    let stage = Stage::open().await;
    let whole = file(&wall(&["HF"]), ImageFormat::Jpeg);
    let flat = file(&GrayImage::from_pixel(11_000, 11_000, Luma([0])), ImageFormat::Png);
    for (what, photo) in [
        ("nothing", Vec::new()),
        ("a page", b"<html><script>".to_vec()),
        ("the half of one", whole[..whole.len() / 2].to_vec()),
        ("a giant", declared(2_000_000_000, 2_000_000_000)),
        ("more pixels than a phone has", declared(11_000, 11_000)),
        ("a bomb: black, small, and of 121 million pixels", flat),
        ("a broken header", whole[..8].to_vec()),
    ] {
        let (status, said) = decode(&stage, stage.member(0), photo).await;
        assert_eq!((status, &said["field"]), (422, &json!("photo")), "{what}: {said}");
    }
    let (status, _) = decode(&stage, stage.member(0), vec![0xff; (40 << 20) + 1]).await;
    assert_eq!(status, 413);
    let (status, _) = decode(&stage, stage.member(0), vec![0xff; 60 << 20]).await;
    assert_eq!(status, 413);
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let stage = Stage::open().await;
    let server = stage.server(stage.member(0));
    let without = server.post(PATH).multipart(MultipartForm::new().add_text("note", "x")).await;
    assert_eq!(without.status_code().as_u16(), 422);
    let json = server.post(PATH).json(&json!({ "photo": "x" })).await;
    assert_eq!(json.status_code().as_u16(), 415);
    let cut = server.post(PATH).content_type("multipart/form-data; boundary=x");
    let cut = cut.bytes("--x\r\nContent-Disposition: form-data; name=\"photo\"\r\n\r\nabc".into()).await;
    assert_eq!(cut.status_code().as_u16(), 400, "{}", cut.text());
    assert_eq!(cut.header("content-type"), "application/problem+json");
}
