//! Approval chains: who must say yes to what, from which day on. A chain is never changed: a new one begins.

use axum::Form;
use axum::extract::State;
use axum::response::Response;

use super::board::{Block, Board, Field, Form as Sheet, Kind, Step as Button, Table, Td};
use super::rules::since;
use super::shared::{Typed, refused, said, to};
use crate::access::{Action, Role, permit};
use crate::approvals::chains::{self, Chain, MOST, Tier};
use crate::approvals::entity::chain;
use crate::approvals::granted::may_decide;
use crate::approvals::model::{Level, Step};
use crate::db::Db;
use crate::kernel::{Ctx, Fen, Timestamp};
use crate::web::extract::{Path, Query};
use crate::web::pages::form::{Faults, in_query};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// Tiers and steps that an empty form offers.
const LEAST: usize = 3;
const LEVELS: [(&str, Level); 3] =
    [("own_unit", Level::OwnUnit), ("parent", Level::Parent), ("sub_bureau", Level::SubBureau)];

fn level_word(frame: &Frame, level: Level) -> &'static str {
    let w = &frame.words.admin.chains;
    match level {
        Level::OwnUnit => &w.own_unit,
        Level::Parent => &w.parent,
        Level::SubBureau => &w.sub_bureau,
    }
}

fn step_word(frame: &Frame, step: Step) -> String {
    format!("{} {}", level_word(frame, step.level), frame.either(step.role.zh(), step.role.name()))
}

/// The steps of a tier, in order.
fn steps_text(frame: &Frame, tier: &Tier) -> String {
    tier.steps.iter().map(|step| step_word(frame, *step)).collect::<Vec<_>>().join(" → ")
}

fn tier_name(frame: &Frame, tier: &Tier) -> String {
    let w = &frame.words.admin.chains;
    if tier.from == Fen::ZERO { w.any_amount.clone() } else { w.amount_from.replace("{yuan}", &tier.from.to_string()) }
}

/// The chain of a kind that holds now: the last begun, unless it has ended.
fn holding<'a>(all: &'a [Chain], kind: &str, now: Timestamp) -> Option<&'a Chain> {
    let begun = all.iter().filter(|chain| chain.head.kind == kind && chain.head.effective_from <= now);
    let last = begun.max_by_key(|chain| chain.head.effective_from)?;
    last.head.effective_until.is_none_or(|until| now < until).then_some(last)
}

pub(super) async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let all = chains::all(app.db().read(), &ctx).await?;
    let (now, w) = (ctx.now(), &frame.words.admin.chains);
    let mut kinds: Vec<&str> = all.iter().map(|chain| chain.head.kind.as_str()).collect();
    kinds.dedup();
    let mut table = Table::new(&[&w.what, &w.steps, &w.ratify, &frame.words.admin.rules.since, &w.source]);
    for kind in kinds {
        let Some(last) = all.iter().rev().find(|chain| chain.head.kind == kind) else { continue };
        let href = format!("/chains/{}", in_query(kind));
        table.rows.push(match holding(&all, kind, now) {
            Some(held) => {
                let tiers: Vec<String> = held.tiers.iter().map(|tier| steps_text(&frame, tier)).collect();
                vec![
                    Td::link(held.head.name.clone(), href).because(kind),
                    Td::from(tiers.first().cloned().unwrap_or_default()).because(more(&frame, &held.tiers)),
                    ratify(&frame, held.head.ratify_within_h).into(),
                    Td { class: "tight", ..since(&frame, held.head.effective_from).into() },
                    held.head.source.as_str().into(),
                ]
            }
            None => vec![
                Td::link(last.head.name.clone(), href).because(kind),
                Td::mark("gone", w.none_holds.clone()),
                Td::default(),
                Td::default(),
                Td::default(),
            ],
        });
    }
    table.empty = ("git-branch", w.none.clone(), w.lead.clone(), String::new(), String::new());
    let why = if frame.may(Action::ApprovalsDefine) { String::new() } else { w.only_security.clone() };
    let steps =
        vec![Button { text: w.new.clone(), href: "/chains/new".to_owned(), why, primary: true, ..Button::default() }];
    let block = Block { table: Some(table), ..Block::default() };
    let (said, title, lead) = (said(&frame, &asked), w.title.clone(), w.lead.clone());
    Ok(Board { said, steps, lead, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

/// What is asked beyond the least amount.
fn more(frame: &Frame, tiers: &[Tier]) -> String {
    let each = tiers.iter().skip(1);
    let each =
        each.map(|tier| format!("{}{}{}", tier_name(frame, tier), frame.either("：", ": "), steps_text(frame, tier)));
    each.collect::<Vec<_>>().join(frame.either("；", "; "))
}

fn ratify(frame: &Frame, hours: Option<i64>) -> String {
    let w = &frame.words.admin.chains;
    hours.map_or_else(|| w.not_first.clone(), |hours| w.within.replace("{hours}", &hours.to_string()))
}

pub(super) async fn one(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(kind): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let all = chains::all(app.db().read(), &ctx).await?;
    let now = ctx.now();
    let held = holding(&all, &kind, now).map(|chain| chain.head.effective_from);
    let w = &frame.words.admin.chains;
    let mut blocks = Vec::new();
    let mut name = String::new();
    for chain in all.iter().rev().filter(|chain| chain.head.kind == kind) {
        let head = &chain.head;
        if name.is_empty() {
            name.clone_from(&head.name);
        }
        let state = if held == Some(head.effective_from) {
            Td::mark("good", frame.words.admin.rules.in_force.clone())
        } else if now < head.effective_from {
            Td::mark("ask", frame.words.admin.rules.to_come.clone())
        } else {
            Td::mark("gone", frame.words.admin.rules.past.clone())
        };
        let until = head.effective_until.map_or_else(|| frame.words.admin.accounts.no_end.clone(), |at| at.to_string());
        let facts = vec![
            (frame.words.admin.shared.state.clone(), state),
            (frame.words.admin.accounts.until.clone(), until.into()),
            (w.ratify.clone(), ratify(&frame, head.ratify_within_h).into()),
            (w.source.clone(), head.source.as_str().into()),
        ];
        let mut table = Table::new(&[&w.amount, &w.steps]);
        for tier in &chain.tiers {
            table.rows.push(vec![tier_name(&frame, tier).into(), steps_text(&frame, tier).into()]);
        }
        let title = w.version.replace("{from}", &since(&frame, head.effective_from));
        blocks.push(Block { title, facts, table: Some(table), ..Block::default() });
    }
    if blocks.is_empty() {
        return Err(ApiError::NotFound("没有这种审批流程".to_owned()));
    }
    let why = if frame.may(Action::ApprovalsDefine) { String::new() } else { w.only_security.clone() };
    let href = format!("/chains/new?kind={}", in_query(&kind));
    let steps = vec![Button { text: w.new_version.clone(), href, why, primary: true, ..Button::default() }];
    let (said, back) = (said(&frame, &asked), ("/chains".to_owned(), frame.words.nav.chains.clone()));
    Ok(Board { said, back, steps, lead: kind, blocks, ..Board::new(frame, name) }.answer())
}

pub(super) async fn new(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::ApprovalsDefine, None)?;
    let all = chains::all(app.db().read(), &ctx).await?;
    // A new version begins with what holds: most change one step.
    let kind = asked.get("kind");
    let from = holding(&all, kind, ctx.now()).or_else(|| all.iter().rev().find(|chain| chain.head.kind == kind));
    let typed = from.map_or_else(Typed::default, filled);
    form(&ctx, frame, &typed, &Faults::default())
}

/// A chain as the form shows it.
fn filled(chain: &Chain) -> Typed {
    let head = &chain.head;
    let ratify = head.ratify_within_h.map(|hours| hours.to_string()).unwrap_or_default();
    let mut fields = vec![
        ("kind".to_owned(), head.kind.clone()),
        ("name".to_owned(), head.name.clone()),
        ("source".to_owned(), head.source.clone()),
        ("ratify_within_h".to_owned(), ratify),
        ("tiers".to_owned(), (chain.tiers.len() + 1).to_string()),
        ("steps".to_owned(), (chain.tiers.iter().map(|tier| tier.steps.len()).max().unwrap_or(0) + 1).to_string()),
    ];
    for (t, tier) in chain.tiers.iter().enumerate() {
        fields.push((format!("from_{t}"), tier.from.plain()));
        for (s, step) in tier.steps.iter().enumerate() {
            let level = LEVELS.iter().find(|(_, level)| *level == step.level).map_or("", |(name, _)| name);
            fields.push((format!("step_{t}_{s}"), format!("{}@{level}", step.role.name())));
        }
    }
    Typed::of(&fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>())
}

/// How many tiers and steps a tier the form has.
fn size(typed: &Typed) -> (usize, usize) {
    let of = |name: &str| typed.get(name).parse().unwrap_or(LEAST).clamp(LEAST, MOST);
    (of("tiers"), of("steps"))
}

fn form(ctx: &Ctx, frame: Frame, typed: &Typed, faults: &Faults) -> Result<Response, ApiError> {
    permit(ctx, Action::ApprovalsDefine, None)?;
    let w = &frame.words.admin.chains;
    let mut fields = vec![
        Field::text("kind", &w.kind, typed.get("kind"), faults).help(&w.kind_help),
        Field::text("name", &w.name, typed.get("name"), faults),
        Field::input("effective_from", &frame.words.admin.rules.from_day, "date", typed.get("effective_from"), faults)
            .help(&w.from_help),
        Field::input(
            "effective_until",
            &frame.words.admin.accounts.last_day,
            "date",
            typed.get("effective_until"),
            faults,
        )
        .help(&frame.words.admin.accounts.until_help),
        Field::input("ratify_within_h", &w.ratify, "number", typed.get("ratify_within_h"), faults).help(&w.ratify_help),
        Field::text("source", &w.source, typed.get("source"), faults).help(&frame.words.admin.rules.source_help),
    ];
    let (tiers, steps) = size(typed);
    let options = options(&frame);
    for t in 0..tiers {
        let number = (t + 1).to_string();
        let title = Field { kind: Kind::Heading, label: w.tier.replace("{number}", &number), ..Field::default() };
        fields.push(title);
        let (from, yuan) = (format!("from_{t}"), if t == 0 && typed.get("from_0").is_empty() { "0" } else { "" });
        let yuan = if typed.get(&from).is_empty() { yuan } else { typed.get(&from) };
        fields.push(Field::text(&from, &w.amount_yuan, yuan, faults));
        for s in 0..steps {
            let (id, label) = (format!("step_{t}_{s}"), w.step.replace("{number}", &(s + 1).to_string()));
            fields.push(Field::choice(&id, &label, options.clone(), typed.get(&id), faults));
        }
    }
    let sheet = Sheet {
        action: "/chains/new".to_owned(),
        fields,
        hidden: vec![("tiers".to_owned(), tiers.to_string()), ("steps".to_owned(), steps.to_string())],
        submit: w.define.clone(),
        general: faults.general().to_owned(),
        confirm: w.sure.clone(),
        cancel: "/chains".to_owned(),
        ..Sheet::default()
    };
    let block = Block { notes: vec![w.new_help.clone()], form: Some(sheet), ..Block::default() };
    let title = w.new.clone();
    let back = ("/chains".to_owned(), frame.words.nav.chains.clone());
    Ok(Board { back, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

/// Every role that decides, at every level.
fn options(frame: &Frame) -> Vec<(String, String)> {
    let mut options = vec![(String::new(), frame.words.admin.chains.no_step.clone())];
    for (name, level) in LEVELS {
        for role in Role::ALL.iter().copied().filter(|role| may_decide(*role)) {
            options.push((format!("{}@{name}", role.name()), step_word(frame, Step { role, level })));
        }
    }
    options
}

/// The chain as it was typed; what is left blank is not there.
fn read(typed: &Typed, frame: &Frame) -> Result<Chain, Faults> {
    const DAY_MS: i64 = 86_400_000;
    let w = &frame.words.admin.chains;
    let missing = || Faults::at("effective_from", frame.words.admin.shared.bad_day.clone());
    let from = typed.day("effective_from", frame)?.ok_or_else(missing)?;
    let until = typed.day("effective_until", frame)?.map(|day| Timestamp(day.0.saturating_add(DAY_MS)));
    let ratify_within_h = match typed.get("ratify_within_h") {
        "" => None,
        hours => Some(hours.parse().map_err(|_| Faults::at("ratify_within_h", w.bad_hours.clone()))?),
    };
    let (many, steps) = size(typed);
    let mut tiers = Vec::new();
    for t in 0..many {
        let named = (0..steps).map(|s| format!("step_{t}_{s}"));
        let steps: Vec<Step> = named.filter_map(|id| step_of(typed.get(&id))).collect();
        if steps.is_empty() {
            continue;
        }
        let field = format!("from_{t}");
        let from = Fen::parse_yuan(typed.get(&field)).map_err(|error| Faults::at(&field, error.to_string()))?;
        tiers.push(Tier { from, steps });
    }
    let head = chain::Model {
        kind: typed.get("kind").to_owned(),
        effective_from: from,
        effective_until: until,
        name: typed.get("name").to_owned(),
        source: typed.get("source").to_owned(),
        ratify_within_h,
    };
    Ok(Chain { head, tiers })
}

fn step_of(text: &str) -> Option<Step> {
    let (role, level) = text.split_once('@')?;
    let level = LEVELS.iter().find(|(name, _)| *name == level)?.1;
    Some(Step { role: Role::by_name(role)?, level })
}

pub(super) async fn define(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::ApprovalsDefine, None)?;
    let new = match read(&typed, &frame) {
        Ok(new) => new,
        Err(faults) => return form(&ctx, frame, &typed, &faults),
    };
    let asker = ctx.clone();
    // Of a day that has begun, what is left of it.
    let is_today = new.head.effective_from.day() == ctx.now().day();
    let work = async move |db: Db| {
        if is_today { chains::define_now(&db, &asker, new).await } else { chains::define(&db, &asker, new).await }
    };
    match app.write(work).await {
        Ok(made) => Ok(to(&format!("/chains/{}", in_query(&made.head.kind)), "saved")),
        Err(error) => {
            let fields = ["kind", "name", "source", "effective_from", "effective_until", "ratify_within_h"];
            form(&ctx, frame, &typed, &refused(error, &fields)?)
        }
    }
}
