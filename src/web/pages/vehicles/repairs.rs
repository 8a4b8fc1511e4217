//! Repairs: the list, the form that asks for one, and what the same part costs at each workshop and car.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;
use sea_orm::prelude::Uuid;

use super::minute;
use crate::access::{Action, permit_somewhere};
use crate::db::order::By;
use crate::kernel::{Ctx, Fen};
use crate::vehicles::repairs::collect;
use crate::vehicles::repairs::entity::repair::Column;
use crate::vehicles::repairs::model::{RepairKind, State};
use crate::vehicles::repairs::service::{self, NewRepair};
use crate::vehicles::repairs::store::{self, Shown, Wanted};
use crate::vehicles::shops::store as shops;
use crate::vehicles::trips::model::month_before;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::parts::{self, Cell, Mark, PAGE, SHEET_ROWS, cut, order};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// What the list can be sorted by.
const WAYS: [(&str, By<Column>); 7] = [
    ("number", By::Full(Column::Number)),
    ("state", By::Full(Column::State)),
    ("kind", By::Full(Column::Kind)),
    ("returned", By::Number(Column::ReturnedAt)),
    ("total", By::Number(Column::TotalFen)),
    ("car", By::OfItem(Column::ItemId, "vehicles", "plate_key")),
    ("shop", By::Of(Column::ShopId, "vehicle_shops", "name")),
];

pub(super) fn repair_mark(frame: &Frame, state: State) -> Mark {
    let look = match state {
        State::Asked => "ask",
        State::Approved | State::Entered | State::Sent => "warn",
        State::Returned => "good",
        State::Refused => "bad",
        State::Withdrawn => "calm",
    };
    Mark::new(look, frame.either(state.zh(), state.as_str()))
}

/// Number, state, kind, fault, when it came back, what it cost.
pub(super) fn line(frame: &Frame, one: &Shown) -> Vec<Td> {
    let (row, mark) = (&one.row, repair_mark(frame, one.state));
    vec![
        Td { class: "mono", ..Td::link(row.number.clone(), format!("/vehicles/repairs/{}", row.number)) },
        Td::mark(mark.look, mark.text),
        frame.either(row.kind.zh(), row.kind.as_str()).into(),
        row.fault.clone().into(),
        minute(row.returned_at).into(),
        Td::num(row.total_fen.map(|money| money.to_string()).unwrap_or_default(), ""),
    ]
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let (db, w) = (app.db().read(), &frame.words.vehicles.repair);
    let sheet = asked.get("as") == "xlsx";
    let wanted = Wanted {
        state: State::by_name(asked.get("state")),
        unit: asked.id("unit"),
        shop: asked.id("shop"),
        before: asked.id::<Uuid>("after").filter(|_| !sheet),
        ..Wanted::default()
    };
    let limit = if sheet { SHEET_ROWS } else { PAGE + 1 };
    let order = order(&frame, &WAYS, asked.id::<Uuid>("after").filter(|_| !sheet).map(Into::into));
    let mut rows = match &order {
        Some(order) => store::sorted(db, &ctx, &wanted, order, limit).await?,
        None => store::list(db, &ctx, &wanted, limit).await?,
    };
    let next = if sheet { String::new() } else { cut(&mut rows, PAGE, |one| one.row.id.to_string()) };
    let plates = super::list::plates(db, rows.iter().map(|one| one.row.item_id)).await?;
    let all_shops = shops::list(db).await?;
    let shop = |id: Uuid| all_shops.iter().find(|shop| shop.id == id).map(|shop| shop.name.clone()).unwrap_or_default();
    let names = Names::of(db, [], []).await?;
    if sheet {
        let rows = rows.into_iter().map(|one| (plates.get(&one.row.item_id).cloned(), shop(one.row.shop_id), one));
        return export(&ctx, &frame, &names, rows.collect()).await;
    }
    let total = format!("#{}", w.total);
    let t = &frame.words.vehicles.trip;
    let heads = [&w.number, &frame.words.vehicles.field.state, &w.kind, &w.fault, &w.returned, &total, &t.car, &w.shop];
    let mut table = Table::new(&heads.map(String::as_str));
    for one in &rows {
        let plate = plates.get(&one.row.item_id).cloned().unwrap_or_default();
        let mut cells = line(&frame, one);
        cells.push(Td { class: "mono", ..Td::link(plate.clone(), super::at(&plate)) });
        cells.push(shop(one.row.shop_id).into());
        table.rows.push(cells);
    }
    (table.next, table.paged) = (next, true);
    table.sorts = &[(0, "number"), (1, "state"), (2, "kind"), (4, "returned"), (5, "total"), (6, "car"), (7, "shop")];
    let begin = if frame.may(Action::RepairsRun) { "/vehicles/repairs/new" } else { "" };
    table.empty = ("tools", w.none.clone(), w.none_help.clone(), begin.to_owned(), w.new.clone());
    let states =
        State::ALL.iter().map(|state| (state.as_str().to_owned(), frame.either(state.zh(), state.as_str()).to_owned()));
    let filters = vec![
        Field::filter_of(&frame, "state", &frame.words.vehicles.field.state, states.collect()),
        Field::filter_of(
            &frame,
            "unit",
            &frame.words.vehicles.field.unit,
            names.units_within(&ctx, Action::VehiclesRead),
        ),
        Field::filter_of(
            &frame,
            "shop",
            &w.shop,
            all_shops.iter().map(|shop| (shop.id.to_string(), shop.name.clone())).collect(),
        ),
    ];
    let month = month_before(ctx.now().day());
    let why = if frame.may(Action::RepairsRun) { String::new() } else { w.not_yours.clone() };
    let (export, file) = (frame.words.common.export.clone(), frame.address.with("as", "xlsx"));
    let steps = vec![
        Step { text: export, href: file, file: true, ..Step::default() },
        Step {
            text: w.collect.replace("{month}", &month),
            href: format!("/vehicles/repairs/collect?month={month}"),
            file: true,
            ..Step::default()
        },
        Step { text: w.prices.clone(), href: "/vehicles/repairs/prices".to_owned(), ..Step::default() },
        Step { text: w.new.clone(), href: "/vehicles/repairs/new".to_owned(), why, primary: true, ..Step::default() },
    ];
    let title = w.title.replace("{count}", &rows.len().to_string());
    let back = ("/vehicles".to_owned(), frame.words.vehicles.list.heading.clone());
    let block = Block { table: Some(table), ..Block::default() };
    Ok(Board { back, filters, steps, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

/// Each with the car's plate and the workshop's name.
async fn export(
    ctx: &Ctx,
    frame: &Frame,
    names: &Names,
    rows: Vec<(Option<String>, String, Shown)>,
) -> Result<Response, ApiError> {
    let (w, f) = (&frame.words.vehicles.repair, &frame.words.vehicles.field);
    let car = &frame.words.vehicles.trip.car;
    let head = [
        &w.number,
        car,
        &f.unit,
        &f.state,
        &w.kind,
        &w.fault,
        &w.shop,
        &w.budget,
        &w.sent,
        &w.returned,
        &w.labour,
        &w.total,
        &w.invoice,
    ];
    let head: Vec<String> = head.into_iter().cloned().collect();
    let money = |money: Option<Fen>| money.map_or_else(|| Cell::from(""), Cell::Money);
    let cells = rows.into_iter().map(|(plate, shop, one)| {
        let row = one.row;
        vec![
            row.number.into(),
            plate.unwrap_or_default().into(),
            names.unit(Some(row.unit_id)).into(),
            frame.either(one.state.zh(), one.state.as_str()).into(),
            frame.either(row.kind.zh(), row.kind.as_str()).into(),
            row.fault.into(),
            shop.into(),
            Cell::Money(row.budget_fen),
            minute(row.sent_at).into(),
            minute(row.returned_at).into(),
            money(row.labour_fen),
            money(row.total_fen),
            row.invoice.into(),
        ]
    });
    parts::taken_away(&w.heading, ctx.now().day(), head, cells.collect()).await
}

pub(super) async fn show_new(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::RepairsRun)?;
    form(&app, frame, &asked, &Faults::default()).await
}

async fn form(app: &App, frame: Frame, typed: &Typed, faults: &Faults) -> Result<Response, ApiError> {
    let (w, f) = (&frame.words.vehicles.repair, &frame.words.vehicles.field);
    let shops = shops::list(app.db().read()).await?;
    let shops = shops.into_iter().filter(|shop| shop.active).map(|shop| (shop.name.clone(), shop.name)).collect();
    let kinds = RepairKind::ALL
        .iter()
        .map(|kind| (kind.as_str().to_owned(), frame.either(kind.zh(), kind.as_str()).to_owned()));
    let fields = vec![
        Field::text("car", &f.plate, typed.get("car"), faults),
        Field::choice("kind", &w.kind, kinds.collect(), typed.get("kind"), faults),
        Field::area("fault", &w.fault, typed.get("fault"), faults),
        Field::text("budget", &w.budget, typed.get("budget"), faults),
        Field::choice("shop", &w.shop, shops, typed.get("shop"), faults),
    ];
    let sheet = Sheet {
        action: "/vehicles/repairs/new".to_owned(),
        fields,
        submit: w.submit.clone(),
        general: faults.general().to_owned(),
        cancel: "/vehicles/repairs".to_owned(),
        ..Sheet::default()
    };
    let (title, lead) = (w.new.clone(), w.new_help.clone());
    let back = ("/vehicles/repairs".to_owned(), w.heading.clone());
    let block = Block { form: Some(sheet), ..Block::default() };
    Ok(Board { back, lead, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn take_new(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::RepairsRun)?;
    let faults = match new_repair(&typed) {
        Err(faults) => faults,
        Ok(new) => {
            let asker: Ctx = ctx.clone();
            match app.write(move |db| async move { service::ask(&db, &asker, &new).await }).await {
                Ok(row) => return Ok(to(&format!("/vehicles/repairs/{}", row.number), "done")),
                Err(ApiError::NotFound(text)) => Faults::at("car", text),
                Err(error) => picks::refused(error, &["car", "kind", "fault", "budget", "shop"])?,
            }
        }
    };
    form(&app, frame, &typed, &faults).await
}

fn new_repair(typed: &Typed) -> Result<NewRepair, Faults> {
    let budget = Fen::parse_yuan(typed.get("budget")).map_err(|error| Faults::at("budget", error.to_string()))?;
    Ok(NewRepair {
        car: typed.get("car").to_owned(),
        kind: RepairKind::by_name(typed.get("kind")).unwrap_or(RepairKind::Repair),
        fault: typed.get("fault").to_owned(),
        budget,
        shop: typed.get("shop").to_owned(),
    })
}

pub(super) async fn prices(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let (w, t) = (&frame.words.vehicles.repair, &frame.words.vehicles.trip);
    let name = asked.sought("q")?.unwrap_or_default();
    let [price, median] = [&w.unit_price, &w.median].map(|name| format!("#{name}"));
    let mut table = Table::new(&[&w.part_name, &price, &median, &w.shop, &t.car, &w.number]);
    for one in collect::prices(app.db().read(), &ctx, &name).await?.into_iter().take(500) {
        let shown = Td::num(one.unit_price.to_string(), "");
        let shown = if one.dear {
            Td { class: "num", ..Td::mark("warn", format!("{} {}", one.unit_price, w.dear)) }
        } else {
            shown
        };
        table.rows.push(vec![
            Td::from(one.name).because(one.measure_unit),
            shown,
            Td::num(one.median.map(|money| money.to_string()).unwrap_or_default(), ""),
            one.shop.into(),
            Td { class: "mono", ..Td::link(one.plate.clone(), super::at(&one.plate)) },
            Td { class: "mono", ..Td::link(one.number.clone(), format!("/vehicles/repairs/{}", one.number)) },
        ]);
    }
    table.empty.1.clone_from(&w.no_prices);
    let filters = vec![Field::filter(&frame, "q", &w.part_find)];
    let back = ("/vehicles/repairs".to_owned(), w.heading.clone());
    let (title, lead) = (w.prices_title.clone(), w.prices_help.clone());
    let block = Block { table: Some(table), ..Block::default() };
    Ok(Board { back, lead, filters, blocks: vec![block], ..Board::new(frame, title) }.answer())
}
