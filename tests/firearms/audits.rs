//! A sample that nobody can steer: committed to before it is drawn, drawn again by anybody, looked for both ways.

use hufu::access::Role;
use hufu::db::DbError;
use hufu::findings::Kind as Finding;
use hufu::findings::entity::finding;
use hufu::firearms::arms::{self, NewArm};
use hufu::firearms::audits::answers::{self, Found};
use hufu::firearms::audits::entity::{audit, line};
use hufu::firearms::audits::model::{LineKind, Outcome, State};
use hufu::firearms::audits::service::{self as audits, verify};
use hufu::firearms::audits::store;
use hufu::journal::entity::entry;
use hufu::kernel::Ctx;
use hufu::kernel::hash::HashKind;
use hufu::kernel::sampling;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};

use super::inspections::with_account;
use super::post::{GUNS, Post, ROUNDS, said};
use super::web::holding;

/// A store of ten guns, each in its slot.
async fn stage() -> (Post, Ctx) {
    let post = Post::stocked(0, 1).await;
    for n in 1..=10 {
        let slot = Some(("1".to_owned(), n));
        let gun = NewArm { slot, ..post.new_arm(&format!("A{n:04}")) };
        arms::enter(&post.office.db, &post.brigade(), &gun).await.unwrap();
    }
    let counter = post.brigade();
    (post, counter)
}

fn found(line: &line::Model, there: bool, read: &str) -> Found {
    Found { line: line.line, there, read: read.to_owned(), rounds: None }
}

#[tokio::test]
async fn a_sample_is_committed_to_before_it_is_drawn_and_anybody_draws_it_again() {
    let (post, counter) = stage().await;
    let db = &post.office.db;
    let row = audits::commit(db, &counter, GUNS, 95, 10).await.unwrap();
    assert_eq!((row.number.as_str(), row.state, row.seed.as_str()), ("CC-2026-0001", State::Committed, ""));
    let told = entry::Entity::find().filter(entry::Column::Action.eq("audits.commit"));
    let told = told.one(db.read()).await.unwrap().unwrap().payload;
    assert!(told.contains(&row.commitment), "{told}");
    assert!(said(audits::commit(db, &counter, GUNS, 95, 10).await).contains("尚未办结"), "one a store");
    assert_eq!(verify(&row, &[]), None);
    let early = found(&line_of(&row), true, "");
    assert!(said(answers::answer(db, &counter, &row.number, &early).await).contains("不能登记结果"));
    assert!(said(audits::close(db, &counter, &row.number, None).await).contains("不能办结"));
    let drawn = audits::draw(db, &counter, &row.number, None).await.unwrap();
    assert!(said(audits::draw(db, &counter, &row.number, None).await).contains("不能抽样"), "once");
    assert_eq!(sampling::commitment(HashKind::Sha256, &drawn.seed), row.commitment);
    // 95 % ± 10 % of 10 guns: 10; of 20 places: 17.
    let lines = store::lines(db.read(), drawn.id).await.unwrap();
    let many = |kind| lines.iter().filter(|line| line.kind == kind).count();
    assert_eq!((many(LineKind::Gun), many(LineKind::Place), drawn.lines), (10, 17, 27));
    assert_eq!(verify(&drawn, &lines), Some((true, true)));
    // By hand, as anybody would: the smallest hashes of seed, line feed and key.
    let mut ranked: Vec<_> = drawn
        .places
        .lines()
        .map(|key| (HashKind::Sha256.of(&[drawn.seed.as_bytes(), b"\n", key.as_bytes()]), key))
        .collect();
    ranked.sort_unstable();
    let by_hand: Vec<&str> = ranked.into_iter().take(17).map(|(_, key)| key).collect();
    let places: Vec<&str> = lines[10..].iter().map(|line| line.name.as_str()).collect();
    assert_eq!(by_hand, places);
    // Another seed, another line, another commitment: each is noticed.
    let other = audit::Model { seed: "0".repeat(64), ..drawn.clone() };
    assert!(matches!(verify(&other, &lines), Some((false, _))));
    assert_eq!(verify(&drawn, &lines[1..]), Some((true, false)));
}

fn line_of(row: &audit::Model) -> line::Model {
    line::Model {
        id: row.id,
        audit_id: row.id,
        line: 1,
        kind: LineKind::Gun,
        item_id: None,
        stock_id: None,
        cabinet_id: None,
        slot: None,
        name: String::new(),
        outcome: Outcome::Open,
        book: String::new(),
        seen: String::new(),
        differs: false,
        answered_by: String::new(),
        answered_at: None,
        version: 1,
    }
}

#[tokio::test]
async fn nobody_chooses_a_seed_and_the_database_keeps_the_word_that_was_given() {
    let (post, counter) = stage().await;
    let db = &post.office.db;
    let row = audits::commit(db, &counter, GUNS, 95, 10).await.unwrap();
    let raw = async |sql: String| {
        let done = db.write(async |tx| Ok::<_, DbError>(tx.execute_unprepared(&sql).await?.rows_affected()));
        match done.await {
            Ok(rows) => format!("{rows}"),
            Err(DbError::Constraint { constraint, .. }) => constraint,
            Err(other) => panic!("{other:?}"),
        }
    };
    let (guess, hash) = ("7".repeat(64), sampling::commitment(HashKind::Sha256, &"7".repeat(64)));
    for (sql, rule) in [
        (format!("UPDATE armoury_audits SET commitment = '{hash}'"), "ck_armoury_audits_commitment"),
        (format!("UPDATE armoury_audits SET seed = '{guess}'"), "ck_armoury_audits_seed"),
        (format!("UPDATE armoury_audit_seeds SET seed = '{guess}'"), "append_only_armoury_audit_seeds"),
        ("DELETE FROM armoury_audit_seeds".to_owned(), "append_only_armoury_audit_seeds"),
    ] {
        assert_eq!(raw(sql.clone()).await, rule, "{sql}");
    }
    audits::draw(db, &counter, &row.number, None).await.unwrap();
    let sql = format!("UPDATE armoury_audits SET seed = '{guess}'");
    assert_eq!(raw(sql).await, "ck_armoury_audits_commitment", "what was made known stands");
    // What is wrong in the asking.
    audits::cancel(db, &counter, &row.number, "重来").await.unwrap();
    for (confidence, margin) in [(94, 10), (100, 10), (95, 0), (95, 31), (95, -1), (i64::MAX, i64::MIN)] {
        assert!(audits::commit(db, &counter, GUNS, confidence, margin).await.is_err(), "{confidence} {margin}");
    }
    assert!(said(audits::cancel(db, &counter, &row.number, "").await).contains("原因"));
}

#[tokio::test]
async fn whoever_keeps_a_store_does_not_count_it_and_the_database_says_so_too() {
    let (post, counter) = stage().await;
    let db = &post.office.db;
    let in_charge = holding(&post.office, post.person(0, 1), Role::PublicOrder, None);
    let armourer = holding(&post.office, post.person(0, 3), Role::PublicOrder, None);
    for keeper in [&in_charge, &armourer] {
        assert!(said(audits::commit(db, keeper, GUNS, 95, 10).await).contains("自己保管"));
    }
    assert!(said(audits::commit(db, &post.armourer(0), GUNS, 95, 10).await).contains("权限"));
    let row = audits::commit(db, &counter, GUNS, 95, 10).await.unwrap();
    let another = holding(&post.office, post.person(2, 3), Role::PublicOrder, None);
    assert!(said(audits::draw(db, &another, &row.number, None).await).contains("抽查人本人"));
    for (who, rule) in [
        (post.person(0, 1), "ck_armoury_audits_in_charge_id"),
        (post.person(0, 3), "ck_armoury_audits_counter_id"),
        (post.person(2, 3), "uq_armoury_audits_armoury_id"),
    ] {
        let (id, number) = (post.office.ctx.new_id(), "CC-X".to_owned());
        let other = audit::Model { id, number, counter_id: who, ..row.clone() };
        let put = db.write(async |tx| {
            other.clone().into_active_model().insert(tx).await?;
            Ok::<_, DbError>(())
        });
        match put.await {
            Err(DbError::Constraint { constraint, .. }) => {
                // In charge and an armourer besides: whichever rule is asked first.
                assert!(constraint == rule || constraint == "ck_armoury_audits_counter_id", "{constraint} {rule}");
            }
            other => panic!("{other:?}"),
        }
    }
    // Who comes to keep it in between draws nothing.
    let keeper = with_account(&post, (2, 2), Role::Armourer, Some(0)).await;
    assert_eq!(Some(keeper.person), counter.person());
    assert!(said(audits::draw(db, &counter, &row.number, None).await).contains("自己保管"));
}

#[tokio::test]
async fn guns_and_places_are_held_against_the_book_of_the_moment() {
    let (post, counter) = stage().await;
    let db = &post.office.db;
    let out = post.out(0, "A0003").await;
    let number = audits::commit(db, &counter, GUNS, 99, 1).await.unwrap().number;
    let row = audits::draw(db, &counter, &number, None).await.unwrap();
    let lines = store::lines(db.read(), row.id).await.unwrap();
    assert_eq!(lines.len(), 30, "so near that everything is looked at");
    let of = |name: &str, kind| lines.iter().find(|line| line.name == name && line.kind == kind).unwrap();
    let gun = |n: usize| of(&format!("QZ-{n:04}"), LineKind::Gun);
    for (line, there, read, expected) in [
        (gun(1), true, "", Outcome::Agrees),
        (gun(2), true, "1-9", Outcome::WrongSlot),
        (gun(3), false, "", Outcome::Excused),
        (gun(4), false, "", Outcome::NotFound),
        (of("1-1", LineKind::Place), true, "A0001", Outcome::Agrees),
        (of("1-2", LineKind::Place), true, "A0005", Outcome::WrongSlot),
        (of("1-3", LineKind::Place), true, "a0003", Outcome::Extra),
        (of("1-4", LineKind::Place), false, "", Outcome::NotFound),
        (of("1-11", LineKind::Place), false, "", Outcome::Agrees),
        (of("1-12", LineKind::Place), true, "X9999", Outcome::Extra),
    ] {
        let answered = answers::answer(db, &counter, &number, &found(line, there, read)).await.unwrap();
        assert_eq!(answered.outcome, expected, "{} {there} {read}: {answered:?}", line.name);
    }
    let blank = found(of("1-13", LineKind::Place), true, "");
    assert!(said(answers::answer(db, &counter, &number, &blank).await).contains("请扫标签"));
    let nowhere = Found { line: 99, there: true, ..Found::default() };
    assert!(said(answers::answer(db, &counter, &number, &nowhere).await).contains("没有抽查中的这一项"));
    // What was out and came back is to be there.
    post.take_in(&out.number, "A0003", super::post::back(15)).await.unwrap();
    let answered = answers::answer(db, &counter, &number, &found(gun(3), false, "")).await.unwrap();
    assert_eq!(answered.outcome, Outcome::NotFound);
    assert!(said(answers::extra(db, &counter, &number, "A0001").await).contains("不是账外"));
    answers::extra(db, &counter, &number, "秘密枪号77").await.unwrap();
    assert!(said(answers::extra(db, &counter, &number, "秘密枪号77").await).contains("已登记"));
    assert!(said(audits::close(db, &counter, &number, None).await).contains("没有登记结果"));
    for line in store::lines(db.read(), row.id).await.unwrap() {
        if line.outcome == Outcome::Open {
            let there = line.kind == LineKind::Gun || line.slot.is_some_and(|slot| slot <= 10);
            let read = if line.kind == LineKind::Place && there {
                format!("A{:04}", line.slot.unwrap())
            } else {
                String::new()
            };
            answers::answer(db, &counter, &number, &found(&line, there, &read)).await.unwrap();
        }
    }
    let closed = audits::close(db, &counter, &number, None).await.unwrap();
    assert_eq!((closed.state, closed.differences), (State::Closed, 8));
    let of_it = finding::Entity::find().filter(finding::Column::Kind.eq(Finding::AuditDifference));
    let told = of_it.all(db.read()).await.unwrap();
    assert_eq!(told.len(), 8);
    assert!(told.iter().all(|row| row.owner_id == Some(post.person(0, 0))), "the head of the unit answers");
    assert!(told.iter().all(|row| !row.title.contains("秘密") && !row.description.contains("秘密")), "{told:?}");
    assert_eq!(verify(&closed, &store::lines(db.read(), row.id).await.unwrap()), Some((true, true)));
}

#[tokio::test]
async fn lots_are_counted_blind() {
    let (post, counter) = stage().await;
    let db = &post.office.db;
    post.rounds("L2", 40).await;
    let number = audits::commit(db, &counter, ROUNDS, 80, 30).await.unwrap().number;
    let row = audits::draw(db, &counter, &number, None).await.unwrap();
    let lines = store::lines(db.read(), row.id).await.unwrap();
    assert!(lines.iter().all(|line| line.kind == LineKind::Lot && line.book.is_empty()), "{lines:?}");
    for rounds in [None, Some(-1), Some(1_000_000_000)] {
        let wrong = Found { line: 1, rounds, ..Found::default() };
        assert!(said(answers::answer(db, &counter, &number, &wrong).await).contains("发数应为"));
    }
    for line in &lines {
        let rounds = if line.name.ends_with("L1") { 1_000 } else { 39 };
        let count = Found { line: line.line, rounds: Some(rounds), ..Found::default() };
        let answered = answers::answer(db, &counter, &number, &count).await.unwrap();
        let expected = if rounds == 39 { Outcome::RoundsDiffer } else { Outcome::Agrees };
        assert_eq!(answered.outcome, expected);
    }
    let empty = post.store("QK-2", hufu::firearms::model::StoreKind::Gun, 1).await;
    empty.unwrap();
    let number = audits::commit(db, &counter, "QK-2", 95, 10).await.unwrap().number;
    assert!(said(audits::draw(db, &counter, &number, None).await).contains("没有可抽查"));
}
