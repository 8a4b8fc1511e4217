//! Lines of a report made from the sample and its planted truth.

use hufu::cli::demo::count_plan::{CountPlan, PlannedScan, PlantedSubject, Subject};
use hufu::cli::demo::sample::{AssetAt, Sample, SampleSpec};
use hufu::kernel::{Fen, Quantity, Timestamp};
use hufu::stocktake::report::{ReportHead, ReportLine, SheetStanding};
use hufu::stocktake::verdict::Verdict;

pub(crate) struct Counted {
    pub(crate) sample: Sample,
    pub(crate) plan: CountPlan,
    last: std::collections::HashMap<AssetAt, usize>,
}

impl Counted {
    pub(crate) fn at_scale(scale: usize) -> Self {
        let sample = Sample::generate(SampleSpec { scale, ..SampleSpec::default() });
        let plan = CountPlan::of(&sample);
        let undone: std::collections::HashSet<_> =
            plan.scans.iter().filter_map(|scan| scan.undoes).map(|s| s.0).collect();
        let mut last = std::collections::HashMap::new();
        for (index, scan) in plan.scans.iter().enumerate() {
            if let (Subject::Asset(asset), None, false) = (&scan.subject, scan.undoes, undone.contains(&index)) {
                last.insert(*asset, index);
            }
        }
        Self { sample, plan, last }
    }

    pub(crate) fn head(&self) -> ReportHead {
        let late = "法制大队";
        let sheet = |unit: &hufu::cli::demo::sample::SampleUnit| {
            let at = self.plan.submissions.iter().find(|(at, _)| self.sample.unit(*at).name == unit.name);
            SheetStanding {
                unit: unit.name.clone(),
                state: if unit.name == late { "未提交" } else { "已确认" }.to_owned(),
                submitted_at: at.map(|(_, at)| *at),
                confirmed_by: if unit.name == late {
                    String::new()
                } else {
                    self.sample.person(unit.head).name.clone()
                },
            }
        };
        ReportHead {
            organisation: self.sample.organisation.clone(),
            campaign: self.plan.campaign.clone(),
            baseline: Some(self.sample.spec.baseline),
            window: Some((self.plan.opens, self.plan.closes)),
            scope: "除巡逻警察大队外的 11 个单位，固定资产".to_owned(),
            prepared_at: Timestamp(self.plan.closes.0 + 86_400_000),
            preparer: self.sample.person(self.sample.units[0].asset_manager).name.clone(),
            reviewer: String::new(),
            unit_head: String::new(),
            sheets: self.plan.scope.iter().map(|at| sheet(self.sample.unit(*at))).collect(),
            details_in: "report.xlsx".to_owned(),
        }
    }

    pub(crate) fn lines(&self) -> Vec<ReportLine<'_>> {
        let line = |planted: &hufu::cli::demo::count_plan::Planted| match planted.subject {
            PlantedSubject::Asset(at) => {
                let scan = self.last.get(&at).map(|&index| &self.plan.scans[index]);
                self.line_of_asset(at, planted.verdict, planted.flags, scan)
            }
            PlantedSubject::Scan(at) => self.line_of_thing(self.plan.scan(at), planted.flags),
        };
        self.plan.planted.iter().map(line).collect()
    }

    fn line_of_asset<'a>(
        &'a self,
        at: AssetAt,
        verdict: Verdict,
        flags: hufu::stocktake::verdict::Flags,
        scan: Option<&'a PlannedScan>,
    ) -> ReportLine<'a> {
        let (sample, asset) = (&self.sample, self.sample.asset(at));
        let lead = if verdict == Verdict::Missing && at.0.is_multiple_of(3) {
            "同批资产多在相邻房间，建议先查"
        } else {
            ""
        };
        ReportLine {
            item_number: &asset.item_number,
            name: &asset.name,
            specification: &asset.specification,
            serial_number: &asset.serial_number,
            class_code: asset.class_code,
            class_name: asset.class_name,
            measure: asset.measure,
            unit: &sample.unit(asset.unit).name,
            book_place: &sample.place(asset.place).name,
            counted_place: scan.map_or("", |scan| &sample.place(scan.place).name),
            book_keeper: &sample.person(asset.keeper).name,
            counted_keeper: scan.and_then(|scan| scan.keeper).map_or("", |keeper| &sample.person(keeper).name),
            book_quantity: Some(asset.quantity),
            counted_quantity: scan.map(|s| s.quantity).or((verdict == Verdict::Missing).then_some(Quantity(0))),
            value: asset.value,
            worth: None,
            acquired_on: Some(asset.acquired_on),
            state: Some(asset.state),
            verdict,
            flags,
            expected: self.plan.scope.contains(&asset.unit) && !asset.state.is_gone(),
            lead,
            note: scan.map_or(asset.note.as_str(), |scan| &scan.note),
            counter: scan.map_or("", |scan| &sample.person(scan.counter).name),
            counted_at: scan.map(|scan| scan.at),
        }
    }

    fn line_of_thing<'a>(&'a self, scan: &'a PlannedScan, flags: hufu::stocktake::verdict::Flags) -> ReportLine<'a> {
        let Subject::Unknown(thing) = &scan.subject else { unreachable!() };
        let place = self.sample.place(scan.place);
        ReportLine {
            item_number: thing.code.as_deref().unwrap_or(""),
            name: &thing.name,
            specification: &thing.specification,
            serial_number: &thing.serial_number,
            class_code: "",
            class_name: "",
            measure: "",
            unit: &self.sample.unit(place.unit).name,
            book_place: "",
            counted_place: &place.name,
            book_keeper: "",
            counted_keeper: "",
            book_quantity: None,
            counted_quantity: Some(scan.quantity),
            value: Fen::ZERO,
            worth: None,
            acquired_on: None,
            state: None,
            verdict: Verdict::Unregistered,
            flags,
            expected: false,
            lead: thing.truly.map_or("", |at| self.sample.asset(at).item_number.as_str()),
            note: &scan.note,
            counter: &self.sample.person(scan.counter).name,
            counted_at: Some(scan.at),
        }
    }
}
