//! What arrived is held against what was sent: what is there goes into the store, what is missing or strange is told.

use hashbrown::HashMap;
use sea_orm::prelude::Uuid;

use super::changes::{self, Changed, Of};
use super::entity::{line, transfer};
use super::model::Reason;
use super::service::{Arrived, put_line};
use super::store;
use crate::db::Tx;
use crate::db::saving::save;
use crate::firearms::ArmsError;
use crate::firearms::ammunition::{Why, post, stock_of};
use crate::firearms::arms::put_state;
use crate::firearms::entity::{arm, armoury};
use crate::firearms::model::{ArmDeed, EntryKind, MOST_ROUNDS};
use crate::firearms::store as registry;
use crate::items::service::{self as items, Change};
use crate::journal::RowsDigest;
use crate::kernel::Ctx;
use crate::kernel::ids::ItemId;
use crate::kernel::text::key;

/// A transfer on its way, and the store that it comes to.
pub(super) struct Way<'a> {
    pub(super) row: &'a transfer::Model,
    pub(super) to: &'a armoury::Model,
}

/// What of the open lines is there, by line; how many things are there that should not be.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    there: Vec<(line::Model, i64)>,
    missing: Vec<(line::Model, i64)>,
    /// Said without a number that nobody should read in a finding.
    strange: Vec<String>,
}

impl Sorted {
    /// What was short or wrong, in words; nothing when all is as it was sent.
    pub(super) fn told(&self, left: &[String]) -> String {
        let mut parts: Vec<String> = left.iter().map(|one| format!("未到 {one}")).collect();
        parts.extend(self.strange.iter().cloned());
        parts.join("；").chars().take(400).collect()
    }
}

/// Holds what was counted against the lines that have not come yet.
pub(super) async fn sort(tx: &Tx, way: &Way<'_>, arrived: &Arrived) -> Result<Sorted, ArmsError> {
    let mut open = store::lines(tx, way.row.id).await?;
    open.retain(|line| line.ended_at.is_none());
    let mut sorted = Sorted::default();
    guns(tx, &mut open, &mut sorted, &arrived.guns).await?;
    rounds(tx, &mut open, &mut sorted, &arrived.lots).await?;
    sorted.missing.extend(open.into_iter().map(|line| {
        let rest = line.quantity - line.arrived;
        (line, rest)
    }));
    Ok(sorted)
}

async fn guns(tx: &Tx, open: &mut Vec<line::Model>, sorted: &mut Sorted, read: &[String]) -> Result<(), ArmsError> {
    let mut seen: Vec<String> = Vec::new();
    let mut unsent = 0;
    for text in read {
        let compared = key(text).into_owned();
        let found = registry::named(tx, text).await?.map(|one| one.item.id);
        let twice = sorted.there.iter().any(|(line, _)| line.item_id.is_some() && line.item_id == found);
        if twice || seen.contains(&compared) {
            return Err(ArmsError::field("guns", format!("“{}”写了两次", text.trim())));
        }
        seen.push(compared);
        match found.and_then(|id| open.iter().position(|line| line.item_id == Some(id))) {
            Some(at) => sorted.there.push((open.remove(at), 1)),
            None => unsent += 1,
        }
    }
    if unsent > 0 {
        sorted.strange.push(format!("有 {unsent} 支枪不在此调拨单"));
    }
    Ok(())
}

async fn rounds(
    tx: &Tx,
    open: &mut Vec<line::Model>,
    sorted: &mut Sorted,
    read: &[(String, i64)],
) -> Result<(), ArmsError> {
    let mut named: HashMap<Uuid, [String; 2]> = HashMap::new();
    for line in open.iter() {
        let Some(id) = line.stock_id else { continue };
        if let Some((_, lot)) = store::stock_by_id(tx, id).await? {
            let both = key(&format!("{}{}", lot.type_name, lot.lot)).into_owned();
            named.insert(line.id, [lot.lot_key, both]);
        }
    }
    let mut seen: Vec<String> = Vec::new();
    for (text, many) in read {
        if !(0..=MOST_ROUNDS).contains(many) {
            let sentence = format!("“{}”的发数应为 0 至 10,000,000 的整数", text.trim());
            return Err(ArmsError::field("lots", sentence));
        }
        let compared = key(text).into_owned();
        if seen.contains(&compared) {
            return Err(ArmsError::field("lots", format!("批次“{}”写了两次", text.trim())));
        }
        let at = open.iter().position(|line| named.get(&line.id).is_some_and(|names| names.contains(&compared)));
        seen.push(compared);
        let Some(at) = at else {
            sorted.strange.push(format!("有 {many} 发不在此调拨单的批次"));
            continue;
        };
        let line = open.remove(at);
        let rest = line.quantity - line.arrived;
        if *many > rest {
            sorted.strange.push(format!("第 {} 行多出 {} 发", line.line, many - rest));
        } else if *many < rest {
            sorted.missing.push((line.clone(), rest - many));
        }
        sorted.there.push((line, rest.min(*many)));
    }
    Ok(())
}

impl Way<'_> {
    /// Puts what is there into the store; the names of what has not come.
    pub(super) async fn take(
        &self,
        tx: &Tx,
        ctx: &Ctx,
        sorted: &Sorted,
        rows: &mut RowsDigest,
    ) -> Result<Vec<String>, ArmsError> {
        for (line, many) in &sorted.there {
            if *many == 0 {
                continue;
            }
            let of = match (line.item_id, line.stock_id) {
                (Some(id), _) => self.gun(tx, ctx, id, rows).await?,
                (None, Some(id)) => self.rounds(tx, ctx, id, *many, rows).await?,
                (None, None) => continue,
            };
            let arrived = line.arrived + many;
            let ended_at = (arrived == line.quantity).then(|| ctx.now());
            rows.add(&put_line(tx, line::Model { arrived, ended_at, ..line.clone() }).await?);
            let changed = Changed {
                armoury: self.to.id,
                of,
                reason: Reason::Arrived,
                quantity: *many,
                document: &self.row.number,
                note: &self.row.document,
            };
            changes::add(tx, ctx, changed, rows).await?;
        }
        let mut left = Vec::new();
        for (line, rest) in &sorted.missing {
            left.push(self.name(tx, line, *rest).await?);
        }
        Ok(left)
    }

    async fn name(&self, tx: &Tx, line: &line::Model, rest: i64) -> Result<String, ArmsError> {
        Ok(match (line.item_id, line.stock_id) {
            (Some(id), _) => registry::by_id(tx, id).await?.map(|one| one.item.item_number).unwrap_or_default(),
            (None, Some(id)) => {
                let found = store::stock_by_id(tx, id).await?;
                let name = found.map(|(_, lot)| format!("{} {}", lot.type_name, lot.lot)).unwrap_or_default();
                format!("{name} {rest} 发")
            }
            (None, None) => String::new(),
        })
    }

    async fn gun(&self, tx: &Tx, ctx: &Ctx, id: ItemId, rows: &mut RowsDigest) -> Result<Of, ArmsError> {
        let why = format!("调拨 {} 入库", self.row.number);
        let found = registry::by_id(tx, id).await?.ok_or(ArmsError::NotFound("这支枪"))?;
        let found = put_state(tx, ctx, found, ArmDeed::Arrive, &why, None, rows).await?;
        let moved = arm::Model { armoury_id: self.to.id, cabinet_id: None, slot: None, ..found.arm };
        rows.add(&save!(tx, arm, item_id, ItemId, moved));
        if found.item.unit_id != self.to.unit_id {
            let change = Change { unit: Some(self.to.unit_id), ..Change::default() };
            items::apply(tx, ctx, &found.item, &change, &why, rows).await?;
        }
        Ok(Of::Gun(id))
    }

    async fn rounds(&self, tx: &Tx, ctx: &Ctx, from: Uuid, many: i64, rows: &mut RowsDigest) -> Result<Of, ArmsError> {
        let (_, lot) = store::stock_by_id(tx, from).await?.ok_or(ArmsError::NotFound("这批弹药"))?;
        let stock = stock_of(tx, ctx, self.to, &lot).await?;
        let id = stock.id;
        let why = Why { kind: EntryKind::Received, document: &self.row.number, note: &self.row.document };
        post(tx, ctx, stock, many, &why, rows).await?;
        Ok(Of::Lot(id))
    }
}
