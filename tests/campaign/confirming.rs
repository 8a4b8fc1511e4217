//! Nobody confirms what they counted, handed in or keep; a recount goes to somebody else.

use hufu::db::DbError;
use hufu::documents::ColumnMap;
use hufu::imports::{self, Request, What};
use hufu::kernel::Actor;
use hufu::kernel::rights::Scope as Rights;
use hufu::stocktake::StocktakeError;
use hufu::stocktake::campaign;
use hufu::stocktake::counting::{self, Answer, Which};
use hufu::stocktake::model::{CampaignState, Refusal};
use hufu::stocktake::recounting;
use hufu::stocktake::verdict::{Flags, Verdict};

use super::desk::{Desk, refusal, verdict};
use super::support::badge;

const MANAGER: (usize, usize) = (0, 1);
const KEEPER: (usize, usize) = (0, 2);
const MEMBER: (usize, usize) = (0, 3);

#[tokio::test]
async fn the_head_confirms_and_nobody_else() {
    let desk = Desk::new().await;
    desk.open("T").await;
    desk.scan("T", "A-0", (0, 0), "人员03").await;
    desk.scan("T", "A-1", (0, 1), &badge(1, 3)).await;
    assert!(matches!(refusal(desk.confirm("T", 0, (0, 0)).await), Refusal::Sheet { .. }), "nothing is handed in yet");
    desk.submit("T", 0).await.unwrap();
    for (who, why) in [
        (MANAGER, Refusal::OwnCount("人员01".to_owned())),
        (MEMBER, Refusal::OwnCount("人员03".to_owned())),
        ((1, 3), Refusal::OwnCount("人员13".to_owned())),
        (KEEPER, Refusal::KeeperConfirms("人员02".to_owned())),
        ((1, 0), Refusal::NotTheHead("人员10".to_owned())),
    ] {
        assert_eq!(refusal(desk.confirm("T", 0, who).await), why);
    }
    desk.confirm("T", 0, (0, 0)).await.unwrap();
    assert!(matches!(refusal(desk.confirm("T", 0, (0, 0)).await), Refusal::Sheet { .. }));
    assert_eq!(desk.state("T").await, CampaignState::Counting, "the other unit still counts");
}

#[tokio::test]
async fn a_head_who_counted_does_not_confirm_even_when_it_was_undone() {
    let desk = Desk::new().await;
    desk.open("T").await;
    let scan = desk.scan("T", "A-0", (0, 0), &badge(0, 0)).await;
    counting::undo(&desk.office.db, &desk.office.ctx, "T", &Which::Id(scan)).await.unwrap();
    desk.scan("T", "A-0", (0, 0), &badge(0, 1)).await;
    desk.submit("T", 0).await.unwrap();
    assert_eq!(refusal(desk.confirm("T", 0, (0, 0)).await), Refusal::OwnCount("人员00".to_owned()));
}

#[tokio::test]
async fn whoever_brought_the_counts_in_as_a_file_does_not_confirm_them() {
    let desk = Desk::new().await;
    desk.open("T").await;
    let path = desk.office.dir.path().join("count.csv");
    std::fs::write(&path, "资产编号,盘点地点\nA-0,R00\n").unwrap();
    let what = What::Counts { campaign: "T".to_owned(), counter: "人员03".to_owned() };
    let request = Request { path: &path, map: ColumnMap::default(), dry_run: false, what };
    let head = desk.office.ctx.acting_as(Actor::Person(desk.office.people[0][0]), Rights::Everything);
    let report = imports::run(&desk.office.db, &head, &request).await.unwrap();
    assert_eq!((report.taken, report.rejects.len()), (1, 0));
    desk.scan("T", "A-2", (1, 0), &badge(1, 1)).await;
    for unit in 0..2 {
        desk.submit("T", unit).await.unwrap();
    }
    assert_eq!(refusal(desk.confirm("T", 0, (0, 0)).await), Refusal::OwnCount("人员00".to_owned()));
    desk.confirm("T", 1, (1, 0)).await.unwrap();
}

#[tokio::test]
async fn what_is_handed_in_is_handed_in() {
    let desk = Desk::new().await;
    desk.open("T").await;
    let scan = desk.scan("T", "A-0", (0, 0), &badge(0, 1)).await;
    assert_eq!(verdict(&desk.outcome("T").await, "A-1"), (Verdict::Pending, Flags::NONE));
    desk.submit("T", 0).await.unwrap();
    assert!(matches!(refusal(desk.submit("T", 0).await), Refusal::Sheet { .. }));
    let found = desk.outcome("T").await;
    assert_eq!(verdict(&found, "A-0"), (Verdict::Matched, Flags::NONE));
    assert_eq!(verdict(&found, "A-1"), (Verdict::Missing, Flags::NONE));
    assert_eq!(verdict(&found, "A-2"), (Verdict::Pending, Flags::NONE));
    let (_, late) = desk.try_scan("T", "A-1", desk.office.places[0][0], &badge(0, 1)).await.unwrap();
    assert!(matches!(late, Answer::Refused { .. }), "{late:?}");
    let undone = counting::undo(&desk.office.db, &desk.office.ctx, "T", &Which::Id(scan)).await;
    assert!(matches!(refusal(undone), Refusal::Sheet { .. }));
    // In a room of a unit that still counts it may be seen: then it is there.
    desk.scan("T", "A-1", (1, 0), &badge(1, 1)).await;
    assert_eq!(verdict(&desk.outcome("T").await, "A-1"), (Verdict::Misplaced, Flags::NONE));
    let outside = campaign::submit(&desk.office.db, &desk.office.ctx, "T", desk.office.units[2], None).await;
    assert!(outside.is_err());
}

/// What somebody would have to hand over before they leave.
async fn owes(desk: &Desk, who: (usize, usize)) -> String {
    let person = desk.office.people[who.0][who.1];
    let asked = desk.office.db.write(async |tx| {
        let mut open = Vec::new();
        for check in hufu::handover::CHECKS {
            open.extend(check(tx, person).await?);
        }
        Ok::<_, DbError>(open.join("；"))
    });
    asked.await.unwrap()
}

#[tokio::test]
async fn a_recount_goes_to_somebody_else_and_opens_the_sheet_again() {
    let desk = Desk::new().await;
    desk.open("T").await;
    desk.scan("T", "A-0", (0, 1), &badge(0, 1)).await;
    desk.scan("T", "A-1", (0, 0), &badge(0, 1)).await;
    for unit in [0, 1] {
        desk.submit("T", unit).await.unwrap();
    }
    assert_eq!(desk.state("T").await, CampaignState::Reviewing);
    desk.confirm("T", 0, (0, 0)).await.unwrap();
    assert_eq!(refusal(desk.recount("T", 0, MANAGER).await), Refusal::SameCounter("人员01".to_owned()));
    assert_eq!(verdict(&desk.outcome("T").await, "A-0"), (Verdict::Misplaced, Flags::NONE));
    assert_eq!(desk.recount("T", 0, MEMBER).await.unwrap(), 1);
    assert!(owes(&desk, MEMBER).await.contains("复盘任务 1 项"));
    assert_eq!(desk.state("T").await, CampaignState::Counting);
    let found = desk.outcome("T").await;
    assert_eq!(verdict(&found, "A-0"), (Verdict::Pending, Flags::NONE), "the first count speaks no more");
    assert_eq!(verdict(&found, "A-1"), (Verdict::Matched, Flags::NONE), "of the others it does");
    let again = desk.scan("T", "A-0", (0, 0), &badge(0, 3)).await;
    assert!(!owes(&desk, MEMBER).await.contains("复盘任务"), "done");
    counting::undo(&desk.office.db, &desk.office.ctx, "T", &Which::Id(again)).await.unwrap();
    assert!(owes(&desk, MEMBER).await.contains("复盘任务 1 项"), "undone");
    desk.scan("T", "A-0", (0, 0), &badge(0, 3)).await;
    assert_eq!(verdict(&desk.outcome("T").await, "A-0"), (Verdict::Matched, Flags::NONE));
    desk.submit("T", 0).await.unwrap();
    assert_eq!(desk.state("T").await, CampaignState::Reviewing);
    assert_eq!(refusal(desk.confirm("T", 0, MEMBER).await), Refusal::OwnCount("人员03".to_owned()));
    desk.confirm("T", 0, (0, 0)).await.unwrap();
}

/// Between what the head saw and what the head signs somebody may hand the sheet in anew.
#[tokio::test]
async fn a_sheet_that_became_another_is_not_signed() {
    let desk = Desk::new().await;
    desk.open("T").await;
    let (db, ctx, unit) = (&desk.office.db, &desk.office.ctx, desk.office.units[0]);
    let (manager, head) = (desk.office.people[0][1], desk.office.people[0][0]);
    let stale = campaign::submit_version(db, ctx, "T", unit, Some(manager), Some(2)).await;
    assert!(matches!(stale, Err(StocktakeError::Db(DbError::Stale))), "{stale:?}");
    let seen = campaign::submit_version(db, ctx, "T", unit, Some(manager), Some(1)).await.unwrap().version;
    desk.recount("T", 0, MEMBER).await.unwrap();
    desk.submit("T", 0).await.unwrap();
    let stale = campaign::confirm_version(db, ctx, "T", unit, head, None, Some(seen)).await;
    assert!(matches!(stale, Err(StocktakeError::Db(DbError::Stale))), "{stale:?}");
    campaign::confirm_version(db, ctx, "T", unit, head, None, Some(seen + 2)).await.unwrap();
}

/// By whatever door it is asked for: these rules are the service's.
#[tokio::test]
async fn a_recount_says_why_of_what_and_by_whom() {
    let desk = Desk::new().await;
    desk.open("T").await;
    let (db, ctx, thing) = (&desk.office.db, &desk.office.ctx, desk.things[0].id);
    let (many, long) = ((0..501).map(|_| ctx.new_id()).collect::<Vec<_>>(), "长".repeat(501));
    let nobody = ctx.new_id();
    for (things, assignee, reason, expected) in [
        (vec![thing], None, " ", "reason"),
        (vec![thing], None, long.as_str(), "reason"),
        (Vec::new(), None, "复盘", "items"),
        (many, None, "复盘", "items"),
        (vec![thing], Some(nobody), "复盘", "assignee"),
    ] {
        let refused = recounting::open(db, ctx, "T", &things, assignee, reason).await;
        assert!(matches!(refused, Err(StocktakeError::Field { field, .. }) if field == expected), "{refused:?}");
    }
    assert_eq!(recounting::open(db, ctx, "T", &[thing, thing], None, "复盘").await.unwrap(), 1, "each thing once");
    let confirmed = campaign::confirm(db, ctx, "T", desk.office.units[0], desk.office.people[0][0], Some(&long)).await;
    assert!(matches!(confirmed, Err(StocktakeError::Field { field: "reason", .. })), "{confirmed:?}");
}
