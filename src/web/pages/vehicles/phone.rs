//! The car in one's hand: its label leads here, and one big button is the next step. The odometer is filled in, the
//! driver is whoever holds the phone.

use askama::Template;
use axum::Form;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::Response;

use super::{at, minute, number, phone_of, time, whole};
use crate::access::{Action, permit, permit_somewhere};
use crate::kernel::Ctx;
use crate::vehicles::model::grounded;
use crate::vehicles::store::{self, Car};
use crate::vehicles::trips::entity::trip;
use crate::vehicles::trips::model::State;
use crate::vehicles::trips::service::{self, Back, Departure, NewTrip};
use crate::vehicles::trips::store as trips;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::shared::{Typed, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::{Faults, in_query};
use crate::web::pages::items::picks;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::{Frame, show as answer};
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 7] = ["purpose", "destination", "passengers", "driver", "km", "urgent_reason", "when"];

/// The next step with the car.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// It is out: bring it back.
    Return(String),
    /// A request of theirs may depart.
    Depart(String),
    /// A request of theirs waits; it may leave when it cannot wait.
    Wait(String),
    /// Ask for it.
    Ask,
    /// Nothing can be done, and why.
    Nothing(String),
}

#[derive(Template)]
#[template(path = "vehicles/phone.html")]
struct Page {
    frame: Frame,
    title: String,
    name: String,
    unit: String,
    mark: Mark,
    said: String,
    /// What stands now, in a sentence.
    now: String,
    last_km: String,
    next: Next,
    action: String,
    car_page: String,
    /// Where a fill of it is written down; blank for whoever may not.
    fuel_page: String,
    typed: Typed,
    faults: Faults,
    km: String,
    /// Whether they may write departures and returns down.
    drives: bool,
    /// Whether the form that was refused is the urgent one.
    urgent: bool,
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(code): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let w = &frame.words.vehicles.phone;
    let said = match asked.get("said") {
        "asked" => w.said_asked.clone(),
        "out" => w.said_out.clone(),
        "back" => w.said_back.replace("{km}", asked.get("km")),
        _ => String::new(),
    };
    page(&app, &ctx, frame, &code, said, (Typed::default(), Faults::default(), false)).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    code: &str,
    said: String,
    (typed, faults, urgent): (Typed, Faults, bool),
) -> Result<Response, ApiError> {
    let db = app.db().read();
    let car = store::car(db, ctx, code).await?;
    let out = trips::out_with(db, car.item.id).await?;
    let names = Names::of(db, out.as_ref().and_then(|row| row.driver_id), []).await?;
    let w = &frame.words.vehicles.phone;
    let drives = permit(ctx, Action::TripsDrive, Some(car.item.unit_id)).is_ok();
    let (next, mut now) = next(app, ctx, &frame, &car, out.as_ref()).await?;
    if let Some(row) = &out {
        let (who, since) = (names.person(row.driver_id), minute(row.departed_at));
        now = w.out_by.replace("{who}", &who).replace("{since}", &since).replace("{what}", &row.destination);
    }
    let km = match typed.get("km") {
        "" => out.as_ref().and_then(|row| row.departed_km).unwrap_or(car.vehicle.odometer_km).to_string(),
        km => km.to_owned(),
    };
    let mark = super::car::now_mark(&frame, out.is_some(), &car);
    let title = format!("{} · {}", car.vehicle.plate, mark.text);
    let status = if faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = Page {
        name: [car.item.name.as_str(), &car.item.specification].join(" ").trim().to_owned(),
        unit: names.unit(Some(car.item.unit_id)),
        last_km: w.last_km.replace("{km}", &number(Some(car.vehicle.odometer_km))),
        action: phone_of(&car.vehicle.plate),
        car_page: at(&car.vehicle.plate),
        fuel_page: if permit(ctx, Action::FuelLog, Some(car.item.unit_id)).is_ok() {
            format!("/vehicles/fuel/slips?car={}", in_query(&car.vehicle.plate))
        } else {
            String::new()
        },
        title,
        mark,
        said,
        now,
        next,
        typed,
        faults,
        km,
        drives,
        urgent,
        frame,
    };
    Ok(answer(status, None, &view))
}

/// What comes next with a car for whoever looks, and what stands meanwhile.
async fn next(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    car: &Car,
    out: Option<&trip::Model>,
) -> Result<(Next, String), ApiError> {
    let w = &frame.words.vehicles.phone;
    if let Some(row) = out {
        let next =
            if row.repair_id.is_some() { Next::Nothing(row.purpose.clone()) } else { Next::Return(row.number.clone()) };
        return Ok((next, String::new()));
    }
    if let Some(why) = grounded(&car.vehicle.plate, car.item.state, car.vehicle.papers(), ctx.now().day()) {
        return Ok((Next::Nothing(why), String::new()));
    }
    let me = ctx.person();
    let waiting = trips::waiting_for(app.db().read(), car.item.id).await?;
    let mine = |one: &&trips::Shown| {
        one.row.repair_id.is_none() && me.is_some() && (one.row.asker_id == me || one.row.driver_id == me)
    };
    let what = |one: &trips::Shown| format!("{} · {}", one.row.destination, one.row.purpose);
    if let Some(one) = waiting.iter().filter(mine).find(|one| one.state == State::Approved) {
        return Ok((Next::Depart(one.row.number.clone()), w.approved.replace("{what}", &what(one))));
    }
    if let Some(one) = waiting.iter().find(mine) {
        return Ok((Next::Wait(one.row.number.clone()), w.waiting.replace("{what}", &what(one))));
    }
    Ok((Next::Ask, String::new()))
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((plate, deed)): Path<(String, String)>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::TripsAsk)?;
    let faults = match go(&app, &ctx, &frame, &plate, &deed, &typed).await {
        Ok(said) => return Ok(to(&phone_of(&plate), &said)),
        Err(Refused::Faults(faults)) => faults,
        Err(Refused::Error(error)) => {
            let error = match error {
                ApiError::Invalid { field: Some(field), reason } if field.ends_with("_km") => {
                    ApiError::Invalid { field: Some("km".to_owned()), reason }
                }
                ApiError::Invalid { field: Some(field), reason } if field.ends_with("_at") => {
                    ApiError::Invalid { field: Some("when".to_owned()), reason }
                }
                other => other,
            };
            picks::refused(error, &FIELDS)?
        }
    };
    page(&app, &ctx, frame, &plate, String::new(), (typed, faults, deed == "urgent")).await
}

enum Refused {
    Faults(Faults),
    Error(ApiError),
}

impl From<Faults> for Refused {
    fn from(faults: Faults) -> Self {
        Self::Faults(faults)
    }
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self::Error(error)
    }
}

async fn go(app: &App, ctx: &Ctx, frame: &Frame, plate: &str, deed: &str, typed: &Typed) -> Result<String, Refused> {
    let asker = ctx.clone();
    match deed {
        "ask" => {
            let new = wish(app, ctx, frame, plate, typed).await?;
            app.write(move |db| async move { service::ask(&db, &asker, &new).await }).await?;
            Ok("asked".to_owned())
        }
        "urgent" => {
            let (new, departure) = (wish(app, ctx, frame, plate, typed).await?, departure(frame, typed)?);
            app.write(move |db| async move { service::depart_at_once(&db, &asker, &new, &departure).await }).await?;
            Ok("out".to_owned())
        }
        "depart" => {
            let (departure, trip) = (departure(frame, typed)?, typed.get("trip").to_owned());
            let reason = Some(typed.get("urgent_reason").to_owned()).filter(|text| !text.is_empty());
            let done = app.write(move |db| async move {
                service::depart(&db, &asker, &trip, None, &departure, reason.as_deref()).await
            });
            done.await?;
            Ok("out".to_owned())
        }
        "return" => {
            let back = Back { km: km(frame, typed)?, at: time(frame, typed, "when")? };
            let trip = typed.get("trip").to_owned();
            let row =
                app.write(move |db| async move { service::return_(&db, &asker, &trip, None, &back).await }).await?;
            Ok(format!("back&km={}", row.km().unwrap_or_default()))
        }
        _ => Err(ApiError::NotFound("没有这个地址".to_owned()).into()),
    }
}

fn km(frame: &Frame, typed: &Typed) -> Result<i64, Faults> {
    whole(frame, typed, "km")?.ok_or_else(|| Faults::at("km", frame.words.vehicles.field.number_bad.clone()))
}

fn departure(frame: &Frame, typed: &Typed) -> Result<Departure, Faults> {
    Ok(Departure { km: km(frame, typed)?, driver: None, at: time(frame, typed, "when")? })
}

async fn wish(app: &App, ctx: &Ctx, frame: &Frame, plate: &str, typed: &Typed) -> Result<NewTrip, Refused> {
    let driver = picks::person(app, ctx, frame, typed.get("driver")).await?;
    let driver = driver.map_err(|text| Faults::at("driver", text))?;
    Ok(NewTrip {
        car: plate.to_owned(),
        purpose: typed.get("purpose").to_owned(),
        destination: typed.get("destination").to_owned(),
        passengers: typed.get("passengers").to_owned(),
        driver: driver.map(|person| person.id),
        planned_from: None,
        planned_until: None,
    })
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{Fill, Sample, renders, samples};

    impl Sample for Next {
        fn sample(fill: &mut Fill) -> Self {
            if fill.full { Self::Return(Sample::sample(fill)) } else { Self::Nothing(String::new()) }
        }
    }

    samples! {
        Page {
            frame, title, name, unit, mark, said, now, last_km, next, action, car_page, fuel_page, typed, faults, km,
            drives, urgent,
        }
    }
    renders! {
        vehicles_phone: Page,
    }
}
