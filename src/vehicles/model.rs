//! The words of a car and the rules of its plate, chassis number, fuel and driver; no database, no clock, no HTTP.

use chrono::NaiveDate;

use crate::items::model::ItemState;
use crate::kernel::naming::named;

named! {
    /// Whether the car is within the number that the unit may have (编制情况).
    Quota {
        InQuota "in_quota" "在编"
        OffQuota "off_quota" "不在编"
        Unset "unset" "未核定车编"
    }
}

named! {
    /// What the car is for (党政机关公务用车管理办法 第3条, 执法执勤用车配备使用管理办法 第3条).
    UseKind {
        Confidential "confidential" "机要通信"
        Emergency "emergency" "应急保障"
        Enforcement "enforcement" "执法执勤"
        SpecialPurpose "special_purpose" "特种专业技术"
        Other "other" "其他"
    }
}

named! {
    /// What it runs on.
    Energy {
        Petrol "petrol" "汽油"
        Diesel "diesel" "柴油"
        Electric "electric" "纯电动"
        Hybrid "hybrid" "油电混合"
    }
}

named! {
    /// Which vehicles somebody may drive (机动车驾驶证申领和使用规定 附件1).
    LicenceClass {
        A1 "a1" "A1 大型客车"
        A2 "a2" "A2 重型牵引挂车"
        A3 "a3" "A3 城市公交车"
        B1 "b1" "B1 中型客车"
        B2 "b2" "B2 大型货车"
        C1 "c1" "C1 小型汽车"
        C2 "c2" "C2 小型自动挡汽车"
        C5 "c5" "C5 残疾人专用小型自动挡载客汽车"
        D "d" "D 普通三轮摩托车"
        E "e" "E 普通二轮摩托车"
        F "f" "F 轻便摩托车"
    }
}

/// Which series a plate is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlateKind {
    /// 普通民用
    Civil,
    /// 警用
    Police,
    /// 新能源
    NewEnergy,
}

const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
/// Letters that a small new-energy plate begins with, and a large one ends with.
const NEW_ENERGY: &str = "ABCDEFGHJK";

/// A plate as compared: half-width, upper case, without blanks and dots.
#[must_use]
pub fn plate_key(text: &str) -> String {
    crate::kernel::text::key(text).chars().filter(|c| !matches!(c, '·' | '•' | '.' | '-' | '・')).collect()
}

/// Which series a plate is of, when it is one that the traffic police issue (GA 36, 机动车登记规定).
///
/// # Errors
/// The sentence that says what it should look like.
pub fn plate_kind(text: &str) -> Result<PlateKind, String> {
    let key: Vec<char> = plate_key(text).chars().collect();
    let wrong = || format!("“{}”不是有效的车牌号：应为 粤T12345、粤T1234警，或新能源 粤TD12345", text.trim());
    let [province, office, rest @ ..] = key.as_slice() else { return Err(wrong()) };
    let letter = |c: &char| c.is_ascii_uppercase() && !matches!(c, 'I' | 'O');
    let sign = |c: &char| letter(c) || c.is_ascii_digit();
    if !PROVINCES.contains(*province) || !letter(office) {
        return Err(wrong());
    }
    match rest {
        [number @ .., '警'] if number.len() == 4 && number.iter().all(sign) => Ok(PlateKind::Police),
        [..] if rest.len() == 5 && rest.iter().all(sign) => Ok(PlateKind::Civil),
        [first, second, digits @ ..]
            if digits.len() == 4
                && NEW_ENERGY.contains(*first)
                && sign(second)
                && digits.iter().all(char::is_ascii_digit) =>
        {
            Ok(PlateKind::NewEnergy)
        }
        [digits @ .., last]
            if digits.len() == 5 && NEW_ENERGY.contains(*last) && digits.iter().all(char::is_ascii_digit) =>
        {
            Ok(PlateKind::NewEnergy)
        }
        _ => Err(wrong()),
    }
}

/// The value of a sign of a chassis number (GB 16735 表 3).
const fn vin_value(sign: char) -> Option<u32> {
    Some(match sign {
        '0' => 0,
        '1' | 'A' | 'J' => 1,
        '2' | 'B' | 'K' | 'S' => 2,
        '3' | 'C' | 'L' | 'T' => 3,
        '4' | 'D' | 'M' | 'U' => 4,
        '5' | 'E' | 'N' | 'V' => 5,
        '6' | 'F' | 'W' => 6,
        '7' | 'G' | 'P' | 'X' => 7,
        '8' | 'H' | 'Y' => 8,
        '9' | 'R' | 'Z' => 9,
        _ => return None,
    })
}

const VIN_WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/// The check sign that a chassis number of these signs has at its ninth place.
#[must_use]
pub fn vin_check(vin: &str) -> Option<char> {
    let mut sum = 0;
    for (sign, weight) in vin.chars().zip(VIN_WEIGHTS) {
        sum += vin_value(sign)? * weight;
    }
    match sum % 11 {
        10 => Some('X'),
        digit => char::from_digit(digit, 10),
    }
}

/// A chassis number in upper case; blank is none. Its check sign must hold where it was given in China (GB 16735: L…);
/// others use the ninth place as they like.
///
/// # Errors
/// The sentence that says what is wrong.
pub fn vin(text: &str) -> Result<String, String> {
    let vin = crate::kernel::text::key(text).into_owned();
    if vin.is_empty() {
        return Ok(vin);
    }
    let many = vin.chars().count();
    if many != 17 {
        return Err(format!("车辆识别代号应为 17 位，现为 {many} 位"));
    }
    if let Some(sign) = vin.chars().find(|sign| vin_value(*sign).is_none()) {
        return Err(format!("车辆识别代号不用“{sign}”（不含 I、O、Q）"));
    }
    let told = vin.chars().nth(8);
    if vin.starts_with('L') && vin_check(&vin) != told {
        return Err("车辆识别代号校验不通过（第 9 位），请对照行驶证核对".to_owned());
    }
    Ok(vin)
}

/// A grade as the ledger writes it, `92`, `95`, `0`, `-10`; blank is unknown.
///
/// # Errors
/// When it is none that this energy burns.
pub fn fuel_grade(energy: Energy, text: &str) -> Result<String, String> {
    let key = crate::kernel::text::key(text);
    let grade = key.trim_end_matches("汽油").trim_end_matches("柴油").trim_end_matches(['#', '号']).to_owned();
    let fits = match energy {
        Energy::Electric => grade.is_empty(),
        Energy::Diesel => matches!(grade.as_str(), "" | "5" | "0" | "-10" | "-20" | "-35" | "-50"),
        Energy::Petrol | Energy::Hybrid => matches!(grade.as_str(), "" | "89" | "92" | "95" | "98"),
    };
    if fits { Ok(grade) } else { Err(format!("{}车不用“{}”", energy.zh(), text.trim())) }
}

impl Energy {
    /// Whether it is refuelled: litres, a tank, a fuel card. An electric car has kWh and charging records, never
    /// L/100 km.
    #[must_use]
    pub const fn burns(self) -> bool {
        !matches!(self, Self::Electric)
    }
}

impl LicenceClass {
    /// Whether it allows a car of so many seats. Unknown seats are those of a small car.
    #[must_use]
    pub const fn drives(self, seats: Option<i64>) -> bool {
        let seats = match seats {
            Some(seats) => seats,
            None => 5,
        };
        match self {
            Self::A1 => true,
            Self::A3 | Self::B1 => seats <= 19,
            Self::A2 | Self::B2 | Self::C1 | Self::C2 => seats <= 9,
            Self::C5 => seats <= 5,
            Self::D | Self::E | Self::F => false,
        }
    }
}

/// The dates of a car by which something must be renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Papers {
    /// 交强险到期
    pub compulsory_until: Option<NaiveDate>,
    /// 商业险到期
    pub commercial_until: Option<NaiveDate>,
    /// 检验有效期至
    pub inspected_until: Option<NaiveDate>,
}

impl Papers {
    /// What lapses, its name in the database and as people say it, and its last day.
    #[must_use]
    pub const fn dates(self) -> [(&'static str, &'static str, Option<NaiveDate>); 3] {
        [
            ("compulsory", "交强险", self.compulsory_until),
            ("commercial", "商业险", self.commercial_until),
            ("inspection", "年检", self.inspected_until),
        ]
    }
}

/// Why a car may not leave on a day, where it may not.
#[must_use]
pub fn grounded(plate: &str, state: ItemState, papers: Papers, day: NaiveDate) -> Option<String> {
    match state {
        ItemState::InUse => {}
        ItemState::Idle => return Some(format!("{plate} 已停用，恢复使用后再用车")),
        ItemState::InRepair => return Some(format!("{plate} 正在送修，取回后再用车")),
        ItemState::OnLoan => return Some(format!("{plate} 已借出，归还后再用车")),
        ItemState::PendingDisposal => return Some(format!("{plate} 待处置，不能用车")),
        ItemState::Disposed | ItemState::WrittenOff | ItemState::Withdrawn => {
            return Some(format!("{plate} 已报废或不在账，不能用车"));
        }
    }
    let lapsed = |until: Option<NaiveDate>| until.filter(|until| *until < day);
    if let Some(until) = lapsed(papers.inspected_until) {
        return Some(format!("{plate} 年检已于 {until} 到期（道路交通安全法 第13条），检验合格并登记后再用车"));
    }
    if let Some(until) = lapsed(papers.compulsory_until) {
        return Some(format!("{plate} 交强险已于 {until} 到期（道路交通安全法 第98条），续保并登记后再用车"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plates_are_read_or_refused() {
        for (text, kind) in [
            ("粤T12345", PlateKind::Civil),
            ("粤t·a1b2c", PlateKind::Civil),
            ("粤Ｔ１２３４警", PlateKind::Police),
            ("京A0006警", PlateKind::Police),
            ("粤TD12345", PlateKind::NewEnergy),
            ("粤TFA1234", PlateKind::NewEnergy),
            ("粤T12345D", PlateKind::NewEnergy),
        ] {
            assert_eq!(plate_kind(text), Ok(kind), "{text}");
        }
        for wrong in [
            "",
            "粤",
            "粤T",
            "T12345",
            "粤I12345",
            "粤T1234",
            "粤T123456",
            "粤TO1234",
            "粤T12345警",
            "粤TL12345",
            "英T12345",
        ] {
            assert!(plate_kind(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_chassis_number_is_checked_where_it_must_be() {
        assert_eq!(vin("").unwrap(), "");
        // The example of ISO 3779 that everybody computes: all ones check themselves.
        assert_eq!(vin_check("11111111111111111"), Some('1'));
        assert_eq!(vin_check("1M8GDM9AXKP042788"), Some('X'));
        assert!(vin("1m8gdm9axkp042788").is_ok());
        let of = |signs: &str| {
            let check = vin_check(signs).unwrap();
            signs.char_indices().map(|(at, sign)| if at == 8 { check } else { sign }).collect::<String>()
        };
        let good = of("LSVAA4180E2123456");
        assert_eq!(vin(&good).unwrap(), good);
        let bad: String = good.chars().rev().collect();
        for wrong in ["LSV", "LSVAA4180E212345O", &good.replace('8', "9"), &format!("L{}", &bad[1..])] {
            assert!(vin(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_grade_fits_what_the_car_burns() {
        for (energy, text, grade) in [
            (Energy::Petrol, "92#", "92"),
            (Energy::Petrol, "95号汽油", "95"),
            (Energy::Diesel, "0#柴油", "0"),
            (Energy::Diesel, "－10号", "-10"),
            (Energy::Hybrid, "", ""),
            (Energy::Electric, "", ""),
        ] {
            assert_eq!(fuel_grade(energy, text).as_deref(), Ok(grade), "{text}");
        }
        for (energy, text) in
            [(Energy::Petrol, "0#"), (Energy::Diesel, "92"), (Energy::Electric, "95"), (Energy::Petrol, "甲醇")]
        {
            assert!(fuel_grade(energy, text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_licence_drives_so_many_seats() {
        use LicenceClass as L;
        for (seats, may) in [
            (5, &[L::A1, L::A2, L::A3, L::B1, L::B2, L::C1, L::C2, L::C5][..]),
            (9, &[L::A1, L::A2, L::A3, L::B1, L::B2, L::C1, L::C2]),
            (19, &[L::A1, L::A3, L::B1]),
            (20, &[L::A1]),
        ] {
            let allowed: Vec<_> = L::ALL.iter().copied().filter(|class| class.drives(Some(seats))).collect();
            assert_eq!(allowed, may, "{seats}");
        }
    }

    #[test]
    fn a_car_stays_when_its_state_or_its_papers_say_so() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = day("2026-11-29");
        let good = Papers {
            compulsory_until: Some(today),
            commercial_until: Some(day("2020-01-01")),
            inspected_until: Some(today),
        };
        for state in ItemState::ALL {
            assert_eq!(grounded("粤T12345", state, good, today).is_none(), state == ItemState::InUse, "{state}");
        }
        let yesterday = Some(day("2026-11-28"));
        for papers in [Papers { inspected_until: yesterday, ..good }, Papers { compulsory_until: yesterday, ..good }] {
            assert!(grounded("粤T12345", ItemState::InUse, papers, today).is_some());
        }
    }
}
