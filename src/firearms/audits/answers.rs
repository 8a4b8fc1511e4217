//! What each line of an audit comes to, held against the book of the moment.

use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::json;

use super::entity::{audit, line};
use super::model::{Deed, Lay, LineKind, Outcome, of_gun, of_place};
use super::service::{armoury_of, blank, put, record, theirs};
use super::store;
use crate::access::{Action, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, Tx};
use crate::firearms::entity::{arm, armoury, cabinet, stock};
use crate::firearms::model::{ArmState, MOST_ROUNDS};
use crate::firearms::store as registry;
use crate::firearms::{ArmsError, words};
use crate::journal::RowsDigest;
use crate::kernel::Ctx;
use crate::kernel::text::key;

/// Things found besides at most.
const MOST_EXTRA: usize = 200;

/// What the counter found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Which line.
    pub line: i64,
    /// Of a gun: whether it was there. Of a place: whether something lay there.
    pub there: bool,
    /// Of a gun: at which place (blank: where it belongs). Of a place: what was read off the gun.
    pub read: String,
    /// Of a lot: how many rounds.
    pub rounds: Option<i64>,
}

/// Writes down what a line came to; what was written before is written over.
///
/// # Errors
/// When it is not theirs, nothing was drawn, there is no such line, or what was found cannot be.
pub async fn answer(db: &Db, ctx: &Ctx, number: &str, found: &Found) -> Result<line::Model, ArmsError> {
    permit_somewhere(ctx, Action::InspectionsRun)?;
    let read = crate::firearms::line("read", &found.read, 100)?;
    db.write(async |tx| {
        let row = theirs(tx, ctx, number, Deed::Answer).await?;
        let of = armoury_of(tx, &row).await?;
        let line = line::Entity::find()
            .filter(line::Column::AuditId.eq(row.id))
            .filter(line::Column::Line.eq(found.line))
            .one(tx)
            .await?
            .filter(|line| line.kind != LineKind::Extra)
            .ok_or(ArmsError::NotFound("抽查中的这一项"))?;
        let (outcome, book, seen) = match line.kind {
            LineKind::Gun => gun(tx, &line, found.there, &read).await?,
            LineKind::Lot => lot(tx, &line, found.rounds).await?,
            LineKind::Place | LineKind::Extra => place(tx, &of, &line, found.there, &read).await?,
        };
        let (answered_by, answered_at) = (ctx.actor.to_string(), Some(ctx.now()));
        let line = line::Model { outcome, book, seen, differs: outcome.differs(), answered_by, answered_at, ..line };
        let line = save!(tx, line, id, Id, line);
        let mut rows = RowsDigest::new(ctx).with(&line);
        let row = tally(tx, row).await?;
        rows.add(&row);
        record(tx, ctx, "audits.answer", &row, json!({ "line": line.line, "outcome": line.outcome }), rows).await?;
        Ok(line)
    })
    .await
}

async fn tally(tx: &Tx, row: audit::Model) -> Result<audit::Model, ArmsError> {
    let lines = store::lines(tx, row.id).await?;
    let differences = lines.iter().filter(|line| line.differs).count();
    let (lines, differences) = (lines.len(), i64::try_from(differences).unwrap_or(i64::MAX));
    put(tx, audit::Model { lines: i64::try_from(lines).unwrap_or(i64::MAX), differences, ..row }).await
}

async fn slot_of(tx: &Tx, arm: &arm::Model) -> Result<String, ArmsError> {
    let Some((id, slot)) = arm.cabinet_id.zip(arm.slot) else { return Ok(String::new()) };
    let of = cabinet::Entity::find_by_id(id).one(tx).await?;
    Ok(of.map(|of| format!("{}-{slot}", of.number)).unwrap_or_default())
}

async fn gun(tx: &Tx, line: &line::Model, there: bool, read: &str) -> Result<(Outcome, String, String), ArmsError> {
    let gun = match line.item_id {
        Some(id) => registry::by_id(tx, id).await?,
        None => None,
    };
    let gun = gun.ok_or(ArmsError::NotFound("这支枪"))?.arm;
    let slot = slot_of(tx, &gun).await?;
    let right = read.is_empty() || slot.is_empty() || key(read) == key(&slot);
    let outcome = of_gun(gun.state.is_on_shelf(), gun.state == ArmState::Out, there, right);
    let book = [gun.state.zh(), slot.as_str()].join(" ").trim().to_owned();
    let seen = if there { format!("在库 {read}").trim().to_owned() } else { "未见".to_owned() };
    Ok((outcome, book, seen))
}

async fn lot(tx: &Tx, line: &line::Model, rounds: Option<i64>) -> Result<(Outcome, String, String), ArmsError> {
    let rounds = rounds.filter(|many| (0..=MOST_ROUNDS).contains(many));
    let rounds = rounds.ok_or_else(|| ArmsError::field("rounds", "发数应为 0 至 10,000,000 的整数"))?;
    let stock = match line.stock_id {
        Some(id) => stock::Entity::find_by_id(id).one(tx).await?,
        None => None,
    };
    let stock = stock.ok_or(ArmsError::NotFound("这批弹药"))?;
    let outcome = if stock.rounds == rounds { Outcome::Agrees } else { Outcome::RoundsDiffer };
    Ok((outcome, format!("{} 发", stock.rounds), format!("{rounds} 发")))
}

async fn place(
    tx: &Tx,
    of: &armoury::Model,
    line: &line::Model,
    there: bool,
    read: &str,
) -> Result<(Outcome, String, String), ArmsError> {
    let here = arm::Entity::find()
        .filter(arm::Column::CabinetId.eq(line.cabinet_id))
        .filter(arm::Column::Slot.eq(line.slot))
        .all(tx)
        .await?;
    let expected = here.into_iter().find(|gun| gun.state.is_on_shelf());
    let book = match &expected {
        Some(gun) => registry::by_id(tx, gun.item_id).await?.map(|one| one.item.item_number).unwrap_or_default(),
        None => "空".to_owned(),
    };
    if !there {
        return Ok((of_place(Lay::Nothing, expected.is_some()), book, "空".to_owned()));
    }
    if read.is_empty() {
        return Err(ArmsError::field("read", "枪位上有枪的，请扫标签或填枪号"));
    }
    let lay = match registry::named(tx, read).await? {
        Some(one) if Some(one.item.id) == expected.as_ref().map(|gun| gun.item_id) => Lay::Its,
        Some(one) if one.arm.armoury_id == of.id && one.arm.state.is_on_shelf() => Lay::Anothers,
        _ => Lay::Strange,
    };
    Ok((of_place(lay, expected.is_some()), book, read.to_owned()))
}

/// Writes down what lies there and was not drawn: a gun or a lot that is in no book of this armoury.
///
/// # Errors
/// When it is not theirs, nothing was drawn, it was written down already, or the book of this armoury has it on its shelf.
pub async fn extra(db: &Db, ctx: &Ctx, number: &str, read: &str) -> Result<line::Model, ArmsError> {
    permit_somewhere(ctx, Action::InspectionsRun)?;
    let read = words("read", read, "账外的是什么")?;
    if read.chars().count() > 100 {
        return Err(ArmsError::field("read", "最多 100 个字"));
    }
    db.write(async |tx| {
        let row = theirs(tx, ctx, number, Deed::Answer).await?;
        let of = armoury_of(tx, &row).await?;
        if let Some(one) = registry::named(tx, &read).await?
            && one.arm.armoury_id == of.id
            && one.arm.state.is_on_shelf()
        {
            return Err(ArmsError::field("read", format!("{} 在本库账上，不是账外", one.item.item_number)));
        }
        let lines = store::lines(tx, row.id).await?;
        let before: Vec<_> = lines.iter().filter(|line| line.kind == LineKind::Extra).collect();
        if before.len() >= MOST_EXTRA || before.iter().any(|line| key(&line.name) == key(&read)) {
            return Err(ArmsError::field("read", "这一项已登记，或账外的已满 200 项"));
        }
        let next = lines.iter().map(|line| line.line).max().unwrap_or(0) + 1;
        let line = line::Model {
            outcome: Outcome::Extra,
            seen: read.clone(),
            differs: true,
            answered_by: ctx.actor.to_string(),
            answered_at: Some(ctx.now()),
            ..blank(ctx, &row, next, LineKind::Extra, &read)
        };
        line.clone().into_active_model().insert(tx).await?;
        let mut rows = RowsDigest::new(ctx).with(&line);
        let row = tally(tx, row).await?;
        rows.add(&row);
        record(tx, ctx, "audits.extra", &row, json!({ "line": line.line }), rows).await?;
        Ok(line)
    })
    .await
}
