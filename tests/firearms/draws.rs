//! A gun goes out and comes back: what each step asks, and what stops it.

use futures_util::future::join_all;
use hufu::access::entity::account;
use hufu::access::{Role, accounts};
use hufu::findings::Kind;
use hufu::findings::entity::finding;
use hufu::firearms::ArmsError;
use hufu::firearms::alarms;
use hufu::firearms::draws::acting::{self, Count};
use hufu::firearms::draws::asking::{self, NewDraw};
use hufu::firearms::draws::entity::holding;
use hufu::firearms::draws::model::{ActState, Clearance, Deed, Part, Rounds, State};
use hufu::firearms::draws::{handing, longer, losing, store as draws};
use hufu::firearms::model::ArmState;
use hufu::firearms::officers;
use hufu::items::model::ItemState;
use hufu::kernel::Timestamp;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};

use super::post::{Post, SIGNERS, back, said};
use super::support::MINUTE;
use super::web::holding as holding_role;

const GUN: &str = "A0001";

/// Every state and every deed, through the services.
#[tokio::test]
async fn every_state_and_every_deed() {
    use Deed as D;
    let ways: [(State, &[D]); 8] = [
        (State::Asked, &[]),
        (State::Approved, &[D::Approve]),
        (State::Handing, &[D::Approve, D::OpenIssue]),
        (State::Out, &[D::Approve, D::OpenIssue, D::HandOver]),
        (State::Returning, &[D::Approve, D::OpenIssue, D::HandOver, D::OpenReturn]),
        (State::Closed, &[D::Approve, D::OpenIssue, D::HandOver, D::OpenReturn, D::Close]),
        (State::Refused, &[D::Refuse]),
        (State::Withdrawn, &[D::Withdraw]),
    ];
    for (state, way) in ways {
        for deed in D::ALL {
            let post = Post::stocked(1, 1).await;
            let row = post.ask(0).await.unwrap();
            for step in way {
                attempt(&post, &row.number, row.approval_id, *step).await.unwrap();
            }
            assert_eq!(post.draw(&row.number).await.state, state);
            let expected = state.after(*deed);
            let outcome = attempt(&post, &row.number, row.approval_id, *deed).await;
            assert_eq!(outcome.is_ok(), expected.is_ok(), "{state:?} {deed:?}: {outcome:?}");
            assert_eq!(post.draw(&row.number).await.state, expected.unwrap_or(state), "{state:?} {deed:?}");
        }
    }
}

async fn attempt(
    post: &Post,
    number: &str,
    approval: hufu::kernel::ids::ApprovalId,
    deed: Deed,
) -> Result<(), ArmsError> {
    let (db, keeper) = (&post.office.db, post.armourer(0));
    match deed {
        Deed::Approve | Deed::Refuse => {
            post.decide(approval, deed == Deed::Approve).await?;
        }
        Deed::Withdraw => {
            asking::withdraw(db, &post.officer(0), number, None, "任务取消").await?;
        }
        Deed::OpenIssue => {
            acting::open_issue(db, &keeper, number, None, GUN).await?;
        }
        Deed::OpenReturn => {
            acting::open_return(db, &keeper, number, None).await?;
        }
        Deed::CancelIssue | Deed::CancelReturn => {
            let wanted = if deed == Deed::CancelIssue { State::Handing } else { State::Returning };
            if post.draw(number).await.state != wanted {
                return Err(ArmsError::Conflict("不在办理".to_owned()));
            }
            acting::cancel(db, &keeper, number, "停电").await?;
        }
        Deed::HandOver => {
            if post.draw(number).await.state == State::Handing {
                finish(post, number, post.going(15)).await?;
            }
            handing::hand_over(db, &keeper, number, None).await?;
        }
        Deed::Close => {
            if post.draw(number).await.state == State::Returning {
                finish(post, number, Count { rounds: back(15), ..Count::default() }).await?;
            }
            handing::take_back(db, &keeper, number, None).await?;
        }
    }
    Ok(())
}

async fn finish(post: &Post, number: &str, counted: Count) -> Result<(), ArmsError> {
    post.clear_all(number).await?;
    acting::scan(&post.office.db, &post.armourer(0), number, GUN).await?;
    acting::count(&post.office.db, &post.armourer(0), number, &counted).await?;
    post.sign_all(number).await
}

#[tokio::test]
async fn a_gun_goes_out_with_its_rounds_and_both_come_back() {
    let post = Post::stocked(1, 1).await;
    let (db, keeper) = (&post.office.db, post.armourer(0));
    let row = post.approved(0).await;
    assert_eq!(row.number, "LQ-2026-0001");
    post.prepared(&row.number, GUN, 15).await.unwrap();
    let with = Count { magazines: vec!["m1".into(), "M2".into()], ..post.going(15) };
    acting::count(db, &keeper, &row.number, &with).await.unwrap();
    post.sign_all(&row.number).await.unwrap();
    let out = handing::hand_over(db, &keeper, &row.number, None).await.unwrap();
    assert_eq!((out.state, out.rounds_out), (State::Out, 15));
    let gun = post.arm(GUN).await;
    assert_eq!((gun.arm.state, gun.item.excused_by.as_deref()), (ArmState::Out, Some("领用 LQ-2026-0001")));
    assert_eq!(post.holder(GUN).await, Some(post.officers[0]));
    assert_eq!(post.stock().await, [("L1".to_owned(), 985)]);
    post.office.clock.advance_ms(60 * MINUTE);
    acting::open_return(db, &keeper, &row.number, None).await.unwrap();
    post.clear_all(&row.number).await.unwrap();
    acting::scan(db, &keeper, &row.number, GUN).await.unwrap();
    let with = Count { rounds: back(15), magazines: vec!["M2".into(), "M1".into()], ..Count::default() };
    acting::count(db, &keeper, &row.number, &with).await.unwrap();
    post.sign_all(&row.number).await.unwrap();
    handing::take_back(db, &keeper, &row.number, None).await.unwrap();
    let gun = post.arm(GUN).await;
    assert_eq!((gun.arm.state, gun.item.excused_by, gun.item.state), (ArmState::InStore, None, ItemState::InUse));
    assert_eq!((post.holder(GUN).await, post.stock().await), (None, vec![("L1".to_owned(), 1_000)]));
    assert!(finding::Entity::find().all(db.read()).await.unwrap().is_empty());
    // The paper of the next is another, and the gun may go again.
    assert_eq!(post.out(0, GUN).await.number, "LQ-2026-0002");
}

#[tokio::test]
async fn three_people_sign_and_none_of_them_draws() {
    let post = Post::stocked(1, 1).await;
    let (db, keeper) = (&post.office.db, post.armourer(0));
    let row = post.approved(0).await;
    let number = row.number.as_str();
    acting::open_issue(db, &keeper, number, None, GUN).await.unwrap();
    assert!(said(post.sign(number, 1, Part::Keeper1).await).contains("先清点弹药"));
    post.clear_all(number).await.unwrap();
    acting::scan(db, &keeper, number, GUN).await.unwrap();
    acting::count(db, &keeper, number, &post.going(15)).await.unwrap();
    post.sign(number, 1, Part::Keeper1).await.unwrap();
    assert!(said(post.sign(number, 1, Part::Keeper2).await).contains("须是三个人"));
    assert!(said(post.sign(number, 1, Part::Confirmer).await).contains("权限"), "a keeper does not confirm");
    assert!(said(post.sign(number, 0, Part::Keeper2).await).contains("权限"), "who confirms keeps nothing");
    post.sign(number, 3, Part::Keeper2).await.unwrap();
    assert!(said(handing::hand_over(db, &keeper, number, None).await).contains("确认人尚未签字"));
    // The drawer is an armourer too: no.
    let mut drawer = post.signer(1);
    (drawer.person, drawer.ctx) =
        (post.officers[0], holding_role(&post.office, post.officers[0], Role::Armourer, Some(post.office.units[0])));
    assert!(said(acting::sign(db, &drawer, number, Part::Keeper1).await).contains("是领枪人"));
    post.sign(number, 0, Part::Confirmer).await.unwrap();
    // Counting again takes what was signed away.
    acting::count(db, &keeper, number, &post.going(10)).await.unwrap();
    assert!(said(handing::hand_over(db, &keeper, number, None).await).contains("尚未签字"));
    post.sign_all(number).await.unwrap();
    assert_eq!(handing::hand_over(db, &keeper, number, None).await.unwrap().rounds_out, 10);
}

#[tokio::test]
async fn the_check_has_an_order_and_the_wrong_gun_is_named() {
    let post = Post::stocked(2, 1).await;
    let (db, keeper) = (&post.office.db, post.armourer(0));
    let row = post.approved(0).await;
    let number = row.number.as_str();
    acting::open_issue(db, &keeper, number, None, GUN).await.unwrap();
    let wrong = acting::clear(db, &keeper, number, Clearance::Slide).await;
    assert!(said(wrong).contains("下一步是“枪口向下"));
    assert!(said(acting::scan(db, &keeper, number, GUN).await).contains("先完成验枪"));
    post.clear_all(number).await.unwrap();
    assert!(said(acting::clear(db, &keeper, number, Clearance::DryFire).await).contains("验枪已完成"));
    assert!(said(acting::count(db, &keeper, number, &post.going(15)).await).contains("先扫枪"));
    let other = acting::scan(db, &keeper, number, "A0002").await;
    assert_eq!(said(other), "扫到的是 QZ-0002，应为 QZ-0001，请换枪重扫");
    assert!(said(acting::scan(db, &keeper, number, "不是枪").await).contains("不认识"));
    acting::scan(db, &keeper, number, GUN).await.unwrap();
    for rounds in [-1, 16, 201, 1_000_000_000, i64::MIN, i64::MAX] {
        assert!(acting::count(db, &keeper, number, &post.going(rounds)).await.is_err(), "{rounds}");
    }
    for (count, sentence) in [
        (Count { lot: "L9".into(), ..post.going(15) }, "没有批次"),
        (Count { armoury: "QK-1".into(), ..post.going(15) }, "没有批次"),
        (Count { armoury: "DK-9".into(), ..post.going(15) }, "没有这个弹药库"),
        (Count { magazines: vec!["M1".into(), "M1".into()], ..post.going(15) }, "写了两次"),
        (Count { magazines: vec!["M9".into()], ..post.going(15) }, "不在库"),
    ] {
        let refused = said(acting::count(db, &keeper, number, &count).await);
        assert!(refused.contains(sentence), "{refused}");
    }
}

#[tokio::test]
async fn what_changed_while_it_waited_counts() {
    let post = Post::stocked(1, 1).await;
    let (db, keeper, officer) = (&post.office.db, post.armourer(0), post.officers[0]);
    // Before it is asked for.
    let ban = officers::forbid(db, &post.head(0), officer, "心理评估", None).await.unwrap();
    assert!(said(post.ask(0).await).contains("已被禁止配枪"));
    officers::lift(db, &post.head(0), ban.id, "复评通过").await.unwrap();
    // While it waits for approval.
    let row = post.approved(0).await;
    let number = row.number.as_str();
    let ban = officers::forbid(db, &post.head(0), officer, "投诉调查", None).await.unwrap();
    assert!(said(acting::open_issue(db, &keeper, number, None, GUN).await).contains("已被禁止配枪"));
    officers::lift(db, &post.head(0), ban.id, "查清").await.unwrap();
    // Between the signatures and the hand-over.
    post.prepared(number, GUN, 15).await.unwrap();
    post.sign_all(number).await.unwrap();
    let ban = officers::forbid(db, &post.head(0), officer, "饮酒", None).await.unwrap();
    assert!(said(handing::hand_over(db, &keeper, number, None).await).contains("已被禁止配枪"));
    assert_eq!((post.holder(GUN).await, post.arm(GUN).await.arm.state), (None, ArmState::InStore));
    officers::lift(db, &post.head(0), ban.id, "酒醒").await.unwrap();
    handing::hand_over(db, &keeper, number, None).await.unwrap();
    // Of somebody who has the gun: at once a finding.
    officers::forbid(db, &post.head(0), officer, "停职", None).await.unwrap();
    let told =
        finding::Entity::find().filter(finding::Column::Kind.eq(Kind::CarrierUnfit)).all(db.read()).await.unwrap();
    assert_eq!(told.len(), 1);
    assert!(!told[0].title.contains("人员02"), "a name is masked: {}", told[0].title);
}

#[tokio::test]
async fn a_power_cut_between_signature_and_hand_over_leaves_the_act_to_go_on_or_end() {
    let post = Post::stocked(1, 1).await;
    let (db, keeper) = (&post.office.db, post.armourer(0));
    let row = post.approved(0).await;
    let number = row.number.as_str();
    post.prepared(number, GUN, 15).await.unwrap();
    post.sign_all(number).await.unwrap();
    // An hour later: everything stands, visibly, and nothing has moved; what was signed is too old.
    post.office.clock.advance_ms(60 * MINUTE);
    let shown = post.draw(number).await;
    let act = draws::open_act(db.read(), shown.row.id).await.unwrap().unwrap();
    assert_eq!((shown.state, act.cleared, act.rounds), (State::Handing, 5, 15));
    assert_eq!((post.holder(GUN).await, post.stock().await), (None, vec![("L1".to_owned(), 1_000)]));
    assert!(said(handing::hand_over(db, &keeper, number, None).await).contains("已超过 10 分钟"));
    post.sign_all(number).await.unwrap();
    // Or it ends, with a reason, and the draw may begin anew.
    assert!(said(acting::cancel(db, &keeper, number, " ").await).contains("取消的原因"));
    let row = acting::cancel(db, &keeper, number, "停电").await.unwrap();
    assert_eq!(row.state, State::Approved);
    let acts = draws::acts(db.read(), row.id).await.unwrap();
    assert_eq!(acts.iter().map(|act| act.state).collect::<Vec<_>>(), [ActState::Cancelled]);
    assert!(said(handing::hand_over(db, &keeper, number, None).await).contains("不能交枪"));
    post.hand_out(number, GUN, 15).await.unwrap();
}

#[tokio::test]
async fn a_keepers_account_that_closes_mid_act_takes_the_signature_with_it() {
    let post = Post::stocked(1, 1).await;
    let (db, keeper) = (&post.office.db, post.armourer(0));
    let row = post.approved(0).await;
    let number = row.number.as_str();
    post.prepared(number, GUN, 15).await.unwrap();
    post.sign_all(number).await.unwrap();
    let theirs = account::Entity::find_by_id(post.signer(3).account).one(db.read()).await.unwrap().unwrap();
    accounts::close(db, &post.office.ctx, theirs.id).await.unwrap();
    assert!(said(handing::hand_over(db, &keeper, number, None).await).contains("保管人2的账号已停用"));
    assert!(said(post.sign(number, 3, Part::Keeper2).await).contains("账号已停用"));
    assert_eq!(post.holder(GUN).await, None);
}

#[tokio::test]
async fn a_clock_that_was_set_back_stops_the_act() {
    let post = Post::stocked(1, 1).await;
    let (db, keeper) = (&post.office.db, post.armourer(0));
    post.office.clock.advance_ms(120 * MINUTE);
    let row = post.approved(0).await;
    let number = row.number.as_str();
    post.prepared(number, GUN, 15).await.unwrap();
    post.sign_all(number).await.unwrap();
    let now = post.office.ctx.now();
    post.office.clock.set(Timestamp(now.0 - 30 * MINUTE));
    assert!(said(handing::hand_over(db, &keeper, number, None).await).contains("请先校准时钟"));
    assert!(said(post.sign(number, 1, Part::Keeper1).await).contains("请先校准时钟"));
    post.office.clock.set(now);
    handing::hand_over(db, &keeper, number, None).await.unwrap();
    post.office.clock.set(Timestamp(now.0 - 1));
    assert!(said(acting::open_return(db, &keeper, number, None).await).contains("请先校准时钟"));
}

#[tokio::test]
async fn rounds_that_do_not_add_up_do_not_close_and_fired_ones_are_reported() {
    let post = Post::stocked(1, 1).await;
    let (db, keeper) = (&post.office.db, post.armourer(0));
    let row = post.out(0, GUN).await;
    let number = row.number.as_str();
    acting::open_return(db, &keeper, number, None).await.unwrap();
    post.clear_all(number).await.unwrap();
    acting::scan(db, &keeper, number, GUN).await.unwrap();
    for rounds in [back(14), back(16), Rounds { fired: -1, ..back(16) }, Rounds { fired: i64::MAX, ..back(15) }] {
        let counted = Count { rounds, ..Count::default() };
        assert!(acting::count(db, &keeper, number, &counted).await.is_err(), "{rounds:?}");
    }
    let counted = Count { rounds: Rounds { fired: 3, damaged: 1, ..back(11) }, ..Count::default() };
    acting::count(db, &keeper, number, &counted).await.unwrap();
    post.sign_all(number).await.unwrap();
    handing::take_back(db, &keeper, number, None).await.unwrap();
    assert_eq!(post.stock().await, [("L1".to_owned(), 996)]);
    assert_eq!(post.arm(GUN).await.arm.state, ArmState::CleaningDue);
    let told = finding::Entity::find().all(db.read()).await.unwrap();
    assert_eq!(told.iter().map(|row| row.kind).collect::<Vec<_>>(), [Kind::FirearmFired]);
    assert!(told[0].description.contains("耗用子弹 3 发"));
}

#[tokio::test]
async fn a_loss_locks_the_unit_at_once_and_somebody_above_it_unlocks() {
    let post = Post::stocked(2, 2).await;
    let (db, officer) = (&post.office.db, post.officer(0));
    let row = post.out(0, GUN).await;
    let waiting = post.approved(1).await;
    assert!(said(losing::report(db, &officer, &row.number, false, 16, "丢了").await).contains("0 至 15"));
    assert!(said(losing::report(db, &post.officer(1), &row.number, true, 0, "丢了").await).contains("没有这张领枪单"));
    losing::report(db, &officer, &row.number, true, 2, "追捕中落水").await.unwrap();
    assert_eq!((post.arm(GUN).await.arm.state, post.holder(GUN).await), (ArmState::Lost, None));
    let told =
        finding::Entity::find().filter(finding::Column::Kind.eq(Kind::FirearmLost)).all(db.read()).await.unwrap();
    assert_eq!(told.len(), 1);
    assert!(told[0].title.contains("枪 1 支、子弹 2 发") && !told[0].description.contains(GUN), "{told:?}");
    let keeper = post.armourer(0);
    let refused = said(acting::open_issue(db, &keeper, &waiting.number, None, "A0002").await);
    assert!(refused.contains("领枪已锁定"), "{refused}");
    // What is left comes back: no fewer lost than were reported.
    let closed = post.take_in(&row.number, "", Rounds { lost: 1, ..back(14) }).await;
    assert!(said(closed).contains("已报失 2 发"));
    acting::cancel(db, &keeper, &row.number, "重来").await.unwrap();
    post.take_in(&row.number, "", Rounds { lost: 2, ..back(13) }).await.unwrap();
    assert_eq!(post.stock().await, [("L1".to_owned(), 998)]);
    let locks = draws::locks_of(db.read(), post.office.units[0]).await.unwrap();
    assert_eq!(locks.len(), 1, "what was reported is not reported again");
    assert!(said(losing::unlock(db, &post.head(0), locks[0].id, "查清").await).contains("权限"));
    losing::unlock(db, &post.brigade(), locks[0].id, "枪已打捞").await.unwrap();
    post.hand_out(&waiting.number, "A0002", 15).await.unwrap();
}

#[tokio::test]
async fn more_than_a_day_and_across_areas_goes_to_the_leader_and_an_emergency_takes_two() {
    let post = Post::stocked(1, 1).await;
    let (db, officer, keeper) = (&post.office.db, post.officer(0), post.armourer(0));
    let now = post.office.ctx.now();
    let day = 24 * 60 * MINUTE;
    for (new, steps) in [
        (NewDraw { due: Timestamp(now.0 + day), ..post.wish() }, 1),
        (NewDraw { due: Timestamp(now.0 + day + 1), ..post.wish() }, 2),
        (NewDraw { cross_area: true, ..post.wish() }, 2),
        (NewDraw { bulk: true, ..post.wish() }, 2),
    ] {
        let row = asking::ask(db, &officer, &new).await.unwrap();
        let asked = hufu::approvals::entity::request::Entity::find_by_id(row.approval_id);
        let asked = asked.one(db.read()).await.unwrap().unwrap();
        assert_eq!(asked.steps.matches("level").count(), steps, "{new:?}");
        asking::withdraw(db, &officer, &row.number, None, "改期").await.unwrap();
    }
    for (new, field) in [
        (NewDraw { rounds: -1, ..post.wish() }, "子弹"),
        (NewDraw { rounds: 1_000_000_000, ..post.wish() }, "子弹"),
        (NewDraw { magazines: 7, ..post.wish() }, "弹匣"),
        (NewDraw { due: now, ..post.wish() }, "归还时间"),
        (NewDraw { due: Timestamp(i64::MAX), ..post.wish() }, "30 天"),
        (NewDraw { from: Timestamp(i64::MIN), ..post.wish() }, "30 天"),
        (NewDraw { task: " ".into(), ..post.wish() }, "任务"),
        (NewDraw { urgent: true, cross_area: true, ..post.wish() }, "不能紧急领枪"),
        (NewDraw { armoury: "DK-1".into(), ..post.wish() }, "须分库存放"),
        (NewDraw { armoury: "QK-9".into(), ..post.wish() }, "没有这个枪弹库"),
    ] {
        let refused = said(asking::ask(db, &officer, &new).await);
        assert!(refused.contains(field), "{refused}");
    }
    let row = asking::ask(db, &officer, &NewDraw { urgent: true, ..post.wish() }).await.unwrap();
    post.prepared(&row.number, GUN, 15).await.unwrap();
    assert!(said(post.sign(&row.number, 3, Part::Keeper2).await).contains("一名保管人和一名确认人"));
    post.sign(&row.number, 1, Part::Keeper1).await.unwrap();
    assert!(said(handing::hand_over(db, &keeper, &row.number, None).await).contains("确认人尚未签字"));
    post.sign(&row.number, 0, Part::Confirmer).await.unwrap();
    handing::hand_over(db, &keeper, &row.number, None).await.unwrap();
    post.decide(row.approval_id, true).await.unwrap();
    post.take_in(&row.number, GUN, back(15)).await.unwrap();
}

#[tokio::test]
async fn more_time_is_granted_before_the_time_is_over_or_not_at_all() {
    let post = Post::stocked(1, 1).await;
    let (db, officer) = (&post.office.db, post.officer(0));
    let row = post.out(0, GUN).await;
    let later = Timestamp(row.due_at.0 + 60 * MINUTE);
    assert!(said(longer::ask(db, &officer, &row.number, row.due_at, "未结束").await).contains("延期须晚于"));
    let wish = longer::ask(db, &officer, &row.number, later, "任务未结束").await.unwrap();
    assert!(said(longer::ask(db, &officer, &row.number, later, "再来").await).contains("已有一个延期"));
    post.decide(wish.approval_id, true).await.unwrap();
    let settled = db.write(async |tx| longer::settle(tx, &post.office.ctx, post.draw(&row.number).await.row).await);
    assert_eq!(settled.await.unwrap().due_at, later);
    // Granted after the hour: it does not count.
    let wish = longer::ask(db, &officer, &row.number, Timestamp(later.0 + MINUTE), "还没完").await.unwrap();
    post.office.clock.set(Timestamp(later.0 + 1));
    post.decide(wish.approval_id, true).await.unwrap();
    let settled = db.write(async |tx| longer::settle(tx, &post.office.ctx, post.draw(&row.number).await.row).await);
    assert_eq!(settled.await.unwrap().due_at, later);
    assert!(
        said(longer::ask(db, &officer, &row.number, Timestamp(later.0 + MINUTE), "晚了").await).contains("须提前批准")
    );
}

#[tokio::test]
async fn what_is_late_or_lapses_is_told_once_and_settled_when_it_is_mended() {
    let post = Post::stocked(1, 1).await;
    let (db, ctx) = (&post.office.db, post.office.ctx.clone());
    let of =
        async |kind: Kind| finding::Entity::find().filter(finding::Column::Kind.eq(kind)).all(db.read()).await.unwrap();
    let row = post.out(0, GUN).await;
    post.office.clock.set(row.due_at);
    alarms::mark(db, &ctx).await.unwrap();
    assert!(of(Kind::FirearmOverdue).await.is_empty(), "to the minute");
    post.office.clock.set(Timestamp(row.due_at.0 + 1));
    for _ in 0..2 {
        alarms::mark(db, &ctx).await.unwrap();
        assert_eq!(of(Kind::FirearmOverdue).await.len(), 1, "once");
    }
    let told = of(Kind::FirearmOverdue).await;
    assert!(told[0].title.contains("…0001") && told[0].title.contains("人**"), "{}", told[0].title);
    assert!(!told[0].title.contains(GUN) && !told[0].description.contains("人员02"), "masked");
    post.office.clock.advance_ms(24 * 60 * MINUTE);
    alarms::mark(db, &ctx).await.unwrap();
    assert_eq!(of(Kind::FirearmOverdue).await.len(), 2, "more than a day");
    post.take_in(&row.number, GUN, back(15)).await.unwrap();
    let state = hufu::findings::model::State::Explained;
    assert!(of(Kind::FirearmOverdue).await.iter().all(|row| row.state == state), "it is back");
    // The licence holds until the last day of the year; thirty days before that it is told.
    post.office.clock.set(Timestamp::start_of_day(super::post::day("2026-12-01")));
    for _ in 0..2 {
        alarms::mark(db, &ctx).await.unwrap();
        assert_eq!(of(Kind::CarryLicenceDue).await.len(), 1, "once");
    }
    assert_eq!(of(Kind::CarryLicenceDue).await[0].state, hufu::findings::model::State::Open);
    post.license_until(post.officers[0], "CQ-0000", "2028-12-31").await;
    assert_eq!(of(Kind::CarryLicenceDue).await[0].state, state);
}

/// Whoever has a gun asks for another: refused, and told once, however often they try.
#[tokio::test]
async fn a_second_draw_while_one_is_out_is_refused_and_told() {
    let post = Post::stocked(2, 1).await;
    let db = &post.office.db;
    let second = async || {
        let told = finding::Entity::find().filter(finding::Column::Kind.eq(Kind::SecondDraw));
        told.all(db.read()).await.unwrap()
    };
    let waiting = post.ask(0).await.unwrap();
    assert!(said(post.ask(0).await).contains("已有领枪单"));
    assert!(second().await.is_empty(), "nothing is out yet: refused, and no more");
    asking::withdraw(db, &post.officer(0), &waiting.number, None, "重填").await.unwrap();
    let row = post.out(0, GUN).await;
    for _ in 0..3 {
        assert!(said(post.ask(0).await).contains("已有领枪单"));
    }
    let told = second().await;
    assert_eq!(told.len(), 1, "once a day");
    assert!(told[0].title.contains(&row.number) && !told[0].title.contains("人员02"), "{}", told[0].title);
    post.office.clock.advance_ms(24 * 60 * MINUTE);
    assert!(post.ask(0).await.is_err());
    assert_eq!(second().await.len(), 2, "and again the next day");
}

/// The schema itself lets a gun have one holder and an officer one gun, whatever the services do.
#[tokio::test]
async fn the_schema_knows_one_holder_a_gun_and_one_gun_an_officer() {
    let post = Post::stocked(2, 2).await;
    let row = post.out(0, GUN).await;
    let db = &post.office.db;
    let held = holding::Entity::find().one(db.read()).await.unwrap().unwrap();
    let other = post.arm("A0002").await.item.id;
    for (second, allowed) in [
        (holding::Model { person_id: post.officers[1], ..held.clone() }, false),
        (holding::Model { item_id: other, ..held.clone() }, false),
        (holding::Model { item_id: other, person_id: post.officers[1], ..held.clone() }, true),
    ] {
        let second = holding::Model { id: post.office.ctx.new_id(), draw_id: row.id, ..second };
        let written =
            db.write(async |tx| second.clone().into_active_model().insert(tx).await.map_err(hufu::db::DbError::from));
        assert_eq!(written.await.is_ok(), allowed, "{second:?}");
    }
}

/// Many officers, each with an approved draw, and one gun: one gets it, and every other is told why not.
#[tokio::test]
async fn of_many_who_race_for_one_gun_one_wins() {
    race(24).await;
}

/// The same with a thousand.
#[tokio::test]
#[ignore = "a thousand approved draws take minutes: tests/run.sh runs it"]
async fn of_a_thousand_who_race_for_one_gun_one_wins() {
    race(1_000).await;
}

async fn race(racers: usize) {
    let post = Post::stocked(1, racers).await;
    let mut papers = Vec::new();
    for n in 0..racers {
        papers.push(post.approved(n).await.number);
    }
    let race = papers.iter().map(|number| {
        let (db, keeper) = (&post.office.db, post.armourer(0));
        async move { acting::open_issue(db, &keeper, number, None, GUN).await }
    });
    let mut won = Vec::new();
    for (number, run) in papers.iter().zip(join_all(race).await) {
        match run {
            Ok(_) => won.push(number.clone()),
            Err(ArmsError::Field { field: "gun", reason }) => assert!(reason.contains("正在领枪单"), "{reason}"),
            Err(ArmsError::Db(error)) => assert!(error.is_duplicate() || error.is_worth_retrying(), "{error}"),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(won.len(), 1, "{won:?}");
    let number = &won[0];
    post.clear_all(number).await.unwrap();
    acting::scan(&post.office.db, &post.armourer(0), number, GUN).await.unwrap();
    acting::count(&post.office.db, &post.armourer(0), number, &post.going(15)).await.unwrap();
    post.sign_all(number).await.unwrap();
    // The last step is raced for as well: it is taken once.
    let race = (0..8).map(|_| {
        let (db, keeper) = (&post.office.db, post.armourer(0));
        async move { handing::hand_over(db, &keeper, number, None).await.is_ok() }
    });
    let handed = join_all(race).await.into_iter().filter(|done| *done).count();
    assert_eq!((handed, post.stock().await), (1, vec![("L1".to_owned(), 985)]));
    assert_eq!(holding::Entity::find().all(post.office.db.read()).await.unwrap().len(), 1);
    assert_eq!(SIGNERS.len(), draws_signed(&post, number).await);
}

async fn draws_signed(post: &Post, number: &str) -> usize {
    let db = post.office.db.read();
    let acts = draws::acts(db, post.draw(number).await.row.id).await.unwrap();
    draws::signatures(db, acts[0].id).await.unwrap().len()
}
