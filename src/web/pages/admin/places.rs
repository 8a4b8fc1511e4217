//! Places: the list, a place with its things and its label.

use axum::Form;
use axum::extract::State;
use axum::response::Response;
use hufu_labels::write::{Format, Template};
use uuid::Uuid;

use super::board::{Block, Board, Field, Form as Sheet, Step, Table, Td};
use super::people::things_table;
use super::shared::{
    Closing, Listing, Typed, among, closing_page, listing_page, person_named, refused, said, standing, to,
    unit_choices, wanted_state, written,
};
use crate::access::{Action, permit, permit_somewhere, reach};
use crate::db::order::{By, Order};
use crate::items::labels::{self, Printing, Subject};
use crate::items::printing::{BuiltinPaper, record_of_place};
use crate::items::{closing, search, store};
use crate::kernel::Ctx;
use crate::kernel::ids::{PersonId, PlaceId, UnitId};
use crate::org::entity::place;
use crate::org::places::{self, NewPlace, PlaceChange};
use crate::org::{Directory, OrgError, service};
use crate::web::extract::{Path, Query};
use crate::web::pages::form::Faults;
use crate::web::pages::parts::{self, PAGE, SHEET_ROWS, cut};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// Things that a place's page shows; the rest is behind the link.
const FEW: u64 = 50;
/// What a place's label is printed on when nobody says.
const LABEL: &str = "asset-60x40";
const FIELDS: [&str; 4] = ["code", "name", "unit_id", "keeper_id"];

/// What the list can be sorted by.
const WAYS: [(&str, By<place::Column>); 4] = [
    ("code", By::Full(place::Column::Code)),
    ("name", By::Full(place::Column::Name)),
    ("unit", By::Of(place::Column::UnitId, "units", "name")),
    ("keeper", By::Of(place::Column::KeeperId, "people", "name")),
];

pub(super) async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::OrgRead)?;
    let right = reach(&ctx, Action::OrgRead);
    let those = among(&right, asked.id("unit"));
    let (text, wanted) = (asked.sought("q")?, wanted_state(&asked));
    let sheet = asked.get("as") == "xlsx";
    let limit = if sheet { SHEET_ROWS } else { PAGE + 1 };
    let after = if sheet { None } else { asked.id::<PlaceId>("after").map(Into::into) };
    let by_code = || Order { by: By::Full(place::Column::Code), down: false, after: after.clone() };
    let order = parts::order(&frame, &WAYS, after.clone()).unwrap_or_else(by_code);
    let db = app.db().read();
    let mut rows = places::sorted(db, those, text.as_deref(), wanted, &order, limit).await?;
    let next = if sheet { String::new() } else { cut(&mut rows, PAGE, |row| row.id.to_string()) };
    let mut keepers: Vec<PersonId> = rows.iter().filter_map(|row| row.keeper_id).collect();
    keepers.sort_unstable();
    keepers.dedup();
    let names = Directory::load_some(db, &[], &keepers).await?;
    if sheet {
        return file(&frame, &names, rows).await;
    }
    let (w, s) = (&frame.words.admin.places, &frame.words.admin.shared);
    let mut table = Table::new(&[&w.code, &w.name, &w.unit, &w.keeper, &s.state]);
    for row in &rows {
        table.rows.push(vec![
            Td::mono(row.code.clone()),
            Td::link(row.name.clone(), format!("/places/{}", row.id)),
            Td::link(names.unit_name(row.unit_id), format!("/units/{}", row.unit_id)),
            keeper(&names, row),
            standing(&frame, row.active),
        ]);
    }
    (table.next, table.paged, table.sorts) = (next, true, &[(0, "code"), (1, "name"), (2, "unit"), (3, "keeper")]);
    let unit = asked.id("unit").map(|unit| names.unit_name(unit).to_owned());
    let listing = Listing {
        path: "/places",
        icon: "map-pin",
        title: &w.title,
        title_of: &w.title_of,
        find: &w.find,
        unit: &w.unit,
        none: &w.none,
        none_help: &w.none_help,
        new: &w.new,
        more: labels(&frame, &rows),
    };
    let units = unit_choices(&app, &right).await?;
    Ok(listing_page(frame, &listing, &asked, unit, units, table))
}

/// The labels of the places on the page, all at once.
fn labels(frame: &Frame, rows: &[place::Model]) -> Option<(String, String)> {
    let rooms: Vec<String> = rows.iter().filter(|row| row.active).map(|row| format!("room={}", row.id)).collect();
    let wanted = frame.may(Action::LabelsPrint) && !rooms.is_empty();
    let text = frame.words.admin.places.print_all.replace("{count}", &rooms.len().to_string());
    wanted.then(|| (text, format!("/labels/print?{}", rooms.join("&"))))
}

fn keeper(names: &Directory, row: &place::Model) -> Td {
    match row.keeper_id {
        Some(id) => Td::link(names.person_name(Some(id)), format!("/people/{id}")),
        None => Td::default(),
    }
}

/// The list as a workbook.
async fn file(frame: &Frame, names: &Directory, rows: Vec<place::Model>) -> Result<Response, ApiError> {
    let (w, s) = (&frame.words.admin.places, &frame.words.admin.shared);
    let head = [&w.code, &w.name, &w.unit, &w.keeper, &s.state].map(String::as_str);
    let lines: Vec<Vec<parts::Cell>> = rows
        .into_iter()
        .map(|row| {
            let state = if row.active { &s.open } else { &s.closed };
            let (unit, who) = (names.unit_name(row.unit_id).to_owned(), names.person_name(row.keeper_id).to_owned());
            [row.code, row.name, unit, who, state.clone()].map(parts::Cell::from).to_vec()
        })
        .collect();
    let name: &'static str = &frame.words.nav.places;
    let made = tokio::task::spawn_blocking(move || parts::sheet(name, &head, lines.into_iter())).await;
    Ok(parts::workbook(&format!("{name}.xlsx"), made.map_err(|_| ApiError::Internal)??))
}

async fn seen(app: &App, ctx: &Ctx, id: Uuid) -> Result<place::Model, ApiError> {
    permit_somewhere(ctx, Action::OrgRead)?;
    let found = places::by_id(app.db().read(), PlaceId(id)).await?;
    let seen = found.filter(|row| reach(ctx, Action::OrgRead).covers(Some(row.unit_id)));
    seen.ok_or_else(|| OrgError::NotFound("地点").into())
}

pub(super) async fn one(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    page(&app, &ctx, frame, id, &asked, &Faults::default()).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    id: Uuid,
    asked: &Typed,
    faults: &Faults,
) -> Result<Response, ApiError> {
    let row = seen(app, ctx, id).await?;
    let db = app.db().read();
    let people: Vec<PersonId> = row.keeper_id.into_iter().collect();
    let names = Directory::load_some(db, &[], &people).await?;
    let (w, s) = (&frame.words.admin.places, &frame.words.admin.shared);
    let facts = vec![
        (w.code.clone(), Td::mono(row.code.clone())),
        (w.unit.clone(), Td::link(names.unit_name(row.unit_id), format!("/units/{}", row.unit_id))),
        (w.keeper.clone(), keeper(&names, &row)),
        (s.state.clone(), standing(&frame, row.active)),
    ];
    let mut blocks = vec![Block { title: w.facts.clone(), facts, ..Block::default() }];
    if frame.may(Action::ItemsRead) {
        let among = reach(ctx, Action::ItemsRead).units();
        let wanted = search::Search { place: Some(row.id), among, ..search::Search::default() };
        let mut table = things_table(&frame, search::list(db, &wanted, FEW).await?);
        table.empty.1.clone_from(&w.holds_nothing);
        let mut block = Block { title: w.things.clone(), ..Block::default() };
        if !table.rows.is_empty() {
            block.more = (format!("/items?place={id}"), frame.words.admin.people.all_things.clone());
        }
        block.table = Some(table);
        blocks.push(block);
        blocks.push(label_block(app, ctx, &frame, &row, asked, faults).await?);
    }
    let may = permit(ctx, Action::OrgWrite, Some(row.unit_id)).is_ok();
    let why = match (may, row.active) {
        (false, _) => s.not_yours.clone(),
        (true, false) => w.is_closed.clone(),
        (true, true) => String::new(),
    };
    let step = |text: &String, href: String| Step { text: text.clone(), href, why: why.clone(), ..Step::default() };
    let steps = vec![
        step(&w.close, format!("/places/{id}/close")),
        Step { primary: true, ..step(&w.edit, format!("/places/{id}/edit")) },
    ];
    let (said, back) = (said(&frame, asked), ("/places".to_owned(), frame.words.nav.places.clone()));
    Ok(Board { said, back, steps, blocks, ..Board::new(frame, row.name) }.answer())
}

/// The label on its door, and the way to another.
async fn label_block(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    row: &place::Model,
    typed: &Typed,
    faults: &Faults,
) -> Result<Block, ApiError> {
    let w = &frame.words.admin.places;
    let label = store::current_labels(app.db().read(), &[row.id.0]).await?.remove(&row.id.0);
    let code = label.map_or_else(|| Td::from(w.no_label.as_str()), |label| Td::mono(label.code));
    let templates: Vec<_> = Template::builtin_names().map(|name| (name.to_owned(), name.to_owned())).collect();
    let chosen = if typed.get("template").is_empty() { LABEL } else { typed.get("template") };
    let mut sheet = Sheet {
        action: format!("/places/{}/label", row.id),
        fields: vec![Field::choice("template", &w.template, templates, chosen, faults)],
        submit: w.print.clone(),
        general: faults.general().to_owned(),
        ..Sheet::default()
    };
    if permit(ctx, Action::LabelsPrint, Some(row.unit_id)).is_err() {
        sheet.why.clone_from(&frame.words.admin.shared.not_yours);
    } else if !row.active {
        sheet.why.clone_from(&w.is_closed);
    }
    let facts = vec![(w.label_code.clone(), code)];
    Ok(Block { title: w.label.clone(), facts, form: Some(sheet), ..Block::default() })
}

/// Prints the place's label: the one it has, or its first.
pub(super) async fn print(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    let row = seen(&app, &ctx, id).await?;
    permit(&ctx, Action::LabelsPrint, Some(row.unit_id))?;
    let template = typed.get("template").to_owned();
    let wanted = template.clone();
    let checked = tokio::task::spawn_blocking(move || BuiltinPaper::new(&wanted, None, (0, 300), Format::Pdf, 1)).await;
    // Whatever is wrong with the paper is said before a label is recorded as printed.
    let paper = match checked.map_err(|_| ApiError::Internal)? {
        Ok(paper) => paper,
        Err(error) => {
            let faults = refused(error.into(), &["template"])?;
            return page(&app, &ctx, frame, id, &typed, &faults).await;
        }
    };
    let subject = [Subject::Place(row.id)];
    let asker = ctx.clone();
    let printed = app
        .write(move |db| async move { labels::print(&db, &asker, &subject, &template, Printing::Again).await })
        .await;
    let codes = match printed {
        Ok(codes) => codes,
        Err(error) => return page(&app, &ctx, frame, id, &typed, &refused(error, &["template"])?).await,
    };
    let db = app.db().read();
    let people: Vec<PersonId> = row.keeper_id.into_iter().collect();
    let names = Directory::load_some(db, &[], &people).await?;
    let organisation = service::organisation(db).await?;
    let records: Vec<_> = codes.into_iter().map(|code| record_of_place(&names, &row, code)).collect();
    let bytes = tokio::task::spawn_blocking(move || paper.write(&records, &organisation)).await;
    let bytes = bytes.map_err(|_| ApiError::Internal)?.map_err(ApiError::from)?;
    Ok(parts::attachment(&format!("{}.pdf", row.code), "application/pdf", bytes))
}

pub(super) async fn new(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(typed): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    form(&app, &ctx, frame, None, &typed, &Faults::default()).await
}

async fn form(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    row: Option<&place::Model>,
    typed: &Typed,
    faults: &Faults,
) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::OrgWrite)?;
    let w = &frame.words.admin.places;
    let mut own = unit_choices(app, &reach(ctx, Action::OrgWrite)).await?;
    own.insert(0, (String::new(), frame.words.admin.shared.choose.clone()));
    let mut sheet = Sheet {
        action: row.map_or_else(|| "/places/new".to_owned(), |row| format!("/places/{}/edit", row.id)),
        fields: vec![
            Field::text("code", &w.code, typed.get("code"), faults).help(&w.code_help),
            Field::text("name", &w.name, typed.get("name"), faults),
            Field::choice("unit_id", &w.unit, own, typed.get("unit_id"), faults),
            Field::text("keeper_id", &w.keeper, typed.get("keeper_id"), faults).help(&w.keeper_help),
        ],
        submit: frame.words.common.save.clone(),
        general: faults.general().to_owned(),
        cancel: row.map_or_else(|| "/places".to_owned(), |row| format!("/places/{}", row.id)),
        ..Sheet::default()
    };
    sheet.hidden.extend(row.map(|_| ("version".to_owned(), typed.get("version").to_owned())));
    let title = row.map_or_else(|| w.new.clone(), |row| w.editing.replace("{name}", &row.name));
    let back = ("/places".to_owned(), frame.words.nav.places.clone());
    let block = Block { form: Some(sheet), ..Block::default() };
    Ok(Board { back, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

/// What was typed of a place.
async fn read(app: &App, ctx: &Ctx, frame: &Frame, typed: &Typed) -> Result<Result<NewPlace, Faults>, ApiError> {
    let Some(unit) = typed.id::<UnitId>("unit_id") else {
        return Ok(Err(Faults::at("unit_id", frame.words.admin.shared.choose.clone())));
    };
    let right = reach(ctx, Action::OrgRead);
    Ok(person_named(app, &right, typed.get("keeper_id"), "keeper_id").await?.map(|keeper| NewPlace {
        code: typed.get("code").to_owned(),
        name: typed.get("name").to_owned(),
        unit,
        keeper,
    }))
}

pub(super) async fn create(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::OrgWrite)?;
    let new = match read(&app, &ctx, &frame, &typed).await? {
        Ok(new) => new,
        Err(faults) => return form(&app, &ctx, frame, None, &typed, &faults).await,
    };
    let asker = ctx.clone();
    match app.write(move |db| async move { places::create(&db, &asker, new).await }).await {
        Ok(row) => Ok(to(&format!("/places/{}", row.id), "created")),
        Err(error) => form(&app, &ctx, frame, None, &typed, &refused(error, &FIELDS)?).await,
    }
}

pub(super) async fn edit(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let row = seen(&app, &ctx, id).await?;
    permit(&ctx, Action::OrgWrite, Some(row.unit_id))?;
    let people: Vec<PersonId> = row.keeper_id.into_iter().collect();
    let names = Directory::load_some(app.db().read(), &[], &people).await?;
    let typed = Typed::of(&[
        ("code", &row.code),
        ("name", &row.name),
        ("unit_id", &row.unit_id.to_string()),
        ("keeper_id", &written(&names, row.keeper_id)),
        ("version", &row.version.to_string()),
    ]);
    form(&app, &ctx, frame, Some(&row), &typed, &Faults::default()).await
}

pub(super) async fn change(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    let row = seen(&app, &ctx, id).await?;
    permit(&ctx, Action::OrgWrite, Some(row.unit_id))?;
    let new = match read(&app, &ctx, &frame, &typed).await? {
        Ok(new) => new,
        Err(faults) => return form(&app, &ctx, frame, Some(&row), &typed, &faults).await,
    };
    let change =
        PlaceChange { code: Some(new.code), name: Some(new.name), unit: Some(new.unit), keeper: Some(new.keeper) };
    let (asker, version) = (ctx.clone(), typed.version());
    match app.write(move |db| async move { places::change(&db, &asker, PlaceId(id), version, &change).await }).await {
        Ok(_) => Ok(to(&format!("/places/{id}"), "saved")),
        Err(error) => form(&app, &ctx, frame, Some(&row), &typed, &refused(error, &FIELDS)?).await,
    }
}

pub(super) async fn before_closing(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
) -> Result<Response, ApiError> {
    close_page(&app, &ctx, frame, id, &Faults::default()).await
}

async fn close_page(app: &App, ctx: &Ctx, frame: Frame, id: Uuid, faults: &Faults) -> Result<Response, ApiError> {
    let row = seen(app, ctx, id).await?;
    permit(ctx, Action::OrgWrite, Some(row.unit_id))?;
    let w = &frame.words.admin.places;
    let closing = Closing {
        page: format!("/places/{id}"),
        name: row.name,
        version: row.version,
        title: &w.closing,
        help: &w.close_help,
        submit: &w.close,
    };
    Ok(closing_page(frame, closing, faults))
}

pub(super) async fn close(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    let row = seen(&app, &ctx, id).await?;
    permit(&ctx, Action::OrgWrite, Some(row.unit_id))?;
    let (asker, version) = (ctx.clone(), typed.version());
    match app.write(move |db| async move { closing::close_place(&db, &asker, PlaceId(id), version).await }).await {
        Ok(_) => Ok(to(&format!("/places/{id}"), "closed")),
        Err(error) => close_page(&app, &ctx, frame, id, &refused(error, &[])?).await,
    }
}
