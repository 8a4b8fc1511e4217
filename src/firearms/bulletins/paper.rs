//! 公务用枪安全管理周通报 as it is printed.

use sea_orm::ConnectionTrait;

use super::entity::{bulletin, line};
use super::facts::Facts;
use super::service::State;
use super::store;
use crate::db::DbError;
use crate::firearms::ArmsError;
use crate::kernel::Timestamp;
use crate::org::{Directory, service};
use crate::stocktake::report::pdf::{self, Flow, Side, Table, TableColumn};

/// What the bulletin says, read from the database; made into bytes without it.
#[derive(Debug, Clone)]
pub struct Paper {
    organisation: String,
    row: bulletin::Model,
    lines: Vec<(String, Facts)>,
    made_at: Timestamp,
}

/// A unit's lines with its name, and all of them together.
#[must_use]
pub fn total(lines: &[line::Model]) -> Facts {
    lines.iter().fold(Facts::default(), |sum, line| sum.and(&line.facts()))
}

impl Paper {
    /// Reads what a bulletin says.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(db: &impl ConnectionTrait, row: bulletin::Model, now: Timestamp) -> Result<Self, DbError> {
        let names = Directory::load_some(db, &[], &[]).await?;
        let lines = store::lines(db, row.id).await?;
        let lines = lines.iter().map(|line| (names.unit_name(line.unit_id).to_owned(), line.facts())).collect();
        Ok(Self { organisation: service::organisation(db).await?, row, lines, made_at: now })
    }

    /// The bulletin as a PDF.
    ///
    /// # Errors
    /// When it cannot be put together.
    pub fn bytes(&self) -> Result<Vec<u8>, ArmsError> {
        let font = hufu_labels::write::BUILTIN_FONT;
        pdf::form(&format!("公务用枪安全管理周通报 {}", self.row.number), self.made_at, font, |flow| {
            self.write(flow)
        })
        .map_err(|error| ArmsError::Conflict(error.to_string()))
    }

    fn write(&self, flow: &mut Flow<'_>) {
        let row = &self.row;
        let all = self.lines.iter().fold(Facts::default(), |sum, (_, facts)| sum.and(facts));
        flow.centred(&self.organisation, 16.0, false);
        flow.centred("公务用枪安全管理周通报", 22.0, true);
        flow.space(6.0);
        let draft = if row.state == State::Draft { "（草稿）" } else { "" };
        flow.caption(&format!("{}{draft}　　{} 至 {}", row.number, row.from_day, row.until_day), Side::Right);
        flow.heading("一、总体情况");
        flow.paragraph(&self.overview(&all));
        flow.heading("二、各单位情况");
        let named = all.named();
        let (first, second) = named.split_at(7);
        for (from, part) in [(0, first), (7, second)] {
            let which = from..from + part.len();
            let rows = self.lines.iter().map(|(name, facts)| cells(name, facts, which.clone()));
            let rows = rows.chain([cells("合计", &all, which.clone())]).collect();
            let mut columns = vec![TableColumn { header: "单位", part: 2.4, side: Side::Left }];
            columns.extend(part.iter().map(|(header, _)| TableColumn { header, part: 1.0, side: Side::Right }));
            flow.table(&Table { columns, rows, has_total: true });
        }
        flow.heading("三、存在问题");
        let troubled: Vec<String> = self.lines.iter().filter_map(|(name, facts)| trouble(name, facts)).collect();
        if troubled.is_empty() {
            flow.paragraph("本周各单位未发现问题。");
        }
        troubled.iter().for_each(|text| flow.paragraph(text));
        flow.heading("四、工作要求");
        flow.paragraph(if row.remark.is_empty() { "无。" } else { row.remark.as_str() });
        let day = row.issued_at.unwrap_or(row.counted_at).day().format("%Y 年 %-m 月 %-d 日").to_string();
        flow.signatures(&self.organisation, &day, &[("编制", ""), ("审核", ""), ("签发", "")]);
    }

    fn overview(&self, all: &Facts) -> String {
        format!(
            "本周 {} 个单位 {} 个枪弹库：领枪 {} 次，逾期 {} 次；交接 {} 次，{} 个单位日未交接；检查 {} 次，缺检 {} 库次，\
             不合格 {} 项；抽查 {} 次；报警 {} 起；新增问题 {} 个，销号 {} 个，周末未销号 {} 个。",
            self.lines.len(),
            all.stores,
            all.draws,
            all.overdue,
            all.handovers,
            all.handovers_missed,
            all.inspections,
            all.inspections_missing,
            all.checks_failed,
            all.audits,
            all.alarms,
            all.findings_opened,
            all.findings_closed,
            all.findings_open,
        )
    }
}

fn cells(name: &str, facts: &Facts, which: std::ops::Range<usize>) -> Vec<String> {
    let figures = facts.named();
    let figures = figures.get(which).unwrap_or_default().iter().map(|(_, many)| many.to_string());
    std::iter::once(name.to_owned()).chain(figures).collect()
}

/// What is wrong in a unit's week, in one sentence; nothing when nothing is.
fn trouble(name: &str, facts: &Facts) -> Option<String> {
    let told: Vec<String> = [
        ("枪支逾期", facts.overdue, "次"),
        ("未交接", facts.handovers_missed, "天"),
        ("缺网上检查", facts.inspections_missing, "库次"),
        ("检查不合格", facts.checks_failed, "项"),
        ("报警", facts.alarms, "起"),
    ]
    .into_iter()
    .filter(|(_, many, _)| *many > 0)
    .map(|(what, many, of)| format!("{what} {many} {of}"))
    .collect();
    (!told.is_empty()).then(|| format!("{name}：{}。", told.join("，")))
}
