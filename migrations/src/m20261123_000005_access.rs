//! Accounts, their secrets, sessions, tokens, grants, and the rules that have a date.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    ColumnDef, DbErr, DeriveMigrationName, Index, MigrationTrait, Query, SchemaManager, Table, TableCreateStatement,
};

use crate::helpers::{
    append_only, check, create, drop, fk, flag, id, index, int, int_null, table, text, text_null, unique, uuid,
    uuid_null,
};

/// The rules an office begins with: name, value, legal source.
const RULES: &[(&str, &str, &str)] = &[
    ("password.min_length", "10", MLPS),
    ("password.min_kinds", "3", MLPS),
    ("password.history", "5", MLPS),
    ("password.max_age_days", "90", MLPS),
    ("password.argon2", "m=19456,t=2,p=1", "GB/T 39786-2021；argon2id，RFC 9106"),
    ("sign_in.tries", "5", MLPS),
    ("sign_in.window_minutes", "15", MLPS),
    ("sign_in.lock_minutes", "15", MLPS),
    ("session.idle_minutes", "30", MLPS),
    ("session.absolute_hours", "12", MLPS),
    ("link.hours", "72", "GB/T 22239-2019 8.1.4.2：默认账户须改默认口令；本系统不设默认口令，以一次性链接代之"),
    (
        "second_factor.roles",
        "system_administrator,security_administrator,audit_administrator,armourer,duty_leader,property_custodian,command_centre",
        "GB/T 22239-2019 8.1.4.1 d)：两种或两种以上鉴别技术",
    ),
    ("token.max_days", "365", "GB/T 22239-2019 8.1.4.2：及时停用过期账户"),
];
const MLPS: &str = "GB/T 22239-2019 8.1.4.1：身份鉴别";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut tables = of_accounts();
        tables.extend(of_sessions_and_tokens());
        tables.extend(of_rights());
        create(
            manager,
            tables,
            vec![
                unique("uq_accounts_login_key", "accounts", &["login_key"]),
                index("ix_accounts_person_id", "accounts", &["person_id"]),
                index("ix_password_history_account_id", "password_history", &["account_id", "set_at"]),
                index("ix_account_secrets_link_hash", "account_secrets", &["link_hash"]),
                index("ix_recovery_codes_account_id", "recovery_codes", &["account_id"]),
                unique("uq_sessions_token_hash", "sessions", &["token_hash"]),
                index("ix_sessions_account_id", "sessions", &["account_id"]),
                index("ix_api_tokens_account_id", "api_tokens", &["account_id"]),
                unique("uq_api_token_secrets_token_hash", "api_token_secrets", &["token_hash"]),
                unique("uq_id_links_id_hash", "id_links", &["id_hash"]),
                index("ix_grants_account_id", "grants", &["account_id"]),
            ],
        )
        .await?;
        seed(manager).await?;
        append_only(manager, "dated_rules").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(
            manager,
            &[
                "access_secrets",
                "dated_rules",
                "sign_in_tries",
                "accounts",
                "account_secrets",
                "password_history",
                "recovery_codes",
                "id_links",
                "sessions",
                "api_tokens",
                "api_token_secrets",
                "grants",
            ],
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn key(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().primary_key().to_owned()
}

fn id_of(name: &'static str) -> ColumnDef {
    uuid(name).primary_key().to_owned()
}

/// What is secret stands apart from what the journal watches and an export carries.
fn of_accounts() -> Vec<TableCreateStatement> {
    let accounts = table("accounts")
        .col(id())
        .col(text("login"))
        .col(text("login_key"))
        .col(uuid("person_id"))
        .col(text("state"))
        .col(int("created_at"))
        .col(int_null("closed_at"))
        .col(int("version"))
        .foreign_key(&mut fk("accounts", "person_id", "people"))
        .check(check("ck_accounts_login", "length(login) BETWEEN 2 AND 64"))
        .check(check("ck_accounts_state", "state IN ('invited','active','closed')"))
        .to_owned();
    let account_secrets = table("account_secrets")
        .col(id_of("account_id"))
        .col(text_null("password_hash"))
        .col(int("password_set_at"))
        .col(flag("must_change"))
        .col(text_null("link_hash"))
        .col(int("link_made_at"))
        .col(int("link_expires_at"))
        .col(text_null("totp_secret"))
        .col(text_null("totp_pending"))
        .col(int("totp_last_step"))
        .col(int("version"))
        .foreign_key(&mut fk("account_secrets", "account_id", "accounts"))
        .to_owned();
    let password_history = table("password_history")
        .col(id())
        .col(uuid("account_id"))
        .col(text("password_hash"))
        .col(int("set_at"))
        .foreign_key(&mut fk("password_history", "account_id", "accounts"))
        .to_owned();
    let recovery_codes = table("recovery_codes")
        .col(id())
        .col(uuid("account_id"))
        .col(text("code_hash"))
        .col(int_null("used_at"))
        .foreign_key(&mut fk("recovery_codes", "account_id", "accounts"))
        .to_owned();
    let id_links = table("id_links")
        .col(id_of("person_id"))
        .col(text("id_hash"))
        .col(int("linked_at"))
        .foreign_key(&mut fk("id_links", "person_id", "people"))
        .to_owned();
    let sign_in_tries = table("sign_in_tries")
        .col(key("login_hash"))
        .col(int("tries"))
        .col(int("first_at"))
        .col(int("last_at"))
        .col(int_null("locked_at"))
        .to_owned();
    vec![accounts, account_secrets, password_history, recovery_codes, id_links, sign_in_tries]
}

fn of_sessions_and_tokens() -> Vec<TableCreateStatement> {
    let sessions = table("sessions")
        .col(id())
        .col(uuid("account_id"))
        .col(text("token_hash"))
        .col(int("created_at"))
        .col(int("last_seen_at"))
        .col(int("idle_ms"))
        .col(int("expires_at"))
        .col(text("address"))
        .col(text("user_agent"))
        .col(int_null("ended_at"))
        .col(text_null("ended_by"))
        .foreign_key(&mut fk("sessions", "account_id", "accounts"))
        .to_owned();
    let api_tokens = table("api_tokens")
        .col(id())
        .col(text("name"))
        .col(uuid("account_id"))
        .col(text("actions"))
        .col(text("prefix"))
        .col(text("issued_by"))
        .col(int("issued_at"))
        .col(int("expires_at"))
        .col(int_null("revoked_at"))
        .col(int("version"))
        .foreign_key(&mut fk("api_tokens", "account_id", "accounts"))
        .check(check("ck_api_tokens_name", "length(name) BETWEEN 1 AND 100"))
        .to_owned();
    let api_token_secrets = table("api_token_secrets")
        .col(id_of("token_id"))
        .col(text("token_hash"))
        .col(int("last_used_at"))
        .col(text("last_address"))
        .foreign_key(&mut fk("api_token_secrets", "token_id", "api_tokens"))
        .to_owned();
    vec![sessions, api_tokens, api_token_secrets]
}

fn of_rights() -> Vec<TableCreateStatement> {
    let grants = table("grants")
        .col(id())
        .col(uuid("account_id"))
        .col(text("role"))
        .col(uuid_null("unit_id"))
        .col(int("valid_from"))
        .col(int_null("valid_until"))
        .col(text("granted_by"))
        .col(int("granted_at"))
        .col(int_null("ended_at"))
        .col(int("version"))
        .foreign_key(&mut fk("grants", "account_id", "accounts"))
        .foreign_key(&mut fk("grants", "unit_id", "units"))
        .check(check("ck_grants_valid_until", "valid_until IS NULL OR valid_until > valid_from"))
        .to_owned();
    let dated_rules = Table::create()
        .table("dated_rules")
        .col(text("name"))
        .col(int("version"))
        .col(text("value"))
        .col(int("effective_from"))
        .col(text("source"))
        .col(text("set_by"))
        .col(int("set_at"))
        .primary_key(Index::create().name("pk_dated_rules").col("name").col("version"))
        .check(check("ck_dated_rules_name", "length(name) BETWEEN 1 AND 100"))
        .check(check("ck_dated_rules_value", "length(value) BETWEEN 1 AND 2000"))
        .to_owned();
    let access_secrets = table("access_secrets").col(key("name")).col(text("value")).col(int("made_at")).to_owned();
    vec![grants, dated_rules, access_secrets]
}

async fn seed(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = ["name", "version", "value", "effective_from", "source", "set_by", "set_at"];
    let mut insert = Query::insert();
    insert.into_table("dated_rules").columns(columns);
    for (name, value, source) in RULES {
        insert.values_panic([
            (*name).into(),
            1i64.into(),
            (*value).into(),
            0i64.into(),
            (*source).into(),
            "system".into(),
            0i64.into(),
        ]);
    }
    manager.execute(insert).await
}
