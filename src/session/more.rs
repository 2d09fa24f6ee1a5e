//! "Label 6 more like this": the other places with the same words.
//!
//! In a short article they are found at once. In a long one a thread looks for them, and
//! what it has found is compared with the annotations a slice at a time. From then on
//! every step only looks again at the places it touched. Nothing is labelled here
//! before somebody asks for it.

use super::{Notice, Session, SessionError};
use crate::edit::{Change, Edit, Step, Transaction};
use crate::model::{Annotation, AnnotationId, AnnotationSet, LabelId, Origin, Span, now};
use crate::text::{TextRange, TextSize, occurrences_of_words};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use super::saver::Wake;

/// The longest text that is looked through at once, in bytes.
const SHORT: usize = 64 * 1024;
/// Longer words than this are no name that would stand elsewhere, in bytes.
const LONGEST: u32 = 1024;
/// A thread looks whether it is still wanted after this much text, in bytes.
const BLOCK: usize = 256 * 1024;
/// The places that are compared with the annotations in one go.
const SLICE: usize = 1_000;
/// More places than this are not offered; who labels them may ask again.
const MOST_PLACES: usize = 10_000;

/// The places that could be labelled like an annotation.
#[derive(Clone, Debug, PartialEq)]
pub struct MoreOffer {
    /// The annotation to label like.
    pub annotation: AnnotationId,
    /// The other places, in text order; never empty.
    pub places: Vec<TextRange>,
}

/// An offer, or the search for it.
pub(super) struct More {
    /// The places that do not have the label yet; an offer once all are known.
    offer: MoreOffer,
    label: LabelId,
    span: Span,
    /// Every place that was compared with the annotations, in text order.
    places: Vec<TextRange>,
    /// What is found and not yet compared, and who finds it.
    job: Option<Job>,
    /// Whether somebody waits to hear that there is nothing.
    is_asked: bool,
}

struct Job {
    results: Receiver<Vec<TextRange>>,
    waiting: std::vec::IntoIter<TextRange>,
    is_cancelled: Arc<AtomicBool>,
}

impl Drop for Job {
    fn drop(&mut self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }
}

impl More {
    /// The offer, once it is complete.
    pub(super) fn offer(&self) -> Option<&MoreOffer> {
        (self.job.is_none() && !self.offer.places.is_empty()).then_some(&self.offer)
    }

    /// Whether the annotation still is as it was when the search began.
    fn fits(&self, set: &AnnotationSet) -> bool {
        let like = set.annotation(self.offer.annotation);
        like.is_some_and(|like| like.label == self.label && like.span == self.span)
    }

    /// Compares places, which come after all before them, with the annotations, until
    /// enough are free.
    fn take_in(&mut self, set: &AnnotationSet, places: impl Iterator<Item = TextRange>) {
        for place in places {
            if self.offer.places.len() >= MOST_PLACES {
                return;
            }
            self.places.push(place);
            if is_free(set, &self.label, place) {
                self.offer.places.push(place);
            }
        }
    }

    /// Compares the places that a range touches once more.
    fn look_again(&mut self, set: &AnnotationSet, range: TextRange) {
        let first = self.places.partition_point(|place| place.end() <= range.start());
        for place in self.places[first..].iter().take_while(|place| place.start() < range.end()) {
            let free = &mut self.offer.places;
            let at = free.binary_search_by_key(&place.start(), |other| other.start());
            match (at, is_free(set, &self.label, *place)) {
                (Ok(at), false) => {
                    free.remove(at);
                }
                (Err(at), true) => free.insert(at, *place),
                (Ok(_), true) | (Err(_), false) => {}
            }
        }
    }
}

/// Whether no annotation with the label touches a place.
fn is_free(set: &AnnotationSet, label: &LabelId, place: TextRange) -> bool {
    set.touching(place).iter().all(|other| other.label != *label)
}

impl Session {
    /// The offer to label more places like the last one.
    pub fn offer(&self) -> Option<&MoreOffer> {
        self.more.as_ref().and_then(More::offer)
    }

    /// Whether the places for an offer are still being looked for.
    pub fn is_looking_for_more(&self) -> bool {
        self.more.as_ref().is_some_and(|more| more.job.is_some())
    }

    /// Offers more places like an annotation, if there are any: at once in a short
    /// article, when they are found in a long one.
    pub(super) fn offer_more(&mut self, id: AnnotationId) {
        let wake = Arc::clone(&self.wake);
        self.more = self.set().and_then(|set| look_for(set, id, &wake));
    }

    /// Does the same because somebody asked for it, and says so if there are none. An
    /// offer that stands already holds, for every step keeps it up.
    pub(super) fn offer_more_on_demand(&mut self, id: AnnotationId) {
        if self.offer().is_some_and(|offer| offer.annotation == id) {
            return;
        }
        self.offer_more(id);
        match &mut self.more {
            Some(more) => more.is_asked = true,
            None => self.say_there_are_no_more(),
        }
    }

    fn say_there_are_no_more(&mut self) {
        self.notify(Notice::info("No other place has these words without this label"));
    }

    /// Takes in what was found in a long article. True when there is an offer now.
    pub(super) fn poll_more(&mut self) -> bool {
        if !self.is_looking_for_more() {
            return false;
        }
        let Some(mut more) = self.more.take() else { return false };
        let id = more.offer.annotation;
        let is_wanted = self.selection.annotation == Some(id);
        let Some(set) = self.set().filter(|set| is_wanted && more.fits(set)) else { return false };
        let mut compared = 0;
        let mut is_over = false;
        while let Some(job) = &mut more.job
            && compared < SLICE
            && !is_over
        {
            let slice: Vec<_> = job.waiting.by_ref().take(SLICE - compared).collect();
            if slice.is_empty() {
                match job.results.try_recv() {
                    Ok(found) => job.waiting = found.into_iter(),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => is_over = true,
                }
            }
            compared += slice.len();
            more.take_in(set, slice.into_iter());
            is_over |= more.offer.places.len() >= MOST_PLACES;
        }
        if is_over {
            more.job = None;
        } else if compared >= SLICE {
            (self.wake)();
        }
        let (is_offer, is_asked) = (more.offer().is_some(), more.is_asked);
        if is_offer || !is_over {
            self.more = Some(more);
        } else if is_asked {
            self.say_there_are_no_more();
        }
        is_offer
    }

    /// The places of the offer that a step touched may have been labelled or left.
    pub(super) fn update_offer(&mut self, step: &Arc<Step>) {
        let Some(mut more) = self.more.take() else { return };
        let Some((key, set)) = self.shown_key().zip(self.set()) else { return };
        if !more.fits(set) {
            return self.offer_more(more.offer.annotation);
        }
        let touched = step.changes.iter().flat_map(|change| match change {
            Change::Set { article, annotator, forward, backward }
                if *article == key.0 && *annotator == key.1 =>
            {
                [forward, backward].map(|transaction| transaction.edits.as_slice())
            }
            Change::Set { .. } | Change::Schema { .. } => [&[][..]; 2],
        });
        for edit in touched.flatten() {
            if let Edit::Add(annotation) | Edit::Replace(annotation) = edit {
                for range in annotation.span.ranges() {
                    more.look_again(set, *range);
                }
            }
        }
        self.more = (more.job.is_some() || more.offer().is_some()).then_some(more);
    }

    /// Labels the chosen places like the annotation of the offer.
    pub(super) fn label_more(&mut self, places: &[TextRange]) -> Result<(), SessionError> {
        let more = self.more.take_if(|more| more.offer().is_some());
        let offer = more.ok_or(SessionError::Missing("nothing to label like"))?.offer;
        let set = self.editable()?;
        let like = set.annotation(offer.annotation);
        let like = like.ok_or(SessionError::Missing("the annotation is gone"))?.clone();
        let source = format!("more like “{}”", set.surface(&like));
        let name = self.label_name(&like.label);
        let key = self.open_key()?;
        let mut taken = HashSet::new();
        let mut edits = Vec::new();
        for place in places {
            let set = self.sets.get(&key);
            let is_taken = |id| taken.contains(&id) || set.is_some_and(|set| set.is_taken(id));
            let id = AnnotationId(self.ids.fresh(is_taken));
            taken.insert(id.0);
            edits.push(Edit::add(Annotation {
                id,
                span: Span::new(*place)?,
                note: String::new(),
                was: None,
                origin: Origin::Suggestion(source.clone()),
                created: now(),
                modified: None,
                ..like.clone()
            }));
        }
        let count = edits.len();
        self.edit_open(format!("Label {count} more as {name}"), Transaction::from(edits))?;
        self.notify(Notice::info(format!("Labelled {count} more as {name}")));
        Ok(())
    }
}

/// The places with an annotation's words that do not have its label yet, or the search
/// for them; `None` where there can be none.
fn look_for(set: &AnnotationSet, id: AnnotationId, wake: &Wake) -> Option<More> {
    let like = set.annotation(id).filter(|found| !found.span.is_discontinuous())?;
    if like.span.covered() > LONGEST.into() {
        return None;
    }
    let text = set.article().text();
    let surface = set.surface(like);
    let mut more = More {
        offer: MoreOffer { annotation: id, places: Vec::new() },
        label: like.label.clone(),
        span: like.span.clone(),
        places: Vec::new(),
        job: None,
        is_asked: false,
    };
    if text.len() > SHORT {
        more.job = Some(search(Arc::clone(text), surface, Arc::clone(wake)));
        return Some(more);
    }
    more.take_in(set, occurrences_of_words(text, &surface).into_iter());
    more.offer().is_some().then_some(more)
}

fn search(text: Arc<str>, surface: String, wake: Wake) -> Job {
    let (sender, results) = channel();
    let is_cancelled = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&is_cancelled);
    std::thread::spawn(move || {
        for (start, block) in blocks(&text) {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let mut found = occurrences_of_words(block, &surface);
            for place in &mut found {
                *place += start;
            }
            if !found.is_empty() && sender.send(found).is_err() {
                return;
            }
        }
        // When it can be seen that this was all.
        drop(sender);
        wake();
    });
    Job { results, waiting: Vec::new().into_iter(), is_cancelled }
}

/// A text in pieces that end at the ends of lines, each with its start. Words do not run
/// on from one paragraph to the next.
fn blocks(text: &str) -> impl Iterator<Item = (TextSize, &str)> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let line_end = rest.bytes().skip(BLOCK).position(|byte| byte == b'\n');
        let block = &rest[..line_end.map_or(rest.len(), |at| BLOCK + at + 1)];
        let at = TextSize::new(start as u32);
        start += block.len();
        Some((at, block))
    })
}

#[cfg(test)]
mod tests;
