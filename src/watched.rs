//! Every table that the journal watches over, in the order in which exports carry them. Whoever writes `row!` for a
//! table adds it here: `tests/journal.rs` holds the two against each other.

use crate::access::entity::{account, grant, rule, token};
use crate::approvals::entity as approvals;
use crate::assets::card::entity as cards;
use crate::assets::classes::entity::{class, old_code};
use crate::assets::missing::entity::{loss, loss_list, loss_list_line, loss_log, loss_tick, procedure, procedure_step};
use crate::assets::movements::entity::{confirmation, movement, movement_line};
use crate::assets::papers::paper;
use crate::assets::responsible::entity::responsible;
use crate::assets::submissions::entity::{submission, submission_line, submission_message, submission_step};
use crate::assets::surplus::entity::surplus;
use crate::assets::three_way::entity::{finance_batch, finance_line, three_way_check, three_way_line};
use crate::certificates::entity as certificates;
use crate::db::{self, Db};
use crate::findings::entity::{finding, finding_event, finding_evidence};
use crate::firearms::audits::entity as audits;
use crate::firearms::bulletins::entity as bulletins;
use crate::firearms::cabinets::entity as cabinets;
use crate::firearms::draws::entity as draws;
use crate::firearms::entity as arms;
use crate::firearms::inspections::entity as inspections;
use crate::firearms::shifts::entity as shifts;
use crate::firearms::transfers::entity as transfers;
use crate::firearms::upkeep::entity as upkeep;
use crate::imports::entity as import_batch;
use crate::items::entity::{attachment, item, item_event, label};
use crate::journal::founding::Journal;
use crate::journal::watched::{self, WatchedTable, table};
use crate::journal::{self, JournalError};
use crate::kernel::Ctx;
use crate::kernel::hash::HashKind;
use crate::org::entity::{person, place, setting, unit};
use crate::stocktake::entity::{campaign, expected_item, missing_case, recount, scan, scan_photo, sheet, verdict_line};
use crate::vehicles::cards::entity as fuel_cards;
use crate::vehicles::entity::{driver, reading, vehicle};
use crate::vehicles::fuel::ledger::entity as fuel;
use crate::vehicles::repairs::entity::{part, repair};
use crate::vehicles::shops::entity::shop;
use crate::vehicles::trips::entity as trips;
use crate::webhooks::entity::webhook;

/// The tables.
#[must_use]
pub fn tables() -> Vec<Box<dyn WatchedTable>> {
    vec![
        table::<setting::Entity>(),
        table::<import_batch::Entity>(),
        table::<unit::Entity>(),
        table::<person::Entity>(),
        table::<place::Entity>(),
        table::<item::Entity>(),
        table::<item_event::Entity>(),
        table::<label::Entity>(),
        table::<campaign::Entity>(),
        table::<sheet::Entity>(),
        table::<expected_item::Entity>(),
        table::<scan::Entity>(),
        table::<recount::Entity>(),
        table::<verdict_line::Entity>(),
        table::<missing_case::Entity>(),
        table::<account::Entity>(),
        table::<grant::Entity>(),
        table::<token::Entity>(),
        table::<rule::Entity>(),
        table::<approvals::chain::Entity>(),
        table::<approvals::chain_step::Entity>(),
        table::<approvals::request::Entity>(),
        table::<approvals::decision::Entity>(),
        table::<approvals::delegation::Entity>(),
        table::<finding::Entity>(),
        table::<finding_event::Entity>(),
        table::<finding_evidence::Entity>(),
        table::<webhook::Entity>(),
        table::<attachment::Entity>(),
        table::<movement::Entity>(),
        table::<movement_line::Entity>(),
        table::<confirmation::Entity>(),
        table::<paper::Entity>(),
        table::<vehicle::Entity>(),
        table::<driver::Entity>(),
        table::<reading::Entity>(),
        table::<fuel_cards::card::Entity>(),
        table::<fuel_cards::holding::Entity>(),
        table::<shop::Entity>(),
        table::<trips::trip::Entity>(),
        table::<trips::submission::Entity>(),
        table::<repair::Entity>(),
        table::<part::Entity>(),
        table::<class::Entity>(),
        table::<old_code::Entity>(),
        table::<cards::card::Entity>(),
        table::<cards::base::Entity>(),
        table::<responsible::Entity>(),
        table::<loss::Entity>(),
        table::<loss_list::Entity>(),
        table::<loss_list_line::Entity>(),
        table::<loss_log::Entity>(),
        table::<loss_tick::Entity>(),
        table::<procedure::Entity>(),
        table::<procedure_step::Entity>(),
        table::<surplus::Entity>(),
        table::<submission::Entity>(),
        table::<submission_line::Entity>(),
        table::<submission_message::Entity>(),
        table::<submission_step::Entity>(),
        table::<finance_batch::Entity>(),
        table::<finance_line::Entity>(),
        table::<three_way_check::Entity>(),
        table::<three_way_line::Entity>(),
        table::<scan_photo::Entity>(),
        table::<fuel::statement::Entity>(),
        table::<fuel::transaction::Entity>(),
        table::<fuel::slip::Entity>(),
        table::<fuel::column_map::Entity>(),
        table::<fuel::anomaly::Entity>(),
        table::<fuel::limit::Entity>(),
        table::<arms::armoury::Entity>(),
        table::<arms::cabinet::Entity>(),
        table::<arms::arm::Entity>(),
        table::<arms::magazine::Entity>(),
        table::<arms::lot::Entity>(),
        table::<arms::stock::Entity>(),
        table::<arms::entry::Entity>(),
        table::<arms::officer::Entity>(),
        table::<arms::result::Entity>(),
        table::<arms::ban::Entity>(),
        table::<draws::draw::Entity>(),
        table::<draws::act::Entity>(),
        table::<draws::step::Entity>(),
        table::<draws::signature::Entity>(),
        table::<draws::holding::Entity>(),
        table::<draws::magazine_holding::Entity>(),
        table::<draws::lock::Entity>(),
        table::<draws::extension::Entity>(),
        table::<shifts::shift::Entity>(),
        table::<shifts::line::Entity>(),
        table::<shifts::signature::Entity>(),
        table::<shifts::visit::Entity>(),
        table::<cabinets::device::Entity>(),
        table::<cabinets::event::Entity>(),
        table::<certificates::certificate::Entity>(),
        table::<certificates::loan::Entity>(),
        table::<certificates::check::Entity>(),
        table::<certificates::check_line::Entity>(),
        table::<certificates::quiz::Entity>(),
        table::<upkeep::upkeep::Entity>(),
        table::<upkeep::line::Entity>(),
        table::<transfers::change::Entity>(),
        table::<transfers::transfer::Entity>(),
        table::<transfers::line::Entity>(),
        table::<transfers::scrapping::Entity>(),
        table::<transfers::training::Entity>(),
        table::<inspections::inspection::Entity>(),
        table::<inspections::result::Entity>(),
        table::<inspections::photo::Entity>(),
        table::<audits::audit::Entity>(),
        table::<audits::line::Entity>(),
        table::<bulletins::bulletin::Entity>(),
        table::<bulletins::line::Entity>(),
    ]
}

/// Makes a database ready for work: its schema up to date, its journal founded (with `kind`, or with what it has), and
/// what came with the program taken into the journal. Nothing is done twice.
///
/// # Errors
/// When the schema is of a newer program, the journal was founded with another hash function, or the database refuses.
pub async fn prepare(db: &Db, ctx: &Ctx, kind: Option<HashKind>) -> Result<Journal, JournalError> {
    db.migrate().await?;
    let journal = match kind {
        Some(kind) => journal::found(db, ctx, kind).await?,
        None => journal::founding::founded(db, ctx).await?,
    };
    let seeded = [
        table::<rule::Entity>(),
        table::<approvals::chain::Entity>(),
        table::<approvals::chain_step::Entity>(),
        table::<class::Entity>(),
        table::<old_code::Entity>(),
        table::<procedure::Entity>(),
        table::<procedure_step::Entity>(),
    ];
    let written_by = ["access.set_rule", "approvals.define", "assets.set_class", "assets.map_class", "losses.lay_down"];
    watched::take_in(db, &ctx.hashing_with(journal.kind), &seeded, &written_by, &db::schema()).await?;
    Ok(journal)
}
