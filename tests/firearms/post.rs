//! A station with a store of guns and one of ammunition, its keepers, its leader, and officers who may carry.

use chrono::NaiveDate;
use hufu::access::grants::{self, NewGrant};
use hufu::access::{CoSigner, Role, accounts};
use hufu::approvals::entity::request;
use hufu::approvals::service::{self as approvals, Verdict};
use hufu::approvals::{ApprovalError, Holders, Posts};
use hufu::db::DbError;
use hufu::firearms::ArmsError;
use hufu::firearms::ammunition::{self, Receipt};
use hufu::firearms::armouries::{self, NewArmoury};
use hufu::firearms::arms::{self, NewArm};
use hufu::firearms::draws::acting::{self, Count};
use hufu::firearms::draws::asking::{self, NewDraw};
use hufu::firearms::draws::entity::draw;
use hufu::firearms::draws::handing;
use hufu::firearms::draws::model::{Clearance, Part, Purpose, Rounds};
use hufu::firearms::draws::store as draws;
use hufu::firearms::model::{Category, ResultKind, StoreKind};
use hufu::firearms::officers::{self, Licence, NewResult};
use hufu::firearms::store::{self, Arm};
use hufu::kernel::ids::{AccountId, ApprovalId, PersonId, UnitId};
use hufu::kernel::{Ctx, Fen, Timestamp};
use hufu::org::entity::person::{Duty, PersonKind};
use hufu::org::people::{self, NewPerson};
use sea_orm::{ConnectionTrait, EntityTrait as _};

use super::Office;
use super::web::holding;

/// The stores of the first unit.
pub(crate) const GUNS: &str = "QK-1";
pub(crate) const ROUNDS: &str = "DK-1";
/// What the guns of the stage are.
pub(crate) const MODEL: &str = "92式手枪";
pub(crate) const TYPE: &str = "9mm手枪弹";

/// Who may say yes: the first unit's leader, and one of the sub-bureau's.
struct Roll(Vec<(PersonId, Role, Option<UnitId>)>);

impl Posts for Roll {
    async fn read<C: ConnectionTrait>(&self, _db: &C, _at: Timestamp) -> Result<Holders, DbError> {
        let mut holders = Holders::default();
        for (person, role, unit) in &self.0 {
            holders.add(*person, *role, *unit);
        }
        Ok(holders)
    }
}

/// Who signs, and in what capacity they usually do: two keepers and a confirmer of the first unit.
pub(crate) const SIGNERS: [(usize, Part); 3] = [(1, Part::Keeper1), (3, Part::Keeper2), (0, Part::Confirmer)];

/// The stage. Of the first unit: 0 leads, 1 and 3 keep the store, 2 is an armed officer; more officers come besides.
pub(crate) struct Post {
    pub(crate) office: Office,
    roll: Roll,
    /// Of the first unit's people 0, 1 and 3.
    accounts: Vec<(usize, AccountId)>,
    pub(crate) officers: Vec<PersonId>,
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

impl Post {
    pub(crate) async fn new() -> Self {
        let office = Office::found().await;
        let roll = Roll(vec![
            (office.people[0][0], Role::DutyLeader, Some(office.units[0])),
            (office.people[2][0], Role::BureauLeader, None),
        ]);
        let mut post = Self { officers: vec![office.people[0][2]], office, roll, accounts: Vec::new() };
        for (n, role) in [(0, Role::DutyLeader), (1, Role::Armourer), (3, Role::Armourer)] {
            let (db, ctx) = (&post.office.db, &post.office.ctx);
            let invited = accounts::create(db, ctx, &format!("signer{n}"), post.person(0, n)).await.unwrap();
            let unit = Some(post.office.units[0]);
            let new = NewGrant { account: invited.account.id, role, unit, from: None, until: None };
            grants::give(db, ctx, new).await.unwrap();
            post.accounts.push((n, invited.account.id));
        }
        for (number, kind) in [(GUNS, StoreKind::Gun), (ROUNDS, StoreKind::Ammunition)] {
            post.store(number, kind, 0).await.unwrap();
        }
        armouries::add_cabinet(&post.office.db, &post.brigade(), GUNS, "1", 20).await.unwrap();
        post
    }

    pub(crate) async fn store(&self, number: &str, kind: StoreKind, unit: usize) -> Result<(), ArmsError> {
        let new = NewArmoury {
            number: number.to_owned(),
            name: format!("{}{}", kind.zh(), number),
            kind,
            unit: self.office.units[unit],
            in_charge: Some(self.person(unit, 1)),
        };
        armouries::enter(&self.office.db, &self.brigade(), &new).await.map(|_| ())
    }

    pub(crate) fn person(&self, unit: usize, n: usize) -> PersonId {
        self.office.people[unit][n]
    }

    pub(crate) fn brigade(&self) -> Ctx {
        holding(&self.office, self.person(2, 2), Role::PublicOrder, None)
    }

    pub(crate) fn armourer(&self, unit: usize) -> Ctx {
        holding(&self.office, self.person(unit, 1), Role::Armourer, Some(self.office.units[unit]))
    }

    pub(crate) fn head(&self, unit: usize) -> Ctx {
        holding(&self.office, self.person(unit, 0), Role::UnitHead, Some(self.office.units[unit]))
    }

    pub(crate) fn new_arm(&self, serial: &str) -> NewArm {
        NewArm {
            number: String::new(),
            model: MODEL.to_owned(),
            category: Category::Pistol,
            serial: serial.to_owned(),
            certificate: format!("QZ{serial}"),
            ballistic_record: format!("HJ{serial}"),
            dedicated_to: None,
            armoury: GUNS.to_owned(),
            slot: None,
            issued_on: None,
            value: Fen(300_000),
            document: "配发1号".to_owned(),
        }
    }

    pub(crate) async fn gun(&self, serial: &str) -> Arm {
        arms::enter(&self.office.db, &self.brigade(), &self.new_arm(serial)).await.unwrap()
    }

    pub(crate) async fn arm(&self, number: &str) -> Arm {
        store::arm(self.office.db.read(), &self.brigade(), number).await.unwrap()
    }

    pub(crate) fn receipt(&self, lot: &str, rounds: i64) -> Receipt {
        Receipt {
            armoury: ROUNDS.to_owned(),
            type_name: TYPE.to_owned(),
            lot: lot.to_owned(),
            made_on: None,
            rounds,
            document: "DB-2026-1".to_owned(),
            note: String::new(),
        }
    }

    pub(crate) async fn rounds(&self, lot: &str, rounds: i64) {
        ammunition::receive(&self.office.db, &self.brigade(), &self.receipt(lot, rounds)).await.unwrap();
    }

    /// The rounds of each lot in the store.
    pub(crate) async fn stock(&self) -> Vec<(String, i64)> {
        let db = self.office.db.read();
        let of = store::armoury_named(db, ROUNDS).await.unwrap().unwrap();
        let rows = store::stock(db, of.id).await.unwrap();
        rows.into_iter().map(|(stock, lot)| (lot.lot, stock.rounds)).collect()
    }

    /// Somebody who may carry until the end of the year, tried today.
    pub(crate) async fn license(&self, person: PersonId, number: &str) {
        self.license_until(person, number, "2026-12-31").await;
    }

    pub(crate) async fn license_until(&self, person: PersonId, number: &str, until: &str) {
        let (db, ctx, today) = (&self.office.db, self.brigade(), self.office.ctx.now().day());
        let licence = Licence {
            person,
            number: number.to_owned(),
            issuer: "省公安厅".to_owned(),
            issued_on: day("2026-01-01"),
            valid_until: day(until),
            active: true,
            note: String::new(),
        };
        officers::set(db, &ctx, &licence, None).await.unwrap();
        let (kind, note) = (ResultKind::LiveFire, String::new());
        let result = NewResult { person, kind, held_on: today, score: Some(95), passed: true, note };
        officers::enter_result(db, &ctx, &result).await.unwrap();
    }
}

impl Post {
    /// A stage with so many guns `A0001`…, a lot of rounds, two magazines, and so many officers who may carry.
    pub(crate) async fn stocked(guns: usize, officers: usize) -> Self {
        let mut post = Self::new().await;
        for n in 1..=guns {
            post.gun(&format!("A{n:04}")).await;
        }
        post.rounds("L1", 1_000).await;
        let magazines = ["M1".to_owned(), "M2".to_owned()];
        arms::enter_magazines(&post.office.db, &post.brigade(), GUNS, MODEL, &magazines).await.unwrap();
        for n in 1..officers {
            let new = NewPerson {
                badge_number: Some(format!("8{n:05}")),
                name: format!("民警{n}"),
                unit: post.office.units[0],
                duty: Duty::Member,
                kind: PersonKind::Officer,
            };
            let person = people::create(&post.office.db, &post.office.ctx, new).await.unwrap();
            post.officers.push(person.id);
        }
        for (n, officer) in post.officers.clone().into_iter().enumerate() {
            post.license(officer, &format!("CQ-{n:04}")).await;
        }
        post
    }

    pub(crate) fn officer(&self, n: usize) -> Ctx {
        holding(&self.office, self.officers[n], Role::ArmedOfficer, Some(self.office.units[0]))
    }

    /// One of the first unit's people who proved to be there.
    pub(crate) fn signer(&self, n: usize) -> CoSigner {
        let role = if n == 0 { Role::DutyLeader } else { Role::Armourer };
        let account = self.accounts.iter().find(|(of, _)| *of == n).unwrap().1;
        let person = self.person(0, n);
        CoSigner { person, account, ctx: holding(&self.office, person, role, Some(self.office.units[0])) }
    }

    pub(crate) fn wish(&self) -> NewDraw {
        let now = self.office.ctx.now();
        NewDraw {
            armoury: GUNS.to_owned(),
            model: MODEL.to_owned(),
            purpose: Purpose::Patrol,
            task: "武装巡逻".to_owned(),
            rounds: 15,
            magazines: 2,
            from: now,
            due: Timestamp(now.0 + 8 * 3_600_000),
            cross_area: false,
            bulk: false,
            urgent: false,
        }
    }

    pub(crate) async fn ask(&self, n: usize) -> Result<draw::Model, ArmsError> {
        asking::ask(&self.office.db, &self.officer(n), &self.wish()).await
    }

    /// The whole chain says yes or no.
    pub(crate) async fn decide(&self, id: ApprovalId, approved: bool) -> Result<request::Model, ApprovalError> {
        let deciders = [
            holding(&self.office, self.person(0, 0), Role::DutyLeader, Some(self.office.units[0])),
            holding(&self.office, self.person(2, 0), Role::BureauLeader, None),
        ];
        loop {
            let row = request::Entity::find_by_id(id).one(self.office.db.read()).await.unwrap().unwrap();
            let at = usize::try_from(row.step - 1).unwrap_or_default().min(1);
            let verdict = Verdict { step: row.step, approved, reason: "已阅".to_owned() };
            let row = approvals::decide(&self.office.db, &deciders[at], &self.roll, id, &verdict).await?;
            if !row.state.is_open() {
                return Ok(row);
            }
        }
    }

    pub(crate) async fn approved(&self, n: usize) -> draw::Model {
        let row = self.ask(n).await.unwrap();
        self.decide(row.approval_id, true).await.unwrap();
        row
    }

    pub(crate) async fn clear_all(&self, number: &str) -> Result<(), ArmsError> {
        for step in Clearance::ALL {
            acting::clear(&self.office.db, &self.armourer(0), number, *step).await?;
        }
        Ok(())
    }

    pub(crate) async fn sign(&self, number: &str, n: usize, part: Part) -> Result<(), ArmsError> {
        acting::sign(&self.office.db, &self.signer(n), number, part).await.map(|_| ())
    }

    pub(crate) async fn sign_all(&self, number: &str) -> Result<(), ArmsError> {
        for (n, part) in SIGNERS {
            self.sign(number, n, part).await?;
        }
        Ok(())
    }

    pub(crate) fn going(&self, rounds: i64) -> Count {
        let (armoury, lot) = (ROUNDS.to_owned(), "L1".to_owned());
        Count { armoury, lot, rounds: Rounds { back: rounds, ..Rounds::default() }, magazines: Vec::new() }
    }

    /// Everything up to the signatures.
    pub(crate) async fn prepared(&self, number: &str, gun: &str, rounds: i64) -> Result<(), ArmsError> {
        let (db, ctx) = (&self.office.db, self.armourer(0));
        acting::open_issue(db, &ctx, number, None, gun).await?;
        self.clear_all(number).await?;
        acting::scan(db, &ctx, number, gun).await?;
        acting::count(db, &ctx, number, &self.going(rounds)).await?;
        Ok(())
    }

    /// The whole act of handing out.
    pub(crate) async fn hand_out(&self, number: &str, gun: &str, rounds: i64) -> Result<draw::Model, ArmsError> {
        self.prepared(number, gun, rounds).await?;
        self.sign_all(number).await?;
        handing::hand_over(&self.office.db, &self.armourer(0), number, None).await
    }

    /// Asked for, approved and handed out with fifteen rounds.
    pub(crate) async fn out(&self, n: usize, gun: &str) -> draw::Model {
        let row = self.approved(n).await;
        self.hand_out(&row.number, gun, 15).await.unwrap()
    }

    /// The whole act of taking back.
    pub(crate) async fn take_in(&self, number: &str, gun: &str, rounds: Rounds) -> Result<draw::Model, ArmsError> {
        let (db, ctx) = (&self.office.db, self.armourer(0));
        acting::open_return(db, &ctx, number, None).await?;
        if !gun.is_empty() {
            self.clear_all(number).await?;
            acting::scan(db, &ctx, number, gun).await?;
        }
        acting::count(db, &ctx, number, &Count { rounds, ..Count::default() }).await?;
        self.sign_all(number).await?;
        handing::take_back(db, &ctx, number, None).await
    }

    pub(crate) async fn draw(&self, number: &str) -> draws::Shown {
        draws::one(self.office.db.read(), &self.brigade(), number).await.unwrap()
    }

    /// Who holds a gun.
    pub(crate) async fn holder(&self, gun: &str) -> Option<PersonId> {
        let gun = self.arm(gun).await.item.id;
        draws::holder_of(self.office.db.read(), gun).await.unwrap().map(|held| held.person_id)
    }
}

/// So many rounds, all of them back.
pub(crate) fn back(rounds: i64) -> Rounds {
    Rounds { back: rounds, ..Rounds::default() }
}

/// The sentence of a refusal.
pub(crate) fn said<T: std::fmt::Debug>(outcome: Result<T, ArmsError>) -> String {
    outcome.unwrap_err().to_string()
}
