//! The words of the pages of missing and surplus things: see `locales/zh/losses.toml`.

words! {
    list {
        heading title lead number thing state unit year value none none_help surpluses procedure figures figures_help
        year_of cases recovered recovered_line recovered_none send send_help due_on note send_submit send_all said_sent
        sent lists lists_none unsent waits acknowledged not_centre today_list go_list today_write_off
        go_write_off today_confirm go_confirm asked
    }
    list_page {
        title facts sent_by due_on note count value acknowledged things lead_col result pdf acknowledge
        acknowledge_help reply sender_cannot not_unit said lead late
    }
    one {
        title facts item unit list_year list value opened found_in confirmed responsible basis compensation receipt
        decision approval_number voucher written_off found lead_title no_lead see_board back_as explanation searches no_searches when
        who place result what log log_help log_place log_place_help log_words log_searcher log_searcher_help log_note
        explain explain_help explain_field find find_help find_note find_place confirm confirm_help resume resume_help
        reason judge judge_help degree judge_who judge_basis judge_paid judge_receipt ask ask_help ask_reason write_off
        write_off_help voucher_number voucher_on steps steps_lead step done by tick untick untick_note
        tick_help not_done optional needs_paper papers paper_of no_papers add_paper paper_file paper_help paper_other
        paper_search form see_approval not_yours not_confirmer not_centre keeper_cannot explainer_cannot not_explained
        not_judged said_done said_paper step_open
    }
    procedure {
        title lead part code text paper required from source steps_field steps_help submit edit edit_help said
        not_yours bad_line history yes no
    }
    surplus {
        heading title lead number name state unit place count value found none none_help open open_help name_field
        specification serial quantity note unit_field place_field open_submit gather gather_help campaign gather_submit
        gathered facts code_read lead_fact identified basis case item ended identify identify_help identity identity_known
        identity_unbooked identity_foreign item_number item_help identify_note value_title value_help basis_field
        value_field source class_code measure_unit ask ask_help ask_reason enter enter_help enter_place enter_keeper
        acquired_on hand_over owner drop drop_reason papers no_papers add_paper paper_kind see_approval said_done
        said_paper not_yours today go
    }
}
