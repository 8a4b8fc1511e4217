//! Who may do what over the API: a line an operation.

use hufu::access::Action;
use hufu::access::Action as A;

/// Whom an operation is for.
#[derive(Debug)]
pub(crate) enum Who {
    /// Whoever holds this right.
    May(Action),
    /// Whoever signed in: it concerns only themselves.
    SignedIn,
    /// Anybody, signed in or not.
    Anybody,
}

use Who::{May, SignedIn};

/// Operations without a line in the table. May only shrink.
pub(crate) const UNLISTED: usize = 0;

pub(crate) const TABLE: &[(&str, Who)] = &[
    ("campaigns_close", May(A::CampaignsClose)),
    ("campaigns_confirm", May(A::CampaignsConfirm)),
    ("campaigns_list", May(A::CampaignsRead)),
    ("campaigns_list_differences", May(A::CampaignsRead)),
    ("campaigns_list_expected", May(A::CampaignsRead)),
    ("campaigns_list_leads", May(A::CampaignsRead)),
    ("campaigns_open", May(A::CampaignsOpen)),
    ("campaigns_recount", May(A::CampaignsRecount)),
    ("campaigns_report_pdf", May(A::CampaignsReport)),
    ("campaigns_report_xlsx", May(A::CampaignsReport)),
    ("campaigns_scan", May(A::CampaignsCount)),
    ("campaigns_show", May(A::CampaignsRead)),
    ("campaigns_show_sheet", May(A::CampaignsRead)),
    ("campaigns_submit", May(A::CampaignsSubmit)),
    ("campaigns_undo_scan", May(A::CampaignsCount)),
    ("journal_checkpoint", May(A::JournalCheckpoint)),
    ("journal_checkpoints", May(A::JournalRead)),
    ("journal_consistency", May(A::JournalRead)),
    ("journal_export", May(A::JournalExport)),
    ("journal_list", May(A::JournalRead)),
    ("journal_newest_checkpoint", May(A::JournalRead)),
    ("journal_show", May(A::JournalRead)),
    ("missing_carry_over", May(A::CampaignsOpen)),
    ("missing_list", May(A::CampaignsRead)),
    ("photos_decode", May(A::PhotosDecode)),
];
