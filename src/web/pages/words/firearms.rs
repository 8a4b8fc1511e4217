//! The words of the pages of firearms: see `locales/zh/firearms.toml`.

words! {
    field {
        number name kind unit in_charge model category serial certificate ballistic dedicated state store cabinet slot
        issued_on value note reason lot type_name rounds document made_on none_of
    }
    list {
        title lead stores guns none none_help new_store new_store_help new_gun officers find no_guns in_store out
    }
    store {
        title guns rounds magazines magazine_numbers cabinets slots no_rounds no_magazines no_cabinets add_cabinet
        add_magazines receive not_yours entries
    }
    gun {
        title facts looked keep keep_help new_title new_help slot_help number_help serial_help dedicated_help
    }
    draw {
        heading title number drawer purpose task magazines from due due_help kinds cross_area bulk urgent submit new
        new_help none none_help only_out not_officer overdue out_at returned_at facts gun gun_help open_issue open_return
        clear clear_help scan scan_help count count_help rounds_store rounds_out rounds_back fired damaged lost
        magazine_numbers part sign sign_help hand_over hand_over_help take_back take_back_help cancel cancel_help
        withdraw report_loss loss_help lost_what gun_lost only_rounds longer longer_help until progress step done yes
        not_yet equation see_approval
    }
    shift {
        title none none_help begin opened counted_by differences ended opening came went book counted counted_title differs
        agrees sides explain explain_help note sign close close_help count count_again count_help guns lots bad_lot cancel
    }
    wall {
        heading title lead inspected
    }
    inspect {
        heading title lead today earlier paper day inspector inspecting_unit inspected_unit list_version problems
        reported_to signed_at occasion occasion_help begin sign sign_help sign_all fill fill_help checks area check outcome
        unanswered photos photo no_photos add_photo of_the_whole cancel print done failed missing under_way not_yet
        failed_checks none none_help no_stores
    }
    visit {
        heading title lead visitor post companions entered left findings enter enter_help leave inside none none_help
        alone
    }
    audit {
        heading lead counter opened lines differences none none_help confidence margin margin_help begin begin_help seen book
        to_shelf to_book not_drawn verified not_verified commitment seed drawn_at population places again seed_title
        seed_help draw draw_help answer left close close_help read extra extra_help cancel gun_help lot_help place_help there
        not_there something nothing elsewhere
    }
    bulletin {
        heading lead week issued_at none none_help day day_help draft figures paper counted_at remark print all write
        write_help issue issue_help refresh refresh_help stores draws overdue handovers handovers_missed inspections
        inspections_missing checks_failed audits alarms findings_opened findings_closed findings_open
    }
    officer {
        title person licence issuer issued_on valid_until active carries stopped lapsed fit none none_help set
        set_help results no_results result kind held_on score passed failed bans no_bans ban ban_help until for_ever lift
        lifted standing add_result
    }
    cabinet {
        heading title lead none none_help devices no_devices device device_name seen keyed register register_help rotate
        rotate_help revoke revoke_help secret secret_help to_it what badge happened received verdict fits waiting alarm
        never not_yours
    }
}
