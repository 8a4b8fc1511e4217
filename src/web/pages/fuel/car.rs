//! One car's account: its consumption drawn with its band and the fills that are spoken of, its months and years.

use axum::extract::State;
use axum::response::Response;

use super::chart::{Point, draw};
use super::rule_word;
use crate::access::{Action, permit_somewhere};
use crate::vehicles::fuel::Rule;
use crate::vehicles::fuel::ledger::car_account::{self, CarAccount, Period};
use crate::vehicles::store;
use crate::web::api::fuel::told;
use crate::web::extract::Path;
use crate::web::pages::admin::board::{Block, Board, Drawing, Step, Table, Td};
use crate::web::pages::vehicles::at;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(plate): Path<String>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FuelRead)?;
    let car = store::car(app.db().read(), &ctx, &plate).await?;
    let found = car_account::of_car(app.db(), &ctx, car.item.id).await.map_err(told)?;
    let w = &frame.words.fuel.car;
    let title = w.title.replace("{plate}", &car.vehicle.plate);
    let lead = format!("{} {}", car.item.name, car.item.specification);
    let mut blocks = vec![summary(&frame, &found)];
    if !found.year.electric {
        blocks.push(consumption(&frame, &found));
    }
    if !found.others.is_empty() {
        blocks.push(others(&frame, &found));
    }
    blocks.push(periods(&frame, &found, &w.months, &found.months));
    blocks.push(periods(&frame, &found, &w.years, &found.years));
    let steps = vec![Step { text: w.to_car.clone(), href: at(&car.vehicle.plate), ..Step::default() }];
    let back = ("/vehicles/fuel/accounts".to_owned(), frame.words.fuel.accounts.title.clone());
    Ok(Board { back, lead: lead.trim().to_owned(), steps, blocks, ..Board::new(frame, title) }.answer())
}

fn summary(frame: &Frame, found: &CarAccount) -> Block {
    let (w, a) = (&frame.words.fuel.car, &frame.words.fuel.accounts);
    let year = &found.year;
    let two = |value: Option<f64>| value.map(|value| format!("{value:.2}")).unwrap_or_default();
    let amount = if year.electric { &w.kwh } else { &a.litres };
    let mut facts = vec![
        (a.km.clone(), Td::from(format!("{:.0}", year.km))),
        (amount.clone(), format!("{:.1}", year.litres).into()),
        (a.per_100km.clone(), two(year.per_100km).into()),
        (a.usual.clone(), band(found).into()),
        (a.fuel_cost.clone(), format!("{:.2}", year.fuel_cost).into()),
        (a.repair_cost.clone(), format!("{:.2}", year.repair_cost).into()),
        (a.per_km.clone(), two(year.per_km).into()),
        (a.rank.clone(), year.rank.map(|(place, of)| format!("{place}/{of}")).unwrap_or_default().into()),
        (a.anomalies.clone(), year.anomalies.to_string().into()),
    ];
    facts.retain(|(_, td)| !td.text.is_empty());
    Block { title: w.last_year.clone(), notes: found.remarks.clone(), facts, ..Block::default() }
}

fn band(found: &CarAccount) -> String {
    found.year.habit.map(|(usual, low, high)| format!("{usual:.1} ({low:.1}–{high:.1})")).unwrap_or_default()
}

fn words(frame: &Frame, rules: &[Rule]) -> String {
    rules.iter().map(|rule| rule_word(frame, rule.as_str())).collect::<Vec<_>>().join(frame.either("、", ", "))
}

fn record_of(id: &uuid::Uuid) -> String {
    format!("/vehicles/fuel/records/{id}")
}

fn consumption(frame: &Frame, found: &CarAccount) -> Block {
    let (w, a, s) = (&frame.words.fuel.car, &frame.words.fuel.accounts, &frame.words.fuel.statement);
    let points: Vec<Point> = found
        .marks
        .iter()
        .map(|mark| {
            let said = words(frame, &mark.rules);
            let href = if said.is_empty() { String::new() } else { record_of(&mark.record) };
            Point { at: mark.at, value: mark.per_100km, said, href }
        })
        .collect();
    let marked = points.iter().filter(|point| !point.said.is_empty()).count();
    let label = w.chart.replace("{fills}", &points.len().to_string()).replace("{marked}", &marked.to_string());
    let heads = [
        s.when.clone(),
        format!("#{}", a.km),
        format!("#{}", a.litres),
        format!("#{}", a.per_100km),
        frame.words.fuel.desk.rule.clone(),
    ];
    let mut table = Table::new(&heads.each_ref().map(String::as_str));
    for (mark, point) in found.marks.iter().zip(&points).rev() {
        table.rows.push(vec![
            Td { class: "tight", ..Td::link(mark.at.to_string(), record_of(&mark.record)) },
            Td::num(format!("{:.0}", mark.km), ""),
            Td::num(format!("{:.2}", mark.litres), ""),
            Td::num(format!("{:.1}", mark.per_100km), ""),
            if point.said.is_empty() { Td::default() } else { Td::mark("bad", point.said.clone()) },
        ]);
    }
    table.empty.1.clone_from(&w.none);
    let chart = Drawing(draw(frame, &label, &points, found.year.habit));
    let notes = if chart.is_empty() { Vec::new() } else { vec![w.chart_help.clone()] };
    Block { title: w.consumption.clone(), notes, chart, table: Some(table), ..Block::default() }
}

fn others(frame: &Frame, found: &CarAccount) -> Block {
    let (w, s) = (&frame.words.fuel.car, &frame.words.fuel.statement);
    let mut table = Table::new(&[&s.when, &frame.words.fuel.desk.rule].map(String::as_str));
    for (id, at, rules) in found.others.iter().rev() {
        table.rows.push(vec![
            Td { class: "tight", ..Td::link(at.to_string(), record_of(id)) },
            Td::mark("bad", words(frame, rules)),
        ]);
    }
    Block { title: w.others.clone(), table: Some(table), ..Block::default() }
}

fn periods(frame: &Frame, found: &CarAccount, title: &str, rows: &[Period]) -> Block {
    let (w, a) = (&frame.words.fuel.car, &frame.words.fuel.accounts);
    let electric = found.year.electric;
    let (amount, per) = if electric { (&w.kwh, &w.kwh_100km) } else { (&a.litres, &a.per_100km) };
    let heads = [
        w.period.clone(),
        format!("#{}", a.km),
        format!("#{amount}"),
        format!("#{per}"),
        format!("#{}", a.fuel_cost),
        format!("#{}", a.repair_cost),
        format!("#{}", a.per_km),
        format!("#{}", frame.words.fuel.desk.fills),
    ];
    let mut table = Table::new(&heads.each_ref().map(String::as_str));
    let two = |value: Option<f64>| value.map(|value| format!("{value:.2}")).unwrap_or_default();
    for one in rows {
        table.rows.push(vec![
            one.name.clone().into(),
            Td::num(format!("{:.0}", one.km), ""),
            Td::num(format!("{:.1}", one.amount), ""),
            Td::num(two(one.per_100km()), ""),
            Td::num(format!("{:.2}", one.fuel), ""),
            Td::num(format!("{:.2}", one.repairs), ""),
            Td::num(two(one.per_km()), ""),
            Td::num(one.fills.to_string(), ""),
        ]);
    }
    table.empty.1.clone_from(&w.none);
    Block { title: title.to_owned(), table: Some(table), ..Block::default() }
}
