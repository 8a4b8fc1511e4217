//! The steps of an upkeep paper. Each is one transaction with its entry.

use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::entity::{line, upkeep};
use super::model::{Deed, Outcome, Refusal, State};
use super::store;
use crate::access::{Action, CoSigner, Forbidden, permit, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, DbError, Tx, bulk};
use crate::firearms::armouries::usable;
use crate::firearms::arms::put_state;
use crate::firearms::draws::ground::{after, may_still};
use crate::firearms::draws::store as draws;
use crate::firearms::model::{ArmDeed, ArmState, StoreKind};
use crate::firearms::store::{self as registry, Arm};
use crate::firearms::{ArmsError, NUMBERS, line as text_line, words};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::{ItemId, PersonId};

/// Guns that one paper takes at most.
pub const MOST_GUNS: usize = 200;

fn refused(refusal: Refusal) -> ArmsError {
    ArmsError::Conflict(refusal.to_string())
}

async fn put(tx: &Tx, row: upkeep::Model) -> Result<upkeep::Model, ArmsError> {
    Ok(save!(tx, upkeep, id, Id, row))
}

async fn put_line(tx: &Tx, row: line::Model) -> Result<line::Model, ArmsError> {
    Ok(save!(tx, line, id, Id, row))
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &upkeep::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), ArmsError> {
    let entry = Entry { action, subject: row.number.clone(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}

/// The paper, theirs to do `action` on, as it was seen.
async fn load(
    tx: &Tx,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    action: Action,
) -> Result<upkeep::Model, ArmsError> {
    let row = store::one(tx, ctx, number).await?;
    permit(ctx, action, Some(row.unit_id))?;
    if version.is_some_and(|seen| seen != row.version) {
        return Err(DbError::Stale.into());
    }
    Ok(row)
}

async fn gun(tx: &Tx, id: ItemId) -> Result<Arm, ArmsError> {
    registry::by_id(tx, id).await?.ok_or(ArmsError::NotFound("这支枪"))
}

/// Asks for the upkeep of guns of a store.
///
/// # Errors
/// When it is not theirs, no reason is given, or a gun is none of the store, is not there, is written twice, or is in
/// another open paper.
pub async fn ask(db: &Db, ctx: &Ctx, armoury: &str, guns: &[String], reason: &str) -> Result<upkeep::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    let me = ctx.person().ok_or(ArmsError::NoPerson)?;
    let reason = words("reason", reason, "保养的原因")?;
    if guns.is_empty() || guns.len() > MOST_GUNS {
        return Err(ArmsError::field("guns", format!("一张保养单 1 至 {MOST_GUNS} 支枪")));
    }
    db.write(async |tx| {
        let of = registry::armoury(tx, ctx, armoury).await?;
        permit(ctx, Action::DrawsKeep, Some(of.unit_id))?;
        usable(&of, StoreKind::Gun)?;
        let row = upkeep::Model {
            id: ctx.new_id(),
            number: NUMBERS.next(tx, "BY", ctx.now().day()).await?,
            state: State::Asked,
            unit_id: of.unit_id,
            armoury_id: of.id,
            store_kind: of.kind,
            reason: reason.clone(),
            applicant_id: me,
            asked_at: ctx.now(),
            approver_id: None,
            decided_at: None,
            opinion: String::new(),
            cleaner1_id: None,
            cleaner2_id: None,
            started_at: None,
            cleaned_at: None,
            finisher1_id: None,
            finisher2_id: None,
            ended_at: None,
            ended_reason: String::new(),
            version: 1,
        };
        let mut lines: Vec<line::Model> = Vec::new();
        for text in guns {
            let found = wanted(tx, &row, text).await?;
            if lines.iter().any(|line| line.item_id == found.item.id) {
                return Err(ArmsError::field("guns", format!("“{}”写了两次", text.trim())));
            }
            lines.push(line::Model {
                id: ctx.new_id(),
                upkeep_id: row.id,
                line: i64::try_from(lines.len()).unwrap_or(i64::MAX) + 1,
                item_id: found.item.id,
                was_due: found.arm.state == ArmState::CleaningDue,
                outcome: Outcome::Open,
                note: String::new(),
                ended_at: None,
                version: 1,
            });
        }
        row.clone().into_active_model().insert(tx).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        lines.iter().for_each(|line| rows.add(line));
        let many = lines.len();
        bulk::insert(tx, lines).await?;
        record(tx, ctx, "upkeep.ask", &row, json!({ "guns": many, "reason": reason }), rows).await?;
        Ok(row)
    })
    .await
}

/// A gun of the store that may be asked for.
async fn wanted(tx: &Tx, row: &upkeep::Model, text: &str) -> Result<Arm, ArmsError> {
    let found = registry::named(tx, text).await?.filter(|one| one.arm.armoury_id == row.armoury_id);
    let Some(found) = found else {
        return Err(ArmsError::field("guns", format!("本库没有“{}”这支枪", text.trim())));
    };
    let number = &found.item.item_number;
    if !matches!(found.arm.state, ArmState::InStore | ArmState::CleaningDue) {
        return Err(ArmsError::field("guns", format!("{number} {}，不能保养", found.arm.state.zh())));
    }
    match store::open_with(tx, found.item.id).await? {
        None => Ok(found),
        Some((_, paper)) => Err(ArmsError::field("guns", format!("{number} 已在保养单 {}", paper.number))),
    }
}

/// Says yes or no; from a yes on, the guns wait for their cleaning and cannot be drawn.
///
/// # Errors
/// When it is not theirs, it is their own, no reason is given for a no, or a gun is not there any more.
pub async fn decide(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    approved: bool,
    opinion: &str,
) -> Result<upkeep::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsConfirm)?;
    let me = ctx.person().ok_or(ArmsError::NoPerson)?;
    let opinion = if approved {
        text_line("opinion", opinion, 500)?
    } else {
        words("opinion", opinion, "不予批准的原因")?
    };
    db.write(async |tx| {
        let row = load(tx, ctx, number, version, Action::DrawsConfirm).await?;
        let deed = if approved { Deed::Approve } else { Deed::Refuse };
        let state = row.state.after(deed).map_err(refused)?;
        if row.applicant_id == me {
            return Err(Forbidden::SamePerson("申请人不能审批自己的保养单").into());
        }
        let now = after(ctx, row.asked_at)?;
        let mut rows = RowsDigest::new(ctx);
        for one in open_lines(tx, &row).await? {
            if !approved {
                rows.add(&put_line(tx, ended(ctx, one, Outcome::Dropped, "")).await?);
                continue;
            }
            let found = gun(tx, one.item_id).await?;
            if draws::act_with(tx, one.item_id).await?.is_some() {
                return Err(ArmsError::Conflict(format!("{} 正在办理领枪、还枪", found.item.item_number)));
            }
            let was_due = found.arm.state == ArmState::CleaningDue;
            if !was_due {
                let why = format!("保养 {}", row.number);
                step(tx, ctx, found, ArmDeed::NeedCleaning, &why, &mut rows).await?;
            }
            if was_due != one.was_due {
                rows.add(&put_line(tx, line::Model { was_due, ..one }).await?);
            }
        }
        let row = upkeep::Model {
            state,
            approver_id: Some(me),
            decided_at: Some(now),
            opinion: opinion.clone(),
            ended_at: (!approved).then_some(now),
            ..row
        };
        let row = put(tx, row).await?;
        rows.add(&row);
        record(tx, ctx, "upkeep.decide", &row, json!({ "approved": approved, "opinion": opinion }), rows).await?;
        Ok(row)
    })
    .await
}

/// A gun's next state; what its state does not allow is told with its number.
async fn step(
    tx: &Tx,
    ctx: &Ctx,
    found: Arm,
    deed: ArmDeed,
    why: &str,
    rows: &mut RowsDigest,
) -> Result<Arm, ArmsError> {
    let number = found.item.item_number.clone();
    if let Err(refusal) = found.arm.state.after(deed) {
        return Err(ArmsError::Conflict(format!("{number}：{refusal}")));
    }
    put_state(tx, ctx, found, deed, why, None, rows).await
}

fn ended(ctx: &Ctx, row: line::Model, outcome: Outcome, note: &str) -> line::Model {
    line::Model { outcome, note: note.to_owned(), ended_at: Some(ctx.now()), ..row }
}

/// Whoever asks and whoever signs with them, two people of the counter.
pub(in crate::firearms) async fn both(
    tx: &Tx,
    ctx: &Ctx,
    second: &CoSigner,
    unit: crate::kernel::ids::UnitId,
) -> Result<(PersonId, PersonId), ArmsError> {
    let me = ctx.person().ok_or(ArmsError::NoPerson)?;
    permit(ctx, Action::DrawsKeep, Some(unit))?;
    permit(&second.ctx, Action::DrawsKeep, Some(unit))?;
    if me == second.person {
        return Err(Forbidden::SamePerson("须两人办理，同一人不能算作两人").into());
    }
    if !may_still(tx, ctx, second.person, second.account, Action::DrawsKeep).await? {
        return Err(ArmsError::Conflict("第二人的账号已停用或没有此项权限".to_owned()));
    }
    Ok((me, second.person))
}

/// Two people take the guns to the cleaning.
///
/// # Errors
/// When it is not theirs, they are one person, it was not approved, or a gun is not there.
pub async fn start(
    db: &Db,
    ctx: &Ctx,
    second: &CoSigner,
    number: &str,
    version: Option<i64>,
) -> Result<upkeep::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version, Action::DrawsKeep).await?;
        let state = row.state.after(Deed::Start).map_err(refused)?;
        let (one, two) = both(tx, ctx, second, row.unit_id).await?;
        let now = after(ctx, row.decided_at.unwrap_or(row.asked_at))?;
        let mut rows = RowsDigest::new(ctx);
        let why = format!("保养 {}", row.number);
        for open in open_lines(tx, &row).await? {
            step(tx, ctx, gun(tx, open.item_id).await?, ArmDeed::StartCleaning, &why, &mut rows).await?;
        }
        let row = upkeep::Model { state, cleaner1_id: Some(one), cleaner2_id: Some(two), started_at: Some(now), ..row };
        let row = put(tx, row).await?;
        rows.add(&row);
        record(tx, ctx, "upkeep.start", &row, json!({ "cleaners": [one, two] }), rows).await?;
        Ok(row)
    })
    .await
}

async fn open_lines(tx: &Tx, row: &upkeep::Model) -> Result<Vec<line::Model>, ArmsError> {
    let mut all = store::lines(tx, row.id).await?;
    all.retain(|line| line.outcome == Outcome::Open);
    if all.is_empty() {
        return Err(ArmsError::Conflict("保养单上已没有待办的枪，请取消".to_owned()));
    }
    Ok(all)
}

/// The cleaning is done; the guns are not back in the cabinet yet.
///
/// # Errors
/// When it is not theirs, or it was not begun.
pub async fn cleaned(db: &Db, ctx: &Ctx, number: &str, version: Option<i64>) -> Result<upkeep::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version, Action::DrawsKeep).await?;
        let state = row.state.after(Deed::Cleaned).map_err(refused)?;
        let now = after(ctx, row.started_at.unwrap_or(row.asked_at))?;
        let row = put(tx, upkeep::Model { state, cleaned_at: Some(now), ..row }).await?;
        record(tx, ctx, "upkeep.cleaned", &row, json!({}), RowsDigest::new(ctx).with(&row)).await?;
        Ok(row)
    })
    .await
}

/// Two people put the guns back; one with a fault is written as such and cannot be drawn until it is mended.
///
/// # Errors
/// When it is not theirs, they are one person, the cleaning is not done, or a fault is of a gun that is not in the paper.
pub async fn put_back(
    db: &Db,
    ctx: &Ctx,
    second: &CoSigner,
    number: &str,
    version: Option<i64>,
    faults: &[(String, String)],
) -> Result<upkeep::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    if faults.len() > MOST_GUNS {
        return Err(ArmsError::field("faults", format!("一张保养单最多 {MOST_GUNS} 支枪")));
    }
    db.write(async |tx| {
        let row = load(tx, ctx, number, version, Action::DrawsKeep).await?;
        let state = row.state.after(Deed::PutBack).map_err(refused)?;
        let (one, two) = both(tx, ctx, second, row.unit_id).await?;
        let now = after(ctx, row.cleaned_at.unwrap_or(row.asked_at))?;
        let mut open = store::lines(tx, row.id).await?;
        open.retain(|line| line.outcome == Outcome::Open);
        let mut rows = RowsDigest::new(ctx);
        for (text, fault) in faults {
            let fault = words("faults", fault, "故障情况")?;
            let found = registry::named(tx, text).await?;
            let at = found.as_ref().and_then(|gun| open.iter().position(|line| line.item_id == gun.item.id));
            let (Some(found), Some(at)) = (found, at) else {
                let sentence = format!("“{}”不在此保养单，或写了两次", text.trim());
                return Err(ArmsError::field("faults", sentence));
            };
            step(tx, ctx, found, ArmDeed::ReportFault, &fault, &mut rows).await?;
            rows.add(&put_line(tx, ended(ctx, open.remove(at), Outcome::Faulty, &fault)).await?);
        }
        let why = format!("保养 {}", row.number);
        let many = open.len();
        for line in open {
            step(tx, ctx, gun(tx, line.item_id).await?, ArmDeed::FinishCleaning, &why, &mut rows).await?;
            rows.add(&put_line(tx, ended(ctx, line, Outcome::Cleaned, "")).await?);
        }
        let row = upkeep::Model { state, finisher1_id: Some(one), finisher2_id: Some(two), ended_at: Some(now), ..row };
        let row = put(tx, row).await?;
        rows.add(&row);
        let payload = json!({ "finishers": [one, two], "cleaned": many, "faulty": faults.len() });
        record(tx, ctx, "upkeep.put_back", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

/// Gives a paper up before its guns are taken out; they are as they were before it.
///
/// # Errors
/// When it is not theirs, no reason is given, or the cleaning has begun.
pub async fn cancel(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    reason: &str,
) -> Result<upkeep::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    let reason = words("reason", reason, "取消的原因")?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version, Action::DrawsKeep).await?;
        let state = row.state.after(Deed::Cancel).map_err(refused)?;
        let mut rows = RowsDigest::new(ctx);
        let mut open = store::lines(tx, row.id).await?;
        open.retain(|line| line.outcome == Outcome::Open);
        for line in open {
            if row.state == State::Due && !line.was_due {
                let why = format!("取消保养 {}", row.number);
                step(tx, ctx, gun(tx, line.item_id).await?, ArmDeed::DropCleaning, &why, &mut rows).await?;
            }
            rows.add(&put_line(tx, ended(ctx, line, Outcome::Dropped, "")).await?);
        }
        let row = upkeep::Model { state, ended_at: Some(ctx.now()), ended_reason: reason.clone(), ..row };
        let row = put(tx, row).await?;
        rows.add(&row);
        record(tx, ctx, "upkeep.cancel", &row, json!({ "reason": reason }), rows).await?;
        Ok(row)
    })
    .await
}

/// A fault that was found takes a gun out of its open paper.
pub(in crate::firearms) async fn fault_found(
    tx: &Tx,
    ctx: &Ctx,
    gun: ItemId,
    fault: &str,
    rows: &mut RowsDigest,
) -> Result<(), ArmsError> {
    if let Some((line, _)) = store::open_with(tx, gun).await? {
        rows.add(&put_line(tx, ended(ctx, line, Outcome::Faulty, fault)).await?);
    }
    Ok(())
}
