//! The classes with their lives, and the codes of the old edition: read by all, set by the security administrator.

use axum::Form;
use axum::extract::State;
use axum::response::Response;

use crate::access::{Action, permit, permit_somewhere};
use crate::assets::card::kinds::Structure;
use crate::assets::classes::catalogue::RuleKind;
use crate::assets::classes::entity::class;
use crate::assets::classes::service::{self, NewClass};
use crate::kernel::Ctx;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::{Typed, refused, said, to};
use crate::web::pages::duties::names::spaced;
use crate::web::pages::form::{Faults, in_query};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 7] = ["code", "structure", "name", "rule", "life_years", "effective_from", "source"];
const MAPPED: [&str; 3] = ["old_code", "codes", "map_source"];

fn rule_word(frame: &Frame, row: &class::Model) -> String {
    match row.life_years {
        Some(_) => String::new(),
        None => frame.either(row.rule.zh(), &spaced(row.rule.as_str())).to_owned(),
    }
}

fn structure_word(frame: &Frame, structure: &str) -> String {
    let known = Structure::ALL.iter().find(|known| known.as_str() == structure);
    known.map_or(String::new(), |known| frame.either(known.zh(), known.as_str()).to_owned())
}

pub(super) async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    page(&app, &ctx, frame, &asked, &Faults::default()).await
}

async fn page(app: &App, ctx: &Ctx, frame: Frame, typed: &Typed, faults: &Faults) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::OrgRead)?;
    let (all, today) = (service::current(app.db()).await?, ctx.now().day());
    let w = &frame.words.cards.classes;
    let mut table = Table::new(&[&w.code, &w.name, &format!("#{}", w.life), &w.rule, &w.since, &w.source]);
    for (code, structure, rows) in all.all() {
        let begun = rows.iter().filter(|row| row.effective_from <= today);
        let held = begun.max_by_key(|row| (row.effective_from, row.version)).or_else(|| rows.first());
        let Some(held) = held else { continue };
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(code, format!("/classes/{code}")) },
            Td::from(held.name.as_str()).quoted().because(structure_word(&frame, structure)),
            Td::num(held.life_years.map(|years| years.to_string()).unwrap_or_default(), ""),
            rule_word(&frame, held).into(),
            Td { class: "tight", ..held.effective_from.to_string().into() },
            Td::from(held.source.as_str()).quoted(),
        ]);
    }
    let mut old = Table::new(&[&w.old_code, &w.codes]);
    for (code, codes) in all.old_codes() {
        let named = codes.iter().map(|code| format!("{code} {}", all.name(code, today)));
        old.rows.push(vec![Td::mono(code), Td::from(named.collect::<Vec<_>>().join("、")).quoted()]);
    }
    let mut blocks = vec![Block { table: Some(table), ..Block::default() }];
    blocks.push(Block { title: w.old.clone(), notes: vec![w.old_lead.clone()], table: Some(old), ..Block::default() });
    if frame.may(Action::RulesWrite) {
        blocks.push(Block {
            title: w.map.clone(),
            form: Some(Sheet {
                action: "/classes/old".to_owned(),
                fields: vec![
                    Field::text("old_code", &w.old_code, typed.get("old_code"), faults),
                    Field::text("codes", &w.codes, typed.get("codes"), faults).help(&w.codes_help),
                    Field::text("map_source", &w.source, typed.get("map_source"), faults),
                ],
                submit: w.map.clone(),
                general: faults.general().to_owned(),
                ..Sheet::default()
            }),
            ..Block::default()
        });
        blocks.push(Block { title: w.new.clone(), form: Some(form(&frame, None, typed, faults)), ..Block::default() });
    }
    let (said, title, lead) = (said(&frame, typed), w.title.clone(), w.lead.clone());
    Ok(Board { said, lead, blocks, ..Board::new(frame, title) }.answer())
}

fn form(frame: &Frame, held: Option<&class::Model>, typed: &Typed, faults: &Faults) -> Sheet {
    let w = &frame.words.cards.classes;
    let or = |name: &str, otherwise: String| match typed.get(name) {
        "" => otherwise,
        text => text.to_owned(),
    };
    let of = |fact: fn(&class::Model) -> String| held.map(fact).unwrap_or_default();
    let rules = RuleKind::ALL.iter();
    let rules =
        rules.map(|rule| (rule.as_str().to_owned(), frame.either(rule.zh(), &spaced(rule.as_str())).to_owned()));
    let structures =
        Structure::ALL.iter().map(|is| (is.as_str().to_owned(), frame.either(is.zh(), is.as_str()).to_owned()));
    let structures = std::iter::once((String::new(), "—".to_owned())).chain(structures).collect();
    let life = of(|row| row.life_years.map(|years| years.to_string()).unwrap_or_default());
    let fields = vec![
        Field::text("code", &w.code, &or("code", of(|row| row.code.clone())), faults),
        Field::choice("structure", &w.structure, structures, &or("structure", of(|row| row.structure.clone())), faults),
        Field::text("name", &w.name, &or("name", of(|row| row.name.clone())), faults),
        Field::choice("rule", &w.rule, rules.collect(), &or("rule", of(|row| row.rule.as_str().to_owned())), faults),
        Field::text("life_years", &w.life, &or("life_years", life), faults),
        Field::input("effective_from", &w.effective, "date", typed.get("effective_from"), faults)
            .help(&w.effective_help),
        Field::text("source", &w.source, &or("source", of(|row| row.source.clone())), faults),
    ];
    let code = held.map_or("new", |row| row.code.as_str());
    Sheet {
        action: format!("/classes/{}", in_query(code)),
        fields,
        submit: w.set.clone(),
        general: faults.general().to_owned(),
        ..Sheet::default()
    }
}

pub(super) async fn one(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(code): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    one_class(&app, &ctx, frame, &code, &asked, &Faults::default()).await
}

async fn one_class(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    code: &str,
    typed: &Typed,
    faults: &Faults,
) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::OrgRead)?;
    let all = service::current(app.db()).await?;
    let w = &frame.words.cards.classes;
    let mut table = Table::new(&[&w.since, &w.name, &w.structure, &format!("#{}", w.life), &w.rule, &w.source]);
    let mut rows: Vec<&class::Model> =
        all.all().filter(|(known, ..)| *known == code).flat_map(|(.., rows)| rows).collect();
    rows.sort_by_key(|row| (row.structure.clone(), std::cmp::Reverse((row.effective_from, row.version))));
    let Some(held) = rows.first().copied() else { return Err(ApiError::NotFound("没有这个分类".to_owned())) };
    for row in &rows {
        table.rows.push(vec![
            Td { class: "tight", ..row.effective_from.to_string().into() },
            Td::from(row.name.as_str()).quoted(),
            structure_word(&frame, &row.structure).into(),
            Td::num(row.life_years.map(|years| years.to_string()).unwrap_or_default(), ""),
            rule_word(&frame, row).into(),
            Td::from(row.source.as_str()).quoted(),
        ]);
    }
    let mut blocks = Vec::new();
    if frame.may(Action::RulesWrite) {
        let form = form(&frame, Some(held), typed, faults);
        blocks.push(Block { title: w.set_code.clone(), form: Some(form), ..Block::default() });
    }
    blocks.push(Block { title: w.history.clone(), table: Some(table), ..Block::default() });
    let title = format!("{code} {}", all.name(code, ctx.now().day()));
    let (said, back) = (said(&frame, typed), ("/classes".to_owned(), w.title.clone()));
    Ok(Board { said, back, blocks, quoted: true, ..Board::new(frame, title) }.answer())
}

fn read(ctx: &Ctx, frame: &Frame, typed: &Typed) -> Result<NewClass, Faults> {
    let life_years = match typed.get("life_years") {
        "" => None,
        text => Some(text.parse().map_err(|_| Faults::at("life_years", "应为整数".to_owned()))?),
    };
    let effective_from = match typed.get("effective_from") {
        "" => ctx.now().day(),
        text => text.parse().map_err(|_| Faults::at("effective_from", frame.words.admin.shared.bad_day.clone()))?,
    };
    Ok(NewClass {
        code: typed.get("code").to_ascii_uppercase(),
        structure: Structure::from_office_text(typed.get("structure")),
        name: typed.get("name").to_owned(),
        rule: RuleKind::by_name(typed.get("rule")).unwrap_or(RuleKind::Inherit),
        life_years,
        effective_from,
        source: typed.get("source").to_owned(),
    })
}

pub(super) async fn set(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(code): Path<String>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::RulesWrite, None)?;
    let faults = match read(&ctx, &frame, &typed) {
        Err(faults) => faults,
        Ok(new) => {
            let asker = ctx.clone();
            match app.write(move |db| async move { service::set(&db, &asker, &new).await }).await {
                Ok(row) => return Ok(to(&format!("/classes/{}", row.code), "saved")),
                Err(error) => refused(error, &FIELDS)?,
            }
        }
    };
    if code == "new" {
        return page(&app, &ctx, frame, &typed, &faults).await;
    }
    one_class(&app, &ctx, frame, &code, &typed, &faults).await
}

pub(super) async fn map(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::RulesWrite, None)?;
    let codes: Vec<String> = typed.get("codes").split([',', '，', '、', ' ']).map(str::to_owned).collect();
    let (old, source) = (typed.get("old_code").to_owned(), typed.get("map_source").to_owned());
    let asker = ctx.clone();
    match app.write(move |db| async move { service::map(&db, &asker, &old, &codes, &source).await }).await {
        Ok(_) => Ok(to("/classes", "saved")),
        Err(error) => {
            let error = match error {
                ApiError::Invalid { field: Some(field), reason } if field == "source" => {
                    ApiError::invalid("map_source", reason)
                }
                other => other,
            };
            let faults = refused(error, &MAPPED)?;
            page(&app, &ctx, frame, &typed, &faults).await
        }
    }
}
