//! Queries on campaigns, sheets, scans. They take any connection and decide nothing.

use hashbrown::HashMap;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, Statement, Value,
};

use super::entity::{campaign, expected_item, missing_case, recount, scan, scan_counter, sheet};
use super::error::StocktakeError;
use crate::db::{DbError, Tx};
use crate::kernel::Actor;
use crate::kernel::ids::{CampaignId, ItemId, PersonId, SheetId};

/// The campaign of this number.
///
/// # Errors
/// [`StocktakeError::NoCampaign`], or the database cannot be read.
pub async fn campaign(db: &impl ConnectionTrait, number: &str) -> Result<campaign::Model, StocktakeError> {
    campaign::Entity::find()
        .filter(campaign::Column::Number.eq(number.trim()))
        .one(db)
        .await?
        .ok_or_else(|| StocktakeError::NoCampaign(number.trim().to_owned()))
}

/// All campaigns, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn campaigns(db: &impl ConnectionTrait) -> Result<Vec<campaign::Model>, DbError> {
    Ok(campaign::Entity::find().order_by_desc(campaign::Column::OpenedAt).all(db).await?)
}

/// A campaign's sheets.
///
/// # Errors
/// When the database cannot be read.
pub async fn sheets(db: &impl ConnectionTrait, id: CampaignId) -> Result<Vec<sheet::Model>, DbError> {
    Ok(sheet::Entity::find().filter(sheet::Column::CampaignId.eq(id)).order_by_asc(sheet::Column::Id).all(db).await?)
}

/// What a campaign expects, in the order of the items' ids.
///
/// # Errors
/// When the database cannot be read.
pub async fn expected(db: &impl ConnectionTrait, id: CampaignId) -> Result<Vec<expected_item::Model>, DbError> {
    Ok(expected_item::Entity::find()
        .filter(expected_item::Column::CampaignId.eq(id))
        .order_by_asc(expected_item::Column::ItemId)
        .all(db)
        .await?)
}

/// A campaign's scans, in the order received.
///
/// # Errors
/// When the database cannot be read.
pub async fn scans(db: &impl ConnectionTrait, id: CampaignId) -> Result<Vec<scan::Model>, DbError> {
    Ok(scan::Entity::find().filter(scan::Column::CampaignId.eq(id)).order_by_asc(scan::Column::Seq).all(db).await?)
}

/// For each thing recounted, the `seq` up to which its scans speak no more.
///
/// # Errors
/// When the database cannot be read.
pub async fn recounts(db: &impl ConnectionTrait, id: CampaignId) -> Result<HashMap<ItemId, i64>, DbError> {
    let rows = recount::Entity::find().filter(recount::Column::CampaignId.eq(id)).all(db).await?;
    let mut latest = HashMap::new();
    for row in rows {
        let seq: &mut i64 = latest.entry(row.item_id).or_default();
        *seq = row.after_seq.max(*seq);
    }
    Ok(latest)
}

/// The open missing cases, by thing.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_missing_cases(db: &impl ConnectionTrait) -> Result<HashMap<ItemId, missing_case::Model>, DbError> {
    let rows = missing_case::Entity::find().filter(missing_case::Column::OpenOf.is_not_null()).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.item_id, row)).collect())
}

/// The last `seq` handed out in a campaign.
///
/// # Errors
/// When the database cannot be read.
pub async fn last_seq(tx: &Tx, id: CampaignId) -> Result<i64, DbError> {
    Ok(scan_counter::Entity::find_by_id(id).one(tx).await?.map_or(0, |row| row.last_seq))
}

/// Whether scans of this sheet came by a file that this person brought in, taken back since or not.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn brought_in_by(db: &impl ConnectionTrait, sheet: SheetId, who: PersonId) -> Result<bool, DbError> {
    // Imports are a room above this one: its table is asked, not its code.
    const SQL: &str = "SELECT s.id FROM scans s JOIN import_batches b ON b.id = s.batch_id \
        WHERE s.sheet_id = $1 AND b.actor = $2 LIMIT 1";
    let values = [Value::from(sheet.0), Value::from(Actor::Person(who).to_string())];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), SQL, values);
    Ok(db.query_one_raw(statement).await?.is_some())
}
