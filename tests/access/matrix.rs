//! The whole table role × action, as a golden file: a change to it is seen.

use std::fmt::Write as _;

use hufu::access::matrix::{roles_for, scope_of};
use hufu::access::{Action, Role};
use hufu::kernel::rights::Reach;

#[test]
fn the_table_is_the_golden_one() {
    let width = Action::ALL.iter().map(|action| action.name().len()).max().unwrap();
    let mut table = String::new();
    for (column, role) in Role::ALL.iter().enumerate() {
        writeln!(table, "{} {column:>2} {} {}", " ".repeat(width), role.name(), role.zh()).unwrap();
    }
    let numbers: Vec<String> = (0..Role::ALL.len()).map(|column| format!("{column:>2}")).collect();
    writeln!(table, "{} {}", " ".repeat(width), numbers.join(" ")).unwrap();
    for action in Action::ALL {
        let marks: Vec<&str> =
            Role::ALL.iter().map(|role| if roles_for(*action).contains(role) { " ●" } else { " ·" }).collect();
        writeln!(table, "{:<width$} {} {}", action.name(), marks.join(" "), action.zh()).unwrap();
    }
    insta::assert_snapshot!("role_action", table);
}

#[test]
fn names_are_unique_and_every_right_comes_from_the_table() {
    for action in Action::ALL {
        assert_eq!(Action::by_name(action.name()), Some(*action));
        assert!(!roles_for(*action).is_empty(), "{}", action.name());
    }
    for role in Role::ALL {
        assert_eq!((Role::by_name(role.name()), Role::by_name(role.zh())), (Some(*role), Some(*role)));
        let scope = scope_of(&[(*role, Reach::Everywhere)]);
        for action in Action::ALL {
            let held = scope.reach(action.name()) == Reach::Everywhere;
            assert_eq!(held, roles_for(*action).contains(role), "{} {}", role.name(), action.name());
        }
    }
}

#[test]
fn no_administrator_has_anothers_line_and_whoever_only_reads_changes_nothing() {
    let of = |role: Role| Action::ALL.iter().filter(move |action| roles_for(**action).contains(&role));
    let writes =
        |action: &&Action| !matches!(action.name().split('.').nth(1), Some("read" | "report" | "export" | "decode"));
    assert_eq!(of(Role::Inspector).filter(writes).count(), 0);
    assert_eq!(of(Role::AuditAdministrator).filter(writes).collect::<Vec<_>>(), [&Action::JournalCheckpoint]);
    let system: Vec<_> = of(Role::SystemAdministrator).filter(writes).collect();
    assert!(of(Role::SecurityAdministrator).filter(writes).all(|action| !system.contains(&action)));
}
