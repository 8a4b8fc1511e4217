//! How much of what is done to fills the check finds, and how often it is wrong: `cargo bench --bench fuel_quality`.
//!
//! Fleets of the seeded simulator (`tests/fuel_simulator`), a year of a hundred cars each, with something done to 1, 2
//! and 5 % of the fills; recall by class and precision with Wilson's 95 % intervals, at one and at two alerts a car and
//! quarter and at all of them; and honest fleets. The thresholds were chosen on the seeds 1 to 8 (see `-- --tune`); what is
//! printed without it is of the seeds 1001 to 1020, which had no part in that. `-- --quick` takes four seeds.

#![expect(clippy::print_stdout, reason = "a benchmark tells its figures")]
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a simulated year is small")]

#[path = "../fuel_simulator/mod.rs"]
mod fuel_simulator;

use fuel_simulator::score::{Figures, Share, checked, flagged, score};
use fuel_simulator::{Crime, Plan, World};

fn main() {
    let has = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    let (first, count) = if has("--tune") { (1, 8) } else { (1001, 20) };
    let seeds: Vec<u64> = (first..first + if has("--quick") { 4 } else { count }).collect();
    for logbooks in [true, false] {
        println!("\n== {} ==", if logbooks { "statement, logbooks, month-end readings" } else { "statement alone" });
        honest(&seeds, logbooks);
        let rates: &[f64] = &[0.01, 0.02, 0.05];
        let mut all = [Figures::default(), Figures::default(), Figures::default()];
        for &rate in rates {
            let of_rate = at_rate(&seeds, rate, logbooks);
            print(&format!("{} % of fills", rate * 100.0), &of_rate);
            all.iter_mut().zip(&of_rate).for_each(|(sum, one)| sum.add(one));
        }
        print("all rates", &all);
        aims(&all);
        if has("--rules") {
            for (rule, share) in &all[2].by_rule {
                println!("    {:<24} {}", rule.as_str(), share.show());
            }
        }
    }
}

fn plan(seed: u64, crime: f64) -> Plan {
    Plan { seed, cars: 100, days: 365, crime }
}

fn honest(seeds: &[u64], logbooks: bool) {
    let mut all = Share::default();
    let mut rules: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
    for &seed in seeds {
        let world = World::new(plan(seed + 50_000, 0.0));
        let outcome = checked(&world, logbooks);
        all.add(flagged(&world, &outcome));
        for one in &outcome.anomalies {
            *rules.entry(one.rule.as_str()).or_default() += 1;
        }
    }
    println!("honest fills flagged: {}   by rule: {rules:?}", all.show());
}

/// At one alert, at two, at all.
fn at_rate(seeds: &[u64], rate: f64, logbooks: bool) -> [Figures; 3] {
    let mut sums = [Figures::default(), Figures::default(), Figures::default()];
    for &seed in seeds {
        let world = World::new(plan(seed, rate));
        let outcome = checked(&world, logbooks);
        for (sum, most) in sums.iter_mut().zip([1, 2, usize::MAX]) {
            sum.add(&score(&world, &outcome, most));
        }
    }
    sums
}

fn print(title: &str, figures: &[Figures; 3]) {
    println!("\n{title:<24} {:<36} {:<36} all alerts", "1 alert a car and quarter", "2 alerts");
    for crime in Crime::ALL {
        let shown = figures.each_ref().map(|one| one.recall.get(&crime).copied().unwrap_or_default().show());
        println!("  {:<22} {:<36} {:<36} {}", crime.name(), shown[0], shown[1], shown[2]);
    }
    for (name, of) in [
        ("precision, suspicions", (|one: &Figures| one.precision) as fn(&Figures) -> Share),
        ("precision, the gate", |one| one.notices),
        ("precision, together", Figures::overall),
    ] {
        let shown = figures.each_ref().map(|one| of(one).show());
        println!("  {name:<22} {:<36} {:<36} {}", shown[0], shown[1], shown[2]);
    }
}

fn aims(figures: &[Figures; 3]) {
    let errors = [Crime::Duplicate, Crime::Typo, Crime::Rollback];
    println!(
        "\naims: record errors (duplicate, typo of 100 km and more, rollback) and impossible fills >= 99 %, skims >= 80 %"
    );
    for (name, crimes) in [
        ("record errors", &errors[..]),
        ("impossible fills", &[Crime::OverTank, Crime::NoRoom]),
        ("skims of 20 % and 30 %", &[Crime::Skim20, Crime::Skim30]),
    ] {
        let shown = figures.each_ref().map(|one| one.recall_of(crimes).show());
        println!("  {name:<22} {:<36} {:<36} {}", shown[0], shown[1], shown[2]);
    }
}
