//! Rules that change live in dated data: limits, day counts, thresholds, each with the day it begins and the law it
//! rests on. Rooms above read theirs here too.
//!
//! A row is never changed. A rule that is set anew gets a row; the one in force is that with the latest beginning not
//! after now, and of those the last written: so a change announced for January is withdrawn by another for the same
//! day, and what was in force on any past day can still be told.

use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::HashMap;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _,
};
use serde_json::json;

use super::entity::rule;
use super::matrix::{Action, Role};
use super::{AccessError, permit};
use crate::db::{Db, DbError};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::{Ctx, Timestamp};

/// Characters a password has at least.
pub const PASSWORD_MIN_LENGTH: &str = "password.min_length";
/// Kinds of characters (small, capital, digit, other) it has at least.
pub const PASSWORD_MIN_KINDS: &str = "password.min_kinds";
/// Passwords before that may not come back.
pub const PASSWORD_HISTORY: &str = "password.history";
/// Days after which a new one is asked for; 0: never.
pub const PASSWORD_MAX_AGE_DAYS: &str = "password.max_age_days";
/// Cost of a hash: `m=19456,t=2,p=1`.
pub const ARGON2: &str = "password.argon2";
/// Failed tries that lock.
pub const SIGN_IN_TRIES: &str = "sign_in.tries";
/// Minutes within which they count together.
pub const SIGN_IN_WINDOW_MINUTES: &str = "sign_in.window_minutes";
/// Minutes a lock lasts.
pub const SIGN_IN_LOCK_MINUTES: &str = "sign_in.lock_minutes";
/// Minutes without use that end a session.
pub const SESSION_IDLE_MINUTES: &str = "session.idle_minutes";
/// Hours after which a session ends whatever happens.
pub const SESSION_ABSOLUTE_HOURS: &str = "session.absolute_hours";
/// Hours a one-time link opens an account.
pub const LINK_HOURS: &str = "link.hours";
/// Roles that need a second factor.
pub const SECOND_FACTOR_ROLES: &str = "second_factor.roles";
/// Days a device's token lives at most.
pub const TOKEN_MAX_DAYS: &str = "token.max_days";
/// Days for which a session that is over stays in its table; that it was, stands in the journal.
pub const SESSION_KEEP_DAYS: &str = "session.keep_days";
/// Days for which what was sent to another system, and every try, stays on record.
pub const WEBHOOK_KEEP_DAYS: &str = "webhook.keep_days";

/// What a rule's value must look like.
enum Form {
    /// A whole number from … to …
    Number(i64, i64),
    /// Names of roles with commas between.
    Roles,
    /// The cost of argon2.
    Argon2,
}

/// What this room's rules must look like, so that nobody locks everybody out, or lets everybody in, by a slip. Rules of
/// other rooms are checked by them.
const FORMS: &[(&str, Form)] = &[
    (PASSWORD_MIN_LENGTH, Form::Number(8, 64)),
    (PASSWORD_MIN_KINDS, Form::Number(1, 4)),
    (PASSWORD_HISTORY, Form::Number(0, 24)),
    (PASSWORD_MAX_AGE_DAYS, Form::Number(0, 3650)),
    (ARGON2, Form::Argon2),
    (SIGN_IN_TRIES, Form::Number(3, 20)),
    (SIGN_IN_WINDOW_MINUTES, Form::Number(1, 1440)),
    (SIGN_IN_LOCK_MINUTES, Form::Number(1, 1440)),
    (SESSION_IDLE_MINUTES, Form::Number(1, 1440)),
    (SESSION_ABSOLUTE_HOURS, Form::Number(1, 720)),
    (LINK_HOURS, Form::Number(1, 720)),
    (SECOND_FACTOR_ROLES, Form::Roles),
    (TOKEN_MAX_DAYS, Form::Number(1, 3650)),
    (SESSION_KEEP_DAYS, Form::Number(1, 3650)),
    (WEBHOOK_KEEP_DAYS, Form::Number(1, 3650)),
];

/// Every rule with its whole history.
#[derive(Debug, Default, Clone)]
pub struct Rules(HashMap<String, Vec<rule::Model>>);

impl Rules {
    /// Reads them from the database.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn load(db: &impl ConnectionTrait) -> Result<Self, DbError> {
        let rows = rule::Entity::find().order_by_asc(rule::Column::Name).order_by_asc(rule::Column::Version);
        let mut rules: HashMap<String, Vec<rule::Model>> = HashMap::new();
        for row in rows.all(db).await? {
            rules.entry(row.name.clone()).or_default().push(row);
        }
        Ok(Self(rules))
    }

    /// The rule in force at an instant.
    #[must_use]
    pub fn at(&self, name: &str, at: Timestamp) -> Option<&rule::Model> {
        let begun = self.0.get(name)?.iter().filter(|row| row.effective_from <= at);
        begun.max_by_key(|row| (row.effective_from, row.version))
    }

    /// A number in force at an instant; `otherwise` when there is no such rule.
    #[must_use]
    pub fn number(&self, name: &str, at: Timestamp, otherwise: i64) -> i64 {
        self.at(name, at).and_then(|row| row.value.parse().ok()).unwrap_or(otherwise)
    }

    /// A text in force at an instant; blank when there is no such rule.
    #[must_use]
    pub fn text(&self, name: &str, at: Timestamp) -> &str {
        self.at(name, at).map_or("", |row| &row.value)
    }

    /// Every row: by name, the first written first.
    #[must_use]
    pub fn rows(&self) -> Vec<&rule::Model> {
        let mut rows: Vec<&rule::Model> = self.0.values().flatten().collect();
        rows.sort_by(|a, b| (&a.name, a.version).cmp(&(&b.name, b.version)));
        rows
    }

    /// Whether one of these roles needs a second factor.
    #[must_use]
    pub(crate) fn need_second_factor(&self, roles: &[Role], at: Timestamp) -> bool {
        let named = self.text(SECOND_FACTOR_ROLES, at);
        named.split(',').any(|name| roles.iter().any(|role| role.name() == name.trim()))
    }
}

/// The rules as last read: rows are only ever added, so their count tells whether they are still all.
#[derive(Debug, Default)]
struct Kept(Mutex<(i64, Arc<Rules>)>);

/// The rules, from memory when nothing was added since; `count` is how many rows there are now.
pub(crate) async fn kept(db: &Db, count: i64) -> Result<Arc<Rules>, AccessError> {
    let kept = db.memory().of::<Kept>();
    {
        let held = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.0 == count && count > 0 {
            return Ok(Arc::clone(&held.1));
        }
    }
    let rules = Arc::new(Rules::load(db.read()).await?);
    let read = rules.0.values().map(Vec::len).sum::<usize>();
    *kept.0.lock().unwrap_or_else(PoisonError::into_inner) = (i64::try_from(read).unwrap_or(0), Arc::clone(&rules));
    Ok(rules)
}

/// The rules as they stand.
///
/// # Errors
/// When the database cannot be read.
pub async fn current(db: &Db) -> Result<Arc<Rules>, AccessError> {
    let count = rule::Entity::find().count(db.read()).await?;
    kept(db, i64::try_from(count).unwrap_or(0)).await
}

/// A rule set anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRule {
    /// Which; it must be there already.
    pub name: String,
    /// What it says.
    pub value: String,
    /// From when; not before now, for what was done under a rule was done rightly. `None`: now.
    pub effective_from: Option<Timestamp>,
    /// The law or order it rests on.
    pub source: String,
}

/// Sets a rule anew.
///
/// # Errors
/// [`AccessError::Forbidden`]; [`AccessError::NotFound`] for a rule that is none of ours; [`AccessError::Invalid`].
pub async fn set(db: &Db, ctx: &Ctx, new: NewRule) -> Result<rule::Model, AccessError> {
    permit(ctx, Action::RulesWrite, None)?;
    let (value, source) = (new.value.trim(), new.source.trim());
    check_form(&new.name, value)?;
    check_text("source", source, 2, 500)?;
    // The clock is asked once: what begins at once does not begin in the past.
    let now = ctx.now();
    let effective_from = new.effective_from.unwrap_or(now);
    if effective_from < now {
        return Err(AccessError::invalid("effective_from", "规则不能追溯生效，请改为今后的日期"));
    }
    db.write(async |tx| {
        let before = rule::Entity::find().filter(rule::Column::Name.eq(&new.name));
        let last = before.order_by_desc(rule::Column::Version).one(tx).await?;
        let last = last.ok_or(AccessError::NotFound("这条规则"))?;
        let row = rule::Model {
            name: last.name,
            version: last.version + 1,
            value: value.to_owned(),
            effective_from,
            source: source.to_owned(),
            set_by: ctx.actor.to_string(),
            set_at: ctx.now(),
        };
        rule::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
        let entry = Entry {
            action: "access.set_rule",
            subject: row.name.clone(),
            unit: None,
            payload: json!({ "value": row.value, "before": last.value, "effective_from": row.effective_from, "source": row.source }),
            rows: RowsDigest::new(ctx).with(&row),
        };
        journal::record(tx, ctx, entry).await?;
        Ok(row)
    })
    .await
}

/// A text that stands in a row: not blank, not too long, and with nothing in it that PostgreSQL or a log would choke on.
pub(crate) fn check_text(field: &'static str, text: &str, least: usize, most: usize) -> Result<(), AccessError> {
    if text.chars().any(char::is_control) {
        return Err(AccessError::invalid(field, "不能含有控制字符"));
    }
    match text.chars().count() {
        length if (least..=most).contains(&length) => Ok(()),
        _ => Err(AccessError::invalid(field, format!("须为 {least} 至 {most} 个字"))),
    }
}

fn check_form(name: &str, value: &str) -> Result<(), AccessError> {
    check_text("value", value, 1, 2000)?;
    let Some((_, form)) = FORMS.iter().find(|(known, _)| *known == name) else { return Ok(()) };
    let wrong = |reason: String| Err(AccessError::invalid("value", reason));
    match form {
        Form::Number(least, most) => match value.parse::<i64>() {
            Ok(number) if (*least..=*most).contains(&number) => Ok(()),
            _ => wrong(format!("须为 {least} 至 {most} 的整数")),
        },
        Form::Roles => match value.split(',').map(str::trim).find(|name| Role::by_name(name).is_none()) {
            None => Ok(()),
            Some(unknown) => wrong(format!("没有“{unknown}”这个角色")),
        },
        Form::Argon2 => match super::password::Cost::read(value) {
            Some(cost) if cost.is_enough() => Ok(()),
            _ => wrong("须如 m=19456,t=2,p=1（m 7168 至 262144 KiB，t 1 至 10，p 1 至 4）".to_owned()),
        },
    }
}
