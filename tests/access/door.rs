//! Bad input at the door.

use hufu::access::entity::{secret, tries};
use hufu::access::password::{self, Cost};
use hufu::access::{self, AccessError, Must, rules};
use hufu::db::Db;
use sea_orm::{EntityTrait as _, PaginatorTrait as _};

use crate::desk::{Desk, PASSWORD, account, attempt, code_of, enrolled, url};
use crate::support::{DAY, MINUTE};

fn said(result: Result<access::SignedIn, AccessError>) -> String {
    result.unwrap_err().to_string()
}

#[tokio::test]
async fn ten_wrong_passwords_lock_and_never_say_what_was_wrong() {
    let desk = Desk::open().await;
    desk.member("zhang.san", desk.office.people[0][2], None).await;
    let mut answers = Vec::new();
    for login in ["zhang.san", "nobody.at-all"] {
        let mut of_login = Vec::new();
        for _ in 0..10 {
            of_login.push(said(desk.sign_in(login, "Wrong-1-guess", None).await));
        }
        answers.push(of_login);
    }
    assert_eq!(answers[0], answers[1], "a known and an unknown login are told the same, word for word");
    assert_eq!(answers[0][..4], vec![AccessError::WrongCredentials.to_string(); 4]);
    assert!(answers[0][4..].iter().all(|answer| answer.contains("锁定至")), "{answers:?}");
    assert!(matches!(desk.sign_in("zhang.san", PASSWORD, None).await, Err(AccessError::LockedUntil(_))));
    assert_eq!(desk.journal("access.sign_in_failed").await.len(), 10, "five each; a locked door is not written down");

    desk.later(15 * MINUTE);
    assert!(
        desk.sign_in("ZHANG.SAN", PASSWORD, None).await.is_ok(),
        "the lock ends by itself, the login's case does not matter"
    );
    for _ in 0..4 {
        said(desk.sign_in("zhang.san", "Wrong-1-guess", None).await);
    }
    desk.later(16 * MINUTE);
    assert_eq!(
        said(desk.sign_in("zhang.san", "Wrong-1-guess", None).await),
        AccessError::WrongCredentials.to_string(),
        "old tries count no more"
    );
}

/// What whoever knocks from this address is told.
async fn from(desk: &Desk, address: &str, password: &str) -> Result<access::SignedIn, AccessError> {
    let attempt = access::SignIn { address: address.to_owned(), ..attempt("zhang.san", password, None) };
    access::sign_in(&desk.office.db, &desk.office.ctx, attempt).await
}

#[tokio::test]
async fn a_stranger_locks_themselves_out_and_not_the_owner() {
    let desk = Desk::open().await;
    let zhang = desk.member("zhang.san", desk.office.people[0][2], None).await;
    for round in 0..3 {
        for _ in 0..5 {
            said(from(&desk, "203.0.113.9", "Wrong-1-guess").await);
        }
        assert!(matches!(from(&desk, "203.0.113.9", PASSWORD).await, Err(AccessError::LockedUntil(_))));
        assert!(from(&desk, "10.0.0.7", PASSWORD).await.is_ok(), "round {round}: the owner's own place is open");
        let shown = access::accounts::show(&desk.office.db, &desk.system.ctx, zhang).await.unwrap();
        assert!(shown.locked_until.is_some(), "who looks after accounts sees it");
        desk.later(16 * MINUTE);
    }
    for n in 0..5 {
        said(from(&desk, &format!("2001:db8::{n}"), "Wrong-1-guess").await);
    }
    let neighbour = from(&desk, "2001:db8::ffff", PASSWORD).await;
    assert!(matches!(neighbour, Err(AccessError::LockedUntil(_))), "a household is one");
    assert!(from(&desk, "10.0.0.7", PASSWORD).await.is_ok());

    desk.later(60 * MINUTE);
    for n in 0..49 {
        said(from(&desk, &format!("198.51.100.{n}"), "Wrong-1-guess").await);
    }
    assert!(from(&desk, "10.0.0.7", PASSWORD).await.is_ok(), "49 from everywhere");
    said(from(&desk, "198.51.100.50", "Wrong-1-guess").await);
    let locked = from(&desk, "10.0.0.7", PASSWORD).await;
    assert!(matches!(locked, Err(AccessError::LockedUntil(_))), "50 lock it for everybody: {locked:?}");
    access::accounts::unlock(&desk.office.db, &desk.system.ctx, zhang).await.unwrap();
    for address in ["10.0.0.7", "198.51.100.50"] {
        assert!(from(&desk, address, PASSWORD).await.is_ok(), "unlocked for everybody");
    }
}

#[tokio::test]
async fn an_administrator_unlocks_but_not_themselves() {
    let desk = Desk::open().await;
    let zhang = desk.member("zhang.san", desk.office.people[0][2], None).await;
    for _ in 0..5 {
        said(desk.sign_in("zhang.san", "Wrong-1-guess", None).await);
    }
    assert!(access::accounts::unlock(&desk.office.db, &desk.security.ctx, zhang).await.is_err());
    assert!(access::accounts::unlock(&desk.office.db, &desk.system.ctx, desk.system.account).await.is_err());
    access::accounts::unlock(&desk.office.db, &desk.system.ctx, zhang).await.unwrap();
    assert!(desk.sign_in("zhang.san", PASSWORD, None).await.is_ok());
}

#[tokio::test]
async fn an_unknown_login_costs_as_much_as_a_known_one_and_a_huge_one_nothing() {
    let desk = Desk::open().await;
    desk.member("zhang.san", desk.office.people[0][2], None).await;
    let huge = "Aa1-".repeat(1 << 18);
    for (login, password, hashes) in [
        ("zhang.san", "Wrong-1-guess", 1),
        ("nobody", "Wrong-1-guess", 1),
        ("' OR 1=1 --", "' OR 1=1 --", 1),
        ("<script>alert(1)</script>", "x", 1),
        ("zhang.san\0", "a\0b", 1),
        ("", "", 1),
        ("zhang.san", huge.as_str(), 0),
        (huge.as_str(), "x", 0),
    ] {
        let before = password::hashes_computed(&desk.office.db);
        let answer = said(desk.sign_in(login, password, None).await);
        assert_eq!(answer, AccessError::WrongCredentials.to_string());
        let shown: String = login.chars().take(20).collect();
        assert_eq!(password::hashes_computed(&desk.office.db) - before, hashes, "{shown}");
    }
    let entries = desk.journal("access.sign_in_failed").await;
    assert!(entries.iter().all(|entry| !entry.payload.contains("script") && !entry.subject.contains("OR 1")));
}

#[tokio::test]
async fn knocking_with_ever_new_logins_does_not_fill_the_journal() {
    let desk = Desk::open().await;
    for n in 0..60 {
        said(desk.sign_in(&format!("stranger{n}"), "x", None).await);
    }
    assert_eq!(desk.journal("access.sign_in_failed").await.len(), 10);
    desk.later(MINUTE);
    said(desk.sign_in("stranger", "x", None).await);
    let last = desk.journal("access.sign_in_failed").await.pop().unwrap();
    assert!(last.payload.contains("\"left_out_before\":50"), "{}", last.payload);
    desk.later(60 * MINUTE);
    said(desk.sign_in("stranger", "x", None).await);
    assert_eq!(tries::Entity::find().count(desk.office.db.read()).await.unwrap(), 3, "old tries are forgotten");
}

#[tokio::test]
async fn a_code_is_taken_once_even_by_two_at_the_same_time_and_after_a_restart() {
    let desk = Desk::open().await;
    desk.later(MINUTE);
    let code = desk.code_of("sysadmin").await;
    assert!(matches!(desk.sign_in("sysadmin", PASSWORD, None).await, Err(AccessError::SecondFactorNeeded)));
    assert!(matches!(desk.sign_in("sysadmin", PASSWORD, Some("")).await, Err(AccessError::SecondFactorNeeded)));
    let (a, b) =
        tokio::join!(desk.sign_in("sysadmin", PASSWORD, Some(&code)), desk.sign_in("sysadmin", PASSWORD, Some(&code)));
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1, "{a:?} {b:?}");
    let reopened = Db::open(&url(&desk.office)).await.unwrap();
    let replayed = access::sign_in(&reopened, &desk.office.ctx, attempt("sysadmin", PASSWORD, Some(&code))).await;
    assert!(matches!(replayed, Err(AccessError::WrongCredentials)));
    let early = {
        desk.later(-30_000);
        let early = desk.code_of("sysadmin").await;
        desk.later(30_000);
        early
    };
    assert!(
        desk.sign_in("sysadmin", PASSWORD, Some(&early)).await.is_err(),
        "an older code than the last is not taken"
    );
    desk.later(20_000);
    let late = {
        desk.later(30_000);
        let late = desk.code_of("sysadmin").await;
        desk.later(-30_000);
        late
    };
    assert!(desk.sign_in("sysadmin", PASSWORD, Some(&late)).await.is_ok(), "a phone half a minute ahead is forgiven");
}

#[tokio::test]
async fn two_good_sign_ins_at_once_are_two_sessions() {
    let desk = Desk::open().await;
    desk.member("zhang.san", desk.office.people[0][2], None).await;
    let (a, b) = tokio::join!(desk.sign_in("zhang.san", PASSWORD, None), desk.sign_in("zhang.san", PASSWORD, None));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_ne!(a.token, b.token);
    let (a, b) = (desk.who(&a.token).await.unwrap(), desk.who(&b.token).await.unwrap());
    assert_ne!(a.csrf, b.csrf);
    assert_eq!(a.csrf.len(), 64);
}

#[tokio::test]
async fn a_recovery_code_opens_once_and_guesses_lock() {
    let desk = Desk::open().await;
    desk.member("zhang.san", desk.office.people[0][2], None).await;
    let (me, codes) = enrolled(&desk.office, "zhang.san").await;
    assert_eq!(codes.len(), 10);
    let typed = codes[0].to_lowercase().replace('-', " ");
    assert!(desk.sign_in("zhang.san", PASSWORD, Some(&typed)).await.is_ok());
    assert!(desk.sign_in("zhang.san", PASSWORD, Some(&codes[0])).await.is_err());
    assert!(desk.sign_in("zhang.san", PASSWORD, Some(&codes[1])).await.is_ok(), "a success forgets the failures");
    for wrong in ["000000", "AAAA-AAAA-AAAA", "１２３４５６", "\0", "12345"] {
        said(desk.sign_in("zhang.san", PASSWORD, Some(wrong)).await);
    }
    assert!(matches!(desk.sign_in("zhang.san", PASSWORD, Some(&codes[2])).await, Err(AccessError::LockedUntil(_))));
    assert!(desk.journal("access.sign_in").await.iter().all(|entry| !entry.payload.contains(&codes[0])));
    assert!(access::confirm_second_factor(&desk.office.db, &me, "123456").await.is_err(), "nothing was begun");
}

#[tokio::test]
async fn a_clock_that_goes_back_revives_nothing_and_locks_nobody_out() {
    let desk = Desk::open().await;
    desk.member("zhang.san", desk.office.people[0][2], None).await;
    desk.member("li.si", desk.office.people[0][3], None).await;
    let old = desk.sign_in("zhang.san", PASSWORD, None).await.unwrap().token;
    desk.later(DAY);
    let fresh = desk.sign_in("li.si", PASSWORD, None).await.unwrap().token;
    assert!(desk.who(&old).await.is_none(), "expired");
    for _ in 0..5 {
        said(desk.sign_in("zhang.san", "Wrong-1-guess", None).await);
    }
    desk.later(-DAY);
    assert!(desk.who(&old).await.is_none(), "and stays so although the clock says it is young");
    assert!(desk.who(&fresh).await.is_none(), "a session from the future is nobody's");
    assert!(desk.sign_in("li.si", PASSWORD, None).await.is_ok(), "but one can sign in");
    assert!(desk.who(&old).await.is_none());
    assert!(desk.who(&fresh).await.is_none());
    assert_eq!(desk.journal("access.clock_went_back").await.len(), 1);
    assert!(matches!(desk.sign_in("zhang.san", PASSWORD, None).await, Err(AccessError::LockedUntil(_))));
    desk.later(15 * MINUTE);
    assert!(desk.sign_in("zhang.san", PASSWORD, None).await.is_ok(), "the lock counts from the clock's new word");
}

#[tokio::test]
async fn a_clock_put_right_takes_codes_from_the_phone_again() {
    let desk = Desk::open().await;
    desk.member("zhang.san", desk.office.people[0][2], None).await;
    let (_, codes) = enrolled(&desk.office, "zhang.san").await;
    desk.later(DAY);
    let ahead = code_of(&desk.office, "zhang.san").await;
    desk.sign_in("zhang.san", PASSWORD, Some(&ahead)).await.unwrap();
    desk.later(-DAY);
    // Settles the clock, and is not a code from the phone.
    desk.sign_in("zhang.san", PASSWORD, Some(&codes[0])).await.unwrap();
    desk.later(2 * MINUTE);
    let code = code_of(&desk.office, "zhang.san").await;
    assert!(desk.sign_in("zhang.san", PASSWORD, Some(&code)).await.is_ok());
    assert!(desk.sign_in("zhang.san", PASSWORD, Some(&code)).await.is_err(), "still once only");
}

#[tokio::test]
async fn a_new_cost_rehashes_at_the_next_sign_in() {
    let desk = Desk::open().await;
    let zhang = desk.member("zhang.san", desk.office.people[0][2], None).await;
    let hash = async || {
        secret::Entity::find_by_id(zhang).one(desk.office.db.read()).await.unwrap().unwrap().password_hash.unwrap()
    };
    assert!(hash().await.starts_with("$argon2id$v=19$m=16,t=1,p=1$"));
    let new = rules::NewRule {
        name: rules::ARGON2.to_owned(),
        value: "m=7168,t=1,p=1".to_owned(),
        effective_from: None,
        source: "测试".to_owned(),
    };
    rules::set(&desk.office.db, &desk.security.ctx, new).await.unwrap();
    desk.sign_in("zhang.san", PASSWORD, None).await.unwrap();
    assert!(hash().await.starts_with("$argon2id$v=19$m=7168,t=1,p=1$"));
    assert!(desk.sign_in("zhang.san", PASSWORD, None).await.is_ok());
    assert_eq!(Cost::DEFAULT.memory_kib, 19_456);
}

#[tokio::test]
async fn until_the_credentials_are_in_order_nothing_is_allowed() {
    let desk = Desk::open().await;
    let zhang = desk
        .member("zhang.san", desk.office.people[0][2], Some((access::Role::Armourer, Some(desk.office.units[0]))))
        .await;
    let me = desk.come_in("zhang.san").await;
    assert_eq!(me.must, [Must::EnrolSecondFactor]);
    assert!(access::permit(&me.ctx, access::Action::ItemsRead, Some(desk.office.units[0])).is_err());
    let (me, _) = enrolled(&desk.office, "zhang.san").await;
    assert_eq!(me.must, []);
    assert!(access::permit(&me.ctx, access::Action::ItemsRead, Some(desk.office.units[0])).is_ok());

    access::accounts::order_new_password(&desk.office.db, &desk.system.ctx, zhang).await.unwrap();
    desk.later(MINUTE);
    let code = code_of(&desk.office, "zhang.san").await;
    let token = desk.sign_in("zhang.san", PASSWORD, Some(&code)).await.unwrap().token;
    let me = desk.who(&token).await.unwrap();
    assert_eq!(me.must, [Must::ChangePassword]);
    assert!(access::permit(&me.ctx, access::Action::ItemsRead, Some(desk.office.units[0])).is_err());
    access::change_password(&desk.office.db, &me, PASSWORD, "Tigers-8-halves").await.unwrap();
    assert_eq!(desk.who(&token).await.unwrap().must, []);
    desk.later(91 * DAY);
    let code = code_of(&desk.office, "zhang.san").await;
    assert_eq!(desk.sign_in("zhang.san", "Tigers-8-halves", Some(&code)).await.unwrap().must, [Must::ChangePassword]);
    assert_eq!(account(&desk.office, "zhang.san").await.id, zhang);
}
