//! Everything a user can do, as values.

use super::catalogue::Filter;
use super::command::CommandId;
use super::review::ReviewAction;
use crate::edit::Migration;
use crate::model::{
    AnnotationId, AnnotatorName, ArticleId, AttributeId, AttributeValue, LabelId, RelationId,
    RelationTypeId, Span, State,
};
use crate::text::{TextRange, TextSize};

/// One thing that a user does. Ranges are bytes of the open article's text.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A command of the table.
    Command(CommandId),
    /// Opens an article.
    OpenArticle(ArticleId),
    /// Opens an article and brings a place into view.
    GoTo(ArticleId, TextRange),
    /// Opens an article and selects an annotation in it.
    GoToAnnotation(ArticleId, AnnotationId),
    /// Changes which articles the list shows.
    SetFilter(Filter),
    /// Works under another annotator's name; a new one is added to the project.
    SwitchAnnotator(AnnotatorName),
    /// Selects text; `None` selects nothing.
    SelectText(Option<TextRange>),
    /// Selects an annotation; `None` selects nothing. Completes a relation under way.
    SelectAnnotation(Option<AnnotationId>),
    /// Clicks on a character: selects the smallest annotation there, and with each
    /// further click the next larger one; nothing where there is none.
    ClickAt(TextSize),
    /// Labels the selected text, else relabels the selected annotation, else arms.
    Label(LabelId),
    /// Labels a range at once, as an armed label does.
    LabelRange(LabelId, TextRange),
    /// Arms a label; `None` disarms.
    Arm(Option<LabelId>),
    /// Gives an annotation another label.
    SetLabel(AnnotationId, LabelId),
    /// Moves an annotation.
    SetSpan(AnnotationId, Span),
    /// Adds a range to an annotation.
    AddRange(AnnotationId, TextRange),
    /// Takes one of an annotation's ranges away, by its index.
    RemoveRange(AnnotationId, usize),
    /// Sets or clears an attribute.
    SetAttribute(AnnotationId, AttributeId, Option<AttributeValue>),
    /// Replaces the note.
    SetNote(AnnotationId, String),
    /// Deletes an annotation with its relations.
    Delete(AnnotationId),
    /// Links two annotations.
    Relate {
        /// What the link means.
        kind: RelationTypeId,
        /// Where it starts.
        from: AnnotationId,
        /// Where it points.
        to: AnnotationId,
    },
    /// Links two annotations, asking for the type where the schema admits several.
    ProposeRelation(AnnotationId, AnnotationId),
    /// Takes a link out.
    Unrelate(RelationId),
    /// Starts or stops waiting for the annotation that another one points to.
    RelateFrom(Option<AnnotationId>),
    /// Waits for the text that is the new place of an annotation, or stops waiting.
    PlaceAnew(Option<AnnotationId>),
    /// Labels these places like the annotation of the offer, in one step.
    LabelMore(Vec<TextRange>),
    /// Says how far the annotator has come.
    SetState(State),
    /// Changes the schema, with everything that follows for annotations, in one step.
    /// The string is what the step is called.
    Migrate(Vec<Migration>, String),
    /// Settles the conflicts with what others changed on disk: these, by their index,
    /// take the other version, and the rest stay as they are.
    SettleConflicts(Vec<usize>),
    /// Puts a text in the place of a part of the open article, and moves everybody's
    /// annotations with it; one step, done in the background.
    CorrectText(TextRange, String),
    /// Works as the annotator although another window does, which turns read-only.
    TakeOver,
    /// Something that a reviewer does.
    Review(ReviewAction),
    /// Looks for words in the open article.
    Find(String),
    /// Looks for words in every article.
    FindInProject(String),
    /// Ends the search through the project; what it has found so far stays.
    StopSearch,
    /// Makes one of the hits the current one and goes there.
    GoToHit(usize),
}
