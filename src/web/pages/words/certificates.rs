//! The words of the pages of digital certificates: see `locales/zh/certificates.toml`.

words! {
    list {
        title lead none none_help number holder holder_help unit state since due kept_at valid_until enter late
    }
    one {
        title loan loans never task ended handed taken draw draw_help take_back note reason find lose close not_yours
    }
    round {
        checks morning quizzes at nth by kept out amiss no_checks check check_help check_title seen seen_help note verdict
        with none_out times unchecked over_night yesterday morning_title day quiz_title no_quizzes person question answer
        correct right wrong asked_by ask
    }
}
