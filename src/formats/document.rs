//! An article with what was said about it, in the words of an exchange file.
//!
//! Every reader makes [`Document`]s and every writer is given them, so that a format
//! is proven by reading what it wrote. Names are the file's own: a label is whatever
//! the file calls it, an attribute may be one that no schema knows. What they become in
//! a project is decided by the session, and so is what is missing here: ids that are
//! free, a title, a language.
//!
//! Ranges count UTF-8 bytes of the document's text, as everywhere in the program.

use crate::model::{ArticleMeta, AttributeValue, Origin, Span, State};
use crate::text::TextRange;
use jiff::Timestamp;
use std::cmp::Reverse;
use std::sync::Arc;

/// An article with everybody's annotations, as far as a file tells of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// What the file calls the article; empty where it gives it no name.
    pub name: String,
    /// What the file says about it; fields that are empty are not in the file.
    pub meta: ArticleMeta,
    /// The text exactly as the file has it, whatever ends its lines.
    pub text: Arc<str>,
    /// What each annotator said about it; none for an article alone.
    pub layers: Vec<Layer>,
    /// The tokens that the file divides the text into, in order and without overlaps;
    /// empty in formats that know none.
    pub tokens: Vec<TextRange>,
    /// The sentences that the file divides the text into; empty in formats that know none.
    pub sentences: Vec<TextRange>,
}

/// Who said what is in a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LayerKind {
    /// A person.
    #[default]
    Annotator,
    /// The adjudicated version.
    Gold,
    /// A program that proposed it.
    Predictions,
}

/// What one annotator said about an article.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layer {
    /// Who; empty where the file does not say.
    pub annotator: String,
    /// What kind of who.
    pub kind: LayerKind,
    /// How far they came; `None` where the file does not say.
    pub state: Option<State>,
    /// The annotations, in the order of the file.
    pub annotations: Vec<Annotation>,
    /// The links between them.
    pub relations: Vec<Relation>,
    /// Lines of the format that say something which nothing here can hold; the same
    /// format writes them back. No project can hold them: the reader tells of them.
    pub rest: Vec<String>,
}

/// A span with a label, in the file's words.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    /// What the file calls it; empty where it gives it no id.
    pub id: String,
    /// The label.
    pub label: String,
    /// Where it stands.
    pub span: Span,
    /// Attributes in the order of the file; no name stands twice.
    pub attributes: Vec<(String, AttributeValue)>,
    /// A remark; empty for none.
    pub note: String,
    /// How it came to be, where the file says so.
    pub origin: Option<Origin>,
    /// When it was made, where the file says so.
    pub created: Option<Timestamp>,
    /// When it was last changed, where the file says so.
    pub modified: Option<Timestamp>,
}

impl Annotation {
    /// An annotation of which no more is known.
    pub fn new(label: impl Into<String>, span: Span) -> Self {
        Self {
            id: String::new(),
            label: label.into(),
            span,
            attributes: Vec::new(),
            note: String::new(),
            origin: None,
            created: None,
            modified: None,
        }
    }

    /// The order in which annotations are listed: by start, the longer first, then by
    /// label and id.
    pub fn place(&self) -> (u32, Reverse<u32>, &str, &str) {
        let extent = self.span.extent();
        (extent.start().into(), Reverse(extent.end().into()), &self.label, &self.id)
    }
}

/// A directed link between two annotations of one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// What the file calls it; empty where it gives it no id.
    pub id: String,
    /// What the link means.
    pub kind: String,
    /// Where it starts: an index into the layer's annotations.
    pub from: usize,
    /// Where it points: an index into the layer's annotations.
    pub to: usize,
}

impl Relation {
    /// What the order of relations goes by: the ends, then kind and id.
    fn rank(&self) -> (usize, usize, &str, &str) {
        (self.from, self.to, &self.kind, &self.id)
    }
}

impl Document {
    /// An article alone.
    pub fn bare(meta: ArticleMeta, text: impl Into<Arc<str>>) -> Self {
        Self { meta, text: text.into(), ..Self::default() }
    }
}

impl Layer {
    /// The layer of an annotator, empty.
    pub fn of(annotator: impl Into<String>) -> Self {
        Self { annotator: annotator.into(), ..Self::default() }
    }

    /// Keeps the annotations that `keep` chooses by their index, and the relations between
    /// them; gives back the relations that went.
    pub fn retain(&mut self, mut keep: impl FnMut(usize, &Annotation) -> bool) -> Vec<Relation> {
        let mut now_at = Vec::with_capacity(self.annotations.len());
        let mut kept = Vec::with_capacity(self.annotations.len());
        for (index, annotation) in std::mem::take(&mut self.annotations).into_iter().enumerate() {
            let is_kept = keep(index, &annotation);
            now_at.push(is_kept.then_some(kept.len()));
            if is_kept {
                kept.push(annotation);
            }
        }
        self.annotations = kept;
        self.relink(&now_at)
    }

    /// Whether [`Self::sort`] would change nothing.
    pub fn is_sorted(&self) -> bool {
        self.annotations.is_sorted_by(|a, b| a.place() <= b.place())
            && self.relations.is_sorted_by(|a, b| a.rank() <= b.rank())
    }

    /// Puts the annotations into the order of [`Annotation::place`], and the relations
    /// into that of their ends.
    pub fn sort(&mut self) {
        if self.is_sorted() {
            return;
        }
        let mut order: Vec<usize> = (0..self.annotations.len()).collect();
        order.sort_by(|a, b| self.annotations[*a].place().cmp(&self.annotations[*b].place()));
        let mut now_at = vec![None; order.len()];
        for (now, before) in order.iter().enumerate() {
            now_at[*before] = Some(now);
        }
        let mut all: Vec<_> = std::mem::take(&mut self.annotations).into_iter().map(Some).collect();
        self.annotations = order.iter().filter_map(|before| all[*before].take()).collect();
        let gone = self.relink(&now_at);
        debug_assert!(gone.is_empty(), "every annotation is still there");
        self.relations.sort_by(|a, b| a.rank().cmp(&b.rank()));
    }

    /// Gives relations the new indices of their ends; gives back those that lost one.
    fn relink(&mut self, now_at: &[Option<usize>]) -> Vec<Relation> {
        let at = |before: usize| now_at.get(before).copied().flatten();
        let mut gone = Vec::new();
        let mut linked = Vec::with_capacity(self.relations.len());
        for relation in std::mem::take(&mut self.relations) {
            match at(relation.from).zip(at(relation.to)) {
                Some((from, to)) => linked.push(Relation { from, to, ..relation }),
                None => gone.push(relation),
            }
        }
        self.relations = linked;
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotation(label: &str, start: u32, end: u32) -> Annotation {
        Annotation::new(label, Span::new(TextRange::new(start.into(), end.into())).unwrap())
    }

    fn relation(from: usize, to: usize) -> Relation {
        Relation { id: String::new(), kind: "source".to_owned(), from, to }
    }

    #[test]
    fn relations_follow_their_ends() {
        let mut layer = Layer::of("a");
        layer.annotations =
            vec![annotation("c", 8, 9), annotation("b", 0, 4), annotation("a", 0, 9)];
        layer.relations = vec![relation(0, 1), relation(1, 2)];
        layer.sort();
        let labels: Vec<_> = layer.annotations.iter().map(|found| found.label.as_str()).collect();
        assert_eq!(labels, ["a", "b", "c"]);
        assert_eq!(layer.relations, [relation(1, 0), relation(2, 1)]);
        let gone = layer.retain(|_, annotation| annotation.label != "b");
        assert_eq!((gone.len(), layer.relations.len(), layer.annotations.len()), (2, 0, 2));
    }
}
