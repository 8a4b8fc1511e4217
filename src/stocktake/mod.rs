//! Stocktake (盘点): book against count, and what follows from the difference.

pub mod line;
pub mod reconcile;
pub mod verdict;
