//! Approvals are given by who may give them: never one's own, never twice, in one's stead only as the rules say.

use std::sync::{Arc, Mutex};

use hashbrown::HashMap;
use hufu::access::entity::account::{self, AccountState};
use hufu::access::entity::grant;
use hufu::access::{Action, Role, matrix, permit_somewhere};
use hufu::approvals::chains::{self, Chain, Tier};
use hufu::approvals::delegation::{self, NewDelegation};
use hufu::approvals::entity::{chain, decision, request};
use hufu::approvals::model::{Level, Refusal, State, Step};
use hufu::approvals::service::{self, NewRequest, Verdict};
use hufu::approvals::store::{self, Wanted};
use hufu::approvals::{ApprovalError, Granted, Holders, Posts};
use hufu::chores;
use hufu::db::DbError;
use hufu::findings::entity::finding;
use hufu::findings::model::State as FindingState;
use hufu::handover;
use hufu::jobs::Runner;
use hufu::kernel::ids::{AccountId, ApprovalId, PersonId, UnitId};
use hufu::kernel::rights::{Reach, Scope};
use hufu::kernel::{Actor, Ctx, Fen, Timestamp};
use sea_orm::{ActiveModelTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::support::{DAY, MINUTE, Office};
use super::web::holding;

const HOUR: i64 = 60 * MINUTE;

/// Who holds what, as the test says.
#[derive(Default)]
struct Roll(Mutex<Vec<(PersonId, Role, Option<UnitId>)>>);

impl Posts for Roll {
    async fn read<C: ConnectionTrait>(&self, _db: &C, _at: Timestamp) -> Result<Holders, DbError> {
        let mut holders = Holders::default();
        for (person, role, unit) in self.0.lock().unwrap().iter() {
            holders.add(*person, *role, *unit);
        }
        Ok(holders)
    }
}

/// An office with somebody in every post: two bureau leaders, a command centre, a legal brigade, heads, a duty leader.
struct Bureau {
    office: Office,
    roll: Roll,
}

const LEADERS: [(usize, usize); 2] = [(2, 0), (2, 1)];
const CENTRE: (usize, usize) = (2, 2);
const LEGAL: (usize, usize) = (2, 3);
const HEAD: (usize, usize) = (0, 0);
const DUTY: (usize, usize) = (0, 1);
const OFFICER: (usize, usize) = (0, 2);
const COLLEAGUE: (usize, usize) = (0, 3);
const OTHER_HEAD: (usize, usize) = (1, 0);
const OTHER_DUTY: (usize, usize) = (1, 2);

impl Bureau {
    async fn new() -> Self {
        let bureau = Self { office: Office::found().await, roll: Roll::default() };
        for (who, role, over) in Self::posts() {
            let (person, unit) = (bureau.person(who), over.map(|unit| bureau.office.units[unit]));
            bureau.roll.0.lock().unwrap().push((person, role, unit));
        }
        bureau
    }

    fn posts() -> Vec<((usize, usize), Role, Option<usize>)> {
        vec![
            (LEADERS[0], Role::BureauLeader, None),
            (LEADERS[1], Role::BureauLeader, None),
            (CENTRE, Role::CommandCentre, None),
            (LEGAL, Role::Legal, None),
            (HEAD, Role::UnitHead, Some(0)),
            (OTHER_HEAD, Role::UnitHead, Some(1)),
            (DUTY, Role::DutyLeader, Some(0)),
            (OTHER_DUTY, Role::DutyLeader, Some(1)),
        ]
    }

    fn person(&self, (unit, n): (usize, usize)) -> PersonId {
        self.office.people[unit][n]
    }

    /// Somebody with the rights of their post, else those of a member of their unit.
    fn ctx(&self, who: (usize, usize)) -> Ctx {
        let post = Self::posts().into_iter().find(|(person, ..)| *person == who);
        let (role, over) = post.map_or((Role::Member, Some(who.0)), |(_, role, over)| (role, over));
        holding(&self.office, self.person(who), role, over.map(|unit| self.office.units[unit]))
    }

    fn asks(&self, kind: &str, subject: &str, amount: i64) -> NewRequest {
        NewRequest {
            kind: kind.to_owned(),
            subject_room: "test".to_owned(),
            subject_id: subject.to_owned(),
            unit: self.office.units[0],
            amount: Fen(amount),
            reason: "因工作需要".to_owned(),
            payload: json!({ "to": "某处" }),
            urgent: false,
        }
    }

    async fn request(&self, by: (usize, usize), kind: &str, subject: &str, amount: i64) -> ApprovalId {
        service::create(&self.office.db, &self.ctx(by), &self.asks(kind, subject, amount)).await.unwrap().id
    }

    async fn says(
        &self,
        who: (usize, usize),
        id: ApprovalId,
        step: i64,
        approved: bool,
    ) -> Result<request::Model, ApprovalError> {
        let verdict = Verdict { step, approved, reason: "同前".to_owned() };
        service::decide(&self.office.db, &self.ctx(who), &self.roll, id, &verdict).await
    }

    async fn decisions(&self, id: ApprovalId) -> Vec<decision::Model> {
        store::decisions(self.office.db.read(), &[id]).await.unwrap().remove(&id).unwrap_or_default()
    }

    async fn waits_for(&self, who: (usize, usize)) -> Vec<ApprovalId> {
        let wanted = Wanted { for_me: true, ..Wanted::default() };
        let found = store::list(self.office.db.read(), &self.ctx(who), &self.roll, &wanted, 50).await.unwrap();
        found.into_iter().map(|one| one.row.id).collect()
    }

    async fn delegates(
        &self,
        from: (usize, usize),
        to: (usize, usize),
        days: i64,
    ) -> Result<sea_orm::prelude::Uuid, ApprovalError> {
        let now = self.office.ctx.now();
        let new = NewDelegation {
            to: self.person(to),
            from_at: now,
            until_at: Timestamp(now.0 + days * DAY),
            reason: "出差".to_owned(),
        };
        // Whoever holds a post may have others decide in their name.
        let ctx = holding(&self.office, self.person(from), Role::UnitHead, Some(self.office.units[from.0]));
        Ok(delegation::create(&self.office.db, &ctx, &self.roll, &new).await?.id)
    }
}

fn refusal<T: std::fmt::Debug>(answer: Result<T, ApprovalError>) -> Refusal {
    match answer {
        Err(ApprovalError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_disposal_goes_by_its_steps_and_more_of_them_when_it_is_large() {
    let bureau = Bureau::new().await;
    for (amount, steps) in [(0, 3), (4_999_999, 3), (5_000_000, 4), (i64::MAX, 4)] {
        let subject = format!("A-{amount}");
        let id = bureau.request(OFFICER, "asset_disposal", &subject, amount).await;
        for (step, who) in (1..).zip([HEAD, CENTRE, LEADERS[0], LEADERS[1]].into_iter().take(steps)) {
            assert_eq!(bureau.waits_for(who).await, [id], "{who:?}");
            let row = bureau.says(who, id, step, true).await.unwrap();
            assert_eq!(row.state == State::Approved, usize::try_from(step).unwrap() == steps, "{amount} {step}");
            assert!(bureau.waits_for(who).await.is_empty());
        }
        assert!(
            bureau.decisions(id).await.iter().all(|one| one.approved && !one.substituted && one.on_behalf_of.is_none())
        );
        assert!(matches!(refusal(bureau.says(LEADERS[1], id, 3, false).await), Refusal::State { .. }));
    }
    let entries = hufu::journal::entity::Entity::find().all(bureau.office.db.read()).await.unwrap();
    assert_eq!(entries.iter().filter(|entry| entry.action == "approvals.decide").count(), 14);
}

#[tokio::test]
async fn nobody_decides_twice_nor_what_is_not_theirs() {
    let bureau = Bureau::new().await;
    let id = bureau.request(OFFICER, "property_public_warehouse", "C-1", 0).await;
    assert!(matches!(bureau.says(OTHER_HEAD, id, 1, true).await, Err(ApprovalError::NotFound)));
    assert!(matches!(bureau.says(COLLEAGUE, id, 1, true).await, Err(ApprovalError::Forbidden(_))));
    assert_eq!(refusal(bureau.says(DUTY, id, 1, true).await), Refusal::NotYours);
    assert_eq!(refusal(bureau.says(LEADERS[0], id, 1, true).await), Refusal::NotYours, "not over the head's head");
    assert_eq!(refusal(bureau.says(LEADERS[0], id, 2, true).await), Refusal::Step { now: 1, asked: 2 });
    bureau.says(HEAD, id, 1, true).await.unwrap();
    assert_eq!(refusal(bureau.says(HEAD, id, 1, true).await), Refusal::Step { now: 2, asked: 1 }, "once is enough");
    bureau.says(LEADERS[0], id, 2, true).await.unwrap();
    assert_eq!(refusal(bureau.says(LEADERS[0], id, 3, true).await), Refusal::DecidedBefore);
    bureau.says(LEADERS[1], id, 3, true).await.unwrap();
    let shown = store::one(bureau.office.db.read(), &bureau.ctx(OFFICER), &bureau.roll, id).await.unwrap();
    assert_eq!((shown.row.step, shown.deciders.len()), (4, 0), "two leaders are not three");
    let yes = Verdict { step: 4, approved: true, reason: String::new() };
    let local = service::decide(&bureau.office.db, &bureau.office.ctx, &bureau.roll, id, &yes);
    assert!(matches!(local.await, Err(ApprovalError::NoPerson)));
}

#[tokio::test]
async fn ones_own_request_goes_to_the_next_above_and_says_so() {
    let bureau = Bureau::new().await;
    let own = bureau.request(HEAD, "vehicle_trip", "T-1", 0).await;
    assert_eq!(refusal(bureau.says(HEAD, own, 1, true).await), Refusal::OwnRequest);
    assert!(bureau.waits_for(HEAD).await.is_empty());
    bureau.says(LEADERS[1], own, 1, true).await.unwrap();
    let said = &bureau.decisions(own).await[0];
    assert_eq!((said.role, said.substituted, said.post_unit_id), (Role::BureauLeader, true, None));
    let gun = bureau.request(DUTY, "firearm_draw", "G-1", 0).await;
    bureau.says(HEAD, gun, 1, true).await.unwrap();
    let said = &bureau.decisions(gun).await[0];
    assert_eq!((said.role, said.substituted), (Role::UnitHead, true));
    bureau.roll.0.lock().unwrap().retain(|(_, role, _)| *role != Role::UnitHead);
    let orphan = bureau.request(OFFICER, "vehicle_trip", "T-2", 0).await;
    assert_eq!(refusal(bureau.says(HEAD, orphan, 1, true).await), Refusal::NotYours, "a head no more");
    bureau.says(LEADERS[0], orphan, 1, true).await.unwrap();
}

#[tokio::test]
async fn who_may_no_longer_decide_anything_does_not_by_holding_a_post() {
    let bureau = Bureau::new().await;
    let id = bureau.request(OFFICER, "vehicle_trip", "T-1", 0).await;
    let stripped = holding(&bureau.office, bureau.person(HEAD), Role::Member, Some(bureau.office.units[0]));
    let verdict = Verdict { step: 1, approved: true, reason: String::new() };
    let answer = service::decide(&bureau.office.db, &stripped, &bureau.roll, id, &verdict).await;
    assert!(matches!(answer, Err(ApprovalError::Forbidden(_))), "{answer:?}");
}

#[tokio::test]
async fn a_delegation_has_its_days_and_goes_one_hand_far() {
    let bureau = Bureau::new().await;
    let delegated = bureau.delegates(HEAD, OTHER_HEAD, 2).await.unwrap();
    bureau.delegates(OTHER_HEAD, OTHER_DUTY, 9).await.unwrap();
    let ids = [1, 2, 3, 4].map(|n| format!("T-{n}"));
    let mut requests = Vec::new();
    for subject in &ids {
        requests.push(bureau.request(OFFICER, "vehicle_trip", subject, 0).await);
    }
    assert_eq!(bureau.waits_for(OTHER_HEAD).await.len(), 4);
    let from_hand_to_hand = bureau.says(OTHER_DUTY, requests[0], 1, true).await;
    assert!(matches!(from_hand_to_hand, Err(ApprovalError::NotFound)), "{from_hand_to_hand:?}");
    bureau.says(OTHER_HEAD, requests[0], 1, true).await.unwrap();
    let said = &bureau.decisions(requests[0]).await[0];
    assert_eq!((said.decided_by, said.on_behalf_of), (bureau.person(OTHER_HEAD), Some(bureau.person(HEAD))));
    assert!(!said.substituted);
    bureau.office.clock.advance_ms(2 * DAY - 1);
    bureau.says(OTHER_HEAD, requests[1], 1, true).await.unwrap();
    bureau.office.clock.advance_ms(1);
    assert!(
        matches!(bureau.says(OTHER_HEAD, requests[2], 1, true).await, Err(ApprovalError::NotFound)),
        "its days are over"
    );
    bureau.office.clock.advance_ms(-DAY);
    bureau.says(OTHER_HEAD, requests[2], 1, true).await.unwrap();
    let stranger = holding(&bureau.office, bureau.person(COLLEAGUE), Role::UnitHead, Some(bureau.office.units[0]));
    assert!(matches!(
        delegation::revoke(&bureau.office.db, &stranger, delegated).await,
        Err(ApprovalError::NoDelegation)
    ));
    for _ in 0..2 {
        delegation::revoke(&bureau.office.db, &bureau.ctx(HEAD), delegated).await.unwrap();
    }
    assert!(matches!(bureau.says(OTHER_HEAD, requests[3], 1, true).await, Err(ApprovalError::NotFound)));
}

#[tokio::test]
async fn no_delegation_gets_around_the_requester_or_the_second_pair_of_eyes() {
    let bureau = Bureau::new().await;
    bureau.delegates(HEAD, DUTY, 9).await.unwrap();
    let own = bureau.request(DUTY, "vehicle_trip", "T-1", 0).await;
    assert_eq!(refusal(bureau.says(DUTY, own, 1, true).await), Refusal::OwnRequest, "the delegate asked");
    let heads = bureau.request(HEAD, "vehicle_trip", "T-2", 0).await;
    assert_eq!(refusal(bureau.says(DUTY, heads, 1, true).await), Refusal::NotYours, "the principal asked");
    let disposal = bureau.request(OFFICER, "asset_disposal", "A-1", 5_000_000).await;
    bureau.delegates(LEADERS[0], DUTY, 9).await.unwrap();
    bureau.delegates(LEADERS[1], LEGAL, 9).await.unwrap();
    bureau.says(DUTY, disposal, 1, true).await.unwrap();
    bureau.says(CENTRE, disposal, 2, true).await.unwrap();
    assert_eq!(refusal(bureau.says(DUTY, disposal, 3, true).await), Refusal::DecidedBefore, "another's name, one hand");
    assert_eq!(refusal(bureau.says(HEAD, disposal, 3, true).await), Refusal::DecidedBefore, "one's name was used");
    bureau.says(LEGAL, disposal, 3, true).await.unwrap();
    assert_eq!(refusal(bureau.says(LEADERS[1], disposal, 4, true).await), Refusal::DecidedBefore);
    bureau.says(LEADERS[0], disposal, 4, true).await.unwrap();
    for (to, days) in [(HEAD, 9), (DUTY, 0), (DUTY, -1), (DUTY, 400)] {
        let answer = bureau.delegates(HEAD, to, days).await;
        assert!(matches!(answer, Err(ApprovalError::Field { .. })), "{to:?} {days}: {answer:?}");
    }
}

#[tokio::test]
async fn who_decides_for_another_decides_things_themselves() {
    let bureau = Bureau::new().await;
    let (office, db) = (&bureau.office, &bureau.office.db);
    for post in [(COLLEAGUE, Role::SystemAdministrator), (COLLEAGUE, Role::UnitHead), ((1, 3), Role::AssetManager)] {
        bureau.roll.0.lock().unwrap().push((bureau.person(post.0), post.1, None));
    }
    for (to, why) in [(OFFICER, "no role"), (COLLEAGUE, "an administrator"), ((1, 3), "a role that decides nothing")] {
        let answer = bureau.delegates(HEAD, to, 9).await;
        assert!(matches!(answer, Err(ApprovalError::Field { field: "to_person", .. })), "{why}: {answer:?}");
    }
    bureau.delegates(HEAD, DUTY, 9).await.unwrap();
    let id = bureau.request(OFFICER, "vehicle_trip", "T-1", 0).await;
    let yes = Verdict { step: 1, approved: true, reason: String::new() };
    let me = || Actor::Person(bureau.person(DUTY));
    let printing = HashMap::from([(Action::LabelsPrint.name(), Reach::Everywhere)]);
    for (why, scope) in [
        ("must see to their credentials first", matrix::scope_of(&[])),
        ("a token for something else", Scope::Rights(Arc::new(printing))),
        ("a member", matrix::scope_of(&[(Role::Member, Reach::Everywhere)])),
        ("an administrator", matrix::scope_of(&[(Role::SystemAdministrator, Reach::Everywhere)])),
    ] {
        let ctx = office.ctx.acting_as(me(), scope);
        let answer = service::decide(db, &ctx, &bureau.roll, id, &yes).await;
        assert!(matches!(answer, Err(ApprovalError::Forbidden(_))), "{why}: {answer:?}");
        let wanted = Wanted { for_me: true, ..Wanted::default() };
        assert!(store::list(db.read(), &ctx, &bureau.roll, &wanted, 9).await.unwrap().is_empty(), "{why}");
        let reads = permit_somewhere(&ctx, Action::ApprovalsRead).is_ok();
        assert_eq!(store::one(db.read(), &ctx, &bureau.roll, id).await.is_ok(), reads, "{why}");
    }
    bureau.says(DUTY, id, 1, true).await.unwrap();
}

#[tokio::test]
async fn a_delegation_does_not_begin_before_it_is_made() {
    let bureau = Bureau::new().await;
    let now = bureau.office.ctx.now();
    // How long before now it is to begin, and how long before now it then does.
    for (before, begins) in [(300 * DAY, None), (6 * MINUTE, None), (MINUTE, Some(0)), (0, Some(0)), (-DAY, Some(-DAY))]
    {
        let new = NewDelegation {
            to: bureau.person(DUTY),
            from_at: Timestamp(now.0 - before),
            until_at: Timestamp(now.0 + 9 * DAY),
            reason: "出差".to_owned(),
        };
        let made = delegation::create(&bureau.office.db, &bureau.ctx(HEAD), &bureau.roll, &new).await;
        match begins {
            Some(begins) => assert_eq!(made.unwrap().valid_from, Timestamp(now.0 - begins)),
            None => assert!(matches!(made, Err(ApprovalError::Field { field: "from_at", .. })), "{made:?}"),
        }
    }
}

#[tokio::test]
async fn who_may_no_longer_ask_neither_takes_back_nor_uses() {
    let bureau = Bureau::new().await;
    let db = &bureau.office.db;
    let id = bureau.request(OFFICER, "vehicle_trip", "T-1", 0).await;
    let elsewhere = Some(bureau.office.units[1]);
    for (role, over) in [(Role::Inspector, None), (Role::SystemAdministrator, None), (Role::Member, elsewhere)] {
        let ctx = holding(&bureau.office, bureau.person(OFFICER), role, over);
        let back = service::withdraw(db, &ctx, &bureau.roll, id, "不需要了").await;
        assert!(matches!(back, Err(ApprovalError::Forbidden(_))), "{role:?}: {back:?}");
        let used = service::use_first(db, &ctx, &bureau.roll, id, "出警").await;
        assert!(matches!(used, Err(ApprovalError::Forbidden(_))), "{role:?}: {used:?}");
    }
    service::withdraw(db, &bureau.ctx(OFFICER), &bureau.roll, id, "不需要了").await.unwrap();
}

#[tokio::test]
async fn of_two_at_once_one_decides() {
    let bureau = Bureau::new().await;
    let id = bureau.request(OFFICER, "firearm_bulk", "G-1", 0).await;
    let (one, two) = tokio::join!(bureau.says(DUTY, id, 1, true), bureau.says(DUTY, id, 1, false));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    let id = bureau.request(OFFICER, "firearm_bulk", "G-2", 0).await;
    bureau.says(DUTY, id, 1, true).await.unwrap();
    let (one, two) = tokio::join!(bureau.says(LEADERS[0], id, 2, true), bureau.says(LEADERS[1], id, 2, false));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    let late = [one, two].into_iter().find_map(Result::err).unwrap();
    assert!(
        matches!(late, ApprovalError::Refused(Refusal::State { .. }) | ApprovalError::Db(DbError::Stale)),
        "{late:?}"
    );
    assert_eq!(bureau.decisions(id).await.len(), 2);
    let ask = bureau.asks("vehicle_trip", "T-1", 0);
    let ctx = bureau.ctx(OFFICER);
    let (one, two) =
        tokio::join!(service::create(&bureau.office.db, &ctx, &ask), service::create(&bureau.office.db, &ctx, &ask),);
    assert!(one.is_ok() != two.is_ok(), "one open request for one thing");
}

#[tokio::test]
async fn only_who_asked_takes_it_back_and_only_before_it_is_decided() {
    let bureau = Bureau::new().await;
    let db = &bureau.office.db;
    let id = bureau.request(OFFICER, "asset_issue", "A-1", 0).await;
    let back = async |who| service::withdraw(db, &bureau.ctx(who), &bureau.roll, id, "不需要了").await;
    assert_eq!(refusal(back(HEAD).await), Refusal::NotTheRequester);
    assert!(matches!(back(OTHER_HEAD).await, Err(ApprovalError::NotFound)));
    assert_eq!(back(OFFICER).await.unwrap().state, State::Withdrawn);
    assert!(matches!(refusal(back(OFFICER).await), Refusal::State { .. }));
    assert!(matches!(refusal(bureau.says(HEAD, id, 1, true).await), Refusal::State { .. }));
    let again = bureau.request(OFFICER, "asset_issue", "A-1", 0).await;
    assert_eq!(bureau.says(HEAD, again, 1, false).await.unwrap().state, State::Refused);
    let silent = Verdict { step: 1, approved: false, reason: "  ".to_owned() };
    let third = bureau.request(OFFICER, "asset_issue", "A-1", 0).await;
    let answer = service::decide(db, &bureau.ctx(HEAD), &bureau.roll, third, &silent).await;
    assert!(matches!(answer, Err(ApprovalError::Field { field: "reason", .. })), "a no says why");
}

#[tokio::test]
async fn what_could_not_wait_is_ratified_or_flagged() {
    let bureau = Bureau::new().await;
    let db = &bureau.office.db;
    let runner = Runner::new(db.clone(), chores::ctx(&bureau.office.ctx), chores::handlers());
    chores::prepare(db, &bureau.office.ctx).await.unwrap();
    let urgent = async |kind: &str, subject: &str| {
        let ask = NewRequest { urgent: true, ..bureau.asks(kind, subject, 0) };
        service::create(db, &bureau.ctx(OFFICER), &ask).await
    };
    let found = async || finding::Entity::find().all(db.read()).await.unwrap();
    assert_eq!(refusal(urgent("asset_disposal", "A-1").await), Refusal::NotUrgent);
    let soon = urgent("vehicle_trip", "T-1").await.unwrap();
    assert_eq!((soon.state, soon.ratify_by), (State::Used, Some(Timestamp(bureau.office.ctx.now().0 + 24 * HOUR))));
    let officer = bureau.ctx(OFFICER).person().unwrap();
    let owes = async || db.write(async |tx| handover::owes(tx, officer).await).await.unwrap();
    assert!(owes().await, "whoever used first does not leave before it is ratified");
    assert!(matches!(
        refusal(service::withdraw(db, &bureau.ctx(OFFICER), &bureau.roll, soon.id, "x").await),
        Refusal::State { .. }
    ));
    assert_eq!(bureau.says(HEAD, soon.id, 1, true).await.unwrap().state, State::Ratified);
    assert!(!owes().await);
    let refused = urgent("vehicle_trip", "T-2").await.unwrap();
    assert_eq!(bureau.says(HEAD, refused.id, 1, false).await.unwrap().state, State::NotRatified);
    assert_eq!(found().await.len(), 1, "at once");
    let waits = bureau.request(OFFICER, "vehicle_trip", "T-3", 0).await;
    let stranger = service::use_first(db, &bureau.ctx(HEAD), &bureau.roll, waits, "出警").await;
    assert_eq!(refusal(stranger), Refusal::NotTheRequester);
    service::use_first(db, &bureau.ctx(OFFICER), &bureau.roll, waits, "出警").await.unwrap();
    for (hours, findings) in [(0, 1), (24, 1), (1, 2), (1, 2), (-20, 2), (40, 2)] {
        bureau.office.clock.advance_ms(hours * HOUR);
        runner.run_due().await.unwrap();
        assert_eq!(found().await.len(), findings, "{hours} hours on");
    }
    let late = bureau.says(HEAD, waits, 1, true).await.unwrap();
    assert!(late.state == State::Ratified && late.flagged_at.is_some());
    let states: Vec<_> = found().await.into_iter().map(|row| (row.origin_id, row.state)).collect();
    assert!(states.contains(&(format!("request/{waits}"), FindingState::Explained)), "{states:?}");
    assert!(states.contains(&(format!("request/{}", refused.id), FindingState::Open)), "{states:?}");
}

fn new_chain(kind: &str, from: Timestamp, tiers: &[(i64, usize)]) -> Chain {
    let step = Step { role: Role::UnitHead, level: Level::OwnUnit };
    Chain {
        head: chain::Model {
            kind: kind.to_owned(),
            effective_from: from,
            effective_until: None,
            name: "用车".to_owned(),
            source: "分局规定〔2026〕1号".to_owned(),
            ratify_within_h: Some(12),
        },
        tiers: tiers.iter().map(|(from, steps)| Tier { from: Fen(*from), steps: vec![step; *steps] }).collect(),
    }
}

#[tokio::test]
async fn a_chain_holds_from_its_day_and_a_request_keeps_the_steps_it_was_made_under() {
    let bureau = Bureau::new().await;
    let (db, admin) =
        (&bureau.office.db, holding(&bureau.office, bureau.person((1, 1)), Role::SecurityAdministrator, None));
    let now = bureau.office.ctx.now();
    let tomorrow = Timestamp(now.0 + DAY);
    let before = bureau.request(OFFICER, "vehicle_trip", "T-1", 0).await;
    chains::define(db, &admin, new_chain("vehicle_trip", tomorrow, &[(0, 2)])).await.unwrap();
    let again = chains::define(db, &admin, new_chain("vehicle_trip", tomorrow, &[(0, 1)])).await;
    assert!(matches!(again, Err(ApprovalError::ChainExists)), "{again:?}");
    let still = bureau.request(OFFICER, "vehicle_trip", "T-2", 0).await;
    bureau.office.clock.advance_ms(DAY);
    let after = bureau.request(OFFICER, "vehicle_trip", "T-3", 0).await;
    let mut steps = Vec::new();
    for id in [before, still, after] {
        let shown = store::one(db.read(), &bureau.ctx(OFFICER), &bureau.roll, id).await.unwrap();
        steps.push(store::steps_of(&shown.row).len());
    }
    assert_eq!(steps, [1, 1, 2]);
    assert_eq!(bureau.says(HEAD, before, 1, true).await.unwrap().state, State::Approved);
    let mut ends = new_chain("short_lived", Timestamp(bureau.office.ctx.now().0), &[(0, 1)]);
    ends.head.effective_until = Some(Timestamp(bureau.office.ctx.now().0 + DAY));
    chains::define(db, &admin, ends).await.unwrap();
    bureau.request(OFFICER, "short_lived", "S-1", 0).await;
    bureau.office.clock.advance_ms(DAY);
    let over = service::create(db, &bureau.ctx(OFFICER), &bureau.asks("short_lived", "S-2", 0)).await;
    assert!(matches!(over, Err(ApprovalError::NoChain(_))), "{over:?}");
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let bureau = Bureau::new().await;
    let (db, admin) =
        (&bureau.office.db, holding(&bureau.office, bureau.person((1, 1)), Role::SecurityAdministrator, None));
    let now = bureau.office.ctx.now();
    for (what, chain) in [
        ("kind", new_chain("Vehicle'; --", now, &[(0, 1)])),
        ("kind", new_chain("", now, &[(0, 1)])),
        ("effective_from", new_chain("x", Timestamp(now.0 - 1), &[(0, 1)])),
        ("tiers", new_chain("x", now, &[])),
        ("tiers", new_chain("x", now, &[(1, 1)])),
        ("tiers", new_chain("x", now, &[(0, 0)])),
        ("tiers", new_chain("x", now, &[(0, 11)])),
        ("tiers", new_chain("x", now, &[(0, 1), (5, 1), (5, 2)])),
        ("tiers", new_chain("x", now, &[(0, 1), (-5, 1)])),
    ] {
        let answer = chains::define(db, &admin, chain.clone()).await;
        assert!(matches!(answer, Err(ApprovalError::Field { field, .. }) if field == what), "{what}: {answer:?}");
    }
    let mut odd = new_chain("x", now, &[(0, 1)]);
    odd.tiers[0].steps[0].role = Role::Member;
    assert!(matches!(chains::define(db, &admin, odd).await, Err(ApprovalError::Field { field: "tiers", .. })));
    let head = chains::define(db, &bureau.ctx(HEAD), new_chain("x", now, &[(0, 1)])).await;
    assert!(matches!(head, Err(ApprovalError::Forbidden(_))));
    let good = bureau.asks("vehicle_trip", "T-1", 0);
    for (field, bad) in [
        ("reason", NewRequest { reason: " ".to_owned(), ..good.clone() }),
        ("reason", NewRequest { reason: "x\0".to_owned(), ..good.clone() }),
        ("reason", NewRequest { reason: "长".repeat(2001), ..good.clone() }),
        ("subject_id", NewRequest { subject_id: "x".repeat(201), ..good.clone() }),
        ("subject_room", NewRequest { subject_room: String::new(), ..good.clone() }),
        ("amount_fen", NewRequest { amount: Fen(-1), ..good.clone() }),
        ("payload", NewRequest { payload: json!({ "x": "\0" }), ..good.clone() }),
        ("payload", NewRequest { payload: json!("y".repeat(20_001)), ..good.clone() }),
    ] {
        let answer = service::create(db, &bureau.ctx(OFFICER), &bad).await;
        assert!(
            matches!(&answer, Err(ApprovalError::Field { field: named, .. }) if *named == field),
            "{field}: {answer:?}"
        );
    }
    let elsewhere = NewRequest { unit: bureau.office.units[1], ..good };
    assert!(matches!(service::create(db, &bureau.ctx(OFFICER), &elsewhere).await, Err(ApprovalError::Forbidden(_))));
    for sql in [
        "UPDATE approval_decisions SET approved = TRUE",
        "DELETE FROM approval_chains",
        "UPDATE approval_steps SET role = 'member'",
        "UPDATE approval_requests SET state = 'approved'",
    ] {
        let id = bureau.request(OFFICER, "asset_transfer", sql, 0).await;
        bureau.says(HEAD, id, 1, true).await.unwrap();
        bureau.request(OFFICER, "asset_issue", sql, 0).await;
        db.read().execute_unprepared(sql).await.unwrap_err();
    }
}

#[tokio::test]
async fn who_holds_a_post_is_read_from_the_grants_in_force() {
    let bureau = Bureau::new().await;
    let office = &bureau.office;
    let now = office.ctx.now();
    let give = async |who: (usize, usize), account: AccountState, from: i64, until: Option<i64>, ended: bool| {
        let id: AccountId = office.ctx.new_id();
        let account = account::Model {
            id,
            login: format!("u{}{}", who.0, who.1),
            login_key: format!("U{}{}", who.0, who.1),
            person_id: bureau.person(who),
            state: account,
            created_at: now,
            closed_at: (account == AccountState::Closed).then_some(now),
            version: 1,
        };
        let row = grant::Model {
            id: office.ctx.new_id(),
            account_id: id,
            role: Role::UnitHead,
            unit_id: Some(office.units[0]),
            valid_from: Timestamp(now.0 + from),
            valid_until: until.map(|ms| Timestamp(now.0 + ms)),
            granted_by: "test".to_owned(),
            granted_at: now,
            ended_at: ended.then_some(now),
            version: 1,
        };
        let written = office.db.write(async |tx| {
            account.clone().into_active_model().insert(tx).await?;
            row.clone().into_active_model().insert(tx).await?;
            Ok::<_, DbError>(())
        });
        written.await.unwrap();
    };
    give((0, 0), AccountState::Active, 0, Some(2 * DAY), false).await;
    give((0, 1), AccountState::Closed, 0, None, false).await;
    give((0, 3), AccountState::Active, 0, None, true).await;
    give((1, 0), AccountState::Active, DAY, None, false).await;
    give((1, 1), AccountState::Invited, 0, None, false).await;
    let id = bureau.request(OFFICER, "vehicle_trip", "T-1", 0).await;
    for (days, expected) in [(0, vec![(0, 0)]), (1, vec![(0, 0), (1, 0)]), (1, vec![(1, 0)])] {
        office.clock.advance_ms(days * DAY);
        let shown = store::one(office.db.read(), &bureau.ctx(OFFICER), &Granted, id).await.unwrap();
        let mut deciders = shown.deciders;
        deciders.sort_unstable();
        let mut expected: Vec<_> = expected.into_iter().map(|who| bureau.person(who)).collect();
        expected.sort_unstable();
        assert_eq!(deciders, expected, "{days} days on");
    }
}
