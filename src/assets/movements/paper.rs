//! The printed forms of documents, as an office signs them: 固定资产调拨单, 固定资产报废申请表, 固定资产交接清单 and their like.

use sea_orm::ConnectionTrait;

use super::model::Kind;
use super::store::{self, Shown};
use crate::approvals::entity::{decision, request};
use crate::approvals::model::Step;
use crate::approvals::store as approvals;
use crate::assets::AssetError;
use crate::db::DbError;
use crate::items::store as items;
use crate::kernel::Timestamp;
use crate::kernel::ids::UnitId;
use crate::org::entity::person::Duty;
use crate::org::{Directory, service};
use crate::stocktake::report::pdf::{self, Flow, Side, Table, TableColumn};

/// What a form says, read from the database; made into bytes without it.
#[derive(Debug, Clone)]
pub struct Paper {
    organisation: String,
    shown: Shown,
    facts: Vec<(&'static str, String)>,
    rows: Vec<Vec<String>>,
    opinions: Vec<Vec<String>>,
    /// Under which seal who signs.
    signers: Vec<(String, Vec<(&'static str, String)>)>,
    made_at: Timestamp,
}

/// The name of a document's form.
#[must_use]
pub const fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Intake => "固定资产入库单",
        Kind::Issue => "固定资产领用单",
        Kind::Return => "固定资产退库单",
        Kind::Transfer => "固定资产调拨单",
        Kind::Relocate => "固定资产地点、使用人变更登记表",
        Kind::Handover => "固定资产交接清单",
        Kind::Loan => "固定资产借用单",
        Kind::LoanReturn => "固定资产归还单",
        Kind::Repair => "固定资产送修单",
        Kind::RepairReturn => "固定资产修复取回单",
        Kind::Correct => "固定资产信息更正登记表",
        Kind::Idle | Kind::Use => "固定资产使用状况变更登记表",
        Kind::Scrap => "固定资产报废申请表",
        Kind::Dispose => "固定资产处置申请表",
    }
}

impl Paper {
    /// Reads what the form of a document says.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(db: &impl ConnectionTrait, shown: Shown, now: Timestamp) -> Result<Self, DbError> {
        let row = &shown.row;
        let lines = store::lines(db, row.id).await?;
        let ids: Vec<_> = lines.iter().map(|line| line.item_id).collect();
        let things = items::by_ids(db, &ids).await?;
        let places: Vec<_> = lines.iter().filter_map(|line| line.from_place_id).chain(row.to_place_id).collect();
        let taken = match row.approval_id {
            Some(id) => approvals::decisions(db, &[id]).await?.remove(&id).unwrap_or_default(),
            None => Vec::new(),
        };
        let people = lines.iter().filter_map(|line| line.from_keeper_id);
        let people = people.chain(taken.iter().map(|one| one.decided_by));
        let people: Vec<_> =
            people.chain(row.to_keeper_id).chain(row.asker_id).chain(row.accepted_by).chain(row.second_id).collect();
        let names = Directory::load_some(db, &places, &people).await?;
        let mut rows = Vec::with_capacity(lines.len() + 1);
        for line in &lines {
            let Some(thing) = things.get(&line.item_id) else { continue };
            rows.push(vec![
                line.line.to_string(),
                thing.item_number.clone(),
                [thing.name.as_str(), &thing.specification].join(" ").trim().to_owned(),
                thing.measure_unit.clone(),
                line.from_quantity.0.to_string(),
                line.value_fen.to_string(),
                thing.acquired_on.map(|day| day.to_string()).unwrap_or_default(),
                names.place_name(line.from_place_id).to_owned(),
                names.person_name(line.from_keeper_id).to_owned(),
            ]);
        }
        let total = ["合计", "", "", "", "", &row.value_fen.to_string(), "", "", ""].map(str::to_owned);
        rows.push(total.to_vec());
        let organisation = service::organisation(db).await?;
        let (facts, opinions) = (facts(&shown, &names), opinions(&shown, &taken, &names));
        let signers = signers(db, &shown, &names, &organisation).await?;
        Ok(Self { organisation, facts, rows, opinions, signers, shown, made_at: now })
    }

    /// The form as a PDF.
    ///
    /// # Errors
    /// When it cannot be put together.
    pub fn bytes(&self) -> Result<Vec<u8>, AssetError> {
        let font = hufu_labels::write::BUILTIN_FONT;
        let title = title(self.shown.row.kind);
        pdf::form(&format!("{title} {}", self.shown.row.number), self.made_at, font, |flow| self.write(flow))
            .map_err(|error| AssetError::Conflict(error.to_string()))
    }

    fn write(&self, flow: &mut Flow<'_>) {
        let row = &self.shown.row;
        flow.centred(&self.organisation, 16.0, false);
        flow.centred(title(row.kind), 22.0, true);
        flow.space(6.0);
        let day = row.asked_at.day().format("%Y 年 %-m 月 %-d 日");
        flow.caption(&format!("编号：{}　　日期：{day}　　状态：{}", row.number, self.shown.state.zh()), Side::Right);
        flow.table(&Table { columns: FACTS.to_vec(), rows: in_pairs(&self.facts), has_total: false });
        flow.table(&Table { columns: THINGS.to_vec(), rows: self.rows.clone(), has_total: true });
        if !self.opinions.is_empty() {
            flow.table(&Table { columns: OPINIONS.to_vec(), rows: self.opinions.clone(), has_total: false });
        }
        for (seal, people) in &self.signers {
            let people: Vec<(&str, &str)> = people.iter().map(|(role, name)| (*role, name.as_str())).collect();
            flow.signatures(seal, &day.to_string(), &people);
        }
    }
}

/// Facts two by two, as the table of [`FACTS`] has them.
pub(in crate::assets) fn in_pairs(facts: &[(&'static str, String)]) -> Vec<Vec<String>> {
    let cell = |(name, value): &(&str, String)| [(*name).to_owned(), value.clone()];
    let row = |pair: &[(&'static str, String)]| {
        let mut row: Vec<String> = pair.iter().flat_map(cell).collect();
        row.resize(4, String::new());
        row
    };
    facts.chunks(2).map(row).collect()
}

pub(in crate::assets) const FACTS: &[TableColumn] = &[
    TableColumn { header: "项目", part: 1.2, side: Side::Centre },
    TableColumn { header: "内容", part: 3.0, side: Side::Left },
    TableColumn { header: "项目", part: 1.2, side: Side::Centre },
    TableColumn { header: "内容", part: 3.0, side: Side::Left },
];

const THINGS: &[TableColumn] = &[
    TableColumn { header: "序号", part: 0.6, side: Side::Centre },
    TableColumn { header: "资产编号", part: 1.9, side: Side::Left },
    TableColumn { header: "名称、规格型号", part: 2.8, side: Side::Left },
    TableColumn { header: "单位", part: 0.6, side: Side::Centre },
    TableColumn { header: "数量", part: 0.6, side: Side::Right },
    TableColumn { header: "账面原值（元）", part: 1.4, side: Side::Right },
    TableColumn { header: "取得日期", part: 1.2, side: Side::Centre },
    TableColumn { header: "存放地点", part: 1.5, side: Side::Left },
    TableColumn { header: "使用人", part: 1.0, side: Side::Left },
];

pub(in crate::assets) const OPINIONS: &[TableColumn] = &[
    TableColumn { header: "环节", part: 1.6, side: Side::Left },
    TableColumn { header: "意见", part: 4.4, side: Side::Left },
    TableColumn { header: "签字", part: 1.4, side: Side::Left },
    TableColumn { header: "日期", part: 1.4, side: Side::Centre },
];

/// What each step of the chain has said, and room for what it has not; of a scrapping the technical opinion too.
fn opinions(shown: &Shown, taken: &[decision::Model], names: &Directory) -> Vec<Vec<String>> {
    let Some(request) = &shown.approval else { return Vec::new() };
    let mut rows = opinions_of(request, taken, names);
    if shown.row.kind == Kind::Scrap {
        rows.insert(0, ["技术鉴定意见", "", "", ""].map(str::to_owned).to_vec());
    }
    rows
}

/// What each step of a chain has said, and room for what it has not.
pub(in crate::assets) fn opinions_of(
    request: &request::Model,
    taken: &[decision::Model],
    names: &Directory,
) -> Vec<Vec<String>> {
    let step = |(n, step): (i64, Step)| {
        let said = taken.iter().find(|one| one.step == n);
        let opinion = said.map(|one| {
            let word = if one.approved { "同意" } else { "不同意" };
            if one.reason.is_empty() { word.to_owned() } else { format!("{word}：{}", one.reason) }
        });
        vec![
            step.role.zh().to_owned(),
            opinion.unwrap_or_default(),
            said.map(|one| names.person_name(Some(one.decided_by)).to_owned()).unwrap_or_default(),
            said.map(|one| one.decided_at.day().to_string()).unwrap_or_default(),
        ]
    };
    (1i64..).zip(approvals::steps_of(request)).map(step).collect()
}

fn facts(shown: &Shown, names: &Directory) -> Vec<(&'static str, String)> {
    let row = &shown.row;
    let outside = match row.kind {
        Kind::Loan => "借用方",
        Kind::Repair => "维修单位",
        Kind::Intake => "供应商",
        Kind::Handover => "交接双方",
        _ => "对方单位",
    };
    let all = [
        (if row.kind == Kind::Transfer { "调出单位" } else { "使用单位" }, names.unit_name(row.unit_id).to_owned()),
        ("调入单位", row.to_unit_id.map(|unit| names.unit_name(unit).to_owned()).unwrap_or_default()),
        ("件数", row.line_count.to_string()),
        ("事由", row.reason.clone()),
        ("新存放地点", names.place_name(row.to_place_id).to_owned()),
        ("新使用人", names.person_name(row.to_keeper_id).to_owned()),
        (outside, row.counterparty.clone()),
        ("应归还日期", row.due_on.map(|day| day.to_string()).unwrap_or_default()),
        ("处置方式", row.disposal.map(|way| way.zh().to_owned()).unwrap_or_default()),
        ("提前报废原因", row.early_reason.clone()),
        ("会议纪要", row.decision.clone()),
        ("批复文号", row.approval_number.clone()),
        ("处置收入", row.proceeds_fen.map(|money| format!("{money} 元")).unwrap_or_default()),
        ("非税票据", row.receipt.clone()),
        ("审批", approved(shown)),
        ("备注", row.notes.clone()),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

fn approved(shown: &Shown) -> String {
    let Some(request) = &shown.approval else { return String::new() };
    let at = request.finished_at.map(|at| format!("（{}）", at.day())).unwrap_or_default();
    format!("{}{at}", request.state.zh())
}

/// Who signs by hand under which seal, with the names that are known. Of a transfer each unit signs for itself.
async fn signers(
    db: &impl ConnectionTrait,
    shown: &Shown,
    names: &Directory,
    organisation: &str,
) -> Result<Vec<(String, Vec<(&'static str, String)>)>, DbError> {
    let row = &shown.row;
    let asker = names.person_name(row.asker_id).to_owned();
    let head = heads(db, Some(row.unit_id)).await?;
    let taker = names.person_name(row.to_keeper_id).to_owned();
    let one = |people: Vec<(&'static str, String)>| Ok(vec![(organisation.to_owned(), people)]);
    match row.kind {
        Kind::Transfer => {
            let unit = |id: Option<UnitId>| id.map_or("", |id| names.unit_name(id)).to_owned();
            let gives = vec![("调出单位负责人", head), ("经办人", asker)];
            let accepted = names.person_name(row.accepted_by).to_owned();
            let takes = vec![("调入单位负责人", heads(db, row.to_unit_id).await?), ("经办人", accepted)];
            Ok(vec![(unit(Some(row.unit_id)), gives), (unit(row.to_unit_id), takes)])
        }
        Kind::Handover => one(vec![("移交人", String::new()), ("接交人", taker), ("监交人", String::new())]),
        Kind::Scrap | Kind::Dispose => {
            one(vec![("申请单位负责人", head), ("经办人", asker), ("资产管理员", String::new())])
        }
        Kind::Issue => one(vec![("单位负责人", head), ("经办人", asker), ("领用人", taker)]),
        Kind::Loan => one(vec![("单位负责人", head), ("经办人", asker), ("借用人", String::new())]),
        _ => one(vec![("经办人", asker), ("复核人", String::new())]),
    }
}

pub(in crate::assets) async fn heads(
    db: &impl ConnectionTrait,
    unit: Option<crate::kernel::ids::UnitId>,
) -> Result<String, DbError> {
    use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

    use crate::org::entity::person;
    let Some(unit) = unit else { return Ok(String::new()) };
    let head = person::Entity::find()
        .filter(person::Column::UnitId.eq(unit))
        .filter(person::Column::Duty.eq(Duty::Head))
        .filter(person::Column::Active.eq(true));
    Ok(head.one(db).await?.map(|row| row.name).unwrap_or_default())
}
