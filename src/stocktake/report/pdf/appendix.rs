//! The lines that differ, gathered with a limit, and the tables of the appendix made of them.

use std::collections::BTreeMap;

use super::flow::{Flow, Side, Table, TableColumn};
use crate::items::model::ItemState;
use crate::kernel::Fen;
use crate::kernel::text::thousands;
use crate::stocktake::report::{ReportHead, ReportLine};
use crate::stocktake::verdict::Verdict;

/// The most kinds of note that are told apart.
const NOTES: usize = 2_000;

/// Lines of one table: the first ones, and how many there are.
#[derive(Debug, Default)]
pub(super) struct Gathered<'a> {
    pub(super) shown: Vec<ReportLine<'a>>,
    pub(super) count: u64,
    pub(super) value: Fen,
    pub(super) shortage: Fen,
    pub(super) with_lead: u64,
    /// Lines with neither a lead nor a note.
    pub(super) unexplained: u64,
}

impl<'a> Gathered<'a> {
    fn add(&mut self, line: ReportLine<'a>, most: usize) {
        self.count += 1;
        self.value += line.value;
        self.shortage += line.shortage_value();
        self.with_lead += u64::from(!line.lead.is_empty());
        self.unexplained += u64::from(line.lead.is_empty() && line.note.is_empty());
        if self.shown.len() < most {
            self.shown.push(line);
        }
    }
}

/// Every line that is not as it should be, by table.
#[derive(Debug, Default)]
pub(super) struct Differences<'a> {
    /// 盘亏, 数量短缺
    pub(super) shortage: Gathered<'a>,
    /// 盘盈, 数量溢余, 账销物存
    pub(super) surplus: Gathered<'a>,
    /// 待处置
    pub(super) to_scrap: Gathered<'a>,
    /// 地点不符, 使用人不符
    pub(super) changed: Gathered<'a>,
    /// 重复冲突, 范围外
    pub(super) unclear: Gathered<'a>,
    /// What counters wrote on lines that differ, and how often.
    notes: BTreeMap<&'a str, u64>,
}

impl<'a> Differences<'a> {
    /// Gathers from all lines, keeping at most `most` of each table.
    pub(super) fn gather(lines: impl IntoIterator<Item = ReportLine<'a>>, most: usize) -> Self {
        let mut all = Self::default();
        for line in lines {
            if line.state == Some(ItemState::PendingDisposal) {
                all.to_scrap.add(line, most);
            }
            let table = match line.verdict {
                Verdict::Missing | Verdict::Short => &mut all.shortage,
                Verdict::Unregistered | Verdict::Over | Verdict::DisposedPresent => &mut all.surplus,
                Verdict::Misplaced | Verdict::WrongKeeper => &mut all.changed,
                Verdict::Conflict | Verdict::Foreign => &mut all.unclear,
                Verdict::Matched | Verdict::Excused | Verdict::Pending => continue,
            };
            table.add(line, most);
            if !line.note.is_empty() && (all.notes.len() < NOTES || all.notes.contains_key(line.note)) {
                *all.notes.entry(line.note).or_default() += 1;
            }
        }
        all
    }

    /// The notes written most often, at most `most`.
    pub(super) fn top_notes(&self, most: usize) -> Vec<(&'a str, u64)> {
        let mut notes: Vec<_> = self.notes.iter().map(|(note, count)| (*note, *count)).collect();
        notes.sort_by_key(|(note, count)| (std::cmp::Reverse(*count), *note));
        notes.truncate(most);
        notes
    }
}

const fn column(header: &'static str, part: f32, side: Side) -> TableColumn {
    TableColumn { header, part, side }
}

const NUMBER: TableColumn = column("序号", 24.0, Side::Centre);
const ITEM: TableColumn = column("资产编号", 82.0, Side::Left);
const NAME: TableColumn = column("名称 / 规格型号", 104.0, Side::Left);

/// How one line becomes the row of a table.
type Row = fn(&ReportLine<'_>) -> Vec<String>;

fn name_of(line: &ReportLine<'_>) -> String {
    joined(&[line.name, line.specification])
}

fn joined(parts: &[&str]) -> String {
    parts.iter().copied().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" / ")
}

/// The unit and the place; the place alone where its name begins with the unit's.
fn unit_and_place(unit: &str, place: &str) -> String {
    if place.starts_with(unit) { place.to_owned() } else { joined(&[unit, place]) }
}

fn pieces(line: &ReportLine<'_>) -> String {
    let text =
        |quantity: Option<crate::kernel::Quantity>| quantity.map_or("—".to_owned(), |pieces| pieces.to_string());
    format!("{} / {}", text(line.book_quantity), text(line.counted_quantity))
}

/// Why, as far as anyone knows.
fn known(line: &ReportLine<'_>) -> String {
    let known = joined(&[line.lead, line.note]);
    if known.is_empty() { "待单位说明".to_owned() } else { known }
}

fn shortage_row(line: &ReportLine<'_>) -> Vec<String> {
    let place = unit_and_place(line.unit, line.book_place);
    let value = line.shortage_value().to_string();
    vec![
        line.item_number.to_owned(),
        name_of(line),
        place,
        line.book_keeper.to_owned(),
        pieces(line),
        value,
        known(line),
    ]
}

fn surplus_row(line: &ReportLine<'_>) -> Vec<String> {
    let place = unit_and_place(line.unit, line.counted_place);
    let (number, kind) = (line.item_number.to_owned(), line.verdict.zh().to_owned());
    vec![number, name_of(line), line.serial_number.to_owned(), place, kind, pieces(line), known(line)]
}

fn to_scrap_row(line: &ReportLine<'_>) -> Vec<String> {
    let day = line.acquired_on.map_or(String::new(), |day| day.to_string());
    let place = unit_and_place(line.unit, line.book_place);
    let found = line.verdict.zh().to_owned();
    vec![line.item_number.to_owned(), name_of(line), place, day, line.value.to_string(), found, line.note.to_owned()]
}

fn changed_row(line: &ReportLine<'_>) -> Vec<String> {
    let (kind, book, counted) = match line.verdict {
        Verdict::WrongKeeper => ("使用人", line.book_keeper, line.counted_keeper),
        _ => ("地点", line.book_place, line.counted_place),
    };
    let texts = [line.unit, kind, book, counted].map(str::to_owned);
    [line.item_number.to_owned(), name_of(line)].into_iter().chain(texts).collect()
}

fn unclear_row(line: &ReportLine<'_>) -> Vec<String> {
    let texts = [line.unit, line.verdict.zh(), line.book_place, line.counted_place].map(str::to_owned);
    [line.item_number.to_owned(), name_of(line)].into_iter().chain(texts).chain([pieces(line)]).collect()
}

/// Writes 附表: a table for each kind of difference, on pages of their own.
pub(super) fn write(flow: &mut Flow<'_>, head: &ReportHead, differences: &Differences<'_>) {
    flow.new_page();
    flow.heading("八、附表");
    flow.paragraph("汇总表见第二部分。以下各表由盘点明细逐项列出；“账/实”为账面数量与实盘数量，无数时记“—”。");
    let shortage = [
        column("部门 / 账面地点", 96.0, Side::Left),
        column("使用人", 46.0, Side::Centre),
        column("账/实", 38.0, Side::Centre),
        column("盘亏价值（元）", 56.0, Side::Right),
        column("线索、备注", 86.0, Side::Left),
    ];
    let surplus = [
        column("序列号", 78.0, Side::Left),
        column("部门 / 实盘地点", 96.0, Side::Left),
        column("结论", 48.0, Side::Centre),
        column("账/实", 38.0, Side::Centre),
        column("线索、备注", 78.0, Side::Left),
    ];
    let to_scrap = [
        column("部门 / 账面地点", 100.0, Side::Left),
        column("取得日期", 58.0, Side::Centre),
        column("账面价值（元）", 58.0, Side::Right),
        column("盘点结论", 50.0, Side::Centre),
        column("备注", 64.0, Side::Left),
    ];
    let changed = [
        column("使用部门", 76.0, Side::Left),
        column("变更项", 40.0, Side::Centre),
        column("账面", 92.0, Side::Left),
        column("实盘", 92.0, Side::Left),
    ];
    let unclear = [
        column("账面部门", 76.0, Side::Left),
        column("结论", 48.0, Side::Centre),
        column("账面地点", 84.0, Side::Left),
        column("实盘地点", 84.0, Side::Left),
        column("账/实", 38.0, Side::Centre),
    ];
    let tables: [(_, _, &[TableColumn], Row, &str); 5] = [
        ("附表1　盘亏、数量短缺明细", &differences.shortage, &shortage, shortage_row, "盘亏"),
        ("附表2　盘盈、数量溢余、账销物存明细", &differences.surplus, &surplus, surplus_row, "盘盈"),
        ("附表3　待报废明细", &differences.to_scrap, &to_scrap, to_scrap_row, "待报废"),
        ("附表4　信息变更明细", &differences.changed, &changed, changed_row, "地点不符、使用人不符"),
        ("附表5　重复冲突、范围外明细", &differences.unclear, &unclear, unclear_row, "明细"),
    ];
    for (title, lines, columns, row, sheet) in tables {
        table(flow, head, title, lines, columns, row, sheet);
    }
}

fn table(
    flow: &mut Flow<'_>,
    head: &ReportHead,
    title: &str,
    lines: &Gathered<'_>,
    columns: &[TableColumn],
    row: Row,
    sheet: &str,
) {
    flow.space(6.0);
    flow.caption(&format!("{title}（{} 项）", thousands(lines.count)), Side::Centre);
    if lines.count == 0 {
        flow.caption("无。", Side::Left);
        flow.space(8.0);
        return;
    }
    let rows = (1..).zip(&lines.shown).map(|(number, line): (usize, _)| {
        let mut cells = vec![number.to_string()];
        cells.extend(row(line));
        cells
    });
    let columns = [NUMBER, ITEM, NAME].into_iter().chain(columns.iter().copied()).collect();
    flow.table(&Table { columns, rows: rows.collect(), has_total: false });
    let shown = u64::try_from(lines.shown.len()).unwrap_or(u64::MAX);
    if lines.count > shown {
        let left_out = thousands(lines.count - shown);
        let place = if head.details_in.is_empty() { "盘点明细".to_owned() } else { head.details_in.clone() };
        let text = format!("以上列 {shown} 项，其余 {left_out} 项未列，全部见 {place} 的“{sheet}”。");
        flow.caption(&text, Side::Left);
        flow.space(8.0);
    }
}
