//! A submission as a workbook: sums, lines, messages, who signed, and what differs now.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::difference::Difference;
use super::entity::{submission, submission_line, submission_message, submission_step};
use super::figures::{Figures, Sum};
use super::standard;
use crate::assets::AssetError;
use crate::kernel::Fen;
use crate::org::Directory;
use crate::stocktake::verdict::Verdict;

/// What a workbook is made of.
#[derive(Debug)]
pub struct Sheets {
    /// The submission.
    pub row: submission::Model,
    /// Its sums.
    pub figures: Figures,
    /// Its lines.
    pub lines: Vec<submission_line::Model>,
    /// What the standard says of them.
    pub messages: Vec<submission_message::Model>,
    /// Who did what.
    pub steps: Vec<submission_step::Model>,
    /// What differs now.
    pub difference: Difference,
    /// Names of people.
    pub names: Directory,
}

enum Cell {
    Text(String),
    Count(i64),
    Money(Fen),
    MaybeMoney(Option<Fen>),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// Writes one sheet after the other.
struct Pages {
    book: Workbook,
    bold: Format,
    money: Format,
}

#[expect(clippy::cast_precision_loss, reason = "a spreadsheet has no other numbers")]
fn number(of: i64) -> f64 {
    of as f64
}

impl Pages {
    fn sheet(&mut self, name: &str, head: &[&str], rows: impl IntoIterator<Item = Vec<Cell>>) -> Result<(), XlsxError> {
        let (bold, money) = (self.bold.clone(), self.money.clone());
        let page = self.book.add_worksheet_with_constant_memory()?;
        page.set_name(name)?;
        page.set_freeze_panes(1, 0)?;
        for (column, text) in (0u16..).zip(head) {
            page.set_column_width(column, 18)?;
            page.write_with_format(0, column, *text, &bold)?;
        }
        for (row, cells) in (1u32..).zip(rows) {
            for (column, cell) in (0u16..).zip(cells) {
                write(page, (row, column), cell, &money)?;
            }
        }
        Ok(())
    }
}

fn write(page: &mut Worksheet, (row, column): (u32, u16), cell: Cell, money: &Format) -> Result<(), XlsxError> {
    match cell {
        Cell::Text(text) => page.write_string(row, column, text)?,
        Cell::Count(many) => page.write_number(row, column, number(many))?,
        Cell::Money(fen) => page.write_number_with_format(row, column, number(fen.0) / 100.0, money)?,
        Cell::MaybeMoney(None) => return Ok(()),
        Cell::MaybeMoney(Some(fen)) => page.write_number_with_format(row, column, number(fen.0) / 100.0, money)?,
    };
    Ok(())
}

fn sums(by: &str, name: &str, sum: &Sum) -> Vec<Cell> {
    vec![
        by.into(),
        name.into(),
        Cell::Count(sum.lines),
        Cell::Count(sum.quantity),
        Cell::Money(sum.value),
        Cell::Money(sum.accumulated),
        Cell::Money(sum.net),
    ]
}

fn thing(line: &submission_line::Model) -> Vec<Cell> {
    let day = |day: Option<chrono::NaiveDate>| Cell::Text(day.map(|day| day.to_string()).unwrap_or_default());
    vec![
        Cell::Count(line.line),
        line.item_number.as_str().into(),
        line.name.as_str().into(),
        line.specification.as_str().into(),
        line.serial_number.as_str().into(),
        line.class_code.as_str().into(),
        line.unit_name.as_str().into(),
        line.place.as_str().into(),
        line.keeper.as_str().into(),
        Cell::Count(line.quantity.0),
        line.state.zh().into(),
        Cell::Money(line.value_fen),
        Cell::MaybeMoney(line.accumulated_fen),
        Cell::MaybeMoney(line.net_fen),
        day(line.acquired_on),
        day(line.booked_on),
        line.verdict.parse::<Verdict>().map_or("", Verdict::zh).into(),
        line.counted_quantity.map(|many| many.0.to_string()).unwrap_or_default().into(),
    ]
}

const THING: &[&str] = &[
    "行号",
    "资产编号",
    "资产名称",
    "规格型号",
    "机身序列号",
    "资产分类代码",
    "使用部门",
    "存放地点",
    "使用人",
    "数量",
    "使用状况",
    "价值（元）",
    "累计折旧（元）",
    "净值（元）",
    "取得日期",
    "入账日期",
    "盘点结果",
    "实盘数量",
];

impl Sheets {
    /// The workbook. Blocking work: call it on a thread for such.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn bytes(&self) -> Result<Vec<u8>, AssetError> {
        self.write().map_err(|error| AssetError::Conflict(format!("工作簿写不出来：{error}")))
    }

    fn write(&self) -> Result<Vec<u8>, XlsxError> {
        let money = Format::new().set_num_format("#,##0.00");
        let mut pages = Pages { book: Workbook::new(), bold: Format::new().set_bold(), money };
        let total = std::iter::once(sums("合计", "", &self.figures.total));
        let groups = self.figures.groups.iter().map(|group| sums(group.by.zh(), &group.name, &group.sum));
        let head = ["分组", "名称", "行数", "数量", "价值（元）", "累计折旧（元）", "净值（元）"];
        pages.sheet("汇总", &head, total.chain(groups))?;
        pages.sheet("明细", THING, self.lines.iter().map(thing))?;
        let head = ["行号", "资产编号", "字段", "类别", "规则", "内容", "说明理由", "说明人"];
        pages.sheet("填报检查", &head, self.messages.iter().map(|one| self.message(one)))?;
        let head = ["环节", "办理人", "时间", "意见"];
        let steps = self.steps.iter().map(|step| {
            let who =
                step.person_id.map_or_else(|| step.actor.clone(), |id| self.names.person_name(Some(id)).to_owned());
            vec![step.deed.zh().into(), who.into(), step.at.to_string().into(), step.note.as_str().into()]
        });
        pages.sheet("流程", &head, steps)?;
        pages.sheet("现差异", &["资产编号", "变化", "报送时", "现在"], self.differs())?;
        pages.book.save_to_buffer()
    }

    fn message(&self, one: &submission_message::Model) -> Vec<Cell> {
        vec![
            Cell::Count(one.line),
            one.item_number.as_str().into(),
            one.field.as_str().into(),
            one.severity.zh().into(),
            standard::named(&one.rule).map_or(one.rule.as_str(), |rule| rule.zh).into(),
            one.words.as_str().into(),
            one.acknowledged_reason.as_str().into(),
            self.names.person_name(one.acknowledged_by).into(),
        ]
    }

    fn differs(&self) -> Vec<Vec<Cell>> {
        let told = &self.difference;
        let whole = |line: &submission_line::Model| format!("{} · {} 元", line.name, line.value_fen);
        let of = |number: &str, what: &str, before: String, now: String| -> Vec<Cell> {
            vec![number.into(), what.into(), before.into(), now.into()]
        };
        let mut rows = vec![of("合计", "价值（元）", told.before.value.to_string(), told.now.value.to_string())];
        rows.extend(told.added.iter().map(|line| of(&line.item_number, "新增", String::new(), whole(line))));
        rows.extend(told.removed.iter().map(|line| of(&line.item_number, "减少", whole(line), String::new())));
        rows.extend(
            told.changed.iter().map(|one| of(&one.item_number, one.field, one.before.clone(), one.now.clone())),
        );
        rows
    }
}
