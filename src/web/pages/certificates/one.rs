//! One certificate: its next step on top, who had it.

use axum::extract::State as Extract;
use axum::response::Response;
use axum::{Extension, Form};
use chrono::NaiveDateTime;

use super::{at, mark};
use crate::access::{Action, permit, permit_somewhere};
use crate::certificates::entity::certificate;
use crate::certificates::model::{Deed, State};
use crate::certificates::{keeping, lending, store};
use crate::kernel::{Ctx, Timestamp};
use crate::web::extract::{Path, Query};
use crate::web::layers::Visit;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::{Typed, presence_fields, refused_signed, said, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 4] = ["task", "due", "note", "reason"];
/// Loans that the page shows.
const LATEST: u64 = 50;
/// For how long it is usually wanted, milliseconds.
const USUAL_MS: i64 = 8 * 3_600_000;

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let said = said(&frame, &asked);
    page(&app, &ctx, frame, &number, said, ("", &Typed::default(), &Faults::default())).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    number: &str,
    said: String,
    beside: (&str, &Typed, &Faults),
) -> Result<Response, ApiError> {
    let (db, w, l) = (app.db().read(), &frame.words.certificates.one, &frame.words.certificates.list);
    let row = store::one(db, ctx, number).await?;
    let loans = store::loans(db, row.id, LATEST).await?;
    let people = loans.iter().map(|loan| loan.taker_id).chain([row.holder_id]);
    let actors = loans.iter().flat_map(|loan| [loan.handed_by.as_str(), loan.ended_by.as_str()]);
    let names = Names::of(db, people, actors).await?;
    let late = loans.iter().any(|loan| loan.ended_at.is_none() && ctx.now() > loan.due_at);
    let state = mark(&frame, row.state, late);
    let facts = vec![
        (l.state.clone(), Td::mark(state.look, state.text).because(row.state_note.clone())),
        (l.holder.clone(), names.person_and_unit(row.holder_id).into()),
        (l.kept_at.clone(), row.kept_at.clone().into()),
        (l.valid_until.clone(), row.valid_until.to_string().into()),
    ];
    let mut table = Table::new(&[&w.loan, &w.task, &l.since, &l.due, &w.ended, &w.handed, &w.taken]);
    for loan in &loans {
        let ended = loan.ended_as.map(|end| frame.either(end.zh(), end.as_str()).to_owned()).unwrap_or_default();
        table.rows.push(vec![
            Td::mono(loan.number.clone()),
            Td::from(loan.task.clone()).because(loan.note.clone()),
            Td::time(Some(loan.out_at)),
            Td::time(Some(loan.due_at)),
            Td::time(loan.ended_at).because(ended),
            names.actor(&frame, &loan.handed_by).into(),
            names.actor(&frame, &loan.ended_by).into(),
        ]);
    }
    table.empty.1.clone_from(&w.never);
    let mut blocks = forms(ctx, &frame, &row, beside);
    blocks.insert(0, Block { facts, ..Block::default() });
    blocks.push(Block { title: w.loans.clone(), table: Some(table), ..Block::default() });
    let title = w.title.replace("{number}", &row.number);
    let back = ("/certificates".to_owned(), frame.words.nav.certificates.clone());
    Ok(Board { back, said, blocks, ..Board::new(frame, title) }.answer())
}

fn forms(
    ctx: &Ctx,
    frame: &Frame,
    row: &certificate::Model,
    (deed, typed, faults): (&str, &Typed, &Faults),
) -> Vec<Block> {
    let (w, l) = (&frame.words.certificates.one, &frame.words.certificates.list);
    if permit(ctx, Action::CertificatesKeep, Some(row.unit_id)).is_err() {
        return vec![Block { notes: vec![w.not_yours.clone()], ..Block::default() }];
    }
    let (blank, clean) = (Typed::default(), Faults::default());
    let of = |name: &str| if deed == name { (typed, faults) } else { (&blank, &clean) };
    let form = |name: &str, title: &String, help: &String, fields: Vec<Field>, danger: bool| {
        let sheet = Sheet {
            action: format!("{}/{name}", at(&row.number)),
            fields,
            hidden: vec![("version".to_owned(), row.version.to_string())],
            submit: title.clone(),
            general: of(name).1.general().to_owned(),
            danger,
            ..Sheet::default()
        };
        let notes = if help.is_empty() { Vec::new() } else { vec![help.clone()] };
        Block { title: title.clone(), notes, form: Some(sheet), ..Block::default() }
    };
    let text = |name: &str, id: &str, label: &String| Field::text(id, label, of(name).0.get(id), of(name).1);
    let none = String::new();
    let mut blocks = Vec::new();
    if row.state.after(Deed::Draw).is_ok() {
        let due = match of("draw").0.get("due") {
            "" => Timestamp(ctx.now().0 + USUAL_MS).shanghai().format("%Y-%m-%dT%H:%M").to_string(),
            typed => typed.to_owned(),
        };
        let due = Field::input("due", &l.due, "datetime-local", &due, of("draw").1);
        let mut fields = vec![text("draw", "task", &w.task), due];
        fields.extend(presence_fields(frame, of("draw").0, of("draw").1));
        blocks.push(form("draw", &w.draw, &w.draw_help, fields, false));
    }
    if row.state == State::Out {
        blocks.push(form("return", &w.take_back, &none, vec![text("return", "note", &w.note)], false));
    }
    for (deed, title) in [(Deed::Find, &w.find), (Deed::Lose, &w.lose), (Deed::Close, &w.close)] {
        if row.state.after(deed).is_ok() {
            let name = deed.as_str();
            blocks.push(form(name, title, &none, vec![text(name, "reason", &w.reason)], deed != Deed::Find));
        }
    }
    blocks
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path((number, deed)): Path<(String, String)>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::CertificatesKeep)?;
    match go(&app, &visit, &ctx, &frame, &number, &deed, &typed).await {
        Ok(()) => Ok(to(&at(&number), "saved")),
        Err(error) => {
            let faults = refused_signed(error, &FIELDS)?;
            page(&app, &ctx, frame, &number, String::new(), (&deed, &typed, &faults)).await
        }
    }
}

async fn go(
    app: &App,
    visit: &Visit,
    ctx: &Ctx,
    frame: &Frame,
    number: &str,
    deed: &str,
    typed: &Typed,
) -> Result<(), ApiError> {
    let (asker, number, text) = (ctx.clone(), number.to_owned(), |id: &str| typed.get(id).to_owned());
    match (deed, Deed::by_name(deed)) {
        ("draw", _) => {
            let due = typed.get("due").replace('T', " ");
            let due = NaiveDateTime::parse_from_str(&due, "%Y-%m-%d %H:%M");
            let due = due.map_err(|_| ApiError::invalid("due", frame.words.vehicles.field.time_bad.clone()))?;
            let wish = lending::Wish { task: text("task"), due: Timestamp::from_shanghai(due) };
            let Some(signature) = typed.signature() else {
                return Err(ApiError::invalid("password", frame.words.certificates.one.draw_help.clone()));
            };
            let taker = signature.prove(app, visit, ctx).await?;
            app.write(move |db| async move { lending::draw(&db, &asker, &taker, &number, &wish).await }).await?;
        }
        ("return", _) => {
            let note = text("note");
            app.write(move |db| async move { lending::take_back(&db, &asker, &number, &note).await }).await?;
        }
        (_, Some(deed)) => {
            let (version, reason) = (Some(typed.version()), text("reason"));
            app.write(move |db| async move { keeping::keep(&db, &asker, &number, version, deed, &reason).await })
                .await?;
        }
        _ => return Err(ApiError::NotFound("没有这个地址".to_owned())),
    }
    Ok(())
}
