//! The words of the pages of vehicles: see `locales/zh/vehicles.toml`.

words! {
    field {
        plate vin engine_number quota use_kind energy seats displacement tank battery fuel_grade rated rated_wh
        has_licence registered_on compulsory_until commercial_until inspected_until odometer item_number name
        specification unit state reason yes no note day driver driver_help value number_bad decimal_bad time_bad
    }
    list {
        heading title find due due_only none none_help new import trips months repairs cards drivers shops out here now
    }
    import {
        title lead file file_help map map_help look only_look bring outcome row column value reason all_good said_look
        said_brought
    }
    car {
        account use_it change book facts papers trips no_trips repairs no_repairs cost readings no_readings read read_help
        old_km replaced card thing said_read said_saved not_yours all_trips ask_repair save change_help new_title
        new_help until lapsed total_km
    }
    phone {
        ask ask_lead purpose destination passengers urgent urgent_help urgent_reason depart give_back km_now waiting
        approved out_by not_now not_yours more car_page last_km said_asked said_out said_back trip when
    }
    trip {
        heading title number car departed returned km departed_km returned_km purpose destination passengers month
        flags urgent urgent_wait gap repair mine none none_help calendar calendar_title trips cars gaps gaps_only
        asked approved_by checked question explanation facts see_approval check check_help correct correct_help
        withdraw ask_question ask_question_help explain said_done not_manager not_centre not_asker planned
    }
    month {
        title lead unit state not_yet late by trips km unchecked gaps urgent submitted earlier later one_title
        check_all check_all_help submit submit_help accept accept_help none no_units said_checked said_submitted
        said_accepted questioned missing
    }
    repair {
        heading title number kind fault budget shop total new new_help none none_help submit enter enter_help send
        send_help take_back take_back_help parts parts_help labour invoice old_parts over_reason inspected_by
        inspected_help withdraw facts sent returned asked part_name quantity unit_price amount no_parts collect prices
        prices_title prices_help median dear part_find no_prices said_done not_yours bad_part
    }
    card {
        heading title number kind supplier held_by since until none none_help new master fill_limit day_limit give
        give_help take_back last_on turn turn_help to replaced_by history facts nobody
    }
    driver {
        title person licence from until forever active drives stopped lapsed none none_help set set_help
    }
    shop {
        title name contact phone address contract_until none none_help set not_yours open closed
    }
    today {
        out go_out depart go_depart check go_check submit go_submit review go_review explain go_explain repair
        go_repair
    }
}
