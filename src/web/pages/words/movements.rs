//! The words of the pages of movements: see `locales/zh/movements.toml`.

words! {
    list {
        heading heading_mine number kind state unit to_unit count value asked_at asked_by reason mine none none_help
        ask intake hand confirmed late due today_accept today_carry_out go_accept go_carry_out
    }
    ask {
        title choose kind numbers numbers_help to_unit to_place to_place_help to_keeper to_keeper_help counterparty
        counterparty_help due_on disposal reason reason_help early_reason early_help submit submit_now with_chain
        no_chain not_yours
    }
    one {
        facts things name from_place from_keeper from_state after see_approval accepted finished why decision
        approval_number proceeds receipt second counterparty due_on disposal early notes answered
        papers no_papers paper_kind paper_file paper_help add_paper form accept accept_help decline carry_out
        carry_out_help carry_out_disposal withdraw withdraw_help reason not_receiver not_giver not_centre not_asker
        said_asked said_done said_accepted said_declined said_withdrawn said_paper
    }
    intake {
        title lead count count_help supplier reason reason_help submit value acquired_on name specification class_code
        brand measure_unit unit place keeper said
    }
    hand {
        title lead from to to_help things none none_of reason reason_help submit place place_help
        signer_help on_leaving
    }
    mine {
        title title_all none none_help yes no note photo photo_help send with_me not_with_me at not_yet said_yes said_no
        no_fault
    }
    confirmed { title lead who unit kept with_them not_with_them silent none none_help }
}
