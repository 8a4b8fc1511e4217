//! What a person (or a program, with `--json`) is told at the end.

use std::io::{self, Write};

use serde::Serialize;

use super::Finished;
use crate::kernel::text::thousands;

#[derive(Serialize)]
struct Facts<'a> {
    needs_attention: bool,
    vehicles: usize,
    records: usize,
    fills: usize,
    rejects: u64,
    fills_flagged: usize,
    records_to_correct: usize,
    anomalies: usize,
    high: usize,
    medium: usize,
    low: usize,
    by_rule: std::collections::BTreeMap<&'static str, usize>,
    files: Vec<String>,
    remarks: &'a [String],
}

pub(super) fn show(finished: &Finished, json: bool, screen: &mut dyn Write) -> io::Result<()> {
    if json { as_json(finished, screen) } else { as_text(finished, screen) }
}

fn as_json(finished: &Finished, screen: &mut dyn Write) -> io::Result<()> {
    let [low, medium, high] = finished.by_severity;
    let facts = Facts {
        needs_attention: finished.needs_attention(),
        vehicles: finished.cars,
        records: finished.records,
        fills: finished.fills,
        rejects: finished.rejects,
        fills_flagged: finished.fills_flagged,
        records_to_correct: finished.records_flagged,
        anomalies: low + medium + high,
        high,
        medium,
        low,
        by_rule: finished.by_rule.iter().map(|(rule, count)| (rule.as_str(), *count)).collect(),
        files: finished.files.iter().map(|path| path.display().to_string()).collect(),
        remarks: &finished.remarks,
    };
    serde_json::to_writer_pretty(&mut *screen, &facts)?;
    writeln!(screen)
}

fn as_text(finished: &Finished, screen: &mut dyn Write) -> io::Result<()> {
    for remark in &finished.remarks {
        writeln!(screen, "{remark}")?;
    }
    let number = |n: usize| thousands(n as u64);
    writeln!(
        screen,
        "车辆 {} 辆，加油记录 {} 条（加油 {} 次），未读入 {} 行\n",
        number(finished.cars),
        number(finished.records),
        number(finished.fills),
        thousands(finished.rejects)
    )?;
    let [low, medium, high] = finished.by_severity;
    let (flagged, all) = (number(finished.fills_flagged), number(low + medium + high));
    let (records, suspected) =
        (number(finished.records_flagged), number(finished.fills_flagged - finished.records_flagged));
    writeln!(screen, "{flagged} 次加油有异常，共 {all} 条：高 {high}，中 {medium}，低 {low}")?;
    writeln!(screen, "其中 {records} 次只是记录有误，待更正；{suspected} 次用油可疑，待说明")?;
    for (rule, count) in &finished.by_rule {
        writeln!(screen, "  {} {}", rule.zh(), number(*count))?;
    }
    writeln!(screen, "\n已写出：")?;
    for file in &finished.files {
        writeln!(screen, "  {}", file.display())?;
    }
    Ok(())
}
