//! An office with somebody in every post of an asset's life: heads, managers, the command centre, two bureau leaders.

use hufu::access::Role;
use hufu::approvals::entity::request;
use hufu::approvals::service::{self as approvals, Verdict};
use hufu::approvals::{ApprovalError, Holders, Posts};
use hufu::assets::AssetError;
use hufu::assets::movements::entity::movement;
use hufu::assets::movements::model::Kind;
use hufu::assets::movements::service::{self, Ask};
use hufu::assets::movements::steps::{self, Acceptance, Finish};
use hufu::db::DbError;
use hufu::items::entity::item;
use hufu::items::store;
use hufu::kernel::ids::{ApprovalId, PersonId, UnitId};
use hufu::kernel::{Ctx, Timestamp};
use sea_orm::{ConnectionTrait, EntityTrait as _};

use super::Office;
use super::web::holding;

/// Who holds what.
pub(crate) struct Roll(Vec<(PersonId, Role, Option<UnitId>)>);

impl Posts for Roll {
    async fn read<C: ConnectionTrait>(&self, _db: &C, _at: Timestamp) -> Result<Holders, DbError> {
        let mut holders = Holders::default();
        for (person, role, unit) in &self.0 {
            holders.add(*person, *role, *unit);
        }
        Ok(holders)
    }
}

pub(crate) struct Yard {
    pub(crate) office: Office,
    roll: Roll,
}

/// The first of a unit is its head, the second its asset manager.
const CENTRE: (usize, usize) = (2, 1);
const LEADERS: [(usize, usize); 2] = [(2, 2), (2, 3)];

impl Yard {
    pub(crate) async fn new() -> Self {
        let office = Office::found().await;
        let mut roll = vec![(office.people[2][1], Role::CommandCentre, None)];
        roll.extend(LEADERS.map(|(unit, n)| (office.people[unit][n], Role::BureauLeader, None)));
        roll.extend((0..3).map(|unit| (office.people[unit][0], Role::UnitHead, Some(office.units[unit]))));
        roll.push((office.people[0][3], Role::UnitHead, Some(office.units[0])));
        Self { office, roll: Roll(roll) }
    }

    pub(crate) fn manager(&self, unit: usize) -> Ctx {
        holding(&self.office, self.office.people[unit][1], Role::AssetManager, Some(self.office.units[unit]))
    }

    pub(crate) fn member(&self, unit: usize, n: usize) -> Ctx {
        holding(&self.office, self.office.people[unit][n], Role::Member, Some(self.office.units[unit]))
    }

    pub(crate) fn centre(&self) -> Ctx {
        holding(&self.office, self.office.people[CENTRE.0][CENTRE.1], Role::CommandCentre, None)
    }

    fn head(&self, unit: usize) -> Ctx {
        holding(&self.office, self.office.people[unit][0], Role::UnitHead, Some(self.office.units[unit]))
    }

    /// Another of the first unit who may decide as its head.
    pub(crate) fn deputy(&self) -> Ctx {
        holding(&self.office, self.office.people[0][3], Role::UnitHead, Some(self.office.units[0]))
    }

    /// Things `T-0` … of the first unit.
    pub(crate) async fn stock(&self, many: usize) -> Vec<item::Model> {
        let new: Vec<_> = (0..many).map(|n| self.office.new_item(&format!("T-{n}"), 0)).collect();
        self.office.register(&new).await
    }

    pub(crate) async fn thing(&self, number: &str) -> item::Model {
        store::by_number(self.office.db.read(), number).await.unwrap().unwrap()
    }

    pub(crate) async fn ask(&self, ctx: &Ctx, ask: &Ask) -> Result<movement::Model, AssetError> {
        service::ask(&self.office.db, ctx, ask).await
    }

    /// Asks as the first unit's manager, who is right.
    pub(crate) async fn asked(&self, ask: &Ask) -> movement::Model {
        self.ask(&self.manager(0), ask).await.unwrap()
    }

    /// A transfer of these things of the first unit to the second.
    pub(crate) fn transfer(&self, numbers: &[&str]) -> Ask {
        Ask { to_unit: Some(self.office.units[1]), ..plain(Kind::Transfer, numbers) }
    }

    pub(crate) async fn decide(
        &self,
        ctx: &Ctx,
        id: ApprovalId,
        approved: bool,
    ) -> Result<request::Model, ApprovalError> {
        let row = request::Entity::find_by_id(id).one(self.office.db.read()).await.unwrap().unwrap();
        let verdict = Verdict { step: row.step, approved, reason: "已阅".to_owned() };
        approvals::decide(&self.office.db, ctx, &self.roll, id, &verdict).await
    }

    pub(crate) async fn head_says(
        &self,
        row: &movement::Model,
        approved: bool,
    ) -> Result<request::Model, ApprovalError> {
        self.decide(&self.head(0), row.approval_id.unwrap(), approved).await
    }

    /// Whoever decides steps of chains, in their order.
    pub(crate) fn deciders(&self) -> [Ctx; 4] {
        let leaders =
            LEADERS.map(|(unit, n)| holding(&self.office, self.office.people[unit][n], Role::BureauLeader, None));
        let [first, second] = leaders;
        [self.head(0), self.centre(), first, second]
    }

    /// Every step of the chain says yes.
    pub(crate) async fn approve(&self, row: &movement::Model) {
        let id = row.approval_id.unwrap();
        for ctx in self.deciders() {
            let now = request::Entity::find_by_id(id).one(self.office.db.read()).await.unwrap().unwrap();
            if now.state.is_open() {
                self.decide(&ctx, id, true).await.unwrap();
            }
        }
    }

    pub(crate) async fn accept(&self, ctx: &Ctx, row: &movement::Model) -> Result<movement::Model, AssetError> {
        let to = Acceptance { place: Some(self.office.places[1][0]), keeper: Some(self.office.people[1][2]) };
        steps::accept(&self.office.db, ctx, &row.number, None, to).await
    }

    pub(crate) async fn carry_out(&self, ctx: &Ctx, row: &movement::Model) -> Result<movement::Model, AssetError> {
        steps::carry_out(&self.office.db, ctx, &row.number, None, &Finish::default()).await
    }

    pub(crate) async fn withdraw(&self, ctx: &Ctx, row: &movement::Model) -> Result<movement::Model, AssetError> {
        steps::withdraw(&self.office.db, ctx, &row.number, None, "不再需要").await
    }
}

/// Nothing but kind and things.
pub(crate) fn plain(kind: Kind, numbers: &[&str]) -> Ask {
    Ask::of(kind, numbers.iter().map(|number| (*number).to_owned()).collect(), "工作需要")
}

/// The sentence of a refusal.
pub(crate) fn said<T: std::fmt::Debug>(outcome: Result<T, AssetError>) -> String {
    outcome.unwrap_err().to_string()
}
