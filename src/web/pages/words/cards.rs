//! The words of the pages of cards, net values, classes and of who answers: see `locales/zh/cards.toml`.

words! {
    card {
        heading title lead facts worth value accumulated net monthly standing life months last source gaps no_gaps
        fill edit of_item name specification serial_number brand measure_unit class_code class_help value_help
        acquired_on managing_unit from from_help reason submit said of_vehicle of_building of_furniture of_money of_rest
        old_code export empty
    }
    net {
        title lead on things finished not_depreciated unknown by_class by_unit class unit whole none export none_help
        unclassed
    }
    classes {
        title lead code name rule life since source old old_lead old_code codes set set_code map history new
        structure effective effective_help codes_help
    }
    responsible {
        title lead vacancies no_vacancies unit duty person since until reason by_list now history name from from_help
        reason_help submit end end_title none things person_help
    }
}
