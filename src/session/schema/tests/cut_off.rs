//! A change that was cut off, as a session meets it.
