//! The words of the pages of this area: see `locales/zh/stocktake.toml`.

words! {
    list { title }
}
