//! Work that waits its time: claimed by lease, done once, tried again when it fails.
