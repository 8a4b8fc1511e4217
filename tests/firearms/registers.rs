//! 四本、两账: the province's columns, what a month has in each, what others see of them, and that every look is written.

use hufu::access::Role;
use hufu::firearms::registers::{self, Book, MOST_DAYS, Part, Register};
use hufu::firearms::shifts::visits::{self, NewVisit};
use hufu::firearms::upkeep::service as upkeep;
use hufu::firearms::{ArmsError, officers};
use hufu::journal::entity::entry as journal;
use hufu::kernel::Ctx;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::post::{GUNS, Post, ROUNDS, back, day, said};
use super::web::holding;

async fn read(post: &Post, ctx: &Ctx, book: Book, store: &str) -> Result<Register, ArmsError> {
    let today = post.office.ctx.now().day();
    registers::read(&post.office.db, ctx, book, store, (today, today)).await
}

/// A cell of a part by its row and its column's name.
fn cell<'a>(part: &'a Part, row: usize, column: &str) -> &'a str {
    let at = part.columns.iter().position(|(name, _)| *name == column).unwrap();
    &part.rows[row][at]
}

/// A draw out and back, a gun cleaned, a visit, a ban.
async fn stage() -> Post {
    let post = Post::stocked(2, 2).await;
    let (db, ctx) = (&post.office.db, post.armourer(0));
    let draw = post.out(0, "A0001").await;
    post.take_in(&draw.number, "A0001", back(15)).await.unwrap();
    upkeep::ask(db, &ctx, GUNS, &["A0002".to_owned()], "季度保养").await.unwrap();
    let new = NewVisit {
        armoury: GUNS.to_owned(),
        visitor: "周检查".to_owned(),
        post: "治安大队".to_owned(),
        companions: 1,
        reason: "月度检查".to_owned(),
    };
    let visit = visits::enter(db, &ctx, &new).await.unwrap();
    visits::leave(db, &ctx, visit.id, "完好").await.unwrap();
    officers::forbid(db, &post.head(0), post.officers[1], "饮酒后滋事", None).await.unwrap();
    post
}

#[tokio::test]
async fn each_book_has_the_columns_and_the_lines_of_its_month() {
    let post = stage().await;
    let ctx = post.armourer(0);
    let draws = &read(&post, &ctx, Book::Draws, GUNS).await.unwrap().parts[0];
    let heads: Vec<&str> = draws.columns.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        heads[..8],
        ["预计领用时间", "理由", "领枪人", "审批人／时间", "预计归还", "初次预计归还", "延时审批人", "状态"]
    );
    assert_eq!(draws.rows.len(), 1);
    for (column, expected) in [
        ("状态", "已还枪"),
        ("枪：申请／已领／已还", "1／1／1"),
        ("弹：申请／已领／已还", "15／15／15"),
        ("理由", "武装巡逻：武装巡逻"),
    ] {
        assert_eq!(cell(draws, 0, column), expected);
    }
    let signers = ["领取保管人1", "领取保管人2", "领取确认人", "归还保管人1", "归还保管人2", "归还确认人"];
    assert!(signers.iter().all(|column| !cell(draws, 0, column).is_empty()), "{:?}", draws.rows);
    assert!(!cell(draws, 0, "审批人／时间").is_empty());
    let of_upkeep = &read(&post, &ctx, Book::Upkeep, GUNS).await.unwrap().parts[0];
    assert_eq!((cell(of_upkeep, 0, "状态"), cell(of_upkeep, 0, "枪支数")), ("待审批", "1"));
    assert_eq!(cell(of_upkeep, 0, "枪支明细"), "92式手枪 A0002");
    let of_visits = &read(&post, &ctx, Book::Visits, GUNS).await.unwrap().parts[0];
    assert_eq!((cell(of_visits, 0, "姓名"), cell(of_visits, 0, "检查情况")), ("周检查", "完好"));
    let equipment = read(&post, &ctx, Book::Equipment, GUNS).await.unwrap().parts;
    let titles: Vec<&str> = equipment.iter().map(|part| part.title).collect();
    assert_eq!(titles, ["枪支变更情况", "弹药变更情况", "配备明细（枪支）", "配备明细（弹药）"]);
    assert_eq!((cell(&equipment[0], 2, "日期"), cell(&equipment[0], 2, "数量")), ("合计", "+2"));
    assert_eq!((cell(&equipment[1], 0, "变更原因"), cell(&equipment[1], 0, "数量")), ("新增入库", "+1000"));
    assert_eq!((cell(&equipment[2], 0, "枪号"), cell(&equipment[2], 0, "管理状态")), ("A0001", "在库"));
    assert_eq!(cell(&equipment[3], 1, "库存（发）"), "1000");
    let carriers = read(&post, &ctx, Book::Officers, ROUNDS).await.unwrap().parts;
    assert_eq!(carriers[0].rows.len(), 2);
    let valid: Vec<&str> = (0..2).map(|row| cell(&carriers[0], row, "证件有效状态")).collect();
    assert!(valid.contains(&"有效") && valid.contains(&"禁枪"), "{valid:?}");
    assert_eq!((cell(&carriers[1], 0, "禁枪原因"), cell(&carriers[1], 0, "状态")), ("饮酒后滋事", "禁枪"));
    assert!(read(&post, &ctx, Book::Shifts, GUNS).await.unwrap().parts[0].rows.is_empty());
    for book in Book::ALL {
        let register = read(&post, &ctx, *book, GUNS).await.unwrap();
        assert!(register.bytes().unwrap().starts_with(b"%PDF"), "{book:?}");
        let csv = String::from_utf8(register.csv()).unwrap();
        assert!(csv.starts_with('\u{feff}') && csv.contains(register.parts[0].columns[0].0), "{book:?}");
    }
}

#[tokio::test]
async fn others_see_a_part_of_numbers_and_names_and_every_look_is_written() {
    let post = stage().await;
    let inspector = holding(&post.office, post.person(2, 1), Role::Inspector, None);
    let register = read(&post, &inspector, Book::Equipment, GUNS).await.unwrap();
    assert!(!register.in_full);
    let told = format!("{:?}", register.parts);
    assert!(!told.contains("QZA0001") && told.contains("…0001"), "{told}");
    let draws = &read(&post, &inspector, Book::Draws, GUNS).await.unwrap().parts[0];
    assert!(cell(draws, 0, "领枪人").ends_with("**") && cell(draws, 0, "领取确认人").ends_with("**"));
    let looks = journal::Entity::find().filter(journal::Column::Action.eq("firearms.read_register"));
    let looks = looks.all(post.office.db.read()).await.unwrap();
    assert_eq!(looks.len(), 2);
    assert!(looks.iter().all(|row| row.payload.contains("\"in_full\":false") && row.subject == GUNS));
    // Nobody else's store, nobody without the right, no day before its first, no more than a year.
    assert!(said(read(&post, &post.armourer(1), Book::Draws, GUNS).await).contains("没有这个枪弹库"));
    let member = holding(&post.office, post.person(0, 3), Role::Member, Some(post.office.units[0]));
    assert!(read(&post, &member, Book::Draws, GUNS).await.is_err());
    let (db, ctx, first) = (&post.office.db, post.armourer(0), day("2026-01-01"));
    let last = first + chrono::Days::new(u64::try_from(MOST_DAYS).unwrap() - 1);
    assert!(registers::read(db, &ctx, Book::Draws, GUNS, (first, last)).await.is_ok());
    for days in [(first, first.pred_opt().unwrap()), (first, last.succ_opt().unwrap())] {
        assert!(said(registers::read(db, &ctx, Book::Draws, GUNS, days).await).contains("366 天"), "{days:?}");
    }
}
