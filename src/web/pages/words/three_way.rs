//! The words of the pages of the three-way check: see `locales/zh/three_way.toml`.

words! {
    list {
        heading lead batches number as_of file rows rejects value by state undone stands compare compare_help
        count count_help undo undo_why checks things differences open none none_help bring file_help map
        map_help no_batches said_brought said_undone today_explain go_explain rejected more_rejected where_in
        column cell reason
    }
    one {
        title no_campaign total verdicts units accounts no_unit no_account verdict book finance differs
        figures_help lines item name count category explanation explain explain_help all_open which
        explain_submit close close_help open_left xlsx said_explained said_closed not_yours unit account
        only_open
    }
}
