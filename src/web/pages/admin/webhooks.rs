//! Webhooks: who is told of what happens, and what they were sent.

use axum::Form;
use axum::extract::State;
use axum::response::Response;
use uuid::Uuid;

use super::board::{Block, Board, Field, Form as Sheet, Kind, Step, Table, Td};
use super::shared::{Typed, refused, said, to};
use crate::access::{Action, permit};
use crate::kernel::Ctx;
use crate::kernel::ids::WebhookId;
use crate::web::extract::{Path, Query};
use crate::web::pages::form::Faults;
use crate::web::pages::parts::{PAGE, cut};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};
use crate::webhooks::Event;
use crate::webhooks::entity::webhook;
use crate::webhooks::entity::webhook_delivery::DeliveryState;
use crate::webhooks::service::{self, Delivery, NewWebhook};

fn event(frame: &Frame, name: &str) -> String {
    let w = &frame.words.admin.webhooks;
    match name {
        "campaign.closed" => w.campaign_closed.clone(),
        "finding.opened" => w.finding_opened.clone(),
        "ping" => w.ping.clone(),
        other => other.to_owned(),
    }
}

fn events(frame: &Frame, row: &webhook::Model) -> String {
    row.events.split(',').map(|name| event(frame, name)).collect::<Vec<_>>().join(frame.either("、", ", "))
}

fn state(frame: &Frame, row: &webhook::Model) -> Td {
    let w = &frame.words.admin.webhooks;
    if row.active { Td::mark("good", w.active.clone()) } else { Td::mark("gone", w.ended.clone()) }
}

pub(super) async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let rows = service::list(app.db().read(), &ctx).await?;
    let w = &frame.words.admin.webhooks;
    let mut table = Table::new(&[&w.url, &w.events, &w.whose, &w.since, &frame.words.admin.shared.state]);
    for row in rows {
        let (events, state) = (events(&frame, &row), state(&frame, &row));
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(row.url, format!("/webhooks/{}", row.id)) },
            events.into(),
            row.description.into(),
            Td::time(Some(row.created_at)),
            state,
        ]);
    }
    table.empty = ("send", w.none.clone(), w.lead.clone(), "/webhooks/new".to_owned(), w.new.clone());
    let steps = vec![Step { text: w.new.clone(), href: "/webhooks/new".to_owned(), primary: true, ..Step::default() }];
    let block = Block { table: Some(table), ..Block::default() };
    let (said, back) = (said(&frame, &asked), ("/jobs".to_owned(), frame.words.nav.jobs.clone()));
    let (title, lead) = (w.title.clone(), w.lead.clone());
    Ok(Board { said, back, steps, lead, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn new(Caller(ctx): Caller, Query(typed): Query<Typed>, frame: Frame) -> Result<Response, ApiError> {
    form(&ctx, frame, &typed, &Faults::default())
}

fn form(ctx: &Ctx, frame: Frame, typed: &Typed, faults: &Faults) -> Result<Response, ApiError> {
    permit(ctx, Action::WebhooksWrite, None)?;
    let w = &frame.words.admin.webhooks;
    let ticked: Vec<&str> = typed.all("events").collect();
    let option = |one: Event| (one.name().to_owned(), event(&frame, one.name()), ticked.contains(&one.name()));
    let kind = Kind::Ticks(Event::SUBSCRIBABLE.map(option).to_vec());
    let sheet = Sheet {
        action: "/webhooks/new".to_owned(),
        fields: vec![
            Field::input("url", &w.url, "url", typed.get("url"), faults).help(&w.url_help),
            Field { kind, ..Field::text("events", &w.events, "", faults) },
            Field::text("description", &w.whose, typed.get("description"), faults).help(&w.whose_help),
        ],
        submit: w.make.clone(),
        general: faults.general().to_owned(),
        cancel: "/webhooks".to_owned(),
        ..Sheet::default()
    };
    let block = Block { notes: vec![w.lead.clone()], form: Some(sheet), ..Block::default() };
    let (title, back) = (w.new.clone(), ("/webhooks".to_owned(), w.title.clone()));
    Ok(Board { back, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn create(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::WebhooksWrite, None)?;
    let events = Event::SUBSCRIBABLE.into_iter().filter(|one| typed.all("events").any(|name| name == one.name()));
    let new = NewWebhook {
        url: typed.get("url").to_owned(),
        events: events.collect(),
        description: typed.get("description").to_owned(),
    };
    let asker = ctx.clone();
    let (row, secret) = match app.write(move |db| async move { service::create(&db, &asker, &new).await }).await {
        Ok(made) => made,
        Err(error) => {
            return form(&ctx, frame, &typed, &refused(error, &["url", "events", "description"])?);
        }
    };
    let w = &frame.words.admin.webhooks;
    let block = Block {
        alert: Some(("warning", frame.words.admin.accounts.secret_once.clone())),
        notes: vec![w.secret_help.clone()],
        pre: secret,
        more: (format!("/webhooks/{}", row.id), w.to_it.clone()),
        ..Block::default()
    };
    let title = w.secret.clone();
    Ok(Board { blocks: vec![block], ..Board::new(frame.once(), title) }.answer())
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
    let db = app.db().read();
    let row = service::one(db, ctx, WebhookId(id)).await?;
    let before = asked.get("after").parse().ok();
    let mut sent = service::deliveries(db, ctx, WebhookId(id), before, PAGE + 1).await?;
    let next = cut(&mut sent, PAGE, |(one, _)| one.seq.to_string());
    let w = &frame.words.admin.webhooks;
    let facts = vec![
        (w.events.clone(), events(&frame, &row).into()),
        (w.whose.clone(), row.description.as_str().into()),
        (w.since.clone(), Td::time(Some(row.created_at))),
        (frame.words.admin.shared.state.clone(), state(&frame, &row)),
    ];
    let mut test = Sheet {
        action: format!("/webhooks/{id}/test"),
        submit: w.test.clone(),
        general: faults.general().to_owned(),
        ..Sheet::default()
    };
    if !row.active {
        test.why.clone_from(&w.is_ended);
    }
    let number = format!("#{}", w.number);
    let mut table = Table::new(&[&number, &w.event, &w.queued, &frame.words.admin.shared.state, &w.answer]);
    table.rows = sent.iter().map(|one| line(&frame, one)).collect();
    table.empty.1.clone_from(&w.nothing_sent);
    (table.next, table.paged) = (next, true);
    let blocks = vec![
        Block { facts, form: Some(test), ..Block::default() },
        Block { title: w.sent.clone(), table: Some(table), ..Block::default() },
    ];
    let why = if row.active { String::new() } else { w.is_ended.clone() };
    let steps = vec![Step { text: w.end.clone(), href: format!("/webhooks/{id}/end"), why, ..Step::default() }];
    let (said, back) = (said(&frame, asked), ("/webhooks".to_owned(), w.title.clone()));
    Ok(Board { said, back, steps, blocks, ..Board::new(frame, row.url) }.answer())
}

fn line(frame: &Frame, (one, tries): &Delivery) -> Vec<Td> {
    let w = &frame.words.admin.webhooks;
    let state = match one.state {
        DeliveryState::Waiting => Td::mark("ask", w.waiting.clone()),
        DeliveryState::Delivered => Td::mark("good", w.delivered.clone()),
        DeliveryState::GivenUp => Td::mark("bad", w.given_up.clone()),
    };
    let last = tries.last().map(|last| match last.status {
        Some(status) => format!("{status} · {}", last.answer),
        None => last.answer.clone(),
    });
    let tried = w.tried.replace("{count}", &tries.len().to_string());
    vec![
        Td::num(one.seq.to_string(), ""),
        event(frame, &one.event).into(),
        Td::time(Some(one.queued_at)),
        state,
        Td::from(last.unwrap_or_default()).because(tried),
    ]
}

pub(super) async fn test(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let asker = ctx.clone();
    match app.write(move |db| async move { service::ping(&db, &asker, WebhookId(id)).await }).await {
        Ok(_) => Ok(to(&format!("/webhooks/{id}"), "sent")),
        Err(error) => {
            permit(&ctx, Action::WebhooksWrite, None)?;
            page(&app, &ctx, frame, id, &Typed::default(), &refused(error, &[])?).await
        }
    }
}

pub(super) async fn before_end(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
) -> Result<Response, ApiError> {
    end_page(&app, &ctx, frame, id, &Faults::default()).await
}

async fn end_page(app: &App, ctx: &Ctx, frame: Frame, id: Uuid, faults: &Faults) -> Result<Response, ApiError> {
    let row = service::one(app.db().read(), ctx, WebhookId(id)).await?;
    let w = &frame.words.admin.webhooks;
    let sheet = Sheet {
        action: format!("/webhooks/{id}/end"),
        submit: w.end.clone(),
        general: faults.general().to_owned(),
        danger: true,
        cancel: format!("/webhooks/{id}"),
        ..Sheet::default()
    };
    let block = Block { notes: vec![w.end_help.clone()], form: Some(sheet), ..Block::default() };
    let (title, back) = (w.ending.replace("{url}", &row.url), (format!("/webhooks/{id}"), row.url));
    Ok(Board { back, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn end(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::WebhooksWrite, None)?;
    let asker = ctx.clone();
    match app.write(move |db| async move { service::end(&db, &asker, WebhookId(id)).await }).await {
        Ok(_) => Ok(to("/webhooks", "ended")),
        Err(error) => end_page(&app, &ctx, frame, id, &refused(error, &[])?).await,
    }
}
