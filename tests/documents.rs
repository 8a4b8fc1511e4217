//! Reading the tables offices have, and writing CSV: one program, so that its helpers are built once.
#![expect(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "helpers of tests")]

#[path = "documents/hostile.rs"]
mod hostile;
#[path = "documents/make.rs"]
mod make;
#[path = "documents/support.rs"]
mod support;
#[path = "documents/text.rs"]
mod text;
#[path = "documents/workbook.rs"]
mod workbook;
#[path = "documents/write.rs"]
mod write;
