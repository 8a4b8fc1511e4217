//! Handing over all that somebody has, signed by two.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};

use crate::access::{Action, permit_somewhere, reach};
use crate::assets::movements::handing::{self, HandOver, kept_by};
use crate::items::entity::item;
use crate::kernel::Ctx;
use crate::org::entity::person;
use crate::web::api::accounts::CoSignature;
use crate::web::extract::Query;
use crate::web::layers::Visit;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Kind};
use crate::web::pages::admin::shared::{Typed, refused_signed, signer_fields};
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 4] = ["numbers", "to_keeper", "to_place", "reason"];

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    form(&app, &ctx, frame, &asked, &Faults::default()).await
}

/// Who gives: whoever is named, else whoever looks.
async fn giver(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    typed: &Typed,
) -> Result<Result<Option<person::Model>, String>, ApiError> {
    match (typed.get("from"), ctx.person()) {
        ("", Some(me)) => Ok(Ok(crate::org::people::by_id(app.db().read(), me).await?)),
        (written, _) => picks::person(app, ctx, frame, written).await,
    }
}

/// The things of a giver, where whoever looks may see them.
async fn things(app: &App, ctx: &Ctx, giver: &person::Model) -> Result<Vec<item::Model>, ApiError> {
    let right = reach(ctx, Action::ItemsRead);
    let mut kept = kept_by(app.db().read(), giver.id).await?;
    kept.retain(|thing| right.covers(Some(thing.unit_id)));
    Ok(kept)
}

async fn form(app: &App, ctx: &Ctx, frame: Frame, typed: &Typed, faults: &Faults) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::AssetsHold)?;
    let (w, a) = (&frame.words.movements.hand, &frame.words.movements.ask);
    let (giver, mut faults) = match giver(app, ctx, &frame, typed).await? {
        Ok(giver) => (giver, faults.clone()),
        Err(text) => (None, Faults::at("from", text)),
    };
    let kept = match &giver {
        Some(giver) => things(app, ctx, giver).await?,
        None => Vec::new(),
    };
    let mut block = Block { notes: vec![w.lead.clone()], ..Block::default() };
    if !faults.of("from").is_empty() {
        block.alert = Some(("danger", faults.of("from").to_owned()));
        faults = Faults::default();
    }
    if let Some(giver) = giver.as_ref().filter(|_| !kept.is_empty()) {
        let ticked: hashbrown::HashSet<&str> = typed.all("numbers").collect();
        let tick = |thing: &item::Model| {
            let on = ticked.is_empty() || ticked.contains(thing.item_number.as_str());
            (thing.item_number.clone(), format!("{} {}", thing.item_number, thing.name), on)
        };
        let text = |id: &str, label: &String, help: &String| Field::text(id, label, typed.get(id), &faults).help(help);
        let ticks = Field {
            kind: Kind::Ticks(kept.iter().map(tick).collect()),
            ..Field::text("numbers", &w.things, "", &faults)
        };
        let mut fields = vec![
            ticks,
            text("to_keeper", &w.to, &w.to_help),
            text("to_place", &w.place, &w.place_help),
            text("reason", &w.reason, &w.reason_help),
        ];
        fields.extend(signer_fields(&frame, typed, &faults));
        block.notes.push(w.signer_help.clone());
        block.title = format!("{}{}{}", w.from, frame.either("：", ": "), giver.name);
        block.form = Some(Sheet {
            action: "/assets/movements/handover".to_owned(),
            hidden: vec![("from".to_owned(), giver.id.to_string())],
            fields,
            submit: w.submit.clone(),
            general: faults.general().to_owned(),
            cancel: "/assets/movements".to_owned(),
            ..Sheet::default()
        });
    } else if let Some(giver) = &giver {
        block.notes.push(w.none_of.replace("{name}", &giver.name));
    } else {
        block.notes.push(w.none.clone());
    }
    let filters = vec![Field::filter(&frame, "from", &w.from).help(&a.to_keeper_help)];
    let title = w.title.clone();
    Ok(Board { filters, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn take(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::AssetsHold)?;
    let new = match read(&app, &ctx, &frame, &typed).await? {
        Ok(new) => new,
        Err(faults) => return form(&app, &ctx, frame, &typed, &faults).await,
    };
    let done = async {
        let ctx = CoSignature::sign(typed.signature(), &app, &visit, ctx.clone()).await?;
        app.write(move |db| async move { handing::hand_over(&db, &ctx, &new).await }).await
    };
    match done.await {
        Ok(rows) => {
            let number = rows.first().map(|row| row.number.clone()).unwrap_or_default();
            Ok(Redirect::to(&format!("/assets/movements/{number}?said=done")).into_response())
        }
        Err(ApiError::Invalid { field: Some(field), reason }) if field.ends_with("_id") => {
            let faults = Faults::at(field.trim_end_matches("_id"), reason);
            form(&app, &ctx, frame, &typed, &faults).await
        }
        Err(error) => {
            let faults = refused_signed(error, &FIELDS)?;
            form(&app, &ctx, frame, &typed, &faults).await
        }
    }
}

async fn read(app: &App, ctx: &Ctx, frame: &Frame, typed: &Typed) -> Result<Result<HandOver, Faults>, ApiError> {
    let wrong = |field: &str, text: String| Ok(Err(Faults::at(field, text)));
    let w = &frame.words.movements.hand;
    let from = match giver(app, ctx, frame, typed).await? {
        Ok(Some(giver)) => giver,
        Ok(None) => return wrong("", w.none.clone()),
        Err(text) => return wrong("", text),
    };
    let to = match picks::person(app, ctx, frame, typed.get("to_keeper")).await? {
        Ok(Some(person)) => person.id,
        Ok(None) => return wrong("to_keeper", w.to_help.clone()),
        Err(text) => return wrong("to_keeper", text),
    };
    let place = match picks::place(app, ctx, frame, typed.get("to_place")).await? {
        Ok(place) => place.map(|place| place.id),
        Err(text) => return wrong("to_place", text),
    };
    let numbers: Vec<String> = typed.all("numbers").map(str::to_owned).collect();
    if numbers.is_empty() {
        return wrong("numbers", frame.words.common.none_selected.clone());
    }
    Ok(Ok(HandOver { from: from.id, to, numbers, place, reason: typed.get("reason").to_owned() }))
}
