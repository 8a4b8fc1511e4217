//! What the office's pages are put together from: facts, tables and forms in cards, under a head with its steps. One
//! template shows them all, so that whoever knows one of these pages knows the others.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::kernel::Timestamp;
use crate::web::pages::form::Faults;
use crate::web::pages::parts::{Cell, Mark, PAGE, SHEET_ROWS, Sorting, sheet, sort_choices, workbook};
use crate::web::pages::view::{Frame, show};

/// A page.
#[derive(Template)]
#[template(path = "admin/page.html")]
pub(in crate::web::pages) struct Board {
    pub(in crate::web::pages) frame: Frame,
    pub(in crate::web::pages) title: String,
    /// The title stands as somebody wrote it, in Chinese.
    pub(in crate::web::pages) quoted: bool,
    /// A sentence below the title.
    pub(in crate::web::pages) lead: String,
    /// Where one came from: address and name.
    pub(in crate::web::pages) back: (String, String),
    pub(in crate::web::pages) said: String,
    pub(in crate::web::pages) steps: Vec<Step>,
    pub(in crate::web::pages) filters: Vec<Field>,
    pub(in crate::web::pages) blocks: Vec<Block>,
}

/// What may be done next.
#[derive(Debug, Default)]
pub(in crate::web::pages) struct Step {
    pub(in crate::web::pages) text: String,
    pub(in crate::web::pages) href: String,
    /// Why it cannot be done now; blank when it can.
    pub(in crate::web::pages) why: String,
    pub(in crate::web::pages) primary: bool,
    /// It leads to a file or a page of its own kind.
    pub(in crate::web::pages) file: bool,
}

/// A card. What is blank is not there.
#[derive(Debug, Default)]
pub(in crate::web::pages) struct Block {
    pub(in crate::web::pages) title: String,
    /// Sentences, one a paragraph.
    pub(in crate::web::pages) notes: Vec<String>,
    /// What must not be overlooked: its look (`warning`, `danger`, `info`, `success`) and what it says.
    pub(in crate::web::pages) alert: Option<(&'static str, String)>,
    pub(in crate::web::pages) facts: Vec<(String, Td)>,
    /// A text to be copied, in the manner of machines.
    pub(in crate::web::pages) pre: String,
    pub(in crate::web::pages) chart: Drawing,
    pub(in crate::web::pages) table: Option<Table>,
    pub(in crate::web::pages) form: Option<Form>,
    /// Address and words of a link below.
    pub(in crate::web::pages) more: (String, String),
}

/// A drawing in SVG that the program itself put together, its texts escaped there: the only thing that goes into a page as it
/// is. Blank when there is nothing to draw.
#[derive(Debug, Default)]
pub(in crate::web::pages) struct Drawing(pub(in crate::web::pages) String);

impl Drawing {
    pub(in crate::web::pages) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Display for Drawing {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Drawing {}

/// A cell of a table, or the value of a fact.
#[derive(Debug, Default, Clone)]
pub(in crate::web::pages) struct Td {
    pub(in crate::web::pages) text: String,
    pub(in crate::web::pages) href: String,
    pub(in crate::web::pages) class: &'static str,
    pub(in crate::web::pages) mark: Option<Mark>,
    /// A smaller line below.
    pub(in crate::web::pages) why: String,
    /// It stands as somebody wrote it, in Chinese: the name of a class, a law, a step of a procedure. Whoever reads an
    /// English page aloud must know.
    pub(in crate::web::pages) quoted: bool,
}

impl Td {
    pub(in crate::web::pages) fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into(), ..Self::default() }
    }

    pub(in crate::web::pages) fn mono(text: impl Into<String>) -> Self {
        Self { text: text.into(), class: "mono", ..Self::default() }
    }

    pub(in crate::web::pages) fn num(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into(), class: "num", ..Self::default() }
    }

    pub(in crate::web::pages) fn mark(look: &'static str, text: impl Into<String>) -> Self {
        Self { mark: Some(Mark::new(look, text)), class: "tight", ..Self::default() }
    }

    pub(in crate::web::pages) fn time(at: Option<Timestamp>) -> Self {
        Self { text: at.map(|at| at.to_string()).unwrap_or_default(), class: "tight", ..Self::default() }
    }

    /// Whether it says nothing: on a phone it is not there at all.
    const fn is_blank(&self) -> bool {
        self.text.is_empty() && self.why.is_empty() && self.mark.is_none()
    }

    pub(in crate::web::pages) fn quoted(self) -> Self {
        Self { quoted: true, ..self }
    }

    pub(in crate::web::pages) fn because(self, why: impl Into<String>) -> Self {
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

/// Columns that a screen has room for.
const WIDE: usize = 10;

/// A list.
#[derive(Debug, Default)]
pub(in crate::web::pages) struct Table {
    pub(in crate::web::pages) heads: Vec<(String, &'static str)>,
    pub(in crate::web::pages) rows: Vec<Vec<Td>>,
    /// From where the next page goes on; blank on the last.
    pub(in crate::web::pages) next: String,
    /// Whether it is the page's list, which goes on.
    pub(in crate::web::pages) paged: bool,
    /// The columns that it can be sorted by: which, and what the way is called in the address.
    pub(in crate::web::pages) sorts: &'static [(usize, &'static str)],
    /// It can be taken away as a workbook, all of it: [`rows_of`] says how many rows to read.
    pub(in crate::web::pages) away: bool,
    /// What is said when there is nothing: icon, title, help, address and words of the way to begin.
    pub(in crate::web::pages) empty: (&'static str, String, String, String, String),
}

impl Table {
    /// Names of columns; one that begins with `#` is of numbers.
    pub(in crate::web::pages) fn new(heads: &[&str]) -> Self {
        let head = |name: &&str| match name.strip_prefix('#') {
            Some(name) => (name.to_owned(), "num"),
            None => ((*name).to_owned(), ""),
        };
        Self { heads: heads.iter().map(head).collect(), ..Self::default() }
    }

    fn names(&self) -> Vec<&str> {
        self.heads.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Whether it has more columns than a screen is wide, so that it scrolls in itself.
    fn is_wide(&self) -> bool {
        self.heads.len() > WIDE
    }

    /// The heads, each with its class and, where the table can be sorted by it, how.
    fn columns(&self, frame: &Frame) -> Vec<(&str, &'static str, Option<Sorting>)> {
        let sorting = |at: usize| self.sorts.iter().find(|(own, _)| *own == at).map(|(_, name)| *name);
        let heads = self.heads.iter().enumerate();
        heads
            .map(|(at, (name, class))| (name.as_str(), *class, sorting(at).map(|name| Sorting::of(frame, name))))
            .collect()
    }
}

/// Something to fill in and send.
#[derive(Debug, Default)]
pub(in crate::web::pages) struct Form {
    pub(in crate::web::pages) action: String,
    pub(in crate::web::pages) fields: Vec<Field>,
    pub(in crate::web::pages) hidden: Vec<(String, String)>,
    pub(in crate::web::pages) submit: String,
    /// What is wrong with the whole.
    pub(in crate::web::pages) general: String,
    /// What is asked before it is sent.
    pub(in crate::web::pages) confirm: String,
    /// It ends something.
    pub(in crate::web::pages) danger: bool,
    /// Why it cannot be sent.
    pub(in crate::web::pages) why: String,
    /// Where one goes who does not.
    pub(in crate::web::pages) cancel: String,
}

/// A field.
#[derive(Debug, Default)]
pub(in crate::web::pages) struct Field {
    pub(in crate::web::pages) id: String,
    pub(in crate::web::pages) label: String,
    pub(in crate::web::pages) value: String,
    pub(in crate::web::pages) help: String,
    pub(in crate::web::pages) fault: String,
    pub(in crate::web::pages) kind: Kind,
}

/// How a field is filled in.
#[derive(Debug, Default)]
pub(in crate::web::pages) enum Kind {
    #[default]
    Text,
    /// As HTML names it: `date`, `number`, `password`.
    Input(&'static str),
    Area,
    /// Not a field: what the next ones are of.
    Heading,
    /// Values and their words.
    Choice(Vec<(String, String)>),
    /// A file to send; its form goes as several parts.
    File,
    /// Value, words, whether it is ticked.
    Ticks(Vec<(String, String, bool)>),
}

impl Form {
    /// Whether something in it was refused.
    fn is_faulty(&self) -> bool {
        !self.general.is_empty() || self.fields.iter().any(|field| !field.fault.is_empty())
    }

    /// Whether it carries a file.
    fn has_file(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.kind, Kind::File))
    }
}

impl Field {
    pub(in crate::web::pages) fn text(id: &str, label: &str, value: &str, faults: &Faults) -> Self {
        Self {
            id: id.to_owned(),
            label: label.to_owned(),
            value: value.to_owned(),
            fault: faults.of(id).to_owned(),
            ..Self::default()
        }
    }

    pub(in crate::web::pages) fn input(
        id: &str,
        label: &str,
        kind: &'static str,
        value: &str,
        faults: &Faults,
    ) -> Self {
        Self { kind: Kind::Input(kind), ..Self::text(id, label, value, faults) }
    }

    pub(in crate::web::pages) fn area(id: &str, label: &str, value: &str, faults: &Faults) -> Self {
        Self { kind: Kind::Area, ..Self::text(id, label, value, faults) }
    }

    pub(in crate::web::pages) fn choice(
        id: &str,
        label: &str,
        options: Vec<(String, String)>,
        value: &str,
        faults: &Faults,
    ) -> Self {
        Self { kind: Kind::Choice(options), ..Self::text(id, label, value, faults) }
    }

    pub(in crate::web::pages) fn help(self, help: &str) -> Self {
        Self { help: help.to_owned(), ..self }
    }

    /// A field to filter by.
    pub(in crate::web::pages) fn filter(frame: &Frame, id: &str, label: &str) -> Self {
        Self { value: frame.address.get(id).to_owned(), ..Self::text(id, label, "", &Faults::default()) }
    }

    /// A choice to filter by; not to choose is to see all.
    pub(in crate::web::pages) fn filter_of(
        frame: &Frame,
        id: &str,
        label: &str,
        mut options: Vec<(String, String)>,
    ) -> Self {
        options.insert(0, (String::new(), frame.words.common.any.clone()));
        Self { kind: Kind::Choice(options), ..Self::filter(frame, id, label) }
    }

    /// A day to filter by.
    pub(in crate::web::pages) fn filter_day(frame: &Frame, id: &str, label: &str) -> Self {
        Self { kind: Kind::Input("date"), ..Self::filter(frame, id, label) }
    }
}

/// What the address says of a list that is to be taken away.
const AWAY: &str = "xlsx";

/// How many rows of a list are shown; all of them when it is taken away.
pub(in crate::web::pages) fn rows_of(frame: &Frame) -> u64 {
    if frame.address.get("as") == AWAY { SHEET_ROWS } else { PAGE }
}

/// A row as it goes into a workbook: numbers as such.
fn cells(row: &[Td]) -> Vec<Cell> {
    let cell = |td: &Td| {
        let text = td.mark.as_ref().map_or(&td.text, |mark| &mark.text);
        let number = if td.class == "num" { text.replace(',', "").parse().ok() } else { None };
        number.map_or_else(|| Cell::Text(text.clone()), Cell::Number)
    };
    row.iter().map(cell).collect()
}

impl Block {
    /// Whether there is something to read in it.
    fn tells(&self) -> bool {
        !self.facts.is_empty() || self.table.is_some()
    }
}

impl Board {
    /// Whether the block at this place is folded away until somebody wants it: on a page that tells of a thing, every form
    /// but the next step, so that what is known is not below everything that might be done. What was refused stays open.
    fn is_folded(&self, at: &usize) -> bool {
        let Some((block, form)) = self.blocks.get(*at).and_then(|block| Some((block, block.form.as_ref()?))) else {
            return false;
        };
        if block.tells() || block.title.is_empty() || block.alert.is_some() || form.is_faulty() {
            return false;
        }
        let first = self.blocks.iter().position(|block| block.form.is_some());
        self.blocks.iter().any(Block::tells) && (first != Some(*at) || !form.why.is_empty())
    }

    pub(in crate::web::pages) fn new(frame: Frame, title: impl Into<String>) -> Self {
        Self {
            frame,
            title: title.into(),
            quoted: false,
            lead: String::new(),
            back: Default::default(),
            said: String::new(),
            steps: Vec::new(),
            filters: Vec::new(),
            blocks: Vec::new(),
        }
    }

    /// Why steps cannot be taken now: those that one reason holds back, and the reason.
    fn held_back(&self) -> Vec<(String, &str)> {
        let mut told: Vec<(String, &str)> = Vec::new();
        for step in self.steps.iter().filter(|step| !step.why.is_empty()) {
            match told.iter_mut().find(|(_, why)| *why == step.why) {
                Some((names, _)) => *names = format!("{names}{}{}", self.frame.either("、", ", "), step.text),
                None => told.push((step.text.clone(), step.why.as_str())),
            }
        }
        told
    }

    /// What the page's list can be sorted by, to choose from.
    fn sorts(&self) -> Vec<(String, String)> {
        let tables = self.blocks.iter().filter_map(|block| block.table.as_ref());
        let Some(table) = tables.into_iter().find(|table| !table.sorts.is_empty()) else { return Vec::new() };
        let named = |(at, name): &(usize, &'static str)| Some((*name, table.heads.get(*at)?.0.as_str()));
        let columns: Vec<(&str, &str)> = table.sorts.iter().filter_map(named).collect();
        sort_choices(&self.frame, &columns)
    }

    /// As an answer; a form that was refused is answered as such. A list that can be taken away is, when that is asked.
    pub(in crate::web::pages) fn answer(mut self) -> Response {
        let goes = |block: &Block| block.table.as_ref().is_some_and(|table| table.away);
        if let Some(table) = self.blocks.iter().find(|block| goes(block)).and_then(|block| block.table.as_ref()) {
            if self.frame.address.get("as") == AWAY {
                return match sheet("1", &table.names(), table.rows.iter().map(|row| cells(row))) {
                    Ok(bytes) => workbook(&format!("{}.xlsx", self.title), bytes),
                    Err(error) => error.into_response(),
                };
            }
            let (text, href) = (self.frame.words.common.export.clone(), self.frame.address.with("as", AWAY));
            self.steps.insert(0, Step { text, href, file: true, ..Step::default() });
        }
        let refused = self.blocks.iter().filter_map(|block| block.form.as_ref()).any(Form::is_faulty);
        show(if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, None, &self)
    }
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{Fill, Sample, renders, samples};

    impl Sample for Kind {
        fn sample(fill: &mut Fill) -> Self {
            match fill.turn() % 8 {
                0 => Self::Text,
                1 => Self::Input("date"),
                2 => Self::Area,
                3 => Self::Heading,
                4 => Self::Choice(Sample::sample(fill)),
                5 => Self::File,
                6 => Self::Ticks(Sample::sample(fill)),
                _ => Self::Input("password"),
            }
        }
    }

    impl Sample for Block {
        fn sample(fill: &mut Fill) -> Self {
            Self {
                title: Sample::sample(fill),
                notes: Sample::sample(fill),
                alert: Sample::sample(fill),
                facts: Sample::sample(fill),
                pre: Sample::sample(fill),
                // Made of HTML by us: see `fuel::chart`.
                chart: if fill.full { Drawing("<svg role=\"img\"></svg>".to_owned()) } else { Drawing::default() },
                table: Sample::sample(fill),
                form: Sample::sample(fill),
                more: Sample::sample(fill),
            }
        }
    }

    impl Sample for &'static [(usize, &'static str)] {
        fn sample(_: &mut Fill) -> Self {
            &[(0, "name"), (2, "other")]
        }
    }

    samples! {
        Board { frame, title, quoted, lead, back, said, steps, filters, blocks }
        Step { text, href, why, primary, file }
        Field { id, label, value, help, fault, kind }
        Td { text, href, class, mark, why, quoted }
        Table { heads, rows, next, paged, sorts, away, empty }
        Form { action, fields, hidden, submit, general, confirm, danger, why, cancel }
    }
    renders! {
        admin_page: Board,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::pages::samples::{Sample as _, filled};

    fn form(title: &str, why: &str, general: &str) -> Block {
        let form = Form { why: why.to_owned(), general: general.to_owned(), ..Form::default() };
        Block { title: title.to_owned(), form: Some(form), ..Block::default() }
    }

    fn facts() -> Block {
        Block { facts: vec![("a".to_owned(), "b".into())], ..Block::default() }
    }

    fn folded(blocks: Vec<Block>) -> Vec<bool> {
        let many = blocks.len();
        let frame = Frame::sample(&mut filled().next().unwrap());
        let board = Board { blocks, ..Board::new(frame, "") };
        (0..many).map(|at| board.is_folded(&at)).collect()
    }

    #[test]
    fn forms_are_folded_but_the_next_step_and_what_was_refused() {
        let next = || form("next", "", "");
        let other = || form("other", "", "");
        for (blocks, expected) in [
            (vec![next(), other(), facts()], vec![false, true, false]),
            (vec![form("next", "not yet", ""), other(), facts()], vec![true, true, false]),
            (vec![next(), form("other", "", "wrong"), facts()], vec![false, false, false]),
            // A page that is there to be filled in.
            (vec![next(), other()], vec![false, false]),
            (vec![facts(), form("", "not yet", "")], vec![false, false]),
        ] {
            assert_eq!(folded(blocks), expected);
        }
    }
}
