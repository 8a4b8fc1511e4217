//! Each rule on a small office: it speaks of the fill that is wrong, and of no other.

use hufu::vehicles::fuel::{Absence, Away, Fill, Grade, Kind, Reading, Rule, Severity, Shown, Why};

use super::desk::{DAY, Office, at};

#[test]
fn an_honest_car_is_not_spoken_of() {
    assert_eq!(Office::honest(40).said(), []);
    assert_eq!(Office::honest(40).with_trips().said(), []);
    let outcome = Office::honest(40).check();
    let account = &outcome.accounts[0];
    assert!((account.km - 15_600.0).abs() < 1.0 && account.fills == 40, "{account:?}");
    assert!((7.8..8.2).contains(&account.per_100km.unwrap()), "{account:?}");
    let (usual, low, high) = account.habit.unwrap();
    assert!(low < usual && usual < high && high < 1.4 * usual);
    assert_eq!(account.intervals.len(), 39);
}

type Change = fn(&mut Office);
/// What it is called, what is changed, and which rules then speak of which fills.
type Case = (&'static str, Change, &'static [(usize, Rule)]);

/// What is changed, and what is then said.
const CASES: &[Case] = &[
    ("a digit changed", |o| o.fills[10].odometer = Some(94_000.0), &[(10, Rule::OdometerTypo)]),
    ("two digits swapped", |o| o.fills[10].odometer = Some(42_000.0), &[(10, Rule::OdometerTypo)]),
    ("turned back", |o| o.fills[10].odometer = Some(23_333.0), &[(10, Rule::OdometerRollback)]),
    ("copied from the last", |o| o.fills[10].odometer = o.fills[9].odometer, &[(10, Rule::OdometerRepeated)]),
    ("left out", |o| o.fills[10].odometer = None, &[(10, Rule::OdometerMissing)]),
    ("the card of another", |o| o.fills[10].card = Some(1), &[(10, Rule::CardPlateMismatch)]),
    ("an unknown card", |o| (o.fills[10].card, o.fills[10].strange_card) = (None, true), &[(10, Rule::UnknownCard)]),
    ("more than the tank", |o| litres(&mut o.fills[10], 66.0), &[(10, Rule::OverTank)]),
    ("half as much again", |o| litres(&mut o.fills[10], 45.0), &[(10, Rule::ConsumptionHigh)]),
    ("diesel", |o| o.fills[10].grade = Grade::Diesel, &[(10, Rule::WrongGrade)]),
    ("shop goods", |o| o.fills[10].grade = Grade::Goods, &[(10, Rule::WrongGrade)]),
    ("a padded sum", |o| o.fills[10].amount = o.fills[10].amount.map(|a| a + 20.0), &[(10, Rule::AmountMismatch)]),
    ("a drum", |o| o.fills[10].container = true, &[(10, Rule::Container)]),
    ("an approved drum", |o| (o.fills[10].container, o.fills[10].approved) = (true, true), &[]),
    ("a time to come", |o| o.fills[39].at = at(400, 10), &[(39, Rule::BadRecord)]),
    ("a time long gone", |o| o.fills[0].at = at(-20_000, 10), &[(0, Rule::BadRecord)]),
    ("litres below nothing", |o| litres(&mut o.fills[10], -5.0), &[(10, Rule::BadRecord)]),
    ("a lost card", |o| o.cards[0].dead_from = Some(at(194, 0)), &[(39, Rule::DeadCard)]),
    ("at night", |o| o.fills[10].at = at(50, 3), &[]),
    ("a partial fill, not called full", partial, &[]),
];

fn litres(fill: &mut Fill, litres: f64) {
    fill.litres = Some(litres);
    fill.amount = Some((litres * 750.0).round() / 100.0);
}

fn partial(office: &mut Office) {
    let kept = office.fills[10].litres.unwrap();
    litres(&mut office.fills[10], 15.0);
    office.fills[10].full = Some(false);
    let next = office.fills[11].litres.unwrap();
    litres(&mut office.fills[11], next + kept - 15.0);
}

#[test]
fn each_rule_speaks_of_the_fill_that_is_wrong_and_of_no_other() {
    for (name, change, expected) in CASES {
        let mut office = Office::honest(40);
        office.add_car("粤T0002警", 2, 90_000.0, 40);
        change(&mut office);
        let said: Vec<_> = office.said();
        assert_eq!(said, *expected, "{name}: {:#?}", office.check().anomalies);
    }
}

#[test]
fn what_is_said_can_be_acted_on() {
    let mut office = Office::honest(40);
    office.fills[10].odometer = Some(94_000.0);
    let typo = office.one(Rule::OdometerTypo);
    assert!(typo.explanation.contains("24000") && typo.explanation.contains("未代为更正"), "{}", typo.explanation);
    assert!(typo.explanation.contains("可排除的情形"), "{}", typo.explanation);
    litres(&mut office.fills[20], 66.0);
    let over = office.one(Rule::OverTank);
    assert_eq!((over.severity(), over.observed.as_str()), (Severity::High, "66.00 升"));
    assert!((over.litres.unwrap() - 6.6).abs() < 0.01, "{over:?}");
}

#[test]
fn a_month_end_reading_says_which_of_two_readings_is_wrong() {
    let mut office = Office::honest(12);
    // Two fills disagree: 5 reads lower than 4. The reading between them stands with 4.
    office.fills[5].odometer = Some(21_500.0);
    let reading = |day: i64, km: f64| Reading { car: 0, at: at(day, 12), km };
    office.readings = vec![reading(22, 21_760.0), reading(27, 22_150.0)];
    let said = office.said();
    assert_eq!(
        said.iter().filter(|(_, rule)| *rule == Rule::OdometerRollback || *rule == Rule::OdometerTypo).count(),
        1
    );
    assert_eq!(said[0].0, 5, "{said:?}");
}

#[test]
fn a_replaced_odometer_is_recognised_and_one_turned_back_is_not_taken_for_it() {
    let mut office = Office::honest(40);
    let shift = |office: &mut Office, by: f64| {
        office.fills[20..].iter_mut().for_each(|fill| fill.odometer = fill.odometer.map(|km| km + by));
    };
    shift(&mut office, -27_900.0);
    assert_eq!(office.said(), []);
    let outcome = office.check();
    assert!(outcome.remarks.iter().any(|remark| remark.text.contains("换过里程表")), "{:?}", outcome.remarks);
    assert!((outcome.accounts[0].km - 15_200.0).abs() < 1.0, "{:?}", outcome.accounts[0].km);

    let mut office = Office::honest(40);
    shift(&mut office, -5_000.0);
    assert_eq!(office.said(), [(20, Rule::OdometerRollback)]);
}

#[test]
fn a_fill_that_does_not_fit_says_by_how_many_litres() {
    let mut office = Office::honest(30);
    let mut ghost = office.fills[10].clone();
    (ghost.at, ghost.odometer, ghost.id_hash) = (at(51, 20), None, 9_999);
    litres(&mut ghost, 40.0);
    office.fills.push(ghost);
    let said = office.said();
    assert!(said.contains(&(30, Rule::TankBalance)), "{said:?}");
    let one = office.one(Rule::TankBalance);
    // At least 51 litres after filling up, 40 more, and 400 km burn 43 at most and standing 10: of the next 31 some ten have
    // no room.
    assert!((9.0..11.0).contains(&one.litres.unwrap()) && one.explanation.contains("装不下"), "{one:?}");
    assert_eq!(one.severity(), Severity::High);
    assert!(!said.iter().any(|(fill, _)| *fill != 30), "the honest fills around it are not spoken of: {said:?}");
}

#[test]
fn fills_that_are_elsewhere_leave_the_car_driving_on_nothing() {
    let mut office = Office::honest(30);
    // Two fills in a row were charged to somebody else.
    office.fills.drain(10..12);
    let one = office.one(Rule::NoFuelForDistance);
    assert!(one.fill == 10 && one.litres.unwrap() > 5.0, "{one:?}");
}

#[test]
fn a_logbook_tells_of_fills_without_a_trip() {
    let mut office = Office::honest(30).with_trips();
    assert_eq!(office.said(), []);
    office.trips.retain(|trip| trip.returned_at.is_none_or(|at| at.day() != office.fills[15].at.day()));
    assert!(office.said().contains(&(15, Rule::NoTrip)), "{:?}", office.said());
    // Without any logbook nothing can be said, and that is said.
    office.trips.clear();
    let outcome = office.check();
    assert!(outcome.not_judged.iter().any(|one| (one.rule, one.why, one.fills) == (Rule::NoTrip, Why::NoTrips, 30)));
}

#[test]
fn repairs_stops_and_the_scrapyard() {
    for (why, rule) in
        [(Away::InRepair, Rule::InRepair), (Away::Stopped, Rule::Stopped), (Away::Scrapped, Rule::Scrapped)]
    {
        let mut office = Office::honest(30);
        office.cars[0].absences = vec![Absence { why, from: Some(at(48, 0)), to: Some(at(52, 0)) }];
        assert_eq!(office.said(), [(10, rule)]);
    }
}

#[test]
fn two_copies_are_one_fill_and_two_fills_for_one_sum_are_two() {
    let mut office = Office::honest(30);
    let mut copy = office.fills[10].clone();
    copy.id_hash = 5_555;
    copy.at.0 += 120_000;
    office.fills.push(copy);
    assert_eq!(office.said(), [(30, Rule::Duplicate)]);
    office.fills[30].at.0 += 20 * 3_600_000;
    office.fills[30].odometer = office.fills[10].odometer.map(|km| km + 380.0);
    assert!(!office.said().iter().any(|(_, rule)| *rule == Rule::Duplicate), "{:?}", office.said());
}

#[test]
fn a_balance_follows_from_the_one_before_loads_and_all() {
    let mut office = Office::honest(12);
    let mut balance = 500.0;
    let mut rows = Vec::new();
    for fill in &office.fills {
        if balance < 400.0 {
            balance += 1_000.0;
            rows.push(Fill {
                kind: Kind::Load,
                amount: Some(1_000.0),
                balance: Some(balance),
                at: hufu::kernel::Timestamp(fill.at.0 - 60_000),
                litres: None,
                ..fill.clone()
            });
        }
        balance = ((balance - fill.amount.unwrap()) * 100.0).round() / 100.0;
        rows.push(Fill { balance: Some(balance), ..fill.clone() });
    }
    office.fills = rows;
    assert_eq!(office.said(), []);
    // The newest first, as some exports have it.
    office.fills.reverse();
    assert_eq!(office.said(), []);
    office.fills.reverse();
    let gone = office.fills.iter().rposition(|fill| fill.kind == Kind::Load).unwrap();
    office.fills.remove(gone);
    assert_eq!(office.said(), [(gone, Rule::BalanceBreak)]);
    assert!(office.one(Rule::BalanceBreak).explanation.contains("多 1000.00 元"));
}

#[test]
fn a_price_is_held_against_what_others_paid_that_day() {
    let mut office = Office::honest(20);
    for (car, plate) in ["粤T0002警", "粤T0003警", "粤T0004警", "粤T0005警", "粤T0006警"].iter().enumerate() {
        office.add_car(plate, 0, 30_000.0 + 1_000.0 * car as f64, 20);
    }
    let price = |fill: &mut Fill, price: f64| {
        fill.price = Some(price);
        fill.amount = fill.litres.map(|litres| (litres * price * 100.0).round() / 100.0);
    };
    // All prices rise on one day: nobody is spoken of.
    office.fills.iter_mut().filter(|fill| fill.at > at(50, 0)).for_each(|fill| price(fill, 7.9));
    assert_eq!(office.said(), []);
    price(&mut office.fills[5], 8.1);
    assert_eq!(office.said(), [(5, Rule::PriceOff)]);
}

#[test]
fn two_cities_within_the_hour() {
    let mut office = Office::honest(20);
    office.names.stations = vec!["中国石化中山小榄站".to_owned(), "中国石化广州番禺站".to_owned(), "小榄站".to_owned()];
    office.fills[10].station = Some(0);
    let mut other = office.fills[10].clone();
    (other.at, other.station, other.id_hash) = (at(50, 11), Some(1), 7_777);
    other.at.0 -= 30 * 60_000;
    litres(&mut other, 20.0);
    office.fills.push(other);
    assert!(office.said().iter().any(|(_, rule)| *rule == Rule::TooFar), "{:?}", office.said());
    office.fills[20].station = Some(2);
    assert!(!office.said().iter().any(|(_, rule)| *rule == Rule::TooFar), "a place that cannot be told is not judged");
}

#[test]
fn an_electric_car_is_never_judged_by_litres() {
    let mut office = Office::honest(30);
    office.cars[0].grade = Grade::Electric;
    office.fills.iter_mut().for_each(|fill| fill.grade = Grade::Electric);
    litres(&mut office.fills[10], 50.0);
    assert_eq!(office.said(), []);
    let outcome = office.check();
    assert_eq!(outcome.accounts[0].per_100km, None);
    assert!(outcome.not_judged.iter().any(|one| one.why == Why::Electric));
    office.fills[12].grade = Grade::Petrol(92);
    assert_eq!(office.said(), [(12, Rule::WrongGrade)]);
}

#[test]
fn slow_theft_is_seen_where_no_single_fill_is_odd() {
    let mut office = Office::honest(60);
    office.fills[30..].iter_mut().for_each(|fill| {
        let more = fill.litres.unwrap() * 1.07;
        litres(fill, (more * 100.0).round() / 100.0);
    });
    let one = office.one(Rule::SlowSkim);
    assert!(one.with.len() >= 25 && one.with.iter().all(|fill| *fill >= 29), "{one:?}");
    assert!(one.explanation.contains("持续"), "{}", one.explanation);
}

#[test]
fn a_reading_that_fits_another_car_says_which() {
    let mut office = Office::honest(20);
    office.add_car("粤T0002警", 0, 90_000.0, 20);
    let reading = |day: i64, km: f64| Reading { car: 1, at: at(day, 12), km };
    office.readings = vec![reading(47, 93_750.0), reading(53, 94_200.0)];
    assert_eq!(office.said(), []);
    // The first car's fill was noted with what the second car's odometer showed two days later.
    office.fills[10].at = at(52, 10);
    office.fills[10].odometer = Some(94_130.0);
    office.readings.push(reading(51, 94_080.0));
    let one = office.one(Rule::WrongCar);
    assert!(one.fill == 10 && one.explanation.contains("粤T0002警"), "{one:?}");
}

#[test]
fn a_stranger_and_its_plate() {
    let mut office = Office::honest(20);
    office.names.plates = vec!["粤T9999警".to_owned()];
    office.fills[10].shown = Shown::Stranger(0);
    let one = office.one(Rule::UnregisteredPlate);
    assert_eq!((one.observed.as_str(), one.expected.as_str(), one.car), ("粤T9999警", "粤T0001警", Some(0)));
}

#[test]
fn the_same_in_any_order_of_rows() {
    let mut office = Office::honest(40);
    litres(&mut office.fills[10], 45.0);
    office.fills[20].odometer = Some(98_000.0);
    let forward: Vec<_> = office.check().anomalies.iter().map(|one| (one.rule, one.explanation.clone())).collect();
    office.fills.reverse();
    let backward: Vec<_> = office.check().anomalies.iter().map(|one| (one.rule, one.explanation.clone())).collect();
    assert_eq!((forward.len(), &forward), (2, &backward));
    assert_eq!(office.fills[0].at.0 - office.fills[1].at.0, 5 * DAY);
}
