//! One inspection: its checklist to fill in, its photos, its signature, the printed form.

use axum::extract::{Request, State as Extract};
use axum::response::Response;
use axum::{Extension, Form};

use super::inspections::inspection_mark;
use super::{at, minute, options};
use crate::access::{Action, permit_somewhere};
use crate::firearms::entity::armoury;
use crate::firearms::inspections::checklist::Check;
use crate::firearms::inspections::entity::{inspection, photo};
use crate::firearms::inspections::model::{Outcome, State};
use crate::firearms::inspections::service::{self, Answers, asked};
use crate::firearms::inspections::store;
use crate::firearms::{ArmsError, store as registry};
use crate::kernel::Ctx;
use crate::web::api::firearms::inspections as files;
use crate::web::extract::{Path, Query};
use crate::web::layers::Visit;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Kind as How, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, presence_fields, refused_signed, said, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 5] = ["problems", "reported_to", "reason", "file", "step"];

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let said = said(&frame, &asked);
    page(&app, &ctx, frame, &number, said, ("", &Typed::default(), &Faults::default())).await
}

/// What a paper's page shows.
struct Shown {
    row: inspection::Model,
    of: armoury::Model,
    checks: Vec<&'static Check>,
    results: hashbrown::HashMap<String, crate::firearms::inspections::entity::result::Model>,
    photos: Vec<photo::Model>,
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    number: &str,
    said: String,
    beside: (&str, &Typed, &Faults),
) -> Result<Response, ApiError> {
    let db = app.db().read();
    let row = store::one(db, ctx, number).await?;
    let of = registry::armoury_by_id(db, row.armoury_id).await?.ok_or(ArmsError::NotFound("这个枪弹库"))?;
    let (results, photos) = (store::results(db, row.id).await?, store::photos(db, row.id).await?);
    let shown = Shown { checks: asked(&row, &of), row, of, results, photos };
    let row = &shown.row;
    let names = Names::of(db, row.in_charge_id.into_iter().chain([row.inspector_id]), []).await?;
    let w = &frame.words.firearms.inspect;
    let mut blocks = Vec::new();
    let theirs = row.state == State::Open && ctx.person() == Some(row.inspector_id);
    if theirs && frame.may(Action::InspectionsRun) {
        blocks.extend(deeds(&frame, &shown, beside));
    }
    blocks.push(facts(&frame, &shown, &names));
    if !theirs {
        blocks.push(Block { title: w.checks.clone(), table: Some(checks(&frame, &shown)), ..Block::default() });
    }
    blocks.push(Block { title: w.photos.clone(), table: Some(pictures(&frame, &shown)), ..Block::default() });
    let mark = inspection_mark(&frame, row);
    let title = format!("{} · {} · {}", row.number, shown.of.name, mark.text);
    let lead = row.cancelled_reason.clone();
    let back = ("/firearms/inspections".to_owned(), w.heading.clone());
    let href = format!("{}/form.pdf", at("inspections", &row.number));
    let steps = vec![Step { text: w.print.clone(), href, file: true, ..Step::default() }];
    Ok(Board { back, lead, said, steps, blocks, ..Board::new(frame, title) }.answer())
}

fn facts(frame: &Frame, shown: &Shown, names: &Names) -> Block {
    let (w, f, row) = (&frame.words.firearms.inspect, &frame.words.firearms.field, &shown.row);
    let kind = frame.either(row.kind.zh(), row.kind.as_str());
    let facts = [
        (&f.kind, Td::from(kind).because(row.occasion.clone())),
        (&w.day, row.day.to_string().into()),
        (&w.inspecting_unit, names.unit(Some(row.inspecting_unit_id)).into()),
        (&w.inspector, names.person(Some(row.inspector_id)).into()),
        (&w.inspected_unit, names.unit(Some(row.unit_id)).into()),
        (&f.store, Td::link(shown.of.name.clone(), at("stores", &shown.of.number))),
        (&f.in_charge, names.person(row.in_charge_id).into()),
        (&w.list_version, row.checklist.to_string().into()),
        (&w.problems, row.problems.clone().into()),
        (&w.reported_to, row.reported_to.clone().into()),
        (&w.signed_at, minute(row.signed_at).into()),
    ];
    let facts = facts.into_iter().map(|(name, td)| (name.clone(), td)).collect();
    Block { title: w.paper.clone(), facts, ..Block::default() }
}

fn checks(frame: &Frame, shown: &Shown) -> Table {
    let (w, f) = (&frame.words.firearms.inspect, &frame.words.firearms.field);
    let mut table = Table::new(&[&w.area, &w.check, &w.outcome, &f.note]);
    for check in &shown.checks {
        let result = shown.results.get(check.code);
        let mark = match result.map(|one| one.outcome) {
            Some(Outcome::Pass) => "good",
            Some(Outcome::Fail) => "bad",
            Some(Outcome::NotApplicable) => "calm",
            None => "ask",
        };
        let word = result.map_or(w.unanswered.as_str(), |one| frame.either(one.outcome.zh(), one.outcome.as_str()));
        table.rows.push(vec![
            Td::from(check.area).quoted(),
            Td::from(check.text).quoted(),
            Td::mark(mark, word),
            Td::from(result.map(|one| one.remark.clone()).unwrap_or_default()).quoted(),
        ]);
    }
    table
}

fn pictures(frame: &Frame, shown: &Shown) -> Table {
    let w = &frame.words.firearms.inspect;
    let mut table = Table::new(&[&w.check, &w.photo, "SHA-256"]);
    for one in &shown.photos {
        let check = shown.checks.iter().find(|check| check.code == one.code).map_or("", |check| check.text);
        let file = Td::link(one.name.clone(), format!("/firearms/inspection-photos/{}", one.id));
        let row =
            vec![Td::from(check).quoted(), file.because(minute(Some(one.uploaded_at))), Td::mono(one.sha256.clone())];
        table.rows.push(row);
    }
    table.empty.1.clone_from(&w.no_photos);
    table
}

fn deeds(frame: &Frame, shown: &Shown, (deed, typed, faults): (&str, &Typed, &Faults)) -> Vec<Block> {
    let (w, row) = (&frame.words.firearms.inspect, &shown.row);
    let (blank, clean) = (Typed::default(), Faults::default());
    let of = |name: &str| if deed == name { (typed, faults) } else { (&blank, &clean) };
    let form = |name: &str, title: &String, help: &String, fields: Vec<Field>, danger: bool| {
        let sheet = Sheet {
            action: format!("{}/{name}", at("inspections", &row.number)),
            hidden: vec![("version".to_owned(), row.version.to_string())],
            fields,
            submit: title.clone(),
            general: of(name).1.general().to_owned(),
            danger,
            ..Sheet::default()
        };
        let notes = if help.is_empty() { Vec::new() } else { vec![help.clone()] };
        Block { title: title.clone(), notes, form: Some(sheet), ..Block::default() }
    };
    let fill = form("answers", &w.fill, &w.fill_help, questions(frame, shown, of("answers")), false);
    let sign = form("sign", &w.sign, &w.sign_help, presence_fields(frame, of("sign").0, of("sign").1), false);
    let filled = shown.checks.iter().all(|check| shown.results.contains_key(check.code));
    // What comes next stands open, the rest is folded; who signs too early hears why.
    let mut blocks = if filled || deed == "sign" { vec![sign, fill] } else { vec![fill] };
    let (_, faults) = of("photos");
    let mut steps = vec![(String::new(), w.of_the_whole.clone())];
    steps.extend(shown.checks.iter().map(|check| (check.code.to_owned(), check.text.to_owned())));
    let file = Field { kind: How::File, ..Field::text("file", &w.photo, "", faults) };
    blocks.push(form(
        "photos",
        &w.add_photo,
        &String::new(),
        vec![Field::choice("step", &w.check, steps, "", faults), file],
        false,
    ));
    let reason =
        Field::text("reason", &frame.words.firearms.field.reason, of("cancel").0.get("reason"), of("cancel").1);
    blocks.push(form("cancel", &w.cancel, &String::new(), vec![reason], true));
    blocks
}

fn questions(frame: &Frame, shown: &Shown, (typed, faults): (&Typed, &Faults)) -> Vec<Field> {
    let w = &frame.words.firearms.inspect;
    let refused = !typed.get("version").is_empty();
    let mut fields = Vec::new();
    let mut area = "";
    for check in &shown.checks {
        if check.area != area {
            area = check.area;
            fields.push(Field { kind: How::Heading, ..Field::text("", area, "", faults) });
        }
        let (choice, why) = (format!("c_{}", check.code), format!("r_{}", check.code));
        let result = shown.results.get(check.code);
        let stands = result.map(|one| (one.outcome.as_str().to_owned(), one.remark.clone())).unwrap_or_default();
        let (value, remark) =
            if refused { (typed.get(&choice).to_owned(), typed.get(&why).to_owned()) } else { stands };
        let mut all = vec![(String::new(), w.unanswered.clone())];
        all.extend(options!(frame, Outcome));
        fields.push(Field::choice(&choice, check.text, all, &value, faults));
        fields.push(Field::text(&why, &frame.words.firearms.field.note, &remark, faults));
    }
    let said = |id: &str, stands: &str| if refused { typed.get(id).to_owned() } else { stands.to_owned() };
    fields.push(Field::area("problems", &w.problems, &said("problems", &shown.row.problems), faults));
    fields.push(Field::text("reported_to", &w.reported_to, &said("reported_to", &shown.row.reported_to), faults));
    fields
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path((number, deed)): Path<(String, String)>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::InspectionsRun)?;
    match go(&app, &visit, &ctx, &frame, &number, &deed, &typed).await {
        Ok(()) => Ok(to(&at("inspections", &number), "saved")),
        Err(error) => {
            let faults = refused_signed(error, &FIELDS)?;
            page(&app, &ctx, frame, &number, String::new(), (&deed, &typed, &faults)).await
        }
    }
}

async fn go(
    app: &App,
    visit: &Visit,
    ctx: &Ctx,
    frame: &Frame,
    number: &str,
    deed: &str,
    typed: &Typed,
) -> Result<(), ApiError> {
    let (asker, number) = (ctx.clone(), number.to_owned());
    match deed {
        "answers" => {
            let row = store::one(app.db().read(), ctx, &number).await?;
            let of = registry::armoury_by_id(app.db().read(), row.armoury_id).await?;
            let of = of.ok_or(ArmsError::NotFound("这个枪弹库"))?;
            let answer = |check: &&Check| {
                let outcome = Outcome::by_name(typed.get(&format!("c_{}", check.code)))?;
                Some((check.code.to_owned(), outcome, typed.get(&format!("r_{}", check.code)).to_owned()))
            };
            let answers = Answers {
                checks: asked(&row, &of).iter().filter_map(answer).collect(),
                problems: Some(typed.get("problems").to_owned()),
                reported_to: Some(typed.get("reported_to").to_owned()),
            };
            let version = Some(typed.version());
            app.write(move |db| async move { service::answer(&db, &asker, &number, version, &answers).await }).await?;
        }
        "sign" => {
            let signer = super::second(app, visit, ctx, frame, typed).await?;
            app.write(move |db| async move { service::sign(&db, &signer, &[number]).await }).await?;
        }
        "cancel" => {
            let reason = typed.get("reason").to_owned();
            app.write(move |db| async move { service::cancel(&db, &asker, &number, &reason).await }).await?;
        }
        _ => return Err(ApiError::NotFound("没有这个地址".to_owned())),
    }
    Ok(())
}

pub(super) async fn take_photo(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    frame: Frame,
    request: Request,
) -> Result<Response, ApiError> {
    match files::take_in(&app, &ctx, &number, request).await {
        Ok(_) => Ok(to(&at("inspections", &number), "saved")),
        Err(error) => {
            let error = match error {
                ApiError::TooLarge => ApiError::invalid("file", frame.words.items.card.too_large.clone()),
                other => other,
            };
            let faults = refused_signed(error, &FIELDS)?;
            page(&app, &ctx, frame, &number, String::new(), ("photos", &Typed::default(), &faults)).await
        }
    }
}
