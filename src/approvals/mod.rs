//! Who must say yes, in what order.
