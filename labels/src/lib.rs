//! Data in, label out; photo in, codes out. No database, no HTTP.
//!
//! - [`code`] — the twelve characters on a label and their check
//! - [`mod@write`] — templates, layout and the five outputs (PDF, PNG, SVG, ZPL, TSPL)
//! - [`read`] — photos to codes

pub mod code;
pub mod read;
pub mod write;
