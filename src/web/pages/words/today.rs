//! The words of the first page: what one must do, then what one watches.

words! {
    list {
        title nothing nothing_help to_do watch overdue due no_deadline counted blind not_begun
        finding_explain finding_verify finding_close finding_assign approval sheet_count sheet_confirm
        reprint explain verify close_it assign decide count confirm print
        things counting_none
    }
}
