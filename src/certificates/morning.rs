//! The morning report (每天早报): who had what over night, and which units looked into their cabinet the day before.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::{ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::entity::{certificate, check, loan};
use super::{reminders, store};
use crate::access::{Action, reach};
use crate::db::DbError;
use crate::kernel::ids::UnitId;
use crate::kernel::{Ctx, Timestamp};

/// What is told of a morning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Morning {
    /// The morning's day.
    pub day: NaiveDate,
    /// What was out at midnight, with its certificate.
    pub out: Vec<(loan::Model, certificate::Model)>,
    /// Of each unit that keeps certificates, the checks of the day before.
    pub units: BTreeMap<UnitId, Checked>,
}

/// The checks of a unit on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checked {
    /// How often somebody looked.
    pub times: usize,
    /// How many were amiss at the last look.
    pub amiss: i64,
    /// How many were out at midnight.
    pub out: usize,
}

/// The report of a morning, of units within reach.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &impl ConnectionTrait, ctx: &Ctx, day: NaiveDate) -> Result<Morning, DbError> {
    let midnight = Timestamp::start_of_day(day);
    let seen = reach(ctx, Action::CertificatesRead);
    let out = loan::Entity::find()
        .filter(loan::Column::OutAt.lt(midnight))
        .filter(Condition::any().add(loan::Column::EndedAt.is_null()).add(loan::Column::EndedAt.gte(midnight)))
        .order_by_asc(loan::Column::Id)
        .all(db)
        .await?;
    let ids: Vec<_> = out.iter().map(|row| row.certificate_id).collect();
    let certificates = store::by_ids(db, &ids).await?;
    let out: Vec<_> = out
        .into_iter()
        .filter(|row| seen.covers(Some(row.unit_id)))
        .filter_map(|row| certificates.get(&row.certificate_id).cloned().map(|of| (row, of)))
        .collect();
    let mut units: BTreeMap<UnitId, Checked> = reminders::units(db)
        .await?
        .into_iter()
        .filter(|unit| seen.covers(Some(*unit)))
        .map(|unit| (unit, Checked::default()))
        .collect();
    let before = day.pred_opt().unwrap_or(day);
    let checks = check::Entity::find().filter(check::Column::CheckedOn.eq(before)).order_by_asc(check::Column::Nth);
    for row in checks.all(db).await? {
        if let Some(unit) = units.get_mut(&row.unit_id) {
            unit.times += 1;
            unit.amiss = row.amiss;
        }
    }
    for (row, _) in &out {
        units.entry(row.unit_id).or_default().out += 1;
    }
    Ok(Morning { day, out, units })
}
