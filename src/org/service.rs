//! What may be done to units, people and places.
