//! Rounds for trainings, and guns handed up to be destroyed: each a list with its forms.

use axum::extract::State as Extract;
use axum::response::Response;
use axum::{Extension, Form};

use super::upkeep::signed;
use super::{at, minute, whole};
use crate::access::{Action, permit, permit_somewhere};
use crate::firearms::model::StoreKind;
use crate::firearms::store as registry;
use crate::firearms::transfers::entity::training;
use crate::firearms::transfers::model::Firing;
use crate::firearms::transfers::scrapping::{self, HandUp};
use crate::firearms::transfers::store;
use crate::firearms::transfers::training::{self as firing, Back, NewTraining};
use crate::kernel::Ctx;
use crate::kernel::text::thousands;
use crate::web::extract::{Path, Query};
use crate::web::layers::Visit;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::{Typed, presence_fields, refused_signed, said, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 11] =
    ["store", "lot", "rounds", "leader", "participants", "place", "document", "back", "fired", "cases", "note"];
const SCRAP_FIELDS: [&str; 6] = ["gun", "certificate", "receiver", "receiver_person", "document", "reason"];
/// Rows that a page shows.
const MOST: u64 = 200;

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let said = said(&frame, &asked);
    page(&app, &ctx, frame, said, ("", &Typed::default(), &Faults::default())).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    said: String,
    beside: (&str, &Typed, &Faults),
) -> Result<Response, ApiError> {
    let (db, w, f) = (app.db().read(), &frame.words.arms_moves.training, &frame.words.firearms.field);
    let rows = store::trainings(db, ctx, MOST).await?;
    let names = Names::of(db, rows.iter().map(|row| row.leader_id), []).await?;
    let numbers = [&w.out, &w.back, &w.fired, &w.cases].map(|name| format!("#{name}"));
    let mut heads: Vec<&str> = vec![&f.number, &f.state, &f.lot];
    heads.extend(numbers.iter().map(String::as_str));
    heads.extend([w.leader.as_str(), w.participants.as_str(), w.place.as_str(), w.out_at.as_str(), f.note.as_str()]);
    let mut table = Table::new(&heads);
    for row in &rows {
        let lot = store::stock_by_id(db, row.stock_id).await?;
        let lot = lot.map(|(_, lot)| format!("{} {}", lot.type_name, lot.lot)).unwrap_or_default();
        let look = if row.state == Firing::Out { "warn" } else { "good" };
        let mut cells = vec![
            Td::mono(row.number.clone()),
            Td::mark(look, frame.either(row.state.zh(), row.state.as_str())),
            lot.into(),
        ];
        let numbers = [row.rounds_out, row.rounds_back, row.fired, row.cases_kept];
        cells.extend(numbers.map(|many| Td::num(thousands(many.unsigned_abs()), "")));
        cells.extend([
            names.person(Some(row.leader_id)).into(),
            row.participants.clone().into(),
            row.place.clone().into(),
            minute(Some(row.out_at)).into(),
            row.note.clone().into(),
        ]);
        table.rows.push(cells);
    }
    table.empty = ("target", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    let mut blocks = vec![Block { table: Some(table), ..Block::default() }];
    for row in rows.iter().filter(|row| row.state == Firing::Out) {
        if permit(ctx, Action::DrawsKeep, Some(row.unit_id)).is_ok() {
            blocks.push(back_form(&frame, row, beside));
        }
    }
    if frame.may(Action::DrawsKeep) {
        blocks.push(out_form(app, ctx, &frame, beside).await?);
    }
    let (title, lead) = (w.title.clone(), w.lead.clone());
    let back = ("/firearms".to_owned(), frame.words.nav.firearms.clone());
    Ok(Board { back, lead, said, blocks, ..Board::new(frame, title) }.answer())
}

fn back_form(frame: &Frame, row: &training::Model, (deed, typed, faults): (&str, &Typed, &Faults)) -> Block {
    let (w, f) = (&frame.words.arms_moves.training, &frame.words.firearms.field);
    let (blank, clean) = (Typed::default(), Faults::default());
    let (typed, faults) = if deed == row.number { (typed, faults) } else { (&blank, &clean) };
    let number = |id: &str, label: &String| Field::input(id, label, "number", typed.get(id), faults);
    let mut fields = vec![
        number("back", &w.back),
        number("fired", &w.fired),
        number("cases", &w.cases),
        Field::text("note", &f.note, typed.get("note"), faults).help(&w.note_help),
    ];
    fields.extend(presence_fields(frame, typed, faults));
    let form = Sheet {
        action: at("trainings", &row.number),
        hidden: vec![("version".to_owned(), row.version.to_string())],
        fields,
        submit: w.take_back.clone(),
        general: faults.general().to_owned(),
        ..Sheet::default()
    };
    let title = format!("{} {}", w.take_back, row.number);
    let notes = vec![w.take_back_help.replace("{out}", &row.rounds_out.to_string())];
    Block { title, notes, form: Some(form), ..Block::default() }
}

async fn out_form(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    (deed, typed, faults): (&str, &Typed, &Faults),
) -> Result<Block, ApiError> {
    let (w, f) = (&frame.words.arms_moves.training, &frame.words.firearms.field);
    let (blank, clean) = (Typed::default(), Faults::default());
    let (typed, faults) = if deed == "new" { (typed, faults) } else { (&blank, &clean) };
    let stores = registry::armouries(app.db().read(), ctx).await?;
    let stores = stores.into_iter().filter(|row| row.kind == StoreKind::Ammunition && row.active);
    let stores = stores.map(|row| (row.number.clone(), format!("{} {}", row.number, row.name))).collect();
    let text = |id: &str, label: &String| Field::text(id, label, typed.get(id), faults);
    let mut fields = vec![
        Field::choice("store", &f.store, stores, typed.get("store"), faults),
        text("lot", &f.lot),
        Field::input("rounds", &f.rounds, "number", typed.get("rounds"), faults),
        text("leader", &w.leader).help(&frame.words.firearms.officer.set_help),
        text("participants", &w.participants),
        text("place", &w.place),
        text("document", &w.document),
    ];
    fields.extend(presence_fields(frame, typed, faults));
    let form = Sheet {
        action: "/firearms/trainings".to_owned(),
        fields,
        submit: w.take_out.clone(),
        general: faults.general().to_owned(),
        ..Sheet::default()
    };
    let notes = vec![w.take_out_help.clone()];
    Ok(Block { title: w.take_out.clone(), notes, form: Some(form), ..Block::default() })
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::DrawsKeep)?;
    let faults = match go_out(&app, &visit, &ctx, &frame, &typed).await {
        Ok(Ok(())) => return Ok(to("/firearms/trainings", "created")),
        Ok(Err(faults)) => faults,
        Err(error) => refused_signed(error, &FIELDS)?,
    };
    page(&app, &ctx, frame, String::new(), ("new", &typed, &faults)).await
}

async fn go_out(
    app: &App,
    visit: &Visit,
    ctx: &Ctx,
    frame: &Frame,
    typed: &Typed,
) -> Result<Result<(), Faults>, ApiError> {
    let leader = match picks::person(app, ctx, frame, typed.get("leader")).await? {
        Ok(Some(person)) => person.id,
        Ok(None) => return Ok(Err(Faults::at("leader", frame.words.common.none_selected.clone()))),
        Err(text) => return Ok(Err(Faults::at("leader", text))),
    };
    let rounds = match whole(frame, typed, "rounds") {
        Ok(many) => many.unwrap_or_default(),
        Err(faults) => return Ok(Err(faults)),
    };
    let text = |id: &str| typed.get(id).to_owned();
    let new = NewTraining {
        armoury: text("store"),
        lot: text("lot"),
        rounds,
        leader,
        participants: text("participants"),
        place: text("place"),
        document: text("document"),
    };
    let second = super::second(app, visit, ctx, frame, typed).await?;
    let asker = ctx.clone();
    app.write(move |db| async move { firing::take_out(&db, &asker, &second, &new).await }).await?;
    Ok(Ok(()))
}

pub(super) async fn take_one(
    Extract(app): Extract<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::DrawsKeep)?;
    let faults = match go_back(&app, &visit, &ctx, &frame, &number, &typed).await {
        Ok(Ok(())) => return Ok(to("/firearms/trainings", "saved")),
        Ok(Err(faults)) => faults,
        Err(error) => refused_signed(error, &FIELDS)?,
    };
    page(&app, &ctx, frame, String::new(), (&number, &typed, &faults)).await
}

async fn go_back(
    app: &App,
    visit: &Visit,
    ctx: &Ctx,
    frame: &Frame,
    number: &str,
    typed: &Typed,
) -> Result<Result<(), Faults>, ApiError> {
    let many = |id: &str| whole(frame, typed, id).map(Option::unwrap_or_default);
    let read = many("back").and_then(|back| Ok((back, many("fired")?, many("cases")?)));
    let came = match read {
        Ok((back, fired, cases)) => Back { back, fired, cases, note: typed.get("note").to_owned() },
        Err(faults) => return Ok(Err(faults)),
    };
    let second = super::second(app, visit, ctx, frame, typed).await?;
    let (asker, number, version) = (ctx.clone(), number.to_owned(), Some(typed.version()));
    let done =
        app.write(move |db| async move { firing::take_back(&db, &asker, &second, &number, version, &came).await });
    done.await?;
    Ok(Ok(()))
}

pub(super) async fn show_scrapped(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let said = said(&frame, &asked);
    scrapped(&app, &ctx, frame, said, (&Typed::default(), &Faults::default())).await
}

async fn scrapped(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    said: String,
    (typed, faults): (&Typed, &Faults),
) -> Result<Response, ApiError> {
    let (db, w, f) = (app.db().read(), &frame.words.arms_moves.scrap, &frame.words.firearms.field);
    let rows = store::scrappings(db, ctx, MOST).await?;
    let names = Names::of(db, rows.iter().flat_map(|row| [row.handed1_id, row.handed2_id]), []).await?;
    let mut table = Table::new(&[&f.number, &w.gun, &f.certificate, &w.receiver, &w.document, &f.reason, &w.handed_by]);
    for row in &rows {
        let gun = registry::by_id(db, row.item_id).await?.map(|gun| gun.item.item_number).unwrap_or_default();
        table.rows.push(vec![
            Td::mono(row.number.clone()),
            Td { class: "mono", ..Td::link(gun.clone(), at("guns", &gun)) },
            Td::mono(row.certificate.clone()),
            format!("{} {}", row.receiver, row.receiver_person).into(),
            row.document.clone().into(),
            row.reason.clone().into(),
            signed(&names, [Some(row.handed1_id), Some(row.handed2_id)], Some(row.handed_at)),
        ]);
    }
    table.empty = ("archive", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    let mut blocks = vec![Block { table: Some(table), ..Block::default() }];
    if frame.may(Action::FirearmsWrite) && frame.may(Action::DrawsKeep) {
        let text = |id: &str, label: &String| Field::text(id, label, typed.get(id), faults);
        let mut fields = vec![
            text("gun", &w.gun).help(&w.gun_help),
            text("certificate", &f.certificate).help(&w.certificate_help),
            text("receiver", &w.receiver),
            text("receiver_person", &w.receiver_person),
            text("document", &w.document),
            text("reason", &f.reason),
        ];
        fields.extend(presence_fields(&frame, typed, faults));
        let form = Sheet {
            action: "/firearms/scrappings".to_owned(),
            fields,
            submit: w.hand_up.clone(),
            general: faults.general().to_owned(),
            danger: true,
            ..Sheet::default()
        };
        blocks.push(Block { title: w.hand_up.clone(), form: Some(form), ..Block::default() });
    }
    let (title, lead) = (w.title.clone(), w.lead.clone());
    let back = ("/firearms".to_owned(), frame.words.nav.firearms.clone());
    Ok(Board { back, lead, said, blocks, ..Board::new(frame, title) }.answer())
}

pub(super) async fn take_scrapped(
    Extract(app): Extract<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsWrite)?;
    permit_somewhere(&ctx, Action::DrawsKeep)?;
    let handed = async {
        let text = |id: &str| typed.get(id).to_owned();
        let new = HandUp {
            gun: text("gun"),
            certificate: text("certificate"),
            receiver: text("receiver"),
            receiver_person: text("receiver_person"),
            document: text("document"),
            reason: text("reason"),
        };
        let second = super::second(&app, &visit, &ctx, &frame, &typed).await?;
        let asker = ctx.clone();
        app.write(move |db| async move { scrapping::hand_up(&db, &asker, &second, None, &new).await }).await
    };
    match handed.await {
        Ok(_) => Ok(to("/firearms/scrappings", "created")),
        Err(error) => {
            let faults = refused_signed(error, &SCRAP_FIELDS)?;
            scrapped(&app, &ctx, frame, String::new(), (&typed, &faults)).await
        }
    }
}
