//! The tables `webhooks`, `webhook_keys`, `webhook_deliveries`, `webhook_attempts`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `webhooks`.
pub mod webhook {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::WebhookId;

    /// A subscriber.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "webhooks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: WebhookId,
        pub url: String,
        /// Names of events with a comma between.
        pub events: String,
        pub description: String,
        pub active: bool,
        pub created_at: Timestamp,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "webhooks", id);
}

/// The table `webhook_keys`: what a subscriber verifies by, and the number of its last delivery. Never exported.
pub mod webhook_key {
    use sea_orm::entity::prelude::*;

    use crate::kernel::ids::WebhookId;

    /// A text that no log shows.
    #[derive(Clone, PartialEq, Eq, DeriveValueType)]
    pub struct Secret(pub String);

    impl std::fmt::Debug for Secret {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Secret(…)")
        }
    }

    /// A subscriber's secret; gone once the subscription ends.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook_keys")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub webhook_id: WebhookId,
        pub secret: Secret,
        pub last_seq: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `webhook_deliveries`: the outbox.
pub mod webhook_delivery {
    use sea_orm::entity::prelude::*;
    use serde::{Deserialize, Serialize};

    use crate::kernel::Timestamp;
    use crate::kernel::ids::WebhookId;

    /// What became of a delivery.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
    #[serde(rename_all = "snake_case")]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    pub enum DeliveryState {
        /// 待送达
        Waiting,
        /// 已送达
        Delivered,
        /// 已放弃: its tries are used up, or the subscription ended.
        GivenUp,
    }

    /// One message to one subscriber.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook_deliveries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub webhook_id: WebhookId,
        pub seq: i64,
        pub event: String,
        pub body: String,
        pub state: DeliveryState,
        pub attempts: i64,
        pub queued_at: Timestamp,
        pub finished_at: Option<Timestamp>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `webhook_attempts`: every try, never changed after.
pub mod webhook_attempt {
    use sea_orm::entity::prelude::*;

    use crate::kernel::Timestamp;

    /// One try.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook_attempts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub delivery_id: Uuid,
        /// From 1.
        pub attempt: i64,
        pub at: Timestamp,
        /// The HTTP status, when there was an answer.
        pub status: Option<i64>,
        pub duration_ms: i64,
        /// The beginning of the answer, or why there was none.
        pub answer: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
