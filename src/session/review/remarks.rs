//! Comments, of annotators and of reviewers.

use super::Session;
use crate::edit::Edit;
use crate::model::{AnnotationId, AnnotatorName, Mention, Remark, RemarkId, RemarkKind};
use crate::review::said;
use crate::session::SessionError;
use jiff::Timestamp;

/// The longest comment, in bytes: one that fits a line of a file that people read.
const LONGEST: usize = 10_000;

impl Session {
    /// Says something about annotations of the open article.
    pub(super) fn comment(
        &mut self,
        on: &[(AnnotatorName, AnnotationId)],
        text: &str,
    ) -> Result<(), SessionError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SessionError::Missing("a comment needs words"));
        }
        if text.len() > LONGEST {
            return Err(SessionError::Missing("a comment has at most 10,000 bytes"));
        }
        let mentions = on.iter().filter_map(|(annotator, id)| self.mention(annotator, *id));
        let on: Vec<_> = mentions.collect();
        if on.is_empty() {
            return Err(SessionError::Missing("the annotation is gone"));
        }
        let id = RemarkId(self.fresh_id()?);
        let what = RemarkKind::Comment(text.to_owned());
        let remark = Remark { id, by: self.by().clone(), at: this_moment(), on, what };
        self.edit_open("Comment", vec![Edit::remark(remark)].into())
    }

    pub(super) fn uncomment(&mut self, id: RemarkId) -> Result<(), SessionError> {
        let remark = self.editable()?.remark(id);
        if remark.is_none_or(|remark| remark.comment().is_none()) {
            return Err(SessionError::Missing("the comment is gone, or stands in another set"));
        }
        self.edit_open("Remove comment", vec![Edit::Unremark(id)].into())
    }

    /// An annotation of the open article, as a remark names it: of the open set, or of one
    /// that is compared.
    fn mention(&self, annotator: &AnnotatorName, id: AnnotationId) -> Option<Mention> {
        let own = self.set().filter(|set| set.annotator() == annotator);
        let compared = || {
            let mut sets = self.open_review()?.sets().iter();
            sets.find(|set| set.annotator() == annotator)
        };
        let set = own.or_else(compared)?;
        let said = said(set, set.annotation(id)?);
        Some(Mention { annotator: annotator.clone(), id, said })
    }
}

/// The present, fine enough to put the words of a conversation in their order.
fn this_moment() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}
