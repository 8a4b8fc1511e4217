//! Net values of the whole book on a day (账面净值): one pass over the things that the book had then, added up by class
//! and by unit as they go by.
//!
//! A day that is over is read from the events, as every past book is; today and what comes after, from the book as it
//! stands. What had left the book by then is in no sum. A thing whose class has no life, or whose day of acquisition is
//! not known, counts with its whole value, and is counted apart: it is for somebody to look at.
//!
//! [`reckon`] one thing · [`sheet`] the workbook

pub mod reckon;
pub mod sheet;

use chrono::NaiveDate;
use futures_util::TryStreamExt as _;
use hashbrown::{HashMap, HashSet};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait as _, QueryOrder as _, QueryResult, Statement, StreamTrait, Value};

use self::reckon::Known;
use super::card::entity::base;
use super::card::kinds::{Depreciation, Structure};
use super::classes::{self, Catalogue, Life};
use super::depreciation::{Month, Standing, Worth};
use crate::access::{Action, permit_somewhere, reach};
use crate::assets::AssetError;
use crate::db::DbError;
use crate::kernel::ids::{ItemId, UnitId};
use crate::kernel::{Ctx, Fen, Timestamp};
use crate::stocktake::outcome::Outcome;
use crate::stocktake::publish::Ledger;

/// Things added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub things: u64,
    /// 原值
    pub value: Fen,
    /// 累计折旧
    pub accumulated: Fen,
    /// Of them: 已完成折旧.
    pub finished: u64,
    /// Of them: 不提折旧.
    pub not_depreciated: u64,
    /// Of them: 年限或取得日期不明.
    pub unknown: u64,
}

impl Sum {
    /// 净值
    #[must_use]
    pub fn net(&self) -> Fen {
        self.value - self.accumulated
    }

    fn add(&mut self, worth: &Worth) {
        self.things += 1;
        self.value += worth.value;
        self.accumulated += worth.accumulated;
        match worth.standing {
            Standing::Depreciating => {}
            Standing::Finished => self.finished += 1,
            Standing::NotDepreciated => self.not_depreciated += 1,
            Standing::Unknown => self.unknown += 1,
        }
    }
}

/// The things of a class, added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfClass {
    /// The class two levels below the standard's letter (大类); blank for things without one.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its things.
    pub sum: Sum,
}

/// The whole book on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetValues {
    /// The day.
    pub on: NaiveDate,
    /// All of it.
    pub whole: Sum,
    /// By class, in the order of codes.
    pub by_class: Vec<OfClass>,
    /// By unit, in the order of ids.
    pub by_unit: Vec<(UnitId, Sum)>,
}

/// One thing as it goes by.
#[derive(Debug)]
#[expect(missing_docs, reason = "the columns of items")]
pub struct Line {
    pub item_id: ItemId,
    pub unit_id: UnitId,
    pub class_code: String,
    pub acquired_on: Option<NaiveDate>,
    /// What it is worth.
    pub worth: Worth,
    /// Number, name, specification; blank unless they were asked for.
    pub item_number: String,
    pub name: String,
    pub specification: String,
}

/// What is known of a class, found once.
struct ClassOf {
    lives: Vec<(Month, Life)>,
    sum: usize,
}

/// The pass: what it has learnt, and what it adds to.
struct Pass<'a> {
    on: NaiveDate,
    all: &'a Catalogue,
    bases: HashMap<ItemId, Vec<base::Model>>,
    classes: Vec<ClassOf>,
    places: HashMap<String, usize>,
    whole: Sum,
    by_class: Vec<OfClass>,
    by_unit: HashMap<UnitId, Sum>,
}

/// Columns of every row, by position.
const COLUMNS: &str =
    "i.id, s.unit_id, i.class_code, i.value_fen, i.acquired_on, c.depreciation, c.life_years, c.structure";
const NAMES: &str = ", i.item_number, i.name, i.specification";
/// What the book has no longer.
const GONE: &str = "('disposed','written_off','withdrawn')";

/// The rows of a day.
fn statement(
    db: &impl ConnectionTrait,
    past: Option<Timestamp>,
    among: Option<&[UnitId]>,
    with_names: bool,
) -> Statement {
    let mut values: Vec<Value> = Vec::new();
    // As the book stands, the thing itself says where it is.
    let from = match past {
        None => "items i LEFT JOIN asset_cards c ON c.item_id = i.id".to_owned(),
        Some(at) => {
            values.push(at.into());
            "(SELECT item_id, MAX(seq) AS seq FROM item_events WHERE effective_at <= $1 GROUP BY item_id) l \
             JOIN item_events s ON s.item_id = l.item_id AND s.seq = l.seq \
             JOIN items i ON i.id = s.item_id LEFT JOIN asset_cards c ON c.item_id = i.id"
                .to_owned()
        }
    };
    let mut sql = format!(
        "SELECT {COLUMNS}{} FROM {from} WHERE i.kind IN ('fixed_asset','vehicle') AND s.state NOT IN {GONE}",
        if with_names { NAMES } else { "" }
    );
    if let Some(units) = among {
        let places: Vec<String> = (0..units.len()).map(|n| format!("${}", values.len() + n + 1)).collect();
        values.extend(units.iter().map(|unit| Value::from(*unit)));
        let places = if places.is_empty() { "NULL".to_owned() } else { places.join(",") };
        sql.push_str(&format!(" AND s.unit_id IN ({places})"));
    }
    if with_names {
        sql.push_str(" ORDER BY i.number_key");
    }
    if past.is_none() {
        sql = sql.replace("s.unit_id", "i.unit_id").replace("s.state", "i.state");
    }
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

impl<'a> Pass<'a> {
    async fn begin(db: &impl ConnectionTrait, all: &'a Catalogue, on: NaiveDate) -> Result<Self, DbError> {
        let mut bases: HashMap<ItemId, Vec<base::Model>> = HashMap::new();
        let rows = base::Entity::find().order_by_asc(base::Column::ItemId).order_by_asc(base::Column::Seq);
        for row in rows.all(db).await? {
            bases.entry(row.item_id).or_default().push(row);
        }
        Ok(Self {
            on,
            all,
            bases,
            classes: Vec::new(),
            places: HashMap::new(),
            whole: Sum::default(),
            by_class: Vec::new(),
            by_unit: HashMap::new(),
        })
    }

    /// The class of a row, learnt when it is first met.
    fn class(&mut self, code: &str, structure: Option<Structure>) -> usize {
        if structure.is_none()
            && let Some(at) = self.places.get(code)
        {
            return *at;
        }
        let structure = structure.map_or("", Structure::as_str);
        let key = if structure.is_empty() { code.to_owned() } else { format!("{code} {structure}") };
        if let Some(at) = self.places.get(&key) {
            return *at;
        }
        let group = code.get(..5).unwrap_or(code);
        let sum = self.by_class.iter().position(|of| of.code == group).unwrap_or_else(|| {
            let name = self.all.name(group, self.on).to_owned();
            self.by_class.push(OfClass { code: group.to_owned(), name, sum: Sum::default() });
            self.by_class.len() - 1
        });
        self.classes.push(ClassOf { lives: self.all.lives(code, structure), sum });
        self.places.insert(key, self.classes.len() - 1);
        self.classes.len() - 1
    }

    fn take(&mut self, row: &QueryResult, with_names: bool) -> Result<Line, DbErr> {
        let item_id: ItemId = row.try_get_by_index(0)?;
        let unit_id: UnitId = row.try_get_by_index(1)?;
        let class_code: String = row.try_get_by_index(2)?;
        let acquired_on: Option<NaiveDate> = row.try_get_by_index(4)?;
        let depreciation: Option<Depreciation> = row.try_get_by_index(5)?;
        let value: Fen = row.try_get_by_index(3)?;
        let life_years: Option<i64> = row.try_get_by_index(6)?;
        let structure: Option<Structure> = row.try_get_by_index(7)?;
        let on = self.on;
        let bases = self.bases.remove(&item_id).unwrap_or_default();
        let at = self.class(&class_code, structure);
        let class = &self.classes[at];
        let known = Known {
            value,
            acquired_on,
            depreciation: depreciation.unwrap_or(Depreciation::Depreciating),
            life_years,
            lives: &class.lives,
            bases: &bases,
        };
        let worth = known.worth(on);
        let sum = class.sum;
        self.whole.add(&worth);
        self.by_class[sum].sum.add(&worth);
        self.by_unit.entry(unit_id).or_default().add(&worth);
        let text = |at: usize| if with_names { row.try_get_by_index(at) } else { Ok(String::new()) };
        Ok(Line {
            item_id,
            unit_id,
            class_code,
            acquired_on,
            worth,
            item_number: text(8)?,
            name: text(9)?,
            specification: text(10)?,
        })
    }
}

/// What whoever asks sees of the book on a day, thing by thing, added up.
///
/// # Errors
/// When it is not theirs to see, `each` refuses, or the database cannot be read.
pub async fn pass<C, E>(
    db: &C,
    ctx: &Ctx,
    on: NaiveDate,
    with_names: bool,
    mut each: impl FnMut(Line) -> Result<(), E>,
) -> Result<NetValues, E>
where
    C: ConnectionTrait + StreamTrait,
    E: From<AssetError>,
{
    permit_somewhere(ctx, Action::ItemsRead).map_err(AssetError::from)?;
    let among = reach(ctx, Action::ItemsRead).units();
    let past = (on < ctx.now().day()).then(|| Timestamp::end_of_day(on));
    walk(db, on, past, among.as_deref(), with_names, &mut each).await
}

async fn walk<C, E>(
    db: &C,
    on: NaiveDate,
    past: Option<Timestamp>,
    among: Option<&[UnitId]>,
    with_names: bool,
    each: &mut impl FnMut(Line) -> Result<(), E>,
) -> Result<NetValues, E>
where
    C: ConnectionTrait + StreamTrait,
    E: From<AssetError>,
{
    let failed = |error: DbErr| E::from(AssetError::from(error));
    let all = classes::load(db).await.map_err(AssetError::from)?;
    let mut pass = Pass::begin(db, &all, on).await.map_err(AssetError::from)?;
    let rows = db.stream_raw(statement(db, past, among, with_names)).await.map_err(failed)?;
    let mut rows = std::pin::pin!(rows);
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        let line = pass.take(&row, with_names).map_err(failed)?;
        each(line)?;
    }
    let Pass { whole, mut by_class, by_unit, .. } = pass;
    by_class.sort_by(|a, b| (a.code.is_empty(), &a.code).cmp(&(b.code.is_empty(), &b.code)));
    let mut by_unit: Vec<(UnitId, Sum)> = by_unit.into_iter().collect();
    by_unit.sort_unstable_by_key(|(unit, _)| *unit);
    Ok(NetValues { on, whole, by_class, by_unit })
}

/// The sums alone.
///
/// # Errors
/// As [`pass`].
pub async fn totals<C: ConnectionTrait + StreamTrait>(
    db: &C,
    ctx: &Ctx,
    on: NaiveDate,
) -> Result<NetValues, AssetError> {
    pass(db, ctx, on, false, |_| Ok::<_, AssetError>(())).await
}

/// What each of some things was worth on a day; what the book did not have then is not there. For reports of rooms
/// below, which know things and no cards; whoever may see the report has been asked already.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_things<C: ConnectionTrait + StreamTrait>(
    db: &C,
    ctx: &Ctx,
    things: &HashSet<ItemId>,
    on: NaiveDate,
) -> Result<HashMap<ItemId, Worth>, AssetError> {
    let mut found = HashMap::with_capacity(things.len());
    let mut keep = |line: Line| {
        if things.contains(&line.item_id) {
            found.insert(line.item_id, line.worth);
        }
        Ok::<_, AssetError>(())
    };
    let past = (on < ctx.now().day()).then(|| Timestamp::end_of_day(on));
    walk(db, on, past, None, false, &mut keep).await?;
    Ok(found)
}

/// What the report of a count shows of its things besides the count: what they were worth at the baseline, and what their
/// classes are called.
///
/// # Errors
/// When the database cannot be read.
pub async fn for_count<C: ConnectionTrait + StreamTrait>(
    db: &C,
    ctx: &Ctx,
    outcome: &Outcome,
) -> Result<Ledger, AssetError> {
    let on = outcome.campaign.baseline_at.day();
    let things: HashSet<ItemId> =
        outcome.lines.iter().filter_map(|line| line.item.as_ref()).map(|item| item.id).collect();
    let worth = of_things(db, ctx, &things, on).await?;
    let all = classes::load(db).await?;
    let unnamed = outcome.lines.iter().filter_map(|line| line.item.as_ref()).filter(|item| item.class_name.is_empty());
    let codes: HashSet<&str> = unnamed.map(|item| item.class_code.as_str()).collect();
    Ok(Ledger {
        worth: worth.into_iter().map(|(id, worth)| (id, (worth.accumulated, worth.net()))).collect(),
        class_names: codes.into_iter().map(|code| (code.to_owned(), all.name(code, on).to_owned())).collect(),
    })
}
