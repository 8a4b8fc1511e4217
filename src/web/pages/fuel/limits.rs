//! The numbers that decide, each with what its rule flagged in the last year; and the form that sets one anew.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::rule_word;
use crate::access::{Action, permit};
use crate::kernel::Ctx;
use crate::vehicles::fuel::ledger::limits::{self, NewLimit};
use crate::vehicles::fuel::ledger::model::LimitScope;
use crate::vehicles::fuel::ledger::watch;
use crate::vehicles::fuel::{Knob, Rule};
use crate::web::api::fuel::told;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::form::{Faults, explained};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 6] = ["knob", "scope", "scope_value", "value", "effective_from", "source"];

/// Which rules a number decides.
const fn rules_of(knob: Knob) -> &'static [Rule] {
    match knob {
        Knob::TankMargin | Knob::TankUnknown => &[Rule::OverTank],
        Knob::TankExcess => &[Rule::TankBalance],
        Knob::ConsumptionZ | Knob::ConsumptionLitres => &[Rule::ConsumptionHigh],
        Knob::WindowZ => &[Rule::ConsumptionWindow],
        Knob::CusumH | Knob::CusumPercent => &[Rule::SlowSkim],
        Knob::RepeatMinutes | Knob::DailyFills => &[Rule::RepeatFill],
        Knob::PricePercent => &[Rule::PriceOff],
        Knob::AmountFen => &[Rule::AmountMismatch],
        Knob::BalanceFen => &[Rule::BalanceBreak],
        Knob::TripMinutes => &[Rule::NoTrip],
        Knob::DailyKm => &[Rule::OdometerJump],
        Knob::TravelKmh => &[Rule::TooFar],
    }
}

/// What a number is of.
fn unit_word<'a>(frame: &'a Frame, unit: &'a str) -> &'a str {
    let w = &frame.words.fuel.units;
    match unit {
        "%" => &w.percent,
        "倍" => &w.times,
        "公里" => &w.kilometres,
        "公里/时" => &w.speed,
        "分" => &w.fen,
        "分钟" => &w.minutes,
        "升" => &w.litres,
        "次" => &w.often,
        other => other,
    }
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    page(&app, &ctx, frame, &asked, &Faults::default()).await
}

async fn page(app: &App, ctx: &Ctx, frame: Frame, typed: &Typed, faults: &Faults) -> Result<Response, ApiError> {
    permit(ctx, Action::FuelRead, None)?;
    let (rows, today) = (limits::all(app.db().read()).await?, ctx.now().day());
    let now = limits::on(&rows, today, &[]);
    let flagged = watch::last_year(app.db(), ctx).await.map_err(told)?;
    let w = &frame.words.fuel.limits;
    let count = |knob: Knob| {
        let of = |rule: &Rule| flagged.iter().find(|(one, _)| one == rule).map_or(0, |(_, count)| *count);
        rules_of(knob).iter().map(of).sum::<usize>()
    };
    let heads = [w.knob.clone(), format!("#{}", w.value), w.rule.clone(), format!("#{}", w.flagged)];
    let mut table = Table::new(&heads.each_ref().map(String::as_str));
    for &knob in Knob::ALL {
        let rules: Vec<String> = rules_of(knob).iter().map(|rule| rule_word(&frame, rule.as_str())).collect();
        table.rows.push(vec![
            Td::from(frame.either(knob.zh(), knob.as_str()).replace('_', " ")).because(knob.as_str()),
            Td::num(format!("{} {}", now.all.get(knob), unit_word(&frame, knob.unit())), ""),
            rules.join("、").into(),
            Td::num(count(knob).to_string(), ""),
        ]);
    }
    let mut blocks = vec![Block { table: Some(table), ..Block::default() }];
    if !rows.is_empty() {
        let mut set = Table::new(&[&w.knob, &w.scope, &w.value, &w.from, &w.source].map(String::as_str));
        for row in rows.iter().rev() {
            let known = Knob::ALL.iter().find(|knob| knob.as_str() == row.knob);
            let scope = frame.either(row.scope.zh(), row.scope.as_str());
            set.rows.push(vec![
                known.map_or(row.knob.as_str(), |knob| frame.either(knob.zh(), knob.as_str())).into(),
                Td::from(scope).because(row.scope_value.clone()),
                thousandths(row.value_milli).into(),
                row.effective_from.to_string().into(),
                row.source.clone().into(),
            ]);
        }
        blocks.push(Block { title: w.history.clone(), table: Some(set), ..Block::default() });
    }
    if frame.may(Action::RulesWrite) {
        blocks.push(Block { title: w.set.clone(), form: Some(form(&frame, typed, faults)), ..Block::default() });
    }
    let said = if typed.get("said") == "set" { w.said.clone() } else { String::new() };
    let back = ("/vehicles/fuel".to_owned(), frame.words.fuel.desk.title.clone());
    let (title, lead) = (w.title.clone(), w.lead.clone());
    Ok(Board { said, back, lead, blocks, ..Board::new(frame, title) }.answer())
}

/// A number of thousandths without zeros that say nothing: `3.6`, `50`.
fn thousandths(milli: i64) -> String {
    let text = format!("{}.{:03}", milli / 1_000, milli % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn form(frame: &Frame, typed: &Typed, faults: &Faults) -> Sheet {
    let w = &frame.words.fuel.limits;
    let knobs =
        Knob::ALL.iter().map(|knob| (knob.as_str().to_owned(), frame.either(knob.zh(), knob.as_str()).to_owned()));
    let scopes =
        LimitScope::ALL.iter().map(|one| (one.as_str().to_owned(), frame.either(one.zh(), one.as_str()).to_owned()));
    Sheet {
        action: "/vehicles/fuel/limits".to_owned(),
        fields: vec![
            Field::choice("knob", &w.knob, knobs.collect(), typed.get("knob"), faults),
            Field::text("value", &w.value, typed.get("value"), faults),
            Field::choice("scope", &w.scope, scopes.collect(), typed.get("scope"), faults),
            Field::text("scope_value", &w.scope_value, typed.get("scope_value"), faults).help(&w.scope_help),
            Field::input("effective_from", &w.from, "date", typed.get("effective_from"), faults),
            Field::text("source", &w.source, typed.get("source"), faults),
        ],
        submit: w.set.clone(),
        general: faults.general().to_owned(),
        ..Sheet::default()
    }
}

fn read(typed: &Typed) -> Result<NewLimit, ApiError> {
    let knob = Knob::ALL.iter().copied().find(|knob| knob.as_str() == typed.get("knob"));
    let day = typed.get("effective_from").parse();
    Ok(NewLimit {
        knob: knob.ok_or_else(|| ApiError::invalid("knob", "没有这一项阈值"))?,
        scope: LimitScope::by_name(typed.get("scope")).ok_or_else(|| ApiError::invalid("scope", "请选择范围"))?,
        scope_value: typed.get("scope_value").to_owned(),
        value: typed.get("value").trim().parse().map_err(|_| ApiError::invalid("value", "请填写数字"))?,
        effective_from: day.map_err(|_| ApiError::invalid("effective_from", "请填写生效日期"))?,
        source: typed.get("source").to_owned(),
    })
}

pub(super) async fn set(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::RulesWrite, None)?;
    let asker = ctx.clone();
    let done = match read(&typed) {
        Ok(new) => app.write_or(move |db| async move { limits::set(&db, &asker, &new).await }).await?.map_err(told),
        Err(error) => Err(error),
    };
    match done.map_err(explained) {
        Ok(_) => Ok(Redirect::to("/vehicles/fuel/limits?said=set").into_response()),
        Err(Err(error)) => Err(error),
        Err(Ok((field, reason))) => {
            let faults = Faults::refused(field.as_deref(), reason, &FIELDS);
            page(&app, &ctx, frame, &typed, &faults).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::thousandths;

    #[test]
    fn a_number_is_written_as_people_write_it() {
        for (milli, text) in
            [(3_600, "3.6"), (50_000, "50"), (1_005, "1.005"), (0, "0"), (120, "0.12"), (100_000, "100")]
        {
            assert_eq!(thousandths(milli), text);
        }
    }
}
