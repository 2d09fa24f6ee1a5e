//! Bringing together what two sides made of the same annotation set.
//!
//! A [`Difference`] says what one side did, annotation by annotation and relation by
//! relation; [`rebase`] does the same to the set of the other side, and [`merge`] is that
//! for two sets with a common base. What only one side touched becomes as that side has
//! it. An annotation that both changed is merged field by field. Where both changed the
//! same field, or one changed what the other deleted, *ours* stays and a [`Conflict`]
//! keeps both versions. There are no files here and nothing is decided by time.

mod fields;

pub use fields::Field;

use super::transaction::{Edit, Transaction};
use crate::model::{
    Annotation, AnnotationId, AnnotationSet, IdSource, Relation, RelationId, Remark, RemarkId,
    RemarkKind, State,
};
use fields::{merge_fields, with_fields};
use std::collections::{BTreeMap, BTreeSet};

/// One thing before and after; `None` where it is not there.
#[derive(Clone, Debug, PartialEq)]
struct Sides<T> {
    before: Option<T>,
    after: Option<T>,
}

/// What one side did to a set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    annotations: BTreeMap<AnnotationId, Sides<Annotation>>,
    relations: BTreeMap<RelationId, Sides<Relation>>,
    remarks: BTreeMap<RemarkId, Sides<Remark>>,
    state: Option<(State, State)>,
}

/// What both sides changed, and differently. Our version is in the merged set.
#[derive(Clone, Debug, PartialEq)]
pub enum Conflict {
    /// An annotation.
    Annotation {
        /// As it is in the merged set; `None` where we deleted it.
        ours: Option<Box<Annotation>>,
        /// As the other side has it; `None` where it was deleted there.
        theirs: Option<Box<Annotation>>,
        /// The parts that both changed; empty where one side deleted it.
        fields: Vec<Field>,
    },
    /// A relation.
    Relation {
        /// As it is in the merged set; `None` where it is not.
        ours: Option<Relation>,
        /// As the other side has it; `None` where it was deleted there.
        theirs: Option<Relation>,
    },
    /// A relation of ours that cannot stay, for the other side deleted one of its ends.
    Unrelated(Relation),
    /// How far the annotator has come.
    State {
        /// What the merged set says.
        ours: State,
        /// What the other side says.
        theirs: State,
    },
}

/// What merging gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merge {
    /// What makes their set the merged one.
    pub transaction: Transaction,
    /// What was decided for us and should be looked at.
    pub conflicts: Vec<Conflict>,
}

/// Three-way merge: the transaction that makes `theirs` the merged set; O(n log n).
pub fn merge(
    base: &AnnotationSet,
    ours: &AnnotationSet,
    theirs: &AnnotationSet,
    ids: &mut IdSource,
) -> Merge {
    rebase(&Difference::between(base, ours), theirs, ids)
}

/// Does to `theirs` what a difference did elsewhere; O(k log n) in what it touched.
pub fn rebase(difference: &Difference, theirs: &AnnotationSet, ids: &mut IdSource) -> Merge {
    let mut rebase = Rebase {
        theirs,
        ids,
        unrelated: BTreeSet::new(),
        removed: BTreeSet::new(),
        put: Vec::new(),
        arriving: BTreeSet::new(),
        related: Vec::new(),
        renamed: BTreeMap::new(),
        remarked: Vec::new(),
        leaving: leaving(difference, theirs),
        conflicts: Vec::new(),
    };
    for (id, sides) in &difference.annotations {
        rebase.annotation(*id, sides);
    }
    for (id, sides) in &difference.relations {
        rebase.relation(*id, sides);
    }
    for (id, sides) in &difference.remarks {
        rebase.remark(*id, sides);
    }
    rebase.drop_relations_of_what_goes();
    let state = difference.state.and_then(|(before, after)| rebase.state(before, after));
    rebase.finish(state)
}

/// The ids over there that a difference takes away, and that are free for others then.
/// What the other side changed may still be asked back, and keeps its id.
fn leaving(difference: &Difference, theirs: &AnnotationSet) -> BTreeSet<u64> {
    let annotations = difference.annotations.iter().filter(|(id, sides)| {
        let now = theirs.annotation(**id);
        sides.after.is_none() && now.is_some() && now == sides.before.as_ref()
    });
    let relations = difference.relations.iter().filter(|(id, sides)| {
        let now = theirs.relation(**id);
        sides.after.is_none() && now.is_some() && now == sides.before.as_ref()
    });
    let remarks = difference.remarks.iter().filter(|(id, sides)| {
        let now = theirs.remark(**id);
        sides.after.is_none() && now.is_some() && now == sides.before.as_ref()
    });
    let remarks = remarks.map(|(id, _)| id.0);
    annotations.map(|(id, _)| id.0).chain(relations.map(|(id, _)| id.0)).chain(remarks).collect()
}

/// What puts the other side's version in the place of ours for these conflicts.
pub fn take_theirs(set: &AnnotationSet, conflicts: &[Conflict], ids: &mut IdSource) -> Transaction {
    let mut difference = Difference::default();
    for conflict in conflicts {
        match conflict {
            Conflict::Annotation { ours, theirs, fields } => {
                let Some(id) = ours.as_ref().or(theirs.as_ref()).map(|found| found.id) else {
                    continue;
                };
                let before = set.annotation(id).cloned();
                let after = match (&before, theirs) {
                    (Some(now), Some(theirs)) if !fields.is_empty() => {
                        Some(with_fields(now, theirs, fields))
                    }
                    (_, theirs) => theirs.as_deref().cloned(),
                };
                difference.annotations.insert(id, Sides { before, after });
            }
            Conflict::Relation { ours, theirs } => {
                let Some(id) = ours.as_ref().or(theirs.as_ref()).map(|found| found.id) else {
                    continue;
                };
                let before = set.relation(id).cloned();
                difference.relations.insert(id, Sides { before, after: theirs.clone() });
            }
            Conflict::Unrelated(_) => {}
            Conflict::State { theirs, .. } => difference.state = Some((set.state(), *theirs)),
        }
    }
    rebase(&difference, set, ids).transaction
}

impl Difference {
    /// What leads from one set to another of the same article; O(n log n).
    pub fn between(before: &AnnotationSet, after: &AnnotationSet) -> Self {
        let mut difference = Self::default();
        for old in before.annotations() {
            let new = after.annotation(old.id);
            if new != Some(old) {
                let sides = Sides { before: Some(old.clone()), after: new.cloned() };
                difference.annotations.insert(old.id, sides);
            }
        }
        for new in after.annotations().filter(|new| before.annotation(new.id).is_none()) {
            let sides = Sides { before: None, after: Some(new.clone()) };
            difference.annotations.insert(new.id, sides);
        }
        for old in before.relations() {
            let new = after.relation(old.id);
            if new != Some(old) {
                let sides = Sides { before: Some(old.clone()), after: new.cloned() };
                difference.relations.insert(old.id, sides);
            }
        }
        for new in after.relations().filter(|new| before.relation(new.id).is_none()) {
            let sides = Sides { before: None, after: Some(new.clone()) };
            difference.relations.insert(new.id, sides);
        }
        for old in before.remarks() {
            let new = after.remark(old.id);
            if new != Some(old) {
                let sides = Sides { before: Some(old.clone()), after: new.cloned() };
                difference.remarks.insert(old.id, sides);
            }
        }
        for new in after.remarks().filter(|new| before.remark(new.id).is_none()) {
            let sides = Sides { before: None, after: Some(new.clone()) };
            difference.remarks.insert(new.id, sides);
        }
        if before.state() != after.state() {
            difference.state = Some((before.state(), after.state()));
        }
        difference
    }

    /// What a transaction did, from itself and its inverse alone; O(k log k) in their edits.
    pub fn of(forward: &Transaction, backward: &Transaction) -> Self {
        let mut after = Ends::default();
        after.read(forward);
        let mut before = Ends::default();
        before.read(backward);
        let mut difference = Self::default();
        for (id, after) in after.annotations {
            let before = before.annotations.get(&id).cloned().flatten();
            difference.annotations.insert(id, Sides { before, after });
        }
        for (id, after) in after.relations {
            let before = before.relations.get(&id).cloned().flatten();
            difference.relations.insert(id, Sides { before, after });
        }
        for (id, after) in after.remarks {
            let before = before.remarks.get(&id).cloned().flatten();
            difference.remarks.insert(id, Sides { before, after });
        }
        difference.state = before.state.zip(after.state);
        difference.annotations.retain(|_, sides| sides.before != sides.after);
        difference.relations.retain(|_, sides| sides.before != sides.after);
        difference.remarks.retain(|_, sides| sides.before != sides.after);
        difference
    }

    /// Whether a set has everything as it was before; O(k log n).
    pub fn starts_from(&self, set: &AnnotationSet) -> bool {
        let annotations = &mut self.annotations.iter();
        let relations = &mut self.relations.iter();
        annotations.all(|(id, sides)| set.annotation(*id) == sides.before.as_ref())
            && relations.all(|(id, sides)| set.relation(*id) == sides.before.as_ref())
            && self.remarks.iter().all(|(id, sides)| set.remark(*id) == sides.before.as_ref())
            && self.state.is_none_or(|(before, _)| set.state() == before)
    }

    /// How many annotations, relations and remarks differ.
    pub fn len(&self) -> usize {
        self.annotations.len() + self.relations.len() + self.remarks.len()
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && self.state.is_none()
    }
}

/// How a transaction leaves what it touches.
#[derive(Default)]
struct Ends {
    annotations: BTreeMap<AnnotationId, Option<Annotation>>,
    relations: BTreeMap<RelationId, Option<Relation>>,
    remarks: BTreeMap<RemarkId, Option<Remark>>,
    state: Option<State>,
}

impl Ends {
    fn read(&mut self, transaction: &Transaction) {
        for edit in &transaction.edits {
            match edit {
                Edit::Add(annotation) | Edit::Replace(annotation) => {
                    self.annotations.insert(annotation.id, Some(Annotation::clone(annotation)));
                }
                Edit::Remove(id) => {
                    self.annotations.insert(*id, None);
                }
                Edit::Relate(relation) => {
                    self.relations.insert(relation.id, Some(Relation::clone(relation)));
                }
                Edit::Unrelate(id) => {
                    self.relations.insert(*id, None);
                }
                Edit::Remark(remark) => {
                    self.remarks.insert(remark.id, Some(Remark::clone(remark)));
                }
                Edit::Unremark(id) => {
                    self.remarks.insert(*id, None);
                }
                Edit::State(state) => self.state = Some(*state),
            }
        }
    }
}

/// A rebase under way: what is to happen to their set, by kind, so that it can be put
/// into an order in which every edit fits.
struct Rebase<'a> {
    theirs: &'a AnnotationSet,
    ids: &'a mut IdSource,
    unrelated: BTreeSet<RelationId>,
    removed: BTreeSet<AnnotationId>,
    put: Vec<Edit>,
    /// Ids that annotations and relations will have which are not there yet.
    arriving: BTreeSet<u64>,
    related: Vec<Relation>,
    /// Remarks that go and come.
    remarked: Vec<Edit>,
    /// Ids of what is there and is going to be taken away.
    leaving: BTreeSet<u64>,
    /// Our ids that mean something else over there.
    renamed: BTreeMap<AnnotationId, AnnotationId>,
    conflicts: Vec<Conflict>,
}

impl Rebase<'_> {
    fn annotation(&mut self, id: AnnotationId, sides: &Sides<Annotation>) {
        let theirs = self.theirs.annotation(id);
        match (&sides.before, &sides.after, theirs) {
            (None, Some(ours), None) => self.add(ours),
            (None, Some(ours), Some(theirs)) if is_same(ours, theirs) => {
                self.both_changed(None, ours, theirs);
            }
            (None, Some(ours), Some(_)) => self.add(ours),
            (Some(before), Some(ours), Some(theirs)) => {
                self.both_changed(Some(before), ours, theirs);
            }
            (Some(_), Some(ours), None) => {
                self.conflicts.push(annotation_conflict(Some(ours), None));
                self.add(ours);
            }
            (Some(before), None, Some(theirs)) => {
                if before != theirs {
                    self.conflicts.push(annotation_conflict(None, Some(theirs)));
                }
                self.removed.insert(id);
            }
            (Some(_), None, None) | (None, None, _) => {}
        }
    }

    fn both_changed(
        &mut self,
        before: Option<&Annotation>,
        ours: &Annotation,
        theirs: &Annotation,
    ) {
        let (merged, fields) = merge_fields(before, ours, theirs);
        if !fields.is_empty() {
            self.conflicts.push(Conflict::Annotation {
                ours: Some(Box::new(merged.clone())),
                theirs: Some(Box::new(theirs.clone())),
                fields,
            });
        }
        if merged != *theirs {
            self.put.push(Edit::replace(merged));
        }
    }

    /// Puts an annotation in, under another id where its own is taken over there.
    fn add(&mut self, ours: &Annotation) {
        let mut ours = ours.clone();
        if self.is_taken(ours.id.0) {
            let fresh = AnnotationId(self.fresh());
            self.renamed.insert(ours.id, fresh);
            ours.id = fresh;
        }
        self.arriving.insert(ours.id.0);
        self.put.push(Edit::add(ours));
    }

    fn relation(&mut self, id: RelationId, sides: &Sides<Relation>) {
        let theirs = self.theirs.relation(id);
        let after = sides.after.as_ref().map(|after| self.with_new_ends(after));
        match (&sides.before, after, theirs) {
            (_, Some(ours), Some(theirs)) if ours == *theirs => {}
            (None, Some(ours), _) => self.relate(ours),
            (Some(before), Some(ours), Some(theirs)) => {
                if before != theirs {
                    self.conflicts.push(relation_conflict(Some(&ours), Some(theirs)));
                }
                self.unrelated.insert(id);
                self.relate(ours);
            }
            (Some(_), Some(ours), None) => {
                self.conflicts.push(relation_conflict(Some(&ours), None));
                self.relate(ours);
            }
            (Some(before), None, Some(theirs)) => {
                if before != theirs {
                    self.conflicts.push(relation_conflict(None, Some(theirs)));
                }
                self.unrelated.insert(id);
            }
            (_, None, _) => {}
        }
    }

    fn with_new_ends(&self, relation: &Relation) -> Relation {
        let new = |id: AnnotationId| self.renamed.get(&id).copied().unwrap_or(id);
        Relation { from: new(relation.from), to: new(relation.to), ..relation.clone() }
    }

    /// Puts a relation in, if both of its ends will be there.
    fn relate(&mut self, mut ours: Relation) {
        let will_be = |id: AnnotationId| {
            let stays = self.theirs.annotation(id).is_some() && !self.removed.contains(&id);
            stays || self.arriving.contains(&id.0)
        };
        if !will_be(ours.from) || !will_be(ours.to) {
            self.conflicts.push(Conflict::Unrelated(ours));
            return;
        }
        let is_own = self.unrelated.contains(&ours.id);
        if !is_own && self.is_taken(ours.id.0) {
            ours.id = RelationId(self.fresh());
        }
        self.arriving.insert(ours.id.0);
        self.related.push(ours);
    }

    /// Remarks are never changed: each side keeps what it added and loses what either took
    /// out, so there is nothing to decide.
    fn remark(&mut self, id: RemarkId, sides: &Sides<Remark>) {
        let theirs = self.theirs.remark(id);
        match &sides.after {
            Some(ours) if theirs == Some(ours) => {}
            Some(ours) => {
                let mut ours = ours.clone();
                if theirs.is_some() && theirs == sides.before.as_ref() {
                    self.remarked.push(Edit::Unremark(id));
                } else if self.is_taken(id.0) {
                    ours.id = RemarkId(self.fresh());
                }
                if let RemarkKind::Ruling(Some(gold)) = &mut ours.what {
                    *gold = self.renamed.get(gold).copied().unwrap_or(*gold);
                }
                self.arriving.insert(ours.id.0);
                self.remarked.push(Edit::remark(ours));
            }
            None if theirs.is_some() && theirs == sides.before.as_ref() => {
                self.remarked.push(Edit::Unremark(id));
            }
            None => {}
        }
    }

    /// What they related to an annotation that we deleted cannot stay.
    fn drop_relations_of_what_goes(&mut self) {
        for id in &self.removed {
            for relation in self.theirs.relations_of(*id) {
                if self.unrelated.insert(relation.id) {
                    self.conflicts.push(relation_conflict(None, Some(relation)));
                }
            }
        }
    }

    fn state(&mut self, before: State, ours: State) -> Option<Edit> {
        let theirs = self.theirs.state();
        let merged = if theirs == before || ours == theirs {
            ours
        } else if before == State::Unseen {
            ours.max(theirs)
        } else {
            self.conflicts.push(Conflict::State { ours, theirs });
            ours
        };
        (merged != theirs).then_some(Edit::State(merged))
    }

    fn is_taken(&self, id: u64) -> bool {
        let stays = self.theirs.is_taken(id) && !self.leaving.contains(&id);
        stays || self.arriving.contains(&id)
    }

    fn fresh(&mut self) -> u64 {
        let (theirs, arriving) = (self.theirs, &self.arriving);
        self.ids.fresh(|id| theirs.is_taken(id) || arriving.contains(&id))
    }

    fn finish(self, state: Option<Edit>) -> Merge {
        let goes = |edit: &Edit| matches!(edit, Edit::Unremark(_));
        let (gone, come): (Vec<_>, Vec<_>) = self.remarked.into_iter().partition(goes);
        let mut edits: Vec<_> = gone;
        edits.extend(self.unrelated.into_iter().map(Edit::Unrelate));
        edits.extend(self.removed.into_iter().map(Edit::Remove));
        edits.extend(self.put);
        edits.extend(self.related.into_iter().map(Edit::relate));
        edits.extend(come);
        edits.extend(state);
        Merge { transaction: edits.into(), conflicts: self.conflicts }
    }
}

/// Whether two annotations with one id are one annotation, rather than two that were
/// made independently.
fn is_same(ours: &Annotation, theirs: &Annotation) -> bool {
    ours.created == theirs.created && ours.origin == theirs.origin
}

fn annotation_conflict(ours: Option<&Annotation>, theirs: Option<&Annotation>) -> Conflict {
    let boxed = |side: Option<&Annotation>| side.cloned().map(Box::new);
    Conflict::Annotation { ours: boxed(ours), theirs: boxed(theirs), fields: Vec::new() }
}

fn relation_conflict(ours: Option<&Relation>, theirs: Option<&Relation>) -> Conflict {
    Conflict::Relation { ours: ours.cloned(), theirs: theirs.cloned() }
}

#[cfg(test)]
mod tests;
