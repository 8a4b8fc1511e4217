//! What the office's pages share: what was typed, who signs beside, names, choices, and what is said after a deed.

use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::board::{Block, Board, Field, Form, Step, Table, Td};
use crate::access::Action;
use crate::db::DbError;
use crate::kernel::Timestamp;
use crate::kernel::ids::{PersonId, UnitId};
use crate::kernel::rights::Reach;
use crate::kernel::text::fault;
use crate::org::entity::person::{Duty, PersonKind};
use crate::org::{Directory, units};
use crate::web::api::accounts::CoSignature;
use crate::web::pages::form::Faults;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App};

/// More units than this are not offered in one list.
const MOST_UNITS: u64 = 5_000;

/// The fields of a form or of a query as they came.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub(in crate::web::pages) struct Typed(Vec<(String, String)>);

impl Typed {
    /// What stands already, to fill a form in with.
    pub(in crate::web::pages) fn of(fields: &[(&str, &str)]) -> Self {
        Self(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// What stands in a field; blank when nothing does.
    pub(in crate::web::pages) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(at, _)| at == name).map_or("", |(_, value)| value.trim())
    }

    /// Every value of a field that may be ticked several times.
    pub(in crate::web::pages) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(at, _)| at == name).map(|(_, value)| value.as_str())
    }

    /// A text to look for; what no row can hold is refused, for PostgreSQL would.
    pub(in crate::web::pages) fn sought(&self, name: &str) -> Result<Option<String>, ApiError> {
        match self.get(name) {
            "" => Ok(None),
            text => match fault(text, 200) {
                Some(reason) => Err(ApiError::invalid(name, reason)),
                None => Ok(Some(text.to_owned())),
            },
        }
    }

    /// An id; what is none of ours is as if nothing were asked of it.
    pub(in crate::web::pages) fn id<T: From<Uuid>>(&self, name: &str) -> Option<T> {
        Uuid::parse_str(self.get(name)).ok().map(T::from)
    }

    /// The first instant of a day in Shanghai.
    pub(in crate::web::pages) fn day(&self, name: &str, frame: &Frame) -> Result<Option<Timestamp>, Faults> {
        match self.get(name) {
            "" => Ok(None),
            text => match text.parse() {
                Ok(day) => Ok(Some(Timestamp::start_of_day(day))),
                Err(_) => Err(Faults::at(name, frame.words.admin.shared.bad_day.clone())),
            },
        }
    }

    /// The version that a form was filled in for.
    pub(in crate::web::pages) fn version(&self) -> i64 {
        self.get("version").parse().unwrap_or(0)
    }

    /// Who signs with whoever sends the form; nobody when no name is typed.
    pub(in crate::web::pages) fn signature(&self) -> Option<CoSignature> {
        let login = self.get("signer_login");
        (!login.is_empty()).then(|| {
            // A password may begin or end with a blank.
            let password = self.0.iter().find(|(at, _)| at == "signer_password").map_or("", |(_, value)| value);
            CoSignature::new(login, password, self.get("signer_code"))
        })
    }
}

/// What a service refused, at its field; what no other typing would mend stays an error.
pub(in crate::web::pages) fn refused(error: ApiError, fields: &[&str]) -> Result<Faults, ApiError> {
    match error {
        ApiError::Invalid { field, reason } => Ok(Faults::refused(field.as_deref(), reason, fields)),
        ApiError::Conflict(text) | ApiError::Forbidden(text) => Ok(Faults::at("", text)),
        ApiError::Stale => Ok(Faults::at("", DbError::Stale.to_string())),
        other => Err(other),
    }
}

/// The same for a form with the fields of a second person: what is wrong with their proof stands at their password.
pub(in crate::web::pages) fn refused_signed(error: ApiError, fields: &[&str]) -> Result<Faults, ApiError> {
    match error {
        ApiError::Invalid { field: Some(field), reason } if field == "password" || field == "second_factor" => {
            Ok(Faults::at("signer_password", reason))
        }
        other => refused(other, fields),
    }
}

/// The fields in which a second person signs. Their password and code are never shown again.
pub(in crate::web::pages) fn signer_fields(frame: &Frame, typed: &Typed, faults: &Faults) -> Vec<Field> {
    let w = &frame.words.admin.shared;
    vec![
        Field::text("signer_login", &w.signer_login, typed.get("signer_login"), faults).help(&w.signer_help),
        Field::input("signer_password", &w.signer_password, "password", "", faults),
        Field::text("signer_code", &w.signer_code, "", faults),
    ]
}

/// The same where somebody always signs, at a counter: nothing there may be left blank.
pub(in crate::web::pages) fn presence_fields(frame: &Frame, typed: &Typed, faults: &Faults) -> Vec<Field> {
    let w = &frame.words.admin.shared;
    let words = [
        ("signer_login", &w.present_login, &w.present_help),
        ("signer_password", &w.present_password, &String::new()),
        ("signer_code", &w.present_code, &String::new()),
    ];
    let fields = signer_fields(frame, typed, faults).into_iter();
    fields
        .map(|field| match words.iter().find(|(id, ..)| *id == field.id) {
            Some((_, label, help)) => Field { label: (*label).clone(), help: (*help).clone(), ..field },
            None => field,
        })
        .collect()
}

/// What is asked before something of the organisation is closed.
pub(in crate::web::pages) struct Closing<'a> {
    /// Its page.
    pub(in crate::web::pages) page: String,
    pub(in crate::web::pages) name: String,
    pub(in crate::web::pages) version: i64,
    /// The title, with `{name}` in it.
    pub(in crate::web::pages) title: &'a str,
    pub(in crate::web::pages) help: &'a str,
    pub(in crate::web::pages) submit: &'a str,
}

/// The page that asks whether to close it, and says what stands in the way.
pub(in crate::web::pages) fn closing_page(frame: Frame, closing: Closing<'_>, faults: &Faults) -> Response {
    let Closing { page, name, version, title, help, submit } = closing;
    let title = title.replace("{name}", &name);
    let form = Form {
        action: format!("{page}/close"),
        hidden: vec![("version".to_owned(), version.to_string())],
        submit: submit.to_owned(),
        general: faults.general().to_owned(),
        danger: true,
        cancel: page.clone(),
        ..Form::default()
    };
    let block = Block { notes: vec![help.to_owned()], form: Some(form), ..Block::default() };
    Board { back: (page, name), blocks: vec![block], ..Board::new(frame, title) }.answer()
}

/// What a list that belongs to units is called and asks.
pub(in crate::web::pages) struct Listing<'a> {
    /// Its address.
    pub(in crate::web::pages) path: &'a str,
    pub(in crate::web::pages) icon: &'static str,
    pub(in crate::web::pages) title: &'a str,
    /// The title of one unit's, with `{unit}` in it.
    pub(in crate::web::pages) title_of: &'a str,
    pub(in crate::web::pages) find: &'a str,
    pub(in crate::web::pages) unit: &'a str,
    pub(in crate::web::pages) none: &'a str,
    pub(in crate::web::pages) none_help: &'a str,
    pub(in crate::web::pages) new: &'a str,
    /// What else can be done with those that the page shows: its words and its address.
    pub(in crate::web::pages) more: Option<(String, String)>,
}

/// A page of a list that belongs to units: what it can be narrowed by, taken away as a file, and how to enter one more.
pub(in crate::web::pages) fn listing_page(
    frame: Frame,
    listing: &Listing<'_>,
    asked: &Typed,
    unit: Option<String>,
    units: Vec<(String, String)>,
    table: Table,
) -> Response {
    let may = frame.may(Action::OrgWrite);
    let new = format!("{}/new", listing.path);
    let begin = if may { new.clone() } else { String::new() };
    let (none, help, enter) = (listing.none.to_owned(), listing.none_help.to_owned(), listing.new.to_owned());
    let table = Table { empty: (listing.icon, none, help, begin, enter.clone()), ..table };
    let unit = unit.filter(|name| !name.is_empty());
    let title = unit.map_or_else(|| listing.title.to_owned(), |unit| listing.title_of.replace("{unit}", &unit));
    let filters = vec![
        Field::filter(&frame, "q", listing.find),
        Field::filter_of(&frame, "unit", listing.unit, units),
        state_filter(&frame),
    ];
    let why = if may { String::new() } else { frame.words.admin.shared.not_yours.clone() };
    let (export, file) = (frame.words.common.export.clone(), frame.address.with("as", "xlsx"));
    let mut steps = vec![Step { text: export, href: file, file: true, ..Step::default() }];
    let more = listing.more.clone();
    steps.extend(more.map(|(text, href)| Step { text, href, ..Step::default() }));
    steps.push(Step { text: enter, href: new, why, primary: true, ..Step::default() });
    let block = Block { table: Some(table), ..Block::default() };
    Board { said: said(&frame, asked), filters, steps, blocks: vec![block], ..Board::new(frame, title) }.answer()
}

/// To a page, which says what was done.
pub(in crate::web::pages) fn to(page: &str, said: &str) -> Response {
    let and = if page.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{page}{and}said={said}")).into_response()
}

/// What a page says after a deed.
pub(in crate::web::pages) fn said(frame: &Frame, asked: &Typed) -> String {
    let w = &frame.words.admin.shared;
    match asked.get("said") {
        "created" => &w.said_created,
        "saved" => &w.said_saved,
        "closed" => &w.said_closed,
        "unlocked" => &w.said_unlocked,
        "ordered" => &w.said_ordered,
        "factor" => &w.said_factor,
        "linked" => &w.said_linked,
        "granted" => &w.said_granted,
        "ended" => &w.said_ended,
        "issued" => &w.said_issued,
        "revoked" => &w.said_revoked,
        "signed" => &w.said_signed,
        "sent" => &w.said_sent,
        _ => return String::new(),
    }
    .clone()
}

/// Open units within reach, to choose from, by code.
pub(in crate::web::pages) async fn unit_choices(app: &App, reach: &Reach) -> Result<Vec<(String, String)>, ApiError> {
    let rows = units::page(app.db().read(), reach.units(), Some(true), None, MOST_UNITS).await?;
    Ok(rows.into_iter().map(|row| (row.id.to_string(), row.name)).collect())
}

/// The units to look in: the one asked for, if it is within reach; `None`: all.
pub(in crate::web::pages) fn among(reach: &Reach, asked: Option<UnitId>) -> Option<Vec<UnitId>> {
    match asked {
        Some(unit) if reach.covers(Some(unit)) => Some(vec![unit]),
        Some(_) => Some(Vec::new()),
        None => reach.units(),
    }
}

/// Whom a typed badge number or name means, among those within reach.
pub(in crate::web::pages) async fn person_named(
    app: &App,
    reach: &Reach,
    written: &str,
    field: &str,
) -> Result<Result<Option<PersonId>, Faults>, ApiError> {
    if written.is_empty() {
        return Ok(Ok(None));
    }
    let directory = Directory::load(app.db().read()).await?;
    Ok(match directory.find_person(written, None) {
        Ok(id) if directory.person(id).is_some_and(|row| reach.covers(Some(row.unit_id))) => Ok(Some(id)),
        Ok(_) => Err(Faults::at(field, format!("未登记的人员“{written}”"))),
        Err(error) => Err(Faults::at(field, error.to_string())),
    })
}

/// What a field for a person holds, so that it finds them again: the badge number, else the name.
pub(in crate::web::pages) fn written(directory: &Directory, person: Option<PersonId>) -> String {
    let row = person.and_then(|id| directory.person(id));
    row.map(|row| row.badge_number.clone().unwrap_or_else(|| row.name.clone())).unwrap_or_default()
}

/// Who acted, as people say it: entries and rows write `person:…`, `local:…`, `system`.
pub(in crate::web::pages) fn actor(frame: &Frame, directory: &Directory, actor: &str) -> String {
    let w = &frame.words.admin.shared;
    if let Some(id) = actor.strip_prefix("person:").and_then(|id| Uuid::parse_str(id).ok()) {
        return match directory.person_name(Some(PersonId(id))) {
            "" => actor.to_owned(),
            name => name.to_owned(),
        };
    }
    match actor.strip_prefix("local:") {
        Some(name) => w.at_machine.replace("{name}", name),
        None if actor == "system" => w.program.clone(),
        None => actor.to_owned(),
    }
}

/// The people that actors name, to be looked up at once.
pub(in crate::web::pages) fn people_of<'a>(actors: impl Iterator<Item = &'a str>) -> Vec<PersonId> {
    let mut ids: Vec<PersonId> = actors
        .filter_map(|actor| actor.strip_prefix("person:"))
        .filter_map(|id| Uuid::parse_str(id).ok())
        .map(PersonId)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// 职责, as people say it.
pub(in crate::web::pages) fn duty_word(frame: &Frame, duty: Duty) -> &'static str {
    let w = &frame.words.admin.people;
    match duty {
        Duty::Head => &w.duty_head,
        Duty::SupervisingLeader => &w.duty_supervising,
        Duty::AssetManager => &w.duty_manager,
        Duty::Member => &w.duty_member,
    }
}

/// 人员类别, as people say it.
pub(in crate::web::pages) fn kind_word(frame: &Frame, kind: PersonKind) -> &'static str {
    let w = &frame.words.admin.people;
    match kind {
        PersonKind::Officer => &w.kind_officer,
        PersonKind::Auxiliary => &w.kind_auxiliary,
        PersonKind::Civilian => &w.kind_civilian,
    }
}

/// Whether a unit, a person or a place is still with us.
pub(in crate::web::pages) fn standing(frame: &Frame, active: bool) -> Td {
    let w = &frame.words.admin.shared;
    if active { Td::mark("good", w.open.clone()) } else { Td::mark("gone", w.closed.clone()) }
}

/// A way into the organisation, for whoever may see it; to everybody else a name.
pub(in crate::web::pages) fn org_link(frame: &Frame, text: impl Into<String>, href: String) -> Td {
    if frame.may(Action::OrgRead) { Td::link(text, href) } else { Td::from(text.into()) }
}

/// Whether only open ones are wanted, or closed ones, or all; open ones when nobody says.
pub(in crate::web::pages) fn wanted_state(asked: &Typed) -> Option<bool> {
    match asked.get("state") {
        "all" => None,
        "closed" => Some(false),
        _ => Some(true),
    }
}

/// The choice of the same.
pub(in crate::web::pages) fn state_filter(frame: &Frame) -> Field {
    let w = &frame.words.admin.shared;
    let options = [("", &w.open), ("closed", &w.closed), ("all", &frame.words.common.any)];
    let options = options.map(|(name, text)| (name.to_owned(), text.clone())).to_vec();
    Field { kind: super::board::Kind::Choice(options), ..Field::filter(frame, "state", &w.state) }
}
