//! Who went into a store and came out (人员进出库登记): who is inside, written in and out.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;
use uuid::Uuid;

use super::{at, minute, whole};
use crate::access::{Action, permit, permit_somewhere};
use crate::firearms::shifts::entity::visit;
use crate::firearms::shifts::store;
use crate::firearms::shifts::visits::{self, NewVisit};
use crate::firearms::store as registry;
use crate::kernel::Ctx;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::{Typed, refused, said, to};
use crate::web::pages::form::Faults;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 5] = ["visitor", "post", "companions", "reason", "findings"];
/// Visits that the page shows.
const MOST: u64 = 200;

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let said = said(&frame, &asked);
    page(&app, &ctx, frame, &number, said, (&Typed::default(), &Faults::default())).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    number: &str,
    said: String,
    (typed, faults): (&Typed, &Faults),
) -> Result<Response, ApiError> {
    let db = app.db().read();
    let of = registry::armoury(db, ctx, number).await?;
    let rows = store::visits(db, of.id, MOST).await?;
    let (w, f) = (&frame.words.firearms.visit, &frame.words.firearms.field);
    let keeps = permit(ctx, Action::DrawsKeep, Some(of.unit_id)).is_ok();
    let mut blocks = Vec::new();
    if keeps {
        let text = |id: &str, label: &String| Field::text(id, label, typed.get(id), faults);
        let companions = Field::input("companions", &w.companions, "number", typed.get("companions"), faults);
        let fields = vec![
            text("visitor", &w.visitor),
            text("post", &w.post),
            companions.help(&w.enter_help),
            text("reason", &f.reason),
        ];
        let form = Sheet {
            action: format!("{}/visits", at("stores", &of.number)),
            fields,
            submit: w.enter.clone(),
            general: faults.general().to_owned(),
            ..Sheet::default()
        };
        blocks.push(Block { title: w.enter.clone(), form: Some(form), ..Block::default() });
    }
    let inside: Vec<&visit::Model> = rows.iter().filter(|row| row.left_at.is_none()).collect();
    for row in inside.iter().filter(|_| keeps) {
        let form = Sheet {
            action: format!("/firearms/visits/{}/leave", row.id),
            hidden: vec![("store".to_owned(), of.number.clone())],
            fields: vec![Field::text("findings", &w.findings, "", &Faults::default())],
            submit: w.leave.clone(),
            ..Sheet::default()
        };
        let title = format!("{} · {} · {}", w.leave, row.visitor, minute(Some(row.entered_at)));
        blocks.push(Block { title, form: Some(form), ..Block::default() });
    }
    let companions = format!("#{}", w.companions);
    let mut table = Table::new(&[&w.visitor, &w.post, &companions, &f.reason, &w.entered, &w.left, &w.findings]);
    for row in &rows {
        let left = match row.left_at {
            None => Td::mark("warn", w.inside.clone()),
            left => minute(left).into(),
        };
        let alone = if row.companions == 0 {
            Td::mark("bad", w.alone.clone())
        } else {
            Td::num(row.companions.to_string(), "")
        };
        table.rows.push(vec![
            row.visitor.clone().into(),
            row.post.clone().into(),
            alone,
            row.reason.clone().into(),
            minute(Some(row.entered_at)).into(),
            left,
            row.findings.clone().into(),
        ]);
    }
    table.empty = ("clipboard-list", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    let many: i64 = inside.iter().map(|row| row.companions + 1).sum();
    blocks.push(Block { table: Some(table), ..Block::default() });
    let title = w.title.replace("{name}", &of.name).replace("{inside}", &many.to_string());
    let (back, lead) = ((at("stores", &of.number), of.name), w.lead.clone());
    Ok(Board { back, lead, said, blocks, ..Board::new(frame, title) }.answer())
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::DrawsKeep)?;
    let companions = match whole(&frame, &typed, "companions") {
        Ok(Some(many)) => many,
        Ok(None) => {
            let faults = Faults::at("companions", frame.words.firearms.visit.enter_help.clone());
            return page(&app, &ctx, frame, &number, String::new(), (&typed, &faults)).await;
        }
        Err(faults) => return page(&app, &ctx, frame, &number, String::new(), (&typed, &faults)).await,
    };
    let text = |id: &str| typed.get(id).to_owned();
    let (visitor, post, reason) = (text("visitor"), text("post"), text("reason"));
    let (asker, new) = (ctx.clone(), NewVisit { armoury: number.clone(), visitor, post, companions, reason });
    match app.write(move |db| async move { visits::enter(&db, &asker, &new).await }).await {
        Ok(_) => Ok(to(&format!("{}/visits", at("stores", &number)), "created")),
        Err(error) => {
            let faults = refused(error, &FIELDS)?;
            page(&app, &ctx, frame, &number, String::new(), (&typed, &faults)).await
        }
    }
}

pub(super) async fn take_leave(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::DrawsKeep)?;
    let (asker, findings, number) = (ctx.clone(), typed.get("findings").to_owned(), typed.get("store").to_owned());
    match app.write(move |db| async move { visits::leave(&db, &asker, id, &findings).await }).await {
        Ok(_) => Ok(to(&format!("{}/visits", at("stores", &number)), "saved")),
        Err(error) => {
            let faults = refused(error, &FIELDS)?;
            let said = if faults.general().is_empty() { faults.of("findings") } else { faults.general() }.to_owned();
            page(&app, &ctx, frame, &number, String::new(), (&Typed::default(), &Faults::at("", said))).await
        }
    }
}
