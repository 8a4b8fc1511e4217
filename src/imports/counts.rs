//! A count from a file into a campaign: each row a scan.

use super::{Desk, Drafts, ImportError, Report, Source, read_drafts};
use crate::documents::tables::Counts;
use crate::kernel::ids::ScanId;
use crate::kernel::{Quantity, Timestamp, text};
use crate::org::Directory;
use crate::stocktake::counting::{self, Answer, NewScan};
use crate::stocktake::model::Condition;

#[derive(Debug)]
pub(super) struct CountDraft {
    code: String,
    place: String,
    keeper: String,
    quantity: Quantity,
    condition: Condition,
    counted_at: Option<Timestamp>,
    counter: String,
    serial_number: String,
    name: String,
    note: String,
}

pub(super) fn read(source: &Source<'_>, counter: &str) -> Result<(Drafts<CountDraft>, Report), ImportError> {
    read_drafts::<Counts, _>(source, |row| {
        let code = [row.identifier(Counts::Code)?, row.identifier(Counts::ItemNumber)?]
            .into_iter()
            .find(|text| !text.is_empty())
            .unwrap_or_default();
        let serial_number = row.identifier(Counts::SerialNumber)?;
        let name = row.text(Counts::Name);
        if code.is_empty() && serial_number.is_empty() && name.is_empty() {
            return Err(row.reject(Counts::ItemNumber, "没有编号、标签码、序列号或名称，不知是什么"));
        }
        let of_the_count =
            [Counts::Quantity, Counts::Place, Counts::Keeper, Counts::Condition, Counts::CountedAt, Counts::Counter];
        // A printed sheet lists what is expected: a row on which nobody wrote anything was not counted.
        if row.has(Counts::Quantity) && of_the_count.into_iter().all(|field| row.text(field).is_empty()) {
            return Err(row.reject(Counts::Quantity, "这一行的盘点各栏都是空的，按未盘处理，不算见到"));
        }
        let stated = row.text(Counts::Counter);
        Ok(CountDraft {
            code: code.to_owned(),
            place: row.text(Counts::Place).to_owned(),
            keeper: row.text(Counts::Keeper).to_owned(),
            quantity: row.quantity(Counts::Quantity)?,
            condition: condition(row.text(Counts::Condition)),
            counted_at: row.datetime(Counts::CountedAt)?,
            counter: if stated.is_empty() { counter.to_owned() } else { stated.to_owned() },
            serial_number: serial_number.to_owned(),
            name: name.to_owned(),
            note: row.text(Counts::Note).to_owned(),
        })
    })
}

/// 损坏, 坏, 破损, 报废, 待修 and the like; anything else is good.
fn condition(words: &str) -> Condition {
    let words = text::key(words);
    let bad = ["DAMAGED", "BROKEN", "损", "坏", "破", "报废", "待修", "不能用", "不可用"];
    if bad.iter().any(|word| words.contains(word)) && !words.contains("无损") && !words.contains("未损") {
        Condition::Damaged
    } else {
        Condition::Good
    }
}

pub(super) async fn write(desk: &mut Desk<'_>, drafts: &Drafts<CountDraft>, campaign: &str) -> Result<(), ImportError> {
    let directory = Directory::load(desk.tx).await?;
    let mut scans = Vec::with_capacity(drafts.len());
    let mut places_of_rows = Vec::with_capacity(drafts.len());
    for (at, draft) in drafts {
        let place = (!draft.place.is_empty()).then(|| directory.find_place(&draft.place, None)).transpose();
        let place = match place {
            Ok(place) => place,
            Err(error) => {
                desk.reject(at, "place", &draft.place, error.to_string());
                continue;
            }
        };
        let unit = place.and_then(|id| directory.place(id)).map(|place| place.unit_id);
        let keeper = (!draft.keeper.is_empty()).then(|| directory.find_person(&draft.keeper, unit)).transpose();
        let keeper = match keeper {
            Ok(keeper) => keeper,
            Err(error) => {
                desk.reject(at, "keeper", &draft.keeper, error.to_string());
                continue;
            }
        };
        places_of_rows.push((at, draft));
        scans.push(NewScan {
            id: desk.ctx.new_id::<ScanId>(),
            code_read: draft.code.clone(),
            place,
            keeper,
            quantity: draft.quantity,
            condition: draft.condition,
            no_label: says_no_label(&draft.note),
            name: draft.name.clone(),
            serial_number: draft.serial_number.clone(),
            note: draft.note.clone(),
            counter: draft.counter.clone(),
            device: "file".to_owned(),
            device_at: draft.counted_at.unwrap_or_else(|| desk.ctx.now()),
        });
    }
    let answers = counting::record_in(desk.tx, desk.ctx, campaign, &scans, Some(desk.batch)).await?;
    for (answer, (at, draft)) in answers.iter().zip(places_of_rows) {
        match answer {
            Answer::Refused { reason, .. } => desk.reject(at, "item_number", &draft.code, reason.clone()),
            Answer::Recorded { .. } | Answer::Repeated => desk.report.taken += 1,
        }
    }
    Ok(())
}

/// 无标签, 标签脱落, 标签缺失 in the remarks.
fn says_no_label(note: &str) -> bool {
    ["无标签", "没有标签", "标签脱落", "标签缺失", "标签丢失"].iter().any(|words| note.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_as_damaged() {
        for (words, expected) in [
            ("", Condition::Good),
            ("完好", Condition::Good),
            ("损坏", Condition::Damaged),
            ("屏幕破", Condition::Damaged),
            ("完好无损", Condition::Good),
            ("damaged", Condition::Damaged),
        ] {
            assert_eq!(condition(words), expected, "{words}");
        }
    }
}
