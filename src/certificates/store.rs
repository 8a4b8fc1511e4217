//! Certificates, loans, checks and quizzes within reach. They take any connection and decide nothing.

use hashbrown::HashMap;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::CertificateError;
use super::entity::{certificate, check, check_line, loan, quiz};
use super::model::State;
use crate::access::{Action, reach};
use crate::db::DbError;
use crate::kernel::Ctx;
use crate::kernel::ids::{PersonId, UnitId};
use crate::kernel::text::key;

/// The certificate of this number, whoever asks.
///
/// # Errors
/// When the database cannot be read.
pub async fn named(db: &impl ConnectionTrait, number: &str) -> Result<Option<certificate::Model>, DbError> {
    if number.contains('\0') {
        return Ok(None);
    }
    let wanted = key(number).into_owned();
    Ok(certificate::Entity::find().filter(certificate::Column::NumberKey.eq(wanted)).one(db).await?)
}

/// The certificate of this number that `ctx` may see: of a unit within reach, or their own.
///
/// # Errors
/// [`CertificateError::NotFound`] when there is none, or it is out of scope.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<certificate::Model, CertificateError> {
    let seen = reach(ctx, Action::CertificatesRead);
    let found = named(db, number).await?;
    let found = found.filter(|row| seen.covers(Some(row.unit_id)) || ctx.person() == Some(row.holder_id));
    found.ok_or(CertificateError::NotFound("这个数字证书"))
}

/// Certificates that `ctx` may see and that were not closed, by number.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    state: Option<State>,
    limit: u64,
) -> Result<Vec<certificate::Model>, DbError> {
    let mut all = Condition::all();
    if let Some(units) = reach(ctx, Action::CertificatesRead).units() {
        let mut seen = Condition::any().add(certificate::Column::UnitId.is_in(units));
        if let Some(me) = ctx.person() {
            seen = seen.add(certificate::Column::HolderId.eq(me));
        }
        all = all.add(seen);
    }
    all = match state {
        Some(state) => all.add(certificate::Column::State.eq(state)),
        None => all.add(certificate::Column::State.ne(State::Closed)),
    };
    let rows = certificate::Entity::find().filter(all).order_by_asc(certificate::Column::NumberKey).limit(limit);
    Ok(rows.all(db).await?)
}

/// The certificates of a unit that were not closed.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_unit(db: &impl ConnectionTrait, unit: UnitId) -> Result<Vec<certificate::Model>, DbError> {
    Ok(certificate::Entity::find()
        .filter(certificate::Column::UnitId.eq(unit))
        .filter(certificate::Column::State.ne(State::Closed))
        .order_by_asc(certificate::Column::NumberKey)
        .all(db)
        .await?)
}

/// The certificates of a holder that were not closed.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_holder(db: &impl ConnectionTrait, holder: PersonId) -> Result<Vec<certificate::Model>, DbError> {
    Ok(certificate::Entity::find()
        .filter(certificate::Column::HolderId.eq(holder))
        .filter(certificate::Column::State.ne(State::Closed))
        .order_by_asc(certificate::Column::NumberKey)
        .all(db)
        .await?)
}

/// The loan of a certificate that is not over.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_loan(db: &impl ConnectionTrait, certificate: Uuid) -> Result<Option<loan::Model>, DbError> {
    Ok(loan::Entity::find()
        .filter(loan::Column::CertificateId.eq(certificate))
        .filter(loan::Column::EndedAt.is_null())
        .one(db)
        .await?)
}

/// Every loan that is not over, by certificate; a sub-bureau has hundreds.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_loans(db: &impl ConnectionTrait) -> Result<HashMap<Uuid, loan::Model>, DbError> {
    let rows = loan::Entity::find().filter(loan::Column::EndedAt.is_null()).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.certificate_id, row)).collect())
}

/// The loans of a certificate, the last first.
///
/// # Errors
/// When the database cannot be read.
pub async fn loans(db: &impl ConnectionTrait, certificate: Uuid, limit: u64) -> Result<Vec<loan::Model>, DbError> {
    let of = loan::Entity::find().filter(loan::Column::CertificateId.eq(certificate));
    Ok(of.order_by_desc(loan::Column::Id).limit(limit).all(db).await?)
}

/// Checks that `ctx` may see, the last first.
///
/// # Errors
/// When the database cannot be read.
pub async fn checks(db: &impl ConnectionTrait, ctx: &Ctx, limit: u64) -> Result<Vec<check::Model>, DbError> {
    let mut all = check::Entity::find();
    if let Some(units) = reach(ctx, Action::CertificatesRead).units() {
        all = all.filter(check::Column::UnitId.is_in(units));
    }
    Ok(all.order_by_desc(check::Column::Id).limit(limit).all(db).await?)
}

/// A check that `ctx` may see, with its lines.
///
/// # Errors
/// [`CertificateError::NotFound`] when there is none, or it is out of scope.
pub async fn check(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    id: Uuid,
) -> Result<(check::Model, Vec<check_line::Model>), CertificateError> {
    let row = check::Entity::find_by_id(id).one(db).await?;
    let row = row.filter(|row| reach(ctx, Action::CertificatesRead).covers(Some(row.unit_id)));
    let row = row.ok_or(CertificateError::NotFound("这次巡查"))?;
    let lines = check_line::Entity::find().filter(check_line::Column::CheckId.eq(row.id));
    Ok((row, lines.order_by_asc(check_line::Column::Id).all(db).await?))
}

/// Questions that were asked, of units within reach, the last first.
///
/// # Errors
/// When the database cannot be read.
pub async fn quizzes(db: &impl ConnectionTrait, ctx: &Ctx, limit: u64) -> Result<Vec<quiz::Model>, DbError> {
    let mut all = quiz::Entity::find();
    if let Some(units) = reach(ctx, Action::CertificatesRead).units() {
        all = all.filter(quiz::Column::UnitId.is_in(units));
    }
    Ok(all.order_by_desc(quiz::Column::Id).limit(limit).all(db).await?)
}

/// Certificates by id.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_ids(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, certificate::Model>, DbError> {
    let mut found = HashMap::new();
    for chunk in ids.chunks(crate::db::bulk::CHUNK_ROWS) {
        let of = certificate::Entity::find().filter(certificate::Column::Id.is_in(chunk.iter().copied()));
        found.extend(of.all(db).await?.into_iter().map(|row| (row.id, row)));
    }
    Ok(found)
}
