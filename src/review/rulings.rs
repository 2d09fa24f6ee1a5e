//! What a gold set has settled, looked up by annotation.

use super::adjudicate::Standing;
use crate::model::{AnnotationId, AnnotationSet, AnnotatorName, Mention, RemarkId, Said};
use std::collections::{BTreeSet, HashMap};

/// A ruling about one annotation of an annotator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ruled {
    pub(super) said: Said,
    pub(super) remark: RemarkId,
    pub(super) gold: Option<AnnotationId>,
}

/// The rulings of one gold set.
#[derive(Clone, Debug, Default)]
pub struct Rulings {
    by: HashMap<AnnotatorName, HashMap<AnnotationId, Ruled>>,
}

impl Rulings {
    /// What a gold set has settled, as far as its annotations are still there; O(n). Of two
    /// rulings on one annotation, as merging leaves them, the later in the file counts.
    pub fn of(gold: &AnnotationSet) -> Self {
        let mut rulings = Self::default();
        for remark in gold.remarks() {
            let Some(settled) = remark.ruling() else { continue };
            for Mention { annotator, id, said } in &remark.on {
                let ruled = Ruled { said: *said, remark: remark.id, gold: settled };
                rulings.insert(annotator, *id, ruled);
            }
        }
        rulings
    }

    /// Where a case of these annotations stands in the gold set; O(mentions).
    pub fn standing<'a>(
        &self,
        gold: &AnnotationSet,
        mentions: impl Iterator<Item = &'a Mention>,
    ) -> Standing {
        let mut settled = BTreeSet::new();
        for Mention { annotator, id, said } in mentions {
            let ruled = self.get(annotator, *id).filter(|ruled| ruled.said == *said);
            let is_there = |id: AnnotationId| gold.annotation(id).is_some();
            match ruled.filter(|ruled| ruled.gold.is_none_or(is_there)) {
                Some(ruled) => settled.extend(ruled.gold),
                None => return Standing::Open,
            }
        }
        Standing::Settled(settled.into_iter().collect())
    }

    pub(super) fn get(&self, annotator: &AnnotatorName, id: AnnotationId) -> Option<Ruled> {
        self.by.get(annotator)?.get(&id).copied()
    }

    pub(super) fn insert(&mut self, annotator: &AnnotatorName, id: AnnotationId, ruled: Ruled) {
        if !self.by.contains_key(annotator) {
            self.by.insert(annotator.clone(), HashMap::new());
        }
        if let Some(own) = self.by.get_mut(annotator) {
            own.insert(id, ruled);
        }
    }

    pub(super) fn forget(&mut self, remark: RemarkId) {
        for own in self.by.values_mut() {
            own.retain(|_, ruled| ruled.remark != remark);
        }
    }

    /// Whether a ruling led to a gold annotation.
    pub(super) fn leads_to(&self, gold: AnnotationId) -> bool {
        self.by.values().flat_map(HashMap::values).any(|ruled| ruled.gold == Some(gold))
    }
}
