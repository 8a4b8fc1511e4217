//! An office whose three administrators have signed in with their phones.

use hufu::access::accounts::{self, Invited};
use hufu::access::entity::{account, grant, rule, secret};
use hufu::access::grants::{self, NewGrant};
use hufu::access::setup::{self, FirstAdministrator, Setup};
use hufu::access::{self, AccessError, Identity, Role, SignIn, SignedIn, rules};
use hufu::journal;
use hufu::kernel::Timestamp;
use hufu::kernel::ids::{AccountId, PersonId, UnitId};
use sea_orm::{ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _};
use totp_rs::{Builder, Secret};

use crate::support::{MINUTE, Office};

/// What everybody's password is, but for the login in front of it.
pub(crate) const PASSWORD: &str = "Tigers-9-halves";

pub(crate) struct Desk {
    pub(crate) office: Office,
    pub(crate) system: Identity,
    pub(crate) security: Identity,
    pub(crate) audit: Identity,
}

pub(crate) fn first(login: &str) -> FirstAdministrator {
    FirstAdministrator { login: login.to_owned(), name: format!("管理{login}"), badge_number: String::new() }
}

pub(crate) fn first_three() -> Setup {
    Setup {
        organisation: String::new(),
        unit: "D0".to_owned(),
        system: first("sysadmin"),
        password: PASSWORD.to_owned(),
        security: first("secadmin"),
        audit: first("audadmin"),
    }
}

/// Hashes as cheap as they get, by the rule that says what they cost.
pub(crate) async fn cheap(office: &Office) {
    let row = rule::Model {
        name: rules::ARGON2.to_owned(),
        version: 2,
        value: "m=16,t=1,p=1".to_owned(),
        effective_from: Timestamp(0),
        source: "test".to_owned(),
        set_by: "test".to_owned(),
        set_at: Timestamp(0),
    };
    office
        .db
        .write(async |tx| {
            Ok::<_, AccessError>(
                rule::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await.map(|_| ())?,
            )
        })
        .await
        .unwrap();
}

pub(crate) fn attempt(login: &str, password: &str, code: Option<&str>) -> SignIn {
    SignIn {
        login: login.to_owned(),
        password: password.to_owned(),
        second_factor: code.map(str::to_owned),
        address: "10.0.0.7".to_owned(),
        user_agent: "test".to_owned(),
    }
}

/// Where the office's database is.
pub(crate) fn url(office: &Office) -> String {
    office.dir.database().url().to_owned()
}

impl Desk {
    pub(crate) async fn open() -> Self {
        let office = Office::found().await;
        cheap(&office).await;
        let link = setup::link(&office.db, &office.ctx).await.unwrap().unwrap();
        let links = setup::complete(&office.db, &office.ctx, &link, first_three()).await.unwrap();
        for link in [&links.security, &links.audit] {
            access::activate(&office.db, &office.ctx, link, PASSWORD).await.unwrap();
        }
        let mut three = Vec::new();
        for login in ["sysadmin", "secadmin", "audadmin"] {
            three.push(enrolled(&office, login).await.0);
        }
        let mut three = three.into_iter();
        let mut next = || three.next().unwrap();
        Self { system: next(), security: next(), audit: next(), office }
    }

    /// An account of the office's person, active, with a role over a unit.
    pub(crate) async fn member(&self, login: &str, whose: PersonId, role: Option<(Role, Option<UnitId>)>) -> AccountId {
        let Invited { account, link } =
            accounts::create(&self.office.db, &self.system.ctx, login, whose).await.unwrap();
        access::activate(&self.office.db, &self.office.ctx, &link, PASSWORD).await.unwrap();
        if let Some((role, unit)) = role {
            self.grant(account.id, role, unit).await.unwrap();
        }
        account.id
    }

    /// Given by the security administrator, with the audit administrator at the side.
    pub(crate) async fn grant(
        &self,
        account: AccountId,
        role: Role,
        unit: Option<UnitId>,
    ) -> Result<grant::Model, AccessError> {
        let new = NewGrant { account, role, unit, from: None, until: None };
        let mut two = self.security.ctx.clone();
        two.co_signer = self.audit.person;
        grants::give(&self.office.db, &two, new).await
    }

    pub(crate) async fn sign_in(
        &self,
        login: &str,
        password: &str,
        code: Option<&str>,
    ) -> Result<SignedIn, AccessError> {
        access::sign_in(&self.office.db, &self.office.ctx, attempt(login, password, code)).await
    }

    /// Who a cookie belongs to.
    pub(crate) async fn who(&self, token: &str) -> Option<Identity> {
        access::by_session(&self.office.db, &self.office.ctx, token).await.unwrap()
    }

    /// Signs in somebody who has no second factor.
    pub(crate) async fn come_in(&self, login: &str) -> Identity {
        let token = self.sign_in(login, PASSWORD, None).await.unwrap().token;
        self.who(&token).await.unwrap()
    }

    pub(crate) async fn journal(&self, action: &str) -> Vec<journal::entity::Model> {
        let rows = journal::entity::Entity::find().filter(journal::entity::Column::Action.eq(action));
        rows.order_by_asc(journal::entity::Column::Id).all(self.office.db.read()).await.unwrap()
    }

    pub(crate) fn later(&self, ms: i64) {
        self.office.clock.advance_ms(ms);
    }

    pub(crate) async fn code_of(&self, login: &str) -> String {
        code_of(&self.office, login).await
    }
}

/// Signs in, enrols a phone, and signs in with it; the recovery codes.
pub(crate) async fn enrolled(office: &Office, login: &str) -> (Identity, Vec<String>) {
    let (db, base) = (&office.db, &office.ctx);
    let first = access::sign_in(db, base, attempt(login, PASSWORD, None)).await.unwrap();
    let me = access::by_session(db, base, &first.token).await.unwrap().unwrap();
    let enrolment = access::enrol_second_factor(db, &me, PASSWORD).await.unwrap();
    let codes = access::confirm_second_factor(db, &me, &code(&enrolment.secret, base.now())).await.unwrap();
    office.clock.advance_ms(MINUTE);
    let again = code_of(office, login).await;
    let signed = access::sign_in(db, base, attempt(login, PASSWORD, Some(&again))).await.unwrap();
    (access::by_session(db, base, &signed.token).await.unwrap().unwrap(), codes)
}

/// What the phone shows now.
pub(crate) fn code(base32: &str, at: Timestamp) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(base32).unwrap()).build().unwrap();
    totp.generate(u64::try_from(at.0 / 1000).unwrap()).to_string()
}

/// What the phone of this login shows now.
pub(crate) async fn code_of(office: &Office, login: &str) -> String {
    let account = accounts::by_login(office.db.read(), login).await.unwrap();
    let row = secret::Entity::find_by_id(account.id).one(office.db.read()).await.unwrap().unwrap();
    code(&row.totp_secret.unwrap(), office.ctx.now())
}

pub(crate) async fn account(office: &Office, login: &str) -> account::Model {
    accounts::by_login(office.db.read(), login).await.unwrap()
}
