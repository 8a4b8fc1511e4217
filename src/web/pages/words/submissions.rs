//! The words of the pages of submissions: see `locales/zh/submissions.toml`.

words! {
    list {
        heading number kind unit whole as_of state lines value errors signed none none_help begin
        today_prepare today_review today_approve today_submit go_prepare go_review go_approve go_submit
        waiting
    }
    new {
        title lead kind unit as_of as_of_help campaign campaign_help submit not_yours
    }
    one {
        facts edition hash computed prepared reviewed approved submitted sent_to receipt figures by total
        lines quantity value accumulated net figures_help checks rule severity count open reason first
        none_wrong see_all answer answer_help steps deed who at note see_lines see_differences xlsx pdf
        compute compute_help prepare prepare_help review review_help approve approve_help opinion submit
        submit_help sent_to_field receipt_field send_back send_back_help void void_help why not_yours
        signed_before errors_first answers_first said_begun said_computed said_answered said_prepared
        said_reviewed said_approved said_submitted said_sent_back said_voided
    }
    lines {
        title line item name class unit place keeper quantity state value net of_group
    }
    messages {
        title line item field rule words reason by
    }
    differences {
        title lead_own lead_on none before now total added removed changed field on on_help item
        most
    }
}
