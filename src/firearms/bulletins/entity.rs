//! The tables `armoury_bulletins`, `armoury_bulletin_lines`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `armoury_bulletins`.
pub mod bulletin {
    use chrono::NaiveDate;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::bulletins::service::State;
    use crate::kernel::Timestamp;

    /// A week's bulletin.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "armoury_bulletins")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        /// A Monday.
        pub from_day: NaiveDate,
        pub until_day: NaiveDate,
        pub state: State,
        /// When its figures were counted.
        pub counted_at: Timestamp,
        pub remark: String,
        pub issued_by: String,
        pub issued_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "armoury_bulletins", id);
}

/// The table `armoury_bulletin_lines`.
pub mod line {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::bulletins::facts::Facts;
    use crate::kernel::ids::UnitId;

    /// A unit's week.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "armoury_bulletin_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub bulletin_id: Uuid,
        pub unit_id: UnitId,
        pub stores: i64,
        pub draws: i64,
        pub overdue: i64,
        pub handovers: i64,
        pub handovers_missed: i64,
        pub inspections: i64,
        pub inspections_missing: i64,
        pub checks_failed: i64,
        pub audits: i64,
        pub alarms: i64,
        pub findings_opened: i64,
        pub findings_closed: i64,
        pub findings_open: i64,
        pub version: i64,
    }

    impl Model {
        /// Its figures.
        #[must_use]
        pub const fn facts(&self) -> Facts {
            Facts {
                stores: self.stores,
                draws: self.draws,
                overdue: self.overdue,
                handovers: self.handovers,
                handovers_missed: self.handovers_missed,
                inspections: self.inspections,
                inspections_missing: self.inspections_missing,
                checks_failed: self.checks_failed,
                audits: self.audits,
                alarms: self.alarms,
                findings_opened: self.findings_opened,
                findings_closed: self.findings_closed,
                findings_open: self.findings_open,
            }
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "armoury_bulletin_lines", id);
}
