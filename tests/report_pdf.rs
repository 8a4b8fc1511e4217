//! `report.pdf`: the outline is whole, every figure comes from the lines, nothing is cut silently.

mod report_support;

use hufu::kernel::text::thousands;
use hufu::stocktake::report::{Figures, ReportError, ReportHead, ReportLine, pdf, percent};
use hufu::stocktake::verdict::Verdict;
use report_support::Counted;

/// The font the program has in itself.
fn font() -> &'static [u8] {
    hufu_labels::write::BUILTIN_FONT
}

fn pages_of(head: &ReportHead, lines: &[ReportLine<'_>]) -> Vec<String> {
    let figures = Figures::from_lines(lines.iter().copied());
    pdf::text(head, &figures, lines.iter().copied(), font()).expect("the font is good")
}

/// Without blanks and line ends: a sentence may be broken across lines anywhere.
fn close(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn flat(pages: &[String]) -> String {
    close(&pages.concat())
}

#[test]
fn the_outline_is_whole_and_in_order() {
    let counted = Counted::at_scale(1);
    let text = flat(&pages_of(&counted.head(), &counted.lines()));
    let mut from = 0;
    for heading in [
        "澄江公安分局（示例）",
        "国有资产盘点情况报告",
        "一、基本情况",
        "二、盘点结果",
        "三、差异原因",
        "四、闲置和待报废资产",
        "五、存在问题",
        "六、处理意见与整改",
        "七、责任",
        "制表人：",
        "复核人：",
        "单位负责人：",
        "（公章）",
        "八、附表",
        "附表1　盘亏、数量短缺明细",
        "附表2",
        "附表3",
        "附表4　信息变更明细",
        "附表5",
    ] {
        let at = text[from..].find(&close(heading)).unwrap_or_else(|| panic!("{heading} is missing or out of order"));
        from += at;
    }
}

#[test]
fn the_sentences_state_what_the_lines_say() {
    let counted = Counted::at_scale(1);
    let lines = counted.lines();
    let text = flat(&pages_of(&counted.head(), &lines));
    let of = |verdict| lines.iter().filter(|line| line.verdict == verdict).count() as u64;
    let expected = lines.iter().filter(|line| line.expected).count() as u64;
    let matched = of(Verdict::Matched);
    for sentence in [
        format!("应盘 {} 项", thousands(expected)),
        format!("账实相符 {} 项，占 {}", thousands(matched), percent(matched, expected)),
        format!("盘亏 {} 项", of(Verdict::Missing)),
        format!("未盘 {} 项", of(Verdict::Pending)),
        format!("账销物存 {} 项", of(Verdict::DisposedPresent)),
        format!("附表1　盘亏、数量短缺明细（{} 项）", of(Verdict::Missing) + of(Verdict::Short)),
        format!("附表4　信息变更明细（{} 项）", of(Verdict::Misplaced) + of(Verdict::WrongKeeper)),
        "盘点基准日为 2025 年 12 月 31 日".to_owned(),
        "尚未提交的有 1 个：法制大队".to_owned(),
        "待单位说明".to_owned(),
        "骉溪派出所".to_owned(),
    ] {
        assert!(text.contains(&close(&sentence)), "{sentence}\n{text}");
    }
    for line in lines.iter().filter(|line| line.verdict == Verdict::Missing) {
        assert!(text.contains(line.item_number), "{}", line.item_number);
    }
}

#[test]
fn a_long_table_says_what_it_leaves_out() {
    let counted = Counted::at_scale(10);
    let lines = counted.lines();
    let pages = pages_of(&counted.head(), &lines);
    let text = flat(&pages);
    let lost = lines.iter().filter(|line| matches!(line.verdict, Verdict::Missing | Verdict::Short)).count();
    assert!(lost > pdf::APPENDIX_ROWS);
    let left_out = thousands((lost - pdf::APPENDIX_ROWS) as u64);
    let said = format!("以上列 {} 项，其余 {left_out} 项未列，全部见 report.xlsx 的“盘亏”。", pdf::APPENDIX_ROWS);
    assert!(text.contains(&close(&said)), "{said}");
    let of_shortage = pages.iter().filter(|page| page.contains("线索、备注") && page.contains("盘亏价值")).count();
    assert!(of_shortage > 3, "the header comes again on every page");
}

#[test]
fn nothing_wrong_is_a_report_too_and_claims_nothing() {
    let counted = Counted::at_scale(1);
    let good: Vec<_> =
        counted.lines().into_iter().filter(|line| line.verdict == Verdict::Matched && line.flags.is_empty()).collect();
    let text = flat(&pages_of(&ReportHead::default(), &good));
    for sentence in ["未发现盘亏、盘盈和信息不符。", "未发现须整改的问题。", "无须整改。", "占 100.0%"]
    {
        assert!(text.contains(&close(sentence)), "{sentence}");
    }
    let empty = flat(&pages_of(&ReportHead::default(), &[]));
    assert!(empty.contains("占—") && empty.contains("附表5"));
}

#[test]
fn the_file_is_a_pdf_with_those_pages_and_the_same_bytes_every_time() {
    let counted = Counted::at_scale(1);
    let (head, lines, font) = (counted.head(), counted.lines(), font());
    let figures = Figures::from_lines(lines.iter().copied());
    let bytes = pdf::bytes(&head, &figures, lines.iter().copied(), font).unwrap();
    assert!(bytes == pdf::bytes(&head, &figures, lines.iter().copied(), font).unwrap());
    assert!(bytes.starts_with(b"%PDF-") && bytes.len() < 1_000_000, "{} bytes", bytes.len());
    let count = |what: &[u8]| bytes.windows(what.len()).filter(|window| *window == what).count();
    let pages = pages_of(&head, &lines).len();
    assert_eq!(count(b"/Type/Page/") + count(b"/Type /Page\n"), pages);
    assert!(count(b"/ToUnicode") > 0, "text can be searched and copied");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.pdf");
    pdf::write(&path, &head, &figures, lines.iter().copied(), font).unwrap();
    assert!(std::fs::read(&path).unwrap() == bytes);
    let nowhere = folder.path().join("none/report.pdf");
    let error = pdf::write(&nowhere, &head, &figures, lines.iter().copied(), font).unwrap_err();
    assert!(error.to_string().contains("none"), "{error}");
}

#[test]
fn odd_text_and_no_font_do_no_harm() {
    let counted = Counted::at_scale(1);
    let mut lines = counted.lines();
    let long = "极长的备注没有标点".repeat(2_000);
    let word = "W".repeat(5_000);
    let odd = format!("{}\u{1}\t\u{1F600}\r\n=1+1", "\u{E000}");
    lines.retain(|line| line.verdict == Verdict::Missing);
    for (index, line) in lines.iter_mut().enumerate() {
        line.note = [long.as_str(), &word, &odd, "", "，，，，。。。。"][index % 5];
    }
    let figures = Figures::from_lines(lines.iter().copied());
    let head = ReportHead { organisation: word.clone(), scope: long.clone(), ..ReportHead::default() };
    let bytes = pdf::bytes(&head, &figures, lines.iter().copied(), font()).unwrap();
    assert!(bytes.starts_with(b"%PDF-"));
    let error = pdf::bytes(&head, &figures, lines.iter().copied(), b"not a font").unwrap_err();
    assert!(matches!(error, ReportError::Font));
}
