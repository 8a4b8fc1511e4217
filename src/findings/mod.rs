//! What must be explained, by whom, until when; closed only with evidence.
