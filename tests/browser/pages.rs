//! Every page that the menus lead to, as each of those who use the program, in both languages, at a desk and on a
//! phone: the console is silent, nothing runs over the side, what the program itself says is in the language chosen,
//! and axe finds nothing serious.

use std::collections::{BTreeSet, VecDeque};

use hufu::items::labels::Subject;
use hufu::stocktake::counting::{self, NewScan};
use hufu::stocktake::model::Condition;

use super::chromium::{Chromium, Wish};
use super::desk::Desk;
use super::scanning::sign_in;

const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/app/node_modules/axe-core/axe.min.js");
/// What is wrong with the page as it stands, a line each.
const LOOK: &str = r#"
const wrong = [], over = document.scrollingElement.scrollWidth - window.innerWidth;
if (over > 0) wrong.push(`${over} px run over the side`);
const words = document.documentElement.lang.startsWith("en") ? /[\u4e00-\u9fff]/ : /\b[a-z]+\.[a-z_]+\.[a-z_]+\b/;
for (const said of document.querySelectorAll("nav a, th, label, legend"))
  if (!said.closest("[lang],[data-name]")?.closest("main [lang]") && said.lang === "" && words.test(said.textContent) && !said.closest("[data-said]"))
    wrong.push(`not in this language: ${said.textContent.trim().slice(0, 40)}`);
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
return [...document.querySelectorAll("nav a[href^='/'], .head a[href^='/'], main a[href^='/']")].map((link) => new URL(link.href))
  .filter((url) => !url.pathname.startsWith("/demo") && !url.pathname.startsWith("/scan") && !url.pathname.startsWith("/api"))
  .filter((url) => !/\.(pdf|xlsx|csv|png|hufu)$/.test(url.pathname) && !url.searchParams.has("as") && !url.search.includes("lang="))
  .map((url) => url.pathname + (url.pathname.match(/new$/) ? url.search : ""));
"#;

/// One of each kind of page: two things' cards are the same page.
fn kind(path: &str) -> String {
    let has_digit = |part: &str| part.chars().any(|c| c.is_ascii_digit());
    path.split('?').next().unwrap_or_default().split('/').map(|part| if has_digit(part) { "*" } else { part }).collect::<Vec<_>>().join("/")
}

async fn crawl(desk: &Desk, browser: &Chromium) -> Vec<String> {
    let (mut known, mut paths, mut waiting) = (BTreeSet::new(), Vec::new(), VecDeque::from(["/".to_owned()]));
    while let Some(path) = waiting.pop_front() {
        if !known.insert(kind(&path)) {
            continue;
        }
        browser.open(&desk.url(&path)).await;
        if browser.script("return document.contentType").await != "text/html" {
            continue;
        }
        let links = browser.script(LINKS).await;
        waiting.extend(links.as_array().into_iter().flatten().filter_map(|link| link.as_str().map(str::to_owned)));
        paths.push(path);
    }
    paths
}

async fn look(browser: &Chromium, axe: &str, where_: &str) -> Vec<String> {
    let mut wrong = browser.errors().await;
    let seen = browser.script(LOOK).await;
    browser.script(axe).await;
    let found = browser.driver.execute_async(ASK_AXE, Vec::new()).await.unwrap();
    for said in [seen, found.json().clone()] {
        wrong.extend(said.as_array().into_iter().flatten().filter_map(|line| line.as_str().map(str::to_owned)));
    }
    wrong.into_iter().map(|line| format!("{where_}: {line}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_holds_in_both_languages_at_a_desk_and_on_a_phone() {
    let axe = std::fs::read_to_string(AXE).expect("axe-core is missing: npm ci in src/web/app installs it");
    let desk = Desk::with(60).await;
    counted(&desk).await;
    let browser = Chromium::start(Wish::default()).await;
    let (mut wrong, mut looked) = (BTreeSet::new(), 0);
    for who in ["zhihui", "guanli", "xitong", "anquan", "shenji"] {
        sign_in(&desk, &browser, who).await;
        let paths = crawl(&desk, &browser).await;
        assert!(paths.len() > 5, "{who} sees pages: {paths:?}");
        for (width, language) in [(1280, "zh"), (390, "en"), (1280, "en"), (390, "zh")] {
            // A window of a desktop's browser is never narrower than 500 px: a phone is emulated by the frame.
            browser.driver.set_window_rect(0, 0, width.max(500), 900).await.unwrap();
            for path in &paths {
                let join = if path.contains('?') { '&' } else { '?' };
                browser.narrow(width).await;
                browser.open(&desk.url(&format!("{path}{join}lang={language}"))).await;
                looked += 1;
                let found = look(&browser, &axe, &format!("{} {width} {language}", kind(path))).await;
                wrong.extend(found);
            }
        }
    }
    println!("{looked} pages looked at");
    let lines: Vec<_> = wrong.into_iter().collect();
    assert!(lines.is_empty(), "{} things are wrong:\n{}", lines.len(), lines.join("\n"));
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
            device: "手机".to_owned(),
            device_at: desk.ctx.now(),
        })
        .collect();
    counting::scan(&desk.office.db, &desk.ctx, super::desk::NUMBER, &scans).await.unwrap();
}
