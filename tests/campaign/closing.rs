//! How a campaign ends, and what lives on: frozen lines, and a case for each missing thing.

use calamine::{Reader as _, Xlsx, open_workbook};
use hufu::items::model::ItemState;
use hufu::items::service::{Change, change};
use hufu::kernel::Quantity;
use hufu::stocktake::counting::{self, Which};
use hufu::stocktake::missing::carry_over;
use hufu::stocktake::model::{MissingState, Refusal};
use hufu::stocktake::outcome::Outcome;
use hufu::stocktake::publish;
use hufu::stocktake::verdict::{Flags, Verdict};

use super::desk::{Desk, refusal, verdict};
use super::support::{DAY, badge};

#[tokio::test]
async fn it_ends_with_every_sheet_confirmed_or_with_a_reason() {
    let desk = Desk::new().await;
    desk.open("T").await;
    desk.submit("T", 0).await.unwrap();
    desk.confirm("T", 0, (0, 0)).await.unwrap();
    for reason in [None, Some(""), Some("　 ")] {
        assert_eq!(refusal(desk.close("T", reason).await), Refusal::SheetsOpen(1, "第1大队".to_owned()));
    }
    desk.submit("T", 1).await.unwrap();
    assert_eq!(refusal(desk.close("T", None).await), Refusal::SheetsOpen(1, "第1大队".to_owned()));
    desk.confirm("T", 1, (1, 0)).await.unwrap();
    desk.close("T", None).await.unwrap();
    desk.open("U").await;
    let ended = desk.close("U", Some("先出阶段性报告")).await.unwrap();
    assert_eq!(verdict(&ended, "A-0"), (Verdict::Pending, Flags::NONE), "what no sheet says is missing is not");
    assert_eq!(desk.cases().await.len(), 3, "and opens no second case");
}

#[tokio::test]
async fn what_is_closed_takes_nothing_more() {
    let desk = Desk::new().await;
    desk.open("T").await;
    let scan = desk.scan("T", "A-0", (0, 0), &badge(0, 1)).await;
    desk.close("T", Some("演练")).await.unwrap();
    let (db, ctx) = (&desk.office.db, &desk.office.ctx);
    let refused = [
        refusal(desk.try_scan("T", "A-1", desk.office.places[0][0], &badge(0, 1)).await),
        refusal(counting::undo(db, ctx, "T", &Which::Id(scan)).await),
        refusal(desk.submit("T", 0).await),
        refusal(desk.recount("T", 0, (0, 3)).await),
        refusal(desk.close("T", Some("演练")).await),
    ];
    for refusal in refused {
        assert!(matches!(refusal, Refusal::Campaign { .. }), "{refusal}");
    }
    assert!(desk.confirm("T", 0, (0, 0)).await.is_err());
}

/// Every cell of every page of the report's workbook.
fn workbook(desk: &Desk, outcome: &Outcome) -> Vec<(String, Vec<Vec<String>>)> {
    let dir = tempfile::tempdir_in(desk.office.dir.path()).unwrap();
    publish::write(outcome, &publish::Ledger::default(), "分局", outcome.campaign.closed_at.unwrap(), dir.path())
        .unwrap();
    let mut book: Xlsx<_> = open_workbook(dir.path().join("report.xlsx")).unwrap();
    let text = |(name, page): (String, calamine::Range<calamine::Data>)| {
        (name, page.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect())
    };
    book.worksheets().into_iter().map(text).collect()
}

#[tokio::test]
async fn a_closed_report_stays_as_it_was_whatever_the_book_becomes() {
    let desk = Desk::new().await;
    let make = async |number: &str, made: Change| {
        desk.office.clock.advance_ms(DAY);
        change(&desk.office.db, &desk.office.ctx, number, &made, "变动").await.unwrap();
    };
    let state = |state: ItemState| Change { state: Some(state), ..Change::default() };
    make("A-2", state(ItemState::PendingDisposal)).await;
    desk.open("T").await;
    desk.scan("T", "A-0", (0, 1), &badge(0, 1)).await;
    desk.scan("T", "A-2", (1, 0), &badge(1, 1)).await;
    desk.scan("T", "不认识", (1, 0), &badge(1, 1)).await;
    let closed = desk.finish("T").await;
    let report = workbook(&desk, &closed);
    assert!(report.iter().any(|(name, rows)| name == "待报废" && rows.concat().contains(&"A-2".to_owned())));
    assert_eq!(workbook(&desk, &desk.outcome("T").await), report, "read back");
    make("A-0", Change { place: Some(Some(desk.office.places[0][1])), ..Change::default() }).await;
    make("A-0", state(ItemState::PendingDisposal)).await;
    make("A-1", Change { excused_by: Some(Some("借条".to_owned())), quantity: Some(Quantity(5)), ..Change::default() })
        .await;
    make("A-2", Change { unit: Some(desk.office.units[2]), keeper: Some(None), ..Change::default() }).await;
    make("A-2", state(ItemState::Disposed)).await;
    assert_eq!(workbook(&desk, &desk.outcome("T").await), report);
}

#[tokio::test]
async fn a_missing_thing_is_sought_until_it_is_found() {
    let desk = Desk::new().await;
    desk.open("2026").await;
    desk.scan("2026", "A-0", (0, 0), &badge(0, 1)).await;
    desk.scan("2026", "A-2", (1, 0), &badge(1, 1)).await;
    let first = desk.finish("2026").await;
    assert_eq!(verdict(&first, "A-1"), (Verdict::Missing, Flags::NONE));
    let cases = desk.cases().await;
    assert_eq!(cases.len(), 1);
    let opened = &cases[0];
    assert_eq!((opened.item_id, opened.campaign_id), (desk.things[1].id, Some(first.campaign.id)));
    assert_eq!((opened.list_year, opened.state), (2026, MissingState::Searching));

    desk.a_year_later("2027").await;
    desk.scan("2027", "A-0", (0, 0), &badge(0, 1)).await;
    desk.scan("2027", "A-2", (1, 0), &badge(1, 1)).await;
    let second = desk.finish("2027").await;
    assert_eq!(verdict(&second, "A-1"), (Verdict::Missing, Flags::NONE));
    assert_eq!(desk.cases().await, cases, "carried, not doubled");

    desk.a_year_later("2028").await;
    desk.scan("2028", "A-1", (1, 0), &badge(1, 1)).await;
    assert_eq!(verdict(&desk.outcome("2028").await, "A-1"), (Verdict::Misplaced, Flags::RECOVERED));
    let third = desk.finish("2028").await;
    assert_eq!(verdict(&third, "A-1"), (Verdict::Misplaced, Flags::RECOVERED));
    assert_eq!(verdict(&desk.outcome("2028").await, "A-1"), (Verdict::Misplaced, Flags::RECOVERED), "read back");
    let cases = desk.cases().await;
    assert_eq!((cases[0].state, cases[0].open_of), (MissingState::Found, None));
    assert_eq!((cases[0].found_in, cases[0].found_at), (Some(third.campaign.id), Some(desk.now())));
    let new: Vec<_> = cases[1..].iter().map(|case| (case.item_id, case.list_year, case.state)).collect();
    let lost = |thing: usize| (desk.things[thing].id, 2028, MissingState::Searching);
    assert_eq!(new.len(), 2);
    assert!(new.contains(&lost(0)) && new.contains(&lost(2)), "{new:?}");

    desk.a_year_later("2029").await;
    let fourth = desk.finish("2029").await;
    assert_eq!(verdict(&fourth, "A-1"), (Verdict::Missing, Flags::NONE));
    let again = desk.cases().await.pop().unwrap();
    assert_eq!((again.item_id, again.list_year, again.state), (desk.things[1].id, 2029, MissingState::Searching));
    assert_eq!(desk.cases().await.len(), 4, "lost again, it is a new case");
}

#[tokio::test]
async fn a_list_on_paper_is_taken_over_once() {
    let desk = Desk::new().await;
    let [one, two, _] = [0, 1, 2].map(|n| desk.things[n].id);
    let carry =
        async |year: i64, things: &[_]| carry_over(&desk.office.db, &desk.office.ctx, year, things).await.unwrap();
    assert_eq!(carry(2024, &[one, one]).await, 1);
    assert_eq!(carry(2025, &[one, two]).await, 1);
    let years: Vec<_> = desk.cases().await.iter().map(|case| (case.item_id, case.list_year)).collect();
    assert!(years.len() == 2 && years.contains(&(one, 2024)) && years.contains(&(two, 2025)), "{years:?}");
    desk.open("T").await;
    desk.scan("T", "A-0", (0, 0), &badge(0, 1)).await;
    desk.scan("T", "A-2", (1, 0), &badge(1, 1)).await;
    let closed = desk.finish("T").await;
    assert_eq!(verdict(&closed, "A-0"), (Verdict::Matched, Flags::RECOVERED));
    assert_eq!(verdict(&closed, "A-1"), (Verdict::Missing, Flags::NONE));
    assert_eq!(desk.cases().await.len(), 2, "the one of 2025 is sought on");
}

#[tokio::test]
async fn what_is_written_after_the_sheet_was_handed_in_explains_nothing() {
    let changes = [
        Change { quantity: Some(Quantity(0)), ..Change::default() },
        Change { state: Some(ItemState::OnLoan), ..Change::default() },
        Change { state: Some(ItemState::WrittenOff), ..Change::default() },
        Change { excused_by: Some(Some("借条".to_owned())), ..Change::default() },
    ];
    for (n, made) in changes.iter().enumerate() {
        let desk = Desk::new().await;
        desk.open("T").await;
        desk.scan("T", "A-0", (0, 0), &badge(0, 1)).await;
        let (db, ctx) = (&desk.office.db, &desk.office.ctx);
        // Before the sheet is in, a paper explains; after it, none does.
        desk.office.clock.advance_ms(1000);
        let loan = Change { state: Some(ItemState::OnLoan), ..Change::default() };
        change(db, ctx, "A-2", &loan, "借出").await.unwrap();
        desk.office.clock.advance_ms(1000);
        desk.submit("T", 0).await.unwrap();
        desk.submit("T", 1).await.unwrap();
        desk.office.clock.advance_ms(1000);
        change(db, ctx, "A-1", made, "补记").await.unwrap();
        let outcome = desk.outcome("T").await;
        assert_eq!(verdict(&outcome, "A-1"), (Verdict::Missing, Flags::MOVED_DURING_COUNT), "change {n}");
        assert_eq!(verdict(&outcome, "A-2"), (Verdict::Excused, Flags::MOVED_DURING_COUNT));
        desk.confirm("T", 0, (0, 0)).await.unwrap();
        desk.confirm("T", 1, (1, 0)).await.unwrap();
        desk.close("T", None).await.unwrap();
        assert_eq!(desk.cases().await.len(), 1, "and it is sought");
    }
}
