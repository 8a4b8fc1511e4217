//! The words of the pages of fuel: see `locales/zh/fuel.toml`.

words! {
    desk {
        title lead month anomalies records records_help no_records when plate rule severity why none none_help check check_title check_help statements
        no_statements supplier state fills litres amount file file_help total total_help map map_help bring accounts
        limits slips drums charging said_checked said_closed
    }
    statement {
        totals state file fills litres amount stated loads rejected note note_help close cards card opening closing off
        no_balance records no_records when plate station verdict said_brought
    }
    record { facts grade balance odometer observed expected nothing letter finding }
    accounts {
        title lead from to plate unit km litres per_100km usual fuel_cost repair_cost per_km rank anomalies none
    }
    car {
        title to_car last_year consumption chart chart_help usual_line others months years period kwh kwh_100km none
    }
    slips {
        approvals approved_quantity filled purpose purpose_help ask ask_help said_asked title lead drums_title drums_lead charging_title charging_lead no_car car_help quantity quantity_help odometer full
        full_help full_yes approval approval_help write written none said unapproved all_approved cost times by_car
        no_electric
    }
    limits { title lead knob value rule flagged scope scope_value scope_help from source history set said }
    units { percent times kilometres speed fen minutes litres often }
}
