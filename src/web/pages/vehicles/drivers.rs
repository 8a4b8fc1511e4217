//! Drivers and their licences.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;

use super::date;
use crate::access::{Action, permit_somewhere, reach};
use crate::kernel::Ctx;
use crate::org::people;
use crate::vehicles::drivers::{self, Licence};
use crate::vehicles::model::LicenceClass;
use crate::vehicles::store;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::{Typed, said, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// Drivers that the page shows at most.
const MOST: usize = 2_000;

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let said = said(&frame, &asked);
    page(&app, &ctx, frame, said, (&Typed::default(), &Faults::default())).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    said: String,
    (typed, faults): (&Typed, &Faults),
) -> Result<Response, ApiError> {
    let (db, today, seen) = (app.db().read(), ctx.now().day(), reach(ctx, Action::VehiclesRead));
    let mut rows = store::drivers(db).await?;
    rows.truncate(MOST);
    let names = Names::of(db, rows.iter().map(|row| row.person_id), []).await?;
    let (w, f) = (&frame.words.vehicles.driver, &frame.words.vehicles.field);
    let mut table = Table::new(&[&w.person, &w.licence, &w.from, &w.until, &w.active, &f.note]);
    let (mut many, mut lapsed) = (0, 0);
    for row in rows {
        let Some(person) = people::by_id(db, row.person_id).await?.filter(|one| seen.covers(Some(one.unit_id))) else {
            continue;
        };
        let over = row.valid_until.is_some_and(|until| until < today);
        (many, lapsed) = (many + 1, lapsed + usize::from(over));
        let mark = match (over, row.active && person.active) {
            (true, _) => Td::mark("bad", w.lapsed.clone()),
            (false, true) => Td::mark("good", w.drives.clone()),
            (false, false) => Td::mark("calm", w.stopped.clone()),
        };
        let until = row.valid_until.map_or_else(|| w.forever.clone(), |day| day.to_string());
        table.rows.push(vec![
            names.person_and_unit(row.person_id).into(),
            frame.either(row.licence_class.zh(), row.licence_class.as_str()).into(),
            row.valid_from.map(|day| day.to_string()).unwrap_or_default().into(),
            until.into(),
            mark,
            row.note.into(),
        ]);
    }
    table.empty = ("steering-wheel", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    let classes =
        LicenceClass::ALL.iter().map(|one| (one.as_str().to_owned(), frame.either(one.zh(), one.as_str()).to_owned()));
    let active = vec![("yes".to_owned(), w.drives.clone()), ("no".to_owned(), w.stopped.clone())];
    let class = if typed.get("class").is_empty() { "c1" } else { typed.get("class") };
    let fields = vec![
        Field::text("person", &w.person, typed.get("person"), faults).help(&w.set_help),
        Field::choice("class", &w.licence, classes.collect(), class, faults),
        Field::input("valid_from", &w.from, "date", typed.get("valid_from"), faults),
        Field::input("valid_until", &w.until, "date", typed.get("valid_until"), faults).help(&w.forever),
        Field::choice("active", &w.active, active, typed.get("active"), faults),
        Field::text("note", &f.note, typed.get("note"), faults),
    ];
    let writes = frame.may(Action::VehiclesWrite);
    let sheet = Sheet {
        action: "/vehicles/drivers".to_owned(),
        fields: if writes { fields } else { Vec::new() },
        submit: w.set.clone(),
        general: faults.general().to_owned(),
        why: if writes { String::new() } else { frame.words.vehicles.car.not_yours.clone() },
        ..Sheet::default()
    };
    let title = w.title.replace("{count}", &many.to_string()).replace("{lapsed}", &lapsed.to_string());
    let blocks = vec![
        Block { table: Some(table), ..Block::default() },
        Block { title: w.set.clone(), form: Some(sheet), ..Block::default() },
    ];
    let back = ("/vehicles".to_owned(), frame.words.vehicles.list.heading.clone());
    Ok(Board { back, said, blocks, ..Board::new(frame, title) }.answer())
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesWrite)?;
    let faults = match licence(&app, &ctx, &frame, &typed).await? {
        Err(faults) => faults,
        Ok(new) => {
            let asker = ctx.clone();
            match app.write(move |db| async move { drivers::set(&db, &asker, &new, None).await }).await {
                Ok(_) => return Ok(to("/vehicles/drivers", "saved")),
                Err(error) => picks::refused(error, &["person", "valid_from", "valid_until", "note"])?,
            }
        }
    };
    page(&app, &ctx, frame, String::new(), (&typed, &faults)).await
}

async fn licence(app: &App, ctx: &Ctx, frame: &Frame, typed: &Typed) -> Result<Result<Licence, Faults>, ApiError> {
    let person = match picks::person(app, ctx, frame, typed.get("person")).await? {
        Ok(Some(person)) => person.id,
        Ok(None) => return Ok(Err(Faults::at("person", frame.words.vehicles.driver.set_help.clone()))),
        Err(text) => return Ok(Err(Faults::at("person", text))),
    };
    let days = date(frame, typed, "valid_from").and_then(|from| Ok((from, date(frame, typed, "valid_until")?)));
    Ok(days.map(|(valid_from, valid_until)| Licence {
        person,
        class: LicenceClass::by_name(typed.get("class")).unwrap_or(LicenceClass::C1),
        valid_from,
        valid_until,
        active: typed.get("active") != "no",
        note: typed.get("note").to_owned(),
    }))
}
