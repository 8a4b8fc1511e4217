//! Workshops under contract (定点维修厂): a car is mended there and nowhere else (REPORT 50: 对维修厂家实行有效监督).
//!
//! [`service`] enter and change · [`store`] lists

pub mod entity;
pub mod service;
pub mod store;
