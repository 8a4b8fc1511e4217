//! Compare, explain, close.

use hashbrown::HashMap;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Unchanged, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, StreamTrait,
};
use serde_json::json;

use super::entity::{finance_batch, finance_line, three_way_check, three_way_line};
use super::judge::{Booked, Carried, Judged, Seen, judge};
use super::model::{Category, State, Verdict};
use super::store;
use crate::access::{Action, permit, permit_somewhere, reach};
use crate::assets::AssetError;
use crate::assets::depreciation::Standing;
use crate::assets::movements::numbers;
use crate::assets::movements::service::words;
use crate::assets::net_values;
use crate::assets::submissions::gather;
use crate::db::saving::save;
use crate::db::{Db, DbError, Tx, bulk};
use crate::items::entity::item;
use crate::items::model::{ItemKind, ItemState};
use crate::items::store::{self as items, AsOf};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{CampaignId, ItemId};
use crate::kernel::{Ctx, Fen, Timestamp};
use crate::org::Directory;
use crate::stocktake::entity::{campaign, verdict_line};
use crate::stocktake::model::CampaignState;
use crate::stocktake::verdict::Verdict as Counted;

/// Which count the book and the finance ledger are held against.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Count {
    /// The last that was closed, with a baseline not after the day.
    #[default]
    Last,
    /// None: two are compared.
    Without,
    /// The closed one of this number.
    Number(String),
}

/// Holds a batch of the finance ledger against the book of its day and a count.
///
/// # Errors
/// When it is not theirs to do, the batch was undone, or the count is not closed.
pub async fn compare(db: &Db, ctx: &Ctx, batch: &str, count: &Count) -> Result<three_way_check::Model, AssetError> {
    permit(ctx, Action::ThreeWayRun, None)?;
    db.write(async |tx| {
        let batch = store::batch(tx, ctx, batch).await?;
        if batch.undone_at.is_some() {
            return Err(AssetError::Conflict(format!("{} 已撤销，不能据以核对", batch.number)));
        }
        let open = three_way_check::Entity::find()
            .filter(three_way_check::Column::BatchId.eq(batch.id))
            .filter(three_way_check::Column::State.eq(State::Open))
            .all(tx)
            .await?;
        // The same list held against the book again replaces what was found before; what was explained is taken along.
        let explained = explanations(tx).await?;
        for earlier in open {
            let check = finish(tx, ctx, earlier, State::Void, "重新核对".to_owned()).await?;
            let rows = RowsDigest::new(ctx).with(&check);
            record(tx, ctx, "three_way.void", &check, json!({ "reason": check.finished_reason }), rows).await?;
        }
        let campaign = chosen(tx, ctx, count, &batch).await?;
        let (row, lines) = compared(tx, ctx, &batch, campaign, &explained).await?;
        row.clone().into_active_model().insert(tx).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        lines.iter().for_each(|line| rows.add(line));
        bulk::insert(tx, lines).await?;
        let payload = json!({ "batch": batch.number, "campaign": row.campaign_id, "as_of": row.as_of,
            "lines": row.line_count, "differences": row.difference_count });
        record(tx, ctx, "three_way.compare", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

async fn chosen(
    tx: &Tx,
    ctx: &Ctx,
    count: &Count,
    batch: &finance_batch::Model,
) -> Result<Option<CampaignId>, AssetError> {
    match count {
        Count::Without => Ok(None),
        Count::Number(number) => Ok(Some(gather::closed(tx, ctx, number).await?.id)),
        Count::Last => {
            let last = campaign::Entity::find()
                .filter(campaign::Column::State.eq(CampaignState::Closed))
                .filter(campaign::Column::BaselineAt.lte(Timestamp::end_of_day(batch.as_of)))
                .order_by_desc(campaign::Column::BaselineAt)
                .order_by_desc(campaign::Column::Id)
                .one(tx)
                .await?;
            Ok(last.map(|row| row.id))
        }
    }
}

/// What tells a difference from another: its thing, what is said of it, what the two ledgers have.
type Difference = (String, Verdict, Option<i64>, Option<i64>);

fn of_line(line: &three_way_line::Model) -> Difference {
    let number = crate::kernel::text::key(&line.item_number).into_owned();
    (number, line.verdict, line.book_fen.map(|fen| fen.0), line.finance_fen.map(|fen| fen.0))
}

/// What was explained in the last check that stood.
async fn explanations(tx: &Tx) -> Result<HashMap<Difference, three_way_line::Model>, DbError> {
    let last = three_way_check::Entity::find()
        .filter(three_way_check::Column::State.ne(State::Void))
        .order_by_desc(three_way_check::Column::Id)
        .one(tx)
        .await?;
    let Some(last) = last else { return Ok(HashMap::new()) };
    let lines = three_way_line::Entity::find()
        .filter(three_way_line::Column::CheckId.eq(last.id))
        .filter(three_way_line::Column::ExplainedBy.is_not_null())
        .all(tx)
        .await?;
    Ok(lines.into_iter().map(|line| (of_line(&line), line)).collect())
}

/// What stands in the three, read from the database.
struct Three {
    book: Vec<(AsOf, item::Model)>,
    /// What was taken off each by the day, where that is known.
    accumulated: HashMap<ItemId, Fen>,
    finance: Vec<finance_line::Model>,
    /// The number as compared, blank of what has none, and what was found.
    count: Option<Vec<(String, verdict_line::Model)>>,
    directory: Directory,
}

impl Three {
    async fn read<C: ConnectionTrait + StreamTrait>(
        db: &C,
        ctx: &Ctx,
        batch: &finance_batch::Model,
        campaign: Option<CampaignId>,
    ) -> Result<Self, AssetError> {
        let then = items::book_as_of(db, Timestamp::end_of_day(batch.as_of)).await?;
        let then: Vec<AsOf> = then.into_iter().filter(|one| one.state != ItemState::Withdrawn).collect();
        let ids: Vec<ItemId> = then.iter().map(|one| one.item_id).collect();
        let worth = net_values::of_things(db, ctx, &ids.iter().copied().collect(), batch.as_of).await?;
        let known = worth.into_iter().filter(|(_, worth)| worth.standing != Standing::Unknown);
        let accumulated = known.map(|(id, worth)| (id, worth.accumulated)).collect();
        let mut things = items::by_ids(db, &ids).await?;
        let count = match campaign {
            Some(id) => {
                let found = verdict_line::Entity::find()
                    .filter(verdict_line::Column::CampaignId.eq(id))
                    .order_by_asc(verdict_line::Column::Line)
                    .all(db)
                    .await?;
                let number = |row: &verdict_line::Model| {
                    let thing = row.item_id.and_then(|id| things.get(&id));
                    thing.map(|thing| thing.number_key.clone()).unwrap_or_default()
                };
                Some(found.into_iter().map(|row| (number(&row), row)).collect())
            }
            None => None,
        };
        let mut book = Vec::with_capacity(then.len());
        for one in then {
            let thing = things.remove(&one.item_id);
            let thing = thing.filter(|thing| matches!(thing.kind, ItemKind::FixedAsset | ItemKind::Vehicle));
            book.extend(thing.map(|thing| (one, thing)));
        }
        book.sort_by(|a, b| a.1.number_key.cmp(&b.1.number_key));
        let finance = finance_line::Entity::find()
            .filter(finance_line::Column::BatchId.eq(batch.id))
            .order_by_asc(finance_line::Column::Line)
            .all(db)
            .await?;
        Ok(Self { book, accumulated, finance, count, directory: Directory::load(db).await? })
    }

    fn judged(&self) -> Vec<Judged> {
        let book: Vec<Booked<'_>> = self
            .book
            .iter()
            .map(|(then, thing)| Booked {
                number: &thing.number_key,
                value: thing.value_fen,
                accumulated: self.accumulated.get(&thing.id).copied(),
                gone: then.state.is_gone(),
            })
            .collect();
        let finance: Vec<Carried<'_>> = self
            .finance
            .iter()
            .map(|row| Carried {
                number: &row.number_key,
                value: row.value_fen,
                accumulated: row.accumulated_fen,
                net: row.net_fen,
            })
            .collect();
        let count: Option<Vec<Seen<'_>>> = self.count.as_ref().map(|rows| {
            let verdict = |row: &verdict_line::Model| row.verdict.parse().unwrap_or(Counted::Pending);
            rows.iter().map(|(number, row)| Seen { number, verdict: verdict(row) }).collect()
        });
        judge(&book, &finance, count.as_deref())
    }

    fn line(&self, n: i64, one: &Judged) -> three_way_line::Model {
        let booked = one.book.and_then(|n| self.book.get(n));
        let carried = one.finance.and_then(|n| self.finance.get(n));
        let found = one.count.and_then(|n| self.count.as_ref()?.get(n)).map(|(_, row)| row);
        let named = carried.and_then(|row| self.directory.find_unit(&row.unit_name).ok());
        let text = |ours: Option<&str>, theirs: Option<&str>| ours.or(theirs).unwrap_or_default().to_owned();
        let number =
            text(booked.map(|(_, thing)| thing.item_number.as_str()), carried.map(|row| row.item_number.as_str()));
        let name = text(booked.map(|(_, thing)| thing.name.as_str()), carried.map(|row| row.name.as_str()));
        three_way_line::Model {
            check_id: sea_orm::prelude::Uuid::nil(),
            line: n,
            item_id: booked.map(|(_, thing)| thing.id),
            item_number: number,
            name: if booked.is_none() && carried.is_none() { "盘盈实物".to_owned() } else { name },
            unit_id: booked.map(|(then, _)| then.unit_id).or(named).or(found.and_then(|row| row.unit_id)),
            account: carried.map(|row| row.account.clone()).unwrap_or_default(),
            verdict: one.verdict,
            also: one.also.iter().map(|also| also.as_str()).collect::<Vec<_>>().join(","),
            count_verdict: found.map(|row| row.verdict.clone()).unwrap_or_default(),
            book_fen: booked.filter(|(then, _)| !then.state.is_gone()).map(|(_, thing)| thing.value_fen),
            finance_fen: one.finance_value,
            book_accumulated_fen: booked.and_then(|(_, thing)| self.accumulated.get(&thing.id).copied()),
            finance_accumulated_fen: one.finance_accumulated,
            finance_rows: i64::try_from(one.finance_rows).unwrap_or(i64::MAX),
            category: None,
            explanation: String::new(),
            explained_by: None,
            explained_at: None,
            version: 1,
        }
    }
}

async fn compared(
    tx: &Tx,
    ctx: &Ctx,
    batch: &finance_batch::Model,
    campaign_id: Option<CampaignId>,
    explained: &HashMap<Difference, three_way_line::Model>,
) -> Result<(three_way_check::Model, Vec<three_way_line::Model>), AssetError> {
    let three = Three::read(tx, ctx, batch, campaign_id).await?;
    let judged = three.judged();
    let check_id = ctx.new_id();
    let line = |(n, one): (i64, &Judged)| {
        let line = three_way_line::Model { check_id, ..three.line(n, one) };
        match explained.get(&of_line(&line)).filter(|_| line.verdict != Verdict::Agreed) {
            Some(said) => three_way_line::Model {
                category: said.category,
                explanation: said.explanation.clone(),
                explained_by: said.explained_by,
                explained_at: said.explained_at,
                ..line
            },
            None => line,
        }
    };
    let lines: Vec<three_way_line::Model> = (1i64..).zip(&judged).map(line).collect();
    let count = |wanted: fn(&three_way_line::Model) -> bool| {
        i64::try_from(lines.iter().filter(|line| wanted(line)).count()).unwrap_or(i64::MAX)
    };
    let row = three_way_check::Model {
        id: check_id,
        number: numbers::next(tx, ctx, "HD").await?,
        as_of: batch.as_of,
        batch_id: batch.id,
        campaign_id,
        state: State::Open,
        line_count: count(|_| true),
        difference_count: count(|line| line.verdict != Verdict::Agreed),
        open_count: count(|line| line.verdict != Verdict::Agreed && line.explained_by.is_none()),
        made_by: ctx.actor.to_string(),
        made_at: ctx.now(),
        finished_by: None,
        finished_at: None,
        finished_reason: String::new(),
        version: 1,
    };
    Ok((row, lines))
}

/// Writes a check back as its next version, when nobody has meanwhile.
async fn save(tx: &Tx, row: three_way_check::Model) -> Result<three_way_check::Model, DbError> {
    Ok(save!(tx, three_way_check, id, Id, row))
}

/// Ends a check.
pub(super) async fn finish(
    tx: &Tx,
    ctx: &Ctx,
    row: three_way_check::Model,
    state: State,
    why: String,
) -> Result<three_way_check::Model, DbError> {
    let ended = three_way_check::Model {
        state,
        finished_by: Some(ctx.actor.to_string()),
        finished_at: Some(ctx.now()),
        finished_reason: why,
        ..row
    };
    save(tx, ended).await
}

pub(super) async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &three_way_check::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), AssetError> {
    let entry = Entry { action, subject: row.number.clone(), unit: None, payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}

/// Which differences are explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// These lines, explained before or not.
    Lines(Vec<i64>),
    /// All of a verdict that nobody explained yet.
    OpenOf(Verdict),
}

/// Says why things differ. Returns how many lines that is about.
///
/// # Errors
/// When it is not theirs to say, the check has ended, nothing of that waits within their reach, or no words are given.
pub async fn explain(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    which: &Which,
    category: Category,
    explanation: &str,
) -> Result<usize, AssetError> {
    permit_somewhere(ctx, Action::ThreeWayExplain)?;
    let me = ctx.person().ok_or(AssetError::NoPerson)?;
    let explanation = words("explanation", explanation, "差异原因")?;
    db.write(async |tx| {
        let row = store::one(tx, ctx, number).await?;
        if row.state != State::Open {
            return Err(AssetError::Conflict(format!("此次核对{}，不能再说明", row.state.zh())));
        }
        let within = reach(ctx, Action::ThreeWayExplain);
        let meant: Vec<_> = chosen_lines(tx, &row, which)
            .await?
            .into_iter()
            .filter(|line| line.verdict != Verdict::Agreed && within.covers(line.unit_id))
            .collect();
        if meant.is_empty() {
            return Err(AssetError::field("lines", "没有您可以说明的差异"));
        }
        let newly = meant.iter().filter(|line| line.explained_by.is_none()).count();
        let many = meant.len();
        let open_count = row.open_count - i64::try_from(newly).unwrap_or(i64::MAX);
        let row = save(tx, three_way_check::Model { open_count, ..row }).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        for line in meant {
            let after = three_way_line::Model {
                category: Some(category),
                explanation: explanation.clone(),
                explained_by: Some(me),
                explained_at: Some(ctx.now()),
                version: line.version + 1,
                ..line
            };
            rows.add(&after);
            let mut active = after.clone().into_active_model().reset_all();
            active.check_id = Unchanged(after.check_id);
            active.line = Unchanged(after.line);
            three_way_line::Entity::update(active).exec(tx).await?;
        }
        let payload = json!({ "lines": many, "category": category, "explanation": explanation });
        record(tx, ctx, "three_way.explain", &row, payload, rows).await?;
        Ok(many)
    })
    .await
}

async fn chosen_lines(
    tx: &Tx,
    row: &three_way_check::Model,
    which: &Which,
) -> Result<Vec<three_way_line::Model>, DbError> {
    let all = three_way_line::Entity::find()
        .filter(three_way_line::Column::CheckId.eq(row.id))
        .order_by_asc(three_way_line::Column::Line);
    match which {
        Which::OpenOf(verdict) => {
            let open = all
                .filter(three_way_line::Column::Verdict.eq(*verdict))
                .filter(three_way_line::Column::ExplainedBy.is_null());
            Ok(open.all(tx).await?)
        }
        Which::Lines(lines) => {
            let mut chosen = Vec::new();
            for chunk in lines.chunks(bulk::CHUNK_ROWS) {
                let some = all.clone().filter(three_way_line::Column::Line.is_in(chunk.iter().copied()));
                chosen.extend(some.all(tx).await?);
            }
            chosen.sort_by_key(|line| line.line);
            chosen.dedup_by_key(|line| line.line);
            Ok(chosen)
        }
    }
}

/// Closes a check whose differences are all explained.
///
/// # Errors
/// When it is not theirs to do, a difference is open, or it has ended.
pub async fn close(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
) -> Result<three_way_check::Model, AssetError> {
    permit(ctx, Action::ThreeWayRun, None)?;
    db.write(async |tx| {
        let row = store::one(tx, ctx, number).await?;
        if version.is_some_and(|seen| seen != row.version) {
            return Err(DbError::Stale.into());
        }
        if row.state != State::Open {
            return Err(AssetError::Conflict(format!("此次核对{}", row.state.zh())));
        }
        if row.open_count > 0 {
            return Err(AssetError::Conflict(format!("还有 {} 项差异没有说明", row.open_count)));
        }
        let row = finish(tx, ctx, row, State::Closed, String::new()).await?;
        let rows = RowsDigest::new(ctx).with(&row);
        record(tx, ctx, "three_way.close", &row, json!({ "differences": row.difference_count }), rows).await?;
        Ok(row)
    })
    .await
}
