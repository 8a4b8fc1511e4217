//! One store: its guns by slot, its magazines, its rounds, and what may be put into it.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;

use super::{at, date, list, magazine_mark, transfers, whole};
use crate::access::{Action, permit, permit_somewhere};
use crate::firearms::ammunition::{self, Receipt};
use crate::firearms::entity::armoury;
use crate::firearms::model::StoreKind;
use crate::firearms::store::{self, Wanted};
use crate::firearms::{armouries, arms};
use crate::kernel::Ctx;
use crate::kernel::text::thousands;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, said, to};
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 9] = ["cabinet", "slots", "model", "numbers", "type_name", "lot", "made_on", "rounds", "document"];
/// Guns that a store's page shows.
const MOST: u64 = 2_000;
/// Of each lot so many changes.
const LATEST: u64 = 5;

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
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
    let row = store::armoury(app.db().read(), ctx, number).await?;
    let w = &frame.words.firearms.store;
    let mut blocks = match row.kind {
        StoreKind::Gun => of_guns(app, ctx, &frame, &row).await?,
        StoreKind::Ammunition => of_rounds(app, &frame, &row).await?,
    };
    blocks.extend(transfers::on_the_way(app, &frame, &row).await?);
    blocks.extend(forms(ctx, &frame, &row, beside));
    let (href, text) = (format!("{}/visits", at("stores", &row.number)), frame.words.firearms.visit.heading.clone());
    let steps = vec![Step { text, href, ..Step::default() }];
    let title = w.title.replace("{name}", &row.name).replace("{kind}", frame.either(row.kind.zh(), row.kind.as_str()));
    let back = ("/firearms".to_owned(), frame.words.nav.firearms.clone());
    Ok(Board { back, said, steps, blocks, ..Board::new(frame, title) }.answer())
}

async fn of_guns(app: &App, ctx: &Ctx, frame: &Frame, row: &armoury::Model) -> Result<Vec<Block>, ApiError> {
    let (db, w, f) = (app.db().read(), &frame.words.firearms.store, &frame.words.firearms.field);
    let wanted = Wanted { armoury: Some(row.id), ..Wanted::default() };
    let mut guns = store::list(db, ctx, &wanted, MOST).await?;
    let cabinets = store::cabinets(db, row.id).await?;
    let place = |cabinet: Option<uuid::Uuid>| cabinets.iter().position(|one| Some(one.id) == cabinet);
    guns.sort_by_key(|one| (place(one.arm.cabinet_id).unwrap_or(usize::MAX), one.arm.slot));
    let mut of_guns = Table::new(&[&f.number, &f.model, &f.serial, &f.state, &f.slot]);
    for one in &guns {
        let mut cells = list::line(frame, one, &[]);
        cells.truncate(4);
        let cabinet = place(one.arm.cabinet_id).map(|n| cabinets[n].number.clone()).unwrap_or_default();
        let slot = one.arm.slot.map(|slot| format!("{cabinet}-{slot}")).unwrap_or_default();
        cells.push(Td::mono(slot));
        of_guns.rows.push(cells);
    }
    of_guns.empty.1.clone_from(&frame.words.firearms.list.no_guns);
    let mut of_cabinets = Table::new(&[&f.cabinet, &format!("#{}", w.slots)]);
    for one in &cabinets {
        of_cabinets.rows.push(vec![Td::mono(one.number.clone()), Td::num(one.slots.to_string(), "")]);
    }
    of_cabinets.empty.1.clone_from(&w.no_cabinets);
    let more = (format!("{}/events", at("stores", &row.number)), frame.words.firearms.cabinet.heading.clone());
    let mut of_magazines = Table::new(&[&f.number, &f.model, &f.state]);
    for one in store::magazines(db, row.id).await? {
        let mark = magazine_mark(frame, one.state);
        of_magazines.rows.push(vec![Td::mono(one.number), one.model.into(), Td::mark(mark.look, mark.text)]);
    }
    of_magazines.empty.1.clone_from(&w.no_magazines);
    Ok(vec![
        Block { title: w.guns.clone(), table: Some(of_guns), ..Block::default() },
        Block { title: w.cabinets.clone(), table: Some(of_cabinets), more, ..Block::default() },
        Block { title: w.magazines.clone(), table: Some(of_magazines), ..Block::default() },
    ])
}

async fn of_rounds(app: &App, frame: &Frame, row: &armoury::Model) -> Result<Vec<Block>, ApiError> {
    let (db, w, f) = (app.db().read(), &frame.words.firearms.store, &frame.words.firearms.field);
    let mut table = Table::new(&[&f.type_name, &f.lot, &format!("#{}", f.rounds), &w.entries]);
    for (stock, lot) in store::stock(db, row.id).await? {
        let latest = store::entries(db, stock.id, LATEST).await?;
        let latest = latest.iter().map(|one| {
            let kind = frame.either(one.kind.zh(), one.kind.as_str());
            format!("{} {kind} {:+} {}", one.entered_at.day(), one.delta, one.document)
        });
        table.rows.push(vec![
            lot.type_name.into(),
            Td::mono(lot.lot),
            Td::num(thousands(stock.rounds.unsigned_abs()), ""),
            latest.collect::<Vec<_>>().join("；").into(),
        ]);
    }
    table.empty.1.clone_from(&w.no_rounds);
    Ok(vec![Block { title: w.rounds.clone(), table: Some(table), ..Block::default() }])
}

fn forms(ctx: &Ctx, frame: &Frame, row: &armoury::Model, (deed, typed, faults): (&str, &Typed, &Faults)) -> Vec<Block> {
    let (w, f) = (&frame.words.firearms.store, &frame.words.firearms.field);
    if permit(ctx, Action::FirearmsWrite, Some(row.unit_id)).is_err() {
        return vec![Block { notes: vec![w.not_yours.clone()], ..Block::default() }];
    }
    let (blank, clean) = (Typed::default(), Faults::default());
    let of = |name: &str| if deed == name { (typed, faults) } else { (&blank, &clean) };
    let form = |name: &str, title: &String, fields: Vec<Field>| {
        let sheet = Sheet {
            action: format!("{}/{name}", at("stores", &row.number)),
            fields,
            submit: title.clone(),
            general: of(name).1.general().to_owned(),
            ..Sheet::default()
        };
        Block { title: title.clone(), form: Some(sheet), ..Block::default() }
    };
    let text = |name: &str, id: &str, label: &String| Field::text(id, label, of(name).0.get(id), of(name).1);
    let input = |name: &str, id: &str, label: &String, kind: &'static str| {
        Field::input(id, label, kind, of(name).0.get(id), of(name).1)
    };
    match row.kind {
        StoreKind::Gun => {
            let numbers =
                Field::area("numbers", &w.magazine_numbers, of("magazines").0.get("numbers"), of("magazines").1);
            let cabinet = vec![text("cabinets", "cabinet", &f.cabinet), input("cabinets", "slots", &w.slots, "number")];
            vec![
                form("cabinets", &w.add_cabinet, cabinet),
                form("magazines", &w.add_magazines, vec![text("magazines", "model", &f.model), numbers]),
            ]
        }
        StoreKind::Ammunition => {
            let fields = vec![
                text("rounds", "type_name", &f.type_name),
                text("rounds", "lot", &f.lot),
                input("rounds", "rounds", &f.rounds, "number"),
                text("rounds", "document", &f.document),
                input("rounds", "made_on", &f.made_on, "date"),
            ];
            vec![form("rounds", &w.receive, fields)]
        }
    }
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((number, deed)): Path<(String, String)>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsWrite)?;
    let faults = match go(&app, &ctx, &frame, &number, &deed, &typed).await {
        Ok(Ok(())) => return Ok(to(&at("stores", &number), "saved")),
        Ok(Err(faults)) => faults,
        Err(error) => picks::refused(error, &FIELDS)?,
    };
    page(&app, &ctx, frame, &number, String::new(), (&deed, &typed, &faults)).await
}

async fn go(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    number: &str,
    deed: &str,
    typed: &Typed,
) -> Result<Result<(), Faults>, ApiError> {
    let (asker, number, text) = (ctx.clone(), number.to_owned(), |id: &str| typed.get(id).to_owned());
    match deed {
        "cabinets" => {
            let slots = match whole(frame, typed, "slots") {
                Ok(slots) => slots.unwrap_or_default(),
                Err(faults) => return Ok(Err(faults)),
            };
            let cabinet = text("cabinet");
            app.write(move |db| async move { armouries::add_cabinet(&db, &asker, &number, &cabinet, slots).await })
                .await?;
        }
        "magazines" => {
            let (model, numbers) = (text("model"), text("numbers"));
            let numbers: Vec<String> =
                numbers.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
            app.write(move |db| async move { arms::enter_magazines(&db, &asker, &number, &model, &numbers).await })
                .await?;
        }
        "rounds" => {
            let read = whole(frame, typed, "rounds").and_then(|many| Ok((many, date(frame, typed, "made_on")?)));
            let (rounds, made_on) = match read {
                Ok((many, day)) => (many.unwrap_or_default(), day),
                Err(faults) => return Ok(Err(faults)),
            };
            let new = Receipt {
                armoury: number,
                type_name: text("type_name"),
                lot: text("lot"),
                made_on,
                rounds,
                document: text("document"),
                note: String::new(),
            };
            app.write(move |db| async move { ammunition::receive(&db, &asker, &new).await }).await?;
        }
        _ => return Err(ApiError::NotFound("没有这个地址".to_owned())),
    }
    Ok(Ok(()))
}
