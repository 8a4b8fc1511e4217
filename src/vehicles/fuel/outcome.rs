//! What the check finds: anomalies, what it could not judge and why, and each car's account.

use super::model::{CarNo, FillNo};
use super::rules::{Rule, Severity};

/// Something to be explained.
#[derive(Debug, Clone, PartialEq)]
pub struct Anomaly {
    /// The fill it is about.
    pub fill: FillNo,
    /// The car it is about, when it is known.
    pub car: Option<CarNo>,
    /// By which rule.
    pub rule: Rule,
    /// How much it matters: 0 to 100.
    pub score: f64,
    /// What was seen.
    pub observed: String,
    /// What was expected.
    pub expected: String,
    /// The same in sentences, and what would clear it.
    pub explanation: String,
    /// Other fills that are part of it.
    pub with: Vec<FillNo>,
    /// Litres at stake, where that can be said.
    pub litres: Option<f64>,
}

impl Anomaly {
    /// An anomaly of a rule at its usual weight; the explanation ends in what would clear it.
    pub(super) fn new(fill: FillNo, car: Option<CarNo>, rule: Rule, observed: String, expected: String) -> Self {
        let explanation = String::new();
        Self { fill, car, rule, score: rule.weight(), observed, expected, explanation, with: Vec::new(), litres: None }
    }

    pub(super) fn scored(mut self, score: f64) -> Self {
        self.score = if score.is_finite() { score.clamp(1.0, 100.0) } else { self.rule.weight() };
        self
    }

    pub(super) fn with(mut self, others: impl IntoIterator<Item = FillNo>) -> Self {
        self.with.extend(others.into_iter().filter(|other| *other != self.fill));
        self
    }

    pub(super) fn litres(mut self, litres: f64) -> Self {
        self.litres = Some(litres);
        self
    }

    /// Adds the sentences: what was seen and why it is odd; what would clear it is added by the rule.
    pub(super) fn because(mut self, why: impl AsRef<str>) -> Self {
        self.explanation = format!("{}。可排除的情形：{}。", why.as_ref(), self.rule.clear());
        self
    }

    /// Its severity.
    #[must_use]
    pub fn severity(&self) -> Severity {
        Severity::of(self.score)
    }
}

/// Why a rule was not applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// 油箱容量未登记
    NoTank,
    /// 加油记录没有里程
    NoOdometer,
    /// 加满油的次数太少
    TooFewIntervals,
    /// 没有出车记录
    NoTrips,
    /// 同日同油品的加油太少
    NoPeers,
    /// 没有单价
    NoPrice,
    /// 没有余额
    NoBalance,
    /// 车辆油品未登记或看不懂
    NoGrade,
    /// 油卡未登记
    NoCard,
    /// 网点看不出在哪个城市
    NoPlace,
    /// 电动车不按百公里油耗判断
    Electric,
    /// 记录只有日期，没有时刻
    NoTime,
}

impl Why {
    /// As people read it, after "因".
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::NoTank => "油箱容量未登记",
            Self::NoOdometer => "加油记录没有可信的里程",
            Self::TooFewIntervals => "两次加满之间的里程段太少，还看不出本车习惯",
            Self::NoTrips => "没有该车当时的出车记录",
            Self::NoPeers => "前后三日同油品的加油太少，无从比价",
            Self::NoPrice => "没有单价、升数或金额",
            Self::NoBalance => "没有余额",
            Self::NoGrade => "车辆或记录的油品未注明",
            Self::NoCard => "台账没有油卡号",
            Self::NoPlace => "网点名称看不出所在城市",
            Self::Electric => "电动车以千瓦时计，不按百公里油耗判断",
            Self::NoTime => "记录只有日期，没有时刻",
        }
    }
}

/// A rule that was not applied to some of a car's fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotJudged {
    /// The car.
    pub car: CarNo,
    /// The rule.
    pub rule: Rule,
    /// Why not.
    pub why: Why,
    /// To how many fills.
    pub fills: u32,
}

/// A remark about a car's records that is no anomaly: a replaced odometer, a logbook entry that is likely wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The car.
    pub car: CarNo,
    /// In a sentence.
    pub text: String,
}

/// A car's account.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Account {
    /// Kilometres between its first and its last reading.
    pub km: f64,
    /// Litres, or kWh.
    pub litres: f64,
    /// L/100 km: what was filled after the first reading, by the kilometres since; none for an electric car.
    pub per_100km: Option<f64>,
    /// Yuan.
    pub cost: f64,
    /// Fills.
    pub fills: u32,
    /// The car's habit in L/100 km, and the band about it in which most intervals lie.
    pub habit: Option<(f64, f64, f64)>,
    /// By month, counted from the year 0: kilometres, litres, yuan, fills.
    pub months: std::collections::BTreeMap<i32, Month>,
    /// Every interval from full to full: the fill that ends it, kilometres, litres, L/100 km.
    pub intervals: Vec<(FillNo, f64, f64, f64)>,
}

/// A month of a car.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Month {
    /// Kilometres; between two readings of different months in proportion to the days.
    pub km: f64,
    /// Litres, or kWh.
    pub litres: f64,
    /// Yuan.
    pub cost: f64,
    /// Fills.
    pub fills: u32,
}

/// What came out.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The anomalies, weightiest first.
    pub anomalies: Vec<Anomaly>,
    /// By car: its account.
    pub accounts: Vec<Account>,
    /// What was not judged.
    pub not_judged: Vec<NotJudged>,
    /// Remarks.
    pub remarks: Vec<Remark>,
}

/// The fills that need looking at, one alert a fill whatever the rules that speak of it: the score grows with each rule
/// that agrees. Weightiest first.
#[must_use]
pub fn alerts(anomalies: &[Anomaly]) -> Vec<Alert> {
    let mut by_fill: hashbrown::HashMap<FillNo, Alert> = hashbrown::HashMap::new();
    for anomaly in anomalies {
        let alert = by_fill.entry(anomaly.fill).or_insert_with(|| Alert {
            fill: anomaly.fill,
            car: anomaly.car,
            score: 0.0,
            rules: Vec::new(),
            with: Vec::new(),
        });
        // Two rules that agree weigh more than either, but never certainty: 1 - (1-a)(1-b/2).
        let (high, low) = (alert.score.max(anomaly.score), alert.score.min(anomaly.score));
        alert.score = 100.0 * (1.0 - (1.0 - high / 100.0) * (1.0 - low / 200.0));
        alert.rules.push(anomaly.rule);
        alert.with.extend(&anomaly.with);
        alert.car = alert.car.or(anomaly.car);
    }
    let mut all: Vec<Alert> = by_fill.into_values().collect();
    all.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.fill.cmp(&b.fill)));
    all
}

/// One fill to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// The fill.
    pub fill: FillNo,
    /// Its car.
    pub car: Option<CarNo>,
    /// All that speaks against it, 0 to 100.
    pub score: f64,
    /// The rules.
    pub rules: Vec<Rule>,
    /// Other fills that are part of it.
    pub with: Vec<FillNo>,
}

impl Alert {
    /// Whether only the record is doubted: a notice of the gate, no suspicion.
    #[must_use]
    pub fn is_gate(&self) -> bool {
        self.rules.iter().all(|rule| rule.is_gate())
    }
}
