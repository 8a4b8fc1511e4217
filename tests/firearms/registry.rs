//! What enters the ledger, what does not, and who may see it.

use hufu::access::Role;
use hufu::firearms::ammunition::{self, Receipt};
use hufu::firearms::armouries;
use hufu::firearms::arms::{self, NewArm};
use hufu::firearms::entity::{arm, entry, stock};
use hufu::firearms::model::{ArmDeed, ArmState, EntryKind, StoreKind, Unfit};
use hufu::firearms::officers::{self, Licence, NewResult};
use hufu::firearms::store::{self, Wanted};
use hufu::items::model::ItemState;
use hufu::items::service::{Change, change};
use hufu::journal::entity::entry as journal;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};

use super::post::{GUNS, Post, ROUNDS, day, said};
use super::web::holding;

#[tokio::test]
async fn guns_and_rounds_are_kept_apart_by_service_and_by_schema() {
    let post = Post::new().await;
    let (db, ctx) = (&post.office.db, post.brigade());
    let among_rounds = NewArm { armoury: ROUNDS.to_owned(), ..post.new_arm("A0001") };
    assert!(said(arms::enter(db, &ctx, &among_rounds).await).contains("须分库存放"));
    let among_guns = Receipt { armoury: GUNS.to_owned(), ..post.receipt("L1", 10) };
    assert!(said(ammunition::receive(db, &ctx, &among_guns).await).contains("须分库存放"));
    assert!(said(armouries::add_cabinet(db, &ctx, ROUNDS, "1", 4).await).contains("须分库存放"));
    assert!(said(arms::enter_magazines(db, &ctx, ROUNDS, "92式手枪", &["M1".into()]).await).contains("须分库存放"));
    // Behind the services' back the key to the store does not fit either.
    let gun = post.gun("A0002").await;
    let other = store::armoury_named(db.read(), ROUNDS).await.unwrap().unwrap();
    let moved = |kind| arm::Model { armoury_id: other.id, store_kind: kind, ..gun.arm.clone() };
    for kind in [StoreKind::Gun, StoreKind::Ammunition] {
        let written = db
            .write(async |tx| {
                let row = moved(kind).into_active_model().reset_all();
                arm::Entity::update_many()
                    .set(row)
                    .filter(arm::Column::ItemId.eq(gun.item.id))
                    .exec(tx)
                    .await
                    .map_err(hufu::db::DbError::from)
            })
            .await;
        assert!(written.is_err(), "{kind:?}");
    }
}

#[tokio::test]
async fn a_gun_enters_once_and_its_serial_number_stays_in_this_ledger() {
    let post = Post::new().await;
    let (db, ctx) = (&post.office.db, post.brigade());
    let slot = Some(("1".to_owned(), 3));
    let gun = arms::enter(db, &ctx, &NewArm { slot: slot.clone(), ..post.new_arm("a0003417") }).await.unwrap();
    assert_eq!((gun.item.item_number.as_str(), gun.item.serial_number.as_str()), ("QZ-0001", ""));
    assert_eq!((gun.item.keeper_id, gun.item.place_id), (None, None));
    assert_eq!((gun.arm.serial_key.as_str(), gun.arm.state), ("A0003417", ArmState::InStore));
    let new = |serial: &str| post.new_arm(serial);
    for (wrong, field) in [
        (new(" A000 3417"), "serial"),
        (NewArm { certificate: "QZA0003417".into(), ..new("B0001") }, "certificate"),
        (NewArm { slot, ..new("B0001") }, "slot"),
        (NewArm { slot: Some(("1".into(), 21)), ..new("B0001") }, "slot"),
        (NewArm { slot: Some(("9".into(), 1)), ..new("B0001") }, "cabinet"),
        (new("12"), "serial"),
        (NewArm { serial: "12\u{0}45".into(), ..new("B0001") }, "serial"),
        (NewArm { model: " ".into(), ..new("B0001") }, "model"),
        (NewArm { number: "QZ-0001".into(), ..new("B0001") }, "item_number"),
    ] {
        match arms::enter(db, &ctx, &wrong).await.unwrap_err() {
            hufu::firearms::ArmsError::Field { field: at, .. } => assert_eq!(at, field, "{wrong:?}"),
            other => assert!(field == "item_number", "{other}"),
        }
    }
    let same = NewArm { model: "64式手枪".into(), certificate: String::new(), ..new("A0003417") };
    arms::enter(db, &ctx, &same).await.unwrap();
    assert!(said(store::arm(db.read(), &ctx, "A0003417").await).contains("枪号相同"));
    assert_eq!(post.arm("QZA0003417").await.item.id, gun.item.id);
    // Whoever keeps the cards of assets does not move a gun.
    let moved = Change { state: Some(ItemState::Idle), ..Change::default() };
    let refused = change(db, &post.office.ctx, "QZ-0001", &moved, "整理").await.unwrap_err();
    assert!(refused.to_string().contains("枪弹台账"), "{refused}");
}

#[tokio::test]
async fn upkeep_goes_by_its_states_and_the_book_follows() {
    let post = Post::new().await;
    let (db, ctx) = (&post.office.db, post.armourer(0));
    let gun = post.gun("A0001").await.item.item_number;
    let keep = async |deed| arms::keep(db, &ctx, &gun, None, deed, "例行").await;
    for deed in [ArmDeed::Draw, ArmDeed::Return, ArmDeed::Lose, ArmDeed::Find, ArmDeed::Scrap, ArmDeed::StartCleaning] {
        assert!(said(keep(deed).await).contains("不在此办理"), "{deed:?}");
    }
    assert!(said(keep(ArmDeed::Mend).await).contains("此枪在库，不能修复"));
    keep(ArmDeed::NeedCleaning).await.unwrap();
    let faulty = keep(ArmDeed::ReportFault).await.unwrap();
    assert_eq!((faulty.arm.state, faulty.item.state), (ArmState::Faulty, ItemState::InRepair));
    let mended = keep(ArmDeed::Mend).await.unwrap();
    assert_eq!((mended.arm.state, mended.item.state), (ArmState::InStore, ItemState::InUse));
    let stale = arms::keep(db, &ctx, &gun, Some(1), ArmDeed::NeedCleaning, "例行").await;
    assert!(said(stale).contains("刚被他人修改"));
}

#[tokio::test]
async fn rounds_are_whole_numbers_that_add_up() {
    let post = Post::new().await;
    let (db, ctx) = (&post.office.db, post.armourer(0));
    for wrong in [0, -1, i64::MIN, 10_000_001, 1_000_000_000, i64::MAX] {
        assert!(said(ammunition::receive(db, &ctx, &post.receipt("L1", wrong)).await).contains("发数"), "{wrong}");
    }
    post.rounds("L1", 9_999_999).await;
    assert!(said(ammunition::receive(db, &ctx, &post.receipt("L1", 2)).await).contains("库存"));
    post.rounds("L2", 40).await;
    post.rounds("l2", 2).await;
    assert_eq!(post.stock().await, [("L1".to_owned(), 9_999_999), ("L2".to_owned(), 42)]);
    for row in stock::Entity::find().all(db.read()).await.unwrap() {
        let entries = store::entries(db.read(), row.id, 10).await.unwrap();
        assert_eq!(entries.iter().map(|entry| entry.delta).sum::<i64>(), row.rounds);
        assert_eq!(entries[0].balance, row.rounds);
        assert!(entries.iter().all(|entry| entry.kind == EntryKind::Received));
        // What was entered stays as it was.
        let edited = entry::Model { delta: 7, ..entries[0].clone() };
        let written = db.write(async |tx| {
            let edited = edited.clone().into_active_model().reset_all();
            edited.update(tx).await.map_err(hufu::db::DbError::from)
        });
        assert!(written.await.is_err());
    }
}

#[tokio::test]
async fn who_may_carry_is_entered_tried_and_forbidden() {
    let post = Post::new().await;
    let (db, ctx, person) = (&post.office.db, post.armourer(0), post.person(0, 2));
    let today = post.office.ctx.now().day();
    let fit = async || store::fitness(db.read(), person, today).await.unwrap().check(today, 365).err();
    assert_eq!(fit().await, Some(Unfit::NotArmed));
    post.license(person, "CQ-0001").await;
    assert_eq!(fit().await, None);
    let ban = officers::forbid(db, &post.head(0), person, "心理评估未通过", None).await.unwrap();
    assert_eq!(fit().await, Some(Unfit::Banned));
    let theirs = holding(&post.office, person, Role::UnitHead, Some(post.office.units[0]));
    assert!(officers::lift(db, &theirs, ban.id, "我没事").await.is_err(), "nobody lifts their own");
    assert!(said(officers::lift(db, &ctx, ban.id, "查清").await).contains("权限"));
    officers::lift(db, &post.head(0), ban.id, "复评通过").await.unwrap();
    assert!(said(officers::lift(db, &post.head(0), ban.id, "再来").await).contains("已解除"));
    let result = |passed, held_on| NewResult {
        person,
        kind: hufu::firearms::model::ResultKind::Exam,
        held_on,
        score: Some(40),
        passed,
        note: String::new(),
    };
    officers::enter_result(db, &ctx, &result(false, today)).await.unwrap();
    assert_eq!(fit().await, Some(Unfit::Failed(today)), "the last counts");
    let own = holding(&post.office, person, Role::Armourer, Some(post.office.units[0]));
    assert!(officers::enter_result(db, &own, &result(true, today)).await.is_err(), "nobody passes themselves");
    assert!(said(officers::enter_result(db, &ctx, &result(true, day("2027-01-01"))).await).contains("不能晚于今天"));
    assert!(said(officers::forbid(db, &post.head(0), person, " ", None).await).contains("原因"));
    let other = Licence {
        person: post.person(0, 3),
        number: "cq-0001".to_owned(),
        issuer: String::new(),
        issued_on: today,
        valid_until: today,
        active: true,
        note: String::new(),
    };
    assert!(officers::set(db, &ctx, &other, None).await.is_err(), "one licence a person");
    let back = Licence { valid_until: day("2020-01-01"), number: "CQ-0002".to_owned(), ..other };
    assert!(said(officers::set(db, &ctx, &back, None).await).contains("不能早于"));
}

#[tokio::test]
async fn outside_the_unit_and_the_role_there_are_no_guns_and_every_look_is_written() {
    let post = Post::new().await;
    let db = &post.office.db;
    let gun = post.gun("A0001").await;
    for (ctx, sees) in [
        (post.brigade(), true),
        (post.armourer(0), true),
        (post.head(0), true),
        (post.armourer(1), false),
        (holding(&post.office, post.person(0, 2), Role::Member, Some(post.office.units[0])), false),
        (holding(&post.office, post.person(0, 2), Role::AssetManager, None), false),
        (holding(&post.office, post.person(0, 2), Role::CommandCentre, None), false),
    ] {
        let looks = || journal::Entity::find().filter(journal::Column::Action.eq("firearms.look"));
        let before = looks().all(db.read()).await.unwrap().len();
        assert_eq!(arms::look(db, &ctx, "A0001").await.is_ok(), sees, "{:?}", ctx.actor);
        let written = looks().all(db.read()).await.unwrap();
        assert_eq!(written.len() - before, usize::from(sees));
        assert!(written.iter().all(|row| row.subject == gun.item.item_number && !row.payload.contains("A0001")));
        let listed = store::list(db.read(), &ctx, &Wanted::default(), 10).await.unwrap();
        assert_eq!(listed.len(), usize::from(sees));
        assert_eq!(store::armouries(db.read(), &ctx).await.unwrap().len(), 2 * usize::from(sees));
    }
    assert!(said(arms::enter(db, &post.armourer(1), &post.new_arm("A0002")).await).contains("没有这个枪弹库"));
}
