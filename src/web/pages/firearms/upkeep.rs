//! Upkeep of guns: the papers, and one with its next step on top.

use axum::extract::State as Extract;
use axum::response::Response;
use axum::{Extension, Form};

use super::{at, lines_of, minute, options};
use crate::access::{Action, permit, permit_somewhere};
use crate::firearms::model::StoreKind;
use crate::firearms::store as registry;
use crate::firearms::upkeep::entity::upkeep;
use crate::firearms::upkeep::model::{Outcome, State};
use crate::firearms::upkeep::{service, store};
use crate::kernel::Ctx;
use crate::web::extract::{Path, Query};
use crate::web::layers::Visit;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::{Typed, presence_fields, refused_signed, said, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 6] = ["store", "guns", "reason", "opinion", "faults", "approved"];
/// Papers that the page shows.
const MOST: u64 = 200;

fn mark(frame: &Frame, state: State) -> Mark {
    let look = match state {
        State::Asked | State::Due => "ask",
        State::Cleaning | State::Returning => "warn",
        State::Done => "good",
        State::Refused => "bad",
        State::Cancelled => "calm",
    };
    Mark::new(look, frame.either(state.zh(), state.as_str()))
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let said = said(&frame, &asked);
    all(&app, &ctx, frame, said, &asked, (&Typed::default(), &Faults::default())).await
}

async fn all(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    said: String,
    asked: &Typed,
    (typed, faults): (&Typed, &Faults),
) -> Result<Response, ApiError> {
    let (db, w, f) = (app.db().read(), &frame.words.arms_moves.upkeep, &frame.words.firearms.field);
    let rows = store::list(db, ctx, State::by_name(asked.get("state")), MOST).await?;
    let names = Names::of(db, rows.iter().map(|row| row.applicant_id), []).await?;
    let mut table = Table::new(&[&f.number, &f.unit, &f.state, &f.reason, &w.applicant, &w.asked_at, &w.ended_at]);
    for row in &rows {
        let mark = mark(&frame, row.state);
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(row.number.clone(), at("upkeeps", &row.number)) },
            names.unit(Some(row.unit_id)).into(),
            Td::mark(mark.look, mark.text),
            row.reason.clone().into(),
            names.person(Some(row.applicant_id)).into(),
            minute(Some(row.asked_at)).into(),
            minute(row.ended_at).into(),
        ]);
    }
    table.empty = ("clipboard-check", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    let mut blocks = vec![Block { table: Some(table), ..Block::default() }];
    if frame.may(Action::DrawsKeep) {
        let stores = registry::armouries(db, ctx).await?;
        let stores = stores.into_iter().filter(|row| row.kind == StoreKind::Gun && row.active);
        let stores = stores.map(|row| (row.number.clone(), format!("{} {}", row.number, row.name))).collect();
        let form = Sheet {
            action: "/firearms/upkeeps".to_owned(),
            fields: vec![
                Field::choice("store", &f.store, stores, typed.get("store"), faults),
                Field::area("guns", &w.guns, typed.get("guns"), faults).help(&w.guns_help),
                Field::text("reason", &f.reason, typed.get("reason"), faults),
            ],
            submit: w.ask.clone(),
            general: faults.general().to_owned(),
            ..Sheet::default()
        };
        blocks.push(Block { title: w.ask.clone(), form: Some(form), ..Block::default() });
    }
    let filters = vec![Field::filter_of(&frame, "state", &f.state, options!(frame, State))];
    let (title, lead) = (w.title.clone(), w.lead.clone());
    let back = ("/firearms".to_owned(), frame.words.nav.firearms.clone());
    Ok(Board { back, lead, said, filters, blocks, ..Board::new(frame, title) }.answer())
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::DrawsKeep)?;
    let (asker, guns) = (ctx.clone(), lines_of(&typed, "guns"));
    let (of, reason) = (typed.get("store").to_owned(), typed.get("reason").to_owned());
    match app.write(move |db| async move { service::ask(&db, &asker, &of, &guns, &reason).await }).await {
        Ok(row) => Ok(to(&at("upkeeps", &row.number), "created")),
        Err(error) => {
            let faults = refused_signed(error, &FIELDS)?;
            all(&app, &ctx, frame, String::new(), &Typed::default(), (&typed, &faults)).await
        }
    }
}

pub(super) async fn show_one(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let said = said(&frame, &asked);
    one(&app, &ctx, frame, &number, said, ("", &Typed::default(), &Faults::default())).await
}

async fn one(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    number: &str,
    said: String,
    beside: (&str, &Typed, &Faults),
) -> Result<Response, ApiError> {
    let (db, w) = (app.db().read(), &frame.words.arms_moves.upkeep);
    let row = store::one(db, ctx, number).await?;
    let people = [row.cleaner1_id, row.cleaner2_id, row.finisher1_id, row.finisher2_id, row.approver_id];
    let people = people.into_iter().flatten().chain([row.applicant_id]);
    let names = Names::of(db, people, []).await?;
    let mut blocks = deeds(ctx, &frame, &row, beside);
    let mut facts = vec![
        (frame.words.firearms.field.reason.clone(), Td::from(row.reason.clone())),
        (w.applicant.clone(), signed(&names, [Some(row.applicant_id), None], Some(row.asked_at))),
        (w.approver.clone(), signed(&names, [row.approver_id, None], row.decided_at)),
        (w.opinion.clone(), row.opinion.clone().into()),
        (w.cleaners.clone(), signed(&names, [row.cleaner1_id, row.cleaner2_id], row.started_at)),
        (w.finishers.clone(), signed(&names, [row.finisher1_id, row.finisher2_id], row.ended_at)),
        (w.ended_reason.clone(), row.ended_reason.clone().into()),
    ];
    facts.retain(|(_, td)| !td.text.is_empty());
    blocks.push(Block { facts, ..Block::default() });
    blocks.push(guns(app, &frame, &row).await?);
    let title = format!("{} · {} · {}", row.number, names.unit(Some(row.unit_id)), mark(&frame, row.state).text);
    let back = ("/firearms/upkeeps".to_owned(), w.title.clone());
    Ok(Board { back, said, blocks, ..Board::new(frame, title) }.answer())
}

/// Who did something, and when; nothing when nobody did.
pub(super) fn signed(
    names: &Names,
    people: [Option<crate::kernel::ids::PersonId>; 2],
    at: Option<crate::kernel::Timestamp>,
) -> Td {
    let who: Vec<String> = people.into_iter().flatten().map(|person| names.person(Some(person))).collect();
    if who.is_empty() { Td::default() } else { format!("{} {}", who.join("、"), minute(at)).into() }
}

async fn guns(app: &App, frame: &Frame, row: &upkeep::Model) -> Result<Block, ApiError> {
    let (db, w, f) = (app.db().read(), &frame.words.arms_moves.upkeep, &frame.words.firearms.field);
    let lines = store::lines(db, row.id).await?;
    let mut table = Table::new(&[&f.number, &f.model, &w.outcome, &f.note]);
    for one in &lines {
        let Some(gun) = registry::by_id(db, one.item_id).await? else { continue };
        let look = match one.outcome {
            Outcome::Open => "ask",
            Outcome::Cleaned => "good",
            Outcome::Faulty => "bad",
            Outcome::Dropped => "calm",
        };
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(gun.item.item_number.clone(), at("guns", &gun.item.item_number)) },
            gun.arm.model.into(),
            Td::mark(look, frame.either(one.outcome.zh(), one.outcome.as_str())),
            one.note.clone().into(),
        ]);
    }
    let title = w.guns_title.replace("{count}", &lines.len().to_string());
    Ok(Block { title, table: Some(table), ..Block::default() })
}

fn deeds(ctx: &Ctx, frame: &Frame, row: &upkeep::Model, (deed, typed, faults): (&str, &Typed, &Faults)) -> Vec<Block> {
    let (w, f) = (&frame.words.arms_moves.upkeep, &frame.words.firearms.field);
    let (blank, clean) = (Typed::default(), Faults::default());
    let of = |name: &str| if deed == name { (typed, faults) } else { (&blank, &clean) };
    let form = |name: &str, title: &String, help: &String, fields: Vec<Field>, danger: bool| {
        let sheet = Sheet {
            action: format!("{}/{name}", at("upkeeps", &row.number)),
            hidden: vec![("version".to_owned(), row.version.to_string())],
            fields,
            submit: title.clone(),
            general: of(name).1.general().to_owned(),
            danger,
            ..Sheet::default()
        };
        let notes = if help.is_empty() { Vec::new() } else { vec![help.clone()] };
        Block { title: title.clone(), notes, form: Some(sheet), ..Block::default() }
    };
    let may = |action| permit(ctx, action, Some(row.unit_id)).is_ok();
    let mut blocks = Vec::new();
    if row.state == State::Asked && may(Action::DrawsConfirm) {
        let answers = vec![("yes".to_owned(), w.approve.clone()), ("no".to_owned(), w.refuse.clone())];
        let (typed, faults) = of("decide");
        let fields = vec![
            Field::choice("approved", &w.decide, answers, typed.get("approved"), faults),
            Field::text("opinion", &w.opinion, typed.get("opinion"), faults),
        ];
        blocks.push(form("decide", &w.decide, &w.decide_help, fields, false));
    }
    if !may(Action::DrawsKeep) {
        return blocks;
    }
    match row.state {
        State::Due => {
            let fields = presence_fields(frame, of("start").0, of("start").1);
            blocks.push(form("start", &w.start, &w.start_help, fields, false));
        }
        State::Cleaning => blocks.push(form("cleaned", &w.cleaned, &w.cleaned_help, Vec::new(), false)),
        State::Returning => {
            let (typed, faults) = of("back");
            let mut fields = vec![Field::area("faults", &w.faults, typed.get("faults"), faults).help(&w.faults_help)];
            fields.extend(presence_fields(frame, typed, faults));
            blocks.push(form("back", &w.put_back, &w.put_back_help, fields, false));
        }
        _ => {}
    }
    if matches!(row.state, State::Asked | State::Due) {
        let reason = Field::text("reason", &f.reason, of("cancel").0.get("reason"), of("cancel").1);
        blocks.push(form("cancel", &w.cancel, &String::new(), vec![reason], true));
    }
    blocks
}

pub(super) async fn take_one(
    Extract(app): Extract<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path((number, deed)): Path<(String, String)>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, if deed == "decide" { Action::DrawsConfirm } else { Action::DrawsKeep })?;
    match go(&app, &visit, &ctx, &frame, &number, &deed, &typed).await {
        Ok(()) => Ok(to(&at("upkeeps", &number), "saved")),
        Err(error) => {
            let faults = refused_signed(error, &FIELDS)?;
            one(&app, &ctx, frame, &number, String::new(), (&deed, &typed, &faults)).await
        }
    }
}

/// Guns with a fault, a line each: the gun, a blank, the fault.
fn read_faults(frame: &Frame, typed: &Typed) -> Result<Vec<(String, String)>, ApiError> {
    let mut read = Vec::new();
    for line in lines_of(typed, "faults") {
        let Some((gun, fault)) = line.split_once([' ', '　', '\t', '，', ',']) else {
            let sentence = frame.words.arms_moves.upkeep.bad_fault.replace("{line}", &line);
            return Err(ApiError::invalid("faults", sentence));
        };
        read.push((gun.trim().to_owned(), fault.trim().to_owned()));
    }
    Ok(read)
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
    let (asker, number, version) = (ctx.clone(), number.to_owned(), Some(typed.version()));
    match deed {
        "decide" => {
            let (yes, opinion) = (typed.get("approved") == "yes", typed.get("opinion").to_owned());
            app.write(move |db| async move { service::decide(&db, &asker, &number, version, yes, &opinion).await })
                .await?;
        }
        "start" => {
            let second = super::second(app, visit, ctx, frame, typed).await?;
            app.write(move |db| async move { service::start(&db, &asker, &second, &number, version).await }).await?;
        }
        "cleaned" => {
            app.write(move |db| async move { service::cleaned(&db, &asker, &number, version).await }).await?;
        }
        "back" => {
            let faults = read_faults(frame, typed)?;
            let second = super::second(app, visit, ctx, frame, typed).await?;
            let done =
                app.write(
                    move |db| async move { service::put_back(&db, &asker, &second, &number, version, &faults).await },
                );
            done.await?;
        }
        "cancel" => {
            let reason = typed.get("reason").to_owned();
            app.write(move |db| async move { service::cancel(&db, &asker, &number, version, &reason).await }).await?;
        }
        _ => return Err(ApiError::NotFound("没有这个地址".to_owned())),
    }
    Ok(())
}
