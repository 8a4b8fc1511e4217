//! Draws: who has what since when, what waits; and the form that asks for one.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;

use super::{at, instant, minute, options, whole};
use crate::access::{Action, permit, permit_somewhere};
use crate::firearms::draws::asking::{self, NewDraw};
use crate::firearms::draws::model::{Purpose, State};
use crate::firearms::draws::store::{self, Shown, Wanted};
use crate::firearms::entity::armoury;
use crate::firearms::model::StoreKind;
use crate::kernel::Ctx;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Kind, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, said, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::parts::{Mark, PAGE, cut};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

const FIELDS: [&str; 9] = ["armoury", "model", "purpose", "task", "rounds", "magazines", "from", "due", "urgent"];

/// Red when the gun should be back: that comes before every other state.
pub(super) fn draw_mark(frame: &Frame, ctx: &Ctx, one: &Shown) -> Mark {
    if one.state.is_out() && ctx.now() > one.row.due_at {
        return Mark::new("bad", frame.words.firearms.draw.overdue.clone());
    }
    let look = match one.state {
        State::Asked => "ask",
        State::Approved | State::Handing | State::Out | State::Returning => "warn",
        State::Closed => "good",
        State::Refused => "bad",
        State::Withdrawn => "calm",
    };
    Mark::new(look, frame.either(one.state.zh(), one.state.as_str()))
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let (db, w, f) = (app.db().read(), &frame.words.firearms.draw, &frame.words.firearms.field);
    let wanted = Wanted {
        state: State::by_name(asked.get("state")),
        unit: asked.id("unit"),
        drawer: None,
        out: asked.get("out") == "yes",
        before: asked.id("after"),
    };
    let mut rows = store::list(db, &ctx, &wanted, PAGE + 1).await?;
    let next = cut(&mut rows, PAGE, |one| one.row.id.to_string());
    let names = Names::of(db, rows.iter().map(|one| one.row.drawer_id), []).await?;
    let rounds = format!("#{}", f.rounds);
    let mut table = Table::new(&[&w.number, &f.state, &w.drawer, &f.model, &rounds, &w.purpose, &w.out_at, &w.due]);
    for one in &rows {
        let mark = draw_mark(&frame, &ctx, one);
        let many = if one.row.out_at.is_some() { one.row.rounds_out } else { one.row.rounds_asked };
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(one.row.number.clone(), at("draws", &one.row.number)) },
            Td::mark(mark.look, mark.text),
            names.person_and_unit(one.row.drawer_id).into(),
            one.row.model_key.clone().into(),
            Td::num(many.to_string(), ""),
            Td::from(frame.either(one.row.purpose.zh(), one.row.purpose.as_str())).because(one.row.task.clone()),
            minute(one.row.out_at).into(),
            minute(Some(one.row.due_at)).into(),
        ]);
    }
    (table.next, table.paged) = (next, true);
    let asks = frame.may(Action::DrawsAsk);
    let begin = if asks { "/firearms/draws/new" } else { "" };
    table.empty = ("clipboard-list", w.none.clone(), w.none_help.clone(), begin.to_owned(), w.new.clone());
    let out = rows.iter().filter(|one| one.state.is_out()).count();
    let title = w.title.replace("{out}", &out.to_string());
    let filters = vec![
        Field::filter_of(&frame, "state", &f.state, options!(frame, State)),
        Field::filter_of(&frame, "out", &w.only_out, vec![("yes".to_owned(), frame.words.common.yes.clone())]),
        Field::filter_of(&frame, "unit", &f.unit, names.units_within(&ctx, Action::FirearmsRead)),
    ];
    let why = if asks { String::new() } else { w.not_officer.clone() };
    let steps = vec![Step {
        text: w.new.clone(),
        href: "/firearms/draws/new".to_owned(),
        why,
        primary: true,
        ..Step::default()
    }];
    let back = ("/firearms".to_owned(), frame.words.nav.firearms.clone());
    let said = said(&frame, &asked);
    let blocks = vec![Block { table: Some(table), ..Block::default() }];
    Ok(Board { back, said, filters, steps, blocks, ..Board::new(frame, title) }.answer())
}

pub(super) async fn show_new(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::DrawsAsk)?;
    form(&app, &ctx, frame, &asked, &Faults::default()).await
}

/// Stores of guns that whoever asks may draw from.
async fn stores(app: &App, ctx: &Ctx) -> Result<Vec<(String, String)>, ApiError> {
    let rows = armoury::Entity::find()
        .filter(armoury::Column::Kind.eq(StoreKind::Gun))
        .filter(armoury::Column::Active.eq(true))
        .order_by_asc(armoury::Column::NumberKey)
        .all(app.db().read())
        .await
        .map_err(crate::db::DbError::from)?;
    let theirs = rows.into_iter().filter(|row| permit(ctx, Action::DrawsAsk, Some(row.unit_id)).is_ok());
    Ok(theirs.map(|row| (row.number.clone(), format!("{} {}", row.number, row.name))).collect())
}

async fn form(app: &App, ctx: &Ctx, frame: Frame, typed: &Typed, faults: &Faults) -> Result<Response, ApiError> {
    let (w, f) = (&frame.words.firearms.draw, &frame.words.firearms.field);
    let text = |id: &str, label: &String| Field::text(id, label, typed.get(id), faults);
    let input = |id: &str, label: &String, kind| Field::input(id, label, kind, typed.get(id), faults);
    let kinds = [("cross_area", &w.cross_area), ("bulk", &w.bulk), ("urgent", &w.urgent)];
    let ticks = kinds.map(|(id, label)| (id.to_owned(), label.clone(), typed.all("kinds").any(|one| one == id)));
    let fields = vec![
        Field::choice("armoury", &f.store, stores(app, ctx).await?, typed.get("armoury"), faults),
        text("model", &f.model),
        Field::choice("purpose", &w.purpose, options!(frame, Purpose), typed.get("purpose"), faults),
        text("task", &w.task),
        input("rounds", &f.rounds, "number"),
        input("magazines", &w.magazines, "number"),
        input("from", &w.from, "datetime-local"),
        input("due", &w.due, "datetime-local").help(&w.due_help),
        Field { kind: Kind::Ticks(ticks.to_vec()), ..Field::text("kinds", &w.kinds, "", faults) },
    ];
    let sheet = Sheet {
        action: "/firearms/draws/new".to_owned(),
        fields,
        submit: w.submit.clone(),
        general: faults.general().to_owned(),
        cancel: "/firearms/draws".to_owned(),
        ..Sheet::default()
    };
    let (title, lead) = (w.new.clone(), w.new_help.clone());
    let back = ("/firearms/draws".to_owned(), w.heading.clone());
    let block = Block { form: Some(sheet), ..Block::default() };
    Ok(Board { back, lead, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn take_new(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::DrawsAsk)?;
    let faults = match read(&ctx, &frame, &typed) {
        Err(faults) => faults,
        Ok(new) => {
            let asker = ctx.clone();
            match app.write(move |db| async move { asking::ask(&db, &asker, &new).await }).await {
                Ok(row) => return Ok(to(&at("draws", &row.number), "created")),
                Err(ApiError::NotFound(text)) => Faults::at("armoury", text),
                Err(error) => picks::refused(error, &FIELDS)?,
            }
        }
    };
    form(&app, &ctx, frame, &typed, &faults).await
}

fn read(ctx: &Ctx, frame: &Frame, typed: &Typed) -> Result<NewDraw, Faults> {
    let ticked = |id: &str| typed.all("kinds").any(|one| one == id);
    let due = instant(frame, typed, "due")?;
    Ok(NewDraw {
        armoury: typed.get("armoury").to_owned(),
        model: typed.get("model").to_owned(),
        purpose: Purpose::by_name(typed.get("purpose")).unwrap_or(Purpose::Other),
        task: typed.get("task").to_owned(),
        rounds: whole(frame, typed, "rounds")?.unwrap_or_default(),
        magazines: whole(frame, typed, "magazines")?.unwrap_or_default(),
        from: instant(frame, typed, "from")?.unwrap_or_else(|| ctx.now()),
        due: due.ok_or_else(|| Faults::at("due", frame.words.firearms.draw.due_help.clone()))?,
        cross_area: ticked("cross_area"),
        bulk: ticked("bulk"),
        urgent: ticked("urgent"),
    })
}
