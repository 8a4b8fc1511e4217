//! Workshops under contract.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;

use super::date;
use crate::access::{Action, permit, permit_somewhere};
use crate::kernel::Ctx;
use crate::vehicles::shops::service::{self, Shop};
use crate::vehicles::shops::store;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::{Typed, said, to};
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
    let (w, today) = (&frame.words.vehicles.shop, ctx.now().day());
    let rows = store::list(app.db().read()).await?;
    let mut table = Table::new(&[&w.name, &w.contact, &w.phone, &w.address, &w.contract_until, ""]);
    for row in &rows {
        let until = row.contract_until.map(|day| day.to_string()).unwrap_or_default();
        let over = row.contract_until.is_some_and(|day| day < today);
        table.rows.push(vec![
            Td::link(row.name.clone(), format!("/vehicles/repairs?shop={}", row.id)),
            row.contact.clone().into(),
            row.phone.clone().into(),
            row.address.clone().into(),
            if over { Td::mark("bad", until) } else { until.into() },
            if row.active { Td::mark("good", w.open.clone()) } else { Td::mark("calm", w.closed.clone()) },
        ]);
    }
    table.empty = ("tools", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    let text = |id: &str, label: &String| Field::text(id, label, typed.get(id), faults);
    let fields = vec![
        text("name", &w.name),
        text("contact", &w.contact),
        text("phone", &w.phone),
        text("address", &w.address),
        Field::input("contract_until", &w.contract_until, "date", typed.get("contract_until"), faults),
    ];
    let writes = permit(ctx, Action::VehiclesWrite, None).is_ok();
    let sheet = Sheet {
        action: "/vehicles/shops".to_owned(),
        fields: if writes { fields } else { Vec::new() },
        submit: w.set.clone(),
        general: faults.general().to_owned(),
        why: if writes { String::new() } else { w.not_yours.clone() },
        ..Sheet::default()
    };
    let title = w.title.replace("{count}", &rows.len().to_string());
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
    let faults = match date(&frame, &typed, "contract_until") {
        Err(faults) => faults,
        Ok(contract_until) => {
            let text = |field: &str| typed.get(field).to_owned();
            let (name, contact, phone, address) = (text("name"), text("contact"), text("phone"), text("address"));
            let shop = Shop { name, contact, phone, address, contract_until, active: true };
            let asker = ctx.clone();
            match app.write(move |db| async move { service::set(&db, &asker, None, &shop).await }).await {
                Ok(_) => return Ok(to("/vehicles/shops", "created")),
                Err(error) => picks::refused(error, &["name", "contact", "phone", "address", "contract_until"])?,
            }
        }
    };
    page(&app, &ctx, frame, String::new(), (&typed, &faults)).await
}
