//! What each kind of finding asks for: evidence, days, who may verify. Dated: a rule holds for what was found from its
//! day on, and a later one does not change what was asked of earlier findings.

use chrono::NaiveDate;

use crate::kernel::Timestamp;
use crate::kernel::naming::named;

/// Days a finding has when its kind does not say.
pub const DEFAULT_DAYS: u64 = 30;

named! {
    /// What kind of thing was found.
    Kind {
        Missing "missing" "盘亏"
        Short "short" "数量短缺"
        Over "over" "数量溢余"
        Misplaced "misplaced" "地点不符"
        WrongKeeper "wrong_keeper" "使用人不符"
        Conflict "conflict" "重复冲突"
        DisposedPresent "disposed_present" "账销物存"
        Unregistered "unregistered" "盘盈"
        Foreign "foreign" "范围外"
        Uncounted "uncounted" "未盘"
        Damaged "damaged" "损坏"
        UrgentNotRatified "urgent_not_ratified" "紧急使用未补批"
        OdometerGap "odometer_gap" "出车里程不衔接"
        TripQuestioned "trip_questioned" "出车记录需说明"
        TripsNotSubmitted "trips_not_submitted" "出车记录逾期未报"
        VehiclePaperDue "vehicle_paper_due" "车辆保险、检验到期"
        NoResponsible "no_responsible" "资产责任人未明确"
        FuelAnomaly "fuel_anomaly" "加油异常"
        FirearmFired "firearm_fired" "使用枪支须书面报告"
        FirearmLost "firearm_lost" "枪弹遗失"
        CarrierUnfit "carrier_unfit" "持枪人员不得配枪"
        FirearmOverdue "firearm_overdue" "枪支逾期未还"
        CarryLicenceDue "carry_licence_due" "持枪证到期"
        ArmouryDifference "armoury_difference" "枪弹交接差异"
        RecountMissing "recount_missing" "枪弹库未交接清点"
        TransferDifference "transfer_difference" "枪弹调拨到货不符"
        AloneInArmoury "alone_in_armoury" "单人进入枪弹库"
        SecondDraw "second_draw" "已领枪又申请领枪"
        IllegalDraw "illegal_draw" "非法领枪"
        CabinetOpened "cabinet_opened" "枪柜无故开启"
        CabinetDisagrees "cabinet_disagrees" "枪柜与登记不符"
        CabinetGap "cabinet_gap" "枪柜记录缺失"
        CabinetAlarm "cabinet_alarm" "枪柜报警"
        CertificateOverdue "certificate_overdue" "数字证书逾期未还"
        CertificateMissing "certificate_missing" "数字证书不在柜、遗失"
        CertificateCheckMissing "certificate_check_missing" "数字证书未巡查"
        InspectionMissing "inspection_missing" "枪弹库当日未检查"
        InspectionFailed "inspection_failed" "枪弹库检查不合格"
        AuditDifference "audit_difference" "枪弹抽查差异"
    }
}

named! {
    /// What kind of evidence.
    EvidenceKind {
        Statement "statement" "情况说明"
        Approval "approval" "批复、批准文件"
        BookChange "book_change" "账卡变更、登记"
        Recount "recount" "复盘、找回记录"
        PoliceReport "police_report" "报案回执"
        Appraisal "appraisal" "鉴定、评估"
        Photo "photo" "照片"
        Video "video" "视频"
        NoVideo "no_video" "无法取得视频的原因"
        Repair "repair" "维修记录"
        Other "other" "其他"
    }
}

/// What a kind asks for, from a day on.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The kind.
    pub kind: Kind,
    /// From findings of this day on.
    pub from: NaiveDate,
    /// Days until the deadline.
    pub days: u64,
    /// Whether somebody outside the answering unit verifies.
    pub verified_outside: bool,
    /// All of these, of each any one.
    pub evidence: &'static [&'static [EvidenceKind]],
    /// Why, with the source.
    pub reason: &'static str,
}

use EvidenceKind as E;

const STATEMENT: &[E] = &[E::Statement];
const LOSS: &[&[E]] = &[STATEMENT, &[E::Approval, E::Recount]];
const DIFFERENCE: &[&[E]] = &[STATEMENT, &[E::Approval, E::BookChange, E::Recount]];
const CHANGE: &[&[E]] = &[&[E::BookChange, E::Recount]];

const fn rule(kind: Kind, verified_outside: bool, evidence: &'static [&'static [E]], reason: &'static str) -> Rule {
    Rule { kind, from: NaiveDate::MIN, days: DEFAULT_DAYS, verified_outside, evidence, reason }
}

/// Every rule; of one kind the last that had begun holds.
pub const RULES: &[Rule] = &[
    rule(
        Kind::Missing,
        true,
        LOSS,
        "行政事业性国有资产管理条例 第34、38、39条：盘亏须查明原因，经批准方可调账；找回的关联原盘亏清单",
    ),
    rule(Kind::Short, true, LOSS, "行政事业性国有资产管理条例 第34、38、39条：短缺按盘亏处理"),
    rule(Kind::Over, false, DIFFERENCE, "行政事业性国有资产管理条例 第30、34条：账外资产须登记，做到账实相符"),
    rule(Kind::Misplaced, false, CHANGE, "固定资产管理规定：存放地点变更须登记，信息有误须反馈更正"),
    rule(Kind::WrongKeeper, false, CHANGE, "行政事业性国有资产管理条例 第15条：更换使用人应当交接"),
    rule(Kind::Conflict, false, &[&[E::Recount, E::Statement]], "同一编号两处见物或两人数不一致，须复盘或说明"),
    rule(
        Kind::DisposedPresent,
        true,
        &[STATEMENT, &[E::Approval, E::BookChange]],
        "行政事业性国有资产管理条例 第19、35条：处置后应核销实物与账目，账销物存须说明去向",
    ),
    rule(Kind::Unregistered, false, DIFFERENCE, "行政事业性国有资产管理条例 第30条：不得有账外资产"),
    rule(Kind::Foreign, false, &[&[E::BookChange, E::Recount, E::Statement]], "固定资产管理规定：不得擅自调动、外借"),
    rule(Kind::Uncounted, false, &[&[E::Recount, E::Statement]], "行政单位财务规则 第35条：年终全面盘点"),
    rule(
        Kind::Damaged,
        false,
        &[STATEMENT, &[E::Photo, E::Repair, E::Appraisal]],
        "固定资产管理规定：损毁实行责任追究",
    ),
    rule(
        Kind::UrgentNotRatified,
        true,
        &[STATEMENT, &[E::Approval, E::Other]],
        "公务用车使用审批登记制度等：先用后批的，应当补办审批",
    ),
    rule(
        Kind::OdometerGap,
        false,
        &[&[E::Statement, E::BookChange]],
        "公务用车管理规定：如实登记每一次公务出车记录，出车里程应与上次还车里程一致",
    ),
    rule(
        Kind::TripQuestioned,
        true,
        &[STATEMENT],
        "公务用车管理规定：对存在问题的出车记录，要求使用单位说明情况，压实使用单位主体责任",
    ),
    rule(
        Kind::TripsNotSubmitted,
        true,
        &[&[E::Statement, E::BookChange]],
        "公务用车管理规定：每月10日前将上月出车记录报送指挥中心检查存档",
    ),
    rule(
        Kind::VehiclePaperDue,
        false,
        &[&[E::BookChange, E::Statement]],
        "道路交通安全法 第13、17、98条：机动车定期检验、投保交强险",
    ),
    rule(
        Kind::NoResponsible,
        false,
        &[&[E::BookChange, E::Statement]],
        "行政事业性国有资产管理条例 第15条；固定资产管理规定：各单位明确第一责任人、管理领导和专职管理员",
    ),
    rule(
        Kind::FuelAnomaly,
        true,
        &[STATEMENT, &[E::Video, E::NoVideo]],
        "公务用车管理规定：加油数据有异常的，及时前往油站保存异常加油的视频，倒查原因，追究责任",
    ),
    Rule {
        days: 1,
        ..rule(
            Kind::FirearmFired,
            true,
            &[STATEMENT],
            "人民警察使用警械和武器条例 第12、13条；公通字〔1999〕74号 第24条：使用武器后写出书面报告，说明耗弹、伤亡",
        )
    },
    Rule {
        days: 1,
        ..rule(
            Kind::FirearmLost,
            true,
            &[STATEMENT, &[E::PoliceReport, E::Recount]],
            "枪支管理法 第25条：枪支被盗、被抢或者丢失的，立即报告公安机关",
        )
    },
    Rule {
        days: 1,
        ..rule(
            Kind::CarrierUnfit,
            true,
            &[&[E::Statement, E::BookChange]],
            "枪支管理法 第26条：不再符合持枪条件的，由所在单位收回枪支和持枪证件",
        )
    },
    Rule {
        days: 1,
        ..rule(
            Kind::FirearmOverdue,
            true,
            &[&[E::Statement, E::BookChange]],
            "枪支管理法 第23条：执行任务后及时交还；公务用枪（弹）领用审批：超过24小时报分局领导",
        )
    },
    rule(
        Kind::CarryLicenceDue,
        false,
        &[&[E::BookChange, E::Statement]],
        "枪支管理法 第25条：携带枪支必须同时携带持枪证件；证件在有效期内方可配枪",
    ),
    Rule {
        days: 1,
        ..rule(
            Kind::ArmouryDifference,
            true,
            &[STATEMENT, &[E::Recount, E::BookChange, E::PoliceReport]],
            "值班交接登记本：交接时逐支逐发清点，账实不符的立即报告、查清；枪支管理法 第25条",
        )
    },
    Rule {
        days: 1,
        ..rule(Kind::RecountMissing, true, &[&[E::Statement, E::Recount]], "值班交接登记本：每班交接清点枪支弹药")
    },
    Rule {
        days: 1,
        ..rule(
            Kind::TransferDifference,
            true,
            &[STATEMENT, &[E::Recount, E::BookChange, E::PoliceReport]],
            "枪支管理法 第25、30、31条：运输枪支须经许可、枪弹分运；被盗、被抢或者丢失的，立即报告",
        )
    },
    Rule {
        days: 3,
        ..rule(Kind::AloneInArmoury, true, &[STATEMENT], "人员进出库／检查登记本；视频巡查规则：单人进入枪库")
    },
    rule(
        Kind::SecondDraw,
        true,
        &[STATEMENT],
        "公务用枪（弹）领用审批：已领枪的不能重复领枪；枪支管理法 第23条：执行任务后及时交还",
    ),
    Rule {
        days: 1,
        ..rule(
            Kind::IllegalDraw,
            true,
            &[STATEMENT, &[E::Recount, E::BookChange, E::PoliceReport]],
            "枪支管理法 第23、25条；智能枪柜报警：非法领枪，立即核对枪支去向",
        )
    },
    Rule {
        days: 1,
        ..rule(
            Kind::CabinetOpened,
            true,
            &[STATEMENT, &[E::Video, E::NoVideo, E::Recount]],
            "人员进出库／检查登记本；智能枪柜报警：无业务开启枪柜，调看视频，说明事由",
        )
    },
    Rule {
        days: 1,
        ..rule(
            Kind::CabinetDisagrees,
            true,
            &[STATEMENT, &[E::Recount, E::BookChange]],
            "公务用枪（弹）领用审批登记本：登记与枪柜记录应当一致，不一致的逐支核对",
        )
    },
    Rule {
        days: 3,
        ..rule(
            Kind::CabinetGap,
            true,
            &[&[E::Statement, E::Repair]],
            "枪柜记录连续编号，缺号的查明是拦截、删除还是故障",
        )
    },
    Rule {
        days: 1,
        ..rule(
            Kind::CabinetAlarm,
            false,
            &[&[E::Statement, E::Repair, E::Video]],
            "智能枪柜报警：门超时未关、锁具变动、温度异常、供电异常，到场处置并记录",
        )
    },
    Rule {
        days: 1,
        ..rule(
            Kind::CertificateOverdue,
            false,
            &[&[E::Statement, E::BookChange]],
            "数字证书管理工作规范：集中管理、随用随取随还、领取提醒",
        )
    },
    Rule {
        days: 1,
        ..rule(
            Kind::CertificateMissing,
            true,
            &[STATEMENT, &[E::Recount, E::BookChange, E::PoliceReport]],
            "数字证书管理工作规范：每日巡查，不在柜又无领用登记的立即查清；遗失的立即注销",
        )
    },
    Rule {
        days: 1,
        ..rule(
            Kind::CertificateCheckMissing,
            true,
            &[&[E::Statement, E::Recount]],
            "数字证书管理工作规范：值班领导每日巡查一至三次，巡查情况上报指挥中心",
        )
    },
    Rule {
        days: 1,
        ..rule(
            Kind::InspectionMissing,
            true,
            &[&[E::Statement, E::BookChange]],
            "公务用枪安全管理：治安大队每日网上巡查，确保各项制度落实落细",
        )
    },
    Rule {
        days: 7,
        ..rule(
            Kind::InspectionFailed,
            true,
            &[STATEMENT, &[E::Photo, E::Video, E::Repair, E::BookChange, E::Other]],
            "安全检查对照检查表：存在问题的限期整改；枪支管理法 第23条",
        )
    },
    Rule {
        days: 1,
        ..rule(
            Kind::AuditDifference,
            true,
            &[STATEMENT, &[E::Recount, E::BookChange, E::PoliceReport]],
            "枪弹抽查：账实不符的立即报告、查清；枪支管理法 第23、25条",
        )
    },
];

impl Kind {
    /// What is asked for of this kind when it was found on that day.
    #[must_use]
    pub fn rule(self, found: Timestamp) -> Rule {
        let day = found.day();
        let of_kind = RULES.iter().filter(|rule| rule.kind == self && rule.from <= day);
        let fallback = rule(self, false, &[STATEMENT], "须说明情况");
        of_kind.max_by_key(|rule| rule.from).copied().unwrap_or(fallback)
    }
}

impl Rule {
    /// The end of the last day that a finding of `found` has.
    #[must_use]
    pub fn deadline(&self, found: Timestamp) -> Timestamp {
        let last = found.day().checked_add_days(chrono::Days::new(self.days));
        Timestamp::end_of_day(last.unwrap_or_else(|| found.day()))
    }

    /// What evidence is still wanted, in words.
    #[must_use]
    pub fn missing(&self, present: &[EvidenceKind]) -> Vec<String> {
        self.evidence
            .iter()
            .filter(|any| !any.iter().any(|kind| present.contains(kind)))
            .map(|any| any.iter().map(|kind| kind.zh()).collect::<Vec<_>>().join("或"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_rule_with_its_reason_and_asks_for_something() {
        let found = Timestamp::start_of_day(NaiveDate::from_ymd_opt(2026, 11, 1).unwrap());
        for kind in Kind::ALL {
            let rules: Vec<_> = RULES.iter().filter(|rule| rule.kind == *kind).collect();
            assert!(!rules.is_empty(), "{kind:?}");
            assert!(rules.iter().all(|rule| !rule.reason.is_empty() && !rule.evidence.is_empty()), "{kind:?}");
            assert!(!kind.rule(found).missing(&[]).is_empty(), "{kind:?} would close with nothing in hand");
            assert_eq!(Kind::by_name(kind.as_str()), Some(*kind));
        }
    }

    #[test]
    fn a_loss_wants_a_statement_and_an_approval_or_the_thing() {
        let found = Timestamp::start_of_day(NaiveDate::from_ymd_opt(2026, 11, 1).unwrap());
        let rule = Kind::Missing.rule(found);
        for (present, missing) in [
            (&[][..], 2),
            (&[E::Statement][..], 1),
            (&[E::Approval][..], 1),
            (&[E::Statement, E::Photo][..], 1),
            (&[E::Statement, E::Recount][..], 0),
            (&[E::Approval, E::Statement][..], 0),
        ] {
            assert_eq!(rule.missing(present).len(), missing, "{present:?}");
        }
        assert_eq!(rule.deadline(found).to_string(), "2026-12-01 23:59:59");
    }
}
