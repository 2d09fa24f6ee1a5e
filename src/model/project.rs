//! What a project is besides its articles and annotations.

use super::id::AnnotatorName;
use super::schema::Schema;
use std::sync::Arc;

/// The name, schema and annotators of a project: the content of `project.ron`.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// What the window shows.
    pub name: String,
    /// Who annotates, in the order of the window's list.
    pub annotators: Vec<AnnotatorName>,
    /// The labels, attributes and relation types.
    pub schema: Arc<Schema>,
}
