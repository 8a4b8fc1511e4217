//! The numbers that decide, as data: the defaults here; the server keeps dated ones by use and model.

macro_rules! knobs {
    ($($(#[$doc:meta])* $variant:ident $name:literal $zh:literal $unit:literal $default:literal $low:literal $high:literal;)*) => {
        /// A number that decides.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Knob {
            $($(#[$doc])* $variant,)*
        }

        impl Knob {
            /// All, in the order shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As settings have it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// As people read it.
            #[must_use]
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh,)* }
            }

            /// Its unit.
            #[must_use]
            pub const fn unit(self) -> &'static str {
                match self { $(Self::$variant => $unit,)* }
            }

            /// What it is unless somebody sets it.
            #[must_use]
            pub const fn default(self) -> f64 {
                match self { $(Self::$variant => $default,)* }
            }

            /// The least and the most that it may be set to.
            #[must_use]
            pub const fn range(self) -> (f64, f64) {
                match self { $(Self::$variant => ($low, $high),)* }
            }
        }
    };
}

knobs! {
    /// How much more than its rated capacity a tank takes to the neck.
    TankMargin "tank_margin" "油箱额定容量之外可多装" "%" 8.0 0.0 30.0;
    /// The largest tank of any car of ours, where the register does not say.
    TankUnknown "tank_unknown" "油箱容量不详时，一次加油最多" "升" 150.0 20.0 500.0;
    /// Litres beyond what fits, below which nothing is said.
    TankExcess "tank_excess" "油箱装不下：超出多少升起报" "升" 2.0 0.0 20.0;
    /// How far from the car's own habit, in standard deviations.
    ConsumptionZ "consumption_z" "油耗偏高：偏离本车习惯几个标准差起报" "倍" 3.2 1.5 6.0;
    /// Litres too many, below which nothing is said.
    ConsumptionLitres "consumption_litres" "油耗偏高：多出多少升起报" "升" 4.0 0.0 30.0;
    /// The same over several intervals.
    WindowZ "window_z" "连续多次偏高：合计几个标准差起报" "倍" 4.2 2.0 8.0;
    /// Where the sum of small excesses speaks.
    CusumH "cusum_h" "持续走高：累计和达到几个标准差起报" "倍" 4.5 2.0 12.0;
    /// The least lasting rise that is told.
    CusumPercent "cusum_percent" "持续走高：至少升高多少起报" "%" 4.0 1.0 30.0;
    /// Minutes within which a second fill is a repeat.
    RepeatMinutes "repeat_minutes" "重复加油：间隔不足多少分钟" "分钟" 120.0 10.0 720.0;
    /// Fills of one car on one day.
    DailyFills "daily_fills" "一天加油达到几次起报" "次" 3.0 2.0 10.0;
    /// How far above what others paid.
    PricePercent "price_percent" "单价高出同日同油品多少起报" "%" 4.0 0.5 30.0;
    /// Fen by which litres times price may miss the amount.
    AmountFen "amount_fen" "金额与升数乘单价相差多少起报" "分" 10.0 1.0 1000.0;
    /// Fen by which the balance may miss.
    BalanceFen "balance_fen" "余额不衔接相差多少起报" "分" 1.0 0.0 1000.0;
    /// Minutes around a trip in which a fill belongs to it.
    TripMinutes "trip_minutes" "出车前后多少分钟内加油算有出车" "分钟" 60.0 0.0 720.0;
    /// The most kilometres a day.
    DailyKm "daily_km" "一天最多行驶" "公里" 1000.0 100.0 2000.0;
    /// Kilometres an hour between two places.
    TravelKmh "travel_kmh" "两地之间最快" "公里/时" 120.0 60.0 200.0;
}

/// All numbers that decide.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds(Vec<f64>);

impl Default for Thresholds {
    fn default() -> Self {
        Self(Knob::ALL.iter().map(|knob| knob.default()).collect())
    }
}

impl Thresholds {
    /// One of them.
    #[must_use]
    pub fn get(&self, knob: Knob) -> f64 {
        self.0.get(knob as usize).copied().unwrap_or_else(|| knob.default())
    }

    /// With one set; out of its range it becomes the nearest that is in it.
    #[must_use]
    pub fn with(mut self, knob: Knob, value: f64) -> Self {
        let (low, high) = knob.range();
        if let Some(slot) = self.0.get_mut(knob as usize).filter(|_| value.is_finite()) {
            *slot = value.clamp(low, high);
        }
        self
    }
}

/// The numbers for all cars, and for those that have their own.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// For every car that has none of its own.
    pub all: Thresholds,
    /// Of single cars.
    pub of: hashbrown::HashMap<super::model::CarNo, Thresholds>,
}

impl Limits {
    /// Those of a car.
    #[must_use]
    pub fn of(&self, car: Option<super::model::CarNo>) -> &Thresholds {
        car.and_then(|car| self.of.get(&car)).unwrap_or(&self.all)
    }
}
