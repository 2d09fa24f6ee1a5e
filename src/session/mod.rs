//! An open project without a window.

pub mod import;
