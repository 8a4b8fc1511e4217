//! Threads for work whose futures are not `Send`, as those of [`super::Db::write`]: each carries out many at a time.
//!
//! They use the timers and sockets of the runtime that made them, not of one of their own: a connection to PostgreSQL
//! lives with the runtime that opened it, and the pool lends it to all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{LocalSet, spawn_local};

type Begin = Box<dyn FnOnce() + Send>;

/// Some threads; they end when this is dropped, and what is under way then is given up.
#[derive(Debug)]
pub struct Desks(Vec<Desk>);

#[derive(Debug)]
struct Desk {
    door: mpsc::UnboundedSender<Begin>,
    busy: Arc<AtomicUsize>,
}

impl Desks {
    /// Starts `count` threads on the runtime of the caller.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self((0..count).map(|_| Desk::open(Handle::current())).collect())
    }

    /// Begins `work` at the desk with the least to do. The answer is an error when the work panicked or the desks are
    /// closed.
    pub fn run<T, F, W>(&self, work: F) -> oneshot::Receiver<T>
    where
        T: Send + 'static,
        F: FnOnce() -> W + Send + 'static,
        W: Future<Output = T> + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let Some(desk) = self.0.iter().min_by_key(|desk| desk.busy.load(Ordering::Relaxed)) else { return answered };
        desk.busy.fetch_add(1, Ordering::Relaxed);
        let leaving = Leaving(Arc::clone(&desk.busy));
        let begin = move || {
            // Nobody may be waiting any more; the work is done all the same.
            drop(spawn_local(async move {
                let _leaving = leaving;
                let _told = answer.send(work().await);
            }));
        };
        // A desk that closed drops the answer, which says so.
        let _sent = desk.door.send(Box::new(begin));
        answered
    }
}

impl Desk {
    fn open(runtime: Handle) -> Self {
        let (door, mut queue) = mpsc::unbounded_channel::<Begin>();
        std::thread::spawn(move || {
            runtime.block_on(LocalSet::new().run_until(async {
                while let Some(begin) = queue.recv().await {
                    begin();
                }
            }));
        });
        Self { door, busy: Arc::default() }
    }
}

/// Counts a piece of work out, however it ends.
struct Leaving(Arc<AtomicUsize>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::Desks;

    #[tokio::test]
    async fn work_that_panics_is_told_and_harms_no_other() {
        let desks = Desks::new(1);
        let slow = desks.run(|| async {
            tokio::task::yield_now().await;
            std::rc::Rc::new(7).to_string()
        });
        let broken = desks.run(|| async { assert!(std::hint::black_box(false), "on purpose") });
        assert!(broken.await.is_err());
        assert_eq!(slow.await.unwrap(), "7");
        assert!(Desks::new(0).run(|| async {}).await.is_err());
    }
}
