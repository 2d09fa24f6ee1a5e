//! The only door through which an annotation set or a schema changes.
//!
//! An [`Edit`] is a value; applying a [`Transaction`] gives back its inverse, computed
//! from the state before. A [`Step`] is what a user did at once, be it one highlight
//! or a label renamed in every article, and the [`History`] of steps is undo without
//! limit. The module deliberately knows no files and no selection: `session` applies
//! steps to what is open and `store` writes them down.

mod compose;
mod draft;
mod history;
mod merge;
mod migration;
mod transaction;
mod values;

pub use compose::{
    add_annotation, add_relation, delete_annotations, set_attribute, set_label, set_note, set_span,
};
pub use draft::{
    AttributeDraft, ChoiceDraft, DraftFault, DraftField, DraftId, Fate, KindName, LabelDraft,
    PlanError, RelationDraft, SchemaDraft, id_from_name,
};
pub use history::{Change, Earlier, History, OnRecord, Step, StepKind};
pub use merge::{Conflict, Difference, Field, Merge, merge, rebase, take_theirs};
pub use migration::{MOST_MIGRATIONS, Migration, MigrationError};
pub use transaction::{Edit, EditError, Transaction};
