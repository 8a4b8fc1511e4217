//! Words and rules of stores, guns, rounds and those who carry them; no database, no clock, no HTTP.

use chrono::{Days, NaiveDate};

use crate::kernel::naming::named;
use crate::kernel::text::{fault, key};

named! {
    /// What a store is for: guns and ammunition are kept apart (枪支管理法 第23条).
    StoreKind {
        Gun "gun" "枪库"
        Ammunition "ammunition" "弹药库"
    }
}

named! {
    /// What sort of gun.
    Category {
        Pistol "pistol" "手枪"
        Revolver "revolver" "转轮手枪"
        SubmachineGun "submachine_gun" "冲锋枪"
        Shotgun "shotgun" "防暴枪"
        Rifle "rifle" "步枪"
        Other "other" "其他"
    }
}

named! {
    /// Whether it is everybody's or somebody's own.
    Issue {
        Shared "shared" "公用"
        Dedicated "dedicated" "专用"
    }
}

named! {
    /// Where a gun stands.
    ArmState {
        InStore "in_store" "在库"
        /// With the officer who drew it, or on its way to another store.
        Out "out" "不在库"
        CleaningDue "cleaning_due" "待保养"
        Cleaning "cleaning" "保养中"
        Faulty "faulty" "故障"
        Lost "lost" "遗失"
        Scrapped "scrapped" "已报废"
    }
}

named! {
    /// What may become of a gun in its store.
    ArmDeed {
        Draw "draw" "领枪"
        Return "return" "还枪"
        NeedCleaning "need_cleaning" "提出保养"
        StartCleaning "start_cleaning" "开始保养"
        FinishCleaning "finish_cleaning" "保养完成"
        /// The paper that asked for it was cancelled.
        DropCleaning "drop_cleaning" "取消保养"
        ReportFault "report_fault" "报故障"
        Mend "mend" "修复"
        Lose "lose" "报失"
        Find "find" "找回"
        Scrap "scrap" "上交报废"
        /// With a transfer to another store.
        Send "send" "调出"
        Arrive "arrive" "调入"
    }
}

named! {
    /// Where a magazine is.
    MagazineState {
        InStore "in_store" "在库"
        Out "out" "不在库"
        Lost "lost" "遗失"
    }
}

named! {
    /// Why the rounds of a lot in a store became more or fewer.
    EntryKind {
        Received "received" "新增入库"
        Drawn "drawn" "领用"
        Returned "returned" "交还"
        Sent "sent" "调出"
        Corrected "corrected" "更正"
    }
}

named! {
    /// What an officer was tried in.
    ResultKind {
        Training "training" "训练"
        Exam "exam" "考试"
        LiveFire "live_fire" "实弹射击"
    }
}

/// The most rounds that a lot may have in a store, or that one entry may bring: what is more is a slip of the hand.
pub const MOST_ROUNDS: i64 = 10_000_000;

/// A gun is not in a state for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("此枪{state}，不能{deed}")]
pub struct Refusal {
    state: &'static str,
    deed: &'static str,
}

impl ArmState {
    /// Where a gun stands after a deed.
    ///
    /// # Errors
    /// When its state does not allow it.
    pub const fn after(self, deed: ArmDeed) -> Result<Self, Refusal> {
        match (self, deed) {
            (Self::InStore, ArmDeed::Draw | ArmDeed::Send) => Ok(Self::Out),
            (Self::Out, ArmDeed::Return | ArmDeed::Arrive)
            | (Self::Cleaning, ArmDeed::FinishCleaning)
            | (Self::CleaningDue, ArmDeed::DropCleaning)
            | (Self::Faulty, ArmDeed::Mend) => Ok(Self::InStore),
            (Self::InStore, ArmDeed::NeedCleaning) => Ok(Self::CleaningDue),
            (Self::CleaningDue, ArmDeed::StartCleaning) => Ok(Self::Cleaning),
            (Self::InStore | Self::CleaningDue | Self::Cleaning, ArmDeed::ReportFault) => Ok(Self::Faulty),
            (Self::InStore | Self::Out | Self::CleaningDue | Self::Cleaning | Self::Faulty, ArmDeed::Lose) => {
                Ok(Self::Lost)
            }
            // What comes back from nowhere is looked at before it is given out.
            (Self::Lost, ArmDeed::Find) => Ok(Self::Faulty),
            (Self::Faulty, ArmDeed::Scrap) => Ok(Self::Scrapped),
            _ => Err(Refusal { state: self.zh(), deed: deed.zh() }),
        }
    }

    /// Whether it should be found on its shelf.
    #[must_use]
    pub const fn is_on_shelf(self) -> bool {
        matches!(self, Self::InStore | Self::CleaningDue | Self::Cleaning | Self::Faulty)
    }
}

/// A number as it is compared, or why it cannot be one.
///
/// # Errors
/// A sentence for whoever typed it.
pub fn number(text: &str, least: usize, most: usize) -> Result<String, String> {
    if let Some(reason) = fault(text.trim(), most) {
        return Err(reason);
    }
    let compared = key(text).into_owned();
    match compared.chars().count() {
        many if many >= least => Ok(compared),
        _ => Err(format!("至少 {least} 个字")),
    }
}

/// A serial number as others may see it: its last four.
#[must_use]
pub fn masked(serial: &str) -> String {
    let chars: Vec<char> = serial.chars().collect();
    let tail: String = chars.iter().skip(chars.len().saturating_sub(4)).collect();
    format!("…{tail}")
}

/// A name as others may see it: its first character.
#[must_use]
pub fn masked_name(name: &str) -> String {
    let first: String = name.chars().take(1).collect();
    format!("{first}**")
}

/// What is known of somebody who would carry a gun.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fitness {
    /// Whether they are entered as an armed officer who may be given guns.
    pub armed: bool,
    /// The days on which the licence holds, both counted.
    pub licence: Option<(NaiveDate, NaiveDate)>,
    /// Whether a ban stands.
    pub banned: bool,
    /// The day of the last training, examination or live fire, and whether it was passed.
    pub last_result: Option<(NaiveDate, bool)>,
}

/// Why somebody may not be given a gun today (枪支管理法 第24—26条; rule 15 of DOMAIN 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Nobody entered them.
    #[error("未登记为配枪民警")]
    NotArmed,
    /// A ban stands.
    #[error("已被禁止配枪")]
    Banned,
    /// The licence does not hold yet.
    #[error("持枪证自 {0} 起有效")]
    LicenceFrom(NaiveDate),
    /// The licence does not hold any more.
    #[error("持枪证已于 {0} 到期")]
    LicenceOver(NaiveDate),
    /// No training is on record.
    #[error("没有训练、考核记录")]
    NoResult,
    /// The last was not passed.
    #[error("{0} 的训练、考核未合格")]
    Failed(NaiveDate),
    /// The last was too long ago.
    #[error("最近一次训练、考核在 {0}，已过期")]
    ResultOver(NaiveDate),
}

impl Fitness {
    /// Lets them carry on a day; a result counts for so many days.
    ///
    /// # Errors
    /// The first reason against it.
    pub fn check(&self, day: NaiveDate, result_days: i64) -> Result<(), Unfit> {
        let (true, Some((from, until))) = (self.armed, self.licence) else { return Err(Unfit::NotArmed) };
        if self.banned {
            return Err(Unfit::Banned);
        }
        if day < from {
            return Err(Unfit::LicenceFrom(from));
        }
        if until < day {
            return Err(Unfit::LicenceOver(until));
        }
        match self.last_result {
            None => Err(Unfit::NoResult),
            Some((held, false)) => Err(Unfit::Failed(held)),
            Some((held, true)) => {
                let over = held.checked_add_days(Days::new(result_days.unsigned_abs())).is_some_and(|last| last < day);
                if over { Err(Unfit::ResultOver(held)) } else { Ok(()) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state and every deed.
    #[test]
    fn a_gun_goes_only_where_its_state_lets_it() {
        use ArmDeed as D;
        use ArmState as S;
        let mut ways = Vec::new();
        for state in S::ALL {
            for deed in D::ALL {
                match state.after(*deed) {
                    Ok(after) => ways.push((*state, *deed, after)),
                    Err(refusal) => {
                        assert_eq!(refusal.to_string(), format!("此枪{}，不能{}", state.zh(), deed.zh()));
                    }
                }
            }
        }
        assert_eq!(
            ways,
            [
                (S::InStore, D::Draw, S::Out),
                (S::InStore, D::NeedCleaning, S::CleaningDue),
                (S::InStore, D::ReportFault, S::Faulty),
                (S::InStore, D::Lose, S::Lost),
                (S::InStore, D::Send, S::Out),
                (S::Out, D::Return, S::InStore),
                (S::Out, D::Lose, S::Lost),
                (S::Out, D::Arrive, S::InStore),
                (S::CleaningDue, D::StartCleaning, S::Cleaning),
                (S::CleaningDue, D::DropCleaning, S::InStore),
                (S::CleaningDue, D::ReportFault, S::Faulty),
                (S::CleaningDue, D::Lose, S::Lost),
                (S::Cleaning, D::FinishCleaning, S::InStore),
                (S::Cleaning, D::ReportFault, S::Faulty),
                (S::Cleaning, D::Lose, S::Lost),
                (S::Faulty, D::Mend, S::InStore),
                (S::Faulty, D::Lose, S::Lost),
                (S::Faulty, D::Scrap, S::Scrapped),
                (S::Lost, D::Find, S::Faulty),
            ]
        );
    }

    #[test]
    fn who_may_carry_is_asked_of_licence_ban_and_training() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let fit = Fitness {
            armed: true,
            licence: Some((day("2026-01-01"), day("2026-11-30"))),
            banned: false,
            last_result: Some((day("2026-06-01"), true)),
        };
        let today = "2026-11-23";
        for (fitness, on, expected) in [
            (fit, today, None),
            (fit, "2026-11-30", None),
            (fit, "2026-12-01", Some(Unfit::LicenceOver(day("2026-11-30")))),
            (fit, "2025-12-31", Some(Unfit::LicenceFrom(day("2026-01-01")))),
            (Fitness::default(), today, Some(Unfit::NotArmed)),
            (Fitness { armed: false, ..fit }, today, Some(Unfit::NotArmed)),
            (Fitness { banned: true, ..fit }, today, Some(Unfit::Banned)),
            (Fitness { last_result: None, ..fit }, today, Some(Unfit::NoResult)),
            (
                Fitness { last_result: Some((day("2026-11-01"), false)), ..fit },
                today,
                Some(Unfit::Failed(day("2026-11-01"))),
            ),
            (
                Fitness { last_result: Some((day("2025-11-22"), true)), ..fit },
                today,
                Some(Unfit::ResultOver(day("2025-11-22"))),
            ),
            (Fitness { last_result: Some((day("2025-11-23"), true)), ..fit }, today, None),
        ] {
            assert_eq!(fitness.check(day(on), 365).err(), expected, "{fitness:?} {on}");
        }
    }

    #[test]
    fn others_see_four_characters_of_a_number_and_one_of_a_name() {
        assert_eq!(masked("A0123417"), "…3417");
        assert_eq!(masked("17"), "…17");
        assert_eq!(masked_name("欧阳文"), "欧**");
        assert_eq!(number(" a-12 ３", 4, 40), Ok("A-123".to_owned()));
        assert!(number("12", 4, 40).is_err() && number("12\u{0}34", 4, 40).is_err());
    }
}
