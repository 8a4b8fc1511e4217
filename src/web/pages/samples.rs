//! Every template is rendered from its samples: one with nothing in it, one with everything and texts that are longer than
//! anybody would like and full of HTML's own signs. In each file with a template stands `samples!`, which says what its
//! structs are made of, and `renders!`, which makes a test of each template; a template without one is found here.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::path::Path;

use askama::Template;
use hashbrown::HashSet;
use uuid::Uuid;

use super::admin::shared::Typed;
use super::form::Faults;
use super::view::{Frame, Language};
use crate::access::Role;
use crate::access::sessions::OpenSession;
use crate::kernel::Timestamp;
use crate::kernel::ids::{ItemId, ScanId, SessionId, UnitId};
use crate::stocktake::look::LineKey;
use crate::web::settings::{DemoPerson, Trust};

/// A text that breaks what is not ready for it: long, Chinese, and HTML where it is not escaped.
const NASTY: &str =
    "便携式计算机（涉密网·指挥中心大厅专用·第二批采购）<b class=\"x\">&'裕安分局城关派出所社区警务一中队值班备勤室";

/// How a sample is filled.
#[derive(Debug, Clone)]
pub(in crate::web::pages) struct Fill {
    pub(in crate::web::pages) language: Language,
    /// With everything; else with nothing.
    pub(in crate::web::pages) full: bool,
    turn: usize,
}

impl Fill {
    /// Another number each time: of what has several shapes each is shown.
    pub(in crate::web::pages) fn turn(&mut self) -> usize {
        self.turn += 1;
        self.turn
    }
}

/// What a template is rendered from when nobody asked for a page.
pub(in crate::web::pages) trait Sample {
    fn sample(fill: &mut Fill) -> Self;
}

/// Says of structs which fields they have: each is sampled.
macro_rules! samples {
    ($($name:ident { $($field:ident),* $(,)? })*) => {
        $(impl $crate::web::pages::samples::Sample for $name {
            fn sample(fill: &mut $crate::web::pages::samples::Fill) -> Self {
                Self { $($field: $crate::web::pages::samples::Sample::sample(fill)),* }
            }
        })*
    };
}
pub(in crate::web::pages) use samples;

/// Makes a test of each template.
macro_rules! renders {
    ($($test:ident: $template:ident),* $(,)?) => {
        $(#[test]
        fn $test() {
            $crate::web::pages::samples::from_samples::<$template>();
        })*
    };
}
pub(in crate::web::pages) use renders;

/// Every way to fill a template: in both languages, with nothing and with everything.
pub(in crate::web::pages) fn filled() -> impl Iterator<Item = Fill> {
    let both = [Language::Chinese, Language::English].into_iter();
    both.flat_map(|language| [false, true].map(|full| Fill { language, full, turn: 0 }))
}

/// Renders a template from its samples.
pub(in crate::web::pages) fn from_samples<T: Template + Sample>() {
    for mut fill in filled() {
        rendered(fill.language, &T::sample(&mut fill));
    }
}

/// Renders what only lives on loan.
pub(in crate::web::pages) fn rendered(language: Language, page: &impl Template) {
    holds(&page.render().unwrap(), language);
}

fn holds(html: &str, language: Language) {
    assert!(!html.contains("<b class=\"x\">"), "a text came through as HTML: {html}");
    assert!(!html.contains("=\"{{") && !html.contains("}}\""), "{html}");
    if html.contains("<html") {
        assert!(html.contains(&format!("<html lang=\"{}\">", language.code())), "{html}");
        let title = html.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next());
        assert!(title.is_some_and(|title| !title.trim().is_empty()), "no title: {html}");
    }
    // What the parser of a browser would shake its head at: an attribute twice, a quote too many.
    for token in html5gum::Tokenizer::new(html) {
        if let Ok(html5gum::Token::Error(error)) = token {
            panic!("{error:?}: {html}");
        }
    }
}

impl Sample for String {
    fn sample(fill: &mut Fill) -> Self {
        if fill.full { NASTY.to_owned() } else { Self::new() }
    }
}

impl Sample for &'static str {
    fn sample(fill: &mut Fill) -> Self {
        if fill.full { "good" } else { "" }
    }
}

impl Sample for bool {
    fn sample(fill: &mut Fill) -> Self {
        fill.full
    }
}

macro_rules! numbers {
    ($($name:ty)*) => {
        $(impl Sample for $name {
            fn sample(fill: &mut Fill) -> Self {
                if fill.full { 7 } else { 0 }
            }
        })*
    };
}
numbers! { u8 i64 u64 usize }

impl<T: Sample> Sample for Vec<T> {
    fn sample(fill: &mut Fill) -> Self {
        let many = if fill.full { 9 } else { 0 };
        (0..many).map(|_| T::sample(fill)).collect()
    }
}

impl<T: Sample + Eq + Hash> Sample for HashSet<T> {
    fn sample(fill: &mut Fill) -> Self {
        Vec::sample(fill).into_iter().collect()
    }
}

impl<T: Sample> Sample for Option<T> {
    fn sample(fill: &mut Fill) -> Self {
        fill.full.then(|| T::sample(fill))
    }
}

macro_rules! tuples {
    ($(($($name:ident)*))*) => {
        $(impl<$($name: Sample),*> Sample for ($($name,)*) {
            fn sample(fill: &mut Fill) -> Self {
                ($($name::sample(fill),)*)
            }
        })*
    };
}
tuples! { (A B) (A B C) (A B C D) (A B C D E) }

impl Sample for Language {
    fn sample(fill: &mut Fill) -> Self {
        fill.language
    }
}

impl Sample for Frame {
    fn sample(fill: &mut Fill) -> Self {
        Self::sample_for(fill.language, fill.full)
    }
}

impl Sample for Timestamp {
    fn sample(_: &mut Fill) -> Self {
        Self(1_795_000_000_000)
    }
}

impl Sample for UnitId {
    fn sample(_: &mut Fill) -> Self {
        Self(Uuid::nil())
    }
}

impl Sample for Uuid {
    fn sample(_: &mut Fill) -> Self {
        Self::nil()
    }
}

impl Sample for ScanId {
    fn sample(_: &mut Fill) -> Self {
        Self(Uuid::nil())
    }
}

impl Sample for SessionId {
    fn sample(_: &mut Fill) -> Self {
        Self(Uuid::nil())
    }
}

impl Sample for Role {
    fn sample(_: &mut Fill) -> Self {
        Self::AssetManager
    }
}

impl Sample for LineKey {
    fn sample(_: &mut Fill) -> Self {
        Self::read("0X|00000000-0000-0000-0000-000000000000").unwrap()
    }
}

impl Sample for Faults {
    fn sample(fill: &mut Fill) -> Self {
        if fill.full { Self::at("", NASTY) } else { Self::default() }
    }
}

impl Sample for Typed {
    fn sample(fill: &mut Fill) -> Self {
        if fill.full { Self::of(&[("purpose", NASTY), ("km", "123")]) } else { Self::default() }
    }
}

samples! {
    DemoPerson { login, password, role, name, unit }
    Trust { certificate_der, fingerprint, until, addresses }
    OpenSession { id, created_at, last_seen_at, expires_at, address, user_agent, current }
}

impl Sample for ItemId {
    fn sample(_: &mut Fill) -> Self {
        Self(Uuid::nil())
    }
}

/// Every file below a folder whose name ends so, with its text.
fn files(folder: &Path, ending: &str, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|own| own == ending) {
            found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn every_template_has_its_sample() {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
    let (mut sources, mut pages) = (Vec::new(), Vec::new());
    files(&web.join("pages"), "rs", &mut sources);
    files(&web.join("templates"), "html", &mut pages);
    let mut named = BTreeSet::new();
    for (file, text) in &sources {
        for rest in text.split("#[template(path = \"").skip(1) {
            let (path, rest) = rest.split_once('"').unwrap();
            let name: String =
                rest.split("struct ").nth(1).unwrap().chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
            named.insert(path.to_owned());
            let tests = text.split("renders! {").nth(1).unwrap_or_default();
            let has = tests.contains(&format!(": {name},")) || text.contains(&format!("rendered(language, &{name} {{"));
            assert!(has, "{file}: {name} ({path}) is never rendered from a sample: see samples.rs");
        }
    }
    assert!(named.len() > 50, "{named:?}");
    let root = web.join("templates").display().to_string();
    for (file, _) in &pages {
        let own = file.strip_prefix(&root).unwrap().trim_start_matches('/');
        let used = pages.iter().any(|(_, text)| text.contains(&format!("\"{own}\"")));
        assert!(used || named.contains(own), "{own} is nobody's");
    }
}
