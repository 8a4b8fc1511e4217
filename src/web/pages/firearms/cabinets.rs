//! What the cabinets of a store told, and the devices that speak for them.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;
use hashbrown::HashMap;
use uuid::Uuid;

use super::at;
use crate::access::{Action, permit, permit_somewhere};
use crate::firearms::cabinets::devices::{self, NewDevice};
use crate::firearms::cabinets::entity::{device, event};
use crate::firearms::cabinets::model::{Concern, DeviceState};
use crate::firearms::cabinets::store as cabinets;
use crate::firearms::entity::{armoury, cabinet};
use crate::firearms::store;
use crate::kernel::Ctx;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::{Typed, refused, said, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::parts::{PAGE, cut};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 4] = ["cabinet", "number", "name", "reason"];

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    page(&app, &ctx, frame, &number, &asked, ("", &Typed::default(), &Faults::default())).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    number: &str,
    asked: &Typed,
    beside: (&str, &Typed, &Faults),
) -> Result<Response, ApiError> {
    let (db, w) = (app.db().read(), &frame.words.firearms.cabinet);
    let of = store::armoury(db, ctx, number).await?;
    let devices = cabinets::devices(db, ctx, Some(of.id)).await?;
    let in_it = store::cabinets(db, of.id).await?;
    let mut blocks = vec![
        Block { table: Some(events(app, &frame, &of, asked, &devices).await?), ..Block::default() },
        Block {
            title: w.devices.clone(),
            table: Some(table_of(app, &frame, &devices, &in_it).await?),
            ..Block::default()
        },
    ];
    blocks.extend(forms(ctx, &frame, &of, &devices, &in_it, beside));
    let (title, lead) = (w.title.replace("{name}", &of.name), w.lead.clone());
    let (said, back) = (said(&frame, asked), (at("stores", &of.number), of.name.clone()));
    Ok(Board { back, lead, said, blocks, ..Board::new(frame, title) }.answer())
}

async fn events(
    app: &App,
    frame: &Frame,
    of: &armoury::Model,
    asked: &Typed,
    devices: &[device::Model],
) -> Result<Table, ApiError> {
    let (db, w, f) = (app.db().read(), &frame.words.firearms.cabinet, &frame.words.firearms.field);
    let mut rows = cabinets::events(db, of.id, asked.id("after"), PAGE + 1).await?;
    let next = cut(&mut rows, PAGE, |row| row.id.to_string());
    let waiting = cabinets::still_waiting(db, &rows).await?;
    let told = cabinets::told(db, &rows).await?;
    let names = Names::of(db, rows.iter().filter_map(|row| row.person_id), []).await?;
    let numbers: HashMap<Uuid, &str> = devices.iter().map(|row| (row.id, row.number.as_str())).collect();
    let mut table = Table::new(&[&w.happened, &w.what, &f.slot, &w.badge, &w.device, &w.received, &w.verdict]);
    for row in &rows {
        let found = told.get(&cabinets::origin(row.id));
        let verdict = match (row.kind.concern(), found) {
            (_, Some(found)) => {
                let href = format!("/findings/{}", found.id);
                Td { href, ..Td::mark("bad", frame.either(found.kind.zh(), found.kind.as_str())) }
            }
            (Concern::Alarm, None) => Td::mark("bad", w.alarm.clone()),
            (Concern::Judged, None) if waiting.contains(&row.id) => Td::mark("ask", w.waiting.clone()),
            (Concern::Judged, None) => Td::mark("good", w.fits.clone()),
            (Concern::None, None) => Td::default(),
        };
        table.rows.push(vec![
            Td::time(Some(row.happened_at)),
            Td::from(frame.either(row.kind.zh(), row.kind.as_str())).because(row.note.clone()),
            Td::mono(row.slot.map(|slot| slot.to_string()).unwrap_or_default()),
            whose(&names, row),
            Td::mono(format!("{} #{}", numbers.get(&row.device_id).copied().unwrap_or_default(), row.seq)),
            Td::time(Some(row.received_at)),
            verdict,
        ]);
    }
    table.empty = ("clipboard-list", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    (table.next, table.paged) = (next, true);
    Ok(table)
}

fn whose(names: &Names, row: &event::Model) -> Td {
    match row.person_id {
        Some(_) => names.person(row.person_id).into(),
        None => Td::mono(row.badge.clone()),
    }
}

async fn table_of(
    app: &App,
    frame: &Frame,
    devices: &[device::Model],
    in_it: &[cabinet::Model],
) -> Result<Table, ApiError> {
    let (w, f) = (&frame.words.firearms.cabinet, &frame.words.firearms.field);
    let mut table = Table::new(&[&w.device, &f.cabinet, &w.device_name, &f.state, &w.keyed, &w.seen]);
    for row in devices {
        let seen = cabinets::key_of(app.db().read(), row.id).await?.map(|kept| kept.seen_at);
        let cabinet = in_it.iter().find(|one| one.id == row.cabinet_id).map(|one| one.number.clone());
        let look = if row.state == DeviceState::Active { "good" } else { "gone" };
        table.rows.push(vec![
            Td::mono(row.number.clone()),
            Td::mono(cabinet.unwrap_or_default()),
            row.name.clone().into(),
            Td::mark(look, frame.either(row.state.zh(), row.state.as_str())).because(row.revoke_reason.clone()),
            Td::time(Some(row.keyed_at)),
            match seen {
                Some(at) if at.0 > 0 => Td::time(Some(at)),
                Some(_) => w.never.clone().into(),
                None => Td::default(),
            },
        ]);
    }
    table.empty.1.clone_from(&w.no_devices);
    Ok(table)
}

fn forms(
    ctx: &Ctx,
    frame: &Frame,
    of: &armoury::Model,
    devices: &[device::Model],
    in_it: &[cabinet::Model],
    (deed, typed, faults): (&str, &Typed, &Faults),
) -> Vec<Block> {
    let (w, f) = (&frame.words.firearms.cabinet, &frame.words.firearms.field);
    if permit(ctx, Action::CabinetsRegister, Some(of.unit_id)).is_err() {
        return vec![Block { notes: vec![w.not_yours.clone()], ..Block::default() }];
    }
    let (blank, clean) = (Typed::default(), Faults::default());
    let of_deed = |name: &str| if deed == name { (typed, faults) } else { (&blank, &clean) };
    let form = |name: &str, title: &String, help: &String, fields: Vec<Field>, danger: bool| {
        let sheet = Sheet {
            action: format!("{}/devices/{name}", at("stores", &of.number)),
            fields,
            submit: title.clone(),
            general: of_deed(name).1.general().to_owned(),
            danger,
            ..Sheet::default()
        };
        Block { title: title.clone(), notes: vec![help.clone()], form: Some(sheet), ..Block::default() }
    };
    let text = |name: &str, id: &str, label: &String| Field::text(id, label, of_deed(name).0.get(id), of_deed(name).1);
    let choice = |name: &str, id: &str, label: &String, from: Vec<(String, String)>| {
        Field::choice(id, label, from, of_deed(name).0.get(id), of_deed(name).1)
    };
    let same = |text: &String| (text.clone(), text.clone());
    let free = in_it
        .iter()
        .filter(|one| !devices.iter().any(|row| row.cabinet_id == one.id && row.state == DeviceState::Active));
    let free: Vec<_> = free.map(|one| same(&one.number)).collect();
    let active = devices.iter().filter(|row| row.state == DeviceState::Active);
    let active: Vec<_> = active.map(|row| same(&row.number)).collect();
    let mut blocks = Vec::new();
    if !free.is_empty() {
        let fields = vec![
            choice("register", "cabinet", &f.cabinet, free),
            text("register", "number", &w.device),
            text("register", "name", &w.device_name),
        ];
        blocks.push(form("register", &w.register, &w.register_help, fields, false));
    }
    if !active.is_empty() {
        let which = choice("rotate", "number", &w.device, active.clone());
        blocks.push(form("rotate", &w.rotate, &w.rotate_help, vec![which], false));
        let fields = vec![choice("revoke", "number", &w.device, active), text("revoke", "reason", &f.reason)];
        blocks.push(form("revoke", &w.revoke, &w.revoke_help, fields, true));
    }
    blocks
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((number, deed)): Path<(String, String)>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::CabinetsRegister)?;
    match go(&app, &ctx, &number, &deed, &typed).await {
        Ok(Some(secret)) => Ok(once(frame, &number, secret)),
        Ok(None) => Ok(to(&format!("{}/events", at("stores", &number)), "saved")),
        Err(error) => {
            let faults = refused(error, &FIELDS)?;
            page(&app, &ctx, frame, &number, &Typed::default(), (&deed, &typed, &faults)).await
        }
    }
}

/// The key, this once.
fn once(frame: Frame, number: &str, secret: String) -> Response {
    let w = &frame.words.firearms.cabinet;
    let block = Block {
        alert: Some(("warning", frame.words.admin.accounts.secret_once.clone())),
        notes: vec![w.secret_help.clone()],
        pre: secret,
        more: (format!("{}/events", at("stores", number)), w.to_it.clone()),
        ..Block::default()
    };
    let title = w.secret.clone();
    Board { blocks: vec![block], ..Board::new(frame.once(), title) }.answer()
}

async fn go(app: &App, ctx: &Ctx, store: &str, deed: &str, typed: &Typed) -> Result<Option<String>, ApiError> {
    let (asker, text) = (ctx.clone(), |id: &str| typed.get(id).to_owned());
    let number = text("number");
    match deed {
        "register" => {
            let new = NewDevice { armoury: store.to_owned(), cabinet: text("cabinet"), number, name: text("name") };
            let made = app.write(move |db| async move { devices::register(&db, &asker, &new).await }).await?;
            Ok(Some(made.1))
        }
        "rotate" => {
            let made = app.write(move |db| async move { devices::rotate(&db, &asker, &number).await }).await?;
            Ok(Some(made.1))
        }
        "revoke" => {
            let reason = text("reason");
            app.write(move |db| async move { devices::revoke(&db, &asker, &number, &reason).await }).await?;
            Ok(None)
        }
        _ => Err(ApiError::NotFound("没有这个地址".to_owned())),
    }
}
