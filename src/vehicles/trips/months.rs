//! The book is kept: each trip is checked by the unit, figures put right; the month is handed in, and the command centre
//! accepts it or asks for an explanation.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};
use serde_json::json;

use super::entity::{submission, trip};
use super::model::{Deed, State, SubmissionState, TripKind, due_on, gap, month_begins, month_of};
use super::service::{
    GAP_TOLERANCE, MOST_KM, OTHERWISE_MOST_KM, gap_finding, load, put, record, refused, settle, within,
};
use super::store;
use crate::access::rules::Rules;
use crate::access::{Action, Forbidden, not_their_own, permit, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, Tx};
use crate::findings::{EvidenceKind, Kind, NewFinding, open_many, opening};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::UnitId;
use crate::kernel::{Ctx, Timestamp};
use crate::org::units;
use crate::vehicles::VehicleError;
use crate::vehicles::reminders::{self, OTHERWISE_SUBMIT_BY, ROOM, SUBMIT_BY_DAY};
use crate::vehicles::service::{drove, line, words};
use crate::vehicles::store as cars;

/// The unit's manager, or its head, finds the line in order; who drove does not check it.
///
/// # Errors
/// When it is not theirs, they drove, or it is not back.
pub async fn check(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    note: &str,
) -> Result<trip::Model, VehicleError> {
    permit_somewhere(ctx, Action::TripsCheck)?;
    let note = line("note", note, 200)?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        permit(ctx, Action::TripsCheck, Some(row.unit_id))?;
        let row = checked(ctx, row, &note)?;
        let row = put(tx, row).await?;
        record(tx, ctx, "trips.check", &row, json!({ "note": note }), RowsDigest::new(ctx).with(&row)).await?;
        Ok(row)
    })
    .await
}

fn checked(ctx: &Ctx, row: trip::Model, note: &str) -> Result<trip::Model, VehicleError> {
    let me = ctx.person().ok_or(VehicleError::NoPerson)?;
    let state = row.state.after(Deed::Check).map_err(refused)?;
    if row.driver_id == Some(me) {
        return Err(Forbidden::SamePerson("本人驾驶的出车记录须由他人核对").into());
    }
    let (checked_by, checked_at) = (Some(me), Some(ctx.now()));
    Ok(trip::Model { state, checked_by, checked_at, check_note: note.to_owned(), ..row })
}

/// Checks every line of a unit's month that is back and that whoever checks did not drive; returns how many, and how
/// many are left.
///
/// # Errors
/// When it is not theirs, or the database refuses.
pub async fn check_month(db: &Db, ctx: &Ctx, unit: UnitId, month: &str) -> Result<(usize, usize), VehicleError> {
    permit(ctx, Action::TripsCheck, Some(unit))?;
    known(month)?;
    db.write(async |tx| {
        let (mut done, mut left, mut rows) = (0, 0, RowsDigest::new(ctx));
        for row in store::of_month(tx, unit, month).await? {
            let row = settle(tx, ctx, row).await?;
            match (row.state, checked(ctx, row.clone(), "")) {
                (State::Returned, Ok(row)) => {
                    rows.add(&put(tx, row).await?);
                    done += 1;
                }
                (State::Returned, Err(VehicleError::NoPerson)) => return Err(VehicleError::NoPerson),
                (State::Returned | State::Out, _) => left += 1,
                _ => {}
            }
        }
        if done > 0 {
            let payload = json!({ "month": month, "trips": done, "left": left });
            let entry =
                Entry { action: "trips.check_month", subject: month.to_owned(), unit: Some(unit), payload, rows };
            journal::record(tx, ctx, entry).await?;
        }
        Ok((done, left))
    })
    .await
}

fn known(month: &str) -> Result<(), VehicleError> {
    match month_begins(month) {
        Some(_) => Ok(()),
        None => Err(VehicleError::field("month", "月份应如 2026-10")),
    }
}

/// What was written wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// 出车里程
    pub departed_km: Option<i64>,
    /// 还车里程
    pub returned_km: Option<i64>,
    /// 还车时间
    pub returned_at: Option<Timestamp>,
}

/// The unit's manager puts figures of a line right before its month is handed in; it is to be checked again. What it
/// said before stands in the journal.
///
/// # Errors
/// When it is not theirs, they drove, no reason is given, odometer or time would fall, or it was handed in.
pub async fn correct(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    figures: &Figures,
    reason: &str,
) -> Result<trip::Model, VehicleError> {
    permit_somewhere(ctx, Action::TripsCheck)?;
    let reason = words("reason", reason, "更正的原因")?;
    db.write(async |tx| {
        let before = load(tx, ctx, number, version).await?;
        permit(ctx, Action::TripsCheck, Some(before.unit_id))?;
        let state = before.state.after(Deed::Correct).map_err(refused)?;
        if before.driver_id.is_some_and(|driver| not_their_own(ctx, driver).is_err()) {
            return Err(Forbidden::SamePerson("本人驾驶的出车记录须由他人更正").into());
        }
        if before.kind == TripKind::Repair {
            return Err(VehicleError::Conflict("送修的里程随送修单，不能在此更正".to_owned()));
        }
        let mut rows = RowsDigest::new(ctx);
        let row = trip::Model {
            state,
            departed_km: figures.departed_km.or(before.departed_km),
            returned_km: figures.returned_km.or(before.returned_km),
            returned_at: figures.returned_at.or(before.returned_at),
            checked_by: None,
            checked_at: None,
            ..before.clone()
        };
        if (row.departed_km, row.returned_km, row.returned_at)
            == (before.departed_km, before.returned_km, before.returned_at)
        {
            return Err(VehicleError::Conflict("没有要更正的内容".to_owned()));
        }
        let row = put_right(tx, ctx, &before, row, &mut rows).await?;
        let payload = json!({ "reason": reason, "departed_km": [before.departed_km, row.departed_km],
            "returned_km": [before.returned_km, row.returned_km], "returned_at": [before.returned_at, row.returned_at] });
        record(tx, ctx, "trips.correct", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

async fn put_right(
    tx: &Tx,
    ctx: &Ctx,
    before: &trip::Model,
    row: trip::Model,
    rows: &mut RowsDigest,
) -> Result<trip::Model, VehicleError> {
    let (Some(left_at), Some(left_km), Some(at), Some(km)) =
        (row.departed_at, row.departed_km, row.returned_at, row.returned_km)
    else {
        return Err(VehicleError::Conflict("此次用车还没有还车".to_owned()));
    };
    let most = Rules::load(tx).await?.number(MOST_KM, ctx.now(), OTHERWISE_MOST_KM);
    within((left_at, left_km), (at, km), ctx.now(), most)?;
    let car = cars::by_id(tx, row.item_id).await?.ok_or(VehicleError::NotFound("这辆车"))?;
    let next = trip::Entity::find()
        .filter(trip::Column::ItemId.eq(row.item_id))
        .filter(trip::Column::DepartedAt.gte(before.returned_at))
        .filter(trip::Column::Id.ne(row.id));
    if let Some(next) = next.one(tx).await?
        && next.departed_at.is_some_and(|left| left < at)
    {
        return Err(VehicleError::field("returned_at", format!("还车时间晚于下一次出车（{}）", next.number)));
    }
    let prior = store::return_before(tx, row.item_id, left_at, Some(row.id)).await?;
    // A gap that was noted without a return before it came from an odometer that was replaced.
    let gap_km = match prior {
        Some(prior) if before.departed_km != row.departed_km => gap(left_km, prior.returned_km),
        _ => row.gap_km,
    };
    if car.vehicle.odometer_at == before.returned_at {
        drove(tx, car.vehicle.clone(), km, at, rows).await?;
    }
    let row = put(tx, trip::Model { gap_km, ..row }).await?;
    rows.add(&row);
    tell_gap(tx, ctx, &car, &row, rows).await?;
    if before.returned_km != row.returned_km {
        goes_on(tx, ctx, &car, (before.returned_km, &row), rows).await?;
    }
    Ok(row)
}

/// What a line's gap opens or settles.
async fn tell_gap(
    tx: &Tx,
    ctx: &Ctx,
    car: &cars::Car,
    row: &trip::Model,
    rows: &mut RowsDigest,
) -> Result<(), VehicleError> {
    let told = opening::of_origins(tx, ROOM, Kind::OdometerGap, &[format!("trip/{}", row.id)]).await?;
    match row.gap_km {
        Some(gap) if told.is_empty() => {
            open_many(tx, ctx, vec![gap_finding(car, row, gap)], rows).await?;
        }
        Some(gap) => {
            for finding in told.into_values() {
                opening::seen_again(tx, ctx, finding, gap_finding(car, row, gap).description, rows).await?;
            }
        }
        None => {
            for finding in told.into_values() {
                let words = "里程填写有误，已更正，与上次还车一致".to_owned();
                opening::settle(tx, ctx, finding, (EvidenceKind::BookChange, words), rows).await?;
            }
        }
    }
    Ok(())
}

/// The next line goes on from what this one now says: its gap is another, or none.
async fn goes_on(
    tx: &Tx,
    ctx: &Ctx,
    car: &cars::Car,
    (said_before, row): (Option<i64>, &trip::Model),
    rows: &mut RowsDigest,
) -> Result<(), VehicleError> {
    let next = trip::Entity::find()
        .filter(trip::Column::ItemId.eq(row.item_id))
        .filter(trip::Column::DepartedAt.gte(row.returned_at))
        .filter(trip::Column::Id.ne(row.id))
        .order_by_asc(trip::Column::DepartedAt)
        .order_by_asc(trip::Column::Id);
    let Some(next) = next.one(tx).await? else { return Ok(()) };
    let Some(left_km) = next.departed_km else { return Ok(()) };
    let tolerance = Rules::load(tx).await?.number(GAP_TOLERANCE, ctx.now(), 0);
    let to = |km: Option<i64>| gap(left_km, km).filter(|gap| gap.abs() > tolerance);
    // Where another odometer was put in between, the next line did not go on from this one.
    if next.gap_km != to(said_before) || next.gap_km == to(row.returned_km) {
        return Ok(());
    }
    let gap_km = to(row.returned_km);
    let next = put(tx, trip::Model { gap_km, ..next }).await?;
    rows.add(&next);
    tell_gap(tx, ctx, car, &next, rows).await
}

/// Hands a unit's month in, trips or none.
///
/// # Errors
/// When it is not theirs, the month goes on, a line of it is not checked, or it was handed in.
pub async fn submit(
    db: &Db,
    ctx: &Ctx,
    unit: UnitId,
    month: &str,
    note: &str,
) -> Result<submission::Model, VehicleError> {
    permit(ctx, Action::TripsSubmit, Some(unit))?;
    let note = line("note", note, 500)?;
    known(month)?;
    if month >= month_of(ctx.now().day()).as_str() {
        return Err(VehicleError::field("month", "当月尚未结束，次月再报送"));
    }
    db.write(async |tx| {
        units::open(tx, unit, "unit_id").await?;
        if let Some(done) = store::submission(tx, unit, month).await? {
            return Err(VehicleError::Conflict(format!("{month} 的出车记录已于 {} 报送", done.submitted_at)));
        }
        let trips = store::of_month(tx, unit, month).await?;
        let open: Vec<&str> =
            trips.iter().filter(|row| row.state != State::Checked).map(|row| row.number.as_str()).collect();
        if let Some(first) = open.first() {
            let sentence = format!("还有 {} 次出车未还车或未核对（{first} 等），核对后再报送", open.len());
            return Err(VehicleError::Conflict(sentence));
        }
        let by_day = Rules::load(tx).await?.number(SUBMIT_BY_DAY, ctx.now(), OTHERWISE_SUBMIT_BY);
        let row = submission::Model {
            id: ctx.new_id(),
            unit_id: unit,
            month: month.to_owned(),
            state: SubmissionState::Submitted,
            trip_count: i64::try_from(trips.len()).unwrap_or(i64::MAX),
            km: trips.iter().filter_map(trip::Model::km).sum(),
            late: due_on(month, by_day).is_some_and(|due| ctx.now().day() > due),
            note: note.clone(),
            submitted_by: ctx.actor.to_string(),
            submitter_id: ctx.person(),
            submitted_at: ctx.now(),
            accepted_by: None,
            accepted_at: None,
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        for trip in trips {
            let state = trip.state.after(Deed::Submit).map_err(refused)?;
            rows.add(&put(tx, trip::Model { state, submission_id: Some(row.id), ..trip }).await?);
        }
        reminders::handed_in(tx, ctx, unit, month, &mut rows).await?;
        let payload = json!({ "month": month, "trips": row.trip_count, "km": row.km, "late": row.late });
        tell(tx, ctx, "trips.submit", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

async fn tell(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &submission::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), VehicleError> {
    let entry = Entry { action, subject: row.month.clone(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}

/// The command centre asks the unit to explain a line of a month that it handed in; the question is a finding.
///
/// # Errors
/// When it is not theirs, nothing is asked, or the line was not handed in or is accepted.
pub async fn question(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    text: &str,
) -> Result<trip::Model, VehicleError> {
    permit_somewhere(ctx, Action::TripsReview)?;
    let text = words("question", text, "要求说明的问题")?;
    let me = ctx.person().ok_or(VehicleError::NoPerson)?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        permit(ctx, Action::TripsReview, Some(row.unit_id))?;
        let state = row.state.after(Deed::Question).map_err(refused)?;
        let (questioned_by, questioned_at) = (Some(me), Some(ctx.now()));
        let row = trip::Model { state, question: text.clone(), questioned_by, questioned_at, ..row };
        let row = put(tx, row).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        asked(tx, ctx, &row, &text, &mut rows).await?;
        stand(tx, &row, &mut rows).await?;
        record(tx, ctx, "trips.question", &row, json!({ "question": text }), rows).await?;
        Ok(row)
    })
    .await
}

/// The finding that a question is; asked again, it is open once more.
async fn asked(tx: &Tx, ctx: &Ctx, row: &trip::Model, text: &str, rows: &mut RowsDigest) -> Result<(), VehicleError> {
    let origin = format!("trip/{}", row.id);
    let known = opening::of_origins(tx, ROOM, Kind::TripQuestioned, std::slice::from_ref(&origin)).await?;
    if let Some(finding) = known.into_values().next() {
        opening::seen_again(tx, ctx, finding, text.to_owned(), rows).await?;
        return Ok(());
    }
    let finding = NewFinding {
        room: ROOM,
        origin,
        link: format!("/vehicles/trips/{}", row.number),
        kind: Kind::TripQuestioned,
        unit: Some(row.unit_id),
        item: Some(row.item_id),
        title: format!("出车记录 {} 需说明", row.number),
        description: text.to_owned(),
    };
    open_many(tx, ctx, vec![finding], rows).await?;
    Ok(())
}

/// The unit explains a line.
///
/// # Errors
/// When it is not theirs, nothing is said, or nothing was asked.
pub async fn explain(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    text: &str,
) -> Result<trip::Model, VehicleError> {
    permit_somewhere(ctx, Action::TripsCheck)?;
    let text = words("explanation", text, "情况说明")?;
    let me = ctx.person().ok_or(VehicleError::NoPerson)?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        permit(ctx, Action::TripsCheck, Some(row.unit_id))?;
        let state = row.state.after(Deed::Explain).map_err(refused)?;
        let (explained_by, explained_at) = (Some(me), Some(ctx.now()));
        let row = put(tx, trip::Model { state, explanation: text.clone(), explained_by, explained_at, ..row }).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        let origin = format!("trip/{}", row.id);
        for finding in opening::of_origins(tx, ROOM, Kind::TripQuestioned, &[origin]).await?.into_values() {
            opening::settle(tx, ctx, finding, (EvidenceKind::Statement, text.clone()), &mut rows).await?;
        }
        stand(tx, &row, &mut rows).await?;
        record(tx, ctx, "trips.explain", &row, json!({ "explanation": text }), rows).await?;
        Ok(row)
    })
    .await
}

/// Where a month stands by its lines: one that asks for an explanation waits for it.
async fn stand(tx: &Tx, of: &trip::Model, rows: &mut RowsDigest) -> Result<(), VehicleError> {
    let Some(id) = of.submission_id else { return Ok(()) };
    let Some(month) = submission::Entity::find_by_id(id).one(tx).await? else { return Ok(()) };
    let open = trip::Entity::find()
        .filter(trip::Column::SubmissionId.eq(id))
        .filter(trip::Column::State.eq(State::Questioned));
    let questioned = open.one(tx).await?.is_some();
    let state = if questioned { SubmissionState::Questioned } else { SubmissionState::Explained };
    if state != month.state {
        let row = save!(tx, submission, id, Id, submission::Model { state, ..month });
        rows.add(&row);
    }
    Ok(())
}

/// The command centre accepts a unit's month, with every line.
///
/// # Errors
/// When it is not theirs, they handed it in, it was not handed in, or a line still waits for its explanation.
pub async fn accept(
    db: &Db,
    ctx: &Ctx,
    unit: UnitId,
    month: &str,
    version: Option<i64>,
) -> Result<submission::Model, VehicleError> {
    permit(ctx, Action::TripsReview, Some(unit))?;
    let me = ctx.person().ok_or(VehicleError::NoPerson)?;
    known(month)?;
    db.write(async |tx| {
        let row = store::submission(tx, unit, month).await?.ok_or(VehicleError::NotFound("这份报送"))?;
        if version.is_some_and(|seen| seen != row.version) {
            return Err(crate::db::DbError::Stale.into());
        }
        if let Some(submitter) = row.submitter_id {
            not_their_own(ctx, submitter)?;
        }
        match row.state {
            SubmissionState::Accepted => return Err(VehicleError::Conflict(format!("{month} 的出车记录已归档"))),
            SubmissionState::Questioned => {
                return Err(VehicleError::Conflict("还有出车记录等待单位说明，说明后再归档".to_owned()));
            }
            SubmissionState::Submitted | SubmissionState::Explained => {}
        }
        let (accepted_by, accepted_at) = (Some(me), Some(ctx.now()));
        let state = SubmissionState::Accepted;
        let row = save!(tx, submission, id, Id, submission::Model { state, accepted_by, accepted_at, ..row });
        let mut rows = RowsDigest::new(ctx).with(&row);
        for trip in trip::Entity::find().filter(trip::Column::SubmissionId.eq(row.id)).all(tx).await? {
            let state = trip.state.after(Deed::Accept).map_err(refused)?;
            rows.add(&put(tx, trip::Model { state, ..trip }).await?);
        }
        tell(tx, ctx, "trips.accept", &row, json!({ "month": month, "trips": row.trip_count }), rows).await?;
        Ok(row)
    })
    .await
}
