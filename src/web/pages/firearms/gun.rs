//! One gun, and the form that enters one. Whoever opens a gun's page is written in the journal.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;

use super::{at, date, options, state_mark, whole};
use crate::access::{Action, permit, permit_somewhere};
use crate::firearms::arms::{self, IN_STORE, NewArm};
use crate::firearms::model::{ArmDeed, Category, StoreKind};
use crate::firearms::store::{self, Arm};
use crate::kernel::{Ctx, Fen};
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Step, Td};
use crate::web::pages::admin::shared::{Typed, said, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 12] = [
    "document",
    "number",
    "model",
    "category",
    "serial",
    "certificate",
    "ballistic_record",
    "dedicated_to",
    "armoury",
    "cabinet",
    "slot",
    "value",
];

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let said = said(&frame, &asked);
    page(&app, &ctx, frame, &number, said, &Faults::default()).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    number: &str,
    said: String,
    faults: &Faults,
) -> Result<Response, ApiError> {
    let (asker, wanted) = (ctx.clone(), number.to_owned());
    let one = app.write(move |db| async move { arms::look(&db, &asker, &wanted).await }).await?;
    let (w, mark) = (&frame.words.firearms.gun, state_mark(&frame, one.arm.state));
    let facts = facts(app, &frame, &one).await?;
    let mut blocks = Vec::new();
    if permit(ctx, Action::FirearmsWrite, Some(one.item.unit_id)).is_ok() {
        blocks.extend(keep(&frame, &one, faults));
    }
    let notes = vec![w.looked.clone()];
    blocks.push(Block { title: w.facts.clone(), notes, facts, ..Block::default() });
    let title =
        w.title.replace("{model}", &one.arm.model).replace("{serial}", &one.arm.serial).replace("{state}", &mark.text);
    let back = ("/firearms".to_owned(), frame.words.nav.firearms.clone());
    let number = one.item.item_number;
    let steps = vec![Step { text: number.clone(), href: format!("/items/{number}"), ..Step::default() }];
    Ok(Board { back, said, steps, blocks, ..Board::new(frame, title) }.answer())
}

async fn facts(app: &App, frame: &Frame, one: &Arm) -> Result<Vec<(String, Td)>, ApiError> {
    let (db, f, arm) = (app.db().read(), &frame.words.firearms.field, &one.arm);
    let names = Names::of(db, arm.dedicated_to, []).await?;
    let of = store::armoury_by_id(db, arm.armoury_id).await?;
    let cabinets = store::cabinets(db, arm.armoury_id).await?;
    let cabinet = cabinets.into_iter().find(|row| Some(row.id) == arm.cabinet_id).map(|row| row.number);
    let slot = arm.slot.map(|slot| format!("{}-{slot}", cabinet.unwrap_or_default())).unwrap_or_default();
    let owner = match arm.dedicated_to {
        None => f.none_of.clone(),
        Some(person) => names.person_and_unit(person),
    };
    let place = of.map(|row| Td::link(row.name, at("stores", &row.number))).unwrap_or_default();
    let mut facts = vec![
        (f.number.clone(), Td::mono(one.item.item_number.clone())),
        (f.model.clone(), arm.model.clone().into()),
        (f.category.clone(), frame.either(arm.category.zh(), arm.category.as_str()).into()),
        (f.serial.clone(), Td::mono(arm.serial.clone())),
        (f.certificate.clone(), Td::mono(arm.certificate.clone())),
        (f.ballistic.clone(), Td::mono(arm.ballistic_record.clone())),
        (f.dedicated.clone(), owner.into()),
        (f.unit.clone(), names.unit(Some(one.item.unit_id)).into()),
        (f.store.clone(), place),
        (f.slot.clone(), Td::mono(slot)),
        (f.issued_on.clone(), arm.issued_on.map(|day| day.to_string()).unwrap_or_default().into()),
        (f.note.clone(), arm.state_note.clone().into()),
    ];
    facts.retain(|(_, td)| !td.text.is_empty());
    Ok(facts)
}

fn keep(frame: &Frame, one: &Arm, faults: &Faults) -> Option<Block> {
    let (w, f) = (&frame.words.firearms.gun, &frame.words.firearms.field);
    let open = IN_STORE.into_iter().filter(|deed| one.arm.state.after(*deed).is_ok());
    let deeds: Vec<_> =
        open.map(|deed| (deed.as_str().to_owned(), frame.either(deed.zh(), deed.as_str()).to_owned())).collect();
    if deeds.is_empty() {
        return None;
    }
    let form = Sheet {
        action: format!("{}/keep", at("guns", &one.item.item_number)),
        hidden: vec![("version".to_owned(), one.arm.version.to_string())],
        fields: vec![Field::choice("deed", &w.keep, deeds, "", faults), Field::text("reason", &f.reason, "", faults)],
        submit: w.keep.clone(),
        general: faults.general().to_owned(),
        ..Sheet::default()
    };
    let notes = vec![w.keep_help.clone()];
    Some(Block { title: w.keep.clone(), notes, form: Some(form), ..Block::default() })
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsWrite)?;
    let Some(deed) = ArmDeed::by_name(typed.get("deed")) else {
        return Err(ApiError::invalid("deed", "没有这一步"));
    };
    let (asker, gun, reason, version) =
        (ctx.clone(), number.clone(), typed.get("reason").to_owned(), Some(typed.version()));
    match app.write(move |db| async move { arms::keep(&db, &asker, &gun, version, deed, &reason).await }).await {
        Ok(row) => Ok(to(&at("guns", &row.item.item_number), "saved")),
        Err(error) => {
            let faults = picks::refused(error, &["deed", "reason"])?;
            page(&app, &ctx, frame, &number, String::new(), &faults).await
        }
    }
}

pub(super) async fn show_new(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsWrite)?;
    form(&app, &ctx, frame, &asked, &Faults::default()).await
}

async fn form(app: &App, ctx: &Ctx, frame: Frame, typed: &Typed, faults: &Faults) -> Result<Response, ApiError> {
    let (w, f) = (&frame.words.firearms.gun, &frame.words.firearms.field);
    let stores = store::armouries(app.db().read(), ctx).await?;
    let stores = stores.into_iter().filter(|row| row.kind == StoreKind::Gun && row.active);
    let stores = stores.map(|row| (row.number.clone(), format!("{} {}", row.number, row.name))).collect();
    let text = |id: &str, label: &String| Field::text(id, label, typed.get(id), faults);
    let fields = vec![
        text("model", &f.model),
        Field::choice("category", &f.category, options!(frame, Category), typed.get("category"), faults),
        text("serial", &f.serial).help(&w.serial_help),
        text("certificate", &f.certificate),
        text("ballistic_record", &f.ballistic),
        Field::choice("armoury", &f.store, stores, typed.get("armoury"), faults),
        text("cabinet", &f.cabinet),
        Field::input("slot", &f.slot, "number", typed.get("slot"), faults).help(&w.slot_help),
        text("dedicated_to", &f.dedicated).help(&w.dedicated_help),
        Field::input("issued_on", &f.issued_on, "date", typed.get("issued_on"), faults),
        text("value", &f.value),
        text("document", &f.document),
        text("number", &f.number).help(&w.number_help),
    ];
    let sheet = Sheet {
        action: "/firearms/guns/new".to_owned(),
        fields,
        submit: w.new_title.clone(),
        general: faults.general().to_owned(),
        cancel: "/firearms".to_owned(),
        ..Sheet::default()
    };
    let (title, lead) = (w.new_title.clone(), w.new_help.clone());
    let back = ("/firearms".to_owned(), frame.words.nav.firearms.clone());
    let block = Block { form: Some(sheet), ..Block::default() };
    Ok(Board { back, lead, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn take_new(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsWrite)?;
    let faults = match read(&app, &ctx, &frame, &typed).await? {
        Err(faults) => faults,
        Ok(new) => {
            let asker = ctx.clone();
            match app.write(move |db| async move { arms::enter(&db, &asker, &new).await }).await {
                Ok(row) => return Ok(to(&at("guns", &row.item.item_number), "created")),
                Err(ApiError::Invalid { field: Some(field), reason }) => {
                    let field = if field == "item_number" { "number" } else { &field };
                    Faults::refused(Some(field), reason, &FIELDS)
                }
                Err(error) => picks::refused(error, &FIELDS)?,
            }
        }
    };
    form(&app, &ctx, frame, &typed, &faults).await
}

async fn read(app: &App, ctx: &Ctx, frame: &Frame, typed: &Typed) -> Result<Result<NewArm, Faults>, ApiError> {
    let dedicated_to = match picks::person(app, ctx, frame, typed.get("dedicated_to")).await? {
        Ok(person) => person.map(|person| person.id),
        Err(text) => return Ok(Err(Faults::at("dedicated_to", text))),
    };
    let value = match typed.get("value") {
        "" => Ok(Fen::ZERO),
        text => Fen::parse_yuan(text).map_err(|error| Faults::at("value", error.to_string())),
    };
    let read = value.and_then(|value| Ok((value, whole(frame, typed, "slot")?, date(frame, typed, "issued_on")?)));
    let text = |id: &str| typed.get(id).to_owned();
    Ok(read.map(|(value, slot, issued_on)| NewArm {
        number: text("number"),
        model: text("model"),
        category: Category::by_name(typed.get("category")).unwrap_or(Category::Pistol),
        serial: text("serial"),
        certificate: text("certificate"),
        ballistic_record: text("ballistic_record"),
        dedicated_to,
        armoury: text("armoury"),
        slot: slot.map(|slot| (text("cabinet"), slot)),
        issued_on,
        value,
        document: text("document"),
    }))
}
