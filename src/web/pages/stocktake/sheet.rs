//! A unit's sheet: what it expects and what was found, handing it in, confirming it.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::differences::{Shown, Wanted, may_recount, page_of};
use super::photos;
use super::{ago, campaign_at, card, is_under_way, number_of, of, sentence, sheet_id, sheet_mark, verdict_mark};
use crate::access::{self, Action};
use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;
use crate::kernel::text::{key, thousands};
use crate::stocktake::entity::sheet;
use crate::stocktake::look::{self, Expected};
use crate::stocktake::model::SheetState;
use crate::stocktake::standing::Sight;
use crate::stocktake::verdict::Verdict;
use crate::stocktake::{StocktakeError, campaign};
use crate::web::extract::{Path, Query};
use crate::web::pages::form::{Faults, explained};
use crate::web::pages::parts::{Mark, PAGE, cut};
use crate::web::pages::refusals::said;
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    verdict: String,
    q: String,
    after: String,
    said: String,
}

/// What whoever looks may do with the sheet, and why not.
#[derive(Debug, Default)]
struct Steps {
    submit: bool,
    no_submit: String,
    submit_asks: String,
    confirm: bool,
    stand_in: bool,
    no_confirm: String,
    sign: bool,
}

/// A thing as a sheet lists it for whoever is shown no verdicts.
#[derive(Debug)]
struct Thing {
    number: String,
    name: String,
    href: String,
    specification: String,
    place: String,
    keeper: String,
    quantity: String,
}

#[derive(Template)]
#[template(path = "stocktake/sheet.html")]
struct SheetPage {
    frame: Frame,
    title: String,
    said: String,
    campaign: String,
    campaign_at: String,
    at: String,
    imports: String,
    state: Mark,
    facts: Vec<String>,
    version: i64,
    steps: Steps,
    hidden: bool,
    shows: bool,
    asked: Asked,
    chips: Vec<(Mark, String, String, bool)>,
    lines: Vec<Shown>,
    things: Vec<Thing>,
    next: String,
    may_recount: bool,
    why_not: String,
    reason: String,
    faults: Faults,
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    whole(&app, &ctx, &number_of(number)?, &id, frame, asked, (String::new(), Faults::default())).await
}

/// A sheet within reach.
pub(super) fn find<'a>(sight: &'a Sight, id: &str) -> Result<&'a sheet::Model, ApiError> {
    let id = sheet_id(id)?;
    let not_there = || ApiError::NotFound("没有这张盘点表".to_owned());
    sight.sheets().find(|sheet| sheet.id == id).ok_or_else(not_there)
}

async fn whole(
    app: &App,
    ctx: &Ctx,
    number: &str,
    id: &str,
    frame: Frame,
    asked: Asked,
    (reason, faults): (String, Faults),
) -> Result<Response, ApiError> {
    let sight = Sight::of(app.db(), ctx, number).await?;
    let sheet = find(&sight, id)?;
    let unit = sheet.unit_id;
    let shows = sight.shows(Some(unit));
    let verdict: Option<Verdict> = match asked.verdict.as_str() {
        "" => None,
        name => Some(name.parse().map_err(|_| ApiError::NotFound(format!("没有“{name}”这种盘点结论")))?),
    };
    let (lines, things, next) = if shows {
        let wanted = Wanted::of_unit(unit, verdict, key(&asked.q).into_owned());
        let (mut lines, next, _) = page_of(&frame, &sight, &wanted, &asked.after)?;
        photos::beside(app, ctx, &frame, sight.campaign().id, &mut lines).await?;
        (lines, Vec::new(), next)
    } else {
        let (things, next) = expected(app, &sight, sheet, &asked.after).await?;
        (Vec::new(), things, next)
    };
    let steps = steps(app, ctx, &frame, &sight, sheet).await?;
    let campaign = sight.campaign();
    let w = &frame.words.stocktake.sheet;
    let said = match asked.said.as_str() {
        "submitted" => w.said_submitted.clone(),
        "confirmed" => w.said_confirmed.clone(),
        _ => String::new(),
    };
    // A recount is ordered where the lines can be chosen.
    let (may_recount, why_not) = if shows { may_recount(&frame, ctx, &sight) } else { (false, String::new()) };
    let status = if faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let at = format!("{}/sheets/{}", campaign_at(&campaign.number), sheet.id);
    let shown = SheetPage {
        title: title(&frame, &sight, unit),
        said,
        campaign: campaign.name.clone(),
        campaign_at: campaign_at(&campaign.number),
        imports: format!("/imports/new?kind=counts&campaign={}", crate::web::pages::form::in_query(&campaign.number)),
        state: sheet_mark(&frame, sheet.state),
        facts: facts(&frame, ctx, &sight, sheet),
        version: sheet.version,
        chips: chips(&frame, &sight, unit, &at, verdict),
        hidden: sight.hides(unit),
        at,
        steps,
        shows,
        asked,
        lines,
        things,
        next,
        may_recount,
        why_not,
        reason,
        faults,
        frame,
    };
    Ok(page(status, None, &shown))
}

/// A page of what the sheet expects, for whoever is shown no verdicts.
async fn expected(
    app: &App,
    sight: &Sight,
    sheet: &sheet::Model,
    after: &str,
) -> Result<(Vec<Thing>, String), ApiError> {
    if after.contains('\0') {
        return Err(ApiError::invalid("after", "不是上一页给出的位置"));
    }
    let after = Some(after).filter(|after| !after.is_empty());
    let mut rows = look::expected(app.db().read(), sheet, after, PAGE + 1).await?;
    let next = cut(&mut rows, PAGE, |row| row.number_key.clone());
    Ok((rows.iter().map(|row| thing(sight, sheet.unit_id, row)).collect(), next))
}

fn title(frame: &Frame, sight: &Sight, unit: UnitId) -> String {
    let w = &frame.words.stocktake.sheet;
    let name = sight.names().unit_name(unit);
    match (sight.progress(unit), sight.tally(Some(unit))) {
        (None, _) => w.title_blind.replace("{unit}", name),
        (Some((seen, expected)), None) => {
            w.title_short.replace("{unit}", name).replace("{counted}", &of(seen, expected))
        }
        (Some((seen, expected)), Some(tally)) => w
            .title
            .replace("{unit}", name)
            .replace("{counted}", &of(seen, expected))
            .replace("{missing}", &thousands(tally.missing)),
    }
}

fn facts(frame: &Frame, ctx: &Ctx, sight: &Sight, sheet: &sheet::Model) -> Vec<String> {
    let (w, names) = (&frame.words.stocktake.sheet, sight.names());
    let mut facts = Vec::new();
    if let Some(at) = sight.last_scan(sheet.id) {
        facts.push(w.last_scan.replace("{at}", &at.to_string()).replace("{ago}", &ago(frame, at, ctx.now())));
    }
    if let Some(at) = sheet.submitted_at {
        let by = names.person_name(sheet.submitted_by);
        facts.push(w.submitted_at.replace("{at}", &at.to_string()).replace("{by}", by));
    }
    if let Some(at) = sheet.confirmed_at {
        let by = names.person_name(sheet.confirmed_by);
        facts.push(w.confirmed_at.replace("{at}", &at.to_string()).replace("{by}", by));
    }
    facts
}

fn thing(sight: &Sight, unit: UnitId, row: &Expected) -> Thing {
    let (names, hidden) = (sight.names(), sight.hides(unit));
    let unless_hidden = |text: &str| if hidden { String::new() } else { text.to_owned() };
    Thing {
        number: row.item_number.clone(),
        name: row.name.clone(),
        href: card(&row.item_number),
        specification: row.specification.clone(),
        place: unless_hidden(names.place_name(row.place_id)),
        keeper: unless_hidden(names.person_name(row.keeper_id)),
        quantity: unless_hidden(&row.quantity.to_string()),
    }
}

fn chips(
    frame: &Frame,
    sight: &Sight,
    unit: UnitId,
    at: &str,
    chosen: Option<Verdict>,
) -> Vec<(Mark, String, String, bool)> {
    let Some(tally) = sight.tally(Some(unit)) else { return Vec::new() };
    let there = Verdict::ALL.into_iter().filter(|verdict| tally.of(*verdict) > 0);
    let chip = |verdict: Verdict| {
        let href = format!("{at}?verdict={verdict}");
        (verdict_mark(frame, verdict), thousands(tally.of(verdict)), href, chosen == Some(verdict))
    };
    there.map(chip).collect()
}

async fn steps(app: &App, ctx: &Ctx, frame: &Frame, sight: &Sight, sheet: &sheet::Model) -> Result<Steps, ApiError> {
    let w = &frame.words.stocktake.sheet;
    let under_way = is_under_way(sight.campaign().state);
    let may = |action| access::permit(ctx, action, Some(sheet.unit_id)).is_ok();
    let mut steps = Steps { sign: sight.shows(Some(sheet.unit_id)), ..Steps::default() };
    steps.no_submit = match sheet.state {
        _ if !under_way => w.over.clone(),
        SheetState::Open if may(Action::CampaignsSubmit) => String::new(),
        SheetState::Open => w.may_not_submit.clone(),
        SheetState::Submitted | SheetState::Confirmed => w.submitted_already.clone(),
    };
    steps.submit = steps.no_submit.is_empty();
    let unseen = sight.progress(sheet.unit_id).map_or(0, |(seen, expected)| expected.saturating_sub(seen));
    steps.submit_asks = match unseen {
        0 => w.submit_sure.clone(),
        many => w.submit_sure_missing.replace("{count}", &thousands(many)),
    };
    steps.no_confirm = match sheet.state {
        _ if !under_way => w.over.clone(),
        SheetState::Open => w.submit_first.clone(),
        SheetState::Confirmed => w.confirmed_already.clone(),
        SheetState::Submitted => {
            let found =
                confirmers(app, ctx, sight, sheet, (may(Action::CampaignsConfirm), may(Action::CampaignsClose)));
            let (confirm, stand_in, why) = found.await?;
            (steps.confirm, steps.stand_in) = (confirm, stand_in && !confirm);
            match (confirm || stand_in, why) {
                (true, _) => String::new(),
                (false, Some(why)) => why,
                (false, None) => w.may_not_confirm.clone(),
            }
        }
    };
    Ok(steps)
}

/// Whether they may confirm as the head, or in the head's stead; and why not.
async fn confirmers(
    app: &App,
    ctx: &Ctx,
    sight: &Sight,
    sheet: &sheet::Model,
    (as_head, as_centre): (bool, bool),
) -> Result<(bool, bool, Option<String>), ApiError> {
    let Some(person) = ctx.person() else { return Ok((false, false, None)) };
    let (db, names) = (app.db().read(), sight.names());
    let (mut may, mut why) = ([false, false], None);
    for (at, (held, stands_in)) in [(as_head, false), (as_centre, true)].into_iter().enumerate() {
        if !held {
            continue;
        }
        match campaign::refuse_confirmer(db, names, sheet, person, stands_in).await {
            Ok(()) => may[at] = true,
            Err(StocktakeError::Refused(refusal)) => why = Some(said(refusal.to_string())),
            Err(error) => return Err(error.into()),
        }
    }
    Ok((may[0], may[1], why))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Step {
    version: i64,
    reason: String,
}

pub(super) async fn submit(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, id)): Path<(String, String)>,
    frame: Frame,
    Form(typed): Form<Step>,
) -> Result<Response, ApiError> {
    let number = number_of(number)?;
    let (unit, version) = unit_of(&app, &ctx, &number, &id, Action::CampaignsSubmit).await?;
    let done: Result<_, StocktakeError> = if version == typed.version {
        let (by, of) = (ctx.clone(), number.clone());
        app.write_or(async move |db| campaign::submit(&db, &by, &of, unit, None).await).await?
    } else {
        Err(crate::db::DbError::Stale.into())
    };
    match done {
        Ok(_) => Ok(back(&number, &id, "submitted")),
        Err(error) => refused(&app, &ctx, &number, &id, frame, typed.reason, error).await,
    }
}

pub(super) async fn confirm(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, id)): Path<(String, String)>,
    frame: Frame,
    Form(typed): Form<Step>,
) -> Result<Response, ApiError> {
    let number = number_of(number)?;
    let (unit, version) = unit_of(&app, &ctx, &number, &id, Action::CampaignsRead).await?;
    let fault = |fault: String| (typed.reason.clone(), Faults::at("reason", fault));
    let reason = match sentence(&frame, &typed.reason, 500) {
        Ok(reason) => Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
        Err(text) => return whole(&app, &ctx, &number, &id, frame, Asked::default(), fault(text)).await,
    };
    let as_head = access::permit(&ctx, Action::CampaignsConfirm, Some(unit)).is_ok();
    let as_centre = access::permit(&ctx, Action::CampaignsClose, Some(unit)).is_ok();
    if reason.is_none() && as_centre && !as_head {
        let text = frame.words.stocktake.sheet.reason_needed.clone();
        return whole(&app, &ctx, &number, &id, frame, Asked::default(), fault(text)).await;
    }
    access::permit(&ctx, if as_centre { Action::CampaignsClose } else { Action::CampaignsConfirm }, Some(unit))?;
    let Some(person) = ctx.person() else {
        return Err(ApiError::Forbidden("须以本人账号确认".to_owned()));
    };
    let done: Result<_, StocktakeError> = if version == typed.version {
        let (by, of) = (ctx.clone(), number.clone());
        let work =
            async move |db: crate::db::Db| campaign::confirm(&db, &by, &of, unit, person, reason.as_deref()).await;
        app.write_or(work).await?
    } else {
        Err(crate::db::DbError::Stale.into())
    };
    match done {
        Ok(_) => Ok(back(&number, &id, "confirmed")),
        Err(error) => refused(&app, &ctx, &number, &id, frame, typed.reason, error).await,
    }
}

/// The unit of a sheet within reach of an action, and the sheet's version.
async fn unit_of(app: &App, ctx: &Ctx, number: &str, id: &str, action: Action) -> Result<(UnitId, i64), ApiError> {
    let id = sheet_id(id)?;
    let (_, sheets) = look::campaign(app.db().read(), ctx, number, action).await?;
    let sheet = sheets.into_iter().find(|sheet| sheet.id == id);
    sheet.map(|sheet| (sheet.unit_id, sheet.version)).ok_or_else(|| ApiError::NotFound("没有这张盘点表".to_owned()))
}

fn back(number: &str, id: &str, said: &str) -> Response {
    Redirect::to(&format!("{}/sheets/{}?said={said}", campaign_at(number), super::segment(id))).into_response()
}

async fn refused(
    app: &App,
    ctx: &Ctx,
    number: &str,
    id: &str,
    frame: Frame,
    reason: String,
    error: StocktakeError,
) -> Result<Response, ApiError> {
    let text = match error {
        // Who may not is told on the page, which stays of use to them.
        StocktakeError::Refused(refusal) => said(refusal.to_string()),
        StocktakeError::Db(crate::db::DbError::Stale) => frame.words.stocktake.sheet.stale.clone(),
        other => explained(other.into())?.1,
    };
    whole(app, ctx, number, id, frame, Asked::default(), (reason, Faults::at("", text))).await
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        SheetPage {
            frame, title, said, campaign, campaign_at, at, imports, state, facts, version, steps, hidden, shows,
            asked, chips, lines, things, next, may_recount, why_not, reason, faults,
        }
        Steps { submit, no_submit, submit_asks, confirm, stand_in, no_confirm, sign }
        Asked { verdict, q, after, said }
        Thing { number, name, href, specification, place, keeper, quantity }
    }
    renders! {
        stocktake_sheet: SheetPage,
    }
}
