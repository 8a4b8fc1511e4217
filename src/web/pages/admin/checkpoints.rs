//! Checkpoints of the journal: signed, printed, held against each other; and the check of the whole.

use std::path::PathBuf;

use axum::Form;
use axum::extract::State;
use axum::response::Response;

use super::board::{Block, Board, Field, Form as Sheet, Step, Table, Td};
use super::shared::{Typed, actor, people_of, refused, said, to};
use crate::access::{Action, permit};
use crate::journal::entity::checkpoint::Model as Checkpoint;
use crate::journal::note::MOST_BYTES;
use crate::journal::page::{self as paper, PageFacts};
use crate::journal::verify::{self, Report};
use crate::journal::{JournalError, checkpoint, export, founding, sequencer, tree};
use crate::kernel::Ctx;
use crate::kernel::hash::{Hash, hex};
use crate::kernel::text::thousands;
use crate::org::{Directory, service};
use crate::watched::tables;
use crate::web::extract::{Path, Query};
use crate::web::pages::form::Faults;
use crate::web::pages::parts::{PAGE, attachment, cut};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

fn step(ctx: &Ctx, frame: &Frame, text: &str, href: &str, action: Action) -> Step {
    let why =
        if permit(ctx, action, None).is_ok() { String::new() } else { frame.words.admin.journal.not_whole.clone() };
    Step { text: text.to_owned(), href: href.to_owned(), why, ..Step::default() }
}

pub(super) async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::JournalRead, None)?;
    let below = asked.get("after").parse().ok();
    let mut rows = checkpoint::list(app.db().read(), below, PAGE + 1).await?;
    let next = cut(&mut rows, PAGE, |row| row.size.to_string());
    let people = people_of(rows.iter().map(|row| row.actor.as_str()));
    let names = Directory::load_some(app.db().read(), &[], &people).await?;
    let w = &frame.words.admin.journal;
    let size_name = format!("#{}", w.entries);
    let mut table = Table::new(&[&size_name, &w.at, &w.signed_by, &w.root, ""]);
    for row in &rows {
        let here = format!("/journal/checkpoints/{}", row.size);
        table.rows.push(vec![
            Td::num(thousands(row.size.unsigned_abs()), here.clone()),
            Td::time(Some(row.at)),
            actor(&frame, &names, &row.actor).into(),
            Td::mono(hex(&row.root).chars().take(16).collect::<String>()),
            Td::link(w.print.clone(), format!("{here}/print.pdf")),
        ]);
    }
    (table.next, table.paged) = (next, true);
    table.empty = ("shield-check", w.no_checkpoint.clone(), w.checkpoint_help.clone(), String::new(), String::new());
    let steps = vec![
        step(&ctx, &frame, &w.verify, "/journal/verify", Action::JournalExport),
        Step { primary: true, ..step(&ctx, &frame, &w.sign, "/journal/checkpoints/new", Action::JournalCheckpoint) },
    ];
    let block = Block { table: Some(table), ..Block::default() };
    let (said, back) = (said(&frame, &asked), ("/journal".to_owned(), frame.words.nav.journal.clone()));
    let (title, lead) = (w.checkpoints.clone(), w.checkpoint_help.clone());
    Ok(Board { said, back, steps, lead, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn before(State(app): State<App>, Caller(ctx): Caller, frame: Frame) -> Result<Response, ApiError> {
    sign_page(&app, &ctx, frame, &Faults::default()).await
}

async fn sign_page(app: &App, ctx: &Ctx, frame: Frame, faults: &Faults) -> Result<Response, ApiError> {
    permit(ctx, Action::JournalCheckpoint, None)?;
    let w = &frame.words.admin.journal;
    let sheet = Sheet {
        action: "/journal/checkpoints/new".to_owned(),
        submit: w.sign.clone(),
        general: faults.general().to_owned(),
        cancel: "/journal/checkpoints".to_owned(),
        ..Sheet::default()
    };
    let size = sequencer::size(app.db().read()).await? + sequencer::waiting(app.db().read()).await?;
    let notes = vec![w.sign_help.replace("{size}", &thousands(size))];
    let block = Block { notes, form: Some(sheet), ..Block::default() };
    let (title, back) = (w.sign.clone(), ("/journal/checkpoints".to_owned(), w.checkpoints.clone()));
    Ok(Board { back, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn sign(State(app): State<App>, Caller(ctx): Caller, frame: Frame) -> Result<Response, ApiError> {
    permit(&ctx, Action::JournalCheckpoint, None)?;
    let asker = ctx.clone();
    match app.write(move |db| async move { checkpoint::make(&db, &asker).await }).await {
        Ok(row) => Ok(to(&format!("/journal/checkpoints/{}", row.size), "signed")),
        Err(error) => sign_page(&app, &ctx, frame, &refused(error, &[])?).await,
    }
}

async fn found(app: &App, ctx: &Ctx, size: i64) -> Result<Checkpoint, ApiError> {
    permit(ctx, Action::JournalRead, None)?;
    let row = checkpoint::of_size(app.db().read(), size).await?;
    row.ok_or_else(|| ApiError::NotFound("没有这个检查点".to_owned()))
}

pub(super) async fn one(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(size): Path<i64>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let row = found(&app, &ctx, size).await?;
    let db = app.db().read();
    let journal = founding::journal(db).await?.ok_or(JournalError::NoCheckpoint)?;
    let names = Directory::load_some(db, &[], &people_of(std::iter::once(row.actor.as_str()))).await?;
    let w = &frame.words.admin.journal;
    let facts = vec![
        (w.entries.clone(), thousands(row.size.unsigned_abs()).into()),
        (w.at.clone(), Td::time(Some(row.at))),
        (w.signed_by.clone(), actor(&frame, &names, &row.actor).into()),
        (w.root.clone(), Td::mono(hex(&row.root))),
        (w.name.clone(), Td::mono(journal.vkey.origin())),
        (w.fingerprint.clone(), Td::mono(journal.vkey.fingerprint())),
    ];
    let mut blocks = vec![Block { title: w.facts.clone(), facts, ..Block::default() }];
    blocks.extend(held_together(&app, &frame, &row).await?);
    blocks.push(Block {
        title: w.note.clone(),
        notes: vec![w.note_help.clone()],
        pre: row.note.clone(),
        ..Block::default()
    });
    let here = format!("/journal/checkpoints/{size}");
    let steps = vec![
        Step { text: w.note_file.clone(), href: format!("{here}/note.txt"), file: true, ..Step::default() },
        Step { text: w.print.clone(), href: format!("{here}/print.pdf"), primary: true, ..Step::default() },
    ];
    let title = w.checkpoint_of.replace("{size}", &thousands(row.size.unsigned_abs()));
    let (said, back) = (said(&frame, &asked), ("/journal/checkpoints".to_owned(), w.checkpoints.clone()));
    Ok(Board { said, back, steps, blocks, ..Board::new(frame, title) }.answer())
}

/// Whether the tree as it was at one checkpoint is the beginning of the tree as it is at another: worked out now.
async fn held_together(app: &App, frame: &Frame, row: &Checkpoint) -> Result<Option<Block>, ApiError> {
    let db = app.db().read();
    let newest = checkpoint::newest(db).await?.filter(|newest| newest.size > row.size);
    let older = checkpoint::list(db, Some(row.size), 1).await?.into_iter().next();
    let (old, new) = match (newest, older) {
        (Some(newest), _) => (row.clone(), newest),
        (None, Some(older)) => (older, row.clone()),
        (None, None) => return Ok(None),
    };
    let size = |row: &Checkpoint| u64::try_from(row.size).unwrap_or(0);
    let root = |row: &Checkpoint| Hash::try_from(row.root.as_slice()).unwrap_or_default();
    let kind = founding::hash_kind(db).await?;
    let proof = checkpoint::consistency(db, size(&old), size(&new)).await?;
    let holds = tree::is_continued(kind, (size(&old), &root(&old)), (size(&new), &root(&new)), &proof);
    let w = &frame.words.admin.journal;
    let (look, text) = if holds { ("success", &w.continues) } else { ("danger", &w.does_not_continue) };
    let text = text.replace("{old}", &thousands(size(&old))).replace("{new}", &thousands(size(&new)));
    Ok(Some(Block {
        title: w.consistency.clone(),
        alert: Some((look, text)),
        notes: vec![w.consistency_help.clone()],
        pre: proof.iter().map(|hash| hex(hash)).collect::<Vec<_>>().join("\n"),
        ..Block::default()
    }))
}

/// The checkpoint as a page to be signed in ink.
pub(super) async fn print(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(size): Path<i64>,
) -> Result<Response, ApiError> {
    let row = found(&app, &ctx, size).await?;
    let db = app.db().read();
    let journal = founding::journal(db).await?.ok_or(JournalError::NoCheckpoint)?;
    let organisation = service::organisation(db).await?;
    let drawn = tokio::task::spawn_blocking(move || {
        let facts = PageFacts { organisation: &organisation, vkey: &journal.vkey, kind: journal.kind };
        paper::pdf(&row, &facts, hufu_labels::write::BUILTIN_FONT)
    });
    let bytes = drawn.await.map_err(|_| ApiError::Internal)??;
    Ok(attachment(&format!("checkpoint-{size}.pdf"), "application/pdf", bytes))
}

/// The signed note as a file, as the verifier takes it.
pub(super) async fn note(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(size): Path<i64>,
) -> Result<Response, ApiError> {
    let row = found(&app, &ctx, size).await?;
    Ok(attachment(&format!("checkpoint-{size}.txt"), "text/plain; charset=utf-8", row.note.into_bytes()))
}

pub(super) async fn before_verify(Caller(ctx): Caller, frame: Frame) -> Result<Response, ApiError> {
    permit(&ctx, Action::JournalExport, None)?;
    Ok(verify_page(frame, &Typed::default(), &Faults::default(), None))
}

fn verify_page(frame: Frame, typed: &Typed, faults: &Faults, report: Option<&Report>) -> Response {
    let w = &frame.words.admin.journal;
    let sheet = Sheet {
        action: "/journal/verify".to_owned(),
        fields: vec![Field::area("note", &w.your_note, typed.get("note"), faults).help(&w.your_note_help)],
        submit: w.verify_now.clone(),
        general: faults.general().to_owned(),
        ..Sheet::default()
    };
    let mut blocks: Vec<Block> = report.map(|report| result(&frame, report)).into_iter().collect();
    blocks.push(Block {
        title: w.verify.clone(),
        notes: vec![w.verify_help.clone()],
        form: Some(sheet),
        ..Block::default()
    });
    let cannot = [&w.cannot_1, &w.cannot_2, &w.cannot_3, &w.cannot_4, &w.cannot_5];
    blocks.push(Block { title: w.cannot.clone(), notes: cannot.map(Clone::clone).to_vec(), ..Block::default() });
    let steps =
        vec![Step { text: w.export.clone(), href: "/api/v1/journal/export".to_owned(), file: true, ..Step::default() }];
    let title = match report {
        Some(report) if report.fits && report.anchored.is_some() => w.all_fits_anchored.clone(),
        Some(report) if report.fits => w.all_fits.clone(),
        Some(report) => w.faults.replace("{count}", &thousands(report.fault_count)),
        None => w.verify.clone(),
    };
    let back = ("/journal".to_owned(), frame.words.nav.journal.clone());
    let frame = if report.is_some() { frame.once() } else { frame };
    Board { back, steps, blocks, ..Board::new(frame, title) }.answer()
}

/// What the verifier found.
fn result(frame: &Frame, report: &Report) -> Block {
    let w = &frame.words.admin.journal;
    let number = |count: u64| Td::from(thousands(count));
    let mut facts = vec![
        (w.name.clone(), Td::mono(report.origin.clone())),
        (w.fingerprint.clone(), Td::mono(report.fingerprint.clone())),
        (w.entries.clone(), number(report.entries)),
        (w.unsealed_count.clone(), number(report.unsealed)),
        (w.rows.clone(), number(report.rows)),
        (w.things.clone(), number(report.things)),
        (w.checkpoints.clone(), number(report.checkpoints)),
        (w.root.clone(), Td::mono(report.root.clone())),
    ];
    if report.not_itemised > 0 {
        facts.push((w.not_itemised_count.clone(), number(report.not_itemised)));
    }
    for brought in &report.brought {
        let size = brought.size.map_or_else(|| "?".to_owned(), thousands);
        let mark = if brought.fits {
            Td::mark("good", w.note_fits.replace("{size}", &size))
        } else {
            Td::mark("bad", w.note_not.clone())
        };
        facts.push((w.your_note.clone(), mark));
    }
    let alert = match (report.fits, report.anchored) {
        (true, Some(size)) => ("success", w.anchored.replace("{size}", &thousands(size))),
        (true, None) => ("info", w.not_anchored.clone()),
        (false, _) => ("danger", w.first_faults.clone()),
    };
    let mut block = Block { title: w.result.clone(), alert: Some(alert), facts, ..Block::default() };
    if !report.faults.is_empty() {
        let mut table = Table::new(&[&w.fault]);
        table.rows = report.faults.iter().map(|fault| vec![Td::from(fault.to_string())]).collect();
        block.table = Some(table);
    }
    block
}

/// Files that are gone when whoever made them is done, or gave up.
struct Passing(Vec<PathBuf>);

impl Drop for Passing {
    fn drop(&mut self) {
        for path in &self.0 {
            // What was never written is not there.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Exports the journal aside, and checks the export with nothing but the file and the note that was brought.
pub(super) async fn verify(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit(&ctx, Action::JournalExport, None)?;
    // A browser sends lines with CR LF; a note has LF, and one at its end.
    let note = typed.get("note").replace("\r\n", "\n");
    if note.len() > MOST_BYTES {
        let faults = Faults::at("note", frame.words.admin.journal.note_too_long.clone());
        return Ok(verify_page(frame, &typed, &faults, None));
    }
    let aside = std::env::temp_dir().join(format!("hufu-verify-{:016x}", ctx.random()));
    let (exported, brought) = (aside.with_extension("hufu"), aside.with_extension("note"));
    let passing = Passing(vec![exported.clone(), brought.clone()]);
    let target = exported.clone();
    // They go along: whoever does not wait for the end leaves nothing behind either.
    let written = app.write(move |db| async move {
        let exported = export::write(&db, &ctx, &tables(), &target).await;
        exported.map(|_| passing)
    });
    let passing = written.await?;
    let checked = tokio::task::spawn_blocking(move || {
        let _passing = passing;
        let mut notes = Vec::new();
        if !note.is_empty() {
            std::fs::write(&brought, format!("{note}\n")).map_err(JournalError::file(&brought))?;
            notes.push(brought);
        }
        verify::verify(&exported, &notes).map_err(|error| {
            tracing::error!(%error, "an export of ours could not be read");
            ApiError::Internal
        })
    });
    let report = checked.await.map_err(|_| ApiError::Internal)??;
    Ok(verify_page(frame, &typed, &Faults::default(), Some(&report)))
}
