//! A car goes to the workshop approved and entered in its book, and comes back with what it cost.

use hufu::items::model::ItemState;
use hufu::kernel::Fen;
use hufu::vehicles::VehicleError;
use hufu::vehicles::repairs::collect;
use hufu::vehicles::repairs::entity::repair;
use hufu::vehicles::repairs::model::{Deed, RepairKind, State};
use hufu::vehicles::repairs::service::{self as repairs, NewPart, NewRepair, Return, Send};
use hufu::vehicles::repairs::store;
use hufu::vehicles::trips::entity::trip;
use hufu::vehicles::trips::model::{State as TripState, TripKind};
use hufu::vehicles::trips::store as trips;
use sea_orm::EntityTrait as _;

use super::park::{PLATES, Park, said, yuan};

fn wish(n: usize) -> NewRepair {
    NewRepair {
        car: PLATES[n].to_owned(),
        kind: RepairKind::Repair,
        fault: "制动异响".to_owned(),
        budget: yuan(800),
        shop: "诚信汽修厂".to_owned(),
    }
}

fn part(name: &str, milli: i64, price: i64) -> NewPart {
    NewPart { name: name.to_owned(), measure_unit: "个".to_owned(), quantity_milli: milli, unit_price: yuan(price) }
}

fn mended(km: i64) -> Return {
    Return {
        km,
        at: None,
        parts: vec![part("前制动片", 2_000, 180)],
        labour: yuan(120),
        invoice: "FP-001".to_owned(),
        old_parts: "厂方回收".to_owned(),
        over_reason: String::new(),
        inspected_by: None,
    }
}

async fn ask(park: &Park, n: usize) -> repair::Model {
    repairs::ask(&park.office.db, &park.manager(usize::from(n == 2)), &wish(n)).await.unwrap()
}

async fn approved(park: &Park, n: usize) -> repair::Model {
    let row = ask(park, n).await;
    park.decide(row.approval_id.unwrap(), true).await.unwrap();
    row
}

async fn attempt(park: &Park, row: &repair::Model, deed: Deed) -> Result<repair::Model, VehicleError> {
    let (db, ctx, number) = (&park.office.db, park.manager(0), row.number.as_str());
    match deed {
        Deed::Approve | Deed::Refuse => {
            let decided = park.decide(row.approval_id.unwrap(), deed == Deed::Approve).await;
            decided.map_err(VehicleError::from)?;
            Ok(store::one(db.read(), &ctx, number).await?.row)
        }
        Deed::Enter => repairs::enter(db, &ctx, number, None).await,
        Deed::Send => repairs::send(db, &ctx, number, None, &Send { km: 10_000, ..Send::default() }).await,
        Deed::Return => repairs::return_(db, &ctx, number, None, &mended(10_012)).await,
        Deed::Withdraw => repairs::withdraw(db, &ctx, number, None, "不修了").await,
    }
}

/// Every state and every deed, through the services.
#[tokio::test]
async fn every_state_and_every_deed() {
    let ways: [(State, &[Deed]); 7] = [
        (State::Asked, &[]),
        (State::Approved, &[Deed::Approve]),
        (State::Entered, &[Deed::Approve, Deed::Enter]),
        (State::Sent, &[Deed::Approve, Deed::Enter, Deed::Send]),
        (State::Returned, &[Deed::Approve, Deed::Enter, Deed::Send, Deed::Return]),
        (State::Refused, &[Deed::Refuse]),
        (State::Withdrawn, &[Deed::Withdraw]),
    ];
    for (state, way) in ways {
        for deed in Deed::ALL {
            let park = Park::new().await;
            let row = ask(&park, 0).await;
            for step in way {
                attempt(&park, &row, *step).await.unwrap();
            }
            let stands = async || store::one(park.office.db.read(), &park.centre(), &row.number).await.unwrap().state;
            assert_eq!(stands().await, state);
            let (expected, outcome) = (state.after(*deed), attempt(&park, &row, *deed).await);
            assert_eq!(outcome.is_ok(), expected.is_ok(), "{state:?} {deed:?}: {outcome:?}");
            assert_eq!(stands().await, expected.unwrap_or(state), "{state:?} {deed:?}");
        }
    }
}

#[tokio::test]
async fn a_repair_is_entered_in_the_book_before_the_car_leaves() {
    let park = Park::new().await;
    let (db, manager) = (&park.office.db, park.manager(0));
    let row = ask(&park, 0).await;
    assert_eq!(row.number, "WX-2026-0001");
    assert!(said(attempt(&park, &row, Deed::Send).await).contains("须经单位领导审批同意"));
    assert!(said(attempt(&park, &row, Deed::Enter).await).contains("须经单位领导审批同意"));
    park.decide(row.approval_id.unwrap(), true).await.unwrap();
    assert!(said(attempt(&park, &row, Deed::Send).await).contains("先在出车记录台账登记"));
    assert!(said(repairs::ask(db, &manager, &wish(0)).await).contains("已有送修单"), "one open repair a car");
    let entered = attempt(&park, &row, Deed::Enter).await.unwrap();
    let line = trip::Entity::find_by_id(entered.trip_id.unwrap()).one(db.read()).await.unwrap().unwrap();
    assert_eq!(
        (line.kind, line.state, line.destination.as_str()),
        (TripKind::Repair, TripState::Approved, "诚信汽修厂")
    );
    assert_eq!(line.approved_by, Some(park.person(0, 0)));
    assert!(said(park.depart(&manager, &line, 10_000).await).contains("送修单上办理"));
    attempt(&park, &row, Deed::Send).await.unwrap();
    let car = park.car(0).await;
    assert_eq!((car.item.state, car.item.excused_by.as_deref()), (ItemState::InRepair, Some("送修 WX-2026-0001")));
    assert!(said(park.ask(&park.driver(0, 2), 0).await).contains("正在送修"));
    assert!(trips::out_with(db.read(), car.item.id).await.unwrap().is_some());
    assert!(trips::out_driving(db.read(), park.person(0, 1)).await.unwrap().is_none(), "the driver walks home");
    assert!(said(park.come_back(&manager, &line, 10_012).await).contains("送修单上办理取回"));
    let back = attempt(&park, &row, Deed::Return).await.unwrap();
    assert_eq!((back.total_fen, back.inspected_by), (Some(yuan(480)), Some(park.person(0, 1))));
    let car = park.car(0).await;
    assert_eq!((car.item.state, car.vehicle.odometer_km, car.item.excused_by), (ItemState::InUse, 10_012, None));
    let line = park.trip(&line.number).await;
    assert_eq!((line.state, line.km()), (TripState::Returned, Some(12)));
}

#[tokio::test]
async fn what_cannot_be_is_refused_at_its_field() {
    let park = Park::new().await;
    let (db, manager) = (&park.office.db, park.manager(0));
    for (new, sentence) in [
        (NewRepair { fault: "".into(), ..wish(0) }, "故障或保养项目"),
        (NewRepair { budget: Fen(0), ..wish(0) }, "预算"),
        (NewRepair { shop: "路边摊".into(), ..wish(0) }, "不是定点维修厂"),
        (NewRepair { car: PLATES[2].into(), ..wish(0) }, "没有这辆车"),
    ] {
        let refused = said(repairs::ask(db, &manager, &new).await);
        assert!(refused.contains(sentence), "{refused}");
    }
    let row = approved(&park, 0).await;
    attempt(&park, &row, Deed::Enter).await.unwrap();
    attempt(&park, &row, Deed::Send).await.unwrap();
    for (new, sentence) in [
        (mended(9_999), "少于出车里程"),
        (Return { invoice: " ".into(), ..mended(10_010) }, "发票号"),
        (Return { old_parts: "".into(), ..mended(10_010) }, "旧件的处理"),
        (Return { labour: yuan(-1), ..mended(10_010) }, "工时费"),
        (Return { parts: vec![part("", 1_000, 1)], ..mended(10_010) }, "第 1 项配件"),
        (Return { parts: vec![part("机油", 0, 1)], ..mended(10_010) }, "数量应大于零"),
        (Return { parts: vec![part("机油", 1_000, -1)], ..mended(10_010) }, "单价不能为负"),
        (Return { parts: vec![part("机油", 1_000_000_000, 10_000_000)], ..mended(10_010) }, "过大"),
        (Return { parts: vec![part("发动机", 1_000, 701)], ..mended(10_010) }, "超过批准"),
    ] {
        let refused = said(repairs::return_(db, &manager, &row.number, None, &new).await);
        assert!(refused.contains(sentence), "{refused}");
    }
    let dear =
        Return { parts: vec![part("发动机", 1_000, 701)], over_reason: "拆检后发现".into(), ..mended(10_010) };
    assert_eq!(repairs::return_(db, &manager, &row.number, None, &dear).await.unwrap().total_fen, Some(yuan(821)));
    assert!(repairs::ask(db, &park.centre(), &wish(0)).await.is_err(), "the centre does not ask for a unit");
}

#[tokio::test]
async fn a_month_of_repairs_is_collected_and_prices_are_compared() {
    let park = Park::new().await;
    let db = &park.office.db;
    for (n, price) in [(0, 180), (1, 190), (2, 320)] {
        let unit = usize::from(n == 2);
        let row = approved(&park, n).await;
        let ctx = park.manager(unit);
        repairs::enter(db, &ctx, &row.number, None).await.unwrap();
        repairs::send(db, &ctx, &row.number, None, &Send { km: 10_000, ..Send::default() }).await.unwrap();
        let done =
            Return { parts: vec![part("前制动片", 2_500, price)], over_reason: "无".into(), ..mended(10_004) };
        repairs::return_(db, &ctx, &row.number, None, &done).await.unwrap();
    }
    let month = collect::month(db.read(), &park.centre(), "2026-11").await.unwrap();
    let told: Vec<_> =
        month.iter().map(|one| (one.plate.as_str(), one.row.total_fen.unwrap(), one.parts.len())).collect();
    assert_eq!(told, [(PLATES[0], yuan(570), 1), (PLATES[1], yuan(595), 1), (PLATES[2], yuan(920), 1)]);
    assert_eq!(collect::month(db.read(), &park.manager(1), "2026-11").await.unwrap().len(), 1, "within reach");
    assert!(collect::month(db.read(), &park.centre(), "2026-10").await.unwrap().is_empty());
    for name in ["", "制动片"] {
        let prices = collect::prices(db.read(), &park.centre(), name).await.unwrap();
        let told: Vec<_> = prices.iter().map(|one| (one.plate.as_str(), one.unit_price, one.dear)).collect();
        assert_eq!(told, [(PLATES[2], yuan(320), true), (PLATES[1], yuan(190), false), (PLATES[0], yuan(180), false)]);
        assert!(prices.iter().all(|one| one.median == Some(yuan(190))));
    }
    assert!(collect::prices(db.read(), &park.centre(), "轮胎").await.unwrap().is_empty());
}

/// A repair of a car that went to the workshop twice: its cost is the car's.
#[tokio::test]
async fn of_two_that_ask_for_one_car_one_wins() {
    let park = Park::new().await;
    let (db, one, other) = (&park.office.db, park.manager(0), park.driver(0, 2));
    let wish = wish(0);
    let (a, b) = tokio::join!(repairs::ask(db, &one, &wish), repairs::ask(db, &other, &wish));
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1, "{a:?} {b:?}");
}
