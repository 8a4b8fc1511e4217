//! A list that was sent down: its things with where to look, and that the unit has it.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;

use super::cases::export;
use super::state_mark;
use crate::access::{Action, permit, permit_somewhere};
use crate::assets::missing::sending;
use crate::assets::missing::store;
use crate::kernel::Ctx;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::items::{at, picks};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let said = if asked.get("said") == "done" { frame.words.losses.list_page.said.clone() } else { String::new() };
    if asked.get("as") == "xlsx" {
        permit_somewhere(&ctx, Action::ItemsRead)?;
        let row = store::list_of(app.db().read(), &ctx, &number).await?;
        let cases = store::lines_of(app.db().read(), row.id).await?;
        return export(&app, &ctx, &frame, &cases, &row.number).await;
    }
    page(&app, &ctx, &number, frame, said, &Typed::default(), &Faults::default()).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    number: &str,
    frame: Frame,
    said: String,
    typed: &Typed,
    faults: &Faults,
) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::ItemsRead)?;
    let db = app.db().read();
    let row = store::list_of(db, ctx, number).await?;
    let cases = store::lines_of(db, row.id).await?;
    let names = Names::of(db, row.acknowledged_by, [row.sent_by.as_str()]).await?;
    let leads = store::leads(db, &cases.iter().map(|one| one.thing.id).collect::<Vec<_>>()).await?;
    let (w, l) = (&frame.words.losses.list_page, &frame.words.losses.list);
    let acknowledged =
        row.acknowledged_at.map(|at| Td::from(names.person(row.acknowledged_by)).because(at.to_string()));
    let late = row.due_on < ctx.now().day() && cases.iter().any(|one| one.case.state.is_open());
    let due = Td::from(row.due_on.to_string()).because(if late { w.late.clone() } else { String::new() });
    let mut facts = vec![
        (l.unit.clone(), names.unit(Some(row.unit_id)).into()),
        (w.count.clone(), row.line_count.to_string().into()),
        (w.value.clone(), row.value_fen.to_string().into()),
        (w.sent_by.clone(), Td::from(names.actor(&frame, &row.sent_by)).because(row.sent_at.to_string())),
        (w.due_on.clone(), due),
        (w.note.clone(), row.note.clone().into()),
        (w.acknowledged.clone(), acknowledged.unwrap_or_default()),
        (w.reply.clone(), row.acknowledgement.clone().into()),
    ];
    facts.retain(|(_, td)| !td.text.is_empty());
    let mut table =
        Table::new(&[&l.number, &l.thing, &w.lead_col, &w.result, &format!("#{}", l.value)].map(String::as_str));
    for one in &cases {
        let (thing, mark) = (&one.thing, state_mark(&frame, one.standing));
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(thing.item_number.clone(), format!("/assets/missing/{}", one.case.id)) },
            Td::link(format!("{} {}", thing.name, thing.specification).trim(), at(&thing.item_number)),
            leads.get(&thing.id).cloned().unwrap_or_default().into(),
            Td::mark(mark.look, mark.text),
            Td::num(thing.value_fen.to_string(), ""),
        ]);
    }
    let mut blocks = Vec::new();
    if row.acknowledged_at.is_none() {
        let may = |action| permit(ctx, action, Some(row.unit_id)).is_ok();
        let why = match (row.sent_by == ctx.actor.to_string(), may(Action::AssetsMove) || may(Action::LossesConfirm)) {
            (true, _) => w.sender_cannot.clone(),
            (false, false) => w.not_unit.clone(),
            (false, true) => String::new(),
        };
        let field = Field::text("acknowledgement", &w.reply, typed.get("acknowledgement"), faults);
        let form = Sheet {
            action: format!("/assets/missing/lists/{}/acknowledge", row.number),
            hidden: vec![("version".to_owned(), row.version.to_string())],
            fields: if why.is_empty() { vec![field] } else { Vec::new() },
            submit: w.acknowledge.clone(),
            general: faults.general().to_owned(),
            why,
            ..Sheet::default()
        };
        let notes = vec![w.acknowledge_help.clone()];
        blocks.push(Block { title: w.acknowledge.clone(), notes, form: Some(form), ..Block::default() });
    }
    blocks.push(Block { title: w.facts.clone(), facts, ..Block::default() });
    blocks.push(Block { title: w.things.clone(), table: Some(table), ..Block::default() });
    let state = if row.acknowledged_at.is_some() { &l.acknowledged } else { &l.waits };
    let title = w.title.replace("{year}", &row.list_year.to_string()).replace("{number}", &row.number);
    let title = title.replace("{state}", state);
    let file = |text: &String, href: String| Step { text: text.clone(), href, file: true, ..Step::default() };
    let steps = vec![
        file(&frame.words.common.export, frame.address.with("as", "xlsx")),
        file(&w.pdf, format!("/assets/missing/lists/{}/list.pdf", row.number)),
    ];
    let (back, lead) = (("/assets/missing".to_owned(), l.heading.clone()), w.lead.clone());
    Ok(Board { back, lead, said, steps, blocks, ..Board::new(frame, title) }.answer())
}

pub(super) async fn acknowledge(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    let (me, of, said, version) =
        (ctx.clone(), number.clone(), typed.get("acknowledgement").to_owned(), Some(typed.version()));
    let done = app.write(move |db| async move { sending::acknowledge(&db, &me, &of, version, &said).await });
    match done.await {
        Ok(row) => Ok(to(&format!("/assets/missing/lists/{}", row.number), "done")),
        Err(error) => {
            let faults = picks::refused(error, &["acknowledgement"])?;
            page(&app, &ctx, &number, frame, String::new(), &typed, &faults).await
        }
    }
}
