//! The certificates, who has which, and the form that enters one.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;

use super::{at, mark};
use crate::access::{Action, permit_somewhere};
use crate::certificates::keeping::{self, NewCertificate};
use crate::certificates::model::State;
use crate::certificates::store;
use crate::kernel::Ctx;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, refused, said, to};
use crate::web::pages::duties::names::{Names, whom};
use crate::web::pages::form::Faults;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 4] = ["number", "holder", "kept_at", "valid_until"];
/// Certificates that the page shows.
const MOST: u64 = 2_000;

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    page(&app, &ctx, frame, &asked, (&Typed::default(), &Faults::default())).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    asked: &Typed,
    (typed, faults): (&Typed, &Faults),
) -> Result<Response, ApiError> {
    let (db, w) = (app.db().read(), &frame.words.certificates.list);
    let rows = store::list(db, ctx, State::by_name(asked.get("state")), MOST).await?;
    let loans = store::open_loans(db).await?;
    let names = Names::of(db, rows.iter().map(|row| row.holder_id), []).await?;
    let mut table =
        Table::new(&[&w.number, &w.holder, &w.unit, &w.state, &w.since, &w.due, &w.kept_at, &w.valid_until]);
    for row in &rows {
        let loan = loans.get(&row.id);
        let late = loan.is_some_and(|loan| ctx.now() > loan.due_at);
        let state = mark(&frame, row.state, late);
        let task = loan.map(|loan| loan.task.clone()).unwrap_or_default();
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(row.number.clone(), at(&row.number)) },
            names.person(Some(row.holder_id)).into(),
            names.unit(Some(row.unit_id)).into(),
            Td::mark(state.look, state.text).because(task),
            Td::time(loan.map(|loan| loan.out_at)),
            Td::time(loan.map(|loan| loan.due_at)),
            row.kept_at.clone().into(),
            row.valid_until.to_string().into(),
        ]);
    }
    table.away = true;
    table.empty = ("clipboard-list", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    let mut blocks = vec![Block { table: Some(table), ..Block::default() }];
    if frame.may(Action::CertificatesKeep) {
        let text = |id: &str, label: &String| Field::text(id, label, typed.get(id), faults);
        let fields = vec![
            text("number", &w.number),
            text("holder", &w.holder).help(&w.holder_help),
            text("kept_at", &w.kept_at),
            Field::input("valid_until", &w.valid_until, "date", typed.get("valid_until"), faults),
        ];
        let sheet = Sheet {
            action: "/certificates".to_owned(),
            fields,
            submit: w.enter.clone(),
            general: faults.general().to_owned(),
            ..Sheet::default()
        };
        blocks.push(Block { title: w.enter.clone(), form: Some(sheet), ..Block::default() });
    }
    let out = rows.iter().filter(|row| row.state == State::Out).count();
    let title = w.title.replace("{many}", &rows.len().to_string()).replace("{out}", &out.to_string());
    let states =
        State::ALL.iter().map(|one| (one.as_str().to_owned(), frame.either(one.zh(), one.as_str()).to_owned()));
    let filters = vec![Field::filter_of(&frame, "state", &w.state, states.collect())];
    let step = |text: &String, href: &str| Step { text: text.clone(), href: href.to_owned(), ..Step::default() };
    let mut steps = Vec::new();
    if frame.may(Action::CertificatesRead) {
        let r = &frame.words.certificates.round;
        steps.push(step(&r.checks, "/certificates/checks"));
        steps.push(step(&r.morning, "/certificates/morning"));
        steps.push(step(&r.quizzes, "/certificates/quizzes"));
    }
    let (said, lead) = (said(&frame, asked), w.lead.clone());
    Ok(Board { said, lead, filters, steps, blocks, ..Board::new(frame, title) }.answer())
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::CertificatesKeep)?;
    match enter(&app, &ctx, &frame, &typed).await {
        Ok(number) => Ok(to(&at(&number), "created")),
        Err(error) => {
            let faults = refused(error, &FIELDS)?;
            page(&app, &ctx, frame, &Typed::default(), (&typed, &faults)).await
        }
    }
}

async fn enter(app: &App, ctx: &Ctx, frame: &Frame, typed: &Typed) -> Result<String, ApiError> {
    let bad_day = || ApiError::invalid("valid_until", frame.words.admin.shared.bad_day.clone());
    let new = NewCertificate {
        number: typed.get("number").to_owned(),
        holder: whom(app.db().read(), "holder", typed.get("holder"), None).await?,
        kept_at: typed.get("kept_at").to_owned(),
        valid_until: typed.get("valid_until").parse().map_err(|_| bad_day())?,
    };
    let asker = ctx.clone();
    let row =
        app.write(move |db| async move { keeping::enter(&db, &asker, &new).await }).await.map_err(
            |error| match error {
                ApiError::Invalid { field: Some(field), reason } if field == "holder_id" => {
                    ApiError::invalid("holder", reason)
                }
                ApiError::NotFound(reason) => ApiError::invalid("holder", reason),
                other => other,
            },
        )?;
    Ok(row.number)
}
