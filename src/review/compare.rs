//! What several annotators say about each thing in the text, and in what they differ.

use super::align::{Marked, align};
use crate::model::{
    Annotation, AnnotationId, AnnotationSet, AnnotatorName, AttributeId, RelationTypeId,
};
use crate::text::TextRange;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One annotator's annotation of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// Whose, as an index into [`Comparison::annotators`].
    pub by: usize,
    /// Which annotation of that set.
    pub id: AnnotationId,
}

/// A kind of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DifferenceKind {
    /// Somebody did not mark it.
    Missing,
    /// It starts or ends elsewhere, or has other parts.
    Boundary,
    /// It has another label.
    Label,
    /// An attribute has another value, or none.
    Attribute,
    /// A relation is not there.
    Relation,
}

impl DifferenceKind {
    /// Every kind, in the order of the lists.
    pub const ALL: [Self; 5] =
        [Self::Missing, Self::Boundary, Self::Label, Self::Attribute, Self::Relation];

    /// The word for it, in lower case, as `--json` has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Boundary => "boundary",
            Self::Label => "label",
            Self::Attribute => "attribute",
            Self::Relation => "relation",
        }
    }
}

/// In what annotators differ about one case. Annotators are indices into
/// [`Comparison::annotators`], in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Some annotators did not mark it.
    Missing {
        /// Who did not.
        without: Vec<usize>,
    },
    /// Those who marked it did not mark the same ranges.
    Boundary,
    /// Those who marked it did not give it the same label.
    Label,
    /// Two annotators gave it one label and different values of this attribute.
    Attribute(AttributeId),
    /// Some annotators relate it to another case, and others do not who marked both ends.
    Relation {
        /// The type of the relation.
        kind: RelationTypeId,
        /// The case that it points to, as an index into [`Comparison::cases`].
        to: usize,
        /// Who marked both ends and did not relate them.
        without: Vec<usize>,
    },
}

impl Difference {
    /// Its kind.
    pub fn kind(&self) -> DifferenceKind {
        match self {
            Self::Missing { .. } => DifferenceKind::Missing,
            Self::Boundary => DifferenceKind::Boundary,
            Self::Label => DifferenceKind::Label,
            Self::Attribute(_) => DifferenceKind::Attribute,
            Self::Relation { .. } => DifferenceKind::Relation,
        }
    }
}

/// A relation that starts at a case, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The type of the relation.
    pub kind: RelationTypeId,
    /// The case that it points to, as an index into [`Comparison::cases`].
    pub to: usize,
    /// Who relates the two, in ascending order.
    pub by: Vec<usize>,
}

/// One thing in the text that some annotators marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// From the first byte that anybody marked to the last.
    pub extent: TextRange,
    /// Who marked it, at most one mark of each annotator, in the order of annotators.
    pub marks: Vec<Mark>,
    /// The relations that start here.
    pub links: Vec<Link>,
    /// In what the annotators differ; empty where everybody says the same.
    pub differences: Vec<Difference>,
}

impl Case {
    /// Whether everybody says the same: place, label, attributes and relations.
    pub fn is_agreed(&self) -> bool {
        self.differences.is_empty()
    }

    /// Whether there is a difference of a kind.
    pub fn has(&self, kind: DifferenceKind) -> bool {
        self.differences.iter().any(|difference| difference.kind() == kind)
    }

    /// An annotator's annotation.
    pub fn mark_of(&self, by: usize) -> Option<AnnotationId> {
        self.marks.iter().find(|mark| mark.by == by).map(|mark| mark.id)
    }
}

/// What some annotators say alike about a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Version<'a> {
    /// The annotation of the first of them.
    pub annotation: &'a Annotation,
    /// Who says so, in ascending order.
    pub by: Vec<usize>,
}

/// The annotation sets of one article side by side.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Whose sets were compared.
    pub annotators: Vec<AnnotatorName>,
    /// Every annotation of every set in exactly one case, in text order.
    pub cases: Vec<Case>,
    places: HashMap<Mark, usize>,
}

impl Comparison {
    /// The case that an annotation belongs to, as an index; O(1).
    pub fn case_of(&self, mark: Mark) -> Option<usize> {
        self.places.get(&mark).copied()
    }

    /// The case of an annotator's annotation, as an index; O(annotators).
    pub fn case_with(&self, annotator: &AnnotatorName, id: AnnotationId) -> Option<usize> {
        let by = self.index_of(annotator)?;
        self.case_of(Mark { by, id })
    }

    /// Which of the annotators somebody is.
    pub fn index_of(&self, annotator: &AnnotatorName) -> Option<usize> {
        self.annotators.iter().position(|name| name == annotator)
    }

    /// The cases about which somebody differs.
    pub fn differing(&self) -> impl Iterator<Item = (usize, &Case)> {
        self.cases.iter().enumerate().filter(|(_, case)| !case.is_agreed())
    }

    /// What is said about a case, that of most annotators first, then that of the first of
    /// them. `sets` are those that were compared. Two annotators say the same when place,
    /// label, attributes and the relations that start there are the same.
    pub fn versions<'a>(&self, case: &Case, sets: &[&'a AnnotationSet]) -> Vec<Version<'a>> {
        let mut versions: Vec<Version<'a>> = Vec::new();
        for mark in &case.marks {
            let Some(found) = sets.get(mark.by).and_then(|set| set.annotation(mark.id)) else {
                continue;
            };
            let same = versions.iter_mut().find(|version| {
                says_the_same(version.annotation, found)
                    && case.links.iter().all(|link| {
                        let relates = |by: &usize| link.by.contains(by);
                        version.by.first().is_some_and(relates) == relates(&mark.by)
                    })
            });
            match same {
                Some(version) => version.by.push(mark.by),
                None => versions.push(Version { annotation: found, by: vec![mark.by] }),
            }
        }
        versions.sort_by_key(|version| std::cmp::Reverse(version.by.len()));
        versions
    }

    /// Who marked nothing in a case, or does not say what most say who did, in ascending
    /// order. Where equally many say this and that, neither is what most say.
    pub fn apart(&self, case: &Case, sets: &[&AnnotationSet]) -> Vec<usize> {
        let versions = self.versions(case, sets);
        let most = match versions.as_slice() {
            [first, second, ..] if first.by.len() == second.by.len() => &[],
            [first, ..] => first.by.as_slice(),
            [] => &[],
        };
        (0..self.annotators.len()).filter(|by| !most.contains(by)).collect()
    }
}

/// Whether two annotations say the same of the text: place, label and attributes. Notes,
/// origins and times are about the annotation and not about the text.
pub(super) fn says_the_same(one: &Annotation, other: &Annotation) -> bool {
    one.span == other.span && one.label == other.label && one.attributes == other.attributes
}

/// Compares annotation sets of one article, each by another annotator. There is a
/// difference if and only if two sets are not equal up to ids, notes, origins, times and
/// states; only where one annotator has two annotations of the same place and label, with
/// different relations, may two equal sets be told apart. The order of the sets changes
/// nothing but the order of annotators. O(n log n) for spans that overlap few others.
pub fn compare(sets: &[&AnnotationSet]) -> Comparison {
    let groups = align(sets);
    let mut places = HashMap::with_capacity(sets.iter().map(|set| set.len()).sum());
    for (index, group) in groups.iter().enumerate() {
        for Marked { by, found } in group {
            places.insert(Mark { by: *by, id: found.id }, index);
        }
    }
    let mut cases: Vec<_> = groups.iter().map(|group| case_of(group, sets.len())).collect();
    link(&mut cases, &places, sets);
    let annotators = sets.iter().map(|set| set.annotator().clone()).collect();
    Comparison { annotators, cases, places }
}

fn case_of(group: &[Marked<'_>], annotators: usize) -> Case {
    let marks: Vec<_> =
        group.iter().map(|marked| Mark { by: marked.by, id: marked.found.id }).collect();
    let extent = group.iter().map(|marked| marked.found.span.extent()).reduce(TextRange::cover);
    let mut differences = Vec::new();
    if marks.len() < annotators {
        let is_silent = |by: &usize| marks.iter().all(|mark| mark.by != *by);
        let without = (0..annotators).filter(is_silent).collect();
        differences.push(Difference::Missing { without });
    }
    let differ = |same: fn(&Annotation, &Annotation) -> bool| {
        group.windows(2).any(|pair| !same(pair[0].found, pair[1].found))
    };
    if differ(|one, other| one.span == other.span) {
        differences.push(Difference::Boundary);
    }
    if differ(|one, other| one.label == other.label) {
        differences.push(Difference::Label);
    }
    differences.extend(differing_attributes(group).into_iter().map(Difference::Attribute));
    Case { extent: extent.unwrap_or_default(), marks, links: Vec::new(), differences }
}

/// The attributes that have several values among annotations of one label.
fn differing_attributes(group: &[Marked<'_>]) -> BTreeSet<AttributeId> {
    let mut differing = BTreeSet::new();
    for (index, Marked { found: one, .. }) in group.iter().enumerate() {
        for Marked { found: other, .. } in &group[index + 1..] {
            if one.label != other.label || one.attributes == other.attributes {
                continue;
            }
            let ids = one.attributes.iter().chain(other.attributes.iter()).map(|(id, _)| id);
            let differ = ids.filter(|id| one.attributes.get(id) != other.attributes.get(id));
            differing.extend(differ.cloned());
        }
    }
    differing
}

/// Finds the relations between cases, and who lacks one although both ends are marked.
fn link(cases: &mut [Case], places: &HashMap<Mark, usize>, sets: &[&AnnotationSet]) {
    let mut links: BTreeMap<(usize, usize, &RelationTypeId), Vec<usize>> = BTreeMap::new();
    for (by, set) in sets.iter().enumerate() {
        for relation in set.relations() {
            let case = |id| places.get(&Mark { by, id }).copied();
            if let (Some(from), Some(to)) = (case(relation.from), case(relation.to)) {
                let who = links.entry((from, to, &relation.kind)).or_default();
                // Saying it twice is saying it.
                if who.last() != Some(&by) {
                    who.push(by);
                }
            }
        }
    }
    for ((from, to, kind), by) in links {
        let marks_both =
            |who: &usize| cases[from].mark_of(*who).is_some() && cases[to].mark_of(*who).is_some();
        let lacks_it = |who: &usize| !by.contains(who) && marks_both(who);
        let without: Vec<_> = (0..sets.len()).filter(lacks_it).collect();
        let case = &mut cases[from];
        if !without.is_empty() {
            case.differences.push(Difference::Relation { kind: kind.clone(), to, without });
        }
        case.links.push(Link { kind: kind.clone(), to, by });
    }
}
