//! Documents by which things move: the ways that lead somewhere, and what is refused, with its sentence.

use chrono::NaiveDate;
use hufu::access::Role;
use hufu::assets::movements::correction;
use hufu::assets::movements::entity::movement_line;
use hufu::assets::movements::handing::{self, HandOver};
use hufu::assets::movements::intake::{self, Batch};
use hufu::assets::movements::keeping;
use hufu::assets::movements::model::{Disposal, Kind, State};
use hufu::assets::movements::paper::Paper;
use hufu::assets::movements::service::Ask;
use hufu::assets::movements::steps::{self, APPRAISAL, Finish, ROOM};
use hufu::assets::movements::store::{self, Wanted};
use hufu::assets::papers::{self, Subject};
use hufu::findings::entity::finding;
use hufu::findings::model::State as Found;
use hufu::handover;
use hufu::items::attachments::{NewFile, Shelf};
use hufu::items::correcting::Facts;
use hufu::items::entity::{item, label_reprint};
use hufu::items::model::ItemState;
use hufu::items::service::{Change, NewItem, change};
use hufu::items::store as items;
use hufu::kernel::{Ctx, Fen, Quantity};
use hufu::org::units;
use hufu::stocktake::campaign::{self, Opening};
use hufu::stocktake::missing::carry_over;
use hufu::stocktake::scope::Scope;
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};

use super::support::DAY;
use super::web::holding;
use super::yard::{Yard, plain, said};

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

#[tokio::test]
async fn a_transfer_takes_the_head_and_the_other_unit() {
    let yard = Yard::new().await;
    yard.stock(2).await;
    let row = yard.asked(&yard.transfer(&["t-0", "Ｔ－１"])).await;
    assert_eq!((row.number.as_str(), row.state, row.line_count), ("DB-2026-0001", State::Asked, 2));
    assert_eq!(row.value_fen, Fen(900_000));
    assert_eq!(yard.thing("T-0").await.unit_id, yard.office.units[0], "nothing moved yet");
    assert!(said(yard.carry_out(&yard.manager(0), &row).await).contains("待审批"));
    assert!(said(yard.accept(&yard.manager(1), &row).await).contains("待审批"));
    yard.head_says(&row, true).await.unwrap();
    // Nobody has written it down, and yet it reads so.
    let shown = store::one(yard.office.db.read(), &yard.manager(1), &row.number).await.unwrap();
    assert_eq!((shown.row.state, shown.state), (State::Asked, State::Approved));
    let approved = Wanted { state: Some(State::Approved), ..Wanted::default() };
    assert_eq!(store::list(yard.office.db.read(), &yard.centre(), &approved, 9).await.unwrap().len(), 1);
    let asked = Wanted { state: Some(State::Asked), ..Wanted::default() };
    assert_eq!(store::list(yard.office.db.read(), &yard.centre(), &asked, 9).await.unwrap().len(), 0);
    assert!(said(yard.carry_out(&yard.manager(0), &row).await).contains("先由接收单位"));
    assert!(yard.accept(&yard.manager(0), &row).await.is_err(), "the giver does not accept");
    yard.accept(&yard.manager(1), &row).await.unwrap();
    let done = yard.carry_out(&yard.manager(0), &row).await.unwrap();
    assert_eq!(done.state, State::Done);
    let thing = yard.thing("T-1").await;
    assert_eq!((thing.unit_id, thing.place_id), (yard.office.units[1], Some(yard.office.places[1][0])));
    assert_eq!(thing.keeper_id, Some(yard.office.people[1][2]));
    let last = items::events(yard.office.db.read(), thing.id).await.unwrap().pop().unwrap();
    assert_eq!(last.reason.as_deref(), Some("调拨单 DB-2026-0001：工作需要"));
    assert!(said(yard.carry_out(&yard.manager(0), &row).await).contains("已办结"));
    let lines = store::lines(yard.office.db.read(), row.id).await.unwrap();
    assert!(lines.iter().all(|line| line.open_of.is_none() && line.to_unit_id == Some(yard.office.units[1])));
}

/// Each of these asks is refused with its sentence, and leaves nothing.
#[tokio::test]
async fn bad_asks_are_refused() {
    let yard = Yard::new().await;
    let office = &yard.office;
    yard.stock(3).await;
    let mut others = office.new_item("O-1", 1);
    others.state = ItemState::InUse;
    let mut gun = office.new_item("G-1", 0);
    gun.kind = hufu::items::model::ItemKind::Firearm;
    let mut gone = office.new_item("X-1", 0);
    gone.state = ItemState::Disposed;
    office.register(&[others, gun, gone]).await;
    let closed = units::create(
        &office.db,
        &office.ctx,
        units::NewUnit { code: "Z9".into(), name: "旧大队".into(), parent: None, kind: "大队".into() },
    )
    .await
    .unwrap();
    hufu::items::closing::close_unit(&office.db, &office.ctx, closed.id, closed.version).await.unwrap();
    let to = |unit| Ask { to_unit: Some(unit), ..plain(Kind::Transfer, &["T-0"]) };
    let loan = |due| Ask { counterparty: "某所".into(), due_on: due, ..plain(Kind::Loan, &["T-0"]) };
    let cases = [
        (to(closed.id), "已停用"),
        (to(office.units[0]), "不能调拨给本单位"),
        (plain(Kind::Transfer, &["T-0"]), "请选择接收单位"),
        (yard.transfer(&["T-0", "t-0"]), "写了两次"),
        (yard.transfer(&["T-0", "没有"]), "没有编号为“没有”的资产"),
        (yard.transfer(&["O-1"]), "没有编号为“O-1”的资产"),
        (yard.transfer(&["G-1"]), "不是固定资产"),
        (yard.transfer(&["X-1"]), "已处置，已不在账"),
        (yard.transfer(&[]), "请选择资产"),
        (Ask { reason: "  ".into(), ..yard.transfer(&["T-0"]) }, "请写明事由"),
        (Ask { reason: "a\u{0}b".into(), ..yard.transfer(&["T-0"]) }, "控制字符"),
        (plain(Kind::LoanReturn, &["T-0"]), "没有借出，不能归还"),
        (plain(Kind::RepairReturn, &["T-0"]), "没有送修，不能取回"),
        (plain(Kind::Use, &["T-0"]), "现为在用，不能办理恢复使用"),
        (plain(Kind::Issue, &["T-0"]), "请填写领用人"),
        (Ask { to_keeper: Some(office.people[1][2]), ..plain(Kind::Issue, &["T-0"]) }, "须办理调拨"),
        (Ask { to_keeper: Some(office.people[0][0]), ..plain(Kind::Relocate, &["T-0"]) }, "已是这样"),
        (plain(Kind::Relocate, &["T-0"]), "请填写新的存放地点"),
        (loan(None), "须约定归还日期"),
        (loan(Some(day(2026, 10, 31))), "不能早于今天"),
        (loan(Some(day(2027, 12, 1))), "不能超过一年"),
        (Ask { counterparty: " ".into(), ..loan(Some(day(2026, 12, 1))) }, "借用单位"),
        (plain(Kind::Scrap, &["T-0"]), "使用年限或取得日期不明"),
        (Ask { disposal: Some(Disposal::Scrapping), ..plain(Kind::Dispose, &["T-0"]) }, "报废请办理报废"),
        (plain(Kind::Dispose, &["T-0"]), "请选择处置方式"),
        (plain(Kind::Handover, &["T-0"]), "另有办理入口"),
    ];
    for (ask, sentence) in cases {
        let refused = said(yard.ask(&yard.manager(0), &ask).await);
        assert!(refused.contains(sentence), "{:?}: {refused}", ask.kind);
    }
    let many: Vec<String> = (0..2_001).map(|n| format!("N-{n}")).collect();
    assert!(said(yard.ask(&yard.manager(0), &Ask::of(Kind::Idle, many, "批量")).await).contains("最多 2000 件"));
    assert!(yard.ask(&yard.member(0, 2), &yard.transfer(&["T-0"])).await.is_err(), "a member asks for nothing");
    assert!(said(yard.ask(&yard.centre(), &yard.transfer(&["T-0", "O-1"])).await).contains("另一个单位"));
    let all = store::list(office.db.read(), &yard.centre(), &Wanted::default(), 9).await.unwrap();
    assert_eq!(all.len(), 0);
    assert_eq!(yard.asked(&plain(Kind::Idle, &["T-0"])).await.number, "XZ-2026-0001", "no number was used up");
}

#[tokio::test]
async fn a_thing_is_in_one_open_document_only() {
    let yard = Yard::new().await;
    yard.stock(2).await;
    let row = yard.asked(&yard.transfer(&["T-0"])).await;
    let loan =
        Ask { counterparty: "某所".into(), due_on: Some(day(2026, 12, 1)), ..plain(Kind::Loan, &["T-1", "T-0"]) };
    let refused = said(yard.ask(&yard.manager(0), &loan).await);
    assert!(refused.contains("“T-0”正在办理调拨（DB-2026-0001）") && !refused.contains("T-1"), "{refused}");
    assert!(said(yard.ask(&yard.manager(0), &plain(Kind::Idle, &["T-0"])).await).contains("正在办理调拨"));
    // The head says no: it is free, though nobody touched the document since.
    yard.head_says(&row, false).await.unwrap();
    let loan = yard.asked(&loan).await;
    let ended = store::one(yard.office.db.read(), &yard.centre(), &row.number).await.unwrap();
    assert_eq!((ended.row.state, ended.state), (State::Refused, State::Refused));
    // Taken back with what it asked.
    let back = yard.withdraw(&yard.manager(0), &loan).await.unwrap();
    assert_eq!(back.state, State::Withdrawn);
    assert!(yard.head_says(&loan, true).await.is_err(), "what was taken back is not decided");
    yard.asked(&yard.transfer(&["T-0"])).await;
    let held = movement_line::Entity::find().filter(movement_line::Column::OpenOf.is_not_null());
    assert_eq!(held.count(yard.office.db.read()).await.unwrap(), 1);
}

#[tokio::test]
async fn a_document_that_was_approved_and_left_can_be_freed() {
    let yard = Yard::new().await;
    yard.stock(1).await;
    let row = yard.asked(&yard.transfer(&["T-0"])).await;
    assert!(yard.withdraw(&yard.centre(), &row).await.is_err(), "it is the asker's while it waits");
    yard.approve(&row).await;
    assert!(yard.withdraw(&yard.manager(1), &row).await.is_err());
    let declined = steps::decline(&yard.office.db, &yard.manager(1), &row.number, None, "无处存放").await.unwrap();
    assert_eq!((declined.state, declined.finished_reason.as_str()), (State::Declined, "无处存放"));
    let row = yard.asked(&yard.transfer(&["T-0"])).await;
    yard.approve(&row).await;
    assert_eq!(yard.withdraw(&yard.centre(), &row).await.unwrap().state, State::Withdrawn);
    assert_eq!(yard.thing("T-0").await.unit_id, yard.office.units[0]);
}

/// Two heads, or one twice: one word counts. Two who carry out at once: one does.
#[tokio::test]
async fn two_at_once_do_it_once() {
    let yard = Yard::new().await;
    yard.stock(1).await;
    let row = yard.asked(&yard.transfer(&["T-0"])).await;
    let (one, other) = tokio::join!(yard.head_says(&row, true), yard.head_says(&row, true));
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1);
    let (manager, stranger) = (yard.manager(1), yard.centre());
    let (one, other) = tokio::join!(yard.accept(&manager, &row), yard.accept(&stranger, &row));
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1);
    let (giver, centre) = (yard.manager(0), yard.centre());
    let (one, other) = tokio::join!(yard.carry_out(&giver, &row), yard.carry_out(&centre, &row));
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1);
    assert_eq!(yard.thing("T-0").await.version, 2);
    let (ask, manager) = (plain(Kind::Idle, &["T-0"]), yard.centre());
    let (one, other) = tokio::join!(yard.ask(&manager, &ask), yard.ask(&manager, &ask));
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1);
}

#[tokio::test]
async fn a_loan_explains_and_comes_back_as_it_was() {
    let yard = Yard::new().await;
    yard.stock(2).await;
    yard.asked(&plain(Kind::Idle, &["T-0"])).await;
    let loan =
        Ask {
            counterparty: "某派出所".into(), due_on: Some(day(2026, 12, 1)), ..plain(Kind::Loan, &["T-0", "T-1"])
        };
    let row = yard.asked(&loan).await;
    yard.approve(&row).await;
    yard.carry_out(&yard.manager(0), &row).await.unwrap();
    let lent = yard.thing("T-0").await;
    assert_eq!((lent.state, lent.excused_by.as_deref()), (ItemState::OnLoan, Some("借出单 JC-2026-0001")));
    assert!(said(yard.ask(&yard.manager(0), &plain(Kind::Idle, &["T-1"])).await).contains("现为借出"));
    yard.asked(&plain(Kind::LoanReturn, &["T-0"])).await;
    let back = yard.thing("T-0").await;
    assert_eq!((back.state, back.excused_by), (ItemState::Idle, None), "as before it was lent");
    assert!(said(yard.ask(&yard.manager(0), &plain(Kind::LoanReturn, &["T-0"])).await).contains("没有借出"));
    let lines = store::lines(yard.office.db.read(), row.id).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.answered_at.is_some()).collect::<Vec<_>>(), [true, false]);
    let repair = Ask { counterparty: "维修部".into(), ..plain(Kind::Repair, &["T-0"]) };
    yard.asked(&repair).await;
    yard.asked(&plain(Kind::RepairReturn, &["T-0"])).await;
    assert_eq!(yard.thing("T-0").await.state, ItemState::Idle);
}

#[tokio::test]
async fn what_is_counted_or_missing_stays() {
    let yard = Yard::new().await;
    let things = yard.stock(3).await;
    let office = &yard.office;
    let waiting = yard.asked(&yard.transfer(&["T-2"])).await;
    yard.approve(&waiting).await;
    yard.accept(&yard.manager(1), &waiting).await.unwrap();
    office.clock.advance_ms(DAY);
    let today = office.ctx.now().day();
    let opening = Opening {
        number: "2026-YE".into(),
        name: "年终盘点".into(),
        baseline_on: today - chrono::Days::new(1),
        from: today,
        to: today + chrono::Days::new(9),
        blind: false,
        scope: Scope::default(),
    };
    let number = campaign::open(&office.db, &office.ctx, &opening).await.unwrap().number;
    let refused = said(yard.ask(&yard.manager(0), &yard.transfer(&["T-0"])).await);
    assert!(refused.contains(&format!("“T-0”正在盘点（{number}）")), "{refused}");
    assert!(said(yard.carry_out(&yard.manager(0), &waiting).await).contains("正在盘点"));
    // What stays with the unit is only noted.
    let moved = Ask { to_place: Some(office.places[0][1]), ..plain(Kind::Relocate, &["T-0"]) };
    let row = yard.asked(&moved).await;
    assert_eq!(row.notes, format!("其中 1 件正在盘点（{number}）"));
    carry_over(&office.db, &office.ctx, 2025, &[things[1].id]).await.unwrap();
    assert!(said(yard.ask(&yard.manager(0), &plain(Kind::Idle, &["T-1"])).await).contains("按盘亏查找"));
}

#[tokio::test]
async fn a_disposal_has_its_papers() {
    let yard = Yard::new().await;
    let office = &yard.office;
    let mut old = office.new_item("OLD-1", 0);
    old.acquired_on = Some(day(2019, 1, 1));
    let mut young = office.new_item("NEW-1", 0);
    young.acquired_on = Some(day(2024, 1, 1));
    office.register(&[old, young]).await;
    let early = said(yard.ask(&yard.manager(0), &plain(Kind::Scrap, &["OLD-1", "NEW-1"])).await);
    assert!(early.contains("“NEW-1”最低使用年限至 2030-01-01"), "{early}");
    let row = yard.asked(&plain(Kind::Scrap, &["OLD-1"])).await;
    yard.approve(&row).await;
    let finish = |decision: &str, number: &str, proceeds: i64, receipt: &str| Finish {
        decision: decision.into(),
        approval_number: number.into(),
        proceeds: Some(Fen(proceeds)),
        receipt: receipt.into(),
    };
    let out =
        async |ctx: &Ctx, number: &str, finish: &Finish| steps::carry_out(&office.db, ctx, number, None, finish).await;
    assert!(out(&yard.manager(0), &row.number, &finish("会1", "批1", 0, "")).await.is_err(), "the centre does it");
    for (wrong, sentence) in [
        (finish("", "批1", 0, ""), "会议纪要"),
        (finish("会1", " ", 0, ""), "批复文号"),
        (finish("会1", "批1", 100, ""), "非税收入"),
        (finish("会1", "批1", -1, "票"), "不能为负"),
    ] {
        assert!(said(out(&yard.centre(), &row.number, &wrong).await).contains(sentence), "{sentence}");
    }
    out(&yard.centre(), &row.number, &finish("会1", "批1", 3_000, "票0001")).await.unwrap();
    assert_eq!(yard.thing("OLD-1").await.state, ItemState::Disposed);
    let sale = Ask { disposal: Some(Disposal::Sale), ..plain(Kind::Dispose, &["NEW-1"]) };
    let row = yard.asked(&sale).await;
    yard.approve(&row).await;
    let right = finish("会2", "批2", 5_000, "票0002");
    assert!(said(out(&yard.centre(), &row.number, &finish("会2", "批2", 0, "")).await).contains("登记处置收入"));
    assert!(said(out(&yard.centre(), &row.number, &right).await).contains("先评估"));
    let shelf = Shelf::folder(&office.dir.path().join("shelf")).unwrap();
    let file = NewFile::look_at("评估.pdf", b"%PDF-1.7".to_vec()).unwrap();
    let subject = Subject { room: ROOM, id: row.id, step: APPRAISAL.into(), unit: row.unit_id };
    let paper = papers::attach(&office.db, &shelf, &yard.centre(), &subject, &file).await.unwrap();
    assert!(papers::attach(&office.db, &shelf, &yard.centre(), &subject, &file).await.is_err(), "twice the same");
    papers::withdraw(&office.db, &yard.centre(), paper.id, "传错").await.unwrap();
    assert!(said(out(&yard.centre(), &row.number, &right).await).contains("先评估"), "one withdrawn proves nothing");
    papers::attach(&office.db, &shelf, &yard.centre(), &subject, &file).await.unwrap();
    out(&yard.centre(), &row.number, &right).await.unwrap();
    assert_eq!(yard.thing("NEW-1").await.state, ItemState::Disposed);
}

#[tokio::test]
async fn a_batch_gets_numbers_without_gaps_and_labels() {
    let yard = Yard::new().await;
    let office = &yard.office;
    office.register(&[office.new_item("ZC2026000002", 0)]).await;
    let each = NewItem { item_number: String::new(), acquired_on: Some(day(2026, 11, 1)), ..office.new_item("", 0) };
    let batch = Batch { each, count: 3, supplier: "某公司".into(), reason: "合同 HT-1，发票 FP-1".into() };
    let row = intake::enter(&office.db, &yard.manager(0), &batch).await.unwrap();
    assert_eq!((row.number.as_str(), row.state, row.line_count), ("RK-2026-0001", State::Done, 3));
    for (wrong, sentence) in [
        (Batch { count: 0, ..batch.clone() }, "1 至 2000"),
        (Batch { count: 2_001, ..batch.clone() }, "1 至 2000"),
        (Batch { reason: String::new(), ..batch.clone() }, "请写明事由"),
        (Batch { each: NewItem { name: " ".into(), ..batch.each.clone() }, ..batch.clone() }, "名称不能为空"),
        (Batch { each: NewItem { serial_number: "S1".into(), ..batch.each.clone() }, ..batch.clone() }, "逐件登记"),
        (
            Batch { each: NewItem { keeper_id: Some(office.people[1][0]), ..batch.each.clone() }, ..batch.clone() },
            "不在这个单位",
        ),
        (
            Batch { each: NewItem { acquired_on: Some(day(2026, 11, 2)), ..batch.each.clone() }, ..batch.clone() },
            "不能晚于今天",
        ),
    ] {
        let refused = said(intake::enter(&office.db, &yard.manager(0), &wrong).await);
        assert!(refused.contains(sentence), "{refused}");
    }
    assert!(intake::enter(&office.db, &yard.manager(1), &batch).await.is_err(), "of another unit");
    let next = Batch { count: 200, ..batch };
    intake::enter(&office.db, &yard.manager(0), &next).await.unwrap();
    let mut numbers: Vec<String> = items_of(&yard).await.into_iter().map(|thing| thing.item_number).collect();
    numbers.sort();
    let expected: Vec<String> = (1..=204).map(|n| format!("ZC2026{n:06}")).collect();
    assert_eq!(numbers, expected, "the one entered by hand among them, and nothing left out");
    assert_eq!(label_reprint::Entity::find().count(office.db.read()).await.unwrap(), 203);
}

async fn items_of(yard: &Yard) -> Vec<item::Model> {
    item::Entity::find().all(yard.office.db.read()).await.unwrap()
}

#[tokio::test]
async fn whoever_leaves_hands_everything_over_before_two() {
    let yard = Yard::new().await;
    let office = &yard.office;
    let things: Vec<_> = (0..5)
        .map(|n| NewItem { keeper_id: Some(office.people[0][2]), ..office.new_item(&format!("H-{n}"), 0) })
        .collect();
    office.register(&things).await;
    let [_, manager, giver, receiver] = office.people[0];
    let new = HandOver { from: giver, to: receiver, numbers: Vec::new(), place: None, reason: "调离".into() };
    let signing = |mut ctx: Ctx, beside| {
        ctx.co_signer = beside;
        ctx
    };
    let hand = async |ctx: &Ctx, new: &HandOver| handing::hand_over(&office.db, ctx, new).await;
    assert!(hand(&yard.member(0, 2), &new).await.is_err(), "one alone");
    assert!(hand(&signing(yard.member(0, 2), Some(manager)), &new).await.is_err(), "the wrong second");
    assert!(hand(&signing(yard.manager(1), Some(receiver)), &new).await.is_err(), "another unit's manager");
    let to_oneself = HandOver { to: giver, ..new.clone() };
    assert!(said(hand(&signing(yard.member(0, 2), Some(giver)), &to_oneself).await).contains("本人"));
    let both = signing(yard.member(0, 2), Some(receiver));
    let away = HandOver { to: office.people[1][2], ..new.clone() };
    assert!(said(hand(&signing(yard.member(0, 2), Some(away.to)), &away).await).contains("跨单位"));
    let strange = HandOver { numbers: vec!["H-9".into()], ..new.clone() };
    assert!(said(hand(&both, &strange).await).contains("不在人员02名下"));
    let some = HandOver { numbers: vec!["h-0".into()], ..new.clone() };
    let done = hand(&both, &some).await.unwrap();
    assert_eq!((done.len(), done[0].kind, done[0].line_count), (1, Kind::Handover, 1));
    assert_eq!((done[0].asker_id, done[0].second_id), (Some(giver), Some(receiver)));
    // The giver does not come: the manager stands in, and it says so.
    let done = hand(&signing(yard.manager(0), Some(receiver)), &new).await.unwrap();
    assert!(done[0].counterparty.contains("移交人未到场"), "{}", done[0].counterparty);
    assert!(handing::kept_by(office.db.read(), giver).await.unwrap().is_empty());
    assert_eq!(handing::kept_by(office.db.read(), receiver).await.unwrap().len(), 5);
    assert!(said(hand(&both, &new).await).contains("名下没有固定资产"));
    assert_eq!(handover::still_open(&office.db, giver).await.unwrap().len(), 1, "the room they keep");
}

#[tokio::test]
async fn open_documents_keep_their_asker() {
    let yard = Yard::new().await;
    yard.stock(1).await;
    let asker = yard.office.people[0][1];
    let row = yard.asked(&yard.transfer(&["T-0"])).await;
    let open = handover::still_open(&yard.office.db, asker).await.unwrap();
    assert_eq!(open, ["未办结资产变动单 1 份：DB-2026-0001"]);
    yard.head_says(&row, false).await.unwrap();
    assert!(handover::still_open(&yard.office.db, asker).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_card_is_put_right_and_its_label_waits() {
    let yard = Yard::new().await;
    yard.stock(1).await;
    let db = &yard.office.db;
    let facts =
        Facts { name: Some("便携式计算机".into()), serial_number: Some(" sn 9 ".into()), ..Facts::default() };
    let row = correction::correct(db, &yard.manager(0), "t-0", &facts, "实物核对").await.unwrap();
    assert_eq!((row.number.as_str(), row.state), ("GZ-2026-0001", State::Done));
    let thing = yard.thing("T-0").await;
    assert_eq!((thing.name.as_str(), thing.serial_number.as_str(), thing.version), ("便携式计算机", "SN9", 2));
    let told = store::lines(db.read(), row.id).await.unwrap()[0].facts.clone().unwrap();
    assert!(told.contains("台式计算机") && told.contains("便携式计算机"));
    for (facts, sentence) in [
        (facts, "没有要变更"),
        (Facts { name: Some(" ".into()), ..Facts::default() }, "名称不能为空"),
        (Facts { brand: Some("长".repeat(201)), ..Facts::default() }, "最多 200"),
    ] {
        assert!(said(correction::correct(db, &yard.manager(0), "T-0", &facts, "实物核对").await).contains(sentence));
    }
    assert!(correction::correct(db, &yard.manager(1), "T-0", &Facts::default(), "x").await.is_err());
}

#[tokio::test]
async fn keepers_say_what_is_with_them() {
    let yard = Yard::new().await;
    let office = &yard.office;
    yard.stock(3).await;
    let keeper = yard.member(0, 0);
    let db = &office.db;
    assert_eq!(keeping::mine(db.read(), &keeper).await.unwrap().len(), 3);
    assert!(keeping::say(db, &yard.member(0, 2), "T-0", true, "").await.is_err(), "not in their keeping");
    keeping::say(db, &keeper, "T-0", true, "").await.unwrap();
    keeping::say(db, &keeper, "T-1", false, "被借走").await.unwrap();
    let open = finding::Entity::find().all(db.read()).await.unwrap();
    assert_eq!((open.len(), open[0].state), (1, Found::Open));
    assert!(open[0].title.contains("T-1") && open[0].description.contains("被借走"));
    let tallies = keeping::tallies(db.read(), &yard.centre()).await.unwrap();
    let one = tallies[0];
    assert_eq!((one.person, one.kept, one.with_them, one.not_with_them), (office.people[0][0], 3, 1, 1));
    assert!(keeping::tallies(db.read(), &keeper).await.is_err());
    assert!(keeping::tallies(db.read(), &yard.manager(1)).await.unwrap().is_empty());
    let listed = keeping::mine(db.read(), &keeper).await.unwrap();
    assert_eq!(listed[0].thing.item_number, "T-2", "what was not spoken of comes first");
    keeping::say(db, &keeper, "T-1", false, "还没还").await.unwrap();
    keeping::say(db, &keeper, "T-1", true, "").await.unwrap();
    let after = finding::Entity::find().all(db.read()).await.unwrap();
    assert_eq!((after.len(), after[0].state), (1, Found::Explained), "a yes settles the one there is");
    office.clock.advance_ms(366 * DAY);
    assert!(keeping::mine(db.read(), &keeper).await.unwrap().iter().all(|one| one.said.is_none()));
}

/// Every document can be printed, the same each time, however many lines and however long its names.
#[tokio::test]
async fn every_document_has_its_form() {
    let yard = Yard::new().await;
    let office = &yard.office;
    let named = |n: usize| NewItem {
        name: "高清执法记录仪采集工作站（含存储扩展柜）".repeat(1 + n % 3),
        specification: "ZFY-2000".into(),
        acquired_on: Some(day(2019, 3, 31)),
        ..office.new_item(&format!("F-{n:04}"), 0)
    };
    office.register(&(0..90).map(named).collect::<Vec<_>>()).await;
    let numbers: Vec<String> = (0..80).map(|n| format!("F-{n:04}")).collect();
    let transfer = Ask { numbers, to_unit: Some(office.units[1]), ..plain(Kind::Transfer, &[]) };
    yard.asked(&transfer).await;
    yard.asked(&plain(Kind::Scrap, &["F-0080", "F-0081"])).await;
    yard.asked(&Ask { disposal: Some(Disposal::Sale), ..plain(Kind::Dispose, &["F-0082"]) }).await;
    yard.asked(&Ask { to_keeper: Some(office.people[0][2]), ..plain(Kind::Issue, &["F-0083"]) }).await;
    yard.asked(&plain(Kind::Idle, &["F-0084"])).await;
    let mut both = yard.member(0, 0);
    both.co_signer = Some(office.people[0][3]);
    let new = HandOver {
        from: office.people[0][0],
        to: office.people[0][3],
        numbers: vec!["F-0085".into(), "F-0086".into()],
        place: None,
        reason: "换岗".into(),
    };
    handing::hand_over(&office.db, &both, &new).await.unwrap();
    let all = store::list(office.db.read(), &yard.centre(), &Wanted::default(), 99).await.unwrap();
    assert_eq!(all.len(), 6);
    for shown in all {
        let name = shown.row.number.clone();
        let paper = Paper::read(office.db.read(), shown, office.ctx.now()).await.unwrap();
        let bytes = paper.bytes().unwrap();
        assert!(bytes.starts_with(b"%PDF-") && bytes == paper.bytes().unwrap(), "{name}");
    }
}

/// Who may see a document: from and to.
#[tokio::test]
async fn documents_are_seen_from_both_sides_only() {
    let yard = Yard::new().await;
    yard.stock(1).await;
    let row = yard.asked(&yard.transfer(&["T-0"])).await;
    let db = yard.office.db.read();
    for (ctx, sees) in [
        (yard.manager(0), true),
        (yard.manager(1), true),
        (yard.centre(), true),
        (yard.manager(2), false),
        (holding(&yard.office, yard.office.people[2][0], Role::SystemAdministrator, None), false),
    ] {
        assert_eq!(store::one(db, &ctx, &row.number).await.is_ok(), sees);
        let mine = store::list(db, &ctx, &Wanted::default(), 9).await.unwrap();
        assert_eq!(!mine.is_empty(), sees);
    }
    assert!(store::one(db, &yard.centre(), "DB-2026-\0").await.is_err());
}

/// What the manager of a unit changes by hand stays within it.
#[tokio::test]
async fn what_needs_a_document_is_not_changed_by_hand() {
    let yard = Yard::new().await;
    yard.stock(1).await;
    let office = &yard.office;
    let by_hand = async |ctx: &Ctx, what: Change| change(&office.db, ctx, "T-0", &what, "清点").await;
    let place = Change { place: Some(Some(office.places[0][1])), ..Change::default() };
    by_hand(&yard.manager(0), place).await.unwrap();
    let idle = Change { state: Some(ItemState::Idle), ..Change::default() };
    by_hand(&yard.manager(0), idle).await.unwrap();
    let many = |quantity| Change { quantity: Some(Quantity(quantity)), ..Change::default() };
    by_hand(&yard.manager(0), many(3)).await.unwrap();
    let away = Change { unit: Some(office.units[1]), place: Some(None), keeper: Some(None), ..Change::default() };
    for what in [Change { state: Some(ItemState::OnLoan), ..Change::default() }, many(2), away] {
        let refused = by_hand(&yard.manager(0), what.clone()).await.unwrap_err().to_string();
        assert!(refused.contains("资产变动"), "{refused}");
        by_hand(&yard.centre(), what).await.unwrap();
    }
}
