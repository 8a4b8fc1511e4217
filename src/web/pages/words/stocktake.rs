//! The words of the pages of this area: see `locales/zh/stocktake.toml`.

words! {
    form { too_long control }
    list {
        none_now one_now many_now may_not_open open none none_help name number state handed_in baseline window blind
        file
    }
    wizard {
        title title_foreseen intro what number number_help name name_help name_now baseline baseline_help from to blind
        blind_help scope scope_help units unit kinds fixed_asset vehicle firearm ammunition case_property places
        classes preview expects expects_none things bare after_opening open open_sure bad_number bad_day bad_unit
        too_many choose_units
    }
    board {
        title title_short title_blind facts blind blind_help all differences missing_cases report count may_not_count
        over said_opened said_recount said_closed said_cancelled units unit progress last_scan sheet no_units
        no_units_help verdicts missing missing_none thing lead no_lead more_missing hidden manager head never just_now
        minutes_ago hours_ago days_ago nothing_expected not_begun late to_confirm part_good part_warn part_bad part_ask
        part_none seen
    }
    differences {
        title attention all board text verdict unit flags thing place keeper quantity lead choose none none_help
        recount recount_help over may_not_recount blind_help file number name book_place counted_place book_keeper
        counted_keeper book_quantity counted_quantity value note
    }
    recount {
        title intro none none_help assignee assignee_help reason order none_chosen no_reason
    }
    sheet {
        title title_short title_blind last_scan submitted_at confirmed_at submit submit_sure submit_sure_missing confirm
        confirm_sure confirm_for stand_in reason reason_needed over may_not_submit submitted_already submit_first
        confirmed_already may_not_confirm said_submitted said_confirmed blind_help paper paper_xlsx bring_in sign
        no_sign none none_help specification stale
    }
    paper {
        title file baseline window help none none_help number name book_place count place condition note counter
        witness date sign_title not_yet more still_open counted missing_value yuan differing all_matched statement
        sign_counter sign_head
    }
    missing {
        title board not_yet see_lines state year unit thing number years years_missing from finding open_finding
        opened_here recovered_here carried_over searching found confirmed approved written_off none none_help file
    }
    report {
        title said_closed board pdf xlsx unit expected counted missing_value total no_unit close close_help close_sure
        leave_open reason_needed unconfirmed may_not_close over cancel cancel_help cancel_sure cancel_reason
        cancel_reason_needed
    }
    photos { title said undone }
}
