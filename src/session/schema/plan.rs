//! What a change of the schema does to the sets of one article.
//!
//! Preview and real thing ask the same plan, so they cannot differ. One article at a time
//! is in memory: a project may have a hundred thousand.

use crate::edit::{Change, Migration, MigrationError, Transaction};
use crate::model::{AnnotationSet, AnnotatorName, ArticleId, Schema};
use crate::session::SessionError;
use crate::session::review::keep_settled;
use crate::store::ProjectFolder;
use std::sync::Arc;

/// An article and who has said something about it.
pub(super) type Reach = (ArticleId, Vec<AnnotatorName>);

/// Migrations, one after the other, with the schema before and after each.
#[derive(Debug)]
pub(super) struct Plan {
    schemas: Vec<Schema>,
    migrations: Vec<Migration>,
}

impl Plan {
    /// Fits migrations to a schema.
    ///
    /// # Errors
    /// When one of them names what the schema lacks, or makes no schema.
    pub(super) fn new(schema: &Schema, migrations: &[Migration]) -> Result<Self, MigrationError> {
        let mut schemas = vec![schema.clone()];
        for migration in migrations {
            let next = migration.schema(&schemas[schemas.len() - 1])?;
            schemas.push(next);
        }
        Ok(Self { schemas, migrations: migrations.to_vec() })
    }

    /// The change of the schema itself.
    pub(super) fn of_schema(&self) -> Change {
        let (first, last) = (&self.schemas[0], &self.schemas[self.schemas.len() - 1]);
        Change::Schema { before: Arc::new(first.clone()), after: Arc::new(last.clone()) }
    }

    /// Whether annotations may change, and not only what is said of labels.
    pub(super) fn reaches_sets(&self) -> bool {
        self.migrations.iter().any(|migration| !matches!(migration, Migration::Redefine(_)))
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
        for annotator in annotators {
            sets.push(folder.read_set(&article, annotator)?.set);
        }
        let mut forward = Vec::with_capacity(sets.len());
        for set in &sets {
            forward.push(self.edits(set)?);
        }
        keep_settled(&sets, &mut forward)?;
        let changed = sets.into_iter().zip(forward).filter(|(_, forward)| !forward.is_empty());
        let changes = changed.map(|(mut set, forward)| {
            let backward = forward.apply(&mut set)?;
            let annotator = set.annotator().clone();
            Ok(Change::Set { article: article.id().clone(), annotator, forward, backward })
        });
        changes.collect()
    }

    /// The edits of one set, found by applying the migrations to a copy in turn.
    fn edits(&self, set: &AnnotationSet) -> Result<Transaction, SessionError> {
        let mut copy = set.clone();
        let mut edits = Vec::new();
        for (migration, after) in self.migrations.iter().zip(&self.schemas[1..]) {
            let transaction = migration.edits(&copy, after);
            transaction.apply(&mut copy)?;
            edits.extend(transaction.edits);
        }
        Ok(edits.into())
    }
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
