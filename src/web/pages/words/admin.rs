//! The words of the office's pages: see `locales/zh/admin.toml`.

words! {
    shared {
        open closed state choose not_yours bad_day signer_login signer_help signer_password signer_code present_login present_help present_password present_code
        person_help at_machine program said_created said_saved said_closed said_unlocked said_ordered
        said_factor said_linked said_granted said_ended said_issued said_revoked said_signed said_sent
    }
    units {
        title new new_below none none_help people_count places_count things_count below_count facts code
        code_help name kind kind_help above above_yours top duties duty person badge no_duties two_heads head
        name_head choose below no_below edit editing close closing close_help is_closed
    }
    people {
        title title_of find new none none_help name badge badge_help unit duty duty_head duty_supervising
        duty_manager duty_member kind kind_officer kind_auxiliary kind_civilian facts keeps keeps_nothing
        all_things number thing place place_code keeper places keeps_no_place account login roles no_account
        open_account edit editing close closing close_help has_left not_oneself handed_over still_open
        hand_over_first id_number id_number_help link linking link_help
    }
    places {
        title title_of find new none none_help code code_help name unit keeper keeper_help facts things
        holds_nothing label label_code no_label template print print_all edit editing close closing close_help is_closed
    }
    accounts {
        title login login_help person unit factor bound unbound roles created none none_help new new_help make
        only_system table table_help tokens facts grants sessions no_sessions closed invited active locked
        is_closed not_oneself unlock unlock_help order order_help reset reset_help reset_factor
        reset_factor_help close close_help grant granting role over over_help everywhere from from_help until
        last_day until_help no_end by ended is_over to_come in_force end end_help ending no_grants may
        may_nothing what_each_may what_may action device device_help device_may begins issue issuing
        expires_help tokens_help no_tokens unclaimed revoked revoke revoke_help revoking my_tokens claim
        claim_help secret_once secret_help secret_of link_once link_help link_of to_account
    }
    rules {
        title lead rule value since source coming from_the_start set_anew from_day from_help source_help set
        sure history by set_at in_force to_come past
    }
    rule_names {
        confirm_days number_pattern remind_days submit_by_day gap_km most_km video_days capital_min
        capital_min_special special_equipment min_length min_kinds history max_age argon2 tries window lock idle absolute link factor_roles token_days
        webhook_days session_days
    }
    chains {
        title lead what steps ratify source none none_holds only_security new new_version new_help kind
        kind_help name from_help ratify_help bad_hours within not_first own_unit parent sub_bureau amount
        amount_from amount_yuan any_amount tier step no_step version define sure
    }
    journal {
        heading title lead no_checkpoint checkpoint_help not_whole from to who action subject unit at id room_items
        room_labels room_imports room_stocktake room_findings room_approvals room_org room_access room_journal
        none none_help facts co_signer payload proof unsealed fits does_not_fit place position leaf root
        rows_hash proof_help touched touched_none touched_first not_itemised table key hash checkpoints entries
        signed_by print note_file sign sign_help checkpoint_of name fingerprint note note_help consistency
        consistency_help continues does_not_continue verify verify_now verify_help your_note your_note_help
        note_too_long export result all_fits all_fits_anchored faults unsealed_count rows things
        not_itemised_count note_fits note_not anchored not_anchored first_faults fault cannot cannot_1 cannot_2
        cannot_3 cannot_4 cannot_5
    }
    jobs {
        title title_failed lead job last next every tries error none none_help waiting running done failed
        overdue unratified responsible reminders deliver forget_sent prune minutes hours days
    }
    webhooks {
        title lead new make none url url_help events event whose whose_help since active ended is_ended
        campaign_closed finding_opened ping secret secret_help to_it test end end_help ending sent nothing_sent
        number queued waiting delivered given_up answer tried
    }
}
