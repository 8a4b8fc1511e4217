//! Tokens of devices: issued by the security administrator, taken once by whose they are, ended by either.

use axum::Form;
use axum::extract::State;
use axum::response::Response;
use sea_orm::EntityTrait as _;
use uuid::Uuid;

use super::board::{Block, Board, Field, Form as Sheet, Table, Td};
use super::rights::{device_actions, of_tokens};
use super::shared::{Typed, refused, said, to};
use crate::access::entity::token;
use crate::access::tokens::{self, NewToken};
use crate::access::{Action, rules};
use crate::db::DbError;
use crate::kernel::ids::{AccountId, TokenId};
use crate::kernel::{Ctx, Timestamp};
use crate::web::api::accounts::Present;
use crate::web::extract::{Path, Query};
use crate::web::pages::form::Faults;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const DAY_MS: i64 = 86_400_000;

pub(super) async fn new(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Query(typed): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    form(&app, &ctx, frame, id, &typed, &Faults::default()).await
}

async fn form(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    id: Uuid,
    typed: &Typed,
    faults: &Faults,
) -> Result<Response, ApiError> {
    let listed = of_tokens(app, ctx, id).await?;
    let days = rules::current(app.db()).await?.number(rules::TOKEN_MAX_DAYS, ctx.now(), 365);
    let w = &frame.words.admin.accounts;
    let actions = Field { kind: device_actions(&frame, typed), ..Field::text("actions", &w.may, "", faults) };
    let sheet = Sheet {
        action: format!("/accounts/{id}/tokens/new"),
        fields: vec![
            Field::text("name", &w.device, typed.get("name"), faults).help(&w.device_help),
            Field::input("expires_at", &w.last_day, "date", typed.get("expires_at"), faults)
                .help(&w.expires_help.replace("{days}", &days.to_string())),
            actions.help(&w.device_may),
        ],
        submit: w.issue.clone(),
        general: faults.general().to_owned(),
        cancel: format!("/accounts/{id}"),
        ..Sheet::default()
    };
    let block = Block { notes: vec![w.tokens_help.clone()], form: Some(sheet), ..Block::default() };
    let title = w.issuing.replace("{login}", &listed.account.login);
    let back = (format!("/accounts/{id}"), listed.account.login);
    Ok(Board { back, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

fn read(typed: &Typed, frame: &Frame, id: Uuid) -> Result<NewToken, Faults> {
    let missing = || Faults::at("expires_at", frame.words.admin.shared.bad_day.clone());
    let last = typed.day("expires_at", frame)?.ok_or_else(missing)?;
    Ok(NewToken {
        name: typed.get("name").to_owned(),
        account: AccountId(id),
        actions: typed.all("actions").filter_map(Action::by_name).collect(),
        expires_at: Timestamp(last.0.saturating_add(DAY_MS)),
    })
}

pub(super) async fn issue(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    of_tokens(&app, &ctx, id).await?;
    let new = match read(&typed, &frame, id) {
        Ok(new) => new,
        Err(faults) => return form(&app, &ctx, frame, id, &typed, &faults).await,
    };
    let asker = ctx.clone();
    match app.write(move |db| async move { tokens::issue(&db, &asker, new).await }).await {
        Ok(_) => Ok(to(&format!("/accounts/{id}"), "issued")),
        Err(error) => {
            let faults = refused(error, &["name", "expires_at", "actions"])?;
            form(&app, &ctx, frame, id, &typed, &faults).await
        }
    }
}

pub(super) async fn before_end(
    State(app): State<App>,
    Present(me): Present,
    Path(id): Path<Uuid>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let row = theirs(&app, &me.ctx, me.account, id).await?;
    Ok(end_page(frame, &row, me.account, &Faults::default()))
}

/// A token, for its owner and for the security administrator; to everybody else it is as if it were not there.
async fn theirs(app: &App, ctx: &Ctx, account: AccountId, id: Uuid) -> Result<token::Model, ApiError> {
    let row = token::Entity::find_by_id(TokenId(id)).one(app.db().read()).await.map_err(DbError::from)?;
    let may = crate::access::permit(ctx, Action::TokensWrite, None).is_ok();
    row.filter(|row| may || row.account_id == account).ok_or_else(|| ApiError::NotFound("没有找到这个令牌".to_owned()))
}

fn end_page(frame: Frame, row: &token::Model, own: AccountId, faults: &Faults) -> Response {
    let w = &frame.words.admin.accounts;
    let back =
        if row.account_id == own { "/account/tokens".to_owned() } else { format!("/accounts/{}", row.account_id) };
    let sheet = Sheet {
        action: format!("/tokens/{}/revoke", row.id),
        submit: w.revoke.clone(),
        general: faults.general().to_owned(),
        danger: true,
        cancel: back.clone(),
        ..Sheet::default()
    };
    let block = Block { notes: vec![w.revoke_help.clone()], form: Some(sheet), ..Block::default() };
    let (title, back) = (w.revoking.replace("{name}", &row.name), (back, w.tokens.clone()));
    Board { back, blocks: vec![block], ..Board::new(frame, title) }.answer()
}

pub(super) async fn revoke(
    State(app): State<App>,
    Present(me): Present,
    Path(id): Path<Uuid>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let row = theirs(&app, &me.ctx, me.account, id).await?;
    let asker = me.ctx.clone();
    match app.write(move |db| async move { tokens::revoke(&db, &asker, TokenId(id)).await }).await {
        Ok(_) if row.account_id == me.account => Ok(to("/account/tokens", "revoked")),
        Ok(_) => Ok(to(&format!("/accounts/{}", row.account_id), "revoked")),
        Err(error) => Ok(end_page(frame, &row, me.account, &refused(error, &[])?)),
    }
}

/// One's own tokens, with the way to take the secret of one that was issued.
pub(super) async fn mine(
    State(app): State<App>,
    Present(me): Present,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let rows = tokens::mine(app.db(), &me).await?;
    let w = &frame.words.admin.accounts;
    let now = me.ctx.now();
    let mut table = Table::new(&[&w.device, &w.begins, &w.until, &frame.words.admin.shared.state, ""]);
    table.empty = ("key", w.no_tokens.clone(), w.tokens_help.clone(), String::new(), String::new());
    let mut blocks = Vec::new();
    for row in rows {
        let open = row.revoked_at.is_none() && now < row.expires_at;
        let state = match (open, row.prefix.is_empty()) {
            (false, _) => Td::mark("gone", w.is_over.clone()),
            (true, true) => Td::mark("warn", w.unclaimed.clone()),
            (true, false) => Td::mark("good", w.in_force.clone()),
        };
        let revoke = Td::link(w.revoke.clone(), format!("/tokens/{}/revoke", row.id));
        if open && row.prefix.is_empty() {
            let sheet = Sheet {
                action: format!("/account/tokens/{}/claim", row.id),
                submit: w.claim.clone(),
                ..Sheet::default()
            };
            let notes = vec![w.claim_help.clone()];
            blocks.push(Block { title: row.name.clone(), notes, form: Some(sheet), ..Block::default() });
        }
        table.rows.push(vec![
            row.name.into(),
            Td::mono(row.prefix),
            Td::time(Some(row.expires_at)),
            state,
            if open { revoke } else { Td::default() },
        ]);
    }
    blocks.push(Block { table: Some(table), ..Block::default() });
    let (said, back) = (said(&frame, &asked), ("/account".to_owned(), frame.words.common.account.clone()));
    let title = w.my_tokens.clone();
    Ok(Board { said, back, blocks, ..Board::new(frame, title) }.answer())
}

pub(super) async fn claim(
    State(app): State<App>,
    Present(me): Present,
    Path(id): Path<Uuid>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let (row, secret) = app.write(move |db| async move { tokens::claim(&db, &me, TokenId(id)).await }).await?;
    let w = &frame.words.admin.accounts;
    let block = Block {
        alert: Some(("warning", w.secret_once.clone())),
        notes: vec![w.secret_help.clone()],
        pre: secret,
        more: ("/account/tokens".to_owned(), w.my_tokens.clone()),
        ..Block::default()
    };
    let title = w.secret_of.replace("{name}", &row.name);
    Ok(Board { blocks: vec![block], ..Board::new(frame.once(), title) }.answer())
}
