//! Accounts, grants, tokens and rules as the API shows them. Instants are milliseconds since 1970 UTC.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::accounts::Listed;
use crate::access::entity::{grant, rule, token};

/// A role over a unit, for a time.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GrantView {
    id: Uuid,
    account: Uuid,
    role: String,
    /// The role as people say it.
    role_name: &'static str,
    /// The unit it reaches with all below; absent: everything.
    unit: Option<Uuid>,
    valid_from: i64,
    /// The first instant it is no more.
    valid_until: Option<i64>,
    granted_by: String,
    granted_at: i64,
    /// When somebody ended it.
    ended_at: Option<i64>,
}

impl From<grant::Model> for GrantView {
    fn from(row: grant::Model) -> Self {
        Self {
            id: row.id.into(),
            account: row.account_id.into(),
            role: row.role.name().to_owned(),
            role_name: row.role.zh(),
            unit: row.unit_id.map(Into::into),
            valid_from: row.valid_from.0,
            valid_until: row.valid_until.map(|at| at.0),
            granted_by: row.granted_by,
            granted_at: row.granted_at.0,
            ended_at: row.ended_at.map(|at| at.0),
        }
    }
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccountView {
    id: Uuid,
    login: String,
    /// `invited`, `active` or `closed`.
    state: String,
    person: Uuid,
    person_name: String,
    unit: Uuid,
    /// Whether it has a second factor.
    second_factor: bool,
    /// Whether anybody besides whoever handed out its link stands for its being its owner's; where nobody does, a role
    /// that decides takes a second signature.
    vouched: bool,
    /// Until when it is locked after too many tries.
    locked_until: Option<i64>,
    created_at: i64,
    closed_at: Option<i64>,
    /// Grants that nobody ended, begun or not, over or not.
    grants: Vec<GrantView>,
}

impl From<Listed> for AccountView {
    fn from(listed: Listed) -> Self {
        use sea_orm::ActiveEnum as _;
        let account = listed.account;
        Self {
            id: account.id.into(),
            login: account.login,
            state: account.state.to_value(),
            person: listed.person.id.into(),
            person_name: listed.person.name,
            unit: listed.person.unit_id.into(),
            second_factor: listed.second_factor,
            vouched: listed.vouched,
            locked_until: listed.locked_until.map(|at| at.0),
            created_at: account.created_at.0,
            closed_at: account.closed_at.map(|at| at.0),
            grants: listed.grants.into_iter().map(Into::into).collect(),
        }
    }
}

/// A device's token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TokenView {
    id: Uuid,
    name: String,
    /// The account it acts for.
    account: Uuid,
    /// What it may do.
    actions: Vec<String>,
    /// The first characters of its secret; blank until its owner took it.
    prefix: String,
    issued_by: String,
    issued_at: i64,
    expires_at: i64,
    revoked_at: Option<i64>,
}

impl From<token::Model> for TokenView {
    fn from(row: token::Model) -> Self {
        Self {
            id: row.id.into(),
            name: row.name,
            account: row.account_id.into(),
            actions: row.actions.split(',').map(str::to_owned).collect(),
            prefix: row.prefix,
            issued_by: row.issued_by,
            issued_at: row.issued_at.0,
            expires_at: row.expires_at.0,
            revoked_at: row.revoked_at.map(|at| at.0),
        }
    }
}

/// What a rule says from an instant on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RuleView {
    name: String,
    version: i64,
    value: String,
    effective_from: i64,
    /// The law or order it rests on.
    source: String,
    set_by: String,
    set_at: i64,
    /// Whether it is the one in force now.
    in_force: bool,
}

impl RuleView {
    pub(super) fn new(row: &rule::Model, in_force: bool) -> Self {
        Self {
            name: row.name.clone(),
            version: row.version,
            value: row.value.clone(),
            effective_from: row.effective_from.0,
            source: row.source.clone(),
            set_by: row.set_by.clone(),
            set_at: row.set_at.0,
            in_force,
        }
    }
}

/// A one-time secret that opens an account; it is shown only now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LinkView {
    /// The account.
    pub(super) account: Uuid,
    /// What they sign in with.
    pub(super) login: String,
    /// The secret; its owner chooses a password with it.
    pub(super) link: String,
    /// The page it opens, to be put behind the server's address.
    pub(super) link_path: String,
}
