//! What forms share: the faults at their fields, and where to go after.

use super::refusals::said;
use super::view::Frame;
use crate::access::rules;
use crate::web::{ApiError, App};

/// What is wrong with what was typed, by field; the blank field is the form as a whole.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Faults(Vec<(String, String)>);

impl Faults {
    /// One fault.
    pub(crate) fn at(field: &str, text: impl Into<String>) -> Self {
        Self(vec![(field.to_owned(), said(text.into()))])
    }

    /// What a service refused, at the field it names if the form has it.
    pub(crate) fn refused(field: Option<&str>, text: impl Into<String>, fields: &[&str]) -> Self {
        Self::at(field.filter(|field| fields.contains(field)).unwrap_or_default(), text)
    }

    /// What is wrong with a field; blank when nothing is.
    pub(crate) fn of(&self, field: &str) -> &str {
        self.0.iter().find(|(at, _)| at == field).map_or("", |(_, text)| text)
    }

    /// What is wrong with the form as a whole.
    pub(crate) fn general(&self) -> &str {
        self.of("")
    }
}

/// What an error says, and of which field; `Err` when it is nothing that typing something else would mend.
pub(crate) fn explained(error: ApiError) -> Result<(Option<String>, String), ApiError> {
    match error {
        ApiError::Invalid { field, reason } => Ok((field, reason)),
        ApiError::Conflict(text) => Ok((None, text)),
        other => Err(other),
    }
}

/// What a password must be now, in words.
pub(crate) async fn password_rule(app: &App, frame: &Frame) -> Result<String, ApiError> {
    let (rules, now) = (rules::current(app.db()).await?, app.base().now());
    let number = |name| rules.number(name, now, 0).to_string();
    let words = frame.words.password.rule.replace("{length}", &number(rules::PASSWORD_MIN_LENGTH));
    Ok(words.replace("{kinds}", &number(rules::PASSWORD_MIN_KINDS)))
}

/// A page of ours to go to, as it was asked for; anything else leads home. A browser takes `//host` and `/\host` for
/// another site.
pub(crate) fn own_page(next: &str) -> &str {
    let is_ours = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && next.chars().all(|c| !c.is_control() && c.is_ascii());
    if is_ours { next } else { "/" }
}

/// Text as a value in a query.
pub(crate) fn in_query(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for (next, expected) in [
            ("/items?q=1&page=2", "/items?q=1&page=2"),
            ("", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("javascript:alert(1)", "/"),
            ("/a\r\nSet-Cookie: x=1", "/"),
            ("/\t/evil.example", "/"),
        ] {
            assert_eq!(own_page(next), expected, "{next:?}");
        }
        assert_eq!(in_query("/a?b=c&d=中"), "/a%3Fb%3Dc%26d%3D%E4%B8%AD");
    }
}
