//! Nobody leaves before they handed over.

use hufu::access::{AccessError, Role, accounts};
use hufu::handover;
use hufu::items::service::{self, Change};
use hufu::org::entity::{person, place};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};

use crate::desk::{Desk, PASSWORD};

#[tokio::test]
async fn what_is_open_is_named_and_a_closed_person_is_gone_everywhere() {
    let desk = Desk::open().await;
    let (db, system) = (&desk.office.db, &desk.system.ctx);
    let [_, _, whose, other] = desk.office.people[0];
    desk.member("zhang.san", whose, Some((Role::Member, Some(desk.office.units[0])))).await;
    let cookie = desk.sign_in("zhang.san", PASSWORD, None).await.unwrap().token;
    let mut things = vec![desk.office.new_item("XL-0001", 0), desk.office.new_item("XL-0002", 0)];
    for thing in &mut things {
        thing.keeper_id = Some(whose);
    }
    desk.office.register(&things).await;
    let refused = handover::close_person(db, system, whose).await.unwrap_err();
    assert_eq!(refused.to_string(), "须先移交：地点 1 处：房间01；资产 2 件：XL-0001、XL-0002");
    assert!(desk.who(&cookie).await.is_some(), "nothing half done");

    for number in ["XL-0001", "XL-0002"] {
        let change = Change { keeper: Some(Some(other)), ..Change::default() };
        service::change(db, &desk.office.ctx, number, &change, "移交").await.unwrap();
    }
    let room = place::Entity::find_by_id(desk.office.places[0][1]).one(db.read()).await.unwrap().unwrap();
    let room = place::Model { keeper_id: Some(other), version: room.version + 1, ..room };
    db.write(async |tx| {
        room.clone().into_active_model().reset_all().update(tx).await?;
        Ok::<_, AccessError>(())
    })
    .await
    .unwrap();

    assert!(matches!(handover::close_person(db, &desk.security.ctx, whose).await, Err(AccessError::Forbidden(_))));
    assert!(handover::close_person(db, system, desk.system.person.unwrap()).await.is_err(), "not oneself");
    assert!(
        handover::close_person(db, system, desk.audit.person.unwrap()).await.is_err(),
        "not an administrator alone"
    );
    handover::close_person(db, system, whose).await.unwrap();
    assert!(desk.who(&cookie).await.is_none());
    assert!(desk.sign_in("zhang.san", PASSWORD, None).await.is_err());
    let row = person::Entity::find_by_id(whose).one(db.read()).await.unwrap().unwrap();
    assert!(!row.active);
    assert!(accounts::create(db, system, "zhang.san2", whose).await.is_err());
    assert!(matches!(handover::close_person(db, system, whose).await, Err(AccessError::Conflict(_))));
}
