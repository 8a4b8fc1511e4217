//! The journal in one file, with all that is needed to check it and nothing that is secret.
//!
//! Lines of UTF-8, each a word, a tab, and JSON without blanks, in this order:
//!
//! ```text
//! hufu.journal-export/1   {hash, vkey, at, size, tables}
//! checkpoint              {size, previous_size, note, proof}                   from the first to the newest
//! entry                   {n, id, at, …, rows_hash, format, touched, leaf}     as sealed, n from 0
//! unsealed                {…}                                                  written, not yet sealed
//! orphan                  {…}                                                  never queued to be sealed: a fault
//! row     table  "key"    {…}                                                  exactly as it was hashed
//! end                     {lines, hash}                                        of all the lines before
//! ```
//!
//! It is read in one snapshot while others go on writing, written beside its place, and put there when it is whole.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::TryStreamExt as _;
use sea_orm::{ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryOrder as _, Statement};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::entity::checkpoint;
use super::watched::WatchedTable;
use super::{Entry, JournalError, RowsDigest, founding, record, sequencer};
use crate::db::{Db, DbError, Tx};
use crate::kernel::Ctx;
use crate::kernel::hash::{HashKind, Hasher, hex};

/// The first word of an export.
pub const MAGIC: &str = "hufu.journal-export/1";

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeaderLine {
    pub(super) hash: HashKind,
    pub(super) vkey: String,
    pub(super) at: i64,
    pub(super) size: u64,
    pub(super) tables: Vec<String>,
}

/// A checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckpointLine {
    pub(super) size: u64,
    pub(super) previous_size: u64,
    pub(super) note: String,
    pub(super) proof: String,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntryLine<'a> {
    pub(super) n: Option<u64>,
    pub(super) id: Uuid,
    pub(super) at: i64,
    #[serde(borrow)]
    pub(super) actor: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) co_signer: Option<Cow<'a, str>>,
    pub(super) unit: Option<Uuid>,
    #[serde(borrow)]
    pub(super) action: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) subject: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) payload: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) rows_hash: Cow<'a, str>,
    pub(super) format: i64,
    #[serde(borrow)]
    pub(super) touched: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) leaf: Option<Cow<'a, str>>,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndLine {
    pub(super) lines: u64,
    pub(super) hash: String,
}

/// What an export holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Entries that are sealed.
    pub entries: u64,
    /// Entries that are not sealed yet.
    pub unsealed: u64,
    /// Checkpoints.
    pub checkpoints: u64,
    /// Business rows.
    pub rows: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

/// Writes the journal and every watched row to `path`, which is replaced only when the whole of it stands. That it was
/// exported is itself an entry, the last one in it.
///
/// # Errors
/// When the database cannot be read or the file not written; `path` is then as it was.
pub async fn write(
    db: &Db,
    ctx: &Ctx,
    tables: &[Box<dyn WatchedTable>],
    path: &Path,
) -> Result<Exported, JournalError> {
    let journal = founding::founded(db, ctx).await?;
    db.write(async |tx| {
        let ctx = ctx.hashing_with(journal.kind);
        let rows = RowsDigest::new(&ctx);
        record(
            tx,
            &ctx,
            Entry { action: "journal.export", subject: String::new(), unit: None, payload: json!({}), rows },
        )
        .await
    })
    .await
    .map_err(|error: DbError| JournalError::Db(error))?;
    sequencer::seal_now(db, ctx).await?;
    let part = part_of(path);
    let outcome = db.snapshot(async |tx| write_part(tx, ctx, &journal, tables, &part).await).await;
    let exported = match outcome {
        Ok(exported) => exported,
        Err(error) => {
            // Whatever stands half-written is of no use; that it cannot be removed changes nothing.
            let _ = std::fs::remove_file(&part);
            return Err(error);
        }
    };
    std::fs::rename(&part, path).map_err(JournalError::file(path))?;
    Ok(exported)
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// A new file that nobody else on the machine may read: everything the office has is in it.
fn create_private(path: &Path) -> std::io::Result<File> {
    // One that an export cut short left behind is of no use.
    let _ = std::fs::remove_file(path);
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

async fn write_part(
    tx: &Tx,
    ctx: &Ctx,
    journal: &founding::Journal,
    tables: &[Box<dyn WatchedTable>],
    part: &Path,
) -> Result<Exported, JournalError> {
    let file = create_private(part).map_err(JournalError::file(part))?;
    let mut out =
        Lines { out: BufWriter::with_capacity(1 << 20, file), hash: Hasher::new(journal.kind), lines: 0, bytes: 0 };
    let mut exported = Exported::default();
    let header = HeaderLine {
        hash: journal.kind,
        vkey: journal.vkey.to_string(),
        at: ctx.now().0,
        size: sequencer::size(tx).await?,
        tables: tables.iter().map(|table| table.name().to_owned()).collect(),
    };
    let failed = |source| JournalError::File { path: part.to_owned(), source };
    out.json(MAGIC, &header).map_err(failed)?;
    write_checkpoints(tx, &mut out, &mut exported).await?.map_err(failed)?;
    for (word, sql) in [("entry", SEALED), ("unsealed", UNSEALED), ("orphan", ORPHANS)] {
        let written = write_entries(tx, &mut out, word, sql).await?.map_err(failed)?;
        if word == "entry" {
            exported.entries += written;
        } else {
            exported.unsealed += written;
        }
    }
    for table in tables {
        let mut each = |key: String, json: Vec<u8>| {
            exported.rows += 1;
            out.row(table.name(), &key, &json).map_err(failed)
        };
        table.walk(tx, &mut each).await?;
    }
    exported.bytes = out.end().map_err(failed)?;
    Ok(exported)
}

/// A line that could not be written is told apart from a row that could not be read.
type Written<T> = Result<std::io::Result<T>, JournalError>;

async fn write_checkpoints(tx: &Tx, out: &mut Lines<impl Write>, exported: &mut Exported) -> Written<()> {
    let size = |size: i64| u64::try_from(size).unwrap_or(0);
    for row in checkpoint::Entity::find().order_by_asc(checkpoint::Column::Size).all(tx).await? {
        let line = CheckpointLine {
            size: size(row.size),
            previous_size: size(row.previous_size),
            note: row.note,
            proof: BASE64.encode(row.proof),
        };
        exported.checkpoints += 1;
        if let Err(error) = out.json("checkpoint", &line) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

/// An entry with its list and its leaf.
#[derive(Debug, FromQueryResult)]
struct Full {
    idx: Option<i64>,
    id: Uuid,
    at: i64,
    actor: String,
    co_signer: Option<String>,
    unit_id: Option<Uuid>,
    action: String,
    subject: String,
    payload: String,
    rows_hash: String,
    format: i64,
    list: Option<Vec<u8>>,
    hash: Option<Vec<u8>>,
}

const SEALED: &str = "SELECT l.idx, e.*, t.list, l.hash FROM journal_leaves l \
                      JOIN journal_entries e ON e.id = l.entry_id \
                      LEFT JOIN journal_touched t ON t.entry_id = l.entry_id ORDER BY l.idx";
const UNSEALED: &str = "SELECT l.idx, e.*, t.list, l.hash FROM journal_pending p \
                        JOIN journal_entries e ON e.id = p.entry_id \
                        LEFT JOIN journal_leaves l ON l.entry_id = p.entry_id \
                        LEFT JOIN journal_touched t ON t.entry_id = p.entry_id WHERE l.idx IS NULL ORDER BY p.seq";
const ORPHANS: &str = "SELECT l.idx, e.*, t.list, l.hash FROM journal_entries e \
                       LEFT JOIN journal_pending p ON p.entry_id = e.id \
                       LEFT JOIN journal_leaves l ON l.entry_id = e.id \
                       LEFT JOIN journal_touched t ON t.entry_id = e.id \
                       WHERE p.seq IS NULL AND l.idx IS NULL ORDER BY e.id";

async fn write_entries(tx: &Tx, out: &mut Lines<impl Write>, word: &str, sql: &str) -> Written<u64> {
    let statement = Statement::from_string(tx.get_database_backend(), sql);
    let mut rows = Full::find_by_statement(statement).stream(tx).await?;
    let mut count = 0;
    while let Some(row) = rows.try_next().await? {
        let line = EntryLine {
            n: row.idx.and_then(|idx| u64::try_from(idx).ok()),
            id: row.id,
            at: row.at,
            actor: row.actor.into(),
            co_signer: row.co_signer.map(Cow::Owned),
            unit: row.unit_id,
            action: row.action.into(),
            subject: row.subject.into(),
            payload: row.payload.into(),
            rows_hash: row.rows_hash.into(),
            format: row.format,
            touched: row.list.map(|list| BASE64.encode(list).into()),
            leaf: row.hash.map(|hash| hex(&hash).into()),
        };
        count += 1;
        if let Err(error) = out.json(word, &line) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(count))
}

/// Writes lines, and knows how many and their hash.
#[derive(Debug)]
pub(super) struct Lines<W: Write> {
    out: W,
    hash: Hasher,
    lines: u64,
    bytes: u64,
}

impl<W: Write> Lines<W> {
    fn raw(&mut self, parts: &[&[u8]]) -> std::io::Result<()> {
        for part in parts {
            self.hash.update(part);
            self.out.write_all(part)?;
            self.bytes += part.len() as u64;
        }
        self.lines += 1;
        Ok(())
    }

    fn json(&mut self, word: &str, line: &impl Serialize) -> std::io::Result<()> {
        let json = serde_json::to_vec(line)?;
        self.raw(&[word.as_bytes(), b"\t", &json, b"\n"])
    }

    fn row(&mut self, table: &str, key: &str, json: &[u8]) -> std::io::Result<()> {
        let key = serde_json::to_vec(key)?;
        self.raw(&[b"row\t", table.as_bytes(), b"\t", &key, b"\t", json, b"\n"])
    }
}

impl Lines<BufWriter<File>> {
    /// Writes the last line; how many bytes the file has.
    fn end(mut self) -> std::io::Result<u64> {
        let line = EndLine { lines: self.lines, hash: hex(&self.hash.clone().finish()) };
        self.json("end", &line)?;
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        Ok(self.bytes)
    }
}
