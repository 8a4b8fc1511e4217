//! A PDF file written object by object, so that only the offsets stay in memory.

use pdf_writer::{Chunk, Ref};
use std::io::Write;

use super::super::WriteError;

/// The file so far: what was written, and where each object begins.
pub(super) struct Objects<'w, W: Write> {
    sink: &'w mut W,
    at: u64,
    /// By object number; 0 is not there.
    offsets: Vec<u64>,
}

impl<'w, W: Write> Objects<'w, W> {
    pub(super) fn begin(sink: &'w mut W) -> Result<Self, WriteError> {
        let mut objects = Self { sink, at: 0, offsets: vec![0] };
        // The second line tells file tools that the file is binary.
        objects.put(b"%PDF-1.7\n%\x80\x80\x80\x80\n")?;
        Ok(objects)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.sink.write_all(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    /// Writes one object, the chunk's only one.
    pub(super) fn write(&mut self, id: Ref, chunk: &Chunk) -> Result<(), WriteError> {
        let number = usize::try_from(id.get()).unwrap_or(0);
        if self.offsets.len() <= number {
            self.offsets.resize(number + 1, 0);
        }
        self.offsets[number] = self.at;
        self.put(chunk.as_bytes())
    }

    /// Writes the table of offsets and the trailer; returns the length of the file.
    pub(super) fn finish(mut self, catalog: Ref, info: Ref) -> Result<u64, WriteError> {
        let start = self.at;
        let mut table = format!("xref\n0 {}\n", self.offsets.len());
        table.push_str("0000000000 65535 f\r\n");
        for offset in &self.offsets[1..] {
            let (generation, kind) = if *offset == 0 { (65535, 'f') } else { (0, 'n') };
            table.push_str(&format!("{offset:010} {generation:05} {kind}\r\n"));
        }
        table.push_str(&format!(
            "trailer\n<</Size {}/Root {} 0 R/Info {} 0 R>>\nstartxref\n{start}\n%%EOF\n",
            self.offsets.len(),
            catalog.get(),
            info.get()
        ));
        self.put(table.as_bytes())?;
        self.sink.flush()?;
        Ok(self.at)
    }
}
