//! A browser of a test: started with a chromedriver of its own, gone with it, whatever became of the test.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::Value;
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, LoggingPrefsLogLevel};

/// Long enough for whatever a test waits for to have happened on a busy machine; nothing is concluded from it but that
/// it hangs.
const HANGS: Duration = Duration::from_secs(90);
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// Where pictures of pages go, for people to look at; not kept in the repository.
const PICTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/screenshots");

/// How a browser is to be.
#[derive(Debug, Default, Clone)]
pub(crate) struct Wish<'a> {
    /// What its camera sees.
    pub(crate) film: Option<&'a Path>,
    /// Where it keeps what outlives it.
    pub(crate) profile: Option<&'a Path>,
}

/// A browser, and who drives it.
pub(crate) struct Chromium {
    pub(crate) driver: WebDriver,
    chromedriver: Child,
    profile: PathBuf,
    /// How often something was pressed.
    presses: AtomicU32,
    _own: Option<tempfile::TempDir>,
}

impl Chromium {
    /// Starts one.
    pub(crate) async fn start(wish: Wish<'_>) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let (chromedriver, port) = chromedriver();
        let own = wish.profile.is_none().then(|| tempfile::tempdir().unwrap());
        let profile = wish.profile.map_or_else(|| own.as_ref().unwrap().path().to_owned(), Path::to_owned);
        let mut caps = DesiredCapabilities::chrome();
        let mut arguments = vec![
            "--headless=new".to_owned(),
            // Tests run as root in a container, where the sandbox cannot start; they visit nobody but themselves.
            "--no-sandbox".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-gpu".to_owned(),
            "--no-first-run".to_owned(),
            // It asks nobody for anything but the server of the test.
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--disable-quic".to_owned(),
            "--lang=zh-CN".to_owned(),
            // A page that glides to what is to be pressed is still on its way when it is pressed, and glides anew.
            "--force-prefers-reduced-motion".to_owned(),
            "--window-size=1280,900".to_owned(),
            "--use-fake-ui-for-media-stream".to_owned(),
            "--use-fake-device-for-media-stream".to_owned(),
            format!("--user-data-dir={}", profile.display()),
        ];
        arguments.extend(wish.film.map(|film| format!("--use-file-for-fake-video-capture={}", film.display())));
        for argument in &arguments {
            caps.add_arg(argument).unwrap();
        }
        caps.set_browser_log_level(LoggingPrefsLogLevel::All).unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let driver = WebDriver::new(&url, caps).await.expect("Chromium starts");
        driver.set_page_load_timeout(HANGS).await.unwrap();
        driver.set_script_timeout(HANGS).await.unwrap();
        Self { driver, chromedriver, profile, presses: AtomicU32::new(0), _own: own }
    }

    /// Waits until something holds.
    pub(crate) async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let began = Instant::now();
        while !holds().await {
            if began.elapsed() > HANGS {
                let text = self.script("return document.body.innerText").await;
                panic!("waited in vain for {what}; the page says: {text}");
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// What a script says; null while a page is on its way.
    pub(crate) async fn script(&self, script: &str) -> Value {
        self.driver.execute(script, Vec::new()).await.map_or(Value::Null, |said| said.json().clone())
    }

    /// Waits until a script says something true.
    pub(crate) async fn until_script(&self, what: &str, script: &str) {
        self.until(what, async || self.script(script).await == Value::Bool(true)).await;
    }

    /// Types into a field.
    pub(crate) async fn write(&self, css: &str, text: &str) {
        let field = self.wait_for(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses: what a date's own keys would make of it depends on the language of the machine.
    pub(crate) async fn choose(&self, css: &str, value: &str) {
        self.wait_for(css).await;
        let chosen = format!(
            "const field = document.querySelector('{css}'); field.value = '{value}'; \
             field.dispatchEvent(new Event('change', {{ bubbles: true }})); return field.value === '{value}'"
        );
        assert_eq!(self.script(&chosen).await, Value::Bool(true), "{css} takes {value}");
    }

    /// Says yes to what the page asks.
    pub(crate) async fn say_yes(&self) {
        self.until("a question", async || self.driver.get_alert_text().await.is_ok()).await;
        self.driver.accept_alert().await.unwrap();
    }

    /// What is saved lands here.
    pub(crate) async fn save_into(&self, folder: &Path) {
        let asked = serde_json::json!({ "behavior": "allow", "downloadPath": folder.display().to_string() });
        self.driver.cdp().send_raw("Browser.setDownloadBehavior", asked).await.unwrap();
    }

    /// Waits for what a selector names.
    pub(crate) async fn wait_for(&self, css: &str) -> WebElement {
        let there = format!("return !!document.querySelector('{css}')");
        self.until_script(css, &there).await;
        self.driver.find(By::Css(css)).await.unwrap()
    }

    /// Presses what a selector names, once it is there and can be pressed; once only. A press that leads to another page is
    /// at times answered with an error, because that page was already on its way: the page that was pressed leaves word
    /// of it for the next one, or the press would fall on whatever bears the same name there.
    pub(crate) async fn press(&self, css: &str) {
        let turn = self.presses.fetch_add(1, Ordering::Relaxed).to_string();
        let leave_word = format!(
            "if (!arguments[0].isConnected) return false; \
             arguments[0].addEventListener('click', () => sessionStorage.setItem('pressed', '{turn}'), \
             {{ capture: true, once: true }}); return true"
        );
        let was_pressed = format!("return sessionStorage.getItem('pressed') === '{turn}'");
        self.until(css, async || {
            if self.script(&was_pressed).await == Value::Bool(true) {
                return true;
            }
            let Ok(element) = self.driver.find(By::Css(css)).await else { return false };
            let Ok(there) = element.to_json() else { return false };
            let asked = self.driver.execute(leave_word.as_str(), vec![there]).await;
            asked.is_ok_and(|said| *said.json() == Value::Bool(true)) && element.click().await.is_ok()
        })
        .await;
    }

    /// Shows a page.
    pub(crate) async fn open(&self, address: &str) {
        self.driver.goto(address).await.unwrap();
    }

    /// Shows pages as on a screen of this width; from a phone's width on as a phone would.
    pub(crate) async fn narrow(&self, width: u32) {
        let asked = serde_json::json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", asked).await.unwrap();
    }

    /// In the colours of the night, or of the day; at once, for what fades from one to the other has neither.
    pub(crate) async fn dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let asked = serde_json::json!({ "features": [
            { "name": "prefers-color-scheme", "value": value },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.driver.cdp().send_raw("Emulation.setEmulatedMedia", asked).await.unwrap();
    }

    /// The whole page as a picture, in `tests/screenshots/`.
    pub(crate) async fn picture(&self, name: &str) {
        let asked = serde_json::json!({ "format": "png", "captureBeyondViewport": true, "optimizeForSpeed": true });
        let Ok(shot) = self.driver.cdp().send_raw("Page.captureScreenshot", asked).await else { return };
        let picture = base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        std::fs::create_dir_all(PICTURES).unwrap();
        std::fs::write(Path::new(PICTURES).join(format!("{name}.png")), picture).unwrap();
    }

    /// The errors that the console told of since it was last asked.
    pub(crate) async fn errors(&self) -> Vec<String> {
        let said = self.driver.browser_log().await.unwrap();
        said.into_iter().filter(|line| line.level == "SEVERE").map(|line| line.message).collect()
    }

    /// Ends it as a phone's battery does: every process of it at once, with no time to save anything.
    pub(crate) fn kill(mut self) {
        self.kill_all();
    }

    fn kill_all(&mut self) {
        let mine = self.profile.display().to_string();
        for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
            let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            if String::from_utf8_lossy(&line).contains(&mine) {
                drop(Command::new("kill").args(["-9", &id.to_string()]).stderr(Stdio::null()).status());
            }
        }
        drop(self.chromedriver.kill());
        drop(self.chromedriver.wait());
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        self.kill_all();
        // Nobody answers any more: the session is not to be ended by its driver.
        drop(self.driver.clone().leak());
    }
}

/// Starts a chromedriver on any port.
fn chromedriver() -> (Child, u16) {
    let mut child = Command::new("chromedriver")
        .arg("--port=0")
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver is missing: tests/run.sh installs it (Debian: apt-get install chromium chromium-driver)");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = lines.find_map(|line| {
        let line = line.ok()?;
        line.contains("successfully").then(|| line.trim_end_matches('.').rsplit(' ').next().unwrap().to_owned())
    });
    // What it says later goes nowhere, and does not stop it.
    std::thread::spawn(move || lines.for_each(drop));
    (child, said.expect("chromedriver starts").parse().unwrap())
}
