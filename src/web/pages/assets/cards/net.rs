//! What the book is worth on a day, by class and unit.

use axum::extract::State;
use axum::response::Response;

use crate::access::{Action, permit_somewhere};
use crate::assets::net_values::{self, Sum};
use crate::kernel::text::thousands;
use crate::org::Directory;
use crate::web::api::assets::cards::OnDay;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Step, Table, Td};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let bad = || ApiError::invalid("on", "应为日期，如 2024-12-31");
    let on = match asked.get("on") {
        "" => None,
        text => Some(text.parse().map_err(|_| bad())?),
    };
    let on = OnDay { on }.day(&ctx)?;
    let db = app.db().read();
    let values = net_values::totals(db, &ctx, on).await?;
    let names = Directory::load_some(db, &[], &[]).await?;
    let (w, c) = (&frame.words.cards.net, &frame.words.cards.card);
    let table = |first: &String| {
        let numbers = [&w.things, &c.value, &c.accumulated, &c.net, &w.finished, &w.not_depreciated, &w.unknown];
        let heads: Vec<String> =
            std::iter::once(first.clone()).chain(numbers.iter().map(|head| format!("#{head}"))).collect();
        Table::new(&heads.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let mut by_class = table(&w.class);
    for of in &values.by_class {
        let known = || Td::from(format!("{} {}", of.code, of.name)).quoted();
        let name = if of.code.is_empty() { w.unclassed.clone().into() } else { known() };
        by_class.rows.push(line(name, &of.sum));
    }
    let mut by_unit = table(&w.unit);
    let mut units = values.by_unit.clone();
    units.sort_by_key(|(unit, _)| names.unit(*unit).map(|unit| unit.code.clone()));
    for (unit, sum) in &units {
        by_unit.rows.push(line(Td::link(names.unit_name(*unit), format!("/items?unit={unit}")), sum));
    }
    for table in [&mut by_class, &mut by_unit] {
        if values.whole.things > 0 {
            table.rows.push(line(w.whole.clone().into(), &values.whole));
        }
        table.empty = ("file-spreadsheet", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    }
    let title = w.title.replace("{day}", &on.to_string()).replace("{net}", &values.whole.net().to_string());
    let filters = vec![Field { value: on.to_string(), ..Field::filter_day(&frame, "on", &w.on) }];
    let file = |text: &String, href: String| Step { text: text.clone(), href, file: true, ..Step::default() };
    let steps = vec![
        file(&w.export, format!("/assets/net-values.xlsx?on={on}")),
        file(&c.export, "/assets/cards.xlsx".to_owned()),
    ];
    let blocks = vec![
        Block { title: w.by_class.clone(), table: Some(by_class), ..Block::default() },
        Block { title: w.by_unit.clone(), table: Some(by_unit), ..Block::default() },
    ];
    let lead = w.lead.clone();
    Ok(Board { lead, filters, steps, blocks, ..Board::new(frame, title) }.answer())
}

fn line(name: Td, sum: &Sum) -> Vec<Td> {
    let count = |number: u64| Td::num(thousands(number), "");
    let money = [sum.value, sum.accumulated, sum.net()].map(|money| Td::num(money.to_string(), ""));
    let mut cells = vec![name, count(sum.things)];
    cells.extend(money);
    cells.extend([sum.finished, sum.not_depreciated, sum.unknown].map(count));
    cells
}
