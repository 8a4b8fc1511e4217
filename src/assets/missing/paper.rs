//! Printed forms of missing things: 盘亏资产确认表 of one, 盘亏资产清单 of a list that is sent down.

use sea_orm::ConnectionTrait;

use super::entity::loss_list;
use super::procedure;
use super::store::{self, Case};
use crate::approvals::store as approvals;
use crate::assets::AssetError;
use crate::assets::movements::paper::{FACTS, OPINIONS, heads, in_pairs, opinions_of};
use crate::db::DbError;
use crate::kernel::ids::PersonId;
use crate::kernel::{Ctx, Timestamp};
use crate::org::entity::person::Duty;
use crate::org::{Directory, service};
use crate::stocktake::report::pdf::{self, Flow, Side, Table, TableColumn};

/// What a form says, read from the database; made into bytes without it.
#[derive(Debug, Clone)]
pub struct Form {
    organisation: String,
    title: String,
    caption: String,
    tables: Vec<(Vec<TableColumn>, Vec<Vec<String>>, bool)>,
    /// Under which seal who signs.
    signers: Vec<(String, Vec<(&'static str, String)>)>,
    day: Timestamp,
    made_at: Timestamp,
}

impl Form {
    /// The form as a PDF.
    ///
    /// # Errors
    /// When it cannot be put together.
    pub fn bytes(&self) -> Result<Vec<u8>, AssetError> {
        let font = hufu_labels::write::BUILTIN_FONT;
        pdf::form(&self.title, self.made_at, font, |flow| self.write(flow))
            .map_err(|error| AssetError::Conflict(error.to_string()))
    }

    fn write(&self, flow: &mut Flow<'_>) {
        flow.centred(&self.organisation, 16.0, false);
        flow.centred(&self.title, 22.0, true);
        flow.space(6.0);
        flow.caption(&self.caption, Side::Right);
        for (columns, rows, has_total) in &self.tables {
            flow.table(&Table { columns: columns.clone(), rows: rows.clone(), has_total: *has_total });
        }
        let day = self.day.day().format("%Y 年 %-m 月 %-d 日").to_string();
        for (seal, people) in &self.signers {
            let people: Vec<(&str, &str)> = people.iter().map(|(role, name)| (*role, name.as_str())).collect();
            flow.signatures(seal, &day, &people);
        }
    }
}

const WORDS: &[TableColumn] = &[
    TableColumn { header: "事项", part: 1.2, side: Side::Centre },
    TableColumn { header: "内容", part: 7.2, side: Side::Left },
];

const SEARCHES: &[TableColumn] = &[
    TableColumn { header: "查找日期", part: 1.3, side: Side::Centre },
    TableColumn { header: "查找人", part: 1.1, side: Side::Left },
    TableColumn { header: "查找地点", part: 2.4, side: Side::Left },
    TableColumn { header: "结果", part: 0.9, side: Side::Centre },
    TableColumn { header: "情况", part: 3.0, side: Side::Left },
];

const STEPS: &[TableColumn] = &[
    TableColumn { header: "序号", part: 0.7, side: Side::Centre },
    TableColumn { header: "流程事项", part: 5.0, side: Side::Left },
    TableColumn { header: "附材料", part: 0.8, side: Side::Centre },
    TableColumn { header: "办理", part: 1.9, side: Side::Centre },
];

const THINGS: &[TableColumn] = &[
    TableColumn { header: "序号", part: 0.6, side: Side::Centre },
    TableColumn { header: "资产编号", part: 1.7, side: Side::Left },
    TableColumn { header: "名称、规格型号", part: 2.4, side: Side::Left },
    TableColumn { header: "账面原值（元）", part: 1.3, side: Side::Right },
    TableColumn { header: "取得日期", part: 1.2, side: Side::Centre },
    TableColumn { header: "存放地点", part: 1.4, side: Side::Left },
    TableColumn { header: "使用人", part: 0.9, side: Side::Left },
    TableColumn { header: "查找线索", part: 2.4, side: Side::Left },
    TableColumn { header: "查找结果", part: 1.1, side: Side::Centre },
];

/// Searches that a form shows; the page has them all.
const MOST_SEARCHES: usize = 40;

/// Reads the 盘亏资产确认表 of a case.
///
/// # Errors
/// When the database cannot be read.
pub async fn confirmation(db: &impl ConnectionTrait, ctx: &Ctx, one: Case) -> Result<Form, DbError> {
    let Case { case, loss, thing, approval, standing } = &one;
    let logs = store::logs(db, case.id).await?;
    let taken = match loss.approval_id {
        Some(id) => approvals::decisions(db, &[id]).await?.remove(&id).unwrap_or_default(),
        None => Vec::new(),
    };
    let places = logs.iter().filter_map(|log| log.place_id).chain(thing.place_id).chain(loss.found_place_id);
    let places: Vec<_> = places.collect();
    let people = logs.iter().filter_map(|log| log.searcher_id).chain(taken.iter().map(|one| one.decided_by));
    let people =
        people.chain(thing.keeper_id).chain(loss.responsible_id).chain(loss.confirmed_by).chain(loss.judged_by);
    let people: Vec<PersonId> = people.collect();
    let names = Directory::load_some(db, &places, &people).await?;
    let list = store::sent_by(db, case.id).await?;
    let facts = [
        ("使用单位", names.unit_name(loss.unit_id).to_owned()),
        (
            "盘亏清单",
            format!("{} 年{}", case.list_year, list.map(|row| format!("（{}）", row.number)).unwrap_or_default()),
        ),
        ("资产编号", thing.item_number.clone()),
        ("资产名称", thing.name.clone()),
        ("规格型号", thing.specification.clone()),
        ("序列号", thing.serial_number.clone()),
        ("数量", format!("{} {}", thing.quantity, thing.measure_unit).trim().to_owned()),
        ("账面原值", format!("{} 元", thing.value_fen)),
        ("取得日期", thing.acquired_on.map(|day| day.to_string()).unwrap_or_default()),
        ("登记日期", case.opened_at.day().to_string()),
        ("存放地点", names.place_name(thing.place_id).to_owned()),
        ("使用人", names.person_name(thing.keeper_id).to_owned()),
    ];
    let mut tables = vec![(FACTS.to_vec(), in_pairs(&facts), false)];
    let search = |log: &super::entity::loss_log::Model| {
        let place = [names.place_name(log.place_id), log.place.as_str()].join(" ").trim().to_owned();
        let who = names.person_name(log.searcher_id).to_owned();
        vec![log.searched_at.day().to_string(), who, place, log.result.zh().to_owned(), log.note.clone()]
    };
    let mut searched: Vec<_> = logs.iter().rev().take(MOST_SEARCHES).map(search).collect();
    searched.reverse();
    if searched.is_empty() {
        searched.push(vec![String::new(); SEARCHES.len()]);
    }
    tables.push((SEARCHES.to_vec(), searched, false));
    tables.push((WORDS.to_vec(), said(&one, &names), false));
    if let Some(request) = approval {
        tables.push((OPINIONS.to_vec(), opinions_of(request, &taken, &names), false));
    }
    tables.push((STEPS.to_vec(), steps(db, &one).await?, false));
    let keeper = names.person_name(thing.keeper_id).to_owned();
    let head = heads(db, Some(loss.unit_id)).await?;
    let manager = with_duty(db, loss.unit_id, Duty::AssetManager).await?;
    let organisation = service::organisation(db).await?;
    let signers = vec![
        (
            names.unit_name(loss.unit_id).to_owned(),
            vec![("使用人", keeper), ("专职管理员", manager), ("单位负责人", head)],
        ),
        (organisation.clone(), vec![("分局资产管理员", String::new()), ("财务", String::new())]),
    ];
    let day = loss.confirmed_at.unwrap_or(case.opened_at);
    let caption = format!(
        "编号：{}-{}　　日期：{}　　状态：{}",
        case.list_year,
        thing.item_number,
        day.day().format("%Y 年 %-m 月 %-d 日"),
        standing.state.zh()
    );
    let title = "盘亏资产确认表".to_owned();
    Ok(Form { organisation, title, caption, tables, signers, day, made_at: ctx.now() })
}

/// What was said of a loss, in words; what nobody has said leaves room to write.
fn said(one: &Case, names: &Directory) -> Vec<Vec<String>> {
    let (case, loss) = (&one.case, &one.loss);
    let judged = loss.degree.map(|degree| {
        let who = names.person_name(loss.responsible_id);
        let who = if who.is_empty() { String::new() } else { format!("（{who}）") };
        let paid = loss.compensation_fen.map(|paid| format!("；赔偿 {paid} 元，票据 {}", loss.receipt));
        format!("{}{who}；依据：{}{}", degree.zh(), loss.basis, paid.unwrap_or_default())
    });
    let off = loss.written_off_at.map(|at| {
        let voucher_on = loss.voucher_on.map(|day| day.to_string()).unwrap_or_default();
        format!(
            "{} 核销；会议纪要 {}；批复 {}；会计凭证 {}（{voucher_on}）",
            at.day(),
            loss.decision,
            loss.approval_number,
            loss.voucher_number
        )
    });
    let found = case.found_at.map(|at| {
        let how = loss.found_how.map_or("后续盘点找回", super::model::FoundHow::zh);
        format!("{} {how}；{}{}", at.day(), names.place_name(loss.found_place_id), loss.found_note)
    });
    let confirmed = loss.confirmed_at.map(|at| format!("{}（{}）", names.person_name(loss.confirmed_by), at.day()));
    let row = |name: &str, text: Option<String>| vec![name.to_owned(), text.unwrap_or_default()];
    let explanation = (!loss.explanation.is_empty()).then(|| loss.explanation.clone());
    let mut rows = vec![row("盘亏原因", explanation), row("确认人", confirmed), row("责任认定", judged)];
    if found.is_some() {
        rows.push(row("找回情况", found));
    } else {
        rows.push(row("账务处理", off));
    }
    rows
}

async fn steps(db: &impl ConnectionTrait, one: &Case) -> Result<Vec<Vec<String>>, DbError> {
    let steps = procedure::of_case(db, &one.case).await?;
    let row = |standing: procedure::Standing| {
        let step = standing.step;
        let required = if step.required { "" } else { "（需要时）" };
        let done = match standing.last {
            Some(tick) if standing.done => format!("已办 {}", tick.ticked_at.day()),
            _ => String::new(),
        };
        let paper = if step.needs_paper { "须附" } else { "—" };
        vec![step.code, format!("{}{required}", step.title), paper.to_owned(), done]
    };
    Ok(steps.into_iter().map(row).collect())
}

async fn with_duty(db: &impl ConnectionTrait, unit: crate::kernel::ids::UnitId, duty: Duty) -> Result<String, DbError> {
    use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

    use crate::org::entity::person;
    let one = person::Entity::find()
        .filter(person::Column::UnitId.eq(unit))
        .filter(person::Column::Duty.eq(duty))
        .filter(person::Column::Active.eq(true));
    Ok(one.one(db).await?.map(|row| row.name).unwrap_or_default())
}

/// Reads the 盘亏资产清单 of a list.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, ctx: &Ctx, row: &loss_list::Model) -> Result<Form, DbError> {
    let cases = store::lines_of(db, row.id).await?;
    let places: Vec<_> = cases.iter().filter_map(|one| one.thing.place_id).collect();
    let people: Vec<_> = cases.iter().filter_map(|one| one.thing.keeper_id).chain(row.acknowledged_by).collect();
    let names = Directory::load_some(db, &places, &people).await?;
    let leads = store::leads(db, &cases.iter().map(|one| one.thing.id).collect::<Vec<_>>()).await?;
    let line = |(n, one): (usize, &Case)| {
        let thing = &one.thing;
        vec![
            n.to_string(),
            thing.item_number.clone(),
            [thing.name.as_str(), &thing.specification].join(" ").trim().to_owned(),
            thing.value_fen.to_string(),
            thing.acquired_on.map(|day| day.to_string()).unwrap_or_default(),
            names.place_name(thing.place_id).to_owned(),
            names.person_name(thing.keeper_id).to_owned(),
            leads.get(&thing.id).cloned().unwrap_or_default(),
            if one.case.state.is_open() { String::new() } else { one.standing.state.zh().to_owned() },
        ]
    };
    let mut rows: Vec<_> = (1..).zip(&cases).map(line).collect();
    rows.push(
        ["合计", &format!("{} 件", row.line_count), "", &row.value_fen.to_string(), "", "", "", "", ""]
            .map(str::to_owned)
            .to_vec(),
    );
    let unit = names.unit_name(row.unit_id).to_owned();
    let facts = [
        ("接收单位", unit.clone()),
        ("件数", row.line_count.to_string()),
        ("下发日期", row.sent_at.day().to_string()),
        ("办理期限", row.due_on.to_string()),
        ("要求", row.note.clone()),
        (
            "签收",
            row.acknowledged_at
                .map(|at| format!("{}（{}）", names.person_name(row.acknowledged_by), at.day()))
                .unwrap_or_default(),
        ),
    ];
    let organisation = service::organisation(db).await?;
    let signers = vec![
        (organisation.clone(), vec![("下发人", String::new())]),
        (
            unit,
            vec![
                ("单位负责人", heads(db, Some(row.unit_id)).await?),
                ("专职管理员", with_duty(db, row.unit_id, Duty::AssetManager).await?),
            ],
        ),
    ];
    Ok(Form {
        organisation,
        title: format!("{} 年盘亏资产清单", row.list_year),
        caption: format!("编号：{}", row.number),
        tables: vec![(FACTS.to_vec(), in_pairs(&facts), false), (THINGS.to_vec(), rows, true)],
        signers,
        day: row.sent_at,
        made_at: ctx.now(),
    })
}
