//! The server as its visitors meet it: who is let in and who is not, what a stranger, a slow one or a forger gets,
//! TLS with certificates of our own, and the program from its first start to its stop.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "server/doors.rs"]
mod doors;
#[path = "server/forms.rs"]
mod forms;
#[path = "server/hostile.rs"]
mod hostile;
#[path = "server/listener.rs"]
mod listener;
#[path = "server/pages.rs"]
mod pages;
#[path = "server/program.rs"]
mod program;
#[path = "server/running.rs"]
mod running;
#[expect(dead_code, reason = "the office has more to offer than its doors need")]
mod support;
#[path = "support/visitor.rs"]
mod visitor;
