//! 单车核算: each car's months.

use axum::extract::State;
use axum::response::Response;

use crate::access::{Action, permit_somewhere};
use crate::vehicles::fuel::ledger::account;
use crate::vehicles::fuel::ledger::model::month_of;
use crate::web::api::fuel::told;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Kind, Step, Table, Td};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FuelRead)?;
    let or = |name: &str, otherwise: String| match asked.get(name) {
        "" => otherwise,
        text => text.to_owned(),
    };
    let from = or("from", month_of(ctx.now().day()));
    let to = or("to", from.clone());
    let found = account::accounts(app.db(), &ctx, &from, &to).await.map_err(told)?;
    let w = &frame.words.fuel.accounts;
    let heads = [
        w.plate.clone(),
        w.unit.clone(),
        format!("#{}", w.km),
        format!("#{}", w.litres),
        format!("#{}", w.per_100km),
        format!("#{}", w.usual),
        format!("#{}", w.fuel_cost),
        format!("#{}", w.repair_cost),
        format!("#{}", w.per_km),
        format!("#{}", w.rank),
        format!("#{}", w.anomalies),
    ];
    let mut table = Table::new(&heads.each_ref().map(String::as_str));
    let two = |value: Option<f64>| value.map(|value| format!("{value:.2}")).unwrap_or_default();
    for line in &found.lines {
        let amount = if line.electric { format!("{:.1} kWh", line.litres) } else { format!("{:.1}", line.litres) };
        let band = line.habit.map(|(_, low, high)| format!("{low:.1}–{high:.1}")).unwrap_or_default();
        table.rows.push(vec![
            Td::link(line.plate.clone(), super::account_of(&line.plate)).because(line.model.clone()),
            line.unit.clone().into(),
            Td::num(format!("{:.0}", line.km), ""),
            Td::num(amount, ""),
            Td::num(two(line.per_100km), ""),
            Td::num(two(line.habit.map(|habit| habit.0)), "").because(band),
            Td::num(format!("{:.2}", line.fuel_cost), ""),
            Td::num(format!("{:.2}", line.repair_cost), ""),
            Td::num(two(line.per_km), ""),
            Td::num(line.rank.map(|(place, of)| format!("{place}/{of}")).unwrap_or_default(), ""),
            Td::num(line.anomalies.to_string(), ""),
        ]);
    }
    table.empty.1.clone_from(&w.none);
    let file = |kind: &str, text: &String| Step {
        text: text.clone(),
        href: format!("/vehicles/fuel/accounts/file?from={from}&to={to}&as={kind}"),
        file: true,
        ..Step::default()
    };
    let steps = vec![file("xlsx", &frame.words.common.export), file("pdf", &frame.words.common.print)];
    let month = |id: &str, label: &String, value: &str| Field {
        kind: Kind::Input("month"),
        value: value.to_owned(),
        ..Field::filter(&frame, id, label)
    };
    let filters = vec![month("from", &w.from, &from), month("to", &w.to, &to)];
    let back = ("/vehicles/fuel".to_owned(), frame.words.fuel.desk.title.clone());
    let (lead, title) =
        (w.lead.clone(), format!("{} {}", w.title, if from == to { from.clone() } else { format!("{from} – {to}") }));
    let blocks = vec![Block { table: Some(table), ..Block::default() }];
    Ok(Board { back, lead, steps, filters, blocks, ..Board::new(frame, title) }.answer())
}
