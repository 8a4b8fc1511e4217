//! The rules by name, how much each weighs, and what would clear what it found.

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A record to put right.
    Low,
    /// To be explained.
    Medium,
    /// Impossible, or forbidden: to be traced.
    High,
}

impl Severity {
    /// As files have it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// As people read it.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Low => "低",
            Self::Medium => "中",
            Self::High => "高",
        }
    }

    /// The severity of a score.
    #[must_use]
    pub fn of(score: f64) -> Self {
        if score >= 75.0 {
            Self::High
        } else if score >= 45.0 {
            Self::Medium
        } else {
            Self::Low
        }
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident $name:literal $zh:literal $weight:literal $clear:literal;)*) => {
        /// A rule of the check.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[$doc])* $variant,)*
        }

        impl Rule {
            /// Every rule, in the order shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As files and settings have it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// As people read it.
            #[must_use]
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh,)* }
            }

            /// The score it gives where nothing makes it more or less: 0 to 100.
            #[must_use]
            pub const fn weight(self) -> f64 {
                match self { $(Self::$variant => $weight,)* }
            }

            /// What would clear it.
            #[must_use]
            pub const fn clear(self) -> &'static str {
                match self { $(Self::$variant => $clear,)* }
            }
        }
    };
}

impl Rule {
    /// Whether it speaks of the record, not of the fuel: the gate through which data go before anybody is suspected. What
    /// it finds is put right in the books; it is told apart from suspicions and takes no place among them.
    #[must_use]
    pub const fn is_gate(self) -> bool {
        matches!(
            self,
            Self::Duplicate
                | Self::BadRecord
                | Self::OdometerTypo
                | Self::OdometerRollback
                | Self::OdometerJump
                | Self::OdometerRepeated
                | Self::OdometerMissing
        )
    }
}

rules! {
    /// A record that stands twice.
    Duplicate "duplicate" "重复记录" 80.0 "加油站确认确有两次加油，并有两张小票";
    /// A record with a number or a time that cannot be.
    BadRecord "bad_record" "记录数值不可信" 70.0 "对照小票更正";
    /// An odometer reading that one wrong digit explains.
    OdometerTypo "odometer_typo" "里程疑似录错一位" 60.0 "对照小票或里程表照片，由登记人更正";
    /// An odometer reading below what the car had already run.
    OdometerRollback "odometer_rollback" "里程倒退" 75.0 "里程表照片；如换过里程表，提供换表单据";
    /// An odometer reading beyond what the car can have run.
    OdometerJump "odometer_jump" "里程跳增" 65.0 "里程表照片；如在别处加过油，提供凭证";
    /// The reading of the fill before, again.
    OdometerRepeated "odometer_repeated" "里程与上次相同" 55.0 "里程表照片；如两次加油之间确未行驶，说明原因";
    /// No reading where there always is one.
    OdometerMissing "odometer_missing" "未登记里程" 20.0 "补登里程并由驾驶员签名";
    /// The card of one car, the plate of another.
    CardPlateMismatch "card_plate_mismatch" "车卡不符" 90.0 "当日调换车辆或油卡的审批单";
    /// A reading that fits another car.
    WrongCar "wrong_car" "里程与另一辆车相符" 85.0 "加油站视频或小票证明是本车加油";
    /// A plate that the register does not have.
    UnregisteredPlate "unregistered_plate" "车牌不在台账" 85.0 "补登该车，或加油站更正车牌";
    /// A card that the register does not have.
    UnknownCard "unknown_card" "油卡不在台账" 60.0 "补登该卡，或加油站更正卡号";
    /// A card used after it was reported lost or stopped.
    DeadCard "dead_card" "挂失、停用后用卡" 95.0 "解除挂失、恢复使用的记录";
    /// More than the tank holds.
    OverTank "over_tank" "加油量超过油箱" 92.0 "行驶证或手册证明油箱更大；或加油站更正升数";
    /// More than can have been room for.
    TankBalance "tank_balance" "油箱装不下" 88.0 "证明上次未加满、里程有误，或加油站视频显示确实加入本车";
    /// Farther than the fuel could carry it.
    NoFuelForDistance "no_fuel_for_distance" "油不够跑这么远" 50.0 "其他加油凭证（现金、别的油卡），或里程更正";
    /// More fuel a kilometre than this car needs.
    ConsumptionHigh "consumption_high" "油耗异常偏高" 60.0 "长时间怠速、拖带、路况、维修记录，或加油站视频";
    /// A little too much, several times running.
    ConsumptionWindow "consumption_window" "连续多次油耗偏高" 55.0 "维修记录、任务变化，或更换驾驶员的说明";
    /// A little too much, ever since.
    SlowSkim "slow_skim" "油耗持续走高" 55.0 "检测油耗、维修记录，或任务变化的说明";
    /// Two fills in a short time.
    RepeatFill "repeat_fill" "短时间内重复加油" 48.0 "两次加油的小票与视频";
    /// Not what the car burns.
    WrongGrade "wrong_grade" "油品不符" 80.0 "行驶证或手册证明可用该油品；或加油站更正";
    /// Dearer than others paid that day.
    PriceOff "price_off" "单价偏离当日油价" 65.0 "加油站当日挂牌价或优惠说明";
    /// Litres times price is another amount.
    AmountMismatch "amount_mismatch" "金额与升数乘单价不符" 75.0 "加油站小票";
    /// The balance does not follow from the one before.
    BalanceBreak "balance_break" "余额不衔接" 50.0 "加油站补全该卡流水";
    /// No trip at that time.
    NoTrip "no_trip" "加油时无出车记录" 58.0 "补充出车审批与登记，或驾驶员说明";
    /// The car was in repair.
    InRepair "in_repair" "在修期间加油" 78.0 "送修、取车时间更正，或修理厂证明";
    /// The car was stopped.
    Stopped "stopped" "停用期间加油" 75.0 "恢复使用的批准";
    /// The car was gone.
    Scrapped "scrapped" "报废后加油" 95.0 "报废日期更正";
    /// Two places too far apart.
    TooFar "too_far" "两地相距过远" 82.0 "加油站视频；或加油站更正时间、地点";
    /// Fuel into a drum or a jerrycan.
    Container "container" "油桶加油" 62.0 "油桶加油审批单与领用记录";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_has_a_name_of_its_own() {
        let names: BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.as_str()).collect();
        let zh: BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.zh()).collect();
        assert_eq!((names.len(), zh.len()), (Rule::ALL.len(), Rule::ALL.len()));
        for rule in Rule::ALL {
            assert!((1.0..=100.0).contains(&rule.weight()) && !rule.clear().is_empty(), "{rule:?}");
        }
    }
}
