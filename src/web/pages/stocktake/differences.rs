//! What does not agree, by verdict, and everything else line by line; chosen lines can be counted again.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;

use super::photos::{self, Photo, SeenBy};
use super::{campaign_at, card, flag_word, flag_words, is_under_way, number_of, verdict_mark, verdict_word};
use crate::access::{self, Action};
use crate::kernel::ids::{PersonId, PlaceId, UnitId};
use crate::kernel::text::{key, thousands};
use crate::kernel::{Ctx, Quantity};
use crate::org::Directory;
use crate::stocktake::look::LineKey;
use crate::stocktake::outcome::OutcomeLine;
use crate::stocktake::standing::Sight;
use crate::stocktake::verdict::{Flags, Verdict};
use crate::web::extract::{Path, Query};
use crate::web::pages::parts::{Cell, Mark, PAGE, SHEET_ROWS, cut, sheet, workbook};
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    verdict: String,
    unit: String,
    flag: String,
    q: String,
    after: String,
    r#as: String,
}

/// Which lines.
pub(super) struct Wanted {
    verdict: Option<Verdict>,
    all: bool,
    unit: Option<UnitId>,
    flag: Option<Flags>,
    text: String,
}

impl Asked {
    fn wanted(&self) -> Result<Wanted, ApiError> {
        let verdict = match self.verdict.as_str() {
            "" | "all" => None,
            name => Some(name.parse().map_err(|_| ApiError::NotFound(format!("没有“{name}”这种盘点结论")))?),
        };
        let unit = match self.unit.as_str() {
            "" => None,
            id => Some(UnitId(Uuid::parse_str(id).map_err(|_| ApiError::NotFound("没有这个单位".to_owned()))?)),
        };
        let flag = match self.flag.as_str() {
            "" => None,
            name => Some(name.parse().map_err(|_| ApiError::NotFound(format!("没有“{name}”这个标记")))?),
        };
        Ok(Wanted { verdict, all: self.verdict == "all", unit, flag, text: key(&self.q).into_owned() })
    }
}

impl Wanted {
    /// Every line of a unit's sheet, or those of one verdict.
    pub(super) const fn of_unit(unit: UnitId, verdict: Option<Verdict>, text: String) -> Self {
        Self { verdict, all: verdict.is_none(), unit: Some(unit), flag: None, text }
    }

    fn holds(&self, line: &OutcomeLine) -> bool {
        let by_verdict = match self.verdict {
            Some(verdict) => line.verdict == verdict,
            // A flag asks for its lines whatever their verdict.
            None => self.all || self.flag.is_some() || line.verdict.needs_attention(),
        };
        by_verdict
            && self.unit.is_none_or(|unit| line.unit == Some(unit))
            && self.flag.is_none_or(|flag| line.flags.has(flag))
            && (self.text.is_empty()
                || [line.number(), line.name()].iter().any(|text| key(text).contains(self.text.as_str())))
    }

    /// The lines, in order.
    pub(super) fn lines<'a>(&'a self, sight: &'a Sight) -> Box<dyn Iterator<Item = &'a OutcomeLine> + 'a> {
        let holds = |line: &&OutcomeLine| self.holds(line);
        match self.verdict {
            Some(verdict) => Box::new(sight.lines_of(verdict).filter(holds)),
            None => Box::new(sight.lines().filter(holds)),
        }
    }
}

/// A line.
#[derive(Debug)]
pub(super) struct Shown {
    /// The thing's id, when the book knows it: what a recount is ordered by.
    pub(super) item: String,
    pub(super) number: String,
    pub(super) name: String,
    pub(super) href: String,
    pub(super) verdict: Mark,
    pub(super) flags: Vec<String>,
    pub(super) unit: String,
    pub(super) place: String,
    pub(super) keeper: String,
    pub(super) quantity: String,
    pub(super) lead: String,
    pub(super) note: String,
    pub(super) photos: Vec<Photo>,
    /// What its photos are found by: the thing, or the scan of what the book does not know.
    pub(super) seen_by: SeenBy,
    pub(super) can_recount: bool,
    key: LineKey,
}

impl Shown {
    pub(super) fn new(frame: &Frame, names: &Directory, line: &OutcomeLine) -> Self {
        let place = |id: Option<PlaceId>| names.place_name(id).to_owned();
        let person = |id: Option<PersonId>| names.person_name(id).to_owned();
        let many = |quantity: Option<Quantity>| quantity.map(|quantity| quantity.to_string()).unwrap_or_default();
        let counted_keeper = line.counted_keeper.map(|id| person(Some(id))).unwrap_or_default();
        Self {
            item: line.item.as_ref().map(|item| item.id.to_string()).unwrap_or_default(),
            number: line.number().to_owned(),
            name: line.name().to_owned(),
            href: line.item.as_ref().map(|item| card(&item.item_number)).unwrap_or_default(),
            verdict: verdict_mark(frame, line.verdict),
            flags: flag_words(frame, line.flags),
            unit: line.unit.map(|unit| names.unit_name(unit).to_owned()).unwrap_or_default(),
            place: from_to(&place(line.book_place), &place(line.counted_place)),
            keeper: from_to(&person(line.book_keeper), &counted_keeper),
            quantity: from_to(&many(line.book_quantity), &many(line.counted_quantity)),
            lead: line.lead.clone(),
            note: line.scan.as_ref().map(|scan| scan.note.clone()).unwrap_or_default(),
            photos: Vec::new(),
            seen_by: SeenBy {
                item: line.item.as_ref().map(|item| item.id),
                scan: line.scan.as_ref().map(|scan| scan.id),
            },
            can_recount: line.expected && line.item.is_some(),
            key: LineKey::of(line),
        }
    }

    /// Where the next page goes on after it.
    pub(super) fn cursor(&self) -> String {
        self.key.written()
    }
}

/// The book's, and what was counted where it differs.
fn from_to(book: &str, counted: &str) -> String {
    match (book, counted) {
        (book, "") => book.to_owned(),
        ("", counted) => format!("→ {counted}"),
        (book, counted) if book == counted => book.to_owned(),
        (book, counted) => format!("{book} → {counted}"),
    }
}

/// The lines in the order that the address asks for; `None`: their own, by verdict.
fn sorted<'a>(frame: &Frame, sight: &'a Sight, wanted: &'a Wanted) -> Option<Vec<&'a OutcomeLine>> {
    let asked = frame.address.get("sort");
    let (name, down) = asked.strip_prefix('-').map_or((asked, false), |name| (name, true));
    let names = sight.names();
    let by = |line: &OutcomeLine| match name {
        "thing" => line.name().to_owned(),
        "unit" => line.unit.map_or("", |unit| names.unit_name(unit)).to_owned(),
        "place" => names.place_name(line.book_place.or(line.counted_place)).to_owned(),
        "keeper" => names.person_name(line.book_keeper).to_owned(),
        _ => String::new(),
    };
    if !["thing", "unit", "place", "keeper"].contains(&name) {
        return None;
    }
    let mut lines: Vec<_> = wanted.lines(sight).map(|line| (by(line), LineKey::of(line), line)).collect();
    lines.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    if down {
        lines.reverse();
    }
    Some(lines.into_iter().map(|(_, _, line)| line).collect())
}

/// A page of lines; `after` is where the page before ended.
pub(super) fn page_of(
    frame: &Frame,
    sight: &Sight,
    wanted: &Wanted,
    after: &str,
) -> Result<(Vec<Shown>, String, u64), ApiError> {
    let read = |text: &str| LineKey::read(text).ok_or_else(|| ApiError::invalid("after", "不是上一页给出的位置"));
    let after = if after.is_empty() { None } else { Some(read(after)?) };
    let limit = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let (mut rows, mut all) = (Vec::new(), 0);
    if let Some(lines) = sorted(frame, sight, wanted) {
        let from = after.as_ref().and_then(|after| lines.iter().position(|line| LineKey::of(line) == *after));
        let shown = lines.iter().skip(from.map_or(0, |at| at + 1)).take(limit + 1);
        rows.extend(shown.map(|line| Shown::new(frame, sight.names(), line)));
        let next = cut(&mut rows, PAGE, Shown::cursor);
        return Ok((rows, next, lines.len() as u64));
    }
    for line in wanted.lines(sight) {
        all += 1;
        if rows.len() <= limit && after.as_ref().is_none_or(|after| LineKey::of(line) > *after) {
            rows.push(Shown::new(frame, sight.names(), line));
        }
    }
    let next = cut(&mut rows, PAGE, Shown::cursor);
    Ok((rows, next, all))
}

#[derive(Template)]
#[template(path = "stocktake/differences.html")]
struct Differences {
    frame: Frame,
    title: String,
    at: String,
    asked: Asked,
    chips: Vec<(Mark, String, String, bool)>,
    units: Vec<(String, String)>,
    flags: Vec<(String, String)>,
    lines: Vec<Shown>,
    next: String,
    hidden: bool,
    may_recount: bool,
    why_not: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    access::permit_somewhere(&ctx, Action::CampaignsReport)?;
    let sight = Sight::of(app.db(), &ctx, &number_of(number)?).await?;
    let wanted = asked.wanted()?;
    if asked.r#as == "xlsx" {
        return export(frame, sight, wanted).await;
    }
    let (mut lines, next, all) = page_of(&frame, &sight, &wanted, &asked.after)?;
    photos::beside(&app, &ctx, &frame, sight.campaign().id, &mut lines).await?;
    let w = &frame.words.stocktake.differences;
    let campaign = sight.campaign();
    let what = match (wanted.verdict, wanted.all) {
        (Some(verdict), _) => verdict_word(&frame, verdict).to_owned(),
        (None, true) => w.all.clone(),
        (None, false) => w.attention.clone(),
    };
    let title = w.title.replace("{name}", &campaign.name).replace("{what}", &what).replace("{count}", &thousands(all));
    let (may_recount, why_not) = may_recount(&frame, &ctx, &sight);
    let shown = Differences {
        title,
        at: campaign_at(&campaign.number),
        chips: chips(&frame, &sight, &wanted),
        units: units(&sight),
        flags: Flags::NAMED
            .iter()
            .map(|(_, name, zh)| ((*name).to_owned(), flag_word(&frame, name, zh).to_owned()))
            .collect(),
        hidden: sight.hides_some(),
        lines,
        next,
        may_recount,
        why_not,
        asked,
        frame,
    };
    Ok(page(StatusCode::OK, None, &shown))
}

/// Whether lines can be chosen to be counted again, and why not.
pub(super) fn may_recount(frame: &Frame, ctx: &Ctx, sight: &Sight) -> (bool, String) {
    let w = &frame.words.stocktake.differences;
    if !is_under_way(sight.campaign().state) {
        (false, w.over.clone())
    } else if access::permit_somewhere(ctx, Action::CampaignsRecount).is_err() {
        (false, w.may_not_recount.clone())
    } else {
        (true, String::new())
    }
}

/// Every verdict there is, how many lines of it, and the way to them.
fn chips(frame: &Frame, sight: &Sight, wanted: &Wanted) -> Vec<(Mark, String, String, bool)> {
    let total = match wanted.unit {
        Some(unit) => sight.tally(Some(unit)).unwrap_or_default(),
        None => sight.total(),
    };
    let there = Verdict::ALL.into_iter().filter(|verdict| total.of(*verdict) > 0 || wanted.verdict == Some(*verdict));
    let chip = |verdict: Verdict| {
        let href = frame.address.with("verdict", verdict.as_str());
        (verdict_mark(frame, verdict), thousands(total.of(verdict)), href, wanted.verdict == Some(verdict))
    };
    there.map(chip).collect()
}

/// The units that have lines to show, by code.
pub(super) fn units(sight: &Sight) -> Vec<(String, String)> {
    let mut units: Vec<_> = sight.sheets().filter(|sheet| sight.shows(Some(sheet.unit_id))).collect();
    units.sort_by_cached_key(|sheet| sight.names().unit(sheet.unit_id).map(|unit| unit.code.clone()));
    units
        .into_iter()
        .map(|sheet| (sheet.unit_id.to_string(), sight.names().unit_name(sheet.unit_id).to_owned()))
        .collect()
}

async fn export(frame: Frame, sight: Sight, wanted: Wanted) -> Result<Response, ApiError> {
    let w = &frame.words.stocktake.differences;
    let name = format!("{} {}.xlsx", sight.campaign().name, w.file);
    let most = usize::try_from(SHEET_ROWS).unwrap_or(usize::MAX);
    let made = tokio::task::spawn_blocking(move || {
        let head = [
            &w.number,
            &w.name,
            &w.verdict,
            &w.flags,
            &w.unit,
            &w.book_place,
            &w.counted_place,
            &w.book_keeper,
            &w.counted_keeper,
            &w.book_quantity,
            &w.counted_quantity,
            &w.value,
            &w.lead,
            &w.note,
        ]
        .map(String::as_str);
        let rows = wanted.lines(&sight).take(most).map(|line| cells(&frame, sight.names(), line));
        sheet("differences", &head, rows)
    });
    let bytes = made.await.map_err(|_| ApiError::Internal)??;
    Ok(workbook(&name, bytes))
}

fn cells(frame: &Frame, names: &Directory, line: &OutcomeLine) -> Vec<Cell> {
    #[expect(clippy::cast_precision_loss, reason = "a spreadsheet has no other numbers")]
    let many = |quantity: Option<Quantity>| quantity.map_or_else(|| Cell::from(""), |many| Cell::Number(many.0 as f64));
    let note = line.scan.as_ref().map_or("", |scan| scan.note.as_str());
    vec![
        line.number().into(),
        line.name().into(),
        verdict_word(frame, line.verdict).into(),
        flag_words(frame, line.flags).join("、").into(),
        line.unit.map_or("", |unit| names.unit_name(unit)).into(),
        names.place_name(line.book_place).into(),
        names.place_name(line.counted_place).into(),
        names.person_name(line.book_keeper).into(),
        names.person_name(line.counted_keeper).into(),
        many(line.book_quantity),
        many(line.counted_quantity),
        Cell::Money(line.value()),
        line.lead.as_str().into(),
        note.into(),
    ]
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Shown {
            item, number, name, href, verdict, flags, unit, place, keeper, quantity, lead, note, photos, seen_by,
            can_recount, key,
        }
        Differences { frame, title, at, asked, chips, units, flags, lines, next, hidden, may_recount, why_not }
        Asked { verdict, unit, flag, q, after, r#as }
    }
    renders! {
        stocktake_differences: Differences,
    }
}
