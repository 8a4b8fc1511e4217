//! The leader of the day looks into the cabinet (每日巡查): blind; what was seen is held against the book.

use hashbrown::HashSet;
use sea_orm::prelude::Uuid;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::json;

use super::entity::{certificate, check, check_line};
use super::model::{State, Verdict};
use super::{CertificateError, ROOM, record, reminders, store};
use crate::access::{Action, permit};
use crate::db::{Db, Tx, bulk};
use crate::findings::{Kind, NewFinding, open_many};
use crate::journal::RowsDigest;
use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;
use crate::kernel::text::{fault, key};
use crate::ledger::custody;

/// Certificates that a check takes at most.
const MOST: usize = 1_000;

/// Writes down what was seen in a unit's cabinet. Nobody is shown what should be there.
///
/// # Errors
/// When it is not theirs to do, the unit has no certificates, or a number is no certificate of it or written twice.
pub async fn check(
    db: &Db,
    ctx: &Ctx,
    unit: UnitId,
    seen: &[String],
    note: &str,
) -> Result<check::Model, CertificateError> {
    permit(ctx, Action::CertificatesCheck, Some(unit))?;
    if seen.len() > MOST {
        return Err(CertificateError::field("seen", format!("一次最多 {MOST} 个")));
    }
    if let Some(reason) = fault(note.trim(), 500) {
        return Err(CertificateError::field("note", reason));
    }
    db.write(async |tx| {
        let all = store::of_unit(tx, unit).await?;
        if all.is_empty() {
            return Err(CertificateError::NotFound("本单位的数字证书"));
        }
        let there = there(tx, unit, &all, seen).await?;
        let today = ctx.now().day();
        let before = check::Entity::find()
            .filter(check::Column::UnitId.eq(unit))
            .filter(check::Column::CheckedOn.eq(today))
            .all(tx)
            .await?;
        let nth = before.iter().map(|row| row.nth).max().unwrap_or(0) + 1;
        let id: Uuid = ctx.new_id();
        let (mut lines, mut told) = (Vec::new(), Vec::new());
        for row in &all {
            let Some(verdict) = row.state.verdict(there.contains(&row.id)) else { continue };
            let with_id = store::open_loan(tx, row.id).await?.map(|loan| loan.taker_id);
            lines.push(check_line::Model { id: ctx.new_id(), check_id: id, certificate_id: row.id, verdict, with_id });
            if verdict.is_amiss() {
                told.push(amiss(row, verdict, ctx));
            }
        }
        let of = |verdict: Verdict| count(&lines, |line| line.verdict == verdict);
        let row = check::Model {
            id,
            unit_id: unit,
            checked_on: today,
            nth,
            checked_by: ctx.actor.to_string(),
            checked_at: ctx.now(),
            kept: of(Verdict::Kept),
            out: of(Verdict::Out),
            amiss: count(&lines, |line| line.verdict.is_amiss()),
            note: note.trim().to_owned(),
        };
        row.clone().into_active_model().insert(tx).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        lines.iter().for_each(|line| rows.add(line));
        bulk::insert(tx, lines).await?;
        open_many(tx, ctx, told, &mut rows).await?;
        let due = [reminders::check_origin(unit, today)];
        custody::settle(tx, ctx, (ROOM, Kind::CertificateCheckMissing), &due, "已巡查", &mut rows).await?;
        let payload = json!({ "nth": nth, "kept": row.kept, "out": row.out, "amiss": row.amiss });
        record(tx, ctx, "certificates.check", (&row.id.to_string(), unit), payload, rows).await?;
        Ok(row)
    })
    .await
}

fn count(lines: &[check_line::Model], which: impl Fn(&check_line::Model) -> bool) -> i64 {
    i64::try_from(lines.iter().filter(|line| which(line)).count()).unwrap_or(i64::MAX)
}

/// Which certificates of the unit were seen.
async fn there(
    tx: &Tx,
    unit: UnitId,
    all: &[certificate::Model],
    seen: &[String],
) -> Result<HashSet<Uuid>, CertificateError> {
    let mut there = HashSet::new();
    for text in seen {
        let wanted = key(text).into_owned();
        let found = all.iter().find(|row| row.number_key == wanted).map(|row| row.id);
        let Some(id) = found else {
            let closed = store::named(tx, text).await?;
            let closed = closed.filter(|row| row.unit_id == unit && row.state == State::Closed);
            let told = if closed.is_some() { "已注销，请收回销毁" } else { "不是本单位的数字证书" };
            return Err(CertificateError::field("seen", format!("“{}”{told}", text.trim())));
        };
        if !there.insert(id) {
            return Err(CertificateError::field("seen", format!("“{}”写了两次", text.trim())));
        }
    }
    Ok(there)
}

fn amiss(row: &certificate::Model, verdict: Verdict, ctx: &Ctx) -> NewFinding {
    let told = match verdict {
        Verdict::Missing => "账上在柜，巡查时不在柜，也没有领用登记，须立即查清去向",
        _ => "巡查时在柜，账上不是在柜，须补办交还或查清",
    };
    NewFinding {
        room: ROOM,
        // One a day: checked again the same day it is the same finding.
        origin: format!("{}/{}/{}", verdict.as_str(), row.id, ctx.now().day()),
        link: format!("/certificates/kept/{}", row.number),
        kind: Kind::CertificateMissing,
        unit: Some(row.unit_id),
        item: None,
        title: format!("数字证书{}：{}", verdict.zh(), row.number),
        description: format!("{} 巡查：数字证书 {} {told}。", ctx.now(), row.number),
    }
}
