//! The list of documents, filtered and taken away.

use axum::extract::State as Extract;
use axum::response::Response;
use uuid::Uuid;

use super::{kind_word, state_mark};
use crate::access::{Action, permit_somewhere};
use crate::assets::movements::entity::movement::Column;
use crate::assets::movements::model::{Kind, State};
use crate::assets::movements::store::{self, Shown, Wanted};
use crate::db::order::By;
use crate::items::store as items;
use crate::kernel::Ctx;
use crate::kernel::text::thousands;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Step, Table, Td};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::duties::names::{Names, spaced};
use crate::web::pages::parts::{self, Cell, PAGE, SHEET_ROWS, cut, order};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// What the list can be sorted by.
const WAYS: [(&str, By<Column>); 7] = [
    ("number", By::Full(Column::Number)),
    ("kind", By::Full(Column::Kind)),
    ("state", By::Full(Column::State)),
    ("unit", By::Of(Column::UnitId, "units", "name")),
    ("to_unit", By::Of(Column::ToUnitId, "units", "name")),
    ("count", By::Full(Column::LineCount)),
    ("by", By::Of(Column::AskerId, "people", "name")),
];

/// What the address asks for; a number of a thing that is not there fits nothing.
async fn wanted(app: &App, asked: &Typed) -> Result<Option<Wanted>, ApiError> {
    let known = |name: &str| ApiError::invalid(name, format!("筛选条件“{}”无效", asked.get(name)));
    let kind = match asked.get("kind") {
        "" => None,
        name => Some(Kind::by_name(name).ok_or_else(|| known("kind"))?),
    };
    let state = match asked.get("state") {
        "" => None,
        name => Some(State::by_name(name).ok_or_else(|| known("state"))?),
    };
    let item = match asked.sought("item")? {
        None => None,
        Some(number) => match items::by_number(app.db().read(), &number).await? {
            Some(thing) => Some(thing.id),
            None => return Ok(None),
        },
    };
    let before = asked.id::<Uuid>("after");
    Ok(Some(Wanted { kind, state, unit: asked.id("unit"), item, mine: asked.get("mine") == "yes", before }))
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let db = app.db().read();
    let wanted = wanted(&app, &asked).await?;
    let sheet = asked.get("as") == "xlsx";
    let limit = if sheet { SHEET_ROWS } else { PAGE + 1 };
    let order =
        order(&frame, &WAYS, wanted.as_ref().and_then(|wanted| wanted.before).filter(|_| !sheet).map(Into::into));
    let mut rows = match (&wanted, &order) {
        (Some(wanted), Some(order)) => store::sorted(db, &ctx, wanted, order, limit).await?,
        (Some(wanted), None) if sheet => {
            store::list(db, &ctx, &Wanted { before: None, ..wanted.clone() }, limit).await?
        }
        (Some(wanted), None) => store::list(db, &ctx, wanted, limit).await?,
        (None, _) => Vec::new(),
    };
    if sheet {
        return export(&app, &ctx, &frame, &rows).await;
    }
    let next = cut(&mut rows, PAGE, |one| one.row.id.to_string());
    let names = Names::of(db, rows.iter().filter_map(|one| one.row.asker_id), []).await?;
    let w = &frame.words.movements.list;
    let heads = [&w.number, &w.kind, &w.state, &w.unit, &w.to_unit, &format!("#{}", w.count), &w.reason, &w.asked_by];
    let mut table = Table::new(&heads.map(String::as_str));
    table.rows = rows.iter().map(|one| line(&frame, &ctx, &names, one)).collect();
    (table.next, table.paged) = (next, true);
    table.sorts = &[(0, "number"), (1, "kind"), (2, "state"), (3, "unit"), (4, "to_unit"), (5, "count"), (7, "by")];
    let begin = if frame.may(Action::AssetsMove) { "/assets/movements/new" } else { "" };
    table.empty = ("arrows-exchange", w.none.clone(), w.none_help.clone(), begin.to_owned(), w.ask.clone());
    let mine = vec![("yes".to_owned(), w.mine.clone())];
    let filters = vec![
        Field::filter_of(&frame, "kind", &w.kind, kinds(&frame)),
        Field::filter_of(&frame, "state", &w.state, states(&frame)),
        Field::filter_of(&frame, "unit", &w.unit, names.units_within(&ctx, Action::ItemsRead)),
        Field::filter(&frame, "item", &frame.words.movements.ask.numbers),
        Field::filter_of(&frame, "mine", &w.asked_by, mine),
    ];
    let title = if asked.get("mine") == "yes" { w.heading_mine.clone() } else { w.heading.clone() };
    let steps = steps(&frame);
    let block = Block { table: Some(table), ..Block::default() };
    Ok(Board { filters, steps, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

fn steps(frame: &Frame) -> Vec<Step> {
    let w = &frame.words.movements.list;
    let why = if frame.may(Action::AssetsMove) { String::new() } else { frame.words.movements.ask.not_yours.clone() };
    let to = |text: &String, href: &str, primary| Step {
        text: text.clone(),
        href: href.to_owned(),
        why: why.clone(),
        primary,
        ..Step::default()
    };
    let (text, href) = (frame.words.common.export.clone(), frame.address.with("as", "xlsx"));
    vec![
        Step { text, href, file: true, ..Step::default() },
        to(&w.confirmed, "/assets/confirmations", false),
        Step { text: w.hand.clone(), href: "/assets/movements/handover".to_owned(), ..Step::default() },
        to(&w.intake, "/assets/movements/intake", false),
        to(&w.ask, "/assets/movements/new", true),
    ]
}

fn kinds(frame: &Frame) -> Vec<(String, String)> {
    Kind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind_word(frame, *kind))).collect()
}

fn states(frame: &Frame) -> Vec<(String, String)> {
    let word = |state: &State| frame.either(state.zh(), state.as_str()).to_owned();
    State::ALL.iter().map(|state| (state.as_str().to_owned(), word(state))).collect()
}

fn line(frame: &Frame, ctx: &Ctx, names: &Names, one: &Shown) -> Vec<Td> {
    let (row, w) = (&one.row, &frame.words.movements.list);
    let mark = state_mark(frame, one.state);
    let due = match row.due_on {
        Some(day) if one.state == State::Done && day < ctx.now().day() => w.late.clone(),
        Some(day) => w.due.replace("{day}", &day.to_string()),
        None => String::new(),
    };
    vec![
        Td { class: "mono", ..Td::link(row.number.clone(), format!("/assets/movements/{}", row.number)) },
        kind_word(frame, row.kind).into(),
        Td::mark(mark.look, mark.text).because(due),
        names.unit(Some(row.unit_id)).into(),
        names.unit(row.to_unit_id).into(),
        Td::num(thousands(row.line_count.unsigned_abs()), ""),
        Td::from(row.reason.clone()).because(row.notes.clone()),
        Td::from(who(frame, names, row)).because(row.asked_at.to_string()),
    ]
}

fn who(frame: &Frame, names: &Names, row: &crate::assets::movements::entity::movement::Model) -> String {
    names.actor(frame, &row.asked_by)
}

async fn export(app: &App, ctx: &Ctx, frame: &Frame, rows: &[Shown]) -> Result<Response, ApiError> {
    let names = Names::of(app.db().read(), rows.iter().filter_map(|one| one.row.asker_id), []).await?;
    let w = &frame.words.movements.list;
    let head = [&w.number, &w.kind, &w.state, &w.unit, &w.to_unit, &w.count, &w.value, &w.reason, &w.asked_by];
    let head: Vec<String> = head.into_iter().chain([&w.asked_at]).cloned().collect();
    let cells: Vec<Vec<Cell>> = rows
        .iter()
        .map(|one| {
            let row = &one.row;
            let state = frame.either(one.state.zh(), &spaced(one.state.as_str())).to_owned();
            let count = Cell::Text(row.line_count.to_string());
            vec![
                row.number.clone().into(),
                kind_word(frame, row.kind).into(),
                state.into(),
                names.unit(Some(row.unit_id)).into(),
                names.unit(row.to_unit_id).into(),
                count,
                Cell::Money(row.value_fen),
                row.reason.clone().into(),
                who(frame, &names, row).into(),
                row.asked_at.to_string().into(),
            ]
        })
        .collect();
    parts::taken_away(&w.heading, ctx.now().day(), head, cells).await
}
