//! The tables `digital_certificates`, `certificate_loans`, `certificate_checks`, `certificate_check_lines`,
//! `certificate_quizzes`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `digital_certificates`.
pub mod certificate {
    use chrono::NaiveDate;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::certificates::model::State;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{PersonId, UnitId};

    /// A digital certificate (数字证书).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "digital_certificates")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub number_key: String,
        /// 持有人
        pub holder_id: PersonId,
        pub unit_id: UnitId,
        /// 存放位置
        pub kept_at: String,
        pub valid_until: NaiveDate,
        pub state: State,
        pub state_note: String,
        pub entered_by: String,
        pub entered_at: Timestamp,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "digital_certificates", id);
}

/// The table `certificate_loans`.
pub mod loan {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::certificates::model::LoanEnd;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{AccountId, PersonId, UnitId};

    /// Who took a certificate out, from when until when (领用登记).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "certificate_loans")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub certificate_id: Uuid,
        pub unit_id: UnitId,
        pub taker_id: PersonId,
        /// By which the taker proved to be there.
        pub account_id: AccountId,
        /// Who handed it out, when it is one of the sub-bureau's.
        pub keeper_id: Option<PersonId>,
        pub task: String,
        pub handed_by: String,
        pub out_at: Timestamp,
        pub due_at: Timestamp,
        pub ended_at: Option<Timestamp>,
        pub ended_as: Option<LoanEnd>,
        pub ended_by: String,
        pub note: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "certificate_loans", id);
}

/// The table `certificate_checks`: append-only.
pub mod check {
    use chrono::NaiveDate;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::UnitId;

    /// A look into a unit's cabinet (每日巡查).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "certificate_checks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub unit_id: UnitId,
        pub checked_on: NaiveDate,
        /// Of that day.
        pub nth: i64,
        pub checked_by: String,
        pub checked_at: Timestamp,
        pub kept: i64,
        pub out: i64,
        pub amiss: i64,
        pub note: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "certificate_checks", id);
}

/// The table `certificate_check_lines`: append-only.
pub mod check_line {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::certificates::model::Verdict;
    use crate::kernel::ids::PersonId;

    /// What a check said of one.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "certificate_check_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub check_id: Uuid,
        pub certificate_id: Uuid,
        pub verdict: Verdict,
        /// Who had it.
        pub with_id: Option<PersonId>,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "certificate_check_lines", id);
}

/// The table `certificate_quizzes`: append-only.
pub mod quiz {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::{PersonId, UnitId};

    /// A question that was asked of a holder (抽考).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "certificate_quizzes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub unit_id: UnitId,
        pub person_id: PersonId,
        pub question: String,
        pub answer: String,
        pub correct: bool,
        pub asked_by: String,
        pub asked_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "certificate_quizzes", id);
}
