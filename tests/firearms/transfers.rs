//! Guns and rounds between stores, up to the province, to the firing range: what is on the way is in neither store, what
//! does not add up does not close, and every change is a line of the register.

use hufu::access::grants::{self, NewGrant};
use hufu::access::{CoSigner, Role, accounts};
use hufu::findings::Kind;
use hufu::findings::entity::finding;
use hufu::firearms::armouries::{self, NewArmoury};
use hufu::firearms::arms;
use hufu::firearms::model::{ArmDeed, ArmState, StoreKind};
use hufu::firearms::shifts::model::{LineKind, State as ShiftState};
use hufu::firearms::shifts::service::{self as shifts, Counted};
use hufu::firearms::shifts::store as shift_store;
use hufu::firearms::store as registry;
use hufu::firearms::transfers::changes;
use hufu::firearms::transfers::entity::{line, training as firing, transfer};
use hufu::firearms::transfers::model::{Reason, State};
use hufu::firearms::transfers::scrapping::{self, HandUp};
use hufu::firearms::transfers::service::{self, Arrived, NewTransfer};
use hufu::firearms::transfers::store;
use hufu::firearms::transfers::training::{self, Back, NewTraining};
use hufu::firearms::upkeep::service as upkeep;
use hufu::items::model::ItemState;
use hufu::kernel::Timestamp;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};

use super::post::{GUNS, Post, ROUNDS, said};
use super::web::holding;

const GUNS_2: &str = "QK-2";
const ROUNDS_2: &str = "DK-2";

/// The stage, with stores of the second unit and two who keep them.
async fn stage() -> (Post, [CoSigner; 2]) {
    let post = Post::stocked(3, 2).await;
    let (db, unit) = (&post.office.db, post.office.units[1]);
    for (number, kind) in [(GUNS_2, StoreKind::Gun), (ROUNDS_2, StoreKind::Ammunition)] {
        let new = NewArmoury { number: number.to_owned(), name: "二所".to_owned(), kind, unit, in_charge: None };
        armouries::enter(db, &post.brigade(), &new).await.unwrap();
    }
    let mut two = Vec::new();
    for n in [1, 3] {
        let person = post.person(1, n);
        let invited = accounts::create(db, &post.office.ctx, &format!("other{n}"), person).await.unwrap();
        let account = invited.account.id;
        let new = NewGrant { account, role: Role::Armourer, unit: Some(unit), from: None, until: None };
        grants::give(db, &post.office.ctx, new).await.unwrap();
        two.push(CoSigner { person, account, ctx: holding(&post.office, person, Role::Armourer, Some(unit)) });
    }
    (post, two.try_into().unwrap())
}

fn names(guns: &[&str]) -> Vec<String> {
    guns.iter().map(|gun| (*gun).to_owned()).collect()
}

fn lots(lots: &[(&str, i64)]) -> Vec<(String, i64)> {
    lots.iter().map(|(lot, rounds)| ((*lot).to_owned(), *rounds)).collect()
}

fn of_guns(guns: &[&str]) -> NewTransfer {
    NewTransfer {
        from: GUNS.to_owned(),
        to: GUNS_2.to_owned(),
        guns: names(guns),
        lots: Vec::new(),
        document: "运枪许2026-1".to_owned(),
        reason: "调整配备".to_owned(),
    }
}

fn of_rounds(rounds: &[(&str, i64)]) -> NewTransfer {
    NewTransfer {
        from: ROUNDS.to_owned(),
        to: ROUNDS_2.to_owned(),
        guns: Vec::new(),
        lots: lots(rounds),
        ..of_guns(&[])
    }
}

async fn sent(post: &Post, new: &NewTransfer) -> transfer::Model {
    let (db, ctx) = (&post.office.db, post.armourer(0));
    let row = service::plan(db, &ctx, new).await.unwrap();
    service::send(db, &ctx, &post.signer(3), &row.number, None).await.unwrap()
}

async fn rounds_in(post: &Post, armoury: &str) -> i64 {
    let db = post.office.db.read();
    let of = registry::armoury_named(db, armoury).await.unwrap().unwrap();
    registry::stock(db, of.id).await.unwrap().iter().map(|(stock, _)| stock.rounds).sum()
}

/// The register of a store, sorted, for the clock of these tests stands still: why, and by how many.
async fn register(post: &Post, armoury: &str) -> Vec<(Reason, i64)> {
    let db = post.office.db.read();
    let of = registry::armoury_named(db, armoury).await.unwrap().unwrap();
    let ever = (Timestamp(0), post.office.ctx.now());
    let rows = changes::list(db, of.id, ever, 100).await.unwrap();
    let mut rows: Vec<_> = rows.into_iter().map(|row| (row.reason, row.quantity)).collect();
    rows.sort_unstable();
    rows
}

async fn told(post: &Post) -> Vec<finding::Model> {
    let all = finding::Entity::find().filter(finding::Column::Kind.eq(Kind::TransferDifference));
    all.all(post.office.db.read()).await.unwrap()
}

#[tokio::test]
async fn guns_go_from_store_to_store_and_are_in_neither_on_the_way() {
    let (post, two) = stage().await;
    let (db, theirs) = (&post.office.db, &two[0].ctx);
    let row = sent(&post, &of_guns(&["A0001", "A0002"])).await;
    assert_eq!((row.number.as_str(), row.state), ("QD-2026-0001", State::OnTheWay));
    let gun = post.arm("A0001").await;
    assert_eq!((gun.arm.state, gun.arm.state_note.contains("在途")), (ArmState::Out, true));
    assert_eq!(gun.item.excused_by.as_deref(), Some("调拨 QD-2026-0001 在途"));
    let draw = post.approved(0).await;
    assert!(said(post.prepared(&draw.number, "A0001", 0).await).contains("此枪不在库，不能领枪"));
    assert!(
        said(arms::keep(db, &post.armourer(0), "A0001", None, ArmDeed::NeedCleaning, "例行").await).contains("不在库")
    );
    let arrived = Arrived { guns: names(&["A0001", "qza0002"]), lots: Vec::new() };
    let again = service::send(db, &post.armourer(0), &post.signer(3), &row.number, None).await;
    assert!(said(again).contains("此调拨单在途，不能发运"), "twice");
    let row = service::receive(db, theirs, &two[1], &row.number, None, &arrived).await.unwrap();
    assert_eq!(row.state, State::Arrived);
    let gun = post.arm("A0001").await;
    assert_eq!((gun.arm.state, gun.item.unit_id), (ArmState::InStore, post.office.units[1]));
    assert_eq!((gun.arm.cabinet_id, gun.item.excused_by.as_deref()), (None, None));
    assert_eq!(registry::armoury_by_id(db.read(), gun.arm.armoury_id).await.unwrap().unwrap().number, GUNS_2);
    assert!(registry::arm(db.read(), &post.armourer(0), "A0001").await.is_err(), "no more of the first unit");
    let came = [(Reason::Received, 1); 3].into_iter().chain([(Reason::Sent, -1); 2]).collect::<Vec<_>>();
    assert_eq!(register(&post, GUNS).await, came);
    assert_eq!(register(&post, GUNS_2).await, [(Reason::Arrived, 1); 2]);
    assert!(told(&post).await.is_empty());
    let twice = service::receive(db, theirs, &two[1], &row.number, None, &arrived).await;
    assert!(said(twice).contains("此调拨单已入库，不能收货"));
}

#[tokio::test]
async fn what_is_short_or_wrong_is_a_finding_and_does_not_close() {
    let (post, two) = stage().await;
    let (db, theirs) = (&post.office.db, &two[0].ctx);
    let row = sent(&post, &of_rounds(&[("L1", 400)])).await;
    assert_eq!((rounds_in(&post, ROUNDS).await, rounds_in(&post, ROUNDS_2).await), (600, 0), "on the way");
    for wrong in [-1, i64::MIN, 10_000_001, i64::MAX] {
        let arrived = Arrived { guns: Vec::new(), lots: lots(&[("L1", wrong)]) };
        let refused = service::receive(db, theirs, &two[1], &row.number, None, &arrived).await;
        assert!(said(refused).contains("发数应为"), "{wrong}");
    }
    let short = Arrived { guns: Vec::new(), lots: lots(&[("L1", 390)]) };
    let row = service::receive(db, theirs, &two[1], &row.number, None, &short).await.unwrap();
    assert_eq!((row.state, row.note.as_str()), (State::Differing, "未到 9mm手枪弹 L1 10 发"));
    assert_eq!((rounds_in(&post, ROUNDS_2).await, told(&post).await.len()), (390, 1));
    // More than is missing is not taken in, and something that was never sent is told.
    let over = Arrived { guns: names(&["秘密枪号77"]), lots: lots(&[("l1", 12)]) };
    let row = service::receive(db, theirs, &two[1], &row.number, None, &over).await.unwrap();
    assert_eq!((row.state, row.ended_at), (State::Differing, None));
    assert!(row.note.contains("多出 2 发") && row.note.contains("有 1 支枪不在此调拨单"), "{}", row.note);
    assert!(!row.note.contains("秘密"));
    assert_eq!((rounds_in(&post, ROUNDS_2).await, told(&post).await.len()), (400, 1), "one finding a transfer");
    // Looked at again, with nothing wrong: it closes, and somebody verifies.
    let row = service::receive(db, theirs, &two[1], &row.number, None, &Arrived::default()).await.unwrap();
    assert_eq!(row.state, State::Arrived);
    assert_eq!(told(&post).await[0].state, hufu::findings::model::State::Explained);
    assert_eq!(register(&post, ROUNDS_2).await, [(Reason::Arrived, 10), (Reason::Arrived, 390)]);
    // A gun that was never sent does not come in by a transfer of others.
    let row = sent(&post, &of_guns(&["A0001"])).await;
    let wrong = Arrived { guns: names(&["A0002"]), lots: Vec::new() };
    let row = service::receive(db, theirs, &two[1], &row.number, None, &wrong).await.unwrap();
    assert_eq!(row.note, "未到 QZ-0001；有 1 支枪不在此调拨单");
    assert_eq!(
        (post.arm("A0001").await.arm.state, post.arm("A0002").await.arm.state),
        (ArmState::Out, ArmState::InStore)
    );
}

#[tokio::test]
async fn what_cannot_be_sent_or_received_is_refused_with_a_sentence() {
    let (post, two) = stage().await;
    let (db, ctx) = (&post.office.db, post.armourer(0));
    post.out(0, "A0003").await;
    let with = |change: &dyn Fn(&mut NewTransfer)| {
        let mut new = of_guns(&["A0001"]);
        change(&mut new);
        new
    };
    for (wrong, sentence) in [
        (with(&|new| new.lots = lots(&[("L1", 10)])), "枪、弹须分开运输"),
        (with(&|new| new.guns.clear()), "请填写要调拨的枪或弹药"),
        (with(&|new| new.to = ROUNDS_2.to_owned()), "须分库存放"),
        (with(&|new| new.from = ROUNDS.to_owned()), "须分库存放"),
        (with(&|new| new.to = GUNS.to_owned()), "不能是同一个库"),
        (with(&|new| new.to = "QK-9".to_owned()), "没有这个枪弹库"),
        (with(&|new| new.from = GUNS_2.to_owned()), "没有这个枪弹库"),
        (with(&|new| new.guns = names(&["A0003"])), "此枪不在库，不能调出"),
        (with(&|new| new.guns = names(&["A0001", "qz-0001"])), "写了两次"),
        (with(&|new| new.guns = names(&["X0009"])), "本库没有"),
        (with(&|new| new.document = "  ".to_owned()), "运输许可"),
        (of_rounds(&[("L1", 0)]), "1 至 10,000,000"),
        (of_rounds(&[("L1", -5)]), "1 至 10,000,000"),
        (of_rounds(&[("L1", 1_000_000_000)]), "1 至 10,000,000"),
        (of_rounds(&[("L1", 986)]), "不足 986 发"),
        (of_rounds(&[("L1", 1), ("l1", 1)]), "写了两次"),
        (of_rounds(&[("L9", 1)]), "本库没有批次"),
    ] {
        let refused = said(service::plan(db, &ctx, &wrong).await);
        assert!(refused.contains(sentence), "{wrong:?}: {refused}");
    }
    let row = service::plan(db, &ctx, &of_guns(&["A0001"])).await.unwrap();
    assert!(said(service::plan(db, &ctx, &of_guns(&["A0001"])).await).contains("已在调拨单 QD-2026-0001"));
    let number = row.number.as_str();
    assert!(said(service::send(db, &ctx, &post.signer(1), number, None).await).contains("不能算作两人"));
    assert!(said(service::send(db, &ctx, &two[0], number, None).await).contains("管辖范围"), "of the other store");
    assert!(said(service::send(db, &ctx, &post.signer(3), number, Some(9)).await).contains("刚被他人修改"));
    // In an upkeep paper meanwhile: it does not go.
    let paper = upkeep::ask(db, &ctx, GUNS, &names(&["A0001"]), "保养").await.unwrap();
    assert!(said(service::send(db, &ctx, &post.signer(3), number, None).await).contains("已在保养单"));
    upkeep::cancel(db, &ctx, &paper.number, None, "先调拨").await.unwrap();
    service::send(db, &ctx, &post.signer(3), number, None).await.unwrap();
    let here = Arrived { guns: names(&["A0001"]), lots: Vec::new() };
    assert!(
        said(service::receive(db, &ctx, &post.signer(3), number, None, &here).await).contains("管辖范围"),
        "the senders"
    );
    assert!(said(service::receive(db, &two[0].ctx, &two[0], number, None, &here).await).contains("不能算作两人"));
    let doubled = Arrived { guns: names(&["A0001", "a0001"]), lots: Vec::new() };
    assert!(said(service::receive(db, &two[0].ctx, &two[1], number, None, &doubled).await).contains("写了两次"));
    assert!(said(service::cancel(db, &ctx, number, None, "算了").await).contains("此调拨单在途，不能取消"));
    accounts::close(db, &post.office.ctx, two[1].account).await.unwrap();
    assert!(said(service::receive(db, &two[0].ctx, &two[1], number, None, &here).await).contains("账号已停用"));
    let row = service::plan(db, &ctx, &of_guns(&["A0002"])).await.unwrap();
    service::cancel(db, &ctx, &row.number, None, "不调了").await.unwrap();
    service::plan(db, &ctx, &of_guns(&["A0002"])).await.unwrap();
}

#[tokio::test]
async fn a_gun_is_handed_up_once_with_its_certificate() {
    let post = Post::stocked(2, 1).await;
    let (db, ctx, second) = (&post.office.db, post.armourer(0), post.signer(3));
    let new = HandUp {
        gun: "A0001".to_owned(),
        certificate: "QZA0001".to_owned(),
        receiver: "省公安厅治安局".to_owned(),
        receiver_person: "李某".to_owned(),
        document: "粤公治报2026-3".to_owned(),
        reason: "枪管炸裂".to_owned(),
    };
    assert!(said(scrapping::hand_up(db, &ctx, &second, None, &new).await).contains("此枪在库，不能上交报废"));
    arms::keep(db, &ctx, "A0001", None, ArmDeed::ReportFault, "枪管炸裂").await.unwrap();
    for (wrong, sentence) in [
        (HandUp { certificate: "QZA0002".to_owned(), ..new.clone() }, "枪证须一并上交"),
        (HandUp { certificate: String::new(), ..new.clone() }, "枪证须一并上交"),
        (HandUp { document: " ".to_owned(), ..new.clone() }, "报废批准文号"),
        (HandUp { receiver: String::new(), ..new.clone() }, "接收单位"),
        (HandUp { gun: "X1234".to_owned(), ..new.clone() }, "没有这支枪"),
    ] {
        assert!(said(scrapping::hand_up(db, &ctx, &second, None, &wrong).await).contains(sentence), "{wrong:?}");
    }
    assert!(said(scrapping::hand_up(db, &ctx, &post.signer(1), None, &new).await).contains("不能算作两人"));
    let row = scrapping::hand_up(db, &ctx, &second, None, &new).await.unwrap();
    assert_eq!((row.number.as_str(), row.certificate.as_str()), ("QB-2026-0001", "QZA0001"));
    let gun = post.arm("A0001").await;
    assert_eq!((gun.arm.state, gun.item.state, gun.arm.slot), (ArmState::Scrapped, ItemState::Disposed, None));
    assert!(said(scrapping::hand_up(db, &ctx, &second, None, &new).await).contains("此枪已报废"), "once");
    assert_eq!(register(&post, GUNS).await, [(Reason::Received, 1), (Reason::Received, 1), (Reason::Scrapped, -1)]);
}

#[tokio::test]
async fn rounds_of_a_training_add_up_at_every_shift() {
    let (post, _) = stage().await;
    let (db, ctx, second) = (&post.office.db, post.armourer(0), post.signer(3));
    let new = NewTraining {
        armoury: ROUNDS.to_owned(),
        lot: "L1".to_owned(),
        rounds: 100,
        leader: post.person(0, 2),
        participants: "第一组 8 人".to_owned(),
        place: "市局靶场".to_owned(),
        document: "训练批2026-9".to_owned(),
    };
    for (wrong, sentence) in [
        (NewTraining { rounds: 0, ..new.clone() }, "1 至 100000"),
        (NewTraining { rounds: -3, ..new.clone() }, "1 至 100000"),
        (NewTraining { rounds: i64::MAX, ..new.clone() }, "1 至 100000"),
        (NewTraining { rounds: 1_001, ..new.clone() }, "不足 1001 发"),
        (NewTraining { armoury: GUNS.to_owned(), ..new.clone() }, "须分库存放"),
        (NewTraining { lot: "L7".to_owned(), ..new.clone() }, "没有批次"),
        (NewTraining { place: String::new(), ..new.clone() }, "训练地点"),
        (NewTraining { participants: String::new(), ..new.clone() }, "参训人员"),
    ] {
        let refused = said(training::take_out(db, &ctx, &second, &wrong).await);
        assert!(refused.contains(sentence), "{wrong:?}: {refused}");
    }
    let row = training::take_out(db, &ctx, &second, &new).await.unwrap();
    assert_eq!(rounds_in(&post, ROUNDS).await, 900, "out with the training");
    let came = |back, fired, cases| Back { back, fired, cases, note: String::new() };
    for (wrong, sentence) in [
        (came(20, 79, 79), "= 99 发，不相等"),
        (came(20, 80, 81), "弹壳不能有 81 个"),
        (came(-20, 120, 0), "0 至"),
        (came(20, 80, 79), "请写明去向"),
    ] {
        let refused = said(training::take_back(db, &ctx, &second, &row.number, None, &wrong).await);
        assert!(refused.contains(sentence), "{wrong:?}: {refused}");
    }
    let row = training::take_back(db, &ctx, &second, &row.number, None, &came(20, 80, 80)).await.unwrap();
    assert!(
        said(training::take_back(db, &ctx, &second, &row.number, None, &came(20, 80, 80)).await).contains("已办结")
    );
    assert_eq!(register(&post, ROUNDS).await, [(Reason::Received, 1_000), (Reason::Training, -80)]);
    sent(&post, &of_rounds(&[("L1", 220)])).await;
    sent(&post, &of_guns(&["A0002"])).await;
    // Opening + in − out = book = counted, with a training, a transfer and a gun on its way.
    let shift = shifts::open(db, &ctx, post.office.units[0]).await.unwrap();
    let counted = Counted { guns: names(&["A0001", "A0003"]), lots: lots(&[("L1", 700)]) };
    let shift = shifts::count(db, &ctx, &shift.number, &counted).await.unwrap();
    assert_eq!((shift.state, shift.differences), (ShiftState::Agreed, 0));
    let lines = shift_store::lines(db.read(), &shift).await.unwrap();
    let lot = lines.iter().find(|line| line.kind == LineKind::Lot).unwrap().tally();
    assert_eq!((lot.opening, lot.came, lot.went, lot.book, lot.counted), (0, 1_020, 320, 700, 700));
    // Behind the services' back.
    for wrong in [
        firing::Model { fired: 81, ..row.clone() },
        firing::Model { cases_kept: 81, ..row.clone() },
        firing::Model { out2_id: row.out1_id, ..row.clone() },
        firing::Model { store_kind: StoreKind::Gun, ..row.clone() },
    ] {
        let told = format!("{wrong:?}");
        let written = db.write(async |tx| {
            let row = wrong.clone().into_active_model().reset_all();
            row.update(tx).await.map_err(hufu::db::DbError::from)
        });
        assert!(written.await.is_err(), "{told}");
    }
}

/// Behind the services' back the database refuses guns among rounds, one person twice, and more than was sent.
#[tokio::test]
async fn the_database_refuses_what_the_rules_do() {
    let (post, two) = stage().await;
    let (db, theirs) = (&post.office.db, &two[0].ctx);
    let guns = sent(&post, &of_guns(&["A0001"])).await;
    let rounds = sent(&post, &of_rounds(&[("L1", 10)])).await;
    let here = Arrived { guns: names(&["A0001"]), lots: Vec::new() };
    let guns = service::receive(db, theirs, &two[1], &guns.number, None, &here).await.unwrap();
    for wrong in [
        transfer::Model { store_kind: StoreKind::Ammunition, ..guns.clone() },
        transfer::Model { to_id: guns.from_id, ..guns.clone() },
        transfer::Model { received1_id: guns.sent1_id, ..guns.clone() },
        transfer::Model { received2_id: guns.received1_id, ..guns.clone() },
        transfer::Model { sent2_id: None, ..guns.clone() },
        transfer::Model { document: String::new(), ..guns.clone() },
    ] {
        let told = format!("{wrong:?}");
        let written = db.write(async |tx| {
            let row = wrong.clone().into_active_model().reset_all();
            row.update(tx).await.map_err(hufu::db::DbError::from)
        });
        assert!(written.await.is_err(), "{told}");
    }
    let of_gun = store::lines(db.read(), guns.id).await.unwrap().remove(0);
    let of_rounds = store::lines(db.read(), rounds.id).await.unwrap().remove(0);
    for wrong in [
        line::Model { transfer_id: rounds.id, line: 2, ..of_gun.clone() },
        line::Model { transfer_id: guns.id, line: 2, ..of_rounds.clone() },
        line::Model { arrived: 11, ..of_rounds.clone() },
        line::Model { quantity: 0, ..of_rounds.clone() },
        line::Model { quantity: 2, ..of_gun.clone() },
    ] {
        let told = format!("{wrong:?}");
        let written = db.write(async |tx| {
            let row = wrong.clone().into_active_model().reset_all();
            row.update(tx).await.map_err(hufu::db::DbError::from)
        });
        assert!(written.await.is_err(), "{told}");
    }
}
