//! The work on a waiting file that may take longer than somebody looks at a blank page: trying it, and bringing it in.
//! It goes on when the browser goes away; a page asks how far it is.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hashbrown::{HashMap, HashSet};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::waiting::{About, Line, LineState, Preview, Waiting, done};
use crate::documents::Reject;
use crate::imports::{self, First, ImportError, Progress, Report, Request};
use crate::kernel::Ctx;
use crate::web::api::imports::{LIMITS, rejects_csv};
use crate::web::uploads::{self, Seat};
use crate::web::{ApiError, App};

/// Files worked on at once.
static WORKING: Semaphore = Semaphore::const_new(2);
/// Under this nobody is shown a bar.
const AT_ONCE: Duration = Duration::from_millis(1_200);
/// So many refused rows are shown; the CSV has them all.
const SHOWN: usize = 5_000;
/// So many units, places and people to be made are named.
const NAMED: usize = 200;

/// How far the work on a file is.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) read: Progress,
    writing: AtomicBool,
    pub(super) commit: bool,
}

impl Work {
    /// Whether the file is read, and the book at work.
    pub(super) fn is_writing(&self) -> bool {
        self.writing.load(Ordering::Relaxed)
    }
}

/// What is worked on, by file. Kept by database: servers of several share a process in tests.
#[derive(Debug, Default)]
struct Works(Mutex<HashMap<Uuid, Arc<Work>>>);

impl Works {
    fn of<T>(&self, with: impl FnOnce(&mut HashMap<Uuid, Arc<Work>>) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Takes the work off the list however it ends.
struct Turn {
    works: Arc<Works>,
    id: Uuid,
    _seat: Seat,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.works.of(|all| all.remove(&self.id));
    }
}

/// The work on this file, while there is any.
pub(super) fn under_way(app: &App, id: Uuid) -> Option<Arc<Work>> {
    app.db().memory().of::<Works>().of(|all| all.get(&id).cloned())
}

/// Begins to try a file, or to bring it in, and waits for a moment: most are done by then.
///
/// # Errors
/// When it is being worked on already, or another of theirs is.
pub(super) async fn begin(app: &App, ctx: &Ctx, waiting: Waiting, about: About, commit: bool) -> Result<(), ApiError> {
    let seat = uploads::seat(app, ctx, "import", &WORKING)?;
    let works = app.db().memory().of::<Works>();
    let work = Arc::new(Work { commit, ..Work::default() });
    works.of(|all| all.insert(waiting.id, Arc::clone(&work)));
    let turn = Turn { works, id: waiting.id, _seat: seat };
    let (app, ctx) = (app.clone(), ctx.clone());
    let task = tokio::spawn(async move {
        let (before, file) = (about.clone(), waiting.clone());
        let ended = match run(&app, &ctx, &waiting, about, &work).await {
            Ok(()) => Ok(()),
            Err(error) => tell(file, before, &error).await,
        };
        if let Err(error) = ended {
            tracing::error!(?error, "what came of a file could not be kept");
        }
        drop(turn);
    });
    // Whoever stops waiting stops nothing.
    let _still_at_it = tokio::time::timeout(AT_ONCE, task).await;
    Ok(())
}

/// Keeps why it did not work, for the page.
async fn tell(waiting: Waiting, about: About, error: &ApiError) -> Result<(), ApiError> {
    let failed = match error {
        ApiError::Invalid { reason, .. } => reason.clone(),
        ApiError::Conflict(said) | ApiError::NotFound(said) | ApiError::Forbidden(said) => said.clone(),
        ApiError::Busy => "系统正忙，请稍后重试".to_owned(),
        _ => "系统出错，未写入任何内容，请联系系统管理员".to_owned(),
    };
    blocking(move || waiting.keep(&About { failed, preview: None, ..about })).await
}

/// Work that waits for the disk or takes a core.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| ApiError::Internal)?
}

async fn run(app: &App, ctx: &Ctx, waiting: &Waiting, about: About, work: &Arc<Work>) -> Result<(), ApiError> {
    let (what, map) = (about.what(ctx)?, about.map().map_err(ImportError::from)?);
    let (path, name, watched, commit) = (waiting.upload(), about.name.clone(), Arc::clone(work), work.commit);
    let parsed = blocking(move || {
        let request = Request { path: &path, map, dry_run: !commit, what };
        Ok(imports::parse_watched(&request, &name, LIMITS, &watched.read)?)
    })
    .await?;
    work.writing.store(true, Ordering::Relaxed);
    let writer = ctx.clone();
    let report = app.write(move |db| async move { imports::write(&db, &writer, &parsed).await }).await?;
    let (waiting, now) = (waiting.clone(), ctx.now().0);
    let done = report.batch.map(|batch| done(app, batch.into()));
    blocking(move || {
        let csv = rejects_csv(&report).map_err(ImportError::from)?;
        std::fs::write(waiting.rejects(), csv).map_err(|_| ApiError::Internal)?;
        let after = About { preview: Some(preview(&report, now)), failed: String::new(), ..about };
        match (report.batch, done) {
            (Some(batch), Some(done)) => waiting.settle(&About { batch: Some(batch.into()), ..after }, &done),
            _ => waiting.keep(&after),
        }
    })
    .await
}

/// What came of every row, as a page shows it: the first good ones, and those refused.
fn preview(report: &Report, at: i64) -> Preview {
    let twice: HashSet<_> = report.duplicates.iter().collect();
    let bad: HashSet<_> = report.rejects.iter().map(|reject| &reject.at).collect();
    let texts: HashMap<_, _> = report.first.iter().map(|row| (&row.at, text(row))).collect();
    let good = report.first.iter().filter(|row| !bad.contains(&row.at)).map(|row| Line {
        sheet: row.at.sheet.to_string(),
        row: row.at.row,
        state: LineState::Good,
        text: text(row),
        column: String::new(),
        value: String::new(),
        reason: String::new(),
    });
    let refused = report.rejects.iter().take(SHOWN).map(|reject: &Reject| Line {
        sheet: reject.at.sheet.to_string(),
        row: reject.at.row,
        state: if twice.contains(&reject.at) { LineState::Duplicate } else { LineState::Refused },
        text: texts.get(&reject.at).cloned().unwrap_or_default(),
        column: reject.column.clone(),
        value: reject.value.clone(),
        reason: reject.reason.clone(),
    });
    let mut lines: Vec<Line> = good.chain(refused).collect();
    lines.sort();
    Preview {
        at,
        taken: report.taken,
        refused: report.rejects.len().saturating_sub(twice.len()),
        duplicates: twice.len(),
        notes: report.notes.clone(),
        created: report.created.iter().take(NAMED).cloned().collect(),
        created_count: report.created.len(),
        lines,
    }
}

fn text(row: &First) -> String {
    let filled: Vec<&str> = row.cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
    filled.join(" · ").chars().take(300).collect()
}
