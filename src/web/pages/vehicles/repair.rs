//! One repair: what was asked, its parts and cost, and the next step.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;

use super::{decimal, milli, minute, number, whole};
use crate::access::{Action, permit, permit_somewhere};
use crate::kernel::{Ctx, Fen};
use crate::vehicles::repairs::entity::repair;
use crate::vehicles::repairs::model::Deed;
use crate::vehicles::repairs::service::{self, NewPart, Return, Send};
use crate::vehicles::repairs::store::{self, Shown};
use crate::vehicles::shops::store as shops;
use crate::vehicles::store as cars;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 9] =
    ["km", "driver", "parts", "labour", "invoice", "old_parts", "over_reason", "inspected_by", "reason"];

#[derive(Default)]
struct Beside {
    deed: String,
    typed: Typed,
    faults: Faults,
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let said = if asked.get("said").is_empty() { String::new() } else { frame.words.vehicles.repair.said_done.clone() };
    page(&app, &ctx, frame, &number, said, Beside::default()).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    number: &str,
    said: String,
    beside: Beside,
) -> Result<Response, ApiError> {
    let db = app.db().read();
    let shown = store::one(db, ctx, number).await?;
    let row = &shown.row;
    let car = cars::by_id(db, row.item_id).await?;
    let (plate, odometer) = car.map(|car| (car.vehicle.plate, car.vehicle.odometer_km)).unwrap_or_default();
    let people = [row.approved_by, row.inspected_by, row.asker_id].into_iter().flatten();
    let names = Names::of(db, people, [row.asked_by.as_str()]).await?;
    let shop = shops::by_id(db, row.shop_id).await?.map(|shop| shop.name).unwrap_or_default();
    let (w, mark) = (&frame.words.vehicles.repair, super::repairs::repair_mark(&frame, shown.state));
    let title = format!("{plate} {} · {}", row.number, mark.text);
    let mut blocks = deeds(&frame, ctx, &shown, odometer, &beside);
    let tried = format!("/{}", beside.deed);
    if !blocks.iter().any(|block| block.form.as_ref().is_some_and(|form| form.action.ends_with(&tried))) {
        // What was tried has no form now: why it was refused is said all the same.
        let why = beside.faults.general();
        blocks.extend((!why.is_empty()).then(|| Block { alert: Some(("danger", why.to_owned())), ..Block::default() }));
        blocks.rotate_right(usize::from(!why.is_empty()));
    }
    blocks.push(Block { title: w.facts.clone(), facts: facts(&frame, &shown, &names, &shop), ..Block::default() });
    if row.total_fen.is_some() {
        blocks.push(parts(app, &frame, row).await?);
    }
    let mut steps = vec![Step { text: plate.clone(), href: super::at(&plate), ..Step::default() }];
    if let Some(approval) = &shown.approval {
        let text = frame.words.vehicles.trip.see_approval.clone();
        steps.push(Step { text, href: format!("/approvals/{}", approval.id), ..Step::default() });
    }
    let back = ("/vehicles/repairs".to_owned(), w.heading.clone());
    let lead = row.fault.clone();
    Ok(Board { back, lead, said, steps, blocks, ..Board::new(frame, title) }.answer())
}

fn facts(frame: &Frame, shown: &Shown, names: &Names, shop: &str) -> Vec<(String, Td)> {
    let (row, w) = (&shown.row, &frame.words.vehicles.repair);
    let money = |money: Option<Fen>| money.map(|money| money.to_string()).unwrap_or_default();
    let mut facts = vec![
        (w.kind.clone(), frame.either(row.kind.zh(), row.kind.as_str()).into()),
        (frame.words.vehicles.field.unit.clone(), names.unit(Some(row.unit_id)).into()),
        (w.shop.clone(), shop.into()),
        (w.budget.clone(), row.budget_fen.to_string().into()),
        (w.asked.clone(), Td::from(names.actor(frame, &row.asked_by)).because(minute(Some(row.asked_at)))),
        (frame.words.vehicles.trip.approved_by.clone(), names.person(row.approved_by).into()),
        (w.sent.clone(), Td::from(minute(row.sent_at)).because(number(row.sent_km))),
        (w.returned.clone(), Td::from(minute(row.returned_at)).because(number(row.returned_km))),
        (w.labour.clone(), money(row.labour_fen).into()),
        (w.total.clone(), money(row.total_fen).into()),
        (w.invoice.clone(), row.invoice.clone().into()),
        (w.old_parts.clone(), row.old_parts.clone().into()),
        (w.over_reason.clone(), row.over_reason.clone().into()),
        (w.inspected_by.clone(), names.person(row.inspected_by).into()),
        (frame.words.vehicles.field.reason.clone(), row.ended_reason.clone().into()),
    ];
    facts.retain(|(_, td)| !td.text.is_empty());
    facts
}

async fn parts(app: &App, frame: &Frame, row: &repair::Model) -> Result<Block, ApiError> {
    let w = &frame.words.vehicles.repair;
    let [quantity, price, amount] = [&w.quantity, &w.unit_price, &w.amount].map(|name| format!("#{name}"));
    let mut table = Table::new(&[&w.part_name, &quantity, &price, &amount]);
    for part in store::parts_of(app.db().read(), &[row.id]).await? {
        let many = format!("{} {}", decimal(part.quantity_milli), part.measure_unit);
        table.rows.push(vec![
            part.name.into(),
            Td::num(many.trim(), ""),
            Td::num(part.unit_price_fen.to_string(), ""),
            Td::num(part.amount_fen.to_string(), ""),
        ]);
    }
    table.empty.1.clone_from(&w.no_parts);
    Ok(Block { title: w.parts.clone(), table: Some(table), ..Block::default() })
}

/// The forms of what may be done now.
fn deeds(frame: &Frame, ctx: &Ctx, shown: &Shown, odometer: i64, beside: &Beside) -> Vec<Block> {
    let (row, w, f) = (&shown.row, &frame.words.vehicles.repair, &frame.words.vehicles.field);
    let runs = permit(ctx, Action::RepairsRun, Some(row.unit_id)).is_ok();
    let why = if runs { String::new() } else { w.not_yours.clone() };
    let (blank, no_faults) = (Typed::default(), Faults::default());
    let filled = |deed: &str| if beside.deed == deed { (&beside.typed, &beside.faults) } else { (&blank, &no_faults) };
    let form = |deed: &str, label: &String, help: &String, fields: Vec<Field>, danger: bool| {
        let sheet = Sheet {
            action: format!("/vehicles/repairs/{}/{deed}", row.number),
            hidden: vec![("version".to_owned(), row.version.to_string())],
            fields: if why.is_empty() { fields } else { Vec::new() },
            submit: label.clone(),
            general: filled(deed).1.general().to_owned(),
            danger,
            why: why.clone(),
            ..Sheet::default()
        };
        Block { title: label.clone(), notes: vec![help.clone()], form: Some(sheet), ..Block::default() }
    };
    let text = |deed: &str, id: &str, label: &String, help: &str| {
        let (typed, faults) = filled(deed);
        Field::text(id, label, typed.get(id), faults).help(help)
    };
    let km = |deed: &str, known: i64| {
        let (typed, faults) = filled(deed);
        let value = if typed.get("km").is_empty() { known.to_string() } else { typed.get("km").to_owned() };
        Field::input("km", &frame.words.vehicles.phone.km_now, "number", &value, faults)
    };
    let mut blocks = Vec::new();
    for deed in [Deed::Enter, Deed::Send, Deed::Return, Deed::Withdraw] {
        if shown.state.after(deed).is_err() {
            continue;
        }
        blocks.push(match deed {
            Deed::Enter => form("enter", &w.enter, &w.enter_help, Vec::new(), false),
            Deed::Send => {
                let fields = vec![km("send", odometer), text("send", "driver", &f.driver, &f.driver_help)];
                form("send", &w.send, &w.send_help, fields, false)
            }
            Deed::Return => {
                let (typed, faults) = filled("return");
                let fields = vec![
                    km("return", row.sent_km.unwrap_or(odometer)),
                    Field::area("parts", &w.parts, typed.get("parts"), faults).help(&w.parts_help),
                    text("return", "labour", &w.labour, ""),
                    text("return", "invoice", &w.invoice, ""),
                    text("return", "old_parts", &w.old_parts, ""),
                    text("return", "over_reason", &w.over_reason, ""),
                    text("return", "inspected_by", &w.inspected_by, &w.inspected_help),
                ];
                form("return", &w.take_back, &w.take_back_help, fields, false)
            }
            _ => form("withdraw", &w.withdraw, &String::new(), vec![text("withdraw", "reason", &f.reason, "")], true),
        });
    }
    blocks
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((number, deed)): Path<(String, String)>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::RepairsRun)?;
    match go(&app, &ctx, &frame, &number, &deed, &typed).await {
        Ok(row) => Ok(to(&format!("/vehicles/repairs/{}", row.number), "done")),
        Err(error) => {
            let error = match error {
                ApiError::Invalid { field: Some(field), reason } if field.ends_with("_km") => {
                    ApiError::Invalid { field: Some("km".to_owned()), reason }
                }
                other => other,
            };
            let faults = picks::refused(error, &FIELDS)?;
            page(&app, &ctx, frame, &number, String::new(), Beside { deed, typed, faults }).await
        }
    }
}

fn as_error(faults: &Faults) -> ApiError {
    let field = FIELDS.iter().find(|field| !faults.of(field).is_empty()).copied().unwrap_or_default();
    ApiError::invalid(field, faults.of(field).to_owned())
}

async fn go(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    number: &str,
    deed: &str,
    typed: &Typed,
) -> Result<repair::Model, ApiError> {
    let (asker, number, version) = (ctx.clone(), number.to_owned(), Some(typed.version()));
    let km = || {
        let km = whole(frame, typed, "km").map_err(|faults| as_error(&faults))?;
        km.ok_or_else(|| ApiError::invalid("km", frame.words.vehicles.field.number_bad.clone()))
    };
    match deed {
        "enter" => Ok(app.write(move |db| async move { service::enter(&db, &asker, &number, version).await }).await?),
        "send" => {
            let driver = picks::person(app, ctx, frame, typed.get("driver")).await?;
            let driver = driver.map_err(|text| ApiError::invalid("driver", text))?.map(|person| person.id);
            let new = Send { km: km()?, driver, at: None };
            Ok(app.write(move |db| async move { service::send(&db, &asker, &number, version, &new).await }).await?)
        }
        "return" => {
            let inspector = picks::person(app, ctx, frame, typed.get("inspected_by")).await?;
            let inspector = inspector.map_err(|text| ApiError::invalid("inspected_by", text))?;
            let labour = match typed.get("labour") {
                "" => Fen::ZERO,
                text => Fen::parse_yuan(text).map_err(|error| ApiError::invalid("labour", error.to_string()))?,
            };
            let new = Return {
                km: km()?,
                at: None,
                parts: typed_parts(frame, typed.get("parts"))?,
                labour,
                invoice: typed.get("invoice").to_owned(),
                old_parts: typed.get("old_parts").to_owned(),
                over_reason: typed.get("over_reason").to_owned(),
                inspected_by: inspector.map(|person| person.id),
            };
            Ok(app.write(move |db| async move { service::return_(&db, &asker, &number, version, &new).await }).await?)
        }
        "withdraw" => {
            let reason = typed.get("reason").to_owned();
            let done =
                app.write(move |db| async move { service::withdraw(&db, &asker, &number, version, &reason).await });
            Ok(done.await?)
        }
        _ => Err(ApiError::NotFound("没有这个地址".to_owned())),
    }
}

/// Parts as they are typed, one a line: name, quantity with its unit, price.
fn typed_parts(frame: &Frame, text: &str) -> Result<Vec<NewPart>, ApiError> {
    let mut parts = Vec::new();
    for (n, line) in text.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        let bad = || {
            let said = frame.words.vehicles.repair.bad_part.replace("{line}", &(n + 1).to_string());
            ApiError::invalid("parts", said)
        };
        let cells: Vec<&str> = line.split(['，', ',', '\t']).map(str::trim).collect();
        let [name, quantity, price] = cells.as_slice() else { return Err(bad()) };
        let half = crate::kernel::text::half_width(quantity).into_owned();
        let digits: String = half.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let measure_unit = half.get(digits.len()..).unwrap_or_default().trim().to_owned();
        parts.push(NewPart {
            name: (*name).to_owned(),
            measure_unit,
            quantity_milli: milli(&digits).ok_or_else(bad)?,
            unit_price: Fen::parse_yuan(price).map_err(|_| bad())?,
        });
    }
    Ok(parts)
}
