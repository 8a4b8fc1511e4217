//! The hunt (查找盘亏): gathers what a campaign and the campaigns before it know about each missing thing, and lets
//! [`super::leads`] rank where to look.

use hashbrown::HashMap;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::entity::{campaign, scan};
use super::error::StocktakeError;
use super::leads::{self, Facts, FoundAt, Paired, Wanderings, neighbouring_numbers};
use super::outcome::{Numbers, OutcomeLine};
use super::pairing::{self, Described, Pair};
use super::reconcile::{PlaceNo, UnitNo};
use super::verdict::Verdict;
use crate::db::bulk::CHUNK_ROWS;
use crate::items::entity::item;
use crate::kernel::Timestamp;
use crate::kernel::ids::{ItemId, PersonId, PlaceId, UnitId};
use crate::kernel::text::key;
use crate::org::Directory;

/// How many numbers to either side count as issued together.
const NEIGHBOURS: u64 = 3;

/// Writes into each missing line its leads, the likeliest first, and into each unregistered line which missing
/// thing it may be.
///
/// # Errors
/// When the database cannot be read.
pub async fn fill(
    db: &impl ConnectionTrait,
    campaign: &campaign::Model,
    directory: &Directory,
    lines: &mut [OutcomeLine],
) -> Result<(), StocktakeError> {
    let missing = at(lines, Verdict::Missing);
    if missing.is_empty() {
        return Ok(());
    }
    let surplus = at(lines, Verdict::Unregistered);
    let last_seen = last_seen(db, campaign, &missing, lines).await?;
    let mut ground = Ground::survey(directory, lines);
    let pairs = ground.pairs(lines, &surplus, &missing);
    let mut found_leads = Vec::with_capacity(missing.len());
    for (index, &line) in missing.iter().enumerate() {
        let Some(thing) = &lines[line].item else { continue };
        let paired = pairs.iter().find(|pair| pair.missing == index);
        let facts = Facts {
            book_place: name(directory, lines[line].book_place),
            paired: paired.map(|pair| Paired {
                place: name(directory, lines[surplus[pair.surplus]].counted_place),
                score: pair.score,
                why: pair.why.clone(),
            }),
            last_scan: last_seen.get(&thing.id).and_then(|(place, when)| Some((name(directory, Some(*place))?, *when))),
            keeper_moved_to: keeper_moved(directory, lines[line].book_keeper, thing.unit_id),
            issued_together: ground.issued_together(directory, thing),
            neighbours: ground.neighbours(directory, lines[line].book_place),
        };
        found_leads.push((line, leads::rank(&facts)));
    }
    for (line, ranked) in found_leads {
        lines[line].lead = ranked.first().map(leads::Lead::zh).unwrap_or_default();
        lines[line].leads = ranked;
    }
    for pair in &pairs {
        let number = lines[missing[pair.missing]].number().to_owned();
        lines[surplus[pair.surplus]].lead = format!("可能是盘亏的 {number}：{}", pair.why);
    }
    Ok(())
}

fn at(lines: &[OutcomeLine], verdict: Verdict) -> Vec<usize> {
    lines.iter().enumerate().filter(|(_, line)| line.verdict == verdict).map(|(index, _)| index).collect()
}

fn name(directory: &Directory, place: Option<PlaceId>) -> Option<&str> {
    place.and_then(|id| directory.place(id)).map(|place| place.name.as_str())
}

fn keeper_moved(directory: &Directory, keeper: Option<PersonId>, unit: UnitId) -> Option<(&str, &str)> {
    let person = keeper.and_then(|id| directory.person(id))?;
    (person.unit_id != unit).then(|| (person.name.as_str(), directory.unit_name(person.unit_id)))
}

/// Where things were found, in the ways the leads ask for it.
struct Ground {
    places: Numbers<PlaceId, PlaceNo>,
    units: Numbers<UnitId, UnitNo>,
    wanderings: Wanderings,
    by_number: HashMap<String, PlaceId>,
    by_batch: HashMap<(String, String, chrono::NaiveDate), HashMap<PlaceId, usize>>,
    unit_of_place: HashMap<PlaceId, UnitId>,
}

struct WhyPaired {
    surplus: usize,
    missing: usize,
    score: u8,
    why: String,
}

impl Ground {
    fn survey(directory: &Directory, lines: &[OutcomeLine]) -> Self {
        let mut ground = Self {
            places: Numbers::new(),
            units: Numbers::new(),
            wanderings: Wanderings::default(),
            by_number: HashMap::new(),
            by_batch: HashMap::new(),
            unit_of_place: directory.places().into_iter().map(|place| (place.id, place.unit_id)).collect(),
        };
        for line in lines {
            let (Some(thing), Some(found)) = (&line.item, line.counted_place) else { continue };
            let book = line.book_place.map(|id| ground.places.number(id));
            let there = ground.places.number(found);
            ground.wanderings.note(book, Some(there));
            ground.by_number.insert(thing.number_key.clone(), found);
            if let Some(batch) = batch_of(thing) {
                *ground.by_batch.entry(batch).or_default().entry(found).or_default() += 1;
            }
        }
        ground
    }

    fn described<'a>(&mut self, serial: &'a str, name: &'a str, place: Option<PlaceId>) -> Described<'a> {
        let unit = place.and_then(|id| self.unit_of_place.get(&id)).copied();
        Described {
            serial,
            name,
            place: place.map(|id| self.places.number(id)),
            unit: unit.map(|id| self.units.number(id)),
        }
    }

    fn pairs(&mut self, lines: &[OutcomeLine], surplus: &[usize], missing: &[usize]) -> Vec<WhyPaired> {
        let mut describe = |index: &usize| {
            let line = &lines[*index];
            match (&line.item, &line.scan) {
                (Some(thing), _) => self.described(&thing.serial_number, &thing.name, line.book_place),
                (None, Some(scan)) => self.described(&scan.serial_number, &scan.name, line.counted_place),
                (None, None) => Described::default(),
            }
        };
        let surplus: Vec<_> = surplus.iter().map(&mut describe).collect();
        let missing: Vec<_> = missing.iter().map(&mut describe).collect();
        let why = |pair: Pair| WhyPaired {
            surplus: pair.surplus,
            missing: pair.missing,
            score: pair.score,
            why: pair.zh(&surplus[pair.surplus], &missing[pair.missing]),
        };
        pairing::pair(&surplus, &missing).into_iter().map(why).collect()
    }

    /// Things of the same day, class and specification, and things with the next numbers.
    fn issued_together<'a>(&self, directory: &'a Directory, thing: &item::Model) -> Vec<FoundAt<'a>> {
        let mut counts: HashMap<PlaceId, usize> =
            batch_of(thing).and_then(|batch| self.by_batch.get(&batch)).cloned().unwrap_or_default();
        if counts.is_empty() {
            for number in neighbouring_numbers(&thing.number_key, NEIGHBOURS) {
                if let Some(place) = self.by_number.get(&number) {
                    *counts.entry(*place).or_default() += 1;
                }
            }
        }
        let mut found: Vec<FoundAt<'a>> = counts
            .into_iter()
            .filter_map(|(place, count)| Some(FoundAt { place: name(directory, Some(place))?, count }))
            .collect();
        found.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.place.cmp(b.place)));
        found
    }

    fn neighbours<'a>(&self, directory: &'a Directory, book: Option<PlaceId>) -> Vec<FoundAt<'a>> {
        let number = book.and_then(|id| self.places.known(id));
        let most = self.wanderings.most_from(number);
        let found =
            most.and_then(|(place, count)| Some(FoundAt { place: name(directory, self.places.id(place))?, count }));
        found.into_iter().collect()
    }
}

fn batch_of(thing: &item::Model) -> Option<(String, String, chrono::NaiveDate)> {
    let specification = key(&thing.specification).into_owned();
    thing.acquired_on.map(|day| (thing.class_code.clone(), specification, day))
}

/// Where and when each missing thing was last scanned in an earlier campaign.
async fn last_seen(
    db: &impl ConnectionTrait,
    campaign: &campaign::Model,
    missing: &[usize],
    lines: &[OutcomeLine],
) -> Result<HashMap<ItemId, (PlaceId, Timestamp)>, StocktakeError> {
    let ids: Vec<ItemId> = missing.iter().filter_map(|&line| lines[line].item.as_ref()).map(|item| item.id).collect();
    let mut seen = HashMap::new();
    for chunk in ids.chunks(CHUNK_ROWS) {
        let rows = scan::Entity::find()
            .filter(scan::Column::ItemId.is_in(chunk.iter().copied()))
            .filter(scan::Column::PlaceId.is_not_null())
            .filter(scan::Column::Negates.is_null())
            .filter(scan::Column::CampaignId.ne(campaign.id))
            .order_by_asc(scan::Column::ServerAt)
            .all(db)
            .await?;
        for row in rows {
            if let (Some(item), Some(place)) = (row.item_id, row.place_id) {
                seen.insert(item, (place, row.device_at.min(row.server_at)));
            }
        }
    }
    Ok(seen)
}
