//! The lines behind each number, what the standard says of each, and what the book says otherwise now.

use axum::extract::State as Extract;
use axum::response::Response;

use super::{by_word, rule_word, severity_mark};
use crate::assets::submissions::entity::submission_line;
use crate::assets::submissions::figures::{By, Sum};
use crate::assets::submissions::{service, store};
use crate::kernel::text::thousands;
use crate::stocktake::verdict::Verdict;
use crate::web::api::assets::submissions::seen;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Table, Td};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::duties::names::Names;
use crate::web::pages::items::{at, picks};
use crate::web::pages::parts::{PAGE, cut};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// Lines of a difference that the page shows of each sort.
const MOST: usize = 200;

fn thing(number: &str, in_book: bool) -> Td {
    let href = if in_book { at(number) } else { String::new() };
    Td { class: "mono", ..Td::link(number.to_owned(), href) }
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let row = seen(&app, &ctx, &number).await?;
    let by = match asked.get("by") {
        "" => None,
        name => Some(By::by_name(name).ok_or_else(|| ApiError::invalid("by", "没有这种分组"))?),
    };
    let key = asked.get("key").to_owned();
    let after = asked.get("after").parse().unwrap_or(0);
    let most = usize::try_from(PAGE + 1).unwrap_or(usize::MAX);
    let mut rows = store::lines_of(app.db().read(), &row, by.map(|by| (by, key.as_str())), after, most).await?;
    let next = cut(&mut rows, PAGE, |line| line.line.to_string());
    let figures = store::figures(&row)?;
    let group = by.and_then(|by| figures.by(by).find(|group| group.key == key));
    let w = &frame.words.submissions.lines;
    let (name, sum) = match (group, by) {
        (Some(group), _) => (group.name.clone(), group.sum),
        // A group that is not there has no lines.
        (None, Some(_)) => (key.clone(), Sum::default()),
        (None, None) => (row.title.clone(), figures.total),
    };
    let of = by.map_or_else(|| frame.words.submissions.one.total.clone(), |by| by_word(&frame, by));
    let lead = w
        .of_group
        .replace("{by}", &of)
        .replace("{name}", &name)
        .replace("{lines}", &thousands(sum.lines.unsigned_abs()))
        .replace("{quantity}", &thousands(sum.quantity.unsigned_abs()))
        .replace("{value}", &sum.value.to_string())
        .replace("{net}", &sum.net.to_string());
    let numbers = [format!("#{}", w.line), format!("#{}", w.quantity), format!("#{}", w.value), format!("#{}", w.net)];
    let [line, quantity, value, net] = &numbers;
    let mut table =
        Table::new(&[line, &w.item, &w.name, &w.class, &w.unit, &w.place, &w.keeper, &w.state, quantity, value, net]);
    table.rows = rows.iter().map(|line| one(&frame, line)).collect();
    (table.next, table.paged) = (next, true);
    let title = w.title.replace("{number}", &row.number);
    let back = (format!("/assets/submissions/{}", row.number), row.title.clone());
    Ok(Board { back, lead, blocks: vec![Block { table: Some(table), ..Block::default() }], ..Board::new(frame, title) }
        .answer())
}

fn one(frame: &Frame, line: &submission_line::Model) -> Vec<Td> {
    let found =
        line.verdict.parse::<Verdict>().map_or(String::new(), |one| frame.either(one.zh(), one.as_str()).to_owned());
    vec![
        Td::num(line.line.to_string(), ""),
        thing(&line.item_number, line.item_id.is_some()),
        Td::from(line.name.clone()).because(line.specification.clone()),
        Td::mono(line.class_code.clone()),
        line.unit_name.clone().into(),
        line.place.clone().into(),
        line.keeper.clone().into(),
        Td::from(picks::state_word(frame, line.state).to_owned()).because(found),
        Td::num(thousands(line.quantity.0.unsigned_abs()), ""),
        Td::num(line.value_fen.to_string(), ""),
        Td::num(line.net_fen.unwrap_or(line.value_fen).to_string(), ""),
    ]
}

pub(super) async fn messages(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let row = seen(&app, &ctx, &number).await?;
    let rule = asked.sought("rule")?;
    let after = asked.get("after").parse().unwrap_or(0);
    let mut rows = store::messages(app.db().read(), &row, rule.as_deref(), after, PAGE + 1).await?;
    let next = cut(&mut rows, PAGE, |one| one.message.to_string());
    let names = Names::of(app.db().read(), rows.iter().filter_map(|one| one.acknowledged_by), []).await?;
    let w = &frame.words.submissions.messages;
    let line = format!("#{}", w.line);
    let mut table = Table::new(&[&line, &w.item, &w.field, &w.rule, &w.words, &w.reason, &w.by]);
    table.rows = rows
        .iter()
        .map(|one| {
            let (look, word) = severity_mark(&frame, one.severity);
            vec![
                Td::num(one.line.to_string(), ""),
                thing(&one.item_number, true),
                one.field.clone().into(),
                Td {
                    mark: Some(crate::web::pages::parts::Mark::new(look, word)),
                    ..Td::from(rule_word(&frame, &one.rule))
                },
                one.words.clone().into(),
                one.acknowledged_reason.clone().into(),
                names.person(one.acknowledged_by).into(),
            ]
        })
        .collect();
    (table.next, table.paged) = (next, true);
    let title = w.title.replace("{number}", &row.number);
    let back = (format!("/assets/submissions/{}", row.number), row.title.clone());
    Ok(Board { back, blocks: vec![Block { table: Some(table), ..Block::default() }], ..Board::new(frame, title) }
        .answer())
}

pub(super) async fn differences(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let row = seen(&app, &ctx, &number).await?;
    let on = match asked.get("on") {
        "" => None,
        text => Some(text.parse().map_err(|_| ApiError::invalid("on", "日期应写成 2026-11-01"))?),
    };
    let told = service::differences(app.db().read(), &ctx, &row, on).await?;
    let (w, o) = (&frame.words.submissions.differences, &frame.words.submissions.one);
    let lead = match on {
        Some(day) => w.lead_on.replace("{day}", &day.to_string()),
        None => w.lead_own.replace("{day}", &row.as_of.to_string()),
    };
    let heads = [&o.lines, &o.quantity, &o.value, &o.net].map(|name| format!("#{name}"));
    let [lines, quantity, value, net] = &heads;
    let mut sums = Table::new(&[&w.total, lines, quantity, value, net]);
    for (name, sum) in [(&w.before, &told.before), (&w.now, &told.now)] {
        sums.rows.push(vec![
            name.clone().into(),
            Td::num(thousands(sum.lines.unsigned_abs()), ""),
            Td::num(thousands(sum.quantity.unsigned_abs()), ""),
            Td::num(sum.value.to_string(), ""),
            Td::num(sum.net.to_string(), ""),
        ]);
    }
    let notes = if told.is_none() { vec![w.none.clone()] } else { Vec::new() };
    let mut blocks = vec![Block { title: w.total.clone(), table: Some(sums), notes, ..Block::default() }];
    let l = &frame.words.submissions.lines;
    let whole = [&w.item, &l.name, &l.unit, &l.keeper, value];
    for (title, lines) in [(&w.added, &told.added), (&w.removed, &told.removed)] {
        if lines.is_empty() {
            continue;
        }
        let mut table = Table::new(&whole.map(String::as_str));
        table.rows = lines
            .iter()
            .take(MOST)
            .map(|line| {
                vec![
                    thing(&line.item_number, line.item_id.is_some()),
                    Td::from(line.name.clone()).because(line.specification.clone()),
                    line.unit_name.clone().into(),
                    line.keeper.clone().into(),
                    Td::num(line.value_fen.to_string(), ""),
                ]
            })
            .collect();
        blocks.push(many(&frame, title, lines.len(), table));
    }
    if !told.changed.is_empty() {
        let mut table = Table::new(&[&w.item, &w.field, &w.before, &w.now]);
        table.rows = told
            .changed
            .iter()
            .take(MOST)
            .map(|one| {
                vec![
                    thing(&one.item_number, !one.item_number.is_empty()),
                    one.field.into(),
                    one.before.clone().into(),
                    one.now.clone().into(),
                ]
            })
            .collect();
        blocks.push(many(&frame, &w.changed, told.changed.len(), table));
    }
    let filters = vec![Field::filter_day(&frame, "on", &w.on).help(&w.on_help)];
    let title = w.title.replace("{number}", &row.number);
    let back = (format!("/assets/submissions/{}", row.number), row.title.clone());
    Ok(Board { back, lead, filters, blocks, ..Board::new(frame, title) }.answer())
}

fn many(frame: &Frame, title: &str, count: usize, table: Table) -> Block {
    let w = &frame.words.submissions.differences;
    let notes = if count > MOST { vec![w.most.replace("{count}", &MOST.to_string())] } else { Vec::new() };
    Block { title: format!("{title} · {count}"), table: Some(table), notes, ..Block::default() }
}
