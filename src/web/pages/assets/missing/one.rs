//! One missing case: what is known, where to look, who looked, the steps of the procedure, and what may be done now.

use axum::extract::{Request, State as Extract};
use axum::response::{IntoResponse as _, Redirect, Response};
use sea_orm::EntityTrait as _;
use uuid::Uuid;

use super::state_mark;
use crate::access::{Action, permit, permit_somewhere};
use crate::assets::missing::entity::loss_log;
use crate::assets::missing::model::{Deed, Degree, Outcome};
use crate::assets::missing::procedure::{self, Standing, papers_of};
use crate::assets::missing::service::{self, Finding, NewLog};
use crate::assets::missing::steps::{self, Judgment, WriteOff};
use crate::assets::missing::store::{self, Case};
use crate::assets::papers;
use crate::assets::surplus::store as surpluses;
use crate::db::DbError;
use crate::kernel::ids::{CampaignId, MissingCaseId, PersonId, PlaceId};
use crate::kernel::{Ctx, Fen};
use crate::org::Directory;
use crate::stocktake::entity::campaign;
use crate::web::api::assets::case_papers as files;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Kind as How, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, actor, people_of};
use crate::web::pages::duties::names::spaced;
use crate::web::pages::form::Faults;
use crate::web::pages::items::{at, picks};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// The fields of the forms, and what the services call them where they call them otherwise.
const FIELDS: [&str; 18] = [
    "place",
    "whereabouts",
    "searcher",
    "result",
    "note",
    "explanation",
    "reason",
    "degree",
    "responsible",
    "basis",
    "compensation",
    "receipt",
    "decision",
    "approval_number",
    "voucher_number",
    "voucher_on",
    "step",
    "file",
];

/// What the page shows besides the case.
#[derive(Default)]
struct Beside {
    said: String,
    deed: String,
    typed: Typed,
    faults: Faults,
}

/// A case with all that the page tells of it.
struct Told {
    one: Case,
    logs: Vec<loss_log::Model>,
    steps: Vec<Standing>,
    names: Directory,
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let w = &frame.words.losses.one;
    let said = match asked.get("said") {
        "done" => w.said_done.clone(),
        "paper" => w.said_paper.clone(),
        _ => String::new(),
    };
    page(&app, &ctx, MissingCaseId(id), frame, Beside { said, ..Beside::default() }).await
}

async fn page(app: &App, ctx: &Ctx, id: MissingCaseId, frame: Frame, beside: Beside) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::ItemsRead)?;
    let told = read(app, ctx, id).await?;
    let (w, one) = (&frame.words.losses.one, &told.one);
    let mark = state_mark(&frame, one.standing);
    let title = w.title.replace("{number}", &one.thing.item_number).replace("{name}", &one.thing.name);
    let title = title.replace("{state}", &mark.text);
    let mut blocks = deeds(&frame, ctx, &told, &beside);
    blocks.push(Block { title: w.facts.clone(), facts: facts(app, ctx, &frame, &told).await?, ..Block::default() });
    if one.case.state.is_open() {
        blocks.push(lead(app, &frame, one).await?);
    }
    blocks.push(searches(&frame, &told));
    blocks.push(steps_block(&frame, &told));
    blocks.extend(paper_blocks(app, ctx, &frame, &told, &beside).await?);
    let back = ("/assets/missing".to_owned(), frame.words.losses.list.heading.clone());
    let mut steps = vec![Step {
        text: w.form.clone(),
        href: format!("/assets/missing/{id}/form.pdf"),
        file: true,
        ..Step::default()
    }];
    if let Some(approval) = one.loss.approval_id {
        let href = format!("/approvals/{approval}");
        steps.push(Step { text: w.see_approval.clone(), href, ..Step::default() });
    }
    let lead = one.loss.explanation.clone();
    Ok(Board { back, lead, said: beside.said, steps, blocks, ..Board::new(frame, title) }.answer())
}

async fn read(app: &App, ctx: &Ctx, id: MissingCaseId) -> Result<Told, ApiError> {
    let db = app.db().read();
    let one = store::one(db, ctx, id).await?;
    let logs = store::logs(db, id).await?;
    let steps = procedure::of_case(db, &one.case).await?;
    let loss = &one.loss;
    let places = logs.iter().filter_map(|log| log.place_id).chain(loss.found_place_id).chain(one.thing.place_id);
    let mut places: Vec<PlaceId> = places.collect();
    let ticked = steps.iter().filter_map(|one| one.last.as_ref()).map(|tick| tick.ticked_by.as_str());
    let actors = ticked.chain(loss.explained_by.as_deref()).chain(loss.found_by.as_deref());
    let mut people: Vec<PersonId> = people_of(actors.chain(loss.written_off_by.as_deref()));
    people.extend(logs.iter().filter_map(|log| log.searcher_id));
    people.extend(loss.confirmed_by.into_iter().chain(loss.judged_by).chain(loss.responsible_id));
    people.extend(one.thing.keeper_id);
    places.sort_unstable();
    places.dedup();
    people.sort_unstable();
    people.dedup();
    let names = Directory::load_some(db, &places, &people).await?;
    Ok(Told { one, logs, steps, names })
}

async fn facts(app: &App, ctx: &Ctx, frame: &Frame, told: &Told) -> Result<Vec<(String, Td)>, ApiError> {
    let (w, l, names, db) = (&frame.words.losses.one, &frame.words.losses.list, &told.names, app.db().read());
    let Case { case, loss, thing, standing, .. } = &told.one;
    let mark = state_mark(frame, *standing);
    let list = store::sent_by(db, case.id).await?;
    let back = surpluses::Wanted { case: Some(case.id), ..surpluses::Wanted::default() };
    let surplus = surpluses::list(db, ctx, &back, 1).await?.pop();
    let by = |who: &str, when: Option<crate::kernel::Timestamp>| {
        Td::from(who).because(when.map(|at| at.to_string()).unwrap_or_default())
    };
    let whose = |actor_of: &Option<String>| actor_of.as_deref().map(|one| actor(frame, names, one)).unwrap_or_default();
    let judged = loss.degree.map(|degree| {
        let word = frame.either(degree.zh(), degree.as_str());
        format!("{word} {}", names.person_name(loss.responsible_id)).trim().to_owned()
    });
    let voucher_on = loss.voucher_on.map(|day| day.to_string()).unwrap_or_default();
    let how = loss.found_how.map(|how| frame.either(how.zh(), how.as_str()).to_owned()).unwrap_or_default();
    let mut facts = vec![
        (l.state.clone(), Td { mark: Some(mark), ..Td::default() }),
        (
            w.item.clone(),
            Td::link(format!("{} {}", thing.item_number, thing.name), at(&thing.item_number))
                .because(thing.specification.clone()),
        ),
        (w.unit.clone(), names.unit_name(loss.unit_id).into()),
        (w.value.clone(), thing.value_fen.to_string().into()),
        (
            w.list_year.clone(),
            Td::link(
                l.year_of.replace("{year}", &case.list_year.to_string()),
                format!("/assets/missing?year={}", case.list_year),
            ),
        ),
        (
            w.list.clone(),
            list.map(|row| {
                Td::link(row.number.clone(), format!("/assets/missing/lists/{}", row.number))
                    .because(row.due_on.to_string())
            })
            .unwrap_or_default(),
        ),
        (w.opened.clone(), Td::time(Some(case.opened_at))),
        (w.explanation.clone(), by(&loss.explanation, loss.explained_at)),
        (w.confirmed.clone(), by(names.person_name(loss.confirmed_by), loss.confirmed_at)),
        (w.responsible.clone(), by(&judged.unwrap_or_default(), loss.judged_at)),
        (w.basis.clone(), loss.basis.clone().into()),
        (w.compensation.clone(), loss.compensation_fen.map(|paid| paid.to_string()).unwrap_or_default().into()),
        (w.receipt.clone(), loss.receipt.clone().into()),
        (w.decision.clone(), loss.decision.clone().into()),
        (w.approval_number.clone(), loss.approval_number.clone().into()),
        (w.voucher.clone(), Td::from(loss.voucher_number.clone()).because(voucher_on)),
        (w.written_off.clone(), by(&whose(&loss.written_off_by), loss.written_off_at)),
        (
            w.found.clone(),
            by(format!("{how} {} {}", names.place_name(loss.found_place_id), loss.found_note).trim(), case.found_at),
        ),
        (
            w.back_as.clone(),
            surplus
                .map(|one| Td::link(one.row.number.clone(), format!("/assets/surpluses/{}", one.row.number)))
                .unwrap_or_default(),
        ),
    ];
    if let Some(found_in) = case.found_in {
        facts.push((w.found_in.clone(), count(app, found_in).await?));
    }
    facts.retain(|(_, td)| !td.text.is_empty() || td.mark.is_some());
    Ok(facts)
}

/// The way to a count.
async fn count(app: &App, id: CampaignId) -> Result<Td, ApiError> {
    let row = campaign::Entity::find_by_id(id).one(app.db().read()).await.map_err(DbError::from)?;
    let way = |row: campaign::Model| {
        Td::link(row.name, format!("/stocktake/{}", crate::web::pages::form::in_query(&row.number)))
    };
    Ok(row.map(way).unwrap_or_default())
}

/// Where the last count would look first.
async fn lead(app: &App, frame: &Frame, one: &Case) -> Result<Block, ApiError> {
    let w = &frame.words.losses.one;
    let found = store::leads(app.db().read(), &[one.thing.id]).await?.remove(&one.thing.id);
    let notes = vec![found.unwrap_or_else(|| w.no_lead.clone())];
    let more = match one.case.campaign_id {
        Some(id) if frame.may(Action::CampaignsReport) => {
            let of = count(app, id).await?;
            if of.href.is_empty() { Default::default() } else { (format!("{}/missing", of.href), w.see_board.clone()) }
        }
        _ => Default::default(),
    };
    Ok(Block { title: w.lead_title.clone(), notes, more, ..Block::default() })
}

fn searches(frame: &Frame, told: &Told) -> Block {
    let (w, names) = (&frame.words.losses.one, &told.names);
    let mut table = Table::new(&[&w.when, &w.who, &w.place, &w.result, &w.what].map(String::as_str));
    for log in told.logs.iter().rev() {
        let look = match log.result {
            Outcome::NotFound => "bad gone",
            Outcome::Trace => "warn",
            Outcome::Found => "good",
        };
        table.rows.push(vec![
            Td::time(Some(log.searched_at)),
            names.person_name(log.searcher_id).into(),
            Td::from(format!("{} {}", names.place_name(log.place_id), log.place).trim()),
            Td::mark(look, frame.either(log.result.zh(), &spaced(log.result.as_str()))),
            log.note.clone().into(),
        ]);
    }
    table.empty.1.clone_from(&w.no_searches);
    Block { title: w.searches.clone(), table: Some(table), ..Block::default() }
}

fn steps_block(frame: &Frame, told: &Told) -> Block {
    let w = &frame.words.losses.one;
    let mut table = Table::new(&["", &w.step, &w.done, &w.by]);
    for one in &told.steps {
        let step = &one.step;
        let mark = match (one.done, step.required) {
            (true, _) => Td::mark("good", w.done.clone()),
            (false, true) => Td::mark("ask", w.not_done.clone()),
            (false, false) => Td::mark("plain", w.optional.clone()),
        };
        let paper = if step.needs_paper { w.needs_paper.clone() } else { String::new() };
        let last = one.last.as_ref().map(|tick| {
            Td::from(actor(frame, &told.names, &tick.ticked_by))
                .because(format!("{} {}", tick.ticked_at, tick.note).trim())
        });
        let part = frame.either(step.part.zh(), step.part.as_str());
        let text = format!("{} {}", step.code, step.title);
        table.rows.push(vec![part.into(), Td::from(text).because(paper), mark, last.unwrap_or_default()]);
    }
    let done = told.steps.iter().filter(|one| one.done).count().to_string();
    let title = w.steps.replace("{done}", &done).replace("{all}", &told.steps.len().to_string());
    Block { title, notes: vec![w.steps_lead.clone()], table: Some(table), ..Block::default() }
}

/// A form of the page that is being put together.
struct Forms<'a> {
    frame: &'a Frame,
    told: &'a Told,
    beside: &'a Beside,
    blank: (Typed, Faults),
    blocks: Vec<Block>,
}

impl Forms<'_> {
    fn filled(&self, deed: &str) -> (&Typed, &Faults) {
        if self.beside.deed == deed {
            (&self.beside.typed, &self.beside.faults)
        } else {
            (&self.blank.0, &self.blank.1)
        }
    }

    fn text(&self, deed: &str, id: &str, label: &str, help: &str) -> Field {
        let (typed, faults) = self.filled(deed);
        Field::text(id, label, typed.get(id), faults).help(help)
    }

    /// Adds the form of a deed, when the case allows it; greyed with the reason where whoever looks may not.
    fn add(&mut self, (deed, step): (&str, Deed), (label, help): (&String, &String), fields: Vec<Field>, why: String) {
        if self.told.one.standing.after(step).is_err() {
            return;
        }
        let general = self.filled(deed).1.general().to_owned();
        let sheet = Sheet {
            action: format!("/assets/missing/{}/{deed}", self.told.one.case.id),
            hidden: vec![("version".to_owned(), self.told.one.loss.version.to_string())],
            fields: if why.is_empty() { fields } else { Vec::new() },
            submit: label.clone(),
            general,
            danger: matches!(step, Deed::WriteOff),
            why,
            ..Sheet::default()
        };
        self.blocks.push(Block {
            title: label.clone(),
            notes: vec![help.clone()],
            form: Some(sheet),
            ..Block::default()
        });
    }
}

/// The forms of what may be done now, the next one first.
fn deeds(frame: &Frame, ctx: &Ctx, told: &Told, beside: &Beside) -> Vec<Block> {
    let (w, one) = (&frame.words.losses.one, &told.one);
    let may = |action| permit(ctx, action, Some(one.loss.unit_id)).is_ok();
    let unless = |allowed: bool, words: &String| if allowed { String::new() } else { words.clone() };
    let mine = unless(may(Action::AssetsMove), &w.not_yours);
    let kept = ctx.person().is_some() && one.thing.keeper_id == ctx.person();
    let none = String::new();
    let mut forms = Forms { frame, told, beside, blank: (Typed::default(), Faults::default()), blocks: Vec::new() };
    let write_off = vec![
        forms.text("write-off", "decision", &w.decision, ""),
        forms.text("write-off", "approval_number", &w.approval_number, ""),
        forms.text("write-off", "voucher_number", &w.voucher_number, ""),
        Field { kind: How::Input("date"), ..forms.text("write-off", "voucher_on", &w.voucher_on, "") },
    ];
    let open = told.steps.iter().find(|one| one.step.required && !one.done);
    let blocked = match (may(Action::ItemsWriteOff), open) {
        (false, _) => w.not_centre.clone(),
        (true, Some(one)) => w.step_open.replace("{step}", &format!("{} {}", one.step.code, one.step.title)),
        (true, None) => none.clone(),
    };
    forms.add(("write-off", Deed::WriteOff), (&w.write_off, &w.write_off_help), write_off, blocked);
    let reason = vec![forms.text("ask", "reason", &w.ask_reason, "")];
    let judged = unless(one.loss.degree.is_some(), &w.not_judged);
    let why = if mine.is_empty() { judged } else { mine.clone() };
    forms.add(("ask", Deed::Ask), (&w.ask, &w.ask_help), reason, why);
    let judgment = judgment(&forms);
    let theirs = unless(may(Action::LossesConfirm), &w.not_confirmer);
    let why = if theirs.is_empty() { unless(!kept, &w.keeper_cannot) } else { theirs.clone() };
    forms.add(("judge", Deed::Judge), (&w.judge, &w.judge_help), judgment, why);
    forms.add(("confirm", Deed::Confirm), (&w.confirm, &w.confirm_help), Vec::new(), cannot_confirm(frame, ctx, one));
    let explanation = if beside.deed == "explain" { beside.typed.get("explanation") } else { &one.loss.explanation };
    let explain = vec![Field::area("explanation", &w.explain_field, explanation, forms.filled("explain").1)];
    forms.add(("explain", Deed::Explain), (&w.explain, &w.explain_help), explain, mine.clone());
    let search = search(&forms);
    forms.add(("log", Deed::Log), (&w.log, &w.log_help), search, mine.clone());
    let find = vec![
        forms.text("find", "place", &w.find_place, &w.log_place_help),
        forms.text("find", "note", &w.find_note, ""),
    ];
    forms.add(("find", Deed::Find), (&w.find, &w.find_help), find, mine.clone());
    let ticks = ticks(&forms);
    forms.add(("tick", Deed::Tick), (&w.tick, &w.tick_help), ticks, mine);
    let reason = vec![forms.text("resume", "reason", &w.reason, "")];
    forms.add(("resume", Deed::Resume), (&w.resume, &w.resume_help), reason, theirs);
    forms.blocks
}

/// Why whoever looks cannot confirm; blank when they can.
fn cannot_confirm(frame: &Frame, ctx: &Ctx, one: &Case) -> String {
    let w = &frame.words.losses.one;
    if permit(ctx, Action::LossesConfirm, Some(one.loss.unit_id)).is_err() {
        return w.not_confirmer.clone();
    }
    if one.loss.explanation.is_empty() {
        return w.not_explained.clone();
    }
    if ctx.person().is_some() && one.thing.keeper_id == ctx.person() {
        return w.keeper_cannot.clone();
    }
    if one.loss.explained_by.as_deref() == Some(ctx.actor.to_string().as_str()) {
        return w.explainer_cannot.clone();
    }
    String::new()
}

fn judgment(forms: &Forms<'_>) -> Vec<Field> {
    let (w, one) = (&forms.frame.words.losses.one, &forms.told.one);
    let (typed, faults) = forms.filled("judge");
    let degrees =
        Degree::ALL.iter().map(|one| (one.as_str().to_owned(), forms.frame.either(one.zh(), one.as_str()).to_owned()));
    let now = one.loss.degree.map_or("", Degree::as_str);
    let degree = if forms.beside.deed == "judge" { typed.get("degree") } else { now };
    vec![
        Field::choice("degree", &w.degree, degrees.collect(), degree, faults),
        forms.text("judge", "responsible", &w.judge_who, &w.log_searcher_help),
        forms.text("judge", "basis", &w.judge_basis, ""),
        forms.text("judge", "compensation", &w.judge_paid, ""),
        forms.text("judge", "receipt", &w.judge_receipt, ""),
    ]
}

fn search(forms: &Forms<'_>) -> Vec<Field> {
    let w = &forms.frame.words.losses.one;
    let (typed, faults) = forms.filled("log");
    let results = Outcome::BY_HAND
        .iter()
        .map(|one| (one.as_str().to_owned(), forms.frame.either(one.zh(), &spaced(one.as_str())).to_owned()));
    vec![
        forms.text("log", "place", &w.log_place, &w.log_place_help),
        forms.text("log", "whereabouts", &w.log_words, ""),
        forms.text("log", "searcher", &w.log_searcher, &w.log_searcher_help),
        Field::choice("result", &w.result, results.collect(), typed.get("result"), faults),
        forms.text("log", "note", &w.log_note, ""),
    ]
}

/// A choice of the open steps to tick, and of the done ones to take back.
fn ticks(forms: &Forms<'_>) -> Vec<Field> {
    let w = &forms.frame.words.losses.one;
    let (typed, faults) = forms.filled("tick");
    let named =
        |one: &Standing, verb: &str, value: String| (value, format!("{verb} {} {}", one.step.code, one.step.title));
    let open = forms.told.steps.iter().filter(|one| !one.done).map(|one| named(one, "", one.step.code.clone()));
    let done =
        forms.told.steps.iter().filter(|one| one.done).map(|one| named(one, &w.untick, format!("-{}", one.step.code)));
    let all = open.chain(done).map(|(value, text)| (value, text.trim().to_owned())).collect();
    vec![Field::choice("step", &w.step, all, typed.get("step"), faults), forms.text("tick", "note", &w.untick_note, "")]
}

/// What the case shows, and where a paper is added.
async fn paper_blocks(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    told: &Told,
    beside: &Beside,
) -> Result<Vec<Block>, ApiError> {
    let (w, one) = (&frame.words.losses.one, &told.one);
    let kept = papers::of(app.db().read(), &papers_of(one, "")).await?;
    let mut all: Vec<(String, String)> =
        told.steps.iter().map(|one| (one.step.code.clone(), format!("{} {}", one.step.code, one.step.title))).collect();
    all.extend(
        told.logs.iter().map(|log| (format!("log:{}", log.id), w.paper_search.replace("{seq}", &log.seq.to_string()))),
    );
    all.push(("other".to_owned(), w.paper_other.clone()));
    let word = |step: &str| all.iter().find(|(name, _)| name == step).map_or(step, |(_, word)| word).to_owned();
    let mut table = Table::new(&[&w.paper_of, &w.paper_file].map(String::as_str));
    table.rows = kept
        .into_iter()
        .map(|paper| {
            let file = Td::link(paper.name, format!("/assets/papers/{}", paper.id));
            vec![word(&paper.step).into(), file.because(paper.uploaded_at.to_string())]
        })
        .collect();
    table.empty.1.clone_from(&w.no_papers);
    let mut blocks = vec![Block { title: w.papers.clone(), table: Some(table), ..Block::default() }];
    if permit(ctx, Action::AssetsMove, Some(one.loss.unit_id)).is_ok() {
        let faults = if beside.deed == "papers" { beside.faults.clone() } else { Faults::default() };
        let file = Field { kind: How::File, ..Field::text("file", &w.paper_file, "", &faults) };
        let form = Sheet {
            action: format!("/assets/missing/{}/papers", one.case.id),
            fields: vec![Field::choice("step", &w.paper_of, all, "", &faults), file.help(&w.paper_help)],
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
        "place_id" => "place",
        "searcher_id" => "searcher",
        "responsible_id" => "responsible",
        "compensation_fen" => "compensation",
        "paper" => "step",
        other => other,
    };
    ApiError::invalid(ours, reason)
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((id, deed)): Path<(Uuid, String)>,
    frame: Frame,
    axum::Form(typed): axum::Form<Typed>,
) -> Result<Response, ApiError> {
    let id = MissingCaseId(id);
    match carry_out(&app, &ctx, &frame, id, &deed, &typed).await {
        Ok(()) => Ok(Redirect::to(&format!("/assets/missing/{id}?said=done")).into_response()),
        Err(error) => {
            let faults = picks::refused(at_our_field(error), &FIELDS)?;
            page(&app, &ctx, id, frame, Beside { deed, typed, faults, ..Beside::default() }).await
        }
    }
}

async fn carry_out(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    id: MissingCaseId,
    deed: &str,
    typed: &Typed,
) -> Result<(), ApiError> {
    let place = async |field| match picks::place(app, ctx, frame, typed.get(field)).await? {
        Ok(place) => Ok(place.map(|place| place.id)),
        Err(text) => Err(ApiError::invalid(field, text)),
    };
    let person = async |field| match picks::person(app, ctx, frame, typed.get(field)).await? {
        Ok(person) => Ok(person.map(|person| person.id)),
        Err(text) => Err(ApiError::invalid(field, text)),
    };
    let (me, version) = (ctx.clone(), Some(typed.version()));
    let text = |name: &str| typed.get(name).to_owned();
    match deed {
        "log" => {
            let result =
                Outcome::by_name(typed.get("result")).ok_or_else(|| ApiError::invalid("result", "请选择结果"))?;
            let new = NewLog {
                searcher: person("searcher").await?,
                place: place("place").await?,
                whereabouts: text("whereabouts"),
                at: None,
                result,
                note: text("note"),
            };
            app.write(move |db| async move { service::log(&db, &me, id, &new).await }).await?;
        }
        "explain" => {
            let words = text("explanation").replace(['\r', '\n'], " ");
            app.write(move |db| async move { service::explain(&db, &me, id, version, &words).await }).await?;
        }
        "find" => {
            let found = Finding { place: place("place").await?, note: text("note"), ..Finding::default() };
            app.write(move |db| async move { service::find(&db, &me, id, version, &found).await }).await?;
        }
        "confirm" => {
            app.write(move |db| async move { steps::confirm(&db, &me, id, version).await }).await?;
        }
        "resume" => {
            let reason = text("reason");
            app.write(move |db| async move { steps::resume(&db, &me, id, version, &reason).await }).await?;
        }
        "judge" => {
            let judgment = read_judgment(typed, person("responsible").await?)?;
            app.write(move |db| async move { steps::judge(&db, &me, id, version, &judgment).await }).await?;
        }
        "ask" => {
            let reason = text("reason");
            app.write(move |db| async move { steps::ask(&db, &me, id, version, &reason).await }).await?;
        }
        "tick" => {
            let (step, note) = (text("step"), text("note"));
            let (code, done) = step.strip_prefix('-').map_or((step.as_str(), true), |code| (code, false));
            let code = code.to_owned();
            app.write(move |db| async move { procedure::tick(&db, &me, id, &code, done, &note).await }).await?;
        }
        "write-off" => {
            let with = WriteOff {
                decision: text("decision"),
                approval_number: text("approval_number"),
                voucher_number: text("voucher_number"),
                voucher_on: typed.get("voucher_on").parse().ok(),
            };
            app.write(move |db| async move { steps::write_off(&db, &me, id, version, &with).await }).await?;
        }
        _ => return Err(ApiError::NotFound("没有这个地址".to_owned())),
    }
    Ok(())
}

fn read_judgment(typed: &Typed, responsible: Option<PersonId>) -> Result<Judgment, ApiError> {
    let degree = Degree::by_name(typed.get("degree")).ok_or_else(|| ApiError::invalid("degree", "请选择责任程度"))?;
    let compensation = match typed.get("compensation") {
        "" => None,
        text => Some(Fen::parse_yuan(text).map_err(|error| ApiError::invalid("compensation", error.to_string()))?),
    };
    let (basis, receipt) = (typed.get("basis").to_owned(), typed.get("receipt").to_owned());
    Ok(Judgment { degree, responsible, basis, compensation, receipt })
}

pub(super) async fn add_paper(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
    request: Request,
) -> Result<Response, ApiError> {
    match files::take_for_case(&app, &ctx, id, request).await {
        Ok(_) => Ok(Redirect::to(&format!("/assets/missing/{id}?said=paper")).into_response()),
        Err(error) => {
            let faults = picks::refused(error, &["file", "step"])?;
            let beside = Beside { deed: "papers".to_owned(), faults, ..Beside::default() };
            page(&app, &ctx, MissingCaseId(id), frame, beside).await
        }
    }
}
