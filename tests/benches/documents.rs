//! Reading a million book rows of nine columns, in UTF-8: what the `csv` crate takes to cut them into byte records, and
//! what we take to check the text, cut it, and hand out every cell. Run: `cargo bench --bench documents`.

use std::hint::black_box;
use std::io::Cursor;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hufu::documents::tables::Book;
use hufu::documents::{ColumnMap, Limits, Reject, Table};

const ROWS: usize = 1_000_000;

/// A book; its texts repeat, as they do in an office.
fn book() -> Vec<u8> {
    let mut text = String::from("资产编号,资产名称,使用部门,存放地点,使用人,数量,使用状况,序列号,价值\n");
    for i in 0..ROWS {
        let (unit, place, keeper) = (i % 12, i % 60, i % 300);
        text += &format!(
            "XL{i:08},台式计算机 {},第{unit}中队,{place:03}室,民警{keeper:03},1,在用,SN{:010},{}.00\n",
            i % 97,
            i * 7919 % 9_999_999_967,
            3000 + i % 7000
        );
    }
    text.into_bytes()
}

fn read_ours(bytes: &'static [u8], fields: &[Book]) -> usize {
    let table = Table::read("book.csv", Cursor::new(bytes), &Limits::default());
    let mut records = table.and_then(|table| table.records::<Book>(&ColumnMap::default())).expect("a good table");
    let mut rejects: Vec<Reject> = Vec::new();
    let mut total = 0;
    while let Some(row) = records.next_row(&mut rejects).expect("a good row") {
        for field in fields {
            total += black_box(row.text(*field)).len();
        }
    }
    total
}

fn read_reference(bytes: &[u8]) -> usize {
    let mut reader = csv::Reader::from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    let mut total = 0;
    while reader.read_byte_record(&mut record).expect("a good row") {
        for cell in &record {
            total += black_box(cell).len();
        }
    }
    total
}

fn tables(c: &mut Criterion) {
    let bytes: &'static [u8] = book().leak();
    let fields = [
        Book::ItemNumber,
        Book::Name,
        Book::Unit,
        Book::Place,
        Book::Keeper,
        Book::Quantity,
        Book::State,
        Book::SerialNumber,
        Book::Value,
    ];
    let mut group = c.benchmark_group("a million book rows");
    group.sample_size(10).throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("csv crate, byte records", |b| b.iter(|| read_reference(bytes)));
    group.bench_function("ours, UTF-8", |b| b.iter(|| read_ours(bytes, &fields)));
    group.bench_function("ours, GBK", |b| {
        let gbk: &'static [u8] =
            encoding_rs::GBK.encode(std::str::from_utf8(bytes).expect("UTF-8")).0.into_owned().leak();
        b.iter(|| read_ours(gbk, &fields));
    });
    group.finish();
}

criterion_group!(benches, tables);
criterion_main!(benches);
