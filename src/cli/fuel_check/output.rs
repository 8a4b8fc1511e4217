//! `anomalies.csv` and `vehicles.csv`.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use super::intake::Taken;
use crate::documents::csv_out::CsvRows;
use crate::documents::{AtomicFile, DocumentError};
use crate::vehicles::fuel::Outcome;

/// The columns of `anomalies.csv`.
pub const ANOMALIES_HEADER: [&str; 9] =
    ["fill_id", "plate", "filled_at", "rule", "severity", "score", "observed", "expected", "explanation"];

/// The columns of `vehicles.csv`.
pub const VEHICLES_HEADER: [&str; 11] = [
    "plate",
    "km",
    "litres",
    "l_per_100km",
    "cost",
    "fills",
    "anomalies",
    "unit",
    "kwh",
    "usual_l_per_100km",
    "not_judged",
];

/// Writes `anomalies.csv`, weightiest first; in place when committed.
pub(super) fn anomalies(path: &Path, taken: &Taken, outcome: &Outcome) -> Result<AtomicFile, DocumentError> {
    let mut rows = CsvRows::with_mark();
    rows.header(&ANOMALIES_HEADER);
    for one in &outcome.anomalies {
        rows.text(taken.ids.get(one.fill as usize));
        rows.text(taken.plate(one.fill));
        rows.plain(&taken.fills.get(one.fill as usize).map_or_else(String::new, |fill| fill.at.to_string()));
        rows.plain(one.rule.as_str());
        rows.plain(one.severity().as_str());
        rows.plain(&format!("{:.1}", one.score));
        rows.text(&one.observed);
        rows.text(&one.expected);
        rows.text(&one.explanation);
        rows.end_row();
    }
    whole(path, &rows)
}

/// Writes `vehicles.csv`, in the order of the register; in place when committed.
pub(super) fn vehicles(path: &Path, taken: &Taken, outcome: &Outcome) -> Result<AtomicFile, DocumentError> {
    let mut count = vec![0u32; taken.cars.len()];
    for one in &outcome.anomalies {
        if let Some(count) = one.car.and_then(|car| count.get_mut(car as usize)) {
            *count += 1;
        }
    }
    let mut rows = CsvRows::with_mark();
    rows.header(&VEHICLES_HEADER);
    let mut unjudged = outcome.not_judged.iter().peekable();
    for ((no, car), (account, anomalies)) in (0u32..).zip(&taken.cars).zip(outcome.accounts.iter().zip(count)) {
        let mut why = BTreeSet::new();
        while let Some(one) = unjudged.next_if(|one| one.car <= no) {
            why.insert(format!("{}：{}", one.rule.zh(), one.why.zh()));
        }
        let (litres, kwh) = if car.is_electric() { (None, Some(account.litres)) } else { (Some(account.litres), None) };
        let number = |value: Option<f64>, places: usize| value.map_or_else(String::new, |v| format!("{v:.places$}"));
        rows.text(&car.plate);
        rows.plain(&number(Some(account.km), 0));
        rows.plain(&number(litres, 2));
        rows.plain(&number(account.per_100km, 2));
        rows.plain(&number(Some(account.cost), 2));
        rows.number(i64::from(account.fills));
        rows.number(i64::from(anomalies));
        rows.text(&car.unit);
        rows.plain(&number(kwh, 2));
        rows.plain(&number(account.habit.map(|(usual, ..)| usual), 2));
        rows.text(&why.into_iter().collect::<Vec<_>>().join("；"));
        rows.end_row();
    }
    whole(path, &rows)
}

fn whole(path: &Path, rows: &CsvRows) -> Result<AtomicFile, DocumentError> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(rows.bytes()).map_err(|error| DocumentError::write(path, error))?;
    Ok(file)
}
