//! What must not wait: certificates that should be back (领取提醒), units that did not look into their cabinet today.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::json;

use super::entity::{certificate, check, loan};
use super::model::State;
use super::{CertificateError, ROOM, store};
use crate::db::{Db, DbError, Tx};
use crate::findings::{Kind, NewFinding, open_many};
use crate::jobs::{Ending, JobError};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::UnitId;
use crate::kernel::{Ctx, Timestamp};
use crate::org::entity::unit;
use crate::org::people;

/// The kind of job.
pub const JOB: &str = "certificates.reminders";
/// How often it looks, milliseconds: every five minutes.
pub const EVERY_MS: i64 = 300_000;
/// From which hour of the day on a check that was not made is missing.
const CHECK_BY_HOURS: i64 = 22;

pub(super) fn check_origin(unit: UnitId, day: NaiveDate) -> String {
    format!("check/{unit}/{day}")
}

/// Opens what is due and not told yet; returns how many were new.
///
/// # Errors
/// When the database refuses.
pub async fn mark(db: &Db, ctx: &Ctx) -> Result<usize, CertificateError> {
    db.write(async |tx| {
        let mut new = late(tx, ctx).await?;
        new.extend(unchecked(tx, ctx).await?);
        let mut rows = RowsDigest::new(ctx);
        let opened = open_many(tx, ctx, new, &mut rows).await?.len();
        if opened > 0 {
            let (subject, payload) = (String::new(), json!({ "findings": opened }));
            journal::record(tx, ctx, Entry { action: "certificates.remind", subject, unit: None, payload, rows })
                .await?;
        }
        Ok(opened)
    })
    .await
}

async fn late(tx: &Tx, ctx: &Ctx) -> Result<Vec<NewFinding>, DbError> {
    let out = loan::Entity::find()
        .filter(loan::Column::EndedAt.is_null())
        .filter(loan::Column::DueAt.lt(ctx.now()))
        .all(tx)
        .await?;
    let ids: Vec<_> = out.iter().map(|row| row.certificate_id).collect();
    let certificates = store::by_ids(tx, &ids).await?;
    let mut new = Vec::new();
    for row in out {
        let number = certificates.get(&row.certificate_id).map(|one| one.number.clone()).unwrap_or_default();
        let who = people::by_id(tx, row.taker_id).await?.map(|person| person.name).unwrap_or_default();
        new.push(NewFinding {
            room: ROOM,
            origin: format!("late/{}", row.id),
            link: format!("/certificates/kept/{number}"),
            kind: Kind::CertificateOverdue,
            unit: Some(row.unit_id),
            item: None,
            title: format!("数字证书逾期未还：{number} {who}"),
            description: format!(
                "领用单 {}：{who}领取数字证书 {number}，应于 {} 交还，至今未还。",
                row.number, row.due_at
            ),
        });
    }
    Ok(new)
}

/// Units with certificates of which nobody looked into the cabinet by the evening (cadence 4 of DOMAIN 7).
async fn unchecked(tx: &Tx, ctx: &Ctx) -> Result<Vec<NewFinding>, DbError> {
    let today = ctx.now().day();
    if ctx.now().0 < Timestamp::start_of_day(today).0 + CHECK_BY_HOURS * 3_600_000 {
        return Ok(Vec::new());
    }
    let units = units(tx).await?;
    let checked = check::Entity::find().filter(check::Column::CheckedOn.eq(today)).all(tx).await?;
    let checked: BTreeSet<UnitId> = checked.into_iter().map(|row| row.unit_id).collect();
    let mut new = Vec::new();
    for unit_id in units.difference(&checked).copied() {
        let name = unit::Entity::find_by_id(unit_id).one(tx).await?.map(|row| row.name).unwrap_or_default();
        new.push(NewFinding {
            room: ROOM,
            origin: check_origin(unit_id, today),
            link: "/certificates/checks".to_owned(),
            kind: Kind::CertificateCheckMissing,
            unit: Some(unit_id),
            item: None,
            title: format!("{name} {today} 未巡查数字证书"),
            description: format!("{name} {today} 至 {CHECK_BY_HOURS} 时没有巡查数字证书；值班领导每日巡查一至三次。"),
        });
    }
    Ok(new)
}

/// Units that keep certificates.
pub(super) async fn units(db: &impl sea_orm::ConnectionTrait) -> Result<BTreeSet<UnitId>, DbError> {
    let kept = certificate::Entity::find().filter(certificate::Column::State.is_in([State::Kept, State::Out]));
    Ok(kept.all(db).await?.into_iter().map(|row| row.unit_id).collect())
}

/// The job.
///
/// # Errors
/// When the database refuses.
pub async fn run(db: Db, ctx: Ctx) -> Result<Ending, JobError> {
    match mark(&db, &ctx).await {
        Ok(_) => Ok(Ending::Done),
        Err(CertificateError::Db(error)) => Err(error.into()),
        Err(other) => Err(JobError::Later(other.to_string())),
    }
}
