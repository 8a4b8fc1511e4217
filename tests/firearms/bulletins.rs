//! The week in figures: drafted by a job once it is over, counted from the ledger, remarked on, issued once.

use chrono::NaiveDate;
use hufu::access::Role;
use hufu::db::DbError;
use hufu::firearms::alarms;
use hufu::firearms::bulletins::entity::bulletin;
use hufu::firearms::bulletins::facts::Facts;
use hufu::firearms::bulletins::paper::{Paper, total};
use hufu::firearms::bulletins::service::{self as bulletins, State};
use hufu::firearms::bulletins::store;
use hufu::firearms::inspections::checklist::CHECKLISTS;
use hufu::firearms::inspections::model::{Kind, Outcome};
use hufu::firearms::inspections::service::{self as inspections, Answers, NewInspection};
use hufu::firearms::model::StoreKind;
use hufu::kernel::Timestamp;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};

use super::inspections::with_account;
use super::post::{GUNS, Post, back, said};
use super::support::{DAY, MINUTE};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A week from Monday the second of November: a draw that came back late, one inspection with a failed check.
async fn week() -> Post {
    let post = Post::stocked(2, 2).await;
    let inspector = with_account(&post, (2, 2), Role::PublicOrder, None).await;
    let db = &post.office.db;
    post.office.clock.set(Timestamp::start_of_day(day("2026-11-02")));
    let draw = post.out(0, "A0001").await;
    post.office.clock.set(Timestamp(draw.due_at.0 + 10 * MINUTE));
    alarms::mark(db, &post.office.ctx).await.unwrap();
    post.take_in(&draw.number, "A0001", back(15)).await.unwrap();
    let new = NewInspection { armoury: GUNS.to_owned(), kind: Kind::Daily, occasion: String::new() };
    let row = inspections::open(db, &inspector.ctx, &new).await.unwrap();
    let fails = |code: &str| if code == "video" { (Outcome::Fail, "花屏") } else { (Outcome::Pass, "") };
    let checks = CHECKLISTS[0].asked(Kind::Daily, StoreKind::Gun);
    let checks = checks.map(|check| (check.code.to_owned(), fails(check.code).0, fails(check.code).1.to_owned()));
    let answers = Answers { checks: checks.collect(), ..Answers::default() };
    inspections::answer(db, &inspector.ctx, &row.number, None, &answers).await.unwrap();
    inspections::sign(db, &inspector, &[row.number]).await.unwrap();
    post
}

#[tokio::test]
async fn a_week_is_drafted_once_it_is_over_from_what_happened_in_it() {
    let post = week().await;
    let (db, brigade) = (&post.office.db, post.brigade());
    let early = bulletins::draft(db, &brigade, day("2026-11-04")).await;
    assert!(said(early).contains("尚未结束"));
    post.office.clock.set(Timestamp::start_of_day(day("2026-11-09")));
    let number = bulletins::draft_last(db, &post.office.ctx).await.unwrap().unwrap();
    assert_eq!(bulletins::draft_last(db, &post.office.ctx).await.unwrap(), None, "once a week");
    assert!(said(bulletins::draft(db, &brigade, day("2026-11-08")).await).contains("已有通报"));
    let row = store::one(db.read(), &brigade, &number).await.unwrap();
    assert_eq!((row.from_day, row.until_day, row.state), (day("2026-11-02"), day("2026-11-08"), State::Draft));
    let lines = store::lines(db.read(), row.id).await.unwrap();
    assert_eq!(lines.len(), 1, "a line a unit with armouries");
    let facts = lines[0].facts();
    let expected = Facts {
        stores: 2,
        draws: 1,
        overdue: 1,
        handovers: 0,
        handovers_missed: 7,
        inspections: 1,
        inspections_missing: 13,
        checks_failed: 1,
        ..Facts::default()
    };
    let compared = Facts { alarms: 0, findings_opened: 0, findings_closed: 0, findings_open: 0, ..facts };
    assert_eq!(compared, expected);
    // The gun overdue, the shift without a recount, the failed check.
    assert_eq!((facts.alarms, facts.findings_opened, facts.findings_closed, facts.findings_open), (2, 3, 0, 3));
    assert_eq!(total(&lines), facts);
    assert!(facts.is_troubled());
    // What happens later is not of that week.
    post.out(1, "A0002").await;
    let again = bulletins::refresh(db, &brigade, &number, Some(row.version)).await.unwrap();
    assert_eq!(store::lines(db.read(), row.id).await.unwrap()[0].facts(), facts);
    assert!(bulletins::refresh(db, &brigade, &number, Some(row.version)).await.is_err(), "meanwhile it moved on");
    let bytes = Paper::read(db.read(), again, brigade.now()).await.unwrap().bytes().unwrap();
    assert!(bytes.starts_with(b"%PDF-"));
}

#[tokio::test]
async fn a_draft_is_the_brigades_and_what_is_issued_stands_and_is_everybodys() {
    let post = week().await;
    let (db, brigade) = (&post.office.db, post.brigade());
    post.office.clock.set(Timestamp(Timestamp::start_of_day(day("2026-11-09")).0 + DAY));
    let number = bulletins::draft_last(db, &post.office.ctx).await.unwrap().unwrap();
    assert!(store::list(db.read(), &post.armourer(0), 10).await.unwrap().is_empty());
    assert!(said(store::one(db.read(), &post.armourer(0), &number).await).contains("没有这期通报"));
    assert!(said(bulletins::remark(db, &post.armourer(0), &number, None, "无").await).contains("权限"));
    assert!(said(bulletins::issue(db, &post.head(0), &number, None).await).contains("权限"));
    assert!(said(bulletins::remark(db, &brigade, &number, None, &"长".repeat(4_001)).await).contains("4"));
    bulletins::remark(db, &brigade, &number, None, "各单位立即修复监控").await.unwrap();
    assert!(said(bulletins::issue(db, &post.office.ctx, &number, None).await).contains("本人"));
    let issued = bulletins::issue(db, &brigade, &number, None).await.unwrap();
    assert_eq!((issued.state, issued.remark.as_str()), (State::Issued, "各单位立即修复监控"));
    for refused in [
        bulletins::issue(db, &brigade, &number, None).await,
        bulletins::refresh(db, &brigade, &number, None).await,
        bulletins::remark(db, &brigade, &number, None, "改").await,
    ] {
        assert!(said(refused).contains("已下发"));
    }
    assert_eq!(store::list(db.read(), &post.armourer(1), 10).await.unwrap().len(), 1);
    // The schema: one a week, and nothing is issued by nobody.
    for (from, issued_by, rule) in
        [(issued.from_day, issued.issued_by.as_str(), "from_day"), (day("2026-11-16"), "", "issued_at")]
    {
        let other = bulletin::Model {
            id: post.office.ctx.new_id(),
            number: "TB-X".to_owned(),
            from_day: from,
            until_day: day("2026-11-22"),
            issued_by: issued_by.to_owned(),
            ..issued.clone()
        };
        let put = db.write(async |tx| {
            other.clone().into_active_model().insert(tx).await?;
            Ok::<_, DbError>(())
        });
        assert!(matches!(put.await, Err(DbError::Constraint { field, .. }) if field == rule), "{rule}");
    }
    assert_eq!(bulletin::Entity::find().all(db.read()).await.unwrap().len(), 1);
}
