//! The ledger of firearms in the year.

use hufu::access::grants::{self, NewGrant};
use hufu::access::{CoSigner, Role, accounts};
use hufu::firearms::alarms;
use hufu::firearms::ammunition::{self, Receipt};
use hufu::firearms::armouries::{self, NewArmoury};
use hufu::firearms::arms::{self, NewArm};
use hufu::firearms::audits::answers::{self, Found};
use hufu::firearms::audits::service as audits;
use hufu::firearms::bulletins::service as bulletins;
use hufu::firearms::cabinets::devices::{self, NewDevice};
use hufu::firearms::cabinets::model::EventKind;
use hufu::firearms::cabinets::reporting::{self, NewEvent};
use hufu::firearms::draws::acting::{self, Count};
use hufu::firearms::draws::asking::{self, NewDraw};
use hufu::firearms::draws::model::{Clearance, Part, Purpose, Rounds};
use hufu::firearms::draws::{handing, longer, losing, store as draws};
use hufu::firearms::inspections::checklist::CHECKLISTS;
use hufu::firearms::inspections::model::{Kind as Way, Outcome};
use hufu::firearms::inspections::photos;
use hufu::firearms::inspections::service::{self as inspections, Answers, NewInspection};
use hufu::firearms::model::{ArmDeed, Category, ResultKind, StoreKind};
use hufu::firearms::officers::{self, Licence, NewResult};
use hufu::firearms::shifts::model::Side;
use hufu::firearms::shifts::service::{self as shifts, Counted};
use hufu::firearms::shifts::visits::{self, NewVisit};
use hufu::firearms::transfers::scrapping::{self, HandUp};
use hufu::firearms::transfers::service::{self as transfers, Arrived, NewTransfer};
use hufu::firearms::transfers::training::{self, Back, NewTraining};
use hufu::firearms::upkeep::service as upkeep;
use hufu::items::attachments::NewFile;
use hufu::kernel::ids::PersonId;
use hufu::kernel::rights::Scope;
use hufu::kernel::{Actor, Ctx, Fen, Timestamp};
use hufu::org::entity::person::{Duty, PersonKind};
use hufu::org::people::{self, NewPerson};
use hufu::webhooks::signature::sign;

use super::year::Year;

impl Year {
    pub(super) async fn arms(&self) {
        let (db, ctx) = (&self.office.db, &self.ctx);
        for (number, kind) in [("QK", StoreKind::Gun), ("DK", StoreKind::Ammunition)] {
            let (unit, name) = (self.office.units[0], kind.zh().to_owned());
            let new = NewArmoury { number: number.to_owned(), name, kind, unit, in_charge: None };
            armouries::enter(db, ctx, &new).await.unwrap();
        }
        armouries::add_cabinet(db, ctx, "QK", "1", 4).await.unwrap();
        let new = NewArm {
            number: String::new(),
            model: "92式手枪".to_owned(),
            category: Category::Pistol,
            serial: "A0001".to_owned(),
            certificate: "QZ-1".to_owned(),
            ballistic_record: String::new(),
            dedicated_to: None,
            armoury: "QK".to_owned(),
            slot: Some(("1".to_owned(), 1)),
            issued_on: None,
            value: Fen(0),
            document: String::new(),
        };
        let gun = arms::enter(db, ctx, &new).await.unwrap().item.item_number;
        arms::enter_magazines(db, ctx, "QK", "92式手枪", &["M1".to_owned()]).await.unwrap();
        for deed in [ArmDeed::NeedCleaning, ArmDeed::ReportFault, ArmDeed::Mend] {
            arms::keep(db, ctx, &gun, None, deed, "例行").await.unwrap();
        }
        arms::look(db, ctx, &gun).await.unwrap();
        for rounds in [500, 300] {
            let receipt = Receipt {
                armoury: "DK".to_owned(),
                type_name: "9mm手枪弹".to_owned(),
                lot: "2024-1".to_owned(),
                made_on: None,
                rounds,
                document: "DB-1".to_owned(),
                note: String::new(),
            };
            ammunition::receive(db, ctx, &receipt).await.unwrap();
        }
        let (person, today) = (self.office.people[0][2], ctx.now().day());
        let licence = Licence {
            person,
            number: "CQ-0001".to_owned(),
            issuer: "省厅".to_owned(),
            issued_on: today,
            valid_until: today,
            active: true,
            note: String::new(),
        };
        for active in [true, false] {
            officers::set(db, ctx, &Licence { active, ..licence.clone() }, None).await.unwrap();
        }
        let (kind, note) = (ResultKind::Exam, String::new());
        let result = NewResult { person, kind, held_on: today, score: Some(90), passed: true, note };
        officers::enter_result(db, ctx, &result).await.unwrap();
        let ban = officers::forbid(db, ctx, person, "饮酒", None).await.unwrap();
        officers::lift(db, ctx, ban.id, "已查清").await.unwrap();
        self.draw(&gun).await;
        self.watched().await;
    }

    async fn one_more(&self, name: &str) -> (PersonId, Ctx) {
        let new = NewPerson {
            badge_number: None,
            name: name.to_owned(),
            unit: self.office.units[0],
            duty: Duty::Member,
            kind: PersonKind::Officer,
        };
        let person = people::create(&self.office.db, &self.ctx, new).await.unwrap().id;
        (person, self.ctx.acting_as(Actor::Person(person), Scope::Everything))
    }

    async fn signer(&self, name: &str, role: Role) -> CoSigner {
        let (person, ctx) = self.one_more(name).await;
        let account = accounts::create(&self.office.db, &self.ctx, name, person).await.unwrap().account.id;
        let unit = Some(self.office.units[0]);
        let new = NewGrant { account, role, unit, from: None, until: None };
        grants::give(&self.office.db, &self.ctx, new).await.unwrap();
        CoSigner { person, account, ctx }
    }

    /// An emergency: out with rounds and a magazine, some of them lost, the rest back; a wish for more time between.
    async fn draw(&self, gun: &str) {
        let (db, today) = (&self.office.db, self.ctx.now().day());
        let (person, officer) = self.one_more("持枪人").await;
        let signers = [
            (self.signer("保管", Role::Armourer).await, Part::Keeper1),
            (self.signer("保管二", Role::Armourer).await, Part::Keeper2),
            (self.signer("确认", Role::DutyLeader).await, Part::Confirmer),
        ];
        let licence = Licence {
            person,
            number: "CQ-0009".to_owned(),
            issuer: String::new(),
            issued_on: today,
            valid_until: today,
            active: true,
            note: String::new(),
        };
        officers::set(db, &self.ctx, &licence, None).await.unwrap();
        let (kind, note) = (ResultKind::LiveFire, String::new());
        let result = NewResult { person, kind, held_on: today, score: None, passed: true, note };
        officers::enter_result(db, &self.ctx, &result).await.unwrap();
        let now = self.ctx.now();
        let new = NewDraw {
            armoury: "QK".to_owned(),
            model: "92式手枪".to_owned(),
            purpose: Purpose::Emergency,
            task: "持刀伤人".to_owned(),
            rounds: 10,
            magazines: 1,
            from: now,
            due: Timestamp(now.0 + 3_600_000),
            cross_area: false,
            bulk: false,
            urgent: true,
        };
        let given_up = asking::ask(db, &officer, &new).await.unwrap().number;
        asking::withdraw(db, &officer, &given_up, None, "不用了").await.unwrap();
        let number = asking::ask(db, &officer, &new).await.unwrap().number;
        let keeper = &signers[0].0.ctx;
        acting::open_issue(db, keeper, &number, None, gun).await.unwrap();
        acting::cancel(db, keeper, &number, "停电").await.unwrap();
        acting::open_issue(db, keeper, &number, None, gun).await.unwrap();
        let rounds = Rounds { back: 10, ..Rounds::default() };
        let out = Count { armoury: "DK".into(), lot: "2024-1".into(), rounds, magazines: vec!["M1".into()] };
        self.act(&number, Some(gun), &out, &[&signers[0], &signers[2]]).await;
        handing::hand_over(db, keeper, &number, None).await.unwrap();
        longer::ask(db, &officer, &number, Timestamp(now.0 + 7_200_000), "未结束").await.unwrap();
        losing::report(db, &officer, &number, false, 1, "奔跑中掉落").await.unwrap();
        acting::open_return(db, keeper, &number, None).await.unwrap();
        let rounds = Rounds { back: 5, fired: 3, damaged: 1, lost: 1 };
        let back = Count { rounds, ..Count::default() };
        self.act(&number, Some(gun), &back, &signers.each_ref()).await;
        handing::take_back(db, keeper, &number, None).await.unwrap();
        for lock in draws::locks_of(db.read(), self.office.units[0]).await.unwrap() {
            losing::unlock(db, &self.ctx, lock.id, "已查清").await.unwrap();
        }
        let fourth = self.signer("保管三", Role::Armourer).await;
        let third = self.signer("保管四", Role::Armourer).await;
        self.shift([&signers[0].0, &signers[1].0, &third, &fourth]).await;
        self.comes_and_goes(gun, [&signers[0].0, &signers[1].0, &third, &fourth], &signers[2].0.ctx).await;
    }

    /// Cleaned, sent to another store and received, handed up; rounds fired in training.
    async fn comes_and_goes(&self, gun: &str, four: [&CoSigner; 4], leader: &Ctx) {
        let (db, ctx, guns) = (&self.office.db, &four[0].ctx, vec![gun.to_owned()]);
        let number = upkeep::ask(db, ctx, "QK", &guns, "打过").await.unwrap().number;
        upkeep::decide(db, leader, &number, None, true, "同意").await.unwrap();
        upkeep::start(db, ctx, four[1], &number, None).await.unwrap();
        upkeep::cleaned(db, ctx, &number, None).await.unwrap();
        upkeep::put_back(db, ctx, four[1], &number, None, &[]).await.unwrap();
        let (unit, kind) = (self.office.units[0], StoreKind::Gun);
        let other = NewArmoury { number: "QK2".to_owned(), name: "二库".to_owned(), kind, unit, in_charge: None };
        armouries::enter(db, &self.ctx, &other).await.unwrap();
        let new = NewTransfer {
            from: "QK".to_owned(),
            to: "QK2".to_owned(),
            guns,
            lots: Vec::new(),
            document: "YS-1".to_owned(),
            reason: "调整".to_owned(),
        };
        let number = transfers::plan(db, &self.ctx, &new).await.unwrap().number;
        transfers::send(db, ctx, four[1], &number, None).await.unwrap();
        let here = Arrived { guns: vec![gun.to_owned()], lots: Vec::new() };
        for arrived in [Arrived::default(), here] {
            transfers::receive(db, &four[2].ctx, four[3], &number, None, &arrived).await.unwrap();
        }
        arms::keep(db, &self.ctx, gun, None, ArmDeed::ReportFault, "枪管裂").await.unwrap();
        let up = HandUp {
            gun: gun.to_owned(),
            certificate: "QZ-1".to_owned(),
            receiver: "省公安厅".to_owned(),
            document: "BF-1".to_owned(),
            reason: "不能修复".to_owned(),
            ..HandUp::default()
        };
        scrapping::hand_up(db, ctx, four[1], None, &up).await.unwrap();
        let new = NewTraining {
            armoury: "DK".to_owned(),
            lot: "2024-1".to_owned(),
            rounds: 20,
            leader: four[1].person,
            participants: "二人".to_owned(),
            place: "靶场".to_owned(),
            document: "XL-1".to_owned(),
        };
        let number = training::take_out(db, ctx, four[1], &new).await.unwrap().number;
        let back = Back { back: 5, fired: 15, cases: 15, note: String::new() };
        training::take_back(db, ctx, four[1], &number, None, &back).await.unwrap();
    }

    /// Counted twice, given up once, closed with a difference; somebody alone in the store.
    async fn shift(&self, four: [&CoSigner; 4]) {
        let (db, ctx, unit) = (&self.office.db, &self.ctx, self.office.units[0]);
        let given_up = shifts::open(db, ctx, unit).await.unwrap().number;
        shifts::cancel(db, ctx, &given_up, "重来").await.unwrap();
        let number = shifts::open(db, ctx, unit).await.unwrap().number;
        for rounds in [1, 2] {
            let counted = Counted { guns: vec!["X-1".to_owned()], lots: vec![("2024-1".to_owned(), rounds)] };
            shifts::count(db, ctx, &number, &counted).await.unwrap();
        }
        shifts::explain(db, ctx, &number, "正在查找").await.unwrap();
        for (signer, side) in four.into_iter().zip(Side::ALL) {
            shifts::sign(db, signer, &number, *side).await.unwrap();
        }
        shifts::close(db, ctx, &number, None).await.unwrap();
        alarms::mark(db, ctx).await.unwrap();
        let new = NewVisit {
            armoury: "QK".to_owned(),
            visitor: "检查人员".to_owned(),
            post: String::new(),
            companions: 0,
            reason: "检查".to_owned(),
        };
        let visit = visits::enter(db, ctx, &new).await.unwrap();
        visits::leave(db, ctx, visit.id, "完好").await.unwrap();
        self.cabinet().await;
    }

    /// A cabinet that reports: a key changed, a door, a gun that goes without a draw, a device given up.
    async fn cabinet(&self) {
        let (db, ctx) = (&self.office.db, &self.ctx);
        for (number, slot) in [("ZD-1", None), ("ZD-2", Some(1))] {
            let (armoury, cabinet, name) = ("QK".to_owned(), "1".to_owned(), String::new());
            devices::register(db, ctx, &NewDevice { armoury, cabinet, number: number.to_owned(), name }).await.unwrap();
            let (_, key) = devices::rotate(db, ctx, number).await.unwrap();
            let header = sign(&key, ctx.now(), "");
            let of = reporting::authentic(db, ctx, number, &header, b"").await.unwrap().unwrap();
            let kind = if slot.is_some() { EventKind::GunTaken } else { EventKind::PowerLost };
            let happened_at = Timestamp(ctx.now().0 - 86_400_000);
            let told = NewEvent { seq: 1, kind, slot, badge: String::new(), note: String::new(), happened_at };
            reporting::take(db, ctx, &of, &[told]).await.unwrap();
            devices::revoke(db, ctx, number, "更换").await.unwrap();
        }
    }

    /// Inspected with a photo and a check that fails, audited with a thing that is in no book, a week told of.
    async fn watched(&self) {
        let db = &self.office.db;
        let brigade = self.signer("检查员", Role::PublicOrder).await;
        let ctx = &brigade.ctx;
        let new =
            |kind, occasion: &str| NewInspection { armoury: "QK".to_owned(), kind, occasion: occasion.to_owned() };
        let given_up = inspections::open(db, ctx, &new(Way::Special, "专项整治")).await.unwrap().number;
        inspections::cancel(db, ctx, &given_up, "改期").await.unwrap();
        let number = inspections::open(db, ctx, &new(Way::Daily, "")).await.unwrap().number;
        for outcome in [Outcome::Pass, Outcome::Fail] {
            let checks = CHECKLISTS[0].asked(Way::Daily, StoreKind::Gun);
            let checks = checks.map(|check| (check.code.to_owned(), outcome, "看过".to_owned())).collect();
            let answers = Answers { checks, problems: Some("多处".to_owned()), reported_to: None };
            inspections::answer(db, ctx, &number, None, &answers).await.unwrap();
        }
        let mut png = std::io::Cursor::new(Vec::new());
        image::RgbImage::from_pixel(2, 3, image::Rgb([1, 2, 3])).write_to(&mut png, image::ImageFormat::Png).unwrap();
        let file = NewFile::look_at("库门.png", png.into_inner()).unwrap();
        photos::add(db, ctx, &number, "locked", &file).await.unwrap();
        inspections::sign(db, &brigade, &[number]).await.unwrap();
        let given_up = audits::commit(db, ctx, "QK", 95, 10).await.unwrap().number;
        audits::cancel(db, ctx, &given_up, "改期").await.unwrap();
        let number = audits::commit(db, ctx, "QK", 95, 10).await.unwrap().number;
        let drawn = audits::draw(db, ctx, &number, None).await.unwrap();
        for line in 1..=drawn.lines {
            answers::answer(db, ctx, &number, &Found { line, ..Found::default() }).await.unwrap();
        }
        answers::extra(db, ctx, &number, "X-2").await.unwrap();
        audits::close(db, ctx, &number, None).await.unwrap();
        let week = ctx.now().day().checked_sub_days(chrono::Days::new(7)).unwrap();
        let number = bulletins::draft(db, ctx, week).await.unwrap().number;
        bulletins::refresh(db, ctx, &number, None).await.unwrap();
        bulletins::remark(db, ctx, &number, None, "立即整改").await.unwrap();
        bulletins::issue(db, ctx, &number, None).await.unwrap();
    }

    async fn act(&self, number: &str, gun: Option<&str>, counted: &Count, signers: &[&(CoSigner, Part)]) {
        let (db, keeper) = (&self.office.db, &signers[0].0.ctx);
        if let Some(gun) = gun {
            for step in Clearance::ALL {
                acting::clear(db, keeper, number, *step).await.unwrap();
            }
            acting::scan(db, keeper, number, gun).await.unwrap();
        }
        acting::count(db, keeper, number, counted).await.unwrap();
        acting::count(db, keeper, number, counted).await.unwrap();
        for (signer, part) in signers.iter().map(|one| (&one.0, one.1)) {
            acting::sign(db, signer, number, part).await.unwrap();
        }
    }
}
