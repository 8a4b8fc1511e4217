//! The tree of units; a unit, entered, changed and closed.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use hashbrown::{HashMap, HashSet};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use uuid::Uuid;

use super::board::{Block, Board, Field, Form as Sheet, Step, Table, Td};
use super::shared::{Closing, Typed, closing_page, duty_word, refused, said, standing, to, unit_choices, wanted_state};
use crate::access::{Action, permit, permit_somewhere, reach};
use crate::db::DbError;
use crate::items::{closing, store};
use crate::kernel::Ctx;
use crate::kernel::ids::{PersonId, UnitId};
use crate::kernel::text::thousands;
use crate::org::OrgError;
use crate::org::entity::person::{self, Duty};
use crate::org::entity::unit;
use crate::org::people::{self, PersonChange};
use crate::org::units::{self, NewUnit, UnitChange};
use crate::web::extract::{Path, Query};
use crate::web::pages::form::Faults;
use crate::web::pages::view::{Frame, show};
use crate::web::{ApiError, App, Caller};

/// A tree has at most so many units.
const MOST_UNITS: u64 = 10_000;
const FIELDS: [&str; 4] = ["code", "name", "kind", "parent_id"];

/// A line of the tree: a unit, and what opens and ends with it.
#[derive(Debug)]
struct Line {
    id: UnitId,
    code: String,
    name: String,
    kind: String,
    closed: bool,
    people: String,
    places: String,
    /// Blank for whoever may not see things.
    things: String,
    /// Units right below it.
    below: usize,
    /// Lists that end after it.
    ends: usize,
}

#[derive(Template)]
#[template(path = "admin/units.html")]
struct Tree {
    frame: Frame,
    title: String,
    said: String,
    why: String,
    lines: Vec<Line>,
}

pub(super) async fn tree(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::OrgRead)?;
    let db = app.db().read();
    let among = reach(&ctx, Action::OrgRead).units();
    let rows = units::page(db, among, wanted_state(&asked), None, MOST_UNITS).await?;
    let [people, places] = units::counts(db).await?;
    let things = if frame.may(Action::ItemsRead) { Some(store::counts_by_unit(db).await?) } else { None };
    let of = |counts: &HashMap<UnitId, i64>, id| thousands(counts.get(&id).copied().unwrap_or(0).unsigned_abs());
    let line = |row: unit::Model, below, ends| Line {
        people: of(&people, row.id),
        places: of(&places, row.id),
        things: things.as_ref().map(|things| of(things, row.id)).unwrap_or_default(),
        id: row.id,
        code: row.code,
        name: row.name,
        kind: row.kind,
        closed: !row.active,
        below,
        ends,
    };
    let lines = ordered(rows).into_iter().map(|(row, below, ends)| line(row, below, ends)).collect::<Vec<_>>();
    let w = &frame.words.admin.units;
    let title = w.title.replace("{count}", &thousands(lines.len() as u64));
    let why = if frame.may(Action::OrgWrite) { String::new() } else { frame.words.admin.shared.not_yours.clone() };
    Ok(show(StatusCode::OK, None, &Tree { title, said: said(&frame, &asked), why, lines, frame }))
}

/// Each unit after the one above it, with how many are right below it and how many lists end after it.
fn ordered(rows: Vec<unit::Model>) -> Vec<(unit::Model, usize, usize)> {
    let ids: HashSet<UnitId> = rows.iter().map(|row| row.id).collect();
    let mut below: HashMap<Option<UnitId>, Vec<unit::Model>> = HashMap::new();
    for row in rows {
        // A unit whose parent is out of sight stands at the top.
        below.entry(row.parent_id.filter(|parent| ids.contains(parent))).or_default().push(row);
    }
    // A unit waits with the lists that end after it and all that is below it.
    let waiting = |rows: Vec<unit::Model>, ends: usize| {
        let last = rows.len().saturating_sub(1);
        rows.into_iter().enumerate().rev().map(move |(n, row)| (row, if n == last { ends } else { 0 }))
    };
    let mut stack: Vec<(unit::Model, usize)> = waiting(below.remove(&None).unwrap_or_default(), 0).collect();
    let mut lines = Vec::with_capacity(ids.len());
    while let Some((row, ends)) = stack.pop() {
        let children = below.remove(&Some(row.id)).unwrap_or_default();
        let many = children.len();
        if many > 0 {
            stack.extend(waiting(children, ends + 1));
        }
        lines.push((row, many, if many > 0 { 0 } else { ends }));
    }
    lines
}

async fn seen(app: &App, ctx: &Ctx, id: Uuid) -> Result<unit::Model, ApiError> {
    permit_somewhere(ctx, Action::OrgRead)?;
    let found = units::by_id(app.db().read(), UnitId(id)).await?;
    let seen = found.filter(|row| reach(ctx, Action::OrgRead).covers(Some(row.id)));
    seen.ok_or_else(|| OrgError::NotFound("单位").into())
}

pub(super) async fn one(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    page(&app, &ctx, frame, id, &asked, Faults::default()).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    id: Uuid,
    asked: &Typed,
    faults: Faults,
) -> Result<Response, ApiError> {
    let row = seen(app, ctx, id).await?;
    let (db, w) = (app.db().read(), &frame.words.admin.units);
    let s = &frame.words.admin.shared;
    let mut block = Block { facts: facts(app, ctx, &frame, &row).await?, ..Block::default() };
    block.title.clone_from(&w.facts);
    let leading = person::Entity::find()
        .filter(person::Column::UnitId.eq(row.id))
        .filter(person::Column::Active.eq(true))
        .filter(person::Column::Duty.ne(Duty::Member));
    let leading = leading.order_by_asc(person::Column::Id).limit(50).all(db).await.map_err(DbError::from)?;
    let mut duties = Table::new(&[&w.duty, &w.person, &w.badge]);
    duties.empty.1.clone_from(&w.no_duties);
    for one in &leading {
        let name = Td::link(one.name.clone(), format!("/people/{}", one.id));
        duties.rows.push(vec![
            duty_word(&frame, one.duty).into(),
            name,
            Td::mono(one.badge_number.clone().unwrap_or_default()),
        ]);
    }
    let may = permit(ctx, Action::OrgWrite, Some(row.id)).is_ok();
    let mut heads = Block { title: w.duties.clone(), table: Some(duties), ..Block::default() };
    if leading.iter().filter(|one| one.duty == Duty::Head).count() > 1 {
        heads.alert = Some(("warning", w.two_heads.clone()));
    }
    if may && row.active {
        heads.form = Some(head_form(app, &frame, &row, asked, &faults).await?);
    }
    let mut below = Table::new(&[&w.code, &w.name, &w.kind]);
    below.empty.1.clone_from(&w.no_below);
    let under = unit::Entity::find().filter(unit::Column::ParentId.eq(row.id)).filter(unit::Column::Active.eq(true));
    for one in under.order_by_asc(unit::Column::Code).limit(500).all(db).await.map_err(DbError::from)? {
        let name = Td::link(one.name, format!("/units/{}", one.id));
        below.rows.push(vec![Td::mono(one.code), name, one.kind.into()]);
    }
    let below = Block { title: w.below.clone(), table: Some(below), ..Block::default() };
    let why = match (may, row.active) {
        (false, _) => s.not_yours.clone(),
        (true, false) => w.is_closed.clone(),
        (true, true) => String::new(),
    };
    let step = |text: &String, href: String| Step { text: text.clone(), href, why: why.clone(), ..Step::default() };
    let steps = vec![
        step(&w.close, format!("/units/{id}/close")),
        step(&w.new_below, format!("/units/new?parent_id={id}")),
        Step { primary: true, ..step(&w.edit, format!("/units/{id}/edit")) },
    ];
    let (said, back) = (said(&frame, asked), ("/units".to_owned(), frame.words.nav.units.clone()));
    Ok(Board { said, back, steps, blocks: vec![block, heads, below], ..Board::new(frame, row.name) }.answer())
}

/// What a unit is, and how much it has.
async fn facts(app: &App, ctx: &Ctx, frame: &Frame, row: &unit::Model) -> Result<Vec<(String, Td)>, ApiError> {
    let (db, w) = (app.db().read(), &frame.words.admin.units);
    let above = match row.parent_id.filter(|id| reach(ctx, Action::OrgRead).covers(Some(*id))) {
        Some(parent) => units::by_id(db, parent).await?,
        None => None,
    };
    let above = above.map(|above| Td::link(above.name, format!("/units/{}", above.id)));
    let [people, places] = units::counts(db).await?;
    let count = |counts: &HashMap<UnitId, i64>| thousands(counts.get(&row.id).copied().unwrap_or(0).unsigned_abs());
    let mut facts = vec![
        (w.code.clone(), Td::mono(row.code.clone())),
        (w.kind.clone(), row.kind.clone().into()),
        (w.above.clone(), above.unwrap_or_else(|| w.top.clone().into())),
        (frame.words.admin.shared.state.clone(), standing(frame, row.active)),
        (frame.words.nav.people.clone(), Td::link(count(&people), format!("/people?unit={}", row.id))),
        (frame.words.nav.places.clone(), Td::link(count(&places), format!("/places?unit={}", row.id))),
    ];
    if permit(ctx, Action::ItemsRead, Some(row.id)).is_ok() {
        let things = store::counts_by_unit(db).await?;
        facts.push((frame.words.nav.items.clone(), Td::link(count(&things), format!("/items?unit={}", row.id))));
    }
    Ok(facts)
}

/// Who is to answer for the unit.
async fn head_form(
    app: &App,
    frame: &Frame,
    row: &unit::Model,
    typed: &Typed,
    faults: &Faults,
) -> Result<Sheet, ApiError> {
    let w = &frame.words.admin.units;
    let those = people::page(app.db().read(), Some(vec![row.id]), None, Some(true), None, 500).await?;
    let mut options = vec![(String::new(), w.choose.clone())];
    let name = |one: &person::Model| match &one.badge_number {
        Some(badge) => format!("{} {badge}", one.name),
        None => one.name.clone(),
    };
    options.extend(those.iter().filter(|one| one.duty != Duty::Head).map(|one| (one.id.to_string(), name(one))));
    Ok(Sheet {
        action: format!("/units/{}/head", row.id),
        fields: vec![Field::choice("person", &w.head, options, typed.get("person"), faults)],
        submit: w.name_head.clone(),
        general: faults.general().to_owned(),
        ..Sheet::default()
    })
}

pub(super) async fn name_head(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    let unit = seen(&app, &ctx, id).await?;
    permit(&ctx, Action::OrgWrite, Some(unit.id))?;
    let whose = match typed.id::<PersonId>("person") {
        Some(whose) => people::by_id(app.db().read(), whose).await?.filter(|row| row.unit_id == unit.id),
        None => None,
    };
    let Some(whose) = whose else {
        let fault = Faults::at("person", frame.words.admin.units.choose.clone());
        return page(&app, &ctx, frame, id, &typed, fault).await;
    };
    let change = PersonChange { duty: Some(Duty::Head), ..PersonChange::default() };
    let asker = ctx.clone();
    let done = app.write(move |db| async move { people::change(&db, &asker, whose.id, whose.version, &change).await });
    match done.await {
        Ok(_) => Ok(to(&format!("/units/{id}"), "saved")),
        Err(error) => {
            let faults = refused(error, &["person"])?;
            page(&app, &ctx, frame, id, &typed, faults).await
        }
    }
}

pub(super) async fn new(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(typed): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    form(&app, &ctx, frame, None, &typed, &Faults::default()).await
}

/// The form of a unit: of a new one, or of one that is changed.
async fn form(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    row: Option<&unit::Model>,
    typed: &Typed,
    faults: &Faults,
) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::OrgWrite)?;
    let w = &frame.words.admin.units;
    let mut above = unit_choices(app, &reach(ctx, Action::OrgWrite)).await?;
    if let Some(row) = row {
        above.retain(|(id, _)| *id != row.id.to_string());
    }
    above.insert(0, (String::new(), w.top.clone()));
    let mut sheet = Sheet {
        action: row.map_or_else(|| "/units/new".to_owned(), |row| format!("/units/{}/edit", row.id)),
        fields: vec![
            Field::text("code", &w.code, typed.get("code"), faults).help(&w.code_help),
            Field::text("name", &w.name, typed.get("name"), faults),
            Field::text("kind", &w.kind, typed.get("kind"), faults).help(&w.kind_help),
            Field::choice("parent_id", &w.above, above, typed.get("parent_id"), faults),
        ],
        submit: frame.words.common.save.clone(),
        general: faults.general().to_owned(),
        cancel: row.map_or_else(|| "/units".to_owned(), |row| format!("/units/{}", row.id)),
        ..Sheet::default()
    };
    sheet.hidden.extend(row.map(|_| ("version".to_owned(), typed.get("version").to_owned())));
    let title = row.map_or_else(|| w.new.clone(), |row| w.editing.replace("{name}", &row.name));
    let back = ("/units".to_owned(), frame.words.nav.units.clone());
    let block = Block { form: Some(sheet), ..Block::default() };
    Ok(Board { back, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn create(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    let new = NewUnit {
        code: typed.get("code").to_owned(),
        name: typed.get("name").to_owned(),
        parent: typed.id("parent_id"),
        kind: typed.get("kind").to_owned(),
    };
    let asker = ctx.clone();
    match app.write(move |db| async move { units::create(&db, &asker, new).await }).await {
        Ok(row) => Ok(to(&format!("/units/{}", row.id), "created")),
        Err(error) => {
            permit_somewhere(&ctx, Action::OrgWrite)?;
            let faults = top_only(error, &frame)?;
            form(&app, &ctx, frame, None, &typed, &faults).await
        }
    }
}

/// A unit beside or above one's own is out of reach: that is said at the field, and not as if nothing were there.
fn top_only(error: ApiError, frame: &Frame) -> Result<Faults, ApiError> {
    match error {
        ApiError::NotFound(_) => Ok(Faults::at("parent_id", frame.words.admin.units.above_yours.clone())),
        other => refused(other, &FIELDS),
    }
}

pub(super) async fn edit(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let row = seen(&app, &ctx, id).await?;
    permit(&ctx, Action::OrgWrite, Some(row.id))?;
    let parent = row.parent_id.map(|id| id.to_string()).unwrap_or_default();
    let typed = Typed::of(&[
        ("code", &row.code),
        ("name", &row.name),
        ("kind", &row.kind),
        ("parent_id", &parent),
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
    permit(&ctx, Action::OrgWrite, Some(row.id))?;
    let parent = typed.id("parent_id");
    let change = UnitChange {
        code: Some(typed.get("code").to_owned()),
        name: Some(typed.get("name").to_owned()),
        // What stays needs no right over where it stands.
        parent: (parent != row.parent_id).then_some(parent),
        kind: Some(typed.get("kind").to_owned()),
    };
    let (asker, version) = (ctx.clone(), typed.version());
    match app.write(move |db| async move { units::change(&db, &asker, UnitId(id), version, &change).await }).await {
        Ok(_) => Ok(to(&format!("/units/{id}"), "saved")),
        Err(error) => {
            let faults = top_only(error, &frame)?;
            form(&app, &ctx, frame, Some(&row), &typed, &faults).await
        }
    }
}

pub(super) async fn before_closing(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
) -> Result<Response, ApiError> {
    close_page(&app, &ctx, frame, id, &Faults::default()).await
}

async fn close_page(app: &App, ctx: &Ctx, frame: Frame, id: Uuid, faults: &Faults) -> Result<Response, ApiError> {
    let row = seen(app, ctx, id).await?;
    permit(ctx, Action::OrgWrite, Some(row.id))?;
    let w = &frame.words.admin.units;
    let closing = Closing {
        page: format!("/units/{id}"),
        name: row.name,
        version: row.version,
        title: &w.closing,
        help: &w.close_help,
        submit: &w.close,
    };
    Ok(closing_page(frame, closing, faults))
}

pub(super) async fn close(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    seen(&app, &ctx, id).await?;
    permit(&ctx, Action::OrgWrite, Some(UnitId(id)))?;
    let (asker, version) = (ctx.clone(), typed.version());
    match app.write(move |db| async move { closing::close_unit(&db, &asker, UnitId(id), version).await }).await {
        Ok(_) => Ok(to(&format!("/units/{id}"), "closed")),
        Err(error) => close_page(&app, &ctx, frame, id, &refused(error, &[])?).await,
    }
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Tree { frame, title, said, why, lines }
        Line { id, code, name, kind, closed, people, places, things, below, ends }
    }
    renders! {
        admin_units: Tree,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_of_the_tree_that_begins_ends() {
        let id = |n: u128| UnitId(Uuid::from_u128(n));
        let unit = |n: u128, parent: Option<u128>| unit::Model {
            id: id(n),
            code: format!("{n:03}"),
            name: String::new(),
            parent_id: parent.map(id),
            kind: String::new(),
            active: true,
            batch_id: None,
            version: 1,
        };
        // 1 has 2 and 5, 2 has 3 and 4; 6 stands beside 1; 8's parent is out of sight.
        let rows = vec![
            unit(1, None),
            unit(2, Some(1)),
            unit(3, Some(2)),
            unit(4, Some(2)),
            unit(5, Some(1)),
            unit(6, None),
            unit(8, Some(7)),
        ];
        let lines: Vec<_> = ordered(rows).into_iter().map(|(row, below, ends)| (row.code, below, ends)).collect();
        let expected =
            [("001", 2, 0), ("002", 2, 0), ("003", 0, 0), ("004", 0, 1), ("005", 0, 1), ("006", 0, 0), ("008", 0, 0)];
        assert_eq!(lines, expected.map(|(code, below, ends)| (code.to_owned(), below, ends)));
        // A chain ends with all its lists at once.
        let chain = ordered(vec![unit(1, None), unit(2, Some(1)), unit(3, Some(2))]);
        assert_eq!(chain.last().unwrap().2, 2);
    }
}
