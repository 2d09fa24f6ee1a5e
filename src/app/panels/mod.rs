//! The panels around the article, one file each.

pub mod agreement;
pub mod articles;
pub mod bottom_bar;
pub mod dataset;
pub mod inspector;
pub mod labels;
pub mod review;
pub mod start;
pub mod top_bar;
