//! How a campaign stands now, kept in memory: to say it of a hundred thousand things takes a core for a while, to look
//! whether anything changed since takes one statement.
//!
//! What is kept is exact: it is worked out from the database as it stood at one instant, together with the mark of that
//! instant, and is shown only while the database still bears that mark. Everything a verdict follows from changes the
//! mark: scans and their undoing, recounts, sheets, missing cases, and, as the journal tells, the book and the
//! organisation. It is worked out once a change however many ask, aside from those who answer requests.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hashbrown::{HashMap, HashSet};
use sea_orm::{ConnectionTrait, EntityTrait as _, FromQueryResult, Statement, Value};
use tokio::runtime::Handle;

use super::entity::{campaign, sheet};
use super::error::StocktakeError;
use super::line::Tally;
use super::look::{self, LineKey};
use super::outcome::{Outcome, OutcomeLine};
use super::verdict::Verdict;
use crate::access::{self, Action};
use crate::db::{Db, DbError};
use crate::kernel::ids::{CampaignId, PersonId, SheetId, UnitId};
use crate::kernel::rights::Reach;
use crate::kernel::{Ctx, Timestamp};
use crate::org::entity::person::Duty;

/// Campaigns kept at a time: this year's, and one or two that somebody compares it with.
const MOST_KEPT: usize = 3;

/// Commands that change nothing a verdict follows from, or that another part of the mark tells of; by the beginning of
/// their names, in order.
const NO_MATTER: [&str; 6] = ["access.", "approvals.", "findings.", "journal.", "labels.", "stocktake."];

/// What a standing was worked out from; every change makes another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
struct Mark {
    campaign: i64,
    scans: i64,
    sheets: i64,
    recounts: i64,
    cases: i64,
    commands: i64,
    moved_at: i64,
}

impl Mark {
    async fn read(db: &impl ConnectionTrait, id: CampaignId) -> Result<Self, DbError> {
        // Ranges of an index between the names that do not matter: `/` follows `.`.
        let mut ranges = vec![format!("action < '{}'", NO_MATTER[0])];
        for pair in NO_MATTER.windows(2) {
            ranges.push(format!("action >= '{}/' AND action < '{}'", pair[0].trim_end_matches('.'), pair[1]));
        }
        ranges.push(format!("action >= '{}/'", NO_MATTER[NO_MATTER.len() - 1].trim_end_matches('.')));
        let commands: Vec<String> =
            ranges.iter().map(|range| format!("(SELECT COUNT(*) FROM journal_entries WHERE {range})")).collect();
        let sql = format!(
            "SELECT (SELECT version FROM campaigns WHERE id = $1) AS campaign, \
             (SELECT CAST(COALESCE(SUM(last_seq), 0) AS BIGINT) FROM scan_counters) AS scans, \
             (SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) + COUNT(*) FROM sheets WHERE campaign_id = $1) AS sheets, \
             (SELECT COUNT(*) FROM recounts) AS recounts, \
             (SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) + COUNT(*) FROM missing_cases) AS cases, \
             {} AS commands, \
             (SELECT COALESCE(MAX(recorded_at), 0) FROM item_events) AS moved_at",
            commands.join(" + ")
        );
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [Value::from(id.0)]);
        let found = Self::find_by_statement(statement).one(db).await?;
        found.ok_or(DbError::Stale)
    }
}

/// Whom to call about a unit's sheet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Contacts {
    /// 单位主要负责人
    pub head: Option<PersonId>,
    /// 专职管理员
    pub manager: Option<PersonId>,
}

/// How a campaign stands, for all who may look at some of it.
#[derive(Debug)]
pub struct Standing {
    /// What was found; the lines in the order of [`LineKey`].
    pub outcome: Outcome,
    tallies: HashMap<Option<UnitId>, Tally>,
    by_verdict: HashMap<Verdict, Vec<usize>>,
    last_scans: HashMap<SheetId, Timestamp>,
    contacts: HashMap<UnitId, Contacts>,
    /// How long it took.
    took: Duration,
}

impl Standing {
    async fn work_out(db: &impl ConnectionTrait, id: CampaignId, begun: Instant) -> Result<Self, StocktakeError> {
        let campaign = campaign::Entity::find_by_id(id).one(db).await?;
        let campaign = campaign.ok_or_else(|| StocktakeError::NoCampaign(String::new()))?;
        let mut outcome = Outcome::load(db, &campaign).await?;
        outcome.lines.sort_by_cached_key(LineKey::of);
        let last_scans = last_scans(db, id).await?;
        let mut tallies: HashMap<Option<UnitId>, Tally> = HashMap::new();
        let mut by_verdict: HashMap<Verdict, Vec<usize>> = HashMap::new();
        for (index, line) in outcome.lines.iter().enumerate() {
            tallies.entry(line.unit).or_default().add_verdict(line.verdict, line.expected, line.value());
            by_verdict.entry(line.verdict).or_default().push(index);
        }
        let mut contacts: HashMap<UnitId, Contacts> = HashMap::new();
        for person in outcome.directory.people() {
            let of_unit = contacts.entry(person.unit_id).or_default();
            match person.duty {
                Duty::Head => of_unit.head = of_unit.head.or(Some(person.id)),
                Duty::AssetManager => of_unit.manager = of_unit.manager.or(Some(person.id)),
                Duty::SupervisingLeader | Duty::Member => {}
            }
        }
        Ok(Self { outcome, tallies, by_verdict, last_scans, contacts, took: begun.elapsed() })
    }
}

/// When each sheet was last scanned on.
async fn last_scans(db: &impl ConnectionTrait, id: CampaignId) -> Result<HashMap<SheetId, Timestamp>, DbError> {
    #[derive(FromQueryResult)]
    struct Row {
        sheet_id: SheetId,
        at: i64,
    }
    let sql = "SELECT sheet_id, MAX(server_at) AS at FROM scans WHERE campaign_id = $1 AND sheet_id IS NOT NULL \
               GROUP BY sheet_id";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [Value::from(id.0)]);
    let rows = Row::find_by_statement(statement).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.sheet_id, Timestamp(row.at))).collect())
}

/// The standings of a database's campaigns.
#[derive(Debug, Default)]
struct Kept {
    slots: Mutex<HashMap<CampaignId, Arc<Slot>>>,
    asked: AtomicU64,
    worked_out: AtomicU64,
}

#[derive(Debug, Default)]
struct Slot {
    found: Mutex<Option<(Mark, Arc<Standing>)>>,
    /// Held by whoever works it out.
    turn: Arc<tokio::sync::Mutex<()>>,
    last_asked: AtomicU64,
}

impl Slot {
    fn at(&self, mark: Mark) -> Option<Arc<Standing>> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.as_ref().filter(|(at, _)| *at == mark).map(|(_, standing)| Arc::clone(standing))
    }
}

impl Kept {
    fn slot(&self, id: CampaignId) -> Arc<Slot> {
        let now = self.asked.fetch_add(1, Ordering::Relaxed);
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if !slots.contains_key(&id) && slots.len() >= MOST_KEPT {
            let oldest = slots.iter().min_by_key(|(_, slot)| slot.last_asked.load(Ordering::Relaxed));
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                slots.remove(&oldest);
            }
        }
        let slot = slots.entry(id).or_default();
        slot.last_asked.store(now, Ordering::Relaxed);
        Arc::clone(slot)
    }
}

/// How a campaign stands now.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &Db, id: CampaignId) -> Result<Arc<Standing>, StocktakeError> {
    let kept = db.memory().of::<Kept>();
    let slot = kept.slot(id);
    if let Some(standing) = slot.at(Mark::read(db.read(), id).await?) {
        return Ok(standing);
    }
    let turn = Arc::clone(&slot.turn).lock_owned().await;
    // Whoever had the turn before may have found what we are after.
    if let Some(standing) = slot.at(Mark::read(db.read(), id).await?) {
        return Ok(standing);
    }
    let (db, handle) = (db.clone(), Handle::current());
    let work = move || {
        // Kept until the work is done, even if whoever asked went away.
        let _turn = turn;
        let begun = Instant::now();
        let found = handle.block_on(db.snapshot(async |tx| {
            let mark = Mark::read(tx, id).await?;
            Ok::<_, StocktakeError>((mark, Standing::work_out(tx, id, begun).await?))
        }));
        let (mark, standing) = found?;
        let standing = Arc::new(standing);
        kept.worked_out.fetch_add(1, Ordering::Relaxed);
        *slot.found.lock().unwrap_or_else(PoisonError::into_inner) = Some((mark, Arc::clone(&standing)));
        Ok(standing)
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(StocktakeError::Report(error.to_string())))
}

/// How many standings were worked out on this database since it was opened: what tests and figures ask.
#[must_use]
pub fn worked_out(db: &Db) -> u64 {
    db.memory().of::<Kept>().worked_out.load(Ordering::Relaxed)
}

/// What tells that something on a campaign's board may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse(Mark);

impl Pulse {
    /// Of a campaign, now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn of(db: &Db, id: CampaignId) -> Result<Self, DbError> {
        Ok(Self(Mark::read(db.read(), id).await?))
    }
}

/// A campaign as far as somebody may look: what a blind count still hides from them is left out.
#[derive(Debug)]
pub struct Sight {
    standing: Arc<Standing>,
    read: Reach,
    report: Reach,
    hidden: HashSet<UnitId>,
}

impl Sight {
    /// What `ctx` sees of a campaign.
    ///
    /// # Errors
    /// When looking is not allowed, or there is no such campaign within reach.
    pub async fn of(db: &Db, ctx: &Ctx, number: &str) -> Result<Self, StocktakeError> {
        let (campaign, _) = look::campaign(db.read(), ctx, number, Action::CampaignsRead).await?;
        Ok(Self::onto(of(db, campaign.id).await?, ctx))
    }

    /// What `ctx` sees of a standing.
    #[must_use]
    pub fn onto(standing: Arc<Standing>, ctx: &Ctx) -> Self {
        let outcome = &standing.outcome;
        let hides = |sheet: &&sheet::Model| !look::sees_book(ctx, &outcome.campaign, sheet.state, sheet.unit_id);
        let hidden = outcome.sheets.iter().filter(hides).map(|sheet| sheet.unit_id).collect();
        let (read, report) = (access::reach(ctx, Action::CampaignsRead), access::reach(ctx, Action::CampaignsReport));
        Self { read, report, hidden, standing }
    }

    /// The campaign.
    #[must_use]
    pub fn campaign(&self) -> &campaign::Model {
        &self.standing.outcome.campaign
    }

    /// The whole outcome: for names; its lines are asked for through [`Sight::lines`].
    #[must_use]
    pub fn names(&self) -> &crate::org::Directory {
        &self.standing.outcome.directory
    }

    /// How long it took to work out: whoever shows every change leaves so much rest between.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.standing.took
    }

    /// The sheets within reach.
    pub fn sheets(&self) -> impl Iterator<Item = &sheet::Model> {
        self.standing.outcome.sheets.iter().filter(|sheet| self.read.covers(Some(sheet.unit_id)))
    }

    /// When a sheet was last scanned on.
    #[must_use]
    pub fn last_scan(&self, sheet: SheetId) -> Option<Timestamp> {
        self.standing.last_scans.get(&sheet).copied()
    }

    /// Whom to call about a unit.
    #[must_use]
    pub fn contacts(&self, unit: UnitId) -> Contacts {
        self.standing.contacts.get(&unit).copied().unwrap_or_default()
    }

    /// Whether a blind count hides from them what a unit's sheet expects.
    #[must_use]
    pub fn hides(&self, unit: UnitId) -> bool {
        self.hidden.contains(&unit)
    }

    /// Whether anything is hidden from them.
    #[must_use]
    pub fn hides_some(&self) -> bool {
        self.sheets().any(|sheet| self.hides(sheet.unit_id))
    }

    /// Whether they are shown verdicts at all.
    #[must_use]
    pub fn reports(&self) -> bool {
        self.report != Reach::Nowhere
    }

    /// Whether they are shown the lines of a unit, or of what belongs to none.
    #[must_use]
    pub fn shows(&self, unit: Option<UnitId>) -> bool {
        self.report.covers(unit) && unit.is_none_or(|unit| !self.hides(unit))
    }

    /// How many things of a unit are expected, and how many of these were seen; `None` while that is hidden.
    #[must_use]
    pub fn progress(&self, unit: UnitId) -> Option<(u64, u64)> {
        if !self.read.covers(Some(unit)) || self.hides(unit) {
            return None;
        }
        let tally = self.standing.tallies.get(&Some(unit)).copied().unwrap_or_default();
        Some((seen(&tally), tally.expected))
    }

    /// The verdicts of a unit, or of what belongs to none; `None` when they are not shown.
    #[must_use]
    pub fn tally(&self, unit: Option<UnitId>) -> Option<Tally> {
        self.shows(unit).then(|| self.standing.tallies.get(&unit).copied().unwrap_or_default())
    }

    /// Every unit that has lines, in no order; what belongs to none last.
    pub fn tallied(&self) -> impl Iterator<Item = (Option<UnitId>, Tally)> {
        self.standing.tallies.iter().filter(|(unit, _)| self.shows(**unit)).map(|(unit, tally)| (*unit, *tally))
    }

    /// All verdicts that are shown.
    #[must_use]
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        self.tallied().for_each(|(_, tally)| total.add_all(&tally));
        total
    }

    /// The lines that are shown, in order.
    pub fn lines(&self) -> impl Iterator<Item = &OutcomeLine> {
        self.standing.outcome.lines.iter().filter(|line| self.shows(line.unit))
    }

    /// The lines of one verdict that are shown, in order.
    pub fn lines_of(&self, verdict: Verdict) -> impl Iterator<Item = &OutcomeLine> {
        let at = self.standing.by_verdict.get(&verdict).map_or(&[][..], Vec::as_slice);
        at.iter().map(|index| &self.standing.outcome.lines[*index]).filter(|line| self.shows(line.unit))
    }
}

/// How many of the things expected were seen.
#[must_use]
pub fn seen(tally: &Tally) -> u64 {
    tally.expected.saturating_sub(tally.pending + tally.missing + tally.excused)
}
