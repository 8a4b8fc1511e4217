//! Every page that the menus lead to, of each of those who use the program, and the screens of the scan app: in both
//! languages, at a desk and on a phone, by day and by night. The console is silent, nothing runs over the side, what the
//! program itself says is in the language chosen, and axe finds nothing serious. Each is kept as a picture.

use std::collections::{BTreeSet, VecDeque};

use hufu::items::labels::Subject;
use hufu::stocktake::counting::{self, NewScan};
use hufu::stocktake::model::Condition;

use super::chromium::{Chromium, Wish};
use super::desk::{Desk, NUMBER};
use super::scanning::{open_sheet, sign_in, type_code};
use super::story;

const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/app/node_modules/axe-core/axe.min.js");
/// How a page is looked at: how wide, in which language, whether in the colours of the night.
const LOOKS: [(u32, &str, bool); 4] = [(1280, "zh", false), (390, "zh", true), (1280, "en", true), (390, "en", false)];
/// What is wrong with the page as it stands, a line each: it runs over the side; a word has no translation; on an English
/// page stands Chinese that is nobody's name (the office of these tests has few: they are taken away first).
const LOOK: &str = r#"
const wrong = [], over = document.scrollingElement.scrollWidth - WIDTH;
if (over > 0) wrong.push(`${over} px run over the side`);
// What laws and chains are called, and what stands in a workbook, is not the program's to translate.
const data = /^\/(rules|chains|imports|approvals)/.test(location.pathname);
const english = document.documentElement.lang.startsWith("en") && !data;
const names = /第\d大队|人员\d\d|房间\d\d|台式计算机|年终盘点|裕安分局[^ ]*|大队|虎符|中文|\d 台(?!式)|便携式计算机|打印机|台账|浏览器测试[^ ]*/g;
const own = english ? /[\u4e00-\u9fff]+/ : /\b[a-z]+\.[a-z_]+\.[a-z_]+\b/;
const said = (text) => {
  const left = (text ?? "").replace(names, "").match(own);
  if (left) wrong.push(`not in this language: ${text.trim().slice(0, 60)}`);
};
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const parent = walk.currentNode.parentElement;
  if (!parent.closest("script, style, textarea, pre, .mono, [lang='zh-CN']:not(html), [data-said]")) said(walk.currentNode.data);
}
for (const one of document.querySelectorAll("[title], [placeholder], [aria-label], [data-name], [data-confirm]"))
  if (!one.closest("[data-said]"))
    for (const name of ["placeholder", "aria-label", "data-name", "data-confirm"]) said(one.getAttribute(name));
return wrong;
"#;
/// What axe finds that keeps somebody out.
const ASK_AXE: &str = r#"
const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ["violations"] }).then((found) => done(found.violations
  .filter((one) => ["serious", "critical"].includes(one.impact))
  .map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.target.join(" ") + " " + (node.any[0]?.message ?? "")).join(" | ")}`)),
  (error) => done([String(error)]));
"#;
/// Where the page leads to, without what tells one row of a list from another.
const LINKS: &str = r#"
return [...document.querySelectorAll("nav a[href^='/'], .head a[href^='/'], header a[href^='/'], main a[href^='/']")].map((link) => new URL(link.href))
  .filter((url) => !url.pathname.startsWith("/demo") && !url.pathname.startsWith("/scan") && !url.pathname.startsWith("/api"))
  .filter((url) => !/\.(pdf|xlsx|csv|png|hufu)$/.test(url.pathname) && !url.searchParams.has("as") && !url.search.includes("lang="))
  .map((url) => url.pathname + (url.pathname.match(/new$/) ? url.search : ""));
"#;
/// Pages that a form leads to.
const FORMS: [&str; 6] = [
    "/items/many?do=move&number=B-0001&number=B-0002",
    "/labels/print?number=B-0001&number=B-0002&template=asset-50x30&sheet=a4-3x8&skip=5",
    "/labels/print?numbers=nothing",
    "/items?q=nothing-like-it",
    "/find?q=nothing-like-it",
    "/assets/movements/new?number=B-0001",
];

/// One of each kind of page: two things' cards are the same page.
fn kind(path: &str) -> String {
    // A number, an id, the name of a rule or chain, or a label's code, some of which have no digit.
    let is_one = |part: &str| {
        part.contains(|c: char| c.is_ascii_digit() || "._".contains(c))
            || (part.len() > 8 && part.chars().all(|c| c.is_ascii_uppercase()))
    };
    let (way, query) = path.split_once('?').unwrap_or((path, ""));
    let parts: Vec<_> = way.split('/').map(|part| if is_one(part) { "*" } else { part }).collect();
    let asked: Vec<_> =
        query.split('&').filter_map(|pair| pair.split('=').next()).filter(|key| !key.is_empty()).collect();
    if asked.is_empty() { parts.join("/") } else { format!("{}?{}", parts.join("/"), asked.join("+")) }
}

/// Looks at the page as it stands.
async fn look(browser: &Chromium, axe: &str, name: &str, width: u32) -> Vec<String> {
    let mut wrong = browser.errors().await;
    let seen = browser.script(&LOOK.replace("WIDTH", &width.to_string())).await;
    if browser.script("return !!window.axe").await != true {
        browser.script(axe).await;
    }
    let found = browser.driver.execute_async(ASK_AXE, Vec::new()).await.unwrap();
    for said in [seen, found.json().clone()] {
        wrong.extend(said.as_array().into_iter().flatten().filter_map(|line| line.as_str().map(str::to_owned)));
    }
    browser.picture(name).await;
    wrong.into_iter().map(|line| format!("{name}: {line}")).collect()
}

/// Walks from home along every link to one page of each kind that nobody looked at before, and looks at each in all the
/// ways; how many those were, and what is wrong with them.
async fn walk(
    browser: &Chromium,
    axe: &str,
    url: &impl Fn(&str) -> String,
    known: &mut BTreeSet<String>,
) -> (usize, Vec<String>) {
    let (mut looked, mut wrong, mut been_home) = (0, Vec::new(), false);
    let mut waiting: VecDeque<String> = ["/"].into_iter().chain(FORMS).map(str::to_owned).collect();
    while let Some(path) = waiting.pop_front() {
        // Home has everybody's own menu.
        let is_first = path == "/" && !std::mem::replace(&mut been_home, true);
        let is_new = known.insert(kind(&path));
        if !is_new && !is_first {
            continue;
        }
        browser.narrow(1280).await;
        browser.dark(false).await;
        browser.open(&url(&in_language(&path, "zh"))).await;
        let is_page = "return document.contentType === 'text/html' && performance.getEntriesByType('navigation')[0].responseStatus === 200";
        if browser.script(is_page).await != true {
            // Perhaps somebody else may see it; what one may not see is told in the console.
            known.remove(&kind(&path));
            browser.errors().await;
            continue;
        }
        let links = browser.script(LINKS).await;
        waiting.extend(links.as_array().into_iter().flatten().filter_map(|link| link.as_str().map(str::to_owned)));
        if is_new {
            looked += 1;
            wrong.extend(look_at_all(browser, axe, url, &path).await);
        }
    }
    (looked, wrong)
}

/// A page's address in a language.
fn in_language(path: &str, language: &str) -> String {
    let join = if path.contains('?') { '&' } else { '?' };
    format!("{path}{join}lang={language}")
}

/// Looks at a page in each of the ways; it is shown already, in the first of them. What differs within a language is for
/// the browser alone to draw: the page is asked for once.
async fn look_at_all(browser: &Chromium, axe: &str, url: &impl Fn(&str) -> String, path: &str) -> Vec<String> {
    let name = kind(path).trim_matches('/').replace('/', ".").replace('*', "one").replace('?', "--");
    let name = if name.is_empty() { "today".to_owned() } else { name };
    let (mut wrong, mut shown) = (Vec::new(), "zh");
    for (width, language, night) in LOOKS {
        // A window of a desktop's browser is never narrower than 500 px: a phone is emulated by the frame.
        browser.narrow(width).await;
        browser.dark(night).await;
        if language != shown {
            browser.open(&url(&in_language(path, language))).await;
            shown = language;
        }
        wrong.extend(look(browser, axe, &format!("{name}-{width}-{language}"), width).await);
    }
    wrong
}

fn axe() -> String {
    std::fs::read_to_string(AXE).expect("axe-core is missing: npm ci in src/web/app installs it")
}

fn nothing(wrong: Vec<String>) {
    let lines: BTreeSet<_> = wrong.into_iter().collect();
    let lines: Vec<_> = lines.into_iter().collect();
    assert!(lines.is_empty(), "{} things are wrong:\n{}", lines.len(), lines.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_holds_in_both_languages_at_a_desk_and_on_a_phone() {
    let axe = axe();
    let mut desk = Desk::with(60).await;
    counted(&desk).await;
    let url = |path: &str| desk.url(path);
    let browser = Chromium::start(Wish::default()).await;
    browser.open(&url(&in_language("/sign-in", "zh"))).await;
    let mut wrong = look_at_all(&browser, &axe, &url, "/sign-in").await;
    let (mut known, mut looked) = (BTreeSet::new(), 1);
    for who in ["guanli", "zhihui", "xitong", "anquan", "shenji"] {
        sign_in(&desk, &browser, who).await;
        if who == "guanli" {
            let folder = tempfile::tempdir().unwrap();
            story::choose_columns(&desk, &browser, folder.path()).await;
        }
        browser.errors().await;
        let (many, found) = walk(&browser, &axe, &url, &mut known).await;
        looked += many;
        wrong.extend(found);
    }
    println!("{looked} kinds of pages looked at, each in {} ways", LOOKS.len());
    desk.leave().await;
    nothing(wrong);
    assert!(looked > 60, "{known:?}");
}

/// The same of a demonstration that runs already, for people to look at: `HUFU_DEMO` is its door, the pictures go to
/// `tests/screenshots/`. What is wrong is printed; names of the demonstration are not known here.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "looks at a demonstration that somebody started: HUFU_DEMO=http://127.0.0.1:8080/demo/…"]
async fn pictures_of_a_demonstration() {
    let door = std::env::var("HUFU_DEMO").expect("HUFU_DEMO is the address that `hufu demo` prints");
    let address = door.split("/demo/").next().unwrap().to_owned();
    let url = |path: &str| format!("{address}{path}");
    let axe = axe();
    let browser = Chromium::start(Wish::default()).await;
    browser.open(&door).await;
    let mut known = BTreeSet::new();
    for n in 1.. {
        browser.open(&door).await;
        if n > 1 {
            let there = format!("return document.querySelectorAll('form:has(input[name=login])').length >= {n}");
            if browser.script(&there).await != true {
                break;
            }
            browser.press(&format!(".todo li:nth-child({n}) form button")).await;
            browser.until_script("another page", "return !location.pathname.startsWith('/demo')").await;
        }
        let (_, wrong) = walk(&browser, &axe, &url, &mut known).await;
        wrong.iter().filter(|line| !line.contains("not in this language")).for_each(|line| println!("{line}"));
    }
}

/// What a page and all it asks for weigh as they come over the line, but for the machine that reads codes.
const WEIGHT: &str = r#"
const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
return all.filter((one) => !one.name.includes(".wasm")).map((one) => one.encodedBodySize).reduce((a, b) => a + b, 0);
"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_is_light() {
    let mut desk = Desk::with(60).await;
    for path in ["/", "/scan"] {
        let browser = Chromium::start(Wish::default()).await;
        browser.open(&desk.door()).await;
        browser.open("about:blank").await;
        let emptied = serde_json::json!({});
        browser.driver.cdp().send_raw("Network.clearBrowserCache", emptied).await.unwrap();
        browser.open(&desk.url(path)).await;
        browser.until_script("all of it", "return document.readyState === 'complete'").await;
        let weight = browser.script(WEIGHT).await.as_u64().unwrap();
        println!("{path}: {weight} bytes, compressed, with all it asks for");
        assert!((1_000..100_000).contains(&weight), "{path} weighs {weight} bytes");
    }
    desk.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_of_the_scan_app_holds_in_both_languages() {
    let axe = axe();
    let mut desk = Desk::with(12).await;
    let here = desk.labels(&[Subject::Place(desk.office.places[0][0])]).await[0].to_string();
    let elsewhere = desk.labels(&[Subject::Place(desk.office.places[0][1])]).await[0].to_string();
    let phone = Chromium::start(Wish::default()).await;
    sign_in(&desk, &phone, "guanli").await;
    phone.narrow(390).await;
    let mut wrong = Vec::new();
    for (language, numbers) in [("en", ["B-0001", "B-0002"]), ("zh", ["B-0003", "B-0004"])] {
        let look = async |name: &str| look(&phone, &axe, &format!("scan-{name}-390-{language}"), 390).await;
        phone.open(&desk.url(&format!("/scan?lang={language}"))).await;
        phone.until_script("the app", "return document.querySelector('#app').dataset.ready === 'yes'").await;
        if phone.script("return !!document.querySelector('[data-test=scan]')").await == true {
            phone.press("[data-test=back]").await;
        }
        phone.wait_for("[data-test=sheet]").await;
        wrong.extend(look("choose").await);
        open_sheet(&phone).await;
        wrong.extend(look("place").await);
        type_code(&phone, &here).await;
        type_code(&phone, numbers[0]).await;
        wrong.extend(look("matched").await);
        type_code(&phone, &elsewhere).await;
        type_code(&phone, numbers[1]).await;
        wrong.extend(look("misplaced").await);
        type_code(&phone, numbers[1]).await;
        wrong.extend(look("already").await);
        for sheet in ["edit", "type", "many", "unseen", "menu", "unsent", "photo"] {
            phone.press(&format!("[data-test={sheet}]")).await;
            phone.wait_for("dialog[open]").await;
            wrong.extend(look(sheet).await);
            phone.press("dialog[open] [data-test=close]").await;
            phone.until_script("no sheet", "return !document.querySelector('dialog[open]')").await;
        }
    }
    desk.leave().await;
    nothing(wrong);
}

/// Some are seen, one of them elsewhere; a label waits to be printed.
async fn counted(desk: &Desk) {
    let (here, elsewhere) = (desk.office.places[0][0], desk.office.places[0][1]);
    desk.labels(&[Subject::Item(desk.things[0].id), Subject::Place(here)]).await;
    let scans: Vec<NewScan> = desk.things[..40]
        .iter()
        .enumerate()
        .map(|(n, thing)| NewScan {
            id: desk.ctx.new_id(),
            code_read: thing.item_number.clone(),
            place: Some(if n % 9 == 0 { elsewhere } else { here }),
            keeper: None,
            quantity: thing.quantity,
            condition: Condition::Good,
            no_label: false,
            name: String::new(),
            serial_number: String::new(),
            note: String::new(),
            counter: crate::support::badge(0, 1),
            device: "phone-1".to_owned(),
            device_at: desk.ctx.now(),
        })
        .collect();
    counting::scan(&desk.office.db, &desk.ctx, NUMBER, &scans).await.unwrap();
}
