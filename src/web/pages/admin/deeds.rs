//! What is done to an account, each on a page of its own that says what it will do, and who signs beside.

use axum::extract::State;
use axum::response::Response;
use axum::{Extension, Form};
use uuid::Uuid;

use super::accounts::shown;
use super::board::{Block, Board, Form as Sheet};
use super::shared::{Typed, refused_signed, signer_fields, to};
use crate::access::accounts::{self, Listed};
use crate::access::{Action, co_signing, links};
use crate::kernel::Ctx;
use crate::kernel::ids::AccountId;
use crate::web::api::accounts::CoSignature;
use crate::web::extract::Path;
use crate::web::layers::Visit;
use crate::web::pages::form::Faults;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// What may be done to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Unlock,
    OrderPassword,
    Reset,
    SecondFactor,
    Close,
}

impl Deed {
    fn named(name: &str) -> Result<Self, ApiError> {
        Ok(match name {
            "unlock" => Self::Unlock,
            "order-password" => Self::OrderPassword,
            "reset" => Self::Reset,
            "second-factor" => Self::SecondFactor,
            "close" => Self::Close,
            _ => return Err(ApiError::NotFound("没有这个地址".to_owned())),
        })
    }

    const fn action(self) -> Action {
        match self {
            Self::SecondFactor => Action::SecondFactorReset,
            Self::Unlock | Self::OrderPassword | Self::Reset | Self::Close => Action::AccountsWrite,
        }
    }

    /// Whether a second person may have to sign.
    const fn takes_two(self) -> bool {
        matches!(self, Self::Reset | Self::SecondFactor | Self::Close)
    }

    /// Its name, what it does, and what is said after.
    fn words(self, frame: &Frame) -> (&'static str, &'static str, &'static str) {
        let w = &frame.words.admin.accounts;
        match self {
            Self::Unlock => (&w.unlock, &w.unlock_help, "unlocked"),
            Self::OrderPassword => (&w.order, &w.order_help, "ordered"),
            Self::Reset => (&w.reset, &w.reset_help, ""),
            Self::SecondFactor => (&w.reset_factor, &w.reset_factor_help, "factor"),
            Self::Close => (&w.close, &w.close_help, "closed"),
        }
    }
}

async fn account(app: &App, ctx: &Ctx, deed: Deed, id: Uuid) -> Result<Listed, ApiError> {
    co_signing::on_account(app.db(), ctx, deed.action(), AccountId(id)).await?;
    Ok(accounts::show(app.db(), ctx, AccountId(id)).await?)
}

pub(super) async fn before(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((id, deed)): Path<(Uuid, String)>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let deed = Deed::named(&deed)?;
    let listed = account(&app, &ctx, deed, id).await?;
    Ok(page(frame, deed, &listed, &Typed::default(), &Faults::default()))
}

fn page(frame: Frame, deed: Deed, listed: &Listed, typed: &Typed, faults: &Faults) -> Response {
    let (name, help, _) = deed.words(&frame);
    let id = listed.account.id;
    let path = frame.address.path().to_owned();
    let sheet = Sheet {
        action: path,
        fields: if deed.takes_two() { signer_fields(&frame, typed, faults) } else { Vec::new() },
        submit: name.to_owned(),
        general: faults.general().to_owned(),
        danger: deed == Deed::Close,
        cancel: format!("/accounts/{id}"),
        ..Sheet::default()
    };
    let block = Block { notes: vec![help.to_owned()], form: Some(sheet), ..Block::default() };
    let title = format!("{name} · {}", listed.account.login);
    let back = (format!("/accounts/{id}"), listed.account.login.clone());
    Board { back, blocks: vec![block], ..Board::new(frame, title) }.answer()
}

pub(super) async fn take(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path((id, deed)): Path<(Uuid, String)>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    let deed = Deed::named(&deed)?;
    let listed = account(&app, &ctx, deed, id).await?;
    let done = async {
        let signature = if deed.takes_two() { typed.signature() } else { None };
        let ctx = CoSignature::sign(signature, &app, &visit, ctx.clone()).await?;
        let id = AccountId(id);
        match deed {
            Deed::Reset => {
                let invited = app.write(move |db| async move { links::reset(&db, &ctx, id).await }).await?;
                return Ok(Some(invited));
            }
            Deed::Unlock => app.write(move |db| async move { accounts::unlock(&db, &ctx, id).await }).await?,
            Deed::OrderPassword => {
                app.write(move |db| async move { accounts::order_new_password(&db, &ctx, id).await }).await?;
            }
            Deed::SecondFactor => {
                app.write(move |db| async move { accounts::reset_second_factor(&db, &ctx, id).await }).await?;
            }
            Deed::Close => {
                app.write(move |db| async move { accounts::close(&db, &ctx, id).await }).await?;
            }
        }
        Ok::<_, ApiError>(None)
    };
    match done.await {
        Ok(Some(invited)) => Ok(shown(frame, &visit, &invited)),
        Ok(None) => Ok(to(&format!("/accounts/{id}"), deed.words(&frame).2)),
        Err(error) => Ok(page(frame, deed, &listed, &typed, &refused_signed(error, &[])?)),
    }
}
