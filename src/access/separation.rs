//! Roles that one person may not hold together.
//!
//! The three administrators (三员, GB/T 22239-2019 8.1.5: system, security and audit management apart): whoever makes
//! accounts gives no rights, whoever gives rights makes no accounts, and whoever reads what both did does neither; so
//! that a stranger let in, or a trace removed, takes two.
//!
//! An administrator and the business (8.1.4.2, least privilege, separate powers): the system administrator makes the
//! accounts that act in the book and the security administrator gives the rights to change it; with a part in the
//! business they would do both halves of one deed. They may be members of a unit (see its things, be counted, answer a
//! question about their own desk), which changes no book and decides nothing. The audit administrator may not even
//! that: whose deeds the record shows does not judge it. Reading everything, as an inspector, goes with audit only.
//!
//! Case property (罚没财物管理办法 art. 4: enforcing, keeping and disposing are separate posts): the officer of a case
//! does not keep what was taken in it.

use super::matrix::Role;

/// Why one person may not hold both roles; `None` when they may.
#[must_use]
pub fn conflict(a: Role, b: Role) -> Option<&'static str> {
    if a == b {
        return None;
    }
    let pair = |one: Role, other: Role| (a, b) == (one, other) || (b, a) == (one, other);
    match (a.is_administrator(), b.is_administrator()) {
        (true, true) => Some("系统管理员、安全管理员、审计管理员须由三人分别担任"),
        (false, false) if pair(Role::CaseOfficer, Role::PropertyCustodian) => Some("办案民警不得兼任涉案财物保管员"),
        (false, false) => None,
        _ if pair(Role::SystemAdministrator, Role::Member) || pair(Role::SecurityAdministrator, Role::Member) => None,
        _ if pair(Role::AuditAdministrator, Role::Inspector) => None,
        _ => Some("系统管理员、安全管理员、审计管理员不得兼任业务角色"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn administrators_hold_nothing_beside_but_what_harms_nobody() {
        let may: Vec<(Role, Role)> = Role::ALL
            .iter()
            .flat_map(|a| Role::ALL.iter().map(|b| (*a, *b)))
            .filter(|(a, b)| a < b && (a.is_administrator() || b.is_administrator()))
            .filter(|(a, b)| conflict(*a, *b).is_none())
            .collect();
        let expected = [
            (Role::Member, Role::SystemAdministrator),
            (Role::Member, Role::SecurityAdministrator),
            (Role::Inspector, Role::AuditAdministrator),
        ];
        assert_eq!(may, expected);
        for (a, b) in Role::ALL.iter().zip(Role::ALL.iter().rev()) {
            assert_eq!(conflict(*a, *b), conflict(*b, *a));
        }
        assert!(conflict(Role::CaseOfficer, Role::PropertyCustodian).is_some());
    }
}
