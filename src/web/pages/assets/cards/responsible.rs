//! Who answers for each unit's assets, who did, and which unit lacks somebody.

use axum::Form;
use axum::extract::State;
use axum::response::Response;
use uuid::Uuid;

use crate::access::{Action, permit_somewhere, reach};
use crate::assets::responsible::service::{self, Naming};
use crate::assets::responsible::{self, DUTIES, vacancy};
use crate::kernel::Ctx;
use crate::kernel::ids::{PersonId, UnitId};
use crate::org::Directory;
use crate::org::entity::person::Duty;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::{Typed, refused, said, to};
use crate::web::pages::duties::names::spaced;
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 5] = ["unit", "duty", "person", "from_on", "reason"];

fn duty_word(frame: &Frame, duty: Duty) -> String {
    frame.either(responsible::zh(duty), &spaced(responsible::name(duty))).to_owned()
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    page(&app, &ctx, frame, &asked, &Faults::default()).await
}

async fn page(app: &App, ctx: &Ctx, frame: Frame, typed: &Typed, faults: &Faults) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::OrgRead)?;
    let db = app.db().read();
    let seen = reach(ctx, Action::OrgRead);
    let (now, past) = (service::current(db).await?, service::history(db, ctx, None).await?);
    let lacking: Vec<_> =
        vacancy::vacant(db).await?.into_iter().filter(|(unit, ..)| seen.covers(Some(*unit))).collect();
    let mut people: Vec<PersonId> =
        now.values().map(|one| one.person).chain(past.iter().map(|row| row.person_id)).collect();
    people.sort_unstable();
    people.dedup();
    let names = Directory::load_some(db, &[], &people).await?;
    let w = &frame.words.cards.responsible;
    let may = frame.may(Action::AssetsResponsible);
    let mut blocks = vec![vacancies(&frame, &lacking)];
    if may {
        blocks.push(Block {
            title: w.name.clone(),
            form: Some(form(app, ctx, &frame, typed, faults).await?),
            ..Block::default()
        });
    }
    let mut table = Table::new(&[&w.unit, &w.duty, &w.person, &w.since, &w.reason, ""]);
    for unit in names.units().into_iter().filter(|unit| unit.active && seen.covers(Some(unit.id))) {
        for duty in DUTIES {
            let Some(one) = now.get(&(unit.id, duty)) else { continue };
            let person = Td::link(names.person_name(Some(one.person)), format!("/people/{}", one.person));
            let (since, reason, end) = match &one.row {
                Some(row) => {
                    let end = if may { format!("/responsible/{}/end", row.id) } else { String::new() };
                    (Td::from(row.from_on.to_string()), Td::from(row.reason.as_str()), end)
                }
                None => (Td::from("—").because(w.by_list.clone()), Td::default(), String::new()),
            };
            let end = if end.is_empty() { Td::default() } else { Td::link(w.end.clone(), end) };
            let unit = Td::link(unit.name.clone(), format!("/units/{}", unit.id));
            table.rows.push(vec![unit, duty_word(&frame, duty).into(), person, since, reason, end]);
        }
    }
    table.empty = ("users", w.none.clone(), String::new(), String::new(), String::new());
    blocks.push(Block { title: w.now.clone(), table: Some(table), ..Block::default() });
    let mut table = Table::new(&[&w.unit, &w.duty, &w.person, &w.since, &w.until, &w.reason]);
    for row in past.iter().filter(|row| row.until_on.is_some()) {
        table.rows.push(vec![
            names.unit_name(row.unit_id).into(),
            duty_word(&frame, row.duty).into(),
            names.person_name(Some(row.person_id)).into(),
            row.from_on.to_string().into(),
            row.until_on.map(|day| day.to_string()).unwrap_or_default().into(),
            row.reason.as_str().into(),
        ]);
    }
    table.empty = ("history", w.none.clone(), String::new(), String::new(), String::new());
    blocks.push(Block { title: w.history.clone(), table: Some(table), ..Block::default() });
    let (said, title, lead) = (said(&frame, typed), w.title.clone(), w.lead.clone());
    Ok(Board { said, lead, blocks, ..Board::new(frame, title) }.answer())
}

fn vacancies(frame: &Frame, lacking: &[(UnitId, String, Duty, i64)]) -> Block {
    let w = &frame.words.cards.responsible;
    if lacking.is_empty() {
        return Block { alert: Some(("success", w.no_vacancies.clone())), ..Block::default() };
    }
    let mut table = Table::new(&[&w.unit, &w.duty, &format!("#{}", w.things)]);
    for (unit, name, duty, things) in lacking {
        table.rows.push(vec![
            Td::link(name.as_str(), format!("/units/{unit}")),
            duty_word(frame, *duty).into(),
            Td::num(things.to_string(), format!("/items?unit={unit}")),
        ]);
    }
    Block { title: w.vacancies.clone(), table: Some(table), ..Block::default() }
}

async fn form(app: &App, ctx: &Ctx, frame: &Frame, typed: &Typed, faults: &Faults) -> Result<Sheet, ApiError> {
    let w = &frame.words.cards.responsible;
    let units = picks::Picks::load(app, ctx, "—").await?.units;
    let duties = DUTIES.iter().map(|duty| (responsible::name(*duty).to_owned(), duty_word(frame, *duty))).collect();
    Ok(Sheet {
        action: "/responsible".to_owned(),
        fields: vec![
            Field::choice("unit", &w.unit, units, typed.get("unit"), faults),
            Field::choice("duty", &w.duty, duties, typed.get("duty"), faults),
            Field::text("person", &w.person, typed.get("person"), faults).help(&w.person_help),
            Field::input("from_on", &w.from, "date", typed.get("from_on"), faults).help(&w.from_help),
            Field::text("reason", &w.reason, typed.get("reason"), faults).help(&w.reason_help),
        ],
        submit: w.submit.clone(),
        general: faults.general().to_owned(),
        ..Sheet::default()
    })
}

async fn read(app: &App, ctx: &Ctx, frame: &Frame, typed: &Typed) -> Result<Result<Naming, Faults>, ApiError> {
    let wrong = |field: &str, text: &str| Ok(Err(Faults::at(field, text.to_owned())));
    let Some(unit) = picks::unit(typed.get("unit"))? else { return wrong("unit", "请选择单位") };
    let duty = DUTIES.into_iter().find(|duty| responsible::name(*duty) == typed.get("duty"));
    let Some(duty) = duty else { return wrong("duty", "请选择责任") };
    let person = match picks::person(app, ctx, frame, typed.get("person")).await? {
        Ok(Some(person)) => person.id,
        Ok(None) => return wrong("person", "请填写人员"),
        Err(text) => return wrong("person", &text),
    };
    let from = match typed.get("from_on") {
        "" => ctx.now().day(),
        text => match text.parse() {
            Ok(day) => day,
            Err(_) => return wrong("from_on", &frame.words.admin.shared.bad_day),
        },
    };
    Ok(Ok(Naming { unit, duty, person, from, reason: typed.get("reason").to_owned() }))
}

pub(super) async fn name(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::AssetsResponsible)?;
    let faults = match read(&app, &ctx, &frame, &typed).await? {
        Err(faults) => faults,
        Ok(new) => {
            let asker = ctx.clone();
            match app.write(move |db| async move { service::name(&db, &asker, &new).await }).await {
                Ok(_) => return Ok(to("/responsible", "saved")),
                Err(error) => picks::refused(error, &FIELDS)?,
            }
        }
    };
    page(&app, &ctx, frame, &typed, &faults).await
}

pub(super) async fn before_end(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    ending(&app, &ctx, frame, id, &asked, &Faults::default()).await
}

async fn ending(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    id: Uuid,
    typed: &Typed,
    faults: &Faults,
) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::AssetsResponsible)?;
    let db = app.db().read();
    let row = service::history(db, ctx, None).await?.into_iter().find(|row| row.id == id && row.until_on.is_none());
    let row = row.ok_or_else(|| ApiError::NotFound("没有这条任职记录".to_owned()))?;
    let names = Directory::load_some(db, &[], &[row.person_id]).await?;
    let w = &frame.words.cards.responsible;
    let who = format!(
        "{} {} {}",
        names.unit_name(row.unit_id),
        duty_word(&frame, row.duty),
        names.person_name(Some(row.person_id))
    );
    let form = Sheet {
        action: format!("/responsible/{id}/end"),
        fields: vec![
            Field::input("until_on", &w.until, "date", typed.get("until_on"), faults),
            Field::text("reason", &w.reason, typed.get("reason"), faults).help(&w.reason_help),
        ],
        hidden: vec![("version".to_owned(), row.version.to_string())],
        submit: w.end.clone(),
        general: faults.general().to_owned(),
        danger: true,
        cancel: "/responsible".to_owned(),
        ..Sheet::default()
    };
    let (title, back) = (w.end_title.replace("{name}", &who), ("/responsible".to_owned(), w.title.clone()));
    let block = Block { form: Some(form), ..Block::default() };
    Ok(Board { back, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn end(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::AssetsResponsible)?;
    let until = match typed.get("until_on") {
        "" => ctx.now().day(),
        text => match text.parse() {
            Ok(day) => day,
            Err(_) => {
                let faults = Faults::at("until_on", frame.words.admin.shared.bad_day.clone());
                return ending(&app, &ctx, frame, id, &typed, &faults).await;
            }
        },
    };
    let (asker, version, reason) = (ctx.clone(), typed.version(), typed.get("reason").to_owned());
    let ended = app.write(move |db| async move { service::end(&db, &asker, id, Some(version), until, &reason).await });
    match ended.await {
        Ok(_) => Ok(to("/responsible", "saved")),
        Err(error) => {
            let faults = refused(error, &["until_on", "reason"])?;
            ending(&app, &ctx, frame, id, &typed, &faults).await
        }
    }
}
