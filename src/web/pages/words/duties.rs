//! The words of the pages of this area: see `locales/zh/duties.toml`.

words! {
    list {
        title heading late open_now late_now system assigned partly_assigned may_not_assign what kind state unit owner
        item opened deadline description mine overdue only_mine only_overdue by_kind kind_all none none_help owner_field
        owner_help deadline_field deadline_help assign tick nobody
    }
    step { opened assigned explained evidence sent_back verified closed reopened overdue noted }
    finding {
        done stale facts origin origin_link explained_by verified_by closed_at rule outside missing missing_none
        timeline evidence evidence_none do_now assign assign_help explain explain_help verify verify_help close
        close_help add_evidence add_evidence_help send_back send_back_help reopen reopen_help explanation remark reason
        note reference reference_help evidence_kind cannot description
    }
    approvals {
        title heading_waiting heading_mine heading_all waiting mine all what kind unit requester amount asked_at state step
        urgent ratify_by ratify_late none_waiting none_waiting_help none none_help delegations subject steps_title
        step_number level_own level_parent level_bureau waits_for nobody later approved refused by_for substituted
        reason_label decide approve refuse decide_help withdraw withdraw_help use_first use_first_help done
        stale asked cannot finished used_at not_decided
    }
    delegations {
        heading none none_help to to_help from until reason give give_help given taken active ended planned revoked
        revoke revoke_sure done_given done_revoked from_whom term no_right
    }
}
