//! What the office's pages are put together from: facts, tables and forms in cards, under a head with its steps. One
//! template shows them all, so that whoever knows one of these pages knows the others.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use crate::kernel::Timestamp;
use crate::web::pages::form::Faults;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::{Frame, show};

/// A page.
#[derive(Template)]
#[template(path = "admin/page.html")]
pub(super) struct Board {
    pub(super) frame: Frame,
    pub(super) title: String,
    /// A sentence below the title.
    pub(super) lead: String,
    /// Where one came from: address and name.
    pub(super) back: (String, String),
    pub(super) said: String,
    pub(super) steps: Vec<Step>,
    pub(super) filters: Vec<Field>,
    pub(super) blocks: Vec<Block>,
}

/// What may be done next.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub(super) text: String,
    pub(super) href: String,
    /// Why it cannot be done now; blank when it can.
    pub(super) why: String,
    pub(super) primary: bool,
    /// It leads to a file or a page of its own kind.
    pub(super) file: bool,
}

/// A card. What is blank is not there.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) title: String,
    /// Sentences, one a paragraph.
    pub(super) notes: Vec<String>,
    /// What must not be overlooked: its look (`warning`, `danger`, `info`, `success`) and what it says.
    pub(super) alert: Option<(&'static str, String)>,
    pub(super) facts: Vec<(String, Td)>,
    /// A text to be copied, in the manner of machines.
    pub(super) pre: String,
    pub(super) table: Option<Table>,
    pub(super) form: Option<Form>,
    /// Address and words of a link below.
    pub(super) more: (String, String),
}

/// A cell of a table, or the value of a fact.
#[derive(Debug, Default, Clone)]
pub(super) struct Td {
    pub(super) text: String,
    pub(super) href: String,
    pub(super) class: &'static str,
    pub(super) mark: Option<Mark>,
    /// A smaller line below.
    pub(super) why: String,
}

impl Td {
    pub(super) fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into(), ..Self::default() }
    }

    pub(super) fn mono(text: impl Into<String>) -> Self {
        Self { text: text.into(), class: "mono", ..Self::default() }
    }

    pub(super) fn num(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into(), class: "num", ..Self::default() }
    }

    pub(super) fn mark(look: &'static str, text: impl Into<String>) -> Self {
        Self { mark: Some(Mark::new(look, text)), class: "tight", ..Self::default() }
    }

    pub(super) fn time(at: Option<Timestamp>) -> Self {
        Self { text: at.map(|at| at.to_string()).unwrap_or_default(), class: "tight", ..Self::default() }
    }

    pub(super) fn because(self, why: impl Into<String>) -> Self {
        Self { why: why.into(), ..self }
    }
}

impl From<String> for Td {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}
impl From<&str> for Td {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// A list.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) heads: Vec<(String, &'static str)>,
    pub(super) rows: Vec<Vec<Td>>,
    /// From where the next page goes on; blank on the last.
    pub(super) next: String,
    /// Whether it is the page's list, which goes on.
    pub(super) paged: bool,
    /// What is said when there is nothing: icon, title, help, address and words of the way to begin.
    pub(super) empty: (&'static str, String, String, String, String),
}

impl Table {
    /// Names of columns; one that begins with `#` is of numbers.
    pub(super) fn new(heads: &[&str]) -> Self {
        let head = |name: &&str| match name.strip_prefix('#') {
            Some(name) => (name.to_owned(), "num"),
            None => ((*name).to_owned(), ""),
        };
        Self { heads: heads.iter().map(head).collect(), ..Self::default() }
    }
}

/// Something to fill in and send.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) fields: Vec<Field>,
    pub(super) hidden: Vec<(String, String)>,
    pub(super) submit: String,
    /// What is wrong with the whole.
    pub(super) general: String,
    /// What is asked before it is sent.
    pub(super) confirm: String,
    /// It ends something.
    pub(super) danger: bool,
    /// Why it cannot be sent.
    pub(super) why: String,
    /// Where one goes who does not.
    pub(super) cancel: String,
}

/// A field.
#[derive(Debug, Default)]
pub(super) struct Field {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) value: String,
    pub(super) help: String,
    pub(super) fault: String,
    pub(super) kind: Kind,
}

/// How a field is filled in.
#[derive(Debug, Default)]
pub(super) enum Kind {
    #[default]
    Text,
    /// As HTML names it: `date`, `number`, `password`.
    Input(&'static str),
    Area,
    /// Not a field: what the next ones are of.
    Heading,
    /// Values and their words.
    Choice(Vec<(String, String)>),
    /// Value, words, whether it is ticked.
    Ticks(Vec<(String, String, bool)>),
}

impl Field {
    pub(super) fn text(id: &str, label: &str, value: &str, faults: &Faults) -> Self {
        Self {
            id: id.to_owned(),
            label: label.to_owned(),
            value: value.to_owned(),
            fault: faults.of(id).to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn input(id: &str, label: &str, kind: &'static str, value: &str, faults: &Faults) -> Self {
        Self { kind: Kind::Input(kind), ..Self::text(id, label, value, faults) }
    }

    pub(super) fn area(id: &str, label: &str, value: &str, faults: &Faults) -> Self {
        Self { kind: Kind::Area, ..Self::text(id, label, value, faults) }
    }

    pub(super) fn choice(id: &str, label: &str, options: Vec<(String, String)>, value: &str, faults: &Faults) -> Self {
        Self { kind: Kind::Choice(options), ..Self::text(id, label, value, faults) }
    }

    pub(super) fn help(self, help: &str) -> Self {
        Self { help: help.to_owned(), ..self }
    }

    /// A field to filter by.
    pub(super) fn filter(frame: &Frame, id: &str, label: &str) -> Self {
        Self { value: frame.address.get(id).to_owned(), ..Self::text(id, label, "", &Faults::default()) }
    }

    /// A choice to filter by; not to choose is to see all.
    pub(super) fn filter_of(frame: &Frame, id: &str, label: &str, mut options: Vec<(String, String)>) -> Self {
        options.insert(0, (String::new(), frame.words.common.any.clone()));
        Self { kind: Kind::Choice(options), ..Self::filter(frame, id, label) }
    }

    /// A day to filter by.
    pub(super) fn filter_day(frame: &Frame, id: &str, label: &str) -> Self {
        Self { kind: Kind::Input("date"), ..Self::filter(frame, id, label) }
    }
}

impl Board {
    pub(super) fn new(frame: Frame, title: impl Into<String>) -> Self {
        Self {
            frame,
            title: title.into(),
            lead: String::new(),
            back: Default::default(),
            said: String::new(),
            steps: Vec::new(),
            filters: Vec::new(),
            blocks: Vec::new(),
        }
    }

    /// As an answer; a form that was refused is answered as such.
    pub(super) fn answer(self) -> Response {
        let is_refused = |block: &Block| {
            block
                .form
                .as_ref()
                .is_some_and(|form| !form.general.is_empty() || form.fields.iter().any(|field| !field.fault.is_empty()))
        };
        let refused = self.blocks.iter().any(is_refused);
        show(if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, None, &self)
    }
}
