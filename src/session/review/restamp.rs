//! Keeping settled what was settled when the schema changes.
//!
//! A ruling holds as long as its annotations say what they said. Another id of a label
//! makes all of them say something else without anybody having changed their mind, so the
//! rulings that held before a migration are made to hold after it, in the same step.

use super::Session;
use crate::edit::{Edit, Transaction};
use crate::model::{AnnotationSet, AnnotatorName, ArticleId, Mention, Remark};
use crate::review::said;
use crate::session::SessionError;
use crate::session::steps::SetChange;
use std::collections::HashMap;

impl Session {
    /// Adds to the changes of gold sets what keeps their rulings; every set that is changed
    /// is in memory.
    pub(in crate::session) fn keep_settled(
        &self,
        changes: &mut [SetChange],
    ) -> Result<(), SessionError> {
        let mut after: HashMap<(ArticleId, AnnotatorName), AnnotationSet> = HashMap::new();
        let ruled = changes.iter().filter(|((_, annotator), _)| annotator.is_gold());
        let ruled: Vec<_> = ruled.map(|((article, _), _)| article.clone()).collect();
        for (key, transaction) in changes.iter() {
            if !key.1.is_gold() && !transaction.is_empty() && ruled.contains(&key.0) {
                let Some(set) = self.sets.get(key) else { continue };
                let mut set = set.clone();
                transaction.apply(&mut set)?;
                after.insert(key.clone(), set);
            }
        }
        for ((article, annotator), transaction) in changes {
            let gold = self.sets.get(&(article.clone(), annotator.clone()));
            let Some(gold) = gold.filter(|_| annotator.is_gold()) else { continue };
            let stamped = gold.remarks().filter_map(|remark| self.stamped(remark, article, &after));
            let edits =
                stamped.flat_map(|remark| [Edit::Unremark(remark.id), Edit::Remark(remark)]);
            let edits: Vec<_> = transaction.edits.drain(..).chain(edits).collect();
            *transaction = Transaction::from(edits);
        }
        Ok(())
    }

    /// A ruling as it has to read afterwards; `None` where it stays as it is.
    fn stamped(
        &self,
        remark: &Remark,
        article: &ArticleId,
        after: &HashMap<(ArticleId, AnnotatorName), AnnotationSet>,
    ) -> Option<Remark> {
        remark.ruling()?;
        let mut stamped = remark.clone();
        for Mention { annotator, id, said: said_then } in &mut stamped.on {
            let key = (article.clone(), annotator.clone());
            let sets = self.sets.get(&key).zip(after.get(&key));
            let Some((before, after)) = sets else { continue };
            let found = before.annotation(*id).zip(after.annotation(*id));
            let Some((was, is)) = found else { continue };
            if said(before, was) == *said_then {
                *said_then = said(after, is);
            }
        }
        (stamped != *remark).then_some(stamped)
    }
}
