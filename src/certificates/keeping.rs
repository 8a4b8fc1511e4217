//! A certificate enters the cabinet, is lost, found, closed.

use chrono::NaiveDate;
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::entity::{certificate, loan};
use super::model::{Deed, LoanEnd, Refusal, State};
use super::{CertificateError, ROOM, record, store, words};
use crate::access::{Action, permit, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, Tx};
use crate::findings::{Kind, NewFinding, open_many};
use crate::journal::RowsDigest;
use crate::kernel::Ctx;
use crate::kernel::ids::PersonId;
use crate::kernel::text::key;
use crate::ledger::custody;
use crate::org::people;

/// A certificate as it is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCertificate {
    /// 证书编号
    pub number: String,
    /// 持有人
    pub holder: PersonId,
    /// 存放位置
    pub kept_at: String,
    /// 有效期至
    pub valid_until: NaiveDate,
}

pub(super) fn refused(refusal: Refusal) -> CertificateError {
    CertificateError::Conflict(refusal.to_string())
}

pub(super) async fn put(tx: &Tx, row: certificate::Model) -> Result<certificate::Model, CertificateError> {
    Ok(save!(tx, certificate, id, Id, row))
}

/// A certificate of a unit that they may do this in.
pub(super) async fn theirs(
    tx: &Tx,
    ctx: &Ctx,
    action: Action,
    number: &str,
) -> Result<certificate::Model, CertificateError> {
    let row = store::one(tx, ctx, number).await?;
    permit(ctx, action, Some(row.unit_id))?;
    Ok(row)
}

/// Enters a certificate; it is in the cabinet of its holder's unit.
///
/// # Errors
/// When it is not theirs to do, a field is wrong, or the number is another's.
pub async fn enter(db: &Db, ctx: &Ctx, new: &NewCertificate) -> Result<certificate::Model, CertificateError> {
    permit_somewhere(ctx, Action::CertificatesKeep)?;
    let number = words("number", &new.number, "证书编号", 40)?;
    let (number_key, kept_at) = (key(&number).into_owned(), words("kept_at", &new.kept_at, "存放位置", 100)?);
    if number_key.chars().count() < 4 {
        return Err(CertificateError::field("number", "至少 4 个字"));
    }
    if new.valid_until < ctx.now().day() {
        return Err(CertificateError::field("valid_until", "证书已过有效期"));
    }
    db.write(async |tx| {
        let holder = people::open(tx, new.holder, "holder_id").await?;
        permit(ctx, Action::CertificatesKeep, Some(holder.unit_id))?;
        if store::named(tx, &number_key).await?.is_some() {
            return Err(CertificateError::field("number", format!("证书编号“{number}”已有")));
        }
        let row = certificate::Model {
            id: ctx.new_id(),
            number: number.clone(),
            number_key: number_key.clone(),
            holder_id: holder.id,
            unit_id: holder.unit_id,
            kept_at: kept_at.clone(),
            valid_until: new.valid_until,
            state: State::Kept,
            state_note: String::new(),
            entered_by: ctx.actor.to_string(),
            entered_at: ctx.now(),
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await?;
        let payload = json!({ "valid_until": row.valid_until });
        let rows = RowsDigest::new(ctx).with(&row);
        record(tx, ctx, "certificates.enter", (&row.number, row.unit_id), payload, rows).await?;
        Ok(row)
    })
    .await
}

/// Reports one lost (a finding at once), found again, or closed.
///
/// # Errors
/// When it is not theirs to do, no reason is given, its state does not allow it, or somebody changed it first.
pub async fn keep(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    deed: Deed,
    reason: &str,
) -> Result<certificate::Model, CertificateError> {
    permit_somewhere(ctx, Action::CertificatesKeep)?;
    let reason = words("reason", reason, "原因", 500)?;
    if matches!(deed, Deed::Draw | Deed::Return) {
        return Err(CertificateError::Conflict("领取、交还另行办理".to_owned()));
    }
    db.write(async |tx| {
        let row = theirs(tx, ctx, Action::CertificatesKeep, number).await?;
        if version.is_some_and(|seen| seen != row.version) {
            return Err(crate::db::DbError::Stale.into());
        }
        let state = row.state.after(deed).map_err(refused)?;
        let mut rows = RowsDigest::new(ctx);
        if row.state == State::Out {
            end_loan(tx, ctx, &row, LoanEnd::Lost, &reason, &mut rows).await?;
        }
        let row = put(tx, certificate::Model { state, state_note: reason.clone(), ..row }).await?;
        rows.add(&row);
        let origin = format!("lost/{}", row.id);
        match deed {
            Deed::Lose => {
                open_many(tx, ctx, vec![lost(&row, format!("{origin}/{}", row.version))], &mut rows).await?;
            }
            Deed::Find => {
                let before = format!("{origin}/{}", row.version - 1);
                custody::settle(tx, ctx, (ROOM, Kind::CertificateMissing), &[before], "已找回", &mut rows).await?;
            }
            _ => {}
        }
        let payload = json!({ "deed": deed, "reason": reason });
        record(tx, ctx, "certificates.keep", (&row.number, row.unit_id), payload, rows).await?;
        Ok(row)
    })
    .await
}

fn lost(row: &certificate::Model, origin: String) -> NewFinding {
    NewFinding {
        room: ROOM,
        origin,
        link: format!("/certificates/kept/{}", row.number),
        kind: Kind::CertificateMissing,
        unit: Some(row.unit_id),
        item: None,
        title: format!("数字证书遗失：{}", row.number),
        description: format!("数字证书 {} 报失，须立即注销、查清。原因：{}", row.number, row.state_note),
    }
}

/// The loan of a certificate is over; what was told of it is settled.
pub(super) async fn end_loan(
    tx: &Tx,
    ctx: &Ctx,
    row: &certificate::Model,
    ended_as: LoanEnd,
    note: &str,
    rows: &mut RowsDigest,
) -> Result<loan::Model, CertificateError> {
    let Some(open) = store::open_loan(tx, row.id).await? else {
        return Err(CertificateError::Conflict("没有领用的证书不能交还".to_owned()));
    };
    let now = custody::after(ctx, open.out_at)?;
    let ended = loan::Model {
        ended_at: Some(now),
        ended_as: Some(ended_as),
        ended_by: ctx.actor.to_string(),
        note: note.to_owned(),
        ..open
    };
    let ended = save!(tx, loan, id, Id, ended);
    rows.add(&ended);
    let told = [format!("late/{}", ended.id)];
    custody::settle(tx, ctx, (ROOM, Kind::CertificateOverdue), &told, ended_as.zh(), rows).await?;
    Ok(ended)
}
