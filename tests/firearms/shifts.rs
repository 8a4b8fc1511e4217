//! A shift is handed over: two go, two come, everything is counted blind, and what differs is signed for.

use hufu::access::grants::{self, NewGrant};
use hufu::access::{CoSigner, Role, accounts};
use hufu::findings::Kind;
use hufu::findings::entity::finding;
use hufu::firearms::alarms;
use hufu::firearms::shifts::model::{LineKind, Side, State};
use hufu::firearms::shifts::service::{self as shifts, Counted};
use hufu::firearms::shifts::store;
use hufu::firearms::shifts::visits::{self, NewVisit};
use hufu::kernel::ids::UnitId;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::post::{GUNS, Post, back, said};
use super::support::{DAY, MINUTE};
use super::web::holding;

/// The stage, and two more who keep the store.
async fn stage() -> (Post, Vec<CoSigner>) {
    let post = Post::stocked(3, 3).await;
    let mut four = vec![post.signer(1), post.signer(3)];
    for (n, person) in post.officers.clone().into_iter().skip(1).enumerate() {
        let (db, ctx, unit) = (&post.office.db, &post.office.ctx, Some(post.office.units[0]));
        let account = accounts::create(db, ctx, &format!("more{n}"), person).await.unwrap().account.id;
        let new = NewGrant { account, role: Role::Armourer, unit, from: None, until: None };
        grants::give(db, ctx, new).await.unwrap();
        four.push(CoSigner { person, account, ctx: holding(&post.office, person, Role::Armourer, unit) });
    }
    (post, four)
}

fn unit(post: &Post) -> UnitId {
    post.office.units[0]
}

fn counted(guns: &[&str], rounds: i64) -> Counted {
    Counted { guns: guns.iter().map(|gun| (*gun).to_owned()).collect(), lots: vec![("L1".to_owned(), rounds)] }
}

async fn sign_all(post: &Post, four: &[CoSigner], number: &str) {
    for (signer, side) in four.iter().zip(Side::ALL) {
        shifts::sign(&post.office.db, signer, number, *side).await.unwrap();
    }
}

const ALL: [&str; 3] = ["A0001", "A0002", "A0003"];

#[tokio::test]
async fn a_shift_that_agrees_is_signed_by_four_and_closes() {
    let (post, four) = stage().await;
    let (db, ctx) = (&post.office.db, post.armourer(0));
    let row = shifts::open(db, &ctx, unit(&post)).await.unwrap();
    assert_eq!(row.number, "JB-2026-0001");
    assert!(said(shifts::open(db, &ctx, unit(&post)).await).contains("尚未办结"), "one a unit");
    assert!(said(shifts::sign(db, &four[0], &row.number, Side::Out1).await).contains("不能交接"), "not counted");
    assert!(store::lines(db.read(), &row).await.unwrap().is_empty(), "nothing to see before the count");
    // One is out: not on its shelf, and not missing.
    let draw = post.out(0, "A0002").await;
    let row = shifts::count(db, &ctx, &row.number, &counted(&["A0001", "qza0003"], 985)).await.unwrap();
    assert_eq!((row.state, row.differences), (State::Agreed, 0));
    shifts::sign(db, &four[0], &row.number, Side::Out1).await.unwrap();
    assert!(said(shifts::sign(db, &four[0], &row.number, Side::In1).await).contains("须是四个人"));
    assert!(said(shifts::close(db, &ctx, &row.number, None).await).contains("交班人2尚未签字"));
    sign_all(&post, &four, &row.number).await;
    let row = shifts::close(db, &ctx, &row.number, None).await.unwrap();
    assert_eq!(row.state, State::Closed);
    // The next begins where this ended: 985 + 15 back − 0 = 1,000.
    post.office.clock.advance_ms(8 * 60 * MINUTE - 1);
    post.take_in(&draw.number, "A0002", back(15)).await.unwrap();
    let next = shifts::open(db, &ctx, unit(&post)).await.unwrap();
    let next = shifts::count(db, &ctx, &next.number, &counted(&ALL, 1_000)).await.unwrap();
    let lots: Vec<_> = store::lines(db.read(), &next).await.unwrap();
    let lot = lots.iter().find(|line| line.kind == LineKind::Lot).unwrap().tally();
    assert_eq!((lot.opening, lot.came, lot.went, lot.book, lot.counted), (985, 15, 0, 1_000, 1_000));
    assert_eq!(next.state, State::Agreed);
}

#[tokio::test]
async fn what_differs_blocks_until_both_sides_sign_for_it_and_is_a_finding() {
    let (post, four) = stage().await;
    let (db, ctx) = (&post.office.db, post.armourer(0));
    let number = shifts::open(db, &ctx, unit(&post)).await.unwrap().number;
    for wrong in [counted(&["A0001", "a0001"], 1_000), counted(&ALL, -1), counted(&ALL, 1_000_000_000)] {
        assert!(shifts::count(db, &ctx, &number, &wrong).await.is_err(), "{wrong:?}");
    }
    // One gun is not there, one is nobody's, three rounds are short.
    let row = shifts::count(db, &ctx, &number, &counted(&["A0001", "A0002", "X9999"], 997)).await.unwrap();
    assert_eq!((row.state, row.differences), (State::Differing, 3));
    assert!(said(shifts::sign(db, &four[0], &number, Side::Out1).await).contains("先写明情况"));
    // Counted again, the gun is there; the count before stays on record.
    let row = shifts::count(db, &ctx, &number, &counted(&ALL, 997)).await.unwrap();
    assert_eq!((row.round, row.differences), (2, 1));
    shifts::explain(db, &ctx, &number, "昨日训练后少三发，正在查找").await.unwrap();
    sign_all(&post, &four, &number).await;
    // Counting once more takes the signatures away.
    shifts::count(db, &ctx, &number, &counted(&ALL, 997)).await.unwrap();
    assert!(said(shifts::close(db, &ctx, &number, None).await).contains("尚未签字"));
    shifts::explain(db, &ctx, &number, "少三发").await.unwrap();
    sign_all(&post, &four, &number).await;
    post.office.clock.advance_ms(11 * MINUTE);
    assert!(said(shifts::close(db, &ctx, &number, None).await).contains("已超过 10 分钟"));
    sign_all(&post, &four, &number).await;
    accounts::close(db, &post.office.ctx, four[2].account).await.unwrap();
    assert!(said(shifts::close(db, &ctx, &number, None).await).contains("接班人1的账号已停用"));
    shifts::cancel(db, &ctx, &number, "换人").await.unwrap();
    assert!(said(shifts::close(db, &ctx, &number, None).await).contains("不能交接"));
    let told = finding::Entity::find().filter(finding::Column::Kind.eq(Kind::ArmouryDifference));
    assert!(told.all(db.read()).await.unwrap().is_empty(), "nothing was handed over");
}

#[tokio::test]
async fn a_signed_difference_is_a_finding_with_its_equation() {
    let (post, four) = stage().await;
    let (db, ctx) = (&post.office.db, post.armourer(0));
    let number = shifts::open(db, &ctx, unit(&post)).await.unwrap().number;
    shifts::count(db, &ctx, &number, &counted(&["A0001", "A0002", "秘密枪号77"], 997)).await.unwrap();
    shifts::explain(db, &ctx, &number, "少三发、少一支，多一支").await.unwrap();
    sign_all(&post, &four, &number).await;
    shifts::close(db, &ctx, &number, None).await.unwrap();
    let told = finding::Entity::find().filter(finding::Column::Kind.eq(Kind::ArmouryDifference));
    let told = told.all(db.read()).await.unwrap();
    assert_eq!(told.len(), 3);
    assert!(told.iter().any(|row| row.description.contains("结存 0 + 入 1000 − 出 0，账面 1000 发，实盘 997 发")));
    assert!(told.iter().any(|row| row.title.contains("QZ-0003") && row.description.contains("架上没有")));
    assert!(told.iter().all(|row| !row.title.contains("秘密") && !row.description.contains("秘密")), "{told:?}");
}

#[tokio::test]
async fn a_shift_without_a_recount_is_told_and_a_recount_settles_it() {
    let (post, four) = stage().await;
    let (db, ctx) = (&post.office.db, post.armourer(0));
    let of = async || {
        let told = finding::Entity::find().filter(finding::Column::Kind.eq(Kind::RecountMissing));
        told.all(db.read()).await.unwrap()
    };
    alarms::mark(db, &post.office.ctx).await.unwrap();
    assert_eq!(of().await.len(), 1, "never counted");
    alarms::mark(db, &post.office.ctx).await.unwrap();
    assert_eq!(of().await.len(), 1, "once a day");
    let number = shifts::open(db, &ctx, unit(&post)).await.unwrap().number;
    shifts::count(db, &ctx, &number, &counted(&ALL, 1_000)).await.unwrap();
    sign_all(&post, &four, &number).await;
    shifts::close(db, &ctx, &number, None).await.unwrap();
    assert_eq!(of().await[0].state, hufu::findings::model::State::Explained);
    post.office.clock.advance_ms(DAY - 1);
    alarms::mark(db, &post.office.ctx).await.unwrap();
    assert_eq!(of().await.len(), 1);
    post.office.clock.advance_ms(2);
    alarms::mark(db, &post.office.ctx).await.unwrap();
    assert_eq!(of().await.len(), 2, "a day without one");
}

#[tokio::test]
async fn nobody_is_in_a_store_alone_unseen() {
    let post = Post::stocked(1, 1).await;
    let (db, ctx) = (&post.office.db, post.armourer(0));
    let visit = |companions| NewVisit {
        armoury: GUNS.to_owned(),
        visitor: "检查人员".to_owned(),
        post: "治安大队".to_owned(),
        companions,
        reason: "月度检查".to_owned(),
    };
    let with = visits::enter(db, &ctx, &visit(1)).await.unwrap();
    assert!(finding::Entity::find().all(db.read()).await.unwrap().is_empty());
    post.office.clock.advance_ms(1);
    let alone = visits::enter(db, &ctx, &visit(0)).await.unwrap();
    let told = finding::Entity::find().all(db.read()).await.unwrap();
    assert_eq!(told.iter().map(|row| row.kind).collect::<Vec<_>>(), [Kind::AloneInArmoury]);
    assert!(said(visits::enter(db, &ctx, &visit(-1)).await).contains("同行"));
    assert!(said(visits::enter(db, &post.armourer(1), &visit(1)).await).contains("没有这个枪弹库"));
    visits::leave(db, &ctx, with.id, "门窗完好").await.unwrap();
    assert!(said(visits::leave(db, &ctx, with.id, "").await).contains("已登记出库"));
    let of = hufu::firearms::store::armoury_named(db.read(), GUNS).await.unwrap().unwrap();
    let rows = store::visits(db.read(), of.id, 10).await.unwrap();
    assert_eq!((rows.len(), rows[0].id, rows[0].left_at), (2, alone.id, None));
}
