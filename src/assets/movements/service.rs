//! A movement is asked for: what is the unit's own to do is done at once, the rest goes to its chain.

use hashbrown::HashMap;
use sea_orm::prelude::{Date, Uuid};
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::entity::{movement, movement_line};
use super::model::{Disposal, Kind, State};
use super::{carrying, ground, life, numbers};
use crate::access::{Action, permit, permit_somewhere};
use crate::approvals::service::{self as approvals, NewRequest};
use crate::assets::AssetError;
use crate::assets::classes;
use crate::db::{Db, Tx, bulk};
use crate::items::entity::item;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{ItemId, PersonId, PlaceId, UnitId};
use crate::kernel::text::fault;
use crate::kernel::{Ctx, Fen};
use crate::org::units;

/// The longest reason, characters.
pub const MOST_CHARS: usize = 500;
/// How far away the day of return may be, days.
const FARTHEST_DUE_DAYS: i64 = 366;

/// A movement as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// What is to happen; a batch that enters, a handover and a correction have doors of their own.
    pub kind: Kind,
    /// The numbers of the things, in any spelling.
    pub numbers: Vec<String>,
    /// Of a transfer: the unit that is to have them.
    pub to_unit: Option<UnitId>,
    /// Where they are to be kept.
    pub to_place: Option<PlaceId>,
    /// Who is to answer for them.
    pub to_keeper: Option<PersonId>,
    /// Who borrows, mends or receives, when it is nobody of the sub-bureau.
    pub counterparty: String,
    /// The day by which they are to be back.
    pub due_on: Option<Date>,
    /// Of a disposal: in which way.
    pub disposal: Option<Disposal>,
    /// Why.
    pub reason: String,
    /// Why before the end of the useful life.
    pub early_reason: String,
}

impl Ask {
    /// Nothing but its kind, its things and why.
    #[must_use]
    pub fn of(kind: Kind, numbers: Vec<String>, reason: &str) -> Self {
        Self {
            kind,
            numbers,
            to_unit: None,
            to_place: None,
            to_keeper: None,
            counterparty: String::new(),
            due_on: None,
            disposal: None,
            reason: reason.to_owned(),
            early_reason: String::new(),
        }
    }

    /// What can be refused without looking at the book.
    fn check(&self, ctx: &Ctx) -> Result<(), AssetError> {
        let wrong = |field, reason: &str| Err(AssetError::field(field, reason));
        if matches!(self.kind, Kind::Intake | Kind::Handover | Kind::Correct) {
            return wrong("kind", "此类变动另有办理入口");
        }
        words("reason", &self.reason, "事由")?;
        for (field, text) in [("counterparty", &self.counterparty), ("early_reason", &self.early_reason)] {
            if let Some(reason) = fault(text.trim(), MOST_CHARS) {
                return Err(AssetError::field(field, reason));
            }
        }
        let kind = self.kind;
        if kind == Kind::Transfer && self.to_unit.is_none() {
            return wrong("to_unit_id", "请选择接收单位");
        }
        if kind != Kind::Transfer && self.to_unit.is_some() {
            return wrong("to_unit_id", "只有调拨更换单位");
        }
        if kind == Kind::Issue && self.to_keeper.is_none() {
            return wrong("to_keeper_id", "请填写领用人");
        }
        if kind == Kind::Relocate && self.to_keeper.is_none() && self.to_place.is_none() {
            return wrong("to_place_id", "请填写新的存放地点或使用人");
        }
        if matches!(kind, Kind::Loan | Kind::Repair) && self.counterparty.trim().is_empty() {
            return wrong("counterparty", if kind == Kind::Loan { "请写明借用单位、借用人" } else { "请写明维修单位" });
        }
        if kind == Kind::Dispose && self.disposal.is_none_or(|way| way == Disposal::Scrapping) {
            return wrong("disposal", "请选择处置方式；报废请办理报废");
        }
        self.check_due(ctx)
    }

    fn check_due(&self, ctx: &Ctx) -> Result<(), AssetError> {
        let today = ctx.now().day();
        let wrong = |reason: &str| Err(AssetError::field("due_on", reason));
        match (self.kind, self.due_on) {
            (Kind::Loan, None) => wrong("借出须约定归还日期"),
            (Kind::Loan | Kind::Repair, Some(day)) if day < today => wrong("归还日期不能早于今天"),
            (Kind::Loan | Kind::Repair, Some(day)) if (day - today).num_days() > FARTHEST_DUE_DAYS => {
                wrong("归还日期不能超过一年")
            }
            (Kind::Loan | Kind::Repair, _) | (_, None) => Ok(()),
            _ => wrong("只有借出、送修约定归还日期"),
        }
    }

    async fn early(&self, tx: &Tx, things: &[item::Model], ctx: &Ctx) -> Result<(), AssetError> {
        if self.kind != Kind::Scrap || !self.early_reason.trim().is_empty() {
            return Ok(());
        }
        let (all, today) = (classes::load(tx).await?, ctx.now().day());
        match things.iter().find_map(|thing| life::too_early(&all, thing, today)) {
            Some(sentence) => Err(AssetError::field("early_reason", sentence)),
            None => Ok(()),
        }
    }
}

/// A text that must say something.
pub(crate) fn words(field: &'static str, text: &str, what: &str) -> Result<String, AssetError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(AssetError::field(field, format!("请写明{what}")));
    }
    match fault(text, MOST_CHARS) {
        Some(reason) => Err(AssetError::field(field, reason)),
        None => Ok(text.to_owned()),
    }
}

/// Asks for a movement. One that needs nobody's yes is carried out with it.
///
/// # Errors
/// When it is not theirs to ask for, a field is wrong, or a thing may not move; each sentence names its thing.
pub async fn ask(db: &Db, ctx: &Ctx, new: &Ask) -> Result<movement::Model, AssetError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    new.check(ctx)?;
    db.write(async |tx| {
        let things = ground::things(tx, ctx, &new.numbers).await?;
        let unit = ground::unit_of(&things)?;
        permit(ctx, Action::AssetsMove, Some(unit))?;
        let counted = ground::may_move(tx, ctx, new.kind, &things, None).await?;
        new.early(tx, &things, ctx).await?;
        let row = blank(tx, ctx, new.kind, unit, &things, &new.reason).await?;
        let row = movement::Model {
            to_unit_id: new.to_unit,
            to_place_id: new.to_place,
            to_keeper_id: new.to_keeper,
            counterparty: new.counterparty.trim().to_owned(),
            due_on: new.due_on,
            disposal: if new.kind == Kind::Scrap { Some(Disposal::Scrapping) } else { new.disposal },
            early_reason: new.early_reason.trim().to_owned(),
            ..row
        };
        ground::whereto(tx, &row).await?;
        ground::in_sight(tx, ctx, &row).await?;
        let row = with_request(tx, ctx, row, &things).await?;
        file(tx, ctx, row, &things, &counted, RowsDigest::new(ctx)).await
    })
    .await
}

/// A document with its number and nothing else.
pub(super) async fn blank(
    tx: &Tx,
    ctx: &Ctx,
    kind: Kind,
    unit: UnitId,
    things: &[item::Model],
    reason: &str,
) -> Result<movement::Model, AssetError> {
    let worth = things.iter().try_fold(Fen::ZERO, |sum, thing| sum.checked_add(thing.value_fen));
    let state = if kind.chain().is_some() { State::Asked } else { State::Done };
    let done = state == State::Done;
    Ok(movement::Model {
        id: ctx.new_id(),
        number: numbers::of_document(tx, ctx, kind).await?,
        kind,
        state,
        unit_id: unit,
        to_unit_id: None,
        to_place_id: None,
        to_keeper_id: None,
        counterparty: String::new(),
        due_on: None,
        disposal: None,
        reason: reason.trim().to_owned(),
        early_reason: String::new(),
        notes: String::new(),
        line_count: i64::try_from(things.len()).unwrap_or(i64::MAX),
        value_fen: worth.ok_or_else(|| AssetError::field("numbers", "价值合计过大"))?,
        asked_by: ctx.actor.to_string(),
        asker_id: ctx.person(),
        asked_at: ctx.now(),
        approval_id: None,
        accepted_by: None,
        accepted_at: None,
        finished_by: done.then(|| ctx.actor.to_string()),
        second_id: None,
        finished_at: done.then(|| ctx.now()),
        finished_reason: String::new(),
        decision: String::new(),
        approval_number: String::new(),
        proceeds_fen: None,
        receipt: String::new(),
        version: 1,
    })
}

/// The document with what it asks its chain, when it has one.
async fn with_request(
    tx: &Tx,
    ctx: &Ctx,
    row: movement::Model,
    things: &[item::Model],
) -> Result<movement::Model, AssetError> {
    let Some(chain) = row.kind.chain() else { return Ok(row) };
    let few: Vec<&str> = things.iter().take(5).map(|thing| thing.item_number.as_str()).collect();
    let mut payload = json!({ "单据": row.number, "变动": row.kind.zh(), "件数": row.line_count,
        "资产": format!("{}{}", few.join("、"), if things.len() > few.len() { " 等" } else { "" }) });
    if let Some(unit) = row.to_unit_id {
        payload["接收单位"] = units::by_id(tx, unit).await?.map(|unit| unit.name).unwrap_or_default().into();
    }
    if let Some(way) = row.disposal {
        payload["处置方式"] = way.zh().into();
    }
    for (name, text) in [("对方", &row.counterparty), ("未满年限原因", &row.early_reason)] {
        if !text.is_empty() {
            payload[name] = text.as_str().into();
        }
    }
    let request = NewRequest {
        kind: chain.to_owned(),
        subject_room: "movements".to_owned(),
        subject_id: row.number.clone(),
        unit: row.unit_id,
        amount: row.value_fen,
        reason: format!("{}：{}", row.kind.zh(), row.reason),
        payload,
        urgent: false,
    };
    let request = approvals::create_in(tx, ctx, &request).await?;
    Ok(movement::Model { approval_id: Some(request.id), ..row })
}

/// Writes a document with its lines; one that is done already is carried out. One entry for all of it, and for the rows
/// that were written before.
pub(super) async fn file(
    tx: &Tx,
    ctx: &Ctx,
    row: movement::Model,
    things: &[item::Model],
    counted: &HashMap<ItemId, String>,
    rows: RowsDigest,
) -> Result<movement::Model, AssetError> {
    file_as(tx, ctx, row, things, counted, rows, None).await
}

/// As [`file`]; with `facts`, what was corrected, on each line.
pub(super) async fn file_as(
    tx: &Tx,
    ctx: &Ctx,
    row: movement::Model,
    things: &[item::Model],
    counted: &HashMap<ItemId, String>,
    mut rows: RowsDigest,
    facts: Option<String>,
) -> Result<movement::Model, AssetError> {
    let of = |(n, thing): (i64, &item::Model)| line(ctx, &row, n, thing, counted.get(&thing.id));
    let mut lines: Vec<movement_line::Model> = (1i64..).zip(things).map(of).collect();
    lines.iter_mut().for_each(|line| line.facts.clone_from(&facts));
    let row = movement::Model { notes: noted(counted), ..row };
    // A batch was entered, and a card put right, before their document is filed.
    if row.state == State::Done && !matches!(row.kind, Kind::Intake | Kind::Correct) {
        lines = carrying::carry(tx, ctx, &row, lines, things, &mut rows).await?;
    }
    rows.add(&row);
    lines.iter().for_each(|line| rows.add(line));
    row.clone().into_active_model().insert(tx).await?;
    bulk::insert(tx, lines).await?;
    let payload = json!({ "kind": row.kind, "things": things.iter().map(|thing| &thing.item_number).collect::<Vec<_>>(),
        "to_unit": row.to_unit_id, "to_place": row.to_place_id, "to_keeper": row.to_keeper_id,
        "disposal": row.disposal, "reason": row.reason, "state": row.state });
    record(tx, ctx, "assets.ask", &row, payload, rows).await?;
    Ok(row)
}

fn noted(counted: &HashMap<ItemId, String>) -> String {
    let mut counts: Vec<&str> = counted.values().map(String::as_str).collect();
    counts.sort_unstable();
    counts.dedup();
    if counts.is_empty() {
        String::new()
    } else {
        format!("其中 {} 件正在盘点（{}）", counted.len(), counts.join("、"))
    }
}

fn line(
    ctx: &Ctx,
    row: &movement::Model,
    n: i64,
    thing: &item::Model,
    counted: Option<&String>,
) -> movement_line::Model {
    movement_line::Model {
        id: ctx.new_id::<Uuid>(),
        movement_id: row.id,
        line: n,
        item_id: thing.id,
        open_of: row.state.is_open().then_some(thing.id.0),
        value_fen: thing.value_fen,
        from_unit_id: thing.unit_id,
        from_place_id: thing.place_id,
        from_keeper_id: thing.keeper_id,
        from_quantity: thing.quantity,
        from_state: thing.state,
        to_unit_id: None,
        to_place_id: None,
        to_keeper_id: None,
        to_quantity: None,
        to_state: None,
        facts: None,
        answers_id: None,
        answered_at: None,
        count_note: counted.cloned().unwrap_or_default(),
    }
}

/// Writes the entry of a step on a document.
pub(super) async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &movement::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), AssetError> {
    let entry = Entry { action, subject: row.number.clone(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}
