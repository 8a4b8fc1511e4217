//! The words of the pages of this area: see `locales/zh/admin.toml`.

words! {
    list { title }
}
