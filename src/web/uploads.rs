//! Files on their way in: so many at a time, one an account, and none for ever.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hashbrown::HashSet;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{ApiError, App};
use crate::kernel::Ctx;

/// How long an upload may take as a whole: 64 MiB over a line of 10 Mbit/s. A byte now and then keeps no seat.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// Who sends a file now, by kind. Kept by database: a person is one only within theirs.
#[derive(Debug, Default)]
struct Senders(Mutex<HashSet<(&'static str, String)>>);

impl Senders {
    fn of<T>(&self, work: impl FnOnce(&mut HashSet<(&'static str, String)>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A place in memory for one file, given back when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    _permit: SemaphorePermit<'static>,
    _turn: Turn,
}

#[derive(Debug)]
struct Turn {
    senders: Arc<Senders>,
    who: (&'static str, String),
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.senders.of(|now| now.remove(&self.who));
    }
}

/// Takes a seat for a file of this kind. Ask first whether they may send one.
///
/// # Errors
/// [`ApiError::Conflict`] while another of theirs is under way, [`ApiError::Busy`] when all seats are taken.
pub(crate) fn seat(app: &App, ctx: &Ctx, kind: &'static str, seats: &'static Semaphore) -> Result<Seat, ApiError> {
    let senders = app.db().memory().of::<Senders>();
    let who = (kind, ctx.actor.to_string());
    if !senders.of(|now| now.insert(who.clone())) {
        return Err(ApiError::Conflict("您的上一个文件还在处理，请等它办完再传".to_owned()));
    }
    let turn = Turn { senders, who };
    let permit = seats.try_acquire().map_err(|_| ApiError::Busy)?;
    Ok(Seat { _permit: permit, _turn: turn })
}

/// What `taking` takes in, when it is done within `limit`.
///
/// # Errors
/// Those of `taking`; [`ApiError::Unreadable`] when it takes longer.
pub(crate) async fn in_time<T>(
    limit: Duration,
    taking: impl Future<Output = Result<T, ApiError>>,
) -> Result<T, ApiError> {
    let late = || ApiError::Unreadable("上传太慢，已中断；请检查网络后重试".to_owned());
    tokio::time::timeout(limit, taking).await.unwrap_or_else(|_| Err(late()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_never_ends_is_cut() {
        let trickle = std::future::pending::<Result<(), ApiError>>();
        assert!(matches!(in_time(Duration::ZERO, trickle).await, Err(ApiError::Unreadable(_))));
        assert_eq!(in_time(DEADLINE, async { Ok(1) }).await, Ok(1));
    }
}
