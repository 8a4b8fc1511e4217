//! The words of the first page: what one must do, then what one watches.

words! {
    list {
        title nothing nothing_help to_do watch me overdue due no_deadline counted missing_now not_begun
        finding_explain finding_verify finding_close finding_assign approval sheet_count sheet_confirm recount
        reprint job_failed checkpoint_old open explain verify close_it assign decide count confirm print see
        things counting_none begin_count
    }
}
