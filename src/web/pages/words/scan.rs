//! The words of the pages of this area: see `locales/zh/scan.toml`.

words! {
    list { title }
}
