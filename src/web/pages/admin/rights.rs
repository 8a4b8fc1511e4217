//! Grants and tokens of accounts, and the table of roles, which says what each may do.

use axum::extract::State;
use axum::response::Response;
use axum::{Extension, Form};
use uuid::Uuid;

use super::board::{Block, Board, Field, Form as Sheet, Kind, Step, Table, Td};
use super::shared::{Typed, actor, org_link, people_of, refused_signed, said, signer_fields, to, unit_choices};
use crate::access::accounts::{self, Listed};
use crate::access::entity::{grant, token};
use crate::access::grants::{self, NewGrant};
use crate::access::matrix::roles_for;
use crate::access::{Action, Role, co_signing, permit, reach, tokens};
use crate::db::DbError;
use crate::kernel::ids::{AccountId, GrantId, UnitId};
use crate::kernel::{Ctx, Timestamp};
use crate::org::Directory;
use crate::web::api::accounts::CoSignature;
use crate::web::extract::{Path, Query};
use crate::web::layers::Visit;
use crate::web::pages::form::Faults;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};
use sea_orm::EntityTrait as _;

/// Grants as an account's page and a grant's own show them; over or ended ones too.
pub(super) async fn grants_table(
    app: &App,
    frame: &Frame,
    rows: &[grant::Model],
    now: Timestamp,
) -> Result<Table, ApiError> {
    let w = &frame.words.admin.accounts;
    let people = people_of(rows.iter().map(|row| row.granted_by.as_str()));
    let names = Directory::load_some(app.db().read(), &[], &people).await?;
    let mut table = Table::new(&[&w.role, &w.over, &w.from, &w.until, &w.by, &frame.words.admin.shared.state, ""]);
    table.empty.1.clone_from(&w.no_grants);
    for row in rows {
        let over = row.unit_id.map_or_else(
            || w.everywhere.as_str().into(),
            |unit| org_link(frame, names.unit_name(unit), format!("/units/{unit}")),
        );
        let is_over = row.valid_until.is_some_and(|end| end <= now);
        let state = match row.ended_at {
            Some(at) => Td::mark("gone", w.ended.replace("{at}", &at.to_string())),
            None if is_over => Td::mark("gone", w.is_over.clone()),
            None if now < row.valid_from => Td::mark("ask", w.to_come.clone()),
            None => Td::mark("good", w.in_force.clone()),
        };
        let may_end = row.ended_at.is_none() && !is_over && frame.may(Action::GrantsWrite);
        let end = if may_end { Td::link(w.end.clone(), format!("/grants/{}/end", row.id)) } else { Td::default() };
        table.rows.push(vec![
            Td::link(frame.either(row.role.zh(), row.role.name()), format!("/roles?role={}", row.role.name())),
            over,
            Td::time(Some(row.valid_from)),
            // Its last instant, and not the first at which it holds no more.
            match row.valid_until {
                Some(end) => Td::time(Some(Timestamp(end.0 - 1))),
                None => w.no_end.as_str().into(),
            },
            actor(frame, &names, &row.granted_by).into(),
            state,
            end,
        ]);
    }
    Ok(table)
}

async fn account(app: &App, ctx: &Ctx, action: Action, id: Uuid) -> Result<Listed, ApiError> {
    co_signing::on_account(app.db(), ctx, action, AccountId(id)).await?;
    Ok(accounts::show(app.db(), ctx, AccountId(id)).await?)
}

pub(super) async fn new_grant(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Query(typed): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    grant_form(&app, &ctx, frame, id, &typed, &Faults::default()).await
}

async fn grant_form(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    id: Uuid,
    typed: &Typed,
    faults: &Faults,
) -> Result<Response, ApiError> {
    let listed = account(app, ctx, Action::GrantsWrite, id).await?;
    let w = &frame.words.admin.accounts;
    let mut roles: Vec<_> = Role::ALL
        .iter()
        .map(|role| (role.name().to_owned(), frame.either(role.zh(), role.name()).to_owned()))
        .collect();
    roles.insert(0, (String::new(), frame.words.admin.shared.choose.clone()));
    let mut own = unit_choices(app, &reach(ctx, Action::OrgRead)).await?;
    own.insert(0, (String::new(), w.everywhere.clone()));
    let mut fields = vec![
        Field::choice("role", &w.role, roles, typed.get("role"), faults),
        Field::choice("unit", &w.over, own, typed.get("unit"), faults).help(&w.over_help),
        Field::input("from", &w.from, "date", typed.get("from"), faults).help(&w.from_help),
        Field::input("until", &w.last_day, "date", typed.get("until"), faults).help(&w.until_help),
    ];
    fields.extend(signer_fields(&frame, typed, faults));
    let sheet = Sheet {
        action: format!("/accounts/{id}/grants/new"),
        fields,
        submit: w.grant.clone(),
        general: faults.general().to_owned(),
        cancel: format!("/accounts/{id}"),
        ..Sheet::default()
    };
    let mut blocks = vec![Block { form: Some(sheet), ..Block::default() }];
    // What each role may do, so that nobody gives what they do not know.
    let mut table = Table::new(&[&w.role, &w.may]);
    for role in Role::ALL {
        let name = frame.either(role.zh(), role.name());
        table.rows.push(vec![Td::link(name, format!("/roles?role={}", role.name())), may_text(&frame, *role).into()]);
    }
    blocks.push(Block { title: w.what_each_may.clone(), table: Some(table), ..Block::default() });
    let title = w.granting.replace("{login}", &listed.account.login);
    let back = (format!("/accounts/{id}"), listed.account.login);
    Ok(Board { back, blocks, ..Board::new(frame, title) }.answer())
}

fn may_text(frame: &Frame, role: Role) -> String {
    let its = Action::ALL.iter().filter(|action| roles_for(**action).contains(&role));
    its.map(|action| frame.either(action.zh(), action.name())).collect::<Vec<_>>().join(frame.either("、", ", "))
}

/// What was typed of a grant. A role is given from the beginning of a day to the end of one, and from now on when the
/// day is today.
fn read(typed: &Typed, frame: &Frame, id: Uuid, now: Timestamp) -> Result<NewGrant, Faults> {
    const DAY_MS: i64 = 86_400_000;
    let role = Role::by_name(typed.get("role"));
    let from = typed.day("from", frame)?.filter(|day| day.day() != now.day());
    let until = typed.day("until", frame)?.map(|day| Timestamp(day.0.saturating_add(DAY_MS)));
    Ok(NewGrant {
        account: AccountId(id),
        role: role.ok_or_else(|| Faults::at("role", frame.words.admin.shared.choose.clone()))?,
        unit: typed.id::<UnitId>("unit"),
        from,
        until,
    })
}

pub(super) async fn give(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    co_signing::on_account(app.db(), &ctx, Action::GrantsWrite, AccountId(id)).await?;
    let new = match read(&typed, &frame, id, ctx.now()) {
        Ok(new) => new,
        Err(faults) => return grant_form(&app, &ctx, frame, id, &typed, &faults).await,
    };
    let done = async {
        let ctx = CoSignature::sign(typed.signature(), &app, &visit, ctx.clone()).await?;
        app.write(move |db| async move { grants::give(&db, &ctx, new).await }).await
    };
    match done.await {
        Ok(_) => Ok(to(&format!("/accounts/{id}"), "granted")),
        Err(error) => {
            let faults = refused_signed(error, &["role", "unit", "from", "until"])?;
            grant_form(&app, &ctx, frame, id, &typed, &faults).await
        }
    }
}

pub(super) async fn before_end(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
) -> Result<Response, ApiError> {
    end_page(&app, &ctx, frame, id, &Typed::default(), &Faults::default()).await
}

async fn found(app: &App, ctx: &Ctx, id: Uuid) -> Result<grant::Model, ApiError> {
    co_signing::on_grant(app.db(), ctx, GrantId(id)).await?;
    let row = grant::Entity::find_by_id(GrantId(id)).one(app.db().read()).await.map_err(DbError::from)?;
    row.ok_or_else(|| ApiError::NotFound("没有找到这项授权".to_owned()))
}

async fn end_page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    id: Uuid,
    typed: &Typed,
    faults: &Faults,
) -> Result<Response, ApiError> {
    let row = found(app, ctx, id).await?;
    let listed = accounts::show(app.db(), ctx, row.account_id).await?;
    let w = &frame.words.admin.accounts;
    let sheet = Sheet {
        action: format!("/grants/{id}/end"),
        fields: if row.role.is_administrator() { signer_fields(&frame, typed, faults) } else { Vec::new() },
        submit: w.end.clone(),
        general: faults.general().to_owned(),
        danger: true,
        cancel: format!("/accounts/{}", row.account_id),
        ..Sheet::default()
    };
    let table = grants_table(app, &frame, std::slice::from_ref(&row), ctx.now()).await?;
    let block = Block { notes: vec![w.end_help.clone()], form: Some(sheet), table: Some(table), ..Block::default() };
    let role = frame.either(row.role.zh(), row.role.name());
    let title = w.ending.replace("{role}", role).replace("{login}", &listed.account.login);
    let back = (format!("/accounts/{}", row.account_id), listed.account.login);
    Ok(Board { back, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn end(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    let row = found(&app, &ctx, id).await?;
    let done = async {
        let ctx = CoSignature::sign(typed.signature(), &app, &visit, ctx.clone()).await?;
        app.write(move |db| async move { grants::end(&db, &ctx, GrantId(id)).await }).await
    };
    match done.await {
        Ok(_) => Ok(to(&format!("/accounts/{}", row.account_id), "ended")),
        Err(error) => end_page(&app, &ctx, frame, id, &typed, &refused_signed(error, &[])?).await,
    }
}

/// The table role × action, whole or of one role.
pub(super) async fn table(Caller(_ctx): Caller, Query(asked): Query<Typed>, frame: Frame) -> Response {
    let w = &frame.words.admin.accounts;
    let chosen = Role::by_name(asked.get("role"));
    let mut table = Table::new(&[&w.action, &w.roles]);
    for action in Action::ALL {
        let roles = roles_for(*action);
        if chosen.is_some_and(|role| !roles.contains(&role)) {
            continue;
        }
        let names: Vec<&str> = roles.iter().map(|role| frame.either(role.zh(), role.name())).collect();
        let name = Td::from(frame.either(action.zh(), action.name()));
        table.rows.push(vec![
            if frame.language.is_chinese() { name.because(action.name()) } else { name },
            names.join(frame.either("、", ", ")).into(),
        ]);
    }
    table.empty.1.clone_from(&w.may_nothing);
    let options: Vec<_> = Role::ALL
        .iter()
        .map(|role| (role.name().to_owned(), frame.either(role.zh(), role.name()).to_owned()))
        .collect();
    let title = match chosen {
        Some(role) => w.what_may.replace("{role}", frame.either(role.zh(), role.name())),
        None => w.table.clone(),
    };
    let filters = vec![Field::filter_of(&frame, "role", &w.role, options)];
    let block = Block { table: Some(table), ..Block::default() };
    Board { filters, blocks: vec![block], lead: w.table_help.clone(), ..Board::new(frame, title) }.answer()
}

/// Tokens; with whose they are where it is not plain.
pub(super) async fn tokens_table(
    app: &App,
    frame: &Frame,
    rows: &[token::Model],
    now: Timestamp,
    of_all: bool,
) -> Result<Table, ApiError> {
    let w = &frame.words.admin.accounts;
    let names =
        Directory::load_some(app.db().read(), &[], &people_of(rows.iter().map(|row| row.issued_by.as_str()))).await?;
    let mut table = Table::new(&[&w.device, &w.begins, &w.may, &w.by, &w.until, &frame.words.admin.shared.state, ""]);
    table.empty.1.clone_from(&w.no_tokens);
    for row in rows {
        let state = match row.revoked_at {
            Some(_) => Td::mark("gone", w.revoked.clone()),
            None if row.expires_at <= now => Td::mark("gone", w.is_over.clone()),
            None if row.prefix.is_empty() => Td::mark("warn", w.unclaimed.clone()),
            None => Td::mark("good", w.in_force.clone()),
        };
        let may = row
            .actions
            .split(',')
            .map(|name| Action::by_name(name).map_or(name, |action| frame.either(action.zh(), name)));
        let may = may.collect::<Vec<_>>().join(frame.either("、", ", "));
        let is_open = row.revoked_at.is_none() && frame.may(Action::TokensWrite);
        let revoke = Td::link(w.revoke.clone(), format!("/tokens/{}/revoke", row.id));
        let device = if of_all {
            Td::link(row.name.clone(), format!("/accounts/{}", row.account_id))
        } else {
            row.name.as_str().into()
        };
        table.rows.push(vec![
            device,
            Td::mono(if row.prefix.is_empty() { String::new() } else { format!("{}…", row.prefix) }),
            may.into(),
            actor(frame, &names, &row.issued_by).into(),
            Td::time(Some(row.expires_at)),
            state,
            if is_open { revoke } else { Td::default() },
        ]);
    }
    Ok(table)
}

pub(super) async fn all_tokens(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let rows = tokens::list(app.db(), &ctx, None).await?;
    let w = &frame.words.admin.accounts;
    let table = tokens_table(&app, &frame, &rows, ctx.now(), true).await?;
    let block = Block { table: Some(table), notes: vec![w.tokens_help.clone()], ..Block::default() };
    let back = ("/accounts".to_owned(), frame.words.nav.accounts.clone());
    let (said, title) = (said(&frame, &asked), w.tokens.clone());
    let steps = vec![Step { text: w.my_tokens.clone(), href: "/account/tokens".to_owned(), ..Step::default() }];
    Ok(Board { said, back, steps, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

/// What a device may be given of what the account may do.
pub(super) fn device_actions(frame: &Frame, typed: &Typed) -> Kind {
    let ticked: Vec<&str> = typed.all("actions").collect();
    let those = Action::ALL.iter().filter(|action| action.is_for_devices());
    let option = |action: &Action| {
        let name = action.name();
        (name.to_owned(), frame.either(action.zh(), name).to_owned(), ticked.contains(&name))
    };
    Kind::Ticks(those.map(option).collect())
}

/// Refuses what is not the security administrator's to do.
pub(super) async fn of_tokens(app: &App, ctx: &Ctx, id: Uuid) -> Result<Listed, ApiError> {
    permit(ctx, Action::TokensWrite, None)?;
    account(app, ctx, Action::TokensWrite, id).await
}
