//! The month's repairs as a workbook: 汇总 a line a repair with its total, 配件 a line a part.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::collect::Collected;
use crate::kernel::Fen;
use crate::org::Directory;

const REPAIRS: &[(&str, f64)] = &[
    ("送修单", 16.0),
    ("车牌号", 12.0),
    ("使用单位", 18.0),
    ("类别", 10.0),
    ("故障、保养项目", 30.0),
    ("维修厂", 20.0),
    ("送修时间", 18.0),
    ("送修里程", 10.0),
    ("取回时间", 18.0),
    ("取回里程", 10.0),
    ("预算（元）", 12.0),
    ("配件费（元）", 12.0),
    ("工时费（元）", 12.0),
    ("合计（元）", 12.0),
    ("超预算原因", 24.0),
    ("发票号", 16.0),
    ("旧件处理", 16.0),
];
const PARTS: &[(&str, f64)] = &[
    ("送修单", 16.0),
    ("车牌号", 12.0),
    ("维修厂", 20.0),
    ("配件名称", 24.0),
    ("计量单位", 10.0),
    ("数量", 10.0),
    ("单价（元）", 12.0),
    ("金额（元）", 12.0),
];

fn begin(page: &mut Worksheet, name: &str, heads: &[(&str, f64)]) -> Result<(), XlsxError> {
    page.set_name(name)?;
    page.set_freeze_panes(1, 0)?;
    let bold = Format::new().set_bold();
    for (column, (head, width)) in (0u16..).zip(heads) {
        page.set_column_width(column, *width)?;
        page.write_with_format(0, column, *head, &bold)?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a spreadsheet has no other numbers")]
fn money(page: &mut Worksheet, row: u32, column: u16, fen: Fen) -> Result<(), XlsxError> {
    let format = Format::new().set_num_format("#,##0.00");
    page.write_number_with_format(row, column, fen.0 as f64 / 100.0, &format)?;
    Ok(())
}

/// The workbook.
///
/// # Errors
/// When it cannot be put together.
pub fn workbook(repairs: &[Collected], names: &Directory) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    begin(page, "汇总", REPAIRS)?;
    let (mut parts_sum, mut labour_sum, mut total_sum) = (Fen::ZERO, Fen::ZERO, Fen::ZERO);
    let mut at = 1;
    for one in repairs {
        let row = &one.row;
        let parts: Fen = one.parts.iter().map(|part| part.amount_fen).sum();
        let (labour, total) = (row.labour_fen.unwrap_or_default(), row.total_fen.unwrap_or_default());
        let texts = [
            (0, row.number.as_str()),
            (1, one.plate.as_str()),
            (2, names.unit_name(row.unit_id)),
            (3, row.kind.zh()),
            (4, row.fault.as_str()),
            (5, one.shop.as_str()),
            (14, row.over_reason.as_str()),
            (15, row.invoice.as_str()),
            (16, row.old_parts.as_str()),
        ];
        for (column, text) in texts {
            page.write_string(at, column, text)?;
        }
        for (column, when) in [(6, row.sent_at), (8, row.returned_at)] {
            page.write_string(at, column, when.map(|when| when.to_string()).unwrap_or_default())?;
        }
        for (column, km) in [(7, row.sent_km), (9, row.returned_km)] {
            page.write_string(at, column, km.map(|km| km.to_string()).unwrap_or_default())?;
        }
        for (column, fen) in [(10, row.budget_fen), (11, parts), (12, labour), (13, total)] {
            money(page, at, column, fen)?;
        }
        (parts_sum, labour_sum, total_sum) = (parts_sum + parts, labour_sum + labour, total_sum + total);
        at += 1;
    }
    page.write_string(at, 0, "合计")?;
    for (column, fen) in [(11, parts_sum), (12, labour_sum), (13, total_sum)] {
        money(page, at, column, fen)?;
    }
    let page = book.add_worksheet();
    begin(page, "配件", PARTS)?;
    let lines = repairs.iter().flat_map(|one| one.parts.iter().map(move |part| (one, part)));
    for (at, (one, part)) in (1u32..).zip(lines) {
        let texts = [&one.row.number, &one.plate, &one.shop, &part.name, &part.measure_unit];
        for (column, text) in (0u16..).zip(texts) {
            page.write_string(at, column, text)?;
        }
        #[expect(clippy::cast_precision_loss, reason = "a spreadsheet has no other numbers")]
        page.write_number(at, 5, part.quantity_milli as f64 / 1_000.0)?;
        money(page, at, 6, part.unit_price_fen)?;
        money(page, at, 7, part.amount_fen)?;
    }
    book.save_to_buffer()
}
