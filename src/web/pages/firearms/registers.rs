//! 四本、两账: a store, a month or days, and the register as a table, to print or to take away.

use axum::extract::State as Extract;
use axum::response::Response;
use chrono::{Datelike as _, NaiveDate};

use super::{date, options};
use crate::access::{Action, permit_somewhere};
use crate::firearms::model::StoreKind;
use crate::firearms::registers::{self, Book, Register};
use crate::firearms::store as registry;
use crate::kernel::Ctx;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, refused};
use crate::web::pages::form::{Faults, in_query};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let stores = registry::armouries(app.db().read(), &ctx).await?;
    let book = Book::by_name(asked.get("book")).unwrap_or(Book::Draws);
    let store = match asked.get("store") {
        // Most books are of a store of guns.
        "" => stores
            .iter()
            .find(|row| row.kind == StoreKind::Gun)
            .or(stores.first())
            .map(|row| row.number.clone())
            .unwrap_or_default(),
        text => text.to_owned(),
    };
    let (days, mut faults) = match days(&frame, &ctx, &asked) {
        Ok(days) => (days, Faults::default()),
        Err(faults) => (month_of(ctx.now().day()), faults),
    };
    let mut register = None;
    if !store.is_empty() && faults.general().is_empty() && faults.of("from").is_empty() {
        let (asker, number) = (ctx.clone(), store.clone());
        match app.write(move |db| async move { registers::read(&db, &asker, book, &number, days).await }).await {
            Ok(read) => register = Some(read),
            Err(error) => faults = refused(error, &["from", "until"])?,
        }
    }
    let choices = stores.into_iter().map(|row| (row.number.clone(), format!("{} {}", row.number, row.name)));
    let mut filters = filters(&frame, choices.collect(), book, &store, days);
    for field in &mut filters {
        faults.of(&field.id).clone_into(&mut field.fault);
    }
    let w = &frame.words.arms_moves.register;
    let (title, lead) = (format!("{} · {}", w.title, frame.either(book.zh(), book.as_str())), w.lead.clone());
    let mut blocks = Vec::new();
    let mut steps = Vec::new();
    match register {
        Some(read) => {
            let query = format!("store={}&from={}&until={}", in_query(&store), days.0, days.1);
            let file = |kind: &str| format!("/firearms/registers/{}/book.{kind}?{query}", book.as_str());
            steps.push(Step { text: w.pdf.clone(), href: file("pdf"), file: true, primary: true, ..Step::default() });
            steps.push(Step { text: w.csv.clone(), href: file("csv"), file: true, ..Step::default() });
            blocks.extend(tables(&frame, read));
        }
        None => blocks.push(Block { notes: vec![w.no_store.clone()], ..Block::default() }),
    }
    let back = ("/firearms".to_owned(), frame.words.nav.firearms.clone());
    Ok(Board { back, lead, filters, steps, blocks, ..Board::new(frame, title) }.answer())
}

fn month_of(day: NaiveDate) -> (NaiveDate, NaiveDate) {
    let first = day.with_day(1).unwrap_or(day);
    let next = first.checked_add_months(chrono::Months::new(1)).and_then(|next| next.pred_opt());
    (first, next.unwrap_or(day))
}

/// From when until when: the month of today when nothing was asked.
fn days(frame: &Frame, ctx: &Ctx, asked: &Typed) -> Result<(NaiveDate, NaiveDate), Faults> {
    let (from, until) = (date(frame, asked, "from")?, date(frame, asked, "until")?);
    let (first, last) = month_of(from.or(until).unwrap_or_else(|| ctx.now().day()));
    Ok((from.unwrap_or(first), until.unwrap_or(last)))
}

fn filters(
    frame: &Frame,
    stores: Vec<(String, String)>,
    book: Book,
    store: &str,
    (from, until): (NaiveDate, NaiveDate),
) -> Vec<Field> {
    let (w, f, clean) = (&frame.words.arms_moves.register, &frame.words.firearms.field, Faults::default());
    vec![
        Field::choice("book", &w.book, options!(frame, Book), book.as_str(), &clean),
        Field::choice("store", &f.store, stores, store, &clean),
        Field::input("from", &w.from, "date", &from.to_string(), &clean),
        Field::input("until", &w.until, "date", &until.to_string(), &clean),
    ]
}

fn tables(frame: &Frame, read: Register) -> Vec<Block> {
    let w = &frame.words.arms_moves.register;
    let mut blocks = Vec::new();
    if !read.in_full {
        blocks.push(Block { notes: vec![w.masked.clone()], ..Block::default() });
    }
    for part in read.parts {
        let heads: Vec<&str> = part.columns.iter().map(|(name, _)| *name).collect();
        let mut table = Table::new(&heads);
        table.rows = part.rows.into_iter().map(|row| row.into_iter().map(Td::from).collect()).collect();
        table.empty.1.clone_from(&w.none);
        blocks.push(Block { title: part.title.to_owned(), table: Some(table), ..Block::default() });
    }
    blocks
}
