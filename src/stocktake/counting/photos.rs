//! Photos taken along with scans: the scratch on the case, the shelf where it stood. A photo belongs to one scan for good,
//! is made by the phone under an id of its own, and lies on the shelf of attachments. Undoing a scan does not undo what
//! was seen: its photos stay, and say that the scan was undone.

use hashbrown::{HashMap, HashSet};
use sea_orm::prelude::Uuid;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::json;

use super::undo::permit;
use crate::access::{self, Action};
use crate::db::bulk::rounded_up;
use crate::db::{Db, DbError};
use crate::items::attachments::NewFile;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{CampaignId, ItemId, ScanId, UnitId};
use crate::kernel::{Ctx, Timestamp};
use crate::stocktake::entity::{campaign, scan, scan_photo, sheet};
use crate::stocktake::{StocktakeError, store};

/// Photos of a scan at most.
pub const MOST_PHOTOS: u64 = 9;

/// A photo as a phone sends it; its content lies on the shelf already.
#[derive(Debug, Clone)]
pub struct NewPhoto {
    /// Made by the phone; the same id twice is one photo.
    pub id: Uuid,
    /// The scan that it was taken with.
    pub scan: ScanId,
    /// When, by the phone's clock.
    pub device_at: Timestamp,
    /// What it shows.
    pub file: NewFile,
}

/// Adds a photo to a scan: one's own, or any on a sheet that one hands in. Also after the sheet was handed in, for a photo
/// changes no count and may come late; the same one again changes nothing.
///
/// # Errors
/// When there is no such scan within reach, the campaign is over, the scan has its photos, or the file is no picture.
pub async fn add(db: &Db, ctx: &Ctx, number: &str, new: &NewPhoto) -> Result<scan_photo::Model, StocktakeError> {
    access::permit_somewhere(ctx, Action::CampaignsCount)?;
    if !new.file.media_type().starts_with("image/") {
        return Err(StocktakeError::Field {
            field: "file", reason: "照片须为 JPEG、PNG 或 WebP 图片".to_owned()
        });
    }
    db.write(async |tx| {
        let campaign = store::campaign(tx, number).await?;
        let scan = scan_of(tx, campaign.id, new.scan).await?;
        let unit = unit_of(tx, &scan).await?;
        permit(tx, ctx, &scan, unit).await.map_err(|error| match error {
            StocktakeError::NoSuchScan(id) => StocktakeError::NoScan(id),
            other => other,
        })?;
        let same =
            Condition::any().add(scan_photo::Column::Id.eq(new.id)).add(of_scan_with(scan.id, new.file.sha256()));
        if let Some(known) = scan_photo::Entity::find().filter(same).one(tx).await? {
            let is_same = known.scan_id == scan.id && known.sha256 == new.file.sha256();
            return if is_same { Ok(known) } else { Err(StocktakeError::PhotoIdTaken) };
        }
        campaign.state.may_scan(&campaign.number)?;
        let there = scan_photo::Entity::find().filter(scan_photo::Column::ScanId.eq(scan.id)).count(tx).await?;
        if there >= MOST_PHOTOS {
            let reason = format!("一次扫描最多 {MOST_PHOTOS} 张照片");
            return Err(StocktakeError::Field { field: "file", reason });
        }
        let row = scan_photo::Model {
            id: new.id,
            scan_id: scan.id,
            campaign_id: campaign.id,
            item_id: scan.item_id,
            media_type: new.file.media_type().to_owned(),
            bytes: new.file.bytes(),
            sha256: new.file.sha256().to_owned(),
            device_at: new.device_at,
            sent_by: ctx.actor.to_string(),
            server_at: ctx.now(),
        };
        row.clone().into_active_model().insert(tx).await?;
        let payload = json!({ "scan": scan.id, "code": scan.code_read, "sha256": row.sha256 });
        let rows = RowsDigest::new(ctx).with(&row);
        let entry = Entry { action: "stocktake.photo", subject: campaign.number, unit, payload, rows };
        journal::record(tx, ctx, entry).await?;
        Ok(row)
    })
    .await
}

fn of_scan_with(scan: ScanId, sha256: &str) -> Condition {
    Condition::all().add(scan_photo::Column::ScanId.eq(scan)).add(scan_photo::Column::Sha256.eq(sha256))
}

async fn scan_of(db: &impl ConnectionTrait, campaign: CampaignId, id: ScanId) -> Result<scan::Model, StocktakeError> {
    let found = scan::Entity::find_by_id(id)
        .filter(scan::Column::CampaignId.eq(campaign))
        .filter(scan::Column::Negates.is_null())
        .one(db)
        .await?;
    found.ok_or_else(|| StocktakeError::NoScan(id.to_string()))
}

async fn unit_of(db: &impl ConnectionTrait, scan: &scan::Model) -> Result<Option<UnitId>, DbError> {
    let Some(id) = scan.sheet_id else { return Ok(None) };
    Ok(sheet::Entity::find_by_id(id).one(db).await?.map(|sheet| sheet.unit_id))
}

/// A photo as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The photo.
    pub photo: scan_photo::Model,
    /// The campaign's number.
    pub campaign: String,
    /// Who counted.
    pub counter: String,
    /// Whether the scan was undone since.
    pub undone: bool,
}

/// The photo with this id.
///
/// # Errors
/// When there is none within reach, or the database cannot be read.
pub async fn by_id(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    number: &str,
    id: Uuid,
) -> Result<scan_photo::Model, StocktakeError> {
    access::permit_somewhere(ctx, Action::CampaignsRead)?;
    let none = || StocktakeError::NoScan(id.to_string());
    let campaign = store::campaign(db, number).await?;
    let photo = scan_photo::Entity::find_by_id(id).one(db).await?;
    let photo = photo.filter(|photo| photo.campaign_id == campaign.id).ok_or_else(none)?;
    let unit = unit_of(db, &scan_of(db, campaign.id, photo.scan_id).await?).await?;
    if may_see(ctx, &campaign, unit, &photo) { Ok(photo) } else { Err(none()) }
}

/// Everybody sees their own; others', whoever reads the count of the unit, but not while a blind count is under way.
fn may_see(ctx: &Ctx, campaign: &campaign::Model, unit: Option<UnitId>, photo: &scan_photo::Model) -> bool {
    let is_blind_now = campaign.blind && campaign.state.may_scan(&campaign.number).is_ok();
    photo.sent_by == ctx.actor.to_string() || (!is_blind_now && access::reach(ctx, Action::CampaignsRead).covers(unit))
}

/// The photos of a scan that may be seen, in the order taken.
///
/// # Errors
/// When there is no such scan, or the database cannot be read.
pub async fn of_scan(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    number: &str,
    id: ScanId,
) -> Result<Vec<scan_photo::Model>, StocktakeError> {
    access::permit_somewhere(ctx, Action::CampaignsRead)?;
    let campaign = store::campaign(db, number).await?;
    let scan = scan_of(db, campaign.id, id).await?;
    let unit = unit_of(db, &scan).await?;
    let theirs = access::reach(ctx, Action::CampaignsRead).covers(unit);
    let mut rows = scan_photo::Entity::find()
        .filter(scan_photo::Column::ScanId.eq(id))
        .order_by_asc(scan_photo::Column::Id)
        .all(db)
        .await?;
    rows.retain(|photo| may_see(ctx, &campaign, unit, photo));
    if rows.is_empty() && !theirs { Err(StocktakeError::NoScan(id.to_string())) } else { Ok(rows) }
}

/// The newest photos of a thing, over all counts, that may be seen.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_item(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    item: ItemId,
    most: u64,
) -> Result<Vec<Taken>, StocktakeError> {
    let newest = scan_photo::Entity::find()
        .filter(scan_photo::Column::ItemId.eq(item))
        .order_by_desc(scan_photo::Column::ServerAt)
        .order_by_desc(scan_photo::Column::Id)
        .limit(most);
    taken(db, ctx, newest.all(db).await?).await
}

/// The photos of these things and scans in one count that may be seen: by thing, or by scan where no thing is known.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_lines(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    campaign: CampaignId,
    things: Vec<ItemId>,
    scans: Vec<ScanId>,
) -> Result<HashMap<Uuid, Vec<Taken>>, StocktakeError> {
    let mut any = Condition::any();
    if !things.is_empty() {
        any = any.add(scan_photo::Column::ItemId.is_in(rounded_up(things)));
    }
    if !scans.is_empty() {
        any = any.add(scan_photo::Column::ScanId.is_in(rounded_up(scans)));
    }
    if any.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = scan_photo::Entity::find()
        .filter(scan_photo::Column::CampaignId.eq(campaign))
        .filter(any)
        .order_by_asc(scan_photo::Column::Id)
        .all(db)
        .await?;
    let mut found: HashMap<Uuid, Vec<Taken>> = HashMap::new();
    for one in taken(db, ctx, rows).await? {
        let of = one.photo.item_id.map_or(one.photo.scan_id.0, |item| item.0);
        found.entry(of).or_default().push(one);
    }
    Ok(found)
}

async fn taken(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    photos: Vec<scan_photo::Model>,
) -> Result<Vec<Taken>, StocktakeError> {
    if photos.is_empty() {
        return Ok(Vec::new());
    }
    let ids: HashSet<ScanId> = photos.iter().map(|photo| photo.scan_id).collect();
    let ids = rounded_up(ids.into_iter().collect());
    let scans = scan::Entity::find().filter(scan::Column::Id.is_in(ids.clone())).all(db).await?;
    let undoing = scan::Entity::find().filter(scan::Column::Negates.is_in(ids)).all(db).await?;
    let undone: HashSet<ScanId> = undoing.into_iter().filter_map(|row| row.negates).collect();
    let sheets: HashSet<_> = scans.iter().filter_map(|row| row.sheet_id).collect();
    let sheets = sheet::Entity::find().filter(sheet::Column::Id.is_in(sheets)).all(db).await?;
    let units: HashMap<_, UnitId> = sheets.into_iter().map(|sheet| (sheet.id, sheet.unit_id)).collect();
    let campaigns: HashSet<_> = photos.iter().map(|photo| photo.campaign_id).collect();
    let campaigns = campaign::Entity::find().filter(campaign::Column::Id.is_in(campaigns)).all(db).await?;
    let campaigns: HashMap<_, _> = campaigns.into_iter().map(|campaign| (campaign.id, campaign)).collect();
    let scans: HashMap<_, _> = scans.into_iter().map(|row| (row.id, row)).collect();
    let shown = photos.into_iter().filter_map(|photo| {
        let (campaign, scan) = (campaigns.get(&photo.campaign_id)?, scans.get(&photo.scan_id)?);
        let unit = scan.sheet_id.and_then(|id| units.get(&id).copied());
        may_see(ctx, campaign, unit, &photo).then(|| Taken {
            campaign: campaign.number.clone(),
            counter: scan.counter.clone(),
            undone: undone.contains(&scan.id),
            photo,
        })
    });
    Ok(shown.collect())
}
