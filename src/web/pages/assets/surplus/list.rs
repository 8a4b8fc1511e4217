//! The list of surplus things, and the ways to open more.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::{IntoResponse as _, Redirect, Response};
use uuid::Uuid;

use super::{state_mark, state_word};
use crate::access::{Action, permit_somewhere, reach};
use crate::assets::surplus::entity::surplus::Column;
use crate::assets::surplus::model::State;
use crate::assets::surplus::opening::{self, NewSurplus};
use crate::assets::surplus::store::{self, Shown, Wanted};
use crate::db::order::By;
use crate::kernel::{Ctx, Quantity};
use crate::org::Directory;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, unit_choices};
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::parts::{self, Cell, PAGE, SHEET_ROWS, cut, order};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 7] = ["unit", "place", "name", "specification", "serial_number", "quantity", "note"];

/// What the list can be sorted by.
const WAYS: [(&str, By<Column>); 6] = [
    ("number", By::Full(Column::Number)),
    ("name", By::Full(Column::Name)),
    ("state", By::Full(Column::State)),
    ("unit", By::Of(Column::UnitId, "units", "name")),
    ("count", By::Full(Column::Quantity)),
    ("value", By::Number(Column::ValueFen)),
];

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    page(&app, &ctx, frame, &asked, ("", &Typed::default(), &Faults::default())).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    asked: &Typed,
    (deed, typed, faults): (&str, &Typed, &Faults),
) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::ItemsRead)?;
    let db = app.db().read();
    let w = &frame.words.losses.surplus;
    let state = match asked.get("state") {
        "" => None,
        name => Some(State::by_name(name).ok_or_else(|| ApiError::invalid("state", format!("筛选条件“{name}”无效")))?),
    };
    let wanted = Wanted { state, unit: asked.id("unit"), before: asked.id::<Uuid>("after"), ..Wanted::default() };
    let sheet = asked.get("as") == "xlsx";
    let order = order(&frame, &WAYS, wanted.before.filter(|_| !sheet).map(Into::into));
    if sheet {
        let rows = match &order {
            Some(order) => store::sorted(db, ctx, &wanted, order, SHEET_ROWS).await?,
            None => store::list(db, ctx, &Wanted { before: None, ..wanted }, SHEET_ROWS).await?,
        };
        return export(app, ctx, &frame, &rows).await;
    }
    let mut rows = match &order {
        Some(order) => store::sorted(db, ctx, &wanted, order, PAGE + 1).await?,
        None => store::list(db, ctx, &wanted, PAGE + 1).await?,
    };
    let next = cut(&mut rows, PAGE, |one| one.row.id.to_string());
    let places: Vec<_> = rows.iter().filter_map(|one| one.row.place_id).collect();
    let names = Directory::load_some(db, &places, &[]).await?;
    let heads = [&w.number, &w.name, &w.state, &w.unit, &w.place, &format!("#{}", w.count), &format!("#{}", w.value)];
    let mut table = Table::new(&heads.map(String::as_str));
    for one in &rows {
        let (row, mark) = (&one.row, state_mark(&frame, one.standing));
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(row.number.clone(), format!("/assets/surpluses/{}", row.number)) },
            Td::from(format!("{} {}", row.name, row.specification).trim()).because(row.lead.clone()),
            Td::mark(mark.look, mark.text),
            names.unit_name(row.unit_id).into(),
            names.place_name(row.place_id).into(),
            Td::num(row.quantity.to_string(), ""),
            Td::num(row.value_fen.map(|value| value.to_string()).unwrap_or_default(), ""),
        ]);
    }
    (table.next, table.paged) = (next, true);
    table.sorts = &[(0, "number"), (1, "name"), (2, "state"), (3, "unit"), (5, "count"), (6, "value")];
    table.empty = ("package", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    let mut blocks = vec![Block { table: Some(table), ..Block::default() }];
    blocks.push(gather_form(&frame, deed, typed, faults));
    blocks.push(open_form(app, ctx, &frame, deed, typed, faults).await?);
    let states = State::ALL.iter().map(|state| (state.as_str().to_owned(), state_word(&frame, *state))).collect();
    let units = unit_choices(app, &reach(ctx, Action::ItemsRead)).await?;
    let filters =
        vec![Field::filter_of(&frame, "state", &w.state, states), Field::filter_of(&frame, "unit", &w.unit, units)];
    let (text, href) = (frame.words.common.export.clone(), frame.address.with("as", "xlsx"));
    let steps = vec![Step { text, href, file: true, ..Step::default() }];
    let said = match asked.get("gathered").parse::<usize>() {
        Ok(count) => w.gathered.replace("{count}", &count.to_string()),
        Err(_) => String::new(),
    };
    let back = ("/assets/missing".to_owned(), frame.words.losses.list.heading.clone());
    let (title, lead) = (w.heading.clone(), w.lead.clone());
    Ok(Board { back, lead, said, filters, steps, blocks, ..Board::new(frame, title) }.answer())
}

fn gather_form(frame: &Frame, deed: &str, typed: &Typed, faults: &Faults) -> Block {
    let w = &frame.words.losses.surplus;
    let (none, calm) = (Typed::default(), Faults::default());
    let (typed, faults) = if deed == "gather" { (typed, faults) } else { (&none, &calm) };
    let why = if frame.may(Action::AssetsMove) { String::new() } else { w.not_yours.clone() };
    let field = Field::text("campaign", &w.campaign, typed.get("campaign"), faults);
    let form = Sheet {
        action: "/assets/surpluses/gather".to_owned(),
        fields: if why.is_empty() { vec![field] } else { Vec::new() },
        submit: w.gather_submit.clone(),
        general: faults.general().to_owned(),
        why,
        ..Sheet::default()
    };
    Block { title: w.gather.clone(), notes: vec![w.gather_help.clone()], form: Some(form), ..Block::default() }
}

async fn open_form(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    deed: &str,
    typed: &Typed,
    faults: &Faults,
) -> Result<Block, ApiError> {
    let w = &frame.words.losses.surplus;
    let (none, calm) = (Typed::of(&[("quantity", "1")]), Faults::default());
    let (typed, faults) = if deed == "open" { (typed, faults) } else { (&none, &calm) };
    let why = if frame.may(Action::AssetsMove) { String::new() } else { w.not_yours.clone() };
    let units = unit_choices(app, &reach(ctx, Action::AssetsMove)).await?;
    let text = |id: &str, label: &String| Field::text(id, label, typed.get(id), faults);
    let fields = vec![
        Field::choice("unit", &w.unit_field, units, typed.get("unit"), faults),
        text("place", &w.place_field).help(&frame.words.losses.one.log_place_help),
        text("name", &w.name_field),
        text("specification", &w.specification),
        text("serial_number", &w.serial),
        Field::input("quantity", &w.quantity, "number", typed.get("quantity"), faults),
        text("note", &w.note),
    ];
    let form = Sheet {
        action: "/assets/surpluses".to_owned(),
        fields: if why.is_empty() { fields } else { Vec::new() },
        submit: w.open_submit.clone(),
        general: faults.general().to_owned(),
        why,
        ..Sheet::default()
    };
    Ok(Block { title: w.open.clone(), notes: vec![w.open_help.clone()], form: Some(form), ..Block::default() })
}

pub(super) async fn open(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::AssetsMove)?;
    let done = async {
        let unit = picks::unit(typed.get("unit"))?.ok_or_else(|| ApiError::invalid("unit", "请选择发现单位"))?;
        let place = picks::place(&app, &ctx, &frame, typed.get("place")).await?;
        let new = NewSurplus {
            unit,
            place: place.map_err(|text| ApiError::invalid("place", text))?.map(|place| place.id),
            name: typed.get("name").to_owned(),
            specification: typed.get("specification").to_owned(),
            serial_number: typed.get("serial_number").to_owned(),
            quantity: Quantity(typed.get("quantity").parse().unwrap_or_default()),
            note: typed.get("note").to_owned(),
        };
        let me = ctx.clone();
        app.write(move |db| async move { opening::open(&db, &me, &new).await }).await
    };
    match done.await {
        Ok(row) => Ok(Redirect::to(&format!("/assets/surpluses/{}", row.number)).into_response()),
        Err(ApiError::Invalid { field: Some(field), reason }) if field == "place_id" => {
            let faults = Faults::at("place", reason);
            page(&app, &ctx, frame, &Typed::default(), ("open", &typed, &faults)).await
        }
        Err(error) => {
            let faults = picks::refused(error, &FIELDS)?;
            page(&app, &ctx, frame, &Typed::default(), ("open", &typed, &faults)).await
        }
    }
}

pub(super) async fn gather(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::AssetsMove)?;
    let (me, number) = (ctx.clone(), typed.get("campaign").to_owned());
    match app.write(move |db| async move { opening::gather(&db, &me, &number).await }).await {
        Ok(rows) => Ok(Redirect::to(&format!("/assets/surpluses?gathered={}", rows.len())).into_response()),
        Err(ApiError::NotFound(reason)) => {
            let faults = Faults::at("campaign", reason);
            page(&app, &ctx, frame, &Typed::default(), ("gather", &typed, &faults)).await
        }
        Err(error) => {
            let faults = picks::refused(error, &["campaign"])?;
            page(&app, &ctx, frame, &Typed::default(), ("gather", &typed, &faults)).await
        }
    }
}

async fn export(app: &App, ctx: &Ctx, frame: &Frame, rows: &[Shown]) -> Result<Response, ApiError> {
    let w = &frame.words.losses.surplus;
    let places: Vec<_> = rows.iter().filter_map(|one| one.row.place_id).collect();
    let names = Directory::load_some(app.db().read(), &places, &[]).await?;
    let head =
        [&w.number, &w.name, &w.specification, &w.serial, &w.state, &w.unit, &w.place, &w.count, &w.value, &w.ended];
    let head: Vec<String> = head.into_iter().cloned().collect();
    let cells: Vec<Vec<Cell>> = rows
        .iter()
        .map(|one| {
            let row = &one.row;
            vec![
                row.number.clone().into(),
                row.name.clone().into(),
                row.specification.clone().into(),
                row.serial_number.clone().into(),
                state_mark(frame, one.standing).text.into(),
                names.unit_name(row.unit_id).into(),
                names.place_name(row.place_id).into(),
                row.quantity.to_string().into(),
                row.value_fen.map_or_else(|| Cell::from(""), Cell::Money),
                row.ended_note.clone().into(),
            ]
        })
        .collect();
    parts::taken_away(&w.heading, ctx.now().day(), head, cells).await
}
