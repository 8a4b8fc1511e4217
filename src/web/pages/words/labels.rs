//! The words of the pages of this area: see `locales/zh/labels.toml`.

words! {
    list { title }
}
