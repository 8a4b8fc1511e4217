//! Stocktake (盘点): book against count, and what follows from the difference.

pub mod report;
pub mod verdict;
