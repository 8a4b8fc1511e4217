//! Figures for whoever watches the server, in the form that Prometheus reads. Any room counts with the macros of the
//! `metrics` crate; here they are collected and shown.

use std::sync::OnceLock;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Seconds from a request to its answer, by route template, method and status.
const REQUESTS: &str = "hufu_http_request_duration_seconds";
/// Commands that wrote, by outcome.
const WRITES: &str = "hufu_writes_total";
/// Seconds a command took to write, waiting included.
const WRITING: &str = "hufu_write_duration_seconds";
/// Tries to sign in, by outcome.
const SIGN_INS: &str = "hufu_sign_ins_total";
/// Journal entries that wait to be sealed: more than a second's worth means that the sealing stands still.
const UNSEALED: &str = "hufu_journal_unsealed_entries";
/// Whether the server is ready.
const READY: &str = "hufu_ready";

/// Bounds of the histograms in seconds: a page should take 3 ms, a scan 15, a report some seconds.
const SECONDS: [f64; 13] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// One for the process: the macros know no other.
static COLLECTED: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Begins to collect; nothing is lost when somebody else in the process collects already.
pub fn collect() {
    COLLECTED.get_or_init(|| {
        let suffix = Matcher::Suffix("_seconds".to_owned());
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(suffix, &SECONDS)
            .and_then(PrometheusBuilder::install_recorder)
            .inspect_err(|error| tracing::warn!(%error, "no figures are collected"))
            .ok();
        describe_histogram!(REQUESTS, "Seconds from a request to its answer");
        describe_counter!(WRITES, "Commands that wrote");
        describe_histogram!(WRITING, "Seconds a command took to write");
        describe_counter!(SIGN_INS, "Tries to sign in");
        describe_gauge!(UNSEALED, "Journal entries that wait to be sealed");
        describe_gauge!(READY, "Whether the server takes requests");
        handle
    });
}

/// All that was collected, as text; `unsealed` is left as it was where the database cannot say.
#[must_use]
pub(super) fn shown(ready: bool, unsealed: Option<u64>) -> Option<String> {
    if let Some(entries) = unsealed {
        #[expect(clippy::cast_precision_loss, reason = "figures are such numbers")]
        gauge!(UNSEALED).set(entries as f64);
    }
    gauge!(READY).set(if ready { 1.0 } else { 0.0 });
    let handle = COLLECTED.get()?.as_ref()?;
    handle.run_upkeep();
    Some(handle.render())
}

/// Keeps what was collected small.
pub(super) fn tidy() {
    if let Some(Some(handle)) = COLLECTED.get() {
        handle.run_upkeep();
    }
}

/// Counts a request. The route is its template, so that the figures do not grow with the book.
pub(super) fn request(method: &Method, route: Option<&str>, status: StatusCode, took: Duration) {
    let method = match *method {
        Method::GET | Method::POST | Method::PUT | Method::PATCH | Method::DELETE | Method::HEAD | Method::OPTIONS => {
            method.as_str().to_owned()
        }
        // Anybody may invent one.
        _ => "other".to_owned(),
    };
    let route = route.unwrap_or("none").to_owned();
    let status = status.as_str().to_owned();
    histogram!(REQUESTS, "method" => method, "route" => route, "status" => status).record(took);
}

/// Counts a command that wrote, or was refused.
pub(super) fn write(done: bool, took: Duration) {
    counter!(WRITES, "outcome" => if done { "done" } else { "refused" }).increment(1);
    histogram!(WRITING).record(took);
}

/// How a try to sign in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInOutcome {
    /// A session began.
    Done,
    /// The password was right, the second factor is asked for.
    HalfWay,
    /// Something that was typed was wrong.
    Wrong,
    /// Locked, or too many tries.
    Locked,
}

/// Counts a try to sign in; pages and API alike.
pub fn sign_in(outcome: SignInOutcome) {
    let outcome = match outcome {
        SignInOutcome::Done => "done",
        SignInOutcome::HalfWay => "second_factor",
        SignInOutcome::Wrong => "wrong",
        SignInOutcome::Locked => "locked",
    };
    counter!(SIGN_INS, "outcome" => outcome).increment(1);
}
