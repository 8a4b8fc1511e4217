//! The words of the pages of this area: see `locales/zh/duties.toml`.

words! {
    list { title late open_now late_now }
}
