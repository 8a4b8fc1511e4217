//! 两账: what a unit is equipped with and how that changed; who may carry, and who may not.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};

use super::{Column, MOST_ROWS, Part, Reading, minute};
use crate::firearms::ArmsError;
use crate::firearms::entity::{arm, armoury, ban, officer};
use crate::firearms::model::{ArmState, StoreKind};
use crate::firearms::store::{self as registry, stands};
use crate::firearms::transfers::entity::change;
use crate::firearms::transfers::{changes, store as transfers};
use crate::kernel::ids::{ItemId, PersonId};

const CHANGES: &[Column] =
    &[("日期", 1.6), ("变更原因", 1.4), ("明细", 3.6), ("数量", 0.8), ("凭证", 2.4), ("备注", 2.0), ("经办人", 1.1)];

const EQUIPMENT: &[Column] = &[
    ("配发时间", 1.2),
    ("枪支类型", 1.6),
    ("枪号", 1.6),
    ("枪证号码", 1.6),
    ("管理状态", 1.0),
    ("痕迹建档", 1.6),
    ("变动情况", 2.8),
    ("枪管员", 1.1),
    ("审核人", 1.1),
];

/// ① 配备枪支弹药台账, of the unit's stores together: 枪支变更情况, 弹药变更情况, 配备明细.
pub(super) async fn equipment(of: &Reading<'_>) -> Result<Vec<Part>, ArmsError> {
    let stores = armoury::Entity::find()
        .filter(armoury::Column::UnitId.eq(of.of.unit_id))
        .order_by_asc(armoury::Column::NumberKey)
        .all(of.db)
        .await?;
    let mut parts = Vec::new();
    for (kind, title) in [(StoreKind::Gun, "枪支变更情况"), (StoreKind::Ammunition, "弹药变更情况")] {
        let mut rows = Vec::new();
        for store in stores.iter().filter(|store| store.kind == kind) {
            for one in changes::list(of.db, store.id, of.time, MOST_ROWS).await? {
                rows.push((one.entered_at, one.id, changed(of, &one).await?));
            }
        }
        rows.sort_by_key(|(at, id, _)| (*at, *id));
        let mut rows: Vec<Vec<String>> = rows.into_iter().map(|(_, _, row)| row).collect();
        let total: i64 = rows.iter().filter_map(|row| row.get(3)?.parse::<i64>().ok()).sum();
        let has_total = !rows.is_empty();
        if has_total {
            rows.push(["合计", "", "", &format!("{total:+}"), "", "", ""].map(str::to_owned).to_vec());
        }
        parts.push(Part { title, columns: CHANGES, rows, has_total });
    }
    parts.push(guns(of, &stores).await?);
    parts.push(rounds(of, &stores).await?);
    Ok(parts)
}

async fn changed(of: &Reading<'_>, one: &change::Model) -> Result<Vec<String>, ArmsError> {
    let of_what = match (one.item_id, one.stock_id) {
        (Some(id), _) => {
            registry::by_id(of.db, id).await?.map(|gun| format!("{} {}", gun.arm.model, of.serial(&gun.arm.serial)))
        }
        (None, Some(id)) => {
            transfers::stock_by_id(of.db, id).await?.map(|(_, lot)| format!("{} {}", lot.type_name, lot.lot))
        }
        (None, None) => None,
    };
    Ok(vec![
        minute(Some(one.entered_at)),
        one.reason.zh().to_owned(),
        of_what.unwrap_or_default(),
        format!("{:+}", one.quantity),
        one.document.clone(),
        one.note.clone(),
        of.actor(&one.entered_by),
    ])
}

/// 配备明细: every gun of the unit that was not scrapped, as it stands today, with the last of its changes.
async fn guns(of: &Reading<'_>, stores: &[armoury::Model]) -> Result<Part, ArmsError> {
    let ids: Vec<_> = stores.iter().map(|store| store.id).collect();
    let found = arm::Entity::find()
        .filter(arm::Column::ArmouryId.is_in(ids.iter().copied()))
        .filter(arm::Column::State.ne(ArmState::Scrapped))
        .order_by_asc(arm::Column::ModelKey)
        .order_by_asc(arm::Column::SerialKey)
        .limit(MOST_ROWS)
        .all(of.db)
        .await?;
    let latest = change::Entity::find()
        .filter(change::Column::ArmouryId.is_in(ids))
        .filter(change::Column::ItemId.is_not_null())
        .order_by_asc(change::Column::EnteredAt)
        .order_by_asc(change::Column::Id)
        .all(of.db)
        .await?;
    let latest: HashMap<Option<ItemId>, change::Model> = latest.into_iter().map(|row| (row.item_id, row)).collect();
    let mut rows = Vec::new();
    for gun in found {
        let last = latest.get(&Some(gun.item_id));
        let moved = last.map(|row| format!("{} {} {}", row.entered_at.day(), row.reason.zh(), row.document));
        let note = if gun.state_note.is_empty() { String::new() } else { format!("；{}", gun.state_note) };
        let store = stores.iter().find(|store| store.id == gun.armoury_id);
        rows.push(vec![
            gun.issued_on.map(|day| day.to_string()).unwrap_or_default(),
            gun.model.clone(),
            of.serial(&gun.serial),
            of.serial(&gun.certificate),
            gun.state.zh().to_owned(),
            gun.ballistic_record.clone(),
            format!("{}{note}", moved.unwrap_or_default()),
            last.map(|row| of.actor(&row.entered_by)).unwrap_or_default(),
            of.person(store.and_then(|store| store.in_charge_id)),
        ]);
    }
    Ok(Part { title: "配备明细（枪支）", columns: EQUIPMENT, rows, has_total: false })
}

const ROUNDS: &[Column] =
    &[("弹药库", 2.4), ("弹药种类", 2.0), ("批次", 1.6), ("生产日期", 1.2), ("库存（发）", 1.2), ("审核人", 1.2)];

async fn rounds(of: &Reading<'_>, stores: &[armoury::Model]) -> Result<Part, ArmsError> {
    let (mut rows, mut total) = (Vec::new(), 0);
    for store in stores.iter().filter(|store| store.kind == StoreKind::Ammunition) {
        for (stock, lot) in registry::stock(of.db, store.id).await? {
            total += stock.rounds;
            rows.push(vec![
                format!("{} {}", store.number, store.name),
                lot.type_name,
                lot.lot,
                lot.made_on.map(|day| day.to_string()).unwrap_or_default(),
                stock.rounds.to_string(),
                of.person(store.in_charge_id),
            ]);
        }
    }
    let has_total = !rows.is_empty();
    if has_total {
        rows.push(["合计", "", "", "", &total.to_string(), ""].map(str::to_owned).to_vec());
    }
    Ok(Part { title: "配备明细（弹药）", columns: ROUNDS, rows, has_total })
}

const OFFICERS: &[Column] = &[
    ("姓名", 1.1),
    ("警号", 1.1),
    ("持枪证号", 1.5),
    ("发证机关", 1.6),
    ("发证日期", 1.2),
    ("有效期限", 1.2),
    ("证件有效状态", 1.2),
    ("最近训练、考核", 2.0),
    ("不良记录", 2.4),
    ("说明", 1.6),
];

const BANNED: &[Column] = &[
    ("姓名", 1.1),
    ("警号", 1.1),
    ("禁枪原因", 3.0),
    ("禁枪时间", 1.6),
    ("截止日期", 1.4),
    ("禁枪人", 1.1),
    ("状态", 1.0),
    ("解除时间", 1.6),
    ("解除原因", 2.4),
];

/// ② 配枪人员台账: those of the unit who may carry, with their bans as 不良记录; those who were forbidden to in the time, or are.
pub(super) async fn officers(of: &Reading<'_>) -> Result<Vec<Part>, ArmsError> {
    let is_ours = |id: PersonId| of.names.person(id).is_some_and(|person| person.unit_id == of.of.unit_id);
    let mut bans: BTreeMap<PersonId, Vec<ban::Model>> = BTreeMap::new();
    for one in ban::Entity::find().order_by_asc(ban::Column::Id).all(of.db).await? {
        if is_ours(one.person_id) {
            bans.entry(one.person_id).or_default().push(one);
        }
    }
    let mut rows = Vec::new();
    for one in registry::officers(of.db).await?.into_iter().filter(|one| is_ours(one.person_id)) {
        let theirs = bans.get(&one.person_id).map_or(&[][..], Vec::as_slice);
        rows.push(carrier(of, one, theirs).await?);
    }
    let today = of.now.day();
    let mut forbidden = Vec::new();
    for one in bans.values().flatten() {
        let in_time = one.banned_at >= of.time.0 && one.banned_at <= of.time.1;
        let standing = stands(one, today);
        if !in_time && !standing {
            continue;
        }
        forbidden.push(vec![
            of.person(Some(one.person_id)),
            badge(of, one.person_id),
            one.reason.clone(),
            minute(Some(one.banned_at)),
            one.until.map_or_else(|| "至解除".to_owned(), |day| day.to_string()),
            of.actor(&one.banned_by),
            if standing { "禁枪" } else { "已解除" }.to_owned(),
            minute(one.lifted_at),
            one.lift_reason.clone(),
        ]);
    }
    Ok(vec![
        Part { title: "配枪人员", columns: OFFICERS, rows, has_total: false },
        Part { title: "禁枪人员", columns: BANNED, rows: forbidden, has_total: false },
    ])
}

fn badge(of: &Reading<'_>, id: PersonId) -> String {
    of.names.person(id).and_then(|person| person.badge_number.clone()).unwrap_or_default()
}

async fn carrier(of: &Reading<'_>, one: officer::Model, bans: &[ban::Model]) -> Result<Vec<String>, ArmsError> {
    let today = of.now.day();
    let valid = if !one.active {
        "停止配枪"
    } else if bans.iter().any(|ban| stands(ban, today)) {
        "禁枪"
    } else if one.valid_until < today {
        "已过期"
    } else {
        "有效"
    };
    let tried = registry::results_of(of.db, one.person_id).await?.into_iter().next();
    let tried = tried.map(|row| {
        let score = row.score.map(|score| format!(" {score} 分")).unwrap_or_default();
        let passed = if row.passed { "合格" } else { "不合格" };
        format!("{} {}{score} {passed}", row.held_on, row.kind.zh())
    });
    let bad: Vec<String> = bans.iter().map(|ban| format!("{} {}", ban.banned_at.day(), ban.reason)).collect();
    Ok(vec![
        of.person(Some(one.person_id)),
        badge(of, one.person_id),
        of.serial(&one.licence),
        one.issuer,
        one.issued_on.to_string(),
        one.valid_until.to_string(),
        valid.to_owned(),
        tried.unwrap_or_default(),
        bad.join("；"),
        one.note,
    ])
}
