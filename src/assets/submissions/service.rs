//! A submission is begun, computed, its warnings are answered, and it is handed on for review.

use hashbrown::HashMap;
use sea_orm::prelude::{Date, Uuid};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Unchanged, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::difference::{Difference, between};
use super::entity::submission_line::Model as Line;
use super::entity::{submission, submission_message, submission_step};
use super::figures::Figures;
use super::gather::{self, Ground};
use super::model::{Deed, Kind, Severity, State};
use super::standard::{Message, Standard};
use super::store;
use crate::access::rules::Rules;
use crate::access::{Action, permit, permit_somewhere};
use crate::assets::AssetError;
use crate::assets::classes;
use crate::assets::movements::numbers;
use crate::assets::movements::service::words;
use crate::db::saving::save;
use crate::db::{Db, DbError, Tx, bulk};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::UnitId;
use crate::kernel::{Ctx, Fen};
use crate::org::units;

/// Lines that a submission has at most: more than a sub-bureau has by far.
const MOST_LINES: usize = 2_000_000;
/// Warnings that are answered at once at most.
const MOST_ANSWERED: usize = 10_000;

/// What is begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    /// What is reported.
    pub kind: Kind,
    /// Whose things, with the units below; `None`: the whole sub-bureau's.
    pub unit: Option<UnitId>,
    /// 填报基准日; of a stocktake report the count's, whatever stands here.
    pub as_of: Date,
    /// Of a stocktake report: the number of the closed count.
    pub campaign: String,
}

/// What was computed.
struct Computed {
    lines: Vec<Line>,
    messages: Vec<Message>,
    figures: Figures,
    hash: String,
}

/// The hash of lines, whatever submission and edition they stand in.
fn hash_of(lines: &[Line]) -> String {
    let mut hash = Sha256::new();
    for line in lines {
        let one = Line { submission_id: Uuid::nil(), edition: 0, ..line.clone() };
        // A row of ours is always JSON.
        hash.update(serde_json::to_vec(&one).unwrap_or_default());
        hash.update(b"\n");
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn ground_of(row: &submission::Model) -> Ground {
    Ground { kind: row.kind, unit: row.unit_id, as_of: row.as_of, campaign: row.campaign_id }
}

async fn computed(tx: &Tx, ctx: &Ctx, ground: Ground) -> Result<Computed, AssetError> {
    let lines = gather::lines(tx, ctx, ground).await?;
    if lines.len() > MOST_LINES {
        return Err(AssetError::field("unit_id", "资产过多，请按单位分别编制"));
    }
    if lines.is_empty() {
        return Err(AssetError::field("unit_id", "这个范围内没有固定资产，无可报送"));
    }
    let standard = Standard::of(&Rules::load(tx).await?, ctx.now());
    let messages = standard.check(ground.kind, ground.as_of, &lines);
    let lines: Vec<Line> = lines.into_iter().map(|(line, _)| line).collect();
    let worth = lines.iter().try_fold(Fen::ZERO, |sum, line| sum.checked_add(line.value_fen));
    worth.ok_or_else(|| AssetError::Conflict("价值合计过大，请核对资产价值".to_owned()))?;
    let classes = classes::load(tx).await?;
    let figures = Figures::of(&lines, |code| classes.name(code, ground.as_of).to_owned());
    Ok(Computed { figures, hash: hash_of(&lines), lines, messages })
}

/// Begins a submission, with its first computation.
///
/// # Errors
/// When it is not theirs to do, the day is to come, the count is not closed, one of the same is open, or nothing is in
/// its scope.
pub async fn begin(db: &Db, ctx: &Ctx, new: &New) -> Result<submission::Model, AssetError> {
    permit_somewhere(ctx, Action::SubmissionsPrepare)?;
    permit(ctx, Action::SubmissionsPrepare, new.unit)?;
    if new.kind == Kind::Annual && !new.campaign.trim().is_empty() {
        return Err(AssetError::field("campaign", "年度报告按账面编制，不填盘点编号"));
    }
    db.write(async |tx| {
        if let Some(unit) = new.unit {
            units::open(tx, unit, "unit_id").await?;
        }
        let counted = match new.kind {
            Kind::Annual => None,
            Kind::Stocktake => Some(gather::closed(tx, ctx, &new.campaign).await?),
        };
        let as_of = counted.as_ref().map_or(new.as_of, |campaign| campaign.baseline_at.day());
        if as_of > ctx.now().day() {
            return Err(AssetError::field("as_of", "填报基准日不能晚于今天"));
        }
        let campaign = counted.map(|campaign| campaign.id);
        let open_of = format!(
            "{}/{}/{as_of}/{}",
            new.kind.as_str(),
            new.unit.map_or_else(|| "all".to_owned(), |unit| unit.to_string()),
            campaign.map(|id| id.to_string()).unwrap_or_default()
        );
        refuse_second(tx, &open_of).await?;
        let ground = Ground { kind: new.kind, unit: new.unit, as_of, campaign };
        let made = computed(tx, ctx, ground).await?;
        let number = numbers::next(tx, ctx, "BS").await?;
        let title = title(tx, new, as_of).await?;
        let row = blank(ctx, new, (as_of, campaign), (number, title, open_of));
        let row = with_figures(row, &made)?;
        row.clone().into_active_model().insert(tx).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        write_lines(tx, &row, &made, &HashMap::new(), &mut rows).await?;
        step(tx, ctx, &row, Deed::Begin, "", &mut rows).await?;
        record(tx, ctx, "submissions.begin", &row, figures_told(&row), rows).await?;
        Ok(row)
    })
    .await
}

async fn title(tx: &Tx, new: &New, as_of: Date) -> Result<String, AssetError> {
    let of = match new.unit {
        Some(unit) => units::by_id(tx, unit).await?.map(|unit| unit.name).unwrap_or_default(),
        None => crate::org::service::organisation(tx).await?,
    };
    Ok(match new.kind {
        Kind::Annual => format!("{of}国有资产年度报告（{as_of}）"),
        Kind::Stocktake => format!("{of}国有资产盘点情况报表（{as_of}）"),
    })
}

async fn refuse_second(tx: &Tx, open_of: &str) -> Result<(), AssetError> {
    let open = submission::Entity::find().filter(submission::Column::OpenOf.eq(open_of)).one(tx).await?;
    match open {
        Some(row) => Err(AssetError::Conflict(format!("{} 尚未办结，请在其上继续，或先作废", row.number))),
        None => Ok(()),
    }
}

fn blank(
    ctx: &Ctx,
    new: &New,
    (as_of, campaign_id): (Date, Option<crate::kernel::ids::CampaignId>),
    (number, title, open_of): (String, String, String),
) -> submission::Model {
    submission::Model {
        id: ctx.new_id(),
        number,
        kind: new.kind,
        title,
        unit_id: new.unit,
        as_of,
        campaign_id,
        state: State::Draft,
        open_of: Some(open_of),
        edition: 1,
        line_count: 0,
        error_count: 0,
        warning_count: 0,
        value_fen: Fen::ZERO,
        figures: String::new(),
        lines_hash: String::new(),
        begun_by: ctx.actor.to_string(),
        begun_at: ctx.now(),
        computed_at: ctx.now(),
        prepared_by: None,
        prepared_at: None,
        reviewed_by: None,
        reviewed_at: None,
        approved_by: None,
        approved_at: None,
        submitted_by: None,
        submitted_at: None,
        sent_to: String::new(),
        receipt: String::new(),
        version: 1,
    }
}

fn with_figures(row: submission::Model, made: &Computed) -> Result<submission::Model, AssetError> {
    let count = |severity: Severity| {
        let many = made.messages.iter().filter(|message| message.severity == severity).count();
        i64::try_from(many).unwrap_or(i64::MAX)
    };
    let figures = serde_json::to_string(&made.figures).map_err(|error| AssetError::Conflict(error.to_string()))?;
    Ok(submission::Model {
        line_count: made.figures.total.lines,
        error_count: count(Severity::Error),
        warning_count: count(Severity::Warning),
        value_fen: made.figures.total.value,
        figures,
        lines_hash: made.hash.clone(),
        ..row
    })
}

/// What was said of a warning, by thing, rule and words: it still holds where the warning is the same.
type Answers = HashMap<(String, String, String), submission_message::Model>;

async fn write_lines(
    tx: &Tx,
    row: &submission::Model,
    made: &Computed,
    answers: &Answers,
    rows: &mut RowsDigest,
) -> Result<(), AssetError> {
    let (submission_id, edition) = (row.id, row.edition);
    let lines: Vec<Line> = made.lines.iter().map(|line| Line { submission_id, edition, ..line.clone() }).collect();
    lines.iter().for_each(|line| rows.add(line));
    bulk::insert(tx, lines).await?;
    let message = |(n, one): (i64, &Message)| {
        let said = answers.get(&(one.item_number.clone(), one.rule.to_owned(), one.words.clone()));
        let said = said.filter(|_| one.severity == Severity::Warning);
        submission_message::Model {
            submission_id,
            edition,
            message: n,
            line: one.line,
            item_number: one.item_number.clone(),
            field: one.field.to_owned(),
            rule: one.rule.to_owned(),
            severity: one.severity,
            words: one.words.clone(),
            acknowledged_by: said.and_then(|said| said.acknowledged_by),
            acknowledged_at: said.and_then(|said| said.acknowledged_at),
            acknowledged_reason: said.map(|said| said.acknowledged_reason.clone()).unwrap_or_default(),
            version: 1,
        }
    };
    let messages: Vec<submission_message::Model> = (1i64..).zip(&made.messages).map(message).collect();
    messages.iter().for_each(|message| rows.add(message));
    bulk::insert(tx, messages).await?;
    Ok(())
}

/// Writes a submission back as its next version, when nobody has meanwhile.
pub(super) async fn save(tx: &Tx, row: submission::Model) -> Result<submission::Model, DbError> {
    Ok(save!(tx, submission, id, Id, row))
}

/// The submission of this number, at the version they saw.
pub(super) async fn load(
    tx: &Tx,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
) -> Result<submission::Model, AssetError> {
    let row = store::one(tx, ctx, number).await?;
    if version.is_some_and(|seen| seen != row.version) {
        return Err(DbError::Stale.into());
    }
    Ok(row)
}

/// Writes down a step.
pub(super) async fn step(
    tx: &Tx,
    ctx: &Ctx,
    row: &submission::Model,
    deed: Deed,
    note: &str,
    rows: &mut RowsDigest,
) -> Result<(), AssetError> {
    let last = store::steps(tx, row).await?.last().map_or(0, |step| step.step);
    let one = submission_step::Model {
        submission_id: row.id,
        step: last + 1,
        deed,
        state: row.state,
        edition: row.edition,
        actor: ctx.actor.to_string(),
        person_id: ctx.person(),
        at: ctx.now(),
        note: note.to_owned(),
    };
    rows.add(&one);
    one.into_active_model().insert(tx).await?;
    Ok(())
}

/// Writes the entry of a deed.
pub(super) async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &submission::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), AssetError> {
    let entry = Entry { action, subject: row.number.clone(), unit: row.unit_id, payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}

pub(super) fn figures_told(row: &submission::Model) -> serde_json::Value {
    json!({ "edition": row.edition, "lines": row.line_count, "value_fen": row.value_fen,
        "errors": row.error_count, "warnings": row.warning_count, "lines_sha256": row.lines_hash })
}

pub(super) fn refused(refusal: super::model::Refusal) -> AssetError {
    AssetError::Conflict(refusal.to_string())
}

/// Computes a draft again: a new edition. What was said of a warning that is still the same, still holds.
///
/// # Errors
/// When it is not theirs to do, or it is no draft any more.
pub async fn compute(db: &Db, ctx: &Ctx, number: &str, version: Option<i64>) -> Result<submission::Model, AssetError> {
    permit_somewhere(ctx, Action::SubmissionsPrepare)?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        let state = row.state.after(Deed::Compute).map_err(refused)?;
        permit(ctx, Action::SubmissionsPrepare, row.unit_id)?;
        let made = computed(tx, ctx, ground_of(&row)).await?;
        let said = store::messages(tx, &row, None, 0, u64::MAX >> 1).await?;
        let answered = said.into_iter().filter(|one| one.acknowledged_by.is_some());
        let answers: Answers =
            answered.map(|one| ((one.item_number.clone(), one.rule.clone(), one.words.clone()), one)).collect();
        let next = submission::Model { state, edition: row.edition + 1, computed_at: ctx.now(), ..row };
        let row = save(tx, with_figures(next, &made)?).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        write_lines(tx, &row, &made, &answers, &mut rows).await?;
        step(tx, ctx, &row, Deed::Compute, "", &mut rows).await?;
        record(tx, ctx, "submissions.compute", &row, figures_told(&row), rows).await?;
        Ok(row)
    })
    .await
}

/// Says why warnings of a rule are let pass: all that nobody answered yet, or those of these messages. Returns how many.
///
/// # Errors
/// When it is not theirs to say, no reason is given, it is no draft, or nothing of that rule waits for an answer.
pub async fn acknowledge(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    rule: &str,
    which: Option<&[i64]>,
    reason: &str,
) -> Result<usize, AssetError> {
    permit_somewhere(ctx, Action::SubmissionsPrepare)?;
    let me = ctx.person().ok_or(AssetError::NoPerson)?;
    let reason = words("reason", reason, "理由")?;
    db.write(async |tx| {
        use submission_message::Column as C;
        let row = load(tx, ctx, number, None).await?;
        permit(ctx, Action::SubmissionsPrepare, row.unit_id)?;
        row.state.after(Deed::Prepare).map_err(refused)?;
        let waiting = submission_message::Entity::find()
            .filter(C::SubmissionId.eq(row.id))
            .filter(C::Edition.eq(row.edition))
            .filter(C::Rule.eq(rule.replace('\0', "")))
            .filter(C::Severity.eq(Severity::Warning))
            .filter(C::AcknowledgedBy.is_null())
            .order_by_asc(C::Message)
            .all(tx)
            .await?;
        let meant = |one: &submission_message::Model| which.is_none_or(|which| which.contains(&one.message));
        let chosen: Vec<_> = waiting.into_iter().filter(meant).take(MOST_ANSWERED).collect();
        if chosen.is_empty() {
            return Err(AssetError::field("rule", "没有待说明的这类提示"));
        }
        let mut rows = RowsDigest::new(ctx);
        let many = chosen.len();
        for one in chosen {
            let after = submission_message::Model {
                acknowledged_by: Some(me),
                acknowledged_at: Some(ctx.now()),
                acknowledged_reason: reason.clone(),
                version: one.version + 1,
                ..one
            };
            rows.add(&after);
            let mut active = after.clone().into_active_model().reset_all();
            active.submission_id = Unchanged(after.submission_id);
            active.edition = Unchanged(after.edition);
            active.message = Unchanged(after.message);
            submission_message::Entity::update(active).exec(tx).await?;
        }
        let payload = json!({ "rule": rule, "messages": many, "reason": reason });
        record(tx, ctx, "submissions.acknowledge", &row, payload, rows).await?;
        Ok(many)
    })
    .await
}

/// Hands a draft on for review, frozen as it is. It is computed once more for that: what the book says otherwise since
/// is not signed unseen.
///
/// # Errors
/// When it is not theirs to do, it has errors or warnings without a reason, or the book has changed since.
pub async fn prepare(db: &Db, ctx: &Ctx, number: &str, version: Option<i64>) -> Result<submission::Model, AssetError> {
    permit_somewhere(ctx, Action::SubmissionsPrepare)?;
    let me = ctx.person().ok_or(AssetError::NoPerson)?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        permit(ctx, Action::SubmissionsPrepare, row.unit_id)?;
        let state = row.state.after(Deed::Prepare).map_err(refused)?;
        let made = computed(tx, ctx, ground_of(&row)).await?;
        if made.hash != row.lines_hash {
            return Err(AssetError::Conflict("编制以来账面已有变更，请重新计算、核对后再提交".to_owned()));
        }
        let standing = with_figures(row.clone(), &made)?;
        if (standing.error_count, standing.warning_count) != (row.error_count, row.warning_count) {
            return Err(AssetError::Conflict("填报标准或资产状况已有变更，请重新计算后再提交".to_owned()));
        }
        if row.error_count > 0 {
            let why = format!("有 {} 处错误，请按填报标准更正后重新计算", row.error_count);
            return Err(AssetError::Conflict(why));
        }
        let said = store::messages(tx, &row, None, 0, u64::MAX >> 1).await?;
        let open = said.iter().filter(|one| one.acknowledged_by.is_none()).count();
        if open > 0 {
            return Err(AssetError::Conflict(format!("有 {open} 条提示没有说明理由")));
        }
        let row =
            save(tx, submission::Model { state, prepared_by: Some(me), prepared_at: Some(ctx.now()), ..row }).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        step(tx, ctx, &row, Deed::Prepare, "", &mut rows).await?;
        record(tx, ctx, "submissions.prepare", &row, figures_told(&row), rows).await?;
        Ok(row)
    })
    .await
}

/// What the same computation gives now, against what stands: for its own day, or, of an annual return, for another.
///
/// # Errors
/// When the database cannot be read.
pub async fn differences<C: sea_orm::ConnectionTrait + sea_orm::StreamTrait>(
    db: &C,
    ctx: &Ctx,
    row: &submission::Model,
    on: Option<Date>,
) -> Result<Difference, AssetError> {
    let frozen = store::lines(db, row).await?;
    let as_of = on.filter(|_| row.kind == Kind::Annual).unwrap_or(row.as_of);
    let now = gather::lines(db, ctx, Ground { as_of, ..ground_of(row) }).await?;
    let now: Vec<Line> = now.into_iter().map(|(line, _)| line).collect();
    Ok(between(&frozen, &now))
}
