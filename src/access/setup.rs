//! The very first start: one link, used once, by which the first three administrators come to be. No default
//! password ever exists.
//!
//! Whoever opens the link is the system administrator and chooses their own password; the other two get a link each,
//! which opens their account and nothing else, so that from the first minute on nobody holds two of the three.

use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::json;

use super::entity::account::{self, AccountState};
use super::entity::{keep, past_password, secret};
use super::grants::{self, NewGrant};
use super::matrix::Role;
use super::password::{self, Cost};
use super::rules::{self, Rules, check_text};
use super::{AccessError, accounts, horizon, keys, second_factor};
use crate::db::{Db, Tx};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{PersonId, UnitId};
use crate::kernel::rights::Scope;
use crate::kernel::text::key;
use crate::kernel::{Actor, Ctx, Timestamp};
use crate::org::entity::person::{self, Duty, PersonKind};
use crate::org::entity::unit;
use crate::org::service as org;

/// How long the setup link opens.
const OPEN_MS: i64 = 24 * 3_600_000;
/// How far its clock may be off.
const TOLERANCE_MS: i64 = 5 * 60_000;

/// One of the first three administrators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstAdministrator {
    /// What they will sign in with.
    pub login: String,
    /// Their name.
    pub name: String,
    /// Their badge number, blank when they have none; a person of this badge number who is in the book is the one.
    pub badge_number: String,
}

/// What whoever opens the setup link says.
#[derive(Clone)]
pub struct Setup {
    /// What the office calls itself on labels and reports; blank leaves what stands.
    pub organisation: String,
    /// The unit the administrators belong to, by code or name. Made when the book has no unit yet.
    pub unit: String,
    /// The system administrator: whoever fills in the form.
    pub system: FirstAdministrator,
    /// The password they choose.
    pub password: String,
    /// The security administrator.
    pub security: FirstAdministrator,
    /// The audit administrator.
    pub audit: FirstAdministrator,
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setup").field("unit", &self.unit).field("system", &self.system).finish_non_exhaustive()
    }
}

/// The one-time secrets for the other two administrators, shown only now; each opens [`super::activate`].
#[derive(Clone, PartialEq, Eq)]
pub struct FirstLinks {
    /// For the security administrator.
    pub security: String,
    /// For the audit administrator.
    pub audit: String,
}

impl std::fmt::Debug for FirstLinks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FirstLinks(…)")
    }
}

/// While there is no account: a fresh one-time secret for the setup page; the one before is void. `None` once there
/// is an account. Call it at every start of the server.
///
/// # Errors
/// When the database refuses.
pub async fn link(db: &Db, base: &Ctx) -> Result<Option<String>, AccessError> {
    let secret = keys::new_secret(base);
    db.write(async |tx| {
        if accounts::any(tx).await? {
            return Ok(None);
        }
        keys::put(tx, keys::SETUP, keys::hash_of(&secret), base.now()).await?;
        Ok(Some(secret.clone()))
    })
    .await
}

fn opens(kept: Option<&keep::Model>, secret: &str, now: Timestamp) -> bool {
    kept.is_some_and(|row| {
        let in_time = (-TOLERANCE_MS..OPEN_MS).contains(&(now.0 - row.made_at.0));
        in_time && secret.len() <= 128 && row.value == keys::hash_of(secret)
    })
}

/// Whether `secret` opens the setup page now: for showing the form.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_open(db: &Db, base: &Ctx, secret: &str) -> Result<bool, AccessError> {
    let kept = keys::read(db.read(), keys::SETUP).await?;
    Ok(opens(kept.as_ref(), secret, base.now()) && !accounts::any(db.read()).await?)
}

/// Makes the three administrators and closes the door for good.
///
/// # Errors
/// [`AccessError::LinkVoid`], [`AccessError::AlreadySetUp`], or a field that is wrong.
pub async fn complete(db: &Db, base: &Ctx, secret: &str, setup: Setup) -> Result<FirstLinks, AccessError> {
    if accounts::any(db.read()).await? {
        return Err(AccessError::AlreadySetUp);
    }
    if !is_open(db, base, secret).await? {
        return Err(AccessError::LinkVoid);
    }
    check(&setup)?;
    let rules = rules::current(db).await?;
    password::check(&rules, base.now(), setup.system.login.trim(), &setup.password)?;
    let hash = password::hash(db, base, Cost::in_force(&rules, base.now()), &setup.password).await?;
    let links = db.write(async |tx| carry_out(tx, base, &rules, secret, &setup, &hash).await).await?;
    let organisation = setup.organisation.trim();
    if !organisation.is_empty() {
        org::name_organisation(db, base, organisation).await?;
    }
    Ok(links)
}

fn check(setup: &Setup) -> Result<(), AccessError> {
    check_text("organisation", setup.organisation.trim(), 0, 100)?;
    check_text("unit", setup.unit.trim(), 1, 40)?;
    for one in [&setup.system, &setup.security, &setup.audit] {
        check_text("name", one.name.trim(), 1, 100)?;
        check_text("badge_number", one.badge_number.trim(), 0, 40)?;
    }
    Ok(())
}

async fn carry_out(
    tx: &Tx,
    base: &Ctx,
    rules: &Rules,
    secret: &str,
    setup: &Setup,
    hash: &str,
) -> Result<FirstLinks, AccessError> {
    if accounts::any(tx).await? {
        return Err(AccessError::AlreadySetUp);
    }
    if !opens(keys::read(tx, keys::SETUP).await?.as_ref(), secret, base.now()) {
        return Err(AccessError::LinkVoid);
    }
    keep::Entity::delete_by_id(keys::SETUP).exec(tx).await?;
    horizon::note(tx, base).await?;
    keys::key(tx, base, keys::CSRF).await?;
    // The rules the migration brought get their entry, as every watched row has.
    let mut rows = RowsDigest::new(base);
    rules.rows().into_iter().for_each(|row| rows.add(row));
    let unit = unit_of(tx, base, setup.unit.trim(), &mut rows).await?;
    let people = [
        person_of(tx, base, &setup.system, unit, &mut rows).await?,
        person_of(tx, base, &setup.security, unit, &mut rows).await?,
        person_of(tx, base, &setup.audit, unit, &mut rows).await?,
    ];
    let ctx = base.acting_as(Actor::Person(people[0]), Scope::Everything);
    let (system, _) = appoint(tx, &ctx, rules, &setup.system, people[0], Role::SystemAdministrator).await?;
    let system = open_with(tx, &ctx, system, hash).await?;
    let (security, security_link) =
        appoint(tx, &ctx, rules, &setup.security, people[1], Role::SecurityAdministrator).await?;
    let (audit, audit_link) = appoint(tx, &ctx, rules, &setup.audit, people[2], Role::AuditAdministrator).await?;
    for account in [&system, &security, &audit] {
        rows.add(account);
    }
    let payload = json!({ "system": system.id, "security": security.id, "audit": audit.id });
    let entry = Entry { action: "access.setup", subject: system.id.to_string(), unit: None, payload, rows };
    journal::record(tx, &ctx, entry).await?;
    Ok(FirstLinks { security: security_link, audit: audit_link })
}

/// The unit of this code or name; a book without any unit begins with it.
async fn unit_of(tx: &Tx, base: &Ctx, written: &str, rows: &mut RowsDigest) -> Result<UnitId, AccessError> {
    let units = unit::Entity::find().all(tx).await?;
    let is = |row: &&unit::Model| row.active && (key(&row.name) == key(written) || key(&row.code) == key(written));
    if let Some(row) = units.iter().find(is) {
        return Ok(row.id);
    }
    if !units.is_empty() {
        return Err(AccessError::invalid("unit", format!("未登记的单位“{written}”")));
    }
    let row = unit::Model {
        id: base.new_id(),
        code: written.to_owned(),
        name: written.to_owned(),
        parent_id: None,
        kind: String::new(),
        active: true,
        batch_id: None,
        version: 1,
    };
    let id = row.id;
    org::write_units(tx, vec![row], rows).await?;
    Ok(id)
}

async fn person_of(
    tx: &Tx,
    base: &Ctx,
    one: &FirstAdministrator,
    unit_id: UnitId,
    rows: &mut RowsDigest,
) -> Result<PersonId, AccessError> {
    let badge = key(one.badge_number.trim()).into_owned();
    if !badge.is_empty() {
        let known = person::Entity::find().filter(person::Column::BadgeNumber.eq(&badge)).one(tx).await?;
        if let Some(known) = known {
            if !known.active || key(&known.name) != key(one.name.trim()) {
                let reason = format!("警号 {badge} 登记的是另一人，或已离岗");
                return Err(AccessError::invalid("badge_number", reason));
            }
            return Ok(known.id);
        }
    }
    let row = person::Model {
        id: base.new_id(),
        badge_number: (!badge.is_empty()).then_some(badge),
        name: one.name.trim().to_owned(),
        unit_id,
        duty: Duty::Member,
        kind: PersonKind::Officer,
        active: true,
        batch_id: None,
        version: 1,
    };
    let id = row.id;
    org::write_people(tx, vec![row], rows).await?;
    Ok(id)
}

async fn appoint(
    tx: &Tx,
    ctx: &Ctx,
    rules: &Rules,
    one: &FirstAdministrator,
    whose: PersonId,
    role: Role,
) -> Result<(account::Model, String), AccessError> {
    let (account, link) = accounts::insert(tx, ctx, rules, &one.login, whose).await?;
    let grant = NewGrant { account: account.id, role, unit: None, from: None, until: None };
    grants::give_in(tx, ctx, &account, grant).await?;
    Ok((account, link))
}

async fn open_with(tx: &Tx, ctx: &Ctx, account: account::Model, hash: &str) -> Result<account::Model, AccessError> {
    let held = second_factor::of(tx, account.id).await?;
    let opened =
        secret::Model { password_hash: Some(hash.to_owned()), password_set_at: ctx.now(), link_hash: None, ..held };
    second_factor::save(tx, opened).await?;
    let past = past_password::Model {
        id: ctx.new_id(),
        account_id: account.id,
        password_hash: hash.to_owned(),
        set_at: ctx.now(),
    };
    past_password::Entity::insert(past.into_active_model()).exec_without_returning(tx).await?;
    let after = account::Model { state: AccountState::Active, version: account.version + 1, ..account };
    after.clone().into_active_model().reset_all().update(tx).await?;
    Ok(after)
}
