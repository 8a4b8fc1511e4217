//! A submission on paper, to be signed and sealed: the sums, what the standard remarked and why it was let pass, who
//! looked at it.

use hashbrown::HashMap;
use sea_orm::ConnectionTrait;

use super::entity::{submission, submission_message};
use super::figures::{By, Figures, Sum};
use super::model::{Deed, State};
use super::{standard, store};
use crate::assets::AssetError;
use crate::kernel::Timestamp;
use crate::kernel::text::thousands;
use crate::org::{Directory, service};
use crate::stocktake::report::pdf::{self, Flow, Side, Table, TableColumn};

/// Remarks that the paper lists one by one; the workbook has all.
const MOST_REMARKS: usize = 60;

/// What the paper says, read from the database; made into bytes without it.
#[derive(Debug, Clone)]
pub struct Paper {
    organisation: String,
    row: submission::Model,
    figures: Figures,
    remarks: Vec<Vec<String>>,
    remark_count: usize,
    steps: Vec<Vec<String>>,
    signers: [String; 3],
    made_at: Timestamp,
}

impl Paper {
    /// Reads what the paper of a submission says.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(db: &impl ConnectionTrait, row: submission::Model, now: Timestamp) -> Result<Self, AssetError> {
        let messages = store::messages(db, &row, None, 0, u64::MAX >> 1).await?;
        let steps = store::steps(db, &row).await?;
        let people: Vec<_> = steps
            .iter()
            .filter_map(|step| step.person_id)
            .chain([row.prepared_by, row.reviewed_by, row.approved_by].into_iter().flatten())
            .collect();
        let names = Directory::load_some(db, &[], &people).await?;
        let told = |step: &super::entity::submission_step::Model| {
            let who = step.person_id.map_or_else(|| step.actor.clone(), |id| names.person_name(Some(id)).to_owned());
            vec![step.deed.zh().to_owned(), step.note.clone(), who, step.at.day().to_string()]
        };
        let shown = steps.iter().filter(|step| step.deed != Deed::Compute).map(told).collect();
        let signers = [row.prepared_by, row.reviewed_by, row.approved_by].map(|id| names.person_name(id).to_owned());
        Ok(Self {
            organisation: service::organisation(db).await?,
            figures: store::figures(&row)?,
            remark_count: messages.len(),
            remarks: remarks(&messages),
            steps: shown,
            signers,
            row,
            made_at: now,
        })
    }

    /// The PDF.
    ///
    /// # Errors
    /// When it cannot be put together.
    pub fn bytes(&self) -> Result<Vec<u8>, AssetError> {
        let font = hufu_labels::write::BUILTIN_FONT;
        let title = format!("{} {}", self.row.title, self.row.number);
        pdf::form(&title, self.made_at, font, |flow| self.write(flow))
            .map_err(|error| AssetError::Conflict(error.to_string()))
    }

    fn write(&self, flow: &mut Flow<'_>) {
        let row = &self.row;
        flow.centred(&self.organisation, 16.0, false);
        flow.centred(row.kind.zh(), 22.0, true);
        flow.space(8.0);
        let standing = if row.state == State::Submitted { "" } else { "（未报送）" };
        flow.caption(
            &format!("编号：{}{standing}　　填报基准日：{}　　金额单位：元", row.number, row.as_of),
            Side::Left,
        );
        let sum = &self.figures.total;
        let count = |many: i64| thousands(many.unsigned_abs());
        flow.paragraph(&format!(
            "{}：截至 {}，固定资产 {} 行、{} 件，原值 {} 元，累计折旧 {} 元，净值 {} 元。本表由明细逐行计算，明细校验值 {}。",
            row.title,
            row.as_of,
            count(sum.lines),
            count(sum.quantity),
            sum.value,
            sum.accumulated,
            sum.net,
            row.lines_hash.get(..16).unwrap_or_default(),
        ));
        for (heading, by) in [
            ("一、按资产大类", By::Class),
            ("二、按使用部门", By::Unit),
            ("三、按使用状况", By::State),
            ("四、按盘点结果", By::Verdict),
        ] {
            self.group(flow, heading, by);
        }
        if !self.remarks.is_empty() {
            flow.heading("填报检查说明");
            flow.table(&Table { columns: REMARKS.to_vec(), rows: self.remarks.clone(), has_total: false });
            if self.remark_count > self.remarks.len() {
                flow.caption(&format!("共 {} 条，其余见电子表。", self.remark_count), Side::Left);
            }
        }
        flow.heading("审核流程");
        flow.table(&Table { columns: STEPS.to_vec(), rows: self.steps.clone(), has_total: false });
        let [prepared, reviewed, approved] = &self.signers;
        let people = [("编制人", prepared.as_str()), ("复核人", reviewed.as_str()), ("审批人", approved.as_str())];
        flow.signatures(&self.organisation, &self.made_at.day().to_string(), &people);
    }

    fn group(&self, flow: &mut Flow<'_>, heading: &str, by: By) {
        let mut rows: Vec<Vec<String>> = self.figures.by(by).map(|group| sums(&group.name, &group.sum)).collect();
        if rows.is_empty() {
            return;
        }
        rows.push(sums("合计", &self.figures.total));
        flow.heading(heading);
        flow.table(&Table { columns: SUMS.to_vec(), rows, has_total: true });
    }
}

fn sums(name: &str, sum: &Sum) -> Vec<String> {
    let count = |many: i64| thousands(many.unsigned_abs());
    vec![
        name.to_owned(),
        count(sum.lines),
        count(sum.quantity),
        sum.value.to_string(),
        sum.accumulated.to_string(),
        sum.net.to_string(),
    ]
}

/// A line for each rule and reason, with how many things it is about and the first of them.
fn remarks(messages: &[submission_message::Model]) -> Vec<Vec<String>> {
    let mut order = Vec::new();
    let mut grouped: HashMap<(&str, &str), Vec<&str>> = HashMap::new();
    for one in messages {
        let group = (one.rule.as_str(), one.acknowledged_reason.as_str());
        grouped
            .entry(group)
            .or_insert_with(|| {
                order.push((group, one.severity));
                Vec::new()
            })
            .push(&one.item_number);
    }
    let told = order.into_iter().take(MOST_REMARKS).map(|((rule, reason), severity)| {
        let things = grouped.get(&(rule, reason)).map(Vec::as_slice).unwrap_or_default();
        let few = things.iter().take(3).copied().collect::<Vec<_>>().join("、");
        let more = if things.len() > 3 { " 等" } else { "" };
        vec![
            severity.zh().to_owned(),
            standard::named(rule).map_or(rule, |rule| rule.zh).to_owned(),
            format!("{few}{more}"),
            things.len().to_string(),
            reason.to_owned(),
        ]
    });
    told.collect()
}

const SUMS: &[TableColumn] = &[
    TableColumn { header: "名称", part: 2.6, side: Side::Left },
    TableColumn { header: "行数", part: 0.9, side: Side::Right },
    TableColumn { header: "数量", part: 0.9, side: Side::Right },
    TableColumn { header: "原值", part: 1.8, side: Side::Right },
    TableColumn { header: "累计折旧", part: 1.6, side: Side::Right },
    TableColumn { header: "净值", part: 1.8, side: Side::Right },
];

const REMARKS: &[TableColumn] = &[
    TableColumn { header: "类别", part: 0.7, side: Side::Centre },
    TableColumn { header: "规则", part: 2.0, side: Side::Left },
    TableColumn { header: "资产", part: 2.6, side: Side::Left },
    TableColumn { header: "件数", part: 0.7, side: Side::Right },
    TableColumn { header: "说明", part: 3.0, side: Side::Left },
];

const STEPS: &[TableColumn] = &[
    TableColumn { header: "环节", part: 1.4, side: Side::Left },
    TableColumn { header: "意见", part: 4.4, side: Side::Left },
    TableColumn { header: "办理人", part: 1.4, side: Side::Left },
    TableColumn { header: "日期", part: 1.4, side: Side::Centre },
];
