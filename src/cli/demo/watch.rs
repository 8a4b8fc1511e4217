//! Who watches over the arms of the made-up sub-bureau: a week of remote inspections with some left out and a check that
//! failed, one on site and a special one, two audits by sample, who went into the stores, two bulletins.

use chrono::Days;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::Stage;
use super::sample::{Sample, UnitAt};
use crate::access::entity::{account, grant};
use crate::access::grants::{self, NewGrant};
use crate::access::{CoSigner, Role};
use crate::cli::CliError;
use crate::db::{Db, DbError};
use crate::firearms::audits::answers::{self, Found};
use crate::firearms::audits::model::LineKind;
use crate::firearms::audits::{service as audits, store as audit_store};
use crate::firearms::bulletins::facts::Week;
use crate::firearms::bulletins::service as bulletins;
use crate::firearms::entity::{arm, armoury};
use crate::firearms::inspections::model::{Kind, Outcome};
use crate::firearms::inspections::service::{self as inspections, Answers, NewInspection, asked};
use crate::firearms::model::StoreKind;
use crate::firearms::shifts::visits::{self, NewVisit};
use crate::firearms::store as registry;
use crate::kernel::rights::Scope;
use crate::kernel::{Actor, Ctx, Timestamp};
use crate::org::Directory;

/// The public-order brigade, whose head inspects.
const BRIGADE: UnitAt = UnitAt(3);
/// How many days back the inspections begin.
const DAYS: u64 = 8;
const HOUR: i64 = 3_600_000;

struct Watch<'a> {
    db: &'a Db,
    stage: Stage,
    by: CoSigner,
    stores: Vec<armoury::Model>,
}

/// Plays it. Nothing when nobody of the brigade has an account.
///
/// # Errors
/// When the database refuses.
pub(super) async fn play(db: &Db, ctx: &Ctx, sample: &Sample, directory: &Directory) -> Result<(), CliError> {
    let mut stage = Stage::at(ctx.now(), sample.spec.seed ^ 0xA4);
    stage.ctx = stage.ctx.hashing_with(ctx.hash);
    let head = sample.unit(BRIGADE).head;
    let person = directory.find_person(&sample.person(head).badge_number, None)?;
    let of = account::Entity::find().filter(account::Column::PersonId.eq(person));
    let Some(account) = of.one(db.read()).await.map_err(DbError::from)? else { return Ok(()) };
    let acting = stage.ctx.acting_as(Actor::Person(person), Scope::Everything);
    let by = CoSigner { person, account: account.id, ctx: acting };
    let stores = registry::armouries(db.read(), &stage.ctx).await?;
    in_post(db, &stage, &by, ctx.now()).await?;
    let watch = Watch { db, stage, by, stores };
    watch.days(ctx.now()).await?;
    watch.audits(ctx.now()).await?;
    watch.visits(ctx.now()).await?;
    watch.bulletins(ctx.now()).await
}

/// The play begins before the account that is made for its end: whoever inspects held the post then already.
async fn in_post(db: &Db, stage: &Stage, by: &CoSigner, now: Timestamp) -> Result<(), CliError> {
    let held = grant::Entity::find()
        .filter(grant::Column::AccountId.eq(by.account))
        .filter(grant::Column::Role.eq(Role::PublicOrder));
    let held = held.one(db.read()).await.map_err(DbError::from)?;
    let until = held.map_or(now, |row| row.valid_from);
    let begins = now.day().checked_sub_days(Days::new(DAYS + 1)).unwrap_or_else(|| now.day());
    stage.clock.set(Timestamp::start_of_day(begins));
    let before = NewGrant { account: by.account, role: Role::PublicOrder, unit: None, from: None, until: Some(until) };
    grants::give(db, &stage.ctx, before).await?;
    Ok(())
}

impl Watch<'_> {
    async fn inspect(&self, of: &armoury::Model, kind: Kind, failed: &[&str]) -> Result<String, CliError> {
        let occasion = if kind == Kind::Special { "公务用枪专项整治检查".to_owned() } else { String::new() };
        let new = NewInspection { armoury: of.number.clone(), kind, occasion };
        let row = inspections::open(self.db, &self.by.ctx, &new).await?;
        let answer = |check: &&crate::firearms::inspections::checklist::Check| {
            let fails = failed.contains(&check.code);
            let (outcome, remark) = if fails { (Outcome::Fail, "已通知当场整改") } else { (Outcome::Pass, "") };
            (check.code.to_owned(), outcome, remark.to_owned())
        };
        let checks = asked(&row, of).iter().map(answer).collect();
        let problems = if failed.is_empty() { "无" } else { "见不合格项" };
        let answers =
            Answers { checks, problems: Some(problems.to_owned()), reported_to: Some("分局指挥中心".to_owned()) };
        inspections::answer(self.db, &self.by.ctx, &row.number, None, &answers).await?;
        Ok(row.number)
    }

    async fn signed(&self, of: &armoury::Model, kind: Kind, failed: &[&str]) -> Result<(), CliError> {
        let number = self.inspect(of, kind, failed).await?;
        inspections::sign(self.db, &self.by, &[number]).await?;
        Ok(())
    }

    /// Every day at three; every ninth store left out; today some done, one filled in and not signed, the rest to do.
    async fn days(&self, now: Timestamp) -> Result<(), CliError> {
        let mut turn = 0;
        for back in (1..=DAYS).rev() {
            let day = now.day().checked_sub_days(Days::new(back)).unwrap_or_else(|| now.day());
            self.stage.clock.set(Timestamp(Timestamp::start_of_day(day).0 + 15 * HOUR));
            for of in &self.stores {
                turn += 1;
                if turn % 9 == 0 {
                    continue;
                }
                let failed: &[&str] = if turn % 31 == 0 { &["video"] } else { &[] };
                self.signed(of, Kind::Daily, failed).await?;
                self.stage.clock.advance_ms(HOUR / 20);
            }
            let [Some(first), Some(second)] = [self.stores.first(), self.stores.get(1)] else { return Ok(()) };
            match back {
                6 => self.signed(first, Kind::Special, &["fire", "drill"]).await?,
                4 => self.signed(second, Kind::OnSite, &[]).await?,
                _ => {}
            }
        }
        self.stage.clock.set(now);
        let today = self.stores.len().saturating_sub(3);
        for of in self.stores.iter().take(today) {
            self.signed(of, Kind::Daily, &[]).await?;
        }
        if let Some(of) = self.stores.get(today) {
            self.inspect(of, Kind::Daily, &[]).await?;
        }
        Ok(())
    }

    /// One closed with a gun in another slot than the book's, one drawn and waiting.
    async fn audits(&self, now: Timestamp) -> Result<(), CliError> {
        let guns: Vec<&armoury::Model> = self.stores.iter().filter(|of| of.kind == StoreKind::Gun).collect();
        let [Some(first), Some(second)] = [guns.first(), guns.get(1)] else { return Ok(()) };
        let ctx = &self.by.ctx;
        self.stage.clock.set(Timestamp(now.0 - 2 * 24 * HOUR));
        let number = audits::commit(self.db, ctx, &first.number, 90, 15).await?.number;
        self.stage.clock.advance_ms(HOUR / 6);
        let row = audits::draw(self.db, ctx, &number, None).await?;
        let mut moved = false;
        for line in audit_store::lines(self.db.read(), row.id).await? {
            let (there, read) = self.seen(&line).await?;
            // The first gun that is there stands in the last slot.
            let astray = line.kind == LineKind::Gun && there && !std::mem::replace(&mut moved, there);
            let read = if astray { "1-24".to_owned() } else { read };
            let found = Found { line: line.line, there, read, rounds: None };
            answers::answer(self.db, ctx, &number, &found).await?;
        }
        audits::close(self.db, ctx, &number, None).await?;
        self.stage.clock.set(now);
        let number = audits::commit(self.db, ctx, &second.number, 95, 10).await?.number;
        audits::draw(self.db, ctx, &number, None).await?;
        Ok(())
    }

    /// What lies where the book says.
    async fn seen(&self, line: &crate::firearms::audits::entity::line::Model) -> Result<(bool, String), CliError> {
        let db = self.db.read();
        if let Some(item) = line.item_id {
            let gun = registry::by_id(db, item).await?;
            return Ok((gun.is_some_and(|gun| gun.arm.state.is_on_shelf()), String::new()));
        }
        let here = arm::Entity::find()
            .filter(arm::Column::CabinetId.eq(line.cabinet_id))
            .filter(arm::Column::Slot.eq(line.slot))
            .one(db)
            .await
            .map_err(DbError::from)?;
        let there = here.filter(|gun| gun.state.is_on_shelf());
        Ok((there.is_some(), there.map(|gun| gun.serial).unwrap_or_default()))
    }

    async fn visits(&self, now: Timestamp) -> Result<(), CliError> {
        let visitors = [
            (70, 1, "梁国安", "擦拭保养"),
            (50, 2, "陈志强", "专项检查"),
            (26, 0, "何家明", "取遗留物品"),
            (1, 1, "黄伟杰", "清点弹药"),
        ];
        for (of, (hours, companions, visitor, reason)) in self.stores.iter().zip(visitors) {
            self.stage.clock.set(Timestamp(now.0 - hours * HOUR));
            let new = NewVisit {
                armoury: of.number.clone(),
                visitor: visitor.to_owned(),
                post: "枪管员".to_owned(),
                companions,
                reason: reason.to_owned(),
            };
            let row = visits::enter(self.db, &self.stage.ctx, &new).await?;
            if hours > 1 {
                self.stage.clock.advance_ms(HOUR / 2);
                visits::leave(self.db, &self.stage.ctx, row.id, "枪柜锁闭完好").await?;
            }
        }
        self.stage.clock.set(now);
        Ok(())
    }

    /// The week before last issued on its Monday, last week's waiting for its remark.
    async fn bulletins(&self, now: Timestamp) -> Result<(), CliError> {
        let monday = Week::of(now.day()).before().from;
        self.stage.clock.set(Timestamp(Timestamp::start_of_day(monday).0 + 9 * HOUR));
        if let Some(number) = bulletins::draft_last(self.db, &self.stage.ctx).await? {
            let said = "各配枪单位值班领导须在领枪、还枪时到场；监控故障的当日修复。";
            bulletins::remark(self.db, &self.by.ctx, &number, None, said).await?;
            bulletins::issue(self.db, &self.by.ctx, &number, None).await?;
        }
        self.stage.clock.set(now);
        bulletins::draft_last(self.db, &self.stage.ctx).await?;
        Ok(())
    }
}
