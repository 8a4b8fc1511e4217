//! Very large text files, made as they are read: they stream, in little memory, and they end. A program of its own, so
//! that no other test's memory is counted.
#![expect(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "helpers of tests")]

use std::io;

use hufu::documents::tables::Book;
use hufu::documents::{ColumnMap, Limits, Reject, Table};

/// Lines without end, made as they are read.
struct Endless {
    header: &'static str,
    line: &'static [u8],
    sent: u64,
    until: u64,
}

impl io::Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut made = 0;
        while made < out.len() && self.sent < self.until {
            let text = if self.sent < self.header.len() as u64 {
                &self.header.as_bytes()[self.sent as usize..]
            } else {
                &self.line[((self.sent - self.header.len() as u64) % self.line.len() as u64) as usize..]
            };
            let n = text.len().min(out.len() - made).min((self.until - self.sent) as usize);
            out[made..made + n].copy_from_slice(&text[..n]);
            made += n;
            self.sent += n as u64;
        }
        Ok(made)
    }
}

/// The most memory this process has held, in bytes.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[cfg(target_os = "linux")]
#[test]
fn two_hundred_megabytes_stream_in_little_memory() {
    let header = "资产编号,资产名称,备注\n";
    let line = format!("XL00012345,台式计算机,{}\n", "长长的备注".repeat(60)).leak().as_bytes();
    let rows = (200 << 20) / line.len() as u64;
    let until = header.len() as u64 + rows * line.len() as u64;
    let input = Endless { header, line, sent: 0, until };
    let table = Table::read("大.csv", input, &Limits::default()).unwrap();
    let mut records = table.records::<Book>(&ColumnMap::default()).unwrap();
    let mut rejects: Vec<Reject> = Vec::new();
    let (mut count, before) = (0, peak());
    while let Some(row) = records.next_row(&mut rejects).unwrap() {
        count += u64::from(row.text(Book::ItemNumber) == "XL00012345");
    }
    assert_eq!((count, rejects.len()), (rows, 0));
    assert!(peak() - before < 32 << 20, "memory grew with the file");
}

#[test]
fn two_hundred_megabytes_of_one_line_or_one_quote_end() {
    for line in [&b"x"[..], b"\"", b"\"\"", b"x,"] {
        let input = Endless { header: "item_number,name\n", line, sent: 0, until: 40 << 20 };
        let table = Table::read("坏.csv", input, &Limits::default()).unwrap();
        let mut records = table.records::<Book>(&ColumnMap::default()).unwrap();
        let mut rejects: Vec<Reject> = Vec::new();
        while records.next_row(&mut rejects).unwrap().is_some() {}
        assert!(rejects.len() <= 1, "{:?}", rejects.len());
    }
}
