//! A few movements of the police station whose manager and head one can be: a batch that entered, a transfer that waits
//! for the head, a loan that may be carried out, a scrapping on its way up.

use super::play::things_in_order;
use super::sample::{Sample, UnitAt};
use crate::approvals::Granted;
use crate::approvals::service::{self as approvals, Verdict};
use crate::assets::AssetError;
use crate::assets::movements::entity::movement;
use crate::assets::movements::intake::{self, Batch};
use crate::assets::movements::model::Kind;
use crate::assets::movements::service::{self, Ask};
use crate::cli::CliError;
use crate::db::Db;
use crate::items::entity::item;
use crate::items::model::{ItemKind, ItemState};
use crate::items::service::NewItem;
use crate::kernel::rights::Scope;
use crate::kernel::{Actor, Ctx, Fen, Quantity};
use crate::org::Directory;

/// Plays them.
///
/// # Errors
/// When the database refuses.
pub(super) async fn play(
    db: &Db,
    ctx: &Ctx,
    sample: &Sample,
    directory: &Directory,
    station: UnitAt,
) -> Result<(), CliError> {
    let acting = |badge: &str| -> Result<Ctx, CliError> {
        Ok(ctx.acting_as(Actor::Person(directory.find_person(badge, None)?), Scope::Everything))
    };
    let planned = sample.unit(station);
    let manager = acting(&sample.person(planned.asset_manager).badge_number)?;
    let head = acting(&sample.person(planned.head).badge_number)?;
    let unit = directory.find_unit(&planned.code)?;
    let today = ctx.now().day();
    let all = things_in_order(db, sample).await?;
    let mut theirs = all.iter().filter(|thing| thing.unit_id == unit && thing.state == ItemState::InUse);
    intake::enter(db, &manager, &batch(unit, today)).await?;
    let to = directory.find_unit(&sample.unit(UnitAt(7)).code)?;
    let transfer = Ask { to_unit: Some(to), ..Ask::of(Kind::Transfer, Vec::new(), "支援禁毒专项工作") };
    begin(db, &manager, &mut theirs, transfer).await?;
    let due_on = Some(today + chrono::Days::new(14));
    let counterparty = "街道综治办（联系人见借条）".to_owned();
    let loan = Ask { counterparty, due_on, ..Ask::of(Kind::Loan, Vec::new(), "联合巡逻借用") };
    let scrap = Ask {
        early_reason: "主板烧毁，维修费超过净值".to_owned(),
        ..Ask::of(Kind::Scrap, Vec::new(), "损坏无法修复")
    };
    for ask in [loan, scrap] {
        let Some(approval) = begin(db, &manager, &mut theirs, ask).await?.and_then(|row| row.approval_id) else {
            continue;
        };
        let verdict = Verdict { step: 1, approved: true, reason: "同意".to_owned() };
        approvals::decide(db, &head, &Granted, approval, &verdict).await.map_err(AssetError::from)?;
    }
    Ok(())
}

/// Asks for the first thing that may move so; one that is missing may not.
async fn begin<'a>(
    db: &Db,
    ctx: &Ctx,
    things: &mut impl Iterator<Item = &'a item::Model>,
    ask: Ask,
) -> Result<Option<movement::Model>, CliError> {
    for thing in things.by_ref() {
        match service::ask(db, ctx, &Ask { numbers: vec![thing.item_number.clone()], ..ask.clone() }).await {
            Ok(row) => return Ok(Some(row)),
            Err(AssetError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

fn batch(unit: crate::kernel::ids::UnitId, today: chrono::NaiveDate) -> Batch {
    let each = NewItem {
        kind: ItemKind::FixedAsset,
        item_number: String::new(),
        name: "数字对讲机".to_owned(),
        specification: "PDC780".to_owned(),
        serial_number: String::new(),
        class_code: "A02080102".to_owned(),
        class_name: "通信设备".to_owned(),
        brand: String::new(),
        measure_unit: "台".to_owned(),
        unit_id: unit,
        place_id: None,
        keeper_id: None,
        quantity: Quantity::ONE,
        state: ItemState::Idle,
        excused_by: None,
        value_fen: Fen(326_000),
        acquired_on: Some(today),
    };
    Batch {
        each, count: 12, supplier: "某通信设备公司".to_owned(), reason: "合同 HT-2026-018，发票齐全".to_owned()
    }
}
