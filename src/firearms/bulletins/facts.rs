//! A week of every unit with an armoury, counted from the ledger.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use hashbrown::HashSet;
use sea_orm::{ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use crate::db::DbError;
use crate::findings::Kind;
use crate::findings::entity::finding;
use crate::firearms::audits::entity::audit;
use crate::firearms::audits::model::State as Audited;
use crate::firearms::draws::entity::draw;
use crate::firearms::draws::handing::ROOM;
use crate::firearms::entity::armoury;
use crate::firearms::inspections::model::{Kind as Way, State as Inspected};
use crate::firearms::inspections::store as inspections;
use crate::firearms::shifts::entity::shift;
use crate::firearms::shifts::model::State as Shift;
use crate::kernel::Timestamp;
use crate::kernel::ids::UnitId;

/// Days of a week.
const WEEK: i64 = 7;
/// What must not wait; a finding of these kinds is an alarm.
const ALARMS: [Kind; 7] = [
    Kind::FirearmLost,
    Kind::FirearmOverdue,
    Kind::CarrierUnfit,
    Kind::ArmouryDifference,
    Kind::AuditDifference,
    Kind::RecountMissing,
    Kind::AloneInArmoury,
];

/// A week of one unit, or of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// 枪弹库
    pub stores: i64,
    /// 领枪: guns that went out.
    pub draws: i64,
    /// 逾期: guns that were not back at their hour.
    pub overdue: i64,
    /// 交接: handovers that closed.
    pub handovers: i64,
    /// 未交接: days without one.
    pub handovers_missed: i64,
    /// 检查: signed, of every kind.
    pub inspections: i64,
    /// 缺检: remote inspections that were not made, a store and a day each.
    pub inspections_missing: i64,
    /// 不合格项
    pub checks_failed: i64,
    /// 抽查: closed.
    pub audits: i64,
    /// 报警
    pub alarms: i64,
    /// 新增问题
    pub findings_opened: i64,
    /// 销号
    pub findings_closed: i64,
    /// 未销号: open at the end of the week.
    pub findings_open: i64,
}

impl Facts {
    /// The figures with their names, in the order of the bulletin.
    #[must_use]
    pub const fn named(&self) -> [(&'static str, i64); 13] {
        [
            ("枪弹库", self.stores),
            ("领枪", self.draws),
            ("逾期", self.overdue),
            ("交接", self.handovers),
            ("未交接", self.handovers_missed),
            ("检查", self.inspections),
            ("缺检", self.inspections_missing),
            ("不合格", self.checks_failed),
            ("抽查", self.audits),
            ("报警", self.alarms),
            ("新增问题", self.findings_opened),
            ("销号", self.findings_closed),
            ("未销号", self.findings_open),
        ]
    }

    /// Both together.
    #[must_use]
    pub const fn and(&self, other: &Self) -> Self {
        Self {
            stores: self.stores + other.stores,
            draws: self.draws + other.draws,
            overdue: self.overdue + other.overdue,
            handovers: self.handovers + other.handovers,
            handovers_missed: self.handovers_missed + other.handovers_missed,
            inspections: self.inspections + other.inspections,
            inspections_missing: self.inspections_missing + other.inspections_missing,
            checks_failed: self.checks_failed + other.checks_failed,
            audits: self.audits + other.audits,
            alarms: self.alarms + other.alarms,
            findings_opened: self.findings_opened + other.findings_opened,
            findings_closed: self.findings_closed + other.findings_closed,
            findings_open: self.findings_open + other.findings_open,
        }
    }

    /// Whether something in it wants a word.
    #[must_use]
    pub const fn is_troubled(&self) -> bool {
        self.overdue + self.handovers_missed + self.inspections_missing + self.checks_failed + self.alarms > 0
    }
}

/// A week, Monday to Sunday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Week {
    /// Its Monday.
    pub from: NaiveDate,
    /// Its Sunday.
    pub until: NaiveDate,
}

impl Week {
    /// The week of a day.
    #[must_use]
    pub fn of(day: NaiveDate) -> Self {
        use chrono::Datelike as _;
        let back = u64::from(day.weekday().num_days_from_monday());
        let from = day.checked_sub_days(Days::new(back)).unwrap_or(day);
        Self { from, until: from.checked_add_days(Days::new(WEEK.unsigned_abs() - 1)).unwrap_or(from) }
    }

    /// The one before.
    #[must_use]
    pub fn before(self) -> Self {
        Self::of(self.from.checked_sub_days(Days::new(1)).unwrap_or(self.from))
    }

    const fn holds(self, at: Option<Timestamp>, (start, end): (Timestamp, Timestamp)) -> bool {
        matches!(at, Some(at) if start.0 <= at.0 && at.0 <= end.0)
    }
}

/// What a week was, by unit.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &impl ConnectionTrait, week: Week) -> Result<BTreeMap<UnitId, Facts>, DbError> {
    let span = (Timestamp::start_of_day(week.from), Timestamp::end_of_day(week.until));
    let mut all: BTreeMap<UnitId, Facts> = BTreeMap::new();
    for row in armoury::Entity::find().filter(armoury::Column::Active.eq(true)).all(db).await? {
        all.entry(row.unit_id).or_default().stores += 1;
    }
    draws(db, week, span, &mut all).await?;
    handovers(db, span, &mut all).await?;
    looked_at(db, week, span, &mut all).await?;
    findings(db, week, span, &mut all).await?;
    Ok(all)
}

async fn draws(
    db: &impl ConnectionTrait,
    week: Week,
    span: (Timestamp, Timestamp),
    all: &mut BTreeMap<UnitId, Facts>,
) -> Result<(), DbError> {
    use draw::Column as C;
    let back = Condition::any().add(C::ReturnedAt.is_null()).add(C::ReturnedAt.gte(span.0));
    let out = draw::Entity::find().filter(C::OutAt.is_not_null()).filter(C::OutAt.lte(span.1)).filter(back);
    for row in out.all(db).await? {
        let Some(facts) = all.get_mut(&row.unit_id) else { continue };
        facts.draws += i64::from(week.holds(row.out_at, span));
        let late = row.due_at <= span.1 && row.returned_at.is_none_or(|at| at > row.due_at);
        facts.overdue += i64::from(late);
    }
    Ok(())
}

async fn handovers(
    db: &impl ConnectionTrait,
    span: (Timestamp, Timestamp),
    all: &mut BTreeMap<UnitId, Facts>,
) -> Result<(), DbError> {
    let closed = shift::Entity::find()
        .filter(shift::Column::State.eq(Shift::Closed))
        .filter(shift::Column::EndedAt.between(span.0, span.1));
    let mut days: HashSet<(UnitId, NaiveDate)> = HashSet::new();
    for row in closed.all(db).await? {
        let Some(facts) = all.get_mut(&row.unit_id) else { continue };
        facts.handovers += 1;
        days.extend(row.ended_at.map(|at| (row.unit_id, at.day())));
    }
    for (unit, facts) in all.iter_mut() {
        let with = days.iter().filter(|(of, _)| of == unit).count();
        facts.handovers_missed = WEEK - i64::try_from(with).unwrap_or(WEEK).min(WEEK);
    }
    Ok(())
}

async fn looked_at(
    db: &impl ConnectionTrait,
    week: Week,
    span: (Timestamp, Timestamp),
    all: &mut BTreeMap<UnitId, Facts>,
) -> Result<(), DbError> {
    for facts in all.values_mut() {
        facts.inspections_missing = facts.stores * WEEK;
    }
    for row in inspections::between(db, week.from, week.until).await? {
        let Some(facts) = all.get_mut(&row.unit_id).filter(|_| row.state == Inspected::Signed) else { continue };
        facts.inspections += 1;
        facts.checks_failed += row.failed;
        if row.kind == Way::Daily {
            facts.inspections_missing = (facts.inspections_missing - 1).max(0);
        }
    }
    let closed = audit::Entity::find()
        .filter(audit::Column::State.eq(Audited::Closed))
        .filter(audit::Column::EndedAt.between(span.0, span.1));
    for row in closed.all(db).await? {
        if let Some(facts) = all.get_mut(&row.unit_id) {
            facts.audits += 1;
        }
    }
    Ok(())
}

async fn findings(
    db: &impl ConnectionTrait,
    week: Week,
    span: (Timestamp, Timestamp),
    all: &mut BTreeMap<UnitId, Facts>,
) -> Result<(), DbError> {
    use finding::Column as C;
    let open = Condition::any().add(C::ClosedAt.is_null()).add(C::ClosedAt.gte(span.0));
    let rows = finding::Entity::find().filter(C::OriginRoom.eq(ROOM)).filter(C::OpenedAt.lte(span.1)).filter(open);
    for row in rows.all(db).await? {
        let Some(facts) = row.unit_id.and_then(|unit| all.get_mut(&unit)) else { continue };
        let opened = week.holds(Some(row.opened_at), span);
        facts.findings_opened += i64::from(opened);
        facts.alarms += i64::from(opened && ALARMS.contains(&row.kind));
        facts.findings_closed += i64::from(week.holds(row.closed_at, span));
        facts.findings_open += i64::from(row.closed_at.is_none_or(|at| at > span.1));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_is_from_monday_to_sunday() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (of, from, until) in [
            ("2026-11-23", "2026-11-23", "2026-11-29"),
            ("2026-11-29", "2026-11-23", "2026-11-29"),
            ("2026-11-30", "2026-11-30", "2026-12-06"),
            ("2027-01-01", "2026-12-28", "2027-01-03"),
        ] {
            assert_eq!(Week::of(day(of)), Week { from: day(from), until: day(until) }, "{of}");
        }
        assert_eq!(Week::of(day("2026-11-30")).before(), Week::of(day("2026-11-25")));
    }
}
