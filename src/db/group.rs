//! Group commit: writes that come at once share one transaction and one `fdatasync`.
//!
//! An acknowledged write is on disk, and a disk that is asked once for four hundred of them is asked four hundred times
//! less. Requests queue; one task takes everything that waits, up to a weight, carries it out in one transaction, and
//! answers each. What one request does wrong is its own: a transaction that the engine refuses, or that panics, is given
//! up and its requests are run one by one, so that only the guilty one fails.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use futures_util::FutureExt as _;
use tokio::sync::{mpsc, oneshot};

use super::{Db, DbError, FromDb, Tx};

/// Something to be written that says how much it is.
pub trait Weigh {
    /// How much: rows, say. At least one.
    fn weight(&self) -> usize;
}

/// How much at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Weight that one transaction takes; one request that is heavier goes alone.
    pub together: usize,
    /// Weight that may wait; beyond it requests are sent away at once rather than kept for minutes.
    pub waiting: usize,
}

/// Why a request was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum GroupError<E> {
    /// Its own work failed.
    #[error(transparent)]
    Work(E),
    /// The database failed all that waited together: full, locked for too long, gone.
    #[error(transparent)]
    Together(Arc<E>),
    /// Too much waits already.
    #[error("系统正忙，请稍后重试")]
    Full,
    /// The task ends, or the work panicked.
    #[error("系统正在停止，未写入任何内容")]
    Ended,
}

struct Waiting<R, A, E> {
    request: R,
    answer: oneshot::Sender<Result<A, GroupError<E>>>,
}

enum Message<R, A, E> {
    Run(Waiting<R, A, E>),
    Stop,
}

/// The queue, and the thread that empties it.
pub struct Group<R, A, E> {
    queue: mpsc::UnboundedSender<Message<R, A, E>>,
    weight: Arc<AtomicUsize>,
    limits: Limits,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl<R, A, E> std::fmt::Debug for Group<R, A, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Group").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl<R, A, E> Group<R, A, E>
where
    R: Weigh + Send + 'static,
    A: Send + 'static,
    E: FromDb + Send + Sync + 'static,
{
    /// Starts a thread that carries out `work` for the requests of one group: it answers each, in order. It may run
    /// more than once for a group, as any work in [`Db::write`].
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start<W>(name: &str, db: Db, limits: Limits, work: W) -> std::io::Result<Self>
    where
        W: AsyncFn(&Tx, &[R]) -> Result<Vec<A>, E> + Send + 'static,
    {
        let (queue, receiver) = mpsc::unbounded_channel();
        let weight = Arc::<AtomicUsize>::default();
        let gauge = Arc::clone(&weight);
        // Not a runtime of its own, for the reason that desks have none.
        let runtime = tokio::runtime::Handle::current();
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || runtime.block_on(empty(db, receiver, gauge, limits.together, work)))?;
        Ok(Self { queue, weight, limits, thread: Mutex::new(Some(thread)) })
    }

    /// Has a request carried out with whatever else waits. Who stops waiting does not take it back.
    ///
    /// # Errors
    /// As [`GroupError`].
    pub async fn submit(&self, request: R) -> Result<A, GroupError<E>> {
        let weight = request.weight();
        let before = self.weight.fetch_add(weight, Ordering::Relaxed);
        // A request heavier than the whole limit may still go when nothing else waits.
        if before > 0 && before.saturating_add(weight) > self.limits.waiting {
            self.weight.fetch_sub(weight, Ordering::Relaxed);
            return Err(GroupError::Full);
        }
        let (answer, answered) = oneshot::channel();
        if self.queue.send(Message::Run(Waiting { request, answer })).is_err() {
            return Err(GroupError::Ended);
        }
        answered.await.unwrap_or(Err(GroupError::Ended))
    }

    /// Carries out what waits, takes no more, and ends the thread.
    pub async fn drain(&self) {
        // It may have ended already; then there is nothing to wait for.
        let _told = self.queue.send(Message::Stop);
        let thread = self.thread.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _joined = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

async fn empty<R, A, E, W>(
    db: Db,
    mut queue: mpsc::UnboundedReceiver<Message<R, A, E>>,
    gauge: Arc<AtomicUsize>,
    together: usize,
    work: W,
) where
    R: Weigh,
    E: FromDb,
    W: AsyncFn(&Tx, &[R]) -> Result<Vec<A>, E>,
{
    let mut held: Option<Waiting<R, A, E>> = None;
    loop {
        let first = match held.take() {
            Some(first) => first,
            None => match queue.recv().await {
                Some(Message::Run(first)) => first,
                // Whatever was queued before is still received after closing; then comes None.
                Some(Message::Stop) => {
                    queue.close();
                    continue;
                }
                None => return,
            },
        };
        let mut weight = first.request.weight();
        let mut group = vec![first];
        while weight < together {
            match queue.try_recv() {
                Ok(Message::Run(next)) if weight + next.request.weight() > together => {
                    held = Some(next);
                    break;
                }
                Ok(Message::Run(next)) => {
                    weight += next.request.weight();
                    group.push(next);
                }
                Ok(Message::Stop) => queue.close(),
                Err(_) => break,
            }
        }
        let (requests, answers): (Vec<R>, Vec<_>) =
            group.into_iter().map(|waiting| (waiting.request, waiting.answer)).unzip();
        serve(&db, &work, &requests, answers).await;
        gauge.fetch_sub(weight, Ordering::Relaxed);
    }
}

async fn serve<R, A, E, W>(db: &Db, work: &W, requests: &[R], answers: Vec<oneshot::Sender<Result<A, GroupError<E>>>>)
where
    E: FromDb,
    W: AsyncFn(&Tx, &[R]) -> Result<Vec<A>, E>,
{
    let mut answers = answers.into_iter();
    match attempt(db, work, requests).await {
        Ok(done) => {
            for (answer, done) in answers.zip(done) {
                // Whoever asked may have gone; it is written all the same.
                let _told = answer.send(Ok(done));
            }
        }
        Err(Some(error)) if is_everyones(&error) => {
            let error = Arc::new(error);
            for answer in answers {
                let _told = answer.send(Err(GroupError::Together(Arc::clone(&error))));
            }
        }
        Err(error) if requests.len() <= 1 => {
            // Without an answer, whoever asked is told that it ended.
            if let (Some(answer), Some(error)) = (answers.next(), error) {
                let _told = answer.send(Err(GroupError::Work(error)));
            }
        }
        Err(_) => {
            for (request, answer) in requests.iter().zip(answers) {
                Box::pin(serve(db, work, std::slice::from_ref(request), vec![answer])).await;
            }
        }
    }
}

/// What the work answers in a committed transaction; `None` as its error when it panicked.
async fn attempt<R, A, E, W>(db: &Db, work: &W, requests: &[R]) -> Result<Vec<A>, Option<E>>
where
    E: FromDb,
    W: AsyncFn(&Tx, &[R]) -> Result<Vec<A>, E>,
{
    let written = db.write(async |tx| {
        let done = work(tx, requests).await?;
        debug_assert_eq!(done.len(), requests.len(), "an answer each");
        Ok(done)
    });
    match AssertUnwindSafe(written).catch_unwind().await {
        Ok(written) => written.map_err(Some),
        Err(_) => {
            tracing::error!("the work of a group panicked; its transaction was given up");
            Err(None)
        }
    }
}

/// Whether running the requests one by one would only fail as often.
fn is_everyones<E: FromDb>(error: &E) -> bool {
    let everyones = |error: &DbError| match error {
        DbError::Busy(_) | DbError::DiskFull(_) | DbError::CannotOpen(_) | DbError::Unreachable(_) => true,
        // Whether the group was written nobody knows; each of it sends again and is told.
        DbError::InDoubt(_) => true,
        DbError::Constraint { .. } | DbError::Stale | DbError::Unfit(_) | DbError::Other(_) => false,
    };
    error.db().is_some_and(everyones)
}
