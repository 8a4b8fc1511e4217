//! A campaign is opened in two steps: what is to be counted is said, then shown how many things that is; only what was
//! shown is opened.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use chrono::{Datelike as _, Days, NaiveDate};
use hashbrown::HashSet;
use uuid::Uuid;

use super::{MOST_NUMBER, campaign_at, sentence};
use crate::access::{self, Action};
use crate::items::model::ItemKind;
use crate::kernel::Ctx;
use crate::kernel::ids::{PlaceId, UnitId};
use crate::kernel::text::thousands;
use crate::org::Directory;
use crate::stocktake::campaign::{self, Opening};
use crate::stocktake::opening::{self, Forecast};
use crate::stocktake::scope::Scope;
use crate::stocktake::{StocktakeError, entity};
use crate::web::pages::form::{Faults, explained};
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

const KINDS: [(ItemKind, &str); 5] = [
    (ItemKind::FixedAsset, "fixed_asset"),
    (ItemKind::Vehicle, "vehicle"),
    (ItemKind::Firearm, "firearm"),
    (ItemKind::Ammunition, "ammunition"),
    (ItemKind::CaseProperty, "case_property"),
];
/// A count lasts a month unless somebody says otherwise.
const WINDOW: Days = Days::new(30);
/// Places and classes named at most.
const MOST_NAMED: usize = 500;

/// What was typed, as it was typed.
#[derive(Debug, Default)]
struct Typed {
    number: String,
    name: String,
    baseline_on: String,
    from: String,
    to: String,
    blind: bool,
    units: HashSet<String>,
    kinds: HashSet<String>,
    places: String,
    classes: String,
    /// What the forecast on the page was made of.
    foreseen: String,
    open: bool,
}

impl Typed {
    fn read(pairs: Vec<(String, String)>) -> Self {
        let mut typed = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "number" => typed.number = value,
                "name" => typed.name = value,
                "baseline_on" => typed.baseline_on = value,
                "from" => typed.from = value,
                "to" => typed.to = value,
                "blind" => typed.blind = value == "yes",
                "unit" => drop(typed.units.insert(value)),
                "kind" => drop(typed.kinds.insert(value)),
                "places" => typed.places = value,
                "classes" => typed.classes = value,
                "foreseen" => typed.foreseen = value,
                "step" => typed.open = value == "open",
                _ => {}
            }
        }
        typed
    }

    /// What a forecast is made of: with anything else than this, it says nothing.
    fn made_of(opening: &Opening) -> String {
        let scope = serde_json::to_string(&opening.scope).unwrap_or_default();
        format!("{} {scope}", opening.baseline_on)
    }

    fn opening(&self, frame: &Frame, directory: &Directory) -> Result<Opening, Faults> {
        let w = &frame.words.stocktake.wizard;
        let number = sentence(frame, &self.number, MOST_NUMBER).map_err(|fault| Faults::at("number", fault))?;
        if number.is_empty() || number == "new" || number.contains(['/', '\n', '?', '#']) {
            return Err(Faults::at("number", w.bad_number.clone()));
        }
        let name = sentence(frame, &self.name, 200).map_err(|fault| Faults::at("name", fault))?;
        let day = |field: &'static str, text: &str| {
            let read = text.trim().parse::<NaiveDate>().ok().filter(|day| (1980..=2200).contains(&day.year()));
            read.ok_or_else(|| Faults::at(field, w.bad_day.clone()))
        };
        let baseline_on = day("baseline_on", &self.baseline_on)?;
        let from = day("from", &self.from)?;
        let to = day("to", &self.to)?;
        if to < from {
            return Err(Faults::at("to", StocktakeError::WindowBackwards.to_string()));
        }
        Ok(Opening {
            name: if name.is_empty() { number.to_owned() } else { name.to_owned() },
            number: number.to_owned(),
            baseline_on,
            from,
            to,
            blind: self.blind,
            scope: self.scope(frame, directory)?,
        })
    }

    fn scope(&self, frame: &Frame, directory: &Directory) -> Result<Scope, Faults> {
        let w = &frame.words.stocktake.wizard;
        let mut units = Vec::new();
        for written in &self.units {
            let known = Uuid::parse_str(written).ok().map(UnitId).filter(|unit| directory.unit(*unit).is_some());
            units.push(known.ok_or_else(|| Faults::at("units", w.bad_unit.clone()))?);
        }
        // In one order, whichever way they were ticked.
        units.sort_unstable();
        let kinds: Vec<ItemKind> =
            KINDS.iter().filter(|(_, name)| self.kinds.contains(*name)).map(|(kind, _)| *kind).collect();
        let mut places: Vec<PlaceId> = Vec::new();
        for written in words(&self.places) {
            let found = directory.find_place(written, units.first().copied().filter(|_| units.len() == 1));
            places.push(found.map_err(|error| Faults::at("places", error.to_string()))?);
        }
        let classes: Vec<String> = words(&self.classes).map(str::to_owned).collect();
        if places.len() > MOST_NAMED || classes.len() > MOST_NAMED {
            return Err(Faults::at(if places.len() > MOST_NAMED { "places" } else { "classes" }, w.too_many.clone()));
        }
        if let Some(fault) = classes.iter().find_map(|class| sentence(frame, class, 40).err()) {
            return Err(Faults::at("classes", fault));
        }
        Ok(Scope { units, places, kinds, classes })
    }
}

/// What is written one after the other, with commas or line ends between.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r', ',', '，', '、', ';', '；']).map(str::trim).filter(|word| !word.is_empty())
}

#[derive(Template)]
#[template(path = "stocktake/wizard.html")]
struct Wizard {
    frame: Frame,
    typed: Typed,
    faults: Faults,
    units: Vec<(String, String, bool)>,
    kinds: Vec<(&'static str, String, bool)>,
    title: String,
    forecast: Option<Shown>,
    foreseen: String,
}

/// What the campaign would expect.
struct Shown {
    units: Vec<(String, String)>,
    bare: String,
    none: bool,
}

pub(super) async fn show(State(app): State<App>, Caller(ctx): Caller, frame: Frame) -> Result<Response, ApiError> {
    access::permit_somewhere(&ctx, Action::CampaignsOpen)?;
    let today = ctx.now().day();
    let typed = Typed {
        number: format!("{}-YE", today.year()),
        name: frame.words.stocktake.wizard.name_now.replace("{year}", &today.year().to_string()),
        baseline_on: today.pred_opt().unwrap_or(today).to_string(),
        from: today.to_string(),
        to: (today + WINDOW).to_string(),
        ..Typed::default()
    };
    form(&app, &ctx, frame, typed, Faults::default(), None).await
}

async fn form(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    typed: Typed,
    faults: Faults,
    foreseen: Option<(Forecast, String)>,
) -> Result<Response, ApiError> {
    let directory = Directory::load(app.db().read()).await?;
    let reach = access::reach(ctx, Action::CampaignsOpen);
    let w = &frame.words.stocktake.wizard;
    let units = directory.units().into_iter().filter(|unit| reach.covers(Some(unit.id)));
    let units = units.map(|unit| {
        let id = unit.id.to_string();
        let ticked = typed.units.contains(&id);
        (id, unit.name.clone(), ticked)
    });
    let called = [&w.fixed_asset, &w.vehicle, &w.firearm, &w.ammunition, &w.case_property];
    let kinds = KINDS.iter().zip(called).map(|((_, name), word)| (*name, word.clone(), typed.kinds.contains(*name)));
    let title = match &foreseen {
        None => w.title.clone(),
        Some((forecast, _)) => {
            let units = forecast.units.len().to_string();
            w.title_foreseen.replace("{count}", &thousands(forecast.things)).replace("{units}", &units)
        }
    };
    let (units, kinds) = (units.collect(), kinds.collect());
    let (forecast, foreseen) = match foreseen {
        None => (None, String::new()),
        Some((forecast, made_of)) => (Some(shown(&frame, forecast)), made_of),
    };
    let status = if faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(page(status, None, &Wizard { typed, faults, units, kinds, title, forecast, foreseen, frame }))
}

fn shown(frame: &Frame, forecast: Forecast) -> Shown {
    let w = &frame.words.stocktake.wizard;
    Shown {
        bare: if forecast.bare == 0 { String::new() } else { w.bare.replace("{count}", &forecast.bare.to_string()) },
        none: forecast.things == 0,
        units: forecast.units.into_iter().map(|(_, name, many)| (name, thousands(many))).collect(),
    }
}

pub(super) async fn take(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, ApiError> {
    access::permit_somewhere(&ctx, Action::CampaignsOpen)?;
    let typed = Typed::read(pairs);
    let directory = Directory::load(app.db().read()).await?;
    let opening = match typed.opening(&frame, &directory) {
        Ok(opening) => opening,
        Err(faults) => return form(&app, &ctx, frame, typed, faults, None).await,
    };
    if let Err(error) = opening::may_open(&ctx, &opening) {
        // Whoever opens for some units only must say which.
        let text = match opening.scope.units.is_empty() {
            true => frame.words.stocktake.wizard.choose_units.clone(),
            false => error.to_string(),
        };
        return form(&app, &ctx, frame, typed, Faults::at("units", text), None).await;
    }
    let made_of = Typed::made_of(&opening);
    if typed.open && typed.foreseen == made_of {
        return open(&app, &ctx, frame, typed, opening).await;
    }
    let by = ctx.clone();
    let work = async move |db: crate::db::Db| opening::forecast(db.read(), &by, &opening).await;
    let forecast: Forecast = app.write(work).await?;
    form(&app, &ctx, frame, typed, Faults::default(), Some((forecast, made_of))).await
}

async fn open(app: &App, ctx: &Ctx, frame: Frame, typed: Typed, opening: Opening) -> Result<Response, ApiError> {
    let by = ctx.clone();
    let work = async move |db: crate::db::Db| campaign::open(&db, &by, &opening).await;
    let done: Result<entity::campaign::Model, StocktakeError> = app.write_or(work).await?;
    let (field, text) = match done {
        Ok(opened) => {
            return Ok(Redirect::to(&format!("{}?said=opened", campaign_at(&opened.number))).into_response());
        }
        Err(error @ StocktakeError::DuplicateCampaign(_)) => ("number", error.to_string()),
        Err(error) => ("", explained(error.into())?.1),
    };
    form(app, ctx, frame, typed, Faults::at(field, text), None).await
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Wizard { frame, typed, faults, units, kinds, title, forecast, foreseen }
        Typed { number, name, baseline_on, from, to, blind, units, kinds, places, classes, foreseen, open }
        Shown { units, bare, none }
    }
    renders! {
        stocktake_wizard: Wizard,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_however_it_is_written() {
        let read: Vec<_> = words(" 201 室，\r\n302室、仓库; \n\n").collect();
        assert_eq!(read, ["201 室", "302室", "仓库"]);
    }
}
