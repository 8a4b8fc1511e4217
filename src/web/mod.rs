//! The server: the only room that knows HTTP. Thin: it extracts, calls a service, and shows.
//!
//! - [`serve`] — the listener, TLS and its certificates, the orderly stop
//! - [`layers`] — what every request goes through: who asks, how often, with how much, from which page
//! - [`api`] — `/api/v1`, described by its OpenAPI document
//! - `background` — what is done while nobody asks: sealing, jobs, tidying
//! - [`docs`] — that document, and its page
//! - [`pages`] — what people open in a browser
//! - [`health`] — what machines ask: alive, ready, figures
//! - [`metrics`] — the figures
//! - [`error`] — refusals as RFC 9457 problems
//! - [`caller`] — who asks
//! - [`certificate`] — whose a client certificate is
//! - [`idempotency`] — the same key gets the same answer, not a second deed
//! - [`extract`] — bodies, queries, paths, versions and pages as every operation takes them
//! - [`uploads`] — files on their way in: how many, whose, how long
//! - [`proxies`] — who is believed about who asks
//! - [`settings`] — what the server is told when it starts

pub mod api;
mod background;
pub mod caller;
pub mod certificate;
pub mod docs;
pub mod error;
pub mod extract;
pub mod health;
pub mod idempotency;
pub mod layers;
pub mod metrics;
pub mod pages;
pub mod proxies;
pub mod serve;
pub mod settings;
pub(crate) mod uploads;

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::Router;
use tokio_util::sync::CancellationToken;

use crate::db::Db;
use crate::db::desks::Desks;
use crate::items::attachments::Shelf;
use crate::kernel::Ctx;
use crate::stocktake::counting::recorder::Recorder;
use layers::rate::Limiter;

pub use caller::Caller;
pub use error::ApiError;
pub use proxies::Proxies;
pub use settings::Settings;

/// Threads that carry out writes. SQLite writes one at a time; PostgreSQL a few.
const DESKS: usize = 4;
/// Threads of the background work, which no report that takes its time may hold up: the sealing, and the jobs.
const BACKSTAGE: usize = 2;

/// What every handler is given.
#[derive(Debug, Clone)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    base: Ctx,
    desks: Desks,
    backstage: Desks,
    settings: Settings,
    limiter: Limiter,
    stopping: CancellationToken,
    recorder: OnceLock<Recorder>,
    shelf: OnceLock<Shelf>,
}

impl App {
    /// A server on this database with the default settings; `base` gives the clock, the randomness and the journal's
    /// hash function.
    #[must_use]
    pub fn new(db: Db, base: Ctx) -> Self {
        Self::with(db, base, Settings::default())
    }

    /// A server on this database.
    #[must_use]
    pub fn with(db: Db, base: Ctx, settings: Settings) -> Self {
        metrics::collect();
        Self(Arc::new(Inner {
            db,
            base,
            desks: Desks::new(DESKS),
            backstage: Desks::new(BACKSTAGE),
            limiter: Limiter::new(settings.rate, settings.sign_ins),
            settings,
            recorder: OnceLock::new(),
            shelf: OnceLock::new(),
            stopping: CancellationToken::new(),
        }))
    }

    /// The database, to read from.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The program's own context: its clock and randomness, acting for nobody.
    #[must_use]
    pub fn base(&self) -> &Ctx {
        &self.0.base
    }

    /// What it was told when it started.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// How often somebody may knock.
    #[must_use]
    pub fn limiter(&self) -> &Limiter {
        &self.0.limiter
    }

    /// Where attachments lie.
    ///
    /// # Errors
    /// [`ApiError::Internal`] when there is no such place.
    pub fn shelf(&self) -> Result<&Shelf, ApiError> {
        if let Some(shelf) = self.0.shelf.get() {
            return Ok(shelf);
        }
        let settings = self.settings();
        let shelf = Shelf::at(settings.attachments.as_deref(), &settings.data_dir).map_err(|error| {
            tracing::error!(%error, "attachments have no place");
            ApiError::Internal
        })?;
        Ok(self.0.shelf.get_or_init(|| shelf))
    }

    /// Ends what waits for the end of the server: no more requests are welcome, and the background work stops.
    pub fn stop(&self) {
        self.0.stopping.cancel();
    }

    /// Whether it is being stopped.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.0.stopping.is_cancelled()
    }

    /// Comes back when the server is being stopped: for what would else never end.
    pub async fn stopped(&self) {
        self.0.stopping.cancelled().await;
    }

    /// Begins `work` on a thread of its own, for what takes as long as the server runs.
    pub(crate) fn spawn_desk<F, W>(&self, work: F) -> tokio::sync::oneshot::Receiver<()>
    where
        F: FnOnce() -> W + Send + 'static,
        W: Future<Output = ()> + 'static,
    {
        self.0.backstage.run(work)
    }

    /// Carries out a write on a thread of its own: a client that goes away does not leave half of it, and a service's
    /// future need not be `Send`.
    ///
    /// # Errors
    /// What `work` returns, or [`ApiError::Internal`] when it panicked.
    pub async fn write<T, E, F, W>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        E: Into<ApiError> + Send + 'static,
        F: FnOnce(Db) -> W + Send + 'static,
        W: Future<Output = Result<T, E>> + 'static,
    {
        self.write_or(work).await?.map_err(Into::into)
    }

    /// As [`App::write`], for a caller that wants to know exactly what `work` refused.
    ///
    /// # Errors
    /// [`ApiError::Internal`] when `work` panicked.
    pub async fn write_or<T, E, F, W>(&self, work: F) -> Result<Result<T, E>, ApiError>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(Db) -> W + Send + 'static,
        W: Future<Output = Result<T, E>> + 'static,
    {
        let (db, started) = (self.0.db.clone(), Instant::now());
        let done = self.0.desks.run(move || work(db)).await;
        metrics::write(matches!(done, Ok(Ok(_))), started.elapsed());
        done.map_err(|_| ApiError::Internal)
    }
}

/// Everything the server answers to.
pub fn router(app: App) -> Router {
    let (api, operations) = api::router().split_for_parts();
    let limits = layers::limits::Limits::of(&operations);
    let api = api
        .layer(axum::middleware::from_fn_with_state(app.clone(), idempotency::layer))
        .layer(axum::middleware::from_fn_with_state(limits, layers::limits::layer));
    let document = docs::document(operations, app.settings().secure);
    let open = health::router().merge(docs::router(document)).merge(pages::looks());
    layers::around(&app, open, pages::router().merge(api)).with_state(app)
}
