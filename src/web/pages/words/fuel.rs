//! The words of the pages of fuel: see `locales/zh/fuel.toml`.

words! {
    desk {
        title lead month anomalies when plate rule severity why none none_help check check_title check_help statements
        no_statements supplier state fills litres amount file file_help total total_help map map_help bring accounts
        limits said_checked said_closed
    }
    statement {
        totals state file fills litres amount stated loads rejected note note_help close cards card opening closing off
        no_balance records no_records when plate station verdict said_brought
    }
    record { facts grade balance odometer observed expected nothing letter finding }
    accounts {
        title lead from to plate unit km litres per_100km usual fuel_cost repair_cost per_km rank anomalies none
    }
    limits { title lead knob value rule flagged scope scope_value scope_help from source history set said }
    units { percent times kilometres speed fen minutes litres often }
}
