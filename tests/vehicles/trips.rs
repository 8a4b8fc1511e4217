//! The book of a car: who may leave with it, what its lines say, how a month is handed in; and what is refused, with its
//! sentence.

use hufu::findings::entity::finding;
use hufu::findings::model::State as Found;
use hufu::findings::rules::Kind as FindingKind;
use hufu::handover;
use hufu::items::model::ItemState;
use hufu::items::service::{Change, change};
use hufu::kernel::{Ctx, Timestamp};
use hufu::vehicles::VehicleError;
use hufu::vehicles::model::LicenceClass;
use hufu::vehicles::readings::{self, NewReading};
use hufu::vehicles::reminders;
use hufu::vehicles::service::{self as cars, Facts};
use hufu::vehicles::trips::entity::trip;
use hufu::vehicles::trips::model::{Deed, State, SubmissionState};
use hufu::vehicles::trips::months::{self, Figures};
use hufu::vehicles::trips::paper::Book;
use hufu::vehicles::trips::past::{self, PastTrip};
use hufu::vehicles::trips::service::{self as trips, Back, Departure, NewTrip};
use hufu::vehicles::trips::store::{self, Wanted};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::park::{PLATES, Park, at, day, said};
use super::support::{DAY, MINUTE};

async fn found(park: &Park, kind: FindingKind) -> Vec<finding::Model> {
    finding::Entity::find().filter(finding::Column::Kind.eq(kind)).all(park.office.db.read()).await.unwrap()
}

#[tokio::test]
async fn a_trip_takes_the_head_and_is_written_from_door_to_door() {
    let park = Park::new().await;
    let driver = park.driver(0, 2);
    let row = park.ask(&driver, 0).await.unwrap();
    assert_eq!((row.number.as_str(), row.state), ("YC-2026-0001", State::Asked));
    assert!(said(park.depart(&driver, &row, 10_000).await).contains("批准后方可出车"));
    park.decide(row.approval_id.unwrap(), true).await.unwrap();
    let shown = store::one(park.office.db.read(), &driver, &row.number).await.unwrap();
    assert_eq!((shown.row.state, shown.state), (State::Asked, State::Approved), "nobody has written it down yet");
    let wanted = Wanted { state: Some(State::Approved), ..Wanted::default() };
    assert_eq!(store::list(park.office.db.read(), &driver, &wanted, 9).await.unwrap().len(), 1);
    park.office.clock.advance_ms(MINUTE);
    let out = park.depart(&driver, &row, 10_000).await.unwrap();
    assert_eq!((out.state, out.driver_id, out.gap_km), (State::Out, driver.person(), None));
    assert_eq!(out.approved_by, Some(park.person(0, 0)), "the book has who said yes");
    assert_eq!(out.month.as_deref(), Some("2026-11"));
    assert_eq!(park.car(0).await.item.excused_by.as_deref(), Some("出车 YC-2026-0001"));
    let owed = handover::still_open(&park.office.db, park.person(0, 2)).await.unwrap();
    assert!(owed.contains(&"未还车 1 次：YC-2026-0001".to_owned()), "nobody leaves with a car out: {owed:?}");
    assert!(said(park.come_back(&driver, &row, 9_999).await).contains("少于出车里程 10000"));
    assert!(said(park.come_back(&driver, &row, 14_000).await).contains("超过 3000 公里"));
    park.office.clock.advance_ms(MINUTE);
    let back = park.come_back(&driver, &row, 10_042).await.unwrap();
    assert_eq!((back.state, back.km()), (State::Returned, Some(42)));
    let car = park.car(0).await;
    assert_eq!((car.vehicle.odometer_km, car.item.excused_by), (10_042, None));
    assert!(said(park.come_back(&driver, &row, 10_050).await).contains("待核对"));
}

/// Who wrote the trip down in which state, and each deed that is tried: what the table of the model says holds in the
/// database.
#[tokio::test]
async fn every_state_and_every_deed() {
    for target in State::ALL {
        for deed in [Deed::Withdraw, Deed::Depart, Deed::Return, Deed::Check, Deed::Question, Deed::Explain] {
            let park = Park::new().await;
            let row = reach(&park, *target).await;
            assert_eq!(park.trip(&row.number).await.state, *target);
            let expected = target.after(deed);
            let outcome = attempt(&park, &row, deed).await;
            assert_eq!(outcome.is_ok(), expected.is_ok(), "{target:?} {deed:?}: {outcome:?}");
            let stands = park.trip(&row.number).await.state;
            assert_eq!(stands, expected.unwrap_or(*target), "{target:?} {deed:?}");
        }
    }
}

/// A trip in this state, written down so.
async fn reach(park: &Park, target: State) -> trip::Model {
    let driver = park.driver(0, 2);
    match target {
        State::Asked => return park.ask(&driver, 0).await.unwrap(),
        State::Refused | State::Approved => {
            let row = park.ask(&driver, 0).await.unwrap();
            park.decide(row.approval_id.unwrap(), target == State::Approved).await.unwrap();
            let state = store::one(park.office.db.read(), &driver, &row.number).await.unwrap().state;
            assert_eq!(state, target);
            write_down(park, &row, target).await;
            return row;
        }
        State::Withdrawn => {
            let row = park.ask(&driver, 0).await.unwrap();
            return trips::withdraw(&park.office.db, &driver, &row.number, None, "改期").await.unwrap();
        }
        State::Out => {
            let row = park.approved(0).await;
            return park.depart(&driver, &row, 10_000).await.unwrap();
        }
        _ => {}
    }
    let row = park.drive(0, 10).await;
    if target == State::Returned {
        return row;
    }
    park.check(&park.manager(0), &row).await.unwrap();
    if target == State::Checked {
        return row;
    }
    park.stand_at("2026-12-03 09:00");
    let (db, unit) = (&park.office.db, park.office.units[0]);
    months::submit(db, &park.manager(0), unit, "2026-11", "").await.unwrap();
    if matches!(target, State::Questioned | State::Explained) {
        months::question(db, &park.centre(), &row.number, None, "目的地与里程不符").await.unwrap();
    }
    if target == State::Explained {
        months::explain(db, &park.manager(0), &row.number, None, "绕行送件").await.unwrap();
    }
    if target == State::Accepted {
        months::accept(db, &park.centre(), unit, "2026-11", None).await.unwrap();
    }
    row
}

/// What a chain said is written when the trip is next touched; here, at once.
async fn write_down(park: &Park, row: &trip::Model, state: State) {
    use sea_orm::ActiveValue::Set;
    let mut active = trip::ActiveModel { state: Set(state), ..Default::default() };
    if state == State::Approved {
        active.approved_by = Set(Some(park.person(0, 0)));
    }
    let done = park.office.db.write(async |tx| {
        let update = trip::Entity::update_many().set(active.clone()).filter(trip::Column::Id.eq(row.id));
        update.exec(tx).await.map_err(VehicleError::from)
    });
    assert_eq!(done.await.unwrap().rows_affected, 1);
}

async fn attempt(park: &Park, row: &trip::Model, deed: Deed) -> Result<trip::Model, VehicleError> {
    let (db, number, km) = (&park.office.db, row.number.as_str(), park.car(0).await.vehicle.odometer_km);
    let (driver, manager, centre) = (park.driver(0, 2), park.manager(0), park.centre());
    match deed {
        Deed::Withdraw => trips::withdraw(db, &driver, number, None, "改期").await,
        Deed::Depart => trips::depart(db, &driver, number, None, &at(km), None).await,
        Deed::Return => park.come_back(&driver, row, km + 5).await,
        Deed::Check => park.check(&manager, row).await,
        Deed::Question => months::question(db, &centre, number, None, "请说明").await,
        Deed::Explain => months::explain(db, &manager, number, None, "已核实").await,
        other => panic!("{other:?} is tried elsewhere"),
    }
}

#[tokio::test]
async fn what_may_not_leave_stays() {
    let park = Park::new().await;
    let (office, driver) = (&park.office, park.driver(0, 2));
    let p = &park;
    let wish = |wish: NewTrip| async move { said(trips::ask(&p.office.db, &p.driver(0, 2), &wish).await) };
    for (new, sentence) in [
        (NewTrip { purpose: " ".into(), ..park.wish(0) }, "请写明用车事由"),
        (NewTrip { destination: String::new(), ..park.wish(0) }, "请写明目的地"),
        (NewTrip { purpose: "\u{0}".into(), ..park.wish(0) }, "控制字符"),
        (NewTrip { purpose: "长".repeat(501), ..park.wish(0) }, "最多 500"),
        (NewTrip { car: "粤T99999".into(), ..park.wish(0) }, "没有这辆车"),
        (NewTrip { car: PLATES[2].into(), ..park.wish(0) }, "没有这辆车"),
        (NewTrip { planned_until: Some(Timestamp(0)), ..park.wish(0) }, "预计还车时间已过"),
        (NewTrip { driver: Some(park.person(0, 0)), ..park.wish(0) }, "未登记驾驶证"),
    ] {
        let refused = wish(new).await;
        assert!(refused.contains(sentence), "{refused}");
    }
    // A driver whose licence lapsed, was taken away, or is not for this car.
    let row = park.approved(0).await;
    for (class, until, sentence) in
        [(LicenceClass::C1, Some(day("2026-10-31")), "到期"), (LicenceClass::E, None, "准驾车型")]
    {
        park.license(park.person(0, 2), class, until).await;
        let refused = said(park.depart(&driver, &row, 10_000).await);
        assert!(refused.contains(sentence), "{refused}");
    }
    park.license(park.person(0, 2), LicenceClass::C1, None).await;
    // A car that is stopped, in repair, scrapped, or whose papers lapsed.
    for state in [ItemState::Idle, ItemState::InRepair, ItemState::PendingDisposal] {
        let to = Change { state: Some(state), ..Change::default() };
        change(&office.db, &office.ctx, "CL-0", &to, "停用").await.unwrap();
        assert!(park.depart(&driver, &row, 10_000).await.is_err(), "{state}");
        let back = Change { state: Some(ItemState::InUse), ..Change::default() };
        change(&office.db, &office.ctx, "CL-0", &back, "恢复").await.unwrap();
    }
    for (inspected, compulsory, sentence) in
        [(Some(day("2026-10-31")), None, "年检已于"), (None, Some(day("2026-10-31")), "交强险已于")]
    {
        let now = Facts::from_row(&park.car(0).await.vehicle);
        let facts = Facts { inspected_until: inspected, compulsory_until: compulsory, ..now };
        cars::change(&office.db, &park.manager(0), PLATES[0], None, &facts, "登记日期").await.unwrap();
        let refused = said(park.depart(&driver, &row, 10_000).await);
        assert!(refused.contains(sentence), "{refused}");
    }
    let facts = Facts { compulsory_until: None, ..Facts::from_row(&park.car(0).await.vehicle) };
    cars::change(&office.db, &park.manager(0), PLATES[0], None, &facts, "更正").await.unwrap();
    // Times and odometers that cannot be.
    for (departure, sentence) in [
        (Departure { km: -1, ..Departure::default() }, "里程应为"),
        (Departure { km: 10_000_000, ..Departure::default() }, "里程应为"),
        (Departure { at: Some(Timestamp(office.ctx.now().0 + 1)), ..at(10_000) }, "不能晚于现在"),
        (Departure { at: Some(Timestamp(office.ctx.now().0 - DAY)), ..at(10_000) }, "早于批准时间"),
    ] {
        let refused = said(trips::depart(&office.db, &driver, &row.number, None, &departure, None).await);
        assert!(refused.contains(sentence), "{refused}");
    }
    assert!(park.depart(&park.driver(1, 2), &row, 10_000).await.is_err(), "another unit's car");
    assert!(park.depart(&park.head(0), &row, 10_000).await.is_err(), "a head does not write departures down");
    park.depart(&driver, &row, 10_000).await.unwrap();
}

#[tokio::test]
async fn one_car_and_one_driver_are_out_once() {
    let park = Park::new().await;
    let (first, second) = (park.driver(0, 2), park.driver(0, 3));
    let rows =
        [park.approved_for(&first, 0).await, park.approved_for(&second, 0).await, park.approved_for(&first, 1).await];
    park.depart(&first, &rows[0], 10_000).await.unwrap();
    let refused = said(park.depart(&second, &rows[1], 10_000).await);
    assert!(refused.contains("已由 人员02"), "{refused}");
    let refused = said(park.depart(&first, &rows[2], 10_000).await);
    assert!(refused.contains("在外"), "{refused}");
    let by_second = Departure { driver: second.person(), ..at(10_000) };
    trips::depart(&park.office.db, &first, &rows[2].number, None, &by_second, None).await.unwrap();
    park.come_back(&first, &rows[0], 10_010).await.unwrap();
    assert!(park.depart(&second, &rows[1], 10_010).await.is_err(), "the second driver is out with the other car");
    park.come_back(&second, &rows[2], 10_005).await.unwrap();
    park.depart(&second, &rows[1], 10_010).await.unwrap();
}

/// Two that take the same car at the same moment, and one who takes two: one wins, on either engine.
#[tokio::test]
async fn of_two_departures_one_wins() {
    let park = Park::new().await;
    let (first, second) = (park.driver(0, 2), park.driver(0, 3));
    for round in 0..4 {
        let (one, other) = (park.approved_for(&first, 0).await, park.approved_for(&second, 0).await);
        let km = park.car(0).await.vehicle.odometer_km;
        let (a, b) = tokio::join!(park.depart(&first, &one, km), park.depart(&second, &other, km));
        assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1, "round {round}: {a:?} {b:?}");
        let (ctx, row) = if a.is_ok() { (&first, &one) } else { (&second, &other) };
        let lost = if a.is_ok() { said(b) } else { said(a) };
        assert!(lost.contains("已由"), "{lost}");
        park.come_back(ctx, row, km + 1).await.unwrap();
        let loser = if ctx.person() == first.person() { (&second, &other) } else { (&first, &one) };
        trips::withdraw(&park.office.db, loser.0, &loser.1.number, None, "不用了").await.unwrap();
    }
    let (one, other) = (park.approved_for(&first, 0).await, park.approved_for(&first, 1).await);
    let km = park.car(0).await.vehicle.odometer_km;
    let (a, b) = tokio::join!(park.depart(&first, &one, km), park.depart(&first, &other, 10_000));
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1, "{a:?} {b:?}");
}

#[tokio::test]
async fn what_cannot_wait_leaves_first_and_is_ratified() {
    let park = Park::new().await;
    let (db, driver) = (&park.office.db, park.driver(0, 2));
    let out = trips::depart_at_once(db, &driver, &park.wish(0), &at(10_000)).await.unwrap();
    assert!(out.urgent && out.state == State::Out && out.approved_by.is_none());
    park.decide(out.approval_id.unwrap(), true).await.unwrap();
    let back = park.come_back(&driver, &out, 10_020).await.unwrap();
    assert_eq!(back.approved_by, Some(park.person(0, 0)), "ratified: the book has who said yes");
    // One that was asked for and cannot wait for the answer.
    let asked = park.ask(&driver, 0).await.unwrap();
    let plain = trips::depart(db, &driver, &asked.number, None, &at(10_020), None).await;
    assert!(said(plain).contains("紧急出车"));
    let out = trips::depart(db, &driver, &asked.number, None, &at(10_020), Some("接警")).await.unwrap();
    assert!(out.urgent && out.state == State::Out);
    park.decide(out.approval_id.unwrap(), false).await.unwrap();
    assert_eq!(found(&park, FindingKind::UrgentNotRatified).await.len(), 1);
    let back = park.come_back(&driver, &out, 10_030).await.unwrap();
    assert_eq!((back.state, back.approved_by), (State::Returned, None), "the book keeps what was driven");
    // A refusal leaves nothing behind: neither number nor request.
    park.license(park.person(0, 3), LicenceClass::D, None).await;
    assert!(trips::depart_at_once(db, &park.driver(0, 3), &park.wish(0), &at(10_030)).await.is_err());
    assert_eq!(park.ask(&driver, 0).await.unwrap().number, "YC-2026-0003");
}

#[tokio::test]
async fn a_book_that_does_not_go_on_is_a_finding() {
    let park = Park::new().await;
    park.drive(0, 40).await;
    assert!(found(&park, FindingKind::OdometerGap).await.is_empty(), "the first trip has nothing to go on from");
    let (row, driver) = (park.approved(0).await, park.driver(0, 2));
    let out = park.depart(&driver, &row, 10_075).await.unwrap();
    assert_eq!(out.gap_km, Some(35));
    let gaps = found(&park, FindingKind::OdometerGap).await;
    assert_eq!(gaps.len(), 1);
    assert!(gaps[0].title.contains("+35 公里") && gaps[0].description.contains("10040"), "{}", gaps[0].description);
    park.office.clock.advance_ms(MINUTE);
    park.come_back(&driver, &row, 10_090).await.unwrap();
    park.office.clock.advance_ms(MINUTE);
    // A slip of the hand is refused; a small fall is written down and is a finding too.
    let next = park.approved(0).await;
    assert!(said(park.depart(&driver, &next, 100_900).await).contains("请核对"));
    let out = park.depart(&driver, &next, 10_080).await.unwrap();
    assert_eq!(out.gap_km, Some(-10));
    park.come_back(&driver, &next, 10_100).await.unwrap();
    // What was typed wrong is put right by the manager, and settles the finding.
    let figures = Figures { departed_km: Some(10_090), ..Figures::default() };
    let own = months::correct(&park.office.db, &park.manager(0), &next.number, None, &figures, "").await;
    assert!(said(own).contains("更正的原因"));
    let right = months::correct(&park.office.db, &park.manager(0), &next.number, None, &figures, "看错").await.unwrap();
    assert_eq!((right.gap_km, right.km()), (None, Some(10)));
    let gaps = found(&park, FindingKind::OdometerGap).await;
    assert_eq!(gaps.iter().filter(|row| row.state == Found::Explained).count(), 1);
}

#[tokio::test]
async fn the_next_line_goes_on_from_what_was_put_right() {
    let park = Park::new().await;
    let (db, manager) = (&park.office.db, park.manager(0));
    let first = park.drive(0, 40).await;
    park.office.clock.advance_ms(MINUTE);
    let (next, driver) = (park.approved(0).await, park.driver(0, 2));
    let out = park.depart(&driver, &next, 10_075).await.unwrap();
    assert_eq!(out.gap_km, Some(35));
    let returned = |km| Figures { returned_km: Some(km), ..Figures::default() };
    // It was 75, not 40: nobody drove in between.
    months::correct(db, &manager, &first.number, None, &returned(10_075), "看错一位").await.unwrap();
    assert_eq!(park.trip(&next.number).await.gap_km, None);
    let gaps = found(&park, FindingKind::OdometerGap).await;
    assert_eq!(gaps.iter().map(|row| row.state).collect::<Vec<_>>(), [Found::Explained]);
    // And the other way about: a line that went on no longer does.
    months::correct(db, &manager, &first.number, None, &returned(10_060), "再核").await.unwrap();
    assert_eq!(park.trip(&next.number).await.gap_km, Some(15));
    let noted = found(&park, FindingKind::OdometerGap).await;
    assert_eq!((noted.len(), noted[0].version), (1, gaps[0].version + 1), "said on the finding that stands");
}

#[tokio::test]
async fn a_replaced_odometer_begins_anew() {
    let park = Park::new().await;
    let (db, driver) = (&park.office.db, park.driver(0, 2));
    park.drive(0, 40).await;
    let p = &park;
    let read = |km, old_km, note: &str| {
        let note = note.to_owned();
        let new = NewReading { car: PLATES[0].into(), read_on: day("2026-11-01"), odometer_km: km, old_km, note };
        async move { readings::enter(db, &p.driver(0, 2), &new).await }
    };
    assert!(said(read(9_000, None, "").await).contains("少于"));
    assert!(said(read(0, Some(9_000), "损坏更换").await).contains("旧表读数"));
    assert!(said(read(0, Some(10_040), "").await).contains("写明原因"));
    read(0, Some(10_040), "损坏更换").await.unwrap();
    assert_eq!(park.car(0).await.vehicle.odometer_km, 0);
    let row = park.approved(0).await;
    assert_eq!(park.depart(&driver, &row, 0).await.unwrap().gap_km, None);
    park.office.clock.advance_ms(MINUTE);
    park.come_back(&driver, &row, 12).await.unwrap();
    let right = read(12, None, "").await.unwrap();
    assert_eq!((right.version, right.old_km), (2, Some(10_040)), "the reading of the day is put right");
    let ahead = NewReading {
        car: PLATES[0].into(),
        read_on: day("2026-11-02"),
        odometer_km: 12,
        old_km: None,
        note: String::new(),
    };
    assert!(said(readings::enter(db, &driver, &ahead).await).contains("不能晚于今天"));
}

#[tokio::test]
async fn a_month_is_checked_handed_in_and_accepted() {
    let park = Park::new().await;
    let (db, unit) = (&park.office.db, park.office.units[0]);
    let (manager, centre) = (park.manager(0), park.centre());
    let first = park.drive(0, 40).await;
    let second = park.drive(1, 60).await;
    let by_manager = {
        let row = park.approved_for(&manager, 0).await;
        park.depart(&manager, &row, 10_040).await.unwrap();
        park.come_back(&manager, &row, 10_050).await.unwrap()
    };
    assert!(said(months::submit(db, &manager, unit, "2026-11", "").await).contains("当月尚未结束"));
    park.stand_at("2026-12-03 09:00");
    assert!(said(months::submit(db, &manager, unit, "2026-11", "").await).contains("3 次出车"));
    assert!(said(park.check(&manager, &by_manager).await).contains("须由他人核对"));
    assert!(park.check(&park.driver(0, 3), &first).await.is_err(), "a driver checks nothing");
    assert_eq!(months::check_month(db, &manager, unit, "2026-11").await.unwrap(), (2, 1));
    park.check(&park.head(0), &by_manager).await.unwrap();
    for wrong in ["2026-13", "11", "", "2026-11\u{0}"] {
        assert!(months::submit(db, &manager, unit, wrong, "").await.is_err(), "{wrong}");
    }
    assert!(months::submit(db, &park.manager(1), unit, "2026-11", "").await.is_err(), "another unit's book");
    let handed_in = months::submit(db, &manager, unit, "2026-11", "").await.unwrap();
    assert_eq!((handed_in.trip_count, handed_in.km, handed_in.late), (3, 110, false));
    assert!(said(months::submit(db, &manager, unit, "2026-11", "").await).contains("已于"));
    // Nothing is written into a month that was handed in.
    let late =
        PastTrip { departed_at: Timestamp::start_of_day(day("2026-11-20")), ..past(&park, 0, 20, 10_050, 5).await };
    assert!(said(past::enter(db, &manager, &[late]).await).contains("已报送"));
    months::question(db, &centre, &first.number, None, "40 公里去了哪里？").await.unwrap();
    let month = async || store::submission(db.read(), unit, "2026-11").await.unwrap().unwrap();
    assert_eq!(month().await.state, SubmissionState::Questioned);
    assert!(said(months::accept(db, &centre, unit, "2026-11", None).await).contains("等待单位说明"));
    assert_eq!(found(&park, FindingKind::TripQuestioned).await.len(), 1);
    months::explain(db, &manager, &first.number, None, "往返市局两趟").await.unwrap();
    assert_eq!(month().await.state, SubmissionState::Explained);
    months::question(db, &centre, &first.number, None, "请附派车单").await.unwrap();
    assert_eq!(found(&park, FindingKind::TripQuestioned).await.len(), 1, "one question, asked again");
    months::explain(db, &manager, &first.number, None, "已附").await.unwrap();
    let accepted = months::accept(db, &centre, unit, "2026-11", None).await.unwrap();
    assert_eq!(accepted.state, SubmissionState::Accepted);
    assert_eq!(park.trip(&second.number).await.state, State::Accepted);
    assert!(said(months::accept(db, &centre, unit, "2026-11", None).await).contains("已归档"));
    assert!(months::question(db, &centre, &second.number, None, "再问").await.is_err());
    // The other units: one with a car and no trips hands in nothing but that.
    let months = store::months(db.read(), &centre, "2026-11").await.unwrap();
    assert_eq!(months.iter().map(|month| (month.count.trips, month.submission.is_some())).collect::<Vec<_>>().len(), 2);
    let none = months::submit(db, &park.manager(1), park.office.units[1], "2026-11", "本月无出车").await.unwrap();
    assert_eq!((none.trip_count, none.km), (0, 0));
}

#[tokio::test]
async fn what_is_due_is_told_once_and_settled_by_doing_it() {
    let park = Park::new().await;
    let (db, office) = (&park.office.db, &park.office);
    let job = hufu::chores::ctx(&office.ctx);
    let facts = |until| Facts { inspected_until: until, tank_ml: Some(55_000), seats: Some(5), ..Facts::of(PLATES[0]) };
    cars::change(db, &park.centre(), PLATES[0], None, &facts(Some(day("2026-12-20"))), "登记").await.unwrap();
    assert_eq!(reminders::mark(db, &job).await.unwrap(), 0, "49 days are not 30");
    park.stand_at("2026-11-21 08:00");
    assert_eq!(reminders::mark(db, &job).await.unwrap(), 3, "an inspection; the October of two units");
    assert_eq!(reminders::mark(db, &job).await.unwrap(), 0);
    cars::change(db, &park.centre(), PLATES[0], None, &facts(Some(day("2027-12-20"))), "检验合格").await.unwrap();
    let due = found(&park, FindingKind::VehiclePaperDue).await;
    assert_eq!((due.len(), due[0].state), (1, Found::Explained));
    let late = months::submit(db, &park.manager(0), office.units[0], "2026-10", "").await.unwrap();
    assert!(late.late);
    let books = found(&park, FindingKind::TripsNotSubmitted).await;
    assert_eq!(books.iter().filter(|row| row.state == Found::Explained).count(), 1);
    assert_eq!(books.iter().filter(|row| row.state == Found::Open).count(), 1);
}

async fn past(park: &Park, n: usize, on: u32, from: i64, km: i64) -> PastTrip {
    let leaves = Timestamp::start_of_day(day(&format!("2026-11-{on:02}")));
    PastTrip {
        car: park.car(n).await.item.id,
        driver: park.person(usize::from(n == 2), 2),
        approver: park.person(usize::from(n == 2), 0),
        purpose: "巡逻".to_owned(),
        destination: "辖区".to_owned(),
        departed_at: Timestamp(leaves.0 + 9 * 60 * MINUTE),
        departed_km: from,
        returned_at: Timestamp(leaves.0 + 11 * 60 * MINUTE),
        returned_km: from + km,
    }
}

#[tokio::test]
async fn paper_books_enter_afterwards_in_order() {
    let park = Park::new().await;
    let (db, manager) = (&park.office.db, park.manager(0));
    park.stand_at("2026-11-25 09:00");
    let lines =
        [past(&park, 0, 5, 10_030, 20).await, past(&park, 0, 3, 10_000, 30).await, past(&park, 0, 7, 10_060, 5).await];
    let numbers = past::enter(db, &manager, &lines).await.unwrap();
    assert_eq!(numbers, ["YC-2026-0001", "YC-2026-0002", "YC-2026-0003"]);
    let rows = store::book(db.read(), park.car(0).await.item.id, "2026-").await.unwrap();
    assert_eq!(rows.iter().map(|row| row.gap_km).collect::<Vec<_>>(), [None, None, Some(10)]);
    assert_eq!(found(&park, FindingKind::OdometerGap).await.len(), 1);
    assert_eq!(park.car(0).await.vehicle.odometer_km, 10_065);
    for (line, sentence) in [
        (past(&park, 0, 6, 10_100, 5).await, "早于上次还车"),
        (PastTrip { returned_km: 10_000, ..past(&park, 0, 9, 10_100, 5).await }, "少于出车里程"),
        (past(&park, 1, 7, 10_000, 5).await, "才还另一辆车"),
        (PastTrip { purpose: String::new(), ..past(&park, 1, 9, 10_000, 5).await }, "用车事由"),
    ] {
        let refused = said(past::enter(db, &manager, &[past(&park, 1, 10, 10_000, 1).await, line]).await);
        assert!(refused.contains(sentence), "{refused}");
    }
    assert_eq!(store::list(db.read(), &park.centre(), &Wanted::default(), 99).await.unwrap().len(), 3, "all or none");
    assert!(past::enter(db, &park.driver(0, 2), &lines).await.is_err(), "a driver enters no books");
}

#[tokio::test]
async fn the_book_prints_what_was_driven() {
    let park = Park::new().await;
    for km in [40, 2, 0] {
        park.drive(0, km).await;
    }
    let now = park.office.ctx.now();
    let book = Book::read(park.office.db.read(), park.car(0).await, 2026, now).await.unwrap();
    assert_eq!((book.trips, book.km), (3, 42));
    let bytes = book.bytes().unwrap();
    assert!(bytes.starts_with(b"%PDF-") && bytes == book.bytes().unwrap());
    let empty = Book::read(park.office.db.read(), park.car(0).await, 2025, now).await.unwrap();
    assert_eq!((empty.trips, empty.bytes().unwrap().starts_with(b"%PDF-")), (0, true));
}

#[tokio::test]
async fn others_neither_see_nor_touch_a_trip() {
    let park = Park::new().await;
    let (db, row) = (&park.office.db, park.approved(0).await);
    let stranger: Ctx = park.manager(1);
    assert!(store::one(db.read(), &stranger, &row.number).await.is_err());
    assert!(store::list(db.read(), &stranger, &Wanted::default(), 9).await.unwrap().is_empty());
    assert!(said(park.depart(&stranger, &row, 10_000).await).contains("没有这次用车"));
    let stale = trips::depart(db, &park.driver(0, 2), &row.number, Some(7), &at(10_000), None).await;
    assert!(said(stale).contains("刚被"));
    let other = trips::withdraw(db, &park.driver(0, 3), &row.number, None, "抢车").await;
    assert!(said(other).contains("只有申请人可以撤回"));
    trips::withdraw(db, &park.manager(0), &row.number, None, "车辆另有任务").await.unwrap();
    let back = Back { km: 1, at: None };
    assert!(trips::return_(db, &park.driver(0, 2), &row.number, None, &back).await.is_err());
}
