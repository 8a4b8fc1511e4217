//! From a password to a green screen: a phone is enrolled, a workbook brought in, a label printed, a count opened, and the
//! label that came out of the printer held before a camera.

use std::path::{Path, PathBuf};
use std::process::Command;

use hufu::items::labels::Subject;
use image::GrayImage;
use serde_json::Value;
use thirtyfour::By;
use totp_rs::{Builder, Secret};

use super::chromium::{Chromium, Wish};
use super::desk::Desk;
use super::film::{film, label};
use super::scanning::{WATCH, open_sheet, spread};

const LOGIN: &str = "zhihui";
const NUMBER: &str = "XL-2026-0417";

#[tokio::test(flavor = "multi_thread")]
async fn from_a_password_to_a_green_screen() {
    let mut desk = Desk::empty().await;
    let folder = tempfile::tempdir().unwrap();
    let browser = Chromium::start(Wish::default()).await;
    browser.save_into(folder.path()).await;
    enrol(&desk, &browser).await;
    bring_in(&desk, &browser, folder.path()).await;
    let printed = print(&desk, &browser, folder.path()).await;
    open_a_count(&desk, &browser).await;
    assert_eq!(browser.errors().await, Vec::<String>::new());
    drop(browser);

    let place = desk.labels(&[Subject::Place(desk.office.places[0][0])]).await[0];
    let path = folder.path().join("camera.y4m");
    film(&[vec![label(place)], vec![printed]], &path);
    let phone = Chromium::start(Wish { film: Some(&path), ..Wish::default() }).await;
    enter(&desk, &phone, "guanli").await;
    phone.wait_for("nav.rooms").await;
    phone.open(&desk.url("/scan")).await;
    open_sheet(&phone).await;
    phone.wait_for("video").await;
    phone.script(WATCH).await;
    phone.until_script("green", "return __seen.includes('matched')").await;
    println!("camera to colour, ms: {}", spread(&phone.script("return __waited").await));
    desk.leave().await;
}

/// What the phone of this secret shows, so many steps from now: a code is taken once, and the next one is taken early.
fn code(base32: &str, ahead: u64, desk: &Desk) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(base32).unwrap()).build().unwrap();
    totp.generate(u64::try_from(desk.ctx.now().0 / 1000).unwrap() + 30 * ahead).to_string()
}

/// Signs in with a password.
async fn enter(desk: &Desk, browser: &Chromium, login: &str) {
    browser.open(&desk.url("/sign-in")).await;
    browser.write("#login", login).await;
    browser.write("#password", desk.password(login)).await;
    browser.press("main form button").await;
}

/// Signs in with a password, sets the second factor up, leaves, and comes back with both.
async fn enrol(desk: &Desk, browser: &Chromium) {
    let password = desk.password(LOGIN);
    enter(desk, browser, LOGIN).await;
    browser.wait_for("nav.rooms").await;
    browser.open(&desk.url("/account/second-factor")).await;
    browser.write("#password", password).await;
    browser.press("main form button").await;
    browser.wait_for("svg.qr").await;
    let secret = browser.driver.find(By::Css("main .mono")).await.unwrap().text().await.unwrap();
    browser.write("#code", &code(&secret, 0, desk)).await;
    browser.press("main form button").await;
    let codes = browser.wait_for("ol.codes").await;
    assert_eq!(codes.text().await.unwrap().lines().count(), 10, "codes for the day the phone is lost");
    browser.press("details.menu:has(form[action=\"/sign-out\"]) summary").await;
    browser.press("form[action=\"/sign-out\"] button").await;
    browser.wait_for("#login").await;
    enter(desk, browser, LOGIN).await;
    browser.write("#second_factor", &code(&secret, 1, desk)).await;
    browser.press("main form button").await;
    browser.wait_for("nav.rooms").await;
}

/// A workbook as an office has it: letterhead above, a column that nobody needs, a row without a name.
fn workbook(folder: &Path) -> PathBuf {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "裕安分局固定资产台账").unwrap();
    let rows = [
        ["资产编号", "资产名称", "使用部门", "存放地点", "使用人", "备注"],
        [NUMBER, "便携式计算机", "第0大队", "房间00", "人员00", "去年买的"],
        ["XL-2026-0418", "打印机", "第0大队", "房间01", "人员02", ""],
        ["XL-2026-0419", "", "第0大队", "房间01", "人员02", ""],
    ];
    for (row, cells) in (2..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write(row, column, cell).unwrap();
        }
    }
    let path = folder.join("台账.xlsx");
    book.save(&path).unwrap();
    path
}

/// Sends the workbook, up to where its columns are asked about.
pub(super) async fn choose_columns(desk: &Desk, browser: &Chromium, folder: &Path) {
    browser.open(&desk.url("/imports/new")).await;
    browser.press("input[name=kind][value=assets]").await;
    let path = workbook(folder);
    let file = browser.wait_for("#file").await;
    file.send_keys(path.display().to_string()).await.unwrap();
    let as_of = desk.ctx.now().day() - chrono::Days::new(2);
    browser.choose("#as_of", &as_of.to_string()).await;
    browser.press("main form button.btn-primary").await;
    // What is recognised stands chosen.
    browser.wait_for("#columns").await;
}

async fn bring_in(desk: &Desk, browser: &Chromium, folder: &Path) {
    choose_columns(desk, browser, folder).await;
    browser.press("#columns .foot button[value=next]").await;
    browser.press("form[action$=\"/commit\"] button").await;
    browser.press("form[action$=\"/undo\"] button:not([disabled])").await;
    // Asked for to be seen, and left: what is in stays in.
    browser.until("a question", async || browser.driver.get_alert_text().await.is_ok()).await;
    browser.driver.dismiss_alert().await.unwrap();
    assert!(browser.script("return document.querySelector('main').innerText").await.as_str().unwrap().contains('2'));
}

/// Ticks the thing in the list, prints its label, and takes the sheet out of the printer.
async fn print(desk: &Desk, browser: &Chromium, folder: &Path) -> GrayImage {
    browser.open(&desk.url("/items")).await;
    browser.press(&format!("input[name=number][value=\"{NUMBER}\"]")).await;
    browser.press("button[formaction=\"/labels/print\"]").await;
    let seen =
        "const shown = document.querySelector('img.paper'); return !!shown && shown.complete && shown.naturalWidth > 0";
    browser.until_script("the preview", seen).await;
    // Another template is shown at once.
    let before = browser.script("return document.querySelector('img.paper').src").await;
    browser.choose("#template", "asset-70x50").await;
    let other = format!("return document.querySelector('img.paper').src !== {before}");
    browser.until_script("the preview of another template", &other).await;
    browser.until_script("the preview", seen).await;
    browser.picture("label-preview").await;
    browser.press("form[method=post][action=\"/labels/print\"] button").await;
    let saved = || {
        let files = std::fs::read_dir(folder).unwrap().flatten().map(|file| file.path());
        files.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "pdf"))
    };
    browser.until("the file", async || saved().is_some()).await;
    let sheet = folder.join("sheet");
    let drawn = Command::new("pdftoppm")
        .args(["-r", "203", "-png", "-singlefile"])
        .args([saved().unwrap(), sheet.clone()])
        .status()
        .expect("pdftoppm is missing: tests/run.sh installs it (Debian: poppler-utils)");
    assert!(drawn.success());
    image::open(sheet.with_extension("png")).unwrap().to_luma8()
}

async fn open_a_count(desk: &Desk, browser: &Chromium) {
    let today = desk.ctx.now().day();
    browser.open(&desk.url("/stocktake/new")).await;
    browser.write("#number", "2026-A").await;
    browser.write("#name", "年中抽查").await;
    for (field, day) in [("#baseline_on", today - chrono::Days::new(1)), ("#from", today), ("#to", today)] {
        browser.choose(field, &day.to_string()).await;
    }
    browser.press(&format!("input[name=unit][value=\"{}\"]", desk.office.units[0].0)).await;
    browser.press("button[name=step][value=preview]").await;
    browser.wait_for("section[aria-labelledby=expects] td.num").await;
    let expects =
        browser.script("return document.querySelector('section[aria-labelledby=expects] td.num').textContent").await;
    assert_eq!(expects, Value::from("2"));
    browser.press("button[name=step][value=open]").await;
    browser.say_yes().await;
    browser.until_script("the board", "return location.pathname.startsWith('/stocktake/2026-A')").await;
}
