//! Cards of everything, filled in as an office that is in order would have them; who answers for each unit, but for one.

use chrono::Days;

use super::play::things_in_order;
use super::sample::Sample;
use crate::assets::AssetError;
use crate::assets::card::entity::card;
use crate::assets::card::intake;
use crate::assets::card::kinds::{Acquisition, Purchase, Purpose};
use crate::assets::responsible::service::{self as responsible, Naming};
use crate::assets::responsible::{DUTIES, vacancy};
use crate::cli::CliError;
use crate::db::{Db, DbError};
use crate::items::entity::item;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::{Ctx, Fen};
use crate::org::Directory;
use crate::org::entity::person::Duty;

/// The unit whose supervising leader left and was not followed by anybody.
const LACKING: usize = 4;
/// Since when all were named, days before today.
const NAMED_DAYS: u64 = 300;
/// Every so many-th card was never filled in.
const FORGOTTEN: usize = 40;

/// Plays them.
///
/// # Errors
/// When the database refuses.
pub(super) async fn play(db: &Db, ctx: &Ctx, sample: &Sample, directory: &Directory) -> Result<(), CliError> {
    fill(db, ctx, &things_in_order(db, sample).await?).await?;
    let today = ctx.now().day();
    let from = today - Days::new(NAMED_DAYS);
    for (at, unit) in sample.units.iter().enumerate() {
        let id = directory.find_unit(&unit.code)?;
        for (duty, person) in DUTIES.into_iter().zip([unit.head, unit.supervising_leader, unit.asset_manager]) {
            let person = directory.find_person(&sample.person(person).badge_number, None)?;
            let reason = "固定资产管理责任人名单（年初核定）".to_owned();
            let row = responsible::name(db, ctx, &Naming { unit: id, duty, person, from, reason }).await?;
            if at == LACKING && duty == Duty::SupervisingLeader {
                responsible::end(db, ctx, row.id, None, today, "调离，尚未明确接任").await?;
            }
        }
    }
    vacancy::mark(db, ctx).await?;
    Ok(())
}

async fn fill(db: &Db, ctx: &Ctx, things: &[item::Model]) -> Result<(), AssetError> {
    let in_order = things.iter().enumerate().filter(|(n, _)| n % FORGOTTEN != FORGOTTEN - 1);
    let cards: Vec<card::Model> = in_order.map(|(n, thing)| of(n, thing)).collect();
    db.write(async |tx| {
        let mut rows = RowsDigest::new(ctx);
        intake::fill(tx, cards.clone(), &mut rows).await?;
        let payload = serde_json::json!({ "cards": cards.len() });
        let entry = Entry { action: "assets.fill_cards", subject: String::new(), unit: None, payload, rows };
        journal::record(tx, ctx, entry).await?;
        Ok::<_, DbError>(())
    })
    .await?;
    Ok(())
}

fn of(n: usize, thing: &item::Model) -> card::Model {
    let booked = thing.acquired_on.and_then(|day| day.checked_add_days(Days::new(5)));
    // One in twelve was paid for in part by other money.
    let other = if n.is_multiple_of(12) { Fen(thing.value_fen.0 / 5) } else { Fen::ZERO };
    let small = thing.value_fen < Fen(500_000);
    card::Model {
        acquisition: Some(if n.is_multiple_of(31) { Acquisition::Transfer } else { Acquisition::Purchase }),
        purchase_organisation: Some(if small { Purchase::Dispersed } else { Purchase::Central }),
        fiscal_fen: thing.value_fen - other,
        non_fiscal_fen: other,
        booked_on: booked,
        voucher: booked.map(|day| format!("记-{}-{:04}", day.format("%Y%m"), n % 900 + 1)).unwrap_or_default(),
        account_subject: "1601 固定资产".to_owned(),
        in_service_on: thing.acquired_on,
        purpose: Some(if n.is_multiple_of(7) { Purpose::Enforcement } else { Purpose::Office }),
        ..card::Model::blank(thing)
    }
}
