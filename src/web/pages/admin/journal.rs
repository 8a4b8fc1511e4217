//! The journal: who did what, an entry with its proof.

use axum::extract::State;
use axum::response::Response;
use uuid::Uuid;

use super::board::{Block, Board, Field, Step, Table, Td};
use super::said_of::{deed, deeds};
use super::shared::{Typed, actor, among, org_link, people_of, unit_choices};
use crate::access::{Action, permit, permit_somewhere, reach};
use crate::journal::entity::entry::Model as Entry;
use crate::journal::read::{self, Search, Shown};
use crate::journal::{checkpoint, founding, sequencer};
use crate::kernel::hash::hex;
use crate::kernel::ids::{JournalEntryId, PersonId};
use crate::kernel::text::thousands;
use crate::kernel::{Ctx, Timestamp};
use crate::org::Directory;
use crate::web::extract::{Path, Query};
use crate::web::pages::form::{Faults, in_query};
use crate::web::pages::parts::{self, Cell, PAGE, SHEET_ROWS, cut};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const DAY_MS: i64 = 86_400_000;
/// Touched rows that an entry shows.
const TOUCHED: usize = 200;

/// What the filters ask for; whoever is not known by the name typed did nothing.
async fn wanted(app: &App, ctx: &Ctx, asked: &Typed, frame: &Frame) -> Result<Result<Search, Faults>, ApiError> {
    let days = asked.day("from", frame).and_then(|from| Ok((from, asked.day("to", frame)?)));
    let (from, to) = match days {
        Ok(days) => days,
        Err(faults) => return Ok(Err(faults)),
    };
    let actor = match asked.sought("actor")? {
        Some(name) if name == "system" || name.starts_with("person:") || name.starts_with("local:") => Some(name),
        Some(name) => match Directory::load(app.db().read()).await?.find_person(&name, None) {
            Ok(id) => Some(format!("person:{id}")),
            Err(error) => return Ok(Err(Faults::at("actor", error.to_string()))),
        },
        None => None,
    };
    Ok(Ok(Search {
        actor,
        action: asked.sought("action")?,
        subject: asked.sought("subject")?,
        units: among(&reach(ctx, Action::JournalRead), asked.id("unit")),
        from,
        to: to.map(|day| Timestamp(day.0.saturating_add(DAY_MS))),
        after: asked.id("after"),
    }))
}

pub(super) async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::JournalRead)?;
    let db = app.db().read();
    let w = &frame.words.admin.journal;
    let mut block = Block::default();
    let wanted = wanted(&app, &ctx, &asked, &frame).await?;
    let wanted = match wanted {
        Ok(wanted) if asked.get("as") == "xlsx" => {
            let rows = read::list(db, &Search { after: None, ..wanted }, SHEET_ROWS).await?;
            return export(&app, &ctx, &frame, rows).await;
        }
        other => other,
    };
    let mut rows = match wanted {
        Ok(wanted) => read::list(db, &wanted, PAGE + 1).await?,
        Err(faults) => {
            let said = ["actor", "from", "to"].map(|field| faults.of(field)).concat();
            block.alert = Some(("warning", said));
            Vec::new()
        }
    };
    let next = cut(&mut rows, PAGE, |row| row.id.to_string());
    let mut table = entries(&app, &frame, &rows).await?;
    (table.next, table.paged) = (next, true);
    block.table = Some(table);
    let sealed = thousands(sequencer::size(db).await?);
    let waiting = sequencer::waiting(db).await?;
    let last = checkpoint::newest(db).await?;
    let lead = match last {
        Some(last) => {
            w.lead.replace("{size}", &thousands(last.size.unsigned_abs())).replace("{at}", &last.at.to_string())
        }
        None => w.no_checkpoint.clone(),
    };
    let title = w.title.replace("{sealed}", &sealed).replace("{waiting}", &thousands(waiting));
    let mut actions: Vec<(String, String)> = ROOMS.map(|(room, pick)| (room.to_owned(), pick(w).to_owned())).to_vec();
    actions.extend(deeds().map(|(name, zh)| (name.to_owned(), frame.either(zh, name).to_owned())));
    let filters = vec![
        Field::filter_day(&frame, "from", &w.from),
        Field::filter_day(&frame, "to", &w.to),
        Field::filter(&frame, "actor", &w.who),
        Field::filter_of(&frame, "action", &w.action, actions),
        Field::filter(&frame, "subject", &w.subject),
        Field::filter_of(&frame, "unit", &w.unit, unit_choices(&app, &reach(&ctx, Action::JournalRead)).await?),
    ];
    let step = |text: &String, href: &str, action: Action| Step {
        text: text.clone(),
        href: href.to_owned(),
        why: if permit(&ctx, action, None).is_ok() { String::new() } else { w.not_whole.clone() },
        ..Step::default()
    };
    let (export, file) = (frame.words.common.export.clone(), frame.address.with("as", "xlsx"));
    let steps = vec![
        Step { text: export, href: file, file: true, ..Step::default() },
        step(&w.checkpoints, "/journal/checkpoints", Action::JournalRead),
        Step { primary: true, ..step(&w.verify, "/journal/verify", Action::JournalExport) },
    ];
    Ok(Board { lead, steps, filters, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

/// The entries as a workbook, newest first; how each is proved stands in the export of the journal itself.
async fn export(app: &App, ctx: &Ctx, frame: &Frame, rows: Vec<Entry>) -> Result<Response, ApiError> {
    let people = people_of(rows.iter().map(|row| row.actor.as_str()));
    let names = Directory::load_some(app.db().read(), &[], &people).await?;
    let w = &frame.words.admin.journal;
    let head: Vec<String> = [&w.at, &w.who, &w.action, &w.unit, &w.subject].into_iter().cloned().collect();
    let cells: Vec<Vec<Cell>> = rows
        .into_iter()
        .map(|row| {
            vec![
                row.at.to_string().into(),
                actor(frame, &names, &row.actor).into(),
                frame.either(deed(&row.action), &row.action).into(),
                row.unit_id.map_or("", |unit| names.unit_name(unit)).into(),
                row.subject.into(),
            ]
        })
        .collect();
    parts::taken_away(&w.heading, ctx.now().day(), head, cells).await
}

type Pick = fn(&'static crate::web::pages::words::admin::journal::Words) -> &'static str;
/// All of a room.
const ROOMS: [(&str, Pick); 9] = [
    ("items.", |w| &w.room_items),
    ("labels.", |w| &w.room_labels),
    ("imports.", |w| &w.room_imports),
    ("stocktake.", |w| &w.room_stocktake),
    ("findings.", |w| &w.room_findings),
    ("approvals.", |w| &w.room_approvals),
    ("org.", |w| &w.room_org),
    ("access.", |w| &w.room_access),
    ("journal.", |w| &w.room_journal),
];

async fn entries(app: &App, frame: &Frame, rows: &[Entry]) -> Result<Table, ApiError> {
    let people = people_of(rows.iter().map(|row| row.actor.as_str()));
    let names = Directory::load_some(app.db().read(), &[], &people).await?;
    let w = &frame.words.admin.journal;
    let mut table = Table::new(&[&w.at, &w.who, &w.action, &w.subject, &w.unit]);
    table.empty = ("shield-check", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    for row in rows {
        let action = Td::from(frame.either(deed(&row.action), &row.action));
        table.rows.push(vec![
            Td { class: "tight", ..Td::link(row.at.to_string(), format!("/journal/{}", row.id)) },
            actor(frame, &names, &row.actor).into(),
            if frame.language.is_chinese() { action.because(row.action.clone()) } else { action },
            Td::mono(row.subject.clone()),
            row.unit_id.map_or("", |unit| names.unit_name(unit)).into(),
        ]);
    }
    Ok(table)
}

pub(super) async fn one(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::JournalRead)?;
    let db = app.db().read();
    let shown = read::show(db, JournalEntryId(id), TOUCHED).await?;
    permit(&ctx, Action::JournalRead, shown.entry.unit_id)?;
    let fits = shown.fits(founding::hash_kind(db).await?);
    let entry = &shown.entry;
    let w = &frame.words.admin.journal;
    let signer = entry.co_signer.as_deref().and_then(|id| Uuid::parse_str(id).ok()).map(PersonId);
    let mut people = people_of(std::iter::once(entry.actor.as_str()));
    people.extend(signer);
    let names = Directory::load_some(db, &[], &people).await?;
    let mut facts = vec![
        (w.at.clone(), Td::time(Some(entry.at))),
        (w.who.clone(), actor(&frame, &names, &entry.actor).into()),
        (w.action.clone(), Td::from(frame.either(deed(&entry.action), &entry.action)).because(entry.action.clone())),
        (w.subject.clone(), subject(&frame, entry)),
    ];
    if entry.co_signer.is_some() {
        facts.push((w.co_signer.clone(), names.person_name(signer).into()));
    }
    if let Some(unit) = entry.unit_id {
        facts.push((w.unit.clone(), org_link(&frame, names.unit_name(unit), format!("/units/{unit}"))));
    }
    facts.push((w.id.clone(), Td::mono(entry.id.to_string())));
    let blocks = vec![
        Block { title: w.facts.clone(), facts, ..Block::default() },
        proof(&frame, &shown, fits),
        Block { title: w.payload.clone(), pre: pretty(&entry.payload), ..Block::default() },
        touched(&frame, &shown),
    ];
    let title = format!("{} · {}", frame.either(deed(&entry.action), &entry.action), entry.at);
    let back = ("/journal".to_owned(), frame.words.nav.journal.clone());
    Ok(Board { back, blocks, ..Board::new(frame, title) }.answer())
}

/// What it was done to, with the way there where there is one.
fn subject(frame: &Frame, entry: &Entry) -> Td {
    let named = entry.subject.as_str();
    let href = match entry.action.split('.').next() {
        Some("items") if !named.is_empty() && frame.may(Action::ItemsRead) => {
            format!("/items/{}", in_query(named).replace('/', "%2F"))
        }
        _ => String::new(),
    };
    Td { class: "mono", ..Td::link(named, href) }
}

/// What the command was given, with an indent a level; what is no JSON stays as it is.
fn pretty(payload: &str) -> String {
    let parsed = serde_json::from_str::<serde_json::Value>(payload);
    parsed.and_then(|value| serde_json::to_string_pretty(&value)).unwrap_or_else(|_| payload.to_owned())
}

/// Whether it still is what was sealed, and where in the tree it stands.
fn proof(frame: &Frame, shown: &Shown, fits: bool) -> Block {
    let w = &frame.words.admin.journal;
    let mut block = Block { title: w.proof.clone(), ..Block::default() };
    block.facts.push((w.rows_hash.clone(), Td::mono(shown.entry.rows_hash.clone())));
    let Some(at) = &shown.inclusion else {
        block.alert = Some(("info", w.unsealed.clone()));
        return block;
    };
    block.alert = Some(if fits { ("success", w.fits.clone()) } else { ("danger", w.does_not_fit.clone()) });
    let position = w.position.replace("{index}", &at.index.to_string()).replace("{size}", &at.size.to_string());
    let path: Vec<String> = at.proof.iter().map(|hash| hex(hash)).collect();
    block.facts.extend([
        (w.place.clone(), position.into()),
        (w.leaf.clone(), Td::mono(hex(&at.leaf))),
        (w.root.clone(), Td::mono(hex(&at.root))),
    ]);
    block.notes.push(w.proof_help.clone());
    block.pre = path.join("\n");
    block
}

fn touched(frame: &Frame, shown: &Shown) -> Block {
    let w = &frame.words.admin.journal;
    let mut table = Table::new(&[&w.table, &w.key, &w.hash]);
    table.empty.1.clone_from(if shown.touched_count.is_some() { &w.touched_none } else { &w.not_itemised });
    for row in &shown.touched {
        table.rows.push(vec![row.table.as_str().into(), Td::mono(row.key.clone()), Td::mono(row.hash.clone())]);
    }
    let count = shown.touched_count.map_or(String::new(), |count| thousands(count as u64));
    let title = if count.is_empty() { w.touched.replace("{count}", "?") } else { w.touched.replace("{count}", &count) };
    let mut block = Block { title, table: Some(table), ..Block::default() };
    if shown.touched_count.is_some_and(|count| count > TOUCHED) {
        block.notes.push(w.touched_first.replace("{count}", &TOUCHED.to_string()));
    }
    block
}
