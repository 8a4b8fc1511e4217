//! One surplus thing: what it is, what it is worth, its papers, and what may be done now.

use axum::extract::{Request, State as Extract};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::state_mark;
use crate::access::{Action, permit, permit_somewhere};
use crate::assets::missing::store as cases;
use crate::assets::papers::{self, Subject};
use crate::assets::surplus::entering::{self, Entering};
use crate::assets::surplus::model::{Basis, Deed};
use crate::assets::surplus::service::{self, Identity, PAPERS, ROOM, Valuation};
use crate::assets::surplus::store::{self, Shown};
use crate::items::store as items;
use crate::kernel::{Ctx, Fen};
use crate::org::Directory;
use crate::web::api::assets::case_papers as files;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Kind as How, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, actor, people_of};
use crate::web::pages::form::Faults;
use crate::web::pages::items::{at, picks};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 16] = [
    "identity",
    "item_number",
    "note",
    "basis",
    "value",
    "source",
    "name",
    "specification",
    "class_code",
    "measure_unit",
    "reason",
    "owner",
    "place",
    "keeper",
    "acquired_on",
    "file",
];

/// What the page shows besides the surplus.
#[derive(Default)]
struct Beside {
    said: String,
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
    let w = &frame.words.losses.surplus;
    let said = match asked.get("said") {
        "done" => w.said_done.clone(),
        "paper" => w.said_paper.clone(),
        _ => String::new(),
    };
    page(&app, &ctx, &number, frame, Beside { said, ..Beside::default() }).await
}

async fn page(app: &App, ctx: &Ctx, number: &str, frame: Frame, beside: Beside) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::ItemsRead)?;
    let shown = store::one(app.db().read(), ctx, number).await?;
    let (w, row) = (&frame.words.losses.surplus, &shown.row);
    let mark = state_mark(&frame, shown.standing);
    let title = w.title.replace("{number}", &row.number).replace("{name}", &row.name).replace("{state}", &mark.text);
    let mut blocks = deeds(&frame, ctx, &shown, &beside);
    blocks.push(Block { title: w.facts.clone(), facts: facts(app, ctx, &frame, &shown).await?, ..Block::default() });
    blocks.extend(paper_blocks(app, ctx, &frame, &shown, &beside).await?);
    let back = ("/assets/surpluses".to_owned(), w.heading.clone());
    let mut steps = Vec::new();
    if let Some(approval) = row.approval_id {
        let href = format!("/approvals/{approval}");
        steps.push(Step { text: w.see_approval.clone(), href, ..Step::default() });
    }
    let lead = row.note.clone();
    Ok(Board { back, lead, said: beside.said, steps, blocks, ..Board::new(frame, title) }.answer())
}

async fn facts(app: &App, ctx: &Ctx, frame: &Frame, shown: &Shown) -> Result<Vec<(String, Td)>, ApiError> {
    let (w, row, db) = (&frame.words.losses.surplus, &shown.row, app.db().read());
    let actors = [row.identified_by.as_deref(), row.valued_by.as_deref(), row.ended_by.as_deref()];
    let people = people_of(actors.into_iter().flatten().chain([row.opened_by.as_str()]));
    let places: Vec<_> = row.place_id.into_iter().collect();
    let names = Directory::load_some(db, &places, &people).await?;
    let by = |text: &str, who: &Option<String>, when: Option<crate::kernel::Timestamp>| {
        let who = who.as_deref().map(|one| actor(frame, &names, one)).unwrap_or_default();
        let when = when.map(|at| at.to_string()).unwrap_or_default();
        Td::from(text).because(format!("{who} {when}").trim())
    };
    let item = match row.item_id {
        Some(id) => {
            items::by_id(db, id).await?.map(|thing| Td::link(thing.item_number.clone(), at(&thing.item_number)))
        }
        None => None,
    };
    let case = match row.case_id {
        Some(id) => cases::one(db, ctx, id).await.ok().map(|one| {
            let text = format!("{} {}", one.case.list_year, one.thing.item_number);
            Td::link(text, format!("/assets/missing/{id}"))
        }),
        None => None,
    };
    let basis = row.basis.map(|basis| frame.either(basis.zh(), basis.as_str()).to_owned()).unwrap_or_default();
    let worth = row.value_fen.map(|value| value.to_string()).unwrap_or_default();
    let mark = state_mark(frame, shown.standing);
    let mut facts = vec![
        (w.state.clone(), Td { mark: Some(mark), ..Td::default() }),
        (w.name.clone(), Td::from(row.name.clone()).because(row.specification.clone())),
        (w.serial.clone(), Td::mono(row.serial_number.clone())),
        (w.code_read.clone(), Td::mono(row.code_read.clone())),
        (w.unit.clone(), names.unit_name(row.unit_id).into()),
        (w.place.clone(), names.place_name(row.place_id).into()),
        (w.count.clone(), row.quantity.to_string().into()),
        (w.found.clone(), by(&row.opened_at.to_string(), &Some(row.opened_by.clone()), None)),
        (w.lead_fact.clone(), row.lead.clone().into()),
        (w.identified.clone(), by(&row.identified_note, &row.identified_by, row.identified_at)),
        (w.value.clone(), worth.into()),
        (w.basis.clone(), by(format!("{basis} {}", row.value_source).trim(), &row.valued_by, row.valued_at)),
        (w.case.clone(), case.unwrap_or_default()),
        (w.item.clone(), item.unwrap_or_default()),
        (w.ended.clone(), by(&row.ended_note, &row.ended_by, row.ended_at)),
    ];
    facts.retain(|(_, td)| !td.text.is_empty() || td.mark.is_some());
    Ok(facts)
}

/// The forms of what may be done now, the next one first.
fn deeds(frame: &Frame, ctx: &Ctx, shown: &Shown, beside: &Beside) -> Vec<Block> {
    let (w, row) = (&frame.words.losses.surplus, &shown.row);
    let can = |deed| shown.standing.after(deed).is_ok();
    let may = |action| permit(ctx, action, Some(row.unit_id)).is_ok();
    let why = if may(Action::AssetsMove) { String::new() } else { w.not_yours.clone() };
    let blank = (Typed::default(), Faults::default());
    let filled = |deed: &str| if beside.deed == deed { (&beside.typed, &beside.faults) } else { (&blank.0, &blank.1) };
    let text = |deed: &str, id: &str, label: &String, now: &str| {
        let (typed, faults) = filled(deed);
        Field::text(id, label, if beside.deed == deed { typed.get(id) } else { now }, faults)
    };
    let mut blocks = Vec::new();
    let mut add = |deed: &str, (label, help): (&String, &str), fields: Vec<Field>, danger: bool| {
        let sheet = Sheet {
            action: format!("/assets/surpluses/{}/{deed}", row.number),
            hidden: vec![("version".to_owned(), row.version.to_string())],
            fields: if why.is_empty() { fields } else { Vec::new() },
            submit: label.clone(),
            general: filled(deed).1.general().to_owned(),
            danger,
            why: why.clone(),
            ..Sheet::default()
        };
        let notes = if help.is_empty() { Vec::new() } else { vec![help.to_owned()] };
        blocks.push(Block { title: label.clone(), notes, form: Some(sheet), ..Block::default() });
    };
    if can(Deed::Enter) {
        let one = &frame.words.losses.one;
        let fields = vec![
            text("enter", "place", &w.enter_place, "").help(&one.log_place_help),
            text("enter", "keeper", &w.enter_keeper, ""),
            Field { kind: How::Input("date"), ..text("enter", "acquired_on", &w.acquired_on, "") },
        ];
        add("enter", (&w.enter, &w.enter_help), fields, false);
    }
    if can(Deed::Ask) {
        add("ask", (&w.ask, &w.ask_help), vec![text("ask", "reason", &w.ask_reason, "")], false);
    }
    if can(Deed::Value) {
        let worth = row.value_fen.map(|value| value.to_string()).unwrap_or_default();
        let (typed, faults) = filled("value");
        let now = row.basis.map_or("", Basis::as_str);
        let basis = if beside.deed == "value" { typed.get("basis") } else { now };
        let all =
            Basis::ALL.iter().map(|one| (one.as_str().to_owned(), frame.either(one.zh(), one.as_str()).to_owned()));
        let fields = vec![
            Field::choice("basis", &w.basis_field, all.collect(), basis, faults),
            text("value", "value", &w.value_field, &worth),
            text("value", "source", &w.source, &row.value_source),
            text("value", "name", &w.name_field, &row.name),
            text("value", "specification", &w.specification, &row.specification),
            text("value", "class_code", &w.class_code, &row.class_code),
            text("value", "measure_unit", &w.measure_unit, &row.measure_unit),
        ];
        add("value", (&w.value_title, &w.value_help), fields, false);
    }
    if can(Deed::HandOver) {
        add("hand-over", (&w.hand_over, ""), vec![text("hand-over", "owner", &w.owner, "")], false);
    }
    let identities: Vec<(String, String)> = [
        (Deed::Match, "known", &w.identity_known),
        (Deed::Own, "unbooked", &w.identity_unbooked),
        (Deed::Disown, "foreign", &w.identity_foreign),
    ]
    .into_iter()
    .filter(|(deed, ..)| can(*deed))
    .map(|(_, name, word)| (name.to_owned(), word.clone()))
    .collect();
    if !identities.is_empty() {
        let (typed, faults) = filled("identify");
        let fields = vec![
            Field::choice("identity", &w.identity, identities, typed.get("identity"), faults),
            text("identify", "item_number", &w.item_number, "").help(&w.item_help),
            text("identify", "note", &w.identify_note, ""),
        ];
        add("identify", (&w.identify, &w.identify_help), fields, false);
    }
    if can(Deed::Drop) {
        add("drop", (&w.drop, ""), vec![text("drop", "reason", &w.drop_reason, "")], true);
    }
    blocks
}

async fn paper_blocks(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    shown: &Shown,
    beside: &Beside,
) -> Result<Vec<Block>, ApiError> {
    let (w, o, row) = (&frame.words.losses.surplus, &frame.words.losses.one, &shown.row);
    let subject = Subject { room: ROOM, id: row.id, step: String::new(), unit: row.unit_id };
    let kept = papers::of(app.db().read(), &subject).await?;
    let word =
        |step: &str| PAPERS.iter().find(|(name, _)| *name == step).map_or("", |(name, zh)| frame.either(zh, name));
    let mut table = Table::new(&[&w.paper_kind, &o.paper_file].map(String::as_str));
    table.rows = kept
        .into_iter()
        .map(|paper| {
            let file = Td::link(paper.name, format!("/assets/papers/{}", paper.id));
            vec![word(&paper.step).into(), file.because(paper.uploaded_at.to_string())]
        })
        .collect();
    table.empty.1.clone_from(&w.no_papers);
    let mut blocks = vec![Block { title: w.papers.clone(), table: Some(table), ..Block::default() }];
    if permit(ctx, Action::AssetsMove, Some(row.unit_id)).is_ok() {
        let faults = if beside.deed == "papers" { beside.faults.clone() } else { Faults::default() };
        let all = PAPERS.iter().map(|(name, zh)| ((*name).to_owned(), frame.either(zh, name).to_owned())).collect();
        let file = Field { kind: How::File, ..Field::text("file", &o.paper_file, "", &faults) };
        let form = Sheet {
            action: format!("/assets/surpluses/{}/papers", row.number),
            fields: vec![Field::choice("step", &w.paper_kind, all, "", &faults), file.help(&o.paper_help)],
            submit: w.add_paper.clone(),
            general: faults.general().to_owned(),
            ..Sheet::default()
        };
        blocks.push(Block { title: w.add_paper.clone(), form: Some(form), ..Block::default() });
    }
    Ok(blocks)
}

/// A refusal at the field of the page, which may call it otherwise than the service.
fn at_our_field(error: ApiError) -> ApiError {
    let ApiError::Invalid { field: Some(field), reason } = error else { return error };
    let ours = match field.as_str() {
        "value_fen" => "value",
        "place_id" => "place",
        "keeper_id" => "keeper",
        other => other,
    };
    // A paper is no field of the form.
    if ours == "paper" { ApiError::Conflict(reason) } else { ApiError::invalid(ours, reason) }
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((number, deed)): Path<(String, String)>,
    frame: Frame,
    axum::Form(typed): axum::Form<Typed>,
) -> Result<Response, ApiError> {
    match carry_out(&app, &ctx, &frame, &number, &deed, &typed).await {
        Ok(()) => Ok(Redirect::to(&format!("/assets/surpluses/{number}?said=done")).into_response()),
        Err(error) => {
            let faults = picks::refused(at_our_field(error), &FIELDS)?;
            page(&app, &ctx, &number, frame, Beside { deed, typed, faults, ..Beside::default() }).await
        }
    }
}

async fn carry_out(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    number: &str,
    deed: &str,
    typed: &Typed,
) -> Result<(), ApiError> {
    let (me, of, version) = (ctx.clone(), number.to_owned(), Some(typed.version()));
    let text = |name: &str| typed.get(name).to_owned();
    match deed {
        "identify" => {
            let named = Some(text("item_number")).filter(|number| !number.is_empty());
            let identity = match (typed.get("identity"), named) {
                ("known", named) => Identity::Known(named.unwrap_or_default()),
                ("unbooked", named) => Identity::Unbooked(named),
                ("foreign", _) => Identity::Foreign,
                _ => return Err(ApiError::invalid("identity", "请选择认定结果")),
            };
            let note = text("note");
            app.write(move |db| async move { service::identify(&db, &me, &of, version, &identity, &note).await })
                .await?;
        }
        "value" => {
            let valuation = valuation(typed)?;
            app.write(move |db| async move { service::value(&db, &me, &of, version, &valuation).await }).await?;
        }
        "ask" => {
            let reason = text("reason");
            app.write(move |db| async move { service::ask(&db, &me, &of, version, &reason).await }).await?;
        }
        "enter" => {
            let place = picks::place(app, ctx, frame, typed.get("place")).await?;
            let keeper = picks::person(app, ctx, frame, typed.get("keeper")).await?;
            let acquired_on = match typed.get("acquired_on") {
                "" => None,
                day => Some(
                    day.parse()
                        .map_err(|_| ApiError::invalid("acquired_on", frame.words.admin.shared.bad_day.clone()))?,
                ),
            };
            let to = Entering {
                place: place.map_err(|text| ApiError::invalid("place", text))?.map(|place| place.id),
                keeper: keeper.map_err(|text| ApiError::invalid("keeper", text))?.map(|person| person.id),
                acquired_on,
            };
            app.write(move |db| async move { entering::enter(&db, &me, &of, version, to).await }).await?;
        }
        "hand-over" => {
            let owner = text("owner");
            app.write(move |db| async move { service::hand_over(&db, &me, &of, version, &owner).await }).await?;
        }
        "drop" => {
            let reason = text("reason");
            app.write(move |db| async move { service::refuse(&db, &me, &of, version, &reason).await }).await?;
        }
        _ => return Err(ApiError::NotFound("没有这个地址".to_owned())),
    }
    Ok(())
}

fn valuation(typed: &Typed) -> Result<Valuation, ApiError> {
    let basis = Basis::by_name(typed.get("basis")).ok_or_else(|| ApiError::invalid("basis", "请选择价值类型"))?;
    let value = Fen::parse_yuan(typed.get("value")).map_err(|error| ApiError::invalid("value", error.to_string()))?;
    let text = |name: &str| typed.get(name).to_owned();
    Ok(Valuation {
        basis,
        value,
        source: text("source"),
        name: text("name"),
        specification: text("specification"),
        class_code: text("class_code"),
        measure_unit: text("measure_unit"),
    })
}

pub(super) async fn add_paper(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    frame: Frame,
    request: Request,
) -> Result<Response, ApiError> {
    match files::take_for_surplus(&app, &ctx, &number, request).await {
        Ok(_) => Ok(Redirect::to(&format!("/assets/surpluses/{number}?said=paper")).into_response()),
        Err(error) => {
            let faults = picks::refused(error, &["file", "step"])?;
            let beside = Beside { deed: "papers".to_owned(), faults, ..Beside::default() };
            page(&app, &ctx, &number, frame, beside).await
        }
    }
}
