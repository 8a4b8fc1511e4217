//! The rest of the year: accounts and what they may, approvals, findings, subscribers. By the services alone.

use hufu::access::accounts::{self, Invited};
use hufu::access::entity::{grant, token};
use hufu::access::grants::{self, NewGrant};
use hufu::access::rules::{self, NewRule};
use hufu::access::setup::{self, FirstAdministrator, Setup};
use hufu::access::tokens::{self, NewToken};
use hufu::access::{Action, Role, closing, links};
use hufu::approvals::chains::{self, Chain, Tier};
use hufu::approvals::delegation::{self, NewDelegation};
use hufu::approvals::entity::{chain, request};
use hufu::approvals::model::{Level, State, Step};
use hufu::approvals::service::{self as approvals, NewRequest, Verdict};
use hufu::approvals::{Granted, unratified};
use hufu::findings::entity::finding;
use hufu::findings::model::State as Found;
use hufu::findings::service::{self as findings, NewEvidence};
use hufu::findings::{EvidenceKind, overdue};
use hufu::kernel::ids::{AccountId, ApprovalId, PersonId};
use hufu::kernel::rights::Scope;
use hufu::kernel::{Actor, Ctx, Fen, Timestamp};
use hufu::webhooks::Event;
use hufu::webhooks::service::{self as webhooks, NewWebhook};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::support::DAY;
use super::year::Year;

const PASSWORD: &str = "Fei-Chang-9527-Kou";
pub(super) const HEAD: (usize, usize) = (0, 0);
pub(super) const ASKING: (usize, usize) = (0, 2);
const STANDING_IN: (usize, usize) = (0, 3);
pub(super) const OUTSIDE: (usize, usize) = (2, 0);

impl Year {
    fn person(&self, (unit, n): (usize, usize)) -> PersonId {
        self.office.people[unit][n]
    }

    pub(super) fn as_person(&self, who: (usize, usize)) -> Ctx {
        self.ctx.acting_as(Actor::Person(self.person(who)), Scope::Everything)
    }

    async fn account(&self, login: &str, who: (usize, usize), role: Role, over: Option<usize>) -> Invited {
        let (db, ctx) = (&self.office.db, &self.ctx);
        let invited = accounts::create(db, ctx, login, self.person(who)).await.unwrap();
        self.grant(invited.account.id, role, over).await;
        invited
    }

    async fn grant(&self, account: AccountId, role: Role, over: Option<usize>) -> grant::Model {
        let unit = over.map(|unit| self.office.units[unit]);
        let new = NewGrant { account, role, unit, from: None, until: Some(Timestamp(self.ctx.now().0 + 300 * DAY)) };
        grants::give(&self.office.db, &self.ctx, new).await.unwrap()
    }

    async fn token(&self, account: AccountId, name: &str) -> token::Model {
        let new = NewToken {
            name: name.to_owned(),
            account,
            actions: vec![Action::ItemsRead],
            expires_at: Timestamp(self.ctx.now().0 + 30 * DAY),
        };
        tokens::issue(&self.office.db, &self.ctx, new).await.unwrap()
    }

    /// The first administrators, accounts, roles, devices' tokens and rules; somebody who leaves.
    pub(crate) async fn access(&self) {
        let (db, ctx) = (&self.office.db, &self.ctx);
        let first = |login: &str, name: &str, badge: &str| FirstAdministrator {
            login: login.to_owned(),
            name: name.to_owned(),
            badge_number: badge.to_owned(),
        };
        let setup = Setup {
            organisation: "裕安分局".to_owned(),
            unit: "D2".to_owned(),
            system: first("xitong", "系统员", "800001"),
            password: PASSWORD.to_owned(),
            security: first("anquan", "安全员", "800002"),
            audit: first("shenji", "审计员", "800003"),
        };
        let link = setup::link(db, ctx).await.unwrap().unwrap();
        setup::complete(db, ctx, &link, setup).await.unwrap();
        let head = self.account("zhang01", HEAD, Role::UnitHead, Some(0)).await;
        links::activate(db, ctx, &head.link, PASSWORD).await.unwrap();
        let asking = self.account("li01", ASKING, Role::Member, Some(0)).await.account;
        links::reset(db, ctx, asking.id).await.unwrap();
        accounts::reset_second_factor(db, ctx, asking.id).await.unwrap();
        accounts::order_new_password(db, ctx, asking.id).await.unwrap();
        accounts::unlock(db, ctx, asking.id).await.unwrap();
        let extra = self.grant(asking.id, Role::AssetManager, Some(0)).await;
        grants::end(db, ctx, extra.id).await.unwrap();
        let lost = self.token(head.account.id, "旧手持机").await;
        tokens::claim_here(db, ctx, lost.id).await.unwrap();
        tokens::revoke(db, ctx, lost.id).await.unwrap();
        let closed = self.account("wang01", (1, 3), Role::Member, Some(1)).await.account;
        self.token(closed.id, "手持机乙").await;
        accounts::close(db, ctx, closed.id).await.unwrap();
        let leaving = self.account("zhao01", (2, 3), Role::Member, Some(2)).await.account;
        self.token(leaving.id, "手持机丙").await;
        closing::close_person(db, ctx, self.person((2, 3)), &[]).await.unwrap();
        self.token(head.account.id, "手持机甲").await;
        let rule = NewRule {
            name: rules::SESSION_IDLE_MINUTES.to_owned(),
            value: "20".to_owned(),
            effective_from: None,
            source: "分局规定".to_owned(),
        };
        rules::set(db, ctx, rule).await.unwrap();
    }

    pub(crate) async fn subscribers(&self) {
        let (db, ctx) = (&self.office.db, &self.ctx);
        for n in 0..2 {
            let new = NewWebhook {
                url: format!("https://example.com/{n}"),
                events: Event::SUBSCRIBABLE.to_vec(),
                description: "平台".to_owned(),
            };
            let (row, _) = webhooks::create(db, ctx, &new).await.unwrap();
            webhooks::ping(db, ctx, row.id).await.unwrap();
            if n == 0 {
                webhooks::end(db, ctx, row.id).await.unwrap();
            }
        }
    }

    async fn ask(&self, subject: &str, urgent: bool) -> ApprovalId {
        let new = NewRequest {
            kind: "loan".to_owned(),
            subject_room: "test".to_owned(),
            subject_id: subject.to_owned(),
            unit: self.office.units[0],
            amount: Fen(100),
            reason: "因工作需要".to_owned(),
            payload: serde_json::json!({ "to": "某处" }),
            urgent,
        };
        approvals::create(&self.office.db, &self.as_person(ASKING), &new).await.unwrap().id
    }

    pub(super) async fn decide(&self, who: (usize, usize), id: ApprovalId, approved: bool) -> request::Model {
        let verdict = Verdict { step: 1, approved, reason: "已核".to_owned() };
        approvals::decide(&self.office.db, &self.as_person(who), &Granted, id, &verdict).await.unwrap()
    }

    /// Asked for and given, refused, taken back, done first and ratified in time, late, and not at all.
    pub(crate) async fn approvals(&self) {
        let db = &self.office.db;
        let head = chain::Model {
            kind: "loan".to_owned(),
            effective_from: self.ctx.now(),
            effective_until: None,
            name: "借用".to_owned(),
            source: "分局规定".to_owned(),
            ratify_within_h: Some(24),
        };
        let steps = vec![Step { role: Role::UnitHead, level: Level::OwnUnit }];
        chains::define(db, &self.ctx, Chain { head, tiers: vec![Tier { from: Fen::ZERO, steps }] }).await.unwrap();
        // Whoever stands in for a post must be one who decides.
        let standing_in = self.account("stands.in", STANDING_IN, Role::DutyLeader, Some(0)).await;
        links::activate(db, &self.ctx, &standing_in.link, PASSWORD).await.unwrap();
        let now = self.ctx.now();
        let new = NewDelegation {
            to: self.person(STANDING_IN),
            from_at: now,
            until_at: Timestamp(now.0 + 9 * DAY),
            reason: "出差".to_owned(),
        };
        let delegated = delegation::create(db, &self.as_person(HEAD), &Granted, &new).await.unwrap();
        let given = self.ask("甲", false).await;
        assert_eq!(self.decide(STANDING_IN, given, true).await.state, State::Approved);
        delegation::revoke(db, &self.as_person(HEAD), delegated.id).await.unwrap();
        let refused = self.ask("乙", false).await;
        self.decide(HEAD, refused, false).await;
        let asking = self.as_person(ASKING);
        let taken_back = self.ask("丙", false).await;
        approvals::withdraw(db, &asking, &Granted, taken_back, "不再需要").await.unwrap();
        let first = self.ask("丁", false).await;
        approvals::use_first(db, &asking, &Granted, first, "情况紧急").await.unwrap();
        assert_eq!(self.decide(HEAD, first, true).await.state, State::Ratified);
        let (late, never) = (self.ask("戊", true).await, self.ask("己", true).await);
        self.decide(HEAD, never, false).await;
        self.office.clock.advance_ms(2 * DAY);
        assert_eq!(unratified::mark(db, &self.ctx).await.unwrap(), 1);
        assert_eq!(self.decide(HEAD, late, true).await.state, State::Ratified);
        self.ask("庚", false).await;
    }

    /// What the campaign and the approvals left to explain: one goes the whole way and back, all run over their time.
    pub(crate) async fn findings(&self) {
        let db = &self.office.db;
        let of_approvals = finding::Entity::find().filter(finding::Column::OriginRoom.eq("approvals"));
        let of_approvals = of_approvals.filter(finding::Column::State.eq(Found::Open));
        let id = of_approvals.one(db.read()).await.unwrap().unwrap().id;
        let (owner, other) = (self.as_person(ASKING), self.as_person(OUTSIDE));
        findings::assign(db, &other, id.into(), self.person(ASKING), None).await.unwrap();
        findings::explain(db, &owner, id.into(), "情况如下").await.unwrap();
        findings::send_back(db, &other, id.into(), "写明时间").await.unwrap();
        findings::explain(db, &owner, id.into(), "情况如下，三月二日").await.unwrap();
        for kind in [EvidenceKind::Approval, EvidenceKind::Statement] {
            let new = NewEvidence { kind, note: "见附件".to_owned(), reference: Some("一号".to_owned()) };
            findings::add_evidence(db, &owner, id.into(), new).await.unwrap();
        }
        findings::verify(db, &other, id.into(), "属实").await.unwrap();
        findings::close(db, &other, id.into(), "销号").await.unwrap();
        findings::reopen(db, &other, id.into(), "有新情况").await.unwrap();
        self.office.clock.advance_ms(120 * DAY);
        assert!(overdue::mark(db, &self.ctx).await.unwrap() > 0);
    }
}
