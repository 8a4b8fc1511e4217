//! Rules that change live in dated data: what holds now, what held, what will, and on which law each rests.

use axum::Form;
use axum::extract::State;
use axum::response::Response;

use super::board::{Block, Board, Field, Form as Sheet, Step, Table, Td};
use super::shared::{Typed, actor, people_of, refused, said, to};
use crate::access::entity::rule;
use crate::access::rules::{self, NewRule, Rules};
use crate::access::{Action, Role, permit};
use crate::assets::movements::{keeping, numbers};
use crate::assets::submissions::standard;
use crate::kernel::{Ctx, Timestamp};
use crate::org::Directory;
use crate::vehicles::{reminders, trips};
use crate::web::extract::{Path, Query};
use crate::web::pages::form::{Faults, in_query};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// A rule's name as people say it; one that no page knows yet is called as the database calls it.
fn called<'a>(frame: &'a Frame, name: &'a str) -> &'a str {
    let w = &frame.words.admin.rule_names;
    match name {
        rules::PASSWORD_MIN_LENGTH => &w.min_length,
        rules::PASSWORD_MIN_KINDS => &w.min_kinds,
        rules::PASSWORD_HISTORY => &w.history,
        rules::PASSWORD_MAX_AGE_DAYS => &w.max_age,
        rules::ARGON2 => &w.argon2,
        rules::SIGN_IN_TRIES => &w.tries,
        rules::SIGN_IN_WINDOW_MINUTES => &w.window,
        rules::SIGN_IN_LOCK_MINUTES => &w.lock,
        rules::SESSION_IDLE_MINUTES => &w.idle,
        rules::SESSION_ABSOLUTE_HOURS => &w.absolute,
        rules::LINK_HOURS => &w.link,
        rules::SECOND_FACTOR_ROLES => &w.factor_roles,
        rules::TOKEN_MAX_DAYS => &w.token_days,
        rules::WEBHOOK_KEEP_DAYS => &w.webhook_days,
        rules::SESSION_KEEP_DAYS => &w.session_days,
        keeping::DAYS => &w.confirm_days,
        numbers::PATTERN => &w.number_pattern,
        reminders::REMIND_DAYS => &w.remind_days,
        reminders::SUBMIT_BY_DAY => &w.submit_by_day,
        trips::service::GAP_TOLERANCE => &w.gap_km,
        trips::service::MOST_KM => &w.most_km,
        "fuel.video_days" => &w.video_days,
        "filling.capital_min_fen" => &w.capital_min,
        "filling.capital_min_special_fen" => &w.capital_min_special,
        "filling.special_equipment" => &w.special_equipment,
        other => {
            let of_cards = other.strip_prefix("filling.");
            let known = standard::RULES.iter().find(|rule| Some(rule.name) == of_cards);
            known.map_or(other, |rule| frame.either(rule.zh, rule.en))
        }
    }
}

/// A value; names of roles as people say them.
fn value(frame: &Frame, row: &rule::Model) -> String {
    if row.name != rules::SECOND_FACTOR_ROLES {
        return row.value.clone();
    }
    let role = |name: &str| {
        Role::by_name(name.trim()).map_or(name.to_owned(), |role| frame.either(role.zh(), role.name()).to_owned())
    };
    row.value.split(',').map(role).collect::<Vec<_>>().join(frame.either("、", ", "))
}

/// From when; the rules that the program came with hold since ever.
pub(super) fn since(frame: &Frame, at: Timestamp) -> String {
    if at.0 == 0 { frame.words.admin.rules.from_the_start.clone() } else { at.to_string() }
}

pub(super) async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::AccountsRead, None)?;
    let (all, now, w) = (rules::current(app.db()).await?, ctx.now(), &frame.words.admin.rules);
    let mut table = Table::new(&[&w.rule, &w.value, &w.since, &w.source, &w.coming]);
    let mut names: Vec<&str> = all.rows().into_iter().map(|row| row.name.as_str()).collect();
    names.dedup();
    for name in names {
        let Some(held) = all.at(name, now) else { continue };
        let coming = all.rows().into_iter().filter(|row| row.name == name && now < row.effective_from);
        let coming = coming.max_by_key(|row| (std::cmp::Reverse(row.effective_from), row.version));
        let coming = coming.map(|row| format!("{}：{}", row.effective_from.day(), value(&frame, row)));
        table.rows.push(vec![
            Td::link(called(&frame, name), format!("/rules/{}", in_query(name))).because(name),
            value(&frame, held).into(),
            Td { class: "tight", ..since(&frame, held.effective_from).into() },
            held.source.as_str().into(),
            coming.unwrap_or_default().into(),
        ]);
    }
    let mut steps = Vec::new();
    if frame.may(Action::ApprovalsDefine) {
        let (text, href) = (frame.words.nav.chains.clone(), "/chains".to_owned());
        steps.push(Step { text, href, ..Step::default() });
    }
    let block = Block { table: Some(table), ..Block::default() };
    let (said, title, lead) = (said(&frame, &asked), w.title.clone(), w.lead.clone());
    Ok(Board { said, steps, lead, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn one(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(name): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    page(&app, &ctx, frame, &name, &asked, &Faults::default()).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    name: &str,
    typed: &Typed,
    faults: &Faults,
) -> Result<Response, ApiError> {
    permit(ctx, Action::AccountsRead, None)?;
    let (all, now) = (rules::current(app.db()).await?, ctx.now());
    let rows: Vec<&rule::Model> = all.rows().into_iter().filter(|row| row.name == name).rev().collect();
    let held = all.at(name, now).or_else(|| rows.first().copied());
    let held = held.ok_or_else(|| ApiError::NotFound("没有找到这条规则".to_owned()))?;
    let w = &frame.words.admin.rules;
    let mut blocks = Vec::new();
    if frame.may(Action::RulesWrite) {
        blocks.push(Block {
            title: w.set_anew.clone(),
            form: Some(form(&frame, held, typed, faults)),
            ..Block::default()
        });
    }
    let table = history(app, &frame, &all, &rows, now).await?;
    blocks.push(Block { title: w.history.clone(), table: Some(table), ..Block::default() });
    let title = format!("{}{}{}", called(&frame, name), frame.either("：", ": "), value(&frame, held));
    let (said, back) = (said(&frame, typed), ("/rules".to_owned(), frame.words.nav.rules.clone()));
    Ok(Board { said, back, lead: held.source.clone(), blocks, ..Board::new(frame, title) }.answer())
}

fn form(frame: &Frame, held: &rule::Model, typed: &Typed, faults: &Faults) -> Sheet {
    let w = &frame.words.admin.rules;
    let or = |name: &str, otherwise: &str| match typed.get(name) {
        "" => otherwise.to_owned(),
        text => text.to_owned(),
    };
    Sheet {
        action: format!("/rules/{}", in_query(&held.name)),
        fields: vec![
            Field::text("value", &w.value, &or("value", &held.value), faults),
            Field::input("effective_from", &w.from_day, "date", typed.get("effective_from"), faults).help(&w.from_help),
            Field::text("source", &w.source, &or("source", &held.source), faults).help(&w.source_help),
        ],
        submit: w.set.clone(),
        general: faults.general().to_owned(),
        confirm: w.sure.clone(),
        ..Sheet::default()
    }
}

async fn history(
    app: &App,
    frame: &Frame,
    all: &Rules,
    rows: &[&rule::Model],
    now: Timestamp,
) -> Result<Table, ApiError> {
    let w = &frame.words.admin.rules;
    let people = people_of(rows.iter().map(|row| row.set_by.as_str()));
    let names = Directory::load_some(app.db().read(), &[], &people).await?;
    let mut table = Table::new(&[&w.value, &w.since, &w.source, &w.by, &w.set_at, &frame.words.admin.shared.state]);
    for row in rows {
        let is_held = all.at(&row.name, now).is_some_and(|held| held.version == row.version);
        let state = match (is_held, now < row.effective_from) {
            (true, _) => Td::mark("good", w.in_force.clone()),
            (false, true) => Td::mark("ask", w.to_come.clone()),
            (false, false) => Td::mark("gone", w.past.clone()),
        };
        table.rows.push(vec![
            value(frame, row).into(),
            Td { class: "tight", ..since(frame, row.effective_from).into() },
            row.source.as_str().into(),
            actor(frame, &names, &row.set_by).into(),
            Td { class: "tight", ..since(frame, row.set_at).into() },
            state,
        ]);
    }
    Ok(table)
}

pub(super) async fn set(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(name): Path<String>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::RulesWrite, None)?;
    let day = match typed.day("effective_from", &frame) {
        Ok(day) => day.filter(|day| day.day() != ctx.now().day()),
        Err(faults) => return page(&app, &ctx, frame, &name, &typed, &faults).await,
    };
    let new = NewRule {
        name: name.clone(),
        value: typed.get("value").to_owned(),
        // Today is from now on.
        effective_from: day,
        source: typed.get("source").to_owned(),
    };
    let asker = ctx.clone();
    match app.write(move |db| async move { rules::set(&db, &asker, new).await }).await {
        Ok(_) => Ok(to(&format!("/rules/{}", in_query(&name)), "saved")),
        Err(error) => {
            let faults = refused(error, &["value", "effective_from", "source"])?;
            page(&app, &ctx, frame, &name, &typed, &faults).await
        }
    }
}
