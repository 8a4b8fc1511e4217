//! Duties: jobs are done once whoever runs them, findings live until they are closed with evidence by somebody else,
//! approvals are given by who may give them, others are told in order and by signed messages.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "duties/api.rs"]
mod api;
#[path = "duties/approvals.rs"]
mod approvals;
#[path = "duties/findings.rs"]
mod findings;
#[path = "duties/jobs.rs"]
mod jobs;
#[path = "duties/receiver.rs"]
mod receiver;
mod support;
#[path = "support/web.rs"]
mod web;
#[path = "duties/webhooks.rs"]
mod webhooks;

use support::Office;
