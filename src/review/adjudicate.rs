//! Settling cases: decisions become a transaction on the gold set.
//!
//! A decision leaves two things in the gold set: the annotation that was decided on, if
//! any, and a ruling, which names the annotators' annotations that it is about and what
//! they said. A case is settled as long as each of its annotations has a ruling that was
//! made on what it says now, and the gold annotation of that ruling is still there. So an
//! annotator who marks something later, or changes it, opens the case again, and nothing
//! else does; who comes later and marks nothing there does not.
//!
//! A relation goes into gold with the case that it starts from, as soon as its other end is
//! settled too: the relations of a gold annotation are those of the annotator whose version
//! was taken.

use super::compare::{Case, Comparison, Link, Mark, says_the_same};
use super::content::said;
use super::rulings::{Ruled, Rulings};
use crate::edit::{Edit, EditError, Transaction};
use crate::model::{
    Annotation, AnnotationId, AnnotationSet, AnnotatorName, Attributes, IdSource, LabelId, Mention,
    Origin, Relation, RelationId, Remark, RemarkId, RemarkKind, Said, Span, State, now,
};
use std::collections::HashMap;

/// What a reviewer decides about a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// What this annotator says is right; where they marked nothing, that nothing is there.
    Take(AnnotatorName),
    /// Everything that anybody marked, with the label and attributes of this annotator.
    Union(AnnotatorName),
    /// What everybody who marked something marked, with the label and attributes of this
    /// annotator.
    Overlap(AnnotatorName),
    /// What the reviewer made of it.
    Edited {
        /// With whose version it began, of which the note stays; where nobody said what came
        /// out, the relations of that one are taken.
        like: AnnotatorName,
        /// Where.
        span: Span,
        /// The label.
        label: LabelId,
        /// The attributes.
        attributes: Attributes,
    },
    /// Nothing of it is right.
    Reject,
}

/// Why a decision cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// There is no such case.
    #[error("the case is gone: the annotations have changed; look at the list again")]
    NoCase,
    /// The annotator marked nothing there.
    #[error("{0} marked nothing here")]
    Silent(AnnotatorName),
    /// Nothing is common to all.
    #[error("the spans have nothing in common; take one of them, or edit it")]
    NoOverlap,
    /// It does not fit the gold set.
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// Where a case stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has to be decided.
    Open,
    /// It is decided; the gold annotations that it became, none where it was rejected.
    Settled(Vec<AnnotationId>),
}

/// How many cases of an article are settled, of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Cases that are decided.
    pub settled: usize,
    /// All cases.
    pub cases: usize,
}

/// The cases of one article before a reviewer, with a gold set that decisions change. The
/// caller's own set stays as it is; [`Self::into_transaction`] is what changes it.
pub struct Adjudication<'a> {
    comparison: &'a Comparison,
    sets: &'a [&'a AnnotationSet],
    gold: AnnotationSet,
    rulings: Rulings,
    edits: Vec<Edit>,
}

impl<'a> Adjudication<'a> {
    /// The cases of a comparison of these sets, with what is settled in the gold set; O(n).
    pub fn new(
        comparison: &'a Comparison,
        sets: &'a [&'a AnnotationSet],
        gold: &AnnotationSet,
    ) -> Self {
        let (rulings, gold) = (Rulings::of(gold), gold.clone());
        Self { comparison, sets, gold, rulings, edits: Vec::new() }
    }

    /// The gold set with what was decided.
    pub fn gold(&self) -> &AnnotationSet {
        &self.gold
    }

    /// What was decided, to be applied to the gold set that this began with.
    pub fn into_transaction(self) -> Transaction {
        self.edits.into()
    }

    /// Where a case stands; O(marks).
    pub fn standing(&self, case: &Case) -> Standing {
        let mentions = self.mentions(case);
        self.rulings.standing(&self.gold, mentions.iter())
    }

    /// The annotations of a case with what they say now.
    pub fn mentions(&self, case: &Case) -> Vec<Mention> {
        case.marks.iter().filter_map(|mark| self.mention(*mark)).collect()
    }

    /// How many cases are settled; O(n).
    pub fn progress(&self) -> Progress {
        let cases = &self.comparison.cases;
        let settled = cases.iter().filter(|case| self.standing(case) != Standing::Open);
        Progress { settled: settled.count(), cases: cases.len() }
    }

    fn ruling_of(&self, mark: Mark) -> Option<Ruled> {
        self.rulings.get(self.comparison.annotators.get(mark.by)?, mark.id)
    }

    fn says(&self, mark: Mark) -> Option<Said> {
        let set = self.sets.get(mark.by)?;
        Some(said(set, set.annotation(mark.id)?))
    }

    /// The annotators who agree about a case, where they are at least so many, and no others
    /// are: the one of them can be taken for all who relates it to most. Annotators agree who
    /// mark it with the same place, label and attributes, and of whom nobody lacks a relation
    /// that another one has: who did not mark its other end says nothing about it. Those who
    /// have finished the article and marked nothing there agree that nothing is there, which
    /// is never accepted at once, and keeps what others say from it where they are enough.
    pub fn agreeing(&self, case: &Case, at_least: usize) -> Option<AnnotatorName> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for version in self.comparison.versions(case, self.sets) {
            match groups.iter_mut().find(|group| self.agree(case, group, &version.by)) {
                Some(group) => group.extend(version.by),
                None => groups.push(version.by),
            }
        }
        let is_against = |by: &usize| {
            let has_finished = self.sets.get(*by).is_some_and(|set| set.state() == State::Done);
            has_finished && case.mark_of(*by).is_none()
        };
        let against = (0..self.comparison.annotators.len()).filter(is_against).count();
        if against >= at_least.max(1) {
            return None;
        }
        let mut enough = groups.iter().filter(|group| group.len() >= at_least);
        let (Some(group), None) = (enough.next(), enough.next()) else { return None };
        // Taking one who relates it to less would lose what nobody speaks against.
        let relations = |by: &usize| case.links.iter().filter(|link| link.by.contains(by)).count();
        let by = group.iter().min_by_key(|by| (std::cmp::Reverse(relations(by)), **by))?;
        self.comparison.annotators.get(*by).cloned()
    }

    /// Whether two groups of annotators, each of one mind, are of one mind about a case.
    fn agree(&self, case: &Case, group: &[usize], other: &[usize]) -> bool {
        let said = |by: Option<&usize>| {
            let by = *by?;
            self.annotation(Mark { by, id: case.mark_of(by)? })
        };
        let both = said(group.first()).zip(said(other.first()));
        let is_contested = |link: &Link| {
            let target = self.comparison.cases.get(link.to);
            let relates = |by: &usize| link.by.contains(by);
            let marks_it = |by: &usize| target.is_some_and(|case| case.mark_of(*by).is_some());
            let people = || group.iter().chain(other);
            people().any(relates) && people().any(|by| !relates(by) && marks_it(by))
        };
        both.is_some_and(|(one, other)| says_the_same(one, other))
            && !case.links.iter().any(is_contested)
    }

    /// Decides every open case alike that at least so many annotators agree on; gives back
    /// which. O(n log n).
    ///
    /// # Errors
    /// As for [`Self::decide`].
    pub fn accept_agreeing(
        &mut self,
        at_least: usize,
        by: &AnnotatorName,
        ids: &mut IdSource,
    ) -> Result<Vec<usize>, DecisionError> {
        let mut accepted = Vec::new();
        for (index, case) in self.comparison.cases.iter().enumerate() {
            if self.standing(case) != Standing::Open {
                continue;
            }
            if let Some(annotator) = self.agreeing(case, at_least) {
                self.decide(index, &Decision::Take(annotator), by, ids)?;
                accepted.push(index);
            }
        }
        Ok(accepted)
    }

    /// Decides a case; a decision that was made on it before is replaced. O(log n) in the
    /// gold set and O(k) in the relations of the case.
    ///
    /// # Errors
    /// When it does not fit the case; nothing has changed then.
    pub fn decide(
        &mut self,
        index: usize,
        decision: &Decision,
        by: &AnnotatorName,
        ids: &mut IdSource,
    ) -> Result<(), DecisionError> {
        let comparison = self.comparison;
        let case = comparison.cases.get(index).ok_or(DecisionError::NoCase)?;
        let outcome = self.outcome(case, decision)?;
        self.withdraw(case)?;
        let gold = match outcome {
            Some(made) => Some(self.put(made, ids)?),
            None => None,
        };
        let mut on = self.mentions(case);
        if let Decision::Edited { like, .. } = decision {
            // Where gold names nobody, the first of the ruling is whose relations it takes.
            on.sort_by_key(|mention| mention.annotator != *like);
        }
        let id = RemarkId(ids.fresh(|id| self.gold.is_taken(id)));
        for Mention { annotator, id: mark, said } in &on {
            self.rulings.insert(annotator, *mark, Ruled { said: *said, remark: id, gold });
        }
        let remark = Remark { id, by: by.clone(), at: now(), on, what: RemarkKind::Ruling(gold) };
        self.apply(Edit::remark(remark))?;
        self.relate(case, ids)?;
        if self.gold.state() == State::Unseen {
            self.apply(Edit::State(State::InProgress))?;
        }
        Ok(())
    }

    /// Takes back what was decided about a case, so that it is open again.
    ///
    /// # Errors
    /// When the gold set does not allow it; that is a fault of the program.
    pub fn reopen(&mut self, index: usize) -> Result<(), DecisionError> {
        let comparison = self.comparison;
        self.withdraw(comparison.cases.get(index).ok_or(DecisionError::NoCase)?)
    }

    /// The annotation that a decision makes, with an id that is not its own yet.
    fn outcome(
        &self,
        case: &Case,
        decision: &Decision,
    ) -> Result<Option<Annotation>, DecisionError> {
        let (like, span) = match decision {
            Decision::Reject => return Ok(None),
            Decision::Take(annotator) => {
                let by = self.comparison.index_of(annotator);
                let by = by.ok_or_else(|| DecisionError::Silent(annotator.clone()))?;
                if case.mark_of(by).is_none() {
                    return Ok(None);
                }
                let found = self.annotation_of(case, annotator)?;
                (found, found.span.clone())
            }
            Decision::Union(annotator) => (
                self.annotation_of(case, annotator)?,
                self.joined(case, |one, other| Some(one.union(other)))?,
            ),
            Decision::Overlap(annotator) => {
                (self.annotation_of(case, annotator)?, self.joined(case, Span::intersection)?)
            }
            Decision::Edited { like, span, label, attributes } => {
                let begun = self.annotation_of(case, like)?;
                let mut made = Annotation::new(AnnotationId(0), label.clone(), span.clone());
                made.attributes = attributes.clone();
                // What the reviewer changes says nothing against the annotator's note.
                made.note.clone_from(&begun.note);
                if made.span == begun.span {
                    // A place that the reviewer gave needs nobody to look any more.
                    made.was.clone_from(&begun.was);
                }
                made.origin = self.origin(case, begun, |found| says_the_same(found, &made));
                return Ok(Some(made));
            }
        };
        let mut made = Annotation::new(AnnotationId(0), like.label.clone(), span);
        made.attributes.clone_from(&like.attributes);
        made.note.clone_from(&like.note);
        made.was.clone_from(&like.was);
        made.origin = match decision {
            Decision::Take(_) => self.origin(case, like, |found| says_the_same(found, like)),
            // The place is everybody's; the label and the attributes are not.
            _ => self.origin(case, like, |found| {
                found.label == like.label && found.attributes == like.attributes
            }),
        };
        Ok(Some(made))
    }

    fn annotation_of(
        &self,
        case: &Case,
        annotator: &AnnotatorName,
    ) -> Result<&'a Annotation, DecisionError> {
        let by = self.comparison.index_of(annotator);
        let mark = by.and_then(|by| Some(Mark { by, id: case.mark_of(by)? }));
        mark.and_then(|mark| self.annotation(mark))
            .ok_or_else(|| DecisionError::Silent(annotator.clone()))
    }

    fn annotation(&self, mark: Mark) -> Option<&'a Annotation> {
        self.sets.get(mark.by)?.annotation(mark.id)
    }

    /// The spans of everybody who marked something, made one.
    fn joined(
        &self,
        case: &Case,
        join: fn(&Span, &Span) -> Option<Span>,
    ) -> Result<Span, DecisionError> {
        let mut spans = case.marks.iter().filter_map(|mark| self.annotation(*mark));
        let first = spans.next().ok_or(DecisionError::NoCase)?.span.clone();
        let joined = spans.try_fold(first, |joined, found| join(&joined, &found.span));
        joined.ok_or(DecisionError::NoOverlap)
    }

    /// Whose work it was settled from: those whose annotation passes, and before all others
    /// the one whose version was taken. Nobody where it is the reviewer's own.
    fn origin(
        &self,
        case: &Case,
        taken: &Annotation,
        passes: impl Fn(&Annotation) -> bool,
    ) -> Origin {
        let found = case.marks.iter().filter_map(|mark| Some((mark, self.annotation(*mark)?)));
        let mut from: Vec<_> = found.filter(|(_, found)| passes(found)).collect();
        from.sort_by_key(|(_, found)| !std::ptr::eq(taken, *found));
        let names = from.iter().filter_map(|(mark, _)| self.comparison.annotators.get(mark.by));
        Origin::Adjudication(names.cloned().collect())
    }

    fn mention(&self, mark: Mark) -> Option<Mention> {
        let annotator = self.comparison.annotators.get(mark.by)?.clone();
        Some(Mention { annotator, id: mark.id, said: self.says(mark)? })
    }

    /// Takes out the rulings on any annotation of a case, and what they put into gold. An
    /// annotation that stays under another ruling stays.
    fn withdraw(&mut self, case: &Case) -> Result<(), DecisionError> {
        let own = case.marks.iter().filter_map(|mark| self.ruling_of(*mark));
        let own: HashMap<RemarkId, Ruled> = own.map(|ruled| (ruled.remark, ruled)).collect();
        let mut own: Vec<_> = own.into_values().collect();
        own.sort_by_key(|ruled| ruled.remark);
        for Ruled { remark, gold, .. } in own {
            if self.gold.remark(remark).is_some() {
                self.apply(Edit::Unremark(remark))?;
            }
            self.rulings.forget(remark);
            let Some(gold) = gold else { continue };
            if !self.rulings.leads_to(gold) && self.gold.annotation(gold).is_some() {
                let gone = crate::edit::delete_annotations(&self.gold, &[gold]);
                gone.edits.into_iter().try_for_each(|edit| self.apply(edit))?;
            }
        }
        Ok(())
    }

    /// Puts a decided annotation into gold. One of the same place and label that no ruling
    /// put there becomes it: the reviewer had made it by hand.
    fn put(
        &mut self,
        mut made: Annotation,
        ids: &mut IdSource,
    ) -> Result<AnnotationId, DecisionError> {
        let is_same = |found: &&Annotation| {
            found.label == made.label && found.span == made.span && !self.rulings.leads_to(found.id)
        };
        let same = self.gold.with_extent_of(&made.span).find(is_same);
        let same = same.map(|same| (same.id, same.created));
        if let Some((id, created)) = same {
            (made.id, made.created, made.modified) = (id, created, Some(made.created));
            let id = made.id;
            self.apply(Edit::replace(made))?;
            return Ok(id);
        }
        made.id = AnnotationId(ids.fresh(|id| self.gold.is_taken(id)));
        let id = made.id;
        self.apply(Edit::add(made))?;
        Ok(id)
    }

    /// Puts the relations into gold that start or end at a case and whose ends are settled
    /// from one annotator's work.
    fn relate(&mut self, case: &Case, ids: &mut IdSource) -> Result<(), DecisionError> {
        for mark in &case.marks {
            let Some(set) = self.sets.get(mark.by) else { continue };
            for relation in set.relations_of(mark.id) {
                let ruled = |id| {
                    let ruled = self.ruling_of(Mark { by: mark.by, id })?;
                    Some((ruled.gold?, ruled.remark))
                };
                let ends = ruled(relation.from).zip(ruled(relation.to));
                let Some(((from, ruling), (to, _))) = ends else { continue };
                if self.is_from(from, ruling, mark.by) && !self.is_related(from, to, relation) {
                    let id = RelationId(ids.fresh(|id| self.gold.is_taken(id)));
                    let kind = relation.kind.clone();
                    self.apply(Edit::relate(Relation { id, kind, from, to }))?;
                }
            }
        }
        Ok(())
    }

    /// Whether the version of an annotator was taken: the first that gold names, or where it
    /// names nobody the first that its ruling names.
    fn is_from(&self, gold: AnnotationId, ruling: RemarkId, by: usize) -> bool {
        let origin = self.gold.annotation(gold).map(|found| &found.origin);
        let Some(Origin::Adjudication(names)) = origin else { return false };
        let began = || self.gold.remark(ruling)?.on.first().map(|mention| &mention.annotator);
        let from = names.first().or_else(began);
        from.is_some() && from == self.comparison.annotators.get(by)
    }

    fn is_related(&self, from: AnnotationId, to: AnnotationId, like: &Relation) -> bool {
        let mut relations = self.gold.relations_of(from);
        relations.any(|found| found.from == from && found.to == to && found.kind == like.kind)
    }

    fn apply(&mut self, edit: Edit) -> Result<(), DecisionError> {
        let transaction = Transaction::from(vec![edit]);
        transaction.apply(&mut self.gold)?;
        self.edits.extend(transaction.edits);
        Ok(())
    }
}
