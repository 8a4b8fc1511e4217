//! Units, people and places.

use hashbrown::HashMap;
use sea_orm::EntityTrait as _;

use super::{Desk, Drafts, ImportError, Report, Source, read_drafts, within};
use crate::access::Action;
use crate::documents::tables::{People, Places, Units};
use crate::kernel::text::key;
use crate::org::entity::person::{self, Duty, PersonKind};
use crate::org::entity::{place, unit};
use crate::org::{Directory, service};

#[derive(Debug)]
pub(super) struct UnitDraft {
    code: String,
    name: String,
    parent: String,
    kind: String,
}

pub(super) fn read_units(source: &Source<'_>) -> Result<(Drafts<UnitDraft>, Report), ImportError> {
    read_drafts::<Units, _>(source, |row| {
        Ok(UnitDraft {
            code: within(row, Units::Code, row.required_identifier(Units::Code)?, 40)?,
            name: within(row, Units::Name, row.required(Units::Name)?, 100)?,
            parent: row.text(Units::Parent).to_owned(),
            kind: row.text(Units::Kind).to_owned(),
        })
    })
}

/// Writes units; a parent may stand further down in the same file.
pub(super) async fn write_units(desk: &mut Desk<'_>, drafts: &Drafts<UnitDraft>) -> Result<(), ImportError> {
    let all = unit::Entity::find().all(desk.tx).await?;
    let mut by_code: HashMap<String, unit::Model> =
        all.iter().map(|row| (key(&row.code).into_owned(), row.clone())).collect();
    let mut names: HashMap<String, String> =
        all.iter().filter(|row| row.active).map(|row| (key(&row.name).into_owned(), row.code.clone())).collect();
    // A name stays taken when its unit is undone: the same unit under a corrected code is that unit again.
    let retired: HashMap<String, unit::Model> =
        all.iter().filter(|row| !row.active).map(|row| (key(&row.name).into_owned(), row.clone())).collect();
    let mut taken = Vec::new();
    for (at, draft) in drafts {
        let code_key = key(&draft.code).into_owned();
        let earlier = by_code.get(&code_key).or_else(|| retired.get(key(&draft.name).as_ref()));
        if earlier.is_some_and(|row| row.active) {
            desk.duplicate(at, "code", &draft.code, "单位代码已登记，或在文件中重复");
            continue;
        }
        if let Some(other) = names.get(key(&draft.name).as_ref()) {
            desk.duplicate(at, "name", &draft.name, format!("已有同名单位（代码 {other}）"));
            continue;
        }
        let row = unit::Model {
            id: earlier.map_or_else(|| desk.ctx.new_id(), |row| row.id),
            code: draft.code.clone(),
            name: draft.name.clone(),
            parent_id: None,
            kind: draft.kind.clone(),
            active: true,
            batch_id: Some(desk.batch),
            version: earlier.map_or(1, |row| row.version + 1),
        };
        names.insert(key(&row.name).into_owned(), row.code.clone());
        by_code.insert(code_key, row.clone());
        taken.push((at, draft, row));
    }
    let mut directory = Directory::load(desk.tx).await?;
    taken.iter().for_each(|(.., row)| directory.add_unit(row.clone()));
    let mut rows: Vec<unit::Model> = Vec::with_capacity(taken.len());
    for (at, draft, mut row) in taken {
        if !draft.parent.is_empty() {
            match directory.find_unit(&draft.parent) {
                Ok(parent) if parent == row.id => desk.reject(at, "parent", &draft.parent, "上级单位不能是自己"),
                Ok(parent) => row.parent_id = Some(parent),
                Err(error) => desk.reject(at, "parent", &draft.parent, format!("{error}；单位已导入，上级留空")),
            }
        }
        rows.push(row);
    }
    desk.report.taken = rows.len();
    service::write_units(desk.tx, parents_first(rows), &mut desk.digest).await?;
    Ok(())
}

/// In an order in which no unit comes before its parent; a ring of parents is cut where it is met.
fn parents_first(mut rows: Vec<unit::Model>) -> Vec<unit::Model> {
    let mut ordered = Vec::with_capacity(rows.len());
    while !rows.is_empty() {
        let waiting: hashbrown::HashSet<_> = rows.iter().map(|row| row.id).collect();
        let (mut ready, mut rest): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| row.parent_id.is_none_or(|parent| !waiting.contains(&parent)));
        if ready.is_empty() {
            let mut cut = rest.remove(0);
            cut.parent_id = None;
            ready.push(cut);
        }
        ordered.append(&mut ready);
        rows = rest;
    }
    ordered
}

#[derive(Debug)]
pub(super) struct PersonDraft {
    badge_number: String,
    name: String,
    unit: String,
    duty: Duty,
    kind: PersonKind,
}

pub(super) fn read_people(source: &Source<'_>) -> Result<(Drafts<PersonDraft>, Report), ImportError> {
    read_drafts::<People, _>(source, |row| {
        Ok(PersonDraft {
            badge_number: within(row, People::BadgeNumber, row.required_identifier(People::BadgeNumber)?, 20)?,
            name: within(row, People::Name, row.required(People::Name)?, 100)?,
            unit: row.required(People::Unit)?.to_owned(),
            duty: Duty::from_office_text(row.text(People::Duty)).ok_or_else(|| {
                row.reject(People::Duty, "职责应为 单位负责人、管理领导、专职管理员 或 成员（可留空）")
            })?,
            kind: PersonKind::from_office_text(row.text(People::Kind))
                .ok_or_else(|| row.reject(People::Kind, "人员类别应为 民警、辅警 或 职工（可留空）"))?,
        })
    })
}

pub(super) async fn write_people(desk: &mut Desk<'_>, drafts: &Drafts<PersonDraft>) -> Result<(), ImportError> {
    let directory = Directory::load(desk.tx).await?;
    let all = person::Entity::find().all(desk.tx).await?;
    let mut by_badge: HashMap<String, person::Model> =
        all.into_iter().filter_map(|row| Some((key(row.badge_number.as_deref()?).into_owned(), row))).collect();
    let mut rows = Vec::new();
    for (at, draft) in drafts {
        let badge_key = key(&draft.badge_number).into_owned();
        let earlier = by_badge.get(&badge_key);
        if earlier.is_some_and(|row| row.active) {
            desk.duplicate(at, "badge_number", &draft.badge_number, "警号已登记，或在文件中重复");
            continue;
        }
        let unit_id = match directory.find_unit(&draft.unit) {
            Ok(unit) => unit,
            Err(error) => {
                desk.reject(at, "unit", &draft.unit, error.to_string());
                continue;
            }
        };
        if let Some(reason) = desk.refusal(Action::OrgWrite, earlier.map_or(unit_id, |row| row.unit_id)) {
            desk.reject(at, "unit", &draft.unit, reason);
            continue;
        }
        if let Some(reason) = desk.refusal(Action::OrgWrite, unit_id) {
            desk.reject(at, "unit", &draft.unit, reason);
            continue;
        }
        let row = person::Model {
            id: earlier.map_or_else(|| desk.ctx.new_id(), |row| row.id),
            badge_number: Some(draft.badge_number.clone()),
            name: draft.name.clone(),
            unit_id,
            duty: draft.duty,
            kind: draft.kind,
            active: true,
            batch_id: Some(desk.batch),
            version: earlier.map_or(1, |row| row.version + 1),
        };
        by_badge.insert(badge_key, row.clone());
        rows.push(row);
    }
    desk.report.taken = rows.len();
    service::write_people(desk.tx, rows, &mut desk.digest).await?;
    Ok(())
}

#[derive(Debug)]
pub(super) struct PlaceDraft {
    code: String,
    name: String,
    unit: String,
    keeper: String,
}

pub(super) fn read_places(source: &Source<'_>) -> Result<(Drafts<PlaceDraft>, Report), ImportError> {
    read_drafts::<Places, _>(source, |row| {
        Ok(PlaceDraft {
            code: within(row, Places::Code, row.required_identifier(Places::Code)?, 40)?,
            name: within(row, Places::Name, row.required(Places::Name)?, 100)?,
            unit: row.required(Places::Unit)?.to_owned(),
            keeper: row.text(Places::Keeper).to_owned(),
        })
    })
}

pub(super) async fn write_places(desk: &mut Desk<'_>, drafts: &Drafts<PlaceDraft>) -> Result<(), ImportError> {
    let directory = Directory::load(desk.tx).await?;
    let all = place::Entity::find().all(desk.tx).await?;
    let mut by_code: HashMap<String, place::Model> =
        all.into_iter().map(|row| (key(&row.code).into_owned(), row)).collect();
    let mut rows = Vec::new();
    for (at, draft) in drafts {
        let code_key = key(&draft.code).into_owned();
        let earlier = by_code.get(&code_key);
        if earlier.is_some_and(|row| row.active) {
            desk.duplicate(at, "code", &draft.code, "地点代码已登记，或在文件中重复");
            continue;
        }
        let unit_id = match directory.find_unit(&draft.unit) {
            Ok(unit) => unit,
            Err(error) => {
                desk.reject(at, "unit", &draft.unit, error.to_string());
                continue;
            }
        };
        if let Some(reason) = desk.refusal(Action::OrgWrite, earlier.map_or(unit_id, |row| row.unit_id)) {
            desk.reject(at, "unit", &draft.unit, reason);
            continue;
        }
        if let Some(reason) = desk.refusal(Action::OrgWrite, unit_id) {
            desk.reject(at, "unit", &draft.unit, reason);
            continue;
        }
        let keeper =
            (!draft.keeper.is_empty()).then(|| directory.find_person(&draft.keeper, Some(unit_id))).transpose();
        let keeper_id = match keeper {
            Ok(keeper) => keeper,
            Err(error) => {
                desk.reject(at, "keeper", &draft.keeper, error.to_string());
                continue;
            }
        };
        let row = place::Model {
            id: earlier.map_or_else(|| desk.ctx.new_id(), |row| row.id),
            code: draft.code.clone(),
            name: draft.name.clone(),
            unit_id,
            keeper_id,
            active: true,
            batch_id: Some(desk.batch),
            version: earlier.map_or(1, |row| row.version + 1),
        };
        by_code.insert(code_key, row.clone());
        rows.push(row);
    }
    desk.report.taken = rows.len();
    service::write_places(desk.tx, rows, &mut desk.digest).await?;
    Ok(())
}
