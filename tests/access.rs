//! Who gets in, what each may do, and what nobody may do alone.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "access/accounts.rs"]
mod accounts;
#[path = "access/api.rs"]
mod api;
#[path = "access/cli.rs"]
mod cli;
#[path = "access/desk.rs"]
mod desk;
#[path = "access/door.rs"]
mod door;
#[path = "access/grants.rs"]
mod grants;
#[path = "access/leaving.rs"]
mod leaving;
#[path = "access/matrix.rs"]
mod matrix;
#[path = "access/opening.rs"]
mod opening;
#[path = "access/sessions.rs"]
mod sessions;
mod support;
#[path = "access/tokens.rs"]
mod tokens;
#[path = "access/two.rs"]
mod two;
