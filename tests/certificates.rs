//! Digital certificates: out to their holders and back, checked each day, told each morning, holders asked.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "pages/browser.rs"]
mod browser;
#[expect(dead_code, reason = "each test binary uses its part of the office")]
mod support;
#[expect(dead_code, reason = "its servers speak to programs, these tests to browsers")]
#[path = "support/web.rs"]
mod web;

use browser::{browser, in_both_languages, leads, post, status};
use futures_util::future::join_all;
use hufu::access::{CoSigner, Role, accounts};
use hufu::certificates::entity::{certificate, loan};
use hufu::certificates::keeping::{self, NewCertificate};
use hufu::certificates::lending::{self, Wish};
use hufu::certificates::model::{Deed, LoanEnd, State};
use hufu::certificates::quizzes::{self, NewQuiz};
use hufu::certificates::{CertificateError, checks, morning, reminders, store};
use hufu::findings::Kind;
use hufu::findings::entity::finding;
use hufu::findings::model::State as Stands;
use hufu::handover;
use hufu::kernel::ids::PersonId;
use hufu::kernel::{Ctx, Timestamp};
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use support::{DAY, MINUTE, Office};
use web::holding;

const NUMBER: &str = "GA-442000-0001";
const HOUR: i64 = 60 * MINUTE;

/// A unit with a cabinet: 0 leads, 1 keeps it, 2 and 3 hold a certificate each.
struct Cabinet {
    office: Office,
    accounts: Vec<(PersonId, CoSigner)>,
}

impl Cabinet {
    async fn new() -> Self {
        let office = Office::found().await;
        let mut cabinet = Self { office, accounts: Vec::new() };
        for n in [1, 2, 3] {
            let (db, ctx, person) = (&cabinet.office.db, &cabinet.office.ctx, cabinet.person(n));
            let account = accounts::create(db, ctx, &format!("holder{n}"), person).await.unwrap().account.id;
            let theirs = holding(&cabinet.office, person, Role::Member, Some(cabinet.office.units[0]));
            cabinet.accounts.push((person, CoSigner { person, account, ctx: theirs }));
        }
        for (n, number) in [(2, NUMBER), (3, "GA-442000-0002")] {
            keeping::enter(&cabinet.office.db, &cabinet.keeper(), &cabinet.new_one(number, n)).await.unwrap();
        }
        cabinet
    }

    fn person(&self, n: usize) -> PersonId {
        self.office.people[0][n]
    }

    fn of(&self, n: usize, role: Role) -> Ctx {
        holding(&self.office, self.person(n), role, Some(self.office.units[0]))
    }

    fn keeper(&self) -> Ctx {
        self.of(1, Role::AssetManager)
    }

    fn leader(&self) -> Ctx {
        self.of(0, Role::DutyLeader)
    }

    fn new_one(&self, number: &str, n: usize) -> NewCertificate {
        let (kept_at, valid_until) = ("值班室证书柜".to_owned(), "2028-12-31".parse().unwrap());
        NewCertificate { number: number.to_owned(), holder: self.person(n), kept_at, valid_until }
    }

    /// One of the unit's people who proved to be there.
    fn there(&self, n: usize) -> CoSigner {
        self.accounts.iter().find(|(person, _)| *person == self.person(n)).unwrap().1.clone()
    }

    fn wish(&self) -> Wish {
        Wish { task: "办案平台审批".to_owned(), due: Timestamp(self.office.ctx.now().0 + 8 * HOUR) }
    }

    async fn draw(&self, n: usize, number: &str) -> Result<loan::Model, CertificateError> {
        lending::draw(&self.office.db, &self.keeper(), &self.there(n), number, &self.wish()).await
    }

    async fn back(&self, number: &str) -> Result<loan::Model, CertificateError> {
        lending::take_back(&self.office.db, &self.keeper(), number, "").await
    }

    async fn check(&self, seen: &[&str]) -> Result<hufu::certificates::entity::check::Model, CertificateError> {
        let seen: Vec<String> = seen.iter().map(|one| (*one).to_owned()).collect();
        checks::check(&self.office.db, &self.leader(), self.office.units[0], &seen, "").await
    }

    async fn told(&self, kind: Kind) -> Vec<finding::Model> {
        let of = finding::Entity::find().filter(finding::Column::Kind.eq(kind));
        of.all(self.office.db.read()).await.unwrap()
    }

    async fn state(&self, number: &str) -> State {
        store::named(self.office.db.read(), number).await.unwrap().unwrap().state
    }
}

fn said<T: std::fmt::Debug>(outcome: Result<T, CertificateError>) -> String {
    outcome.unwrap_err().to_string()
}

#[tokio::test]
async fn a_certificate_goes_to_its_holder_who_is_there_and_comes_back() {
    let c = Cabinet::new().await;
    let (db, keeper) = (&c.office.db, c.keeper());
    assert!(said(c.draw(3, NUMBER).await).contains("限本人领取使用"), "another's");
    let own = c.of(2, Role::AssetManager);
    assert!(said(lending::draw(db, &own, &c.there(2), NUMBER, &c.wish()).await).contains("不能为自己"));
    for ms in [0, -1, DAY + 1, i64::MAX / 2] {
        let wish = Wish { due: Timestamp(c.office.ctx.now().0.saturating_add(ms)), ..c.wish() };
        assert!(said(lending::draw(db, &keeper, &c.there(2), NUMBER, &wish).await).contains("24 小时"), "{ms}");
    }
    let bare = Wish { task: " ".to_owned(), ..c.wish() };
    assert!(said(lending::draw(db, &keeper, &c.there(2), NUMBER, &bare).await).contains("用途"));
    assert!(said(lending::draw(db, &keeper, &c.there(2), "GA-0", &c.wish()).await).contains("没有这个数字证书"));
    let out = c.draw(2, "ga-442000-0001").await.unwrap();
    assert_eq!((out.number.as_str(), c.state(NUMBER).await), ("ZS-2026-0001", State::Out));
    assert!(said(c.draw(2, NUMBER).await).contains("不能领取"));
    let themselves = lending::take_back(db, &own, NUMBER, "").await;
    assert!(said(themselves).contains("不能为自己"));
    c.office.clock.advance_ms(HOUR);
    let ended = c.back(NUMBER).await.unwrap();
    assert_eq!((ended.ended_as, c.state(NUMBER).await), (Some(LoanEnd::Returned), State::Kept));
    assert!(said(c.back(NUMBER).await).contains("不能交还"));
    // An account that was closed proves nothing; a certificate that lapsed opens nothing.
    let theirs = c.there(2);
    accounts::close(db, &c.office.ctx, theirs.account).await.unwrap();
    assert!(said(lending::draw(db, &keeper, &theirs, NUMBER, &c.wish()).await).contains("账号已停用"));
    c.office.clock.set(Timestamp::start_of_day("2029-01-01".parse().unwrap()));
    assert!(said(c.draw(3, "GA-442000-0002").await).contains("到期"));
    assert!(keeping::enter(db, &keeper, &c.new_one("GA-9999", 2)).await.is_err(), "lapsed before it came");
}

#[tokio::test]
async fn others_have_no_part_in_it() {
    let c = Cabinet::new().await;
    let db = &c.office.db;
    let elsewhere = holding(&c.office, c.office.people[1][1], Role::AssetManager, Some(c.office.units[1]));
    assert!(said(lending::take_back(db, &elsewhere, NUMBER, "").await).contains("没有这个数字证书"));
    assert!(store::one(db.read(), &elsewhere, NUMBER).await.is_err());
    assert!(store::one(db.read(), &c.of(2, Role::Member), NUMBER).await.is_ok(), "their own");
    assert!(store::one(db.read(), &c.of(3, Role::Member), NUMBER).await.is_err(), "another's");
    let member = c.of(3, Role::Member);
    assert!(matches!(keeping::enter(db, &member, &c.new_one("GA-5555", 3)).await, Err(CertificateError::Forbidden(_))));
    let checked = checks::check(db, &c.keeper(), c.office.units[0], &[], "").await;
    assert!(matches!(checked, Err(CertificateError::Forbidden(_))), "who keeps the cabinet does not check it");
    for (number, reason) in [("GA-442000-0001", "已有"), ("12", "至少 4"), ("", "证书编号"), ("GA\u{0}123", "控制字符")]
    {
        assert!(said(keeping::enter(db, &c.keeper(), &c.new_one(number, 2)).await).contains(reason), "{number}");
    }
}

#[tokio::test]
async fn what_is_late_is_told_once_and_settled_when_it_is_back() {
    let c = Cabinet::new().await;
    let (db, ctx) = (&c.office.db, c.office.ctx.clone());
    let out = c.draw(2, NUMBER).await.unwrap();
    c.office.clock.set(out.due_at);
    reminders::mark(db, &ctx).await.unwrap();
    assert!(c.told(Kind::CertificateOverdue).await.is_empty(), "to the minute");
    c.office.clock.advance_ms(1);
    for _ in 0..2 {
        reminders::mark(db, &ctx).await.unwrap();
        assert_eq!(c.told(Kind::CertificateOverdue).await.len(), 1);
    }
    c.back(NUMBER).await.unwrap();
    assert_eq!(c.told(Kind::CertificateOverdue).await[0].state, Stands::Explained);
}

#[tokio::test]
async fn a_check_is_blind_and_what_is_neither_there_nor_out_is_a_finding() {
    let c = Cabinet::new().await;
    let (db, second) = (&c.office.db, "GA-442000-0002");
    c.draw(2, NUMBER).await.unwrap();
    let row = c.check(&[" ga-442000-0002"]).await.unwrap();
    assert_eq!((row.nth, row.kept, row.out, row.amiss), (1, 1, 1, 0));
    let row = c.check(&[]).await.unwrap();
    assert_eq!((row.nth, row.kept, row.out, row.amiss), (2, 0, 1, 1));
    let told = c.told(Kind::CertificateMissing).await;
    assert!(told.len() == 1 && told[0].title.contains(second), "{told:?}");
    // Looked for again the same day it is the same finding; put back without a word it is another.
    c.check(&[]).await.unwrap();
    assert_eq!(c.told(Kind::CertificateMissing).await.len(), 1);
    let row = c.check(&[NUMBER, second]).await.unwrap();
    assert_eq!((row.kept, row.amiss, c.told(Kind::CertificateMissing).await.len()), (1, 1, 2));
    let (_, lines) = store::check(db.read(), &c.leader(), row.id).await.unwrap();
    assert_eq!(lines.iter().filter(|line| line.with_id == Some(c.person(2))).count(), 1);
    for (seen, reason) in [(vec![second, "ga-442000-0002"], "写了两次"), (vec!["GA-7777"], "不是本单位")] {
        assert!(said(c.check(&seen).await).contains(reason), "{seen:?}");
    }
    let nowhere = holding(&c.office, c.office.people[1][0], Role::DutyLeader, Some(c.office.units[1]));
    assert!(said(checks::check(db, &nowhere, c.office.units[1], &[], "").await).contains("没有本单位的数字证书"));
    // Closed, and in the cabinet all the same.
    keeping::keep(db, &c.keeper(), second, None, Deed::Close, "岗位调整").await.unwrap();
    assert!(said(c.check(&[second]).await).contains("已注销"));
}

#[tokio::test]
async fn a_loss_is_told_at_once_and_ends_the_loan() {
    let c = Cabinet::new().await;
    let (db, keeper) = (&c.office.db, c.keeper());
    c.draw(2, NUMBER).await.unwrap();
    assert!(said(keeping::keep(db, &keeper, NUMBER, None, Deed::Close, "停用").await).contains("不能注销"));
    assert!(said(keeping::keep(db, &keeper, NUMBER, None, Deed::Lose, " ").await).contains("原因"));
    let row = keeping::keep(db, &keeper, NUMBER, None, Deed::Lose, "外出途中掉落").await.unwrap();
    assert_eq!(c.told(Kind::CertificateMissing).await.len(), 1);
    let ended = loan::Entity::find().one(db.read()).await.unwrap().unwrap().ended_as;
    assert_eq!((row.state, ended), (State::Lost, Some(LoanEnd::Lost)));
    assert!(said(c.draw(2, NUMBER).await).contains("遗失"));
    let stale = keeping::keep(db, &keeper, NUMBER, Some(row.version - 1), Deed::Find, "找到").await;
    assert!(matches!(stale, Err(CertificateError::Db(hufu::db::DbError::Stale))));
    keeping::keep(db, &keeper, NUMBER, Some(row.version), Deed::Find, "车内找到").await.unwrap();
    assert_eq!(c.told(Kind::CertificateMissing).await[0].state, Stands::Explained);
    c.draw(2, NUMBER).await.unwrap();
}

#[tokio::test]
async fn the_morning_tells_the_night_and_who_did_not_check() {
    let c = Cabinet::new().await;
    let (db, ctx) = (&c.office.db, c.office.ctx.clone());
    let today = ctx.now().day();
    c.office.clock.set(Timestamp(Timestamp::start_of_day(today).0 + 20 * HOUR));
    c.draw(2, NUMBER).await.unwrap();
    c.draw(3, "GA-442000-0002").await.unwrap();
    c.office.clock.advance_ms(HOUR);
    c.back("GA-442000-0002").await.unwrap();
    reminders::mark(db, &ctx).await.unwrap();
    assert!(c.told(Kind::CertificateCheckMissing).await.is_empty(), "there is time until ten");
    c.office.clock.advance_ms(HOUR);
    for _ in 0..2 {
        reminders::mark(db, &ctx).await.unwrap();
        assert_eq!(c.told(Kind::CertificateCheckMissing).await.len(), 1, "once");
    }
    let tomorrow = today.succ_opt().unwrap();
    c.office.clock.set(Timestamp(Timestamp::start_of_day(tomorrow).0 + 8 * HOUR - 1));
    let told = morning::of(db.read(), &c.leader(), tomorrow).await.unwrap();
    assert_eq!(told.out.iter().map(|(_, of)| of.number.as_str()).collect::<Vec<_>>(), [NUMBER]);
    let unit = told.units[&c.office.units[0]];
    assert_eq!((unit.times, unit.out), (0, 1));
    // The past is told as it was: back in the morning, it was out at midnight all the same.
    c.back(NUMBER).await.unwrap();
    c.check(&[NUMBER, "GA-442000-0002"]).await.unwrap();
    assert_eq!(morning::of(db.read(), &c.leader(), tomorrow).await.unwrap().out.len(), 1);
    let next = morning::of(db.read(), &c.leader(), tomorrow.succ_opt().unwrap()).await.unwrap();
    assert_eq!((next.out.len(), next.units[&c.office.units[0]].times), (0, 1));
    let elsewhere = holding(&c.office, c.office.people[1][0], Role::UnitHead, Some(c.office.units[1]));
    assert!(morning::of(db.read(), &elsewhere, tomorrow).await.unwrap().units.is_empty());
}

/// A day without a check is settled when somebody looks after all, before midnight.
#[tokio::test]
async fn a_check_that_comes_late_settles_what_was_told() {
    let c = Cabinet::new().await;
    let today = c.office.ctx.now().day();
    c.office.clock.set(Timestamp(Timestamp::start_of_day(today).0 + 23 * HOUR));
    reminders::mark(&c.office.db, &c.office.ctx).await.unwrap();
    c.check(&[NUMBER, "GA-442000-0002"]).await.unwrap();
    assert_eq!(c.told(Kind::CertificateCheckMissing).await[0].state, Stands::Explained);
}

#[tokio::test]
async fn nobody_leaves_with_a_certificate() {
    let c = Cabinet::new().await;
    let db = &c.office.db;
    let open = handover::still_open(db, c.person(2)).await.unwrap();
    assert!(open.iter().any(|one| one == &format!("未注销数字证书 1 个：{NUMBER}")), "{open:?}");
    keeping::keep(db, &c.keeper(), NUMBER, None, Deed::Close, "调离").await.unwrap();
    assert!(!handover::still_open(db, c.person(2)).await.unwrap().iter().any(|one| one.contains("证书")));
}

/// Many at the cabinet for the same certificate: it goes out once, and the schema itself would not have it twice.
#[tokio::test]
async fn of_many_who_hand_it_out_at_once_one_does() {
    let c = Cabinet::new().await;
    let race = (0..24).map(|_| c.draw(2, NUMBER));
    let won = join_all(race).await.into_iter().filter(Result::is_ok).count();
    assert_eq!((won, c.state(NUMBER).await), (1, State::Out));
    let db = &c.office.db;
    let held = loan::Entity::find().one(db.read()).await.unwrap().unwrap();
    let second = loan::Model { id: c.office.ctx.new_id(), number: "ZS-X".to_owned(), ..held };
    let written =
        db.write(async |tx| second.clone().into_active_model().insert(tx).await.map_err(hufu::db::DbError::from));
    assert!(written.await.is_err());
}

#[tokio::test]
async fn holders_are_asked_and_nobody_asks_themselves() {
    let c = Cabinet::new().await;
    let db = &c.office.db;
    let quiz = |n: usize, question: &str| NewQuiz {
        person: c.person(n),
        question: question.to_owned(),
        answer: "立即报告并注销".to_owned(),
        correct: true,
    };
    quizzes::ask(db, &c.leader(), &quiz(2, "证书遗失怎么办？")).await.unwrap();
    for outcome in [
        quizzes::ask(db, &c.leader(), &quiz(0, "证书能借给他人吗？")).await,
        quizzes::ask(db, &c.leader(), &quiz(2, " ")).await,
        quizzes::ask(db, &c.keeper(), &quiz(2, "证书能借给他人吗？")).await,
        quizzes::ask(db, &c.leader(), &NewQuiz { person: c.office.people[1][2], ..quiz(2, "问") }).await,
    ] {
        assert!(outcome.is_err(), "{outcome:?}");
    }
    assert_eq!(store::quizzes(db.read(), &c.leader(), 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn every_page_is_there_in_both_languages() {
    let c = Cabinet::new().await;
    let unit = Some(c.office.units[0]);
    c.draw(2, NUMBER).await.unwrap();
    let row = c.check(&[]).await.unwrap();
    let leader = browser(&c.office, c.person(0), Role::DutyLeader, unit);
    for (path, chinese, english) in [
        ("/certificates".to_owned(), "数字证书 2 个 · 领用中 1", "2 digital certificates · 1 out"),
        (format!("/certificates/kept/{NUMBER}"), "领用记录", "Loans"),
        ("/certificates/checks".to_owned(), "每日巡查", "Daily checks"),
        (format!("/certificates/checks/{}", row.id), "不符 1", "1 amiss"),
        ("/certificates/morning".to_owned(), "昨夜在外", "Out over night"),
        ("/certificates/quizzes".to_owned(), "登记抽考", "Enter a quiz"),
    ] {
        in_both_languages(&leader, &path, chinese, english).await;
    }
    let unit_id = c.office.units[0].to_string();
    let seen = [("unit", unit_id.as_str()), ("seen", "GA-442000-0002\nGA-X1")];
    let wrong = post(&leader, "/certificates/checks", &seen).await;
    assert!(status(&wrong) == 422 && wrong.text().contains("不是本单位"), "{}", wrong.text());
    let seen = [("unit", unit_id.as_str()), ("seen", "GA-442000-0002")];
    leads(&post(&leader, "/certificates/checks", &seen).await);
    leads(&post(&leader, &format!("/certificates/kept/{NUMBER}/return"), &[("note", "")]).await);
    assert_eq!(c.state(NUMBER).await, State::Kept);
    let alone = [("task", "审批"), ("due", "2026-11-01T06:00")];
    let refused = post(&leader, &format!("/certificates/kept/{NUMBER}/draw"), &alone).await;
    assert_eq!(status(&refused), 422, "nobody proved to be there");
    let badge = support::badge(0, 3);
    let new = [("number", "GA-8888"), ("holder", badge.as_str()), ("kept_at", "柜"), ("valid_until", "2027-01-01")];
    assert!(leads(&post(&leader, "/certificates", &new).await).starts_with("/certificates/kept/GA-8888"));
    let asked = [("person", badge.as_str()), ("question", "问"), ("answer", "答"), ("correct", "no")];
    leads(&post(&leader, "/certificates/quizzes", &asked).await);
    assert_eq!(certificate::Entity::find().all(c.office.db.read()).await.unwrap().len(), 3);
    let stranger = browser(&c.office, c.office.people[1][1], Role::AssetManager, Some(c.office.units[1]));
    assert_eq!(status(&stranger.get(&format!("/certificates/kept/{NUMBER}")).await), 404);
    let member = browser(&c.office, c.person(3), Role::Member, unit);
    assert_eq!(status(&member.get("/certificates/morning").await), 403);
}
