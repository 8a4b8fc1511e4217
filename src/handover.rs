//! What somebody must hand over before they leave: every room's question, in one list.
//!
//! A room that gives people something to answer for adds its [`Check`] to [`CHECKS`]; it must name what is open.

use hashbrown::{HashMap, HashSet};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use crate::access::AccessError;
use crate::access::closing::{self, Check, Open, phrase};
use crate::approvals::entity::request;
use crate::approvals::model::State as Approval;
use crate::assets::movements::store as moves;
use crate::certificates::store as cabinet;
use crate::db::{Db, DbError, Tx};
use crate::findings::entity::finding;
use crate::findings::model::State;
use crate::firearms::draws::store as draws;
use crate::items::entity::item;
use crate::kernel::Ctx;
use crate::kernel::ids::{CampaignId, PersonId, ScanId};
use crate::org::entity::person;
use crate::stocktake::entity::{campaign, recount, scan, sheet};
use crate::stocktake::model::{CampaignState, SheetState};
use crate::vehicles::trips::store as trips;

/// Asked one after another.
pub const CHECKS: &[Check] =
    &[things, sheets, recounts, findings, approvals, movements, cars_out, arms_out, certificates];

/// Closes a person who handed everything over.
///
/// # Errors
/// As [`closing::close_person`].
pub async fn close_person(db: &Db, ctx: &Ctx, whose: PersonId) -> Result<person::Model, AccessError> {
    closing::close_person(db, ctx, whose, CHECKS).await
}

/// What a person must still hand over, each a phrase as `资产 2 件：XL-0001、XL-0002`; for showing it beforehand.
///
/// # Errors
/// When the database cannot be read.
pub async fn still_open(db: &Db, whose: PersonId) -> Result<Vec<String>, DbError> {
    db.snapshot(async |tx| closing::still_open(tx, whose, CHECKS).await).await
}

/// Whether somebody answers for something that must be handed over first.
///
/// # Errors
/// When the database cannot be read.
pub async fn owes(tx: &Tx, whose: PersonId) -> Result<bool, DbError> {
    for check in CHECKS {
        if !check(tx, whose).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Things on the book that they keep.
fn things(tx: &Tx, whose: PersonId) -> Open<'_> {
    Box::pin(async move {
        let kept = item::Entity::find().filter(item::Column::KeeperId.eq(whose)).all(tx).await?;
        let on_book = kept.into_iter().filter(|row| !row.state.is_gone());
        let numbers: Vec<String> = on_book.map(|row| row.item_number).collect();
        Ok(phrase("资产", "件", &numbers).into_iter().collect())
    })
}

/// Sheets they handed in that nobody confirmed yet: they may have to answer for them.
fn sheets(tx: &Tx, whose: PersonId) -> Open<'_> {
    Box::pin(async move {
        let submitted = sheet::Entity::find()
            .filter(sheet::Column::SubmittedBy.eq(whose))
            .filter(sheet::Column::State.eq(SheetState::Submitted));
        let numbers = in_open_campaigns(tx, submitted.all(tx).await?.iter().map(|row| row.campaign_id)).await?;
        Ok(phrase("待确认盘点表", "份", &numbers).into_iter().collect())
    })
}

/// Recounts given to them in a campaign that goes on, not done yet, nor given to somebody else since.
fn recounts(tx: &Tx, whose: PersonId) -> Open<'_> {
    Box::pin(async move {
        let given = recount::Entity::find().filter(recount::Column::AssigneeId.eq(whose)).all(tx).await?;
        let mut open = Vec::new();
        for row in given {
            if !is_done(tx, &row).await? {
                open.push(row.campaign_id);
            }
        }
        let numbers = in_open_campaigns(tx, open.into_iter()).await?;
        Ok(phrase("复盘任务", "项", &numbers).into_iter().collect())
    })
}

/// Whether the thing was counted since a recount was opened, by a scan that stands, or another recount took its place.
async fn is_done(tx: &Tx, row: &recount::Model) -> Result<bool, DbError> {
    let later = recount::Entity::find()
        .filter(recount::Column::CampaignId.eq(row.campaign_id))
        .filter(recount::Column::ItemId.eq(row.item_id))
        .filter(recount::Column::OpenedAt.gt(row.opened_at));
    if later.one(tx).await?.is_some() {
        return Ok(true);
    }
    let scans = scan::Entity::find()
        .filter(scan::Column::CampaignId.eq(row.campaign_id))
        .filter(scan::Column::ItemId.eq(row.item_id))
        .filter(scan::Column::Seq.gt(row.after_seq))
        .all(tx)
        .await?;
    let negated: HashSet<ScanId> = scans.iter().filter_map(|row| row.negates).collect();
    Ok(scans.iter().any(|row| row.negates.is_none() && !negated.contains(&row.id)))
}

/// Findings that they are to explain.
fn findings(tx: &Tx, whose: PersonId) -> Open<'_> {
    Box::pin(async move {
        let theirs = finding::Entity::find()
            .filter(finding::Column::OwnerId.eq(whose))
            .filter(finding::Column::State.eq(State::Assigned));
        let titles: Vec<String> = theirs.all(tx).await?.into_iter().map(|row| row.title).collect();
        Ok(phrase("待说明问题", "项", &titles).into_iter().collect())
    })
}

/// What they used first on their own request, and that nobody ratified yet.
fn approvals(tx: &Tx, whose: PersonId) -> Open<'_> {
    Box::pin(async move {
        let used = request::Entity::find()
            .filter(request::Column::RequestedBy.eq(whose))
            .filter(request::Column::State.eq(Approval::Used));
        let subjects: Vec<String> = used.all(tx).await?.into_iter().map(|row| row.subject_id).collect();
        Ok(phrase("先行使用待补批", "项", &subjects).into_iter().collect())
    })
}

/// Movements that they asked for, or that would give them things, and that have not ended.
fn movements(tx: &Tx, whose: PersonId) -> Open<'_> {
    Box::pin(async move {
        let numbers: Vec<String> = moves::open_with(tx, whose).await?.into_iter().map(|row| row.number).collect();
        Ok(phrase("未办结资产变动单", "份", &numbers).into_iter().collect())
    })
}

/// Their digital certificates: whoever leaves has none.
fn certificates(tx: &Tx, whose: PersonId) -> Open<'_> {
    Box::pin(async move {
        let held = cabinet::of_holder(tx, whose).await?;
        let numbers: Vec<String> = held.into_iter().map(|row| row.number).collect();
        Ok(phrase("未注销数字证书", "个", &numbers).into_iter().collect())
    })
}

/// The car with which they are out.
fn cars_out(tx: &Tx, whose: PersonId) -> Open<'_> {
    Box::pin(async move {
        let out = trips::out_driving(tx, whose).await?;
        let numbers: Vec<String> = out.into_iter().map(|row| row.number).collect();
        Ok(phrase("未还车", "次", &numbers).into_iter().collect())
    })
}

/// The gun and rounds that they drew.
fn arms_out(tx: &Tx, whose: PersonId) -> Open<'_> {
    Box::pin(async move {
        let out = draws::open_of(tx, whose).await?.filter(|row| row.state.is_out());
        let numbers: Vec<String> = out.into_iter().map(|row| row.number).collect();
        Ok(phrase("未还枪", "次", &numbers).into_iter().collect())
    })
}

async fn in_open_campaigns(tx: &Tx, of: impl Iterator<Item = CampaignId>) -> Result<Vec<String>, DbError> {
    let open = campaign::Entity::find()
        .filter(campaign::Column::State.is_in([CampaignState::Counting, CampaignState::Reviewing]))
        .all(tx)
        .await?;
    let numbers: HashMap<CampaignId, String> = open.into_iter().map(|row| (row.id, row.number)).collect();
    Ok(of.filter_map(|id| numbers.get(&id).cloned()).collect())
}
