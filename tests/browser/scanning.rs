//! The scan app on a phone: the camera, no network, a battery that dies, two phones on one sheet.

use hashbrown::HashSet;
use hufu::items::labels::Subject;
use hufu_labels::code::LabelCode;
use serde_json::Value;

use super::chromium::{Chromium, Wish};
use super::desk::Desk;
use super::film::{film, label};

/// Notes when the mark in the camera's corner turns dark, and when the screen takes a colour.
pub(super) const WATCH: &str = r#"
const video = document.querySelector("video"), eye = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
eye.canvas.width = eye.canvas.height = 1;
window.__seen = []; window.__waited = [];
let dark = 0;
const look = () => {
  if (video.videoWidth) {
    eye.drawImage(video, 12, 12, 8, 8, 0, 0, 1, 1);
    const light = eye.getImageData(0, 0, 1, 1).data[0];
    if (light > 100) dark = 0; else if (!dark) dark = performance.now();
  }
  video.requestVideoFrameCallback(look);
};
video.requestVideoFrameCallback(look);
const flash = document.querySelector('[data-test="flash"]');
new MutationObserver(() => {
  __seen.push(flash.dataset.verdict);
  if (dark) __waited.push(performance.now() - dark);
}).observe(flash, { attributes: true, attributeFilter: ["data-count"] });
"#;

/// Signs in as the unit's asset manager and begins to count.
pub(super) async fn begin(desk: &Desk, phone: &Chromium, login: &str) {
    sign_in(desk, phone, login).await;
    phone.driver.set_window_rect(0, 0, 420, 860).await.unwrap();
    phone.open(&desk.url("/scan")).await;
    open_sheet(phone).await;
}

/// Chooses the first sheet.
pub(super) async fn open_sheet(phone: &Chromium) {
    phone.press("[data-test=sheet]").await;
    phone.wait_for("[data-test=scan]").await;
}

async fn flashes(phone: &Chromium) -> usize {
    let said = phone.script("return document.querySelector('[data-test=flash]')?.dataset.count ?? '0'").await;
    said.as_str().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Types a code as a scanner that is a keyboard does, until the screen has taken its colour for it.
pub(super) async fn type_code(phone: &Chromium, code: &str) {
    let before = flashes(phone).await;
    phone.driver.action_chain().send_keys(format!("{code}\u{e007}")).perform().await.unwrap();
    phone.until(code, async || flashes(phone).await > before).await;
}

pub(super) async fn sign_in(desk: &Desk, browser: &Chromium, login: &str) {
    browser.open(&desk.door()).await;
    // The first visit signs in whoever comes first in the list; the second lets one choose.
    browser.open(&desk.door()).await;
    let chosen = format!("form:has(input[name=login][value={login}]) button");
    browser.press(&chosen).await;
    browser.until_script("another page", "return !location.pathname.startsWith('/demo')").await;
}

pub(super) async fn unsent(phone: &Chromium) -> i64 {
    let said = phone.script("return document.querySelector('[data-test=unsent]')?.dataset.count ?? null").await;
    said.as_str().and_then(|text| text.parse().ok()).unwrap_or(-1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_reads_labels_and_the_screen_takes_their_colours() {
    let mut desk = Desk::with(3).await;
    let (here, elsewhere) = (desk.office.places[0][0], desk.office.places[0][1]);
    let things: Vec<_> = desk.things.iter().map(|thing| Subject::Item(thing.id)).collect();
    // Everything is booked here; seen elsewhere it is at the wrong place.
    let right = desk.labels(&[Subject::Place(here), things[0], things[1]]).await;
    let wrong = desk.labels(&[Subject::Place(elsewhere), things[2]]).await;
    let labels = |codes: &[LabelCode]| codes.iter().map(|code| label(*code)).collect::<Vec<_>>();
    // The place alone, then two things at once; elsewhere the place, then one.
    let right = vec![labels(&right[..1]), labels(&right[1..])];
    let wrong = vec![labels(&wrong[..1]), labels(&wrong[1..])];
    let dir = tempfile::tempdir().unwrap();
    for (scenes, verdict, many) in [(right, "matched", 2), (wrong, "misplaced", 1)] {
        let path = dir.path().join(format!("{verdict}.y4m"));
        film(&scenes, &path);
        let phone = Chromium::start(Wish { film: Some(&path), ..Wish::default() }).await;
        begin(&desk, &phone, "guanli").await;
        phone.wait_for("video").await;
        phone.script(WATCH).await;
        let seen = format!("return __seen.filter((one) => one === '{verdict}').length >= {many}");
        phone.until_script(verdict, &seen).await;
        phone.until("what was seen to be sent", async || unsent(&phone).await == 0).await;
        let waited = phone.script("return __waited").await;
        println!("camera to colour, ms: {}", spread(&waited));
        phone.picture(&format!("scan-{verdict}")).await;
        assert!(phone.errors().await.is_empty());
    }
    let scans = desk.scans().await;
    let read = |n: usize| scans.iter().filter(|scan| scan.item_id == Some(desk.things[n].id)).collect::<Vec<_>>();
    for (n, place) in [(0, here), (1, here), (2, elsewhere)] {
        assert!(!read(n).is_empty(), "thing {n}");
        assert!(read(n).iter().all(|scan| scan.place_id == Some(place)), "thing {n}");
    }
    desk.leave().await;
}

/// The middle and the longest of some times.
pub(super) fn spread(waited: &Value) -> String {
    let mut all: Vec<f64> = waited.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    all.sort_by(f64::total_cmp);
    match all.last() {
        Some(longest) => format!("median {:.0}, longest {longest:.0} of {}", all[all.len() / 2], all.len()),
        None => "none".to_owned(),
    }
}

async fn wedge(phone: &Chromium, codes: &[String]) {
    for code in codes {
        type_code(phone, code).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_scans_without_a_network_outlive_a_killed_browser_and_arrive_once() {
    const MANY: usize = 200;
    let mut desk = Desk::with(MANY).await;
    let place = desk.labels(&[Subject::Place(desk.office.places[0][0])]).await;
    let subjects: Vec<_> = desk.things.iter().map(|thing| Subject::Item(thing.id)).collect();
    let codes: Vec<String> = desk.labels(&subjects).await.iter().map(ToString::to_string).collect();
    let pocket = tempfile::tempdir().unwrap();
    let wish = Wish { profile: Some(pocket.path()), ..Wish::default() };

    let phone = Chromium::start(wish.clone()).await;
    begin(&desk, &phone, "guanli").await;
    wait_until_it_opens_alone(&phone).await;
    desk.leave().await;
    phone.driver.action_chain().send_keys(format!("{}\u{e007}", place[0])).perform().await.unwrap();
    phone.until_script("the place", "return !document.querySelector('dialog[data-test=place-sheet]')").await;
    wedge(&phone, &codes).await;
    phone.kill();

    // Still without a network: the app opens, and shows what it has not sent.
    let phone = Chromium::start(wish).await;
    phone.open(&desk.url("/scan")).await;
    phone.wait_for("[data-test=unsent]").await;
    phone.until("all that was counted", async || unsent(&phone).await == 200).await;
    assert!(desk.scans().await.is_empty());

    desk.come_back();
    phone.open(&desk.door()).await;
    phone.open(&desk.url("/scan")).await;
    phone.until("everything to be sent", async || unsent(&phone).await == 0).await;
    let scans = desk.scans().await;
    let things: HashSet<_> = scans.iter().filter_map(|scan| scan.item_id).collect();
    assert_eq!((scans.len(), things.len()), (MANY, MANY), "each once");
    desk.leave().await;
}

/// Until the service worker has what the app needs without a network.
pub(super) async fn wait_until_it_opens_alone(phone: &Chromium) {
    let ready = "return !!(navigator.serviceWorker && navigator.serviceWorker.controller)";
    phone.until_script("the service worker", ready).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_phones_on_one_sheet_see_each_other() {
    let mut desk = Desk::with(4).await;
    let place = desk.labels(&[Subject::Place(desk.office.places[0][0])]).await[0].to_string();
    let subjects: Vec<_> = desk.things.iter().map(|thing| Subject::Item(thing.id)).collect();
    let codes: Vec<String> = desk.labels(&subjects).await.iter().map(ToString::to_string).collect();
    let (one, other) = (Chromium::start(Wish::default()).await, Chromium::start(Wish::default()).await);
    begin(&desk, &one, "guanli").await;
    begin(&desk, &other, "minjing").await;
    for phone in [&one, &other] {
        phone.driver.action_chain().send_keys(format!("{place}\u{e007}")).perform().await.unwrap();
        phone.until_script("the place", "return !document.querySelector('dialog[data-test=place-sheet]')").await;
    }
    wedge(&one, &codes[..2]).await;
    let seen = |many: u32| format!("return document.querySelector('[data-test=progress]')?.dataset.seen === '{many}'");
    other.until_script("what the first phone counted", &seen(2)).await;
    wedge(&other, &codes[2..3]).await;
    one.until_script("what the second phone counted", &seen(3)).await;
    // What the other has counted is already counted.
    wedge(&other, &codes[..1]).await;
    let verdict = other.script("return document.querySelector('[data-test=flash]').dataset.verdict").await;
    assert_eq!(verdict, Value::from("already"), "grey, not a second count");
    for phone in [&one, &other] {
        phone.until("everything to be sent", async || unsent(phone).await == 0).await;
        assert!(phone.errors().await.is_empty());
    }
    desk.leave().await;
}
