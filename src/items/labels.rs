//! Labels: issue, print, reprint, supersede, claim a blank, resolve.
//!
//! A code never stands for two things. Printing a new label for a thing supersedes the old one; the old code still
//! resolves, with a warning, because paper outlives intentions.

use hashbrown::HashMap;
use hufu_labels::code::LabelCode;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, sea_query::Expr,
};
use serde::Serialize;
use serde_json::json;

use super::entity::{item, label, label_reprint};
use super::error::ItemError;
use super::model::{LabelState, SubjectKind};
use super::store;
use crate::access::{Action, Forbidden, permit, permit_somewhere, reach};
use crate::db::{Db, Tx, bulk};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::{ItemId, PlaceId, UnitId};
use crate::kernel::rights::Reach;
use crate::kernel::text::fault;
use crate::org::entity::place;
use crate::org::places;

/// What a label is printed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A thing.
    Item(ItemId),
    /// A place.
    Place(PlaceId),
}

impl Subject {
    const fn uuid(self) -> Uuid {
        match self {
            Self::Item(id) => id.0,
            Self::Place(id) => id.0,
        }
    }
}

/// What a scanned or typed text stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// The current label of a subject.
    Current(Subject),
    /// An older label of a subject: right thing, wrong paper.
    Superseded(Subject),
    /// Not a label; the thing's number typed or scanned.
    Number(ItemId),
    /// A label printed ahead that nothing has claimed.
    Blank,
    /// A label that stands for nothing any more.
    Void,
    /// No label and no number of ours.
    Unknown,
}

/// How to print for subjects that have a label already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Printing {
    /// The same code once more: the paper was lost or torn before it was stuck.
    Again,
    /// A new code; the old one is superseded.
    Renew,
}

/// Makes sure that each subject has a current label and counts the printing of it; returns the codes in order.
///
/// # Errors
/// When one of them is not theirs to print for, or not there, or the database refuses.
pub async fn print(
    db: &Db,
    ctx: &Ctx,
    subjects: &[Subject],
    template: &str,
    printing: Printing,
) -> Result<Vec<LabelCode>, ItemError> {
    Ok(print_facts(db, ctx, subjects, template, printing).await?.codes)
}

/// What was printed for, and with what.
#[derive(Debug)]
pub struct Printed {
    /// The codes, in the order of the subjects.
    pub codes: Vec<LabelCode>,
    /// The things, as the labels must tell of them.
    pub things: HashMap<ItemId, item::Model>,
    /// The places.
    pub rooms: HashMap<PlaceId, place::Model>,
}

/// As [`print`], with the facts that the labels must show: those of the transaction that forgets the reprints which are
/// waiting. Facts read before it could be older than a reprint that it forgets.
///
/// # Errors
/// As [`print`].
pub async fn print_facts(
    db: &Db,
    ctx: &Ctx,
    subjects: &[Subject],
    template: &str,
    printing: Printing,
) -> Result<Printed, ItemError> {
    db.write(async |tx| {
        permit_all(tx, ctx, subjects).await?;
        let (things, rooms) = facts(tx, subjects).await?;
        let uuids: Vec<Uuid> = subjects.iter().map(|subject| subject.uuid()).collect();
        let current = store::current_labels(tx, &uuids).await?;
        let mut written: Vec<String> = Vec::new();
        if printing == Printing::Renew {
            supersede(tx, &current).await?;
            written.extend(current.values().map(|label| label.code.clone()));
        }
        let generations = last_generations(tx, &uuids).await?;
        let mut fresh = HashMap::new();
        let mut codes = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let code = match current.get(&subject.uuid()) {
                Some(label) if printing == Printing::Again => label.code.parse().unwrap_or_else(|_| new_code(ctx)),
                _ => {
                    let generation = generations.get(&subject.uuid()).map_or(1, |last| last + 1);
                    let row = fresh
                        .entry(subject.uuid())
                        .or_insert_with(|| new_label(ctx, Some(*subject), generation, template));
                    row.code.parse().unwrap_or_else(|_| new_code(ctx))
                }
            };
            codes.push(code);
        }
        let mut rows: Vec<label::Model> = fresh.into_values().collect();
        rows.sort_by(|a, b| a.code.cmp(&b.code));
        bulk::insert(tx, rows).await?;
        mark_printed(tx, ctx, &codes).await?;
        forget_reprints(tx, subjects).await?;
        written.extend(codes.iter().map(LabelCode::to_string));
        let digest = as_they_stand(tx, ctx, written).await?;
        let payload = json!({ "template": template, "count": codes.len(), "renew": printing == Printing::Renew });
        record(tx, ctx, "labels.print", subjects_named(subjects), payload, digest).await?;
        Ok(Printed { codes, things, rooms })
    })
    .await
}

async fn facts(
    tx: &Tx,
    subjects: &[Subject],
) -> Result<(HashMap<ItemId, item::Model>, HashMap<PlaceId, place::Model>), ItemError> {
    let (mut items, mut places) = (Vec::new(), Vec::new());
    for subject in subjects {
        match subject {
            Subject::Item(id) => items.push(*id),
            Subject::Place(id) => places.push(*id),
        }
    }
    let mut rooms = HashMap::new();
    for chunk in places.chunks(bulk::CHUNK_ROWS) {
        let rows = place::Entity::find().filter(place::Column::Id.is_in(chunk.iter().copied())).all(tx).await?;
        rooms.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok((store::by_ids(tx, &items).await?, rooms))
}

/// Lets whoever may print for every unit pass; of anybody else each thing and place is looked at.
async fn permit_all(tx: &Tx, ctx: &Ctx, subjects: &[Subject]) -> Result<(), ItemError> {
    permit_somewhere(ctx, Action::LabelsPrint)?;
    let reach = reach(ctx, Action::LabelsPrint);
    if reach == Reach::Everywhere {
        return Ok(());
    }
    let items: Vec<ItemId> =
        subjects.iter().filter_map(|subject| if let Subject::Item(id) = subject { Some(*id) } else { None }).collect();
    let things = store::by_ids(tx, &items).await?;
    for subject in subjects {
        let unit = match subject {
            Subject::Item(id) => things.get(id).map(|thing| thing.unit_id),
            Subject::Place(id) => places::by_id(tx, *id).await?.map(|place| place.unit_id),
        };
        if !reach.covers(unit) {
            return Err(Forbidden::OutOfScope.into());
        }
    }
    Ok(())
}

/// The labels with these codes as the command left them.
async fn as_they_stand(tx: &Tx, ctx: &Ctx, mut codes: Vec<String>) -> Result<RowsDigest, ItemError> {
    codes.sort_unstable();
    codes.dedup();
    let mut digest = RowsDigest::new(ctx);
    for chunk in codes.chunks(bulk::CHUNK_ROWS) {
        let rows = label::Entity::find().filter(label::Column::Code.is_in(chunk.iter().map(String::as_str)));
        for row in rows.order_by_asc(label::Column::Code).all(tx).await? {
            digest.add(&row);
        }
    }
    Ok(digest)
}

fn subjects_named(subjects: &[Subject]) -> String {
    match subjects {
        [only] => only.uuid().to_string(),
        many => format!("{} subjects", many.len()),
    }
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    subject: String,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), ItemError> {
    Ok(journal::record(tx, ctx, Entry { action, subject, unit: None, payload, rows }).await?)
}

fn new_code(ctx: &Ctx) -> LabelCode {
    LabelCode::from_random(ctx.random())
}

fn new_label(ctx: &Ctx, subject: Option<Subject>, generation: i64, template: &str) -> label::Model {
    label::Model {
        code: new_code(ctx).to_string(),
        subject_kind: subject.map(|subject| match subject {
            Subject::Item(_) => SubjectKind::Item,
            Subject::Place(_) => SubjectKind::Place,
        }),
        item_id: subject.and_then(|subject| if let Subject::Item(id) = subject { Some(id) } else { None }),
        place_id: subject.and_then(|subject| if let Subject::Place(id) = subject { Some(id) } else { None }),
        current_of: subject.map(Subject::uuid),
        generation,
        template: template.to_owned(),
        state: if subject.is_some() { LabelState::Current } else { LabelState::Blank },
        issued_at: ctx.now(),
        issued_by: ctx.actor.to_string(),
        printed_at: None,
        print_count: 0,
    }
}

/// The last generation of each subject that ever had a label, whatever became of it.
async fn last_generations(tx: &Tx, subjects: &[Uuid]) -> Result<HashMap<Uuid, i64>, ItemError> {
    let mut last = HashMap::new();
    for chunk in subjects.chunks(bulk::CHUNK_ROWS) {
        let ids = || chunk.iter().copied();
        let of_chunk =
            Condition::any().add(label::Column::ItemId.is_in(ids())).add(label::Column::PlaceId.is_in(ids()));
        for label in label::Entity::find().filter(of_chunk).all(tx).await? {
            let subject = label.item_id.map(Uuid::from).or(label.place_id.map(Uuid::from));
            let generation: &mut i64 = last.entry(subject.unwrap_or_default()).or_default();
            *generation = std::cmp::max(*generation, label.generation);
        }
    }
    Ok(last)
}

async fn supersede(tx: &Tx, current: &HashMap<Uuid, label::Model>) -> Result<(), ItemError> {
    let codes: Vec<&str> = current.values().map(|label| label.code.as_str()).collect();
    for chunk in codes.chunks(bulk::CHUNK_ROWS) {
        label::Entity::update_many()
            .col_expr(label::Column::State, Expr::value(LabelState::Superseded))
            .col_expr(label::Column::CurrentOf, Expr::value(Option::<Uuid>::None))
            .filter(label::Column::Code.is_in(chunk.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

async fn mark_printed(tx: &Tx, ctx: &Ctx, codes: &[LabelCode]) -> Result<(), ItemError> {
    for chunk in codes.chunks(bulk::CHUNK_ROWS) {
        label::Entity::update_many()
            .col_expr(label::Column::PrintedAt, Expr::value(ctx.now()))
            .col_expr(label::Column::PrintCount, Expr::col(label::Column::PrintCount).add(1))
            .filter(label::Column::Code.is_in(chunk.iter().map(LabelCode::as_str)))
            .exec(tx)
            .await?;
    }
    Ok(())
}

async fn forget_reprints(tx: &Tx, subjects: &[Subject]) -> Result<(), ItemError> {
    let items: Vec<ItemId> =
        subjects.iter().filter_map(|subject| if let Subject::Item(id) = subject { Some(*id) } else { None }).collect();
    for chunk in items.chunks(bulk::CHUNK_ROWS) {
        label_reprint::Entity::delete_many()
            .filter(label_reprint::Column::ItemId.is_in(chunk.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Prints labels ahead, for things that have no number yet.
///
/// # Errors
/// When it is not theirs to do, or the database refuses.
pub async fn print_blanks(db: &Db, ctx: &Ctx, count: usize, template: &str) -> Result<Vec<LabelCode>, ItemError> {
    permit_somewhere(ctx, Action::LabelsPrint)?;
    db.write(async |tx| {
        let rows: Vec<label::Model> = (0..count).map(|_| new_label(ctx, None, 1, template)).collect();
        let codes: Vec<LabelCode> = rows.iter().filter_map(|row| row.code.parse().ok()).collect();
        bulk::insert(tx, rows).await?;
        mark_printed(tx, ctx, &codes).await?;
        let digest = as_they_stand(tx, ctx, codes.iter().map(LabelCode::to_string).collect()).await?;
        record(tx, ctx, "labels.print_blanks", format!("{count} labels"), json!({ "template": template }), digest)
            .await?;
        Ok(codes)
    })
    .await
}

/// Sticks a blank label on a thing: the label becomes the thing's current one, an older one is superseded.
///
/// # Errors
/// When the thing is not theirs, the code is unknown or not blank, or the thing is unknown or gone.
pub async fn claim(db: &Db, ctx: &Ctx, code: LabelCode, number: &str) -> Result<item::Model, ItemError> {
    db.write(async |tx| {
        let thing = store::by_number(tx, number).await?.ok_or_else(|| ItemError::NotFound(number.to_owned()))?;
        permit(ctx, Action::LabelsClaim, Some(thing.unit_id))?;
        if thing.state.is_gone() {
            return Err(ItemError::Gone(thing.item_number));
        }
        let blank = label::Entity::find_by_id(code.as_str())
            .one(tx)
            .await?
            .ok_or_else(|| ItemError::UnknownLabel(code.to_string()))?;
        if blank.state != LabelState::Blank {
            return Err(ItemError::NotBlank { code: code.to_string(), state: state_zh(blank.state) });
        }
        let current = store::current_labels(tx, &[thing.id.0]).await?;
        supersede(tx, &current).await?;
        let generation = last_generations(tx, &[thing.id.0]).await?.get(&thing.id.0).map_or(1, |last| last + 1);
        let claimed = label::Model {
            subject_kind: Some(SubjectKind::Item),
            item_id: Some(thing.id),
            current_of: Some(thing.id.0),
            generation,
            state: LabelState::Current,
            ..blank
        };
        claimed.clone().into_active_model().reset_all().update(tx).await?;
        forget_reprints(tx, &[Subject::Item(thing.id)]).await?;
        let mut written: Vec<String> = current.into_values().map(|label| label.code).collect();
        written.push(claimed.code);
        let digest = as_they_stand(tx, ctx, written).await?;
        record(tx, ctx, "labels.claim", thing.item_number.clone(), json!({ "code": code.as_str() }), digest).await?;
        Ok(thing)
    })
    .await
}

/// Voids a label: found torn, or printed for nothing.
///
/// # Errors
/// When it is not theirs, the code is unknown or void already, or no reason is given.
pub async fn void(db: &Db, ctx: &Ctx, code: LabelCode, reason: &str) -> Result<(), ItemError> {
    if reason.trim().is_empty() {
        return Err(ItemError::ReasonMissing);
    }
    if let Some(reason) = fault(reason, 200) {
        return Err(ItemError::Field { field: "reason", reason });
    }
    permit_somewhere(ctx, Action::LabelsVoid)?;
    db.write(async |tx| {
        let label = label::Entity::find_by_id(code.as_str())
            .one(tx)
            .await?
            .ok_or_else(|| ItemError::UnknownLabel(code.to_string()))?;
        if let Some(subject) = subject_of(&label) {
            permit(ctx, Action::LabelsVoid, unit_of(tx, subject).await?)?;
        }
        if label.state == LabelState::Void {
            return Err(ItemError::VoidAlready(label.code));
        }
        let voided = label::Model { state: LabelState::Void, current_of: None, ..label };
        voided.clone().into_active_model().reset_all().update(tx).await?;
        let digest = RowsDigest::new(ctx).with(&voided);
        record(tx, ctx, "labels.void", code.to_string(), json!({ "reason": reason }), digest).await
    })
    .await
}

/// The word people use for a label's state.
#[must_use]
pub const fn state_zh(state: LabelState) -> &'static str {
    match state {
        LabelState::Blank => "空白",
        LabelState::Current => "现用",
        LabelState::Superseded => "已换新",
        LabelState::Void => "作废",
    }
}

/// What a scanned or typed text stands for: a label code first, else a thing's number.
///
/// # Errors
/// When the database cannot be read.
pub async fn resolve(db: &impl ConnectionTrait, text: &str) -> Result<Resolved, ItemError> {
    if let Ok(code) = text.parse::<LabelCode>()
        && let Some(label) = label::Entity::find_by_id(code.as_str()).one(db).await?
    {
        return Ok(meaning(&label));
    }
    Ok(match store::by_number(db, text).await? {
        Some(thing) => Resolved::Number(thing.id),
        None => Resolved::Unknown,
    })
}

/// The label that a text is the code of, in whatever spelling.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_code(db: &impl ConnectionTrait, text: &str) -> Result<Option<label::Model>, ItemError> {
    match text.parse::<LabelCode>() {
        Ok(code) => Ok(label::Entity::find_by_id(code.as_str()).one(db).await?),
        Err(_) => Ok(None),
    }
}

/// What a label is or was stuck on.
#[must_use]
pub fn subject_of(label: &label::Model) -> Option<Subject> {
    label.item_id.map(Subject::Item).or(label.place_id.map(Subject::Place))
}

/// The unit whose thing or place it is; `None` when it is not there.
///
/// # Errors
/// When the database cannot be read.
pub async fn unit_of(db: &impl ConnectionTrait, subject: Subject) -> Result<Option<UnitId>, ItemError> {
    Ok(match subject {
        Subject::Item(id) => store::by_id(db, id).await?.map(|thing| thing.unit_id),
        Subject::Place(id) => places::by_id(db, id).await?.map(|place| place.unit_id),
    })
}

/// What a label stands for.
#[must_use]
pub fn meaning(label: &label::Model) -> Resolved {
    match (label.state, subject_of(label)) {
        (LabelState::Current, Some(subject)) => Resolved::Current(subject),
        (LabelState::Superseded, Some(subject)) => Resolved::Superseded(subject),
        (LabelState::Blank, _) => Resolved::Blank,
        _ => Resolved::Void,
    }
}
