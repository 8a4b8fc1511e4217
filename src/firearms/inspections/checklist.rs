//! The checks of 安全检查对照检查表, in our own words: a dated list. A list that held is never changed: another takes its
//! place from a day on, and papers keep the number of theirs.

use chrono::NaiveDate;

use super::model::Kind;
use crate::firearms::model::StoreKind;

/// One check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// As rows and the API name it.
    pub code: &'static str,
    /// What it belongs to.
    pub area: &'static str,
    /// What is looked at.
    pub text: &'static str,
    /// Whether it can be seen over the network; what cannot is for whoever goes there.
    pub remote: bool,
    /// Of which stores; of both when it says none.
    pub of: Option<StoreKind>,
}

/// A list of checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checklist {
    /// Its number.
    pub version: i64,
    /// From inspections of this day on.
    pub from: NaiveDate,
    /// The checks in the order of the form.
    pub checks: &'static [Check],
}

const fn seen(code: &'static str, area: &'static str, text: &'static str) -> Check {
    Check { code, area, text, remote: true, of: None }
}

const fn there(code: &'static str, area: &'static str, text: &'static str) -> Check {
    Check { remote: false, ..seen(code, area, text) }
}

const fn of_guns(check: Check) -> Check {
    Check { of: Some(StoreKind::Gun), ..check }
}

const fn of_rounds(check: Check) -> Check {
    Check { of: Some(StoreKind::Ammunition), ..check }
}

/// Every list; the last that has begun holds.
pub const CHECKLISTS: &[Checklist] = &[Checklist {
    version: 1,
    from: NaiveDate::MIN,
    checks: &[
        seen("on_duty", "值守", "值守人员在岗，没有脱岗、睡岗"),
        seen("leader_present", "值守", "当天值班所领导到位，领、还枪时到场确认"),
        seen("two_keepers", "双人双锁", "开库、开柜时两名枪管员同时在场，钥匙、密码分管"),
        seen("nobody_alone", "双人双锁", "录像中没有单人进入枪弹库"),
        seen("locked", "设施", "库门、枪柜、弹柜锁闭完好"),
        seen("video", "设施", "监控画面清楚、无遮挡，录像可以回放"),
        seen("alarm", "设施", "入侵报警、门禁工作正常"),
        of_guns(seen("guns_match", "枪支", "在架枪支与台账相符，离库枪支均有领枪单")),
        of_guns(seen("approved", "领还", "当天领枪均经审批，用途、时限清楚")),
        of_guns(seen("clearance", "领还", "领枪、还枪均在验枪桶前按步骤验枪")),
        of_guns(seen("returned", "领还", "到期枪支已交还，逾期的已查明原因")),
        of_rounds(seen("rounds_match", "弹药", "弹药按批次存放，当天收发与台账相符")),
        seen("apart", "枪弹分离", "枪支、弹药分库存放，没有混放"),
        seen("handover", "登记", "当班已双人交接、逐支逐发清点"),
        seen("books", "登记", "领用审批、交接、保养、进出库登记及时，签字齐全"),
        there("barrel", "设施", "验枪桶在位、完好，周围无杂物"),
        there("fire", "设施", "灭火器材有效，通道畅通，温度、湿度在范围内"),
        of_guns(there("cleaning", "保养", "枪支按期擦拭保养，无锈蚀、缺件")),
        of_rounds(there("rounds_counted", "弹药", "抽点批次的发数与账面相符，包装完好")),
        there("licences", "人员", "枪管员、配枪民警持证在有效期内，训练考核合格"),
        there("drill", "人员", "值守人员能说清报警、处置和报告程序"),
    ],
}];

/// The list in force on a day.
#[must_use]
pub fn in_force(day: NaiveDate) -> &'static Checklist {
    let begun = CHECKLISTS.iter().filter(|list| list.from <= day);
    begun.max_by_key(|list| list.from).unwrap_or(&CHECKLISTS[0])
}

/// The list of this number.
#[must_use]
pub fn of_version(version: i64) -> Option<&'static Checklist> {
    CHECKLISTS.iter().find(|list| list.version == version)
}

impl Checklist {
    /// What an inspection of this kind asks of a store of that kind, in the order of the form.
    pub fn asked(&self, kind: Kind, store: StoreKind) -> impl Iterator<Item = &'static Check> + use<> {
        let checks: &'static [Check] = self.checks;
        checks
            .iter()
            .filter(move |check| (check.remote || kind != Kind::Daily) && check.of.is_none_or(|of| of == store))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_has_its_number_its_day_and_codes_of_its_own() {
        for (n, list) in (1..).zip(CHECKLISTS) {
            assert_eq!((list.version, of_version(list.version)), (n, Some(list)));
            let mut codes: Vec<&str> = list.checks.iter().map(|check| check.code).collect();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), list.checks.len(), "a code twice");
            assert!(list.checks.iter().all(|check| (1..=40).contains(&check.code.len()) && !check.text.is_empty()));
        }
        assert_eq!(of_version(0), None);
        assert_eq!(in_force(NaiveDate::from_ymd_opt(2026, 11, 1).unwrap()).version, 1);
    }

    #[test]
    fn what_cannot_be_seen_from_afar_is_not_asked_of_who_is_afar() {
        let list = &CHECKLISTS[0];
        let of = |kind, store| list.asked(kind, store).map(|check| check.code).collect::<Vec<_>>();
        for store in StoreKind::ALL {
            assert_eq!(of(Kind::OnSite, *store), of(Kind::Special, *store));
            assert!(of(Kind::Daily, *store).len() < of(Kind::OnSite, *store).len());
        }
        assert!(of(Kind::Daily, StoreKind::Gun).contains(&"clearance"));
        assert!(!of(Kind::Daily, StoreKind::Ammunition).contains(&"clearance"));
        assert!(!of(Kind::Daily, StoreKind::Gun).contains(&"barrel"));
    }
}
