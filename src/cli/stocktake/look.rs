//! Looking at a campaign: sheet, status, differences, leads, report.

use std::path::Path;

use serde_json::json;

use super::super::show::{Align, Table};
use super::super::{CliError, Done, Global, show};
use crate::assets::net_values;
use crate::db::Db;
use crate::items::store as items;
use crate::kernel::ids::{ItemId, UnitId};
use crate::kernel::{Ctx, text};
use crate::org::{self, Directory};
use crate::stocktake::StocktakeError;
use crate::stocktake::model::SheetState;
use crate::stocktake::outcome::Outcome;
use crate::stocktake::publish;
use crate::stocktake::store;
use crate::stocktake::verdict::Verdict;

/// Lists what a unit is expected to have; blind, without place and quantity.
///
/// # Errors
/// When the campaign is unknown or the unit out of scope.
pub(super) async fn sheet(
    db: &Db,
    directory: &Directory,
    number: &str,
    unit: UnitId,
    blind: bool,
    global: &Global,
) -> Result<Done, CliError> {
    let campaign = store::campaign(db.read(), number).await?;
    let sheets = store::sheets(db.read(), campaign.id).await?;
    let sheet = sheets
        .iter()
        .find(|sheet| sheet.unit_id == unit)
        .ok_or_else(|| StocktakeError::UnitOutOfScope(directory.unit_name(unit).to_owned()))?;
    let blind = blind || campaign.blind;
    let expected: Vec<_> =
        store::expected(db.read(), campaign.id).await?.into_iter().filter(|row| row.sheet_id == sheet.id).collect();
    let ids: Vec<ItemId> = expected.iter().map(|row| row.item_id).collect();
    let things = items::by_ids(db.read(), &ids).await?;
    let mut rows: Vec<_> =
        expected.iter().filter_map(|row| things.get(&row.item_id).map(|thing| (row, thing))).collect();
    rows.sort_by(|a, b| {
        let place =
            |row: &crate::stocktake::entity::expected_item::Model| directory.place_name(row.place_id).to_owned();
        (place(a.0), &a.1.number_key).cmp(&(place(b.0), &b.1.number_key))
    });
    if global.json() {
        let facts: Vec<_> = rows
            .iter()
            .map(|(row, thing)| {
                let mut fact = json!({ "item_number": thing.item_number, "name": thing.name,
                    "specification": thing.specification, "serial_number": thing.serial_number });
                if !blind {
                    fact["place"] = json!(directory.place_name(row.place_id));
                    fact["keeper"] = json!(directory.person_name(row.keeper_id));
                    fact["quantity"] = json!(row.quantity);
                }
                fact
            })
            .collect();
        show::json(&json!({ "unit": directory.unit_name(unit), "state": sheet.state, "blind": blind, "items": facts }));
        return Ok(Done::Clean);
    }
    show::line(format!(
        "{} · {}盘点表 · {} · 应盘 {} 件",
        campaign.name,
        directory.unit_name(unit),
        sheet.state.zh(),
        rows.len()
    ));
    let mut columns =
        vec![("编号", Align::Left), ("名称", Align::Left), ("规格型号", Align::Left), ("序列号", Align::Left)];
    if !blind {
        columns.extend([("地点", Align::Left), ("使用人", Align::Left), ("数量", Align::Right)]);
    }
    let mut table = Table::new(&columns);
    for (row, thing) in rows {
        let mut cells = vec![
            thing.item_number.clone(),
            thing.name.clone(),
            thing.specification.clone(),
            thing.serial_number.clone(),
        ];
        if !blind {
            cells.push(directory.place_name(row.place_id).to_owned());
            cells.push(directory.person_name(row.keeper_id).to_owned());
            cells.push(row.quantity.to_string());
        }
        table.row(cells);
    }
    table.print();
    Ok(Done::Clean)
}

async fn outcome(db: &Db, number: &str) -> Result<Outcome, CliError> {
    let campaign = store::campaign(db.read(), number).await?;
    Ok(Outcome::load(db.read(), &campaign).await?)
}

/// Lists the campaigns.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn campaigns(db: &Db, global: &Global) -> Result<Done, CliError> {
    let campaigns = store::campaigns(db.read()).await?;
    if global.json() {
        show::json(&campaigns);
        return Ok(Done::Clean);
    }
    let mut table =
        Table::new(&[("编号", Align::Left), ("名称", Align::Left), ("状态", Align::Left), ("基准日", Align::Left)]);
    for row in &campaigns {
        table.row([row.number.clone(), row.name.clone(), row.state.zh().to_owned(), row.baseline_at.day().to_string()]);
    }
    if table.is_empty() {
        show::line("还没有盘点。开一次：hufu stocktake open 2026-YE --baseline 2026-12-31");
    } else {
        table.print();
    }
    Ok(Done::Clean)
}

/// Shows how far a campaign is and what it found, a row a unit.
///
/// # Errors
/// When the campaign is unknown.
pub(super) async fn status(db: &Db, number: &str, global: &Global) -> Result<Done, CliError> {
    let outcome = outcome(db, number).await?;
    print_status(&outcome, global);
    Ok(Done::attention_if(outcome.tallies().1.missing > 0))
}

/// Prints a row a unit and the sum.
pub fn print_status(outcome: &Outcome, global: &Global) {
    let (units, all) = outcome.tallies();
    if global.json() {
        let units: Vec<_> = units.iter().map(|(unit, tally)| json!({ "unit": unit, "tally": tally })).collect();
        show::json(&json!({
            "campaign": outcome.campaign.number, "name": outcome.campaign.name, "state": outcome.campaign.state,
            "units": units, "total": all,
        }));
        return;
    }
    let seen = all.expected - all.pending - all.missing - all.excused;
    show::line(format!(
        "{} · {} · 已见 {} / {} · 盘亏 {}（{} 元）",
        outcome.campaign.name,
        outcome.campaign.state.zh(),
        text::thousands(seen),
        text::thousands(all.expected),
        text::thousands(all.missing),
        all.missing_value
    ));
    let shown: Vec<Verdict> = Verdict::ALL.into_iter().collect();
    let mut columns = vec![("单位", Align::Left), ("盘点表", Align::Left), ("应盘", Align::Right)];
    columns.extend(shown.iter().map(|verdict| (verdict.zh(), Align::Right)));
    columns.push(("盘亏价值", Align::Right));
    let mut table = Table::new(&columns);
    let number = |count: u64| if count == 0 { "·".to_owned() } else { text::thousands(count) };
    let states: Vec<(String, SheetState)> = outcome
        .sheets
        .iter()
        .map(|sheet| (outcome.directory.unit_name(sheet.unit_id).to_owned(), sheet.state))
        .collect();
    for (name, tally) in units.iter().chain([&("合计".to_owned(), all)]) {
        let state = states.iter().find(|(unit, _)| unit == name).map_or("", |(_, state)| state.zh());
        let mut cells = vec![name.clone(), state.to_owned(), number(tally.expected)];
        cells.extend(shown.iter().map(|verdict| number(tally.of(*verdict))));
        cells.push(tally.missing_value.to_string());
        table.row(cells);
    }
    table.print();
}

/// Lists what does not agree.
///
/// # Errors
/// When the campaign or the verdict is unknown.
pub(super) async fn differences(
    db: &Db,
    number: &str,
    verdict: Option<&str>,
    unit: Option<UnitId>,
    global: &Global,
) -> Result<Done, CliError> {
    let only: Option<Verdict> = verdict
        .map(|name| {
            let by_zh = Verdict::ALL.into_iter().find(|verdict| verdict.zh() == name);
            by_zh.map_or_else(|| name.parse(), Ok)
        })
        .transpose()
        .map_err(|error: crate::stocktake::verdict::UnknownVerdict| CliError::Usage(error.to_string()))?;
    let outcome = outcome(db, number).await?;
    let wanted = |line: &&crate::stocktake::outcome::OutcomeLine| {
        only.map_or(line.verdict.needs_attention(), |verdict| line.verdict == verdict)
            && unit.is_none_or(|unit| line.unit == Some(unit))
    };
    let names = &outcome.directory;
    if global.json() {
        let facts: Vec<_> = outcome
            .lines
            .iter()
            .filter(wanted)
            .map(|line| {
                json!({ "item_number": line.number(), "name": line.name(), "verdict": line.verdict,
                    "flags": line.flags.to_string(), "unit": line.unit.map(|id| names.unit_name(id)),
                    "book_place": names.place_name(line.book_place),
                    "counted_place": names.place_name(line.counted_place),
                    "book_keeper": names.person_name(line.book_keeper),
                    "counted_keeper": names.person_name(line.counted_keeper),
                    "book_quantity": line.book_quantity, "counted_quantity": line.counted_quantity,
                    "value": line.value().plain(), "lead": line.lead })
            })
            .collect();
        show::json(&facts);
        return Ok(Done::attention_if(!facts.is_empty()));
    }
    let mut table = Table::new(&[
        ("结论", Align::Left),
        ("编号", Align::Left),
        ("名称", Align::Left),
        ("单位", Align::Left),
        ("账面地点", Align::Left),
        ("实盘地点", Align::Left),
        ("账面", Align::Right),
        ("实盘", Align::Right),
        ("备注", Align::Left),
        ("线索", Align::Left),
    ]);
    for line in outcome.lines.iter().filter(wanted) {
        table.row([
            format!("{} {}", line.verdict.shape(), line.verdict.zh()),
            line.number().to_owned(),
            line.name().to_owned(),
            line.unit.map(|id| names.unit_name(id)).unwrap_or_default().to_owned(),
            names.place_name(line.book_place).to_owned(),
            names.place_name(line.counted_place).to_owned(),
            line.book_quantity.map(|q| q.to_string()).unwrap_or_default(),
            line.counted_quantity.map(|q| q.to_string()).unwrap_or_default(),
            line.flags.zh(),
            line.lead.clone(),
        ]);
    }
    if table.is_empty() {
        show::line("没有差异");
        return Ok(Done::Clean);
    }
    table.print();
    Ok(Done::NeedsAttention)
}

/// Where to look for what is missing.
///
/// # Errors
/// When the campaign is unknown.
pub(super) async fn leads(db: &Db, number: &str, only: Option<&str>, global: &Global) -> Result<Done, CliError> {
    let campaign = store::campaign(db.read(), number).await?;
    let outcome = Outcome::compute(db.read(), &campaign).await?;
    let missing: Vec<_> = outcome
        .lines
        .iter()
        .filter(|line| line.verdict == Verdict::Missing)
        .filter(|line| only.is_none_or(|only| text::key(only) == text::key(line.number())))
        .collect();
    if global.json() {
        let facts: Vec<_> = missing
            .iter()
            .map(|line| {
                let leads: Vec<_> =
                    line.leads.iter().map(|lead| json!({ "score": lead.score, "lead": lead.zh() })).collect();
                json!({ "item_number": line.number(), "name": line.name(), "leads": leads })
            })
            .collect();
        show::json(&facts);
        return Ok(Done::attention_if(!missing.is_empty()));
    }
    if missing.is_empty() {
        show::line("没有盘亏");
        return Ok(Done::Clean);
    }
    for line in &missing {
        show::line(format!(
            "○ {} {}  账面：{} {}  {} 元",
            line.number(),
            line.name(),
            outcome.directory.place_name(line.book_place),
            outcome.directory.person_name(line.book_keeper),
            line.value()
        ));
        for lead in &line.leads {
            show::line(format!("    {:>3}  {}", lead.score, lead.zh()));
        }
        if line.leads.is_empty() {
            show::line("    没有线索：请按账面地点、使用人与经手人查找");
        }
    }
    Ok(Done::NeedsAttention)
}

/// Writes `report.xlsx` and `report.pdf`.
///
/// # Errors
/// When the campaign is unknown or the directory cannot be written.
pub(super) async fn report(db: &Db, ctx: &Ctx, number: &str, out: &Path, global: &Global) -> Result<Done, CliError> {
    let outcome = outcome(db, number).await?;
    let organisation = org::service::organisation(db.read()).await?;
    let ledger = net_values::for_count(db.read(), ctx, &outcome).await?;
    let files = publish::write(&outcome, &ledger, &organisation, ctx.now(), out)?;
    if global.json() {
        show::json(&json!({ "files": files }));
    } else {
        files.iter().for_each(|file| show::line(format!("已写 {}", file.display())));
    }
    Ok(Done::Clean)
}
