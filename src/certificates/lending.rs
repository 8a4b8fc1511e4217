//! A certificate goes out to its holder and comes back (随用随取随还).

use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::entity::{certificate, loan};
use super::keeping::{end_loan, put, refused, theirs};
use super::model::{Deed, LoanEnd, MOST_MS};
use super::{CertificateError, NUMBERS, record, words};
use crate::access::{Action, CoSigner, Forbidden, permit_somewhere};
use crate::db::Db;
use crate::journal::RowsDigest;
use crate::kernel::text::fault;
use crate::kernel::{Ctx, Timestamp};
use crate::ledger::custody;
use crate::org::people;

/// What a certificate goes out for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// 用途
    pub task: String,
    /// 应还时间
    pub due: Timestamp,
}

/// Hands a certificate to its holder, who proved to be there.
///
/// # Errors
/// When it is not theirs to hand out, whoever takes it is another than its holder or the one who hands it out, it lapsed or
/// is not in the cabinet, or the time is too long.
pub async fn draw(
    db: &Db,
    ctx: &Ctx,
    taker: &CoSigner,
    number: &str,
    wish: &Wish,
) -> Result<loan::Model, CertificateError> {
    permit_somewhere(ctx, Action::CertificatesKeep)?;
    let task = words("task", &wish.task, "用途", 500)?;
    db.write(async |tx| {
        let row = theirs(tx, ctx, Action::CertificatesKeep, number).await?;
        let state = row.state.after(Deed::Draw).map_err(refused)?;
        let holder = people::open(tx, row.holder_id, "holder_id").await?;
        if taker.person != row.holder_id {
            let sentence = format!("数字证书限本人领取使用，{} 的持有人是{}", row.number, holder.name);
            return Err(CertificateError::Conflict(sentence));
        }
        if ctx.person() == Some(taker.person) {
            return Err(Forbidden::SamePerson("不能为自己发放数字证书，请由另一名保管人办理").into());
        }
        if !custody::is_with_us(tx, taker.person, taker.account).await? {
            return Err(CertificateError::Conflict(format!("{}的账号已停用", holder.name)));
        }
        let now = custody::after(ctx, row.entered_at)?;
        if row.valid_until < now.day() {
            return Err(CertificateError::Conflict(format!("证书 {} 已于 {} 到期", row.number, row.valid_until)));
        }
        if wish.due <= now || wish.due.0.saturating_sub(now.0) > MOST_MS {
            return Err(CertificateError::field("due", "应还时间须在今后 24 小时之内，随用随取随还"));
        }
        let lent = loan::Model {
            id: ctx.new_id(),
            number: NUMBERS.next(tx, "ZS", now.day()).await?,
            certificate_id: row.id,
            unit_id: row.unit_id,
            taker_id: taker.person,
            account_id: taker.account,
            keeper_id: ctx.person(),
            task: task.clone(),
            handed_by: ctx.actor.to_string(),
            out_at: now,
            due_at: wish.due,
            ended_at: None,
            ended_as: None,
            ended_by: String::new(),
            note: String::new(),
            version: 1,
        };
        lent.clone().into_active_model().insert(tx).await?;
        let row = put(tx, certificate::Model { state, state_note: String::new(), ..row }).await?;
        let rows = RowsDigest::new(ctx).with(&lent).with(&row);
        let payload = json!({ "loan": lent.number, "due_at": lent.due_at });
        record(tx, ctx, "certificates.draw", (&row.number, row.unit_id), payload, rows).await?;
        Ok(lent)
    })
    .await
}

/// Takes a certificate back into the cabinet.
///
/// # Errors
/// When it is not theirs to do, it is their own, or it is not out.
pub async fn take_back(db: &Db, ctx: &Ctx, number: &str, note: &str) -> Result<loan::Model, CertificateError> {
    permit_somewhere(ctx, Action::CertificatesKeep)?;
    let note = note.trim().to_owned();
    if let Some(reason) = fault(&note, 200) {
        return Err(CertificateError::field("note", reason));
    }
    db.write(async |tx| {
        let row = theirs(tx, ctx, Action::CertificatesKeep, number).await?;
        let state = row.state.after(Deed::Return).map_err(refused)?;
        if ctx.person() == Some(row.holder_id) {
            return Err(Forbidden::SamePerson("不能为自己办理交还，请由另一名保管人办理").into());
        }
        let mut rows = RowsDigest::new(ctx);
        let ended = end_loan(tx, ctx, &row, LoanEnd::Returned, &note, &mut rows).await?;
        let row = put(tx, certificate::Model { state, ..row }).await?;
        rows.add(&row);
        let payload = json!({ "loan": ended.number });
        record(tx, ctx, "certificates.take_back", (&row.number, row.unit_id), payload, rows).await?;
        Ok(ended)
    })
    .await
}
