//! Book, count and finance ledger held against each other: the list comes in, each thing gets its verdict, each
//! difference is explained or open.

use chrono::NaiveDate;
use hufu::access::Role;
use hufu::assets::AssetError;
use hufu::assets::three_way::batches::{self, Parsed};
use hufu::assets::three_way::entity::{finance_batch, three_way_check, three_way_line};
use hufu::assets::three_way::model::{Category, State, Verdict};
use hufu::assets::three_way::service::{self, Count, Which};
use hufu::assets::three_way::sheet::Sheets;
use hufu::assets::three_way::store::{self, Wanted};
use hufu::documents::{ColumnMap, Limits};
use hufu::items::model::ItemState;
use hufu::items::service::{Change, NewItem, change};
use hufu::kernel::{Ctx, Fen};
use hufu::org::Directory;
use hufu::stocktake::campaign::{self, Opening};
use hufu::stocktake::counting;
use hufu::stocktake::scope::Scope;

use super::submissions::close;
use super::support::{DAY, badge};
use super::web::holding;
use super::yard::{Yard, said};

const LIST: &str = "某分局固定资产明细账,,,,,,,\n\
    固定资产编号,资产名称,账面原值,累计折旧,净值,财务入账日期,会计科目,使用单位\n\
    T-0,台式计算机,4500.00,1500,3000,2021-04-30,1601 固定资产,第0大队\n\
    ｔ－1,台式计算机,\"4,400.00\",1500,2900,2021-04-30,1601 固定资产,第0大队\n\
    T-2,台式计算机,4500,100,4401,2021-04-30,1601 固定资产,第0大队\n\
    T-9,不认识的,100,,,2020-01-01,1601 固定资产,第1大队\n\
    T-3,台式计算机,2000,,,,1601 固定资产,第0大队\n\
    T-3,台式计算机,2500,,,,1601 固定资产,第0大队\n\
    ,无编号,100,,,,1601 固定资产,\n\
    T-8,没有原值,,,,,1601 固定资产,\n\
    T-7,负数,-5,,,,1601 固定资产,\n\
    GONE,旧电脑,3000,3000,0,,1601 固定资产,第1大队\n";

fn parsed(text: &str) -> Parsed {
    batches::parse("明细账.csv", text.as_bytes().to_vec(), &ColumnMap::default(), &Limits::default()).unwrap()
}

impl Yard {
    fn today(&self) -> NaiveDate {
        self.office.ctx.now().day()
    }

    async fn brought(&self, text: &str) -> finance_batch::Model {
        batches::write(&self.office.db, &self.centre(), &parsed(text), self.today()).await.unwrap()
    }

    async fn compared(&self, batch: &finance_batch::Model, count: Count) -> three_way_check::Model {
        service::compare(&self.office.db, &self.centre(), &batch.number, &count).await.unwrap()
    }

    async fn lines(&self, ctx: &Ctx, check: &three_way_check::Model, wanted: &Wanted) -> Vec<three_way_line::Model> {
        store::lines(self.office.db.read(), ctx, check, wanted, 999).await.unwrap()
    }

    async fn told(&self, check: &three_way_check::Model) -> Vec<(String, Verdict)> {
        let lines = self.lines(&self.centre(), check, &Wanted::default()).await;
        lines.into_iter().map(|line| (line.item_number, line.verdict)).collect()
    }

    async fn account_for(&self, ctx: &Ctx, number: &str, which: Which, why: &str) -> Result<usize, AssetError> {
        service::explain(&self.office.db, ctx, number, &which, Category::WrongEntry, why).await
    }
}

#[tokio::test]
async fn a_list_comes_in_row_by_row_and_goes_again() {
    let yard = Yard::new().await;
    let db = &yard.office.db;
    let list = parsed(LIST);
    let refused: Vec<_> = list.rejects.iter().map(|one| (one.at.row, one.reason.as_str())).collect();
    assert_eq!(list.taken(), 7);
    assert_eq!(refused.len(), 3, "{refused:?}");
    assert!(refused[1].1.contains("缺少原值") && refused[2].1.contains("不能为负"), "{refused:?}");
    let other = yard.manager(0);
    assert!(matches!(batches::write(db, &other, &list, yard.today()).await, Err(AssetError::Forbidden(_))));
    let tomorrow = yard.today() + chrono::Days::new(1);
    assert!(said(batches::write(db, &yard.centre(), &list, tomorrow).await).contains("不能晚于今天"));
    let empty = parsed("资产编号,原值\n,\n,7\n");
    assert!(said(batches::write(db, &yard.centre(), &empty, yard.today()).await).contains("没有可用的行"));
    let headless = batches::parse("x.csv", b"a,b\n1,2\n".to_vec(), &ColumnMap::default(), &Limits::default());
    assert!(matches!(headless, Err(AssetError::Field { field: "file", .. })));
    let batch = yard.brought(LIST).await;
    assert_eq!((batch.number.as_str(), batch.row_count, batch.reject_count), ("CW-2026-0001", 7, 3));
    assert_eq!(batch.value_fen, Fen(2_100_000));
    assert!(said(batches::write(db, &yard.centre(), &list, yard.today()).await).contains("已导入为 CW-2026-0001"));
    let check = yard.compared(&batch, Count::Last).await;
    assert!(said(batches::undo(db, &yard.centre(), &batch.number, None, " ").await).contains("撤销的原因"));
    let undone = batches::undo(db, &yard.centre(), &batch.number, Some(1), "导错了年度").await.unwrap();
    assert!(undone.undone_at.is_some());
    let check = store::one(db.read(), &yard.centre(), &check.number).await.unwrap();
    assert_eq!((check.state, check.finished_reason.as_str()), (State::Void, "CW-2026-0001 已撤销：导错了年度"));
    assert!(said(batches::undo(db, &yard.centre(), &batch.number, None, "再撤").await).contains("已撤销"));
    assert!(said(service::compare(db, &yard.centre(), &batch.number, &Count::Last).await).contains("已撤销"));
    assert_eq!(yard.brought(LIST).await.number, "CW-2026-0002", "the same file may come again");
}

#[tokio::test]
async fn each_thing_gets_one_verdict_and_each_difference_its_reason() {
    let yard = Yard::new().await;
    let (office, db) = (&yard.office, &yard.office.db);
    yard.stock(5).await;
    office.register(&[NewItem { state: ItemState::Disposed, ..office.new_item("GONE", 1) }]).await;
    let batch = yard.brought(LIST).await;
    let check = yard.compared(&batch, Count::Without).await;
    assert_eq!((check.line_count, check.difference_count, check.open_count), (7, 6, 6));
    let expected = [
        ("GONE", Verdict::GoneFromBook),
        ("T-0", Verdict::Agreed),
        ("T-1", Verdict::ValueDiffers),
        ("T-2", Verdict::DepreciationDiffers),
        ("T-3", Verdict::TwiceInFinance),
        ("T-4", Verdict::NotInFinance),
        ("T-9", Verdict::NotOnBook),
    ];
    let told = yard.told(&check).await;
    assert_eq!(told.iter().map(|(number, verdict)| (number.as_str(), *verdict)).collect::<Vec<_>>(), expected);
    let sums = store::sums(db.read(), &yard.centre(), &check).await.unwrap();
    assert_eq!((sums.total.book, sums.total.finance), (Fen(2_250_000), batch.value_fen));
    for parts in [
        sums.units.values().map(|sum| sum.finance).sum::<Fen>(),
        sums.accounts.values().map(|sum| sum.finance).sum(),
        sums.verdicts.values().map(|sum| sum.finance).sum(),
    ] {
        assert_eq!(parts, sums.total.finance);
    }
    // Each unit sees and explains its own.
    let theirs = yard.lines(&yard.manager(1), &check, &Wanted::default()).await;
    assert_eq!(theirs.iter().map(|line| line.item_number.as_str()).collect::<Vec<_>>(), ["GONE", "T-9"]);
    let number = check.number.as_str();
    let all = Which::Lines(vec![1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(
        yard.account_for(&yard.manager(1), number, all, "已查").await.unwrap(),
        2,
        "only what is theirs and differs"
    );
    let value = Which::OpenOf(Verdict::ValueDiffers);
    assert!(said(yard.account_for(&yard.manager(1), number, value.clone(), "x").await).contains("没有您可以说明"));
    assert!(said(yard.account_for(&yard.manager(0), number, value.clone(), " ").await).contains("差异原因"));
    assert_eq!(yard.account_for(&yard.manager(0), number, value, "财务少记 100 元，已通知更正").await.unwrap(), 1);
    let inspector = holding(office, office.people[2][3], Role::Inspector, None);
    assert!(yard.account_for(&inspector, number, Which::Lines(vec![3]), "x").await.is_err());
    assert!(said(service::close(db, &yard.centre(), number, None).await).contains("还有 3 项差异"));
    // Held against the book again: what was said of the same difference still holds.
    let check = yard.compared(&batch, Count::Without).await;
    assert_eq!(check.open_count, 3);
    let open = Wanted { open: true, ..Wanted::default() };
    let open: Vec<i64> = yard.lines(&yard.centre(), &check, &open).await.iter().map(|line| line.line).collect();
    assert_eq!(
        yard.account_for(&yard.centre(), &check.number, Which::Lines(open.clone()), "逐项核实").await.unwrap(),
        3
    );
    assert_eq!(yard.account_for(&yard.centre(), &check.number, Which::Lines(open), "再核实").await.unwrap(), 3);
    let closed = service::close(db, &yard.centre(), &check.number, None).await.unwrap();
    assert_eq!((closed.state, closed.open_count), (State::Closed, 0));
    assert!(
        said(yard.account_for(&yard.centre(), &check.number, Which::Lines(vec![3]), "x").await).contains("不能再说明")
    );
    assert!(said(batches::undo(db, &yard.centre(), &batch.number, None, "x").await).contains("已据此核对完毕"));
    let lines = yard.lines(&yard.centre(), &check, &Wanted::default()).await;
    let names = Directory::load(db.read()).await.unwrap();
    let sheets = Sheets { row: closed, sums, lines, names };
    use calamine::Reader as _;
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook_from_rs(std::io::Cursor::new(sheets.bytes().unwrap())).unwrap();
    assert_eq!(book.sheet_names(), ["汇总", "差异", "明细"]);
    assert_eq!(book.worksheet_range("差异").unwrap().height(), 7);
    assert_eq!(book.worksheet_range("明细").unwrap().get((2, 4)).unwrap().to_string(), "三方相符");
}

/// The count joins in: what it did not find, what it found in another number, what entered the book after it.
#[tokio::test]
async fn the_last_closed_count_is_the_third() {
    let yard = Yard::new().await;
    let (office, db) = (&yard.office, &yard.office.db);
    let things = yard.stock(3).await;
    office.clock.advance_ms(DAY);
    let today = yard.today();
    let opening = Opening {
        number: "2026-YE".into(),
        name: "年终盘点".into(),
        baseline_on: today - chrono::Days::new(1),
        from: today,
        to: today + chrono::Days::new(9),
        blind: false,
        scope: Scope::default(),
    };
    let number = campaign::open(db, &office.ctx, &opening).await.unwrap().number;
    let scan = counting::NewScan {
        id: office.ctx.new_id(),
        code_read: "T-0".to_owned(),
        place: Some(office.places[0][0]),
        keeper: None,
        quantity: hufu::kernel::Quantity::ONE,
        condition: hufu::stocktake::model::Condition::Good,
        no_label: false,
        name: String::new(),
        serial_number: String::new(),
        note: String::new(),
        counter: badge(0, 1),
        device: String::new(),
        device_at: office.ctx.now(),
    };
    counting::scan(db, &office.ctx, &number, &[scan]).await.unwrap();
    let list = "资产编号,原值\nT-0,4500\nT-1,4500\nT-2,4500\nT-3,4500\n";
    let batch = yard.brought(list).await;
    let unnamed = Count::Number(number.clone());
    let refused = service::compare(db, &yard.centre(), &batch.number, &unnamed).await;
    assert!(said(refused).contains("盘点尚未结束"));
    assert_eq!(yard.compared(&batch, Count::Last).await.campaign_id, None, "none is closed yet");
    close(&yard, &number).await;
    office.register(&[office.new_item("T-3", 0)]).await;
    let written_off = Change { state: Some(ItemState::WrittenOff), ..Change::default() };
    change(db, &office.ctx, &things[2].item_number, &written_off, "核销").await.unwrap();
    let check = yard.compared(&batch, Count::Last).await;
    assert!(check.campaign_id.is_some());
    let told = yard.told(&check).await;
    let told: Vec<_> = told.iter().map(|(number, verdict)| (number.as_str(), *verdict)).collect();
    let expected = [
        ("T-0", Verdict::Agreed),
        ("T-1", Verdict::CountMissing),
        ("T-2", Verdict::GoneFromBook),
        ("T-3", Verdict::NotCounted),
    ];
    assert_eq!(told, expected);
}
