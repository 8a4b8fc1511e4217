//! How long the report takes: the figures, the workbook with every line, the workbook with differences only.
//!
//! `cargo bench -p hufu --bench report` measures 100,000 lines; `HUFU_BENCH_LINES=1000000` another number.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use hufu::cli::demo::count_plan::CountPlan;
use hufu::cli::demo::sample::{Sample, SampleSpec};
use hufu::items::model::ItemState;
use hufu::kernel::{Quantity, Timestamp};
use hufu::stocktake::report::xlsx::{self, DetailRows};
use hufu::stocktake::report::{Figures, ReportHead, ReportLine};
use hufu::stocktake::verdict::{Flags, Verdict};

/// Lines as the file tool would have them: 2 % missing, 3 % misplaced, the rest as booked.
fn lines(sample: &Sample) -> impl Iterator<Item = ReportLine<'_>> {
    sample.assets.iter().enumerate().map(|(index, asset)| {
        let verdict = match index % 100 {
            0 | 1 => Verdict::Missing,
            2..=4 => Verdict::Misplaced,
            _ => Verdict::Matched,
        };
        let place = sample.place(asset.place).name.as_str();
        ReportLine {
            item_number: &asset.item_number,
            name: &asset.name,
            specification: &asset.specification,
            serial_number: &asset.serial_number,
            class_code: asset.class_code,
            class_name: asset.class_name,
            measure: asset.measure,
            unit: &sample.unit(asset.unit).name,
            book_place: place,
            counted_place: place,
            book_keeper: &sample.person(asset.keeper).name,
            counted_keeper: "",
            book_quantity: Some(asset.quantity),
            counted_quantity: Some(Quantity(if verdict == Verdict::Missing { 0 } else { asset.quantity.0 })),
            value: asset.value,
            worth: None,
            acquired_on: Some(asset.acquired_on),
            state: Some(ItemState::InUse),
            verdict,
            flags: Flags::NONE,
            expected: true,
            lead: "",
            note: "",
            counter: "张三",
            counted_at: Some(Timestamp(1_767_600_000_000)),
        }
    })
}

fn report(criterion: &mut Criterion) {
    let wanted: usize = std::env::var("HUFU_BENCH_LINES").ok().and_then(|lines| lines.parse().ok()).unwrap_or(100_000);
    let spec = SampleSpec { scale: wanted.div_ceil(3_000), ..SampleSpec::default() };
    let sample = Sample::generate(spec);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.xlsx");
    let head = ReportHead { organisation: sample.organisation.clone(), ..ReportHead::default() };
    let figures = Figures::from_lines(lines(&sample).take(wanted));
    let mut group = criterion.benchmark_group(format!("{wanted} lines"));
    group.sample_size(10);
    group.bench_function("figures", |bench| {
        bench.iter(|| Figures::from_lines(black_box(&sample).assets.iter().zip(lines(&sample)).map(|(_, line)| line)));
    });
    for (name, detail) in [("all lines", DetailRows::All), ("differences", DetailRows::Attention { rest_in: "x.csv" })]
    {
        group.bench_function(format!("report.xlsx, {name}"), |bench| {
            bench.iter(|| {
                let written = xlsx::write(&path, &head, &figures, detail, || lines(&sample).take(wanted));
                written.expect("the report is written");
            });
        });
    }
    group.bench_function("the sample itself", |bench| bench.iter(|| Sample::generate(spec)));
    group.bench_function("the plan of its count", |bench| bench.iter(|| CountPlan::of(&sample)));
    group.finish();
}

criterion_group!(benches, report);
criterion_main!(benches);
