//! What a change of the schema does to the sets of one article.
//!
//! Preview and real thing ask the same plan, so they cannot differ. One article at a time
//! is in memory: a project may have a hundred thousand.

use crate::edit::{Change, Edit, Migration, MigrationError, StepKind, Transaction};
use crate::model::{
    Annotation, AnnotationSet, AnnotatorName, Article, ArticleId, AttributeId, AttributeKind,
    Label, LabelId, Schema, StepId,
};
use crate::session::SessionError;
use crate::session::review::keep_settled;
use crate::store::ProjectFolder;
use std::sync::Arc;

/// An article and who has said something about it.
pub(super) type Reach = (ArticleId, Vec<AnnotatorName>);

/// Migrations, one after the other.
#[derive(Debug)]
pub(super) struct Plan {
    before: Arc<Schema>,
    after: Arc<Schema>,
    /// Each with what it has to know of the schema behind it.
    migrations: Vec<(Migration, Schema)>,
}

impl Plan {
    /// Fits migrations to a schema; O(n m) for n migrations and the size m of the schema.
    ///
    /// # Errors
    /// When one of them names what the schema lacks, or makes no schema.
    pub(super) fn new(
        schema: &Arc<Schema>,
        migrations: &[Migration],
    ) -> Result<Self, MigrationError> {
        let mut after = Arc::clone(schema);
        let mut fitted = Vec::with_capacity(migrations.len());
        for migration in migrations {
            after = Arc::new(migration.schema(&after)?);
            fitted.push((migration.clone(), known_behind(migration, &after)?));
        }
        Ok(Self { before: Arc::clone(schema), after, migrations: fitted })
    }

    /// The change of the schema itself.
    pub(super) fn of_schema(&self) -> Change {
        Change::Schema { before: Arc::clone(&self.before), after: Arc::clone(&self.after) }
    }

    /// The migrations.
    pub(super) fn migrations(&self) -> Vec<Migration> {
        self.migrations.iter().map(|(migration, _)| migration.clone()).collect()
    }

    /// Whether annotations may change, and not only what is said of labels.
    pub(super) fn reaches_sets(&self) -> bool {
        self.migrations.iter().any(|(migration, _)| !matches!(migration, Migration::Redefine(_)))
    }

    /// Whether everything that the migrations look for is gone afterwards, so that whatever
    /// still has it was made before, and changing it twice is changing it once. Of two labels
    /// that change their names with each other nobody could say that.
    pub(super) fn is_repeatable(&self) -> bool {
        let after = &self.after;
        let attribute = |label: &LabelId, attribute: &AttributeId| {
            after.label(label).and_then(|label| label.attribute(attribute))
        };
        self.migrations.iter().all(|(migration, _)| match migration {
            Migration::Redefine(_) => true,
            Migration::ChangeKind { label, attribute: of, kind } => {
                attribute(label, of).is_none_or(|found| found.kind == *kind)
            }
            Migration::RenameLabel { from, .. }
            | Migration::MergeLabel { from, .. }
            | Migration::DeleteLabel(from) => after.label(from).is_none(),
            Migration::RenameAttribute { label, from, .. }
            | Migration::DeleteAttribute { label, attribute: from } => {
                attribute(label, from).is_none()
            }
            Migration::RenameChoice { label, attribute: of, from, .. }
            | Migration::DeleteChoice { label, attribute: of, choice: from } => {
                attribute(label, of).is_none_or(|found| !has_choice(&found.kind, from))
            }
            Migration::RenameRelation { from, .. } | Migration::DeleteRelation(from) => {
                after.relation(from).is_none()
            }
        })
    }

    /// What becomes of everybody's sets of one article; none of those that stay as they are.
    ///
    /// # Errors
    /// When the article or a set cannot be read.
    pub(super) fn changes(
        &self,
        folder: &ProjectFolder,
        (article, annotators): &Reach,
    ) -> Result<Vec<Change>, SessionError> {
        let article = Arc::new(folder.read_article(article)?);
        let mut sets = Vec::with_capacity(annotators.len());
        let mut forward = Vec::with_capacity(annotators.len());
        for annotator in annotators {
            let set = folder.read_set(&article, annotator)?.set;
            forward.push(self.edits(&set)?);
            sets.push(set);
        }
        keep_settled(&sets, &mut forward)?;
        sets.into_iter().zip(forward).filter_map(|(set, forward)| change(set, forward)).collect()
    }

    /// The same where the step was cut off and may stand in some of the sets already: what
    /// becomes of the others, as if all were done at once. What a step did to one set decides
    /// what the rulings in another have to say afterwards.
    ///
    /// # Errors
    /// When the article, a set or its history cannot be read.
    pub(super) fn rest(
        &self,
        folder: &ProjectFolder,
        step: StepId,
        (article, annotators): &Reach,
    ) -> Result<Vec<Change>, SessionError> {
        let article = Arc::new(folder.read_article(article)?);
        let mut sets = Vec::with_capacity(annotators.len());
        let mut forward = Vec::with_capacity(annotators.len());
        let mut is_due = Vec::with_capacity(annotators.len());
        for annotator in annotators {
            let mut set = folder.read_set(&article, annotator)?.set;
            let done = done_in(folder, step, &article, annotator)?;
            is_due.push(done.is_none());
            forward.push(match done {
                None => self.edits(&set)?,
                Some((forward, backward)) if backward.apply(&mut set).is_ok() => forward,
                // Somebody has worked on it since: it cannot be seen as it was before.
                Some(_) => Transaction::default(),
            });
            sets.push(set);
        }
        keep_settled(&sets, &mut forward)?;
        let all = sets.into_iter().zip(forward).zip(is_due);
        let due = all.filter_map(|(due, is_due)| is_due.then_some(due));
        due.filter_map(|(set, forward)| change(set, forward)).collect()
    }

    /// The edits of one set, found by applying the migrations to a copy in turn: from the set
    /// before the first to that behind the last, however many times an annotation changes in
    /// between. One that ends as it began is not changed.
    fn edits(&self, set: &AnnotationSet) -> Result<Transaction, SessionError> {
        let mut copy = set.clone();
        for (migration, after) in &self.migrations {
            migration.edits(&copy, after).apply(&mut copy)?;
        }
        let mut all = Transaction::between(set, &copy);
        all.edits.retain(|edit| match edit {
            Edit::Replace(new) => set.annotation(new.id).is_none_or(|old| {
                Annotation { modified: old.modified, ..Annotation::clone(new) } != *old
            }),
            _ => true,
        });
        Ok(all)
    }
}

/// What [`Migration::edits`] asks of the schema behind a migration: the label that another
/// became. A whole schema for each of many migrations would fill the memory.
fn known_behind(migration: &Migration, after: &Schema) -> Result<Schema, MigrationError> {
    let Migration::MergeLabel { into, .. } = migration else { return Ok(Schema::default()) };
    let label = after.label(into).map(|label| Label { guideline: String::new(), ..label.clone() });
    Ok(Schema::new(label.into_iter().collect(), Vec::new())?)
}

fn has_choice(kind: &AttributeKind, choice: &String) -> bool {
    let (AttributeKind::Choice(choices) | AttributeKind::Choices(choices)) = kind else {
        return false;
    };
    choices.contains(choice)
}

/// What a step did to a set in which it stands, and the way back.
fn done_in(
    folder: &ProjectFolder,
    step: StepId,
    article: &Article,
    annotator: &AnnotatorName,
) -> Result<Option<(Transaction, Transaction)>, SessionError> {
    let owner = (annotator.clone(), article.id().clone());
    match folder.last_of(step, Some(&owner))? {
        None | Some(StepKind::Undo) => Ok(None),
        Some(StepKind::Do | StepKind::Redo) => match folder.change_in(step, Some(&owner))? {
            Some(Change::Set { forward, backward, .. }) => Ok(Some((forward, backward))),
            Some(Change::Schema { .. }) | None => Ok(Some(Default::default())),
        },
    }
}

/// A change of one set; `None` where it stays as it is.
fn change(mut set: AnnotationSet, forward: Transaction) -> Option<Result<Change, SessionError>> {
    if forward.is_empty() {
        return None;
    }
    let (article, annotator) = (set.article().id().clone(), set.annotator().clone());
    let backward = forward.apply(&mut set);
    let change = |backward| Change::Set { article, annotator, forward, backward };
    Some(backward.map(change).map_err(SessionError::from))
}

/// All articles about which somebody has said something.
///
/// # Errors
/// When the folder cannot be read.
pub(super) fn annotated(folder: &ProjectFolder) -> Result<Vec<Reach>, SessionError> {
    Ok(by_article(folder.annotated()?))
}

/// Puts together what is of the same article; the sets come in order.
pub(super) fn by_article(sets: Vec<(ArticleId, AnnotatorName)>) -> Vec<Reach> {
    let mut reached: Vec<Reach> = Vec::new();
    for (article, annotator) in sets {
        match reached.last_mut() {
            Some((last, annotators)) if *last == article => annotators.push(annotator),
            _ => reached.push((article, vec![annotator])),
        }
    }
    reached
}
