//! What the services refuse with, in the language of the page. They speak Chinese, in sentences with blanks; an English page
//! looks the sentence up (`locales/en/refusals.toml`) and fills the blanks with what stood in them. What is not in the
//! list stays as it is: a sentence in the other language is better than none.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::LazyLock;

use super::Language;

tokio::task_local! {
    static LANGUAGE: Language;
}

/// Answers a request whose pages are in this language.
pub(crate) async fn speaking<T>(language: Language, work: impl Future<Output = T>) -> T {
    LANGUAGE.scope(language, work).await
}

/// A sentence of a service, in the language of the page that is being answered.
pub(crate) fn said(text: String) -> String {
    said_in(LANGUAGE.try_with(|language| *language).unwrap_or_default(), text)
}

/// The same, in this language.
pub(crate) fn said_in(language: Language, text: String) -> String {
    if language.is_chinese() { text } else { english(&text).unwrap_or(text) }
}

/// A sentence with blanks, cut at them, and its English.
#[derive(Debug)]
struct Sentence {
    pieces: Vec<String>,
    blanks: Vec<String>,
    english: String,
}

static SENTENCES: LazyLock<Vec<Sentence>> = LazyLock::new(|| {
    let read: Result<BTreeMap<String, BTreeMap<String, String>>, _> =
        toml::from_str(include_str!("../locales/en/refusals.toml"));
    let mut sentences: Vec<Sentence> = match read {
        Ok(rooms) => rooms.into_values().flatten().map(|(chinese, english)| Sentence::of(&chinese, english)).collect(),
        Err(error) => {
            tracing::error!(%error, "the list of refusals cannot be read");
            Vec::new()
        }
    };
    // What says more of itself is tried first.
    sentences.sort_by_key(|one| std::cmp::Reverse(one.pieces.iter().map(String::len).sum::<usize>()));
    sentences
});

impl Sentence {
    fn of(chinese: &str, english: String) -> Self {
        let (mut pieces, mut blanks) = (Vec::new(), Vec::new());
        let mut rest = chinese;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            pieces.push(before.to_owned());
            blanks.push(format!("{{{name}}}"));
            rest = after;
        }
        pieces.push(rest.to_owned());
        Self { pieces, blanks, english }
    }

    /// What stands in its blanks, if `text` is this sentence.
    fn read<'a>(&self, text: &'a str) -> Option<Vec<&'a str>> {
        let (first, others) = self.pieces.split_first()?;
        let mut rest = text.strip_prefix(first.as_str())?;
        let mut found = Vec::with_capacity(others.len());
        for (n, piece) in others.iter().enumerate() {
            let is_last = n + 1 == others.len();
            let filled = if is_last { rest.strip_suffix(piece.as_str())? } else { rest.split_once(piece.as_str())?.0 };
            found.push(filled);
            rest = if is_last { "" } else { &rest[filled.len() + piece.len()..] };
        }
        (rest.is_empty() && found.iter().all(|filled| !filled.is_empty())).then_some(found)
    }
}

/// The English of a sentence; `None` when it is not in the list.
fn english(text: &str) -> Option<String> {
    SENTENCES.iter().find_map(|sentence| {
        let mut said = sentence.english.clone();
        for (blank, filled) in sentence.blanks.iter().zip(sentence.read(text)?) {
            let filled = english(filled).unwrap_or_else(|| filled.to_owned());
            said = said.replacen(blank.as_str(), &filled, 1);
        }
        Some(said)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_said_with_what_stood_in_its_blanks() {
        for (chinese, said) in [
            ("编号“A-1”已在账", Some("The number “A-1” is in the book already")),
            ("第1大队的盘点表已提交，不能再次提交", Some("The sheet of 第1大队 is handed in: no handing in again")),
            ("没有找到这个令牌", Some("There is no such token")),
            ("须为 2 至 64 个字", Some("2 to 64 characters")),
            ("这不是一句话", None),
            ("", None),
        ] {
            assert_eq!(english(chinese).as_deref(), said, "{chinese}");
        }
    }

    #[test]
    fn english_has_the_blanks_of_the_chinese_and_no_chinese() {
        assert!(SENTENCES.len() > 200, "{}", SENTENCES.len());
        for sentence in SENTENCES.iter() {
            let blanks = sentence.english.matches('{').count();
            assert_eq!(blanks, sentence.blanks.len(), "{sentence:?}");
            assert!(sentence.blanks.iter().all(|blank| sentence.english.contains(blank.as_str())), "{sentence:?}");
            assert!(!sentence.english.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{sentence:?}");
        }
    }

    #[tokio::test]
    async fn only_an_english_page_speaks_english() {
        let chinese = "没有这个地址".to_owned();
        assert_eq!(speaking(Language::English, async { said(chinese.clone()) }).await, "There is no such address");
        assert_eq!(speaking(Language::Chinese, async { said(chinese.clone()) }).await, chinese);
        assert_eq!(said(chinese.clone()), chinese, "outside a request");
    }
}
