//! A reading that does not fit its own car but fits another's: two cars that changed cards.

use hashbrown::HashMap;

use super::car::Studied;
use super::model::{CarNo, Input};
use super::outcome::Anomaly;
use super::rules::Rule;
use super::track::Seen;

/// How narrow the other car's readings around the instant must be, kilometres; wider ones fit by chance.
const NARROW_KM: f64 = 150.0;
/// Cars of one unit beyond which a fit means nothing.
const MOST_CARS: usize = 200;

/// Tells the readings that fit exactly one other car of the same unit.
pub(super) fn tell(input: &Input<'_>, studied: &[Studied<'_>], found: &mut Vec<Anomaly>) {
    let mut units: HashMap<&str, Vec<CarNo>> = HashMap::new();
    for (no, car) in (0u32..).zip(input.cars) {
        units.entry(car.unit.as_str()).or_default().push(no);
    }
    for one in studied {
        let own = one.view.car();
        let mates = units.get(own.unit.as_str()).filter(|cars| cars.len() <= MOST_CARS);
        let Some(mates) = mates else { continue };
        for (position, seen) in one.track.seen.iter().enumerate() {
            let Seen::Wrong { km, .. } = *seen else { continue };
            let at = one.view.fill(position).at;
            let fits = |no: &&CarNo| {
                let other = &studied[**no as usize];
                let same_fuel = input.cars[**no as usize].grade == own.grade;
                **no != one.view.no && same_fuel && bracket(other, at).is_some_and(|(a, b)| a <= km && km <= b)
            };
            let mut fitting = mates.iter().filter(fits);
            let (Some(&other), None) = (fitting.next(), fitting.next()) else { continue };
            let (plate, mine) = (&input.cars[other as usize].plate, &own.plate);
            let (from, to) = bracket(&studied[other as usize], at).unwrap_or((km, km));
            let why = format!(
                "里程 {km:.0} 与 {mine} 不合，却正好在 {plate} 当时的里程 {from:.0} 至 {to:.0} 之间；很可能油加进了 {plate}，两车调换了油卡"
            );
            let anomaly = Anomaly::new(
                one.view.fills[position],
                Some(one.view.no),
                Rule::WrongCar,
                format!("{km:.0}"),
                mine.clone(),
            );
            found.push(anomaly.because(why));
        }
    }
}

/// Between which kilometres a car was at an instant, where that is narrow.
fn bracket(other: &Studied<'_>, at: crate::kernel::Timestamp) -> Option<(f64, f64)> {
    let (Some(before), Some(after)) = other.track.around(at) else { return None };
    (before.segment == after.segment && after.km - before.km <= NARROW_KM).then_some((before.km - 2.0, after.km + 2.0))
}
