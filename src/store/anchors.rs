//! Where annotations stand in the text of their article as it is now.
//!
//! An annotation is stored with the text that it covers. Where that does not fit, the
//! article's text may have been corrected: the text from before is kept in the project,
//! and both are compared. Where it is not, the nearest place with the same text is taken.
//! Nothing is moved silently: whoever asks is told what was wrong.

use super::error::{Cause, Misfit, StoreError};
use super::folder::ProjectFolder;
use super::layout;
use crate::model::{AnnotationId, Article, Span, TextHash};
use crate::text::{Realigned, Realignment, TextRange, TextSize, nearest_occurrence, nearest_word};
use std::path::Path;
use std::sync::Arc;

/// The ranges of an annotation as they are stored, each with its text.
pub(super) type StoredRanges = [(TextRange, String)];

/// How sure a new place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// The article was corrected elsewhere; the text is the same.
    Moved,
    /// The nearest place with the same text.
    Nearest,
    /// The article was corrected here; most of the text is the same.
    Changed,
    /// The text is gone; this is the nearest place.
    Gone,
}

/// A new place.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) span: Span,
    /// What is wrong with the old one; `None` where the text before it was corrected.
    pub(super) misfit: Option<Misfit>,
    pub(super) fit: Fit,
}

/// The text of an article, and its texts from before.
pub(super) struct Anchors {
    folder: ProjectFolder,
    article: Arc<Article>,
    /// Read when the first of them is needed.
    earlier: Option<Vec<Earlier>>,
}

struct Earlier {
    article: Article,
    realignment: Option<Realignment>,
}

impl Anchors {
    pub(super) fn new(folder: &ProjectFolder, article: Arc<Article>) -> Self {
        Self { folder: folder.clone(), article, earlier: None }
    }

    /// The way from one text to another that is not in the project yet.
    pub(super) fn between(folder: &ProjectFolder, from: &Arc<Article>, to: Arc<Article>) -> Self {
        let earlier = Earlier { article: Article::clone(from), realignment: None };
        Self { folder: folder.clone(), article: to, earlier: Some(vec![earlier]) }
    }

    /// Whether the project keeps an earlier text of the article, so that what was made on it
    /// moves with the text.
    pub(super) fn knows(&mut self, hash: TextHash) -> bool {
        let (folder, now) = (&self.folder, &self.article);
        let earlier = self.earlier.get_or_insert_with(|| earlier_of(folder, now));
        earlier.iter().any(|earlier| earlier.article.hash() == hash)
    }

    /// Where stored ranges are now; `None` where they stand. `made_on` is the text they
    /// were made on, where that is known.
    pub(super) fn place(
        &mut self,
        made_on: Option<TextHash>,
        id: AnnotationId,
        ranges: &StoredRanges,
    ) -> Result<Option<Placed>, Cause> {
        let text = Arc::clone(self.article.text());
        let misfit = ranges.iter().find_map(|(range, surface)| misfit(&text, *range, surface));
        let is_of_this = made_on.is_none_or(|hash| hash == self.article.hash());
        if misfit.is_none() && is_of_this {
            return Ok(None);
        }
        if let Some(realignment) = self.realignment(made_on, ranges)
            && let Some(placed) = realigned(realignment, ranges, misfit)
        {
            let stands = placed.fit == Fit::Moved
                && placed.span.ranges().iter().eq(ranges.iter().map(|(range, _)| range));
            return Ok((!stands).then_some(placed));
        }
        let Some(misfit) = misfit else { return Ok(None) };
        let span = nearest(&text, id, ranges)?;
        Ok(Some(Placed { span, misfit: Some(misfit), fit: Fit::Nearest }))
    }

    /// As [`Self::place`], for ranges that were probably made on a text: they were if it has
    /// their words there.
    pub(super) fn place_likely(
        &mut self,
        likely: Option<TextHash>,
        id: AnnotationId,
        ranges: &StoredRanges,
    ) -> Result<Option<Placed>, Cause> {
        let made_on = likely.filter(|hash| {
            let now = &self.article;
            let earlier = self.earlier.get_or_insert_with(|| earlier_of(&self.folder, now));
            let all = earlier.iter().map(|earlier| &earlier.article).chain([&**now]);
            let fits = |article: &Article| {
                ranges.iter().all(|(range, words)| misfit(article.text(), *range, words).is_none())
            };
            all.into_iter().any(|article| article.hash() == *hash && fits(article))
        });
        self.place(made_on, id, ranges)
    }

    /// The way from the text that ranges were made on to the one that there is.
    fn realignment(
        &mut self,
        made_on: Option<TextHash>,
        ranges: &StoredRanges,
    ) -> Option<&Realignment> {
        let (folder, now) = (&self.folder, &self.article);
        let earlier = self.earlier.get_or_insert_with(|| earlier_of(folder, now));
        let known = made_on.filter(|hash| *hash != now.hash());
        let found = earlier.iter_mut().find(|earlier| match known {
            Some(hash) => earlier.article.hash() == hash,
            None => ranges
                .iter()
                .all(|(range, surface)| misfit(earlier.article.text(), *range, surface).is_none()),
        })?;
        let (old, new) = (found.article.text(), now.text());
        let realign = || Realignment::new(Arc::clone(old), Arc::clone(new));
        Some(found.realignment.get_or_insert_with(realign))
    }

    /// Where the words are that an annotation lost, when they are back: they stand once in
    /// the text, and right where it is kept in their stead. Other words between the two
    /// make it a guess.
    pub(super) fn restored(&self, was: &str, kept_at: &Span) -> Option<Span> {
        let text = self.article.text();
        let mut found = text.match_indices(was).filter(|(_, found)| !found.is_empty());
        let (at, _) = found.next()?;
        if found.next().is_some() {
            return None;
        }
        let place = TextRange::at((at as u32).into(), TextSize::of(was));
        let kept_at = kept_at.extent();
        let gap = place.end().min(kept_at.end())..place.start().max(kept_at.start());
        let is_near = gap.start >= gap.end
            || !text
                .get(usize::from(gap.start)..usize::from(gap.end))?
                .contains(char::is_alphanumeric);
        is_near.then(|| Span::new(place).ok()).flatten()
    }

    /// The place nearest to ranges whose text is nowhere; `None` in an empty text.
    pub(super) fn near(&self, ranges: &StoredRanges) -> Option<Span> {
        let (range, _) = ranges.first()?;
        Span::new(nearest_word(self.article.text(), range.start())?).ok()
    }
}

/// The texts that an article had before, the last one first. What cannot be read of them
/// is no reason not to read the annotations.
fn earlier_of(folder: &ProjectFolder, now: &Article) -> Vec<Earlier> {
    let prefix = format!("{}.ron{}", now.id(), layout::WAS);
    let entries = folder.disk().list(Path::new(layout::ARTICLES)).unwrap_or_default();
    let names = entries.into_iter().filter(|entry| entry.name.starts_with(&prefix));
    let mut found: Vec<_> = names
        .filter_map(|entry| {
            let file = Path::new(layout::ARTICLES).join(entry.name);
            let article = folder.read_article_at(&file, now.id()).ok()?;
            let at = folder.disk().modified(&file).ok().flatten();
            (article.hash() != now.hash()).then_some((at, article))
        })
        .collect();
    found.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    found.into_iter().map(|(_, article)| Earlier { article, realignment: None }).collect()
}

fn realigned(
    realignment: &Realignment,
    ranges: &StoredRanges,
    misfit: Option<Misfit>,
) -> Option<Placed> {
    let mut fit = Fit::Moved;
    let mut places = Vec::with_capacity(ranges.len());
    for (range, _) in ranges {
        let realigned = realignment.range(*range)?;
        fit = match realigned {
            Realigned::Gone(_) => Fit::Gone,
            Realigned::Changed(_) if fit == Fit::Moved => Fit::Changed,
            _ => fit,
        };
        places.push(realigned.range());
    }
    if let Ok(span) = Span::from_ranges(places.clone()) {
        return Some(Placed { span, misfit, fit });
    }
    // Ranges that were moved into each other have no safe place, but a common one.
    let hull = places.into_iter().reduce(|hull, place| hull.cover(place))?;
    Some(Placed { span: Span::new(hull).ok()?, misfit, fit: Fit::Gone })
}

/// The nearest places with the same texts.
fn nearest(text: &str, id: AnnotationId, ranges: &StoredRanges) -> Result<Span, Cause> {
    let lost = |range: TextRange, surface: &str, misfit| Cause::Offsets {
        annotation: id,
        range,
        surface: cut(surface),
        misfit,
    };
    let mut found = Vec::with_capacity(ranges.len());
    let mut first = None;
    for (range, surface) in ranges {
        let Some(misfit) = misfit(text, *range, surface) else {
            found.push(*range);
            continue;
        };
        first.get_or_insert((*range, surface, misfit));
        let place = nearest_occurrence(text, surface, range.start());
        found.push(place.ok_or_else(|| lost(*range, surface, misfit))?);
    }
    // Two ranges that were moved into each other have no safe place either.
    Span::from_ranges(found).map_err(|_| match first {
        Some((range, surface, misfit)) => lost(range, surface, misfit),
        None => Cause::BadValue("the ranges of an annotation overlap".to_owned()),
    })
}

fn misfit(text: &str, range: TextRange, surface: &str) -> Option<Misfit> {
    let bytes = usize::from(range.start())..usize::from(range.end());
    if bytes.end > text.len() {
        return Some(Misfit::PastEnd);
    }
    match text.get(bytes) {
        None => Some(Misfit::InsideCharacter),
        Some(covered) if covered != surface => Some(Misfit::OtherText),
        Some(_) => None,
    }
}

/// The stored texts as one, to be shown or kept.
pub(super) fn surface_of(ranges: &StoredRanges) -> String {
    let parts: Vec<_> = ranges.iter().map(|(_, surface)| surface.as_str()).collect();
    parts.join(" … ")
}

/// The beginning of a text, for a message.
pub(super) fn cut(surface: &str) -> String {
    const QUOTED: usize = 40;
    match surface.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &surface[..end]),
        None => surface.to_owned(),
    }
}

impl ProjectFolder {
    /// Reads a file that holds an article, wherever it stands.
    pub(super) fn read_article_at(
        &self,
        file: &Path,
        id: &crate::model::ArticleId,
    ) -> Result<Article, StoreError> {
        let bytes = self.disk().read(file)?;
        let bytes = bytes.ok_or_else(|| StoreError::new(file, Cause::NotFound))?;
        let read = super::wire::text(&bytes).and_then(|text| super::wire::read_article(text, id));
        read.map_err(|fault| fault.of(file, 0))
    }
}
