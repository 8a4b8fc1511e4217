//! One check: its sums, the things behind each number, what is explained and what is open.

use axum::extract::State as Extract;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::{category_word, state_mark, verdict_mark, verdict_word};
use crate::access::{Action, permit, permit_somewhere};
use crate::assets::three_way::entity::{three_way_check, three_way_line};
use crate::assets::three_way::model::{Category, State, Verdict};
use crate::assets::three_way::service::{self, Which};
use crate::assets::three_way::store::{self, Sum, Sums, Wanted};
use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;
use crate::kernel::text::thousands;
use crate::stocktake::verdict::Verdict as Counted;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Kind as How, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, refused};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::{Faults, in_query};
use crate::web::pages::items::at;
use crate::web::pages::parts::{PAGE, cut};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 4] = ["lines", "verdict", "category", "explanation"];
/// What a filter calls things of no unit.
const NOWHERE: &str = "none";

/// What the page shows besides the check.
#[derive(Default)]
struct Beside {
    said: String,
    deed: String,
    typed: Typed,
    faults: Faults,
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let w = &frame.words.three_way.one;
    let said = match asked.get("said") {
        "explained" => w.said_explained.clone(),
        "closed" => w.said_closed.clone(),
        _ => String::new(),
    };
    page(&app, &ctx, &number, frame, &asked, Beside { said, ..Beside::default() }).await
}

fn wanted(asked: &Typed) -> Result<Wanted, ApiError> {
    let verdict = match asked.get("verdict") {
        "" => None,
        name => Some(Verdict::by_name(name).ok_or_else(|| ApiError::invalid("verdict", "没有这种核对结果"))?),
    };
    let unit = match asked.get("unit") {
        NOWHERE => Some(None),
        _ => asked.id::<UnitId>("unit").map(Some),
    };
    // An account that is blank is meant too, when it is asked for.
    let account = match asked.get("account") {
        "" => None,
        NOWHERE => Some(String::new()),
        _ => asked.sought("account")?,
    };
    let after = asked.get("after").parse().unwrap_or(0);
    Ok(Wanted { verdict, unit, account, differences: false, open: asked.get("open") == "yes", after })
}

async fn page(
    app: &App,
    ctx: &Ctx,
    number: &str,
    frame: Frame,
    asked: &Typed,
    beside: Beside,
) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::ThreeWayRead)?;
    let db = app.db().read();
    let row = store::one(db, ctx, number).await?;
    let sums = store::sums(db, ctx, &row).await?;
    let mut lines = store::lines(db, ctx, &row, &wanted(asked)?, PAGE + 1).await?;
    let next = cut(&mut lines, PAGE, |line| line.line.to_string());
    let names = Names::of(db, lines.iter().filter_map(|line| line.explained_by), [row.made_by.as_str()]).await?;
    let w = &frame.words.three_way.one;
    let mark = state_mark(&frame, row.state);
    let title = w.title.replace("{number}", &row.number).replace("{state}", &mark.text);
    let mut blocks = tables(&frame, &row, &names, &sums);
    blocks.push(things(&frame, &names, &lines, next));
    blocks.extend(deeds(&frame, ctx, &row, &sums, &beside));
    let l = &frame.words.three_way.list;
    let filters = vec![
        Field::filter_of(&frame, "verdict", &w.verdict, verdicts(&frame)),
        Field::filter_of(&frame, "unit", &w.unit, units(&frame, &names, &sums)),
        Field::filter(&frame, "account", &w.account),
        Field::filter_of(&frame, "open", &l.open, vec![("yes".to_owned(), w.only_open.clone())]),
    ];
    let back = ("/assets/three-way".to_owned(), l.heading.clone());
    let href = format!("/assets/three-way/{}/report.xlsx", row.number);
    let steps = vec![Step { text: w.xlsx.clone(), href, file: true, ..Step::default() }];
    let lead = match row.campaign_id {
        Some(_) => format!("{}：{}", l.as_of, row.as_of),
        None => format!("{}：{}。{}", l.as_of, row.as_of, w.no_campaign),
    };
    Ok(Board { back, lead, said: beside.said, steps, filters, blocks, ..Board::new(frame, title) }.answer())
}

fn verdicts(frame: &Frame) -> Vec<(String, String)> {
    Verdict::ALL.iter().map(|one| (one.as_str().to_owned(), verdict_word(frame, *one))).collect()
}

fn units(frame: &Frame, names: &Names, sums: &Sums) -> Vec<(String, String)> {
    let word = |unit: &Option<UnitId>| match unit {
        Some(unit) => (unit.to_string(), names.unit(Some(*unit))),
        None => (NOWHERE.to_owned(), frame.words.three_way.one.no_unit.clone()),
    };
    sums.units.keys().map(word).collect()
}

/// The sums by result, unit and account, each number with the way to its things.
fn tables(frame: &Frame, row: &three_way_check::Model, names: &Names, sums: &Sums) -> Vec<Block> {
    let (w, l) = (&frame.words.three_way.one, &frame.words.three_way.list);
    let heads = [&l.things, &l.differences, &l.open, &w.book, &w.finance, &w.differs].map(|name| format!("#{name}"));
    let all = format!("/assets/three-way/{}", row.number);
    let table = |name: &String, rows: Vec<(String, String, &Sum)>| {
        let mut columns = vec![name.as_str()];
        columns.extend(heads.iter().map(String::as_str));
        let mut table = Table::new(&columns);
        table.rows = rows.iter().map(|(name, query, sum)| numbers(name, &format!("{all}?{query}"), sum)).collect();
        table.rows.push(numbers(&w.total, &all, &sums.total));
        table
    };
    let by_verdict = sums
        .verdicts
        .iter()
        .map(|(verdict, sum)| (verdict_word(frame, *verdict), format!("verdict={}", verdict.as_str()), sum));
    let by_unit = sums.units.iter().map(|(unit, sum)| match unit {
        Some(unit) => (names.unit(Some(*unit)), format!("unit={unit}"), sum),
        None => (w.no_unit.clone(), format!("unit={NOWHERE}"), sum),
    });
    let by_account = sums.accounts.iter().map(|(account, sum)| {
        let blank = account.is_empty();
        let name = if blank { w.no_account.clone() } else { account.clone() };
        let query = if blank { NOWHERE.to_owned() } else { in_query(account) };
        (name, format!("account={query}"), sum)
    });
    let block = |title: &String, notes: Vec<String>, rows| Block {
        title: title.clone(),
        notes,
        table: Some(table(title, rows)),
        ..Block::default()
    };
    vec![
        block(&w.verdicts, vec![w.figures_help.clone()], by_verdict.collect()),
        block(&w.units, Vec::new(), by_unit.collect()),
        block(&w.accounts, Vec::new(), by_account.collect()),
    ]
}

fn numbers(name: &str, href: &str, sum: &Sum) -> Vec<Td> {
    let open = if href.contains('?') { format!("{href}&open=yes") } else { format!("{href}?open=yes") };
    vec![
        name.into(),
        Td::num(thousands(sum.lines.unsigned_abs()), href),
        Td::num(thousands(sum.differences.unsigned_abs()), href),
        Td::num(thousands(sum.open.unsigned_abs()), open),
        Td::num(sum.book.to_string(), href),
        Td::num(sum.finance.to_string(), href),
        Td::num((sum.book - sum.finance).to_string(), href),
    ]
}

fn things(frame: &Frame, names: &Names, lines: &[three_way_line::Model], next: String) -> Block {
    let w = &frame.words.three_way.one;
    let (book, finance) = (format!("#{}", w.book), format!("#{}", w.finance));
    let line = format!("#{}", frame.words.submissions.lines.line);
    let mut table =
        Table::new(&[&line, &w.item, &w.name, &w.unit, &w.verdict, &w.count, &book, &finance, &w.explanation]);
    table.rows = lines.iter().map(|line| thing(frame, names, line)).collect();
    (table.next, table.paged) = (next, true);
    Block { title: w.lines.clone(), table: Some(table), ..Block::default() }
}

fn thing(frame: &Frame, names: &Names, line: &three_way_line::Model) -> Vec<Td> {
    let href = if line.item_id.is_some() { at(&line.item_number) } else { String::new() };
    let also: Vec<String> =
        line.also.split(',').filter_map(Verdict::by_name).map(|also| verdict_word(frame, also)).collect();
    let mark = verdict_mark(frame, line.verdict);
    let counted = line.count_verdict.parse::<Counted>();
    let counted = counted.map_or("", |one| frame.either(one.zh(), one.as_str())).to_owned();
    let money = |fen: Option<crate::kernel::Fen>| fen.map(|fen| fen.to_string()).unwrap_or_default();
    let said = line.category.map(|category| format!("{}：{}", category_word(frame, category), line.explanation));
    vec![
        Td::num(line.line.to_string(), ""),
        Td { class: "mono", ..Td::link(line.item_number.clone(), href) },
        Td::from(line.name.clone()).because(line.account.clone()),
        names.unit(line.unit_id).into(),
        Td::mark(mark.look, mark.text).because(also.join("、")),
        counted.into(),
        Td::num(money(line.book_fen), ""),
        Td::num(money(line.finance_fen), ""),
        Td::from(said.unwrap_or_default()).because(names.person(line.explained_by)),
    ]
}

fn deeds(frame: &Frame, ctx: &Ctx, row: &three_way_check::Model, sums: &Sums, beside: &Beside) -> Vec<Block> {
    let w = &frame.words.three_way.one;
    if row.state != State::Open {
        let alert = (!row.finished_reason.is_empty()).then(|| ("warning", row.finished_reason.clone()));
        return alert.map(|alert| Block { alert: Some(alert), ..Block::default() }).into_iter().collect();
    }
    let none = (Typed::default(), Faults::default());
    let filled = |deed: &str| if beside.deed == deed { (&beside.typed, &beside.faults) } else { (&none.0, &none.1) };
    let mut blocks = Vec::new();
    if sums.total.differences > 0 && permit_somewhere(ctx, Action::ThreeWayExplain).is_ok() {
        let (typed, faults) = filled("explain");
        let differing = sums.verdicts.iter().filter(|(verdict, _)| **verdict != Verdict::Agreed);
        let open = differing.map(|(verdict, sum)| {
            (verdict.as_str().to_owned(), format!("{} · {}", verdict_word(frame, *verdict), sum.open))
        });
        let categories =
            Category::ALL.iter().map(|one| (one.as_str().to_owned(), category_word(frame, *one))).collect();
        let verdict = Field::text("verdict", &w.verdict, typed.get("verdict"), faults);
        let fields = vec![
            Field { kind: How::Choice(open.collect()), ..verdict },
            Field::text("lines", &w.all_open, typed.get("lines"), faults).help(&w.which),
            Field::choice("category", &w.category, categories, typed.get("category"), faults),
            Field::text("explanation", &w.explanation, typed.get("explanation"), faults),
        ];
        let sheet = Sheet {
            action: format!("/assets/three-way/{}/explain", row.number),
            fields,
            submit: w.explain_submit.clone(),
            general: faults.general().to_owned(),
            ..Sheet::default()
        };
        let notes = vec![w.explain_help.clone()];
        blocks.push(Block { title: w.explain.clone(), notes, form: Some(sheet), ..Block::default() });
    }
    let why = if permit(ctx, Action::ThreeWayRun, None).is_err() {
        w.not_yours.clone()
    } else if row.open_count > 0 {
        w.open_left.replace("{count}", &row.open_count.to_string())
    } else {
        String::new()
    };
    let sheet = Sheet {
        action: format!("/assets/three-way/{}/close", row.number),
        hidden: vec![("version".to_owned(), row.version.to_string())],
        submit: w.close.clone(),
        general: filled("close").1.general().to_owned(),
        why,
        ..Sheet::default()
    };
    let notes = vec![w.close_help.clone()];
    blocks.push(Block { title: w.close.clone(), notes, form: Some(sheet), ..Block::default() });
    blocks
}

/// The numbers of lines in a field, however they are parted.
fn numbered(text: &str) -> Result<Vec<i64>, ApiError> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '，' | '、' | ';' | '；'))
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().map_err(|_| ApiError::invalid("lines", format!("“{part}”不是行号"))))
        .collect()
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((number, deed)): Path<(String, String)>,
    frame: Frame,
    axum::Form(typed): axum::Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ThreeWayRead)?;
    let done = match deed.as_str() {
        "explain" => explain(&app, &ctx, &number, &typed).await,
        "close" => close(&app, &ctx, &number, &typed).await,
        _ => return Err(ApiError::NotFound("没有这个地址".to_owned())),
    };
    match done {
        Ok(said) => Ok(Redirect::to(&format!("/assets/three-way/{number}?said={said}")).into_response()),
        Err(error) => {
            let faults = refused(error, &FIELDS)?;
            let beside = Beside { deed, typed, faults, ..Beside::default() };
            page(&app, &ctx, &number, frame, &Typed::default(), beside).await
        }
    }
}

async fn explain(app: &App, ctx: &Ctx, number: &str, typed: &Typed) -> Result<&'static str, ApiError> {
    let lines = numbered(typed.get("lines"))?;
    let verdict = Verdict::by_name(typed.get("verdict"));
    let which = match (lines.is_empty(), verdict) {
        (false, _) => Which::Lines(lines),
        (true, Some(verdict)) => Which::OpenOf(verdict),
        (true, None) => return Err(ApiError::invalid("verdict", "请选择核对结果，或写明行号")),
    };
    let category = Category::by_name(typed.get("category"));
    let category = category.ok_or_else(|| ApiError::invalid("category", "请选择差异类别"))?;
    let (ctx, number, why) = (ctx.clone(), number.to_owned(), typed.get("explanation").to_owned());
    app.write(move |db| async move { service::explain(&db, &ctx, &number, &which, category, &why).await }).await?;
    Ok("explained")
}

async fn close(app: &App, ctx: &Ctx, number: &str, typed: &Typed) -> Result<&'static str, ApiError> {
    let (ctx, number, version) = (ctx.clone(), number.to_owned(), Some(typed.version()));
    app.write(move |db| async move { service::close(&db, &ctx, &number, version).await }).await?;
    Ok("closed")
}
