//! How long it takes until everything that was scanned without a network is on the server:
//! `cargo test --release --test browser -- --ignored --nocapture drain`. `HUFU_DRAIN` is how many scans (10,000).

use std::time::Instant;

use hufu::items::labels::Subject;
use serde_json::Value;

use super::chromium::{Chromium, Wish};
use super::desk::Desk;
use super::scanning::{begin, type_code, unsent, wait_until_it_opens_alone};

/// Puts scans of `B-0000` and so on into the phone's own store, as the app itself keeps them: typing ten thousand would
/// measure the typing.
const FILL: &str = r#"
const [many, done] = arguments;
const uuid7 = (n) => {
  const bytes = crypto.getRandomValues(new Uint8Array(16)), at = BigInt(Date.now() + n);
  for (let i = 0; i < 6; i++) bytes[i] = Number((at >> BigInt(8 * (5 - i))) & 0xffn);
  bytes[6] = (bytes[6] & 0x0f) | 0x70; bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};
const opening = indexedDB.open("hufu-scan");
opening.onsuccess = () => {
  const tx = opening.result.transaction(["sheets", "outbox", "seen"], "readwrite");
  tx.objectStore("sheets").getAll().onsuccess = ({ target }) => {
    const kept = target.result[0], { campaign, unit } = kept.waiting, at = new Date().toISOString();
    for (let n = 0; n < many; n++) {
      const id = uuid7(n), code = `B-${String(n).padStart(4, "0")}`;
      const said = { id, code, quantity: 1, condition: "good", note: "", place: kept.place };
      tx.objectStore("outbox").add({ id, owner: kept.owner, owner_name: "", campaign, unit: unit.id, made_at: at, kind: "scan", body: { ...said, device: "phone", device_at: at } });
      tx.objectStore("seen").put({ key: kept.key, ...said, counter: "", mine: true, at, unsent: true });
    }
  };
  tx.oncomplete = () => { opening.result.close(); done(true); };
  tx.onabort = () => done(String(tx.error));
};
"#;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures, and takes a minute"]
async fn drain_ten_thousand_scans_made_without_a_network() {
    let many: usize = std::env::var("HUFU_DRAIN").ok().and_then(|many| many.parse().ok()).unwrap_or(10_000);
    let mut desk = Desk::with(many).await;
    let place = desk.labels(&[Subject::Place(desk.office.places[0][0])]).await[0].to_string();
    let phone = Chromium::start(Wish::default()).await;
    begin(&desk, &phone, "guanli").await;
    type_code(&phone, &place).await;
    wait_until_it_opens_alone(&phone).await;
    desk.leave().await;
    let filled = phone.driver.execute_async(FILL, vec![Value::from(many)]).await.unwrap();
    assert_eq!(*filled.json(), Value::Bool(true));
    phone.open(&desk.url("/scan")).await;
    phone.until("all of them", async || unsent(&phone).await == i64::try_from(many).unwrap()).await;
    desk.come_back();
    let began = Instant::now();
    phone.script("window.dispatchEvent(new Event('online'))").await;
    phone.until("everything to be sent", async || unsent(&phone).await == 0).await;
    println!("{many} scans drained in {:.1} s", began.elapsed().as_secs_f64());
    assert_eq!(desk.scans().await.len(), many);
    desk.leave().await;
}
