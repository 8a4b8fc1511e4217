//! What the program does by itself: jobs, waiting, running, done and given up.

use axum::extract::State;
use axum::response::Response;
use sea_orm::ActiveEnum as _;

use super::board::{Block, Board, Field, Step, Table, Td, rows_of};
use super::shared::Typed;
use crate::access::{Action, permit};
use crate::db::order::By;
use crate::jobs::JobState;
use crate::jobs::entity::{Column, Model};
use crate::jobs::queue::{self, Wanted};
use crate::web::extract::Query;
use crate::web::pages::parts::{cut, order};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const STATES: [JobState; 4] = [JobState::Waiting, JobState::Running, JobState::Done, JobState::Failed];
const KINDS: [&str; 7] = [
    "findings.overdue",
    "approvals.unratified",
    "assets.responsible",
    "vehicles.reminders",
    "webhooks.deliver",
    "webhooks.prune",
    "jobs.prune",
];

/// What the list can be sorted by.
const WAYS: [(&str, By<Column>); 5] = [
    ("kind", By::Full(Column::Kind)),
    ("state", By::Full(Column::State)),
    ("last", By::Number(Column::FinishedAt)),
    ("next", By::Full(Column::RunAt)),
    ("tries", By::Full(Column::Attempts)),
];

fn state(frame: &Frame, state: JobState) -> (&'static str, &'static str) {
    let w = &frame.words.admin.jobs;
    match state {
        JobState::Waiting => ("ask", &w.waiting),
        JobState::Running => ("calm", &w.running),
        JobState::Done => ("good", &w.done),
        JobState::Failed => ("bad", &w.failed),
    }
}

fn called<'a>(frame: &'a Frame, kind: &'a str) -> &'a str {
    let w = &frame.words.admin.jobs;
    match kind {
        "findings.overdue" => &w.overdue,
        "approvals.unratified" => &w.unratified,
        "assets.responsible" => &w.responsible,
        "vehicles.reminders" => &w.reminders,
        "webhooks.deliver" => &w.deliver,
        "webhooks.prune" => &w.forget_sent,
        "jobs.prune" => &w.prune,
        other => other,
    }
}

/// How long between two runs.
fn every(frame: &Frame, ms: i64) -> String {
    let w = &frame.words.admin.jobs;
    let (minutes, hours, days) = (ms / 60_000, ms / 3_600_000, ms / 86_400_000);
    match (days, hours) {
        (0, 0) => w.minutes.replace("{count}", &minutes.to_string()),
        (0, _) => w.hours.replace("{count}", &hours.to_string()),
        _ => w.days.replace("{count}", &days.to_string()),
    }
}

pub(super) async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::JobsRead, None)?;
    let db = app.db().read();
    let chosen = STATES.into_iter().find(|state| state.to_value() == asked.get("state"));
    let wanted = Wanted { state: chosen, kind: asked.sought("kind")?, before: asked.id("after") };
    let limit = rows_of(&frame);
    let mut rows = match order(&frame, &WAYS, wanted.before.map(Into::into)) {
        Some(order) => queue::sorted(db, &wanted, &order, limit + 1).await?,
        None => queue::list(db, &wanted, limit + 1).await?,
    };
    let next = cut(&mut rows, limit, |row| row.id.to_string());
    let counts = queue::counts(db).await?;
    let count = |state: JobState| counts.iter().find(|(at, _)| *at == state).map_or(0, |(_, many)| *many);
    let w = &frame.words.admin.jobs;
    let tries = format!("#{}", w.tries);
    let mut table =
        Table::new(&[&w.job, &frame.words.admin.shared.state, &w.last, &w.next, &w.every, &tries, &w.error]);
    table.rows = rows.iter().map(|row| line(&frame, row)).collect();
    (table.next, table.paged, table.away) = (next, true, true);
    table.sorts = &[(0, "kind"), (1, "state"), (2, "last"), (3, "next"), (5, "tries")];
    table.empty = ("clock-cog", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    let facts = STATES.into_iter().map(|at| {
        let name = at.to_value();
        let many = count(at).to_string();
        let mut td = Td::link(many, format!("/jobs?state={name}"));
        td.class = "num";
        (state(&frame, at).1.to_owned(), td)
    });
    let blocks =
        vec![Block { facts: facts.collect(), ..Block::default() }, Block { table: Some(table), ..Block::default() }];
    let states = STATES.map(|at| (at.to_value(), state(&frame, at).1.to_owned())).to_vec();
    let kinds = KINDS.map(|kind| (kind.to_owned(), called(&frame, kind).to_owned())).to_vec();
    let filters = vec![
        Field::filter_of(&frame, "state", &frame.words.admin.shared.state, states),
        Field::filter_of(&frame, "kind", &w.job, kinds),
    ];
    let mut steps = Vec::new();
    if frame.may(Action::WebhooksWrite) {
        let (text, href) = (frame.words.admin.webhooks.title.clone(), "/webhooks".to_owned());
        steps.push(Step { text, href, ..Step::default() });
    }
    let failed = count(JobState::Failed);
    let title = if failed == 0 { w.title.clone() } else { w.title_failed.replace("{count}", &failed.to_string()) };
    Ok(Board { filters, steps, lead: w.lead.clone(), blocks, ..Board::new(frame, title) }.answer())
}

fn line(frame: &Frame, row: &Model) -> Vec<Td> {
    let (look, word) = state(frame, row.state);
    let is_to_come = row.state == JobState::Waiting;
    vec![
        Td::from(called(frame, &row.kind)).because(row.kind.clone()),
        Td::mark(look, word),
        Td::time(row.finished_at),
        Td::time(is_to_come.then_some(row.run_at)),
        row.every_ms.map(|ms| every(frame, ms)).unwrap_or_default().into(),
        Td::num(format!("{}/{}", row.attempts, row.max_attempts), ""),
        row.last_error.clone().unwrap_or_default().into(),
    ]
}
