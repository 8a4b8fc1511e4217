//! One wrong key: which readings become possible when a single digit of a wrong one is put right.

/// Every number that one slip of the hand turns into `typed`: one digit changed, two neighbours swapped, one left out,
/// one typed twice or too many.
pub(super) fn repairs(typed: f64) -> Vec<f64> {
    if !(0.0..1e12).contains(&typed) {
        return Vec::new();
    }
    let digits: Vec<u8> = format!("{typed:.0}").into_bytes();
    let mut found = Vec::new();
    let mut add = |digits: &[u8]| {
        if let Some(number) = std::str::from_utf8(digits).ok().and_then(|text| text.parse::<f64>().ok()) {
            found.push(number);
        }
    };
    for place in 0..digits.len() {
        for digit in b'0'..=b'9' {
            if digit != digits[place] {
                let mut changed = digits.clone();
                changed[place] = digit;
                add(&changed);
            }
        }
        if digits.get(place + 1).is_some_and(|next| *next != digits[place]) {
            let mut swapped = digits.clone();
            swapped.swap(place, place + 1);
            add(&swapped);
        }
        if digits.len() > 1 {
            let mut without = digits.clone();
            without.remove(place);
            add(&without);
        }
    }
    for place in 0..=digits.len() {
        for digit in b'0'..=b'9' {
            let mut longer = digits.clone();
            longer.insert(place, digit);
            add(&longer);
        }
    }
    found
}

/// The repair that lies between `low` and `high` and nearest to `likely`, and whether no other comes near it.
pub(super) fn best_repair(typed: f64, low: f64, high: f64, likely: f64) -> Option<(f64, bool)> {
    let mut fitting: Vec<f64> = repairs(typed).into_iter().filter(|n| (low..=high).contains(n)).collect();
    fitting.sort_by(|a, b| (a - likely).abs().total_cmp(&(b - likely).abs()));
    fitting.dedup();
    let best = *fitting.first()?;
    let near = (high - low).abs() * 0.2;
    let alone = fitting.get(1).is_none_or(|other| (other - likely).abs() > (best - likely).abs() + near.max(30.0));
    Some((best, alone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_undone() {
        for (typed, low, high, likely, best) in [
            (128_456.0, 123_000.0, 123_900.0, 123_450.0, Some((123_456.0, true))),
            (132_456.0, 123_000.0, 123_900.0, 123_450.0, Some((123_456.0, true))),
            // A digit left out, or one too many: several would do, the likeliest is named, and that it is not the only one.
            (12_346.0, 123_000.0, 123_900.0, 123_450.0, Some((123_446.0, false))),
            (1_234_456.0, 123_000.0, 123_900.0, 123_460.0, Some((123_456.0, false))),
            (777_777.0, 123_000.0, 123_900.0, 123_450.0, None),
            (f64::NAN, 0.0, 1.0, 0.5, None),
            (-5.0, 0.0, 10.0, 5.0, None),
        ] {
            assert_eq!(best_repair(typed, low, high, likely), best, "{typed}");
        }
    }
}
