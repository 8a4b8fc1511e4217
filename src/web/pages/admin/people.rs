//! People: the list, and a person with what they keep.

use axum::Form;
use axum::extract::State;
use axum::response::Response;
use uuid::Uuid;

use super::board::{Block, Board, Field, Form as Sheet, Kind, Step, Table, Td};
use super::shared::{
    Listing, Typed, among, duty_word, kind_word, listing_page, refused, said, standing, to, unit_choices, wanted_state,
};
use crate::access::entity::account::{self, AccountState};
use crate::access::{Action, accounts, permit, permit_somewhere, reach};
use crate::db::DbError;
use crate::db::order::By;
use crate::items::search;
use crate::kernel::Ctx;
use crate::kernel::ids::{PersonId, UnitId};
use crate::org::entity::person::{self, Duty, PersonKind};
use crate::org::entity::place;
use crate::org::people::{self, NewPerson, PersonChange};
use crate::org::{Directory, OrgError, units};
use crate::web::extract::{Path, Query};
use crate::web::pages::form::Faults;
use crate::web::pages::parts::{self, PAGE, SHEET_ROWS, cut};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};

/// Things that a person's page shows; the rest is behind the link.
const FEW: u64 = 20;
const FIELDS: [&str; 5] = ["badge_number", "name", "unit_id", "duty", "kind"];
const DUTIES: [(&str, Duty); 4] = [
    ("head", Duty::Head),
    ("supervising_leader", Duty::SupervisingLeader),
    ("asset_manager", Duty::AssetManager),
    ("member", Duty::Member),
];
const KINDS: [(&str, PersonKind); 3] =
    [("officer", PersonKind::Officer), ("auxiliary", PersonKind::Auxiliary), ("civilian", PersonKind::Civilian)];

/// What the list can be sorted by.
const WAYS: [(&str, By<person::Column>); 5] = [
    ("name", By::Full(person::Column::Name)),
    ("badge", By::Text(person::Column::BadgeNumber)),
    ("unit", By::Of(person::Column::UnitId, "units", "name")),
    ("duty", By::Full(person::Column::Duty)),
    ("kind", By::Full(person::Column::Kind)),
];

pub(super) async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::OrgRead)?;
    let right = reach(&ctx, Action::OrgRead);
    let those = among(&right, asked.id("unit"));
    let (text, wanted) = (asked.sought("q")?, wanted_state(&asked));
    let sheet = asked.get("as") == "xlsx";
    let limit = if sheet { SHEET_ROWS } else { PAGE + 1 };
    let (db, after) = (app.db().read(), if sheet { None } else { asked.id("after") });
    let order = parts::order(&frame, &WAYS, after.map(PersonId::into));
    let mut rows = match &order {
        Some(order) => people::sorted(db, those, text.as_deref(), wanted, order, limit).await?,
        None => people::page(db, those, text.as_deref(), wanted, after, limit).await?,
    };
    if sheet {
        return file(&app, &frame, rows).await;
    }
    let next = cut(&mut rows, PAGE, |row| row.id.to_string());
    let names = Directory::load_some(db, &[], &[]).await?;
    let (w, s) = (&frame.words.admin.people, &frame.words.admin.shared);
    let mut table = Table::new(&[&w.name, &w.badge, &w.unit, &w.duty, &w.kind, &s.state]);
    for row in &rows {
        table.rows.push(vec![
            Td::link(row.name.clone(), format!("/people/{}", row.id)),
            Td::mono(row.badge_number.clone().unwrap_or_default()),
            Td::link(names.unit_name(row.unit_id), format!("/units/{}", row.unit_id)),
            duty_word(&frame, row.duty).into(),
            kind_word(&frame, row.kind).into(),
            standing(&frame, row.active),
        ]);
    }
    (table.next, table.paged, table.sorts) =
        (next, true, &[(0, "name"), (1, "badge"), (2, "unit"), (3, "duty"), (4, "kind")]);
    let unit = asked.id("unit").map(|unit| names.unit_name(unit).to_owned());
    let listing = Listing {
        path: "/people",
        icon: "users",
        title: &w.title,
        title_of: &w.title_of,
        find: &w.find,
        unit: &w.unit,
        none: &w.none,
        none_help: &w.none_help,
        new: &w.new,
        more: None,
    };
    let units = unit_choices(&app, &right).await?;
    Ok(listing_page(frame, &listing, &asked, unit, units, table))
}

/// The list as a workbook.
async fn file(app: &App, frame: &Frame, rows: Vec<person::Model>) -> Result<Response, ApiError> {
    let names = Directory::load_some(app.db().read(), &[], &[]).await?;
    let w = &frame.words.admin.people;
    let s = &frame.words.admin.shared;
    let head = [&w.name, &w.badge, &w.unit, &w.duty, &w.kind, &s.state].map(String::as_str);
    let lines: Vec<Vec<parts::Cell>> = rows
        .into_iter()
        .map(|row| {
            let state = if row.active { &s.open } else { &s.closed };
            let unit = names.unit_name(row.unit_id).to_owned();
            let (duty, kind) = (duty_word(frame, row.duty).to_owned(), kind_word(frame, row.kind).to_owned());
            let badge = row.badge_number.unwrap_or_default();
            [row.name, badge, unit, duty, kind, state.clone()].map(parts::Cell::from).to_vec()
        })
        .collect();
    let name: &'static str = &frame.words.nav.people;
    let made = tokio::task::spawn_blocking(move || parts::sheet(name, &head, lines.into_iter())).await;
    Ok(parts::workbook(&format!("{name}.xlsx"), made.map_err(|_| ApiError::Internal)??))
}

async fn seen(app: &App, ctx: &Ctx, id: Uuid) -> Result<person::Model, ApiError> {
    permit_somewhere(ctx, Action::OrgRead)?;
    let found = people::by_id(app.db().read(), PersonId(id)).await?;
    let seen = found.filter(|row| reach(ctx, Action::OrgRead).covers(Some(row.unit_id)));
    seen.ok_or_else(|| OrgError::NotFound("人员").into())
}

pub(super) async fn one(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let row = seen(&app, &ctx, id).await?;
    let unit = units::by_id(app.db().read(), row.unit_id).await?.map(|unit| unit.name).unwrap_or_default();
    let (w, s) = (&frame.words.admin.people, &frame.words.admin.shared);
    let facts = vec![
        (w.badge.clone(), Td::mono(row.badge_number.clone().unwrap_or_default())),
        (w.unit.clone(), Td::link(unit, format!("/units/{}", row.unit_id))),
        (w.duty.clone(), duty_word(&frame, row.duty).into()),
        (w.kind.clone(), kind_word(&frame, row.kind).into()),
        (s.state.clone(), standing(&frame, row.active)),
    ];
    let mut blocks = vec![Block { title: w.facts.clone(), facts, ..Block::default() }];
    blocks.extend(things(&app, &ctx, &frame, &row).await?);
    blocks.push(rooms(&app, &ctx, &frame, &row).await?);
    let mut steps = Vec::new();
    if row.active && frame.may(Action::AssetsHold) {
        let text = frame.words.movements.hand.title.clone();
        steps.push(Step { text, href: format!("/assets/movements/handover?from={id}"), ..Step::default() });
    }
    if frame.may(Action::AccountsRead) {
        blocks.push(account_block(&app, &ctx, &frame, &row, &mut steps).await?);
    }
    let step = |text: &String, href: String, may: bool| Step {
        text: text.clone(),
        href,
        why: match (may, row.active) {
            (false, _) => s.not_yours.clone(),
            (true, false) => w.has_left.clone(),
            (true, true) => String::new(),
        },
        ..Step::default()
    };
    steps.push(step(&w.close, format!("/people/{id}/close"), frame.may(Action::PersonClose)));
    let may = permit(&ctx, Action::OrgWrite, Some(row.unit_id)).is_ok();
    steps.push(Step { primary: true, ..step(&w.edit, format!("/people/{id}/edit"), may) });
    let (said, back) = (said(&frame, &asked), ("/people".to_owned(), frame.words.nav.people.clone()));
    Ok(Board { said, back, steps, blocks, ..Board::new(frame, row.name) }.answer())
}

/// What they keep, for whoever may see it.
async fn things(app: &App, ctx: &Ctx, frame: &Frame, row: &person::Model) -> Result<Option<Block>, ApiError> {
    if !frame.may(Action::ItemsRead) {
        return Ok(None);
    }
    let wanted = search::Search {
        keeper: Some(row.id),
        among: reach(ctx, Action::ItemsRead).units(),
        ..search::Search::default()
    };
    let rows = search::list(app.db().read(), &wanted, FEW).await?;
    let w = &frame.words.admin.people;
    let mut block = Block { title: w.keeps.clone(), table: Some(things_table(frame, rows)), ..Block::default() };
    if block.table.as_ref().is_some_and(|table| !table.rows.is_empty()) {
        block.more = (format!("/items?keeper={}", row.id), w.all_things.clone());
    }
    Ok(Some(block))
}

/// A short list of things.
pub(super) fn things_table(frame: &Frame, rows: Vec<search::Listed>) -> Table {
    let w = &frame.words.admin.people;
    let mut table = Table::new(&[&w.number, &w.thing, &w.unit, &w.place, &w.keeper]);
    table.empty.1.clone_from(&w.keeps_nothing);
    for thing in rows {
        let href = format!("/items/{}", crate::web::pages::form::in_query(&thing.item_number).replace('/', "%2F"));
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(thing.item_number, href) },
            Td::from(thing.name).because(thing.specification),
            thing.unit.into(),
            thing.place.unwrap_or_default().into(),
            thing.keeper.unwrap_or_default().into(),
        ]);
    }
    table
}

/// The places they answer for.
async fn rooms(app: &App, ctx: &Ctx, frame: &Frame, row: &person::Model) -> Result<Block, ApiError> {
    let w = &frame.words.admin.people;
    let mut query =
        place::Entity::find().filter(place::Column::KeeperId.eq(row.id)).filter(place::Column::Active.eq(true));
    if let Some(units) = reach(ctx, Action::OrgRead).units() {
        query = query.filter(place::Column::UnitId.is_in(units));
    }
    let kept = query.order_by_asc(place::Column::Code).limit(200).all(app.db().read()).await.map_err(DbError::from)?;
    let mut table = Table::new(&[&w.place_code, &w.place]);
    table.empty.1.clone_from(&w.keeps_no_place);
    for one in kept {
        table.rows.push(vec![Td::mono(one.code), Td::link(one.name, format!("/places/{}", one.id))]);
    }
    Ok(Block { title: w.places.clone(), table: Some(table), ..Block::default() })
}

/// Their account and what it may do; the way to one, when they have none.
async fn account_block(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    row: &person::Model,
    steps: &mut Vec<Step>,
) -> Result<Block, ApiError> {
    let w = &frame.words.admin.people;
    let theirs = account::Entity::find().filter(account::Column::PersonId.eq(row.id));
    let theirs = theirs.order_by_desc(account::Column::Id).all(app.db().read()).await.map_err(DbError::from)?;
    let mut table = Table::new(&[&w.login, &frame.words.admin.shared.state, &w.roles]);
    table.empty.1.clone_from(&w.no_account);
    for one in &theirs {
        let listed = accounts::show(app.db(), ctx, one.id).await?;
        let roles: Vec<&str> =
            listed.grants.iter().map(|grant| frame.either(grant.role.zh(), grant.role.name())).collect();
        table.rows.push(vec![
            Td::link(one.login.clone(), format!("/accounts/{}", one.id)),
            super::accounts::state(frame, &listed, ctx.now()),
            roles.join(frame.either("、", ", ")).into(),
        ]);
    }
    if row.active && theirs.iter().all(|one| one.state == AccountState::Closed) && frame.may(Action::AccountsWrite) {
        let href = format!("/accounts/new?person={}", written_of(row));
        steps.push(Step { text: w.open_account.clone(), href, ..Step::default() });
    }
    if row.active && frame.may(Action::AccountsWrite) {
        let href = format!("/people/{}/certificate", row.id);
        steps.push(Step { text: w.link.clone(), href, ..Step::default() });
    }
    Ok(Block { title: w.account.clone(), table: Some(table), ..Block::default() })
}

/// What a form for a new account is filled in with, so that it finds this person again.
fn written_of(row: &person::Model) -> String {
    crate::web::pages::form::in_query(row.badge_number.as_deref().unwrap_or(&row.name))
}

pub(super) async fn new(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(typed): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    form(&app, &ctx, frame, None, &typed, &Faults::default()).await
}

async fn form(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    row: Option<&person::Model>,
    typed: &Typed,
    faults: &Faults,
) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::OrgWrite)?;
    let w = &frame.words.admin.people;
    let mut own = unit_choices(app, &reach(ctx, Action::OrgWrite)).await?;
    own.insert(0, (String::new(), frame.words.admin.shared.choose.clone()));
    let duties = DUTIES.map(|(name, duty)| (name.to_owned(), duty_word(&frame, duty).to_owned())).to_vec();
    let kinds = KINDS.map(|(name, kind)| (name.to_owned(), kind_word(&frame, kind).to_owned())).to_vec();
    let or = |value: &str, otherwise: &str| if value.is_empty() { otherwise.to_owned() } else { value.to_owned() };
    let mut sheet = Sheet {
        action: row.map_or_else(|| "/people/new".to_owned(), |row| format!("/people/{}/edit", row.id)),
        fields: vec![
            Field::text("name", &w.name, typed.get("name"), faults),
            Field::text("badge_number", &w.badge, typed.get("badge_number"), faults).help(&w.badge_help),
            Field::choice("unit_id", &w.unit, own, typed.get("unit_id"), faults),
            Field::choice("duty", &w.duty, duties, &or(typed.get("duty"), "member"), faults),
            Field {
                kind: Kind::Choice(kinds),
                ..Field::text("kind", &w.kind, &or(typed.get("kind"), "officer"), faults)
            },
        ],
        submit: frame.words.common.save.clone(),
        general: faults.general().to_owned(),
        cancel: row.map_or_else(|| "/people".to_owned(), |row| format!("/people/{}", row.id)),
        ..Sheet::default()
    };
    sheet.hidden.extend(row.map(|_| ("version".to_owned(), typed.get("version").to_owned())));
    let title = row.map_or_else(|| w.new.clone(), |row| w.editing.replace("{name}", &row.name));
    let back = ("/people".to_owned(), frame.words.nav.people.clone());
    let block = Block { form: Some(sheet), ..Block::default() };
    Ok(Board { back, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

/// What was typed of a person; the unit may be missing.
fn read(typed: &Typed, frame: &Frame) -> Result<NewPerson, Faults> {
    let badge = typed.get("badge_number");
    let duty = DUTIES.iter().find(|(name, _)| *name == typed.get("duty")).map(|(_, duty)| *duty);
    let kind = KINDS.iter().find(|(name, _)| *name == typed.get("kind")).map(|(_, kind)| *kind);
    let unit = typed.id::<UnitId>("unit_id");
    Ok(NewPerson {
        badge_number: (!badge.is_empty()).then(|| badge.to_owned()),
        name: typed.get("name").to_owned(),
        unit: unit.ok_or_else(|| Faults::at("unit_id", frame.words.admin.shared.choose.clone()))?,
        duty: duty.unwrap_or(Duty::Member),
        kind: kind.unwrap_or(PersonKind::Officer),
    })
}

pub(super) async fn create(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::OrgWrite)?;
    let new = match read(&typed, &frame) {
        Ok(new) => new,
        Err(faults) => return form(&app, &ctx, frame, None, &typed, &faults).await,
    };
    let asker = ctx.clone();
    match app.write(move |db| async move { people::create(&db, &asker, new).await }).await {
        Ok(row) => Ok(to(&format!("/people/{}", row.id), "created")),
        Err(error) => form(&app, &ctx, frame, None, &typed, &refused(error, &FIELDS)?).await,
    }
}

pub(super) async fn edit(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let row = seen(&app, &ctx, id).await?;
    permit(&ctx, Action::OrgWrite, Some(row.unit_id))?;
    let duty = DUTIES.iter().find(|(_, duty)| *duty == row.duty).map_or("", |(name, _)| name);
    let kind = KINDS.iter().find(|(_, kind)| *kind == row.kind).map_or("", |(name, _)| name);
    let typed = Typed::of(&[
        ("name", &row.name),
        ("badge_number", row.badge_number.as_deref().unwrap_or_default()),
        ("unit_id", &row.unit_id.to_string()),
        ("duty", duty),
        ("kind", kind),
        ("version", &row.version.to_string()),
    ]);
    form(&app, &ctx, frame, Some(&row), &typed, &Faults::default()).await
}

pub(super) async fn change(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    let row = seen(&app, &ctx, id).await?;
    permit(&ctx, Action::OrgWrite, Some(row.unit_id))?;
    let new = match read(&typed, &frame) {
        Ok(new) => new,
        Err(faults) => return form(&app, &ctx, frame, Some(&row), &typed, &faults).await,
    };
    let change = PersonChange {
        badge_number: Some(new.badge_number),
        name: Some(new.name),
        unit: Some(new.unit),
        duty: Some(new.duty),
        kind: Some(new.kind),
    };
    let (asker, version) = (ctx.clone(), typed.version());
    match app.write(move |db| async move { people::change(&db, &asker, PersonId(id), version, &change).await }).await {
        Ok(_) => Ok(to(&format!("/people/{id}"), "saved")),
        Err(error) => form(&app, &ctx, frame, Some(&row), &typed, &refused(error, &FIELDS)?).await,
    }
}
