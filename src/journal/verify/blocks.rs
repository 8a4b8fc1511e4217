//! The file in blocks of whole lines, read and hashed by a thread of its own while the others work.

use std::fs::File;
use std::io::{Error, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::VerifyError;
use crate::kernel::hash::{Hash, HashKind, Hasher};

/// How much is read at once.
const BLOCK_BYTES: usize = 4 << 20;
/// No line is longer: an entry's list of touched rows is at most what a database holds in one value.
const MOST_LINE_BYTES: usize = 1 << 30;

/// Whole lines.
#[derive(Debug)]
pub(super) struct Block {
    bytes: Vec<u8>,
    from: usize,
}

impl Block {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[self.from..]
    }

    /// The first line, and the block without it.
    pub(super) fn split_first_line(self) -> (Vec<u8>, Self) {
        let end = memchr::memchr(b'\n', &self.bytes).unwrap_or(self.bytes.len());
        let line = self.bytes[..end].to_vec();
        let from = (end + 1).min(self.bytes.len());
        (line, Self { from, ..self })
    }
}

/// The file as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Whole {
    /// How many lines it has.
    pub(super) lines: u64,
    /// The hash of all lines but the last.
    pub(super) hash: Hash,
    /// Whether the last line is ended as lines are.
    pub(super) ended: bool,
}

type Message = Result<Block, Error>;

/// Reads the file.
pub(super) struct Blocks {
    blocks: Receiver<Message>,
    reader: Option<JoinHandle<Option<Whole>>>,
}

impl Blocks {
    pub(super) fn open(path: &Path) -> Result<Self, VerifyError> {
        let unreadable = super::unreadable(path);
        let file = File::open(path).map_err(&unreadable)?;
        if file.metadata().map_err(&unreadable)?.is_dir() {
            return Err(unreadable(Error::from(std::io::ErrorKind::IsADirectory)));
        }
        let (send, blocks) = sync_channel(2);
        let reader = std::thread::spawn(move || Reader::new(file, send).run());
        Ok(Self { blocks, reader: Some(reader) })
    }

    /// The next block; `None` at the end.
    pub(super) fn next_block(&mut self) -> Result<Option<Block>, Error> {
        self.blocks.recv().ok().transpose()
    }

    /// What the file is as a whole, once all of it was read.
    pub(super) fn finish(mut self) -> Result<Whole, Error> {
        let whole = self.reader.take().and_then(|reader| reader.join().ok()).flatten();
        whole.ok_or_else(|| Error::other("文件未能读完"))
    }
}

struct Reader {
    file: File,
    send: SyncSender<Message>,
    hasher: Option<Hasher>,
    /// Read, but not hashed yet: the last line is not part of the hash, and which is last shows only at the end.
    held: Vec<u8>,
    lines: u64,
}

impl Reader {
    fn new(file: File, send: SyncSender<Message>) -> Self {
        Self { file, send, hasher: None, held: Vec::new(), lines: 0 }
    }

    /// `None` when the file could not be read to its end, or nobody listens any more.
    fn run(mut self) -> Option<Whole> {
        let mut carry = Vec::new();
        loop {
            match self.fill(&mut carry) {
                Err(error) => {
                    let _gone = self.send.send(Err(error));
                    return None;
                }
                Ok(true) => {
                    let Some(end) = memchr::memrchr(b'\n', &carry) else { continue };
                    let rest = carry.split_off(end + 1);
                    self.emit(std::mem::replace(&mut carry, rest))?;
                }
                Ok(false) => break,
            }
        }
        let ended = carry.is_empty();
        if !ended {
            self.emit(carry)?;
        }
        // The last block holds the last line; what stands before it is hashed.
        let body = self.held.strip_suffix(b"\n").unwrap_or(&self.held);
        let last = memchr::memrchr(b'\n', body).map_or(0, |at| at + 1);
        let mut hasher = self.hasher?;
        hasher.update(&self.held[..last]);
        Some(Whole { lines: self.lines, hash: hasher.finish(), ended })
    }

    /// Reads on; false at the end of the file.
    fn fill(&mut self, carry: &mut Vec<u8>) -> Result<bool, Error> {
        if carry.len() > MOST_LINE_BYTES {
            return Err(Error::other("有一行长得不合理，不是日志导出文件"));
        }
        let block = BLOCK_BYTES.max(carry.len()) as u64;
        Ok((&self.file).take(block).read_to_end(carry)? > 0)
    }

    fn emit(&mut self, bytes: Vec<u8>) -> Option<()> {
        let hasher = self.hasher.get_or_insert_with(|| Hasher::new(kind_of(&bytes)));
        let before = std::mem::replace(&mut self.held, bytes.clone());
        hasher.update(&before);
        self.lines += memchr::memchr_iter(b'\n', &bytes).count() as u64 + u64::from(!bytes.ends_with(b"\n"));
        self.send.send(Ok(Block { bytes, from: 0 })).ok()
    }
}

/// What the first line says that the file is hashed with.
fn kind_of(bytes: &[u8]) -> HashKind {
    let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    super::lines::header(bytes[..end].to_vec()).map_or_else(|_| HashKind::default(), |header| header.kind)
}
