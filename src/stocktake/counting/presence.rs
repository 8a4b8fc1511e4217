//! Who counts a sheet at this moment, and where: so that two people do not go through one room without knowing of each
//! other. A lease that nobody is refused: it is told, never enforced. It is no fact of the book, and the journal does not
//! watch over it.
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
};

use crate::access::Action;
use crate::db::Db;
use crate::kernel::ids::{PlaceId, UnitId};
use crate::kernel::{Ctx, Timestamp};
use crate::stocktake::entity::{campaign, recount, scan_counter, sheet};
use crate::stocktake::{StocktakeError, look};

/// How long a phone counts as being at work after it was heard of: three of its heartbeats.
pub const LEASE_MS: i64 = 60_000;
/// How long it is remembered at all.
const KEPT_MS: i64 = 24 * 60 * 60_000;
/// Characters of a device's name for itself.
pub const MOST_DEVICE: usize = 64;

/// The table `phones_at_work`.
#[expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
pub mod entity {
    use sea_orm::entity::prelude::*;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::{PersonId, PlaceId, SheetId};

    /// A phone that was last heard of at this sheet.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "phones_at_work")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub sheet_id: SheetId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub device: String,
        pub person_id: Option<PersonId>,
        pub place_id: Option<PlaceId>,
        pub seen_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a phone hears back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulse {
    /// The campaign.
    pub campaign: campaign::Model,
    /// The sheet as it stands.
    pub sheet: sheet::Model,
    /// The last number that a scan of the campaign was given.
    pub last_seq: i64,
    /// Recounts opened in the campaign: when there are more of them than before, what was seen may count no more.
    pub recounts: u64,
    /// The other phones at work on the sheet, the last heard of first.
    pub others: Vec<entity::Model>,
}

/// Says that a phone is at work on a unit's sheet, at this place; tells who else is.
///
/// # Errors
/// When counting is not allowed, there is no such sheet within reach, the place is unknown, or the database refuses.
pub async fn beat(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    unit: UnitId,
    device: &str,
    place: Option<PlaceId>,
) -> Result<Pulse, StocktakeError> {
    db.write(async |tx| {
        let (campaign, sheet) = look::sheet(tx, ctx, number, unit, Action::CampaignsCount).await?;
        let now = ctx.now();
        let own = entity::Model {
            sheet_id: sheet.id,
            device: device.to_owned(),
            person_id: ctx.person(),
            place_id: place,
            seen_at: now,
        };
        let again = OnConflict::columns([entity::Column::SheetId, entity::Column::Device])
            .update_columns([entity::Column::PersonId, entity::Column::PlaceId, entity::Column::SeenAt])
            .to_owned();
        entity::Entity::insert(own.into_active_model()).on_conflict(again).exec_without_returning(tx).await?;
        let of_sheet = || entity::Entity::find().filter(entity::Column::SheetId.eq(sheet.id));
        entity::Entity::delete_many()
            .filter(entity::Column::SheetId.eq(sheet.id))
            .filter(entity::Column::SeenAt.lt(Timestamp(now.0 - KEPT_MS)))
            .exec(tx)
            .await?;
        let others = of_sheet()
            .filter(entity::Column::Device.ne(device))
            .filter(entity::Column::SeenAt.gt(Timestamp(now.0 - LEASE_MS)))
            .order_by_desc(entity::Column::SeenAt)
            .order_by_asc(entity::Column::Device)
            .all(tx)
            .await?;
        let counter = scan_counter::Entity::find_by_id(campaign.id).one(tx).await?;
        let last_seq = counter.map_or(0, |counter| counter.last_seq);
        let recounts = recount::Entity::find().filter(recount::Column::CampaignId.eq(campaign.id)).count(tx).await?;
        Ok(Pulse { campaign, sheet, last_seq, recounts, others })
    })
    .await
}
