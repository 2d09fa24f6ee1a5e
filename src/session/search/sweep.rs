//! A search of the whole project, on threads of its own.
//!
//! Articles are gone through in groups on all cores, and the hits come in order. Where
//! the texts of a group are known to stand in the index's file of texts, they are read
//! from there in one go. Only a text with the hash of its article is believed; any other
//! is read from the article itself.

use super::{Hit, Job, MOST_HITS, hit};
use crate::model::{ArticleId, TextHash};
use crate::session::saver::Wake;
use crate::store::{ProjectFolder, TextPlace, Texts, TextsFile, in_order, text_with_hash};
use crate::text::{BytesPattern, SearchPattern};
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;

/// A group of texts in one file has no more bytes than this, but for the last text.
const MOST_BYTES: u64 = 1 << 20;
/// What an article counts for that has to be opened on its own, in bytes.
const OPENING: u64 = MOST_BYTES / 16;

/// An article to search.
#[derive(Clone, Debug)]
pub(in crate::session) struct Target {
    pub(in crate::session) id: ArticleId,
    /// What the index knows of it.
    pub(in crate::session) text: Option<Known>,
}

/// An article of which the index has the text.
#[derive(Clone, Debug)]
pub(in crate::session) struct Known {
    pub(in crate::session) title: Arc<str>,
    pub(in crate::session) hash: TextHash,
    pub(in crate::session) place: TextPlace,
}

/// Starts a search of articles in their order.
pub(in crate::session) fn start(
    folder: ProjectFolder,
    targets: Vec<Target>,
    texts: Option<Texts>,
    pattern: SearchPattern,
    wake: Wake,
) -> Job {
    let (sender, results) = channel();
    let is_cancelled = Arc::new(AtomicBool::new(false));
    let is_stopped = Arc::clone(&is_cancelled);
    std::thread::spawn(move || {
        let groups = groups(&targets, texts.is_some());
        let bytes = pattern.for_bytes();
        let sweep = Sweep { folder: &folder, texts: texts.as_ref(), pattern: &pattern, bytes };
        let work = |group: usize| {
            let group = groups[group].clone();
            if is_stopped.load(Ordering::Relaxed) {
                return (group.end, Vec::new());
            }
            (group.end, sweep.group(&targets[group]))
        };
        let mut found = 0;
        in_order(groups.len(), work, |(searched, hits)| {
            found += hits.len();
            if is_stopped.load(Ordering::Relaxed) || sender.send((searched, hits)).is_err() {
                return ControlFlow::Break(());
            }
            wake();
            if found >= MOST_HITS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        // Once more, when it can be seen that this was all.
        drop(sender);
        wake();
    });
    Job { results, is_cancelled }
}

/// Which articles are searched in one go.
fn groups(targets: &[Target], has_texts: bool) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (at, target) in targets.iter().enumerate() {
        bytes += match &target.text {
            Some(known) if has_texts => u64::from(known.place.len),
            _ => OPENING,
        };
        if bytes >= MOST_BYTES {
            groups.push(start..at + 1);
            (start, bytes) = (at + 1, 0);
        }
    }
    groups.push(start..targets.len());
    groups
}

struct Sweep<'a> {
    folder: &'a ProjectFolder,
    texts: Option<&'a Texts>,
    pattern: &'a SearchPattern,
    bytes: Option<BytesPattern>,
}

impl Sweep<'_> {
    fn group(&self, targets: &[Target]) -> Vec<Hit> {
        let mut file = self.texts.and_then(Texts::open);
        let mut hits = Vec::new();
        let mut rest = targets;
        while let Some(first) = rest.first() {
            let run = run(rest);
            let found = file.as_mut().filter(|_| run > 0);
            let found = found.and_then(|file| self.run(file, &rest[..run], &mut hits));
            if found.is_none() {
                // It is not among the texts, or the texts are not what they were.
                self.article(first, &mut hits);
            }
            rest = &rest[if found.is_some() { run } else { 1 }..];
        }
        hits
    }

    /// Searches texts that stand one behind the other; `None` where they could not be read.
    fn run(&self, file: &mut TextsFile, targets: &[Target], hits: &mut Vec<Hit>) -> Option<()> {
        let pattern = self.bytes.as_ref()?;
        let places: Vec<_> = targets.iter().filter_map(|target| target.text.as_ref()).collect();
        let (first, last) = (places.first()?.place, places.last()?.place);
        let bytes = file.read(first.at, last.end())?;
        let mut from = 0;
        while let Some(start) = pattern.find_from(&bytes, from) {
            let start = start as u64 + first.at;
            // What starts behind one text and before the next is in none.
            let at = places.partition_point(|known| known.place.end() < start);
            let (Some(target), Some(known)) = (targets.get(at), places.get(at)) else { break };
            let place = known.place;
            let text = &bytes[(place.at - first.at) as usize..(place.end() - first.at) as usize];
            match text_with_hash(text, known.hash) {
                Some(text) => self.text(&target.id, &known.title, text, hits),
                None => self.article(target, hits),
            }
            from = (place.end() - first.at) as usize + 1;
            if from > bytes.len() {
                break;
            }
        }
        Some(())
    }

    /// An article that cannot be read is named by the article list already.
    fn article(&self, target: &Target, hits: &mut Vec<Hit>) {
        if let Ok(article) = self.folder.read_article(&target.id) {
            let title = article.meta().title.as_str().into();
            self.text(&target.id, &title, article.text(), hits);
        }
    }

    fn text(&self, id: &ArticleId, title: &Arc<str>, text: &str, hits: &mut Vec<Hit>) {
        let found = self.pattern.find_all(text).take(MOST_HITS);
        hits.extend(found.map(|range| hit(id, title, text, range)));
    }
}

/// How many of the first texts stand right behind each other.
fn run(targets: &[Target]) -> usize {
    let mut places = targets.iter().map_while(|target| target.text.as_ref());
    let Some(mut last) = places.next().map(|known| known.place) else { return 0 };
    let mut follows = |known: &Known| {
        let is_next = last.is_followed_by(known.place);
        last = known.place;
        is_next
    };
    1 + places.take_while(|known| follows(known)).count()
}
