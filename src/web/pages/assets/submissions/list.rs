//! The list of submissions.

use axum::extract::State as Extract;
use axum::response::Response;
use uuid::Uuid;

use super::{kind_word, state_mark};
use crate::access::{Action, permit_somewhere};
use crate::assets::submissions::entity::submission;
use crate::assets::submissions::model::{Kind, State};
use crate::assets::submissions::store::{self, Wanted};
use crate::db::order::By;
use crate::kernel::text::thousands;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Step, Table, Td, rows_of};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::duties::names::Names;
use crate::web::pages::parts::{cut, order};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// What the list can be sorted by.
const WAYS: [(&str, By<submission::Column>); 7] = [
    ("number", By::Full(submission::Column::Number)),
    ("kind", By::Full(submission::Column::Kind)),
    ("unit", By::Of(submission::Column::UnitId, "units", "name")),
    ("as_of", By::Full(submission::Column::AsOf)),
    ("state", By::Full(submission::Column::State)),
    ("lines", By::Full(submission::Column::LineCount)),
    ("value", By::Full(submission::Column::ValueFen)),
];

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::SubmissionsRead)?;
    let known = |name: &str| ApiError::invalid(name, format!("筛选条件“{}”无效", asked.get(name)));
    let kind = match asked.get("kind") {
        "" => None,
        name => Some(Kind::by_name(name).ok_or_else(|| known("kind"))?),
    };
    let state = match asked.get("state") {
        "" => None,
        name => Some(State::by_name(name).ok_or_else(|| known("state"))?),
    };
    let wanted = Wanted { kind, state, before: asked.id::<Uuid>("after") };
    let db = app.db().read();
    let limit = rows_of(&frame);
    let mut rows = match order(&frame, &WAYS, wanted.before.map(Into::into)) {
        Some(order) => store::sorted(db, &ctx, &wanted, &order, limit + 1).await?,
        None => store::list(db, &ctx, &wanted, limit + 1).await?,
    };
    let next = cut(&mut rows, limit, |row| row.id.to_string());
    let signers = |row: &submission::Model| [row.prepared_by, row.reviewed_by, row.approved_by];
    let people: Vec<_> = rows.iter().flat_map(signers).flatten().collect();
    let names = Names::of(db, people, []).await?;
    let w = &frame.words.submissions.list;
    let count = |name: &String| format!("#{name}");
    let (lines, value) = (count(&w.lines), count(&w.value));
    let mut table =
        Table::new(&[&w.number, &w.kind, &w.unit, &w.as_of, &w.state, &lines, &value, &w.errors, &w.signed]);
    table.rows = rows.iter().map(|row| line(&frame, &names, row)).collect();
    (table.next, table.paged, table.away) = (next, true, true);
    table.sorts = &[(0, "number"), (1, "kind"), (2, "unit"), (3, "as_of"), (4, "state"), (5, "lines"), (6, "value")];
    let begin = if frame.may(Action::SubmissionsPrepare) { "/assets/submissions/new" } else { "" };
    table.empty = ("report-analytics", w.none.clone(), w.none_help.clone(), begin.to_owned(), w.begin.clone());
    let kinds = Kind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind_word(&frame, *kind))).collect();
    let states = State::ALL.iter().map(|state| (state.as_str().to_owned(), state_mark(&frame, *state).text)).collect();
    let filters =
        vec![Field::filter_of(&frame, "kind", &w.kind, kinds), Field::filter_of(&frame, "state", &w.state, states)];
    let not_yours = &frame.words.submissions.new.not_yours;
    let step = Step {
        text: w.begin.clone(),
        href: "/assets/submissions/new".to_owned(),
        why: if frame.may(Action::SubmissionsPrepare) { String::new() } else { not_yours.clone() },
        primary: true,
        ..Step::default()
    };
    let title = w.heading.clone();
    let blocks = vec![Block { table: Some(table), ..Block::default() }];
    Ok(Board { filters, steps: vec![step], blocks, ..Board::new(frame, title) }.answer())
}

fn line(frame: &Frame, names: &Names, row: &submission::Model) -> Vec<Td> {
    let w = &frame.words.submissions.list;
    let mark = state_mark(frame, row.state);
    let unit = row.unit_id.map_or_else(|| w.whole.clone(), |unit| names.unit(Some(unit)));
    let signed: Vec<String> = [row.prepared_by, row.reviewed_by, row.approved_by]
        .into_iter()
        .map(|who| who.map_or_else(|| "—".to_owned(), |who| names.person(Some(who))))
        .collect();
    vec![
        Td { class: "mono", ..Td::link(row.number.clone(), format!("/assets/submissions/{}", row.number)) },
        Td::from(kind_word(frame, row.kind)),
        unit.into(),
        Td { class: "tight", ..Td::from(row.as_of.to_string()) },
        Td::mark(mark.look, mark.text),
        Td::num(thousands(row.line_count.unsigned_abs()), ""),
        Td::num(row.value_fen.to_string(), ""),
        Td::from(format!("{} / {}", row.error_count, row.warning_count)),
        Td::from(signed.join(" / ")),
    ]
}
