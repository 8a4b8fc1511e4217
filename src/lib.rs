//! Hufu.
