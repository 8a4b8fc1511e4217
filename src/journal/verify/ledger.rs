//! What depends on the order of lines: the tree, which entry touched a row last, and whether all is there.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hashbrown::{HashMap, HashSet};

use super::super::export::{CheckpointLine, EndLine};
use super::super::note::{self, Head};
use super::super::touched::{GONE, key_text};
use super::super::tree::{Frontier, is_continued};
use super::blocks::Whole;
use super::book::Shelf;
use super::lines::{Entry, Line, Row, RowKey, Standing};
use super::{Brought, Fault, Header, Report, TakenIn};
use crate::kernel::hash::{Hash, hex};

/// The sections of the file, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Checkpoints,
    Sealed,
    Unsealed,
    Orphans,
    Rows,
    End,
}

/// A row as the last entry that touched it left it.
struct Last {
    hash: Hash,
    /// Which entry: its number in the tree, or how many are sealed when it is not.
    entry: u64,
    seen: bool,
}

/// A head that the tree must have had.
struct Wanted {
    root: Hash,
    /// The line of the file that says so, or the auditor's file.
    by: Result<u64, usize>,
}

/// All that was read so far.
pub(super) struct Ledger<'a> {
    header: &'a Header,
    report: Report,
    line: u64,
    section: Section,
    frontier: Frontier,
    /// By size.
    wanted: BTreeMap<u64, Vec<Wanted>>,
    last_checkpoint: Option<Head>,
    /// Entries up to which a head was found right.
    vouched: u64,
    rows: HashMap<RowKey, Last>,
    shelf: Shelf,
    /// The heads that entries say were signed, by the entry that says so; the heads that the file has.
    signings: BTreeMap<String, u64>,
    signed: HashSet<String>,
    /// Whether an entry with a list was seen.
    itemised: bool,
    /// Whether a baseline took the rows of entries without lists in.
    baseline: bool,
    end: Option<EndLine>,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(header: &'a Header, notes: Vec<(String, String)>) -> Self {
        let mut ledger = Self {
            header,
            report: header.report(),
            line: 1,
            section: Section::Checkpoints,
            frontier: Frontier::empty(header.kind),
            wanted: BTreeMap::new(),
            last_checkpoint: None,
            vouched: 0,
            rows: HashMap::new(),
            shelf: Shelf::default(),
            signings: BTreeMap::new(),
            signed: HashSet::new(),
            itemised: false,
            baseline: false,
            end: None,
        };
        for (number, (file, note)) in notes.into_iter().enumerate() {
            ledger.bring(number, file, &note);
        }
        ledger
    }

    /// A checkpoint of the auditor's.
    fn bring(&mut self, number: usize, file: String, note: &str) {
        let claimed = note::claimed(note);
        let (size, at) = (claimed.as_ref().map(|head| head.size), claimed.as_ref().map(|head| head.at));
        match note::open(note, &self.header.vkey) {
            Ok(head) => self.want(head.size, Wanted { root: head.root, by: Err(number) }),
            Err(error) => {
                let what = format!("带来的检查点 {file}：{error}");
                self.report.fault(Fault { line: None, entry: None, table: None, key: None, what });
            }
        }
        self.report.brought.push(Brought { file, size, at, fits: false });
    }

    fn want(&mut self, size: u64, wanted: Wanted) {
        self.wanted.entry(size).or_default().push(wanted);
    }

    pub(super) fn take(&mut self, line: Line) {
        self.line += 1;
        if self.end.is_some() {
            self.fault("末行之后还有内容");
            return;
        }
        match line {
            Line::Wrong(what) => self.fault(what),
            Line::Checkpoint(line) => {
                self.enter(Section::Checkpoints);
                self.checkpoint(&line);
            }
            Line::Entry(entry) => self.entry(*entry),
            Line::Row(row) => {
                self.enter(Section::Rows);
                self.row(*row);
            }
            Line::End(end) => {
                self.enter(Section::End);
                self.end = Some(end);
            }
        }
    }

    fn fault(&mut self, what: impl Into<String>) {
        self.report.fault(Fault::at(self.line, what));
    }

    fn enter(&mut self, section: Section) {
        if section < self.section {
            self.fault("行的次序不对");
            return;
        }
        if self.section <= Section::Sealed && section > Section::Sealed {
            self.close_tree();
        }
        self.section = section;
    }

    fn checkpoint(&mut self, line: &CheckpointLine) {
        self.report.checkpoints += 1;
        let head = match note::open(&line.note, &self.header.vkey) {
            Ok(head) => head,
            Err(error) => return self.fault(format!("检查点：{error}")),
        };
        let before = self.last_checkpoint.replace(head.clone());
        let previous = before.as_ref().map_or(0, |before| before.size);
        if head.size != line.size || line.previous_size != previous || head.size <= previous {
            self.fault("检查点不相衔接");
        }
        let Some(proof) = hashes(&line.proof) else { return self.fault("检查点的一致性证明无法识别") };
        let continued = match &before {
            None => proof.is_empty(),
            Some(before) if before.size <= head.size => {
                let (old, new) = ((before.size, &before.root), (head.size, &head.root));
                is_continued(self.header.kind, old, new, &proof)
            }
            Some(_) => false,
        };
        if !continued {
            self.fault(format!("{} 条的检查点不能证明它承接上一个检查点", head.size));
        }
        self.signed.insert(head.size.to_string());
        let by = Ok(self.line);
        self.want(head.size, Wanted { root: head.root, by });
    }

    fn entry(&mut self, entry: Entry) {
        let size = self.frontier.size();
        // What is wrong with one entry is said before what that does to the tree.
        if let Some(what) = entry.wrong {
            let what = format!("{what}（{}，{}）", entry.action, entry.id);
            self.report.fault(Fault::at(self.line, what).by_entry(Some(size)));
        }
        match entry.standing {
            Standing::Sealed(n) => {
                self.enter(Section::Sealed);
                if n != size {
                    let what = format!("应为日志第 {size} 条，却是第 {n} 条：有条目被删去、添入或调换");
                    self.report.fault(Fault::at(self.line, what).by_entry(Some(size)));
                }
                self.frontier.push(entry.leaf, |_, _| {});
                self.report.entries += 1;
                self.check_heads();
            }
            Standing::Unsealed => {
                self.enter(Section::Unsealed);
                self.report.unsealed += 1;
            }
            Standing::Orphan => {
                self.enter(Section::Orphans);
                self.report.unsealed += 1;
                self.fault(format!("条目 {} 从未排队封存：有人绕过了日志", entry.id));
            }
        }
        if entry.action == "journal.checkpoint" {
            self.signings.insert(entry.subject, size);
        }
        // Only what an older program wrote has no list: nothing written since may excuse itself from having one.
        if !entry.itemised && self.itemised {
            let what = format!("条目没有触及清单，却写在有清单的条目之后（{}）", entry.id);
            self.report.fault(Fault::at(self.line, what).by_entry(Some(size)));
        }
        self.itemised |= entry.itemised;
        self.report.not_itemised += u64::from(!entry.itemised);
        self.baseline |= entry.itemised && entry.action == "journal.baseline";
        if let Some((actor, at)) = entry.takes_in {
            self.taken_in(
                TakenIn { entry: size, action: entry.action, actor, at, rows: entry.touched.len() },
                &entry.touched,
            );
        }
        for (key, hash) in entry.touched {
            self.rows.insert(key, Last { hash, entry: size, seen: false });
        }
    }

    /// Rows as they stood, without having been written: that must not say otherwise than whoever wrote them did.
    fn taken_in(&mut self, by: TakenIn, touched: &[(RowKey, Hash)]) {
        let entry = Some(by.entry);
        for (key, hash) in touched {
            if self.rows.get(key).is_none_or(|last| last.hash == *hash) {
                continue;
            }
            let (table, key) = self.named(key);
            let what = format!("{}把绕过程序改动过的这一行按改动后的样子记入日志（{}）", by.actor, by.action);
            let fault = Fault::of_row(Some(self.line), &table, &key, what).by_entry(entry);
            self.report.fault(fault);
        }
        self.report.taken_in.push(by);
    }

    /// The table and the key of a row, as people read them.
    fn named(&self, key: &RowKey) -> (String, String) {
        let (table, key) = key.split_at(2);
        let table = usize::from(u16::from_be_bytes([table[0], table[1]]));
        (self.header.tables.get(table).cloned().unwrap_or_default(), key_text(key))
    }

    /// Compares the head of the tree as it is now with what checkpoints of this size say.
    fn check_heads(&mut self) {
        let size = self.frontier.size();
        let Some(wanted) = self.wanted.remove(&size) else { return };
        let root = self.frontier.root();
        for wanted in wanted {
            if wanted.root == root {
                self.vouched = self.vouched.max(size);
                if let Err(number) = wanted.by
                    && let Some(brought) = self.report.brought.get_mut(number)
                {
                    brought.fits = true;
                    self.report.anchored = self.report.anchored.max(Some(size));
                }
                continue;
            }
            let from = self.vouched;
            let what = format!(
                "与{}的根不符：日志第 {from} 条至第 {} 条之间有条目被改动、删去或添入",
                self.checkpoint_named(size, wanted.by),
                size - 1
            );
            let fault = Fault { line: wanted.by.ok(), entry: Some(from), table: None, key: None, what };
            self.report.fault(fault);
        }
    }

    fn checkpoint_named(&self, size: u64, by: Result<u64, usize>) -> String {
        match by {
            Ok(_) => format!("文件中 {size} 条的检查点"),
            Err(number) => {
                let file = self.report.brought.get(number).map_or("", |brought| brought.file.as_str());
                format!("带来的检查点 {file}（{size} 条）")
            }
        }
    }

    /// After the last sealed entry.
    fn close_tree(&mut self) {
        let size = self.frontier.size();
        self.report.root = hex(&self.frontier.root());
        if size != self.header.size {
            self.fault(format!("首行说有 {} 条封存的条目，实有 {size} 条", self.header.size));
        }
        for (wanted_size, many) in std::mem::take(&mut self.wanted) {
            for wanted in many {
                let name = self.checkpoint_named(wanted_size, wanted.by);
                let what = format!("{name}比日志长：日志只有 {size} 条，尾部被截去");
                self.report.fault(Fault { line: wanted.by.ok(), entry: Some(size), table: None, key: None, what });
            }
        }
    }

    fn row(&mut self, row: Row) {
        self.report.rows += 1;
        let table = self.header.tables.get(usize::from(row.table)).map_or("", String::as_str);
        let mut wrong = None;
        match self.rows.get_mut(&row.packed) {
            None if self.report.not_itemised > 0 && !self.baseline => self.report.not_covered += 1,
            None => wrong = Some(("没有任何日志条目写入过这一行：它是绕过程序添入的".to_owned(), None)),
            Some(last) if last.seen => wrong = Some(("同一行出现两次".to_owned(), Some(last.entry))),
            Some(last) => {
                last.seen = true;
                if last.hash == GONE {
                    wrong = Some(("日志记载这一行已删去，它却还在".to_owned(), Some(last.entry)));
                } else if last.hash != row.hash {
                    let what = "这一行与最后写入它的日志条目不符：它被绕过程序改动过".to_owned();
                    wrong = Some((what, Some(last.entry)));
                }
            }
        }
        if let Some((what, entry)) = wrong {
            self.report.fault(Fault::of_row(Some(self.line), table, &row.key, what).by_entry(entry));
        }
        match row.book {
            Some(Ok(book)) => self.shelf.take(self.line, book),
            Some(Err(())) => self.report.fault(Fault::of_row(Some(self.line), table, &row.key, "这一行无法识别")),
            None => {}
        }
    }

    pub(super) fn finish(mut self, whole: &Whole) -> Report {
        if self.section <= Section::Sealed {
            self.close_tree();
        }
        let end_is_right = self
            .end
            .as_ref()
            .is_some_and(|end| whole.ended && end.lines + 1 == whole.lines && end.hash == hex(&whole.hash));
        if self.end.is_none() {
            self.line = whole.lines;
            self.fault("文件不完整：没有末行，尾部被截去");
        } else if !end_is_right {
            self.fault("文件与末行记载的行数或哈希不符：导出之后被改动过");
        }
        self.missing_checkpoints();
        self.missing_rows();
        let report = &mut self.report;
        report.things = self.shelf.compare(|fault| report.fault(fault));
        report.fits = report.fault_count == 0;
        self.report
    }

    /// Each signing is an entry; each checkpoint was signed by one.
    fn missing_checkpoints(&mut self) {
        for (size, entry) in &self.signings {
            if !self.signed.remove(size) {
                let what = format!("日志记载签发过 {size} 条的检查点，它却不在文件中");
                let entry = Some(*entry);
                self.report.fault(Fault { line: None, entry, table: None, key: None, what });
            }
        }
        let mut unsaid: Vec<String> = self.signed.drain().collect();
        unsaid.sort_unstable();
        for size in unsaid {
            let what = format!("文件中有 {size} 条的检查点，日志却没有签发它的记载");
            self.report.fault(Fault { line: None, entry: None, table: None, key: None, what });
        }
    }

    /// Rows that an entry wrote and none took away, and that are not there.
    fn missing_rows(&mut self) {
        let mut missing: Vec<(u64, &RowKey)> = self
            .rows
            .iter()
            .filter(|(_, last)| !last.seen && last.hash != GONE)
            .map(|(key, last)| (last.entry, key))
            .collect();
        missing.sort_unstable();
        let missing: Vec<_> = missing.into_iter().map(|(entry, key)| (entry, self.named(key))).collect();
        for (entry, (table, key)) in missing {
            let what = "日志记载写入过这一行，它却不见了：它被绕过程序删去";
            self.report.fault(Fault::of_row(None, &table, &key, what).by_entry(Some(entry)));
        }
    }
}

fn hashes(proof: &str) -> Option<Vec<Hash>> {
    let bytes = BASE64.decode(proof).ok()?;
    if bytes.len() % 32 != 0 {
        return None;
    }
    bytes.chunks_exact(32).map(|hash| hash.try_into().ok()).collect()
}
