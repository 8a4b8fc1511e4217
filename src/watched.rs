//! Every table that the journal watches over, in the order in which exports carry them. Whoever writes `row!` for a
//! table adds it here: `tests/journal.rs` holds the two against each other.

use crate::imports::entity as import_batch;
use crate::items::entity::{item, item_event, label};
use crate::journal::watched::{WatchedTable, table};
use crate::org::entity::{person, place, setting, unit};
use crate::stocktake::entity::{campaign, expected_item, missing_case, recount, scan, sheet, verdict_line};

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
    ]
}
