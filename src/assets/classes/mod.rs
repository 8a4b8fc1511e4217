//! The classes of fixed assets (GB/T 14885-2022 固定资产等资产基础分类与代码): dated data.
//!
//! A code is "A" and 2, 4, 6 or 8 digits; a class stands for all below it that have no row of their own. Of each class it
//! is known what it is called, whether its things are depreciated, and how long they are used at least
//! (财会〔2017〕4号 附表). A row is never changed: the security administrator sets a class anew from a day on, with the
//! source; what changes a life changes only what comes after ([`crate::assets::depreciation`]).
//!
//! A code of GB/T 14885-2010 (7 digits) is mapped to what it is today where there is but one such class; where there are
//! several, the sentence names them, and a person chooses.
//!
//! [`catalogue`] the pure table · [`entity`] its rows · [`service`] reading and setting them

pub mod catalogue;
pub mod entity;
pub mod service;

pub use catalogue::{Catalogue, Life, Recognised};
pub use service::load;
