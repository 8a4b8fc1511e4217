//! Stocktake (盘点): book against count, and what follows from the difference.

pub mod leads;
pub mod line;
pub mod pairing;
pub mod reconcile;
pub mod report;
pub mod verdict;
