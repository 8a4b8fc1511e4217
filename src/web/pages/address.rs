//! Where a page is: its path and what its query asks for. Filters, sorting and the place in a list live in the address,
//! so that a page can be sent to a colleague and the way back leads where one was.

use axum::http::Uri;

use super::form::in_query;

/// A path with its query, to make other addresses from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Address {
    path: String,
    asked: Vec<(String, String)>,
}

impl Address {
    /// Of a request; without the language, which the cookie keeps.
    pub(crate) fn of(uri: &Uri) -> Self {
        let asked = serde_urlencoded::from_str(uri.query().unwrap_or_default()).unwrap_or_default();
        Self { path: uri.path().to_owned(), asked }.dropping(&["lang"])
    }

    /// The path alone.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// What the query says of `name`; blank when nothing.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.asked.iter().find(|(at, _)| at == name).map_or("", |(_, value)| value)
    }

    /// The same page, asking `name` to be `value`; a blank value asks nothing. Whoever asks anew begins at the
    /// beginning.
    pub(crate) fn with(&self, name: &str, value: &str) -> String {
        let mut changed = self.clone().dropping(&[name, "after", "said"]);
        if !value.is_empty() {
            changed.asked.push((name.to_owned(), value.to_owned()));
        }
        changed.written()
    }

    /// The same list, from there on.
    pub(crate) fn after(&self, cursor: &str) -> String {
        self.with("after", cursor)
    }

    /// The same list, from the beginning.
    pub(crate) fn anew(&self) -> String {
        self.with("after", "")
    }

    /// As it is written in a link.
    pub(crate) fn written(&self) -> String {
        let pairs: Vec<_> =
            self.asked.iter().map(|(name, value)| format!("{}={}", in_query(name), in_query(value))).collect();
        if pairs.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, pairs.join("&")) }
    }

    fn dropping(mut self, names: &[&str]) -> Self {
        self.asked.retain(|(name, _)| !names.contains(&name.as_str()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_keeps_what_was_asked_and_begins_anew() {
        let page = Address::of(&"/items?q=%E6%A4%85&unit=a%26b&after=99&lang=en&said=moved".parse().unwrap());
        assert_eq!(page.get("q"), "椅");
        assert_eq!(page.get("lang"), "");
        assert_eq!(page.with("sort", "name"), "/items?q=%E6%A4%85&unit=a%26b&sort=name");
        assert_eq!(page.with("unit", ""), "/items?q=%E6%A4%85");
        assert_eq!(page.after("7|x"), "/items?q=%E6%A4%85&unit=a%26b&after=7%7Cx");
        assert_eq!(page.anew(), "/items?q=%E6%A4%85&unit=a%26b");
        assert_eq!(Address::of(&"/items".parse().unwrap()).with("q", ""), "/items");
    }
}
