//! Webhooks: other systems are told of closed campaigns and new findings.
//!
//! What is to be told is written in the transaction of the deed, one delivery a subscriber, numbered; a job sends each
//! subscriber's deliveries in their order. One that fails is tried again with longer and longer waits, holds those
//! behind it back so that the order stays, and is given up visibly after its last try. At least once: a receiver tells
//! repeated deliveries by their `id`.
//!
//! Signed: `Hufu-Signature: t=<seconds>,v1=<hex>`, HMAC-SHA256 with the subscriber's secret over `<seconds>.<body>`.
//! The secret is shown once, when the webhook is made.
//!
//! - [`service`] — subscribe, end, test; what was sent
//! - [`outbox`] — what is to be told
//! - [`delivery`] — the job that tells it
//! - [`address`] — where a message may go, so that nobody makes the server ask itself
//! - [`signature`] — how a receiver knows it is us

pub mod address;
pub mod delivery;
pub mod entity;
pub mod error;
pub mod outbox;
pub mod service;
pub mod signature;

pub use error::WebhookError;
pub use outbox::{Event, publish};
