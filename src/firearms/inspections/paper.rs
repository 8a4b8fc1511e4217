//! 安全检查对照检查表 as it is printed and signed.

use sea_orm::ConnectionTrait;

use super::entity::{inspection, photo};
use super::service::asked;
use super::store;
use crate::firearms::ArmsError;
use crate::firearms::store as registry;
use crate::kernel::Timestamp;
use crate::org::{Directory, service};
use crate::stocktake::report::pdf::{self, Flow, Side, Table, TableColumn};

/// What the form says, read from the database; made into bytes without it.
#[derive(Debug, Clone)]
pub struct Paper {
    organisation: String,
    row: inspection::Model,
    facts: Vec<Vec<String>>,
    rows: Vec<Vec<String>>,
    photos: Vec<photo::Model>,
    inspector: String,
    in_charge: String,
    made_at: Timestamp,
}

impl Paper {
    /// Reads what the form of an inspection says.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(db: &impl ConnectionTrait, row: inspection::Model, now: Timestamp) -> Result<Self, ArmsError> {
        let of = registry::armoury_by_id(db, row.armoury_id).await?.ok_or(ArmsError::NotFound("这个枪弹库"))?;
        let people: Vec<_> = row.in_charge_id.into_iter().chain([row.inspector_id]).collect();
        let names = Directory::load_some(db, &[], &people).await?;
        let results = store::results(db, row.id).await?;
        let mut rows = Vec::new();
        for (n, check) in (1..).zip(asked(&row, &of)) {
            let result = results.get(check.code);
            rows.push(vec![
                format!("{n}"),
                check.area.to_owned(),
                check.text.to_owned(),
                result.map_or("", |one| one.outcome.zh()).to_owned(),
                result.map(|one| one.remark.clone()).unwrap_or_default(),
            ]);
        }
        let inspector = names.person_name(Some(row.inspector_id)).to_owned();
        let in_charge = names.person_name(row.in_charge_id).to_owned();
        let signed = row.signed_at.map(|at| format!("{inspector} {at}")).unwrap_or_default();
        let occasion = if row.occasion.is_empty() { String::new() } else { format!("：{}", row.occasion) };
        let facts = [
            ("检查单位", names.unit_name(row.inspecting_unit_id).to_owned()),
            ("检查人员", inspector.clone()),
            ("检查日期", row.day.to_string()),
            ("检查方式", format!("{}{occasion}", row.kind.zh())),
            ("被检单位", format!("{}（{}）", names.unit_name(row.unit_id), of.name)),
            ("负责人", in_charge.clone()),
            ("上报单位", row.reported_to.clone()),
            ("电子签字", signed),
        ];
        let facts = facts
            .chunks(2)
            .map(|pair| pair.iter().flat_map(|(name, value)| [(*name).to_owned(), value.clone()]).collect())
            .collect();
        let organisation = service::organisation(db).await?;
        let photos = store::photos(db, row.id).await?;
        Ok(Self { organisation, row, facts, rows, photos, inspector, in_charge, made_at: now })
    }

    /// The form as a PDF.
    ///
    /// # Errors
    /// When it cannot be put together.
    pub fn bytes(&self) -> Result<Vec<u8>, ArmsError> {
        let font = hufu_labels::write::BUILTIN_FONT;
        pdf::form(&format!("安全检查对照检查表 {}", self.row.number), self.made_at, font, |flow| {
            self.write(flow)
        })
        .map_err(|error| ArmsError::Conflict(error.to_string()))
    }

    fn write(&self, flow: &mut Flow<'_>) {
        let row = &self.row;
        flow.centred(&self.organisation, 16.0, false);
        flow.centred("安全检查对照检查表", 22.0, true);
        flow.space(6.0);
        let head = format!("编号：{}　　检查表第 {} 版　　状态：{}", row.number, row.checklist, row.state.zh());
        flow.caption(&head, Side::Right);
        flow.table(&Table { columns: FACTS.to_vec(), rows: self.facts.clone(), has_total: false });
        flow.table(&Table { columns: CHECKS.to_vec(), rows: self.rows.clone(), has_total: false });
        let problems = if row.problems.is_empty() { "无" } else { row.problems.as_str() };
        flow.heading(&format!("存在问题（不合格 {} 项）", row.failed));
        flow.paragraph(problems);
        if !self.photos.is_empty() {
            flow.heading(&format!("照片 {} 张", self.photos.len()));
            for photo in &self.photos {
                flow.caption(&format!("{}　SHA-256 {}", photo.name, photo.sha256), Side::Left);
            }
        }
        let day = row.day.format("%Y 年 %-m 月 %-d 日").to_string();
        let signers = [("检查人员", self.inspector.as_str()), ("被检单位负责人", self.in_charge.as_str())];
        flow.signatures(&self.organisation, &day, &signers);
    }
}

const FACTS: &[TableColumn] = &[
    TableColumn { header: "项目", part: 1.1, side: Side::Centre },
    TableColumn { header: "内容", part: 3.0, side: Side::Left },
    TableColumn { header: "项目", part: 1.1, side: Side::Centre },
    TableColumn { header: "内容", part: 3.0, side: Side::Left },
];

const CHECKS: &[TableColumn] = &[
    TableColumn { header: "序号", part: 0.6, side: Side::Centre },
    TableColumn { header: "类别", part: 1.1, side: Side::Left },
    TableColumn { header: "检查内容", part: 4.2, side: Side::Left },
    TableColumn { header: "结果", part: 0.9, side: Side::Centre },
    TableColumn { header: "说明", part: 2.4, side: Side::Left },
];
