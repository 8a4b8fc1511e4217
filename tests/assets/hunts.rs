//! Whatever is done about missing things in whatever order: an oracle of its own, which knows nothing of the program's
//! rules, says what each case and each thing must be.

use hufu::approvals::entity::request;
use hufu::assets::missing::service::{self, Finding};
use hufu::assets::missing::steps;
use hufu::assets::missing::store;
use hufu::items::entity::item;
use hufu::items::model::ItemState;
use hufu::items::store as items;
use hufu::kernel::ids::MissingCaseId;
use hufu::stocktake::model::MissingState;
use proptest::prelude::{ProptestConfig, Strategy, any, prop, proptest};
use sea_orm::EntityTrait as _;

use super::losses::missing;
use super::yard::Yard;

const THINGS: usize = 3;

#[derive(Debug, Clone, Copy)]
enum Command {
    Explain,
    Confirm,
    Resume,
    Judge,
    Ask,
    /// One step of the chain says yes or no.
    Decide(bool),
    TickAll,
    Untick,
    WriteOff,
    Find,
    /// Another list takes it over, when it is on none.
    Miss,
}

fn command() -> impl Strategy<Value = (usize, Command)> {
    let what = proptest::prop_oneof![
        3 => proptest::strategy::Just(Command::Explain),
        3 => proptest::strategy::Just(Command::Confirm),
        1 => proptest::strategy::Just(Command::Resume),
        3 => proptest::strategy::Just(Command::Judge),
        3 => proptest::strategy::Just(Command::Ask),
        6 => any::<u8>().prop_map(|die| Command::Decide(die > 20)),
        3 => proptest::strategy::Just(Command::TickAll),
        1 => proptest::strategy::Just(Command::Untick),
        3 => proptest::strategy::Just(Command::WriteOff),
        1 => proptest::strategy::Just(Command::Find),
        1 => proptest::strategy::Just(Command::Miss),
    ];
    (0..THINGS, what)
}

/// What the oracle remembers of a thing: words of a story, not states of a machine.
#[derive(Debug, Clone, Default)]
struct Story {
    explained: bool,
    confirmed: bool,
    judged: bool,
    /// Steps of the chain that said yes since it was last asked.
    asked: Option<u8>,
    passed: bool,
    ticked: bool,
    found: bool,
    gone: bool,
    /// Cases that ended before this one.
    earlier: usize,
}

/// Things under 50,000 yuan: head, centre, leader.
const CHAIN: u8 = 3;

impl Story {
    fn is_over(&self) -> bool {
        self.found || self.gone
    }

    /// Whether the story allows it; and how it goes on.
    fn go_on(&mut self, command: Command) -> bool {
        let waits = self.asked.is_some();
        let allowed = !self.is_over()
            && match command {
                Command::Explain => !self.confirmed,
                Command::Confirm => self.explained && !self.confirmed,
                Command::Resume | Command::Judge => self.confirmed && !waits && !self.passed,
                Command::Ask => self.confirmed && self.judged && !waits && !self.passed,
                Command::Decide(_) => waits,
                Command::TickAll | Command::Find => true,
                Command::Untick => self.ticked,
                Command::WriteOff => self.passed && self.ticked,
                Command::Miss => false,
            };
        if let Command::Miss = command {
            // What was found can be missed again; what was written off is off the book, and stays missing on paper only.
            if self.found {
                *self = Self { earlier: self.earlier + 1, ..Self::default() };
                return true;
            }
            return false;
        }
        if !allowed {
            return false;
        }
        match command {
            Command::Explain => self.explained = true,
            Command::Confirm => self.confirmed = true,
            Command::Resume => (self.confirmed, self.judged) = (false, false),
            Command::Judge => self.judged = true,
            Command::Ask => self.asked = Some(0),
            Command::Decide(false) => self.asked = None,
            Command::Decide(true) => {
                let said = self.asked.unwrap_or_default() + 1;
                self.passed = said == CHAIN;
                self.asked = (said < CHAIN).then_some(said);
            }
            Command::TickAll => self.ticked = true,
            Command::Untick => self.ticked = false,
            Command::WriteOff => self.gone = true,
            Command::Find => self.found = true,
            Command::Miss => {}
        }
        true
    }

    fn expected(&self) -> (MissingState, ItemState) {
        match (self.found, self.gone, self.confirmed) {
            (true, ..) => (MissingState::Found, ItemState::InUse),
            (_, true, _) => (MissingState::WrittenOff, ItemState::WrittenOff),
            (_, _, false) => (MissingState::Searching, ItemState::InUse),
            _ if self.passed => (MissingState::Approved, ItemState::PendingDisposal),
            _ => (MissingState::Confirmed, ItemState::PendingDisposal),
        }
    }
}

impl Yard {
    /// Does it; `None` where it was refused.
    async fn follow(&self, id: &mut MissingCaseId, thing: &item::Model, command: Command) -> Option<()> {
        let db = &self.office.db;
        match command {
            Command::Explain => self.explain_loss(*id).await.ok().map(drop),
            Command::Confirm => self.confirm(*id).await.ok().map(drop),
            Command::Resume => steps::resume(db, &self.centre(), *id, None, "再找").await.ok().map(drop),
            Command::Judge => self.judge(*id).await.ok().map(drop),
            Command::Ask => self.ask_off(*id).await.ok().map(drop),
            Command::Decide(yes) => {
                let asked = self.case(*id).await.loss.approval_id?;
                let row = request::Entity::find_by_id(asked).one(db.read()).await.unwrap().unwrap();
                let who = self.deciders();
                let who = who.get(usize::try_from(row.step - 1).unwrap()).filter(|_| row.state.is_open())?;
                self.decide(who, asked, yes).await.ok().map(drop)
            }
            Command::TickAll => {
                if self.case(*id).await.case.state.is_open() {
                    self.tick_all(*id).await;
                    return Some(());
                }
                self.tick(*id, "1.2", true).await.ok()
            }
            Command::Untick => self.tick(*id, "1.2", false).await.ok(),
            Command::WriteOff => self.write_off(*id).await.ok().map(drop),
            Command::Find => {
                let how = Finding { note: "找到".to_owned(), ..Finding::default() };
                service::find(db, &self.manager(0), *id, None, &how).await.ok().map(drop)
            }
            Command::Miss => {
                let before = store::of_number(db.read(), &self.office.ctx, &thing.item_number).await.unwrap().case.id;
                let now = hufu::items::store::by_id(db.read(), thing.id).await.unwrap().unwrap();
                if now.state.is_gone() {
                    return None;
                }
                hufu::stocktake::missing::carry_over(db, &self.office.ctx, 2024, &[thing.id]).await.unwrap();
                *id = store::of_number(db.read(), &self.office.ctx, &thing.item_number).await.unwrap().case.id;
                (*id != before).then_some(())
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn every_case_is_where_its_story_says(commands in prop::collection::vec(command(), 1..45)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let yard = Yard::new().await;
            let db = yard.office.db.read();
            let things = yard.stock(THINGS).await;
            let value: i64 = things.iter().map(|thing| thing.value_fen.0).sum();
            let all: Vec<_> = things.iter().map(|thing| thing.id).collect();
            let mut ids = missing(&yard, 2023, &all).await;
            let mut stories = vec![Story::default(); THINGS];
            for (n, command) in commands {
                yard.office.clock.advance_ms(1_000);
                let expected = stories[n].go_on(command);
                let done = yard.follow(&mut ids[n], &things[n], command).await.is_some();
                assert_eq!(done, expected, "{command:?} of {:?}", stories[n]);
                for (n, story) in stories.iter().enumerate() {
                    let case = yard.case(ids[n]).await;
                    assert_eq!((case.standing.state, case.thing.state), story.expected(), "{story:?}");
                    assert_eq!(case.case.open_of.is_some(), !story.is_over());
                }
            }
            let now = item::Entity::find().all(db).await.unwrap();
            assert_eq!(now.iter().map(|thing| thing.value_fen.0).sum::<i64>(), value, "nothing changes what it is worth");
            let cases: i64 = store::tallies(db, &yard.office.ctx).await.unwrap().iter().map(|one| one.cases).sum();
            let told: usize = stories.iter().map(|story| story.earlier + 1).sum();
            assert_eq!(usize::try_from(cases).unwrap(), told, "every case is counted once");
            let found: u64 = store::recovered(db, &yard.office.ctx).await.unwrap().iter().map(|one| one.things).sum();
            let told: usize = stories.iter().map(|story| story.earlier + usize::from(story.found)).sum();
            assert_eq!(usize::try_from(found).unwrap(), told, "every recovery is counted once");
            for thing in &now {
                let events = items::events(db, thing.id).await.unwrap();
                assert_eq!(events.last().map(|event| event.state), Some(thing.state), "the book follows its events");
            }
        });
    }
}
