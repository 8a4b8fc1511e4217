//! The server: the only room that knows HTTP. Thin: it extracts, calls a service, and shows.
//!
//! - [`api`] — `/api/v1`, described by its OpenAPI document
//! - [`pages`] — what people open in a browser
//! - [`error`] — refusals as RFC 9457 problems
//! - [`caller`] — who asks
//! - [`idempotency`] — the same key gets the same answer, not a second deed
//! - [`extract`] — bodies, queries, paths, versions and pages as every operation takes them

pub mod api;
pub mod caller;
pub mod error;
pub mod extract;
pub mod idempotency;
pub mod pages;

use std::sync::Arc;

use axum::Router;
use tokio_util::task::LocalPoolHandle;

use crate::db::Db;
use crate::kernel::Ctx;

pub use caller::Caller;
pub use error::ApiError;

/// Threads that carry out writes. SQLite writes one at a time; PostgreSQL a few.
const DESKS: usize = 4;

/// What every handler is given.
#[derive(Debug, Clone)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    base: Ctx,
    desks: LocalPoolHandle,
}

impl App {
    /// A server on this database; `base` gives the clock, the randomness and the journal's hash function.
    #[must_use]
    pub fn new(db: Db, base: Ctx) -> Self {
        Self(Arc::new(Inner { db, base, desks: LocalPoolHandle::new(DESKS) }))
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
        let db = self.0.db.clone();
        let done = self.0.desks.spawn_pinned(move || work(db)).await;
        done.map_err(|_| ApiError::Internal)?.map_err(Into::into)
    }
}

/// Everything the server answers to.
pub fn router(app: App) -> Router {
    let (api, _document) = api::router().split_for_parts();
    let api = api.layer(axum::middleware::from_fn_with_state(app.clone(), idempotency::layer));
    pages::router().merge(api).with_state(app)
}
