//! Guns, rounds and licences come in from a file: a dry run writes nothing, a bad row is told and stops no other, and a file
//! that comes again brings nothing twice.

use hufu::documents::ColumnMap;
use hufu::firearms::entity::{arm, officer};
use hufu::imports::Report;
use hufu::imports::arms::{self, Arms, ArmsFile};
use hufu::kernel::Ctx;
use sea_orm::EntityTrait as _;

use super::post::Post;

async fn bring(post: &Post, ctx: &Ctx, what: Arms, dry_run: bool, text: &str) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("枪弹.csv");
    std::fs::write(&path, text).unwrap();
    let map = ColumnMap::parse(&[] as &[String]).unwrap();
    let file = ArmsFile { path: &path, map, dry_run, what };
    arms::run(&post.office.db, ctx, &file).await.unwrap()
}

/// Why each row was refused.
fn reasons(report: &Report) -> Vec<(u64, String)> {
    report.rejects.iter().map(|reject| (reject.at.row, reject.reason.clone())).collect()
}

const GUNS: &str = "枪支类型,枪号,枪证号码,枪弹库,枪柜,枪位,配发时间,凭证\n\
    92式手枪,B0001,QZ-B1,QK-1,1,1,2021-06-01,配发9号\n\
    05式转轮手枪,B0002,,QK-1,,,,\n\
    92式手枪,B0001,,QK-1,,,,\n\
    92式手枪,12,,QK-1,,,,\n\
    92式手枪,B0003,,DK-1,,,,\n\
    92式手枪,B0004,,QK-9,,,,\n\
    92式手枪,B0005,,QK-1,1,1,,\n";

#[tokio::test]
async fn guns_come_in_row_by_row_and_never_twice() {
    let post = Post::new().await;
    let (db, ctx) = (&post.office.db, post.armourer(0));
    let tried = bring(&post, &ctx, Arms::Guns, true, GUNS).await;
    assert_eq!((tried.taken, tried.rejects.len()), (2, 5));
    assert!(arm::Entity::find().all(db.read()).await.unwrap().is_empty(), "a dry run writes nothing");
    let done = bring(&post, &ctx, Arms::Guns, false, GUNS).await;
    let told = reasons(&done);
    assert_eq!(done.taken, 2);
    for ((row, reason), (at, sentence)) in told.iter().zip([
        (4, "此枪号的92式手枪已在台账"),
        (5, "至少 4 个字"),
        (6, "须分库存放"),
        (7, "没有这个枪弹库"),
        (8, "已有枪"),
    ]) {
        assert!(*row == at && reason.contains(sentence), "{row} {reason}");
    }
    let guns = arm::Entity::find().all(db.read()).await.unwrap();
    assert!(guns.iter().any(|gun| gun.category == hufu::firearms::model::Category::Revolver), "{guns:?}");
    let again = bring(&post, &ctx, Arms::Guns, false, GUNS).await;
    assert_eq!((again.taken, again.rejects.len()), (0, 7));
    let elsewhere = bring(&post, &post.armourer(1), Arms::Guns, false, GUNS).await;
    assert_eq!(elsewhere.taken, 0, "another unit's store");
}

#[tokio::test]
async fn rounds_come_in_by_their_paper_once() {
    let post = Post::new().await;
    let ctx = post.armourer(0);
    let text = "弹药种类,批次,发数,弹药库,凭证\n\
        9mm手枪弹,L1,\"1,000\",DK-1,DB-1\n\
        9mm手枪弹,L1,500,DK-1,DB-1\n\
        9mm手枪弹,L2,-5,DK-1,DB-1\n\
        9mm手枪弹,L2,1.5,DK-1,DB-1\n\
        9mm手枪弹,L2,1000000000,DK-1,DB-1\n\
        9mm手枪弹,L1,9999001,DK-1,DB-2\n\
        9mm手枪弹,L2,40,QK-1,DB-1\n\
        9mm手枪弹,L2,40,DK-1,DB-1\n";
    let done = bring(&post, &ctx, Arms::Lots, false, text).await;
    assert_eq!((done.taken, done.rejects.len()), (2, 6), "{:?}", reasons(&done));
    assert_eq!(post.stock().await, [("L1".to_owned(), 1_000), ("L2".to_owned(), 40)]);
    let again = bring(&post, &ctx, Arms::Lots, false, text).await;
    assert_eq!(again.taken, 0, "{:?}", reasons(&again));
    assert_eq!(post.stock().await, [("L1".to_owned(), 1_000), ("L2".to_owned(), 40)]);
}

#[tokio::test]
async fn licences_come_in_for_people_that_are_there() {
    let post = Post::new().await;
    let (db, ctx) = (&post.office.db, post.brigade());
    let name = |n: usize| {
        let db = db.read();
        let id = post.person(0, n);
        async move { hufu::org::people::by_id(db, id).await.unwrap().unwrap().name }
    };
    let (first, second) = (name(1).await, name(2).await);
    let text = format!(
        "姓名,持枪证号,发证机关,发证日期,有效期限\n\
         {first},CQ-1001,省公安厅,2026-01-01,2028-12-31\n\
         {second},cq-1001,省公安厅,2026-01-01,2028-12-31\n\
         {second},CQ-1002,省公安厅,2026-01-01,2020-12-31\n\
         查无此人,CQ-1003,省公安厅,2026-01-01,2028-12-31\n\
         {second},CQ-1004,,2026-01-01,\n"
    );
    let done = bring(&post, &ctx, Arms::Officers, false, &text).await;
    assert_eq!((done.taken, done.rejects.len()), (1, 4), "{:?}", reasons(&done));
    let told = reasons(&done);
    assert!(told.iter().any(|(_, reason)| reason.contains("已登记在他人名下")), "{told:?}");
    assert!(told.iter().any(|(_, reason)| reason.contains("不能早于")), "{told:?}");
    assert_eq!(officer::Entity::find().all(db.read()).await.unwrap().len(), 1);
}
