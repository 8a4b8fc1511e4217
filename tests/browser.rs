//! The pages and the scan app in a real browser: Debian's Chromium, driven by its own chromedriver, against the server
//! on a port of this machine. `tests/run.sh` installs both; without them these tests fail and say what is missing.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod browser {
    pub(crate) mod chromium;
    pub(crate) mod desk;
    mod drain;
    pub(crate) mod film;
    mod pages;
    mod photos;
    mod scanning;
    mod story;
    mod wedge;
}
mod support;

use support::Office;
