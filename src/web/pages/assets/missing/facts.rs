//! What is known of one missing case: its facts, where the last count would look, who looked, how far the procedure is.

use sea_orm::EntityTrait as _;

use super::one::Told;
use super::state_mark;
use crate::access::Action;
use crate::assets::missing::model::Outcome;
use crate::assets::missing::store::{self, Case};
use crate::assets::surplus::store as surpluses;
use crate::db::DbError;
use crate::kernel::Ctx;
use crate::kernel::ids::CampaignId;
use crate::stocktake::entity::campaign;
use crate::web::pages::admin::board::{Block, Table, Td};
use crate::web::pages::admin::shared::actor;
use crate::web::pages::duties::names::spaced;
use crate::web::pages::items::at;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App};

pub(super) async fn facts(app: &App, ctx: &Ctx, frame: &Frame, told: &Told) -> Result<Vec<(String, Td)>, ApiError> {
    let (w, l, names, db) = (&frame.words.losses.one, &frame.words.losses.list, &told.names, app.db().read());
    let Case { case, loss, thing, standing, .. } = &told.one;
    let mark = state_mark(frame, *standing);
    let list = store::sent_by(db, case.id).await?;
    let back = surpluses::Wanted { case: Some(case.id), ..surpluses::Wanted::default() };
    let surplus = surpluses::list(db, ctx, &back, 1).await?.pop();
    let by = |who: &str, when: Option<crate::kernel::Timestamp>| {
        Td::from(who).because(when.map(|at| at.to_string()).unwrap_or_default())
    };
    let whose = |actor_of: &Option<String>| actor_of.as_deref().map(|one| actor(frame, names, one)).unwrap_or_default();
    let judged = loss.degree.map(|degree| {
        let word = frame.either(degree.zh(), degree.as_str());
        format!("{word} {}", names.person_name(loss.responsible_id)).trim().to_owned()
    });
    let voucher_on = loss.voucher_on.map(|day| day.to_string()).unwrap_or_default();
    let how = loss.found_how.map(|how| frame.either(how.zh(), how.as_str()).to_owned()).unwrap_or_default();
    let mut facts = vec![
        (l.state.clone(), Td { mark: Some(mark), ..Td::default() }),
        (
            w.item.clone(),
            Td::link(format!("{} {}", thing.item_number, thing.name), at(&thing.item_number))
                .because(thing.specification.clone()),
        ),
        (w.unit.clone(), names.unit_name(loss.unit_id).into()),
        (w.value.clone(), thing.value_fen.to_string().into()),
        (
            w.list_year.clone(),
            Td::link(
                l.year_of.replace("{year}", &case.list_year.to_string()),
                format!("/assets/missing?year={}", case.list_year),
            ),
        ),
        (
            w.list.clone(),
            list.map(|row| {
                Td::link(row.number.clone(), format!("/assets/missing/lists/{}", row.number))
                    .because(row.due_on.to_string())
            })
            .unwrap_or_default(),
        ),
        (w.opened.clone(), Td::time(Some(case.opened_at))),
        (w.explanation.clone(), by(&loss.explanation, loss.explained_at)),
        (w.confirmed.clone(), by(names.person_name(loss.confirmed_by), loss.confirmed_at)),
        (w.responsible.clone(), by(&judged.unwrap_or_default(), loss.judged_at)),
        (w.basis.clone(), loss.basis.clone().into()),
        (w.compensation.clone(), loss.compensation_fen.map(|paid| paid.to_string()).unwrap_or_default().into()),
        (w.receipt.clone(), loss.receipt.clone().into()),
        (w.decision.clone(), loss.decision.clone().into()),
        (w.approval_number.clone(), loss.approval_number.clone().into()),
        (w.voucher.clone(), Td::from(loss.voucher_number.clone()).because(voucher_on)),
        (w.written_off.clone(), by(&whose(&loss.written_off_by), loss.written_off_at)),
        (
            w.found.clone(),
            by(format!("{how} {} {}", names.place_name(loss.found_place_id), loss.found_note).trim(), case.found_at),
        ),
        (
            w.back_as.clone(),
            surplus
                .map(|one| Td::link(one.row.number.clone(), format!("/assets/surpluses/{}", one.row.number)))
                .unwrap_or_default(),
        ),
    ];
    if let Some(found_in) = case.found_in {
        facts.push((w.found_in.clone(), count(app, found_in).await?));
    }
    facts.retain(|(_, td)| !td.text.is_empty() || td.mark.is_some());
    Ok(facts)
}

/// The way to a count.
async fn count(app: &App, id: CampaignId) -> Result<Td, ApiError> {
    let row = campaign::Entity::find_by_id(id).one(app.db().read()).await.map_err(DbError::from)?;
    let way = |row: campaign::Model| {
        Td::link(row.name, format!("/stocktake/{}", crate::web::pages::form::in_query(&row.number)))
    };
    Ok(row.map(way).unwrap_or_default())
}

/// Where the last count would look first.
pub(super) async fn lead(app: &App, frame: &Frame, one: &Case) -> Result<Block, ApiError> {
    let w = &frame.words.losses.one;
    let found = store::leads(app.db().read(), &[one.thing.id]).await?.remove(&one.thing.id);
    let notes = vec![found.unwrap_or_else(|| w.no_lead.clone())];
    let more = match one.case.campaign_id {
        Some(id) if frame.may(Action::CampaignsReport) => {
            let of = count(app, id).await?;
            if of.href.is_empty() { Default::default() } else { (format!("{}/missing", of.href), w.see_board.clone()) }
        }
        _ => Default::default(),
    };
    Ok(Block { title: w.lead_title.clone(), notes, more, ..Block::default() })
}

pub(super) fn searches(frame: &Frame, told: &Told) -> Block {
    let (w, names) = (&frame.words.losses.one, &told.names);
    let mut table = Table::new(&[&w.when, &w.who, &w.place, &w.result, &w.what].map(String::as_str));
    for log in told.logs.iter().rev() {
        let look = match log.result {
            Outcome::NotFound => "bad gone",
            Outcome::Trace => "warn",
            Outcome::Found => "good",
        };
        table.rows.push(vec![
            Td::time(Some(log.searched_at)),
            names.person_name(log.searcher_id).into(),
            Td::from(format!("{} {}", names.place_name(log.place_id), log.place).trim()),
            Td::mark(look, frame.either(log.result.zh(), &spaced(log.result.as_str()))),
            log.note.clone().into(),
        ]);
    }
    table.empty.1.clone_from(&w.no_searches);
    Block { title: w.searches.clone(), table: Some(table), ..Block::default() }
}

pub(super) fn steps_block(frame: &Frame, told: &Told) -> Block {
    let w = &frame.words.losses.one;
    let mut table = Table::new(&["", &w.step, &w.done, &w.by]);
    for one in &told.steps {
        let step = &one.step;
        let mark = match (one.done, step.required) {
            (true, _) => Td::mark("good", w.done.clone()),
            (false, true) => Td::mark("ask", w.not_done.clone()),
            (false, false) => Td::mark("plain", w.optional.clone()),
        };
        let paper = if step.needs_paper { w.needs_paper.clone() } else { String::new() };
        let last = one.last.as_ref().map(|tick| {
            Td::from(actor(frame, &told.names, &tick.ticked_by))
                .because(format!("{} {}", tick.ticked_at, tick.note).trim())
        });
        let part = frame.either(step.part.zh(), step.part.as_str());
        let text = format!("{} {}", step.code, step.title);
        table.rows.push(vec![part.into(), Td::from(text).quoted().because(paper), mark, last.unwrap_or_default()]);
    }
    let done = told.steps.iter().filter(|one| one.done).count().to_string();
    let title = w.steps.replace("{done}", &done).replace("{all}", &told.steps.len().to_string());
    Block { title, notes: vec![w.steps_lead.clone()], table: Some(table), ..Block::default() }
}
