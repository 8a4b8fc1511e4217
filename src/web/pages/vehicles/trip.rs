//! One trip: what its line says, and what may be done with it now.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;

use super::{minute, number, state_mark, whole};
use crate::access::{Action, permit, permit_somewhere};
use crate::kernel::Ctx;
use crate::vehicles::store as cars;
use crate::vehicles::trips::entity::trip;
use crate::vehicles::trips::model::Deed;
use crate::vehicles::trips::months::{self, Figures};
use crate::vehicles::trips::service;
use crate::vehicles::trips::store::{self, Shown};
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Step, Td};
use crate::web::pages::admin::shared::{Typed, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 7] = ["note", "departed_km", "returned_km", "returned_at", "reason", "question", "explanation"];

/// What was typed, and what of it was refused.
#[derive(Default)]
struct Beside {
    deed: String,
    typed: Typed,
    faults: Faults,
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let said = if asked.get("said").is_empty() { String::new() } else { frame.words.vehicles.trip.said_done.clone() };
    page(&app, &ctx, frame, &number, said, Beside::default()).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    number: &str,
    said: String,
    beside: Beside,
) -> Result<Response, ApiError> {
    let db = app.db().read();
    let shown = store::one(db, ctx, number).await?;
    let row = &shown.row;
    let car = cars::by_id(db, row.item_id).await?;
    let plate = car.map(|car| car.vehicle.plate).unwrap_or_default();
    let people = [row.driver_id, row.approved_by, row.checked_by, row.questioned_by, row.explained_by, row.asker_id];
    let names = Names::of(db, people.into_iter().flatten(), [row.asked_by.as_str()]).await?;
    let (w, mark) = (&frame.words.vehicles.trip, state_mark(&frame, shown.state));
    let title = format!("{plate} {} · {}", row.number, mark.text);
    let mut blocks = vec![Block { title: w.facts.clone(), facts: facts(&frame, &shown, &names), ..Block::default() }];
    blocks.extend(deeds(&frame, ctx, &shown, &beside));
    let mut steps = vec![Step { text: plate.clone(), href: super::at(&plate), ..Step::default() }];
    if let Some(approval) = &shown.approval {
        let href = format!("/approvals/{}", approval.id);
        steps.push(Step { text: w.see_approval.clone(), href, ..Step::default() });
    }
    if row.state.is_open() {
        let text = frame.words.vehicles.car.use_it.clone();
        steps.push(Step { text, href: super::phone_of(&plate), primary: true, ..Step::default() });
    }
    let back = ("/vehicles/trips".to_owned(), w.heading.clone());
    let lead = format!("{} · {}", row.purpose, row.destination);
    Ok(Board { back, lead, said, steps, blocks, ..Board::new(frame, title) }.answer())
}

fn facts(frame: &Frame, shown: &Shown, names: &Names) -> Vec<(String, Td)> {
    let (row, w, f) = (&shown.row, &frame.words.vehicles.trip, &frame.words.vehicles.field);
    let by = |who: String, at: Option<crate::kernel::Timestamp>| Td::from(who).because(minute(at));
    let planned = match (row.planned_from, row.planned_until) {
        (None, None) => String::new(),
        (from, until) => format!("{} — {}", minute(from), minute(until)),
    };
    let urgent = if row.urgent { w.urgent.clone() } else { String::new() };
    let gap = row.gap_km.map(|gap| w.gap.replace("{km}", &format!("{gap:+}"))).unwrap_or_default();
    let mut facts = vec![
        (f.unit.clone(), names.unit(Some(row.unit_id)).into()),
        (w.purpose.clone(), row.purpose.clone().into()),
        (w.destination.clone(), row.destination.clone().into()),
        (w.passengers.clone(), row.passengers.clone().into()),
        (w.planned.clone(), planned.into()),
        (w.asked.clone(), by(names.actor(frame, &row.asked_by), Some(row.asked_at))),
        (w.approved_by.clone(), names.person(row.approved_by).into()),
        (w.flags.clone(), urgent.into()),
        (f.driver.clone(), names.person(row.driver_id).into()),
        (w.departed.clone(), Td::from(minute(row.departed_at)).because(number(row.departed_km))),
        (w.gaps.clone(), gap.into()),
        (w.returned.clone(), Td::from(minute(row.returned_at)).because(number(row.returned_km))),
        (w.km.clone(), number(row.km()).into()),
        (w.checked.clone(), by(names.person(row.checked_by), row.checked_at)),
        (f.note.clone(), row.check_note.clone().into()),
        (w.question.clone(), Td::from(row.question.clone()).because(names.person(row.questioned_by))),
        (w.explanation.clone(), Td::from(row.explanation.clone()).because(names.person(row.explained_by))),
        (f.reason.clone(), row.ended_reason.clone().into()),
    ];
    facts.retain(|(_, td)| !td.text.is_empty());
    facts
}

/// The forms of what may be done now; what somebody else must do says who.
fn deeds(frame: &Frame, ctx: &Ctx, shown: &Shown, beside: &Beside) -> Vec<Block> {
    let (row, w, f) = (&shown.row, &frame.words.vehicles.trip, &frame.words.vehicles.field);
    let unit = Some(row.unit_id);
    let manages = permit(ctx, Action::TripsCheck, unit).is_ok();
    let reviews = permit(ctx, Action::TripsReview, unit).is_ok();
    let asked = ctx.person().is_some() && row.asker_id == ctx.person();
    let why = |allowed: bool, words: &String| if allowed { String::new() } else { words.clone() };
    let (blank, no_faults) = (Typed::default(), Faults::default());
    let filled = |deed: &str| if beside.deed == deed { (&beside.typed, &beside.faults) } else { (&blank, &no_faults) };
    let form = |deed: &str, label: &String, help: &String, fields: Vec<Field>, why: String, danger: bool| {
        let sheet = Sheet {
            action: format!("/vehicles/trips/{}/{deed}", row.number),
            hidden: vec![("version".to_owned(), row.version.to_string())],
            fields: if why.is_empty() { fields } else { Vec::new() },
            submit: label.clone(),
            general: filled(deed).1.general().to_owned(),
            danger,
            why,
            ..Sheet::default()
        };
        Block { title: label.clone(), notes: vec![help.clone()], form: Some(sheet), ..Block::default() }
    };
    let text = |deed: &str, id: &str, label: &String| {
        let (typed, faults) = filled(deed);
        Field::text(id, label, typed.get(id), faults)
    };
    let area = |deed: &str, id: &str, label: &String| {
        let (typed, faults) = filled(deed);
        Field::area(id, label, typed.get(id), faults)
    };
    let none = String::new();
    let mut blocks = Vec::new();
    for deed in [Deed::Check, Deed::Correct, Deed::Explain, Deed::Question, Deed::Withdraw] {
        if shown.state.after(deed).is_err() {
            continue;
        }
        blocks.push(match deed {
            Deed::Check => {
                let fields = vec![text("check", "note", &f.note)];
                form("check", &w.check, &w.check_help, fields, why(manages, &w.not_manager), false)
            }
            Deed::Correct => {
                let fields = vec![
                    text("correct", "departed_km", &w.departed_km),
                    text("correct", "returned_km", &w.returned_km),
                    text("correct", "reason", &f.reason),
                ];
                form("correct", &w.correct, &w.correct_help, fields, why(manages, &w.not_manager), false)
            }
            Deed::Explain => {
                let fields = vec![area("explain", "explanation", &w.explanation)];
                form("explain", &w.explain, &row.question, fields, why(manages, &w.not_manager), false)
            }
            Deed::Question => {
                let fields = vec![area("question", "question", &w.question)];
                let cannot = why(reviews, &w.not_centre);
                form("question", &w.ask_question, &w.ask_question_help, fields, cannot, false)
            }
            _ => {
                let fields = vec![text("withdraw", "reason", &f.reason)];
                form("withdraw", &w.withdraw, &none, fields, why(asked || manages, &w.not_asker), true)
            }
        });
    }
    blocks
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((number, deed)): Path<(String, String)>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let faults = match figures(&frame, &typed) {
        Err(faults) => faults,
        Ok(figures) => match go(&app, &ctx, &number, &deed, &typed, figures).await {
            Ok(row) => return Ok(to(&format!("/vehicles/trips/{}", row.number), "done")),
            Err(error) => picks::refused(error, &FIELDS)?,
        },
    };
    page(&app, &ctx, frame, &number, String::new(), Beside { deed, typed, faults }).await
}

fn figures(frame: &Frame, typed: &Typed) -> Result<Figures, Faults> {
    Ok(Figures {
        departed_km: whole(frame, typed, "departed_km")?,
        returned_km: whole(frame, typed, "returned_km")?,
        returned_at: None,
    })
}

async fn go(
    app: &App,
    ctx: &Ctx,
    number: &str,
    deed: &str,
    typed: &Typed,
    figures: Figures,
) -> Result<trip::Model, ApiError> {
    let (ctx, number, version) = (ctx.clone(), number.to_owned(), Some(typed.version()));
    let text = |field: &str| typed.get(field).to_owned();
    match deed {
        "check" => {
            let note = text("note");
            Ok(app.write(move |db| async move { months::check(&db, &ctx, &number, version, &note).await }).await?)
        }
        "correct" => {
            let reason = text("reason");
            let done = app
                .write(move |db| async move { months::correct(&db, &ctx, &number, version, &figures, &reason).await });
            Ok(done.await?)
        }
        "question" => {
            let asked = text("question");
            Ok(app.write(move |db| async move { months::question(&db, &ctx, &number, version, &asked).await }).await?)
        }
        "explain" => {
            let said = text("explanation");
            Ok(app.write(move |db| async move { months::explain(&db, &ctx, &number, version, &said).await }).await?)
        }
        "withdraw" => {
            let reason = text("reason");
            Ok(app
                .write(move |db| async move { service::withdraw(&db, &ctx, &number, version, &reason).await })
                .await?)
        }
        _ => Err(ApiError::NotFound("没有这个地址".to_owned())),
    }
}
