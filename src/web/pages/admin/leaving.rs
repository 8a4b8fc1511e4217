//! What is done to a person besides their facts: they leave after handing over; their certificate is linked.

use axum::extract::State;
use axum::response::Response;
use axum::{Extension, Form};
use uuid::Uuid;

use super::board::{Block, Board, Field, Form as Sheet};
use super::shared::{Typed, refused_signed, signer_fields, to};
use crate::access::{Action, co_signing, link_id_number, permit};
use crate::handover;
use crate::kernel::Ctx;
use crate::kernel::ids::PersonId;
use crate::org::entity::person;
use crate::org::{OrgError, people};
use crate::web::api::accounts::CoSignature;
use crate::web::extract::Path;
use crate::web::layers::Visit;
use crate::web::pages::form::Faults;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

async fn person(app: &App, ctx: &Ctx, action: Action, id: Uuid) -> Result<person::Model, ApiError> {
    permit(ctx, action, None)?;
    people::by_id(app.db().read(), PersonId(id)).await?.ok_or_else(|| OrgError::NotFound("人员").into())
}

pub(super) async fn before(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
) -> Result<Response, ApiError> {
    leaving(&app, &ctx, frame, id, &Typed::default(), &Faults::default()).await
}

async fn leaving(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    id: Uuid,
    typed: &Typed,
    faults: &Faults,
) -> Result<Response, ApiError> {
    let row = person(app, ctx, Action::PersonClose, id).await?;
    let open = app.write(move |db| async move { handover::still_open(&db, PersonId(id)).await }).await?;
    let w = &frame.words.admin.people;
    let mut block = Block { notes: vec![w.close_help.clone()], ..Block::default() };
    let mut sheet = Sheet {
        action: format!("/people/{id}/close"),
        submit: w.close.clone(),
        general: faults.general().to_owned(),
        danger: true,
        cancel: format!("/people/{id}"),
        ..Sheet::default()
    };
    if !row.active {
        sheet.why.clone_from(&w.has_left);
    } else if ctx.person() == Some(row.id) {
        sheet.why.clone_from(&w.not_oneself);
    } else if open.is_empty() {
        block.alert = Some(("success", w.handed_over.clone()));
        sheet.fields = signer_fields(&frame, typed, faults);
    } else {
        block.alert = Some(("warning", w.still_open.clone()));
        block.notes.extend(open);
        sheet.why.clone_from(&w.hand_over_first);
        block.notes.push(frame.words.movements.hand.on_leaving.clone());
    }
    block.form = Some(sheet);
    let mut blocks = vec![block];
    if frame.may(Action::AssetsHold) {
        let (href, text) = (format!("/assets/movements/handover?from={id}"), frame.words.movements.hand.title.clone());
        blocks.push(Block { more: (href, text), ..Block::default() });
    }
    if frame.may(Action::ItemsRead) {
        blocks[0].more = (format!("/items?keeper={id}"), w.all_things.clone());
    }
    let (title, back) = (w.closing.replace("{name}", &row.name), (format!("/people/{id}"), row.name));
    Ok(Board { back, blocks, ..Board::new(frame, title) }.answer())
}

pub(super) async fn leave(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    co_signing::on_person(app.db(), &ctx, Action::PersonClose, PersonId(id)).await?;
    let done = async {
        let ctx = CoSignature::sign(typed.signature(), &app, &visit, ctx.clone()).await?;
        app.write(move |db| async move { handover::close_person(&db, &ctx, PersonId(id)).await }).await
    };
    match done.await {
        Ok(_) => Ok(to(&format!("/people/{id}"), "closed")),
        Err(error) => leaving(&app, &ctx, frame, id, &typed, &refused_signed(error, &[])?).await,
    }
}

pub(super) async fn certificate(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
) -> Result<Response, ApiError> {
    linking(&app, &ctx, frame, id, &Typed::default(), &Faults::default()).await
}

async fn linking(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    id: Uuid,
    typed: &Typed,
    faults: &Faults,
) -> Result<Response, ApiError> {
    let row = person(app, ctx, Action::AccountsWrite, id).await?;
    let w = &frame.words.admin.people;
    let mut fields = vec![Field::text("id_number", &w.id_number, "", faults).help(&w.id_number_help)];
    fields.extend(signer_fields(&frame, typed, faults));
    let sheet = Sheet {
        action: format!("/people/{id}/certificate"),
        fields,
        submit: w.link.clone(),
        general: faults.general().to_owned(),
        cancel: format!("/people/{id}"),
        ..Sheet::default()
    };
    let block = Block { notes: vec![w.link_help.clone()], form: Some(sheet), ..Block::default() };
    let (title, back) = (w.linking.replace("{name}", &row.name), (format!("/people/{id}"), row.name));
    Ok(Board { back, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn link(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    co_signing::on_person(app.db(), &ctx, Action::AccountsWrite, PersonId(id)).await?;
    let number = typed.get("id_number").to_owned();
    let done = async {
        let ctx = CoSignature::sign(typed.signature(), &app, &visit, ctx.clone()).await?;
        app.write(move |db| async move { link_id_number(&db, &ctx, PersonId(id), &number).await }).await
    };
    match done.await {
        Ok(_) => Ok(to(&format!("/people/{id}"), "linked")),
        Err(error) => linking(&app, &ctx, frame, id, &typed, &refused_signed(error, &["id_number"])?).await,
    }
}
