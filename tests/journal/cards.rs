//! The year's cards and those who answer for them: a life put right from a month on, a manager named and gone.

use chrono::{Datelike as _, NaiveDate};
use hufu::assets::card::kinds::Acquisition;
use hufu::assets::card::service::{self as cards, Edit};
use hufu::assets::responsible::service::{self as responsible, Naming};
use hufu::items::correcting::Facts;
use hufu::items::entity::item;
use hufu::org::entity::person::Duty;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::year::Year;

impl Year {
    pub(crate) async fn cards(&self) {
        let (db, ctx) = (&self.office.db, &self.ctx);
        let today = ctx.now().day();
        // Any of those that came by a batch and that no document holds now.
        let of_batch = item::Entity::find().filter(item::Column::ItemNumber.eq("ZC2026000003"));
        let thing = of_batch.one(db.read()).await.unwrap().unwrap();
        let (_, mut card) = cards::show(db.read(), ctx, &thing.item_number).await.unwrap();
        let bought = NaiveDate::from_ymd_opt(today.year() - 2, 1, 31).unwrap();
        card.acquisition = Some(Acquisition::Purchase);
        card.booked_on = Some(bought);
        card.in_service_on = Some(bought);
        let facts = Facts { acquired_on: Some(Some(bought)), ..Facts::default() };
        let edit = Edit { card, facts, from: None, reason: "按合同填写".to_owned() };
        let (_, mut card) = cards::set(db, ctx, &thing.item_number, None, &edit).await.unwrap();
        card.life_years = Some(8);
        let from = NaiveDate::from_ymd_opt(today.year() - 1, 3, 1);
        let longer = Edit { card, facts: Facts::default(), from, reason: "评估延长".to_owned() };
        cards::set(db, ctx, &thing.item_number, None, &longer).await.unwrap();
        let [_, manager, next, _] = self.office.people[0];
        let naming = |person| Naming {
            unit: self.office.units[0],
            duty: Duty::AssetManager,
            person,
            from: today,
            reason: "任免〔2026〕1号".to_owned(),
        };
        responsible::name(db, ctx, &naming(manager)).await.unwrap();
        let second = responsible::name(db, ctx, &naming(next)).await.unwrap();
        responsible::end(db, ctx, second.id, None, today, "调离").await.unwrap();
    }
}
