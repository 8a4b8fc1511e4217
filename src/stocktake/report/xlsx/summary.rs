//! 汇总: the figures by unit, by class and by verdict, as values computed from the lines.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::lines::page;
use super::look::{Kind, Look, count, yuan};
use crate::kernel::text::thousands;
use crate::stocktake::report::{Figures, ReportHead, Totals, percent};
use crate::stocktake::verdict::Verdict;

/// The columns of figures, after the name of what they are of.
const FIGURES: [(&str, f64); 17] = [
    ("应盘", 9.0),
    ("账实相符", 9.0),
    ("相符率", 8.5),
    ("地点不符", 9.0),
    ("使用人不符", 9.0),
    ("数量短缺", 9.0),
    ("数量溢余", 9.0),
    ("重复冲突", 9.0),
    ("账销物存", 9.0),
    ("有据不在", 9.0),
    ("盘亏", 8.0),
    ("未盘", 8.0),
    ("范围外", 8.0),
    ("盘盈", 8.0),
    ("账面价值（元）", 16.0),
    ("盘亏价值（元）", 15.0),
    ("盘点表", 12.0),
];

enum Figure<'a> {
    Count(u64),
    Share(u64, u64),
    Money(crate::kernel::Fen),
    Words(&'a str),
}

fn figures_of<'a>(totals: &Totals, sheet: &'a str) -> [Figure<'a>; 17] {
    let of = |verdict| Figure::Count(totals.of(verdict));
    [
        Figure::Count(totals.expected),
        of(Verdict::Matched),
        Figure::Share(totals.of(Verdict::Matched), totals.expected),
        of(Verdict::Misplaced),
        of(Verdict::WrongKeeper),
        of(Verdict::Short),
        of(Verdict::Over),
        of(Verdict::Conflict),
        of(Verdict::DisposedPresent),
        of(Verdict::Excused),
        of(Verdict::Missing),
        of(Verdict::Pending),
        of(Verdict::Foreign),
        of(Verdict::Unregistered),
        Figure::Money(totals.expected_value),
        Figure::Money(totals.shortage_value),
        Figure::Words(sheet),
    ]
}

/// The sheet being written, row by row.
struct Summary<'a> {
    sheet: Worksheet,
    look: &'a Look,
    row: u32,
}

/// Writes the whole sheet.
pub(super) fn sheet(head: &ReportHead, figures: &Figures, look: &Look) -> Result<Worksheet, XlsxError> {
    let mut summary = Summary { sheet: Worksheet::new(), look, row: 0 };
    summary.sheet.set_name("汇总")?;
    page(&mut summary.sheet, head, "汇总", 0)?;
    summary.sheet.set_column_width(0, 30)?;
    for (column, (_, width)) in (1..).zip(FIGURES) {
        summary.sheet.set_column_width(column, width)?;
    }
    summary.sheet.set_screen_gridlines(false).set_print_gridlines(false).set_active(true);
    summary.heading(head, figures)?;
    summary.by_unit(head, figures)?;
    if !figures.by_class.is_empty() {
        summary.by_class(figures)?;
    }
    summary.by_verdict(figures)?;
    Ok(summary.sheet)
}

impl Summary<'_> {
    fn line(&mut self, text: &str) -> Result<(), XlsxError> {
        self.sheet.write_string_with_format(self.row, 0, text, &self.look.subtitle)?;
        self.row += 1;
        Ok(())
    }

    fn heading(&mut self, head: &ReportHead, figures: &Figures) -> Result<(), XlsxError> {
        self.sheet.set_row_height(0, 28)?;
        let title = format!("{}{} 盘点情况汇总", head.organisation, head.campaign);
        self.sheet.write_string_with_format(0, 0, title, &self.look.title)?;
        self.row = 1;
        let mut facts = Vec::new();
        if let Some(baseline) = head.baseline {
            facts.push(format!("盘点基准日 {baseline}"));
        }
        if let Some((from, to)) = head.window {
            facts.push(format!("盘点时间 {} 至 {}", from.day(), to.day()));
        }
        if !head.scope.is_empty() {
            facts.push(format!("范围 {}", head.scope));
        }
        facts.push(format!("制表时间 {}", head.prepared_at));
        if !head.preparer.is_empty() {
            facts.push(format!("制表人 {}", head.preparer));
        }
        self.line(&facts.join("　"))?;
        let whole = &figures.whole;
        self.line(&format!(
            "应盘 {} 项，账实相符 {} 项（{}）；盘亏 {} 项，盘亏价值 {} 元；盘盈 {} 项。按资产卡片计项，价值为账面原值。",
            thousands(whole.expected),
            thousands(whole.of(Verdict::Matched)),
            percent(whole.of(Verdict::Matched), whole.expected),
            thousands(whole.of(Verdict::Missing)),
            whole.shortage_value,
            thousands(whole.of(Verdict::Unregistered)),
        ))?;
        if whole.reckoned > 0 {
            let rest = match whole.expected - whole.reckoned {
                0 => String::new(),
                rest => format!("；另 {} 项不由固定资产台账计提", thousands(rest)),
            };
            self.line(&format!(
                "截至基准日累计折旧 {} 元，账面净值 {} 元（按资产卡片逐项计算，年限平均法，不计残值）{rest}。",
                whole.accumulated, whole.net
            ))?;
        }
        self.row += 1;
        Ok(())
    }

    fn section(&mut self, title: &str, headers: &[&str]) -> Result<(), XlsxError> {
        self.sheet.write_string_with_format(self.row, 0, title, &self.look.section)?;
        self.sheet.set_row_height(self.row + 1, 30)?;
        for (column, header) in (0..).zip(headers) {
            self.sheet.write_string_with_format(self.row + 1, column, *header, &self.look.header)?;
        }
        self.row += 2;
        Ok(())
    }

    fn figures(&mut self, name: &str, totals: &Totals, sheet: &str, last: bool) -> Result<(), XlsxError> {
        let looks = if last { Look::total } else { Look::cell };
        self.sheet.write_string_with_format(self.row, 0, name, &looks(Kind::Text))?;
        for (column, figure) in (1..).zip(figures_of(totals, sheet)) {
            self.figure(column, figure, looks)?;
        }
        self.row += 1;
        Ok(())
    }

    fn figure(
        &mut self,
        column: u16,
        figure: Figure<'_>,
        looks: fn(Kind) -> rust_xlsxwriter::Format,
    ) -> Result<(), XlsxError> {
        let row = self.row;
        match figure {
            Figure::Count(lines) => {
                self.sheet.write_number_with_format(row, column, count(lines), &looks(Kind::Whole))?
            }
            Figure::Share(_, 0) => self.sheet.write_string_with_format(row, column, "—", &looks(Kind::Percent))?,
            Figure::Share(part, of) => {
                self.sheet.write_number_with_format(row, column, count(part) / count(of), &looks(Kind::Percent))?
            }
            Figure::Money(value) => {
                self.sheet.write_number_with_format(row, column, yuan(value), &looks(Kind::Money))?
            }
            Figure::Words("") => self.sheet.write_blank(row, column, &looks(Kind::Text))?,
            Figure::Words(words) => self.sheet.write_string_with_format(row, column, words, &looks(Kind::Text))?,
        };
        Ok(())
    }

    fn by_unit(&mut self, head: &ReportHead, figures: &Figures) -> Result<(), XlsxError> {
        let headers: Vec<_> = ["使用部门"].into_iter().chain(FIGURES.map(|(header, _)| header)).collect();
        self.section("一、按使用部门", &headers)?;
        for unit in head.in_order(&figures.by_unit) {
            let sheet = head.sheet_of(&unit.name).map_or("", |sheet| &sheet.state);
            self.figures(&unit.name, &unit.totals, sheet, false)?;
        }
        self.figures("合计", &figures.whole, "", true)?;
        self.row += 1;
        Ok(())
    }

    fn by_class(&mut self, figures: &Figures) -> Result<(), XlsxError> {
        let with_net = figures.whole.reckoned > 0;
        let net = with_net.then_some("账面净值（元）");
        let figures_of_class = FIGURES.map(|(header, _)| header).into_iter().take(16);
        let headers: Vec<_> = ["资产分类"].into_iter().chain(figures_of_class).chain(net).collect();
        self.section("二、按资产分类", &headers)?;
        for class in &figures.by_class {
            let name = match (class.code.as_str(), class.name.as_str()) {
                ("", "") => "未分类".to_owned(),
                (code, name) => format!("{code} {name}").trim().to_owned(),
            };
            self.figures(&name, &class.totals, "", false)?;
            self.net(&class.totals, with_net, Look::cell)?;
        }
        self.figures("合计", &figures.whole, "", true)?;
        self.net(&figures.whole, with_net, Look::total)?;
        self.row += 1;
        Ok(())
    }

    /// The net value of the row just written, in the column that sheets have in the table above.
    fn net(
        &mut self,
        totals: &Totals,
        with_net: bool,
        looks: fn(Kind) -> rust_xlsxwriter::Format,
    ) -> Result<(), XlsxError> {
        if with_net {
            self.sheet.write_number_with_format(self.row - 1, 17, yuan(totals.net), &looks(Kind::Money))?;
        }
        Ok(())
    }

    fn by_verdict(&mut self, figures: &Figures) -> Result<(), XlsxError> {
        let title = if figures.by_class.is_empty() { "二、按盘点结论" } else { "三、按盘点结论" };
        self.section(title, &["盘点结论", "项数", "占全部", "账面价值（元）"])?;
        let all = figures.whole.lines();
        for verdict in Verdict::ALL {
            let words = self.look.words(verdict);
            self.sheet.write_string_with_format(self.row, 0, words, self.look.verdict(verdict))?;
            let lines = figures.whole.of(verdict);
            self.figure(1, Figure::Count(lines), Look::cell)?;
            self.figure(2, Figure::Share(lines, all), Look::cell)?;
            self.figure(3, Figure::Money(figures.whole.value_of(verdict)), Look::cell)?;
            self.row += 1;
        }
        self.sheet.write_string_with_format(self.row, 0, "合计", &self.look.total_words)?;
        self.figure(1, Figure::Count(all), Look::total)?;
        self.figure(2, Figure::Share(all, all), Look::total)?;
        let value = Verdict::ALL.iter().map(|&verdict| figures.whole.value_of(verdict)).sum();
        self.figure(3, Figure::Money(value), Look::total)?;
        self.row += 1;
        Ok(())
    }
}
