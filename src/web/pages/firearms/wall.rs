//! The wall: every store within reach with its slots, who holds what since when, overdue in red, rounds by lot, and whether
//! it was inspected today. What the public-order brigade looks at each day (网上巡查).

use axum::extract::State as Extract;
use axum::response::Response;
use hashbrown::HashMap;

use super::inspections::day_mark;
use super::{at, minute, state_mark};
use crate::access::{Action, permit_somewhere};
use crate::firearms::draws::entity::draw;
use crate::firearms::draws::store::{self as draws, Wanted as Draws};
use crate::firearms::entity::{armoury, cabinet};
use crate::firearms::inspections::entity::inspection;
use crate::firearms::inspections::service::{self as inspections, Day};
use crate::firearms::model::{ArmState, StoreKind};
use crate::firearms::store::{self, Arm, Wanted};
use crate::kernel::Ctx;
use crate::kernel::ids::ItemId;
use crate::kernel::text::thousands;
use crate::web::pages::admin::board::{Block, Board, Table, Td};
use crate::web::pages::duties::names::Names;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// Guns and draws that are looked at.
const MOST: u64 = 20_000;
/// Slots in a row.
const COLUMNS: usize = 6;

pub(super) async fn show(Extract(app): Extract<App>, Caller(ctx): Caller, frame: Frame) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let db = app.db().read();
    let stores = store::armouries(db, &ctx).await?;
    let mut guns: HashMap<uuid::Uuid, Vec<Arm>> = HashMap::new();
    for one in store::list(db, &ctx, &Wanted::default(), MOST).await? {
        guns.entry(one.arm.armoury_id).or_default().push(one);
    }
    let out = draws::list(db, &ctx, &Draws { out: true, ..Draws::default() }, MOST).await?;
    let out: HashMap<ItemId, draw::Model> =
        out.into_iter().filter_map(|one| one.row.item_id.map(|id| (id, one.row))).collect();
    let names = Names::of(db, out.values().map(|row| row.drawer_id), []).await?;
    let late = out.values().filter(|row| ctx.now() > row.due_at).count();
    let ids: Vec<uuid::Uuid> = stores.iter().map(|row| row.id).collect();
    let (mut cabinets, mut stock) = (store::cabinets_of(db, &ids).await?, store::stock_of(db, &ids).await?);
    let day = inspections::today(db, &ctx).await?;
    let papers = day.armouries.iter().map(|(of, paper)| (of.id, paper.as_ref())).collect();
    let wall = Wall { frame: &frame, ctx: &ctx, out: &out, names: &names, day: &day, papers };
    let mut blocks = Vec::new();
    for of in &stores {
        blocks.push(match of.kind {
            StoreKind::Gun => {
                let cabinets = cabinets.remove(&of.id).unwrap_or_default();
                wall.guns(of, guns.remove(&of.id).unwrap_or_default(), &cabinets)
            }
            StoreKind::Ammunition => {
                let mut block = wall.head(of, String::new());
                let stock = stock.remove(&of.id).unwrap_or_default();
                let lines = stock.iter().map(|(stock, lot)| {
                    let many = Td::num(thousands(stock.rounds.unsigned_abs()), at("stores", &of.number));
                    (format!("{} {}", lot.type_name, lot.lot), many)
                });
                block.facts.extend(lines);
                block
            }
        });
    }
    drop(wall);
    let w = &frame.words.firearms.wall;
    let title = w
        .title
        .replace("{stores}", &stores.len().to_string())
        .replace("{out}", &out.len().to_string())
        .replace("{late}", &late.to_string())
        .replace("{done}", &day.done().to_string())
        .replace("{all}", &day.armouries.len().to_string());
    let (back, lead) = (("/firearms".to_owned(), frame.words.nav.firearms.clone()), w.lead.clone());
    Ok(Board { back, lead, blocks, ..Board::new(frame, title) }.answer())
}

struct Wall<'a> {
    frame: &'a Frame,
    ctx: &'a Ctx,
    out: &'a HashMap<ItemId, draw::Model>,
    names: &'a Names,
    day: &'a Day,
    /// Today's remote inspection of each store that is in use.
    papers: HashMap<uuid::Uuid, Option<&'a inspection::Model>>,
}

impl Wall<'_> {
    fn head(&self, of: &armoury::Model, counts: String) -> Block {
        let unit = self.names.unit(Some(of.unit_id));
        let kind = self.frame.either(of.kind.zh(), of.kind.as_str());
        let more = (at("stores", &of.number), of.number.clone());
        let notes = if counts.is_empty() { Vec::new() } else { vec![counts] };
        let facts = self.papers.get(&of.id).map(|paper| {
            let href = paper.map_or("/firearms/inspections".to_owned(), |row| at("inspections", &row.number));
            let mark = Some(day_mark(self.frame, self.ctx, self.day, *paper));
            (self.frame.words.firearms.wall.inspected.clone(), Td { mark, href, ..Td::default() })
        });
        let facts = facts.into_iter().collect();
        Block { title: format!("{} · {unit} · {kind}", of.name), notes, facts, more, ..Block::default() }
    }

    fn guns(&self, of: &armoury::Model, mut guns: Vec<Arm>, cabinets: &[cabinet::Model]) -> Block {
        let place = |one: &Arm| cabinets.iter().position(|row| Some(row.id) == one.arm.cabinet_id);
        guns.sort_by_key(|one| (place(one).unwrap_or(usize::MAX), one.arm.slot, one.item.number_key.clone()));
        let of_state = |state: ArmState| guns.iter().filter(|one| one.arm.state == state).count();
        let counts = ArmState::ALL.iter().map(|state| (state, of_state(*state))).filter(|(_, many)| *many > 0);
        let counts: Vec<String> =
            counts.map(|(state, many)| format!("{} {many}", self.frame.either(state.zh(), state.as_str()))).collect();
        let mut block = self.head(of, counts.join(" · "));
        let mut table = Table { heads: vec![(String::new(), ""); COLUMNS], ..Table::default() };
        for row in guns.chunks(COLUMNS) {
            let mut cells: Vec<Td> = row
                .iter()
                .map(|one| {
                    let cabinet = place(one).map(|n| cabinets[n].number.clone()).unwrap_or_default();
                    self.tile(one, &cabinet)
                })
                .collect();
            cells.resize_with(COLUMNS, Td::default);
            table.rows.push(cells);
        }
        table.empty.1.clone_from(&self.frame.words.firearms.list.no_guns);
        block.table = Some(table);
        block
    }

    /// A slot: green in, amber out with whom and until when, red overdue.
    fn tile(&self, one: &Arm, cabinet: &str) -> Td {
        let slot = one.arm.slot.map(|slot| format!("{cabinet}-{slot} ")).unwrap_or_default();
        let mark = state_mark(self.frame, one.arm.state);
        let drawn = self.out.get(&one.item.id).filter(|_| one.arm.state == ArmState::Out);
        let Some(row) = drawn else {
            let mark = Mark::new(mark.look, format!("{slot}{}", mark.text));
            return Td { mark: Some(mark), why: one.arm.state_note.clone(), ..Td::default() };
        };
        let is_late = self.ctx.now() > row.due_at;
        let text = if is_late { self.frame.words.firearms.draw.overdue.clone() } else { mark.text };
        let mark = Mark::new(if is_late { "bad" } else { mark.look }, format!("{slot}{text}"));
        let who = self.names.person(Some(row.drawer_id));
        let why = format!("{who} {} → {}", minute(row.out_at), minute(Some(row.due_at)));
        Td { mark: Some(mark), why, href: at("draws", &row.number), ..Td::default() }
    }
}
