//! What takes two: the first half of a deed and the second are two people's, by name.

use super::Forbidden;
use crate::kernel::ids::PersonId;
use crate::kernel::{Actor, Ctx};

/// Lets a deed stand that `first` and `second` sign. Both are people, not accounts: one person with two accounts is one
/// person. Whoever acts is one of the two, and the other is [`Ctx::co_signer`], who proved to be present
/// ([`super::co_sign`]); whoever sits at the machine names both.
///
/// # Errors
/// [`Forbidden::SamePerson`] when the two are one; [`Forbidden::NotPresent`] when one of them did not sign.
pub fn two_persons(ctx: &Ctx, first: PersonId, second: PersonId) -> Result<(), Forbidden> {
    if first == second {
        return Err(Forbidden::SamePerson("须由两人办理，同一人不能算作两人"));
    }
    match ctx.actor {
        Actor::Local(_) => Ok(()),
        Actor::System => Err(Forbidden::NotPresent),
        Actor::Person(actor) => {
            let signed = |person: PersonId| actor == person || ctx.co_signer == Some(person);
            if signed(first) && signed(second) { Ok(()) } else { Err(Forbidden::NotPresent) }
        }
    }
}

/// Refuses whoever decides on what they asked for themselves, and whoever has them at their side for it.
///
/// # Errors
/// [`Forbidden::SamePerson`].
pub fn not_their_own(ctx: &Ctx, requested_by: PersonId) -> Result<(), Forbidden> {
    if ctx.person() == Some(requested_by) || ctx.co_signer == Some(requested_by) {
        return Err(Forbidden::SamePerson("不能审批、核实本人提出的事项"));
    }
    Ok(())
}
