//! The procedure for missing things, and laying it down anew.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;

use crate::access::Action;
use crate::assets::missing::model::Part;
use crate::assets::missing::procedure::{self, NewStep};
use crate::kernel::Ctx;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Table, Td};
use crate::web::pages::admin::shared::{Typed, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 3] = ["effective_from", "source", "steps"];

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let said = if asked.get("said") == "done" { frame.words.losses.procedure.said.clone() } else { String::new() };
    page(&app, &ctx, frame, said, None, &Faults::default()).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    said: String,
    typed: Option<&Typed>,
    faults: &Faults,
) -> Result<Response, ApiError> {
    procedure::permit_to_read(ctx)?;
    let all = procedure::all(app.db().read()).await?;
    let now = ctx.now();
    let w = &frame.words.losses.procedure;
    let holding = all.iter().find(|one| one.head.effective_from <= now);
    let mut table = Table::new(&[&w.part, &w.code, &w.text, &w.paper, &w.required].map(String::as_str));
    let mut lines = Vec::new();
    for step in holding.iter().flat_map(|one| &one.steps) {
        let part = frame.either(step.part.zh(), step.part.as_str());
        let yes = |is: bool| if is { w.yes.clone() } else { w.no.clone() };
        let (paper, required) = (yes(step.needs_paper), yes(step.required));
        lines.push(format!("{part} | {} | {} | {paper} | {required}", step.code, step.title));
        table.rows.push(vec![
            part.into(),
            Td::mono(step.code.clone()),
            Td::from(step.title.clone()).quoted(),
            paper.into(),
            required.into(),
        ]);
    }
    let why = if frame.may(Action::RulesWrite) { String::new() } else { w.not_yours.clone() };
    let blank = Typed::default();
    let typed_steps = typed.map(|typed| typed.get("steps").to_owned()).unwrap_or_else(|| lines.join("\n"));
    let typed = typed.unwrap_or(&blank);
    let fields = vec![
        Field::input("effective_from", &w.from, "date", typed.get("effective_from"), faults),
        Field::text("source", &w.source, typed.get("source"), faults),
        Field::area("steps", &w.steps_field, &typed_steps, faults).help(&w.steps_help),
    ];
    let form = Sheet {
        action: "/assets/missing/procedure".to_owned(),
        fields: if why.is_empty() { fields } else { Vec::new() },
        submit: w.submit.clone(),
        general: faults.general().to_owned(),
        why,
        ..Sheet::default()
    };
    let names = Names::of(app.db().read(), [], all.iter().map(|one| one.head.set_by.as_str())).await?;
    let mut history = Table::new(&[&w.from, &format!("#{}", w.text), &w.source].map(String::as_str));
    for one in &all {
        let from = if one.head.effective_from.0 == 0 { "—".to_owned() } else { one.head.effective_from.to_string() };
        let by = Td::from(one.head.source.clone()).quoted().because(names.actor(&frame, &one.head.set_by));
        history.rows.push(vec![from.into(), Td::num(one.steps.len().to_string(), ""), by]);
    }
    let title = w.title.replace("{count}", &table.rows.len().to_string());
    let source = holding.map(|one| one.head.source.clone()).filter(|source| !source.is_empty());
    let facts = source.map(|source| (w.source.clone(), Td::from(source).quoted())).into_iter().collect();
    let blocks = vec![
        Block { facts, table: Some(table), ..Block::default() },
        Block { title: w.edit.clone(), notes: vec![w.edit_help.clone()], form: Some(form), ..Block::default() },
        Block { title: w.history.clone(), table: Some(history), ..Block::default() },
    ];
    let back = ("/assets/missing".to_owned(), frame.words.losses.list.heading.clone());
    let lead = w.lead.clone();
    Ok(Board { back, lead, said, blocks, ..Board::new(frame, title) }.answer())
}

/// The steps of a text, one a line; or which line is no step.
fn read(text: &str) -> Result<Vec<NewStep>, usize> {
    let yes = |word: &str| match word {
        "是" | "yes" => Some(true),
        "否" | "no" => Some(false),
        _ => None,
    };
    let step = |line: &str| {
        let parts: Vec<&str> = line.split(['|', '｜']).map(str::trim).collect();
        let [part, code, title, paper, required] = parts.as_slice() else { return None };
        Some(NewStep {
            part: Part::by_name(part)?,
            code: (*code).to_owned(),
            title: (*title).to_owned(),
            needs_paper: yes(paper)?,
            required: yes(required)?,
        })
    };
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(number, line)| step(line).ok_or(number)).collect()
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    crate::access::permit(&ctx, Action::RulesWrite, None)?;
    let from = match typed.day("effective_from", &frame) {
        Ok(from) => from,
        Err(faults) => return page(&app, &ctx, frame, String::new(), Some(&typed), &faults).await,
    };
    let steps = match read(typed.get("steps")) {
        Ok(steps) => steps,
        Err(line) => {
            let text = frame.words.losses.procedure.bad_line.replace("{line}", &line.to_string());
            return page(&app, &ctx, frame, String::new(), Some(&typed), &Faults::at("steps", text)).await;
        }
    };
    let (me, source) = (ctx.clone(), typed.get("source").to_owned());
    let done = app.write(move |db| async move { procedure::lay_down(&db, &me, from, &source, &steps).await });
    match done.await {
        Ok(_) => Ok(to("/assets/missing/procedure", "done")),
        Err(error) => {
            let faults = picks::refused(error, &FIELDS)?;
            page(&app, &ctx, frame, String::new(), Some(&typed), &faults).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_step_or_is_named() {
        let text = "盘亏确认 | 1.1 | 核对盘点表 | 是 | 是\n\nminding ｜ 3.1 ｜ 归档 ｜ no ｜ yes\n";
        let steps = read(text).unwrap();
        let told: Vec<_> = steps.iter().map(|step| (step.part, step.needs_paper, step.required)).collect();
        assert_eq!(told, [(Part::Confirming, true, true), (Part::Minding, false, true)]);
        assert_eq!(read("盘亏确认 | 1.1 | 核对 | 是 | 是\n别的 | 1 | 核对 | 是 | 是"), Err(2));
        assert_eq!(read("盘亏确认 | 1.1 | 核对 | 也许 | 是"), Err(1));
        assert_eq!(read("盘亏确认 | 1.1 | 核对"), Err(1));
    }
}
