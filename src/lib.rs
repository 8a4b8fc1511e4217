//! Hufu 虎符 — a police sub-bureau knows where every thing in its care is, and can prove it.
//!
//! The rooms, ground floor first; a room imports only from below:
//!
//! - [`kernel`] — clock, ids, money, quantities, text, settings
//! - [`db`] — opens the database; the one write door
//! - [`journal`] — who did what, in the transaction of the deed
//! - [`org`] — units, people, places
//! - [`access`] — accounts, sessions, tokens, roles, scope: what each may do
//! - [`jobs`] — work that waits its time, done once
//! - [`webhooks`] — others are told of what happens
//! - [`items`] — the spine: things, their events, the labels issued for them
//! - [`findings`] — what must be explained, by whom, until when
//! - [`approvals`] — who must say yes, in what order
//! - [`stocktake`] — campaign, sheet, scan, reconciliation, the hunt, report
//! - [`ledger`] — what every ledger stands on
//! - [`assets`] — the ledger of fixed assets: from purchase to write-off
//! - [`vehicles`] — the ledger of official vehicles: cars, trips, fuel cards, fuel, repairs
//! - [`firearms`] — the ledger of firearms: stores, guns, rounds, who may carry
//! - [`certificates`] — the ledger of digital certificates: kept centrally, out and back, checked each day
//! - [`documents`] — reading tables as offices have them, writing CSV
//! - [`imports`] — files into the book, by batches that can be undone
//! - [`handover`] — what somebody must hand over before they leave
//! - [`watched`] — every table that the journal watches over
//! - [`chores`] — every job there is, and who carries it out
//! - [`cli`] — one file a command
//! - [`web`] — the server: router, pages, API

pub mod access;
pub mod approvals;
pub mod assets;
pub mod certificates;
pub mod chores;
pub mod cli;
pub mod db;
pub mod documents;
pub mod findings;
pub mod firearms;
pub mod handover;
pub mod imports;
pub mod items;
pub mod jobs;
pub mod journal;
pub mod kernel;
pub mod ledger;
pub mod org;
pub mod stocktake;
pub mod vehicles;
pub mod watched;
pub mod web;
pub mod webhooks;

/// What is asked for and given back by many threads in small pieces: rows, pages, the reading of files.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
