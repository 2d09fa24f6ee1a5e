//! Everything a reviewer can do, as values.

use super::docket::DocketFilter;
use crate::model::{AnnotationId, AnnotatorName, ArticleId, LabelId, RemarkId};
use crate::review::{Decision, Draw};

/// Names a case by the first annotation in it, which stays the same when others come and go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseKey {
    /// The article.
    pub article: ArticleId,
    /// The first annotator who marked it.
    pub annotator: AnnotatorName,
    /// What they marked.
    pub id: AnnotationId,
}

/// One thing that a reviewer does.
#[derive(Clone, Debug, PartialEq)]
pub enum ReviewAction {
    /// Works on gold from now on, under the annotator's name.
    Begin,
    /// Works on the annotator's own sets again.
    End,
    /// Whether articles are compared too that annotators have only begun.
    Unfinished(bool),
    /// Reads everybody's sets again, for what others have done meanwhile.
    Refresh,
    /// Which cases the docket shows.
    Filter(DocketFilter),
    /// Opens the article of a case and brings it into view; `None` selects none.
    Select(Option<CaseKey>),
    /// Goes to the next case of the docket.
    Next,
    /// Goes to the one before.
    Previous,
    /// Goes to the next case of the docket that is open, from the beginning after the last.
    NextOpen,
    /// Decides the selected case and goes to the next open one; one undo step.
    Decide(Decision),
    /// Takes back what was decided about the selected case; one undo step.
    Reopen,
    /// Decides these cases, which may be in any articles, in one undo step; done in the
    /// background.
    DecideAlike(Vec<CaseKey>, Decision),
    /// Decides every open case of the open article that at least so many annotators agree
    /// on, in one undo step.
    AcceptAgreeing(usize),
    /// The same for every article, in one undo step; done in the background.
    AcceptAgreeingEverywhere(usize),
    /// Stops what is being decided in the background; nothing of it is done.
    Stop,
    /// Says something about annotations of the open article: of one, or of a whole case.
    /// While annotating it stands in the annotator's own set, else in gold.
    Comment {
        /// Whose annotations.
        on: Vec<(AnnotatorName, AnnotationId)>,
        /// The words.
        text: String,
    },
    /// Takes a comment of the open set out.
    Uncomment(RemarkId),
    /// Looks up in the background how each of some texts was settled so far.
    LookUp(Vec<String>),
    /// Puts a paragraph behind the guideline of a label.
    AddToGuideline(LabelId, String),
    /// Draws who annotates what, in the background, and says whether annotators see their own
    /// articles alone; one undo step.
    Assign(Draw, bool),
    /// Takes back the last draw on this computer, also one from before the project was
    /// opened.
    TakeDrawBack,
    /// Changes what annotators and reviewers see of each other; no undo step.
    SetRules {
        /// Annotators see their own articles alone.
        own_only: bool,
        /// Reviewers see letters in the place of names.
        blind: bool,
    },
}

impl ReviewAction {
    /// Whether only somebody who reviews can do it.
    pub(super) fn is_for_reviewers(&self) -> bool {
        !matches!(
            self,
            Self::Begin
                | Self::End
                | Self::Comment { .. }
                | Self::Uncomment(_)
                | Self::LookUp(_)
                | Self::AddToGuideline(..)
                | Self::Assign(..)
                | Self::TakeDrawBack
                | Self::SetRules { .. }
        )
    }
}
