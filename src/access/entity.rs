//! The tables of this room. What is secret — hashes of passwords, of tokens, of ID numbers — stands in tables of its
//! own, which the journal does not watch and an export does not carry.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `accounts`.
pub mod account {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::{AccountId, PersonId};

    /// `invited → active → closed`
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, EnumIter, DeriveActiveEnum)]
    #[serde(rename_all = "snake_case")]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    pub enum AccountState {
        /// Made; nobody chose a password yet.
        Invited,
        /// Somebody signs in with it.
        Active,
        /// Never again.
        Closed,
    }

    impl AccountState {
        /// As people say it.
        #[must_use]
        pub const fn zh(self) -> &'static str {
            match self {
                Self::Invited => "待启用",
                Self::Active => "启用",
                Self::Closed => "停用",
            }
        }
    }

    /// What a person signs in with; a person has one that is not closed.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "accounts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AccountId,
        pub login: String,
        pub login_key: String,
        pub person_id: PersonId,
        pub state: AccountState,
        pub created_at: Timestamp,
        pub closed_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "accounts", id);
}

/// The table `account_secrets`: not watched, not exported.
pub mod secret {
    use sea_orm::entity::prelude::*;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::AccountId;

    /// What an account proves itself by.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "account_secrets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: AccountId,
        /// argon2id as a PHC string.
        pub password_hash: Option<String>,
        pub password_set_at: Timestamp,
        /// A new password was ordered.
        pub must_change: bool,
        pub link_hash: Option<String>,
        pub link_made_at: Timestamp,
        pub link_expires_at: Timestamp,
        /// Base-32, confirmed.
        pub totp_secret: Option<String>,
        /// Base-32, shown but not confirmed.
        pub totp_pending: Option<String>,
        /// The last step a code was taken for: none at or before it is taken again.
        pub totp_last_step: i64,
        /// Somebody besides whoever handed out the link stands for the account being its owner's.
        pub vouched: bool,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `password_history`: not watched.
pub mod past_password {
    use sea_orm::entity::prelude::*;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::AccountId;

    /// A password that was chosen.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "password_history")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: AccountId,
        pub password_hash: String,
        pub set_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `recovery_codes`: not watched.
pub mod recovery_code {
    use sea_orm::entity::prelude::*;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::AccountId;

    /// Stands in once for a phone that is gone.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "recovery_codes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: AccountId,
        pub code_hash: String,
        pub used_at: Option<Timestamp>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `id_links`: not watched.
pub mod id_link {
    use sea_orm::entity::prelude::*;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::PersonId;

    /// Whose client certificate it is, by a keyed hash of the ID number in it.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "id_links")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: PersonId,
        pub id_hash: String,
        pub linked_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `sign_in_tries`: not watched.
pub mod tries {
    use sea_orm::entity::prelude::*;

    use crate::kernel::Timestamp;

    /// Failed tries with one login, whether there is such an account or not.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sign_in_tries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub login_hash: String,
        pub tries: i64,
        pub first_at: Timestamp,
        pub last_at: Timestamp,
        pub locked_at: Option<Timestamp>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `sessions`: not watched.
pub mod session {
    use sea_orm::entity::prelude::*;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::{AccountId, SessionId};

    /// From sign-in to sign-out.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SessionId,
        pub account_id: AccountId,
        pub token_hash: String,
        pub created_at: Timestamp,
        pub last_seen_at: Timestamp,
        pub idle_ms: i64,
        pub expires_at: Timestamp,
        pub address: String,
        pub user_agent: String,
        pub ended_at: Option<Timestamp>,
        pub ended_by: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `api_tokens`.
pub mod token {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::{AccountId, TokenId};

    /// What a device may do for its owner, until when. The secret stands in `api_token_secrets`.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "api_tokens")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: TokenId,
        pub name: String,
        pub account_id: AccountId,
        /// Names of actions with commas between.
        pub actions: String,
        /// The secret's first characters, to tell tokens apart; blank until its owner takes it.
        pub prefix: String,
        pub issued_by: String,
        pub issued_at: Timestamp,
        pub expires_at: Timestamp,
        pub revoked_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "api_tokens", id);
}

/// The table `api_token_secrets`: not watched.
pub mod token_secret {
    use sea_orm::entity::prelude::*;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::TokenId;

    /// The hash of a device's token.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "api_token_secrets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub token_id: TokenId,
        pub token_hash: String,
        pub last_used_at: Timestamp,
        pub last_address: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `grants`.
pub mod grant {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::access::matrix::Role;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{AccountId, GrantId, UnitId};

    /// A role over a unit and all below it, for a time.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "grants")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: GrantId,
        pub account_id: AccountId,
        pub role: Role,
        /// `None`: over everything.
        pub unit_id: Option<UnitId>,
        pub valid_from: Timestamp,
        /// The first instant it is no more.
        pub valid_until: Option<Timestamp>,
        pub granted_by: String,
        pub granted_at: Timestamp,
        pub ended_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "grants", id);
}

/// The table `dated_rules`: append-only.
pub mod rule {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;

    /// What a rule says from a day on.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "dated_rules")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        pub value: String,
        pub effective_from: Timestamp,
        /// The law or order it rests on.
        pub source: String,
        pub set_by: String,
        pub set_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "dated_rules", name, version);
}

/// The table `access_secrets`: keys, the setup link, the latest instant seen. Not watched.
pub mod keep {
    use sea_orm::entity::prelude::*;

    use crate::kernel::Timestamp;

    /// One of the program's own secrets.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "access_secrets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        pub value: String,
        pub made_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
