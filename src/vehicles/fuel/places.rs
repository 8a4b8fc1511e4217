//! In which city a station is, as far as its name says; and how far cities are apart.

/// Cities and their degrees north and east: Guangdong's all, and the capitals of the provinces.
const CITIES: &[(&str, f64, f64)] = &[
    ("广州", 23.13, 113.26),
    ("深圳", 22.55, 114.06),
    ("珠海", 22.27, 113.58),
    ("汕头", 23.35, 116.68),
    ("佛山", 23.02, 113.12),
    ("韶关", 24.81, 113.60),
    ("湛江", 21.27, 110.36),
    ("肇庆", 23.05, 112.47),
    ("江门", 22.58, 113.08),
    ("茂名", 21.66, 110.93),
    ("惠州", 23.11, 114.42),
    ("梅州", 24.29, 116.12),
    ("汕尾", 22.79, 115.38),
    ("河源", 23.74, 114.70),
    ("阳江", 21.86, 111.98),
    ("清远", 23.68, 113.06),
    ("东莞", 23.02, 113.75),
    ("中山", 22.52, 113.39),
    ("潮州", 23.66, 116.62),
    ("揭阳", 23.55, 116.37),
    ("云浮", 22.92, 112.04),
    ("北京", 39.90, 116.40),
    ("上海", 31.23, 121.47),
    ("天津", 39.13, 117.20),
    ("重庆", 29.56, 106.55),
    ("石家庄", 38.04, 114.51),
    ("太原", 37.87, 112.55),
    ("沈阳", 41.80, 123.43),
    ("长春", 43.82, 125.32),
    ("哈尔滨", 45.80, 126.53),
    ("南京", 32.06, 118.80),
    ("杭州", 30.27, 120.16),
    ("合肥", 31.82, 117.23),
    ("福州", 26.07, 119.30),
    ("南昌", 28.68, 115.86),
    ("济南", 36.65, 117.12),
    ("郑州", 34.75, 113.63),
    ("武汉", 30.59, 114.31),
    ("长沙", 28.23, 112.94),
    ("南宁", 22.82, 108.37),
    ("海口", 20.04, 110.20),
    ("成都", 30.57, 104.07),
    ("贵阳", 26.65, 106.63),
    ("昆明", 24.88, 102.83),
    ("西安", 34.34, 108.94),
    ("兰州", 36.06, 103.83),
    ("厦门", 24.48, 118.09),
    ("桂林", 25.27, 110.29),
];

/// The city a station's name tells, as an index; none when it names a street (中山路) or two cities.
pub(super) fn city(station: &str) -> Option<u8> {
    let mut found = None;
    for (index, (name, ..)) in CITIES.iter().enumerate() {
        for (at, _) in station.match_indices(name) {
            if is_street(&station[at + name.len()..]) {
                continue;
            }
            match found {
                Some(other) if other != index => return None,
                _ => found = Some(index),
            }
        }
    }
    found.and_then(|index| u8::try_from(index).ok())
}

/// Whether what follows a city's name makes it the name of a street: 中山路, 中山大道, 中山东路, 中山三路.
fn is_street(after: &str) -> bool {
    let part = after.strip_prefix(|c| "东西南北中一二三四五六七八九".contains(c)).unwrap_or(after);
    ["路", "街", "道", "大街", "大道"].iter().any(|kind| part.starts_with(kind))
}

/// The name of a city.
pub(super) fn name(city: u8) -> &'static str {
    CITIES.get(city as usize).map_or("", |(name, ..)| name)
}

/// Kilometres between two cities, over the shortest way there could be.
pub(super) fn apart(a: u8, b: u8) -> f64 {
    let (Some(a), Some(b)) = (CITIES.get(a as usize), CITIES.get(b as usize)) else { return 0.0 };
    let north = (a.1 - b.1) * 111.0;
    let east = (a.2 - b.2) * 111.0 * ((a.1 + b.1) / 2.0).to_radians().cos();
    north.hypot(east)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_station_is_in_the_city_it_names_but_not_in_the_one_its_street_is_called_after() {
        for (station, expected) in [
            ("中国石化广东中山小榄加油站", Some("中山")),
            ("中石油深圳宝安站", Some("深圳")),
            ("中山路加油站", None),
            ("广州中山大道加油站", Some("广州")),
            ("广深高速广州至深圳站", None),
            ("小榄镇加油站", None),
            ("", None),
        ] {
            assert_eq!(city(station).map(name), expected, "{station}");
        }
        let (a, b) = (city("广州").unwrap(), city("深圳").unwrap());
        assert!((95.0..115.0).contains(&apart(a, b)), "{}", apart(a, b));
    }
}
