//! How long the core of the three-way check takes: a million things of the book, a million rows of the finance ledger and
//! a count of all of them, in memory.
//!
//! `cargo bench -p hufu --bench three_way`; `HUFU_BENCH_ROWS=100000` another number.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use hufu::assets::three_way::judge::{Booked, Carried, Seen, judge};
use hufu::kernel::Fen;
use hufu::stocktake::verdict::Verdict;

fn three_way(criterion: &mut Criterion) {
    let rows: usize = std::env::var("HUFU_BENCH_ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(1_000_000);
    let numbers: Vec<String> = (0..rows).map(|n| format!("ZC2026{n:08}")).collect();
    let value = |n: usize| Fen(i64::try_from(n % 90_000).unwrap_or(0) + 100_000);
    let book: Vec<Booked<'_>> = (numbers.iter().enumerate())
        .map(|(n, number)| Booked { number, value: value(n), accumulated: None, gone: n % 997 == 0 })
        .collect();
    // In another order than the book's, one in a hundred with another value, one in two hundred not there.
    let finance: Vec<Carried<'_>> = (numbers.iter().enumerate().rev())
        .filter(|(n, _)| n % 200 != 7)
        .map(|(n, number)| {
            let value = if n % 100 == 3 { Fen(1) } else { value(n) };
            Carried { number, value, accumulated: None, net: None }
        })
        .collect();
    let count: Vec<Seen<'_>> = (numbers.iter().enumerate())
        .map(|(n, number)| Seen { number, verdict: if n % 50 == 1 { Verdict::Missing } else { Verdict::Matched } })
        .collect();
    let mut group = criterion.benchmark_group("three_way");
    group.sample_size(10);
    group.bench_function(format!("{rows} rows each"), |bencher| {
        bencher.iter(|| black_box(judge(&book, &finance, Some(&count))).len());
    });
    group.finish();
}

criterion_group!(benches, three_way);
criterion_main!(benches);
