//! Transfers between stores: the list, and one with its next step on top.

use axum::extract::State as Extract;
use axum::response::Response;
use axum::{Extension, Form};

use super::upkeep::signed;
use super::{at, lines_of, lots_of, minute, options};
use crate::access::{Action, permit, permit_somewhere};
use crate::firearms::entity::armoury;
use crate::firearms::store as registry;
use crate::firearms::transfers::entity::transfer;
use crate::firearms::transfers::model::State;
use crate::firearms::transfers::service::{self, Arrived, NewTransfer};
use crate::firearms::transfers::store;
use crate::kernel::Ctx;
use crate::kernel::text::thousands;
use crate::web::extract::{Path, Query};
use crate::web::layers::Visit;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::{Typed, presence_fields, refused_signed, said, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 6] = ["from", "to", "guns", "lots", "document", "reason"];
/// Transfers that the page shows.
const MOST: u64 = 200;

fn mark(frame: &Frame, state: State) -> Mark {
    let look = match state {
        State::Planned => "ask",
        State::OnTheWay => "warn",
        State::Differing => "bad",
        State::Arrived => "good",
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

async fn name_of(app: &App, id: uuid::Uuid) -> Result<String, ApiError> {
    let row = registry::armoury_by_id(app.db().read(), id).await?;
    Ok(row.map(|row: armoury::Model| format!("{} {}", row.number, row.name)).unwrap_or_default())
}

async fn all(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    said: String,
    asked: &Typed,
    beside: (&Typed, &Faults),
) -> Result<Response, ApiError> {
    let (w, f) = (&frame.words.arms_moves.transfer, &frame.words.firearms.field);
    let rows = store::list(app.db().read(), ctx, State::by_name(asked.get("state")), MOST).await?;
    let mut table = Table::new(&[&f.number, &f.kind, &f.state, &w.from, &w.to, &w.sent_at, &w.ended_at]);
    for row in &rows {
        let mark = mark(&frame, row.state);
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(row.number.clone(), at("transfers", &row.number)) },
            frame.either(row.store_kind.zh(), row.store_kind.as_str()).into(),
            Td::mark(mark.look, mark.text).because(row.note.clone()),
            name_of(app, row.from_id).await?.into(),
            name_of(app, row.to_id).await?.into(),
            minute(row.sent_at).into(),
            minute(row.ended_at).into(),
        ]);
    }
    table.empty = ("arrows-exchange", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    let mut blocks = vec![Block { table: Some(table), ..Block::default() }];
    if frame.may(Action::FirearmsWrite) {
        blocks.push(new_transfer(app, ctx, &frame, beside).await?);
    }
    let filters = vec![Field::filter_of(&frame, "state", &f.state, options!(frame, State))];
    let (title, lead) = (w.title.clone(), w.lead.clone());
    let back = ("/firearms".to_owned(), frame.words.nav.firearms.clone());
    Ok(Board { back, lead, said, filters, blocks, ..Board::new(frame, title) }.answer())
}

async fn new_transfer(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    (typed, faults): (&Typed, &Faults),
) -> Result<Block, ApiError> {
    let (w, f) = (&frame.words.arms_moves.transfer, &frame.words.firearms.field);
    let stores = registry::armouries(app.db().read(), ctx).await?.into_iter().filter(|row| row.active);
    let stores = stores.map(|row| (row.number.clone(), format!("{} {}", row.number, row.name))).collect();
    let form = Sheet {
        action: "/firearms/transfers".to_owned(),
        fields: vec![
            Field::choice("from", &w.from, stores, typed.get("from"), faults),
            Field::text("to", &w.to, typed.get("to"), faults).help(&w.to_help),
            Field::area("guns", &w.guns, typed.get("guns"), faults),
            Field::area("lots", &w.lots, typed.get("lots"), faults),
            Field::text("document", &w.document, typed.get("document"), faults).help(&w.document_help),
            Field::text("reason", &f.reason, typed.get("reason"), faults),
        ],
        submit: w.plan.clone(),
        general: faults.general().to_owned(),
        ..Sheet::default()
    };
    let notes = vec![w.plan_help.clone()];
    Ok(Block { title: w.plan.clone(), notes, form: Some(form), ..Block::default() })
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsWrite)?;
    let planned = async {
        let text = |id: &str| typed.get(id).to_owned();
        let new = NewTransfer {
            from: text("from"),
            to: text("to"),
            guns: lines_of(&typed, "guns"),
            lots: lots_of(&frame, &typed)?,
            document: text("document"),
            reason: text("reason"),
        };
        let asker = ctx.clone();
        app.write(move |db| async move { service::plan(&db, &asker, &new).await }).await
    };
    match planned.await {
        Ok(row) => Ok(to(&at("transfers", &row.number), "created")),
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
    let (db, w) = (app.db().read(), &frame.words.arms_moves.transfer);
    let row = store::one(db, ctx, number).await?;
    let people = [row.sent1_id, row.sent2_id, row.received1_id, row.received2_id];
    let names = Names::of(db, people.into_iter().flatten(), [row.asked_by.as_str()]).await?;
    let mut blocks = deeds(ctx, &frame, &row, beside);
    let mut facts = vec![
        (w.from.clone(), Td::from(name_of(app, row.from_id).await?)),
        (w.to.clone(), name_of(app, row.to_id).await?.into()),
        (w.document.clone(), row.document.clone().into()),
        (frame.words.firearms.field.reason.clone(), row.reason.clone().into()),
        (w.asked_by.clone(), names.actor(&frame, &row.asked_by).into()),
        (w.senders.clone(), signed(&names, [row.sent1_id, row.sent2_id], row.sent_at)),
        (w.receivers.clone(), signed(&names, [row.received1_id, row.received2_id], row.received_at)),
    ];
    facts.retain(|(_, td)| !td.text.is_empty());
    blocks.push(Block { facts, ..Block::default() });
    blocks.push(things(app, &frame, &row).await?);
    let title = format!("{} · {}", row.number, mark(&frame, row.state).text);
    let (lead, back) = (row.note.clone(), ("/firearms/transfers".to_owned(), w.title.clone()));
    Ok(Board { back, lead, said, blocks, ..Board::new(frame, title) }.answer())
}

async fn things(app: &App, frame: &Frame, row: &transfer::Model) -> Result<Block, ApiError> {
    let (db, w, f) = (app.db().read(), &frame.words.arms_moves.transfer, &frame.words.firearms.field);
    let (sent, arrived) = (format!("#{}", w.quantity), format!("#{}", w.arrived));
    let mut table = Table::new(&[&f.name, &f.kind, &sent, &arrived]);
    for line in store::lines(db, row.id).await? {
        let (name, kind) = match (line.item_id, line.stock_id) {
            (Some(id), _) => match registry::by_id(db, id).await? {
                Some(gun) => (Td::mono(gun.item.item_number), gun.arm.model),
                None => continue,
            },
            (None, Some(id)) => match store::stock_by_id(db, id).await? {
                Some((_, lot)) => (Td::mono(lot.lot), lot.type_name),
                None => continue,
            },
            (None, None) => continue,
        };
        let number = |many: i64| Td::num(thousands(many.unsigned_abs()), "");
        table.rows.push(vec![name, kind.into(), number(line.quantity), number(line.arrived)]);
    }
    Ok(Block { title: w.things.clone(), table: Some(table), ..Block::default() })
}

/// What is on its way from or to a store, for its page; nothing when nothing is.
pub(super) async fn on_the_way(app: &App, frame: &Frame, of: &armoury::Model) -> Result<Option<Block>, ApiError> {
    let (db, w, f) = (app.db().read(), &frame.words.arms_moves.transfer, &frame.words.firearms.field);
    let rows = store::on_the_way(db, of.id).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let rest = format!("#{}", w.rest);
    let mut table = Table::new(&[&f.number, &f.state, &w.from, &w.to, &rest, &w.sent_at]);
    for row in &rows {
        let mark = mark(frame, row.state);
        let lines = store::lines(db, row.id).await?;
        let rest: i64 = lines.iter().map(|line| line.quantity - line.arrived).sum();
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(row.number.clone(), at("transfers", &row.number)) },
            Td::mark(mark.look, mark.text).because(row.note.clone()),
            name_of(app, row.from_id).await?.into(),
            name_of(app, row.to_id).await?.into(),
            Td::num(thousands(rest.unsigned_abs()), ""),
            minute(row.sent_at).into(),
        ]);
    }
    Ok(Some(Block { title: w.on_the_way.clone(), table: Some(table), ..Block::default() }))
}

fn deeds(
    ctx: &Ctx,
    frame: &Frame,
    row: &transfer::Model,
    (deed, typed, faults): (&str, &Typed, &Faults),
) -> Vec<Block> {
    let (w, f) = (&frame.words.arms_moves.transfer, &frame.words.firearms.field);
    let (blank, clean) = (Typed::default(), Faults::default());
    let of = |name: &str| if deed == name { (typed, faults) } else { (&blank, &clean) };
    let form = |name: &str, title: &String, help: &String, fields: Vec<Field>, danger: bool| {
        let sheet = Sheet {
            action: format!("{}/{name}", at("transfers", &row.number)),
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
    let mut blocks = Vec::new();
    let may = |action, unit| permit(ctx, action, Some(unit)).is_ok();
    if row.state == State::Planned && may(Action::DrawsKeep, row.from_unit_id) {
        let fields = presence_fields(frame, of("send").0, of("send").1);
        blocks.push(form("send", &w.send, &w.send_help, fields, false));
    }
    if row.state == State::Planned && may(Action::FirearmsWrite, row.from_unit_id) {
        let reason = Field::text("reason", &f.reason, of("cancel").0.get("reason"), of("cancel").1);
        blocks.push(form("cancel", &w.cancel, &String::new(), vec![reason], true));
    }
    if matches!(row.state, State::OnTheWay | State::Differing) && may(Action::DrawsKeep, row.to_unit_id) {
        let (typed, faults) = of("receive");
        let there = match row.store_kind {
            crate::firearms::model::StoreKind::Gun => Field::area("guns", &w.guns, typed.get("guns"), faults),
            crate::firearms::model::StoreKind::Ammunition => Field::area("lots", &w.lots, typed.get("lots"), faults),
        };
        let mut fields = vec![there];
        fields.extend(presence_fields(frame, typed, faults));
        blocks.push(form("receive", &w.receive, &w.receive_help, fields, false));
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
    permit_somewhere(&ctx, if deed == "cancel" { Action::FirearmsWrite } else { Action::DrawsKeep })?;
    match go(&app, &visit, &ctx, &frame, &number, &deed, &typed).await {
        Ok(()) => Ok(to(&at("transfers", &number), "saved")),
        Err(error) => {
            let faults = refused_signed(error, &FIELDS)?;
            one(&app, &ctx, frame, &number, String::new(), (&deed, &typed, &faults)).await
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
    let (asker, number, version) = (ctx.clone(), number.to_owned(), Some(typed.version()));
    match deed {
        "send" => {
            let second = super::second(app, visit, ctx, frame, typed).await?;
            app.write(move |db| async move { service::send(&db, &asker, &second, &number, version).await }).await?;
        }
        "receive" => {
            let arrived = Arrived { guns: lines_of(typed, "guns"), lots: lots_of(frame, typed)? };
            let second = super::second(app, visit, ctx, frame, typed).await?;
            let done =
                app.write(
                    move |db| async move { service::receive(&db, &asker, &second, &number, version, &arrived).await },
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
