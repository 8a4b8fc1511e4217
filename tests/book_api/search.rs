//! What is found and what is not; and that no page is found by walking the whole book or sorting it.

use hufu::items::model::ItemState;
use hufu::items::search::{Search, explained, list};
use hufu::items::service::NewItem;
use sea_orm::{ConnectionTrait as _, Statement};

use super::desk::Desk;

async fn found(desk: &Desk, text: &str) -> Vec<String> {
    let wanted = Search { text: Some(text.to_owned()), ..Search::default() };
    let rows = list(desk.office.db.read(), &wanted, 50).await.unwrap();
    rows.into_iter().map(|row| row.item_number).collect()
}

async fn stocked() -> Desk {
    let desk = Desk::open().await;
    let office = &desk.office;
    let thing = |number: &str, name: &str, specification: &str, serial: &str, unit: usize| NewItem {
        name: name.to_owned(),
        specification: specification.to_owned(),
        serial_number: serial.to_owned(),
        ..office.new_item(number, unit)
    };
    office
        .register(&[
            thing("XL-2024-0001", "台式计算机", "QH-M650", "5CG1230001", 0),
            thing("XL-2024-0002", "便携式计算机", "Ｘ１ Carbon", "PF2ABCDE", 0),
            thing("XL-2024-0003", "文件柜", "", "", 1),
            thing("ZD-0001", "A4 彩色打印机", "M454dn", "VNB3T00001", 1),
        ])
        .await;
    desk
}

#[tokio::test]
async fn found_where_people_look() {
    let desk = stocked().await;
    let all = ["XL-2024-0001", "XL-2024-0002", "XL-2024-0003"];
    for (text, expected) in [
        ("xl-2024", &all[..]),
        ("ＸＬ－２０２４－０００３", &all[2..3]),
        ("计算机", &all[..2]),
        ("式 计算", &all[..2]),
        ("文件柜", &all[2..]),
        ("x1carbon", &all[1..2]),
        ("m454", &["ZD-0001"]),
        ("5cg1", &all[..1]),
        ("PF2ABCDE", &all[1..2]),
        ("BCDE", &all[1..2]),
        ("0001", &["XL-2024-0001", "ZD-0001"]),
        ("打印机", &["ZD-0001"]),
        ("%", &[]),
        ("_", &[]),
        ("没有", &[]),
    ] {
        assert_eq!(found(&desk, text).await, expected, "{text}");
    }
    let among = Some(vec![desk.office.units[1]]);
    let wanted = Search { text: Some("0001".to_owned()), among, ..Search::default() };
    let rows = list(desk.office.db.read(), &wanted, 50).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.item_number.as_str()).collect::<Vec<_>>(), ["ZD-0001"]);
}

#[tokio::test]
async fn more_words_than_are_walked_one_by_one_find_the_same() {
    let desk = Desk::open().await;
    let things: Vec<NewItem> = (0..150)
        .map(|n| NewItem { name: format!("柜子{n:03}"), ..desk.office.new_item(&format!("A-{n:03}"), n % 3) })
        .collect();
    desk.office.register(&things).await;
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let wanted = Search { text: Some("柜子".to_owned()), after: after.take(), ..Search::default() };
        let rows = list(desk.office.db.read(), &wanted, 40).await.unwrap();
        let Some(last) = rows.last() else { break };
        after = Some(last.number_key.clone());
        all.extend(rows.into_iter().map(|row| row.item_number));
    }
    assert_eq!(all.len(), 150);
    assert!(all.is_sorted());
    assert_eq!(found(&desk, "柜子07").await.len(), 10);
}

#[tokio::test]
async fn no_page_sorts_the_book_or_walks_it() {
    let desk = stocked().await;
    let office = &desk.office;
    let text = |text: &str| Search { text: Some(text.to_owned()), ..Search::default() };
    let within = |wanted: Search| Search { among: Some(office.units.clone()), ..wanted };
    for (what, wanted) in [
        ("all", Search::default()),
        ("some units", within(Search::default())),
        ("a unit", Search { unit: Some(office.units[0]), ..Search::default() }),
        ("a place", Search { place: Some(office.places[0][0]), ..Search::default() }),
        ("a place in some units", within(Search { place: Some(office.places[0][0]), ..Search::default() })),
        ("a keeper", Search { keeper: Some(office.people[0][0]), ..Search::default() }),
        ("a state", Search { state: Some(ItemState::Disposed), ..Search::default() }),
        ("a number", Search { number: Some("XL-2024-0001".to_owned()), ..Search::default() }),
        ("a serial number", within(Search { serial_number: Some("PF2ABCDE".to_owned()), ..Search::default() })),
        ("a fragment", text("计算")),
        ("a fragment in some units", within(text("计算"))),
        ("digits", text("0001")),
        ("the page after", Search { after: Some("XL-2024-0001".to_owned()), ..text("0001") }),
    ] {
        let (sql, values) = explained(office.db.read(), &wanted, 51).await.unwrap().unwrap();
        let backend = office.db.read().get_database_backend();
        if backend != sea_orm::DbBackend::Sqlite {
            return;
        }
        let statement = Statement::from_sql_and_values(backend, format!("EXPLAIN QUERY PLAN {sql}"), values);
        let plan = office.db.read().query_all_raw(statement).await.unwrap();
        let steps: Vec<String> = plan.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        let told = steps.join("\n");
        // Walking all numbers in their order, to stop at the page's length, is what a page of everything is.
        let walked = steps.iter().any(|step| step.starts_with("SCAN i") && !step.contains("USING"));
        assert!(!walked, "{what}:\n{told}");
        let sorts = steps.iter().filter(|step| step.contains("TEMP B-TREE FOR ORDER BY")).count();
        // The few that have these last digits or this serial number, and the union of the branches, are sorted.
        let may = if wanted.text.is_some() || wanted.serial_number.is_some() || wanted.among.is_some() { 4 } else { 0 };
        assert!(sorts <= may, "{what} sorts {sorts} times:\n{told}");
    }
}
