//! The card of a thing: what it is worth, what is still lacking, the form.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::access::{Action, permit, permit_somewhere};
use crate::assets::card::entity::card;
use crate::assets::card::fields::{self, FIELDS, Of, What};
use crate::assets::card::kinds::Form;
use crate::assets::card::service::{self, Edit};
use crate::items::correcting::Facts;
use crate::items::entity::item;
use crate::items::model::ItemKind;
use crate::kernel::{Ctx, Fen};
use crate::org::Directory;
use crate::web::api::assets::card_views::WorthView;
use crate::web::api::assets::cards::worth;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Kind as How, Td};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::duties::names::spaced;
use crate::web::pages::form::{Faults, in_query};
use crate::web::pages::items::{at, picks};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// The fields of the thing itself.
const OF_ITEM: [&str; 8] =
    ["name", "specification", "serial_number", "brand", "measure_unit", "class_code", "value", "acquired_on"];
/// Fields of the card that are about money and the books.
const OF_MONEY: [&str; 9] = [
    "valuation",
    "fiscal_fen",
    "non_fiscal_fen",
    "booking",
    "booked_on",
    "voucher",
    "account_subject",
    "depreciation",
    "life_years",
];

fn card_at(number: &str) -> String {
    format!("/assets/cards/{}", in_query(number))
}

/// What the page of a thing shows of its card.
#[derive(Debug)]
pub(in crate::web::pages) struct Asset {
    pub(in crate::web::pages) href: String,
    pub(in crate::web::pages) link: String,
    /// Name and value.
    pub(in crate::web::pages) facts: Vec<(String, String)>,
    pub(in crate::web::pages) gaps: String,
}

/// The card for the page of its thing; `None` for what another ledger keeps.
pub(in crate::web::pages) async fn asset(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    thing: &item::Model,
) -> Result<Option<Asset>, ApiError> {
    if !matches!(thing.kind, ItemKind::FixedAsset | ItemKind::Vehicle) {
        return Ok(None);
    }
    let card = service::of(app.db().read(), thing).await?;
    let worth = worth(app, thing, &card, ctx.now().day()).await?;
    let w = &frame.words.cards.card;
    let filled = card.version > 0;
    let mut facts = worth_facts(frame, &worth);
    if filled {
        for name in ["acquisition", "booked_on", "fiscal_fen", "non_fiscal_fen", "plate", "location"] {
            let Some(field) = fields::by_name(name).filter(|field| field.is_of(card.form)) else { continue };
            let text = fields::shown(&card, field);
            if !text.is_empty() {
                facts.push((label(frame, field), text));
            }
        }
    }
    let gaps: Vec<&str> = card.gaps(thing).into_iter().map(|(_, name)| name).collect();
    let gaps = if filled && !gaps.is_empty() { w.gaps.replace("{gaps}", &gaps.join("、")) } else { String::new() };
    let may = permit(ctx, Action::AssetsCard, Some(thing.unit_id)).is_ok() && !thing.state.is_gone();
    let link = match (filled, may) {
        (false, true) => w.fill.clone(),
        (true, true) => w.edit.clone(),
        _ => w.heading.clone(),
    };
    Ok(Some(Asset { href: card_at(&thing.item_number), link, facts, gaps }))
}

fn label(frame: &Frame, field: &fields::Field) -> String {
    let english = spaced(field.name.trim_end_matches("_fen").trim_end_matches("_centi"));
    frame.either(field.zh, &english).to_owned()
}

fn yuan(fen: i64) -> String {
    Fen(fen).to_string()
}

fn worth_facts(frame: &Frame, worth: &WorthView) -> Vec<(String, String)> {
    let w = &frame.words.cards.card;
    let standing = crate::assets::depreciation::Standing::from(worth.standing);
    let mut facts = vec![
        (w.value.clone(), yuan(worth.value_fen)),
        (w.accumulated.clone(), yuan(worth.accumulated_fen)),
        (w.net.clone(), yuan(worth.net_fen)),
        (w.standing.clone(), frame.either(standing.zh(), &spaced(standing.as_str())).to_owned()),
    ];
    if let Some(months) = worth.life_months {
        facts.push((w.life.clone(), w.months.replace("{months}", &months.to_string())));
        facts.push((w.monthly.clone(), yuan(worth.monthly_fen)));
    }
    if let Some(last) = worth.last_month {
        facts.push((w.last.clone(), last.format("%Y-%m").to_string()));
    }
    facts
}

/// What stands in the form when nobody has typed.
fn typed_of(thing: &item::Model, card: &card::Model) -> Vec<(String, String)> {
    let mut typed: Vec<(String, String)> =
        FIELDS.iter().map(|field| (field.name.to_owned(), fields::get(card, field.name))).collect();
    let day = thing.acquired_on.map(|day| day.to_string()).unwrap_or_default();
    let own = [
        ("name", thing.name.clone()),
        ("specification", thing.specification.clone()),
        ("serial_number", thing.serial_number.clone()),
        ("brand", thing.brand.clone()),
        ("measure_unit", thing.measure_unit.clone()),
        ("class_code", thing.class_code.clone()),
        ("value", thing.value_fen.plain()),
        ("acquired_on", day),
        ("managing_unit", card.managing_unit_id.map(|unit| unit.to_string()).unwrap_or_default()),
        ("version", card.version.to_string()),
    ];
    typed.extend(own.map(|(name, text)| (name.to_owned(), text)));
    typed
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let said = if asked.get("said") == "saved" { frame.words.cards.card.said.clone() } else { String::new() };
    page(&app, &ctx, frame, &number, said, None, Faults::default()).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    number: &str,
    said: String,
    typed: Option<Typed>,
    faults: Faults,
) -> Result<Response, ApiError> {
    let db = app.db().read();
    let (thing, card) = service::show(db, ctx, number).await?;
    let worth = worth(app, &thing, &card, ctx.now().day()).await?;
    let w = &frame.words.cards.card;
    let mut facts: Vec<(String, Td)> =
        worth_facts(&frame, &worth).into_iter().map(|(name, text)| (name, text.into())).collect();
    facts.push((w.source.clone(), Td::from(worth.source.clone()).quoted()));
    if !card.old_class_code.is_empty() {
        facts.push((w.old_code.clone(), Td::mono(card.old_class_code.clone())));
    }
    let gaps: Vec<&str> = card.gaps(&thing).into_iter().map(|(_, name)| name).collect();
    let (look, text) = match (card.version, gaps.is_empty()) {
        (0, _) => ("info", w.empty.clone()),
        (_, true) => ("success", w.no_gaps.clone()),
        (_, false) => ("warning", w.gaps.replace("{gaps}", &gaps.join("、"))),
    };
    let mut blocks = vec![Block { title: w.worth.clone(), facts, alert: Some((look, text)), ..Block::default() }];
    let may = permit(ctx, Action::AssetsCard, Some(thing.unit_id)).is_ok() && !thing.state.is_gone();
    if may {
        let stands = typed_of(&thing, &card);
        let stands: Vec<(&str, &str)> = stands.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let typed = typed.unwrap_or_else(|| Typed::of(&stands));
        blocks.push(Block {
            title: if card.version == 0 { w.fill.clone() } else { w.edit.clone() },
            form: Some(form(app, ctx, &frame, &thing, &card, &typed, &faults).await?),
            ..Block::default()
        });
    } else {
        blocks.push(Block { title: w.facts.clone(), facts: read_only(app, &frame, &card).await?, ..Block::default() });
    }
    let title = w.title.replace("{number}", &thing.item_number);
    let back = (at(&thing.item_number), thing.name.clone());
    let lead = w.lead.clone();
    Ok(Board { back, lead, said, blocks, ..Board::new(frame, title) }.answer())
}

async fn read_only(app: &App, frame: &Frame, card: &card::Model) -> Result<Vec<(String, Td)>, ApiError> {
    let names = Directory::load_some(app.db().read(), &[], &[]).await?;
    let mut facts: Vec<(String, Td)> = FIELDS
        .iter()
        .filter(|field| field.is_of(card.form))
        .map(|field| (label(frame, field), Td::from(fields::shown(card, field))))
        .collect();
    let managing = card.managing_unit_id.map_or("", |unit| names.unit_name(unit));
    facts.push((frame.words.cards.card.managing_unit.clone(), managing.into()));
    facts.retain(|(_, td)| !td.text.is_empty());
    Ok(facts)
}

fn of_card(frame: &Frame, field: &fields::Field, typed: &Typed, faults: &Faults) -> Field {
    let (label, value) = (label(frame, field), typed.get(field.name));
    let choices = |words: &[(&str, &str)], blank: bool| {
        let none = blank.then(|| (String::new(), "—".to_owned()));
        let of = words.iter().map(|(name, zh)| ((*name).to_owned(), frame.either(zh, &spaced(name)).to_owned()));
        none.into_iter().chain(of).collect()
    };
    match field.what {
        What::Day => Field::input(field.name, &label, "date", value, faults),
        What::Choice(words) => {
            let always = matches!(field.name, "form" | "valuation" | "booking" | "depreciation");
            Field::choice(field.name, &label, choices(words, !always), value, faults)
        }
        What::YesNo => {
            let blank = field.name == "has_licence";
            let c = &frame.words.common;
            let none = blank.then(|| (String::new(), "—".to_owned()));
            let both = [("是", &c.yes), ("否", &c.no)].map(|(value, word)| (value.to_owned(), word.clone()));
            Field::choice(field.name, &label, none.into_iter().chain(both).collect(), value, faults)
        }
        What::Text | What::Money | What::Number | What::Area => Field::text(field.name, &label, value, faults),
    }
}

async fn form(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    thing: &item::Model,
    card: &card::Model,
    typed: &Typed,
    faults: &Faults,
) -> Result<Sheet, ApiError> {
    let w = &frame.words.cards.card;
    let units = picks::Picks::load(app, ctx, "—").await?.units;
    let head = |text: &String| Field { kind: How::Heading, label: text.clone(), ..Field::default() };
    // The fields of the form that was chosen, though it was refused for lack of them.
    let chosen = Form::from_office_text(typed.get("form")).unwrap_or(card.form);
    let text = |id: &str, label: &String| Field::text(id, label, typed.get(id), faults);
    let mut all = vec![
        head(&w.of_item),
        text("name", &w.name),
        text("specification", &w.specification),
        text("serial_number", &w.serial_number),
        text("brand", &w.brand),
        text("measure_unit", &w.measure_unit),
        text("class_code", &w.class_code).help(&w.class_help),
        text("value", &w.value).help(&w.value_help),
        Field::input("acquired_on", &w.acquired_on, "date", typed.get("acquired_on"), faults),
    ];
    let of = |wanted: &dyn Fn(&fields::Field) -> bool| -> Vec<Field> {
        let mine = FIELDS.iter().filter(|field| wanted(field));
        mine.map(|field| of_card(frame, field, typed, faults)).collect()
    };
    let is_money = |field: &fields::Field| OF_MONEY.contains(&field.name);
    all.push(head(&w.of_money));
    all.extend(of(&is_money));
    let from = Field::input("from", &w.from, "date", typed.get("from"), faults);
    all.push(from.help(&w.from_help));
    for (title, group) in [
        (&w.of_vehicle, &[Of::Vehicle][..]),
        (&w.of_building, &[Of::Immovable, Of::Building][..]),
        (&w.of_furniture, &[Of::Furniture][..]),
    ] {
        let mine = of(&|field: &fields::Field| group.contains(&field.of) && field.is_of(chosen));
        if !mine.is_empty() {
            all.push(head(title));
            all.extend(mine);
        }
    }
    all.push(head(&w.of_rest));
    all.extend(of(&|field: &fields::Field| field.of == Of::All && !is_money(field)));
    all.push(Field::choice("managing_unit", &w.managing_unit, units, typed.get("managing_unit"), faults));
    all.push(text("reason", &w.reason));
    Ok(Sheet {
        action: card_at(&thing.item_number),
        fields: all,
        hidden: vec![("version".to_owned(), typed.get("version").to_owned())],
        submit: w.submit.clone(),
        general: faults.general().to_owned(),
        cancel: at(&thing.item_number),
        ..Sheet::default()
    })
}

/// What was typed, as a card; the field and why not.
fn read(typed: &Typed, thing: &item::Model, before: card::Model) -> Result<Edit, (String, String)> {
    let mut card = before;
    let form = typed.get("form").to_owned();
    fields::set(&mut card, "form", &form).map_err(|why| ("form".to_owned(), why))?;
    for field in FIELDS {
        // What another form has is not in the form that was sent, and goes when the form is another now.
        let text = if field.is_of(card.form) { typed.get(field.name) } else { "" };
        fields::set(&mut card, field.name, text).map_err(|why| (field.name.to_owned(), why))?;
    }
    card.managing_unit_id = typed.id("managing_unit");
    let day = |id: &str| match typed.get(id) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| (id.to_owned(), "应为日期，如 2024-03-05".to_owned())),
    };
    let value = match typed.get("value") {
        "" => Fen::ZERO,
        text => Fen::parse_yuan(text).map_err(|error| ("value".to_owned(), error.to_string()))?,
    };
    let own = |id: &str, is: &str| Some(typed.get(id).to_owned()).filter(|text| text != is);
    let facts = Facts {
        name: own("name", &thing.name),
        specification: own("specification", &thing.specification),
        serial_number: own("serial_number", &thing.serial_number),
        brand: own("brand", &thing.brand),
        measure_unit: own("measure_unit", &thing.measure_unit),
        class_code: own("class_code", &thing.class_code),
        class_name: None,
        value_fen: Some(value).filter(|value| *value != thing.value_fen),
        acquired_on: Some(day("acquired_on")?).filter(|day| *day != thing.acquired_on),
    };
    Ok(Edit { card, facts, from: day("from")?, reason: typed.get("reason").to_owned() })
}

pub(super) async fn take(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    frame: Frame,
    axum::Form(typed): axum::Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::AssetsCard)?;
    let (thing, before) = service::show(app.db().read(), &ctx, &number).await?;
    let edit = match read(&typed, &thing, before) {
        Ok(edit) => edit,
        Err((field, why)) => {
            return page(&app, &ctx, frame, &number, String::new(), Some(typed), Faults::at(&field, why)).await;
        }
    };
    let (asker, version, named) = (ctx.clone(), typed.version(), number.clone());
    let written = app.write(move |db| async move { service::set(&db, &asker, &named, Some(version), &edit).await });
    match written.await {
        Ok((thing, _)) => Ok(Redirect::to(&format!("{}?said=saved", card_at(&thing.item_number))).into_response()),
        Err(error) => {
            let known: Vec<&str> = FIELDS
                .iter()
                .map(|field| field.name)
                .chain(OF_ITEM)
                .chain(["managing_unit", "from", "reason"])
                .collect();
            // A field of the card keeps its name; only those of the thing are called otherwise in the form.
            let faults = match error {
                ApiError::Invalid { field: Some(field), reason } if known.contains(&field.as_str()) => {
                    Faults::at(&field, reason)
                }
                other => picks::refused(other, &known)?,
            };
            page(&app, &ctx, frame, &number, String::new(), Some(typed), faults).await
        }
    }
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::samples;

    samples! {
        Asset { href, link, facts, gaps }
    }
}
