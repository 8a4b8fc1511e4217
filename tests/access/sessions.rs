//! Sessions begin, are seen, and end.

use hufu::access::entity::session;
use hufu::access::{self, AccessError, Door};
use sea_orm::EntityTrait as _;

use crate::desk::{Desk, PASSWORD};
use crate::support::{DAY, MINUTE};

#[tokio::test]
async fn a_stolen_cookie_is_worth_nothing_after_sign_out() {
    let desk = Desk::open().await;
    desk.member("zhang.san", desk.office.people[0][2], None).await;
    let cookie = desk.sign_in("zhang.san", PASSWORD, None).await.unwrap().token;
    let other = desk.sign_in("zhang.san", PASSWORD, None).await.unwrap().token;
    let me = desk.who(&cookie).await.unwrap();
    access::sign_out(&desk.office.db, &me).await.unwrap();
    assert!(desk.who(&cookie).await.is_none());
    assert!(desk.who(&other).await.is_some(), "the other session goes on");
    let row = session::Entity::find_by_id(me.session.unwrap()).one(desk.office.db.read()).await.unwrap().unwrap();
    assert!(!row.token_hash.contains(&cookie) && row.token_hash.len() == 64);
    for forged in ["", "x", row.token_hash.as_str(), "\0", &"A".repeat(100_000)] {
        assert!(desk.who(forged).await.is_none());
    }
}

#[tokio::test]
async fn a_session_ends_by_idleness_and_by_age() {
    let desk = Desk::open().await;
    desk.member("zhang.san", desk.office.people[0][2], None).await;
    let (db, base) = (&desk.office.db, &desk.office.ctx);
    let cookie = desk.sign_in("zhang.san", PASSWORD, None).await.unwrap().token;
    assert!(!desk.who(&cookie).await.unwrap().note_seen, "just seen");
    for _ in 0..35 {
        desk.later(20 * MINUTE);
        let me = desk.who(&cookie).await.unwrap();
        assert!(me.note_seen);
        access::seen(db, base, me.door, "10.0.0.7").await.unwrap();
        assert!(!desk.who(&cookie).await.unwrap().note_seen, "noted");
    }
    desk.later(20 * MINUTE);
    assert!(desk.who(&cookie).await.is_none(), "twelve hours are over although it was in use");
    let cookie = desk.sign_in("zhang.san", PASSWORD, None).await.unwrap().token;
    desk.later(30 * MINUTE);
    assert!(desk.who(&cookie).await.is_some());
    desk.later(1);
    assert!(desk.who(&cookie).await.is_none(), "idle");
}

#[tokio::test]
async fn what_is_long_over_is_forgotten() {
    let desk = Desk::open().await;
    let (db, base) = (&desk.office.db, &desk.office.ctx);
    desk.member("zhang.san", desk.office.people[0][2], None).await;
    let of_zhang = async || {
        let rows = session::Entity::find().all(db.read()).await.unwrap();
        let account = crate::desk::account(&desk.office, "zhang.san").await.id;
        rows.iter().filter(|row| row.account_id == account).count()
    };
    let me = desk.come_in("zhang.san").await;
    access::sign_out(db, &me).await.unwrap();
    desk.come_in("zhang.san").await;
    desk.later(190 * DAY);
    access::sessions::prune(db, base).await.unwrap();
    assert_eq!(of_zhang().await, 2, "to the day");
    desk.later(1);
    access::sessions::prune(db, base).await.unwrap();
    assert_eq!(of_zhang().await, 1, "the other ran out twelve hours later");
    desk.come_in("zhang.san").await;
    desk.later(DAY);
    access::sessions::prune(db, base).await.unwrap();
    assert_eq!(of_zhang().await, 1, "what nobody ended, but ended");
    assert_eq!(desk.journal("access.sign_out").await.len(), 1, "that it was, stands in the journal");
}

#[tokio::test]
async fn one_revokes_ones_own_sessions_and_nobody_elses() {
    let desk = Desk::open().await;
    desk.member("zhang.san", desk.office.people[0][2], None).await;
    desk.member("li.si", desk.office.people[0][3], None).await;
    let (zhang, phone, li) =
        (desk.come_in("zhang.san").await, desk.come_in("zhang.san").await, desk.come_in("li.si").await);
    let db = &desk.office.db;
    let listed = access::sessions_of(db, &zhang).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed.iter().filter(|row| row.current).count(), 1);
    let refused = access::revoke_session(db, &zhang, li.session.unwrap()).await;
    assert!(matches!(refused, Err(AccessError::NotFound(_))));
    access::revoke_session(db, &zhang, phone.session.unwrap()).await.unwrap();
    assert_eq!(access::sessions_of(db, &zhang).await.unwrap().len(), 1);
    assert!(matches!(access::revoke_session(db, &zhang, phone.session.unwrap()).await, Err(AccessError::NotFound(_))));
    let Door::Session(id) = zhang.door else { panic!("{:?}", zhang.door) };
    assert_eq!(Some(id), zhang.session);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let desk = Desk::open().await;
    desk.member("zhang.san", desk.office.people[0][2], None).await;
    let stolen = desk.sign_in("zhang.san", PASSWORD, None).await.unwrap().token;
    let mine = desk.sign_in("zhang.san", PASSWORD, None).await.unwrap().token;
    let (db, me) = (&desk.office.db, desk.who(&mine).await.unwrap());
    assert!(matches!(
        access::change_password(db, &me, "Wrong-1-guess", "Lanterns-7-up").await,
        Err(AccessError::WrongCredentials)
    ));
    for (weak, word) in
        [("short", "至少 10 位"), (PASSWORD, "最近"), ("zhang.san-77-A", "用户名"), ("Password123!", "常见")]
    {
        let refused = access::change_password(db, &me, PASSWORD, weak).await.unwrap_err();
        assert!(refused.to_string().contains(word), "{weak}: {refused}");
    }
    assert!(desk.who(&stolen).await.is_some());
    access::change_password(db, &me, PASSWORD, "Lanterns-7-up").await.unwrap();
    assert!(desk.who(&stolen).await.is_none());
    assert!(desk.who(&mine).await.is_some());
    assert!(desk.sign_in("zhang.san", PASSWORD, None).await.is_err());
    let back = access::change_password(db, &me, "Lanterns-7-up", PASSWORD).await.unwrap_err();
    assert!(back.to_string().contains("最近"), "{back}");
}

#[tokio::test]
async fn whoever_took_a_session_cannot_guess_the_password_through_it() {
    let desk = Desk::open().await;
    desk.member("zhang.san", desk.office.people[0][2], None).await;
    let me = desk.come_in("zhang.san").await;
    for _ in 0..5 {
        assert!(access::enrol_second_factor(&desk.office.db, &me, "Wrong-1-guess").await.is_err());
    }
    let refused = access::change_password(&desk.office.db, &me, PASSWORD, "Lanterns-7-up").await;
    assert!(matches!(refused, Err(AccessError::LockedUntil(_))), "{refused:?}");
}
