//! Whoever opens an account with its link before its owner does never comes to decide anything.

use axum::http::StatusCode;
use hufu::access::accounts;
use hufu::access::entity::account::{self, AccountState};
use hufu::access::entity::{id_link, secret};
use hufu::access::grants::{self, NewGrant};
use hufu::access::{self, AccessError, Role, links};
use hufu::db::Db;
use hufu::kernel::ids::{AccountId, PersonId};
use hufu::kernel::{Ctx, Timestamp};
use hufu::org::entity::{person, unit};
use hufu_migrations::Migrator;
use sea_orm::{ConnectionTrait as _, EntityTrait as _, IntoActiveModel as _};
use sea_orm_migration::MigratorTrait as _;
use serde_json::{Value, json};

use crate::api::server;
use crate::desk::{Desk, PASSWORD, code_of, enrolled};
use crate::support::database::TestDatabase;
use crate::support::{MINUTE, Office};

fn with(ctx: &Ctx, second: Option<PersonId>) -> Ctx {
    let mut ctx = ctx.clone();
    ctx.co_signer = second;
    ctx
}

async fn give(desk: &Desk, account: AccountId, role: Role, second: Option<PersonId>) -> Result<(), AccessError> {
    let new = NewGrant { account, role, unit: None, from: None, until: None };
    grants::give(&desk.office.db, &with(&desk.security.ctx, second), new).await.map(|_| ())
}

async fn vouched(desk: &Desk, account: AccountId) -> bool {
    accounts::show(&desk.office.db, &desk.security.ctx, account).await.unwrap().vouched
}

#[tokio::test]
async fn a_role_that_decides_is_not_given_to_whoever_the_link_fell_to() {
    let desk = Desk::open().await;
    let (db, base) = (&desk.office.db, &desk.office.ctx);
    let [a, stranger, b, _] = desk.office.people[0];
    let made = accounts::create(db, &desk.system.ctx, "zhang.san", a).await.unwrap();
    let zhang = made.account.id;
    for second in [None, desk.audit.person, Some(a)] {
        let refused = give(&desk, zhang, Role::UnitHead, second).await;
        assert!(matches!(refused, Err(AccessError::Conflict(_))), "its link is out: {refused:?}");
    }
    // Whoever made the account opens it, and it may count.
    access::activate(db, base, &made.link, PASSWORD).await.unwrap();
    give(&desk, zhang, Role::Member, None).await.unwrap();
    for role in Role::ALL.iter().filter(|role| role.is_guarded() && !role.is_administrator()) {
        for second in [None, desk.system.person, desk.security.person, Some(b), Some(stranger)] {
            let refused = give(&desk, zhang, *role, second).await;
            assert!(matches!(refused, Err(AccessError::Forbidden(_))), "{} {second:?}: {refused:?}", role.zh());
        }
    }
    assert!(!vouched(&desk, zhang).await, "the security administrator sees it");
    give(&desk, zhang, Role::UnitHead, Some(a)).await.unwrap();
    assert!(vouched(&desk, zhang).await);
    give(&desk, zhang, Role::AssetManager, None).await.unwrap();
    let entries = desk.journal("access.grant").await;
    assert!(entries.iter().any(|entry| entry.co_signer == Some(a.to_string())), "the entry names who stood there");
}

#[tokio::test]
async fn a_new_link_by_one_alone_asks_again_and_by_two_does_not() {
    let desk = Desk::open().await;
    let (db, base) = (&desk.office.db, &desk.office.ctx);
    let [a, _, b, _] = desk.office.people[0];
    let two = with(&desk.system.ctx, desk.audit.person);
    let zhang = accounts::create(db, &two, "zhang.san", a).await.unwrap().account.id;
    assert!(vouched(&desk, zhang).await);
    give(&desk, zhang, Role::Legal, None).await.unwrap();
    give(&desk, zhang, Role::AuditAdministrator, None).await.unwrap_err();

    let li = desk.member("li.si", b, None).await;
    give(&desk, li, Role::UnitHead, desk.audit.person).await.unwrap();
    let given = grants::list(db, &desk.security.ctx, li).await.unwrap()[0].id;
    grants::end(db, &desk.security.ctx, given).await.unwrap();
    let out = links::reset(db, &desk.system.ctx, li).await.unwrap();
    assert!(!vouched(&desk, li).await);
    access::activate(db, base, &out.link, "Lanterns-7-up").await.unwrap();
    assert!(give(&desk, li, Role::UnitHead, None).await.is_err(), "opened by a link of one alone");
    let out = links::reset(db, &two, li).await.unwrap();
    access::activate(db, base, &out.link, "Lanterns-8-up").await.unwrap();
    give(&desk, li, Role::UnitHead, None).await.unwrap();
}

#[tokio::test]
async fn the_owner_signs_in_the_request_that_makes_them_decide() {
    let desk = Desk::open().await;
    let made = desk.member("zhang.san", desk.office.people[0][2], None).await;
    enrolled(&desk.office, "zhang.san").await;
    desk.later(MINUTE);
    let security = server(&desk, Some(&desk.security));
    let mut body = json!({ "account": made, "role": "unit_head" });
    let alone = security.post("/api/v1/grants").json(&body).await;
    assert_eq!(alone.status_code(), StatusCode::FORBIDDEN, "{}", alone.text());
    assert!(alone.json::<Value>()["detail"].as_str().unwrap().contains("本人到场"), "{}", alone.text());
    let second = |code: &str| json!({ "login": "zhang.san", "password": PASSWORD, "second_factor": code });
    body["co_signer"] = second("000000");
    assert_eq!(security.post("/api/v1/grants").json(&body).await.status_code(), StatusCode::UNPROCESSABLE_ENTITY);
    body["co_signer"] = second(&code_of(&desk.office, "zhang.san").await);
    let given = security.post("/api/v1/grants").json(&body).await;
    assert_eq!(given.status_code(), StatusCode::CREATED, "{}", given.text());
    let shown: Value = security.get(&format!("/api/v1/accounts/{made}")).await.json();
    assert_eq!(shown["vouched"], true);
}

/// A database from before it was kept who stands for an account, and before a certificate took two to link.
#[tokio::test]
async fn of_what_is_older_nobody_stands_for_anything() {
    const BEFORE: u32 = 12;
    let dir = tempfile::tempdir().unwrap();
    let old = TestDatabase::blank(dir.path(), "old.db");
    let db = Db::open(old.url()).await.unwrap();
    Migrator::up(db.read(), Some(BEFORE)).await.unwrap();
    let office = Office::found().await;
    let unit = unit::Entity::find().one(office.db.read()).await.unwrap().unwrap();
    let person = person::Entity::find().one(office.db.read()).await.unwrap().unwrap();
    let unit = unit::Model { parent_id: None, batch_id: None, ..unit };
    let person = person::Model { unit_id: unit.id, batch_id: None, ..person };
    let link = id_link::Model { person_id: person.id, id_hash: "x".to_owned(), linked_at: Timestamp(1) };
    let account = account::Model {
        id: office.ctx.new_id(),
        login: "zhang.san".to_owned(),
        login_key: "ZHANG.SAN".to_owned(),
        person_id: person.id,
        state: AccountState::Active,
        created_at: Timestamp(1),
        closed_at: None,
        version: 1,
    };
    unit::Entity::insert(unit.into_active_model()).exec_without_returning(db.read()).await.unwrap();
    person::Entity::insert(person.into_active_model()).exec_without_returning(db.read()).await.unwrap();
    id_link::Entity::insert(link.into_active_model()).exec_without_returning(db.read()).await.unwrap();
    account::Entity::insert(account.into_active_model()).exec_without_returning(db.read()).await.unwrap();
    let secrets = "INSERT INTO account_secrets (account_id, password_set_at, must_change, link_made_at, \
                   link_expires_at, totp_last_step, version) SELECT id, 1, FALSE, 0, 0, 0, 1 FROM accounts";
    db.read().execute_unprepared(secrets).await.unwrap();
    db.migrate().await.unwrap();
    let kept = secret::Entity::find().one(db.read()).await.unwrap().unwrap();
    assert!(!kept.vouched);
    assert!(id_link::Entity::find().all(db.read()).await.unwrap().is_empty(), "linked again, by two");
}
