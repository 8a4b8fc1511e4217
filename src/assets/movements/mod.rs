//! Movements of fixed assets (资产变动): every change of who has a thing, and where, is a document with lines.

pub mod entity;
pub mod model;
