//! What several rooms' operations take and give: names of states, fields that may be absent, emptied or set.

use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::items::model::{EventKind, ItemKind, ItemState, LabelState};
use crate::kernel::text;
use crate::web::ApiError;

/// Makes the name of each of our enums known to the document, and to no room below the web.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident of $of:ty { $($variant:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "as in the glossary")]
        pub enum $name { $($variant,)* }

        impl From<$name> for $of {
            fn from(name: $name) -> Self {
                match name { $($name::$variant => Self::$variant,)* }
            }
        }

        impl From<$of> for $name {
            fn from(value: $of) -> Self {
                match value { $(<$of>::$variant => Self::$variant,)* }
            }
        }
    )*};
}

names! {
    /// 使用状况
    StateName of ItemState { InUse, Idle, OnLoan, InRepair, PendingDisposal, Disposed, WrittenOff, Withdrawn, }
    /// Which ledger a thing belongs to.
    KindName of ItemKind { FixedAsset, Vehicle, Firearm, Ammunition, CaseProperty, }
    /// What an event did.
    EventName of EventKind { Registered, Changed, Withdrawn, }
    /// The life of a label.
    LabelStateName of LabelState { Blank, Current, Superseded, Void, }
    /// 职责
    DutyName of crate::org::entity::person::Duty { Head, SupervisingLeader, AssetManager, Member, }
    /// 人员类别
    PersonKindName of crate::org::entity::person::PersonKind { Officer, Auxiliary, Civilian, }
    /// What a file is brought in as.
    BatchKindName of crate::imports::BatchKind { Units, People, Places, Assets, Counts, }
    /// Whether a batch stands.
    BatchStateName of crate::imports::BatchState { Committed, PartlyUndone, Undone, }
}

/// A field of a change: absent leaves the fact, `null` empties it, a value sets it.
///
/// # Errors
/// What the value's own reading refuses.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(from).map(Some)
}

/// A text of a query, refused where no engine could look for it.
///
/// # Errors
/// When it is too long, or has characters that no keyboard writes.
pub fn asked(field: &str, value: Option<String>, most_chars: usize) -> Result<Option<String>, ApiError> {
    match value.as_deref().and_then(|value| text::fault(value, most_chars)) {
        Some(reason) => Err(ApiError::invalid(field, reason)),
        None => Ok(value.filter(|value| !value.trim().is_empty())),
    }
}

/// `after` of a page whose order is that of ids.
///
/// # Errors
/// When it is none that a page gave.
pub fn after_id<T: From<Uuid>>(after: Option<&str>) -> Result<Option<T>, ApiError> {
    after
        .map(|after| Uuid::parse_str(after).map(T::from))
        .transpose()
        .map_err(|_| ApiError::invalid("after", "不是上一页给出的位置"))
}
