//! A scanner that types, on the pages at a desk: it leads to the thing, wherever the focus is, and spoils no field.

use hufu::items::labels::Subject;
use serde_json::Value;

use super::chromium::{Chromium, Wish};
use super::desk::Desk;
use super::scanning::sign_in;

/// Keys as quick as a scanner's, each into the field as a browser would put it there; what the field holds afterwards. All
/// are made before the first is told: when a key was pressed is when it was made, however busy the machine is.
const SCAN: &str = r#"
const [css, text] = arguments, field = document.querySelector(css);
field.focus();
const keys = [...text, "Enter"].map((key) => new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
for (const event of keys) if (field.dispatchEvent(event) && event.key !== "Enter") field.value += event.key;
return field.value;
"#;

async fn scan(browser: &Chromium, css: &str, text: &str) -> String {
    browser.wait_for(css).await;
    let left = browser.driver.execute(SCAN, vec![Value::from(css), Value::from(text)]).await.unwrap();
    left.json().as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_into_a_field_leads_to_the_thing_and_leaves_the_field_as_it_was() {
    let mut desk = Desk::with(2).await;
    let code = desk.labels(&[Subject::Item(desk.things[0].id)]).await[0].to_string();
    let browser = Chromium::start(Wish::default()).await;
    sign_in(&desk, &browser, "guanli").await;
    let form = desk.url("/assets/movements/new?kind=transfer&number=B-0001");
    browser.open(&form).await;
    browser.choose("#reason", "换新").await;
    // What is no label's code is what somebody typed, however quick.
    assert_eq!(scan(&browser, "#reason", "B-0001").await, "换新B-0001");
    browser.choose("#reason", "换新").await;
    assert_eq!(scan(&browser, "#reason", &code).await, "换新");
    browser.until_script("the thing", "return location.pathname === '/items/B-0000'").await;
    // From a page without a field the same.
    browser.open(&desk.url("/stocktake")).await;
    browser.wait_for("main").await;
    let keys = r#"[...arguments[0], "Enter"].map((key) => new KeyboardEvent("keydown", { key, bubbles: true })).forEach((event) => document.body.dispatchEvent(event))"#;
    browser.driver.execute(keys, vec![Value::from(code.to_lowercase())]).await.unwrap();
    browser.until_script("the thing", "return location.pathname === '/items/B-0000'").await;
    // A field for numbers of things keeps what was read.
    browser.open(&form).await;
    browser
        .until_script(
            "the field",
            "const all = document.querySelector('#numbers'); return !!all && (all.value = '', true)",
        )
        .await;
    assert_eq!(scan(&browser, "#numbers", &code).await, code);
    assert_eq!(browser.script("return location.pathname").await, Value::from("/assets/movements/new"));
    assert_eq!(browser.errors().await, Vec::<String>::new());
    desk.leave().await;
}
