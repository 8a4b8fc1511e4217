//! An inspection is opened, filled in, signed. Each is one transaction with its entry.

use chrono::NaiveDate;
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::checklist::{self, Check, Checklist};
use super::entity::{inspection, result};
use super::model::{Deed, Kind, Outcome, Refusal, State};
use super::store;
use crate::access::{Action, CoSigner, Forbidden, permit, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, DbError, Tx};
use crate::findings::{self, NewFinding, open_many, opening};
use crate::firearms::draws::ground::may_still;
use crate::firearms::draws::handing::ROOM;
use crate::firearms::entity::armoury;
use crate::firearms::store as registry;
use crate::firearms::{ArmsError, NUMBERS, alarms, keepers, line, words};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::PersonId;

/// Papers that are signed at once at most.
const MOST_SIGNED: usize = 500;

pub(super) fn refused(refusal: Refusal) -> ArmsError {
    ArmsError::Conflict(refusal.to_string())
}

pub(super) async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &inspection::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), ArmsError> {
    let entry = Entry { action, subject: row.number.clone(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}

/// An inspection to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInspection {
    /// The armoury's number.
    pub armoury: String,
    /// How.
    pub kind: Kind,
    /// Of a special inspection: which; else blank.
    pub occasion: String,
}

/// Begins an inspection today by whoever acts.
///
/// # Errors
/// When it is not theirs, they keep the armoury, or it was inspected over the network today already.
pub async fn open(db: &Db, ctx: &Ctx, new: &NewInspection) -> Result<inspection::Model, ArmsError> {
    permit_somewhere(ctx, Action::InspectionsRun)?;
    let occasion = match new.kind {
        Kind::Special => words("occasion", &new.occasion, "专项检查的名称")?,
        Kind::Daily | Kind::OnSite => line("occasion", &new.occasion, 500)?,
    };
    db.write(async |tx| {
        let of = registry::armoury(tx, ctx, &new.armoury).await?;
        permit(ctx, Action::InspectionsRun, Some(of.unit_id))?;
        if !of.active {
            return Err(ArmsError::Conflict(format!("{} 已停用", of.name)));
        }
        let who = keepers::outsider(tx, ctx, &of).await?;
        let day = ctx.now().day();
        if new.kind == Kind::Daily
            && let Some(row) = store::daily(tx, day).await?.remove(&of.id)
        {
            let sentence = format!("{} 今天的网上检查已由 {} 登记（{}）", of.name, row.number, row.state.zh());
            return Err(ArmsError::Conflict(sentence));
        }
        let row = inspection::Model {
            id: ctx.new_id(),
            number: NUMBERS.next(tx, "XC", day).await?,
            kind: new.kind,
            armoury_id: of.id,
            unit_id: of.unit_id,
            day,
            occasion: occasion.clone(),
            checklist: checklist::in_force(day).version,
            inspector_id: who.id,
            inspecting_unit_id: who.unit_id,
            in_charge_id: of.in_charge_id,
            state: State::Open,
            opened_at: ctx.now(),
            problems: String::new(),
            reported_to: String::new(),
            failed: 0,
            account_id: None,
            signed_at: None,
            cancelled_reason: String::new(),
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await?;
        let payload = json!({ "armoury": of.number, "kind": row.kind, "day": row.day, "checklist": row.checklist });
        record(tx, ctx, "inspections.open", &row, payload, RowsDigest::new(ctx).with(&row)).await?;
        Ok(row)
    })
    .await
}

/// What the checks came to, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// Check, what it came to, why.
    pub checks: Vec<(String, Outcome, String)>,
    /// 存在问题; left as it is when nobody says.
    pub problems: Option<String>,
    /// 上报单位; left as it is when nobody says.
    pub reported_to: Option<String>,
}

/// The list that a paper is filled in by, and its armoury.
pub(super) async fn ground(
    tx: &Tx,
    row: &inspection::Model,
) -> Result<(&'static Checklist, armoury::Model), ArmsError> {
    let list = checklist::of_version(row.checklist);
    let of = registry::armoury_by_id(tx, row.armoury_id).await?;
    list.zip(of).ok_or(ArmsError::NotFound("这份检查表的项目"))
}

/// What a paper asks.
#[must_use]
pub fn asked(row: &inspection::Model, of: &armoury::Model) -> Vec<&'static Check> {
    checklist::of_version(row.checklist).map(|list| list.asked(row.kind, of.kind).collect()).unwrap_or_default()
}

/// The open paper of this number, which is the inspector's alone.
pub(super) async fn theirs(tx: &Tx, ctx: &Ctx, number: &str, deed: Deed) -> Result<inspection::Model, ArmsError> {
    let row = store::one(tx, ctx, number).await?;
    permit(ctx, Action::InspectionsRun, Some(row.unit_id))?;
    row.state.after(deed).map_err(refused)?;
    if ctx.person() != Some(row.inspector_id) {
        return Err(ArmsError::Conflict("由检查人员本人填写、签字；换人检查的，先取消这份检查表".to_owned()));
    }
    Ok(row)
}

/// Writes down what checks came to; what was written before is written over.
///
/// # Errors
/// When it is not theirs, a check is not on the list, one that did not pass says nothing of why, or the paper has moved on.
pub async fn answer(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    answers: &Answers,
) -> Result<inspection::Model, ArmsError> {
    permit_somewhere(ctx, Action::InspectionsRun)?;
    let text = |field: &'static str, said: Option<&str>| said.map(|text| line(field, text, 2_000)).transpose();
    let problems = text("problems", answers.problems.as_deref())?;
    let reported_to = text("reported_to", answers.reported_to.as_deref())?;
    db.write(async |tx| {
        let row = theirs(tx, ctx, number, Deed::Answer).await?;
        if version.is_some_and(|seen| seen != row.version) {
            return Err(DbError::Stale.into());
        }
        let (list, of) = ground(tx, &row).await?;
        let mut known = store::results(tx, row.id).await?;
        let mut rows = RowsDigest::new(ctx);
        let mut told = Vec::new();
        for (code, outcome, remark) in &answers.checks {
            let check = list.asked(row.kind, of.kind).find(|check| check.code == code.as_str());
            let Some(check) = check else {
                return Err(ArmsError::field("code", format!("检查表第 {} 版没有“{}”这一项", list.version, code)));
            };
            let remark = line("remark", remark, 500)?;
            if *outcome != Outcome::Pass && remark.is_empty() {
                let sentence = format!("“{}”{}，请写明情况", check.text, outcome.zh());
                return Err(ArmsError::field("remark", sentence));
            }
            told.push(json!({ "check": check.code, "outcome": outcome }));
            let entered_at = ctx.now();
            let after = match known.remove(check.code) {
                Some(before) => {
                    let after = result::Model { outcome: *outcome, remark, entered_at, ..before };
                    save!(tx, result, id, Id, after)
                }
                None => {
                    let (id, inspection_id, code) = (ctx.new_id(), row.id, check.code.to_owned());
                    let after =
                        result::Model { id, inspection_id, code, outcome: *outcome, remark, entered_at, version: 1 };
                    after.clone().into_active_model().insert(tx).await?;
                    after
                }
            };
            rows.add(&after);
            known.insert(check.code.to_owned(), after);
        }
        let failed = known.values().filter(|one| one.outcome == Outcome::Fail).count();
        let row = inspection::Model {
            problems: problems.clone().unwrap_or(row.problems),
            reported_to: reported_to.clone().unwrap_or(row.reported_to),
            failed: i64::try_from(failed).unwrap_or(i64::MAX),
            ..row
        };
        let row = save!(tx, inspection, id, Id, row);
        rows.add(&row);
        record(tx, ctx, "inspections.answer", &row, json!({ "checks": told }), rows).await?;
        Ok(row)
    })
    .await
}

/// The inspector, who proved that they are there, signs their papers: all of them, or none.
///
/// # Errors
/// When one is not theirs or not filled in, they have come to keep an armoury or may not inspect any more, or the day of a
/// remote inspection is over.
pub async fn sign(db: &Db, signer: &CoSigner, numbers: &[String]) -> Result<Vec<inspection::Model>, ArmsError> {
    let ctx = &signer.ctx;
    permit_somewhere(ctx, Action::InspectionsRun)?;
    if numbers.is_empty() || numbers.len() > MOST_SIGNED {
        return Err(ArmsError::field("numbers", format!("一次签 1 至 {MOST_SIGNED} 份检查表")));
    }
    db.write(async |tx| {
        let mut signed = Vec::with_capacity(numbers.len());
        for number in numbers {
            signed.push(sign_one(tx, signer, number).await?);
        }
        Ok(signed)
    })
    .await
}

async fn sign_one(tx: &Tx, signer: &CoSigner, number: &str) -> Result<inspection::Model, ArmsError> {
    let ctx = &signer.ctx;
    let row = theirs(tx, ctx, number, Deed::Sign).await?;
    let now = crate::firearms::draws::ground::after(ctx, row.opened_at)?;
    if row.kind == Kind::Daily && row.day != now.day() {
        let sentence = format!("{} 的网上检查已过当日，不能补签；请取消并说明", row.day);
        return Err(ArmsError::Conflict(sentence));
    }
    let (list, of) = ground(tx, &row).await?;
    if keepers::keeps(tx, ctx, signer.person, &of).await? {
        return Err(Forbidden::SamePerson("枪弹库的负责人、枪管员不能检查自己保管的枪弹库").into());
    }
    if !may_still(tx, ctx, signer.person, signer.account, Action::InspectionsRun).await? {
        return Err(ArmsError::Conflict("检查人员的账号已停用或没有此项权限".to_owned()));
    }
    let results = store::results(tx, row.id).await?;
    let open = list.asked(row.kind, of.kind).find(|check| !results.contains_key(check.code));
    if let Some(check) = open {
        return Err(ArmsError::Conflict(format!("{} 尚未填写：{}", row.number, check.text)));
    }
    let mut rows = RowsDigest::new(ctx);
    let failed = list.asked(row.kind, of.kind).filter_map(|check| {
        results.get(check.code).filter(|one| one.outcome == Outcome::Fail).map(|one| finding(&row, &of, check, one))
    });
    let found = open_many(tx, ctx, failed.collect(), &mut rows).await?;
    if let Some(head) = keepers::head(tx, row.unit_id).await? {
        for one in found {
            opening::give(tx, ctx, one, head, &mut rows).await?;
        }
    }
    if row.kind == Kind::Daily {
        alarms::inspected(tx, ctx, of.id, row.day, &mut rows).await?;
    }
    let (account_id, signed_at) = (Some(signer.account), Some(now));
    let row = save!(tx, inspection, id, Id, inspection::Model { state: State::Signed, account_id, signed_at, ..row });
    rows.add(&row);
    record(tx, ctx, "inspections.sign", &row, json!({ "failed": row.failed }), rows).await?;
    Ok(row)
}

fn finding(row: &inspection::Model, of: &armoury::Model, check: &Check, result: &result::Model) -> NewFinding {
    NewFinding {
        room: ROOM,
        origin: format!("inspection/{}/{}", row.id, check.code),
        link: format!("/firearms/inspections/{}", row.number),
        kind: findings::Kind::InspectionFailed,
        unit: Some(row.unit_id),
        item: None,
        title: format!("枪弹库检查不合格：{} {}", of.name, check.text),
        description: format!(
            "{}（{} {}）：{}——{}，不合格。{}",
            row.number,
            row.kind.zh(),
            row.day,
            check.area,
            check.text,
            result.remark
        ),
    }
}

/// Gives an inspection up, with a reason; another may be made then.
///
/// # Errors
/// When it is not theirs to do, it is signed, or no reason is given.
pub async fn cancel(db: &Db, ctx: &Ctx, number: &str, reason: &str) -> Result<inspection::Model, ArmsError> {
    permit_somewhere(ctx, Action::InspectionsRun)?;
    let reason = words("reason", reason, "取消的原因")?;
    db.write(async |tx| {
        let row = store::one(tx, ctx, number).await?;
        permit(ctx, Action::InspectionsRun, Some(row.unit_id))?;
        let state = row.state.after(Deed::Cancel).map_err(refused)?;
        let row = inspection::Model { state, cancelled_reason: reason.clone(), ..row };
        let row = save!(tx, inspection, id, Id, row);
        let rows = RowsDigest::new(ctx).with(&row);
        record(tx, ctx, "inspections.cancel", &row, json!({ "reason": reason }), rows).await?;
        Ok(row)
    })
    .await
}

/// What is left of the day's remote inspections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Which day.
    pub day: NaiveDate,
    /// From when on what is missing is told.
    pub by: crate::kernel::Timestamp,
    /// Each armoury that is in use, with its paper of the day.
    pub armouries: Vec<(armoury::Model, Option<inspection::Model>)>,
}

impl Day {
    /// How many are signed.
    #[must_use]
    pub fn done(&self) -> usize {
        let signed = |paper: &Option<inspection::Model>| paper.as_ref().is_some_and(|row| row.state == State::Signed);
        self.armouries.iter().filter(|(_, paper)| signed(paper)).count()
    }

    /// The papers that somebody may sign now: theirs, open, every check answered.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn ready(
        &self,
        db: &impl sea_orm::ConnectionTrait,
        who: Option<PersonId>,
    ) -> Result<Vec<String>, DbError> {
        let mut ready = Vec::new();
        for (of, paper) in &self.armouries {
            let Some(row) = paper.as_ref().filter(|row| row.state == State::Open) else { continue };
            if Some(row.inspector_id) != who {
                continue;
            }
            let results = store::results(db, row.id).await?;
            if asked(row, of).iter().all(|check| results.contains_key(check.code)) {
                ready.push(row.number.clone());
            }
        }
        Ok(ready)
    }
}

/// Today's remote inspections of the armouries that `ctx` may see.
///
/// # Errors
/// When the database cannot be read.
pub async fn today(db: &impl sea_orm::ConnectionTrait, ctx: &Ctx) -> Result<Day, DbError> {
    let day = ctx.now().day();
    let mut papers = store::daily(db, day).await?;
    let stores = registry::armouries(db, ctx).await?.into_iter().filter(|row| row.active);
    let armouries = stores.map(|row| (papers.remove(&row.id), row)).map(|(paper, row)| (row, paper)).collect();
    let by = alarms::inspection_hour(db, ctx, day).await?;
    Ok(Day { day, by, armouries })
}
