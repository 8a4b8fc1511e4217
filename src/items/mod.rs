//! The spine. Fixed assets, vehicles, firearms, ammunition and case property are all items: a number, a label,
//! a place, a keeper, a quantity, a state.

pub mod entity;
pub mod model;
