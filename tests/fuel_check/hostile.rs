//! Files and numbers that mean harm, or only bad luck: nothing panics, nothing is silently believed.

use hufu::kernel::Timestamp;
use hufu::vehicles::fuel::{Car, Fill, Input, Limits, Names, Rule, Shown, check};
use proptest::prelude::*;

use super::desk::{Office, at};
use super::files::Papers;

#[test]
fn nothing_at_all() {
    let office = Office::default();
    let outcome = office.check();
    assert!(outcome.anomalies.is_empty() && outcome.accounts.is_empty());
    let mut office = Office::honest(0);
    assert_eq!(office.said(), []);
    office.fills.push(Fill { shown: Shown::Car(0), ..Fill::default() });
    assert_eq!(office.said(), [(0, Rule::BadRecord)]);
}

#[test]
fn numbers_beyond_all_sense() {
    for wild in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 1e12, 1e300, f64::MIN_POSITIVE] {
        let mut office = Office::honest(30).with_trips();
        let fill = &mut office.fills[10];
        (fill.litres, fill.price, fill.amount) = (Some(wild), Some(wild), Some(wild));
        (fill.balance, fill.odometer) = (Some(wild), Some(wild));
        office.trips[7].returned_km = Some(wild);
        office.cars[0].tank = Some(55.0);
        let outcome = office.check();
        assert!(outcome.anomalies.iter().all(|one| one.score.is_finite()), "{wild}");
        assert!(outcome.accounts.iter().all(|one| one.km.is_finite()), "{wild}: {:?}", outcome.accounts[0].km);
        assert!(outcome.anomalies.iter().any(|one| one.fill == 10), "{wild} goes unseen");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn whatever_stands_in_a_statement_is_judged(
        rows in proptest::collection::vec(
            (0u32..4, -5i64..400, 0i64..24, proptest::option::of(-10.0f64..1e6), proptest::option::of(-10.0f64..1e7), any::<bool>()),
            0..60,
        ),
        tank in proptest::option::of(1.0f64..200.0),
    ) {
        let cars: Vec<Car> = (0..3).map(|no| Car { plate: format!("粤T000{no}警"), tank, ..Car::default() }).collect();
        let fills: Vec<Fill> = rows.iter().map(|(car, day, hour, litres, km, full)| Fill {
            shown: if *car < 3 { Shown::Car(*car) } else { Shown::Stranger(0) },
            at: at(*day, *hour),
            timed: hour % 2 == 0,
            litres: *litres,
            odometer: *km,
            full: full.then_some(true),
            ..Fill::default()
        }).collect();
        let names = Names { plates: vec!["外".to_owned()], ..Names::default() };
        let input = Input {
            cars: &cars, cards: &[], fills: &fills, trips: &[], readings: &[], names: &names, as_of: at(365, 0),
        };
        let outcome = check(&input, &Limits::default());
        prop_assert_eq!(outcome.accounts.len(), 3);
        for one in &outcome.anomalies {
            prop_assert!((one.fill as usize) < fills.len() && (1.0..=100.0).contains(&one.score));
            prop_assert!(!one.explanation.is_empty() && !one.observed.is_empty() && !one.expected.is_empty());
        }
        prop_assert!(outcome.anomalies.is_sorted_by(|a, b| a.score >= b.score));
    }
}

const VEHICLES: &str = "plate,tank_l,fuel_grade,rated_l_per_100km,card_number\n粤T0001警,55,92,8,C1\n";

#[test]
fn bad_rows_are_told_and_do_not_stop_the_rest() {
    let fills = "fill_id,card_number,plate,filled_at,litres,unit_price,amount,odometer_km\n\
        1,C1,粤T0001警,2026-01-01 10:00:00,NaN,7.5,300,20000\n\
        2,C1,粤T0001警,昨天,40,7.5,300,20000\n\
        3,C1,粤T0001警,2026-01-02 10:00:00,-40,7.5,-300,20000\n\
        4,C1,粤T0001警,2026-01-03 10:00:00,1000000000000,7.5,7500000000000,20100\n\
        5,,,2026-01-04 10:00:00,40,7.5,300,20400\n\
        6,C1,粤T0001警,1969-01-04 10:00:00,40,7.5,300,20400\n\
        7,C1,粤T0001警,2099-01-04 10:00:00,40,7.5,300,20400\n\
        7,C1,粤T0001警,2026-01-09 10:00:00,40,7.5,300,20800\n\
        8,C1,粤T0001警,2026-01-10 10:00:00,,7.5,,20900\n\
        9,1.23457E+12,粤T0001警,2026-01-11 10:00:00,40,7.5,300,21000\n\
        10,C1,粤T0001警,2026-01-12 10:00:00,40,7.5,300,99999999999999999999\n";
    let papers = Papers::with(VEHICLES, fills);
    let finished = papers.run();
    assert_eq!((finished.rejects, finished.exit_code()), (6, 1), "{}", papers.output("rejects.csv"));
    let rejected: Vec<_> =
        papers.output("rejects.csv").lines().skip(1).map(|l| l.split(',').nth(2).unwrap().to_owned()).collect();
    assert_eq!(rejected, ["2", "3", "6", "10", "11", "12"]);
    let anomalies = papers.output("anomalies.csv");
    for (id, rule) in [("3", "bad_record"), ("4", "over_tank"), ("6", "bad_record"), ("7", "bad_record")] {
        assert!(
            anomalies.lines().any(|line| line.starts_with(&format!("{id},")) && line.contains(rule)),
            "{anomalies}"
        );
    }
}

#[test]
fn files_that_cannot_be_used_stop_with_a_sentence_and_leave_nothing() {
    let fills = "card_number,filled_at,litres\nC1,2026-01-01 10:00:00,40\n";
    for (vehicles, fills, sentence) in [
        ("", fills, "vehicles.csv"),
        (VEHICLES, "", "fills.csv"),
        (VEHICLES, "%PDF-1.7\n", "fills.csv"),
        (VEHICLES, "卡号,升数\nC1,40\n", "交易时间"),
        ("品牌,型号\n大众,帕萨特\n", fills, "车牌号"),
        (VEHICLES, "卡号,交易时间,加油量,升数\nC1,2026-01-01,40,40\n", "--map"),
    ] {
        let papers = Papers::with(vehicles, fills);
        let refused = papers.try_run().unwrap_err().to_string();
        assert!(refused.contains(sentence) && !refused.contains('\n'), "{refused}");
        assert!(!papers.path("out").exists());
    }
    let papers = Papers::with(VEHICLES, fills);
    std::fs::write(papers.path("trips.csv"), "甲,乙\n1,2\n").unwrap();
    assert!(papers.try_run().unwrap_err().to_string().contains("trips.csv"));
}

#[test]
fn a_header_alone_is_a_month_without_fills() {
    let papers = Papers::with(VEHICLES, "卡号,交易时间,加油量\n");
    let finished = papers.run();
    assert_eq!((finished.exit_code(), finished.fills), (0, 0));
    assert_eq!(papers.output("anomalies.csv").lines().count(), 1);
    assert_eq!(papers.output("vehicles.csv").lines().count(), 2);
}

#[test]
fn cells_that_would_run_do_not() {
    let fills = "fill_id,plate,filled_at,litres\n=1+1,=cmd|x1,2026-01-01 10:00:00,40\n";
    let papers = Papers::with(VEHICLES, fills);
    papers.run();
    assert!(papers.output("anomalies.csv").contains("'=1+1"), "{}", papers.output("anomalies.csv"));
}

#[test]
fn rows_of_the_year_1970_and_of_tomorrow_are_in_order_all_the_same() {
    let mut office = Office::honest(30);
    office.fills[3].at = Timestamp(-1);
    office.fills[29].at = Timestamp(i64::MAX);
    let said = office.said();
    assert!(said.contains(&(3, Rule::BadRecord)) && said.contains(&(29, Rule::BadRecord)), "{said:?}");
}
