//! Stores and guns.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;
use hashbrown::HashMap;
use uuid::Uuid;

use super::{at, options, state_mark};
use crate::access::{Action, permit_somewhere, reach};
use crate::firearms::armouries::{self, NewArmoury};
use crate::firearms::entity::armoury;
use crate::firearms::model::{ArmState, StoreKind};
use crate::firearms::store::{self, Arm, Wanted};
use crate::kernel::Ctx;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, said, to, unit_choices};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::parts::{PAGE, cut};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// Guns that are counted for the title.
const MOST: u64 = 20_000;

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let said = said(&frame, &asked);
    page(&app, &ctx, frame, said, &asked, (&Typed::default(), &Faults::default())).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    said: String,
    asked: &Typed,
    (typed, faults): (&Typed, &Faults),
) -> Result<Response, ApiError> {
    let (db, w, f) = (app.db().read(), &frame.words.firearms.list, &frame.words.firearms.field);
    let stores = store::armouries(db, ctx).await?;
    let all = store::list(db, ctx, &Wanted::default(), MOST).await?;
    let mut counts: HashMap<Uuid, (usize, usize)> = HashMap::new();
    for one in &all {
        let count = counts.entry(one.arm.armoury_id).or_default();
        count.0 += usize::from(one.arm.state.is_on_shelf());
        count.1 += usize::from(one.arm.state == ArmState::Out);
    }
    let names = Names::of(db, stores.iter().filter_map(|row| row.in_charge_id), []).await?;
    let mut of_stores = Table::new(&[
        &f.number,
        &f.name,
        &f.kind,
        &f.unit,
        &f.in_charge,
        &format!("#{}", w.in_store),
        &format!("#{}", w.out),
    ]);
    for row in &stores {
        let (shelf, out) = counts.get(&row.id).copied().unwrap_or_default();
        of_stores.rows.push(vec![
            Td { class: "mono", ..Td::link(row.number.clone(), at("stores", &row.number)) },
            row.name.clone().into(),
            frame.either(row.kind.zh(), row.kind.as_str()).into(),
            names.unit(Some(row.unit_id)).into(),
            names.person(row.in_charge_id).into(),
            Td::num(shelf.to_string(), at("stores", &row.number)),
            Td::num(out.to_string(), "/firearms?state=out"),
        ]);
    }
    of_stores.empty = ("building-warehouse", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    let guns = guns(app, ctx, &frame, asked, &stores).await?;
    let mut blocks = vec![
        Block { title: w.stores.clone(), table: Some(of_stores), ..Block::default() },
        Block { title: w.guns.clone(), table: Some(guns), ..Block::default() },
    ];
    let writes = frame.may(Action::FirearmsWrite);
    if writes {
        blocks.push(new_store(app, ctx, &frame, typed, faults).await?);
    }
    let filters = vec![
        Field::filter(&frame, "q", &w.find),
        Field::filter_of(&frame, "state", &f.state, options!(frame, ArmState)),
        Field::filter_of(&frame, "unit", &f.unit, names.units_within(ctx, Action::FirearmsRead)),
    ];
    let why = if writes { String::new() } else { frame.words.firearms.store.not_yours.clone() };
    let steps = vec![
        Step { text: frame.words.firearms.draw.heading.clone(), href: "/firearms/draws".to_owned(), ..Step::default() },
        Step { text: frame.words.firearms.wall.heading.clone(), href: "/firearms/wall".to_owned(), ..Step::default() },
        Step { text: frame.words.firearms.shift.title.clone(), href: "/firearms/shifts".to_owned(), ..Step::default() },
        Step {
            text: frame.words.arms_moves.register.title.clone(),
            href: "/firearms/registers".to_owned(),
            ..Step::default()
        },
        Step {
            text: frame.words.arms_moves.upkeep.title.clone(),
            href: "/firearms/upkeeps".to_owned(),
            ..Step::default()
        },
        Step {
            text: frame.words.arms_moves.transfer.title.clone(),
            href: "/firearms/transfers".to_owned(),
            ..Step::default()
        },
        Step {
            text: frame.words.arms_moves.training.title.clone(),
            href: "/firearms/trainings".to_owned(),
            ..Step::default()
        },
        Step {
            text: frame.words.arms_moves.scrap.title.clone(),
            href: "/firearms/scrappings".to_owned(),
            ..Step::default()
        },
        Step {
            text: frame.words.firearms.inspect.heading.clone(),
            href: "/firearms/inspections".to_owned(),
            ..Step::default()
        },
        Step {
            text: frame.words.firearms.audit.heading.clone(),
            href: "/firearms/audits".to_owned(),
            ..Step::default()
        },
        Step {
            text: frame.words.firearms.bulletin.heading.clone(),
            href: "/firearms/bulletins".to_owned(),
            ..Step::default()
        },
        Step { text: w.officers.clone(), href: "/firearms/officers".to_owned(), ..Step::default() },
        Step { text: w.new_gun.clone(), href: "/firearms/guns/new".to_owned(), why, primary: true, ..Step::default() },
    ];
    let out = all.iter().filter(|one| one.arm.state == ArmState::Out).count();
    let title = w.title.replace("{guns}", &all.len().to_string()).replace("{out}", &out.to_string());
    let lead = w.lead.clone();
    Ok(Board { lead, said, filters, steps, blocks, ..Board::new(frame, title) }.answer())
}

async fn guns(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    asked: &Typed,
    stores: &[armoury::Model],
) -> Result<Table, ApiError> {
    let (w, f) = (&frame.words.firearms.list, &frame.words.firearms.field);
    let wanted = Wanted {
        unit: asked.id("unit"),
        state: ArmState::by_name(asked.get("state")),
        text: asked.sought("q")?.unwrap_or_default(),
        after: asked.id("after"),
        ..Wanted::default()
    };
    let mut rows = store::list(app.db().read(), ctx, &wanted, PAGE + 1).await?;
    let next = cut(&mut rows, PAGE, |one| one.item.id.to_string());
    let mut table = Table::new(&[&f.number, &f.model, &f.serial, &f.state, &f.store, &f.certificate]);
    for one in &rows {
        table.rows.push(line(frame, one, stores));
    }
    (table.next, table.paged) = (next, true);
    table.empty = ("zoom-question", w.no_guns.clone(), String::new(), String::new(), String::new());
    Ok(table)
}

/// Number, model, serial number, state, store, certificate.
pub(super) fn line(frame: &Frame, one: &Arm, stores: &[armoury::Model]) -> Vec<Td> {
    let mark = state_mark(frame, one.arm.state);
    let of = stores.iter().find(|row| row.id == one.arm.armoury_id);
    vec![
        Td { class: "mono", ..Td::link(one.item.item_number.clone(), at("guns", &one.item.item_number)) },
        one.arm.model.clone().into(),
        Td::mono(one.arm.serial.clone()),
        Td::mark(mark.look, mark.text).because(one.arm.state_note.clone()),
        of.map(|row| row.name.clone()).unwrap_or_default().into(),
        Td::mono(one.arm.certificate.clone()),
    ]
}

async fn new_store(app: &App, ctx: &Ctx, frame: &Frame, typed: &Typed, faults: &Faults) -> Result<Block, ApiError> {
    let (w, f) = (&frame.words.firearms.list, &frame.words.firearms.field);
    let units = unit_choices(app, &reach(ctx, Action::FirearmsWrite)).await?;
    let fields = vec![
        Field::text("number", &f.number, typed.get("number"), faults),
        Field::text("name", &f.name, typed.get("name"), faults),
        Field::choice("kind", &f.kind, options!(frame, StoreKind), typed.get("kind"), faults),
        Field::choice("unit", &f.unit, units, typed.get("unit"), faults),
        Field::text("in_charge", &f.in_charge, typed.get("in_charge"), faults)
            .help(&frame.words.firearms.officer.set_help),
    ];
    let form = Sheet {
        action: "/firearms/stores".to_owned(),
        fields,
        submit: w.new_store.clone(),
        general: faults.general().to_owned(),
        ..Sheet::default()
    };
    let notes = vec![w.new_store_help.clone()];
    Ok(Block { title: w.new_store.clone(), notes, form: Some(form), ..Block::default() })
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsWrite)?;
    let faults = match read(&app, &ctx, &frame, &typed).await? {
        Err(faults) => faults,
        Ok(new) => {
            let asker = ctx.clone();
            match app.write(move |db| async move { armouries::enter(&db, &asker, &new).await }).await {
                Ok(row) => return Ok(to(&at("stores", &row.number), "created")),
                Err(error) => picks::refused(error, &["number", "name", "unit", "in_charge"])?,
            }
        }
    };
    page(&app, &ctx, frame, String::new(), &Typed::default(), (&typed, &faults)).await
}

async fn read(app: &App, ctx: &Ctx, frame: &Frame, typed: &Typed) -> Result<Result<NewArmoury, Faults>, ApiError> {
    let Some(unit) = typed.id("unit") else {
        return Ok(Err(Faults::at("unit", frame.words.common.none_selected.clone())));
    };
    let in_charge = match picks::person(app, ctx, frame, typed.get("in_charge")).await? {
        Ok(person) => person.map(|person| person.id),
        Err(text) => return Ok(Err(Faults::at("in_charge", text))),
    };
    Ok(Ok(NewArmoury {
        number: typed.get("number").to_owned(),
        name: typed.get("name").to_owned(),
        kind: StoreKind::by_name(typed.get("kind")).unwrap_or(StoreKind::Gun),
        unit,
        in_charge,
    }))
}
