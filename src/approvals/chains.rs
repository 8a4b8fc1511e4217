//! What is asked for, by kind, amount and day. A chain is never changed: another is laid down from a later day.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _,
};
use serde_json::json;

use super::entity::{chain, chain_step};
use super::error::{ApprovalError, words};
use super::granted::may_decide;
use super::model::Step;
use crate::access::{self, Action};
use crate::db::{Db, DbError, bulk};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::{Ctx, Fen, Timestamp};

/// How many tiers a chain may have, and steps a tier.
pub const MOST: usize = 10;
/// The longest time to ratify, hours: 30 days.
pub const MOST_RATIFY_H: i64 = 720;

/// The steps for amounts from `from` on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// The least amount.
    pub from: Fen,
    /// In order.
    pub steps: Vec<Step>,
}

/// A chain with its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Kind, day, name, source.
    pub head: chain::Model,
    /// By amount, the least first.
    pub tiers: Vec<Tier>,
}

impl Chain {
    /// The steps for an amount: those of the highest tier it reaches.
    #[must_use]
    pub fn steps(&self, amount: Fen) -> &[Step] {
        self.tiers.iter().rev().find(|tier| tier.from <= amount).map_or(&[], |tier| &tier.steps)
    }
}

/// The chain that holds for a kind at an instant: of those that had begun the last, unless it has ended.
///
/// # Errors
/// [`ApprovalError::NoChain`] when none does.
pub async fn holding(db: &impl ConnectionTrait, kind: &str, at: Timestamp) -> Result<Chain, ApprovalError> {
    let head = chain::Entity::find()
        .filter(chain::Column::Kind.eq(kind))
        .filter(chain::Column::EffectiveFrom.lte(at))
        .order_by_desc(chain::Column::EffectiveFrom)
        .one(db)
        .await?
        .filter(|head| head.effective_until.is_none_or(|until| at < until))
        .ok_or_else(|| ApprovalError::NoChain(kind.to_owned()))?;
    let steps = chain_step::Entity::find()
        .filter(chain_step::Column::Kind.eq(kind))
        .filter(chain_step::Column::EffectiveFrom.eq(head.effective_from))
        .all(db)
        .await?;
    Ok(assemble(head, steps))
}

fn assemble(head: chain::Model, mut steps: Vec<chain_step::Model>) -> Chain {
    steps.sort_by_key(|row| (row.from_fen, row.step));
    let mut tiers: Vec<Tier> = Vec::new();
    for row in steps {
        let step = Step { role: row.role, level: row.level };
        match tiers.last_mut() {
            Some(tier) if tier.from == row.from_fen => tier.steps.push(step),
            _ => tiers.push(Tier { from: row.from_fen, steps: vec![step] }),
        }
    }
    Chain { head, tiers }
}

/// Every chain, past and to come, by kind and day.
///
/// # Errors
/// When the database cannot be read.
pub async fn all(db: &impl ConnectionTrait, ctx: &Ctx) -> Result<Vec<Chain>, ApprovalError> {
    if access::permit_somewhere(ctx, Action::ApprovalsRead).is_err() {
        access::permit_somewhere(ctx, Action::ApprovalsDefine)?;
    }
    let heads = chain::Entity::find()
        .order_by_asc(chain::Column::Kind)
        .order_by_asc(chain::Column::EffectiveFrom)
        .all(db)
        .await?;
    let steps = chain_step::Entity::find().all(db).await?;
    let of = |head: &chain::Model| {
        let theirs = |row: &&chain_step::Model| row.kind == head.kind && row.effective_from == head.effective_from;
        steps.iter().filter(theirs).cloned().collect()
    };
    Ok(heads
        .into_iter()
        .map(|head| {
            let steps = of(&head);
            assemble(head, steps)
        })
        .collect())
}

/// Lays down what is asked for a kind from a day on. What was requested before keeps the steps it has.
///
/// # Errors
/// When it says what cannot be, begins in the past, or one of that day is there.
pub async fn define(db: &Db, ctx: &Ctx, new: Chain) -> Result<Chain, ApprovalError> {
    lay_down(db, ctx, new, ctx.now()).await
}

/// Lays down what is asked for a kind from this instant on, whatever instant `new` names.
///
/// # Errors
/// As [`define`].
pub async fn define_now(db: &Db, ctx: &Ctx, new: Chain) -> Result<Chain, ApprovalError> {
    // The clock is asked once: what begins at once does not begin in the past.
    let now = ctx.now();
    let head = chain::Model { effective_from: now, ..new.head };
    lay_down(db, ctx, Chain { head, ..new }, now).await
}

async fn lay_down(db: &Db, ctx: &Ctx, new: Chain, now: Timestamp) -> Result<Chain, ApprovalError> {
    access::permit(ctx, Action::ApprovalsDefine, None)?;
    let new = checked(new, now)?;
    db.write(async |tx| {
        let same = Condition::all()
            .add(chain::Column::Kind.eq(&new.head.kind))
            .add(chain::Column::EffectiveFrom.eq(new.head.effective_from));
        if chain::Entity::find().filter(same).one(tx).await?.is_some() {
            return Err(ApprovalError::ChainExists);
        }
        let mut rows = RowsDigest::new(ctx).with(&new.head);
        new.head.clone().into_active_model().insert(tx).await?;
        let steps = step_rows(&new);
        steps.iter().for_each(|row| rows.add(row));
        bulk::insert(tx, steps).await?;
        let payload = json!({ "name": new.head.name, "effective_from": new.head.effective_from });
        let entry = Entry { action: "approvals.define", subject: new.head.kind.clone(), unit: None, payload, rows };
        journal::record(tx, ctx, entry).await?;
        Ok::<_, ApprovalError>(())
    })
    .await
    .map_err(|error| match error {
        ApprovalError::Db(DbError::Constraint { duplicate: true, .. }) => ApprovalError::ChainExists,
        other => other,
    })?;
    Ok(new)
}

fn step_rows(new: &Chain) -> Vec<chain_step::Model> {
    let mut rows = Vec::new();
    for tier in &new.tiers {
        for (number, step) in (1..).zip(&tier.steps) {
            rows.push(chain_step::Model {
                kind: new.head.kind.clone(),
                effective_from: new.head.effective_from,
                from_fen: tier.from,
                step: number,
                role: step.role,
                level: step.level,
            });
        }
    }
    rows
}

fn checked(new: Chain, now: Timestamp) -> Result<Chain, ApprovalError> {
    let kind = &new.head.kind;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if kind.is_empty() || kind.len() > 60 || !kind.chars().all(plain) {
        return Err(ApprovalError::field("kind", "用 1 至 60 个小写字母、数字和下划线"));
    }
    let name = words("name", &new.head.name, 100)?;
    let source = words("source", &new.head.source, 500)?;
    if new.head.effective_from < now {
        return Err(ApprovalError::field("effective_from", "生效时间不能早于现在"));
    }
    if new.head.effective_until.is_some_and(|until| until <= new.head.effective_from) {
        return Err(ApprovalError::field("effective_until", "须晚于生效时间"));
    }
    if new.head.ratify_within_h.is_some_and(|hours| !(1..=MOST_RATIFY_H).contains(&hours)) {
        return Err(ApprovalError::field("ratify_within_h", "补批时限为 1 至 720 小时"));
    }
    let ascending = new.tiers.windows(2).all(|pair| pair[0].from < pair[1].from);
    let begins_at_nothing = new.tiers.first().is_some_and(|tier| tier.from == Fen::ZERO);
    let steps_fit = new.tiers.iter().all(|tier| (1..=MOST).contains(&tier.steps.len()));
    let roles_decide = new.tiers.iter().flat_map(|tier| &tier.steps).all(|step| may_decide(step.role));
    if !roles_decide {
        return Err(ApprovalError::field(
            "tiers",
            "审批角色须是负责人、值班领导、分局领导、指挥中心、法制等有审批职责的",
        ));
    }
    if !ascending || !begins_at_nothing || !steps_fit || new.tiers.len() > MOST {
        return Err(ApprovalError::field("tiers", "金额分档从 0 起递增，每档 1 至 10 步，最多 10 档"));
    }
    Ok(Chain { head: chain::Model { name, source, ..new.head }, tiers: new.tiers })
}

/// The chain of a kind and day, holding or not.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn of(
    db: &impl ConnectionTrait,
    kind: &str,
    from: Timestamp,
) -> Result<Option<chain::Model>, DbError> {
    Ok(chain::Entity::find_by_id((kind.to_owned(), from)).one(db).await?)
}
