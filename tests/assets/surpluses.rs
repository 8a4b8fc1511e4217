//! Surplus things: what they turn out to be, what they are worth, and how they enter the book.

use hufu::assets::AssetError;
use hufu::assets::missing::model::FoundHow;
use hufu::assets::missing::store as cases;
use hufu::assets::papers::{self, Subject};
use hufu::assets::surplus::entering::{self, Entering};
use hufu::assets::surplus::entity::surplus;
use hufu::assets::surplus::model::{Basis, State};
use hufu::assets::surplus::opening::{self, NewSurplus};
use hufu::assets::surplus::service::{self, APPRAISAL, Identity, ROOM, Valuation};
use hufu::assets::surplus::store::{self, Wanted};
use hufu::findings::Kind;
use hufu::findings::entity::finding;
use hufu::findings::model::State as Found;
use hufu::items::attachments::NewFile;
use hufu::items::entity::label_reprint;
use hufu::items::model::ItemState;
use hufu::items::store as items;
use hufu::kernel::{Ctx, Fen, Quantity};
use hufu::stocktake::campaign::{self, Opening};
use hufu::stocktake::counting::{self, NewScan};
use hufu::stocktake::model::{Condition, MissingState};
use hufu::stocktake::scope::Scope;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::losses::missing;
use super::support::{DAY, badge};
use super::yard::{Yard, said};

impl Yard {
    async fn surplus(&self, name: &str) -> String {
        let new = NewSurplus {
            unit: self.office.units[0],
            place: Some(self.office.places[0][1]),
            name: name.to_owned(),
            specification: String::new(),
            serial_number: String::new(),
            quantity: Quantity::ONE,
            note: "库房角落".to_owned(),
        };
        opening::open(&self.office.db, &self.manager(0), &new).await.unwrap().number
    }

    async fn identify(&self, number: &str, identity: Identity) -> Result<surplus::Model, AssetError> {
        service::identify(&self.office.db, &self.manager(0), number, None, &identity, "核对序列号").await
    }

    async fn value(&self, number: &str, basis: Basis, value: i64) -> Result<surplus::Model, AssetError> {
        let said = Valuation {
            basis,
            value: Fen(value),
            source: "同型号采购价".to_owned(),
            name: "碎纸机".to_owned(),
            specification: "S-1".to_owned(),
            class_code: "A02021301".to_owned(),
            measure_unit: "台".to_owned(),
        };
        service::value(&self.office.db, &self.manager(0), number, None, &said).await
    }

    async fn ask_in(&self, number: &str) -> Result<surplus::Model, AssetError> {
        service::ask(&self.office.db, &self.manager(0), number, None, "账外资产入账").await
    }

    async fn chain_lets_in(&self, number: &str) {
        let shown = store::one(self.office.db.read(), &self.office.ctx, number).await.unwrap();
        let id = shown.row.approval_id.unwrap();
        for ctx in self.deciders() {
            let now = hufu::approvals::entity::request::Entity::find_by_id(id);
            if now.one(self.office.db.read()).await.unwrap().unwrap().state.is_open() {
                self.decide(&ctx, id, true).await.unwrap();
            }
        }
    }

    async fn enter(&self, number: &str) -> Result<surplus::Model, AssetError> {
        let to = Entering { keeper: Some(self.office.people[0][2]), ..Entering::default() };
        entering::enter(&self.office.db, &self.manager(0), number, None, to).await
    }
}

#[tokio::test]
async fn a_thing_of_no_book_is_valued_approved_and_entered() {
    let yard = Yard::new().await;
    let db = &yard.office.db;
    let number = yard.surplus("不明设备").await;
    assert_eq!(number, "PY-2026-0001");
    assert!(said(yard.value(&number, Basis::Replacement, 90_000).await).contains("待认定”，不能估值"));
    yard.identify(&number, Identity::Unbooked(None)).await.unwrap();
    assert!(said(yard.value(&number, Basis::Nominal, 200).await).contains("名义金额为 1 元"));
    assert!(said(yard.value(&number, Basis::Replacement, 0).await).contains("请填写价值"));
    assert!(said(yard.enter(&number).await).contains("不能入账"));
    yard.value(&number, Basis::Assessed, 90_000).await.unwrap();
    assert!(said(yard.ask_in(&number).await).contains("评估报告"), "an assessed value has its report");
    let (ctx, row) = (yard.manager(0), store::one(db.read(), &yard.centre(), &number).await.unwrap().row);
    let subject = Subject { room: ROOM, id: row.id, step: APPRAISAL.to_owned(), unit: row.unit_id };
    let file = NewFile::look_at("评估报告.txt", b"report".to_vec()).unwrap();
    db.write(async |tx| papers::attach_in(tx, &ctx, &subject, &file).await).await.unwrap();
    yard.ask_in(&number).await.unwrap();
    assert!(said(yard.value(&number, Basis::Nominal, 100).await).contains("正在审批"));
    assert!(said(yard.identify(&number, Identity::Foreign).await).contains("正在审批"));
    assert!(said(yard.enter(&number).await).contains("正在审批"));
    yard.chain_lets_in(&number).await;
    let approved = Wanted { state: Some(State::Approved), ..Wanted::default() };
    assert_eq!(store::list(db.read(), &yard.centre(), &approved, 9).await.unwrap().len(), 1);
    let (one, two) = tokio::join!(yard.enter(&number), yard.enter(&number));
    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1, "entered once");
    let row = store::one(db.read(), &yard.centre(), &number).await.unwrap().row;
    let thing = items::by_id(db.read(), row.item_id.unwrap()).await.unwrap().unwrap();
    assert_eq!(
        (thing.value_fen, thing.state, thing.keeper_id),
        (Fen(90_000), ItemState::InUse, Some(yard.office.people[0][2]))
    );
    assert_eq!((thing.name.as_str(), thing.place_id), ("碎纸机", Some(yard.office.places[0][1])));
    let queued = label_reprint::Entity::find().filter(label_reprint::Column::ItemId.eq(thing.id));
    assert!(queued.one(db.read()).await.unwrap().is_some(), "its label waits to be printed");
    assert_eq!(row.ended_note, format!("盘盈入账，资产编号 {}", thing.item_number));
    assert!(said(yard.identify(&number, Identity::Foreign).await).contains("已入账"));
}

#[tokio::test]
async fn a_thing_that_lost_its_label_ends_its_missing_case() {
    let yard = Yard::new().await;
    let db = &yard.office.db;
    let things = yard.stock(2).await;
    let id = missing(&yard, 2023, &[things[0].id]).await[0];
    let number = yard.surplus("台式计算机").await;
    assert!(said(yard.identify(&number, Identity::Known("T-9".to_owned())).await).contains("没有编号为“T-9”"));
    let row = yard.identify(&number, Identity::Known("t-0".to_owned())).await.unwrap();
    assert_eq!((row.state, row.item_id, row.case_id), (State::Matched, Some(things[0].id), Some(id)));
    let case = yard.case(id).await;
    assert_eq!((case.standing.state, case.loss.found_how), (MissingState::Found, Some(FoundHow::Surplus)));
    assert_eq!(case.thing.place_id, Some(yard.office.places[0][1]), "it stays where it lies");
    let queued = label_reprint::Entity::find().filter(label_reprint::Column::ItemId.eq(things[0].id));
    assert!(queued.one(db.read()).await.unwrap().is_some());
    // One that nobody misses is only labelled anew.
    let number = yard.surplus("台式计算机").await;
    let row = yard.identify(&number, Identity::Known("T-1".to_owned())).await.unwrap();
    assert_eq!((row.state, row.case_id), (State::Matched, None));
    // Somebody else's.
    let number = yard.surplus("住户的自行车").await;
    yard.identify(&number, Identity::Foreign).await.unwrap();
    let owner = service::hand_over(db, &yard.manager(0), &number, None, "张某某，凭身份证领取").await.unwrap();
    assert_eq!(owner.state, State::HandedOver);
    let number = yard.surplus("废纸箱").await;
    let hidden = service::refuse(db, &yard.manager(1), &number, None, "无价值").await;
    assert!(hidden.is_err(), "another unit's surplus is not there");
    let dropped = service::refuse(db, &yard.manager(0), &number, None, "无使用价值").await.unwrap();
    assert_eq!((dropped.state, dropped.ended_note.as_str()), (State::Dropped, "无使用价值"));
    assert!(said(service::refuse(db, &yard.manager(0), &number, None, "再来").await).contains("不予入账”，不能"));
}

#[tokio::test]
async fn what_was_written_off_comes_back_as_a_surplus_with_a_link() {
    let yard = Yard::new().await;
    let db = &yard.office.db;
    let things = yard.stock(1).await;
    let id = missing(&yard, 2023, &[things[0].id]).await[0];
    let number = yard.surplus("台式计算机").await;
    assert!(said(yard.identify(&number, Identity::Unbooked(Some("T-0".to_owned()))).await).contains("没有盘亏核销"));
    yard.approved(id).await;
    yard.tick_all(id).await;
    yard.write_off(id).await.unwrap();
    assert!(said(yard.identify(&number, Identity::Known("T-0".to_owned())).await).contains("已核销；请认定为账外资产"));
    let row = yard.identify(&number, Identity::Unbooked(Some("T-0".to_owned()))).await.unwrap();
    assert_eq!((row.state, row.case_id), (State::Unbooked, Some(id)));
    let again = yard.surplus("台式计算机").await;
    let twice = yard.identify(&again, Identity::Unbooked(Some("T-0".to_owned()))).await;
    assert!(said(twice).contains(&number), "one thing comes back once");
    yard.value(&number, Basis::Nominal, 100).await.unwrap();
    yard.ask_in(&number).await.unwrap();
    yard.chain_lets_in(&number).await;
    let row = yard.enter(&number).await.unwrap();
    let old = yard.thing("T-0").await;
    assert_eq!(old.state, ItemState::WrittenOff, "the old card stays as it was written off");
    assert_ne!(row.item_id, Some(old.id));
    let back = Wanted { case: Some(id), ..Wanted::default() };
    let linked = store::list(db.read(), &yard.centre(), &back, 9).await.unwrap();
    assert_eq!(linked[0].row.number, number);
    assert_eq!(cases::one(db.read(), &yard.centre(), id).await.unwrap().case.list_year, 2023);
}

#[tokio::test]
async fn what_a_count_sees_and_no_book_knows_is_opened_once() {
    let yard = Yard::new().await;
    let (db, office) = (&yard.office.db, &yard.office);
    yard.stock(1).await;
    office.clock.advance_ms(2 * DAY);
    let today = office.ctx.now().day();
    let opening = Opening {
        number: "C1".to_owned(),
        name: "抽查".to_owned(),
        baseline_on: today.pred_opt().unwrap(),
        from: today,
        to: today + chrono::Days::new(9),
        blind: false,
        scope: Scope { units: vec![office.units[0], office.units[1]], ..Scope::default() },
    };
    campaign::open(db, &office.ctx, &opening).await.unwrap();
    for (place, name) in [(office.places[0][0], "旧打印机"), (office.places[1][0], "旧风扇")] {
        let scan = NewScan {
            id: office.ctx.new_id(),
            code_read: String::new(),
            place: Some(place),
            keeper: None,
            quantity: Quantity::ONE,
            condition: Condition::Good,
            no_label: false,
            name: name.to_owned(),
            serial_number: format!("SN-{name}"),
            note: "无标签".to_owned(),
            counter: badge(0, 1),
            device: String::new(),
            device_at: office.ctx.now(),
        };
        counting::scan(db, &office.ctx, "C1", &[scan]).await.unwrap();
    }
    let gather = async |ctx: &Ctx| opening::gather(db, ctx, "C1").await;
    assert!(said(gather(&yard.centre()).await).contains("尚未结束"));
    assert!(said(opening::gather(db, &yard.centre(), "没有").await).contains("没有这次盘点"));
    campaign::close(db, &office.ctx, "C1", Some("阶段性")).await.unwrap();
    let mine = gather(&yard.manager(0)).await.unwrap();
    assert_eq!(mine.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["旧打印机"], "one's own unit's");
    let rest = gather(&yard.centre()).await.unwrap();
    assert_eq!(rest.iter().map(|row| row.unit_id).collect::<Vec<_>>(), [office.units[1]]);
    assert!(gather(&yard.centre()).await.unwrap().is_empty(), "each line once");
    let row = &mine[0];
    assert_eq!((row.serial_number.as_str(), row.note.as_str(), row.line.is_some()), ("SN-旧打印机", "无标签", true));
    service::refuse(db, &yard.manager(0), &row.number, None, "报废零件").await.unwrap();
    let findings = finding::Entity::find().filter(finding::Column::Kind.eq(Kind::Unregistered)).all(db.read()).await;
    let explained = findings.unwrap().into_iter().filter(|one| one.state == Found::Explained).count();
    assert_eq!(explained, 1, "its finding has the answer");
}
