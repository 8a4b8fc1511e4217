//! What stands in a table and is no data: totals, signatures, formulas that failed.

use super::reject::Skipped;
use super::row::clean;

/// What spreadsheets show where a formula failed.
pub(super) const FORMULA_ERRORS: [&str; 9] =
    ["#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#DATA!", "#SPILL!"];

/// Whether a row that begins with this text is no data: a total, a signature.
pub(super) fn aside(first: &str) -> Option<Skipped> {
    // Data begin with a number far more often than not; look no further then.
    if first.len() > 240
        || first.is_ascii() && !first.as_bytes().last().is_some_and(|b| matches!(b, b'l' | b'L' | b's'))
    {
        return None;
    }
    let plain: String = clean(first).chars().filter(|c| !c.is_whitespace()).take(80).collect();
    let (label, rest) = match plain.split_once(['：', ':']) {
        Some((label, rest)) => (label, Some(rest)),
        None => (plain.as_str(), None),
    };
    let short = label.chars().count() <= 12;
    let total = ["合计", "总计", "小计", "共计", "累计", "总合计"].iter().any(|t| label.ends_with(t))
        || ["total", "subtotal", "grandtotal", "totals"].contains(&label.to_lowercase().as_str());
    if short && total {
        return Some(Skipped::Total);
    }
    let signature = [
        "制表",
        "填表",
        "审核",
        "复核",
        "盘点人",
        "盘点时间",
        "盘点日期",
        "监盘人",
        "负责人",
        "单位负责人",
        "打印",
        "编制",
        "经办",
        "主管",
        "填报",
        "签字",
        "签名",
        "盖章",
        "注",
        "备注",
        "说明",
        "导出",
        "日期",
    ];
    (rest.is_some() && short && signature.iter().any(|word| label.starts_with(word))).then_some(Skipped::Footer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_and_signatures_are_told_from_data() {
        for text in ["合计", "合 计：", "本页小计", "一楼合计", "总计", "Total", "subtotal", "累计"] {
            assert_eq!(aside(text), Some(Skipped::Total), "{text}");
        }
        for text in [
            "制表人：某甲",
            "审核人: ",
            "盘点日期：2024年12月31日",
            "注：以上不含车辆",
            "单位负责人（签字）：",
            "备注：",
        ] {
            assert_eq!(aside(text), Some(Skipped::Footer), "{text}");
        }
        for text in [
            "A1",
            "HF:0001",
            "会计电算化教学用合计算器一台",
            "计算机",
            "注射器",
            "备注本",
            "日期章",
            "label",
            "电脑：一号",
        ] {
            assert_eq!(aside(text), None, "{text}");
        }
    }
}
