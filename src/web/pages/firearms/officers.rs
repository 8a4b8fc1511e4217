//! Armed officers: the list with who may draw today and why not; one with results and bans.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;
use uuid::Uuid;

use super::{date, options, whole};
use crate::access::rules::Rules;
use crate::access::{Action, permit, permit_somewhere, reach};
use crate::firearms::model::ResultKind;
use crate::firearms::officers::{self, Licence, NewResult, OTHERWISE_RESULT_DAYS, RESULT_DAYS};
use crate::firearms::store;
use crate::kernel::Ctx;
use crate::kernel::ids::PersonId;
use crate::org::entity::person;
use crate::org::people;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::{Typed, said, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let said = said(&frame, &asked);
    page(&app, &ctx, frame, said, (&Typed::default(), &Faults::default())).await
}

/// Why somebody may not draw today; blank when they may.
async fn why_not(app: &App, ctx: &Ctx, rules: &Rules, person: PersonId) -> Result<String, ApiError> {
    let fitness = store::fitness(app.db().read(), person, ctx.now().day()).await?;
    let days = rules.number(RESULT_DAYS, ctx.now(), OTHERWISE_RESULT_DAYS);
    Ok(fitness.check(ctx.now().day(), days).err().map(|unfit| unfit.to_string()).unwrap_or_default())
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    said: String,
    (typed, faults): (&Typed, &Faults),
) -> Result<Response, ApiError> {
    let (db, seen) = (app.db().read(), reach(ctx, Action::FirearmsRead));
    let (rows, rules) = (store::officers(db).await?, Rules::load(db).await?);
    let names = Names::of(db, rows.iter().map(|row| row.person_id), []).await?;
    let w = &frame.words.firearms.officer;
    let mut table = Table::new(&[&w.person, &w.licence, &w.valid_until, &w.active, &w.issuer]);
    let mut unfit = 0;
    for row in rows {
        if people::by_id(db, row.person_id).await?.is_none_or(|one| !seen.covers(Some(one.unit_id))) {
            continue;
        }
        let why = why_not(app, ctx, &rules, row.person_id).await?;
        unfit += usize::from(!why.is_empty());
        let mark = if why.is_empty() { Td::mark("good", w.fit.clone()) } else { Td::mark("bad", w.lapsed.clone()) };
        table.rows.push(vec![
            Td::link(names.person_and_unit(row.person_id), format!("/firearms/officers/{}", row.person_id)),
            Td::mono(row.licence),
            row.valid_until.to_string().into(),
            mark.because(why),
            row.issuer.into(),
        ]);
    }
    table.empty = ("user-shield", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    let many = table.rows.len();
    let mut blocks = vec![Block { table: Some(table), ..Block::default() }];
    if frame.may(Action::FirearmsWrite) {
        let active = vec![("yes".to_owned(), w.carries.clone()), ("no".to_owned(), w.stopped.clone())];
        let fields = vec![
            Field::text("person", &w.person, typed.get("person"), faults).help(&w.set_help),
            Field::text("licence", &w.licence, typed.get("licence"), faults),
            Field::text("issuer", &w.issuer, typed.get("issuer"), faults),
            Field::input("issued_on", &w.issued_on, "date", typed.get("issued_on"), faults),
            Field::input("valid_until", &w.valid_until, "date", typed.get("valid_until"), faults),
            Field::choice("active", &w.active, active, typed.get("active"), faults),
        ];
        let form = Sheet {
            action: "/firearms/officers".to_owned(),
            fields,
            submit: w.set.clone(),
            general: faults.general().to_owned(),
            ..Sheet::default()
        };
        blocks.push(Block { title: w.set.clone(), form: Some(form), ..Block::default() });
    }
    let title = w.title.replace("{count}", &many.to_string()).replace("{unfit}", &unfit.to_string());
    let back = ("/firearms".to_owned(), frame.words.nav.firearms.clone());
    Ok(Board { back, said, blocks, ..Board::new(frame, title) }.answer())
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsWrite)?;
    let faults = match licence(&app, &ctx, &frame, &typed).await? {
        Err(faults) => faults,
        Ok(new) => {
            let asker = ctx.clone();
            match app.write(move |db| async move { officers::set(&db, &asker, &new, None).await }).await {
                Ok(_) => return Ok(to("/firearms/officers", "saved")),
                Err(error) => picks::refused(error, &["person", "licence", "issuer", "issued_on", "valid_until"])?,
            }
        }
    };
    page(&app, &ctx, frame, String::new(), (&typed, &faults)).await
}

async fn licence(app: &App, ctx: &Ctx, frame: &Frame, typed: &Typed) -> Result<Result<Licence, Faults>, ApiError> {
    let person = match picks::person(app, ctx, frame, typed.get("person")).await? {
        Ok(Some(person)) => person.id,
        Ok(None) => return Ok(Err(Faults::at("person", frame.words.firearms.officer.set_help.clone()))),
        Err(text) => return Ok(Err(Faults::at("person", text))),
    };
    let needed = |field: &str| {
        date(frame, typed, field)?.ok_or_else(|| Faults::at(field, frame.words.admin.shared.bad_day.clone()))
    };
    let days = needed("issued_on").and_then(|from| Ok((from, needed("valid_until")?)));
    Ok(days.map(|(issued_on, valid_until)| Licence {
        person,
        number: typed.get("licence").to_owned(),
        issuer: typed.get("issuer").to_owned(),
        issued_on,
        valid_until,
        active: typed.get("active") != "no",
        note: String::new(),
    }))
}

pub(super) async fn show_one(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(person): Path<Uuid>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let said = said(&frame, &asked);
    one(&app, &ctx, frame, PersonId(person), said, (&Typed::default(), &Faults::default())).await
}

async fn one(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    whose: PersonId,
    said: String,
    (typed, faults): (&Typed, &Faults),
) -> Result<Response, ApiError> {
    let (db, seen, w) = (app.db().read(), reach(ctx, Action::FirearmsRead), &frame.words.firearms.officer);
    let person = people::by_id(db, whose).await?.filter(|one| seen.covers(Some(one.unit_id)));
    let person = person.ok_or_else(|| ApiError::NotFound("没有这个人员".to_owned()))?;
    let why = why_not(app, ctx, &Rules::load(db).await?, whose).await?;
    let mut results = Table::new(&[&w.held_on, &w.kind, &format!("#{}", w.score), &w.result]);
    for row in store::results_of(db, whose).await? {
        results.rows.push(vec![
            row.held_on.to_string().into(),
            frame.either(row.kind.zh(), row.kind.as_str()).into(),
            Td::num(row.score.map(|score| score.to_string()).unwrap_or_default(), ""),
            if row.passed { Td::mark("good", w.passed.clone()) } else { Td::mark("bad", w.failed.clone()) },
        ]);
    }
    results.empty.1.clone_from(&w.no_results);
    let f = &frame.words.firearms.field;
    let today = ctx.now().day();
    let mut bans = Table::new(&[&f.reason, &w.until, &f.state]);
    let rows = store::bans_of(db, whose).await?;
    for row in &rows {
        let until = row.until.map(|day| day.to_string()).unwrap_or_default();
        let mark = if store::stands(row, today) {
            Td::mark("bad", w.standing.clone())
        } else {
            Td::mark("calm", w.lifted.clone()).because(row.lift_reason.clone())
        };
        bans.rows.push(vec![row.reason.clone().into(), until.into(), mark]);
    }
    bans.empty.1.clone_from(&w.no_bans);
    let mut blocks = Vec::new();
    if !why.is_empty() {
        blocks.push(Block { alert: Some(("danger", why.clone())), ..Block::default() });
    }
    blocks.push(Block { title: w.results.clone(), table: Some(results), ..Block::default() });
    blocks.push(Block { title: w.bans.clone(), table: Some(bans), ..Block::default() });
    let standing = rows.into_iter().find(|row| store::stands(row, today)).map(|row| row.id);
    blocks.extend(deeds(ctx, &frame, &person, standing, (typed, faults)));
    let state = if why.is_empty() { &w.fit } else { &w.lapsed };
    let title = format!("{} · {state}", person.name);
    let back = ("/firearms/officers".to_owned(), frame.words.firearms.list.officers.clone());
    Ok(Board { back, said, blocks, ..Board::new(frame, title) }.answer())
}

fn deeds(
    ctx: &Ctx,
    frame: &Frame,
    person: &person::Model,
    standing: Option<Uuid>,
    (typed, faults): (&Typed, &Faults),
) -> Vec<Block> {
    let (w, f) = (&frame.words.firearms.officer, &frame.words.firearms.field);
    let form = |deed: &str, title: &String, notes: Vec<String>, fields: Vec<Field>, danger: bool| {
        let sheet = Sheet {
            action: format!("/firearms/officers/{}/{deed}", person.id),
            fields,
            submit: title.clone(),
            general: faults.general().to_owned(),
            danger,
            ..Sheet::default()
        };
        Block { title: title.clone(), notes, form: Some(sheet), ..Block::default() }
    };
    let mut blocks = Vec::new();
    if permit(ctx, Action::FirearmsWrite, Some(person.unit_id)).is_ok() {
        let passed = vec![("yes".to_owned(), w.passed.clone()), ("no".to_owned(), w.failed.clone())];
        let fields = vec![
            Field::choice("kind", &w.kind, options!(frame, ResultKind), typed.get("kind"), faults),
            Field::input("held_on", &w.held_on, "date", typed.get("held_on"), faults),
            Field::input("score", &w.score, "number", typed.get("score"), faults),
            Field::choice("passed", &w.result, passed, typed.get("passed"), faults),
        ];
        blocks.push(form("results", &w.add_result, Vec::new(), fields, false));
    }
    if permit(ctx, Action::FirearmsBan, Some(person.unit_id)).is_err() {
        return blocks;
    }
    let reason = Field::text("reason", &f.reason, typed.get("reason"), faults);
    match standing {
        Some(_) => blocks.push(form("lift", &w.lift, Vec::new(), vec![reason], false)),
        None => {
            let until = Field::input("until", &w.until, "date", typed.get("until"), faults).help(&w.for_ever);
            blocks.push(form("ban", &w.ban, vec![w.ban_help.clone()], vec![reason, until], true));
        }
    }
    blocks
}

pub(super) async fn take_one(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((person, deed)): Path<(Uuid, String)>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    let right = if deed == "results" { Action::FirearmsWrite } else { Action::FirearmsBan };
    permit_somewhere(&ctx, right)?;
    let faults = match go(&app, &ctx, &frame, PersonId(person), &deed, &typed).await {
        Ok(Ok(())) => return Ok(to(&format!("/firearms/officers/{person}"), "saved")),
        Ok(Err(faults)) => faults,
        Err(error) => picks::refused(error, &["kind", "held_on", "score", "passed", "reason", "until"])?,
    };
    one(&app, &ctx, frame, PersonId(person), String::new(), (&typed, &faults)).await
}

async fn go(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    person: PersonId,
    deed: &str,
    typed: &Typed,
) -> Result<Result<(), Faults>, ApiError> {
    let (asker, reason) = (ctx.clone(), typed.get("reason").to_owned());
    match deed {
        "results" => {
            let read = date(frame, typed, "held_on").and_then(|day| Ok((day, whole(frame, typed, "score")?)));
            let (held_on, score) = match read {
                Ok((Some(day), score)) => (day, score),
                Ok((None, _)) => {
                    return Ok(Err(Faults::at("held_on", frame.words.admin.shared.bad_day.clone())));
                }
                Err(faults) => return Ok(Err(faults)),
            };
            let kind = ResultKind::by_name(typed.get("kind")).unwrap_or(ResultKind::Training);
            let passed = typed.get("passed") != "no";
            let new = NewResult { person, kind, held_on, score, passed, note: String::new() };
            app.write(move |db| async move { officers::enter_result(&db, &asker, &new).await }).await?;
        }
        "ban" => {
            let until = match date(frame, typed, "until") {
                Ok(until) => until,
                Err(faults) => return Ok(Err(faults)),
            };
            app.write(move |db| async move { officers::forbid(&db, &asker, person, &reason, until).await }).await?;
        }
        "lift" => {
            let today = ctx.now().day();
            let bans = store::bans_of(app.db().read(), person).await?;
            let Some(ban) = bans.into_iter().find(|row| store::stands(row, today)) else {
                return Err(ApiError::Conflict("没有生效中的禁枪".to_owned()));
            };
            app.write(move |db| async move { officers::lift(&db, &asker, ban.id, &reason).await }).await?;
        }
        _ => return Err(ApiError::NotFound("没有这个地址".to_owned())),
    }
    Ok(Ok(()))
}
