//! 四本: who drew what on whose word, how shifts were handed over, what was cleaned, who went into the store.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};

use super::{Column, MOST_ROWS, Part, Reading, minute};
use crate::approvals::entity::{decision, request};
use crate::approvals::store as approvals;
use crate::firearms::ArmsError;
use crate::firearms::draws::entity::{act, draw, extension};
use crate::firearms::draws::model::{ActKind, ActState, Part as Signs, State};
use crate::firearms::draws::store::{self as draw_store, as_it_is};
use crate::firearms::shifts::entity::{shift, visit};
use crate::firearms::shifts::model::{LineKind, Side, State as ShiftState};
use crate::firearms::shifts::store as shift_store;
use crate::firearms::store as registry;
use crate::firearms::upkeep::entity::upkeep;
use crate::firearms::upkeep::store as upkeep_store;

const DRAWS: &[Column] = &[
    ("预计领用时间", 1.7),
    ("理由", 2.2),
    ("领枪人", 1.1),
    ("审批人／时间", 2.1),
    ("预计归还", 1.7),
    ("初次预计归还", 1.7),
    ("延时审批人", 1.2),
    ("状态", 1.1),
    ("枪支类型", 1.4),
    ("枪：申请／已领／已还", 1.1),
    ("弹：申请／已领／已还", 1.3),
    ("领取保管人1", 1.1),
    ("领取保管人2", 1.1),
    ("领取确认人", 1.1),
    ("归还保管人1", 1.1),
    ("归还保管人2", 1.1),
    ("归还确认人", 1.1),
];

/// ① 公务用枪（弹）领用审批登记本
pub(super) async fn draws(of: &Reading<'_>) -> Result<Part, ArmsError> {
    let found = draw::Entity::find()
        .filter(draw::Column::ArmouryId.eq(of.of.id))
        .filter(draw::Column::PlannedFrom.between(of.time.0, of.time.1))
        .order_by_asc(draw::Column::PlannedFrom)
        .order_by_asc(draw::Column::Id)
        .limit(MOST_ROWS)
        .all(of.db)
        .await?;
    let mut rows = Vec::new();
    for one in found {
        let said = request::Entity::find_by_id(one.approval_id).one(of.db).await?;
        let state = as_it_is(one.state, said.map(|request| request.state));
        let deciders = decided(of, one.approval_id).await?;
        let longer = extension::Entity::find().filter(extension::Column::DrawId.eq(one.id)).all(of.db).await?;
        let mut extended = Vec::new();
        for wish in longer {
            extended
                .extend(decided(of, wish.approval_id).await?.into_iter().map(|row| of.person(Some(row.decided_by))));
        }
        let approved: Vec<String> = deciders
            .iter()
            .map(|row| format!("{} {}", of.person(Some(row.decided_by)), minute(Some(row.decided_at))))
            .collect();
        let (out, back) = (i64::from(one.out_at.is_some()), i64::from(one.returned_at.is_some() && !one.gun_lost));
        let mut row = vec![
            minute(Some(one.planned_from)),
            format!("{}：{}", one.purpose.zh(), one.task),
            of.person(Some(one.drawer_id)),
            approved.join("；"),
            minute(Some(one.due_at)),
            minute(Some(one.first_due_at)),
            extended.join("；"),
            work_state(of, &one, state).to_owned(),
            one.model_key.clone(),
            format!("1／{out}／{back}"),
            format!("{}／{}／{}", one.rounds_asked, one.rounds_out, one.rounds_back),
        ];
        let acts = draw_store::acts(of.db, one.id).await?;
        for kind in [ActKind::Issue, ActKind::Return] {
            let done = acts.iter().find(|act| act.kind == kind && act.state == ActState::Done);
            row.extend(signers(of, done).await?);
        }
        rows.push(row);
    }
    Ok(Part { title: "", columns: DRAWS, rows, has_total: false })
}

/// 审批中、未领枪、已领枪、已还枪、过期未还, as the province asks; and what came to nothing.
fn work_state(of: &Reading<'_>, one: &draw::Model, state: State) -> &'static str {
    match state {
        State::Out | State::Returning if of.now > one.due_at => "过期未还",
        State::Out | State::Returning => State::Out.zh(),
        State::Handing => State::Approved.zh(),
        other => other.zh(),
    }
}

async fn decided(of: &Reading<'_>, id: crate::kernel::ids::ApprovalId) -> Result<Vec<decision::Model>, ArmsError> {
    Ok(approvals::decisions(of.db, &[id]).await?.remove(&id).unwrap_or_default())
}

/// 保管人1、保管人2、确认人 of an act that was done.
async fn signers(of: &Reading<'_>, act: Option<&act::Model>) -> Result<Vec<String>, ArmsError> {
    let signed = match act {
        Some(act) => draw_store::signatures(of.db, act.id).await?,
        None => Vec::new(),
    };
    let name = |part: &Signs| {
        let one = signed.iter().find(|one| one.part == *part);
        one.map(|one| of.person(Some(one.person_id))).unwrap_or_default()
    };
    Ok(Signs::ALL.iter().map(name).collect())
}

const SHIFTS: &[Column] =
    &[("日期", 1.6), ("统计情况", 5.0), ("交班人1", 1.2), ("交班人2", 1.2), ("接班人1", 1.2), ("接班人2", 1.2)];

/// ② 值班交接登记本, of the unit's stores together.
pub(super) async fn shifts(of: &Reading<'_>) -> Result<Part, ArmsError> {
    let found = shift::Entity::find()
        .filter(shift::Column::UnitId.eq(of.of.unit_id))
        .filter(shift::Column::State.eq(ShiftState::Closed))
        .filter(shift::Column::EndedAt.between(of.time.0, of.time.1))
        .order_by_asc(shift::Column::EndedAt)
        .limit(MOST_ROWS)
        .all(of.db)
        .await?;
    let mut rows = Vec::new();
    for one in found {
        let lines = shift_store::lines(of.db, &one).await?;
        let counted =
            |kind: LineKind| lines.iter().filter(|line| line.kind == kind).map(|line| line.counted).sum::<i64>();
        let lots: Vec<String> = lines
            .iter()
            .filter(|line| line.kind == LineKind::Lot)
            .map(|line| format!("{} {}", line.name, line.counted))
            .collect();
        let mut told = format!("在架枪 {} 支；弹药 {} 发", counted(LineKind::Gun), counted(LineKind::Lot));
        if !lots.is_empty() {
            told.push_str(&format!("（{}）", lots.join("、")));
        }
        told.push_str(&format!("；差异 {} 处", one.differences));
        if !one.note.is_empty() {
            told.push_str(&format!("：{}", one.note));
        }
        let signed = shift_store::signatures(of.db, one.id).await?;
        let mut row = vec![minute(one.ended_at), told];
        row.extend(Side::ALL.iter().map(|side| {
            let by = signed.iter().find(|one| one.side == *side);
            by.map(|one| of.person(Some(one.person_id))).unwrap_or_default()
        }));
        rows.push(row);
    }
    Ok(Part { title: "", columns: SHIFTS, rows, has_total: false })
}

const UPKEEP: &[Column] = &[
    ("申请时间", 1.6),
    ("原因", 2.4),
    ("申请人", 1.1),
    ("审批人", 1.1),
    ("擦拭人1", 1.1),
    ("擦拭人2", 1.1),
    ("完成人1", 1.1),
    ("完成人2", 1.1),
    ("枪支数", 0.8),
    ("状态", 1.0),
    ("枪支明细", 3.2),
];

/// ③ 枪支擦拭保养登记本
pub(super) async fn upkeep(of: &Reading<'_>) -> Result<Part, ArmsError> {
    let found = upkeep::Entity::find()
        .filter(upkeep::Column::ArmouryId.eq(of.of.id))
        .filter(upkeep::Column::AskedAt.between(of.time.0, of.time.1))
        .order_by_asc(upkeep::Column::AskedAt)
        .order_by_asc(upkeep::Column::Id)
        .limit(MOST_ROWS)
        .all(of.db)
        .await?;
    let mut rows = Vec::new();
    for one in found {
        let mut guns = Vec::new();
        for line in upkeep_store::lines(of.db, one.id).await? {
            let Some(gun) = registry::by_id(of.db, line.item_id).await? else { continue };
            let fault = if line.note.is_empty() { String::new() } else { format!("（{}）", line.note) };
            guns.push(format!("{} {}{fault}", gun.arm.model, of.serial(&gun.arm.serial)));
        }
        let people = [one.approver_id, one.cleaner1_id, one.cleaner2_id, one.finisher1_id, one.finisher2_id];
        let mut row = vec![minute(Some(one.asked_at)), one.reason.clone(), of.person(Some(one.applicant_id))];
        row.extend(people.map(|person| of.person(person)));
        row.extend([guns.len().to_string(), one.state.zh().to_owned(), guns.join("、")]);
        rows.push(row);
    }
    Ok(Part { title: "", columns: UPKEEP, rows, has_total: false })
}

const VISITS: &[Column] = &[
    ("姓名", 1.2),
    ("职务、单位", 2.2),
    ("同行人数", 0.9),
    ("事由", 2.6),
    ("进库时间", 1.6),
    ("出库时间", 1.6),
    ("检查情况", 3.2),
];

/// ④ 人员进出库／检查登记本
pub(super) async fn visits(of: &Reading<'_>) -> Result<Part, ArmsError> {
    let found = visit::Entity::find()
        .filter(visit::Column::ArmouryId.eq(of.of.id))
        .filter(visit::Column::EnteredAt.between(of.time.0, of.time.1))
        .order_by_asc(visit::Column::EnteredAt)
        .order_by_asc(visit::Column::Id)
        .limit(MOST_ROWS)
        .all(of.db)
        .await?;
    let name = |name: String| if of.in_full { name } else { crate::firearms::model::masked_name(&name) };
    let row = |one: visit::Model| {
        vec![
            name(one.visitor),
            one.post,
            one.companions.to_string(),
            one.reason,
            minute(Some(one.entered_at)),
            minute(one.left_at),
            one.findings,
        ]
    };
    Ok(Part { title: "", columns: VISITS, rows: found.into_iter().map(row).collect(), has_total: false })
}
