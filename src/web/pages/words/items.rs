//! The words of the pages of this area: see `locales/zh/items.toml`.

words! {
    list { title }
}
