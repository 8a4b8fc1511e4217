//! Accounts: the list, an account, a new one.

use axum::extract::State;
use axum::response::Response;
use axum::{Extension, Form};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use uuid::Uuid;

use super::board::{Block, Board, Field, Form as Sheet, Step, Table, Td, rows_of};
use super::rights::{grants_table, tokens_table};
use super::shared::{Typed, org_link, person_named, refused_signed, said, signer_fields};
use crate::access::accounts::{self, Invited, Listed};
use crate::access::entity::account::{AccountState, Column};
use crate::access::entity::session;
use crate::access::{Action, grants, permit, reach, tokens};
use crate::db::DbError;
use crate::db::order::{By, Order};
use crate::kernel::ids::AccountId;
use crate::kernel::{Ctx, Timestamp};
use crate::org::Directory;
use crate::web::api::accounts::CoSignature;
use crate::web::extract::{Path, Query};
use crate::web::layers::Visit;
use crate::web::pages::form::Faults;
use crate::web::pages::parts::{cut, order};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// Sessions of an account that its page shows.
const SESSIONS: u64 = 50;

/// What the list can be sorted by.
const WAYS: [(&str, By<Column>); 3] = [
    ("login", By::Full(Column::LoginKey)),
    ("person", By::Of(Column::PersonId, "people", "name")),
    ("state", By::Full(Column::State)),
];

pub(super) async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::AccountsRead, None)?;
    let after = asked.id::<AccountId>("after").map(AccountId::into);
    let by_login = || Order { by: By::Full(Column::LoginKey), down: false, after: after.clone() };
    let order = order(&frame, &WAYS, after.clone()).unwrap_or_else(by_login);
    let limit = rows_of(&frame);
    let mut rows = accounts::sorted(app.db(), &ctx, &order, limit + 1).await?;
    let next = cut(&mut rows, limit, |row| row.account.id.to_string());
    let names = Directory::load_some(app.db().read(), &[], &[]).await?;
    let w = &frame.words.admin.accounts;
    let mut table = Table::new(&[&w.login, &w.person, &w.unit, &frame.words.admin.shared.state, &w.factor, &w.roles]);
    for row in &rows {
        let over = |unit: Option<_>| unit.map_or("", |unit| names.unit_name(unit)).to_owned();
        let roles: Vec<String> = row
            .grants
            .iter()
            .map(|grant| format!("{} {}", frame.either(grant.role.zh(), grant.role.name()), over(grant.unit_id)))
            .map(|text| text.trim().to_owned())
            .collect();
        table.rows.push(vec![
            Td::link(row.account.login.clone(), format!("/accounts/{}", row.account.id)),
            org_link(&frame, row.person.name.clone(), format!("/people/{}", row.person.id)),
            names.unit_name(row.person.unit_id).into(),
            state(&frame, row, ctx.now()),
            if row.second_factor { w.bound.as_str() } else { w.unbound.as_str() }.into(),
            roles.join(frame.either("、", ", ")).into(),
        ]);
    }
    (table.next, table.paged, table.away) = (next, true, true);
    table.sorts = &[(0, "login"), (1, "person"), (3, "state")];
    table.empty = ("user-shield", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    let may = frame.may(Action::AccountsWrite);
    let why = if may { String::new() } else { w.only_system.clone() };
    let steps = vec![
        Step { text: w.table.clone(), href: "/roles".to_owned(), ..Step::default() },
        Step { text: w.tokens.clone(), href: "/tokens".to_owned(), ..Step::default() },
        Step { text: w.new.clone(), href: "/accounts/new".to_owned(), why, primary: true, ..Step::default() },
    ];
    let block = Block { table: Some(table), ..Block::default() };
    let (said, title) = (said(&frame, &asked), w.title.clone());
    Ok(Board { said, steps, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

/// Where an account stands, its lock before all.
pub(super) fn state(frame: &Frame, listed: &Listed, now: Timestamp) -> Td {
    let w = &frame.words.admin.accounts;
    match (listed.account.state, listed.locked_until.filter(|until| now < *until)) {
        (AccountState::Closed, _) => Td::mark("gone", w.closed.clone()),
        (_, Some(until)) => Td::mark("bad", w.locked.replace("{until}", &until.to_string())),
        (AccountState::Invited, None) => Td::mark("warn", w.invited.clone()),
        (AccountState::Active, None) => Td::mark("good", w.active.clone()),
    }
}

pub(super) async fn one(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let listed = accounts::show(app.db(), &ctx, AccountId(id)).await?;
    let names = Directory::load_some(app.db().read(), &[], &[]).await?;
    let w = &frame.words.admin.accounts;
    let facts = vec![
        (w.person.clone(), org_link(&frame, listed.person.name.clone(), format!("/people/{}", listed.person.id))),
        (w.unit.clone(), names.unit_name(listed.person.unit_id).into()),
        (frame.words.admin.shared.state.clone(), state(&frame, &listed, ctx.now())),
        (w.factor.clone(), if listed.second_factor { w.bound.as_str() } else { w.unbound.as_str() }.into()),
        (w.created.clone(), Td::time(Some(listed.account.created_at))),
    ];
    let given = grants::list(app.db(), &ctx, AccountId(id)).await?;
    let theirs = tokens::list(app.db(), &ctx, Some(AccountId(id))).await?;
    let blocks = vec![
        Block { title: w.facts.clone(), facts, ..Block::default() },
        Block {
            title: w.grants.clone(),
            table: Some(grants_table(&app, &frame, &given, ctx.now()).await?),
            ..Block::default()
        },
        Block { title: w.sessions.clone(), table: Some(sessions(&app, &ctx, &frame, id).await?), ..Block::default() },
        Block {
            title: w.tokens.clone(),
            table: Some(tokens_table(&app, &frame, &theirs, ctx.now(), false).await?),
            ..Block::default()
        },
    ];
    let steps = steps(&ctx, &frame, &listed);
    let (said, back) = (said(&frame, &asked), ("/accounts".to_owned(), frame.words.nav.accounts.clone()));
    Ok(Board { said, back, steps, blocks, ..Board::new(frame, listed.account.login) }.answer())
}

/// What may be done to an account: each for the administrator whose line it is, and to nobody's own.
fn steps(ctx: &Ctx, frame: &Frame, listed: &Listed) -> Vec<Step> {
    let w = &frame.words.admin.accounts;
    let id = listed.account.id;
    let own = ctx.person() == Some(listed.account.person_id);
    let step = |text: &String, deed: &str, action: Action| Step {
        text: text.clone(),
        href: format!("/accounts/{id}/{deed}"),
        why: if listed.account.state == AccountState::Closed {
            w.is_closed.clone()
        } else if own {
            w.not_oneself.clone()
        } else {
            String::new()
        },
        // What is another administrator's line is not shown to this one: there are too many of them.
        primary: action == Action::GrantsWrite,
        ..Step::default()
    };
    let deeds = [
        (&w.unlock, "unlock", Action::AccountsWrite),
        (&w.order, "order-password", Action::AccountsWrite),
        (&w.reset, "reset", Action::AccountsWrite),
        (&w.reset_factor, "second-factor", Action::SecondFactorReset),
        (&w.close, "close", Action::AccountsWrite),
        (&w.issue, "tokens/new", Action::TokensWrite),
        (&w.grant, "grants/new", Action::GrantsWrite),
    ];
    let may = deeds.into_iter().filter(|(_, _, action)| frame.may(*action));
    may.map(|(text, deed, action)| step(text, deed, action)).collect()
}

/// The open sessions of an account.
async fn sessions(app: &App, ctx: &Ctx, frame: &Frame, id: Uuid) -> Result<Table, ApiError> {
    permit(ctx, Action::AccountsRead, None)?;
    let (w, now) = (&frame.words.sessions, ctx.now());
    let mut table = Table::new(&[&w.device, &w.address, &w.began, &w.seen, &w.until]);
    table.empty.1.clone_from(&frame.words.admin.accounts.no_sessions);
    let open = session::Entity::find()
        .filter(session::Column::AccountId.eq(AccountId(id)))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now))
        .order_by_desc(session::Column::LastSeenAt)
        .limit(SESSIONS);
    for row in open.all(app.db().read()).await.map_err(DbError::from)? {
        if now.0 - row.last_seen_at.0 > row.idle_ms {
            continue;
        }
        table.rows.push(vec![
            row.user_agent.into(),
            Td::mono(row.address),
            Td::time(Some(row.created_at)),
            Td::time(Some(row.last_seen_at)),
            Td::time(Some(row.expires_at)),
        ]);
    }
    Ok(table)
}

pub(super) async fn new(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(typed): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let _ = app;
    form(&ctx, frame, &typed, &Faults::default())
}

fn form(ctx: &Ctx, frame: Frame, typed: &Typed, faults: &Faults) -> Result<Response, ApiError> {
    permit(ctx, Action::AccountsWrite, None)?;
    let (w, s) = (&frame.words.admin.accounts, &frame.words.admin.shared);
    let mut fields = vec![
        Field::text("person", &w.person, typed.get("person"), faults).help(&s.person_help),
        Field::text("login", &w.login, typed.get("login"), faults).help(&w.login_help),
    ];
    fields.extend(signer_fields(&frame, typed, faults));
    let sheet = Sheet {
        action: "/accounts/new".to_owned(),
        fields,
        submit: w.make.clone(),
        general: faults.general().to_owned(),
        cancel: "/accounts".to_owned(),
        ..Sheet::default()
    };
    let block = Block { notes: vec![w.new_help.clone()], form: Some(sheet), ..Block::default() };
    let (title, back) = (w.new.clone(), ("/accounts".to_owned(), frame.words.nav.accounts.clone()));
    Ok(Board { back, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn create(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::AccountsWrite, None)?;
    let right = reach(&ctx, Action::OrgRead);
    let whose = match person_named(&app, &right, typed.get("person"), "person").await? {
        Ok(Some(whose)) => whose,
        Ok(None) => {
            let faults = Faults::at("person", frame.words.admin.shared.choose.clone());
            return form(&ctx, frame, &typed, &faults);
        }
        Err(faults) => return form(&ctx, frame, &typed, &faults),
    };
    let login = typed.get("login").to_owned();
    let done = async {
        let ctx = CoSignature::sign(typed.signature(), &app, &visit, ctx.clone()).await?;
        app.write(move |db| async move { accounts::create(&db, &ctx, &login, whose).await }).await
    };
    match done.await {
        Ok(invited) => Ok(shown(frame, &visit, &invited)),
        Err(error) => form(&ctx, frame, &typed, &refused_signed(error, &["login", "person"])?),
    }
}

/// The link that opens an account, shown this once.
pub(super) fn shown(frame: Frame, visit: &Visit, invited: &Invited) -> Response {
    let w = &frame.words.admin.accounts;
    let block = Block {
        alert: Some(("warning", w.link_once.clone())),
        notes: vec![w.link_help.clone()],
        pre: format!("{}{}", visit.origin().unwrap_or_default(), invited.path()),
        more: (format!("/accounts/{}", invited.account.id), w.to_account.clone()),
        ..Block::default()
    };
    let title = w.link_of.replace("{login}", &invited.account.login);
    Board { blocks: vec![block], ..Board::new(frame.once(), title) }.answer()
}
