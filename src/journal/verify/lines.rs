//! One line at a time, on all threads: what needs no other line to be judged.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rayon::iter::{IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _};
use serde::Serialize;
use serde::de::Deserialize;

use super::super::encoding::{ITEMISED, NOT_ITEMISED, Parts, unhex};
use super::super::export::{CheckpointLine, EndLine, EntryLine, HeaderLine, MAGIC};
use super::super::note::{Vkey, kind_of};
use super::super::touched::{self, packed_key};
use super::super::tree::leaf_hash;
use super::super::watched::takes_in;
use super::Header;
use super::book::Book;
use crate::kernel::Timestamp;
use crate::kernel::hash::{Hash, HashKind};

/// A row that an entry touched: its table by number, its key packed behind it.
pub(super) type RowKey = Box<[u8]>;

/// A line, judged by itself.
#[derive(Debug)]
pub(super) enum Line {
    Checkpoint(CheckpointLine),
    Entry(Box<Entry>),
    Row(Box<Row>),
    End(EndLine),
    /// Not a line of ours.
    Wrong(String),
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Sealed(u64),
    Unsealed,
    Orphan,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: uuid::Uuid,
    pub(super) action: String,
    pub(super) subject: String,
    pub(super) standing: Standing,
    pub(super) leaf: Hash,
    pub(super) itemised: bool,
    pub(super) touched: Vec<(RowKey, Hash)>,
    /// Who says how rows stand that they did not write, and when.
    pub(super) takes_in: Option<(String, Timestamp)>,
    pub(super) wrong: Option<String>,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) table: u16,
    pub(super) key: String,
    pub(super) packed: RowKey,
    pub(super) hash: Hash,
    pub(super) book: Option<Result<Book, ()>>,
}

/// The first line.
pub(super) fn header(line: Vec<u8>) -> Result<Header, &'static str> {
    let text = String::from_utf8(line).map_err(|_| "不是日志导出文件")?;
    let (word, json) = text.split_once('\t').ok_or("不是日志导出文件")?;
    if word != MAGIC {
        let newer = word.starts_with("hufu.journal-export/");
        return Err(if newer { "导出文件的版本无法识别" } else { "不是日志导出文件" });
    }
    let header: HeaderLine = canonical(json).ok_or("首行无法识别")?;
    let vkey = Vkey::parse(&header.vkey).ok_or("首行的公钥无法识别")?;
    if kind_of(vkey.origin()) != Some(header.hash) {
        return Err("首行的哈希算法与日志名称不符");
    }
    let HeaderLine { hash, at, size, tables, .. } = header;
    if tables.len() > usize::from(u16::MAX) {
        return Err("首行无法识别");
    }
    Ok(Header { kind: hash, vkey, at: Timestamp(at), size, tables })
}

/// The lines of a block, in order.
pub(super) fn parse(kind: HashKind, tables: &[String], block: &[u8]) -> Vec<Line> {
    let mut lines = Vec::with_capacity(block.len() / 256);
    let mut from = 0;
    for end in memchr::memchr_iter(b'\n', block) {
        lines.push(&block[from..end]);
        from = end + 1;
    }
    if from < block.len() {
        lines.push(&block[from..]);
    }
    lines.par_iter().with_min_len(64).map(|line| line_of(kind, tables, line)).collect()
}

fn wrong(what: &str) -> Line {
    Line::Wrong(what.to_owned())
}

fn line_of(kind: HashKind, tables: &[String], line: &[u8]) -> Line {
    let Ok(line) = std::str::from_utf8(line) else { return wrong("不是 UTF-8 文字") };
    let Some((word, rest)) = line.split_once('\t') else { return wrong("不是日志导出文件的行") };
    match word {
        "row" => row(kind, tables, rest).map_or_else(|| wrong("业务行的写法不对"), |row| Line::Row(Box::new(row))),
        "entry" | "unsealed" | "orphan" => entry(kind, tables, word, rest)
            .map_or_else(|| wrong("日志条目的写法不对"), |entry| Line::Entry(Box::new(entry))),
        "checkpoint" => canonical(rest).map_or_else(|| wrong("检查点的写法不对"), Line::Checkpoint),
        "end" => canonical(rest).map_or_else(|| wrong("末行的写法不对"), Line::End),
        _ => wrong("不是日志导出文件的行"),
    }
}

/// What is written exactly as we write it.
fn canonical<'a, T: Deserialize<'a> + Serialize>(json: &'a str) -> Option<T> {
    let value: T = serde_json::from_str(json).ok()?;
    (serde_json::to_string(&value).ok()? == json).then_some(value)
}

fn row(kind: HashKind, tables: &[String], rest: &str) -> Option<Row> {
    let (table, rest) = rest.split_once('\t')?;
    let (key, json) = rest.split_once('\t')?;
    let key: String = canonical(key)?;
    let number = number_of(tables, table)?;
    Some(Row {
        table: number,
        packed: row_key(number, &packed_key(&key)),
        hash: kind.of(&[json.as_bytes()]),
        book: Book::read(table, json),
        key,
    })
}

fn number_of(tables: &[String], table: &str) -> Option<u16> {
    tables.iter().position(|name| name == table).and_then(|at| u16::try_from(at).ok())
}

fn row_key(table: u16, packed: &[u8]) -> RowKey {
    [&table.to_be_bytes()[..], packed].concat().into()
}

fn entry(kind: HashKind, tables: &[String], word: &str, json: &str) -> Option<Entry> {
    let line: EntryLine<'_> = canonical(json)?;
    let standing = match (word, line.n) {
        ("entry", Some(n)) => Standing::Sealed(n),
        ("unsealed", None) => Standing::Unsealed,
        ("orphan", None) => Standing::Orphan,
        _ => return None,
    };
    let (rows_hash, wrong_format) = match (unhex(&line.rows_hash), line.format) {
        (Some(hash), ITEMISED | NOT_ITEMISED) => (hash, None),
        (None, NOT_ITEMISED) => ([0; 32], None),
        (hash, _) => (hash.unwrap_or_default(), Some("条目的版本或行哈希无法识别".to_owned())),
    };
    let parts = Parts {
        format: line.format,
        id: line.id,
        at: line.at,
        actor: &line.actor,
        co_signer: line.co_signer.as_deref(),
        unit: line.unit,
        action: &line.action,
        subject: &line.subject,
        payload: &line.payload,
        rows_hash: &rows_hash,
    };
    let leaf = leaf_hash(kind, &parts.encode());
    let (list, wrong_list) = match list_of(kind, tables, &line, &rows_hash) {
        Ok(list) => (list, None),
        Err(what) => (Vec::new(), Some(what)),
    };
    let wrong_leaf = match (standing, line.leaf.as_deref()) {
        (Standing::Sealed(_), Some(sealed)) if unhex(sealed) == Some(leaf) => None,
        (Standing::Sealed(_), _) => Some("条目的内容与封存时不符".to_owned()),
        (_, None) => None,
        (_, Some(_)) => return None,
    };
    let takes_in = takes_in(&line.action).then(|| (line.actor.clone().into_owned(), Timestamp(line.at)));
    Some(Entry {
        id: line.id,
        action: line.action.into_owned(),
        subject: line.subject.into_owned(),
        standing,
        leaf,
        itemised: line.format != NOT_ITEMISED,
        touched: list,
        takes_in,
        wrong: wrong_leaf.or(wrong_format).or(wrong_list),
    })
}

fn list_of(
    kind: HashKind,
    tables: &[String],
    line: &EntryLine<'_>,
    rows_hash: &Hash,
) -> Result<Vec<(RowKey, Hash)>, String> {
    let list = match (line.format, &line.touched) {
        (NOT_ITEMISED, None) => return Ok(Vec::new()),
        (NOT_ITEMISED, Some(_)) => return Err("旧条目不应有触及清单".to_owned()),
        (_, None) => return Err("条目的触及清单不见了".to_owned()),
        (_, Some(list)) => BASE64.decode(list.as_bytes()).map_err(|_| "条目的触及清单无法识别".to_owned())?,
    };
    if kind.of(&[&list]) != *rows_hash {
        return Err("条目的触及清单与条目中的哈希不符".to_owned());
    }
    let rows = touched::read(&list).ok_or_else(|| "条目的触及清单无法识别".to_owned())?;
    let mut found = Vec::with_capacity(rows.len());
    let (mut last, mut number) = ("", None);
    for row in rows {
        if row.table != last {
            (last, number) = (row.table, number_of(tables, row.table));
        }
        let table = number.ok_or_else(|| format!("条目触及的表 {} 不在导出中", row.table))?;
        found.push((row_key(table, row.key), *row.hash));
    }
    Ok(found)
}
