//! Guns are cleaned by a paper: asked for, approved by another, taken out by two, put back by two; and what is refused.

use hufu::access::{Role, accounts};
use hufu::firearms::arms;
use hufu::firearms::model::{ArmDeed, ArmState};
use hufu::firearms::upkeep::entity::{line, upkeep};
use hufu::firearms::upkeep::model::{Outcome, State};
use hufu::firearms::upkeep::{service, store};
use hufu::kernel::Ctx;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};

use super::post::{GUNS, Post, ROUNDS, said};
use super::web::holding;

fn leader(post: &Post) -> Ctx {
    holding(&post.office, post.person(0, 0), Role::DutyLeader, Some(post.office.units[0]))
}

fn names(guns: &[&str]) -> Vec<String> {
    guns.iter().map(|gun| (*gun).to_owned()).collect()
}

async fn asked(post: &Post, guns: &[&str]) -> upkeep::Model {
    service::ask(&post.office.db, &post.armourer(0), GUNS, &names(guns), "季度保养").await.unwrap()
}

async fn approved(post: &Post, guns: &[&str]) -> upkeep::Model {
    let row = asked(post, guns).await;
    service::decide(&post.office.db, &leader(post), &row.number, None, true, "").await.unwrap()
}

async fn state(post: &Post, gun: &str) -> ArmState {
    post.arm(gun).await.arm.state
}

#[tokio::test]
async fn a_gun_in_upkeep_cannot_be_drawn_until_it_is_back() {
    let post = Post::stocked(3, 1).await;
    let (db, ctx) = (&post.office.db, post.armourer(0));
    let row = asked(&post, &["A0001", "qza0002"]).await;
    assert_eq!((row.number.as_str(), row.state), ("BY-2026-0001", State::Asked));
    assert_eq!(state(&post, "A0001").await, ArmState::InStore, "nothing is decided yet");
    let row = service::decide(db, &leader(&post), &row.number, Some(1), true, "同意").await.unwrap();
    assert_eq!((row.state, state(&post, "A0001").await), (State::Due, ArmState::CleaningDue));
    let draw = post.approved(0).await;
    assert!(said(post.prepared(&draw.number, "A0001", 0).await).contains("此枪待保养，不能领枪"));
    // Two take them out.
    let second = post.signer(3);
    let row = service::start(db, &ctx, &second, &row.number, None).await.unwrap();
    assert_eq!((row.state, state(&post, "A0002").await), (State::Cleaning, ArmState::Cleaning));
    assert_eq!((row.cleaner1_id, row.cleaner2_id), (ctx.person(), Some(second.person)));
    assert!(said(post.prepared(&draw.number, "A0002", 0).await).contains("此枪保养中，不能领枪"));
    assert!(said(service::cancel(db, &ctx, &row.number, None, "不做了").await).contains("此保养单保养中，不能取消"));
    let row = service::cleaned(db, &ctx, &row.number, None).await.unwrap();
    assert_eq!((row.state, state(&post, "A0001").await), (State::Returning, ArmState::Cleaning), "not back yet");
    let fault = vec![("A0002".to_owned(), "击针断裂".to_owned())];
    let row = service::put_back(db, &ctx, &second, &row.number, None, &fault).await.unwrap();
    assert_eq!((row.state, row.finisher2_id), (State::Done, Some(second.person)));
    assert_eq!((state(&post, "A0001").await, state(&post, "A0002").await), (ArmState::InStore, ArmState::Faulty));
    let lines = store::lines(db.read(), row.id).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.outcome).collect::<Vec<_>>(), [Outcome::Cleaned, Outcome::Faulty]);
    assert_eq!(post.arm("A0002").await.arm.state_note, "击针断裂");
    post.hand_out(&draw.number, "A0001", 0).await.unwrap();
}

#[tokio::test]
async fn what_is_refused_is_refused_with_a_sentence() {
    let post = Post::stocked(4, 2).await;
    let (db, ctx, boss) = (&post.office.db, post.armourer(0), leader(&post));
    post.out(0, "A0004").await;
    asked(&post, &["A0003"]).await;
    for (of, guns, reason, sentence) in [
        (GUNS, &["A0001"][..], " ", "原因"),
        (GUNS, &[], "保养", "1 至 200 支"),
        (GUNS, &["A0001", "qz-0001"], "保养", "写了两次"),
        (GUNS, &["A0004"], "保养", "QZ-0004 不在库，不能保养"),
        (GUNS, &["A0003"], "保养", "已在保养单 BY-2026-0001"),
        (GUNS, &["X0009"], "保养", "本库没有"),
        (GUNS, &["A\u{0}1"], "保养", "本库没有"),
        (ROUNDS, &["A0001"], "保养", "须分库存放"),
    ] {
        let refused = said(service::ask(db, &ctx, of, &names(guns), reason).await);
        assert!(refused.contains(sentence), "{guns:?}: {refused}");
    }
    let elsewhere = said(service::ask(db, &post.armourer(1), GUNS, &names(&["A0001"]), "保养").await);
    assert!(elsewhere.contains("没有这个枪弹库"), "{elsewhere}");
    let own = holding(&post.office, post.person(0, 1), Role::DutyLeader, Some(post.office.units[0]));
    assert!(said(service::decide(db, &own, "BY-2026-0001", None, true, "").await).contains("不能审批自己的"));
    assert!(said(service::decide(db, &boss, "BY-2026-0001", None, false, "").await).contains("不予批准的原因"));
    assert!(said(service::decide(db, &boss, "BY-2026-0001", Some(9), true, "").await).contains("刚被他人修改"));
    let row = service::decide(db, &boss, "BY-2026-0001", None, true, "").await.unwrap();
    assert!(said(service::decide(db, &boss, &row.number, None, true, "").await).contains("待保养，不能批准"), "twice");
    // Two are two, and both are still with us.
    assert!(said(service::start(db, &ctx, &post.signer(1), &row.number, None).await).contains("不能算作两人"));
    assert!(said(service::start(db, &ctx, &post.signer(0), &row.number, None).await).contains("权限"), "a leader");
    let second = post.signer(3);
    accounts::close(db, &post.office.ctx, second.account).await.unwrap();
    assert!(said(service::start(db, &ctx, &second, &row.number, None).await).contains("账号已停用"));
    assert_eq!(state(&post, "A0003").await, ArmState::CleaningDue);
}

#[tokio::test]
async fn a_paper_that_is_given_up_leaves_the_guns_as_they_were() {
    let post = Post::stocked(3, 1).await;
    let (db, ctx) = (&post.office.db, post.armourer(0));
    // The second was fired and waits for its cleaning whatever becomes of the paper.
    arms::keep(db, &ctx, "A0002", None, ArmDeed::NeedCleaning, "打过").await.unwrap();
    let row = approved(&post, &["A0001", "A0002", "A0003"]).await;
    // A fault found meanwhile takes a gun out of it; mended, it is free for another.
    arms::keep(db, &ctx, "A0003", None, ArmDeed::ReportFault, "准星松动").await.unwrap();
    arms::keep(db, &ctx, "A0003", None, ArmDeed::Mend, "已紧固").await.unwrap();
    let row = service::cancel(db, &ctx, &row.number, None, "改期").await.unwrap();
    assert_eq!(row.state, State::Cancelled);
    for (gun, expected) in
        [("A0001", ArmState::InStore), ("A0002", ArmState::CleaningDue), ("A0003", ArmState::InStore)]
    {
        assert_eq!(state(&post, gun).await, expected, "{gun}");
    }
    let again = asked(&post, &["A0001", "A0002", "A0003"]).await;
    let no = service::decide(db, &leader(&post), &again.number, None, false, "人手不足").await.unwrap();
    assert_eq!((no.state, state(&post, "A0001").await), (State::Refused, ArmState::InStore));
    asked(&post, &["A0001"]).await;
}

/// Behind the services' back the database refuses the same.
#[tokio::test]
async fn the_database_refuses_one_person_twice_and_a_gun_in_two_papers() {
    let post = Post::stocked(2, 1).await;
    let (db, ctx) = (&post.office.db, post.armourer(0));
    let row = approved(&post, &["A0001"]).await;
    let row = service::start(db, &ctx, &post.signer(3), &row.number, None).await.unwrap();
    for wrong in [
        upkeep::Model { cleaner2_id: row.cleaner1_id, ..row.clone() },
        upkeep::Model { cleaner2_id: None, ..row.clone() },
        upkeep::Model { approver_id: Some(row.applicant_id), ..row.clone() },
        upkeep::Model { state: State::Done, ..row.clone() },
        upkeep::Model { store_kind: hufu::firearms::model::StoreKind::Ammunition, ..row.clone() },
    ] {
        let told = format!("{wrong:?}");
        let written = db.write(async |tx| {
            let row = wrong.clone().into_active_model().reset_all();
            row.update(tx).await.map_err(hufu::db::DbError::from)
        });
        assert!(written.await.is_err(), "{told}");
    }
    let other = asked(&post, &["A0002"]).await;
    let one = line::Entity::find().all(db.read()).await.unwrap().into_iter().next().unwrap();
    let twice = line::Model { id: post.office.ctx.new_id(), upkeep_id: other.id, line: 2, ..one };
    let written =
        db.write(async |tx| twice.clone().into_active_model().insert(tx).await.map_err(hufu::db::DbError::from));
    assert!(written.await.is_err(), "one open paper a gun");
}
