//! The words of the pages of this area: see `locales/zh/imports.toml`.

words! {
    list { title }
}
