//! What a project is made of, as plain data that is valid once built.
//!
//! Articles, schemas, annotations and annotation sets. Constructors check what can be
//! checked without anything else at hand; afterwards a value is only read, and an
//! [`AnnotationSet`] changes through `edit` alone. There is deliberately no serde here
//! (`store` has wire types of its own), no file access and nothing of the window.

mod annotation;
mod annotation_set;
mod article;
mod assignment;
mod attributes;
mod gist;
mod id;
mod letters;
mod lint;
mod notation;
mod project;
mod remark;
mod schema;

/// A list within a value (the parts of a span, the items of an attribute's list, the choices
/// of an attribute, what a comment is about) has no more entries than this: read from a
/// file, a list takes up to 20 times its bytes while it grows.
pub const MOST_IN_LIST: usize = 20_000;

/// An annotation has no more attributes than this, and neither has a label.
pub const MOST_ATTRIBUTES: usize = 1_000;

/// A schema has no more labels than this, and no more relation types.
pub const MOST_LABELS: usize = 5_000;

/// The labels of a schema have no more attributes and choices than this together.
pub const MOST_IN_SCHEMA: usize = 50_000;

pub use annotation::{Annotation, AttributeValue, Origin, Relation, Span, SpanError, now};
pub use annotation_set::{AnnotationSet, Place, State};
pub use article::{Article, ArticleMeta, TextHash};
pub use assignment::{Assignment, AssignmentChange};
pub use attributes::Attributes;
pub use gist::gist;
pub use id::{
    AnnotationId, AnnotatorName, ArticleId, AttributeId, IdError, IdSource, LabelId, RelationId,
    RelationTypeId, RemarkId, SameFolder, StepId,
};
pub use letters::Letters;
pub use lint::{Lint, lint, lint_annotation};
pub use notation::{Notation, NotationError, parse_notation};
pub use project::Project;
pub use remark::{Mention, Remark, RemarkKind, Said};
pub use schema::{Attribute, AttributeKind, Color, Label, RelationType, Schema, SchemaError};
