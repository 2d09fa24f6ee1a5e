//! One case of the list, and which cases the list shows.

use crate::model::{AnnotationId, AnnotatorName, ArticleId, LabelId, Mention};
use crate::review::{DifferenceKind, Likeness, Standing};
use crate::session::review::CaseKey;
use crate::text::TextRange;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// One case about which somebody differs.
#[derive(Clone, Debug, PartialEq)]
pub struct DocketEntry {
    /// What it is called.
    pub key: CaseKey,
    /// From the first byte that anybody marked to the last.
    pub extent: TextRange,
    /// The beginning of what stands there.
    pub text: String,
    /// It with some letters around it, on one line.
    pub around: String,
    /// In what annotators differ, each kind once.
    pub kinds: BTreeSet<DifferenceKind>,
    /// The labels that were given.
    pub labels: BTreeSet<LabelId>,
    /// Whose sets were compared.
    pub annotators: Arc<[AnnotatorName]>,
    /// Which of them marked nothing there, or do not say what most of those say who did. Of
    /// two versions that equally many have neither is what most say.
    pub apart: BTreeSet<AnnotatorName>,
    /// The annotations that it is about.
    pub mentions: Vec<Mention>,
    /// What makes it like others; `None` where it is like none.
    pub likeness: Option<Likeness>,
    /// Where it stands.
    pub standing: Standing,
}

impl DocketEntry {
    /// Whether it has to be decided.
    pub fn is_open(&self) -> bool {
        self.standing == Standing::Open
    }

    /// Whether it is about an annotation of an annotator's, or of gold what it became.
    pub fn is_about(&self, annotator: &AnnotatorName, id: AnnotationId) -> bool {
        match &self.standing {
            Standing::Settled(ids) if annotator.is_gold() => ids.contains(&id),
            _ => self.mentions.iter().any(|one| one.id == id && one.annotator == *annotator),
        }
    }
}

/// The annotations behind a number of agreement, to which the list may be narrowed.
#[derive(Clone, Debug)]
pub struct Behind {
    /// What the number is called.
    pub what: String,
    marks: Arc<HashMap<ArticleId, HashSet<(AnnotatorName, AnnotationId)>>>,
}

impl Behind {
    /// What is behind a number: which annotations of which articles. O(n).
    pub fn new(
        what: impl Into<String>,
        marks: impl IntoIterator<Item = (ArticleId, AnnotatorName, AnnotationId)>,
    ) -> Self {
        let mut by_article: HashMap<_, HashSet<_>> = HashMap::new();
        for (article, annotator, id) in marks {
            by_article.entry(article).or_default().insert((annotator, id));
        }
        Self { what: what.into(), marks: Arc::new(by_article) }
    }

    fn admits(&self, entry: &DocketEntry) -> bool {
        let Some(marks) = self.marks.get(&entry.key.article) else { return false };
        let is_mentioned =
            |mention: &Mention| marks.contains(&(mention.annotator.clone(), mention.id));
        let became = match &entry.standing {
            Standing::Settled(ids) => ids.as_slice(),
            Standing::Open => &[],
        };
        entry.mentions.iter().any(is_mentioned)
            || became.iter().any(|id| marks.contains(&(AnnotatorName::gold(), *id)))
    }
}

/// The same question asked once: two that were asked apart are told apart, so that comparing
/// costs nothing.
impl PartialEq for Behind {
    fn eq(&self, other: &Self) -> bool {
        self.what == other.what && Arc::ptr_eq(&self.marks, &other.marks)
    }
}

/// Which cases the list shows; what is `None` or empty leaves nothing out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DocketFilter {
    /// Only those of this article.
    pub article: Option<ArticleId>,
    /// Only those with a difference of this kind.
    pub kind: Option<DifferenceKind>,
    /// Only those to which somebody gave this label.
    pub label: Option<LabelId>,
    /// Only those that this annotator did not mark, or in which they do not say what most say
    /// who did ([`DocketEntry::apart`]).
    pub annotator: Option<AnnotatorName>,
    /// Only those behind a number of agreement.
    pub behind: Option<Behind>,
    /// Only those that have to be decided.
    pub only_open: bool,
}

impl DocketFilter {
    pub(super) fn admits(&self, entry: &DocketEntry) -> bool {
        self.article.as_ref().is_none_or(|article| *article == entry.key.article)
            && self.kind.is_none_or(|kind| entry.kinds.contains(&kind))
            && self.label.as_ref().is_none_or(|label| entry.labels.contains(label))
            && self.annotator.as_ref().is_none_or(|name| entry.apart.contains(name))
            && self.behind.as_ref().is_none_or(|behind| behind.admits(entry))
            && (!self.only_open || entry.is_open())
    }
}
