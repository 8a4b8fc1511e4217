//! A newtype for the id of every kind of row, so that a place cannot be passed for a person.
//!
//! Ids are UUID version 7: made by us (or by a phone with no network), ordered by time, the same on every engine.

use std::fmt;

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::random::Random;
use super::time::Timestamp;

/// A UUID version 7 for the instant `at`, its other bits from `random`.
#[must_use]
pub fn uuid_v7(at: Timestamp, random: &Random) -> Uuid {
    let millis = u64::try_from(at.0).unwrap_or(0);
    let mut entropy = [0u8; 10];
    entropy[..8].copy_from_slice(&random.next_u64().to_le_bytes());
    entropy[8..].copy_from_slice(&random.next_u64().to_le_bytes()[..2]);
    uuid::Builder::from_unix_timestamp_millis(millis, &entropy).into_uuid()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, DeriveValueType,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }

        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )*};
}

ids! {
    /// A unit (单位) of the sub-bureau.
    UnitId
    /// A person (民警, 辅警, 职工).
    PersonId
    /// A place (存放地点).
    PlaceId
    /// A thing in the book.
    ItemId
    /// One event in the life of a thing.
    ItemEventId
    /// One file brought into the book.
    BatchId
    /// A stocktake campaign (盘点).
    CampaignId
    /// One unit's sheet (盘点表) in a campaign.
    SheetId
    /// One scan; made by the device that scanned.
    ScanId
    /// One entry of the journal.
    JournalEntryId
    /// A missing case (盘亏).
    MissingCaseId
    /// An account that somebody signs in with.
    AccountId
    /// A session, from sign-in to sign-out.
    SessionId
    /// A token that a device signs in with.
    TokenId
    /// A role given to an account over a unit, for a time.
    GrantId
    /// A job that waits its time.
    JobId
    /// A finding (问题).
    FindingId
    /// A request for approval (审批单).
    ApprovalId
    /// An address that is told of what happens.
    WebhookId
}
