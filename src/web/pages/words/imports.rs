//! The words of the pages of this area: see `locales/zh/imports.toml`.

words! {
    list {
        title begin file kind rows rejects state who at none none_help unfinished go_on discard discarded may_not
    }
    upload {
        heading step what units_help people_help places_help assets_help counts_help file file_help again for_assets
        create_missing create_missing_help as_of as_of_help for_counts campaign campaign_help counter counter_help next
    }
    columns {
        heading step intro ours theirs samples required leave_out sheet_name look next unused first_rows discard_sure
    }
    preview {
        heading step working reading trying writing all good refused duplicate row state content problem commit nothing
        notes created created_more rejects_csv columns_again changed patience empty
    }
    batch {
        heading file sha256 undone undone_at undo undo_sure undo_units undo_people undo_places undo_assets undo_counts
        undone_already not_theirs kept see_lines rejects_csv undo_title facts
    }
    hints { text identifier quantity money decimal date date_time state yes_no }
}
