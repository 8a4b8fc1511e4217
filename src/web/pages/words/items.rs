//! The words of the pages of this area: see `locales/zh/items.toml`.

words! {
    list {
        title things more_than register no_register q unit place keeper kind state number name specification serial
        quantity value value_yuan acquired label place_hint keeper_hint in_book none_found none none_help no_label
        print no_print to_move hand_over change_state no_change changed sort by_value by_newest
    }
    pick {
        no_place many_places no_person many_people fixed_asset vehicle firearm ammunition case_property
    }
    many {
        title_move title_keeper title_state all_done some_done same_unit choose none_chosen place_missing
        keeper_missing state_missing reason_missing to_place to_unit to_keeper to_state reason reason_help submit
        what_happens back done_help refused why
    }
    card {
        facts label printed no_label timeline recorded reason document document_help journal newest earlier findings
        no_findings change save what_happens gone print system registered changed_step withdrawn said_changed
        photo files no_files withdrawn_file withdraw attach attach_help upload too_large
        said_registered said_claimed said_attached said_withdrawn
    }
    register {
        title intro number_help brand class_code class_help measure_unit choose_unit bad_day submit what_happens
    }
}
