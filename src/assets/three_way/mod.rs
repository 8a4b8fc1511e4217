//! The three-way check (账账核对、账实核对): the book, the last closed count and the finance ledger held against each other
//! (行政事业性国有资产管理条例 第34条: 做到账实相符、账账相符).
//!
//! ```text
//! finance list ─import→ batch (of a day) ─compare→ check: open ─every difference explained→ closed
//!                         └─undone, with the reason ─────────────→ void
//! ```
//!
//! Each thing gets one verdict, the first that applies; what else applies stands beside it:
//!
//! | # | verdict | 中文 | when |
//! | --- | --- | --- | --- |
//! | 1 | `twice_in_finance` | 财务重复入账 | the finance list has the number more than once |
//! | 2 | `gone_from_book` | 已处置未销账 | the book says disposed of or written off, finance still carries it |
//! | 3 | `not_on_book` | 财务有实物账无 | finance carries it, the book does not know it |
//! | 4 | `not_on_any_book` | 盘盈、账销物存 | the count saw it; no book has it, or the book says it is gone |
//! | 5 | `not_in_finance` | 财务未入账 | the book has it, finance does not |
//! | 6 | `count_missing` | 盘亏 | the count did not find it |
//! | 7 | `count_differs` | 数量不符 | the count found fewer, more, or two answers |
//! | 8 | `value_differs` | 原值不符 | the original values differ |
//! | 9 | `depreciation_differs` | 折旧、净值不符 | accumulated depreciation differs, or the finance list's net value is not the difference of its own two |
//! | 10 | `not_counted` | 未盘点 | there is a count, and it says nothing of the thing |
//! | 11 | `agreed` | 三方相符 | all that there is agrees |
//!
//! A place or user that the count found otherwise is the count's own finding and no difference here; what was away with a
//! document counts as seen. Without a closed count the check compares two, and says so.
//!
//! Every difference is explained, with its kind, in words, by somebody, or is open; a check closes when none is.
//!
//! [`model`] verdicts, kinds of explanation · [`judge`] the pure core · [`batches`] the finance list comes in ·
//! [`service`] compare, explain, close · [`store`] what is within reach, sums · [`sheet`] XLSX

pub mod batches;
pub mod entity;
pub mod judge;
pub mod model;
pub mod service;
pub mod sheet;
pub mod store;
