//! What each may do: accounts, sessions, tokens, roles and how far each role reaches.
//!
//! - [`matrix`] — the table role × action, the only place that says which role may do what
//! - [`separation`] — roles that one person may not hold together
//! - [`accounts`], [`links`], [`grants`], [`tokens`], [`certificates`] — who there is, and what they were given
//! - [`setup`] — the first start: three administrators, no default password
//! - [`sign_in`], [`second_factor`], [`sessions`] — the door
//! - [`identity`] — who asks, a query a request
//! - [`two_persons`], [`co_signing`] — what takes two
//! - [`closing`] — nobody leaves before they handed over
//! - [`rules`] — limits and terms with a date, for the rooms above too
//!
//! A service asks [`permit`] before it decides anything, and [`reach`] before it reads; both look at the rights worked
//! out when the request came in, so that a question costs no query.

pub mod accounts;
pub mod certificates;
pub mod closing;
pub mod co_signing;
pub mod entity;
pub mod error;
pub mod grants;
pub(crate) mod holdings;
pub(crate) mod horizon;
pub mod identity;
pub(crate) mod keys;
pub mod links;
pub(crate) mod lockout;
pub mod matrix;
pub mod password;
pub mod rules;
pub mod second_factor;
pub mod separation;
pub mod sessions;
pub mod setup;
pub mod sign_in;
pub mod tokens;
pub mod two_persons;

pub use certificates::link_id_number;
pub use error::AccessError;
pub use identity::{Door, Identity, Must, by_certificate, by_session, by_token, seen};
pub use links::{activate, change_password};
pub use matrix::{Action, Role};
pub use second_factor::{Enrolment, confirm_second_factor, enrol_second_factor};
pub use sessions::{revoke_session, sessions_of, sign_out};
pub use sign_in::{CoSigner, SignIn, SignedIn, co_sign, sign_in};
pub use two_persons::{not_their_own, two_persons};

use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;
use crate::kernel::rights::Reach;

/// Why somebody may not do what they asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// None of their roles may do it.
    #[error("您没有“{0}”的权限")]
    NotAllowed(&'static str),
    /// They may do it, but not to this unit's things.
    #[error("这不在您的管辖范围内")]
    OutOfScope,
    /// They asked for it, or did the first half of it: somebody else must.
    #[error("{0}")]
    SamePerson(&'static str),
    /// It takes two, and one of them did not sign.
    #[error("须两人到场并各自签署")]
    NotPresent,
}

/// Lets `ctx` do `action` to a thing of `unit` (`None`: to what belongs to no unit), or says why not.
///
/// # Errors
/// [`Forbidden::NotAllowed`] when no role of theirs may; [`Forbidden::OutOfScope`] when it may, but not there.
pub fn permit(ctx: &Ctx, action: Action, unit: Option<UnitId>) -> Result<(), Forbidden> {
    match ctx.scope.reach(action.name()) {
        Reach::Nowhere => Err(Forbidden::NotAllowed(action.zh())),
        reach if reach.covers(unit) => Ok(()),
        _ => Err(Forbidden::OutOfScope),
    }
}

/// Lets `ctx` do `action` somewhere: for what is then filtered by [`reach`].
///
/// # Errors
/// [`Forbidden::NotAllowed`] when no role of theirs may do it anywhere.
pub fn permit_somewhere(ctx: &Ctx, action: Action) -> Result<(), Forbidden> {
    match ctx.scope.reach(action.name()) {
        Reach::Nowhere => Err(Forbidden::NotAllowed(action.zh())),
        _ => Ok(()),
    }
}

/// How far `ctx` may do `action`: a reader filters by it, so that what is out of scope is as if it were not there.
#[must_use]
pub fn reach(ctx: &Ctx, action: Action) -> Reach {
    ctx.scope.reach(action.name())
}
