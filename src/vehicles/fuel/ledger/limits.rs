//! The numbers that decide, as the office has set them: dated, for all cars, for a use, for a model.

use chrono::NaiveDate;
use sea_orm::{ActiveModelTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryOrder as _};
use serde_json::json;

use super::entity::limit;
use super::model::LimitScope;
use crate::access::{Action, permit};
use crate::db::{Db, DbError};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::text::fault;
use crate::vehicles::VehicleError;
use crate::vehicles::fuel::{CarNo, Knob, Limits, Thresholds};
use crate::vehicles::model::UseKind;

/// A number as it is set.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLimit {
    /// Which.
    pub knob: Knob,
    /// For which cars.
    pub scope: LimitScope,
    /// The use or the model; blank for all.
    pub scope_value: String,
    /// To what.
    pub value: f64,
    /// From when on.
    pub effective_from: NaiveDate,
    /// What it rests on.
    pub source: String,
}

/// Sets a number from a day on. What was judged before stays judged.
///
/// # Errors
/// When it is not theirs to do, or a field is wrong.
pub async fn set(db: &Db, ctx: &Ctx, new: &NewLimit) -> Result<limit::Model, VehicleError> {
    permit(ctx, Action::RulesWrite, None)?;
    let wrong = |field, reason: String| Err(VehicleError::field(field, reason));
    let (low, high) = new.knob.range();
    if !(low..=high).contains(&new.value) {
        return wrong("value", format!("{}应在 {low} 至 {high} {}之间", new.knob.zh(), new.knob.unit()));
    }
    let value = new.scope_value.trim();
    match new.scope {
        LimitScope::All if !value.is_empty() => return wrong("scope_value", "全部车辆不用填写范围".to_owned()),
        LimitScope::Use if UseKind::by_name(value).is_none() => {
            let known: Vec<_> = UseKind::ALL.iter().map(|kind| kind.zh()).collect();
            return wrong("scope_value", format!("没有用途“{value}”，可填 {}", known.join("、")));
        }
        LimitScope::Model if value.is_empty() => return wrong("scope_value", "请填写车辆型号".to_owned()),
        _ => {}
    }
    if new.source.trim().is_empty() {
        return wrong("source", "请写明依据".to_owned());
    }
    if let Some(reason) = fault(new.source.trim(), 500) {
        return wrong("source", reason);
    }
    if new.effective_from < ctx.now().day() {
        return wrong("effective_from", "生效日期不能早于今天".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, reason = "within the range of its knob, a few thousand at most")]
    let value_milli = (new.value * 1_000.0).round() as i64;
    let scope_value = UseKind::by_name(value).filter(|_| new.scope == LimitScope::Use);
    let scope_value = scope_value.map_or_else(|| value.to_owned(), |kind| kind.as_str().to_owned());
    db.write(async |tx| {
        let row = limit::Model {
            id: ctx.new_id(),
            knob: new.knob.as_str().to_owned(),
            scope: new.scope,
            scope_value: scope_value.clone(),
            value_milli,
            effective_from: new.effective_from,
            source: new.source.trim().to_owned(),
            set_by: ctx.actor.to_string(),
            set_at: ctx.now(),
        };
        let same_day = all(tx).await?.into_iter().any(|other| {
            (&other.knob, other.scope, &other.scope_value, other.effective_from)
                == (&row.knob, row.scope, &row.scope_value, row.effective_from)
        });
        if same_day {
            return Err(VehicleError::field("effective_from", "这一天已经设定过同一项，请改用另一天"));
        }
        row.clone().into_active_model().insert(tx).await.map_err(DbError::from)?;
        let payload = json!({ "scope": row.scope, "of": row.scope_value, "value_milli": value_milli, "from": row.effective_from });
        let rows = RowsDigest::new(ctx).with(&row);
        let entry = Entry { action: "fuel.set_limit", subject: row.knob.clone(), unit: None, payload, rows };
        journal::record(tx, ctx, entry).await?;
        Ok(row)
    })
    .await
}

/// All that was ever set, by day.
///
/// # Errors
/// When the database cannot be read.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<limit::Model>, DbError> {
    let found = limit::Entity::find().order_by_asc(limit::Column::EffectiveFrom).order_by_asc(limit::Column::Id);
    Ok(found.all(db).await?)
}

/// What holds on a day, by car: its use and its model are in `cars`. The model is nearer than the use, the use nearer
/// than all.
#[must_use]
pub fn on(rows: &[limit::Model], day: NaiveDate, cars: &[(UseKind, String)]) -> Limits {
    let set = |mut base: Thresholds, scope: LimitScope, value: &str| {
        for row in rows.iter().filter(|row| row.effective_from <= day && row.scope == scope && row.scope_value == value)
        {
            if let Some(knob) = Knob::ALL.iter().find(|knob| knob.as_str() == row.knob) {
                #[expect(clippy::cast_precision_loss, reason = "a few millions at most")]
                let value = row.value_milli as f64 / 1_000.0;
                base = base.with(*knob, value);
            }
        }
        base
    };
    let all = set(Thresholds::default(), LimitScope::All, "");
    let mut limits = Limits { all: all.clone(), ..Limits::default() };
    for (no, (use_kind, model)) in cars.iter().enumerate() {
        let own = set(set(all.clone(), LimitScope::Use, use_kind.as_str()), LimitScope::Model, model);
        if own != all {
            limits.of.insert(CarNo::try_from(no).unwrap_or(CarNo::MAX), own);
        }
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Timestamp;

    fn row(scope: LimitScope, value: &str, milli: i64, from: (i32, u32, u32)) -> limit::Model {
        limit::Model {
            id: uuid::Uuid::nil(),
            knob: Knob::ConsumptionZ.as_str().to_owned(),
            scope,
            scope_value: value.to_owned(),
            value_milli: milli,
            effective_from: NaiveDate::from_ymd_opt(from.0, from.1, from.2).unwrap(),
            source: "试行".to_owned(),
            set_by: "system".to_owned(),
            set_at: Timestamp(0),
        }
    }

    #[test]
    fn the_nearest_and_the_latest_that_has_begun_holds() {
        use LimitScope as S;
        let rows = [
            row(S::All, "", 3_000, (2026, 1, 1)),
            row(S::All, "", 3_500, (2026, 7, 1)),
            row(S::Use, "enforcement", 4_000, (2026, 3, 1)),
            row(S::Model, "帕萨特", 5_000, (2026, 5, 1)),
        ];
        let cars = [
            (UseKind::Enforcement, "捷达".to_owned()),
            (UseKind::Other, "捷达".to_owned()),
            (UseKind::Enforcement, "帕萨特".to_owned()),
        ];
        for ((month, day), expected) in [
            ((12, 31), [Knob::ConsumptionZ.default(); 3]),
            ((1, 1), [3.0, 3.0, 3.0]),
            ((4, 1), [4.0, 3.0, 4.0]),
            ((6, 1), [4.0, 3.0, 5.0]),
            ((8, 1), [4.0, 3.5, 5.0]),
        ] {
            let year = if month == 12 { 2025 } else { 2026 };
            let limits = on(&rows, NaiveDate::from_ymd_opt(year, month, day).unwrap(), &cars);
            let got = [0, 1, 2].map(|car| limits.of(Some(car)).get(Knob::ConsumptionZ));
            assert_eq!(got, expected, "{month}-{day}");
        }
    }
}
