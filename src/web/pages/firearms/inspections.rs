//! Inspections: today's remote ones, done and missing, those before; where one is begun, and where all that are filled in
//! are signed at once.

use axum::extract::State as Extract;
use axum::response::Response;
use axum::{Extension, Form};
use hashbrown::HashMap;
use uuid::Uuid;

use super::{at, minute, options};
use crate::access::{Action, permit_somewhere};
use crate::firearms::inspections::entity::inspection;
use crate::firearms::inspections::model::{Kind, State};
use crate::firearms::inspections::service::{self, Day, NewInspection};
use crate::firearms::inspections::store::{self, Wanted};
use crate::firearms::store as registry;
use crate::kernel::Ctx;
use crate::web::extract::Query;
use crate::web::layers::Visit;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::{Typed, presence_fields, refused_signed, said, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 3] = ["armoury", "kind", "occasion"];
/// Inspections before that the page shows.
const MOST: u64 = 100;

pub(super) fn inspection_mark(frame: &Frame, row: &inspection::Model) -> Mark {
    let look = match row.state {
        State::Open => "ask",
        State::Signed if row.failed > 0 => "bad",
        State::Signed => "good",
        State::Cancelled => "calm",
    };
    Mark::new(look, frame.either(row.state.zh(), row.state.as_str()))
}

/// How today's remote inspection of an armoury stands: done, under way, missing, or missing after its hour.
pub(super) fn day_mark(frame: &Frame, ctx: &Ctx, day: &Day, paper: Option<&inspection::Model>) -> Mark {
    let w = &frame.words.firearms.inspect;
    match paper {
        Some(row) if row.state == State::Signed => {
            let text =
                if row.failed > 0 { w.failed.replace("{count}", &row.failed.to_string()) } else { w.done.clone() };
            Mark::new(if row.failed > 0 { "bad" } else { "good" }, text)
        }
        _ if ctx.now() >= day.by => Mark::new("bad", w.missing.clone()),
        Some(_) => Mark::new("ask", w.under_way.clone()),
        None => Mark::new("warn", w.not_yet.clone()),
    }
}

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
    let db = app.db().read();
    let (w, f) = (&frame.words.firearms.inspect, &frame.words.firearms.field);
    let day = service::today(db, ctx).await?;
    let rows = store::list(db, ctx, &Wanted::default(), MOST).await?;
    let names = Names::of(db, rows.iter().map(|row| row.inspector_id), []).await?;
    let mut today = Table::new(&[&f.store, &f.unit, &w.paper, &f.state]);
    for (of, paper) in &day.armouries {
        let mark = day_mark(&frame, ctx, &day, paper.as_ref());
        let link = paper.as_ref().map(|row| Td::link(row.number.clone(), at("inspections", &row.number)));
        today.rows.push(vec![
            Td::link(of.name.clone(), at("stores", &of.number)),
            names.unit(Some(of.unit_id)).into(),
            Td { class: "mono", ..link.unwrap_or_default() },
            Td::mark(mark.look, mark.text),
        ]);
    }
    today.empty.1.clone_from(&w.no_stores);
    let mut blocks = Vec::new();
    if frame.may(Action::InspectionsRun) {
        blocks.extend(forms(db, ctx, &frame, &day, beside).await?);
    }
    let title = w.today.replace("{by}", &minute(Some(day.by)));
    blocks.push(Block { title, table: Some(today), ..Block::default() });
    let stores: HashMap<Uuid, String> =
        registry::armouries(db, ctx).await?.into_iter().map(|row| (row.id, row.name)).collect();
    blocks.push(Block {
        title: w.earlier.clone(),
        table: Some(earlier(&frame, &rows, &names, &stores)),
        ..Block::default()
    });
    let title = w.title.replace("{done}", &day.done().to_string()).replace("{all}", &day.armouries.len().to_string());
    let (back, lead) = (("/firearms".to_owned(), frame.words.nav.firearms.clone()), w.lead.clone());
    Ok(Board { back, lead, said, blocks, ..Board::new(frame, title) }.answer())
}

fn earlier(frame: &Frame, rows: &[inspection::Model], names: &Names, stores: &HashMap<Uuid, String>) -> Table {
    let (w, f) = (&frame.words.firearms.inspect, &frame.words.firearms.field);
    let failed = format!("#{}", w.failed_checks);
    let mut table = Table::new(&[&f.number, &w.day, &f.kind, &f.store, &w.inspector, &failed, &f.state]);
    for row in rows {
        let mark = inspection_mark(frame, row);
        let kind = frame.either(row.kind.zh(), row.kind.as_str());
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(row.number.clone(), at("inspections", &row.number)) },
            row.day.to_string().into(),
            Td::from(kind).because(row.occasion.clone()),
            stores.get(&row.armoury_id).cloned().unwrap_or_default().into(),
            names.person(Some(row.inspector_id)).into(),
            Td::num(row.failed.to_string(), ""),
            Td::mark(mark.look, mark.text),
        ]);
    }
    table.empty = ("clipboard-check", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    table
}

async fn forms(
    db: &sea_orm::DatabaseConnection,
    ctx: &Ctx,
    frame: &Frame,
    day: &Day,
    (deed, typed, faults): (&str, &Typed, &Faults),
) -> Result<Vec<Block>, ApiError> {
    let (w, f) = (&frame.words.firearms.inspect, &frame.words.firearms.field);
    let (blank, clean) = (Typed::default(), Faults::default());
    let of = |name: &str| if deed == name { (typed, faults) } else { (&blank, &clean) };
    let mut blocks = Vec::new();
    let ready = day.ready(db, ctx.person()).await?;
    if !ready.is_empty() {
        let form = Sheet {
            action: "/firearms/inspections/sign".to_owned(),
            hidden: ready.iter().map(|number| ("number".to_owned(), number.clone())).collect(),
            fields: presence_fields(frame, of("sign").0, of("sign").1),
            submit: w.sign_all.replace("{count}", &ready.len().to_string()),
            general: of("sign").1.general().to_owned(),
            ..Sheet::default()
        };
        let notes = vec![ready.join("、"), w.sign_help.clone()];
        blocks.push(Block { title: w.sign.clone(), notes, form: Some(form), ..Block::default() });
    }
    // Those that wait for it today stand first.
    let mut stores: Vec<_> = day.armouries.iter().collect();
    stores.sort_by_key(|(_, paper)| paper.is_some());
    let stores = stores.into_iter().map(|(of, _)| (of.number.clone(), format!("{} {}", of.number, of.name))).collect();
    let (typed, faults) = of("open");
    let form = Sheet {
        action: "/firearms/inspections".to_owned(),
        fields: vec![
            Field::choice("armoury", &f.store, stores, typed.get("armoury"), faults),
            Field::choice("kind", &f.kind, options!(frame, Kind), typed.get("kind"), faults),
            Field::text("occasion", &w.occasion, typed.get("occasion"), faults).help(&w.occasion_help),
        ],
        submit: w.begin.clone(),
        general: faults.general().to_owned(),
        ..Sheet::default()
    };
    blocks.push(Block { title: w.begin.clone(), form: Some(form), ..Block::default() });
    Ok(blocks)
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::InspectionsRun)?;
    let Some(kind) = Kind::by_name(typed.get("kind")) else {
        let faults = Faults::at("kind", frame.words.common.none_selected.clone());
        return page(&app, &ctx, frame, String::new(), ("open", &typed, &faults)).await;
    };
    let (armoury, occasion) = (typed.get("armoury").to_owned(), typed.get("occasion").to_owned());
    let (asker, new) = (ctx.clone(), NewInspection { armoury, kind, occasion });
    match app.write(move |db| async move { service::open(&db, &asker, &new).await }).await {
        Ok(row) => Ok(to(&at("inspections", &row.number), "created")),
        Err(error) => {
            let faults = refused_signed(error, &FIELDS)?;
            page(&app, &ctx, frame, String::new(), ("open", &typed, &faults)).await
        }
    }
}

pub(super) async fn take_signature(
    Extract(app): Extract<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::InspectionsRun)?;
    let numbers: Vec<String> = typed.all("number").map(str::to_owned).collect();
    let signed = async {
        let signer = super::second(&app, &visit, &ctx, &frame, &typed).await?;
        app.write(move |db| async move { service::sign(&db, &signer, &numbers).await }).await
    };
    match signed.await {
        Ok(_) => Ok(to("/firearms/inspections", "saved")),
        Err(error) => {
            let faults = refused_signed(error, &FIELDS)?;
            page(&app, &ctx, frame, String::new(), ("sign", &typed, &faults)).await
        }
    }
}
