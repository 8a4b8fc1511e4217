//! The digital certificates of the made-up sub-bureau: of some units, one out over night, one overdue, one that the check did
//! not find, questions asked of holders.

use chrono::Days;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::Stage;
use super::sample::{PersonAt, Sample, UnitAt};
use crate::access::entity::account;
use crate::access::{CoSigner, accounts};
use crate::certificates::keeping::{self, NewCertificate};
use crate::certificates::lending::{self, Wish};
use crate::certificates::quizzes::{self, NewQuiz};
use crate::certificates::{checks, reminders};
use crate::cli::CliError;
use crate::db::{Db, DbError};
use crate::kernel::ids::{PersonId, UnitId};
use crate::kernel::rights::Scope;
use crate::kernel::{Actor, Ctx, Timestamp};
use crate::org::Directory;

const HOUR: i64 = 3_600_000;
/// Certificates of a unit.
const OF_A_UNIT: usize = 4;
/// Units besides the station that keep certificates.
const UNITS: [usize; 3] = [3, 7, 8];
const QUESTIONS: [(&str, &str, bool); 3] = [
    ("数字证书能否借给他人使用？", "不能，限本人使用", true),
    ("数字证书遗失后怎么办？", "第二天再找找", false),
    ("下班后数字证书放在哪里？", "交回值班室证书柜", true),
];

/// Plays it.
///
/// # Errors
/// When the database refuses.
pub(super) async fn play(
    db: &Db,
    ctx: &Ctx,
    sample: &Sample,
    directory: &Directory,
    station: UnitAt,
) -> Result<(), CliError> {
    let now = ctx.now();
    let mut stage = Stage::at(Timestamp(now.0 - 48 * HOUR), sample.spec.seed ^ 0xCE);
    stage.ctx = stage.ctx.hashing_with(ctx.hash);
    for (n, at) in [station].into_iter().chain(UNITS.map(UnitAt)).enumerate() {
        stage.clock.set(Timestamp(now.0 - 48 * HOUR));
        let unit = directory.find_unit(&sample.unit(at).code)?;
        let holders = holders(sample, directory, at)?;
        let numbers = enter(db, &stage.ctx, n, &holders).await?;
        night(db, &stage, now, n, (unit, &holders, &numbers)).await?;
    }
    stage.clock.set(now);
    reminders::mark(db, ctx).await?;
    Ok(())
}

/// The unit's head and those who come after its asset manager.
fn holders(sample: &Sample, directory: &Directory, at: UnitAt) -> Result<Vec<PersonId>, CliError> {
    let first = sample.unit(at).asset_manager.0;
    let theirs = (first + 1..sample.people.len()).map(PersonAt).take_while(|one| sample.person(*one).unit == at);
    let mut people = Vec::new();
    for one in theirs.take(OF_A_UNIT) {
        people.push(directory.find_person(&sample.person(one).badge_number, None)?);
    }
    Ok(people)
}

async fn enter(db: &Db, ctx: &Ctx, unit: usize, holders: &[PersonId]) -> Result<Vec<String>, CliError> {
    let today = ctx.now().day();
    let mut numbers = Vec::new();
    for (n, holder) in holders.iter().enumerate() {
        let number = format!("GA-4420-{unit}{n:03}");
        let valid_until = today.checked_add_days(Days::new(700)).unwrap_or(today);
        let kept_at = "值班室证书柜".to_owned();
        let new = NewCertificate { number: number.clone(), holder: *holder, kept_at, valid_until };
        keeping::enter(db, ctx, &new).await?;
        numbers.push(number);
    }
    Ok(numbers)
}

/// Of each unit a loan that came back; of the first one over night, of the second one overdue and one that the check misses;
/// the last did not check.
async fn night(
    db: &Db,
    stage: &Stage,
    now: Timestamp,
    n: usize,
    (unit, holders, numbers): (UnitId, &[PersonId], &[String]),
) -> Result<(), CliError> {
    let ctx = &stage.ctx;
    let (Some(holder), Some(number)) = (holders.first(), numbers.first()) else { return Ok(()) };
    let taker = signer(db, ctx, *holder, n).await?;
    stage.clock.set(Timestamp(now.0 - 40 * HOUR));
    let wish = |hours: i64| Wish { task: "办案平台审批".to_owned(), due: Timestamp(ctx.now().0 + hours * HOUR) };
    lending::draw(db, ctx, &taker, number, &wish(4)).await?;
    stage.clock.advance_ms(2 * HOUR);
    lending::take_back(db, ctx, number, "").await?;
    stage.clock.set(Timestamp(now.0 - 20 * HOUR));
    match n {
        0 => {
            lending::draw(db, ctx, &taker, number, &wish(23)).await?;
        }
        1 => {
            lending::draw(db, ctx, &taker, number, &wish(6)).await?;
        }
        _ => {}
    }
    stage.clock.advance_ms(HOUR);
    if n < UNITS.len() {
        let out = usize::from(n < 2);
        // The second's last certificate is not where it should be.
        let missing = usize::from(n == 1);
        let seen = &numbers[out..numbers.len().saturating_sub(missing).max(out)];
        checks::check(db, ctx, unit, seen, "").await?;
    }
    if let Some((question, answer, correct)) = QUESTIONS.get(n) {
        let (question, answer) = ((*question).to_owned(), (*answer).to_owned());
        quizzes::ask(db, ctx, &NewQuiz { person: *holder, question, answer, correct: *correct }).await?;
    }
    Ok(())
}

/// A holder who is there, with the account they have or get.
async fn signer(db: &Db, ctx: &Ctx, person: PersonId, n: usize) -> Result<CoSigner, CliError> {
    let has = account::Entity::find().filter(account::Column::PersonId.eq(person)).one(db.read()).await;
    let account = match has.map_err(DbError::from)? {
        Some(row) => row.id,
        None => accounts::create(db, ctx, &format!("chizheng{n}"), person).await?.account.id,
    };
    let ctx = ctx.acting_as(Actor::Person(person), Scope::Everything);
    Ok(CoSigner { person, account, ctx })
}
