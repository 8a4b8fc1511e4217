//! Random campaigns, played in the database and in the model at once.

use std::collections::{BTreeMap, BTreeSet};

use hufu::items::entity::item;
use hufu::items::labels::{Printing, Subject as Labelled, print};
use hufu::items::model::ItemState;
use hufu::items::service::{Change, NewItem, change};
use hufu::kernel::ids::{PersonId, PlaceId, ScanId};
use hufu::kernel::{Quantity, Timestamp};
use hufu::stocktake::campaign::{self, Opening};
use hufu::stocktake::counting::{self, Answer, NewScan, Which, Why};
use hufu::stocktake::model::Condition;
use hufu::stocktake::outcome::Outcome;
use hufu::stocktake::recounting;
use hufu::stocktake::scope::Scope;
use hufu::stocktake::store;
use hufu::stocktake::verdict::{Flags, Verdict};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::{collection, option};

use super::model::{Book, Model, Sight, Subject, Thing};
use super::support::{DAY, MINUTE, Office, badge, first_day};

const NUMBER: &str = "2026-YE";
/// Of the three units the first two are counted.
const IN_SCOPE: usize = 2;
/// Which unit each thing is of.
const UNIT_OF_THING: [usize; 8] = [0, 0, 0, 1, 1, 1, 2, 2];

/// One deed. People are numbered through the units, four a unit; rooms two a unit.
#[derive(Debug, Clone)]
enum Deed {
    Scan {
        sight: Sight,
        skew_minutes: i64,
    },
    /// A scan taken before, sent again with another quantity.
    Repeat {
        which: usize,
    },
    Undo {
        which: usize,
    },
    Change {
        thing: usize,
        what: Changed,
    },
    Submit {
        unit: usize,
        by: usize,
    },
    Confirm {
        unit: usize,
        by: usize,
    },
    Recount {
        thing: usize,
        assignee: usize,
    },
    Wait {
        minutes: i64,
    },
}

#[derive(Debug, Clone)]
enum Changed {
    Place(Option<usize>),
    Keeper(Option<usize>),
    Quantity(i64),
    State(ItemState),
    Excused(bool),
}

fn sight() -> impl Strategy<Value = Sight> {
    let subject = prop_oneof![9 => (0..8usize).prop_map(Subject::Thing), 1 => (0..2usize).prop_map(Subject::Unknown)];
    let place = option::weighted(0.85, 0..6usize);
    let keeper = option::weighted(0.3, prop_oneof![Just(0), Just(4), Just(3)]);
    let quantity = prop_oneof![1 => Just(0i64), 5 => Just(1), 1 => Just(3)];
    (subject, place, keeper, quantity, any::<bool>(), prop_oneof![Just(1usize), Just(2), Just(5)]).prop_map(
        |(subject, place, keeper, quantity, damaged, counter)| Sight {
            subject,
            place,
            keeper,
            quantity,
            damaged,
            counter,
            at: 0,
        },
    )
}

fn deed() -> impl Strategy<Value = Deed> {
    let state = prop_oneof![
        2 => Just(ItemState::InUse),
        2 => Just(ItemState::OnLoan),
        1 => Just(ItemState::InRepair),
        1 => Just(ItemState::Disposed)
    ];
    let changed = prop_oneof![
        3 => option::weighted(0.9, 0..6usize).prop_map(Changed::Place),
        2 => option::weighted(0.9, 0..8usize).prop_map(Changed::Keeper),
        1 => (0..4i64).prop_map(Changed::Quantity),
        2 => state.prop_map(Changed::State),
        2 => any::<bool>().prop_map(Changed::Excused),
    ];
    prop_oneof![
        12 => (sight(), -20..5i64).prop_map(|(sight, skew_minutes)| Deed::Scan { sight, skew_minutes }),
        1 => (0..20usize).prop_map(|which| Deed::Repeat { which }),
        3 => (0..20usize).prop_map(|which| Deed::Undo { which }),
        5 => (0..8usize, changed).prop_map(|(thing, what)| Deed::Change { thing, what }),
        2 => (0..3usize, 0..8usize).prop_map(|(unit, by)| Deed::Submit { unit, by }),
        2 => (0..3usize, 0..6usize).prop_map(|(unit, by)| Deed::Confirm { unit, by }),
        2 => (0..8usize, 0..8usize).prop_map(|(thing, assignee)| Deed::Recount { thing, assignee }),
        5 => (-30..120i64).prop_map(|minutes| Deed::Wait { minutes }),
    ]
}

/// The office with its campaign, and the same as a model.
struct Stage {
    office: Office,
    things: Vec<item::Model>,
    codes: Vec<String>,
    model: Model,
    taken: Vec<ScanId>,
}

impl Stage {
    async fn open() -> Self {
        let office = Office::found().await;
        let new: Vec<NewItem> = (0..UNIT_OF_THING.len()).map(|n| new_item(&office, n)).collect();
        let things = office.register(&new).await;
        // Every second thing is scanned by its label, the others by their number.
        let mut codes: Vec<String> = things.iter().map(|thing| thing.item_number.clone()).collect();
        let labelled: Vec<Labelled> = things.iter().step_by(2).map(|thing| Labelled::Item(thing.id)).collect();
        let printed = print(&office.db, &office.ctx, &labelled, "asset-60x40", Printing::Again).await.unwrap();
        printed.iter().enumerate().for_each(|(n, code)| codes[n * 2] = code.to_string());
        let baseline_on = first_day() + chrono::Days::new(1);
        office.clock.set(Timestamp(Timestamp::end_of_day(baseline_on).0 + 2 * DAY));
        let opening = Opening {
            number: NUMBER.to_owned(),
            name: "年终盘点".to_owned(),
            baseline_on,
            from: baseline_on,
            to: baseline_on + chrono::Days::new(30),
            blind: true,
            scope: Scope { units: office.units[..IN_SCOPE].to_vec(), ..Scope::default() },
        };
        campaign::open(&office.db, &office.ctx, &opening).await.unwrap();
        let model = model_of(&office, &things);
        Self { office, things, codes, model, taken: Vec::new() }
    }

    fn person(&self, n: usize) -> PersonId {
        self.office.people[n / 4][n % 4]
    }

    fn place(&self, n: usize) -> PlaceId {
        self.office.places[n / 2][n % 2]
    }

    fn new_scan(&self, id: ScanId, sight: &Sight, device_at: i64) -> NewScan {
        NewScan {
            id,
            code_read: match sight.subject {
                Subject::Thing(n) => self.codes[n].clone(),
                Subject::Unknown(n) => format!("X-{n}"),
            },
            place: sight.place.map(|n| self.place(n)),
            keeper: sight.keeper.map(|n| self.person(n)),
            quantity: Quantity(sight.quantity),
            condition: if sight.damaged { Condition::Damaged } else { Condition::Good },
            no_label: false,
            name: String::new(),
            serial_number: String::new(),
            note: String::new(),
            // Some sign with their badge number, some with their name.
            counter: match sight.counter {
                n if n % 2 == 0 => badge(n / 4, n % 4),
                n => format!("人员{}{}", n / 4, n % 4),
            },
            device: "PDA-1".to_owned(),
            device_at: Timestamp(device_at),
        }
    }

    async fn send(&self, scan: NewScan) -> Answer {
        counting::scan(&self.office.db, &self.office.ctx, NUMBER, &[scan]).await.unwrap().remove(0)
    }

    /// Does the deed in both worlds and holds one answer against the other.
    async fn play(&mut self, deed: &Deed) {
        let now = self.office.ctx.now().0;
        let (db, ctx) = (&self.office.db, &self.office.ctx);
        let (told, must) = match deed.clone() {
            Deed::Wait { minutes } => {
                self.office.clock.advance_ms(minutes * MINUTE);
                return;
            }
            Deed::Scan { sight, skew_minutes } => {
                let device_at = now + skew_minutes * MINUTE;
                let id: ScanId = ctx.new_id();
                let answer = self.send(self.new_scan(id, &sight, device_at)).await;
                let must = self.model.scan(Sight { at: device_at.min(now), ..sight });
                self.taken.extend(must.then_some(id));
                (matches!(answer, Answer::Recorded { .. }), must)
            }
            Deed::Repeat { which } => {
                let Some(id) = self.taken.get(which) else { return };
                let other = Sight {
                    subject: Subject::Thing(0),
                    place: None,
                    keeper: None,
                    quantity: 9,
                    damaged: true,
                    counter: 1,
                    at: now,
                };
                let answer = self.send(self.new_scan(*id, &other, now)).await;
                (matches!(answer, Answer::Refused { code: Why::Conflict, .. }), true)
            }
            Deed::Undo { which } => {
                let Some(id) = self.taken.get(which) else { return };
                let undone = counting::undo(db, ctx, NUMBER, &Which::Id(*id)).await;
                (undone.is_ok(), self.model.undo(which))
            }
            Deed::Change { thing, what } => {
                let (made, book) = self.changed(thing, &what);
                let changed = change(db, ctx, &self.things[thing].item_number, &made, "变动").await;
                let before = self.model.things[thing].now();
                let must = before.state != ItemState::Disposed && *before != book;
                if must {
                    self.model.things[thing].changes.push((now, book));
                }
                (changed.is_ok(), must)
            }
            Deed::Submit { unit, by } => {
                let id = self.office.units[unit];
                let submitted = campaign::submit(db, ctx, NUMBER, id, Some(self.person(by))).await;
                (submitted.is_ok(), self.model.submit(unit, by, now))
            }
            Deed::Confirm { unit, by } => {
                let id = self.office.units[unit];
                let confirmed = campaign::confirm(db, ctx, NUMBER, id, self.person(by), None).await;
                (confirmed.is_ok(), self.model.confirm(unit, by))
            }
            Deed::Recount { thing, assignee } => {
                let who = Some(self.person(assignee));
                let opened = recounting::open(db, ctx, NUMBER, &[self.things[thing].id], who, "复盘").await;
                (opened.is_ok(), self.model.recount(thing, assignee))
            }
        };
        assert_eq!(told, must, "{deed:?}");
    }

    fn changed(&self, thing: usize, what: &Changed) -> (Change, Book) {
        let mut book = self.model.things[thing].now().clone();
        let mut made = Change::default();
        match what {
            Changed::Place(place) => {
                book.place = *place;
                made.place = Some(place.map(|n| self.place(n)));
            }
            Changed::Keeper(keeper) => {
                book.keeper = *keeper;
                made.keeper = Some(keeper.map(|n| self.person(n)));
            }
            Changed::Quantity(quantity) => {
                book.quantity = *quantity;
                made.quantity = Some(Quantity(*quantity));
            }
            Changed::State(state) => {
                book.state = *state;
                made.state = Some(*state);
            }
            Changed::Excused(excused) => {
                book.excused = *excused;
                made.excused_by = Some(excused.then(|| "借条".to_owned()));
            }
        }
        (made, book)
    }

    /// The lines of an outcome as the model tells them.
    fn told(&self, outcome: &Outcome) -> (BTreeMap<usize, (Verdict, Flags)>, BTreeSet<usize>) {
        let mut verdicts = BTreeMap::new();
        let mut unregistered = BTreeSet::new();
        for line in &outcome.lines {
            let fresh = match (&line.item, &line.scan) {
                (Some(item), _) => {
                    let thing = self.things.iter().position(|thing| thing.id == item.id).unwrap();
                    verdicts.insert(thing, (line.verdict, line.flags)).is_none()
                }
                (None, Some(scan)) => {
                    assert_eq!(line.verdict, Verdict::Unregistered);
                    unregistered.insert(scan.code_read.trim_start_matches("X-").parse().unwrap())
                }
                (None, None) => panic!("a line of nothing: {line:?}"),
            };
            assert!(fresh, "two lines of one thing: {line:?}");
        }
        (verdicts, unregistered)
    }

    async fn outcome(&self) -> Outcome {
        let db = self.office.db.read();
        let campaign = store::campaign(db, NUMBER).await.unwrap();
        Outcome::load(db, &campaign).await.unwrap()
    }
}

fn new_item(office: &Office, n: usize) -> NewItem {
    let plain = office.new_item(&format!("A-{n}"), UNIT_OF_THING[n]);
    match n {
        2 => NewItem { state: ItemState::Disposed, ..plain },
        3 => NewItem { quantity: Quantity(3), ..plain },
        4 => NewItem { state: ItemState::OnLoan, ..plain },
        5 => NewItem { excused_by: Some("借条".to_owned()), ..plain },
        _ => plain,
    }
}

fn model_of(office: &Office, things: &[item::Model]) -> Model {
    let place_no = |id| office.places.iter().flatten().position(|place| *place == id).unwrap();
    let person_no = |id| office.people.iter().flatten().position(|person| *person == id).unwrap();
    let thing = |(row, unit): (&item::Model, usize)| Thing {
        unit,
        baseline: Book {
            place: row.place_id.map(place_no),
            keeper: row.keeper_id.map(person_no),
            quantity: row.quantity.0,
            state: row.state,
            excused: row.excused_by.is_some(),
        },
        changes: Vec::new(),
    };
    Model::new(
        things.iter().zip(UNIT_OF_THING).map(thing).collect(),
        IN_SCOPE,
        (0..6).map(|place| place / 2).collect(),
        (0..6).map(|place| (place % 2 == 1).then_some(place / 2 * 4 + 2)).collect(),
        (0..3).map(|unit| unit * 4).collect(),
    )
}

async fn play(deeds: &[Deed]) {
    let mut stage = Stage::open().await;
    for deed in deeds {
        stage.play(deed).await;
    }
    let must = (stage.model.verdicts(), stage.model.unregistered());
    let found = stage.told(&stage.outcome().await);
    assert_eq!(found, must, "of {:#?}", stage.model);
    let (db, ctx) = (&stage.office.db, &stage.office.ctx);
    let closed = campaign::close(db, ctx, NUMBER, Some("演练")).await.unwrap();
    assert_eq!(stage.told(&closed), must);
    assert_eq!(stage.told(&stage.outcome().await), must, "read back");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_done_the_verdicts_are_those_of_the_rules(deeds in collection::vec(deed(), 1..50)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(&deeds));
    }
}
