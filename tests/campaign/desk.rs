//! What people do in a stocktake, one line each.

use hufu::items::entity::item;
use hufu::kernel::ids::{PlaceId, ScanId};
use hufu::kernel::{Quantity, Timestamp};
use hufu::stocktake::StocktakeError;
use hufu::stocktake::campaign::{self, Opening};
use hufu::stocktake::counting::{self, Answer, NewScan};
use hufu::stocktake::entity::missing_case;
use hufu::stocktake::model::{CampaignState, Condition, Refusal};
use hufu::stocktake::outcome::{Outcome, OutcomeLine};
use hufu::stocktake::recounting;
use hufu::stocktake::scope::Scope;
use hufu::stocktake::store;
use hufu::stocktake::verdict::{Flags, Verdict};
use sea_orm::EntityTrait as _;

use super::support::{DAY, Office};

/// An office whose things `A-0`, `A-1` are of unit 0 and `A-2` of unit 1.
pub(crate) struct Desk {
    pub(crate) office: Office,
    pub(crate) things: Vec<item::Model>,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let office = Office::found().await;
        let new = [office.new_item("A-0", 0), office.new_item("A-1", 0), office.new_item("A-2", 1)];
        let things = office.register(&new).await;
        Self { office, things }
    }

    /// Opens a campaign of the first two units as of yesterday.
    pub(crate) async fn open(&self, number: &str) {
        self.office.clock.advance_ms(2 * DAY);
        let today = self.office.ctx.now().day();
        let opening = Opening {
            number: number.to_owned(),
            name: format!("盘点 {number}"),
            baseline_on: today - chrono::Days::new(1),
            from: today,
            to: today + chrono::Days::new(9),
            blind: true,
            scope: Scope { units: self.office.units[..2].to_vec(), ..Scope::default() },
        };
        campaign::open(&self.office.db, &self.office.ctx, &opening).await.unwrap();
    }

    pub(crate) async fn a_year_later(&self, number: &str) {
        self.office.clock.advance_ms(365 * DAY);
        self.open(number).await;
    }

    pub(crate) async fn try_scan(
        &self,
        number: &str,
        code: &str,
        place: PlaceId,
        counter: &str,
    ) -> Result<(ScanId, Answer), StocktakeError> {
        let scan = NewScan {
            id: self.office.ctx.new_id(),
            code_read: code.to_owned(),
            place: Some(place),
            keeper: None,
            quantity: Quantity::ONE,
            condition: Condition::Good,
            no_label: false,
            name: String::new(),
            serial_number: String::new(),
            note: String::new(),
            counter: counter.to_owned(),
            device: String::new(),
            device_at: self.office.ctx.now(),
        };
        let id = scan.id;
        let mut answers = counting::scan(&self.office.db, &self.office.ctx, number, &[scan]).await?;
        Ok((id, answers.remove(0)))
    }

    /// Scans a thing in the first room of a unit (or in `room`), by the unit's asset manager.
    pub(crate) async fn scan(&self, number: &str, code: &str, room: (usize, usize), counter: &str) -> ScanId {
        let place = self.office.places[room.0][room.1];
        let (id, answer) = self.try_scan(number, code, place, counter).await.unwrap();
        assert!(matches!(answer, Answer::Recorded { .. }), "{answer:?}");
        id
    }

    pub(crate) async fn submit(&self, number: &str, unit: usize) -> Result<(), StocktakeError> {
        let by = Some(self.office.people[unit][1]);
        campaign::submit(&self.office.db, &self.office.ctx, number, self.office.units[unit], by).await?;
        Ok(())
    }

    pub(crate) async fn confirm(&self, number: &str, unit: usize, by: (usize, usize)) -> Result<(), StocktakeError> {
        let by = self.office.people[by.0][by.1];
        campaign::confirm(&self.office.db, &self.office.ctx, number, self.office.units[unit], by, None).await?;
        Ok(())
    }

    pub(crate) async fn recount(
        &self,
        number: &str,
        thing: usize,
        by: (usize, usize),
    ) -> Result<usize, StocktakeError> {
        let (things, by) = ([self.things[thing].id], self.office.people[by.0][by.1]);
        recounting::open(&self.office.db, &self.office.ctx, number, &things, Some(by), "复盘").await
    }

    pub(crate) async fn close(&self, number: &str, left_open: Option<&str>) -> Result<Outcome, StocktakeError> {
        campaign::close(&self.office.db, &self.office.ctx, number, left_open).await
    }

    /// Both units submit, both heads confirm, the campaign ends.
    pub(crate) async fn finish(&self, number: &str) -> Outcome {
        for unit in 0..2 {
            self.submit(number, unit).await.unwrap();
            self.confirm(number, unit, (unit, 0)).await.unwrap();
        }
        self.close(number, None).await.unwrap()
    }

    pub(crate) async fn outcome(&self, number: &str) -> Outcome {
        let campaign = store::campaign(self.office.db.read(), number).await.unwrap();
        Outcome::load(self.office.db.read(), &campaign).await.unwrap()
    }

    pub(crate) async fn state(&self, number: &str) -> CampaignState {
        store::campaign(self.office.db.read(), number).await.unwrap().state
    }

    pub(crate) async fn cases(&self) -> Vec<missing_case::Model> {
        let mut cases = missing_case::Entity::find().all(self.office.db.read()).await.unwrap();
        cases.sort_by_key(|case| (case.opened_at, case.id));
        cases
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.office.ctx.now()
    }
}

/// The line of a thing.
pub(crate) fn line<'a>(outcome: &'a Outcome, number: &str) -> &'a OutcomeLine {
    outcome.lines.iter().find(|line| line.number() == number).unwrap()
}

/// The verdict and flags of a thing.
pub(crate) fn verdict(outcome: &Outcome, number: &str) -> (Verdict, Flags) {
    (line(outcome, number).verdict, line(outcome, number).flags)
}

/// Why the rules refused it; panics when something else did.
pub(crate) fn refusal<T: std::fmt::Debug>(answer: Result<T, StocktakeError>) -> Refusal {
    match answer {
        Err(StocktakeError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}
