//! What happens to each thing: how it will be seen, and what must come of it.

use hashbrown::HashSet;

use crate::items::model::ItemState;
use crate::kernel::Quantity;
use crate::stocktake::verdict::{Flags, Verdict};

use super::super::dice::Dice;
use super::super::sample::{AssetAt, PersonAt, PlaceAt, Sample, SampleAsset, UnitAt};
use super::{Condition, LabelSeen, NEVER_SUBMITS, OUT_OF_SCOPE, Subject, UnknownThing};

/// One sight of a thing, before it has a time and a counter.
#[derive(Debug, Clone)]
pub(super) struct Sight {
    pub(super) subject: Subject,
    pub(super) place: PlaceAt,
    pub(super) keeper: Option<PersonAt>,
    pub(super) quantity: Quantity,
    pub(super) condition: Condition,
    pub(super) label: LabelSeen,
    /// The counter noticed a slip and undid it.
    pub(super) undone: bool,
    /// Counted by the second counter of the place, apart from the first.
    pub(super) second_counter: bool,
    pub(super) note: &'static str,
}

/// A move of the book, before it has a time.
pub(super) struct Move {
    pub(super) asset: AssetAt,
    pub(super) place: PlaceAt,
    pub(super) keeper: PersonAt,
}

/// Everything decided.
pub(super) struct Fates {
    pub(super) scope: Vec<UnitAt>,
    pub(super) never_submits: Option<UnitAt>,
    pub(super) earlier_missing: Vec<AssetAt>,
    pub(super) moves: Vec<Move>,
    pub(super) sights: Vec<Sight>,
    /// Of things in the book; unknown things are planted where they are seen.
    pub(super) planted: Vec<(AssetAt, Verdict, Flags)>,
}

impl Fates {
    /// Decides for every thing.
    pub(super) fn draw(sample: &Sample, dice: &Dice) -> Self {
        let outside = sample.unit_named(OUT_OF_SCOPE);
        let scope: Vec<_> = (0..sample.units.len()).map(UnitAt).filter(|unit| Some(*unit) != outside).collect();
        let mut draw = Draw::new(sample, dice, &scope);
        draw.earlier_missing();
        draw.documented_absences();
        draw.book_moves();
        draw.missing();
        draw.seen_amiss();
        draw.counted_amiss();
        draw.seen_with_flags();
        draw.slips();
        draw.everything_else();
        draw.gone_yet_here();
        draw.strangers();
        draw.fates
    }
}

struct Draw<'a> {
    sample: &'a Sample,
    dice: &'a Dice,
    /// Expected things in a random order.
    order: Vec<AssetAt>,
    decided: Vec<bool>,
    rooms: Vec<Vec<PlaceAt>>,
    staff: Vec<Vec<PersonAt>>,
    fates: Fates,
}

impl<'a> Draw<'a> {
    fn new(sample: &'a Sample, dice: &'a Dice, scope: &[UnitAt]) -> Self {
        let in_scope: HashSet<_> = scope.iter().copied().collect();
        let mut order: Vec<_> = (0..sample.assets.len()).map(AssetAt).collect();
        order.retain(|&at| in_scope.contains(&sample.asset(at).unit) && !sample.asset(at).state.is_gone());
        dice.shuffle(&mut order);
        let mut rooms = vec![vec![]; sample.units.len()];
        for (index, place) in sample.places.iter().enumerate() {
            rooms[place.unit.0].push(PlaceAt(index));
        }
        let mut staff = vec![vec![]; sample.units.len()];
        for (index, person) in sample.people.iter().enumerate() {
            staff[person.unit.0].push(PersonAt(index));
        }
        let fates = Fates {
            scope: scope.to_vec(),
            never_submits: sample.unit_named(NEVER_SUBMITS),
            earlier_missing: vec![],
            moves: vec![],
            sights: vec![],
            planted: vec![],
        };
        Self { sample, dice, order, decided: vec![false; sample.assets.len()], rooms, staff, fates }
    }

    /// So many of 1,000 expected things, and at least `at_least`.
    fn share(&self, per_mille: usize, at_least: usize) -> usize {
        (self.order.len() * per_mille / 1_000).max(at_least)
    }

    /// Takes up to `count` undecided things that suit, in the random order.
    fn take(&mut self, count: usize, suits: impl Fn(&SampleAsset) -> bool) -> Vec<AssetAt> {
        let mut taken = vec![];
        for &at in &self.order {
            if taken.len() == count {
                break;
            }
            if !self.decided[at.0] && suits(self.sample.asset(at)) {
                self.decided[at.0] = true;
                taken.push(at);
            }
        }
        taken
    }

    /// Takes things in use that stand in a unit which hands in its sheet: what most differences are planted on.
    fn take_ordinary(&mut self, count: usize, suits: impl Fn(&SampleAsset) -> bool) -> Vec<AssetAt> {
        let late = self.fates.never_submits;
        self.take(count, |asset| asset.state == ItemState::InUse && Some(asset.unit) != late && suits(asset))
    }

    fn plant(&mut self, asset: AssetAt, verdict: Verdict, flags: Flags) {
        self.fates.planted.push((asset, verdict, flags));
    }

    /// The thing as the book has it.
    fn sight(&self, at: AssetAt) -> Sight {
        let asset = self.sample.asset(at);
        Sight {
            subject: Subject::Asset(at),
            place: asset.place,
            keeper: Some(asset.keeper),
            quantity: asset.quantity,
            condition: Condition::Good,
            label: LabelSeen::Current,
            undone: false,
            second_counter: false,
            note: "",
        }
    }

    fn see(&mut self, sight: Sight) {
        self.fates.sights.push(sight);
    }

    /// Another room: of the same unit mostly, else of any unit counted.
    fn elsewhere(&self, from: PlaceAt, same_unit: bool) -> PlaceAt {
        let unit = if same_unit {
            self.sample.place(from).unit
        } else {
            self.dice.pick(&self.fates.scope, self.sample.place(from).unit)
        };
        let others: Vec<_> = self.rooms[unit.0].iter().copied().filter(|&place| place != from).collect();
        self.dice.pick(&others, from)
    }

    fn someone_else(&self, than: PersonAt) -> PersonAt {
        let others: Vec<_> =
            self.staff[self.sample.person(than).unit.0].iter().copied().filter(|&person| person != than).collect();
        self.dice.pick(&others, than)
    }

    /// A few things wait for a decision since an earlier year's list; some of them turn up now.
    fn earlier_missing(&mut self) {
        let late = self.fates.never_submits;
        let listed =
            self.take(self.share(2, 5), |asset| asset.state == ItemState::PendingDisposal && Some(asset.unit) != late);
        for (index, &at) in listed.iter().enumerate() {
            if index % 2 == 0 {
                self.see(Sight { note: "在柜后找到", ..self.sight(at) });
                self.plant(at, Verdict::Matched, Flags::RECOVERED);
            } else {
                self.plant(at, Verdict::Missing, Flags::NONE);
            }
        }
        self.fates.earlier_missing = listed;
    }

    /// Loans, repairs and draws: nine of ten are away, one is back already.
    fn documented_absences(&mut self) {
        let documented = self.take(usize::MAX, |asset| !asset.excused_by.is_empty());
        for (index, &at) in documented.iter().enumerate() {
            if index % 10 == 9 {
                self.see(self.sight(at));
                self.plant(at, Verdict::Matched, Flags::NONE);
            } else {
                self.plant(at, Verdict::Excused, Flags::NONE);
            }
        }
    }

    /// The book moves before the counters come: most are seen where the book now has them, a few where it had them.
    fn book_moves(&mut self) {
        let moved = self.take_ordinary(self.share(3, 6), |_| true);
        for (index, &at) in moved.iter().enumerate() {
            let asset = self.sample.asset(at);
            let (place, keeper) = (self.elsewhere(asset.place, true), self.someone_else(asset.keeper));
            self.fates.moves.push(Move { asset: at, place, keeper });
            if index % 4 == 3 {
                self.see(Sight { keeper: Some(keeper), ..self.sight(at) });
                self.plant(at, Verdict::Misplaced, Flags::MOVED_DURING_COUNT);
            } else {
                self.see(Sight { place, keeper: Some(keeper), ..self.sight(at) });
                self.plant(at, Verdict::Matched, Flags::MOVED_DURING_COUNT);
            }
        }
    }

    /// Losses come together: a whole batch thins out in one room; a few are single. Some only lost their label and
    /// are counted as unknown things, their serial number misread by a character or two.
    fn missing(&mut self) {
        let count = self.share(16, 12);
        let clustered = count * 2 / 3;
        let mut lost = Vec::with_capacity(count);
        while lost.len() < clustered {
            let Some(first) = self.take_ordinary(1, |_| true).pop() else { break };
            let (batch, place) = (self.sample.asset(first).batch, self.sample.asset(first).place);
            lost.push(first);
            let more = clustered.saturating_sub(lost.len()).min(4);
            lost.extend(self.take_batch(first, more, |asset| asset.batch == batch && asset.place == place));
        }
        lost.extend(self.take_ordinary(count.saturating_sub(lost.len()), |_| true));
        for (index, &at) in lost.iter().enumerate() {
            self.plant(at, Verdict::Missing, Flags::NONE);
            let asset = self.sample.asset(at);
            if index % 6 == 0 && !asset.serial_number.is_empty() {
                self.see_as_unknown(at);
            } else if index % 11 == 5 {
                // Scanned by mistake (a label lying about), and undone: the thing itself was not there.
                self.see(Sight { undone: true, note: "误扫废弃标签，已撤销", ..self.sight(at) });
            }
        }
    }

    /// Undecided neighbours of `first` in its batch: numbers next to each other.
    fn take_batch(&mut self, first: AssetAt, most: usize, suits: impl Fn(&SampleAsset) -> bool) -> Vec<AssetAt> {
        let near = first.0.saturating_sub(24)..(first.0 + 25).min(self.sample.assets.len());
        let mut taken = vec![];
        for index in near {
            let asset = &self.sample.assets[index];
            if taken.len() < most && !self.decided[index] && asset.state == ItemState::InUse && suits(asset) {
                self.decided[index] = true;
                taken.push(AssetAt(index));
            }
        }
        taken
    }

    fn see_as_unknown(&mut self, at: AssetAt) {
        let asset = self.sample.asset(at);
        let thing = UnknownThing {
            code: None,
            name: asset.name.clone(),
            specification: asset.specification.clone(),
            serial_number: misread(self.dice, &asset.serial_number),
            truly: Some(at),
        };
        let place = self.elsewhere(asset.place, true);
        self.see(Sight {
            subject: Subject::Unknown(thing),
            place,
            keeper: None,
            label: LabelSeen::None,
            note: "标签脱落",
            ..self.sight(at)
        });
    }

    /// Wrong place, wrong keeper, two places at once.
    fn seen_amiss(&mut self) {
        for (index, at) in self.take_ordinary(self.share(13, 8), |_| true).into_iter().enumerate() {
            let from = self.sample.asset(at).place;
            let place = self.elsewhere(from, index % 4 != 3);
            let damaged = index % 9 == 4;
            let condition = if damaged { Condition::Damaged } else { Condition::Good };
            self.see(Sight { place, condition, ..self.sight(at) });
            self.plant(at, Verdict::Misplaced, Flags::NONE.with_if(damaged, Flags::DAMAGED));
        }
        for at in self.take_ordinary(self.share(7, 5), |asset| asset.quantity == Quantity::ONE) {
            let keeper = self.someone_else(self.sample.asset(at).keeper);
            self.see(Sight { keeper: Some(keeper), ..self.sight(at) });
            self.plant(at, Verdict::WrongKeeper, Flags::NONE);
        }
        for at in self.take_ordinary(self.share(1, 2), |asset| asset.quantity == Quantity::ONE) {
            let place = self.elsewhere(self.sample.asset(at).place, true);
            self.see(self.sight(at));
            self.see(Sight { place, note: "同号标签", ..self.sight(at) });
            self.plant(at, Verdict::Conflict, Flags::NONE);
        }
    }

    /// Fewer, more, and two counters who do not agree.
    fn counted_amiss(&mut self) {
        let several = |asset: &SampleAsset| asset.quantity.0 >= 4;
        for (index, at) in self.take_ordinary(self.share(3, 4), several).into_iter().enumerate() {
            let by = self.dice.between(1, 3);
            let (verdict, difference) = if index % 3 == 2 { (Verdict::Over, by) } else { (Verdict::Short, -by) };
            let quantity = Quantity(self.sample.asset(at).quantity.0 + difference);
            self.see(Sight { quantity, ..self.sight(at) });
            self.plant(at, verdict, Flags::NONE);
        }
        for at in self.take_ordinary(self.share(1, 2), several) {
            let quantity = Quantity(self.sample.asset(at).quantity.0 - 1);
            self.see(self.sight(at));
            self.see(Sight { quantity, second_counter: true, note: "复核清点", ..self.sight(at) });
            self.plant(at, Verdict::Conflict, Flags::NONE);
        }
    }

    /// All agrees, and yet something is to be noted.
    fn seen_with_flags(&mut self) {
        for at in self.take_ordinary(self.share(6, 4), |_| true) {
            self.see(Sight { condition: Condition::Damaged, note: "外壳破损", ..self.sight(at) });
            self.plant(at, Verdict::Matched, Flags::DAMAGED);
        }
        for at in self.take_ordinary(self.share(8, 5), |_| true) {
            self.see(Sight { label: LabelSeen::Old, ..self.sight(at) });
            self.plant(at, Verdict::Matched, Flags::OLD_LABEL);
        }
        for at in self.take_ordinary(self.share(5, 3), |asset| !asset.serial_number.is_empty()) {
            self.see(Sight { label: LabelSeen::None, note: "标签脱落，凭序列号核对", ..self.sight(at) });
            self.plant(at, Verdict::Matched, Flags::NO_LABEL);
        }
    }

    /// A scan in the wrong room undone and made again in the right one; a thing scanned twice in its own room.
    fn slips(&mut self) {
        for at in self.take_ordinary(self.share(3, 3), |_| true) {
            let place = self.elsewhere(self.sample.asset(at).place, true);
            self.see(Sight { place, undone: true, note: "房间选错，已撤销", ..self.sight(at) });
            self.see(self.sight(at));
            self.plant(at, Verdict::Matched, Flags::NONE);
        }
        for at in self.take_ordinary(self.share(6, 4), |_| true) {
            self.see(self.sight(at));
            self.see(self.sight(at));
            self.plant(at, Verdict::Matched, Flags::NONE);
        }
    }

    /// The rest is where it should be; one in six of the unit that never hands in its sheet was not reached.
    fn everything_else(&mut self) {
        for at in self.take(usize::MAX, |_| true) {
            if Some(self.sample.asset(at).unit) == self.fates.never_submits && self.dice.chance(167) {
                self.plant(at, Verdict::Pending, Flags::NONE);
                continue;
            }
            // Furniture is checked against its place; one in eight sheets names nobody.
            let named = !self.dice.chance(125);
            let sight = self.sight(at);
            self.see(Sight { keeper: sight.keeper.filter(|_| named), ..sight });
            self.plant(at, Verdict::Matched, Flags::NONE);
        }
    }

    /// The book disposed of it, and here it stands.
    fn gone_yet_here(&mut self) {
        let mut gone: Vec<_> = (0..self.sample.assets.len()).map(AssetAt).collect();
        gone.retain(|&at| {
            let asset = self.sample.asset(at);
            asset.state.is_gone() && self.fates.scope.contains(&asset.unit)
        });
        self.dice.shuffle(&mut gone);
        gone.truncate(self.share(1, 3));
        for at in gone {
            self.see(Sight { note: "账上已处置，实物仍在", ..self.sight(at) });
            self.plant(at, Verdict::DisposedPresent, Flags::NONE);
        }
    }

    /// Things of the unit left out, and things the book has never heard of.
    fn strangers(&mut self) {
        let outside = self.sample.unit_named(OUT_OF_SCOPE);
        let mut foreign: Vec<_> = (0..self.sample.assets.len()).map(AssetAt).collect();
        foreign.retain(|&at| {
            let asset = self.sample.asset(at);
            Some(asset.unit) == outside && asset.state == ItemState::InUse && asset.excused_by.is_empty()
        });
        self.dice.shuffle(&mut foreign);
        foreign.truncate(self.share(2, 4));
        for at in foreign {
            let unit = self.dice.pick(&self.fates.scope, UnitAt(0));
            let place = self.dice.pick(&self.rooms[unit.0], PlaceAt(0));
            self.see(Sight { place, keeper: None, ..self.sight(at) });
            self.plant(at, Verdict::Foreign, Flags::NONE);
        }
        for index in 0..self.share(4, 6) {
            self.see_stranger(index);
        }
    }

    fn see_stranger(&mut self, index: usize) {
        const THINGS: [(&str, &str, &str); 5] = [
            ("台式计算机", "QH-M650 i5/16G/512G", "QH"),
            ("铁皮文件柜", "JD-通玻柜", ""),
            ("电风扇", "落地式", ""),
            ("A4黑白打印机", "WY P2505", "WYP"),
            ("折叠床", "1900×700", ""),
        ];
        let (name, specification, serial) = THINGS[index % THINGS.len()];
        let number = self.dice.below(9_000_000) + 1_000_000;
        let code = (index % 3 == 1).then(|| format!("原澄江镇分局-{:04}-{:04}", 2_008 + index % 6, number % 10_000));
        let unit = self.dice.pick(&self.fates.scope, UnitAt(0));
        let thing = UnknownThing {
            code,
            name: name.to_owned(),
            specification: specification.to_owned(),
            serial_number: if serial.is_empty() { String::new() } else { format!("{serial}09{number}") },
            truly: None,
        };
        self.see(Sight {
            subject: Subject::Unknown(thing),
            place: self.dice.pick(&self.rooms[unit.0], PlaceAt(0)),
            keeper: None,
            quantity: Quantity::ONE,
            condition: Condition::Good,
            label: LabelSeen::None,
            undone: false,
            second_counter: false,
            note: "账上查无此物",
        });
    }
}

/// A serial number as a tired eye reads it: one or two of its last characters taken for their likes.
fn misread(dice: &Dice, serial: &str) -> String {
    const ALIKE: [(char, char); 8] =
        [('0', 'O'), ('O', '0'), ('1', 'I'), ('I', '1'), ('8', 'B'), ('B', '8'), ('5', 'S'), ('S', '5')];
    let misreads = 1 + dice.below(2);
    let mut left = misreads;
    let mut read: Vec<char> = serial.chars().collect();
    for c in read.iter_mut().skip(4) {
        if left > 0
            && let Some((_, like)) = ALIKE.iter().find(|(is, _)| is == c)
        {
            *c = *like;
            left -= 1;
        }
    }
    let unchanged = left == misreads;
    if let Some(last) = read.last_mut().filter(|_| unchanged) {
        *last = if *last == '7' { '1' } else { '7' };
    }
    read.into_iter().collect()
}
