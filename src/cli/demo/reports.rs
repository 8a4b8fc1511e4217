//! What the reporting of assets looks like: the station's annual return waits for its head's review, and the finance
//! system's list has been held against the book, with a few things that differ.

use super::play::things_in_order;
use super::sample::{Sample, UnitAt};
use crate::assets::AssetError;
use crate::assets::submissions::model::{Kind, Severity};
use crate::assets::submissions::service::{self as submissions, New};
use crate::assets::submissions::store;
use crate::assets::three_way::batches;
use crate::assets::three_way::service::{self as three_way, Count};
use crate::cli::CliError;
use crate::db::Db;
use crate::documents::{ColumnMap, Limits};
use crate::items::entity::item;
use crate::items::model::ItemKind;
use crate::kernel::rights::Scope;
use crate::kernel::{Actor, Ctx, Fen};
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
    let planned = sample.unit(station);
    let badge = &sample.person(planned.asset_manager).badge_number;
    let manager = ctx.acting_as(Actor::Person(directory.find_person(badge, None)?), Scope::Everything);
    annual(db, &manager, directory.find_unit(&planned.code)?).await?;
    finance(db, ctx, &things_in_order(db, sample).await?, directory).await
}

/// The station's return: computed, its warnings answered, handed on where nothing is wrong.
async fn annual(db: &Db, manager: &Ctx, unit: crate::kernel::ids::UnitId) -> Result<(), CliError> {
    let as_of = manager.now().day();
    let new = New { kind: Kind::Annual, unit: Some(unit), as_of, campaign: String::new() };
    let row = submissions::begin(db, manager, &new).await?;
    let messages = store::messages(db.read(), &row, None, 0, u64::MAX >> 1).await?;
    let mut rules: Vec<&str> =
        messages.iter().filter(|one| one.severity == Severity::Warning).map(|one| one.rule.as_str()).collect();
    rules.dedup();
    rules.sort_unstable();
    rules.dedup();
    for rule in rules {
        submissions::acknowledge(db, manager, &row.number, rule, None, "已逐件核对，情况属实").await?;
    }
    match submissions::prepare(db, manager, &row.number, None).await {
        Ok(_) | Err(AssetError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The finance ledger as it might be: one thing not entered yet, one with another value, one twice, one that nobody knows.
async fn finance(db: &Db, ctx: &Ctx, things: &[item::Model], directory: &Directory) -> Result<(), CliError> {
    let mut list = String::from("资产编号,资产名称,账面原值,会计科目,使用部门\n");
    let standing = things.iter().filter(|thing| thing.kind == ItemKind::FixedAsset && !thing.state.is_gone());
    for (n, thing) in standing.enumerate() {
        let value = if n == 7 { thing.value_fen + Fen(20_000) } else { thing.value_fen };
        let unit = directory.unit_name(thing.unit_id);
        let row = format!("{},{},{},1601 固定资产,{unit}\n", thing.item_number, thing.name, value.plain());
        match n {
            3 => {}
            11 => list.push_str(&format!("{row}{row}")),
            _ => list.push_str(&row),
        }
    }
    list.push_str("CZ-2009-0031,投影仪,8800.00,1601 固定资产,\n,无编号资产,1500.00,1601 固定资产,\n");
    let parsed = batches::parse("财务资产明细账.csv", list.into_bytes(), &ColumnMap::default(), &Limits::default())?;
    let batch = batches::write(db, ctx, &parsed, ctx.now().day()).await?;
    three_way::compare(db, ctx, &batch.number, &Count::Last).await?;
    Ok(())
}
