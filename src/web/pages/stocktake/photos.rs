//! Photos taken along with scans, beside the lines of a count and on the card of a thing.

use hashbrown::HashMap;

use super::differences::Shown;
use super::segment;
use crate::kernel::Ctx;
use crate::kernel::ids::{CampaignId, ItemId, ScanId};
use crate::stocktake::counting::photos::{self, Taken};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App};

/// Photos on the card of a thing.
const ON_CARD: u64 = 12;

/// A photo as pages show it.
#[derive(Debug)]
pub(in crate::web::pages) struct Photo {
    pub(in crate::web::pages) href: String,
    /// When, in which count, by whom.
    pub(in crate::web::pages) said: String,
}

/// What the photos of a line are found by.
#[derive(Debug, Clone, Copy)]
pub(super) struct SeenBy {
    pub(super) item: Option<ItemId>,
    pub(super) scan: Option<ScanId>,
}

fn photo(frame: &Frame, taken: &Taken) -> Photo {
    let w = &frame.words.stocktake.photos;
    let undone = if taken.undone { w.undone.as_str() } else { "" };
    let said = w.said.replace("{at}", &taken.photo.device_at.to_string()).replace("{count}", &taken.campaign);
    Photo {
        href: format!("/api/v1/campaigns/{}/photos/{}", segment(&taken.campaign), taken.photo.id),
        said: format!("{}{undone}", said.replace("{who}", &taken.counter)),
    }
}

/// The newest photos of a thing.
pub(in crate::web::pages) async fn of_item(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    item: ItemId,
) -> Result<Vec<Photo>, ApiError> {
    let taken = photos::of_item(app.db().read(), ctx, item, ON_CARD).await?;
    Ok(taken.iter().map(|one| photo(frame, one)).collect())
}

/// Puts the photos of a count beside its lines.
pub(super) async fn beside(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    campaign: CampaignId,
    lines: &mut [Shown],
) -> Result<(), ApiError> {
    let things: Vec<ItemId> = lines.iter().filter_map(|line| line.seen_by.item).collect();
    let unknown = lines.iter().filter(|line| line.seen_by.item.is_none());
    let scans: Vec<ScanId> = unknown.filter_map(|line| line.seen_by.scan).collect();
    let found: HashMap<_, Vec<Taken>> = photos::of_lines(app.db().read(), ctx, campaign, things, scans).await?;
    for line in lines {
        let of = line.seen_by.item.map(|item| item.0).or(line.seen_by.scan.map(|scan| scan.0));
        let taken = of.and_then(|of| found.get(&of)).into_iter().flatten();
        line.photos = taken.map(|one| photo(frame, one)).collect();
    }
    Ok(())
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::samples;

    samples! {
        Photo { href, said }
        SeenBy { item, scan }
    }
}
