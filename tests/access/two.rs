//! What takes two.

use hufu::access::{self, AccessError, Role, co_sign, not_their_own, two_persons};

use crate::desk::{Desk, PASSWORD, code_of, enrolled};
use crate::support::MINUTE;

/// Where the tests' sign-ins come from.
const HERE: &str = "10.0.0.7";

#[tokio::test]
async fn two_are_two_people_who_both_signed() {
    let desk = Desk::open().await;
    let [a, b, c, _] = desk.office.people[0];
    let mut ctx = desk.office.ctx.acting_as(hufu::kernel::Actor::Person(a), desk.system.ctx.scope.clone());
    assert!(two_persons(&ctx, a, b).is_err(), "b did not sign");
    ctx.co_signer = Some(b);
    for (first, second, good) in
        [(a, b, true), (b, a, true), (a, a, false), (b, b, false), (a, c, false), (c, b, false)]
    {
        assert_eq!(two_persons(&ctx, first, second).is_ok(), good, "{first} {second}");
    }
    ctx.co_signer = Some(a);
    assert!(two_persons(&ctx, a, a).is_err() && two_persons(&ctx, a, b).is_err(), "one person never counts twice");
    assert!(two_persons(&desk.office.ctx, a, b).is_ok() && two_persons(&desk.office.ctx, a, a).is_err());
    ctx.co_signer = Some(b);
    for (requested_by, good) in [(a, false), (b, false), (c, true)] {
        assert_eq!(not_their_own(&ctx, requested_by).is_ok(), good);
    }
}

#[tokio::test]
async fn a_second_proves_to_be_there_by_password_and_phone() {
    let desk = Desk::open().await;
    let (db, base) = (&desk.office.db, &desk.office.ctx);
    let whose = desk.office.people[0][3];
    desk.member("li.si", whose, Some((Role::DutyLeader, Some(desk.office.units[0])))).await;
    let bare = co_sign(db, base, "li.si", PASSWORD, None, HERE).await.unwrap_err();
    assert!(matches!(bare, AccessError::Conflict(_)), "a password is not enough: {bare}");
    enrolled(&desk.office, "li.si").await;
    desk.later(MINUTE);
    let code = code_of(&desk.office, "li.si").await;
    assert!(matches!(co_sign(db, base, "li.si", PASSWORD, None, HERE).await, Err(AccessError::SecondFactorNeeded)));
    assert!(matches!(
        co_sign(db, base, "li.si", "Wrong-1-guess", Some(&code), HERE).await,
        Err(AccessError::WrongCredentials)
    ));
    let second = co_sign(db, base, "li.si", PASSWORD, Some(&code), HERE).await.unwrap();
    assert_eq!(second.person, whose);
    assert!(access::permit(&second.ctx, access::Action::ApprovalsDecide, Some(desk.office.units[0])).is_ok());
    assert!(co_sign(db, base, "li.si", PASSWORD, Some(&code), HERE).await.is_err(), "the same code signs once");
    assert_eq!(desk.journal("access.co_sign").await.len(), 1);
    for _ in 0..5 {
        assert!(co_sign(db, base, "li.si", "Wrong-1-guess", None, HERE).await.is_err());
    }
    assert!(
        matches!(desk.sign_in("li.si", PASSWORD, None).await, Err(AccessError::LockedUntil(_))),
        "guesses here count at the door"
    );
}
