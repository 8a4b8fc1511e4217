//! The words of the pages of upkeep, transfers and registers of arms: see `locales/zh/arms_moves.toml`.

words! {
    upkeep {
        title lead none none_help applicant approver asked_at ended_at cleaners finishers opinion ended_reason outcome
        guns guns_help guns_title ask decide decide_help approve refuse start start_help cleaned cleaned_help put_back
        put_back_help faults faults_help bad_fault cancel
    }
    transfer {
        title lead none none_help from to to_help guns lots document document_help plan plan_help asked_by senders sent_at
        receivers ended_at things quantity arrived send send_help receive receive_help cancel
        on_the_way rest
    }
    training {
        title lead none none_help out back fired cases leader participants place document out_at note_help take_out
        take_out_help take_back take_back_help
    }
    register {
        title lead book from until pdf csv none no_store masked
    }
    scrap {
        title lead none none_help gun gun_help certificate_help receiver receiver_person document handed_by hand_up
    }
}
