//! Photos from the phone: one that goes with its scan, taken where there is no network, and one of a whole shelf, out of
//! which the server reads every code.

use std::path::{Path, PathBuf};

use hufu::items::labels::Subject;
use hufu::stocktake::entity::scan_photo;
use image::{GrayImage, Luma};
use sea_orm::EntityTrait as _;

use super::chromium::{Chromium, Wish};
use super::desk::{Desk, NUMBER};
use super::film::label;
use super::scanning::{begin, type_code, unsent, wait_until_it_opens_alone};

/// Labels beside each other on a shelf.
fn shelf(labels: &[GrayImage], folder: &Path) -> PathBuf {
    let (wide, high) = (labels[0].width() + 60, labels[0].height() + 80);
    let mut photo = GrayImage::from_pixel(wide * u32::try_from(labels.len()).unwrap(), high, Luma([150]));
    for (n, label) in (0i64..).zip(labels) {
        image::imageops::overlay(&mut photo, label, n * i64::from(wide) + 30, 40);
    }
    let path = folder.join("shelf.png");
    photo.save(&path).unwrap();
    path
}

/// Gives a photo to the sheet that is open.
async fn give(phone: &Chromium, file: &str, path: &Path) {
    let field = phone.wait_for(&format!("dialog[open] [data-test={file}]")).await;
    field.send_keys(path.display().to_string()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_goes_with_its_scan_and_a_shelf_is_read_from_one_photo() {
    let mut desk = Desk::with(4).await;
    let place = desk.labels(&[Subject::Place(desk.office.places[0][0])]).await[0].to_string();
    let subjects: Vec<_> = desk.things.iter().map(|thing| Subject::Item(thing.id)).collect();
    let codes = desk.labels(&subjects).await;
    let folder = tempfile::tempdir().unwrap();
    let photo = shelf(&[label(codes[1]), label(codes[2])], folder.path());
    let phone = Chromium::start(Wish::default()).await;
    begin(&desk, &phone, "guanli").await;
    type_code(&phone, &place).await;
    type_code(&phone, &codes[0].to_string()).await;
    phone.until("the scan to be sent", async || unsent(&phone).await == 0).await;
    wait_until_it_opens_alone(&phone).await;

    // Taken without a network it is kept, and shown as not sent.
    desk.leave().await;
    phone.press("[data-test=photo]").await;
    give(&phone, "photo-file", &photo).await;
    phone.until_script("the photo to be kept", "return !document.querySelector('dialog[open]')").await;
    phone.until("the photo to wait", async || unsent(&phone).await == 1).await;
    desk.come_back();
    phone.script("window.dispatchEvent(new Event('online'))").await;
    phone.until("the photo to be sent", async || unsent(&phone).await == 0).await;
    let kept = scan_photo::Entity::find().all(desk.office.db.read()).await.unwrap();
    assert_eq!(kept.iter().map(|one| one.item_id).collect::<Vec<_>>(), [Some(desk.things[0].id)]);

    // A shelf: both codes out of one photo.
    phone.press("[data-test=many]").await;
    give(&phone, "many-file", &photo).await;
    let read = "return document.querySelector('[data-test=many-state]').textContent.includes('2')";
    phone.until_script("both codes", read).await;
    phone.press("dialog[open] [data-test=close]").await;
    phone.until("what was read to be sent", async || unsent(&phone).await == 0).await;
    let mut seen: Vec<_> = desk.scans().await.iter().filter_map(|scan| scan.item_id).collect();
    seen.sort_unstable();
    let mut those: Vec<_> = desk.things[..3].iter().map(|thing| thing.id).collect();
    those.sort_unstable();
    assert_eq!(seen, those);

    // The page of the count shows it beside its line.
    phone.open(&desk.url(&format!("/stocktake/{NUMBER}/differences?verdict=all"))).await;
    let shown = "const all = document.querySelectorAll('ul.photos img'); all.forEach((one) => { one.loading = 'eager'; }); \
                 return all.length === 1 && all[0].complete && all[0].naturalWidth > 0";
    phone.until_script("the photo", shown).await;
    desk.leave().await;
}
