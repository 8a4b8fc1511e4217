//! Submissions within reach, their lines, messages and steps. They take any connection and decide nothing.

use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{submission, submission_line, submission_message, submission_step};
use super::figures::{By, Figures, key_of};
use super::model::{Kind, State};
use crate::access::{Action, reach};
use crate::assets::AssetError;
use crate::db::DbError;
use crate::db::order::{self, Order};
use crate::kernel::Ctx;
use crate::kernel::rights::Reach;

/// Which submissions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of this kind only.
    pub kind: Option<Kind>,
    /// In this state only.
    pub state: Option<State>,
    /// Begun before this one.
    pub before: Option<Uuid>,
}

fn covers(ctx: &Ctx, row: &submission::Model) -> bool {
    reach(ctx, Action::SubmissionsRead).covers(row.unit_id)
}

/// Submissions that `ctx` may see, newest first: those of their units; of the whole sub-bureau only who may read them
/// everywhere.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    wanted: &Wanted,
    limit: u64,
) -> Result<Vec<submission::Model>, DbError> {
    let newest = submission::Entity::find().filter(condition(ctx, wanted)).order_by_desc(submission::Column::Id);
    Ok(newest.limit(limit).all(db).await?)
}

/// The same submissions in another order; the order says where the page begins.
///
/// # Errors
/// When the database cannot be read.
pub async fn sorted(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    wanted: &Wanted,
    order: &Order<submission::Column>,
    limit: u64,
) -> Result<Vec<submission::Model>, DbError> {
    let all = submission::Entity::find().filter(condition(ctx, &Wanted { before: None, ..wanted.clone() }));
    Ok(order::sorted(all, order).limit(limit).all(db).await?)
}

fn condition(ctx: &Ctx, wanted: &Wanted) -> Condition {
    use submission::Column as C;
    let mut all = Condition::all();
    match reach(ctx, Action::SubmissionsRead) {
        Reach::Everywhere => {}
        theirs => all = all.add(C::UnitId.is_in(theirs.units().unwrap_or_default())),
    }
    if let Some(kind) = wanted.kind {
        all = all.add(C::Kind.eq(kind));
    }
    if let Some(state) = wanted.state {
        all = all.add(C::State.eq(state));
    }
    if let Some(before) = wanted.before {
        all = all.add(C::Id.lt(before));
    }
    all
}

/// The submission of this number that `ctx` may see.
///
/// # Errors
/// [`AssetError::NotFound`] when there is none, or it is out of scope.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<submission::Model, AssetError> {
    let missing = || AssetError::NotFound("这份报送件");
    if number.contains('\0') {
        return Err(missing());
    }
    let key = crate::kernel::text::key(number).into_owned();
    let row = submission::Entity::find().filter(submission::Column::Number.eq(key)).one(db).await?;
    row.filter(|row| covers(ctx, row)).ok_or_else(missing)
}

/// The sums that stand in a submission.
///
/// # Errors
/// When what stands there is not what this program wrote.
pub fn figures(row: &submission::Model) -> Result<Figures, AssetError> {
    serde_json::from_str(&row.figures).map_err(|_| AssetError::Conflict("报送件的数据已损坏，请核对日志".to_owned()))
}

/// The lines of a submission as it stands, in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn lines(db: &impl ConnectionTrait, row: &submission::Model) -> Result<Vec<submission_line::Model>, DbError> {
    Ok(submission_line::Entity::find()
        .filter(submission_line::Column::SubmissionId.eq(row.id))
        .filter(submission_line::Column::Edition.eq(row.edition))
        .order_by_asc(submission_line::Column::Line)
        .all(db)
        .await?)
}

/// The lines behind a number: those of one group, after a line, so many of them.
///
/// # Errors
/// When the database cannot be read.
pub async fn lines_of(
    db: &impl ConnectionTrait,
    row: &submission::Model,
    group: Option<(By, &str)>,
    after: i64,
    limit: usize,
) -> Result<Vec<submission_line::Model>, DbError> {
    let all = submission_line::Entity::find()
        .filter(submission_line::Column::SubmissionId.eq(row.id))
        .filter(submission_line::Column::Edition.eq(row.edition))
        .filter(submission_line::Column::Line.gt(after))
        .order_by_asc(submission_line::Column::Line);
    let Some((by, key)) = group else {
        return Ok(all.limit(u64::try_from(limit).unwrap_or(u64::MAX)).all(db).await?);
    };
    // A class is a part of a code, which the engines do not cut alike: it is told here.
    let theirs = all.all(db).await?.into_iter().filter(|line| key_of(by, line) == key);
    Ok(theirs.take(limit).collect())
}

/// What the filling standard says of a submission as it stands, in order; of one rule only where one is named.
///
/// # Errors
/// When the database cannot be read.
pub async fn messages(
    db: &impl ConnectionTrait,
    row: &submission::Model,
    rule: Option<&str>,
    after: i64,
    limit: u64,
) -> Result<Vec<submission_message::Model>, DbError> {
    use submission_message::Column as C;
    let mut all = submission_message::Entity::find()
        .filter(C::SubmissionId.eq(row.id))
        .filter(C::Edition.eq(row.edition))
        .filter(C::Message.gt(after));
    if let Some(rule) = rule {
        all = all.filter(C::Rule.eq(rule));
    }
    Ok(all.order_by_asc(C::Message).limit(limit).all(db).await?)
}

/// Who did what to a submission, in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn steps(db: &impl ConnectionTrait, row: &submission::Model) -> Result<Vec<submission_step::Model>, DbError> {
    Ok(submission_step::Entity::find()
        .filter(submission_step::Column::SubmissionId.eq(row.id))
        .order_by_asc(submission_step::Column::Step)
        .all(db)
        .await?)
}
