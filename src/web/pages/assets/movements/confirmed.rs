//! Who has not said yet that what they have is with them.

use axum::extract::State;
use axum::response::Response;

use crate::access::Action;
use crate::assets::movements::keeping::{self, Tally};
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Step, Table, Td};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::duties::names::Names;
use crate::web::pages::parts::{self, Cell};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// People that the page shows; the rest is in the file.
const MOST: usize = 500;

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let mut tallies = keeping::tallies(app.db().read(), &ctx).await?;
    if let Some(unit) = asked.id("unit") {
        tallies.retain(|tally| tally.unit == unit);
    }
    let silent = |tally: &Tally| tally.kept - tally.with_them - tally.not_with_them;
    let left = tallies.iter().filter(|tally| silent(tally) > 0).count();
    let w = &frame.words.movements.confirmed;
    let sheet = asked.get("as") == "xlsx";
    let shown = if sheet { tallies.len() } else { MOST };
    let names = Names::of(app.db().read(), tallies.iter().take(shown).map(|tally| tally.person), []).await?;
    let heads = [&w.who, &w.unit, &w.kept, &w.with_them, &w.not_with_them, &w.silent];
    let line = |tally: &Tally| {
        let counts = [tally.kept, tally.with_them, tally.not_with_them, silent(tally)].map(|count| count.to_string());
        (names.person(Some(tally.person)), names.unit(Some(tally.unit)), counts)
    };
    if sheet {
        let head: Vec<String> = heads.into_iter().cloned().collect();
        let rows: Vec<Vec<Cell>> = tallies
            .iter()
            .map(line)
            .map(|(who, unit, counts)| [who, unit].into_iter().chain(counts).map(Cell::Text).collect())
            .collect();
        let name = &frame.words.movements.list.confirmed;
        return parts::taken_away(name, ctx.now().day(), head, rows).await;
    }
    let numbers = heads.iter().skip(2).map(|head| format!("#{head}"));
    let heads: Vec<String> = heads.iter().take(2).map(|head| (*head).clone()).chain(numbers).collect();
    let mut table = Table::new(&heads.iter().map(String::as_str).collect::<Vec<_>>());
    for tally in tallies.iter().take(MOST) {
        let (who, unit, counts) = line(tally);
        let mut cells = vec![Td::link(who, format!("/items?keeper={}", tally.person)), unit.into()];
        cells.extend(counts.map(|count| Td::num(count, "")));
        table.rows.push(cells);
    }
    table.empty = ("user-check", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    let title = w.title.replace("{silent}", &left.to_string());
    let filters = vec![Field::filter_of(&frame, "unit", &w.unit, names.units_within(&ctx, Action::AssetsMove))];
    let (text, href) = (frame.words.common.export.clone(), frame.address.with("as", "xlsx"));
    let steps = vec![Step { text, href, file: true, ..Step::default() }];
    let back = ("/assets/movements".to_owned(), frame.words.movements.list.heading.clone());
    let lead = w.lead.clone();
    let blocks = vec![Block { table: Some(table), ..Block::default() }];
    Ok(Board { back, lead, filters, steps, blocks, ..Board::new(frame, title) }.answer())
}
