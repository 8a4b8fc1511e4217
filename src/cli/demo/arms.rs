//! The arms of the made-up sub-bureau: six units with a store of guns and one of ammunition each, a month of draws, and
//! what must not wait: a gun overdue, one out for more than a day, a ban on a holder, rounds lost, a licence that lapses.

use chrono::{Days, NaiveDate};
use hashbrown::HashSet;

use super::cabinet::Cabinet;
use super::counter::Signer;
use super::dice::Dice;
use super::sample::{PersonAt, PersonKind, Sample, UnitAt};
use super::{Stage, watch};
use crate::access::grants::{self, NewGrant};
use crate::access::{CoSigner, Role, accounts};
use crate::approvals::entity::request;
use crate::approvals::service::{self as approvals, Verdict};
use crate::approvals::{Granted, Holders, Posts};
use crate::cli::CliError;
use crate::db::{Db, DbError};
use crate::firearms::alarms;
use crate::firearms::ammunition::{self, Receipt};
use crate::firearms::armouries::{self, NewArmoury};
use crate::firearms::arms::{self, NewArm};
use crate::firearms::cabinets::model::EventKind;
use crate::firearms::draws::acting::{self, Count};
use crate::firearms::draws::asking::{self, NewDraw};
use crate::firearms::draws::model::{Clearance, Part, Purpose, Rounds};
use crate::firearms::draws::{handing, losing};
use crate::firearms::model::{Category, ResultKind, StoreKind};
use crate::firearms::officers::{self, Licence, NewResult};
use crate::kernel::ids::{ApprovalId, PersonId, UnitId};
use crate::kernel::rights::Scope;
use crate::kernel::{Actor, Ctx, Fen, Timestamp};
use crate::org::Directory;
use sea_orm::EntityTrait as _;

/// Units that have stores.
const UNITS: [usize; 6] = [2, 7, 8, 9, 10, 11];
/// Guns of each.
const GUNS: usize = 20;
/// Rounds of each, in two lots.
const ROUNDS: i64 = 3_400;
/// Officers of each who may carry.
const OFFICERS: usize = 6;
/// So many of them are drawn in the month; the others are what is out now.
const MONTHLY: usize = 12;
/// How many days back the draws begin.
const DAYS: i64 = 30;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const MODELS: [(&str, Category); 4] = [
    ("92式手枪", Category::Pistol),
    ("92式手枪", Category::Pistol),
    ("77式手枪", Category::Pistol),
    ("05式转轮手枪", Category::Revolver),
];
const TASKS: [(Purpose, &str); 5] = [
    (Purpose::Patrol, "重点部位武装巡逻"),
    (Purpose::Criminal, "抓捕持械嫌疑人"),
    (Purpose::Emergency, "持刀警情处置"),
    (Purpose::Training, "季度实弹训练"),
    (Purpose::Other, "押解看守"),
];

/// The people of a unit who have to do with arms.
pub(super) struct Crew {
    keepers: [PersonAt; 2],
    leader: PersonAt,
    pub(super) officers: Vec<PersonAt>,
    /// Who one can be in the browser: an armourer and a leader besides those above.
    pub(super) to_be: [PersonAt; 2],
}

/// The crew of a unit: officers of no other post, and not the one that the demonstration lets drive.
pub(super) fn crew(sample: &Sample, unit: UnitAt) -> Option<Crew> {
    let first = sample.unit(unit).asset_manager.0;
    let theirs = (first + 3..sample.people.len()).map(PersonAt).take_while(|at| sample.person(*at).unit == unit);
    let mut theirs = theirs.filter(|at| sample.person(*at).kind == PersonKind::Officer);
    let mut next = || theirs.next();
    let (keepers, leader, to_be) = ([next()?, next()?], next()?, [next()?, next()?]);
    Some(Crew { keepers, leader, to_be, officers: theirs.take(OFFICERS).collect() })
}

/// A unit's stores as the play goes on.
pub(super) struct Post {
    unit: UnitId,
    pub(super) guns: Vec<(String, String)>,
    pub(super) keepers: Vec<(CoSigner, Part)>,
    pub(super) leader: PersonId,
    pub(super) officers: Vec<PersonId>,
    pub(super) number: usize,
    cabinet: Cabinet,
}

pub(super) struct Yard<'a> {
    pub(super) db: &'a Db,
    pub(super) stage: Stage,
    sample: &'a Sample,
    directory: &'a Directory,
    dice: Dice,
    leaders: [PersonId; 2],
}

/// Plays it.
///
/// # Errors
/// When the database refuses.
pub(super) async fn play(
    db: &Db,
    ctx: &Ctx,
    sample: &Sample,
    directory: &Directory,
    leaders: [PersonAt; 2],
) -> Result<Vec<Signer>, CliError> {
    let begun = Timestamp(ctx.now().0 - DAYS * DAY);
    let mut stage = Stage::at(begun, sample.spec.seed ^ 0xA2);
    stage.ctx = stage.ctx.hashing_with(ctx.hash);
    let of = |at: PersonAt| directory.find_person(&sample.person(at).badge_number, None);
    let leaders = [of(leaders[0])?, of(leaders[1])?];
    let dice = Dice::seeded(sample.spec.seed ^ 0x00A2_5A2A);
    let mut yard = Yard { db, stage, sample, directory, dice, leaders };
    let mut posts = Vec::new();
    for (n, unit) in UNITS.into_iter().enumerate() {
        posts.extend(yard.post(n, UnitAt(unit)).await?);
    }
    yard.month(&posts, ctx.now()).await?;
    yard.now(&posts, ctx.now()).await?;
    yard.amiss(&posts, ctx.now()).await?;
    super::arms_moves::play(&yard, &posts, ctx.now()).await?;
    watch::play(db, ctx, sample, directory).await?;
    alarms::mark(db, ctx).await?;
    counter(db, ctx, posts.first()).await
}

/// Who signs in the browser: the keepers and the confirmer of the first unit.
async fn counter(db: &Db, ctx: &Ctx, post: Option<&Post>) -> Result<Vec<Signer>, CliError> {
    let mut signers = Vec::new();
    for (signer, part) in post.map(|post| post.keepers.as_slice()).unwrap_or_default() {
        let login = accounts::show(db, ctx, signer.account).await?.account.login;
        signers.push(Signer::ready(db, ctx, signer.account, (&login, part.zh())).await?);
    }
    Ok(signers)
}

impl Yard<'_> {
    pub(super) fn acting(&self, person: PersonId) -> Ctx {
        self.stage.ctx.acting_as(Actor::Person(person), Scope::Everything)
    }

    fn person(&self, at: PersonAt) -> Result<PersonId, CliError> {
        Ok(self.directory.find_person(&self.sample.person(at).badge_number, None)?)
    }

    async fn signer(&self, at: PersonAt, role: Role, unit: UnitId, login: &str) -> Result<CoSigner, CliError> {
        let person = self.person(at)?;
        let account = accounts::create(self.db, &self.stage.ctx, login, person).await?.account.id;
        let grant = NewGrant { account, role, unit: Some(unit), from: None, until: None };
        grants::give(self.db, &self.stage.ctx, grant).await?;
        Ok(CoSigner { person, account, ctx: self.acting(person) })
    }

    async fn post(&self, n: usize, at: UnitAt) -> Result<Option<Post>, CliError> {
        let Some(crew) = crew(self.sample, at) else { return Ok(None) };
        let unit = self.directory.find_unit(&self.sample.unit(at).code)?;
        let (db, ctx, number) = (self.db, &self.stage.ctx, n + 1);
        for kind in StoreKind::ALL {
            let prefix = if *kind == StoreKind::Gun { "QK" } else { "DK" };
            let new = NewArmoury {
                number: format!("{prefix}-{number}"),
                name: format!("{}{}", self.sample.unit(at).name, kind.zh()),
                kind: *kind,
                unit,
                in_charge: Some(self.person(self.sample.unit(at).head)?),
            };
            armouries::enter(db, ctx, &new).await?;
        }
        armouries::add_cabinet(db, ctx, &format!("QK-{number}"), "1", 24).await?;
        let mut guns = Vec::new();
        for slot in 0..GUNS {
            let (model, category) = MODELS[slot % MODELS.len()];
            let serial = format!("{}{:07}", ["A", "B", "C", "D", "E", "F"][n % 6], 1_203_417 + slot * 37);
            let new = NewArm {
                number: String::new(),
                model: model.to_owned(),
                category,
                certificate: format!("QZ{number:02}{slot:03}"),
                ballistic_record: format!("HJ-{number:02}-{slot:03}"),
                dedicated_to: None,
                armoury: format!("QK-{number}"),
                slot: i64::try_from(slot + 1).ok().map(|slot| ("1".to_owned(), slot)),
                issued_on: NaiveDate::from_ymd_opt(2021, 6, 1),
                value: Fen(280_000),
                document: "粤公治配〔2021〕6号".to_owned(),
                serial,
            };
            guns.push((arms::enter(db, ctx, &new).await?.item.item_number, model.to_owned()));
        }
        for (lot, type_name) in [("2023-11", "9mm手枪弹"), ("2024-05", "9mm手枪弹")] {
            let receipt = Receipt {
                armoury: format!("DK-{number}"),
                type_name: type_name.to_owned(),
                lot: lot.to_owned(),
                made_on: None,
                rounds: ROUNDS / 2,
                document: "DB-2024-018".to_owned(),
                note: String::new(),
            };
            ammunition::receive(db, ctx, &receipt).await?;
        }
        let mut keepers = Vec::new();
        for (at, role, part, login) in [
            (crew.keepers[0], Role::Armourer, Part::Keeper1, "baoguan"),
            (crew.keepers[1], Role::Armourer, Part::Keeper2, "shuangsuo"),
            (crew.leader, Role::DutyLeader, Part::Confirmer, "queren"),
        ] {
            keepers.push((self.signer(at, role, unit, &format!("{login}{number}")).await?, part));
        }
        let leader = self.person(crew.leader)?;
        let officers = self.officers(number, &crew).await?;
        let cabinet = Cabinet::register(db, ctx, number).await?;
        Ok(Some(Post { unit, guns, keepers, leader, officers, number, cabinet }))
    }

    async fn officers(&self, number: usize, crew: &Crew) -> Result<Vec<PersonId>, CliError> {
        let (today, mut people) = (self.stage.ctx.now().day(), Vec::new());
        for (n, at) in crew.officers.iter().enumerate() {
            let person = self.person(*at)?;
            // The last of the last unit has a licence that lapses soon.
            let days = if number == UNITS.len() && n + 1 == crew.officers.len() { 48 } else { 700 };
            let licence = Licence {
                person,
                number: format!("4420{number:02}{n:03}"),
                issuer: "省公安厅".to_owned(),
                issued_on: today.checked_sub_days(Days::new(900)).unwrap_or(today),
                valid_until: today.checked_add_days(Days::new(days)).unwrap_or(today),
                active: true,
                note: String::new(),
            };
            officers::set(self.db, &self.stage.ctx, &licence, None).await?;
            let score = Some(self.dice.between(80, 100));
            let (kind, note) = (ResultKind::LiveFire, String::new());
            let result = NewResult { person, kind, held_on: today, score, passed: true, note };
            officers::enter_result(self.db, &self.stage.ctx, &result).await?;
            people.push(person);
        }
        Ok(people)
    }

    /// The duty leader of the unit and a leader of the sub-bureau say yes.
    async fn approve(&self, post: &Post, id: ApprovalId) -> Result<(), CliError> {
        loop {
            let row = request::Entity::find_by_id(id).one(self.db.read()).await.map_err(DbError::from)?;
            let Some(row) = row.filter(|row| row.state.is_open()) else { return Ok(()) };
            let who = if row.step == 1 { post.leader } else { self.leaders[0] };
            let verdict = Verdict { step: row.step, approved: true, reason: String::new() };
            let roll = Roll { leader: (post.leader, post.unit), bureau: self.leaders };
            approvals::decide(self.db, &self.acting(who), &roll, id, &verdict).await?;
        }
    }

    /// Asked for and approved: the number of the draw, and its gun.
    async fn asked(&self, post: &Post, who: usize, gun: usize, hours: i64) -> Result<(String, String), CliError> {
        let (number, model) = &post.guns[gun % post.guns.len()];
        let (purpose, task) = TASKS[self.dice.below(TASKS.len())];
        let now = self.stage.ctx.now();
        let new = NewDraw {
            armoury: format!("QK-{}", post.number),
            model: model.clone(),
            purpose,
            task: task.to_owned(),
            rounds: 10,
            magazines: 0,
            from: now,
            due: Timestamp(now.0 + hours * HOUR),
            cross_area: false,
            bulk: false,
            urgent: false,
        };
        let officer = post.officers[who % post.officers.len()];
        let row = asking::ask(self.db, &self.acting(officer), &new).await?;
        self.approve(post, row.approval_id).await?;
        Ok((row.number, number.clone()))
    }

    async fn act(&self, post: &Post, number: &str, gun: &str, counted: &Count) -> Result<(), CliError> {
        let keeper = &post.keepers[0].0.ctx;
        for step in Clearance::ALL {
            acting::clear(self.db, keeper, number, *step).await?;
        }
        acting::scan(self.db, keeper, number, gun).await?;
        acting::count(self.db, keeper, number, counted).await?;
        for (signer, part) in &post.keepers {
            acting::sign(self.db, signer, number, *part).await?;
        }
        Ok(())
    }

    async fn out(&self, post: &Post, number: &str, gun: &str) -> Result<(), CliError> {
        let keeper = &post.keepers[0].0.ctx;
        acting::open_issue(self.db, keeper, number, None, gun).await?;
        post.cabinet.moves(self.db, &self.stage.ctx, EventKind::GunTaken, post.slot(gun)).await?;
        let rounds = Rounds { back: 10, ..Rounds::default() };
        let (armoury, lot) = (format!("DK-{}", post.number), "2024-05".to_owned());
        self.act(post, number, gun, &Count { armoury, lot, rounds, magazines: Vec::new() }).await?;
        handing::hand_over(self.db, keeper, number, None).await?;
        Ok(())
    }

    async fn back(&self, post: &Post, number: &str, gun: &str, fired: i64) -> Result<(), CliError> {
        let keeper = &post.keepers[0].0.ctx;
        acting::open_return(self.db, keeper, number, None).await?;
        post.cabinet.moves(self.db, &self.stage.ctx, EventKind::GunPutBack, post.slot(gun)).await?;
        let rounds = Rounds { back: 10 - fired, fired, ..Rounds::default() };
        self.act(post, number, gun, &Count { rounds, ..Count::default() }).await?;
        handing::take_back(self.db, keeper, number, None).await?;
        Ok(())
    }

    /// A draw every few days in every unit, each back the same day.
    async fn month(&mut self, posts: &[Post], now: Timestamp) -> Result<(), CliError> {
        let mut fired = HashSet::new();
        for day in (2..DAYS).step_by(4) {
            for (n, post) in posts.iter().enumerate() {
                let quarters = i64::try_from(n).unwrap_or_default();
                self.stage.clock.set(Timestamp(now.0 - (DAYS - day) * DAY + quarters * HOUR / 4));
                let at = usize::try_from(day).unwrap_or_default();
                // A gun that was fired waits for its cleaning.
                let Some(gun) = (0..MONTHLY).map(|k| (at + k) % MONTHLY).find(|gun| !fired.contains(&(n, *gun))) else {
                    continue;
                };
                let (number, item) = self.asked(post, at + n, gun, 8).await?;
                self.out(post, &number, &item).await?;
                self.stage.clock.advance_ms(self.dice.between(2, 7) * HOUR);
                let shots = if self.dice.chance(180) { self.dice.between(1, 6) } else { 0 };
                if shots > 0 {
                    fired.insert((n, gun));
                }
                self.back(post, &number, &item, shots).await?;
            }
        }
        Ok(())
    }

    /// What is going on: one waits, one is out, one should be back, one is out for more than a day, one has a ban, one lost
    /// rounds.
    async fn now(&mut self, posts: &[Post], now: Timestamp) -> Result<(), CliError> {
        for (n, (post, (hours_ago, hours))) in
            posts.iter().zip([(3, 9), (6, 5), (30, 8), (2, 8), (2, 8), (1, 8)]).enumerate()
        {
            self.stage.clock.set(Timestamp(now.0 - hours_ago * HOUR));
            let free = post.guns.len() - 1 - n;
            let (number, item) = self.asked(post, n, free, hours).await?;
            if n + 1 == posts.len() {
                // Approved, not fetched.
                continue;
            }
            self.out(post, &number, &item).await?;
            let officer = post.officers[n % post.officers.len()];
            match n {
                3 => {
                    officers::forbid(self.db, &self.acting(self.leaders[0]), officer, "群众投诉调查期间", None).await?;
                }
                4 => {
                    losing::report(self.db, &self.acting(officer), &number, false, 1, "追捕中掉落，正在寻找").await?;
                }
                _ => {}
            }
        }
        self.stage.clock.set(now);
        Ok(())
    }
}

impl Post {
    /// Where a gun stands in its cabinet.
    fn slot(&self, gun: &str) -> Option<i64> {
        let at = self.guns.iter().position(|(number, _)| number == gun)?;
        i64::try_from(at + 1).ok()
    }
}

impl Yard<'_> {
    /// What no book knows of: a gun that left its slot in the night, and a cabinet too warm.
    async fn amiss(&mut self, posts: &[Post], now: Timestamp) -> Result<(), CliError> {
        self.stage.clock.set(Timestamp(now.0 - HOUR));
        let ctx = &self.stage.ctx;
        if let Some(post) = posts.get(2) {
            post.cabinet.moves(self.db, ctx, EventKind::GunTaken, Some(2)).await?;
        }
        if let Some(post) = posts.get(3) {
            post.cabinet.tell(self.db, ctx, &[(EventKind::Temperature, None)]).await?;
        }
        self.stage.clock.set(now);
        Ok(())
    }
}

/// The unit's duty leader, and the leaders of the sub-bureau, whether they have an account here or not.
struct Roll {
    leader: (PersonId, UnitId),
    bureau: [PersonId; 2],
}

impl Posts for Roll {
    async fn read<C: sea_orm::ConnectionTrait>(&self, db: &C, at: Timestamp) -> Result<Holders, DbError> {
        let mut holders = Granted.read(db, at).await?;
        holders.add(self.leader.0, Role::DutyLeader, Some(self.leader.1));
        for person in self.bureau {
            holders.add(person, Role::BureauLeader, None);
        }
        Ok(holders)
    }
}
