//! Which encoding a text file is in, told from its bytes, and its text as UTF-8, block by block.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::error::DocumentError;

/// Bytes looked at to tell the encoding, and read at a time.
pub(super) const CHUNK: usize = 256 * 1024;

/// What the bytes of a sample say.
enum Verdict {
    /// Nothing beyond ASCII yet: any of them.
    Ascii,
    Is(&'static Encoding),
    /// Not text at all.
    Binary,
    /// In no encoding we read; the offset of the first such byte.
    Neither(usize),
}

/// A text file as UTF-8.
pub(super) struct Decoded {
    file: String,
    input: Box<dyn Read + Send>,
    encoding: &'static Encoding,
    decoder: Decoder,
    settled: bool,
    /// Bytes read and not yet decoded: `raw[..have]`.
    raw: Vec<u8>,
    have: usize,
    ended: bool,
    read_bytes: u64,
    max_bytes: u64,
    lines_before: u64,
}

/// What a call of [`Decoded::fill`] added.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filled {
    /// No more text will come.
    pub(super) last: bool,
    /// Some bytes were no text and became U+FFFD.
    pub(super) bad: bool,
}

impl Decoded {
    /// Looks at the beginning of `input` and settles on an encoding when it can.
    pub(super) fn new(file: &str, input: Box<dyn Read + Send>, max_bytes: u64) -> Result<Self, DocumentError> {
        let mut decoded = Self {
            file: file.to_owned(),
            input,
            encoding: UTF_8,
            decoder: UTF_8.new_decoder_with_bom_removal(),
            settled: false,
            raw: vec![0; CHUNK],
            have: 0,
            ended: false,
            read_bytes: 0,
            max_bytes,
            lines_before: 0,
        };
        decoded.read_chunk()?;
        let sample = &decoded.raw[..decoded.have];
        if decoded.ended && without_bom(sample).iter().all(u8::is_ascii_whitespace) {
            return Err(DocumentError::Empty { file: file.to_owned() });
        }
        decoded.settle()?;
        Ok(decoded)
    }

    /// The encoding's name for people.
    pub(super) fn encoding_name(&self) -> &'static str {
        match self.encoding.name() {
            "gb18030" => "GB18030",
            other => other,
        }
    }

    /// Appends the next block of text to `out`.
    pub(super) fn fill(&mut self, out: &mut String) -> Result<Filled, DocumentError> {
        if self.have == 0 && !self.ended {
            self.read_chunk()?;
            if !self.settled {
                self.settle()?;
            }
        }
        let last = self.ended;
        let bytes = &self.raw[..self.have];
        out.reserve(self.decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len() * 3 + 16));
        let (mut at, mut bad) = (0, false);
        loop {
            let (result, read, errors) = self.decoder.decode_to_string(&bytes[at..], out, last);
            at += read;
            bad |= errors;
            match result {
                CoderResult::InputEmpty => break,
                CoderResult::OutputFull => out.reserve(CHUNK),
            }
        }
        self.have = 0;
        Ok(Filled { last, bad })
    }

    /// Fills `raw` from the input, up to a whole chunk.
    fn read_chunk(&mut self) -> Result<(), DocumentError> {
        while self.have < self.raw.len() {
            match self.input.read(&mut self.raw[self.have..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(n) => {
                    self.have += n;
                    self.read_bytes += n as u64;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(DocumentError::read(&self.file, e)),
            }
        }
        if self.read_bytes > self.max_bytes {
            let what = format!("超过 {} 的上限", super::packed::size(self.max_bytes));
            return Err(DocumentError::TooLarge { file: self.file.clone(), what });
        }
        Ok(())
    }

    /// Decides the encoding from the bytes at hand. While all is ASCII it waits: a file whose first Chinese word
    /// comes after a megabyte of numbers is as common as any.
    fn settle(&mut self) -> Result<(), DocumentError> {
        let sample = &self.raw[..self.have];
        match look(sample, self.ended) {
            Verdict::Ascii => self.lines_before += lines(sample),
            Verdict::Is(encoding) => {
                self.encoding = encoding;
                self.decoder = encoding.new_decoder_with_bom_removal();
                self.settled = true;
            }
            Verdict::Binary => {
                return Err(DocumentError::NotATable {
                    file: self.file.clone(), what: "程序或图片一类的二进制文件"
                });
            }
            Verdict::Neither(at) => {
                let row = self.lines_before + lines(&sample[..at]) + 1;
                return Err(DocumentError::Encoding { file: self.file.clone(), row });
            }
        }
        Ok(())
    }
}

/// Line breaks in `bytes`, whichever kind they are.
fn lines(bytes: &[u8]) -> u64 {
    let count = |b| memchr::memchr_iter(b, bytes).count() as u64;
    count(b'\n').max(count(b'\r'))
}

fn without_bom(bytes: &[u8]) -> &[u8] {
    match Encoding::for_bom(bytes) {
        Some((_, len)) => &bytes[len..],
        None => bytes,
    }
}

fn look(sample: &[u8], whole: bool) -> Verdict {
    if let Some((encoding, _)) = Encoding::for_bom(sample)
        && [UTF_8, UTF_16LE, UTF_16BE].contains(&encoding)
    {
        return Verdict::Is(encoding);
    }
    let controls = sample.iter().filter(|&&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1a)).count();
    if controls > 4 && controls * 50 > sample.len() {
        return Verdict::Binary;
    }
    if sample.is_ascii() {
        return Verdict::Ascii;
    }
    let sample = if whole { sample } else { whole_lines(sample) };
    let (mut valid, mut invalid) = (0, 0);
    for chunk in sample.utf8_chunks() {
        valid += chunk.valid().bytes().filter(|b| !b.is_ascii()).count();
        invalid += chunk.invalid().len();
    }
    if invalid == 0 {
        return Verdict::Is(UTF_8);
    }
    let (errors, wide, first) = as_gb18030(sample);
    // Chinese in UTF-8 with a broken byte here and there often passes as GB18030 and would read as gibberish, while
    // GB18030 almost never passes as UTF-8: so UTF-8 wins wherever nearly all of it holds.
    if valid > 20 * invalid {
        return Verdict::Is(UTF_8);
    }
    if errors * 100 <= wide {
        return Verdict::Is(GB18030);
    }
    Verdict::Neither(first)
}

/// The sample up to its last line break, so that it does not end inside a character.
fn whole_lines(sample: &[u8]) -> &[u8] {
    match memchr::memrchr2(b'\n', b'\r', sample) {
        Some(at) => &sample[..=at],
        None => sample,
    }
}

/// Read as GB18030: malformed bytes, characters beyond ASCII, and the offset of the first malformed one.
fn as_gb18030(sample: &[u8]) -> (usize, usize, usize) {
    let mut decoder = GB18030.new_decoder_without_bom_handling();
    let mut out = String::with_capacity(sample.len() * 2 + 16);
    let (mut at, mut errors, mut wide, mut first) = (0, 0, 0, sample.len());
    loop {
        out.clear();
        let (result, read) = decoder.decode_to_string_without_replacement(&sample[at..], &mut out, true);
        at += read;
        wide += out.chars().filter(|c| !c.is_ascii()).count();
        match result {
            encoding_rs::DecoderResult::InputEmpty => return (errors, wide, first),
            encoding_rs::DecoderResult::OutputFull => {}
            encoding_rs::DecoderResult::Malformed(len, extra) => {
                if errors == 0 {
                    first = at.saturating_sub(usize::from(len) + usize::from(extra));
                }
                errors += 1;
            }
        }
    }
}
