//! The sentences of the report, made from figures: nothing is claimed that no line says.

use super::appendix::Differences;
use super::flow::{Flow, Side, Table, TableColumn};
use crate::items::model::ItemState;
use crate::kernel::text::thousands;
use crate::stocktake::report::{Figures, ReportHead, Totals, percent};
use crate::stocktake::verdict::{Flags, Verdict};

/// Units that a table of the text shows before it points to the workbook.
const UNITS: usize = 60;
/// Classes that a table of the text shows.
const CLASSES: usize = 60;

/// Writes the title and the parts one to seven, with the signatures.
pub(super) fn write(flow: &mut Flow<'_>, head: &ReportHead, figures: &Figures, differences: &Differences<'_>) {
    flow.space(10.0);
    flow.centred(&head.organisation, 22.0, true);
    flow.centred("国有资产盘点情况报告", 22.0, true);
    if !head.campaign.is_empty() {
        flow.centred(&format!("（{}）", head.campaign), 14.0, false);
    }
    flow.space(14.0);
    basics(flow, head, figures);
    results(flow, head, figures);
    causes(flow, figures, differences);
    idle(flow, figures);
    problems(flow, head, figures);
    measures(flow, figures);
    responsibility(flow, head);
    let prepared = head.prepared_at.day().format("%Y 年 %-m 月 %-d 日").to_string();
    let signers = [("制表人", head.preparer.as_str()), ("复核人", &head.reviewer), ("单位负责人", &head.unit_head)];
    flow.signatures(&head.organisation, &prepared, &signers);
}

fn count(totals: &Totals, verdict: Verdict) -> String {
    thousands(totals.of(verdict))
}

fn basics(flow: &mut Flow<'_>, head: &ReportHead, figures: &Figures) {
    flow.heading("一、基本情况");
    let name = if head.organisation.is_empty() { "本单位" } else { &head.organisation };
    let mut text = format!(
        "根据《行政事业性国有资产管理条例》关于定期或者不定期盘点、对账的规定，{name}组织开展{}。",
        if head.campaign.is_empty() { "资产盘点".to_owned() } else { format!("“{}”", head.campaign) }
    );
    if let Some(day) = head.baseline {
        text.push_str(&format!("盘点基准日为 {}。", day.format("%Y 年 %-m 月 %-d 日")));
    }
    if let Some((from, to)) = head.window {
        text.push_str(&format!(
            "实地清点时间为 {}至 {}。",
            from.day().format("%Y 年 %-m 月 %-d 日"),
            to.day().format("%Y 年 %-m 月 %-d 日")
        ));
    }
    if !head.scope.is_empty() {
        text.push_str(&format!("盘点范围：{}。", head.scope));
    }
    flow.paragraph(&text);
    let worth = if figures.whole.reckoned > 0 {
        format!(
            "价值为账面原值；截至基准日累计折旧 {} 元，账面净值 {} 元，按资产卡片以年限平均法逐项计算，不计残值。",
            figures.whole.accumulated, figures.whole.net
        )
    } else {
        "价值为账面原值，累计折旧和净值以财务账为准。".to_owned()
    };
    flow.paragraph(&format!(
        "共应盘 {} 项，账面价值 {} 元，涉及 {} 个单位。本报告按资产卡片计项，一卡为一项；各项数字均由盘点明细逐项汇总得出；\
         {worth}",
        thousands(figures.whole.expected),
        figures.whole.expected_value,
        figures.by_unit.iter().filter(|unit| unit.totals.expected > 0).count(),
    ));
    if !head.sheets.is_empty() {
        flow.paragraph(&sheets(head));
    }
}

fn sheets(head: &ReportHead) -> String {
    let open: Vec<_> =
        head.sheets.iter().filter(|sheet| sheet.submitted_at.is_none()).map(|sheet| sheet.unit.as_str()).collect();
    let confirmed = head.sheets.iter().filter(|sheet| !sheet.confirmed_by.is_empty()).count();
    let mut text = format!(
        "参加盘点 {} 个单位，{} 个单位已提交盘点表，其中 {confirmed} 个已由单位负责人确认。",
        head.sheets.len(),
        head.sheets.len() - open.len()
    );
    if !open.is_empty() {
        text.push_str(&format!(
            "尚未提交的有 {} 个：{}，其未见实物暂记为“未盘”，不计入盘亏。",
            open.len(),
            open.join("、")
        ));
    }
    text
}

fn results(flow: &mut Flow<'_>, head: &ReportHead, figures: &Figures) {
    flow.heading("二、盘点结果");
    let whole = &figures.whole;
    let of = |verdict| count(whole, verdict);
    flow.paragraph(&format!(
        "应盘 {} 项中，见到实物 {} 项；账实相符 {} 项，占 {}。未见实物的：盘亏 {} 项，账面价值 {} 元；借出、送修等有据不在 {} 项；\
         未盘 {} 项。",
        thousands(whole.expected),
        thousands(whole.seen()),
        of(Verdict::Matched),
        percent(whole.of(Verdict::Matched), whole.expected),
        of(Verdict::Missing),
        whole.value_of(Verdict::Missing),
        of(Verdict::Excused),
        of(Verdict::Pending),
    ));
    flow.paragraph(&format!(
        "见到实物而与账面不一致的：地点不符 {} 项，使用人不符 {} 项，数量短缺 {} 项，数量溢余 {} 项，重复冲突 {} 项。\
         账外实物：盘盈 {} 项，账销物存 {} 项，范围外 {} 项。盘亏及短缺合计价值 {} 元。",
        of(Verdict::Misplaced),
        of(Verdict::WrongKeeper),
        of(Verdict::Short),
        of(Verdict::Over),
        of(Verdict::Conflict),
        of(Verdict::Unregistered),
        of(Verdict::DisposedPresent),
        of(Verdict::Foreign),
        whole.shortage_value,
    ));
    let recovered = figures.flagged(Flags::RECOVERED);
    if recovered > 0 {
        flow.paragraph(&format!("以前年度盘亏清单中的资产，本次找回 {} 项。", thousands(recovered)));
    }
    let units = head.in_order(&figures.by_unit).into_iter().map(|unit| (unit.name.clone(), &unit.totals));
    summary(flow, head, "表1　按使用部门汇总", "使用部门", units.collect(), UNITS, whole);
    if !figures.by_class.is_empty() {
        let classes = figures.by_class.iter().map(|class| {
            let name = if class.name.is_empty() { &class.code } else { &class.name };
            (if name.is_empty() { "未分类".to_owned() } else { name.clone() }, &class.totals)
        });
        summary(flow, head, "表2　按资产分类汇总", "资产分类", classes.collect(), CLASSES, whole);
    }
}

fn summary(
    flow: &mut Flow<'_>,
    head: &ReportHead,
    title: &str,
    of_what: &'static str,
    all: Vec<(String, &Totals)>,
    most: usize,
    whole: &Totals,
) {
    let right = |header, part| TableColumn { header, part, side: Side::Right };
    let columns = vec![
        TableColumn { header: of_what, part: 88.0, side: Side::Left },
        right("应盘", 30.0),
        right("账实相符", 40.0),
        right("相符率", 39.0),
        right("地点人员不符", 36.0),
        right("数量不符", 28.0),
        right("有据不在", 28.0),
        right("盘亏", 26.0),
        right("未盘", 26.0),
        right("盘盈", 26.0),
        right("账面价值（元）", 68.0),
        right("盘亏价值（元）", 58.0),
    ];
    let row = |name: String, totals: &Totals| {
        let sum = |a, b| thousands(totals.of(a) + totals.of(b));
        let of = |verdict| count(totals, verdict);
        vec![
            name,
            thousands(totals.expected),
            of(Verdict::Matched),
            percent(totals.of(Verdict::Matched), totals.expected),
            sum(Verdict::Misplaced, Verdict::WrongKeeper),
            sum(Verdict::Short, Verdict::Over),
            of(Verdict::Excused),
            of(Verdict::Missing),
            of(Verdict::Pending),
            of(Verdict::Unregistered),
            totals.expected_value.to_string(),
            totals.shortage_value.to_string(),
        ]
    };
    let count = all.len();
    let mut rows: Vec<_> = all.into_iter().take(most).map(|(name, totals)| row(name, totals)).collect();
    rows.push(row("合计".to_owned(), whole));
    flow.space(6.0);
    flow.caption(title, Side::Centre);
    flow.table(&Table { columns, rows, has_total: true });
    if count > most {
        let place = if head.details_in.is_empty() { "盘点明细" } else { &head.details_in };
        flow.caption(
            &format!("以上列 {most} 行，其余 {} 行见 {place} 的“汇总”；合计为全部。", count - most),
            Side::Left,
        );
    }
}

fn causes(flow: &mut Flow<'_>, figures: &Figures, differences: &Differences<'_>) {
    flow.heading("三、差异原因");
    let shortage = &differences.shortage;
    if shortage.count == 0 && differences.surplus.count == 0 && differences.changed.count == 0 {
        flow.paragraph("未发现盘亏、盘盈和信息不符。");
        return;
    }
    if shortage.count > 0 {
        flow.paragraph(&format!(
            "盘亏和数量短缺共 {} 项，其中 {} 项已有查找线索（见附表1），{} 项既无线索也无备注，原因待单位说明。",
            thousands(shortage.count),
            thousands(shortage.with_lead),
            thousands(shortage.unexplained),
        ));
    }
    if differences.surplus.count > 0 {
        flow.paragraph(&format!(
            "盘盈、数量溢余和账销物存共 {} 项，其中 {} 项有疑似对应的账面资产或其他线索（见附表2），其余来源待单位说明。",
            thousands(differences.surplus.count),
            thousands(differences.surplus.with_lead),
        ));
    }
    if differences.changed.count > 0 {
        flow.paragraph(&format!(
            "地点、使用人不符共 {} 项，实物所在地点或者使用人与账面登记不同（见附表4），变动经过待单位说明。",
            thousands(differences.changed.count)
        ));
    }
    let moved = figures.flagged(Flags::MOVED_DURING_COUNT);
    if moved > 0 {
        flow.paragraph(&format!("盘点期间账面有变动的 {} 项，按清点当时的账面核对。", thousands(moved)));
    }
    let notes = differences.top_notes(6);
    if !notes.is_empty() {
        let notes: Vec<_> = notes.iter().map(|(note, count)| format!("“{note}”{} 项", thousands(*count))).collect();
        flow.paragraph(&format!("差异各项的备注所载：{}。", notes.join("，")));
    }
}

fn idle(flow: &mut Flow<'_>, figures: &Figures) {
    flow.heading("四、闲置和待报废资产");
    let (idle, idle_value) = figures.in_state(ItemState::Idle);
    let (scrap, scrap_value) = figures.in_state(ItemState::PendingDisposal);
    flow.paragraph(&format!(
        "账面使用状况为闲置的 {} 项，价值 {idle_value} 元；待处置的 {} 项，价值 {scrap_value} 元（见附表3）。清点中注明损坏的 {} 项，\
         是否维修或者报废待技术鉴定。",
        thousands(idle),
        thousands(scrap),
        thousands(figures.flagged(Flags::DAMAGED)),
    ));
}

fn problems(flow: &mut Flow<'_>, head: &ReportHead, figures: &Figures) {
    flow.heading("五、存在问题");
    let whole = &figures.whole;
    let of = |verdict: Verdict| (whole.of(verdict), count(whole, verdict));
    let mut found = Vec::new();
    let mut say = |lines: u64, text: String| {
        if lines > 0 {
            found.push(text);
        }
    };
    let (n, shown) = of(Verdict::Missing);
    say(n, format!("{shown} 项资产账上有而未见实物"));
    let (n, shown) = of(Verdict::Unregistered);
    say(n, format!("{shown} 件实物没有标签或者编号不在账，账外资产有待核实"));
    let (n, shown) = of(Verdict::DisposedPresent);
    say(n, format!("{shown} 项账上已处置而实物仍在，处置手续与实物去向不一致"));
    let moved = whole.of(Verdict::Misplaced) + whole.of(Verdict::WrongKeeper);
    say(moved, format!("{} 项存放地点或者使用人与账面不符", thousands(moved)));
    let counts = whole.of(Verdict::Short) + whole.of(Verdict::Over);
    say(counts, format!("{} 项实盘数量与账面不符", thousands(counts)));
    let (n, shown) = of(Verdict::Conflict);
    say(n, format!("{shown} 项在两处见到或者两次清点结果不一，须重新清点"));
    let (n, shown) = of(Verdict::Foreign);
    say(n, format!("{shown} 项属于盘点范围以外的单位"));
    let labels = figures.flagged(Flags::OLD_LABEL) + figures.flagged(Flags::NO_LABEL);
    say(labels, format!("{} 项标签为旧标签或者没有标签", thousands(labels)));
    let (n, shown) = of(Verdict::Pending);
    let open = head.sheets.iter().filter(|sheet| sheet.submitted_at.is_none()).count();
    say(n, format!("{shown} 项未盘{}", if open > 0 { format!("，{open} 个单位未提交盘点表") } else { String::new() }));
    numbered(flow, &found, "未发现须整改的问题。");
}

/// `1. …；` one a paragraph, or `none` when there is none.
fn numbered(flow: &mut Flow<'_>, texts: &[String], none: &str) {
    if texts.is_empty() {
        flow.paragraph(none);
    }
    for (number, text) in (1..).zip(texts) {
        let end = if number == texts.len() { "。" } else { "；" };
        flow.paragraph(&format!("{number}. {text}{end}"));
    }
}

fn measures(flow: &mut Flow<'_>, figures: &Figures) {
    flow.heading("六、处理意见与整改");
    let whole = &figures.whole;
    let has = |verdicts: &[Verdict]| verdicts.iter().any(|&verdict| whole.of(verdict) > 0);
    let mut texts: Vec<&str> = Vec::new();
    if has(&[Verdict::Missing, Verdict::Short]) {
        texts.push(
            "盘亏资产清单下发各单位限期查找，逐项书面说明；确认盘亏的按规定权限报批，批准之前保留在账，列为待处置",
        );
    }
    if has(&[Verdict::Unregistered, Verdict::Over]) {
        texts.push("盘盈实物先与盘亏清单比对，属标签脱落的核对后补贴标签；确属账外的，查明来源后按规定入账");
    }
    if has(&[Verdict::DisposedPresent]) {
        texts.push("账销物存的，核对处置批复与实物，完成实物处理或者更正账务");
    }
    if has(&[Verdict::Misplaced, Verdict::WrongKeeper]) {
        texts.push("地点、使用人不符的，由单位负责人批准后办理变更登记，及时打印粘贴新标签");
    }
    if has(&[Verdict::Conflict, Verdict::Pending]) {
        texts.push("重复冲突和未盘的，指定专人复盘、补盘");
    }
    if figures.flagged(Flags::OLD_LABEL) + figures.flagged(Flags::NO_LABEL) > 0 {
        texts.push("旧标签、无标签的，换贴、补贴标签");
    }
    let texts: Vec<_> = texts.into_iter().map(str::to_owned).collect();
    numbered(flow, &texts, "无须整改。");
}

fn responsibility(flow: &mut Flow<'_>, head: &ReportHead) {
    flow.heading("七、责任");
    flow.paragraph(
        "各单位主要负责人为本单位资产管理第一责任人，按照“谁使用、谁管理、谁负责”落实整改。资产丢失、损毁的责任，待单位说明和调查之后\
         依规认定，本报告不作认定。",
    );
    if head.sheets.is_empty() {
        return;
    }
    let column = |header, part, side| TableColumn { header, part, side };
    let columns = vec![
        column("单位", 120.0, Side::Left),
        column("盘点表", 60.0, Side::Centre),
        column("提交时间", 110.0, Side::Centre),
        column("确认人（单位负责人）", 100.0, Side::Centre),
    ];
    let rows = head.sheets.iter().map(|sheet| {
        let at = sheet.submitted_at.map_or("—".to_owned(), |at| at.to_string());
        let by = if sheet.confirmed_by.is_empty() { "—".to_owned() } else { sheet.confirmed_by.clone() };
        vec![sheet.unit.clone(), sheet.state.clone(), at, by]
    });
    flow.space(6.0);
    flow.caption("表3　各单位盘点表提交与确认情况", Side::Centre);
    flow.table(&Table { columns, rows: rows.collect(), has_total: false });
}
