//! Queries on the book. They take any connection and decide nothing.

use hashbrown::HashMap;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, FromQueryResult, JoinType, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Select, Statement,
};

use super::entity::{item, item_event, label, label_reprint};
use super::model::{ItemState, LabelState};
use crate::db::DbError;
use crate::db::order::{self, Order};
use crate::kernel::ids::{ItemId, PersonId, PlaceId, UnitId};
use crate::kernel::rights::Reach;
use crate::kernel::text::key;
use crate::kernel::{Quantity, Timestamp};

pub use super::search::{Search, search};

/// Rows asked for by id in one query: well under every engine's parameter limit.
const IDS_A_QUERY: usize = 500;

/// The thing with this number, in whatever spelling; one whose import was undone is not in the book.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_number(db: &impl ConnectionTrait, number: &str) -> Result<Option<item::Model>, DbError> {
    // No number has it, and PostgreSQL cannot be asked for it.
    if number.contains('\0') {
        return Ok(None);
    }
    Ok(item::Entity::find()
        .filter(item::Column::NumberKey.eq(key(number).as_ref()))
        .filter(item::Column::State.ne(ItemState::Withdrawn))
        .one(db)
        .await?)
}

/// The things with these numbers, in whatever spelling, by number key; those whose import was undone are not in it.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_numbers(
    db: &impl ConnectionTrait,
    numbers: &[String],
) -> Result<HashMap<String, item::Model>, DbError> {
    let mut found = HashMap::with_capacity(numbers.len());
    for chunk in numbers.chunks(IDS_A_QUERY) {
        // No number has it, and PostgreSQL cannot be asked for it.
        let keys = chunk.iter().filter(|number| !number.contains('\0')).map(|number| key(number).into_owned());
        let rows = item::Entity::find()
            .filter(item::Column::NumberKey.is_in(keys))
            .filter(item::Column::State.ne(ItemState::Withdrawn));
        found.extend(rows.all(db).await?.into_iter().map(|row| (row.number_key.clone(), row)));
    }
    Ok(found)
}

/// The thing with this id.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_id(db: &impl ConnectionTrait, id: ItemId) -> Result<Option<item::Model>, DbError> {
    Ok(item::Entity::find_by_id(id).one(db).await?)
}

/// Things by id, in no order.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_ids(db: &impl ConnectionTrait, ids: &[ItemId]) -> Result<HashMap<ItemId, item::Model>, DbError> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(IDS_A_QUERY) {
        let rows = item::Entity::find().filter(item::Column::Id.is_in(chunk.iter().copied())).all(db).await?;
        found.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok(found)
}

/// How many things of each unit are in the book; a unit without any is not there.
///
/// # Errors
/// When the database cannot be read.
pub async fn counts_by_unit(db: &impl ConnectionTrait) -> Result<HashMap<UnitId, i64>, DbError> {
    const GONE: [ItemState; 3] = [ItemState::Disposed, ItemState::WrittenOff, ItemState::Withdrawn];
    let counted = || {
        let units = item::Entity::find().select_only().column(item::Column::UnitId);
        units.column_as(item::Column::Id.count(), "things").group_by(item::Column::UnitId)
    };
    // All of them by the index of units, less the few that left it by the index of states: no row of the table is read
    // for a thing that is in the book.
    let all: Vec<(UnitId, i64)> = counted().into_tuple().all(db).await?;
    let gone: Vec<(UnitId, i64)> = counted().filter(item::Column::State.is_in(GONE)).into_tuple().all(db).await?;
    let mut counts: HashMap<UnitId, i64> = all.into_iter().collect();
    for (unit, many) in gone {
        if let Some(count) = counts.get_mut(&unit) {
            *count -= many;
        }
    }
    Ok(counts)
}

/// A thing's events, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn events(db: &impl ConnectionTrait, id: ItemId) -> Result<Vec<item_event::Model>, DbError> {
    Ok(item_event::Entity::find()
        .filter(item_event::Column::ItemId.eq(id))
        .order_by_asc(item_event::Column::Seq)
        .all(db)
        .await?)
}

/// A thing's events after the event numbered `after`, oldest first, at most `limit`.
///
/// # Errors
/// When the database cannot be read.
pub async fn events_page(
    db: &impl ConnectionTrait,
    id: ItemId,
    after: i64,
    limit: u64,
) -> Result<Vec<item_event::Model>, DbError> {
    Ok(item_event::Entity::find()
        .filter(item_event::Column::ItemId.eq(id))
        .filter(item_event::Column::Seq.gt(after))
        .order_by_asc(item_event::Column::Seq)
        .limit(limit)
        .all(db)
        .await?)
}

/// A thing's events before the event numbered `before`, newest first, at most `limit`.
///
/// # Errors
/// When the database cannot be read.
pub async fn events_before(
    db: &impl ConnectionTrait,
    id: ItemId,
    before: i64,
    limit: u64,
) -> Result<Vec<item_event::Model>, DbError> {
    Ok(item_event::Entity::find()
        .filter(item_event::Column::ItemId.eq(id))
        .filter(item_event::Column::Seq.lt(before))
        .order_by_desc(item_event::Column::Seq)
        .limit(limit)
        .all(db)
        .await?)
}

/// A thing's labels, newest generation first.
///
/// # Errors
/// When the database cannot be read.
pub async fn labels_of(db: &impl ConnectionTrait, id: ItemId) -> Result<Vec<label::Model>, DbError> {
    Ok(label::Entity::find()
        .filter(label::Column::ItemId.eq(id))
        .order_by_desc(label::Column::Generation)
        .all(db)
        .await?)
}

/// The current label of each of these things or places.
///
/// # Errors
/// When the database cannot be read.
pub async fn current_labels(
    db: &impl ConnectionTrait,
    subjects: &[sea_orm::prelude::Uuid],
) -> Result<HashMap<sea_orm::prelude::Uuid, label::Model>, DbError> {
    let mut found = HashMap::with_capacity(subjects.len());
    for chunk in subjects.chunks(IDS_A_QUERY) {
        let rows = label::Entity::find()
            .filter(label::Column::CurrentOf.is_in(chunk.iter().copied()))
            .filter(label::Column::State.eq(LabelState::Current))
            .all(db)
            .await?;
        found.extend(rows.into_iter().filter_map(|row| Some((row.current_of?, row))));
    }
    Ok(found)
}

/// The last labels printed for what these units have (`None`: for whatever there is), last first, before the one printed
/// at that time with that code. Labels printed ahead are anybody's.
///
/// # Errors
/// When the database cannot be read.
pub async fn printed_page(
    db: &impl ConnectionTrait,
    among: Option<Vec<UnitId>>,
    before: Option<(Timestamp, &str)>,
    limit: u64,
) -> Result<Vec<label::Model>, DbError> {
    use label::Column as C;
    let mut query = printed_of(among);
    if let Some((at, code)) = before {
        let same = Condition::all().add(C::PrintedAt.eq(at)).add(C::Code.lt(code));
        query = query.filter(Condition::any().add(C::PrintedAt.lt(at)).add(same));
    }
    Ok(query.order_by_desc(C::PrintedAt).order_by_desc(C::Code).limit(limit).all(db).await?)
}

/// The same labels in another order; the order says where the page begins.
///
/// # Errors
/// When the database cannot be read.
pub async fn printed_sorted(
    db: &impl ConnectionTrait,
    among: Option<Vec<UnitId>>,
    order: &Order<label::Column>,
    limit: u64,
) -> Result<Vec<label::Model>, DbError> {
    Ok(order::sorted(printed_of(among), order).limit(limit).all(db).await?)
}

fn printed_of(among: Option<Vec<UnitId>>) -> Select<label::Entity> {
    use crate::org::entity::place;
    use label::Column as C;
    let mut query = label::Entity::find().filter(C::PrintedAt.is_not_null());
    if let Some(units) = among {
        let things = label::Entity::belongs_to(item::Entity).from(C::ItemId).to(item::Column::Id);
        let rooms = label::Entity::belongs_to(place::Entity).from(C::PlaceId).to(place::Column::Id);
        let theirs = Condition::any()
            .add(item::Column::UnitId.is_in(units.clone()))
            .add(place::Column::UnitId.is_in(units))
            .add(C::SubjectKind.is_null());
        query = query.join(JoinType::LeftJoin, things.into()).join(JoinType::LeftJoin, rooms.into()).filter(theirs);
    }
    query
}

/// The things whose label waits for a reprint, longest waiting first.
///
/// # Errors
/// When the database cannot be read.
pub async fn reprint_queue(db: &impl ConnectionTrait) -> Result<Vec<label_reprint::Model>, DbError> {
    Ok(label_reprint::Entity::find()
        .order_by_asc(label_reprint::Column::QueuedAt)
        .order_by_asc(label_reprint::Column::Id)
        .all(db)
        .await?)
}

/// The things of these units (`None`: of all) whose label waits for a reprint, by the reprint's id, which is in the order
/// they were queued, after the id `after`.
///
/// # Errors
/// When the database cannot be read.
pub async fn reprint_page(
    db: &impl ConnectionTrait,
    among: Option<Vec<UnitId>>,
    after: Option<sea_orm::prelude::Uuid>,
    limit: u64,
) -> Result<Vec<(label_reprint::Model, item::Model)>, DbError> {
    let mut query = label_reprint::Entity::find().join(
        JoinType::InnerJoin,
        label_reprint::Entity::belongs_to(item::Entity).from(label_reprint::Column::ItemId).to(item::Column::Id).into(),
    );
    if let Some(units) = among {
        query = query.filter(item::Column::UnitId.is_in(units));
    }
    if let Some(after) = after {
        query = query.filter(label_reprint::Column::Id.gt(after));
    }
    let waiting = query.order_by_asc(label_reprint::Column::Id).limit(limit).all(db).await?;
    let ids: Vec<ItemId> = waiting.iter().map(|row| row.item_id).collect();
    let mut things = by_ids(db, &ids).await?;
    Ok(waiting.into_iter().filter_map(|row| things.remove(&row.item_id).map(|thing| (row, thing))).collect())
}

/// How many labels of things within `reach` wait for a reprint.
///
/// # Errors
/// When the database cannot be read.
pub async fn reprints_waiting(db: &impl ConnectionTrait, reach: &Reach) -> Result<u64, DbError> {
    let mut query = label_reprint::Entity::find().join(
        JoinType::InnerJoin,
        label_reprint::Entity::belongs_to(item::Entity).from(label_reprint::Column::ItemId).to(item::Column::Id).into(),
    );
    if let Some(units) = reach.units() {
        query = query.filter(item::Column::UnitId.is_in(units));
    }
    Ok(query.count(db).await?)
}

/// A thing as the book had it at one instant.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
#[expect(missing_docs, reason = "the columns of item_events")]
pub struct AsOf {
    pub item_id: ItemId,
    pub unit_id: UnitId,
    pub place_id: Option<PlaceId>,
    pub keeper_id: Option<PersonId>,
    pub quantity: Quantity,
    pub state: ItemState,
    pub excused_by: Option<String>,
}

/// The whole book as it stood at `at`, rebuilt from the events alone: for each thing its last event that was
/// effective by then. Things registered later are not in it.
///
/// # Errors
/// When the database cannot be read.
pub async fn book_as_of(db: &impl ConnectionTrait, at: Timestamp) -> Result<Vec<AsOf>, DbError> {
    book_by(db, "effective_at", at).await
}

/// The whole book as whoever looked at `at` found it: what was written down since, though for an earlier day, is not
/// in it.
///
/// # Errors
/// When the database cannot be read.
pub async fn book_as_recorded(db: &impl ConnectionTrait, at: Timestamp) -> Result<Vec<AsOf>, DbError> {
    book_by(db, "recorded_at", at).await
}

async fn book_by(db: &impl ConnectionTrait, when: &'static str, at: Timestamp) -> Result<Vec<AsOf>, DbError> {
    let sql = format!(
        "SELECT e.item_id, e.unit_id, e.place_id, e.keeper_id, e.quantity, e.state, e.excused_by \
         FROM item_events e \
         JOIN (SELECT item_id, MAX(seq) AS seq FROM item_events WHERE {when} <= $1 GROUP BY item_id) l \
           ON l.item_id = e.item_id AND l.seq = e.seq \
         ORDER BY e.item_id"
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [at.into()]);
    Ok(AsOf::find_by_statement(statement).all(db).await?)
}

/// Events effective after `from`, in order: what moved while the count went on. An event that a later one, effective
/// at the same instant or before it, has overtaken is left out: [`book_as_of`] never tells of it either.
///
/// # Errors
/// When the database cannot be read.
pub async fn events_since(db: &impl ConnectionTrait, from: Timestamp) -> Result<Vec<item_event::Model>, DbError> {
    let sql = "SELECT e.* FROM item_events e \
               WHERE e.effective_at > $1 AND NOT EXISTS ( \
                 SELECT 1 FROM item_events l \
                 WHERE l.item_id = e.item_id AND l.seq > e.seq AND l.effective_at <= e.effective_at) \
               ORDER BY e.effective_at, e.seq";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [from.into()]);
    Ok(item_event::Entity::find().from_raw_sql(statement).all(db).await?)
}
