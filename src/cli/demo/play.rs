//! Plays a planned count through the services: nothing here writes a row itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use indicatif::ProgressBar;

use super::Stage;
use super::count_plan::{self, CountPlan, LabelSeen, NEVER_SUBMITS, PlannedScan, Subject};
use super::sample::fuel::FuelYear;
use super::sample::{AssetAt, Sample};
use crate::assets::net_values;
use crate::cli::CliError;
use crate::db::Db;
use crate::documents::ColumnMap;
use crate::imports::{self, Request, What};
use crate::items::entity::item;
use crate::items::labels::{self, Printing, Subject as Labelled};
use crate::items::printing::record_of;
use crate::items::service::{self, Change};
use crate::items::store::{self as items, Search};
use crate::kernel::Timestamp;
use crate::kernel::ids::{PersonId, PlaceId, ScanId, UnitId};
use crate::org::{self, Directory};
use crate::stocktake::campaign::{self, Opening};
use crate::stocktake::counting::{self, Answer, NewScan, Which};
use crate::stocktake::missing;
use crate::stocktake::model::Condition;
use crate::stocktake::outcome::Outcome;
use crate::stocktake::publish;
use crate::stocktake::scope::Scope;
use crate::stocktake::verdict::Verdict;
use hufu_labels::code::LabelCode;
use hufu_labels::write::{FontSet, Job, LabelRecord, Sheet, Template, write_file};

/// How many steps [`play`] tells of.
pub(super) const STEPS: u64 = 6;
/// Scans that a device sends in one go.
const BATCH: usize = 200;

/// What a played count came to.
#[derive(Debug)]
pub struct Played {
    /// What the campaign found.
    pub outcome: Outcome,
    /// How many labels were printed.
    pub labels: usize,
    /// One missing thing, to look at.
    pub a_missing_number: Option<String>,
}

/// The office in the database, by the sample's indices.
struct Office<'a> {
    db: &'a Db,
    stage: Stage,
    sample: &'a Sample,
    directory: Directory,
    things: Vec<item::Model>,
    codes: Vec<LabelCode>,
    old_codes: BTreeMap<AssetAt, LabelCode>,
}

/// Makes the office, prints its labels, counts it, closes the count and writes the report into `out`.
pub(super) async fn play(
    db: &Db,
    sample: &Sample,
    plan: &CountPlan,
    out: &Path,
    bar: &ProgressBar,
) -> Result<Played, CliError> {
    let step = |words: &'static str| {
        bar.inc(1);
        bar.set_message(words);
    };
    step("导入单位、人员、地点、资产");
    let mut office = Office::found(db, sample, out).await?;
    step("打印标签");
    let printed = office.print_labels(plan, out).await?;
    step("开盘点");
    let number = office.open(plan).await?;
    step("盘点");
    office.count(plan, &number).await?;
    step("结束盘点");
    let outcome = office.close(&number).await?;
    step("写报告");
    let ledger = net_values::for_count(db.read(), &office.stage.ctx, &outcome).await?;
    publish::write(&outcome, &ledger, &sample.organisation, office.stage.ctx.now(), out)?;
    let missing = outcome.lines.iter().find(|line| line.verdict == Verdict::Missing && !line.leads.is_empty());
    let a_missing_number = missing.map(|line| line.number().to_owned());
    Ok(Played { labels: printed, a_missing_number, outcome })
}

impl<'a> Office<'a> {
    async fn found(db: &'a Db, sample: &'a Sample, out: &Path) -> Result<Self, CliError> {
        let files = out.join("files");
        std::fs::create_dir_all(&files).map_err(|source| CliError::file(&files, source))?;
        let forms = sample.write_csv(&files).map_err(|error| CliError::Usage(error.to_string()))?;
        write_fuel(sample, &out.join("fuel"))?;
        let begun = Timestamp::start_of_day(sample.spec.baseline - chrono::Days::new(30));
        let stage = Stage::at(begun, sample.spec.seed);
        org::service::name_organisation(db, &stage.ctx, &sample.organisation).await?;
        let assets = What::Assets { effective_at: begun, create_missing: false };
        for (path, what) in [
            (&forms.units, What::Units),
            (&forms.people, What::People),
            (&forms.places, What::Places),
            (&forms.assets, assets),
        ] {
            let request = Request { path, map: ColumnMap::default(), dry_run: false, what };
            let report = imports::run(db, &stage.ctx, &request).await?;
            if let Some(reject) = report.rejects.first() {
                return Err(CliError::Usage(reject.to_string()));
            }
        }
        let directory = Directory::load(db.read()).await?;
        let things = things_in_order(db, sample).await?;
        Ok(Self { db, stage, sample, directory, things, codes: Vec::new(), old_codes: BTreeMap::new() })
    }

    /// Prints a label for everything; what the plan finds with an old label gets a second one.
    async fn print_labels(&mut self, plan: &CountPlan, out: &Path) -> Result<usize, CliError> {
        let subjects: Vec<Labelled> = self.things.iter().map(|thing| Labelled::Item(thing.id)).collect();
        self.codes = labels::print(self.db, &self.stage.ctx, &subjects, "asset-60x40", Printing::Again).await?;
        let renewed: BTreeSet<AssetAt> = plan
            .scans
            .iter()
            .filter(|scan| scan.label == LabelSeen::Old)
            .filter_map(|scan| if let Subject::Asset(at) = scan.subject { Some(at) } else { None })
            .collect();
        let subjects: Vec<Labelled> = renewed.iter().map(|at| Labelled::Item(self.things[at.0].id)).collect();
        let fresh = labels::print(self.db, &self.stage.ctx, &subjects, "asset-60x40", Printing::Renew).await?;
        for (at, code) in renewed.into_iter().zip(fresh) {
            self.old_codes.insert(at, std::mem::replace(&mut self.codes[at.0], code));
        }
        let records: Vec<LabelRecord> =
            self.things.iter().zip(&self.codes).map(|(thing, code)| record_of(&self.directory, thing, *code)).collect();
        let (template, sheet) = (Template::builtin("asset-60x40")?, Sheet::builtin("a4-3x8")?);
        let fonts = FontSet::builtin()?;
        let job = Job {
            template: &template,
            sheet: Some(&sheet),
            skip: 0,
            fonts: &fonts,
            dpi: 300,
            organisation: &self.sample.organisation,
        };
        write_file(&records, &job, &out.join("labels.pdf"))?;
        Ok(records.len())
    }

    async fn open(&mut self, plan: &CountPlan) -> Result<String, CliError> {
        let baseline_on = self.sample.spec.baseline;
        self.stage.clock.set(Timestamp::end_of_day(baseline_on));
        let year = i64::from(chrono::Datelike::year(&baseline_on)) - 1;
        let earlier: Vec<_> = plan.earlier_missing.iter().map(|at| self.things[at.0].id).collect();
        missing::carry_over(self.db, &self.stage.ctx, year, &earlier).await?;
        self.stage.clock.set(plan.opens);
        let units: Vec<UnitId> = plan
            .scope
            .iter()
            .map(|at| self.directory.find_unit(&self.sample.unit(*at).code))
            .collect::<Result<_, _>>()?;
        let opening = Opening {
            number: format!("{}-YE", year + 1),
            name: plan.campaign.clone(),
            baseline_on,
            from: plan.opens.day(),
            to: plan.closes.day(),
            blind: false,
            scope: Scope { units, ..Scope::default() },
        };
        Ok(campaign::open(self.db, &self.stage.ctx, &opening).await?.number)
    }

    /// Plays scans, moves and submissions in the order of time.
    async fn count(&mut self, plan: &CountPlan, number: &str) -> Result<(), CliError> {
        let mut ids: Vec<ScanId> = Vec::with_capacity(plan.scans.len());
        let mut moves = plan.movements.iter().peekable();
        let mut submissions = plan.submissions.iter().peekable();
        let mut waiting: Vec<NewScan> = Vec::new();
        for scan in &plan.scans {
            while let Some(movement) = moves.next_if(|movement| movement.at <= scan.at) {
                self.send(number, &mut waiting).await?;
                self.play_move(movement).await?;
            }
            while let Some((unit, at)) = submissions.next_if(|(_, at)| *at <= scan.at) {
                self.send(number, &mut waiting).await?;
                self.submit(number, *unit, *at).await?;
            }
            self.stage.clock.set(scan.at);
            if let Some(undone) = scan.undoes {
                self.send(number, &mut waiting).await?;
                counting::undo(self.db, &self.stage.ctx, number, &Which::Id(ids[undone.0])).await?;
                ids.push(ids[undone.0]);
                continue;
            }
            let new = self.new_scan(scan)?;
            ids.push(new.id);
            waiting.push(new);
            if waiting.len() >= BATCH {
                self.send(number, &mut waiting).await?;
            }
        }
        self.send(number, &mut waiting).await?;
        for movement in moves {
            self.play_move(movement).await?;
        }
        for (unit, at) in submissions {
            self.submit(number, *unit, *at).await?;
        }
        self.stage.clock.set(plan.closes);
        Ok(())
    }

    async fn send(&self, number: &str, waiting: &mut Vec<NewScan>) -> Result<(), CliError> {
        if waiting.is_empty() {
            return Ok(());
        }
        let answers = counting::scan(self.db, &self.stage.ctx, number, waiting).await?;
        waiting.clear();
        match answers
            .into_iter()
            .find_map(|answer| if let Answer::Refused { reason, .. } = answer { Some(reason) } else { None })
        {
            Some(reason) => Err(CliError::Usage(reason)),
            None => Ok(()),
        }
    }

    fn new_scan(&self, scan: &PlannedScan) -> Result<NewScan, CliError> {
        let (code_read, name, serial_number) = match &scan.subject {
            Subject::Asset(at) => (self.code_on(*at, scan.label), String::new(), String::new()),
            Subject::Unknown(thing) => {
                (thing.code.clone().unwrap_or_default(), thing.name.clone(), thing.serial_number.clone())
            }
        };
        Ok(NewScan {
            id: self.stage.ctx.new_id(),
            code_read,
            place: Some(self.place(scan.place)?),
            keeper: scan.keeper.map(|at| self.person(at)).transpose()?,
            quantity: scan.quantity,
            condition: match scan.condition {
                count_plan::Condition::Good => Condition::Good,
                count_plan::Condition::Damaged => Condition::Damaged,
            },
            no_label: scan.label == LabelSeen::None && matches!(scan.subject, Subject::Asset(_)),
            name,
            serial_number,
            note: scan.note.clone(),
            counter: self.sample.person(scan.counter).badge_number.clone(),
            device: scan.device.clone(),
            device_at: scan.at,
        })
    }

    fn code_on(&self, at: AssetAt, label: LabelSeen) -> String {
        match (label, self.old_codes.get(&at)) {
            (LabelSeen::Old, Some(code)) => code.to_string(),
            (LabelSeen::None, _) => self.things[at.0].item_number.clone(),
            _ => self.codes[at.0].to_string(),
        }
    }

    fn place(&self, at: super::sample::PlaceAt) -> Result<PlaceId, CliError> {
        Ok(self.directory.find_place(&self.sample.place(at).code, None)?)
    }

    fn person(&self, at: super::sample::PersonAt) -> Result<PersonId, CliError> {
        Ok(self.directory.find_person(&self.sample.person(at).badge_number, None)?)
    }

    async fn play_move(&self, movement: &count_plan::PlannedMove) -> Result<(), CliError> {
        self.stage.clock.set(movement.at);
        let change = Change {
            place: Some(Some(self.place(movement.place)?)),
            keeper: Some(Some(self.person(movement.keeper)?)),
            ..Change::default()
        };
        let number = &self.things[movement.asset.0].item_number;
        service::change(self.db, &self.stage.ctx, number, &change, &movement.document).await?;
        Ok(())
    }

    async fn submit(&self, number: &str, unit: super::sample::UnitAt, at: Timestamp) -> Result<(), CliError> {
        self.stage.clock.set(at);
        let manager = self.person(self.sample.unit(unit).asset_manager)?;
        let id = self.directory.find_unit(&self.sample.unit(unit).code)?;
        campaign::submit(self.db, &self.stage.ctx, number, id, Some(manager)).await?;
        Ok(())
    }

    /// The heads confirm what was submitted; the unit that never submits is left open, and said so.
    async fn close(&self, number: &str) -> Result<Outcome, CliError> {
        for unit in &self.sample.units {
            let head = self.person(unit.head)?;
            let id = self.directory.find_unit(&unit.code)?;
            // Who counted, or keeps a counted place, may not confirm: that sheet stays unconfirmed, as in an office.
            let _refused_or_not = campaign::confirm(self.db, &self.stage.ctx, number, id, head, None).await;
        }
        let reason = format!("{NEVER_SUBMITS}尚未提交盘点表，先出阶段性报告");
        Ok(campaign::close(self.db, &self.stage.ctx, number, Some(&reason)).await?)
    }
}

pub(super) async fn things_in_order(db: &Db, sample: &Sample) -> Result<Vec<item::Model>, CliError> {
    let mut by_number = BTreeMap::new();
    for state in crate::items::model::ItemState::ALL {
        let wanted = Search { state: Some(state), ..Search::default() };
        for thing in items::search(db.read(), &wanted, 10_000_000).await? {
            by_number.insert(thing.item_number.clone(), thing);
        }
    }
    sample
        .assets
        .iter()
        .map(|asset| {
            by_number
                .remove(&asset.item_number)
                .ok_or_else(|| CliError::Usage(format!("示例资产 {} 未导入", asset.item_number)))
        })
        .collect()
}

/// A fleet's year at the pump, as files for `hufu fuel-check`.
fn write_fuel(sample: &Sample, folder: &Path) -> Result<(), CliError> {
    std::fs::create_dir_all(folder).map_err(|source| CliError::file(folder, source))?;
    let first = sample.spec.baseline.checked_sub_days(chrono::Days::new(364)).unwrap_or(sample.spec.baseline);
    let units: Vec<String> = sample.units.iter().map(|unit| unit.name.clone()).collect();
    let year = FuelYear::generate(sample.spec.seed, first, &units);
    year.write_csv(folder).map_err(|error| CliError::Usage(error.to_string()))?;
    Ok(())
}
