//! What cabinets told is held against the book: acts at the counter, visits, handovers, who holds what.

use sea_orm::prelude::Uuid;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _,
};

use super::entity::{device, device_key, event, waiting};
use super::model::{EventKind, covers, missing};
use super::store;
use crate::access::rules::Rules;
use crate::db::Tx;
use crate::findings::{Kind, NewFinding, open_many};
use crate::firearms::ArmsError;
use crate::firearms::draws::entity::{act, draw, holding};
use crate::firearms::draws::handing::ROOM;
use crate::firearms::draws::model::{ActKind, ActState, DAY_MS, HoldingEnd};
use crate::firearms::entity::{arm, armoury};
use crate::firearms::model::{masked, masked_name};
use crate::firearms::shifts::entity::{shift, visit};
use crate::firearms::store as registry;
use crate::firearms::transfers::entity::change;
use crate::firearms::transfers::model::Reason;
use crate::firearms::upkeep::entity::{line, upkeep};
use crate::journal::RowsDigest;
use crate::kernel::ids::ItemId;
use crate::kernel::{Ctx, Timestamp};
use crate::org::people;

/// The rule that says by how many minutes paper and hand may differ.
pub const CABINET_MINUTES: &str = "firearms.cabinet_minutes";
/// Where no rule says it.
pub const OTHERWISE_CABINET_MINUTES: i64 = 10;
/// What nobody ended is taken to go on for so long at most, milliseconds: a visit that nobody signed out of is no leave to
/// open a door for ever.
const OPEN_MS: i64 = 2 * 3_600_000;
/// Events that are looked at in one go.
const MOST: u64 = 1_000;
/// Numbers that are looked at in one go.
const MOST_NUMBERS: u64 = 20_000;

/// By how many milliseconds paper and hand may differ.
pub(super) fn off_ms(rules: &Rules, now: Timestamp) -> i64 {
    rules.number(CABINET_MINUTES, now, OTHERWISE_CABINET_MINUTES).clamp(0, 1_440) * 60_000
}

/// Looks at everything whose minutes are over, and opens what does not fit; returns how many findings were new.
///
/// # Errors
/// When the database refuses.
pub async fn due(tx: &Tx, ctx: &Ctx, rows: &mut RowsDigest) -> Result<usize, ArmsError> {
    let off = off_ms(&Rules::load(tx).await?, ctx.now());
    let judge = Judge { tx, ctx, off };
    let mut new = judge.events().await?;
    new.extend(judge.numbers().await?);
    new.extend(judge.paper().await?);
    Ok(open_many(tx, ctx, new, rows).await?.len())
}

/// Only the events whose minutes are over: what a report that comes in looks at, so that an alarm does not wait for the job.
pub(super) async fn events_due(tx: &Tx, ctx: &Ctx, rows: &mut RowsDigest) -> Result<(), ArmsError> {
    let off = off_ms(&Rules::load(tx).await?, ctx.now());
    let new = Judge { tx, ctx, off }.events().await?;
    open_many(tx, ctx, new, rows).await?;
    Ok(())
}

struct Judge<'a> {
    tx: &'a Tx,
    ctx: &'a Ctx,
    off: i64,
}

impl Judge<'_> {
    /// What waited long enough.
    async fn events(&self) -> Result<Vec<NewFinding>, ArmsError> {
        let tx = self.tx;
        let over = waiting::Entity::find()
            .filter(waiting::Column::JudgeAt.lte(self.ctx.now()))
            .order_by_asc(waiting::Column::JudgeAt)
            .limit(MOST)
            .all(tx)
            .await?;
        let mut new = Vec::new();
        for chunk in over.chunks(crate::db::bulk::CHUNK_ROWS) {
            let ids: Vec<Uuid> = chunk.iter().map(|row| row.event_id).collect();
            let told = event::Entity::find().filter(event::Column::Id.is_in(ids.iter().copied())).all(tx).await?;
            for one in told {
                new.extend(match one.kind {
                    EventKind::GunTaken | EventKind::GunPutBack => self.gun(&one).await?,
                    _ => self.door(&one).await?,
                });
            }
            waiting::Entity::delete_many().filter(waiting::Column::EventId.is_in(ids)).exec(tx).await?;
        }
        Ok(new)
    }

    /// A gun left its slot, or came back to it: an act at the counter has it then, or another paper.
    async fn gun(&self, one: &event::Model) -> Result<Option<NewFinding>, ArmsError> {
        let taken = one.kind == EventKind::GunTaken;
        if self.has_another_paper(one).await? {
            return Ok(None);
        }
        if let Some(id) = one.item_id {
            let acts = act::Entity::find()
                .filter(act::Column::ItemId.eq(id))
                .filter(self.around(act::Column::OpenedAt, act::Column::EndedAt, one.happened_at))
                .all(self.tx)
                .await?;
            // A gun goes only to be handed out; it comes back from that too, when the act was cancelled.
            let has_it = |row: &act::Model| {
                let kind = row.kind == ActKind::Issue || !taken;
                kind && self.covers(row.opened_at, row.ended_at, one.happened_at)
            };
            if acts.iter().any(has_it) {
                return Ok(None);
            }
        }
        let (of, gun) = (self.armoury(one.armoury_id).await?, self.gun_of(one).await?);
        let what = format!("{} {}号枪位 {gun}", of.name, one.slot.unwrap_or_default());
        let (kind, title) = if taken {
            (Kind::IllegalDraw, format!("非法领枪：{what}离位，没有领枪单"))
        } else {
            (Kind::CabinetDisagrees, format!("枪归位而没有办理还枪：{what}"))
        };
        let who = self.who(one).await?;
        let told = if taken {
            "枪离位，前后没有办理中的领枪"
        } else {
            "枪归位，前后没有办理中的领枪、还枪"
        };
        let description = format!("{} 枪柜报告{what}：{told}。{who}", one.happened_at);
        Ok(Some(self.finding(one, &of, kind, title, description)))
    }

    /// Whether it is being cleaned by a paper, or went up or to another store, or came from one, about then. What has left
    /// the book's slot already is known by its store alone.
    async fn has_another_paper(&self, one: &event::Model) -> Result<bool, ArmsError> {
        let (tx, at, off) = (self.tx, one.happened_at, self.off);
        let (from, until) = (Timestamp(at.0.saturating_sub(off)), Timestamp(at.0.saturating_add(off)));
        let reasons = match one.kind {
            EventKind::GunTaken => &[Reason::Sent, Reason::Scrapped][..],
            _ => &[Reason::Received, Reason::Arrived],
        };
        let mut changes = change::Entity::find()
            .filter(change::Column::ArmouryId.eq(one.armoury_id))
            .filter(change::Column::Reason.is_in(reasons.iter().copied()))
            .filter(change::Column::EnteredAt.between(from, until));
        if let Some(id) = one.item_id {
            changes = changes.filter(change::Column::ItemId.eq(id));
        }
        if changes.one(tx).await?.is_some() {
            return Ok(true);
        }
        let Some(id) = one.item_id else { return Ok(false) };
        let in_papers = line::Entity::find().select_only().column(line::Column::UpkeepId);
        let papers = upkeep::Entity::find()
            .filter(upkeep::Column::Id.in_subquery(in_papers.filter(line::Column::ItemId.eq(id)).into_query()))
            .filter(upkeep::Column::StartedAt.lte(until));
        let papers = papers.all(tx).await?;
        Ok(papers.iter().any(|row| row.started_at.is_some_and(|begun| covers(begun, row.ended_at, at, off))))
    }

    /// A door was opened: somebody has business there.
    async fn door(&self, one: &event::Model) -> Result<Option<NewFinding>, ArmsError> {
        let (tx, at) = (self.tx, one.happened_at);
        let visits = visit::Entity::find()
            .filter(visit::Column::ArmouryId.eq(one.armoury_id))
            .filter(self.around(visit::Column::EnteredAt, visit::Column::LeftAt, at))
            .all(tx)
            .await?;
        if visits.iter().any(|row| self.covers(row.entered_at, row.left_at, at)) {
            return Ok(None);
        }
        let acts =
            act::Entity::find().filter(self.around(act::Column::OpenedAt, act::Column::EndedAt, at)).all(tx).await?;
        for row in acts.iter().filter(|row| self.covers(row.opened_at, row.ended_at, at)) {
            let of = draw::Entity::find_by_id(row.draw_id).one(tx).await?;
            if of.is_some_and(|of| of.armoury_id == one.armoury_id) {
                return Ok(None);
            }
        }
        let shifts = shift::Entity::find()
            .filter(shift::Column::UnitId.eq(one.unit_id))
            .filter(self.around(shift::Column::OpenedAt, shift::Column::EndedAt, at))
            .all(tx)
            .await?;
        if shifts.iter().any(|row| self.covers(row.opened_at, row.ended_at, at)) {
            return Ok(None);
        }
        let cleaned = upkeep::Entity::find().filter(upkeep::Column::ArmouryId.eq(one.armoury_id)).filter(self.around(
            upkeep::Column::StartedAt,
            upkeep::Column::EndedAt,
            at,
        ));
        let (from, until) = (Timestamp(at.0.saturating_sub(self.off)), Timestamp(at.0.saturating_add(self.off)));
        let changed = change::Entity::find()
            .filter(change::Column::ArmouryId.eq(one.armoury_id))
            .filter(change::Column::Reason.is_in([Reason::Sent, Reason::Arrived, Reason::Scrapped]))
            .filter(change::Column::EnteredAt.between(from, until));
        if cleaned.one(tx).await?.is_some() || changed.one(tx).await?.is_some() {
            return Ok(None);
        }
        let of = self.armoury(one.armoury_id).await?;
        let title = format!("枪柜无故开启：{}", of.name);
        let who = self.who(one).await?;
        let description = format!("{at} {} 枪柜门开启，前后没有领枪、还枪、交接，也没有进库登记。{who}", of.name);
        Ok(Some(self.finding(one, &of, Kind::CabinetOpened, title, description)))
    }

    /// What may have been going on at a time; [`Judge::covers`] says whether it was.
    fn around<C: sea_orm::ColumnTrait>(&self, begun: C, ended: C, at: Timestamp) -> Condition {
        let open =
            Condition::all().add(ended.is_null()).add(begun.gte(at.0.saturating_sub(OPEN_MS.saturating_add(self.off))));
        Condition::all()
            .add(begun.lte(at.0.saturating_add(self.off)))
            .add(Condition::any().add(ended.gte(at.0.saturating_sub(self.off))).add(open))
    }

    fn covers(&self, begun: Timestamp, ended: Option<Timestamp>, at: Timestamp) -> bool {
        covers(begun, Some(ended.unwrap_or(Timestamp(begun.0.saturating_add(OPEN_MS)))), at, self.off)
    }

    async fn armoury(&self, id: Uuid) -> Result<armoury::Model, ArmsError> {
        registry::armoury_by_id(self.tx, id).await?.ok_or(ArmsError::NotFound("这个枪弹库"))
    }

    async fn gun_of(&self, one: &event::Model) -> Result<String, ArmsError> {
        match one.item_id {
            Some(id) => self.named(id).await,
            None => Ok("（账上此枪位没有枪）".to_owned()),
        }
    }

    async fn named(&self, id: ItemId) -> Result<String, ArmsError> {
        let gun = registry::by_id(self.tx, id).await?;
        Ok(gun.map(|gun| format!("{} {}", gun.arm.model, masked(&gun.arm.serial))).unwrap_or_default())
    }

    /// Whose badge was shown, as others may read it.
    async fn who(&self, one: &event::Model) -> Result<String, ArmsError> {
        let person = match one.person_id {
            Some(id) => people::by_id(self.tx, id).await?,
            None => None,
        };
        Ok(match person {
            Some(person) => format!("刷卡人：{}。", masked_name(&person.name)),
            None if one.badge.is_empty() => "没有刷卡。".to_owned(),
            None => "刷卡人不是本单位登记的人员。".to_owned(),
        })
    }

    fn finding(
        &self,
        one: &event::Model,
        of: &armoury::Model,
        kind: Kind,
        title: String,
        description: String,
    ) -> NewFinding {
        NewFinding {
            room: ROOM,
            origin: store::origin(one.id),
            link: page_of(of),
            kind,
            unit: Some(of.unit_id),
            item: one.item_id,
            title,
            description,
        }
    }

    /// Numbers that never came, though later ones did some minutes ago.
    async fn numbers(&self) -> Result<Vec<NewFinding>, ArmsError> {
        let (tx, mut new) = (self.tx, Vec::new());
        let all = device_key::Entity::find().all(tx).await?;
        for kept in all.into_iter().filter(|kept| kept.judged_seq < kept.last_seq) {
            let came = event::Entity::find()
                .filter(event::Column::DeviceId.eq(kept.device_id))
                .filter(event::Column::Seq.gt(kept.judged_seq))
                .order_by_asc(event::Column::Seq)
                .limit(MOST_NUMBERS);
            let came: Vec<(i64, Timestamp)> = came
                .select_only()
                .columns([event::Column::Seq, event::Column::ReceivedAt])
                .into_tuple()
                .all(tx)
                .await?;
            let settled = self.ctx.now().0.saturating_sub(self.off);
            let Some(upto) = came.iter().filter(|(_, at)| at.0 <= settled).map(|(seq, _)| *seq).max() else { continue };
            let seqs: Vec<i64> = came.iter().map(|(seq, _)| *seq).filter(|seq| *seq <= upto).collect();
            let gaps = missing(kept.judged_seq, &seqs);
            device_key::Entity::update_many()
                .col_expr(device_key::Column::JudgedSeq, Expr::value(upto))
                .filter(device_key::Column::DeviceId.eq(kept.device_id))
                .exec(tx)
                .await?;
            let Some(row) = device::Entity::find_by_id(kept.device_id).one(tx).await?.filter(|_| !gaps.is_empty())
            else {
                continue;
            };
            let of = self.armoury(row.armoury_id).await?;
            new.extend(gaps.iter().map(|gap| gap_of(&row, &of, *gap)));
        }
        Ok(new)
    }

    /// What was handed over or taken back on paper, and its cabinet, which reports, says the gun never moved.
    async fn paper(&self) -> Result<Vec<NewFinding>, ArmsError> {
        let (tx, now, mut new) = (self.tx, self.ctx.now(), Vec::new());
        let (from, until) = (Timestamp(now.0 - DAY_MS), Timestamp(now.0 - self.off));
        for kept in device_key::Entity::find().all(tx).await? {
            let Some(row) = device::Entity::find_by_id(kept.device_id).one(tx).await? else { continue };
            let of = self.armoury(row.armoury_id).await?;
            let guns = arm::Entity::find().filter(arm::Column::CabinetId.eq(row.cabinet_id)).all(tx).await?;
            let guns: Vec<ItemId> = guns.into_iter().map(|gun| gun.item_id).collect();
            let moved = holding::Entity::find().filter(holding::Column::ItemId.is_in(guns)).filter(
                Condition::any()
                    .add(holding::Column::Since.between(from, until))
                    .add(holding::Column::EndedAt.between(from, until)),
            );
            for held in moved.all(tx).await? {
                let back = held.ended_at.filter(|_| held.ended_as == Some(HoldingEnd::Returned));
                let sides = [(ActKind::Issue, Some(held.since)), (ActKind::Return, back)];
                for (kind, at) in sides.into_iter().filter_map(|(kind, at)| Some((kind, at?))) {
                    // It must have reported since, and have been there before.
                    let silent = kept.seen_at.0 < at.0.saturating_add(self.off) || row.registered_at > at;
                    if silent || at < from || at > until || self.moved(&held, kind, at).await? {
                        continue;
                    }
                    new.push(self.never_moved(&held, &of, kind, at).await?);
                }
            }
        }
        Ok(new)
    }

    /// Whether the cabinet saw the gun move while the act was going on.
    async fn moved(&self, held: &holding::Model, kind: ActKind, at: Timestamp) -> Result<bool, ArmsError> {
        let act = act::Entity::find()
            .filter(act::Column::DrawId.eq(held.draw_id))
            .filter(act::Column::Kind.eq(kind))
            .filter(act::Column::State.eq(ActState::Done))
            .one(self.tx)
            .await?;
        let begun = act.map_or(at, |act| act.opened_at);
        let (begun, ended) = (Timestamp(begun.0 - self.off), Timestamp(at.0 + self.off));
        let told = if kind == ActKind::Issue { EventKind::GunTaken } else { EventKind::GunPutBack };
        let seen = event::Entity::find()
            .filter(event::Column::ItemId.eq(held.item_id))
            .filter(event::Column::Kind.eq(told))
            .filter(event::Column::HappenedAt.between(begun, ended));
        Ok(seen.one(self.tx).await?.is_some())
    }

    async fn never_moved(
        &self,
        held: &holding::Model,
        of: &armoury::Model,
        kind: ActKind,
        at: Timestamp,
    ) -> Result<NewFinding, ArmsError> {
        let number = draw::Entity::find_by_id(held.draw_id).one(self.tx).await?.map(|row| row.number);
        let (number, gun) = (number.unwrap_or_default(), self.named(held.item_id).await?);
        let (origin, told) = match kind {
            ActKind::Issue => ("never_left", "已签字交枪，枪柜没有枪离位的记录"),
            ActKind::Return => ("never_came", "已签字还枪，枪柜没有枪归位的记录"),
        };
        Ok(NewFinding {
            room: ROOM,
            origin: format!("{origin}/{}", held.id),
            link: page_of(of),
            kind: Kind::CabinetDisagrees,
            unit: Some(of.unit_id),
            item: Some(held.item_id),
            title: format!("枪柜与领枪单 {number} 不符：{}", of.name),
            description: format!("领枪单 {number} {at} {told}：{gun}。请核对枪支实际在何处。"),
        })
    }
}

fn page_of(of: &armoury::Model) -> String {
    format!("/firearms/stores/{}/events", of.number)
}

fn gap_of(row: &device::Model, of: &armoury::Model, (from, to): (i64, i64)) -> NewFinding {
    NewFinding {
        room: ROOM,
        origin: format!("gap/{}/{from}-{to}", row.id),
        link: page_of(of),
        kind: Kind::CabinetGap,
        unit: Some(row.unit_id),
        item: None,
        title: format!("枪柜记录缺失：{} {} 序号 {from} 至 {to}", of.name, row.number),
        description: format!(
            "枪柜终端 {} 的事件序号 {from} 至 {to} 没有收到，其后的已收到：可能被拦截、删除，或终端故障。",
            row.number
        ),
    }
}
