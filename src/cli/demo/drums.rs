//! Drums and jerrycans of the demonstration: fuel for the boat, approved and half filled; for the generator, waiting.

use super::cars::Driven;
use crate::cli::CliError;
use crate::db::Db;
use crate::kernel::ids::ApprovalId;
use crate::kernel::{Ctx, Fen};
use crate::vehicles::fuel::ledger::drums::{self, NewDrum};
use crate::vehicles::fuel::ledger::slips::{self, NewSlip};

fn wish(car: &Driven, litres: i64, purpose: &str) -> NewDrum {
    NewDrum { car: car.plate.clone(), quantity_ml: litres * 1_000, purpose: purpose.to_owned() }
}

/// Asks for the boat's fuel.
///
/// # Errors
/// When the ledger refuses.
pub(super) async fn boat(db: &Db, driver: &Ctx, car: &Driven) -> Result<ApprovalId, CliError> {
    Ok(drums::ask(db, driver, &wish(car, 40, "防汛冲锋舟用油")).await?.request.id)
}

/// Fills half of what is approved, and asks for the generator's.
///
/// # Errors
/// When the ledger refuses.
pub(super) async fn filled(db: &Db, driver: &Ctx, car: &Driven) -> Result<(), CliError> {
    let approved = drums::list(db.read(), driver, 10).await?.into_iter().find(drums::Permit::is_approved);
    let slip = NewSlip {
        item: car.id,
        at: driver.now(),
        driver: driver.person(),
        quantity_ml: 20_000,
        amount: Some(Fen(15_780)),
        station: "城北加油站".to_owned(),
        odometer_km: None,
        full_tank: false,
        container: true,
        approval_number: approved.map(|permit| permit.number).unwrap_or_default(),
        note: "冲锋舟备用油，2 桶".to_owned(),
    };
    slips::write_down(db, driver, &slip).await?;
    drums::ask(db, driver, &wish(car, 60, "应急发电机用油")).await?;
    Ok(())
}
