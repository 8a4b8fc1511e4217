//! The way in for phones: batches that come at once are recorded in one transaction, each with its own entry in the
//! journal and its own rights.

use super::desk::{self, Memory, Sending};
use super::{Answer, NewScan};
use crate::db::group::{Group, GroupError, Limits, Weigh};
use crate::db::{Db, Tx};
use crate::kernel::Ctx;
use crate::stocktake::StocktakeError;

/// Scans a batch may hold.
pub const MOST_SCANS: usize = 500;

/// Scans of a transaction, and scans that may wait: what a sub-bureau's phones send in about two seconds.
const LIMITS: Limits = Limits { together: 600, waiting: 40_000 };

/// What one device sends at once.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Who counts, with what rights.
    pub ctx: Ctx,
    /// The campaign's number.
    pub number: String,
    /// The scans, in order.
    pub scans: Vec<NewScan>,
}

impl Weigh for Batch {
    fn weight(&self) -> usize {
        self.scans.len().max(1)
    }
}

/// Records batches; shared by all that take them in.
#[derive(Debug)]
pub struct Recorder(Group<Batch, Result<Vec<Answer>, StocktakeError>, StocktakeError>);

impl Recorder {
    /// Starts it on a database.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(db: Db) -> std::io::Result<Self> {
        let memory = Memory::default();
        let work = async move |tx: &Tx, batches: &[Batch]| record_all(tx, &memory, batches).await;
        Ok(Self(Group::start("scans", db, LIMITS, work)?))
    }

    /// Records a batch: one answer a scan, in order, when all of it is on disk.
    ///
    /// # Errors
    /// [`GroupError::Work`] with why the batch as a whole was refused; the others when nothing of it was written.
    pub async fn record(&self, batch: Batch) -> Result<Vec<Answer>, GroupError<StocktakeError>> {
        self.0.submit(batch).await?.map_err(GroupError::Work)
    }

    /// Records what waits and takes no more.
    pub async fn drain(&self) {
        self.0.drain().await;
    }
}

async fn record_all(
    tx: &Tx,
    memory: &Memory,
    batches: &[Batch],
) -> Result<Vec<Result<Vec<Answer>, StocktakeError>>, StocktakeError> {
    let mut answers: Vec<Option<Result<Vec<Answer>, StocktakeError>>> = batches.iter().map(|_| None).collect();
    while let Some(first) = answers.iter().position(Option::is_none) {
        let number = batches[first].number.trim();
        let of_campaign: Vec<usize> = (first..batches.len()).filter(|&n| batches[n].number.trim() == number).collect();
        let sendings: Vec<Sending<'_>> = of_campaign
            .iter()
            .map(|&n| Sending { ctx: &batches[n].ctx, scans: &batches[n].scans, batch: None, signed: true })
            .collect();
        let told = desk::record(tx, memory, number, "stocktake.scan", &sendings).await?;
        for (n, told) in of_campaign.into_iter().zip(told) {
            answers[n] = Some(told);
        }
    }
    Ok(answers.into_iter().flatten().collect())
}
