//! One submission: who signed, its sums with the way to their lines, what the standard says, what may be done now.

use axum::extract::State as Extract;
use axum::response::Response;
use hashbrown::HashMap;

use super::{by_word, deed_word, deeds, kind_word, rule_word, severity_mark, state_mark};
use crate::assets::submissions::entity::{submission, submission_message, submission_step};
use crate::assets::submissions::figures::{By, Figures, Sum};
use crate::assets::submissions::model::Severity;
use crate::assets::submissions::store;
use crate::kernel::Ctx;
use crate::kernel::text::thousands;
use crate::web::api::assets::submissions::seen;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Step, Table, Td};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::{Faults, in_query};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// What the page shows besides the submission.
#[derive(Default)]
pub(super) struct Beside {
    pub(super) said: String,
    pub(super) deed: String,
    pub(super) typed: Typed,
    pub(super) faults: Faults,
}

/// What is said of the messages of one rule.
#[derive(Debug, Default, Clone)]
pub(super) struct Told {
    pub(super) rule: String,
    pub(super) severity: Option<Severity>,
    pub(super) count: usize,
    pub(super) open: usize,
    few: Vec<String>,
    reasons: Vec<String>,
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let w = &frame.words.submissions.one;
    let said = match asked.get("said") {
        "begun" => &w.said_begun,
        "computed" => &w.said_computed,
        "answered" => &w.said_answered,
        "prepared" => &w.said_prepared,
        "reviewed" => &w.said_reviewed,
        "approved" => &w.said_approved,
        "submitted" => &w.said_submitted,
        "sent_back" => &w.said_sent_back,
        "voided" => &w.said_voided,
        _ => "",
    };
    let said = said.to_owned();
    page(&app, &ctx, &number, frame, Beside { said, ..Beside::default() }).await
}

pub(super) async fn page(
    app: &App,
    ctx: &Ctx,
    number: &str,
    frame: Frame,
    beside: Beside,
) -> Result<Response, ApiError> {
    let row = seen(app, ctx, number).await?;
    let db = app.db().read();
    let (figures, steps) = (store::figures(&row)?, store::steps(db, &row).await?);
    let messages = store::messages(db, &row, None, 0, u64::MAX >> 1).await?;
    let told = by_rule(&messages);
    let people = [row.prepared_by, row.reviewed_by, row.approved_by, row.submitted_by];
    let actors: Vec<&str> = steps.iter().map(|step| step.actor.as_str()).chain([row.begun_by.as_str()]).collect();
    let names = Names::of(db, people.into_iter().flatten(), actors).await?;
    let w = &frame.words.submissions.one;
    let mark = state_mark(&frame, row.state);
    let title = format!("{} {} · {}", kind_word(&frame, row.kind), row.number, mark.text);
    let mut blocks = deeds::forms(&frame, ctx, &row, &told, &beside);
    blocks.push(Block { title: w.facts.clone(), facts: facts(&frame, &names, &row), ..Block::default() });
    blocks.push(checks(&frame, &row, &told));
    blocks.extend(sums(&frame, &row, &figures));
    blocks.push(stages(&frame, &names, &steps));
    let at = |rest: &str| format!("/assets/submissions/{}/{rest}", row.number);
    let to = |text: &String, rest: &str, file| Step { text: text.clone(), href: at(rest), file, ..Step::default() };
    let steps = vec![
        to(&w.see_lines, "lines", false),
        to(&w.see_differences, "differences", false),
        to(&w.xlsx, "report.xlsx", true),
        to(&w.pdf, "report.pdf", true),
    ];
    let back = ("/assets/submissions".to_owned(), frame.words.submissions.list.heading.clone());
    let lead = row.title.clone();
    Ok(Board { back, lead, said: beside.said, steps, blocks, ..Board::new(frame, title) }.answer())
}

fn by_rule(messages: &[submission_message::Model]) -> Vec<Told> {
    let mut order: Vec<Told> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for one in messages {
        let at = *known.entry(&one.rule).or_insert_with(|| {
            order.push(Told { rule: one.rule.clone(), severity: Some(one.severity), ..Told::default() });
            order.len() - 1
        });
        let Some(told) = order.get_mut(at) else { continue };
        told.count += 1;
        told.open += usize::from(one.acknowledged_by.is_none());
        if told.few.len() < 3 {
            told.few.push(one.item_number.clone());
        }
        if !one.acknowledged_reason.is_empty() && !told.reasons.contains(&one.acknowledged_reason) {
            told.reasons.push(one.acknowledged_reason.clone());
        }
    }
    order
}

fn facts(frame: &Frame, names: &Names, row: &submission::Model) -> Vec<(String, Td)> {
    let (w, l) = (&frame.words.submissions.one, &frame.words.submissions.list);
    let signed = |who: Option<crate::kernel::ids::PersonId>, at: Option<crate::kernel::Timestamp>| {
        Td::from(names.person(who)).because(at.map(|at| at.to_string()).unwrap_or_default())
    };
    let unit = row.unit_id.map_or_else(|| l.whole.clone(), |unit| names.unit(Some(unit)));
    let mut facts = vec![
        (l.state.clone(), Td { mark: Some(state_mark(frame, row.state)), ..Td::default() }),
        (l.unit.clone(), unit.into()),
        (l.as_of.clone(), row.as_of.to_string().into()),
        (w.edition.clone(), row.edition.to_string().into()),
        (w.computed.clone(), row.computed_at.to_string().into()),
        (w.hash.clone(), Td::mono(row.lines_hash.clone())),
        (w.prepared.clone(), signed(row.prepared_by, row.prepared_at)),
        (w.reviewed.clone(), signed(row.reviewed_by, row.reviewed_at)),
        (w.approved.clone(), signed(row.approved_by, row.approved_at)),
        (w.submitted.clone(), signed(row.submitted_by, row.submitted_at)),
        (w.sent_to.clone(), row.sent_to.clone().into()),
        (w.receipt.clone(), row.receipt.clone().into()),
    ];
    facts.retain(|(_, td)| !td.text.is_empty() || td.mark.is_some());
    facts
}

/// What the filling standard says, a line a rule, with the way to each message.
fn checks(frame: &Frame, row: &submission::Model, told: &[Told]) -> Block {
    let w = &frame.words.submissions.one;
    let numbers = [format!("#{}", w.count), format!("#{}", w.open)];
    let mut table = Table::new(&[&w.severity, &w.rule, &w.first, &numbers[0], &numbers[1], &w.reason]);
    table.rows = told
        .iter()
        .filter_map(|one| {
            let (look, word) = severity_mark(frame, one.severity?);
            let href = format!("/assets/submissions/{}/messages?rule={}", row.number, one.rule);
            let more = if one.count > one.few.len() { " …" } else { "" };
            Some(vec![
                Td::mark(look, word),
                Td::link(rule_word(frame, &one.rule), href.clone()),
                Td::mono(format!("{}{more}", one.few.join(" "))),
                Td::num(one.count.to_string(), href),
                Td::num(one.open.to_string(), ""),
                one.reasons.join("；").into(),
            ])
        })
        .collect();
    if table.rows.is_empty() {
        let alert = Some(("success", w.none_wrong.clone()));
        return Block { title: w.checks.clone(), alert, ..Block::default() };
    }
    let more = (format!("/assets/submissions/{}/messages", row.number), w.see_all.clone());
    Block { title: w.checks.clone(), table: Some(table), more, ..Block::default() }
}

/// The sums, each number with the way to its lines.
fn sums(frame: &Frame, row: &submission::Model, figures: &Figures) -> Vec<Block> {
    let w = &frame.words.submissions.one;
    let heads = [&w.lines, &w.quantity, &w.value, &w.accumulated, &w.net].map(|name| format!("#{name}"));
    let all = format!("/assets/submissions/{}/lines", row.number);
    let mut blocks = Vec::new();
    for by in [By::Class, By::Unit, By::State, By::Verdict] {
        if figures.by(by).next().is_none() {
            continue;
        }
        let mut names = vec![w.by.as_str()];
        names.extend(heads.iter().map(String::as_str));
        let mut table = Table::new(&names);
        for group in figures.by(by) {
            let href = format!("{all}?by={}&key={}", by.as_str(), in_query(&group.key));
            let name = match by {
                By::State => group
                    .key
                    .parse()
                    .map_or(group.name.as_str(), |state| crate::web::pages::items::picks::state_word(frame, state)),
                _ => &group.name,
            };
            table.rows.push(numbers(name, &group.sum, &href));
        }
        table.rows.push(numbers(&w.total, &figures.total, &all));
        let notes = if blocks.is_empty() { vec![w.figures_help.clone()] } else { Vec::new() };
        let title = format!("{} · {}", w.figures, by_word(frame, by));
        blocks.push(Block { title, notes, table: Some(table), ..Block::default() });
    }
    blocks
}

fn numbers(name: &str, sum: &Sum, href: &str) -> Vec<Td> {
    vec![
        name.into(),
        Td::num(thousands(sum.lines.unsigned_abs()), href),
        Td::num(thousands(sum.quantity.unsigned_abs()), href),
        Td::num(sum.value.to_string(), href),
        Td::num(sum.accumulated.to_string(), href),
        Td::num(sum.net.to_string(), href),
    ]
}

fn stages(frame: &Frame, names: &Names, steps: &[submission_step::Model]) -> Block {
    let w = &frame.words.submissions.one;
    let mut table = Table::new(&[&w.deed, &w.who, &w.at, &w.note]);
    table.rows = steps
        .iter()
        .map(|step| {
            vec![
                deed_word(frame, step.deed).into(),
                names.actor(frame, &step.actor).into(),
                Td::time(Some(step.at)),
                step.note.clone().into(),
            ]
        })
        .collect();
    Block { title: w.steps.clone(), table: Some(table), ..Block::default() }
}
