//! Who may carry (配枪人员台账): licences, what they were tried in, bans with their reasons (枪支管理法 第24—26条).

use chrono::NaiveDate;
use sea_orm::prelude::Uuid;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::alarms;
use super::draws::entity::holding;
use super::draws::handing::ROOM;
use super::draws::store as draws;
use super::entity::{ban, officer, result};
use super::model::{ResultKind, masked_name};
use super::{line, number, store, words};
use crate::access::{Action, not_their_own, permit, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, DbError, Tx};
use crate::findings::{Kind, NewFinding, open_many};
use crate::firearms::ArmsError;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::PersonId;
use crate::org::entity::person;
use crate::org::people;

/// The rule that says for how many days a training or examination counts.
pub const RESULT_DAYS: &str = "firearms.result_days";
/// Where no rule says it.
pub const OTHERWISE_RESULT_DAYS: i64 = 365;

/// A carry licence as it is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
    /// Whose.
    pub person: PersonId,
    /// 持枪证号
    pub number: String,
    /// 发证机关
    pub issuer: String,
    /// 发证日期
    pub issued_on: NaiveDate,
    /// 有效期至
    pub valid_until: NaiveDate,
    /// Whether they may be given a gun at all.
    pub active: bool,
    /// 备注
    pub note: String,
}

/// Enters somebody's licence, or what has changed of it.
///
/// # Errors
/// When it is not theirs to do, a field is wrong, the licence is another's, or somebody changed it first.
pub async fn set(db: &Db, ctx: &Ctx, new: &Licence, version: Option<i64>) -> Result<officer::Model, ArmsError> {
    permit_somewhere(ctx, Action::FirearmsWrite)?;
    db.write(async |tx| set_in(tx, ctx, new, version).await).await
}

/// The same, in the caller's transaction. What is refused is refused before anything is written.
pub(crate) async fn set_in(
    tx: &Tx,
    ctx: &Ctx,
    new: &Licence,
    version: Option<i64>,
) -> Result<officer::Model, ArmsError> {
    let licence_key = number("licence", &new.number, 4, 40)?;
    let (issuer, note) = (line("issuer", &new.issuer, 100)?, line("note", &new.note, 200)?);
    if new.valid_until < new.issued_on {
        return Err(ArmsError::field("valid_until", "有效期不能早于发证日期"));
    }
    let person = theirs(tx, ctx, Action::FirearmsWrite, new.person).await?;
    let before = store::officer_of(tx, new.person).await?;
    if version.is_some_and(|seen| before.as_ref().map(|row| row.version) != Some(seen)) {
        return Err(DbError::Stale.into());
    }
    let facts = officer::Model {
        id: before.as_ref().map_or_else(|| ctx.new_id(), |row| row.id),
        person_id: new.person,
        licence: new.number.trim().to_owned(),
        licence_key: licence_key.clone(),
        issuer: issuer.clone(),
        issued_on: new.issued_on,
        valid_until: new.valid_until,
        active: new.active,
        note: note.clone(),
        version: before.as_ref().map_or(1, |row| row.version),
    };
    let row = if before.is_some() {
        save!(tx, officer, id, Id, facts)
    } else {
        facts.clone().into_active_model().insert(tx).await?;
        facts
    };
    let mut rows = RowsDigest::new(ctx).with(&row);
    if let Some(before) = &before {
        alarms::renewed(tx, ctx, before, &row, &mut rows).await?;
    }
    let payload = json!({ "valid_until": row.valid_until, "active": row.active });
    record(tx, ctx, "firearms.set_officer", &person, payload, rows).await?;
    Ok(row)
}

/// What somebody was tried in, as it is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewResult {
    /// Who.
    pub person: PersonId,
    /// In what.
    pub kind: ResultKind,
    /// When.
    pub held_on: NaiveDate,
    /// Of a hundred.
    pub score: Option<i64>,
    /// 合格
    pub passed: bool,
    /// 备注
    pub note: String,
}

/// Enters a result. It stays: a mistake is put right by another entry.
///
/// # Errors
/// When it is not theirs to do, it is their own, or a field is wrong.
pub async fn enter_result(db: &Db, ctx: &Ctx, new: &NewResult) -> Result<result::Model, ArmsError> {
    permit_somewhere(ctx, Action::FirearmsWrite)?;
    let note = line("note", &new.note, 200)?;
    not_their_own(ctx, new.person)?;
    if new.held_on > ctx.now().day() {
        return Err(ArmsError::field("held_on", "日期不能晚于今天"));
    }
    if new.score.is_some_and(|score| !(0..=100).contains(&score)) {
        return Err(ArmsError::field("score", "成绩应为 0 至 100 的整数"));
    }
    db.write(async |tx| {
        let person = theirs(tx, ctx, Action::FirearmsWrite, new.person).await?;
        let row = result::Model {
            id: ctx.new_id(),
            person_id: new.person,
            kind: new.kind,
            held_on: new.held_on,
            score: new.score,
            passed: new.passed,
            note: note.clone(),
            entered_by: ctx.actor.to_string(),
            entered_at: ctx.now(),
        };
        row.clone().into_active_model().insert(tx).await?;
        let payload = json!({ "kind": row.kind, "held_on": row.held_on, "passed": row.passed });
        record(tx, ctx, "firearms.enter_result", &person, payload, RowsDigest::new(ctx).with(&row)).await?;
        Ok(row)
    })
    .await
}

/// Forbids somebody to carry, from now on.
///
/// # Errors
/// When it is not theirs to do, no reason is given, or the last day is past.
pub async fn forbid(
    db: &Db,
    ctx: &Ctx,
    whose: PersonId,
    reason: &str,
    until: Option<NaiveDate>,
) -> Result<ban::Model, ArmsError> {
    permit_somewhere(ctx, Action::FirearmsBan)?;
    let reason = words("reason", reason, "禁枪的原因")?;
    if until.is_some_and(|until| until < ctx.now().day()) {
        return Err(ArmsError::field("until", "截止日期不能早于今天"));
    }
    db.write(async |tx| {
        let person = theirs(tx, ctx, Action::FirearmsBan, whose).await?;
        let row = ban::Model {
            id: ctx.new_id(),
            person_id: whose,
            reason: reason.clone(),
            until,
            banned_by: ctx.actor.to_string(),
            banned_at: ctx.now(),
            lifted_at: None,
            lifted_by: String::new(),
            lift_reason: String::new(),
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        if let Some(held) = draws::held_by(tx, whose).await? {
            open_many(tx, ctx, vec![to_give_back(&row, &person, &held)], &mut rows).await?;
        }
        let payload = json!({ "reason": row.reason, "until": row.until });
        record(tx, ctx, "firearms.ban", &person, payload, rows).await?;
        Ok(row)
    })
    .await
}

/// Somebody who was forbidden to carry has a gun: it is to be taken back at once (枪支管理法 第26条).
fn to_give_back(ban: &ban::Model, person: &person::Model, held: &holding::Model) -> NewFinding {
    NewFinding {
        room: ROOM,
        origin: format!("ban/{}", ban.id),
        link: format!("/firearms/officers/{}", person.id),
        kind: Kind::CarrierUnfit,
        unit: Some(person.unit_id),
        item: Some(held.item_id),
        title: format!("{} 被禁止配枪，枪尚未收回", masked_name(&person.name)),
        description: format!("被禁止配枪的人员手中有枪，须立即收回枪支和持枪证。原因：{}", ban.reason),
    }
}

/// Lifts a ban; nobody lifts their own.
///
/// # Errors
/// When it is not theirs to do, no reason is given, or it was lifted.
pub async fn lift(db: &Db, ctx: &Ctx, id: Uuid, reason: &str) -> Result<ban::Model, ArmsError> {
    permit_somewhere(ctx, Action::FirearmsBan)?;
    let reason = words("reason", reason, "解除的原因")?;
    db.write(async |tx| {
        let row = ban::Entity::find_by_id(id).one(tx).await?.ok_or(ArmsError::NotFound("这条禁枪记录"))?;
        let person = theirs(tx, ctx, Action::FirearmsBan, row.person_id).await?;
        not_their_own(ctx, row.person_id)?;
        if row.lifted_at.is_some() {
            return Err(ArmsError::Conflict("此禁枪已解除".to_owned()));
        }
        let lifted = ban::Model {
            lifted_at: Some(ctx.now()),
            lifted_by: ctx.actor.to_string(),
            lift_reason: reason.clone(),
            ..row
        };
        let row = save!(tx, ban, id, Id, lifted);
        let rows = RowsDigest::new(ctx).with(&row);
        record(tx, ctx, "firearms.lift_ban", &person, json!({ "reason": reason }), rows).await?;
        Ok(row)
    })
    .await
}

/// A person of a unit that they may do this in; nobody else is there.
async fn theirs(tx: &Tx, ctx: &Ctx, action: Action, whose: PersonId) -> Result<person::Model, ArmsError> {
    let person = people::open(tx, whose, "person_id").await?;
    permit(ctx, action, Some(person.unit_id))?;
    Ok(person)
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    person: &person::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), ArmsError> {
    let entry = Entry { action, subject: person.id.to_string(), unit: Some(person.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}
