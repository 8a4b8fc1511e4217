//! The words of the pages of this area: see `locales/zh/labels.toml`.

words! {
    start {
        title title_waiting log claim queue no_queue by_number numbers numbers_help choose_paper by_place unlabelled
        look_up code look blanks blanks_help count count_number print_blanks
    }
    print {
        title preview no_preview preview_help sample things first_label and_more missing none none_help paper template
        sheet skip skip_help skip_number format renew renew_help renew_sure refresh will_print new_ones sheets_needed
        submit what_happens too_many of_things of_places of_blanks roll on_a_sheet
    }
    queue { title intro all some none none_help reason since }
    log { title none none_help at code what state template times by }
    one {
        title nothing claim no_claim open state what generation template issued printed times void no_void void_already
        void_sure reason reason_help said_void
    }
    claim { title intro code number number_help submit no_code }
}
