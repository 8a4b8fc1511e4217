//! The first start, accounts and their links, certificates, rules.

use hufu::access::accounts::{self, Invited};
use hufu::access::certificates::linked_since;
use hufu::access::entity::{account, id_link, keep, rule, secret};
use hufu::access::rules::{self, NewRule, Rules};
use hufu::access::setup::{self, Setup};
use hufu::access::{self, AccessError, Role, grants, link_id_number, links};
use hufu::kernel::ids::PersonId;
use hufu::kernel::{Ctx, Timestamp};
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, EntityTrait as _, PaginatorTrait as _};

use crate::desk::{Desk, PASSWORD, cheap, enrolled, first, first_three};
use crate::support::{DAY, MINUTE, Office};

/// Of nobody: the example of GB 11643.
const ID_NUMBER: &str = "11010519491231002X";
const OTHER_ID_NUMBER: &str = "440524188001010014";

#[tokio::test]
async fn the_setup_link_opens_once_and_only_its_newest() {
    let office = Office::found().await;
    cheap(&office).await;
    let (db, base) = (&office.db, &office.ctx);
    let old = setup::link(db, base).await.unwrap().unwrap();
    let new = setup::link(db, base).await.unwrap().unwrap();
    assert!(!setup::is_open(db, base, &old).await.unwrap(), "a second start voids the first link");
    assert!(setup::is_open(db, base, &new).await.unwrap());
    let kept = keep::Entity::find_by_id("setup").one(db.read()).await.unwrap().unwrap();
    assert!(!kept.value.contains(&new));
    for wrong in [old.as_str(), "", "\0", &"x".repeat(100_000), &kept.value] {
        assert!(matches!(setup::complete(db, base, wrong, first_three()).await, Err(AccessError::LinkVoid)));
    }
    office.clock.advance_ms(DAY);
    assert!(
        matches!(setup::complete(db, base, &new, first_three()).await, Err(AccessError::LinkVoid)),
        "a day is over"
    );
    office.clock.advance_ms(-2 * DAY);
    assert!(!setup::is_open(db, base, &new).await.unwrap(), "a clock that went back does not revive it");
    let link = setup::link(db, base).await.unwrap().unwrap();
    let cases: Vec<(Setup, &str)> = vec![
        (Setup { password: "password".to_owned(), ..first_three() }, "至少 10 位"),
        (Setup { security: first("sysadmin"), ..first_three() }, "已被使用"),
        (Setup { audit: first("a b<script>"), ..first_three() }, "用户名只能用"),
        (Setup { unit: "没有的单位".to_owned(), ..first_three() }, "未登记的单位"),
        (Setup { organisation: "a\0".to_owned(), ..first_three() }, "控制字符"),
    ];
    for (setup, word) in cases {
        let refused = setup::complete(db, base, &link, setup).await.unwrap_err();
        assert!(refused.to_string().contains(word), "{refused}");
        assert_eq!(account::Entity::find().count(db.read()).await.unwrap(), 0, "nothing half done");
    }
    let (a, b) =
        tokio::join!(setup::complete(db, base, &link, first_three()), setup::complete(db, base, &link, first_three()));
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1, "{a:?} {b:?}");
    assert!(setup::link(db, base).await.unwrap().is_none());
    assert!(matches!(setup::complete(db, base, &link, first_three()).await, Err(AccessError::AlreadySetUp)));
}

#[tokio::test]
async fn one_person_with_one_badge_is_not_two_administrators() {
    let office = Office::found().await;
    cheap(&office).await;
    let link = setup::link(&office.db, &office.ctx).await.unwrap().unwrap();
    let of_book = |login: &str| setup::FirstAdministrator {
        name: "人员00".to_owned(),
        badge_number: crate::support::badge(0, 0),
        ..first(login)
    };
    let twice = Setup { system: of_book("one"), audit: of_book("two"), ..first_three() };
    let refused = setup::complete(&office.db, &office.ctx, &link, twice).await.unwrap_err();
    assert!(refused.to_string().contains("此人已有账号"), "{refused}");
    let other_name = setup::FirstAdministrator { name: "别人".to_owned(), ..of_book("one") };
    let refused = setup::complete(&office.db, &office.ctx, &link, Setup { system: other_name, ..first_three() }).await;
    assert!(refused.unwrap_err().to_string().contains("登记的是另一人"));
    setup::complete(&office.db, &office.ctx, &link, Setup { system: of_book("one"), ..first_three() }).await.unwrap();
    let row = accounts::by_login(office.db.read(), "one").await.unwrap();
    assert_eq!(row.person_id, office.people[0][0]);
}

#[tokio::test]
async fn a_link_opens_an_account_once_in_its_time() {
    let desk = Desk::open().await;
    let (db, base) = (&desk.office.db, &desk.office.ctx);
    let whose = desk.office.people[0][2];
    let Invited { account, link } = accounts::create(db, &desk.system.ctx, "zhang.san", whose).await.unwrap();
    assert!(desk.sign_in("zhang.san", "", None).await.is_err(), "no password opens what has none");
    assert_eq!(links::link_is_for(db, base, &link).await.unwrap(), "zhang.san");
    assert!(matches!(access::activate(db, base, &link, "short").await, Err(AccessError::Weak(_))));
    access::activate(db, base, &link, PASSWORD).await.unwrap();
    assert!(matches!(access::activate(db, base, &link, "Lanterns-7-up").await, Err(AccessError::LinkVoid)), "once");
    assert!(desk.sign_in("zhang.san", PASSWORD, None).await.is_ok());

    let session = desk.sign_in("zhang.san", PASSWORD, None).await.unwrap().token;
    let again = links::reset(db, &desk.system.ctx, account.id).await.unwrap().link;
    assert!(desk.who(&session).await.is_none(), "a reset ends every session");
    assert!(desk.sign_in("zhang.san", PASSWORD, None).await.is_err());
    let newer = links::reset(db, &desk.system.ctx, account.id).await.unwrap().link;
    assert!(matches!(access::activate(db, base, &again, "Lanterns-7-up").await, Err(AccessError::LinkVoid)));
    desk.later(72 * 60 * MINUTE);
    assert!(
        matches!(access::activate(db, base, &newer, "Lanterns-7-up").await, Err(AccessError::LinkVoid)),
        "too late"
    );
    desk.later(-2 * 60 * MINUTE);
    assert!(access::activate(db, base, &newer, "Lanterns-7-up").await.is_ok());
    for entry in desk.journal("access.create_account").await.iter().chain(&desk.journal("access.reset_password").await)
    {
        assert!(!entry.payload.contains(&link) && !entry.payload.contains(&newer));
    }
}

#[tokio::test]
async fn one_person_one_account_one_login() {
    let desk = Desk::open().await;
    let (db, system) = (&desk.office.db, &desk.system.ctx);
    let [a, _, b, c] = desk.office.people[0];
    let first = desk.member("zhang.san", a, None).await;
    for (login, whose, word) in [
        ("li.si", a, "已有账号"),
        ("Zhang.San", b, "已被使用"),
        ("ｚｈａｎｇ.ｓａｎ", b, "已被使用"),
        ("x", b, "2 至 64"),
        ("'; DROP TABLE accounts; --", b, "用户名只能用"),
        ("<b>li</b>", b, "用户名只能用"),
        ("li\0si", b, "用户名只能用"),
        (&"x".repeat(65), b, "2 至 64"),
        ("li.si", desk.office.ctx.new_id(), "没有找到"),
    ] {
        let refused = accounts::create(db, system, login, whose).await.unwrap_err();
        assert!(refused.to_string().contains(word), "{login}: {refused}");
    }
    for other in [&desk.security.ctx, &desk.audit.ctx] {
        assert!(matches!(accounts::create(db, other, "li.si", b).await, Err(AccessError::Forbidden(_))));
    }
    let (x, y) = tokio::join!(accounts::create(db, system, "li.si", c), accounts::create(db, system, "wang.wu", c));
    assert_eq!(usize::from(x.is_ok()) + usize::from(y.is_ok()), 1, "two at once make one account");
    accounts::close(db, system, first).await.unwrap();
    assert!(desk.sign_in("zhang.san", PASSWORD, None).await.is_err());
    assert!(accounts::create(db, system, "zhang.san", a).await.is_err(), "a login is never given out again");
    accounts::create(db, system, "zhang.san2", a).await.unwrap();
    let row = secret::Entity::find_by_id(first).one(db.read()).await.unwrap().unwrap();
    assert_eq!((row.password_hash, row.totp_secret, row.link_hash), (None, None, None), "its secrets are cleared");
}

#[tokio::test]
async fn an_administrators_account_takes_two_administrators() {
    let desk = Desk::open().await;
    let db = &desk.office.db;
    let mut ctx = desk.system.ctx.clone();
    let security = desk.security.account;
    assert!(links::reset(db, &ctx, security).await.is_err(), "alone the system administrator would become all three");
    for not_enough in [desk.system.person, desk.security.person, Some(desk.office.people[0][0])] {
        ctx.co_signer = not_enough;
        assert!(links::reset(db, &ctx, security).await.is_err());
    }
    ctx.co_signer = desk.audit.person;
    assert!(accounts::close(db, &ctx, security).await.is_err(), "the last of them stays");
    links::reset(db, &ctx, security).await.unwrap();
    assert!(links::reset(db, &ctx, desk.system.account).await.is_err(), "not one's own");
    assert!(accounts::reset_second_factor(db, &ctx, security).await.is_err(), "that is the security administrator's");
    assert!(link_id_number(db, &desk.system.ctx, desk.security.person.unwrap(), ID_NUMBER).await.is_err());

    let zhang = desk.member("zhang.san", desk.office.people[0][2], None).await;
    enrolled(&desk.office, "zhang.san").await;
    accounts::reset_second_factor(db, &desk.security.ctx, zhang).await.unwrap();
    assert!(
        desk.sign_in("zhang.san", PASSWORD, None).await.is_ok(),
        "the password alone, until a phone is bound again"
    );
}

/// Somebody with another at their side, who signed.
fn with(ctx: &Ctx, second: Option<PersonId>) -> Ctx {
    let mut ctx = ctx.clone();
    ctx.co_signer = second;
    ctx
}

#[tokio::test]
async fn nobody_alone_becomes_somebody_by_a_certificate() {
    let desk = Desk::open().await;
    let (db, base, system) = (&desk.office.db, &desk.office.ctx, &desk.system.ctx);
    let [a, _, b, _] = desk.office.people[0];
    let zhang = desk.member("zhang.san", a, None).await;
    let alone = [None, system.person(), Some(a), Some(b)];
    for (whose, what) in [(a, "of an account"), (b, "of a person without one")] {
        for second in alone {
            let refused = link_id_number(db, &with(system, second), whose, ID_NUMBER).await;
            assert!(matches!(refused, Err(AccessError::Forbidden(_))), "{what}: {refused:?}");
        }
    }
    assert!(matches!(
        link_id_number(db, &with(system, desk.security.person), desk.security.person.unwrap(), ID_NUMBER).await,
        Err(AccessError::Forbidden(_))
    ));

    let two = with(system, desk.security.person);
    let session = desk.sign_in("zhang.san", PASSWORD, None).await.unwrap().token;
    link_id_number(db, &two, a, ID_NUMBER).await.unwrap();
    assert!(desk.who(&session).await.is_none(), "what was open before is over");
    let entry = desk.journal("access.link_id_number").await.pop().unwrap();
    assert_eq!(entry.co_signer, desk.security.person.map(|person| person.to_string()));
    let me = desk.come_in("zhang.san").await;
    assert!(linked_since(db, &me).await.unwrap().is_some(), "the owner sees it");

    accounts::order_new_password(db, system, zhang).await.unwrap();
    let me = access::by_certificate(db, base, ID_NUMBER).await.unwrap().unwrap();
    assert_eq!(me.must, [access::Must::ChangePassword], "what was ordered is done first");
    assert!(access::permit(&me.ctx, access::Action::ItemsRead, None).is_err());
    assert!(access::change_password(db, &me, "Wrong-1-guess", "Lanterns-7-up").await.is_err());
    access::change_password(db, &me, PASSWORD, "Lanterns-7-up").await.unwrap();
    desk.later(91 * DAY);
    assert_eq!(access::by_certificate(db, base, ID_NUMBER).await.unwrap().unwrap().must, []);
}

#[tokio::test]
async fn a_certificate_is_confirmed_again_for_what_came_after() {
    let desk = Desk::open().await;
    let (db, base) = (&desk.office.db, &desk.office.ctx);
    let two = with(&desk.system.ctx, desk.security.person);
    let [_, _, a, b] = desk.office.people[0];
    link_id_number(db, &two, a, ID_NUMBER).await.unwrap();
    let zhang = desk.member("zhang.san", a, None).await;
    assert!(access::by_certificate(db, base, ID_NUMBER).await.unwrap().is_none(), "linked before the account");
    link_id_number(db, &two, a, ID_NUMBER).await.unwrap();
    assert!(access::by_certificate(db, base, ID_NUMBER).await.unwrap().is_some());
    desk.grant(zhang, Role::AuditAdministrator, None).await.unwrap();
    assert!(access::by_certificate(db, base, ID_NUMBER).await.unwrap().is_none(), "linked before the role");
    assert_eq!(desk.journal("access.forget_id_number").await.len(), 2);

    let invited = accounts::create(db, &desk.system.ctx, "li.si", b).await.unwrap();
    let refused = desk.grant(invited.account.id, Role::AuditAdministrator, None).await;
    assert!(matches!(refused, Err(AccessError::Conflict(_))), "whoever has the link would have the role");
    access::activate(db, base, &invited.link, PASSWORD).await.unwrap();
    let out = links::reset(db, &desk.system.ctx, invited.account.id).await.unwrap();
    assert!(desk.grant(invited.account.id, Role::AuditAdministrator, None).await.is_err(), "a link is out");
    access::activate(db, base, &out.link, "Lanterns-7-up").await.unwrap();
    desk.grant(invited.account.id, Role::AuditAdministrator, None).await.unwrap();
}

#[tokio::test]
async fn nobody_alone_gives_whoever_decides_a_new_password() {
    let desk = Desk::open().await;
    let (db, system) = (&desk.office.db, &desk.system.ctx);
    let account = desk.member("zhang.san", desk.office.people[0][2], None).await;
    for role in Role::ALL {
        let given = desk.grant(account, *role, None).await.unwrap();
        let alone = links::reset(db, system, account).await;
        let plain = [Role::Member, Role::CaseOfficer, Role::PropertyCustodian, Role::Inspector];
        assert_eq!(alone.is_ok(), plain.contains(role), "{}: {alone:?}", role.zh());
        let two = with(system, desk.audit.person);
        let Invited { link, .. } = links::reset(db, &two, account).await.unwrap();
        // The last passwords may not come back.
        access::activate(db, &desk.office.ctx, &link, &format!("Lanterns-{}-up", given.id)).await.unwrap();
        grants::end(db, &with(&desk.security.ctx, desk.audit.person), given.id).await.unwrap();
    }
    for not_enough in [Some(desk.office.people[0][0]), system.person()] {
        desk.grant(account, Role::UnitHead, None).await.ok();
        assert!(links::reset(db, &with(system, not_enough), account).await.is_err());
    }
}

#[tokio::test]
async fn a_certificate_finds_its_person_and_the_number_is_nowhere() {
    let desk = Desk::open().await;
    let (db, base) = (&desk.office.db, &desk.office.ctx);
    let [a, _, b, _] = desk.office.people[0];
    desk.member("zhang.san", a, Some((Role::Armourer, None))).await;
    assert!(access::by_certificate(db, base, ID_NUMBER).await.unwrap().is_none());
    let two = with(&desk.system.ctx, desk.security.person);
    assert!(link_id_number(db, &two, a, "110105194912310021").await.is_err(), "the check digit");
    link_id_number(db, &two, a, "11010519491231002x").await.unwrap();
    link_id_number(db, &two, a, ID_NUMBER).await.unwrap();
    assert!(matches!(link_id_number(db, &two, b, ID_NUMBER).await, Err(AccessError::Conflict(_))));
    link_id_number(db, &two, b, OTHER_ID_NUMBER).await.unwrap();
    let me = access::by_certificate(db, base, " 11010519491231002x").await.unwrap().unwrap();
    assert_eq!((me.person, me.must.len()), (Some(a), 0), "two factors by itself");
    assert!(access::permit(&me.ctx, access::Action::ItemsRead, None).is_ok());
    for wrong in ["", "x", "110105194912310021", "\0", OTHER_ID_NUMBER] {
        assert!(access::by_certificate(db, base, wrong).await.unwrap().is_none(), "{wrong}");
    }
    let rows = id_link::Entity::find().all(db.read()).await.unwrap();
    assert!(rows.iter().all(|row| row.id_hash.len() == 64 && !row.id_hash.contains("19491231")));
    assert!(desk.journal("access.link_id_number").await.iter().all(|entry| !entry.payload.contains("1949")));
    accounts::close(db, &desk.system.ctx, accounts::by_login(db.read(), "zhang.san").await.unwrap().id).await.unwrap();
    assert!(access::by_certificate(db, base, ID_NUMBER).await.unwrap().is_none());
}

#[tokio::test]
async fn a_rule_is_set_for_the_future_by_the_security_administrator() {
    let desk = Desk::open().await;
    let (db, ctx) = (&desk.office.db, &desk.security.ctx);
    let new = |value: &str| NewRule {
        name: rules::SIGN_IN_TRIES.to_owned(),
        value: value.to_owned(),
        effective_from: None,
        source: "分局通知第 1 号".to_owned(),
    };
    let now = ctx.now();
    let tries = async |at: Timestamp| Rules::load(db.read()).await.unwrap().number(rules::SIGN_IN_TRIES, at, 0);
    assert_eq!(tries(now).await, 5);
    for (bad, word) in [
        (new("0"), "3 至 20"),
        (new("many"), "整数"),
        (new("9\0"), "控制字符"),
        (NewRule { effective_from: Some(Timestamp(now.0 - 1)), ..new("9") }, "追溯"),
        (NewRule { name: "no.such".to_owned(), ..new("9") }, "没有找到"),
        (NewRule { source: " ".to_owned(), ..new("9") }, "2 至 500"),
        (NewRule { name: rules::SECOND_FACTOR_ROLES.to_owned(), ..new("king") }, "king"),
        (NewRule { name: rules::ARGON2.to_owned(), ..new("m=16,t=1,p=1") }, "7168"),
    ] {
        let refused = rules::set(db, ctx, bad).await.unwrap_err();
        assert!(refused.to_string().contains(word), "{refused}");
    }
    assert!(matches!(rules::set(db, &desk.system.ctx, new("9")).await, Err(AccessError::Forbidden(_))));
    let january = Timestamp(now.0 + 30 * DAY);
    rules::set(db, ctx, NewRule { effective_from: Some(january), ..new("3") }).await.unwrap();
    rules::set(db, ctx, new("9")).await.unwrap();
    assert_eq!((tries(now).await, tries(january).await), (9, 3));
    rules::set(db, ctx, NewRule { effective_from: Some(january), ..new("7") }).await.unwrap();
    assert_eq!((tries(now).await, tries(january).await, tries(Timestamp(january.0 - 1)).await), (9, 7, 9));
    assert_eq!(desk.journal("access.set_rule").await.len(), 3);
    let edit = rule::ActiveModel {
        name: Set(rules::SIGN_IN_TRIES.to_owned()),
        version: Set(1),
        value: Set("99".to_owned()),
        ..Default::default()
    };
    let refused = desk
        .office
        .db
        .write(async |tx| {
            edit.clone().update(tx).await?;
            Ok::<_, AccessError>(())
        })
        .await;
    assert!(refused.is_err(), "a rule that stands is never changed");
}
