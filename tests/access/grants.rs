//! How far a grant reaches, when, and who may give it.

use hufu::access::grants::{self, NewGrant};
use hufu::access::{self, AccessError, Action, Role, permit};
use hufu::kernel::Timestamp;
use hufu::kernel::ids::UnitId;
use hufu::kernel::rights::Reach;
use hufu::org::entity::unit;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};

use crate::desk::Desk;
use crate::support::{DAY, MINUTE};

async fn put_under(desk: &Desk, unit: UnitId, parent: Option<UnitId>, active: bool) {
    let db = &desk.office.db;
    let row = unit::Entity::find_by_id(unit).one(db.read()).await.unwrap().unwrap();
    let after = unit::Model { parent_id: parent, active, version: row.version + 1, ..row };
    db.write(async |tx| {
        after.clone().into_active_model().reset_all().update(tx).await?;
        Ok::<_, AccessError>(())
    })
    .await
    .unwrap();
}

/// Which of the office's units, and what belongs to none, they may read things of.
async fn reads(desk: &Desk, cookie: &str) -> Vec<bool> {
    let me = desk.who(cookie).await.unwrap();
    let units = desk.office.units.iter().copied().map(Some).chain([None]);
    units.map(|unit| permit(&me.ctx, Action::ItemsRead, unit).is_ok()).collect()
}

#[tokio::test]
async fn a_grant_reaches_its_unit_and_all_below_as_the_tree_stands_now() {
    let desk = Desk::open().await;
    let units = desk.office.units.clone();
    desk.member("zhang.san", desk.office.people[0][2], Some((Role::Member, Some(units[0])))).await;
    let cookie = desk.sign_in("zhang.san", crate::desk::PASSWORD, None).await.unwrap().token;
    assert_eq!(reads(&desk, &cookie).await, [true, false, false, false], "units side by side: none is the root");
    put_under(&desk, units[1], Some(units[0]), true).await;
    assert_eq!(reads(&desk, &cookie).await, [true, true, false, false], "a unit was moved under it");
    put_under(&desk, units[1], Some(units[2]), true).await;
    assert_eq!(reads(&desk, &cookie).await, [true, false, false, false], "and away again");
    put_under(&desk, units[2], Some(units[0]), false).await;
    assert_eq!(reads(&desk, &cookie).await, [true, true, true, true], "now it is the root: all, inactive units too");
    put_under(&desk, units[0], Some(units[1]), true).await;
    assert_eq!(reads(&desk, &cookie).await, [true, true, true, false], "a ring ends, and has no root");
}

#[tokio::test]
async fn a_grant_holds_from_its_first_day_to_its_last() {
    let desk = Desk::open().await;
    let unit = desk.office.units[0];
    let zhang = desk.member("zhang.san", desk.office.people[0][2], None).await;
    let now = desk.office.ctx.now();
    let new = NewGrant {
        account: zhang,
        role: Role::Member,
        unit: Some(unit),
        from: Some(Timestamp(now.0 + 10 * MINUTE)),
        until: Some(Timestamp(now.0 + 20 * MINUTE)),
    };
    grants::give(&desk.office.db, &desk.security.ctx, new).await.unwrap();
    let cookie = desk.sign_in("zhang.san", crate::desk::PASSWORD, None).await.unwrap().token;
    for (step, expected) in
        [(0, false), (10 * MINUTE - 1, false), (1, true), (10 * MINUTE - 1, true), (1, false), (-2, true)]
    {
        desk.later(step);
        assert_eq!(reads(&desk, &cookie).await[0], expected, "after {step} ms more");
    }
}

#[tokio::test]
async fn an_ended_grant_is_gone_with_the_next_request() {
    let desk = Desk::open().await;
    let zhang = desk.member("zhang.san", desk.office.people[0][2], None).await;
    let row = desk.grant(zhang, Role::AssetManager, None).await.unwrap();
    let cookie = desk.sign_in("zhang.san", crate::desk::PASSWORD, None).await.unwrap().token;
    assert_eq!(reads(&desk, &cookie).await, [true; 4], "without a unit: everywhere");
    let ended = grants::end(&desk.office.db, &desk.security.ctx, row.id).await.unwrap();
    assert!(ended.ended_at.is_some());
    assert_eq!(reads(&desk, &cookie).await, [false; 4]);
    assert!(matches!(grants::end(&desk.office.db, &desk.security.ctx, row.id).await, Err(AccessError::Conflict(_))));
    assert_eq!(grants::list(&desk.office.db, &desk.audit.ctx, zhang).await.unwrap().len(), 1, "kept for the auditor");
}

#[tokio::test]
async fn what_may_not_be_given() {
    let desk = Desk::open().await;
    let (db, security) = (&desk.office.db, &desk.security.ctx);
    let zhang = desk.member("zhang.san", desk.office.people[0][2], Some((Role::AssetManager, None))).await;
    let now = desk.office.ctx.now();
    let plain = NewGrant { account: zhang, role: Role::Member, unit: None, from: None, until: None };
    let stranger = NewGrant { account: desk.office.ctx.new_id(), ..plain };
    let cases: Vec<(NewGrant, &str)> = vec![
        (NewGrant { role: Role::AssetManager, ..plain }, "已是"),
        (NewGrant { role: Role::SystemAdministrator, ..plain }, "不得兼任业务角色"),
        (NewGrant { role: Role::AuditAdministrator, unit: Some(desk.office.units[0]), ..plain }, "不分单位"),
        (NewGrant { unit: Some(desk.office.ctx.new_id()), ..plain }, "没有这个单位"),
        (NewGrant { from: Some(Timestamp(now.0 - DAY)), ..plain }, "追溯"),
        (NewGrant { until: Some(now), ..plain }, "晚于"),
        (NewGrant { account: desk.security.account, ..plain }, "本人"),
        (NewGrant { account: desk.system.account, role: Role::SecurityAdministrator, ..plain }, "三人分别担任"),
        (NewGrant { account: desk.system.account, role: Role::CommandCentre, ..plain }, "不得兼任业务角色"),
        (NewGrant { account: desk.audit.account, ..plain }, "不得兼任业务角色"),
        (stranger, "没有找到"),
    ];
    for (new, word) in cases {
        let refused = grants::give(db, security, new).await.unwrap_err();
        assert!(refused.to_string().contains(word), "{new:?}: {refused}");
    }
    for other in [&desk.system.ctx, &desk.audit.ctx] {
        assert!(matches!(grants::give(db, other, plain).await, Err(AccessError::Forbidden(_))));
    }
    let system = NewGrant { account: desk.system.account, ..plain };
    grants::give(db, security, system).await.unwrap();
    let later = NewGrant { role: Role::SystemAdministrator, from: Some(Timestamp(now.0 + DAY)), ..plain };
    assert!(
        grants::give(db, security, later).await.is_err(),
        "not even for later, while the business role is open-ended"
    );
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let desk = Desk::open().await;
    let db = &desk.office.db;
    let of_audit = grants::list(db, &desk.security.ctx, desk.audit.account).await.unwrap()[0].id;
    let refused = grants::end(db, &desk.security.ctx, of_audit).await.unwrap_err();
    assert!(refused.to_string().contains("最后一名审计管理员"), "{refused}");
    let zhang = desk.member("zhang.san", desk.office.people[0][2], None).await;
    desk.grant(zhang, Role::AuditAdministrator, None).await.unwrap();
    let alone = grants::end(db, &desk.security.ctx, of_audit).await.unwrap_err();
    assert!(alone.to_string().contains("共同签署"), "{alone}");
    let mut with_second = desk.security.ctx.clone();
    with_second.co_signer = desk.audit.person;
    assert!(grants::end(db, &with_second, of_audit).await.is_err(), "the one it is about does not count");
    let signed = access::accounts::show(db, &desk.system.ctx, zhang).await.unwrap();
    with_second.co_signer = Some(signed.person.id);
    grants::end(db, &with_second, of_audit).await.unwrap();
}

#[tokio::test]
async fn a_closed_unit_beside_the_root_narrows_no_grant() {
    let desk = Desk::open().await;
    let root = desk.office.units[0];
    desk.member("zhang.san", desk.office.people[0][2], Some((Role::Member, Some(root)))).await;
    let reach = async || access::reach(&desk.come_in("zhang.san").await.ctx, Action::ItemsRead);
    assert!(matches!(reach().await, Reach::Units(_)), "side by side none is the sub-bureau itself");
    for unit in &desk.office.units[1..] {
        put_under(&desk, *unit, None, false).await;
    }
    assert_eq!(reach().await, Reach::Everywhere);
}
