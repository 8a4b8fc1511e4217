//! Photos in, codes out.
